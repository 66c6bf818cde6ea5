DROP INDEX process_versions_whose;
ALTER TABLE process_versions DROP CONSTRAINT process_versions_whose_check, DROP COLUMN procedure_id, DROP COLUMN unit_id;
DROP TABLE dossier_step_helpers;
DROP INDEX dossier_steps_holder;
ALTER TABLE dossier_steps DROP COLUMN choice;
ALTER TABLE dossier_steps DROP CONSTRAINT dossier_steps_outcome_check;
UPDATE dossier_steps SET outcome = 'advanced' WHERE outcome = 'reassigned';
ALTER TABLE dossier_steps ADD CONSTRAINT dossier_steps_outcome_check CHECK (outcome IN (
    'advanced', 'sent_back', 'skipped', 'finished', 'ended', 'recalled'));
