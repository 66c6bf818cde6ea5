DROP INDEX dossier_pauses_answer_by;
ALTER TABLE dossier_pauses DROP COLUMN reminded_at;
DROP INDEX dossiers_uncollected;
ALTER TABLE dossiers DROP COLUMN collect_reminders;
ALTER TABLE notices DROP CONSTRAINT notices_purpose_check;
ALTER TABLE notices ADD CONSTRAINT notices_purpose_check CHECK (purpose IN (
        'registered', 'received', 'supplement', 'supplement_reminder', 'payment', 'due_changed', 'apology',
        'result_early', 'result_ready', 'result_refused', 'result_recalled', 'declined', 'withdrawn', 'stopped',
        'returned', 'one_time_code'));
