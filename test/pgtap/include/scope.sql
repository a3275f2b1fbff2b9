-- A program in which everybody has rows that they may see, and rows that they may not; and the means to try statements as each of them. After
-- include/setup.sql.
--
-- oracle.actor     who tries: a name, the database role, a token
-- oracle.sample    of each table: how to write a row, and which column tells rows apart
-- oracle.fixture   of each actor and table: rows, and the relation in which each stands to the actor
-- oracle.scope     the scope matrix, a row for each actor, table, command and relation that is allowed
--
-- Relations are those of test/data/scope_matrix.csv. Of a person's tables: own (written by the actor, about themselves or somebody they see),
-- assigned (about the actor or somebody they see, by another), ended (the assignment ended yesterday), other (of another organisation), unrelated (of
-- the same organisation, and somebody else's). flagged, medication, score and shared are assigned rows of a kind that matters.
SELECT create_program('care') \g /dev/null
CREATE ROLE scope_pool LOGIN NOINHERIT IN ROLE care_app;
CREATE ROLE scope_stranger;
GRANT scope_stranger, care_owner TO scope_pool;
GRANT USAGE, CREATE ON SCHEMA oracle TO PUBLIC;

--
-- People: staff 11 to 18 are those who act; 2x work beside them, 3x in another organisation
--
INSERT INTO care.organization (organization_id, name) VALUES (1, 'Here'), (2, 'There');
INSERT INTO care.site (site_id, organization_id, name) VALUES (1, 1, 'Here'), (2, 2, 'There');
INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, supervisor_id, token_subject)
SELECT o.tens + v.unit, o.organization, v.role || o.tens, v.role, v.licensed, o.tens + v.above, v.role || o.tens
FROM (VALUES (10, 1), (20, 1), (30, 2)) AS o (tens, organization)
CROSS JOIN (VALUES (1, 'prescriber', true, NULL), (2, 'therapist', true, NULL), (3, 'supervisor', false, 2), (4, 'coach', false, 3),
	(5, 'coordinator', false, NULL), (6, 'practice_coach', false, NULL), (7, 'analyst', false, NULL), (8, 'auditor', false, NULL)) AS v (unit, role, licensed, above);
-- Person 1 acts; 2 is assigned to those who act among the staff, 3 was until yesterday; 4 is there, 5 here.
INSERT INTO care.person (person_id, organization_id, site_id, name, token_subject)
SELECT p, CASE p WHEN 4 THEN 2 ELSE 1 END, CASE p WHEN 4 THEN 2 ELSE 1 END, 'person' || p, 'person' || p FROM generate_series(1, 5) p;
INSERT INTO care.assignment (person_id, assignment_id, staff_id, role, during)
SELECT v.person, v.person * 10 + u.unit, v.tens + u.unit, u.role, v.during
FROM (VALUES (1, 20, '[2020-01-01,)'::daterange), (2, 10, '[2020-01-01,)'), (3, 10, daterange('2020-01-01', current_date - 1)), (4, 30, '[2020-01-01,)'),
	(5, 20, '[2020-01-01,)')) AS v (person, tens, during)
CROSS JOIN (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS u (unit, role);
INSERT INTO care.proxy (person_id, proxy_id, name, relation, scope, token_subject)
SELECT 1, n, scope, 'friend', ARRAY[scope], 'proxy.' || scope FROM unnest(ARRAY['calendar', 'check_in', 'message', 'measure', 'report']) WITH ORDINALITY AS s (scope, n);
INSERT INTO care.instrument (instrument_id, name, for_coaches) VALUES (1, 'PHQ-9', false), (2, 'pages read', true);
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at)
SELECT p, p, 'exposure', 'base', 'FREQ=DAILY', date_trunc('day', now()) - interval '30 days' FROM generate_series(1, 5) p;
INSERT INTO care.task (person_id, task_id, kind, title, prescribed_by) SELECT p, 10 + p, 'medication', 'base', 21 FROM generate_series(1, 5) p;
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken) SELECT p, p, p, current_date - 20, 'import', 1 FROM generate_series(1, 5) p;
INSERT INTO care.stored_model (stored_model_id, name, locale, model) VALUES (1, 'base', 'en', 'empty');
INSERT INTO care.lexicon_entry (lexicon_entry_id, lexicon, locale, label, phrase) VALUES (1, 'barrier', 'en', 'avoidance', 'base');

INSERT INTO care.warning (person_id, warning_id, kind, says, severity, acts_on, acknowledge_within, onset, raised_on)
SELECT p, 500 + p, 'concern', 'base', 1, 'coach', '1 day', current_date, current_date FROM generate_series(1, 5) p;
INSERT INTO care.warning_event (person_id, warning_event_id, warning_id, acts_on, event) SELECT p, 500 + p, 500 + p, 'coach', 'opened' FROM generate_series(1, 5) p;

SELECT setval(oid::regclass, 10000) FROM pg_class WHERE relnamespace = 'care'::regnamespace AND relkind = 'S' \g /dev/null

CREATE TABLE oracle.actor (name text PRIMARY KEY, role text NOT NULL, token text, staff_id bigint, person_id bigint);
INSERT INTO oracle.actor
SELECT v.role, 'care_' || v.role, care.issue_token(v.role || '10'), v.staff, NULL
FROM (VALUES ('prescriber', 11), ('therapist', 12), ('supervisor', 13), ('coach', 14), ('coordinator', 15), ('practice_coach', 16), ('analyst', 17),
	('auditor', 18)) AS v (role, staff)
