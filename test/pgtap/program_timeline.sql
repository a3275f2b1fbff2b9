-- timeline(as_known_on) against history itself: a random history of inserts, corrections and deletions is lived through under the clock setting, and
-- after each step timeline() is written down. In the end timeline(as_known_on => then) has to say what was written down then.
\if :{?steps}
\else
\set steps 90
\endif
\ir include/setup.sql
SET LOCAL timezone = 'Asia/Kolkata';
SELECT set_config('oracle.steps', :'steps', true) \g /dev/null

SELECT plan(21);

SELECT set_config('coachiatry.clock', '2026-01-10 12:00+00', true) \g /dev/null
SELECT create_program('care') \g /dev/null
UPDATE care.program_info SET day_start = '03:00';

--
-- By hand: one of each
--
INSERT INTO care.staff (staff_id, name, role, licensed) VALUES (1, 'coach', 'coach', true), (2, 'prescriber', 'prescriber', true);
INSERT INTO care.instrument (instrument_id, name) VALUES (1, 'PHQ-9');
INSERT INTO care.person (person_id, time_zone) VALUES (9, 'Pacific/Auckland');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, ends, units, prescribed_by)
VALUES (9, 91, 'medication', 'lithium', 'BID', '2026-01-05 08:00', '2026-02-10', 'tablet', 2);
SELECT set_config('coachiatry.clock', '2026-01-12 12:00+00', true) \g /dev/null
UPDATE care.task SET schedule = 'QD' WHERE task_id = 91;
INSERT INTO care.excused_period (person_id, excused_period_id, during, reason, excused_by) VALUES (9, 1, '[2026-01-20,2026-01-23)', 'hospital', 2);
INSERT INTO care.commitment (person_id, commitment_id, task_id, if_cue, then_action, due_on) VALUES (9, 1, 91, 'at breakfast', 'I take it', '2026-01-14');
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, taken, missed, reason) VALUES (9, 1, 91, '2026-01-13', 1, 1, 'forgot');
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken, started_at)
VALUES (9, 2, 91, '2026-01-13', 'device', 1, '2026-01-12 20:15+00');
INSERT INTO care.verification (person_id, verification_id, check_in_id, method, verified_by, confirmed) VALUES (9, 1, 1, 'told', 1, false);
INSERT INTO care.supply (person_id, supply_id, task_id, dispensed, days_supply, medication) VALUES (9, 1, 91, '2026-01-11', 30, 'lithium');
INSERT INTO care.measurement (person_id, measurement_id, instrument_id, measured_on, value, unit) VALUES (9, 1, 1, '2026-01-12', 11.5, 'points');
INSERT INTO care.contact (person_id, contact_id, staff_id, channel, started_at, ended_at, reached, agency)
VALUES (9, 1, 1, 'voice', '2026-01-12 05:00+00', '2026-01-12 05:10+00', false, 'assisted');
INSERT INTO care.support_request (person_id, support_request_id, words, asked_at, answered_by, answered_at)
VALUES (9, 1, 'now', '2026-01-12 11:00+00', 1, '2026-01-12 11:02+00');
SELECT results_eq('SELECT at AT TIME ZONE ''UTC'', day, kind, task_id, what FROM care.timeline(9)', $$VALUES
	('2026-01-04 19:00'::timestamp, '2026-01-05'::date, 'task', 91::bigint, 'lithium'),
	('2026-01-10 14:00', '2026-01-11', 'supply', 91, 'lithium, 30 days'),
	('2026-01-11 14:00', '2026-01-12', 'measurement', NULL, 'PHQ-9: 11.5 points'),
	('2026-01-11 14:00', '2026-01-12', 'task_revision', 91, 'lithium'),
	('2026-01-12 05:00', '2026-01-12', 'contact', NULL, 'voice, assisted, not reached'),
	('2026-01-12 11:00', '2026-01-12', 'support_request', NULL, 'now'),
	('2026-01-12 11:02', '2026-01-12', 'support_answer', NULL, 'answered'),
	('2026-01-12 12:00', '2026-01-12', 'commitment', 91, 'at breakfast, I take it'),
	('2026-01-12 12:00', '2026-01-12', 'verification', 91, 'told, not confirmed'),
	('2026-01-12 14:00', '2026-01-13', 'check_in', 91, '1 done, 1 not done'),
	('2026-01-12 20:15', '2026-01-13', 'check_in', 91, '1 done'),
	('2026-01-19 14:00', '2026-01-20', 'excused_period', NULL, 'hospital'),
	('2026-02-09 14:00', '2026-02-10', 'task_end', 91, 'lithium')$$, 'one of each, in order of time');
