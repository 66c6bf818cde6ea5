DROP TABLE warnings;
DROP TABLE dossier_foresight;
