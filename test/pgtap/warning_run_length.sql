-- How long it takes until the first warning, through the tables and triggers of a program: streams of invented days, written day by day as time goes on, in control and after
-- a change, against the exact run lengths of the detectors (bernoulli_cusum_arl, silence_arl, cusum_arl), within four standard errors.
\ir include/setup.sql
SET LOCAL timezone = 'UTC';
SET LOCAL coachiatry.clock = '2026-01-05 20:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(12);

CREATE FUNCTION oracle.normal(VARIADIC keys integer[]) RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT sqrt(-2 * ln(1 - oracle.random(VARIADIC keys || 1))) * cos(2 * pi() * oracle.random(VARIADIC keys || 2))
$$;

-- Scenarios: a detector, and what the days are like: the probability of a miss, or the mean of a measure.
CREATE TABLE oracle.scenario (scenario integer PRIMARY KEY, about text, detector text, parameters jsonb, level float8, exact float8);
INSERT INTO oracle.scenario VALUES
	(1, 'missed_run in control', 'missed_run', '{"n": 3}', 0.5, silence_arl(0.5, 3)), (2, 'missed_run after a change', 'missed_run', '{"n": 3}', 0.8, silence_arl(0.2, 3)),
	(3, 'miss_cusum in control', 'miss_cusum', '{"p0": 0.2, "p1": 0.5, "h": 3}', 0.2, bernoulli_cusum_arl(0.2, 0.5, 3, 0.2)),
	(4, 'miss_cusum after a change', 'miss_cusum', '{"p0": 0.2, "p1": 0.5, "h": 3}', 0.5, bernoulli_cusum_arl(0.2, 0.5, 3, 0.5)),
	(5, 'cusum in control', 'cusum', '{"k": 0.5, "h": 1.5, "mean": 0, "sd": 1}', 0, cusum_arl(0.5, 1.5, sides => 1)),
	(6, 'cusum after a change', 'cusum', '{"k": 0.5, "h": 1.5, "mean": 0, "sd": 1}', 1, cusum_arl(0.5, 1.5, shift => 1, sides => 1));
UPDATE care.warning_rule SET enabled = false;
INSERT INTO care.instrument (instrument_id, name) SELECT scenario, about FROM oracle.scenario WHERE detector = 'cusum';
INSERT INTO care.warning_rule (warning_rule_id, name, says, stream, tag, instrument_id, detector, parameters, acts_on)
SELECT 1000 + scenario, about, 'x', CASE detector WHEN 'cusum' THEN 'measure' ELSE 'task' END, CASE WHEN detector <> 'cusum' THEN 's' || scenario END,
	CASE detector WHEN 'cusum' THEN scenario END, detector, parameters, 'therapist'
FROM oracle.scenario;

-- 400 streams of each, person 1000 s + n.
CREATE TABLE oracle.stream AS SELECT scenario, 1000 * scenario + n AS person_id FROM oracle.scenario, generate_series(1, 400) n;
INSERT INTO care.person (person_id) SELECT person_id FROM oracle.stream;
INSERT INTO care.episode (person_id, started) SELECT person_id, '2026-01-05' FROM oracle.stream;
INSERT INTO care.task (person_id, task_id, schedule, starts_at, tags) SELECT person_id, person_id, 'FREQ=DAILY', '2026-01-05', ARRAY['s' || scenario]
FROM oracle.stream JOIN oracle.scenario USING (scenario) WHERE detector <> 'cusum';
ANALYZE care.person, care.episode, care.task, care.task_calendar, care.recheck;

-- Each evening what was done that day is recorded, of those who have not been warned of.
CREATE FUNCTION oracle.live(days integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR day IN 0..days - 1 LOOP
		PERFORM set_config('coachiatry.clock', (timestamptz '2026-01-05 20:00+00' + day * interval '1 day')::text, true);
		INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
		SELECT s.person_id, s.person_id, date '2026-01-05' + day, 1 - m.missed, m.missed
		FROM oracle.stream s
		JOIN oracle.scenario c USING (scenario)
		CROSS JOIN LATERAL (SELECT (oracle.random(s.person_id, day, 1) < c.level)::int AS missed) m
		WHERE c.detector <> 'cusum' AND NOT EXISTS (SELECT FROM care.warning w WHERE w.person_id = s.person_id);
		INSERT INTO care.measurement (person_id, instrument_id, measured_on, value)
		SELECT s.person_id, s.scenario, date '2026-01-05' + day, c.level + oracle.normal(s.person_id, day, 2)
		FROM oracle.stream s
		JOIN oracle.scenario c USING (scenario)
		WHERE c.detector = 'cusum' AND NOT EXISTS (SELECT FROM care.warning w WHERE w.person_id = s.person_id);
		IF day = 20 THEN
			ANALYZE care.warning, care.check_in, care.task_calendar, care.measure_series;
		END IF;
	END LOOP;
END
$$;
SELECT oracle.live(130) \g /dev/null

-- The few who have not been warned of by then are taken to be after as many more days as anybody who begins.
CREATE TABLE oracle.found AS
SELECT s.scenario, s.about, s.exact, count(*) AS people, count(w.raised_on) AS warned, avg(r.n) AS mean, stddev(r.n) / sqrt(count(*)) AS error
FROM oracle.scenario s
JOIN oracle.stream t USING (scenario)
LEFT JOIN care.warning w ON w.person_id = t.person_id AND w.warning_rule_id = 1000 + s.scenario
CROSS JOIN LATERAL (SELECT coalesce(w.raised_on - date '2026-01-05' + 1, 130 + s.exact) AS n) r
GROUP BY s.scenario;
SELECT diag(format('%s: %s days on average, %s exactly (%s standard errors off), %s of %s warned of', about, round(mean::numeric, 2), round(exact::numeric, 2),
	round(((mean - exact) / error)::numeric, 1), warned, people)) FROM oracle.found ORDER BY scenario;
SELECT ok(abs(mean - exact) < 4 * error AND error < 0.08 * exact, format('%s: within four standard errors', about)) FROM (SELECT * FROM oracle.found ORDER BY scenario) f;
SELECT cmp_ok((SELECT min(warned::float8 / people) FROM oracle.found), '>', 0.98::float8, 'nearly all were warned of');
-- A change is found sooner.
SELECT ok(after < 0.5 * control, format('%s finds a change sooner', detector))
FROM (
	SELECT split_part(about, ' ', 1) AS detector, max(mean) FILTER (WHERE about ~ 'change') AS after, max(mean) FILTER (WHERE about ~ 'control') AS control
	FROM oracle.found GROUP BY 1 ORDER BY 1) f;
SELECT is((SELECT count(*) FROM care.warning w WHERE w.warning_rule_id - 1000 <> w.person_id / 1000), 0::bigint, 'each by the rule of its scenario');
SELECT is_empty($$SELECT * FROM care.warning_difference(ARRAY(SELECT person_id FROM oracle.stream), NULL, false) WHERE warning_rule_id IS NOT NULL$$, 'nothing else is due');

SELECT * FROM finish();
ROLLBACK;
