-- The record: a late correction, what was known before it, and sources against each other.

-- Someone whose streak was cut short by one day of the last two weeks that they said they missed.
SELECT c.person_id AS late, p.name AS late_name, c.task_id AS late_task, c.due_on AS late_day, c.occurrence AS late_occurrence,
	c.missed AS late_units, t.title AS late_title
FROM check_in AS c
JOIN person AS p USING (person_id)
JOIN task AS t USING (person_id, task_id)
JOIN effective_calendar AS e USING (person_id, task_id)
CROSS JOIN LATERAL (SELECT adherence_agg(v.day, 0, v.units, 0) AS day FROM (VALUES (c.due_on, c.missed)) AS v (day, units)) AS d
WHERE c.source = 'person' AND c.missed > 0 AND t.kind = 'medication' AND t.status = 'active' AND c.due_on BETWEEN e.today - 14 AND e.today - 2
	AND status_on(e.calendar, c.due_on) = 'missed'
ORDER BY current_streak((e.calendar_with_today || d.day), e.today) - current_streak(e.calendar_with_today, e.today) DESC, c.person_id, c.due_on
LIMIT 1 \gset

\echo '== A late correction:' :late_name 'had said no to' :late_title 'on' :late_day ', and sends that again =='
SELECT current_streak(calendar_with_today, today) AS "streak before", sparkline(calendar, daterange(today - 28, today), 28) AS "four weeks before"
FROM effective_calendar WHERE person_id = :late AND task_id = :late_task;

SET coachiatry.clock TO '2026-07-01 18:30+00';
SELECT * FROM ingest_check_ins(jsonb_build_array(jsonb_build_object('person_id', :late, 'task_id', :late_task, 'due_on', :'late_day',
	'occurrence', :late_occurrence, 'source', 'person', 'taken', :late_units, 'note', 'I did take it, after midnight'))) \g (tuples_only=on)
SELECT current_streak(calendar_with_today, today) AS "streak after", sparkline(calendar, daterange(today - 28, today), 28) AS "four weeks after"
FROM effective_calendar WHERE person_id = :late AND task_id = :late_task;

\echo '== What is known of that day now, and what was known an hour ago (timeline, as_known_on) =='
SELECT 'now' AS known, kind, what, recorded_at FROM timeline(:late)
WHERE task_id = :late_task AND day = :'late_day' AND kind = 'check_in'
UNION ALL
SELECT 'at 17:30', kind, what, recorded_at FROM timeline(:late, as_known_on => '2026-07-01 17:30+00')
WHERE task_id = :late_task AND day = :'late_day' AND kind = 'check_in';
RESET coachiatry.clock;

\echo '== Sources that disagree (discordance): a reason to ask, not to accuse =='
SELECT p.name, d.title, d.source AS "other source", d.days, round(100 * d.person_rate) AS "person says, %", round(100 * d.source_rate) AS "it says, %"
FROM discordance AS d
JOIN person AS p USING (person_id)
WHERE d.days >= 14
ORDER BY d.difference DESC, d.person_id
LIMIT 5;

\echo '== A file of check-ins with two bad lines: the good ones are kept, the others are named =='
CREATE TEMPORARY TABLE staged (LIKE staged_check_in);
INSERT INTO staged (person_id, task_id, due_on, source, taken) VALUES
	(:late, :late_task, '2026-06-30', 'coach', 'true'),
	(:late, :late_task, '2026-06-31', 'coach', 'true'),
	(:late, -1, '2026-06-30', 'coach', 'true');
SELECT * FROM ingest_check_ins((SELECT jsonb_agg(to_jsonb(s)) FROM staged AS s), partial => true);