UNION ALL SELECT 'person', 'care_person', care.issue_token('person1'), NULL, 1
UNION ALL SELECT 'proxy.' || scope, 'care_person', care.issue_token('proxy.' || scope), NULL, 1 FROM unnest(ARRAY['calendar', 'check_in', 'message', 'measure', 'report']) scope
UNION ALL SELECT 'nobody as ' || role, 'care_' || role, NULL, NULL, NULL
FROM unnest('{person,coach,supervisor,prescriber,therapist,coordinator,practice_coach,analyst,auditor}'::text[]) role
UNION ALL SELECT 'app', 'care_app', NULL, NULL, NULL
UNION ALL SELECT 'stranger', 'scope_stranger', NULL, NULL, NULL;

--
-- Rows. In own and by_other: {p} a person, {t} their task, {c} their check-in, {a} a member of staff, {s} a source or kind of author, {n} a number.
--
CREATE TABLE oracle.sample (
	table_name text PRIMARY KEY,
	key text NOT NULL,        -- the column that tells rows of a person apart
	own text NOT NULL,        -- writes a row as the actor would
	authors text[],           -- whose rows are their own; NULL: the table does not know
	update_set text,          -- what an update sets, where a column to itself will not do; {me} is the actor
	blind_set text,           -- what an update sets that reads no column
	forged_set text);         -- what an update sets that is nobody's to say
