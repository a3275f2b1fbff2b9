-- The aggregates as window functions, over every kind of frame, equal the same
-- aggregate over the same rows gathered by a correlated subquery. Sliding frames
-- use the moving-aggregate forms, which add and take away again.
\set people 42
\ir include/people.sql

SELECT plan(124);

-- Rows with several a day, days out of order in id, and NULLs; n and back are the
-- places in either order. The server's RANGE frames of dates end where timestamps do.
CREATE TABLE oracle.source AS
SELECT person, id, day, CASE WHEN id % 13 > 0 THEN taken > 0 END AS done, prescribed, taken, nullif(missed, 2)
	AS missed,
	(ARRAY['taken', 'missed', 'unrecorded', 'excused', 'extra', NULL])[1 + floor(oracle.random(person, id,
	60) * 6)::integer] AS status,
	format('%s: (%s,%s,%s,%s)', day, prescribed, taken, missed, excusing)::adherence AS calendar,
	row_number() OVER (PARTITION BY person ORDER BY day, id) AS n,
	row_number() OVER (PARTITION BY person ORDER BY day DESC, id) AS back,
	dense_rank() OVER (PARTITION BY person ORDER BY day) AS peers
FROM oracle.person_row
WHERE id <= 80 AND day < '290000-01-01';

CREATE INDEX ON oracle.source (person, n);
ANALYZE oracle.source;

CREATE TABLE oracle.aggregate (call text, cast_as text);
INSERT INTO oracle.aggregate VALUES
	('adherence_agg(%1$s.day, %1$s.done)', 'text'),
	('adherence_agg(%1$s.day, %1$s.taken, %1$s.prescribed)', 'text'),
	('adherence_agg(%1$s.day, %1$s.prescribed, %1$s.taken, %1$s.missed)', 'text'),
	('adherence_agg(%1$s.day, %1$s.status)', 'text'),
	('rollup(%1$s.calendar)', 'text'),
	('longest_streak(%1$s.day, %1$s.done)', 'integer'),
	('current_streak(%1$s.day, %1$s.done)', 'integer'),
	('adherence_rate(%1$s.day, %1$s.done)', 'float8');

-- A frame, and which rows s are in the frame of row r.
CREATE TABLE oracle.frame (frame text, member text);
INSERT INTO oracle.frame VALUES
	('ORDER BY day, id ROWS UNBOUNDED PRECEDING', 's.n <= r.n'),
	('ORDER BY day, id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW', 's.n BETWEEN r.n - 6 AND r.n'),
	('ORDER BY day, id ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING', 's.n BETWEEN r.n AND r.n + 6'),
	('ORDER BY day, id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING', 's.n BETWEEN r.n - 3 AND r.n + 3'),
	('ORDER BY day, id ROWS BETWEEN 9 PRECEDING AND 5 PRECEDING', 's.n BETWEEN r.n - 9 AND r.n - 5'),
	('ORDER BY day, id ROWS BETWEEN 2 FOLLOWING AND 5 FOLLOWING', 's.n BETWEEN r.n + 2 AND r.n + 5'),
	('ORDER BY day, id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING', 's.n >= r.n'),
	('ORDER BY day DESC, id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW', 's.back BETWEEN r.back - 6 AND r.back'),
	('ORDER BY day DESC, id ROWS BETWEEN 2 PRECEDING AND 4 FOLLOWING', 's.back BETWEEN r.back - 2 AND r.back + 4'),
	($f$ORDER BY day RANGE BETWEEN '6 days' PRECEDING AND CURRENT ROW$f$, 's.day BETWEEN r.day - 6 AND r.day'),
	($f$ORDER BY day RANGE BETWEEN '2 days' PRECEDING AND '3 days' FOLLOWING$f$,
	's.day BETWEEN r.day - 2 AND r.day + 3'),
	($f$ORDER BY day DESC RANGE BETWEEN '6 days' PRECEDING AND '1 day' PRECEDING$f$,
	's.day BETWEEN r.day + 1 AND r.day + 6'),
	('ORDER BY day GROUPS BETWEEN 2 PRECEDING AND CURRENT ROW', 's.peers BETWEEN r.peers - 2 AND r.peers'),
	('ORDER BY id ROWS BETWEEN 4 PRECEDING AND 1 FOLLOWING', 's.id BETWEEN r.id - 4 AND r.id + 1');

CREATE FUNCTION oracle.slides(call text, cast_as text, frame text, member text)
RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT * FROM oracle.agree(format($q$
		SELECT r.person || ' ' || r.id AS about, w.answer::%3$s AS got, (
			SELECT %2$s
			FROM oracle.source AS s
			WHERE s.person = r.person AND %5$s)::%3$s AS wanted
		FROM oracle.source AS r
		JOIN (
			SELECT o.person, o.id, %1$s OVER (PARTITION BY o.person %4$s) AS answer
			FROM oracle.source AS o) AS w ON w.person = r.person AND w.id = r.id
		$q$, format(call, 'o'), format(call, 's'), cast_as, frame, member),
		format('%s OVER (%s)', replace(call, '%1$s.', ''), frame))
$$;

SELECT answers.*
FROM oracle.aggregate
CROSS JOIN oracle.frame
CROSS JOIN LATERAL oracle.slides(call, cast_as, frame, member) AS answers;

-- FILTER, and frames that hold nothing.
SELECT * FROM oracle.agree($q$
	SELECT r.person || ' ' || r.id AS about, w.answer AS got, (
		SELECT adherence_agg(s.day, s.done) FILTER (WHERE s.id % 3 > 0)
		FROM oracle.source AS s
		WHERE s.person = r.person AND s.n BETWEEN r.n - 4 AND r.n)::text AS wanted
	FROM oracle.source AS r
	JOIN (
		SELECT person, id, (adherence_agg(day, done) FILTER (WHERE id % 3 > 0) OVER (
			PARTITION BY person ORDER BY day, id ROWS 4 PRECEDING))::text AS answer
		FROM oracle.source) AS w ON w.person = r.person AND w.id = r.id
	$q$, 'adherence_agg with FILTER over a sliding frame');

