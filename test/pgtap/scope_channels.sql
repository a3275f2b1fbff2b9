-- Covert channels: what is hidden from somebody and what does not exist are told apart by nothing. A probe is a statement about a key, tried by everybody
-- on a key that is hidden from them and on one that nothing has, and must come to the same: SQLSTATE, message, detail, hint, context and all other fields of
-- an error, or the rows, their number, and what a function within the statement was shown. On a key that they see it must come to something else, for
-- somebody, or else be refused to everybody: a probe that could not tell proves nothing.
--
-- Known and accepted are numbers: of rows, by EXPLAIN ANALYZE, by the planner's estimates, by statistics of use; of pages and versions of rows, by
-- pg_relation_size() and currtid2(); and gaps of generated keys. They are tested to be no more than numbers.
\ir include/setup.sql
\ir include/scope.sql

--
-- What is hidden. A person and everything about them have one number. 77 is of another organisation, 88 of the same one and somebody else's, 66 is seen by
-- the staff who act; of each there is one with an open episode (1), one whose coaching has ended (2) and one who was merged into another (3). What does
-- not exist has 5 for a 0.
--
CREATE TABLE oracle.key (x bigint PRIMARY KEY, missing bigint, organization bigint, state integer);
INSERT INTO oracle.key SELECT v.tens * 1000 + n, v.tens * 1000 + 500 + n, v.organization, n FROM (VALUES (660, 1), (770, 2), (880, 1)) AS v (tens, organization), generate_series(1, 3) n;
INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, token_subject, employed)
SELECT k.x, k.organization, 'staff', (ARRAY['coach', 'therapist', 'analyst'])[k.state], true, 'staff.' || k.x, '[2020-01-01,)' FROM oracle.key k WHERE k.x < 880000;
INSERT INTO care.person (person_id, organization_id, site_id, name, token_subject, birth_year, merged_into)
SELECT k.x, k.organization, k.organization, 'name of ' || k.x, 'person.' || k.x, 1980, CASE WHEN k.state = 3 THEN k.x - 2 END FROM oracle.key k;
INSERT INTO care.episode (person_id, episode_id, started, ended, reason)
SELECT k.x, k.x, current_date - 60, CASE WHEN k.state > 1 THEN current_date END, CASE WHEN k.state > 1 THEN 'moved' END FROM oracle.key k;
INSERT INTO care.assignment (person_id, assignment_id, staff_id, role, during)
SELECT k.x, k.x, CASE k.organization WHEN 2 THEN 34 ELSE 24 END, 'coach', '[2020-01-01,)'::daterange FROM oracle.key k
UNION ALL SELECT k.x, k.x + u.unit, 10 + u.unit, u.role, '[2020-01-01,)'::daterange FROM oracle.key k, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS u (unit, role) WHERE k.x < 700000;
INSERT INTO care.task (person_id, task_id, episode_id, kind, title, schedule, starts_at, ends, status)
SELECT k.x, k.x, k.x, 'exposure', 'title', 'FREQ=DAILY', current_date - 30, CASE WHEN k.state > 1 THEN current_date END, CASE WHEN k.state > 1 THEN 'stopped' ELSE 'active' END FROM oracle.key k;
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken, note) SELECT k.x, k.x, k.x, current_date - 21, 'import', 1, 'x' FROM oracle.key k;
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, reason) SELECT k.x, k.x, current_date - 22, s, 1, 'x' FROM oracle.key k, unnest(ARRAY['coach', 'person', 'proxy', 'device']) s;
UPDATE care.check_in c SET note = 'y' FROM oracle.key k WHERE c.person_id = k.x AND c.check_in_id = k.x;
INSERT INTO care.plan (person_id, plan_id, written_by, words) SELECT k.x, k.x, 22, 'x' FROM oracle.key k UNION ALL VALUES (1, 1, 22, 'x');
INSERT INTO care.goal (person_id, goal_id, words) SELECT k.x, k.x, 'x' FROM oracle.key k UNION ALL VALUES (1, 1, 'x');
INSERT INTO care.verification (person_id, verification_id, check_in_id, method, verified_by) SELECT k.x, k.x, k.x, 'told', 24 FROM oracle.key k;
INSERT INTO care.task_step (person_id, task_step_id, task_id, position, words) SELECT k.x, k.x, k.x, 77, 'x' FROM oracle.key k;
INSERT INTO care.commitment (person_id, commitment_id, task_id, then_action, due_on) SELECT k.x, k.x, k.x, 'x', current_date FROM oracle.key k;
INSERT INTO care.excused_period (person_id, excused_period_id, during, excused_by) SELECT k.x, k.x, daterange(current_date - 9, current_date - 8), 22 FROM oracle.key k;
INSERT INTO care.plan_change_request (person_id, plan_change_request_id, task_id, asked_by, words) SELECT k.x, k.x, k.x, 24, 'x' FROM oracle.key k;
INSERT INTO care.measurement (person_id, measurement_id, instrument_id, measured_on, source, value)
SELECT k.x, k.x + i - 1, i, current_date - 3, s, 5 FROM oracle.key k, (VALUES (1, 'seen'), (2, 'person')) AS v (i, s);
INSERT INTO care.clinical_note (person_id, clinical_note_id, written_by, body) SELECT k.x, k.x, 22, 'x' FROM oracle.key k;
INSERT INTO care.diagnosis (person_id, diagnosis_id, made_by, code) SELECT k.x, k.x, 22, 'F32' FROM oracle.key k;
INSERT INTO care.contact (person_id, contact_id, staff_id, channel, started_at) SELECT k.x, k.x, 24, 'text', now() - interval '20 days' FROM oracle.key k;
INSERT INTO care.message (person_id, message_id, author_kind, body, scope_check) SELECT k.x, k.x, 'person', 'x', 'flagged' FROM oracle.key k;
INSERT INTO care.support_request (person_id, support_request_id, words) SELECT k.x, k.x, 'x' FROM oracle.key k;
INSERT INTO care.supply (person_id, supply_id, task_id, dispensed, days_supply) SELECT k.x, k.x, k.x, current_date - 40, 30 FROM oracle.key k;
INSERT INTO care.preference (person_id) SELECT k.x FROM oracle.key k;
INSERT INTO care.person_characteristic (person_id, person_characteristic_id, characteristic, value) SELECT k.x, k.x, 'housing', 'x' FROM oracle.key k;
INSERT INTO care.proxy (person_id, proxy_id, name, relation, token_subject) SELECT k.x, k.x, 'x', 'friend', 'proxy.' || k.x FROM oracle.key k;
INSERT INTO care.coverage (coverage_id, staff_id, during) SELECT k.x, k.x, '[2020-01-01,)' FROM oracle.key k WHERE k.x < 880000;
INSERT INTO care.warning (person_id, warning_id, kind, says, severity, acts_on, acknowledge_within, onset, raised_on) SELECT k.x, k.x, 'concern', 'x', 1, 'coach', '1 day', current_date, current_date FROM oracle.key k;
INSERT INTO care.warning_event (person_id, warning_event_id, warning_id, acts_on, event) SELECT k.x, k.x, k.x, 'coach', 'opened' FROM oracle.key k;
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, noted_by) SELECT k.x, k.x, 'avoidance', 'x', 24 FROM oracle.key k;
INSERT INTO care.strategy_use (person_id, strategy_use_id, strategy, pattern, during, used_by) SELECT k.x, k.x, 'x', 'avoidance', daterange(current_date - 15, NULL), 24 FROM oracle.key k;
INSERT INTO care.barrier_label (person_id, barrier_label_id, message_id, rater, label) SELECT k.x, k.x, k.x, 24, 'avoidance' FROM oracle.key k;
INSERT INTO care.scope_flag (person_id, scope_flag_id, message_id, label, severity) SELECT k.x, k.x, k.x, 'therapy', 'review' FROM oracle.key k;
INSERT INTO care.referral (person_id, referral_id, topic, reason, refer_to, opened_by) SELECT k.x, k.x, 'grief', 'x', 'therapist', 24 FROM oracle.key k;
ANALYZE;

