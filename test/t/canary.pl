# Canaries: every column that holds words about somebody holds words that are found nowhere else, and then everybody, owner and superuser too, makes
# every mistake there is: constraints, keys, triggers, functions, ingest, tokens, deadlocks, timeouts. What clients are told and what the log says of it
# has none of those words. Statements have none either: they read them from the tables.
#
# Two things are the server's own doing, and are the proof that a canary would be found: a cast that a client writes over a column, whose error
# shows the value to that client, and to the log; and the rows and keys in the details of errors of those whom no policy concerns (superusers).
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $node = new_node('canary');

$node->append_conf('postgresql.conf', <<'CONF');
log_line_prefix = '%m [%p] %e %a '
log_error_verbosity = verbose
log_min_messages = debug1
log_min_error_statement = error
log_parameter_max_length_on_error = -1
deadlock_timeout = 100ms
log_lock_waits = on
CONF
$node->start;
make_program($node, 'postgres');

#
# The words. 'can' || 'ary' is never written as one in a statement.
#
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA test;
CREATE FUNCTION test.word(of_column text, id bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'can' || 'ary_' || of_column || '_' || id || E'_\u20ac' $$;
INSERT INTO care.organization (organization_id, name) VALUES (1, 'here');
INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, supervisor_id, token_subject) VALUES (1, 1, 'x', 'prescriber', true, NULL, 's1'), (2, 1, 'x', 'therapist', true, NULL, 's2'),
	(3, 1, 'x', 'supervisor', false, 2, 's3'), (4, 1, 'x', 'coach', false, 3, 's4'), (5, 1, 'x', 'coordinator', false, NULL, 's5'), (6, 1, 'x', 'practice_coach', false, NULL, 's6'),
	(7, 1, 'x', 'analyst', false, NULL, 's7'), (8, 1, 'x', 'auditor', false, NULL, 's8');
INSERT INTO care.person (person_id, organization_id, token_subject) SELECT p, 1, 'p' || p FROM generate_series(1, 4) p;
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT p, s, r, '[2020-01-01,)' FROM generate_series(1, 4) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) v (s, r);
INSERT INTO care.proxy (person_id, proxy_id, name, relation, scope, token_subject) SELECT p, p, 'x', 'x', '{calendar,check_in,message,measure,report}', 'x' || p FROM generate_series(1, 4) p;
INSERT INTO care.goal (person_id, goal_id, words) SELECT p, p, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.plan (person_id, plan_id, written_by, words) SELECT p, p, 1, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.task (person_id, task_id, title, schedule, starts_at) SELECT p, p, 'x', 'FREQ=DAILY', now() - interval '40 days' FROM generate_series(1, 4) p;
INSERT INTO care.task_step (person_id, task_step_id, task_id, position, words) SELECT p, 10 * p + n, p, n, 'x' FROM generate_series(1, 4) p, generate_series(1, 2) n;
INSERT INTO care.commitment (person_id, commitment_id, task_id, then_action) SELECT p, p, p, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.excused_period (person_id, excused_period_id, during, excused_by) SELECT p, p, '[2026-01-01,2026-01-03)', 2 FROM generate_series(1, 4) p;
INSERT INTO care.plan_change_request (person_id, plan_change_request_id, task_id, asked_by, words) SELECT p, p, p, 4, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.instrument (instrument_id, name, for_coaches) VALUES (1, 'PHQ-9', true);
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken) SELECT p, 10 * p + n, p, current_date - n, s, 1 FROM generate_series(1, 4) p, (VALUES (1, 'coach'), (2, 'person'), (3, 'proxy')) v (n, s);
INSERT INTO care.verification (person_id, verification_id, check_in_id, method, verified_by) SELECT p, p, 10 * p + 1, 'told', 4 FROM generate_series(1, 4) p;
INSERT INTO care.supply (person_id, supply_id, task_id, dispensed, days_supply) SELECT p, p, p, current_date - 9, 30 FROM generate_series(1, 4) p;
INSERT INTO care.measurement (person_id, measurement_id, instrument_id, measured_on, source, value) SELECT p, 10 * p + n, 1, current_date - n, s, 5 FROM generate_series(1, 4) p, (VALUES (1, 'seen'), (2, 'person'), (3, 'proxy')) v (n, s);
INSERT INTO care.clinical_note (person_id, clinical_note_id, written_by, body) SELECT p, p, 1, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.diagnosis (person_id, diagnosis_id, made_by, code) SELECT p, p, 1, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.contact (person_id, contact_id, staff_id, channel) SELECT p, p, 4, 'text' FROM generate_series(1, 4) p;
INSERT INTO care.message (person_id, message_id, author_kind, body, scope_check) SELECT p, p, 'person', 'x', 'flagged' FROM generate_series(1, 4) p;
INSERT INTO care.support_request (person_id, support_request_id, words) SELECT p, p, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.preference (person_id, tone) SELECT p, 'x' FROM generate_series(1, 4) p;
INSERT INTO care.person_characteristic (person_id, person_characteristic_id, characteristic, value) SELECT p, p, 'x', 'x' FROM generate_series(1, 4) p;
INSERT INTO care.warning (person_id, warning_id, kind, item, says, severity, acts_on, acknowledge_within, onset, raised_on)
SELECT p, p, 'concern', 'x', 'x', 3, 'coach', '1 hour', current_date, current_date FROM generate_series(1, 4) p;
INSERT INTO care.stream_fault (person_id, stream_fault_id, state, message) SELECT p, p, 'x', 'x' FROM generate_series(1, 4) p;
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, asks, noted_by) SELECT p, p, 'avoidance', 'x', 'x', 4 FROM generate_series(1, 4) p;
INSERT INTO care.referral (person_id, referral_id, topic, reason, refer_to) SELECT p, p, 'x', 'x', 'therapist' FROM generate_series(1, 4) p;
INSERT INTO care.scope_flag (person_id, scope_flag_id, message_id, rule, label, severity) SELECT p, p, p, 'x', 'x', 'review' FROM generate_series(1, 4) p;
INSERT INTO care.strategy_use (person_id, strategy_use_id, strategy, pattern, during) SELECT p, p, 'x', 'avoidance', daterange(current_date - 3, current_date) FROM generate_series(1, 4) p;
CREATE TABLE test.token AS SELECT token_subject AS name, care.issue_token(token_subject, '1 day') AS token FROM (SELECT token_subject FROM care.staff UNION ALL SELECT token_subject FROM care.person WHERE person_id = 1
	UNION ALL SELECT token_subject FROM care.proxy WHERE person_id = 1) t;
