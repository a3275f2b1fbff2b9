-- What analysts see: groups as plain SQL computes them, none of 1 to 10 people, and none that somebody could compute who knows all the rest, the total, and how
-- cells are chosen.
\ir include/setup.sql
SELECT plan(23);
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT synthetic_program('care', 90, (:'seed')::bigint::int % 1000) \g /dev/null

--
-- Small cells
--
SELECT is(care.small_cells('{11,12,13}'), '{f,f,f}', 'large cells are shown');
SELECT is(care.small_cells('{0,12,0}'), '{f,f,f}', 'empty ones too');
SELECT is(care.small_cells('{10,50,40}'), '{t,t,f}', 'a small one takes the first other along');
SELECT is(care.small_cells('{11,10,10}'), '{t,t,t}', 'two could only be ten each: they take one along');
SELECT is(care.small_cells('{30,10,20,20}'), '{t,t,f,f}', 'which one does not depend on its size');
SELECT is(care.small_cells('{5,7,40}'), '{t,t,f}', 'two that have more than ten together need none');
SELECT is(care.small_cells('{5,5,40,11}'), '{t,t,t,f}', 'two that have ten need one');
SELECT is(care.small_cells('{5}'), '{t}', 'one alone is hidden');
SELECT is(care.small_cells('{5,0,0}'), '{t,f,f}', 'an empty cell hides nothing');
SELECT is(care.small_cells('{}'), '{}', 'of no cells none');
SELECT is(care.small_cells(NULL), NULL, 'of nothing nothing');

-- Random tables, and all tables that somebody could take them for: those with the same cells shown, the same total, and the same cells hidden.
CREATE TABLE oracle.guess AS
WITH made AS (
	SELECT t, ARRAY(SELECT CASE WHEN oracle.random(t, c, 1) < 0.15 THEN 0 WHEN oracle.random(t, c, 2) < 0.5 THEN 1 + floor(oracle.random(t, c, 3) * 10)::int
		ELSE 11 + floor(oracle.random(t, c, 3) * 15)::int END FROM generate_series(1, 2 + t % 3) c ORDER BY c)::bigint[] AS people
	FROM generate_series(1, 120) t
), judged AS (
	SELECT t, people, care.small_cells(people) AS hidden FROM made
), places AS (
	SELECT t, people, hidden, ARRAY(SELECT c FROM generate_subscripts(hidden, 1) c WHERE hidden[c] ORDER BY c) AS place,
		(SELECT sum(people[c]) FROM generate_subscripts(hidden, 1) c WHERE hidden[c]) AS sum
	FROM judged WHERE true = ANY (hidden) AND (SELECT sum(n) FROM unnest(people) n) > 10
)
SELECT p.t, p.people, p.hidden, p.place, g.guess
FROM places p
CROSS JOIN LATERAL (
	SELECT (SELECT array_agg(CASE WHEN c = p.place[1] THEN x WHEN c = p.place[2] THEN y WHEN c = p.place[3] THEN z ELSE p.people[c] END ORDER BY c) FROM generate_subscripts(p.people, 1) c)::bigint[] AS guess
	FROM generate_series(1, p.sum::int) x
	CROSS JOIN LATERAL generate_series(1, CASE WHEN cardinality(p.place) = 2 THEN p.sum::int - x ELSE p.sum::int END) y
	CROSS JOIN LATERAL (SELECT p.sum::int - x - y AS z) r
	WHERE cardinality(p.place) BETWEEN 2 AND 3 AND CASE cardinality(p.place) WHEN 2 THEN r.z = 0 ELSE r.z > 0 END) g
WHERE care.small_cells(g.guess) = p.hidden;
SELECT cmp_ok((SELECT count(DISTINCT t) FROM oracle.guess), '>', 40::bigint, 'random tables with hidden cells');
SELECT is_empty($$SELECT t, people, c FROM oracle.guess, unnest(place) c GROUP BY t, people, c HAVING count(DISTINCT guess[c]) < 3$$,
	'each hidden cell could be any of three numbers at least, whoever guesses');