SELECT results_eq('SELECT kind, detail - ''id'' FROM care.timeline(9) WHERE kind IN (''task_revision'', ''excused_period'', ''support_answer'', ''task_end'', ''contact'')', $$VALUES
	('task_revision', '{"former_schedule": "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0", "starts_at": "2026-01-05T08:00:00"}'::jsonb),
	('contact', '{"staff_id": 1, "began_by": "staff", "agency": "assisted", "reached": false, "minutes": 10}'),
	('support_answer', '{"answered_by": 1, "seconds": 120}'),
	('excused_period', '{"until": "2026-01-23", "excused_by": 2}'),
	('task_end', '{"status": "active"}')$$, 'with their details');
SELECT bag_eq('SELECT (detail ->> ''id'')::bigint FROM care.timeline(9) WHERE kind = ''check_in''', 'SELECT check_in_id FROM care.check_in WHERE person_id = 9',
	'a row is found by its number');
SELECT results_eq('SELECT kind FROM care.timeline(9, ''[2026-01-12 11:02+00,2026-01-12 14:00+00)'')', $$VALUES ('support_answer'), ('commitment'), ('verification')$$,
	'during chooses by the instant, half-open');
SELECT is_empty('SELECT kind FROM care.timeline(9, ''empty'')', 'during nothing is nothing');
SELECT is((SELECT count(*) FROM care.timeline(9, NULL)), 13::bigint, 'during NULL is always');
SELECT is_empty('SELECT kind FROM care.timeline(NULL)', 'nobody has no timeline');
SELECT is_empty('SELECT kind FROM care.timeline(12345)', 'nor has someone unknown');
SELECT results_eq('SELECT kind, detail ->> ''schedule'' FROM care.timeline(9, as_known_on => ''2026-01-11 12:00+00'')',
	$$VALUES ('task', 'FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0'), ('task_end', NULL)$$, 'what was not yet written is not there, and a task has the schedule it had');
SELECT is_empty('SELECT kind FROM care.timeline(9, as_known_on => ''2026-01-10 11:59:59+00'')', 'before all there was nothing');
SELECT bag_eq('SELECT * FROM care.timeline(9, as_known_on => ''2026-01-12 12:00+00'')', 'SELECT * FROM care.timeline(9)', 'what is written at that instant is known');

--
-- A random history
--
INSERT INTO care.person (person_id, time_zone) VALUES (1, 'Pacific/Kiritimati'), (2, 'Pacific/Kiritimati'), (3, 'Pacific/Pago_Pago');
INSERT INTO care.episode (person_id, started) SELECT p, '2026-01-01' FROM generate_series(1, 3) AS p;
INSERT INTO care.task (person_id, task_id, title, schedule, starts_at)
SELECT p, 10 * p + n, format('task %s', n), 'QD', '2026-01-01' FROM generate_series(1, 3) AS p, generate_series(1, 2) AS n;

CREATE TABLE oracle.known (step integer, at timestamptz, person_id bigint, nth bigint, event jsonb);
CREATE TABLE oracle.done (step integer, act integer, changed bigint);

