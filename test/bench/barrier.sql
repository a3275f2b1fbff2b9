-- Barriers: what it takes to make the barrier profiles of many people, against the SQL one would write by hand, in one process.
--
-- In a database with the extension:  psql -X -f test/bench/barrier.sql [-v people=1000] [-v rounds=5]
--
-- Everyone has three tasks on 12 weeks of days, of which most are recorded. By hand, window functions over the rows count what
-- three signatures count (weekends, after a missed day, days on which all was missed), weigh them by the logarithm of an odds
-- ratio with one half added to each count, and put the rows of a person together as a document: that has no least data and no
-- shrinkage. The profiles are made of kept calendars (as a program has them) and of the same rows, with all the signatures of
-- calendars, their words, and their weights. Each query runs in turns with the others; a line gives the median of the
-- rounds and the range.
\set ON_ERROR_STOP on
\if :{?people}
\else
\set people 1000
\endif
\if :{?rounds}
\else
\set rounds 5
\endif
\pset footer off
SET search_path = public, coachiatry;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
SET jit = off;

DROP SCHEMA IF EXISTS bench_barrier CASCADE;
CREATE SCHEMA bench_barrier;

-- A number in [0, 1) for a key, another one for each seed: every run on every machine has the same rows.
CREATE FUNCTION bench_barrier.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

-- The tenth part of the people miss more on weekends, and a tenth miss everything now and then.
CREATE TABLE bench_barrier.check_in AS
SELECT person, task, date '2026-01-05' + d AS day, bench_barrier.chance(key, 1) >= 0.2
	+ CASE WHEN person % 10 = 0 AND d % 7 > 4 THEN 0.4 WHEN person % 10 = 1 AND bench_barrier.chance(person * 1000 + d / 4, 3) < 0.2 THEN 0.7 ELSE 0 END AS done
FROM generate_series(1, :people) person, generate_series(1, 3) task, generate_series(0, 83) d, LATERAL (SELECT person * 1000000::bigint + task * 1000 + d AS key) k
WHERE bench_barrier.chance(key, 2) < 0.9;
CREATE TABLE bench_barrier.calendar AS
SELECT person, task, adherence_agg(day, done) AS calendar FROM bench_barrier.check_in GROUP BY person, task;
VACUUM (ANALYZE, FREEZE) bench_barrier.check_in, bench_barrier.calendar;

