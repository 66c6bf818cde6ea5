DROP TABLE audit_pending, audit_checkpoints, audit_links, audit_entries;
DROP FUNCTION audit_await_link();
