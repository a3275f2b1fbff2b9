-- Calendars that are kept, and times to look at somebody again, are written in their place where nothing but indexes has to see it.  A site that puts a
-- trigger, a constraint, a generated column or an index on these tables must not notice: what it sees is what an UPDATE shows it.  One check-in changes both
-- tables; it is made anew for each thing that a site may have, and undone.  What is expected is computed in plain SQL; that no query was made is told by
-- triggers for statements, which need not fire.
\ir include/setup.sql
SET LOCAL timezone = 'UTC';
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT * FROM no_plan();
SELECT count(*) > 0 AS amcheck FROM pg_available_extensions WHERE name = 'amcheck' \gset
\if :amcheck
CREATE EXTENSION IF NOT EXISTS amcheck;
\endif
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

-- Two missed days have opened a warning, which ends on the 13th if the 11th goes well: then somebody looks again.
DELETE FROM care.warning_rule;
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on, clear_days, cool_down_days)
VALUES ('rarely', 'x', 'task', 'rate_below', '{"days": 3, "rate": 0.6}', 'coach', 1, 0);
INSERT INTO care.person (person_id) VALUES (1), (2);
INSERT INTO care.task (person_id, task_id, schedule, starts_at) SELECT p, p, 'FREQ=DAILY', '2026-02-20' FROM generate_series(1, 2) p;
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT p, p, date '2026-03-01' + n, (n < 7)::integer, (n > 7)::integer
FROM generate_series(1, 2) p, generate_series(0, 9) n WHERE n <> 7;
SET LOCAL coachiatry.clock = '2026-03-11 12:00+00';
SELECT care.sweep() \g /dev/null
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (2, 2, '2026-03-11', 1);
UPDATE care.recheck SET due_at = '2100-01-01';

CREATE FUNCTION oracle.kept() RETURNS adherence LANGUAGE sql AS $$
	SELECT adherence_agg(c.due_on, 0, c.taken, c.missed) FROM care.check_in c WHERE c.person_id = 1
$$;
SELECT oracle.kept() AS before \gset

CREATE TABLE oracle.log (n integer GENERATED ALWAYS AS IDENTITY, what text, before text, after text);
CREATE FUNCTION oracle.query() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO oracle.log (what) VALUES (TG_TABLE_NAME);
	RETURN NULL;
END
$$;
CREATE TRIGGER query AFTER UPDATE ON care.task_calendar FOR EACH STATEMENT EXECUTE FUNCTION oracle.query();
CREATE TRIGGER query AFTER UPDATE ON care.recheck FOR EACH STATEMENT EXECUTE FUNCTION oracle.query();

-- A site's triggers: one that notes what it sees, the same from a transition table, one that has nothing written, one that writes to another column, too.
CREATE FUNCTION oracle.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO oracle.log (what, before, after) VALUES ('seen', to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]);
	RETURN NEW;
END
$$;
CREATE FUNCTION oracle.note_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO oracle.log (what, before, after) SELECT 'seen', to_jsonb(o) ->> TG_ARGV[0], to_jsonb(n) ->> TG_ARGV[0] FROM old_rows o, new_rows n;
	RETURN NULL;
END
$$;
CREATE FUNCTION oracle.keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION oracle.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.touched := NEW.touched + 1;
	RETURN NEW;
END
$$;

-- What comes of the check-in after some commands: an error, or how each table was written, what triggers saw, whether all is kept, and a query of one's own.
CREATE FUNCTION oracle.outcome(commands text, asked text DEFAULT 'SELECT') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE commands;
	TRUNCATE oracle.log;
	INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-03-11', 1);
	SET CONSTRAINTS ALL IMMEDIATE;
	SET LOCAL enable_seqscan = off;
	EXECUTE asked INTO answer;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = concat_ws('; ',
		(SELECT 'query of ' || string_agg(DISTINCT l.what, ', ' ORDER BY l.what) FROM oracle.log l WHERE l.what <> 'seen' HAVING count(*) > 0),
		(SELECT string_agg(format('saw %s -> %s', l.before, l.after), '; ' ORDER BY l.n) FROM oracle.log l WHERE l.what = 'seen'),
		(SELECT 'not kept' FROM care.verify_derived() HAVING count(*) > 0),
		(SELECT 'due ' || k.due_at FROM care.recheck k WHERE k.person_id = 1 AND k.due_at <> '2026-03-13'), answer);
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
SELECT (oracle.kept() || '2026-03-11: *')::text AS after \gset
SELECT format('saw %s -> %s', :'before', :'after') AS calendar, 'saw 2100-01-01T00:00:00+00:00 -> 2026-03-13T00:00:00+00:00' AS time \gset

