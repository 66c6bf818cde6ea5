-- Below which unit a unit lay before: figures of that time count it there. Of what a reorganisation moved before this
-- table was there nothing is known any more; such units count where they lie now, as they did.
CREATE TABLE unit_parents (
    unit_id uuid NOT NULL CONSTRAINT unit_parents_unit_fkey REFERENCES units (id),
    -- NULL: below none.
    parent_id uuid CONSTRAINT unit_parents_parent_fkey REFERENCES units (id),
    -- The first day on which it no longer lay there.
    valid_to date NOT NULL,
    CONSTRAINT unit_parents_pkey PRIMARY KEY (unit_id, valid_to)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON unit_parents TO motcua_worker;
GRANT SELECT ON unit_parents TO motcua_service, motcua_public, motcua_report;
