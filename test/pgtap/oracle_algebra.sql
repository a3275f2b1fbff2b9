-- ||, - and prefer against sums and choices day by day, over pairs of people
-- whose days overlap, touch or lie apart.
\ir include/oracle.sql

SELECT plan(11);

-- Who shares an anchor lies within days or months of each other.
CREATE TABLE oracle.pair AS
SELECT a.person AS a, b.person AS b, ca.calendar AS calendar_a, cb.calendar AS calendar_b
FROM oracle.person AS a
JOIN oracle.person AS b ON b.anchor = a.anchor
JOIN oracle.calendar AS ca ON ca.person = a.person
JOIN oracle.calendar AS cb ON cb.person = b.person
WHERE oracle.random(a.person, b.person, 40) < .5;

-- The days of both sides of a pair, a's counts beside b's.
CREATE TABLE oracle.paired_day AS
SELECT p.a, p.b, d.day,
	coalesce(sum(d.prescribed) FILTER (WHERE side = 'a'), 0) AS ap,
	coalesce(sum(d.taken) FILTER (WHERE side = 'a'), 0) AS at,
	coalesce(sum(d.missed) FILTER (WHERE side = 'a'), 0) AS am,
	coalesce(sum(d.excusing) FILTER (WHERE side = 'a'), 0) AS ax,
	coalesce(sum(d.prescribed) FILTER (WHERE side = 'b'), 0) AS bp,
	coalesce(sum(d.taken) FILTER (WHERE side = 'b'), 0) AS bt,
	coalesce(sum(d.missed) FILTER (WHERE side = 'b'), 0) AS bm,
	coalesce(sum(d.excusing) FILTER (WHERE side = 'b'), 0) AS bx
FROM oracle.pair AS p
CROSS JOIN LATERAL (VALUES ('a', p.a), ('b', p.b)) AS s (side, person)
JOIN oracle.day AS d ON d.person = s.person
GROUP BY p.a, p.b, d.day;

CREATE INDEX ON oracle.paired_day (a, b);

-- Pairs of which no day would hold more than 99 of a kind.
CREATE TABLE oracle.fitting AS
SELECT p.*
FROM oracle.pair AS p
WHERE NOT EXISTS (
	SELECT 1
	FROM oracle.paired_day AS d
	WHERE d.a = p.a AND d.b = p.b AND greatest(ap + bp, at + bt, am + bm, ax + bx) > 99);

ANALYZE oracle.pair, oracle.paired_day, oracle.fitting;

-- What a calendar holds, as one text: its days with anything.
CREATE FUNCTION oracle.holds(calendar adherence)
RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT string_agg(concat_ws(' ', day, prescribed, taken, missed, excused), ', ' ORDER BY day)
	FROM to_adherence_days(calendar)
	WHERE prescribed + taken + missed + excused > 0
$$;

-- First and last day of a calendar.
CREATE FUNCTION oracle.first(calendar adherence) RETURNS date LANGUAGE sql STABLE AS $$ SELECT min(day) FROM to_adherence_days(calendar) $$;
CREATE FUNCTION oracle.last(calendar adherence) RETURNS date LANGUAGE sql STABLE AS $$ SELECT max(day) FROM to_adherence_days(calendar) $$;

SELECT * FROM oracle.agree($q$
	SELECT format('%s || %s', p.calendar_a, p.calendar_b) AS about,
		oracle.holds(p.calendar_a || p.calendar_b) AS got, (
		SELECT string_agg(concat_ws(' ', day, ap + bp, at + bt, am + bm, ax + bx), ', ' ORDER BY day)
		FROM oracle.paired_day AS d
		WHERE d.a = p.a AND d.b = p.b AND ap + bp + at + bt + am + bm + ax + bx > 0) AS wanted
	FROM oracle.fitting AS p
	$q$, '||: the counts of each day add');

SELECT * FROM oracle.agree($q$
	SELECT format('prefer(%s, %s)', p.calendar_a, p.calendar_b) AS about,
		oracle.holds(prefer(p.calendar_a, p.calendar_b)) AS got, (
		SELECT string_agg(concat_ws(' ', day, prescribed, taken, missed, excused), ', ' ORDER BY day)
		FROM (
			SELECT day, greatest(ap, bp) AS prescribed, CASE WHEN at > 0 OR am > 0 THEN at ELSE bt END AS taken,
				CASE WHEN at > 0 OR am > 0 THEN am ELSE bm END AS missed, greatest(ax, bx) AS excused
			FROM oracle.paired_day AS d
			WHERE d.a = p.a AND d.b = p.b) AS preferred
		WHERE prescribed + taken + missed + excused > 0) AS wanted
	FROM oracle.pair AS p
	$q$, 'prefer: a where a has something recorded, else b');

