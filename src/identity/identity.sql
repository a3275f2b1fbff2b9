-- Identity: who is acting in a program. Its keys and people are the program's, src/program/09-identity.sql.
-- Sections: signing in, who is acting.

--
-- Signing in
--

CREATE FUNCTION coachiatry.sign_in(token text)
RETURNS void
AS 'MODULE_PATHNAME', 'identity_sign_in'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION coachiatry.sign_in(text) IS
'Verifies a sign-in token and makes whoever it is for the actor until the transaction ends, with the role that is theirs, as by SET LOCAL ROLE; the session''s login must be a member of that role. A token is a compact JWS of at most 8192 bytes, without padding: the header has alg HS256 and the kid of a key of the program, no crit; the claims have sub (the token_subject of exactly one member of staff employed, person, or proxy of today), aud (database/program), exp and optionally nbf, iat (at most a minute ahead) and jti (not revoked). Times are compared with the time of the server at the start of the statement, whatever coachiatry.clock says; today is the day in UTC. In a database of another encoding than UTF-8 header and claims must be ASCII. A token may be used until it expires, and is checked each time. Pass it as a parameter, so that no log has it. Warns (25P01) outside of a transaction block, where it lasts for the statement only. Errors: 28000 for every token that is refused, NULL too, with one text; the log says why. 42501 where the login is no member of the role, and within security-definer functions.';

CREATE FUNCTION coachiatry.sign_token(claims text, header text, secret bytea)
RETURNS text
AS 'MODULE_PATHNAME', 'identity_sign_token'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.sign_token(text, text, bytea) IS
'The compact JWS (RFC 7515) of claims and header, both JSON that is taken byte by byte, signed by HMAC with SHA-256 whatever the header says. NULL if an argument is. issue_token() of a program makes its tokens by it; elsewhere it is for tests.';

--
-- Who is acting
--

CREATE FUNCTION coachiatry.actor_staff_id(program regnamespace)
RETURNS bigint
AS 'MODULE_PATHNAME', 'identity_actor_staff_id'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.actor_staff_id(regnamespace) IS
'The member of staff who is acting in a program: who has signed in there by sign_in or by a token in the setting coachiatry.token, or else whose login_role the session''s login is. NULL for nobody, and where somebody else than staff is acting. An identity by token is void while the role of SET ROLE is not theirs, one by login while it is neither the login nor their role. Programs have it without the argument, for policies. Errors: 28000 where the setting has a token that is refused.';

CREATE FUNCTION coachiatry.actor_person_id(program regnamespace)
RETURNS bigint
AS 'MODULE_PATHNAME', 'identity_actor_person_id'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.actor_person_id(regnamespace) IS
'The person who is acting themselves in a program; NULL for nobody, staff and proxies. As actor_staff_id().';

CREATE FUNCTION coachiatry.actor_proxy_id(program regnamespace)
RETURNS bigint
AS 'MODULE_PATHNAME', 'identity_actor_proxy_id'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.actor_proxy_id(regnamespace) IS
'The proxy who is acting in a program; NULL for anybody else. As actor_staff_id().';

CREATE FUNCTION coachiatry.actor_proxied_person_id(program regnamespace)
RETURNS bigint
AS 'MODULE_PATHNAME', 'identity_actor_proxied_person_id'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.actor_proxied_person_id(regnamespace) IS
'The person for whom the proxy is acting who is acting in a program; NULL for anybody else, so also for the person themselves. As actor_staff_id().';

CREATE FUNCTION coachiatry.actor_role(program regnamespace)
RETURNS text
AS 'MODULE_PATHNAME', 'identity_actor_role'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.actor_role(regnamespace) IS
'What whoever is acting in a program is there: the role of the member of staff (coach, supervisor, prescriber, therapist, coordinator, practice_coach, analyst, auditor), person or proxy; NULL for nobody. As actor_staff_id().';

CREATE FUNCTION coachiatry.acts_as(program regnamespace, VARIADIC as_roles text[])
RETURNS boolean
AS 'MODULE_PATHNAME', 'identity_acts_as'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.acts_as(regnamespace, text[]) IS
'Whether a member of staff is acting in a program whose role there is one of these. False for anybody else; NULL if an argument is. As actor_staff_id().';

CREATE FUNCTION coachiatry.whoami(in_program regnamespace DEFAULT NULL, OUT program text, OUT kind text, OUT signed_in_by text,
	OUT staff_id bigint, OUT person_id bigint, OUT proxy_id bigint, OUT role text, OUT expires timestamptz)
AS 'MODULE_PATHNAME', 'identity_whoami'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.whoami(regnamespace) IS
'Who is acting, one row: the program, the kind (staff, person, proxy, nobody), signed_in_by (token, login), the key, the role there, and when the token expires. For a proxy person_id is for whom. With a program, who is acting there; without (NULL), who has signed in by a token, whichever the program. Columns that do not apply are NULL. Errors: 28000 where the setting coachiatry.token has a token that is refused.';

--
-- Whom they see
--

CREATE FUNCTION coachiatry.sees_support(request internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'identity_sees_support'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.sees_support(internal) IS 'For the planner: how many rows sees() lets through, and that it is a condition for an index.';

CREATE FUNCTION coachiatry.sees(program regnamespace, person_id bigint, VARIADIC as_roles text[])
RETURNS boolean
AS 'MODULE_PATHNAME', 'identity_sees'
LANGUAGE C STABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT coachiatry.sees_support;

COMMENT ON FUNCTION coachiatry.sees(regnamespace, bigint, text[]) IS
'Whether the member of staff who is acting in a program sees a person there, in one of these roles: coach, supervisor, prescriber, therapist, coordinator. Policies ask it of every row. What it says is what the program''s sees_persons() says at the snapshot of the query, looked up once and kept while it holds; on a column with an index it is a condition for that. False for anybody else; NULL if an argument is. Errors: 28000 where the setting coachiatry.token has a token that is refused.';

CREATE FUNCTION coachiatry.seen_persons(program regnamespace, VARIADIC as_roles text[])
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'identity_seen_persons'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.seen_persons(regnamespace, text[]) IS
'The persons whom the member of staff who is acting in a program sees there, in one of these roles, in ascending order; empty for anybody else, NULL if an argument is. See sees().';
