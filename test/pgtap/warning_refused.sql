-- Reports that are refused: what may be a matter of safety in them is told, once, and those beside them are recorded as if there had been no others. The
-- clock stands at noon of 10 March 2026, UTC, and is moved by hand.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(126);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'd', 'coach', false, 3, 'other_coach', '[2026-01-01,)'), (6, 'o', 'coordinator', false, NULL, 'coordinator', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject, locale) SELECT p, 'person' || p, 'en' FROM generate_series(1, 3) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 3) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'PHQ-9', '{9}'), (2, 'GAD-7', '{}');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, created_at)
SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, 2, '2026-02-01' FROM generate_series(1, 3) p;
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, created_at) VALUES (1, 11, 'medication', 'y', 'FREQ=DAILY', '2026-02-01', 1, '2026-02-01');
-- The warnings of somebody, with their events.
CREATE FUNCTION oracle.warnings(who bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s: %s', COALESCE(r.name, w.kind), (SELECT string_agg(e.event, ' ' ORDER BY e.warning_event_id) FROM care.warning_event e
		WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id)), ', ' ORDER BY w.warning_id)
	FROM care.warning w LEFT JOIN care.warning_rule r USING (warning_rule_id) WHERE w.person_id = who
$$;
-- Who sends an entry, or several, that are refused: of whom a concern is told ("not refused", or an SQLSTATE, where it is otherwise). Nothing of it stays.
CREATE FUNCTION oracle.told(sender text, record text, entries jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	refused bigint;
	told text;
BEGIN
	IF sender <> 'owner' THEN
		PERFORM coachiatry.sign_in(care.issue_token(sender));
	END IF;
	EXECUTE format('SELECT count(*) FROM care.ingest_%ss($1, true)', record) INTO refused
	USING CASE jsonb_typeof(entries) WHEN 'array' THEN entries ELSE jsonb_build_array(entries) END;
	PERFORM set_config('role', 'none', true), set_config('coachiatry.actor', '', true);
	told := (SELECT string_agg(DISTINCT w.person_id::text, ' ') FROM care.warning w WHERE w.kind = 'concern');
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = CASE WHEN refused > 0 THEN COALESCE(told, 'nobody') ELSE 'not refused' END;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
	RETURN SQLERRM;
WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
-- An entry of a check-in of the ninth, with what is said of it.
CREATE FUNCTION oracle.entry(says jsonb) RETURNS jsonb LANGUAGE sql RETURN '{"person_id": 1, "task_id": 10, "due_on": "2026-03-09", "taken": 1}' || says;
-- What the hint of an error counts.
CREATE FUNCTION oracle.hint(entries jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	PERFORM care.ingest_check_ins(entries);
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN substring(hint FROM '[0-9]+ of those refused');
END
$$;
SAVEPOINT start;

--
-- Words
--
SELECT is(oracle.told(sender, 'check_in', oracle.entry(says)), told, format('%s sends %s', sender, says))
FROM (VALUES
	('person1', '{"difficulty": 99, "note": "I want to kill myself tonight"}'::jsonb, '1'),
	('person1', '{"difficulty": 99, "reason": "I want to kill myself tonight"}', '1'),
	('person1', '{"difficulty": 99, "comment": "I want to kill myself tonight"}', '1'),
	('person1', '{"note": ["I want to kill myself tonight"]}', '1'),
	('person1', '{"difficulty": 99, "note": "Quiero matarme esta noche"}', '1'),
	('person1', '{"due_on": "yesterday", "note": "I want to kill myself tonight"}', '1'),
	('person1', '{"task_id": 77, "note": "I want to kill myself tonight"}', '1'),
	('coach', '{"difficulty": 99, "source": "coach", "note": "She says she wants to kill herself"}', '1'),
	('person1', '{"difficulty": 99, "note": "I want to sleep tonight"}', 'nobody'),
	('person1', '{"difficulty": 99, "note": "killing time, all fine"}', 'nobody'),
	('person1', '{"difficulty": 99, "note": ""}', 'nobody'),
	('person1', '{"difficulty": 99, "note": null}', 'nobody'),
	('person1', '{"difficulty": 99}', 'nobody'),
	('person2', '{"difficulty": 99, "note": "I want to kill myself tonight"}', 'nobody'),
	('other_coach', '{"difficulty": 99, "note": "I want to kill myself tonight"}', 'nobody')) AS v (sender, says, told);
SELECT is(oracle.told('person1', 'measurement', '{"person_id": 1, "instrument": "GAD-7", "measured_on": "2026-03-09", "value": 1, "note": "I want to kill myself tonight"}'), '1',
	'words about self-harm that come with a measurement are told');
SELECT is(oracle.told('person1', 'check_in', jsonb_build_array(oracle.entry('{"note": "fine"}'), oracle.entry('{"note": "I want to kill myself tonight"}'))), '1',
	'and those of a check-in that contradicts another');
SELECT throws_like(format('SELECT * FROM care.ingest_check_ins(%L)', jsonb_build_array(oracle.entry('{"difficulty": 99, "note": "I want to kill myself tonight"}'))),
	'%difficulty%', 'all or nothing, it is an error');
SELECT is(oracle.hint(jsonb_build_array(oracle.entry('{"difficulty": 99, "note": "I want to kill myself tonight"}'), oracle.entry('{"due_on": "2026-03-08", "difficulty": 99}'))),
	'1 of those refused', 'whose hint counts it');
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('scope', 'de', 'self_harm', 'nicht mehr leben');
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"difficulty": 99, "note": "Ich will nicht mehr leben"}')), '1', 'the program''s own phrases are looked for, too');
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"difficulty": 99, "note": "Ich will leben"}')), 'nobody', 'and no others');
ROLLBACK TO start;

