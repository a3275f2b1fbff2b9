-- Laws of series as values: sums and means are those of exact arithmetic, any
-- split of the rows merges to the same bytes in any order and on any number of
-- workers, what was added can be taken away without a trace, and every way out
-- leads back in.
\set people 32
\ir include/setup.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`

SELECT plan(80);

SET LOCAL statement_timeout = '120s';

--
-- Rows
--

-- A whole number from 0 on and below a limit.
CREATE FUNCTION oracle.below(most integer, VARIADIC keys integer[])
RETURNS integer
LANGUAGE sql STABLE AS $$
	SELECT floor(oracle.random(VARIADIC keys) * most)::integer
$$;

-- Each person measures one kind of thing: scores, one decimal, two decimals, whole and decimal mixed, random bits of a
-- usual size, of any size, the ends of float8, and sums that cancel.
CREATE FUNCTION oracle.value(person integer, id integer)
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT CASE person % 8
		WHEN 0 THEN oracle.below(28, person, id, 1)
		WHEN 1 THEN (360 + oracle.below(60, person, id, 1)) / 10.0::float8
		WHEN 2 THEN (oracle.below(20000, person, id, 1) - 10000) / 100.0::float8
		WHEN 3 THEN CASE WHEN oracle.random(person, id, 2) < .5 THEN oracle.below(5, person, id, 1) ELSE oracle.random(person, id, 3) END
		WHEN 4 THEN 200 * oracle.random(person, id, 1) - 100
		WHEN 5 THEN sign(oracle.random(person, id, 2) - .5)
			* (1 + oracle.random(person, id, 1)) * 2.0::float8 ^ (oracle.below(2000, person, id, 3) - 1000)
		WHEN 6 THEN (ARRAY[1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324, 2.2250738585072014e-308, 1, 0, 0])
			[1 + oracle.below(8, person, id, 1)]
		ELSE (ARRAY[1e16, -1e16, 1, -1, 0.1, -0.1])[1 + oracle.below(6, person, id, 1)]
	END
$$;

-- Days close together or years apart; a few rows a day.
CREATE TABLE oracle.observation AS
SELECT person, id, date '2024-01-01' + oracle.below(CASE person % 3 WHEN 0 THEN 40 WHEN 1 THEN 400 ELSE 60000 END, person, id, 4) AS day,
	oracle.value(person, id) AS value
FROM generate_series(1, :people) AS person
CROSS JOIN LATERAL generate_series(1, 1 + oracle.below(120, person, 5)) AS id;
INSERT INTO oracle.observation
SELECT person, 1000 + id, NULLIF(day, CASE WHEN id % 2 = 0 THEN day END), CASE WHEN id % 2 = 0 THEN value END
FROM oracle.observation WHERE id % 17 = 0;
CREATE INDEX ON oracle.observation (person, day);
ANALYZE oracle.observation;

CREATE TABLE oracle.history AS
SELECT person, series_agg(day, value ORDER BY oracle.random(person, id, 6)) AS s FROM oracle.observation GROUP BY person;

--
-- Exact arithmetic: a float8 as the numeric that it is, all digits of it
--

CREATE FUNCTION oracle.exact(value float8)
RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN negative THEN -magnitude ELSE magnitude END
	FROM (
		SELECT bits < 0 AS negative,
			(fraction + CASE WHEN exponent > 0 THEN 4503599627370496 ELSE 0 END)
				* CASE WHEN shift >= 0 THEN 2::numeric ^ shift
					-- 2^-n = 5^n / 10^n, exactly
					ELSE (5::numeric ^ -shift)::text::numeric * ('1e' || shift)::numeric END AS magnitude
		FROM (SELECT bits, fraction, exponent, greatest(exponent, 1) - 1075 AS shift
			FROM (SELECT bits, (bits & 4503599627370495)::numeric AS fraction, ((bits >> 52) & 2047)::integer AS exponent
				FROM (SELECT ('x' || encode(float8send(value), 'hex'))::bit(64)::bigint AS bits) AS b) AS parts) AS shifted) AS parts
$$;

SELECT is(oracle.exact(v), wanted, 'the exact value of ' || v)
FROM (VALUES (0.1::float8, 0.1000000000000000055511151231257827021181583404541015625), (-12.5, -12.5), (1e22, 1e22),
	(4503599627370497, 4503599627370497), (0, 0)) AS v (v, wanted);
SELECT is(oracle.exact(v)::float8, v, 'and back: ' || v)
FROM unnest(ARRAY[5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 36.6]::float8[]) AS v;

-- The float8 of some bits.
CREATE FUNCTION oracle.of_bits(bits bigint)
RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN exponent = 2047 THEN 'Infinity'
		ELSE (fraction + CASE WHEN exponent > 0 THEN 4503599627370496 ELSE 0 END)::float8
			* CASE WHEN shift < -1022 THEN 2.0::float8 ^ -1022 * 2.0::float8 ^ (shift + 1022) ELSE 2.0::float8 ^ shift END END
	FROM (SELECT bits & 4503599627370495 AS fraction, bits >> 52 AS exponent, greatest(bits >> 52, 1) - 1075 AS shift) AS parts
$$;
-- The next float8, up or down: all of them stand on a line in the order of sign and magnitude.
CREATE FUNCTION oracle.neighbour(value float8, step integer)
RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN moved < 0 THEN -oracle.of_bits(-moved) ELSE oracle.of_bits(moved) END
	FROM (SELECT CASE WHEN bits < 0 THEN -(bits & 9223372036854775807) ELSE bits END + step AS moved
		FROM (SELECT ('x' || encode(float8send(value), 'hex'))::bit(64)::bigint AS bits) AS b) AS line
$$;
-- Whether a float8 is the nearest one to a fraction: no neighbour is nearer, and of two as near it is the even one.
CREATE FUNCTION oracle.is_nearest(value float8, sum numeric, count numeric)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN abs(value) = 'Infinity' THEN abs(sum) >= (oracle.exact(1.7976931348623157e308) + 2::numeric ^ 970) * count
			AND sign(sum) = sign(value)
		ELSE error <= abs(oracle.exact(below) * count - sum) AND error <= abs(oracle.exact(above) * count - sum)
			AND ((error < abs(oracle.exact(below) * count - sum) AND error < abs(oracle.exact(above) * count - sum))
				OR get_bit(float8send(value), 56) = 0) END
	FROM (SELECT abs(oracle.exact(value) * count - sum) AS error, CASE WHEN value = 5e-324 THEN 0 ELSE oracle.neighbour(value, -1) END AS below,
		CASE WHEN value = -5e-324 THEN 0 WHEN value = 1.7976931348623157e308 THEN 0 ELSE oracle.neighbour(value, 1) END AS above) AS around
$$;
SELECT is(oracle.is_nearest(v, s, n), wanted, format('%s / %s is%s %s', s, n, CASE WHEN wanted THEN '' ELSE ' not' END, v))
FROM (VALUES (0.3333333333333333::float8, 1::numeric, 3::numeric, true), (0.33333333333333337, 1, 3, false),
	(9007199254740992, 9007199254740993, 1, true), (9007199254740994, 9007199254740993, 1, false), (-2.5, -5, 2, true),
	(0, 0, 3, true), (5e-324, 0, 1, false)) AS v (v, s, n, wanted);

CREATE TABLE oracle.day AS
SELECT person, day, count(*) AS count, sum(oracle.exact(value)) AS sum
FROM oracle.observation WHERE day IS NOT NULL AND value IS NOT NULL GROUP BY person, day;

SELECT * FROM oracle.agree($$
	SELECT coalesce(o.person, d.person) || ' ' || coalesce(o.day, d.day) AS about, d.count AS got, o.count::integer AS wanted
	FROM oracle.day AS o
	FULL JOIN (SELECT person, d.* FROM oracle.history, to_series_days(s) AS d) AS d USING (person, day)
	$$, 'days and counts');
SELECT * FROM oracle.agree($$
	SELECT person || ' ' || day AS about, oracle.is_nearest(d.sum, o.sum, 1) AS got, true AS wanted
	FROM oracle.day AS o JOIN (SELECT person, d.* FROM oracle.history, to_series_days(s) AS d) AS d USING (person, day)
	WHERE person <= 16
	$$, 'the sum of a day is the float8 nearest to it');
SELECT * FROM oracle.agree($$
	SELECT person || ' ' || day AS about, oracle.is_nearest(d.mean, o.sum, o.count) AS got, true AS wanted
	FROM oracle.day AS o JOIN (SELECT person, d.* FROM oracle.history, to_series_days(s) AS d) AS d USING (person, day)
	WHERE person <= 16
	$$, 'so is its mean');
-- The document gives the sum in terms: together they are all of it
SELECT * FROM oracle.agree($$
	SELECT o.person || ' ' || o.day AS about, o.sum = d.sum AS got, true AS wanted
	FROM oracle.day AS o JOIN (
		SELECT person, (item ->> 'day')::date AS day, (
			SELECT sum(CASE WHEN abs(term) > 1.7976931348623157e308 THEN oracle.exact((term / 4294967296)::float8) * 4294967296
				ELSE oracle.exact(term::float8) END)
			FROM (SELECT (item ->> 'sum')::numeric AS term UNION ALL
				SELECT jsonb_array_elements_text(coalesce(item -> 'rest', '[]'))::numeric) AS terms) AS sum
		FROM oracle.history, jsonb_array_elements(s::jsonb) AS item) AS d USING (person, day)
	$$, 'no bit of a sum is lost');

--
-- Merging
--

CREATE TABLE oracle.part AS
SELECT person, id, series_agg(day, value) AS s FROM oracle.observation GROUP BY person, id;

SELECT is_empty(format($q$
	SELECT h.person, h.s, whole.s FROM oracle.history AS h JOIN (
		SELECT person, rollup(s ORDER BY oracle.random(person, nth, 51)) AS s
		FROM (
			SELECT person, floor(oracle.random(person, id, 52) * %1$s)::integer AS nth, rollup(s ORDER BY %2$s) AS s
			FROM oracle.part GROUP BY person, nth) AS piece
		GROUP BY person) AS whole USING (person)
	WHERE series_send(h.s) <> series_send(whole.s) OR h.s <> whole.s OR series_hash(h.s) <> series_hash(whole.s)
	$q$, parts, sorted), format('rows in %s random parts, by %s, merge to the same bytes', parts, sorted))
FROM unnest(ARRAY[1, 2, 7, 1000000]) AS parts
CROSS JOIN unnest(ARRAY['id', '-id', 'oracle.random(person, id, 50)']) AS sorted;

CREATE TABLE oracle.triple AS
SELECT format('%s %s %s', a.person, b.person, c.person) AS about, a.s AS a, b.s AS b, c.s AS c
FROM oracle.history AS a
JOIN oracle.history AS b ON b.person <> a.person AND oracle.random(a.person, b.person, 53) < .2
JOIN oracle.history AS c ON c.person <> a.person AND oracle.random(b.person, c.person, 54) < .2;

SELECT is_empty(format('SELECT about FROM oracle.triple WHERE series_send(%1$s) <> series_send(%2$s) OR %1$s <> %2$s', l, r), format('%s = %s', l, r))
FROM (VALUES ('(a || b)', '(b || a)'), ('((a || b) || c)', '(a || (b || c))'), ('((a || b) - b)', 'a'), ('((a || b || c) - (b || c))', 'a'),
	('((a || b || c) - b)', '(a || c)'), ('(a - a)', $$'empty'::series$$), ($$(a || 'empty')$$, 'a'), ($$('empty' || a)$$, 'a'),
	($$(a - 'empty')$$, 'a'), ('(a || NULL)', 'a'), ('(NULL || a)', 'a'), ('(a - NULL)', 'a'),
	($$(clip(a || b, '(,2024-02-01)') || clip(a || b, '[2024-02-01,)'))$$, '(a || b)'), ('clip(a, NULL)', 'a')) AS v (l, r);
SELECT cmp_ok((SELECT count(*) FROM oracle.triple), '>', 100::bigint, 'over many triples');

-- What a trigger does: rows are inserted, corrected and deleted, some at a time, in any order; what is kept ends as the
-- aggregate of the rows that are left, in the same bytes.
CREATE TABLE oracle.kept (person integer PRIMARY KEY, s series);
CREATE TABLE oracle.fact AS SELECT person, id, 0 AS version, day, value FROM oracle.observation WHERE false;
INSERT INTO oracle.kept SELECT person, 'empty' FROM generate_series(1, :people) AS person;
DO $$
DECLARE
	step integer;
BEGIN
	FOR step IN 1..25 LOOP
		CREATE TEMPORARY TABLE before ON COMMIT DROP AS SELECT * FROM oracle.fact;
		DELETE FROM oracle.fact WHERE oracle.random(person, id, step, 60) < .1;
		UPDATE oracle.fact SET version = step, day = day + oracle.below(3, person, id, step, 62),
			value = oracle.value(person, id + 1000 * step) WHERE oracle.random(person, id, step, 61) < .2;
		INSERT INTO oracle.fact SELECT person, id + 1000 * step, step, day, value FROM oracle.observation
		WHERE oracle.random(person, id, step, 63) < .15;
		UPDATE oracle.kept AS k SET s = (k.s || plus.s) - minus.s
		FROM (SELECT person, series_agg(day, value) AS s FROM (TABLE oracle.fact EXCEPT ALL TABLE before) AS d GROUP BY person) AS plus
		FULL JOIN (SELECT person, series_agg(day, value) AS s FROM (TABLE before EXCEPT ALL TABLE oracle.fact) AS d GROUP BY person) AS minus
			USING (person)
		WHERE k.person = coalesce(plus.person, minus.person);
		DROP TABLE before;
	END LOOP;
END
$$;
SELECT * FROM oracle.agree($$
	SELECT person AS about, series_send(k.s) AS got, series_send(coalesce(f.s, 'empty')) AS wanted
	FROM oracle.kept AS k LEFT JOIN (SELECT person, series_agg(day, value) AS s FROM oracle.fact GROUP BY person) AS f USING (person)
	$$, 'a series kept up to date row by row is that of the rows');
SELECT cmp_ok((SELECT count(*) FROM oracle.fact WHERE version > id / 1000), '>', 100::bigint, 'many rows were corrected');
UPDATE oracle.kept AS k SET s = k.s - f.s FROM (SELECT person, series_agg(day, value) AS s FROM oracle.fact GROUP BY person) AS f
WHERE f.person = k.person;
SELECT is_empty('SELECT person FROM oracle.kept WHERE s <> ''empty'' OR series_send(s) <> series_send(''empty'')', 'and nothing when all are gone');

-- On workers
CREATE TABLE oracle.spread AS
SELECT o.* FROM oracle.observation AS o CROSS JOIN generate_series(1, 5) ORDER BY oracle.random(person, id, 70);
ANALYZE oracle.spread;
CREATE TABLE oracle.serial AS SELECT person, series_agg(day, value) AS s FROM oracle.spread GROUP BY person;
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
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines = lines || line || E'\n';
	END LOOP;
	RETURN lines;
END
$$;
SELECT matches(oracle.plan_of('SELECT person, series_agg(day, value) FROM oracle.spread GROUP BY person'),
	'Finalize[^$]*Gather[^$]*Partial', 'a partial aggregate runs on workers');
CREATE TABLE oracle.parallel AS SELECT person, series_agg(day, value) AS s FROM oracle.spread GROUP BY person;
SELECT is_empty('SELECT person FROM oracle.serial FULL JOIN oracle.parallel AS p USING (person)
	WHERE serial.s IS DISTINCT FROM p.s OR series_send(serial.s) <> series_send(p.s)', 'workers give the same bytes');
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null

-- Sliding frames
CREATE TABLE oracle.source AS
SELECT p.person, p.id, o.day, o.value, p.s, row_number() OVER (PARTITION BY p.person ORDER BY o.day, p.id) AS n
FROM oracle.part AS p JOIN oracle.observation AS o USING (person, id)
WHERE p.person <= 24 AND p.id % 1000 <= 40 AND o.day IS NOT NULL;
CREATE INDEX ON oracle.source (person, n);
ANALYZE oracle.source;
CREATE FUNCTION oracle.slides(call text, frame text, member text)
RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT * FROM oracle.agree(format($q$
		SELECT r.person || ' ' || r.id AS about, series_send(w.answer) AS got, (
			SELECT series_send(%1$s) FROM oracle.source AS o WHERE o.person = r.person AND %3$s) AS wanted
		FROM oracle.source AS r
		JOIN (SELECT o.person, o.id, %1$s OVER (PARTITION BY o.person %2$s) AS answer FROM oracle.source AS o) AS w
			ON w.person = r.person AND w.id = r.id
		$q$, call, frame, member), format('%s OVER (%s)', call, frame))
$$;
SELECT answers.*
FROM unnest(ARRAY['series_agg(o.day, o.value)', 'rollup(o.s)']) AS call
CROSS JOIN (VALUES
	('ORDER BY o.n ROWS BETWEEN 6 PRECEDING AND CURRENT ROW', 'o.n BETWEEN r.n - 6 AND r.n'),
	('ORDER BY o.n ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING', 'o.n BETWEEN r.n - 3 AND r.n + 2'),
	('ORDER BY o.id ROWS BETWEEN 4 PRECEDING AND 1 FOLLOWING', 'o.id BETWEEN (SELECT coalesce((array_agg(id ORDER BY id DESC))[5], 0)
		FROM oracle.source AS b WHERE b.person = r.person AND b.id <= r.id)
		AND (SELECT coalesce((array_agg(id ORDER BY id))[2], r.id) FROM oracle.source AS b WHERE b.person = r.person AND b.id >= r.id)'),
	('ORDER BY o.n DESC ROWS UNBOUNDED PRECEDING', 'o.n >= r.n')) AS v (frame, member)
CROSS JOIN LATERAL oracle.slides(call, frame, member) AS answers;
SELECT * FROM oracle.agree($$
	SELECT r.n AS about, r.answer::text AS got, CASE WHEN n = 0 THEN '1000-01-01: 0' ELSE
		format('%s: %s .73048 %s', '1000-01-01'::date + (n - 1) * 73049, n - 1, n) END AS wanted
	FROM (SELECT n, series_agg('1000-01-01'::date + n * 73049, n) OVER (ORDER BY n ROWS 1 PRECEDING) AS answer
		FROM generate_series(0, 40) AS n) AS r
	$$, 'a frame of two days 200 years apart slides over 8,000 years');
SELECT oracle.refused($$SELECT series_agg('1000-01-01'::date + n * 73050, n) OVER (ORDER BY n ROWS 1 PRECEDING) FROM generate_series(0, 40) AS n$$,
	'22008');

--
-- In and out
--

SELECT is_empty('SELECT s FROM oracle.history WHERE series_send(s::text::series) <> series_send(s)', 'text and back');
SELECT is_empty('SELECT s FROM oracle.history WHERE series_send(s::jsonb::series) <> series_send(s)', 'jsonb and back');
SELECT is_empty('SELECT s FROM oracle.history WHERE s::text::series <> s OR s::jsonb::series <> s', 'and equal');
CREATE TABLE oracle.copied (person integer, s series);
SELECT format('COPY (SELECT * FROM oracle.history UNION ALL SELECT -1, %L) TO %L (FORMAT binary)', 'empty', :'scratch' || '/out') \gexec
SELECT format('COPY oracle.copied FROM %L (FORMAT binary)', :'scratch' || '/out') \gexec
SELECT set_eq($$SELECT person, s, series_send(s) FROM oracle.copied$$,
	$$SELECT person, s, series_send(s) FROM oracle.history UNION ALL SELECT -1, 'empty', series_send('empty')$$, 'binary COPY there and back');

-- However stored: packed into a short header, plain, compressed, out of line
CREATE TABLE oracle.stored (person integer, plain series, packed series, pressed series, outside series);
ALTER TABLE oracle.stored ALTER plain SET STORAGE PLAIN, ALTER packed SET STORAGE MAIN,
	ALTER pressed SET STORAGE EXTENDED, ALTER outside SET STORAGE EXTERNAL;
ALTER TABLE oracle.stored SET (toast_tuple_target = 128);
INSERT INTO oracle.stored SELECT person, s, s, s, s FROM oracle.history WHERE pg_column_size(s) < 1800;
INSERT INTO oracle.stored SELECT 0, s, s, s, s FROM (SELECT series_agg('2000-01-01'::date + n, n % 7) AS s FROM generate_series(0, 1500) AS n) AS long;
SELECT cmp_ok(pg_relation_size(reltoastrelid), '>', 0::bigint, 'some of them are stored out of line') FROM pg_class WHERE oid = 'oracle.stored'::regclass;
SELECT * FROM oracle.agree($$
	SELECT person AS about, ARRAY[plain = packed, packed = pressed, pressed = outside, plain <> outside, series_send(packed) = series_send(outside),
			series_hash(plain) = series_hash(pressed), series_hash(packed) = series_hash(outside)] AS got,
		ARRAY[true, true, true, false, true, true, true] AS wanted
	FROM oracle.stored
	$$, 'equal, with equal bytes and hashes, however they are stored');

-- Order, over values close to each other
CREATE TABLE oracle.near AS
SELECT row_number() OVER () AS n, s FROM (
	SELECT s FROM oracle.history WHERE person <= 24
	UNION SELECT v::series FROM unnest(ARRAY['empty', '2026-01-05: 7', '2026-01-05: -7', '2026-01-05: 7/2', '2026-01-05: (7+5e-324)',
		'2026-01-05: (7-5e-324)', '2026-01-05: 7 0', '2026-01-05: 7 . 0', '2026-01-05: 7 . 1e300', '2026-01-04: 7', '2026-01-05: (1e308+1e308)/2',
		'2026-01-05: 0', '2026-01-05: 5e-324', '2026-01-05: -5e-324', '0044-03-15 BC: 7']) AS v) AS different;
SELECT is((SELECT count(*) FROM oracle.near AS x JOIN oracle.near AS y ON
		(x.s = y.s) <> (x.n = y.n) OR (x.s <> y.s) = (x.n = y.n) OR (series_send(x.s) = series_send(y.s)) <> (x.n = y.n)
		OR (x.s < y.s) <> (series_cmp(x.s, y.s) < 0) OR (x.s <= y.s) <> (series_cmp(x.s, y.s) <= 0)
		OR (x.s > y.s) <> (series_cmp(x.s, y.s) > 0) OR (x.s >= y.s) <> (series_cmp(x.s, y.s) >= 0)
		OR sign(series_cmp(x.s, y.s)) <> -sign(series_cmp(y.s, x.s))), 0::bigint, 'different bytes are different values, and every operator says the same');
SELECT is((SELECT count(*) FROM oracle.near AS x JOIN oracle.near AS y ON x.s < y.s
		JOIN oracle.near AS z ON y.s < z.s AND NOT x.s < z.s), 0::bigint, 'the order is transitive');

-- Support functions as anybody may call them: packed values come out, and nothing is changed in place
SELECT is(series_send(series_agg_add('2026-01-05: 7', '2026-01-04', 1)), series_send('2026-01-04: 1 7'), 'a transition gives a packed value');
SELECT is(series_send(series_agg_remove('2026-01-05: 8/2', '2026-01-05', 1)), series_send('2026-01-05: 7'), 'so does its inverse');
SELECT is(coachiatry.rollup_add('empty'::series, 'empty'), 'empty', 'nothing and nothing is nothing');
SELECT is(coachiatry.rollup_remove('2026-01-05: 7'::series, '2026-01-05: 7'), 'empty', 'something less itself too');
SELECT is(series_agg_final('empty'), NULL, 'which the final function gives as NULL');

-- Size: what the comment on the type says
SELECT cmp_ok(pg_column_size(series_agg(date '2026-01-05' + 7 * i, i % 28)), '<=', 12 + 52 * 2, 'a year of a weekly score')
FROM generate_series(1, 52) AS i;
SELECT cmp_ok(pg_column_size(series_agg(date '2026-01-05' + i, (360 + i % 60) / 10.0)), '<=', 12 + 365 * 3, 'a year of a daily temperature')
FROM generate_series(1, 365) AS i;
SELECT cmp_ok(pg_column_size(series_agg(date '2026-01-05' + 30 * i, i % 28)), '<=', 12 + 12 * 3, 'a year of a monthly score')
FROM generate_series(1, 12) AS i;
SELECT is((SELECT ARRAY[count(*), sum(mean), count(*) FILTER (WHERE mean = (day - '1900-01-01') % 1000)] FROM to_series_days(s)),
	ARRAY[70000, 34965000, 70000]::float8[], 'almost 200 years of days, in any order')
FROM (SELECT series_agg('1900-01-01'::date + (i::bigint * 7919 % 70000)::integer, i::bigint * 7919 % 70000 % 1000) AS s
	FROM generate_series(1, 70000) AS i) AS long;
SELECT is(series_agg('2026-01-05', 1)::text, '2026-01-05: 100000/100000', 'many observations of a day') FROM generate_series(1, 100000);

\set done `rm -r :'scratch'`
SELECT * FROM finish();
ROLLBACK;
