-- The template: how it is run, what it says about errors, and upgrades, with made-up versions (test/data/template).
-- That an upgraded program is as a new one of that version is the plain claim; the catalogues say whether it holds.
\ir include/setup.sql
\ir include/program.sql

SELECT plan(42);

--
-- Upgrade
--
SELECT oracle.use_template('first');
CREATE TABLE oracle.made AS SELECT create_program('tap_old') UNION ALL SELECT create_program('tap_kept', 'education', 'tap_kept');
INSERT INTO tap_old.person (name) VALUES ('Ada'), ('Ben');
INSERT INTO tap_old.note (person_id, word) SELECT person_id, 'ok' FROM tap_old.person;
CREATE TABLE oracle.row_before AS SELECT person_id, note_id, word, at FROM tap_old.note;
CREATE TABLE oracle.shape_before AS SELECT oracle.shape('tap_old') AS line;

SELECT results_eq('SELECT name, template_version FROM programs() WHERE name LIKE ''tap\_%''',
	$$VALUES ('tap_kept', 1), ('tap_old', 1)$$, 'a template without steps is of version 1');
SELECT is(upgrade_program('tap_old'), '1', 'upgrading to the version that is there says that version');
SELECT set_eq('SELECT oracle.shape(''tap_old'')', 'SELECT line FROM oracle.shape_before', 'and changes nothing');

SELECT oracle.use_template('next');
SELECT create_program('tap_new');
SELECT results_eq('SELECT template_version FROM programs() WHERE name = ''tap_new''', 'VALUES (3)',
	'a new program is of the version that the last step leads to');
SELECT isnt_empty('SELECT line FROM oracle.shape_before EXCEPT SELECT oracle.shape(''tap_new'')',
	'the versions differ before');
SELECT is(upgrade_program('tap_old'), '3', 'the steps run to the end');
SELECT results_eq('SELECT template_version FROM programs() WHERE name = ''tap_old''', 'VALUES (3)', 'and that is written down');
SELECT results_eq('SELECT person_id, note_id, word, at FROM tap_old.note ORDER BY 1', 'SELECT * FROM oracle.row_before ORDER BY 1',
	'the data is as it was');
SELECT is(tap_old.notes_of(1), 1::bigint, 'and the new functions work over it');
DELETE FROM tap_old.note;
DELETE FROM tap_old.person;
SELECT bag_eq('SELECT oracle.shape(''tap_old'')', 'SELECT oracle.shape(''tap_new'')',
	format('without it, an upgraded program is as a new one [%s lines]', (SELECT count(*) FROM oracle.shape('tap_new'))));
