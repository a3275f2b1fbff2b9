-- What a coach wants to see.  Reads a view caseload (person, task, kind,
-- times_a_week, days, as_of) from the search_path and nothing else, so that it
-- runs over the sample people and over the monitor data alike.  Variables: gap, the
-- shortest dosing gap to show; span, days in which to look for over-use.

\echo '== Caseload: whose last fourteen days fell furthest below their last three months =='
\echo '   now, best: streaks in days; low-high: the rate if none, or all, of what nobody recorded was done'
SELECT person, task,
	current_streak(days, as_of) AS now,
	longest_streak(days) AS best,
	to_char(100 * low, 'FM990') || '-' || to_char(100 * high, 'FM990') AS "14 days %",
	round(100 * completeness) AS "known %",
	sparkline(days, daterange(as_of - 27, as_of, '[]'), 28) AS "last four weeks"
FROM (
	SELECT DISTINCT ON (person) *,
		coalesce(adherence_rate(days, daterange(as_of - 103, as_of - 13)), 0) - low AS fall
	FROM caseload
	CROSS JOIN LATERAL adherence_bounds(days, daterange(as_of - 13, as_of, '[]'))
	WHERE low IS NOT NULL
	ORDER BY person, fall DESC, task
) AS worst
ORDER BY fall DESC, person
LIMIT 12;

\echo '== The first of them, day by day =='
SELECT person, task, days, as_of
FROM caseload
CROSS JOIN LATERAL adherence_bounds(days, daterange(as_of - 13, as_of, '[]'))
WHERE low IS NOT NULL
ORDER BY coalesce(adherence_rate(days, daterange(as_of - 103, as_of - 13)), 0) - low DESC, person
LIMIT 1 \gset first_
\echo :first_person, :first_task
SELECT heatmap(:'first_days', daterange(date :'first_as_of' - 180, :'first_as_of', '[]'))
\g (format=unaligned tuples_only=on)
\echo
\echo '== Phases of a medicine: begun, kept up, given up =='
\echo '   given up: 21 planned days in a row with nothing taken; silent: how many of those nobody recorded'
SELECT person, task, initiated_on, discontinued_on, persistence_days AS days,
	round(100 * implementation_rate) AS "rate, %",
	CASE WHEN discontinued_on IS NOT NULL
		THEN days_unrecorded(c.days, daterange(discontinued_on, discontinued_on + 21)) END AS "silent of 21"
FROM caseload AS c
CROSS JOIN LATERAL phases(days, 21, as_of)
WHERE kind = 'medicine' AND initiated_on IS NOT NULL
ORDER BY censored, persistence_days, person, task
LIMIT 8;

\echo '== Dosing gaps: the longest runs of planned days with nothing taken, last ninety days =='
SELECT person, task, lower(during) AS "from", upper(during) - 1 AS "to", g.days AS planned,
	days_unrecorded(c.days, during) AS "of them not recorded"
FROM caseload AS c
CROSS JOIN LATERAL gaps(c.days, :gap, daterange(as_of - 89, as_of, '[]')) AS g
WHERE kind = 'medicine'
ORDER BY g.days DESC, person, task, during
LIMIT 8;

\echo '== Who misses the weekends: rates by weekday, % =='
SELECT person, task,
	round(100 * r[1]) AS mon, round(100 * r[2]) AS tue, round(100 * r[3]) AS wed, round(100 * r[4]) AS thu,
	round(100 * r[5]) AS fri, round(100 * r[6]) AS sat, round(100 * r[7]) AS sun
FROM caseload
CROSS JOIN LATERAL weekday_rates(days) AS r
WHERE kind = 'medicine'
ORDER BY (r[6] + r[7]) / 2 - (r[1] + r[2] + r[3] + r[4] + r[5]) / 5, person, task
LIMIT 5;

\echo '== More than prescribed, last' :span 'days =='
SELECT bool_or(days_over(days, daterange(as_of - :span + 1, as_of, '[]')) > 0) AS any_over
FROM caseload
WHERE kind = 'medicine' \gset
\if :any_over
SELECT person, task, days_over(days, daterange(as_of - :span + 1, as_of, '[]')) AS "days over",
	(SELECT string_agg(to_char(day, 'DD Mon') || ' (' || taken || ' of ' || prescribed || ')', ', ' ORDER BY day DESC)
		FROM (SELECT * FROM to_adherence_days(days) WHERE status = 'over' ORDER BY day DESC LIMIT 3) AS o) AS "the last of them"
FROM caseload
WHERE kind = 'medicine' AND days_over(days, daterange(as_of - :span + 1, as_of, '[]')) > 0
ORDER BY 3 DESC, person, task
LIMIT 6;
\else
\echo '   nobody'
\echo
\endif

\echo '== Habits: strength now and ninety days ago, the people whose habit grew most =='
SELECT person, task, round(ago::numeric, 2) AS "ninety days ago", round(now::numeric, 2) AS now,
	sparkline(days, daterange(as_of - 89, as_of, '[]'), 30) AS "last ninety days"
FROM (
	SELECT DISTINCT ON (person) person, task, days, as_of,
		habit_score(days, as_of - 90, per_week) AS ago, habit_score(days, as_of, per_week) AS now
	FROM caseload
	CROSS JOIN LATERAL (
		SELECT coalesce(times_a_week, days_planned(days, daterange(as_of - 27, as_of, '[]')) / 4.0)::float8 AS per_week
	) AS w
	WHERE per_week > 0 AND initiated_on(days) < as_of - 90
	ORDER BY person, habit_score(days, as_of, per_week) - habit_score(days, as_of - 90, per_week) DESC, task
) AS grown
ORDER BY grown.now - ago DESC, person
LIMIT 5;
