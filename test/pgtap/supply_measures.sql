-- Refill measures over random histories, against their definitions counted day
-- by day, and laws that they keep.
\ir include/supply_reference.sql

SELECT plan(24);

-- Answers of a query with a column n are close to those of the reference.
CREATE FUNCTION oracle.same_but_noise(got float8, wanted float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(abs(got - wanted) <= 1e-9, got IS NULL AND wanted IS NULL)
$$;

--
-- CMA1 to CMA9
--

CREATE TABLE oracle.answer AS
SELECT patient, q, n, fs, fe, os, oe, same, dosage, wanted,
	cma(s, n::integer, daterange(os, oe), daterange(fs, fe), same, dosage) AS got
FROM oracle.question
JOIN oracle.history USING (patient)
CROSS JOIN LATERAL unnest(oracle.reference(patient, fs, fe, os, oe, same, dosage)) WITH ORDINALITY AS r (wanted, n);

SELECT is_empty(format('SELECT * FROM oracle.answer WHERE n = %s AND NOT oracle.same_but_noise(got, wanted)', n),
	format('CMA%s day by day [%s histories, %s defined]', n, count(*), count(wanted)))
FROM oracle.answer GROUP BY n ORDER BY n;

SELECT cmp_ok((SELECT min(defined) FROM (SELECT count(wanted) AS defined FROM oracle.answer GROUP BY n) AS c), '>', 30::bigint,
	'each measure was defined often enough to mean something');

-- With a window that starts and ends with follow-up, on the first day of dispensing
SELECT is_empty($$SELECT * FROM (
		SELECT patient, same, dosage, cma(s, 6, w, w, same, dosage) AS cma6, cma(s, 7, w, w, same, dosage) AS cma7,
			cma(s, 8, w, w, same, dosage) AS cma8, cma(s, 9, w, w, same, dosage) AS cma9
		FROM oracle.history
		CROSS JOIN LATERAL (SELECT daterange(first_dispensed(s), last_dispensed(s) + 1 + patient % 40)) AS window_ (w)
		CROSS JOIN (VALUES (false, false), (true, false), (false, true), (true, true)) AS f (same, dosage)) AS m
	WHERE NOT (oracle.same_but_noise(cma6, cma7) AND oracle.same_but_noise(cma7, cma8) AND oracle.same_but_noise(cma8, cma9))
		OR cma6 IS NULL$$, 'CMA6 = CMA7 = CMA8 = CMA9 where observation and followup start with the first dispensing');
SELECT is_empty('SELECT * FROM oracle.answer WHERE n >= 3 AND (got < 0 OR got > 1)', 'CMA3 to CMA9 lie between 0 and 1');
SELECT is_empty($$SELECT patient, q, n FROM oracle.question JOIN oracle.history USING (patient) CROSS JOIN generate_series(1, 9) AS n
	WHERE cma(s, n, daterange(fs, fe)) IS DISTINCT FROM cma(s, n, daterange(fs, fe), daterange(fs, fe), false, false)
		OR cma(s, n, daterange(fs, fe), NULL, NULL, NULL) IS DISTINCT FROM cma(s, n, daterange(fs, fe))$$,
	'followup is the observation, and options are false, where they are left out or NULL');

--
-- Covered days
--

SELECT is_empty($$SELECT patient, q, d.day, taken, stock FROM oracle.question
	JOIN oracle.history USING (patient)
	CROSS JOIN LATERAL to_adherence_days(covered_days(s, daterange(os, oe), daterange(fs, fe))) AS d
	LEFT JOIN LATERAL oracle.stock(patient, fs, oe, oe, false, false) AS r USING (day)
	WHERE (prescribed, taken, missed, excused) IS DISTINCT FROM
		(1, (stock > 1e-9)::integer, (stock <= 1e-9)::integer, 0)$$,
	'covered days are those that start with stock');
SELECT is_empty($$SELECT patient, q, days, got FROM oracle.question JOIN oracle.history USING (patient)
	CROSS JOIN LATERAL (SELECT days_planned(covered_days(s, daterange(os, oe), daterange(fs, fe))) AS days,
		cma(s, 7, daterange(os, oe), daterange(fs, fe)) AS got) AS c
	WHERE days IS DISTINCT FROM CASE WHEN got IS NOT NULL THEN oe - os END$$,
	'they are all days of the observation, and there are none where CMA7 is undefined');
SELECT is_empty($$SELECT patient, q, rate, got FROM oracle.question JOIN oracle.history USING (patient)
	CROSS JOIN LATERAL (SELECT adherence_rate(covered_days(s, daterange(os, oe), daterange(fs, fe))) AS rate,
		cma(s, 7, daterange(os, oe), daterange(fs, fe)) AS got) AS c
	WHERE patient % 3 = 0 AND NOT oracle.same_but_noise(rate, got)$$, 'with whole durations their rate is CMA7');

SELECT is_empty(format($$SELECT * FROM (
		SELECT patient, q, os, oe, pdc(s, daterange(os, oe), excused) AS got, oracle.days_covered(patient, os, oe, excused) AS wanted
		FROM oracle.question JOIN oracle.history USING (patient)
		CROSS JOIN LATERAL (SELECT %s AS excused) AS e) AS a
	WHERE NOT oracle.same_but_noise(got, wanted)$$, excused), 'proportion of days covered: ' || about)
FROM (VALUES (1, 'nothing excused', $$datemultirange()$$),
	(2, 'two stays', $$datemultirange(daterange(os + q * 3, os + q * 3 + 20), daterange(os + 60, os + 75))$$),
	(3, 'from some day on', $$datemultirange(daterange(NULL, os), daterange(os + 50, NULL))$$),
	(4, 'everything', $$datemultirange(daterange(NULL, NULL))$$)) AS v (number, about, excused)
ORDER BY number;

--
-- Episodes
--

CREATE TABLE oracle.episode AS
SELECT patient, q, fs, fe, same, dosage, max_gap, percent, change
FROM oracle.question
CROSS JOIN LATERAL (SELECT oracle.draw(ARRAY[0, 3, 10, 15, 30, 50, 100]::float8[], patient, q, 20) AS max_gap,
	oracle.draw(ARRAY[true, false], patient, q, 21) AS percent, oracle.draw(ARRAY[true, false], patient, q, 22) AS change) AS r;

SELECT is_empty($$SELECT patient, q, e.*, r.* FROM oracle.episode
	JOIN oracle.history USING (patient)
	CROSS JOIN LATERAL (SELECT array_agg(t ORDER BY t.episode) AS got
		FROM treatment_episodes(s, max_gap, daterange(fs, fe), percent, same, dosage, change) AS t) AS e
	CROSS JOIN LATERAL (SELECT array_agg((r.episode, daterange(start, start + floor(duration)::integer), duration, end_gap) ORDER BY r.episode)
		AS wanted FROM (SELECT episode, start, round(duration::numeric, 8)::float8 AS duration, end_gap
			FROM oracle.episodes(patient, fs, fe, max_gap, percent, same, dosage, change)) AS r) AS r
	WHERE (SELECT array_agg((t.episode, t.during, round(t.duration::numeric, 8)::float8, t.end_gap) ORDER BY t.episode) FROM unnest(got) AS t
		(episode integer, during daterange, duration float8, end_gap integer)) IS DISTINCT FROM wanted$$, 'episodes day by day');
SELECT cmp_ok((SELECT count(*) FROM oracle.episode JOIN oracle.history USING (patient)
	CROSS JOIN LATERAL treatment_episodes(s, max_gap, daterange(fs, fe), percent, same, dosage, change)), '>', 100::bigint,
	'there were episodes to compare');

--
-- Sliding windows
--

SELECT is_empty($$SELECT patient, q, n, during, cma FROM oracle.question
	JOIN oracle.history USING (patient)
	CROSS JOIN generate_series(1, 9, 2) AS n
	CROSS JOIN LATERAL cma_sliding(s, n, 20 + q, 5 + q, daterange(os, oe), daterange(fs, fe))
	WHERE cma IS DISTINCT FROM cma(s, n, during, daterange(fs, fe))$$, 'each window is asked as it stands');
SELECT is_empty($$SELECT patient, q, got, wanted FROM oracle.question
	JOIN oracle.history USING (patient)
	CROSS JOIN LATERAL (SELECT array_agg(during ORDER BY during) AS got
		FROM cma_sliding(s, 7, 20 + q, 5 + q, daterange(os, oe), daterange(fs, fe))) AS g
	CROSS JOIN LATERAL (SELECT array_agg(daterange(start::date, start::date + 20 + q) ORDER BY start) AS wanted
		FROM generate_series(os, oe - 20 - q, make_interval(days => 5 + q)) AS start) AS w
	WHERE got IS DISTINCT FROM wanted$$, 'they start a step after each other and fit into the observation');

SELECT * FROM finish();
ROLLBACK;
