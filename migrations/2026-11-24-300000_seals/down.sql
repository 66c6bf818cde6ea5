REVOKE SELECT (dossier_id, number, verb, to_status, happened_at, recorded_at, details) ON dossier_events
FROM motcua_report;
DROP TABLE sealed_dossiers;
DROP TABLE seals;
