REVOKE SELECT (parent_id) ON dossiers FROM motcua_public;
DROP POLICY dossiers_seen ON dossiers;
CREATE POLICY dossiers_seen ON dossiers TO motcua_service USING (
    id = nullif(current_setting('motcua.dossier', true), '')::uuid
    OR created_by = current_setting('motcua.principal', true)
    OR motcua_sees(id)
) WITH CHECK (true);
DROP TABLE dossier_legs;
