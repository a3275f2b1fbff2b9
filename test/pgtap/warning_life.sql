-- The life of a warning: which event may follow which, who may act, deadlines, owners, faults, and what is kept of it all. The clock stands at noon of 10
-- March 2026, UTC, and is moved by hand.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(305);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'o', 'coach', false, 3, 'other_coach', '[2026-01-01,)'), (6, 'k', 'coordinator', false, NULL, 'coordinator', '[2026-01-01,)'),
	(7, 'u', 'supervisor', false, 2, 'other_supervisor', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject) VALUES (1, 'person'), (2, NULL), (3, NULL);
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT 1, s, r, '[2026-01-01,)' FROM (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (2, 5, 'coach', '[2026-01-01,)');

CREATE FUNCTION oracle.raise(person bigint, acts_on text, at_task bigint) RETURNS bigint LANGUAGE sql AS $$
	INSERT INTO care.warning (person_id, kind, warning_rule_id, task_id, says, severity, acts_on, acknowledge_within, onset, raised_on)
	VALUES (person, 'rule', 1, at_task, 'x', 2, acts_on, '1 day', '2026-03-09', '2026-03-09') RETURNING warning_id
$$;

--
-- Edges
--
CREATE TABLE oracle.edge (state text, event text, ordinary text, safe text);
-- of every state that is not an end, and every event: where it leads; NULL: refused
INSERT INTO oracle.edge
SELECT s, e, CASE e
		WHEN 'acknowledged' THEN 'acknowledged' WHEN 'escalated' THEN 'escalated' WHEN 'resolved' THEN 'resolved' WHEN 'declined' THEN 'declined'
		WHEN 'silenced' THEN s WHEN 'evidence_changed' THEN s WHEN 'reassigned' THEN s
		WHEN 'worsened' THEN CASE s WHEN 'escalated' THEN s ELSE 'open' END WHEN 'lapsed' THEN CASE s WHEN 'escalated' THEN s ELSE 'open' END
		WHEN 'cleared' THEN CASE s WHEN 'open' THEN e END WHEN 'retracted' THEN CASE s WHEN 'open' THEN e END
		WHEN 'opened' THEN CASE s WHEN 'open' THEN s END END,
	CASE e
		WHEN 'acknowledged' THEN 'acknowledged' WHEN 'escalated' THEN 'escalated' WHEN 'resolved' THEN 'resolved'
		WHEN 'evidence_changed' THEN s WHEN 'reassigned' THEN s
		WHEN 'worsened' THEN CASE s WHEN 'escalated' THEN s ELSE 'open' END WHEN 'lapsed' THEN CASE s WHEN 'escalated' THEN s ELSE 'open' END WHEN 'answer_changed' THEN CASE s WHEN 'escalated' THEN s ELSE 'open' END
		WHEN 'opened' THEN CASE s WHEN 'open' THEN s END END
FROM unnest('{open,acknowledged,escalated}'::text[]) s,
	unnest('{opened,acknowledged,escalated,worsened,evidence_changed,answer_changed,silenced,reassigned,lapsed,resolved,declined,cleared,retracted,merged}'::text[]) e;
INSERT INTO oracle.edge SELECT s, e, NULL, NULL FROM unnest('{resolved,declined,cleared,retracted}'::text[]) s, (SELECT DISTINCT event AS e FROM oracle.edge) x;
-- What comes of an event: the state, or its SQLSTATE; undone.
CREATE FUNCTION oracle.edge(state text, event text, safe boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	w bigint;
	led text;
BEGIN
	INSERT INTO care.warning (person_id, kind, warning_rule_id, task_id, says, severity, acts_on, acknowledge_within, onset, raised_on)
	VALUES (3, CASE WHEN safe THEN 'gap' ELSE 'rule' END, CASE WHEN NOT safe THEN 1 END, 777, 'x', 2, 'prescriber', '1 day', '2026-03-09', '2026-03-09') RETURNING warning_id INTO w;
	INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, level, reason, done)
	SELECT 3, w, 'prescriber', e, 1, CASE WHEN e IN ('acknowledged', 'silenced') THEN timestamptz '2026-03-11' END, CASE WHEN e = 'escalated' THEN 1 END, 'x', 'x'
	FROM (SELECT edge.state AS e WHERE edge.state <> 'open' UNION ALL SELECT edge.event) x;
	SELECT x.state INTO led FROM care.warning x WHERE x.warning_id = w;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = led;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
SELECT is(oracle.edge(state, event, false), coalesce(ordinary, '55000'), format('%s, then %s', state, event)) FROM oracle.edge ORDER BY state, event;
-- A safety warning cannot be brought into these states at all.
SELECT is(oracle.edge(state, event, true), coalesce(safe, '55000'), format('safety: %s, then %s', state, event)) FROM oracle.edge ORDER BY state, event;

--
-- What is kept
--
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, imported_from) VALUES (1, 11, 'medication', 'FREQ=DAILY', '2026-03-01', 'x');
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 1, 11, date '2026-03-01' + n, 1 FROM generate_series(6, 8) n;
SELECT warning_id AS w FROM care.warning WHERE task_id = 11 \gset
SELECT throws_ok(format('UPDATE care.warning SET state = %L, closed_at = now(), closed_on = now() WHERE warning_id = %s', 'resolved', :w), '55000', NULL, 'a state changes by no update');
SELECT throws_ok(format('UPDATE care.warning SET silenced_until = now() WHERE warning_id = %s', :w), '55000', NULL, 'nor does silence');
SELECT throws_ok(format('UPDATE care.warning SET kind = %L WHERE warning_id = %s', 'gap', :w), '55000', NULL, 'nor what it is');
SELECT throws_ok(format('DELETE FROM care.warning WHERE warning_id = %s', :w), '55000', NULL, 'it is not deleted');
SELECT throws_ok($$INSERT INTO care.warning (person_id, kind, warning_rule_id, says, severity, acts_on, acknowledge_within, onset, raised_on, state, closed_at, closed_on)
	VALUES (1, 'rule', 1, 'x', 1, 'coach', '1 day', '2026-03-09', '2026-03-09', 'resolved', now(), now())$$, '55000', NULL, 'and begins open');
