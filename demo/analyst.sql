-- What an analyst wants to see.

\echo '== Cohort: proportion of days covered by task, whole time in the program =='
SELECT kind, units || ' a day' AS plan, people, round(100 * q[1]) AS "quartile 1, %",
	round(100 * q[2]) AS "median, %", round(100 * q[3]) AS "quartile 3, %",
	round(100 * reached) AS "at 80+, %", round(100 * known) AS "known, %"
FROM (
	SELECT t.kind, t.units_a_day AS units, count(*) AS people,
		percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY pdc(c.days)) AS q,
		avg((pdc(c.days) >= 0.8)::integer) AS reached,
		avg((adherence_bounds(c.days)).completeness) AS known
	FROM demo.calendar AS c
	JOIN demo.task AS t USING (person_id, task_id)
	WHERE t.times_a_week IS NULL
	GROUP BY t.kind, t.units_a_day
) AS cohort
ORDER BY kind, plan;

\echo '== The calendars of everybody with the same task, merged: rates by quarter, % (low-high) =='
SELECT task, people, max(rate) FILTER (WHERE q = 1) AS "Jul-Sep", max(rate) FILTER (WHERE q = 2) AS "Oct-Dec",
	max(rate) FILTER (WHERE q = 3) AS "Jan-Mar", max(rate) FILTER (WHERE q = 4) AS "Apr-Jun"
FROM (
	SELECT t.title AS task, count(*) AS people, rollup(c.days) AS all_days
	FROM demo.calendar AS c
	JOIN demo.task AS t USING (person_id, task_id)
	WHERE t.kind = 'medicine'
	GROUP BY t.title
) AS merged
CROSS JOIN (VALUES
	(1, daterange '[2025-07-01,2025-10-01)'), (2, daterange '[2025-10-01,2026-01-01)'),
	(3, daterange '[2026-01-01,2026-04-01)'), (4, daterange '[2026-04-01,2026-07-01)')
) AS quarter (q, during)
CROSS JOIN LATERAL (
	SELECT to_char(100 * low, 'FM990') || '-' || to_char(100 * high, 'FM990') AS rate
	FROM adherence_bounds(all_days, during)
) AS r
GROUP BY task, people
ORDER BY task;

\echo '== Persistence with the daily medicine (Kaplan-Meier; given up as above) =='
WITH life AS (
	SELECT persistence_days, NOT censored AS stopped
	FROM demo.calendar
	CROSS JOIN LATERAL phases(days, 21, date '2026-06-30')
	WHERE task_id = 1 AND initiated_on IS NOT NULL
), stop AS (
	SELECT persistence_days, count(*) AS stops,
		(SELECT count(*) FROM life AS l WHERE l.persistence_days >= life.persistence_days) AS at_risk
	FROM life
	WHERE stopped
	GROUP BY persistence_days
)
SELECT after AS "days since the first dose",
	(SELECT count(*) FROM life WHERE persistence_days >= after) AS "still followed",
	round(100 * (SELECT coalesce(exp(sum(ln(1 - stops / at_risk::float8))), 1)
		FROM stop WHERE persistence_days <= after)) AS "still on it, %"
FROM generate_series(60, 300, 60) AS after
ORDER BY after;

\echo '== A sliding window straight over the rows: adherence_rate(day, taken) OVER the last 28 days =='
SELECT person_id AS improver
FROM caseload
WHERE task_id = 1 AND initiated_on(days) < '2025-08-01'
ORDER BY adherence_rate(days, '[2026-04-01,2026-07-01)') - adherence_rate(days, '[2025-07-01,2025-10-01)') DESC, person_id
LIMIT 1 \gset
SELECT given_name AS person, title AS task, day, round(100 * rate) AS "28-day rate, %", streak
FROM (
	SELECT person_id, task_id, day,
		adherence_rate(day, taken >= prescribed) OVER last_28_days AS rate,
		current_streak(day, taken >= prescribed) OVER last_28_days AS streak
	FROM demo.latest
	WHERE prescribed > 0 AND NOT excused
	WINDOW last_28_days AS (PARTITION BY person_id, task_id ORDER BY day
		RANGE BETWEEN interval '27 days' PRECEDING AND CURRENT ROW)
) AS slid
JOIN demo.person USING (person_id)
JOIN demo.task USING (person_id, task_id)
WHERE person_id = :improver AND task_id = 1 AND extract(day FROM day) = 15
ORDER BY day;
