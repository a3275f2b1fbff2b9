-- Getting data in.  What ingest_check_ins() and ingest_measurements() leave behind must be what plain INSERTs of the same facts leave in another program;
-- sending again must change nothing; every bad row must be the one that is named, and with partial the only one that is missing.
\ir include/setup.sql
SELECT plan(124);

SET LOCAL coachiatry.clock = '2026-07-01 12:00+00';
SELECT coachiatry.create_program('plain') \gset
SELECT coachiatry.create_program('care') \gset
SELECT coachiatry.create_program('arrays') \gset

-- The same persons, tasks and instruments everywhere.
CREATE TABLE oracle.person AS SELECT p AS person_id, (ARRAY['UTC', 'Pacific/Auckland', 'America/Los_Angeles'])[1 + p % 3] AS time_zone FROM generate_series(1, 9) AS p;
CREATE TABLE oracle.task AS
SELECT person_id, 10 * person_id + t AS task_id, (ARRAY['FREQ=DAILY', 'FREQ=DAILY;UNITS=2', NULL])[t]::schedule AS schedule
FROM oracle.person, generate_series(1, 3) AS t;

CREATE PROCEDURE oracle.people(program name) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('INSERT INTO %I.person (person_id, time_zone) SELECT person_id, time_zone FROM oracle.person', program);
	EXECUTE format('INSERT INTO %I.task (person_id, task_id, schedule, starts_at) SELECT person_id, task_id, schedule, ''2026-01-01'' FROM oracle.task', program);
	EXECUTE format('INSERT INTO %I.instrument (instrument_id, name) VALUES (91, ''Mood''), (92, ''Sleep'')', program);
END
$$;
CALL oracle.people('plain');
CALL oracle.people('care');
CALL oracle.people('arrays');

-- The facts, in no order.
CREATE TABLE oracle.fact AS
SELECT row_number() OVER (ORDER BY oracle.random(1, t.task_id::int, d, s::int)) AS nth, t.person_id, t.task_id, date '2026-02-01' + d AS due_on,
	(1 + floor(oracle.random(2, t.task_id::int, d, s::int) * 2))::int AS occurrence, source,
	v.taken, CASE WHEN v.taken = 0 THEN 1 ELSE floor(oracle.random(4, t.task_id::int, d, s::int) * 2)::int END AS missed,
	CASE WHEN oracle.random(5, t.task_id::int, d, s::int) < 0.5
		THEN timestamptz '2026-02-01 06:00:00.25+00' + d * interval '1 day' + oracle.random(5, t.task_id::int, d, s::int) * interval '20 h' END AS started_at,
	CASE WHEN oracle.random(6, t.task_id::int, d, s::int) < 0.3 THEN (100 * oracle.random(7, t.task_id::int, d, s::int))::real END AS extent,
	CASE WHEN oracle.random(8, t.task_id::int, d, s::int) < 0.3 THEN floor(11 * oracle.random(9, t.task_id::int, d, s::int))::int END AS difficulty,
	CASE WHEN v.taken = 0 THEN 'forgot' END AS reason,
	CASE WHEN oracle.random(10, t.task_id::int, d, s::int) < 0.2 THEN E'said "so"\n\tñandú \\ 🙂 ' || d END AS note,
	timestamptz '2026-02-01 21:30+00' + d * interval '1 day' AS recorded_at
FROM oracle.task AS t, generate_series(0, 99) AS d,
	unnest('{seen,device,pharmacy,coach,person,proxy,import}'::text[]) WITH ORDINALITY AS o (source, s),
	LATERAL (SELECT floor(oracle.random(3, t.task_id::int, d, s::int) * 3)::int AS taken) AS v
WHERE oracle.random(11, t.task_id::int, d, s::int) < 0.12;

CREATE FUNCTION oracle.facts(program name) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT (to_jsonb(c) - ''check_in_id'')::text FROM %I.check_in AS c ORDER BY 1', program);
END
$$;
CREATE FUNCTION oracle.calendars(program name) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT concat_ws('' '', person_id, task_id, source, encode(adherence_send(calendar), ''hex''), planned_through)
		FROM %I.task_calendar ORDER BY person_id, task_id, source', program);
END
$$;

INSERT INTO plain.check_in (person_id, task_id, due_on, occurrence, source, taken, missed, started_at, extent, difficulty, reason, note, recorded_at)
SELECT person_id, task_id, due_on, occurrence, source, taken, missed, started_at, extent, difficulty, reason, note, recorded_at
FROM oracle.fact ORDER BY nth;
SELECT jsonb_agg(to_jsonb(f) - 'nth' ORDER BY nth) AS facts FROM oracle.fact AS f \gset

