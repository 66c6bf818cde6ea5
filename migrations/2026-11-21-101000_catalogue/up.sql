-- What can be asked for, who resolves it, by which steps and in which days.
CREATE TABLE units (
    id uuid CONSTRAINT units_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT units_code_key UNIQUE
        CONSTRAINT units_code_check CHECK (code ~ '^[A-Z][0-9]{2}(\.[A-Z0-9]+)*$' AND length(code) <= 35),
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT units_kind_check
        CHECK (kind IN ('province', 'department', 'land_office', 'one_stop_centre', 'vertical', 'commune')),
    parent_id uuid CONSTRAINT units_parent_fkey REFERENCES units (id),
    receives_at_id uuid NOT NULL CONSTRAINT units_receives_at_fkey REFERENCES units (id) DEFERRABLE INITIALLY DEFERRED,
    hard_area boolean NOT NULL,
    code_is text NOT NULL CONSTRAINT units_code_is_check CHECK (code_is IN ('published', 'made_up')),
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT units_validity_check CHECK (valid_to > valid_from)
);
CREATE INDEX units_parent ON units (parent_id);

-- Former codes: a province may change them, old papers keep them.
CREATE TABLE unit_aliases (
    code text CONSTRAINT unit_aliases_pkey PRIMARY KEY,
    unit_id uuid NOT NULL CONSTRAINT unit_aliases_unit_fkey REFERENCES units (id),
    valid_to date
);

-- Every unit with itself and all above it, kept by the import: who sees what is asked on each request.
CREATE TABLE unit_tree (
    above_id uuid NOT NULL CONSTRAINT unit_tree_above_fkey REFERENCES units (id),
    unit_id uuid NOT NULL CONSTRAINT unit_tree_unit_fkey REFERENCES units (id),
    CONSTRAINT unit_tree_pkey PRIMARY KEY (above_id, unit_id)
);

CREATE TABLE fields (
    id uuid CONSTRAINT fields_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT fields_code_key UNIQUE,
    name text NOT NULL,
    code_is text NOT NULL CONSTRAINT fields_code_is_check CHECK (code_is IN ('published', 'made_up'))
);

CREATE TABLE processes (
    id uuid CONSTRAINT processes_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT processes_code_key UNIQUE
);
-- A dossier keeps the version it started with, so versions are never changed.
CREATE TABLE process_versions (
    id uuid CONSTRAINT process_versions_pkey PRIMARY KEY,
    process_id uuid NOT NULL CONSTRAINT process_versions_process_fkey REFERENCES processes (id),
    version integer NOT NULL CONSTRAINT process_versions_version_check CHECK (version > 0),
    name text NOT NULL,
    steps jsonb NOT NULL,
    legs jsonb NOT NULL,
    valid_from date NOT NULL,
    CONSTRAINT process_versions_version_key UNIQUE (process_id, version)
);

CREATE TABLE procedures (
    id uuid CONSTRAINT procedures_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT procedures_code_key UNIQUE
);
CREATE TABLE procedure_versions (
    id uuid CONSTRAINT procedure_versions_pkey PRIMARY KEY,
    procedure_id uuid NOT NULL CONSTRAINT procedure_versions_procedure_fkey REFERENCES procedures (id),
    version integer NOT NULL CONSTRAINT procedure_versions_version_check CHECK (version > 0),
    state text NOT NULL CONSTRAINT procedure_versions_state_check CHECK (state IN ('draft', 'published')),
    name text NOT NULL,
    field_id uuid NOT NULL CONSTRAINT procedure_versions_field_fkey REFERENCES fields (id),
    -- domain::procedure::TermRules; null only in a draft.
    terms jsonb,
    cutoff text NOT NULL CONSTRAINT procedure_versions_cutoff_check CHECK (cutoff IN ('none', 'at_15_00', 'last_hour')),
    supplement_effect text NOT NULL CONSTRAINT procedure_versions_supplement_effect_check
        CHECK (supplement_effect IN ('restart', 'resume')),
    supplement_within_days integer NOT NULL CONSTRAINT procedure_versions_supplement_within_check
        CHECK (supplement_within_days >= 0),
    excludes_external_time boolean NOT NULL,
    process_version_id uuid CONSTRAINT procedure_versions_process_fkey REFERENCES process_versions (id),
    papers jsonb NOT NULL,
    fees jsonb NOT NULL,
    limit_source text NOT NULL,
    note text,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT procedure_versions_version_key UNIQUE (procedure_id, version),
    CONSTRAINT procedure_versions_validity_check CHECK (valid_to > valid_from),
    CONSTRAINT procedure_versions_published_check CHECK (state = 'draft' OR (terms IS NOT NULL AND process_version_id IS NOT NULL))
);
-- Who resolves it: one unit, or every unit of a kind.
CREATE TABLE procedure_resolvers (
    id uuid CONSTRAINT procedure_resolvers_pkey PRIMARY KEY,
    procedure_version_id uuid NOT NULL
        CONSTRAINT procedure_resolvers_version_fkey REFERENCES procedure_versions (id),
    unit_id uuid CONSTRAINT procedure_resolvers_unit_fkey REFERENCES units (id),
    unit_kind text,
    CONSTRAINT procedure_resolvers_one_check CHECK ((unit_id IS NULL) <> (unit_kind IS NULL))
);
CREATE INDEX procedure_resolvers_version ON procedure_resolvers (procedure_version_id);

-- Each published calendar whole, so that a due date can name the one it was counted by.
CREATE TABLE calendars (
    version integer CONSTRAINT calendars_pkey PRIMARY KEY CONSTRAINT calendars_version_check CHECK (version > 0),
    body jsonb NOT NULL,
    published_at timestamptz NOT NULL
);

-- Counts up with every change of the catalogue, so that a process knows when its copy is old.
CREATE TABLE catalogue_version (
    only_row boolean CONSTRAINT catalogue_version_pkey PRIMARY KEY DEFAULT true
        CONSTRAINT catalogue_version_only_row_check CHECK (only_row),
    version bigint NOT NULL
);
INSERT INTO catalogue_version (version) VALUES (0);
