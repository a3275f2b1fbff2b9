-- The adherence calendar: exact text of values, results, errors and plans. The
-- extension is loaded; behaviour over random people is in test/pgtap.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';

--
-- Text
--
SELECT 'empty'::adherence;
SELECT '2026-01-05: +5 .2 + - ?3 (2,1,1) (0,0,0,2)3'::adherence;
-- a sign for each common day
SELECT '2026-01-05: (1,1) (1,0,1) (1) (0) (0,0,0,1) (0,1)'::adherence;
-- trailing zero counts are left out, but for the first
SELECT '2026-01-05: (2,0,0,0) (2,2,0,0) (2,0,1,0) (2,0,0,1) (0,2) (0,0,1) (1,1,1,1) (99,99,99,99)'::adherence;
-- what is not canonical becomes so
SELECT '2026-01-05: + +2 - -3 (1,1) +'::adherence;
SELECT ' 2026-01-05:  .2  +   .  - .4 '::adherence;
SELECT '2026-01-05: .9'::adherence;
-- years of five digits, before Christ, leap days, the first and the last day
SELECT day::adherence FROM unnest(ARRAY['0044-03-15 BC: +', '0001-12-31 BC: +2', '0001-12-31 BC: . +',
	'0005-02-29 BC: +', '2024-02-28: . +',
	'9999-12-31: +2', '9999-12-31: . +', '4714-11-24 BC: +', '5874897-12-31: +']) AS day;
-- the same whatever DateStyle is
SET datestyle TO 'SQL, DMY';
SELECT '2026-02-01: +'::adherence, '2026-02-01: +'::adherence::jsonb;
SET datestyle TO 'ISO, YMD';
-- the longest there is
SELECT '1900-01-01: +73050'::adherence, days_planned('1900-01-01: + .73048 +'::adherence);

-- what is no calendar
SELECT ''::adherence;
SELECT 'nonsense'::adherence;
SELECT '2026-01-05'::adherence;
SELECT '2026-01-05 +'::adherence;
SELECT '2026-01-05: a'::adherence;
SELECT '2026-01-05: + 5'::adherence;
SELECT '2026-01-05: (1'::adherence;
SELECT '2026-01-05: ()'::adherence;
SELECT '2026-01-05: (1,2,3,4,5)'::adherence;
SELECT '2026-01-05: (-1)'::adherence;
SELECT 'empty +'::adherence;
SELECT '2026-01-05: + and after that quite a few more words than a message would want to show of it'::adherence;
SELECT '2026-02-29: +'::adherence;
SELECT '2026-13-01: +'::adherence;
SELECT '2026-01-05: (100)'::adherence;
SELECT '2026-01-05: +73051'::adherence;

--
-- Jsonb
--
SELECT '2026-01-05: + . (2,1,1)'::adherence::jsonb;
SELECT 'empty'::adherence::jsonb;
SELECT '0044-03-15 BC: +'::adherence::jsonb;
SELECT '{"from": "2026-01-05", "days": [[1, 1, 0, 0], [0, 0, 0, 0], [2, 1, 1, 0], [0, 0, 0, 0]]}'::jsonb::adherence;
SELECT '{"from": null, "days": []}'::jsonb::adherence;
SELECT '[]'::jsonb::adherence;
SELECT '{"from": "2026-01-05"}'::jsonb::adherence;
SELECT '{"from": null, "days": [[1, 1, 0, 0]]}'::jsonb::adherence;
SELECT '{"from": "2026-01-05", "days": [[1, 1, 0]]}'::jsonb::adherence;
SELECT '{"from": "2026-01-05", "days": [[1, "1", 0, 0]]}'::jsonb::adherence;
SELECT '{"from": "2026-01-05", "days": [[1, 1, 0, 0]], "until": "2026-01-06"}'::jsonb::adherence;
SELECT '{"from": "2026-02-30", "days": [[1, 1, 0, 0]]}'::jsonb::adherence;
SELECT '{"from": "today", "days": [[1, 1, 0, 0]]}'::jsonb::adherence;
SELECT '{"from": "2026-01-05", "days": [[1, 1, 0, 0], [100, 1, 0, 0]]}'::jsonb::adherence;
SELECT '{"from": "2026-01-05", "days": [[-1, 1, 0, 0]]}'::jsonb::adherence;
-- there is no cast to json, and none is implicit
SELECT '2026-01-05: +'::adherence::json;
SELECT castsource::regtype, casttarget::regtype, castcontext
FROM pg_cast
WHERE 'adherence'::regtype IN (castsource, casttarget)
ORDER BY 1, 2;
-- so row_to_json() and its like write the text form
SELECT row_to_json(r) FROM (SELECT '2026-01-05: + -'::adherence AS calendar) AS r;

