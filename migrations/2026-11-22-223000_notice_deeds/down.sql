UPDATE identity_reads SET shown_in = 'dossier' WHERE shown_in = 'notice_proof';
ALTER TABLE identity_reads DROP CONSTRAINT identity_reads_shown_in_check;
ALTER TABLE identity_reads ADD CONSTRAINT identity_reads_shown_in_check
    CHECK (shown_in IN ('dossier', 'unmasking', 'export'));
DROP TABLE notice_deeds;
DROP INDEX notices_dead;
DROP INDEX notices_parent;
ALTER TABLE notices DROP COLUMN settled;
ALTER TABLE notices DROP COLUMN parent_id;
