-- A dossier's row is written anew by each verb. With room left in its page the new one needs no new entries in the
-- ten indexes, unless a verb changes what they hold.
ALTER TABLE dossiers SET (fillfactor = 75);
