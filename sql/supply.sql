-- Refill histories: exact text of values, results and errors. The extension is
-- loaded; behaviour over random data is in test/pgtap/supply_*.sql.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';
SET extra_float_digits TO 1;

--
-- Text
--
SELECT 'empty'::supply;
SELECT ' Empty '::supply;
SELECT '2026-01-05 30 days'::supply;
SELECT '2026-01-05 1 days at 0.10 a day of "sertraline 50 mg",2026-01-05  3.00e1  DAY'::supply;
-- sorted: by day, medication, dose, duration, what is not known last; equal ones kept
SELECT '2026-02-04 7.5 days, 2026-01-05 30 days, 2026-01-05 30 days of "b", 2026-01-05 30 days of "a", 2026-01-05 30 days at 2 a day of "a",
	2026-01-05 14 days at 2 a day of "a", 2026-01-05 30 days at 1 a day of "a", 2026-01-05 30 days of "B", 2026-01-05 30 days of ""'::supply;
SELECT '2026-01-05 2 days, 2026-01-05 2 days, 2026-01-05 1 day'::supply;
-- a quotation mark is doubled; all else stands as it is
SELECT '2026-01-05 30 days of "5"" x 3"", \ it''s, ü"'::supply;
-- as few digits as read back exactly, and the ends of the ranges
SELECT '2026-01-05 0.1 days at 0.30000000000000004 a day, 2026-01-06 33.333333333333336 days at 1e-7 a day'::supply;
SELECT '4714-11-24 BC 1.7976931348623157e308 days at 5e-324 a day, 5874897-12-31 1 day'::supply;
-- the same whatever the settings are
SET datestyle TO 'SQL, DMY';
SET extra_float_digits TO -15;
SELECT supply_agg('05/01/2026', 33.3, 0.1, 'a');
SET datestyle TO 'ISO, YMD';
SET extra_float_digits TO 1;
-- what is no supply
SELECT ''::supply;
SELECT 'nonsense'::supply;
SELECT '2026-01-05'::supply;
SELECT '2026-01-05 30'::supply;
SELECT '2026-01-05 30 days,'::supply;
SELECT '2026-01-05 30 days of sertraline'::supply;
SELECT '2026-01-05 30 days of "sertraline'::supply;
SELECT '2026-01-05 30 days at 2 of "a"'::supply;
SELECT '2026-01-05 0x1F days'::supply;
SELECT 'empty, 2026-01-05 30 days'::supply;
SELECT '2026-01-05 30 days and after that quite a few more words than a message shows'::supply;
SELECT '2026-02-29 30 days'::supply;
SELECT 'infinity 30 days'::supply;
SELECT '2026-01-05 0 days'::supply;
SELECT '2026-01-05 -1 days'::supply;
SELECT '2026-01-05 1e309 days'::supply;
SELECT '2026-01-05 NaN days'::supply;
SELECT '2026-01-05 30 days at 0 a day'::supply;
SELECT '2026-01-05 30 days at Infinity a day'::supply;

--
-- Binary
--
SELECT supply_send('empty');
SELECT supply_send('2000-01-02 1.5 days, 2000-01-01 1 day at 2 a day of "a"');

--
-- jsonb
--
SELECT 'empty'::supply::jsonb;
SELECT '2026-02-04 7.5 days, 2026-01-05 0.30000000000000004 days at 1e-7 a day of "a"'::supply::jsonb;
SELECT '[]'::jsonb::supply;
SELECT '[{"days_supply": 7.5, "dispensed": "2026-02-04"}, {"dispensed": "2026-01-05", "days_supply": 30.0, "daily_dose": null, "medication": "a"}]'::jsonb::supply;
SELECT '{}'::jsonb::supply;
SELECT '1'::jsonb::supply;
SELECT '[1]'::jsonb::supply;
SELECT '[[]]'::jsonb::supply;
SELECT '[{}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05"}]'::jsonb::supply;
SELECT '[{"dispensed": null, "days_supply": 1}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05", "days_supply": "30"}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05", "days_supply": [30]}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05", "days_supply": 30, "medication": 1}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05", "days_supply": 30, "drug": "a"}]'::jsonb::supply;
SELECT '[{"dispensed": "yesterday", "days_supply": 30}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-02-30", "days_supply": 30}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05", "days_supply": 0}]'::jsonb::supply;
SELECT '[{"dispensed": "2026-01-05", "days_supply": 1, "daily_dose": 1e400}]'::jsonb::supply;

