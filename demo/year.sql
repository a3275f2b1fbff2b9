-- A year of forty people, lived day by day: the clock is set to each evening, the day is recorded, the night's sweep runs, and coaches answer what they are
-- warned of.  Twenty of them lapse on a day that only this script knows.  At the end: who was warned about, when, and how often in vain.
\set people 40
\set first '2025-07-01'

\echo '== A year, day by day: 40 people, of whom 20 lapse at some time (12 begin to miss, 8 fall silent) =='
\set QUIET on
SET client_min_messages = warning;
SELECT coachiatry.create_program('lived', adopt_roles => true) AS made \gset
SET search_path = lived, coachiatry;

-- What nobody in the program knows: how often each misses, and when a lapse begins and ends.
CREATE SCHEMA truth;
CREATE FUNCTION truth.draw(VARIADIC about bigint[]) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN (hashtextextended(about::text, 6) & 9007199254740991)::float8 / 9007199254740992;
CREATE TABLE truth.life AS
SELECT n AS person_id, 0.04 + 0.08 * truth.draw(n, 1) AS usual, CASE WHEN n <= 12 THEN 'misses' WHEN n <= 20 THEN 'falls silent' END AS lapse,
	CASE WHEN n <= 20 THEN date :'first' + 60 + floor(240 * truth.draw(n, 2))::integer END AS began, 30 AS days
FROM generate_series(1, :people) n;

SET coachiatry.clock = '2025-07-01 07:00+00';
INSERT INTO staff (staff_id, name, role, licensed, supervisor_id, employed) VALUES (1, 'Otto', 'prescriber', true, NULL, '[2025-01-01,)'),
	(2, 'Lea', 'therapist', true, NULL, '[2025-01-01,)'), (3, 'Iris', 'supervisor', false, 2, '[2025-01-01,)'), (4, 'Ruben', 'coach', false, 3, '[2025-01-01,)');
INSERT INTO person (person_id, name) SELECT l.person_id, d.name FROM truth.life AS l JOIN demo.person AS d USING (person_id);
INSERT INTO episode (person_id, started) SELECT person_id, :'first' FROM person;
INSERT INTO assignment (person_id, staff_id, role, during) SELECT p.person_id, s.staff_id, s.role, '[2025-07-01,)' FROM person AS p CROSS JOIN staff AS s;
INSERT INTO task (person_id, kind, title, schedule, starts_at, prescribed_by) SELECT person_id, 'medication', 'tablet', 'FREQ=DAILY', '2025-07-01 08:00', 1 FROM person;

