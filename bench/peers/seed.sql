-- The rows that a comparison runs on: 200 entities of which 20 are large, a year of sessions and events. The same numbers
-- and values for every service that is compared, so the ids are given and nothing is random. Sizes: psql -v rooms=1000 ...
-- For a database that `secretary migrate up` has just made; needs a superuser, who can switch triggers off.
\if :{?entities}      \else \set entities 200 \endif
\if :{?departments}   \else \set departments 2000 \endif
\if :{?professionals} \else \set professionals 20000 \endif
\if :{?participants}  \else \set participants 100000 \endif
\if :{?rooms}         \else \set rooms 100000 \endif
\if :{?events}        \else \set events 2000000 \endif
\if :{?usage}         \else \set usage 500000 \endif

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET synchronous_commit = off;
SET timezone = 'UTC';
SELECT ensure_month_partitions('room_events', 11, '2025-01-01Z') \g /dev/null
SET session_replication_role = replica; -- no audit of what nobody did, and the references are right by construction
BEGIN;

INSERT INTO entities (id, name, type, instructions)
SELECT e, 'Clinic ' || e, CASE e % 3 WHEN 0 THEN 'design_agency' ELSE 'medical_clinic' END,
  jsonb_build_object('language', 'pt-BR', 'tone', 'formal', 'entity', e,
    'greeting', 'Hello, this is the assistant of clinic ' || e || '. How can we help you today?',
    'rules', jsonb_build_array('Never give a diagnosis.', 'Confirm name and birth date first.', 'Offer a human when asked twice.'),
    'tools', '{"calendar":true,"billing":false,"transcription":true}'::jsonb)
FROM generate_series(1, :entities) AS e;

-- Everybody's password is bench-password.
INSERT INTO users (id, email, password, phone_number, role, entity_id)
SELECT u + 1, CASE u WHEN 0 THEN 'manager' ELSE 'admin' || u END || '@bench.test',
  '$argon2id$v=19$m=19456,t=2,p=1$YmVuY2gtc2FsdC0xNmJ5dA$Y09RudgoW9QSYvAVbeT1jRmS1ePKRVG2QDlKiao0UfU',
  '+5511' || lpad(u::text, 9, '0'), (CASE u WHEN 0 THEN 'MANAGER' ELSE 'ENTITY_ADMIN' END)::user_role, nullif(u, 0)
FROM generate_series(0, :entities) AS u;

INSERT INTO departments (id, entity_id, name, instructions)
SELECT d,
  CASE WHEN d <= 0.55 * :departments THEN (d - 1) % (:entities / 10) + 1
       ELSE (d - 1) % (:entities - :entities / 10) + :entities / 10 + 1 END,
  (ARRAY['Cardiology','General practice','Dermatology','Pediatrics','Orthopedics'])[d % 5 + 1] || ' ' || d,
  jsonb_build_object('specialty', (ARRAY['cardiology','general','dermatology','pediatrics','orthopedics'])[d % 5 + 1], 'department', d,
    'greeting', 'You reached department ' || d || '. Tell me what brings you here.',
    'vocabulary', jsonb_build_array('electrocardiogram', 'blood pressure', 'arrhythmia', 'holter'),
    'escalation', '{"after_minutes":10,"to":"on-call"}'::jsonb)
FROM generate_series(1, :departments) AS d;

INSERT INTO professionals (id, name, email, phone_number, external_id, license_number, active)
SELECT p, 'Professional ' || p, 'p' || p || '@bench.test', '+5521' || lpad(p::text, 9, '0'), 'ext-' || p, 'CRM-' || p, p % 20 <> 0
FROM generate_series(1, :professionals) AS p;

INSERT INTO professional_entities (professional_id, entity_id, department_id)
SELECT p, d.entity_id, d.id
FROM generate_series(1, :professionals) AS p JOIN departments AS d ON d.id = (p - 1) % :departments + 1;

INSERT INTO participants (id, name, type, phone_number, external_id, professional_id)
SELECT p, 'Participant ' || p, (ARRAY['CLIENT','CLIENT','PROFESSIONAL','AGENT'])[p % 4 + 1]::participant_type,
  '+5531' || lpad(p::text, 9, '0'), 'part-' || p, CASE p % 4 WHEN 2 THEN p % :professionals + 1 END
FROM generate_series(1, :participants) AS p;

INSERT INTO rooms (id, name, status, entity_id, department_id, external_id, livekit_name)
SELECT r, 'room-' || r, (ARRAY['OPEN','CLOSED','CLOSED','IN_PROGRESS'])[r % 4 + 1]::room_status,
  CASE WHEN r % 50 > 0 THEN d.entity_id END, CASE WHEN r % 50 > 0 THEN d.id END, 'lk-' || r, 'room-' || r
FROM generate_series(1, :rooms) AS r JOIN departments AS d ON d.id = (r - 1) % :departments + 1;

INSERT INTO room_events (id, room_id, name, data, created_at)
SELECT i, (i - 1) % :rooms + 1,
  (ARRAY['participant_joined','participant_left','track_published','status_changed','recording_started'])[i % 5 + 1],
  jsonb_build_object('identity', 'user-' || i % 1000, 'source', 'livekit', 'sequence', i),
  timestamptz '2025-01-01Z' + i * (interval '364 days' / :events)
FROM generate_series(1, :events) AS i;

INSERT INTO agent_usages (id, room_id, participant_id, entity_id, department_id, session_start, session_end, duration_seconds,
  total_tokens_input, total_tokens_output, total_audio_minutes, interactions_count, transcription_count, cost_estimate, currency,
  model, end_reason, data)
SELECT i, r.id, (i % :participants) / 4 * 4 + 3, r.entity_id, r.department_id, s, s + make_interval(secs => 60 + i % 3600),
  60 + i % 3600, 1000 + i % 20000, 500 + i % 9000, (i % 6000) / 100.0, i % 90, i % 13, (i % 50000) / 10000.0, 'USD',
  'gpt-4', 'ended',
  jsonb_build_object('model', 'gpt-4', 'temperature', 0.7, 'features_used', '["transcription","suggestions"]'::jsonb)
FROM generate_series(1, :usage) AS i
JOIN rooms AS r ON r.id = (i::bigint * 7919) % :rooms + 1,
LATERAL (SELECT timestamptz '2025-01-01Z' + i * (interval '365 days' / :usage) AS s) AS t;

SELECT setval(pg_get_serial_sequence(t, 'id'), (xpath('/row/m/text()', query_to_xml('SELECT max(id) AS m FROM ' || t, false, true, '')))[1]::text::bigint)
FROM unnest(ARRAY['entities','users','departments','professionals','participants','rooms','room_events','agent_usages']) AS t \g /dev/null
COMMIT;
VACUUM ANALYZE;