-- As objects, under settings that write dates, times and numbers otherwise
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL timezone = 'Asia/Kathmandu';
SET LOCAL extra_float_digits = -3;
CREATE TABLE oracle.sent (facts jsonb);
INSERT INTO oracle.sent VALUES (:'facts');
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT facts FROM oracle.sent))', 'objects: all are written');

-- As arrays
SELECT is_empty($$SELECT * FROM (SELECT array_agg(person_id::bigint ORDER BY nth) AS a, array_agg(task_id::bigint ORDER BY nth) AS b, array_agg(due_on ORDER BY nth) AS c,
		array_agg(taken ORDER BY nth) AS d, array_agg(missed ORDER BY nth) AS e, array_agg(source ORDER BY nth) AS f, array_agg(occurrence ORDER BY nth) AS g,
		array_agg(started_at ORDER BY nth) AS h, array_agg(extent ORDER BY nth) AS i, array_agg(difficulty ORDER BY nth) AS j,
		array_agg(reason ORDER BY nth) AS k, array_agg(note ORDER BY nth) AS l, array_agg(recorded_at ORDER BY nth) AS m FROM oracle.fact) AS s,
	arrays.ingest_check_ins(a, b, c, d, e, f, g, h, i, j, k, l, m)$$, 'arrays: all are written');
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL timezone = 'UTC';
SET LOCAL extra_float_digits = 1;

SELECT cmp_ok(count(*), '>', 1500::bigint, 'there are enough facts') FROM oracle.fact;
SELECT results_eq($$SELECT oracle.facts('care')$$, $$SELECT oracle.facts('plain')$$, 'objects: rows are those of plain INSERTs');
SELECT results_eq($$SELECT oracle.calendars('care')$$, $$SELECT oracle.calendars('plain')$$, 'objects: calendars are those of plain INSERTs, byte by byte');
SELECT results_eq($$SELECT oracle.facts('arrays')$$, $$SELECT oracle.facts('plain')$$, 'arrays: rows are those of plain INSERTs');
SELECT results_eq($$SELECT oracle.calendars('arrays')$$, $$SELECT oracle.calendars('plain')$$, 'arrays: calendars are those of plain INSERTs, byte by byte');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'the kept calendars are what the facts say');

-- Sending again: twice, once with partial, and some of it
CREATE TABLE oracle.before AS SELECT ctid AS place, to_jsonb(c) AS row FROM care.check_in AS c;
CREATE TABLE oracle.calendar_before AS SELECT oracle.calendars('care') AS calendar;
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT facts FROM oracle.sent))', 'sent again: accepted');
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT facts FROM oracle.sent), true)', 'and again, with partial');
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT jsonb_agg(f || ''{"recorded_at": "2026-06-30T00:00Z"}'') FROM oracle.sent, jsonb_array_elements(facts) AS f), true)',
	'and again, recorded later');
SELECT set_eq('SELECT ctid AS place, to_jsonb(c) FROM care.check_in AS c', 'SELECT * FROM oracle.before', 'sent again: no row is written, nor when it was recorded');
SELECT results_eq($$SELECT oracle.calendars('care')$$, 'SELECT calendar FROM oracle.calendar_before', 'sent again: calendars are the same, byte by byte');
SELECT is_empty('SELECT * FROM care.correction', 'sent again: no correction');

-- Written in the order of keys
CREATE TABLE oracle.write (n int GENERATED ALWAYS AS IDENTITY, person_id bigint, task_id bigint, due_on date, occurrence int, source text COLLATE "C");
CREATE FUNCTION oracle.note_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO oracle.write (person_id, task_id, due_on, occurrence, source) VALUES (NEW.person_id, NEW.task_id, NEW.due_on, NEW.occurrence, NEW.source);
	RETURN NEW;
END
$$;
CREATE TRIGGER note_write BEFORE INSERT ON care.check_in FOR EACH ROW EXECUTE FUNCTION oracle.note_write();
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT facts FROM oracle.sent))', 'sent once more, under watch');
SELECT results_eq('SELECT person_id, task_id, due_on, occurrence, source FROM oracle.write ORDER BY n',
	'SELECT person_id, task_id, due_on, occurrence, source FROM oracle.write ORDER BY person_id, task_id, due_on, occurrence, source',
	'rows are written in the order of their keys');
DROP TRIGGER note_write ON care.check_in;

