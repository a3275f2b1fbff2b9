-- Whose warnings are: by shifts and absence, under cover, when assignments end or are taken over, once escalated, and after the end of coaching; and who reads
-- what of them. The clock stands at noon of 10 March 2026, UTC, and is moved by hand.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(73);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'd', 'coach', false, 3, 'other_coach', '[2026-01-01,)'), (6, 'u', 'therapist', true, NULL, 'other_therapist', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject, locale) SELECT p, 'person' || p, 'en' FROM generate_series(1, 3) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 3) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'PHQ-9', '{9}');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, created_at)
SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, '2026-02-01' FROM generate_series(1, 3) p;

-- Somebody answers an item about self-harm.
CREATE FUNCTION oracle.answer(person bigint, value int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value, occurrence)
	SELECT person, 1, '9', coachiatry.clock()::date, answer.value, count(*) + 1 FROM care.measurement WHERE person_id = person
$$;
-- Records the days of person 1 since 1 February as taken, and the last three before 10 March as missed.
CREATE FUNCTION oracle.miss() RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
	SELECT 1, 10, d, (d < '2026-03-07')::int, (d >= '2026-03-07')::int FROM generate_series(date '2026-02-01', '2026-03-09', '1 day') d
$$;
-- Whom the outbox says to tell of what, which it empties.
CREATE FUNCTION oracle.told() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s to %s', w.kind, o.event, coalesce(o.owner_staff_id::text, 'nobody')), ', ' ORDER BY o.warning_event_id)
	FROM care.take_from_outbox(1000) o JOIN care.warning w USING (person_id, warning_id)
