-- Who may touch what in the database, whatever a query forgets.
--
-- Nobody logs in as one of these roles: the service does so as whom `database.url` names, who must be a member of
-- all four, and takes the one that fits for each transaction (`SET LOCAL ROLE`, src/platform/db.rs):
--   motcua_service  a request of staff or of a key: rows of the dossiers that they see, and no others;
--   motcua_worker   the house itself: loops, imports, replays; every dossier, but deletes none and unwrites no history;
--   motcua_report   figures: reads, of every unit, and nothing of people;
--   motcua_public   anybody: the columns of the public status. A connection outside any transaction is this one.
-- Tables belong to who migrates.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['motcua_service', 'motcua_worker', 'motcua_report', 'motcua_public'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- Roles belong to the whole cluster: another database of it has made them.
        END;
        IF NOT pg_has_role(current_user, name, 'member') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
    END LOOP;
END $$;
