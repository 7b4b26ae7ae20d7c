-- Modify "conversation_messages" table
ALTER TABLE "conversation_messages" ADD COLUMN "author" character varying(10) NOT NULL DEFAULT 'assistant', ADD COLUMN "user_id" bigint NULL, ADD COLUMN "proactive" boolean NOT NULL DEFAULT false, ADD COLUMN "appointment_id" uuid NULL;
-- Set comment to column: "author" on table: "conversation_messages"
COMMENT ON COLUMN "conversation_messages"."author" IS 'contact, assistant or staff.';
-- Set comment to column: "user_id" on table: "conversation_messages"
COMMENT ON COLUMN "conversation_messages"."user_id" IS 'Who of the clinic wrote it by the API. No foreign key: users may go.';
-- Set comment to column: "proactive" on table: "conversation_messages"
COMMENT ON COLUMN "conversation_messages"."proactive" IS 'It answers nothing, such as a reminder.';
-- Set comment to column: "appointment_id" on table: "conversation_messages"
COMMENT ON COLUMN "conversation_messages"."appointment_id" IS 'The appointment that it is about.';
-- Modify "conversations" table
ALTER TABLE "conversations" ADD COLUMN "lid" character varying(64) NULL, ADD COLUMN "handoff_reason" character varying(40) NULL, ADD COLUMN "handed_at" timestamptz NULL, ADD COLUMN "handed_until" timestamptz NULL, ADD COLUMN "handed_by" bigint NULL, ADD COLUMN "about" uuid NULL;
-- Create index "conversations_lid_key" to table: "conversations"
CREATE UNIQUE INDEX "conversations_lid_key" ON "conversations" ("tenant_id", "lid") WHERE (lid IS NOT NULL);
-- Set comment to column: "lid" on table: "conversations"
COMMENT ON COLUMN "conversations"."lid" IS 'The contact''s id at the channel, when both it and the telephone are known.';
-- Set comment to column: "handoff_reason" on table: "conversations"
COMMENT ON COLUMN "conversations"."handoff_reason" IS 'Why people answer instead of the assistant.';
-- Set comment to column: "handed_until" on table: "conversations"
COMMENT ON COLUMN "conversations"."handed_until" IS 'When the assistant answers again.';
-- Set comment to column: "handed_by" on table: "conversations"
COMMENT ON COLUMN "conversations"."handed_by" IS 'The user who took it. No foreign key: users may go.';
-- Set comment to column: "about" on table: "conversations"
COMMENT ON COLUMN "conversations"."about" IS 'The appointment that the contact was last reminded of, as long as an answer is awaited.';
-- Modify "tenant_config" table
ALTER TABLE "tenant_config" ADD COLUMN "address" character varying(300) NULL, ADD COLUMN "handoff_return" interval NOT NULL DEFAULT '12:00:00'::interval, ADD COLUMN "reminder_minutes" integer[] NOT NULL DEFAULT '{1440,120}', ADD COLUMN "quiet_from" time NOT NULL DEFAULT '21:00:00', ADD COLUMN "quiet_until" time NOT NULL DEFAULT '08:00:00';
-- Set comment to column: "address" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."address" IS 'As patients read it.';
-- Set comment to column: "handoff_return" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."handoff_return" IS 'How long after a person last wrote the assistant answers again.';
-- Set comment to column: "reminder_minutes" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."reminder_minutes" IS 'How long before a visit its patient is reminded.';
-- Set comment to column: "quiet_from" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."quiet_from" IS 'From when on patients get nothing that they have not asked for, in the clinic''s zone.';
-- What patients wrote before there was a column for it.
UPDATE "conversation_messages" SET "author" = 'contact' WHERE "direction" = 'in';
