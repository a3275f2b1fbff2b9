-- What tests of programs share, after include/setup.sql: made-up templates in a
-- folder that the server can read, which the test removes at its end with
-- include/program_end.sql, and the means to look at errors and schemas.
\set folder `d=$(mktemp -d) && for v in first next gap stuck; do cp -R test/data/template/$v "$d" && cp src/program/01-program.sql "$d/$v" || exit; done && for f in test/data/template/broken/*.sql; do v=$d/broken_$(basename "$f" .sql) && mkdir "$v" && cp src/program/01-program.sql "$v" && cp "$f" "$v/02-broken.sql" || exit; done && mkdir "$d/empty" && chmod -R a+rX "$d" && echo "$d"`
SELECT set_config('oracle.folder', :'folder', true) AS folder \gset

GRANT USAGE ON SCHEMA oracle TO PUBLIC;

-- Take the template from one of the made-up folders from now on.
CREATE FUNCTION oracle.use_template(version text) RETURNS void
LANGUAGE sql AS $$
	SELECT set_config('coachiatry.template_directory', current_setting('oracle.folder') || '/' || version, true)
$$;

-- What a command that fails says, and where; its work is undone.
CREATE FUNCTION oracle.error_of(command text, OUT state text, OUT message text, OUT detail text, OUT hint text, OUT context text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
	state := 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
		hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
END
$$;

-- Everything in the catalogues about the objects of a schema and the rows of its tables, a line each, with the
-- schema's name, which roles begin with too, left out.
CREATE FUNCTION oracle.shape(program name) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	schema oid := program::regnamespace;
	line text;
	owned record;
BEGIN
	FOR line IN
		SELECT format('schema: %s, %s', nspowner::regrole, obj_description(oid, 'pg_namespace')) FROM pg_namespace WHERE oid = schema
		UNION ALL SELECT format('schema for %s: %s', grantee::regrole, privilege_type)
		FROM pg_namespace, aclexplode(nspacl) WHERE oid = schema
		UNION ALL SELECT format('%s %s of %s: %s %s %s %s, %s', relkind, relname, relowner::regrole, relpersistence, relrowsecurity,
			relforcerowsecurity, reloptions, obj_description(oid, 'pg_class')) FROM pg_class WHERE relnamespace = schema
		UNION ALL SELECT format('%s for %s: %s', relname, grantee::regrole, privilege_type)
		FROM pg_class, aclexplode(relacl) WHERE relnamespace = schema
		UNION ALL SELECT format('%s.%s. %s: %s %s %s %s %s %s, %s', relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
			attidentity, attgenerated, pg_get_expr(adbin, adrelid), attacl, col_description(attrelid, attnum))
		FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
		WHERE relnamespace = schema AND attnum > 0
		UNION ALL SELECT format('%s on %s: %s %s, %s', conname, conrelid::regclass, convalidated, pg_get_constraintdef(oid),
			obj_description(oid, 'pg_constraint')) FROM pg_constraint WHERE connamespace = schema
		UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = schema
		UNION ALL SELECT pg_get_viewdef(oid) FROM pg_class WHERE relnamespace = schema AND relkind IN ('v', 'm')
		UNION ALL SELECT format('%s %s', tgenabled, pg_get_triggerdef(pg_trigger.oid))
		FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE relnamespace = schema AND NOT tgisinternal
		UNION ALL SELECT format('policy: %s', to_jsonb(pg_policies)) FROM pg_policies WHERE schemaname = program
		UNION ALL SELECT format('%s of %s: %s, %s', oid::regprocedure, proowner::regrole, pg_get_functiondef(oid),
			obj_description(oid, 'pg_proc')) FROM pg_proc WHERE pronamespace = schema AND prokind <> 'a'
		UNION ALL SELECT format('%s for %s: %s', pg_proc.oid::regprocedure, grantee::regrole, privilege_type)
		FROM pg_proc, aclexplode(proacl) WHERE pronamespace = schema
		UNION ALL SELECT format('%s %s of %s: %s, %s', typtype, typname, typowner::regrole, format_type(typbasetype, typtypmod),
			obj_description(oid, 'pg_type')) FROM pg_type WHERE typnamespace = schema
	LOOP
		RETURN NEXT regexp_replace(line, '\m' || program, '@', 'g');
	END LOOP;
	FOR owned IN SELECT relname FROM pg_class WHERE relnamespace = schema AND relkind = 'r' LOOP
		FOR line IN EXECUTE format('SELECT concat(%L, to_jsonb(t)) FROM %I.%I AS t', owned.relname || ': ', program, owned.relname) LOOP
			RETURN NEXT regexp_replace(line, '\m' || program, '@', 'g');
		END LOOP;
	END LOOP;
END
$$;
