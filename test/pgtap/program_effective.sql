-- The effective calendar against plain SQL: the plan of the schedule in force on each day, and the record of whoever is believed first; at
-- any hour, wherever the person is, whether or not the kept plan has been advanced; and of two persons who turn out to be one.
\ir include/setup.sql
\set histories 12
\set ways '3,12'
\ir include/program_histories.sql

SELECT plan(36);

CREATE TABLE oracle.record_day AS
SELECT history, task, source, due_on AS day, sum(taken)::integer AS taken, sum(missed)::integer AS missed
FROM oracle.fact GROUP BY history, task, source, due_on;

-- Days without a schedule count what is recorded as planned.
CREATE FUNCTION oracle.effective_day(of_history integer, of_task integer, precedence text[], today date)
RETURNS TABLE (day date, prescribed integer, taken integer, missed integer, excused integer)
LANGUAGE sql STABLE AS $$
	SELECT day, coalesce(p.prescribed, 0) + CASE WHEN v.schedule IS NULL THEN coalesce(r.taken + r.missed, 0) ELSE 0 END,
		coalesce(r.taken, 0), coalesce(r.missed, 0), coalesce(p.excused, 0)
	FROM oracle.plan_day(of_history, ARRAY[of_history], of_task, today) AS p
	FULL JOIN (
		SELECT DISTINCT ON (day) day, taken, missed FROM oracle.record_day
		WHERE history = of_history AND task = of_task ORDER BY day, array_position(precedence, source)) AS r USING (day)
	JOIN oracle.in_force AS f USING (day)
	JOIN oracle.version AS v USING (history, task, version)
	WHERE f.history = of_history AND f.task = of_task
$$;

CREATE VIEW oracle.today AS
SELECT o.history, o.task, i.source_precedence, oracle.local_day(clock(), o.zone, i.day_start) AS today FROM oracle.outcome AS o, care.program_info AS i;
CREATE VIEW oracle.effective AS
SELECT o.history, o.task, o.today, e.day, e.prescribed, e.taken, e.missed, e.excused
FROM oracle.today AS o, oracle.effective_day(o.history, o.task, o.source_precedence, o.today) AS e;
CREATE VIEW oracle.shown AS
SELECT d.history, d.way, d.task, c.today, c.calendar, c.calendar_with_today FROM care.effective_calendar AS c JOIN oracle.doing AS d USING (person_id, task_id);

-- Three assertions about the moment that the clock shows.
CREATE FUNCTION oracle.agrees(about text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT bag_eq('SELECT history, way, task, today FROM oracle.shown', 'SELECT history, way, task, today FROM oracle.today, oracle.way',
		about || ': every task, on the day it is there');
	RETURN NEXT bag_eq('SELECT history, way, task, day, prescribed, taken, missed, excused FROM oracle.shown, to_adherence_days(calendar_with_today)
			WHERE prescribed + taken + missed + excused > 0',
		'SELECT history, way, task, day, prescribed, taken, missed, excused FROM oracle.effective, oracle.way', about || ': all its days');
	RETURN NEXT bag_eq('SELECT history, way, task, day, prescribed, taken, missed, excused FROM oracle.shown, to_adherence_days(calendar)
			WHERE prescribed + taken + missed + excused > 0',
		'SELECT history, way, task, day, prescribed, taken, missed, excused FROM oracle.effective, oracle.way WHERE day < today',
		about || ': and through yesterday');
END
$$;

SELECT cmp_ok((SELECT count(DISTINCT day - today) FROM oracle.effective), '>', 20::bigint, 'there are days to test');
SELECT cmp_ok((SELECT count(*) FROM oracle.record_day AS a JOIN oracle.record_day AS b USING (history, task, day) WHERE a.source < b.source), '>', 20::bigint,
	'on some of them several sources speak');

-- As time goes on and nobody writes.
SELECT oracle.agrees('at once');
SELECT set_config('coachiatry.clock', (clock() + interval '7 hours')::text, true) \g /dev/null
SELECT oracle.agrees('hours later');
SELECT set_config('coachiatry.clock', (clock() + interval '28 hours')::text, true) \g /dev/null
SELECT oracle.agrees('a day later');
SELECT set_config('coachiatry.clock', (clock() + interval '40 days')::text, true) \g /dev/null
SELECT oracle.agrees('weeks later');
SELECT cmp_ok(care.advance_plan(), '>', 0::bigint, 'plans are advanced');
SELECT is(care.advance_plan(), 0::bigint, 'once');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'to what they would be if made afresh');
SELECT oracle.agrees('and then');

