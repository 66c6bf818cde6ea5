-- The unit of a leg is warned when it takes the leg up too late, or began it too late.
ALTER TABLE warnings DROP CONSTRAINT warnings_what_check;
ALTER TABLE warnings ADD CONSTRAINT warnings_what_check
    CHECK (what IN ('result', 'answer', 'supplement', 'acknowledge', 'sync'));
CREATE INDEX dossier_legs_unacknowledged ON dossier_legs (acknowledge_by)
    WHERE acknowledged_at IS NULL AND dossier_id IS NOT NULL;
-- Most begin in the moment in which what they waited for is granted.
CREATE INDEX dossier_legs_begun_later ON dossier_legs (started_at) WHERE started_at > ready_at;
