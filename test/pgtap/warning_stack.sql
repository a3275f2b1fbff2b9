-- A stack that is nearly full is no fault of a rule, nor of the safety path: at whatever depth it ends, a statement fails and nothing is written, or it is
-- recorded and everybody is told.  Statements are run where hardly any stack is left, with a kilobyte more each time, until they have enough.  A site's triggers on what is written last take more of it than what would be told in its place, so that there are depths at which a fault
-- could be told, but not what is to be warned of.
\ir include/setup.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(14);

INSERT INTO care.staff (staff_id, name, role, licensed) VALUES (1, 'x', 'therapist', true);
INSERT INTO care.person (person_id) VALUES (1);
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'own scale', '{9}');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, imported_from)
VALUES (1, 1, 'medication', 'x', 'FREQ=DAILY', '2026-03-01', NULL, 2, 'x');
INSERT INTO care.check_in (person_id, task_id, due_on, missed) SELECT 1, 1, date '2026-03-07' + n, 1 FROM generate_series(0, 1) n;

CREATE FUNCTION oracle.deep(levels integer, statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF levels > 0 THEN
		PERFORM oracle.deep(levels - 1, statement);
	ELSE
		EXECUTE statement;
	END IF;
END
$$;
CREATE FUNCTION oracle.take_stack() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	PERFORM oracle.deep(TG_ARGV[0]::integer, 'SELECT');
	RETURN NULL;
END
$$;
CREATE TRIGGER take_stack AFTER INSERT ON care.warning FOR EACH ROW WHEN (NEW.kind IN ('self_harm', 'over_use', 'rule')) EXECUTE FUNCTION oracle.take_stack(12);
CREATE TRIGGER take_stack AFTER INSERT ON care.scope_flag FOR EACH ROW EXECUTE FUNCTION oracle.take_stack(24);

-- What is to be found when a statement has been done: warnings that are open and words that are flagged.
CREATE TABLE oracle.act (what text, statement text, wanted text);
INSERT INTO oracle.act VALUES
	('an answer about self-harm', $$INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '9', '2026-03-10', 2)$$,
		'no_clinician, self_harm'),
	('a day of too many units', $$INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, '2026-03-06', 'device', 3)$$,
		'no_clinician, over_use'),
	('a third missed day', $$INSERT INTO care.check_in (person_id, task_id, due_on, missed) VALUES (1, 1, '2026-03-09', 1)$$, 'no_owner, rule'),
	('words', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', 'I want to kill myself')$$, 'concern, no_clinician, flagged');
CREATE VIEW oracle.recorded AS
SELECT (SELECT count(*) FROM care.measurement) + (SELECT count(*) FROM care.check_in) + (SELECT count(*) FROM care.message) AS facts;
SELECT facts AS before FROM oracle.recorded \gset

-- What a statement comes to at a depth, with so much stack; it is undone.
CREATE FUNCTION oracle.within(kilobytes integer, levels integer, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before CONSTANT bigint := (SELECT facts FROM oracle.recorded);
	enough CONSTANT text := current_setting('max_stack_depth');
BEGIN
	PERFORM set_config('max_stack_depth', kilobytes || 'kB', true);
	PERFORM oracle.deep(levels, statement);
	PERFORM set_config('max_stack_depth', enough, true);
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = concat_ws(', ', CASE WHEN (SELECT facts FROM oracle.recorded) = before THEN 'nothing recorded' END,
		(SELECT string_agg(w.kind, ', ' ORDER BY w.kind) FROM care.warning w WHERE w.closed_at IS NULL),
		(SELECT 'flagged' FROM care.scope_flag HAVING count(*) > 0), (SELECT 'faults' FROM care.stream_fault HAVING count(*) > 0));
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;

-- All statements, with plans that are kept or made anew: from the depth at which 100 kilobytes, the least that can be set, are just not full, until a
-- statement has had enough for some kilobytes.
CREATE TABLE oracle.outcome (as_it_is boolean, what text, anew boolean, kilobytes integer, said text, wanted text);
CREATE FUNCTION oracle.at_every_depth(as_it_is boolean, anew boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	a oracle.act;
	levels integer := 0;
	kilobytes integer;
	enough integer;
	said text;
BEGIN
	WHILE oracle.within(100, levels + 1, 'SELECT') <> '54001' LOOP
		levels := levels + 1;
	END LOOP;
	FOR a IN TABLE oracle.act LOOP
		kilobytes := 100;
		enough := 0;
		WHILE enough < 10 AND kilobytes < 1000 LOOP
			IF anew THEN
				DISCARD PLANS;
			END IF;
			said := oracle.within(kilobytes, levels, a.statement);
			INSERT INTO oracle.outcome VALUES (as_it_is, a.what, anew, kilobytes, said, a.wanted);
			enough := enough + (said = a.wanted)::integer;
			kilobytes := kilobytes + 1;
		END LOOP;
	END LOOP;
END
$$;
SELECT oracle.at_every_depth(true, anew) FROM (VALUES (true), (false)) n (anew) \g /dev/null

SELECT is((SELECT facts FROM oracle.recorded), :before::bigint, 'what was tried is undone');
SELECT ok(bool_or(said = '54001') AND bool_or(said = wanted), what || ': some stacks are full, and some are enough') FROM oracle.outcome GROUP BY what ORDER BY what;
SELECT is_empty(format('SELECT kilobytes, anew, said FROM oracle.outcome WHERE what = %L AND said NOT IN (%L, wanted)', what, '54001'),
	what || ': it fails, or it is recorded and told') FROM oracle.act ORDER BY what;

-- The test notices: if a full stack were a fault, there are depths at which it is recorded and not told as it should be.
SELECT ok(NOT care.is_fault('54001') AND care.is_fault('22012'), 'a full stack is no fault, a division by zero is');
CREATE OR REPLACE FUNCTION care.is_fault(state text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN left(state, 2) NOT IN ('40', '53', '57', '58', 'XX');
SELECT oracle.at_every_depth(false, false) \g /dev/null
SELECT isnt_empty(format('SELECT FROM oracle.outcome WHERE NOT as_it_is AND what = %L AND said NOT IN (%L, wanted)', what, '54001'),
	what || ': that would be noticed') FROM oracle.act ORDER BY what;

SELECT * FROM finish();
ROLLBACK;
