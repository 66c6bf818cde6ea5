-- Who may come in: people by password and session, programs by key.
CREATE TABLE staff (
    id uuid CONSTRAINT staff_pkey PRIMARY KEY,
    username text NOT NULL CONSTRAINT staff_username_key UNIQUE
        CONSTRAINT staff_username_check CHECK (username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    full_name text NOT NULL,
    role text NOT NULL CONSTRAINT staff_role_check CHECK (role IN (
        'clerk', 'officer', 'division_head', 'leader', 'records', 'chair', 'centre_head', 'controller', 'auditor', 'admin')),
    unit_id uuid NOT NULL CONSTRAINT staff_unit_fkey REFERENCES units (id),
    password_hash text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX staff_unit ON staff (unit_id);

CREATE TABLE sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    staff_id uuid NOT NULL CONSTRAINT sessions_staff_fkey REFERENCES staff (id),
    token_hash bytea NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_staff ON sessions (staff_id, created_at);

CREATE TABLE api_keys (
    id uuid CONSTRAINT api_keys_pkey PRIMARY KEY,
    name text NOT NULL,
    prefix text NOT NULL CONSTRAINT api_keys_prefix_key UNIQUE,
    key_hash bytea NOT NULL CONSTRAINT api_keys_key_hash_key UNIQUE,
    role text NOT NULL CONSTRAINT api_keys_role_check CHECK (role IN (
        'portal', 'clerk', 'officer', 'division_head', 'leader', 'records', 'chair', 'centre_head', 'controller', 'auditor')),
    unit_id uuid NOT NULL CONSTRAINT api_keys_unit_fkey REFERENCES units (id),
    created_by uuid CONSTRAINT api_keys_created_by_fkey REFERENCES staff (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);

-- Whatever needs two people.
CREATE TABLE approvals (
    id uuid CONSTRAINT approvals_pkey PRIMARY KEY,
    verb text NOT NULL,
    subject text NOT NULL,
    body jsonb NOT NULL,
    reason text NOT NULL,
    proposed_by uuid NOT NULL CONSTRAINT approvals_proposed_by_fkey REFERENCES staff (id),
    proposed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT approvals_state_check CHECK (state IN ('open', 'confirmed', 'rejected')),
    decided_by uuid CONSTRAINT approvals_decided_by_fkey REFERENCES staff (id),
    decided_at timestamptz,
    CONSTRAINT approvals_two_people_check CHECK (decided_by IS NULL OR decided_by <> proposed_by OR state = 'rejected'),
    CONSTRAINT approvals_decided_check CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX approvals_open ON approvals (verb, subject) WHERE state = 'open';
