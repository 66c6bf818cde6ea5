-- Numbers and addresses that get no messages: by their keyed hash, and masked for who reads the list.
CREATE TABLE notice_suppressions (
    id uuid CONSTRAINT notice_suppressions_pkey PRIMARY KEY,
    address_hash bytea NOT NULL,
    address_masked text NOT NULL,
    -- NULL: on every channel.
    channel text,
    -- domain::notice::SuppressionReason.
    reason text NOT NULL CONSTRAINT notice_suppressions_reason_check CHECK (
        reason IN ('wrong_person', 'asked', 'unreachable')),
    note text,
    added_at timestamptz NOT NULL,
    added_by text NOT NULL,
    added_by_name text NOT NULL,
    -- Messages go there again from then on.
    until timestamptz,
    lifted_at timestamptz,
    lifted_by text,
    lifted_by_name text,
    CONSTRAINT notice_suppressions_lifted_check CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CONSTRAINT notice_suppressions_until_check CHECK (until > added_at)
);
CREATE UNIQUE INDEX notice_suppressions_once ON notice_suppressions (address_hash, coalesce(channel, ''))
    WHERE lifted_at IS NULL;
CREATE INDEX notice_suppressions_added ON notice_suppressions (added_at, id);
GRANT SELECT, INSERT, UPDATE ON notice_suppressions TO motcua_service, motcua_worker;

-- What people said of the channels on which they want to be told: only added to, the last word counts.
CREATE TABLE notice_consents (
    id uuid CONSTRAINT notice_consents_pkey PRIMARY KEY,
    -- The keyed hash of the ID number.
    person_hash bytea NOT NULL,
    channel text NOT NULL,
    granted boolean NOT NULL,
    at timestamptz NOT NULL,
    -- The log-in in which it was said.
    session_id uuid NOT NULL
);
CREATE INDEX notice_consents_last ON notice_consents (person_hash, channel, id);
GRANT SELECT, INSERT ON notice_consents TO motcua_service, motcua_worker;