-- One column that differs is enough
CREATE TABLE oracle.one_change AS
SELECT n, jsonb_build_object('person_id', 9, 'task_id', 91, 'due_on', date '2026-06-10' + n::int, 'taken', 1, 'missed', 0) || v.was AS was, v.change
FROM unnest(ARRAY['{}', '{}', '{"started_at": "2026-06-10T08:00Z"}', '{"extent": 50}', '{"difficulty": 3}', '{"reason": "away"}', '{"note": "a"}', '{}']::jsonb[],
	ARRAY['{"taken": 2}', '{"missed": 1}', '{"started_at": "2026-06-10T08:01Z"}', '{"extent": 50.5}', '{"difficulty": null}', '{"reason": "forgot"}', '{"note": "b"}',
		'{"note": null}']::jsonb[]) WITH ORDINALITY AS v (was, change, n);
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT jsonb_agg(was) FROM oracle.one_change))', 'rows that then change in one column each');
SELECT is_empty('SELECT * FROM care.ingest_check_ins((SELECT jsonb_agg(was || change) FROM oracle.one_change))', 'and how they change');
SELECT results_eq($$SELECT (was ->> 'due_on')::date - '2026-06-10' FROM care.correction ORDER BY 1$$, 'SELECT generate_series(1, 7)',
	'each that differs is written, and leaves a correction');
DELETE FROM care.check_in WHERE due_on > '2026-06-10';
DELETE FROM care.correction;

-- Something else of some of them: each row says all that its source says
SELECT jsonb_agg(jsonb_build_object('person_id', person_id::text, 'task_id', task_id, 'due_on', due_on, 'occurrence', occurrence, 'source', source,
	'taken', 3, 'recorded_at', '2026-06-30 08:00:00+05:45') ORDER BY nth) AS changes FROM oracle.fact WHERE nth % 7 = 0 \gset
SELECT is_empty(format('SELECT * FROM care.ingest_check_ins(%L)', :'changes'), 'changed rows are accepted');
UPDATE plain.check_in AS c SET taken = 3, missed = 0, started_at = NULL, extent = NULL, difficulty = NULL, reason = NULL, note = NULL
FROM oracle.fact AS f
WHERE f.nth % 7 = 0 AND (c.person_id, c.task_id, c.due_on, c.occurrence, c.source) = (f.person_id, f.task_id, f.due_on, f.occurrence, f.source);
SELECT results_eq($$SELECT oracle.facts('care')$$, $$SELECT oracle.facts('plain')$$, 'changed rows are replaced whole, but for when they were first recorded');
SELECT results_eq($$SELECT oracle.calendars('care')$$, $$SELECT oracle.calendars('plain')$$, 'their calendars follow');
SELECT results_eq('SELECT count(*), count(*) FILTER (WHERE deleted) FROM care.correction',
	'SELECT count(*), 0::bigint FROM oracle.fact WHERE nth % 7 = 0', 'and each leaves one correction');

-- Defaults are the table's
INSERT INTO plain.check_in (person_id, task_id, due_on, taken) VALUES (1, 11, '2026-06-01', 1), (1, 11, '2026-06-03', 1);
INSERT INTO plain.check_in (person_id, task_id, due_on, missed) VALUES (1, 11, '2026-06-02', 1), (1, 11, '2026-06-04', 1), (1, 11, '2026-06-05', 2);
INSERT INTO plain.check_in (person_id, task_id, due_on, taken, missed) VALUES (1, 11, '2026-06-06', 1, 1);
SELECT is_empty($$SELECT * FROM care.ingest_check_ins('[
	{"person_id": 1, "task_id": 11, "due_on": "2026-06-01", "taken": true},
	{"person_id": "1", "task_id": "11", "due_on": "2026-06-02", "taken": false},
	{"person_id": 1, "task_id": 11, "due_on": "2026-06-03", "taken": "1", "missed": null, "occurrence": null, "source": null, "note": null, "recorded_at": null},
	{"person_id": 1, "task_id": 11, "due_on": "2026-06-04", "taken": "false", "missed": null},
	{"person_id": 1, "task_id": 11, "due_on": "2026-06-05", "taken": false, "missed": 2},
	{"person_id": 1, "task_id": 11, "due_on": "2026-06-06", "taken": "true", "missed": 1}]')$$, 'true, false, strings and null are accepted');
SELECT results_eq($$SELECT oracle.facts('care')$$, $$SELECT oracle.facts('plain')$$, 'and are what a plain INSERT with the table''s defaults makes of them');

-- A long note
SELECT is_empty($$SELECT * FROM care.ingest_check_ins(jsonb_build_array(jsonb_build_object('person_id', 2, 'task_id', 21, 'due_on', '2026-06-01', 'taken', 1,
	'note', repeat('ä', 50000))))$$, 'a note of 100 kB is accepted');
SELECT is((SELECT note FROM care.check_in WHERE person_id = 2 AND due_on = '2026-06-01'), repeat('ä', 50000), 'and kept whole');

-- What is no array of entries
SELECT is_empty($$SELECT * FROM care.ingest_check_ins('[]')$$, 'nothing is nothing');
SELECT is_empty($$SELECT * FROM care.ingest_check_ins('[]', true)$$, 'nothing is nothing, with partial');
SELECT is_empty($$SELECT * FROM care.ingest_check_ins('{}', '{}', '{}', '{}')$$, 'nothing is nothing, as arrays');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins(NULL)$$, '22004');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins(NULL, true)$$, '22004');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('null', true)$$, '22023');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('{"person_id": 1}', true)$$, '22023');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('"Zebra"')$$, '22023');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins(NULL, '{}', '{}', '{}')$$, '22004');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('{1}', '{11}', '{2026-06-10}', NULL)$$, '22004');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('{1,1}', '{11,11}', '{2026-06-10}', '{1,1}')$$, '2202E');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('{1}', '{11}', '{2026-06-10}', '{1}', note => '{}', partial => true)$$, '2202E');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('{}', '{11}', '{2026-06-10}', '{1}')$$, '2202E');
SELECT oracle.refused($$SELECT * FROM care.ingest_check_ins('{{1,1}}', '{11,11}', '{2026-06-10,2026-06-11}', '{1,1}')$$, '2202E');