CREATE TABLE test.spoken (table_name text, column_name text);
-- Columns of words: those whose contents no constraint chooses.
DO $do$
DECLARE
	c record;
	key text;
BEGIN
	FOR c IN
		SELECT k.table_name, k.column_name, k.data_type
		FROM information_schema.columns k JOIN pg_class t ON t.oid = ('care.' || k.table_name)::regclass AND t.relrowsecurity
		WHERE k.table_schema = 'care' AND k.data_type IN ('text', 'ARRAY') AND k.is_generated = 'NEVER'
			AND (k.table_name || '.' || k.column_name) NOT IN ('staff.role', 'person.time_zone', 'person.locale', 'preference.channel', 'proxy.scope', 'goal.status', 'task.kind', 'task.status', 'assignment.role', 'check_in.source',
				'verification.method', 'measurement.source', 'contact.channel', 'contact.began_by', 'contact.agency', 'message.author_kind', 'message.scope_check', 'correction.record', 'correction.corrected_by',
				'task_calendar.source', 'measure_series.item', 'coverage.weekdays', 'coverage.time_zone', 'episode.reason', 'plan_change_request.answer',
				'warning.kind', 'warning.acts_on', 'warning.escalate_to', 'warning.state', 'warning_event.acts_on', 'warning_event.event', 'warning_event.reason', 'warning_event.done',
				'barrier.pattern', 'barrier.status', 'barrier.lang', 'barrier_label.label', 'referral.refer_to', 'referral.state', 'scope_flag.state', 'scope_flag.severity',
				'stored_model.name', 'stored_model.locale', 'strategy_use.pattern')
			AND k.table_name <> 'consent'
	LOOP
		key := CASE c.table_name WHEN 'episode' THEN 'person_id' WHEN 'preference' THEN 'person_id' ELSE c.table_name || '_id' END;
		EXECUTE format(CASE WHEN c.data_type = 'ARRAY' THEN 'UPDATE care.%I SET %I = ARRAY[test.word(%L, %I)] WHERE true' ELSE 'UPDATE care.%I SET %I = test.word(%L, %I) WHERE true' END,
			c.table_name, c.column_name, c.table_name || '_' || c.column_name, key);
		INSERT INTO test.spoken VALUES (c.table_name, c.column_name);
	END LOOP;
