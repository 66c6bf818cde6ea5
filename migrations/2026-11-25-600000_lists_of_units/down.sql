ALTER POLICY dossiers_seen ON dossiers USING (
    id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR parent_id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR created_by = current_setting('motcua.principal', true)
    OR motcua_sees(id)
);
CREATE OR REPLACE FUNCTION motcua_sees(asked uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF current_setting('motcua.sight', true) = 'all' THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        SELECT FROM public.dossier_units u JOIN public.unit_tree t ON t.unit_id = u.unit_id
        WHERE u.dossier_id = asked
          AND t.above_id = nullif(current_setting('motcua.unit', true), '')::uuid
          AND (current_setting('motcua.sight', true) = 'unit'
               OR current_setting('motcua.sight', true) = 'received' AND u.why = 'received')
    ) OR EXISTS (
        SELECT FROM public.dossiers d
        WHERE d.id = asked AND d.created_by = current_setting('motcua.principal', true)
    );
END $$;
DROP INDEX dossiers_late_of_unit;
DROP TRIGGER dossier_units_registered ON dossier_units;
DROP FUNCTION dossier_unit_registered();
DROP INDEX dossier_units_received;
DROP INDEX dossier_units_newest;
ALTER TABLE dossier_units DROP COLUMN registered_at;
