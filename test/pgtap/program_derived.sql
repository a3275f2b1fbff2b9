-- What is kept can be verified and made afresh: whatever is tampered with is found, and rebuild_derived() sets it right. And the triggers that
-- keep it: disabled, misused, and above the bounds.
\ir include/setup.sql
SET LOCAL timezone = 'UTC';
SELECT set_config('coachiatry.clock', '2026-02-10 12:00+00', true) \g /dev/null
SELECT create_program('care') \g /dev/null
SET LOCAL search_path = care, public, coachiatry;
SELECT plan(98);

INSERT INTO person (person_id) VALUES (1), (2);
INSERT INTO instrument (instrument_id, name) VALUES (1, 'mood');
INSERT INTO task (person_id, task_id, schedule, starts_at) VALUES (1, 1, 'QD', '2026-02-01'), (1, 2, NULL, '2026-02-01'), (2, 3, 'BID', '2026-02-03');
INSERT INTO check_in (person_id, task_id, due_on, occurrence, source, taken, missed) VALUES
	(1, 1, '2026-02-01', 1, 'person', 1, 0), (1, 1, '2026-02-02', 1, 'person', 0, 1), (1, 1, '2026-02-02', 1, 'device', 1, 0),
	(1, 2, '2026-02-05', 1, 'coach', 2, 1), (2, 3, '2026-02-03', 1, 'person', 60, 0);
INSERT INTO measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '', '2026-02-01', 7), (1, 1, 'item 9', '2026-02-01', 0.1),
	(2, 1, '', '2026-02-03', 5);
INSERT INTO excused_period (person_id, task_id, during) VALUES (1, 1, '[2026-02-04,2026-02-06)');

CREATE TABLE oracle.calendar_before AS SELECT *, adherence_send(calendar) AS bytes FROM task_calendar;
CREATE TABLE oracle.series_before AS SELECT *, series_send(series) AS bytes FROM measure_series;
CREATE VIEW oracle.wrong AS SELECT derived, person_id, of_id, label, kept, expected FROM verify_derived();

SELECT results_eq('SELECT person_id, task_id, source COLLATE "default", calendar::text, planned_through, stale_at FROM task_calendar ORDER BY 1, 2, 3', $$VALUES
	(1::bigint, 1::bigint, 'device', '2026-02-02: *', NULL::date, NULL::timestamptz),
	(1, 1, 'person', '2026-02-01: * (0,0,1)', NULL, NULL),
	(1, 1, 'plan', '2026-02-01: ?3 (1,0,0,1)2 ?4', '2026-02-09', '2026-02-11 00:00+00'),
	(1, 2, 'coach', '2026-02-05: (0,2,1)', NULL, NULL),
	(1, 2, 'plan', 'empty', '2026-02-09', '2026-02-11 00:00+00'),
	(2, 3, 'person', '2026-02-03: (0,60)', NULL, NULL),
	(2, 3, 'plan', '2026-02-03: (2)7', '2026-02-09', '2026-02-11 00:00+00')$$, 'what is kept to begin with');
SELECT is_empty('SELECT * FROM oracle.wrong', 'is right');
SELECT is(rebuild_derived(), 0::bigint, 'and nothing differs when it is made afresh');

--
-- Tampering
--

