-- Detectors: a Bernoulli CUSUM and a CUSUM over stored calendars and series against the same recursions written in SQL, and
-- what exact run lengths and limits cost, on one core.
--
-- In a database with the extension:  psql -X -f test/bench/signal.sql [-v people=5000] [-v rounds=5]
--
-- A year of daily check-ins and of daily temperatures a person. By hand there are two ways: a loop in PL/pgSQL, a call for
-- each person, and window functions, since a sum that stays above 0 is the running sum less its least value so far. Both
-- read rows in an index by person and day; the detectors read the calendar or series that is kept of them. Each query runs
-- in turns with the others, so that what slows the machine for a while slows all; a line gives the median of the rounds and
-- the range. All methods must give the same answers.
\set ON_ERROR_STOP on
\if :{?people}
\else
\set people 5000
\endif
\if :{?rounds}
\else
\set rounds 5
\endif
\pset footer off
SET search_path = public, coachiatry;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '1GB';

DROP SCHEMA IF EXISTS bench_signal CASCADE;
CREATE SCHEMA bench_signal;

-- A number in [0, 1) for a key, another one for each seed: every run on every machine has the same rows.
CREATE FUNCTION bench_signal.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

CREATE TABLE bench_signal.check_in AS
SELECT person, date '2025-01-06' + i AS day, bench_signal.chance(person * 1000 + i, 1) > .15 AS taken,
	(360 + floor(30 * bench_signal.chance(person * 1000 + i, 2))) / 10 AS temperature
FROM generate_series(1, :people) AS person, generate_series(0, 364) AS i ORDER BY person, i;
ALTER TABLE bench_signal.check_in ADD PRIMARY KEY (person, day);
CREATE TABLE bench_signal.stored AS
SELECT person, adherence_agg(day, taken) AS calendar, series_agg(day, temperature) AS s FROM bench_signal.check_in GROUP BY person;
VACUUM (ANALYZE, FREEZE) bench_signal.check_in;
VACUUM (ANALYZE, FREEZE) bench_signal.stored;

CREATE FUNCTION bench_signal.loop_misses(who integer) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
	sum integer = 0;
	one record;
BEGIN
	FOR one IN SELECT taken FROM bench_signal.check_in WHERE person = who ORDER BY day LOOP
		sum = greatest(0, sum + CASE WHEN one.taken THEN -1 ELSE 2 END);
	END LOOP;
	RETURN sum;
END
$$;
CREATE FUNCTION bench_signal.loop_cusum(who integer) RETURNS float8
LANGUAGE plpgsql STABLE AS $$
DECLARE
	up float8 = 0;
	one record;
BEGIN
	FOR one IN SELECT temperature FROM bench_signal.check_in WHERE person = who ORDER BY day LOOP
		up = greatest(0, up + (one.temperature - 37.45) / 0.87 - .5);
	END LOOP;
	RETURN up;
END
$$;

-- Each gives a row for each person: the statistic on the last day.
CREATE TABLE bench_signal.query (ordinal integer, what text, name text, command text);
INSERT INTO bench_signal.query VALUES
	(1, 'Bernoulli CUSUM', 'miss_cusum(calendar)', 'SELECT person, (miss_cusum(calendar, ''2026-01-05'')).statistic AS n FROM bench_signal.stored'),
	(2, 'Bernoulli CUSUM', 'window functions', 'SELECT person, x - least(low, 0) AS n FROM (
		SELECT person, day, x, min(x) OVER (PARTITION BY person ORDER BY day) AS low, lead(day) OVER (PARTITION BY person ORDER BY day) AS next
		FROM (SELECT person, day, sum(CASE WHEN taken THEN -1 ELSE 2 END) OVER (PARTITION BY person ORDER BY day) AS x
			FROM bench_signal.check_in) AS walk) AS walked WHERE next IS NULL'),
	(3, 'Bernoulli CUSUM', 'a loop in PL/pgSQL', 'SELECT person, bench_signal.loop_misses(person) AS n FROM bench_signal.stored'),
	(4, 'CUSUM', 'cusum(series)', 'SELECT person, (cusum(s, ''2026-01-05'', mean => 37.45, sd => 0.87, direction => ''up'')).statistic AS n FROM bench_signal.stored'),
	(5, 'CUSUM', 'window functions', 'SELECT person, x - least(low, 0) AS n FROM (
		SELECT person, day, x, min(x) OVER (PARTITION BY person ORDER BY day) AS low, lead(day) OVER (PARTITION BY person ORDER BY day) AS next
		FROM (SELECT person, day, sum((temperature - 37.45) / 0.87 - .5) OVER (PARTITION BY person ORDER BY day) AS x
			FROM bench_signal.check_in) AS walk) AS walked WHERE next IS NULL'),
	(6, 'CUSUM', 'a loop in PL/pgSQL', 'SELECT person, bench_signal.loop_cusum(person) AS n FROM bench_signal.stored'),
	(7, 'others', 'self_starting_cusum(series)', 'SELECT person, (self_starting_cusum(s, ''2026-01-05'')).statistic AS n FROM bench_signal.stored'),
	(8, 'others', 'ewma(series)', 'SELECT person, (ewma(s, ''2026-01-05'', mean => 37.45, sd => 0.87)).statistic AS n FROM bench_signal.stored'),
	(9, 'others', 'missed_run(calendar)', 'SELECT person, (missed_run(calendar, ''2026-01-05'')).statistic AS n FROM bench_signal.stored'),
	(10, 'others', 'rate_below(calendar)', 'SELECT person, (rate_below(calendar, ''2026-01-05'')).statistic AS n FROM bench_signal.stored');

