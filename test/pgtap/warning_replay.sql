-- Warnings are what the facts say, however they were written: random histories in twelve ways of writing, permuting and correcting the same facts end in the
-- same open warnings, and these are what plain SQL makes of the facts, day by day. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(63);

INSERT INTO care.instrument (instrument_id, name, direction) VALUES (1, 'worse is up', 'lower_is_better'), (2, 'worse is down', 'higher_is_better');
-- Beside the starter set: each detector, and each kind of hold, clear condition and cool-down.
INSERT INTO care.warning_rule (name, says, stream, tag, detector, parameters, acts_on, hold_days, clear_days, cool_down_days)
SELECT 'r' || n, 'x', v.stream, v.tag, v.detector, v.parameters::jsonb, v.acts_on, v.hold, v.clear, v.cool
FROM (VALUES (1, 'task', NULL, 'rate_below', '{"days": 7, "rate": 0.7}', 'coach', 0, 1, 0), (2, 'task', 'effort', 'rate_drop', '{"days": 5, "before": 10}', 'coach', 2, 3, 4),
	(3, 'task', NULL, 'missed_run', '{"n": 2}', 'supervisor', 1, 2, 5), (4, 'task', NULL, 'over_use', '{"days": 5, "n": 1}', 'prescriber', 0, 2, 9),
	(5, 'measure', NULL, 'shewhart', '{"l": 1.5, "mean": 5, "sd": 2}', 'therapist', 0, 1, 3), (6, 'measure', NULL, 'ewma', '{"mean": 5, "sd": 2, "l": 2}', 'therapist', 1, 4, 0),
	(7, 'measure', NULL, 'cusum', '{"mean": 5, "sd": 2, "h": 3}', 'therapist', 0, 2, 0), (8, 'contact', NULL, 'silence', '{"rate": 0.5, "alpha": 0.1}', 'coach', 1, 1, 3)
	) AS v (n, stream, tag, detector, parameters, acts_on, hold, clear, cool);

--
-- The facts
--
CREATE TABLE oracle.task AS
SELECT p AS person_id, p * 10 + t AS task_id, CASE t WHEN 1 THEN 'medication' ELSE 'exposure' END AS kind, CASE t WHEN 2 THEN '{effort}'::text[] ELSE '{}' END AS tags
FROM generate_series(1, 4) p, generate_series(1, 2) t;
-- What one source says of a day; each task has a turn after which it goes worse.
CREATE TABLE oracle.check_in AS
SELECT row_number() OVER () AS n, * FROM (
	SELECT t.person_id, t.task_id, date '2026-01-25' + d AS due_on, s.source,
		CASE WHEN r.r < s.good THEN 1 + (r.r < 0.06)::int ELSE 0 END AS taken, CASE WHEN r.r < s.good THEN 0 ELSE 1 END AS missed
	FROM oracle.task t
	CROSS JOIN generate_series(0, 43) d
	CROSS JOIN LATERAL (SELECT 'person' AS source, CASE WHEN d > 40 * oracle.random(1, t.task_id::int) THEN 0.35 ELSE 0.9 END AS good, 0.8 AS said
		UNION ALL SELECT 'device', 0.7, 0.15) s
	CROSS JOIN LATERAL (SELECT oracle.random(2, t.task_id::int, d, length(s.source)) AS r) r
	WHERE oracle.random(3, t.task_id::int, d, length(s.source)) < s.said) f;
CREATE TABLE oracle.measurement AS
SELECT p AS person_id, i AS instrument_id, date '2026-01-25' + d AS measured_on, round((10 * oracle.random(4, p, i, d) + CASE WHEN d > 30 THEN 3 ELSE 0 END)::numeric, 1)::float8 AS value
FROM generate_series(1, 4) p, generate_series(1, 2) i, generate_series(0, 44) d WHERE oracle.random(5, p, i, d) < 0.6;
CREATE TABLE oracle.contact AS
SELECT p AS person_id, timestamptz '2026-01-25 09:00+00' + d * interval '1 day' AS started_at
FROM generate_series(1, 4) p, generate_series(0, 44) d WHERE oracle.random(6, p, d) < 0.12;

