-- What this database is: one row, written by whoever made it.
CREATE TABLE installation (
    only_row boolean CONSTRAINT installation_pkey PRIMARY KEY DEFAULT true
        CONSTRAINT installation_only_row_check CHECK (only_row),
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT installation_kind_check CHECK (kind IN ('demo', 'production')),
    made_at timestamptz NOT NULL
);
