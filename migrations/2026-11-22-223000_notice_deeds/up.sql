-- What operators do with notices that did not arrive, and on which channel one was sent instead of another.
ALTER TABLE notices ADD COLUMN parent_id uuid CONSTRAINT notices_parent_fkey REFERENCES notices (id);
-- How an operator saw to it that who should know knows: such a notice asks for nothing any more.
ALTER TABLE notices ADD COLUMN settled text
    CONSTRAINT notices_settled_check CHECK (settled IN ('told_by_phone', 'other_channel'));
CREATE INDEX notices_parent ON notices (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX notices_dead ON notices (id)
    WHERE settled IS NULL AND status IN ('failed', 'given_up', 'expired', 'in_doubt');

CREATE TABLE notice_deeds (
    id uuid CONSTRAINT notice_deeds_pkey PRIMARY KEY,
    notice_id uuid NOT NULL CONSTRAINT notice_deeds_notice_fkey REFERENCES notices (id),
    dossier_id uuid NOT NULL CONSTRAINT notice_deeds_dossier_fkey REFERENCES dossiers (id),
    -- domain::notice::NoticeDeed.
    what text NOT NULL CONSTRAINT notice_deeds_what_check CHECK (
        what IN ('replay', 'replay_on', 'cancel', 'told_by_phone')),
    done_at timestamptz NOT NULL,
    -- Who did it, or proposed it; and who confirmed it, where that took two people.
    principal text NOT NULL,
    actor_name text NOT NULL,
    confirmed_by text,
    confirmed_by_name text,
    -- Free text; erased with the notice's words.
    reason text,
    -- When the call was.
    told_at timestamptz,
    -- The notice on the other channel.
    child_id uuid CONSTRAINT notice_deeds_child_fkey REFERENCES notices (id),
    CONSTRAINT notice_deeds_confirmed_check CHECK ((confirmed_by IS NULL) = (confirmed_by_name IS NULL)),
    CONSTRAINT notice_deeds_told_check CHECK ((told_at IS NOT NULL) = (what = 'told_by_phone')),
    CONSTRAINT notice_deeds_child_check CHECK ((child_id IS NOT NULL) = (what = 'replay_on'))
);
CREATE INDEX notice_deeds_notice ON notice_deeds (notice_id, id);
CREATE INDEX notice_deeds_dossier ON notice_deeds (dossier_id);

ALTER TABLE notice_deeds ENABLE ROW LEVEL SECURITY;
CREATE POLICY notice_deeds_seen ON notice_deeds TO motcua_service USING (
    dossier_id = nullif(current_setting('motcua.dossier', true), '')::uuid OR motcua_sees(dossier_id)
) WITH CHECK (true);
CREATE POLICY notice_deeds_house ON notice_deeds TO motcua_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON notice_deeds TO motcua_service, motcua_worker;
-- Retention takes the free text out; the row stays.
GRANT UPDATE (reason) ON notice_deeds TO motcua_worker;

-- The proof of what was sent shows the words, which may name people.
ALTER TABLE identity_reads DROP CONSTRAINT identity_reads_shown_in_check;
ALTER TABLE identity_reads ADD CONSTRAINT identity_reads_shown_in_check
    CHECK (shown_in IN ('dossier', 'unmasking', 'export', 'notice_proof'));
