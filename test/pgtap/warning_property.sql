-- Warnings follow the record through whatever happens to it: random histories of many people, in several time zones and with days that begin at half past three,
-- in which facts come, come again, are corrected and go, plans change, people act on warnings, and time goes on.  After every statement what is open is
-- what a replay of everybody says, so that the screen in C has missed nothing; and recheck is never later than the day on which something happens by itself.
-- In the end the same facts, written in another order and in other portions, have made the same calendars and the same open warnings.
\ir include/setup.sql
\if :{?people}
\else
\set people 1000
\endif
\if :{?ticks}
\else
\set ticks 28
\endif
SET LOCAL timezone = 'UTC';
SET LOCAL coachiatry.clock = '2026-03-02 05:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(14);

-- A whole number from 0 to below n.
CREATE FUNCTION oracle.pick(n integer, VARIADIC keys integer[]) RETURNS integer
LANGUAGE sql STABLE AS $$ SELECT floor(oracle.random(VARIADIC keys) * n)::integer $$;

--
-- Rules: of every detector, with and without hold, longer clear conditions and cool-down
--
UPDATE care.program_info SET day_start = '03:30';
INSERT INTO care.instrument (instrument_id, name, direction, self_harm_items) VALUES (1, 'worse is up', 'lower_is_better', '{i9}'), (2, 'worse is down', 'higher_is_better', '{}');
UPDATE care.warning_rule SET enabled = false WHERE name <> 'no contact';
INSERT INTO care.warning_rule (name, says, stream, tag, instrument_id, item, detector, parameters, acts_on, hold_days, clear_days, cool_down_days, safety)
SELECT concat_ws(' ', v.detector, n), 'x', v.stream, CASE WHEN v.stream = 'task' THEN 't' || oracle.pick(6, n, 1) END,
	CASE WHEN v.stream = 'measure' AND n % 4 > 0 THEN 1 + n % 2 END, CASE WHEN v.stream = 'measure' AND n % 5 = 0 THEN 'i9' ELSE '' END,
	v.detector, v.parameters, 'therapist', oracle.pick(3, n, 3) * oracle.pick(2, n, 4),
	CASE WHEN v.nth = 7 THEN 3 ELSE 1 + oracle.pick(3, n, 5) * oracle.pick(2, n, 6) END, CASE WHEN v.nth = 7 THEN 6 ELSE oracle.pick(12, n, 7) * oracle.pick(2, n, 8) END, v.detector = 'over_use' AND n % 2 = 0
FROM generate_series(1, 34) n
CROSS JOIN LATERAL (SELECT u.* FROM (VALUES
	(0, 'task', 'missed_run', jsonb_build_object('n', 1 + oracle.pick(4, n, 9))),
	(1, 'task', 'unrecorded_run', jsonb_build_object('n', 1 + oracle.pick(5, n, 9))),
	(2, 'task', 'rate_below', jsonb_build_object('days', 2 + oracle.pick(9, n, 9), 'rate', 0.4 + 0.5 * oracle.random(n, 10))),
	(3, 'task', 'rate_drop', jsonb_build_object('days', 2 + oracle.pick(6, n, 9), 'before', 3 + oracle.pick(9, n, 11), 'drop', 0.1 + 0.4 * oracle.random(n, 10))),
	(4, 'task', 'over_use', jsonb_build_object('days', 2 + oracle.pick(6, n, 9), 'n', 1 + oracle.pick(2, n, 10))),
	(5, 'task', 'miss_cusum', jsonb_build_object('p0', 0.2, 'p1', 0.5, 'h', 3 + oracle.pick(9, n, 9))),
	(6, 'task', 'g_chart', jsonb_build_object('p', 0.3 + 0.4 * oracle.random(n, 9), 'l', 0.5 + oracle.random(n, 10))),
	(7, 'task', 'unrecorded_run', jsonb_build_object('n', 2 + oracle.pick(3, n, 9))),
	(8, 'task', 'missed_run', jsonb_build_object('n', 2 + oracle.pick(2, n, 9))),
	(9, 'measure', 'cusum', jsonb_build_object('mean', 5, 'sd', 2, 'h', 1 + 3 * oracle.random(n, 9))),
	(10, 'measure', 'self_starting_cusum', jsonb_build_object('k', 0.3, 'h', 1 + 3 * oracle.random(n, 9))),
	(11, 'measure', 'ewma', jsonb_build_object('mean', 5, 'sd', 2, 'l', 1 + oracle.random(n, 9))),
	(12, 'measure', 'shewhart', jsonb_build_object('mean', 5, 'sd', 2, 'l', 1 + oracle.random(n, 9), 'runs', 4 * oracle.pick(2, n, 10))),
	(13, 'measure', 'reliable_change', jsonb_build_object('sd', 2, 'l', 1 + oracle.random(n, 9))),
	(17, 'measure', 'off_track', jsonb_build_object('gain', 4 * oracle.random(n, 9), 'days', 10 + oracle.pick(30, n, 10), 'band', 1 + oracle.random(n, 11))),
	(14, 'contact', 'silence', jsonb_build_object('rate', 0.5, 'alpha', 0.02 + 0.1 * oracle.random(n, 9))),
	(15, 'reply', 'shewhart', jsonb_build_object('mean', 5, 'sd', 3, 'l', 1.5)),
	(16, 'reply', 'cusum', jsonb_build_object('mean', 5, 'sd', 3, 'h', 2))) AS u (nth, stream, detector, parameters) WHERE u.nth = n % 18) v;
