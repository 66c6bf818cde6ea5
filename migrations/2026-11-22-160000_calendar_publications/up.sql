-- A calendar that came into force, and how far the open dossiers have followed it.
CREATE TABLE calendar_publications (
    calendar_version integer CONSTRAINT calendar_publications_pkey PRIMARY KEY
        CONSTRAINT calendar_publications_calendar_fkey REFERENCES calendars (version),
    published_at timestamptz NOT NULL,
    -- Who, as events say it.
    published_by text NOT NULL,
    published_by_name text NOT NULL,
    -- Whether the people of a dossier whose due date moves are told.
    tells boolean NOT NULL,
    -- Open dossiers whose due date lay ahead when it was published; of them, gone through so far, and moved.
    total bigint NOT NULL CONSTRAINT calendar_publications_total_check CHECK (total >= 0),
    done bigint NOT NULL CONSTRAINT calendar_publications_done_check CHECK (done >= 0),
    moved bigint NOT NULL CONSTRAINT calendar_publications_moved_check CHECK (moved >= 0),
    -- They are gone through in the order of due date and key, up to here. Twice: deeds that had begun with the calendar of
    -- before may have counted by it behind the cursor, so the second pass begins when none of them is left.
    pass smallint NOT NULL CONSTRAINT calendar_publications_pass_check CHECK (pass IN (1, 2)),
    cursor_due_at timestamptz NOT NULL,
    cursor_id uuid NOT NULL,
    finished_at timestamptz,
    CONSTRAINT calendar_publications_finished_check CHECK (finished_at IS NULL OR pass = 2)
);
-- Two that are followed at once would mix: a dossier could be counted by the older one last.
CREATE UNIQUE INDEX calendar_publications_one_unfinished ON calendar_publications ((true)) WHERE finished_at IS NULL;

-- Calendars of before came into force without anybody following them.
INSERT INTO calendar_publications
SELECT version, published_at, 'system', 'motcua', false, 0, 0, 0, 2, published_at,
    '00000000-0000-0000-0000-000000000000'::uuid, published_at
FROM calendars;

-- Which due dates a calendar moved, and from when to when.
CREATE TABLE calendar_moves (
    calendar_version integer NOT NULL
        CONSTRAINT calendar_moves_publication_fkey REFERENCES calendar_publications (calendar_version),
    dossier_id uuid NOT NULL CONSTRAINT calendar_moves_dossier_fkey REFERENCES dossiers (id),
    unit_id uuid NOT NULL CONSTRAINT calendar_moves_unit_fkey REFERENCES units (id),
    due_unextended_before timestamptz NOT NULL,
    due_unextended_after timestamptz NOT NULL,
    due_before timestamptz NOT NULL,
    due_after timestamptz NOT NULL,
    CONSTRAINT calendar_moves_pkey PRIMARY KEY (calendar_version, dossier_id)
);
-- The list is read in this order.
CREATE INDEX calendar_moves_due ON calendar_moves (calendar_version, due_before, dossier_id);

-- A transaction that may count due dates holds the number of the calendar that it counts by (a shared lock to its end) and
-- learns what else is in force. The number is looked up again under the lock: a calendar that comes later finds the
-- lock and waits for it, one that came before is seen here.
CREATE FUNCTION hold_calendar(OUT catalogue bigint, OUT data_keys bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public AS $$
DECLARE
    held integer;
    newest integer;
BEGIN
    SELECT coalesce(max(version), 0) INTO newest FROM calendars;
    WHILE held IS DISTINCT FROM newest LOOP
        held := newest;
        PERFORM pg_advisory_xact_lock_shared(1112888, held);
        SELECT coalesce(max(version), 0) INTO newest FROM calendars;
    END LOOP;
    SELECT c.version, k.version INTO catalogue, data_keys FROM catalogue_version c CROSS JOIN data_keys_version k;
END $$;

-- Whether no transaction counts by the calendar of a number any more.
CREATE FUNCTION is_calendar_free(number integer) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.pg_try_advisory_xact_lock(1112888, number)
$$;

GRANT SELECT, INSERT, UPDATE ON calendar_publications, calendar_moves TO motcua_worker;
GRANT SELECT ON calendar_publications TO motcua_service, motcua_report;
GRANT SELECT ON calendar_moves TO motcua_report;
ALTER TABLE calendar_moves ENABLE ROW LEVEL SECURITY;
CREATE POLICY calendar_moves_house ON calendar_moves TO motcua_worker USING (true) WITH CHECK (true);
CREATE POLICY calendar_moves_granted ON calendar_moves FOR SELECT TO motcua_report USING (true);
REVOKE EXECUTE ON FUNCTION hold_calendar(), is_calendar_free(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_calendar() TO motcua_service, motcua_worker;
GRANT EXECUTE ON FUNCTION is_calendar_free(integer) TO motcua_worker;
