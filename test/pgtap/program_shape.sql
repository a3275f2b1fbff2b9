-- The shape of a program, read from the catalogues: whatever is added to the template later has to fit it. Each test compares the list of what
-- does not fit with nothing, so that a failure names it.
\ir include/setup.sql
SELECT create_program('care', 'psychiatry'), create_program('heal', 'medicine', 'heal_role'), create_program('teach', 'education'),
	create_program('works', 'workplace') \g /dev/null
SELECT plan(56);

CREATE VIEW oracle.relation AS
SELECT c.*, c.oid::regclass::text AS name, (SELECT a.attnum FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'person_id') AS person
FROM pg_class AS c WHERE c.relnamespace = 'care'::regnamespace;
CREATE VIEW oracle.routine AS
SELECT p.*, p.oid::regprocedure::text AS name, obj_description(p.oid, 'pg_proc') AS comment FROM pg_proc AS p WHERE p.pronamespace = 'care'::regnamespace;

--
-- The four
--
SELECT results_eq('SELECT name, domain, owner FROM programs() WHERE name IN (''care'', ''heal'', ''teach'', ''works'') ORDER BY 1',
	$$VALUES ('care', 'psychiatry', 'care_owner'), ('heal', 'medicine', 'heal_role_owner'), ('teach', 'education', 'teach_owner'),
		('works', 'workplace', 'works_owner')$$, 'there is a program of every domain');
SELECT set_has('SELECT kind FROM care.task_kind', $$VALUES ('medication'), ('exposure'), ('homework'), ('sleep'), ('other')$$, 'the vocabulary of psychiatry');
SELECT set_has('SELECT kind FROM heal.task_kind', $$VALUES ('medication'), ('diet'), ('wound_care'), ('other')$$, 'of medicine');
SELECT set_has('SELECT kind FROM teach.task_kind', $$VALUES ('attendance'), ('study_session'), ('reading'), ('other')$$, 'of education');
SELECT set_has('SELECT kind FROM works.task_kind', $$VALUES ('work_goal'), ('training'), ('break'), ('other')$$, 'and of the workplace');
SELECT is_empty($$SELECT kind FROM teach.task_kind WHERE kind IN ('medication', 'exposure') UNION ALL SELECT kind FROM works.task_kind
	WHERE kind IN ('medication', 'exposure')$$, 'where nothing clinical is planned');
SELECT is_empty($$SELECT kind FROM care.task_kind WHERE description !~ '^[A-Z].*\.$'
	UNION ALL SELECT kind FROM heal.task_kind WHERE description !~ '^[A-Z].*\.$'
	UNION ALL SELECT kind FROM teach.task_kind WHERE description !~ '^[A-Z].*\.$' UNION ALL SELECT kind FROM works.task_kind
	WHERE description !~ '^[A-Z].*\.$'$$, 'in whole sentences');
SELECT lives_ok(format($$INSERT INTO %1$s.person (person_id, time_zone) VALUES (1, 'Europe/Madrid'); INSERT INTO %1$s.task (person_id, task_id, kind, schedule)
	SELECT 1, row_number() OVER (), kind, 'QD' FROM %1$s.task_kind WHERE kind <> 'medication';
	INSERT INTO %1$s.check_in (person_id, task_id, due_on, taken) SELECT 1, task_id, current_date, 1 FROM %1$s.task$$, program), program || ' works')