-- Nobody misses a deadline: an escalated warning would wait for somebody.
UPDATE care.warning_rule SET acknowledge_within = '10 years';

--
-- People, each a history of their own; those of even numbers act on their warnings
--
CREATE TABLE oracle.zone AS
SELECT n, z FROM unnest(ARRAY['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Europe/Madrid', 'Australia/Lord_Howe', 'Pacific/Apia'])
	WITH ORDINALITY AS u (z, n);
CREATE TABLE oracle.plan AS
SELECT n, r FROM unnest(ARRAY['QD', 'QD', 'BID', 'QOD', NULL, NULL, 'FREQ=WEEKLY;BYDAY=MO,WE,FR', 'QD;UNITS=2', 'FREQ=DAILY;INTERVAL=3', 'QD;COUNT=20']::schedule[])
	WITH ORDINALITY AS u (r, n);
CREATE FUNCTION oracle.a_plan(VARIADIC keys integer[]) RETURNS schedule
LANGUAGE sql STABLE AS $$ SELECT r FROM oracle.plan WHERE n = 1 + oracle.pick(10, VARIADIC keys) $$;

INSERT INTO care.staff (staff_id, name, role, licensed, employed) VALUES (1, 'x', 'prescriber', true, '[2026-01-01,)');
INSERT INTO care.staff (staff_id, name, role, supervisor_id, employed) VALUES (2, 'x', 'coach', 1, '[2026-01-01,)');
INSERT INTO care.person (person_id, time_zone) SELECT p, (SELECT z FROM oracle.zone WHERE n = 1 + oracle.pick(8, p, 20)) FROM generate_series(1, :people) p;
INSERT INTO care.episode (person_id, started) SELECT p, date '2026-02-10' + oracle.pick(20, p, 21) FROM generate_series(1, :people) p;
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, :people) p, (VALUES (1, 'prescriber'), (2, 'coach')) v (s, r);
-- Task n of a person is 10 p + n.
CREATE FUNCTION oracle.new_tasks(nth integer, salt integer, share float8, people integer) RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, ends, tags, max_units_per_day, gap_hazard_days, imported_from)
	SELECT p, 10 * p + nth, CASE oracle.pick(2, p, nth, salt, 30) WHEN 0 THEN 'medication' ELSE 'exposure' END, oracle.a_plan(p, nth, salt, 31),
		clock()::timestamp - make_interval(hours => oracle.pick(600, p, nth, salt, 32) - 60),
		CASE WHEN oracle.pick(10, p, nth, salt, 33) = 0 THEN clock()::date + 10 + oracle.pick(30, p, nth, salt, 34) END,
		ARRAY['t' || oracle.pick(6, p, nth, salt, 35)],
		CASE WHEN oracle.pick(4, p, nth, salt, 37) = 0 THEN 2 END, CASE WHEN oracle.pick(4, p, nth, salt, 38) = 0 THEN 3 END, 'x'
	FROM generate_series(1, people) p WHERE oracle.random(p, nth, salt, 39) < share
	ON CONFLICT DO NOTHING
