-- How staff come in: sessions that end when they lie idle, second factors, and log-ins that slow down after failures.

-- What is NULL or by default here is what the version before writes: a token for programs, used when it was opened.
ALTER TABLE sessions
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN kind text NOT NULL DEFAULT 'bearer'
        CONSTRAINT sessions_kind_check CHECK (kind IN ('bearer', 'cookie')),
    ADD COLUMN second_factor text NOT NULL DEFAULT 'none'
        CONSTRAINT sessions_second_factor_check CHECK (second_factor IN ('none', 'code', 'recovery_code', 'provider'));

-- An authenticator app that shares a secret with an account (RFC 6238): one in use, and one that is being set up.
CREATE TABLE second_factors (
    id uuid CONSTRAINT second_factors_pkey PRIMARY KEY,
    staff_id uuid NOT NULL CONSTRAINT second_factors_staff_fkey REFERENCES staff (id),
    key_id smallint NOT NULL,
    secret bytea NOT NULL,
    -- The newest half minute whose code was used: no code opens twice.
    last_step bigint NOT NULL CONSTRAINT second_factors_last_step_check CHECK (last_step >= 0),
    started_at timestamptz NOT NULL,
    confirmed_at timestamptz
);
CREATE UNIQUE INDEX second_factors_in_use ON second_factors (staff_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX second_factors_set_up ON second_factors (staff_id) WHERE confirmed_at IS NULL;

-- For whoever has lost the app; each opens once.
CREATE TABLE recovery_codes (
    second_factor_id uuid NOT NULL CONSTRAINT recovery_codes_second_factor_fkey
        REFERENCES second_factors (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL CONSTRAINT recovery_codes_code_hash_check CHECK (octet_length(code_hash) = 32),
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (second_factor_id, code_hash)
);

-- Failed log-ins of late, by a keyed hash of the name that was typed and the network that it came from: of names and
-- addresses nothing is kept.
CREATE TABLE failed_log_ins (
    key bytea CONSTRAINT failed_log_ins_pkey PRIMARY KEY
        CONSTRAINT failed_log_ins_key_check CHECK (octet_length(key) = 32),
    failures integer NOT NULL CONSTRAINT failed_log_ins_failures_check CHECK (failures >= 0),
    last_at timestamptz NOT NULL
);
CREATE INDEX failed_log_ins_last ON failed_log_ins (last_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors, recovery_codes TO motcua_service, motcua_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON failed_log_ins TO motcua_worker;
