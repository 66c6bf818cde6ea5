REVOKE SELECT (granted_at) ON dossier_reschedulings FROM motcua_report;