-- Tamper, look, and set it right again: two assertions.
CREATE FUNCTION oracle.finds(tampering text, wanted text, about text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE tampering;
	RETURN NEXT bag_eq('SELECT derived, person_id, of_id, label, kept, expected FROM oracle.wrong',
		'SELECT derived, person_id::bigint, of_id::bigint, label, kept, expected FROM (VALUES ' || wanted
			|| ') AS w (derived, person_id, of_id, label, kept, expected)', 'finds ' || about);
	RETURN NEXT is(rebuild_derived(), (SELECT count(*) FROM regexp_matches(wanted, '\(''', 'g')), 'and counts it when it is made afresh');
	RETURN NEXT ok(NOT EXISTS (SELECT FROM oracle.wrong)
		AND NOT EXISTS (SELECT person_id, task_id, source, bytes, planned_through, stale_at FROM oracle.calendar_before
			EXCEPT SELECT person_id, task_id, source, adherence_send(calendar), planned_through, stale_at FROM task_calendar)
		AND NOT EXISTS (SELECT person_id, instrument_id, item, bytes FROM oracle.series_before
			EXCEPT SELECT person_id, instrument_id, item, series_send(series) FROM measure_series)
		AND (SELECT count(*) FROM task_calendar) = (SELECT count(*) FROM oracle.calendar_before)
		AND (SELECT count(*) FROM measure_series) = (SELECT count(*) FROM oracle.series_before), 'and all is as before');
END
$$;

SELECT oracle.finds($$UPDATE task_calendar SET calendar = calendar || '2026-02-03: *' WHERE person_id = 1 AND task_id = 1 AND source = 'person'$$,
	$$('task_calendar', 1, 1, 'person', '2026-02-01: * (0,0,1) *', '2026-02-01: * (0,0,1)')$$, 'a day too many');
SELECT oracle.finds($$UPDATE task_calendar SET calendar = '2026-02-02: (0,2)' WHERE source = 'device'$$,
	$$('task_calendar', 1, 1, 'device', '2026-02-02: (0,2)', '2026-02-02: *')$$, 'a unit too many');
SELECT oracle.finds($$DELETE FROM task_calendar WHERE source = 'coach'$$,
	$$('task_calendar', 1, 2, 'coach', NULL, '2026-02-05: (0,2,1)')$$, 'a row that is missing');
SELECT oracle.finds($$INSERT INTO task_calendar VALUES (1, 1, 'seen', '2026-02-01: *'), (1, 99, 'seen', '2026-02-01: *'), (99, 1, 'proxy', 'empty')$$,
	$$('task_calendar', 1, 1, 'seen', '2026-02-01: *', NULL), ('task_calendar', 1, 99, 'seen', '2026-02-01: *', NULL),
		('task_calendar', 99, 1, 'proxy', 'empty', NULL)$$, 'rows that nothing is behind');
SELECT oracle.finds($$UPDATE task_calendar SET source = 'pharmacy' WHERE source = 'device'$$,
	$$('task_calendar', 1, 1, 'pharmacy', '2026-02-02: *', NULL), ('task_calendar', 1, 1, 'device', NULL, '2026-02-02: *')$$, 'a row under another name');
SELECT oracle.finds($$UPDATE task_calendar SET calendar = calendar - '2026-02-09: ?' WHERE person_id = 1 AND task_id = 1 AND source = 'plan'$$,
	$$('task_calendar', 1, 1, 'plan', '2026-02-01: ?3 (1,0,0,1)2 ?3', '2026-02-01: ?3 (1,0,0,1)2 ?4')$$, 'a plan that falls short');
SELECT oracle.finds($$UPDATE task_calendar SET planned_through = '2026-02-10' WHERE person_id = 2 AND source = 'plan'$$,
	$$('task_calendar', 2, 3, 'plan', '2026-02-03: (2)7', '2026-02-03: (2)8')$$, 'a plan that claims to reach further');
SELECT oracle.finds($$UPDATE task_calendar SET calendar = '2026-02-01: ?9' WHERE person_id = 1 AND task_id = 1 AND source = 'plan'$$,
	$$('task_calendar', 1, 1, 'plan', '2026-02-01: ?9', '2026-02-01: ?3 (1,0,0,1)2 ?4')$$, 'a plan without its excused days');
SELECT oracle.finds($$DELETE FROM task_calendar WHERE source = 'plan' AND task_id <> 3$$,
	$$('task_calendar', 1, 1, 'plan', NULL, '2026-02-01: ?3 (1,0,0,1)2 ?4'), ('task_calendar', 1, 2, 'plan', NULL, 'empty')$$, 'plans that are missing');
SELECT oracle.finds($$INSERT INTO task_calendar VALUES (1, 99, 'plan', '2026-02-01: ?', '2026-02-09', 'infinity')$$,
	$$('task_calendar', 1, 99, 'plan', '2026-02-01: ?', NULL)$$, 'a plan of no task');
SELECT oracle.finds($$UPDATE measure_series SET series = '2026-02-01: 7.000000000000001' WHERE item = '' AND person_id = 1$$,
	$$('measure_series', 1, 1, '', '2026-02-01: 7.000000000000001', '2026-02-01: 7')$$, 'a value that is wrong by one bit');
SELECT oracle.finds($$DELETE FROM measure_series WHERE item = 'item 9'$$,
	$$('measure_series', 1, 1, 'item 9', NULL, '2026-02-01: 0.1')$$, 'a series that is missing');
SELECT oracle.finds($$INSERT INTO measure_series VALUES (1, 1, 'item 10', '2026-02-01: 1'), (1, 2, '', 'empty')$$,
	$$('measure_series', 1, 1, 'item 10', '2026-02-01: 1', NULL), ('measure_series', 1, 2, '', 'empty', NULL)$$, 'series that nothing is behind');
SELECT oracle.finds($$DELETE FROM task_calendar; DELETE FROM measure_series$$,
	(SELECT string_agg(format('(''task_calendar'', %s, %s, %L, NULL, %L)', person_id, task_id, source, calendar), ', ') FROM oracle.calendar_before)
	|| (SELECT string_agg(format(', (''measure_series'', %s, %s, %L, NULL, %L)', person_id, instrument_id, item, series), '') FROM oracle.series_before),
	'that all of it is gone');

-- Facts that came past the triggers
SET LOCAL session_replication_role = replica;
DELETE FROM check_in WHERE source = 'device';
UPDATE check_in SET due_on = '2026-02-06' WHERE source = 'coach';
UPDATE task SET ends = '2026-02-05' WHERE task_id = 3;
DELETE FROM measurement WHERE person_id = 2;
SET LOCAL session_replication_role = origin;
SELECT bag_eq('SELECT * FROM oracle.wrong', $$VALUES ('task_calendar', 1::bigint, 1::bigint, 'device', '2026-02-02: *', NULL),
	('task_calendar', 1, 2, 'coach', '2026-02-05: (0,2,1)', '2026-02-06: (0,2,1)'),
	('task_calendar', 2, 3, 'plan', '2026-02-03: (2)7', '2026-02-03: (2)2'), ('measure_series', 2, 1, '', '2026-02-03: 5', NULL)$$,
	'finds what changed past the triggers');
SELECT is(rebuild_derived(), 4::bigint, 'and follows it');
SELECT is_empty('SELECT * FROM oracle.wrong', 'to the end');
SELECT is((SELECT stale_at FROM task_calendar WHERE task_id = 3 AND source = 'plan'), 'infinity', 'a plan that has ended is never behind');

--
-- Triggers that are disabled
--
CREATE FUNCTION oracle.after(steps text[]) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
	step text;
	seen text[] := '{}';
BEGIN
	BEGIN
		FOREACH step IN ARRAY steps LOOP
			EXECUTE step;
			seen := seen || (SELECT coalesce(max(calendar::text), 'no row') FROM task_calendar WHERE person_id = 2 AND task_id = 3 AND source = 'seen');
		END LOOP;
	END;
	RETURN seen || (SELECT coalesce(max(calendar::text), 'no row') FROM task_calendar WHERE person_id = 2 AND task_id = 3 AND source = 'seen');
END
$$;

ALTER TABLE check_in DISABLE TRIGGER keep_insert;
INSERT INTO check_in (person_id, task_id, due_on, source, taken) VALUES (2, 3, '2026-02-03', 'seen', 1);
SELECT bag_eq('SELECT * FROM oracle.wrong', $$VALUES ('task_calendar', 2::bigint, 3::bigint, 'seen', NULL, '2026-02-03: *')$$,
	'a row that the trigger was not told of is missing, and only that');
ALTER TABLE check_in ENABLE TRIGGER keep_insert;
SELECT throws_ok('DELETE FROM check_in WHERE source = ''seen''', '55000', '"task_calendar" of schema "care" does not hold what is to be taken away',
	'what was never added cannot be taken away');
SELECT is(rebuild_derived(), 1::bigint, 'until it is made afresh');
DELETE FROM check_in WHERE source = 'seen';
SELECT is_empty('SELECT * FROM oracle.wrong', 'then it can');

-- The triggers that do fire keep what they are told of.
ALTER TABLE check_in DISABLE TRIGGER keep_update;
SELECT is(oracle.after(ARRAY['INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (2, 3, ''2026-02-03'', ''seen'', 1)',
	'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (2, 3, ''2026-02-03'', ''seen'', 2), (2, 3, ''2026-02-04'', ''seen'', 1)
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken',
	'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (2, 3, ''2026-02-05'', ''seen'', 1)']),
	'{2026-02-03: *,2026-02-03: *2,2026-02-03: *3,2026-02-03: *3}', 'nobody waits for a trigger that is disabled');
ALTER TABLE check_in ENABLE TRIGGER keep_update;
SELECT bag_eq('SELECT * FROM oracle.wrong', $$VALUES ('task_calendar', 2::bigint, 3::bigint, 'seen', '2026-02-03: *3', '2026-02-03: (0,2) *2')$$,
	'and only what it was not told of is missing');
SELECT is(rebuild_derived(), 1::bigint, 'until it is made afresh again');
ALTER TABLE check_in DISABLE TRIGGER keep_announce_delete;
DELETE FROM check_in WHERE source = 'seen';
ALTER TABLE check_in ENABLE TRIGGER keep_announce_delete;
SELECT is_empty('SELECT * FROM oracle.wrong', 'one that nobody announced works all the same');

--
-- Bounds
--
SELECT throws_ok($$INSERT INTO check_in (person_id, task_id, due_on, occurrence, taken) VALUES (1, 1, '2026-02-07', 1, 1), (2, 3, '2026-02-03', 2, 40)$$,
	'22003', NULL, 'a day has at most 99 units of a kind');
SELECT throws_ok($$INSERT INTO check_in (person_id, task_id, due_on, occurrence, missed) SELECT 1, 1, '2026-02-07', n, 34 FROM generate_series(1, 3) AS n$$,
	'22003', NULL, 'also within a statement');
SELECT throws_ok($$WITH more AS (INSERT INTO check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, '2026-02-07', 'seen', 1))
	UPDATE check_in SET occurrence = 3, due_on = '2026-02-02', taken = 99 WHERE person_id = 1 AND source IN ('person', 'device') AND due_on = '2026-02-01'
		OR person_id = 1 AND task_id = 1 AND due_on = '2026-02-02' AND source = 'person'$$, '23505', NULL, 'a statement that fails for its rows');