INSERT INTO oracle.sample (table_name, key, own, authors, update_set) VALUES
	('program_info', 'only_row', 'INSERT INTO care.program_info (name, domain, template_version, role_prefix, roles_made, created_by) VALUES (''x'', ''medicine'', 1, ''x'', ''{}'', ''x'')', NULL, NULL),
	('organization', 'organization_id', 'INSERT INTO care.organization (name) VALUES (''x'')', NULL, NULL),
	('site', 'site_id', 'INSERT INTO care.site (organization_id, name) VALUES ({o}, ''x'')', NULL, NULL),
	('task_kind', 'kind', 'INSERT INTO care.task_kind (kind, description) VALUES (''x{n}'', ''x'')', NULL, NULL),
	('instrument', 'instrument_id', 'INSERT INTO care.instrument (name) VALUES (''x{n}'')', NULL, NULL),
	('token_key', 'key_id', 'INSERT INTO care.token_key (key_id, secret) VALUES (''x'', sha256(''x'') || sha256(''y''))', NULL, NULL),
	('warning_rule', 'warning_rule_id', 'INSERT INTO care.warning_rule (name, says, stream, detector, acts_on) VALUES (''x{n}'', ''x'', ''contact'', ''silence'', ''coach'')', NULL, NULL),
	('crisis_resource', 'crisis_resource_id', 'INSERT INTO care.crisis_resource (name, reach) VALUES (''x'', ''y'')', NULL, NULL),
	('sweep_run', 'sweep_run_id', 'INSERT INTO care.sweep_run (people, changed, escalated) VALUES (1, 1, 1)', NULL, NULL),
	('warning', 'warning_id', 'INSERT INTO care.warning (person_id, kind, occurrence, says, severity, acts_on, acknowledge_within, onset, raised_on) VALUES ({p}, ''concern'', {n}, ''x'', 1, ''coach'', ''1 day'', current_date, current_date)', NULL, NULL),
	('warning_event', 'warning_event_id', 'INSERT INTO care.warning_event (person_id, warning_id, acts_on, event) VALUES ({p}, 500 + {p}, ''coach'', ''opened'')', NULL, NULL),
	('stream_fault', 'stream_fault_id', 'INSERT INTO care.stream_fault (person_id, warning_rule_id, state, message, cleared_at) VALUES ({p}, 1, ''22023'', ''x'', now())', NULL, NULL),
	('recheck', 'due_at', 'INSERT INTO care.recheck (person_id, due_at) VALUES ({p}, now())', NULL, NULL),
	('warning_outbox', 'warning_outbox_id', 'INSERT INTO care.warning_outbox (person_id, warning_event_id) VALUES ({p}, 500 + {p})', NULL, NULL),
	('revoked_token', 'jti', 'INSERT INTO care.revoked_token (jti, until) VALUES (''x{n}'', now())', NULL, NULL),
	('staff', 'staff_id', 'INSERT INTO care.staff (organization_id, name, role, supervisor_id) VALUES ({o}, ''x'', ''coach'', {a})', NULL, NULL),
	('coverage', 'coverage_id', 'INSERT INTO care.coverage (staff_id, during) VALUES ({a}, ''[2020-01-01,)'')', NULL, NULL),
	('person', 'person_id', 'INSERT INTO care.person (organization_id, name) VALUES ({o}, ''x'')', NULL, NULL),
	('person_characteristic', 'person_characteristic_id', 'INSERT INTO care.person_characteristic (person_id, characteristic, value) VALUES ({p}, ''c{n}'', ''v'')', NULL, NULL),
	('preference', 'person_id', 'INSERT INTO care.preference (person_id) VALUES ({p})', NULL, NULL),
	('proxy', 'proxy_id', 'INSERT INTO care.proxy (person_id, name, relation) VALUES ({p}, ''x'', ''friend'')', NULL, NULL),
	('episode', 'episode_id', 'INSERT INTO care.episode (person_id, referred_from) VALUES ({p}, ''x'')', NULL, NULL),
	('assignment', 'assignment_id', 'INSERT INTO care.assignment (person_id, staff_id, during) VALUES ({p}, {a}, ''[2040-01-01,)'')', NULL, NULL),
	('goal', 'goal_id', 'INSERT INTO care.goal (person_id, words) VALUES ({p}, ''x'')', NULL, NULL),
	('plan', 'plan_id', 'INSERT INTO care.plan (person_id, written_by, words) VALUES ({p}, {a}, ''x'')', '{prescriber,therapist}', NULL),
	('task', 'task_id', 'INSERT INTO care.task (person_id, kind, title, prescribed_by) VALUES ({p}, ''medication'', ''x'', {a})', '{prescriber}', NULL),
	('task_revision', 'task_revision_id', 'INSERT INTO care.task_revision (person_id, task_id, until, starts_at) VALUES ({p}, {t}, current_date - {n}, ''2020-01-01'')', NULL, NULL),
	('task_step', 'task_step_id', 'INSERT INTO care.task_step (person_id, task_id, position, words, written_by) VALUES ({p}, {t}, {n}, ''x'', {a})', '{coach}', NULL),
	('commitment', 'commitment_id', 'INSERT INTO care.commitment (person_id, task_id, then_action, witnessed_by) VALUES ({p}, {t}, ''x'', {a})', '{coach}', NULL),
	('excused_period', 'excused_period_id', 'INSERT INTO care.excused_period (person_id, during, excused_by) VALUES ({p}, daterange(current_date - {n}, current_date - {n} + 1), {a})', '{prescriber,therapist}', NULL),
	('plan_change_request', 'plan_change_request_id', 'INSERT INTO care.plan_change_request (person_id, task_id, asked_by, words) VALUES ({p}, {t}, {a}, ''x'')', '{coach}',
		'answered_by = {me}, answer = ''x'', answered_at = now() + interval ''1 hour'''),
	('check_in', 'check_in_id', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES ({p}, {t}, current_date - {n}, ''{s}'', 1)', '{person,coach,proxy.check_in}', NULL),
	('verification', 'verification_id', 'INSERT INTO care.verification (person_id, check_in_id, method, verified_by) VALUES ({p}, {c}, ''told'', {a})', '{coach}', NULL),
	('supply', 'supply_id', 'INSERT INTO care.supply (person_id, task_id, dispensed, days_supply) VALUES ({p}, {t}, current_date, 30)', NULL, NULL),
	('measurement', 'measurement_id', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value) VALUES ({p}, 1, current_date - {n}, ''{s}'', 5)',
		'{person,proxy.measure,prescriber,therapist}', NULL),
	('clinical_note', 'clinical_note_id', 'INSERT INTO care.clinical_note (person_id, written_by, body) VALUES ({p}, {a}, ''x'')', '{prescriber,therapist}', NULL),
	('diagnosis', 'diagnosis_id', 'INSERT INTO care.diagnosis (person_id, made_by, code) VALUES ({p}, {a}, ''F32'')', '{prescriber,therapist}', NULL),
	('contact', 'contact_id', 'INSERT INTO care.contact (person_id, staff_id, channel) VALUES ({p}, {a}, ''text'')', '{coach,supervisor,prescriber,therapist}', NULL),
	('message', 'message_id', 'INSERT INTO care.message (person_id, author_kind, author, body) VALUES ({p}, ''staff'', {a}, ''x'')', '{coach,person,proxy.message}', 'scope_check = ''reviewed'''),
	('support_request', 'support_request_id', 'INSERT INTO care.support_request (person_id, words) VALUES ({p}, ''x'')', NULL, 'answered_by = {me}, answered_at = now() + interval ''1 hour'''),
	('correction', 'correction_id', 'INSERT INTO care.correction (person_id, record, record_id, was, deleted, corrected_by) VALUES ({p}, ''check_in'', 1, ''{}'', false, ''x'')', NULL, NULL),
	('task_calendar', 'task_id', 'INSERT INTO care.task_calendar (person_id, task_id, source, calendar) VALUES ({p}, {t} + 900, ''plan'', ''empty'')', NULL, NULL),
	('measure_series', 'instrument_id', 'INSERT INTO care.measure_series (person_id, instrument_id, item, series) VALUES ({p}, 1, ''x'', ''empty'')', NULL, NULL),
	('evidence_weight', 'evidence_weight_id', 'INSERT INTO care.evidence_weight (signature, pattern, sensitivity, false_alarm) VALUES (''x{n}'', ''other'', 0.5, 0.1)', NULL, NULL),
	('lexicon_entry', 'lexicon_entry_id', 'INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES (''barrier'', ''en'', ''avoidance'', ''x{n}'')', NULL, NULL),
	('stored_model', 'stored_model_id', 'INSERT INTO care.stored_model (name, locale, model) VALUES (''x{n}'', ''en'', ''empty'')', NULL, NULL),
	('barrier', 'barrier_id', 'INSERT INTO care.barrier (person_id, pattern, words, noted_by) VALUES ({p}, ''avoidance'', ''x'', {a})', '{coach}', NULL),
	('barrier_label', 'barrier_label_id', 'INSERT INTO care.barrier_label (person_id, check_in_id, rater, label) VALUES ({p}, {c}, {a}, ''x{n}'')', '{coach}', NULL),
	('strategy_use', 'strategy_use_id', 'INSERT INTO care.strategy_use (person_id, strategy, pattern, used_by) VALUES ({p}, ''task_breakdown'', ''avoidance'', {a})', '{coach}', NULL),
	('scope_flag', 'scope_flag_id', 'INSERT INTO care.scope_flag (person_id, check_in_id, label, severity) VALUES ({p}, {c}, ''grief'', ''referral'')', NULL, NULL),
	('referral', 'referral_id', 'INSERT INTO care.referral (person_id, topic, reason, refer_to) VALUES ({p}, ''x{n}'', ''x'', ''therapist'')', NULL, NULL),
	('stored_model_part', 'stored_model_id', 'INSERT INTO care.stored_model_part (person_id, stored_model_id, model) VALUES ({p}, 1, ''empty'')', NULL, NULL),
	('consent', 'consent_id', 'INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES ({p}, ''conversation_analysis'', ''x'', ''x{n}'')', NULL, NULL);

