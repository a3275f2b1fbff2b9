-- The triggers that keep calendars and series: exact text of their errors. What they keep is in test/pgtap/program_*.sql.
CREATE SCHEMA keep;
SET search_path TO keep, public;

-- Not a trigger
SELECT coachiatry.keep_calendars();
SELECT coachiatry.keep_series();

-- For each row, before or after, and for TRUNCATE
CREATE TABLE check_in (person_id bigint, task_id bigint, source text, due_on date, taken smallint, missed smallint);
CREATE TRIGGER each_row AFTER INSERT ON check_in FOR EACH ROW EXECUTE FUNCTION coachiatry.keep_calendars();
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0);
\set VERBOSITY sqlstate
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0);
\set VERBOSITY default
DROP TRIGGER each_row ON check_in;
CREATE TRIGGER each_row_before BEFORE INSERT ON check_in FOR EACH ROW EXECUTE FUNCTION coachiatry.keep_series();
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0);
DROP TRIGGER each_row_before ON check_in;
CREATE TRIGGER truncated AFTER TRUNCATE ON check_in FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
TRUNCATE check_in;
DROP TRIGGER truncated ON check_in;

-- Without the rows of the statement
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0);
CREATE TRIGGER no_rows AFTER INSERT ON check_in FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-06', 1, 0);
DROP TRIGGER no_rows ON check_in;
CREATE TRIGGER only_new AFTER UPDATE ON check_in REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
EXECUTE FUNCTION coachiatry.keep_calendars();
UPDATE check_in SET taken = 2;
DROP TRIGGER only_new ON check_in;
CREATE TRIGGER only_old AFTER UPDATE ON check_in REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
EXECUTE FUNCTION coachiatry.keep_calendars();
UPDATE check_in SET taken = 2;
DROP TRIGGER only_old ON check_in;
CREATE TRIGGER no_old AFTER DELETE ON check_in FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
DELETE FROM check_in;
DROP TRIGGER no_old ON check_in;

-- On a table of another shape
CREATE TRIGGER keep AFTER INSERT ON check_in REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
CREATE TRIGGER keep_other AFTER INSERT ON check_in REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
ALTER TABLE check_in DISABLE TRIGGER keep;
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0);
ALTER TABLE check_in ENABLE TRIGGER keep, DISABLE TRIGGER keep_other;
ALTER TABLE check_in ALTER taken TYPE integer;
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0);
ALTER TABLE check_in DROP taken;
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 0);
-- it does not look while there are no rows
INSERT INTO check_in SELECT * FROM check_in WHERE false;
ALTER TABLE check_in DROP missed, ADD taken smallint, ADD missed smallint;

-- Facts that cannot be kept
INSERT INTO check_in VALUES (1, 1, 'person', NULL, 1, 0);
INSERT INTO check_in VALUES (1, 1, NULL, '2026-01-05', 1, 0);
\set VERBOSITY sqlstate
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', NULL, 0);
\set VERBOSITY default

-- Nothing to keep them in
\set VERBOSITY terse
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 0, 1);
\set VERBOSITY default
CREATE TABLE task_calendar (person_id bigint, task_id bigint, source text COLLATE "C", calendar coachiatry.adherence NOT NULL,
	stale_at timestamptz, PRIMARY KEY (person_id, task_id, source));
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 1, 0), (1, 1, 'person', '2026-01-06', 0, 2), (1, 1, 'person', '2026-01-06', 0, 1);
TABLE task_calendar;

-- Too much, and what is not there
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-05', 0, 99);
INSERT INTO check_in VALUES (1, 1, 'person', '2026-01-06', 99, 0);
INSERT INTO check_in SELECT 1, 1, 'person', '2026-01-07', 0, 50 FROM generate_series(1, 2);
TABLE task_calendar;
CREATE TRIGGER keep_delete AFTER DELETE ON check_in REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
UPDATE task_calendar SET calendar = '2026-01-05: (0,0,1,0)';
DELETE FROM check_in WHERE due_on = '2026-01-06';
DELETE FROM task_calendar;
DELETE FROM check_in WHERE due_on = '2026-01-06';
\set VERBOSITY sqlstate
DELETE FROM check_in WHERE due_on = '2026-01-06';
\set VERBOSITY default

SET client_min_messages TO warning;
DROP SCHEMA keep CASCADE;