SELECT ok(NOT EXISTS (SELECT FROM check_in WHERE due_on = '2026-02-07') AND NOT EXISTS (SELECT FROM oracle.wrong), 'and nothing of it is left');
SELECT lives_ok($$INSERT INTO check_in (person_id, task_id, due_on, occurrence, taken) VALUES (2, 3, '2026-02-04', 1, 50), (2, 3, '2026-02-03', 2, 39)$$,
	'99 are possible');
SELECT lives_ok($$UPDATE check_in SET taken = 99 - taken WHERE person_id = 2$$, 'and stay so when they change places');
SELECT lives_ok($$WITH less AS (UPDATE check_in SET taken = 1 WHERE person_id = 2 AND occurrence = 1)
	INSERT INTO check_in (person_id, task_id, due_on, occurrence, taken) VALUES (2, 3, '2026-02-03', 3, 38)$$,
	'what one part of a statement takes away makes room for another''s');
SELECT throws_ok($$UPDATE check_in SET occurrence = 9, due_on = '2026-02-03', source = 'person', person_id = 1, task_id = 3 WHERE source = 'coach'$$, '23503',
	NULL, 'a check-in cannot go to another''s task');
SELECT is_empty('SELECT * FROM oracle.wrong', 'and all is right');

--
-- Who writes
--

