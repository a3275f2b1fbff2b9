-- The program that the isolation specs work in, and what all of them begin and end with.  The clock stands at noon of 10 March 2026, UTC.
CREATE EXTENSION coachiatry;
SELECT coachiatry.create_program('care', role_prefix => 'specs');
SELECT pg_catalog.format('ALTER DATABASE %I SET coachiatry.clock = %L', pg_catalog.current_database(), '2026-03-10 12:00+00') \gexec

CREATE SCHEMA isolation;

-- People 1 to n, each with a daily task of the same number from 1 March on; planned is when their plans were last brought up to date.
CREATE FUNCTION isolation.people(n int, planned timestamptz DEFAULT '2026-03-10 12:00+00') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('coachiatry.clock', planned::text, true);
	PERFORM setval(pg_get_serial_sequence('care.episode', 'episode_id'), 1, false); -- an error names it
	INSERT INTO care.person (person_id) SELECT generate_series(1, n);
	INSERT INTO care.task (person_id, task_id, schedule, starts_at)
	SELECT p, p, 'FREQ=DAILY', '2026-03-01' FROM generate_series(1, n) p;
END
$$;

-- Empties the program, whatever a step has left behind.
CREATE FUNCTION isolation.forget() RETURNS void
LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
	it regclass;
BEGIN
	FOR it IN
		SELECT c.oid FROM pg_class c
		WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('program_info', 'task_kind', 'warning_rule')
	LOOP
		EXECUTE format('DELETE FROM %s', it);
	END LOOP;
END
$$;

-- Units that were recorded and units that are kept: every row must have the same number twice.
CREATE VIEW isolation.totals AS
SELECT person_id, task_id, source, r.units AS recorded, k.units AS kept, k.calendar
FROM (
	SELECT person_id, task_id, source, sum(taken + missed) AS units FROM care.check_in GROUP BY person_id, task_id, source) r
FULL JOIN (
	SELECT c.person_id, c.task_id, c.source, c.calendar::text AS calendar, sum(d.taken + d.missed) AS units
	FROM care.task_calendar c CROSS JOIN LATERAL coachiatry.to_adherence_days(c.calendar) d
	WHERE c.source <> 'plan'
	GROUP BY c.person_id, c.task_id, c.source, c.calendar::text) k USING (person_id, task_id, source)
ORDER BY person_id, task_id, source;

CREATE VIEW isolation.plans AS
SELECT person_id, task_id, calendar::text AS plan, to_char(planned_through, 'YYYY-MM-DD') AS through
FROM care.task_calendar WHERE source = 'plan'
ORDER BY person_id, task_id;

-- Who signs in: specs_pool is the login, isolation.become() signs somebody in with a token whose jti is their name.
CREATE ROLE specs_pool LOGIN NOINHERIT IN ROLE specs_person, specs_coach, specs_prescriber, specs_supervisor, specs_coordinator;
CREATE ROLE specs_login LOGIN IN ROLE specs_coach;
GRANT USAGE ON SCHEMA isolation TO PUBLIC;
CREATE TABLE isolation.token (name text PRIMARY KEY, token text NOT NULL, role text NOT NULL);
GRANT SELECT ON isolation.token TO PUBLIC;