UPDATE oracle.sample s SET blind_set = v.blind, forged_set = v.forged
FROM (VALUES ('staff', 'discipline = ''y''', 'supervisor_id = 33'), ('coverage', 'on_call = true', NULL), ('person', 'locale = ''fr''', NULL),
	('person_characteristic', 'value = ''y''', 'person_id = 5'), ('preference', 'tone = ''y''', NULL), ('proxy', 'relation = ''y''', NULL),
	('episode', 'readiness = 5', 'referred_by = 31'), ('assignment', 'during = ''[2020-01-01,)''', 'clinical_supervisor_id = 31'), ('goal', 'why = ''y''', NULL),
	('plan', 'words = ''y''', NULL), ('task', 'title = ''y''', NULL), ('task_step', 'done_at = ''2020-01-01''', NULL), ('commitment', 'place = ''y''', NULL),
	('excused_period', 'reason = ''y''', NULL),
	('plan_change_request', 'answered_by = {me}, answer = ''y'', answered_at = ''2040-01-01''', 'answered_by = 22, answer = ''y'', answered_at = ''2040-01-01'''),
	('check_in', 'note = ''y''', NULL), ('measurement', 'unit = ''y''', NULL), ('diagnosis', 'words = ''y''', NULL), ('contact', 'reached = false', NULL),
	('message', 'scope_check = ''reviewed''', 'scope_check = ''clear'''),
	('consent', 'revoked_at = now()', NULL),
	('support_request', 'answered_by = {me}, answered_at = ''2040-01-01''', 'answered_by = 24, answered_at = ''2040-01-01''')) AS v (table_name, blind, forged)
WHERE s.table_name = v.table_name;

-- The statement that writes a row: about a person, by a member of staff, with a source or kind.
CREATE FUNCTION oracle.write(of_table text, actor text, person bigint, author bigint, source text, n bigint) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT replace(replace(replace(replace(replace(replace(replace(CASE
		WHEN of_table = 'task' AND actor = 'therapist' THEN 'INSERT INTO care.task (person_id, kind, title) VALUES ({p}, ''exposure'', ''x'')'
		WHEN of_table = 'commitment' AND actor ~ 'person$|^proxy' THEN 'INSERT INTO care.commitment (person_id, task_id, then_action) VALUES ({p}, {t}, ''x'')'
		WHEN of_table = 'message' AND source <> 'staff' THEN 'INSERT INTO care.message (person_id, author_kind, body) VALUES ({p}, ''{s}'', ''x'')'
		ELSE s.own END,
		'{p}', person::text), '{t}', person::text), '{c}', person::text), '{a}', coalesce(author::text, 'NULL')), '{s}', source), '{n}', n::text),
		'{o}', CASE WHEN person = 4 OR author > 30 THEN '2' ELSE '1' END)
	FROM oracle.sample s WHERE s.table_name = of_table
