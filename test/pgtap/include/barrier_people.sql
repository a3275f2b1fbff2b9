-- People with a barrier that is known, as the patterns are written about; after include/setup.sql.
--
-- oracle.person   who they are: the true pattern (NULL: none), a second one of some, how strong, how many days are recorded
-- oracle.day      what became of each task on each day it was planned
-- oracle.profile  the barrier profile that the extension makes of that
--
-- What makes people miss is not what the signatures measure. Each person has habits of their own (how much they miss, report and
-- delay, a weekend that is a little better or worse, a week that goes badly, a task that is hard for no reason of a pattern), and
-- gives wrong reasons half of the time. A pattern adds to that: a wish to begin that is weaker where nothing gives the day a
-- structure (executive function); relief from staying away (avoidance); a commitment that swings (ambivalence); an ability
-- that practice does not raise (skill deficit); spells in which nothing is possible (environmental).
--
-- Three tasks: 1 daily, 2 all days but Tuesday, 3 on working days. The question is about task 2. It brings discomfort to those
-- who avoid it, and to half of all others.
\if :{?people}
\else
\set people 720
\endif

CREATE FUNCTION oracle.normal(VARIADIC keys integer[])
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT sqrt(-2 * ln(1 - oracle.random(VARIADIC keys || 1))) * cos(2 * pi() * oracle.random(VARIADIC keys || 2))
$$;

CREATE FUNCTION oracle.logistic(x float8)
RETURNS float8
LANGUAGE sql IMMUTABLE AS $$ SELECT 1 / (1 + exp(-x)) $$;

-- A sixth of the people have no pattern; of those with one a third each have it weakly, moderately and strongly. A quarter are
-- recorded for 8 days only. Beside them, a sixth as many have two patterns, which come every way.
CREATE TABLE oracle.person AS
SELECT person, (ARRAY['executive_function', 'avoidance', 'ambivalence', 'skill_deficit', 'environmental', NULL])[1 + person % 6] AS pattern,
	(ARRAY[0.7, 1.0, 1.5])[1 + person / 6 % 3]::float8 AS strength,
	CASE WHEN person / 18 % 4 = 3 THEN 8 ELSE 56 + (28 * oracle.random(person, 1))::integer END AS days,
	person % 6 = 1 OR oracle.random(person, 2) < 0.5 AS discomfort
FROM generate_series(0, :people - 1) AS person;
ALTER TABLE oracle.person ADD second text;
INSERT INTO oracle.person
SELECT 100000 + n, a.pattern, (ARRAY[0.7, 1.0, 1.5])[1 + n % 3], 56 + (28 * oracle.random(n, 3))::integer,
	'avoidance' IN (a.pattern, b.pattern) OR oracle.random(n, 4) < 0.5, b.pattern
FROM generate_series(1, :people / 6) AS n
JOIN barrier_pattern AS a ON a.position = 1 + n % 5
JOIN barrier_pattern AS b ON b.position = 1 + (n + 1 + n / 5 % 4) % 5;

CREATE TABLE oracle.day (person integer, task integer, day integer, recorded boolean, done boolean, delay float8, extent float8,
	postponed boolean, stopped_short boolean, reason text, confidence integer, importance integer);

-- The reasons of a pattern, or all.
CREATE FUNCTION oracle.some_reason(of_pattern text, at float8)
RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT reasons[1 + floor(at * cardinality(reasons))::integer]
	FROM (SELECT array_agg(reason ORDER BY reason) AS reasons FROM coachiatry.barrier_reason
		WHERE of_pattern IS NULL OR pattern = of_pattern) r
$$;

-- One person's days.
CREATE FUNCTION oracle.live(p oracle.person)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	s float8 := CASE WHEN p.pattern IS NULL THEN 0 ELSE p.strength END;
	executive float8 := CASE WHEN 'executive_function' IN (p.pattern, p.second) THEN s ELSE 0 END;
	avoids float8 := CASE WHEN 'avoidance' IN (p.pattern, p.second) THEN s ELSE 0 END;
	swings float8 := CASE WHEN 'ambivalence' IN (p.pattern, p.second) THEN s ELSE 0 END;
	unable float8 := CASE WHEN 'skill_deficit' IN (p.pattern, p.second) THEN s ELSE 0 END;
	hindered float8 := CASE WHEN 'environmental' IN (p.pattern, p.second) THEN s ELSE 0 END;
	base float8 := -2.2 + 1.2 * oracle.random(p.person, 10);
	weekend float8 := 0.25 * oracle.normal(p.person, 11);
	silence float8 := 0.25 * oracle.random(p.person, 12);
	usual_delay float8 := 8 + 14 * oracle.random(p.person, 13);
	drifts boolean := oracle.random(p.person, 14) < 0.6;
	hard_task integer := CASE WHEN oracle.random(p.person, 15) < 0.3 THEN 1 + floor(3 * oracle.random(p.person, 16)) ELSE 0 END;
	bad_week integer := CASE WHEN oracle.random(p.person, 17) < 0.3 THEN floor(8 * oracle.random(p.person, 18)) ELSE -1 END;
	commitment float8 := 0;
	hindered_until integer := -1;
	isodow integer;
	inclination float8;
	misses boolean;
	was_planned boolean;
	is_planned boolean;
	begins float8;
