DROP TRIGGER dossiers_tally_changed ON dossiers;
DROP TRIGGER dossiers_tally_new ON dossiers;
DROP FUNCTION tally_waits();
DROP TABLE tally_keeping, tally_carried, tally_totals, tally_days, tally_marks, tally_waiting;
