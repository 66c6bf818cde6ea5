DELETE FROM notice_queue WHERE notice_id IN (SELECT id FROM notices WHERE purpose = 'one_time_code');
DELETE FROM notice_attempts WHERE notice_id IN (SELECT id FROM notices WHERE purpose = 'one_time_code');
DELETE FROM notices WHERE purpose = 'one_time_code';
ALTER TABLE notices DROP CONSTRAINT notices_event_check;
ALTER TABLE notices ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE notices DROP CONSTRAINT notices_purpose_check;
ALTER TABLE notices ADD CONSTRAINT notices_purpose_check CHECK (purpose IN (
    'registered', 'received', 'supplement', 'supplement_reminder', 'payment', 'due_changed', 'apology',
    'result_early', 'result_ready', 'result_refused', 'result_recalled', 'declined', 'withdrawn', 'stopped',
    'returned'));
DROP TABLE citizen_sessions;
DROP TABLE one_time_codes;