END
$do$;
-- Events of warnings are never changed: they are written with their words.
INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id, reason, done)
SELECT p, p, 'coach', 'evidence_changed', 1, test.word('warning_event_reason', p), test.word('warning_event_done', p) FROM generate_series(1, 4) p;
INSERT INTO test.spoken VALUES ('warning_event', 'reason'), ('warning_event', 'done');
-- Nor are consents.
INSERT INTO care.consent (person_id, category, recipient, purpose, text_version)
SELECT p, 'research', test.word('consent_recipient', p), test.word('consent_purpose', p), test.word('consent_text_version', p) FROM generate_series(1, 4) p;
INSERT INTO test.spoken VALUES ('consent', 'recipient'), ('consent', 'purpose'), ('consent', 'text_version');
-- Who was called by another subject before is called by words now: tokens have both.
UPDATE test.token t SET token = care.issue_token(s.token_subject, '1 day') FROM care.staff s WHERE t.name = 's' || s.staff_id;
UPDATE test.token t SET token = care.issue_token(p.token_subject, '1 day') FROM care.person p WHERE t.name = 'p' || p.person_id;
UPDATE test.token t SET token = care.issue_token(x.token_subject, '1 day') FROM care.proxy x WHERE t.name = 'x' || x.proxy_id;
CREATE ROLE pool LOGIN NOINHERIT IN ROLE care_app;
CREATE ROLE housekeeper LOGIN IN ROLE care_owner;
CREATE ROLE stranger LOGIN;
GRANT USAGE ON SCHEMA test TO PUBLIC;
GRANT SELECT ON test.token TO PUBLIC;
CREATE FUNCTION test.sign_in(who text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM coachiatry.sign_in((SELECT token FROM test.token WHERE name = who)); END $$;
CREATE TABLE test.bad (n serial, table_name text, column_name text);
SQL
my $columns = $node->safe_psql('postgres', 'SELECT count(*) FROM test.spoken');
cmp_ok($columns, '>=', 45, "$columns columns of words about people");
my $silent = $node->safe_psql('postgres', <<'SQL');
DO $$
DECLARE
	c record;
	n bigint;
BEGIN
	FOR c IN SELECT * FROM test.spoken WHERE table_name <> 'correction' LOOP
		EXECUTE format('SELECT count(*) FROM care.%I WHERE %I::text LIKE %L', c.table_name, c.column_name, '%can' || 'ary%') INTO n;
		IF n = 0 THEN INSERT INTO test.bad (table_name, column_name) VALUES (c.table_name, c.column_name); END IF;
	END LOOP;
END
$$;
SELECT table_name, column_name FROM test.bad;
SELECT count(*) > 20 FROM care.correction WHERE was::text LIKE '%can' || 'ary%';
SQL
is($silent, 't', 'all of which say something, and the corrections of them too');

#
# The mistakes, each tried by everybody
#
my @mistakes = (

	# constraints; {words} is a column of words of the table
	(map { my ($table, @sets) = @$_; map { "UPDATE care.$table SET $_" } @sets }
		  [ 'person', 'birth_year = 1', q{locale = '?'}, q{time_zone = 'nowhere'}, q{name = ''}, 'site_id = 999', 'merged_into = person_id', 'token_subject = (SELECT min(token_subject) FROM care.person)', 'time_zone = NULL', 'organization_id = 999',
			'plan_changes = NULL' ],
		[ 'staff', 'supervisor_id = staff_id', 'supervisor_id = 4', q{employed = 'empty'}, 'name = NULL', q{role = 'x'}, 'licensed = false', 'token_subject = (SELECT min(token_subject) FROM care.staff)', 'login_role = name || 1, staff_id = 1', 'organization_id = 999' ],
		[ 'proxy', q{during = 'empty'}, q{scope = '{x}'}, 'scope = NULL', 'name = NULL', 'person_id = 999' ],
		[ 'episode', 'tier = 9', 'readiness = 99', 'ended = current_date', q{ended = '1999-01-01', reason = referred_from}, q{ended = started, reason = referred_from}, 'referred_by = 999', 'tier = NULL', q{accepted = '1999-01-01', offered = current_date} ],
		[ 'assignment', q{during = 'empty'}, 'clinical_supervisor_id = 4', 'staff_id = 999', q{role = 'prescriber'}, 'during = NULL' ],
		[ 'goal', q{status = 'x'}, q{words = ''}, 'words = NULL', 'person_id = 999', 'goal_id = 1, person_id = 1' ],
		[ 'plan', q{words = ''}, q{ended_at = '1999-01-01'}, 'written_by = 999', 'words = NULL' ],
		[ 'task', q{ends = '1999-01-01'}, q{kind = 'x'}, q{status = 'stopped'}, q{status = 'x'}, 'plan_id = 999', 'goal_id = 999', 'episode_id = 999', 'episode_id = NULL', q{units = ''}, 'units = NULL', 'max_units_per_day = 999', q{starts_at = 'infinity'}, q{kind = 'medication'},
			'prescribed_by = 4', q{tags = '{NULL}'}, 'task_id = 1, person_id = 1', q{schedule = 'FREQ=NEVER'}, 'max_units_per_day = 99999' ],
		[ 'task_revision', q{until = 'infinity'}, 'task_id = 999' ],
		[ 'task_step', 'position = 0', 'position = 1', 'words = NULL', q{words = ''}, 'task_id = 999', 'position = 99999' ],
		[ 'commitment', 'confidence = 99', q{then_action = ''}, 'then_action = NULL', 'task_id = 999', 'witnessed_by = 999' ],
		[ 'excused_period', q{during = 'empty'}, q{during = '(,)'}, 'reason = NULL', 'excused_by = 4', 'task_id = 999', q{during = '[9999-01-01,)'} ],
		[ 'plan_change_request', 'answered_by = 1', 'answered_by = 4, answer = words, answered_at = now()', q{answered_by = 1, answer = words, answered_at = '1999-01-01'}, 'words = NULL', 'task_id = 999' ],
		[ 'check_in', 'taken = -1', 'taken = 0, missed = 0', 'taken = 100', 'extent = 200', 'difficulty = 99', 'taken = NULL', 'task_id = 999', q{due_on = '1800-01-01'}, q{source = 'x'}, 'occurrence = 0', q{source = 'coach', due_on = current_date, person_id = 1, task_id = 1}, 'taken = 99999',
			q{extent = 'NaN'} ],
		[ 'verification', q{method = 'x'}, 'check_in_id = 999', 'confirmed = NULL', 'verified_by = 999' ],
		[ 'supply', 'days_supply = -1', q{days_supply = 'NaN'}, 'task_id = 999', 'dispensed = NULL', 'reference = (SELECT min(reference) FROM care.supply), person_id = 1, task_id = 1' ],
		[ 'measurement', q{value = 'infinity'}, 'value = NULL', 'instrument_id = 999', 'occurrence = 0', q{source = 'x'}, q{measured_on = '1800-01-01'}, q{measured_on = current_date, source = 'seen', item = (SELECT min(item) FROM care.measurement), person_id = 1} ],
		[ 'clinical_note', 'body = NULL', q{body = ''}, 'written_by = 4', 'person_id = 999' ], [ 'diagnosis', q{during = 'empty'}, q{code = ''}, 'code = NULL', 'made_by = 4' ],
		[ 'contact', q{channel = 'x'}, q{ended_at = '1999-01-01'}, 'staff_id = NULL', q{replied_after = '-1 day'}, 'reached = NULL' ],
		[ 'message', q{scope_check = 'x'}, q{author_kind = 'staff'}, 'body = NULL', q{body = ''}, 'lang = NULL', 'author = 999' ], [ 'support_request', 'answered_by = 4', q{answered_by = 4, answered_at = '1999-01-01'}, 'asked_at = NULL' ],
		[ 'preference', q{hours_until = '00:00'}, q{channel = 'x'}, 'hours_from = NULL', 'person_id = 1' ], [ 'person_characteristic', q{value = ''}, 'characteristic = NULL', 'characteristic = (SELECT min(characteristic) FROM care.person_characteristic), value = (SELECT min(value) FROM care.person_characteristic), person_id = 1' ],
		[ 'correction', 'was = NULL', 'record = NULL', 'person_id = 1, correction_id = 1' ], [ 'coverage', q{during = 'empty'} ], [ 'program_info', q{source_precedence = '{seen}'}, q{day_start = '24:00'}, q{domain = 'x'} ],
		[ 'consent', 'purpose = recipient', q{category = 'x'}, q{revoked_at = '1999-01-01'}, q{revoked_at = 'infinity'}, 'person_id = 999', 'given_at = recorded_at' ],
		[ 'instrument', 'lowest = 9, highest = 1', q{self_harm_items = '{1}'}, 'name = NULL' ]),

	# new rows with words of old ones
	'INSERT INTO care.goal (person_id, words, why) SELECT 999, words, why FROM care.goal', 'INSERT INTO care.goal SELECT * FROM care.goal',
	'INSERT INTO care.message (person_id, author_kind, author, body) SELECT person_id, \'staff\', 3, body FROM care.message', 'INSERT INTO care.message (person_id, author_kind, body) SELECT 2, \'person\', body FROM care.message',
	'INSERT INTO care.message (person_id, author_kind, body) SELECT person_id, \'person\', body FROM care.message WHERE 1 / (person_id - 2) = 0', 'INSERT INTO care.message (person_id, author_kind, body) SELECT person_id, body, body FROM care.message',
	'INSERT INTO care.task_step (person_id, task_id, position, words, written_by) SELECT person_id, 999, 5, words, 4 FROM care.task_step', 'INSERT INTO care.task_step (person_id, task_id, position, words, written_by) SELECT person_id, task_id, position, words, 4 FROM care.task_step',
	'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, note) SELECT person_id, task_id, due_on, source, 1, note FROM care.check_in', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, note) SELECT person_id, 999, due_on, source, 1, note FROM care.check_in',
	'INSERT INTO care.check_in (person_id, task_id, due_on, source, occurrence, taken, note) SELECT person_id, task_id, due_on, source, n, 99, note FROM care.check_in, generate_series(2, 4) n',
	'INSERT INTO care.check_in AS c (person_id, task_id, due_on, source, taken, note) SELECT person_id, task_id, due_on, source, 1, note FROM care.check_in, generate_series(1, 2) ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET note = EXCLUDED.note',
	'MERGE INTO care.check_in c USING care.check_in d ON c.person_id = d.person_id WHEN MATCHED THEN UPDATE SET note = d.note', 'INSERT INTO care.preference SELECT * FROM care.preference', 'INSERT INTO care.person_characteristic SELECT * FROM care.person_characteristic',
	'INSERT INTO care.person_characteristic (person_id, characteristic, value) SELECT person_id, characteristic, value FROM care.person_characteristic', 'INSERT INTO care.person (organization_id, name, token_subject) SELECT 1, name, token_subject FROM care.person',
	'INSERT INTO care.person (organization_id, name, time_zone) SELECT 1, name, \'nowhere\' FROM care.person', 'INSERT INTO care.staff (organization_id, name, role) SELECT 1, name, \'coach\' FROM care.staff', 'INSERT INTO care.staff (organization_id, name, role, supervisor_id) SELECT 1, name, \'therapist\', 3 FROM care.staff',
	'INSERT INTO care.proxy (person_id, name, relation) SELECT 999, name, relation FROM care.proxy', 'INSERT INTO care.proxy (person_id, name, relation, scope) SELECT person_id, name, relation, ARRAY[name] FROM care.proxy', 'INSERT INTO care.episode (person_id, referred_from) SELECT person_id, referred_from FROM care.episode',
	'INSERT INTO care.task (person_id, title, kind) SELECT person_id, title, \'x\' FROM care.task', 'INSERT INTO care.task (person_id, title, kind, prescribed_by) SELECT 999, title, \'medication\', 1 FROM care.task', 'INSERT INTO care.task (person_id, title, kind) SELECT person_id, title, title FROM care.task',
	'INSERT INTO care.plan (person_id, words, written_by) SELECT 999, words, 1 FROM care.plan', 'INSERT INTO care.clinical_note (person_id, written_by, body) SELECT person_id, 4, body FROM care.clinical_note', 'INSERT INTO care.diagnosis (person_id, made_by, code, during) SELECT person_id, 1, code, \'empty\' FROM care.diagnosis',
	'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value, unit) SELECT person_id, 999, measured_on, source, value, unit FROM care.measurement', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value, unit, item) SELECT person_id, 1, measured_on, source, value, unit, item FROM care.measurement',
	'INSERT INTO care.support_request (person_id, words) SELECT 999, words FROM care.support_request', 'INSERT INTO care.commitment (person_id, task_id, then_action) SELECT person_id, 999, then_action FROM care.commitment', 'INSERT INTO care.verification (person_id, check_in_id, method, note) SELECT person_id, check_in_id, note, note FROM care.verification',
	'INSERT INTO care.plan_change_request (person_id, task_id, asked_by, words) SELECT person_id, 999, 4, words FROM care.plan_change_request', 'INSERT INTO care.supply (person_id, task_id, dispensed, days_supply, reference) SELECT person_id, task_id, dispensed, 1, reference FROM care.supply',
	'INSERT INTO care.correction SELECT * FROM care.correction',
	'INSERT INTO care.consent SELECT * FROM care.consent', 'INSERT INTO care.consent (person_id, category, purpose, text_version) SELECT 999, category, purpose, text_version FROM care.consent',
	'INSERT INTO care.consent (person_id, category, purpose, text_version) SELECT person_id, purpose, purpose, text_version FROM care.consent', 'DELETE FROM care.consent', 'SELECT care.forget_text(999)',

	# what others need, and what is refused altogether
	(map { ("DELETE FROM care.$_", "TRUNCATE care.$_", "SELECT $_ FROM care.$_ WHERE nothing = 1", "LOCK TABLE care.$_ IN ACCESS EXCLUSIVE MODE NOWAIT", "COPY care.$_ TO '/nowhere/x'") } qw(person staff task episode check_in plan goal correction clinical_note)),
	'DROP TABLE care.person', 'CREATE UNIQUE INDEX ON care.message ((1))', 'ALTER TABLE care.person ADD CHECK (name IS NULL)', 'ALTER TABLE care.message ADD CONSTRAINT short CHECK (length(body) < 3)', 'ALTER TABLE care.goal ALTER why SET NOT NULL, ADD CHECK (why IS NULL)',

	# functions of the program
	(map { my $partial = $_; map { "SELECT care.ingest_check_ins((SELECT jsonb_agg(jsonb_build_object('person_id', c.person_id, 'task_id', c.task_id, 'due_on', '2026-01-01', 'source', c.source, 'taken', 1, 'note', c.note, 'reason', c.reason) || $_) FROM care.check_in c)$partial)" }
			( (map { "jsonb_build_object('$_', c.note)" } qw(person_id task_id due_on occurrence source taken missed started_at extent difficulty recorded_at)), q{'{"taken": 0}'}, q{'{"task_id": 999}'}, q{'{"person_id": 999}'}, q{'{"extent": 1e400}'}, q{'{"taken": 99, "occurrence": 2}'},
			q{'{"due_on": "1800-01-01"}'}, q{jsonb_build_object('note', c.note || random())}, q{jsonb_build_object('note', ARRAY[c.note])}, q{'{"unknown": 1}'}) } '', ', true'),
	(map { my $partial = $_; map { "SELECT care.ingest_measurements((SELECT jsonb_agg(jsonb_build_object('person_id', m.person_id, 'instrument_id', 1, 'measured_on', '2026-01-01', 'source', m.source, 'value', 1, 'item', m.item, 'unit', m.unit) || $_) FROM care.measurement m)$partial)" }
			( (map { "jsonb_build_object('$_', m.unit)" } qw(person_id measured_on occurrence source value measured_at)), q{'{"value": 1e400}'}, q{'{"instrument_id": 999}'}, q{jsonb_build_object('unit', m.unit || random())}, q{jsonb_build_object('instrument', m.unit)}) } '', ', true'),
	'SELECT care.ingest_check_ins((SELECT to_jsonb(note) FROM care.check_in LIMIT 1))', 'SELECT care.ingest_check_ins((SELECT jsonb_agg(note) FROM care.check_in))',
	'SELECT care.ingest_check_ins((SELECT array_agg(person_id) FROM care.check_in), (SELECT array_agg(task_id) FROM care.check_in), (SELECT array_agg(due_on) FROM care.check_in), (SELECT array_agg(1) FROM care.check_in), source => (SELECT array_agg(note) FROM care.check_in))',
	'SELECT care.ingest_check_ins((SELECT array_agg(person_id) FROM care.check_in), NULL, NULL, NULL)', 'SELECT care.ingest_check_ins((SELECT array_agg(person_id) FROM care.check_in), ARRAY[1], ARRAY[current_date], ARRAY[1], note => (SELECT array_agg(note || note) FROM care.check_in))',
	q{SELECT care.end_episode(1, 999, (SELECT max(name) FROM care.person))}, q{SELECT care.end_episode(999, 1, (SELECT max(name) FROM care.person))}, q{SELECT care.end_episode(person_id, episode_id, '') FROM care.episode}, q{SELECT care.end_episode(person_id, episode_id, referred_from, '2990-01-01') FROM care.episode},
	q{SELECT care.end_episode(person_id, episode_id, referred_from) FROM care.episode CROSS JOIN generate_series(1, 2)}, q{SELECT care.handover(4, 4, '[2026-01-01,2026-01-02)')}, q{SELECT care.handover(4, 1, '[2026-01-01,2026-01-02)')}, q{SELECT care.handover(4, 999, '[2026-01-01,2026-01-02)')},
	q{SELECT care.handover(4, 3, '(,)')}, q{SELECT care.handover(4, 3, '[1999-01-01,1999-01-02)')}, 'SELECT care.merge_persons(1, 1)', 'SELECT care.merge_persons(1, 999)', q{SELECT care.rotate_token_key('-1 day')}, q{SELECT care.revoke_token('')}, 'SELECT care.revoke_token(NULL)',
	'SELECT care.issue_token((SELECT max(token_subject) FROM care.person), \'infinity\'::interval)', 'SELECT coachiatry.sign_in((SELECT max(name) FROM care.person))', 'SELECT coachiatry.sign_in(token) FROM test.token WHERE name = \'s1\' AND 1 / 0 = 1',
	'SELECT set_config(\'coachiatry.token\', (SELECT max(name) FROM care.person), true), care.actor_role()', 'SELECT set_config(\'coachiatry.actor\', (SELECT max(name) FROM care.person), true)', 'SELECT care.replan(ARRAY[NULL, 1])', 'SELECT care.plan_calendar(1, 1, \'-infinity\', \'infinity\')',
	q{SELECT care.timeline(1, 'empty', 'infinity'), 1 / 0}, 'SELECT care.why_visible(4, 1), 1 / 0', 'DELETE FROM care.task_calendar; UPDATE care.check_in SET taken = taken + 1', 'DELETE FROM care.measure_series; DELETE FROM care.measurement', 'SELECT care.nothing((SELECT max(name) FROM care.person))',
	'SELECT coachiatry.drop_program(\'care\')', 'SELECT coachiatry.drop_program(\'care\', true, (SELECT max(name) FROM care.person))', 'SELECT coachiatry.create_program(\'care\')', 'SELECT 1 / 0 FROM care.caseload', 'SELECT 1 / 0 FROM care.my_day', 'SELECT 1 / (days - days) FROM care.discordance',

	# the server's own
	q{SET LOCAL statement_timeout = '20ms'; SELECT name, pg_sleep(1) FROM care.person}, q{SET LOCAL statement_timeout = '5ms'; UPDATE care.check_in SET note = note || pg_sleep(1)::text}, q{SET LOCAL client_encoding = 'LATIN1'; SELECT name FROM care.person}, 'SELECT 1 / 0, name FROM care.person',
	'SELECT name FROM care.person ORDER BY 1 / (person_id - person_id)', 'SELECT repeat(name, 1000000000) FROM care.person', 'SELECT (SELECT name FROM care.person)', 'SELECT body FROM care.message LIMIT -1', 'SELECT coachiatry.sparkline(NULL, NULL, -1), name FROM care.person',
	'SELECT name FROM care.person UNION SELECT 1', q{DO $$ DECLARE n text; BEGIN SELECT name INTO STRICT n FROM care.person, generate_series(1, 2); END $$}, q{DO $$ DECLARE n text; BEGIN SELECT body INTO n FROM care.message; PERFORM 1 / 0; END $$},
	q{DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM care.check_in LOOP UPDATE care.check_in SET taken = -1 WHERE check_in_id = r.check_in_id; END LOOP; END $$}, 'CREATE TEMPORARY TABLE staged (LIKE care.check_in); SELECT 1 / 0', 'SELECT * FROM care.check_in FOR UPDATE; SELECT 1 / 0',
	'PREPARE p (text) AS SELECT 1 / 0 FROM care.person WHERE name = $1; EXECUTE p ((SELECT max(name) FROM care.person))', 'SAVEPOINT x; RELEASE y', 'SELECT lower(during), upper(during) - lower(during) FROM care.excused_period, generate_series(1, 0 / (SELECT 0 FROM care.person LIMIT 1))');

