-- A step that is given to somebody else goes on as another hop, so that each hop has one holder.
ALTER TABLE dossier_steps DROP CONSTRAINT dossier_steps_outcome_check;
ALTER TABLE dossier_steps ADD CONSTRAINT dossier_steps_outcome_check CHECK (outcome IN (
    'advanced', 'sent_back', 'skipped', 'finished', 'ended', 'recalled', 'reassigned'));
-- What its holder chose as it was handed on.
ALTER TABLE dossier_steps ADD COLUMN choice text;
-- What somebody holds, for lists and for giving it to another.
CREATE INDEX dossier_steps_holder ON dossier_steps (holder_id, dossier_id) WHERE left_at IS NULL;

-- Who does a step together with its holder (phối hợp).
CREATE TABLE dossier_step_helpers (
    step_id uuid NOT NULL CONSTRAINT dossier_step_helpers_step_fkey REFERENCES dossier_steps (id),
    dossier_id uuid NOT NULL CONSTRAINT dossier_step_helpers_dossier_fkey REFERENCES dossiers (id),
    staff_id uuid NOT NULL CONSTRAINT dossier_step_helpers_staff_fkey REFERENCES staff (id),
    staff_name text NOT NULL,
    CONSTRAINT dossier_step_helpers_pkey PRIMARY KEY (step_id, staff_id)
);
CREATE INDEX dossier_step_helpers_dossier ON dossier_step_helpers (dossier_id);
CREATE INDEX dossier_step_helpers_staff ON dossier_step_helpers (staff_id);
ALTER TABLE dossier_step_helpers ENABLE ROW LEVEL SECURITY;
CREATE POLICY dossier_step_helpers_seen ON dossier_step_helpers TO motcua_service USING (
    dossier_id = nullif(current_setting('motcua.dossier', true), '')::uuid OR motcua_sees(dossier_id)
) WITH CHECK (true);
CREATE POLICY dossier_step_helpers_house ON dossier_step_helpers TO motcua_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON dossier_step_helpers TO motcua_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON dossier_step_helpers TO motcua_worker;

-- A unit may go about a procedure in its own way: then the process names both.
ALTER TABLE process_versions
    ADD COLUMN procedure_id uuid CONSTRAINT process_versions_procedure_fkey REFERENCES procedures (id),
    ADD COLUMN unit_id uuid CONSTRAINT process_versions_unit_fkey REFERENCES units (id),
    ADD CONSTRAINT process_versions_whose_check CHECK ((procedure_id IS NULL) = (unit_id IS NULL));
CREATE INDEX process_versions_whose ON process_versions (procedure_id, unit_id) WHERE procedure_id IS NOT NULL;