SELECT is(oracle.outcome('SELECT'), '', 'as a program makes them, both tables are written in their place');

--
-- Row triggers
--
SELECT is(oracle.outcome(format('CREATE TRIGGER site %s ON care.%s FOR EACH ROW %s EXECUTE FUNCTION oracle.note(%s)', replace(fires, '$', col), tab, condition, col)),
	concat_ws('; ', 'query of ' || CASE WHEN updates THEN tab END, CASE WHEN sees THEN CASE tab WHEN 'recheck' THEN :'time' ELSE :'calendar' END END),
	format('%s: %s', tab, trim(concat_ws(' ', replace(fires, '$', col), condition))))
FROM (VALUES ('task_calendar', 'calendar', 'planned_through'), ('recheck', 'due_at', 'person_id')) t (tab, col, other)
CROSS JOIN LATERAL (VALUES
	('BEFORE UPDATE', '', true, true), ('AFTER UPDATE', '', true, true),
	('BEFORE UPDATE OF $', '', true, true), ('AFTER UPDATE OF $', '', true, true), ('AFTER UPDATE OF ' || other, '', true, false),
	('AFTER INSERT OR DELETE OR UPDATE', '', true, true),
	('AFTER UPDATE', format('WHEN (OLD.%s IS DISTINCT FROM NEW.%1$s AND OLD.person_id = 1)', col), true, true),
	('AFTER UPDATE', 'WHEN (OLD.person_id = 2)', true, false), ('BEFORE UPDATE', 'WHEN (OLD.person_id = 2)', true, false),
	('BEFORE INSERT OR DELETE', '', false, false), ('AFTER INSERT', '', false, false)) v (fires, condition, updates, sees);
SELECT is(oracle.outcome(format('CREATE TRIGGER site AFTER UPDATE ON care.%s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH ROW EXECUTE FUNCTION oracle.note_rows(%s)', tab, col)),
	format('query of %s; %s', tab, sees), tab || ': a trigger for rows sees transition tables')
FROM (VALUES ('task_calendar', 'calendar', :'calendar'), ('recheck', 'due_at', :'time')) t (tab, col, sees);
SELECT is(oracle.outcome(format('CREATE CONSTRAINT TRIGGER site AFTER UPDATE ON care.%s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION oracle.note(%s)', tab, col)),
	format('query of %s; %s', tab, sees), tab || ': a deferred one fires')
FROM (VALUES ('task_calendar', 'calendar', :'calendar'), ('recheck', 'due_at', :'time')) t (tab, col, sees);
SELECT is(oracle.outcome(format('CREATE TRIGGER site AFTER UPDATE ON care.%s FOR EACH ROW EXECUTE FUNCTION oracle.note(%s); ALTER TABLE care.%1$s DISABLE TRIGGER site', tab, col)),
	'query of ' || tab, tab || ': one that is disabled does not')
FROM (VALUES ('task_calendar', 'calendar'), ('recheck', 'due_at')) t (tab, col);
SELECT is(oracle.outcome('CREATE TRIGGER site BEFORE UPDATE ON care.task_calendar FOR EACH ROW EXECUTE FUNCTION oracle.keep_out()'), 'query of task_calendar; not kept',
	'task_calendar: one that has nothing written is obeyed, and verify_derived() finds it');
SELECT is(oracle.outcome('CREATE TRIGGER site BEFORE UPDATE ON care.recheck FOR EACH ROW EXECUTE FUNCTION oracle.keep_out()'), 'query of recheck; due 2100-01-01 00:00:00+00',
	'recheck: one that has nothing written is obeyed');
SELECT is(oracle.outcome(format('ALTER TABLE care.%s ADD touched integer DEFAULT 7; CREATE TRIGGER site BEFORE UPDATE ON care.%1$s FOR EACH ROW EXECUTE FUNCTION oracle.touch()', tab),
	format('SELECT touched FROM care.%s k WHERE person_id = 1 AND to_jsonb(k) ->> ''source'' IS DISTINCT FROM ''plan''', tab)), format('query of %s; 8', tab),
	tab || ': one that writes to another column does')
FROM (VALUES ('task_calendar'), ('recheck')) t (tab);

