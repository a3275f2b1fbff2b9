-- Nonsense is impossible in a program, by constraints that say in their names what they forbid; and what lies just beside it is possible.
\ir include/setup.sql
SET LOCAL timezone = 'UTC';
SELECT set_config('coachiatry.clock', '2026-03-01 12:00+00', true) \g /dev/null
SELECT create_program('care') \g /dev/null
SET LOCAL search_path = care, public, coachiatry;

-- Do something and undo it: whether it fails with a SQLSTATE, and because of a constraint or a column.
CREATE FUNCTION oracle.forbidden(command text, state text, named text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	got_state text := 'no error';
	by_constraint text;
	by_column text;
	message text;
BEGIN
	BEGIN
		EXECUTE command;
		SET CONSTRAINTS ALL IMMEDIATE;
		RAISE EXCEPTION USING ERRCODE = 'ZZZZZ', MESSAGE = 'it was possible';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS got_state = RETURNED_SQLSTATE, by_constraint = CONSTRAINT_NAME, by_column = COLUMN_NAME, message = MESSAGE_TEXT;
	END;
	RETURN ok(got_state = state AND coalesce(nullif(by_constraint, ''), nullif(by_column, ''), '') = named,
			format('%s %s: %s', state, named, regexp_replace(command, '\s+', ' ', 'g')))
		|| CASE WHEN got_state <> state OR coalesce(nullif(by_constraint, ''), nullif(by_column, ''), '') <> named
			THEN E'\n' || diag(format('got %s %s%s: %s', got_state, by_constraint, by_column, message)) ELSE '' END;
END
$$;

-- Do something that must change a row, and undo it.
CREATE FUNCTION oracle.possible(command text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	changed bigint;
	failed text := '';
BEGIN
	BEGIN
		EXECUTE command;
		GET DIAGNOSTICS changed = ROW_COUNT;
		SET CONSTRAINTS ALL IMMEDIATE;
		IF changed = 0 THEN
			failed := 'no row was changed';
		END IF;
		RAISE EXCEPTION USING ERRCODE = 'ZZZZZ';
	EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN
		NULL;
	WHEN OTHERS THEN
		failed := SQLSTATE || ' ' || SQLERRM;
	END;
	RETURN ok(failed = '', 'possible: ' || regexp_replace(command, '\s+', ' ', 'g')) || CASE WHEN failed <> '' THEN E'\n' || diag(failed) ELSE '' END;
END
$$;

-- Everything at once has no number of its own here: the plan is the number of cases.
CREATE TABLE oracle.nonsense (n integer GENERATED ALWAYS AS IDENTITY, command text, state text, named text);
CREATE TABLE oracle.sense (n integer GENERATED ALWAYS AS IDENTITY, command text);

--
-- Who is there
--
INSERT INTO organization (organization_id, name) VALUES (1, 'North'), (2, 'South');
INSERT INTO site (site_id, organization_id, name) VALUES (1, 1, 'Harbour'), (2, 2, 'Hill');
INSERT INTO staff (staff_id, organization_id, name, role, licensed, supervisor_id) VALUES
	(10, 1, 'Kim', 'prescriber', true, NULL), (11, 1, 'Lee', 'therapist', true, NULL), (12, 1, 'Max', 'supervisor', true, NULL),
	(13, 1, 'Nia', 'supervisor', false, 12), (14, 1, 'Oli', 'coach', false, 13), (15, 1, 'Pat', 'coach', false, 12),
	(16, 1, 'Quy', 'coordinator', false, NULL), (17, 2, 'Rob', 'prescriber', true, NULL), (18, NULL, 'Sam', 'analyst', false, NULL),
	(19, 1, 'Tom', 'coordinator', true, NULL), (20, 1, 'Una', 'coach', false, 19);
INSERT INTO person (person_id, name, token_subject) VALUES (1, 'Ada', 'ada'), (2, 'Ben', 'ben'), (3, 'Cleo', NULL), (4, 'Dora', NULL), (5, 'Eve', NULL);
INSERT INTO episode (person_id, episode_id, started, ended, reason) VALUES (1, 1, '2026-01-01', NULL, NULL), (2, 2, '2026-01-01', NULL, NULL),
	(4, 4, '2025-01-01', '2025-06-01', 'independent'), (1, 5, '2025-01-01', '2025-06-01', 'moved');
INSERT INTO goal (person_id, goal_id, words) VALUES (1, 1, 'Sleep'), (2, 2, 'Walk');
INSERT INTO plan (person_id, plan_id, words, written_by) VALUES (1, 1, 'A tablet a day', 10), (2, 2, 'A walk a day', 11);
INSERT INTO task (person_id, task_id, episode_id, kind, schedule, starts_at, prescribed_by) VALUES
	(1, 1, 1, 'medication', 'QD', '2026-01-01', 10), (1, 2, 1, 'activity', 'QD', '2026-01-01', NULL), (2, 3, 2, 'activity', NULL, '2026-01-01', NULL);
INSERT INTO task (person_id, task_id, episode_id, status, starts_at, ends) VALUES (4, 4, 4, 'completed', '2025-01-01', '2025-06-01');
INSERT INTO check_in (person_id, check_in_id, task_id, due_on, taken) VALUES (1, 1, 1, '2026-02-01', 1), (2, 2, 3, '2026-02-01', 1), (1, 3, 2, '2026-02-01', 1);
INSERT INTO verification (person_id, check_in_id, method, verified_by) VALUES (1, 1, 'seen', 14);
INSERT INTO supply (person_id, task_id, dispensed, days_supply, reference) VALUES (1, 1, '2026-01-01', 30, 'A1');
INSERT INTO instrument (instrument_id, name, lowest, highest) VALUES (1, 'PHQ-9', 0, 27);
INSERT INTO measurement (person_id, measurement_id, instrument_id, measured_on, value) VALUES (1, 1, 1, '2026-02-01', 12);
INSERT INTO excused_period (person_id, excused_period_id, task_id, during, excused_by) VALUES (1, 1, NULL, '[2026-01-10,2026-01-12)', 11);
INSERT INTO plan_change_request (person_id, plan_change_request_id, task_id, asked_by, words) VALUES (1, 1, 1, 14, 'In the morning?');
INSERT INTO clinical_note (person_id, written_by, body) VALUES (1, 11, 'Better.');
INSERT INTO assignment (person_id, assignment_id, staff_id, role, clinical_supervisor_id) VALUES (1, 1, 14, 'coach', 10), (1, 2, 11, 'therapist', NULL);

-- The numbers that come next are free.
SELECT setval(format('care.%I', sequencename), 1000) FROM pg_sequences WHERE schemaname = 'care' \g /dev/null

--
-- Another person's
--
INSERT INTO oracle.nonsense (command, state, named) VALUES
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (2, 1, ''2026-02-02'', 1)', '23503', 'check_in_person_id_task_id_fkey'),
('UPDATE check_in SET task_id = 3 WHERE check_in_id = 1', '23503', 'check_in_person_id_task_id_fkey'),
('INSERT INTO verification (person_id, check_in_id, method) VALUES (2, 1, ''seen'')', '23503', 'verification_person_id_check_in_id_fkey'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (2, 1, ''2026-02-02'', 30)', '23503', 'supply_person_id_task_id_fkey'),
('INSERT INTO excused_period (person_id, task_id, during, excused_by) VALUES (2, 1, ''[2026-01-10,2026-01-12)'', 11)', '23503',
	'excused_period_person_id_task_id_fkey'),
('INSERT INTO task_step (person_id, task_id, position, words) VALUES (2, 1, 1, ''Open the box'')', '23503', 'task_step_person_id_task_id_fkey'),
('INSERT INTO commitment (person_id, task_id, then_action) VALUES (2, 1, ''I take it'')', '23503', 'commitment_person_id_task_id_fkey'),
('INSERT INTO plan_change_request (person_id, task_id, words) VALUES (2, 1, ''Less?'')', '23503', 'plan_change_request_person_id_task_id_fkey'),
('INSERT INTO task_revision (person_id, task_id, until, starts_at) VALUES (2, 1, ''2026-01-10'', ''2026-01-01'')', '23503',
	'task_revision_person_id_task_id_fkey'),
('UPDATE task SET goal_id = 2 WHERE task_id = 1', '23503', 'task_person_id_goal_id_fkey'),
('UPDATE task SET plan_id = 2 WHERE task_id = 1', '23503', 'task_person_id_plan_id_fkey'),
('INSERT INTO task (person_id, episode_id, status, ends) VALUES (2, 5, ''stopped'', ''2026-04-01'')', '23503', 'task_person_id_episode_id_fkey'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (99, 1, ''2026-02-02'', 1)', '23503', 'measurement_person_id_fkey'),
('INSERT INTO task (person_id) VALUES (99)', '23503', 'episode_person_id_fkey'),
('DELETE FROM person WHERE person_id = 2', '23503', 'episode_person_id_fkey'),
('DELETE FROM task WHERE task_id = 3', '23503', 'check_in_person_id_task_id_fkey'),
('DELETE FROM check_in WHERE check_in_id = 1', '23503', 'verification_person_id_check_in_id_fkey'),
('DELETE FROM goal WHERE goal_id = 1; UPDATE task SET goal_id = 1 WHERE task_id = 1', '23503', 'task_person_id_goal_id_fkey'),
('UPDATE person SET person_id = 50 WHERE person_id = 1', '23503', 'episode_person_id_fkey'),
('DELETE FROM check_in WHERE task_id = 2; UPDATE task SET person_id = 2 WHERE task_id = 2', '23503', 'task_person_id_episode_id_fkey');
INSERT INTO oracle.sense (command) VALUES
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (2, 3, ''2026-02-02'', 1)'),
('UPDATE check_in SET task_id = 2, due_on = ''2026-02-09'' WHERE check_in_id = 1'),
('INSERT INTO verification (person_id, check_in_id, method) VALUES (2, 2, ''seen''), (2, 2, ''told'')'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (1, 1, ''2026-02-02'', 30), (1, 1, ''2026-02-02'', 30)'),
('INSERT INTO excused_period (person_id, task_id, during, excused_by) VALUES (1, 1, ''[2026-01-10,)'', 10)'),
('UPDATE task SET goal_id = 1, plan_id = 1 WHERE person_id = 1'),
('DELETE FROM check_in WHERE check_in_id = 2'),
('DELETE FROM person WHERE person_id = 5');

--
-- Staff
--
INSERT INTO oracle.nonsense (command, state, named) VALUES
-- circles of one, two and three, by an update of one row or several, and by an insert of several
('UPDATE staff SET supervisor_id = 15 WHERE staff_id = 15', '23514', 'staff_supervises_another'),
('INSERT INTO staff (staff_id, name, role, supervisor_id) VALUES (30, ''x'', ''coach'', 30)', '23514', 'staff_supervises_another'),
('UPDATE staff SET supervisor_id = 13 WHERE staff_id = 12', '23514', 'staff_supervision_has_no_circle'),
('UPDATE staff SET supervisor_id = 14 WHERE staff_id = 12', '23514', 'staff_supervision_has_no_circle'),
('UPDATE staff SET supervisor_id = 14 WHERE staff_id = 13', '23514', 'staff_supervision_has_no_circle'),
('INSERT INTO staff (staff_id, name, role, supervisor_id) VALUES (30, ''x'', ''coach'', 31), (31, ''y'', ''coach'', 30)', '23514',
	'staff_supervision_has_no_circle'),
('INSERT INTO staff (staff_id, name, role, supervisor_id) VALUES (30, ''x'', ''coach'', 31), (31, ''y'', ''coach'', 32), (32, ''z'', ''coach'', 30)',
	'23514', 'staff_supervision_has_no_circle'),
('UPDATE staff SET supervisor_id = CASE staff_id WHEN 14 THEN 15 ELSE 14 END WHERE staff_id IN (14, 15)', '23514', 'staff_supervision_has_no_circle'),
('INSERT INTO staff (staff_id, name, role, licensed, supervisor_id) VALUES (30, ''x'', ''therapist'', true, 31), (31, ''y'', ''coach'', false, 30)',
	'23514', 'staff_supervision_has_no_circle'),
('INSERT INTO staff (staff_id, name, role, supervisor_id) VALUES (12, ''x'', ''coach'', 13) ON CONFLICT (staff_id) DO UPDATE SET supervisor_id = 13',
	'23514', 'staff_supervision_has_no_circle'),
-- a line of supervisors that does not end in a licensed clinician
('INSERT INTO staff (name, role) VALUES (''x'', ''coach'')', '23514', 'staff_supervision_ends_in_a_licensed_clinician'),
('INSERT INTO staff (name, role) VALUES (''x'', ''supervisor'')', '23514', 'staff_supervision_ends_in_a_licensed_clinician'),
('INSERT INTO staff (name, role, supervisor_id) VALUES (''x'', ''coach'', 16)', '23503', 'staff_supervisor_is_in_the_tree'),
('INSERT INTO staff (name, role, supervisor_id) VALUES (''x'', ''coach'', 99)', '23503', 'staff_supervisor_id_fkey'),
('UPDATE staff SET licensed = false WHERE staff_id = 12', '23514', 'staff_supervision_ends_in_a_licensed_clinician'),
('UPDATE staff SET licensed = false WHERE staff_id = 19', '23503', 'staff_supervisor_is_in_the_tree'),
('UPDATE staff SET supervisor_id = NULL WHERE staff_id = 13', '23514', 'staff_supervision_ends_in_a_licensed_clinician'),
('UPDATE staff SET supervisor_id = NULL WHERE staff_id = 14', '23514', 'staff_supervision_ends_in_a_licensed_clinician'),
('UPDATE staff SET role = ''coordinator'', supervisor_id = NULL WHERE staff_id = 13', '23503', 'staff_supervisor_is_in_the_tree'),
('UPDATE staff SET role = ''coach'' WHERE staff_id = 16', '23514', 'staff_supervision_ends_in_a_licensed_clinician'),
('UPDATE staff SET supervisor_id = 18 WHERE staff_id = 14', '23503', 'staff_supervisor_is_in_the_tree'),
('DELETE FROM staff WHERE staff_id = 13', '23503', 'staff_supervisor_id_fkey'),
('INSERT INTO staff (name, role) VALUES (''x'', ''therapist'')', '23514', 'staff_clinician_is_licensed'),
('INSERT INTO staff (name, role, supervisor_id) VALUES (''x'', ''prescriber'', 10)', '23514', 'staff_clinician_is_licensed'),
('UPDATE staff SET licensed = false WHERE staff_id = 17', '23514', 'staff_clinician_is_licensed'),
('UPDATE staff SET role = ''therapist'' WHERE staff_id = 16', '23514', 'staff_clinician_is_licensed'),
-- roles that others rely on
('UPDATE staff SET role = ''therapist'' WHERE staff_id = 10', '23503', 'task_prescribed_by_a_prescriber'),
('UPDATE staff SET role = ''coordinator'' WHERE staff_id = 10', '23503', 'assignment_clinical_supervisor_is_a_clinician'),
('DELETE FROM assignment WHERE assignment_id = 2; UPDATE staff SET role = ''coordinator'' WHERE staff_id = 11', '23503', 'excused_period_by_a_clinician'),
('UPDATE staff SET role = ''prescriber'' WHERE staff_id = 11', '23503', 'assignment_clinician_has_that_role'),
('DELETE FROM staff WHERE staff_id = 10', '23503', 'assignment_clinical_supervisor_id_fkey'),
-- the rest
('INSERT INTO staff (name, role, licensed) VALUES ('''', ''coach'', true)', '23514', 'staff_name_check'),
('INSERT INTO staff (name, role, licensed) VALUES (NULL, ''coach'', true)', '23502', 'name'),
('INSERT INTO staff (name, role, licensed) VALUES (''x'', ''astrologer'', true)', '23514', 'staff_role_check'),
('INSERT INTO staff (name, role, licensed) VALUES (''x'', NULL, true)', '23502', 'role'),
('INSERT INTO staff (name, role, licensed, employed) VALUES (''x'', ''coach'', true, ''empty'')', '23514', 'staff_employed_check'),
('UPDATE staff SET token_subject = ''same'' WHERE staff_id IN (14, 15)', '23505', 'staff_token_subject_key'),
('UPDATE staff SET login_role = ''same'' WHERE staff_id IN (14, 15)', '23505', 'staff_login_role_key'),
('UPDATE staff SET organization_id = 99 WHERE staff_id = 14', '23503', 'staff_organization_id_fkey'),
('INSERT INTO organization (name) VALUES ('''')', '23514', 'organization_name_check'),
('INSERT INTO site (organization_id, name) VALUES (1, '''')', '23514', 'site_name_check'),
('INSERT INTO site (organization_id, name) VALUES (99, ''x'')', '23503', 'site_organization_id_fkey'),
('INSERT INTO coverage (staff_id, during, covers_for) VALUES (14, ''[2026-01-01,)'', 14)', '23514', 'coverage_check1'),
('INSERT INTO coverage (staff_id, during) VALUES (14, ''empty'')', '23514', 'coverage_during_check'),
('INSERT INTO coverage (staff_id, during, hours_from, hours_until) VALUES (14, ''[2026-01-01,)'', ''12:00'', ''12:00'')', '23514', 'coverage_check'),
('INSERT INTO coverage (staff_id, during, weekdays) VALUES (14, ''[2026-01-01,)'', ''{7,8}'')', '23514', 'coverage_weekdays_check'),
('INSERT INTO coverage (staff_id, during, weekdays) VALUES (14, ''[2026-01-01,)'', ''{}'')', '23514', 'coverage_weekdays_check'),
('INSERT INTO coverage (staff_id, during, time_zone) VALUES (14, ''[2026-01-01,)'', ''Mars/Olympus'')', '22023', '');
INSERT INTO oracle.sense (command) VALUES
('INSERT INTO staff (staff_id, name, role, licensed, supervisor_id) VALUES (30, ''x'', ''coach'', false, 31), (31, ''y'', ''coach'', false, 32),
	(32, ''z'', ''supervisor'', true, NULL)'),
('UPDATE staff SET supervisor_id = 15 WHERE staff_id = 13'),
('UPDATE staff SET supervisor_id = CASE staff_id WHEN 14 THEN 15 ELSE 13 END WHERE staff_id IN (14, 15)'),
('UPDATE staff SET licensed = true, supervisor_id = NULL WHERE staff_id = 13'),
('INSERT INTO staff (name, role, supervisor_id) VALUES (''x'', ''coach'', 11)'),
('INSERT INTO staff (name, role, supervisor_id) VALUES (''x'', ''analyst'', 14)'),
('INSERT INTO staff (name, role, licensed) VALUES (''x'', ''therapist'', true)'),
('INSERT INTO staff (name, role, licensed, supervisor_id) VALUES (''x'', ''prescriber'', true, 12)'),
('UPDATE staff SET supervisor_id = 12 WHERE staff_id = 19'),
('UPDATE staff SET role = ''therapist'' WHERE staff_id = 17'),
('UPDATE staff SET role = ''supervisor'' WHERE staff_id = 14'),
('DELETE FROM staff WHERE staff_id = 20'),
('INSERT INTO coverage (staff_id, during, covers_for, weekdays, hours_until) VALUES (14, ''[2026-01-01,)'', 15, ''{6,7}'', ''24:00'')');

--
-- Persons
--
INSERT INTO oracle.nonsense (command, state, named) VALUES
('INSERT INTO person (time_zone) VALUES (''Mars/Olympus'')', '22023', ''),
('INSERT INTO person (time_zone) VALUES ('''')', '22023', ''),
('INSERT INTO person (time_zone) VALUES (NULL)', '23502', 'time_zone'),
('UPDATE person SET time_zone = ''Mars/Olympus'' WHERE person_id = 1', '22023', ''),
('INSERT INTO person (locale) VALUES (''e'')', '23514', 'person_locale_check'),
('INSERT INTO person (name) VALUES ('''')', '23514', 'person_name_check'),
('INSERT INTO person (birth_year) VALUES (1899)', '23514', 'person_birth_year_check'),
('INSERT INTO person (token_subject) VALUES (''ada'')', '23505', 'person_token_subject_key'),
('UPDATE person SET merged_into = 1 WHERE person_id = 1', '23514', 'person_check'),
('INSERT INTO person (site_id) VALUES (1)', '23514', 'person_site_has_organization'),
('INSERT INTO person (site_id, organization_id) VALUES (1, 2)', '23503', 'person_site_id_organization_id_fkey'),
('INSERT INTO person_characteristic (person_id, characteristic, value) VALUES (1, '''', ''x'')', '23514', 'person_characteristic_characteristic_check'),
('INSERT INTO person_characteristic (person_id, characteristic, value) VALUES (1, ''x'', '''')', '23514', 'person_characteristic_value_check'),
('INSERT INTO person_characteristic (person_id, characteristic, value) VALUES (1, ''x'', ''y''), (1, ''x'', ''y'')', '23505',
	'person_characteristic_person_id_characteristic_value_key'),
('INSERT INTO preference (person_id, channel) VALUES (1, ''pigeon'')', '23514', 'preference_channel_check'),
('INSERT INTO preference (person_id, hours_from, hours_until) VALUES (1, ''20:00'', ''09:00'')', '23514', 'preference_check'),
('INSERT INTO preference (person_id) VALUES (1), (1)', '23505', 'preference_pkey'),
('INSERT INTO proxy (person_id, name, relation) VALUES (1, '''', ''mother'')', '23514', 'proxy_name_check'),
('INSERT INTO proxy (person_id, name, relation) VALUES (1, ''x'', '''')', '23514', 'proxy_relation_check'),
('INSERT INTO proxy (person_id, name, relation, scope) VALUES (1, ''x'', ''mother'', ''{calendar,bank}'')', '23514', 'proxy_scope_check'),
('INSERT INTO proxy (person_id, name, relation, scope) VALUES (1, ''x'', ''mother'', ''{calendar,NULL}'')', '23514', 'proxy_scope_check'),
('INSERT INTO proxy (person_id, name, relation, during) VALUES (1, ''x'', ''mother'', ''empty'')', '23514', 'proxy_during_check'),
('INSERT INTO proxy (person_id, name, relation, token_subject) VALUES (1, ''x'', ''a'', ''t''), (1, ''y'', ''b'', ''t'')', '23505',
	'proxy_person_id_token_subject_key'),
('INSERT INTO assignment (person_id, staff_id, role) VALUES (1, 14, ''therapist'')', '23503', 'assignment_clinician_has_that_role'),
('INSERT INTO assignment (person_id, staff_id, role) VALUES (1, 11, ''prescriber'')', '23503', 'assignment_clinician_has_that_role'),
('INSERT INTO assignment (person_id, staff_id, role) VALUES (1, 14, ''coordinator'')', '23514', 'assignment_role_check'),
('INSERT INTO assignment (person_id, staff_id, clinical_supervisor_id) VALUES (1, 14, 12)', '23503', 'assignment_clinical_supervisor_is_a_clinician'),
('INSERT INTO assignment (person_id, staff_id, during) VALUES (1, 14, ''empty'')', '23514', 'assignment_during_check'),
('INSERT INTO assignment (person_id, staff_id) VALUES (1, NULL)', '23502', 'staff_id');
INSERT INTO oracle.sense (command) VALUES
('INSERT INTO person (time_zone, locale, birth_year, site_id, organization_id) VALUES (''Pacific/Kiritimati'', ''pt-BR'', 1900, 1, 1)'),
('INSERT INTO person DEFAULT VALUES'),
('UPDATE person SET merged_into = 2 WHERE person_id = 1'),
('INSERT INTO person_characteristic (person_id, characteristic, value) VALUES (1, ''x'', ''y''), (1, ''x'', ''z''), (2, ''x'', ''y'')'),
('INSERT INTO proxy (person_id, name, relation, token_subject, scope) VALUES (1, ''x'', ''a'', ''t'', ''{calendar,check_in}''),
	(2, ''x'', ''a'', ''t'', ''{}'')'),
('INSERT INTO assignment (person_id, staff_id, role, clinical_supervisor_id) VALUES (1, 10, ''prescriber'', NULL), (1, 14, ''coach'', 11),
	(2, 13, ''coach'', NULL)');

--
-- Episodes and tasks
--
INSERT INTO oracle.nonsense (command, state, named) VALUES
('INSERT INTO episode (person_id) VALUES (1)', '23505', 'episode_one_open_idx'),
('UPDATE episode SET ended = NULL, reason = NULL WHERE episode_id = 5', '23505', 'episode_one_open_idx'),
('INSERT INTO episode (person_id, started, ended, reason) VALUES (1, ''2026-01-10'', ''2026-01-09'', ''x'')', '23514', 'episode_ends_after_it_starts'),
('INSERT INTO episode (person_id, offered, accepted) VALUES (3, ''2026-01-10'', ''2026-01-09'')', '23514', 'episode_is_offered_before_it_is_accepted'),
('INSERT INTO episode (person_id, started, ended) VALUES (3, ''2026-01-01'', ''2026-01-09'')', '23514', 'episode_that_ended_says_why'),
('INSERT INTO episode (person_id, reason) VALUES (3, ''x'')', '23514', 'episode_that_ended_says_why'),
('INSERT INTO episode (person_id, readiness) VALUES (3, 11)', '23514', 'episode_readiness_check'),
('INSERT INTO episode (person_id, tier) VALUES (3, 0)', '23514', 'episode_tier_check'),
('UPDATE episode SET ended = ''2026-03-01'', reason = ''x'' WHERE episode_id = 1', '23503', 'task_active_only_in_an_open_episode'),
('INSERT INTO task (person_id, episode_id) VALUES (1, 5)', '23503', 'task_active_only_in_an_open_episode'),
('UPDATE task SET episode_id = 5 WHERE task_id = 2', '23503', 'task_active_only_in_an_open_episode'),
('UPDATE task SET status = ''active'' WHERE task_id = 4', '23503', 'task_active_only_in_an_open_episode'),
('UPDATE task SET episode_id = NULL WHERE task_id = 2', '23514', 'task_active_in_an_episode'),
('UPDATE task SET status = ''active'', episode_id = NULL WHERE task_id = 4', '23514', 'task_active_in_an_episode'),
('INSERT INTO task (person_id) VALUES (4)', '55000', ''),
('DELETE FROM episode WHERE episode_id = 4', '23503', 'task_person_id_episode_id_fkey'),
('INSERT INTO task (person_id, kind) VALUES (1, ''medication'')', '23514', 'task_medication_is_prescribed_or_imported'),
('UPDATE task SET kind = ''medication'' WHERE task_id = 2', '23514', 'task_medication_is_prescribed_or_imported'),
('UPDATE task SET prescribed_by = NULL WHERE task_id = 1', '23514', 'task_medication_is_prescribed_or_imported'),
('INSERT INTO task (person_id, kind, prescribed_by) VALUES (1, ''medication'', 14)', '23503', 'task_prescribed_by_a_prescriber'),
('INSERT INTO task (person_id, kind, prescribed_by) VALUES (1, ''medication'', 11)', '23503', 'task_prescribed_by_a_prescriber'),
('INSERT INTO task (person_id, kind, prescribed_by) VALUES (1, ''medication'', 99)', '23503', 'task_prescribed_by_fkey'),
('UPDATE task SET prescribed_by = 14 WHERE task_id = 2', '23503', 'task_prescribed_by_a_prescriber'),
('INSERT INTO task (person_id, kind) VALUES (1, ''astrology'')', '23503', 'task_kind_fkey'),
('INSERT INTO task_kind VALUES (''Bad Kind'', ''x'')', '23514', 'task_kind_kind_check'),
('DELETE FROM task_kind WHERE kind = ''activity''', '23503', 'task_kind_fkey'),
('INSERT INTO task (person_id, starts_at, ends) VALUES (1, ''2026-01-10 08:00'', ''2026-01-09'')', '23514', 'task_ends_after_it_starts'),
('INSERT INTO task (person_id, starts_at) VALUES (1, ''infinity'')', '23514', 'task_starts_at_check'),
('INSERT INTO task (person_id, starts_at) VALUES (1, NULL)', '23502', 'starts_at'),
('INSERT INTO task (person_id, ends) VALUES (1, ''infinity'')', '23514', 'task_ends_check'),
('UPDATE task SET status = ''stopped'' WHERE task_id = 2', '23514', 'task_that_stopped_has_an_end'),
('UPDATE task SET status = ''forgotten'' WHERE task_id = 2', '23514', 'task_status_check'),
('UPDATE task SET status = NULL WHERE task_id = 2', '23502', 'status'),
('INSERT INTO task (person_id, units) VALUES (1, '''')', '23514', 'task_units_check'),
('INSERT INTO task (person_id, max_units_per_day) VALUES (1, 100)', '23514', 'task_max_units_per_day_check'),
('INSERT INTO task (person_id, gap_hazard_days) VALUES (1, 0)', '23514', 'task_gap_hazard_days_check'),
('INSERT INTO task (person_id, tags) VALUES (1, ''{effort,NULL}'')', '23514', 'task_tags_check'),
('INSERT INTO task (person_id, schedule) VALUES (1, ''now and then'')', '22P02', ''),
('UPDATE task SET active = NULL WHERE task_id = 2', '428C9', ''),
('INSERT INTO task_revision (person_id, task_id, until, starts_at) VALUES (1, 1, ''infinity'', ''2026-01-01'')', '23514', 'task_revision_until_check'),
('INSERT INTO task_revision (person_id, task_id, until, starts_at) VALUES (1, 1, ''2026-01-10'', ''-infinity'')', '23514', 'task_revision_starts_at_check'),
('INSERT INTO goal (person_id, words) VALUES (1, '''')', '23514', 'goal_words_check'),
('INSERT INTO goal (person_id, words, status) VALUES (1, ''x'', ''failed'')', '23514', 'goal_status_check'),
('INSERT INTO plan (person_id, words) VALUES (1, '''')', '23514', 'plan_words_check'),
('UPDATE plan SET ended_at = written_at - interval ''1 s'' WHERE plan_id = 1', '23514', 'plan_ends_after_it_is_written'),
('INSERT INTO task_step (person_id, task_id, position, words) VALUES (1, 1, 0, ''x'')', '23514', 'task_step_position_check'),
('INSERT INTO task_step (person_id, task_id, position, words) VALUES (1, 1, 1, '''')', '23514', 'task_step_words_check'),
('INSERT INTO task_step (person_id, task_id, position, words) VALUES (1, 1, 1, ''x''), (1, 1, 1, ''y'')', '23505', 'task_step_person_id_task_id_position_key'),
('INSERT INTO commitment (person_id, task_id, then_action) VALUES (1, 1, '''')', '23514', 'commitment_then_action_check'),
('INSERT INTO commitment (person_id, task_id, then_action, confidence) VALUES (1, 1, ''x'', 11)', '23514', 'commitment_confidence_check'),
('INSERT INTO commitment (person_id, task_id, then_action, importance) VALUES (1, 1, ''x'', -1)', '23514', 'commitment_importance_check'),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, ''[2026-01-10,2026-01-12)'', 14)', '23503', 'excused_period_by_a_clinician'),
('UPDATE excused_period SET excused_by = 12 WHERE excused_period_id = 1', '23503', 'excused_period_by_a_clinician'),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, ''empty'', 11)', '23514', 'excused_period_during_check'),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, ''(,2026-01-12)'', 11)', '23514', 'excused_period_during_check'),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, ''[-infinity,2026-01-12)'', 11)', '23514', 'excused_period_during_check'),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, daterange(''2026-01-12'', ''2026-01-10''), 11)', '22000', ''),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, NULL, 11)', '23502', 'during'),
('UPDATE plan_change_request SET answered_by = 14, answer = ''yes'', answered_at = clock()', '23503', 'plan_change_answered_by_a_clinician'),
('UPDATE plan_change_request SET answered_by = 12, answer = ''yes'', answered_at = clock()', '23503', 'plan_change_answered_by_a_clinician'),
('UPDATE plan_change_request SET answered_by = 10, answered_at = clock()', '23514', 'plan_change_answer_is_whole'),
('UPDATE plan_change_request SET answered_by = 10, answer = ''yes''', '23514', 'plan_change_answer_is_whole'),
('UPDATE plan_change_request SET answer = ''yes'', answered_at = clock()', '23514', 'plan_change_answer_is_whole'),
('UPDATE plan_change_request SET answered_by = 10', '23514', 'plan_change_answer_is_whole'),
('UPDATE plan_change_request SET answered_by = 10, answer = ''yes'', answered_at = asked_at - interval ''1 s''', '23514',
	'plan_change_is_answered_after_it_is_asked'),
('INSERT INTO plan_change_request (person_id, task_id, words) VALUES (1, 1, '''')', '23514', 'plan_change_request_words_check');
INSERT INTO oracle.sense (command) VALUES
('INSERT INTO episode (person_id) VALUES (3), (4), (5)'),
('INSERT INTO episode (person_id, started, ended, reason) VALUES (1, ''2025-07-01'', ''2025-07-01'', ''declined'')'),
('UPDATE task SET status = ''stopped'', ends = ''2026-03-01'' WHERE person_id = 1;
	UPDATE episode SET ended = ''2026-03-01'', reason = ''x'' WHERE episode_id = 1'),
('UPDATE episode SET ended = NULL, reason = NULL WHERE episode_id = 4; UPDATE task SET status = ''active'' WHERE task_id = 4'),
('INSERT INTO task (person_id, episode_id, status, starts_at, ends) VALUES (1, 5, ''completed'', ''2025-01-01'', ''2025-02-01'')'),
('UPDATE task SET episode_id = 5, status = ''completed'', ends = ''2026-03-01'' WHERE task_id = 2'),
('UPDATE task SET episode_id = NULL WHERE task_id = 4'),
('INSERT INTO task (person_id) VALUES (1), (2), (3), (3), (5)'),
('INSERT INTO task (person_id, kind, prescribed_by) VALUES (1, ''medication'', 17)'),
('INSERT INTO task (person_id, kind, imported_from) VALUES (1, ''medication'', ''hospital'')'),
('UPDATE task SET prescribed_by = 17 WHERE task_id IN (1, 2)'),
('INSERT INTO task_kind VALUES (''cold_showers'', ''Brr.'')'),
('INSERT INTO task (person_id, starts_at, ends) VALUES (1, ''2026-01-10 08:00'', ''2026-01-10'')'),
('INSERT INTO task (person_id, max_units_per_day, gap_hazard_days, tags) VALUES (1, 99, 1, ''{}'')'),
('INSERT INTO task_step (person_id, task_id, position, words) VALUES (1, 1, 1, ''x''), (1, 2, 1, ''y''), (1, 1, 2, ''z'')'),
('INSERT INTO task_step (person_id, task_id, position, words) VALUES (1, 1, 1, ''x''), (1, 1, 2, ''z''); UPDATE task_step SET position = 3 - position'),
('INSERT INTO excused_period (person_id, during, excused_by) VALUES (1, ''[2026-01-10,2026-01-12)'', 11), (1, ''[2026-01-10,2026-01-12)'', 10)'),
('INSERT INTO excused_period (person_id, during, imported_from) VALUES (1, ''[2026-01-10,2026-01-11)'', ''hospital'')'),
('UPDATE plan_change_request SET answered_by = 10, answer = ''yes'', answered_at = clock()'),
('UPDATE plan_change_request SET answered_by = 11, answer = ''no'', answered_at = clock()');

--
-- The record
--
INSERT INTO oracle.nonsense (command, state, named) VALUES
('INSERT INTO check_in (person_id, task_id, due_on) VALUES (1, 1, ''2026-02-02'')', '23514', 'check_in_says_something'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''2026-02-02'', -1)', '23514', 'check_in_says_something'),
('INSERT INTO check_in (person_id, task_id, due_on, taken, missed) VALUES (1, 1, ''2026-02-02'', 2, -1)', '23514', 'check_in_says_something'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''2026-02-02'', 100)', '23514', 'check_in_says_something'),
('INSERT INTO check_in (person_id, task_id, due_on, missed) VALUES (1, 1, ''2026-02-02'', 100)', '23514', 'check_in_says_something'),
('UPDATE check_in SET taken = 0 WHERE check_in_id = 1', '23514', 'check_in_says_something'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''2026-02-02'', NULL)', '23502', 'taken'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, NULL, ''2026-02-02'', 1)', '23502', 'task_id'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (NULL, 1, ''2026-02-02'', 1)', '23502', 'person_id'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, NULL, 1)', '23502', 'due_on'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''infinity'', 1)', '23514', 'check_in_due_on_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''-infinity'', 1)', '23514', 'check_in_due_on_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''1989-12-31'', 1)', '23514', 'check_in_due_on_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''2150-01-01'', 1)', '23514', 'check_in_due_on_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''2026-02-31'', 1)', '22008', ''),
('INSERT INTO check_in (person_id, task_id, due_on, taken, occurrence) VALUES (1, 1, ''2026-02-02'', 1, 0)', '23514', 'check_in_occurrence_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken, occurrence) VALUES (1, 1, ''2026-02-02'', 1, 1441)', '23514', 'check_in_occurrence_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, ''2026-02-02'', 1, ''plan'')', '23514', 'check_in_source_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken, extent) VALUES (1, 1, ''2026-02-02'', 1, ''NaN'')', '23514', 'check_in_extent_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken, difficulty) VALUES (1, 1, ''2026-02-02'', 1, 11)', '23514', 'check_in_difficulty_check'),
('INSERT INTO check_in (person_id, task_id, due_on, taken) VALUES (1, 1, ''2026-02-01'', 1)', '23505', 'check_in_once_per_source'),
('INSERT INTO verification (person_id, check_in_id, method) VALUES (1, 1, ''dreamt'')', '23514', 'verification_method_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (1, 1, ''2026-02-02'', 0)', '23514', 'supply_days_supply_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (1, 1, ''2026-02-02'', ''infinity'')', '23514', 'supply_days_supply_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (1, 1, ''2026-02-02'', ''NaN'')', '23514', 'supply_days_supply_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply, daily_dose) VALUES (1, 1, ''2026-02-02'', 30, -1)', '23514', 'supply_daily_dose_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply, daily_dose) VALUES (1, 1, ''2026-02-02'', 30, ''NaN'')', '23514', 'supply_daily_dose_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (1, 1, ''infinity'', 30)', '23514', 'supply_dispensed_check'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply, reference) VALUES (1, 1, ''2026-02-02'', 30, ''A1'')', '23505',
	'supply_person_id_task_id_reference_key'),
('INSERT INTO instrument (name) VALUES (''PHQ-9'')', '23505', 'instrument_name_key'),
('INSERT INTO instrument (name) VALUES ('''')', '23514', 'instrument_name_check'),
('INSERT INTO instrument (name, recall_days) VALUES (''x'', 0)', '23514', 'instrument_recall_days_check'),
('INSERT INTO instrument (name, direction) VALUES (''x'', ''up'')', '23514', 'instrument_direction_check'),
('INSERT INTO instrument (name, lowest, highest) VALUES (''x'', 1, 1)', '23514', 'instrument_check'),
('INSERT INTO instrument (name, reliable_change) VALUES (''x'', 0)', '23514', 'instrument_reliable_change_check'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 99, ''2026-02-02'', 1)', '23503', 'measurement_instrument_id_fkey'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, ''2026-02-02'', ''NaN'')', '23514', 'measurement_value_check'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, ''2026-02-02'', ''infinity'')', '23514', 'measurement_value_check'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, ''2026-02-02'', ''-infinity'')', '23514', 'measurement_value_check'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, ''2026-02-02'', NULL)', '23502', 'value'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, ''infinity'', 1)', '23514', 'measurement_measured_on_check'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value, source) VALUES (1, 1, ''2026-02-02'', 1, ''x'')', '23514', 'measurement_source_check'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value, item) VALUES (1, 1, ''2026-02-02'', 1, NULL)', '23502', 'item'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, ''2026-02-01'', 1)', '23505', 'measurement_once_per_source'),
('INSERT INTO clinical_note (person_id, written_by, body) VALUES (1, 14, ''x'')', '23503', 'clinical_note_by_a_clinician'),
('INSERT INTO clinical_note (person_id, written_by, body) VALUES (1, NULL, ''x'')', '23502', 'written_by'),
('INSERT INTO clinical_note (person_id, written_by, body) VALUES (1, 11, '''')', '23514', 'clinical_note_body_check'),
('INSERT INTO diagnosis (person_id, made_by, code) VALUES (1, 12, ''F32'')', '23503', 'diagnosis_by_a_clinician'),
('INSERT INTO diagnosis (person_id, made_by, code) VALUES (1, 11, '''')', '23514', 'diagnosis_code_check'),
('INSERT INTO diagnosis (person_id, made_by, code, during) VALUES (1, 11, ''F32'', ''empty'')', '23514', 'diagnosis_during_check'),
('INSERT INTO contact (person_id, channel) VALUES (1, ''text'')', '23514', 'contact_by_a_human_names_one'),
('INSERT INTO contact (person_id, channel, agency) VALUES (1, ''text'', ''assisted'')', '23514', 'contact_by_a_human_names_one'),
('INSERT INTO contact (person_id, staff_id, channel) VALUES (1, 14, ''pigeon'')', '23514', 'contact_channel_check'),
('INSERT INTO contact (person_id, staff_id, channel, agency) VALUES (1, 14, ''text'', ''divine'')', '23514', 'contact_agency_check'),
('INSERT INTO contact (person_id, staff_id, channel, began_by) VALUES (1, 14, ''text'', ''chance'')', '23514', 'contact_began_by_check'),
('INSERT INTO contact (person_id, staff_id, channel, started_at, ended_at) VALUES (1, 14, ''voice'', ''2026-01-02'', ''2026-01-01'')', '23514',
	'contact_ends_after_it_starts'),
('INSERT INTO contact (person_id, staff_id, channel, replied_after) VALUES (1, 14, ''text'', ''-1 s'')', '23514', 'contact_replied_after_check'),
('INSERT INTO message (person_id, author_kind, body) VALUES (1, ''staff'', ''x'')', '23514', 'message_author_is_staff'),
('INSERT INTO message (person_id, author_kind, author, body) VALUES (1, ''person'', 14, ''x'')', '23514', 'message_author_is_staff'),
('INSERT INTO message (person_id, author_kind, body) VALUES (1, ''ghost'', ''x'')', '23514', 'message_author_kind_check'),
('INSERT INTO message (person_id, author_kind, body) VALUES (1, ''person'', '''')', '23514', 'message_body_check'),
('INSERT INTO message (person_id, author_kind, body, scope_check) VALUES (1, ''person'', ''x'', ''?'')', '23514', 'message_scope_check_check'),
('INSERT INTO support_request (person_id, answered_by) VALUES (1, 14)', '23514', 'support_request_is_answered_by_someone'),
('INSERT INTO support_request (person_id, answered_at) VALUES (1, clock())', '23514', 'support_request_is_answered_by_someone'),
('INSERT INTO support_request (person_id, answered_by, answered_at) VALUES (1, 14, clock() - interval ''1 s'')', '23514',
	'support_request_is_answered_after_it_is_asked');
INSERT INTO oracle.sense (command) VALUES
('INSERT INTO check_in (person_id, task_id, due_on, taken, missed) VALUES (1, 1, ''2026-02-02'', 1, 0), (1, 1, ''2026-02-03'', 0, 1),
	(1, 1, ''2026-02-04'', 99, 99), (1, 1, ''1990-01-01'', 1, 0), (1, 1, ''2149-12-31'', 1, 0)'),
('INSERT INTO check_in (person_id, task_id, due_on, taken, occurrence, source) VALUES (1, 1, ''2026-02-01'', 1, 2, ''person''),
	(1, 1, ''2026-02-01'', 1, 1, ''device''),
	(1, 1, ''2026-02-01'', 1, 1440, ''person'')'),
('INSERT INTO check_in (person_id, task_id, due_on, missed, extent, difficulty) VALUES (1, 1, ''2026-02-02'', 1, 100, 0)'),
('INSERT INTO supply (person_id, task_id, dispensed, days_supply, reference) VALUES (1, 1, ''2026-02-02'', 0.5, ''A2''), (1, 2, ''2026-02-02'', 30, ''A1'')'),
('INSERT INTO instrument (name, lowest, highest, direction) VALUES (''x'', -1, 1, ''higher_is_better'')'),
('INSERT INTO measurement (person_id, instrument_id, measured_on, value, item) VALUES (1, 1, ''2026-02-01'', 1e308, ''item 1''),
	(1, 1, ''2026-02-01'', -1, ''item 2'')'),
('INSERT INTO clinical_note (person_id, written_by, body) VALUES (1, 10, ''x''), (2, 11, ''x'')'),
('INSERT INTO diagnosis (person_id, made_by, code) VALUES (1, 17, ''F32'')'),
('INSERT INTO contact (person_id, channel, agency) VALUES (1, ''text'', ''automated'')'),
('INSERT INTO contact (person_id, staff_id, channel, agency, started_at, ended_at, replied_after)
	VALUES (1, 14, ''body_doubling'', ''assisted'', ''2026-01-01'', ''2026-01-01'', ''0'')'),
('INSERT INTO message (person_id, author_kind, author, body) VALUES (1, ''staff'', 14, ''x''), (1, ''person'', NULL, ''y''), (1, ''system'', NULL, ''z'')'),
('INSERT INTO support_request (person_id, answered_by, answered_at) VALUES (1, 14, clock()), (1, NULL, NULL)');

--
-- The program
--
INSERT INTO oracle.nonsense (command, state, named) VALUES
('INSERT INTO program_info SELECT (program_info).* FROM program_info', '23505', 'program_info_pkey'),
('UPDATE program_info SET only_row = false', '23514', 'program_info_one_row'),
('UPDATE program_info SET domain = ''astrology''', '23514', 'program_info_domain'),
('UPDATE program_info SET template_version = 0', '23514', 'program_info_template_version'),
('UPDATE program_info SET source_precedence = ''{seen,device,pharmacy,coach,person,proxy}''', '23514', 'program_info_source_precedence'),
('UPDATE program_info SET source_precedence = ''{seen,device,pharmacy,coach,person,proxy,proxy}''', '23514', 'program_info_source_precedence'),
('UPDATE program_info SET source_precedence = ''{seen,device,pharmacy,coach,person,proxy,import,plan}''', '23514', 'program_info_source_precedence'),
('UPDATE program_info SET source_precedence = ''{{seen,device,pharmacy,coach,person,proxy,import}}''', '23514', 'program_info_source_precedence'),
('UPDATE program_info SET source_precedence = NULL', '23502', 'source_precedence'),
('UPDATE program_info SET day_start = ''24:00''', '23514', 'program_info_day_start');
INSERT INTO oracle.sense (command) VALUES
('UPDATE program_info SET source_precedence = ''{import,proxy,person,coach,pharmacy,device,seen}'', day_start = ''23:59:59''');

-- No TRUNCATE where a fact or a kept value would not notice.
INSERT INTO oracle.nonsense (command, state, named)
SELECT format('TRUNCATE %I CASCADE', c.relname), '0A000', ''
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'person_id'
WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r';

SELECT plan(((SELECT count(*) FROM oracle.nonsense) + (SELECT count(*) FROM oracle.sense) + 1)::integer);
SELECT oracle.forbidden(command, state, named) FROM oracle.nonsense ORDER BY n;
SELECT oracle.possible(command) FROM oracle.sense ORDER BY n;
SELECT is_empty('SELECT * FROM verify_derived()', 'and all this left the kept values as they should be');

SELECT * FROM finish();
ROLLBACK;
