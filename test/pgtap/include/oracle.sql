-- The measures of a calendar once more, in plain SQL over oracle.person_day:
-- meant to be obviously right, not fast. Each function answers for all people
-- at once: over every range of oracle.scope, or on every date of oracle.moment.
\ir people.sql

-- The status of a day, from the table in the design.
CREATE FUNCTION oracle.status(prescribed integer, taken integer, missed integer, excusing integer)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE
		WHEN excusing > 0 THEN 'excused'
		WHEN prescribed = 0 AND taken = 0 THEN 'none'
		WHEN prescribed = 0 THEN 'extra'
		WHEN taken > prescribed THEN 'over'
		WHEN taken = prescribed THEN 'taken'
		WHEN taken > 0 THEN 'partial'
		WHEN missed > 0 THEN 'missed'
		ELSE 'unrecorded' END
$$;

CREATE TABLE oracle.day AS
SELECT *, oracle.status(prescribed, taken, missed, excusing) AS status,
	prescribed > 0 AND excusing = 0 AS planned
FROM oracle.person_day;

ALTER TABLE oracle.day ADD PRIMARY KEY (person, day);
ANALYZE oracle.day;

-- The days that a range leaves, once for each person and range.
CREATE VIEW oracle.scoped_day AS
SELECT s.kind, d.*
FROM oracle.scope AS s
JOIN oracle.day AS d ON d.person = s.person AND (s.within IS NULL OR s.within @> d.day);

CREATE FUNCTION oracle.adheres(prescribed integer, taken integer, threshold float8, over_adheres boolean)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT taken::float8 / nullif(prescribed, 0) >= threshold AND (over_adheres OR taken <= prescribed)
$$;

-- Streaks: number the planned days; between two adherent days of one streak
-- the numbers jump by at most grace more than one.
CREATE FUNCTION oracle.streaks(grace integer, threshold float8, skip_unrecorded boolean, over_adheres boolean)
RETURNS TABLE (person integer, kind text, during daterange, days integer)
LANGUAGE sql STABLE AS $$
	WITH numbered AS (
		SELECT d.*, row_number() OVER (PARTITION BY d.person, d.kind ORDER BY d.day) AS n
		FROM oracle.scoped_day AS d
		WHERE d.planned AND NOT (skip_unrecorded AND d.status = 'unrecorded')
	), adherent AS (
		SELECT d.person, d.kind, d.day, d.n,
			d.n - lag(d.n, 1, d.n) OVER (PARTITION BY d.person, d.kind ORDER BY d.day) - 1 AS lapsed
		FROM numbered AS d
		WHERE oracle.adheres(d.prescribed, d.taken, threshold, over_adheres)
	), island AS (
		SELECT d.*, count(*) FILTER (WHERE d.lapsed > grace)
			OVER (PARTITION BY d.person, d.kind ORDER BY d.day) AS nth
		FROM adherent AS d
	)
	SELECT i.person, i.kind, daterange(min(i.day), max(i.day) + 1), count(*)::integer
	FROM island AS i
	GROUP BY i.person, i.kind, i.nth
$$;

-- The days that exist on a date: none later, and not the date itself while it
-- is pending.
CREATE FUNCTION oracle.known_day(threshold float8)
RETURNS TABLE (person integer, as_of date, day date, prescribed integer, taken integer, missed integer,
	excusing integer, status text, planned boolean)
LANGUAGE sql STABLE AS $$
	SELECT m.person, m.as_of, d.day, d.prescribed, d.taken, d.missed, d.excusing, d.status, d.planned
	FROM oracle.moment AS m
	JOIN oracle.day AS d ON d.person = m.person AND d.day <= m.as_of
	WHERE NOT (d.day = m.as_of AND d.taken < threshold * d.prescribed AND d.missed = 0)
$$;

-- The current streak: count back from the last planned day, adherent days
-- only, until more than grace non-adherent ones come in a row.
CREATE FUNCTION oracle.current_streak(grace integer, threshold float8, skip_unrecorded boolean, over_adheres boolean)
RETURNS TABLE (person integer, as_of date, days integer)
LANGUAGE sql STABLE AS $$
	WITH numbered AS (
		SELECT d.person, d.as_of, d.day,
			oracle.adheres(d.prescribed, d.taken, threshold, over_adheres) AS adherent,
			row_number() OVER (PARTITION BY d.person, d.as_of ORDER BY d.day DESC) AS n
		FROM oracle.known_day(threshold) AS d
		WHERE d.planned AND NOT (skip_unrecorded AND d.status = 'unrecorded')
	), adherent AS (
		SELECT d.*, d.n - lag(d.n, 1, 0::bigint)
			OVER (PARTITION BY d.person, d.as_of ORDER BY d.n) - 1 AS lapsed
		FROM numbered AS d
		WHERE d.adherent
	), reached AS (
		SELECT a.*, max(a.lapsed) OVER (PARTITION BY a.person, a.as_of ORDER BY a.n) AS worst
		FROM adherent AS a
	)
	SELECT m.person, m.as_of, count(r.n)::integer
	FROM oracle.moment AS m
	LEFT JOIN reached AS r ON r.person = m.person AND r.as_of = m.as_of AND r.worst <= grace
	GROUP BY m.person, m.as_of