CREATE FUNCTION truth.evening(day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('coachiatry.clock', to_char(day, 'YYYY-MM-DD') || ' 21:00+00', false);
	INSERT INTO lived.check_in (person_id, task_id, due_on, taken, missed)
	SELECT t.person_id, t.task_id, day, (NOT m.is_missed)::integer, m.is_missed::integer
	FROM lived.task AS t
	JOIN truth.life AS l USING (person_id)
	CROSS JOIN LATERAL (SELECT COALESCE(day >= l.began AND day < l.began + l.days, false) AS lapses) AS s
	CROSS JOIN LATERAL (SELECT truth.draw(l.person_id, 3, day - '2025-01-01') < CASE WHEN s.lapses AND l.lapse = 'misses' THEN 0.6 ELSE l.usual END AS is_missed) AS m
	WHERE truth.draw(l.person_id, 4, day - '2025-01-01') < CASE WHEN s.lapses AND l.lapse = 'falls silent' THEN 0.05 ELSE 0.95 END;
	-- The coach speaks with everybody once a week, but not with those who have fallen silent.
	INSERT INTO lived.contact (person_id, staff_id, channel, started_at)
	SELECT l.person_id, 4, 'voice', coachiatry.clock()
	FROM truth.life AS l
	WHERE (day - '2025-07-01' + l.person_id) % 7 = 0 AND (l.lapse = 'falls silent' AND day >= l.began AND day < l.began + l.days) IS NOT TRUE;
	PERFORM lived.sweep();
	-- What was raised is answered within three days: with what was found.
	INSERT INTO lived.warning_event (person_id, warning_id, acts_on, event, by_staff_id, reason)
	SELECT w.person_id, w.warning_id, w.acts_on, CASE WHEN l.lapses THEN 'resolved' ELSE 'declined' END, 4, CASE WHEN l.lapses THEN 'spoke; plan made' ELSE 'nothing behind it' END
	FROM lived.warning AS w
	CROSS JOIN LATERAL (SELECT COALESCE(bool_or(w.raised_on >= l.began AND w.raised_on < l.began + l.days), false) AS lapses FROM truth.life AS l WHERE l.person_id = w.person_id) AS l
	WHERE w.closed_at IS NULL AND w.kind = 'rule' AND w.raised_at < coachiatry.clock() - interval '3 days';
END
$$;
CREATE FUNCTION truth.month(first date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	began CONSTANT timestamptz := clock_timestamp();
BEGIN
	PERFORM truth.evening(first + n) FROM generate_series(0, (first + interval '1 month')::date - first - 1) AS n;
	RETURN format('   %s: %s check-ins, %s warnings so far (%s s)', to_char(first, 'YYYY-MM'), (SELECT count(*) FROM lived.check_in WHERE due_on >= first),
		(SELECT count(*) FROM lived.warning), round(extract(epoch FROM clock_timestamp() - began)::numeric, 1));
END
$$;
\pset tuples_only on
\pset format unaligned
SELECT format('SELECT truth.month(%L)', m::date) FROM generate_series(timestamp :'first', timestamp '2026-06-01', '1 month') m \gexec
\pset tuples_only off
\pset format aligned

\echo
\echo '== Who lapsed, and when they were first warned about =='
SELECT p.name, l.lapse, l.began, w.raised_on AS "warned on", w.raised_on - l.began AS "days later", w.name AS "by rule", w.onset AS "thought to have begun"
FROM truth.life AS l
JOIN person AS p USING (person_id)
LEFT JOIN LATERAL (
	SELECT w.*, r.name FROM warning AS w JOIN warning_rule AS r USING (warning_rule_id)
	WHERE w.person_id = l.person_id AND w.raised_on >= l.began AND w.raised_on < l.began + l.days ORDER BY w.raised_on, w.warning_id LIMIT 1) AS w ON true
WHERE l.lapse IS NOT NULL
ORDER BY l.began;
SELECT l.lapse, count(*) AS lapsed, count(w.first) AS warned, percentile_cont(0.5) WITHIN GROUP (ORDER BY w.first - l.began) AS "median days", max(w.first - l.began) AS "latest"
FROM truth.life AS l
LEFT JOIN LATERAL (SELECT min(w.raised_on) AS first FROM warning AS w WHERE w.person_id = l.person_id AND w.kind = 'rule' AND w.raised_on >= l.began AND w.raised_on < l.began + l.days) AS w ON true
WHERE l.lapse IS NOT NULL
GROUP BY l.lapse ORDER BY l.lapse;

\echo '== False alarms, against the budget: warnings in the year while nobody lapsed =='
-- Missing goes on for a while in what a CUSUM remembers: a month after a lapse belongs to it.
SELECT r.name AS rule, count(w.warning_id) AS "false alarms", round(expected_false_alarms(r.name, 40, 365)::numeric) AS "budget (40 people, a year)"
FROM warning_rule AS r
LEFT JOIN (SELECT w.* FROM warning AS w JOIN truth.life AS l USING (person_id)
	WHERE (w.raised_on >= l.began AND w.raised_on < l.began + l.days + 30) IS NOT TRUE) AS w USING (warning_rule_id)
WHERE r.stream <> 'measure'
GROUP BY r.warning_rule_id, r.name ORDER BY r.warning_rule_id;

\echo '== What those who answered found (warning_predictive_value) =='
SELECT name AS rule, raised, resolved, declined, passed, round(predictive_value::numeric, 2) AS "predictive value" FROM warning_predictive_value WHERE raised > 0 ORDER BY warning_rule_id;
