DROP FUNCTION motcua_dossiers_of(bytea, bytea);