$$;

-- Gaps: days with something taken cut time into pieces; a piece's planned days
-- are one gap.
CREATE FUNCTION oracle.gaps(min_days integer, skip_unrecorded boolean)
RETURNS TABLE (person integer, kind text, during daterange, days integer)
LANGUAGE sql STABLE AS $$
	WITH piece AS (
		SELECT d.*, count(*) FILTER (WHERE d.taken > 0)
			OVER (PARTITION BY d.person, d.kind ORDER BY d.day) AS nth
		FROM oracle.scoped_day AS d
	)
	SELECT p.person, p.kind, daterange(min(p.day), max(p.day) + 1), count(*)::integer
	FROM piece AS p
	WHERE p.planned AND p.taken = 0 AND NOT (skip_unrecorded AND p.status = 'unrecorded')
	GROUP BY p.person, p.kind, p.nth
	HAVING count(*) >= min_days
$$;

-- Initiation, implementation and persistence, each from its own sentence in
-- the design.
CREATE FUNCTION oracle.phases(gap integer)
RETURNS TABLE (person integer, as_of date, initiated_on date, discontinued_on date,
	persistence_days integer, censored boolean, implementation_rate float8)
LANGUAGE sql STABLE AS $$
	WITH known AS MATERIALIZED (
		SELECT * FROM oracle.known_day(1.0)
	), initiated AS (
		SELECT k.person, k.as_of, min(k.day) AS day
		FROM known AS k
		WHERE k.taken > 0
		GROUP BY k.person, k.as_of
	), piece AS (
		SELECT k.*, count(*) FILTER (WHERE k.taken > 0)
			OVER (PARTITION BY k.person, k.as_of ORDER BY k.day) AS nth
		FROM known AS k
	), stop AS (
		SELECT p.person, p.as_of, min(p.day) AS day
		FROM piece AS p
		WHERE p.nth > 0 AND p.planned AND p.taken = 0
		GROUP BY p.person, p.as_of, p.nth
		HAVING count(*) >= gap
	), discontinued AS (
		SELECT s.person, s.as_of, min(s.day) AS day
		FROM stop AS s
		GROUP BY s.person, s.as_of
	), dosed AS (
		SELECT k.person, k.as_of, max(k.day) AS day
		FROM known AS k
		LEFT JOIN discontinued AS s ON s.person = k.person AND s.as_of = k.as_of
		WHERE k.taken > 0 AND (s.day IS NULL OR k.day < s.day)
		GROUP BY k.person, k.as_of
	), implemented AS (
		SELECT k.person, k.as_of, sum(least(k.taken, k.prescribed))::float8 / sum(k.prescribed) AS rate
		FROM known AS k
		JOIN initiated AS i ON i.person = k.person AND i.as_of = k.as_of
		JOIN dosed AS l ON l.person = k.person AND l.as_of = k.as_of
		WHERE k.planned AND k.day BETWEEN i.day AND l.day
		GROUP BY k.person, k.as_of
	)
	SELECT m.person, m.as_of, i.day, s.day,
		CASE WHEN isfinite(coalesce(s.day, m.as_of)) THEN coalesce(s.day, m.as_of) - i.day END,
		CASE WHEN i.day IS NOT NULL THEN s.day IS NULL END,
		r.rate
	FROM oracle.moment AS m
	LEFT JOIN initiated AS i ON i.person = m.person AND i.as_of = m.as_of
	LEFT JOIN discontinued AS s ON s.person = m.person AND s.as_of = m.as_of
	LEFT JOIN implemented AS r ON r.person = m.person AND r.as_of = m.as_of
$$;

-- Every rate and count over a range at once.
CREATE FUNCTION oracle.rates(threshold float8, skip_unrecorded boolean, over_adheres boolean)
RETURNS TABLE (person integer, kind text, rate float8, low float8, high float8, completeness float8,
	pdc float8, correct_dosing float8, days_planned integer, days_adherent integer, days_missed integer,
	days_unrecorded integer, days_over integer, days_excused integer)
