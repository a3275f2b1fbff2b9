-- Triggers of the extension may be put on a table of one's own, beside tables that no program has made.  Somebody without a grant does so in the temporary
-- schema, where the tables are as a program makes them but for one thing.  What is read straight from them must be refused, and never be taken for what it is
-- not: that would end the server, and this test with it.
\ir include/setup.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT * FROM no_plan();
CREATE ROLE forger;

-- The tables of the program, made again by somebody else; a task of the forger that is recorded twice.
CREATE FUNCTION oracle.forge() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY '{person,task,task_calendar,task_revision,excused_period,measure_series,warning,recheck,episode,warning_rule,instrument,program_info,check_in,measurement}'::text[] LOOP
		EXECUTE format('CREATE TEMP TABLE %I (LIKE care.%1$I INCLUDING INDEXES INCLUDING DEFAULTS)', name);
	END LOOP;
	CREATE UNIQUE INDEX warning_one_open_idx ON pg_temp.warning (person_id) WHERE closed_at IS NULL;
	CREATE UNIQUE INDEX episode_one_open_idx ON pg_temp.episode (person_id) WHERE ended IS NULL;
	ALTER TABLE pg_temp.episode ALTER is_open DROP NOT NULL;
	INSERT INTO pg_temp.program_info SELECT * FROM care.program_info;
	INSERT INTO pg_temp.person (person_id, name) VALUES (1, 'one');
	INSERT INTO pg_temp.instrument (instrument_id, name, self_harm_items) VALUES (1, 'own scale', '{9}');
	INSERT INTO pg_temp.warning_rule (warning_rule_id, name, says, stream, detector, parameters, acts_on, acknowledge_within, cool_down_days, instrument_id) VALUES
		(1, 'a', 'x', 'task', 'missed_run', '{"n": 1}', 'coach', '1 day', 0, NULL),
		(2, 'b', 'x', 'measure', 'shewhart', '{"l": 1, "mean": 0, "sd": 1}', 'coach', '1 day', 0, 1);
	INSERT INTO pg_temp.task (person_id, task_id, kind, schedule, starts_at) VALUES (1, 1, 'other', 'FREQ=DAILY', '2026-03-01');
	INSERT INTO pg_temp.task_revision (person_id, task_revision_id, task_id, until, schedule, starts_at) VALUES (1, 1, 1, '2026-03-02', 'FREQ=DAILY', '2026-02-01');
	INSERT INTO pg_temp.task_calendar (person_id, task_id, source, calendar, planned_through, stale_at) VALUES
		(1, 1, 'plan', (SELECT adherence_agg(date '2026-03-01' + n, 0::bigint, 0::bigint, 1::bigint) FROM generate_series(0, 7) n), '2026-03-08', 'infinity'), (1, 1, 'person', 'empty', NULL, NULL);
	INSERT INTO pg_temp.warning (person_id, warning_id, kind, warning_rule_id, task_id, says, severity, acts_on, acknowledge_within, onset, raised_on, safety, state, closed_at, closed_on)
	VALUES (1, 1, 'rule', 1, 1, 'x', 2, 'coach', '1 day', '2026-03-03', '2026-03-03', false, 'resolved', '2026-03-04', '2026-03-04');
	CREATE FUNCTION pg_temp.look_at_record(bigint[], bigint[], bigint[], timestamptz[], bigint[]) RETURNS void LANGUAGE sql AS '';
	INSERT INTO pg_temp.measure_series (person_id, instrument_id, item, series) VALUES (1, 1, '', 'empty');
END
$$;