$$;
-- What is open about somebody, and whose it is.
CREATE FUNCTION oracle.open(who bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(DISTINCT format('%s %s', kind, coalesce(owner_staff_id::text, 'nobody')), ', ') FROM care.warning WHERE person_id = who AND closed_at IS NULL
$$;
-- Ends an assignment of person 1, as of today.
CREATE FUNCTION oracle.leaves(staff bigint) RETURNS void LANGUAGE sql AS $$
	UPDATE care.assignment SET during = '[2026-01-01,2026-03-10)' WHERE person_id = 1 AND staff_id = staff
$$;
SAVEPOINT start;

--
-- Safety goes to whichever clinician is there
--
SELECT oracle.answer(1, 1) \g /dev/null
SELECT is(oracle.told(), 'self_harm opened to 2', 'an answer is for the therapist');
SELECT oracle.leaves(2) \g /dev/null
SELECT is(oracle.told(), 'self_harm reassigned to 1', 'who leaves it to the prescriber');
SELECT oracle.answer(1, 3) \g /dev/null
SELECT is(oracle.told(), 'self_harm answer_changed to 1', 'to whom a new answer is told, too');
SELECT is(oracle.said('prescriber', 'SELECT care.resolve_warning((SELECT max(warning_id) FROM care.warning), ''x'', ''y'')'), 'done', 'and who can end it');
SELECT oracle.leaves(1) \g /dev/null
SELECT is(oracle.told(), 'self_harm reassigned to nobody, no_clinician opened to 3', 'who leaves it to nobody, which the supervisor is told');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
-- By day the therapist is on call, in the evening the prescriber.
INSERT INTO care.coverage (staff_id, during, hours_from, hours_until, on_call) VALUES (2, '[2026-01-01,)', '08:00', '18:00', true), (1, '[2026-01-01,)', '18:00', '23:30', true);
SELECT oracle.answer(1, 1), oracle.miss() \g /dev/null
SELECT is(oracle.told(), 'self_harm opened to 2, rule opened to 4', 'at noon an answer is for the therapist');
SET LOCAL coachiatry.clock = '2026-03-10 23:00+00';
SELECT oracle.answer(1, 3) \g /dev/null
SELECT is(oracle.told(), 'self_harm answer_changed to 1', 'at night another is for the prescriber, with no sweep between');
SELECT oracle.act('coach', 'SELECT care.raise_concern(1, ''x'')') \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-11 09:00+00';
SELECT oracle.act('coach', 'SELECT care.raise_concern(1, ''y'')') \g /dev/null
SELECT is(oracle.told(), 'concern opened to 2, concern answer_changed to 2', 'and what is said again in the morning is for the therapist again, who is told of both');
SELECT care.sweep() \g /dev/null
SELECT ok(oracle.told() ~ 'self_harm reassigned to 2', 'to whom a sweep gives what nobody has told anew');
SELECT is(oracle.open(1), 'concern 2, rule 4, self_harm 2', 'what is no matter of safety stays whose it was');
SET LOCAL coachiatry.clock = '2026-03-11 23:45+00';
SELECT care.sweep() \g /dev/null
SELECT is(oracle.open(1), 'concern 1, no_clinician 3, rule 4, self_harm 2', 'where nobody is on call it stays with whom it was raised for, and the supervisor is warned');
DELETE FROM care.coverage;
SELECT care.sweep() \g /dev/null
SELECT is(oracle.open(1), 'concern 1, rule 4, self_harm 2', 'where both are on call it is of whom it was raised for');
SELECT oracle.leaves(2), oracle.leaves(4) \g /dev/null
SELECT is(oracle.open(1), 'concern 1, no_owner nobody, rule nobody, self_harm 1', 'a clinician takes over safety, and nothing of a coach''s');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Cover and being on call
--
-- Therapist 6 has person 3; neither they nor therapist 2 state hours.
UPDATE care.assignment SET staff_id = 6 WHERE person_id = 3 AND role = 'therapist';
SELECT * FROM care.handover(2, 6, '[2026-03-10 00:00+00,2026-03-20 00:00+00)') \g /dev/null
SELECT oracle.answer(3, 3), oracle.answer(1, 3) \g /dev/null
SELECT is(oracle.open(3), 'self_harm 6', 'who takes over a colleague''s people, neither of them stating hours, is on call as before for their own');
SELECT is(oracle.open(1), 'self_harm 6', 'and for those');
SELECT is(oracle.read('person1', 'SELECT string_agg(format(''%s %s'', name, on_call), '', '' ORDER BY staff_id) FROM care.who_is_there() WHERE is_there'), 'u t', 'which is what the person reads');
-- Hours of one's own count whatever one covers.
INSERT INTO care.coverage (staff_id, during, hours_from, hours_until, on_call) VALUES (6, '[2026-03-01,)', '09:00', '17:00', true);
SELECT is(care.is_on_call(6), true, 'who states hours of their own is on call in them');
SELECT is(care.is_on_call(6, '2026-03-10 20:00+00'), false, 'and not in others, though they cover for somebody then');
UPDATE care.coverage SET on_call = true WHERE covers_for = 2;
SELECT is(care.is_on_call(6, '2026-03-10 20:00+00'), true, 'unless they cover on call');
SELECT is(care.is_on_call(6, '2026-03-25 20:00+00'), false, 'as long as they do');
SELECT is(care.is_on_call(2), true, 'whoever states no hours is on call');
SELECT is(care.is_on_call(NULL), false, 'and nobody is not');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
-- Cover shows nobody to anybody.
INSERT INTO care.staff (staff_id, name, role, licensed, token_subject, employed) VALUES (7, 'o', 'coordinator', false, 'coordinator', '[2026-01-01,)');
INSERT INTO care.coverage (staff_id, during, on_call, covers_for) VALUES (7, '[2026-03-01,)', true, 2), (4, '[2026-03-01,)', true, 2), (6, '[2026-03-01,)', true, 2), (5, '[2026-03-01,)', true, 4);
SELECT oracle.answer(1, 2), oracle.miss() \g /dev/null
SELECT is(oracle.open(1), 'rule 4, self_harm 2', 'what somebody covers without seeing the person, or may not act on, stays with whom they cover for');
SELECT is(oracle.told(), 'self_harm opened to 2, rule opened to 4', 'who is told');
SELECT is(oracle.read(who, 'SELECT count(*)::text FROM care.warning'), n, format('%s reads %s', who, n)) FROM (VALUES ('therapist', '2'), ('coach', '1'), ('other_therapist', '0'), ('other_coach', '0')) AS v (who, n);
SELECT is(oracle.said('other_therapist', 'SELECT care.acknowledge_warning((SELECT max(warning_id) FROM care.warning), ''2026-03-11'')'), 'P0002', 'a coverage alone lets nobody act');
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 6, 'therapist', '[2026-03-10,2026-03-20)');
SELECT is(oracle.told(), 'self_harm reassigned to 6', 'whoever covers and is assigned, too, is told');
SELECT is(oracle.read('other_therapist', format('SELECT string_agg(kind, '', '') FROM care.warning WHERE owner_staff_id = 6')), 'self_harm', 'reads it');
SELECT is(oracle.said('other_therapist', 'SELECT care.acknowledge_warning((SELECT warning_id FROM care.warning WHERE owner_staff_id = 6), ''2026-03-11'')'), 'done', 'and acts on it');
SET LOCAL coachiatry.clock = '2026-03-20 12:00+00';
SELECT care.sweep() \g /dev/null
SELECT is((SELECT owner_staff_id FROM care.warning WHERE kind = 'self_harm'), 2::bigint, 'until that assignment ends');
DELETE FROM care.coverage;
INSERT INTO care.coverage (staff_id, during, covers_for) VALUES (3, '[2026-03-01,)', 4), (3, '[2026-03-01,)', 2);
SELECT care.sweep() \g /dev/null
SELECT is((SELECT string_agg(DISTINCT kind || owner_staff_id, ' ') FROM care.warning WHERE person_id = 1 AND kind <> 'no_owner'), 'rule3 self_harm2', 'a supervisor covers for their coach without an assignment, and for no clinician');
SELECT is(oracle.read('supervisor', 'SELECT count(*) > 0 FROM care.warning WHERE owner_staff_id = 3'), 'true', 'for they see the coach''s people');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Assignments that are deleted or moved
--
SELECT oracle.answer(1, 3), oracle.miss(), oracle.told() \g /dev/null
SAVEPOINT answered;
DELETE FROM care.assignment WHERE person_id = 1 AND role IN ('therapist', 'prescriber');
SELECT is(oracle.told(), 'self_harm reassigned to nobody, no_clinician opened to 3', 'a deleted assignment is one that has ended');
ROLLBACK TO answered;
UPDATE care.assignment SET person_id = 3 WHERE person_id = 1 AND role IN ('therapist', 'prescriber');
SELECT is(oracle.told(), 'self_harm reassigned to nobody, no_clinician opened to 3', 'and so is one that was moved to somebody else');
ROLLBACK TO answered;
DELETE FROM care.assignment WHERE person_id = 1 AND role = 'coach';
SELECT is(oracle.open(1), 'no_owner nobody, rule nobody, self_harm 2', 'of a coach as of a clinician');
ROLLBACK TO answered;
-- To and fro at once: person 1 loses the therapist, and has therapist 6, whom person 3 loses.
UPDATE care.assignment SET staff_id = 6 WHERE person_id = 3 AND role = 'therapist';
SELECT oracle.answer(3, 3), oracle.told() \g /dev/null
UPDATE care.assignment SET person_id = 4 - person_id WHERE person_id IN (1, 3) AND role = 'therapist';
SELECT is(oracle.told(), 'self_harm reassigned to 6, self_harm reassigned to 2', 'two who change places are each told');
SELECT is(oracle.open(1) || '; ' || oracle.open(3), 'rule 4, self_harm 6; self_harm 2', 'of whom they have now');
DELETE FROM care.assignment WHERE person_id = 2;
SELECT is(oracle.told(), NULL, 'an assignment to somebody of whom nobody is warned is nobody''s matter');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Nobody is there any more
--
-- How many times daily sweeps from a day to another tell of person 1, and of what.
CREATE FUNCTION oracle.swept(since timestamptz, until timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	list text[] := '{}';
	day timestamptz := since;
BEGIN
	WHILE day <= until LOOP
		PERFORM set_config('coachiatry.clock', day::text, true);
		PERFORM care.sweep();
		list := list || ARRAY(SELECT w.kind || ' ' || o.event || ' to ' || coalesce(o.owner_staff_id::text, 'nobody') FROM care.take_from_outbox(1000) o JOIN care.warning w USING (person_id, warning_id)
			WHERE o.person_id = 1);
		day := day + interval '1 day';
	END LOOP;
	RETURN (SELECT string_agg(what || ' ' || n, ', ' ORDER BY what) FROM (SELECT l AS what, count(*) AS n FROM unnest(list) l GROUP BY l) x);
END
$$;
-- Of the rules only this one, so that nothing else is opened meanwhile.
UPDATE care.warning_rule SET enabled = name = 'medication missed';
SELECT oracle.miss() \g /dev/null
SELECT oracle.act('coach', 'SELECT care.acknowledge_warning((SELECT max(warning_id) FROM care.warning), ''2026-03-12'')'), oracle.told() \g /dev/null
SAVEPOINT missed;
SELECT care.end_episode(1, (SELECT episode_id FROM care.episode WHERE person_id = 1), 'done') \g /dev/null
SAVEPOINT discharged;
UPDATE care.assignment SET during = '[2026-01-01,2026-03-11)' WHERE person_id = 1;
SELECT is(oracle.swept('2026-03-20', '2026-03-30'), 'rule reassigned to nobody 1', 'what somebody had seen of a person who is coached no more, and whom nobody sees, is not told every day');
SELECT is((SELECT count(*) FROM care.overdue WHERE person_id = 1), 1::bigint, 'though it is overdue for whoever asks');
ROLLBACK TO discharged;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT ok(oracle.swept('2026-03-20', '2026-03-22') ~ 'rule escalated', 'while somebody sees them, who can end it, it is');
ROLLBACK TO missed;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
UPDATE care.assignment SET during = '[2026-01-01,2026-03-11)' WHERE person_id = 1;
SELECT is(oracle.swept('2026-03-20', '2026-03-30'), 'no_owner opened to nobody 1, rule reassigned to nobody 1', 'of somebody who is coached, and has nobody, that is told, once');
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 5, 'coach', '[2026-03-30,)');
SELECT is(oracle.told(), 'rule reassigned to 5', 'until there is somebody, who is told');
SELECT ok(oracle.swept('2026-03-31', '2026-03-31') ~ 'rule escalated', 'and from then on it is escalated');
SELECT is((SELECT string_agg(DISTINCT state, ' ') FROM care.warning WHERE kind = 'no_owner'), 'cleared', 'that there was nobody has passed');
ROLLBACK TO missed;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT care.end_episode(1, (SELECT episode_id FROM care.episode WHERE person_id = 1), 'done') \g /dev/null
SELECT oracle.answer(1, 3), oracle.told() \g /dev/null
UPDATE care.assignment SET during = '[2026-01-01,2026-03-11)' WHERE person_id = 1;
SELECT is(oracle.swept('2026-03-20', '2026-03-22'), 'no_clinician opened to nobody 1, rule reassigned to nobody 1, self_harm escalated to nobody 3, self_harm reassigned to nobody 1',
	'a matter of safety is escalated whoever is there, coached or not');
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 6, 'therapist', '[2026-03-22,)');
SELECT ok(oracle.told() ~ 'self_harm reassigned to 6', 'until somebody is');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Escalated
--
UPDATE care.warning_rule SET enabled = name = 'medication missed';
SELECT oracle.miss() \g /dev/null
SELECT is(oracle.told(), 'rule opened to 4', 'a warning is the coach''s');
SAVEPOINT missed;
SET LOCAL coachiatry.clock = '2026-03-11 13:00+00';
SELECT care.sweep() \g /dev/null
SELECT is(oracle.told(), 'rule escalated to 3', 'who has done nothing for a day: that is told to whom it is escalated');
SELECT is((SELECT owner_staff_id FROM care.warning WHERE state = 'escalated'), 4::bigint, 'though it stays the coach''s');
SELECT ok(oracle.said('supervisor', 'SELECT care.acknowledge_warning((SELECT warning_id FROM care.warning WHERE state = ''escalated''), ''2026-03-20'')') = 'done', 'and who is told can act');
ROLLBACK TO missed;
UPDATE care.staff SET employed = '[2026-01-01,2026-03-11)' WHERE staff_id = 3;
SET LOCAL coachiatry.clock = '2026-03-11 13:00+00';
SELECT care.sweep() \g /dev/null
SELECT is(oracle.told(), 'rule escalated to 4', 'where there is nobody to escalate to it is told to the coach again');
SELECT oracle.answer(2, 3), oracle.told() \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-11 15:00+00';
SELECT care.sweep() \g /dev/null
SELECT is(oracle.told(), 'self_harm escalated to 2', 'and safety to the clinician');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Somebody takes over, in one transaction: at one moment
--
DELETE FROM care.assignment WHERE person_id = 1 AND role = 'prescriber';
SELECT oracle.answer(1, 2), oracle.miss(), oracle.told() \g /dev/null
SAVEPOINT answered;
SELECT oracle.leaves(2) \g /dev/null
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 6, 'therapist', '[2026-03-10,)');
SELECT is(oracle.told(), 'self_harm reassigned to 6', 'when a therapist takes over from another only they are told, once');
SELECT is(oracle.open(1), 'rule 4, self_harm 6', 'and nobody is warned that nobody is there');
SELECT oracle.leaves(4) \g /dev/null
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 5, 'coach', '[2026-03-10,)');
SELECT is(oracle.told(), 'rule reassigned to 5', 'of coaches as of clinicians');
ROLLBACK TO answered;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT oracle.leaves(2) \g /dev/null
SAVEPOINT alone;
SELECT is(oracle.told(), 'self_harm reassigned to nobody, no_clinician opened to 3', 'where nobody follows the supervisor is told');
ROLLBACK TO alone;
SET LOCAL coachiatry.clock = '2026-03-10 12:05+00';
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 6, 'therapist', '[2026-03-10,)');
SELECT is(oracle.told(), 'self_harm reassigned to 6, no_clinician opened to 3, self_harm reassigned to 6', 'or somebody later');
ROLLBACK TO answered;
-- A warning that is over at the moment at which it was raised, and one that is over later.
DELETE FROM care.check_in;
SELECT oracle.told() \g /dev/null
SELECT oracle.miss() \g /dev/null
UPDATE care.check_in SET taken = 1, missed = 0;
SELECT is(oracle.told(), NULL, 'nor is anybody told of misses that the same transaction corrects');
UPDATE care.check_in SET taken = 0, missed = 1 WHERE due_on >= '2026-03-07';
SET LOCAL coachiatry.clock = '2026-03-10 12:05+00';
UPDATE care.check_in SET taken = 1, missed = 0;
SELECT is(oracle.told(), 'rule opened to 4', 'but of those that were there for a while');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- What is read of it
--
-- Faults of a coach's rule, a supervisor's, a therapist's, and of the safety path.
INSERT INTO care.warning_rule (warning_rule_id, name, says, stream, detector, acts_on) VALUES
	(901, 'a', 'x', 'contact', 'silence', 'coach'), (902, 'b', 'x', 'contact', 'silence', 'supervisor'), (903, 'c', 'x', 'measure', 'self_starting_cusum', 'therapist');
