-- Patients are audited as appointments are: when they change, and not who they are. The service adds patient_id to the
-- audited columns of appointments, which names nobody.
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON "patients" FOR EACH ROW
  EXECUTE FUNCTION audit_row('patient_id', 'entity_id', 'contact', 'name', 'name_key', 'birth_date', 'phone');

CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "patients" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();

-- Conversations that have no telephone are found by the contact's id at the channel like all others.
UPDATE "conversations" SET "lid" = "contact" WHERE "lid" IS NULL AND "contact" LIKE '%@lid' AND length("contact") <= 64;
