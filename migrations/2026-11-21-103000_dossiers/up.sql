-- The last number given to a unit on a day: taken in the transaction that uses it, never given twice.
CREATE TABLE code_counters (
    unit_id uuid NOT NULL CONSTRAINT code_counters_unit_fkey REFERENCES units (id),
    day date NOT NULL,
    last_number integer NOT NULL CONSTRAINT code_counters_last_number_check CHECK (last_number > 0),
    CONSTRAINT code_counters_pkey PRIMARY KEY (unit_id, day)
);

CREATE TABLE dossiers (
    id uuid CONSTRAINT dossiers_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT dossiers_code_key UNIQUE,
    version bigint NOT NULL CONSTRAINT dossiers_version_check CHECK (version > 0),
    source text,
    source_code text,
    status text NOT NULL CONSTRAINT dossiers_status_check CHECK (status IN (
        'registered', 'received', 'declined', 'processing', 'awaiting_supplement', 'awaiting_payment',
        'withdrawn', 'suspended', 'stopped', 'finished', 'returned', 'voided')),
    progress smallint NOT NULL CONSTRAINT dossiers_progress_check CHECK (progress BETWEEN 0 AND 100),
    procedure_version_id uuid NOT NULL CONSTRAINT dossiers_procedure_version_fkey REFERENCES procedure_versions (id),
    process_version_id uuid NOT NULL CONSTRAINT dossiers_process_version_fkey REFERENCES process_versions (id),
    field_id uuid NOT NULL CONSTRAINT dossiers_field_fkey REFERENCES fields (id),
    supporting_unit_id uuid CONSTRAINT dossiers_supporting_unit_fkey REFERENCES units (id),
    receiving_unit_id uuid NOT NULL CONSTRAINT dossiers_receiving_unit_fkey REFERENCES units (id),
    resolving_unit_id uuid NOT NULL CONSTRAINT dossiers_resolving_unit_fkey REFERENCES units (id),
    returning_unit_id uuid NOT NULL CONSTRAINT dossiers_returning_unit_fkey REFERENCES units (id),
    place_code text,
    parent_id uuid CONSTRAINT dossiers_parent_fkey REFERENCES dossiers (id),
    leg smallint,
    mirrored boolean NOT NULL,
    channel text NOT NULL CONSTRAINT dossiers_channel_check CHECK (channel IN ('direct', 'online', 'postal')),
    result_delivery text NOT NULL CONSTRAINT dossiers_result_delivery_check
        CHECK (result_delivery IN ('counter', 'postal', 'online')),
    notify_sms boolean NOT NULL,
    notify_email boolean NOT NULL,
    notify_zalo boolean NOT NULL,
    pin_hash bytea NOT NULL,
    registered_at timestamptz NOT NULL,
    accepted_at timestamptz,
    finished_at timestamptz,
    at_counter_at timestamptz,
    returned_at timestamptz,
    -- Out of the pending ones: finished, withdrawn or stopped.
    ended_at timestamptz,
    due_first timestamptz,
    due_unextended timestamptz,
    due_at timestamptz,
    due_statutory timestamptz,
    provisional boolean NOT NULL,
    -- All that the due date came from: dossiers::deadline::Derivation.
    derivation jsonb,
    standing text CONSTRAINT dossiers_standing_check CHECK (standing IN ('early', 'on_time', 'late')),
    apologised boolean NOT NULL,
    result text CONSTRAINT dossiers_result_check CHECK (result IN ('granted', 'refused')),
    result_number text,
    result_on date,
    result_reason text,
    signer text,
    shelf_place text,
    created_by text NOT NULL,
    CONSTRAINT dossiers_source_key UNIQUE (source, source_code),
    CONSTRAINT dossiers_source_check CHECK ((source IS NULL) = (source_code IS NULL)),
    CONSTRAINT dossiers_ended_check
        CHECK (status = 'voided' OR (ended_at IS NOT NULL) = (status IN ('withdrawn', 'stopped', 'finished', 'returned'))),
    CONSTRAINT dossiers_standing_ended_check CHECK (standing IS NULL OR ended_at IS NOT NULL),
    CONSTRAINT dossiers_finished_check
        CHECK (status = 'voided' OR (finished_at IS NOT NULL) = (status IN ('finished', 'returned'))),
    CONSTRAINT dossiers_returned_check CHECK (status = 'voided' OR (returned_at IS NOT NULL) = (status = 'returned')),
    CONSTRAINT dossiers_leg_check CHECK ((parent_id IS NULL) = (leg IS NULL))
);
CREATE INDEX dossiers_parent ON dossiers (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX dossiers_registered ON dossiers (registered_at, id);
CREATE INDEX dossiers_resolving ON dossiers (resolving_unit_id, registered_at, id);
CREATE INDEX dossiers_accepted ON dossiers (accepted_at, resolving_unit_id) WHERE accepted_at IS NOT NULL;
CREATE INDEX dossiers_ended ON dossiers (ended_at, resolving_unit_id) WHERE ended_at IS NOT NULL;
CREATE INDEX dossiers_open ON dossiers (due_at, id) WHERE accepted_at IS NOT NULL AND ended_at IS NULL;

-- The people of a dossier. Names stay in clear; all else that identifies is sealed, with a keyed hash for exact search.
CREATE TABLE dossier_people (
    dossier_id uuid NOT NULL CONSTRAINT dossier_people_dossier_fkey REFERENCES dossiers (id),
    part text NOT NULL CONSTRAINT dossier_people_part_check CHECK (part IN ('applicant', 'submitter')),
    kind text NOT NULL CONSTRAINT dossier_people_kind_check
        CHECK (kind IN ('citizen', 'enterprise', 'agency', 'other')),
    mandate text CONSTRAINT dossier_people_mandate_check CHECK (mandate IN ('submit', 'submit_and_collect')),
    name text NOT NULL,
    key_id smallint NOT NULL,
    id_number bytea,
    id_number_hash bytea,
    phone bytea,
    phone_hash bytea,
    email bytea,
    email_hash bytea,
    address bytea,
    CONSTRAINT dossier_people_pkey PRIMARY KEY (dossier_id, part),
    CONSTRAINT dossier_people_mandate_part_check CHECK ((mandate IS NOT NULL) = (part = 'submitter'))
);
CREATE INDEX dossier_people_id_number ON dossier_people (id_number_hash) WHERE id_number_hash IS NOT NULL;
CREATE INDEX dossier_people_phone ON dossier_people (phone_hash) WHERE phone_hash IS NOT NULL;

-- The words of the names, without accents, for search.
CREATE TABLE dossier_words (
    word text NOT NULL,
    dossier_id uuid NOT NULL CONSTRAINT dossier_words_dossier_fkey REFERENCES dossiers (id),
    CONSTRAINT dossier_words_pkey PRIMARY KEY (word, dossier_id)
);
CREATE INDEX dossier_words_dossier ON dossier_words (dossier_id);

-- What each unit has to do with a dossier: this alone decides who may see it.
CREATE TABLE dossier_units (
    unit_id uuid NOT NULL CONSTRAINT dossier_units_unit_fkey REFERENCES units (id),
    dossier_id uuid NOT NULL CONSTRAINT dossier_units_dossier_fkey REFERENCES dossiers (id),
    why text NOT NULL CONSTRAINT dossier_units_why_check
        CHECK (why IN ('received', 'resolves', 'step', 'leg', 'consulted', 'successor')),
    CONSTRAINT dossier_units_pkey PRIMARY KEY (unit_id, dossier_id, why)
);
CREATE INDEX dossier_units_dossier ON dossier_units (dossier_id);

CREATE TABLE dossier_papers (
    dossier_id uuid NOT NULL CONSTRAINT dossier_papers_dossier_fkey REFERENCES dossiers (id),
    position smallint NOT NULL,
    code text,
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT dossier_papers_kind_check
        CHECK (kind IN ('original', 'certified', 'copy', 'electronic')),
    quantity smallint NOT NULL CONSTRAINT dossier_papers_quantity_check CHECK (quantity > 0),
    state text NOT NULL CONSTRAINT dossier_papers_state_check CHECK (state IN ('handed_in', 'asked', 'supplied')),
    pause_id uuid,
    CONSTRAINT dossier_papers_pkey PRIMARY KEY (dossier_id, position)
);

-- What happened, for ever.
CREATE TABLE dossier_events (
    id uuid CONSTRAINT dossier_events_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT dossier_events_dossier_fkey REFERENCES dossiers (id),
    number integer NOT NULL,
    verb text NOT NULL,
    from_status text,
    to_status text NOT NULL,
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_name text NOT NULL,
    unit_id uuid CONSTRAINT dossier_events_unit_fkey REFERENCES units (id),
    note text,
    details jsonb NOT NULL,
    key_id smallint,
    sealed bytea,
    CONSTRAINT dossier_events_number_key UNIQUE (dossier_id, number),
    CONSTRAINT dossier_events_sealed_check CHECK ((key_id IS NULL) = (sealed IS NULL))
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER dossier_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dossier_events
    EXECUTE FUNCTION refuse_change();

-- What was in force when; each verb closes one row and opens the next. Figures read these.
CREATE TABLE dossier_states (
    id uuid CONSTRAINT dossier_states_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT dossier_states_dossier_fkey REFERENCES dossiers (id),
    status text NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT dossier_states_unit_fkey REFERENCES units (id),
    due_unextended timestamptz,
    due_at timestamptz,
    paused boolean NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT dossier_states_validity_check CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX dossier_states_open ON dossier_states (dossier_id) WHERE valid_to IS NULL;
CREATE INDEX dossier_states_dossier ON dossier_states (dossier_id, valid_from);

CREATE TABLE dossier_pauses (
    id uuid CONSTRAINT dossier_pauses_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT dossier_pauses_dossier_fkey REFERENCES dossiers (id),
    kind text NOT NULL CONSTRAINT dossier_pauses_kind_check
        CHECK (kind IN ('supplement', 'payment', 'external', 'suspension')),
    effect text NOT NULL CONSTRAINT dossier_pauses_effect_check CHECK (effect IN ('restart', 'resume')),
    -- Where the dossier goes when the pause closes; from `registered` no clock ran that could stand.
    back_to text NOT NULL CONSTRAINT dossier_pauses_back_to_check CHECK (back_to IN (
        'registered', 'received', 'processing', 'awaiting_supplement', 'awaiting_payment')),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    answer_by date,
    reason text NOT NULL,
    -- The pause that an order replaced, opened again when the order is lifted.
    replaces_id uuid CONSTRAINT dossier_pauses_replaces_fkey REFERENCES dossier_pauses (id),
    CONSTRAINT dossier_pauses_closed_check CHECK (closed_at >= opened_at)
);
CREATE UNIQUE INDEX dossier_pauses_one_open ON dossier_pauses (dossier_id) WHERE closed_at IS NULL;
CREATE INDEX dossier_pauses_dossier ON dossier_pauses (dossier_id, opened_at);

CREATE TABLE dossier_payments (
    id uuid CONSTRAINT dossier_payments_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT dossier_payments_dossier_fkey REFERENCES dossiers (id),
    pause_id uuid NOT NULL CONSTRAINT dossier_payments_pause_fkey REFERENCES dossier_pauses (id),
    notice_number text,
    amount_vnd bigint CONSTRAINT dossier_payments_amount_check CHECK (amount_vnd >= 0),
    pay_by date,
    voucher text,
    paid_at timestamptz
);
CREATE INDEX dossier_payments_dossier ON dossier_payments (dossier_id);

-- A dossier is rescheduled at most once (NĐ 61/2018 Đ19.9), by an extension or by an apology.
CREATE TABLE dossier_reschedulings (
    dossier_id uuid CONSTRAINT dossier_reschedulings_pkey PRIMARY KEY
        CONSTRAINT dossier_reschedulings_dossier_fkey REFERENCES dossiers (id),
    kind text NOT NULL CONSTRAINT dossier_reschedulings_kind_check CHECK (kind IN ('extend', 'apologise')),
    granted_at timestamptz NOT NULL,
    promised_on date NOT NULL,
    reason text NOT NULL,
    letter text NOT NULL
);

-- Each hop inside the process, with who held it and for how long.
CREATE TABLE dossier_steps (
    id uuid CONSTRAINT dossier_steps_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT dossier_steps_dossier_fkey REFERENCES dossiers (id),
    number smallint NOT NULL,
    step smallint NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT dossier_steps_unit_fkey REFERENCES units (id),
    role text NOT NULL,
    does text NOT NULL,
    holder_id uuid CONSTRAINT dossier_steps_holder_fkey REFERENCES staff (id),
    holder_name text,
    budget_minutes bigint,
    entered_at timestamptz NOT NULL,
    left_at timestamptz,
    working_minutes bigint,
    outcome text CONSTRAINT dossier_steps_outcome_check
        CHECK (outcome IN ('advanced', 'sent_back', 'skipped', 'finished', 'ended', 'recalled')),
    note text,
    CONSTRAINT dossier_steps_number_key UNIQUE (dossier_id, number),
    CONSTRAINT dossier_steps_left_check CHECK ((left_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT dossier_steps_minutes_check CHECK ((left_at IS NULL) = (working_minutes IS NULL))
);
CREATE UNIQUE INDEX dossier_steps_one_open ON dossier_steps (dossier_id) WHERE left_at IS NULL;
