REVOKE SELECT (dossier_id) ON dossier_reschedulings FROM motcua_report;
