-- The calendar itself against the days it was made of: status_on,
-- to_adherence_days, the text, jsonb and the forms of the aggregate, clip and shift.
\ir include/oracle.sql

SELECT plan(25);

CREATE VIEW oracle.unpacked AS
SELECT c.person, g.*
FROM oracle.calendar AS c
CROSS JOIN LATERAL to_adherence_days(c.calendar) AS g;

SELECT set_eq(
	'SELECT person, day, prescribed, taken, missed, excused, status FROM oracle.unpacked',
	'SELECT person, day, prescribed, taken, missed, excusing, status FROM oracle.day',
	'to_adherence_days gives back every day');

SELECT is((SELECT count(*) FROM oracle.unpacked), (SELECT count(*) FROM oracle.day),
	'to_adherence_days gives each day once');

SELECT * FROM oracle.agree($q$
	SELECT c.person AS about, array_agg(g.day ORDER BY g.ordinality) AS got, array_agg(g.day ORDER BY g.day) AS wanted
	FROM oracle.calendar AS c
	CROSS JOIN LATERAL to_adherence_days(c.calendar) WITH ORDINALITY AS g
	GROUP BY c.person
	$q$, 'to_adherence_days is in order of time');

SELECT * FROM oracle.agree($q$
	SELECT s.person || ' ' || asked.day AS about, status_on(c.calendar, asked.day) AS got,
		coalesce(d.status, 'none') AS wanted
	FROM oracle.person AS s
	JOIN oracle.calendar AS c ON c.person = s.person
	CROSS JOIN LATERAL (
		SELECT s.first_day - 3 + i AS day FROM generate_series(0, s.days + 6) AS i
		UNION ALL
		VALUES ('infinity'::date), ('-infinity')) AS asked
	LEFT JOIN oracle.day AS d ON d.person = s.person AND d.day = asked.day
	$q$, 'status_on, inside and outside');

SELECT * FROM oracle.agree($q$
	SELECT w.person AS about, c.calendar::text AS got, w.written AS wanted
	FROM oracle.canonical_text AS w
	JOIN oracle.calendar AS c ON c.person = w.person
	$q$, 'the text is canonical');

SELECT * FROM oracle.agree($q$
	SELECT w.person AS about, adherence_send(w.written::adherence) AS got, adherence_send(c.calendar) AS wanted
	FROM oracle.canonical_text AS w
	JOIN oracle.calendar AS c ON c.person = w.person
	$q$, 'the text read gives the same bytes');

-- A text that is not canonical: a run for each day, every count written out,
-- days of nothing at both ends, other space than single blanks.
SELECT * FROM oracle.agree($q$
	SELECT d.person AS about, adherence_send((' ' || min(d.day) - 2 || ':  .2  ' || string_agg(
		format('(%s,%s,%s,%s)', d.prescribed, d.taken, d.missed, d.excusing), ' ' ORDER BY d.day)
		|| ' .3 ')::adherence) AS got,
		(SELECT adherence_send(c.calendar) FROM oracle.calendar AS c WHERE c.person = d.person) AS wanted
	FROM oracle.day AS d
	GROUP BY d.person
	$q$, 'a loose text gives the same bytes');

CREATE VIEW oracle.document AS
SELECT p.person, jsonb_build_object('from', min(d.day)::text, 'days', coalesce(jsonb_agg(
	jsonb_build_array(d.prescribed, d.taken, d.missed, d.excusing) ORDER BY d.day)
		FILTER (WHERE d.day IS NOT NULL), '[]')) AS document
FROM oracle.person AS p
LEFT JOIN oracle.day AS d ON d.person = p.person
GROUP BY p.person;

SELECT * FROM oracle.agree($q$
	SELECT w.person AS about, c.calendar::jsonb AS got, w.document AS wanted
	FROM oracle.document AS w
	JOIN oracle.calendar AS c ON c.person = w.person
	$q$, 'the cast to jsonb');

SELECT * FROM oracle.agree($q$
	SELECT w.person AS about, adherence_send(w.document::adherence) AS got, adherence_send(c.calendar) AS wanted
	FROM oracle.document AS w
	JOIN oracle.calendar AS c ON c.person = w.person
	$q$, 'the cast from jsonb gives the same bytes');

SELECT * FROM oracle.agree($q$
	SELECT w.person AS about, adherence_send(jsonb_build_object('from', f.day - 3, 'days',
			'[[0,0,0,0],[0,0,0,0],[0,0,0,0]]'::jsonb || (w.document -> 'days')
			|| '[[0,0,0,0]]'::jsonb)::adherence) AS got,
		adherence_send(c.calendar) AS wanted
	FROM oracle.document AS w
	JOIN oracle.calendar AS c ON c.person = w.person
	JOIN (SELECT person, min(day) AS day FROM oracle.day GROUP BY person) AS f ON f.person = w.person
	$q$, 'a document with days of nothing at its ends gives the same bytes');

