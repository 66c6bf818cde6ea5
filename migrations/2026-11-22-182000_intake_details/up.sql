-- Until when a registered dossier is to be answered (8 working hours, NĐ 45/2020 Đ11), and when it was.
ALTER TABLE dossiers ADD COLUMN answer_due_at timestamptz, ADD COLUMN answered_at timestamptz;
CREATE INDEX dossiers_answer_due ON dossiers (registered_at, receiving_unit_id) WHERE answer_due_at IS NOT NULL;

-- When a paper that was asked for came: the last one stops the pause.
ALTER TABLE dossier_papers ADD COLUMN supplied_at timestamptz;

-- A unit to which a dossier went by mistake keeps sight of it.
ALTER TABLE dossier_units DROP CONSTRAINT dossier_units_why_check;
ALTER TABLE dossier_units ADD CONSTRAINT dossier_units_why_check
    CHECK (why IN ('received', 'resolves', 'step', 'leg', 'consulted', 'successor', 'formerly'));
GRANT UPDATE (why) ON dossier_units TO motcua_service;
