-- Create "professional_calendars" table
CREATE TABLE "professional_calendars" (
  "professional_id" uuid NOT NULL,
  "google_calendar_id" character varying(255) NOT NULL,
  "tenant_id" uuid NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("professional_id", "google_calendar_id"),
  CONSTRAINT "professional_calendars_professional_fkey" FOREIGN KEY ("professional_id", "tenant_id") REFERENCES "clinic_professionals" ("professional_id", "tenant_id") ON UPDATE NO ACTION ON DELETE NO ACTION
);
-- Set comment to table: "professional_calendars"
COMMENT ON TABLE "professional_calendars" IS 'Every calendar that is or was a professional''s. An appointment is on one of them.';
-- Drop index "professional_services_professional_id_service_id_idx" from table: "professional_services"
DROP INDEX "professional_services_professional_id_service_id_idx";
-- Modify "professional_services" table
ALTER TABLE "professional_services" ADD CONSTRAINT "professional_services_professional_key" UNIQUE ("professional_id", "service_id");
-- By hand: the calendars there were. Where an appointment is, a calendar of its professional was.
INSERT INTO "professional_calendars" ("professional_id", "google_calendar_id", "tenant_id")
SELECT "professional_id", "google_calendar_id", "tenant_id" FROM "clinic_professionals"
UNION
SELECT a."professional_id", a."google_calendar_id", p."tenant_id"
  FROM "appointments" AS a JOIN "clinic_professionals" AS p ON p."professional_id" = a."professional_id";
-- By hand: where blocked_from begins. A change of the type that changes nothing fills it without an update, which would be told
-- to the audit log and be a new version of every appointment.
ALTER TABLE "appointments" ADD COLUMN "blocked_from" timestamptz NULL;
ALTER TABLE "appointments" ALTER COLUMN "blocked_from" TYPE timestamptz USING "starts_at";
ALTER TABLE "appointments" ALTER COLUMN "blocked_from" SET NOT NULL;
-- Modify "appointments" table
ALTER TABLE "appointments" DROP CONSTRAINT "appointments_professional_id_fkey", DROP CONSTRAINT "appointments_service_id_fkey", DROP CONSTRAINT "appointments_times", ADD CONSTRAINT "appointments_times" CHECK ((blocked_from <= starts_at) AND (starts_at < ends_at) AND (ends_at <= blocked_until)), ADD CONSTRAINT "appointments_buffers" CHECK (((starts_at - blocked_from) <= '04:00:00'::interval) AND ((blocked_until - ends_at) <= '04:00:00'::interval)), ADD COLUMN "group_id" uuid NULL, ADD COLUMN "override_reason" text NULL, ADD CONSTRAINT "appointments_calendar_fkey" FOREIGN KEY ("professional_id", "google_calendar_id") REFERENCES "professional_calendars" ("professional_id", "google_calendar_id") ON UPDATE NO ACTION ON DELETE NO ACTION, ADD CONSTRAINT "appointments_professional_fkey" FOREIGN KEY ("tenant_id", "professional_id") REFERENCES "clinic_professionals" ("tenant_id", "professional_id") ON UPDATE NO ACTION ON DELETE NO ACTION, ADD CONSTRAINT "appointments_service_fkey" FOREIGN KEY ("professional_id", "service_id") REFERENCES "professional_services" ("professional_id", "service_id") ON UPDATE NO ACTION ON DELETE NO ACTION;
-- Create index "appointments_group_id_starts_at_appointment_id_idx" to table: "appointments"
CREATE INDEX "appointments_group_id_starts_at_appointment_id_idx" ON "appointments" ("group_id", "starts_at", "appointment_id") WHERE (group_id IS NOT NULL);
-- Set comment to column: "blocked_from" on table: "appointments"
COMMENT ON COLUMN "appointments"."blocked_from" IS 'starts_at less what is kept free before it.';
-- Set comment to column: "group_id" on table: "appointments"
COMMENT ON COLUMN "appointments"."group_id" IS 'Visits that were booked together share it.';
-- Set comment to column: "override_reason" on table: "appointments"
COMMENT ON COLUMN "appointments"."override_reason" IS 'Why staff squeezed it in; such a visit may overlap others.';

-- By hand from here on.

-- The time kept free before a visit counts, too, and what staff squeezed in stands in nobody's way.
ALTER TABLE "appointments" DROP CONSTRAINT "appointments_no_overlap";
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_no_overlap"
  EXCLUDE USING gist ("professional_id" WITH =, tstzrange("blocked_from", "blocked_until") WITH &&)
  WHERE ("status" IN ('held', 'confirmed') AND "override_reason" IS NULL);

-- keep_calendar remembers the calendars of a professional, the present one and those before: an appointment stays on the one
-- where its event is, and no appointment can be on a calendar that was never its professional's.
CREATE FUNCTION keep_calendar() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO professional_calendars (professional_id, google_calendar_id, tenant_id)
  VALUES (NEW.professional_id, NEW.google_calendar_id, NEW.tenant_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END;
$$;

CREATE TRIGGER trg_keep_calendar AFTER INSERT OR UPDATE OF google_calendar_id ON clinic_professionals
  FOR EACH ROW EXECUTE FUNCTION keep_calendar();
