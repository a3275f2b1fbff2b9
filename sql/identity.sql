-- Who is acting, as clients meet it: exact text of results, warnings and errors, in sessions of their own. Behaviour is in test/pgtap/identity_*.sql.
SET client_min_messages TO warning;
SELECT current_user AS superuser \gset
-- what a run left that did not come to its end
SELECT coachiatry.drop_program('regress_identity', true, 'regress_identity') FROM coachiatry.programs() WHERE name = 'regress_identity' \g /dev/null
SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname ~ '^regress_identity' ORDER BY rolname \gexec
SELECT coachiatry.create_program('regress_identity');
INSERT INTO regress_identity.person (person_id, name, token_subject) VALUES (1, 'Ada', 'ada'), (2, 'Ben', 'ben');
INSERT INTO regress_identity.staff (staff_id, name, role, licensed, token_subject, login_role) VALUES (1, 'Cy', 'coach', true, 'cy', 'regress_identity_cy');
CREATE ROLE regress_identity_pool LOGIN NOINHERIT IN ROLE regress_identity_person, regress_identity_coach;
CREATE ROLE regress_identity_cy LOGIN IN ROLE regress_identity_coach;
CREATE TABLE regress_identity.note (person_id bigint, body text);
INSERT INTO regress_identity.note VALUES (1, 'of Ada'), (2, 'of Ben');
ALTER TABLE regress_identity.note ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON regress_identity.note TO regress_identity_person;
CREATE POLICY own ON regress_identity.note TO regress_identity_person USING (person_id = (SELECT regress_identity.actor_person_id()));
SELECT regress_identity.issue_token('ada') AS ada, regress_identity.issue_token('ben') AS ben, regress_identity.issue_token('cy') AS cy,
	regress_identity.issue_token('ada', '-1 second') AS expired \gset

--
-- A pooled connection
--
\c - regress_identity_pool
BEGIN;
SELECT coachiatry.sign_in(:'ada');
SELECT program, kind, signed_in_by, staff_id, person_id, proxy_id, role, expires > now() AS expires FROM coachiatry.whoami();
SELECT * FROM regress_identity.note;
COMMIT;
-- the next transaction is nobody's
SELECT kind, current_user FROM coachiatry.whoami();
SELECT * FROM regress_identity.note;
BEGIN;
SELECT coachiatry.sign_in(:'ben');
SELECT * FROM regress_identity.note;
SAVEPOINT before;
SELECT coachiatry.sign_in(:'ada');
SELECT * FROM regress_identity.note;
ROLLBACK TO before;
SELECT * FROM regress_identity.note;
SELECT coachiatry.sign_in(:'expired');
ROLLBACK TO before;
SELECT body FROM regress_identity.note;
ROLLBACK;
SELECT kind, current_user FROM coachiatry.whoami();
-- a statement prepared by one is another's, or nobody's
BEGIN;
SELECT coachiatry.sign_in(:'ada');
SET LOCAL plan_cache_mode TO force_generic_plan;
PREPARE notes AS SELECT body FROM regress_identity.note;
EXECUTE notes;
COMMIT;
EXECUTE notes;
BEGIN;
SELECT coachiatry.sign_in(:'ben');
SET LOCAL plan_cache_mode TO force_generic_plan;
EXECUTE notes;
COMMIT;
-- outside of a transaction block it lasts for its statement
SELECT coachiatry.sign_in(:'ada');
SELECT kind FROM coachiatry.whoami();
-- statements sent together are a transaction
SELECT coachiatry.sign_in(:'ada') \; SELECT kind, person_id FROM coachiatry.whoami();
-- a cursor WITH HOLD keeps the rows of the transaction that declared it, as it does with any policy, until the pool closes it
BEGIN;
SELECT coachiatry.sign_in(:'ada');
DECLARE held CURSOR WITH HOLD FOR SELECT body FROM regress_identity.note;
COMMIT;
FETCH ALL FROM held;
DISCARD ALL;
FETCH ALL FROM held;

--
-- Refused
--
SELECT coachiatry.sign_in(:'expired');
SELECT coachiatry.sign_in('');
SELECT coachiatry.sign_in(NULL);
SELECT coachiatry.sign_in(repeat('x', 100000000));
SELECT regress_identity.issue_token('ada');

--
-- A client that only sets parameters
--
BEGIN;
SET LOCAL ROLE regress_identity_person;
SET LOCAL coachiatry.token TO :'ben';
SHOW coachiatry.token;
SELECT kind, person_id FROM coachiatry.whoami();
SELECT body FROM regress_identity.note;
SET LOCAL coachiatry.token TO :'expired';
SELECT body FROM regress_identity.note;
ROLLBACK;
-- it counts in the transaction that has set it only, however it was set
SET coachiatry.token TO :'ben';
SET ROLE regress_identity_person;
SELECT kind FROM coachiatry.whoami();
BEGIN;
SAVEPOINT before;
SET LOCAL coachiatry.token TO :'ada';
SELECT kind, person_id FROM coachiatry.whoami();
ROLLBACK TO before;
SELECT kind FROM coachiatry.whoami();
ROLLBACK;
DISCARD ALL;
SHOW coachiatry.token;

--
-- Ways to tamper
--
SET coachiatry.actor TO 'x';
RESET coachiatry.actor;
ALTER ROLE CURRENT_USER SET coachiatry.actor TO 'x';
-- before the library is loaded, the name is anybody's: then the value is thrown away
\c -
BEGIN;
SET LOCAL coachiatry.actor TO 'x';
SET LOCAL coachiatry.token TO :'ada';
SET LOCAL ROLE regress_identity_person;
SELECT kind, person_id FROM coachiatry.whoami();
ROLLBACK;
\c -
SET coachiatry.actor TO 'x';
SELECT kind FROM coachiatry.whoami();
-- a token that was set so in a transaction before is not heard
\c -
SET coachiatry.token TO :'ada';
SET ROLE regress_identity_person;
SELECT kind FROM coachiatry.whoami();
-- from the options of a connection
SELECT format('dbname=%s user=%s options=''-c coachiatry.actor=x''', current_database(), session_user) AS connection \gset
\c :connection
SELECT kind FROM coachiatry.whoami();
SELECT format('dbname=%s user=%s options=''-c role=regress_identity_person -c coachiatry.token=%s''', current_database(), session_user, :'ada') AS connection \gset
\c :connection
SELECT kind, current_user FROM coachiatry.whoami();
-- as a superuser
SELECT format('dbname=%s user=%s options=''''', current_database(), :'superuser') AS connection \gset
\c :connection
LOAD 'coachiatry';
SET coachiatry.actor TO 'x';
ALTER SYSTEM SET coachiatry.actor TO 'x';
ALTER SYSTEM SET coachiatry.token TO 'x';
ALTER ROLE regress_identity_pool SET coachiatry.actor TO 'x';
-- a login
\c - regress_identity_cy
SELECT program, kind, signed_in_by, staff_id, role FROM regress_identity.whoami();
SELECT kind FROM coachiatry.whoami();

--
-- The end
--
\c - :superuser
SET client_min_messages TO warning;
SELECT coachiatry.drop_program('regress_identity', true, 'regress_identity');
DROP ROLE regress_identity_pool, regress_identity_cy;
SELECT rolname FROM pg_roles WHERE rolname ~ '^regress_identity';
