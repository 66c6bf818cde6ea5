-- A report may be sealed in a layout: the same rows in two layouts are two reports.
ALTER TABLE seals ADD COLUMN layout text CONSTRAINT seals_layout_check CHECK (layout ~ '^[A-Za-z0-9_-]+$');
DROP INDEX seals_once;
CREATE UNIQUE INDEX seals_once ON seals (unit_id, grouped_by, layout, period_from, period_to) NULLS NOT DISTINCT
    WHERE replaces_id IS NULL;
