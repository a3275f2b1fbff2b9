-- What counts as followed up, for how long and by whom, and from when on somebody is late: answers that come back, a new onset under an old
-- acknowledgement, what whoever has left had put aside, deadlines of what is told anew, and days that come twice. The clock is moved by hand.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(75);
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
ROLLBACK TO start;

--
-- A new onset under an old acknowledgement
--
-- Whether the outbox has the warnings of person 1 by now; it is emptied.
CREATE FUNCTION oracle.told() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s to %s', event, coalesce(owner_staff_id::text, 'nobody')), ', ' ORDER BY warning_event_id) FROM care.take_from_outbox(1000) WHERE person_id = 1
$$;
SAVEPOINT start;
UPDATE care.warning_rule SET enabled = name = 'medication missed';
SELECT oracle.miss('2026-02-01', '2026-03-07', '2026-03-09'), oracle.do('coach', 'acknowledged', '2026-06-30') \g /dev/null
SAVEPOINT acknowledged;
SELECT oracle.at('2026-04-10 12:00+00'), oracle.miss('2026-03-10', '2026-04-04', '2026-04-09') \g /dev/null
SELECT is(oracle.warnings(), 'medication missed: opened acknowledged worsened', 'a second spell, weeks after the first, is told anew');
ROLLBACK TO acknowledged;
UPDATE care.check_in SET taken = 1, missed = 0 WHERE due_on >= '2026-03-07';
SELECT oracle.at('2026-04-10 12:00+00'), oracle.told(), oracle.miss('2026-03-10', '2026-04-04', '2026-04-09') \g /dev/null
SELECT is(oracle.warnings(), 'medication missed: opened acknowledged evidence_changed worsened', 'also where the first was corrected away');
SELECT is(oracle.told(), 'worsened to 4', 'the coach is told of it');
SELECT ok(oracle.read('coach', 'SELECT string_agg(why, '' '') FROM care.open_item WHERE kind = ''warning''') ~ 'medication missed', 'and finds it');
ROLLBACK TO acknowledged;
SELECT oracle.at('2026-04-10 12:00+00') \g /dev/null
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT 1, 10, d, (d < '2026-04-04')::int, (d >= '2026-04-04')::int FROM generate_series(date '2026-03-07', '2026-04-09', '1 day') d
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
SELECT is(oracle.warnings(), 'medication missed: opened acknowledged worsened', 'and where both come at once');
ROLLBACK TO acknowledged;
UPDATE care.check_in SET taken = 1, missed = 0 WHERE due_on >= '2026-03-08';
SELECT oracle.at('2026-03-11 12:00+00') \g /dev/null
UPDATE care.check_in SET taken = 0, missed = 1 WHERE due_on >= '2026-03-08';
SELECT is(oracle.warnings(), 'medication missed: opened acknowledged evidence_changed evidence_changed', 'a correction that is taken back is no new onset');
ROLLBACK TO acknowledged;
UPDATE care.check_in SET taken = 0, missed = 1 WHERE due_on = '2026-03-06';
SELECT is(oracle.warnings() || (SELECT raised_on FROM care.warning), 'medication missed: opened acknowledged evidence_changed2026-03-08', 'nor is a spell that is found to have begun earlier');
ROLLBACK TO acknowledged;
SELECT oracle.at('2026-03-11 12:00+00') \g /dev/null
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) VALUES (1, 10, '2026-03-07', 1, 0), (1, 10, '2026-03-10', 0, 1)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
SELECT is(oracle.warnings() || (SELECT raised_on FROM care.warning), 'medication missed: opened acknowledged evidence_changed2026-03-10', 'or that goes on, and began a day later');
ROLLBACK TO start;
UPDATE care.warning_rule SET enabled = name = 'no contact';
INSERT INTO care.contact (person_id, staff_id, channel, started_at) SELECT 1, 4, 'voice', d FROM generate_series(date '2026-02-01', '2026-03-10', '3 days') d;
SELECT oracle.at('2026-03-27 12:00+00') \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT oracle.act('coach', format('SELECT care.acknowledge_warning(%s, %L)', w.warning_id, '2026-09-30')) FROM care.warning w WHERE w.person_id = 1 AND closed_at IS NULL \g /dev/null
SELECT care.end_episode(1, (SELECT episode_id FROM care.episode WHERE person_id = 1), 'done') \g /dev/null
SELECT oracle.at('2026-06-01 12:00+00') \g /dev/null
INSERT INTO care.episode (person_id, started) VALUES (1, '2026-06-01');
SELECT care.sweep(), oracle.told() \g /dev/null
SELECT oracle.at('2026-06-25 12:00+00') \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT is(oracle.told(), 'worsened to 4', 'no contact in a new episode is told, whatever was acknowledged in the last');
ROLLBACK TO start;