--
-- Aggregates and merge
--
CREATE TEMPORARY TABLE dispensing (person text, day date, days_supply float8, daily_dose float8, medication text);
INSERT INTO dispensing VALUES
	('Ada', '2026-01-01', 30, 1, 'sertraline'), ('Ada', '2026-02-10', 30, 1, 'sertraline'),
	('Ada', '2026-03-02', 30, 2, 'sertraline'), ('Ada', '2026-05-01', 30, NULL, NULL),
	('Ben', NULL, 30, 1, 'lithium'), ('Ben', '2026-01-01', NULL, 1, 'lithium'),
	('Cem', '2026-01-01', 90, 1, 'lithium'), ('Cem', '2026-01-11', 10, 1, 'quetiapine');
CREATE TEMPORARY TABLE history AS
SELECT person, supply_agg(day, days_supply, daily_dose, medication) AS s FROM dispensing GROUP BY person;
SELECT * FROM history ORDER BY person;
SELECT person, supply_agg(day, days_supply), supply_agg(day, days_supply, daily_dose) FROM dispensing GROUP BY person ORDER BY person;
SELECT rollup(s) = supply_agg FROM history, (SELECT supply_agg(day, days_supply, daily_dose, medication) FROM dispensing) AS d GROUP BY supply_agg;
SELECT supply_agg(day, days_supply) FROM dispensing WHERE false;
SELECT rollup(s) FROM history WHERE s IS NULL;
SELECT rollup('empty'::supply);
SELECT '2026-01-05 30 days of "b"'::supply || '2026-01-05 30 days of "a", 2026-01-05 30 days of "b"';
SELECT '2026-01-05 30 days'::supply || NULL, NULL || 'empty'::supply, NULL::supply || NULL;
SELECT supply_agg('infinity', 30);
SELECT supply_agg('-infinity', 30, 1);
SELECT supply_agg('2026-01-05', 0);
SELECT supply_agg('2026-01-05', 'NaN');
SELECT supply_agg('2026-01-05', 30, -1);
SELECT supply_agg('2026-01-05', 30, 'Infinity', 'a');
SELECT person, first_dispensed(s), last_dispensed(s) FROM history ORDER BY person;
SELECT first_dispensed('empty'), last_dispensed('empty');
SELECT person, d.* FROM history, to_dispensings(s) AS d ORDER BY person;

--
-- Measures
--
SELECT n, round(cma(s, n, '[2026-01-01,2026-06-01)')::numeric, 6) AS "from the start",
	round(cma(s, n, '[2026-02-20,2026-06-01)', '[2026-01-01,2026-07-01)')::numeric, 6) AS later,
	round(cma(s, n, '[2026-02-20,2026-06-01)', '[2026-01-01,2026-07-01)', true)::numeric, 6) AS "same medication",
	round(cma(s, n, '[2026-02-20,2026-06-01)', '[2026-01-01,2026-07-01)', false, true)::numeric, 6) AS dosage
FROM history, generate_series(1, 9) AS n WHERE person = 'Ada' ORDER BY n;
-- a window that ends before it starts to be followed up, is empty or NULL, or has no dispensings
SELECT cma(s, 7, '[2026-01-01,2026-06-01)', '[2026-02-01,2026-06-01)'), cma(s, 7, 'empty'), cma(s, 7, '[2026-01-01,2026-06-01)', 'empty'),
	cma(s, 7, NULL), cma(s, NULL, '[2026-01-01,2026-06-01)'), cma(NULL, 7, '[2026-01-01,2026-06-01)'), cma('empty', 7, '(,)'),
	cma(s, 7, '[2025-01-01,2025-06-01)')
