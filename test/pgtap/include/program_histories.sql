-- Random histories of people in a program, each lived by several persons: the same facts, written in a dozen ways, in
-- different orders and portions, corrected and deleted on the way. After include/setup.sql.
--
-- oracle.fact, oracle.reading, oracle.excuse   what is true in the end
-- oracle.event                                 what happens to plans, at its time
-- oracle.version, oracle.in_force              which schedule holds on which day, worked out day by day
--
-- Nothing here asks the kept calendars, the aggregates or plan_calendar(); only units_due() tells what a rule means.
\if :{?histories}
\else
\set histories 3
\endif
\if :{?ways}
\else
\set ways '1,2,3,4,5,6,7,8,9,10,11,12'
\endif
SET LOCAL timezone = 'UTC';
SELECT set_config('coachiatry.clock', '2026-01-10 00:10+00', true) \g /dev/null
SELECT create_program('care') \g /dev/null
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`
SELECT set_config('oracle.scratch', :'scratch', true) \g /dev/null

-- A whole number from 0 to below n.
CREATE FUNCTION oracle.pick(n integer, VARIADIC keys integer[]) RETURNS integer
LANGUAGE sql STABLE AS $$ SELECT floor(oracle.random(VARIADIC keys) * n)::integer $$;

-- The time goes on in slots; whatever happens at its time happens in one.
CREATE TABLE oracle.slot (slot integer PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO oracle.slot
SELECT s, '2026-01-10 00:10+00'::timestamptz + s * interval '17 hours 41 minutes' FROM generate_series(0, 29) AS s;

CREATE TABLE oracle.way (way integer PRIMARY KEY, name text NOT NULL);
INSERT INTO oracle.way VALUES (1, 'single rows'), (2, 'statements of many rows'), (3, 'upserts'), (4, 'merge'), (5, 'one with'),
	(6, 'copy'), (7, 'for nothing, then once'), (8, 'savepoints'), (9, 'row triggers'), (10, 'elsewhere first'), (11, 'all of these'),
	(12, 'at the end');
DELETE FROM oracle.way WHERE way NOT IN (:ways);

-- What is told of each history: where days begin, what is planned.
CREATE TABLE oracle.zone (id integer, zone text);
INSERT INTO oracle.zone
SELECT ordinality - 1, z FROM unnest(ARRAY['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC', 'America/New_York', 'Asia/Kolkata',
	'Europe/Madrid', 'Australia/Lord_Howe', 'Pacific/Apia']) WITH ORDINALITY AS u (z);
CREATE TABLE oracle.rule (id integer, rule schedule);
INSERT INTO oracle.rule
SELECT ordinality - 1, r FROM unnest(ARRAY['QD', 'BID', 'QOD;UNITS=2', NULL, 'FREQ=WEEKLY;BYDAY=MO,WE,FR;UNITS=3', 'PRN', 'QD;COUNT=17',
	'TID;UNTIL=20260125', 'FREQ=DAILY;INTERVAL=3;BYHOUR=8,20;UNITS=5', 'FREQ=MONTHLY;BYMONTHDAY=1,12,-1']::schedule[])
	WITH ORDINALITY AS u (r);

CREATE TABLE oracle.history AS
SELECT h AS history, (SELECT zone FROM oracle.zone WHERE id = oracle.pick(8, h, 1)) AS zone FROM generate_series(1, :histories) AS h;

CREATE TABLE oracle.plan AS
SELECT h.history, t AS task, (SELECT rule FROM oracle.rule WHERE id = oracle.pick(10, h.history, t, 2)) AS schedule,
	timestamp '2026-01-10 00:00' + make_interval(days => oracle.pick(50, h.history, t, 3) - 40, hours => oracle.pick(24, h.history, t, 4))
		AS starts_at,
	CASE WHEN t = 3 THEN 5 ELSE 0 END AS slot
FROM oracle.history AS h, generate_series(1, 3) AS t;

-- What happens to plans: a schedule, a start, both, an end, or the person's time zone changes.
CREATE TABLE oracle.event AS
SELECT h.history, n, 1 + oracle.pick(3, h.history, n, 11) AS task, 6 + oracle.pick(24, h.history, n / 2, 12) AS slot,
	(ARRAY['schedule', 'schedule', 'both', 'both', 'starts', 'ends', 'zone'])[1 + oracle.pick(7, h.history, n, 13)] AS what,
	(SELECT rule FROM oracle.rule WHERE id = oracle.pick(10, h.history, n, 14)) AS schedule,
	timestamp '2026-01-10 00:00' + make_interval(days => oracle.pick(60, h.history, n, 15) - 20, hours => oracle.pick(24, h.history, n, 16))
		AS starts_at,
	(SELECT zone FROM oracle.zone WHERE id = oracle.pick(8, h.history, n, 17)) AS zone,
	date '2026-01-10' + oracle.pick(70, h.history, n, 18) + 15 AS ends
FROM oracle.history AS h, generate_series(1, 9) AS n;
-- No task ends before it begins.
UPDATE oracle.event SET ends = NULL WHERE what = 'ends' AND ends <= '2026-03-05';

-- Facts have lives: they come, are corrected, perhaps to the same, and some go. slot and portion differ by way.
CREATE TABLE oracle.life AS
SELECT row_number() OVER () ::integer AS fact, l.*,
	1 + (oracle.random(l.history, l.nth, l.kind, 20) < .4)::integer + (oracle.random(l.history, l.nth, l.kind, 21) < .15)::integer AS versions,
	oracle.random(l.history, l.nth, l.kind, 22) < .2 AS gone
FROM (
	SELECT h.history, k AS kind, n AS nth
	FROM oracle.history AS h, (VALUES (1, 90), (2, 25), (3, 5)) AS v (k, many), generate_series(1, many) AS n) AS l;

-- What a fact says in each of its versions. kind 1: check-ins, 2: measurements, 3: excused periods.
CREATE TABLE oracle.said_check_in AS
SELECT DISTINCT ON (history, task, due_on, occurrence, source, version) *
FROM (
	SELECT l.fact, v AS version, l.history, 1 + oracle.pick(3, l.history, l.nth, 30) AS task,
		date '2026-01-05' + oracle.pick(16, l.history, l.nth, 31) + 10 * oracle.pick(3, l.history, l.nth, 36) AS due_on,
		(1 + oracle.pick(2, l.history, l.nth, 32))::smallint AS occurrence,
		(ARRAY['seen', 'device', 'pharmacy', 'coach', 'person', 'person', 'person', 'proxy', 'import'])[1 + oracle.pick(9, l.history, l.nth, 33)]
			AS source,
		(CASE WHEN l.nth % 30 = 0 THEN 40 ELSE oracle.pick(4, l.history, l.nth, v, 34) END)::smallint AS taken,
		(CASE WHEN l.nth % 31 = 0 THEN 49 ELSE oracle.pick(3, l.history, l.nth, v, 35) END)::smallint AS missed
	FROM oracle.life AS l, generate_series(1, l.versions) AS v
	WHERE l.kind = 1) AS d
ORDER BY history, task, due_on, occurrence, source, version, fact;
UPDATE oracle.said_check_in SET missed = 1 WHERE taken + missed = 0;

CREATE TABLE oracle.said_measurement AS
SELECT DISTINCT ON (history, instrument, item, measured_on, occurrence, source, version) *
FROM (
	SELECT l.fact, v AS version, l.history, 1 + oracle.pick(2, l.history, l.nth, 40) AS instrument,
		(ARRAY['', 'item 9'])[1 + oracle.pick(2, l.history, l.nth, 41)] AS item,
		date '2026-01-05' + oracle.pick(12, l.history, l.nth, 42) AS measured_on,
		(1 + oracle.pick(2, l.history, l.nth, 43))::smallint AS occurrence,
		(ARRAY['person', 'device', 'import'])[1 + oracle.pick(3, l.history, l.nth, 44)] AS source,
		-- Of the first instrument sums of float8 are exact; the second has numbers of all sizes.
		CASE WHEN oracle.pick(2, l.history, l.nth, 40) = 0 THEN oracle.pick(100000, l.history, l.nth, v, 45) / 64.0::float8 - 700
			ELSE (oracle.random(l.history, l.nth, v, 46) - .5) * 10.0::float8 ^ (oracle.pick(500, l.history, l.nth, v, 47) - 250) END AS value
	FROM oracle.life AS l, generate_series(1, l.versions) AS v
	WHERE l.kind = 2) AS d
ORDER BY history, instrument, item, measured_on, occurrence, source, version, fact;

CREATE TABLE oracle.said_excused_period AS
SELECT l.fact, v AS version, l.history, nullif(oracle.pick(4, l.history, l.nth, v, 50), 0) AS task,
	daterange(date '2025-12-20' + oracle.pick(60, l.history, l.nth, v, 51),
		CASE WHEN oracle.random(l.history, l.nth, v, 52) < .8
			THEN date '2025-12-20' + oracle.pick(60, l.history, l.nth, v, 51) + 1 + oracle.pick(20, l.history, l.nth, v, 53) END) AS during
FROM oracle.life AS l, generate_series(1, l.versions) AS v
WHERE l.kind = 3;

-- A fact of which another has the key has no life.
DELETE FROM oracle.life AS l
WHERE l.fact NOT IN (SELECT fact FROM oracle.said_check_in WHERE version = 1 UNION ALL SELECT fact FROM oracle.said_measurement WHERE version = 1
	UNION ALL SELECT fact FROM oracle.said_excused_period WHERE version = 1);
DELETE FROM oracle.said_check_in AS s WHERE NOT EXISTS (SELECT FROM oracle.life AS l WHERE l.fact = s.fact);
DELETE FROM oracle.said_measurement AS s WHERE NOT EXISTS (SELECT FROM oracle.life AS l WHERE l.fact = s.fact);
UPDATE oracle.life AS l SET versions = least(l.versions, (SELECT count(*) FROM (SELECT fact FROM oracle.said_check_in UNION ALL
	SELECT fact FROM oracle.said_measurement UNION ALL SELECT fact FROM oracle.said_excused_period) AS s WHERE s.fact = l.fact));

-- What is true in the end.
CREATE VIEW oracle.last AS SELECT fact, versions AS version FROM oracle.life WHERE NOT gone;
CREATE TABLE oracle.fact AS SELECT * FROM oracle.said_check_in NATURAL JOIN oracle.last;
CREATE TABLE oracle.reading AS SELECT * FROM oracle.said_measurement NATURAL JOIN oracle.last;
CREATE TABLE oracle.excuse AS SELECT * FROM oracle.said_excused_period NATURAL JOIN oracle.last;

-- When each step of a life happens, in each way: never two steps in one slot.
CREATE TABLE oracle.step AS
WITH RECURSIVE step AS (
	SELECT l.fact, l.kind, w.way, 1 AS version, l.versions, l.gone, 6 + oracle.pick(14, l.fact, w.way, 60) AS slot
	FROM oracle.life AS l, oracle.way AS w
	WHERE w.way <> 12
	UNION ALL
	SELECT s.fact, s.kind, s.way, s.version + 1, s.versions, s.gone, s.slot + 1 + oracle.pick(4, s.fact, s.way, 61, s.version)
	FROM step AS s
	WHERE s.version < s.versions + s.gone::integer
)
SELECT fact, kind, way, version, least(slot, 29) AS slot, CASE WHEN version = 1 THEN 'I' WHEN version > versions THEN 'D' ELSE 'U' END AS op
FROM step
UNION ALL
SELECT l.fact, l.kind, w.way, l.versions, 29, 'I' FROM oracle.life AS l, oracle.way AS w WHERE NOT l.gone AND w.way = 12;
CREATE INDEX ON oracle.step (way, slot, kind);
ANALYZE oracle.step, oracle.said_check_in, oracle.said_measurement, oracle.said_excused_period;

--
-- Who lives them
--

CREATE TABLE oracle.who (history integer, way integer, person_id bigint, PRIMARY KEY (history, way));
CREATE TABLE oracle.doing (history integer, way integer, task integer, person_id bigint, task_id bigint, PRIMARY KEY (history, way, task));
INSERT INTO care.instrument (instrument_id, name) VALUES (1, 'mood'), (2, 'weight');

CREATE FUNCTION oracle.begin() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	w record;
	id bigint;
BEGIN
	FOR w IN SELECT * FROM oracle.history, oracle.way ORDER BY oracle.random(history, way, 70) LOOP
		INSERT INTO care.person (time_zone) VALUES (w.zone) RETURNING person_id INTO id;
		INSERT INTO oracle.who VALUES (w.history, w.way, id);
	END LOOP;
END
$$;

-- The tasks of a slot, in a different order for each way, of one in one statement.
CREATE FUNCTION oracle.plan_tasks(now_slot integer, in_way integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	INSERT INTO oracle.doing (history, way, task, person_id, task_id)
	SELECT p.history, w.way, p.task, w.person_id, nextval('care.task_task_id_seq')
	FROM oracle.plan AS p JOIN oracle.who AS w USING (history)
	WHERE p.slot = now_slot AND w.way = in_way
	ORDER BY oracle.random(w.history, w.way, p.task, 71);
	IF in_way % 2 = 0 THEN
		INSERT INTO care.task (person_id, task_id, schedule, starts_at)
		SELECT d.person_id, d.task_id, p.schedule, p.starts_at
		FROM oracle.plan AS p JOIN oracle.doing AS d USING (history, task)
		WHERE p.slot = now_slot AND d.way = in_way;
		RETURN;
	END IF;
	FOR t IN SELECT * FROM oracle.plan AS p JOIN oracle.doing AS d USING (history, task) WHERE p.slot = now_slot AND d.way = in_way LOOP
		INSERT INTO care.task (person_id, task_id, schedule, starts_at) VALUES (t.person_id, t.task_id, t.schedule, t.starts_at);
	END LOOP;
END
$$;

-- The events of a slot, one after the other; those of several persons in one statement if the way is an even one.
CREATE FUNCTION oracle.happen(now_slot integer, in_way integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e record;
BEGIN
	FOR e IN SELECT DISTINCT n, what, CASE WHEN in_way % 2 = 1 THEN history END AS only FROM oracle.event WHERE slot = now_slot ORDER BY n LOOP
		IF e.what = 'zone' THEN
			UPDATE care.person AS p SET time_zone = v.zone
			FROM oracle.event AS v JOIN oracle.who AS w ON w.history = v.history AND w.way = in_way
			WHERE v.slot = now_slot AND v.n = e.n AND v.what = e.what AND v.history = coalesce(e.only, v.history) AND p.person_id = w.person_id;
			CONTINUE;
		END IF;
		UPDATE care.task AS t
		SET schedule = CASE WHEN e.what IN ('schedule', 'both') THEN v.schedule ELSE t.schedule END,
			starts_at = CASE WHEN e.what IN ('starts', 'both') THEN v.starts_at ELSE t.starts_at END,
			ends = CASE WHEN e.what = 'ends' THEN v.ends ELSE t.ends END
		FROM oracle.event AS v JOIN oracle.doing AS d ON d.history = v.history AND d.task = v.task AND d.way = in_way
		WHERE v.slot = now_slot AND v.n = e.n AND v.what = e.what AND v.history = coalesce(e.only, v.history)
			AND t.person_id = d.person_id AND t.task_id = d.task_id;
	END LOOP;
END
$$;

--
-- Ways to write
--

-- The rows of a slot, of either table.
CREATE TABLE oracle.stage_check_in (op text, person_id bigint, task_id bigint, due_on date, occurrence smallint, source text, taken smallint,
	missed smallint);
CREATE TABLE oracle.stage_measurement (op text, person_id bigint, instrument_id bigint, item text, measured_on date, occurrence smallint,
	source text, value float8);

-- Names and pieces of statements for either table.
CREATE FUNCTION oracle.words(kept_of text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE kept_of WHEN 'check_in' THEN ARRAY['check_in', 'person_id, task_id, due_on, occurrence, source', 'taken, missed',
			'taken = s.taken, missed = s.missed', 'taken = EXCLUDED.taken, missed = EXCLUDED.missed', 'due_on', 'taken', 'note',
			'c.person_id = s.person_id AND c.task_id = s.task_id AND c.due_on = s.due_on AND c.occurrence = s.occurrence AND c.source = s.source']
		ELSE ARRAY['measurement', 'person_id, instrument_id, item, measured_on, occurrence, source', 'value',
			'value = s.value', 'value = EXCLUDED.value', 'measured_on', 'value', 'unit',
			'c.person_id = s.person_id AND c.instrument_id = s.instrument_id AND c.item = s.item AND c.measured_on = s.measured_on '
				'AND c.occurrence = s.occurrence AND c.source = s.source'] END
$$;

-- Run a statement with 1: table, 2: keys, 3: values, 4: set from s, 5: set from EXCLUDED, 6: day, 7: a value, 8: remark, 9: same key.
CREATE FUNCTION oracle.run(kept_of text, command text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format(command, VARIADIC oracle.words(kept_of));
END
$$;

-- A trigger as a site may have: a row whose remark holds another row writes that one too, in a block of its own; it moves what is there, also
-- what the statement has just written, away and back; and it tries more in vain.
CREATE FUNCTION oracle.write_another() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	word text[] := oracle.words(TG_TABLE_NAME::text);
	more jsonb := (to_jsonb(NEW) ->> word[8])::jsonb;
	write text := format('INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM jsonb_populate_record(NULL::oracle.stage_%1$s, $1)',
		VARIADIC word);
BEGIN
	BEGIN
		EXECUTE write USING more;
		EXECUTE format('DELETE FROM care.%1$s WHERE person_id = $1', VARIADIC word) USING NEW.person_id;
		RAISE EXCEPTION 'in vain';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
	BEGIN
		EXECUTE format('UPDATE care.%1$s SET %6$s = %6$s + 400 WHERE person_id = $1', VARIADIC word) USING NEW.person_id;
		BEGIN
			EXECUTE write USING more;
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
		EXECUTE format('UPDATE care.%1$s SET %6$s = %6$s - 400 WHERE person_id = $1 AND %6$s > ''2027-01-01''', VARIADIC word)
		USING NEW.person_id;
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
	RETURN NEW;
END
$$;

CREATE TRIGGER a_site_writes_before BEFORE INSERT ON care.check_in
FOR EACH ROW WHEN (NEW.note LIKE '{%' AND NEW.occurrence = 1) EXECUTE FUNCTION oracle.write_another();
CREATE TRIGGER a_site_writes_after AFTER INSERT ON care.check_in
FOR EACH ROW WHEN (NEW.note LIKE '{%' AND NEW.occurrence <> 1) EXECUTE FUNCTION oracle.write_another();
CREATE TRIGGER a_site_writes_before BEFORE INSERT ON care.measurement
FOR EACH ROW WHEN (NEW.unit LIKE '{%' AND NEW.occurrence = 1) EXECUTE FUNCTION oracle.write_another();
CREATE TRIGGER a_site_writes_after AFTER INSERT ON care.measurement
FOR EACH ROW WHEN (NEW.unit LIKE '{%' AND NEW.occurrence <> 1) EXECUTE FUNCTION oracle.write_another();

-- One statement a row.
CREATE FUNCTION oracle.write_single(kept_of text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	line jsonb;
	word text[] := oracle.words(kept_of);
	one text := format('jsonb_populate_record(NULL::oracle.stage_%1$s, $1) AS s', VARIADIC word);
BEGIN
	FOR line IN EXECUTE format('SELECT to_jsonb(s) FROM oracle.stage_%1$s AS s', VARIADIC word) LOOP
		EXECUTE CASE line ->> 'op'
			WHEN 'I' THEN format('INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM ', VARIADIC word) || one
			WHEN 'U' THEN format('UPDATE care.%1$s AS c SET %4$s FROM ' || one || ' WHERE %9$s', VARIADIC word)
			ELSE format('DELETE FROM care.%1$s AS c USING ' || one || ' WHERE %9$s', VARIADIC word) END
		USING line;
	END LOOP;
END
$$;

CREATE FUNCTION oracle.write_insert(kept_of text) RETURNS void
LANGUAGE sql AS $$
	SELECT oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I''')
$$;
CREATE FUNCTION oracle.write_update(kept_of text) RETURNS void
LANGUAGE sql AS $$
	SELECT oracle.run(kept_of, 'UPDATE care.%1$s AS c SET %4$s FROM oracle.stage_%1$s AS s WHERE op = ''U'' AND %9$s')
$$;
CREATE FUNCTION oracle.write_delete(kept_of text) RETURNS void
LANGUAGE sql AS $$
	SELECT oracle.run(kept_of, 'DELETE FROM care.%1$s AS c USING oracle.stage_%1$s AS s WHERE op = ''D'' AND %9$s')
$$;

-- Things that come to nothing: what is there already, what changes nothing, what is rolled back with its savepoint.
CREATE FUNCTION oracle.write_nothing(kept_of text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op <> ''I''
		ON CONFLICT (%2$s) DO NOTHING');
	PERFORM oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op <> ''I''
		ON CONFLICT (%2$s) DO UPDATE SET %5$s WHERE false');
	PERFORM oracle.run(kept_of, 'UPDATE care.%1$s SET %7$s = %7$s WHERE person_id IN (SELECT person_id FROM oracle.stage_%1$s)');
	PERFORM oracle.run(kept_of, 'UPDATE care.%1$s SET %7$s = %7$s + 1 WHERE false');
	PERFORM oracle.run(kept_of, 'DELETE FROM care.%1$s WHERE false');
	BEGIN
		PERFORM oracle.run(kept_of, 'DELETE FROM care.%1$s WHERE person_id IN (SELECT person_id FROM oracle.stage_%1$s)');
		PERFORM oracle.write_insert(kept_of);
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN
		NULL;
	END;
END
$$;

-- Blocks within blocks, some of which survive.
CREATE FUNCTION oracle.write_savepoints(kept_of text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		PERFORM oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I''
			AND occurrence = 1');
		BEGIN
			PERFORM oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I''
				AND occurrence <> 1');
			PERFORM oracle.write_delete(kept_of);
			-- Fails after some of its rows.
			PERFORM oracle.run(kept_of, 'UPDATE care.%1$s SET %7$s = %7$s / (%6$s - ''2026-01-15'')
				WHERE person_id IN (SELECT person_id FROM oracle.stage_%1$s)');
			RAISE EXCEPTION 'nothing was there to fail';
		EXCEPTION WHEN division_by_zero OR check_violation OR raise_exception THEN
			BEGIN
				PERFORM oracle.write_update(kept_of);
			EXCEPTION WHEN OTHERS THEN
				RAISE;
			END;
		END;
		PERFORM oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I''
			AND occurrence <> 1');
	EXCEPTION WHEN unique_violation THEN
		RAISE;
	END;
	PERFORM oracle.write_delete(kept_of);
END
$$;

-- Each row to insert carries the next in its remark, which a trigger writes.
CREATE FUNCTION oracle.write_by_triggers(kept_of text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oracle.run(kept_of, 'WITH s AS (SELECT t.*, row_number() OVER (ORDER BY %2$s) AS n FROM oracle.stage_%1$s AS t WHERE op = ''I'')
		INSERT INTO care.%1$s (%2$s, %3$s, %8$s)
		SELECT %2$s, %3$s, (SELECT to_jsonb(o) - ''n'' FROM s AS o WHERE o.n = s.n + 1)::text FROM s WHERE n %% 2 = 1 ORDER BY n DESC');
	PERFORM oracle.write_update(kept_of);
	PERFORM oracle.write_delete(kept_of);
END
$$;

-- Rows come with a wrong key, and then move: to another day, source or item, and person.
CREATE FUNCTION oracle.write_elsewhere(kept_of text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	moves boolean := kept_of = 'measurement';
	stranger bigint := (SELECT person_id FROM oracle.who WHERE history = 1 AND way = 10);
BEGIN
	PERFORM oracle.run(kept_of, replace(replace('INSERT INTO care.%1$s (%2$s, %3$s, %8$s)
		SELECT %2$s, %3$s, ''wrong '' || person_id FROM oracle.stage_%1$s WHERE op = ''I''',
		'SELECT %2$s', 'SELECT ' || replace(replace((oracle.words(kept_of))[2], (oracle.words(kept_of))[6], '%6$s + 400'),
			'source', 'CASE source WHEN ''person'' THEN ''coach'' WHEN ''coach'' THEN ''person'' ELSE source END')), '', ''));
	IF moves THEN
		UPDATE care.measurement SET person_id = stranger, occurrence = 1000 + measurement_id % 30000, item = item || '?' WHERE unit LIKE 'wrong %';
		UPDATE care.measurement AS c SET person_id = s.person_id, measured_on = s.measured_on, source = s.source, occurrence = s.occurrence,
			item = s.item, unit = NULL
		FROM oracle.stage_measurement AS s
		WHERE s.op = 'I' AND c.unit = 'wrong ' || s.person_id AND c.instrument_id = s.instrument_id AND c.item = s.item || '?'
			AND c.measured_on = s.measured_on + 400 AND c.value = s.value;
	ELSE
		UPDATE care.check_in AS c SET due_on = s.due_on, source = s.source, note = NULL
		FROM oracle.stage_check_in AS s
		WHERE s.op = 'I' AND c.note = 'wrong ' || s.person_id AND c.task_id = s.task_id AND c.due_on = s.due_on + 400
			AND c.occurrence = s.occurrence AND c.source = CASE s.source WHEN 'person' THEN 'coach' WHEN 'coach' THEN 'person' ELSE s.source END;
	END IF;
	PERFORM oracle.write_delete(kept_of);
	PERFORM oracle.write_update(kept_of);
END
$$;

CREATE FUNCTION oracle.write(kept_of text, how integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('oracle.scratch') || '/rows';
BEGIN
	CASE how
		WHEN 1 THEN PERFORM oracle.write_single(kept_of);
		WHEN 3 THEN
			PERFORM oracle.write_delete(kept_of);
			PERFORM oracle.run(kept_of, 'INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op <> ''D''
				ORDER BY %6$s DESC ON CONFLICT (%2$s) DO UPDATE SET %5$s');
		WHEN 4 THEN
			PERFORM oracle.run(kept_of, 'MERGE INTO care.%1$s AS c USING oracle.stage_%1$s AS s ON %9$s
				WHEN MATCHED AND s.op = ''D'' THEN DELETE WHEN MATCHED THEN UPDATE SET %4$s
				WHEN NOT MATCHED THEN INSERT (%2$s, %3$s) VALUES (s.' || replace((oracle.words(kept_of))[2], ', ', ', s.')
				|| ', s.' || replace((oracle.words(kept_of))[3], ', ', ', s.') || ')');
		WHEN 5 THEN
			PERFORM oracle.run(kept_of, 'WITH gone AS (DELETE FROM care.%1$s AS c USING oracle.stage_%1$s AS s WHERE op = ''D'' AND %9$s RETURNING 1),
				other AS (UPDATE care.%1$s AS c SET %4$s FROM oracle.stage_%1$s AS s WHERE op = ''U'' AND %9$s RETURNING 1),
				half AS (INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I'' AND occurrence = 1)
				INSERT INTO care.%1$s (%2$s, %3$s) SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I'' AND occurrence <> 1');
		WHEN 6 THEN
			PERFORM oracle.run(kept_of, replace('COPY (SELECT %2$s, %3$s FROM oracle.stage_%1$s WHERE op = ''I'') TO ''FILE''', 'FILE', file));
			PERFORM oracle.run(kept_of, replace('COPY care.%1$s (%2$s, %3$s) FROM ''FILE''', 'FILE', file));
			PERFORM oracle.write_update(kept_of);
			PERFORM oracle.write_delete(kept_of);
		WHEN 8 THEN PERFORM oracle.write_savepoints(kept_of);
		WHEN 9 THEN PERFORM oracle.write_by_triggers(kept_of);
		WHEN 10 THEN PERFORM oracle.write_elsewhere(kept_of);
		ELSE
			IF how = 7 THEN
				PERFORM oracle.write_nothing(kept_of);
			END IF;
			PERFORM oracle.write_insert(kept_of);
			PERFORM oracle.write_update(kept_of);
			PERFORM oracle.write_delete(kept_of);
	END CASE;
END
$$;

-- Excused periods are known by their reason.
CREATE FUNCTION oracle.excuse(now_slot integer, in_way integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE staged ON COMMIT DROP AS
	SELECT s.op, w.person_id, d.task_id, x.during, 'fact ' || s.fact AS reason
	FROM oracle.step AS s
	JOIN oracle.life AS l USING (fact)
	JOIN oracle.who AS w ON w.history = l.history AND w.way = s.way
	LEFT JOIN oracle.said_excused_period AS x ON x.fact = s.fact AND x.version = s.version
	LEFT JOIN oracle.doing AS d ON d.history = l.history AND d.way = s.way AND d.task = x.task
	WHERE s.slot = now_slot AND s.way = in_way AND s.kind = 3;
	INSERT INTO care.excused_period (person_id, task_id, during, reason) SELECT person_id, task_id, during, reason FROM staged WHERE op = 'I';
	UPDATE care.excused_period AS e SET task_id = s.task_id, during = s.during
	FROM staged AS s WHERE s.op = 'U' AND e.person_id = s.person_id AND e.reason = s.reason;
	DELETE FROM care.excused_period AS e USING staged AS s WHERE s.op = 'D' AND e.person_id = s.person_id AND e.reason = s.reason;
	DROP TABLE staged;
END
$$;

-- A slot in a way: what happens to plans, and what is recorded, in either order.
CREATE FUNCTION oracle.live(now_slot integer, in_way integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	how integer := CASE WHEN in_way = 11 THEN 1 + oracle.pick(10, now_slot, 80) ELSE in_way END;
	early boolean := oracle.random(now_slot, in_way, 81) < .5;
BEGIN
	PERFORM oracle.plan_tasks(now_slot, in_way);
	IF early THEN
		PERFORM oracle.happen(now_slot, in_way);
	END IF;
	DELETE FROM oracle.stage_check_in;
	INSERT INTO oracle.stage_check_in
	SELECT s.op, d.person_id, d.task_id, c.due_on, c.occurrence, c.source, c.taken, c.missed
	FROM oracle.step AS s
	JOIN oracle.life AS l USING (fact)
	JOIN oracle.said_check_in AS c ON c.fact = s.fact AND c.version = least(s.version, l.versions)
	JOIN oracle.doing AS d ON d.history = c.history AND d.way = s.way AND d.task = c.task
	WHERE s.slot = now_slot AND s.way = in_way AND s.kind = 1
	ORDER BY oracle.random(s.fact, s.way, 82);
	DELETE FROM oracle.stage_measurement;
	INSERT INTO oracle.stage_measurement
	SELECT s.op, w.person_id, c.instrument, c.item, c.measured_on, c.occurrence, c.source, c.value
	FROM oracle.step AS s
	JOIN oracle.life AS l USING (fact)
	JOIN oracle.said_measurement AS c ON c.fact = s.fact AND c.version = least(s.version, l.versions)
	JOIN oracle.who AS w ON w.history = c.history AND w.way = s.way
	WHERE s.slot = now_slot AND s.way = in_way AND s.kind = 2
	ORDER BY oracle.random(s.fact, s.way, 83);
	PERFORM oracle.write('check_in', how);
	PERFORM oracle.write('measurement', how);
	PERFORM oracle.excuse(now_slot, in_way);
	IF NOT early THEN
		PERFORM oracle.happen(now_slot, in_way);
	END IF;
END
$$;

-- All of it; in the tenth slot days begin to begin at three.
CREATE FUNCTION oracle.live_all() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	s record;
BEGIN
	PERFORM oracle.begin();
	FOR s IN SELECT * FROM oracle.slot ORDER BY slot LOOP
		PERFORM set_config('coachiatry.clock', s.at::text, true);
		IF s.slot = 10 THEN
			UPDATE care.program_info SET day_start = '03:00';
		END IF;
		PERFORM oracle.live(s.slot, way) FROM oracle.way ORDER BY oracle.random(s.slot, way, 84);
	END LOOP;
END
$$;

--
-- What holds on each day
--

CREATE TABLE oracle.version (history integer, task integer, version integer, schedule schedule, starts_at timestamp);
CREATE TABLE oracle.in_force (history integer, task integer, day date, version integer, PRIMARY KEY (history, task, day));
CREATE TABLE oracle.outcome (history integer, task integer, ends date, zone text, current integer);

-- The local day of an instant.
CREATE FUNCTION oracle.local_day(at timestamptz, zone text, day_start time) RETURNS date
LANGUAGE sql IMMUTABLE AS $$ SELECT ((at AT TIME ZONE zone) - day_start)::date $$;

-- A changed schedule holds from the day of the change on, or from its new start if that is later. What was written on that very day, or has
-- not begun, is corrected wherever it would hold.
CREATE FUNCTION oracle.follow(in_history integer, of_task integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e record;
	plan oracle.plan := (SELECT p FROM oracle.plan AS p WHERE p.history = in_history AND p.task = of_task);
	zone text := (SELECT h.zone FROM oracle.history AS h WHERE h.history = in_history);
	now_version integer := 1;
	task_ends date;
	change date;
	written timestamptz := (SELECT s.at FROM oracle.slot AS s WHERE s.slot = plan.slot);
	old oracle.version;
	starts timestamp;
BEGIN
	INSERT INTO oracle.version VALUES (in_history, of_task, 1, plan.schedule, plan.starts_at);
	INSERT INTO oracle.in_force SELECT in_history, of_task, date '2025-10-01' + n, 1 FROM generate_series(0, 300) AS n;
	FOR e IN SELECT v.*, s.at, CASE WHEN v.slot >= 10 THEN time '03:00' ELSE '00:00' END AS day_start
		FROM oracle.event AS v JOIN oracle.slot AS s USING (slot)
		WHERE v.history = in_history AND (v.task = of_task OR v.what = 'zone') ORDER BY v.slot, v.n
	LOOP
		SELECT * INTO old FROM oracle.version AS v WHERE v.history = in_history AND v.task = of_task AND v.version = now_version;
		starts := CASE WHEN e.what IN ('starts', 'both') THEN e.starts_at ELSE old.starts_at END;
		IF e.what = 'zone' THEN
			zone := e.zone;
		ELSIF e.what = 'ends' THEN
			task_ends := e.ends;
		ELSIF e.what = 'starts' OR e.schedule::text IS NOT DISTINCT FROM old.schedule::text THEN
			UPDATE oracle.version AS v SET starts_at = starts WHERE v.history = in_history AND v.task = of_task AND v.version = now_version;
		ELSE
			change := oracle.local_day(e.at, zone, e.day_start);
			IF starts <> old.starts_at THEN
				change := greatest(change, starts::date);
			END IF;
			now_version := now_version + 1;
			INSERT INTO oracle.version VALUES (in_history, of_task, now_version, e.schedule, starts);
			UPDATE oracle.in_force AS f SET version = now_version
			WHERE f.history = in_history AND f.task = of_task AND (f.day >= change
				OR f.version = old.version AND (oracle.local_day(written, zone, e.day_start) >= change OR old.starts_at::date >= change));
		END IF;
	END LOOP;
	INSERT INTO oracle.outcome VALUES (in_history, of_task, task_ends, zone, now_version);
END
$$;

-- What the plan of a task says on each day that has something, through a day: of one history, or of two that became one person's.
CREATE FUNCTION oracle.plan_day(of_history integer, excuses integer[], of_task integer, through date)
RETURNS TABLE (day date, prescribed integer, excused integer)
LANGUAGE sql STABLE AS $$
	SELECT * FROM (
		SELECT f.day, coalesce(units_due(v.schedule, v.starts_at, f.day), 0),
			(SELECT LEAST(count(*), 1)::integer FROM oracle.excuse AS x WHERE x.history = ANY (excuses) AND x.during @> f.day
				AND (x.task IS NULL OR x.task = of_task AND x.history = of_history))
			* (f.day >= (SELECT min(b.starts_at)::date FROM oracle.version AS b JOIN oracle.in_force AS o USING (history, task, version)
				WHERE b.history = of_history AND b.task = of_task))::integer
		FROM oracle.in_force AS f
		JOIN oracle.version AS v USING (history, task, version)
		JOIN oracle.outcome AS o USING (history, task)
		WHERE f.history = of_history AND f.task = of_task AND f.day <= through AND (o.ends IS NULL OR f.day < o.ends)) AS d (day, prescribed, excused)
	WHERE d.prescribed + d.excused > 0
$$;

SELECT oracle.live_all() \g /dev/null
SELECT oracle.follow(history, task) FROM oracle.plan \g /dev/null
ANALYZE care.task_calendar, care.check_in, care.measurement, oracle.in_force, oracle.version, oracle.fact, oracle.excuse, oracle.doing;
