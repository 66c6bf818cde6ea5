DROP INDEX notices_sent;
ALTER TABLE notices DROP asked_at;
ALTER TABLE notice_receipts DROP price, DROP proof;
UPDATE notice_attempts SET outcome = 'accepted' WHERE outcome = 'duplicate';
UPDATE notice_attempts SET outcome = 'refused' WHERE outcome IN ('recipient', 'content', 'elsewhere');
ALTER TABLE notice_attempts DROP CONSTRAINT notice_attempts_outcome_check;
ALTER TABLE notice_attempts ADD CONSTRAINT notice_attempts_outcome_check CHECK (outcome IN (
    'intent', 'accepted', 'refused', 'not_sent', 'ambiguous', 'throttled', 'account'));
DROP INDEX notice_queue_turns;
DROP INDEX notice_queue_due;
ALTER TABLE notice_queue DROP unit_id, DROP not_by, DROP open_since, DROP gateway;
CREATE INDEX notice_queue_due ON notice_queue (channel, priority, run_at, notice_id);
DROP TABLE gateway_tokens;
DROP TABLE gateways;
