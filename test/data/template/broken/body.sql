-- A body that is wrong.
CREATE FUNCTION @program@.f() RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT 1 +
$$;
