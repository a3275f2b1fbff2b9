-- Warnings at their edges: deadlines that would be beyond any number or date, acts that are nobody's, reports of over-use that no column takes, and urgent
-- referrals that meet one which is not. The clock stands at noon of 10 March 2026, UTC, and is moved by hand.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(108);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'q', 'prescriber', true, NULL, 'other_prescriber', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject, locale) SELECT p, 'person' || p, 'en' FROM generate_series(1, 5) p;
-- Of person 4 there is no prescriber.
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 4) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r) WHERE (p, s) <> (4, 1);

-- How many a sweep escalates, or its SQLSTATE.
CREATE FUNCTION oracle.sweep() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT escalated FROM care.sweep());
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;

--
-- Acts
--
INSERT INTO care.warning (person_id, warning_id, kind, warning_rule_id, says, severity, acts_on, acknowledge_within, onset, raised_on)
VALUES (1, 1001, 'rule', 1, 'x', 2, 'coach', '1 day', '2026-03-09', '2026-03-09'), (5, 1005, 'rule', 1, 'x', 2, 'coach', '1 day', '2026-03-09', '2026-03-09');
CREATE TABLE oracle.act_of AS
SELECT e AS event, format('SELECT care.act_on_warning(1001, %L, %L, %L, %L)', e, CASE WHEN e IN ('acknowledged', 'silenced') THEN '2026-03-11' END, 'x', 'x') AS statement,
	CASE WHEN e IN ('acknowledged', 'silenced', 'resolved', 'declined') THEN 'done' ELSE '22023' END AS wanted
FROM unnest('{opened,acknowledged,escalated,worsened,evidence_changed,answer_changed,silenced,reassigned,lapsed,resolved,declined,cleared,retracted,NULL,Resolved,"",no such}'::text[]) e;
SELECT is(oracle.said(who, statement), wanted, format('%s: %s', who, coalesce(quote_literal(event), 'no event')))
FROM oracle.act_of, unnest('{coach,prescriber,owner}'::text[]) who ORDER BY who, event;
SELECT is(oracle.said('coach', 'SELECT care.act_on_warning(1001, ''cleared'', NULL, NULL, NULL)'), '22023', 'no warning disappears with no reason given');
SELECT is(oracle.said('coach', 'SELECT care.act_on_warning(1005, ''cleared'', NULL, NULL, NULL)'), 'P0002', 'one of somebody else''s people does not exist, whatever the event');
SELECT is(oracle.said(who, $$INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id) VALUES (1, 1001, 'coach', 'cleared', 4)$$), '42501',
	who || ' writes no event past the acts') FROM unnest('{coach,supervisor,prescriber,therapist}'::text[]) who;
SELECT is((SELECT count(*) FROM care.warning_event), 0::bigint, 'nothing of it was kept');

--
-- Deadlines
--
SET LOCAL coachiatry.clock = '2025-11-01 12:00+00';
INSERT INTO care.warning (person_id, warning_id, kind, says, severity, acts_on, acknowledge_within, onset, raised_on)
VALUES (2, 2001, 'concern', 'x', 3, 'therapist', '5 minutes', '2025-11-01', '2025-11-01');
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT is(oracle.sweep(), '1', 'a warning that has waited for 32767 deadlines is escalated');
SELECT is((SELECT format('%s %s', state, level) FROM care.warning WHERE warning_id = 2001), 'escalated 32767', 'to the highest level that there is');
INSERT INTO care.warning (person_id, warning_id, kind, says, severity, acts_on, acknowledge_within, onset, raised_on)
VALUES (3, 3001, 'concern', 'x', 3, 'therapist', '5 minutes', '2026-03-10', '2026-03-10');
SET LOCAL coachiatry.clock = '2026-03-10 12:10+00';
SELECT is(oracle.sweep(), '1', 'the next sweep runs');
SELECT is((SELECT level FROM care.warning WHERE warning_id = 3001), 2::smallint, 'and escalates those after it');
SELECT is((SELECT array_agg(level) FROM care.warning_event WHERE warning_id = 2001 AND event = 'escalated'), '{32767}'::smallint[], 'of it nothing more is told');
SELECT is((SELECT level FROM care.overdue WHERE warning_id = 2001), 32767::smallint, 'though it is overdue as before');
SELECT is(oracle.sweep(), '0', 'done twice it changes nothing');
SELECT is(oracle.said('therapist', 'SELECT care.acknowledge_warning(2001, ''2026-03-10 12:20+00'')'), 'done', 'it can be acknowledged');
SELECT oracle.act('therapist', 'SELECT care.acknowledge_warning(2001, ''2026-03-10 12:20+00'')') \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-10 13:00+00';
SELECT is(oracle.sweep(), '1', 'a sweep runs after an acknowledgement at the highest level has run out');
SELECT ok((SELECT bool_or(warning_id = 2001) FROM care.overdue), 'it is overdue by then');
SELECT is(oracle.said('therapist', 'SELECT care.resolve_warning(2001, ''x'', ''y'')'), 'done', 'and it can be resolved');

