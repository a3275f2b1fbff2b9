-- The whole program, as an analyst sees it.

\echo '== Medicines by person''s language: proportion of days covered =='
SELECT left(p.locale, 2) AS language, count(*) AS medicines, round((100 * percentile_cont(0.25) WITHIN GROUP (ORDER BY pdc(e.calendar)))::numeric) AS "quartile 1, %",
	round((100 * percentile_cont(0.5) WITHIN GROUP (ORDER BY pdc(e.calendar)))::numeric) AS "median, %",
	round((100 * percentile_cont(0.75) WITHIN GROUP (ORDER BY pdc(e.calendar)))::numeric) AS "quartile 3, %",
	round(100 * avg((pdc(e.calendar) >= 0.8)::integer)) AS "at 80+, %", round(100 * avg((adherence_bounds(e.calendar)).completeness)) AS "known, %"
FROM effective_calendar AS e
JOIN task AS t USING (person_id, task_id)
JOIN person AS p USING (person_id)
WHERE t.kind = 'medication' AND t.show_streak
GROUP BY 1
ORDER BY 1;

\echo '== PHQ-9 of fortnights by what was done in them =='
SELECT done AS "done", count(*) AS fortnights, round(avg(score)::numeric, 1) AS "mean PHQ-9"
FROM (
	SELECT m.value AS score, CASE WHEN r < 0.5 THEN 'less than half' WHEN r < 0.8 THEN '50 to 79 %' ELSE '80 % or more' END AS done
	FROM measurement AS m
	JOIN instrument AS i USING (instrument_id)
	CROSS JOIN LATERAL (
		SELECT avg(adherence_rate(e.calendar, daterange(m.measured_on - 13, m.measured_on + 1))) AS r FROM effective_calendar AS e WHERE e.person_id = m.person_id) AS a
	WHERE i.name = 'PHQ-9' AND m.item = '' AND r IS NOT NULL) AS s
GROUP BY done
ORDER BY 3;

\echo '== Refills against check-ins: CMA7 of what was dispensed, and the rate that was recorded =='
SELECT p.name, t.title, round(100 * (cma(supply_agg(s.dispensed, s.days_supply, s.daily_dose, s.medication), 7, daterange(min(s.dispensed), e.today)))::numeric) AS "refills, %",
	round(100 * adherence_rate(e.calendar)) AS "check-ins, %"
FROM supply AS s
JOIN person AS p USING (person_id)
JOIN task AS t USING (person_id, task_id)
JOIN effective_calendar AS e USING (person_id, task_id)
WHERE t.status = 'active'
GROUP BY p.person_id, t.person_id, t.task_id, e.today, e.calendar
ORDER BY 3, 4, p.person_id
LIMIT 5;

\echo '== Support asked for, and how soon a human was there =='
SELECT count(*) AS asked, count(answered_at) AS answered, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) / 60)::numeric) AS "median, minutes",
	round((percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) / 60)::numeric) AS "nine of ten within, minutes"
FROM support_request;

\echo '== Kept calendars and series that differ from the facts, computed afresh (verify_derived): none =='
SELECT count(*) AS "differ", (SELECT count(*) FROM task_calendar) + (SELECT count(*) FROM measure_series) AS "of" FROM verify_derived();