--
-- Trying
--
-- A function and an operator that show what they are given, and would come first if they could.
CREATE FUNCTION oracle.show(value anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
	PERFORM set_config('probe.shown', current_setting('probe.shown') || ' ' || value::text, true);
	RETURN true;
END
$$;
CREATE FUNCTION oracle.shows(value text, other text) RETURNS boolean LANGUAGE sql COST 0.0000001 RETURN oracle.show(value);
CREATE OPERATOR oracle.<<< (FUNCTION = oracle.shows, LEFTARG = text, RIGHTARG = text, RESTRICT = scalarltsel);
CREATE FUNCTION oracle.fails(value anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS 'BEGIN RAISE EXCEPTION ''it is %'', value; END';
-- All that a statement comes to, undone again.
CREATE FUNCTION oracle.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint := 0;
	r record;
	result text := '';
	message text;
	detail text;
	hint text;
	context text;
	in_schema text;
	of_table text;
	of_column text;
	of_constraint text;
	of_type text;
BEGIN
	PERFORM set_config('probe.shown', '', true);
	IF statement ~ '^(SELECT|WITH|TABLE|EXPLAIN)|RETURNING' THEN
		FOR r IN EXECUTE statement LOOP
			result := result || r::text;
			n := n + 1;
		END LOOP;
	ELSE
		EXECUTE statement;
		GET DIAGNOSTICS n = ROW_COUNT;
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = format('%s rows %s, shown%s', n, result, current_setting('probe.shown'));
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT, in_schema = SCHEMA_NAME,
		of_table = TABLE_NAME, of_column = COLUMN_NAME, of_constraint = CONSTRAINT_NAME, of_type = PG_DATATYPE_NAME;
	RETURN CASE WHEN SQLSTATE = 'ZZ999' THEN message
		ELSE ROW(SQLSTATE, message, detail, hint, of_table, of_column, of_constraint, in_schema, of_type, split_part(context, 'PL/pgSQL function oracle.told', 1))::text END;
END
$$;
-- The statement of a probe for an actor and a key: {x} the key, {me} a person whom they see or are, {staff} they themselves, {s} the source of their own rows.
CREATE FUNCTION oracle.about(template text, actor text, x bigint) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT replace(replace(replace(replace(template, '{x}', x::text), '{me}', coalesce(a.person_id, 660001)::text), '{staff}', coalesce(a.staff_id, 24)::text),
		'{s}', CASE WHEN a.name = 'coach' THEN 'coach' ELSE oracle.source_of(a.name, '') END)
	FROM oracle.actor a WHERE a.name = actor
$$;
-- Become one of the actors; of those who are nobody somebody else has signed in before, with another role.
CREATE FUNCTION oracle.be(someone text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coachiatry.sign_in((SELECT other.token FROM oracle.actor a, oracle.actor other
		WHERE a.name = someone AND a.token IS NULL AND other.role <> a.role AND other.token IS NOT NULL ORDER BY other.name = 'coach' DESC, other.name LIMIT 1))
	FROM oracle.actor a WHERE a.name = someone AND a.token IS NULL;
	PERFORM oracle.become(someone);
END
$$;
-- As an actor: what a probe comes to for a hidden key and for a missing one, where that differs; and whether the one that they see makes a difference.
CREATE FUNCTION oracle.compare(template text, of_actor text, OUT differs text, OUT tells boolean, OUT refused boolean) LANGUAGE plpgsql AS $$
DECLARE
	k oracle.key;
	hidden text;
	missing text;
BEGIN
	PERFORM oracle.be(of_actor);
	FOR k IN SELECT * FROM oracle.key WHERE x > 700000 AND (x < 880000 OR of_actor <> 'coordinator') ORDER BY x LOOP
		hidden := replace(oracle.told(oracle.about(template, of_actor, k.x)), k.x::text, 'X');
		missing := replace(oracle.told(oracle.about(template, of_actor, k.missing)), k.missing::text, 'X');
		IF hidden <> missing THEN
			differs := coalesce(differs || '; ', '') || format('%s: hidden %s, missing %s', k.x, hidden, missing);
		END IF;
	END LOOP;
	refused := missing LIKE '(42501,%' OR missing LIKE '(0A000,%';
	SELECT bool_or(replace(oracle.told(oracle.about(template, of_actor, v.x)), v.x::text, 'X')
		<> replace(oracle.told(oracle.about(template, of_actor, 660501)), '660501', 'X')) INTO tells
	FROM unnest(ARRAY[660001, 660002, 1]) AS v (x);
	PERFORM set_config('role', 'none', true);
END
$$;
-- The hidden are not hidden from auditors, where they read; from whom they are hidden.
CREATE TABLE oracle.probe (name text PRIMARY KEY, statement text NOT NULL, auditor boolean NOT NULL DEFAULT true);

--
-- The probes
--
-- Keys and foreign keys: a row about, and a row that refers to, somebody or something.
INSERT INTO oracle.probe VALUES
	('INSERT: a goal of a person', 'INSERT INTO care.goal (person_id, words) VALUES ({x}, ''x'')'),
	('INSERT: a goal with the key of another', 'INSERT INTO care.goal (person_id, goal_id, words) VALUES ({me}, {x}, ''x'')'),
	('INSERT: a check-in of a person', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES ({x}, {x}, current_date, ''{s}'', 1)'),
	('INSERT: a check-in of a task', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES ({me}, {x}, current_date, ''{s}'', 1)'),
	('INSERT: a check-in with the key of another', 'INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken) VALUES ({me}, {x}, {me}, current_date, ''{s}'', 1)'),
	('INSERT: a measurement of a person', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value) VALUES ({x}, 1, current_date, ''{s}'', 1)'),
	('INSERT: a measurement that is there', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value) VALUES ({x}, 1, current_date - 3, ''{s}'', 1)'),
	('INSERT: a message to a person', 'INSERT INTO care.message (person_id, author_kind, author, body) VALUES ({x}, ''staff'', {staff}, ''x'')'),
	('INSERT: a message of a person', 'INSERT INTO care.message (person_id, author_kind, body) VALUES ({x}, ''{s}'', ''x'')'),
	('INSERT: a contact with a person', 'INSERT INTO care.contact (person_id, staff_id, channel) VALUES ({x}, {staff}, ''text'')'),
	('INSERT: a clinical note about a person', 'INSERT INTO care.clinical_note (person_id, written_by, body) VALUES ({x}, {staff}, ''x'')'),
	('INSERT: a diagnosis of a person', 'INSERT INTO care.diagnosis (person_id, made_by, code) VALUES ({x}, {staff}, ''F32'')'),
	('INSERT: preferences of a person, the key that all have', 'INSERT INTO care.preference (person_id) VALUES ({x})'),
	('INSERT: a request for support', 'INSERT INTO care.support_request (person_id, words) VALUES ({x}, ''x'')'),
	('INSERT: a characteristic that is there', 'INSERT INTO care.person_characteristic (person_id, characteristic, value) VALUES ({x}, ''housing'', ''x'')'),
	('INSERT: a proxy of a person', 'INSERT INTO care.proxy (person_id, name, relation) VALUES ({x}, ''x'', ''friend'')'),
	('INSERT: an episode of a person', 'INSERT INTO care.episode (person_id, referred_from) VALUES ({x}, ''x'')'),
	('INSERT: an episode referred by staff', 'INSERT INTO care.episode (person_id, referred_by, started) VALUES (5, {x}, current_date)'),
	('INSERT: an assignment of a person', 'INSERT INTO care.assignment (person_id, staff_id) VALUES ({x}, 24)'),
	('INSERT: an assignment to staff', 'INSERT INTO care.assignment (person_id, staff_id) VALUES ({me}, {x})'),
	('INSERT: an assignment to a clinician', 'INSERT INTO care.assignment (person_id, staff_id, role) VALUES ({me}, {x}, ''therapist'')'),
	('INSERT: an assignment supervised by staff', 'INSERT INTO care.assignment (person_id, staff_id, clinical_supervisor_id) VALUES ({me}, 24, {x})'),
	('INSERT: staff supervised by staff', 'INSERT INTO care.staff (organization_id, name, role, supervisor_id) VALUES (1, ''x'', ''coach'', {x})'),
	('INSERT: hours of staff', 'INSERT INTO care.coverage (staff_id, during) VALUES ({x}, ''[2020-01-01,)'')'),
	('INSERT: hours that cover for staff', 'INSERT INTO care.coverage (staff_id, during, covers_for) VALUES (24, ''[2020-01-01,)'', {x})'),
	('INSERT: a task of a person, before whose policy a trigger looks', 'INSERT INTO care.task (person_id, kind, prescribed_by) VALUES ({x}, ''exposure'', {staff})'),
	('INSERT: a task of nobody''s prescribing', 'INSERT INTO care.task (person_id, kind) VALUES ({x}, ''exposure'')'),
	('INSERT: a task of a plan', 'INSERT INTO care.task (person_id, kind, plan_id) VALUES ({me}, ''exposure'', {x})'),
	('INSERT: a prescribed task of a plan', 'INSERT INTO care.task (person_id, kind, plan_id, prescribed_by) VALUES ({me}, ''medication'', {x}, {staff})'),
	('INSERT: a task of a goal', 'INSERT INTO care.task (person_id, kind, goal_id) VALUES ({me}, ''exposure'', {x})'),
	('INSERT: a task of an episode', 'INSERT INTO care.task (person_id, kind, episode_id) VALUES ({me}, ''exposure'', {x})'),
	('INSERT: a step of a task', 'INSERT INTO care.task_step (person_id, task_id, position, words, written_by) VALUES ({me}, {x}, 77, ''x'', {staff})'),
	('INSERT: a step that is there', 'INSERT INTO care.task_step (person_id, task_id, position, words, written_by) VALUES ({x}, {x}, 77, ''x'', {staff})'),
	('INSERT: a commitment to a task', 'INSERT INTO care.commitment (person_id, task_id, then_action, witnessed_by) VALUES ({me}, {x}, ''x'', {staff})'),
	('INSERT: a person''s commitment to a task', 'INSERT INTO care.commitment (person_id, task_id, then_action) VALUES ({me}, {x}, ''x'')'),
	('INSERT: an excuse from a task', 'INSERT INTO care.excused_period (person_id, task_id, during, excused_by) VALUES ({me}, {x}, ''[2026-01-01,2026-01-02)'', {staff})'),
	('INSERT: a request to change a task', 'INSERT INTO care.plan_change_request (person_id, task_id, asked_by, words) VALUES ({me}, {x}, {staff}, ''x'')'),
	('INSERT: a verification of a check-in', 'INSERT INTO care.verification (person_id, check_in_id, method, verified_by) VALUES ({me}, {x}, ''told'', {staff})'),
	('INSERT: a person with a token of another', 'INSERT INTO care.person (organization_id, name, token_subject) VALUES (1, ''x'', ''person.{x}'')'),
	('INSERT: staff with a login of another', 'INSERT INTO care.staff (organization_id, name, role, licensed, login_role) VALUES (1, ''x'', ''coach'', true, ''staff.{x}'')'),
	('UPDATE: staff supervised by staff', 'UPDATE care.staff SET supervisor_id = {x} WHERE staff_id = 24'),
	('UPDATE: an assignment supervised by staff', 'UPDATE care.assignment SET clinical_supervisor_id = {x} WHERE person_id = 5'),
	('UPDATE: an episode referred by staff', 'UPDATE care.episode SET referred_by = {x} WHERE person_id = 5'),
	('UPDATE: a task of a plan', 'UPDATE care.task SET plan_id = {x} WHERE person_id = {me}'),
	('UPDATE: a task of a goal', 'UPDATE care.task SET goal_id = {x} WHERE person_id = {me}'),
	('UPDATE: the subject of a token', 'UPDATE care.person SET token_subject = ''person.{x}'' WHERE person_id = {me}'),
	('UPDATE: the subject of a token of staff', 'UPDATE care.staff SET token_subject = ''staff.{x}'' WHERE staff_id = {staff}'),
	('ON CONFLICT DO NOTHING: preferences', 'INSERT INTO care.preference (person_id) VALUES ({x}) ON CONFLICT DO NOTHING'),
	('ON CONFLICT DO UPDATE: preferences', 'INSERT INTO care.preference (person_id) VALUES ({x}) ON CONFLICT (person_id) DO UPDATE SET tone = ''x'' RETURNING tone'),
	('ON CONFLICT DO NOTHING: a check-in', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES ({x}, {x}, current_date - 22, ''{s}'', 1) ON CONFLICT DO NOTHING'),
	('ON CONFLICT DO UPDATE: a check-in', 'INSERT INTO care.check_in AS c (person_id, task_id, due_on, source, taken) VALUES ({x}, {x}, current_date - 22, ''{s}'', 1)
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET note = c.reason RETURNING note'),
	('ON CONFLICT DO UPDATE: an open episode', 'INSERT INTO care.episode AS e (person_id) VALUES ({x}) ON CONFLICT (person_id) WHERE ended IS NULL DO UPDATE SET tier = 3'),
	('MERGE: preferences', 'MERGE INTO care.preference p USING (SELECT {x} AS x) s ON p.person_id = s.x WHEN MATCHED THEN UPDATE SET tone = ''x'' WHEN NOT MATCHED THEN INSERT (person_id) VALUES (s.x)'),
	('MERGE: DO NOTHING or fail', 'MERGE INTO care.check_in c USING (SELECT {x} AS x) s ON c.person_id = s.x AND c.task_id = s.x WHEN MATCHED THEN DO NOTHING
		WHEN NOT MATCHED THEN INSERT (person_id, task_id, due_on, taken) VALUES (s.x, s.x, current_date, 1 / (s.x - s.x)::smallint)');
-- Changes of what is there, of each table; what refers to it would keep it, or say so.
INSERT INTO oracle.probe
SELECT format('%s of a person: %s', v.command, s.table_name), v.statement
FROM oracle.sample s
JOIN pg_attribute k ON k.attrelid = ('care.' || s.table_name)::regclass AND k.attname = 'person_id'
CROSS JOIN LATERAL (VALUES ('UPDATE', format('UPDATE care.%I t SET %s WHERE person_id = {x}', s.table_name, coalesce((SELECT string_agg(format('%1$I = t.%1$I', c), ', ') FROM (
		SELECT DISTINCT unnest(columns) AS c FROM oracle.scope WHERE table_name = s.table_name AND command = 'UPDATE' AND columns <> '{}' ORDER BY c LIMIT 1) u), 'person_id = person_id'))),
	('DELETE', format('DELETE FROM care.%I WHERE person_id = {x}', s.table_name))) AS v (command, statement);
-- Reading, in ways that would run before the policy, around it, or fail on what it hides.
INSERT INTO oracle.probe SELECT 'SELECT: ' || s.table_name, format('SELECT count(*) FROM care.%I WHERE person_id = {x}', s.table_name), s.table_name NOT IN ('person', 'assignment', 'correction')
FROM oracle.sample s JOIN pg_attribute k ON k.attrelid = ('care.' || s.table_name)::regclass AND k.attname = 'person_id';
INSERT INTO oracle.probe SELECT 'view: ' || c.relname, format('SELECT v FROM care.%I v WHERE person_id = {x}', c.relname)
FROM pg_class c JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = 'person_id' WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'v';
INSERT INTO oracle.probe VALUES
	('SELECT: staff', 'SELECT staff_id, name, role FROM care.staff WHERE staff_id = {x}', false),
	('SELECT: whole rows', 'SELECT p FROM care.person p WHERE person_id = {x}', true),
	('SELECT: whole rows of staff', 'SELECT s FROM care.staff s WHERE staff_id = {x}', true),
	('SELECT: rows as text', 'SELECT p::text FROM care.person p WHERE p::text LIKE ''({x},%''', true),
	('SELECT: rows as JSON', 'SELECT to_jsonb(c) FROM care.check_in c WHERE to_jsonb(c) @> ''{"person_id": {x}}''', true),
	('SELECT: rows compared', 'SELECT count(*) FROM care.person p WHERE p >= ROW({x}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::care.person AND p < ROW({x} + 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::care.person', true),
	('SELECT: a function that shows', 'SELECT count(*) FROM care.person WHERE oracle.show(name) AND person_id = {x}', false),
	('SELECT: a function that shows all', 'SELECT {x} FROM care.message WHERE oracle.show(person_id) AND person_id BETWEEN {x} - 1 AND {x} + 1', true),
	('SELECT: an operator that shows', 'SELECT count(*) FROM care.person WHERE name OPERATOR(oracle.<<<) ''x'' AND person_id = {x}', false),
	('SELECT: a function that shows, in CASE', 'SELECT count(*) FROM care.check_in WHERE CASE WHEN person_id = {x} THEN oracle.show(note) ELSE false END', true),
	('SELECT: a function that shows, in a join', 'SELECT count(*) FROM (VALUES ({x}::bigint)) v (x) LEFT JOIN care.check_in c ON c.person_id = v.x AND oracle.show(c.note)', true),
	('SELECT: a function that shows, in ORDER BY and HAVING', 'SELECT person_id FROM care.task WHERE person_id = {x} GROUP BY person_id HAVING oracle.show(max(title)) ORDER BY oracle.show(max(task_id))', true),
	('SELECT: a function that shows, in an aggregate''s filter', 'SELECT count(*) FILTER (WHERE oracle.show(title)) FROM care.task WHERE person_id = {x}', true),
	('SELECT: a function that fails', 'SELECT count(*) FROM care.check_in WHERE person_id = {x} AND oracle.fails(person_id)', true),
	('SELECT: a cast that fails', 'SELECT count(*) FROM care.person WHERE person_id = {x} AND name::integer = 0', false),
	('SELECT: a cast that fails, of a condition', 'SELECT count(*) FROM care.task WHERE title::integer = 0 AND person_id = {x}', true),
	('SELECT: division by zero', 'SELECT count(*) FROM care.message WHERE 1 / (person_id - {x}) = 0 AND person_id BETWEEN {x} - 1 AND {x} + 1', true),
	('SELECT: division by zero, in CASE', 'SELECT count(*) FROM care.measurement WHERE CASE WHEN person_id = {x} THEN 1 / (value - 5)::integer = 0 ELSE false END', true),
	('SELECT: a pattern that is wrong', 'SELECT count(*) FROM care.task WHERE title ~ (CASE WHEN person_id = {x} THEN ''('' ELSE '''' END)', true),
	('SELECT: LIKE', 'SELECT count(*) FROM care.person WHERE name LIKE ''name of {x}%''', false),
	('SELECT: by the subject of a token', 'SELECT count(*) FROM care.person WHERE token_subject = ''person.{x}''', true),
	('SELECT: FOR UPDATE', 'SELECT person_id FROM care.person WHERE person_id = {x} FOR UPDATE', true),
	('SELECT: FOR KEY SHARE', 'SELECT person_id FROM care.check_in WHERE person_id = {x} FOR KEY SHARE', true),
	('SELECT: FOR NO KEY UPDATE, not waiting', 'SELECT person_id FROM care.commitment WHERE person_id = {x} FOR NO KEY UPDATE NOWAIT', true),
	('SELECT: TABLESAMPLE', 'SELECT count(*) FROM care.check_in TABLESAMPLE SYSTEM (100) REPEATABLE (1) WHERE person_id = {x}', true),
	('SELECT: TABLESAMPLE BERNOULLI with a function', 'SELECT count(*) FROM care.check_in TABLESAMPLE BERNOULLI (100) WHERE person_id = {x} AND oracle.show(note)', true),
	('SELECT: a recursive query', 'WITH RECURSIVE t (x) AS (SELECT {x}::bigint UNION SELECT p.merged_into FROM t JOIN care.person p ON p.person_id = t.x) SELECT count(*) FROM t', false),
	('SELECT: a recursive query over supervision', 'WITH RECURSIVE t (x) AS (SELECT {x}::bigint UNION SELECT s.supervisor_id FROM t JOIN care.staff s ON s.staff_id = t.x) SELECT count(*) FROM t', false),
	('SELECT: EXISTS', 'SELECT EXISTS (SELECT FROM care.check_in WHERE person_id = {x})', true),
	('SELECT: NOT IN', 'SELECT {x} NOT IN (SELECT person_id FROM care.check_in)', true),
	('SELECT: LATERAL, by whoever it was merged into', 'SELECT q.name FROM (VALUES ({x}::bigint)) v (x), LATERAL (SELECT p.name FROM care.person p WHERE p.merged_into = v.x - 2 OR p.person_id = v.x) q', false),
	('SELECT: system columns', 'SELECT tableoid::regclass, cmin, cmax FROM care.check_in WHERE person_id = {x}', true),
	('SELECT: the version of a row', 'SELECT xmin IS NOT NULL, ctid IS NOT NULL FROM care.message WHERE person_id = {x}', true),
	('SELECT: a generated column', 'SELECT is_open FROM care.episode WHERE person_id = {x} AND (is_open OR NOT is_open)', true),
	('SELECT: through XML', 'SELECT query_to_xml(''SELECT person_id FROM care.check_in WHERE person_id = {x}'', true, false, '''')', true),
	('SELECT: through full-text statistics', 'SELECT * FROM ts_stat(''SELECT to_tsvector(body || person_id) FROM care.message WHERE person_id = {x}'')', true),
	('SELECT: a window over all', 'SELECT max(x) FROM (SELECT person_id AS x, lag(person_id) OVER (ORDER BY person_id) FROM care.check_in) w WHERE x = {x}', true),
	('EXPLAIN: the plan', 'EXPLAIN (COSTS OFF) SELECT * FROM care.check_in WHERE person_id = {x}', true),
	('UPDATE: from a hidden row', 'UPDATE care.preference p SET tone = c.note FROM care.check_in c WHERE c.person_id = {x} AND p.person_id = {me}', true),
	('UPDATE: returning the old', 'UPDATE care.check_in SET note = note WHERE person_id = {x} RETURNING *', true),
	('UPDATE: a function that shows', 'UPDATE care.check_in SET note = note WHERE person_id = {x} AND oracle.show(reason)', true),
	('UPDATE: a row to another person', 'UPDATE care.check_in SET person_id = {x} WHERE person_id = {me}', true),
	('UPDATE: beyond a constraint', 'UPDATE care.check_in SET taken = -1 WHERE person_id = {x}', true),
	('UPDATE: to nothing', 'UPDATE care.task_step SET words = NULL WHERE person_id = {x}', true),
	('DELETE: returning the old', 'DELETE FROM care.check_in WHERE person_id = {x} RETURNING *', true),
	('DELETE: with a function that shows', 'DELETE FROM care.task_step WHERE task_id = {x} AND oracle.show(words)', true),
	('DELETE: staff, to whom much refers', 'DELETE FROM care.staff WHERE staff_id = {x}', true),
	('DELETE: hours of staff', 'DELETE FROM care.coverage WHERE staff_id = {x}', true),
	('INSERT: from a hidden row', 'INSERT INTO care.goal (person_id, words) SELECT {me}, words FROM care.goal WHERE person_id = {x}', true);
-- Functions.
INSERT INTO oracle.probe VALUES
	('timeline()', 'SELECT * FROM care.timeline({x})'),
	('timeline(), as it was known', 'SELECT * FROM care.timeline({x}, as_known_on => now() - interval ''1 hour'')'),
	('reconcile()', 'SELECT * FROM care.reconcile({x})'),
	('data_quality()', 'SELECT * FROM care.data_quality({x})'),
	('caseload_of()', 'SELECT * FROM care.caseload_of({x})'),
	('my_day_of()', 'SELECT * FROM care.my_day_of({x})'),
	('grounds() of staff', 'SELECT * FROM care.grounds({x})'),
	('plan_calendar()', 'SELECT care.plan_calendar({x}, {x}, NULL, current_date)'),
	('planned_where_unscheduled()', 'SELECT care.planned_where_unscheduled({x}, {x}, ''2026-01-01[0/1]'')'),
	('plan_due()', 'SELECT task_id FROM care.plan_due(now()) WHERE person_id = {x}'),
	('verify_derived()', 'SELECT * FROM care.verify_derived() WHERE person_id = {x}'),
	('still_sees()', 'SELECT care.still_sees({x})'),
	('enrols()', 'SELECT care.enrols({x})'),
	('enrols_staff()', 'SELECT care.enrols_staff(24, {x})'),
	('end_episode() of a person', 'SELECT care.end_episode({x}, {x}, ''moved'')'),
	('end_episode() of an episode', 'SELECT care.end_episode({me}, {x}, ''moved'')'),
	('handover() from staff', 'SELECT * FROM care.handover({x}, 24, tstzrange(now(), now() + interval ''2 days''))'),
	('handover() to staff', 'SELECT * FROM care.handover(24, {x}, tstzrange(now(), now() + interval ''2 days''))'),
	('ingest_check_ins()', 'SELECT * FROM care.ingest_check_ins(''[{"person_id": {x}, "task_id": {x}, "due_on": "2026-01-01", "source": "{s}", "taken": 1}]'')'),
	('ingest_check_ins(), partial', 'SELECT * FROM care.ingest_check_ins(''[{"person_id": {x}, "task_id": {x}, "due_on": "2026-01-01", "source": "{s}", "taken": 1}, {"person_id": {me}, "task_id": {me}, "due_on": "2026-01-01", "source": "{s}", "taken": 1}]'', true)'),
	('ingest_check_ins(), partial, what is there', 'SELECT * FROM care.ingest_check_ins(jsonb_build_array(jsonb_build_object(''person_id'', {x}, ''task_id'', {x}, ''due_on'', current_date - 22, ''source'', ''{s}'', ''taken'', 1)), true)'),
	('ingest_check_ins(), partial, of a task', 'SELECT * FROM care.ingest_check_ins(''[{"person_id": {me}, "task_id": {x}, "due_on": "2026-01-01", "source": "{s}", "taken": 1}]'', true)'),
	('ingest_check_ins(), arrays', 'SELECT * FROM care.ingest_check_ins(ARRAY[{x}], ARRAY[{x}], ARRAY[current_date - 22], ARRAY[1], source => ARRAY[''{s}''], partial => true)'),
	('ingest_measurements(), partial', 'SELECT * FROM care.ingest_measurements(''[{"person_id": {x}, "instrument_id": 1, "measured_on": "2026-01-01", "source": "{s}", "value": 1}]'', true)'),
	('ingest_judge()', 'SELECT * FROM care.ingest_judge(''check_in'', ARRAY[''{"person_id": {x}, "task_id": {x}, "due_on": "2026-01-01", "taken": 1}''::jsonb])'),
	('merge_persons()', 'SELECT care.merge_persons({x}, {me})'),
	('advance_plan()', 'SELECT care.advance_plan(now() + interval ''9 days'', {x})'),
	('replan()', 'SELECT care.replan(ARRAY[{x}])'),
	('actor_of_subject()', 'SELECT * FROM care.actor_of_subject(''person.{x}'', current_date)'),
	('actor_of_login()', 'SELECT * FROM care.actor_of_login(''staff.{x}'', current_date)'),
	('issue_token()', 'SELECT care.issue_token(''person.{x}'')'),
	('revoke_token()', 'SELECT care.revoke_token(''{x}'')'),
	('cohort_people()', 'SELECT * FROM care.cohort_people() WHERE person_id = {x}');
-- Of warnings, barriers, words and conversations.
INSERT INTO oracle.probe VALUES
	('acknowledge_warning()', 'SELECT care.acknowledge_warning({x}, now() + interval ''1 day'')'),
	('silence_warning()', 'SELECT care.silence_warning({x}, now() + interval ''1 day'')'),
	('resolve_warning()', 'SELECT care.resolve_warning({x}, ''x'')'),
	('decline_warning()', 'SELECT care.decline_warning({x}, ''x'')'),
	('explain_warning()', 'SELECT * FROM care.explain_warning({x})'),
	('raise_concern()', 'SELECT * FROM care.raise_concern({x}, ''x'')'),
	('coach_notices()', 'SELECT * FROM care.coach_notices({x})'),
	('backtest()', 'SELECT * FROM care.backtest(''no record'') WHERE person_id = {x}'),
	('barrier_profile_of()', 'SELECT care.barrier_profile_of({x})'),
	('propose_barrier()', 'SELECT care.propose_barrier({x})'),
	('agree_barrier()', 'SELECT care.agree_barrier({x}, true)'),
	('resolve_barrier()', 'SELECT care.resolve_barrier({x})'),
	('end_strategy()', 'SELECT care.end_strategy({x}, true)'),
	('suggest_for()', 'SELECT * FROM care.suggest_for({x})'),
	('strategy_window', 'SELECT * FROM care.strategy_window WHERE person_id = {x}'),
	('refer()', 'SELECT care.refer({x}, ''sleep'', ''x'')'),
	('answer_referral()', 'SELECT care.answer_referral({x}, ''closed'', ''x'')'),
	('review_flag()', 'SELECT care.review_flag({x}, ''confirmed'')'),
	('forget_text()', 'SELECT care.forget_text({x})'),
	('conversations()', 'SELECT * FROM care.conversations() WHERE person_id = {x}'),
	('coach_conversations()', 'SELECT * FROM care.coach_conversations() WHERE staff_id = {x}'),
	('conversation_figures()', 'SELECT * FROM care.conversation_figures(ARRAY[{x}], 90, false)'),
	('conversation_fact()', 'SELECT * FROM care.conversation_fact(ARRAY[{x}], now() - interval ''1 year'', now())'),
	('INSERT: a barrier of a person', 'INSERT INTO care.barrier (person_id, pattern, noted_by) VALUES ({x}, ''other'', {staff})'),
	('INSERT: a barrier of a task', 'INSERT INTO care.barrier (person_id, task_id, pattern, noted_by) VALUES ({me}, {x}, ''other'', {staff})'),
	('INSERT: a use of a strategy with a person', 'INSERT INTO care.strategy_use (person_id, strategy, pattern, used_by) VALUES ({x}, ''x'', ''other'', {staff})'),
	('INSERT: a label of a message', 'INSERT INTO care.barrier_label (person_id, message_id, rater, label) VALUES ({x}, {x}, {staff}, ''other'')'),
	('INSERT: a label of a message, which another has', 'INSERT INTO care.barrier_label (person_id, message_id, rater, label) VALUES ({me}, {x}, {staff}, ''other'')');
INSERT INTO oracle.probe VALUES
	('why_visible() of oneself and a person', 'SELECT * FROM care.why_visible({staff}, {x})', false),
	('why_visible() of staff and oneself or whom one sees', 'SELECT * FROM care.why_visible({x}, {me})', false),
	('why_visible() of staff and somebody of the organisation', 'SELECT * FROM care.why_visible({x}, 5)', false),
	('why_visible() of others', 'SELECT * FROM care.why_visible(24, {x})', false);
GRANT SELECT ON ALL TABLES IN SCHEMA oracle TO PUBLIC;
GRANT CREATE ON SCHEMA oracle TO PUBLIC;

SELECT plan((SELECT count(*)::integer * 2 FROM oracle.probe) + 31);
SET LOCAL SESSION AUTHORIZATION scope_pool;
CREATE TEMPORARY TABLE outcome AS
SELECT p.name AS probe, a.name AS actor, c.*
FROM oracle.probe p CROSS JOIN oracle.actor a CROSS JOIN LATERAL oracle.compare(p.statement, a.name) c
WHERE p.auditor OR a.name <> 'auditor';
SELECT is((SELECT string_agg(format('%s: %s', actor, left(differs, 500)), E'\n') FROM outcome o WHERE o.probe = p.name AND differs IS NOT NULL), NULL, p.name) FROM oracle.probe p ORDER BY p.name;
SELECT ok((SELECT bool_or(tells) OR bool_and(refused) FROM outcome o WHERE o.probe = p.name), p.name || ': it would tell, or is refused to everybody') FROM oracle.probe p ORDER BY p.name;
SELECT diag(format('%s probes, %s comparisons; refused to everybody: %s', count(DISTINCT o.probe), count(*) * 6, (SELECT count(*) FROM (SELECT FROM outcome GROUP BY probe HAVING bool_and(refused)) r))) FROM outcome o;

--
-- What is not asked about a key
--
RESET SESSION AUTHORIZATION;
-- A query as everybody, in turn: for whom it comes to something else than is wanted.
CREATE FUNCTION oracle.all_but(query text, wanted text, but text DEFAULT '^$') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	a text;
	got text;
	wrong text;
BEGIN
	FOR a IN SELECT name FROM oracle.actor WHERE name NOT IN ('stranger', 'app') AND name !~ but ORDER BY name LOOP
		PERFORM oracle.be(a);
		got := oracle.told(query);
		PERFORM set_config('role', 'none', true);
		wrong := concat_ws('; ', wrong, CASE WHEN got !~ wanted THEN format('%s: %s', a, left(got, 300)) END);
	END LOOP;
	RETURN nullif(wrong, '');
END
$$;
-- A table that everybody may have made, on which statistics are theirs: the queries do find some.
CREATE TEMPORARY TABLE open_to_all AS SELECT 'name of ' || n % 3 AS name FROM generate_series(1, 100) n;
ANALYZE open_to_all;
GRANT SELECT ON open_to_all TO PUBLIC;
CREATE STATISTICS care.names ON name, organization_id, (lower(name)) FROM care.person;
ANALYZE care.person;
SELECT format('(%s,%s)', b, o) AS hidden_tid FROM (SELECT split_part(trim('()' FROM ctid::text), ',', 1) AS b, split_part(trim('()' FROM ctid::text), ',', 2) AS o FROM care.person WHERE person_id = 770001) t \gset
SELECT ok((SELECT count(*) FROM pg_stats WHERE schemaname = 'care' AND tablename = 'person' AND (most_common_vals IS NOT NULL OR histogram_bounds IS NOT NULL)) > 3
	AND (SELECT count(*) FROM pg_stats_ext WHERE schemaname = 'care' AND most_common_vals IS NOT NULL) > 0 AND (SELECT count(*) FROM pg_stats_ext_exprs WHERE schemaname = 'care') > 0,
	'there are statistics of persons, which a superuser sees');
SET LOCAL SESSION AUTHORIZATION scope_pool;
SELECT is(oracle.all_but('SELECT count(*) FROM pg_stats WHERE tablename = ''open_to_all''', '^1 rows \(1\)'), NULL, 'statistics of what is theirs, everybody');
SELECT is(oracle.all_but('SELECT count(*) FROM pg_stats s JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = s.schemaname::regnamespace
	WHERE schemaname = ''care'' AND c.relrowsecurity', '^1 rows \(0\)'), NULL, 'most common values, histograms and numbers of values of tables with policies: nobody');
SELECT is(oracle.all_but('SELECT count(*) FROM pg_stats_ext WHERE schemaname = ''care'' AND most_common_vals IS NOT NULL', '^1 rows \(0\)'), NULL, 'nor extended ones');
SELECT is(oracle.all_but('SELECT count(*) FROM pg_stats_ext_exprs WHERE schemaname = ''care''', '^1 rows \(0\)'), NULL, 'nor those of expressions');
SELECT is(oracle.all_but('SELECT * FROM ' || t, '^\(42501'), NULL, 'nobody reads ' || t) FROM unnest(ARRAY['pg_statistic', 'pg_statistic_ext_data']) t;
SELECT is(oracle.all_but('SELECT count(last_value) FROM pg_sequences WHERE schemaname = ''care''', '^1 rows \(0\)'), NULL, 'nor the last values of sequences');
-- All sequences at once: the first that is not refused would end it.
CREATE FUNCTION oracle.of_sequences(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	s regclass;
	got text;
BEGIN
	FOR s IN SELECT oid FROM pg_class WHERE relnamespace = 'care'::regnamespace AND relkind = 'S' LOOP
		got := oracle.told(format(call, quote_literal(s::text), s::oid, s));
		-- PostgreSQL 18 answers pg_sequence_last_value() with NULL where 15 refuses.
		IF got NOT LIKE '(42501,%' AND got NOT LIKE '1 rows ()%' THEN RETURN got; END IF;
	END LOOP;
	RETURN 'refused';
END
$$;
SELECT is(oracle.all_but(format('SELECT oracle.of_sequences(%L)', call), '^1 rows \(refused\)'), NULL, 'sequences: ' || call)
FROM unnest(ARRAY['SELECT nextval(%1$s)', 'SELECT currval(%1$s)', 'SELECT setval(%1$s, 1)', 'SELECT last_value FROM %3$s', 'SELECT pg_sequence_last_value(%2$s)']) AS call;
SELECT is(oracle.all_but(format('SELECT count(*) FROM care.person WHERE ctid = %L', :'hidden_tid'), '^(1 rows \(0\)|\(42501)', 'auditor'), NULL, 'a row by its place');
SELECT is(oracle.all_but(format('UPDATE care.person SET name = ''x'' WHERE ctid = %L', :'hidden_tid'), '^(0 rows|\(42501)'), NULL, 'nor to change it');
SELECT is(oracle.all_but(format('SELECT currtid2(''care.check_in'', %L)', :'hidden_tid'), '^(1 rows \("?\(\d+,\d+\)"?\)|\(42501|\(22023)'), NULL, 'currtid2() gives a place in the file, or refuses: no contents');
SELECT is(oracle.all_but('SELECT pg_relation_size(''care.person'')', '^1 rows \(\d+\)'), NULL, 'pg_relation_size() gives a number');
SELECT is(oracle.all_but('EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT * FROM care.check_in WHERE note <> ''q''', '^(?!.*(name of|person\.[678])).*'), NULL, 'EXPLAIN ANALYZE gives numbers');
SELECT is(oracle.all_but(statement, '^\(42501'), NULL, left(statement, 60)) FROM unnest(ARRAY[
	'CREATE FUNCTION oracle.leak(text) RETURNS boolean LANGUAGE sql LEAKPROOF RETURN true', 'ALTER FUNCTION oracle.show(anyelement) LEAKPROOF',
	'CREATE STATISTICS oracle.s ON name, locale FROM care.person', 'CREATE INDEX i ON care.person (oracle.show(name))', 'ALTER TABLE care.person DISABLE ROW LEVEL SECURITY',
	'CREATE POLICY p ON care.person USING (true)', 'DROP POLICY team ON care.person', 'CREATE RULE r AS ON SELECT TO care.person DO INSTEAD SELECT 1', 'CLUSTER care.person USING person_pkey',
	'ALTER ROLE CURRENT_USER BYPASSRLS', 'ALTER TABLE care.person OWNER TO CURRENT_USER', 'CREATE PUBLICATION p FOR TABLE care.person']) AS statement;
SET LOCAL row_security = off;
SELECT is(oracle.all_but('SELECT count(*) FROM care.goal', '^\(42501'), NULL, 'without row security nothing is read at all');
SET LOCAL row_security = on;
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