-- Whoever may write a check-in need not be able to write what is kept of it, nor to see it.
CREATE ROLE tap_writer;
GRANT USAGE ON SCHEMA care, coachiatry TO tap_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON check_in, measurement TO tap_writer;
CREATE POLICY tap_writer ON check_in TO tap_writer USING (true);
CREATE POLICY tap_writer ON measurement TO tap_writer USING (true);
SET LOCAL ROLE tap_writer;
INSERT INTO check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, '2026-02-08', 'proxy', 1), (1, 1, '2026-02-09', 'proxy', 1);
UPDATE check_in SET taken = 2 WHERE source = 'proxy' AND due_on = '2026-02-08';
DELETE FROM check_in WHERE source = 'proxy' AND due_on = '2026-02-09';
INSERT INTO measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, 'item 8', '2026-02-01', 1);
DELETE FROM measurement WHERE item = 'item 9';
RESET ROLE;
SELECT is((SELECT calendar::text FROM task_calendar WHERE source = 'proxy'), '2026-02-08: (0,2)', 'a writer without rights on it keeps it all the same');
SELECT is((SELECT string_agg(item, ',' ORDER BY item) FROM measure_series WHERE person_id = 1 AND item <> ''), 'item 8', 'series too');
SELECT throws_ok('SET LOCAL ROLE tap_writer; SELECT count(*) FROM task_calendar', '42501', NULL, 'but does not see it');
SELECT throws_ok('SET LOCAL ROLE tap_writer; SELECT rebuild_derived()', '42501', NULL, 'nor makes it afresh');
SELECT is_empty('SELECT * FROM oracle.wrong', 'and it is right');

