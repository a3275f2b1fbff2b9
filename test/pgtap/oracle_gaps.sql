-- gaps, phases, initiated_on and persistence_days against plain SQL.
\ir include/oracle.sql

SELECT plan(19);

SELECT answers.*
FROM (VALUES (1, false), (1, true), (2, false), (3, true), (7, false)) AS o (min_days, skip_unrecorded)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about,
		(SELECT string_agg(g.during || ' ' || g.days, ', ' ORDER BY g.ordinality)
		FROM gaps(a.calendar, %1$s, a.within, %2$L) WITH ORDINALITY AS g) AS got,
		w.written AS wanted
	FROM oracle.asked AS a
	LEFT JOIN (
		SELECT person, kind, string_agg(during || ' ' || days, ', ' ORDER BY during) AS written
		FROM oracle.gaps(%1$s, %2$L)
		GROUP BY person, kind) AS w ON w.person = a.person AND w.kind = a.kind
	$q$, o.min_days, o.skip_unrecorded),
	format('gaps(min_days => %s, skip_unrecorded => %s)', o.min_days, o.skip_unrecorded)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, (SELECT array_agg(g::text) FROM gaps(calendar) AS g) AS got,
		(SELECT array_agg(g::text) FROM gaps(calendar, 1, NULL, false) AS g) AS wanted
	FROM oracle.asked_on
	UNION ALL
	SELECT about, (SELECT array_agg(g::text) FROM gaps(calendar, NULL, NULL, NULL) AS g),
		(SELECT array_agg(g::text) FROM gaps(calendar) AS g)
	FROM oracle.asked_on
	$q$, 'gaps: an option left out or NULL means its default');

-- An infinite as_of cannot be subtracted from, so with it only those who
-- discontinued have an answer; hostile.sql asks for the error of the others.
CREATE TABLE oracle.phase AS
SELECT gap, w.*
FROM unnest(ARRAY[1, 2, 3, 7, 30]) AS gap
CROSS JOIN LATERAL oracle.phases(gap) AS w;

DELETE FROM oracle.phase WHERE censored AND as_of = 'infinity';

SELECT answers.*
FROM unnest(ARRAY[1, 2, 3, 7, 30]) AS gap
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about,
		format('%%s %%s %%s %%s', g.initiated_on, g.discontinued_on, g.persistence_days, g.censored) AS got,
		format('%%s %%s %%s %%s', w.initiated_on, w.discontinued_on, w.persistence_days, w.censored) AS wanted
	FROM oracle.phase AS w
	JOIN oracle.asked_on AS a ON a.person = w.person AND a.as_of = w.as_of
	CROSS JOIN LATERAL phases(a.calendar, w.gap, a.as_of) AS g
	WHERE w.gap = %s
	$q$, gap), format('phases(gap => %s): initiation and persistence', gap)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT a.about, g.implementation_rate AS got, w.implementation_rate AS wanted
	FROM oracle.phase AS w
	JOIN oracle.asked_on AS a ON a.person = w.person AND a.as_of = w.as_of
	CROSS JOIN LATERAL phases(a.calendar, w.gap, a.as_of) AS g
	$q$, 'phases: implementation_rate');

SELECT * FROM oracle.agree($q$
	SELECT a.about, persistence_days(a.calendar, w.gap, a.as_of) AS got, w.persistence_days AS wanted
	FROM oracle.phase AS w
	JOIN oracle.asked_on AS a ON a.person = w.person AND a.as_of = w.as_of
	$q$, 'persistence_days');

SELECT * FROM oracle.agree($q$
	SELECT c.person || ' ' || c.calendar AS about, initiated_on(c.calendar) AS got,
		(SELECT min(d.day) FROM oracle.day AS d WHERE d.person = c.person AND d.taken > 0) AS wanted
	FROM oracle.calendar AS c
	$q$, 'initiated_on');

SELECT * FROM oracle.agree($q$
	SELECT about, phases(calendar, 3)::text AS got, phases(calendar, 3, current_date)::text AS wanted
	FROM oracle.asked_on
	$q$, 'phases: as_of is today unless given');

SELECT * FROM oracle.agree($q$
	SELECT about, persistence_days(calendar, 3) AS got, persistence_days(calendar, 3, current_date) AS wanted
	FROM oracle.asked_on
	$q$, 'persistence_days: as_of is today unless given');

SELECT is(phases(calendar, gap, as_of)::text, '(,,,,)', 'phases: all NULL for ' || what)
FROM (VALUES
	('a NULL calendar', NULL::adherence, 3, '2026-01-09'::date),
	('a NULL gap', '2026-01-05: +5', NULL, '2026-01-09'),
	('a NULL as_of', '2026-01-05: +5', 3, NULL)) AS v (what, calendar, gap, as_of);

SELECT * FROM finish();
ROLLBACK;
