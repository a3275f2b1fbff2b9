-- What is beyond a limit concerns nobody else: a plan of more units than a calendar holds, an excuse given a hundred times, a contact at the end of time, an
-- item that no index takes; and what is looked at once more, of those who are not coached any more too. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(70);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject, locale) SELECT p, 'person' || p, 'en' FROM generate_series(1, 3) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 3) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'PHQ-9', '{9}');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, created_at)
SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, 2, '2026-02-01' FROM generate_series(1, 3) p;
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, prescribed_by, max_units_per_day) VALUES (2, 21, 'medication', 'FREQ=DAILY', '2026-02-01', 1, 2);
-- The warnings of somebody, with their events.
CREATE FUNCTION oracle.warnings(who bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s: %s', COALESCE(r.name, w.kind), (SELECT string_agg(e.event, ' ' ORDER BY e.warning_event_id) FROM care.warning_event e
		WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id)), ', ' ORDER BY w.warning_id)
	FROM care.warning w LEFT JOIN care.warning_rule r USING (warning_rule_id) WHERE w.person_id = who
$$;
-- Of whom a sweep warns by rules.
CREATE FUNCTION oracle.swept() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM care.sweep();
	RETURN (SELECT string_agg(DISTINCT w.person_id::text, ' ') FROM care.warning w WHERE w.kind = 'rule');
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
-- Whether a refused entry is told.
CREATE FUNCTION oracle.tells(record text, entry jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	refused bigint;
	told bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM care.ingest_%ss($1, true)', record) INTO refused USING jsonb_build_array(entry);
	told := (SELECT count(*) FROM care.warning WHERE kind = 'concern');
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = (refused > 0 AND told > 0)::text;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM::boolean;
END
$$;
SAVEPOINT start;

--
-- More units than a calendar holds
--
CREATE TABLE oracle.schedule (schedule coachiatry.schedule, starts_at timestamp);
INSERT INTO oracle.schedule
SELECT s::coachiatry.schedule, t FROM unnest(ARRAY['FREQ=DAILY;BYHOUR=8,20;UNITS=50', 'FREQ=DAILY;BYHOUR=8,20;UNITS=49', 'FREQ=DAILY;UNITS=99', 'FREQ=HOURLY;UNITS=5', 'FREQ=HOURLY;UNITS=4',
	'FREQ=HOURLY;INTERVAL=7;UNITS=24', 'FREQ=HOURLY;INTERVAL=7;UNITS=25', 'FREQ=MINUTELY;INTERVAL=14', 'FREQ=MINUTELY;INTERVAL=15', 'FREQ=MINUTELY;COUNT=99', 'FREQ=MINUTELY;COUNT=100',
	'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=8,20;UNITS=50', 'FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;BYHOUR=8,20;UNITS=50', 'FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;BYHOUR=8,20;UNITS=49',
	'FREQ=DAILY;BYHOUR=8,20;BYSETPOS=1;UNITS=50', 'FREQ=DAILY;BYHOUR=8,20;UNITS=50;COUNT=1', 'FREQ=DAILY;INTERVAL=90;BYHOUR=8,20;UNITS=50', 'AS-NEEDED;UNITS=99', NULL]) s,
	unnest('{2026-03-11 00:00,2026-03-10 21:30,2025-06-01 07:59,2000-01-01 00:00}'::timestamp[]) t;
CREATE FUNCTION oracle.planned_as(s oracle.schedule) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE care.task SET schedule = s.schedule, starts_at = s.starts_at WHERE task_id = 10;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = 'taken';
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
SELECT * FROM oracle.agree($$SELECT format('%s from %s', s.schedule, s.starts_at) AS about, oracle.planned_as(s) AS got, CASE WHEN (
	SELECT bool_or(units_due(s.schedule, s.starts_at, s.starts_at::date + d) > 99) FROM generate_series(0, 2000) d) THEN '22003' ELSE 'taken' END AS wanted FROM oracle.schedule s$$,
	'a schedule is refused if and only if a day of it holds more than 99 units');
SELECT ok((SELECT count(*) > 10 FROM oracle.schedule s WHERE oracle.planned_as(s) = w), 'there are some that are ' || w) FROM unnest('{22003,taken}'::text[]) w;
SELECT throws_ok('UPDATE care.task SET schedule = ''FREQ=DAILY;BYHOUR=8,20;UNITS=50'' WHERE task_id = 20', '22003', 'a schedule has at most 99 units a day: "FREQ=DAILY;BYHOUR=8,20;UNITS=50"',
	'of which the value is quoted');
SELECT throws_ok($$INSERT INTO care.task (person_id, kind, schedule, starts_at) VALUES (1, 'activity', 'FREQ=HOURLY;UNITS=5', '2026-03-11')$$, '22003', NULL, 'and so for a new task, though it begins tomorrow');
SELECT throws_ok($$INSERT INTO care.task_revision (person_id, task_id, until, schedule, starts_at) VALUES (1, 10, '2026-09-01', 'FREQ=HOURLY;UNITS=5', '2026-03-11')$$, '22003', NULL,
	'and one that is to change later');
SELECT throws_ok($$INSERT INTO care.task (person_id, kind, schedule, starts_at) VALUES (1, 'activity', 'FREQ=DAILY', 'infinity')$$, '23514', NULL, 'a schedule that begins at no time is refused as before');
SELECT is(oracle.said('prescriber', 'UPDATE care.task SET schedule = ''FREQ=DAILY;BYHOUR=8,20;UNITS=50'' WHERE task_id = 20'), '22003', 'a prescriber is told');
SELECT is(oracle.said('prescriber', 'UPDATE care.task SET schedule = ''FREQ=DAILY;BYHOUR=8,20;UNITS=2'' WHERE task_id = 20'), 'done', 'and may plan what can be kept');
-- A plan that fails all the same, for whatever reason.
ALTER TABLE care.task DROP CONSTRAINT task_schedule_fits;
ALTER TABLE care.task_revision DROP CONSTRAINT task_revision_schedule_fits;
UPDATE care.task SET schedule = 'FREQ=DAILY;BYHOUR=8,20;UNITS=50' WHERE task_id = 20;
SET LOCAL coachiatry.clock = '2026-03-12 12:00+00';
SAVEPOINT failing;
SELECT is(oracle.swept(), '1 2 3', 'where the plan of one person fails, everybody is warned of by a sweep');
SELECT is((SELECT array_agg(person_id || ' ' || task_id ORDER BY task_id) FROM care.task_calendar WHERE source = 'plan' AND planned_through < '2026-03-11'), '{"2 20","2 21"}',
	'and the plans of everybody else go on');
SELECT ok(oracle.warnings(2) ~ 'concern: opened', 'of whoever could not be looked at as a whole the clinicians are told');
SELECT is((SELECT string_agg(person_id || ' ' || state, ', ') FROM care.stream_fault WHERE warning_rule_id IS NULL AND cleared_at IS NULL), '2 22003', 'and the fault is noted');
SELECT ok((SELECT due_at <= clock() FROM care.recheck WHERE person_id = 2), 'the next sweep looks again');
SELECT is(oracle.swept(), '1 2 3', 'it does');
SELECT is((SELECT count(*) FROM care.stream_fault WHERE warning_rule_id IS NULL), 1::bigint, 'the fault is one');
SELECT is((SELECT count(*) FROM care.warning_event e JOIN care.warning w USING (person_id, warning_id) WHERE w.kind = 'concern'), 1::bigint, 'which is told once');
-- The schedule is mended.
SET LOCAL coachiatry.clock = '2026-03-10 13:00+00';
UPDATE care.task SET schedule = 'FREQ=DAILY' WHERE task_id = 20;
SET LOCAL coachiatry.clock = '2026-03-12 13:00+00';
SELECT care.sweep() \g /dev/null
SELECT is_empty('SELECT FROM care.stream_fault WHERE cleared_at IS NULL', 'once the plan can be advanced there is no fault');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'and all that is kept is as it should be');
ROLLBACK TO failing;
SELECT care.advance_plan() AS advanced \gset
SELECT is(:advanced::bigint, 2::bigint, 'advance_plan() advances those of everybody else');
SELECT care.sweep() \g /dev/null
UPDATE care.recheck SET due_at = '2026-06-01';
SELECT is(oracle.act('person2', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (2, 21, ''2026-03-11'', ''person'', 9)'), '1',
	'a check-in of another task of that person is recorded');
SELECT ok(oracle.warnings(2) ~ 'over_use: opened', 'and over-use in it is warned of');
SELECT ok((SELECT due_at <= clock() FROM care.recheck WHERE person_id = 2), 'the next sweep looks at the person');
SELECT is(oracle.act('person2', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (2, 20, ''2026-03-11'', ''person'', 1)'), '1', 'and so is one of the task itself');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Excused a hundred times
--
INSERT INTO care.excused_period (person_id, during, imported_from) SELECT 2, '[2026-03-11,)', 'hospital' FROM generate_series(1, 100);
INSERT INTO care.excused_period (person_id, task_id, during, imported_from) VALUES (2, 20, '[2026-03-10,2026-03-13)', 'hospital'), (2, 20, '[2026-03-12,2026-03-16)', 'hospital');
SET LOCAL coachiatry.clock = '2026-03-15 12:00+00';
SELECT is(oracle.swept(), '1 2 3', 'an import that excuses somebody a hundred times ends no sweep');
SELECT is((SELECT array_agg(d.day || ' ' || d.excused ORDER BY d.day) FROM care.task_calendar k, to_adherence_days(k.calendar) d WHERE k.task_id = 20 AND k.source = 'plan' AND d.excused > 0),
	'{"2026-03-10 1","2026-03-11 1","2026-03-12 1","2026-03-13 1","2026-03-14 1"}', 'a day is excused once');
SELECT is((SELECT count(*) FROM care.caseload), 3::bigint, 'the caseload can be read');
SELECT is(oracle.said('coach', 'SELECT count(*) FROM care.my_day'), 'done', 'and the day of the coach');
SELECT is(oracle.act('person2', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (2, 21, ''2026-03-14'', ''person'', 1)'), '1', 'and checked in');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'all that is kept is as it should be');
DELETE FROM care.excused_period WHERE task_id IS NULL;
SELECT is((SELECT count(*) FROM care.task_calendar k, to_adherence_days(k.calendar) d WHERE k.task_id = 20 AND k.source = 'plan' AND d.excused > 0), 5::bigint,
	'a day that is excused twice is so until both are taken back');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- What was loaded without triggers
--
SELECT care.end_episode(2, (SELECT episode_id FROM care.episode WHERE person_id = 2), 'moved') \g /dev/null
SELECT care.sweep() \g /dev/null
SET LOCAL session_replication_role = replica;
INSERT INTO care.check_in (person_id, task_id, due_on, taken) SELECT p, p * 10, '2026-03-09', 9 FROM generate_series(1, 2) p;
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) SELECT p, 1, '9', '2026-03-09', 3 FROM generate_series(1, 2) p;
SET LOCAL session_replication_role = origin;
SELECT care.sweep() \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE safety), 0::bigint, 'nobody has looked at it');
SELECT is(care.rebuild_derived(), 4::bigint, 'rebuild_derived() finds it');
SELECT care.sweep() \g /dev/null
SELECT is((SELECT array_agg(kind ORDER BY kind) FROM care.warning WHERE person_id = p AND safety), '{over_use,self_harm}', 'and has it looked at, whether they are coached or not: person ' || p) FROM generate_series(1, 2) p;
SELECT is((SELECT array_agg(person_id ORDER BY 1) FROM care.recheck), '{1,3}'::bigint[], 'once: who is not coached is not looked at any more');
SELECT is((SELECT people FROM care.sweep()), 0, 'and nobody is due');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- What the catalogue says later
--
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '10', '2026-03-09', 3), (2, 1, '10', '2026-03-09', 3), (2, 1, '11', '2026-03-09', 3);
SELECT care.end_episode(2, (SELECT episode_id FROM care.episode WHERE person_id = 2), 'moved') \g /dev/null
SELECT care.sweep() \g /dev/null
UPDATE care.instrument SET self_harm_items = '{9,10}';
SELECT care.sweep() \g /dev/null
SELECT is((SELECT array_agg(kind || ' ' || item) FROM care.warning WHERE person_id = p AND safety), '{"self_harm 10"}',
	'an item that is added to the catalogue is looked for in what has been answered, by whoever is coached or not: person ' || p) FROM generate_series(1, 2) p;
UPDATE care.program_info SET source_precedence = '{device,seen,pharmacy,coach,person,proxy,import}';
SELECT is((SELECT array_agg(person_id ORDER BY 1) FROM care.recheck WHERE due_at = '-infinity'), '{1,2,3}'::bigint[], 'whom to believe is a matter of everybody''s gaps');
SELECT care.sweep() \g /dev/null
UPDATE care.warning_rule SET severity = severity;
SELECT is((SELECT array_agg(person_id ORDER BY 1) FROM care.recheck WHERE due_at = '-infinity'), '{1,3}'::bigint[], 'rules are of those who are coached');
-- Whoever is written to before the sweep is looked at then.
UPDATE care.instrument SET self_harm_items = '{9,10,11}';
UPDATE care.check_in SET taken = 1;
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) VALUES (2, 20, '2026-03-08', 0, 1);
SELECT care.sweep() \g /dev/null
SELECT ok((SELECT bool_or(item = '11') FROM care.warning WHERE person_id = 2), 'who is not coached, and checks in before the next sweep, is looked at');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Contacts at no time
--
SELECT is(oracle.said('coach', format('INSERT INTO care.contact (person_id, staff_id, channel, started_at) VALUES (1, 4, ''voice'', %L)', t)), '23514', 'no contact begins at ' || t)
FROM unnest('{infinity,-infinity,1826-03-10 12:00+00,1989-12-31 23:59:59+00,2150-01-01 00:00+00,294276-12-31 12:00+00,4000-01-01 12:00+00 BC}'::text[]) t;
SELECT is(oracle.said('coach', 'INSERT INTO care.contact (person_id, staff_id, channel, ended_at) VALUES (1, 4, ''voice'', ''infinity'')'), '23514', 'nor is one without end');
SELECT is(oracle.said('coach', format('INSERT INTO care.contact (person_id, staff_id, channel, started_at, ended_at) VALUES (1, 4, ''voice'', %L, NULL)', t)), 'done', 'but one may begin at ' || t)
FROM unnest('{1990-01-01 00:00+00,2026-03-10 11:00+00,2149-12-31 23:59:59+00}'::text[]) t;
INSERT INTO care.contact (person_id, staff_id, channel, started_at) VALUES (1, 4, 'voice', '1990-01-01 00:00+00'), (1, 4, 'voice', '2149-12-31 23:59:59+00');
SELECT care.sweep() \g /dev/null
SELECT ok(oracle.warnings(1) ~ 'no contact', 'of long ago and far ahead nobody was reached lately');
SELECT is(oracle.said('coach', 'SELECT count(why) FROM care.my_day'), 'done', 'and the day of the coach can be read');
SELECT is_empty('SELECT FROM care.stream_fault', 'nothing failed');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- Rows that no index takes
--
CREATE TABLE oracle.long AS SELECT string_agg(md5(i::text), '') AS words FROM generate_series(1, 300) i;
SAVEPOINT long;
CREATE FUNCTION oracle.load(item text, partial boolean) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg("row" || ' ' || sqlstate, ', ') FROM care.ingest_measurements(jsonb_build_array('{"person_id": 2, "instrument": "PHQ-9", "item": "9", "measured_on": "2026-03-09", "value": 3}'::jsonb,
		jsonb_build_object('person_id', 1, 'instrument', 'PHQ-9', 'measured_on', '2026-03-09', 'value', 1, 'item', load.item)), load.partial)