-- Bad rows, each between two good ones
CREATE TABLE oracle.bad (nth int GENERATED ALWAYS AS IDENTITY, what text, entry jsonb, state text, says text);
INSERT INTO oracle.bad (what, entry, state, says)
SELECT what, CASE WHEN jsonb_typeof(entry) = 'object' THEN '{"person_id": 3, "task_id": 31, "due_on": "2026-06-10", "taken": 1}' || entry ELSE entry END, state, says
FROM (VALUES
	('another person''s task', '{"task_id": 41}'::jsonb, '23503', 'check_in_person_id_task_id_fkey'),
	('no such person', '{"person_id": 777}', '23503', 'check_in_person_id_task_id_fkey'),
	('no person', '{"person_id": null}', '23502', '"person_id"'),
	('no task', '{"task_id": null}', '23502', '"task_id"'),
	('no day', '{"due_on": null}', '23502', '"due_on"'),
	('says nothing', '{"taken": null}', '23514', 'check_in_says_something'),
	('says nothing in numbers', '{"taken": 0, "missed": 0}', '23514', 'check_in_says_something'),
	('false, and none missed', '{"taken": false, "missed": 0}', '23514', 'check_in_says_something'),
	('100 units', '{"taken": 100}', '23514', 'check_in_says_something'),
	('negative units', '{"missed": -1}', '23514', 'check_in_says_something'),
	('more than a smallint', '{"taken": 70000}', '22003', '"taken"'),
	('more than a bigint', '{"person_id": 1e30}', '22003', '"person_id"'),
	('a long string of digits', '{"task_id": "99999999999999999999"}', '22003', '"task_id"'),
	('half a unit', '{"taken": 0.5}', '22P02', '"taken"'),
	('a word for a number', '{"occurrence": "Zebra"}', '22P02', '"occurrence"'),
	('a number in words', '{"difficulty": "7 Zebra"}', '22P02', '"difficulty"'),
	('true for a number', '{"missed": true}', '22P02', '"missed"'),
	('true for text', '{"note": true}', '22P02', '"note"'),
	('a number for text', '{"note": 7}', '22P02', '"note"'),
	('a number for a day', '{"due_on": 20260610}', '22P02', '"due_on"'),
	('an object for text', '{"note": {"a": "Zebra"}}', '22P02', '"note"'),
	('an array for text', '{"reason": ["Zebra"]}', '22P02', '"reason"'),
	('an array for a number', '{"taken": [1]}', '22P02', '"taken"'),
	('an object for a number', '{"taken": {}}', '22P02', '"taken"'),
	('no such day', '{"due_on": "2026-02-30"}', '22008', '"due_on"'),
	('a day in words', '{"due_on": "Zebra"}', '22007', '"due_on"'),
	('a day that moves', '{"due_on": "today"}', '22007', '"due_on"'),
	('a day that is none', '{"due_on": "infinity"}', '22007', '"due_on"'),
	('a day in an order of its own', '{"due_on": "06/10/2026"}', '22007', '"due_on"'),
	('an instant for a day', '{"due_on": "2026-06-10T00:00:00Z"}', '22007', '"due_on"'),
	('a day before all', '{"due_on": "1989-12-31"}', '23514', 'check_in_due_on_check'),
	('a day after all', '{"due_on": "2150-01-01"}', '23514', 'check_in_due_on_check'),
	('a time without its offset', '{"started_at": "2026-06-10T08:00:00"}', '22007', '"started_at"'),
	('a time in words', '{"recorded_at": "now"}', '22007', '"recorded_at"'),
	('no such hour', '{"started_at": "2026-06-10T25:00:00Z"}', '22008', '"started_at"'),
	('an unknown source', '{"source": "Zebra"}', '23514', 'check_in_source_check'),
	('no occurrence', '{"occurrence": 0}', '23514', 'check_in_occurrence_check'),
	('more than all of it', '{"extent": 100.5}', '23514', 'check_in_extent_check'),
	('an extent that is no number', '{"extent": "NaN"}', '23514', 'check_in_extent_check'),
	('an extent beyond numbers', '{"extent": 1e99}', '22003', '"extent"'),
	('too difficult', '{"difficulty": 11}', '23514', 'check_in_difficulty_check'),
	('an unknown key', '{"takne": 1}', '22023', '"takne"'),
	('a key of the table that is not given', '{"check_in_id": 1}', '22023', '"check_in_id"'),
	('a long unknown key', jsonb_build_object(repeat('k', 5000), 1), '22023', '"k{63}"'),
	('a number', '7', '22023', 'object'),
	('null', 'null', '22023', 'object'),
	('an array', '[{"person_id": 3}]', '22023', 'object'),
	('text', '"Zebra"', '22023', 'object')) AS v (what, entry, state, says);

