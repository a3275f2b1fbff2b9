-- The safety path: what opens it, and that nothing but licensed staff who say what was done ends it. Every role, every act and every correction tries. The
-- clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(155);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'k', 'coordinator', false, NULL, 'coordinator', '[2026-01-01,)'), (6, 'a', 'auditor', false, NULL, 'auditor', '[2026-01-01,)'),
	(7, 'n', 'analyst', false, NULL, 'analyst', '[2026-01-01,)');
INSERT INTO care.person (person_id, name, token_subject, locale) VALUES (1, 'one', 'person', 'en-US'), (2, 'two', NULL, 'en'), (3, 'three', NULL, 'en');
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT 1, s, r, '[2026-01-01,)' FROM (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (2, 4, 'coach', '[2026-01-01,)');
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'PHQ-9', '{9,10}');
INSERT INTO care.crisis_resource (name, reach, locale, position) VALUES ('second', '2', NULL, 2), ('first', '1', 'en', 1), ('elsewhere', '3', 'fr', 1);
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, gap_hazard_days)
SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, 2, 3 FROM generate_series(1, 2) p;

CREATE VIEW oracle.live AS
SELECT person_id, string_agg(kind || ' ' || acts_on || coalesce(' ' || owner_staff_id, '') || ' ' || state, ', ' ORDER BY kind) AS list FROM care.warning WHERE closed_at IS NULL GROUP BY person_id;

--
-- What opens it
--
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '9', '2026-03-10', 0), (1, 1, '8', '2026-03-10', 3), (1, 1, '', '2026-03-10', 20);
SELECT is_empty('SELECT * FROM oracle.live', 'an answer of 0, another item and a total open nothing');
SELECT oracle.act('person', 'INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, source, value) VALUES (1, 1, ''10'', ''2026-03-10'', ''person'', 1)') \g /dev/null
SELECT is((SELECT list FROM oracle.live WHERE person_id = 1), 'self_harm therapist 2 open', 'an answer above 0 does, in the statement, for the therapist');
UPDATE care.measurement SET value = 2 WHERE item = '9';
SELECT is((SELECT list FROM oracle.live WHERE person_id = 1), 'self_harm therapist 2 open, self_harm therapist 2 open', 'and so does one that was corrected');
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 10, '2026-02-01', 2);
SELECT is((SELECT count(*) FROM care.warning WHERE kind = 'over_use'), 0::bigint, 'the most that is allowed is allowed');
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (1, 10, '2026-03-10', 'device', 3);
SELECT is((SELECT array_agg(acts_on || owner_staff_id || evidence) FROM care.warning WHERE kind = 'over_use'), ARRAY['prescriber1[{"day": "2026-03-10", "units": 3}]'],
	'more is for the prescriber, today, whichever source says so');
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 1, 10, date '2026-02-02' + n, 1 FROM generate_series(0, 1) n;
SELECT is((SELECT count(*) FROM care.warning WHERE kind = 'gap'), 0::bigint, 'two missed days are no gap of three');
INSERT INTO care.check_in (person_id, task_id, due_on, missed) VALUES (1, 10, '2026-02-05', 1);
SELECT is((SELECT array_agg(acts_on || evidence) FROM care.warning WHERE kind = 'gap'), ARRAY['prescriber[{"from": "2026-02-02"}]'], 'three are, and silence between them is not taking');
-- A gap whose last day is recorded ahead, of a task that no rule watches.
SAVEPOINT before;
UPDATE care.warning_rule SET enabled = false WHERE stream = 'task';
INSERT INTO care.episode (person_id, started) VALUES (3, '2026-02-01');
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, gap_hazard_days) VALUES (3, 30, 'exposure', 'FREQ=DAILY', '2026-02-01', 3);
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 3, 30, d, 1 FROM generate_series(date '2026-03-09', '2026-03-11', '1 day') d;
SELECT care.sweep() \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-11 12:00+00';
SELECT care.sweep() \g /dev/null
SELECT is((SELECT array_agg(evidence) FROM care.warning WHERE person_id = 3 AND kind = 'gap'), ARRAY['[{"from": "2026-03-09"}]']::jsonb[],
	'a gap that was recorded ahead is warned of when its last day comes, though no rule watches the task');
