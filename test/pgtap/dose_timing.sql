-- Dose timing over random doses: every measure against plain SQL, the matching
-- against the enumeration of all matchings, the laws of merging, forms there
-- and back, and hostile input.
\ir include/setup.sql

SELECT plan(50);

--
-- Random doses. Most people have instants on a coarse grid, so that equal
-- instants, equal pairs and ties abound; some have them anywhere at all.
--

CREATE TABLE oracle.dose AS
SELECT person, id, CASE WHEN side < .1 THEN NULL ELSE taken_at END AS taken_at,
	CASE WHEN side BETWEEN .08 AND .25 THEN NULL ELSE due_at END AS due_at
FROM (
	SELECT person, id, oracle.random(person, id, 1) AS side,
		start + floor(oracle.random(person, id, 2) * span) * grain AS due_at,
		start + floor(oracle.random(person, id, 2) * span) * grain
			+ floor((oracle.random(person, id, 3) - .5) * 9) * grain AS taken_at
	FROM (
		SELECT person, (ARRAY[0, 1, 2, 3, 5, 8, 20, 60, 200])[1 + person % 9] AS doses,
			(ARRAY[4, 10, 40, 1000])[1 + person % 4] AS span,
			(ARRAY['1 microsecond', '1 minute', '6 hours', '10 days 01:02:03.456789', '20 years']::interval[])[1 + person % 5] AS grain,
			(ARRAY['2026-01-05 08:00+00', '4500-01-01 00:00+00 BC', '1999-12-31 23:59:59.999999+00', '250000-01-01 00:00+00']
				::timestamptz[])[1 + person % 7 % 4] AS start
		FROM generate_series(1, 180) AS person) AS p
	CROSS JOIN LATERAL generate_series(1, doses) AS id) AS d;

CREATE TABLE oracle.value AS
SELECT person, dose_timing_agg(taken_at, due_at) AS t
FROM generate_series(1, 180) AS person
LEFT JOIN oracle.dose USING (person)
GROUP BY person;

CREATE INDEX ON oracle.dose (person, id);
ANALYZE oracle.dose, oracle.value;

-- Whether two values have the same bytes, or both are NULL.
CREATE FUNCTION oracle.same_bytes(a dose_timing, b dose_timing)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT record_image_eq(ROW(a), ROW(b))
$$;

--
-- Measures
--

CREATE TABLE oracle.due AS
SELECT person, due_at, count(taken_at) AS taken
FROM oracle.dose
WHERE due_at IS NOT NULL
GROUP BY person, due_at;
CREATE INDEX ON oracle.due (person);
ANALYZE oracle.due;

SELECT * FROM oracle.agree($q$
	SELECT person AS about, taking_adherence(t) AS got,
		(SELECT count(taken_at) FROM oracle.dose AS d WHERE d.person = v.person)::float8
			/ nullif((SELECT count(*) FROM oracle.due AS d WHERE d.person = v.person), 0) AS wanted
	FROM oracle.value AS v
	$q$, 'taking_adherence: taken / due doses');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, correct_dosing(t) AS got,
		(SELECT avg((taken = 1)::integer)::float8 FROM oracle.due AS d WHERE d.person = v.person) AS wanted
	FROM oracle.value AS v
	$q$, 'correct_dosing: due doses taken exactly once / due doses');

-- Compared as PostgreSQL compares intervals.
SELECT * FROM oracle.agree($q$
	SELECT format('%s within %s', person, tolerance) AS about, timing_adherence(t, tolerance) AS got,
		(SELECT count(*) FROM oracle.dose AS d WHERE d.person = v.person
			AND (taken_at - due_at <= tolerance AND due_at - taken_at <= tolerance))::float8
			/ nullif((SELECT count(*) FROM oracle.due AS d WHERE d.person = v.person), 0) AS wanted
	FROM oracle.value AS v
	CROSS JOIN (VALUES (interval '0'), ('1 microsecond'), ('2 minutes'), ('12 hours'), ('1 day'), ('1 month'), ('20 days 02:04:06.913578'),
		('1 mon -1 days'), ('-1 days +25 hours'), ('60 years'), ('178000000 years')) AS i (tolerance)
	$q$, 'timing_adherence: pairs within tolerance / due doses');

