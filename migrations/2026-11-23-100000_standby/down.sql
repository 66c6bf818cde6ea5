DROP INDEX notices_standby;
UPDATE notices SET status = 'cancelled', final_at = created_at WHERE status = 'standby';
ALTER TABLE notices DROP CONSTRAINT notices_status_check;
ALTER TABLE notices ADD CONSTRAINT notices_status_check CHECK (status IN (
    'queued', 'sending', 'in_doubt', 'sent', 'delivered', 'failed', 'given_up', 'expired', 'cancelled'));
