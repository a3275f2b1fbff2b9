-- Schedules: microseconds that planned() takes for a year, by rule, on one core.
--
-- In a database with the extension:  psql -X -f test/bench/schedule.sql [-v calls=2000] [-v rounds=5]
--
-- The rules take turns, so that what slows the machine for a while slows all; a line gives the median of the rounds and
-- the range. The starts differ from call to call, as the server would call a function of constants only once. The cost of
-- the rows themselves is in every time (about 0.1 microseconds).
\set ON_ERROR_STOP on
\if :{?calls}
\else
\set calls 2000
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

DROP SCHEMA IF EXISTS bench_schedule CASCADE;
CREATE SCHEMA bench_schedule;

CREATE TABLE bench_schedule.rule (
	ordinal integer GENERATED ALWAYS AS IDENTITY,
	s schedule NOT NULL,
	goal float8 NOT NULL, -- microseconds
	calls integer NOT NULL
);
INSERT INTO bench_schedule.rule (s, goal, calls)
SELECT s::schedule, goal, ceil(:calls * share)
FROM (VALUES
	('QD', 20, 1.0), ('BID', 20, 1), ('QID;UNITS=2', 20, 1), ('Q1H', 20, 1), ('QOD', 20, 1), ('QD;UNTIL=20260630', 20, 1), ('BID;COUNT=300', 20, 1),
	('FREQ=WEEKLY', 20, 1), ('FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=8;BYMINUTE=0', 20, 1), ('FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU', 20, 1),
	('FREQ=MONTHLY;BYMONTHDAY=1,15,-1', 1000, 1), ('FREQ=MONTHLY;BYDAY=1MO,-1FR', 1000, 1), ('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 1000, 1),
	('FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU', 1000, 1), ('FREQ=YEARLY;BYWEEKNO=1,20,-1;BYDAY=MO', 1000, 1), ('FREQ=YEARLY;BYYEARDAY=1,100,200', 1000, 1),
	('FREQ=DAILY;BYMONTH=1,6;BYMONTHDAY=1,2,3', 1000, 1), ('FREQ=HOURLY', 1000, .2), ('FREQ=MINUTELY;INTERVAL=15', 1000, .1),
	('FREQ=YEARLY;RSCALE=HEBREW', 1000, .05), ('FREQ=YEARLY;RSCALE=CHINESE', 1000, .05)) AS v (s, goal, share);

CREATE TABLE bench_schedule.result (ordinal integer, microseconds float8);

-- Time one rule.
CREATE FUNCTION bench_schedule.measure(rule bench_schedule.rule)
RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	PERFORM count(planned(rule.s, '2026-01-01'::timestamp + n % 7 * interval '1 hour', '[2026-01-01, 2027-01-01)'))
	FROM generate_series(1, rule.calls) AS n;
	RETURN extract(epoch FROM clock_timestamp() - began) * 1e6 / rule.calls;
END
$$;

SELECT bench_schedule.measure(rule) FROM bench_schedule.rule LIMIT 3 \g /dev/null
SELECT 'INSERT INTO bench_schedule.result SELECT ordinal, bench_schedule.measure(rule) FROM bench_schedule.rule ORDER BY ordinal'
FROM generate_series(1, :rounds) \gexec

SELECT s AS "planned() over a year", round(percentile_cont(0.5) WITHIN GROUP (ORDER BY microseconds)::numeric, 1) AS "median, us",
	format('%s to %s', round(min(microseconds)::numeric, 1), round(max(microseconds)::numeric, 1)) AS range, goal AS "goal, us"
FROM bench_schedule.result
JOIN bench_schedule.rule USING (ordinal)
GROUP BY ordinal, s, goal
ORDER BY ordinal;

DROP SCHEMA bench_schedule CASCADE;
