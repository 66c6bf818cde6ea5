-- What becomes of each open dossier whose clock runs: the moments at which the forecast turns, kept with every change,
-- so that any list is one look at an index (domain::foresight).
CREATE TABLE dossier_foresight (
    dossier_id uuid CONSTRAINT dossier_foresight_pkey PRIMARY KEY
        CONSTRAINT dossier_foresight_dossier_fkey REFERENCES dossiers (id),
    due_at timestamptz NOT NULL,
    at_risk_at timestamptz NOT NULL,
    will_be_late_at timestamptz NOT NULL,
    -- When people are warned, in order, and how many of these lie behind; another due date warns anew.
    warn_at timestamptz[] NOT NULL,
    warned integer NOT NULL CONSTRAINT dossier_foresight_warned_check CHECK (warned >= 0),
    CONSTRAINT dossier_foresight_turns_check CHECK (at_risk_at <= will_be_late_at)
);
CREATE INDEX dossier_foresight_at_risk ON dossier_foresight (at_risk_at, will_be_late_at);
CREATE INDEX dossier_foresight_due ON dossier_foresight (due_at);
CREATE INDEX dossier_foresight_warn ON dossier_foresight ((warn_at[warned + 1])) WHERE warned < cardinality(warn_at);

-- Who was told that the time of a dossier runs out, each once.
CREATE TABLE warnings (
    id uuid CONSTRAINT warnings_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT warnings_dossier_fkey REFERENCES dossiers (id),
    what text NOT NULL CONSTRAINT warnings_what_check CHECK (what IN ('result', 'answer', 'supplement')),
    percent smallint NOT NULL CONSTRAINT warnings_percent_check CHECK (percent BETWEEN 1 AND 100),
    due_at timestamptz NOT NULL,
    audience text NOT NULL CONSTRAINT warnings_audience_check CHECK (audience IN ('holder', 'above')),
    unit_id uuid NOT NULL CONSTRAINT warnings_unit_fkey REFERENCES units (id),
    role text NOT NULL,
    -- The one to whom the step was given; else all of the role in the unit.
    staff_id uuid CONSTRAINT warnings_staff_fkey REFERENCES staff (id),
    made_at timestamptz NOT NULL,
    CONSTRAINT warnings_once_key UNIQUE (dossier_id, what, due_at, percent, audience)
);
CREATE INDEX warnings_unit ON warnings (unit_id, role, made_at, id);
CREATE INDEX warnings_staff ON warnings (staff_id, made_at, id) WHERE staff_id IS NOT NULL;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dossier_foresight', 'warnings'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY %I ON %I TO motcua_service USING ('
            'dossier_id = nullif(current_setting(''motcua.dossier'', true), '''')::uuid OR motcua_sees(dossier_id)) '
            'WITH CHECK (true)', name || '_seen', name);
        EXECUTE format('CREATE POLICY %I ON %I TO motcua_worker USING (true) WITH CHECK (true)', name || '_house', name);
    END LOOP;
END $$;
CREATE POLICY dossier_foresight_granted ON dossier_foresight FOR SELECT TO motcua_report USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON dossier_foresight TO motcua_service;
GRANT SELECT ON warnings TO motcua_service;
GRANT SELECT ON dossier_foresight TO motcua_report;
GRANT SELECT, INSERT, UPDATE, DELETE ON dossier_foresight TO motcua_worker;
GRANT SELECT, INSERT ON warnings TO motcua_worker;