SELECT throws_ok(format('SELECT oracle.raise(1, %L, 11)', 'coach'), '23505', NULL, 'there is one open for a person, stream and rule');
SELECT throws_ok('UPDATE care.warning_event SET reason = ''y''', '55000', NULL, 'events are not changed');
SELECT throws_ok('DELETE FROM care.warning_event', '55000', NULL, 'nor deleted');
SELECT throws_ok('TRUNCATE care.warning_event', '0A000', NULL, 'nor truncated');

--
-- Who may act
--
CREATE TABLE oracle.right_of AS
SELECT acts_on, who, CASE WHEN who IN ('prescriber', 'therapist') AND acts_on <> 'supervisor' OR who = 'owner' OR who = 'supervisor' AND acts_on IN ('coach', 'supervisor')
	OR who = 'coach' AND acts_on = 'coach' THEN 'done' WHEN who IN ('coordinator', 'person') THEN '42501' ELSE 'P0002' END AS wanted
FROM unnest('{coach,supervisor,prescriber,therapist}'::text[]) acts_on,
	unnest('{owner,coach,other_coach,supervisor,other_supervisor,prescriber,therapist,coordinator,person}'::text[]) who;
CREATE TABLE oracle.held AS SELECT acts_on, oracle.raise(1, acts_on, 20 + row_number() OVER ()) AS w FROM (SELECT DISTINCT acts_on FROM oracle.right_of ORDER BY 1) x;
GRANT SELECT ON oracle.held TO PUBLIC;
SELECT is(oracle.said(who, format('SELECT care.acknowledge_warning(%s, %L)', w, '2026-03-11')), wanted, format('%s acknowledges one of a %s', who, acts_on))
FROM oracle.right_of JOIN oracle.held USING (acts_on) ORDER BY acts_on, who;
SELECT is(oracle.said('coach', 'SELECT care.resolve_warning(999, ''x'')'), 'P0002', 'what does not exist fails as what is hidden');
SELECT is(oracle.said('coach', format('SELECT care.acknowledge_warning(%s, %L)', :w, '2026-03-10 12:00+00')), '22023', 'an acknowledgement is until a time to come');
SELECT is(oracle.said('coach', format('SELECT care.resolve_warning(%s, %L)', :w, '')), '22023', 'a warning is resolved for a reason');
SELECT is(oracle.said('coach', format('SELECT care.decline_warning(%s, NULL)', :w)), '22023', 'and declined for one');

