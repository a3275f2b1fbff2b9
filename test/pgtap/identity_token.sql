-- Tokens against an oracle that shares nothing with the server: Python's hmac, hashlib, base64 and json make those that must be taken, and more than a
-- thousand that are forged, edited, expired, foreign or malformed and must be refused, all with the same words. Each goes both ways: to sign_in, and
-- by the setting coachiatry.token.
\ir include/setup.sql

SELECT plan(33);

SELECT create_program('tap_care') \g /dev/null
SELECT create_program('tap_school', 'education') \g /dev/null
SELECT tap_care.rotate_token_key() \g /dev/null
SELECT encode(secret, 'hex') AS old_secret, key_id AS old_key FROM tap_care.token_key WHERE retires_at IS NOT NULL \gset
SELECT encode(secret, 'hex') AS secret, key_id AS key FROM tap_care.token_key WHERE retires_at IS NULL \gset
SELECT encode(secret, 'hex') AS other_secret, key_id AS other_key FROM tap_school.token_key \gset
INSERT INTO tap_care.token_key (key_id, secret, retires_at) VALUES ('retired', decode(repeat('00', 32), 'hex'), now());
INSERT INTO tap_care.person (person_id, name, token_subject) VALUES (1, 'Ada', 'good'), (2, 'Zoë', 'zoë@例.example'), (3, 'Ben', U&'\+01F600'),
	(4, 'Cleo', 'twice'), (5, 'Cleo too', NULL);
INSERT INTO tap_care.person (person_id, name, token_subject, merged_into) VALUES (6, 'Adda', 'merged', 1);
INSERT INTO tap_care.staff (staff_id, name, role, licensed, token_subject, employed)
VALUES (1, 'Lee', 'coach', true, 'left', daterange('2020-01-01', (now() AT TIME ZONE 'UTC')::date)), (2, 'Twice', 'coach', true, 'twice', DEFAULT);
INSERT INTO tap_care.proxy (person_id, name, relation, token_subject, during)
VALUES (1, 'Pat', 'mother', 'past', daterange('2020-01-01', (now() AT TIME ZONE 'UTC')::date));
SELECT tap_care.revoke_token('revoked');
INSERT INTO tap_school.person (person_id, name, token_subject) VALUES (1, 'Ada', 'good');

CREATE TABLE oracle.token (n serial, verdict text, about text, token text);
SELECT current_database() AS database \gset
\set tokens `python3 test/pgtap/include/make_tokens.py :'seed' :'database' tap_care :'key' :'secret' tap_school :'other_key' :'other_secret' :'old_key' :'old_secret'`
INSERT INTO oracle.token (verdict, about, token)
SELECT split_part(line, E'\t', 1), split_part(line, E'\t', 2), replace(split_part(line, E'\t', 3), '\u0000', '')::jsonb #>> '{}'
FROM string_to_table(:'tokens', E'\n') AS line;

SELECT cmp_ok((SELECT count(DISTINCT token) FROM oracle.token WHERE verdict = 'bad'), '>=', 1000::bigint, 'more than a thousand bad tokens');
SELECT cmp_ok((SELECT count(DISTINCT token) FROM oracle.token WHERE verdict = 'good'), '>=', 20::bigint, 'and many good ones');
SELECT is_empty('SELECT token FROM oracle.token GROUP BY token HAVING count(DISTINCT verdict) > 1', 'none is both');

