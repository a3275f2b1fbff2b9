-- Who is acting, where it could be somebody else: plans that are used again after others have signed in, parallel workers, savepoints, roles, functions
-- that run as others, settings that somebody tampers with, two programs, logins. The rows that each may see are counted as a superuser, in plain SQL.
\ir include/setup.sql
SET LOCAL timezone = 'UTC';

SELECT plan(78);

SELECT create_program('tap_care') \g /dev/null
SELECT create_program('tap_school', 'education') \g /dev/null
INSERT INTO tap_care.staff (staff_id, name, role, licensed, token_subject, login_role) VALUES
	(1, 'Cy', 'coach', true, 'cy', 'tap_cy'), (2, 'Di', 'coach', true, 'di', NULL), (3, 'Al', 'analyst', false, 'al', 'tap_al');
INSERT INTO tap_care.person (person_id, name, token_subject) VALUES (1, 'Ada', 'ada'), (2, 'Ben', 'ben');
INSERT INTO tap_care.proxy (person_id, proxy_id, name, relation, token_subject) VALUES (2, 7, 'Pat', 'mother', 'pat');
INSERT INTO tap_school.person (person_id, name, token_subject) VALUES (1, 'Sid', 'sid');
CREATE ROLE tap_pool LOGIN NOINHERIT IN ROLE tap_care_person, tap_care_coach, tap_care_analyst, tap_school_person;
CREATE ROLE tap_stranger LOGIN;
CREATE ROLE tap_cy LOGIN IN ROLE tap_care_coach, tap_care_analyst;
CREATE ROLE tap_al LOGIN IN ROLE tap_care_analyst;
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

-- Tables with policies of both shapes: a sub-select that runs once, and a call for each row
CREATE TABLE tap_care.note (note_id bigint PRIMARY KEY, person_id bigint, staff_id bigint);
INSERT INTO tap_care.note SELECT n, 1 + n % 3, 1 + n % 5 FROM generate_series(1, 3000) n;
CREATE TABLE tap_care.called (LIKE tap_care.note INCLUDING ALL);
INSERT INTO tap_care.called SELECT * FROM tap_care.note;
ANALYZE tap_care.note, tap_care.called;
ALTER TABLE tap_care.note OWNER TO tap_care_owner;
ALTER TABLE tap_care.called OWNER TO tap_care_owner;
GRANT SELECT ON tap_care.note, tap_care.called TO tap_care_person, tap_care_coach;
ALTER TABLE tap_care.note ENABLE ROW LEVEL SECURITY;
ALTER TABLE tap_care.called ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tap_care.note TO tap_care_person USING (person_id = (SELECT tap_care.actor_person_id()));
CREATE POLICY proxied ON tap_care.note TO tap_care_person USING (person_id = (SELECT tap_care.actor_proxied_person_id()));
CREATE POLICY written ON tap_care.note TO tap_care_coach USING (staff_id = (SELECT tap_care.actor_staff_id()));
CREATE POLICY own ON tap_care.called TO tap_care_person USING (person_id = tap_care.actor_person_id());
CREATE POLICY proxied ON tap_care.called TO tap_care_person USING (person_id = tap_care.actor_proxied_person_id());
CREATE POLICY written ON tap_care.called TO tap_care_coach USING (staff_id = tap_care.actor_staff_id());

-- Everybody, with a token and what they may see; the last two are nobody, by a role that is not theirs and in another program
CREATE TABLE oracle.who (name text PRIMARY KEY, token text, role text, then_role text, sees bigint[]);
INSERT INTO oracle.who
SELECT v.name, CASE WHEN v.name = 'sid' THEN tap_school.issue_token('sid') ELSE tap_care.issue_token(left(v.name, 3)) END, v.role, v.then_role,
	(SELECT array_agg(n.note_id ORDER BY n.note_id) FROM tap_care.note n WHERE n.person_id = v.person_id OR n.staff_id = v.staff_id)
