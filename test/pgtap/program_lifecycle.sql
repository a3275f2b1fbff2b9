-- Making and dropping programs, with a made-up template (test/data/template/first): names, roles, privileges, what is
-- left behind (nothing), and what is refused.
\ir include/setup.sql
\ir include/program.sql

SELECT plan(130);
SELECT oracle.use_template('first');

-- Whether anything of a program is there: its schema, or roles with its prefix.
CREATE FUNCTION oracle.traces(program text) RETURNS SETOF name
LANGUAGE sql AS $$
	SELECT nspname FROM pg_namespace WHERE nspname = program
	UNION ALL SELECT rolname FROM pg_roles WHERE starts_with(rolname, program || '_')
$$;

--
-- Names
--
SELECT results_eq(format('SELECT state FROM oracle.error_of(%L)', command), $$VALUES ('42602')$$, format('no program: %L', name))
FROM unnest(ARRAY['', ' ', 'Care', '1care', '_care', 'ca re', ' care', 'care ', 'care;', 'care--', 'care"', '"care"', 'care''', 'ca.re',
	'cáre', E'ca\nre', E'care\\', '$$', '%s', repeat('a', 41), repeat('a', 10000), 'pg_care', 'pg_', 'public', 'coachiatry',
	'information_schema', 'none', 'user']) AS name, format('SELECT create_program(%L)', name) AS command;
SELECT is_empty($$SELECT word FROM pg_get_keywords(), oracle.error_of(format('SELECT create_program(%L)', word))
	WHERE state <> '42602'$$, 'no keyword of the server is a name');
SELECT is_empty($$SELECT word FROM pg_get_keywords(), oracle.error_of(format('SELECT create_program(''tap_a'', role_prefix => %L)', word))
	WHERE state <> '42602'$$, 'nor a role prefix');
SELECT ok(length((oracle.error_of(format('SELECT create_program(%L)', repeat('é', 10000)))).message) < 200,
	'a long name is not repeated whole');
SELECT results_eq(format('SELECT state, hint FROM oracle.error_of(%L)', 'SELECT create_program(''tap_a'', ''school'')'),
	$$VALUES ('22023', 'There are psychiatry, medicine, education and workplace.')$$, 'an unknown domain is refused with the list');
SELECT results_eq(format('SELECT state FROM oracle.error_of(%L)', command), $$VALUES ('22004')$$, command)
FROM unnest(ARRAY['SELECT create_program(NULL)', 'SELECT create_program(''tap_a'', NULL)', 'SELECT drop_program(NULL)']) AS command;
SELECT is((oracle.error_of('SELECT create_program(''oracle'')')).state, '42P06', 'a schema that exists is not taken over');
SELECT is_empty('SELECT oracle.traces(''tap_a'')', 'what is refused leaves nothing');

--
-- What is made
--
SELECT is(create_program(repeat('t', 40)), repeat('t', 40), 'a name may have 40 letters');
SELECT is((SELECT count(*) FROM pg_roles WHERE starts_with(rolname, repeat('t', 40) || '_')), 11::bigint,
	'and the names of its roles are whole');
