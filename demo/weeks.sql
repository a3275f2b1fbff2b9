-- "Three times a week": the unit is the week, and which days is the person's own choice.

\echo '== Three times a week: weeks in a row that reached it =='
SELECT person, task, weekly_streak(c.days, as_of, times_a_week) AS "weeks in a row",
	count(*) FILTER (WHERE met) || ' of ' || count(*) AS "weeks met",
	string_agg(w.days::text, ' ' ORDER BY week)
		FILTER (WHERE week <@ daterange(date_trunc('week', as_of)::date - 84, as_of)) AS "days, last twelve whole weeks"
FROM caseload AS c
CROSS JOIN LATERAL weeks(c.days, times_a_week) AS w
WHERE times_a_week IS NOT NULL
GROUP BY person, task, c.days, as_of, times_a_week
ORDER BY 3 DESC, person
LIMIT 6;
