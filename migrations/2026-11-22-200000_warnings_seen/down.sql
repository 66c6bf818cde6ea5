DROP INDEX warnings_unit, warnings_staff;
ALTER TABLE warnings DROP COLUMN is_over;
CREATE INDEX warnings_unit ON warnings (unit_id, role, made_at, id);
CREATE INDEX warnings_staff ON warnings (staff_id, made_at, id) WHERE staff_id IS NOT NULL;
DROP TABLE warnings_seen;
