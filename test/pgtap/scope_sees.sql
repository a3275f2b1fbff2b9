-- Whom the actor sees, which is looked up once and kept: the same as plain SQL says of random assignments, trees and organisations, whatever the actor, the
-- time and the size; forgotten as soon as it may be another; and, for the planner, a condition for an index where that helps.
\ir include/setup.sql
SELECT plan(31);

SELECT create_program('care') \g /dev/null
CREATE ROLE sees_pool LOGIN NOINHERIT IN ROLE care_app;
GRANT USAGE ON SCHEMA oracle TO PUBLIC;
SET LOCAL coachiatry.clock = '2026-03-10 09:30+00';

--
-- Against plain SQL
--
INSERT INTO care.organization (organization_id, name) VALUES (1, 'Here'), (2, 'There');
INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, supervisor_id, token_subject)
SELECT n, CASE WHEN n % 7 > 0 THEN 1 + n % 2 END, 'staff', v.role, true, CASE WHEN n > 9 AND oracle.random(n, 1) < 0.7 THEN 1 + floor(oracle.random(n, 2) * (n - 1)) END, 'staff' || n
FROM generate_series(1, 60) n
CROSS JOIN LATERAL (SELECT (ARRAY['coach', 'supervisor', 'prescriber', 'therapist', 'coordinator', 'supervisor', 'coach', 'auditor', 'analyst', 'practice_coach'])[1 + n % 10] AS role) v;
INSERT INTO care.person (person_id, organization_id, time_zone)
SELECT n * CASE WHEN n > 200 THEN 1000003 ELSE 1 END, CASE WHEN n % 5 > 0 THEN 1 + n % 2 END,
	(ARRAY['UTC', 'Pacific/Kiritimati', 'Pacific/Niue', 'Asia/Kathmandu', 'America/New_York'])[1 + floor(oracle.random(n, 3) * 5)::int]
FROM generate_series(1, 300) n;
-- Many begin or end within the days of which it depends on the time zone whether they are today.
INSERT INTO care.assignment (person_id, staff_id, role, clinical_supervisor_id, during)
SELECT p.person_id, s.staff_id, CASE WHEN s.role IN ('prescriber', 'therapist') AND oracle.random(n, 4) < 0.7 THEN s.role WHEN oracle.random(n, 5) < 0.8 THEN 'coach' ELSE 'supervisor' END,
	CASE WHEN oracle.random(n, 6) < 0.3 THEN (SELECT c.staff_id FROM care.staff c WHERE c.treats ORDER BY oracle.random(n, 7, c.staff_id::int) LIMIT 1) END,
	CASE floor(oracle.random(n, 8) * 4)::int WHEN 0 THEN daterange('2026-01-01', NULL) WHEN 1 THEN daterange(NULL, date '2026-03-08' + floor(oracle.random(n, 9) * 6)::int)
		WHEN 2 THEN daterange(date '2026-03-07' + floor(oracle.random(n, 9) * 6)::int, NULL) ELSE daterange('2026-03-10', '2026-03-11') END
FROM generate_series(1, 1500) n
CROSS JOIN LATERAL (SELECT p.person_id FROM care.person p ORDER BY p.person_id OFFSET floor(oracle.random(n, 10) * 300)::int LIMIT 1) p
CROSS JOIN LATERAL (SELECT s.staff_id, s.role FROM care.staff s ORDER BY s.staff_id OFFSET floor(oracle.random(n, 11) * 60)::int LIMIT 1) s;

-- Who sees whom: rules of the README in other words, with a table of the tree and days of the calendar of each person.
CREATE FUNCTION oracle.today(time_zone text) RETURNS date LANGUAGE sql STABLE AS
	$$SELECT ((current_setting('coachiatry.clock')::timestamptz AT TIME ZONE time_zone) - (SELECT day_start FROM care.program_info)::interval)::date$$;
CREATE FUNCTION oracle.who_sees() RETURNS TABLE (staff_id bigint, person_id bigint) LANGUAGE sql STABLE AS $$
	WITH RECURSIVE above AS (
		SELECT s.staff_id AS boss, s.staff_id AS staff, 0 AS level FROM care.staff s
		UNION ALL SELECT a.boss, s.staff_id, a.level + 1 FROM above a JOIN care.staff s ON s.supervisor_id = a.staff
	), today AS (
		SELECT a.* FROM care.assignment a JOIN care.person p USING (person_id)
		WHERE coalesce(lower(a.during) <= oracle.today(p.time_zone), true) AND coalesce(upper(a.during) > oracle.today(p.time_zone), true)
	)
	SELECT s.staff_id, t.person_id FROM care.staff s JOIN today t USING (staff_id) WHERE s.role = ANY ('{coach,supervisor,prescriber,therapist}')
	UNION SELECT a.boss, t.person_id FROM above a JOIN care.staff s ON s.staff_id = a.boss AND s.role = 'supervisor' JOIN today t ON t.staff_id = a.staff
		WHERE a.level > 0 AND t.role = ANY ('{coach,supervisor}')
	UNION SELECT s.staff_id, t.person_id FROM care.staff s JOIN today t ON t.clinical_supervisor_id = s.staff_id WHERE s.role = ANY ('{prescriber,therapist}')
	UNION SELECT s.staff_id, p.person_id FROM care.staff s JOIN care.person p ON coalesce(p.organization_id, 0) = coalesce(s.organization_id, 0) WHERE s.role = 'coordinator'