--
-- Open items and deadlines
--
CREATE FUNCTION oracle.shown(who text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token(who));
	SELECT count(*) INTO n FROM care.open_item WHERE kind = 'warning' AND task_id = 11;
	PERFORM set_config('role', 'none', true), set_config('coachiatry.actor', '', true);
	RETURN n;
END
$$;
SELECT is(oracle.shown(who), CASE WHEN who IN ('coach', 'supervisor', 'prescriber', 'therapist') THEN 1::bigint ELSE 0 END, format('an open one is an item of the day of %s', who))
FROM unnest('{coach,other_coach,supervisor,other_supervisor,prescriber,therapist}'::text[]) who;
SELECT is_empty(format('SELECT 1 FROM care.overdue WHERE warning_id = %s', :w), 'it is not overdue');
SET LOCAL coachiatry.clock = '2026-03-11 12:00+00';
SELECT is((SELECT late_by FROM care.overdue WHERE warning_id = :w), interval '0', 'it is when nobody has acknowledged it in time, with no job running');
SELECT care.sweep() \g /dev/null
SELECT is((SELECT state || level FROM care.warning WHERE warning_id = :w), 'escalated1', 'a sweep escalates it');
SELECT is((SELECT escalated FROM care.sweep()), 0, 'once');
SET LOCAL coachiatry.clock = '2026-03-14 13:00+00';
SELECT care.sweep() \g /dev/null
SELECT is((SELECT level FROM care.warning WHERE warning_id = :w), 4::smallint, 'to the level that it has reached by then');
SELECT oracle.act('coach', format('SELECT care.acknowledge_warning(%s, %L)', :w, '2026-03-15 12:00+00')) \g /dev/null
SELECT is(oracle.shown('coach'), 0::bigint, 'an acknowledged one is in hand');
SELECT is((SELECT acknowledged_by FROM care.warning WHERE warning_id = :w), 4::bigint, 'of whoever acknowledged it');
SET LOCAL coachiatry.clock = '2026-03-15 12:00+00';
SELECT is(oracle.shown('coach'), 1::bigint, 'until that runs out');
SELECT oracle.act('coach', format('SELECT care.silence_warning(%s, %L)', :w, '2026-03-16 12:00+00')) \g /dev/null
SELECT is(oracle.shown('coach'), 0::bigint, 'a silenced one is not shown');
INSERT INTO care.warning_event (person_id, warning_id, acts_on, event) VALUES (1, :w, 'coach', 'worsened');
SELECT is(oracle.shown('coach'), 1::bigint, 'unless it worsens');
SELECT oracle.act('coach', format('SELECT care.decline_warning(%s, %L)', :w, 'on holiday')) \g /dev/null
SELECT is((SELECT count(*) FROM care.explain_warning(:w) WHERE what IN ('opened', 'acknowledged', 'silenced', 'worsened', 'declined')), 5::bigint, 'and told by explain_warning()');
SELECT is((SELECT (raised, declined, predictive_value)::text FROM care.warning_predictive_value WHERE warning_rule_id = 1), '(5,1,0)', 'and counts against the rule');

