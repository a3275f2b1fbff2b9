-- A late correction: take the old row away, merge the new one.  Nothing is
-- computed again; exact subtraction makes the calendar what it would have been.

\echo '== Late corrections: stored calendar - old row || new row, and the streak it gives =='
CREATE TEMPORARY TABLE correction AS
SELECT c.person_id, c.task_id, c.day, (c.recorded_at AT TIME ZONE 'UTC')::date AS corrected_on,
	old.taken || ' of ' || old.prescribed AS said, c.taken || ' of ' || c.prescribed AS corrected,
	(SELECT adherence_agg(day, prescribed, taken, missed) FROM demo.check_in WHERE check_in_id = old.check_in_id) AS old_row,
	(SELECT adherence_agg(day, prescribed, taken, missed) FROM demo.check_in WHERE check_in_id = c.check_in_id) AS new_row
FROM demo.check_in AS c
JOIN demo.check_in AS old ON old.check_in_id = c.replaces
WHERE c.recorded_at > timestamptz '2026-06-30 21:00+00' - interval '60 days';

-- As it stood before the corrections of the last sixty days ...
BEGIN;
UPDATE demo.calendar AS k
SET days = days - new_rows || old_rows
FROM (
	SELECT person_id, task_id, rollup(old_row) AS old_rows, rollup(new_row) AS new_rows
	FROM correction
	GROUP BY person_id, task_id
) AS c
WHERE (k.person_id, k.task_id) = (c.person_id, c.task_id);

-- ... and with each of them.
SELECT person, task, day, corrected_on, said, corrected,
	current_streak(days, as_of) AS "streak before",
	current_streak(days - old_row || new_row, as_of) AS "after"
FROM caseload
JOIN correction USING (person_id, task_id)
WHERE current_streak(days - old_row || new_row, as_of) <> current_streak(days, as_of)
ORDER BY abs(current_streak(days - old_row || new_row, as_of) - current_streak(days, as_of)) DESC, person, task, day
LIMIT 5;

UPDATE demo.calendar AS k
SET days = days - old_rows || new_rows
FROM (
	SELECT person_id, task_id, rollup(old_row) AS old_rows, rollup(new_row) AS new_rows
	FROM correction
	GROUP BY person_id, task_id
) AS c
WHERE (k.person_id, k.task_id) = (c.person_id, c.task_id);

SELECT count(*) AS "calendars corrected",
	count(*) FILTER (WHERE k.days = again.days) AS "equal to one computed from all rows"
FROM demo.calendar AS k
JOIN (
	SELECT person_id, task_id,
		adherence_agg(day, prescribed, taken, missed) || adherence_agg(day, 'excused') FILTER (WHERE excused) AS days
	FROM demo.latest
	GROUP BY person_id, task_id
) AS again USING (person_id, task_id)
WHERE EXISTS (SELECT FROM correction AS c WHERE (c.person_id, c.task_id) = (k.person_id, k.task_id));
COMMIT;