UPDATE care.task SET status = 'stopped', ends = '2026-03-20' WHERE task_id = 30;
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT 3, 30, d, (d = '2026-03-12')::int, (d > '2026-03-12')::int FROM generate_series(date '2026-03-12', '2026-03-15', '1 day') d;
SELECT care.sweep() \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-13 12:00+00';
SELECT care.sweep() \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-15 12:00+00';
SELECT care.sweep() \g /dev/null
SELECT is((SELECT evidence FROM care.warning WHERE person_id = 3 AND kind = 'gap'), '[{"from": "2026-03-09"}, {"from": "2026-03-13"}]'::jsonb, 'and so is one of a task that was stopped');
-- Whoever has no row of recheck, as after a load without triggers, is found once a day.
DELETE FROM care.recheck;
SELECT is((SELECT people FROM care.sweep()), 0, 'nobody is due');
SET LOCAL coachiatry.clock = '2026-03-16 12:00+00';
SELECT is((SELECT people FROM care.sweep())::bigint, (SELECT count(*) FROM care.coached), 'but on the next day whoever is coached');
ROLLBACK TO before;
SELECT is(oracle.read('coach', 'SELECT string_agg(name, '','') FROM care.raise_concern(1, ''sounded hopeless'')'), 'first,second', 'whoever is concerned is answered with the crisis resources of the locale');
SELECT is((SELECT evidence -> 0 ->> 'words' FROM care.warning WHERE kind = 'concern'), 'sounded hopeless', 'and the clinicians are told their words');
SELECT is(oracle.said('coach', 'SELECT care.raise_concern(3, ''x'')'), 'P0002', 'not about people whom they do not see');
SELECT is(oracle.said('coach', 'SELECT care.raise_concern(1, '''')'), '22023', 'and not without words');
SELECT is(oracle.said('person', 'SELECT care.raise_concern(1, ''x'')'), '42501', 'the person has other ways');
SELECT oracle.act('supervisor', 'SELECT care.raise_concern(1, ''again'')') \g /dev/null
SELECT is((SELECT array_agg(e.event ORDER BY e.warning_event_id) FROM care.warning_event e JOIN care.warning w USING (person_id, warning_id) WHERE w.kind = 'concern'),
	'{opened,answer_changed}'::text[], 'a second concern notifies again, in the same warning');
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1 AND safety AND severity = 3 AND closed_at IS NULL), 5::bigint, 'five are open, all of them critical');

--
-- Who sees what
--
SELECT is(oracle.read('coach', 'SELECT string_agg(kind || '': '' || why, ''|'') FROM care.open_item WHERE person_id = 1 AND kind ~ ''safe''') , 'safety_hold: clinician informed; pause exposure and streak prompts; do not encourage a restart',
	'the coach reads a hold without content');
SELECT is(oracle.read('coach', 'SELECT count(*)::text FROM care.warning WHERE safety'), '0', 'and no warning');
SELECT is(oracle.read('supervisor', 'SELECT count(*)::text FROM care.warning_event WHERE acts_on <> ''coach'''), '0', 'a supervisor none of their events');
SELECT is(oracle.read('therapist', 'SELECT string_agg(DISTINCT kind, '','' ORDER BY kind) FROM care.open_item WHERE urgency < 10'), 'safety', 'a clinician sees them, first of all');
SELECT is(oracle.read('prescriber', 'SELECT urgency::text FROM care.my_day WHERE person_id = 1'), '5', 'in my_day too');
SELECT is(oracle.said(who, 'SELECT 1 FROM care.warning'), '42501', who || ' cannot read them') FROM unnest('{person,coordinator,auditor,analyst}'::text[]) who;

--
-- What does not end it
--
CREATE TABLE oracle.attempt (n serial, statement text, wanted text);
INSERT INTO oracle.attempt (statement) VALUES
	('SELECT care.silence_warning(w.warning_id, ''2026-04-01'') FROM (SELECT {w}::bigint AS warning_id) w'), ('SELECT care.decline_warning({w}, ''x'')'),
	('UPDATE care.warning SET state = ''resolved'', closed_at = now(), closed_on = now() WHERE warning_id = {w}'), ('DELETE FROM care.warning WHERE warning_id = {w}'),
	('INSERT INTO care.warning_event (person_id, warning_id, acts_on, event) VALUES (1, {w}, {a}, ''retracted'')'),
	('INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, reason, done) VALUES (1, {w}, {a}, ''resolved'', ''x'', ''x'')'),
	('SELECT care.resolve_warning({w}, ''x'')');
