-- Figures as they were known at an earlier moment leave out what was promised later.
GRANT SELECT (granted_at) ON dossier_reschedulings TO motcua_report;
