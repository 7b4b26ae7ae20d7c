-- Drop index "clinic_professionals_tenant_id_professional_id_idx" from table: "clinic_professionals"
DROP INDEX "clinic_professionals_tenant_id_professional_id_idx";
-- Modify "clinic_professionals" table
ALTER TABLE "clinic_professionals" ADD CONSTRAINT "clinic_professionals_lists" CHECK ((jsonb_typeof(working_hours) = 'array'::text) AND (jsonb_typeof(date_overrides) = 'array'::text)), ADD COLUMN "buffer_before_minutes" integer NOT NULL DEFAULT 0, ADD COLUMN "slot_interval_minutes" integer NOT NULL DEFAULT 0, ADD COLUMN "timezone" character varying(64) NULL, ADD COLUMN "working_hours" jsonb NOT NULL DEFAULT '[]', ADD COLUMN "date_overrides" jsonb NOT NULL DEFAULT '[]', ADD COLUMN "max_visits_per_day" integer NOT NULL DEFAULT 0, ADD COLUMN "max_minutes_per_day" integer NOT NULL DEFAULT 0, ADD CONSTRAINT "clinic_professionals_tenant_key" UNIQUE ("tenant_id", "professional_id");
-- Set comment to column: "buffer_before_minutes" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."buffer_before_minutes" IS 'Kept free before an appointment.';
-- Set comment to column: "slot_interval_minutes" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."slot_interval_minutes" IS 'From one start to the next; 0 is the length of the visit.';
-- Set comment to column: "timezone" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."timezone" IS 'IANA name of the zone of the hours; NULL for the clinic''s.';
-- Set comment to column: "working_hours" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."working_hours" IS '[{days, start, end}] of a week, 0 is Sunday; when there are any, working_hours_start, working_hours_end and working_days count for nothing.';
-- Set comment to column: "date_overrides" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."date_overrides" IS 'Dates with other hours, or none: [{date, windows: [{start, end}]}].';
-- Set comment to column: "max_visits_per_day" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."max_visits_per_day" IS '0 is any number.';
-- Set comment to column: "max_minutes_per_day" on table: "clinic_professionals"
COMMENT ON COLUMN "clinic_professionals"."max_minutes_per_day" IS 'Of visits; 0 is any number.';
-- Modify "tenant_config" table
ALTER TABLE "tenant_config" ADD CONSTRAINT "tenant_config_closures" CHECK (jsonb_typeof(closures) = 'array'::text), ADD CONSTRAINT "tenant_config_event_details" CHECK (event_details = ANY (ARRAY['full'::text, 'initials'::text, 'none'::text])), ADD COLUMN "cut_off" interval NOT NULL DEFAULT '00:00:00'::interval, ADD COLUMN "national_holidays" boolean NOT NULL DEFAULT true, ADD COLUMN "closures" jsonb NOT NULL DEFAULT '[]', ADD COLUMN "blocking_calendars" text[] NOT NULL DEFAULT '{}', ADD COLUMN "event_details" text NOT NULL DEFAULT 'full';
-- Set comment to column: "cut_off" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."cut_off" IS 'How long before its start a visit can be moved or cancelled at the latest.';
-- Set comment to column: "national_holidays" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."national_holidays" IS 'Closed on public holidays.';
-- Set comment to column: "closures" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."closures" IS 'Days on which nobody works: [{first, last, name}].';
-- Set comment to column: "blocking_calendars" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."blocking_calendars" IS 'Calendars whose events keep everybody.';
-- Set comment to column: "event_details" on table: "tenant_config"
COMMENT ON COLUMN "tenant_config"."event_details" IS 'What of a patient is written into calendars.';