$$;
SELECT oracle.new_tasks(1, 0, 1, :people), oracle.new_tasks(2, 0, 0.4, :people) \g /dev/null

--
-- What happens
--
-- What some people report: most of it of today or yesterday; each task has times in which it goes badly.
CREATE FUNCTION oracle.reports(tick integer, share float8, many integer)
RETURNS TABLE (person_id bigint, task_id bigint, due_on date, occurrence smallint, source text, taken smallint, missed smallint)
LANGUAGE sql STABLE AS $$
	SELECT DISTINCT ON (1, 2, 3, 4, 5) t.person_id, t.task_id, d.day, o.n::smallint, s.source,
		CASE WHEN v.is_missed THEN 0 WHEN oracle.pick(12, k, tick, t.task_id::int, 44) = 0 THEN 3 ELSE 1 END::smallint, v.is_missed::int::smallint
	FROM care.task t
	CROSS JOIN generate_series(1, many) k
	CROSS JOIN LATERAL (SELECT oracle.random(t.task_id::int, tick, k, 40) AS r) r
	CROSS JOIN LATERAL (SELECT clock()::date + CASE WHEN r.r < 0.35 THEN 0 WHEN r.r < 0.65 THEN -1 WHEN r.r < 0.85 THEN -2 - oracle.pick(8, t.task_id::int, tick, k, 41)
		WHEN r.r < 0.94 THEN -10 - oracle.pick(20, t.task_id::int, tick, k, 41) ELSE 1 + oracle.pick(4, t.task_id::int, tick, k, 41) END AS day) d
	CROSS JOIN LATERAL (SELECT 1 + oracle.pick(2, t.task_id::int, tick, k, 42) AS n) o
	CROSS JOIN LATERAL (SELECT (ARRAY['person', 'person', 'person', 'device', 'seen', 'import'])[1 + oracle.pick(6, t.task_id::int, tick, k, 43)] AS source) s
	CROSS JOIN LATERAL (SELECT oracle.random(t.task_id::int, tick, k, 45)
		< CASE WHEN oracle.random(t.task_id::int, (d.day - date '2026-01-01') / 7, 46) < 0.4 THEN 0.85 ELSE 0.1 END AS is_missed) v
	WHERE oracle.random(t.task_id::int, tick, 47) < share
	ORDER BY 1, 2, 3, 4, 5, k
$$;
CREATE FUNCTION oracle.readings(tick integer, share float8)
RETURNS TABLE (person_id bigint, instrument_id bigint, item text, measured_on date, source text, value float8)
LANGUAGE sql STABLE AS $$
	SELECT p.person_id, 1 + oracle.pick(2, p.person_id::int, tick, k, 50), CASE oracle.pick(4, p.person_id::int, tick, k, 51) WHEN 0 THEN 'i9' ELSE '' END,
		clock()::date - oracle.pick(12, p.person_id::int, tick, k, 52) * oracle.pick(2, p.person_id::int, tick, k, 53) + (oracle.pick(15, p.person_id::int, tick, k, 54) = 0)::int,
		(ARRAY['person', 'seen'])[k], round((10 * oracle.random(p.person_id::int, tick, k, 55))::numeric, 1)::float8 * oracle.pick(3, p.person_id::int, tick, k, 56) / 2
	FROM care.person p CROSS JOIN generate_series(1, 2) k
	WHERE oracle.random(p.person_id::int, tick, k, 57) < share AND EXISTS (SELECT FROM care.task t WHERE t.person_id = p.person_id)
$$;
-- Whether a row with some key is among those that a statement is about.
CREATE FUNCTION oracle.hit(tick integer, key bigint, share float8) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT oracle.random(tick, (key % 2000000000)::int, 60) < share $$;

