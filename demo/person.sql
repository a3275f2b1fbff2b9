-- One person: the plan in words, the streak, and the calendar that they see.

SELECT c.person_id AS who, c.name AS who_name, p.locale, t.task_id AS medicine
FROM caseload AS c
JOIN person AS p USING (person_id)
JOIN effective_calendar AS e USING (person_id)
JOIN task AS t USING (person_id, task_id)
WHERE t.kind = 'medication' AND t.show_streak AND current_streak(e.calendar_with_today, e.today) > 0
ORDER BY days_excused(e.calendar) > 0 DESC, c.tasks DESC, current_streak(e.calendar_with_today, e.today) DESC, c.person_id
LIMIT 1 \gset

\echo '== The plan of' :who_name ', in words: for staff, and for a reader of Spanish =='
SELECT title, describe(schedule) AS "when", describe(schedule, 'es') AS cuándo, status
FROM task WHERE person_id = :who ORDER BY task_id;

\echo '== Streaks: today is pending, an excused day breaks none =='
SELECT t.title, current_streak(e.calendar_with_today, e.today) AS now, longest_streak(e.calendar) AS longest,
	longest_streak(e.calendar, grace => 1) AS "never miss twice", round(100 * adherence_rate(e.calendar)) AS "rate, %",
	days_excused(e.calendar) AS "days excused", sparkline(e.calendar) AS "all its time"
FROM effective_calendar AS e
JOIN task AS t USING (person_id, task_id)
WHERE person_id = :who AND t.show_streak
ORDER BY task_id;

SELECT heatmap(calendar) FROM effective_calendar WHERE person_id = :who AND task_id = :medicine
\g (format=unaligned tuples_only=on)
\echo
\echo '== What' :who_name 'sees (my_calendar): neutral words, and a streak only while there is one =='
SELECT day, title, planned, done, status, streak
FROM my_calendar
WHERE person_id = :who AND days_from_today BETWEEN -3 AND 1
ORDER BY day, task_id;