CREATE FUNCTION bench_barrier.log_ratio(a bigint, n bigint, b bigint, m bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.ln((a + 0.5) * (m - b + 0.5) / ((n - a + 0.5) * (b + 0.5)))::float8;

CREATE TABLE bench_barrier.query (ordinal integer, name text, command text);
INSERT INTO bench_barrier.query VALUES
(1, 'profiles of kept calendars', $$
	SELECT count(profile) FROM (SELECT person, barrier_profile_agg(e.pattern, e.weight, e.kind, e.explanation, e.pointer) AS profile
		FROM (SELECT person, array_agg(calendar) AS calendars FROM bench_barrier.calendar GROUP BY person) c, task_evidence(calendars) e GROUP BY person) p$$),
(2, 'profiles of rows', $$
	SELECT count(profile) FROM (SELECT person, barrier_profile_agg(e.pattern, e.weight, e.kind, e.explanation, e.pointer) AS profile
		FROM (SELECT person, array_agg(calendar) AS calendars FROM (SELECT person, task, adherence_agg(day, done) AS calendar FROM bench_barrier.check_in
			GROUP BY person, task) t GROUP BY person) c, task_evidence(calendars) e GROUP BY person) p$$),
(3, 'by hand, of rows', $$
	WITH day AS (
		SELECT person, task, day, NOT done AS missed, extract(isodow FROM day) > 5 AS weekend, lag(NOT done) OVER (PARTITION BY person, task ORDER BY day) AS before,
			lag(day) OVER (PARTITION BY person, task ORDER BY day) = day - 1 AS follows,
			count(*) FILTER (WHERE done) OVER d = 0 AS none, count(*) OVER d AS tasks, row_number() OVER d AS nth
		FROM bench_barrier.check_in WINDOW d AS (PARTITION BY person, day)
	), counted AS (
		SELECT person, count(*) FILTER (WHERE missed AND weekend) AS a, count(*) FILTER (WHERE weekend) AS n,
			count(*) FILTER (WHERE missed AND NOT weekend) AS b, count(*) FILTER (WHERE NOT weekend) AS m,
			count(*) FILTER (WHERE follows AND NOT before AND missed) AS c, count(*) FILTER (WHERE follows AND NOT before) AS o,
			count(*) FILTER (WHERE follows AND before AND missed) AS e, count(*) FILTER (WHERE follows AND before) AS p,
			count(*) FILTER (WHERE missed) AS x, count(*) AS y, count(*) FILTER (WHERE none AND tasks > 1 AND nth = 1) AS f, count(*) FILTER (WHERE tasks > 1 AND nth = 1) AS q
		FROM day GROUP BY person
	)
	SELECT count(profile) FROM (SELECT person, jsonb_agg(jsonb_build_object('pattern', v.pattern, 'weight', v.weight, 'explanation', v.explanation)) AS profile
		FROM counted, LATERAL (VALUES
			('executive_function', bench_barrier.log_ratio(a, n, b, m), format('missed %s of %s Saturdays and Sundays, %s of %s other days', a, n, b, m)),
			('ambivalence', bench_barrier.log_ratio(c, o, e, p), format('missed %s of %s days that came after a done one, %s of %s after a missed one', c, o, e, p)),
			('environmental', bench_barrier.log_ratio(f, q, x, y), format('missed everything on %s of %s days', f, q))) v (pattern, weight, explanation)
		GROUP BY person) p$$);

CREATE TABLE bench_barrier.timing (name text, round integer, seconds float8, found bigint);
CREATE PROCEDURE bench_barrier.run(round integer)
LANGUAGE plpgsql AS $$
DECLARE
	query record;
	start timestamptz;
	found bigint;
BEGIN
	FOR query IN SELECT * FROM bench_barrier.query ORDER BY ordinal LOOP
		start = clock_timestamp();
		EXECUTE query.command INTO found;
		INSERT INTO bench_barrier.timing VALUES (query.name, round, extract(epoch FROM clock_timestamp() - start), found);
	END LOOP;
END
$$;

-- By hand the counts are the same.
DO $$
BEGIN
	IF EXISTS (SELECT FROM (SELECT person, array_agg(calendar) AS calendars FROM bench_barrier.calendar GROUP BY person) c, task_signatures(calendars) s
		JOIN LATERAL (SELECT count(*) FILTER (WHERE NOT done AND extract(isodow FROM day) > 5) AS a, count(*) FILTER (WHERE extract(isodow FROM day) > 5) AS n
			FROM bench_barrier.check_in i WHERE i.person = c.person) h ON true
		WHERE s.signature = 'weekend_split' AND person <= 50 AND (s.figures[1] <> h.a OR s.figures[2] <> h.n))
	THEN
		RAISE EXCEPTION 'what is counted by hand differs';
	END IF;
END
$$;

-- Once to warm up, then in turns.
SELECT format('CALL bench_barrier.run(%s)', round) FROM generate_series(0, :rounds) AS round \gexec

SELECT name AS query, found AS profiles, round((1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY t.seconds))::numeric, 1) AS ms,
	round((percentile_cont(0.5) WITHIN GROUP (ORDER BY h.seconds / t.seconds))::numeric, 2) AS "times as fast as by hand",
	round(min(h.seconds / t.seconds)::numeric, 2) AS least, round(max(h.seconds / t.seconds)::numeric, 2) AS most
FROM bench_barrier.timing t
JOIN bench_barrier.query q USING (name)
JOIN (SELECT round, seconds FROM bench_barrier.timing WHERE name ~ 'by hand') h USING (round)
WHERE round > 0
GROUP BY name, found, ordinal
ORDER BY ordinal;

DROP SCHEMA bench_barrier CASCADE;
