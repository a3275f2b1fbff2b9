-- The screen in C at its narrowest: people of one task, and one rule at a time, so that nothing but what it reads of that rule and its warning decides whether
-- somebody is evaluated: another rule that alarms, whatever it watches, would have them evaluated, too. Days go by with reports of the day, late ones and corrections, people close and acknowledge warnings; after every statement what is open of
-- those who are not due is what a replay says, and recheck is not later than what happens by itself.
\ir include/setup.sql
SET LOCAL timezone = 'UTC';
SET LOCAL coachiatry.clock = '2026-03-02 05:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(10);
CREATE FUNCTION oracle.pick(n integer, VARIADIC keys integer[]) RETURNS integer
LANGUAGE sql STABLE AS $$ SELECT floor(oracle.random(VARIADIC keys) * n)::integer $$;

UPDATE care.warning_rule SET enabled = false;
INSERT INTO care.warning_rule (name, says, stream, task_kind, tag, detector, parameters, acts_on, hold_days, clear_days, cool_down_days, acknowledge_within)
SELECT v.detector || n, 'x', 'task', CASE WHEN n % 5 = 0 THEN 'exposure' END, CASE WHEN n % 4 = 1 THEN 'effort' END, v.detector, v.parameters, 'coach', oracle.pick(2, n, 1) * oracle.pick(2, n, 2), 1 + oracle.pick(3, n, 3), oracle.pick(6, n, 4), '10 years'
FROM generate_series(1, 12) n
CROSS JOIN LATERAL (SELECT u.* FROM (VALUES
	(0, 'missed_run', jsonb_build_object('n', 1 + oracle.pick(3, n, 5))),
	(1, 'rate_below', jsonb_build_object('days', 3 + oracle.pick(6, n, 5), 'rate', 0.5 + 0.3 * oracle.random(n, 6))),
	(2, 'rate_drop', jsonb_build_object('days', 2 + oracle.pick(4, n, 5), 'before', 4 + oracle.pick(6, n, 6), 'drop', 0.2 + 0.3 * oracle.random(n, 7))),
	(3, 'over_use', jsonb_build_object('days', 3 + oracle.pick(6, n, 5), 'n', 1 + oracle.pick(2, n, 6))),
	(4, 'miss_cusum', jsonb_build_object('p0', 0.2, 'p1', 0.5, 'h', 3 + oracle.pick(6, n, 5))),
	(5, 'g_chart', jsonb_build_object('p', 0.3 + 0.4 * oracle.random(n, 5), 'l', 0.5 + oracle.random(n, 6)))) AS u (nth, detector, parameters) WHERE u.nth = n % 6) v;

INSERT INTO care.staff (staff_id, name, role, licensed, employed) VALUES (1, 'x', 'supervisor', true, '[2026-01-01,)');
INSERT INTO care.staff (staff_id, name, role, supervisor_id, employed) VALUES (2, 'x', 'coach', 1, '[2026-01-01,)');
INSERT INTO care.person (person_id, time_zone) SELECT p, (ARRAY['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC', 'Asia/Kolkata'])[1 + p % 4] FROM generate_series(1, 300) p;
INSERT INTO care.episode (person_id, started) SELECT p, '2026-02-10' FROM generate_series(1, 300) p;
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT p, 2, 'coach', '[2026-01-01,)' FROM generate_series(1, 300) p;
INSERT INTO care.task (person_id, task_id, kind, tags, schedule, starts_at)
SELECT p, p, CASE p % 3 WHEN 0 THEN 'exposure' ELSE 'activity' END, CASE p % 5 WHEN 0 THEN '{}' WHEN 1 THEN '{novelty}' ELSE '{novelty,effort}' END::text[], (CASE p % 7 WHEN 0 THEN 'QD;UNITS=2' WHEN 1 THEN 'QOD' ELSE 'QD' END)::schedule, '2026-02-10' FROM generate_series(1, 300) p;