-- What the two calls say of a bad row, and what they leave of the good ones beside it.
CREATE FUNCTION oracle.verdict(program name, way text, good jsonb[], entry jsonb,
	OUT refused text, OUT kept bigint, OUT state text, OUT message text, OUT detail text)
LANGUAGE plpgsql AS $$
DECLARE
	entries jsonb := jsonb_build_array(good[1], entry, good[2]);
	before bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %I.check_in', program) INTO before;
	BEGIN
		EXECUTE format('SELECT * FROM %I.%I($1)', program, way) USING entries;
		state := 'none';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	EXECUTE format('SELECT string_agg(concat_ws('' '', row, sqlstate, message), ''; '') FROM %I.%I($1, true)', program, way) INTO refused USING entries;
	EXECUTE format('SELECT count(*) - $1 FROM %I.check_in', program) INTO kept USING before;
	DELETE FROM care.check_in WHERE person_id = 3 AND due_on IN ('2026-06-08', '2026-06-12');
END
$$;

CREATE TABLE oracle.verdict AS
SELECT b.*, v.refused, v.kept, v.state AS got_state, v.message, v.detail
FROM oracle.bad AS b,
	oracle.verdict('care', 'ingest_check_ins', ARRAY['{"person_id": 3, "task_id": 31, "due_on": "2026-06-08", "taken": 1}',
		'{"person_id": 3, "task_id": 31, "due_on": "2026-06-12", "taken": 1}']::jsonb[], b.entry) AS v;
SELECT ok(got_state = state AND message ~ says AND detail = 'It is row 2 of 3; no other is refused.' AND refused = format('2 %s %s', state, message) AND kept = 2
		AND message !~ 'Zebra',
	format('%s: %s', what, state)) || CASE WHEN got_state = state AND message ~ says AND kept = 2 THEN ''
	ELSE E'\n# ' || format('got %s, "%s" (%s); partial: "%s", kept %s', got_state, message, detail, refused, kept) END
FROM oracle.verdict ORDER BY nth;
SELECT is_empty('SELECT * FROM care.verify_derived()', 'after all of them the kept calendars are what the facts say');

-- Many at once, among good ones, in random order: exactly the good ones are kept
CREATE TABLE oracle.mixed AS
SELECT row_number() OVER (ORDER BY oracle.random(20, g)) AS nth, is_bad, entry, state
FROM (
	SELECT g, false AS is_bad, NULL AS state, jsonb_build_object('person_id', 4 + g % 5, 'task_id', 10 * (4 + g % 5) + 1,
		'due_on', date '2026-05-01' + g / 5, 'taken', 1 + g % 2, 'occurrence', 99) AS entry FROM generate_series(0, 299) AS g
	UNION ALL
	SELECT 1000 + nth, true, state, CASE WHEN jsonb_typeof(entry) = 'object' THEN jsonb_build_object('occurrence', nth) || entry ELSE entry END
	FROM oracle.bad) AS v;
CREATE TABLE oracle.refusal AS SELECT * FROM care.ingest_check_ins((SELECT jsonb_agg(entry ORDER BY nth) FROM oracle.mixed), true);
SELECT results_eq('SELECT row::bigint, sqlstate FROM oracle.refusal', 'SELECT nth, state FROM oracle.mixed WHERE is_bad ORDER BY nth',
	'of many rows those are refused that are bad, in their order, each for its own reason');
