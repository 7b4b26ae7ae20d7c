-- The audit log is listed by time, which is how it is asked for: each index serves one question, in that order.

-- Drop index "audit_log_actor_id_idx" from table: "audit_log"
DROP INDEX "audit_log_actor_id_idx";
-- Drop index "audit_log_created_at_idx" from table: "audit_log"
DROP INDEX "audit_log_created_at_idx";
-- Drop index "audit_log_entity_id_id_idx" from table: "audit_log"
DROP INDEX "audit_log_entity_id_id_idx";
-- Drop index "audit_log_table_name_row_id_id_idx" from table: "audit_log"
DROP INDEX "audit_log_table_name_row_id_id_idx";
-- Create index "audit_log_action_idx" to table: "audit_log"
CREATE INDEX "audit_log_action_idx" ON "audit_log" ("action", "created_at", "id");
-- Create index "audit_log_actor_idx" to table: "audit_log"
CREATE INDEX "audit_log_actor_idx" ON "audit_log" ("actor", "created_at", "id");
-- Create index "audit_log_entity_id_idx" to table: "audit_log"
CREATE INDEX "audit_log_entity_id_idx" ON "audit_log" ("entity_id", "created_at", "id");
-- Create index "audit_log_row_id_idx" to table: "audit_log"
CREATE INDEX "audit_log_row_id_idx" ON "audit_log" ("row_id", "table_name", "created_at", "id");
-- Create index "audit_log_table_name_idx" to table: "audit_log"
CREATE INDEX "audit_log_table_name_idx" ON "audit_log" ("table_name", "created_at", "id");
-- Create index "audit_log_time_idx" to table: "audit_log"
CREATE INDEX "audit_log_time_idx" ON "audit_log" ("created_at", "id");
