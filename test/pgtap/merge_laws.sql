-- Laws of the calendar as a value: any split of the rows merges to the same
-- bytes, equal values have equal bytes however they were built and stored, and
-- every way out leads back in.
\ir include/oracle.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`

SELECT plan(56);

-- Rows as calendars of their own, with what excuses them.
CREATE TABLE oracle.part AS
SELECT person, id, format('%s: (%s,%s,%s,%s)', day, prescribed, taken, missed, excusing)::adherence AS calendar
FROM oracle.person_row;

ANALYZE oracle.part;

SELECT answers.*
FROM unnest(ARRAY[1, 2, 3, 7, 1000000]) AS parts
CROSS JOIN LATERAL unnest(ARRAY['id', '-id', 'oracle.random(person, id, 50)']) AS sorted
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT c.person AS about, adherence_send(coalesce(whole.calendar, 'empty')) AS got,
		adherence_send(c.calendar) AS wanted
	FROM oracle.calendar AS c
	LEFT JOIN (
		SELECT person, rollup(calendar ORDER BY oracle.random(person, nth, 51)) AS calendar
		FROM (
			SELECT person, floor(oracle.random(person, id, 52) * %1$s)::integer AS nth,
				rollup(calendar ORDER BY %2$s) AS calendar
			FROM oracle.part
			GROUP BY person, nth) AS piece
		GROUP BY person) AS whole ON whole.person = c.person
	$q$, parts, sorted), format('rows in %s random parts, by %s, merge to the same bytes', parts, sorted)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT person AS about, adherence_send(rollup(calendar)) AS got,
		adherence_send(rollup(DISTINCT calendar) || (rollup(calendar) - rollup(DISTINCT calendar))) AS wanted
	FROM oracle.part
	GROUP BY person
	HAVING rollup(calendar) IS NOT NULL
	$q$, 'rollup of some parts and what is left over');

-- Laws of || and -, over triples that share an anchor and fit.
CREATE TABLE oracle.triple AS
SELECT a.person || ' ' || b.person || ' ' || c.person AS about, ca.calendar AS a, cb.calendar AS b, cc.calendar AS c
FROM oracle.person AS a
JOIN oracle.person AS b USING (anchor)
JOIN oracle.person AS c USING (anchor)
JOIN oracle.calendar AS ca ON ca.person = a.person
JOIN oracle.calendar AS cb ON cb.person = b.person
JOIN oracle.calendar AS cc ON cc.person = c.person
WHERE a.behaviour NOT IN (13, 14) AND b.behaviour NOT IN (13, 14) AND c.behaviour NOT IN (13, 14)
	AND a.person <> b.person AND oracle.random(a.person, b.person, c.person, 53) < .03;

SELECT answers.*
FROM (VALUES
	('a || b = b || a', 'a || b', 'b || a'),
	('(a || b) || c = a || (b || c)', '(a || b) || c', 'a || (b || c)'),
	('(a || b) - b = a', '(a || b) - b', 'a'),
	('(a || b || c) - (b || c) = a', '(a || b || c) - (b || c)', 'a'),
	('(a || b || c) - b = a || c', '(a || b || c) - b', 'a || c'),
	('a - a = empty', 'a - a', $l$'empty'::adherence$l$),
	('a || empty = a', $l$a || 'empty'$l$, 'a'),
	('empty || a = a', $l$'empty' || a$l$, 'a'),
	('a - empty = a', $l$a - 'empty'$l$, 'a'),
	('prefer(a, a) = a', 'prefer(a, a)', 'a'),
	('prefer(a, empty) = a', $l$prefer(a, 'empty')$l$, 'a'),
	('prefer(empty, a) = a', $l$prefer('empty', a)$l$, 'a'),
	('shift forth and back', 'shift(shift(a, 250), -250)', 'a'),
	('shift of a merge = merge of shifts', 'shift(a || b, 77)', 'shift(a, 77) || shift(b, 77)'),
	('clip apart and merge', 'clip(a || b, daterange(NULL, cut)) || clip(a || b, daterange(cut, NULL))', 'a || b')
	) AS law (description, one, other)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, adherence_send(%s) AS got, adherence_send(%s) AS wanted
	FROM oracle.triple
	CROSS JOIN LATERAL (SELECT coalesce(initiated_on(b), '2026-01-17') AS cut) AS day
	$q$, law.one, law.other), law.description) AS answers;

SELECT is(rollup(v), NULL, 'rollup of nothing but empty calendars and NULLs is NULL')
FROM (VALUES ('empty'::adherence), (NULL), ('empty')) AS v (v);

-- Equal values, equal bytes, however stored: packed into a short header, plain,
-- compressed, out of line.
CREATE TABLE oracle.stored (person integer, plain adherence, packed adherence, pressed adherence, outside adherence);
ALTER TABLE oracle.stored ALTER plain SET STORAGE PLAIN, ALTER packed SET STORAGE MAIN,
	ALTER pressed SET STORAGE EXTENDED, ALTER outside SET STORAGE EXTERNAL;
ALTER TABLE oracle.stored SET (toast_tuple_target = 128);
INSERT INTO oracle.stored
SELECT person, calendar, calendar, calendar, calendar
FROM oracle.calendar;
INSERT INTO oracle.stored
SELECT 0, c, c, c, c
FROM (SELECT adherence_agg('2000-01-01'::date + n, 9, n % 7, 0) AS c FROM generate_series(0, 1500) AS n) AS long;

SELECT cmp_ok(pg_relation_size(reltoastrelid), '>', 0::bigint, 'some of them are stored out of line')
FROM pg_class
WHERE oid = 'oracle.stored'::regclass;

SELECT * FROM oracle.agree($q$
	SELECT person AS about, ARRAY[plain = packed, packed = pressed, pressed = outside, outside = plain,
			plain <> outside, adherence_send(packed) = adherence_send(outside),
			adherence_hash(plain) = adherence_hash(pressed), adherence_hash(packed) = adherence_hash(outside),
			adherence_hash_extended(plain, 7) = adherence_hash_extended(outside, 7)] AS got,
		ARRAY[true, true, true, true, false, true, true, true, true] AS wanted
	FROM oracle.stored
	$q$, 'equal, with equal bytes and hashes, however they are stored');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, ARRAY[longest_streak(packed), longest_streak(pressed), longest_streak(outside)] AS got,
		ARRAY[longest_streak(plain), longest_streak(plain), longest_streak(plain)] AS wanted
	FROM oracle.stored
	$q$, 'they answer the same, however they are stored');

-- Order and hash over calendars of all people, with neighbours that differ in
-- one day or one count.
CREATE TABLE oracle.value AS
SELECT row_number() OVER () AS n, calendar
FROM (
	SELECT DISTINCT ON (adherence_send(calendar)) calendar
	FROM (
		SELECT calendar FROM oracle.calendar WHERE person <= 60
		UNION ALL
		SELECT shift(calendar, 1) FROM oracle.calendar WHERE person <= 20
		UNION ALL
		SELECT v::adherence FROM unnest(ARRAY['2026-01-05: +', '2026-01-05: -', '2026-01-05: ?', '2026-01-05: x',
			'2026-01-05: *', '2026-01-05: (4)', '2026-01-05: + +', '2026-01-05: + . +', '2026-01-05: + . -',
			'2026-01-05: (0,4)', '2026-01-05: +2 (4)', '2026-01-06: +', '2026-01-04: +', '1999-12-31: +',
			'0044-03-15 BC: +', 'empty']) AS v) AS all_values) AS different;

SELECT is((SELECT count(*) FROM oracle.value AS x JOIN oracle.value AS y ON
		(x.calendar = y.calendar) <> (x.n = y.n) OR (x.calendar <> y.calendar) = (x.n = y.n)
		OR (x.calendar < y.calendar) <> (adherence_cmp(x.calendar, y.calendar) < 0)
		OR (x.calendar <= y.calendar) <> (adherence_cmp(x.calendar, y.calendar) <= 0)
		OR (x.calendar > y.calendar) <> (adherence_cmp(x.calendar, y.calendar) > 0)
		OR (x.calendar >= y.calendar) <> (adherence_cmp(x.calendar, y.calendar) >= 0)
		OR sign(adherence_cmp(x.calendar, y.calendar)) <> -sign(adherence_cmp(y.calendar, x.calendar))), 0::bigint,
	'different bytes are different values, and every operator says the same');

SELECT is((SELECT count(*) FROM oracle.value AS x JOIN oracle.value AS y ON x.calendar < y.calendar
		JOIN oracle.value AS z ON y.calendar < z.calendar AND NOT x.calendar < z.calendar), 0::bigint,
	'the order is transitive');

SELECT is(count(DISTINCT adherence_hash_extended(calendar, 1)), count(*), '64-bit hashes of different values differ')
FROM oracle.value;

SELECT is((SELECT count(*) FROM oracle.value WHERE (adherence_hash_extended(calendar, 0) & 4294967295)
		<> (adherence_hash(calendar)::bigint & 4294967295)), 0::bigint,
	'the low half of the 64-bit hash with seed 0 is the 32-bit hash, as the server asks');

-- Every way to join, group and sort gives the same.
CREATE TABLE oracle.twice AS
SELECT n, calendar, calendar::text AS written FROM oracle.value
UNION ALL
SELECT -n, (calendar::text)::adherence, calendar::text FROM oracle.value;
ANALYZE oracle.twice;

CREATE FUNCTION oracle.nodes(query text)
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

SELECT set_config(setting, 'off', true)
FROM unnest(ARRAY['enable_mergejoin', 'enable_nestloop', 'enable_sort']) AS setting \g /dev/null
SELECT matches(oracle.nodes('SELECT 1 FROM oracle.twice AS a JOIN oracle.twice AS b USING (calendar)'), 'Hash Join',
	'calendars can be hash-joined');
SELECT is((SELECT count(*) FROM oracle.twice AS a JOIN oracle.twice AS b ON a.calendar = b.calendar),
	(SELECT count(*) FROM oracle.twice AS a JOIN oracle.twice AS b ON a.written = b.written),
	'a hash join on calendars');
SELECT matches(oracle.nodes('SELECT calendar, count(*) FROM oracle.twice GROUP BY calendar'), 'HashAggregate',
	'they can be grouped by hash');
SELECT is((SELECT count(*) FROM (SELECT calendar FROM oracle.twice GROUP BY calendar HAVING count(*) = 2) AS g),
	(SELECT count(*) FROM oracle.value), 'GROUP BY calendar, by hash');

SELECT set_config(setting, on_off, true)
FROM (VALUES ('enable_mergejoin', 'on'), ('enable_sort', 'on'), ('enable_hashjoin', 'off'), ('enable_hashagg', 'off'))
	AS v (setting, on_off) \g /dev/null
SELECT matches(oracle.nodes('SELECT 1 FROM oracle.twice AS a JOIN oracle.twice AS b USING (calendar)'), 'Merge Join',
	'calendars can be merge-joined');
SELECT is((SELECT count(*) FROM oracle.twice AS a JOIN oracle.twice AS b ON a.calendar = b.calendar),
	(SELECT count(*) FROM oracle.twice AS a JOIN oracle.twice AS b ON a.written = b.written),
	'a merge join on calendars');
SELECT is((SELECT count(*) FROM (SELECT calendar FROM oracle.twice GROUP BY calendar HAVING count(*) = 2) AS g),
	(SELECT count(*) FROM oracle.value), 'GROUP BY calendar, by sorting');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT calendar FROM oracle.twice) AS d),
	(SELECT count(*) FROM oracle.value), 'DISTINCT');
SELECT is(count(*) FILTER (WHERE NOT rising), 0::bigint, 'ORDER BY sorts by its own operators')
FROM (SELECT calendar >= lag(calendar) OVER (ORDER BY calendar) AS rising FROM oracle.twice) AS sorted;

CREATE TABLE oracle.keyed (calendar adherence PRIMARY KEY);
INSERT INTO oracle.keyed SELECT calendar FROM oracle.value WHERE pg_column_size(calendar) < 1000;
SELECT set_config('enable_seqscan', 'off', true) \g /dev/null
SELECT is((SELECT count(*) FROM oracle.keyed AS k JOIN oracle.value AS v ON v.calendar = k.calendar),
	(SELECT count(*) FROM oracle.keyed),
	'a unique btree index finds each');
SELECT throws_ok($$INSERT INTO oracle.keyed VALUES ('2026-01-05: + +'), ('2026-01-05: +2')$$, '23505', NULL::text,
	'a unique btree index refuses an equal value written another way');

-- Text, jsonb and binary, there and back.
SELECT set_config(setting, 'on', true)
FROM unnest(ARRAY['enable_hashjoin', 'enable_hashagg', 'enable_nestloop', 'enable_seqscan']) AS setting \g /dev/null
SELECT * FROM oracle.agree('SELECT n AS about, adherence_send(calendar::text::adherence) AS got,
	adherence_send(calendar) AS wanted FROM oracle.value', 'text out and in');
SELECT * FROM oracle.agree('SELECT n AS about, adherence_send(calendar::jsonb::adherence) AS got,
	adherence_send(calendar) AS wanted FROM oracle.value', 'jsonb out and in');

COPY oracle.value TO STDOUT (FORMAT binary) \g :scratch/values
CREATE TABLE oracle.copied (LIKE oracle.value);
\cd :scratch
\copy oracle.copied FROM 'values' (FORMAT binary)
SELECT * FROM oracle.agree('SELECT n AS about, adherence_send(c.calendar) AS got, adherence_send(v.calendar) AS wanted
	FROM oracle.value AS v FULL JOIN oracle.copied AS c USING (n)', 'binary COPY out and in, through the client');

COPY oracle.value TO STDOUT \g :scratch/values
TRUNCATE oracle.copied;
\copy oracle.copied FROM 'values'
SELECT * FROM oracle.agree('SELECT n AS about, adherence_send(c.calendar) AS got, adherence_send(v.calendar) AS wanted
	FROM oracle.value AS v FULL JOIN oracle.copied AS c USING (n)', 'text COPY out and in, through the client');

-- What a calendar weighs.
SELECT cmp_ok(pg_column_size(adherence_agg('2025-01-01'::date + n, n % 3 > 0)), '<=', 400,
	'a year of daily check-ins takes at most 400 bytes')
FROM generate_series(0, 364) AS n;
SELECT cmp_ok(pg_column_size(adherence_agg('2025-01-01'::date + n, 3, 3, 3)), '<=', 1000 + 32,
	'a day takes a byte, and the header at most 32')
FROM generate_series(0, 999) AS n;

\cd /
\set done `rm -r :'scratch'`
SELECT * FROM finish();
ROLLBACK;