INSERT INTO care.staff (staff_id, name, role, licensed, employed) VALUES (1, 'x', 'prescriber', true, '[2026-01-01,)');
INSERT INTO care.staff (staff_id, name, role, supervisor_id, employed) VALUES (2, 'x', 'coach', 1, '[2026-01-01,)');
INSERT INTO care.person (person_id) SELECT generate_series(1, 4);
INSERT INTO care.episode (person_id, started) SELECT generate_series(1, 4), '2026-01-25';
INSERT INTO care.assignment (person_id, staff_id, during) SELECT p, 2, '[2026-01-01,)' FROM generate_series(1, 4) p;

--
-- The oracle: calendars from the facts, detectors called by hand, and the machine as a recursion over days
--
CREATE FUNCTION oracle.alarms() RETURNS TABLE (person_id bigint, rule text, task_id bigint, instrument_id bigint, day date, alarm boolean, since date)
LANGUAGE sql STABLE AS $$
	WITH calendar AS (
		SELECT t.person_id, t.task_id, t.kind, t.tags, adherence_agg(d, 1, coalesce(f.taken, 0), coalesce(f.missed, 0)) AS a
		FROM oracle.task t
		CROSS JOIN generate_series(0, 43) n
		CROSS JOIN LATERAL (SELECT date '2026-01-25' + n AS d) d
		LEFT JOIN LATERAL (SELECT f.taken, f.missed FROM oracle.check_in f WHERE f.task_id = t.task_id AND f.due_on = d ORDER BY f.source LIMIT 1) f ON true
		GROUP BY t.person_id, t.task_id, t.kind, t.tags
	), series AS (
		SELECT m.person_id, m.instrument_id, series_agg(m.measured_on, m.value) AS s FROM oracle.measurement m GROUP BY m.person_id, m.instrument_id
	)
	SELECT c.person_id, r.rule, c.task_id, NULL, d, (r.it).alarm, (r.it).since
	FROM calendar c
	CROSS JOIN generate_series(0, 43) n
	CROSS JOIN LATERAL (SELECT date '2026-01-25' + n AS d) d
	CROSS JOIN LATERAL (VALUES ('medication missed', CASE c.kind WHEN 'medication' THEN missed_run(c.a, d, 3) END), ('missing more', miss_cusum(c.a, d, 0.2, 0.5, 11)),
		('nothing recorded', unrecorded_run(c.a, d, 5)), ('r1', rate_below(c.a, d, 7, 0.7)), ('r2', CASE WHEN c.tags <> '{}' THEN rate_drop(c.a, d, 5, 10, 0.2) END),
		('r3', missed_run(c.a, d, 2)), ('r4', over_use(c.a, d, 5, 1))) AS r (rule, it)
	UNION ALL
	SELECT s.person_id, r.rule, NULL, s.instrument_id, d, (r.it).alarm, (r.it).since
	FROM series s
	CROSS JOIN generate_series(0, 44) n
	CROSS JOIN LATERAL (SELECT date '2026-01-25' + n AS d, CASE s.instrument_id WHEN 1 THEN 'up' ELSE 'down' END AS worse) d
	CROSS JOIN LATERAL (VALUES ('measure worse', self_starting_cusum(s.s, d, 0.5, 5, worse)), ('r5', shewhart(s.s, d, 1.5, 0, 5, 2, worse)),
		('r6', ewma(s.s, d, 0.1, 2, 5, 2, worse)), ('r7', cusum(s.s, d, 0.5, 3, 5, 2, 0, worse))) AS r (rule, it)
	UNION ALL
	SELECT p, r.rule, NULL, NULL, d, d - l.last_day > r.most, l.last_day
	FROM generate_series(1, 4) p
	CROSS JOIN generate_series(0, 44) n
	CROSS JOIN LATERAL (SELECT date '2026-01-25' + n AS d) d
	CROSS JOIN LATERAL (SELECT coalesce(max(c.started_at::date), '2026-01-25') AS last_day FROM oracle.contact c WHERE c.person_id = p AND c.started_at::date <= d) l
	CROSS JOIN (VALUES ('no contact', -ln(0.005) / 0.3333), ('r8', -ln(0.1) / 0.5)) AS r (rule, most)