--
-- For how long, and by whom
--
SELECT oracle.answer(3) \g /dev/null
SELECT max(warning_id) AS w FROM care.warning \gset
SELECT is(oracle.said('therapist', format('SELECT care.acknowledge_warning(%s, %L)', :w, u)), CASE WHEN u <= '2026-03-17 12:00+00' THEN 'done' ELSE '22023' END,
	'somebody has a matter of safety in hand until ' || u || CASE WHEN u <= '2026-03-17 12:00+00' THEN '' ELSE ': nobody' END)
FROM unnest('{2026-03-10 12:00:01+00,2026-03-17 12:00+00,2026-03-17 12:00:01+00,2126-01-01 00:00+00,infinity}'::timestamptz[]) u;
SELECT oracle.do('therapist', 'acknowledged', '2026-03-17'), oracle.told() \g /dev/null
UPDATE care.assignment SET during = '[2026-01-01,2026-03-11)' WHERE person_id = 1 AND role = 'prescriber';
SELECT oracle.at('2026-03-11 12:00+00') \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT is((SELECT state FROM care.warning WHERE warning_id = :w), 'acknowledged', 'that another has left changes nothing');
UPDATE care.assignment SET during = '[2026-01-01,2026-03-12)' WHERE person_id = 1 AND role = 'therapist';
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 6, 'therapist', '[2026-03-12,)');
SELECT is((SELECT state FROM care.warning WHERE warning_id = :w), 'acknowledged', 'nor that they are to leave');
SELECT oracle.at('2026-03-12 00:00+00'), oracle.told() \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT is((SELECT state || ' ' || owner_staff_id FROM care.warning WHERE warning_id = :w), 'open 6', 'what a therapist who has left had in hand is open for the next');
SELECT is(oracle.told(), 'lapsed to 6', 'who is told, once');
SELECT care.sweep() \g /dev/null
SELECT is(oracle.told(), NULL, 'and not again by the next sweep');
ROLLBACK TO start;
SELECT oracle.miss('2026-02-01', '2026-03-07', '2026-03-09') \g /dev/null
SELECT is(oracle.said('coach', format('SELECT care.%s_warning(%s, %L)', act, (SELECT max(warning_id) FROM care.warning), 'infinity')), '22023', 'nobody puts a warning aside for ever: ' || act)
FROM unnest('{acknowledge,silence}'::text[]) act;
SELECT is(oracle.said('coach', format('SELECT care.%s_warning(%s, %L)', act, (SELECT max(warning_id) FROM care.warning), '2027-01-01')), 'done', 'who stays does so for long: ' || act)
FROM unnest('{acknowledge,silence}'::text[]) act;
SAVEPOINT missed;
-- Each way of putting it aside, by whom, and what becomes of it when the coach of person 1 is another.
CREATE FUNCTION oracle.left(who text, acts text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	IF who = 'owner' THEN
		PERFORM care.act_on_warning((SELECT max(warning_id) FROM care.warning), a, '2027-01-01', NULL, NULL) FROM unnest(acts) a;
	ELSE
		PERFORM oracle.do(who, a, '2027-01-01') FROM unnest(acts) a;
	END IF;
	PERFORM oracle.told();
	INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 5, 'coach', '[2026-03-10,)');
	UPDATE care.assignment SET during = '[2026-01-01,2026-03-10)' WHERE person_id = 1 AND staff_id = 4;
	SELECT concat_ws(' ', w.state, w.owner_staff_id, CASE WHEN w.silenced_until > clock() THEN 'silent' END, (SELECT string_agg(e.event, ',' ORDER BY e.warning_event_id)
		FROM care.warning_event e WHERE e.warning_id = w.warning_id AND e.event IN ('lapsed', 'reassigned'))) INTO got FROM care.warning w WHERE w.kind = 'rule' AND w.task_id = 10;
	got := got || CASE WHEN oracle.read('coach2', 'SELECT string_agg(why, '' '') FROM care.open_item WHERE kind = ''warning''') ~ 'medication missed' THEN ' shown' ELSE ' hidden' END;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = got;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
