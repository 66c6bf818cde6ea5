REVOKE SELECT (unit_id) ON staff FROM motcua_report;
DROP TABLE unit_names;
DROP TABLE unit_successions;
DROP TABLE reorganisations;