-- Deadlines of months, years and local days are as many as have passed, whatever a month on average is.
CREATE TABLE oracle.term AS
SELECT row_number() OVER () AS n, w::interval AS within, r::timestamptz AS raised_at, t::timestamptz AS as_of
FROM unnest('{1 month,2 months,12 months,1 year,1 month 3 days,30 days,1 day,1 day 12:00,17:00}'::text[]) w, unnest('{2026-01-31 12:00+00,2026-02-01 00:00+00,2027-12-31 23:59:59+00}'::text[]) r,
	unnest('{2028-02-01 00:00+00,2028-02-29 12:00+00,2028-12-31 23:59:59+00,2032-03-30 11:00+00}'::text[]) t;
SET LOCAL timezone = 'Europe/Madrid';
CREATE FUNCTION oracle.term(one oracle.term) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	INSERT INTO care.warning (person_id, warning_id, kind, says, severity, acts_on, acknowledge_within, onset, raised_on, raised_at)
	VALUES (5, 5001, 'concern', 'x', 3, 'therapist', one.within, '2026-01-01', '2026-01-01', one.raised_at);
	PERFORM care.sweep(one.as_of);
	SELECT w.level || ' ' || (SELECT count(*) FROM care.overdue_at(one.as_of) o WHERE o.warning_id = 5001) INTO got FROM care.warning w WHERE w.warning_id = 5001;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = got;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
END
$$;
SELECT * FROM oracle.agree($$SELECT format('%s after %s, at %s', t.within, t.raised_at, t.as_of) AS about, oracle.term(t) AS got,
	(SELECT count(*) FROM generate_series(1, 4000) n WHERE t.raised_at + n * t.within <= t.as_of) || ' 0' AS wanted FROM oracle.term t$$, 'a level is the number of deadlines that have passed');
