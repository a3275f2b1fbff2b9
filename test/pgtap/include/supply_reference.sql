-- Random refill histories, and what the measures of a supply are by their
-- definitions, day by day in plain SQL: slow, and written without a look at the
-- extension's way, which walks over gaps.
--
-- oracle.dispensing  random dispensings of :patients patients
-- oracle.history     the same as supplies
-- oracle.question    windows to ask each patient about, and flags
-- oracle.reference   the answers of the definitions, CMA1 to CMA9
\if :{?patients}
\else
\set patients 90
\endif
\ir setup.sql

--
-- Histories
--

-- The i-th of some values, drawn for the keys.
CREATE FUNCTION oracle.draw(choice anyarray, VARIADIC keys integer[])
RETURNS anyelement
LANGUAGE sql STABLE AS $$
	SELECT choice[1 + floor(oracle.random(VARIADIC keys) * cardinality(choice))::integer]
$$;

-- A whole number from 0 on and below a limit.
CREATE FUNCTION oracle.below(most integer, VARIADIC keys integer[])
RETURNS integer
LANGUAGE sql STABLE AS $$
	SELECT floor(oracle.random(VARIADIC keys) * most)::integer
$$;

-- A third of the patients have whole durations only; doses and medications may be unknown. Gaps of 0 put several
-- dispensings on one day.
CREATE TABLE oracle.dispensing AS
SELECT patient, i, date '2024-01-20' + (sum(CASE WHEN i = 1 THEN 0 ELSE gap END) OVER (PARTITION BY patient ORDER BY i))::integer
	AS day, duration, dose, medication
FROM generate_series(1, :patients) AS patient
CROSS JOIN LATERAL generate_series(1, oracle.below(14, patient, 1)) AS i
CROSS JOIN LATERAL (SELECT
	oracle.draw(ARRAY[0, 0, 1, 3, 7, 10, 14, 28, 30, 30, 33, 60], patient, i, 2) AS gap,
	CASE WHEN patient % 3 = 0 THEN oracle.draw(ARRAY[1, 2, 7, 14, 28, 30, 30, 60, 90], patient, i, 3)
		ELSE oracle.draw(ARRAY[.25, .5, 1, 7, 7.5, 10.1, 14, 28, 29.5, 30, 33.3, 90], patient, i, 3) END::float8 AS duration,
	oracle.draw(ARRAY[NULL, .5, 1, 1, 2, 3], patient, i, 4)::float8 AS dose,
	oracle.draw(ARRAY[NULL, 'A', 'A', 'B', 'a', 'ä', ''], patient, i, 5) AS medication) AS drawn;

CREATE INDEX ON oracle.dispensing (patient, day);
ANALYZE oracle.dispensing;

CREATE TABLE oracle.history AS
SELECT patient, supply_agg(day, duration, dose, medication ORDER BY oracle.random(patient, i, 6)) AS s
FROM oracle.dispensing GROUP BY patient;

-- Windows that start and end anywhere, and often on the day of a dispensing.
CREATE TABLE oracle.question AS
SELECT patient, q, least(a, b) AS fs, greatest(a, b) + 1 AS fe,
	least(a, b) + oracle.below(greatest(a, b) - least(a, b) + 1, patient, q, 12) AS os,
	oracle.draw(ARRAY[false, true], patient, q, 14) AS same, oracle.draw(ARRAY[false, true], patient, q, 15) AS dosage
FROM generate_series(1, :patients) AS patient
CROSS JOIN generate_series(1, 4) AS q
CROSS JOIN LATERAL (
	SELECT coalesce((SELECT day FROM oracle.dispensing AS d WHERE d.patient = p.patient AND i = 1 + oracle.below(14, p.patient, q, 9)),
			date '2024-01-01' + oracle.below(60, p.patient, q, 10)) AS a,
		coalesce((SELECT day FROM oracle.dispensing AS d WHERE d.patient = p.patient AND i = 1 + oracle.below(14, p.patient, q, 11)),
			date '2024-02-01' + oracle.below(300, p.patient, q, 13)) AS b
	FROM (SELECT patient) AS p) AS ends;

ALTER TABLE oracle.question ADD oe date;
UPDATE oracle.question SET oe = CASE WHEN oracle.random(patient, q, 16) < .3 THEN fe
	ELSE os + 1 + oracle.below(fe - os, patient, q, 17) END;

--
-- Stock, day by day
--

