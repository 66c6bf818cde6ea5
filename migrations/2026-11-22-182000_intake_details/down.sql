REVOKE UPDATE (why) ON dossier_units FROM motcua_service;
DELETE FROM dossier_units WHERE why = 'formerly';
ALTER TABLE dossier_units DROP CONSTRAINT dossier_units_why_check;
ALTER TABLE dossier_units ADD CONSTRAINT dossier_units_why_check
    CHECK (why IN ('received', 'resolves', 'step', 'leg', 'consulted', 'successor'));
ALTER TABLE dossier_papers DROP COLUMN supplied_at;
DROP INDEX dossiers_answer_due;
ALTER TABLE dossiers DROP COLUMN answer_due_at, DROP COLUMN answered_at;
