-- weeks, weekly_streak and habit_score against plain SQL.
\set people 84
\ir include/oracle.sql

SELECT plan(24);

SELECT answers.*
FROM generate_series(1, 7) AS target
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT c.person || ' ' || c.calendar AS about,
		(SELECT string_agg(g.week || ' ' || g.days || ' ' || g.met, ', ' ORDER BY g.ordinality)
		FROM weeks(c.calendar, %1$s) WITH ORDINALITY AS g) AS got,
		(SELECT string_agg(daterange(w.monday, w.monday + 7) || ' ' || w.days || ' ' || w.met, ', ' ORDER BY w.monday)
		FROM oracle.weeks(%1$s, c.person, (SELECT max(day) FROM oracle.day AS d
			WHERE d.person = c.person)) AS w) AS wanted
	FROM oracle.calendar AS c
	$q$, target), format('weeks(target => %s)', target)) AS answers;

SELECT answers.*
FROM generate_series(1, 7) AS target
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, weekly_streak(calendar, as_of, %1$s) AS got, oracle.weekly_streak(%1$s, person, as_of) AS wanted
	FROM oracle.asked_on
	WHERE isfinite(as_of)
	$q$, target), format('weekly_streak(target => %s)', target)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, weekly_streak(calendar) AS got, weekly_streak(calendar, current_date, 1) AS wanted
	FROM oracle.asked_on
	UNION ALL
	SELECT about, weekly_streak(calendar, as_of, NULL), weekly_streak(calendar, as_of, 1)
	FROM oracle.asked_on
	WHERE isfinite(as_of)
	UNION ALL
	SELECT about, (SELECT count(*) FROM weeks(calendar) AS w WHERE w.met)::integer,
		(SELECT count(*) FROM weeks(calendar, NULL) AS w WHERE w.days >= 1)::integer
	FROM oracle.asked_on
	$q$, 'target is 1 and as_of today unless given');

SELECT answers.*
FROM unnest(ARRAY[7, 6.5, 5, 3, 2, 1, 0.5]::float8[]) AS per_week
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, habit_score(calendar, as_of, %1$L) AS got, oracle.habit_score(%1$L, person, as_of) AS wanted
	FROM oracle.asked_on
	WHERE isfinite(as_of)
	$q$, per_week), format('habit_score(per_week => %s)', per_week)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, habit_score(calendar) AS got, habit_score(calendar, current_date, 7) AS wanted
	FROM oracle.asked_on
	UNION ALL
	SELECT about, habit_score(calendar, as_of, NULL), habit_score(calendar, as_of, 7)
	FROM oracle.asked_on
	WHERE isfinite(as_of)
	$q$, 'per_week is 7 and as_of today unless given');

SELECT * FROM oracle.agree($q$
	SELECT about, habit_score(calendar, as_of, 3) BETWEEN 0 AND 1 AS got, true AS wanted
	FROM oracle.asked_on
	WHERE isfinite(as_of)
	$q$, 'habit_score is from 0 to 1');

SELECT * FROM finish();
ROLLBACK;