-- What a calendar holds, as one text: its days with anything.
CREATE FUNCTION oracle.holds(calendar adherence)
RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT string_agg(concat_ws(' ', day, prescribed, taken, missed, excused), ', ' ORDER BY day)
	FROM to_adherence_days(calendar)
	WHERE prescribed + taken + missed + excused > 0
$$;

SELECT * FROM oracle.agree($q$
	SELECT a.about, oracle.holds(clip(a.calendar, a.within)) AS got,
		(SELECT string_agg(concat_ws(' ', day, prescribed, taken, missed, excusing), ', ' ORDER BY day)
		FROM oracle.scoped_day AS d
		WHERE d.person = a.person AND d.kind = a.kind AND prescribed + taken + missed + excusing > 0) AS wanted
	FROM oracle.asked AS a
	$q$, 'clip');

SELECT * FROM oracle.agree($q$
	SELECT about, adherence_send(clip(calendar, within)) AS got,
		adherence_send(clip(calendar, within)::text::adherence) AS wanted
	FROM oracle.asked
	$q$, 'clip is canonical');

SELECT * FROM oracle.agree($q$
	SELECT a.about, clip(a.calendar, a.within) = 'empty' AS got, NOT EXISTS (
		SELECT 1 FROM oracle.scoped_day AS d
		WHERE d.person = a.person AND d.kind = a.kind AND prescribed + taken + missed + excusing > 0) AS wanted
	FROM oracle.asked AS a
	$q$, 'clip to nothing is the empty calendar');

SELECT answers.*
FROM unnest(ARRAY[-1000, -1, 0, 1, 7, 100000]) AS days
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT w.person AS about, shift(c.calendar, %1$s)::text AS got,
		CASE WHEN f.day IS NULL THEN 'empty' ELSE f.day + %1$s || substr(w.written, strpos(w.written, ':')) END
			AS wanted
	FROM oracle.canonical_text AS w
	JOIN oracle.calendar AS c ON c.person = w.person
	LEFT JOIN (SELECT person, min(day) AS day, max(day) AS last FROM oracle.day GROUP BY person) AS f
		ON f.person = w.person
	WHERE f.day IS NULL OR ((f.day - '4714-11-24 BC'::date)::bigint + %1$s >= 0
		AND f.last - '5874897-12-31'::date + %1$s <= 0)
	$q$, days), format('shift(days => %s)', days)) AS answers;

-- The forms of the aggregate, over the same rows read in four ways, some with
-- a NULL, which skips the row.
CREATE VIEW oracle.event AS
SELECT person, day, prescribed, taken, nullif(missed, 1) AS missed,
	CASE WHEN id % 11 > 0 THEN taken > 0 END AS done,
	nullif(oracle.status(sign(prescribed)::integer, sign(taken)::integer, sign(missed)::integer, excusing),
		'none') AS status
FROM oracle.person_row;

SELECT answers.*
FROM (VALUES
	('adherence_agg(day, done)',
	'count(*)', 'count(*) FILTER (WHERE done)', 'count(*) FILTER (WHERE NOT done)', '0', 'done IS NOT NULL'),
	('adherence_agg(day, taken, prescribed)',
	'sum(prescribed)', 'sum(taken)', 'sum(greatest(prescribed - taken, 0))', '0', 'true'),
	('adherence_agg(day, taken::bigint, prescribed::bigint)',
	'sum(prescribed)', 'sum(taken)', 'sum(greatest(prescribed - taken, 0))', '0', 'true'),
	('adherence_agg(day, prescribed, taken, missed)',
	'sum(prescribed)', 'sum(taken)', 'sum(missed)', '0', 'missed IS NOT NULL'),
	('adherence_agg(day, prescribed, 0, 0)',
	'sum(prescribed)', '0', '0', '0', 'true'),
	('adherence_agg(day, status)',
	$c$count(*) FILTER (WHERE status IN ('taken', 'missed', 'unrecorded'))$c$,
	$c$count(*) FILTER (WHERE status IN ('taken', 'extra'))$c$,
	$c$count(*) FILTER (WHERE status = 'missed')$c$, $c$count(*) FILTER (WHERE status = 'excused')$c$, 'true')
	) AS o (call, prescribed, taken, missed, excusing, kept)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT c.person AS about, oracle.holds(%1$s) AS got, (
		SELECT string_agg(concat_ws(' ', day, p, t, m, x), ', ' ORDER BY day)
		FROM (
			SELECT day, %2$s AS p, %3$s AS t, %4$s AS m, %5$s AS x
			FROM oracle.event AS e
			WHERE e.person = c.person AND %6$s
			GROUP BY day) AS summed
		WHERE p + t + m + x > 0) AS wanted
	FROM oracle.event AS c
	GROUP BY c.person
	$q$, o.call, o.prescribed, o.taken, o.missed, o.excusing, o.kept), o.call) AS answers;

SELECT * FROM finish();
ROLLBACK;
