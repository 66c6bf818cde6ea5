ALTER TABLE dossiers DROP COLUMN standing_statutory;
