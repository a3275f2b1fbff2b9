-- The template that is installed, whatever is in it: it makes the same program each time, all of it is the owner's and
-- explained, nobody else may do anything unless it was granted, and dropping it leaves nothing.
\ir include/setup.sql
\ir include/program.sql

SELECT plan(25);

CREATE FUNCTION oracle.catalogue_now() RETURNS TABLE (kind text, oid oid) LANGUAGE sql AS $$
	SELECT 'class', oid FROM pg_class WHERE relnamespace NOT IN ('oracle'::regnamespace, 'pg_toast'::regnamespace)
	UNION ALL SELECT 'procedure', oid FROM pg_proc WHERE pronamespace <> 'oracle'::regnamespace
	UNION ALL SELECT 'type', oid FROM pg_type WHERE typnamespace <> 'oracle'::regnamespace UNION ALL SELECT 'role', oid FROM pg_authid
	UNION ALL SELECT 'trigger', oid FROM pg_trigger UNION ALL SELECT 'policy', oid FROM pg_policy
	UNION ALL SELECT 'constraint', oid FROM pg_constraint UNION ALL SELECT 'operator', oid FROM pg_operator
	UNION ALL SELECT 'schema', oid FROM pg_namespace UNION ALL SELECT 'cast', oid FROM pg_cast
	UNION ALL SELECT 'large object', oid FROM pg_largeobject_metadata UNION ALL SELECT 'member', member FROM pg_auth_members
$$;
CREATE TABLE oracle.catalogue AS SELECT * FROM oracle.catalogue_now();

SET LOCAL coachiatry.clock = '2026-01-05 09:00+00';
SELECT is(create_program('tap_' || domain, domain), 'tap_' || domain, 'a program for ' || domain)
FROM unnest(ARRAY['psychiatry', 'medicine', 'education', 'workplace']) AS domain;
SELECT is(create_program('tap_again', role_prefix => 'tap_other'), 'tap_again', 'and a second one with a prefix of its own');
SELECT cmp_ok((SELECT count(*) FROM pg_class WHERE relnamespace = 'tap_again'::regnamespace AND relkind = 'r'), '>=', 1::bigint,
	'they have tables');

-- The same each time, with another prefix; but for the keys, which are random
CREATE TABLE oracle.first AS SELECT line FROM oracle.shape('tap_psychiatry') AS line WHERE line !~ '^token_key: ';
CREATE TABLE oracle.second AS SELECT regexp_replace(line, '\mtap_other', '@', 'g') AS line FROM oracle.shape('tap_again') AS line
WHERE line !~ '^token_key: ';
SELECT bag_eq('SELECT line FROM oracle.second', 'SELECT line FROM oracle.first',
	format('both are the same [%s lines]', (SELECT count(*) FROM oracle.first)));
SELECT is_empty($$SELECT line FROM oracle.first WHERE line ~ 'tap_|@(program|prefix)@'$$, 'with no name of another and no placeholder left');

-- Owner
CREATE TABLE oracle.member AS
SELECT d.classid, d.objid, a.type, a.identity FROM pg_depend AS d, pg_identify_object(d.classid, d.objid, 0) AS a
WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'tap_psychiatry'::regnamespace;
SELECT is_empty($$SELECT identity FROM oracle.member JOIN pg_class ON classid = 'pg_class'::regclass AND pg_class.oid = objid
	WHERE relowner <> 'tap_psychiatry_owner'::regrole$$, 'every relation is the owner''s');
SELECT is_empty($$SELECT identity FROM oracle.member JOIN pg_proc ON classid = 'pg_proc'::regclass AND pg_proc.oid = objid
	WHERE proowner <> 'tap_psychiatry_owner'::regrole$$, 'and every function');
SELECT is_empty($$SELECT identity FROM oracle.member JOIN pg_type ON classid = 'pg_type'::regclass AND pg_type.oid = objid
	WHERE typowner <> 'tap_psychiatry_owner'::regrole$$, 'and every type');
SELECT is_empty($$SELECT oid::regclass::text FROM pg_class WHERE relowner = 'tap_psychiatry_owner'::regrole
		AND relnamespace NOT IN ('tap_psychiatry'::regnamespace, 'pg_toast'::regnamespace)
	UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE proowner = 'tap_psychiatry_owner'::regrole
		AND pronamespace <> 'tap_psychiatry'::regnamespace$$, 'who owns nothing elsewhere');

-- Comments
SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relnamespace = 'tap_psychiatry'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')
	AND obj_description(oid, 'pg_class') IS NULL$$, 'every table and view has a comment');
SELECT is_empty($$SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
	WHERE relnamespace = 'tap_psychiatry'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
	AND col_description(attrelid, attnum) IS NULL$$, 'and every column of a table');
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'tap_psychiatry'::regnamespace
	AND obj_description(oid, 'pg_proc') IS NULL$$, 'and every function');

-- Privileges
SELECT is_empty($$SELECT identity, privilege_type FROM oracle.member JOIN pg_class ON pg_class.oid = objid, aclexplode(relacl)
	WHERE grantee = 0$$, 'the public may do nothing with a relation');
SELECT ok(NOT has_schema_privilege('public', 'tap_psychiatry', 'USAGE'), 'nor see the schema');
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'tap_psychiatry'::regnamespace AND prosecdef
	AND has_function_privilege('public', oid, 'EXECUTE')$$, 'nor call what runs as the owner');
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'tap_psychiatry'::regnamespace
	AND (prosecdef OR prorettype = 'trigger'::regtype) AND NOT coalesce(proconfig @> '{"search_path=pg_catalog, pg_temp"}', false)$$,
	'functions that run as the owner or in triggers fix their path');
SELECT is_empty($$SELECT rolname FROM pg_roles JOIN pg_auth_members ON pg_roles.oid IN (member, roleid) WHERE rolname LIKE 'tap\_%'
	AND grantor <> 10$$, 'no role has a member, unless the server made it one');

-- Rows
CREATE FUNCTION oracle.rows_of(relation regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %s', relation) INTO n;
	RETURN n;
END
$$;
SELECT is_empty($$SELECT attrelid::regclass FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
	WHERE relnamespace = 'tap_psychiatry'::regnamespace AND relkind = 'r' AND attname = 'person_id' AND oracle.rows_of(attrelid) <> 0$$,
	'no table about persons has a row to begin with');
SELECT is_empty($$SELECT name FROM programs() WHERE name LIKE 'tap\_%' AND upgrade_program(name)::integer <> template_version$$,
	'new programs are of the newest version');

-- Leave nothing
SELECT lives_ok('SELECT drop_program(name) FROM programs() WHERE name LIKE ''tap\_%''', 'new programs can be dropped without being asked twice');
SELECT is_empty('SELECT kind, oid FROM oracle.catalogue_now() EXCEPT SELECT kind, oid FROM oracle.catalogue', 'and leave nothing');
SELECT is_empty('SELECT kind, oid FROM oracle.catalogue EXCEPT SELECT kind, oid FROM oracle.catalogue_now()', 'and take nothing with them');

SELECT finish();
ROLLBACK;
\ir include/program_end.sql
