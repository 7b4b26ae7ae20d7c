-- Triggers of the tables that came with the back office in full, and the notices of changes.

CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "budgets" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "repricings" FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- That a key was used is no change of it.
DROP TRIGGER trg_updated_at ON "api_keys";
CREATE TRIGGER trg_updated_at
  BEFORE UPDATE OF entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at, created_at, updated_at ON "api_keys"
  FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TRIGGER trg_audit
  AFTER INSERT OR DELETE OR UPDATE OF entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at ON api_keys
  FOR EACH ROW EXECUTE FUNCTION audit_row('id', 'entity_id', 'hash');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON model_prices FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'entity_id');
CREATE TRIGGER trg_audit AFTER INSERT OR UPDATE OR DELETE ON budgets FOR EACH ROW
  EXECUTE FUNCTION audit_row('id', 'entity_id');

-- notify_change tells every process that a row that may be cached is another one now: its table, a colon and its id, when
-- the change is committed, and whoever made it.
CREATE FUNCTION notify_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM pg_notify('secretary_changes', TG_TABLE_NAME || ':' || OLD.id);
  RETURN NULL;
END;
$$;

CREATE TRIGGER trg_notify_change AFTER UPDATE OR DELETE ON entities FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER trg_notify_change AFTER UPDATE OR DELETE ON departments FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER trg_notify_change AFTER UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION notify_change();
CREATE TRIGGER trg_notify_change
  AFTER DELETE OR UPDATE OF entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at ON api_keys
  FOR EACH ROW EXECUTE FUNCTION notify_change();
