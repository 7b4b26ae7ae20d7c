-- Create "channel_statuses" table
CREATE TABLE "channel_statuses" (
  "tenant_id" uuid NOT NULL,
  "state" character varying(20) NULL,
  "reason" integer NOT NULL DEFAULT 0,
  "problem" character varying(60) NULL,
  "since" timestamptz NULL,
  "checked_at" timestamptz NULL,
  "heard_at" timestamptz NULL,
  "read_at" timestamptz NULL,
  PRIMARY KEY ("tenant_id"),
  CONSTRAINT "channel_statuses_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant_config" ("tenant_id") ON UPDATE NO ACTION ON DELETE NO ACTION
);
-- Set comment to table: "channel_statuses"
COMMENT ON TABLE "channel_statuses" IS 'How clinics are connected to WhatsApp, as far as is known.';
-- Set comment to column: "state" on table: "channel_statuses"
COMMENT ON COLUMN "channel_statuses"."state" IS 'open, connecting, close or refused. NULL: not known.';
-- Set comment to column: "reason" on table: "channel_statuses"
COMMENT ON COLUMN "channel_statuses"."reason" IS 'The channel''s code of why it is so. 0: it gave none.';
-- Set comment to column: "problem" on table: "channel_statuses"
COMMENT ON COLUMN "channel_statuses"."problem" IS 'Why the channel''s server cannot tell. NULL while it can.';
-- Set comment to column: "checked_at" on table: "channel_statuses"
COMMENT ON COLUMN "channel_statuses"."checked_at" IS 'When the server was asked last, or told.';
-- Set comment to column: "heard_at" on table: "channel_statuses"
COMMENT ON COLUMN "channel_statuses"."heard_at" IS 'When a message came last.';
-- Set comment to column: "read_at" on table: "channel_statuses"
COMMENT ON COLUMN "channel_statuses"."read_at" IS 'Until when what no webhook told has been asked for. NULL: webhooks do not come here.';
