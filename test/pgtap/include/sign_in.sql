-- Acting as somebody in the program care: what a statement or a query comes to, by whose token.
CREATE FUNCTION oracle.act(who text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token(who));
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	PERFORM set_config('role', 'none', true), set_config('coachiatry.actor', '', true);
	RETURN n;
END
$$;
CREATE FUNCTION oracle.read(who text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token(who));
	EXECUTE query INTO got;
	PERFORM set_config('role', 'none', true), set_config('coachiatry.actor', '', true);
	RETURN got;
END
$$;
-- What a statement of somebody says, which is undone: its SQLSTATE, or 'done'.
CREATE FUNCTION oracle.said(who text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('coachiatry.actor', '', true);
	CASE who
		WHEN 'superuser' THEN NULL;
		WHEN 'owner' THEN PERFORM set_config('role', 'care_owner', true);
		ELSE PERFORM coachiatry.sign_in(care.issue_token(who));
	END CASE;
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999';
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN 'done';
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
