-- Plans that are used again after somebody else has signed in, over the tables and views of a program: prepared statements with generic plans, functions,
-- cursors, common tables, sub-links, parallel workers and views, by coaches, a person, a prescriber, a coordinator and nobody, one after another, in
-- savepoints that are rolled back, signed in by sign_in or by the setting. What each may see is taken from the rows, in plain SQL by a superuser.
\ir include/setup.sql
\ir include/scope.sql
SET LOCAL timezone = 'UTC';

INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) SELECT p, p, current_date - n, 'import', 1 FROM generate_series(1, 5) p, generate_series(30, 500) n;
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (3, 11, 'prescriber', '[2020-01-01,)'), (2, 34, 'coach', '[2020-01-01,2020-02-01)');
INSERT INTO care.message (person_id, author_kind, body) SELECT p, 'person', 'words' FROM generate_series(1, 5) p, generate_series(1, 20 + p) n;
ANALYZE;

--
-- Who, and what they may see: the keys of rows, or the error
--
CREATE TABLE oracle.who (name text PRIMARY KEY, token text, role text, then_role text, persons bigint[], staff bigint[], relations text);
INSERT INTO oracle.who
SELECT v.name, care.issue_token(v.subject), v.role, v.then_role,
	CASE WHEN v.then_role IS NULL THEN ARRAY(SELECT p.person_id FROM care.person p
		WHERE p.token_subject = v.subject OR (v.role = 'care_coordinator' AND p.organization_id = 1)
			OR EXISTS (SELECT FROM care.assignment a JOIN care.staff s USING (staff_id) WHERE s.token_subject = v.subject AND a.person_id = p.person_id AND a.during @> current_date)) ELSE '{}' END,
	'{}', v.relations
FROM (VALUES ('coach', 'coach10', 'care_coach', NULL, 'person check_in message staff task coached caseload my_day effective_calendar my_calendar open_item timeline'),
	('other coach', 'coach20', 'care_coach', NULL, 'person check_in message staff task coached caseload my_day effective_calendar my_calendar open_item timeline'),
	('prescriber', 'prescriber10', 'care_prescriber', NULL, 'person check_in staff task coached caseload my_day effective_calendar my_calendar open_item timeline clinical_note'),
	('person', 'person1', 'care_person', NULL, 'person check_in message staff task coached effective_calendar my_calendar timeline'),
	('coordinator', 'coordinator10', 'care_coordinator', NULL, 'person staff coached'),
	('a prescriber with the role of coaches', 'prescriber10', 'care_prescriber', 'care_coach', 'person check_in message staff task coached caseload my_day effective_calendar my_calendar open_item timeline'))
	AS v (name, subject, role, then_role, relations);
-- Colleagues, and whoever is or was beside them for somebody whom they see.
UPDATE oracle.who w SET staff = ARRAY(SELECT s.staff_id FROM care.staff s WHERE s.organization_id = 1 AND w.role <> 'care_person'
	UNION SELECT a.staff_id FROM care.assignment a WHERE a.person_id = ANY (w.persons) AND w.role <> 'care_coordinator')
WHERE then_role IS NULL;
CREATE TABLE oracle.relation (name text PRIMARY KEY, source text, key text);
INSERT INTO oracle.relation VALUES ('person', 'care.person', 'person_id'), ('check_in', 'care.check_in', 'check_in_id'), ('message', 'care.message', 'message_id'), ('staff', 'care.staff', 'staff_id'),
	('task', 'care.task', 'task_id'), ('clinical_note', 'care.clinical_note', 'clinical_note_id'), ('coached', 'care.coached', 'person_id'), ('caseload', 'care.caseload', 'person_id'),
	('my_day', 'care.my_day', 'person_id'), ('effective_calendar', 'care.effective_calendar', 'task_id'), ('my_calendar', 'care.my_calendar', 'task_id'), -- But for what the roles are told in words of their own, of safety, and what only supervisors are told.
	('open_item', '(SELECT * FROM care.open_item WHERE kind NOT IN (''safety'', ''safety_hold'', ''contact_today'') AND urgency <> 8)', 'person_id'),
	('timeline', '(SELECT (detail ->> ''id'')::bigint AS check_in_id, 2 AS person_id FROM care.timeline(2) WHERE kind = ''check_in'')', 'check_in_id');
