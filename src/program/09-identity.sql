-- Who is acting: the keys that sign-in tokens are signed with, tokens that were revoked, and the people whom tokens and logins mean.

--
-- Keys
--

CREATE TABLE @program@.token_key (
	key_id text PRIMARY KEY CHECK (key_id <> '' AND octet_length(key_id) <= 200),
	secret bytea NOT NULL CHECK (octet_length(secret) BETWEEN 32 AND 64),
	made_at timestamptz NOT NULL DEFAULT now(),
	retires_at timestamptz
);

COMMENT ON TABLE @program@.token_key IS 'Keys that sign-in tokens are signed with (HMAC with SHA-256). For the owner alone; a dump has them: turn them over after restoring one elsewhere.';
COMMENT ON COLUMN @program@.token_key.key_id IS 'What tokens name it by (kid).';
COMMENT ON COLUMN @program@.token_key.secret IS 'The secret, 32 to 64 random bytes, shared with whoever issues tokens.';
COMMENT ON COLUMN @program@.token_key.made_at IS 'When it was made, by the clock of the server.';
COMMENT ON COLUMN @program@.token_key.retires_at IS 'From when on tokens that it has signed are refused; NULL for the key that is in use.';

CREATE TABLE @program@.revoked_token (
	jti text PRIMARY KEY CHECK (jti <> '' AND octet_length(jti) <= 1000),
	until timestamptz NOT NULL,
	revoked_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE @program@.revoked_token IS 'Tokens that are refused though they have not expired, from the next transaction on. For the owner alone.';
COMMENT ON COLUMN @program@.revoked_token.jti IS 'Which token, by its jti.';
COMMENT ON COLUMN @program@.revoked_token.until IS 'When the token expires, so that the row can go.';
COMMENT ON COLUMN @program@.revoked_token.revoked_at IS 'When it was revoked.';

-- gen_random_uuid() has 122 bits of the server's strong random numbers: three have more than the 256 of a key.
CREATE FUNCTION @program@.rotate_token_key(grace interval DEFAULT '1 day') RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	new_key text := gen_random_uuid();
BEGIN
	IF grace IS NULL OR grace < interval '0' THEN
		RAISE EXCEPTION 'invalid grace period for a token key' USING ERRCODE = 'invalid_parameter_value', DETAIL = 'It must not be negative.';
	END IF;
	LOCK TABLE @program@.token_key IN SHARE ROW EXCLUSIVE MODE;
	DELETE FROM @program@.token_key WHERE retires_at <= now();
	DELETE FROM @program@.revoked_token WHERE until <= now();
	UPDATE @program@.token_key SET retires_at = now() + grace WHERE retires_at IS NULL OR retires_at > now() + grace;
	INSERT INTO @program@.token_key (key_id, secret)
	VALUES (new_key, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
	RETURN new_key;
END
$$;

REVOKE ALL ON FUNCTION @program@.rotate_token_key(interval) FROM PUBLIC;
COMMENT ON FUNCTION @program@.rotate_token_key(interval) IS
'Makes a new key and returns its id. Tokens of the former keys hold for the grace period still, at most; with 0 they are refused from the next transaction on. Removes keys that have retired, and revoked tokens that have expired. For the owner. Errors: 22023 for a negative or NULL grace period.';

CREATE FUNCTION @program@.revoke_token(jti text, until timestamptz DEFAULT 'infinity') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	DELETE FROM @program@.revoked_token r WHERE r.until <= now();
	INSERT INTO @program@.revoked_token (jti, until) VALUES (revoke_token.jti, revoke_token.until)
	ON CONFLICT (jti) DO UPDATE SET until = GREATEST(revoked_token.until, EXCLUDED.until);
END
$$;

REVOKE ALL ON FUNCTION @program@.revoke_token(text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @program@.revoke_token(text, timestamptz) IS
'Revokes the token with that jti, from the next transaction on; until is when it expires, after which the row is removed. Removes others that have expired. To end all tokens of somebody, change their token_subject; to end all tokens, rotate_token_key(''0''). For the owner. Errors: 23514 for an empty jti, 23502 for a NULL one.';

CREATE FUNCTION @program@.issue_token(subject text, valid_for interval DEFAULT '15 minutes') RETURNS text
LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coachiatry.sign_token(
		json_build_object('sub', subject, 'aud', current_database() || '/' || n.nspname, 'iat', floor(extract(epoch FROM statement_timestamp())),
			'exp', floor(extract(epoch FROM statement_timestamp() + valid_for)), 'jti', gen_random_uuid())::text,
		json_build_object('alg', 'HS256', 'typ', 'JWT', 'kid', k.key_id)::text, k.secret)
	FROM @program@.token_key k, pg_namespace n
	WHERE k.retires_at IS NULL AND n.oid = '@program@'::regnamespace AND subject IS NOT NULL AND valid_for IS NOT NULL
	ORDER BY k.made_at DESC
	LIMIT 1;
END;

REVOKE ALL ON FUNCTION @program@.issue_token(text, interval) FROM PUBLIC;
COMMENT ON FUNCTION @program@.issue_token(text, interval) IS
'A sign-in token for a subject, whoever that is or will be, signed with the newest key, from now on for so long; NULL of NULL. For the owner: tests, demonstrations and small sites; others issue tokens where people log in, and share the key with that service.';

--
-- Whom tokens and logins mean
--

CREATE FUNCTION @program@.actor_of_subject(subject text, today date)
RETURNS TABLE (kind text, id bigint, person_id bigint, role text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT 'staff', s.staff_id, NULL::bigint, s.role FROM @program@.staff s WHERE s.token_subject = subject AND s.employed @> today
	UNION ALL
	SELECT 'person', p.person_id, p.person_id, 'person' FROM @program@.person p WHERE p.token_subject = subject AND p.merged_into IS NULL
	UNION ALL
	SELECT 'proxy', x.proxy_id, x.person_id, 'proxy' FROM @program@.proxy x WHERE x.token_subject = subject AND x.during @> today;
END;

REVOKE ALL ON FUNCTION @program@.actor_of_subject(text, date) FROM PUBLIC;
COMMENT ON FUNCTION @program@.actor_of_subject(text, date) IS
'Whom the subject of a token means on a day: staff who are employed, a person, proxies. sign_in refuses it unless that is exactly one row. For the owner.';

CREATE FUNCTION @program@.actor_of_login(login text, today date)
RETURNS TABLE (kind text, id bigint, person_id bigint, role text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT 'staff', s.staff_id, NULL::bigint, s.role FROM @program@.staff s WHERE s.login_role = login AND s.employed @> today;
END;

REVOKE ALL ON FUNCTION @program@.actor_of_login(text, date) FROM PUBLIC;
COMMENT ON FUNCTION @program@.actor_of_login(text, date) IS
'The member of staff employed on a day who logs in to the database as that role. For the owner.';

--
-- Who is acting in this program: what its policies ask
--

CREATE FUNCTION @program@.actor_staff_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coachiatry.actor_staff_id('@program@'::regnamespace);

CREATE FUNCTION @program@.actor_person_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coachiatry.actor_person_id('@program@'::regnamespace);

CREATE FUNCTION @program@.actor_proxy_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coachiatry.actor_proxy_id('@program@'::regnamespace);

CREATE FUNCTION @program@.actor_proxied_person_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coachiatry.actor_proxied_person_id('@program@'::regnamespace);

CREATE FUNCTION @program@.actor_role() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coachiatry.actor_role('@program@'::regnamespace);

CREATE FUNCTION @program@.whoami(OUT program text, OUT kind text, OUT signed_in_by text, OUT staff_id bigint, OUT person_id bigint,
	OUT proxy_id bigint, OUT role text, OUT expires timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT w.program, w.kind, w.signed_in_by, w.staff_id, w.person_id, w.proxy_id, w.role, w.expires
	FROM coachiatry.whoami('@program@'::regnamespace) w;
END;

COMMENT ON FUNCTION @program@.actor_staff_id() IS 'The member of staff who is acting in this program; NULL for anybody else. See coachiatry.actor_staff_id.';
COMMENT ON FUNCTION @program@.actor_person_id() IS 'The person who is acting themselves in this program; NULL for anybody else, so also for proxies.';
COMMENT ON FUNCTION @program@.actor_proxy_id() IS 'The proxy who is acting in this program; NULL for anybody else.';
COMMENT ON FUNCTION @program@.actor_proxied_person_id() IS 'The person for whom a proxy is acting in this program; NULL unless one is.';
COMMENT ON FUNCTION @program@.actor_role() IS 'What whoever is acting in this program is: the role of the member of staff, person or proxy; NULL for nobody.';
COMMENT ON FUNCTION @program@.whoami() IS 'Who is acting in this program, one row; kind is nobody where nobody is. See coachiatry.whoami.';

SELECT @program@.rotate_token_key();