BEGIN
	FOR d IN 0 .. p.days - 1 LOOP
		isodow := 1 + d % 7;
		commitment := -0.75 * commitment + oracle.normal(p.person, d, 20);
		IF hindered > 0 AND d > hindered_until AND oracle.random(p.person, d, 21) < 0.09 * hindered THEN
			hindered_until := d + 1 + floor(3 * oracle.random(p.person, d, 22));
		END IF;
		FOR t IN 1 .. 3 LOOP
			is_planned := t = 1 OR (t = 2 AND isodow <> 2) OR (t = 3 AND isodow < 6);
			was_planned := d > 0 AND (t = 1 OR (t = 2 AND isodow <> 3) OR (t = 3 AND isodow > 1));
			CONTINUE WHEN NOT is_planned;
			inclination := base + CASE WHEN t = hard_task THEN 0.8 ELSE 0 END + CASE WHEN d / 7 = bad_week THEN 1.3 ELSE 0 END
				+ CASE WHEN isodow > 5 THEN weekend + 1.4 * executive ELSE 0 END
				+ CASE WHEN NOT was_planned THEN 0.9 * executive ELSE 0 END
				+ CASE WHEN t = 2 THEN 1.8 * avoids ELSE 0 END
				+ CASE WHEN t < 3 THEN 0.3 * swings + 1.7 * swings * commitment ELSE 0 END
				+ 0.3 * unable + CASE WHEN d <= hindered_until THEN 3 ELSE 0 END;
			misses := oracle.random(p.person, d, t, 23) < oracle.logistic(inclination);
			-- How late: some are early; ever later, for most of those for whom beginning is hard.
			begins := usual_delay * (1 + 2.2 * executive) * (-ln(1 - oracle.random(p.person, d, t, 24)) - 0.3)
				* CASE WHEN drifts THEN 1 + 1.5 * executive * d / p.days ELSE 1 END;
			INSERT INTO oracle.day VALUES (p.person, t, d, oracle.random(p.person, d, t, 25) >= silence, NOT misses,
				CASE WHEN NOT misses THEN begins END,
				-- How far: without a lack of skill less and less is left undone.
				CASE WHEN misses THEN 0
					WHEN oracle.random(p.person, d, t, 26) < CASE WHEN t = 2 AND unable > 0 THEN oracle.logistic(-0.6 + 1.3 * unable) ELSE 0.25 - 0.2 * d / p.days END
					THEN 15 + 75 * oracle.random(p.person, d, t, 27) ELSE 100 END,
				oracle.random(p.person, d, t, 28) < 0.1 + CASE WHEN t = 2 THEN 0.22 * avoids ELSE 0 END,
				misses AND oracle.random(p.person, d, t, 29) < CASE WHEN t = 2 AND avoids > 0 THEN 0.45 ELSE 0.1 END,
				CASE WHEN misses AND oracle.random(p.person, d, t, 30) < 0.35 THEN
					oracle.some_reason(CASE WHEN oracle.random(p.person, d, t, 31) < 0.25 THEN p.pattern WHEN oracle.random(p.person, d, t, 31) < 0.5 THEN coalesce(p.second, p.pattern) END, oracle.random(p.person, d, t, 32)) END,
				CASE WHEN isodow = 1 THEN greatest(0, least(10, round(6.5 + 1.3 * oracle.normal(p.person, d, 33) - 2.5 * swings * d / p.days))) END,
				CASE WHEN isodow = 1 THEN greatest(0, least(10, round(7.5 + 1.3 * oracle.normal(p.person, d, 34) - 2.0 * swings * d / p.days))) END);
		END LOOP;
	END LOOP;
END
$$;

SELECT oracle.live(p) FROM oracle.person AS p \g /dev/null
ANALYZE oracle.day;

-- What the extension says of them.
CREATE TABLE oracle.task AS
SELECT person, task, adherence_agg('2026-01-05'::date + day, 1, recorded::integer * done::integer, recorded::integer * (NOT done)::integer) AS calendar
FROM oracle.day
GROUP BY person, task;

CREATE TABLE oracle.question AS
SELECT person,
	dose_timing_agg('2026-01-05 09:00+00'::timestamptz + day * interval '1 day' + delay * interval '1 minute',
		'2026-01-05 09:00+00'::timestamptz + day * interval '1 day') FILTER (WHERE recorded) AS timing,
	series_agg('2026-01-05'::date + day, extent) FILTER (WHERE recorded AND extent > 0) AS extents,
	count(*) FILTER (WHERE recorded) AS occasions, count(*) FILTER (WHERE recorded AND postponed) AS postponed,
	count(*) FILTER (WHERE recorded AND stopped_short) AS stopped_short,
	series_agg('2026-01-05'::date + day, confidence) AS confidence, series_agg('2026-01-05'::date + day, importance) AS importance,
	array_agg(reason) FILTER (WHERE recorded) AS reasons
FROM oracle.day
WHERE task = 2
GROUP BY person;

CREATE TABLE oracle.piece AS
SELECT p.person, e.*
FROM oracle.person p
JOIN oracle.question q USING (person)
CROSS JOIN LATERAL (SELECT array_agg(calendar ORDER BY task) AS calendars, array_agg(task = 2 AND p.discomfort ORDER BY task) AS discomfort
	FROM oracle.task t WHERE t.person = p.person) t
CROSS JOIN LATERAL (
	SELECT * FROM task_evidence(t.calendars, t.discomfort)
	UNION ALL SELECT * FROM timing_evidence(q.timing, '30 minutes')
	UNION ALL SELECT * FROM practice_evidence(q.extents)
	UNION ALL SELECT * FROM occasion_evidence(q.occasions, q.postponed, q.stopped_short)
	UNION ALL SELECT * FROM commitment_evidence(q.confidence, q.importance)
	UNION ALL SELECT * FROM reason_evidence(q.reasons)) e;

CREATE TABLE oracle.profile AS
SELECT p.*, r.profile, pattern(r.profile) AS named
FROM oracle.person p
LEFT JOIN (SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS profile FROM oracle.piece GROUP BY person) r USING (person);
