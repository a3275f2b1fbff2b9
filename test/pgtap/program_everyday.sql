-- The everyday views and functions of a program against plain SQL over the facts: days from generate_series, what is planned from units_due() under the
-- schedule that was in force, what was done from the check-ins of the source to be believed. Nothing here asks the kept calendars or their aggregates.
-- Random people live in zones on both sides of the date line, where days begin at three.
\if :{?people}
\else
\set people 40
\endif
\ir include/setup.sql
SET LOCAL timezone = 'UTC';

SELECT plan(81);

SELECT set_config('coachiatry.clock', '2026-01-20 09:00+00', true) \g /dev/null
SELECT create_program('care') \g /dev/null
UPDATE care.program_info SET day_start = '03:00', source_precedence = '{device,seen,pharmacy,coach,person,proxy,import}';
-- Warnings are tested where they are made: warning_*.sql.
UPDATE care.warning_rule SET enabled = false;

--
-- Nobody
--
SELECT is_empty('SELECT person_id FROM care.caseload', 'caseload: nobody');
SELECT is_empty('SELECT person_id FROM care.my_day', 'my_day: nobody');
SELECT is_empty('SELECT person_id FROM care.my_calendar', 'my_calendar: nobody');
SELECT is_empty('SELECT person_id FROM care.discordance', 'discordance: nobody');
SELECT is_empty('SELECT person_id FROM care.data_quality()', 'data_quality: nobody');
SELECT is_empty('SELECT task_id FROM care.reconcile(1)', 'reconcile: nobody');
SELECT is_empty('SELECT person_id FROM care.caseload_of(1)', 'caseload_of: nobody');

--
-- People
--

-- The i-th of some values, drawn for the keys; a whole number from 0 to below n.
CREATE FUNCTION oracle.draw(choice anyarray, VARIADIC keys integer[]) RETURNS anyelement
LANGUAGE sql STABLE AS $$ SELECT choice[1 + floor(oracle.random(VARIADIC keys) * cardinality(choice))::integer] $$;
CREATE FUNCTION oracle.below(n integer, VARIADIC keys integer[]) RETURNS integer
LANGUAGE sql STABLE AS $$ SELECT floor(oracle.random(VARIADIC keys) * n)::integer $$;

INSERT INTO care.staff (staff_id, name, role, licensed, employed)
SELECT s, format('staff %s', s), CASE WHEN s <= 5 THEN 'coach' WHEN s = 6 THEN 'supervisor' ELSE 'prescriber' END, true,
	CASE WHEN s = 5 THEN daterange('2025-01-01', '2026-03-15') ELSE daterange('2025-01-01', NULL) END
FROM generate_series(1, 8) AS s;

INSERT INTO care.person (person_id, name, time_zone)
SELECT p, format('person %s', p), oracle.draw(ARRAY['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC', 'America/New_York', 'Asia/Kolkata'], p, 1)
FROM generate_series(1, :people) AS p;
INSERT INTO care.episode (person_id, episode_id, started, tier)
SELECT p, 1000 + p, date '2026-01-01' + oracle.below(75, p, 2), 1 + oracle.below(4, p, 3) FROM generate_series(1, :people) AS p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, CASE n WHEN 4 THEN 7 ELSE 1 + oracle.below(5, p, n, 4) END, CASE n WHEN 4 THEN 'prescriber' ELSE 'coach' END,
	daterange(date '2026-01-05' + oracle.below(40, p, n, 5), CASE WHEN oracle.random(p, n, 6) < .5 THEN date '2026-03-08' + oracle.below(6, p, n, 7) END)
FROM generate_series(1, :people) AS p, generate_series(1, 4) AS n
WHERE oracle.random(p, n, 8) < .6;

-- 12 is where the days begin at midnight UTC; another coach has them too, but not for long.
UPDATE care.person SET time_zone = 'Asia/Riyadh' WHERE person_id = 12;
DELETE FROM care.assignment WHERE person_id = 12;
INSERT INTO care.assignment (person_id, staff_id, during) VALUES (12, 1, '[2026-01-05,)'), (12, 2, '[2026-03-14,2026-03-16)');

-- 1 has no task, 2 only some without a schedule, 3 only one taken as needed, 5 one that starts tomorrow.
INSERT INTO care.task (person_id, task_id, episode_id, kind, title, schedule, starts_at, ends, status, show_streak, units)
SELECT p, 10 * p + n, 1000 + p, 'activity', CASE WHEN n < 3 THEN format('task %s', n) ELSE '' END,
	CASE p WHEN 2 THEN NULL WHEN 3 THEN 'PRN' WHEN 5 THEN 'QD'
		ELSE oracle.draw(ARRAY['QD', 'QD', 'BID', 'TID', 'FREQ=WEEKLY;BYDAY=MO,WE,FR', 'QOD;UNITS=2', NULL, 'PRN']::schedule[], p, n, 10) END,
	CASE p WHEN 5 THEN '2026-03-12' ELSE date '2026-03-11' - oracle.below(90, p, n, 11) END,
	CASE WHEN p > 6 AND oracle.random(p, n, 12) < .2 THEN greatest(date '2026-03-14' - oracle.below(12, p, n, 13) + 90 * (n = 1)::integer, '2026-03-11') END,
	'active', oracle.random(p, n, 14) < .7, oracle.draw(ARRAY['times', 'tablet'], p, n, 15)
FROM generate_series(2, :people) AS p, generate_series(1, CASE WHEN p IN (3, 5) THEN 1 ELSE 3 END) AS n
WHERE p < 7 OR oracle.random(p, n, 16) < .8
ON CONFLICT DO NOTHING;
UPDATE care.task SET status = 'completed' WHERE ends < '2026-03-13' AND person_id % 2 = 0;

INSERT INTO care.excused_period (person_id, task_id, during, reason)
SELECT t.person_id, CASE WHEN oracle.random(t.task_id::integer, 20) < .5 THEN t.task_id END,
	daterange(from_day, CASE WHEN oracle.random(t.task_id::integer, 21) < .8 THEN from_day + 1 + oracle.below(9, t.task_id::integer, 22) END), 'travel'
