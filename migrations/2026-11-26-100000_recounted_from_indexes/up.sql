-- What a recount reads of dossiers and their states, in the order of the keys: less than half of what it would read of the
-- tables themselves, where a derivation alone is two fifths of a row of dossiers.
CREATE INDEX dossiers_counted ON dossiers (id) INCLUDE (
    status, channel, standing, result, standing_statutory, parent_id, resolving_unit_id, field_id, procedure_version_id, mirrored,
    apologised, accepted_at, ended_at
);
DROP INDEX dossier_states_dossier;
CREATE INDEX dossier_states_dossier ON dossier_states (dossier_id, valid_from)
    INCLUDE (valid_to, unit_id, due_at, paused, status, id);
