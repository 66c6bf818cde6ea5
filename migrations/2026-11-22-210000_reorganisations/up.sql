-- A reorganisation of units (sáp nhập, chia, đổi tên, đổi mã) as it was decided, and how far it is carried out.
CREATE TABLE reorganisations (
    code text CONSTRAINT reorganisations_pkey PRIMARY KEY,
    -- The decision that it rests on.
    source text NOT NULL,
    -- The first day of the new map, in Asia/Ho_Chi_Minh.
    effective_on date NOT NULL,
    -- reorganisations::form::PlanForm, as it was decided.
    plan jsonb NOT NULL,
    decided_at timestamptz NOT NULL,
    -- Who, as events say it.
    decided_by text NOT NULL,
    decided_by_name text NOT NULL,
    -- Since when the catalogue knows of it; nothing changes before the day.
    announced_at timestamptz,
    -- Why it can't be carried out: the catalogue has changed since it was decided.
    refused text,
    -- When the units of before ended and their people moved; their dossiers follow in the order of unit and key, up to here.
    begun_at timestamptz,
    cursor_unit uuid NOT NULL,
    cursor_dossier uuid NOT NULL,
    -- Twice: what was under way at midnight may have named a unit of before behind the cursor.
    pass smallint NOT NULL CONSTRAINT reorganisations_pass_check CHECK (pass IN (1, 2)),
    -- Dossiers gone through, and of them open ones that changed hands.
    done bigint NOT NULL CONSTRAINT reorganisations_done_check CHECK (done >= 0),
    moved bigint NOT NULL CONSTRAINT reorganisations_moved_check CHECK (moved >= 0),
    finished_at timestamptz,
    CONSTRAINT reorganisations_begun_check CHECK (begun_at IS NULL OR announced_at IS NOT NULL),
    CONSTRAINT reorganisations_finished_check CHECK (finished_at IS NULL OR begun_at IS NOT NULL)
);
CREATE INDEX reorganisations_unfinished ON reorganisations (effective_on, code)
    WHERE finished_at IS NULL AND refused IS NULL;

-- Who follows a unit that ends: one unit for all that no other line names, others for single fields.
CREATE TABLE unit_successions (
    id uuid CONSTRAINT unit_successions_pkey PRIMARY KEY,
    reorganisation text NOT NULL
        CONSTRAINT unit_successions_reorganisation_fkey REFERENCES reorganisations (code),
    from_unit_id uuid NOT NULL CONSTRAINT unit_successions_from_fkey REFERENCES units (id),
    to_unit_id uuid NOT NULL CONSTRAINT unit_successions_to_fkey REFERENCES units (id),
    field_id uuid CONSTRAINT unit_successions_field_fkey REFERENCES fields (id),
    effective_on date NOT NULL,
    CONSTRAINT unit_successions_once UNIQUE NULLS NOT DISTINCT (from_unit_id, field_id),
    CONSTRAINT unit_successions_other_check CHECK (from_unit_id <> to_unit_id)
);

-- What a unit was called before: figures of that time call it so.
CREATE TABLE unit_names (
    unit_id uuid NOT NULL CONSTRAINT unit_names_unit_fkey REFERENCES units (id),
    code text NOT NULL,
    name text NOT NULL,
    -- The first day on which it no longer was.
    valid_to date NOT NULL,
    CONSTRAINT unit_names_pkey PRIMARY KEY (unit_id, valid_to)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON reorganisations, unit_successions, unit_names TO motcua_worker;
GRANT SELECT, INSERT ON reorganisations TO motcua_service;
GRANT SELECT ON unit_successions, unit_names TO motcua_service, motcua_public;
GRANT SELECT ON reorganisations, unit_successions, unit_names TO motcua_report;
-- How many people a reorganisation moves.
GRANT SELECT (unit_id) ON staff TO motcua_report;
