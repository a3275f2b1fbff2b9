-- longest_streak, streaks and current_streak against plain SQL: random people,
-- every kind of range and date, every grace and threshold, both switches.
\set people 84
\ir include/oracle.sql

SELECT plan(79);

SELECT answers.*
FROM oracle.option AS o
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about, longest_streak(a.calendar, a.within, %1$s) AS got, coalesce(w.days, 0) AS wanted
	FROM oracle.asked AS a
	LEFT JOIN (
		SELECT person, kind, max(days) AS days
		FROM oracle.streaks(%2$s, %3$L, %4$L, %5$L)
		GROUP BY person, kind) AS w ON w.person = a.person AND w.kind = a.kind
	$q$, o.written, o.grace, o.threshold, o.skip_unrecorded, o.over_adheres),
	format('longest_streak(%s)', o.written)) AS answers
ORDER BY o.n;

SELECT answers.*
FROM oracle.option AS o
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about,
		(SELECT string_agg(g.during || ' ' || g.days, ', ' ORDER BY g.ordinality)
		FROM streaks(a.calendar, a.within, %1$s) WITH ORDINALITY AS g) AS got,
		w.written AS wanted
	FROM oracle.asked AS a
	LEFT JOIN (
		SELECT person, kind, string_agg(during || ' ' || days, ', ' ORDER BY during) AS written
		FROM oracle.streaks(%2$s, %3$L, %4$L, %5$L)
		GROUP BY person, kind) AS w ON w.person = a.person AND w.kind = a.kind
	$q$, o.written, o.grace, o.threshold, o.skip_unrecorded, o.over_adheres),
	format('streaks(%s)', o.written)) AS answers
ORDER BY o.n;

SELECT answers.*
FROM oracle.option AS o
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about, current_streak(a.calendar, a.as_of, %1$s) AS got, w.days AS wanted
	FROM oracle.asked_on AS a
	LEFT JOIN oracle.current_streak(%2$s, %3$L, %4$L, %5$L) AS w ON w.person = a.person AND w.as_of = a.as_of
	$q$, o.written, o.grace, o.threshold, o.skip_unrecorded, o.over_adheres),
	format('current_streak(%s)', o.written)) AS answers
ORDER BY o.n;

-- Defaults: within NULL, grace 0, threshold 1, skip_unrecorded false, over_adheres true; as_of today.
SELECT * FROM oracle.agree($q$
	SELECT about, longest_streak(calendar) AS got, longest_streak(calendar, NULL, 0, 1, false, true) AS wanted
	FROM oracle.asked_on
	UNION ALL
	SELECT about, longest_streak(calendar, NULL, NULL, NULL, NULL, NULL), longest_streak(calendar)
	FROM oracle.asked_on
	$q$, 'longest_streak: an option left out or NULL means its default');

SELECT * FROM oracle.agree($q$
	SELECT about, current_streak(calendar) AS got, current_streak(calendar, current_date, 0, 1, false, true) AS wanted
	FROM oracle.asked_on
	UNION ALL
	SELECT about, current_streak(calendar, as_of, NULL, NULL, NULL, NULL), current_streak(calendar, as_of)
	FROM oracle.asked_on
	$q$, 'current_streak: an option left out or NULL means its default');

SELECT * FROM oracle.agree($q$
	SELECT about, (SELECT array_agg(s::text) FROM streaks(calendar) AS s) AS got,
		(SELECT array_agg(s::text) FROM streaks(calendar, NULL, NULL, NULL, NULL, NULL) AS s) AS wanted
	FROM oracle.asked_on
	$q$, 'streaks: an option left out or NULL means its default');

-- A found failure: a range just past the last day was read as a block before it.
SELECT is(longest_streak('2026-07-07: -2 +2 -20 + - +2 -7 + -4 +2 -2 + - +2 - +2 - + - +2 - +2 -4 +2 -3 + -2 + - + -6 +',
	daterange('2026-09-26', '2026-10-05')), 0, 'a range just past the last day');

SELECT * FROM finish();
ROLLBACK;