--
-- Keys
--
SELECT is(oracle.told('person1', 'measurement', format('{"person_id": %s, "instrument": "PHQ-9", "item": "9", "measured_on": "2026-03-09", "value": 3, "source": "phone"}', p)::jsonb),
	told, 'an answer of person ' || p)
FROM (VALUES ('1', '1'), ('1.0', '1'), ('"1"', '1'), ('" 1"', '1'), ('"1 "', '1'), ('"01"', '1'), ('"1.0"', '1'), ('"1e0"', '1'), ('"+1"', '1'),
	-- Of nobody: then of whoever sends it.
	('null', '1'), ('"x"', '1'), ('""', '1'), ('[1]', '1'), ('"1e4000"', '1'),
	-- Of others.
	('2', 'nobody'), ('2.0', 'nobody'), ('77', 'nobody'), ('1.5', 'nobody'), ('-1', 'nobody'), ('1e400', 'nobody'), ('"1e400"', 'nobody'), ('9223372036854775808', 'nobody'),
	('9223372036854775807', 'nobody')) AS v (p, told);
SELECT is(oracle.told('coach', 'check_in', oracle.entry(format('{"person_id": %s, "taken": 9, "source": "phone"}', p)::jsonb)), told, 'a coach sends over-use of person ' || p) FROM (VALUES ('1.0', '1'), ('"x"', 'nobody'), ('null', 'nobody')) AS v (p, told);
SELECT is(oracle.told('person1', 'check_in', oracle.entry(format('{"task_id": %s, "taken": 9, "source": "phone"}', t)::jsonb)), told, 'over-use of task ' || t)
FROM (VALUES ('10', '1'), ('10.0', '1'), ('"010"', '1'), ('" 10"', '1'), ('"10.0"', '1'), ('"x"', '1'), ('null', '1'),
	('11', 'nobody'), ('20', 'nobody'), ('1e400', 'nobody'), ('"1e400"', 'nobody')) AS v (t, told);
SELECT is(oracle.told('person1', 'measurement', jsonb_build_object('person_id', 1, 'measured_on', '2026-03-09', 'source', 'phone') || says::jsonb), told, 'an answer that says ' || says)
FROM (VALUES ('{"instrument_id": "01", "item": "9", "value": 1}', '1'), ('{"instrument_id": 1.0, "item": "9", "value": 1}', '1'), ('{"instrument_id": 1, "item": 9.0, "value": 1}', '1'),
	('{"instrument_id": 1, "item": " 9", "value": 1}', '1'), ('{"instrument_id": "x", "item": "9", "value": "x"}', '1'),
	('{"instrument_id": "02", "item": "9", "value": 1}', 'nobody'), ('{"instrument_id": 1, "item": "8", "value": 1}', 'nobody'), ('{"instrument_id": 1, "item": "90", "value": 1}', 'nobody'),
	('{"instrument_id": 1, "item": "9", "value": "0.0"}', 'nobody'), ('{"instrument_id": 1e400, "item": "9", "value": 0}', 'nobody')) AS v (says, told);
