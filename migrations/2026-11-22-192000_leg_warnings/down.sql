DROP INDEX dossier_legs_begun_later;
DROP INDEX dossier_legs_unacknowledged;
DELETE FROM warnings WHERE what IN ('acknowledge', 'sync');
ALTER TABLE warnings DROP CONSTRAINT warnings_what_check;
ALTER TABLE warnings ADD CONSTRAINT warnings_what_check CHECK (what IN ('result', 'answer', 'supplement'));
