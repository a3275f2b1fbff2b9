-- Refills: what the pharmacy gave out, and what that says of the year. The
-- fills are invented here, in the same way on every machine: every draw is a
-- hash of what it is about (person, fill, purpose).

\set ON_ERROR_STOP on
DROP TABLE IF EXISTS demo.dispensing;
CREATE TABLE demo.dispensing (
	person_id integer NOT NULL REFERENCES demo.person,
	day date NOT NULL,
	medication text NOT NULL,
	daily_dose float8 NOT NULL,
	days_supply float8 NOT NULL
);
COMMENT ON TABLE demo.dispensing IS 'Fills of an antidepressant as claims have them, one row a fill.';

-- A number in [0, 1).
CREATE FUNCTION demo.draw(what text, VARIADIC keys integer[])
RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN ('x' || left(encode(sha256(convert_to(what || keys::text, 'UTF8')), 'hex'), 8))::bit(32)::bigint
	/ 4294967296::float8;

-- How a person refills: days after the last fill has run out, give or take; with which fill it ends, the medication
-- changes, or the dose doubles. Every fifth person gets 90 days at a time.
WITH RECURSIVE habit AS (
	SELECT person_id, late, spread, switches, doubles,
		CASE WHEN stops THEN 2 + floor(8 * demo.draw('stop', person_id)) ELSE 99 END AS fills,
		CASE WHEN person_id % 5 = 0 THEN 90 ELSE 30 END AS days_supply
	FROM (
		SELECT person_id, (ARRAY[1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6])[1 + floor(13 * demo.draw('habit', person_id))::integer] AS kind
		FROM demo.person WHERE joined_on <= '2025-08-01'
	) AS p
	JOIN (VALUES (1, 1, 4, false, 99, 99), (2, -6, 4, false, 99, 99), (3, 12, 20, false, 99, 99), -- on time, early, late
		(4, 4, 8, true, 99, 99), (5, 2, 6, false, 5, 99), (6, 1, 6, false, 99, 4) -- stops, switches, doubles the dose
	) AS k (kind, late, spread, stops, switches, doubles) USING (kind)
), fill AS (
	SELECT person_id, 1 AS nth, date '2025-07-08' + floor(21 * demo.draw('first fill', person_id))::integer AS day FROM habit
	UNION ALL
	SELECT person_id, nth + 1, day + days_supply + late - spread + floor((2 * spread + 1) * demo.draw('fill', person_id, nth))::integer
	FROM fill JOIN habit USING (person_id)
	WHERE nth < fills AND day < '2026-06-30'
)
INSERT INTO demo.dispensing
SELECT person_id, day, CASE WHEN nth >= switches THEN 'venlafaxine' ELSE 'sertraline' END, CASE WHEN nth >= doubles THEN 2 ELSE 1 END,
	days_supply
FROM fill JOIN habit USING (person_id)
WHERE day < '2026-07-01';

DROP FUNCTION demo.draw(text, integer[]);

-- A year from the first fill on, in which the first 90 days only serve to know the stock.
CREATE OR REPLACE TEMPORARY VIEW refills AS
SELECT given_name AS person, s, followup, daterange(lower(followup) + 90, upper(followup)) AS observation
FROM (SELECT person_id, supply_agg(day, days_supply, daily_dose, medication) AS s FROM demo.dispensing GROUP BY person_id) AS d
JOIN demo.person USING (person_id)
CROSS JOIN LATERAL (SELECT daterange(first_dispensed(s), '2026-07-01') AS followup) AS f;

\echo '== Refills of an antidepressant, from the first fill to the end of June: every twelfth person, least covered first =='
SELECT person, (SELECT count(*) FROM to_dispensings(s)) AS fills, round(100 * pdc(s, followup)) AS "days covered, %",
	round(100 * cma(s, 2, followup)) AS "supply / time, %", count(*) AS episodes,
	CASE WHEN max(upper(during)) < upper(followup) THEN max(upper(during)) END AS "stopped on",
	sparkline(covered_days(s, followup), followup, 52) AS "each week"
FROM (SELECT *, row_number() OVER (ORDER BY cma(s, 7, followup), person) AS place FROM refills) AS placed
CROSS JOIN LATERAL treatment_episodes(s, 14, followup)
WHERE place % 12 = 1
GROUP BY person, place, s, followup
ORDER BY place;

\echo '== The same refills by ten measures, with stock as an amount where the dose changes =='
SELECT measure, what, round(100 * avg(value)::numeric, 1) AS "mean, %", round(100 * max(value)) AS "highest, %",
	count(*) FILTER (WHERE value >= 0.8) || ' of ' || count(value) AS "80 % or more"
FROM refills
CROSS JOIN LATERAL (
	SELECT 'CMA' || n AS measure, what, cma(s, n::integer, observation, followup, consider_dosage_change => true) AS value
	FROM unnest(ARRAY['supply but the last / first to last fill', 'supply / first fill to end', 'CMA1, at most 100 %', 'CMA2, at most 100 %',
		'covered share, first to last fill', 'covered share, first fill to end', 'covered share, with earlier stock',
		'covered share, after earlier stock', 'supply spread to the next fill']) WITH ORDINALITY AS w (what, n)
	UNION ALL
	SELECT 'PDC', 'days covered, first fill to end', pdc(s, observation)
) AS m
GROUP BY measure, what
ORDER BY measure;
