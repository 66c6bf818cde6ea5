-- How long results of a procedure took in a unit, for the public status: counted anew each day from the results of the
-- last months, where there were enough of them. No row says less than the setting wants.
CREATE TABLE expected_times (
    procedure_id uuid NOT NULL CONSTRAINT expected_times_procedure_fkey REFERENCES procedures (id),
    -- The unit that stands now for the one that resolved them.
    unit_id uuid NOT NULL CONSTRAINT expected_times_unit_fkey REFERENCES units (id),
    -- How many results.
    results bigint NOT NULL CONSTRAINT expected_times_results_check CHECK (results > 0),
    -- Working minutes in which the clock ran, as half of them and nine of ten did not exceed them.
    p50_minutes bigint NOT NULL CONSTRAINT expected_times_p50_check CHECK (p50_minutes >= 0),
    p90_minutes bigint NOT NULL,
    counted_at timestamptz NOT NULL,
    CONSTRAINT expected_times_pkey PRIMARY KEY (procedure_id, unit_id),
    CONSTRAINT expected_times_p90_check CHECK (p90_minutes >= p50_minutes)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON expected_times TO motcua_worker;
-- Whoever looks up a dossier; how many results there were is for the house.
GRANT SELECT (procedure_id, unit_id, p50_minutes, p90_minutes, counted_at) ON expected_times
TO motcua_service, motcua_public;
-- When the clock of a dossier stood.
GRANT SELECT (opened_at) ON dossier_pauses TO motcua_public;
