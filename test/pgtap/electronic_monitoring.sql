-- Real monitor data with published outcomes: ten patients, 15 electronic
-- bottles, 4,516 openings (CleanADHdata; see the README beside the data). The
-- data stands outside this repository, in ../shared/data/electronic_monitoring,
-- or under another folder named with -v shared=...; without it this is skipped.
--
-- A day runs from 03:00 to 03:00; corrected = recorded + added openings; a
-- monitor-day is implemented when corrected >= expected, so also when nothing
-- is expected, and NULL when it was not monitored; a patient-day needs all
-- monitors, and is NULL if one of them is.
\ir include/setup.sql
\if :{?shared}
\else
\set shared ../shared
\endif
\set data :shared /data/electronic_monitoring
\set there `test -r :'data'/openings.csv && echo true || echo false`
\if :there

SELECT plan(11);

--
-- The data. Times are local wall time, of no known zone: here they are UTC.
--

CREATE TABLE oracle.monitor (patient text, monitor text, start_date date, end_date date, comment text);
CREATE TABLE oracle.regimen (patient text, monitor text, expected integer, start_date date, end_date date,
	days_on integer, days_off integer);
CREATE TABLE oracle.nonmonitored (patient text, monitor text, start_date date, end_date date, comment text);
CREATE TABLE oracle.added (patient text, monitor text, day date, added integer, comment text);
CREATE TABLE oracle.opening (patient text, monitor text, opened_at timestamp);
CREATE TABLE oracle.wanted_monitor_day (patient text, monitor text, day date, recorded integer, added integer,
	corrected integer, expected integer, nonmonitored integer, implementation integer);
CREATE TABLE oracle.wanted_patient_day (patient text, day date, monitors integer, implementation integer);

\set here `pwd`
\cd :data
\copy oracle.monitor FROM 'monitors.csv' (FORMAT csv, HEADER)
\copy oracle.regimen FROM 'regimen.csv' (FORMAT csv, HEADER)
\copy oracle.nonmonitored FROM 'nonmonitored.csv' (FORMAT csv, HEADER)
\copy oracle.added FROM 'added_openings.csv' (FORMAT csv, HEADER)
\copy oracle.opening FROM 'openings.csv' (FORMAT csv, HEADER)
\copy oracle.wanted_monitor_day FROM 'expected_by_monitor_day.csv' (FORMAT csv, HEADER)
\copy oracle.wanted_patient_day FROM 'expected_by_patient_day.csv' (FORMAT csv, HEADER)
\cd :here

SELECT results_eq(
	'SELECT (SELECT count(*)::integer FROM oracle.opening), (SELECT count(*)::integer FROM oracle.wanted_monitor_day),
		(SELECT count(*)::integer FROM oracle.wanted_patient_day)',
	'VALUES (4516, 3367, 2443)', 'the data is whole: 4,516 openings, 3,367 monitor-days, 2,443 patient-days');

--
-- What happened on each day of each monitor, summed from the events
--

CREATE VIEW oracle.expected_day AS
SELECT patient, monitor, day,
	CASE WHEN days_on IS NULL OR (day - start_date) % (days_on + days_off) < days_on THEN expected ELSE 0 END AS expected
FROM oracle.regimen
CROSS JOIN LATERAL (
	SELECT generate_series(start_date::timestamp, end_date::timestamp, interval '1 day')::date AS day) AS days;

CREATE VIEW oracle.recorded_day AS
SELECT patient, monitor, coachiatry.adherence_day(opened_at AT TIME ZONE 'UTC', 'UTC', day_starts => '03:00') AS day,
	count(*)::integer AS recorded
FROM oracle.opening
GROUP BY patient, monitor, day;

CREATE VIEW oracle.added_day AS
SELECT patient, monitor, day, sum(added)::integer AS added
FROM oracle.added
GROUP BY patient, monitor, day;

CREATE TABLE oracle.monitor_day AS
SELECT patient, monitor, day, coalesce(recorded, 0) AS recorded, coalesce(added, 0) AS added,
	coalesce(recorded, 0) + coalesce(added, 0) AS corrected, expected,
	EXISTS (
		SELECT 1 FROM oracle.nonmonitored AS n
		WHERE n.patient = m.patient AND n.monitor = m.monitor AND d.day BETWEEN n.start_date AND n.end_date
	)::integer AS nonmonitored
FROM oracle.monitor AS m
CROSS JOIN LATERAL (
	SELECT generate_series(start_date::timestamp, end_date::timestamp, interval '1 day')::date AS day) AS d
LEFT JOIN oracle.expected_day USING (patient, monitor, day)
LEFT JOIN oracle.recorded_day USING (patient, monitor, day)
LEFT JOIN oracle.added_day USING (patient, monitor, day);

SELECT set_eq(
	'SELECT * FROM oracle.monitor_day',
	'SELECT patient, monitor, day, recorded, added, corrected, expected, nonmonitored FROM oracle.wanted_monitor_day',
	'adherence_day and plain sums give recorded, added, corrected and expected of each monitor-day');
SELECT is((SELECT sum(recorded) FROM oracle.monitor_day), (SELECT count(*) FROM oracle.opening),
	'each opening lies on a day of its monitor');

--
-- The calendar of each monitor. It holds no counts below zero, and days of
-- nothing at its ends are not in it: the rule for expected 0 is this test's.
--