$$;
CREATE TABLE oracle.wanted AS
WITH RECURSIVE day AS (
	SELECT a.*, coalesce(a.task_id, -a.instrument_id, 0) AS stream, coalesce(a.alarm, false) AS loud, r.hold_days, r.clear_days, r.cool_down_days,
		row_number() OVER (PARTITION BY a.person_id, a.rule, coalesce(a.task_id, -a.instrument_id, 0) ORDER BY a.day) AS n
	FROM oracle.alarms() a JOIN care.warning_rule r ON r.name = a.rule
), walk AS (
	SELECT d.person_id, d.rule, d.stream, 0::bigint AS n, 0 AS run, 0 AS calm, NULL::date AS opened, NULL::date AS onset, '2000-01-01'::date AS blocked
	FROM day d WHERE d.n = 1
	UNION ALL
	SELECT d.person_id, d.rule, d.stream, d.n, x.run, x.calm,
		CASE WHEN NOT x.ends THEN x.opened END, CASE WHEN NOT x.ends THEN CASE WHEN w.opened IS NULL THEN coalesce(d.since, d.day) ELSE w.onset END END,
		CASE WHEN x.ends AND x.opened IS NOT NULL THEN d.day + d.cool_down_days ELSE w.blocked END
	FROM walk w
	JOIN day d ON d.person_id = w.person_id AND d.rule = w.rule AND d.stream = w.stream AND d.n = w.n + 1
	CROSS JOIN LATERAL (SELECT CASE WHEN d.loud THEN w.run + 1 ELSE 0 END AS run, CASE WHEN d.loud THEN 0 ELSE w.calm + 1 END AS calm) y
	CROSS JOIN LATERAL (SELECT y.*, coalesce(w.opened, CASE WHEN y.run >= d.hold_days + 1 AND d.day > w.blocked THEN d.day END) AS opened) z
	CROSS JOIN LATERAL (SELECT z.*, z.opened IS NOT NULL AND z.calm >= d.clear_days AS ends) x
)
SELECT DISTINCT ON (person_id, rule, stream) person_id, rule, stream, opened AS raised_on, onset FROM walk ORDER BY person_id, rule, stream, n DESC;

CREATE VIEW oracle.due AS
SELECT coalesce(string_agg(format('%s %s %s %s %s', person_id, rule, stream, raised_on, onset), E'\n' ORDER BY person_id, rule, stream), '') AS list
FROM oracle.wanted WHERE raised_on IS NOT NULL;
CREATE VIEW oracle.now_open AS
SELECT coalesce(string_agg(format('%s %s %s %s %s', w.person_id, r.name, coalesce(w.task_id, -w.instrument_id, 0), w.raised_on, w.onset), E'\n'
	ORDER BY w.person_id, r.name, coalesce(w.task_id, -w.instrument_id, 0)), '') AS list
FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE w.closed_at IS NULL;
SELECT cmp_ok((SELECT count(*) FROM oracle.wanted WHERE raised_on IS NOT NULL), '>', 5::bigint, 'some warnings are due');
SELECT cmp_ok((SELECT count(*) FROM oracle.wanted WHERE raised_on IS NULL), '>', 5::bigint, 'and some are not');

--
-- Twelve ways
--
CREATE FUNCTION oracle.write_tasks() RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, tags, imported_from)
	SELECT person_id, task_id, kind, 'x', 'FREQ=DAILY', '2026-01-25', tags, 'x' FROM oracle.task
$$;
CREATE FUNCTION oracle.write_check_ins(first bigint, last bigint, salt int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, missed)
	SELECT f.person_id, f.task_id, f.due_on, f.source, f.taken, f.missed
	FROM (SELECT *, CASE salt WHEN 0 THEN n WHEN -1 THEN -n ELSE hashint8(n * 31 + salt) END AS place FROM oracle.check_in) f
	ORDER BY f.place OFFSET first LIMIT last - first
$$;
CREATE FUNCTION oracle.write_others() RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.contact (person_id, staff_id, channel, started_at) SELECT person_id, 2, 'text', started_at FROM oracle.contact;
	INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) SELECT person_id, instrument_id, measured_on, value FROM oracle.measurement;
$$;
CREATE FUNCTION oracle.way(nth int, OUT open text, OUT by_triggers bigint, OUT by_sweep bigint, OUT again bigint) LANGUAGE plpgsql AS $$
DECLARE
	everybody CONSTANT bigint[] := '{1,2,3,4}';
	facts CONSTANT int := (SELECT count(*) FROM oracle.check_in);
	i int;
