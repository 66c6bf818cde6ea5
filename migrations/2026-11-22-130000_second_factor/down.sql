DROP TABLE failed_log_ins;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE sessions DROP COLUMN second_factor, DROP COLUMN kind, DROP COLUMN last_used_at;
