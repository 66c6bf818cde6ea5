DROP INDEX dossier_states_dossier;
CREATE INDEX dossier_states_dossier ON dossier_states (dossier_id, valid_from);
DROP INDEX dossiers_counted;