--
-- Aggregates
--
SELECT adherence_agg(day, taken), adherence_agg(day, taken::integer, 1), adherence_agg(day, 1, taken::integer, 0),
	longest_streak(day, taken), current_streak(day, taken), adherence_rate(day, taken)
FROM (VALUES ('2026-01-07'::date, true), ('2026-01-05', true), ('2026-01-05', false), ('2026-01-06', NULL),
	(NULL, true), ('2026-01-08', true)) AS v (day, taken);
SELECT adherence_agg(day, status)
FROM (VALUES ('2026-01-05'::date, 'taken'), ('2026-01-06', 'missed'), ('2026-01-07', 'unrecorded'),
	('2026-01-08', 'excused'), ('2026-01-09', 'extra')) AS v (day, status);
SELECT adherence_agg(day, true), longest_streak(day, true), current_streak(day, true), adherence_rate(day, true)
FROM unnest('{}'::date[]) AS day;
SELECT adherence_agg('2026-01-05', 0, 0, 0);
SELECT rollup(calendar::adherence)
FROM unnest(ARRAY['2026-01-05: + -', NULL, '2026-01-06: ? +', 'empty', '2026-01-01: x']) AS calendar;
SELECT adherence_agg('infinity', true);
SELECT adherence_agg('-infinity', true);
SELECT adherence_agg(day, true) FROM unnest('{2026-01-05,2226-01-07}'::date[]) AS day;
SELECT adherence_agg('2026-01-05', true) FROM generate_series(1, 100);
SELECT adherence_agg('2026-01-05', -1, 0);
SELECT adherence_agg('2026-01-05', 100, 100);
SELECT adherence_agg('2026-01-05', 'done');
-- a sliding frame
SELECT day, adherence_agg(day, taken) OVER week, longest_streak(day, taken) OVER week AS longest,
	current_streak(day, taken) OVER week AS current,
	round(adherence_rate(day, taken) OVER week::numeric, 3) AS rate
FROM (SELECT '2026-01-05'::date + n AS day, n % 4 > 0 AS taken FROM generate_series(0, 9) AS n) AS rows
WINDOW week AS (ORDER BY day ROWS 2 PRECEDING);

--
-- Algebra
--
SELECT '2026-01-05: + -'::adherence || '2026-01-06: + -' AS merged,
	'2026-01-05: + (2,1,1)'::adherence - '2026-01-06: -' AS rest,
	'2026-01-05: +'::adherence - '2026-01-05: +' AS nothing, '2026-01-05: +'::adherence || NULL AS one,
	NULL - '2026-01-05: +'::adherence AS unknown;
SELECT prefer('2026-01-05: + - ? x', '2026-01-05: - + + +2'), prefer('2026-01-05: +', NULL),
	prefer(NULL, '2026-01-05: +');
SELECT clip('2026-01-05: +9'::adherence, '[2026-01-07,2026-01-10)'), clip('2026-01-05: +9'::adherence, 'empty'),
	clip('2026-01-05: +9'::adherence, NULL), clip('2026-01-05: +9'::adherence, '[2026-01-11,infinity)');
SELECT shift('2026-01-05: +9', 27), shift('2026-01-05: +9', -2000), shift('2026-01-05: +9', -800000), shift('empty', 1);
SELECT '2026-01-05: + (98)'::adherence || '2026-01-06: (2)';
SELECT '2026-01-05: + -'::adherence - '2026-01-06: +';
SELECT '1900-01-01: +'::adherence || '2100-01-02: +';
SELECT prefer(ARRAY['2026-01-05: + -', NULL, '2026-01-06: + +2']::adherence[]), planned_as_recorded('2026-01-05: ?2 *2 (0,2,1) x');
SELECT together(ARRAY['2026-01-05: + - ? x + (1,2) ?', NULL, '2026-01-05: (2,2) + - + *2 ? x .2 x']::adherence[]) AS tasks,
	together(ARRAY['empty', '1999-12-30: +', 'empty']::adherence[]) AS one, together('{empty}') AS nothing, together(ARRAY[NULL]::adherence[]) AS none;
