-- notify_time_zone tells every process that the time zone of an entity may be another one now: there is a clinic that there was
-- not, or none any more, or it has another zone.
CREATE FUNCTION notify_time_zone() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM pg_notify('secretary_changes', 'time_zones:' || OLD.entity_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM pg_notify('secretary_changes', 'time_zones:' || NEW.entity_id);
  END IF;
  RETURN NULL;
END;
$$;

CREATE TRIGGER trg_notify_time_zone AFTER INSERT OR DELETE OR UPDATE OF entity_id, timezone ON tenant_config
  FOR EACH ROW EXECUTE FUNCTION notify_time_zone();