-- Some report of days about today: it goes well or badly for a week at a time; one in ten reports is ahead of its day or more than was planned.
CREATE FUNCTION oracle.reports(tick integer, share float8, back integer) RETURNS TABLE (person_id bigint, task_id bigint, due_on date, taken smallint, missed smallint)
LANGUAGE sql STABLE AS $$
	SELECT DISTINCT ON (1, 3) t.person_id, t.task_id, d.day, CASE WHEN b.bad THEN 0 WHEN oracle.pick(12, t.task_id::int, tick, 20) = 0 THEN 3 ELSE 1 END::smallint, b.bad::int::smallint
	FROM care.task t
	CROSS JOIN LATERAL (SELECT clock()::date - oracle.pick(back, t.task_id::int, tick, 21) + (oracle.pick(15, t.task_id::int, tick, 22) = 0)::int AS day) d
	CROSS JOIN LATERAL (SELECT oracle.random(t.task_id::int, tick, 23) < CASE WHEN oracle.random(t.task_id::int, (d.day - date '2026-01-01') / 7, 24) < 0.4 THEN 0.8 ELSE 0.1 END AS bad) b
	WHERE oracle.random(t.task_id::int, tick, 25) < share
$$;
CREATE TABLE oracle.wrong (tick integer, what text, how text, person_id bigint, rule text, detail text);
CREATE TABLE oracle.seen (what text, of_open bigint, of_quiet bigint);
CREATE FUNCTION oracle.look(tick integer, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO oracle.wrong
	SELECT tick, what, CASE WHEN d.warning_rule_id IS NULL THEN 'late' ELSE 'missed' END, d.person_id, r.name, format('%s; recheck at %s', to_jsonb(d), k.due_at)
	FROM care.warning_difference(ARRAY(SELECT generate_series(1, 300)), NULL, false) d
	LEFT JOIN care.warning_rule r USING (warning_rule_id)
	JOIN care.recheck k USING (person_id)
	WHERE k.due_at > clock() AND (d.warning_rule_id IS NOT NULL OR (d.look_at < k.due_at AND (d.look_at <= clock() OR (EXISTS (
		SELECT FROM care.warning_replay(ARRAY[d.person_id], clock()) s WHERE s.warning_rule_id IS NOT NULL AND s.look_at < k.due_at)
		-- A replay does not know yet what is recorded ahead of its day; the screen does.
		AND NOT EXISTS (SELECT FROM care.check_in c JOIN care.effective_calendar x USING (person_id, task_id) WHERE c.person_id = d.person_id AND c.due_on > x.today)))));
	INSERT INTO oracle.seen SELECT what, count(*) FILTER (WHERE w.warning_id IS NOT NULL), count(*) FILTER (WHERE w.warning_id IS NULL)
	FROM care.recheck k LEFT JOIN care.warning w ON w.person_id = k.person_id AND w.closed_at IS NULL WHERE k.due_at > clock();
END
$$;
CREATE FUNCTION oracle.live(ticks integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	w record;
BEGIN
	FOR tick IN 1..ticks LOOP
		-- A rule at a time, for some days.
		IF tick % 6 = 1 THEN
			UPDATE care.warning_rule r SET enabled = false WHERE r.enabled;
			UPDATE care.warning_rule r SET enabled = true WHERE r.name ~ ('[a-z]' || 1 + tick / 6 || '$');
			PERFORM care.sweep();
		END IF;
		-- Some lose their schedule, others get one, or another.
		IF tick % 15 = 0 THEN
			UPDATE care.task t SET schedule = CASE oracle.pick(3, t.task_id::int, tick, 33) WHEN 0 THEN NULL WHEN 1 THEN 'QD;UNITS=2' ELSE 'QD' END::schedule
			WHERE t.task_id % 4 = tick / 15 % 4;
		END IF;
		PERFORM set_config('coachiatry.clock', (clock() + make_interval(hours => 10 + oracle.pick(20, tick, 30)))::text, true);
		IF tick % 3 > 0 THEN
			PERFORM care.sweep();
			PERFORM oracle.look(tick, 'sweep');
		END IF;
		INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT * FROM oracle.reports(tick, 0.7, 2) ON CONFLICT DO NOTHING;
		PERFORM oracle.look(tick, 'report');
		INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT * FROM oracle.reports(tick + 1000, 0.3, 12) ON CONFLICT DO NOTHING;
		PERFORM oracle.look(tick, 'late report');
		INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT * FROM oracle.reports(tick + 2000, 0.05, 9)
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
		PERFORM oracle.look(tick, 'correction');
		FOR w IN SELECT o.* FROM care.warning o WHERE o.closed_at IS NULL AND oracle.random(o.warning_id::int, tick, 31) < 0.08 ORDER BY o.warning_id LOOP
			INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, reason, done)
			SELECT w.person_id, w.warning_id, w.acts_on, a.what, 2, CASE a.what WHEN 'acknowledged' THEN clock() + interval '9 years' END,
				CASE a.what WHEN 'resolved' THEN 'x' END, CASE a.what WHEN 'resolved' THEN 'y' END
			FROM (SELECT (ARRAY['acknowledged', 'resolved', 'resolved'])[1 + oracle.pick(3, w.warning_id::int, tick, 32)] AS what) a;
		END LOOP;
		PERFORM oracle.look(tick, 'act');
	END LOOP;
END
$$;
SELECT oracle.live(72) \g /dev/null

SELECT diag(format('%s warnings, %s open; of those who are not due %s have one after a report, and %s have none', count(*), count(*) FILTER (WHERE closed_at IS NULL),
	(SELECT sum(of_open) FROM oracle.seen WHERE what = 'report'), (SELECT sum(of_quiet) FROM oracle.seen WHERE what = 'report'))) FROM care.warning;
SELECT cmp_ok((SELECT count(*) FROM care.warning WHERE state = s), '>', 5::bigint, format('some warnings are %s', s)) FROM unnest('{open,acknowledged,cleared,resolved}'::text[]) s;
SELECT cmp_ok((SELECT sum(of_open) FROM oracle.seen WHERE what = 'report'), '>', 500::numeric, 'many have a warning when they report, and are not due');
SELECT is_empty($$SELECT * FROM oracle.wrong WHERE how = 'missed' ORDER BY tick, person_id LIMIT 5$$, 'after every statement what is open of those who are not due is what a replay says');
SELECT is_empty($$SELECT * FROM oracle.wrong WHERE how = 'late' ORDER BY tick, person_id LIMIT 5$$, 'and recheck is not later than what happens by itself');

-- Where the schedule is another now than on a day of the record, or on one to come: what was planned then counts.
SELECT set_config('coachiatry.clock', '2026-09-10 12:00+00', true) \g /dev/null
UPDATE care.warning_rule SET enabled = false WHERE enabled;
INSERT INTO care.warning_rule (name, says, stream, task_kind, detector, parameters, acts_on)
VALUES ('runs', 'x', 'task', 'activity', 'missed_run', '{"n": 3}', 'coach'), ('rates', 'x', 'task', 'exposure', 'rate_below', '{"days": 3, "rate": 0.6}', 'coach');
INSERT INTO care.person (person_id) SELECT generate_series(401, 403);
INSERT INTO care.episode (person_id, started) SELECT generate_series(401, 403), '2026-09-01';
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT generate_series(401, 403), 2, 'coach', '[2026-01-01,)';
INSERT INTO care.task (person_id, task_id, kind, schedule, starts_at)
VALUES (401, 401, 'exposure', NULL, '2026-09-01'), (402, 402, 'activity', 'QD;UNITS=2', '2026-09-01'), (403, 403, 'activity', 'QD', '2026-09-01');
INSERT INTO care.task_revision (person_id, task_id, until, schedule, starts_at)
VALUES (401, 401, '2026-09-10', 'QD;UNITS=2', '2026-09-01'), (402, 402, '2026-09-11', 'QD', '2026-09-01'), (403, 403, '2026-09-09', NULL, '2026-09-01');
SELECT care.sweep() \g /dev/null
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) VALUES
	(401, 401, '2026-09-07', 1, 0), (401, 401, '2026-09-08', 1, 0), (401, 401, '2026-09-09', 1, 0),
	(402, 402, '2026-09-08', 0, 1), (402, 402, '2026-09-09', 0, 1), (402, 402, '2026-09-10', 0, 1),
	(403, 403, '2026-09-07', 0, 1), (403, 403, '2026-09-08', 0, 1), (403, 403, '2026-09-09', 0, 1);
SELECT results_eq(format($$SELECT warning_rule_id IS NOT NULL FROM care.warning WHERE person_id = %s AND closed_at IS NULL$$, p), 'VALUES (true)', says)
FROM (VALUES (401, 'half was taken of what had been planned, of which nothing is any more'), (402, 'what was planned of today was missed, whatever begins tomorrow'),
	(403, 'two days without a schedule were missed, and one with it')) v (p, says);

SELECT * FROM finish();
ROLLBACK;
