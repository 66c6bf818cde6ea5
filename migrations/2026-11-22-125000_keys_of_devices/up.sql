-- A key belongs to one device, opens from its addresses, carries a part of its role's rights, and is replaced in time.
ALTER TABLE api_keys
    ADD COLUMN device text,
    -- Words of verbs and deeds; NULL: whatever the role may.
    ADD COLUMN scopes text[] CONSTRAINT api_keys_scopes_check CHECK (array_position(scopes, NULL) IS NULL),
    -- Addresses and networks; NULL: from anywhere.
    ADD COLUMN addresses text[] CONSTRAINT api_keys_addresses_check CHECK (array_position(addresses, NULL) IS NULL),
    ADD COLUMN replaced_by uuid CONSTRAINT api_keys_replaced_by_fkey REFERENCES api_keys (id)
        DEFERRABLE INITIALLY DEFERRED,
    ADD COLUMN last_used_from text,
    -- When it was last shown from elsewhere.
    ADD COLUMN refused_at timestamptz;
-- A device holds one key; its old one lives on for a while beside the new one.
CREATE UNIQUE INDEX api_keys_device ON api_keys (device) WHERE revoked_at IS NULL AND replaced_by IS NULL;
