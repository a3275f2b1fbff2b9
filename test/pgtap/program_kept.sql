-- The kept calendars and series say what the facts say, whatever way the facts came: the same histories, lived by twelve persons each
-- (include/program_histories.sql), end in the same bytes, and these hold what plain SQL finds in the facts.
\ir include/setup.sql
\ir include/program_histories.sql

SELECT plan(18);

--
-- What was written
--
SELECT cmp_ok((SELECT count(*) FROM oracle.fact), '>', 30 * :histories::bigint, 'there are check-ins to test');
SELECT bag_eq('SELECT history, way, task, due_on, occurrence, source, taken, missed FROM care.check_in JOIN oracle.doing USING (person_id, task_id)',
	'SELECT history, way, task, due_on, occurrence, source, taken, missed FROM oracle.fact, oracle.way',
	'every way led to the same check-ins');
SELECT bag_eq('SELECT history, way, instrument_id, item, measured_on, occurrence, source, value FROM care.measurement JOIN oracle.who USING (person_id)',
	'SELECT history, way, instrument, item, measured_on, occurrence, source, value FROM oracle.reading, oracle.way',
	'and measurements');
SELECT bag_eq('SELECT history, way, task, during FROM care.excused_period JOIN oracle.who USING (person_id)
		LEFT JOIN oracle.doing USING (history, way, person_id, task_id)',
	'SELECT history, way, task, during FROM oracle.excuse, oracle.way', 'and excused periods');

--
-- What is kept
--
SELECT care.advance_plan() \g /dev/null
SELECT is_empty('SELECT * FROM care.verify_derived()', 'verify_derived finds nothing wrong');

SELECT is_empty($$
	SELECT history, task, source, count(*), array_agg(DISTINCT calendar::text) FROM care.task_calendar JOIN oracle.doing USING (person_id, task_id)
	GROUP BY history, task, source
	HAVING count(*) <> 12 OR count(DISTINCT (adherence_send(calendar), pg_column_size(calendar), planned_through, stale_at)) <> 1
	$$, 'calendars are of the same bytes in every way');
SELECT is_empty($$
	SELECT history, instrument_id, item, count(*), array_agg(DISTINCT series::text) FROM care.measure_series JOIN oracle.who USING (person_id)
	GROUP BY history, instrument_id, item
	HAVING count(*) <> 12 OR count(DISTINCT (series_send(series), pg_column_size(series))) <> 1
	$$, 'and series');
SELECT is_empty($$SELECT * FROM care.task_calendar WHERE adherence_send(calendar) <> adherence_send(calendar::text::adherence)$$,
	'calendars are as their text reads back');
SELECT is_empty($$SELECT * FROM care.measure_series WHERE series_send(series) <> series_send(series::text::series)$$, 'and series');

-- Records against GROUP BY.
CREATE TABLE oracle.record_day AS
SELECT history, task, source, due_on AS day, sum(taken)::integer AS taken, sum(missed)::integer AS missed
FROM oracle.fact GROUP BY history, task, source, due_on;
SELECT bag_eq($$SELECT history, task, source, day, taken, missed FROM care.task_calendar JOIN oracle.doing USING (person_id, task_id),
		to_adherence_days(calendar) WHERE source <> 'plan' AND taken + missed > 0$$,
	'SELECT history, task, source, day, taken, missed FROM oracle.record_day, oracle.way', 'records say what the check-ins say');
SELECT is_empty($$SELECT person_id, task_id, source, day FROM care.task_calendar, to_adherence_days(calendar)
	WHERE source <> 'plan' AND prescribed + excused > 0$$, 'and prescribe nothing');

-- Plans against the schedules in force.
CREATE TABLE oracle.through AS
SELECT o.*, oracle.local_day(clock(), o.zone, '03:00') - 1 AS yesterday FROM oracle.outcome AS o;
CREATE TABLE oracle.planned AS
SELECT t.history, t.task, p.* FROM oracle.through AS t, oracle.plan_day(t.history, ARRAY[t.history], t.task, t.yesterday) AS p;
SELECT cmp_ok((SELECT count(*) FROM oracle.planned), '>', 20 * :histories::bigint, 'there are planned days to test');
SELECT bag_eq($$SELECT history, task, day, prescribed, excused FROM care.task_calendar JOIN oracle.doing USING (person_id, task_id),
		to_adherence_days(calendar) WHERE source = 'plan' AND prescribed + excused > 0$$,
	'SELECT history, task, day, prescribed, excused FROM oracle.planned, oracle.way', 'plans say what was due under the schedule of the day');
SELECT bag_eq($$SELECT history, task, planned_through FROM care.task_calendar JOIN oracle.doing USING (person_id, task_id) WHERE source = 'plan'$$,
	'SELECT history, task, yesterday FROM oracle.through, oracle.way', 'through yesterday where the person is');
SELECT is_empty($$SELECT person_id, task_id, source, day FROM care.task_calendar, to_adherence_days(calendar)
	WHERE source = 'plan' AND taken + missed > 0$$, 'and record nothing');

-- Series against GROUP BY; the sums of the first instrument are exact as float8.
SELECT bag_eq('SELECT history, instrument_id, item, day, count, CASE instrument_id WHEN 1 THEN sum END AS sum,
			CASE instrument_id WHEN 1 THEN mean END AS mean
		FROM care.measure_series JOIN oracle.who USING (person_id), to_series_days(series)',
	'SELECT history, instrument, item, measured_on, count(*)::integer AS count, CASE instrument WHEN 1 THEN sum(value) END AS sum,
			CASE instrument WHEN 1 THEN sum(value) / count(*) END AS mean
		FROM oracle.reading, oracle.way GROUP BY history, way, instrument, item, measured_on', 'series say what the measurements say');

--
-- Nothing is left when nothing is there
--
DELETE FROM care.measurement;
DELETE FROM care.check_in WHERE source <> 'person';
DELETE FROM care.check_in USING oracle.doing WHERE check_in.task_id = doing.task_id AND way % 2 = 0;
DELETE FROM care.check_in;
SELECT is_empty($$SELECT person_id FROM care.task_calendar WHERE source <> 'plan' UNION ALL SELECT person_id FROM care.measure_series$$,
	'without facts there is no row');
DELETE FROM care.excused_period;
DELETE FROM care.task_revision;
DELETE FROM care.task;
SELECT is_empty('SELECT * FROM care.task_calendar', 'nor without tasks');

SELECT * FROM finish();
\set removed `rm -rf :'scratch'`
ROLLBACK;