-- What comes of a statement of the forger, with something altered before; it is undone.
CREATE FUNCTION oracle.forged(alteration text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name text;
BEGIN
	PERFORM oracle.forge();
	FOR name IN SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' AND relname !~ '^__t' LOOP
		EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO forger', name);
	END LOOP;
	EXECUTE alteration;
	SET LOCAL ROLE forger;
	CREATE TRIGGER keep AFTER INSERT ON pg_temp.check_in REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
	CREATE TRIGGER keep AFTER INSERT ON pg_temp.measurement REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999';
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN 'done';
	WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION oracle.check_in() RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT 'INSERT INTO pg_temp.check_in (person_id, check_in_id, task_id, due_on, taken, missed) VALUES (1, 1, 1, ''2026-03-10'', 0, 1)'$$;
CREATE FUNCTION oracle.measurement() RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT 'INSERT INTO pg_temp.measurement (person_id, measurement_id, instrument_id, item, measured_on, value) VALUES (1, 1, 1, '''', ''2026-03-10'', 0)'$$;

-- A column of another type, as an ALTER TABLE.
CREATE FUNCTION oracle.retyped(name text, c text, type text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('ALTER TABLE pg_temp.%I ALTER %I DROP DEFAULT, ALTER %2$I TYPE %3$s USING CASE WHEN %2$I IS NOT NULL THEN %4$s END', name, c, type, CASE type WHEN 'bigint' THEN format('hashtext(%I::text)', c) ELSE quote_ident(c) || '::' || type END)
$$;
-- An index of the same name, made otherwise.
CREATE FUNCTION oracle.indexed(name text, index text, definition text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('ALTER TABLE pg_temp.%I DROP CONSTRAINT IF EXISTS %I; DROP INDEX IF EXISTS pg_temp.%2$I; CREATE INDEX %2$I ON %s', name, index, definition)
$$;

SELECT is(oracle.forged('SELECT', s), 'done', 'what is as a program makes it is read: ' || s) FROM (VALUES (oracle.check_in()), (oracle.measurement())) v (s);

--
-- Columns of other types
--
SELECT matches(oracle.forged('DROP INDEX pg_temp.task_calendar_stale_at_idx; ' || oracle.retyped(t, c, type), CASE t WHEN 'measure_series' THEN oracle.measurement() ELSE oracle.check_in() END),
	'^55000 table "' || t || '" must have a column "' || c || '" of type ', format('%s.%s as %s', t, c, type))
FROM (VALUES ('person', '{time_zone}'::text[], 'bigint'), ('task', '{kind,tags,schedule,starts_at,ends,max_units_per_day,gap_hazard_days}', 'bigint'),
	('task_calendar', '{source,calendar,planned_through,stale_at}', 'bigint'), ('task_revision', '{schedule,until}', 'bigint'), ('excused_period', '{during}', 'bigint'),
	('warning', '{kind,item,severity,safety,raised_on,evidence_stands,state,closed_on,closed_at}', 'bigint'), ('warning', '{person_id,warning_rule_id,task_id,instrument_id}', 'text'),
	('recheck', '{due_at}', 'bigint'), ('episode', '{ended}', 'bigint'), ('measure_series', '{item}', 'varchar'), ('measure_series', '{person_id,instrument_id}', 'integer'),
	('person', '{person_id}', 'text'), ('task', '{person_id,task_id}', 'text'), ('task_calendar', '{person_id,task_id}', 'text'), ('task_revision', '{person_id,task_id}', 'text'),
	('excused_period', '{person_id}', 'text'), ('recheck', '{person_id}', 'text'), ('episode', '{person_id}', 'text')) AS v (t, columns, type), unnest(columns) AS c;
-- Rules are read by queries, which cast: whatever cannot be cast is refused.
SELECT matches(oracle.forged(oracle.retyped(t, c, type), s), '^(done$|42[0-9]{3} |22003 |22P02 )', format('%s.%s as %s: %s', t, c, type, s))
FROM (VALUES ('warning_rule', '{detector,parameters,clear_days,instrument_id,item,cool_down_days,warning_rule_id,task_kind,severity,tag,stream,enabled}'::text[]),
	('instrument', '{instrument_id,direction,self_harm_items}'), ('program_info', '{source_precedence,day_start}')) AS v (t, columns), unnest(columns) AS c, unnest('{text,bigint}'::text[]) AS type,
	(VALUES (oracle.check_in()), (oracle.measurement())) AS w (s);
SELECT matches(oracle.forged(oracle.retyped('warning_rule', 'parameters', 'bigint'), oracle.check_in()), '^42846 ', 'parameters that are a number are not read as jsonb');

--
-- Indexes and tables of the same names
--
SELECT is(oracle.forged(oracle.indexed(t, i, definition), oracle.check_in()), format('55000 index "%s" of table "%s" is not as the program made it', i, t), definition)
FROM (VALUES ('recheck', 'recheck_pkey', 'pg_temp.task (person_id)'), ('recheck', 'recheck_pkey', 'pg_temp.recheck ((person_id + 0))'), ('recheck', 'recheck_pkey', 'pg_temp.recheck (due_at, person_id)'),
	('recheck', 'recheck_pkey', 'pg_temp.recheck USING hash (person_id)'), ('task', 'task_pkey', 'pg_temp.task (person_id)'), ('task', 'task_pkey', 'pg_temp.task (person_id) INCLUDE (task_id)'),
	('task', 'task_pkey', 'pg_temp.task (task_id, person_id)')) AS v (t, i, definition);
SELECT is(oracle.forged(alteration, oracle.check_in()), said, alteration) FROM (VALUES
	('ALTER TABLE pg_temp.task DROP CONSTRAINT task_pkey', '55000 the program of table "task" has no "task_pkey"'),
	('DROP TABLE pg_temp.task', '55000 the program of table "task" has no "task"'),
	('ALTER TABLE pg_temp.task RENAME TO a; CREATE VIEW pg_temp.task AS TABLE pg_temp.a', '55000 table "task" is not as the program made it'),
	('ALTER TABLE pg_temp.task OWNER TO CURRENT_USER', '55000 table "task" is not as the program made it'),
	('ALTER TABLE pg_temp.task DROP COLUMN tags', '55000 table "task" must have a column "tags" of type text[]'),
	('ALTER TABLE pg_temp.task ALTER kind DROP NOT NULL; UPDATE pg_temp.task SET kind = NULL; UPDATE pg_temp.warning_rule SET task_kind = ''other''', '55000 column "kind" of table "task" must not be null'),
	('ALTER TABLE pg_temp.task ALTER tags DROP NOT NULL; UPDATE pg_temp.task SET tags = NULL; UPDATE pg_temp.warning_rule SET tag = ''x''', '55000 column "tags" of table "task" must not be null'),
	('ALTER TABLE pg_temp.task_calendar ALTER calendar DROP NOT NULL; UPDATE pg_temp.task_calendar SET calendar = NULL WHERE source = ''person''', '55000 column 4 of table "task_calendar" must not be null')
	) AS v (alteration, said);