SELECT is(create_program('tap_care', 'medicine', NULL, NULL), 'tap_care', 'the result is the name');
SELECT set_eq('SELECT oracle.traces(''tap_care'')', 'SELECT ''tap_care'' || kind FROM unnest(ARRAY['''', ''_owner'', ''_person'', ''_coach'',
	''_supervisor'', ''_prescriber'', ''_therapist'', ''_coordinator'', ''_practice_coach'', ''_analyst'', ''_auditor'', ''_app'']) AS kind',
	'there are the schema and its eleven roles');
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname LIKE 'tap\_care\_%' AND (rolcanlogin OR rolsuper OR rolcreatedb OR rolcreaterole
	OR rolreplication OR rolbypassrls OR rolconfig IS NOT NULL OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid AND rolname <> 'tap_care_app'))$$,
	'which can do nothing by themselves');
SELECT results_eq($$SELECT rolinherit, string_agg(roleid::regrole::text, ',' ORDER BY roleid::regrole::text) FROM pg_auth_members JOIN pg_roles r ON r.oid = member
	WHERE rolname = 'tap_care_app' GROUP BY rolinherit$$, $$VALUES (false, 'tap_care_analyst,tap_care_auditor,tap_care_coach,tap_care_coordinator,tap_care_person,'
	'tap_care_practice_coach,tap_care_prescriber,tap_care_supervisor,tap_care_therapist')$$, 'but that the application can become all others except for the owner');
SELECT is_empty($$SELECT identity FROM pg_shdepend, pg_identify_object(classid, objid, objsubid) WHERE refobjid = current_user::regrole
	AND deptype = 'o' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND schema = 'tap_care'$$,
	'nothing belongs to the caller');
SELECT is((SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'tap_care'), 'tap_care_owner'::name, 'but to the owner');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'tap_care'::regnamespace AND relowner <> 'tap_care_owner'::regrole$$,
	'every table too');
SELECT results_eq('SELECT name, domain, template_version, role_prefix, cardinality(roles_made), source_precedence::text, day_start, created_at,
		created_by FROM tap_care.program_info',
	format('VALUES (''tap_care'', ''medicine'', 1, ''tap_care'', 11, ''{seen,device,pharmacy,coach,person,proxy,import}'', ''00:00''::time,
		now(), %L::text)', session_user), 'its row says what it is');
SELECT throws_ok('INSERT INTO tap_care.program_info SELECT * FROM tap_care.program_info', '23505', NULL, 'there is one row');
SELECT throws_ok('INSERT INTO tap_care.program_info SELECT false, name, domain, template_version, role_prefix, roles_made, source_precedence,
	day_start, notify_warnings, created_at, created_by FROM tap_care.program_info', '23514', NULL, 'and no way to have two');
SELECT throws_ok(format('UPDATE tap_care.program_info SET source_precedence = %L', v), '23514', NULL, 'no order of sources: ' || v)
FROM unnest(ARRAY['{seen,device,pharmacy,coach,person,proxy}', '{seen,device,pharmacy,coach,person,proxy,proxy}',
	'{seen,device,pharmacy,coach,person,proxy,import,seen}', '{seen,device,pharmacy,coach,person,proxy,NULL}', '{}',
	'{seen,device,pharmacy,coach,person,proxy,fax}', '{{seen,device,pharmacy,coach,person,proxy,import}}']) AS v;
SELECT lives_ok($$UPDATE tap_care.program_info SET source_precedence = '{import,seen,device,pharmacy,coach,person,proxy}', day_start = '03:00'$$,
	'another order and another start of the day are fine');
SELECT throws_ok('UPDATE tap_care.program_info SET day_start = ''24:00''', '23514', NULL, 'a day does not begin at its end');
SELECT is((oracle.error_of('SELECT create_program(''tap_care'')')).state, '42P06', 'the same program is not made twice');

--
-- Roles that are there before
--
CREATE ROLE tap_b_coach;
SELECT results_eq(format('SELECT state, message FROM oracle.error_of(%L)', 'SELECT create_program(''tap_b'')'),
	$$VALUES ('42710', 'role "tap_b_coach" already exists')$$, 'a role that is there is not used unasked');
SELECT set_eq('SELECT oracle.traces(''tap_b'')', ARRAY['tap_b_coach'], 'and nothing is made');
SELECT results_eq(format('SELECT state, detail FROM oracle.error_of(%L)', change || '; SELECT create_program(''tap_b'', adopt_roles => true)'),
	format('VALUES (%L, %L)', '42710', why), 'not adopted: ' || change)
