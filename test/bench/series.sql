-- Series: what series_agg costs against avg by person and day, and how many bytes an observation takes, on one core.
--
-- In a database with the extension:  psql -X -f test/bench/series.sql [-v people=5000] [-v rounds=5]
--
-- Each person has a weekly score (0 to 27), a daily temperature (one decimal) and a mood several times a day (0 to 100, any
-- fraction), for a year. Each query runs in turns with the others, so that what slows the machine for a while slows all; a
-- line gives the median of the rounds and the range. The floor, which is in every time, is count(*) over the same rows in
-- the same groups.
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

DROP SCHEMA IF EXISTS bench_series CASCADE;
CREATE SCHEMA bench_series;

-- A number in [0, 1) for a key, another one for each seed: every run on every machine has the same rows.
CREATE FUNCTION bench_series.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

CREATE TABLE bench_series.measure AS
SELECT kind, person, day, value FROM (
	SELECT 'weekly score' AS kind, person, i, date '2025-01-06' + 7 * i AS day, floor(28 * bench_series.chance(person * 1000 + i, 1)) AS value
	FROM generate_series(1, :people) AS person, generate_series(0, 51) AS i
	UNION ALL
	SELECT 'daily temperature', person, i, date '2025-01-06' + i, (360 + floor(30 * bench_series.chance(person * 1000 + i, 2))) / 10
	FROM generate_series(1, :people) AS person, generate_series(0, 363) AS i
	UNION ALL
	SELECT 'mood, four a day', person, i, date '2025-01-06' + i / 4, 100 * bench_series.chance(person * 2000 + i, 3)
	FROM generate_series(1, :people) AS person, generate_series(0, 1455) AS i) AS rows
ORDER BY kind, person, i;

-- The same temperatures in random order: every row meets another person's state.
CREATE TABLE bench_series.shuffled AS
SELECT * FROM bench_series.measure WHERE kind = 'daily temperature' ORDER BY bench_series.chance(person * 1000 + (day - '2025-01-06'), 4);

CREATE TABLE bench_series.stored AS
SELECT kind, person, series_agg(day, value) AS s FROM bench_series.measure GROUP BY kind, person;

VACUUM (ANALYZE, FREEZE) bench_series.measure;
VACUUM (ANALYZE, FREEZE) bench_series.shuffled;
VACUUM (ANALYZE, FREEZE) bench_series.stored;

-- @rows@: a kind of measure, or the temperatures in random order.
CREATE TABLE bench_series.query (ordinal integer, name text, command text);
INSERT INTO bench_series.query VALUES
	(1, 'count(*) by person', 'SELECT count(n) FROM (SELECT count(*) AS n FROM @rows@ GROUP BY person OFFSET 0) AS q'),
	(2, 'series_agg by person', 'SELECT count(s) FROM (SELECT series_agg(day, value) AS s FROM @rows@ GROUP BY person OFFSET 0) AS q'),
	(3, 'avg by person and day', 'SELECT count(m) FROM (SELECT avg(value) AS m FROM @rows@ GROUP BY person, day OFFSET 0) AS q'),
	(4, 'means of series_agg', 'SELECT count(mean) FROM (SELECT series_agg(day, value) AS s FROM @rows@ GROUP BY person OFFSET 0) AS q,
		to_series_days(s)');
CREATE TABLE bench_series.source (source text, rows text);
INSERT INTO bench_series.source
SELECT kind, format('(SELECT person, day, value FROM bench_series.measure WHERE kind = %L OFFSET 0) AS r', kind)
FROM bench_series.measure GROUP BY kind;
INSERT INTO bench_series.source VALUES ('temperature, random order', 'bench_series.shuffled AS r');

CREATE TABLE bench_series.timing (source text, name text, round integer, seconds float8);

-- Run every query once.
CREATE PROCEDURE bench_series.run(round integer)
LANGUAGE plpgsql AS $$
DECLARE
	query record;
	start timestamptz;
	ignored text;
BEGIN
	FOR query IN SELECT * FROM bench_series.source, bench_series.query ORDER BY source, ordinal LOOP
		start = clock_timestamp();
		EXECUTE replace(query.command, '@rows@', query.rows) INTO ignored;
		INSERT INTO bench_series.timing VALUES (query.source, query.name, round, extract(epoch FROM clock_timestamp() - start));
	END LOOP;
END
$$;

-- The answers are the same: counts exactly, means but for what avg loses.
DO $$
BEGIN
	IF EXISTS (SELECT FROM (SELECT kind, person, d.* FROM bench_series.stored, to_series_days(s) AS d) AS d
		FULL JOIN (SELECT kind, person, day, count(*) AS count, avg(value) AS mean FROM bench_series.measure GROUP BY kind, person, day) AS a
			USING (kind, person, day)
		WHERE d.count IS DISTINCT FROM a.count::integer OR abs(d.mean - a.mean) > 1e-12 * abs(a.mean) OR d.mean IS NULL)
	THEN
		RAISE EXCEPTION 'the means of series differ from those of avg';
	END IF;
END
$$;

-- Once to warm up, then in turns.
SELECT format('CALL bench_series.run(%s)', round) FROM generate_series(0, :rounds) AS round \gexec

SELECT source, query.name AS query, round(1000 * middle::numeric, 1) AS ms, to_char(rows / middle, '999,999,999') AS "rows / s",
	to_char(rows / slowest, '999,999,999') AS slowest, to_char(rows / fastest, '999,999,999') AS fastest,
	round((first_value(middle) OVER (PARTITION BY source ORDER BY (query.name <> 'avg by person and day')) / middle)::numeric, 2) AS "times as fast as avg"
FROM bench_series.query
JOIN (SELECT source, name, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS middle, min(seconds) AS fastest, max(seconds) AS slowest
	FROM bench_series.timing WHERE round > 0 GROUP BY source, name) AS t USING (name)
JOIN (SELECT kind AS source, count(*) AS rows FROM bench_series.measure GROUP BY kind
	UNION ALL SELECT 'temperature, random order', count(*) FROM bench_series.shuffled) AS d USING (source)
ORDER BY source, ordinal;

SELECT kind, count(*) AS series, sum(observations) AS observations, sum(bytes) AS bytes, round(sum(bytes) / sum(observations), 2) AS "bytes an observation",
	round(sum(bytes) / sum(days), 2) AS "bytes a day with any"
FROM (SELECT kind, pg_column_size(s - 'empty') AS bytes,
		(SELECT sum(count) FROM to_series_days(s)) AS observations, (SELECT count(*) FROM to_series_days(s)) AS days
	FROM bench_series.stored) AS sizes
GROUP BY kind ORDER BY kind;

DROP SCHEMA bench_series CASCADE;
