-- What a change to one row costs.

-- Every change of an audited row writes to each index of the audit log. By action and by table nothing is found faster than
-- by time, as nearly every entry is of one of four actions and of one of a dozen tables: a rare one is looked for in a
-- period. And the index by time can be the primary key's.
-- Drop index "audit_log_action_idx" from table: "audit_log"
DROP INDEX "audit_log_action_idx";
-- Drop index "audit_log_table_name_idx" from table: "audit_log"
DROP INDEX "audit_log_table_name_idx";
-- Drop index "audit_log_time_idx" from table: "audit_log"
DROP INDEX "audit_log_time_idx";
-- Modify "audit_log" table
ALTER TABLE "audit_log" DROP CONSTRAINT "audit_log_pkey", ADD PRIMARY KEY ("created_at", "id");

-- By hand from here on.

-- Room for the next version of a row beside the one before, in tables whose rows change while their indexed columns stay:
-- no index has to learn of such a change.
ALTER TABLE "entities" SET (fillfactor = 80);
ALTER TABLE "departments" SET (fillfactor = 80);
ALTER TABLE "api_keys" SET (fillfactor = 80);
ALTER TABLE "idempotency_keys" SET (fillfactor = 80);
ALTER TABLE "rooms" SET (fillfactor = 85);
ALTER TABLE "agent_usages" SET (fillfactor = 85);
ALTER TABLE "conversations" SET (fillfactor = 85);

-- A row never has the same updated_at twice, as the service's own changes never do, because that is its version. The
-- condition of the triggers leaves changes alone that set it. Generated columns are not there yet when a row is about to be
-- stored, so a table that has some names them as the arguments of its trigger, and a change is one of the others.
CREATE OR REPLACE FUNCTION set_updated_at()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF (CASE WHEN TG_NARGS = 0 THEN NEW.* IS DISTINCT FROM OLD.* ELSE to_jsonb(NEW) - TG_ARGV[0:] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV[0:] END) THEN
    NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
  END IF;
  RETURN NEW;
END;
$$;

CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "agent_usages" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "appointments" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "budgets" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "calendar_events" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "clinic_professionals" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "conversations" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "departments" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "entities" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "google_credentials" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "model_prices" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "participants" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "professional_entities" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "professional_services" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "professionals" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "repricings" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "room_participants" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "rooms" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "tenant_config" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "users" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER trg_updated_at
  BEFORE UPDATE OF entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at, created_at, updated_at ON "api_keys"
  FOR EACH ROW WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION set_updated_at();

-- audit_row writes the same entries as before, by a loop of plain expressions instead of a query with queries for each column.
CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger
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
  v_name    text;
  v_was     text;
  v_is      text;
  v_hidden  boolean;
  v_told    jsonb;
  v_changes jsonb;
BEGIN
  FOR v_name IN SELECT jsonb_object_keys(v_row - ARRAY[TG_ARGV[0], 'created_at', 'updated_at', 'version']) LOOP
    v_was := v_old ->> v_name;
    v_is := v_new ->> v_name;
    CONTINUE WHEN v_was IS NOT DISTINCT FROM v_is;
    v_hidden := v_name = ANY (TG_ARGV[2:]);
    v_told := '{}';
    IF v_old IS NOT NULL THEN
      v_told := jsonb_build_object('old',
        CASE WHEN v_was IS NULL THEN 'null' WHEN v_hidden OR length(v_was) > 4000 THEN '"***"' ELSE v_old -> v_name END);
    END IF;
    IF v_new IS NOT NULL THEN
      v_told := v_told || jsonb_build_object('new',
        CASE WHEN v_is IS NULL THEN 'null' WHEN v_hidden OR length(v_is) > 4000 THEN '"***"' ELSE v_new -> v_name END);
    END IF;
    v_changes := coalesce(v_changes, '{}') || jsonb_build_object(v_name, v_told);
  END LOOP;

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
