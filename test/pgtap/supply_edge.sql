-- Thirty hand-made patients, one boundary each, with what AdhereR 0.8.1 says of
-- them (see the README beside the data), and the fills that the Pharmacy
-- Quality Alliance publishes. The data stands outside this repository, in
-- ../shared/facts/cma_edge, or under another folder named with -v shared=...;
-- without it this is skipped.
--
-- Where AdhereR divides by zero the right answer is NULL, as it is for CMA8 of
-- a patient whose old stock outlasts the observation window: AdhereR says 0 of
-- those, though CMA7 says 1. Where several dispensings fall on one day AdhereR
-- takes them as they come, and a supply in its own order: that is patient 26.
\ir include/setup.sql
\if :{?shared}
\else
\set shared ../shared
\endif
\set data :shared /facts/cma_edge
\set there `test -r :'data'/events.csv && echo true || echo false`
\if :there

SELECT plan(54);

CREATE TABLE oracle.event (patient integer, day date, dose float8, class text, duration float8);
CREATE TABLE oracle.pqa_fill (example integer, drug text, day date, days_supply integer, first_dose date, last_dose date);
CREATE TABLE oracle.measure (patient integer, cma1 float8, cma2 float8, cma3 float8, cma4 float8, cma5 float8, cma6 float8,
	cma7 float8, cma8 float8, cma9 float8, run text);
CREATE TABLE oracle.single (patient integer, cma8 float8, status text, run text);
CREATE TABLE oracle.episode (patient integer, episode integer, start date, gap integer, duration float8, until date, run text);
CREATE TABLE oracle.sliding (patient integer, nth integer, start date, until date, cma1 float8, cma2 float8, cma3 float8,
	cma4 float8, cma5 float8, cma6 float8, cma7 float8, cma8 float8, cma9 float8, run text);

\set here `pwd`
\cd :data
\copy oracle.event FROM 'events.csv' (FORMAT csv, HEADER)
\copy oracle.pqa_fill FROM 'pqa_examples.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.measure ALTER run SET DEFAULT 'p1';
\copy oracle.measure (patient, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9) FROM 'edge__p1_default__cma.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.measure ALTER run SET DEFAULT 'p2';
\copy oracle.measure (patient, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9) FROM 'edge__p2_ow182_365__cma.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.measure ALTER run SET DEFAULT 'p3';
\copy oracle.measure (patient, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9) FROM 'edge__p3_ow182_365_samemed__cma.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.measure ALTER run SET DEFAULT 'p4';
\copy oracle.measure (patient, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9) FROM 'edge__p4_ow182_365_dosage__cma.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.measure ALTER run SET DEFAULT 'p5';
\copy oracle.measure (patient, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9) FROM 'edge__p5_ow182_365_both__cma.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.single ALTER run SET DEFAULT 'p2';
\copy oracle.single (patient, cma8, status) FROM 'edge__p2_ow182_365__cma8_single.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.single ALTER run SET DEFAULT 'p4';
\copy oracle.single (patient, cma8, status) FROM 'edge__p4_ow182_365_dosage__cma8_single.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.single ALTER run SET DEFAULT 'p5';
\copy oracle.single (patient, cma8, status) FROM 'edge__p5_ow182_365_both__cma8_single.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.episode ALTER run SET DEFAULT 't1';
\copy oracle.episode (patient, episode, start, gap, duration, until) FROM 'edge__t1_gap90__episodes.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.episode ALTER run SET DEFAULT 't5';
\copy oracle.episode (patient, episode, start, gap, duration, until) FROM 'edge__t5_gap100percent__episodes.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.sliding ALTER run SET DEFAULT 'p1';
\copy oracle.sliding (patient, nth, start, until, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma9) FROM 'edge__s1_90_30__p1_default__sliding.csv' (FORMAT csv, HEADER)
ALTER TABLE oracle.sliding ALTER run SET DEFAULT 'p2';
\copy oracle.sliding (patient, nth, start, until, cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9) FROM 'edge__s1_90_30__p2_ow182_365__sliding.csv' (FORMAT csv, HEADER)
\cd :here