SELECT set_eq($$SELECT person_id, task_id, due_on, taken::int FROM care.check_in WHERE occurrence = 99$$,
	$$SELECT (entry ->> 'person_id')::bigint AS person_id, (entry ->> 'task_id')::bigint AS task_id, (entry ->> 'due_on')::date AS due_on,
		(entry ->> 'taken')::int AS taken FROM oracle.mixed WHERE NOT is_bad$$, 'and those are kept that are good');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'and the kept calendars are what the facts say');
SELECT throws_like(format('SELECT * FROM care.ingest_check_ins(%L)', (SELECT jsonb_agg(entry ORDER BY nth) FROM oracle.mixed)),
	(SELECT '%' || message FROM oracle.refusal ORDER BY row LIMIT 1), 'all or nothing: the first of them is the error');

-- Several rows of a key
SELECT is_empty($$SELECT * FROM care.ingest_check_ins('[
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-20", "taken": 1, "recorded_at": "2026-06-22T10:00Z"},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-20", "taken": true, "note": null, "recorded_at": "2026-06-21T10:00Z"},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-20", "taken": 1, "occurrence": 1, "source": "person", "recorded_at": "2026-06-23T10:00Z"}]')$$,
	'equal rows of a key are accepted');
SELECT results_eq($$SELECT taken::int, recorded_at FROM care.check_in WHERE person_id = 5 AND due_on = '2026-06-20' AND occurrence = 1$$,
	$$VALUES (1, timestamptz '2026-06-21 10:00+00')$$, 'and are one, recorded when the first of them was');
SELECT results_eq($$SELECT row, sqlstate FROM care.ingest_check_ins('[
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-21", "taken": 1},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-22", "taken": 1},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-21", "taken": 1},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-21", "taken": 1, "note": "Zebra"},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-21", "taken": 1, "source": "coach", "note": "Zebra"}]', true)$$,
	$$VALUES (1, '21000'), (3, '21000'), (4, '21000')$$, 'rows of a key that say several things are all refused');
SELECT results_eq($$SELECT due_on, source FROM care.check_in WHERE person_id = 5 AND due_on IN ('2026-06-21', '2026-06-22') AND occurrence = 1 ORDER BY 1, 2$$,
	$$VALUES (date '2026-06-21', 'coach' COLLATE "C"), ('2026-06-22', 'person')$$, 'and the others kept');
SELECT throws_ok($$SELECT * FROM care.ingest_check_ins('[
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-23", "taken": 1},
	{"person_id": 5, "task_id": 51, "due_on": "2026-06-23", "taken": 2}]')$$, '21000', 'another row of the same key says something else',
	'all or nothing: rows of a key that say several things are an error');
SELECT results_eq($$SELECT row, sqlstate FROM care.ingest_check_ins('[
	{"person_id": 5, "task_id": 51, "taken": 1}, {"person_id": 5, "task_id": 51, "taken": 2}]', true)$$,
	$$VALUES (1, '23502'), (2, '23502')$$, 'rows without a day are not of one key');

-- Rows that are good each but not together: a day has at most 99 units of a source
SELECT results_eq($$SELECT row, sqlstate FROM care.ingest_check_ins('[
	{"person_id": 6, "task_id": 61, "due_on": "2026-06-20", "taken": 60, "occurrence": 2},
	{"person_id": 6, "task_id": 61, "due_on": "2026-06-21", "taken": 60},
	{"person_id": 6, "task_id": 61, "due_on": "2026-06-20", "taken": 60, "occurrence": 1}]', true)$$,
	$$VALUES (1, '22003')$$, 'of rows that do not go together the first by key is kept');
SELECT results_eq($$SELECT due_on, occurrence::int FROM care.check_in WHERE person_id = 6 AND due_on IN ('2026-06-20', '2026-06-21') AND taken = 60 ORDER BY 1$$,
	$$VALUES (date '2026-06-20', 1), ('2026-06-21', 1)$$, 'and all others');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'and the kept calendars are what the facts say');