FROM unnest(ARRAY['care', 'heal', 'teach', 'works']) AS program;
SELECT is_empty(format('SELECT * FROM %I.verify_derived()', program), program || ' keeps what it should')
FROM unnest(ARRAY['care', 'heal', 'teach', 'works']) AS program;
SELECT is_empty(format($$
	SELECT kind, regexp_replace(identity, '\m%1$s\M|\m%2$s_', '@', 'g') FROM (
		SELECT i.type AS kind, i.identity FROM pg_class AS c, pg_identify_object('pg_class'::regclass, c.oid, 0) AS i WHERE c.relnamespace = '%1$s'::regnamespace
		UNION ALL SELECT i.type, i.identity FROM pg_proc AS c, pg_identify_object('pg_proc'::regclass, c.oid, 0) AS i WHERE c.pronamespace = '%1$s'::regnamespace
		UNION ALL SELECT i.type, i.identity FROM pg_constraint AS c, pg_identify_object('pg_constraint'::regclass, c.oid, 0) AS i
			WHERE c.connamespace = '%1$s'::regnamespace
		UNION ALL SELECT i.type, i.identity FROM pg_trigger AS c JOIN pg_class AS r ON r.oid = c.tgrelid, pg_identify_object('pg_trigger'::regclass, c.oid, 0) AS i
			WHERE r.relnamespace = '%1$s'::regnamespace AND NOT c.tgisinternal) AS it
	EXCEPT
	SELECT kind, regexp_replace(identity, '\mcare\M|\mcare_', '@', 'g') FROM (
		SELECT i.type AS kind, i.identity FROM pg_class AS c, pg_identify_object('pg_class'::regclass, c.oid, 0) AS i WHERE c.relnamespace = 'care'::regnamespace
		UNION ALL SELECT i.type, i.identity FROM pg_proc AS c, pg_identify_object('pg_proc'::regclass, c.oid, 0) AS i WHERE c.pronamespace = 'care'::regnamespace
		UNION ALL SELECT i.type, i.identity FROM pg_constraint AS c, pg_identify_object('pg_constraint'::regclass, c.oid, 0) AS i
			WHERE c.connamespace = 'care'::regnamespace
		UNION ALL SELECT i.type, i.identity FROM pg_trigger AS c JOIN pg_class AS r ON r.oid = c.tgrelid, pg_identify_object('pg_trigger'::regclass, c.oid, 0) AS i
			WHERE r.relnamespace = 'care'::regnamespace AND NOT c.tgisinternal) AS it
	$$, program, role), program || ' is made of the same objects as care')
FROM (VALUES ('heal', 'heal_role'), ('teach', 'teach'), ('works', 'works')) AS v (program, role);

--
-- Tables
--
SELECT cmp_ok((SELECT count(*) FROM oracle.relation WHERE relkind = 'r'), '>', 30::bigint, 'there are tables to test');
SELECT cmp_ok((SELECT count(*) FROM oracle.relation WHERE relkind = 'r' AND person IS NOT NULL), '>', 20::bigint, 'most of them about a person');
SELECT is_empty($$SELECT name, relkind FROM oracle.relation WHERE relkind NOT IN ('r', 'v', 'S', 'i', 'c')$$,
	'there is nothing but tables, views and sequences');
SELECT is_empty($$SELECT name FROM oracle.relation WHERE relkind IN ('r', 'v') AND obj_description(oid, 'pg_class') IS NULL$$,
	'every table and view has a comment');
SELECT is_empty($$SELECT r.name, a.attname FROM oracle.relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
	WHERE r.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND col_description(r.oid, a.attnum) IS NULL$$, 'and every column');
SELECT is_empty($$SELECT r.name, d.description FROM oracle.relation AS r JOIN pg_description AS d ON d.objoid = r.oid AND d.classoid = 'pg_class'::regclass
	WHERE d.description ~ '^\s|\s$|\n' OR d.description !~ '[.)]$'$$, 'in one line of whole sentences');
SELECT is_empty($$SELECT r.name FROM oracle.relation AS r WHERE r.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = r.oid AND indisprimary)$$,
	'every table has a primary key');
SELECT is_empty($$SELECT r.name, pg_get_constraintdef(c.oid) FROM oracle.relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid AND c.contype = 'p'
	WHERE r.person IS NOT NULL AND c.conkey[1] <> r.person$$, 'person_id is first in the primary key of every table about a person');
SELECT is_empty($$SELECT r.name FROM oracle.relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = r.person
	WHERE r.relkind = 'r' AND (NOT a.attnotnull OR a.atttypid <> 'bigint'::regtype)$$, 'is never NULL, and a bigint');
