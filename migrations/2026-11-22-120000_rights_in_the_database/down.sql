DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dossiers', 'dossier_people', 'dossier_words', 'dossier_papers', 'dossier_events',
        'dossier_states', 'dossier_pauses', 'dossier_payments', 'dossier_reschedulings', 'dossier_steps', 'notices'] LOOP
        EXECUTE format('DROP POLICY %I ON %I', name || '_seen', name);
        EXECUTE format('DROP POLICY %I ON %I', name || '_house', name);
        EXECUTE format('DROP POLICY %I ON %I', name || '_granted', name);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
DROP FUNCTION motcua_sees (uuid);
-- The roles stay: other databases of the cluster may use them.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM motcua_service, motcua_worker, motcua_report, motcua_public;
REVOKE ALL ON SCHEMA public FROM motcua_service, motcua_worker, motcua_report, motcua_public;