--
-- Whom to believe
--

-- A day for each set of sources, on which each says another number.
INSERT INTO care.person (person_id) VALUES (900001);
INSERT INTO care.task (person_id, task_id, schedule, starts_at) VALUES (900001, 900001, 'QD', '2026-01-01');
CREATE TABLE oracle.speaks AS
SELECT date '2026-01-01' + n AS day, s.source, s.i::smallint AS units
FROM generate_series(1, 127) AS n, unnest(ARRAY['seen', 'device', 'pharmacy', 'coach', 'person', 'proxy', 'import']) WITH ORDINALITY AS s (source, i)
WHERE n & (1 << (s.i - 1)::integer) <> 0;
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) SELECT 900001, 900001, day, source, units FROM oracle.speaks;

-- Each of the 5040 orders of the seven: how many days are not as they should be.
CREATE FUNCTION oracle.mistaken(OUT orders integer, OUT days bigint, OUT wrong bigint)
LANGUAGE plpgsql AS $$
DECLARE
	precedence text[];
	counted record;
BEGIN
	orders := 0;
	days := 0;
	wrong := 0;
	FOR precedence IN WITH RECURSIVE sequence AS (
			SELECT '{}'::text[] AS o
			UNION ALL
			SELECT o || s.source FROM sequence, (SELECT DISTINCT source FROM oracle.speaks) AS s WHERE s.source <> ALL (o))
		SELECT sequence.o FROM sequence WHERE cardinality(sequence.o) = 7
	LOOP
		UPDATE care.program_info SET source_precedence = precedence;
		SELECT count(*) AS days, count(*) FILTER (WHERE e.taken IS DISTINCT FROM w.units) AS wrong INTO counted
		FROM (SELECT DISTINCT ON (day) day, units FROM oracle.speaks ORDER BY day, array_position(precedence, source)) AS w
		FULL JOIN (SELECT d.day, d.taken FROM care.effective_calendar AS c, to_adherence_days(c.calendar_with_today) AS d
			WHERE c.person_id = 900001 AND d.taken + d.missed > 0) AS e USING (day);
		orders := orders + 1;
		days := days + counted.days;
		wrong := wrong + counted.wrong;
	END LOOP;
END
$$;
SELECT is(m::text, '(5040,640080,0)', 'in every order of the sources the first that said something is believed') FROM oracle.mistaken() AS m;
UPDATE care.program_info SET source_precedence = '{proxy,import,person,coach,device,seen,pharmacy}';
SELECT oracle.agrees('with another order');

--
-- Two that are one
--

-- The third person has from the first what the first two have together.
CREATE TABLE oracle.one AS
SELECT (SELECT person_id FROM oracle.who WHERE history = 1 AND way = 3) AS first, (SELECT person_id FROM oracle.who WHERE history = 2 AND way = 3) AS second,
	(SELECT person_id FROM oracle.who WHERE history = 1 AND way = 12) AS third, (SELECT person_id FROM oracle.who WHERE history = 2 AND way = 12) AS fourth;
