-- Personal data whose time is over: what told who it was is taken out of the rows, which stay and are counted as before.
ALTER TABLE dossier_people ADD COLUMN erased_at timestamptz;

-- A key is destroyed when nothing needs it any more; notices are found by the month in which they were written.
CREATE INDEX dossier_people_key ON dossier_people (key_id) WHERE key_id >= 1000;
CREATE INDEX dossier_events_key ON dossier_events (key_id) WHERE key_id IS NOT NULL;

-- The history of a dossier only grows, but for this one door: it may lose its free texts, and nothing else, when the
-- people of the dossier are erased. Verbs, statuses, moments and who acted stay.
DROP TRIGGER dossier_events_append_only ON dossier_events;
CREATE TRIGGER dossier_events_never_deleted BEFORE DELETE OR TRUNCATE ON dossier_events
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dossier_events_append_only BEFORE UPDATE ON dossier_events
    FOR EACH STATEMENT WHEN (current_setting('motcua.erasing', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION refuse_change();

CREATE FUNCTION event_without_texts(event dossier_events) RETURNS dossier_events LANGUAGE plpgsql STABLE AS $$
BEGIN
    event.note := NULL;
    event.key_id := NULL;
    event.sealed := NULL;
    event.details := event.details - '{papers,override_reason,voucher,shelf_place,tracking_number}'::text[];
    RETURN event;
END $$;

CREATE FUNCTION refuse_more_than_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW IS DISTINCT FROM event_without_texts(OLD) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dossier_events_only_erased BEFORE UPDATE ON dossier_events
    FOR EACH ROW EXECUTE FUNCTION refuse_more_than_erasure();

CREATE FUNCTION motcua_erase_events(asked uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET motcua.erasing = 'on' AS $$
BEGIN
    UPDATE dossier_events e SET (note, key_id, sealed, details) = (
        SELECT w.note, w.key_id, w.sealed, w.details FROM event_without_texts(e) w
    )
    WHERE e.dossier_id = ANY (asked)
      AND NOT EXISTS (SELECT FROM dossier_people p WHERE p.dossier_id = e.dossier_id AND p.erased_at IS NULL);
END $$;
REVOKE ALL ON FUNCTION motcua_erase_events(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION motcua_erase_events(uuid[]) TO motcua_worker;
