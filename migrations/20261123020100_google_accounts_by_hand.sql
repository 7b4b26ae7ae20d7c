-- No version before this one could connect an account, so what clinics say they are connected to is nothing. From now on a
-- clinic that names an account keeps its events there and nowhere else.
UPDATE "tenant_config" SET "google_oauth_credential_id" = NULL
 WHERE "google_oauth_credential_id" IS NOT NULL
   AND "google_oauth_credential_id" NOT IN (SELECT "id"::text FROM "google_credentials");

CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON "google_credentials" FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'entity_id', 'account', 'token');