CREATE FUNCTION oracle.act(tick integer, share float8) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	w record;
	what text;
BEGIN
	FOR w IN SELECT o.* FROM care.warning o WHERE o.person_id % 2 = 0 AND o.closed_at IS NULL AND oracle.hit(tick, o.warning_id, share) ORDER BY o.warning_id LOOP
		what := (ARRAY['acknowledged', 'resolved', 'declined', 'silenced', 'escalated'])[1 + oracle.pick(5, tick, w.warning_id::int, 61)];
		CONTINUE WHEN care.warning_next(w.state, what, w.safety, w.seen) IS NULL;
		INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, level, reason, done)
		VALUES (w.person_id, w.warning_id, w.acts_on, what, 1, CASE WHEN what IN ('acknowledged', 'silenced') THEN clock() + interval '9 years' END,
			CASE what WHEN 'escalated' THEN 1 END, CASE WHEN what IN ('resolved', 'declined') THEN 'x' END, CASE what WHEN 'resolved' THEN 'y' END);
	END LOOP;
END
$$;

-- One statement, or one move of the clock.
CREATE FUNCTION oracle.happen(tick integer, what text, share float8, people integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	-- No two statements are of one moment: what is corrected at the moment at which it is followed up counts as corrected after.
	PERFORM set_config('coachiatry.clock', (clock() + interval '1 second')::text, true);
	CASE what
	WHEN 'time' THEN
		PERFORM set_config('coachiatry.clock', (clock() + make_interval(hours => 1 + oracle.pick(60, tick, 70)))::text, true);
	WHEN 'sweep' THEN
		PERFORM care.sweep();
	WHEN 'report' THEN
		INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed) SELECT * FROM oracle.reports(tick, share, 2) ON CONFLICT DO NOTHING;
	WHEN 'much' THEN
		INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed) SELECT * FROM oracle.reports(tick, share / 2, 12)
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
	WHEN 'resend' THEN
		INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed)
		SELECT c.person_id, c.task_id, c.due_on, c.occurrence, c.source, c.taken, c.missed FROM care.check_in c WHERE oracle.hit(tick, c.check_in_id, share / 4)
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
	WHEN 'correct' THEN
		UPDATE care.check_in c SET taken = c.missed, missed = least(c.taken, 1) WHERE oracle.hit(tick, c.check_in_id, share / 8);
	WHEN 'redate' THEN
		UPDATE care.check_in c SET due_on = c.due_on - 1, occurrence = c.occurrence + 3 * tick WHERE c.occurrence < 3 AND oracle.hit(tick, c.check_in_id, share / 10);
	WHEN 'delete' THEN
		DELETE FROM care.check_in c WHERE oracle.hit(tick, c.check_in_id, share / 8);
	WHEN 'merge' THEN
		MERGE INTO care.check_in c USING oracle.reports(tick, share, 4) r
		ON c.person_id = r.person_id AND c.task_id = r.task_id AND c.due_on = r.due_on AND c.occurrence = r.occurrence AND c.source = r.source
		WHEN MATCHED AND r.missed = 1 THEN DELETE
		WHEN MATCHED THEN UPDATE SET taken = 2
		WHEN NOT MATCHED THEN INSERT (person_id, task_id, due_on, occurrence, source, taken, missed)
			VALUES (r.person_id, r.task_id, r.due_on, r.occurrence, r.source, r.taken, r.missed);
	WHEN 'measure' THEN
		INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, source, value) SELECT * FROM oracle.readings(tick, share)
		ON CONFLICT (person_id, instrument_id, item, measured_on, occurrence, source) DO UPDATE SET value = EXCLUDED.value;
	WHEN 'remeasure' THEN
		UPDATE care.measurement m SET value = 10 - m.value WHERE oracle.hit(tick, m.measurement_id, share / 4);
	WHEN 'unmeasure' THEN
		DELETE FROM care.measurement m WHERE oracle.hit(tick, m.measurement_id, share / 4);
	WHEN 'both' THEN
		WITH c AS (INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed) SELECT * FROM oracle.reports(tick, share, 1) ON CONFLICT DO NOTHING)
		INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, source, value) SELECT * FROM oracle.readings(tick, share) ON CONFLICT DO NOTHING;
	WHEN 'contact' THEN
		INSERT INTO care.contact (person_id, staff_id, channel, began_by, started_at, replied_after, reached)
		SELECT p, 2, 'text', CASE oracle.pick(3, p, tick, 71) WHEN 0 THEN 'person' ELSE 'staff' END, clock() - make_interval(hours => oracle.pick(100, p, tick, 72)),
			CASE WHEN oracle.pick(3, p, tick, 73) > 0 THEN make_interval(hours => oracle.pick(15, p, tick, 74)) END, oracle.pick(4, p, tick, 75) > 0
		FROM generate_series(1, people) p WHERE oracle.random(p, tick, 76) < share;
	WHEN 'recontact' THEN
		UPDATE care.contact c SET reached = NOT c.reached, replied_after = interval '4 hours' WHERE oracle.hit(tick, c.contact_id, share / 4);
	WHEN 'uncontact' THEN
		DELETE FROM care.contact c WHERE oracle.hit(tick, c.contact_id, share / 4);
	WHEN 'excuse' THEN
		INSERT INTO care.excused_period (person_id, task_id, during, excused_by)
		SELECT t.person_id, CASE oracle.pick(2, t.task_id::int, tick, 77) WHEN 0 THEN t.task_id END, daterange(d.day, d.day + 1 + oracle.pick(6, t.task_id::int, tick, 78)), 1
		FROM care.task t CROSS JOIN LATERAL (SELECT clock()::date - 8 + oracle.pick(12, t.task_id::int, tick, 79) AS day) d
		WHERE oracle.hit(tick, t.task_id, share / 3);
	WHEN 'unexcuse' THEN
		DELETE FROM care.excused_period x WHERE oracle.hit(tick, x.excused_period_id, share / 2);
	WHEN 'revise' THEN
		UPDATE care.task t SET schedule = oracle.a_plan(t.task_id::int, tick, 80) WHERE oracle.hit(tick, t.task_id, share / 4);
	WHEN 'retag' THEN
		UPDATE care.task t SET tags = ARRAY['t' || oracle.pick(6, t.task_id::int, tick, 81)], max_units_per_day = CASE oracle.pick(2, t.task_id::int, tick, 82) WHEN 0 THEN 1 END,
			ends = CASE oracle.pick(3, t.task_id::int, tick, 83) WHEN 0 THEN greatest(t.starts_at::date, clock()::date + oracle.pick(9, t.task_id::int, tick, 84) - 3) END
		WHERE t.status = 'active' AND oracle.hit(tick, t.task_id, share / 4);
	WHEN 'stop' THEN
		UPDATE care.task t SET status = CASE t.status WHEN 'active' THEN 'stopped' ELSE 'active' END, ends = coalesce(t.ends, greatest(t.starts_at::date, clock()::date))
		WHERE oracle.hit(tick, t.task_id, share / 6);
	WHEN 'task' THEN
		PERFORM oracle.new_tasks(2 + oracle.pick(2, tick, 85), tick, share / 3, people);
	WHEN 'move' THEN
		UPDATE care.person p SET time_zone = (SELECT z FROM oracle.zone WHERE n = 1 + oracle.pick(8, p.person_id::int, tick, 86)) WHERE oracle.hit(tick, p.person_id, share / 4);
	WHEN 'act' THEN
		PERFORM oracle.act(tick, share);
	END CASE;