my %login = ((map { $_ => 'pool' } 's1' .. 's8', 'p1', 'x1', 'nobody'), stranger => 'stranger', owner => 'housekeeper', superuser => 'postgres');
my $from = log_length($node);

# What a client is told of the mistakes, all fields of each error.
sub told
{
	my ($who, $application, @statements) = @_;
	my ($stdout, $stderr) = ('', '');
	my $script = "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT always\n\\set ECHO none\nBEGIN;\n";

	$script .= "SELECT test.sign_in('$who');\n" if $who =~ /^[spx]\d$/;
	$script .= "SET LOCAL ROLE care_coach;\n" if $who eq 'nobody';
	$script .= "SET LOCAL search_path = pg_catalog;\n" . join('', map { "SAVEPOINT mistake;\n$_;\nROLLBACK TO mistake;\n" } @statements) . "ROLLBACK;\n";
	IPC::Run::run([ 'psql', '-XqAt', '-d', $node->connstr('postgres') . " user=$login{$who} application_name=$application" ], '<', \$script, '>', \$stdout, '2>', \$stderr);
	return $stderr;
}

# The statements that psql points to (LINE 1: ...) are the client's own; so are those of the log.
my %errors;
foreach my $who (sort keys %login)
{
	# Whom no policy concerns sees rows and keys in the details: below. What is the matter still has none.
	my $told = told($who, "mistake_$who", @mistakes);
	my @lines = split /\n/, $told;
	@lines = grep { !/^DETAIL:  (?:Failing row contains|Key \(.*\)=)/ } @lines if $who eq 'superuser';
	$errors{$who} = () = $told =~ /^psql:.*?ERROR:|^ERROR:/mg;
	my @found = grep { /canary/ } @lines;
	is(join("\n", @found[ 0 .. ($#found < 9 ? $#found : 9) ]), '', "$who: nothing in $errors{$who} errors");
	cmp_ok($errors{$who}, '>', $who eq 'superuser' || $who eq 'owner' ? 150 : 100, "$who: there were some");
}

#
# Those that take two sessions
#
sub at_once
{
	my (@scripts) = @_;
	my @runs;

	foreach my $n (0 .. $#scripts)
	{
		my %run = (err => '');
		my $file = PostgreSQL::Test::Utils::tempdir() . "/$n.sql";

		append_to_file($file, "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT always\n$scripts[$n]");
		$run{handle} = IPC::Run::start([ 'psql', '-XqAt', '-o', '/dev/null', '-d', $node->connstr('postgres') . ' application_name=mistake_at_once', '-f', $file ], '2>', \$run{err});
		push @runs, \%run;
	}
	IPC::Run::finish($_->{handle}) foreach @runs;
	return join '', map { $_->{err} } @runs;
}
my $told = at_once(map { my ($one, $other) = @$_; "BEGIN;\nUPDATE care.person SET name = name WHERE person_id = $one;\nSELECT pg_sleep(0.5);\nUPDATE care.person SET name = name WHERE person_id = $other;\nROLLBACK;\n" } [ 1, 2 ], [ 2, 1 ]);
like($told, qr/40P01/, 'a deadlock');
unlike($told, qr/canary/, 'which tells nothing');
$told = at_once("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT FROM care.check_in;\nSELECT pg_sleep(0.6);\nUPDATE care.check_in SET note = note || 1;\nROLLBACK;\n", "SELECT pg_sleep(0.3);\nUPDATE care.check_in SET note = note || 2;\n");
like($told, qr/40001/, 'a transaction that came too late');
unlike($told, qr/canary/, 'which tells nothing');
$told = at_once("BEGIN;\nLOCK TABLE care.message;\nSELECT pg_sleep(0.6);\nROLLBACK;\n", "SELECT pg_sleep(0.2);\nSET lock_timeout = '50ms';\nUPDATE care.message SET body = body || 1;\n");
like($told, qr/55P03/, 'a lock that is not to be had');
unlike($told, qr/canary/, 'which tells nothing');

#
# The log
#
# Entries, a line each, of the applications that match. Statements are the client's own and have no canaries: they are searched too.
sub entries
{
	my ($application) = @_;
	my $log = substr(slurp_file($node->logfile), $from);

	$log =~ s/\n\t/ /g;
	return grep { /^\S+ \S+ \S+ \[\d+\] \S+ $application / } split /\n/, $log;
}
my %states;
foreach my $entry (entries('mistake_\w+')) { $states{$1}++ if $entry =~ /\] (\S{5}) mistake_\w+ ERROR:/; }
cmp_ok(scalar(keys %states), '>', 25, 'errors of ' . keys(%states) . ' kinds: ' . join(' ', sort keys %states));
foreach my $whose ('mistake_(?!superuser)\w+', 'mistake_superuser')
{
	my @entries = entries($whose);
	my @found = grep { /canary/ && !($whose eq 'mistake_superuser' && /\w DETAIL:  (?:Failing row contains|Key \(.*\)=)/) } @entries;

	is(join("\n", map { substr($_, 0, 400) } @found[ 0 .. ($#found < 9 ? $#found : 9) ]), '', "the log has none: $whose, " . @entries . ' entries');
}

#
# What is the server's own
#
my $superuser = told('superuser', 'known', @mistakes);
like($superuser, qr/^DETAIL:  Failing row contains .*canary/m, 'known: a superuser is shown rows that fail');
like($superuser, qr/^DETAIL:  Key \(.*\)=.*canary/m, 'and keys that are there already');
cmp_ok(scalar(grep { /DETAIL:.*canary/ } entries('known')), '>', 20, 'and so is the log');
my @casts = ('SELECT name::integer FROM care.person', 'SELECT body::date FROM care.message', 'SELECT body::numeric FROM care.clinical_note', 'SELECT title::coachiatry.schedule FROM care.task', 'SELECT care.local_day(name) FROM care.person');
like(told('p1', 'cast', @casts), qr/canary_person_name_1.*canary_message_body_1.*canary_task_title_1/s, 'known: a cast shows what one reads anyway');
unlike(told('p1', 'cast', @casts), qr/canary_\w+_[2-9]|canary_clinical/, 'and nothing else');
unlike(told('s5', 'cast', @casts), qr/canary_(?:message|clinical|task)/, 'a coordinator is shown no words of the record');
unlike(told($_, 'cast', @casts), qr/canary/, "$_ is shown nothing") foreach ('nobody', 's6', 's7', 's8', 'stranger');
cmp_ok(scalar(grep { /canary/ } entries('cast')), '>', 0, 'known: so does the log');

$node->stop;
done_testing();