SELECT together(ARRAY['2026-01-05: (60,60)', '2026-01-05: (60,50,20)']::adherence[]) AS most,
	together(ARRAY['2026-01-06: + x', '2026-01-05: x +', '2026-01-05: *2']::adherence[]) AS excused;
SELECT together(ARRAY['1900-01-01: +', '2100-01-02: +']::adherence[]);
SELECT prefer('1900-01-01: +', '2100-01-02: +');
SELECT shift('2026-01-05: +', 2147483647);

--
-- Questions
--
CREATE TABLE person (calendar adherence);
INSERT INTO person VALUES ('2026-01-05: +3 - + .2 (2,1,1) + x2 ? * (1,2) +2 -3 + ?');
SELECT * FROM person, to_adherence_days(calendar);
SELECT longest_streak(calendar), longest_streak(calendar, grace => 1), longest_streak(calendar, threshold => 0.5),
	longest_streak(calendar, skip_unrecorded => true),
	longest_streak(calendar, over_adheres => false), longest_streak(calendar, '[2026-01-06,2026-01-08)') FROM person;
SELECT as_of::date, current_streak(calendar, as_of::date), current_streak(calendar, as_of::date, grace => 3),
	current_streak(calendar, as_of::date, skip_unrecorded => true)
FROM person, generate_series('2026-01-04'::date, '2026-01-27', '1 day') AS as_of;
SELECT s.* FROM person, streaks(calendar) AS s;
SELECT s.* FROM person, streaks(calendar, '[2026-01-06,2026-01-20)', grace => 1) AS s;
SELECT g.* FROM person, gaps(calendar) AS g;
SELECT g.* FROM person, gaps(calendar, min_days => 2, skip_unrecorded => true) AS g;
SELECT p.* FROM person, phases(calendar, 3, '2026-01-26') AS p;
SELECT p.* FROM person, phases(calendar, 4, '2026-01-26') AS p;
SELECT p.* FROM phases('2026-01-05: -3', 1, '2026-01-26') AS p;
SELECT initiated_on(calendar), persistence_days(calendar, 3, '2026-01-26'), persistence_days(calendar, 4, '2026-01-26')
FROM person;
SELECT round(adherence_rate(calendar)::numeric, 4) AS rate,
	round(adherence_rate(calendar, skip_unrecorded => true)::numeric, 4) AS recorded,
	round(pdc(calendar)::numeric, 4) AS pdc, round(pdc(calendar, threshold => 0.5)::numeric, 4) AS pdc_half,
	round(correct_dosing(calendar)::numeric, 4) AS correct
FROM person;
SELECT round(low::numeric, 4) AS low, round(high::numeric, 4) AS high, round(completeness::numeric, 4) AS completeness
FROM person, adherence_bounds(calendar);
SELECT days_planned(calendar), days_adherent(calendar), days_missed(calendar), days_unrecorded(calendar),
	days_over(calendar), days_excused(calendar) FROM person;
SELECT n AS weekday, round(rate::numeric, 4) AS rate FROM person, unnest(weekday_rates(calendar)) WITH ORDINALITY AS w (rate, n);
SELECT r.day, round(r.rate::numeric, 4) AS rate FROM person, rolling_rate(calendar, 3, '[2026-01-08,2026-01-18)') AS r;
SELECT w.* FROM person, weeks(calendar, 3) AS w;
SELECT weekly_streak(calendar, '2026-01-18', 3), weekly_streak(calendar, '2026-01-26', 3),
	weekly_streak(calendar, '2026-02-02', 3) FROM person;
SELECT round(habit_score(calendar, '2026-01-26')::numeric, 6) AS daily,
	round(habit_score(calendar, '2026-01-26', 3)::numeric, 6) AS three_a_week
FROM person;
SELECT longest_streak('empty'::adherence), adherence_rate('empty'::adherence), days_planned('empty'::adherence),
	weekday_rates('empty'), phases('empty', 3, '2026-01-05'),
	adherence_bounds('empty'), weekly_streak('empty', '2026-01-05'), habit_score('empty', '2026-01-05');
-- parameters out of their range
SELECT longest_streak(calendar, threshold => 0) FROM person;
SELECT pdc(calendar, threshold => 'NaN') FROM person;
SELECT streaks(calendar, grace => -1) FROM person;
SELECT gaps(calendar, 0) FROM person;
SELECT phases(calendar, 0) FROM person;
SELECT rolling_rate(calendar, 0) FROM person;
SELECT weeks(calendar, 8) FROM person;
SELECT habit_score(calendar, '2026-01-26', 7.5) FROM person;
SELECT persistence_days('2026-01-05: +', 3, 'infinity');