END
$$;

--
-- What must be so
--
CREATE TABLE oracle.wrong (tick integer, what text, how text, person_id bigint, rule text, detail text);
CREATE TABLE oracle.lived (tick integer, what text, share float8, at timestamptz, due bigint, open bigint);
-- Whether a warning of somebody is to be opened or ended once a time has come, if nothing more is recorded.
CREATE FUNCTION oracle.turns(person bigint, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	now CONSTANT text := current_setting('coachiatry.clock');
	turns boolean;
BEGIN
	PERFORM set_config('coachiatry.clock', at::text, true);
	turns := EXISTS (SELECT FROM care.warning_difference(ARRAY[person], NULL, true) d WHERE d.warning_rule_id IS NOT NULL AND (d.warning_id IS NULL OR NOT d.due));
	PERFORM set_config('coachiatry.clock', now, true);
	RETURN turns;
END
$$;
CREATE FUNCTION oracle.look(tick integer, what text, share float8, people integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	everybody CONSTANT bigint[] := ARRAY(SELECT generate_series(1, people));
BEGIN
	CREATE TEMP TABLE IF NOT EXISTS difference ON COMMIT DROP AS SELECT * FROM care.warning_difference('{}', NULL, false);
	TRUNCATE difference;
	INSERT INTO difference SELECT * FROM care.warning_difference(everybody, NULL, false);
	-- Who is due waits for a sweep, whatever is written.
	INSERT INTO oracle.wrong
	SELECT tick, what, 'missed', d.person_id, r.name, to_jsonb(d) - 'look_at'
	FROM difference d
	JOIN care.warning_rule r USING (warning_rule_id)
	JOIN care.recheck k USING (person_id)
	WHERE k.due_at > clock();
	-- What is recorded ahead of its day may, but need not, be a reason to look at the person on that day.
	INSERT INTO oracle.wrong
	SELECT tick, what, 'late', d.person_id, r.rule, format('look at %s, recheck at %s; %s', r.look_at, k.due_at, r.spells)
	FROM difference d
	LEFT JOIN care.recheck k USING (person_id)
	LEFT JOIN LATERAL (
		SELECT min(s.look_at) AS look_at, (array_agg(r.name ORDER BY s.look_at))[1] AS rule, jsonb_agg(jsonb_strip_nulls(to_jsonb(s)) - 'person_id' ORDER BY s.look_at) AS spells
		FROM care.warning_replay(ARRAY[d.person_id], clock()) s
		JOIN care.warning_rule r USING (warning_rule_id)
		WHERE s.look_at IS NOT NULL OR s.is_open) r ON true
	WHERE d.warning_rule_id IS NULL AND (k.due_at <= d.look_at) IS NOT TRUE
		AND (k.due_at IS NULL OR d.look_at <= clock() OR (r.look_at < k.due_at AND oracle.turns(d.person_id, r.look_at)));
	INSERT INTO oracle.wrong
	SELECT tick, what, 'unsafe', COALESCE(d.person_id, w.person_id), COALESCE(d.kind, w.kind), format('%s, not %s', w.evidence, d.evidence)
	FROM care.safety_due(everybody) d
	FULL JOIN (SELECT o.* FROM care.warning o WHERE o.kind IN ('self_harm', 'over_use', 'gap') AND o.closed_at IS NULL) w
	ON w.person_id = d.person_id AND w.kind = d.kind AND COALESCE(w.task_id, 0) = COALESCE(d.task_id, 0)
		AND COALESCE(w.instrument_id, 0) = COALESCE(d.instrument_id, 0) AND COALESCE(w.item, '') = COALESCE(d.item, '')
	JOIN care.recheck k ON k.person_id = COALESCE(d.person_id, w.person_id)
	WHERE w.evidence IS DISTINCT FROM COALESCE(d.evidence, '[]') AND k.due_at > clock();
	IF what = 'sweep' THEN
		INSERT INTO oracle.wrong
		SELECT tick, what, 'swept', d.person_id, NULL, to_jsonb(d)
		FROM care.warning_difference(everybody, NULL, true) d WHERE d.warning_rule_id IS NOT NULL OR d.look_at <= clock();
	END IF;
	INSERT INTO oracle.lived SELECT tick, what, share, clock(), (SELECT count(*) FROM care.recheck k WHERE k.due_at <= clock()),
		(SELECT count(*) FROM care.warning w WHERE w.closed_at IS NULL);
END
$$;
CREATE FUNCTION oracle.live(ticks integer, people integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	kinds CONSTANT text[] := '{time,report,much,resend,correct,redate,delete,merge,measure,remeasure,unmeasure,both,contact,recontact,uncontact,excuse,unexcuse,revise,retag,stop,task,move,act,act,revise,excuse}';
	what text;
	share float8;
BEGIN
	FOR tick IN 1..ticks LOOP
		-- Time goes on, people report, a sweep comes or not, and then something happens.
		what := CASE tick % 5 WHEN 0 THEN 'time' WHEN 1 THEN 'report' ELSE kinds[1 + oracle.pick(cardinality(kinds), tick, 90)] END;
		IF tick % 5 = 2 AND oracle.random(tick, 91) < 0.8 THEN
			what := 'sweep';
		ELSIF tick % 10 = 4 THEN
			what := 'act';
		END IF;
		share := CASE WHEN what = 'report' OR tick % 10 = 4 THEN 0.8 ELSE (ARRAY[0.03, 0.3, 0.8])[1 + oracle.pick(3, tick, 92)] END;
		PERFORM oracle.happen(tick, what, share, people);
		PERFORM oracle.look(tick, what, share, people);
		IF tick % 20 = 0 THEN
			ANALYZE care.check_in, care.task_calendar, care.measure_series, care.warning, care.recheck, care.contact, care.task_revision;
		END IF;
	END LOOP;
END
$$;
SELECT oracle.live(:ticks, :people) \g /dev/null

SELECT diag(format('%s people lived %s statements and moves of the clock; %s warnings, %s open', :people, :ticks, count(*), count(*) FILTER (WHERE w.closed_at IS NULL)))
FROM care.warning w;
SELECT cmp_ok((SELECT count(*) FROM care.warning w WHERE w.state = s), '>', 0::bigint, format('some warnings are %s', s))
FROM unnest('{open,acknowledged,cleared,retracted,resolved}'::text[]) s;
SELECT is_empty($$SELECT * FROM oracle.wrong WHERE how = 'missed' ORDER BY tick, person_id LIMIT 5$$, 'after every statement what is open of those who are not due is what a replay says');
SELECT is_empty($$SELECT * FROM oracle.wrong WHERE how = 'late' ORDER BY tick, person_id LIMIT 5$$, 'and recheck is not later than what happens by itself');
SELECT is_empty($$SELECT * FROM oracle.wrong WHERE how = 'unsafe' ORDER BY tick, person_id LIMIT 5$$, 'what is a matter of safety is warned of at once');
SELECT is_empty($$SELECT * FROM oracle.wrong WHERE how = 'swept' ORDER BY tick, person_id LIMIT 5$$, 'a sweep leaves nothing to do');

--
-- The same facts in another order and in other portions.  People of odd numbers, on whose warnings nobody acted, have a twin each
--
SELECT set_config('coachiatry.clock', (clock() + interval '7 hours')::text, true) \g /dev/null
SELECT care.sweep() \g /dev/null
CREATE FUNCTION oracle.twin(id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT id + 1000000 $$;
CREATE VIEW oracle.elder AS SELECT p.* FROM care.person p WHERE p.person_id % 2 = 1 AND p.person_id <= 1000000;
INSERT INTO care.person (person_id, time_zone) SELECT oracle.twin(person_id), time_zone FROM oracle.elder;
INSERT INTO care.episode (person_id, started) SELECT oracle.twin(e.person_id), e.started FROM care.episode e JOIN oracle.elder USING (person_id);
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at, ends, tags, max_units_per_day, gap_hazard_days, status, imported_from, created_at)
SELECT oracle.twin(t.person_id), oracle.twin(t.task_id), t.kind, t.schedule, t.starts_at, t.ends, t.tags, t.max_units_per_day, t.gap_hazard_days, t.status, 'x', t.created_at
FROM care.task t JOIN oracle.elder USING (person_id);
INSERT INTO care.task_revision (person_id, task_id, until, schedule, starts_at)
SELECT oracle.twin(r.person_id), oracle.twin(r.task_id), r.until, r.schedule, r.starts_at FROM care.task_revision r JOIN oracle.elder USING (person_id);
CREATE FUNCTION oracle.relive() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR portion IN 0..11 LOOP
		-- Some of it is said wrongly first.
		INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed)
		SELECT oracle.twin(c.person_id), oracle.twin(c.task_id), c.due_on, c.occurrence, c.source, c.missed, c.taken
		FROM care.check_in c JOIN oracle.elder USING (person_id)
		WHERE oracle.pick(12, c.check_in_id::int, 100) = portion AND oracle.hit(100, c.check_in_id, 0.2);
		INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken, missed)
		SELECT oracle.twin(c.person_id), oracle.twin(c.task_id), c.due_on, c.occurrence, c.source, c.taken, c.missed
		FROM care.check_in c JOIN oracle.elder USING (person_id)
		WHERE oracle.pick(12, c.check_in_id::int, 100) = portion ORDER BY oracle.random(c.check_in_id::int, 101)
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
		INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, occurrence, source, value)
		SELECT oracle.twin(m.person_id), m.instrument_id, m.item, m.measured_on, m.occurrence, m.source, m.value
		FROM care.measurement m JOIN oracle.elder USING (person_id)
		WHERE oracle.pick(12, m.measurement_id::int, 102) = portion ORDER BY oracle.random(m.measurement_id::int, 103);
		INSERT INTO care.contact (person_id, staff_id, channel, began_by, started_at, replied_after, reached)
		SELECT oracle.twin(c.person_id), 2, 'text', c.began_by, c.started_at, c.replied_after, c.reached
		FROM care.contact c JOIN oracle.elder USING (person_id) WHERE portion = 11 - oracle.pick(4, c.contact_id::int, 104);
		INSERT INTO care.excused_period (person_id, task_id, during, excused_by)
		SELECT oracle.twin(x.person_id), oracle.twin(x.task_id), x.during, 1
		FROM care.excused_period x JOIN oracle.elder USING (person_id) WHERE portion = oracle.pick(12, x.excused_period_id::int, 105);
	END LOOP;
