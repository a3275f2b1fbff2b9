-- The check-ins of the sample people as one stored calendar per person and task.

\echo
\echo '== One stored calendar per person and task =='
CREATE TABLE demo.calendar (
	person_id integer NOT NULL,
	task_id integer NOT NULL,
	days adherence NOT NULL,
	PRIMARY KEY (person_id, task_id),
	FOREIGN KEY (person_id, task_id) REFERENCES demo.task
);

-- A row of the view latest is a day's counts; the rows that excuse a day are counted beside them.
INSERT INTO demo.calendar (person_id, task_id, days)
SELECT person_id, task_id,
	adherence_agg(day, prescribed, taken, missed) || adherence_agg(day, 'excused') FILTER (WHERE excused)
FROM demo.latest
GROUP BY person_id, task_id;

-- What the coach's queries read.  "Today" is the last evening of the data.
CREATE VIEW demo.caseload AS
SELECT c.person_id, c.task_id, p.given_name AS person, t.title AS task, t.kind, t.times_a_week,
	c.days, date '2026-06-30' AS as_of
FROM demo.calendar AS c
JOIN demo.person AS p USING (person_id)
JOIN demo.task AS t USING (person_id, task_id)
WHERE p.left_on IS NULL;

ANALYZE demo.calendar;

SELECT (SELECT count(*) FROM demo.check_in) AS "check-ins",
	pg_size_pretty(pg_table_size('demo.check_in')) AS "size of check-ins",
	count(*) AS calendars,
	pg_size_pretty(pg_table_size('demo.calendar')) AS "size of calendars",
	max(pg_column_size(days)) AS "largest, bytes"
FROM demo.calendar;
