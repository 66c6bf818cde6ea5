-- What was reported of a period, frozen as it was signed (chốt số liệu). Nothing of it is ever changed: what comes to
-- light later is an adjustment, or another seal that names this one.
CREATE TABLE seals (
    id uuid CONSTRAINT seals_pkey PRIMARY KEY,
    -- With all below it; none for the whole province.
    unit_id uuid CONSTRAINT seals_unit_fkey REFERENCES units (id),
    grouped_by text NOT NULL CONSTRAINT seals_grouped_by_check CHECK (grouped_by ~ '^[a-z_0-9]+$'),
    period_rule text NOT NULL CONSTRAINT seals_period_rule_check CHECK (period_rule ~ '^[a-z_0-9]+$'),
    period_from date NOT NULL,
    -- The first date after it.
    period_to date NOT NULL,
    sealed_at timestamptz NOT NULL,
    sealed_by uuid NOT NULL CONSTRAINT seals_sealed_by_fkey REFERENCES staff (id),
    sealed_by_name text NOT NULL,
    -- The seal that this one puts right; each at most once, so that they are a chain.
    replaces_id uuid CONSTRAINT seals_replaces_key UNIQUE CONSTRAINT seals_replaces_fkey REFERENCES seals (id),
    reason text,
    -- How many dossiers are behind it.
    dossiers bigint NOT NULL,
    -- The bytes that are handed out, and their SHA-256.
    content bytea NOT NULL,
    hash bytea NOT NULL CONSTRAINT seals_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT seals_period_check CHECK (period_from < period_to),
    CONSTRAINT seals_reason_check CHECK ((replaces_id IS NULL) = (reason IS NULL))
);
CREATE UNIQUE INDEX seals_once ON seals (unit_id, grouped_by, period_from, period_to) NULLS NOT DISTINCT
    WHERE replaces_id IS NULL;
CREATE INDEX seals_sealed ON seals (sealed_at, id);
CREATE INDEX seals_period_to ON seals (period_to);

-- The dossiers behind every cell of a seal: bit n of `cells` stands for the n-th cell that the seal lists.
CREATE TABLE sealed_dossiers (
    seal_id uuid NOT NULL CONSTRAINT sealed_dossiers_seal_fkey REFERENCES seals (id) DEFERRABLE INITIALLY DEFERRED,
    dossier_id uuid NOT NULL CONSTRAINT sealed_dossiers_dossier_fkey REFERENCES dossiers (id),
    unit_id uuid NOT NULL CONSTRAINT sealed_dossiers_unit_fkey REFERENCES units (id),
    field_id uuid NOT NULL CONSTRAINT sealed_dossiers_field_fkey REFERENCES fields (id),
    cells integer NOT NULL CONSTRAINT sealed_dossiers_cells_check CHECK (cells > 0),
    CONSTRAINT sealed_dossiers_pkey PRIMARY KEY (seal_id, dossier_id)
);

CREATE TRIGGER seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_dossiers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed_dossiers
    EXECUTE FUNCTION refuse_change();

-- Which dossiers they are is read with the rights of figures, after it was asked whose they are.
ALTER TABLE sealed_dossiers ENABLE ROW LEVEL SECURITY;
CREATE POLICY sealed_dossiers_house ON sealed_dossiers TO motcua_worker USING (true) WITH CHECK (true);
CREATE POLICY sealed_dossiers_granted ON sealed_dossiers FOR SELECT TO motcua_report USING (true);

GRANT SELECT ON seals TO motcua_service;
GRANT SELECT ON seals, sealed_dossiers TO motcua_report;
GRANT SELECT, INSERT ON seals, sealed_dossiers TO motcua_worker;

-- Figures as they were known at an earlier moment: an end that was undone since is told by its event alone.
GRANT SELECT (dossier_id, number, verb, to_status, happened_at, recorded_at, details) ON dossier_events TO motcua_report;