END
$$;
SELECT is(oracle.left(who, acts::text[]), wanted, about) FROM (VALUES
	('coach', '{}', 'open 5 reassigned shown', 'whoever takes over finds what was open'),
	('coach', '{acknowledged}', 'open 5 lapsed shown', 'and what the one who left had in hand'),
	('coach', '{silenced}', 'open 5 lapsed shown', 'or had silenced'),
	('coach', '{silenced,acknowledged}', 'open 5 lapsed shown', 'or both'),
	('supervisor', '{acknowledged}', 'acknowledged 5 reassigned hidden', 'what the supervisor of both has in hand stays so'),
	('supervisor', '{silenced}', 'open 5 silent reassigned hidden', 'or silent'),
	('therapist', '{acknowledged}', 'acknowledged 5 reassigned hidden', 'and what a clinician has who stays'),
	('owner', '{acknowledged}', 'acknowledged 5 reassigned hidden', 'or the program itself')) AS v (who, acts, wanted, about);
SELECT oracle.do('coach', 'acknowledged', '2027-01-01') \g /dev/null
UPDATE care.staff SET employed = '[2026-01-01,2026-03-10)' WHERE staff_id = 4;
SELECT care.sweep() \g /dev/null
SELECT is((SELECT state FROM care.warning WHERE kind = 'rule' AND task_id = 10), 'open', 'who works here no more has nothing in hand');
ROLLBACK TO start;

--
-- From when on somebody is late
--
-- How late the newest warning of a kind is at a time, and its level after a sweep.
CREATE FUNCTION oracle.late(moment timestamptz, of_kind text DEFAULT 'self_harm') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	late text;
BEGIN
	PERFORM oracle.at(moment::text);
	late := (SELECT o.late_by FROM care.overdue o JOIN care.warning w USING (person_id, warning_id) WHERE w.kind = of_kind AND w.person_id = 1 ORDER BY w.warning_id DESC LIMIT 1);
	PERFORM care.sweep();
	RETURN (SELECT format('%s, %s', coalesce(late, 'in time'), w.level) FROM care.warning w WHERE w.kind = of_kind AND w.person_id = 1 ORDER BY w.warning_id DESC LIMIT 1);
END
$$;
UPDATE care.warning_rule SET enabled = false;
SAVEPOINT start;
SELECT oracle.answer(2), oracle.do('therapist', 'acknowledged', '2026-03-17'), oracle.at('2026-03-16 12:00+00'), oracle.answer(3) \g /dev/null
SELECT is(oracle.late('2026-03-16 12:00+00'), 'in time, 0', 'a new answer is not late in the instant in which it comes');
SELECT is(oracle.late('2026-03-16 12:59+00'), 'in time, 0', 'nor before its hour is over');
SELECT is(oracle.late('2026-03-16 13:00+00'), '00:00:00, 1', 'but then');
SELECT is(oracle.late('2026-03-16 15:30+00'), '01:30:00, 3', 'and by as many hours as have passed since');
SELECT oracle.do('therapist', 'acknowledged', '2026-03-17'), oracle.at('2026-03-16 16:00+00'), oracle.answer(2) \g /dev/null
SELECT is(oracle.late('2026-03-16 16:59+00'), 'in time, 0', 'another is late for itself again');
SELECT is(oracle.late('2026-03-16 17:00+00'), '00:00:00, 1', 'in its turn');
ROLLBACK TO start;
SELECT oracle.answer(2), oracle.at('12:50'), oracle.answer(3) \g /dev/null
SELECT is(oracle.late('2026-03-10 13:10+00'), '00:10:00, 1', 'an answer that nobody has in hand is late as it was, whatever is answered next');
SELECT oracle.answer(2) \g /dev/null
SELECT is(oracle.late('2026-03-10 14:00+00'), '00:00:00, 2', 'and once it was escalated, too');
ROLLBACK TO start;
SELECT oracle.answer(2), oracle.do('therapist', 'acknowledged', '2026-03-10 15:00+00'), oracle.at('15:10'), oracle.answer(3) \g /dev/null
SELECT matches(oracle.late('2026-03-10 15:10+00'), '^0[0-9]:', 'and whoever has let their time pass is late at once');
ROLLBACK TO start;
UPDATE care.warning_rule SET enabled = name = 'medication missed';
SELECT oracle.miss('2026-02-01', '2026-03-07', '2026-03-09') \g /dev/null
SAVEPOINT missed;
SELECT oracle.do('coach', 'acknowledged', '2026-06-30'), oracle.at('2026-04-10 12:00+00'), oracle.miss('2026-03-10', '2026-04-04', '2026-04-09') \g /dev/null
SELECT is(oracle.late('2026-04-11 11:59+00', 'rule'), 'in time, 0', 'one that has worsened is late a day after that, who had it in hand');
SELECT is(oracle.late('2026-04-11 12:00+00', 'rule'), '00:00:00, 1', 'and not before');
ROLLBACK TO missed;
SELECT oracle.do('coach', 'silenced', '2026-06-30'), oracle.at('2026-04-10 12:00+00'), oracle.miss('2026-03-10', '2026-04-04', '2026-04-09') \g /dev/null
SELECT is(oracle.late('2026-04-11 11:59+00', 'rule'), 'in time, 0', 'so is one that was silent');
ROLLBACK TO missed;
SELECT is(oracle.late('2026-03-12 12:00+00', 'rule'), '1 day, 2', 'one that nobody has seen counts from when it was raised');
ROLLBACK TO start;

