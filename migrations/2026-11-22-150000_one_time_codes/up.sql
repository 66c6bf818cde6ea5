-- Who asked for a one-time code, by the code of a dossier as it was typed. The request writes the same row for every
-- code; a duty looks up afterwards whether there is such a dossier, and sends a code to the phone on file. A row that
-- it settled without a dossier is a decoy, and answers like any other.
CREATE TABLE one_time_codes (
    id uuid CONSTRAINT one_time_codes_pkey PRIMARY KEY,
    asked_for text NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    settled_at timestamptz,
    dossier_id uuid CONSTRAINT one_time_codes_dossier_fkey REFERENCES dossiers (id),
    phone_hash bytea,
    code_hash bytea,
    tries smallint NOT NULL CONSTRAINT one_time_codes_tries_check CHECK (tries BETWEEN 0 AND 5),
    used_at timestamptz,
    CONSTRAINT one_time_codes_sent_check CHECK (
        (dossier_id IS NULL) = (code_hash IS NULL) AND (dossier_id IS NULL) = (phone_hash IS NULL)
        AND (settled_at IS NOT NULL OR dossier_id IS NULL))
);
CREATE INDEX one_time_codes_open ON one_time_codes (asked_at) WHERE settled_at IS NULL;
CREATE INDEX one_time_codes_phone ON one_time_codes (phone_hash, settled_at) WHERE phone_hash IS NOT NULL;
CREATE INDEX one_time_codes_dossier ON one_time_codes (dossier_id, settled_at) WHERE dossier_id IS NOT NULL;
CREATE INDEX one_time_codes_expires ON one_time_codes (expires_at);

-- A citizen who came in: by a one-time code, which opens one dossier, or by a log-in, which opens those of the holder
-- of an ID number, known by its keyed hash alone.
CREATE TABLE citizen_sessions (
    id uuid CONSTRAINT citizen_sessions_pkey PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT citizen_sessions_token_key UNIQUE,
    dossier_id uuid CONSTRAINT citizen_sessions_dossier_fkey REFERENCES dossiers (id),
    holder_hash bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT citizen_sessions_opens_check CHECK ((dossier_id IS NULL) <> (holder_hash IS NULL))
);
CREATE INDEX citizen_sessions_expires ON citizen_sessions (expires_at);

-- Nobody but the house itself looks into them.
GRANT SELECT, INSERT, UPDATE, DELETE ON one_time_codes, citizen_sessions TO motcua_worker;
ALTER TABLE one_time_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE citizen_sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_time_codes_house ON one_time_codes TO motcua_worker USING (true) WITH CHECK (true);
CREATE POLICY citizen_sessions_house ON citizen_sessions TO motcua_worker USING (true) WITH CHECK (true);

-- A code is sent because somebody asked, not because something happened to the dossier.
ALTER TABLE notices DROP CONSTRAINT notices_purpose_check;
ALTER TABLE notices ADD CONSTRAINT notices_purpose_check CHECK (purpose IN (
    'registered', 'received', 'supplement', 'supplement_reminder', 'payment', 'due_changed', 'apology',
    'result_early', 'result_ready', 'result_refused', 'result_recalled', 'declined', 'withdrawn', 'stopped',
    'returned', 'one_time_code'));
ALTER TABLE notices ALTER COLUMN event_id DROP NOT NULL;
ALTER TABLE notices ADD CONSTRAINT notices_event_check CHECK ((event_id IS NULL) = (purpose = 'one_time_code'));
