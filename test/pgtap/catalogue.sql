-- The shape of what the extension puts into a database, read from the catalogue: whatever is added later has to fit it.
-- Each test compares the list of those that do not fit with nothing, so that a failure names them.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS coachiatry;
SET LOCAL search_path = public, coachiatry;
SELECT plan(31);

-- An array type follows its element, and a table's row type its table; from version 17 on they are members too.
CREATE TEMPORARY TABLE member AS
SELECT d.classid, d.objid, i.type AS kind, i.identity, obj_description(d.objid, d.classid::regclass::name) AS comment
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'coachiatry'
CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
		AND (t.typcategory = 'A' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')));

CREATE TEMPORARY TABLE routine AS
SELECT p.*, m.identity, m.comment
FROM member m
JOIN pg_proc p ON p.oid = m.objid AND m.classid = 'pg_proc'::regclass;

-- Functions that only the server calls: input and output, the steps of aggregates, comparison, hashing.
CREATE FUNCTION pg_temp.is_support(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT name ~ '_(in|out|recv|send|add|remove|combine|final|eq|ne|lt|le|ge|gt|cmp|hash|hash_extended)$'
$$;

-- The extension itself
SELECT is((SELECT format('%s %s %s', extnamespace::regnamespace, extrelocatable, extversion) FROM pg_extension
	WHERE extname = 'coachiatry'), 'coachiatry f ' || coachiatry.coachiatry_version(),
	'the extension is in its schema and stays there, and its scripts and library are of one version');
SELECT is_empty($$SELECT name, superuser, trusted, relocatable, schema FROM pg_available_extension_versions
	WHERE name = 'coachiatry' AND (NOT superuser OR trusted OR relocatable OR schema <> 'coachiatry')$$,
	'only a superuser can create it');
SELECT cmp_ok((SELECT count(*) FROM member), '>', 90::bigint, 'the extension has members to test');
SELECT cmp_ok((SELECT count(*) FROM routine), '>', 60::bigint, 'and routines among them');

-- The list of objects
CREATE TEMPORARY TABLE listed (line text);
\copy listed FROM 'test/data/public_objects.txt' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
DELETE FROM listed WHERE line LIKE '#%';
SELECT set_eq(
	'SELECT split_part(line, E''\t'', 2) AS kind, split_part(line, E''\t'', 3) AS identity FROM listed',
	'SELECT kind, identity FROM member',
	'test/data/public_objects.txt lists exactly the members of the extension (tools/reference brings it up to date)');
SELECT is_empty($$SELECT line FROM listed WHERE split_part(line, E'\t', 1) !~ '^\d+\.\d+\.\d+$'$$,
	'each with the version it came with');
SELECT is_empty($$SELECT line FROM listed GROUP BY line HAVING count(*) > 1$$, 'and each once');

-- Everything in the schema belongs to the extension
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc p WHERE pronamespace = 'coachiatry'::regnamespace
	AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_proc'::regclass AND objid = p.oid)$$,
	'every function of the schema belongs to the extension');
SELECT is_empty($$SELECT oid::regtype FROM pg_type t WHERE typnamespace = 'coachiatry'::regnamespace AND typcategory <> 'A'
	AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = typrelid AND c.relkind <> 'c')
	AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)$$,
	'every type of the schema belongs to the extension');
SELECT is_empty($$SELECT oid::regoperator FROM pg_operator o WHERE oprnamespace = 'coachiatry'::regnamespace
	AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_operator'::regclass AND objid = o.oid)$$,
	'every operator of the schema belongs to the extension');
SELECT results_eq($$SELECT relname FROM pg_class WHERE relnamespace = 'coachiatry'::regnamespace AND relkind NOT IN ('c', 'i') ORDER BY 1$$,
	$$VALUES ('barrier_evidence_weight'::name), ('barrier_pattern'), ('barrier_reason'), ('barrier_signature'), ('implementation_construct'),
		('implementation_framework'), ('instrument_catalogue'), ('pattern_construct'), ('pattern_strategy'), ('schedule_phrase'), ('starter_phrase'), ('strategy'), ('strategy_technique')$$,
	'the schema holds no table but the reference catalogues');
SELECT is_empty($$SELECT relname, grantee, privilege_type FROM pg_class, aclexplode(relacl)
	WHERE relnamespace = 'coachiatry'::regnamespace AND relkind = 'r' AND grantee <> relowner AND (grantee, privilege_type) <> (0, 'SELECT')
	UNION ALL SELECT relname, 0, 'no SELECT' FROM pg_class WHERE relnamespace = 'coachiatry'::regnamespace AND relkind = 'r'
		AND NOT has_table_privilege('public', oid, 'SELECT')$$,
	'which everybody may read and nobody but the owner change');
SELECT is_empty($$SELECT identity FROM member WHERE classid NOT IN ('pg_cast'::regclass, 'pg_namespace'::regclass)
	AND identity !~ 'coachiatry\.'$$,
	'the extension has no object in another schema');