-- In exact arithmetic: microseconds, and the share as its decimals.
SELECT * FROM oracle.agree($q$
	WITH step AS (
		SELECT person, 1000000 * (extract(epoch FROM taken_at) - lag(extract(epoch FROM taken_at)) OVER w) AS apart
		FROM oracle.dose
		WHERE taken_at IS NOT NULL
		WINDOW w AS (PARTITION BY person ORDER BY taken_at)
	), middle AS (
		SELECT person, count(*) AS n, (array_agg(apart ORDER BY apart))[(count(*) + 1) / 2]
			+ (array_agg(apart ORDER BY apart))[count(*) / 2 + 1] AS median2
		FROM step WHERE apart IS NOT NULL GROUP BY person
	)
	SELECT format('%s, share %s', person, share) AS about, interval_regularity(t, share) AS got,
		(SELECT count(*) FROM step AS s WHERE s.person = m.person
			AND abs(2 * apart - median2) <= share::text::numeric * median2)::float8 / n AS wanted
	FROM oracle.value
	LEFT JOIN middle AS m USING (person)
	CROSS JOIN (VALUES (0::float8), (0.1), (0.2), (0.25), (0.3), (0.5), (0.7), (1), (2.5)) AS s (share)
	$q$, 'interval_regularity: intervals near their median / intervals');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, coalesce((SELECT array_agg(ROW(taken_at, due_at)::text) FROM to_doses(t)), '{}') AS got,
		coalesce((SELECT array_agg(ROW(taken_at, due_at)::text ORDER BY due_at, taken_at)
			FROM oracle.dose AS d WHERE d.person = v.person AND coalesce(taken_at, due_at) IS NOT NULL), '{}') AS wanted
	FROM oracle.value AS v
	$q$, 'to_doses: the rows again, in order of due, then taken');

SELECT is((SELECT count(*) FROM oracle.value WHERE t IS NULL), (SELECT count(*) FROM oracle.value AS v WHERE NOT EXISTS (
	SELECT 1 FROM oracle.dose AS d WHERE d.person = v.person AND coalesce(taken_at, due_at) IS NOT NULL)),
	'no rows with an instant: NULL');

--
-- Merging: any split, any order, the same bytes
--

CREATE TABLE oracle.part AS
SELECT person, splits, part, dose_timing_agg(taken_at, due_at ORDER BY oracle.random(person, id, splits, 5)) AS t
FROM (
	SELECT person, id, taken_at, due_at, splits, floor(oracle.random(person, id, splits, 4) * splits)::integer AS part
	FROM oracle.dose
	CROSS JOIN unnest(ARRAY[1, 2, 5, 50]) AS splits) AS d
GROUP BY person, splits, part;

SELECT * FROM oracle.agree($q$
	SELECT format('%s in %s parts', person, splits) AS about,
		oracle.same_bytes(rollup(p.t ORDER BY oracle.random(person, part, splits, 6)), v.t) AS got, true AS wanted
	FROM oracle.part AS p
	JOIN oracle.value AS v USING (person)
	GROUP BY person, splits, v.t
	$q$, 'rollup of any split in any order is the aggregate of all rows');

SELECT * FROM oracle.agree($q$
	SELECT format('%s and %s', a.person, b.person) AS about,
		oracle.same_bytes(a.t || b.t, (SELECT dose_timing_agg(taken_at, due_at) FROM oracle.dose AS d
			WHERE d.person IN (a.person, b.person))) AND oracle.same_bytes(a.t || b.t, b.t || a.t) AS got, true AS wanted
	FROM oracle.value AS a
	JOIN oracle.value AS b ON b.person > a.person AND oracle.random(a.person, b.person, 7) < .05
	$q$, '||: the pairs of both, on either side');

SELECT * FROM oracle.agree($q$
	SELECT format('%s, %s and %s', a.person, b.person, c.person) AS about,
		oracle.same_bytes((a.t || b.t) || c.t, a.t || (b.t || c.t)) AS got, true AS wanted
	FROM oracle.value AS a
	JOIN oracle.value AS b ON oracle.random(a.person, b.person, 8) < .03
	JOIN oracle.value AS c ON oracle.random(b.person, c.person, 9) < .03
	$q$, '||: associative');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, oracle.same_bytes(t || 'empty', t) AND oracle.same_bytes(NULL || t, t) AND oracle.same_bytes(t || NULL, t) AS got, true AS wanted
	FROM oracle.value WHERE t IS NOT NULL
	$q$, '||: empty and NULL change nothing');

