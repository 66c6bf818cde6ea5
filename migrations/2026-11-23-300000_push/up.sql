-- Devices of citizens who are logged in to the app, to which news of their dossiers are pushed. Known by the keyed hash
-- of the ID number, as their dossiers are.
CREATE TABLE citizen_devices (
    id uuid CONSTRAINT citizen_devices_pkey PRIMARY KEY,
    holder_hash bytea NOT NULL,
    -- The app's own name of where it is installed.
    installation text NOT NULL CONSTRAINT citizen_devices_installation_check CHECK (length(installation) BETWEEN 1 AND 64),
    language text NOT NULL CONSTRAINT citizen_devices_language_check CHECK (language IN ('vi', 'en')),
    key_id smallint NOT NULL,
    -- The registration token of Firebase, sealed.
    token bytea NOT NULL,
    -- What is pushed by a token is seen by who holds the device now: one citizen.
    token_hash bytea NOT NULL CONSTRAINT citizen_devices_token_key UNIQUE,
    registered_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT citizen_devices_installation_key UNIQUE (holder_hash, installation)
);
CREATE INDEX citizen_devices_seen ON citizen_devices (seen_at);
CREATE INDEX citizen_devices_key ON citizen_devices (key_id);

-- Citizens come in by the house; a verb only looks whom to tell.
GRANT SELECT, INSERT, UPDATE, DELETE ON citizen_devices TO motcua_worker;
GRANT SELECT (holder_hash, installation, language, key_id, token, token_hash) ON citizen_devices TO motcua_service;

ALTER TABLE notice_templates DROP CONSTRAINT notice_templates_channel_check;
ALTER TABLE notice_templates ADD CONSTRAINT notice_templates_channel_check
    CHECK (channel IN ('sms', 'email', 'zalo', 'push'));
ALTER TABLE notices DROP CONSTRAINT notices_channel_check;
ALTER TABLE notices ADD CONSTRAINT notices_channel_check CHECK (channel IN ('sms', 'email', 'zalo', 'push'));

-- An event tells a person once on a channel, and once on each device.
ALTER TABLE notices DROP CONSTRAINT notices_once_key;
CREATE UNIQUE INDEX notices_once_key ON notices (event_id, purpose, recipient, channel) WHERE channel <> 'push';
CREATE UNIQUE INDEX notices_once_a_device_key ON notices (event_id, purpose, recipient, address_hash)
    WHERE channel = 'push' AND key_id <> 0;