BEGIN
	IF nth <> 11 THEN
		PERFORM oracle.write_tasks();
	END IF;
	CASE nth
	WHEN 1 THEN -- all at once
		PERFORM oracle.write_check_ins(0, facts, 0), oracle.write_others();
	WHEN 2 THEN -- one by one
		FOR i IN 1..facts LOOP
			PERFORM oracle.write_check_ins(i - 1, i, 0);
		END LOOP;
		PERFORM oracle.write_others();
	WHEN 3 THEN -- from the last to the first
		PERFORM oracle.write_others();
		FOR i IN 1..facts LOOP
			PERFORM oracle.write_check_ins(i - 1, i, -1);
		END LOOP;
	WHEN 4 THEN -- shuffled
		FOR i IN 1..facts LOOP
			PERFORM oracle.write_check_ins(i - 1, i, 7);
		END LOOP;
		PERFORM oracle.write_others();
	WHEN 5 THEN -- in shuffled batches
		FOR i IN 0..facts / 17 LOOP
			PERFORM oracle.write_check_ins(i * 17, i * 17 + 17, 99);
		END LOOP;
		PERFORM oracle.write_others();
	WHEN 6 THEN -- all missed, then corrected
		INSERT INTO care.check_in (person_id, task_id, due_on, source, missed) SELECT person_id, task_id, due_on, source, 1 FROM oracle.check_in;
		UPDATE care.check_in c SET taken = f.taken, missed = f.missed FROM oracle.check_in f WHERE (c.task_id, c.due_on, c.source) = (f.task_id, f.due_on, f.source);
		PERFORM oracle.write_others();
	WHEN 7 THEN -- with reports and answers that nobody meant, deleted
		INSERT INTO care.check_in (person_id, task_id, due_on, source, missed) SELECT person_id, task_id, date '2026-01-25' + n, 'seen', 1 FROM oracle.task, generate_series(0, 43) n;
		INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value) SELECT p, 1, date '2026-01-25' + n, 'seen', 50 FROM generate_series(1, 4) p, generate_series(0, 9) n;
		PERFORM oracle.write_check_ins(0, facts, 3), oracle.write_others();
		DELETE FROM care.check_in WHERE source = 'seen';
		DELETE FROM care.measurement WHERE source = 'seen';
	WHEN 8 THEN -- upserts that insert some and correct others in one statement
		PERFORM oracle.write_check_ins(0, facts / 2, 5);
		UPDATE care.check_in SET taken = missed, missed = taken WHERE taken < 2;
		INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, missed) SELECT person_id, task_id, due_on, source, taken, missed FROM oracle.check_in
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
		PERFORM oracle.write_others();
	WHEN 9 THEN -- excused, and not after all
		INSERT INTO care.excused_period (person_id, during, excused_by) SELECT p, '[2026-02-01,2026-03-05)', 1 FROM generate_series(1, 4) p;
		PERFORM oracle.write_check_ins(0, facts, 0), oracle.write_others();
		DELETE FROM care.excused_period;
	WHEN 10 THEN -- day by day, swept each evening
		FOR i IN 0..44 LOOP
			PERFORM set_config('coachiatry.clock', (timestamptz '2026-01-25 20:00+00' + i * interval '1 day')::text, true);
			INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, missed) SELECT person_id, task_id, due_on, source, taken, missed
			FROM oracle.check_in WHERE due_on = date '2026-01-25' + i;
			INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) SELECT person_id, instrument_id, measured_on, value
			FROM oracle.measurement WHERE measured_on = date '2026-01-25' + i;
			INSERT INTO care.contact (person_id, staff_id, channel, started_at) SELECT person_id, 2, 'text', started_at
			FROM oracle.contact WHERE started_at::date = date '2026-01-25' + i;
			-- Nobody has missed a deadline yet: an escalated warning would wait for somebody.
			UPDATE care.warning SET acknowledge_within = '1 year';
			PERFORM care.sweep();
			UPDATE care.warning SET acknowledge_within = '1 year';
		END LOOP;
		PERFORM set_config('coachiatry.clock', '2026-03-10 12:00+00', true);
	WHEN 11 THEN -- another plan, corrected on the day that it was written
		INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, tags, imported_from)
		SELECT person_id, task_id, 'medication', 'x', 'FREQ=DAILY;INTERVAL=2', '2026-02-05', '{effort}', 'x' FROM oracle.task;
		PERFORM oracle.write_check_ins(0, facts, 0), oracle.write_others();
		UPDATE care.task t SET kind = o.kind, tags = o.tags, schedule = 'FREQ=DAILY', starts_at = '2026-01-25' FROM oracle.task o WHERE o.task_id = t.task_id;
	WHEN 12 THEN -- rules that were not there yet
		UPDATE care.warning_rule SET enabled = false;
		PERFORM oracle.write_check_ins(0, facts, 0), oracle.write_others();
		UPDATE care.warning_rule SET enabled = true;
		PERFORM care.evaluate_warnings(everybody, false);
	END CASE;
	by_triggers := (SELECT count(*) FROM care.warning_difference(everybody, NULL, false) WHERE warning_rule_id IS NOT NULL);
	PERFORM care.sweep();
	by_sweep := (SELECT count(*) FROM care.warning_difference(everybody, NULL, true) WHERE warning_rule_id IS NOT NULL);
	again := (SELECT changed FROM care.sweep());
	open := (SELECT list FROM oracle.now_open);
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = concat_ws('|', by_triggers, by_sweep, again, open);
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
	by_triggers := split_part(SQLERRM, '|', 1)::bigint;
	by_sweep := split_part(SQLERRM, '|', 2)::bigint;
	again := split_part(SQLERRM, '|', 3)::bigint;
	open := split_part(SQLERRM, '|', 4);