SELECT is_empty($$SELECT t, people FROM oracle.guess GROUP BY t, people HAVING NOT bool_or(guess = people)$$, 'and the true table is among the guesses');

--
-- Views
--
CREATE TABLE oracle.rate AS
SELECT e.person_id, p.site_id, o.tier, left(p.locale, 2) AS language, (2026 - p.birth_year) / 10 * 10 AS decade, sum(k.done)::float8 / sum(k.planned) AS low
FROM care.episode o
JOIN care.person p USING (person_id)
JOIN care.effective_calendar e USING (person_id)
CROSS JOIN LATERAL (SELECT sum(d.prescribed) AS planned, sum(least(d.taken, d.prescribed)) AS done FROM to_adherence_days(e.calendar) d
	WHERE d.excused = 0 AND d.prescribed > 0 AND d.day >= e.today - 90) k
WHERE o.ended IS NULL AND p.merged_into IS NULL
GROUP BY 1, 2, 3, 4, 5
HAVING sum(k.planned) > 0;
CREATE TABLE oracle.wanted AS
SELECT dimension, value, count(*) AS people, round(avg(low)::numeric, 2)::float8 AS low
FROM oracle.rate r
CROSS JOIN LATERAL (VALUES ('all', 'all'), ('site', (SELECT name FROM care.site s WHERE s.site_id = r.site_id)), ('tier', tier::text), ('language', language),
	('age', format('%s-%s', decade, decade + 9))) AS d (dimension, value)
GROUP BY 1, 2;

CREATE ROLE cohort_pool LOGIN NOINHERIT IN ROLE care_app;
GRANT USAGE ON SCHEMA oracle TO PUBLIC;
GRANT SELECT ON oracle.wanted TO PUBLIC;
UPDATE care.staff SET token_subject = role WHERE staff_id IN (SELECT DISTINCT ON (role) staff_id FROM care.staff ORDER BY role, staff_id);
SELECT care.issue_token('analyst') AS analyst, care.issue_token('coach') AS coach \gset
SET LOCAL SESSION AUTHORIZATION cohort_pool;
SELECT coachiatry.sign_in(:'analyst') \g /dev/null
SELECT set_eq('SELECT dimension, value FROM care.cohort_adherence', 'SELECT dimension, value FROM oracle.wanted', 'an analyst sees which groups there are');
SELECT is_empty($$SELECT c.*, w.* FROM care.cohort_adherence c JOIN oracle.wanted w USING (dimension, value)
	WHERE c.people IS NOT NULL AND (c.people <> w.people OR abs(c.low - w.low) > 0.0101)$$, 'those that are shown are as plain SQL computes them');
SELECT is_empty($$SELECT c.* FROM care.cohort_adherence c JOIN oracle.wanted w USING (dimension, value) WHERE w.people <= 10 AND num_nonnulls(c.people, c.low, c.high, c.completeness) > 0$$,
	'of small ones nothing is');
SELECT cmp_ok((SELECT count(*) FROM care.cohort_adherence WHERE people IS NULL), '>', 0::bigint, 'and there are such');
SELECT is_empty($$SELECT dimension FROM care.cohort_adherence JOIN oracle.wanted w USING (dimension, value) GROUP BY dimension
	HAVING count(*) FILTER (WHERE cohort_adherence.people IS NULL) = 1 OR sum(w.people) FILTER (WHERE cohort_adherence.people IS NULL) <= 10$$,
	'never one alone, nor ten people together');
SELECT cmp_ok((SELECT count(*) FROM care.cohort_outcome WHERE instrument = 'PHQ-9'), '=', 1::bigint, 'outcomes by instrument');
SELECT throws_ok('SELECT count(*) FROM care.person', '42501', NULL, 'but no person');
SELECT coachiatry.sign_in(:'coach') \g /dev/null
SELECT throws_ok('SELECT count(*) FROM care.cohort_adherence', '42501', NULL, 'a coach sees no cohorts');
SELECT throws_ok('SELECT count(*) FROM care.cohort_people()', '42501', NULL, 'nor who is in them');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