-- each error's SQLSTATE
\set VERBOSITY sqlstate
SELECT 'nonsense'::adherence;
SELECT '2026-02-29: +'::adherence;
SELECT '2026-01-05: (100)'::adherence;
SELECT '2026-01-05: +73051'::adherence;
SELECT '[]'::jsonb::adherence;
SELECT '{"from": "2026-02-30", "days": [[1, 1, 0, 0]]}'::jsonb::adherence;
SELECT '{"from": "2026-01-05", "days": [[100, 1, 0, 0]]}'::jsonb::adherence;
SELECT adherence_agg('infinity', true);
SELECT adherence_agg(day, true) FROM unnest('{2026-01-05,2226-01-07}'::date[]) AS day;
SELECT adherence_agg('2026-01-05', true) FROM generate_series(1, 100);
SELECT adherence_agg('2026-01-05', -1, 0);
SELECT adherence_agg('2026-01-05', 'done');
SELECT '2026-01-05: (99)'::adherence || '2026-01-05: ?';
SELECT '2026-01-05: +'::adherence - '2026-01-05: -';
SELECT '1900-01-01: +'::adherence || '2100-01-02: +';
SELECT shift('2026-01-05: +', 2147483647);
SELECT longest_streak(calendar, threshold => 0) FROM person;
SELECT phases(calendar, 0) FROM person;
SELECT persistence_days('2026-01-05: +', 3, 'infinity');
\set VERBOSITY default

--
-- Comparison
--
SELECT opcname, amname, amvalidate(c.oid)
FROM pg_opclass AS c
JOIN pg_am AS a ON a.oid = c.opcmethod
WHERE opcintype = 'adherence'::regtype
ORDER BY amname;
SELECT a.v < b.v AS less, a.v = b.v AS equal, a.v > b.v AS greater
FROM (VALUES ('2026-01-05: + +'::adherence)) AS a (v), (VALUES ('2026-01-05: +2'::adherence)) AS b (v);
CREATE UNIQUE INDEX person_calendar ON person (calendar);
INSERT INTO person VALUES ('2026-01-05: + + + - + .2 (2,1,1) + x2 ? * (1,2) +2 -3 + ?');
-- there is no smallest or largest calendar to ask for by accident
SELECT to_regprocedure('max(adherence)'), to_regprocedure('min(adherence)');

--
-- Plans
--
CREATE TABLE event (person integer, day date, taken boolean) WITH (parallel_workers = 2);
INSERT INTO event SELECT n % 7, '2026-01-05'::date + n / 7, n % 3 > 0 FROM generate_series(0, 699) AS n;
ANALYZE event;
SET parallel_setup_cost TO 0;
SET parallel_tuple_cost TO 0;
SET min_parallel_table_scan_size TO 0;
SET max_parallel_workers_per_gather TO 2;
SET enable_sort TO off;
EXPLAIN (COSTS OFF) SELECT longest_streak(adherence_agg(day, taken)) FROM event;
EXPLAIN (COSTS OFF) SELECT person, longest_streak(adherence_agg(day, taken)) FROM event GROUP BY person;
EXPLAIN (COSTS OFF) SELECT person, longest_streak(day, taken), current_streak(day, taken), adherence_rate(day, taken)
FROM event
GROUP BY person;
SELECT person, longest_streak(adherence_agg(day, taken)), longest_streak(day, taken), current_streak(day, taken),
	round(adherence_rate(day, taken)::numeric, 4) AS rate
FROM event
GROUP BY person
ORDER BY person;
RESET enable_sort;
EXPLAIN (COSTS OFF) SELECT person, rollup(calendar)
FROM (SELECT person, day, adherence_agg(day, taken) AS calendar FROM event GROUP BY person, day OFFSET 0) AS day
GROUP BY person;
CREATE TABLE other_person AS SELECT * FROM person;
ANALYZE person, other_person;
SET enable_hashjoin TO off;
SET enable_nestloop TO off;
SET max_parallel_workers_per_gather TO 0;
EXPLAIN (COSTS OFF) SELECT FROM person AS a JOIN other_person AS b ON a.calendar = b.calendar;
SET enable_hashjoin TO on;
SET enable_mergejoin TO off;
EXPLAIN (COSTS OFF) SELECT FROM person AS a JOIN other_person AS b ON a.calendar = b.calendar;

DROP TABLE person, other_person, event;