SELECT care.write_fault(1, r, '22003', 'value out of range: ' || coalesce(r, 0)) FROM unnest('{901,902,903,NULL}'::bigint[]) r \g /dev/null
SELECT is(oracle.read(who, 'SELECT string_agg(right(message, 3), '' '' ORDER BY message) FROM care.stream_fault'), wanted, 'the ' || who || ' reads of faults of what is for them')
FROM (VALUES ('coach', '901'), ('supervisor', '901 902'), ('prescriber', ': 0 901 902 903'), ('therapist', ': 0 901 902 903'), ('other_coach', NULL)) AS v (who, wanted);
SELECT is(oracle.read('coach', 'SELECT string_agg(why, '' '') FROM care.open_item WHERE kind = ''fault'''), 'nobody is being warned by rule "a": error 22003', 'and finds no others among what is open');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
-- What the person reads.
UPDATE care.warning_rule SET show_to_person = true WHERE name = 'medication missed';
SELECT oracle.miss() \g /dev/null
SELECT oracle.act('coach', 'SELECT care.acknowledge_warning((SELECT max(warning_id) FROM care.warning), ''2026-06-30'')') \g /dev/null
SELECT is(oracle.read('person1', 'SELECT string_agg(says, '','') FROM care.my_warnings()'), 'three planned days of medication missed in a row', 'a person reads of days that were missed');
UPDATE care.check_in SET taken = 1, missed = 0 WHERE due_on = '2026-03-09';
SELECT is(oracle.read('person1', 'SELECT string_agg(says, '','') FROM care.my_warnings()'), NULL, 'not of those that were corrected');
SELECT is(oracle.read('coach', 'SELECT count(*)::text FROM care.warning WHERE closed_at IS NULL AND NOT evidence_stands'), '1', 'though the warning is open until somebody closes it');
UPDATE care.check_in SET taken = 0, missed = 1 WHERE due_on = '2026-03-09';
SELECT is(oracle.read('person1', 'SELECT count(*)::text FROM care.my_warnings()'), '1', 'and of those that were missed after all');

SELECT * FROM finish();
ROLLBACK;