-- The one exception: a person's own row points to the person it was merged into.
SELECT is_empty($$SELECT r.name, c.conname, pg_get_constraintdef(c.oid) FROM oracle.relation AS r
	JOIN pg_constraint AS c ON c.conrelid = r.oid AND c.contype = 'f'
	JOIN oracle.relation AS f ON f.oid = c.confrelid
	WHERE r.person IS NOT NULL AND f.person IS NOT NULL AND c.conname <> 'person_merged_into_fkey'
		AND (c.conkey[1] <> r.person OR c.confkey[1] <> f.person)$$, 'and in every foreign key between such tables');
SELECT is_empty($$SELECT r.name, c.conname FROM oracle.relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid AND c.contype = 'f'
	JOIN oracle.relation AS f ON f.oid = c.confrelid
	WHERE r.person IS NULL AND f.person IS NOT NULL$$, 'nothing else refers to a table about a person');
-- Sign-in tokens belong to one person of the program, which no key of one person can say.
SELECT is_empty($$SELECT r.name, i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) FROM oracle.relation AS r JOIN pg_index AS i ON i.indrelid = r.oid
	WHERE r.person IS NOT NULL AND i.indisunique AND NOT r.person = ANY (i.indkey::smallint[]) AND r.relname <> 'person'$$,
	'no unique index on a table about a person is without person_id');
SELECT is_empty($$SELECT r.name, conname FROM oracle.relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid WHERE c.contype = 'x'$$,
	'there is no exclusion constraint');
SELECT is_empty($$SELECT r.name, conname, confdeltype, confupdtype FROM oracle.relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid
	WHERE c.contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a')$$, 'no foreign key deletes or changes rows');
SELECT is_empty($$SELECT r.name, conname FROM oracle.relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid WHERE NOT c.convalidated OR c.condeferred$$,
	'all constraints hold, and at once');
SELECT is_empty($$SELECT r.name, a.attname FROM oracle.relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid WHERE a.attidentity = 'a'$$,
	'no identity refuses a number from elsewhere');
SELECT is_empty($$SELECT r.name, a.attname, t.typname FROM oracle.relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
	JOIN pg_type AS t ON t.oid = a.atttypid
	WHERE r.relkind = 'r' AND a.attnum > 0 AND (t.typname IN ('money', 'timetz', 'bpchar', 'varchar', 'json', 'xml', 'serial') OR t.typname LIKE 'reg%'
		OR t.typtype = 'e')$$, 'no column is of a type that loses something, cannot be upgraded or cannot grow');
SELECT is_empty($$SELECT r.name FROM oracle.relation AS r WHERE r.relkind = 'r' AND r.person IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger AS t
	WHERE t.tgrelid = r.oid AND t.tgenabled = 'O' AND t.tgtype & 32 <> 0 AND t.tgfoid = 'care.refuse_truncate'::regproc)$$,
	'every table about a person refuses TRUNCATE');
SELECT is_empty($$SELECT r.name FROM oracle.relation AS r WHERE r.relpersistence <> 'p'$$, 'everything is durable');

--
-- Owners, views, triggers
--
SELECT is_empty($$SELECT name, relowner::regrole FROM oracle.relation WHERE relowner <> 'care_owner'::regrole
	UNION ALL SELECT name, proowner::regrole FROM oracle.routine WHERE proowner <> 'care_owner'::regrole
	UNION ALL SELECT typname, typowner::regrole FROM pg_type WHERE typnamespace = 'care'::regnamespace AND typowner <> 'care_owner'::regrole
	UNION ALL SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname = 'care' AND nspowner <> 'care_owner'::regrole$$,
	'everything belongs to the owner');
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname LIKE 'care\_%' AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
	OR rolbypassrls)$$, 'whose role, like the others, has no attributes');
SELECT is((SELECT count(*) FROM pg_roles WHERE rolname LIKE 'care\_%'), 11::bigint, 'eleven in all');
SELECT is_empty($$SELECT name, reloptions FROM oracle.relation WHERE relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false)$$,
	'views act as whoever reads them');
SELECT is_empty($$SELECT r.name, t.tgname, t.tgenabled FROM oracle.relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid WHERE t.tgenabled <> CASE t.tgname WHEN 'forget_rules' THEN 'A' ELSE 'O' END$$,
	'every trigger is enabled; that by which sessions forget rules also where changes are replicated to');
