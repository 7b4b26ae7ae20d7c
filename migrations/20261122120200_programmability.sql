-- By hand: what schema.hcl cannot declare. A test reads the catalogue to see that all of it is there.

-- No two visits that are held or confirmed overlap for one professional, the time kept free after a visit included. The
-- database refuses the second one, however many processes ask at once. Ranges are half open, so neighbours may touch.
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_no_overlap"
  EXCLUDE USING gist ("professional_id" WITH =, tstzrange("starts_at", "blocked_until") WITH &&)
  WHERE ("status" IN ('held', 'confirmed'));

-- Makes the partition of an event table for the calendar month, in UTC, of a moment; tells whether there was none.
--
-- CREATE TABLE and ATTACH lock the event table with SHARE UPDATE EXCLUSIVE only, so events are appended meanwhile, while
-- CREATE TABLE ... PARTITION OF would stop readers and writers. Both hold up writes to rooms for a moment, because of the
-- foreign key; the lock timeout keeps a long transaction there from making everybody behind us wait for it.
--
-- There is no default partition on purpose: with one a month whose rows lie in it can no longer be made, a month cannot be
-- detached without stopping writers, and the latest events are no longer read from the newest partition alone.
CREATE OR REPLACE FUNCTION ensure_event_partition(p_parent regclass, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '5s'
AS $$
DECLARE
  v_schema   text;
  v_table    text;
  v_from     timestamptz := date_trunc('month', p_at);
  v_name     text;
  v_child    oid;
  v_attached boolean;
BEGIN
  IF p_at IS NULL OR NOT isfinite(p_at) THEN
    RAISE EXCEPTION 'no month has the moment %', coalesce(p_at::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT n.nspname, c.relname INTO v_schema, v_table
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.oid = p_parent AND c.relkind = 'p';
  IF NOT FOUND THEN
    RAISE EXCEPTION '% is not a partitioned table', p_parent USING ERRCODE = 'wrong_object_type';
  END IF;
  v_name := format('%s_p%s', v_table, to_char(v_from, 'YYYYMM'));

  -- Nearly always it is there already, and nobody has to wait. Otherwise there is one maker at a time, until the end of its
  -- transaction, and who waited looks again: by a query, because to_regclass would still answer from its cache.
  FOR attempt IN 1..2 LOOP
    SELECT c.oid, i.inhrelid IS NOT NULL INTO v_child, v_attached
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhparent = p_parent
     WHERE n.nspname = v_schema AND c.relname = v_name;
    IF v_attached THEN
      RETURN false;
    END IF;
    IF attempt = 1 THEN
      PERFORM pg_advisory_xact_lock(hashtextextended('ensure_event_partition ' || p_parent, 0));
    END IF;
  END LOOP;

  -- A table of that name which is no partition is one that a removal detached and did not drop. It comes back as it is.
  IF v_child IS NULL THEN
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_schema, v_name, p_parent);
  ELSE
    EXECUTE format('COMMENT ON TABLE %I.%I IS NULL', v_schema, v_name); -- the removal's mark
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                 p_parent, v_schema, v_name, v_from, v_from + interval '1 month');
  RETURN true;
END;
$$;

-- Makes the partitions of the month of a moment and of the months after it; tells how many were missing.
CREATE OR REPLACE FUNCTION ensure_month_partitions(p_parent regclass, p_months_ahead integer DEFAULT 3, p_now timestamptz DEFAULT now())
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
  v_made integer := 0;
BEGIN
  FOR i IN 0..p_months_ahead LOOP
    IF public.ensure_event_partition(p_parent, date_trunc('month', p_now) + make_interval(months => i)) THEN
      v_made := v_made + 1;
    END IF;
  END LOOP;
  RETURN v_made;
END;
$$;

SELECT ensure_month_partitions('room_events', 3);
SELECT ensure_month_partitions('agent_session_events', 3);

-- Keeps updated_at true for changes that do not set it themselves, such as those made by hand.
CREATE OR REPLACE FUNCTION set_updated_at()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.* THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END;
$$;

CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "entities" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "users" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "api_keys" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "departments" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "professionals" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "professional_entities" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "participants" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "rooms" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "room_participants" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "agent_usages" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "model_prices" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "google_credentials" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "tenant_config" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "clinic_professionals" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "professional_services" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "appointments" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "calendar_events" FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_updated_at BEFORE UPDATE ON "conversations" FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- The duration of an agent's session is always that of its two ends, in whole seconds, whatever a statement says it is.
CREATE OR REPLACE FUNCTION calculate_agent_duration()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.duration_seconds := floor(extract(epoch FROM NEW.session_end - NEW.session_start))::integer;
  RETURN NEW;
END;
$$;

CREATE TRIGGER trg_calculate_duration BEFORE INSERT OR UPDATE ON "agent_usages" FOR EACH ROW EXECUTE FUNCTION calculate_agent_duration();

-- A calendar's id is its clinic's own. Taken for independent, the planner would expect one event for each calendar, and
-- look single events up in the wrong index.
CREATE STATISTICS "calendar_events_calendar" (dependencies) ON "tenant_id", "calendar_id" FROM "calendar_events";
