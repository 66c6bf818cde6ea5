-- A pair of tokens that was lost begins anew with another refresh token of the settings; a fetch that failed is not
-- repeated at once.
ALTER TABLE gateway_tokens
    ADD failed_at timestamptz,
    -- Keyed hashes of the refresh tokens that it was begun with, of which each is good once; empty where none was noted.
    ADD begun_with bytea[] NOT NULL DEFAULT '{}';
