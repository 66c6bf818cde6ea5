-- Monthly reports on their way to leaders by e-mail: a line for each report and address, written when the month has ended.
CREATE TABLE report_mails (
    id uuid CONSTRAINT report_mails_pkey PRIMARY KEY,
    layout text NOT NULL,
    -- Empty: of all units.
    unit_code text NOT NULL,
    format text NOT NULL,
    month text NOT NULL,
    recipient text NOT NULL,
    written_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    attempts smallint NOT NULL,
    lease uuid,
    leased_until timestamptz,
    last_answer text,
    sent_at timestamptz,
    given_up_at timestamptz,
    CONSTRAINT report_mails_once UNIQUE (layout, unit_code, format, month, recipient),
    CONSTRAINT report_mails_end_check CHECK (sent_at IS NULL OR given_up_at IS NULL),
    CONSTRAINT report_mails_lease_check CHECK ((lease IS NULL) = (leased_until IS NULL))
);
CREATE INDEX report_mails_to_do ON report_mails (next_at, id) WHERE sent_at IS NULL AND given_up_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON report_mails TO motcua_worker;
