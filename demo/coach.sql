-- The coach's morning.

\echo
\echo '== The program =='
SELECT (SELECT count(*) FROM person) AS people, (SELECT count(*) FROM staff) AS staff, (SELECT count(*) FROM task) AS tasks,
	(SELECT count(*) FROM check_in) AS "check-ins", pg_size_pretty(pg_table_size('check_in')) AS "their size",
	(SELECT count(*) FROM task_calendar) AS "kept calendars", (SELECT pg_size_pretty(sum(pg_column_size(calendar))) FROM task_calendar) AS "size of those";

SELECT s.staff_id AS coach, s.name AS coach_name FROM staff AS s WHERE s.role = 'coach' ORDER BY s.staff_id LIMIT 1 \gset

\echo '== The day of' :coach_name '(my_day_of): whom to turn to first, and why =='
SELECT name, tier, urgency, CASE WHEN length(why) > 110 THEN left(why, 109) || '…' ELSE why END AS why
FROM my_day_of(:coach)
LIMIT 8;

\echo '== The caseload (caseload_of): whose last fourteen days are worst =='
\echo '   low-high: the rate if none, or all, of what nobody recorded was done; suggested: the tier that the data suggest, a human decides'
SELECT name, tasks, streak, to_char(100 * low, 'FM990') || '-' || to_char(100 * high, 'FM990') AS "14 days %", round(100 * completeness) AS "known %",
	trend AS "last four weeks", days_since_contact AS "days since contact", tier, suggested_tier AS suggested
FROM caseload_of(:coach)
ORDER BY low NULLS LAST, person_id
LIMIT 10;