-- Documentation
SELECT is_empty($$SELECT identity FROM routine WHERE comment IS NULL AND NOT pg_temp.is_support(proname::text)$$,
	'every function and aggregate has a comment');
SELECT is_empty($$SELECT kind, identity FROM member WHERE comment IS NULL
	AND classid NOT IN ('pg_proc'::regclass, 'pg_namespace'::regclass)$$,
	'every type, operator, cast, operator class and operator family has a comment');
SELECT is_empty($$SELECT identity FROM routine WHERE prokind = 'f' AND NOT pg_temp.is_support(proname::text)
	AND pronargs > 0 AND proargnames IS NULL$$,
	'the arguments of every public function have names');
SELECT is_empty($$SELECT kind, identity, comment FROM member WHERE comment ~ '^\s|\s$|\n' OR comment !~ '[.)]$'$$,
	'comments are one line of whole sentences');

-- Routines
CREATE TEMPORARY VIEW writer AS SELECT oid FROM routine
WHERE proname IN ('create_program', 'upgrade_program', 'drop_program', 'synthetic_program', 'sign_in') OR prorettype = 'trigger'::regtype;
SELECT is_empty($$SELECT identity FROM routine WHERE (provolatile = 'v') <> (oid IN (SELECT oid FROM writer))$$,
	'no function is volatile but those that write');
SELECT is_empty($$SELECT identity FROM routine WHERE proparallel <> CASE WHEN oid IN (SELECT oid FROM writer) THEN 'u' ELSE 's' END$$,
	'all others are parallel safe');
SELECT is_empty($$SELECT identity FROM routine WHERE prosecdef$$, 'none is a security definer');
SELECT is_empty($$SELECT identity FROM routine WHERE NOT has_function_privilege('public', oid, 'EXECUTE')$$,
	'everybody may execute all of them');
SELECT ok(has_schema_privilege('public', 'coachiatry', 'USAGE')
	AND NOT has_schema_privilege('public', 'coachiatry', 'CREATE'), 'and use the schema, but not create in it');
SELECT is_empty($$SELECT identity FROM routine WHERE prokind = 'f' AND proretset = (prorows = 0)$$,
	'functions that return sets say so, and how many rows');
SELECT is_empty($$SELECT identity FROM routine WHERE prokind = 'f' AND proretset AND prorows = 1000$$,
	'with an estimate of their own');

-- Aggregates
CREATE TEMPORARY TABLE aggregate AS
SELECT r.identity, a.* FROM routine r JOIN pg_aggregate a ON a.aggfnoid = r.oid;
SELECT is_empty($$SELECT identity FROM aggregate WHERE aggcombinefn = 0 OR aggserialfn <> 0 OR aggdeserialfn <> 0$$,
	'every aggregate combines its states, as they are');
SELECT is_empty($$SELECT identity FROM aggregate WHERE 'internal'::regtype IN (aggtranstype, aggmtranstype)$$,
	'the state of every aggregate is of a real type');
SELECT is_empty($$SELECT identity FROM aggregate WHERE aggfinalmodify <> 'r' OR aggmfinalmodify <> 'r'
	OR aggkind <> 'n'$$,
	'final functions only read');

-- Operators and operator classes
SELECT is_empty($$SELECT c.opcname, a.amname FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
	JOIN member m ON m.classid = 'pg_opclass'::regclass AND m.objid = c.oid WHERE NOT amvalidate(c.oid)$$,
	'every operator class is valid');
SELECT is_empty($$SELECT t.identity, a.amname FROM member t CROSS JOIN pg_am a
	WHERE t.classid = 'pg_type'::regclass AND a.amname IN ('btree', 'hash') AND t.objid IN (SELECT oprleft FROM pg_operator
		WHERE oprnamespace = 'coachiatry'::regnamespace AND oprname = '=')
	AND NOT EXISTS (SELECT FROM pg_opclass WHERE opcmethod = a.oid AND opcintype = t.objid AND opcdefault)$$,
	'every comparable type has default operator classes for btree and hash');
SELECT is_empty($$SELECT o.oid::regoperator FROM pg_operator o JOIN member m
	ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
	LEFT JOIN pg_operator c ON c.oid = o.oprcom LEFT JOIN pg_operator n ON n.oid = o.oprnegate
	WHERE o.oprcode = 0 OR c.oprcom <> o.oid OR n.oprnegate <> o.oid
		OR o.oprname = '=' AND NOT (o.oprcanhash AND o.oprcanmerge AND o.oprcom = o.oid)
		OR o.oprresult = 'boolean'::regtype AND (o.oprrest = 0 OR o.oprjoin = 0 OR n.oid IS NULL OR c.oid IS NULL)$$,
	'operators have functions, commutators and negators that agree, and comparisons have estimators');
SELECT is_empty($$SELECT castsource::regtype, casttarget::regtype FROM pg_cast c
	JOIN member m ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid WHERE castcontext <> 'e'$$,
	'casts are explicit');

SELECT * FROM finish();
ROLLBACK;