CREATE TABLE oracle.same_task AS
SELECT a.task_id, 910000 + b.task_id AS as_task_id, b.person_id AS of_person, b.task_id AS of_task
FROM oracle.doing AS a JOIN oracle.doing AS b USING (history, task) WHERE a.way = 3 AND b.way = 12 AND history IN (1, 2);
INSERT INTO care.person (person_id, time_zone) SELECT 910000, p.time_zone FROM care.person AS p JOIN oracle.one ON p.person_id = third;
INSERT INTO care.task (person_id, task_id, schedule, starts_at, ends, created_at)
SELECT 910000, s.as_task_id, t.schedule, t.starts_at, t.ends, t.created_at FROM care.task AS t JOIN oracle.same_task AS s ON s.of_task = t.task_id;
INSERT INTO care.task_revision (person_id, task_id, until, schedule, starts_at)
SELECT 910000, s.as_task_id, r.until, r.schedule, r.starts_at FROM care.task_revision AS r JOIN oracle.same_task AS s ON s.of_task = r.task_id;
INSERT INTO care.excused_period (person_id, task_id, during)
SELECT 910000, s.as_task_id, x.during FROM care.excused_period AS x JOIN oracle.one ON x.person_id IN (third, fourth)
LEFT JOIN oracle.same_task AS s ON s.of_task = x.task_id;
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed)
SELECT 910000, s.as_task_id, c.due_on, c.occurrence, c.source, c.taken, c.missed
FROM care.check_in AS c JOIN oracle.same_task AS s ON s.of_task = c.task_id;
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, occurrence, source, value)
SELECT 910000, m.instrument_id, m.item, m.measured_on, m.occurrence + CASE m.person_id WHEN fourth THEN 100 ELSE 0 END, m.source, m.value
FROM care.measurement AS m JOIN oracle.one ON m.person_id IN (third, fourth);

-- How many rows each table has about someone, in all tables there are.
CREATE FUNCTION oracle.rows_about(whom bigint) RETURNS TABLE (name text, rows bigint)
LANGUAGE plpgsql AS $$
BEGIN
	FOR name IN SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'person_id'
		WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r' AND c.relname <> 'person'
	LOOP
		EXECUTE format('SELECT count(*) FROM care.%I WHERE person_id = $1', name) INTO rows USING whom;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TABLE oracle.rows_before AS
SELECT name, sum(rows)::bigint AS rows FROM oracle.one, unnest(ARRAY[first, second]) AS whom, oracle.rows_about(whom)
WHERE name NOT IN ('correction', 'measure_series', 'warning', 'warning_event', 'warning_outbox', 'recheck') GROUP BY name;

SELECT care.merge_persons(first, second) FROM oracle.one \g /dev/null
SELECT bag_eq('SELECT s.as_task_id, k.source, adherence_send(k.calendar), k.planned_through, k.stale_at FROM care.task_calendar AS k
		JOIN oracle.one ON k.person_id = first JOIN oracle.same_task AS s USING (task_id)',
	'SELECT task_id, source, adherence_send(calendar), planned_through, stale_at FROM care.task_calendar WHERE person_id = 910000',
	'merged calendars are of the same bytes as those of someone who always was one');
SELECT bag_eq('SELECT instrument_id, item, series_send(series) FROM care.measure_series JOIN oracle.one ON person_id = first',
	'SELECT instrument_id, item, series_send(series) FROM care.measure_series WHERE person_id = 910000', 'and series');
SELECT bag_eq('SELECT r.* FROM oracle.one, oracle.rows_about(first) AS r WHERE name NOT IN (''correction'', ''measure_series'', ''warning'', ''warning_event'', ''warning_outbox'', ''recheck'')',
	'SELECT * FROM oracle.rows_before', 'no row was lost');
SELECT is_empty('SELECT r.* FROM oracle.one, oracle.rows_about(second) AS r WHERE rows > 0', 'and none is left behind');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'verify_derived agrees');
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken)
SELECT first, task_id, '2026-02-20', 'coach', 1 FROM oracle.one, oracle.same_task;
INSERT INTO care.measurement (person_id, instrument_id, measured_on, occurrence, value) SELECT second, 1, '2026-01-09', 1, 3.5 FROM oracle.one;
INSERT INTO care.excused_period (person_id, during) SELECT second, '[2026-01-15,2026-01-17)' FROM oracle.one;
SELECT lives_ok('SELECT care.merge_persons(first, second) FROM oracle.one', 'once more for what has come since');
SELECT is_empty('SELECT r.* FROM oracle.one, oracle.rows_about(second) AS r WHERE rows > 0', 'which moves too');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'and is kept');
SELECT throws_ok(format('SELECT care.merge_persons(%s, %s)', k, d), '22023', NULL, about) FROM oracle.one,
	LATERAL (VALUES (first::text, first::text, 'nobody is merged into themselves'), (third::text, second::text, 'nor into a second person'),
		(second::text, third::text, 'nor into someone who was merged'), (first::text, '777777', 'nor is somebody unknown')) AS v (k, d, about);

SELECT * FROM finish();
\set removed `rm -rf :'scratch'`
ROLLBACK;
