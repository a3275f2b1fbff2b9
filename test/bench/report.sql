-- The table of results, from bench.timing (name, round, ms) and bench.plan.

-- The time of a query in its turn.
CREATE VIEW bench.turn AS
SELECT name, round, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM bench.timing GROUP BY name, round;

-- What is compared: the times of two queries (slower: how many times as long a takes as b; faster: b as a), the memory of
-- their hashes, how many of something a query does in a second, or the bytes of a calendar.
CREATE TABLE bench.line (
	ordinal int GENERATED ALWAYS AS IDENTITY,
	what text, against text, rows text,
	kind text CHECK (kind IN ('slower', 'faster', 'memory', 'per second', 'bytes')),
	a text, b text, -- names of queries
	goal float8, -- for slower, memory and bytes at most this, for the others at least
	units float8 -- how many of something query a does
);

INSERT INTO bench.line (what, against, rows, kind, a, b, goal)
SELECT what, against, label, kind, replace(a, '@', place), replace(b, '@', place),
	CASE WHEN place = 'by_person' THEN goal END
FROM (VALUES
	(1, 'longest_streak(adherence_agg(day, taken))', 'count(*)', 'slower', 'streak @', 'count @', 1.25),
	(2, 'the same, JIT on', 'count(*), JIT on', 'slower', 'streak @, JIT', 'count @, JIT', NULL),
	(3, 'the same', 'gaps and islands', 'faster', 'streak @', 'islands @', 6),
	(4, 'the same', 'gaps and islands, every day has a row', 'faster', 'streak @', 'every day @', NULL),
	(5, 'the same', 'range_agg', 'faster', 'streak @', 'ranges @', 6),
	(6, 'the same, two processes', 'one process', 'faster', 'streak, two processes @', 'streak @', 1.6),
	(7, 'the same, memory of the hash', 'array_agg(day)', 'memory', 'streak @', 'array @', 0.2)
) AS form(number, what, against, kind, a, b, goal),
	(VALUES (1, 'by_person', 'person by person'), (2, 'by_day', 'day by day'), (3, 'at_random', 'at random'))
	AS place(nth, place, label)
WHERE number NOT IN (2, 3) OR place = 'by_person'
ORDER BY number, nth;

-- The floor itself bounds what any aggregate over the rows could gain.
INSERT INTO bench.line (what, against, rows, kind, a, b) VALUES
	('count(*)', 'gaps and islands', 'person by person', 'faster', 'count by_person', 'islands by_person'),
	('count(*)', 'gaps and islands, every day has a row', 'person by person', 'faster', 'count by_person', 'every day by_person'),
	('count(*)', 'range_agg', 'person by person', 'faster', 'count by_person', 'ranges by_person'),
	('longest_streak(adherence_agg(day, taken))', 'gaps and islands, work_mem 64MB', 'person by person', 'faster',
		'streak by_person, 64MB', 'islands by_person, 64MB'),
	('the same', 'range_agg, work_mem 64MB', 'person by person', 'faster',
		'streak by_person, 64MB', 'ranges by_person, 64MB');
INSERT INTO bench.line (what, against, rows, kind, a, b, goal) VALUES
	('longest_streak(calendar)', 'longest_streak(adherence_agg(day, taken))', 'stored calendars', 'faster',
		'stored streak', 'streak by_person', 200),
	('longest_streak(calendar)', 'reading the table', 'stored calendars', 'slower', 'stored streak', 'stored nothing', NULL),
	('adherence_rate(calendar)', 'avg(taken::int)', 'stored calendars', 'faster', 'stored rate', 'avg', NULL),
	('longest_streak(rollup(part))', 'longest_streak(adherence_agg(day, taken))', 'stored months', 'faster',
		'rollup', 'streak by_person', NULL),
	('adherence_rate(day, taken) OVER 28 days', 'avg(taken::int) OVER 28 rows', 'each row of a tenth', 'faster',
		'sliding rate', 'sliding avg', NULL),
	('current_streak(day, taken) OVER all before', 'gaps and islands', 'each row of a tenth', 'faster',
		'running streak', 'running islands', NULL);
INSERT INTO bench.line (what, rows, kind, goal) VALUES
	('a year of daily check-ins', 'stored calendars', 'bytes', 400);
