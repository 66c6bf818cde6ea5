-- Which warnings a person has seen that were for them; a warning to a role is seen by each for themselves.
CREATE TABLE warnings_seen (
    staff_id uuid NOT NULL CONSTRAINT warnings_seen_staff_fkey REFERENCES staff (id),
    warning_id uuid NOT NULL CONSTRAINT warnings_seen_warning_fkey REFERENCES warnings (id),
    dossier_id uuid NOT NULL CONSTRAINT warnings_seen_dossier_fkey REFERENCES dossiers (id),
    seen_at timestamptz NOT NULL,
    CONSTRAINT warnings_seen_pkey PRIMARY KEY (staff_id, warning_id)
);

-- Each person has marks of their own, and none on what they may not see: the rule of `warnings` holds within.
ALTER TABLE warnings_seen ENABLE ROW LEVEL SECURITY;
CREATE POLICY warnings_seen_own ON warnings_seen TO motcua_service
    USING ('staff:' || staff_id = current_setting('motcua.principal', true))
    WITH CHECK ('staff:' || staff_id = current_setting('motcua.principal', true) AND EXISTS (
        SELECT FROM warnings w WHERE w.id = warning_id AND w.dossier_id = warnings_seen.dossier_id));
GRANT SELECT, INSERT ON warnings_seen TO motcua_service;

-- Of dossiers that have ended nobody is warned any more: theirs are out of the way of lists and counts.
ALTER TABLE warnings ADD COLUMN is_over boolean NOT NULL DEFAULT false;
UPDATE warnings w SET is_over = true FROM dossiers d WHERE d.id = w.dossier_id
    AND d.status IN ('declined', 'withdrawn', 'stopped', 'finished', 'returned', 'voided');
DROP INDEX warnings_unit, warnings_staff;
CREATE INDEX warnings_unit ON warnings (unit_id, role, made_at, id) WHERE NOT is_over;
CREATE INDEX warnings_staff ON warnings (staff_id, made_at, id) WHERE NOT is_over AND staff_id IS NOT NULL;
GRANT UPDATE (is_over) ON warnings TO motcua_service, motcua_worker;
