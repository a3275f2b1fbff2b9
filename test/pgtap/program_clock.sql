-- The clock of programs where it could go wrong: in parallel workers, which read settings anew and know neither the
-- leader's time zone nor its date style by then, in functions, and after ROLLBACK.
\ir include/setup.sql

SELECT plan(12);

-- A parallel query over rows
CREATE TABLE oracle.row AS SELECT n, n % 7 AS m FROM generate_series(1, 20000) AS n;
ANALYZE oracle.row;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
CREATE FUNCTION oracle.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
\set by_workers 'SELECT count(*), min(extract(epoch FROM coachiatry.clock()) + m * 0), max(extract(epoch FROM coachiatry.clock()) + m * 0) FROM oracle.row'
SELECT isnt_empty(format('SELECT line FROM oracle.plan_of(%L) AS line WHERE line ~ ''Parallel Seq Scan''', :'by_workers'),
	'workers ask for the time');

SELECT results_eq(:'by_workers', 'SELECT 20000::bigint, extract(epoch FROM now()), extract(epoch FROM now())', 'it is now() without the setting');
SET LOCAL timezone = 'Asia/Kolkata';
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL coachiatry.clock = '05/02/2026 09:00';
SELECT results_eq(:'by_workers', $$SELECT 20000::bigint, e, e FROM extract(epoch FROM timestamptz '2026-02-05T03:30:00Z') AS e$$,
	'and what the setting tells with it, in the time zone and date style in which it was set');
SET LOCAL timezone = 'America/New_York';
SET LOCAL datestyle = 'SQL, MDY';
SELECT results_eq(:'by_workers', $$SELECT 20000::bigint, e, e FROM extract(epoch FROM timestamptz '2026-02-05T03:30:00Z') AS e$$,
	'whatever they are now');
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL timezone = 'UTC';

-- Random instants in random zones are kept exactly
CREATE FUNCTION oracle.told(at timestamptz, zone text, style text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
	told timestamptz;
BEGIN
	PERFORM set_config('timezone', zone, true), set_config('datestyle', style, true);
	PERFORM set_config('coachiatry.clock', at::text, true);
	PERFORM set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true);
	PERFORM set_config('coachiatry.clock', current_setting('coachiatry.clock'), true);
	SELECT coachiatry.clock() INTO told;
	RETURN told;
END
$$;
SELECT * FROM oracle.agree($$SELECT (n, zone, style) AS about, oracle.told(at, zone, style) AS got, at AS wanted
	FROM generate_series(1, 500) AS n,
		LATERAL (SELECT to_timestamp(floor((oracle.random(n, 1) - 0.3) * 1e11) / 1e6 + floor(oracle.random(n, 2) * 1e10)) AS at) AS i,
		LATERAL (SELECT (ARRAY['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati',
			'Africa/Monrovia'])[1 + floor(oracle.random(n, 3) * 6)] AS zone) AS z,
		LATERAL (SELECT (ARRAY['ISO, YMD', 'ISO, DMY', 'SQL, DMY', 'SQL, MDY', 'German'])[1 + floor(oracle.random(n, 4) * 5)] AS style) AS s
	WHERE style !~ '^(SQL|German)' OR zone = 'UTC'$$, 'an instant is kept, whatever zone and style it was written in');

-- In transactions, functions, roles
SET LOCAL coachiatry.clock = '';
SELECT is(clock(), now(), 'empty is now()');
SAVEPOINT before;
SET LOCAL coachiatry.clock = '2026-01-05 09:00+00';
SELECT clock() AS inside \gset
ROLLBACK TO before;
SELECT is(:'inside'::timestamptz, '2026-01-05 09:00+00', 'set in a part of a transaction');
SELECT is(clock(), now(), 'it goes with that');
CREATE FUNCTION oracle.then() RETURNS timestamptz LANGUAGE sql SET coachiatry.clock = '2026-01-05 09:00+00' AS 'SELECT coachiatry.clock()';
SELECT is(oracle.then(), '2026-01-05 09:00+00'::timestamptz, 'a function can have a time of its own');
SELECT is(clock(), now(), 'which ends with it');
CREATE ROLE tap_clockmaker;
SELECT throws_ok('SET LOCAL ROLE tap_clockmaker; ' || command, '42501', NULL, 'not for everybody: ' || command)
FROM unnest(ARRAY['SET coachiatry.clock = ''2026-01-05''', 'ALTER ROLE tap_clockmaker SET coachiatry.clock = ''2026-01-05''']) AS command;

SELECT finish();
ROLLBACK;