SELECT is(oracle.told('owner', 'check_in', e), told, 'the owner sends ' || left(e::text, 40))
FROM (VALUES (jsonb_build_array(1, 'I want to kill myself tonight', NULL, '[]'::jsonb), 'nobody'), (jsonb_build_array('{}'::jsonb), 'nobody')) AS v (e, told);

--
-- Units that add up
--
SELECT is(oracle.told('person1', 'check_in', entries), told, what)
FROM (VALUES
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": 2}'), oracle.entry('{"occurrence": 2, "taken": 2, "difficulty": 99}')), '1', 'a refused occurrence that makes the day over-use'),
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": 2, "difficulty": 99}'), oracle.entry('{"occurrence": 2, "taken": 2, "difficulty": 99}')), '1', 'two refused ones that together do'),
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": true, "difficulty": 99}'), oracle.entry('{"occurrence": 2, "taken": "1", "difficulty": 99}'),
		oracle.entry('{"occurrence": "03", "taken": 1.0, "difficulty": 99}')), '1', 'three of one each'),
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": 2}'), oracle.entry('{"occurrence": "x", "taken": 1}')), '1', 'one of which it is not known which occurrence it is'),
	(jsonb_build_array(oracle.entry('{"taken": 2, "due_on": "9 March"}'), oracle.entry('{"occurrence": 2, "taken": 1, "due_on": "9 March"}')), '1', 'two of the same day, however it is written'),
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": 2}'), oracle.entry('{"occurrence": 2, "taken": 2, "due_on": "2026-03-09T08:00:00Z"}')), '1', 'one that says the time of the day, too'),
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": 1}'), oracle.entry('{"occurrence": 2, "taken": 1, "difficulty": 99}')), 'nobody', 'what is within the most of the day'),
	(jsonb_build_array(oracle.entry('{"occurrence": 1, "taken": 2, "difficulty": 99}'), oracle.entry('{"occurrence": 2, "taken": 2, "due_on": "2026-03-08", "difficulty": 99}')), 'nobody', 'and of two days'),
	(jsonb_build_array(oracle.entry('{"taken": 2, "due_on": "2026-02-31"}'), oracle.entry('{"taken": 2, "due_on": "2026-02-32"}')), 'nobody', 'and of two that are none'),
	(jsonb_build_array(oracle.entry('{"taken": 2, "difficulty": 99}'), oracle.entry('{"taken": 2, "difficulty": 98}'), oracle.entry('{"taken": 1}')), 'nobody', 'and of one occurrence said thrice'),
	(jsonb_build_array(oracle.entry('{"taken": 2}'), oracle.entry('{"taken": 2, "source": "device", "difficulty": 99}')), 'nobody', 'and of two sources'),
	(jsonb_build_array(oracle.entry('{"taken": 2}'), oracle.entry('{"occurrence": 2, "missed": 1, "taken": 0, "difficulty": 99}')), 'nobody', 'and one that takes nothing'),
	(jsonb_build_array(oracle.entry('{"task_id": 11, "taken": 2}'), oracle.entry('{"task_id": 11, "occurrence": 2, "taken": 2, "difficulty": 99}')), 'nobody', 'and of a task without a most'))
	AS v (entries, told, what);
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 10, '2026-03-09', 2);
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"occurrence": 2, "difficulty": 99}')), '1', 'what was recorded before is counted');
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"taken": 2, "difficulty": 99}')), 'nobody', 'but not twice, where it was to be corrected');
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"taken": 3, "difficulty": 99}')), '1', 'unless to more');
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"occurrence": 2, "due_on": "2026-03-08", "difficulty": 99}')), 'nobody', 'nor to another day');
SET LOCAL datestyle = 'SQL, DMY';
SELECT is(oracle.told('person1', 'check_in', oracle.entry('{"occurrence": 2, "difficulty": 99}')), '1', 'whatever the session''s style of dates is');
SET LOCAL datestyle = 'ISO, MDY';
-- Nobody learns of the record through it who does not read the record.
INSERT INTO care.proxy (person_id, name, relation, scope, during, token_subject) VALUES (1, 'z', 'mother', '{measure}', '[2026-01-01,)', 'proxy1');
SELECT is(oracle.read(who, format('SELECT count(*)::text FROM care.unsafe_entries(''check_in'', ARRAY[%L, %L]::jsonb[])', oracle.entry('{"occurrence": 2}'), oracle.entry(says::jsonb))), n,
	format('%s may ask of %s', who, says))