-- States of every size, as they grow; and states that one frame after another asks for its result.
SELECT * FROM oracle.agree($q$
	SELECT n AS about, dose_timing_send(dose_timing_agg(taken_at, due_at)) AS got, (
		SELECT decode('00000001' || lpad(to_hex(n), 8, '0') || string_agg('03' || encode(timestamptz_send(due_at), 'hex')
			|| encode(timestamptz_send(taken_at), 'hex'), '' ORDER BY due_at), 'hex')
		FROM (SELECT '2026-01-05 08:00+00'::timestamptz + i * interval '1 hour' AS taken_at,
			'2026-01-05 00:00+00'::timestamptz + i * interval '1 hour' AS due_at FROM generate_series(1, n) AS i) AS sorted) AS wanted
	FROM (VALUES (1), (14), (15), (16), (17), (30), (31), (32), (33), (1000), (1023), (1024), (70000)) AS v (n)
	CROSS JOIN LATERAL (
		SELECT '2026-01-05 08:00+00'::timestamptz + i * interval '1 hour' AS taken_at,
			'2026-01-05 00:00+00'::timestamptz + i * interval '1 hour' AS due_at
		FROM generate_series(1, n) AS i ORDER BY oracle.random(i, 10)) AS d
	GROUP BY n
	$q$, 'states of many sizes');

SELECT * FROM oracle.agree($q$
	SELECT format('%s to %s', w.person, w.id) AS about, oracle.same_bytes(w.running, (
		SELECT dose_timing_agg(taken_at, due_at) FROM oracle.dose AS d WHERE d.person = w.person AND d.id <= w.id)) AS got, true AS wanted
	FROM (SELECT person, id, dose_timing_agg(taken_at, due_at) OVER (PARTITION BY person ORDER BY id) AS running
		FROM oracle.dose WHERE person < 100) AS w
	$q$, 'over a growing frame: the final function only reads');

--
-- Parallel
--

CREATE TABLE oracle.many AS
SELECT person, taken_at, due_at FROM oracle.dose CROSS JOIN generate_series(1, 10) ORDER BY oracle.random(person, id, 11);
ANALYZE oracle.many;
CREATE TABLE oracle.serial AS SELECT person, dose_timing_agg(taken_at, due_at) AS t FROM oracle.many GROUP BY person;
SELECT set_config(name, value, true)
FROM (VALUES ('max_parallel_workers_per_gather', '2'), ('parallel_setup_cost', '0'), ('parallel_tuple_cost', '0'),
	('min_parallel_table_scan_size', '0'), ('parallel_leader_participation', 'off')) AS v (name, value) \g /dev/null
CREATE FUNCTION oracle.plan_of(query text)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text = '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		lines = lines || line || E'\n';
	END LOOP;
	RETURN lines;
END
$$;
SELECT matches(oracle.plan_of('SELECT person, dose_timing_agg(taken_at, due_at) FROM oracle.many GROUP BY person'),
	'Finalize[^$]*Workers Launched: [12][^$]*Partial', 'a partial aggregate runs on workers');