CREATE FUNCTION oracle.below(n integer, VARIADIC keys integer[]) RETURNS integer
LANGUAGE sql STABLE AS $$ SELECT floor(oracle.random(VARIADIC keys) * n)::integer $$;

-- One act for a step; of the rows that a person has, each is meant with the same chance.
CREATE FUNCTION oracle.act(what integer, step integer, whose bigint, chance float8) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	a_task bigint := 10 * whose + 1 + oracle.below(2, step, 1);
	changed bigint;
BEGIN
	CASE what
		WHEN 0 THEN INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, taken, note)
			SELECT whose, a_task, clock()::date - n - 2 * oracle.below(3, step, n, 2), step, 1 + oracle.below(2, step, n, 3), 'note ' || n FROM generate_series(1, 2) AS n
			ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, note = EXCLUDED.note;
		WHEN 1 THEN UPDATE care.check_in AS c SET taken = 1 - sign(c.taken), missed = 1 + c.missed, note = NULL
			WHERE c.person_id = whose AND oracle.random(step, c.check_in_id::integer) < chance;
		WHEN 2 THEN DELETE FROM care.check_in AS c WHERE c.person_id = whose AND oracle.random(step, c.check_in_id::integer) < chance
			AND NOT EXISTS (SELECT FROM care.verification AS v WHERE v.check_in_id = c.check_in_id);
		WHEN 3 THEN INSERT INTO care.verification (person_id, check_in_id, method, verified_by)
			SELECT whose, c.check_in_id, 'seen', 1 FROM care.check_in AS c WHERE c.person_id = whose AND oracle.random(step, c.check_in_id::integer) < chance;
		WHEN 4 THEN UPDATE care.verification AS v SET confirmed = NOT v.confirmed WHERE v.person_id = whose AND oracle.random(step, v.verification_id::integer) < chance;
		WHEN 5 THEN DELETE FROM care.verification AS v WHERE v.person_id = whose AND oracle.random(step, v.verification_id::integer) < chance;
		WHEN 6 THEN INSERT INTO care.supply (person_id, task_id, dispensed, days_supply) VALUES (whose, a_task, clock()::date, 1 + 10 * oracle.random(step, 4));
		WHEN 7 THEN UPDATE care.supply AS s SET days_supply = s.days_supply / 3 WHERE s.person_id = whose AND oracle.random(step, s.supply_id::integer) < chance;
		WHEN 8 THEN DELETE FROM care.supply AS s WHERE s.person_id = whose AND oracle.random(step, s.supply_id::integer) < chance;
		WHEN 9 THEN INSERT INTO care.measurement (person_id, instrument_id, measured_on, occurrence, value)
			VALUES (whose, 1, clock()::date, step, oracle.random(step, 5) / 3);
		WHEN 10 THEN UPDATE care.measurement AS m SET value = m.value / 7 WHERE m.person_id = whose AND oracle.random(step, m.measurement_id::integer) < chance;
		WHEN 11 THEN DELETE FROM care.measurement AS m WHERE m.person_id = whose AND oracle.random(step, m.measurement_id::integer) < chance;
		WHEN 12 THEN INSERT INTO care.contact (person_id, staff_id, channel, started_at, replied_after)
			VALUES (whose, 1, 'text', clock() - interval '1 hour', interval '1 day -2 hours' * oracle.random(step, 6));
		WHEN 13 THEN UPDATE care.contact AS c SET reached = NOT c.reached WHERE c.person_id = whose AND oracle.random(step, c.contact_id::integer) < chance;
		WHEN 14 THEN DELETE FROM care.contact AS c WHERE c.person_id = whose AND oracle.random(step, c.contact_id::integer) < chance;
		WHEN 15 THEN INSERT INTO care.excused_period (person_id, task_id, during, reason)
			VALUES (whose, CASE WHEN step % 2 = 0 THEN a_task END, daterange(clock()::date - 9, CASE WHEN step % 3 > 0 THEN clock()::date + 3 END), 'away');
		WHEN 16 THEN UPDATE care.excused_period AS x SET during = daterange(lower(x.during) + 1, clock()::date + 20)
			WHERE x.person_id = whose AND oracle.random(step, x.excused_period_id::integer) < chance;
		WHEN 17 THEN DELETE FROM care.excused_period AS x WHERE x.person_id = whose AND oracle.random(step, x.excused_period_id::integer) < chance;
		WHEN 18 THEN UPDATE care.task AS t SET schedule = (ARRAY['QD', 'BID', 'TID', NULL]::schedule[])[1 + oracle.below(4, step, 7)] WHERE t.task_id = a_task;
		WHEN 19 THEN UPDATE care.task AS t SET title = 'title of ' || step, ends = clock()::date + 30 WHERE t.task_id = a_task;
		WHEN 20 THEN DELETE FROM care.task_revision AS r WHERE r.person_id = whose AND oracle.random(step, r.task_revision_id::integer) < chance;
		WHEN 21 THEN INSERT INTO care.commitment (person_id, task_id, then_action, due_on) VALUES (whose, a_task, 'act of ' || step, clock()::date);
		WHEN 22 THEN UPDATE care.commitment AS c SET kept = c.kept IS NOT TRUE WHERE c.person_id = whose AND oracle.random(step, c.commitment_id::integer) < chance;
		WHEN 23 THEN DELETE FROM care.commitment AS c WHERE c.person_id = whose AND oracle.random(step, c.commitment_id::integer) < chance;
		WHEN 24 THEN INSERT INTO care.support_request (person_id, words) VALUES (whose, 'asked at ' || step);
		WHEN 25 THEN UPDATE care.support_request AS r SET answered_by = 1, answered_at = clock() WHERE r.person_id = whose
			AND r.answered_at IS NULL AND oracle.random(step, r.support_request_id::integer) < chance;
		WHEN 26 THEN DELETE FROM care.support_request AS r WHERE r.person_id = whose AND oracle.random(step, r.support_request_id::integer) < chance;
		WHEN 27 THEN INSERT INTO care.task (person_id, task_id, schedule) VALUES (whose, 1000 * whose + step, 'QD');
	END CASE;
	GET DIAGNOSTICS changed = ROW_COUNT;
	RETURN changed;
