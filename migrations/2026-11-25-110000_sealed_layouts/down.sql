DROP INDEX seals_once;
CREATE UNIQUE INDEX seals_once ON seals (unit_id, grouped_by, period_from, period_to) NULLS NOT DISTINCT
    WHERE replaces_id IS NULL;
ALTER TABLE seals DROP COLUMN layout;
