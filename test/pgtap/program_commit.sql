-- What is kept at the ends of transactions: committed, rolled back, prepared, and failing at the last moment. So this test commits, and drops
-- its program at the end.
\set ECHO none
\set ON_ERROR_STOP on
\pset pager off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS coachiatry;
SET timezone = 'UTC';
SELECT coachiatry.create_program('tap_commit', adopt_roles => true) \g /dev/null
SET search_path = tap_commit, public, coachiatry;
INSERT INTO person (person_id) VALUES (1);
INSERT INTO task (person_id, task_id, starts_at) VALUES (1, 1, '2026-02-01');
SELECT plan(19);

CREATE VIEW kept AS SELECT source COLLATE "default" AS source, calendar::text FROM task_calendar WHERE source <> 'plan';
\set rows '(person_id, task_id, due_on, taken) VALUES (1, 1, \'2026-02-01\', 1), (1, 1, \'2026-02-02\', 1)'
\set both 'ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken + 1'

BEGIN;
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-01', 1);
ROLLBACK;
SELECT is_empty('SELECT * FROM kept', 'what is rolled back is not kept');

BEGIN;
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-01', 1);
SAVEPOINT first;
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-02', 1);
ROLLBACK TO first;
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-03', 1);
SAVEPOINT second;
SAVEPOINT third;
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-04', 1);
RELEASE third;
UPDATE check_in SET taken = 2;
ROLLBACK TO second;
COMMIT;
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: * . *')$$, 'savepoints');
DELETE FROM check_in WHERE due_on > '2026-02-01';

-- A statement that fails leaves nothing to the next.
BEGIN;
SAVEPOINT before;
\set ON_ERROR_STOP off
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-05', 1), (1, 1, '2026-02-06', 0);
\set state :SQLSTATE
\set ON_ERROR_STOP on
ROLLBACK TO before;
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-07', 1);
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: * .5 *')$$, 'after one that failed the next is kept at once');
ROLLBACK;
SELECT is(:'state'::text, '23514', 'it did fail');
\set ON_ERROR_STOP off
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-05', 1), (1, 1, '2026-02-06', 0);
\set ON_ERROR_STOP on
INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-07', 1);
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: * .5 *')$$, 'also where it was a transaction of its own');
DELETE FROM check_in WHERE due_on > '2026-02-01';

-- Where a trigger that was announced does not fire, the end of the transaction is when the others are done.
DROP TRIGGER keep_update ON check_in;
CREATE TRIGGER keep_update AFTER UPDATE ON check_in REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (current_setting('tap.keep', true) = 'on') EXECUTE FUNCTION coachiatry.keep_calendars();
BEGIN;
INSERT INTO check_in :rows :both;
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: *')$$, 'not yet');
COMMIT;
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: *2')$$, 'but in the end');
SELECT is(rebuild_derived(), 1::bigint, 'without what that one was not told of');
DELETE FROM check_in WHERE due_on > '2026-02-01';

BEGIN;
INSERT INTO check_in :rows :both;
ROLLBACK;
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: (0,2)')$$, 'or never');

BEGIN;
INSERT INTO check_in :rows :both;
PREPARE TRANSACTION 'coachiatry tap_commit';
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: (0,2)')$$, 'nor while it is prepared');
COMMIT PREPARED 'coachiatry tap_commit';
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: (0,2) *')$$, 'a prepared transaction keeps it too');
DELETE FROM check_in WHERE due_on > '2026-02-01';

-- And where that fails, the transaction does.
BEGIN;
INSERT INTO check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, '2026-02-01', 1, 'seen');
INSERT INTO check_in (person_id, task_id, due_on, taken, occurrence) VALUES (1, 1, '2026-02-01', 1, 1), (1, 1, '2026-02-01', 98, 2)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken;
\set ON_ERROR_STOP off
COMMIT;
\set state :SQLSTATE
\set ON_ERROR_STOP on
SELECT is(:'state'::text, '22003', 'what cannot be kept cannot be committed');
SELECT results_eq('TABLE kept', $$VALUES ('person', '2026-02-01: (0,2)')$$, 'nor the rest of it');
SELECT is((SELECT count(*) FROM check_in), 1::bigint, 'nor the facts');
SET tap.keep = 'on';
INSERT INTO check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, '2026-02-01', 1, 'seen');
SELECT results_eq('TABLE kept ORDER BY 1', $$VALUES ('person', '2026-02-01: (0,2)'), ('seen', '2026-02-01: *')$$, 'the session goes on as before');
SELECT is_empty('SELECT * FROM verify_derived()', 'and all is right');

-- Triggers of somebody's own on kept calendars fire as after any UPDATE: in a statement, at the end of a transaction, and twice in one.
CREATE TABLE told (what text, calendar text);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = tap_commit, coachiatry AS $$
BEGIN
	INSERT INTO told VALUES (TG_WHEN, NEW.calendar::text);
	RETURN NEW;
END
$$;
CREATE TRIGGER tell_before BEFORE UPDATE ON task_calendar FOR EACH ROW WHEN (NEW.source = 'seen') EXECUTE FUNCTION tell();
CREATE TRIGGER tell_after AFTER UPDATE ON task_calendar FOR EACH ROW WHEN (NEW.source = 'seen') EXECUTE FUNCTION tell();
BEGIN;
INSERT INTO check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, '2026-02-02', 1, 'seen');
INSERT INTO check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, '2026-02-03', 1, 'seen');
COMMIT;
SELECT results_eq('TABLE told', $$VALUES ('BEFORE', '2026-02-01: *2'), ('AFTER', '2026-02-01: *2'), ('BEFORE', '2026-02-01: *3'), ('AFTER', '2026-02-01: *3')$$,
	'triggers of somebody''s own on what is kept fire once for each row');
TRUNCATE told;
SET tap.keep = 'off';
INSERT INTO check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, '2026-02-04', 1, 'seen') ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = 2;
SELECT results_eq('TABLE told', $$VALUES ('BEFORE', '2026-02-01: *4'), ('AFTER', '2026-02-01: *4')$$, 'also where the end of the transaction writes it');
SET tap.keep = 'on';
SELECT is_empty('SELECT * FROM verify_derived()', 'and all is still right');

SELECT * FROM finish();
DROP VIEW kept;
SELECT coachiatry.drop_program('tap_commit', true, 'tap_commit') \g /dev/null