LANGUAGE sql STABLE AS $$
	SELECT s.person, s.kind,
		sum(least(d.taken, d.prescribed)) FILTER (WHERE asked)::float8
			/ sum(d.prescribed) FILTER (WHERE asked),
		sum(least(d.taken, d.prescribed)) FILTER (WHERE d.planned)::float8
			/ sum(d.prescribed) FILTER (WHERE d.planned),
		sum(least(d.prescribed, d.taken + silent)) FILTER (WHERE d.planned)::float8
			/ sum(d.prescribed) FILTER (WHERE d.planned),
		1 - sum(silent) FILTER (WHERE d.planned)::float8 / sum(d.prescribed) FILTER (WHERE d.planned),
		count(*) FILTER (WHERE asked AND oracle.adheres(d.prescribed, d.taken, threshold, over_adheres))::float8
			/ nullif(count(*) FILTER (WHERE asked), 0),
		count(*) FILTER (WHERE d.status = 'taken')::float8 / nullif(count(*) FILTER (WHERE d.planned), 0),
		count(*) FILTER (WHERE d.planned)::integer,
		count(*) FILTER (WHERE d.status IN ('taken', 'over'))::integer,
		count(*) FILTER (WHERE d.status = 'missed')::integer,
		count(*) FILTER (WHERE d.status = 'unrecorded')::integer,
		count(*) FILTER (WHERE d.status = 'over')::integer,
		count(*) FILTER (WHERE d.status = 'excused')::integer
	FROM oracle.scope AS s
	LEFT JOIN oracle.scoped_day AS d ON d.person = s.person AND d.kind = s.kind
	CROSS JOIN LATERAL (SELECT
		d.planned AND NOT (skip_unrecorded AND d.status = 'unrecorded') AS asked,
		greatest(0, d.prescribed - d.taken - d.missed) AS silent) AS of_day
	GROUP BY s.person, s.kind
$$;

-- The Monday of a day's ISO week.
CREATE FUNCTION oracle.monday(day date)
RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT day - extract(isodow FROM day)::integer + 1
$$;

-- ISO weeks from that of a person's first day to that of a given last one,
-- with the days that count in them; wholly excused ones are left out.
CREATE FUNCTION oracle.weeks(target integer, person integer, until date)
RETURNS TABLE (monday date, days integer, met boolean)
LANGUAGE sql STABLE AS $$
	SELECT w.monday, count(*) FILTER (WHERE d.taken >= 1 AND d.excusing = 0)::integer,
		count(*) FILTER (WHERE d.taken >= 1 AND d.excusing = 0) >= weeks.target
	FROM (SELECT oracle.monday(min(f.day)) AS monday FROM oracle.day AS f WHERE f.person = weeks.person) AS first
	CROSS JOIN LATERAL (SELECT first.monday + 7 * n AS monday
		FROM generate_series(0, (oracle.monday(weeks.until) - first.monday) / 7) AS n) AS w
	LEFT JOIN oracle.day AS d ON d.person = weeks.person
		AND d.day BETWEEN w.monday AND least(w.monday + 6, weeks.until)
	WHERE weeks.until >= first.monday
	GROUP BY w.monday
	HAVING count(*) FILTER (WHERE d.excusing > 0) < 7
$$;

-- Met weeks after the last unmet one; the week of as_of breaks nothing.
CREATE FUNCTION oracle.weekly_streak(target integer, person integer, as_of date)
RETURNS integer
LANGUAGE sql STABLE AS $$
	WITH week AS (
		SELECT * FROM oracle.weeks(weekly_streak.target, weekly_streak.person, weekly_streak.as_of) AS w
		WHERE w.met OR w.monday < oracle.monday(weekly_streak.as_of)
	)
	SELECT count(*)::integer
	FROM week
	WHERE monday > ALL (SELECT w.monday FROM week AS w WHERE NOT w.met)
$$;

