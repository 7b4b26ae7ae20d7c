-- A report reads sessions that ended from idx_agent_usage_entity_date alone where vacuum has been since. The months that are
-- asked for most are the latest, which the usual share of a large table would leave out for weeks.
ALTER TABLE "agent_usages" SET (autovacuum_vacuum_insert_scale_factor = 0.005, autovacuum_vacuum_scale_factor = 0.02);

-- Its generated columns are the arguments: see set_updated_at.
CREATE OR REPLACE TRIGGER trg_updated_at BEFORE UPDATE ON "agent_usages" FOR EACH ROW
  WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at)
  EXECUTE FUNCTION set_updated_at('ended_tokens_input', 'ended_tokens_output', 'ended_audio_ms', 'ended_interactions',
    'ended_transcriptions', 'ended_cost_micros');