FROM (VALUES ('coordinator', '{"occurrence": 3, "taken": 0}', '0'), ('proxy1', '{"occurrence": 3, "taken": 0}', '0'), ('proxy1', '{"occurrence": 3, "taken": 9}', '2'),
	('coach', '{"occurrence": 3, "taken": 0}', '1'), ('person1', '{"occurrence": 3, "taken": 0}', '1'), ('other_coach', '{"occurrence": 3, "taken": 9}', '0'),
	('person2', '{"occurrence": 3, "taken": 9}', '0')) AS v (who, says, n);
ROLLBACK TO start;

--
-- Sent again
--
SELECT jsonb_build_array(oracle.entry('{"taken": 9, "difficulty": 99}')) AS over, jsonb_build_array(oracle.entry('{"due_on": null, "note": "I want to kill myself tonight"}')) AS undated \gset
CREATE FUNCTION oracle.send(entries jsonb) RETURNS text LANGUAGE sql RETURN oracle.act('person1', format('SELECT * FROM care.ingest_check_ins(%L, true)', entries));
SELECT oracle.send(:'over') FROM generate_series(1, 3) \g /dev/null
SELECT oracle.send(:'over'::jsonb || :'over'::jsonb) \g /dev/null
SELECT is(oracle.warnings(1), 'concern: opened', 'a refused report that an application sends again is told once');
SELECT is((SELECT jsonb_array_length(evidence) FROM care.warning), 1, 'and is one fact');
SELECT oracle.act('therapist', format('SELECT care.acknowledge_warning(%s, %L)', (SELECT max(warning_id) FROM care.warning), '2026-03-10 14:00+00')) \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-10 13:00+00';
SELECT oracle.send(:'over') \g /dev/null
SELECT is((SELECT state FROM care.warning), 'acknowledged', 'who has it in hand still has');
SELECT oracle.send(jsonb_set(:'over', '{0,taken}', '8')) \g /dev/null
SELECT is(oracle.warnings(1), 'concern: opened acknowledged answer_changed', 'another one is told');
SELECT is((SELECT state FROM care.warning), 'open', 'and nobody has that in hand');
SELECT oracle.send(jsonb_build_array(oracle.entry('{"taken": 9}') - 'task_id')) \g /dev/null
SELECT is(oracle.warnings(1), 'concern: opened acknowledged answer_changed answer_changed', 'one that says less is another one, too');
SELECT oracle.act('person2', format('SELECT * FROM care.ingest_check_ins(%L, true)', jsonb_build_array(:'over'::jsonb -> 0 || '{"person_id": 2, "task_id": 20}'))) \g /dev/null
SELECT is(oracle.warnings(2), 'concern: opened', 'and one of somebody else');
SELECT oracle.send(:'undated') FROM generate_series(1, 2) \g /dev/null
SELECT is(oracle.warnings(1), 'concern: opened acknowledged answer_changed answer_changed answer_changed', 'words without a day are told once while they are open');
SELECT oracle.act('therapist', format('SELECT care.resolve_warning(%s, %L, %L)', (SELECT warning_id FROM care.warning WHERE person_id = 1), 'called', 'plan made')) \g /dev/null
SELECT oracle.send(:'over') \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1), 1::bigint, 'what was followed up is not told again');
SELECT oracle.send(jsonb_set(:'over', '{0,due_on}', '"2026-03-10"')) \g /dev/null
SELECT is(oracle.warnings(1), 'concern: opened acknowledged answer_changed answer_changed answer_changed resolved, concern: opened', 'the same of another day is');
SELECT oracle.act('therapist', format('SELECT care.resolve_warning(%s, %L, %L)', (SELECT max(warning_id) FROM care.warning WHERE person_id = 1), 'called', 'plan made')) \g /dev/null
SELECT oracle.send(:'undated') \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1 AND closed_at IS NULL), 1::bigint, 'and the same words, which may be of another day');
ROLLBACK TO start;