CREATE FUNCTION isolation.become(who text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coachiatry.sign_in((SELECT t.token FROM isolation.token t WHERE t.name = who));
	RETURN (SELECT concat_ws(' ', w.kind, w.role) FROM coachiatry.whoami() w);
END
$$;

-- The same by the settings.
CREATE FUNCTION isolation.become_by_setting(who text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('coachiatry.token', t.token, true), set_config('role', t.role, true) FROM isolation.token t WHERE t.name = who;
	RETURN (SELECT concat_ws(' ', w.kind, w.role) FROM coachiatry.whoami('care') w);
END
$$;

-- Persons 1 and 2, who have a coach (1), a supervisor (2) and a prescriber (3), coordinators here (5) and there (6), proxies of person 1, and a row in each
-- table. Of those tables all rows of person 1 say "before".
CREATE FUNCTION isolation.scope() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM isolation.people(2);
	PERFORM setval(pg_get_serial_sequence('care.task', 'task_id'), 9000); -- new ones come after those
	PERFORM care.rotate_token_key();
	INSERT INTO care.organization (organization_id, name) VALUES (1, 'here'), (2, 'there');
	UPDATE care.person SET organization_id = 1, name = 'before', token_subject = 'person' || person_id;
	INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, token_subject, supervisor_id, employed) VALUES
		(3, 1, 'before', 'prescriber', true, 'prescriber', NULL, '[2020-01-01,)'), (2, 1, 'before', 'supervisor', false, 'supervisor', 3, '[2020-01-01,)'),
		(1, 1, 'before', 'coach', false, 'coach', 2, '[2020-01-01,)'), (4, 1, 'before', 'coach', false, 'colleague', 2, '[2020-01-01,)'),
		(5, 1, 'before', 'coordinator', false, 'coordinator', NULL, '[2020-01-01,)'), (6, 2, 'before', 'coordinator', false, 'coordinator there', NULL, '[2020-01-01,)');
	INSERT INTO care.assignment (person_id, assignment_id, staff_id, role, during) VALUES (1, 9001, 1, 'coach', '[2026-03-01,)'), (1, 9003, 3, 'prescriber', '[2026-03-01,)'),
		(2, 9004, 4, 'coach', '[2026-03-01,)');
	INSERT INTO care.proxy (person_id, proxy_id, name, relation, scope, token_subject, during) VALUES
		(1, 9001, 'before', 'friend', '{check_in,message,measure}', 'proxy', '[2020-01-01,)');
	INSERT INTO care.instrument (instrument_id, name) VALUES (1, 'PHQ-9');
	INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken, note) SELECT 1, n, 1, '2026-03-05', s, 1, 'before' FROM (VALUES (9001, 'coach'), (9002, 'proxy')) v (n, s);
	INSERT INTO care.task_step (person_id, task_step_id, task_id, position, words) VALUES (1, 9001, 1, 1, 'before');
	INSERT INTO care.commitment (person_id, commitment_id, task_id, then_action) VALUES (1, 9001, 1, 'before');
	INSERT INTO care.preference (person_id, tone) VALUES (1, 'before');
	INSERT INTO care.contact (person_id, contact_id, staff_id, channel) VALUES (1, 9001, 1, 'text'), (1, 9003, 3, 'text');
	INSERT INTO care.support_request (person_id, support_request_id, words) VALUES (1, 9001, 'before');
	INSERT INTO care.message (person_id, message_id, author_kind, body, scope_check) VALUES (1, 9001, 'person', 'before', 'flagged');
	INSERT INTO care.goal (person_id, goal_id, words) VALUES (1, 9001, 'before');
	INSERT INTO care.plan (person_id, plan_id, written_by, words) VALUES (1, 9001, 3, 'before');
	INSERT INTO care.excused_period (person_id, excused_period_id, during, excused_by, reason) VALUES (1, 9001, '[2026-03-02,2026-03-03)', 3, 'before');
	INSERT INTO care.plan_change_request (person_id, plan_change_request_id, task_id, asked_by, words) VALUES (1, 9001, 1, 1, 'before');
	INSERT INTO care.diagnosis (person_id, diagnosis_id, made_by, code, words) VALUES (1, 9001, 3, 'F32', 'before');
	INSERT INTO care.measurement (person_id, measurement_id, instrument_id, measured_on, source, value, unit) SELECT 1, n, 1, '2026-03-05', s, 5, 'before' FROM (VALUES (9001, 'seen'), (9002, 'proxy')) v (n, s);
	INSERT INTO care.task_revision (person_id, task_revision_id, task_id, until, starts_at) VALUES (1, 9001, 1, '2026-03-02', '2026-03-01');
	INSERT INTO care.coverage (coverage_id, staff_id, during, time_zone) VALUES (9001, 1, '[2026-03-01,)', 'UTC');
	UPDATE care.episode SET referred_from = 'before';
	DELETE FROM isolation.token;
	INSERT INTO isolation.token
	SELECT w.name, coachiatry.sign_token(json_build_object('sub', w.name, 'aud', current_database() || '/care', 'exp', 4102444800, 'jti', w.name)::text,
		json_build_object('alg', 'HS256', 'kid', k.key_id)::text, k.secret), w.role
	FROM care.token_key k, (SELECT s.token_subject AS name, 'specs_' || s.role AS role FROM care.staff s UNION ALL VALUES ('person1', 'specs_person'), ('proxy', 'specs_person')) w
	WHERE k.retires_at IS NULL;
END
$$;

-- Every row about person 1 now says "after"; the keys stay.
CREATE FUNCTION isolation.change_all() RETURNS void
LANGUAGE sql AS $$
	UPDATE care.check_in SET note = 'after' WHERE person_id = 1;
	UPDATE care.task_step SET words = 'after' WHERE person_id = 1;
	UPDATE care.commitment SET then_action = 'after' WHERE person_id = 1;
	UPDATE care.preference SET tone = 'after' WHERE person_id = 1;
	UPDATE care.contact SET reached = NOT reached WHERE person_id = 1;
	UPDATE care.support_request SET words = 'after' WHERE person_id = 1;
	UPDATE care.message SET body = 'after' WHERE person_id = 1;
	UPDATE care.goal SET words = 'after' WHERE person_id = 1;
	UPDATE care.plan SET words = 'after' WHERE person_id = 1;
	UPDATE care.task SET title = 'after' WHERE person_id = 1;
	UPDATE care.excused_period SET reason = 'after' WHERE person_id = 1;
	UPDATE care.plan_change_request SET words = 'after' WHERE person_id = 1;
	UPDATE care.diagnosis SET words = 'after' WHERE person_id = 1;
	UPDATE care.measurement SET unit = 'after' WHERE person_id = 1;
	UPDATE care.task_revision SET starts_at = starts_at + interval '1 hour' WHERE person_id = 1;
	UPDATE care.episode SET referred_from = 'after' WHERE person_id = 1;
	UPDATE care.person SET name = 'after' WHERE person_id = 1;
	UPDATE care.proxy SET name = 'after' WHERE person_id = 1;
	UPDATE care.assignment SET created_at = created_at + interval '1 hour' WHERE person_id = 1 AND assignment_id = 9003;
	UPDATE care.staff SET name = 'after' WHERE staff_id = 1;
	UPDATE care.coverage SET time_zone = 'Europe/Madrid' WHERE staff_id = 1;
$$;
