-- Create index "agent_usages_room_id_session_end_id_idx" to table: "agent_usages"
CREATE INDEX "agent_usages_room_id_session_end_id_idx" ON "agent_usages" ("room_id", "session_end", "id") WHERE (session_end IS NOT NULL);
-- Create index "agent_usages_room_id_session_start_id_idx" to table: "agent_usages"
CREATE INDEX "agent_usages_room_id_session_start_id_idx" ON "agent_usages" ("room_id", "session_start", "id");
-- Create index "room_participants_room_id_created_at_id_idx" to table: "room_participants"
CREATE INDEX "room_participants_room_id_created_at_id_idx" ON "room_participants" ("room_id", "created_at", "id");
