-- What counts as followed up, for how long and by whom, and from when on somebody is late: answers that come back, a new onset under an old
-- acknowledgement, what whoever has left had put aside, deadlines of what is told anew, and days that come twice. The clock is moved by hand.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(22);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'd', 'coach', false, 3, 'coach2', '[2026-01-01,)'), (6, 'u', 'therapist', true, NULL, 'therapist2', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject, locale) SELECT p, 'person' || p, 'en' FROM generate_series(1, 2) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 2) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'PHQ-9', '{9}');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, created_at)
SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, 2, '2026-02-01' FROM generate_series(1, 2) p;
-- The warnings of person 1, with their events.
CREATE FUNCTION oracle.warnings() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s: %s', COALESCE(r.name, w.kind), (SELECT string_agg(e.event, ' ' ORDER BY e.warning_event_id) FROM care.warning_event e
		WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id)), ', ' ORDER BY w.warning_id)
	FROM care.warning w LEFT JOIN care.warning_rule r USING (warning_rule_id) WHERE w.person_id = 1
$$;
-- Somebody acts on the warning that was raised last: acknowledges, silences, resolves or declines it.
CREATE FUNCTION oracle.do(who text, act text, until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT oracle.act(who, format('SELECT care.act_on_warning(%s, %L, %L, %L, %L)', (SELECT max(warning_id) FROM care.warning), act, until, 'found', 'done'))
$$;
-- The time of day of 10 March, or any time, from now on.
CREATE FUNCTION oracle.at(moment text) RETURNS void LANGUAGE sql AS $$
	SELECT set_config('coachiatry.clock', CASE WHEN length(moment) = 5 THEN '2026-03-10 ' || moment || '+00' ELSE moment END, true)
$$;
-- Records days of person 1: missed from a day on, and taken before.
CREATE FUNCTION oracle.miss(since date, missed_from date, until date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
	SELECT 1, 10, d, (d < missed_from)::int, (d >= missed_from)::int FROM generate_series(since, until, '1 day') d
$$;
-- What person 1 answers to the item about self-harm of 10 March.
CREATE FUNCTION oracle.answer(value integer) RETURNS text LANGUAGE sql AS $$
	SELECT oracle.act('person1', format('SELECT * FROM care.ingest_measurements(%L)',
		jsonb_build_array(jsonb_build_object('person_id', 1, 'instrument', 'PHQ-9', 'item', '9', 'measured_on', '2026-03-10', 'value', value))))
$$;
SAVEPOINT start;

--
-- What has been read
--
SELECT oracle.answer(1) \g /dev/null
SELECT max(warning_id) AS w, (SELECT max(warning_event_id) FROM care.warning_event) AS read FROM care.warning \gset
SELECT oracle.at('12:05'), oracle.answer(2) \g /dev/null
SELECT is(oracle.said('therapist', format('SELECT care.%s_warning(%s, %L, seen_event => %s)', act, :w, what, :read)), '55000', 'nobody does that to an answer that they have not read: ' || act)
FROM (VALUES ('acknowledge', '2026-03-11'), ('resolve', 'x')) AS v (act, what);
SELECT is(oracle.said('therapist', format('SELECT care.acknowledge_warning(%s, %L, %s)', :w, '2026-03-11', (SELECT max(warning_event_id) FROM care.warning_event))), 'done', 'who has read it does');
SELECT is(oracle.said('therapist', format('SELECT care.resolve_warning(%s, %L, %L)', :w, 'x', 'y')), 'done', 'and who does not say what they have read has read what is there');
SELECT oracle.do('prescriber', 'acknowledged', '2026-03-11'), oracle.at('12:10') \g /dev/null
SELECT is(oracle.said('therapist', format('SELECT care.resolve_warning(%s, %L, %L, %s)', :w, 'x', 'y', (SELECT max(warning_event_id) FROM care.warning_event WHERE event = 'answer_changed'))),
	'done', 'what somebody else has done meanwhile is nothing new');
ROLLBACK TO start;
SELECT oracle.miss('2026-02-01', '2026-03-07', '2026-03-09') \g /dev/null
SELECT max(warning_id) AS w, (SELECT max(warning_event_id) FROM care.warning_event) AS read FROM care.warning \gset
INSERT INTO care.warning_event (person_id, warning_id, acts_on, event) VALUES (1, :w, 'coach', 'worsened');
SELECT is(oracle.said('coach', format('SELECT care.%s_warning(%s, %L, seen_event => %s)', act, :w, what, :read)), '55000', 'nor to a warning that has worsened: ' || act)
FROM (VALUES ('acknowledge', '2026-03-11'), ('silence', '2026-03-11'), ('resolve', 'x'), ('decline', 'x')) AS v (act, what);
SELECT is(oracle.said('coach2', format('SELECT care.resolve_warning(%s, %L, NULL, 0)', :w, 'x')), 'P0002', 'nobody learns of one that they do not see');
ROLLBACK TO start;

--
-- What comes back
--
SELECT oracle.answer(2), oracle.do('therapist', 'resolved') \g /dev/null
SELECT oracle.at('14:00'), oracle.answer(0) \g /dev/null
SELECT is(oracle.warnings(), 'self_harm: opened resolved', 'an answer that was followed up, and is 0 by now, is nothing new');
SELECT oracle.at('18:00'), oracle.answer(2) \g /dev/null
SELECT is(oracle.warnings(), 'self_harm: opened resolved, self_harm: opened', 'once it is as it was it is warned of again');
SELECT oracle.at('18:01'), oracle.do('therapist', 'resolved'), oracle.at('19:00') \g /dev/null
SELECT care.evaluate_warnings(ARRAY[1], false) AS n \gset
UPDATE care.measurement SET unit = 'points' WHERE item = '9';
SELECT is((SELECT count(*) FROM care.warning WHERE kind = 'self_harm' AND closed_at IS NULL), 0::bigint, 'which is followed up in its turn, whatever else of its row is corrected');
DELETE FROM care.measurement;
SELECT oracle.at('20:00'), oracle.answer(2) \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE kind = 'self_harm' AND closed_at IS NULL), 1::bigint, 'deleted and given again it is another answer');
ROLLBACK TO start;
SELECT oracle.answer(1), oracle.at('13:00'), oracle.answer(3), oracle.at('14:00'), oracle.do('therapist', 'resolved'), oracle.at('15:00') \g /dev/null
SELECT care.evaluate_warnings(ARRAY[1], false) AS n \gset
SELECT is(oracle.warnings(), 'self_harm: opened answer_changed resolved', 'what was corrected before it was followed up stays followed up');
ROLLBACK TO start;
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 10, '2026-03-08', 5), (1, 10, '2026-03-09', 5);
SELECT oracle.at('12:05'), oracle.do('prescriber', 'resolved'), oracle.at('12:10') \g /dev/null
SAVEPOINT resolved;
UPDATE care.check_in SET taken = 1 WHERE due_on = '2026-03-09';
SELECT is(oracle.warnings(), 'over_use: opened resolved', 'over-use that was followed up, and is none by now, is nothing new');
UPDATE care.check_in SET taken = 5 WHERE due_on = '2026-03-09';
SELECT is(oracle.warnings(), 'over_use: opened resolved, over_use: opened', 'reported again it is');
SELECT is((SELECT evidence FROM care.warning WHERE closed_at IS NULL), '[{"day": "2026-03-09", "units": 5}]', 'that day, and no other');
ROLLBACK TO resolved;
DELETE FROM care.check_in WHERE due_on = '2026-03-09';
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 10, '2026-03-09', 5);
SELECT is((SELECT evidence FROM care.warning WHERE closed_at IS NULL), '[{"day": "2026-03-09", "units": 5}]', 'so it is when the report was deleted, and given again');
ROLLBACK TO resolved;
UPDATE care.check_in SET note = 'by mistake';
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (1, 10, '2026-03-09', 'device', 4);
SELECT care.evaluate_warnings(ARRAY[1], false) AS n \gset
SELECT is(oracle.warnings(), 'over_use: opened resolved', 'a note, or less from another source, is no new over-use');
ROLLBACK TO start;
UPDATE care.task SET gap_hazard_days = 3 WHERE task_id = 10;
UPDATE care.warning_rule SET enabled = false;
SELECT oracle.miss('2026-02-01', '2026-03-05', '2026-03-09') \g /dev/null
SELECT oracle.at('12:05'), oracle.do('prescriber', 'resolved'), oracle.at('12:10') \g /dev/null
UPDATE care.check_in SET taken = 1, missed = 0 WHERE due_on = '2026-03-07';
SELECT is(oracle.warnings(), 'gap: opened resolved', 'a gap that was followed up, and is none by now, is nothing new');
UPDATE care.check_in SET taken = 0, missed = 1 WHERE due_on = '2026-03-07';
SELECT is(oracle.warnings(), 'gap: opened resolved, gap: opened', 'one that is there again is');

SELECT * FROM finish();
ROLLBACK;
