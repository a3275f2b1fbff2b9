-- Synthetic programs: the same rows for the same people, seed and day, whatever the session's settings; another seed, other rows; every table filled, and
-- what is in them such as one would expect.
\ir include/setup.sql
SELECT plan(46);

SET LOCAL coachiatry.clock = '2026-07-01 12:00+00';
SELECT is(coachiatry.synthetic_program('one'), 'one', 'a synthetic program is made, and its name returned');
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL timezone = 'Asia/Kathmandu';
SET LOCAL extra_float_digits = -3;
SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_nestloop = off;
SELECT is(coachiatry.synthetic_program('two', 40, 1), 'two', '40 people and seed 1 are the defaults');
RESET datestyle;
RESET timezone;
SET LOCAL extra_float_digits = 1;
RESET intervalstyle;
RESET enable_hashjoin;
RESET enable_nestloop;
SELECT is(coachiatry.synthetic_program('other', 40, -2147483648), 'other', 'any seed will do');

CREATE FUNCTION oracle.tables(program name) RETURNS SETOF name LANGUAGE sql AS $$
	SELECT relname FROM pg_class WHERE relnamespace = program::regnamespace AND relkind = 'r'
$$;
CREATE FUNCTION oracle.digest(program name, of name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM %I.%I AS t', program, of) INTO found;
	RETURN found;
END
$$;
CREATE FUNCTION oracle.rows(program name, of name) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	found bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %I.%I', program, of) INTO found;
	RETURN found;
END
$$;

-- The names differ, and the key that signs tokens is a secret of each program.
SELECT oracle.agree($$SELECT t AS about, oracle.digest('two', t) AS got, oracle.digest('one', t) AS wanted FROM oracle.tables('one') AS t WHERE t NOT IN ('program_info', 'token_key')$$,
	'one seed: all tables are the same, whatever the settings');
SELECT oracle.agree($$SELECT t AS about, oracle.digest('other', t) <> oracle.digest('one', t) AS got, true AS wanted
	FROM unnest('{person,task,episode,check_in,measurement,contact,commitment,support_request,correction,verification,supply,task_calendar}'::name[]) AS t$$,
	'another seed: the tables about people are others');

-- What no setting, machine or version may change; the figure is of the generator as it is, and changes with it.
SELECT is((SELECT md5(string_agg(concat_ws(' ', person_id, task_id, due_on, occurrence, source, taken, missed), E'\n'
		ORDER BY person_id, task_id, due_on, occurrence, source)) FROM one.check_in), 'aeb87a8fcaedbb8987c7a80dbecb4717',
	'seed 1 is the same here as everywhere');

-- A table whose rows cannot be invented is named in the list.
SELECT is_empty($$SELECT t FROM oracle.tables('one') AS t WHERE oracle.rows('one', t) = 0 AND t <> ALL ('{revoked_token,stream_fault}')$$, 'every table has rows');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'one'::regnamespace AND relname LIKE 'synthetic%'
	UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'one'::regnamespace AND proname LIKE 'synthetic%'$$, 'nothing of the generator is left');
SELECT is_empty('SELECT * FROM one.verify_derived()', 'the kept calendars and series are what the facts say');
SELECT is_empty('SELECT * FROM other.verify_derived()', 'with another seed too');
SELECT is((SELECT count(*) FROM one.person), 40::bigint, 'there are as many people as were asked for');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'one'::regnamespace AND relowner <> 'one_owner'::regrole$$, 'all belongs to the owner');
INSERT INTO one.person (name) VALUES ('Zed') RETURNING person_id \gset
SELECT is(:'person_id'::bigint, 41::bigint, 'one can go on from there');
DELETE FROM one.person WHERE name = 'Zed';