SET LOCAL timezone = 'UTC';
SELECT is((SELECT due_at FROM care.overdue_at('2026-04-01') WHERE warning_id = 3001), timestamptz '2026-03-10 12:00+00' + 13 * interval '5 minutes', 'deadlines are multiples');
-- Deadlines that are no dates: of each how long, and how often it was escalated.
CREATE TABLE oracle.far AS
SELECT row_number() OVER () AS n, w::interval AS within, l::smallint AS level
FROM unnest('{10 years,100 years,300000 years,178000000 years,2000000000 days,2562047788 hours}'::text[]) w, unnest('{0,1,1000,32766,32767}'::int[]) l;
INSERT INTO care.warning (person_id, warning_id, kind, occurrence, says, severity, acts_on, acknowledge_within, onset, raised_on)
SELECT 3, 4000 + n, 'concern', 1 + n, 'x', 3, 'therapist', within, '2026-03-10', '2026-03-10' FROM oracle.far;
UPDATE care.warning w SET level = f.level FROM oracle.far f WHERE w.warning_id = 4000 + f.n;
SELECT lives_ok('SELECT count(*) FROM care.overdue', 'a deadline beyond all dates leaves overdue readable');
SELECT is(oracle.sweep(), '0', 'and ends no sweep');
SELECT is((SELECT count(*) FROM care.warning_event WHERE warning_id BETWEEN 4001 AND 4030 AND event = 'escalated'), 0::bigint, 'for it has not come');
SELECT is((SELECT bool_and(state = 'open') AND count(*) = 30 FROM care.warning WHERE warning_id BETWEEN 4001 AND 4030), true, 'for any of them');
SET LOCAL coachiatry.clock = '2126-04-10 13:00+00';
SELECT matches(oracle.sweep(), '^[1-9]$', 'a sweep runs a century later');
SELECT is((SELECT string_agg(f.within || ' ' || f.level || ' to ' || w.level, ', ' ORDER BY f.within, f.level) FROM oracle.far f JOIN care.warning w ON w.warning_id = 4000 + f.n WHERE w.state = 'escalated'),
	'10 years 0 to 10, 10 years 1 to 10, 100 years 0 to 1', 'which escalates those of which the deadline has come');
SET LOCAL coachiatry.clock = '2026-03-10 13:00+00';
-- The parts of an interval may have different signs: four years less 1461 days are above 0 for a comparison, and are none.
SELECT throws_ok(format('UPDATE care.warning_rule SET acknowledge_within = %L', i), '23514', NULL, 'no deadline is ' || i)
FROM unnest('{-4 years 1461 days,-1 year 361 days,1 mon -29 days,1 day -23:00,0,-1 day}'::text[]) i;
SELECT throws_ok(format('UPDATE care.warning SET acknowledge_within = %L', i), '23514', NULL, 'nor that of a warning ' || i)
FROM unnest('{-4 years 1461 days,1 day -23:00,0,-1 day}'::text[]) i;
SELECT lives_ok('UPDATE care.warning_rule SET acknowledge_within = ''1 mon 2 days 03:00:00.000001''', 'one of several parts is');

--
-- Reports of over-use that are refused
--
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day)
VALUES (1, 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, 2), (1, 11, 'medication', 'y', 'FREQ=DAILY', '2026-02-01', 1, NULL);
CREATE FUNCTION oracle.report(task bigint, taken jsonb, OUT state text, OUT told bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token('person1'));
	SELECT r.sqlstate INTO state FROM care.ingest_check_ins(jsonb_build_array(jsonb_build_object(
		'person_id', 1, 'task_id', task, 'due_on', '2026-03-09', 'source', 'person', 'difficulty', 99, 'taken', taken)), true) r;
	PERFORM set_config('role', 'none', true), set_config('coachiatry.actor', '', true);
	SELECT count(*) INTO told FROM care.warning w WHERE w.person_id = 1 AND w.kind = 'concern';
	RAISE EXCEPTION USING ERRCODE = 'ZZ999';
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN NULL;
END
$$;
CREATE TABLE oracle.taken (taken jsonb, told bigint);
INSERT INTO oracle.taken VALUES
	('4.5', 1), ('40000000000', 1), ('"6 tablets"', 1), ('3', 1), ('"3"', 1), ('" 3 "', 1), ('2.0000001', 1), ('"+3"', 1), ('"NaN"', 1), ('"Infinity"', 1), ('"1e400"', 1),
	('1e400', 1), ('"three"', 1), ('""', 1), ('[3]', 1), ('{"units": 3}', 1), (to_jsonb(repeat('9', 200000)), 1), (to_jsonb(repeat('0', 200000)), 1),
	(to_jsonb(E'1\u00a0'::text), 1), (to_jsonb('1' || repeat(' ', 200000) || 'x'), 1), ('"0x10"', 1), ('"1_000"', 1), ('"1,5"', 1),
	('null', 0), ('true', 0), ('false', 0), ('"true"', 0), ('0', 0), ('2', 0), ('"2"', 0), ('" 2 "', 0), ('"+2"', 0), ('"002"', 0), ('1.5', 0), ('2.0', 0),
	('"2."', 0), ('".5"', 0), ('-7', 0), ('-40000000000', 0);
