-- Programs and their clock: exact text of results, notices and errors, over the
-- template that is installed. Behaviour is in test/pgtap/program_*.sql.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';
SET timezone TO 'UTC';
-- roles of a run that did not come to its end
SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname ~ '^regress_(coachiatry|care|two)' \gexec

--
-- Clock
--
SELECT clock() = now();
SHOW coachiatry.clock;
SET coachiatry.clock TO '2026-01-05 09:00 Europe/Berlin';
SHOW coachiatry.clock;
SELECT clock();
SET coachiatry.clock TO '2026-01-05';
SELECT clock();
SET coachiatry.clock TO '4713-12-31 BC 23:59:59.999999+14';
SHOW coachiatry.clock;
SELECT clock();
SET coachiatry.clock TO '294276-12-31 23:59:59.999999Z';
SHOW coachiatry.clock;
-- kept in UTC, so that it does not move with the settings
SET timezone TO 'Asia/Kolkata';
SET datestyle TO 'SQL, DMY';
SET coachiatry.clock TO '05/01/2026 09:00';
SHOW coachiatry.clock;
SET datestyle TO 'SQL, MDY';
SET timezone TO 'UTC';
SELECT clock();
SET datestyle TO 'ISO, YMD';
-- what is no time
SET coachiatry.clock TO 'noon';
SET coachiatry.clock TO 'now';
SET coachiatry.clock TO 'today 09:00';
SET coachiatry.clock TO 'Tomorrow';
SET coachiatry.clock TO 'infinity';
SET coachiatry.clock TO 'epoch';
SET coachiatry.clock TO '2026-02-30';
SET coachiatry.clock TO '2026-01-05 09:00 Europe/Nowhere';
SET coachiatry.clock TO 'Jan-05-2026 09:00';
SET coachiatry.clock TO '09:00';
SET coachiatry.clock TO '294277-01-01';
SET coachiatry.clock TO ' ';
SHOW coachiatry.clock;
-- local to a transaction
BEGIN;
SET LOCAL coachiatry.clock TO '2026-03-01 00:00+00';
SELECT clock();
ROLLBACK;
SHOW coachiatry.clock;
RESET coachiatry.clock;
SELECT clock() = now();
-- only for superusers
CREATE ROLE regress_coachiatry;
SET ROLE regress_coachiatry;
SET coachiatry.clock TO '2026-01-05';
SET coachiatry.template_directory TO '/';
SELECT clock() = now();
RESET ROLE;
SET coachiatry.template_directory TO 'here';
SET coachiatry.misspelt TO '';

--
-- Programs
--
SELECT * FROM programs();
SET coachiatry.clock TO '2026-01-05 09:00+00';
SELECT create_program('regress_care');
SELECT name, domain, template_version > 0 AS "has a version", owner, created_at FROM programs();
SELECT name, domain, role_prefix, source_precedence, day_start, created_at FROM regress_care.program_info;
SELECT create_program('regress_care');
SELECT create_program('regress_two', role_prefix => 'regress_care');
CREATE ROLE regress_two_app LOGIN;
SELECT create_program('regress_two', adopt_roles => true);
DROP ROLE regress_two_app;
SELECT create_program('Regress');
SELECT create_program('select');
SELECT create_program('pg_care');
SELECT create_program('regress_two', role_prefix => 'pg_two');
SELECT create_program('regress_two', 'school');
SELECT create_program(NULL);
SELECT create_program('regress_two', NULL);
SET ROLE regress_coachiatry;
SELECT create_program('regress_two');
SELECT drop_program('regress_care');
SELECT upgrade_program('regress_care');
SELECT name, domain, template_version, owner, created_at FROM programs();
RESET ROLE;

-- at the newest version already
SELECT upgrade_program('regress_care')::integer = template_version FROM programs();
SELECT upgrade_program('regress_two');
SELECT upgrade_program('public');
SELECT upgrade_program(NULL);

-- the extension cannot be dropped from under it
\set VERBOSITY terse
DROP EXTENSION coachiatry;
\set VERBOSITY default

-- with data it is dropped only when that is said twice
CREATE TABLE regress_care.diary (person_id bigint);
ALTER TABLE regress_care.diary OWNER TO regress_care_owner;
INSERT INTO regress_care.diary VALUES (1);
SELECT drop_program('regress_care');
SELECT drop_program('regress_care', even_with_data => true);
CREATE VIEW public.diary AS SELECT FROM regress_care.diary;
SELECT drop_program('regress_care', even_with_data => true, confirm => 'regress_care');
DROP VIEW public.diary;
GRANT regress_care_app TO regress_coachiatry;
GRANT USAGE ON SCHEMA public TO regress_care_app;
SELECT drop_program('regress_care', even_with_data => true, confirm => 'regress_care');
SELECT drop_program('regress_care');
SELECT drop_program(NULL);
SELECT * FROM programs();
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regress%';
REVOKE USAGE ON SCHEMA public FROM regress_care_app;
DROP ROLE regress_care_app, regress_coachiatry;
SELECT rolname FROM pg_roles WHERE rolname LIKE 'regress%';