CREATE TABLE oracle.monitor_calendar AS
SELECT patient, monitor,
	coachiatry.adherence_agg(day, greatest(corrected, 0), expected)
		OPERATOR(coachiatry.||) (coachiatry.adherence_agg(day, 'excused') FILTER (WHERE nonmonitored = 1)) AS days
FROM oracle.monitor_day
GROUP BY patient, monitor;

CREATE TABLE oracle.got_monitor_day AS
SELECT patient, monitor, day, CASE coachiatry.status_on(c.days, day)
	WHEN 'excused' THEN NULL
	WHEN 'none' THEN 1
	WHEN 'extra' THEN 1
	WHEN 'taken' THEN 1
	WHEN 'over' THEN 1
	WHEN 'partial' THEN 0
	WHEN 'missed' THEN 0
	END AS implementation
FROM oracle.monitor AS m
JOIN oracle.monitor_calendar AS c USING (patient, monitor)
CROSS JOIN LATERAL (
	SELECT generate_series(start_date::timestamp, end_date::timestamp, interval '1 day')::date AS day) AS d;

SELECT is((SELECT count(*) FROM oracle.got_monitor_day), 3367::bigint, '3,367 monitor-days from the calendars');
SELECT is_empty(
	'SELECT patient, monitor, day, implementation FROM oracle.got_monitor_day
	EXCEPT SELECT patient, monitor, day, implementation FROM oracle.wanted_monitor_day',
	'each monitor-day of the calendars is one of the published ones');
SELECT is_empty(
	'SELECT patient, monitor, day, implementation FROM oracle.wanted_monitor_day
	EXCEPT SELECT patient, monitor, day, implementation FROM oracle.got_monitor_day',
	'each published monitor-day is one of the calendars''');

--
-- Days of patients
--

CREATE TABLE oracle.got_patient_day AS
SELECT patient, day, count(*)::integer AS monitors,
	CASE WHEN count(implementation) = count(*) THEN min(implementation) END AS implementation
FROM oracle.got_monitor_day
GROUP BY patient, day;

SELECT is((SELECT count(*) FROM oracle.got_patient_day), 2443::bigint, '2,443 patient-days from the calendars');
SELECT is_empty(
	'SELECT * FROM oracle.got_patient_day EXCEPT SELECT * FROM oracle.wanted_patient_day',
	'each patient-day of the calendars is one of the published ones');
SELECT is_empty(
	'SELECT * FROM oracle.wanted_patient_day EXCEPT SELECT * FROM oracle.got_patient_day',
	'each published patient-day is one of the calendars''');

--
-- The summary: the mean of the days that are not NULL, which are the days that
-- the patient's calendar excuses
--

CREATE TABLE oracle.patient_calendar AS
SELECT patient,
	coachiatry.adherence_agg(day, implementation = 1)
		OPERATOR(coachiatry.||) (coachiatry.adherence_agg(day, 'excused') FILTER (WHERE implementation IS NULL)) AS days
FROM oracle.got_patient_day
GROUP BY patient;

SELECT oracle.agree($$
	SELECT patient || ' ' || measure AS about, got, wanted
	FROM (SELECT patient, avg(implementation)::float8 AS mean, count(implementation)::float8 AS n,
			(count(*) - count(implementation))::float8 AS excused FROM oracle.wanted_patient_day GROUP BY patient) AS w
	JOIN oracle.patient_calendar USING (patient)
	CROSS JOIN LATERAL (VALUES
		('adherence_rate', coachiatry.adherence_rate(days), mean),
		('pdc', coachiatry.pdc(days), mean),
		('correct_dosing', coachiatry.correct_dosing(days), mean),
		('days_planned', coachiatry.days_planned(days)::float8, n),
		('days_excused', coachiatry.days_excused(days)::float8, excused)) AS v (measure, got, wanted)
	$$, 'a patient''s calendar gives the mean of the published patient-days');

--
-- Dose timing of the openings of each monitor
--

SELECT oracle.agree($$
	WITH step AS (
		SELECT patient, monitor, opened_at, opened_at - lag(opened_at) OVER w AS apart
		FROM oracle.opening
		WINDOW w AS (PARTITION BY patient, monitor ORDER BY opened_at)
	), middle AS (
		SELECT patient, monitor, percentile_cont(0.5) WITHIN GROUP (ORDER BY apart) AS median
		FROM step GROUP BY patient, monitor
	)
	SELECT patient || ' ' || monitor || ' ' || share AS about,
		coachiatry.interval_regularity(
			coachiatry.dose_timing_agg(opened_at AT TIME ZONE 'UTC', NULL), share) AS got,
		count(*) FILTER (WHERE extract(epoch FROM apart)
			BETWEEN extract(epoch FROM median) * (1 - share::text::numeric)
			AND extract(epoch FROM median) * (1 + share::text::numeric))::float8 / nullif(count(apart), 0) AS wanted
	FROM step
	JOIN middle USING (patient, monitor)
	CROSS JOIN (VALUES (0::float8), (0.05), (0.25), (1)) AS s (share)
	GROUP BY patient, monitor, share
	$$, 'interval_regularity of the openings is what plain SQL says');

\else

SELECT plan(1);
SELECT skip('no monitor data in ' || :'data');

\endif

SELECT * FROM finish();
ROLLBACK;
