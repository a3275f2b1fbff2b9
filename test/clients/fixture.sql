-- The program that every client works in: Ana, whose coach is Cleo, and Ben, whose coach is Dan; Thea supervises both coaches, and Cora enrols people.
-- The programs' clock stands at noon of 10 March 2026. The application's login is clinic_app.
\set ON_ERROR_STOP on
SET client_min_messages TO warning;

CREATE EXTENSION coachiatry;
SELECT coachiatry.create_program('care', adopt_roles => true) \g /dev/null
GRANT care_person, care_coach, care_therapist, care_coordinator TO clinic_app;
ALTER ROLE clinic_app SET search_path = coachiatry, care, public;
ALTER ROLE clinic_app SET session_preload_libraries = 'coachiatry';
ALTER ROLE clinic_app SET coachiatry.clock = '2026-03-10 12:00+00';

SET search_path = coachiatry, care, public;
SET coachiatry.clock = '2026-03-10 12:00+00';
INSERT INTO organization (organization_id, name) VALUES (1, 'Clinic by the river');
INSERT INTO staff (staff_id, organization_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 1, 'Thea', 'therapist', true, NULL, 'thea@example.org', '[2020-01-01,)'),
	(2, 1, 'Cleo', 'coach', false, 1, 'cleo@example.org', '[2020-01-01,)'),
	(3, 1, 'Dan', 'coach', false, 1, 'dan@example.org', '[2020-01-01,)'),
	(4, 1, 'Cora', 'coordinator', false, NULL, 'cora@example.org', '[2020-01-01,)');
INSERT INTO person (person_id, organization_id, name, time_zone, token_subject) VALUES
	(1, 1, 'Ana', 'Europe/Madrid', 'ana@example.org'),
	(2, 1, 'Ben', 'Europe/Madrid', 'ben@example.org');
INSERT INTO assignment (person_id, staff_id, role, during) VALUES
	(1, 1, 'therapist', '[2020-01-01,)'), (1, 2, 'coach', '[2020-01-01,)'), (2, 3, 'coach', '[2020-01-01,)');
INSERT INTO task (person_id, task_id, title, kind, schedule, starts_at) VALUES
	(1, 1, 'walk', 'exercise', 'FREQ=DAILY', '2026-03-01'), (2, 2, 'walk', 'exercise', 'FREQ=DAILY', '2026-03-01');
INSERT INTO check_in (person_id, task_id, due_on, taken)
SELECT person, person, day, 1 FROM unnest(ARRAY[1, 2]) AS person, generate_series('2026-03-03', '2026-03-08', interval '1 day') AS day;
INSERT INTO supply (person_id, task_id, dispensed, days_supply) VALUES (1, 1, '2026-02-01', 30), (1, 1, '2026-03-01', 30);
INSERT INTO instrument (instrument_id, name, for_coaches) VALUES (1, 'mood', true);
INSERT INTO measurement (person_id, instrument_id, measured_on, value) VALUES (1, 1, '2026-03-08', 4.5), (1, 1, '2026-03-09', 5);
SELECT setval(pg_get_serial_sequence(t, t || '_id'), 100) FROM unnest(ARRAY['person', 'staff', 'task']) AS t \g /dev/null
