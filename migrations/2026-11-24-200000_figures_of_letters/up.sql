-- Late ends are counted with and without a letter that apologised; what it says is nobody's figure.
GRANT SELECT (dossier_id) ON dossier_reschedulings TO motcua_report;
