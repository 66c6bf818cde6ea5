DROP INDEX api_keys_device;
ALTER TABLE api_keys
    DROP COLUMN device,
    DROP COLUMN scopes,
    DROP COLUMN addresses,
    DROP COLUMN replaced_by,
    DROP COLUMN last_used_from,
    DROP COLUMN refused_at;