$$;
-- Whom each of the staff really sees: signed in, by the policy of person, in several statements.
CREATE TABLE oracle.seen (staff_id bigint, way text, person_id bigint);
CREATE TABLE oracle.token AS SELECT staff_id, role, care.issue_token(token_subject) AS token FROM care.staff;
GRANT SELECT ON oracle.token TO PUBLIC;
GRANT INSERT, SELECT ON oracle.seen TO PUBLIC;
CREATE FUNCTION oracle.look() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	one record;
BEGIN
	DELETE FROM oracle.seen;
	FOR one IN SELECT * FROM oracle.token WHERE role NOT IN ('auditor', 'analyst', 'practice_coach') ORDER BY staff_id LOOP
		PERFORM coachiatry.sign_in(one.token);
		INSERT INTO oracle.seen SELECT one.staff_id, 'assignments', person_id FROM care.assignment;
		INSERT INTO oracle.seen SELECT one.staff_id, 'persons', person_id FROM care.person;
		INSERT INTO oracle.seen SELECT one.staff_id, 'listed', care.visible_persons('coach', 'supervisor', 'prescriber', 'therapist', 'coordinator');
		PERFORM set_config('role', 'none', true);
	END LOOP;
END
$$;
SELECT cmp_ok((SELECT count(*) FROM oracle.who_sees()), '>', 1000::bigint, 'many see many');
SELECT cmp_ok((SELECT count(DISTINCT staff_id) FROM oracle.who_sees() w JOIN care.staff USING (staff_id) WHERE role = 'supervisor'), '>', 5::bigint, 'supervisors among them');
SELECT oracle.look() \g /dev/null
SELECT set_eq('SELECT staff_id, person_id FROM oracle.seen WHERE way = ''persons''', 'SELECT * FROM oracle.who_sees()', 'everybody sees the persons whom plain SQL says');
SELECT set_eq('SELECT staff_id, person_id FROM oracle.seen WHERE way = ''listed''', 'SELECT * FROM oracle.who_sees()', 'and has a list of the same');
SELECT is_empty('(SELECT DISTINCT staff_id, person_id FROM oracle.seen WHERE way = ''assignments'' EXCEPT SELECT staff_id, person_id FROM oracle.who_sees())
	UNION ALL (SELECT w.staff_id, w.person_id FROM oracle.who_sees() w WHERE EXISTS (SELECT FROM care.assignment a WHERE a.person_id = w.person_id)
		EXCEPT SELECT staff_id, person_id FROM oracle.seen WHERE way = ''assignments'')', 'and their rows in another table');
SELECT set_eq($$SELECT s.staff_id, p.person_id FROM care.staff s, care.person p, care.why_visible(s.staff_id, p.person_id) v
	WHERE s.role NOT IN ('auditor') AND p.person_id <= 60 GROUP BY 1, 2 HAVING bool_or(v.visible)$$, 'SELECT * FROM oracle.who_sees() WHERE person_id <= 60',
	'why_visible() says the same');
SELECT is_empty($$SELECT s.staff_id, p.person_id FROM care.staff s, care.person p WHERE p.person_id <= 60 AND NOT EXISTS (SELECT FROM care.why_visible(s.staff_id, p.person_id) v
	WHERE v.why <> '')$$, 'and gives a reason in every case');
UPDATE care.program_info SET day_start = '17:00';
SELECT oracle.look() \g /dev/null
SELECT set_eq('SELECT staff_id, person_id FROM oracle.seen WHERE way = ''persons''', 'SELECT * FROM oracle.who_sees()', 'also where days begin at another hour');
SET LOCAL coachiatry.clock = '2026-03-09 23:59:59.999999+00';
SELECT oracle.look() \g /dev/null
SELECT set_eq('SELECT staff_id, person_id FROM oracle.seen WHERE way = ''persons''', 'SELECT * FROM oracle.who_sees()', 'and at another time');

--
-- What is kept is forgotten
--
UPDATE care.program_info SET day_start = '00:00';
CREATE FUNCTION oracle.sees(subject text, person bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	answer boolean;
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token(subject));
	answer := EXISTS (SELECT FROM care.person p WHERE p.person_id = person);
	PERFORM set_config('role', 'none', true);
	RETURN answer;
END
$$;
RESET coachiatry.clock;
INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, token_subject) VALUES (101, 1, 'Cy', 'coach', true, 'cy'), (102, 1, 'Di', 'coach', true, 'di'),
	(103, 1, 'Co', 'coordinator', false, 'co');
