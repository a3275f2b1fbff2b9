-- Whether the matrix would notice: every policy dropped, negated and widened, every privilege taken away, and every one given that a role has not, one at a
-- time. Each must make a cell come out otherwise than test/data/scope_matrix.csv says.
--
-- The restrictive policies that ask still_sees() show only while two transactions overlap: test/isolation/specs/scope_*.spec. Here negating one is noticed
-- by a cell, dropping or widening one by the rule on which tables have them.
\ir include/setup.sql
\ir include/scope.sql

-- Which restrictive policies there should be and are not: on each table about a person, for UPDATE and DELETE, for the roles that have the privilege.
CREATE FUNCTION oracle.restrictive_amiss() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', c.relname, v.command, array_agg(r.rolname ORDER BY r.rolname))
	FROM pg_class c
	CROSS JOIN (VALUES ('UPDATE'), ('DELETE')) AS v (command)
	JOIN pg_roles r ON r.rolname IN (SELECT role FROM oracle.actor)
		AND CASE v.command WHEN 'UPDATE' THEN has_any_column_privilege(r.oid, c.oid, 'UPDATE') ELSE has_table_privilege(r.oid, c.oid, 'DELETE') END
	WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'person_id')
	GROUP BY c.relname, v.command
	EXCEPT
	SELECT concat_ws(' ', p.tablename, p.cmd, (SELECT array_agg(r ORDER BY r) FROM unnest(p.roles) r))
	FROM pg_policies p
	WHERE p.schemaname = 'care' AND p.permissive = 'RESTRICTIVE' AND p.qual = 'care.still_sees(person_id)' AND p.with_check IS NULL