END
$$;
CREATE TABLE oracle.tried AS SELECT n, w.* FROM generate_series(1, 12) n CROSS JOIN LATERAL oracle.way(n) w;
SELECT is(t.open, d.list, format('way %s ends in the warnings that plain SQL says are due', n)) FROM oracle.tried t, oracle.due d ORDER BY n;
SELECT is(by_triggers, 0::bigint, format('way %s: triggers leave nothing to do but what is absent', n)) FROM oracle.tried ORDER BY n;
SELECT is(by_sweep, 0::bigint, format('way %s: a sweep leaves nothing', n)) FROM oracle.tried ORDER BY n;
SELECT is(again, 0::bigint, format('way %s: and does nothing twice', n)) FROM oracle.tried ORDER BY n;

--
-- What people closed is a fact too
--
-- A letter for each day: missed, taken, or nothing recorded.
CREATE TABLE oracle.spell_case (days text, hold int, clear int, cool int, closed text, spells text);
INSERT INTO oracle.spell_case VALUES
	('tmmt', 0, 1, 0, '', '2-4'), ('mmmm', 0, 1, 0, '', '1-'), ('mmmm', 2, 1, 0, '', '3-'), ('mtmm', 1, 1, 0, '', '4-'), ('mmtmmm', 0, 2, 0, '', '1-'),
	('mmtmmmm', 0, 1, 2, '', '1-3 6-'), ('mmmmmmm', 0, 1, 2, '3', '1-3 6-'), ('mmmm', 0, 1, 9, '2', '1-2'), ('mmm', 0, 1, 0, '3', '1-3'),
	('tttt', 0, 1, 0, '', ''), ('m..tm', 0, 1, 0, '', '1-4 5-'), ('m..t..', 0, 3, 0, '', '1-6'), ('', 0, 1, 0, '', '');
SELECT is((SELECT coalesce(string_agg(s.opened - date '2026-01-01' + 1 || '-' || coalesce((s.ended - date '2026-01-01' + 1)::text, ''), ' ' ORDER BY s.opened), '')
	FROM alarm_spells('missed_run', '{"n": 1}', (SELECT adherence_agg(date '2026-01-01' + n::int - 1, 1, (d = 't')::int, (d = 'm')::int)
		FROM regexp_split_to_table(c.days, '') WITH ORDINALITY AS x (d, n) WHERE d <> ''), NULL, NULL,
		'2026-01-01', date '2026-01-01' + length(c.days) - 1, 0, c.hold, c.clear, c.cool,
		ARRAY(SELECT date '2026-01-01' + d::int - 1 FROM regexp_split_to_table(c.closed, '') d WHERE d <> '')) s), c.spells,
	format('%s: hold %s, clear %s, cool down %s, closed on %s', c.days, c.hold, c.clear, c.cool, c.closed)) FROM oracle.spell_case c;

SELECT * FROM finish();
ROLLBACK;
