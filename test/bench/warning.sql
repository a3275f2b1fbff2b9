-- What warnings cost: a check-in with the rules of the starter set, with none (safety alone) and without evaluation, one statement about everybody, and a sweep. 1,000 invented people with half
-- a year of record, unless said: psql -v people=100. In a database of its own, on a cluster of one's own.
\if :{?people}
\else
\set people 1000
\endif
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
SET coachiatry.clock = '2026-07-01 17:00+00';
CREATE EXTENSION IF NOT EXISTS coachiatry;
SELECT coachiatry.synthetic_program('bench', :people, adopt_roles => true) \g /dev/null
VACUUM ANALYZE;
CREATE TABLE public.spent (what text, ms float8);

-- Milliseconds a statement: check-ins of so many people, one by one; and of all of them in one statement.
CREATE PROCEDURE public.measure(what text, rules boolean, evaluated boolean DEFAULT true) LANGUAGE plpgsql AS $$
DECLARE
	t record;
	began timestamptz;
	n int := 0;
BEGIN
	UPDATE bench.warning_rule SET enabled = rules;
	IF NOT evaluated THEN
		ALTER FUNCTION bench.evaluate_warnings RENAME TO evaluated_not;
	END IF;
	FOR t IN SELECT DISTINCT ON (person_id) person_id, task_id FROM bench.task WHERE status = 'active' ORDER BY person_id, task_id LIMIT 300 LOOP
		n := n + 1;
		began := CASE WHEN n = 51 THEN clock_timestamp() ELSE began END; -- the first ones prepare
		INSERT INTO bench.check_in (person_id, task_id, due_on, source, missed) VALUES (t.person_id, t.task_id, '2026-06-30', 'pharmacy', 1);
	END LOOP;
	INSERT INTO public.spent VALUES ('one check-in, ' || what, extract(epoch FROM clock_timestamp() - began) * 1000 / GREATEST(n - 50, 1));
	DELETE FROM bench.check_in WHERE source = 'pharmacy';
	began := clock_timestamp();
	INSERT INTO bench.check_in (person_id, task_id, due_on, source, missed) SELECT person_id, task_id, '2026-06-30', 'pharmacy', 1 FROM bench.task WHERE status = 'active';
	INSERT INTO public.spent VALUES ('one statement about everybody, ' || what, extract(epoch FROM clock_timestamp() - began) * 1000);
	DELETE FROM bench.check_in WHERE source = 'pharmacy';
	IF NOT evaluated THEN
		ALTER FUNCTION bench.evaluated_not RENAME TO evaluate_warnings;
	END IF;
END
$$;
CREATE PROCEDURE public.sweep(what text) LANGUAGE plpgsql AS $$
DECLARE
	began CONSTANT timestamptz := clock_timestamp();
BEGIN
	PERFORM bench.sweep();
	INSERT INTO public.spent VALUES (what, extract(epoch FROM clock_timestamp() - began) * 1000);
END
$$;
CALL public.measure('not evaluated', false, false);
CALL public.measure('no rules', false);
CALL public.measure('starter set', true);
CALL public.measure('not evaluated', false, false);
CALL public.measure('no rules', false);
CALL public.measure('starter set', true);
CALL public.measure('not evaluated', false, false);
CALL public.measure('no rules', false);
CALL public.measure('starter set', true);
CALL public.sweep('a sweep');
CALL public.sweep('a sweep');
CALL public.sweep('a sweep');
SELECT what, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 2) AS "ms, median", round(min(ms)::numeric, 2) AS lowest, round(max(ms)::numeric, 2) AS highest
FROM public.spent GROUP BY what ORDER BY what;
SELECT count(*) FILTER (WHERE closed_at IS NULL) AS open, count(*) AS warnings FROM bench.warning;