SELECT is(count(*), 0::bigint, 'each of these is refused, and raises no error') FROM oracle.taken t, oracle.report(10, t.taken) r WHERE r.state IS NULL;
SELECT is((SELECT string_agg(left(t.taken::text, 20), ', ') FROM oracle.taken t, oracle.report(10, t.taken) r WHERE t.told = 1 AND r.told = 0), NULL,
	'whatever is not plainly within the most that is allowed is told');
SELECT is((SELECT string_agg(left(t.taken::text, 20), ', ') FROM oracle.taken t, oracle.report(10, t.taken) r WHERE t.told = 0 AND r.told <> 0), NULL, 'what is, is not');
SELECT is((SELECT sum(r.told) FROM oracle.taken t, oracle.report(11, t.taken) r), 0::numeric, 'nor anything of a task without a most');
SELECT ok((SELECT bool_or(t.told = 1) AND bool_or(t.told = 0) FROM oracle.taken t), 'of both there are some');

--
-- Urgent referrals
--
CREATE VIEW oracle.referral AS
SELECT person_id, string_agg(format('%s %s %s %s %s x%s', topic, refer_to, coalesce(to_staff_id::text, 'nobody'), urgent, due_at - clock(), times), ', ' ORDER BY referral_id) AS list
FROM care.referral GROUP BY person_id;
SELECT oracle.act('coach', 'SELECT care.refer(3, ''side_effect'', ''asked about pills'', ''therapist'')') \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 3), 'side_effect therapist 2 f 7 days x1', 'what a coach refers has a week');
SELECT oracle.act('person3', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (3, 'person', 'The pills make me dizzy.')$$) \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 3), 'side_effect prescriber 1 t 1 day x2', 'an urgent one makes it urgent, and the prescriber''s');
SELECT is(oracle.read('prescriber', 'SELECT urgency || '' '' || why FROM care.open_item WHERE person_id = 3 AND kind = ''referral'''), '9 for the prescriber by 2026-03-11: side_effect', 'who finds it first');
SET LOCAL coachiatry.clock = '2026-03-11 01:00+00';
SELECT oracle.act('person3', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (3, 'person', 'The pills make me dizzy.')$$) \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 3), 'side_effect prescriber 1 t 12:00:00 x3', 'said again it is no later');
SELECT oracle.act('coach', 'SELECT care.refer(3, ''side_effect'', ''asked again'', ''therapist'')') \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 3), 'side_effect prescriber 1 t 12:00:00 x4', 'and one that is not urgent changes nothing of it');

-- One that was late already; and whoever it is for stays so.
SELECT oracle.act('coach', 'SELECT care.refer(1, ''side_effect'', ''asked about pills'', ''prescriber'')') \g /dev/null
UPDATE care.referral SET due_at = clock() - interval '2 days', to_staff_id = 5 WHERE person_id = 1;
SELECT oracle.act('person1', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', 'The pills make me dizzy.')$$) \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 1), 'side_effect prescriber 5 t -2 days x2', 'one that is due already, and for the right role, becomes urgent and no more');

-- Nobody is a prescriber: it is for whom an urgent one would be for, and does not go on to nobody.
SELECT oracle.act('coach', 'SELECT care.refer(4, ''side_effect'', ''asked about pills'', ''therapist'')') \g /dev/null
UPDATE care.referral SET refer_to = 'prescriber', to_staff_id = NULL WHERE person_id = 4;
SELECT oracle.act('person4', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (4, 'person', 'The pills make me dizzy.')$$) \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 4), 'side_effect therapist 2 t 1 day x2', 'where there is no prescriber it is the therapist''s');

