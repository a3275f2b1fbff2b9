-- The scope matrix, cell by cell: every role, table, command and relation of test/data/scope_matrix.csv, and all that it does not allow, tried on a real
-- program with real statements.
\ir include/setup.sql
\ir include/scope.sql
SELECT plan((SELECT count(DISTINCT (actor, table_name)) + count(DISTINCT a.role) FROM oracle.cell c JOIN oracle.actor a ON a.name = c.actor)::integer + 6);

SELECT diag(format('%s cells, %s of them allowed', count(*), count(*) FILTER (WHERE wanted = 'rows'))) FROM oracle.cell;
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'care'::regnamespace AND relkind = 'r' EXCEPT SELECT table_name FROM oracle.sample$$,
	'the matrix is tried on every table');
SELECT is_empty($$SELECT actor, table_name, relation FROM oracle.scope s WHERE NOT EXISTS (SELECT FROM oracle.fixture f
	WHERE f.actor = s.actor AND f.table_name = s.table_name AND f.relation = s.relation)$$, 'every relation that it allows has a row to try');
SELECT is_empty($$SELECT actor, table_name FROM oracle.fixture f WHERE relation <> 'any' AND f.actor IN ('coach', 'supervisor', 'prescriber', 'therapist', 'coordinator', 'auditor')
	AND table_name NOT IN ('staff', 'coverage') GROUP BY actor, table_name HAVING NOT array_agg(relation) @> '{assigned,ended,other,unrelated}'$$,
	'staff have a row of every relation to try');

SET LOCAL SESSION AUTHORIZATION scope_pool;
-- Those who are nobody first: whoever has signed in stays who they are until the transaction ends.
SELECT is_empty(format('SELECT * FROM oracle.wrong_cells(%L, %L)', actor, table_name), actor || ': ' || table_name)
FROM (SELECT DISTINCT actor, table_name FROM oracle.cell) AS c
ORDER BY actor NOT LIKE 'nobody %', actor, table_name;

-- Columns: each one read, written and changed, in a statement that reaches no row.
CREATE TABLE oracle.column_cell AS
SELECT a.role, c.relname AS table_name, k.attname, v.command, v.statement,
	CASE WHEN bool_or(s.columns = '{}' OR k.attname = ANY (s.columns) OR s.columns IS NULL AND s.command IS NOT NULL) THEN 'none' ELSE 'denied' END AS wanted
FROM (SELECT DISTINCT role FROM oracle.actor) a
CROSS JOIN pg_class c
JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum > 0 AND NOT k.attisdropped
CROSS JOIN LATERAL (VALUES
	('SELECT', format('SELECT %I FROM care.%I WHERE false', k.attname, c.relname)),
	('INSERT', format('INSERT INTO care.%I (%I) SELECT NULL::%s WHERE false', c.relname, k.attname, format_type(k.atttypid, k.atttypmod))),
	('UPDATE', format('UPDATE care.%I SET %I = NULL WHERE false', c.relname, k.attname))) AS v (command, statement)
LEFT JOIN oracle.scope s ON s.role = a.role AND s.table_name = c.relname AND s.command = v.command
WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r' AND (k.attgenerated = '' OR v.command = 'SELECT')
GROUP BY a.role, c.relname, k.attname, v.command, v.statement;
GRANT SELECT ON oracle.column_cell TO PUBLIC;
SELECT cmp_ok((SELECT count(*) FROM oracle.column_cell), '>', 8000::bigint, 'columns are tried too');
CREATE FUNCTION oracle.wrong_columns(of_role text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', of_role, true);
	RETURN QUERY SELECT format('%s %s.%s: wanted %s, got %s', c.command, c.table_name, c.attname, c.wanted, o.got)
	FROM oracle.column_cell c CROSS JOIN LATERAL (SELECT oracle.outcome(c.statement) AS got OFFSET 0) o
	WHERE c.role = of_role AND o.got IS DISTINCT FROM c.wanted;
	PERFORM set_config('role', 'none', true);
END
$$;
SELECT is_empty(format('SELECT oracle.wrong_columns(%L)', role), 'columns: ' || role) FROM (SELECT DISTINCT role FROM oracle.actor) a ORDER BY role;

RESET SESSION AUTHORIZATION;

SELECT is_empty(format('SELECT w.* FROM oracle.actor a, oracle.sample s, oracle.wrong_blind(a.name, s.table_name, %L) w', command),
	command || ' that reads no column reaches the same rows')
FROM unnest('{UPDATE,DELETE}'::text[]) command;
SELECT * FROM finish();
ROLLBACK;
