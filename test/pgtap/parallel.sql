-- Parallel plans give what serial ones give: partial aggregates on workers,
-- combined by the leader.
\set people 105
\ir include/people.sql

SELECT plan(26);

-- Each row five times, in an order that spreads every person over all workers.
CREATE TABLE oracle.event AS
SELECT r.person * 5 + copy AS person, r.day, r.prescribed, r.taken, r.missed, r.taken > 0 AS done,
	CASE WHEN r.excusing > 0 THEN 'excused' WHEN r.taken > 0 THEN 'taken' ELSE 'unrecorded' END AS status,
	format('%s: (%s,%s,%s,%s)', r.day, r.prescribed, r.taken, r.missed, r.excusing)::adherence AS calendar
FROM oracle.person_row AS r
CROSS JOIN generate_series(0, 4) AS copy
ORDER BY oracle.random(r.person, r.id, copy, 70);

ANALYZE oracle.event;

CREATE FUNCTION oracle.plan_of(query text)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text = '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		lines = lines || line || E'\n';
	END LOOP;
	RETURN lines;
END
$$;

CREATE TABLE oracle.aggregate (name text, call text);
INSERT INTO oracle.aggregate VALUES
	('taken', 'adherence_agg(day, done)::text'),
	('units', 'adherence_agg(day, taken, prescribed)::text'),
	('counts', 'adherence_agg(day, prescribed, taken, missed)::text'),
	('status', 'adherence_agg(day, status)::text'),
	('rollup', 'rollup(calendar)::text'),
	('longest', 'longest_streak(day, done)::text'),
	('current', 'current_streak(day, done)::text'),
	('rate', 'adherence_rate(day, done)::text');

-- Serial first.
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null
SELECT format('CREATE TABLE oracle.%I AS SELECT person, %s AS answer FROM oracle.event GROUP BY person',
	'serial_' || name, call)
FROM oracle.aggregate \gexec

SELECT set_config(name, value, true)
FROM (VALUES ('max_parallel_workers_per_gather', '2'), ('parallel_setup_cost', '0'), ('parallel_tuple_cost', '0'),
	('min_parallel_table_scan_size', '0'), ('parallel_leader_participation', 'off')) AS v (name, value) \g /dev/null

-- Grouped by hash on the workers, then by sorting. CREATE TABLE AS may use them; a query in a function may not.
SELECT matches(oracle.plan_of(format('SELECT person, %s AS answer FROM oracle.event GROUP BY person', call)),
	'Finalize[^$]*Workers Launched: [12][^$]*Partial', name || ': a partial aggregate runs on workers')
FROM oracle.aggregate;

SELECT format('CREATE TABLE oracle.%I AS SELECT person, %s AS answer FROM oracle.event GROUP BY person',
	'hashed_' || name, call)
FROM oracle.aggregate \gexec

SELECT set_config('enable_hashagg', 'off', true) \g /dev/null
SELECT format('CREATE TABLE oracle.%I AS SELECT person, %s AS answer FROM oracle.event GROUP BY person',
	'sorted_' || name, call)
FROM oracle.aggregate \gexec

SELECT answers.*
FROM oracle.aggregate
CROSS JOIN unnest(ARRAY['hashed', 'sorted']) AS way
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT person AS about, p.answer AS got, s.answer AS wanted
		FROM oracle.%I AS p FULL JOIN oracle.%I AS s USING (person)
	$q$, way || '_' || name, 'serial_' || name), format('%s: parallel and %s, the answer is the serial one',
	name, way)) AS answers;

-- Accessors on workers.
SELECT set_config('enable_hashagg', 'on', true) \g /dev/null
CREATE TABLE oracle.kept AS
SELECT person, rollup(calendar) AS calendar FROM oracle.event GROUP BY person;
ALTER TABLE oracle.kept SET (parallel_workers = 2);
ANALYZE oracle.kept;

SELECT 'SELECT concat_ws(chr(32), ' || string_agg(sum, ', ') || ') AS sums FROM oracle.kept' AS sums
FROM unnest(ARRAY['sum(longest_streak(calendar))', $c$sum(current_streak(calendar, '2026-03-01'::date))$c$,
	'sum(days_planned(calendar))', $c$sum(weekly_streak(calendar, '2026-03-01'))$c$, 'max(pdc(calendar))',
	'min(calendar::text)', 'sum(length(heatmap_svg(calendar)))', 'sum(length(sparkline(calendar)))',
	'sum(length(calendar::jsonb::text))',
	$c$sum(adherence_hash(shift(clip(calendar, daterange('2000-01-01', NULL)), 1)))$c$]) AS sum \gset
SELECT matches(oracle.plan_of(:'sums'), 'Finalize[^$]*Workers Launched: [12][^$]*Partial', 'accessors run on workers');
CREATE TABLE oracle.parallel_sums AS :sums;
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null
CREATE TABLE oracle.serial_sums AS :sums;
SELECT is(p.sums, s.sums, 'accessors on workers answer as in the leader')
	FROM oracle.parallel_sums AS p, oracle.serial_sums AS s;

SELECT * FROM finish();
ROLLBACK;