SELECT w.warning_id AS w, quote_literal(w.acts_on) AS a FROM care.warning w WHERE kind = 'self_harm' AND item = '9' \gset
SELECT isnt(oracle.said(who, replace(replace(statement, '{w}', :'w'), '{a}', :'a')), 'done', format('%s: %s', who, statement))
FROM unnest('{person,coach,supervisor,prescriber,therapist,coordinator,auditor,analyst,owner,superuser}'::text[]) who, oracle.attempt ORDER BY who, n;
SELECT is(oracle.said('owner', format('SELECT care.resolve_warning(%s, %L, %L)', :w, 'x', 'y')), '55000', 'the owner is no licensed staff');

-- Corrections: to 0, taken away, rules off, faults, the end of coaching, a merge.
UPDATE care.measurement SET value = 0 WHERE item = '9';
SELECT is((SELECT state || ' ' || evidence_stands || ' ' || evidence FROM care.warning WHERE warning_id = :w), 'open false []', 'a changed answer ends nothing');
SELECT is((SELECT event || ' ' || detail FROM care.warning_event WHERE warning_id = :w ORDER BY warning_event_id DESC LIMIT 1), (SELECT format('answer_changed [{"value": 2, "measurement": %s}]', measurement_id)
	FROM care.measurement WHERE item = '9'), 'it tells what it was');
DELETE FROM care.measurement;
DELETE FROM care.check_in;
UPDATE care.task SET max_units_per_day = NULL, gap_hazard_days = NULL;
UPDATE care.warning_rule SET enabled = false;
SELECT care.sweep() \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1 AND safety AND closed_at IS NULL), 5::bigint, 'nor do facts that are taken away, rules that are off, or a sweep');
ALTER TABLE care.warning_rule DROP CONSTRAINT warning_rule_has_parameters_of_its_detector;
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on) VALUES ('broken', 'x', 'task', 'missed_run', '{"n": 0}', 'coach');
UPDATE care.instrument SET self_harm_items = '{9,10,11}';
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '11', '2026-03-10', 1);
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1 AND safety AND closed_at IS NULL), 6::bigint, 'a rule with a fault keeps nothing back');
UPDATE care.task SET status = 'stopped', ends = '2026-03-10' WHERE person_id = 1;
UPDATE care.episode SET ended = '2026-03-10', reason = 'x' WHERE person_id = 1;
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '11', '2026-03-09', 3);
SELECT is((SELECT array_agg(event ORDER BY warning_event_id) FROM care.warning_event e WHERE warning_id = (SELECT warning_id FROM care.warning WHERE item = '11')), '{opened,answer_changed}'::text[],
	'who is no longer coached is heard');
SELECT is(oracle.read('therapist', 'SELECT urgency::text FROM care.my_day WHERE person_id = 1'), '5', 'and is in the day of their clinicians');

-- Nobody there.
SELECT oracle.act('coach', 'SELECT care.raise_concern(2, ''x'')') \g /dev/null
SELECT is((SELECT list FROM oracle.live WHERE person_id = 2), 'concern therapist open, no_clinician supervisor 3 open', 'no clinician: the supervisor is warned');
SELECT is(oracle.read('supervisor', 'SELECT string_agg(kind || urgency, '','' ORDER BY urgency) FROM care.open_item WHERE person_id = 2 AND urgency < 10'), 'safety_hold6,warning8', 'and reads that, not why');
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (2, 2, 'therapist', '[2026-03-01,)');
SELECT is((SELECT list FROM oracle.live WHERE person_id = 2), 'concern therapist 2 open', 'until there is one, whose it is then');
SELECT care.merge_persons(2, 1) \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 2 AND safety AND closed_at IS NULL), 7::bigint, 'a merge loses none, and makes none of two one');
SELECT is((SELECT count(*) FROM care.warning_event WHERE person_id = 1), 0::bigint, 'their stories go with them');
SELECT is_empty('SELECT 1 FROM care.warning w WHERE NOT EXISTS (SELECT FROM care.warning_event e WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id AND e.event = ''opened'')', 'every one of them whole');

