DROP TABLE notice_cost_alarms;
DROP TABLE notice_budgets;
ALTER TABLE notices DROP COLUMN telco, DROP COLUMN cost_estimated_vnd, DROP COLUMN cost_billed_vnd;
DROP TABLE notice_tariffs;
