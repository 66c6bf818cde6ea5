-- Answers already given, kept a day, so that a repeated request is not done twice.
CREATE TABLE idempotency_keys (
    principal text NOT NULL,
    key_hash bytea NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    key_id smallint NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal, key_hash)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