--
-- Evidence that vanishes
--
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, imported_from) VALUES (2, 201, 'medication', 'FREQ=DAILY', '2026-03-01', 'x'), (2, 202, 'medication', 'FREQ=DAILY', '2026-03-01', 'x');
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 2, t, date '2026-03-01' + n, 1 FROM generate_series(6, 8) n, (VALUES (201), (202)) AS v (t);
SELECT is((SELECT array_agg(format('%s %s %s', task_id, raised_on, owner_staff_id) ORDER BY task_id) FROM care.warning WHERE person_id = 2), '{201 2026-03-09 5,202 2026-03-09 5}'::text[], 'a warning is raised where the statement is');
SELECT warning_id AS unseen FROM care.warning WHERE task_id = 201 \gset
SELECT warning_id AS seen FROM care.warning WHERE task_id = 202 \gset
SELECT oracle.act('other_coach', format('SELECT care.acknowledge_warning(%s, %L)', :seen, '2026-03-12')) \g /dev/null
UPDATE care.check_in SET taken = 1, missed = 0 WHERE due_on = '2026-03-08';
SELECT is((SELECT state FROM care.warning WHERE warning_id = :unseen), 'retracted', 'one that nobody has seen is retracted');
SELECT is((SELECT state || evidence_stands FROM care.warning WHERE warning_id = :seen), 'acknowledgedfalse', 'one that somebody has seen waits for a human');
SELECT is((SELECT count(*) FROM care.warning_event WHERE warning_id = :seen AND event = 'evidence_changed'), 1::bigint, 'who is told');
UPDATE care.check_in SET note = 'x' WHERE due_on = '2026-03-09';
SELECT is((SELECT count(*) FROM care.warning_event WHERE warning_id = :seen AND event = 'evidence_changed'), 1::bigint, 'once');
UPDATE care.check_in SET taken = 0, missed = 1 WHERE due_on = '2026-03-08';
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 2 AND closed_at IS NULL AND evidence_stands), 2::bigint, 'when the facts say so again, both are open');
-- The rule goes silent, the episode ends.
SELECT oracle.act('other_coach', format('SELECT care.resolve_warning(%s, %L)', :seen, 'talked')) \g /dev/null
SELECT is_empty('SELECT 1 FROM care.warning_difference(''{2}'', NULL, false) WHERE warning_rule_id IS NOT NULL', 'one that was resolved is not due again during its cool-down');
UPDATE care.task SET status = 'stopped', ends = '2026-03-10' WHERE person_id = 2;
UPDATE care.episode SET ended = '2026-03-10', reason = 'x' WHERE person_id = 2;
SELECT is_empty('SELECT 1 FROM care.warning WHERE person_id = 2 AND closed_at IS NULL', 'a closed episode warns of nothing');
SELECT care.sweep() \g /dev/null
SELECT is_empty('SELECT 1 FROM care.warning WHERE person_id = 2 AND closed_at IS NULL', 'not by a sweep either');

--
-- Owners
--
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, imported_from) VALUES (1, 101, 'medication', 'FREQ=DAILY', '2026-03-01', 'x');
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 1, 101, date '2026-03-01' + n, 1 FROM generate_series(6, 8) n;
SELECT warning_id AS w FROM care.warning WHERE task_id = 101 \gset
SELECT is((SELECT owner_staff_id FROM care.warning WHERE warning_id = :w), 4::bigint, 'a warning is the coach''s');
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 5, 'coach', '[2026-02-01,)');
UPDATE care.assignment SET during = '[2026-01-01,2026-03-10)' WHERE person_id = 1 AND staff_id = 4;
SELECT is((SELECT owner_staff_id FROM care.warning WHERE warning_id = :w), 5::bigint, 'or whoever is coach after them');
SELECT is((SELECT detail FROM care.warning_event WHERE warning_id = :w AND event = 'reassigned'), '{"from": 4, "to": 5}'::jsonb, 'which is an event');
INSERT INTO care.coverage (staff_id, during, covers_for) VALUES (4, '[2026-03-09,2026-03-20)', 5);
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 4, 'coach', '[2026-03-10,2026-03-20)');
SELECT care.sweep() \g /dev/null
SELECT is((SELECT owner_staff_id FROM care.warning WHERE warning_id = :w), 4::bigint, 'or whoever covers for them');
SELECT is(care.warning_owner(1, role), wanted, format('the %s', role))
FROM (VALUES ('coach', 4::bigint), ('supervisor', 3), ('prescriber', 1), ('therapist', 2)) AS v (role, wanted);
SELECT is(care.warning_owner(3, 'coach'), NULL, 'nobody is nobody');

--
-- Faults
--
-- A rule that could not have been written: as of an older version, or damaged.
ALTER TABLE care.warning_rule DROP CONSTRAINT warning_rule_has_parameters_of_its_detector;
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on) VALUES ('broken', 'x', 'task', 'missed_run', '{"n": 0}', 'coach');
INSERT INTO care.person (person_id) VALUES (8), (9);
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, imported_from, max_units_per_day) SELECT p, p * 100, 'medication', 'FREQ=DAILY', '2026-03-01', 'x', 1 FROM generate_series(8, 9) p;
SELECT lives_ok($$INSERT INTO care.check_in (person_id, task_id, due_on, missed, taken) SELECT p, p * 100, date '2026-03-01' + n, (n > 0)::int, 2 * (n = 0)::int
	FROM generate_series(8, 9) p, generate_series(0, 8) n$$, 'a rule that fails aborts no record');
