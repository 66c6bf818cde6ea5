DROP TABLE dossier_originals;