SELECT results_eq(
	'SELECT (SELECT count(*)::integer FROM oracle.event), (SELECT count(*)::integer FROM oracle.measure),
		(SELECT count(*)::integer FROM oracle.single), (SELECT count(*)::integer FROM oracle.pqa_fill)',
	'VALUES (76, 150, 90, 13)', 'the data is whole: 76 dispensings, 5 runs of 30 patients, 13 published fills');

-- To 1e-9, as AdhereR computes in another order.
CREATE FUNCTION oracle.close(got float8, wanted float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(abs(got - wanted) <= 1e-9, got IS NULL AND wanted IS NULL)
$$;

CREATE TABLE oracle.patient AS
SELECT patient, supply_agg(day, duration, dose, class) AS s, daterange(min(day), min(day) + 730) AS followup
FROM oracle.event GROUP BY patient;

CREATE TABLE oracle.run (run text, early integer, days integer, same boolean, dosage boolean);
INSERT INTO oracle.run VALUES ('p1', 0, 730, false, false), ('p2', 182, 365, false, false), ('p3', 182, 365, true, false),
	('p4', 182, 365, false, true), ('p5', 182, 365, true, true);

--
-- Measures
--

-- What AdhereR says, one measure a row, and what is right where it divides by zero or ends too late.
CREATE TABLE oracle.wanted AS
SELECT run, patient, n, CASE
		WHEN value IN ('Infinity', 'NaN') OR n = 4 AND m.cma2 = 'Infinity' THEN NULL
		WHEN n = 8 AND m.cma7 = 1 AND coalesce(single.cma8, m.cma8) = 0 THEN NULL
		WHEN n = 8 THEN coalesce(single.cma8, m.cma8)
		WHEN (run, patient, n) = ('p4', 26, 9) THEN .067164179104477612
		ELSE value END AS value
FROM oracle.measure AS m
LEFT JOIN oracle.single USING (run, patient)
CROSS JOIN LATERAL unnest(ARRAY[cma1, cma2, cma3, cma4, cma5, cma6, cma7, m.cma8, cma9]) WITH ORDINALITY AS v (value, n);

CREATE TABLE oracle.answer AS
SELECT run, patient, n, s, observation, followup, cma(s, n::integer, observation, followup, same, dosage) AS got, value AS wanted
FROM oracle.wanted
JOIN oracle.run USING (run)
JOIN oracle.patient USING (patient)
CROSS JOIN LATERAL (SELECT daterange(lower(followup) + early, lower(followup) + early + days) AS observation) AS o;

SELECT is_empty(format('SELECT patient, n, got, wanted FROM oracle.answer WHERE run = %L AND n = %s AND NOT oracle.close(got, wanted)',
	run, n), format('run %s, CMA%s: [%s defined]', run, n, (SELECT count(got) FROM oracle.answer AS a WHERE (a.run, a.n) = (r.run, r.n))))
FROM (SELECT DISTINCT run, n FROM oracle.answer) AS r
ORDER BY run, n;

SELECT set_eq($$SELECT run, patient FROM oracle.answer WHERE n = 8 AND got IS NULL AND observation <> followup
		AND cma(s, 7, observation, followup) IS NOT NULL$$,
	$$VALUES ('p2', 2), ('p2', 15), ('p2', 21), ('p3', 2), ('p3', 15), ('p3', 21), ('p4', 2), ('p4', 15), ('p4', 21),
		('p5', 2), ('p5', 15), ('p5', 21)$$,
	'CMA8 is undefined though CMA7 is not only where old stock outlasts the observation window');

-- The calendar of covered days says what CMA7 says
SELECT is_empty($$SELECT run, patient, got, rate FROM oracle.answer
	CROSS JOIN LATERAL (SELECT adherence_rate(covered_days(s, observation, followup)) AS rate) AS c
	WHERE run IN ('p1', 'p2') AND n = 7 AND patient <> 27 AND NOT oracle.close(got, rate)$$,
	'with whole durations, the rate of the covered days is CMA7');

--
-- Episodes: an episode that goes on to the end has that as its last day; durations are whole here
--

CREATE TABLE oracle.episode_answer AS
SELECT run, patient, e.*
FROM (VALUES ('t1', 90, false), ('t5', 100, true)) AS r (run, max_gap, percent), oracle.patient
CROSS JOIN LATERAL treatment_episodes(s, max_gap, followup, percent) AS e;

SELECT set_eq(
	format('SELECT patient, episode, during, duration, end_gap FROM oracle.episode_answer WHERE run = %L', run),
	format('SELECT patient, episode, daterange(start, until), duration, gap FROM oracle.episode WHERE run = %L', run),
	'episodes of run ' || run)
FROM unnest(ARRAY['t1', 't5']) AS run;

--
-- Sliding windows of 90 days every 30
--

CREATE TABLE oracle.sliding_answer AS
SELECT run, patient, n, lower(during) AS start, upper(during) AS until, cma AS got
FROM (SELECT DISTINCT run, patient, observation, followup, s FROM oracle.answer WHERE run IN ('p1', 'p2')) AS a
CROSS JOIN generate_series(1, 9) AS n
CROSS JOIN LATERAL cma_sliding(s, n, 90, 30, observation, followup);

CREATE TABLE oracle.sliding_wanted AS
SELECT run, patient, n, start, until, CASE
		WHEN value IN ('Infinity', 'NaN') OR n = 4 AND cma2 = 'Infinity' THEN NULL
		WHEN n = 8 AND cma7 = 1 AND value = 0 THEN NULL
		ELSE value END AS wanted
FROM oracle.sliding
CROSS JOIN LATERAL unnest(ARRAY[cma1, cma2, cma3, cma4, cma5, cma6, cma7, cma8, cma9]) WITH ORDINALITY AS v (value, n);

SELECT is_empty(format($$SELECT patient, n, start, until, got, wanted
		FROM oracle.sliding_answer FULL JOIN oracle.sliding_wanted USING (run, patient, n, start, until)
		WHERE run = %L AND (start IS NULL OR NOT oracle.close(got, wanted)) AND NOT (run = 'p1' AND n = 8)$$, run),
	'sliding windows of run ' || run)
FROM unnest(ARRAY['p1', 'p2']) AS run;

SELECT set_eq('SELECT run, patient, n, start, until FROM oracle.sliding_answer',
	'SELECT run, patient, n, start, until FROM oracle.sliding_wanted', 'the same windows');

--
-- Published fills: after each day, as many days are covered as the published ones up to then
--

CREATE TABLE oracle.pqa AS
SELECT example, supply_agg(day, days_supply, NULL, drug) AS s FROM oracle.pqa_fill GROUP BY example;

CREATE TABLE oracle.pqa_day AS
SELECT example, s, first_dispensed(s) AS start, day::date
FROM oracle.pqa, generate_series(first_dispensed(s), '2018-12-31', interval '1 day') AS day;

SELECT is_empty($$SELECT example, day, got, wanted FROM (
		SELECT example, day, pdc(s, daterange(start, day + 1)) * (day + 1 - start) AS got, (
			SELECT count(DISTINCT covered) FROM oracle.pqa_fill AS f
			CROSS JOIN LATERAL generate_series(first_dose, least(last_dose, d.day), interval '1 day') AS covered
			WHERE f.example = d.example) AS wanted
		FROM oracle.pqa_day AS d) AS days
	WHERE NOT oracle.close(got, wanted)$$, 'the published fills cover the published days');

\else
SELECT plan(1);
SELECT skip('no ' || :'data');
\endif

SELECT * FROM finish();
ROLLBACK;