INSERT INTO bench.line (what, rows, kind, a, units)
SELECT what, rows, 'per second', a, units
FROM (SELECT count(*) AS people FROM bench.stored) AS p, (SELECT count(*) AS months FROM bench.month) AS m,
	LATERAL (VALUES
		('longest_streak(calendar)', 'stored calendars', 'stored streak', people),
		('adherence_rate(calendar)', 'stored calendars', 'stored rate', people),
		('rollup(part)', 'stored months', 'rollup', months),
		('sparkline(calendar)', 'stored calendars', 'sparkline', people),
		('calendar::text', 'stored calendars', 'text', people),
		('binary COPY TO', 'stored calendars', 'copy out', people),
		('binary COPY FROM', 'stored calendars', 'copy in', people)) AS line(what, rows, a, units);

-- Each line in each round: what was measured.
CREATE VIEW bench.measured AS
SELECT ordinal, CASE kind WHEN 'slower' THEN x.ms / y.ms WHEN 'faster' THEN y.ms / x.ms ELSE 1000 * units / x.ms END AS value
FROM bench.line JOIN bench.turn AS x ON x.name = a LEFT JOIN bench.turn AS y ON y.name = b AND y.round = x.round
WHERE kind IN ('slower', 'faster', 'per second')
UNION ALL
SELECT ordinal, x.hash_kb::float8 / y.hash_kb
FROM bench.line JOIN bench.plan AS x ON x.name = a JOIN bench.plan AS y ON y.name = b WHERE kind = 'memory'
UNION ALL
SELECT ordinal, max(pg_column_size(calendar)) FROM bench.line, bench.stored WHERE kind = 'bytes' GROUP BY ordinal;

-- A number with three digits that count, and its unit.
CREATE FUNCTION bench.show(value float8, kind text) RETURNS text
LANGUAGE sql STABLE
RETURN CASE
	WHEN kind = 'bytes' THEN value::text
	WHEN kind = 'per second' AND value >= 1e6 THEN round(value::numeric / 1000000, 1) || ' M'
	WHEN kind = 'per second' THEN round(value::numeric / 1000) || ' k'
	ELSE round(value::numeric, greatest(0, least(2, 2 - floor(log(value))::int)))::text END;

-- The median time of a query.
CREATE FUNCTION bench.typical_ms(query text) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, CASE WHEN max(ms) < 100 THEN 1 ELSE 0 END)
	FROM bench.turn WHERE name = query)::text;

-- SQL in a Markdown cell.
CREATE FUNCTION bench.code(text text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN text ~ '[(_]' THEN '`' || text || '`' ELSE text END;

CREATE VIEW bench.report AS
SELECT ordinal, what, coalesce(against, '') AS against, rows,
	bench.code(what) AS what_code, bench.code(coalesce(against, '')) AS against_code,
	CASE kind
		WHEN 'memory' THEN (SELECT string_agg(round(hash_kb / 1024.0, 1)::text, ' / ' ORDER BY name = b) || ' MB'
			FROM bench.plan WHERE name IN (a, b))
		WHEN 'bytes' THEN ''
		ELSE concat_ws(' / ', bench.typical_ms(a), bench.typical_ms(b)) || ' ms' END AS times,
	bench.show(middle, kind) || words AS measured,
	CASE WHEN low < high THEN bench.show(low, kind) || ' - ' || bench.show(high, kind) ELSE '' END AS range,
	CASE WHEN goal IS NULL THEN '' ELSE CASE kind WHEN 'faster' THEN '>= ' ELSE '<= ' END || goal END AS goal,
	CASE WHEN goal IS NULL THEN '' WHEN CASE kind WHEN 'faster' THEN middle >= goal ELSE middle <= goal END THEN 'yes'
		ELSE 'no' END AS met
FROM bench.line
	JOIN (SELECT ordinal, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS middle, min(value) AS low, max(value) AS high
		FROM bench.measured GROUP BY ordinal) AS result USING (ordinal)
	JOIN (VALUES ('slower', ' x as long'), ('faster', ' x faster'), ('memory', ' x'), ('per second', ' a second'),
		('bytes', ' bytes')) AS unit(kind, words) USING (kind);
