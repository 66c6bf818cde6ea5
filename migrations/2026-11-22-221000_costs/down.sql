DROP TABLE notice_cost_alarms;
DROP TABLE notice_budgets;
DROP INDEX notices_sent;
ALTER TABLE notices DROP COLUMN telco, DROP COLUMN cost_estimated_vnd, DROP COLUMN cost_billed_vnd;
DROP TABLE notice_tariffs;