-- One step and two.
SELECT * FROM oracle.agree($q$
	SELECT person AS about, longest_streak(day, done) AS got, longest_streak(adherence_agg(day, done)) AS wanted
	FROM oracle.source
	GROUP BY person
	$q$, 'longest_streak(day, taken) in one step and two');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, current_streak(day, done) AS got,
		current_streak(adherence_agg(day, done), max(day) FILTER (WHERE done IS NOT NULL)) AS wanted
	FROM oracle.source
	GROUP BY person
	$q$, 'current_streak(day, taken) in one step and two');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, adherence_rate(day, done) AS got, adherence_rate(adherence_agg(day, done)) AS wanted
	FROM oracle.source
	GROUP BY person
	$q$, 'adherence_rate(day, taken) in one step and two');

-- The one-step aggregates straight from the rows: a day is adherent when all of
-- its rows are, and its rate is what share of them is.
SELECT * FROM oracle.agree($q$
	SELECT person AS about, adherence_rate(day, done) AS got, avg(done::integer)::float8 AS wanted
	FROM oracle.source
	GROUP BY person
	$q$, 'adherence_rate(day, taken) is the share of rows taken');

SELECT * FROM oracle.agree($q$
	WITH day AS (
		SELECT person, day, bool_and(done) AS done, row_number() OVER (PARTITION BY person ORDER BY day) AS n
		FROM oracle.source
		WHERE done IS NOT NULL
		GROUP BY person, day
	), island AS (
		SELECT person, max(n) AS last, count(*) AS days
		FROM (SELECT *, n - row_number() OVER (PARTITION BY person ORDER BY day) AS nth FROM day WHERE done) AS d
		GROUP BY person, nth
	), wanted AS (
		SELECT d.person, coalesce(max(i.days), 0)::integer AS longest,
			coalesce(max(i.days) FILTER (WHERE i.last = d.days), 0)::integer AS current
		FROM (SELECT person, count(*) AS days FROM day GROUP BY person) AS d
		LEFT JOIN island AS i ON i.person = d.person
		GROUP BY d.person
	)
	SELECT s.person AS about, ARRAY[longest_streak(s.day, s.done), current_streak(s.day, s.done)] AS got,
		(SELECT ARRAY[w.longest, w.current] FROM wanted AS w WHERE w.person = s.person) AS wanted
	FROM oracle.source AS s
	GROUP BY s.person
	$q$, 'longest_streak and current_streak(day, taken) by gaps and islands');

-- The limits hold for what is in a frame, not for what has passed through it.
CREATE FUNCTION oracle.far(step integer)
RETURNS TABLE (n integer, day date, done boolean)
LANGUAGE sql IMMUTABLE AS $$
	SELECT n, '1000-01-01'::date + n * step, n % 3 > 0 FROM generate_series(0, 40) AS n
$$;

SELECT * FROM oracle.agree($q$
	SELECT r.n AS about, r.answer::text AS got, (
		SELECT adherence_agg(s.day, s.done)
		FROM oracle.far(73049) AS s
		WHERE s.n BETWEEN r.n - 1 AND r.n)::text AS wanted
	FROM (SELECT n, adherence_agg(day, done) OVER (ORDER BY n ROWS 1 PRECEDING) AS answer FROM oracle.far(73049)) AS r
	$q$, 'a frame of two days 200 years apart slides over 8,000 years');

SELECT * FROM oracle.agree($q$
	SELECT r.n AS about, ARRAY[r.current, r.longest] AS got, (
		SELECT ARRAY[current_streak(s.day, s.done), longest_streak(s.day, s.done)]
		FROM oracle.far(73049) AS s
		WHERE s.n BETWEEN r.n - 1 AND r.n) AS wanted
	FROM (SELECT n, current_streak(day, done) OVER two AS current, longest_streak(day, done) OVER two AS longest
		FROM oracle.far(73049)
		WINDOW two AS (ORDER BY n ROWS 1 PRECEDING)) AS r
	$q$, 'so do the streaks');

SELECT oracle.refused('SELECT adherence_agg(day, done) OVER (ORDER BY n ROWS 1 PRECEDING) FROM oracle.far(73050)', '22008');

SELECT is((SELECT count(*) FROM (
		SELECT adherence_agg('2026-01-05', true) OVER (ORDER BY n ROWS 98 PRECEDING)::text AS answer
		FROM generate_series(1, 300) AS n) AS w WHERE answer = '2026-01-05: (99,99)'), 202::bigint,
			'99 of 300 rows of one day');

SELECT oracle.refused($$SELECT adherence_agg('2026-01-05', true) OVER (ORDER BY n ROWS 99 PRECEDING) FROM generate_series(1, 300) AS n$$,
	'22003');

-- A wide day that leaves the frame leaves a narrow calendar, in the same bytes.
SELECT * FROM oracle.agree($q$
	SELECT n AS about, adherence_send(rollup(v) OVER (ORDER BY n ROWS 1 PRECEDING)) AS got,
		adherence_send(coalesce(lag(v) OVER (ORDER BY n), 'empty') || v) AS wanted
	FROM (SELECT n, format('2026-01-%s: (%s)', to_char(n, 'FM00'), CASE WHEN n % 5 = 0 THEN 90
		ELSE 1 END)::adherence AS v
		FROM generate_series(1, 31) AS n) AS source
	$q$, 'wide and narrow days in a sliding rollup');

SELECT * FROM finish();
ROLLBACK;