--
-- Constraints
--
SET LOCAL client_min_messages = error; -- wal_level may be too low for what is published
SELECT string_agg(DISTINCT quote_literal(calendar), ', ') AS calendars FROM care.task_calendar WHERE source = 'plan' OR person_id = 1 \gset
SELECT is(oracle.outcome(commands), state, about) FROM (VALUES
	('23514', 'task_calendar: a check', format('ALTER TABLE care.task_calendar ADD CHECK (person_id <> 1 OR calendar <> %L)', :'after')),
	('23514', 'task_calendar: a check that is not valid', 'ALTER TABLE care.task_calendar ADD CHECK (person_id <> 1) NOT VALID'),
	('query of task_calendar', 'task_calendar: a check that holds', 'ALTER TABLE care.task_calendar ADD CHECK (tableoid = ''care.task_calendar''::regclass)'),
	('23514', 'recheck: a check', 'ALTER TABLE care.recheck ADD CHECK (due_at > ''2050-01-01'')'),
	('query of recheck', 'recheck: a check that holds', 'ALTER TABLE care.recheck ADD CHECK (due_at > ''2000-01-01'')'),
	('23514', 'task_calendar: a partition', format('DELETE FROM care.task_calendar WHERE person_id = 2; CREATE TABLE oracle.whole (LIKE care.task_calendar) PARTITION BY LIST (calendar);
		ALTER TABLE oracle.whole ATTACH PARTITION care.task_calendar FOR VALUES IN (%s)', :'calendars')),
	('23514', 'recheck: a partition', 'CREATE TABLE oracle.whole (LIKE care.recheck) PARTITION BY RANGE (due_at);
		ALTER TABLE oracle.whole ATTACH PARTITION care.recheck FOR VALUES FROM (''2050-01-01'') TO (MAXVALUE)'),
	('query of recheck', 'recheck: a partition in which it stays', 'CREATE TABLE oracle.whole (LIKE care.recheck) PARTITION BY RANGE (due_at);
		ALTER TABLE oracle.whole ATTACH PARTITION care.recheck FOR VALUES FROM (''2000-01-01'') TO (MAXVALUE)'),
	('23503', 'task_calendar: a foreign key', 'CREATE TABLE oracle.one (calendar adherence PRIMARY KEY); INSERT INTO oracle.one SELECT DISTINCT calendar FROM care.task_calendar;
		DELETE FROM oracle.one WHERE calendar = (SELECT calendar FROM care.task_calendar WHERE person_id = 2 AND source <> ''plan'');
		ALTER TABLE care.task_calendar ADD FOREIGN KEY (calendar) REFERENCES oracle.one NOT VALID'),
	('23503', 'recheck: a foreign key', 'CREATE TABLE oracle.one (due_at timestamptz PRIMARY KEY); INSERT INTO oracle.one VALUES (''2100-01-01'');
		ALTER TABLE care.recheck ADD FOREIGN KEY (due_at) REFERENCES oracle.one'),
	('23503', 'recheck: a foreign key of several columns', 'CREATE TABLE oracle.one (person_id bigint, due_at timestamptz, PRIMARY KEY (person_id, due_at)); INSERT INTO oracle.one SELECT person_id, due_at FROM care.recheck;
		ALTER TABLE care.recheck ADD FOREIGN KEY (person_id, due_at) REFERENCES oracle.one'),
	('query of recheck', 'recheck: a foreign key that holds', 'CREATE TABLE oracle.one (due_at timestamptz PRIMARY KEY); INSERT INTO oracle.one VALUES (''2100-01-01''), (''2026-03-13'');
		ALTER TABLE care.recheck ADD FOREIGN KEY (due_at) REFERENCES oracle.one'),
	('', 'task_calendar: a foreign key of other columns', 'ALTER TABLE care.task_calendar ADD FOREIGN KEY (person_id) REFERENCES care.person'),
	('55000', 'task_calendar: it is published, and has no identity', 'ALTER TABLE care.task_calendar REPLICA IDENTITY NOTHING; CREATE PUBLICATION site FOR TABLE care.task_calendar'),
	('55000', 'recheck: it is published, and has no identity', 'ALTER TABLE care.recheck REPLICA IDENTITY NOTHING; CREATE PUBLICATION site FOR TABLE care.recheck'),
	('', 'both are published', 'CREATE PUBLICATION site FOR TABLE care.recheck, care.task_calendar')) v (state, about, commands);
-- A deferred foreign key checks a row that was inserted as long as it is the latest: whoever changes it has it checked again.
SELECT is(oracle.outcome('DELETE FROM care.recheck WHERE person_id = 1; CREATE TABLE oracle.one (person_id bigint PRIMARY KEY); INSERT INTO oracle.one VALUES (2);
	ALTER TABLE care.recheck ADD FOREIGN KEY (person_id) REFERENCES oracle.one DEFERRABLE INITIALLY DEFERRED; INSERT INTO care.recheck VALUES (1, ''2100-01-01'')'),
	'23503', 'recheck: a foreign key that is deferred, of a row that is new');

--
-- What is made of a row
--
SELECT is(oracle.outcome('ALTER TABLE care.task_calendar ADD made bytea GENERATED ALWAYS AS (coachiatry.adherence_send(calendar)) STORED',
	'SELECT bool_and(made = coachiatry.adherence_send(calendar)) FROM care.task_calendar'), 'query of task_calendar; true', 'task_calendar: a column is generated');
SELECT is(oracle.outcome('ALTER TABLE care.recheck ADD made boolean GENERATED ALWAYS AS (due_at > ''2050-01-01'') STORED',
	'SELECT made FROM care.recheck WHERE person_id = 1'), 'query of recheck; false', 'recheck: a column is generated');

--
-- Indexes
--
SELECT is(oracle.outcome(format('CREATE INDEX sought ON care.task_calendar %s', index), format('SELECT string_agg(person_id::text, %L ORDER BY person_id) FROM care.task_calendar WHERE %s', ' ', condition)),
	'1 2', format('task_calendar: an index %s finds what was written', index))
FROM (VALUES ('(calendar)', format('calendar = %L', :'after')), ('(coachiatry.adherence_send(calendar))', format('coachiatry.adherence_send(calendar) = %L', adherence_send(:'after'::adherence))),
	(format('(person_id) WHERE calendar = %L', :'after'), format('calendar = %L', :'after')), ('USING hash (calendar)', format('calendar = %L', :'after'))) v (index, condition);
SELECT is(oracle.outcome('SELECT', 'SELECT string_agg(person_id::text, '' '') FROM care.recheck WHERE due_at < ''2050-01-01'''), '1', 'recheck: its index finds it');
SELECT is(oracle.outcome('CREATE UNIQUE INDEX sought ON care.task_calendar (calendar) WHERE source <> ''plan'''), '23505', 'task_calendar: an index is unique');
SELECT is(oracle.outcome('ALTER TABLE care.task_calendar ADD EXCLUDE USING btree (calendar WITH =) WHERE (source <> ''plan'')'), '23P01', 'task_calendar: a constraint excludes it');
SELECT is(oracle.outcome('UPDATE care.recheck SET due_at = ''2026-03-13'' WHERE person_id = 2; CREATE UNIQUE INDEX sought ON care.recheck (due_at)'), '23505', 'recheck: an index is unique');
SELECT is(oracle.outcome('UPDATE care.recheck SET due_at = ''2026-03-13'' WHERE person_id = 2; ALTER TABLE care.recheck ADD UNIQUE (due_at) DEFERRABLE INITIALLY DEFERRED'), '23505',
	'recheck: a constraint that is deferred is unique');
\if :amcheck
SELECT is(oracle.outcome('CREATE INDEX sought ON care.task_calendar (calendar)', format('SELECT bt_index_check(i, true) FROM unnest(%L::regclass[]) i', '{care.sought,care.task_calendar_pkey,care.task_calendar_stale_idx}')),
	'', 'task_calendar: its indexes have all rows');
SELECT is(oracle.outcome('SELECT', format('SELECT bt_index_check(i, true) FROM unnest(%L::regclass[]) i', '{care.recheck_due_idx,care.recheck_pkey}')), '', 'recheck: and so have those of this');
\else
SELECT skip('no amcheck', 2);
\endif

--
-- Rows that have changed since they were found
--

-- The calendar of a new source is made by a query, whose trigger writes to another that was found before.
CREATE FUNCTION oracle.answer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 1, '2026-02-25', 1);
	RETURN NULL;
END
$$;
CREATE TRIGGER answer AFTER INSERT ON care.task_calendar FOR EACH STATEMENT EXECUTE FUNCTION oracle.answer();
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, '2026-03-11', 'coach', 1), (1, 1, '2026-03-11', 'person', 1);
DROP TRIGGER answer ON care.task_calendar;
SELECT is((SELECT calendar FROM care.task_calendar WHERE person_id = 1 AND source = 'person'),
	(SELECT adherence_agg(due_on, 0, taken, missed) FROM care.check_in WHERE person_id = 1 AND source = 'person'), 'what a trigger has added meanwhile is not lost');
SELECT is((SELECT count(*) FROM care.check_in WHERE due_on = '2026-02-25'), 1::bigint, 'it has');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'and all is kept');

SELECT * FROM finish();
ROLLBACK;