--
-- What ends it
--
SELECT is(oracle.said('therapist', format('SELECT care.resolve_warning(%s, %L)', :w, 'spoke')), '55000', 'not without what was done');
SELECT oracle.act('therapist', format('SELECT care.acknowledge_warning(%s, %L)', :w, '2026-03-10 14:00+00')) \g /dev/null
SELECT is(oracle.read('therapist', 'SELECT count(*)::text FROM care.open_item WHERE kind = ''safety'''), '7', 'acknowledged, it is still shown');
SELECT oracle.act('therapist', format('SELECT care.resolve_warning(%s, %L, %L)', :w, 'asked, no intent', 'safety plan renewed')) \g /dev/null
SELECT is((SELECT state FROM care.warning WHERE warning_id = :w), 'resolved', 'licensed staff who say what they found and what was done');
SELECT is((SELECT format('%s %s %s', by_staff_id, reason, done) FROM care.warning_event WHERE warning_id = :w AND event = 'resolved'), '2 asked, no intent safety plan renewed', 'which is kept');
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (2, 1, '9', '2026-03-10', 1);
SELECT is((SELECT count(*) FROM care.warning WHERE item = '9' AND closed_at IS NULL), 1::bigint, 'a new answer is a new warning');
SELECT warning_id AS w FROM care.warning WHERE item = '9' AND closed_at IS NULL \gset
SELECT oracle.act('therapist', format('SELECT care.resolve_warning(%s, %L, %L)', :w, 'x', 'y')) \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE item = '9' AND closed_at IS NULL), 0::bigint, 'an answer that was followed up is not opened again');
UPDATE care.measurement SET value = 3 WHERE item = '9';
SELECT is((SELECT count(*) FROM care.warning WHERE item = '9' AND closed_at IS NULL), 1::bigint, 'unless it is another answer');

--
-- The catalogue of instruments
--
SELECT setval(pg_get_serial_sequence('care.instrument', 'instrument_id'), 100) \g /dev/null
SELECT is(care.add_instrument('EPDS'), care.add_instrument('EPDS'), 'an instrument is adopted once');
SELECT is((SELECT self_harm_items FROM care.instrument WHERE name = 'EPDS'), '{10}'::text[], 'with the items that ask about self-harm');
SELECT throws_ok($$SELECT care.add_instrument('EPDS-2')$$, 'P0002', 'no instrument "EPDS-2" in the catalogue', 'there is no other');
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) SELECT 2, instrument_id, '10', '2026-03-10', 1 FROM care.instrument WHERE name = 'EPDS';
SELECT is((SELECT count(*) FROM care.warning w JOIN care.instrument i USING (instrument_id) WHERE i.name = 'EPDS' AND w.closed_at IS NULL AND w.safety), 1::bigint, 'and these are heard');
SELECT is((SELECT array_agg(name || ' ' || self_harm_items::text ORDER BY name) FROM instrument_catalogue WHERE name IN ('PHQ-9', 'PHQ-8')), '{"PHQ-8 {}","PHQ-9 {9}"}'::text[],
	'item 9 of the PHQ-9 is one, and the PHQ-8 has none');

