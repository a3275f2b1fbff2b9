-- The monitor data as calendars: a day runs from three to three, pocket doses
-- and pharmacy openings are added, days without monitoring are excused.

\echo
\echo '== The same over electronic monitors: ten patients, fifteen pill bottles =='
CREATE TABLE demo_monitor.calendar AS
WITH planned AS (
	SELECT m.patient, m.monitor, d::date AS day, coalesce(r.expected_per_day, 0) AS expected
	FROM demo_monitor.monitors AS m
	CROSS JOIN LATERAL generate_series(m.start_date, m.end_date, interval '1 day') AS d
	LEFT JOIN demo_monitor.regimen AS r ON r.patient = m.patient AND r.monitor = m.monitor
		AND d::date BETWEEN r.start_date AND r.end_date
		AND (r.days_on IS NULL OR (d::date - r.start_date) % (r.days_on + r.days_off) < r.days_on)
), done AS (
	SELECT patient, monitor, day, sum(openings)::integer AS corrected
	FROM (
		SELECT patient, monitor, adherence_day(opened_at AT TIME ZONE 'UTC', 'UTC', '03:00') AS day, 1 AS openings
		FROM demo_monitor.openings
		UNION ALL
		SELECT patient, monitor, date, added FROM demo_monitor.added_openings
	) AS o
	GROUP BY patient, monitor, day
), counted AS (
	SELECT patient, monitor,
		adherence_agg(day, expected, greatest(coalesce(corrected, 0), 0),
			greatest(expected - greatest(coalesce(corrected, 0), 0), 0)) AS days
	FROM planned
	LEFT JOIN done USING (patient, monitor, day)
	GROUP BY patient, monitor
)
SELECT patient, monitor, c.days || x.days AS days
FROM counted AS c
LEFT JOIN (
	SELECT patient, monitor, adherence_agg(d::date, 'excused') AS days
	FROM demo_monitor.nonmonitored
	CROSS JOIN LATERAL generate_series(start_date, end_date, interval '1 day') AS d
	GROUP BY patient, monitor
) AS x USING (patient, monitor);

CREATE VIEW demo_monitor.caseload AS
SELECT 'patient ' || patient AS person, 'monitor ' || monitor AS task, 'medicine' AS kind,
	NULL::integer AS times_a_week, days, end_date AS as_of
FROM demo_monitor.calendar
JOIN demo_monitor.monitors USING (patient, monitor);

SELECT count(*) AS "monitor-days",
	count(*) FILTER (WHERE (d.taken >= d.prescribed) IS NOT DISTINCT FROM implementation::boolean
		AND status_on(c.days, e.date) <> 'excused'
		OR implementation IS NULL AND status_on(c.days, e.date) = 'excused') AS "as the study's own outcome has them"
FROM demo_monitor.expected_by_monitor_day AS e
JOIN demo_monitor.calendar AS c USING (patient, monitor)
LEFT JOIN LATERAL (
	SELECT coalesce(sum(taken), 0) AS taken, coalesce(sum(prescribed), 0) AS prescribed
	FROM to_adherence_days(clip(c.days, daterange(e.date, e.date, '[]')))
) AS d ON true;

\echo '== Regularity: share of intervals between openings within a quarter of their median =='
SELECT patient, monitor, openings, round(100 * interval_regularity(doses, 0.25)) AS "regular, %"
FROM (
	SELECT patient, monitor, count(*) AS openings, dose_timing_agg(opened_at AT TIME ZONE 'UTC', NULL) AS doses
	FROM demo_monitor.openings
	GROUP BY patient, monitor
) AS t
ORDER BY interval_regularity(doses, 0.25), patient, monitor;