END
$$;

-- Steps of several acts each; the clock stands still between some of them. The settings of whoever writes must not matter.
DO $$
DECLARE
	at timestamptz := '2026-01-15 00:00+00';
	act integer;
BEGIN
	FOR step IN 1 .. current_setting('oracle.steps')::integer LOOP
		at := at + oracle.below(4, step, 8) * interval '3 hours 20 minutes';
		PERFORM set_config('coachiatry.clock', at::text, true);
		PERFORM set_config('datestyle', (ARRAY['ISO, YMD', 'SQL, DMY', 'Postgres, MDY', 'German'])[1 + oracle.below(4, step, 9)], true);
		PERFORM set_config('intervalstyle', (ARRAY['postgres', 'sql_standard', 'iso_8601'])[1 + oracle.below(3, step, 10)], true);
		PERFORM set_config('extra_float_digits', (-oracle.below(10, step, 11))::text, true);
		FOR n IN 1 .. 6 LOOP
			act := CASE WHEN step <= 10 THEN 3 * oracle.below(10, step, n, 12) ELSE oracle.below(28, step, n, 12) END;
			INSERT INTO oracle.done VALUES (step, act, oracle.act(act, 100 * n + step, 1 + oracle.below(3, step, n, 13), 0.1 + 0.3 * oracle.random(step, n, 14)));
		END LOOP;
		PERFORM set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true);
		DELETE FROM oracle.known AS k WHERE k.at = clock();
		INSERT INTO oracle.known
		SELECT step, clock(), p, t.nth, to_jsonb(t) - 'nth'
		FROM generate_series(1, 3) AS p, care.timeline(p) WITH ORDINALITY AS t (at, day, kind, task_id, what, detail, recorded_at, nth);
	END LOOP;
