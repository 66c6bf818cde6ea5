-- Wording, never changed once used.
CREATE TABLE notice_templates (
    id uuid CONSTRAINT notice_templates_pkey PRIMARY KEY,
    purpose text NOT NULL,
    channel text NOT NULL CONSTRAINT notice_templates_channel_check CHECK (channel IN ('sms', 'email', 'zalo')),
    version integer NOT NULL CONSTRAINT notice_templates_version_check CHECK (version > 0),
    subject text,
    body text NOT NULL,
    html text,
    created_at timestamptz NOT NULL,
    CONSTRAINT notice_templates_version_key UNIQUE (purpose, channel, version)
);

-- One message to one person on one channel: written by the verb that causes it, never deleted.
CREATE TABLE notices (
    id uuid CONSTRAINT notices_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT notices_dossier_fkey REFERENCES dossiers (id),
    event_id uuid NOT NULL CONSTRAINT notices_event_fkey REFERENCES dossier_events (id),
    unit_id uuid NOT NULL CONSTRAINT notices_unit_fkey REFERENCES units (id),
    purpose text NOT NULL CONSTRAINT notices_purpose_check CHECK (purpose IN (
        'registered', 'received', 'supplement', 'supplement_reminder', 'payment', 'due_changed', 'apology',
        'result_early', 'result_ready', 'result_refused', 'result_recalled', 'declined', 'withdrawn', 'stopped',
        'returned')),
    recipient text NOT NULL CONSTRAINT notices_recipient_check CHECK (recipient IN ('applicant', 'submitter')),
    channel text NOT NULL CONSTRAINT notices_channel_check CHECK (channel IN ('sms', 'email', 'zalo')),
    template_id uuid NOT NULL CONSTRAINT notices_template_fkey REFERENCES notice_templates (id),
    key_id smallint NOT NULL,
    address bytea NOT NULL,
    address_hash bytea NOT NULL,
    address_masked text NOT NULL,
    -- domain::notice::Wording, sealed.
    wording bytea NOT NULL,
    encoding text NOT NULL CONSTRAINT notices_encoding_check CHECK (encoding IN ('gsm7', 'ucs2', 'mime')),
    segments smallint NOT NULL CONSTRAINT notices_segments_check CHECK (segments > 0),
    status text NOT NULL CONSTRAINT notices_status_check CHECK (status IN (
        'queued', 'sending', 'in_doubt', 'sent', 'delivered', 'failed', 'given_up', 'expired', 'cancelled')),
    reason text,
    gateway text,
    gateway_ref text,
    attempts smallint NOT NULL CONSTRAINT notices_attempts_check CHECK (attempts >= 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    sent_at timestamptz,
    final_at timestamptz,
    CONSTRAINT notices_once_key UNIQUE (event_id, purpose, recipient, channel)
);
CREATE INDEX notices_dossier ON notices (dossier_id, id);
CREATE INDEX notices_status ON notices (status, id);
CREATE INDEX notices_created ON notices (created_at);
CREATE INDEX notices_gateway_ref ON notices (gateway, gateway_ref) WHERE gateway_ref IS NOT NULL;

-- What is still to be sent: hot, narrow, empty on a good day. `run_at` is the schedule and, once claimed, the lease.
CREATE TABLE notice_queue (
    notice_id uuid CONSTRAINT notice_queue_pkey PRIMARY KEY
        CONSTRAINT notice_queue_notice_fkey REFERENCES notices (id),
    channel text NOT NULL,
    priority smallint NOT NULL,
    run_at timestamptz NOT NULL,
    attempt smallint NOT NULL,
    lease_token uuid
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX notice_queue_due ON notice_queue (channel, priority, run_at, notice_id);

CREATE TABLE notice_attempts (
    notice_id uuid NOT NULL CONSTRAINT notice_attempts_notice_fkey REFERENCES notices (id),
    attempt smallint NOT NULL,
    gateway text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL CONSTRAINT notice_attempts_outcome_check CHECK (outcome IN (
        'intent', 'accepted', 'refused', 'not_sent', 'ambiguous', 'throttled', 'account')),
    code text,
    gateway_ref text,
    CONSTRAINT notice_attempts_pkey PRIMARY KEY (notice_id, attempt, started_at)
);

-- Delivery receipts as they came; worked off by the loop.
CREATE TABLE notice_receipts (
    id uuid CONSTRAINT notice_receipts_pkey PRIMARY KEY,
    gateway text NOT NULL,
    gateway_ref text,
    notice_id uuid,
    code text NOT NULL,
    received_at timestamptz NOT NULL,
    done_at timestamptz
);
CREATE INDEX notice_receipts_notice ON notice_receipts (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX notice_receipts_open ON notice_receipts (received_at) WHERE done_at IS NULL;

-- Whether anything goes out at all: a restored database starts paused.
CREATE TABLE sending (
    only_row boolean CONSTRAINT sending_pkey PRIMARY KEY DEFAULT true
        CONSTRAINT sending_only_row_check CHECK (only_row),
    paused_why text
);
INSERT INTO sending (paused_why) VALUES (NULL);