SELECT is_empty('SELECT oracle.shape(''tap_kept'') EXCEPT SELECT replace(line, ''psychiatry'', ''education'') FROM oracle.shape_before
		EXCEPT SELECT line FROM oracle.shape_before', 'a program beside it stays as it was');
SELECT lives_ok('SELECT upgrade_program(''tap_old'')', 'once more does nothing');

--
-- Upgrades that cannot be
--
SELECT oracle.use_template('gap');
SELECT is((oracle.error_of('SELECT upgrade_program(''tap_kept'')')).state, '55000', 'without a step from its version on a program stays');
SELECT matches((oracle.error_of('SELECT upgrade_program(''tap_kept'')')).message, 'no upgrade of program "tap_kept" from version 1 to 3',
	'and is told so');
SELECT oracle.use_template('first');
SELECT results_eq('SELECT state, message FROM oracle.error_of(''SELECT upgrade_program(''''tap_new'''')'')',
	$$VALUES ('55000', 'program "tap_new" is of version 3 and the installed template of 1')$$, 'there is no way back');
CREATE TABLE oracle.kept_before AS SELECT oracle.shape('tap_kept') AS line;
SELECT oracle.use_template('stuck');
SELECT results_eq('SELECT state, substring(context FROM ''file[^\n]*line \d+'') FROM oracle.error_of(''SELECT upgrade_program(''''tap_kept'''')'')',
	$$VALUES ('23505', 'file "upgrade/1--2.sql" of the program template, line 4')$$,
	'a step that fails says where');
SELECT bag_eq('SELECT oracle.shape(''tap_kept'')', 'SELECT line FROM oracle.kept_before', 'and leaves nothing');
SELECT is((oracle.error_of('SELECT upgrade_program(''tap_none'')')).state, '3F000', 'a program that is not there cannot be upgraded');
SELECT is((oracle.error_of('SELECT upgrade_program(''oracle'')')).state, '3F000', 'nor a schema that is none');
SELECT is((oracle.error_of('SELECT upgrade_program(NULL)')).state, '22004', 'nor NULL');
CREATE ROLE tap_stranger;
SET LOCAL ROLE tap_stranger;
SELECT throws_ok('SELECT coachiatry.upgrade_program(''tap_kept'')', '42501', 'permission denied to act as role "tap_kept_owner"',
	'nor a program of others');
RESET ROLE;

--
-- Errors in a template: state, and the place in the file
--
CREATE FUNCTION oracle.broken(which text, OUT state text, OUT place text)
LANGUAGE plpgsql AS $$
DECLARE
	error record;
BEGIN
	PERFORM oracle.use_template('broken_' || which);
	error := oracle.error_of('SELECT coachiatry.create_program(''tap_broken'')');
	state := error.state;
	place := substring(concat_ws(' ', error.detail, error.context) FROM 'file "02-broken.sql"(?: of the program template)?, line \d+');
END
$$;
SET LOCAL check_function_bodies = off;
SELECT results_eq(format('SELECT * FROM oracle.broken(%L)', which), format('VALUES (%L, %L)', state, place), about)
FROM (VALUES
	('syntax', '42601', 'file "02-broken.sql" of the program template, line 3', 'a syntax error'),
	('name', '42883', 'file "02-broken.sql" of the program template, line 3', 'a name that is not there, behind characters of many bytes'),
	('value', '23505', 'file "02-broken.sql" of the program template, line 4', 'a value that is not allowed'),
	('body', '42601', 'file "02-broken.sql" of the program template, line 2', 'an error in a body, where its function is created'),
	('placeholder', '42601', 'file "02-broken.sql", line 3', 'a placeholder that there is not'),
	('commit', '0A000', 'file "02-broken.sql" of the program template, line 3', 'the end of a transaction'),
	('role', '42501', 'file "02-broken.sql" of the program template, line 3', 'another role'),
	('king', '42501', 'file "02-broken.sql" of the program template, line 2', 'more rights than the owner has')
) AS v (which, state, place, about);
SET LOCAL check_function_bodies = on;
-- What psql says; the position is not one in the query that it has sent.
\set said `psql -Xd :DBNAME -c "SET coachiatry.template_directory = '":folder"/broken_syntax'" -c "SELECT coachiatry.create_program('tap_said') /* longer than the way to the error in the file: ........................................................................................................................ */" 2>&1`
SELECT is(:'said'::text, E'SET\nERROR:  syntax error at or near "TABEL"\nCONTEXT:  file "02-broken.sql" of the program template, line 3',
	'the client is shown the file and the line, and no place in its own query');
SELECT is_empty($$SELECT oid FROM pg_namespace WHERE nspname = 'tap_broken'
	UNION ALL SELECT oid FROM pg_authid WHERE rolname LIKE 'tap\_broken%'$$, 'after an error neither schema nor roles are left');

--
-- The folder
--
SELECT oracle.use_template('empty');
SELECT is((oracle.error_of('SELECT create_program(''tap_none'')')).state, '58P01', 'a folder without parts is no template');
SELECT oracle.use_template('nowhere');
SELECT is((oracle.error_of('SELECT create_program(''tap_none'')')).state, '58P01', 'nor one that is not there');
SELECT throws_ok('SET coachiatry.template_directory = ''share''', '22023', NULL, 'the path must be absolute');
SET LOCAL ROLE tap_stranger;
SELECT throws_ok('SET coachiatry.template_directory = ''/''', '42501', NULL, 'and a superuser''s choice');
RESET ROLE;

--
-- The settings under which it runs are not the caller's, and those are back afterwards
--
SELECT oracle.use_template('next');
CREATE TABLE oracle.new_shape AS SELECT oracle.shape('tap_new') AS line;
CREATE FUNCTION tap_old.is_above(smallint, integer) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR tap_old.> (FUNCTION = tap_old.is_above, LEFTARG = smallint, RIGHTARG = integer);
SET LOCAL search_path = tap_old, pg_catalog, public, coachiatry;
SET LOCAL standard_conforming_strings = off;
SET LOCAL check_function_bodies = off;
SET LOCAL array_nulls = off;
SET LOCAL transform_null_equals = on;
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL intervalstyle = 'sql_standard';
SET LOCAL timezone = 'Asia/Kolkata';
SET LOCAL client_min_messages = notice;
SELECT lives_ok('SELECT create_program(''tap_odd'')', 'a program is made under odd settings');
SELECT results_eq($$SELECT string_agg(current_setting(s), '; ' ORDER BY s) FROM unnest('{search_path,standard_conforming_strings,
		check_function_bodies,datestyle,timezone,client_min_messages,intervalstyle,array_nulls}'::text[]) AS s$$,
	$$VALUES ('off; off; notice; SQL, DMY; sql_standard; tap_old, pg_catalog, public, coachiatry; off; Asia/Kolkata')$$, 'which are as before');
SET LOCAL search_path = public, coachiatry;
SET LOCAL standard_conforming_strings = on;
SET LOCAL array_nulls = on;
SET LOCAL transform_null_equals = off;
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL timezone = 'UTC';
SET LOCAL client_min_messages = warning;
SELECT bag_eq('SELECT oracle.shape(''tap_odd'')', 'SELECT line FROM oracle.new_shape', 'and it is as the others');

--
-- A program's owner cannot use the superuser who upgrades it
--
CREATE TABLE oracle.ran_as (who name);
GRANT INSERT ON oracle.ran_as TO tap_kept_owner;
SET LOCAL ROLE tap_kept_owner;
CREATE FUNCTION tap_kept.trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO oracle.ran_as VALUES (current_user); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER trap AFTER UPDATE ON tap_kept.program_info DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION tap_kept.trap();
RESET ROLE;
SELECT is((oracle.error_of('SELECT upgrade_program(''tap_kept''); SET CONSTRAINTS ALL IMMEDIATE')).state, '42501',
	'a trigger that would run later, as the caller, is refused');
ALTER TABLE tap_kept.program_info DISABLE TRIGGER trap;
CREATE TRIGGER trap_now AFTER UPDATE ON tap_kept.program_info FOR EACH ROW EXECUTE FUNCTION tap_kept.trap();
SELECT is(upgrade_program('tap_kept'), '3', 'one that runs at once');
SELECT results_eq('SELECT who FROM oracle.ran_as', $$VALUES ('tap_kept_owner'::name)$$, 'runs as the owner');
UPDATE tap_kept.program_info SET role_prefix = 'x; DROP TABLE oracle.ran_as; --', template_version = 1;
SELECT is((oracle.error_of('SELECT upgrade_program(''tap_kept'')')).state, '55000', 'a prefix that is none is not put into the steps');

SELECT finish();
ROLLBACK;
\ir include/program_end.sql