--
-- Those beside them
--
-- Sends entries in part: the rows that are refused, as whoever acts.
CREATE FUNCTION oracle.sent(who text, entries jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN oracle.read(who, format('SELECT string_agg("row" || '' '' || sqlstate, '', '' ORDER BY "row") FROM care.ingest_check_ins(%L, true)', entries));
END
$$;
-- Four days missed weeks ago, and taken since.
SELECT jsonb_agg(jsonb_build_object('person_id', 1, 'task_id', 10, 'due_on', d::date, 'taken', d::date NOT BETWEEN '2026-02-20' AND '2026-02-23') ORDER BY d) AS missed
FROM generate_series(date '2026-02-10', '2026-03-09', '1 day') d \gset
SELECT '{"person_id": 1, "task_id": 10, "due_on": "2026-03-09", "source": "device", "taken": 1}' AS device \gset
SAVEPOINT sent;
SELECT is(oracle.sent('person1', :'missed'), NULL, 'days missed weeks ago are recorded');
SELECT is(oracle.warnings(1), NULL, 'and warned of no more');
ROLLBACK TO sent;
SELECT is(oracle.sent('person1', :'missed'::jsonb || :'device'), '29 42501', 'with another row, which is refused, they are recorded');
SELECT is(oracle.warnings(1), NULL, 'and neither warned of');
SELECT is((SELECT count(*) FROM care.warning_outbox), 0::bigint, 'nor told');
SELECT is((SELECT count(*) FROM care.check_in), 28::bigint, 'all of them');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'in the calendars, too');
ROLLBACK TO sent;
SELECT is(oracle.sent('person1', jsonb_build_array(:'device'::jsonb) || :'missed' || jsonb_build_array(:'device'::jsonb || '{"due_on": "2026-02-21"}', oracle.entry('{"task_id": 11, "difficulty": 99}'),
	:'device'::jsonb || '{"due_on": "2026-03-04"}')), '1 42501, 30 42501, 31 23514, 32 42501', 'each that is refused is said, with its own error');
SELECT is((SELECT count(*) FROM care.check_in), 28::bigint, 'and none of the others is lost');
SELECT is(oracle.warnings(1), NULL, 'nor warned of');
ROLLBACK TO sent;
-- What is true now is warned of all the same.
SELECT jsonb_agg(jsonb_build_object('person_id', 1, 'task_id', 10, 'due_on', d::date, 'taken', d::date < '2026-03-06') ORDER BY d) AS now
FROM generate_series(date '2026-02-10', '2026-03-09', '1 day') d \gset
SELECT is(oracle.sent('person1', :'now'::jsonb || :'device'), '29 42501', 'days missed until yesterday are recorded');
SELECT is(oracle.warnings(1), 'medication missed: opened', 'and warned of once');
SELECT is((SELECT count(*) FROM care.warning_outbox), 1::bigint, 'and told once');
ROLLBACK TO sent;
-- A gap that there never was, which only a licensed human could have ended.
UPDATE care.task SET gap_hazard_days = 3 WHERE task_id = 10;
SELECT '[{"person_id": 1, "task_id": 10, "due_on": "2026-03-01", "missed": 1}, {"person_id": 1, "task_id": 10, "due_on": "2026-03-02", "missed": 1},
	{"person_id": 1, "task_id": 10, "due_on": "2026-03-03", "missed": 1}, {"person_id": 1, "task_id": 10, "due_on": "2026-03-03", "source": "seen", "taken": 1}]' AS gap,
	'[{"person_id": 2, "task_id": 20, "due_on": "2026-03-09", "occurrence": 1, "taken": 60}, {"person_id": 2, "task_id": 20, "due_on": "2026-03-09", "occurrence": 2, "taken": 60}]' AS many \gset
SELECT is((SELECT string_agg("row" || ' ' || sqlstate, ', ') FROM care.ingest_check_ins(:'gap'::jsonb || :'many', true)), '6 22003', 'two missed days and one that was seen, and more of somebody else than a day holds');
SELECT is(oracle.warnings(1), NULL, 'are no gap of three');
SELECT is(oracle.warnings(2), 'over_use: opened, concern: opened', 'and over-use of the other');
SELECT is((SELECT count(*) FROM care.check_in), 5::bigint, 'all but that one are there');
ROLLBACK TO sent;
-- All or nothing: nothing.
SELECT throws_ok(format('SELECT * FROM care.ingest_check_ins(%L)', :'missed'::jsonb || :'many'), '22003', NULL, 'all or nothing, the first that is refused is the error');
SELECT is((SELECT count(*) FROM care.check_in), 0::bigint, 'and nothing is kept');
SELECT is(oracle.hint(:'missed'::jsonb || :'many'), '1 of those refused', 'of which the hint counts what may be a matter of safety');

SELECT * FROM finish();
ROLLBACK;