-- As a superuser, whom no policy concerns.
CREATE TABLE oracle.wanted (who text, relation text, keys text, PRIMARY KEY (who, relation));
CREATE FUNCTION oracle.keys(source text, key text, of_column text, of_ids bigint[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	keys text;
BEGIN
	EXECUTE format('SELECT array_agg(%1$I::bigint ORDER BY %1$I)::text FROM %2$s t WHERE %3$I = ANY ($1)', key, source, of_column) INTO keys USING of_ids;
	RETURN coalesce(keys, 'nothing');
END
$$;
INSERT INTO oracle.wanted
SELECT w.name, r.name, CASE WHEN r.name <> ALL (string_to_array(w.relations, ' ')) THEN '42501'
	WHEN r.name = 'staff' THEN oracle.keys(r.source, r.key, 'staff_id', w.staff) ELSE oracle.keys(r.source, r.key, 'person_id', w.persons) END
FROM oracle.who w, oracle.relation r;
GRANT SELECT ON ALL TABLES IN SCHEMA oracle TO PUBLIC;

--
-- Ways to ask: {t} the relation, {k} its key, {n} its name
--
CREATE TABLE oracle.way (name text PRIMARY KEY, query text NOT NULL, settings text[] NOT NULL DEFAULT '{}', make text);
INSERT INTO oracle.way (name, query) VALUES
	('plain', 'SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t'),
	('common table', 'WITH n AS MATERIALIZED (SELECT {k} FROM {t} t) SELECT array_agg({k}::bigint ORDER BY {k}) FROM n'),
	('common table, inlined', 'WITH n AS NOT MATERIALIZED (SELECT {k} FROM {t} t) SELECT array_agg({k}::bigint ORDER BY {k}) FROM n'),
	('common table, used twice', 'WITH n AS (SELECT {k} FROM {t} t) SELECT array_agg({k}::bigint ORDER BY {k}) FROM n WHERE EXISTS (SELECT FROM n m WHERE m.{k} = n.{k})'),
	('sub-link', 'SELECT array_agg(t.{k}::bigint ORDER BY t.{k}) FROM {t} t WHERE EXISTS (SELECT FROM {t} u WHERE u.{k} = t.{k})'),
	('sub-link, hashed', 'SELECT array_agg(t.{k}::bigint ORDER BY t.{k}) FROM {t} t WHERE t.{k} IN (SELECT u.{k} FROM {t} u)'),
	('sub-query of an expression', 'SELECT nullif(ARRAY(SELECT t.{k}::bigint FROM {t} t ORDER BY 1), ''{}'')'),
	('lateral', 'SELECT array_agg(l.{k}::bigint ORDER BY l.{k}) FROM (VALUES (1)) v CROSS JOIN LATERAL (SELECT t.{k} FROM {t} t OFFSET 0) l'),
	('recursive', 'WITH RECURSIVE r AS (SELECT t.{k}, 1 AS n FROM {t} t UNION SELECT r.{k}, 1 FROM r) SELECT array_agg({k}::bigint ORDER BY {k}) FROM (SELECT t.{k} FROM {t} t INTERSECT ALL SELECT t.{k} FROM {t} t) x');
INSERT INTO oracle.way (name, query, settings, make) VALUES
	('prepared', 'EXECUTE "p {n}"', '{plan_cache_mode=force_custom_plan}', 'PREPARE "p {n}" AS SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t'),
	('prepared, generic', 'EXECUTE "g {n}"', '{plan_cache_mode=force_generic_plan}', 'PREPARE "g {n}" AS SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t'),
	('prepared, generic, with a parameter', 'EXECUTE "q {n}" (0)', '{plan_cache_mode=force_generic_plan}', 'PREPARE "q {n}" (bigint) AS SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t WHERE {k} > $1'),
	('prepared, generic, by index', 'EXECUTE "i {n}"', '{plan_cache_mode=force_generic_plan,enable_seqscan=off}', 'PREPARE "i {n}" AS SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t'),
	('SQL function', 'SELECT array_agg(n ORDER BY n) FROM oracle."s {n}"() n', '{}', 'CREATE FUNCTION oracle."s {n}"() RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_sort = on AS ''SELECT {k} FROM {t} t'''),
	('SQL function, inlined', 'SELECT array_agg(n ORDER BY n) FROM oracle."f {n}"() n', '{}', 'CREATE FUNCTION oracle."f {n}"() RETURNS SETOF bigint LANGUAGE sql STABLE AS ''SELECT {k} FROM {t} t'''),
	('PL/pgSQL function', 'SELECT array_agg(n ORDER BY n) FROM oracle."l {n}"() n', '{}', 'CREATE FUNCTION oracle."l {n}"() RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS ''BEGIN RETURN QUERY SELECT {k}::bigint FROM {t} t; END'''),
	('PL/pgSQL expression', 'SELECT nullif(oracle."e {n}"(), ''{}'')', '{}', 'CREATE FUNCTION oracle."e {n}"() RETURNS bigint[] LANGUAGE plpgsql STABLE AS ''BEGIN RETURN ARRAY(SELECT {k}::bigint FROM {t} t ORDER BY 1); END'''),
	('cursor', 'SELECT array_agg(n ORDER BY n) FROM oracle."c {n}"() n', '{}', 'CREATE FUNCTION oracle."c {n}"() RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS ''DECLARE c CURSOR FOR SELECT {k}::bigint AS k FROM {t} t; BEGIN FOR r IN c LOOP RETURN NEXT r.k; END LOOP; END'''),
	('view', 'SELECT array_agg({k}::bigint ORDER BY {k}) FROM oracle."v {n}"', '{}', 'CREATE VIEW oracle."v {n}" WITH (security_invoker) AS SELECT {k} FROM {t} t'),
	('prepared, a view', 'EXECUTE "w {n}"', '{plan_cache_mode=force_generic_plan}', 'PREPARE "w {n}" AS SELECT array_agg({k}::bigint ORDER BY {k}) FROM oracle."v {n}"'),
	('parallel', 'SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t', '{parallel_setup_cost=0,parallel_tuple_cost=0,min_parallel_table_scan_size=0,parallel_leader_participation=off}', NULL),
	('parallel, generic', 'EXECUTE "x {n}"', '{plan_cache_mode=force_generic_plan,parallel_setup_cost=0,parallel_tuple_cost=0,min_parallel_table_scan_size=0,parallel_leader_participation=off}',
		'PREPARE "x {n}" AS SELECT array_agg({k}::bigint ORDER BY {k}) FROM {t} t');
CREATE FUNCTION oracle.filled(template text, relation text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT replace(replace(replace(template, '{t}', CASE WHEN template ~ 'LANGUAGE' THEN replace(r.source, '''', '''''') ELSE r.source END), '{k}', r.key), '{n}', r.name)
	FROM oracle.relation r WHERE r.name = relation
$$;
SELECT oracle.filled(w.make, r.name) FROM oracle.way w, oracle.relation r WHERE w.make IS NOT NULL ORDER BY w.name ~ '^prepared, a view' \gexec
-- A function of the program's owner that asks who is acting and reads as the owner.
CREATE FUNCTION care.seen_by_definer(source text, key text) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT c.check_in_id FROM care.check_in c
	WHERE c.person_id IN (SELECT care.visible_persons('coach', 'supervisor', 'prescriber', 'therapist') UNION ALL SELECT care.own_person('calendar'));
END
$$;
ALTER FUNCTION care.seen_by_definer(text, text) OWNER TO care_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA oracle TO PUBLIC;

-- Become somebody; what one sees in a way.
CREATE FUNCTION oracle.become(someone text, by_setting boolean) RETURNS void LANGUAGE plpgsql AS $$
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
CREATE FUNCTION oracle.seen(query text, settings text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	setting text;
	seen text;
BEGIN
	FOREACH setting IN ARRAY settings LOOP
		PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true);
	END LOOP;
	BEGIN
		EXECUTE query INTO seen;
		seen := coalesce(seen, 'nothing');
	EXCEPTION WHEN OTHERS THEN
		seen := SQLSTATE;
	END;
	PERFORM set_config('plan_cache_mode', 'auto', true), set_config('parallel_setup_cost', '1000', true), set_config('enable_seqscan', 'on', true);
	RETURN seen;
END
$$;
-- One after the other; the second within a savepoint that is rolled back, and then in earnest: what was seen wrongly.
CREATE FUNCTION oracle.switch(way text, relation text, one text, other text, by_setting boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	w CONSTANT oracle.way := (SELECT w FROM oracle.way w WHERE w.name = way);
	query CONSTANT text := oracle.filled(w.query, relation);
	wanted_one CONSTANT text := (SELECT keys FROM oracle.wanted x WHERE x.who = one AND x.relation = switch.relation);
	wanted_other CONSTANT text := (SELECT keys FROM oracle.wanted x WHERE x.who = other AND x.relation = switch.relation);
	wrong text := '';
	seen text;
BEGIN
	PERFORM oracle.become(one, by_setting);
	seen := oracle.seen(query, w.settings);
	IF seen <> wanted_one THEN wrong := wrong || format(' first: %s, not %s', left(seen, 60), left(wanted_one, 60)); END IF;
	BEGIN
		PERFORM oracle.become(other, by_setting);
		seen := oracle.seen(query, w.settings);
		IF seen <> wanted_other THEN wrong := wrong || format(' second: %s, not %s', left(seen, 60), left(wanted_other, 60)); END IF;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
		NULL;
	END;
	IF oracle.seen(query, w.settings) <> wanted_one THEN wrong := wrong || ' after the savepoint'; END IF;
	PERFORM oracle.become(other, by_setting);
	IF oracle.seen(query, w.settings) <> wanted_other THEN wrong := wrong || ' third'; END IF;
	RETURN wrong;
END
$$;

SELECT plan((SELECT count(*) FROM oracle.way)::integer + 10);
SELECT is((SELECT count(DISTINCT keys) FROM oracle.wanted WHERE relation = 'check_in'), 6::bigint, 'everybody sees something else: three coaches and clinicians, a person, nobody, and who may not read it');
SELECT is((SELECT count(DISTINCT keys) FROM oracle.wanted WHERE relation = 'staff'), 4::bigint, 'of staff too');
SELECT cmp_ok((SELECT count(*) FROM oracle.wanted WHERE keys <> 'nothing' AND keys <> '42501'), '>', 40::bigint, 'in most relations');

SET LOCAL SESSION AUTHORIZATION scope_pool;
SAVEPOINT as_pool;
-- Tables in every way and all pairs; views in fewer pairs, as they take longer.
SELECT oracle.agree(format($$SELECT (r.name, a.name, b.name) AS about, oracle.switch(%L, r.name, a.name, b.name, false) AS got, '' AS wanted FROM oracle.relation r, oracle.who a, oracle.who b
	WHERE a.name <> b.name AND (r.name IN ('person', 'check_in', 'message', 'staff') OR a.name = 'coach' AND b.name <> 'person' OR a.name = 'person' AND b.name = 'prescriber')
		AND (r.name IN ('person', 'check_in') OR %1$L !~ 'parallel')$$, name), 'after another: ' || name)
FROM oracle.way ORDER BY name;
ROLLBACK TO as_pool;
SELECT * FROM oracle.agree($$SELECT (w.name, r.name, a.name, b.name) AS about, oracle.switch(w.name, r.name, a.name, b.name, true) AS got, '' AS wanted
	FROM oracle.way w, oracle.relation r, oracle.who a, oracle.who b
	WHERE r.name IN ('person', 'check_in', 'caseload') AND w.name ~ 'generic|PL|cursor|plain' AND a.name IN ('coach', 'person') AND b.name IN ('other coach', 'coordinator', 'a prescriber with the role of coaches')$$,
	'so by the setting');
ROLLBACK TO as_pool;
-- The definer function of above.
CREATE FUNCTION pg_temp.by_definer(someone text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oracle.become(someone, false);
	RETURN oracle.seen('SELECT array_agg(k ORDER BY k) FROM care.seen_by_definer('''', '''') k', '{}');
END
$$;
SELECT * FROM oracle.agree($$SELECT (a.name, b.name) AS about, pg_temp.by_definer(a.name) || pg_temp.by_definer(b.name) AS got,
	replace((SELECT keys FROM oracle.wanted WHERE who = a.name AND relation = 'check_in') || (SELECT keys FROM oracle.wanted WHERE who = b.name AND relation = 'check_in'), '42501', 'nothing') AS wanted
	FROM oracle.who a, oracle.who b$$, 'a definer function that asks who is acting');
ROLLBACK TO as_pool;

-- Transactions that end: what is kept for the session is used by the next one.
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ' || query; END $$;
SELECT oracle.become('coach', false) \g /dev/null
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT isnt_empty('SELECT l FROM pg_temp.plan_of(''SELECT count(*) FROM care.check_in WHERE note IS NULL'') l WHERE l ~ ''Workers Launched: [1-9]''', 'workers did run');
SET LOCAL plan_cache_mode = force_generic_plan;
EXECUTE "g check_in" \g /dev/null
SELECT cmp_ok((SELECT generic_plans FROM pg_prepared_statements WHERE name = 'g check_in'), '>', 10::bigint, 'generic plans were used again');
-- A cursor that somebody has opened is not the next one's: what it was planned for is still asked.
ROLLBACK TO as_pool;
SELECT oracle.become('coach', false) \g /dev/null
DECLARE of_coach CURSOR FOR SELECT check_in_id FROM care.check_in;
MOVE ALL IN of_coach;
SELECT oracle.become('coordinator', false) \g /dev/null
SELECT is(oracle.seen('SELECT array_agg(check_in_id ORDER BY check_in_id) FROM care.check_in', '{}'), '42501', 'a cursor of another is open: who comes next has their own rights');
ROLLBACK TO as_pool;
-- An error on the way leaves nobody somebody else.
SAVEPOINT before;
SELECT oracle.become('prescriber', false) \g /dev/null
SELECT is((SELECT count(*) FROM care.clinical_note), cardinality(keys::bigint[])::bigint, 'the prescriber') FROM oracle.wanted WHERE who = 'prescriber' AND relation = 'clinical_note';
ROLLBACK TO before;
SELECT oracle.become('coach', false) \g /dev/null
SELECT is(oracle.seen('SELECT count(*) FROM care.clinical_note', '{}'), '42501', 'rolled back: the coach');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