-- What a patient has on each day from the start of follow-up to an end: dispensings from one day to another (both
-- included) are added as the day starts, one after the other; each first decides what becomes of the stock that it
-- finds. Then at most one day's supply is used. ends: the day on which the stock ends that is there after adding.
CREATE FUNCTION oracle.stock(whose integer, from_day date, to_day date, until_day date, same boolean, dosage boolean)
RETURNS TABLE (day date, stock float8, used float8, ends float8, dispensed boolean)
LANGUAGE plpgsql AS $$
DECLARE
	item record;
	last_dose float8;
	last_medication text;
	follows boolean = false;
BEGIN
	stock = 0;
	FOR n IN 0 .. until_day - from_day LOOP
		day = from_day + n;
		dispensed = false;
		ends = NULL;
		FOR item IN SELECT d.* FROM oracle.dispensing AS d WHERE d.patient = whose AND d.day = stock.day AND d.day <= to_day
			ORDER BY d.medication COLLATE "C", d.dose, d.duration
		LOOP
			IF follows AND same AND last_medication IS DISTINCT FROM item.medication THEN
				stock = 0;
			ELSIF follows AND dosage THEN
				stock = stock * coalesce(last_dose / item.dose, 1);
			END IF;
			stock = stock + item.duration;
			ends = greatest(ends, n + stock);
			last_dose = item.dose;
			last_medication = item.medication;
			follows = true;
			dispensed = true;
		END LOOP;
		used = least(1, stock);
		RETURN NEXT;
		stock = stock - used;
	END LOOP;
END
$$;

-- The dispensings of a window in the order of a supply.
CREATE FUNCTION oracle.inside(whose integer, from_day date, to_day date)
RETURNS TABLE (nth bigint, n bigint, day date, duration float8, dose float8, medication text)
LANGUAGE sql STABLE AS $$
	SELECT row_number() OVER (ORDER BY day, medication COLLATE "C", dose, duration), count(*) OVER (), day, duration, dose, medication
	FROM oracle.dispensing WHERE patient = whose AND day BETWEEN from_day AND to_day
$$;

--
-- CMA1 to CMA9
--

CREATE FUNCTION oracle.simple(whose integer, os date, oe date, OUT cma1 float8, OUT cma2 float8)
LANGUAGE sql STABLE AS $$
	SELECT sum(duration) FILTER (WHERE nth < n) / nullif(max(day) - min(day), 0), sum(duration) / nullif(oe - min(day), 0)
	FROM oracle.inside(whose, os, oe)
$$;

-- Covered days over the days of a time in which stock starts with the observation window.
CREATE FUNCTION oracle.fresh(whose integer, os date, oe date, same boolean, dosage boolean, OUT cma5 float8, OUT cma6 float8)
LANGUAGE sql STABLE AS $$
	SELECT (sum(used) FILTER (WHERE day >= f AND day < l)) / nullif(l - f, 0),
		(sum(used) FILTER (WHERE day >= f AND day < oe)) / nullif(oe - f, 0)
	FROM oracle.stock(whose, os, oe, oe, same, dosage), (SELECT min(day), max(day) FROM oracle.inside(whose, os, oe)) AS w (f, l)
	GROUP BY f, l
$$;

-- Share of a time (its ends counted in days from fs) that is covered: on a day that part is covered which is used first.
CREATE FUNCTION oracle.covered(whose integer, fs date, low float8, high float8, same boolean, dosage boolean)
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN bool_or(dispensed) THEN
		sum(greatest(0, least(day - fs + used, high) - greatest(day - fs, low))) / (high - low) END
	FROM oracle.stock(whose, fs, fs + floor(high)::integer, fs + floor(high)::integer, same, dosage)
$$;

CREATE FUNCTION oracle.cma8(whose integer, fs date, os date, oe date, same boolean, dosage boolean)
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN days > 0 AND starts < oe - fs THEN oracle.covered(whose, fs, starts, starts + days, same, dosage) END
	FROM (SELECT greatest(os - fs, max(ends)) AS starts FROM oracle.stock(whose, fs, os - 1, os, same, dosage)) AS old
	-- float8 rounds half to even, once the noise of the last bits is gone
	CROSS JOIN LATERAL (SELECT round(round((oe - fs - starts)::numeric, 6)::float8) AS days) AS length
$$;

-- Each day has the covered share of the interval between days of dispensing that it lies in.
CREATE FUNCTION oracle.cma9(whose integer, fs date, fe date, os date, oe date, same boolean, dosage boolean)
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN bool_or(dispensed AND day <= oe) THEN
		coalesce(sum(share) FILTER (WHERE day >= os AND day < oe), 0) / (oe - os) END
	FROM (
		SELECT day, dispensed, CASE WHEN nth > 0 THEN avg(used) OVER (PARTITION BY nth) END AS share
		FROM (
			SELECT day, dispensed, used, count(*) FILTER (WHERE dispensed) OVER (ORDER BY day) AS nth
			FROM oracle.stock(whose, fs, fe, fe, same, dosage)
			WHERE day < fe OR dispensed) AS days) AS shares
