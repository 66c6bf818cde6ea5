-- Versions of a wording go from draft by a second person's review into use. What a version says never changes, so that
-- what was reviewed is what is sent, and a notice can name what it was worded by.
ALTER TABLE notice_templates
    ADD COLUMN state text CONSTRAINT notice_templates_state_check CHECK (
        state IN ('draft', 'reviewed', 'active', 'retired')),
    ADD COLUMN fold text CONSTRAINT notice_templates_fold_check CHECK (
        fold IN ('none', 'ascii', 'saving') AND (channel = 'sms' OR fold = 'none')),
    ADD COLUMN max_segments smallint CONSTRAINT notice_templates_max_segments_check CHECK (max_segments BETWEEN 1 AND 6),
    -- Who, as events say it; `system` ships wordings, which are as if reviewed.
    ADD COLUMN written_by text,
    ADD COLUMN written_by_name text,
    ADD COLUMN reviewed_by text,
    ADD COLUMN reviewed_by_name text,
    ADD COLUMN reviewed_at timestamptz,
    ADD COLUMN activated_at timestamptz,
    ADD COLUMN retired_at timestamptz;

-- So far every version was shipped, and the newest is in use.
UPDATE notice_templates t SET
    state = CASE WHEN later.at IS NULL THEN 'active' ELSE 'retired' END,
    fold = CASE t.channel WHEN 'sms' THEN 'ascii' ELSE 'none' END,
    max_segments = CASE t.channel WHEN 'sms' THEN 2 END,
    written_by = 'system', written_by_name = 'motcua', reviewed_at = t.created_at, activated_at = t.created_at,
    retired_at = later.at
FROM (
    SELECT id, lead(created_at) OVER (PARTITION BY purpose, channel ORDER BY version) AS at FROM notice_templates
) later
WHERE later.id = t.id;

ALTER TABLE notice_templates
    ALTER COLUMN state SET NOT NULL,
    ALTER COLUMN fold SET NOT NULL,
    ALTER COLUMN written_by SET NOT NULL,
    ALTER COLUMN written_by_name SET NOT NULL,
    ADD CONSTRAINT notice_templates_sms_check CHECK ((channel = 'sms') = (max_segments IS NOT NULL)),
    ADD CONSTRAINT notice_templates_reviewed_check CHECK (state = 'draft' OR reviewed_at IS NOT NULL),
    ADD CONSTRAINT notice_templates_two_people_check CHECK (
        written_by = 'system' OR reviewed_at IS NULL OR reviewed_by IS NOT NULL AND reviewed_by <> written_by),
    ADD CONSTRAINT notice_templates_activated_check CHECK (state NOT IN ('active', 'retired') OR activated_at IS NOT NULL);
CREATE UNIQUE INDEX notice_templates_active ON notice_templates (purpose, channel) WHERE state = 'active';

CREATE FUNCTION notice_templates_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.purpose, OLD.channel, OLD.version, OLD.subject, OLD.body, OLD.html, OLD.fold, OLD.max_segments,
        OLD.written_by, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.purpose, NEW.channel, NEW.version, NEW.subject, NEW.body, NEW.html, NEW.fold,
        NEW.max_segments, NEW.written_by, NEW.created_at) THEN
        RAISE EXCEPTION 'notice_templates: what a version says is never changed, write the next one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notice_templates_keep BEFORE UPDATE ON notice_templates
    FOR EACH ROW EXECUTE FUNCTION notice_templates_keep();

-- Under which number the vendor behind a gateway keeps a version: told by the vendor after the review.
CREATE TABLE notice_template_vendor_ids (
    template_id uuid NOT NULL
        CONSTRAINT notice_template_vendor_ids_template_fkey REFERENCES notice_templates (id),
    gateway text NOT NULL,
    vendor_id text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    CONSTRAINT notice_template_vendor_ids_pkey PRIMARY KEY (template_id, gateway)
);

ALTER TABLE notices DROP CONSTRAINT notices_encoding_check;
ALTER TABLE notices ADD CONSTRAINT notices_encoding_check CHECK (encoding IN ('gsm7', 'ucs2', 'mime', 'utf8'));

REVOKE DELETE ON notice_templates FROM motcua_worker;
-- Who confirms a review does so in a request.
GRANT UPDATE (state, reviewed_by, reviewed_by_name, reviewed_at) ON notice_templates TO motcua_service;
GRANT SELECT, INSERT, UPDATE ON notice_template_vendor_ids TO motcua_worker;
GRANT SELECT ON notice_template_vendor_ids TO motcua_service, motcua_report, motcua_public;