-- A site's own trigger: what it refuses is a bad row; what no row can be blamed for is not
CREATE FUNCTION oracle.house_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'not here' USING ERRCODE = current_setting('oracle.state');
END
$$;
CREATE TRIGGER house_rule BEFORE INSERT ON care.check_in FOR EACH ROW WHEN (NEW.reason = 'refused') EXECUTE FUNCTION oracle.house_rule();
\set ruled '[{"person_id": 7, "task_id": 71, "due_on": "2026-06-20", "taken": 1}, {"person_id": 7, "task_id": 71, "due_on": "2026-06-21", "taken": 1, "reason": "refused"}, {"person_id": 7, "task_id": 71, "due_on": "2026-06-22", "taken": 1}]'
SET LOCAL oracle.state = 'P0001';
SELECT results_eq(format('SELECT row, sqlstate, message FROM care.ingest_check_ins(%L, true)', :'ruled'), $$VALUES (2, 'P0001', 'not here')$$,
	'a row that a site''s trigger refuses is refused');
SELECT is((SELECT count(*) FROM care.check_in WHERE person_id = 7 AND due_on BETWEEN '2026-06-20' AND '2026-06-22' AND occurrence = 1), 2::bigint, 'and the others are kept');
DELETE FROM care.check_in WHERE person_id = 7 AND due_on BETWEEN '2026-06-20' AND '2026-06-22' AND occurrence = 1;
SET LOCAL oracle.state = '40P01';
SELECT oracle.refused(format('SELECT * FROM care.ingest_check_ins(%L, true)', :'ruled'), '40P01');
SET LOCAL oracle.state = '53100';
SELECT oracle.refused(format('SELECT * FROM care.ingest_check_ins(%L, true)', :'ruled'), '53100');
SELECT is((SELECT count(*) FROM care.check_in WHERE person_id = 7 AND due_on BETWEEN '2026-06-20' AND '2026-06-22' AND occurrence = 1), 0::bigint,
	'a deadlock or a full disk is no row''s fault: the call fails');
DROP TRIGGER house_rule ON care.check_in;

-- Who may not write
CREATE ROLE oracle_stranger;
GRANT USAGE ON SCHEMA care TO oracle_stranger;
GRANT SELECT ON ALL TABLES IN SCHEMA care TO oracle_stranger;
GRANT USAGE ON SCHEMA oracle TO oracle_stranger;
SET LOCAL ROLE oracle_stranger;
SELECT oracle.refused(format('SELECT * FROM care.ingest_check_ins(%L)', :'ruled'), '42501');
SELECT oracle.refused(format('SELECT * FROM care.ingest_check_ins(%L, true)', :'ruled'), '42501');
RESET ROLE;

-- Measurements: in the same way
CREATE TABLE oracle.measure AS
SELECT row_number() OVER (ORDER BY oracle.random(30, p, d)) AS nth, p AS person_id, 91 + d % 2 AS instrument_id, (ARRAY['', 'q1'])[1 + d % 3 / 2] AS item,
	date '2026-03-01' + d / 2 AS measured_on, 1 + d % 4 AS occurrence, 'device' AS source, 100 * oracle.random(31, p, d) AS value,
	CASE WHEN d % 5 = 0 THEN 'mm' END AS unit, timestamptz '2026-03-01 10:00+02' + d * interval '12 h' AS measured_at,
	timestamptz '2026-06-01 10:00+02' AS recorded_at
FROM generate_series(1, 9) AS p, generate_series(0, 59) AS d;
INSERT INTO plain.measurement (person_id, instrument_id, item, measured_on, occurrence, source, value, unit, measured_at, recorded_at)
SELECT person_id, instrument_id, item, measured_on, occurrence, source, value, unit, measured_at, recorded_at FROM oracle.measure ORDER BY nth;
SELECT jsonb_agg(CASE WHEN nth % 2 = 0 THEN to_jsonb(m) - 'nth'
	ELSE to_jsonb(m) - 'nth' - 'instrument_id' || jsonb_build_object('instrument', CASE instrument_id WHEN 91 THEN 'Mood' ELSE 'Sleep' END) END ORDER BY nth) AS measures
FROM oracle.measure AS m \gset
SELECT is_empty(format('SELECT * FROM care.ingest_measurements(%L)', :'measures'), 'measurements: all are written, by key and by name of the instrument');
SELECT set_eq($$SELECT to_jsonb(m) - 'measurement_id' FROM care.measurement AS m$$, $$SELECT to_jsonb(m) - 'measurement_id' FROM plain.measurement AS m$$,
	'measurements: rows are those of plain INSERTs');
SELECT set_eq($$SELECT person_id, instrument_id, item, encode(series_send(series), 'hex') FROM care.measure_series$$,
	$$SELECT person_id, instrument_id, item, encode(series_send(series), 'hex') FROM plain.measure_series$$, 'measurements: series are those of plain INSERTs, byte by byte');