-- A site's trigger on what is kept may write check-ins, which are kept in turn.
CREATE FUNCTION oracle.answer() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO care.check_in (person_id, task_id, due_on, source, missed) VALUES (1, 1, '2026-02-01', 'pharmacy', 1), (1, 1, '2026-02-02', 'seen', 2);
	RETURN NULL;
END
$$;
CREATE TRIGGER answer AFTER UPDATE ON task_calendar FOR EACH ROW WHEN (NEW.source = 'proxy') EXECUTE FUNCTION oracle.answer();
UPDATE check_in SET taken = 1 WHERE source = 'proxy';
DROP TRIGGER answer ON task_calendar;
SELECT bag_eq($$SELECT source, calendar::text FROM task_calendar WHERE source IN ('pharmacy', 'seen', 'proxy')$$,
	$$VALUES ('pharmacy', '2026-02-01: (0,0,1)'), ('seen', '2026-02-02: (0,0,2)'), ('proxy', '2026-02-08: *')$$, 'what a trigger answers is kept once');
SELECT is_empty('SELECT * FROM oracle.wrong', 'and right');

-- So may one on the facts, of which the statement has not yet told.
CREATE FUNCTION oracle.touch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		BEGIN
			UPDATE care.measurement SET value = value + 1 WHERE item = NEW.item;
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN
		BEGIN
			UPDATE care.measurement SET value = value WHERE item = NEW.item;
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
	END;
	DELETE FROM care.measurement WHERE item = NEW.item AND occurrence = 3;
	RETURN NULL;
END
$$;
CREATE TRIGGER touch AFTER INSERT ON measurement FOR EACH ROW WHEN (NEW.item = 'touched') EXECUTE FUNCTION oracle.touch();
INSERT INTO measurement (person_id, instrument_id, item, measured_on, occurrence, value)
VALUES (1, 1, 'touched', '2026-02-01', 1, 5), (1, 1, 'touched', '2026-02-01', 2, 7), (1, 1, 'touched', '2026-02-02', 3, 9);
DROP TRIGGER touch ON measurement;
SELECT is((SELECT series::text FROM measure_series WHERE item = 'touched'), '2026-02-01: 12/2', 'facts that come and go in one statement leave no trace');
SELECT is_empty('SELECT * FROM oracle.wrong', 'all is right');