-- One that has no deadline gets one; topics are apart.
INSERT INTO care.referral (person_id, topic, reason, refer_to, to_staff_id) VALUES (2, 'side_effect', 'x', 'prescriber', 1), (2, 'grief', 'x', 'therapist', 2);
SELECT oracle.act('person2', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (2, 'person', 'The pills make me dizzy. My father just died.')$$) \g /dev/null
SELECT is((SELECT list FROM oracle.referral WHERE person_id = 2), 'side_effect prescriber 1 t 1 day x2, grief therapist 2 f  x2', 'grief stays as it was');

--
-- A change of several schedules is one change: between two of them nothing is looked at
--
SET LOCAL coachiatry.clock = '2026-06-01 12:00+00';
INSERT INTO care.person (person_id) VALUES (6), (7);
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT p, s, r, '[2026-06-01,)' FROM generate_series(6, 7) p, (VALUES (1, 'prescriber'), (4, 'coach')) AS v (s, r);
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, prescribed_by)
SELECT p, 10 * p + t, 'medication', 'QD', '2026-06-02', 1 FROM generate_series(6, 7) p, generate_series(1, 3) t;
SET LOCAL coachiatry.clock = '2026-08-10 12:00+00';
INSERT INTO care.check_in (person_id, task_id, due_on, taken)
SELECT t.person_id, t.task_id, d::date, 1 FROM care.task t, generate_series(timestamp '2026-06-02', '2026-08-09', '1 day') d WHERE t.person_id IN (6, 7);
SELECT care.sweep() \g /dev/null
CREATE TABLE oracle.before AS SELECT * FROM care.warning_event;
UPDATE care.task SET schedule = 'BID' WHERE person_id IN (6, 7);
SELECT is((SELECT count(*) FROM care.task_revision WHERE person_id IN (6, 7)), 6::bigint, 'six schedules of two people change');
SELECT is_empty('SELECT * FROM care.warning_event EXCEPT SELECT * FROM oracle.before', 'and nobody is warned of days that are past');
SELECT care.sweep() \g /dev/null
SELECT is_empty('SELECT * FROM care.warning_event EXCEPT SELECT * FROM oracle.before', 'nor by a sweep');
-- With changes that were still to come.
UPDATE care.task SET schedule = 'TID', starts_at = '2026-09-01' WHERE person_id = 6;
UPDATE care.task SET schedule = 'QOD', starts_at = '2026-10-01' WHERE person_id = 6;
UPDATE care.task SET schedule = 'TID;UNITS=3', starts_at = '2026-06-02' WHERE person_id = 6;
SELECT is((SELECT array_agg(until ORDER BY task_id, until) FROM care.task_revision WHERE person_id = 6), array_fill(date '2026-08-10', '{3}'), 'changes that were to come are taken back');
SELECT is_empty('SELECT * FROM care.warning_event EXCEPT SELECT * FROM oracle.before', 'and nobody is warned, either');
-- What is seen between the parts of one statement is told to nobody.
SET LOCAL coachiatry.clock = '2026-08-20 12:00+00';
SELECT care.sweep() \g /dev/null
TRUNCATE oracle.before;
INSERT INTO oracle.before SELECT * FROM care.warning_event;
DELETE FROM care.warning_outbox;
WITH excused AS (INSERT INTO care.excused_period (person_id, during, reason) VALUES (7, '[2026-08-10,2026-08-20)', 'hospital'))
INSERT INTO care.check_in (person_id, task_id, due_on, missed)
SELECT 7, 71, d::date, 2 FROM generate_series(timestamp '2026-08-10', '2026-08-19', '1 day') d;
SELECT isnt_empty($$SELECT * FROM care.warning_event WHERE person_id = 7 AND event = 'opened' EXCEPT SELECT * FROM oracle.before$$,
	'check-ins are looked at before the days that the same statement excuses');
SELECT is_empty('SELECT * FROM care.warning_outbox', 'and again after, so that nobody is told');

SELECT * FROM finish();
ROLLBACK;
