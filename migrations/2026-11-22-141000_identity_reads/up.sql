-- Who was shown the whole numbers and addresses of the people of a dossier; written in the transaction that reads them.
CREATE TABLE identity_reads (
    id uuid CONSTRAINT identity_reads_pkey PRIMARY KEY,
    dossier_id uuid NOT NULL CONSTRAINT identity_reads_dossier_fkey REFERENCES dossiers (id),
    read_at timestamptz NOT NULL,
    principal text NOT NULL,
    reader_name text NOT NULL,
    -- None where no account or key reads.
    role text,
    -- The unit of who reads; nil for the house itself.
    unit_id uuid NOT NULL,
    -- Where they were shown: domain::person::ShownIn.
    shown_in text NOT NULL CONSTRAINT identity_reads_shown_in_check CHECK (shown_in IN ('dossier', 'unmasking', 'export')),
    -- What for, where that is asked; erased with the dossier's people.
    reason text
);
CREATE INDEX identity_reads_dossier ON identity_reads (dossier_id, read_at, id);
CREATE INDEX identity_reads_read ON identity_reads (read_at);

ALTER TABLE identity_reads ENABLE ROW LEVEL SECURITY;
CREATE POLICY identity_reads_seen ON identity_reads TO motcua_service USING (
    dossier_id = nullif(current_setting('motcua.dossier', true), '')::uuid OR motcua_sees(dossier_id)
) WITH CHECK (true);
CREATE POLICY identity_reads_house ON identity_reads TO motcua_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON identity_reads TO motcua_service, motcua_worker;
-- The house forgets what is old, and nobody writes anew who has read what.
GRANT UPDATE (reason), DELETE ON identity_reads TO motcua_worker;
