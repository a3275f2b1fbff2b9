-- What every test with an oracle begins with: a transaction that is rolled
-- back at the end, the extensions, a seed, and the means to compare what the
-- extension says with what plain SQL says.
--
-- The seed is SEED of the environment, or else random; it is printed, so that
-- SEED=... repeats a run exactly.
\set ECHO none
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset pager off

BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS coachiatry;
SET LOCAL search_path = public, coachiatry;
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL jit = off;
CREATE SCHEMA oracle;

\set seed `echo "${SEED:-$(od -An -N3 -tu4 /dev/urandom)}"`
SELECT set_config('oracle.seed', (:'seed')::bigint::text, true) AS seed \gset
SELECT diag('seed ' || :'seed' || ' (SEED=' || :'seed' || ' repeats this run)');

-- A number in [0, 1) that depends on the seed and the keys alone, so that no
-- order of evaluation changes what is generated.
CREATE FUNCTION oracle.random(VARIADIC keys integer[])
RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (hashint8extended(hash_array_extended(keys, 0), current_setting('oracle.seed')::bigint)
			& 9007199254740991)::float8 / 9007199254740992
$$;

-- Whether two answers agree: numbers to 1e-12, all else exactly.
CREATE FUNCTION oracle.same(got float8, wanted float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN got IS NULL OR wanted IS NULL THEN got IS NULL AND wanted IS NULL
		ELSE abs(got - wanted) <= 1e-12 END
$$;

CREATE FUNCTION oracle.same(got anyelement, wanted anyelement)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT got IS NOT DISTINCT FROM wanted
$$;

-- One assertion over a whole query of (about, got, wanted): it compared at
-- least one row, and no row differs. Shows the first rows that do.
CREATE FUNCTION oracle.agree(query text, description text)
RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	compared bigint;
	differing bigint;
	shown text[];
BEGIN
	EXECUTE format($q$
		SELECT count(*), count(*) FILTER (WHERE NOT same),
			(array_agg(format('%%s: got %%s, wanted %%s', about, got, wanted)) FILTER (WHERE NOT same))[1:5]
		FROM (SELECT about, got, wanted, oracle.same(got, wanted) AS same FROM (%s) AS answers) AS judged
		$q$, query)
	INTO compared, differing, shown;
	RETURN NEXT ok(compared > 0 AND differing = 0,
		format('%s [%s compared]', description, compared));
	IF differing > 0 THEN
		RETURN NEXT diag(format('%s of %s differ with seed %s; the first:',
			differing, compared, current_setting('oracle.seed')));
		RETURN QUERY SELECT diag(left(line, 900)) FROM unnest(shown) AS line;
	END IF;
EXCEPTION WHEN OTHERS THEN
	RETURN NEXT fail(description);
	RETURN NEXT diag(format('seed %s: %s %s', current_setting('oracle.seed'), SQLSTATE, SQLERRM));
END
$$;

-- One assertion that a statement is refused with a SQLSTATE.
CREATE FUNCTION oracle.refused(query text, state text)
RETURNS text
LANGUAGE sql AS $$
	SELECT throws_ok(query, state::char(5), NULL::text, state || ': ' || left(query, 150))
$$;
