REVOKE UPDATE (state, reviewed_by, reviewed_by_name, reviewed_at) ON notice_templates FROM motcua_service;
GRANT DELETE ON notice_templates TO motcua_worker;
ALTER TABLE notices DROP CONSTRAINT notices_encoding_check;
ALTER TABLE notices ADD CONSTRAINT notices_encoding_check CHECK (encoding IN ('gsm7', 'ucs2', 'mime')) NOT VALID;
DROP TABLE notice_template_vendor_ids;
DROP TRIGGER notice_templates_keep ON notice_templates;
DROP FUNCTION notice_templates_keep();
ALTER TABLE notice_templates
    DROP COLUMN state,
    DROP COLUMN fold,
    DROP COLUMN max_segments,
    DROP COLUMN written_by,
    DROP COLUMN written_by_name,
    DROP COLUMN reviewed_by,
    DROP COLUMN reviewed_by_name,
    DROP COLUMN reviewed_at,
    DROP COLUMN activated_at,
    DROP COLUMN retired_at;