FROM (VALUES ('ada', 'tap_care_person', NULL, 1, NULL), ('ben', 'tap_care_person', NULL, 2, NULL), ('cy', 'tap_care_coach', NULL, NULL, 1), ('di', 'tap_care_coach', NULL, NULL, 2),
	('pat', 'tap_care_person', NULL, 2, NULL), ('ada as a coach', 'tap_care_person', 'tap_care_coach', NULL, NULL), ('sid', 'tap_school_person', 'tap_care_person', NULL, NULL))
	AS v (name, role, then_role, person_id, staff_id);
GRANT SELECT ON oracle.who TO PUBLIC;

-- Ways to ask, most of them with plans that are kept
CREATE VIEW tap_care.noted WITH (security_invoker = true) AS SELECT note_id FROM tap_care.note;
GRANT SELECT ON tap_care.noted TO PUBLIC;
CREATE FUNCTION oracle.by_sql() RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_sort = on AS 'SELECT note_id FROM tap_care.note';
CREATE FUNCTION oracle.by_sql_inlined() RETURNS SETOF bigint LANGUAGE sql STABLE AS 'SELECT note_id FROM tap_care.note';
CREATE FUNCTION oracle.by_plpgsql() RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN QUERY SELECT note_id FROM tap_care.note; END';
CREATE FUNCTION oracle.by_expression() RETURNS bigint[] LANGUAGE plpgsql STABLE AS 'BEGIN RETURN ARRAY(SELECT note_id FROM tap_care.called ORDER BY note_id); END';
CREATE FUNCTION oracle.by_cursor() RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS
	'DECLARE c CURSOR FOR SELECT note_id FROM tap_care.note; BEGIN FOR r IN c LOOP RETURN NEXT r.note_id; END LOOP; END';
CREATE FUNCTION tap_care.by_definer() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
	'SELECT note_id FROM tap_care.note WHERE person_id = tap_care.actor_person_id() OR person_id = tap_care.actor_proxied_person_id() OR staff_id = tap_care.actor_staff_id()';
ALTER FUNCTION tap_care.by_definer() OWNER TO tap_care_owner;
PREPARE generic AS SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.note;
PREPARE generic_called AS SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.called;
PREPARE generic_parameter (bigint) AS SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.note WHERE note_id > $1;
PREPARE by_parallel AS SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.called;
CREATE TABLE oracle.way (name text PRIMARY KEY, settings text[] NOT NULL DEFAULT '{}', query text NOT NULL);
INSERT INTO oracle.way (name, query) VALUES
	('plain', 'SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.note'),
	('a call for each row', 'SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.called'),
	('common table', 'WITH n AS MATERIALIZED (SELECT * FROM tap_care.note) SELECT array_agg(note_id ORDER BY note_id) FROM n'),
	('common table, inlined', 'WITH n AS NOT MATERIALIZED (SELECT * FROM tap_care.called) SELECT array_agg(note_id ORDER BY note_id) FROM n'),
	('sub-link', 'SELECT array_agg(i::bigint ORDER BY i) FROM generate_series(1, 3000) i WHERE EXISTS (SELECT FROM tap_care.note WHERE note_id = i)'),
	('sub-link, hashed', 'SELECT array_agg(i::bigint ORDER BY i) FROM generate_series(1, 3000) i WHERE i IN (SELECT note_id FROM tap_care.called)'),
	('join', 'SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.note JOIN tap_care.called USING (note_id)'),
	('view', 'SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.noted'),
	('SQL function', 'SELECT array_agg(n ORDER BY n) FROM oracle.by_sql() n'),
	('SQL function, inlined', 'SELECT array_agg(n ORDER BY n) FROM oracle.by_sql_inlined() n'),
	('PL/pgSQL function', 'SELECT array_agg(n ORDER BY n) FROM oracle.by_plpgsql() n'),
	('PL/pgSQL expression', 'SELECT nullif(oracle.by_expression(), ''{}'')'),
	('cursor', 'SELECT array_agg(n ORDER BY n) FROM oracle.by_cursor() n'),
	('definer function', 'SELECT array_agg(n ORDER BY n) FROM tap_care.by_definer() n');
