-- Create enum type "agent_status"
CREATE TYPE "agent_status" AS ENUM ('REQUESTED', 'DISPATCHED', 'JOINED', 'LEFT', 'FAILED');
-- Create "webhook_receipts" table
CREATE TABLE "webhook_receipts" (
  "source" character varying(50) NOT NULL,
  "id" character varying(254) NOT NULL,
  "received_at" timestamptz NOT NULL,
  PRIMARY KEY ("source", "id")
);
-- Create index "webhook_receipts_received_at_idx" to table: "webhook_receipts"
CREATE INDEX "webhook_receipts_received_at_idx" ON "webhook_receipts" ("received_at");
-- Set comment to table: "webhook_receipts"
COMMENT ON TABLE "webhook_receipts" IS 'Which webhooks were taken in, so that none is twice.';
-- Set comment to column: "source" on table: "webhook_receipts"
COMMENT ON COLUMN "webhook_receipts"."source" IS 'Who sent it, such as livekit.';
-- Set comment to column: "id" on table: "webhook_receipts"
COMMENT ON COLUMN "webhook_receipts"."id" IS 'The sender''s, the same when it is sent again.';
-- Modify "rooms" table
ALTER TABLE "rooms" ADD COLUMN "closed_reason" character varying(100) NULL, ADD COLUMN "empty_timeout_seconds" integer NOT NULL DEFAULT 600, ADD COLUMN "departure_timeout_seconds" integer NOT NULL DEFAULT 60, ADD COLUMN "max_participants" integer NOT NULL DEFAULT 0, ADD COLUMN "livekit_since" timestamptz NULL, ADD COLUMN "agent_status" "agent_status" NULL, ADD COLUMN "agent_participant_id" bigint NULL, ADD COLUMN "agent_name" character varying(100) NULL, ADD COLUMN "agent_number" integer NOT NULL DEFAULT 0, ADD COLUMN "agent_dispatch_id" character varying(254) NULL, ADD COLUMN "agent_attempts" integer NOT NULL DEFAULT 0, ADD COLUMN "agent_reason" character varying(254) NULL, ADD COLUMN "agent_requested_at" timestamptz NULL, ADD COLUMN "agent_deadline" timestamptz NULL, ADD COLUMN "agent_joined_at" timestamptz NULL, ADD COLUMN "agent_ended_at" timestamptz NULL, ADD
CONSTRAINT "rooms_agent_participant_id_fkey" FOREIGN KEY ("agent_participant_id") REFERENCES "participants" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION;
-- Create index "rooms_agent_participant_id_idx" to table: "rooms"
CREATE INDEX "rooms_agent_participant_id_idx" ON "rooms" ("agent_participant_id");
-- Set comment to column: "closed_reason" on table: "rooms"
COMMENT ON COLUMN "rooms"."closed_reason" IS 'NULL: not closed, or closed before reasons were kept.';
-- Set comment to column: "empty_timeout_seconds" on table: "rooms"
COMMENT ON COLUMN "rooms"."empty_timeout_seconds" IS 'How long the media server waits for the first to come.';
-- Set comment to column: "departure_timeout_seconds" on table: "rooms"
COMMENT ON COLUMN "rooms"."departure_timeout_seconds" IS 'How long the media server keeps the room after the last has left.';
-- Set comment to column: "max_participants" on table: "rooms"
COMMENT ON COLUMN "rooms"."max_participants" IS 'People and agents; 0: any number.';
-- Set comment to column: "livekit_since" on table: "rooms"
COMMENT ON COLUMN "rooms"."livekit_since" IS 'When the media server''s room of livekit_sid began.';
-- Set comment to column: "agent_status" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_status" IS 'How far the latest request for an agent has come; NULL: there was none.';
-- Set comment to column: "agent_participant_id" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_participant_id" IS 'As whom the agent joins.';
-- Set comment to column: "agent_name" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_name" IS 'Under which agents register with the media server.';
-- Set comment to column: "agent_number" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_number" IS 'Of requests for an agent so far. The token of an agent names its own.';
-- Set comment to column: "agent_dispatch_id" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_dispatch_id" IS 'The media server''s.';
-- Set comment to column: "agent_attempts" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_attempts" IS 'How often the media server was asked for this request.';
-- Set comment to column: "agent_reason" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_reason" IS 'Why the agent failed or left, or why the latest attempt did.';
-- Set comment to column: "agent_deadline" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_deadline" IS 'Until when it has to have joined, by the latest attempt.';
-- Set comment to column: "agent_ended_at" on table: "rooms"
COMMENT ON COLUMN "rooms"."agent_ended_at" IS 'When it left or failed.';
-- Create "room_presences" table
CREATE TABLE "room_presences" (
  "room_id" bigint NOT NULL,
  "sid" character varying(100) NOT NULL,
  "identity" character varying(254) NOT NULL,
  "participant_id" bigint NULL,
  "name" character varying(254) NOT NULL,
  "kind" character varying(50) NOT NULL,
  "joined_at" timestamptz NULL,
  "left_at" timestamptz NULL,
  "reason" character varying(254) NULL,
  PRIMARY KEY ("room_id", "sid"),
  CONSTRAINT "room_presences_participant_id_fkey" FOREIGN KEY ("participant_id") REFERENCES "participants" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION,
  CONSTRAINT "room_presences_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION,
  CONSTRAINT "room_presences_some_time" CHECK ((joined_at IS NOT NULL) OR (left_at IS NOT NULL))
);
-- Create index "room_presences_participant_id_idx" to table: "room_presences"
CREATE INDEX "room_presences_participant_id_idx" ON "room_presences" ("participant_id");
-- Create index "room_presences_present_idx" to table: "room_presences"
CREATE INDEX "room_presences_present_idx" ON "room_presences" ("room_id", "sid") WHERE (left_at IS NULL);
-- Set comment to table: "room_presences"
COMMENT ON TABLE "room_presences" IS 'Who is and was in the rooms on the media server, as that tells it: each stay is one row.';
-- Set comment to column: "sid" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."sid" IS 'The media server''s, of this stay: who comes again has another one.';
-- Set comment to column: "identity" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."identity" IS 'The same for every stay.';
-- Set comment to column: "participant_id" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."participant_id" IS 'NULL: a stranger, whom nobody put into the room.';
-- Set comment to column: "kind" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."kind" IS 'The media server''s word: STANDARD, SIP, AGENT, or another.';
-- Set comment to column: "joined_at" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."joined_at" IS 'NULL while only the leaving is known: one may be told after the other, or never.';
-- Set comment to column: "left_at" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."left_at" IS 'NULL: present.';
-- Set comment to column: "reason" on table: "room_presences"
COMMENT ON COLUMN "room_presences"."reason" IS 'Of leaving, in the media server''s words; NULL when not known.';
-- Create index "rooms_live_idx" to table: "rooms"
CREATE INDEX "rooms_live_idx" ON "rooms" ("id") WHERE ((status <> 'CLOSED'::room_status) AND ((livekit_sid IS NOT NULL) OR (agent_status = ANY (ARRAY['REQUESTED'::agent_status, 'DISPATCHED'::agent_status]))));