FROM (VALUES
	('ALTER ROLE tap_b_coach SUPERUSER', 'It is a superuser.'),
	('ALTER ROLE tap_b_coach LOGIN', 'It can log in.'),
	('ALTER ROLE tap_b_coach CREATEDB', 'It can create databases or roles.'),
	('ALTER ROLE tap_b_coach CREATEROLE', 'It can create databases or roles.'),
	('ALTER ROLE tap_b_coach REPLICATION', 'It can replicate.'),
	('ALTER ROLE tap_b_coach BYPASSRLS', 'It bypasses row-level security.'),
	('ALTER ROLE tap_b_coach PASSWORD ''x''', 'It has a password.'),
	('ALTER ROLE tap_b_coach SET work_mem = 64', 'It has settings of its own.'),
	(format('ALTER ROLE tap_b_coach IN DATABASE %I SET work_mem = 64', current_database()), 'It has settings of its own.'),
	('GRANT pg_read_all_data TO tap_b_coach', 'It is a member of another role.'),
	('ALTER DEFAULT PRIVILEGES FOR ROLE tap_b_coach GRANT SELECT ON TABLES TO PUBLIC', 'It has default privileges.')
) AS v (change, why);
CREATE ROLE tap_member;
GRANT tap_b_coach TO tap_member;
SELECT is(create_program('tap_b', adopt_roles => true), 'tap_b', 'a role as good as new is adopted, with its members');
SELECT ok((SELECT cardinality(roles_made) = 10 AND 'tap_b_coach' <> ALL (roles_made) FROM tap_b.program_info),
	'and is not among those that were made');
SELECT is(create_program('tap_c', role_prefix => 'tap_b', adopt_roles => true), 'tap_c', 'two programs can share their roles, if one says so');
SELECT lives_ok('SELECT drop_program(''tap_c'')', 'and one of them be dropped');
SELECT is((SELECT count(*) FROM oracle.traces('tap_b')), 12::bigint, 'which leaves the other its roles');
SELECT lives_ok('SELECT drop_program(''tap_b'')', 'the other is dropped');
SELECT set_eq('SELECT oracle.traces(''tap_b'')', ARRAY['tap_b_coach'], 'with the roles that were made for it, and not the adopted one');

--
-- Nobody but a superuser needs to be one
--
CREATE ROLE tap_dba;
SET LOCAL ROLE tap_dba;
SELECT results_eq(format('SELECT state, detail FROM oracle.error_of(%L)', 'SELECT coachiatry.create_program(''tap_d'')'),
	format('VALUES (%L, %L)', '42501', format('It takes the privilege CREATE on database "%s".', current_database())),
	'without CREATE on the database there is no program');
RESET ROLE;
SELECT format('GRANT CREATE ON DATABASE %I TO tap_dba', current_database()) AS command \gset
:command;
SET LOCAL ROLE tap_dba;
SELECT results_eq(format('SELECT state, detail FROM oracle.error_of(%L)', 'SELECT coachiatry.create_program(''tap_d'')'),
	$$VALUES ('42501', 'It takes the role attribute CREATEROLE.')$$, 'nor without CREATEROLE');
RESET ROLE;
ALTER ROLE tap_dba CREATEROLE;
SET LOCAL ROLE tap_dba;
SELECT is(coachiatry.create_program('tap_d'), 'tap_d', 'with both there is');
SELECT is(current_user, 'tap_dba', 'the caller is who it was');
RESET ROLE;
SELECT is_empty($$SELECT roleid::regrole FROM pg_auth_members WHERE grantor = 'tap_dba'::regrole AND member <> 'tap_d_app'::regrole$$, 'and has granted itself nothing that stayed');
SELECT is((SELECT created_by FROM tap_d.program_info), 'tap_dba', 'the row names the caller');
CREATE ROLE tap_successor IN ROLE tap_d_owner;
CREATE ROLE tap_reader IN ROLE tap_d_coach;
SET LOCAL ROLE tap_reader;
SELECT results_eq('SELECT name, domain, template_version, owner, created_at FROM coachiatry.programs() WHERE name IN (''tap_care'', ''tap_d'')',
	$$VALUES ('tap_care', NULL, NULL, 'tap_care_owner', NULL), ('tap_d', 'psychiatry', 1, 'tap_d_owner', now())$$,
	'a program that one may not read is listed by its name and owner');
