-- Create "model_usage" table
CREATE TABLE "model_usage" (
  "tenant_id" uuid NOT NULL,
  "entity_id" bigint NOT NULL,
  "day" date NOT NULL,
  "provider" character varying(254) NOT NULL,
  "model" character varying(200) NOT NULL,
  "calls" bigint NOT NULL,
  "failures" bigint NOT NULL,
  "input_tokens" bigint NOT NULL,
  "cached_input_tokens" bigint NOT NULL,
  "output_tokens" bigint NOT NULL,
  PRIMARY KEY ("tenant_id", "day", "provider", "model"),
  CONSTRAINT "model_usage_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entities" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION,
  CONSTRAINT "model_usage_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant_config" ("tenant_id") ON UPDATE NO ACTION ON DELETE NO ACTION
);
-- Create index "model_usage_entity_id_idx" to table: "model_usage"
CREATE INDEX "model_usage_entity_id_idx" ON "model_usage" ("entity_id");
-- Set comment to table: "model_usage"
COMMENT ON TABLE "model_usage" IS 'What clinics'' front desks used of language models, by day.';
-- Set comment to column: "entity_id" on table: "model_usage"
COMMENT ON COLUMN "model_usage"."entity_id" IS 'The clinic''s, repeated: it keeps rows to their entity without a join.';
-- Set comment to column: "day" on table: "model_usage"
COMMENT ON COLUMN "model_usage"."day" IS 'In the clinic''s time zone.';
-- Set comment to column: "provider" on table: "model_usage"
COMMENT ON COLUMN "model_usage"."provider" IS 'The host that was called, such as api.openai.com.';
-- Set comment to column: "calls" on table: "model_usage"
COMMENT ON COLUMN "model_usage"."calls" IS 'That were made, those that failed included.';
-- Set comment to column: "failures" on table: "model_usage"
COMMENT ON COLUMN "model_usage"."failures" IS 'Calls without an answer of use.';
-- Set comment to column: "cached_input_tokens" on table: "model_usage"
COMMENT ON COLUMN "model_usage"."cached_input_tokens" IS 'Part of the input tokens.';
