-- Laws of supplies as values: any split of the rows merges to the same bytes,
-- in any order and on any number of workers; every way out leads back in; and
-- hostile input is refused with the SQLSTATE that says what is wrong with it.
\set patients 60
\ir include/supply_reference.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`
SELECT set_config('oracle.scratch', :'scratch', true) \g /dev/null

SELECT plan(160);

SET LOCAL statement_timeout = '60s';

--
-- Merging
--

-- Rows as supplies of their own.
CREATE TABLE oracle.part AS
SELECT patient, i, supply_agg(day, duration, dose, medication) AS s FROM oracle.dispensing GROUP BY patient, i;

SELECT is_empty(format($q$
	SELECT h.patient, h.s, whole.s FROM oracle.history AS h JOIN (
		SELECT patient, rollup(s ORDER BY oracle.random(patient, nth, 51)) AS s
		FROM (
			SELECT patient, floor(oracle.random(patient, i, 52) * %1$s)::integer AS nth, rollup(s ORDER BY %2$s) AS s
			FROM oracle.part GROUP BY patient, nth) AS piece
		GROUP BY patient) AS whole USING (patient)
	WHERE supply_send(h.s) <> supply_send(whole.s) OR h.s <> whole.s OR supply_hash(h.s) <> supply_hash(whole.s)
		OR pg_column_size(h.s) <> pg_column_size(whole.s)
	$q$, parts, sorted), format('rows in %s random parts, by %s, merge to the same bytes', parts, sorted))
FROM unnest(ARRAY[1, 2, 3, 1000000]) AS parts
CROSS JOIN unnest(ARRAY['i', '-i', 'oracle.random(patient, i, 50)']) AS sorted;

SELECT is_empty(format($q$
	SELECT a.s, b.s, c.s FROM oracle.history AS a JOIN oracle.history AS b ON b.patient = a.patient + 1
	JOIN oracle.history AS c ON c.patient = a.patient + 2 WHERE supply_send(%s) <> supply_send(%s)
	$q$, l, r), format('%s = %s', l, r))
FROM (VALUES ('a.s || b.s', 'b.s || a.s'), ('(a.s || b.s) || c.s', 'a.s || (b.s || c.s)'), ($$a.s || 'empty'$$, 'a.s'),
	('a.s || NULL', 'a.s'), ('NULL || a.s', 'a.s')) AS v (l, r);

-- More names than a growing state remembers, in an order that asks for all of them again and again
SELECT is((SELECT supply_send(supply_agg(date '2024-01-01' + i / 7, 1 + i % 3, NULL, 'drug ' || i % 40 ORDER BY i))
	FROM generate_series(1, 2000) AS i),
	(SELECT supply_send(rollup(s)) FROM (SELECT supply_agg(date '2024-01-01' + i / 7, 1 + i % 3, NULL, 'drug ' || i % 40 ORDER BY -i) AS s
		FROM generate_series(1, 2000) AS i GROUP BY i % 13) AS parts), 'many medications, merged');
SELECT is((SELECT pg_column_size(supply_agg(date '2024-01-01' + i / 7, 1 + i % 3, NULL, 'drug ' || i % 40 ORDER BY i))
	FROM generate_series(1, 2000) AS i), 4 + 12 + 2000 * 24 + (SELECT sum(4 + length('drug ' || i))::integer FROM generate_series(0, 39) AS i),
	'each name is stored once');

-- On workers
CREATE TABLE oracle.spread AS
SELECT d.* FROM oracle.dispensing AS d CROSS JOIN generate_series(1, 5) ORDER BY oracle.random(patient, i, 70);
ANALYZE oracle.spread;
CREATE TABLE oracle.serial AS SELECT patient, supply_agg(day, duration, dose, medication) AS s FROM oracle.spread GROUP BY patient;
SELECT set_config(name, value, true)
FROM (VALUES ('max_parallel_workers_per_gather', '2'), ('parallel_setup_cost', '0'), ('parallel_tuple_cost', '0'),
	('min_parallel_table_scan_size', '0'), ('parallel_leader_participation', 'off')) AS v (name, value) \g /dev/null
CREATE TABLE oracle.plan (line text);
CREATE FUNCTION oracle.plan_of(query text)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text = '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines = lines || line || E'\n';
	END LOOP;
	RETURN lines;
END
$$;
SELECT matches(oracle.plan_of('SELECT patient, supply_agg(day, duration, dose, medication) FROM oracle.spread GROUP BY patient'),
	'Finalize[^$]*Gather[^$]*Partial', 'a partial aggregate runs on workers');
CREATE TABLE oracle.parallel AS SELECT patient, supply_agg(day, duration, dose, medication) AS s FROM oracle.spread GROUP BY patient;
SELECT is_empty('SELECT patient FROM oracle.serial FULL JOIN oracle.parallel AS p USING (patient)
	WHERE serial.s IS DISTINCT FROM p.s OR supply_send(serial.s) <> supply_send(p.s)', 'workers give the same bytes');
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null

--
-- In and out
--

SELECT is_empty('SELECT s FROM oracle.history WHERE supply_send(s::text::supply) <> supply_send(s)', 'text and back');
SELECT is_empty('SELECT s FROM oracle.history WHERE supply_send(s::jsonb::supply) <> supply_send(s)', 'jsonb and back');
SELECT is_empty('SELECT s FROM oracle.history WHERE supply_send(s) IS DISTINCT FROM (
	SELECT supply_send(supply_agg(dispensed, days_supply, daily_dose, medication ORDER BY oracle.random(patient, 60)))
	FROM to_dispensings(s))', 'rows and back');
CREATE TABLE oracle.copied (patient integer, s supply);
SELECT format('COPY (SELECT * FROM oracle.history UNION ALL SELECT -1, %L) TO %L (FORMAT binary)', 'empty', :'scratch' || '/out') \gexec
SELECT format('COPY oracle.copied FROM %L (FORMAT binary)', :'scratch' || '/out') \gexec
SELECT set_eq($$SELECT patient, s, supply_send(s) FROM oracle.copied$$,
	$$SELECT patient, s, supply_send(s) FROM oracle.history UNION ALL SELECT -1, 'empty', supply_send('empty')$$, 'binary COPY there and back');
SELECT is_empty('SELECT patient, s FROM oracle.history JOIN (
		SELECT patient, min(day) AS first, max(day) AS last FROM oracle.dispensing GROUP BY patient) AS d USING (patient)
	WHERE (first_dispensed(s), last_dispensed(s)) <> (first, last)', 'first and last dispensing');
SELECT is_empty('SELECT a.s, b.s FROM oracle.history AS a, oracle.history AS b
	WHERE (a.s = b.s) <> (supply_send(a.s) = supply_send(b.s)) OR (a.s < b.s) = (a.s >= b.s) OR (a.s > b.s) <> (b.s < a.s)
		OR supply_cmp(a.s, b.s) <> -supply_cmp(b.s, a.s)', 'comparison operators agree');
SELECT results_eq($$SELECT s FROM (VALUES ('2026-01-01 1 day of "a"'::supply), ('2026-01-01 1 day of "b"'), ('2026-01-01 1 day'), ('empty'),
		('2026-01-01 1 day of "B"'), ('2026-01-01 1 day at 2 a day of "a"'), ('2026-01-01 1 day of "a", 2026-01-02 1 day')) AS v (s)
		ORDER BY s$$,
	$$VALUES ('empty'::supply), ('2026-01-01 1 day of "B"'), ('2026-01-01 1 day at 2 a day of "a"'), ('2026-01-01 1 day of "a"'),
		('2026-01-01 1 day of "a", 2026-01-02 1 day'), ('2026-01-01 1 day of "b"'), ('2026-01-01 1 day')$$, 'order');

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

SELECT is(oracle.state(format('SELECT %L::supply', written)), '22P02', format('22P02: text %L', left(written, 80)))
FROM unnest(ARRAY['', ' ', 'foo', 'null', 'empty,', 'empty empty', 'emptyx', ',', '2026-01-05', '2026-01-05 30', '2026-01-05 days',
	'2026-01-05 30 daysx', '2026-01-05 30days of a', '2026-01-05 30 days of', '2026-01-05 30 days of ''a''', '2026-01-05 30 days of "',
	'2026-01-05 30 days of """', '2026-01-05 30 days of "a" "b"', '2026-01-05 30 days at', '2026-01-05 30 days at 1',
	'2026-01-05 30 days at 1 a', '2026-01-05 30 days at 1 day', '2026-01-05 30 days at one a day', '2026-01-05 30 days of "a" at 1 a day',
	'2026-01-05 30 days;2026-01-06 30 days', '2026-01-05 30 days,,2026-01-06 30 days', '2026-01-05 1,5 days', '2026-01-05 1.5.2 days',
	'2026-01-05 0x10 days', '2026-01-05 1e days', '2026-01-05 ++1 days', '2026-01-05 1_000 days', '05.01.2026 30 days',
	'2026-01-05T00:00 30 days', '[]', '{"dispensed": "2026-01-05"}', repeat('(', 10000), repeat('2026-01-05 1 day ', 1000)]) AS written;
SELECT is(oracle.state(format('SELECT %L::supply', written)), '22008', format('22008: text %L', written))
FROM unnest(ARRAY['2026-13-01 30 days', '2026-02-29 30 days', '0000-01-01 30 days', '4714-11-23 BC 30 days', '5874898-01-01 30 days',
	'infinity 30 days', '-infinity 30 days', '2026-01-05 1 day, 2026-00-01 1 day']) AS written;
SELECT is(oracle.state(format('SELECT %L::supply', written)), '22003', format('22003: text %L', left(written, 80)))
FROM unnest(ARRAY['2026-01-05 0 days', '2026-01-05 -0 days', '2026-01-05 -1 days', '2026-01-05 NaN days', '2026-01-05 inf days',
	'2026-01-05 -Infinity days', '2026-01-05 1e309 days', '2026-01-05 1e-400 days', '2026-01-05 ' || repeat('9', 400) || ' days',
	'2026-01-05 1 day at 0 a day', '2026-01-05 1 day at nan a day', '2026-01-05 1 day at 1e99999999999999999999 a day']) AS written;
SELECT is(oracle.state('SELECT repeat(''2026-01-05 1 day,'', 1048575)::supply'), '54000', '54000: a text with too many dispensings');

-- Where the server has soft errors, they say the same
CREATE FUNCTION oracle.softly(written text, state text)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	IF current_setting('server_version_num')::integer < 160000 THEN
		RETURN skip('no soft errors before PostgreSQL 16');
	END IF;
	EXECUTE format('SELECT sql_error_code FROM pg_input_error_info(%L, %L)', written, 'coachiatry.supply') INTO got;
	RETURN is(got, state, format('softly %s: %L', state, written));
END
$$;
SELECT oracle.softly(written, state)
FROM (VALUES ('nonsense', '22P02'), ('2026-02-29 30 days', '22008'), ('infinity 1 day', '22008'), ('2026-01-05 0 days', '22003'),
	('2026-01-05 1 day at 0 a day', '22003'), ('2026-01-05 1 day of "a"', NULL)) AS v (written, state);

-- Binary: what is cut off anywhere, goes on, or has a bit flipped
CREATE TABLE oracle.received (s supply);
-- A binary COPY file of one row.
CREATE FUNCTION oracle.as_file(message bytea)
RETURNS bytea
LANGUAGE sql AS $$
	SELECT '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(message)) || message || '\xffff'
$$;
-- What reading a message ends with.
CREATE FUNCTION oracle.receive(message bytea)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	path text = current_setting('oracle.scratch') || '/in';
	oid oid = lo_from_bytea(0, oracle.as_file(message));
BEGIN
	PERFORM lo_export(oid, path);
	PERFORM lo_unlink(oid);
	RETURN oracle.state(format('COPY oracle.received FROM %L (FORMAT binary)', path));
END
$$;
CREATE TABLE oracle.message AS
SELECT supply_send('2026-01-05 30 days at 1.5 a day of "abc", 2026-01-06 7.5 days') AS bytes;
SELECT is(oracle.receive(bytes), '00000', 'a whole message is read') FROM oracle.message;
SELECT is_empty($$SELECT n, state FROM oracle.message CROSS JOIN LATERAL (
		SELECT n, oracle.receive(substr(bytes, 1, n)) AS state FROM generate_series(0, length(bytes) - 1) AS n) AS r
	WHERE state <> '22P03'$$, 'one that is cut off anywhere is not');
SELECT is(oracle.receive(bytes || '\x00'), '22P03', 'nor one that goes on') FROM oracle.message;
SELECT is(oracle.receive('\x000000010000000000'), '22P03', 'nor one that goes on after nothing');
SELECT is(oracle.receive('\x0000000100100000'), '54000', 'nor one with too many dispensings');
SELECT is(oracle.receive('\x00000001000fffff'), '22P03', 'nor one that says it has more than it has');
SELECT is(oracle.receive('\x00000001ffffffff'), '54000', 'nor one with a negative number of them');
SELECT is(oracle.receive('\x0000000200000000'), '22P03', 'nor another version');
SELECT is_empty($$SELECT n, state FROM oracle.message CROSS JOIN LATERAL (
		SELECT n, oracle.receive(set_bit(bytes, n, 1 - get_bit(bytes, n))) AS state FROM generate_series(0, length(bytes) * 8 - 1) AS n) AS r
	WHERE state NOT IN ('00000', '22P03', '22003', '22008', '22021', '54000')$$, 'a flipped bit is read or refused');
SELECT is_empty('SELECT s FROM oracle.received WHERE supply_send(s::text::supply) <> supply_send(s) OR supply_send(s::jsonb::supply) <> supply_send(s)',
	'what is read is canonical: its text and its document are read as the same');
SELECT is(oracle.receive('\x00000001000000010000000000' || float8send(number)), '22003', 'binary duration ' || number)
FROM unnest(ARRAY['NaN', 'Infinity', '-Infinity', 0, -1]::float8[]) AS number;
SELECT is(oracle.receive('\x000000010000000102000000003ff0000000000000' || name), state, format('binary name %s: %s', name, state))
FROM (VALUES ('\x00000002c3a4'::bytea, '00000'), ('\x00000000', '00000'), ('\x00000001ff', '22021'), ('\x0000000100', '22021'),
	('\xffffffff41', '22P03'), ('\x7fffffff41', '22P03')) AS v (name, state);

-- Aggregates
SELECT is(oracle.state('SELECT ' || call), state, format('%s: %s', state, call))
FROM (VALUES ('supply_agg(''infinity'', 1)', '22008'), ('supply_agg(''-infinity'', 1)', '22008'), ('supply_agg(''2026-01-05'', ''NaN'')', '22003'),
	('supply_agg(''2026-01-05'', ''Infinity'')', '22003'), ('supply_agg(''2026-01-05'', 0)', '22003'), ('supply_agg(''2026-01-05'', -1, 1)', '22003'),
	('supply_agg(''2026-01-05'', 1, ''NaN'', NULL)', '22003'), ('supply_agg(''2026-01-05'', 1, ''Infinity'')', '22003'),
	('supply_agg(''2026-01-05'', 1, 0, ''a'')', '22003'), ('supply_agg(NULL, ''NaN'')', '00000'), ('supply_agg(''infinity'', NULL)', '00000'),
	('supply_agg(''2026-01-05'', 1, NULL, NULL)', '00000')) AS v (call, state);
SELECT is((SELECT supply_agg(NULL, 1, 1, 'a')), NULL, 'a row with a NULL day is skipped');
SELECT is((SELECT supply_agg('2026-01-05', NULL, 1, 'a')), NULL, 'so is one with a NULL duration');

-- Support functions as anybody may call them
SELECT is(supply_agg_add(NULL, '2026-01-05', 1), '2026-01-05 1 day', 'a NULL state is an empty one');
SELECT is(supply_agg_add('2026-01-06 1 day of "b"', '2026-01-05', 1, 2, 'a'), '2026-01-05 1 day at 2 a day of "a", 2026-01-06 1 day of "b"',
	'a transition gives a value');
SELECT is(supply_agg_add('2026-01-06 1 day', NULL, 1, 2), '2026-01-06 1 day', 'a skipped row gives the same value');
SELECT is(supply_agg_add(NULL, NULL, NULL, NULL, NULL), 'empty', 'nothing at all gives the empty one');
SELECT is(supply_agg_final('empty'), NULL, 'the final function gives NULL for the empty one');
SELECT is(supply_agg_final('2026-01-05 1 day'), '2026-01-05 1 day', 'and else the same');
SELECT is(coachiatry.rollup_add('2026-01-06 1 day'::supply, '2026-01-05 1 day'), '2026-01-05 1 day, 2026-01-06 1 day', 'combination gives a value');
SELECT is(oracle.state('SELECT supply_agg_add(NULL, ''2026-01-05'', -1)'), '22003', 'and is checked like any input');

-- Thousands of dispensings on a day, and all at once
SELECT is((SELECT round(cma(supply_agg('2026-01-01', 0.01), 7, '[2026-01-01,2026-03-01)')::numeric, 9) FROM generate_series(1, 5000)), 0.847457627,
	'five thousand dispensings on a day');
SELECT is((SELECT octet_length(supply_send(supply_agg(date '2026-01-01' + (i * 7919) % 1000, 1, i, 'a'))) FROM generate_series(1, 100000) AS i),
	8 + 100000 * 26, 'a hundred thousand in any order');
SELECT is(oracle.state('SELECT supply_agg(''2026-01-01'', i) FROM generate_series(1, 1048575) AS i'), '00000', 'as many as a value can hold');
SELECT is(oracle.state('SELECT supply_agg(''2026-01-01'', i) FROM generate_series(1, 1048576) AS i'), '54000', 'and one more');
SELECT is(oracle.state('SELECT rollup(s) FROM (SELECT supply_agg(''2026-01-01'', i) AS s FROM generate_series(1, 524288) AS i) AS a,
	generate_series(1, 2)'), '54000', 'merged too');
SELECT is(oracle.state('SELECT length(supply_agg(''2026-01-01'', 1, 1, repeat(chr(97 + i), 10000000))::text) FROM generate_series(1, 6) AS i'), '00000',
	'sixty million bytes of names');
SELECT is(oracle.state('SELECT supply_agg(''2026-01-01'', 1, 1, repeat(chr(97 + i), 10000000)) FROM generate_series(1, 7) AS i'), '54000',
	'seventy are too many');
SELECT is(oracle.state('SELECT rollup(s) FROM (SELECT supply_agg(''2026-01-01'', 1, 1, repeat(chr(97 + i), 10000000)) AS s
	FROM generate_series(1, 6) AS i) AS a, generate_series(1, 4)'), '00000', 'the same ones, merged, are not');

-- Durations and days at their ends: an answer in range, or a clear error
CREATE TABLE oracle.extreme AS
SELECT s::supply, w FROM unnest(ARRAY['2026-01-01 1e308 days, 2026-01-01 1e308 days at 1e308 a day, 2026-01-02 1e308 days at 1e-308 a day',
	'2026-01-01 5e-324 days at 5e-324 a day, 2026-01-01 5e-324 days at 1.7e308 a day',
	'4714-11-24 BC 1e308 days, 5874897-12-31 1e308 days', '4714-11-24 BC 1 day at 1 a day, 4714-11-24 BC 1e300 days at 1e-300 a day']) AS s
CROSS JOIN unnest(ARRAY['[2026-01-01,2026-03-01)', '[4714-11-24 BC,5874897-12-31)', '[4714-11-24 BC,4714-12-24 BC)',
	'[5874897-12-30,5874897-12-31)']::daterange[]) AS w;
SELECT is_empty($$SELECT s, w, n, cma FROM oracle.extreme CROSS JOIN generate_series(1, 9) AS n
	CROSS JOIN LATERAL cma(s, n, w, NULL, false, true) WHERE cma < 0 OR (n >= 3 AND cma > 1) OR cma IN ('NaN', 'Infinity')$$,
	'measures of absurd durations lie in range');
SELECT is_empty($$SELECT s, w, pdc FROM oracle.extreme CROSS JOIN LATERAL pdc(s, w) WHERE pdc NOT BETWEEN 0 AND 1$$, 'so do covered days');
SELECT is_empty($$SELECT s, w, e FROM oracle.extreme CROSS JOIN LATERAL treatment_episodes(s, 1e308, w, true, false, true) AS e
	WHERE e.duration NOT BETWEEN 0 AND upper(w) - lower(w) OR e.end_gap < 0 OR NOT e.during <@ w$$, 'and episodes');
SELECT is(oracle.state(format('SELECT covered_days(%L, %L)', s, w)), CASE WHEN upper(w) - lower(w) > 73050 THEN '22008' ELSE '00000' END,
	format('calendar over %s', w))
FROM (SELECT DISTINCT ON (w) * FROM oracle.extreme ORDER BY w, s) AS e;
SELECT is(oracle.state('SELECT ' || call), '22023', '22023: ' || call)
FROM unnest(ARRAY['cma(''2026-01-01 1 day'', 0, ''[2026-01-01,2026-02-01)'')', 'cma(''2026-01-01 1 day'', -2147483648, ''[2026-01-01,2026-02-01)'')',
	'cma(''2026-01-01 1 day'', 7, ''(,)'')', 'cma(''2026-01-01 1 day'', 7, ''[2026-01-01,infinity]'')',
	'cma(''2026-01-01 1 day'', 7, ''[2026-01-01,2026-02-01)'', ''[-infinity,2026-02-01)'')', 'pdc(''2026-01-01 1 day''::supply, ''[2026-01-01,)'')',
	'covered_days(''2026-01-01 1 day'', ''[2026-01-01,)'')', 'treatment_episodes(''2026-01-01 1 day'', ''Infinity'', ''[2026-01-01,2026-02-01)'')',
	'cma_sliding(''2026-01-01 1 day'', 7, 30, -1, ''[2026-01-01,2026-02-01)'')']) AS call;

\set done `rm -r :'scratch'`
SELECT * FROM finish();
ROLLBACK;