--
-- As time goes on
--
UPDATE task SET ends = NULL WHERE task_id = 3;
SELECT set_config('coachiatry.clock', '2026-02-10 23:59:59.999+00', true) \g /dev/null
INSERT INTO check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, '2026-02-10', 'coach', 1);
SELECT is((SELECT min(planned_through) FROM task_calendar), '2026-02-09', 'until the day has ended no plan is behind');
SELECT set_config('coachiatry.clock', '2026-02-11 00:00+00', true) \g /dev/null
SELECT is((SELECT count(*) FROM task_calendar WHERE stale_at <= clock()), 3::bigint, 'then all are');
INSERT INTO check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, '2026-02-11', 'coach', 1);
SELECT bag_eq($$SELECT person_id, task_id, planned_through, stale_at, calendar::text FROM task_calendar WHERE source = 'plan'$$, $$VALUES
	(1::bigint, 1::bigint, date '2026-02-10', '2026-02-12 00:00+00'::timestamptz, '2026-02-01: ?3 (1,0,0,1)2 ?5'),
	(1, 2, '2026-02-10', '2026-02-12 00:00+00', 'empty'), (2, 3, '2026-02-09', '2026-02-11 00:00+00', '2026-02-03: (2)7')$$,
	'a check-in advances its person''s plans');
SELECT is(advance_plan(only_person => 1), 0::bigint, 'of which none is behind any more');
SELECT results_eq('SELECT advance_plan(''2026-02-20 00:00+00''), advance_plan(''2026-02-20 00:00+00'')', 'VALUES (3::bigint, 0::bigint)',
	'advance_plan advances everybody''s, once');

--
-- Schedules that change
--
SELECT set_config('coachiatry.clock', '2026-03-01 12:00+00', true) \g /dev/null
INSERT INTO person (person_id) VALUES (3);
INSERT INTO task (person_id, task_id, schedule, starts_at) VALUES (3, 30, 'QD', '2026-02-20');
UPDATE task SET schedule = 'BID' WHERE task_id = 30;
SELECT is_empty('SELECT * FROM task_revision', 'on the day it was written a schedule is corrected');
SELECT is((SELECT calendar::text FROM task_calendar WHERE task_id = 30), '2026-02-20: (2)9', 'from the start');
SELECT set_config('coachiatry.clock', '2026-03-05 12:00+00', true) \g /dev/null
INSERT INTO task (person_id, task_id, schedule, starts_at, ends) VALUES (3, 31, 'QD', '2026-03-01', '2026-03-10');
UPDATE task SET schedule = 'QD' WHERE task_id = 30;
UPDATE task SET schedule = 'TID', starts_at = '2026-03-20' WHERE task_id = 30;
UPDATE task SET schedule = 'QOD', starts_at = '2026-04-01' WHERE task_id = 30;
SELECT results_eq('SELECT until, schedule::text FROM task_revision ORDER BY 1', $$VALUES ('2026-03-05'::date, 'BID'::schedule::text), ('2026-03-20', 'QD'::schedule::text),
	('2026-04-01', 'TID'::schedule::text)$$, 'later it changes from that day on, or from its new start');
SELECT is(plan_calendar(3, 30, NULL, '2026-04-04')::text, '2026-02-20: (2)13 ?15 (3)12 ? . ?', 'each in its time');
SELECT set_config('coachiatry.clock', '2026-04-05 12:00+00', true) \g /dev/null
SELECT is((SELECT calendar::text FROM effective_calendar WHERE task_id = 30), '2026-02-20: (2)13 ?15 (3)12 ? . ?',
	'also when that day has come and nobody has written');
SELECT is((SELECT calendar::text FROM effective_calendar WHERE task_id = 31), '2026-03-01: ?9', 'or when a task has ended meanwhile');
SELECT set_config('coachiatry.clock', '2026-03-06 12:00+00', true) \g /dev/null
UPDATE task SET schedule = 'BID;UNITS=2', starts_at = '2026-02-20' WHERE task_id = 30;
SELECT results_eq('SELECT until, schedule::text FROM task_revision ORDER BY 1',
	$$VALUES ('2026-03-05'::date, 'BID'::schedule::text), ('2026-03-06', 'QD'::schedule::text)$$, 'what was to come does not come once it changes again');
SELECT is(plan_calendar(3, 30, NULL, '2026-04-04')::text, '2026-02-20: (2)13 ? (4)30', 'and the new one holds at once');
SELECT is_empty('SELECT * FROM oracle.wrong', 'which is what is kept');