$$;
SELECT is(oracle.load(words, true), '2 23514', 'a row with an item of 9600 letters is refused alone') FROM oracle.long;
SELECT is(oracle.warnings(2), 'self_harm: opened', 'and what somebody else says in the same load is warned of');
ROLLBACK TO long;
SELECT lives_ok(format('INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, %L, ''2026-03-09'', 1)', left(words, 200)), 'an item may have 200 bytes') FROM oracle.long;
SELECT throws_ok(format('INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, %L, ''2026-03-09'', 1)', i), '23514', NULL, 'but no more')
FROM (SELECT left(words, 201) FROM oracle.long UNION ALL SELECT repeat(chr(233), 101)) AS o (i);
-- An index of a site.
CREATE INDEX ON care.check_in (person_id, note);
SELECT is((SELECT string_agg(r."row" || ' ' || r.sqlstate, ', ') FROM oracle.long, care.ingest_check_ins(jsonb_build_array(
	'{"person_id": 2, "task_id": 20, "due_on": "2026-03-09", "taken": 9}'::jsonb, jsonb_build_object('person_id', 1, 'task_id', 10, 'due_on', '2026-03-09', 'taken', 1, 'note', words)), true) r),
	'2 54000', 'whatever else is too large is the fault of its row');
SELECT is(oracle.warnings(2), 'over_use: opened', 'and of no other');
ROLLBACK TO start;
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';