CREATE TABLE oracle.measure_before AS SELECT ctid AS place, to_jsonb(m) AS row FROM care.measurement AS m;
SELECT is_empty(format('SELECT * FROM care.ingest_measurements(%L, true)', :'measures'), 'measurements: sent again');
SELECT set_eq('SELECT ctid AS place, to_jsonb(m) FROM care.measurement AS m', 'SELECT * FROM oracle.measure_before', 'measurements: sent again, no row is written');
SELECT results_eq($$SELECT row, sqlstate FROM care.ingest_measurements('[
	{"person_id": 1, "instrument": "Mood", "measured_on": "2026-06-01", "value": 1},
	{"person_id": 1, "instrument": "Zebra", "measured_on": "2026-06-01", "value": 1},
	{"person_id": 1, "instrument": "Mood", "instrument_id": 91, "measured_on": "2026-06-01", "value": 1},
	{"person_id": 1, "measured_on": "2026-06-01", "value": 1},
	{"person_id": 1, "instrument_id": 93, "measured_on": "2026-06-01", "value": 1},
	{"person_id": 99, "instrument_id": 91, "measured_on": "2026-06-01", "value": 1},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-06-02"},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-06-02", "occurrence": 2, "value": "NaN"},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-06-02", "value": 1e999},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-06-02", "value": true},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-6-2", "value": 1},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-06-03", "value": 1},
	{"person_id": 1, "instrument_id": 91, "measured_on": "2026-06-03", "value": 2},
	{"person_id": 1, "instrument_id": 92, "measured_on": "2026-06-03", "value": "2.5", "taken": 1},
	{"person_id": 1, "instrument_id": 92, "measured_on": "2026-06-03", "value": "2.5"}]', true)$$,
	$$VALUES (2, '23503'), (3, '22023'), (4, '23502'), (5, '23503'), (6, '23503'), (7, '23502'), (8, '23514'), (9, '22003'), (10, '22P02'), (11, '22007'),
		(12, '21000'), (13, '21000'), (14, '22023')$$, 'measurements: those are refused that are bad');
SELECT results_eq($$SELECT instrument_id, measured_on, value FROM care.measurement WHERE measured_on >= '2026-06-01' ORDER BY 1$$,
	$$VALUES (91::bigint, date '2026-06-01', 1::float8), (92, '2026-06-03', 2.5)$$, 'measurements: those are kept that are good');
SELECT oracle.refused($$SELECT * FROM care.ingest_measurements('[{"person_id": 1, "instrument": "Zebra", "measured_on": "2026-06-04", "value": 1}]')$$, '23503');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'measurements: the kept series are what the facts say');

-- A file
CREATE TEMPORARY TABLE staged (LIKE care.staged_check_in);
COPY staged (person_id, task_id, due_on, taken, note) FROM STDIN (FORMAT csv);
8,81,2026-06-20,true,"a, b"
8,81,2026-06-21,false,
8,81,2026-06-22,perhaps,
8,81,yesterday,1,
8,81,2026-06-23,2,
\.
SELECT results_eq('SELECT row, sqlstate FROM care.ingest_check_ins((SELECT jsonb_agg(to_jsonb(s)) FROM staged AS s), partial => true)',
	$$VALUES (3, '22P02'), (4, '22007')$$, 'a file: its bad lines are returned');
SELECT results_eq($$SELECT due_on, taken::int, missed::int, note FROM care.check_in WHERE person_id = 8 AND due_on BETWEEN '2026-06-20' AND '2026-06-30' AND occurrence = 1 ORDER BY 1$$,
	$$VALUES (date '2026-06-20', 1, 0, 'a, b'), ('2026-06-21', 0, 1, NULL), ('2026-06-23', 2, 0, NULL)$$, 'a file: its good lines are kept');
CREATE FUNCTION oracle.fields(type regtype) RETURNS SETOF name LANGUAGE sql AS $$
	SELECT attname FROM pg_attribute JOIN pg_type ON typrelid = attrelid WHERE pg_type.oid = type AND attnum > 0
$$;
SELECT set_eq($$SELECT oracle.fields('care.staged_check_in')::text$$, $$SELECT jsonb_object_keys(care.ingest_keys('check_in'))$$, 'a staged check-in has every key');
SELECT set_eq($$SELECT oracle.fields('care.staged_measurement')::text$$, $$SELECT jsonb_object_keys(care.ingest_keys('measurement') - 'instrument_id')$$,
	'a staged measurement has every key but one');
SELECT set_eq($$SELECT attname::text FROM pg_attribute WHERE attrelid = 'care.check_in'::regclass AND attnum > 0 AND attname <> 'check_in_id'$$,
	$$SELECT jsonb_object_keys(care.ingest_keys('check_in'))$$, 'a check-in can be given with every column');

SELECT * FROM finish();
ROLLBACK;
