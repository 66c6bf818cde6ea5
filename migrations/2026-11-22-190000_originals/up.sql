-- Originals that were taken for comparison and are given back to who brought them (NĐ 61/2018/NĐ-CP Đ20.2).
CREATE TABLE dossier_originals (
    -- The dossier with which the citizen deals: of what a leg asked for, its parent.
    dossier_id uuid NOT NULL CONSTRAINT dossier_originals_dossier_fkey REFERENCES dossiers (id),
    number smallint NOT NULL CONSTRAINT dossier_originals_number_check CHECK (number > 0),
    name text NOT NULL,
    quantity smallint NOT NULL CONSTRAINT dossier_originals_quantity_check CHECK (quantity > 0),
    taken_at timestamptz NOT NULL,
    -- Who took it, as histories name them, and the unit where it lies.
    taken_by text NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT dossier_originals_unit_fkey REFERENCES units (id),
    given_back_at timestamptz,
    given_back_by text,
    -- The event by which it was given back; it holds who received it, sealed.
    given_back_event_id uuid CONSTRAINT dossier_originals_event_fkey REFERENCES dossier_events (id),
    CONSTRAINT dossier_originals_pkey PRIMARY KEY (dossier_id, number),
    CONSTRAINT dossier_originals_given_back_check CHECK (
        (given_back_at IS NULL) = (given_back_by IS NULL) AND (given_back_at IS NULL) = (given_back_event_id IS NULL))
);
-- What the office still holds, for its list.
CREATE INDEX dossier_originals_held ON dossier_originals (dossier_id) WHERE given_back_at IS NULL;

ALTER TABLE dossier_originals ENABLE ROW LEVEL SECURITY;
CREATE POLICY dossier_originals_seen ON dossier_originals TO motcua_service USING (
    dossier_id = nullif(current_setting('motcua.dossier', true), '')::uuid OR motcua_sees(dossier_id)
) WITH CHECK (true);
CREATE POLICY dossier_originals_house ON dossier_originals TO motcua_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON dossier_originals TO motcua_service, motcua_worker;
GRANT UPDATE (given_back_at, given_back_by, given_back_event_id) ON dossier_originals TO motcua_service, motcua_worker;
-- Retention takes the name out; the row stays.
GRANT UPDATE (name) ON dossier_originals TO motcua_worker;