-- Nothing is later than the clock, and nothing outside somebody's time in the program
SELECT is((SELECT max(recorded_at) <= clock() AND max(due_on) = '2026-07-01' FROM one.check_in), true, 'check-ins end today, and none is recorded later');
SELECT is((SELECT max(measured_on) BETWEEN '2026-06-24' AND '2026-07-01' AND max(recorded_at) <= clock() FROM one.measurement), true, 'so do measurements');
SELECT is((SELECT max(started_at) <= clock() AND max(started_at) > clock() - interval '7 days' FROM one.contact), true, 'so do contacts');
SELECT is_empty($$SELECT FROM one.check_in AS c JOIN one.person AS p USING (person_id) WHERE c.recorded_at < ((c.due_on + time '00:00') AT TIME ZONE p.time_zone)$$,
	'nothing is recorded before its day');
SELECT is_empty($$SELECT FROM one.check_in AS c JOIN one.episode AS e USING (person_id) WHERE c.due_on < e.started OR c.due_on >= e.ended$$,
	'nothing is recorded of a day outside the episode');
SELECT is_empty($$SELECT FROM one.check_in AS c JOIN one.excused_period AS x USING (person_id) WHERE c.due_on <@ x.during$$, 'nothing is recorded of an excused day');
SELECT is_empty($$SELECT FROM one.task_calendar AS k JOIN one.effective_calendar AS e USING (person_id, task_id)
	WHERE k.source <> 'plan' AND days_over(e.calendar) > 20 AND 3 > (SELECT tier FROM one.episode AS i WHERE i.person_id = k.person_id)$$, 'who takes too much has a high tier');

-- The staff
SELECT is_empty($$SELECT FROM one.staff AS s WHERE role = 'coach' AND NOT EXISTS (
	WITH RECURSIVE above AS (SELECT s.supervisor_id AS id UNION SELECT a.supervisor_id FROM above JOIN one.staff AS a ON a.staff_id = above.id)
	SELECT FROM above JOIN one.staff AS a ON a.staff_id = above.id WHERE a.licensed)$$, 'every coach''s line of supervisors ends in a licensed clinician');
SELECT set_eq('SELECT role FROM one.staff', '{coach,supervisor,prescriber,therapist,coordinator,practice_coach,analyst,auditor}'::text[], 'there is every role');
SELECT results_eq($$SELECT p.person_id FROM one.person AS p JOIN one.assignment AS a USING (person_id) GROUP BY 1
	HAVING array_agg(a.role ORDER BY a.role) = '{coach,prescriber,therapist}' ORDER BY 1$$, 'SELECT n::bigint FROM generate_series(1, 40) AS n',
	'everybody has a coach, a prescriber and a therapist');

-- Such as one would expect, over more people than chance decides
SELECT is(coachiatry.synthetic_program('many', 200, 7), 'many', 'a larger one');
SELECT is_empty('SELECT * FROM many.verify_derived()', 'its kept calendars and series are what the facts say');
CREATE TABLE oracle.share AS
SELECT c.source, count(*) AS n, avg((c.taken > 0)::int) AS done, avg((c.recorded_at > (c.due_on + 2 + time '00:00') AT TIME ZONE p.time_zone)::int) AS late
FROM many.check_in AS c JOIN many.person AS p USING (person_id) GROUP BY 1;
SELECT cmp_ok(n, '>', 40000::bigint, 'there are check-ins by the person') FROM oracle.share WHERE source = 'person';
SELECT ok(done BETWEEN 0.75 AND 0.9, 'of what people report some 80 % is done: ' || round(done, 2)) FROM oracle.share WHERE source = 'person';
SELECT ok(late BETWEEN 0.03 AND 0.12, 'some is reported late: ' || round(late, 3)) FROM oracle.share WHERE source = 'person';
SELECT set_eq('SELECT source FROM oracle.share', '{seen,device,coach,person,proxy}'::text[], 'several sources record');
SELECT ok((SELECT avg((p.taken > 0)::int - (d.taken > 0)::int) FROM many.check_in AS p JOIN many.check_in AS d USING (person_id, task_id, due_on, occurrence)
	WHERE p.source = 'person' AND d.source = 'device') BETWEEN 0.02 AND 0.2, 'people say more than their devices');
