-- Programs: making them from the installed template, and the clock. Their
-- tables are the template's, src/program/NN-name.sql.
-- Sections: programs, clock.

--
-- Programs
--

CREATE FUNCTION coachiatry.create_program(name text, domain text DEFAULT 'psychiatry', role_prefix text DEFAULT NULL,
	adopt_roles boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME', 'program_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION coachiatry.create_program(text, text, text, boolean) IS
'Makes a program: a schema of that name with ordinary tables, and its roles. Returns the name. name and role_prefix (NULL: the name) are a lower-case letter and up to 39 lower-case letters, digits and underscores, no keyword of SQL, and do not begin with pg_; domain is psychiatry, medicine, education or workplace. Everything belongs to the role <role_prefix>_owner; <role_prefix>_person, _coach, _supervisor, _prescriber, _therapist, _coordinator, _practice_coach, _analyst, _auditor and _app are the roles of those who use it; none of them can log in. A role that exists is used only with adopt_roles, and only if it has no attributes, password, settings, default privileges or memberships; its own members then are members in this program too. Takes CREATE on the database and CREATEROLE; the caller need not become a member of the owner. All or nothing, as part of the transaction. Errors: 42602 for a name, 22023 for a domain, 22004 for a NULL name or domain, 42P06 for a schema that exists, 42710 for a role that exists or cannot be adopted, 42501 for a missing privilege, 58P01 where no template is installed.';

CREATE FUNCTION coachiatry.synthetic_program(name text, people integer DEFAULT 40, seed integer DEFAULT 1, adopt_roles boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME', 'program_synthetic'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION coachiatry.synthetic_program(text, integer, integer, boolean) IS
'Makes a program, as create_program does, and fills it with invented people (1 to 1,000,000), their staff, plans and some 180 days of record, for demonstrations, training and tests: nothing in it is about anybody. Returns the name. The same people, seed and day by coachiatry.clock() make the same rows on every machine, but for secret keys; the record ends at that time. Some 340 check-ins for each person: 40 people take a few seconds, 10,000 some minutes. Errors: those of create_program; 22023 for a number of people out of range, 22004 for a NULL argument but adopt_roles.';

CREATE FUNCTION coachiatry.upgrade_program(name text)
RETURNS text
AS 'MODULE_PATHNAME', 'program_upgrade'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION coachiatry.upgrade_program(text) IS
'Upgrades a program to the version of the template that is installed, and returns that version. Runs the steps from the program''s version on, all or nothing; only says so (a notice) where there is nothing to do. For members of the program''s owner and those who may grant that role. Errors: 42602 for a name that no program can have, 22004 for a NULL one, 3F000 where there is no such program, 42501 for a missing privilege, 55000 where no steps lead from its version to the installed one or it is of a later version.';

CREATE FUNCTION coachiatry.drop_program(name text, even_with_data boolean DEFAULT false, confirm text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'program_drop'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION coachiatry.drop_program(text, boolean, text) IS
'Drops a program, and those of its roles that were made for it, unless other objects (also of other databases) depend on them or it takes a right to drop them: then a notice says so. It is refused while there is data, which is any row in a table that has a column person_id, in organization, site, staff or person, or in a table that belongs to another role; told twice, with even_with_data and with the name again as confirm, it drops the data too. It is always refused while objects outside the schema depend on it. For members of the program''s owner and those who may grant that role. Errors: 3F000 where there is no such program, 22004 for a NULL name, 42501 for a missing privilege, 55000 while there is data, 2BP01 while something outside depends on it.';

CREATE FUNCTION coachiatry.programs()
RETURNS TABLE (name text, domain text, template_version integer, owner text, created_at timestamptz)
AS 'MODULE_PATHNAME', 'program_programs'
LANGUAGE C STABLE PARALLEL SAFE ROWS 3;

COMMENT ON FUNCTION coachiatry.programs() IS
'The programs of this database, a row each in order of their names: the schemas with a table program_info as create_program makes it. domain, template_version and created_at are NULL where one may not read that table.';

--
-- Clock
--

CREATE FUNCTION coachiatry.clock()
RETURNS timestamptz
AS 'MODULE_PATHNAME', 'program_clock'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.clock() IS
'The time by the clock of the programs: now(), the start of the transaction, unless a superuser has put another time into the setting coachiatry.clock, for tests and replays. Programs use it wherever a trigger or a default cannot be told the time.';