-- Where days begin
UPDATE person SET time_zone = 'Pacific/Kiritimati' WHERE person_id = 3;
SELECT results_eq('SELECT planned_through, stale_at, calendar::text FROM task_calendar WHERE task_id = 30',
	$$VALUES (date '2026-03-06', timestamptz '2026-03-07 10:00+00', '2026-02-20: (2)13 ? (4)')$$, 'at one side of the date line');
UPDATE person SET time_zone = 'Pacific/Pago_Pago' WHERE person_id = 3;
SELECT results_eq('SELECT planned_through, stale_at, calendar::text FROM task_calendar WHERE task_id = 30',
	$$VALUES (date '2026-03-05', timestamptz '2026-03-07 11:00+00', '2026-02-20: (2)13 ?')$$, 'at the other');
UPDATE program_info SET day_start = '03:00';
SELECT results_eq('SELECT planned_through, stale_at, calendar::text FROM task_calendar WHERE task_id = 30',
	$$VALUES (date '2026-03-04', timestamptz '2026-03-06 14:00+00', '2026-02-20: (2)13')$$, 'and where days begin at three');

-- Many at once change as one by one: person 4's tasks in one statement, the same ones of person 5 in one each, in any order.
SELECT set_config('coachiatry.clock', '2026-03-01 12:00+00', true) \g /dev/null
INSERT INTO person (person_id) VALUES (4), (5);
INSERT INTO task (person_id, task_id, schedule, starts_at) SELECT p, 10 * p + t, 'QD', '2026-02-01' FROM generate_series(4, 5) p, generate_series(0, 5) t;
CREATE VIEW oracle.turn AS
SELECT step, t::bigint AS turn, (ARRAY['QD', 'BID', 'TID', 'QOD', NULL]::schedule[])[1 + floor(5 * oracle.random(step, t, 91))] AS schedule,
	CASE WHEN oracle.random(step, t, 92) < 0.4 THEN date '2026-02-20' + floor(60 * oracle.random(step, t, 93))::int END AS starts, oracle.random(step, t, 94) AS place
FROM generate_series(1, 25) step, generate_series(0, 5) t WHERE oracle.random(step, t, 95) < 0.5;
DO $$
DECLARE
	one bigint;
BEGIN
	<<turn_of>>
	FOR step IN 1..25 LOOP
		PERFORM set_config('coachiatry.clock', (timestamptz '2026-03-01 20:00+00' + interval '30 hours' * step)::text, true);
		UPDATE task t SET schedule = o.schedule, starts_at = COALESCE(o.starts, t.starts_at) FROM oracle.turn o WHERE o.step = turn_of.step AND t.task_id = 40 + o.turn;
		FOR one IN SELECT o.turn FROM oracle.turn o WHERE o.step = turn_of.step ORDER BY o.place LOOP
			UPDATE task t SET schedule = o.schedule, starts_at = COALESCE(o.starts, t.starts_at) FROM oracle.turn o WHERE o.step = turn_of.step AND o.turn = one AND t.task_id = 50 + one;
		END LOOP;
	END LOOP;
END
$$;
SELECT cmp_ok((SELECT count(*) FROM task_revision WHERE person_id = 4), '>', 20::bigint, 'tasks change often');
SELECT bag_eq($$SELECT task_id - 40, until, schedule::text, starts_at, revised_at FROM task_revision WHERE person_id = 4$$,
	$$SELECT task_id - 50, until, schedule::text, starts_at, revised_at FROM task_revision WHERE person_id = 5$$, 'all at once as one by one');
SELECT bag_eq($$SELECT task_id - 40, calendar::text, planned_through FROM task_calendar WHERE person_id = 4$$,
	$$SELECT task_id - 50, calendar::text, planned_through FROM task_calendar WHERE person_id = 5$$, 'and so are their kept plans');
SELECT is_empty('SELECT * FROM oracle.wrong', 'which are right');
SELECT throws_ok('UPDATE task SET task_id = 49, schedule = ''FREQ=WEEKLY'' WHERE task_id = 40', '0A000', NULL, 'another key and another schedule at once are refused');
SELECT lives_ok('UPDATE task SET schedule = ''FREQ=WEEKLY'' WHERE task_id = 40', 'another schedule is not');

SELECT * FROM finish();
ROLLBACK;