FROM care.task AS t CROSS JOIN LATERAL (SELECT date '2026-03-14' - oracle.below(40, t.task_id::integer, 23) AS from_day) AS f
WHERE t.person_id > 6 AND oracle.random(t.task_id::integer, 24) < .3;
INSERT INTO care.excused_period (person_id, during, reason) VALUES (4, '[2026-03-09,2026-03-13)', 'hospital');

-- Records: by the person, a device from some day on, a coach now and then; some ahead of time, some late, some in one go.
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed, difficulty, extent, recorded_at)
SELECT t.person_id, t.task_id, d.day, o, s.source, CASE WHEN r.x < .75 THEN 1 WHEN r.x < .8 THEN 2 ELSE 0 END, CASE WHEN r.x < .8 THEN 0 ELSE 1 END,
	CASE WHEN t.person_id % 3 = 0 THEN 4 WHEN oracle.random(t.task_id::integer, d.n, o, 30) < .7 THEN oracle.below(3, t.task_id::integer, d.n, o, 31) END,
	CASE WHEN t.person_id % 5 = 0 THEN oracle.draw(ARRAY[0, 100, 100, 50]::real[], t.task_id::integer, d.n, o, 32) END,
	CASE WHEN t.person_id % 4 = 0 THEN d.day - extract(dow FROM d.day)::integer % 7 + 7 + time '20:00' + d.n * interval '50 seconds'
		ELSE d.day + oracle.below(4, t.task_id::integer, d.n, s.nth, 33) + time '21:00' END
FROM care.task AS t
CROSS JOIN LATERAL (SELECT date '2026-03-12' - n AS day, n FROM generate_series(0, 80) AS n) AS d
CROSS JOIN (VALUES ('person', 1, .7), ('device', 2, .5), ('coach', 3, .1)) AS s (source, nth, likely)
CROSS JOIN LATERAL generate_series(1, 1 + oracle.below(2, t.task_id::integer, 34)) AS o
CROSS JOIN LATERAL (SELECT oracle.random(t.task_id::integer, d.n, s.nth, o, 35) AS x) AS r
WHERE d.day >= t.starts_at::date - 2 AND oracle.random(t.task_id::integer, d.n, s.nth, o, 36) < s.likely
	AND (s.source <> 'device' OR (t.task_id % 3 = 1 AND d.day > '2026-02-20'))
	AND (d.n > 2 OR oracle.random(t.task_id::integer, d.n, 37) < .4);
DELETE FROM care.check_in WHERE person_id = 5;
-- 6: two sources say something of one and the same dose of yesterday.
DELETE FROM care.check_in WHERE person_id = 6 AND due_on >= '2026-03-09';
INSERT INTO care.task (person_id, task_id, episode_id, title, schedule, starts_at) VALUES (6, 69, 1006, 'twice told', 'BID', '2026-02-01');
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken)
SELECT 6, 69, d::date, source, 1 FROM generate_series(date '2026-03-08', '2026-03-11', '1 day') AS d, unnest(ARRAY['person', 'seen']) AS source;

INSERT INTO care.contact (person_id, staff_id, channel, agency, reached, started_at)
SELECT p, 1, 'voice', oracle.draw(ARRAY['human', 'human', 'automated', 'assisted'], p, n, 40), oracle.random(p, n, 41) < .7,
	'2026-03-13 12:00+00'::timestamptz - oracle.random(p, n, 42) * interval '40 days'
FROM generate_series(1, :people) AS p, generate_series(1, 3) AS n
WHERE oracle.random(p, n, 43) < .7;
INSERT INTO care.support_request (person_id, asked_at, words, answered_by, answered_at)
SELECT p, at, CASE WHEN p % 2 = 0 THEN 'please call' END, CASE WHEN p % 3 = 0 THEN 1 END, CASE WHEN p % 3 = 0 THEN at + interval '1 hour' END
FROM generate_series(1, :people) AS p, generate_series(1, 2) AS n
CROSS JOIN LATERAL (SELECT '2026-03-10 10:00+00'::timestamptz - oracle.random(p, n, 44) * interval '3 days' AS at) AS a
WHERE oracle.random(p, n, 45) < .15;
INSERT INTO care.commitment (person_id, task_id, if_cue, then_action, due_on, kept)
SELECT t.person_id, t.task_id, CASE WHEN t.task_id % 2 = 0 THEN 'after lunch' END, 'I go out', date '2026-03-12' - oracle.below(4, t.task_id::integer, 46),
	CASE WHEN oracle.random(t.task_id::integer, 47) < .3 THEN true END
FROM care.task AS t;
INSERT INTO care.plan_change_request (person_id, task_id, words, answered_at, answer, answered_by)
SELECT person_id, task_id, 'too much?', CASE WHEN answered THEN clock() END, CASE WHEN answered THEN 'no' END, CASE WHEN answered THEN 7 END
FROM care.task CROSS JOIN LATERAL (SELECT oracle.random(task_id::integer, 48) < .5 AS answered) AS a WHERE task_id % 10 = 2 AND person_id > 10;

-- Some schedules change on the way.
SELECT set_config('coachiatry.clock', '2026-02-25 20:00+00', true) \g /dev/null
UPDATE care.task SET schedule = oracle.draw(ARRAY['QD', 'BID', NULL, 'QOD']::schedule[], task_id::integer, 50)
WHERE person_id > 6 AND oracle.random(task_id::integer, 51) < .25;

--
-- What the facts say, in plain SQL
--
CREATE VIEW oracle.who AS
SELECT p.person_id, p.name, p.time_zone, e.episode_id, e.tier, e.started, ((clock() AT TIME ZONE p.time_zone) - interval '3 hours')::date AS today
FROM care.person AS p JOIN care.episode AS e ON e.person_id = p.person_id AND e.ended IS NULL
WHERE p.merged_into IS NULL;

-- The source to believe about a day; the units of the most talkative one.
CREATE VIEW oracle.told AS
SELECT DISTINCT ON (person_id, task_id, due_on) person_id, task_id, due_on AS day, taken, missed, max(taken + missed) OVER whole AS most
FROM (
	SELECT person_id, task_id, due_on, source, sum(taken)::integer AS taken, sum(missed)::integer AS missed
	FROM care.check_in GROUP BY person_id, task_id, due_on, source) AS s