SELECT bag_eq($$SELECT r.relname::text, t.tgname::text, t.tgtype::integer & 2 <> 0 AS early, t.tgtype::integer & 28 AS kind
		FROM oracle.relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid
		WHERE t.tgfoid IN ('coachiatry.keep_calendars'::regproc, 'coachiatry.keep_series'::regproc)$$,
	$$SELECT r, w || o, w LIKE '%announce%' AS early, k FROM (VALUES ('check_in'), ('measurement')) AS r (r), (VALUES ('keep_announce_'), ('keep_')) AS w (w),
		(VALUES ('insert', 4), ('delete', 8), ('update', 16)) AS o (o, k)$$, 'each kind of change of a fact is announced and told');
SELECT is_empty($$SELECT r.name, acl.grantee::regrole, acl.privilege_type FROM oracle.relation AS r, aclexplode(r.relacl) AS acl
	WHERE acl.grantee = 0 OR acl.grantee <> r.relowner AND acl.privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')$$,
	'nobody else may do what only an owner should');

--
-- Functions
--
SELECT cmp_ok((SELECT count(*) FROM oracle.routine), '>', 20::bigint, 'there are functions to test');
SELECT is_empty('SELECT name FROM oracle.routine WHERE comment IS NULL', 'every function has a comment');
SELECT is_empty($$SELECT name, comment FROM oracle.routine WHERE comment ~ '^\s|\s$|\n' OR comment !~ '[.)]$'$$, 'in one line of whole sentences');
SELECT is_empty($$SELECT name, proconfig FROM oracle.routine WHERE (prosecdef OR prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql'))
	AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)$$,
	'functions that act as their owner, and all of PL/pgSQL, pin the search path');
SELECT is_empty($$SELECT name FROM oracle.routine WHERE prosecdef AND has_function_privilege('public', oid, 'EXECUTE')$$,
	'PUBLIC may execute none that acts as its owner');
SELECT is_empty($$SELECT name FROM oracle.routine WHERE prorettype = 'trigger'::regtype AND has_function_privilege('public', oid, 'EXECUTE')$$,
	'nor a trigger''s');
SELECT is_empty($$SELECT name, regexp_matches(prosrc, '[^\n]*\mEXECUTE\M[^\n]*', 'gi') FROM oracle.routine WHERE prosrc ~* '\mEXECUTE\M'
	UNION ALL SELECT name, ARRAY[prosrc] FROM oracle.routine WHERE prosrc ~* '\m(dblink|query_to_xml|lo_import|pg_read_file)'$$, 'no function has dynamic SQL');
SELECT is_empty($$SELECT name, l.lanname FROM oracle.routine JOIN pg_language AS l ON l.oid = prolang WHERE l.lanname NOT IN ('sql', 'plpgsql')$$,
	'all are in SQL or PL/pgSQL');
SELECT is_empty($$SELECT name FROM oracle.routine AS r JOIN pg_language AS l ON l.oid = r.prolang WHERE l.lanname = 'sql' AND r.prosqlbody IS NULL
	AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)$$, 'those in SQL were checked when they were made, or pin the search path');
SELECT is_empty($$SELECT name FROM oracle.routine WHERE prokind = 'f' AND pronargs > 0 AND proargnames IS NULL$$, 'their arguments have names');
SELECT is_empty($$SELECT r.name, d.refobjid::regclass FROM oracle.relation AS r JOIN pg_depend AS d ON d.objid = r.oid AND d.classid = 'pg_class'::regclass
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'$$, 'nothing of a program belongs to the extension');

-- Their bodies are read anew in each session, where anybody can have set standard_conforming_strings.
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace IN ('care'::regnamespace, 'coachiatry'::regnamespace)
	AND prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql')) AND regexp_replace(prosrc, '\yE''([^''\\]|\\.)*''', '', 'g') ~ '\\'$$,
	'no function has a literal that means something else without standard_conforming_strings');

SELECT * FROM finish();
ROLLBACK;
