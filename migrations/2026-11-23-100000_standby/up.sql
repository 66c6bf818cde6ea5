-- A notice may stand by for the one on another channel that `parent_id` names.
ALTER TABLE notices DROP CONSTRAINT notices_status_check;
ALTER TABLE notices ADD CONSTRAINT notices_status_check CHECK (status IN (
    'standby', 'queued', 'sending', 'in_doubt', 'sent', 'delivered', 'failed', 'given_up', 'expired', 'cancelled'));
CREATE INDEX notices_standby ON notices (id) WHERE status = 'standby';
