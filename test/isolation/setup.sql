-- The program that the isolation specs work in, and what all of them begin and end with.  The clock stands at noon of 10 March 2026, UTC.
CREATE EXTENSION coachiatry;
SELECT coachiatry.create_program('care', role_prefix => 'specs');
SELECT pg_catalog.format('ALTER DATABASE %I SET coachiatry.clock = %L', pg_catalog.current_database(), '2026-03-10 12:00+00') \gexec

CREATE SCHEMA isolation;

-- People 1 to n, each with a daily task of the same number from 1 March on; planned is when their plans were last brought up to date.
CREATE FUNCTION isolation.people(n int, planned timestamptz DEFAULT '2026-03-10 12:00+00') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('coachiatry.clock', planned::text, true);
	PERFORM setval(pg_get_serial_sequence('care.episode', 'episode_id'), 1, false); -- an error names it
	INSERT INTO care.person (person_id) SELECT generate_series(1, n);
	INSERT INTO care.task (person_id, task_id, schedule, starts_at)
	SELECT p, p, 'FREQ=DAILY', '2026-03-01' FROM generate_series(1, n) p;
END
$$;

-- Empties the program, whatever a step has left behind.
CREATE FUNCTION isolation.forget() RETURNS void
LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
	it regclass;
BEGIN
	FOR it IN
		SELECT c.oid FROM pg_class c
		WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('program_info', 'task_kind')
	LOOP
		EXECUTE format('DELETE FROM %s', it);
	END LOOP;
END
$$;

-- Units that were recorded and units that are kept: every row must have the same number twice.
CREATE VIEW isolation.totals AS
SELECT person_id, task_id, source, r.units AS recorded, k.units AS kept, k.calendar
FROM (
	SELECT person_id, task_id, source, sum(taken + missed) AS units FROM care.check_in GROUP BY person_id, task_id, source) r
FULL JOIN (
	SELECT c.person_id, c.task_id, c.source, c.calendar::text AS calendar, sum(d.taken + d.missed) AS units
	FROM care.task_calendar c CROSS JOIN LATERAL coachiatry.to_adherence_days(c.calendar) d
	WHERE c.source <> 'plan'
	GROUP BY c.person_id, c.task_id, c.source, c.calendar::text) k USING (person_id, task_id, source)
ORDER BY person_id, task_id, source;

CREATE VIEW isolation.plans AS
SELECT person_id, task_id, calendar::text AS plan, to_char(planned_through, 'YYYY-MM-DD') AS through
FROM care.task_calendar WHERE source = 'plan'
ORDER BY person_id, task_id;