-- What comes of a token, both ways; whatever it has set is undone.
CREATE FUNCTION oracle.by_sign_in(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
	context text;
	person bigint;
BEGIN
	BEGIN
		PERFORM coachiatry.sign_in(token);
		person := tap_care.actor_person_id();
		RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = CASE WHEN person IS NOT NULL AND current_user = 'tap_care_person' THEN 'good' ELSE 'nobody' END;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
		RETURN CASE WHEN SQLSTATE = 'ZZ999' THEN SQLERRM
			WHEN SQLSTATE = '28000' AND SQLERRM = 'token refused' AND concat(detail, hint) = '' AND context NOT LIKE '%eyJ%' THEN 'bad'
			ELSE concat_ws(' ', SQLSTATE, SQLERRM, detail, hint) END;
	END;
END
$$;
CREATE FUNCTION oracle.by_setting(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	person bigint;
BEGIN
	BEGIN
		PERFORM set_config('coachiatry.token', token, true), set_config('role', 'tap_care_person', true);
		person := tap_care.actor_person_id();
		RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = CASE WHEN person IS NOT NULL THEN 'good' ELSE 'nobody' END;
	EXCEPTION WHEN OTHERS THEN
		RETURN CASE WHEN SQLSTATE = 'ZZ999' THEN SQLERRM WHEN SQLSTATE = '28000' AND SQLERRM = 'token refused' THEN 'bad' ELSE concat_ws(' ', SQLSTATE, SQLERRM) END;
	END;
END
$$;

SELECT * FROM oracle.agree('SELECT about, oracle.by_sign_in(token) AS got, verdict AS wanted FROM oracle.token ORDER BY n', 'by sign_in');
-- An empty setting is none, and nobody signs in by it.
SELECT * FROM oracle.agree($$SELECT about, oracle.by_setting(token) AS got, CASE WHEN token = '' THEN 'nobody' ELSE verdict END AS wanted
	FROM oracle.token ORDER BY n$$, 'by the setting');
SELECT is(oracle.by_sign_in(NULL), 'bad', 'NULL is no token');
SELECT results_eq('SELECT kind FROM whoami()', ARRAY['nobody'], 'after all that nobody has signed in');

-- Signing: published examples, and Python's
SELECT is(sign_token(convert_from(decode('7b22697373223a226a6f65222c0d0a2022657870223a313330303831393338302c0d0a2022687474703a2f2f6578616d706c652e636f6d2f69735f726f6f74223a747275657d',
	'hex'), 'UTF8'), E'{"typ":"JWT",\r\n "alg":"HS256"}',
	decode('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==', 'base64')),
	'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
	'sign_token makes the token of RFC 7515, appendix A.1');
\set signed `python3 -c "import base64,hashlib,hmac;e=lambda b:base64.urlsafe_b64encode(b).rstrip(b'=').decode();print(chr(10).join((lambda t:t+'.'+e(hmac.new(bytes(range(n%256))*(1+n//256),t.encode(),hashlib.sha256).digest()))(e(('h'*n).encode())+'.'+e(('c'*(n//2)).encode())) for n in range(0,200,3)))"`
SELECT * FROM oracle.agree(format($$SELECT n AS about, sign_token(repeat('c', n / 2), repeat('h', n), (SELECT COALESCE(string_agg(set_byte('\x00'::bytea, 0, i), '' ORDER BY i), '')
	FROM generate_series(0, n - 1) i)) AS got, line AS wanted FROM string_to_table(%L, E'\n') WITH ORDINALITY AS l (line, k), LATERAL (SELECT (3 * (k - 1))::integer AS n) AS m$$, :'signed'),
	'and Python''s, with secrets of every length around that of a block');
SELECT ok(sign_token(NULL, 'a', '\x00') IS NULL AND sign_token('a', NULL, '\x00') IS NULL AND sign_token('a', 'b', NULL) IS NULL, 'NULL of NULL');

-- What issue_token makes, read by other means
SELECT tap_care.issue_token('good', '90 seconds') AS issued \gset
SELECT is(oracle.by_sign_in(:'issued'), 'good', 'issue_token makes good tokens');
\set read `python3 -c "import base64,json,sys;p=[json.loads(base64.urlsafe_b64decode(x+'==')) for x in sys.argv[1].split('.')[:2]];print(json.dumps(p))" :'issued'`
SELECT is(:'read'::jsonb -> 0, jsonb_build_object('alg', 'HS256', 'typ', 'JWT', 'kid', :'key'), 'their header');
SELECT is((:'read'::jsonb -> 1) - '{iat,exp,jti}'::text[], jsonb_build_object('sub', 'good', 'aud', current_database() || '/tap_care'), 'their claims');
SELECT is((:'read'::jsonb #>> '{1,exp}')::bigint - (:'read'::jsonb #>> '{1,iat}')::bigint, 90::bigint, 'for so long');
SELECT isnt(tap_care.issue_token('good'), tap_care.issue_token('good'), 'each has an id of its own');
SELECT is(oracle.by_sign_in(tap_care.issue_token('good', '0')), 'bad', 'one that has ended as it is made');
SELECT is(oracle.by_sign_in(tap_school.issue_token('good')), 'nobody', 'one for another program signs in there, and is nobody here');
SELECT ok(tap_care.issue_token(NULL) IS NULL AND tap_care.issue_token('good', NULL) IS NULL, 'none for nobody, nor for no time');

-- The clock of programs is not asked
SET LOCAL coachiatry.clock = '2001-09-09 01:46:40+00';
SELECT is(oracle.by_sign_in(tap_care.issue_token('good', '-1 second')), 'bad', 'a replay revives no token');
SET LOCAL coachiatry.clock = '2100-01-01 00:00+00';
SELECT is(oracle.by_sign_in(tap_care.issue_token('good')), 'good', 'and ends none');
SET LOCAL coachiatry.clock = '';

-- Keys and revocation
SELECT tap_care.issue_token('good') AS issued \gset
SELECT tap_care.rotate_token_key('1 hour') AS key \gset
SELECT is((SELECT key_id FROM tap_care.token_key WHERE retires_at IS NULL), :'key', 'a new key');
SELECT results_eq('SELECT count(*), count(DISTINCT secret), min(octet_length(secret)), count(*) FILTER (WHERE retires_at IS NULL) FROM tap_care.token_key',
	'VALUES (3::bigint, 3::bigint, 32, 1::bigint)', 'of 32 bytes of its own; one that had retired is gone');
SELECT is((SELECT max(retires_at) FROM tap_care.token_key), now() + interval '1 hour', 'the former retire with grace');
SELECT is(oracle.by_sign_in(:'issued'), 'good', 'their tokens hold meanwhile');
SELECT is(tap_care.rotate_token_key('0') IS NOT NULL AND oracle.by_sign_in(:'issued') = 'bad', true, 'without grace they do not');
SELECT is((SELECT count(*) FROM tap_care.token_key WHERE retires_at > now() OR retires_at IS NULL), 1::bigint, 'then there is one key');
SELECT throws_ok('SELECT tap_care.rotate_token_key(''-1 hour'')', '22023', NULL::text, 'no negative grace');
SELECT tap_care.issue_token('good') AS issued \gset
SELECT convert_from(decode(translate(split_part(:'issued', '.', 2), '-_', '+/') || repeat('=', -length(split_part(:'issued', '.', 2)) & 3), 'base64'), 'UTF8')::jsonb ->> 'jti' AS jti \gset
SELECT tap_care.revoke_token(:'jti', now() + interval '1 day'), tap_care.revoke_token(:'jti', now() + interval '1 hour') \g /dev/null
SELECT is(oracle.by_sign_in(:'issued'), 'bad', 'a revoked token is refused');
SELECT is((SELECT until FROM tap_care.revoked_token WHERE jti = :'jti'), now() + interval '1 day', 'revoked twice, it is to the later time');
UPDATE tap_care.revoked_token SET until = now() WHERE jti = 'revoked';
SELECT tap_care.revoke_token('another') \g /dev/null
SELECT set_eq('SELECT jti FROM tap_care.revoked_token', ARRAY[:'jti', 'another'], 'what has expired is removed');
-- By names that hold only for so many people
UPDATE tap_care.staff SET token_subject = NULL WHERE staff_id = 2;
SELECT is(oracle.by_sign_in(tap_care.issue_token('twice')), 'good', 'a subject that is no longer ambiguous');

-- Nobody but the owner
SELECT results_eq($$SELECT count(*) FROM pg_class c, aclexplode(COALESCE(relacl, acldefault('r', relowner))) a
	WHERE c.oid IN ('tap_care.token_key'::regclass, 'tap_care.revoked_token'::regclass) AND a.grantee <> c.relowner$$, ARRAY[0::bigint], 'keys are the owner''s alone');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p, aclexplode(COALESCE(proacl, acldefault('f', proowner))) a WHERE pronamespace = 'tap_care'::regnamespace
	AND proname IN ('rotate_token_key', 'revoke_token', 'issue_token', 'actor_of_subject', 'actor_of_login') AND a.grantee <> proowner$$, 'so are the functions that use them');

SELECT finish();
ROLLBACK;
