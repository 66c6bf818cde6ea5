-- What was told wrongly is put right, and results that nobody collects are called to mind.
ALTER TABLE notices DROP CONSTRAINT notices_purpose_check;
ALTER TABLE notices ADD CONSTRAINT notices_purpose_check CHECK (purpose IN (
        'registered', 'received', 'supplement', 'supplement_reminder', 'payment', 'due_changed', 'apology',
        'result_early', 'result_ready', 'result_refused', 'result_recalled', 'declined', 'withdrawn', 'stopped',
        'returned', 'one_time_code', 'corrected', 'collect_reminder'));

-- How often a result was called to mind that lies at the counter.
ALTER TABLE dossiers ADD COLUMN collect_reminders smallint NOT NULL DEFAULT 0
    CONSTRAINT dossiers_collect_reminders_check CHECK (collect_reminders >= 0);
CREATE INDEX dossiers_uncollected ON dossiers (at_counter_at) WHERE status = 'finished' AND at_counter_at IS NOT NULL;

-- When the citizen was reminded of papers that are missing.
ALTER TABLE dossier_pauses ADD COLUMN reminded_at timestamptz;
CREATE INDEX dossier_pauses_answer_by ON dossier_pauses (answer_by) WHERE closed_at IS NULL AND kind = 'supplement';
