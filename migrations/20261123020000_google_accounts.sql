-- Modify "google_credentials" table
ALTER TABLE "google_credentials" ALTER COLUMN "id" TYPE uuid USING "id"::uuid, ADD COLUMN "problem" text NULL, ADD COLUMN "problem_at" timestamptz NULL;
-- Create index "google_credentials_connected_key" to table: "google_credentials"
CREATE UNIQUE INDEX "google_credentials_connected_key" ON "google_credentials" ("entity_id") WHERE (revoked_at IS NULL);
-- Set comment to column: "revoked_at" on table: "google_credentials"
COMMENT ON COLUMN "google_credentials"."revoked_at" IS 'When it was disconnected here; its token is gone then.';
-- Set comment to column: "problem" on table: "google_credentials"
COMMENT ON COLUMN "google_credentials"."problem" IS 'Why it cannot be used, for its owner. NULL while all is well.';
-- Create "calendar_syncs" table
CREATE TABLE "calendar_syncs" (
  "account_id" uuid NOT NULL,
  "calendar_id" character varying(255) NOT NULL,
  "sync_token" text NULL,
  "problem" text NULL,
  "problem_at" timestamptz NULL,
  "synced_at" timestamptz NULL,
  PRIMARY KEY ("account_id", "calendar_id"),
  CONSTRAINT "calendar_syncs_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "google_credentials" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION
);
-- Set comment to table: "calendar_syncs"
COMMENT ON TABLE "calendar_syncs" IS 'How far the changes of each calendar of a connected account have been followed.';
-- Set comment to column: "sync_token" on table: "calendar_syncs"
COMMENT ON COLUMN "calendar_syncs"."sync_token" IS 'From where on changes are asked for. NULL: from the beginning.';
-- Set comment to column: "problem" on table: "calendar_syncs"
COMMENT ON COLUMN "calendar_syncs"."problem" IS 'Why it cannot be read. NULL while all is well.';
-- Set comment to column: "synced_at" on table: "calendar_syncs"
COMMENT ON COLUMN "calendar_syncs"."synced_at" IS 'When it was read last.';
-- Create "calendar_writes" table
CREATE TABLE "calendar_writes" (
  "account_id" uuid NOT NULL,
  "calendar_id" character varying(255) NOT NULL,
  "appointment_id" uuid NOT NULL,
  "starts_at" timestamptz NOT NULL,
  "ends_at" timestamptz NOT NULL,
  PRIMARY KEY ("account_id", "calendar_id", "appointment_id"),
  CONSTRAINT "calendar_writes_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "google_credentials" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION
);
-- Set comment to table: "calendar_writes"
COMMENT ON TABLE "calendar_writes" IS 'When each event of ours was when it was written last, which tells what somebody has moved by hand.';
