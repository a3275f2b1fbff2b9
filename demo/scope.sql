-- Who sees what: the same questions, asked by four people through one pooled login.

\echo '== Who sees what: a person, their coach, their prescriber and a stranger, through one pooled login (sign_in) =='
SELECT p.person_id AS who, p.name AS who_name, c.staff_id AS coach, d.staff_id AS doctor
FROM person AS p
JOIN assignment AS c ON c.person_id = p.person_id AND c.role = 'coach'
JOIN assignment AS d ON d.person_id = p.person_id AND d.role = 'prescriber'
WHERE EXISTS (SELECT FROM clinical_note AS n WHERE n.person_id = p.person_id) AND EXISTS (SELECT FROM message AS m WHERE m.person_id = p.person_id)
	AND c.during @> current_date AND d.during @> current_date AND EXISTS (SELECT FROM coached AS o WHERE o.person_id = p.person_id)
ORDER BY p.person_id LIMIT 1 \gset
SELECT issue_token('person-' || :who) AS person_token, issue_token('staff-' || :coach) AS coach_token, issue_token('staff-' || :doctor) AS doctor_token \gset

SET client_min_messages TO warning;
DROP ROLE IF EXISTS demo_web, demo_stranger;
CREATE ROLE demo_web LOGIN NOINHERIT IN ROLE demo_app;
CREATE ROLE demo_stranger LOGIN;
\set ON_ERROR_STOP off
\set VERBOSITY terse
-- What is refused is part of the show.
\set seen 'SELECT role AS "who asks", (SELECT count(*) FROM person) AS people, (SELECT count(*) FROM check_in) AS "check-ins", (SELECT count(*) FROM measurement) AS scores FROM whoami()'
\set notes 'SELECT count(*) AS "clinical notes" FROM clinical_note'
\set messages 'SELECT count(*) AS messages FROM message'

SET SESSION AUTHORIZATION demo_web;
\echo '--' :who_name ', who is coached:'
BEGIN;
SELECT sign_in(:'person_token') \g /dev/null
:seen;
SELECT name AS "who may see me", visible, why FROM staff CROSS JOIN LATERAL why_visible(staff_id, :who) AS w WHERE visible ORDER BY staff_id;
COMMIT;

\echo '-- the coach: only those assigned to them, no scores of symptoms; the clinicians'' notes are refused:'
BEGIN;
SELECT sign_in(:'coach_token') \g /dev/null
:seen;
:messages;
:notes;
ROLLBACK;

\echo '-- the prescriber: their own people, with notes and scores; the conversation with the coach is refused:'
BEGIN;
SELECT sign_in(:'doctor_token') \g /dev/null
:seen;
:notes;
:messages;
ROLLBACK;

\echo '-- the same login with nobody signed in, a token that was tampered with, and a stranger to the program:'
SELECT count(*) FROM demo.person;
SELECT sign_in(:'coach_token' || 'x');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION demo_stranger;
SELECT count(*) FROM demo.person;
RESET SESSION AUTHORIZATION;
\set ON_ERROR_STOP on
\set VERBOSITY default
DROP ROLE demo_web, demo_stranger;
RESET client_min_messages;

\echo '== What an analyst sees (cohort_adherence): groups, none of fewer than eleven people, nor one that could be computed =='
SELECT dimension, value, people, low, high, completeness FROM cohort_adherence;
