DROP INDEX dossiers_source_code;
