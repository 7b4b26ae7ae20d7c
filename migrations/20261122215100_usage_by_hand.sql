-- A report reads sessions that ended from idx_agent_usage_entity_date alone where vacuum has been since. The months that are
-- asked for most are the latest, which the usual share of a large table would leave out for weeks.
ALTER TABLE "agent_usages" SET (autovacuum_vacuum_insert_scale_factor = 0.005, autovacuum_vacuum_scale_factor = 0.02);

-- A row never has the same updated_at twice: see the migration before. Generated columns are not there yet when a row is about
-- to be stored, so a table that has some names them as the arguments of its trigger, and a change is one of the others.
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
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at)
  EXECUTE FUNCTION set_updated_at('ended_tokens_input', 'ended_tokens_output', 'ended_audio_ms', 'ended_interactions',
    'ended_transcriptions', 'ended_cost_micros');
