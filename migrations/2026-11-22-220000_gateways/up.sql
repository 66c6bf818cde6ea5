-- Where each gateway stands, for all processes alike.
CREATE TABLE gateways (
    name text CONSTRAINT gateways_pkey PRIMARY KEY,
    channel text NOT NULL,
    -- Its share of the channel's messages as things are, and when all is well; of 100.
    weight smallint NOT NULL,
    resting smallint NOT NULL,
    changed_at timestamptz NOT NULL,
    troubled_at timestamptz,
    -- The errors of a minute, and since when it is counted.
    errors integer NOT NULL DEFAULT 0,
    errors_since timestamptz,
    -- Its bucket, in millionths of messages; the pace that it asked for; what it was given on the day.
    parts bigint NOT NULL,
    filled_at timestamptz NOT NULL,
    slowed_to integer,
    slowed_at timestamptz,
    given_on date,
    given integer NOT NULL DEFAULT 0,
    -- How often in a row it was left alone, until when and why.
    opened smallint NOT NULL DEFAULT 0,
    open_until timestamptz,
    open_why text
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON gateways TO motcua_worker;
GRANT SELECT ON gateways TO motcua_service;

-- The access and refresh tokens of gateways whose grants are good once: one pair for the house, sealed.
CREATE TABLE gateway_tokens (
    gateway text CONSTRAINT gateway_tokens_pkey PRIMARY KEY,
    key_id smallint NOT NULL,
    access bytea,
    refresh bytea NOT NULL,
    access_until timestamptz,
    refreshed_at timestamptz NOT NULL,
    -- Who is just fetching the next pair: nobody else does until then.
    fetching_until timestamptz
);
GRANT SELECT, INSERT, UPDATE ON gateway_tokens TO motcua_worker;

ALTER TABLE notice_queue
    -- The one gateway that may have the notice already, and since when; '' is any.
    ADD gateway text NOT NULL DEFAULT '',
    ADD open_since timestamptz,
    -- Gateways that can't deliver it.
    ADD not_by text[] NOT NULL DEFAULT '{}',
    -- Who speaks: units take turns.
    ADD unit_id uuid;
UPDATE notice_queue q SET unit_id = n.unit_id FROM notices n WHERE n.id = q.notice_id;
ALTER TABLE notice_queue ALTER unit_id SET NOT NULL;
DROP INDEX notice_queue_due;
CREATE INDEX notice_queue_due ON notice_queue (channel, gateway, priority, run_at, notice_id);
CREATE INDEX notice_queue_turns ON notice_queue (channel, gateway, priority, unit_id, run_at, notice_id);

ALTER TABLE notice_attempts DROP CONSTRAINT notice_attempts_outcome_check;
ALTER TABLE notice_attempts ADD CONSTRAINT notice_attempts_outcome_check CHECK (outcome IN (
    'intent', 'accepted', 'duplicate', 'refused', 'recipient', 'content', 'elsewhere', 'not_sent', 'ambiguous',
    'throttled', 'account'));

-- By what a receipt is proved to be the gateway's, and what it says that the message cost, in VND.
ALTER TABLE notice_receipts
    ADD proof text NOT NULL DEFAULT 'secret'
        CONSTRAINT notice_receipts_proof_check CHECK (proof IN ('secret', 'signed', 'asked')),
    ADD price text CONSTRAINT notice_receipts_price_check CHECK (price ~ '^[0-9]{1,10}([.][0-9]{1,2})?$');
ALTER TABLE notice_receipts ALTER proof DROP DEFAULT;

-- When the gateway was last asked what became of it.
ALTER TABLE notices ADD asked_at timestamptz;
CREATE INDEX notices_sent ON notices (sent_at) WHERE sent_at IS NOT NULL;