-- Nothing is asked of a calendar at all: no constraint is there to be looked at.
SELECT is(oracle.forged(oracle.indexed('task_calendar', 'task_calendar_pkey', 'pg_temp.task_calendar (person_id, task_id, source)') || format('; ALTER TABLE pg_temp.task_calendar %s',
	(SELECT string_agg(format('ALTER %I DROP NOT NULL', attname), ', ') FROM pg_attribute WHERE attrelid = 'care.task_calendar'::regclass AND attnum > 0)), oracle.check_in()), 'done', 'a calendar without constraints');

--
-- What is NULL in rules and lists
--
SELECT is(oracle.forged(alteration, s), 'done', alteration) FROM (VALUES
	('ALTER TABLE pg_temp.warning_rule ALTER item DROP NOT NULL; UPDATE pg_temp.warning_rule SET item = NULL'),
	('ALTER TABLE pg_temp.warning_rule ALTER detector DROP NOT NULL; UPDATE pg_temp.warning_rule SET detector = NULL'),
	('ALTER TABLE pg_temp.warning_rule ALTER parameters DROP NOT NULL; UPDATE pg_temp.warning_rule SET parameters = NULL'),
	('UPDATE pg_temp.warning_rule SET parameters = ''[1]'''), ('UPDATE pg_temp.instrument SET self_harm_items = ''{3,NULL}'''), ('UPDATE pg_temp.program_info SET source_precedence = ''{NULL,person}''')
	) AS v (alteration), (VALUES (oracle.check_in()), (oracle.measurement())) AS w (s);
SELECT oracle.refused($$INSERT INTO care.instrument (name, self_harm_items) VALUES ('own scale', ARRAY['3', NULL])$$, '23514');
SELECT oracle.refused($$UPDATE care.program_info SET source_precedence = ARRAY['seen', 'device', 'pharmacy', 'coach', 'person', 'proxy', NULL]$$, '23514');

SELECT * FROM finish();
ROLLBACK;