CREATE TABLE oracle.parallel AS SELECT person, dose_timing_agg(taken_at, due_at) AS t FROM oracle.many GROUP BY person;
SELECT * FROM oracle.agree('SELECT person AS about, oracle.same_bytes(p.t, s.t) AS got, true AS wanted
	FROM oracle.parallel AS p FULL JOIN oracle.serial AS s USING (person)', 'and gives the same bytes');
SELECT matches(oracle.plan_of('SELECT rollup(t) FROM oracle.serial'), 'Finalize[^$]*Workers Launched: [12][^$]*Partial',
	'rollup runs on workers too');
CREATE TABLE oracle.rolled AS SELECT rollup(t) AS t FROM oracle.serial;
SELECT ok(oracle.same_bytes(t, (SELECT dose_timing_agg(taken_at, due_at) FROM oracle.many)), 'and gives the same bytes')
FROM oracle.rolled;
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null

--
-- Order, equality, hash
--

-- The instants of each pair, due before taken, infinity for a missing one: PostgreSQL compares the arrays.
CREATE TABLE oracle.flat AS
SELECT person, t, (SELECT array_agg(coalesce(instant, 'infinity') ORDER BY n, side)
	FROM to_doses(t) WITH ORDINALITY AS d (taken_at, due_at, n)
	CROSS JOIN LATERAL (VALUES (1, due_at), (2, taken_at)) AS s (side, instant)) AS instants
FROM oracle.value
WHERE t IS NOT NULL;

SELECT * FROM oracle.agree($q$
	SELECT format('%s and %s', a.person, b.person) AS about,
		ARRAY[a.t < b.t, a.t <= b.t, a.t = b.t, a.t <> b.t, a.t >= b.t, a.t > b.t, dose_timing_cmp(a.t, b.t) = 0,
			dose_timing_hash(a.t) = dose_timing_hash(b.t)] AS got,
		ARRAY[x < y, x <= y, x = y, x <> y, x >= y, x > y, x = y, x = y] AS wanted
	FROM oracle.flat AS a
	JOIN oracle.flat AS b ON oracle.random(a.person, b.person, 12) < .1 OR a.person = b.person
	CROSS JOIN LATERAL (SELECT a.instants AS x, b.instants AS y) AS i
	$q$, 'comparison is that of the pairs, due before taken, what is missing last');

CREATE TABLE oracle.keyed (t dose_timing PRIMARY KEY);
INSERT INTO oracle.keyed SELECT DISTINCT t FROM oracle.value WHERE pg_column_size(t) < 1000;
SELECT is((SELECT count(*) FROM oracle.keyed), (SELECT count(DISTINCT t::text) FROM oracle.value WHERE pg_column_size(t) < 1000),
	'DISTINCT by sorting or hashing');
SELECT set_config('enable_' || name, value, true) FROM (VALUES ('seqscan', 'off'), ('hashjoin', 'off'), ('mergejoin', 'off')) AS v (name, value)
	\g /dev/null
SELECT is((SELECT count(DISTINCT k.t) FROM oracle.value AS v JOIN oracle.keyed AS k ON k.t = v.t), (SELECT count(*) FROM oracle.keyed),
	'a unique btree index finds each');
SELECT set_config('enable_' || name, value, true) FROM (VALUES ('seqscan', 'on'), ('hashjoin', 'on'), ('nestloop', 'off')) AS v (name, value)
	\g /dev/null
SELECT is((SELECT count(DISTINCT k.t) FROM oracle.value AS v JOIN oracle.keyed AS k ON k.t = v.t), (SELECT count(*) FROM oracle.keyed),
	'a hash join finds each');
SELECT set_config('enable_' || name, 'on', true) FROM (VALUES ('mergejoin'), ('nestloop')) AS v (name) \g /dev/null
SELECT throws_ok($$INSERT INTO oracle.keyed VALUES ('due 2031-01-05T08:00:00Z, due 2031-01-05T07:00:00Z'),
	('due 2031-01-05T08:00:00+01:00, due 2031-01-05T08:00:00Z')$$, '23505', NULL::text, 'an equal value written another way is equal');

--
-- Forms there and back
--

SELECT * FROM oracle.agree('SELECT person AS about, oracle.same_bytes(t::text::dose_timing, t) AS got, true AS wanted FROM oracle.value WHERE t IS NOT NULL',
	'text out and in');
SELECT * FROM oracle.agree('SELECT person AS about, oracle.same_bytes(t::jsonb::dose_timing, t) AS got, true AS wanted FROM oracle.value WHERE t IS NOT NULL',
	'jsonb out and in');
-- PostgreSQL itself reads the instants.
SELECT * FROM oracle.agree($q$
	SELECT person AS about, oracle.same_bytes((SELECT dose_timing_agg((e ->> 'taken_at')::timestamptz, (e ->> 'due_at')::timestamptz)
		FROM jsonb_array_elements(t::jsonb) AS e), t) AS got, true AS wanted
	FROM oracle.value WHERE t IS NOT NULL
	$q$, 'the instants of jsonb are PostgreSQL''s');

INSERT INTO oracle.value VALUES (0, 'empty');
\set scratch `mktemp -d`
\set here `pwd`
\cd :scratch
\copy oracle.value TO 'values' (FORMAT binary)
CREATE TABLE oracle.copied (LIKE oracle.value);
\copy oracle.copied FROM 'values' (FORMAT binary)
\cd :here
\set removed `rm -r :'scratch'`
SELECT * FROM oracle.agree('SELECT person AS about, oracle.same_bytes(c.t, v.t) AS got, true AS wanted
	FROM oracle.value AS v FULL JOIN oracle.copied AS c USING (person)', 'binary COPY out and in, through the client');
DELETE FROM oracle.value WHERE person = 0;

-- Long values are compressed and moved out of line; short ones lose their alignment.
CREATE TABLE oracle.stored (person integer, note text, t dose_timing);
INSERT INTO oracle.stored SELECT person, repeat('x', person % 7), dose_timing_agg(taken_at, due_at) FROM oracle.many GROUP BY person;
SELECT * FROM oracle.agree('SELECT person AS about, oracle.same_bytes(c.t || NULL, s.t) AND c.t = s.t AS got, true AS wanted
	FROM oracle.stored AS c JOIN oracle.serial AS s USING (person) WHERE s.t IS NOT NULL', 'stored, long or short');
SELECT ok(oracle.same_bytes((SELECT rollup(t) FROM oracle.stored), (SELECT t FROM oracle.rolled)), 'rollup of stored values');

--
-- Matching against the enumeration of all order-preserving matchings
--

CREATE TABLE oracle.problem AS
SELECT n, interval '1 minute' * floor(oracle.random(n, 20) * 9) AS tolerance,
	ARRAY(SELECT '2026-01-05 08:00+00'::timestamptz + interval '1 minute' * floor(oracle.random(n, i, 21) * 20)
		FROM generate_series(1, floor(oracle.random(n, 22) * 6)::integer) AS i) AS taken,
	ARRAY(SELECT '2026-01-05 08:00+00'::timestamptz + interval '1 minute' * floor(oracle.random(n, i, 23) * 20)
		FROM generate_series(1, floor(oracle.random(n, 24) * 6)::integer) AS i) AS due
FROM generate_series(1, 400) AS n;

-- Pairs of a matching as taken, due, taken, due, ... in order of time.
CREATE TABLE oracle.solution AS
WITH RECURSIVE taken AS (
	SELECT n, at, row_number() OVER (PARTITION BY n ORDER BY at) AS i FROM oracle.problem, unnest(taken) AS at
), due AS (
	SELECT n, at, row_number() OVER (PARTITION BY n ORDER BY at) AS j FROM oracle.problem, unnest(due) AS at
), possible AS (
	SELECT n, i, j, t.at AS taken_at, d.at AS due_at, greatest(t.at - d.at, d.at - t.at) AS distance
	FROM taken AS t JOIN due AS d USING (n) JOIN oracle.problem USING (n)
	WHERE greatest(t.at - d.at, d.at - t.at) <= tolerance
), matching AS (
	SELECT n, 0::bigint AS i, 0::bigint AS j, interval '0' AS distance, '{}'::timestamptz[] AS pairs FROM oracle.problem
	UNION ALL
	SELECT n, p.i, p.j, m.distance + p.distance, m.pairs || p.taken_at || p.due_at
	FROM matching AS m JOIN possible AS p USING (n)
	WHERE p.i > m.i AND p.j > m.j
)
SELECT DISTINCT ON (n) n, pairs
FROM matching
ORDER BY n, cardinality(pairs) DESC, distance, pairs;

SELECT * FROM oracle.agree($q$
	SELECT format('%s: %s with %s within %s', n, taken, due, tolerance) AS about,
		ARRAY(SELECT instant FROM match_doses(taken, due, tolerance) WITH ORDINALITY AS m (taken_at, due_at, row)
			CROSS JOIN LATERAL (VALUES (1, taken_at), (2, due_at)) AS s (side, instant)
			WHERE taken_at IS NOT NULL AND due_at IS NOT NULL ORDER BY row, side) AS got, pairs AS wanted
	FROM oracle.problem JOIN oracle.solution USING (n)
	$q$, 'match_doses: most pairs, then least distance, then the earliest');

SELECT * FROM oracle.agree($q$
	SELECT n AS about, ARRAY[ARRAY(SELECT taken_at FROM match_doses(taken, due, tolerance) WHERE taken_at IS NOT NULL ORDER BY 1)::text,
			ARRAY(SELECT due_at FROM match_doses(taken, due, tolerance) WHERE due_at IS NOT NULL ORDER BY 1)::text] AS got,
		ARRAY[ARRAY(SELECT at FROM unnest(taken) AS at ORDER BY 1)::text, ARRAY(SELECT at FROM unnest(due) AS at ORDER BY 1)::text] AS wanted
	FROM oracle.problem
	$q$, 'match_doses: each dose in one row');

SELECT * FROM oracle.agree($q$
	SELECT n AS about, array_agg(coalesce(taken_at, due_at) ORDER BY row) AS got,
		array_agg(coalesce(taken_at, due_at) ORDER BY coalesce(taken_at, due_at), taken_at IS NULL) AS wanted
	FROM oracle.problem, match_doses(taken, due, tolerance) WITH ORDINALITY AS m (taken_at, due_at, row)
	GROUP BY n
	$q$, 'match_doses: rows in order of time');

-- Ten years, four doses a day, the openings at random around them.
CREATE TABLE oracle.decade AS
SELECT array_agg(at) AS due, array_agg(at + (oracle.random(i::integer, 30) - .5) * interval '5 hours')
	FILTER (WHERE oracle.random(i::integer, 31) < .8) AS taken
FROM generate_series('2016-01-01 08:00+00'::timestamptz, '2025-12-31', '6 hours') WITH ORDINALITY AS g (at, i);

SELECT is((SELECT ROW(count(*), count(taken_at), bool_and(greatest(taken_at - due_at, due_at - taken_at) <= interval '3 hours'))
		FROM match_doses(taken, due, '3 hours')), ROW(cardinality(due)::bigint, cardinality(taken)::bigint, true),
	'ten years of doses find their partners')
FROM oracle.decade;
-- All in one component, each within tolerance of some hundred others.
SELECT is((SELECT ROW(count(*), count(taken_at)) FROM match_doses(taken, due, '1 month')),
	ROW(cardinality(due)::bigint, cardinality(taken)::bigint), 'and with a tolerance of a month')
FROM oracle.decade;

--
-- Days
--

SELECT * FROM oracle.agree($q$
	SELECT format('%s %s %s', at, zone, starts) AS about, adherence_day(at, zone, starts)::text AS got,
		((at AT TIME ZONE zone) - starts)::date::text AS wanted
	FROM (SELECT '2020-01-01 00:00+00'::timestamptz + oracle.random(i, 40) * interval '10 years' AS at FROM generate_series(1, 300) AS i
		UNION ALL VALUES ('4713-06-01 BC'::timestamptz), ('294276-12-30'), ('-infinity'), ('infinity')) AS a
	CROSS JOIN unnest(ARRAY['UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', '-03:30']) AS zone
	CROSS JOIN unnest(ARRAY['00:00', '03:00', '23:59:59.999999', '24:00']::time[]) AS starts
	$q$, 'adherence_day: ((at AT TIME ZONE tz) - day_starts)::date');

-- Whoever calls it may have anything on the search_path.
CREATE SCHEMA evil;
CREATE FUNCTION evil.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE AS 'SELECT timestamp ''1666-09-02''';
CREATE FUNCTION evil.minus(timestamp, interval) RETURNS timestamp LANGUAGE sql IMMUTABLE AS 'SELECT timestamp ''1666-09-02''';
CREATE OPERATOR evil.- (LEFTARG = timestamp, RIGHTARG = interval, FUNCTION = evil.minus);
CREATE DOMAIN evil.date AS pg_catalog.date CHECK (false);
CREATE DOMAIN evil.time AS pg_catalog.time CHECK (false);
CREATE DOMAIN evil.interval AS pg_catalog.interval CHECK (false);
SET LOCAL search_path = evil, public, coachiatry, pg_catalog;
SELECT is(adherence_day(i, 'Europe/Berlin', '03:00'), '2026-01-05'::pg_catalog.date, 'adherence_day under a hostile search_path')
FROM (VALUES ('2026-01-06 01:59+00'::timestamptz)) AS v (i);
SET LOCAL search_path = public, coachiatry;

--
-- Hostile input
--

-- What a statement ends with: its SQLSTATE, 00000 if it succeeds.
CREATE FUNCTION oracle.state(query text)
RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;

-- Texts with characters left out, doubled, changed or swapped.
CREATE TABLE oracle.garbled AS
SELECT n, CASE floor(oracle.random(n, 50) * 5)
	WHEN 0 THEN left(text, at - 1)
	WHEN 1 THEN left(text, at - 1) || substr(text, at + 1)
	WHEN 2 THEN left(text, at) || substr(text, at)
	WHEN 3 THEN overlay(text PLACING substr(' ,:-.+0123456789TZadentku''"{}ü€', 1 + (oracle.random(n, 51) * 30)::integer, 1) FROM at FOR 1)
	ELSE left(text, at) || substr(text, (oracle.random(n, 52) * length(text))::integer)
	END AS text
FROM (
	SELECT n, text, 1 + floor(oracle.random(n, 53) * length(text))::integer AS at
	FROM generate_series(1, 3000) AS n
	CROSS JOIN LATERAL (
		SELECT (ARRAY['due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z, taken 2026-01-06T01:00:00+02:00', 'empty',
			'due 4714-11-24T00:00:00Z BC', 'taken 294276-12-31T23:59:59.999999Z,due 0044-03-15T12:00:00Z BC'])[1 + n % 4] AS text) AS t) AS v;
SELECT * FROM oracle.agree($q$
	SELECT text AS about, state IN ('00000', '22P02', '22008') AS got, true AS wanted
	FROM oracle.garbled, oracle.state(format('SELECT %L::dose_timing', text)) AS state
	$q$, 'garbled text is read or refused');
SELECT cmp_ok((SELECT count(*) FROM oracle.garbled WHERE oracle.state(format('SELECT %L::dose_timing', text)) = '00000'), '>', 20::bigint,
	'some of it is read');
SELECT is_empty($q$
	SELECT text FROM oracle.garbled WHERE CASE WHEN oracle.state(format('SELECT %L::dose_timing', text)) = '00000'
		THEN NOT oracle.same_bytes(text::dose_timing::text::dose_timing, text::dose_timing) END
	$q$, 'and what is read is canonical');
SELECT is(oracle.state(format('SELECT %L::dose_timing', 'due 2026-01-05T08:00:00Z ' || repeat('€', 30))), '22P02',
	'a message cuts a text between characters');
SELECT is(oracle.state(format('SELECT %L::dose_timing', repeat(',', 1048575))), '54000', 'too many pairs in a text');

-- Binary values with bits flipped, bytes cut off or added: as a file of COPY.
CREATE TABLE oracle.received (t dose_timing);
CREATE FUNCTION oracle.receive(value bytea)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	file bytea = '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea || int4send(length(value)) || value || '\xffff'::bytea;
	bytes text;
BEGIN
	SELECT string_agg('\' || lpad(concat(get_byte(file, i) >> 6, (get_byte(file, i) >> 3) & 7, get_byte(file, i) & 7), 3, '0'), '' ORDER BY i)
	INTO bytes FROM generate_series(0, length(file) - 1) AS i;
	EXECUTE format('COPY oracle.received FROM PROGRAM %L (FORMAT binary)', 'printf ''' || bytes || '''');
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT is(oracle.receive(dose_timing_send('due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z, taken 2026-01-06T01:00:00Z')), '00000',
	'a binary value is read');
SELECT is((SELECT t::text FROM oracle.received), 'due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z, taken 2026-01-06T01:00:00Z',
	'as what was sent');
SELECT * FROM oracle.agree($q$
	SELECT format('%s: %s', n, bytes) AS about, state IN ('00000', '22P03', '22008', '54000') AS got, true AS wanted
	FROM generate_series(1, 300) AS n
	CROSS JOIN LATERAL (
		SELECT dose_timing_send('due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z, due 2026-01-05T20:00:00Z') AS sent) AS s
	CROSS JOIN LATERAL (
		SELECT CASE floor(oracle.random(n, 60) * 4)
			WHEN 0 THEN substr(sent, 1, (oracle.random(n, 61) * length(sent))::integer)
			WHEN 1 THEN sent || substr(sent, 1, 1 + (oracle.random(n, 61) * 12)::integer)
			ELSE set_bit(sent, (oracle.random(n, 62) * (length(sent) * 8 - 1))::integer,
				1 - get_bit(sent, (oracle.random(n, 62) * (length(sent) * 8 - 1))::integer)) END AS bytes) AS b
	CROSS JOIN LATERAL oracle.receive(bytes) AS state
	$q$, 'damaged binary values are read or refused');
SELECT is(ARRAY(SELECT oracle.receive(bytes) FROM (VALUES
		('\x'::bytea), ('\x00000002'), ('\x0000000200000000'), ('\x0100000100000000'), ('\x00000001ffffffff'), ('\x0000000100100000'),
		('\x0000000100000001'), ('\x000000010000000100'), ('\x0000000100000001017fffffffffffffff'), ('\x0000000100000001018000000000000000'),
		('\x000000010000000101fd0f7ad23ee67fff'), ('\x000000010000000004')) AS v (bytes)),
	ARRAY['22P03', '22P03', '22P03', '22P03', '54000', '54000', '22P03', '22P03', '22008', '22008', '22008', '22P03'],
	'headers, counts, sides and instants that cannot be');
SELECT is_empty('SELECT t FROM oracle.received WHERE NOT oracle.same_bytes(t::text::dose_timing, t)', 'what is read is canonical');

-- Every function with arguments of every kind: an answer or a SQLSTATE that means something, never an internal error.
CREATE TABLE oracle.argument (type regtype, literal text);
INSERT INTO oracle.argument
SELECT type::regtype, literal
FROM (VALUES ('coachiatry.dose_timing', ARRAY[NULL, 'empty', 'due 2026-01-05T08:00:00Z',
		'due 4714-11-24T00:00:00Z BC taken 294276-12-31T23:59:59.999999Z, taken 294276-12-31T23:59:59.999999Z']),
	('timestamptz', ARRAY[NULL, '2026-01-05 08:00+00', 'infinity', '-infinity', '4714-11-24 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00']),
	('timestamptz[]', ARRAY[NULL, '{}', '{NULL}', '{2026-01-05}', '{{2026-01-05, 2026-01-06}, {-infinity, NULL}}', '[5:6]={2026-01-05, 2026-01-05}']),
	('interval', ARRAY[NULL, '0', '1 hour', '-1 hour', '178000000 years', '-178000000 years', '9223372036854775807 microseconds']),
	('time', ARRAY[NULL, '00:00', '24:00']), ('text', ARRAY[NULL, '', 'UTC', 'Atlantis']),
	('float8', ARRAY[NULL, '0', '-0', '0.5', '1e308', '-1', 'NaN', 'Infinity', '-Infinity']), ('bigint', ARRAY[NULL, '0', '-9223372036854775808']),
	('jsonb', ARRAY[NULL, '[]', '{}', '1', '[[]]', '[{"due_at": "2026-01-05T08:00:00Z"}]', '[{"due_at": {}}]'])) AS v (type, literals)
CROSS JOIN unnest(literals) AS literal;

CREATE FUNCTION oracle.calls(function regprocedure)
RETURNS SETOF text
LANGUAGE sql AS $$
	WITH RECURSIVE call AS (
		SELECT proargtypes::oid[] AS types, 0 AS n, format('SELECT count(f) FROM %s(', oid::regproc) AS text FROM pg_proc WHERE oid = function
		UNION ALL
		SELECT types, n + 1, text || CASE WHEN n > 0 THEN ', ' ELSE '' END || format('%L::%s', literal, type)
		FROM call JOIN oracle.argument ON type = (types[n])::regtype)
	SELECT text || ') AS f' FROM call WHERE n = cardinality(types)
$$;

CREATE TABLE oracle.called AS
SELECT call, oracle.state(call) AS state
FROM pg_proc AS p
CROSS JOIN LATERAL oracle.calls(p.oid) AS call
WHERE pronamespace = 'coachiatry'::regnamespace AND prokind = 'f'
	AND (prosrc LIKE 'dose_timing_%' OR proname = 'adherence_day') AND NOT 'internal'::regtype = ANY (proargtypes::oid[])
	AND proname NOT IN ('dose_timing_in', 'dose_timing_out');
SELECT cmp_ok(count(*), '>', 600::bigint, 'functions called with arguments of every kind') FROM oracle.called;
SELECT is_empty('SELECT state, call FROM oracle.called WHERE state NOT IN (''00000'', ''22008'', ''22023'')',
	'they answer, or refuse with 22008 or 22023');

-- Too many pairs.
SELECT throws_ok('SELECT dose_timing_agg(NULL, to_timestamp(i)) FROM generate_series(1, 1048576) AS i', '54000', NULL::text,
	'too many pairs in an aggregate');
CREATE TABLE oracle.full AS SELECT dose_timing_agg(NULL, to_timestamp(i)) AS t FROM generate_series(1, 1048575) AS i;
SELECT is((SELECT length(dose_timing_send(t)) FROM oracle.full), 8 + 9 * 1048575, 'as many pairs as a value can hold');
SELECT throws_ok($$SELECT t || 'due 2026-01-05T08:00:00Z' FROM oracle.full$$, '54000', NULL::text, 'and one more');
SELECT throws_ok($$SELECT rollup(t) FROM (TABLE oracle.full UNION ALL VALUES ('due 2026-01-05T08:00:00Z'::dose_timing)) AS u$$,
	'54000', NULL::text, 'or rolled up');

SELECT * FROM finish();
ROLLBACK;
