-- Electronic bottles: when doses were taken, against when they were due.

\echo '== Dose timing of the electronic bottles, April to June =='
SELECT given_name AS person, title AS task,
	round(100 * taking_adherence(doses)) AS "taking, %",
	round(100 * correct_dosing(doses)) AS "correct, %",
	round(100 * timing_adherence(doses, interval '30 minutes')) AS "within 30 min, %",
	round(100 * timing_adherence(doses, interval '2 hours')) AS "2 h, %",
	round(100 * interval_regularity(doses, 0.25)) AS "regular, %"
FROM (
	SELECT person_id, task_id, dose_timing_agg(m.taken_at, m.due_at) AS doses
	FROM (
		SELECT person_id, task_id, array_agg(day + due ORDER BY day, due) AS due_at
		FROM demo.dose_time
		JOIN demo.latest USING (person_id, task_id)
		WHERE day >= '2026-04-01' AND NOT excused
		GROUP BY person_id, task_id
	) AS d
	JOIN (
		SELECT person_id, task_id, array_agg(opened_at ORDER BY opened_at) AS taken_at
		FROM demo.opening
		GROUP BY person_id, task_id
	) AS o USING (person_id, task_id)
	CROSS JOIN LATERAL match_doses(o.taken_at, d.due_at::timestamptz[], interval '6 hours') AS m
	GROUP BY person_id, task_id
) AS t
JOIN demo.person USING (person_id)
JOIN demo.task USING (person_id, task_id)
ORDER BY timing_adherence(doses, interval '30 minutes'), person;
