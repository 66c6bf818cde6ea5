-- Tallies: the figures of units and fields by day, kept up behind the verbs (src/statistics/tallies).
-- A verb says only which dossier it touched, by inserting a line here: no verb waits for another's. What waits is counted from
-- the history, all else from the tallies, so a table is exact at every moment.
CREATE TABLE tally_waiting (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT tally_waiting_pkey PRIMARY KEY,
    -- Without a foreign key: the trigger writes it in the transaction of the dossier.
    dossier_id uuid NOT NULL
);

-- What the tallies hold of each dossier, as days of Asia/Ho_Chi_Minh.
CREATE TABLE tally_marks (
    dossier_id uuid CONSTRAINT tally_marks_pkey PRIMARY KEY,
    is_leg boolean NOT NULL,
    unit_id uuid NOT NULL,
    field_id uuid NOT NULL,
    -- Its life is told by no sum of days (it changed hands, say): it is counted from its history each time.
    is_alone boolean NOT NULL,
    is_online boolean NOT NULL,
    is_postal boolean NOT NULL,
    -- Null: it counts nowhere any more.
    accepted_on date,
    ended_on date,
    ended_as text CONSTRAINT tally_marks_ended_as_check CHECK (ended_as IN ('early', 'on_time', 'late')),
    ended_by text CONSTRAINT tally_marks_ended_by_check
        CHECK (ended_by IN ('result', 'refusal', 'withdrawal', 'stop')),
    is_apologised boolean NOT NULL,
    is_late_statutory boolean NOT NULL,
    -- A letter named another date.
    is_promised_anew boolean NOT NULL,
    -- Overdue at each midnight after `overdue_from`, to that of `overdue_to`.
    overdue_from date,
    overdue_to date,
    -- While it is pending: the first day on which it is overdue. A clock that stopped too late stands at the year 1.
    falls_due_on date,
    -- It stands at each midnight after the first day of a range, to that of the day after it: why ever, as papers are
    -- waited for, as a payment is.
    paused datemultirange NOT NULL,
    paused_supplement datemultirange NOT NULL,
    paused_payment datemultirange NOT NULL,
    CONSTRAINT tally_marks_ended_check CHECK ((ended_on IS NULL) = (ended_as IS NULL)),
    CONSTRAINT tally_marks_overdue_check CHECK (overdue_from < overdue_to)
);
-- Those counted one by one that a period has to do with.
CREATE INDEX tally_marks_alone ON tally_marks
    USING gist (daterange(accepted_on, greatest(accepted_on, coalesce(ended_on, 'infinity')), '[]'))
    WHERE is_alone AND accepted_on IS NOT NULL;

-- The sums of the marks, by the day on which each part of them counts.
CREATE TABLE tally_days (
    day date NOT NULL,
    is_leg boolean NOT NULL,
    unit_id uuid NOT NULL,
    -- The nil key stands for all fields of the unit together.
    field_id uuid NOT NULL,
    online integer NOT NULL,
    direct integer NOT NULL,
    early integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    withdrawn integer NOT NULL,
    stopped integer NOT NULL,
    refused integer NOT NULL,
    -- Ends within an extension, which a setting counts late, and those of them that are late by the statutory term then.
    apologised_early integer NOT NULL,
    apologised_on_time integer NOT NULL,
    late_statutory integer NOT NULL,
    apologised_statutory integer NOT NULL,
    postal integer NOT NULL,
    late_with_result integer NOT NULL,
    apologised_with_result integer NOT NULL,
    late_promised integer NOT NULL,
    apologised_promised integer NOT NULL,
    overdue integer NOT NULL,
    falls_due integer NOT NULL,
    paused integer NOT NULL,
    paused_supplement integer NOT NULL,
    paused_payment integer NOT NULL,
    CONSTRAINT tally_days_pkey PRIMARY KEY (day, is_leg, field_id, unit_id)
);
-- A table by units reads the days at the edges of its period.
CREATE INDEX tally_days_units ON tally_days (day, is_leg, unit_id)
    WHERE field_id = '00000000-0000-0000-0000-000000000000';