SELECT is((oracle.error_of('SELECT coachiatry.drop_program(''tap_d'')')).state, '42501', 'only the owner''s members may drop it');
SET LOCAL ROLE tap_successor;
SET LOCAL client_min_messages = error;
SELECT lives_ok('SELECT coachiatry.drop_program(''tap_d'')', 'such a member may');
RESET ROLE;
SELECT is((SELECT count(*) FROM oracle.traces('tap_d')), 11::bigint, 'though not drop its roles without CREATEROLE');
SET LOCAL client_min_messages = warning;

--
-- All or nothing, wherever it is called
--
CREATE FUNCTION oracle.catalogue_now() RETURNS TABLE (kind text, oid oid) LANGUAGE sql AS $$
	SELECT 'class', oid FROM pg_class WHERE relname !~ 'catalogue' UNION ALL SELECT 'role', oid FROM pg_authid
	UNION ALL SELECT 'procedure', oid FROM pg_proc UNION ALL SELECT 'type', oid FROM pg_type WHERE typname !~ 'catalogue'
$$;
CREATE TABLE oracle.catalogue AS SELECT * FROM oracle.catalogue_now();
SAVEPOINT before;
SELECT create_program('tap_e');
ROLLBACK TO before;
SELECT is_empty('SELECT oracle.traces(''tap_e'')', 'a program goes with its savepoint');
SELECT oracle.use_template('broken_value');
SELECT is((oracle.error_of('SELECT create_program(''tap_e'')')).state, '23505', 'an error in the middle of the template');
SELECT is(current_user || ' ' || current_setting('search_path'), session_user || ' public, coachiatry', 'leaves user and settings');
SELECT is_empty('SELECT oracle.traces(''tap_e'')', 'and nothing else');
SELECT oracle.use_template('first');
SAVEPOINT before;
SET LOCAL transaction_read_only = on;
SELECT state AS state_of_read_only FROM oracle.error_of('SELECT create_program(''tap_e'')') \gset
ROLLBACK TO before;
SELECT is(:'state_of_read_only'::text, '25006', 'a read-only transaction makes none');
PREPARE making (text) AS SELECT create_program($1);
EXECUTE making ('tap_e');
EXECUTE making ('tap_f');
SELECT results_eq('SELECT name FROM programs() WHERE name IN (''tap_e'', ''tap_f'')', $$VALUES ('tap_e'), ('tap_f')$$,
	'a prepared statement makes two');
DO 'BEGIN PERFORM coachiatry.drop_program(name) FROM coachiatry.programs() WHERE name IN (''tap_e'', ''tap_f''); END';
SELECT is_empty('SELECT oracle.traces(''tap_e'') UNION ALL SELECT oracle.traces(''tap_f'')', 'a block of code drops them');
SELECT is_empty($$SELECT kind, oid FROM oracle.catalogue_now() EXCEPT SELECT kind, oid FROM oracle.catalogue$$,
	'and after all that the catalogue has nothing new');

--
-- Drop: not while there is data
--
INSERT INTO tap_care.person (name) VALUES ('Ada');
SELECT results_eq(format('SELECT state, detail, hint FROM oracle.error_of(%L)', command), $$VALUES ('55000', 'Table "person" has rows.',
	'To drop it with all its data: SELECT coachiatry.drop_program(''tap_care'', even_with_data => true, confirm => ''tap_care'').')$$, command)
