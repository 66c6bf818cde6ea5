-- Who did what that must be provable afterwards; written in the transaction of the deed. No personal data.
CREATE TABLE audit_entries (
    id uuid CONSTRAINT audit_entries_pkey PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    principal text NOT NULL,
    actor_name text NOT NULL,
    -- None where no account or key acts.
    role text,
    -- Whose chain: the unit of who acts; nil for the house itself and for whoever is not known.
    unit_id uuid NOT NULL,
    -- Any word: an entry that is refused for its word would refuse the deed.
    action text NOT NULL CONSTRAINT audit_entries_action_check CHECK (action ~ '^[a-z_]+$'),
    subject text NOT NULL,
    details jsonb NOT NULL CONSTRAINT audit_entries_details_check CHECK (jsonb_typeof(details) = 'object')
);
CREATE INDEX audit_entries_happened ON audit_entries (happened_at, id);
CREATE INDEX audit_entries_unit ON audit_entries (unit_id, happened_at, id);
CREATE INDEX audit_entries_action ON audit_entries (action, happened_at, id);
CREATE INDEX audit_entries_principal ON audit_entries (principal, happened_at, id);
CREATE INDEX audit_entries_subject ON audit_entries (subject, happened_at, id);

-- The place of an entry in its unit's chain, taken after the commit by a worker, so that no deed waits for a chain.
CREATE TABLE audit_links (
    unit_id uuid NOT NULL,
    seq bigint NOT NULL CONSTRAINT audit_links_seq_check CHECK (seq > 0),
    entry_id uuid NOT NULL CONSTRAINT audit_links_entry_key UNIQUE
        CONSTRAINT audit_links_entry_fkey REFERENCES audit_entries (id),
    prev bytea NOT NULL CONSTRAINT audit_links_prev_check CHECK (octet_length(prev) = 32),
    hash bytea NOT NULL CONSTRAINT audit_links_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT audit_links_pkey PRIMARY KEY (unit_id, seq)
);

-- The ends of all chains at a moment, signed; copies of them are kept elsewhere.
CREATE TABLE audit_checkpoints (
    number bigint CONSTRAINT audit_checkpoints_pkey PRIMARY KEY
        CONSTRAINT audit_checkpoints_number_check CHECK (number > 0),
    made_at timestamptz NOT NULL,
    heads jsonb NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL
);

-- Entries that wait for their link; the only one of these tables that shrinks.
CREATE TABLE audit_pending (
    entry_id uuid CONSTRAINT audit_pending_pkey PRIMARY KEY
        CONSTRAINT audit_pending_entry_fkey REFERENCES audit_entries (id),
    unit_id uuid NOT NULL
);
CREATE INDEX audit_pending_unit ON audit_pending (unit_id);

CREATE FUNCTION audit_await_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_pending (entry_id, unit_id) VALUES (NEW.id, NEW.unit_id);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entries_await_link AFTER INSERT ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_await_link();

CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    EXECUTE FUNCTION refuse_change();
