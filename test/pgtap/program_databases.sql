-- Roles belong to all databases of a cluster: the same program in two of them shares its roles, if the second one is
-- told so, and the roles last as long as one of them needs them. Runs outside a transaction, as making a database
-- does; what the other database says is kept in variables. SEED and templates are as in include/setup.sql.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
\set first_database :DBNAME
SELECT 'tap_db_' || pg_backend_pid() AS program, 'tap_db_' || pg_backend_pid() AS second_database \gset
\set folder `d=$(mktemp -d) && cp -R test/data/template/first/. src/program/01-program.sql "$d" && chmod -R a+rX "$d" && echo "$d"`

SET coachiatry.template_directory = :'folder';
SELECT coachiatry.create_program(:'program') \gset
CREATE DATABASE :second_database;

\connect :second_database
SET client_min_messages = error;
CREATE EXTENSION coachiatry;
SET coachiatry.template_directory = :'folder';
SELECT count(*) AS listed_there FROM coachiatry.programs() \gset
\set ON_ERROR_STOP off
SELECT coachiatry.create_program(:'program');
\set state_unasked :LAST_ERROR_SQLSTATE
\set ON_ERROR_STOP on
SELECT coachiatry.create_program(:'program', adopt_roles => true) AS adopted \gset
SELECT cardinality(roles_made) AS made_there FROM :program.program_info \gset

\connect :first_database
SET client_min_messages = error;
SELECT coachiatry.drop_program(:'program') \gset
SELECT count(*) AS roles_of_second, count(*) FILTER (WHERE rolname ~ '_owner$') AS owner_of_second
FROM pg_roles WHERE starts_with(rolname, :'program') \gset

\connect :second_database
SET client_min_messages = error;
SELECT count(*) AS tables_of_second FROM pg_class
WHERE relnamespace = :'program'::regnamespace AND relowner = (:'program' || '_owner')::regrole AND relkind = 'r' \gset
SELECT coachiatry.drop_program(:'program') \gset
SELECT count(*) AS roles_adopted FROM pg_roles WHERE starts_with(rolname, :'program') \gset

\connect :first_database
SET client_min_messages = error;
DROP DATABASE :second_database;
SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE starts_with(rolname, :'program') \gexec
\set removed `rm -rf :'folder'`

BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SELECT plan(7);
SELECT is(:listed_there, 0, 'a program is listed in its own database only');
SELECT is(:'state_unasked'::text, '42710', 'another database does not use its roles unasked');
SELECT is(:'adopted'::text, :'program'::text, 'and does when told');
SELECT is(:made_there, 0, 'then it has made none');
SELECT cmp_ok(:tables_of_second, '>', 3, 'the first one dropped, the second one is whole');
SELECT ok(:owner_of_second = 1 AND :roles_of_second = 11, 'with all roles that it uses');
SELECT is(:roles_adopted, 11, 'it leaves them, as it has not made them');
SELECT finish();
ROLLBACK;
