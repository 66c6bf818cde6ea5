-- A dossier of an old system is looked for by its code there, whatever system it was.
CREATE INDEX dossiers_source_code ON dossiers (source_code) WHERE source_code IS NOT NULL;
