-- Reports and registers that are made by the worker: asked for, made in parts, fetched later, then erased.
CREATE TABLE exports (
    id uuid CONSTRAINT exports_pkey PRIMARY KEY,
    layout text NOT NULL,
    format text NOT NULL CONSTRAINT exports_format_check CHECK (format IN ('xlsx', 'csv', 'json', 'pdf')),
    bom boolean NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    period_rule text NOT NULL CONSTRAINT exports_rule_check CHECK (
        period_rule IN ('dates', 'decree_09_2019', 'calendar')),
    period_name text,
    -- NULL: of all units.
    unit_id uuid CONSTRAINT exports_unit_fkey REFERENCES units (id),
    asked_by text NOT NULL,
    asked_by_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT exports_state_check CHECK (
        state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'erased')),
    rows_expected bigint,
    rows_done bigint NOT NULL,
    -- The last dossier of a register that was taken: the next batch begins after it, whoever takes it.
    after_at timestamptz,
    after_id uuid,
    file_name text,
    size_bytes bigint,
    failed_why text,
    -- Leases that ran out: a process was killed over it.
    lost_leases smallint NOT NULL,
    lease uuid,
    leased_until timestamptz,
    ended_at timestamptz,
    CONSTRAINT exports_period_check CHECK (period_from < period_to),
    CONSTRAINT exports_after_check CHECK ((after_at IS NULL) = (after_id IS NULL)),
    CONSTRAINT exports_lease_check CHECK ((lease IS NULL) = (leased_until IS NULL)),
    CONSTRAINT exports_done_check CHECK (state <> 'done' OR (file_name IS NOT NULL AND size_bytes IS NOT NULL)),
    CONSTRAINT exports_ended_check CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running')))
);
CREATE INDEX exports_asked ON exports (asked_at, id);
CREATE INDEX exports_to_do ON exports (asked_at, id) WHERE state IN ('waiting', 'running');
CREATE INDEX exports_ended ON exports (ended_at) WHERE state <> 'erased' AND ended_at IS NOT NULL;

-- What a register has so far, and the pieces of files.
CREATE TABLE export_parts (
    export_id uuid CONSTRAINT export_parts_export_fkey REFERENCES exports (id),
    kind text CONSTRAINT export_parts_kind_check CHECK (kind IN ('rows', 'file')),
    number integer CONSTRAINT export_parts_number_check CHECK (number >= 0),
    bytes bytea NOT NULL,
    CONSTRAINT export_parts_pkey PRIMARY KEY (export_id, kind, number)
);
GRANT SELECT, INSERT, UPDATE ON exports TO motcua_service, motcua_worker;
GRANT SELECT ON export_parts TO motcua_service;
GRANT SELECT, INSERT, DELETE ON export_parts TO motcua_worker;
