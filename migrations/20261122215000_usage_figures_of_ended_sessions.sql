-- Drop index "idx_agent_usage_entity_date" from table: "agent_usages"
DROP INDEX "idx_agent_usage_entity_date";
-- Modify "agent_usages" table
ALTER TABLE "agent_usages" ADD COLUMN "ended_tokens_input" bigint NULL GENERATED ALWAYS AS (
CASE
    WHEN (session_end IS NOT NULL) THEN total_tokens_input
    ELSE NULL::bigint
END) STORED, ADD COLUMN "ended_tokens_output" bigint NULL GENERATED ALWAYS AS (
CASE
    WHEN (session_end IS NOT NULL) THEN total_tokens_output
    ELSE NULL::bigint
END) STORED, ADD COLUMN "ended_audio_ms" bigint NULL GENERATED ALWAYS AS (
CASE
    WHEN (session_end IS NOT NULL) THEN ((total_audio_minutes * (60000)::numeric))::bigint
    ELSE NULL::bigint
END) STORED, ADD COLUMN "ended_interactions" bigint NULL GENERATED ALWAYS AS (
CASE
    WHEN (session_end IS NOT NULL) THEN interactions_count
    ELSE NULL::bigint
END) STORED, ADD COLUMN "ended_transcriptions" bigint NULL GENERATED ALWAYS AS (
CASE
    WHEN (session_end IS NOT NULL) THEN transcription_count
    ELSE NULL::bigint
END) STORED, ADD COLUMN "ended_cost_micros" bigint NULL GENERATED ALWAYS AS (
CASE
    WHEN (session_end IS NOT NULL) THEN ((cost_estimate * (1000000)::numeric))::bigint
    ELSE NULL::bigint
END) STORED;
-- Create index "idx_agent_usage_entity_date" to table: "agent_usages"
CREATE INDEX "idx_agent_usage_entity_date" ON "agent_usages" ("entity_id", "session_start" DESC) INCLUDE ("department_id", "room_id", "participant_id", "currency", "unpriced", "duration_seconds", "ended_tokens_input", "ended_tokens_output", "ended_audio_ms", "ended_interactions", "ended_transcriptions", "ended_cost_micros");
-- Set comment to column: "ended_tokens_input" on table: "agent_usages"
COMMENT ON COLUMN "agent_usages"."ended_tokens_input" IS 'total_tokens_input of a session that ended. NULL while it goes on, as of all of these: an update then touches no index.';
-- Set comment to column: "ended_tokens_output" on table: "agent_usages"
COMMENT ON COLUMN "agent_usages"."ended_tokens_output" IS 'total_tokens_output of a session that ended.';
-- Set comment to column: "ended_audio_ms" on table: "agent_usages"
COMMENT ON COLUMN "agent_usages"."ended_audio_ms" IS 'total_audio_minutes of a session that ended, in milliseconds.';
-- Set comment to column: "ended_interactions" on table: "agent_usages"
COMMENT ON COLUMN "agent_usages"."ended_interactions" IS 'interactions_count of a session that ended.';
-- Set comment to column: "ended_transcriptions" on table: "agent_usages"
COMMENT ON COLUMN "agent_usages"."ended_transcriptions" IS 'transcription_count of a session that ended.';
-- Set comment to column: "ended_cost_micros" on table: "agent_usages"
COMMENT ON COLUMN "agent_usages"."ended_cost_micros" IS 'cost_estimate of a session that ended, in millionths.';