WINDOW whole AS (PARTITION BY person_id, task_id, due_on)
ORDER BY person_id, task_id, due_on, CASE source WHEN 'device' THEN 1 WHEN 'seen' THEN 2 WHEN 'coach' THEN 4 WHEN 'person' THEN 5 END;

-- The schedule of a day is that of the first revision that lasted longer, or else the task's.
CREATE VIEW oracle.plan_day AS
SELECT t.person_id, t.task_id, d.day, v.schedule IS NULL AS unscheduled,
	CASE WHEN d.day < coalesce(t.ends, 'infinity') THEN coalesce(units_due(v.schedule, v.starts_at, d.day), 0) ELSE 0 END AS prescribed,
	d.day >= f.first AND d.day < coalesce(t.ends, 'infinity') AND EXISTS (SELECT FROM care.excused_period AS x WHERE x.person_id = t.person_id
		AND coalesce(x.task_id, t.task_id) = t.task_id AND x.during @> d.day) AS excused
FROM care.task AS t
CROSS JOIN LATERAL (SELECT date '2025-12-01' + n AS day FROM generate_series(0, 110) AS n) AS d
CROSS JOIN LATERAL (SELECT least(min(r.starts_at), t.starts_at)::date AS first FROM care.task_revision AS r WHERE r.task_id = t.task_id) AS f
CROSS JOIN LATERAL (
	SELECT schedule, starts_at
	FROM (SELECT r.until, r.schedule, r.starts_at FROM care.task_revision AS r WHERE r.task_id = t.task_id AND r.until > d.day
		UNION ALL SELECT 'infinity', t.schedule, t.starts_at) AS v
	ORDER BY until LIMIT 1) AS v;

CREATE VIEW oracle.task_day AS
SELECT w.person_id, t.task_id, w.today, p.day, t.status AS task_status, t.show_streak, p.excused,
	p.prescribed + CASE WHEN p.unscheduled THEN coalesce(r.taken + r.missed, 0) ELSE 0 END AS prescribed,
	coalesce(r.taken, 0) AS taken, coalesce(r.missed, 0) AS missed, coalesce(r.most, 0)::integer AS most
FROM oracle.who AS w
JOIN care.task AS t ON t.person_id = w.person_id AND t.episode_id = w.episode_id
JOIN oracle.plan_day AS p ON p.task_id = t.task_id
LEFT JOIN oracle.told AS r ON r.task_id = t.task_id AND r.day = p.day;

CREATE TABLE oracle.day (LIKE oracle.task_day);

-- All that a person had to do on a day: what was done counts up to what was planned, task by task.
CREATE VIEW oracle.person_day AS
SELECT person_id, today, day, sum(prescribed) FILTER (WHERE NOT excused) AS prescribed, sum(least(taken, prescribed)) FILTER (WHERE NOT excused) AS taken,
	sum(least(missed, prescribed - least(taken, prescribed))) FILTER (WHERE NOT excused) AS missed,
	sum(greatest(0, prescribed - taken - missed)) FILTER (WHERE NOT excused) AS silent, bool_or(excused) AS excused
FROM oracle.day WHERE task_status = 'active' GROUP BY person_id, today, day;

-- Streaks of many keys: planned days, newest first, today only once it is decided, until the first that was not done.
CREATE FUNCTION oracle.streaks(days text) RETURNS TABLE (key bigint, streak integer)
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH planned AS (
			SELECT d.key, d.taken >= d.prescribed AS done, row_number() OVER (PARTITION BY d.key ORDER BY d.day DESC) AS n
			FROM (%s) AS d (key, day, today, prescribed, taken, missed)
			WHERE d.prescribed > 0 AND d.day <= d.today AND NOT (d.day = d.today AND d.taken < d.prescribed AND d.missed = 0))
		SELECT key, (coalesce(min(n) FILTER (WHERE NOT done), max(n) + 1) - 1)::integer FROM planned GROUP BY key
		$q$, days);
END
$$;

CREATE FUNCTION oracle.caseload() RETURNS TABLE (person_id bigint, name text, coach_ids bigint[], coaches text[], tier smallint, suggested integer,
	tasks integer, streak integer, low float8, high float8, completeness float8, last_contact timestamptz, days_since_contact integer, today date)
LANGUAGE sql AS $$
	SELECT w.person_id, w.name, a.ids, a.names, w.tier,
		CASE WHEN r.low IS NULL THEN NULL WHEN r.high < .5 THEN 4 WHEN r.high < .8 OR (r.complete < .5 AND coalesce(c.days, 99) > 7) THEN 3
			WHEN r.low >= .8 AND coalesce(s.streak, 0) >= 7 AND coalesce(c.days, 99) <= 28 THEN 1 ELSE 2 END,
		(SELECT count(*)::integer FROM care.task AS t WHERE t.person_id = w.person_id AND t.status = 'active'),
		coalesce(s.streak, 0), r.low, r.high, r.complete, c.at, c.days, w.today
	FROM oracle.who AS w
	LEFT JOIN oracle.streaks($q$SELECT person_id, day, today, prescribed, taken, missed FROM oracle.person_day$q$) AS s ON s.key = w.person_id
	LEFT JOIN LATERAL (
		SELECT sum(taken)::float8 / nullif(sum(prescribed), 0) AS low, sum(taken + silent)::float8 / nullif(sum(prescribed), 0) AS high,
			1 - sum(silent)::float8 / nullif(sum(prescribed), 0) AS complete
		FROM oracle.person_day AS d WHERE d.person_id = w.person_id AND d.day BETWEEN w.today - 14 AND w.today - 1) AS r ON true
	LEFT JOIN LATERAL (
		SELECT max(c.started_at) AS at, w.today - max((c.started_at AT TIME ZONE w.time_zone - interval '3 hours')::date) AS days
		FROM care.contact AS c
		WHERE c.person_id = w.person_id AND c.agency IN ('human', 'assisted') AND c.reached AND c.started_at <= clock()) AS c ON true
	LEFT JOIN LATERAL (
		SELECT array_agg(a.staff_id ORDER BY lower(a.during), a.assignment_id) AS ids,
			array_agg('staff ' || a.staff_id ORDER BY lower(a.during), a.assignment_id) AS names
		FROM care.assignment AS a WHERE a.person_id = w.person_id AND a.role = 'coach' AND w.today >= lower(a.during)
			AND w.today < coalesce(upper(a.during), 'infinity')) AS a ON true