SELECT ok((SELECT count(*) FROM (
	SELECT p.person_id FROM many.check_in AS p JOIN many.check_in AS d USING (person_id, task_id, due_on, occurrence)
	WHERE p.source = 'person' AND d.source = 'device' GROUP BY 1 HAVING avg((p.taken > 0)::int) - avg((d.taken > 0)::int) > 0.15) AS o) BETWEEN 3 AND 40,
	'and some much more');
SELECT ok(avg((b).completeness) BETWEEN 0.8 AND 0.97, 'not everything is recorded: ' || round(avg((b).completeness)::numeric, 2))
FROM (SELECT adherence_bounds(calendar) AS b FROM many.effective_calendar) AS e;
SELECT ok(min(r) < 0.4 AND percentile_cont(0.5) WITHIN GROUP (ORDER BY r) BETWEEN 0.65 AND 0.9 AND max(r) > 0.95, 'rates lie far apart: ' || round(min(r)::numeric, 2) || ' to ' || round(max(r)::numeric, 2))
FROM (SELECT adherence_rate(e.calendar) AS r FROM many.effective_calendar AS e JOIN many.task AS t USING (person_id, task_id)
	WHERE t.kind = 'medication' AND t.show_streak) AS e;
SELECT ok(avg(r[6] + r[7]) < avg(r[1] + r[2]) - 0.1, 'less is done on weekends')
FROM (SELECT weekday_rates(calendar) AS r FROM many.effective_calendar AS e JOIN many.task AS t USING (person_id, task_id) WHERE t.schedule::text = 'FREQ=DAILY') AS e;
SELECT ok((SELECT corr((c.taken > 0)::int, (d.taken > 0)::int) FROM many.check_in AS c JOIN many.check_in AS d USING (person_id, task_id, occurrence, source)
	WHERE d.due_on = c.due_on + 1 AND c.source = 'person') > 0.1, 'misses come together');
SELECT ok(c BETWEEN -0.95 AND -0.4, 'who does more has a lower PHQ-9: ' || round(c::numeric, 2))
FROM (SELECT corr(m.score, r.done) AS c
	FROM (SELECT person_id, avg(value) AS score FROM many.measurement AS m JOIN many.instrument AS i USING (instrument_id) WHERE i.name = 'PHQ-9' AND item = '' GROUP BY 1) AS m
	JOIN (SELECT person_id, avg((taken > 0)::int) AS done FROM many.check_in GROUP BY 1) AS r USING (person_id)) AS s;
SELECT set_eq('SELECT DISTINCT left(locale, 2) FROM many.person', '{en,es}'::text[], 'two languages are spoken');
SELECT ok(count(*) FILTER (WHERE c.note ~ '[áéíóúñ]') > 50 AND count(*) FILTER (WHERE c.note !~ '[áéíóúñ]') > 50, 'and written') FROM many.check_in AS c;
SELECT ok(count(*) FILTER (WHERE ended IS NOT NULL) BETWEEN 15 AND 50, 'some episodes have ended') FROM many.episode;

-- Few, and the limits
SELECT is(coachiatry.synthetic_program('single', 1, 3), 'single', 'a program of one');
SELECT oracle.refused($$SELECT coachiatry.synthetic_program('nobody', 0)$$, '22023');
SELECT oracle.refused($$SELECT coachiatry.synthetic_program('everybody', 1000001)$$, '22023');
SELECT oracle.refused($$SELECT coachiatry.synthetic_program('nobody', NULL)$$, '22004');
SELECT oracle.refused($$SELECT coachiatry.synthetic_program(NULL)$$, '22004');
SELECT oracle.refused($$SELECT coachiatry.synthetic_program('one')$$, '42P06');
SELECT oracle.refused($$SELECT coachiatry.synthetic_program('No Name')$$, '42602');

SELECT * FROM finish();
ROLLBACK;