SELECT is((SELECT count(*) FROM care.check_in WHERE person_id IN (8, 9)), 18::bigint, 'which is there');
SELECT is((SELECT count(*) FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE w.person_id IN (8, 9) AND r.name = 'medication missed'), 2::bigint, 'other rules warn all the same');
SELECT is((SELECT count(*) FROM care.warning WHERE person_id IN (8, 9) AND kind = 'over_use'), 2::bigint, 'and safety does');
SELECT is((SELECT array_agg(person_id || ' ' || state ORDER BY person_id) FROM care.stream_fault WHERE cleared_at IS NULL AND person_id > 7), '{"8 22023","9 22023"}'::text[], 'the fault is noted, once for each');
SELECT is((SELECT count(*) FROM care.open_item WHERE kind = 'fault' AND person_id > 7 AND why ~ '"broken": error 22023'), 2::bigint, 'and is itself an open item');
SELECT ok((SELECT why ~ 'nobody is being warned by rule "broken"' FROM care.my_day WHERE person_id = 8), 'of the day');
UPDATE care.warning_rule SET parameters = '{"n": 2}' WHERE name = 'broken';
SELECT care.sweep() \g /dev/null
SELECT is_empty('SELECT 1 FROM care.stream_fault WHERE cleared_at IS NULL', 'until the rule is mended');
SELECT is((SELECT count(*) FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE w.person_id IN (8, 9) AND r.name = 'broken'), 2::bigint, 'and warns');

--
-- Rules
--
ALTER TABLE care.warning_rule ADD CONSTRAINT warning_rule_has_parameters_of_its_detector CHECK (coachiatry.detector_parameters(detector, parameters) IS NOT NULL);
SELECT throws_ok(format('INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on) VALUES (%L, %L, %L, %L, %L, %L)', 'x', 'x', v.s, v.d, v.p, v.a), v.state, NULL, v.why)
FROM (VALUES ('task', 'cusum', '{}', 'coach', '23514', 'a detector reads its stream'), ('task', 'missed_run', '{"days": 3}', 'coach', '22023', 'parameters are those of the detector'),
	('task', 'missed_run', '{"n": "3"}', 'coach', '22023', 'and numbers'), ('task', 'missed_run', '[3]', 'coach', '22023', 'in an object'),
	('task', 'missed_run', '{"n": 0}', 'coach', '22023', 'within their range'), ('measure', 'ewma', '{}', 'coach', '23514', 'measures are for clinicians')) AS v (s, d, p, a, state, why);
SELECT is((SELECT round(care.expected_false_alarms(name)::numeric, 1) FROM care.warning_rule WHERE name = v.name), v.wanted, 'as the description says: ' || v.name)
FROM (VALUES ('medication missed', 1.1), ('missing more', 1.1), ('nothing recorded', 2.0), ('no contact', 2.0), ('measure worse', 1.3)) AS v (name, wanted);
SELECT is((SELECT round(care.expected_false_alarms('medication missed', usual => 0.2)::numeric, 1)), 7.7, 'and where 20 % are missed');
UPDATE care.warning_rule SET enabled = false WHERE name = 'broken';
SELECT results_eq($$SELECT person_id, opened FROM care.backtest('broken') WHERE person_id > 7$$, $$VALUES (8::bigint, date '2026-03-03'), (9, '2026-03-03')$$, 'backtest() says what a rule would do that is not enabled');
SELECT is(oracle.said('coach', 'SELECT * FROM care.backtest(''broken'')'), '42501', 'not to coaches');
SELECT is((SELECT count(*) FROM care.warning_rule), (SELECT count(*) FROM care.warning_rule WHERE description <> '' OR name = 'broken'), 'every starter rule says what to expect of it');

SELECT * FROM finish();
ROLLBACK;