$$;
-- What the column of the source, or of the author's kind, says of an actor's own rows.
CREATE FUNCTION oracle.source_of(actor text, of_table text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN of_table = 'message' AND actor IN ('coach', 'supervisor') THEN 'staff' WHEN actor IN ('prescriber', 'therapist', 'supervisor') THEN 'seen'
		ELSE split_part(actor, '.', 1) END
$$;

CREATE TABLE oracle.fixture (actor text, table_name text, relation text, condition text, write text);
CREATE TABLE oracle.base (table_name text, kind text, person bigint, condition text);
CREATE SEQUENCE oracle.number START 2;
CREATE FUNCTION oracle.add(of_table text, kind text, person bigint, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	key text := (SELECT key FROM oracle.sample WHERE table_name = of_table);
	id text;
BEGIN
	EXECUTE statement || format(' RETURNING %I::text', key) INTO id;
	INSERT INTO oracle.base VALUES (of_table, kind, person, format('person_id = %s AND %I = %L', person, key, id));
END
$$;
-- Of each table about a person: a row by another of each person, and of each actor who writes such rows one of their own.
SELECT oracle.add(s.table_name, 'by another', p, oracle.write(s.table_name, CASE s.table_name WHEN 'task' THEN 'therapist' END, p,
	CASE WHEN s.table_name IN ('commitment', 'task_step', 'verification', 'contact', 'plan_change_request', 'assignment', 'barrier', 'barrier_label', 'strategy_use') THEN 24 ELSE 22 END,
	CASE s.table_name WHEN 'message' THEN 'system' WHEN 'check_in' THEN 'pharmacy' ELSE 'device' END, nextval('oracle.number')))
FROM oracle.sample s, generate_series(1, 5) p
WHERE s.table_name NOT IN ('program_info', 'organization', 'site', 'task_kind', 'instrument', 'warning_rule', 'crisis_resource', 'sweep_run', 'token_key', 'revoked_token', 'staff', 'coverage', 'person', 'episode',
	'task_calendar', 'measure_series', 'recheck', 'warning_outbox', 'evidence_weight', 'lexicon_entry', 'stored_model') \g /dev/null
SELECT oracle.add(s.table_name, a.name, coalesce(a.person_id, 2), oracle.write(s.table_name, a.name, coalesce(a.person_id, 2), a.staff_id,
	oracle.source_of(a.name, s.table_name), nextval('oracle.number')))
FROM oracle.sample s JOIN oracle.actor a ON a.name = ANY (s.authors) \g /dev/null
SELECT oracle.add('task', 'medication', 2, 'INSERT INTO care.task (person_id, kind, title, prescribed_by) VALUES (2, ''medication'', ''x'', 21)') \g /dev/null
SELECT oracle.add('plan_change_request', 'medication', 2, 'INSERT INTO care.plan_change_request (person_id, task_id, asked_by, words) VALUES (2, 12, 24, ''x'')') \g /dev/null
SELECT oracle.add('message', 'flagged', 2, 'INSERT INTO care.message (person_id, author_kind, body, scope_check) VALUES (2, ''person'', ''x'', ''flagged'')') \g /dev/null
SELECT oracle.add('measurement', 'shared', 2, 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value) VALUES (2, 2, current_date, ''person'', 5)') \g /dev/null
SELECT oracle.add('warning', v.kind, 2, format('INSERT INTO care.warning (person_id, kind, occurrence, says, severity, acts_on, acknowledge_within, onset, raised_on)
	VALUES (2, ''concern'', nextval(''oracle.number''), ''x'', 1, %L, ''1 day'', current_date, current_date)', v.acts_on))
FROM (VALUES ('flagged', 'supervisor'), ('score', 'prescriber')) AS v (kind, acts_on) \g /dev/null
SELECT oracle.add('warning_event', v.kind, 2, format('INSERT INTO care.warning_event (person_id, warning_id, acts_on, event)
	SELECT person_id, warning_id, acts_on, ''opened'' FROM care.warning WHERE person_id = 2 AND acts_on = %L AND kind = ''concern'' AND closed_at IS NULL LIMIT 1', v.acts_on))
FROM (VALUES ('flagged', 'supervisor'), ('score', 'prescriber')) AS v (kind, acts_on) \g /dev/null
INSERT INTO care.warning_rule (warning_rule_id, name, says, stream, detector, acts_on) VALUES (901, 'for supervisors', 'x', 'contact', 'silence', 'supervisor');
SELECT oracle.add('stream_fault', v.kind, 2, format('INSERT INTO care.stream_fault (person_id, warning_rule_id, state, message, cleared_at) VALUES (2, %s, ''22023'', ''x'', now())', v.rule))
FROM (VALUES ('flagged', '901'), ('score', 'NULL')) AS v (kind, rule) \g /dev/null
SELECT oracle.add('correction', 'score', 2, 'INSERT INTO care.correction (person_id, record, record_id, was, deleted, corrected_by)
	VALUES (2, ''measurement'', 1, ''{"instrument_id": 1}'', false, ''x'')') \g /dev/null
SELECT oracle.add('correction', 'shared', 2, 'INSERT INTO care.correction (person_id, record, record_id, was, deleted, corrected_by)
	VALUES (2, ''measurement'', 1, ''{"instrument_id": 2}'', false, ''x'')') \g /dev/null
INSERT INTO oracle.base
SELECT 'episode', 'by another', person_id, format('person_id = %s AND episode_id = %s', person_id, episode_id) FROM care.episode
UNION ALL SELECT 'person', 'by another', p, format('person_id = %s', p) FROM generate_series(1, 5) p
UNION ALL SELECT 'task_calendar', 'by another', p, format('person_id = %s AND task_id = %s AND source = ''plan''', p, p) FROM generate_series(1, 5) p
UNION ALL SELECT 'measure_series', 'by another', p, format('person_id = %s AND instrument_id = 1', p) FROM generate_series(1, 5) p
UNION ALL SELECT 'recheck', 'by another', person_id, format('person_id = %s AND due_at = %L', person_id, due_at) FROM care.recheck
UNION ALL SELECT 'warning_outbox', 'by another', person_id, format('person_id = %s AND warning_outbox_id = %s', person_id, warning_outbox_id) FROM care.warning_outbox
UNION ALL SELECT 'measure_series', 'shared', 2, 'person_id = 2 AND instrument_id = 2';

-- In which relation those rows stand to each actor.
INSERT INTO oracle.fixture (actor, table_name, relation, condition, write)
SELECT a.name, b.table_name, r.relation, b.condition,
	CASE WHEN r.relation NOT IN ('flagged', 'medication', 'score', 'shared') THEN oracle.write(b.table_name, a.name, b.person,
		CASE WHEN r.relation = 'assigned' AND s.authors IS NOT NULL THEN CASE WHEN b.table_name IN ('excused_period', 'clinical_note', 'diagnosis', 'plan') THEN 22 WHEN b.table_name = 'task' THEN 21 ELSE 24 END
			WHEN b.table_name = 'assignment' THEN 14 ELSE coalesce(a.staff_id, 24) END,
		CASE WHEN r.relation = 'assigned' AND s.authors IS NOT NULL AND b.table_name IN ('check_in', 'measurement', 'message') THEN CASE WHEN b.table_name = 'message' AND a.name = 'coach' THEN 'staff' WHEN b.table_name = 'message' THEN 'system' ELSE 'pharmacy' END
			ELSE oracle.source_of(a.name, b.table_name) END,
		nextval('oracle.number')) END
FROM oracle.actor a
CROSS JOIN oracle.base b
JOIN oracle.sample s USING (table_name)
CROSS JOIN LATERAL (SELECT CASE
	WHEN a.person_id IS NOT NULL AND b.table_name = 'proxy' AND b.kind = a.name THEN 'self'
	WHEN a.person_id IS NOT NULL THEN CASE
		WHEN b.person = 1 THEN CASE WHEN b.kind = a.name OR s.authors IS NULL OR NOT s.authors && '{person}' THEN 'own' WHEN b.kind = 'by another' THEN 'assigned' END
		WHEN b.kind = 'by another' THEN CASE b.person WHEN 3 THEN 'ended' WHEN 4 THEN 'other' WHEN 5 THEN 'unrelated' END END
	WHEN b.person = 2 THEN CASE WHEN b.kind = a.name THEN 'own' WHEN b.kind IN ('flagged', 'medication', 'score', 'shared') THEN b.kind WHEN b.kind = 'by another' THEN 'assigned' END
	WHEN b.kind = 'by another' THEN CASE b.person WHEN 3 THEN 'ended' WHEN 4 THEN 'other' WHEN 5 THEN 'unrelated' END
	END AS relation) r
WHERE r.relation IS NOT NULL;
-- A proxy's own row; the others of the table are of the person.
INSERT INTO oracle.fixture SELECT a.name, 'proxy', 'self', format('person_id = 1 AND proxy_id = %s', x.proxy_id), NULL
FROM oracle.actor a JOIN care.proxy x ON x.token_subject = a.name;
-- Staff and what is theirs: own, assigned (beside the actor), unrelated (of the same organisation), other.
INSERT INTO care.coverage (coverage_id, staff_id, during) SELECT staff_id, staff_id, '[2020-01-01,)' FROM care.staff;
INSERT INTO oracle.fixture
SELECT a.name, t.table_name, r.relation, format('%I = %s', s.key, r.staff),
	oracle.write(t.table_name, a.name, CASE r.relation WHEN 'other' THEN 4 ELSE 1 END, CASE WHEN t.table_name = 'staff' AND r.relation = 'own' THEN 13 ELSE r.staff END, '',
		nextval('oracle.number'))
FROM oracle.actor a
CROSS JOIN (VALUES ('staff'), ('coverage')) AS t (table_name)
JOIN oracle.sample s USING (table_name)
CROSS JOIN LATERAL (
	SELECT 'own', a.staff_id WHERE a.staff_id IS NOT NULL
	UNION ALL SELECT 'assigned', CASE WHEN a.staff_id IS NULL THEN 24 ELSE 12 + (a.staff_id = 12)::int END
	UNION ALL SELECT 'unrelated', CASE WHEN a.staff_id IS NULL THEN 13 ELSE 23 END
	UNION ALL SELECT 'other', 33) AS r (relation, staff);
-- Tables about nobody.
INSERT INTO care.revoked_token (jti, until) VALUES ('x', 'infinity');
INSERT INTO care.crisis_resource (name, reach) VALUES ('x', 'y');
INSERT INTO care.sweep_run (people, changed, escalated) VALUES (1, 1, 1);
INSERT INTO oracle.fixture
SELECT a.name, v.table_name, 'any', v.condition, oracle.write(v.table_name, a.name, 1, 14, '', nextval('oracle.number'))
FROM oracle.actor a
CROSS JOIN (VALUES ('program_info', 'only_row'), ('organization', 'organization_id = 1'), ('organization', 'organization_id = 2'), ('site', 'site_id = 1'), ('site', 'site_id = 2'),
	('task_kind', 'kind = ''exposure'''), ('instrument', 'instrument_id = 1'), ('warning_rule', 'warning_rule_id = 1'), ('crisis_resource', 'true'), ('sweep_run', 'true'), ('token_key', 'true'), ('revoked_token', 'true'), ('evidence_weight', 'evidence_weight_id = 1'),
	('lexicon_entry', 'lexicon_entry_id = 1'), ('stored_model', 'stored_model_id = 1')) AS v (table_name, condition);

--
-- The matrix
--
CREATE TABLE oracle.line (roles text, table_name text, commands text, relations text, columns text);
\copy oracle.line FROM 'test/data/scope_matrix.csv' (FORMAT csv, HEADER)
CREATE TABLE oracle.scope AS
SELECT a.name AS actor, a.role, l.table_name, c AS command, r AS relation, string_to_array(l.columns, ' ') AS columns
FROM oracle.line l
CROSS JOIN LATERAL unnest(string_to_array(l.roles, ' ')) AS who
JOIN oracle.actor a ON a.name = who OR (who = 'proxy' AND a.name LIKE 'proxy.%') OR (l.relations = 'any' AND a.name = 'nobody as ' || who)
CROSS JOIN LATERAL unnest(string_to_array(l.commands, ' ')) AS c
CROSS JOIN LATERAL unnest(string_to_array(l.relations, ' ')) AS r;
-- Privileges belong to database roles: a proxy has those of persons.
CREATE VIEW oracle.privilege AS SELECT DISTINCT role, table_name, command FROM oracle.scope;

--
-- Trying
--
-- What comes of a statement, which is undone: rows, none (it changed or returned none), denied (a privilege is missing), policy (a policy refuses the row), or
-- another SQLSTATE.
CREATE FUNCTION oracle.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = CASE WHEN n > 0 THEN 'rows' ELSE 'none' END;
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
	WHEN unique_violation THEN RETURN 'rows'; -- allowed, and the fixture has it
	WHEN insufficient_privilege THEN RETURN CASE WHEN SQLERRM LIKE '%row-level security%' THEN 'policy' ELSE 'denied' END;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
-- The statements of all cells of an actor and a table, with what the matrix says comes of each.
CREATE FUNCTION oracle.cells(of_actor text, of_table text) RETURNS TABLE (command text, relation text, statement text, wanted text) LANGUAGE sql STABLE AS $$
	WITH it AS (
		SELECT f.*, a.role, a.staff_id, s.key, s.update_set, s.forged_set,
			EXISTS (SELECT FROM oracle.privilege p WHERE p.role = a.role AND p.table_name = of_table AND p.command = 'SELECT') AS may_select,
			EXISTS (SELECT FROM oracle.privilege p WHERE p.role = a.role AND p.table_name = of_table AND p.command = 'INSERT') AS may_insert,
			EXISTS (SELECT FROM oracle.privilege p WHERE p.role = a.role AND p.table_name = of_table AND p.command = 'UPDATE') AS may_update,
			EXISTS (SELECT FROM oracle.privilege p WHERE p.role = a.role AND p.table_name = of_table AND p.command = 'DELETE') AS may_delete,
			EXISTS (SELECT FROM oracle.scope c WHERE c.actor = of_actor AND c.table_name = of_table AND c.command = 'SELECT' AND c.relation = f.relation) AS selects,
			EXISTS (SELECT FROM oracle.scope c WHERE c.actor = of_actor AND c.table_name = of_table AND c.command = 'INSERT' AND c.relation = f.relation) AS inserts,
			EXISTS (SELECT FROM oracle.scope c WHERE c.actor = of_actor AND c.table_name = of_table AND c.command = 'UPDATE' AND c.relation = f.relation) AS updates,
			EXISTS (SELECT FROM oracle.scope c WHERE c.actor = of_actor AND c.table_name = of_table AND c.command = 'DELETE' AND c.relation = f.relation) AS deletes,
			coalesce((SELECT c.columns[1] FROM oracle.scope c WHERE c.role = a.role AND c.table_name = of_table AND c.command = 'UPDATE' AND c.columns <> '{}' LIMIT 1), s.key) AS changes
		FROM oracle.fixture f
		JOIN oracle.actor a ON a.name = f.actor
		JOIN oracle.sample s USING (table_name)
		WHERE f.actor = of_actor AND f.table_name = of_table
	), set_to AS (
		SELECT it.*, coalesce(replace(CASE WHEN may_update THEN update_set END, '{me}', coalesce(staff_id, 0)::text), format('%1$I = t.%1$I', changes)) AS assignment
		FROM it
	)
	SELECT c.command, i.relation, c.statement,
		CASE WHEN NOT c.privileged THEN 'denied' WHEN NOT c.allowed THEN c.otherwise
			WHEN c.command = 'ON CONFLICT' AND of_table IN ('preference', 'episode', 'recheck', 'stored_model_part') THEN 'none' -- everybody has one
			WHEN c.command = 'ON CONFLICT' AND of_table = 'task_step' THEN '55000' -- a key that can be deferred
			ELSE 'rows' END
	FROM set_to i
	CROSS JOIN LATERAL (VALUES
		('SELECT', format('SELECT %I FROM care.%I t WHERE %s', key, of_table, condition), may_select, selects, 'none'),
		('UPDATE', format('UPDATE care.%I t SET %s WHERE %s', of_table, assignment, condition), may_update AND may_select, updates AND selects, 'none'),
		('DELETE', format('DELETE FROM care.%I t WHERE %s', of_table, condition), may_delete AND may_select, deletes AND selects, 'none'),
		('FOR UPDATE', format('SELECT %I FROM care.%I t WHERE %s FOR UPDATE', key, of_table, condition), may_select AND may_update,
			updates AND selects, 'none'),
		('UPDATE RETURNING', format('UPDATE care.%I t SET %s WHERE %s RETURNING %I', of_table, assignment, condition, key), may_update AND may_select, updates AND selects, 'none'),
		('MERGE UPDATE', format('MERGE INTO care.%I t USING (SELECT 1) s ON %s WHEN MATCHED THEN UPDATE SET %s', of_table, condition, assignment),
			may_update AND may_select, updates AND selects, CASE WHEN selects THEN 'policy' ELSE 'none' END),
		('UPDATE FORGED', CASE WHEN may_update AND forged_set IS NOT NULL THEN format('UPDATE care.%I t SET %s WHERE %s', of_table, forged_set, condition) END,
			EXISTS (SELECT FROM oracle.scope c WHERE c.role = i.role AND c.table_name = of_table AND c.command = 'UPDATE'
				AND (split_part(forged_set, ' ', 1) = ANY (c.columns) OR c.columns IS NULL)), false,
			CASE WHEN updates AND selects THEN 'policy' ELSE 'none' END),
		('UPDATE FORGED BLIND', CASE WHEN updates AND forged_set IS NOT NULL THEN format('UPDATE care.%I SET %s', of_table, forged_set) END,
			EXISTS (SELECT FROM oracle.scope c WHERE c.role = i.role AND c.table_name = of_table AND c.command = 'UPDATE'
				AND (split_part(forged_set, ' ', 1) = ANY (c.columns) OR c.columns IS NULL)), false, 'policy'),
		('INSERT', write, may_insert, inserts, 'policy'),
		('INSERT RETURNING', write || format(' RETURNING %I', key), may_insert AND may_select, inserts AND selects, 'policy'),
		('ON CONFLICT', write || ' ON CONFLICT DO NOTHING', may_insert, inserts, 'policy'),
		('MERGE INSERT', regexp_replace(write, '^INSERT INTO (\S+) (\(.*?\)) VALUES', format('MERGE INTO \1 t USING (SELECT 1) s ON false WHEN NOT MATCHED THEN INSERT \2 VALUES')),
			may_insert, inserts, 'policy'),
		('TRUNCATE', format('TRUNCATE care.%I', of_table), false, false, ''),
		('REFERENCES', (SELECT format('CREATE TABLE oracle.refers (%2$s, FOREIGN KEY (%3$s) REFERENCES care.%1$I (%3$s))', of_table,
			string_agg(quote_ident(k.attname) || ' ' || format_type(k.atttypid, k.atttypmod), ', ' ORDER BY k.attnum), string_agg(quote_ident(k.attname), ', ' ORDER BY k.attnum))
			FROM pg_index x JOIN pg_attribute k ON k.attrelid = x.indrelid AND k.attnum = ANY (x.indkey)
			WHERE x.indrelid = ('care.' || of_table)::regclass AND x.indisprimary), false, false, ''),
		('TRIGGER', format('CREATE TRIGGER t BEFORE INSERT ON care.%I EXECUTE FUNCTION suppress_redundant_updates_trigger()', of_table), false, false, '')
		) AS c (command, statement, privileged, allowed, otherwise)
	WHERE c.statement IS NOT NULL
$$;
CREATE TABLE oracle.cell AS
SELECT a.name AS actor, s.table_name, c.*
FROM oracle.actor a CROSS JOIN oracle.sample s CROSS JOIN LATERAL oracle.cells(a.name, s.table_name) c;
ALTER TABLE oracle.cell ADD COLUMN id bigserial PRIMARY KEY, ADD COLUMN got text;
CREATE INDEX ON oracle.cell (actor, table_name);
GRANT SELECT ON ALL TABLES IN SCHEMA oracle TO PUBLIC;

-- Become one of the actors; the pool's login must be that of the session.
CREATE FUNCTION oracle.become(someone text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	a oracle.actor;
BEGIN
	SELECT * INTO a FROM oracle.actor WHERE name = someone;
	IF a.token IS NOT NULL THEN
		PERFORM coachiatry.sign_in(a.token);
	ELSE
		IF current_setting('is_superuser') = 'on' THEN
			PERFORM set_config('coachiatry.actor', '', true);
		END IF;
		PERFORM set_config('role', a.role, true);
	END IF;
END
$$;
-- Try all cells of an actor and a table as that actor: those in which something else came of it than the matrix says.
CREATE FUNCTION oracle.wrong_cells(of_actor text, of_table text) RETURNS TABLE (actor text, table_name text, command text, relation text, wanted text, got text, statement text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oracle.become(of_actor);
	RETURN QUERY SELECT c.actor, c.table_name, c.command, c.relation, c.wanted, o.got, c.statement
	FROM oracle.cell c CROSS JOIN LATERAL (SELECT oracle.outcome(c.statement) AS got OFFSET 0) o
	WHERE c.actor = of_actor AND c.table_name = of_table AND o.got IS DISTINCT FROM c.wanted;
	PERFORM set_config('role', 'none', true);
END
$$;

-- A statement of an actor that reads no column and has no WHERE, so that only the policies of its own command are asked: whether it reached a row that it
-- should not have, or left one out.
CREATE FUNCTION oracle.wrong_blind(of_actor text, of_table text, of_command text) RETURNS TABLE (actor text, table_name text, command text, relation text, wanted text, got text)
LANGUAGE plpgsql AS $$
DECLARE
	statement text := (SELECT CASE of_command WHEN 'DELETE' THEN format('DELETE FROM care.%I', of_table)
		ELSE replace(format('UPDATE care.%I SET %s', of_table, blind_set), '{me}', coalesce((SELECT staff_id FROM oracle.actor WHERE name = of_actor), 0)::text) END
		FROM oracle.sample s WHERE s.table_name = of_table);
	row_now CONSTANT text := format('SELECT string_agg(concat(t.xmin, t.ctid), '' '') FROM care.%I t WHERE ', of_table);
	f record;
	before text[] := '{}';
	one text;
	wrong text;
	n integer := 0;
BEGIN
	IF NOT EXISTS (SELECT FROM oracle.privilege p JOIN oracle.actor a USING (role) WHERE a.name = of_actor AND p.table_name = of_table AND p.command = of_command) THEN
		PERFORM oracle.become(of_actor);
		SELECT oracle.outcome(CASE of_command WHEN 'DELETE' THEN format('DELETE FROM care.%I WHERE false', of_table)
			ELSE format('UPDATE care.%I SET %I = NULL WHERE false', of_table, s.key) END) INTO wrong
		FROM oracle.sample s WHERE s.table_name = of_table;
		PERFORM set_config('role', 'none', true);
		RETURN QUERY SELECT of_actor, of_table, of_command || ' BLIND', 'any', 'denied', wrong WHERE wrong <> 'denied';
		RETURN;
	END IF;
	FOR f IN SELECT * FROM oracle.fixture x WHERE x.actor = of_actor AND x.table_name = of_table ORDER BY x.condition, x.relation LOOP
		EXECUTE row_now || f.condition INTO one;
		before := before || one;
	END LOOP;
	BEGIN
		PERFORM oracle.become(of_actor);
		EXECUTE statement;
		PERFORM set_config('role', 'none', true);
		FOR f IN SELECT x.*, EXISTS (SELECT FROM oracle.scope c WHERE c.actor = of_actor AND c.table_name = of_table AND c.command = of_command AND c.relation = x.relation) AS allowed
			FROM oracle.fixture x WHERE x.actor = of_actor AND x.table_name = of_table ORDER BY x.condition, x.relation
		LOOP
			n := n + 1;
			EXECUTE row_now || f.condition INTO one;
			IF (one IS DISTINCT FROM before[n]) <> f.allowed THEN
				wrong := f.relation;
			END IF;
		END LOOP;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN NULL;
		WHEN OTHERS THEN wrong := SQLSTATE || ' ' || SQLERRM;
	END;
	IF wrong IS NOT NULL THEN
		RETURN QUERY SELECT of_actor, of_table, of_command || ' BLIND', wrong, NULL::text, NULL::text;
	END IF;
END
$$;

-- In which tables the owner of the program does not see every row.
CREATE FUNCTION oracle.owner_misses(of_table text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	wanted bigint;
	got bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM care.%I', of_table) INTO wanted;
	PERFORM set_config('role', 'care_owner', true);
	EXECUTE format('SELECT count(*) FROM (SELECT FROM care.%I FOR UPDATE) t', of_table) INTO got;
	PERFORM set_config('role', 'none', true);
	IF got <> wanted THEN
		RETURN NEXT format('%s: %s of %s', of_table, got, wanted);
	END IF;
END
$$;
