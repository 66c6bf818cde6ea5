-- What each database role may touch, and which rows it sees.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO motcua_service, motcua_worker, motcua_report, motcua_public;

-- What everybody may read: the catalogue and the wordings, which are open, and whether sending is paused.
GRANT SELECT ON
    installation, units, unit_aliases, unit_tree, fields, processes, process_versions, procedures, procedure_versions,
    procedure_resolvers, calendars, catalogue_version, notice_templates, sending
TO motcua_service, motcua_worker, motcua_report, motcua_public;

-- The house itself.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO motcua_worker;
REVOKE UPDATE, DELETE ON dossier_events FROM motcua_worker;
REVOKE DELETE ON
    dossiers, dossier_people, dossier_units, dossier_papers, dossier_states, dossier_pauses, dossier_payments,
    dossier_reschedulings, dossier_steps, notices, notice_receipts, staff, api_keys, approvals, code_counters, sending,
    installation
FROM motcua_worker;

-- What is recorded is never written anew; only the list of what waits for its link shrinks.
REVOKE UPDATE, DELETE ON audit_entries, audit_links, audit_checkpoints FROM motcua_worker;
GRANT SELECT, INSERT ON audit_entries TO motcua_service;
GRANT INSERT ON audit_pending TO motcua_service;
GRANT SELECT ON audit_links, audit_checkpoints TO motcua_service;

-- A request.
GRANT SELECT, INSERT ON
    code_counters, dossiers, dossier_people, dossier_words, dossier_units, dossier_papers, dossier_events,
    dossier_states, dossier_pauses, dossier_payments, dossier_reschedulings, dossier_steps, notices, notice_queue,
    idempotency_keys, staff, sessions, api_keys, approvals
TO motcua_service;
GRANT SELECT ON notice_attempts, notice_receipts TO motcua_service;
GRANT UPDATE ON
    code_counters, dossiers, dossier_people, dossier_papers, dossier_states, dossier_pauses, dossier_payments,
    dossier_steps, notices, notice_queue, idempotency_keys, staff, sessions, api_keys, approvals, sending
TO motcua_service;
GRANT DELETE ON dossier_words, notice_queue, sessions TO motcua_service;

-- Figures.
GRANT SELECT ON dossiers, dossier_units, dossier_states, dossier_pauses, dossier_steps, notices TO motcua_report;

-- Anybody: what src/lookup/queries.rs selects. The hash of the pin is compared in the service.
GRANT SELECT (
    id, code, status, progress, pin_hash, resolving_unit_id, returning_unit_id, procedure_version_id, result_delivery,
    result, accepted_at, at_counter_at, due_at, provisional
) ON dossiers TO motcua_public;
GRANT SELECT (dossier_id, number, from_status, to_status, happened_at) ON dossier_events TO motcua_public;
GRANT SELECT (id, dossier_id, closed_at, answer_by) ON dossier_pauses TO motcua_public;
GRANT SELECT (dossier_id, position, name, state) ON dossier_papers TO motcua_public;
GRANT SELECT (id, pause_id, amount_vnd, pay_by, paid_at) ON dossier_payments TO motcua_public;
GRANT SELECT (dossier_id, kind, promised_on) ON dossier_reschedulings TO motcua_public;

-- Which dossiers a request sees: the rule of src/dossiers/access.rs once more, told by `motcua.sight`
-- (`all`, `unit`, `received`, `nothing`), `motcua.unit` and `motcua.principal`. Who made a dossier sees it, so that
-- its own transaction does. Without these settings nothing is seen.
CREATE FUNCTION motcua_sees(asked uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
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

-- `motcua.dossier` is the dossier in hand: the statement that finds one notes it (src/dossiers/queries.rs), after its
-- own row was let through, so that what follows in the transaction need not ask again.
ALTER TABLE dossiers ENABLE ROW LEVEL SECURITY;
CREATE POLICY dossiers_seen ON dossiers TO motcua_service USING (
    id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR created_by = current_setting('motcua.principal', true)
    OR motcua_sees(id)
) WITH CHECK (true);

-- What belongs to a dossier is seen with it. `dossier_units` says who sees it, and holds keys alone.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dossier_people', 'dossier_words', 'dossier_papers', 'dossier_events', 'dossier_states',
        'dossier_pauses', 'dossier_payments', 'dossier_reschedulings', 'dossier_steps', 'notices'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY %I ON %I TO motcua_service USING ('
            'dossier_id = nullif(current_setting(''motcua.dossier'', true), '''')::uuid OR motcua_sees(dossier_id)) '
            'WITH CHECK (true)', name || '_seen', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['dossiers', 'dossier_people', 'dossier_words', 'dossier_papers', 'dossier_events',
        'dossier_states', 'dossier_pauses', 'dossier_payments', 'dossier_reschedulings', 'dossier_steps', 'notices'] LOOP
        EXECUTE format('CREATE POLICY %I ON %I TO motcua_worker USING (true) WITH CHECK (true)', name || '_house', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO motcua_report, motcua_public USING (true)',
            name || '_granted', name);
    END LOOP;
END $$;