FROM history WHERE person = 'Ada';
-- old stock that outlasts the window: CMA8 has no meaning there
SELECT cma(s, 7, '[2026-02-01,2026-03-01)', '[2026-01-01,2026-04-01)'), cma(s, 8, '[2026-02-01,2026-03-01)', '[2026-01-01,2026-04-01)')
FROM history WHERE person = 'Cem';
-- more than float8 holds
SELECT cma(s, 2, w), cma(s, 4, w), cma(s, 6, w), cma(s, 9, w)
FROM (SELECT '2026-01-01 1.7e308 days, 2026-01-01 1.7e308 days'::supply, daterange('2026-01-01', '2026-02-01')) AS v (s, w);
SELECT cma('2026-01-01 1 day', 0, '[2026-01-01,2026-06-01)');
SELECT cma('2026-01-01 1 day', 10, '[2026-01-01,2026-06-01)');
SELECT cma('2026-01-01 1 day', 7, '[2026-01-01,)');
SELECT cma('2026-01-01 1 day', 7, '[2026-01-01,infinity)');
SELECT cma('2026-01-01 1 day', 7, '[2026-01-01,2026-06-01)', '(,2026-06-01)');
SELECT during, round(cma::numeric, 6) AS cma FROM history, cma_sliding(s, 7, 30, 15, '[2026-01-01,2026-04-01)') WHERE person = 'Ada';
SELECT * FROM cma_sliding('2026-01-01 1 day', 7, 91, 1, '[2026-01-01,2026-04-01)');
SELECT * FROM cma_sliding('2026-01-01 1 day', 7, 0, 1, '[2026-01-01,2026-04-01)');
SELECT * FROM cma_sliding('2026-01-01 1 day', 7, 1, 0, '[2026-01-01,2026-04-01)');
SELECT person, round(pdc(s, '[2026-01-01,2026-06-01)')::numeric, 6) AS pdc,
	round(pdc(s, '[2026-01-01,2026-06-01)', '{[2026-01-21,2026-02-05),[2026-03-01,)}')::numeric, 6) AS "in hospital"
FROM history ORDER BY person;
SELECT pdc(s, '[2027-01-01,2027-06-01)'), pdc(s, '[2026-01-01,2026-06-01)', '{(,)}'), pdc(s, 'empty'), pdc(s, NULL) FROM history WHERE person = 'Ada';
SELECT pdc('2026-01-01 1 day'::supply, '(,2026-06-01)');
SELECT person, covered_days(s, '[2026-01-01,2026-06-01)') FROM history ORDER BY person;
SELECT covered_days(s, '[2026-02-20,2026-04-10)', '[2026-01-01,2026-07-01)') FROM history WHERE person = 'Ada';
SELECT covered_days('2026-01-01 7.5 days', '[2026-01-01,2026-01-11)');
SELECT covered_days('2026-01-01 1 day', '[2026-01-01,2226-02-01)');
SELECT person, e.* FROM history, treatment_episodes(s, 15, '[2026-01-01,2026-07-01)') AS e ORDER BY person, episode;
SELECT person, e.* FROM history, treatment_episodes(s, 200, '[2026-01-01,2026-07-01)', true) AS e ORDER BY person, episode;
SELECT person, e.* FROM history, treatment_episodes(s, 100, '[2026-01-01,2026-07-01)', new_episode_on_medication_change => true) AS e
ORDER BY person, episode;
SELECT * FROM treatment_episodes('2026-01-01 1 day', -1, '[2026-01-01,2026-07-01)');
SELECT * FROM treatment_episodes('2026-01-01 1 day', 'NaN', '[2026-01-01,2026-07-01)');
SELECT * FROM treatment_episodes('2026-01-01 1 day', 1, '[2026-01-01,)');

--
-- Comparison and hashing
--
SELECT s < '2026-01-01 30 days of "a"'::supply, s = s, s <> s, s > 'empty'::supply, s <= s, s >= s || s FROM history WHERE person = 'Cem';
SELECT count(DISTINCT s), count(DISTINCT supply_hash(s)), min(supply_hash_extended(s, 0) & 4294967295) = min(supply_hash(s)::bigint & 4294967295)
FROM (VALUES ('2026-01-01 1 day of "a"'::supply), ('2026-01-01 1 day of "b"'), ('2026-01-01 1 day')) AS v (s);
SELECT amname, amvalidate(o.oid) FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcintype = 'supply'::regtype ORDER BY amname;