-- The habit score as a sum instead of a recurrence: each day that is not
-- frozen adds p x (1 - m), which every later such day multiplies by m.
CREATE FUNCTION oracle.habit_score(per_week float8, person integer, as_of date)
RETURNS float8
LANGUAGE sql STABLE AS $$
	WITH mine AS MATERIALIZED (
		SELECT d.day, d.taken, d.missed, d.excusing
		FROM oracle.day AS d
		WHERE d.person = habit_score.person AND d.day <= habit_score.as_of
	), span AS (
		SELECT min(day) AS first, habit_score.as_of
			- (NOT EXISTS (SELECT 1 FROM mine WHERE day = habit_score.as_of AND taken + missed > 0))::integer AS last
		FROM mine
		WHERE taken + missed > 0
	), daily AS (
		SELECT span.first + i AS day, coalesce(d.taken, 0) > 0 AS done, coalesce(d.excusing, 0) > 0 AS frozen
		FROM span
		CROSS JOIN LATERAL generate_series(0, span.last - span.first) AS i
		LEFT JOIN mine AS d ON d.day = span.first + i
	), credited AS (
		SELECT day, frozen, CASE WHEN habit_score.per_week = 7 THEN done::integer::float8
			ELSE least(1, count(*) FILTER (WHERE done) OVER (ORDER BY day ROWS 13 PRECEDING)
				/ (2 * habit_score.per_week)) END AS p
		FROM daily
	), aged AS (
		SELECT p, row_number() OVER (ORDER BY day DESC) - 1 AS age
		FROM credited
		WHERE NOT frozen
	)
	SELECT coalesce(sum(p * (1 - m) * m ^ age), 0)
	FROM aged
	CROSS JOIN (SELECT 0.5::float8 ^ (sqrt(habit_score.per_week / 7) / 13) AS m) AS multiplier
$$;

-- The canonical text of each person's days: equal neighbours become one run.
CREATE FUNCTION oracle.sign(prescribed integer, taken integer, missed integer, excusing integer)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE ARRAY[prescribed, taken, missed, excusing]
		WHEN '{1,1,0,0}' THEN '+'
		WHEN '{1,0,1,0}' THEN '-'
		WHEN '{1,0,0,0}' THEN '?'
		WHEN '{0,0,0,0}' THEN '.'
		WHEN '{0,0,0,1}' THEN 'x'
		WHEN '{0,1,0,0}' THEN '*'
		ELSE '(' || regexp_replace(concat_ws(',', prescribed, taken, missed, excusing), '(,0)+$', '') || ')' END
$$;

CREATE VIEW oracle.canonical_text AS
WITH signed AS (
	SELECT person, day, oracle.sign(prescribed, taken, missed, excusing) AS sign
	FROM oracle.day
), piece AS (
	SELECT *, day - row_number() OVER (PARTITION BY person, sign ORDER BY day)::integer AS nth
	FROM signed
), run AS (
	SELECT person, min(day) AS day, sign || CASE WHEN count(*) > 1 THEN count(*)::text ELSE '' END AS run
	FROM piece
	GROUP BY person, sign, nth
)
SELECT p.person, coalesce(min(r.day)::text || ': ' || string_agg(r.run, ' ' ORDER BY r.day), 'empty') AS written
FROM oracle.person AS p
LEFT JOIN run AS r ON r.person = p.person
GROUP BY p.person;

-- What to ask: each calendar with each range, and with each date. about says
-- which it is, for the first rows that differ.
CREATE VIEW oracle.asked AS
SELECT s.person, s.kind, s.within, c.calendar,
	format('person %s, %s %s of %s', s.person, s.kind, s.within, c.calendar) AS about
FROM oracle.scope AS s
JOIN oracle.calendar AS c ON c.person = s.person;

CREATE VIEW oracle.asked_on AS
SELECT m.person, m.as_of, c.calendar,
	format('person %s, as of %s of %s', m.person, m.as_of, c.calendar) AS about
FROM oracle.moment AS m
JOIN oracle.calendar AS c ON c.person = m.person;

-- Each grace with each threshold, and all four ways of the two switches in
-- turn, by the seed; the defaults first.
CREATE VIEW oracle.option AS
SELECT n, grace, threshold, skip_unrecorded, over_adheres,
	format('grace => %s, threshold => %s, skip_unrecorded => %L, over_adheres => %L',
		grace, threshold, skip_unrecorded, over_adheres) AS written
FROM (
	SELECT 0 AS n, 0 AS grace, 1.0::float8 AS threshold, false AS skip_unrecorded, true AS over_adheres
	UNION ALL
	SELECT n, grace, threshold, way IN (0, 1), way IN (0, 2)
	FROM (
		SELECT row_number() OVER (ORDER BY grace, threshold)::integer AS n, grace, threshold
		FROM generate_series(0, 3) AS grace
		CROSS JOIN unnest(ARRAY[1, 0.7, 0.66, 0.5, 1 / 3.0, 1e-300]::float8[]) AS threshold) AS pair
	CROSS JOIN LATERAL (SELECT (n + n / 4 + current_setting('oracle.seed')::bigint) % 4 AS way) AS turn
	) AS chosen;
