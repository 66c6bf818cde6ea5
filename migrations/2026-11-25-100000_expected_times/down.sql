REVOKE SELECT (opened_at) ON dossier_pauses FROM motcua_public;
DROP TABLE expected_times;