$$;

CREATE FUNCTION oracle.open_item() RETURNS TABLE (person_id bigint, urgency integer, kind text, task_id bigint, amount text)
LANGUAGE sql AS $$
	SELECT p.person_id, 10, 'support_request', NULL, r.words FROM care.person AS p JOIN care.support_request AS r USING (person_id) WHERE answered_by IS NULL
	UNION ALL
	SELECT d.person_id, CASE d.today - d.day WHEN 1 THEN 30 ELSE 60 END, CASE d.today - d.day WHEN 1 THEN 'unanswered' ELSE 'due_today' END, d.task_id,
		format('%s of %s', d.prescribed - d.most, d.prescribed)
	FROM oracle.day AS d WHERE d.task_status = 'active' AND NOT d.excused AND d.today - d.day IN (0, 1) AND d.prescribed > d.most
	UNION ALL
	SELECT w.person_id, 40, 'no_contact', NULL, NULL FROM oracle.who AS w
	WHERE w.today - greatest(w.started, (SELECT max((c.started_at AT TIME ZONE w.time_zone - interval '3 hours')::date) FROM care.contact AS c
		WHERE c.person_id = w.person_id AND c.agency <> 'automated' AND c.reached AND c.started_at <= clock())) > (ARRAY[14, 7, 3, 1])[w.tier]
	UNION ALL
	SELECT w.person_id, 50, 'commitment', c.task_id, NULL FROM oracle.who AS w JOIN care.commitment AS c USING (person_id) JOIN care.task AS t USING (task_id)
	WHERE c.due_on = w.today AND c.kept IS NULL AND t.status = 'active'
	UNION ALL
	SELECT w.person_id, 70, 'plan_change_request', q.task_id, NULL FROM oracle.who AS w JOIN care.plan_change_request AS q USING (person_id) WHERE q.answer IS NULL
$$;

CREATE FUNCTION oracle.my_calendar() RETURNS TABLE (task_id bigint, day date, planned integer, done integer, status text, streak integer)
LANGUAGE sql AS $$
	SELECT d.task_id, d.day, d.prescribed, d.taken,
		CASE WHEN d.excused THEN 'paused'
			WHEN d.prescribed = 0 THEN 'also done'
			WHEN d.taken >= d.prescribed THEN 'done'
			WHEN d.day > d.today THEN 'planned'
			WHEN d.taken > 0 AND d.day = d.today AND d.missed = 0 THEN 'partly done, more to come'
			WHEN d.taken > 0 THEN 'partly done'
			WHEN d.missed > 0 THEN 'not this time'
			WHEN d.day = d.today THEN 'due today'
			ELSE 'not recorded' END,
		CASE WHEN d.show_streak AND d.task_status = 'active' THEN nullif(s.streak, 0) END
	FROM oracle.day AS d
	LEFT JOIN oracle.streaks($q$SELECT task_id, day, today, prescribed, taken, missed FROM oracle.day WHERE NOT excused$q$) AS s ON s.key = d.task_id
	WHERE d.day BETWEEN d.today - 27 AND d.today + 7 AND (d.excused OR d.prescribed > 0 OR d.taken > 0)
$$;

-- What one source says of a day; a device says 0 between its first and last report.
CREATE FUNCTION oracle.said(days integer) RETURNS TABLE (person_id bigint, task_id bigint, source text, day date, taken integer)
LANGUAGE sql AS $$
	WITH said AS (
		SELECT c.person_id, c.task_id, c.source, c.due_on AS day, sum(c.taken)::integer AS taken
		FROM care.check_in AS c JOIN oracle.who AS w USING (person_id)
		WHERE c.due_on < w.today AND c.due_on >= w.today - said.days
		GROUP BY c.person_id, c.task_id, c.source, c.due_on)
	SELECT * FROM said
	UNION ALL
	SELECT s.person_id, s.task_id, 'device', g::date, 0
	FROM (SELECT person_id, task_id, min(day) AS first, max(day) AS last FROM said WHERE source = 'device' GROUP BY person_id, task_id) AS s,
		generate_series(s.first, s.last, '1 day') AS g
	WHERE NOT EXISTS (SELECT FROM said AS o WHERE o.task_id = s.task_id AND o.source = 'device' AND o.day = g::date)
$$;

CREATE FUNCTION oracle.pairs(days integer) RETURNS TABLE (person_id bigint, task_id bigint, source text, other text, days integer, agree integer,
	differ integer, source_rate float8, other_rate float8, planned_days integer)
LANGUAGE sql AS $$
	SELECT a.person_id, a.task_id, a.source, b.source, count(*)::integer, count(*) FILTER (WHERE a.taken = b.taken)::integer,
		count(*) FILTER (WHERE a.taken <> b.taken)::integer,
		sum(least(a.taken, d.prescribed)) FILTER (WHERE d.prescribed > 0 AND NOT d.excused)::float8
			/ sum(d.prescribed) FILTER (WHERE d.prescribed > 0 AND NOT d.excused),
		sum(least(b.taken, d.prescribed)) FILTER (WHERE d.prescribed > 0 AND NOT d.excused)::float8
			/ sum(d.prescribed) FILTER (WHERE d.prescribed > 0 AND NOT d.excused),
		count(*) FILTER (WHERE d.prescribed > 0 AND NOT d.excused)::integer
	FROM oracle.said(pairs.days) AS a JOIN oracle.said(pairs.days) AS b USING (person_id, task_id, day)
	JOIN oracle.day AS d USING (person_id, task_id, day)
	WHERE array_position('{device,seen,coach,person}', a.source) < array_position('{device,seen,coach,person}', b.source)
	GROUP BY a.person_id, a.task_id, a.source, b.source
$$;