$$;

CREATE FUNCTION oracle.reference(whose integer, fs date, fe date, os date, oe date, same boolean, dosage boolean)
RETURNS float8[]
LANGUAGE sql STABLE AS $$
	SELECT ARRAY[cma1, cma2, CASE WHEN cma1 > 1 THEN 1 ELSE cma1 END, CASE WHEN cma2 > 1 THEN 1 ELSE cma2 END, cma5, cma6,
		oracle.covered(whose, fs, os - fs, oe - fs, same, dosage), oracle.cma8(whose, fs, os, oe, same, dosage),
		oracle.cma9(whose, fs, fe, os, oe, same, dosage)]
	FROM oracle.simple(whose, os, oe), (SELECT max(cma5) AS cma5, max(cma6) AS cma6 FROM oracle.fresh(whose, os, oe, same, dosage)) AS f
$$;

--
-- Episodes, and proportion of days covered
--

-- Days without supply after each dispensing, to the next one or the end of follow-up.
CREATE FUNCTION oracle.gaps_after(whose integer, fs date, fe date, same boolean, dosage boolean)
RETURNS TABLE (nth bigint, n bigint, day date, until date, duration float8, medication text, next_medication text, gap float8)
LANGUAGE sql STABLE AS $$
	SELECT nth, n, i.day, until, duration, medication, next_medication, round(coalesce(sum(1 - used), 0)::numeric, 9)::float8
	FROM (
		SELECT nth, n, day, lead(day, 1, fe) OVER w AS until, duration, medication, lead(medication) OVER w AS next_medication
		FROM oracle.inside(whose, fs, fe)
		WINDOW w AS (ORDER BY nth)) AS i
	LEFT JOIN oracle.stock(whose, fs, fe, fe, same, dosage) AS s ON s.day >= i.day AND s.day < until
	GROUP BY nth, n, i.day, until, duration, medication, next_medication
$$;

CREATE FUNCTION oracle.episodes(whose integer, fs date, fe date, max_gap float8, percent boolean, same boolean, dosage boolean,
	change boolean)
RETURNS TABLE (episode integer, start date, duration float8, end_gap integer)
LANGUAGE sql STABLE AS $$
	WITH item AS (
		SELECT *, round((CASE WHEN percent THEN duration * max_gap / 100 ELSE max_gap END)::numeric, 9)::float8 AS allowed
		FROM oracle.gaps_after(whose, fs, fe, same, dosage)
	), ending AS (
		SELECT *, nth = n OR gap > allowed OR (change AND medication IS DISTINCT FROM next_medication) AS is_last FROM item
	), numbered AS (
		SELECT *, 1 + count(*) FILTER (WHERE is_last) OVER (ORDER BY nth ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS number
		FROM ending
	)
	SELECT number::integer, min(day), max(until - fs - CASE WHEN nth = n AND gap < allowed THEN 0 ELSE gap END) FILTER (WHERE is_last)
			- (min(day) - fs), max(trunc(gap)) FILTER (WHERE is_last)::integer
	FROM numbered GROUP BY number
$$;

-- Each medication has its own stock, of which at most one day's supply is used on each day that is not excused.
CREATE FUNCTION oracle.days_covered(whose integer, os date, oe date, excused datemultirange)
RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
	stock jsonb = '{}';
	item record;
	first date = (SELECT min(day) FROM oracle.dispensing WHERE patient = whose AND day >= os AND day < oe);
	covered integer = 0;
	days integer = 0;
BEGIN
	FOR n IN 0 .. coalesce(oe - first, 0) - 1 LOOP
		FOR item IN SELECT coalesce('=' || medication, '') AS name, duration FROM oracle.dispensing
			WHERE patient = whose AND day = first + n
		LOOP
			stock = stock || jsonb_build_object(item.name, coalesce((stock ->> item.name)::numeric, 0) + item.duration::numeric);
		END LOOP;
		CONTINUE WHEN excused @> first + n;
		days = days + 1;
		covered = covered + (SELECT coalesce(bool_or(value::numeric > 0), false) FROM jsonb_each(stock))::integer;
		stock = (SELECT jsonb_object_agg(key, greatest(0, value::numeric - 1)) FROM jsonb_each(stock));
	END LOOP;
	RETURN covered::float8 / nullif(days, 0);
END
$$;
