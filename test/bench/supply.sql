-- Refills: how many dispensings a second CMA7 and CMA9 take, on one core.
--
-- In a database with the extension:  psql -X -f test/bench/supply.sql [-v patients=50000] [-v rounds=5]
--
-- 50,000 patients have 10 dispensings each, of one of three medications, with gaps and overlaps; everybody is followed up
-- for 730 days from the first dispensing and observed from day 182 on for 365. Each query runs in turns with the others,
-- so that what slows the machine for a while slows all; a line gives the median of the rounds and the range. The floor,
-- which is in every time, is count(*) over the same rows in the same groups, or the scan of the stored supplies.
\set ON_ERROR_STOP on
\if :{?patients}
\else
\set patients 50000
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

DROP SCHEMA IF EXISTS bench_supply CASCADE;
CREATE SCHEMA bench_supply;

-- A number in [0, 1) for a key, another one for each seed: every run on every machine has the same rows.
CREATE FUNCTION bench_supply.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

CREATE TABLE bench_supply.dispensing AS
SELECT patient, date '2024-01-01' + i * 30 + floor(45 * bench_supply.chance(patient * 100 + i, 1))::integer AS day,
	(ARRAY[14, 28, 30, 30, 60, 90])[1 + floor(6 * bench_supply.chance(patient * 100 + i, 2))::integer]::float8 AS days_supply,
	(ARRAY[1, 1, 2, 3])[1 + floor(4 * bench_supply.chance(patient * 100 + i, 3))::integer]::float8 AS daily_dose,
	(ARRAY['sertraline', 'venlafaxine', 'lithium'])[1 + floor(3 * bench_supply.chance(patient * 10 + i / 4, 4))::integer] AS medication
FROM generate_series(1, :patients) AS patient, generate_series(0, 9) AS i
ORDER BY patient, day;

CREATE TABLE bench_supply.stored AS
SELECT patient, supply_agg(day, days_supply, daily_dose, medication) AS s FROM bench_supply.dispensing GROUP BY patient;

VACUUM (ANALYZE, FREEZE) bench_supply.dispensing;
VACUUM (ANALYZE, FREEZE) bench_supply.stored;

CREATE TABLE bench_supply.query (ordinal integer, name text, command text);
INSERT INTO bench_supply.query
SELECT ordinal, name, replace(command, '@window@', 'daterange(first_dispensed(s) + 182, first_dispensed(s) + 547), '
	'daterange(first_dispensed(s), first_dispensed(s) + 730)')
FROM (VALUES
	(1, 'count(*) of the rows', 'SELECT count(n) FROM (SELECT count(*) AS n FROM bench_supply.dispensing GROUP BY patient) AS q'),
	(2, 'supply_agg', 'SELECT count(s) FROM (SELECT supply_agg(day, days_supply, daily_dose, medication) AS s
		FROM bench_supply.dispensing GROUP BY patient OFFSET 0) AS q'),
	(3, 'CMA7 from the rows', 'SELECT avg(cma(s, 7, @window@)) FROM (SELECT supply_agg(day, days_supply, daily_dose, medication) AS s
		FROM bench_supply.dispensing GROUP BY patient OFFSET 0) AS q'),
	(4, 'CMA9 from the rows', 'SELECT avg(cma(s, 9, @window@)) FROM (SELECT supply_agg(day, days_supply, daily_dose, medication) AS s
		FROM bench_supply.dispensing GROUP BY patient OFFSET 0) AS q'),
	(5, 'stored supplies', 'SELECT count(s) FROM bench_supply.stored'),
	(6, 'CMA7 of stored supplies', 'SELECT avg(cma(s, 7, @window@)) FROM bench_supply.stored'),
	(7, 'CMA9 of stored supplies', 'SELECT avg(cma(s, 9, @window@)) FROM bench_supply.stored'),
	(8, 'CMA9, both options', 'SELECT avg(cma(s, 9, @window@, true, true)) FROM bench_supply.stored'),
	(9, 'pdc of stored supplies', 'SELECT avg(pdc(s, daterange(first_dispensed(s), first_dispensed(s) + 365))) FROM bench_supply.stored'),
	(10, 'episodes of stored supplies', 'SELECT count(*) FROM bench_supply.stored
		CROSS JOIN LATERAL treatment_episodes(s, 30, daterange(first_dispensed(s), first_dispensed(s) + 730))')
) AS v (ordinal, name, command);

CREATE TABLE bench_supply.timing (name text, round integer, seconds float8);

-- Run every query once.
CREATE PROCEDURE bench_supply.run(round integer)
LANGUAGE plpgsql AS $$
DECLARE
	query record;
	start timestamptz;
	ignored text;
BEGIN
	FOR query IN SELECT * FROM bench_supply.query ORDER BY ordinal LOOP
		start = clock_timestamp();
		EXECUTE query.command INTO ignored;
		INSERT INTO bench_supply.timing VALUES (query.name, round, extract(epoch FROM clock_timestamp() - start));
	END LOOP;
END
$$;

-- Once to warm up, then in turns.
SELECT format('CALL bench_supply.run(%s)', round) FROM generate_series(0, :rounds) AS round \gexec

SELECT query.name AS query, round(1000 * middle::numeric) AS ms, to_char(rows / middle, '999,999,999') AS "dispensings / s",
	to_char(rows / slowest, '999,999,999') AS slowest, to_char(rows / fastest, '999,999,999') AS fastest,
	CASE WHEN query.name ~ 'CMA[79] (from|of)' THEN CASE WHEN rows / middle >= 500000 THEN 'yes' ELSE 'no' END ELSE '' END AS "500,000"
FROM bench_supply.query
JOIN (SELECT name, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS middle, min(seconds) AS fastest, max(seconds) AS slowest
	FROM bench_supply.timing WHERE round > 0 GROUP BY name) AS t USING (name)
CROSS JOIN (SELECT count(*) AS rows FROM bench_supply.dispensing) AS d
ORDER BY ordinal;

DROP SCHEMA bench_supply CASCADE;