END
$$;
SELECT oracle.relive(), care.sweep(), care.advance_plan() \g /dev/null

-- What is there of somebody, by the names of their elder.
CREATE FUNCTION oracle.kept(twins boolean) RETURNS TABLE (person_id bigint, of_id bigint, label text, value bytea, size integer, through date, stale_at timestamptz)
LANGUAGE sql STABLE AS $$
	SELECT k.person_id % 1000000, k.task_id % 1000000, k.source, adherence_send(k.calendar), pg_column_size(k.calendar),
		CASE WHEN k.stale_at < 'infinity' THEN k.planned_through END, k.stale_at -- once a task has ended its plan goes no further
	FROM care.task_calendar k WHERE (k.person_id > 1000000) = twins AND k.person_id % 2 = 1
	UNION ALL
	SELECT k.person_id % 1000000, -k.instrument_id, k.item, series_send(k.series), pg_column_size(k.series), NULL, NULL
	FROM care.measure_series k WHERE (k.person_id > 1000000) = twins AND k.person_id % 2 = 1
$$;
CREATE FUNCTION oracle.open(twins boolean)
RETURNS TABLE (person_id bigint, rule text, task_id bigint, instrument_id bigint, item text, raised_on date, onset date, evidence jsonb, stands boolean)
LANGUAGE sql STABLE AS $$
	SELECT w.person_id % 1000000, r.name, w.task_id % 1000000, w.instrument_id, w.item, w.raised_on, w.onset, w.evidence, w.evidence_stands
	FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id)
	WHERE w.closed_at IS NULL AND NOT w.safety AND (w.person_id > 1000000) = twins AND w.person_id % 2 = 1
$$;
SELECT cmp_ok((SELECT count(*) FROM oracle.kept(true)), '>', :people::bigint, 'there are calendars and series of twins');
SELECT bag_eq('SELECT * FROM oracle.kept(true)', 'SELECT * FROM oracle.kept(false)', 'and they are of the same bytes');
SELECT cmp_ok((SELECT count(*) FROM oracle.open(true)), '>', :people::bigint, 'there are open warnings about twins');
SELECT bag_eq('SELECT * FROM oracle.open(true)', 'SELECT * FROM oracle.open(false)', 'and they are the same');
SELECT is_empty('SELECT * FROM care.stream_fault', 'nothing failed');

SELECT * FROM finish();
ROLLBACK;