--
-- Days that come twice
--
UPDATE care.warning_rule SET enabled = name = 'medication missed';
-- The warnings of person 1 once a sweep has run at a time.
CREATE FUNCTION oracle.swept(moment timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oracle.at(moment::text);
	PERFORM care.sweep();
	RETURN oracle.warnings();
END
$$;
-- From the day of Kiritimati to that of Honolulu, in which it is still the day before.
UPDATE care.person SET time_zone = 'Pacific/Kiritimati' WHERE person_id = 1;
SELECT oracle.miss('2026-02-01', '2026-03-07', '2026-03-09'), oracle.do('coach', 'declined'), oracle.at('13:00') \g /dev/null
SELECT is((SELECT closed_on::text FROM care.warning WHERE person_id = 1), '2026-03-11', 'declined on a day');
UPDATE care.person SET time_zone = 'Pacific/Honolulu' WHERE person_id = 1;
SELECT is(oracle.warnings(), 'medication missed: opened declined', 'which has not come where the person flies to, it stays declined');
SELECT care.sweep() \g /dev/null
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 1, 10, d, 1 FROM generate_series(date '2026-03-10', '2026-03-20', '1 day') d;
SELECT is(string_agg(DISTINCT oracle.swept(t), ' / '), 'medication missed: opened declined', 'through the days of its cool-down')
FROM generate_series(timestamptz '2026-03-10 13:00+00', '2026-03-19 09:00+00', '6 hours') t;
SELECT oracle.swept('2026-03-21 23:00+00') \g /dev/null
SELECT is(oracle.warnings(), 'medication missed: opened declined, medication missed: opened', 'after which it is raised again');
ROLLBACK TO start;
UPDATE care.warning_rule SET enabled = name = 'medication missed';
SELECT oracle.at('2026-03-10 01:00+00'), oracle.miss('2026-02-01', '2026-03-06', '2026-03-08'), oracle.do('coach', 'resolved'), oracle.at('2026-03-10 02:00+00') \g /dev/null
UPDATE care.program_info SET day_start = '03:00';
SELECT care.sweep() \g /dev/null
SELECT is(oracle.warnings(), 'medication missed: opened resolved', 'nor is one raised again when the day of the program begins later');
ROLLBACK TO start;
UPDATE care.warning_rule SET enabled = name = 'medication missed';
SELECT oracle.miss('2026-02-01', '2026-03-07', '2026-03-09'), oracle.do('coach', 'declined') \g /dev/null
SELECT is((SELECT count(*) FROM care.warning_replay(ARRAY[1], t) WHERE is_open), n, 'as of ' || t || ', what was closed later was ' || CASE n WHEN 1 THEN 'open' ELSE 'closed' END)
FROM (VALUES (timestamptz '2026-03-09 23:00+00', 1::bigint), ('2026-03-10 00:00+00', 0), ('2026-03-10 13:00+00', 0)) AS v (t, n);

SELECT * FROM finish();
ROLLBACK;