SELECT * FROM oracle.agree($q$
	SELECT format('prefer(%s, %s)', p.calendar_a, p.calendar_b) AS about,
		adherence_send(prefer(p.calendar_a, p.calendar_b)) AS got,
		adherence_send(prefer(p.calendar_a, p.calendar_b)::text::adherence) AS wanted
	FROM oracle.pair AS p
	$q$, 'prefer is canonical');

SELECT * FROM oracle.agree($q$
	SELECT format('prefer(ARRAY[%s, NULL, %s, %s])', p.calendar_a, p.calendar_b, c.calendar) AS about,
		adherence_send(prefer(ARRAY[p.calendar_a, NULL, p.calendar_b, c.calendar])) AS got,
		adherence_send(prefer(p.calendar_a, prefer(p.calendar_b, c.calendar))) AS wanted
	FROM oracle.fitting AS p
	JOIN oracle.calendar AS c ON c.person = p.a + 1
	WHERE greatest(oracle.last(p.calendar_a), oracle.last(p.calendar_b), oracle.last(c.calendar))
		- least(oracle.first(p.calendar_a), oracle.first(p.calendar_b), oracle.first(c.calendar)) < 73050
	$q$, 'prefer of an array is prefer of its elements, the first before the others');

SELECT is(ARRAY[prefer(ARRAY[NULL, '2026-01-05: +']::adherence[]), prefer('{}'::adherence[]), prefer(ARRAY[NULL]::adherence[])],
	ARRAY['2026-01-05: +', NULL, NULL]::adherence[], 'prefer of an array leaves out what is NULL');

SELECT * FROM oracle.agree($q$
	SELECT c.person::text AS about, oracle.holds(planned_as_recorded(c.calendar)) AS got, (
		SELECT string_agg(concat_ws(' ', day, least(99, taken + missed), taken, missed, excused), ', ' ORDER BY day)
		FROM to_adherence_days(c.calendar)
		WHERE taken + missed + excused > 0) AS wanted
	FROM oracle.calendar AS c
	$q$, 'planned_as_recorded: prescribed is taken and missed');

SELECT * FROM oracle.agree($q$
	SELECT format('(%s || %s) - b', p.calendar_a, p.calendar_b) AS about,
		adherence_send((p.calendar_a || p.calendar_b) - p.calendar_b) AS got, adherence_send(p.calendar_a) AS wanted
	FROM oracle.fitting AS p
	$q$, '-: (a || b) - b = a, in the same bytes');

-- A part of the rows taken away leaves the other rows.
SELECT * FROM oracle.agree($q$
	SELECT c.person AS about, oracle.holds(adherence_agg(r.day, r.prescribed, r.taken, r.missed)
			- adherence_agg(r.day, r.prescribed, r.taken, r.missed) FILTER (WHERE r.id % 3 = 1)) AS got, (
		SELECT string_agg(concat_ws(' ', day, p, t, m, 0), ', ' ORDER BY day)
		FROM (
			SELECT day, sum(prescribed) AS p, sum(taken) AS t, sum(missed) AS m
			FROM oracle.person_row AS o
			WHERE o.person = c.person AND o.id % 3 <> 1
			GROUP BY day) AS others
		WHERE p + t + m > 0) AS wanted
	FROM oracle.calendar AS c
	JOIN oracle.person_row AS r ON r.person = c.person
	GROUP BY c.person
	$q$, '-: part of the rows taken away leaves the others');

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

SELECT * FROM oracle.agree($q$
	SELECT format('%s || %s', p.calendar_a, p.calendar_b) AS about,
		oracle.state(format('SELECT %L::adherence || %L::adherence', p.calendar_a, p.calendar_b)) AS got,
			'22003' AS wanted
	FROM oracle.pair AS p
	WHERE NOT EXISTS (SELECT 1 FROM oracle.fitting AS f WHERE f.a = p.a AND f.b = p.b)
	$q$, '||: 22003 exactly where a count would exceed 99');

SELECT * FROM oracle.agree($q$
	SELECT format('%s - %s', p.calendar_a, p.calendar_b) AS about,
		oracle.state(format('SELECT %L::adherence - %L::adherence', p.calendar_a, p.calendar_b)) AS got,
		CASE WHEN EXISTS (
			SELECT 1
			FROM oracle.paired_day AS d
			WHERE d.a = p.a AND d.b = p.b AND least(ap - bp, at - bt, am - bm, ax - bx) < 0)
			THEN '22003' ELSE '00000' END AS wanted
	FROM oracle.pair AS p
	$q$, '-: 22003 exactly where a count would fall below 0');

SELECT * FROM oracle.agree($q$
	SELECT person AS about, ARRAY[calendar || NULL, NULL || calendar, prefer(calendar, NULL), prefer(NULL, calendar),
		calendar - NULL, NULL - calendar]::text[] AS got, ARRAY[calendar, calendar, calendar, calendar,
			calendar, NULL]::text[] AS wanted
	FROM oracle.calendar
	$q$, 'NULL on one side: ||, prefer and a - NULL give the other, NULL - b is NULL');

SELECT * FROM finish();
ROLLBACK;