$$;
-- The first of these cells that comes out wrong, actor by actor; NULL if none does.
CREATE FUNCTION oracle.first_wrong(actors text[], tables text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	tried record;
	wrong text;
BEGIN
	FOR tried IN SELECT a.name, t.table_name FROM unnest(actors) WITH ORDINALITY AS a (name, n) CROSS JOIN unnest(tables) AS t (table_name) ORDER BY a.n LOOP
		SELECT format('%s: %s of %s, wanted %s, got %s', w.actor, w.command, w.relation, w.wanted, w.got) INTO wrong
		FROM (
			SELECT b.actor, b.command, b.relation, b.wanted, b.got FROM unnest('{UPDATE,DELETE}'::text[]) c, oracle.wrong_blind(tried.name, tried.table_name, c) b
			UNION ALL SELECT c.actor, c.command, c.relation, c.wanted, c.got FROM oracle.wrong_cells(tried.name, tried.table_name) c) w
		LIMIT 1;
		EXIT WHEN wrong IS NOT NULL;
	END LOOP;
	RETURN wrong;
END
$$;
-- What notices a change, which is undone; NULL if nothing does.
CREATE FUNCTION oracle.noticed_by(mutation text, actors text[], tables text[], of_restrictive boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	EXECUTE mutation;
	found := coalesce((SELECT r FROM oracle.restrictive_amiss() r WHERE of_restrictive LIMIT 1), (SELECT m FROM unnest(tables) t, oracle.owner_misses(t) m LIMIT 1),
		oracle.first_wrong(actors, tables));
	RAISE EXCEPTION USING ERRCODE = 'ZZ998', MESSAGE = coalesce(found, '');
EXCEPTION WHEN SQLSTATE 'ZZ998' THEN
	RETURN nullif(SQLERRM, '');
END
$$;

-- Actors of a set of roles first, then the others.
CREATE FUNCTION oracle.actors(of_roles name[]) RETURNS text[] LANGUAGE sql STABLE AS
	'SELECT array_agg(name ORDER BY (role = ANY (of_roles)) DESC, name) FROM oracle.actor';
CREATE TABLE oracle.mutant (table_name text, about text, mutation text, actors text[], of_restrictive boolean);
-- A restrictive policy may do the work of one that is widened: there it is out of the way.
INSERT INTO oracle.mutant
SELECT p.tablename, format('policy %s of %s %s', p.policyname, p.tablename, v.how),
	CASE WHEN p.permissive = 'PERMISSIVE' THEN (SELECT coalesce(string_agg(format('DROP POLICY %I ON care.%I; ', r.policyname, r.tablename), ''), '')
		FROM pg_policies r WHERE r.schemaname = 'care' AND r.tablename = p.tablename AND r.permissive = 'RESTRICTIVE') ELSE '' END || v.mutation,
	oracle.actors(p.roles), p.permissive = 'RESTRICTIVE'
FROM pg_policies p
CROSS JOIN LATERAL (SELECT format('ALTER POLICY %I ON care.%I', p.policyname, p.tablename) AS change) a
CROSS JOIN LATERAL (VALUES
	('dropped', format('DROP POLICY %I ON care.%I', p.policyname, p.tablename)),
	('negated', CASE WHEN p.qual IS NOT NULL THEN a.change || format(' USING (NOT coalesce((%s), false))', p.qual) END),
	('widened', CASE WHEN p.qual <> 'true' THEN a.change || ' USING (true)' || CASE WHEN p.with_check IS NULL AND p.cmd <> 'SELECT' AND p.cmd <> 'DELETE' THEN format(' WITH CHECK (%s)', p.qual) ELSE '' END END),
	('negated in its check', CASE WHEN p.with_check IS NOT NULL THEN a.change || format(' WITH CHECK (NOT coalesce((%s), false))', p.with_check) END),
	('widened in its check', a.change || CASE WHEN p.with_check <> 'true' THEN ' WITH CHECK (true)' END)) AS v (how, mutation)
WHERE p.schemaname = 'care' AND v.mutation IS NOT NULL
UNION ALL
SELECT p.table_name, format('%s on %s taken from %s', p.command, p.table_name, p.role), format('REVOKE %s ON care.%I FROM %I', p.command, p.table_name, p.role), oracle.actors(ARRAY[p.role::name]), false
FROM oracle.privilege p
UNION ALL
SELECT s.table_name, format('%s on %s given to %s', v.command, s.table_name, r.role), format('GRANT %s ON care.%I TO %I', v.command, s.table_name, r.role),
	(SELECT array_agg(a.name) FROM oracle.actor a WHERE a.role = r.role), false
FROM oracle.sample s
CROSS JOIN (SELECT DISTINCT role FROM oracle.actor WHERE role <> 'scope_stranger') r
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) AS v (command)
WHERE NOT EXISTS (SELECT FROM oracle.privilege p WHERE p.role = r.role AND p.table_name = s.table_name AND p.command = v.command)
UNION ALL
SELECT c.relname, format('row-level security of %s %s', c.relname, v.how), format('ALTER TABLE care.%I %s ROW LEVEL SECURITY', c.relname, v.how), oracle.actors('{}'), false
FROM pg_class c CROSS JOIN (VALUES ('DISABLE')) AS v (how)
WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r' AND c.relrowsecurity
	-- That nobody but the owner may touch is kept by privileges alone.
	AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner
		UNION ALL SELECT FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = c.oid AND a.grantee <> c.relowner);

SELECT plan((SELECT count(*) FROM oracle.mutant)::integer + 3);
SELECT diag(format('%s mutants', count(*))) FROM oracle.mutant;
SELECT is_empty('SELECT oracle.restrictive_amiss()', 'restrictive policies are where the rule says');
SELECT is_empty('SELECT oracle.owner_misses(table_name) FROM oracle.sample', 'the owner sees every row');
SELECT is_empty($$SELECT relname FROM pg_class c WHERE relnamespace = 'care'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)
	AND relname NOT IN ('program_info', 'organization', 'site', 'task_kind', 'instrument', 'warning_rule', 'crisis_resource', 'sweep_run', 'evidence_weight', 'lexicon_entry', 'token_key', 'revoked_token')$$,
	'every table about people has row-level security, for its owner too');
SELECT format('SELECT isnt(oracle.noticed_by(mutation, actors, ARRAY[table_name], of_restrictive), NULL, about) FROM oracle.mutant WHERE table_name = %L ORDER BY about', table_name)
FROM oracle.mutant GROUP BY table_name ORDER BY table_name \gexec
SELECT * FROM finish();
ROLLBACK;
