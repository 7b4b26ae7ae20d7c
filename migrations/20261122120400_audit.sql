-- The audit log, by hand: the trigger function that writes it, and the trigger of every audited table.

-- audit_row writes an entry for a row that was created, changed or removed, whoever did it: the service, which leaves its
-- actor and request in the settings secretary.actor and secretary.request_id of its transaction, or somebody at psql.
--
-- Arguments of the trigger: the column of the row's id, the column of its entity ('' when it has none), and the columns
-- whose values are never told. What is told, and in which form, is what package core/audit says; the contract suite of the
-- repositories compares the two.
--
-- SECURITY DEFINER: who may change a clinic by hand need not be allowed to write the audit log. The settings make times
-- and intervals read the same in every session.
CREATE FUNCTION audit_row() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET intervalstyle = 'postgres'
AS $$
DECLARE
  v_old     jsonb := to_jsonb(OLD);
  v_new     jsonb := to_jsonb(NEW);
  v_row     jsonb := coalesce(v_new, v_old);
  v_changes jsonb;
BEGIN
  SELECT jsonb_object_agg(f.name, (
           SELECT jsonb_object_agg(s.state, CASE
                    WHEN s.row ->> f.name IS NULL THEN 'null'
                    WHEN f.name = ANY (TG_ARGV[2:]) OR length(s.row ->> f.name) > 4000 THEN '"***"'
                    ELSE s.row -> f.name
                  END)
             FROM (VALUES ('old', v_old), ('new', v_new)) AS s (state, row)
            WHERE s.row IS NOT NULL))
    INTO v_changes
    FROM jsonb_object_keys(v_row) AS f (name)
   WHERE v_old ->> f.name IS DISTINCT FROM v_new ->> f.name
     AND f.name <> ALL (ARRAY[TG_ARGV[0], 'created_at', 'updated_at', 'version']);

  IF v_changes IS NOT NULL THEN
    INSERT INTO public.audit_log (actor, action, table_name, row_id, entity_id, request_id, changes)
    VALUES (
      left(coalesce(nullif(current_setting('secretary.actor', true), ''), 'database:' || session_user), 100),
      CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
      TG_TABLE_NAME,
      v_row ->> TG_ARGV[0],
      (v_row ->> TG_ARGV[1])::bigint,
      left(nullif(current_setting('secretary.request_id', true), ''), 100),
      v_changes
    );
  END IF;
  RETURN NULL;
END;
$$;

-- On a table of somebody else's it would write entries that nobody can tell from true ones.
REVOKE ALL ON FUNCTION audit_row() FROM PUBLIC;

CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'entity_id', 'email', 'password', 'phone_number');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON entities FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON departments FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'entity_id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON professionals FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', '', 'email', 'phone_number');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON professional_entities FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'entity_id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON tenant_config FOR EACH ROW
  EXECUTE FUNCTION audit_row('tenant_id', 'entity_id', 'evolution_webhook_token', 'google_oauth_credential_id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON clinic_professionals FOR EACH ROW
  EXECUTE FUNCTION audit_row('professional_id', 'entity_id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON professional_services FOR EACH ROW
  EXECUTE FUNCTION audit_row('service_id', 'entity_id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON appointments FOR EACH ROW
  EXECUTE FUNCTION audit_row('appointment_id', 'entity_id', 'patient_name', 'patient_birth_date', 'patient_phone',
    'contact', 'notes', 'cancel_reason');