INSERT INTO oracle.way VALUES
	('prepared', '{plan_cache_mode=force_custom_plan}', 'EXECUTE generic'),
	('prepared, generic', '{plan_cache_mode=force_generic_plan}', 'EXECUTE generic'),
	('prepared, generic, a call for each row', '{plan_cache_mode=force_generic_plan}', 'EXECUTE generic_called'),
	('prepared, generic, with a parameter', '{plan_cache_mode=force_generic_plan}', 'EXECUTE generic_parameter (0)'),
	('parallel', '{parallel_setup_cost=0,parallel_tuple_cost=0,min_parallel_table_scan_size=0,parallel_leader_participation=off}',
		'SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.called'),
	('parallel, generic', '{plan_cache_mode=force_generic_plan,parallel_setup_cost=0,parallel_tuple_cost=0,min_parallel_table_scan_size=0,parallel_leader_participation=off}',
		'EXECUTE by_parallel');
GRANT SELECT ON oracle.way TO PUBLIC;

-- Become somebody, by sign_in or by the setting.
CREATE FUNCTION oracle.become(someone text, by_setting boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	w oracle.who;
BEGIN
	SELECT * INTO w FROM oracle.who WHERE name = someone;
	IF by_setting THEN
		PERFORM set_config('coachiatry.token', w.token, true), set_config('role', w.role, true);
	ELSE
		PERFORM coachiatry.sign_in(w.token);
	END IF;
	IF w.then_role IS NOT NULL THEN
		PERFORM set_config('role', w.then_role, true);
	END IF;
END
$$;
-- What one sees now, asked in a way.
CREATE FUNCTION oracle.seen(by_way text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	w oracle.way;
	setting text;
	seen bigint[];
BEGIN
	SELECT * INTO w FROM oracle.way WHERE name = by_way;
	FOREACH setting IN ARRAY w.settings LOOP
		PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true);
	END LOOP;
	EXECUTE w.query INTO seen;
	PERFORM set_config('plan_cache_mode', 'auto', true), set_config('parallel_setup_cost', '1000', true);
	RETURN seen;
END
$$;
CREATE FUNCTION oracle.wanted(someone text) RETURNS bigint[] LANGUAGE sql STABLE AS 'SELECT sees FROM oracle.who WHERE name = someone';
-- One after the other, in the same way; then the second within a savepoint that is rolled back: what was seen wrongly.
CREATE FUNCTION oracle.switch(by_way text, one text, other text, by_setting boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	wrong text := '';
	seen bigint[];
BEGIN
	PERFORM oracle.become(one, by_setting);
	IF oracle.seen(by_way) IS DISTINCT FROM oracle.wanted(one) THEN wrong := wrong || ' first'; END IF;
	BEGIN
		PERFORM oracle.become(other, by_setting);
		seen := oracle.seen(by_way);
		IF seen IS DISTINCT FROM oracle.wanted(other) THEN wrong := wrong || ' second'; END IF;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
		NULL;
	END;
	IF oracle.seen(by_way) IS DISTINCT FROM oracle.wanted(one) THEN wrong := wrong || ' after the savepoint'; END IF;
	PERFORM oracle.become(other, by_setting);
	IF oracle.seen(by_way) IS DISTINCT FROM oracle.wanted(other) THEN wrong := wrong || ' third'; END IF;
	RETURN wrong;
END
$$;
SELECT is((SELECT count(*) FROM oracle.who WHERE cardinality(sees) BETWEEN 600 AND 1000), 5::bigint, 'five see some rows, two none');

SET LOCAL SESSION AUTHORIZATION tap_pool;
SAVEPOINT as_pool;
SELECT * FROM oracle.agree($$SELECT (w.name, a.name, b.name) AS about, oracle.switch(w.name, a.name, b.name, false) AS got, '' AS wanted
	FROM oracle.way w, oracle.who a, oracle.who b WHERE w.name !~ 'parallel|sub-link' OR a.name < b.name$$, 'signing in one after another, every way to ask sees what is theirs');
ROLLBACK TO as_pool;
SELECT * FROM oracle.agree($$SELECT (w.name, a.name, b.name) AS about, oracle.switch(w.name, a.name, b.name, true) AS got, '' AS wanted
	FROM oracle.way w, oracle.who a, oracle.who b WHERE w.name !~ 'inlined|hashed|expression' AND a.name IN ('ada', 'cy', 'sid') AND b.name IN ('ben', 'cy', 'ada as a coach')$$, 'so by the setting');
ROLLBACK TO as_pool;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ' || query; END $$;
SELECT oracle.become('ada') \g /dev/null
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT isnt_empty('SELECT l FROM pg_temp.plan_of(''SELECT count(*) FROM tap_care.called'') l WHERE l ~ ''Workers Launched: [1-9]''', 'workers did run');
SET LOCAL parallel_setup_cost = 1000;
SELECT isnt_empty('SELECT l FROM pg_temp.plan_of(''SELECT count(*) FROM tap_care.called'') l WHERE l ~ ''Filter: .*person_id = actor_person_id\(''''tap_care''''::regnamespace\)''',
	'the functions of a program are inlined');
ROLLBACK TO as_pool;

--
-- Who am I
--
SELECT results_eq('SELECT kind, program, role, expires FROM whoami(''tap_care'')', $$VALUES ('nobody', NULL::text, NULL::text, NULL::timestamptz)$$, 'the pool is nobody');
SELECT oracle.become('cy') \g /dev/null
SELECT results_eq('SELECT program, kind, signed_in_by, staff_id, person_id, proxy_id, role FROM tap_care.whoami()',
	$$VALUES ('tap_care', 'staff', 'token', 1::bigint, NULL::bigint, NULL::bigint, 'coach')$$, 'staff');
SELECT results_eq('SELECT * FROM whoami()', 'SELECT * FROM tap_care.whoami()', 'the same without a program');
SELECT results_eq('SELECT kind FROM whoami(''tap_school'')', ARRAY['nobody'], 'in another program they are nobody');
SELECT cmp_ok((SELECT expires FROM whoami()), '>', now() + interval '14 minutes', 'until the token expires');
SELECT oracle.become('ada') \g /dev/null
SELECT results_eq('SELECT kind, staff_id, person_id, proxy_id, role FROM tap_care.whoami()', $$VALUES ('person', NULL::bigint, 1::bigint, NULL::bigint, 'person')$$, 'a person');
SELECT oracle.become('pat') \g /dev/null
SELECT results_eq('SELECT kind, staff_id, person_id, proxy_id, role FROM tap_care.whoami()', $$VALUES ('proxy', NULL::bigint, 2::bigint, 7::bigint, 'proxy')$$, 'a proxy');
SELECT results_eq('SELECT tap_care.actor_staff_id(), tap_care.actor_person_id(), tap_care.actor_proxy_id(), tap_care.actor_proxied_person_id(), tap_care.actor_role()',
	$$VALUES (NULL::bigint, NULL::bigint, 7::bigint, 2::bigint, 'proxy')$$, 'who is not the person');
SELECT is(current_user::text, 'tap_care_person', 'with the role of persons');
SELECT is(session_user::text, 'tap_pool', 'the session is the pool''s');
SELECT ok(actor_role('pg_catalog') IS NULL AND actor_staff_id('public') IS NULL AND actor_role(0::oid::regnamespace) IS NULL AND actor_role(NULL) IS NULL, 'a schema that is no program has nobody');
ROLLBACK TO as_pool;

--
-- Roles
--
RESET SESSION AUTHORIZATION;
CREATE FUNCTION oracle.error(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SET LOCAL SESSION AUTHORIZATION tap_stranger;
SELECT throws_ok('SELECT oracle.become(''ada'')', '42501', 'permission denied to sign in as role "tap_care_person"', 'who is no member of the role cannot sign in');
SELECT is(current_user::text, 'tap_stranger', 'and stays who they are');
SELECT set_config('coachiatry.token', token, true) FROM oracle.who WHERE name = 'ada' \g /dev/null
SELECT results_eq('SELECT kind FROM whoami()', ARRAY['nobody'], 'nor is anybody by the setting without the role');
RESET SESSION AUTHORIZATION;
SET LOCAL coachiatry.token = '';
SET LOCAL SESSION AUTHORIZATION tap_pool;
SAVEPOINT as_pool;
SELECT oracle.become('ada') \g /dev/null
SELECT results_eq(format('SELECT kind FROM (SELECT set_config(''role'', %L, true)) r, LATERAL (SELECT kind FROM whoami() OFFSET 0) w', role), ARRAY[kind], format('as %s: %s', role, kind))
FROM (VALUES ('tap_care_coach', 'nobody'), ('tap_care_person', 'person'), ('tap_school_person', 'nobody'), ('none', 'nobody'), ('tap_care_person', 'person')) v (role, kind);
ROLLBACK TO as_pool;
SELECT oracle.become('ada') \g /dev/null
RESET ROLE;
SELECT results_eq('SELECT kind FROM whoami()', ARRAY['nobody'], 'RESET ROLE: nobody');
ROLLBACK TO as_pool;
SELECT oracle.become('ada') \g /dev/null
SAVEPOINT reset_all;
SELECT current_setting('search_path') AS path \gset
RESET ALL;
SELECT set_config('search_path', :'path', true) \g /dev/null
SELECT results_eq('SELECT kind, current_user = ''tap_care_person'' FROM whoami()', $$VALUES ('nobody', true)$$, 'RESET ALL: nobody, whatever the role');
ROLLBACK TO reset_all;
SELECT results_eq('SELECT kind FROM whoami()', ARRAY['person'], 'until that is rolled back');
ROLLBACK TO as_pool;

--
-- Functions that run as another user
--
RESET SESSION AUTHORIZATION;
CREATE FUNCTION tap_care.who_called(OUT role text, OUT acting text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
	'SELECT current_user::text, tap_care.actor_role()';
ALTER FUNCTION tap_care.who_called() OWNER TO tap_care_owner;
CREATE FUNCTION oracle.sign_in_as(token text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT coachiatry.sign_in(token)';
ALTER FUNCTION oracle.sign_in_as(text) OWNER TO tap_care_owner;
CREATE FUNCTION tap_care.with_setting(OUT acting text) LANGUAGE sql SET coachiatry.token = 'worthless' AS 'SELECT tap_care.actor_role()';
SET LOCAL SESSION AUTHORIZATION tap_pool;
SAVEPOINT as_pool;
SELECT throws_ok(format('SELECT oracle.sign_in_as(%L)', token), '42501', 'cannot sign in within a function or operation that runs as another user',
	'nobody signs in within them') FROM oracle.who WHERE name = 'ada';
SELECT is(current_user::text, 'tap_pool', 'or changes the role');
SELECT oracle.become('pat') \g /dev/null
SELECT results_eq('SELECT role, acting FROM tap_care.who_called()', $$VALUES ('tap_care_owner', 'proxy')$$, 'they know who has called');
SELECT is((SELECT acting FROM tap_care.with_setting()), 'proxy', 'who has signed in is not asked for another token');
ROLLBACK TO as_pool;
SELECT oracle.become('ada', true) \g /dev/null
SELECT is(oracle.error('SELECT tap_care.with_setting()'), '28000', 'a setting of a function holds in it');
SELECT is((SELECT acting FROM tap_care.who_called()), 'person', 'and not after it');
ROLLBACK TO as_pool;

--
-- Tampering
--
RESET SESSION AUTHORIZATION;
SELECT oracle.become('ada') \g /dev/null
RESET ROLE;
SELECT current_setting('coachiatry.actor') AS ada \gset
SELECT ok(:'ada' <> '', 'a superuser sees what the setting holds');
SAVEPOINT clean;
SET LOCAL ROLE tap_care_person;
SELECT is(oracle.error(command), '42501', 'a user: ' || left(command, 50))
FROM (VALUES (format('SET coachiatry.actor = %L', :'ada')), (format('SET LOCAL coachiatry.actor = %L', :'ada')), (format('SELECT set_config(''coachiatry.actor'', %L, true)', :'ada')),
	(format('SELECT set_config(''coachiatry.actor'', %L, false)', :'ada')), ('RESET coachiatry.actor'), ('SHOW coachiatry.actor'), ('SELECT current_setting(''coachiatry.actor'')'),
	(format('ALTER ROLE CURRENT_USER SET coachiatry.actor = %L', :'ada')),
	(format('CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql SET coachiatry.actor = %L AS ''''', :'ada')),
	('CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql SET coachiatry.actor FROM CURRENT AS ''''')) v (command);
ROLLBACK TO clean;
GRANT SET ON PARAMETER coachiatry.actor TO tap_care_person;
SET LOCAL ROLE tap_care_person;
SELECT is(oracle.error(format('SET coachiatry.actor = %L', :'ada')), '42501', 'even one who was granted to set it');
ROLLBACK TO clean;
SELECT is(oracle.error(command), '42501', 'a superuser: ' || left(command, 50))
FROM (VALUES (format('SET coachiatry.actor = %L', :'ada')), (format('SET LOCAL coachiatry.actor = %L', :'ada')), (format('SELECT set_config(''coachiatry.actor'', %L, true)', :'ada')),
	(format('ALTER ROLE tap_pool SET coachiatry.actor = %L', :'ada')), (format('ALTER DATABASE %I SET coachiatry.actor = %L', current_database(), :'ada')),
	(format('CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql SET coachiatry.actor = %L AS ''''', :'ada')),
	('CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql SET coachiatry.actor FROM CURRENT AS ''''')) v (command);
SELECT is_empty('SELECT name FROM pg_settings WHERE name IN (''coachiatry.actor'', ''coachiatry.token'')', 'the settings are not in the list of settings');
SELECT set_config('coachiatry.token', 'secret', true) AS shown \gset
SELECT is(:'shown' || current_setting('coachiatry.token'), '(hidden)(hidden)', 'and nobody is shown a token');
SET LOCAL coachiatry.token = '';
RESET coachiatry.actor;
SELECT results_eq('SELECT kind FROM whoami()', ARRAY['nobody'], 'a superuser may reset who has signed in');
SAVEPOINT clean;

--
-- The setting, when it changes
--
SELECT oracle.become('ada', true) \g /dev/null
SELECT is(tap_care.actor_person_id(), 1::bigint, 'by the setting: Ada');
SAVEPOINT other;
SELECT oracle.become('ben', true) \g /dev/null
SELECT is(tap_care.actor_person_id(), 2::bigint, 'then Ben');
ROLLBACK TO other;
SELECT is(tap_care.actor_person_id(), 1::bigint, 'after ROLLBACK TO Ada again');
SELECT is(oracle.error('SELECT set_config(''coachiatry.token'', ''x'', true), tap_care.actor_role()'), '28000', 'a bad one is an error, when somebody asks');
SELECT oracle.become('ben') \g /dev/null
SELECT is(tap_care.actor_person_id(), 2::bigint, 'who signs in comes before the setting');
ROLLBACK TO clean;
-- What was verified on rows that are rolled back is verified again
SELECT tap_care.issue_token('new') AS new \gset
SELECT set_config('coachiatry.token', :'new', true), set_config('role', 'tap_care_person', true) \g /dev/null
SAVEPOINT other;
RESET ROLE;
INSERT INTO tap_care.person (person_id, token_subject) VALUES (9, 'new');
SET LOCAL ROLE tap_care_person;
SELECT is(tap_care.actor_person_id(), 9::bigint, 'somebody who has just come');
ROLLBACK TO other;
SELECT is(oracle.error('SELECT tap_care.actor_person_id()'), '28000', 'is nobody when that is rolled back');
ROLLBACK TO clean;

--
-- Logins
--
SET LOCAL SESSION AUTHORIZATION tap_cy;
SELECT results_eq('SELECT program, kind, signed_in_by, staff_id, role, expires FROM tap_care.whoami()',
	$$VALUES ('tap_care', 'staff', 'login', 1::bigint, 'coach', NULL::timestamptz)$$, 'a login is a member of staff');
SELECT is((SELECT array_agg(note_id ORDER BY note_id) FROM tap_care.note), (SELECT sees FROM oracle.who WHERE name = 'cy'), 'who sees what is theirs');
SELECT ok((SELECT kind FROM whoami('tap_school')) = 'nobody' AND (SELECT kind FROM whoami()) = 'nobody', 'in that program');
SET LOCAL ROLE tap_care_coach;
SELECT is(tap_care.actor_staff_id(), 1::bigint, 'also with the role that is theirs');
SET LOCAL ROLE tap_care_analyst;
SELECT is(tap_care.actor_staff_id(), NULL, 'not with one that is not, though they are a member of it');
RESET SESSION AUTHORIZATION;
SAVEPOINT other;
UPDATE tap_care.staff SET employed = daterange('2020-01-01', (now() AT TIME ZONE 'UTC')::date) WHERE staff_id = 1;
SET LOCAL SESSION AUTHORIZATION tap_cy;
SELECT is(tap_care.actor_staff_id(), NULL, 'who has left is nobody, at once');
ROLLBACK TO other;
SET LOCAL SESSION AUTHORIZATION tap_cy;
SELECT is(tap_care.actor_staff_id(), 1::bigint, 'unless that is rolled back');
RESET SESSION AUTHORIZATION;
SET LOCAL SESSION AUTHORIZATION tap_al;
SELECT is(tap_care.actor_role(), 'analyst', 'another session is another one');
RESET SESSION AUTHORIZATION;
SET LOCAL ROLE tap_cy;
SELECT is(tap_care.actor_staff_id(), NULL, 'SET ROLE makes nobody a login');
RESET ROLE;

--
-- Schemas that are no programs, whatever is in them
--
SELECT tap_care.issue_token('ada') AS good \gset
ALTER SCHEMA tap_care RENAME TO tap_moved;
SELECT is(oracle.error(format('SELECT coachiatry.sign_in(%L)', :'good')), '28000', 'a program that was renamed has another audience');
SELECT is(oracle.error(format('SELECT coachiatry.sign_in(%L)', tap_moved.issue_token('ada'))), 'no error', 'which its tokens then name');
RESET ROLE;
CREATE SCHEMA tap_care;
CREATE TABLE tap_care.token_key AS SELECT * FROM tap_moved.token_key;
CREATE TABLE tap_care.revoked_token AS SELECT * FROM tap_moved.revoked_token;
CREATE FUNCTION tap_care.actor_of_subject(text, date) RETURNS TABLE (kind text, id bigint, person_id bigint, role text) LANGUAGE sql AS $$ SELECT 'staff', 1::bigint, 1::bigint, 'coach' $$;
SELECT is(oracle.error(format('SELECT coachiatry.sign_in(%L)', :'good')), '28000', 'a schema of somebody else''s leads to no role');
ALTER SCHEMA tap_care OWNER TO tap_care_owner;
SELECT is(oracle.error(format('SELECT coachiatry.sign_in(%L)', :'good')), '28000', 'nor does a table of somebody else''s in the owner''s');
-- What an owner may do, and where it ends: roles are those of the program, and nothing changes while a token is verified
ALTER TABLE tap_care.token_key OWNER TO tap_care_owner;
ALTER TABLE tap_care.revoked_token OWNER TO tap_care_owner;
CREATE OR REPLACE FUNCTION tap_care.actor_of_subject(text, date) RETURNS TABLE (kind text, id bigint, person_id bigint, role text) LANGUAGE sql AS
	$$ SELECT 'staff', 1::bigint, 1::bigint, 'coach' $$;
SELECT is(oracle.error(format('SELECT coachiatry.sign_in(%L)', :'good')), 'no error', 'tables and functions that the owner has made are a program''s');
RESET ROLE;
CREATE ROLE tap_care_b_coach;
CREATE OR REPLACE FUNCTION tap_care.actor_of_subject(text, date) RETURNS TABLE (kind text, id bigint, person_id bigint, role text) LANGUAGE sql AS
	$$ SELECT 'staff', 1::bigint, 1::bigint, 'b_coach' $$;
SELECT is(oracle.error(format('SELECT coachiatry.sign_in(%L)', :'good')), '28000', 'but no role of a program whose name begins alike');
CREATE OR REPLACE FUNCTION tap_care.actor_of_subject(text, date) RETURNS TABLE (kind text, id bigint, person_id bigint, role text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('coachiatry.token', 'another', true), set_config('coachiatry.token', 'and another', true);
	RETURN QUERY SELECT 'person', 1::bigint, 1::bigint, 'person';
END
$$;
RESET coachiatry.actor;
SELECT set_config('coachiatry.token', :'good', true), set_config('role', 'tap_care_person', true) \g /dev/null
SELECT is(oracle.error('SELECT coachiatry.actor_role(''tap_care'')'), '28000', 'nor another token while one is verified');

SELECT finish();
ROLLBACK;