--
-- An instrument of one question
--
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (2, 'single question', '{"",""}');
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) VALUES (1, 2, '2026-03-08', 0), (2, 2, '2026-03-08', 0), (3, 1, '2026-03-09', 27);
SELECT is((SELECT count(*) FROM care.warning WHERE safety), 0::bigint, 'an answer of 0, and a total of many questions, are none of self-harm');
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) VALUES (1, 2, '2026-03-09', 3);
SELECT is(oracle.warnings(1), 'self_harm: opened', 'where the total is named as an item about self-harm it warns');
SELECT is((SELECT jsonb_array_length(evidence) FROM care.warning WHERE person_id = 1), 1, 'of one answer once, however often it is named');
SELECT ok(oracle.tells('measurement', format('{"person_id": 2, "instrument": "single question", %s"measured_on": "2026-03-09", "value": 3, "source": "phone"}', i)::jsonb), 'one that is refused is told' || w)
FROM (VALUES ('', ', without an item'), ('"item": "", ', ', with an empty one'), ('"item": null, ', ', with none')) AS v (i, w);
SELECT ok(NOT oracle.tells('measurement', '{"person_id": 2, "instrument": "PHQ-9", "measured_on": "2026-03-09", "value": 3, "source": "phone"}'), 'but not the total of another instrument');

SELECT * FROM finish();
ROLLBACK;