INSERT INTO care.person (person_id, organization_id) VALUES (1001, 1);
INSERT INTO care.assignment (person_id, staff_id, during) VALUES (1001, 101, daterange(current_date - 10, NULL));
SELECT ok(oracle.sees('cy', 1001), 'a coach sees somebody');
SELECT ok(NOT oracle.sees('di', 1001), 'another does not');
UPDATE care.assignment SET during = daterange(current_date - 10, current_date) WHERE staff_id = 101;
SELECT ok(NOT oracle.sees('cy', 1001), 'nor does the first after the assignment has ended, in the same transaction');
SAVEPOINT before;
UPDATE care.assignment SET during = daterange(current_date - 10, NULL) WHERE staff_id = 101;
SELECT ok(oracle.sees('cy', 1001), 'they do when it goes on');
ROLLBACK TO before;
SELECT ok(NOT oracle.sees('cy', 1001), 'and do not when that is rolled back');
SET LOCAL coachiatry.clock = '2001-01-01';
SELECT ok(NOT oracle.sees('cy', 1001), 'nor before it began');
SELECT set_config('coachiatry.clock', (current_date - 5)::text || ' 12:00+00', true) \g /dev/null
SELECT ok(oracle.sees('cy', 1001), 'but while it was');
RESET coachiatry.clock;
SELECT ok(NOT oracle.sees('cy', 1001), 'the clock moves on');
SELECT ok(oracle.sees('co', 1001), 'a coordinator sees the people of the organisation');
UPDATE care.person SET organization_id = 2 WHERE person_id = 1001;
SELECT ok(NOT oracle.sees('co', 1001), 'until they are of another');
UPDATE care.person SET organization_id = 1;
SELECT ok(oracle.sees('co', 1001), 'of the only one there is, too');
INSERT INTO care.person (person_id) VALUES (1002);
SELECT ok(NOT oracle.sees('co', 1002), 'but not somebody of none');

--
-- Arguments
--
SELECT is(sees('care', NULL, 'coach'), NULL, 'nobody is asked for');
SELECT is(sees('care', 1001, VARIADIC '{}'), false, 'in no role');
SELECT is(seen_persons('care', 'coach', NULL), '{}', 'by nobody: none');
SELECT is(sees('pg_catalog', 1001, 'coach'), false, 'in a schema that is no program nobody acts');

--
-- Plans
--
UPDATE care.assignment SET during = daterange('2020-01-01', NULL) WHERE staff_id = 101;
INSERT INTO care.task (person_id, schedule) SELECT person_id, 'FREQ=DAILY' FROM care.person, generate_series(1, 20);
ANALYZE care.task, care.person, care.assignment;
CREATE FUNCTION oracle.plan(subject text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	plan text := '';
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token(subject));
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		plan := concat_ws(E'\n', plan, line);
	END LOOP;
	PERFORM set_config('role', 'none', true);
	RETURN plan;
END
$$;
SELECT matches(oracle.plan('cy', 'SELECT count(*) FROM care.task'), 'Index Cond: \(person_id = ANY \(seen_persons', 'of a few persons it is a condition for an index');
SELECT doesnt_match(oracle.plan('cy', 'SELECT count(*) FROM care.task WHERE person_id = 1001'), 'seen_persons', 'where the person is pinned no list is made');
SELECT matches(oracle.plan('cy', 'SELECT count(*) FROM care.task WHERE person_id = 1001'), 'Filter: sees', 'but they are asked for');
SELECT is((SELECT count(*) FROM regexp_matches(oracle.plan('cy', 'SELECT count(*) FROM care.task JOIN care.person USING (person_id) JOIN care.goal USING (person_id)'), 'seen_persons', 'g')),
	1::bigint, 'of tables that are joined one makes a list');
SELECT is((SELECT count(*) FROM regexp_matches(oracle.plan('cy', 'SELECT count(*) FROM care.task JOIN care.person USING (person_id) JOIN care.goal USING (person_id)'), 'sees\(', 'g')),
	2::bigint, 'and the others ask for each row');
SELECT matches(oracle.plan('cy', 'UPDATE care.task_step SET words = ''x'''), 'still_sees', 'rows that are changed are asked for by what is committed');
SELECT * FROM finish();
ROLLBACK;
