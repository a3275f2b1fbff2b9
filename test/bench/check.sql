-- Before anything is timed, each query runs once under EXPLAIN ANALYZE, which warms it up and shows whether it runs as
-- it is said to, and once for its answer.

-- What the plan told: the memory of the largest HashAggregate.
CREATE TABLE bench.plan (name text PRIMARY KEY REFERENCES bench.query, hash_kb bigint);

-- Runs a query and keeps what its plan tells. Fails where a hash or a sort went to disk unless it may, or where it is not the
-- plan that the query is about.
CREATE FUNCTION bench.inspect(name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	query bench.query;
	plan json;
	nodes jsonb[];
BEGIN
	SELECT * INTO STRICT query FROM bench.query AS q WHERE q.name = inspect.name;
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query.command INTO plan;
	nodes := ARRAY(SELECT jsonb_path_query(plan::jsonb, 'strict $.**?(exists(@."Node Type"))'));
	IF query.plan <> 'disk' AND EXISTS (SELECT FROM unnest(nodes) AS node WHERE (node->>'HashAgg Batches')::int > 1
		OR (node->>'Disk Usage')::int > 0 OR node->>'Sort Space Type' = 'Disk')
	THEN
		RAISE EXCEPTION 'query "%" spills to disk', name USING DETAIL = plan;
	END IF;
	IF query.plan IN ('hash', 'two') AND EXISTS (SELECT FROM unnest(nodes) AS node
		WHERE node->>'Node Type' = 'Aggregate' AND node->>'Strategy' <> 'Hashed')
		OR (query.plan = 'two') <> EXISTS (SELECT FROM unnest(nodes) AS node WHERE (node->>'Workers Launched')::int = 1)
	THEN
		RAISE EXCEPTION 'query "%" is not planned as it should be', name USING DETAIL = plan;
	END IF;
	INSERT INTO bench.plan
	SELECT name, max((node->>'Peak Memory Usage')::bigint) FROM unnest(nodes) AS node;
END
$$;

-- A digest of all answers of a query, whatever their order; numbers are compared to nine decimals.
CREATE FUNCTION bench.digest(command text, key text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	digest text;
BEGIN
	EXECUTE format('SELECT count(*) || '' '' || sum(hashtextextended(concat_ws('' '', %s, round(n::numeric, 9)), 0))
		FROM (%s) AS q', key, command) INTO STRICT digest;
	RETURN digest;
END
$$;

-- Fails where queries that ask the same get different answers.
CREATE PROCEDURE bench.compare_answers()
LANGUAGE plpgsql AS $$
DECLARE
	failure text;
BEGIN
	CREATE TEMP TABLE digests AS
	SELECT name, answer, bench.digest(command, key) FROM bench.query WHERE answer IS NOT NULL;
	SELECT answer || ': ' || string_agg(name || ' (' || digest || ')', ', ' ORDER BY name) INTO failure
	FROM digests GROUP BY answer HAVING count(DISTINCT digest) > 1 OR count(*) = 1 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'the answers differ' USING DETAIL = failure;
	END IF;
	DROP TABLE digests;
END
$$;