--
-- Where the safety path itself fails
--
INSERT INTO care.person (person_id) VALUES (11), (12);
INSERT INTO care.episode (person_id, started) SELECT p, '2026-03-01' FROM generate_series(11, 12) p;
SELECT care.sweep() \g /dev/null
ALTER TABLE care.warning ADD CONSTRAINT broken CHECK (kind <> 'self_harm' AND NOT evidence @> '[{"found": [{"label": "self_harm"}]}]') NOT VALID;
SELECT lives_ok($$INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (11, 1, '9', '2026-03-10', 3)$$, 'an answer that cannot be told is recorded');
SELECT is((SELECT array_agg(kind || ' ' || (evidence -> 0 ->> 'unchecked') || ' ' || (evidence -> 0 ->> 'state')) FROM care.warning WHERE person_id = 11 AND safety), '{"concern record 23514"}', 'that it cannot is told');
SELECT is((SELECT count(*) FROM care.open_item WHERE person_id = 11 AND kind = 'fault'), 1::bigint, 'and an open item');
SELECT ok((SELECT due_at <= clock() FROM care.recheck WHERE person_id = 11), 'and the next sweep tries again');
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (11, 1, '9', '2026-03-09', 1), (12, 1, '9', '2026-03-09', 0);
SELECT care.sweep() \g /dev/null
SELECT is((SELECT count(*) FROM care.warning_event e JOIN care.warning w USING (person_id, warning_id) WHERE w.kind = 'concern' AND w.person_id IN (11, 12)), 1::bigint, 'it is told once, and of nobody else');
SELECT lives_ok($$INSERT INTO care.message (person_id, author_kind, message_id, body) VALUES (12, 'person', 12001, 'I want to kill myself')$$, 'so are words that cannot be told');
SELECT is((SELECT array_agg(kind || ' ' || (evidence #>> '{0,unchecked,message}')) FROM care.warning WHERE person_id = 12 AND safety), '{"concern 12001"}', 'which somebody is to read');
ALTER TABLE care.warning DROP CONSTRAINT broken;
SELECT care.sweep() \g /dev/null
SELECT is((SELECT array_agg(kind || ' ' || jsonb_array_length(evidence) ORDER BY kind) FROM care.warning WHERE person_id = 11 AND safety), '{"concern 1","self_harm 2"}', 'once it can be told, it is');
ALTER TABLE care.warning ADD CONSTRAINT broken CHECK (kind NOT IN ('self_harm', 'concern')) NOT VALID;
SELECT throws_ok($$INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (12, 1, '9', '2026-03-10', 3)$$, '23514', NULL, 'what nobody can be told of is refused');
SELECT throws_ok($$INSERT INTO care.message (person_id, author_kind, body) VALUES (12, 'person', 'I want to kill myself')$$, '23514', NULL, 'and so are such words');
ALTER TABLE care.warning DROP CONSTRAINT broken;

-- What anybody may set for their session silences nothing; for what sticks to a session see the isolation spec warning_settings.
CREATE FUNCTION oracle.raised(setting text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	who bigint := 1000 + (SELECT count(*) FROM care.person);
	told text;
BEGIN
	INSERT INTO care.person (person_id, token_subject) VALUES (who, who::text);
	INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, imported_from, max_units_per_day) VALUES (who, who, 'medication', 'FREQ=DAILY', '2026-02-01', 'x', 2);
	PERFORM set_config(setting, value, true);
	BEGIN
		INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (who, 1, '9', '2026-03-10', 3);
		INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (who, who, '2026-03-09', 9);
		INSERT INTO care.message (person_id, author_kind, body) VALUES (who, 'person', 'I want to kill myself');
		PERFORM care.ingest_measurements(format('[{"person_id": %s, "instrument_id": 1, "item": "9", "measured_on": "2026-02-30", "value": 3}]', who)::jsonb, true);
		SELECT string_agg(w.kind || ' ' || jsonb_array_length(w.evidence), ', ' ORDER BY w.kind) INTO told FROM care.warning w WHERE w.person_id = who AND w.safety;
	EXCEPTION WHEN insufficient_privilege THEN
		told := 'all refused';
	END;
	PERFORM set_config(setting, (SELECT reset_val FROM pg_settings s WHERE s.name = raised.setting), true);
	RETURN told;
END
$$;
SELECT is(oracle.raised(v.setting, v.value), CASE v.setting WHEN 'row_security' THEN 'all refused' ELSE 'concern 2, over_use 1, self_harm 1' END, format('all is told with %s = %s', v.setting, v.value))
FROM (VALUES ('plpgsql.extra_errors', 'all'), ('plpgsql.extra_warnings', 'none'), ('array_nulls', 'off'), ('standard_conforming_strings', 'off'), ('transform_null_equals', 'on'),
	('default_text_search_config', 'pg_catalog.simple'), ('datestyle', 'German'), ('intervalstyle', 'iso_8601'), ('timezone', 'Pacific/Apia'), ('extra_float_digits', '-15'), ('bytea_output', 'escape'),
	('xmloption', 'document'), ('plan_cache_mode', 'force_custom_plan'), ('search_path', 'pg_temp, oracle'), ('work_mem', '64kB'), ('enable_nestloop', 'off'), ('enable_indexscan', 'off'),
	('gin_fuzzy_search_limit', '1'), ('constraint_exclusion', 'on'), ('check_function_bodies', 'off'), ('client_min_messages', 'error'), ('row_security', 'off'), ('synchronous_commit', 'off')) v (setting, value);

SELECT * FROM finish();
ROLLBACK;
