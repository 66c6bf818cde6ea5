-- Log-ins under way at an OpenID provider, each ended once by who holds the secret.
CREATE TABLE log_ins (
    id uuid CONSTRAINT log_ins_pkey PRIMARY KEY,
    door text NOT NULL CONSTRAINT log_ins_door_check CHECK (door IN ('citizens', 'staff')),
    secret_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX log_ins_expires ON log_ins (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON log_ins TO motcua_worker;