END
$$;

-- Which ones is a matter of the seed.
SELECT cmp_ok((SELECT count(DISTINCT act) FROM oracle.done WHERE changed > 0), '>=', 22::bigint, 'most of the 28 kinds of acts changed something');
SELECT is((SELECT count(DISTINCT record) FROM care.correction), 10::bigint, 'rows of ten tables were corrected or deleted');
SELECT cmp_ok((SELECT count(DISTINCT at) FROM oracle.known), '>', 20::bigint, 'there are moments to go back to');
SELECT cmp_ok((SELECT count(*) FROM care.correction AS a JOIN care.correction AS b USING (person_id, record, record_id)
	WHERE a.correction_id < b.correction_id), '>', 20::bigint, 'rows were corrected again');

SELECT set_config('coachiatry.clock', '2026-06-01 00:00+00', true) \g /dev/null
CREATE TABLE oracle.told AS
SELECT k.step, k.person_id, t.nth, to_jsonb(t) - 'nth' AS event
FROM (SELECT DISTINCT step, at, person_id FROM oracle.known) AS k
CROSS JOIN LATERAL care.timeline(k.person_id, as_known_on => k.at) WITH ORDINALITY AS t (at, day, kind, task_id, what, detail, recorded_at, nth);
SELECT * FROM oracle.agree('SELECT format(''step %s, person %s, %s'', step, person_id, nth) AS about, t.event AS got, k.event AS wanted
	FROM oracle.known AS k FULL JOIN oracle.told AS t USING (step, person_id, nth)', 'timeline(as_known_on) is what timeline() was then');
SELECT results_eq('SELECT * FROM care.timeline(1, as_known_on => clock())', 'SELECT * FROM care.timeline(1)', 'and as known now, what it is now');
SELECT results_eq(format('SELECT * FROM care.timeline(1, ''[2026-01-20 00:00+00,2026-01-22 00:00+00)'', %L)', at),
	format('SELECT * FROM care.timeline(1, as_known_on => %L) WHERE at >= ''2026-01-20 00:00+00'' AND at < ''2026-01-22 00:00+00''', at), 'during and as_known_on together')
FROM (SELECT max(at) AS at FROM oracle.known WHERE step = (SELECT max(step) * 2 / 3 FROM oracle.known)
	OR step = (SELECT min(step) FROM oracle.known WHERE step > (SELECT max(step) * 2 / 3 FROM oracle.known))) AS m;

-- Other settings of the reader change nothing in what is read back.
SET LOCAL datestyle = 'SQL, DMY';
SELECT is((SELECT count(*) FROM oracle.known AS k LEFT JOIN LATERAL care.timeline(k.person_id, as_known_on => k.at) AS t
		ON t.recorded_at = (k.event ->> 'recorded_at')::timestamptz AND t.kind = 'excused_period' AND t.detail = k.event -> 'detail' AND t.day = (k.event ->> 'day')::date
	WHERE k.event ->> 'kind' = 'excused_period' AND k.step % 10 = 0 AND t.kind IS NULL), 0::bigint, 'days of ranges are read whatever the DateStyle');
SET LOCAL datestyle = 'ISO, YMD';

-- Two records of one person: what was known of either was known of the one.
SELECT care.merge_persons(1, 2) \g /dev/null
SELECT bag_eq('SELECT k.step, to_jsonb(t) AS event FROM (SELECT DISTINCT step, at FROM oracle.known WHERE step % 7 = 0) AS k,
		care.timeline(1, as_known_on => k.at) AS t',
	'SELECT step, event FROM oracle.known WHERE step % 7 = 0 AND person_id IN (1, 2)', 'a merged person knows the past of both');
SELECT is_empty('SELECT kind FROM care.timeline(2)', 'and the other has none');

SELECT * FROM finish();
ROLLBACK;
