DROP TRIGGER dossiers_shelved ON dossiers;
DROP FUNCTION dossier_shelved;
CREATE OR REPLACE FUNCTION dossier_unit_registered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    SELECT d.registered_at INTO NEW.registered_at FROM public.dossiers d WHERE d.id = NEW.dossier_id;
    RETURN NEW;
END $$;
DROP INDEX dossiers_of_unit_in_status;
DROP INDEX dossiers_of_status;
DROP INDEX dossier_units_late;
DROP INDEX dossier_units_shelved;
ALTER TABLE dossier_units DROP COLUMN shelf, DROP COLUMN is_late;
DROP FUNCTION dossier_shelf;