FROM unnest(ARRAY['SELECT drop_program(''tap_care'')', 'SELECT drop_program(''tap_care'', true)',
	'SELECT drop_program(''tap_care'', false, ''tap_care'')', 'SELECT drop_program(''tap_care'', NULL, ''tap_care'')',
	'SELECT drop_program(''tap_care'', true, ''tap_d'')', 'SELECT drop_program(''tap_care'', true, '''')']) AS command;
SELECT is((SELECT count(*) FROM tap_care.person), 1::bigint, 'the data is still there');
DELETE FROM tap_care.person;
CREATE TABLE tap_care.diary (day date, person_id bigint);
ALTER TABLE tap_care.diary OWNER TO tap_care_owner;
ALTER TABLE tap_care.diary ENABLE ROW LEVEL SECURITY;
ALTER TABLE tap_care.diary FORCE ROW LEVEL SECURITY;
INSERT INTO tap_care.diary VALUES ('2026-01-05', 1);
SELECT is((oracle.error_of('SELECT drop_program(''tap_care'')')).detail, 'Table "diary" has rows.',
	'a row counts that its table''s policies hide from the owner');
ALTER TABLE tap_care.diary RENAME person_id TO who;
SAVEPOINT before;
SELECT lives_ok('SELECT drop_program(''tap_care'')', 'a row of a catalogue does not');
ROLLBACK TO before;
ALTER TABLE tap_care.diary OWNER TO tap_dba;
SELECT is((oracle.error_of('SELECT drop_program(''tap_care'')')).detail, 'Table "diary" has rows.', 'one in a table of others does');
DROP TABLE tap_care.diary;
CREATE TABLE tap_care.staff (staff_id bigint);
ALTER TABLE tap_care.staff OWNER TO tap_care_owner;
INSERT INTO tap_care.staff VALUES (1);
SELECT is((oracle.error_of('SELECT drop_program(''tap_care'')')).detail, 'Table "staff" has rows.', 'and so do staff');
SAVEPOINT before;
DELETE FROM tap_care.staff;
SELECT lives_ok('SELECT drop_program(''tap_care'')', 'until they are deleted');
ROLLBACK TO before;

-- Drop: not what others need
CREATE SCHEMA tap_reports;
SELECT results_eq(format('SELECT state, detail FROM oracle.error_of(%L)', making || '; SELECT drop_program(''tap_care'', true, ''tap_care'')'),
	format('VALUES (%L, %L)', '2BP01', needed), 'outside: ' || making)
FROM (VALUES
	('CREATE VIEW tap_reports.v AS SELECT name FROM tap_care.person', 'rule _RETURN on view tap_reports.v'),
	('CREATE MATERIALIZED VIEW tap_reports.m AS SELECT tap_care.notes_of(1)', 'rule _RETURN on materialized view tap_reports.m'),
	('CREATE TABLE tap_reports.t (person_id bigint CONSTRAINT k REFERENCES tap_care.person)', 'constraint k on table tap_reports.t'),
	('CREATE TABLE tap_reports.t (p tap_care.person)', 'column p of table tap_reports.t'),
	('CREATE TABLE tap_reports.t (n bigint DEFAULT tap_care.notes_of(1))', 'default value for column n of table tap_reports.t'),
	('CREATE TABLE tap_reports.t () INHERITS (tap_care.word)', 'table tap_reports.t'),
	('CREATE FUNCTION tap_reports.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT tap_care.notes_of(1); END', 'function tap_reports.f()')
) AS v (making, needed);

-- Drop: what stays
CREATE ROLE tap_victim;
GRANT USAGE ON SCHEMA tap_reports TO tap_care_app;
UPDATE tap_care.program_info SET roles_made = roles_made || '{tap_victim,tap_dba,pg_monitor}';
SET LOCAL client_min_messages = error;
SELECT lives_ok('SELECT drop_program(''tap_care'', true, ''tap_care'')', 'told twice, it goes with its data');
SET LOCAL client_min_messages = warning;
SELECT set_eq('SELECT oracle.traces(''tap_care'')', ARRAY['tap_care_app'], 'and its roles but for one that something else needs');
SELECT is((SELECT count(*) FROM pg_roles WHERE rolname IN ('tap_victim', 'tap_dba', 'pg_monitor')), 3::bigint,
	'a name that the owner has added to the list is not believed');
SELECT is((oracle.error_of('SELECT drop_program(''tap_care'')')).state, '3F000', 'what is not there cannot be dropped');
SELECT is((oracle.error_of('SELECT drop_program(''tap_reports'')')).state, '3F000', 'nor a schema that is no program');
REVOKE USAGE ON SCHEMA tap_reports FROM tap_care_app;
SELECT is(create_program('tap_care', adopt_roles => true), 'tap_care', 'after that it can be made again');
SELECT is((SELECT cardinality(roles_made) FROM tap_care.program_info), 10, 'with the role that was left');

--
-- Tables that are no program's, whatever they are called
--
CREATE SCHEMA tap_x1;
CREATE VIEW tap_x1.program_info AS SELECT *, 1 / (only_row::integer - 1) AS trap FROM tap_care.program_info;
ALTER VIEW tap_x1.program_info ALTER created_at SET DEFAULT coachiatry.clock();
CREATE SCHEMA tap_x2;
CREATE TABLE tap_x2.program_info (created_at timestamptz DEFAULT coachiatry.clock(), domain text);
CREATE SCHEMA tap_x3;
CREATE TABLE tap_x3.program_info (LIKE tap_care.program_info);
ALTER TABLE tap_x3.program_info ALTER domain SET DEFAULT coachiatry.coachiatry_version();
CREATE SCHEMA tap_x4;
CREATE TABLE tap_x4.program_info (LIKE tap_care.program_info INCLUDING ALL);
ALTER TABLE tap_x4.program_info ENABLE ROW LEVEL SECURITY;
CREATE TEMPORARY TABLE program_info (LIKE tap_care.program_info INCLUDING ALL);
CREATE SCHEMA "tap X5";
CREATE TABLE "tap X5".program_info (LIKE tap_care.program_info INCLUDING ALL);
CREATE SCHEMA tap_x6;
CREATE TABLE tap_x6.program_info (LIKE tap_care.program_info INCLUDING ALL);
ALTER TABLE tap_x6.program_info ALTER domain TYPE varchar;
CREATE SCHEMA tap_x7;
CREATE TABLE tap_x7.program_info (LIKE tap_care.program_info INCLUDING ALL);
ALTER TABLE tap_x7.program_info ALTER domain DROP NOT NULL;
INSERT INTO tap_x7.program_info (name, template_version, role_prefix, roles_made, created_by) VALUES ('tap_x7', 1, 'tap_x7', '{}', 'x');
SELECT results_eq('SELECT name, domain, template_version FROM programs() WHERE name ~ ''tap.x'' OR name ~ ''tap X'' OR name ~ ''pg_temp''',
	$$VALUES ('tap X5', NULL::text, NULL::integer), ('tap_x7', NULL, NULL)$$, 'they are passed over, and a program without its row is listed');
SELECT is((oracle.error_of('SELECT drop_program(''tap X5'')')).state, '55000', 'such a one is not dropped');
SELECT is((oracle.error_of('SELECT upgrade_program(''tap_x7'')')).state, '55000', 'nor upgraded');

--
-- The extension
--
SAVEPOINT before;
INSERT INTO tap_care.person (name) VALUES ('Ada');
SELECT is((oracle.error_of('DROP EXTENSION coachiatry')).state, '2BP01', 'the extension cannot be dropped while there is a program');
DROP EXTENSION coachiatry CASCADE;
SELECT is((SELECT name FROM tap_care.person), 'Ada', 'CASCADE leaves the tables');
SELECT is_empty('SELECT FROM pg_attrdef WHERE adrelid = ''tap_care.program_info''::regclass AND pg_get_expr(adbin, adrelid) ~ ''clock''',
	'and takes what the extension has to do with them');
CREATE EXTENSION coachiatry;
SELECT is_empty($$SELECT name FROM coachiatry.programs() WHERE name = 'tap_care'$$, 'so that it is a program no more');
ROLLBACK TO before;

SELECT finish();
ROLLBACK;
\ir include/program_end.sql
