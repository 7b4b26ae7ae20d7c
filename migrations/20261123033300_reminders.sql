-- Modify "appointments" table
ALTER TABLE "appointments" ADD COLUMN "attendance" character varying(10) NULL, ADD COLUMN "attendance_at" timestamptz NULL, ADD COLUMN "told_start" timestamptz NULL, ADD COLUMN "told_at" timestamptz NULL;
-- Set comment to column: "attendance" on table: "appointments"
COMMENT ON COLUMN "appointments"."attendance" IS 'What the patient said: confirmed or declined.';
-- Set comment to column: "told_start" on table: "appointments"
COMMENT ON COLUMN "appointments"."told_start" IS 'When the patient believes it to be; NULL when it is believed not to take place.';
-- Set comment to column: "told_at" on table: "appointments"
COMMENT ON COLUMN "appointments"."told_at" IS 'When the patient was told that.';
-- Create "appointment_reminders" table
CREATE TABLE "appointment_reminders" (
  "appointment_id" uuid NOT NULL,
  "starts_at" timestamptz NOT NULL,
  "lead_minutes" integer NOT NULL,
  "created_at" timestamptz NOT NULL,
  PRIMARY KEY ("appointment_id", "starts_at", "lead_minutes"),
  CONSTRAINT "appointment_reminders_appointment_id_fkey" FOREIGN KEY ("appointment_id") REFERENCES "appointments" ("appointment_id") ON UPDATE NO ACTION ON DELETE NO ACTION
);
-- Set comment to table: "appointment_reminders"
COMMENT ON TABLE "appointment_reminders" IS 'Of which start of a visit its patient was reminded, so that nobody is twice.';
-- Set comment to column: "starts_at" on table: "appointment_reminders"
COMMENT ON COLUMN "appointment_reminders"."starts_at" IS 'Of the visit, then.';
-- Set comment to column: "lead_minutes" on table: "appointment_reminders"
COMMENT ON COLUMN "appointment_reminders"."lead_minutes" IS 'How long before the start.';

-- By hand from here on. The patients of the visits that there are know of them. The columns are written over, not updated,
-- as that is no change that the audit log tells of.
ALTER TABLE "appointments"
  ALTER COLUMN "told_start" TYPE timestamptz USING CASE WHEN "status" = 'confirmed' THEN "starts_at" END,
  ALTER COLUMN "told_at" TYPE timestamptz USING CASE WHEN "status" = 'confirmed' THEN "created_at" END;