CREATE TABLE bench_signal.timing (what text, name text, round integer, seconds float8);
CREATE TABLE bench_signal.answer (what text, name text, people bigint, sum numeric);

-- Run every query once, and keep what it says in the first round.
CREATE PROCEDURE bench_signal.run(round integer)
LANGUAGE plpgsql AS $$
DECLARE
	query record;
	start timestamptz;
	people bigint;
	total numeric;
BEGIN
	FOR query IN SELECT * FROM bench_signal.query ORDER BY ordinal LOOP
		start = clock_timestamp();
		EXECUTE format('SELECT count(n), sum(round(n::numeric, 6) * (person %% 97)) FROM (%s OFFSET 0) AS q', query.command) INTO people, total;
		INSERT INTO bench_signal.timing VALUES (query.what, query.name, round, extract(epoch FROM clock_timestamp() - start));
		IF round = 0 THEN
			INSERT INTO bench_signal.answer VALUES (query.what, query.name, people, total);
		END IF;
	END LOOP;
END
$$;

-- Once to warm up, then in turns.
SELECT format('CALL bench_signal.run(%s)', round) FROM generate_series(0, :rounds) AS round \gexec

DO $$
BEGIN
	IF EXISTS (SELECT FROM bench_signal.answer WHERE what <> 'others' GROUP BY what HAVING max(sum) - min(sum) > 1 OR min(people) <> max(people)) THEN
		RAISE EXCEPTION 'the methods give different answers';
	END IF;
END
$$;

SELECT query.what, query.name AS method, round(1000 * middle::numeric, 1) AS ms, round((1e6 * middle / :people)::numeric, 2) AS "us a person",
	round((1e6 * fastest / :people)::numeric, 2) || ' - ' || round((1e6 * slowest / :people)::numeric, 2) AS range,
	CASE WHEN query.what <> 'others' THEN round((middle / first_value(middle) OVER (PARTITION BY query.what ORDER BY ordinal))::numeric, 1) END AS "times as long"
FROM bench_signal.query
JOIN (SELECT what, name, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS middle, min(seconds) AS fastest, max(seconds) AS slowest
	FROM bench_signal.timing WHERE round > 0 GROUP BY what, name) AS t USING (what, name)
ORDER BY ordinal;

-- Run lengths and limits: 200 calls of each
CREATE TABLE bench_signal.call (ordinal integer, call text);
INSERT INTO bench_signal.call VALUES (1, 'cusum_arl(.5, 4 + i * 1e-9)'), (2, 'cusum_arl(.5, 4 + i * 1e-9, 0, 2)'), (3, 'cusum_arl(.1, 20 + i * 1e-9)'),
	(4, 'ewma_arl(.1, 2.7 + i * 1e-9)'), (5, 'ewma_arl(.01, 2.7 + i * 1e-9)'), (6, 'bernoulli_cusum_arl(.2, .5, 11, .2 + i * 1e-9)'), (7, 'cusum_limit(370 + i * 1e-6)'),
	(8, 'ewma_limit(370 + i * 1e-6)'), (9, 'bernoulli_cusum_limit(1000 + i, .2, .5)');
CREATE FUNCTION bench_signal.cost(call text) RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
	start timestamptz = clock_timestamp();
BEGIN
	EXECUTE format('SELECT sum(%s) FROM generate_series(1, 200) AS i', call);
	RETURN extract(epoch FROM clock_timestamp() - start) * 1e3 / 200;
END
$$;
SELECT call, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 3) AS "ms a call", round(min(ms)::numeric, 3) || ' - ' || round(max(ms)::numeric, 3) AS range
FROM (SELECT ordinal, call, bench_signal.cost(call) AS ms FROM bench_signal.call, generate_series(1, :rounds)) AS t GROUP BY ordinal, call ORDER BY ordinal;

DROP SCHEMA bench_signal CASCADE;
