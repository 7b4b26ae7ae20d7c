-- Create index "conversation_messages_sent_idx" to table: "conversation_messages"
CREATE INDEX "conversation_messages_sent_idx" ON "conversation_messages" ("tenant_id", "external_id") WHERE (((direction)::text = 'out'::text) AND (external_id IS NOT NULL));
-- Create index "conversation_messages_unmatched_idx" to table: "conversation_messages"
CREATE INDEX "conversation_messages_unmatched_idx" ON "conversation_messages" ("conversation_id", "id") WHERE (((direction)::text = 'out'::text) AND ((channel)::text = 'whatsapp'::text) AND (external_id IS NULL));
-- Set comment to index: "conversation_messages_sent_idx" on table: "conversation_messages"
COMMENT ON INDEX "conversation_messages_sent_idx" IS 'What the channel tells of that was sent through it.';
-- Set comment to index: "conversation_messages_unmatched_idx" on table: "conversation_messages"
COMMENT ON INDEX "conversation_messages_unmatched_idx" IS 'What is still to be sent, or was without an answer.';
-- Create index "conversations_overdue_idx" to table: "conversations"
CREATE INDEX "conversations_overdue_idx" ON "conversations" ("handed_until", "conversation_id") WHERE ((state)::text = 'handed_off'::text);
-- Create index "conversations_waiting_idx" to table: "conversations"
CREATE INDEX "conversations_waiting_idx" ON "conversations" ("tenant_id", (((handoff_reason)::text IS DISTINCT FROM 'emergency'::text)), "handed_at", "conversation_id") WHERE ((state)::text = 'handed_off'::text);
-- Set comment to index: "conversations_overdue_idx" on table: "conversations"
COMMENT ON INDEX "conversations_overdue_idx" IS 'What goes back from people to the assistant.';
-- Set comment to index: "conversations_waiting_idx" on table: "conversations"
COMMENT ON INDEX "conversations_waiting_idx" IS 'Who waits for a person: emergencies first.';
-- Who waited for a person before it was kept since when, which the list is sorted by. They stay with people until they are given back.
UPDATE "conversations" SET "handed_at" = "updated_at" WHERE "state" = 'handed_off' AND "handed_at" IS NULL;
