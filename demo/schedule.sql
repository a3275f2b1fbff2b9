-- Schedules: what is due when, in words, and as a plan that check-ins merge into.

\echo '== Schedules in the reader''s words =='
SELECT said AS "as prescribed", s AS schedule, describe(s, 'en') AS english, describe(s, 'es') AS "español"
FROM (VALUES ('BID'), ('QHS;UNITS=2'), ('QOD'), ('FREQ=WEEKLY;BYDAY=TU,FR'), ('FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=0'), ('PRN'))
	AS v (said), CAST(said AS schedule) AS s;

\echo '== The night the clocks change: doses stay at 8 and 20 o''clock =='
SELECT due AT TIME ZONE 'America/New_York' AS "wall clock", due AT TIME ZONE 'UTC' AS utc
FROM occurrences('BID', '2026-03-07', '[2026-03-07 12:00, 2026-03-09 12:00)', 'America/New_York') AS due;

\echo '== A plan, and check-ins merged into it =='
SELECT sparkline(planned(s, '2026-04-06', '[2026-04-06, 2026-05-04)')) AS plan,
	sparkline(planned(s, '2026-04-06', '[2026-04-06, 2026-05-04)') || done) AS "with check-ins",
	round(100 * pdc(planned(s, '2026-04-06', '[2026-04-06, 2026-05-04)') || done)) AS "days kept, %"
FROM (SELECT CAST('FREQ=WEEKLY;BYDAY=MO,WE,FR' AS schedule) AS s, adherence_agg(day, 0, taken, 1 - taken) AS done
	FROM (VALUES ('2026-04-06'::date, 1), ('2026-04-08', 1), ('2026-04-10', 1), ('2026-04-13', 0), ('2026-04-15', 1),
		('2026-04-17', 1), ('2026-04-22', 1), ('2026-04-24', 0), ('2026-04-27', 1), ('2026-05-01', 1)) AS check_in (day, taken)) AS t;

\echo '== What is due next, on April 6 at noon in Madrid =='
SELECT said AS schedule, next_due(CAST(said AS schedule), '2026-01-01 09:00', '2026-04-06 12:00 Europe/Madrid', 'Europe/Madrid')
	AT TIME ZONE 'Europe/Madrid' AS "next due"
FROM (VALUES ('TID'), ('QD'), ('QOD'), ('FREQ=MONTHLY;BYMONTHDAY=-1'), ('FREQ=YEARLY;BYMONTH=5;BYDAY=1SU'), ('PRN')) AS v (said);