-- The longest run of one answer, counted one by one.
CREATE FUNCTION oracle.same_value(whose bigint, as_of date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
	answer record;
	before record;
	run integer := 0;
	longest integer := 0;
BEGIN
	FOR answer IN
		SELECT c.task_id, c.source, q.question, q.value
		FROM care.check_in AS c CROSS JOIN LATERAL (VALUES ('d', c.difficulty::real), ('e', c.extent)) AS q (question, value)
		WHERE c.person_id = whose AND c.due_on BETWEEN as_of - 28 AND as_of - 1 AND q.value IS NOT NULL AND c.source <> 'device'
		ORDER BY c.task_id, c.source, q.question, c.due_on, c.occurrence
	LOOP
		run := CASE WHEN answer = before THEN run + 1 ELSE 1 END;
		before := answer;
		IF answer.question = 'd' OR answer.value NOT IN (0, 100) THEN
			longest := greatest(longest, run);
		END IF;
	END LOOP;
	RETURN longest;
END
$$;

CREATE FUNCTION oracle.quality() RETURNS TABLE (person_id bigint, unrecorded float8, check_ins integer, late float8, days_at_once integer, same_value integer,
	last_recorded timestamptz)
LANGUAGE sql AS $$
	SELECT w.person_id, (SELECT sum(silent)::float8 / nullif(sum(prescribed), 0) FROM oracle.person_day AS d
			WHERE d.person_id = w.person_id AND d.day BETWEEN w.today - 28 AND w.today - 1),
		c.n, c.late,
		(SELECT coalesce(max(together), 0)::integer FROM (
			SELECT count(DISTINCT b.due_on) AS together
			FROM (SELECT source, due_on, min(recorded_at) AS at FROM care.check_in AS c WHERE c.person_id = w.person_id AND source <> 'device'
				AND due_on BETWEEN w.today - 28 AND w.today - 1 GROUP BY source, due_on) AS a
			JOIN (SELECT source, due_on, min(recorded_at) AS at FROM care.check_in AS c WHERE c.person_id = w.person_id AND source <> 'device'
				AND due_on BETWEEN w.today - 28 AND w.today - 1 GROUP BY source, due_on) AS b
				ON b.source = a.source AND b.at BETWEEN a.at AND a.at + interval '10 minutes'
			GROUP BY a.source, a.due_on) AS t),
		oracle.same_value(w.person_id, w.today),
		coalesce(c.last, (SELECT max(recorded_at) FROM care.check_in AS c WHERE c.person_id = w.person_id))
	FROM oracle.who AS w CROSS JOIN LATERAL (
		SELECT count(*)::integer AS n,
			count(*) FILTER (WHERE (c.recorded_at AT TIME ZONE w.time_zone - interval '3 hours')::date - c.due_on > 2)::float8 / nullif(count(*), 0) AS late,
			max(c.recorded_at) AS last
		FROM care.check_in AS c WHERE c.person_id = w.person_id AND c.due_on BETWEEN w.today - 28 AND w.today - 1 AND c.source <> 'device') AS c
$$;

-- Everything against its oracle, as the clock stands.
CREATE FUNCTION oracle.compare_all(label text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS oracle.expected_case, oracle.expected_pair, oracle.expected_discord, oracle.expected_quality;
	TRUNCATE oracle.day;
	INSERT INTO oracle.day SELECT * FROM oracle.task_day;
	ANALYZE oracle.day;
	CREATE TABLE oracle.expected_case AS SELECT * FROM oracle.caseload();
	CREATE TABLE oracle.expected_pair AS SELECT * FROM oracle.pairs(10000);
	CREATE TABLE oracle.expected_discord AS SELECT DISTINCT ON (task_id) * FROM oracle.pairs(28) WHERE other = 'person' AND planned_days > 0
		ORDER BY task_id, array_position('{device,seen,coach}', source);
	CREATE TABLE oracle.expected_quality AS SELECT * FROM oracle.quality();

	RETURN NEXT results_eq('SELECT person_id FROM care.caseload ORDER BY 1', 'SELECT person_id FROM oracle.who ORDER BY 1', label || ': caseload has a row for everyone coached');
	RETURN QUERY SELECT * FROM oracle.agree($q$
		SELECT person_id AS about, ROW(c.name, c.coach_ids, c.coaches, c.tier, c.tasks, c.last_contact, c.days_since_contact, c.today)::text AS got,
			ROW(w.name, w.coach_ids, w.coaches, w.tier, w.tasks, w.last_contact, w.days_since_contact, w.today)::text AS wanted
		FROM oracle.expected_case AS w LEFT JOIN care.caseload AS c USING (person_id)$q$, label || ': caseload: coaches, tier, tasks, contact');
	RETURN QUERY SELECT * FROM oracle.agree($q$SELECT person_id AS about, c.streak AS got, w.streak AS wanted
		FROM oracle.expected_case AS w LEFT JOIN care.caseload AS c USING (person_id)$q$, label || ': caseload: streak');
	RETURN QUERY SELECT * FROM oracle.agree($q$SELECT person_id AS about, x.got, x.wanted
		FROM oracle.expected_case AS w LEFT JOIN care.caseload AS c USING (person_id)
		CROSS JOIN LATERAL (VALUES (c.low, w.low), (c.high, w.high), (c.completeness, w.completeness)) AS x (got, wanted)$q$,
		label || ': caseload: rate, bounds, completeness');
	RETURN QUERY SELECT * FROM oracle.agree($q$SELECT person_id AS about, c.suggested_tier AS got, w.suggested AS wanted
		FROM oracle.expected_case AS w LEFT JOIN care.caseload AS c USING (person_id)$q$, label || ': caseload: suggested tier');
	RETURN QUERY SELECT * FROM oracle.agree($q$
		SELECT format('%s on %s', w.person_id, w.today - 28 + n) AS about, translate(substr(c.trend, n + 1, 1), '▂▃▄▅▆▇', '▄▄▄▄▄▄') AS got,
			CASE WHEN coalesce(d.prescribed, 0) = 0 THEN CASE WHEN d.excused THEN 'x' ELSE '·' END
				WHEN d.taken >= d.prescribed THEN '█' WHEN d.taken > 0 THEN '▄' WHEN d.missed > 0 THEN '▁' ELSE '?' END AS wanted
		FROM oracle.who AS w JOIN care.caseload AS c USING (person_id) CROSS JOIN generate_series(0, 28) AS n
		LEFT JOIN oracle.person_day AS d ON d.person_id = w.person_id AND d.day = w.today - 28 + n
		WHERE n < 28 OR length(c.trend) <> 28$q$, label || ': caseload: trend, a letter a day');
	RETURN NEXT bag_eq($q$SELECT person_id, urgency, kind, task_id, CASE WHEN kind IN ('unanswered', 'due_today') THEN substring(why FROM '\d+ of \d+')
			WHEN kind = 'support_request' THEN nullif(replace(why, 'asked for support', ''), '') END AS amount FROM care.open_item$q$,
		$q$SELECT person_id, urgency, kind, task_id, CASE WHEN kind = 'support_request' THEN ': ' || amount ELSE amount END FROM oracle.open_item()$q$,
		label || ': open_item');
	RETURN NEXT results_eq($q$SELECT person_id, urgency, support_requests, unanswered, due_today, no_contact, commitments, plan_change_requests, tier
			FROM care.my_day$q$,
		$q$SELECT i.person_id, min(urgency), count(*) FILTER (WHERE kind = 'support_request')::integer, count(*) FILTER (WHERE kind = 'unanswered')::integer,
				count(*) FILTER (WHERE kind = 'due_today')::integer, count(*) FILTER (WHERE kind = 'no_contact') > 0,
				count(*) FILTER (WHERE kind = 'commitment')::integer, count(*) FILTER (WHERE kind = 'plan_change_request')::integer, w.tier
			FROM oracle.open_item() AS i LEFT JOIN oracle.who AS w USING (person_id)
			GROUP BY i.person_id, w.tier
			ORDER BY min(urgency), (SELECT min(asked_at) FROM care.support_request AS r WHERE r.person_id = i.person_id AND r.answered_by IS NULL),
				count(*) FILTER (WHERE kind = 'unanswered') DESC, w.tier DESC NULLS LAST, i.person_id$q$, label || ': my_day, the most urgent first');
	RETURN NEXT bag_eq('SELECT task_id, day, planned, done, status, streak FROM care.my_calendar', 'SELECT * FROM oracle.my_calendar()',
		label || ': my_calendar');
	RETURN QUERY SELECT * FROM oracle.agree($q$SELECT format('%s %s %s', w.task_id, w.source, w.other) AS about,
			ROW(r.days, r.agree, r.differ, round(r.source_rate::numeric, 9), round(r.other_rate::numeric, 9))::text AS got,
			ROW(w.days, w.agree, w.differ, round(w.source_rate::numeric, 9), round(w.other_rate::numeric, 9))::text AS wanted
		FROM oracle.expected_pair AS w
		FULL JOIN (SELECT r.* FROM oracle.who, care.reconcile(person_id) AS r WHERE r.other IS NOT NULL AND 'refill' NOT IN (r.source, r.other)) AS r USING (task_id, source, other)$q$,
		label || ': reconcile');
	RETURN QUERY SELECT * FROM oracle.agree($q$SELECT task_id AS about,
			ROW(d.source, d.days, round(d.source_rate::numeric, 9), round(d.person_rate::numeric, 9), round(d.difference::numeric, 9))::text AS got,
			ROW(w.source, w.planned_days, round(w.source_rate::numeric, 9), round(w.other_rate::numeric, 9),
				round((w.other_rate - w.source_rate)::numeric, 9))::text AS wanted
		FROM oracle.expected_discord AS w FULL JOIN care.discordance AS d USING (task_id)$q$,
		label || ': discordance');
	RETURN QUERY SELECT * FROM oracle.agree($q$SELECT w.person_id AS about,
			ROW(round(q.unrecorded::numeric, 9), q.check_ins, round(q.late::numeric, 9), q.days_at_once, q.heaped, q.same_value, q.straight_lined,
				q.last_recorded)::text AS got,
			ROW(round(w.unrecorded::numeric, 9), w.check_ins, round(w.late::numeric, 9), w.days_at_once, w.days_at_once >= 5, w.same_value,
				w.same_value >= 10, w.last_recorded)::text AS wanted
		FROM oracle.expected_quality AS w FULL JOIN care.data_quality() AS q ON q.person_id = w.person_id$q$, label || ': data_quality');
END
$$;


SELECT set_config('coachiatry.clock', '2026-03-10 14:30+00', true) \g /dev/null
SELECT cmp_ok((SELECT count(DISTINCT today) FROM oracle.who), '>', 1::bigint, 'today is not one day for all');
SELECT * FROM oracle.compare_all('at first');

-- Some by hand.
SELECT results_eq('SELECT tasks, streak, low, high, completeness, suggested_tier, trend FROM care.caseload WHERE person_id = 1',
	$$VALUES (0, 0, NULL::float8, NULL::float8, NULL::float8, NULL::integer, repeat('·', 28))$$, 'without tasks there is nothing to say');
SELECT results_eq('SELECT days_from_today > 0, planned, done, status, streak FROM care.my_calendar WHERE person_id = 5 AND day = $$2026-03-12$$',
	$$VALUES (true, 1, 0, 'planned', NULL::integer)$$, 'a task that starts tomorrow is planned');
SELECT is_empty($$SELECT kind FROM care.open_item WHERE person_id IN (2, 3, 4, 5) AND kind IN ('unanswered', 'due_today')$$,
	'nothing is due without a schedule, as needed, while excused, or before the start');
SELECT results_eq('SELECT kind, why FROM care.open_item WHERE task_id = 69 AND kind = $$unanswered$$',
	$$VALUES ('unanswered', 'twice told: 1 of 2 times of yesterday not recorded')$$, 'two reports of one dose are one dose');
SELECT results_eq('SELECT planned, done, status FROM care.my_calendar WHERE task_id = 69 AND days_from_today = -1',
	$$VALUES (2, 1, 'partly done')$$, 'and in the calendar too');
SELECT is_empty($$SELECT DISTINCT status FROM care.my_calendar WHERE status ~* 'lost|fail|missed|broke'$$, 'no word that blames');
SELECT is((SELECT array_agg(person_id) FROM care.my_day_of(1)), (SELECT array_agg(d.person_id) FROM care.my_day AS d
		WHERE d.person_id IN (SELECT a.person_id FROM care.assignment AS a WHERE a.staff_id = 1 AND a.during @> d.today)), 'my_day_of: the people of one coach');
SELECT bag_eq('SELECT c.* FROM care.caseload_of(7) AS c', $$SELECT c.* FROM care.caseload AS c
		WHERE EXISTS (SELECT FROM care.assignment AS a WHERE a.person_id = c.person_id AND a.staff_id = 7 AND a.during @> c.today)$$,
	'caseload_of: those of a prescriber');
SELECT is_empty('SELECT person_id FROM care.caseload_of(NULL)', 'caseload_of(NULL)');

-- The rule of tiers, each branch.
SELECT results_eq($$SELECT care.suggested_tier(low, high, complete, streak, days) FROM (VALUES
		(1, NULL::float8, NULL::float8, NULL::float8, 0, 1), (2, .4, .49, .9, 0, 1), (3, .4, .5, .9, 0, 1), (4, .7, .79, .9, 0, 1), (5, .4, .95, .45, 0, 8),
		(6, .4, .95, .45, 0, NULL), (7, .4, .95, .45, 0, 7), (8, .8, .9, .9, 7, 28), (9, .8, .9, .9, 6, 28), (10, .79, .9, .9, 7, 28),
		(11, .8, .9, .9, 7, 29), (12, .9, .9, .9, 7, NULL)) AS v (n, low, high, complete, streak, days) ORDER BY n$$,
	'VALUES (NULL::integer), (4), (3), (3), (3), (3), (2), (1), (2), (2), (2), (2)', 'suggested_tier');
SELECT is(ARRAY(SELECT care.contact_within_days(t) FROM generate_series(0, 5) AS t), '{NULL,14,7,3,1,NULL}', 'contact_within_days');

-- A condition on person_id reaches every table.
CREATE FUNCTION oracle.scans(query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Seq Scan on (episode|person|task|task_calendar|task_revision|excused_period|check_in|contact|assignment|support_request|commitment)\M' THEN
			RETURN NEXT trim(line);
		END IF;
	END LOOP;
END
$$;
SET LOCAL enable_seqscan = off;
SELECT is_empty(format('SELECT * FROM oracle.scans(%L)', q), 'by keys only: ' || q)
FROM unnest(ARRAY['SELECT * FROM care.caseload WHERE person_id = ANY (''{7,8}'')', 'SELECT * FROM care.my_day WHERE person_id = ANY (''{7,8}'')',
	'SELECT * FROM care.my_calendar WHERE person_id = 7', 'SELECT * FROM care.discordance WHERE person_id = 7', 'SELECT * FROM care.data_quality(7)']) AS q;
RESET enable_seqscan;

--
-- The end of episodes, and of doubles
--
SELECT set_config('coachiatry.clock', '2026-03-11 10:50+00', true) \g /dev/null
SELECT oracle.refused('SELECT care.end_episode(7, 1008, ''moved'')', 'P0002');
SELECT oracle.refused('SELECT care.end_episode(7, 1007, '''')', '22023');
SELECT oracle.refused('SELECT care.end_episode(7, 1007, NULL)', '22023');
SELECT oracle.refused('SELECT care.end_episode(7, 1007, ''moved'', ''2025-12-31'')', '22023');
SELECT oracle.refused('SELECT care.end_episode(7, 1007, ''moved'', ''2026-03-13'')', '22023');
INSERT INTO care.task (person_id, task_id, episode_id, starts_at, ends, schedule)
VALUES (7, 77, 1007, '2026-03-13', NULL, 'QD'), (7, 78, 1007, '2025-12-01', '2026-01-03', 'QD'), (7, 79, 1007, '2025-12-01', '2026-05-01', 'QD');
UPDATE care.episode SET started = '2026-01-01' WHERE person_id IN (7, 8);
SELECT care.end_episode(7, 1007, 'independent') \g /dev/null
SELECT care.end_episode(8, 1008, 'declined', '2026-03-01') \g /dev/null
SELECT results_eq('SELECT task_id, status, ends FROM care.task WHERE task_id IN (77, 78, 79) ORDER BY 1', $$
		SELECT task_id, status, CASE task_id WHEN 77 THEN '2026-03-13' WHEN 78 THEN '2026-01-03' ELSE today END
		FROM (VALUES (77::bigint, 'stopped'), (78, 'completed'), (79, 'stopped')) AS v (task_id, status),
			(SELECT (clock() AT TIME ZONE time_zone - interval '3 hours')::date AS today FROM care.person WHERE person_id = 7) AS p$$,
	'end_episode stops what went on, and completes what had ended');
SELECT results_eq('SELECT ended, reason FROM care.episode WHERE person_id = 8', $$VALUES (date '2026-03-01', 'declined')$$, 'end_episode takes a day');
SELECT is_empty($$SELECT task_id FROM care.task WHERE person_id IN (7, 8) AND status = 'active'$$, 'and leaves nothing active');
SELECT oracle.refused('SELECT care.end_episode(7, 1007, ''moved'')', '55000');
SELECT care.merge_persons(9, 10) \g /dev/null
INSERT INTO care.episode (person_id, started) VALUES (10, '2026-03-11');
SELECT is_empty('SELECT person_id FROM oracle.who WHERE person_id IN (7, 8, 10)', 'three are no longer coached');
SELECT * FROM oracle.compare_all('a day later');
SELECT is_empty($$
	SELECT person_id FROM care.caseload WHERE person_id IN (7, 8, 10) UNION ALL SELECT person_id FROM care.my_day WHERE person_id IN (7, 8, 10) AND support_requests = 0
	UNION ALL SELECT person_id FROM care.open_item WHERE person_id IN (7, 8, 10) AND kind <> 'support_request' UNION ALL SELECT person_id FROM care.my_calendar WHERE person_id IN (7, 8, 10)
	UNION ALL SELECT person_id FROM care.discordance WHERE person_id IN (7, 8, 10) UNION ALL SELECT person_id FROM care.data_quality(7)$$,
	'who is no longer coached is nowhere, unless they ask for support');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'verify_derived finds nothing wrong');

-- The kept plan or the one worked out on the fly: the same answers.
CREATE TABLE oracle.before AS SELECT * FROM care.caseload;
SELECT cmp_ok(care.advance_plan(), '>', 0::bigint, 'plans had fallen behind');
SELECT bag_eq('SELECT * FROM care.caseload', 'SELECT * FROM oracle.before', 'advance_plan changes no answer');

--
-- Leave cover
--
INSERT INTO care.coverage (staff_id, during, hours_from, hours_until, weekdays, time_zone, on_call)
VALUES (2, '[2026-03-01 00:00+00,2026-03-15 00:00+00)', '09:00', '17:00', '{1,2,3,4,5}', 'Europe/Madrid', true),
	(2, '[2026-03-15 00:00+00,2026-04-15 00:00+00)', '10:00', '14:00', '{1}', 'Europe/Madrid', false);
CREATE TABLE oracle.assigned AS SELECT * FROM care.assignment;
-- Local days of which some instant lies in the leave, and on which the one who leaves is assigned.
CREATE TABLE oracle.given AS
SELECT a.person_id, a.role, daterange(min(d), max(d) + 1) AS days
FROM oracle.who AS w JOIN care.assignment AS a USING (person_id)
CROSS JOIN LATERAL (SELECT DISTINCT (at AT TIME ZONE w.time_zone - interval '3 hours')::date AS d
	FROM generate_series('2026-03-12 00:00+00'::timestamptz, '2026-03-19 23:59+00', '15 minutes') AS at) AS l
WHERE a.staff_id = 1 AND a.during @> d
GROUP BY a.person_id, a.assignment_id, a.role;
CREATE TABLE oracle.handed AS SELECT * FROM care.handover(1, 2, '[2026-03-12 00:00+00,2026-03-20 00:00+00)');
SELECT bag_eq('SELECT DISTINCT person_id, role, assigned FROM oracle.handed', 'SELECT DISTINCT person_id, role, days FROM oracle.given',
	'handover: everyone of the one who leaves, on the days of the leave');
SELECT bag_eq('SELECT DISTINCT person_id, urgency, kind, since, task_id, why FROM oracle.handed WHERE kind IS NOT NULL',
	'SELECT DISTINCT o.* FROM care.open_item AS o JOIN oracle.given USING (person_id)', 'with every open item');
SELECT bag_eq('SELECT person_id, role, during, staff_id FROM care.assignment EXCEPT ALL SELECT person_id, role, during, staff_id FROM oracle.assigned',
	$$SELECT person_id, role, days, 2::bigint FROM oracle.given AS g WHERE NOT EXISTS (SELECT FROM oracle.assigned AS a
		WHERE a.person_id = g.person_id AND a.staff_id = 2 AND a.role = g.role AND a.during @> g.days)$$, 'who are assigned for that time, unless they are');
SELECT results_eq('SELECT staff_id, during, hours_from, hours_until, on_call, covers_for FROM care.coverage WHERE covers_for IS NOT NULL',
	$$VALUES (2::bigint, '[2026-03-12 00:00+00,2026-03-20 00:00+00)'::tstzrange, '00:00'::time, '24:00'::time, false, 1::bigint)$$,
	'and covered all day');
SELECT count(*) FROM care.handover(1, 2, '[2026-03-12 00:00+00,2026-03-20 00:00+00)') \g /dev/null
SELECT is((SELECT count(*) FROM care.assignment) - (SELECT count(*) FROM oracle.assigned),
	(SELECT count(*) FROM oracle.given AS g WHERE NOT EXISTS (SELECT FROM oracle.assigned AS a
		WHERE a.person_id = g.person_id AND a.staff_id = 2 AND a.role = g.role AND a.during @> g.days)), 'twice is once: assignments');
SELECT is((SELECT count(*) FROM care.coverage WHERE covers_for = 1), 1::bigint, 'twice is once: coverage');
SELECT count(*) FROM care.handover(2, 6, '[2026-03-13 00:00+00,2026-03-20 00:00+00)') \g /dev/null
SELECT results_eq('SELECT during, hours_from, on_call FROM care.coverage WHERE covers_for = 2 ORDER BY during', $$VALUES
		('[2026-03-13 00:00+00,2026-03-15 00:00+00)'::tstzrange, '09:00'::time, true), ('[2026-03-15 00:00+00,2026-03-20 00:00+00)', '10:00', false)$$,
	'a supervisor covers for a coach, in the hours of the coach');
SELECT oracle.refused(format('SELECT * FROM care.handover(%s, %s, %L)', f, t, d), s)
FROM (VALUES ('1', '1', '[2026-03-12,2026-03-20)', '22023'), ('1', '2', 'empty', '22023'), ('1', '2', '[2026-03-12,)', '22023'),
	('1', '2', '(,2026-03-12)', '22023'), ('1', '2', NULL, '22023'), ('1', '7', '[2026-03-12,2026-03-20)', '22023'),
	('6', '1', '[2026-03-12,2026-03-20)', '22023'), ('1', '99', '[2026-03-12,2026-03-20)', 'P0002'), ('NULL', '1', '[2026-03-12,2026-03-20)', 'P0002'),
	('1', '5', '[2026-03-12,2026-03-16)', '22023')) AS v (f, t, d, s);
SELECT lives_ok('SELECT * FROM care.handover(1, 5, ''[2026-03-12,2026-03-15)'')', 'until the day before the last one');

--
-- Refills
--
INSERT INTO care.person (person_id) VALUES (1000);
INSERT INTO care.task (person_id, task_id, title, schedule, starts_at) VALUES (1000, 10001, 'tablet', 'QD', '2026-01-01');
INSERT INTO care.supply (person_id, task_id, dispensed, days_supply) VALUES (1000, 10001, '2026-02-01', 10), (1000, 10001, '2026-02-16', 10);
INSERT INTO care.excused_period (person_id, during) VALUES (1000, '[2026-02-11,2026-02-16)');
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
VALUES (1000, 10001, '2026-02-05', 1, 0), (1000, 10001, '2026-02-12', 1, 0), (1000, 10001, '2026-02-20', 0, 1), (1000, 10001, '2026-02-27', 0, 1);
SELECT results_eq('SELECT source, other, days, agree, differ, source_rate, other_rate, round(cma::numeric, 9), round(pdc::numeric, 9) FROM care.reconcile(1000)', $$VALUES
		('person', NULL, 4, NULL::integer, NULL::integer, 1 / 3.0::float8, NULL::float8, NULL::numeric, NULL::numeric),
		('person', 'refill', 4, 2, 2, 1 / 3.0::float8, 2 / 3.0::float8, NULL, NULL),
		('refill', NULL, 38, NULL, NULL, 20 / 33.0::float8, NULL, round(20 / 38.0, 9), round(20 / 33.0, 9))$$,
	'reconcile: 20 of 38 days were covered, 5 without cover were excused');

SELECT * FROM finish();
ROLLBACK;
