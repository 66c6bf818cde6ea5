DROP FUNCTION motcua_erase_events(uuid[]);
DROP TRIGGER dossier_events_only_erased ON dossier_events;
DROP FUNCTION refuse_more_than_erasure();
DROP FUNCTION event_without_texts(dossier_events);
DROP TRIGGER dossier_events_append_only ON dossier_events;
DROP TRIGGER dossier_events_never_deleted ON dossier_events;
CREATE TRIGGER dossier_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dossier_events
    EXECUTE FUNCTION refuse_change();
DROP INDEX dossier_events_key;
DROP INDEX dossier_people_key;
ALTER TABLE dossier_people DROP COLUMN erased_at;
