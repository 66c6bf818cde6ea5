-- Dossiers and legs by the phone or ID number of their people. Those of a leg are kept with its parent alone, which its unit
-- need not see; so this looks past the policies and tells keys and nothing else. Which of them somebody may see is
-- decided by the policy of dossiers. That there are few (ROWS) lets the planner look at each by its key.
CREATE FUNCTION motcua_dossiers_of(asked_phone bytea, asked_id_number bytea) RETURNS SETOF uuid LANGUAGE sql STABLE ROWS 10
SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.dossier_id FROM public.dossier_people p
    WHERE p.phone_hash = asked_phone OR p.id_number_hash = asked_id_number
    UNION
    SELECT d.id FROM public.dossier_people p JOIN public.dossiers d ON d.parent_id = p.dossier_id
    WHERE p.phone_hash = asked_phone OR p.id_number_hash = asked_id_number
$$;
REVOKE ALL ON FUNCTION motcua_dossiers_of(bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION motcua_dossiers_of(bytea, bytea) TO motcua_service, motcua_worker;