-- Carried forward on the 1st, 8th, 15th and 22nd: the sums of all days before.
CREATE TABLE tally_totals (
    until date NOT NULL,
    is_leg boolean NOT NULL,
    unit_id uuid NOT NULL,
    field_id uuid NOT NULL,
    online integer NOT NULL,
    direct integer NOT NULL,
    early integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    withdrawn integer NOT NULL,
    stopped integer NOT NULL,
    refused integer NOT NULL,
    apologised_early integer NOT NULL,
    apologised_on_time integer NOT NULL,
    late_statutory integer NOT NULL,
    apologised_statutory integer NOT NULL,
    postal integer NOT NULL,
    late_with_result integer NOT NULL,
    apologised_with_result integer NOT NULL,
    late_promised integer NOT NULL,
    apologised_promised integer NOT NULL,
    overdue integer NOT NULL,
    falls_due integer NOT NULL,
    paused integer NOT NULL,
    paused_supplement integer NOT NULL,
    paused_payment integer NOT NULL,
    CONSTRAINT tally_totals_pkey PRIMARY KEY (until, is_leg, field_id, unit_id)
);
-- To which days sums are carried forward.
CREATE TABLE tally_carried (until date CONSTRAINT tally_carried_pkey PRIMARY KEY);

-- One row, also the lock of who keeps the tallies.
CREATE TABLE tally_keeping (
    only_row boolean CONSTRAINT tally_keeping_pkey PRIMARY KEY DEFAULT true
        CONSTRAINT tally_keeping_only_row_check CHECK (only_row),
    -- The last moment of any dossier that the marks tell of: a question about an earlier now is not theirs.
    latest_at timestamptz
);
INSERT INTO tally_keeping DEFAULT VALUES;

-- Whoever writes a dossier, and in whatever role.
CREATE FUNCTION tally_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.tally_waiting (dossier_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION tally_waits() FROM PUBLIC;
CREATE TRIGGER dossiers_tally_new AFTER INSERT ON dossiers FOR EACH ROW
    WHEN (NEW.accepted_at IS NOT NULL AND NOT NEW.mirrored) EXECUTE FUNCTION tally_waits();
CREATE TRIGGER dossiers_tally_changed AFTER UPDATE ON dossiers FOR EACH ROW
    WHEN (NOT (OLD.mirrored AND NEW.mirrored) AND (OLD.accepted_at IS NOT NULL OR NEW.accepted_at IS NOT NULL)
        AND (OLD.accepted_at, OLD.ended_at, OLD.due_at, OLD.status, OLD.resolving_unit_id, OLD.standing,
             OLD.standing_statutory, OLD.apologised, OLD.result, OLD.mirrored, OLD.channel, OLD.field_id, OLD.parent_id,
             OLD.procedure_version_id)
            IS DISTINCT FROM
            (NEW.accepted_at, NEW.ended_at, NEW.due_at, NEW.status, NEW.resolving_unit_id, NEW.standing,
             NEW.standing_statutory, NEW.apologised, NEW.result, NEW.mirrored, NEW.channel, NEW.field_id, NEW.parent_id,
             NEW.procedure_version_id))
    EXECUTE FUNCTION tally_waits();

-- What is there already is taken up by the worker, or at once by `motcua verify statistics --repair`.
INSERT INTO tally_waiting (dossier_id)
SELECT id FROM dossiers WHERE accepted_at IS NOT NULL AND NOT mirrored ORDER BY id;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    tally_waiting, tally_marks, tally_days, tally_totals, tally_carried, tally_keeping
TO motcua_worker;
GRANT SELECT ON tally_waiting, tally_marks, tally_days, tally_totals, tally_carried, tally_keeping TO motcua_report;
ALTER TABLE tally_waiting ENABLE ROW LEVEL SECURITY;
ALTER TABLE tally_marks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tally_waiting_house ON tally_waiting TO motcua_worker USING (true) WITH CHECK (true);
CREATE POLICY tally_waiting_granted ON tally_waiting FOR SELECT TO motcua_report USING (true);
CREATE POLICY tally_marks_house ON tally_marks TO motcua_worker USING (true) WITH CHECK (true);
CREATE POLICY tally_marks_granted ON tally_marks FOR SELECT TO motcua_report USING (true);
