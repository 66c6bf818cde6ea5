DROP INDEX dossiers_late;
