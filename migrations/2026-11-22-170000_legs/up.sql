-- The legs of a dossier that several agencies resolve (liên thông), from its acceptance on.
CREATE TABLE dossier_legs (
    parent_id uuid NOT NULL CONSTRAINT dossier_legs_parent_fkey REFERENCES dossiers (id),
    number smallint NOT NULL CONSTRAINT dossier_legs_number_check CHECK (number > 0),
    does text NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT dossier_legs_unit_fkey REFERENCES units (id),
    -- Of the day on which the parent was accepted.
    procedure_version_id uuid NOT NULL CONSTRAINT dossier_legs_procedure_version_fkey REFERENCES procedure_versions (id),
    -- Its own dossier, made when it begins: what only waits has no clock, no status and no place in any list or figure.
    dossier_id uuid CONSTRAINT dossier_legs_dossier_key UNIQUE
        CONSTRAINT dossier_legs_dossier_fkey REFERENCES dossiers (id),
    -- When the last leg that it waited for granted; none where it waits for nothing.
    ready_at timestamptz,
    started_at timestamptz,
    acknowledge_by timestamptz,
    acknowledged_at timestamptz,
    -- What it waited for will not come.
    moot boolean NOT NULL,
    CONSTRAINT dossier_legs_pkey PRIMARY KEY (parent_id, number),
    CONSTRAINT dossier_legs_started_check
        CHECK ((dossier_id IS NULL) = (started_at IS NULL) AND (dossier_id IS NULL) = (acknowledge_by IS NULL)),
    CONSTRAINT dossier_legs_acknowledged_check CHECK (acknowledged_at >= started_at),
    CONSTRAINT dossier_legs_moot_check CHECK (NOT moot OR dossier_id IS NULL)
);
CREATE INDEX dossier_legs_of_unit ON dossier_legs (unit_id, started_at) WHERE started_at IS NOT NULL;

-- Who sees the parent sees its legs stand beside each other; who sees a leg sees its line.
ALTER TABLE dossier_legs ENABLE ROW LEVEL SECURITY;
CREATE POLICY dossier_legs_seen ON dossier_legs TO motcua_service USING (
    parent_id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR dossier_id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR motcua_sees(parent_id) OR motcua_sees(dossier_id)
) WITH CHECK (true);
CREATE POLICY dossier_legs_house ON dossier_legs TO motcua_worker USING (true) WITH CHECK (true);
CREATE POLICY dossier_legs_granted ON dossier_legs FOR SELECT TO motcua_report, motcua_public USING (true);
GRANT SELECT, INSERT, UPDATE ON dossier_legs TO motcua_service, motcua_worker;
GRANT SELECT ON dossier_legs TO motcua_report;

-- The legs of the dossier in hand are seen as far as their own rows go; what belongs to them is not.
DROP POLICY dossiers_seen ON dossiers;
CREATE POLICY dossiers_seen ON dossiers TO motcua_service USING (
    id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR parent_id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR created_by = current_setting('motcua.principal', true)
    OR motcua_sees(id)
) WITH CHECK (true);

-- Anybody: how far the legs of a parent are. A leg by itself is nobody's to look up.
GRANT SELECT (parent_id) ON dossiers TO motcua_public;
GRANT SELECT (parent_id, number, does, unit_id, dossier_id, moot) ON dossier_legs TO motcua_public;
