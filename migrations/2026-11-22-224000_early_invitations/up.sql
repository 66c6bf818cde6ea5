-- Who was invited early, by the day of the invitation, whatever else was sent in ten years.
CREATE INDEX notices_early ON notices (created_at, dossier_id) WHERE purpose = 'result_early' AND parent_id IS NULL;
