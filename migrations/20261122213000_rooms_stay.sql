-- Events no longer refer to rooms by a foreign key: its check of every row cost as much as storing the row. The statement
-- that appends looks for the room itself, and it is enough to look, because a room is never removed and keeps its id.
CREATE FUNCTION refuse_removal() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never removed and keep their ids', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER trg_refuse_removal BEFORE DELETE OR TRUNCATE OR UPDATE OF "id" ON "rooms"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

ALTER TABLE "room_events" DROP CONSTRAINT "room_events_room_id_fkey";
ALTER TABLE "agent_session_events" DROP CONSTRAINT "agent_session_events_room_id_fkey";
