-- A list of what few are of finds them without going through the many that were returned: each line of what a unit has to do
-- with says on which shelf its dossier lies, and whether it ended late. `Status::shelf` says the same.
CREATE FUNCTION dossier_shelf(status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN status IN ('finished', 'returned') THEN status
        WHEN status IN ('declined', 'withdrawn', 'stopped', 'voided') THEN 'closed'
        ELSE 'in_hand'
    END
$$;

-- Most were returned in time: their lines stay as they are, and need not be written anew.
ALTER TABLE dossier_units
    ADD COLUMN shelf text NOT NULL DEFAULT 'returned' CONSTRAINT dossier_units_shelf_check
        CHECK (shelf IN ('in_hand', 'finished', 'returned', 'closed')),
    ADD COLUMN is_late boolean NOT NULL DEFAULT false;
UPDATE dossier_units u SET shelf = dossier_shelf(d.status), is_late = d.standing IS NOT DISTINCT FROM 'late'
    FROM dossiers d WHERE d.id = u.dossier_id AND (d.status <> 'returned' OR d.standing = 'late');
ALTER TABLE dossier_units ALTER COLUMN shelf DROP DEFAULT, ALTER COLUMN is_late DROP DEFAULT;

CREATE INDEX dossier_units_shelved ON dossier_units (unit_id, shelf, registered_at, dossier_id) INCLUDE (why)
    WHERE shelf <> 'returned';
CREATE INDEX dossier_units_late ON dossier_units (unit_id, registered_at, dossier_id) INCLUDE (why) WHERE is_late;
-- For who sees all.
CREATE INDEX dossiers_of_status ON dossiers (status, registered_at, id) WHERE status <> 'returned';
CREATE INDEX dossiers_of_unit_in_status ON dossiers (resolving_unit_id, status, registered_at, id) WHERE status <> 'returned';

-- The dossier is held, so that it does not go to another shelf while nobody sees the line yet.
CREATE OR REPLACE FUNCTION dossier_unit_registered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    SELECT d.registered_at, public.dossier_shelf(d.status), d.standing IS NOT DISTINCT FROM 'late'
        INTO NEW.registered_at, NEW.shelf, NEW.is_late
        FROM public.dossiers d WHERE d.id = NEW.dossier_id FOR SHARE;
    RETURN NEW;
END $$;

CREATE FUNCTION dossier_shelved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE public.dossier_units SET shelf = public.dossier_shelf(NEW.status), is_late = NEW.standing IS NOT DISTINCT FROM 'late'
        WHERE dossier_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER dossiers_shelved AFTER UPDATE OF status, standing ON dossiers FOR EACH ROW
    WHEN (dossier_shelf(OLD.status) <> dossier_shelf(NEW.status)
        OR (OLD.standing IS NOT DISTINCT FROM 'late') <> (NEW.standing IS NOT DISTINCT FROM 'late'))
    EXECUTE FUNCTION dossier_shelved();
