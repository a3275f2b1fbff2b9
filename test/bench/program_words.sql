-- What it costs that a program looks through what is written: single inserts of messages and check-ins with the trigger and without, in turns, and 20,000 messages in one statement.
--
-- In a database of its own, on a cluster of one's own:  psql -X -f test/bench/program_words.sql [-v n=3000] [-v rounds=4]
--
-- A line gives microseconds a row, the median of the rounds and the range. The first message of a session, for which the lists are compiled, is timed apart.
\set ON_ERROR_STOP on
\if :{?n}
\else
\set n 3000
\endif
\if :{?rounds}
\else
\set rounds 4
\endif
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coachiatry;
SELECT coachiatry.create_program('bench', adopt_roles => true) \g /dev/null
INSERT INTO bench.staff (staff_id, name, role, licensed) VALUES (1, 'x', 'therapist', true), (2, 'x', 'prescriber', true);
INSERT INTO bench.person (person_id, name) SELECT n, 'x' FROM generate_series(1, 100) n;
INSERT INTO bench.assignment (person_id, staff_id, role, during) SELECT n, s, r, '[2020-01-01,)' FROM generate_series(1, 100) n, (VALUES (1, 'therapist'), (2, 'prescriber')) AS v (s, r);
INSERT INTO bench.task (person_id, task_id, kind, title, schedule, starts_at) SELECT n, n, 'activity', 'x', 'FREQ=DAILY', '2020-01-01' FROM generate_series(1, 100) n;
CREATE TABLE public.spent (what text, checked boolean, us float8);

CREATE PROCEDURE public.write_messages(what text, checked boolean, body text, n int) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	FOR i IN 1..n LOOP
		INSERT INTO bench.message (person_id, author_kind, body) VALUES (1 + i % 100, 'person', body);
	END LOOP;
	INSERT INTO public.spent VALUES (what, checked, extract(epoch FROM clock_timestamp() - began) * 1e6 / n);
END
$$;
CREATE PROCEDURE public.write_check_ins(what text, checked boolean, note text, n int) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz;
BEGIN
	DELETE FROM bench.check_in;
	began := clock_timestamp();
	FOR i IN 1..n LOOP
		INSERT INTO bench.check_in (person_id, task_id, due_on, taken, note) VALUES (1 + i % 100, 1 + i % 100, date '2020-01-01' + i / 100, 1, note);
	END LOOP;
	INSERT INTO public.spent VALUES (what, checked, extract(epoch FROM clock_timestamp() - began) * 1e6 / n);
END
$$;
CREATE PROCEDURE public.one_round(n int, nth int) LANGUAGE plpgsql AS $$
DECLARE
	short CONSTANT text := 'Fine, but getting out was hard; the bus came late and I left my shoes by the door';
	checked boolean;
BEGIN
	FOREACH checked IN ARRAY ARRAY[nth % 2 = 0, nth % 2 = 1] LOOP -- each first in turn
		EXECUTE format('ALTER TABLE bench.message %s TRIGGER check_words', CASE WHEN checked THEN 'ENABLE' ELSE 'DISABLE' END);
		EXECUTE format('ALTER TABLE bench.check_in %s TRIGGER check_words_inserted', CASE WHEN checked THEN 'ENABLE' ELSE 'DISABLE' END);
		CALL public.write_messages('message of 80 letters', checked, short, n);
		CALL public.write_messages('message of 1,000 letters', checked, repeat(short || '. ', 12), n);
		CALL public.write_messages('message that refers', checked, 'my father just died', n / 10);
		CALL public.write_messages('message about safety', checked, 'I want to kill myself', n / 50);
		CALL public.write_check_ins('check-in without a note', checked, NULL, n);
		CALL public.write_check_ins('check-in with a note of 80 letters', checked, short, n);
		DECLARE
			start CONSTANT timestamptz := clock_timestamp();
		BEGIN
			INSERT INTO bench.message (person_id, author_kind, body) SELECT 1 + i % 100, 'person', short FROM generate_series(1, 20000) i;
			INSERT INTO public.spent VALUES ('message of 80 letters, 20,000 in one statement', checked, extract(epoch FROM clock_timestamp() - start) * 1e6 / 20000);
		END;
	END LOOP;
END
$$;

CALL public.write_messages('the first of a session', true, 'x', 1);
CALL public.one_round(100, 0);
DELETE FROM public.spent WHERE what <> 'the first of a session';
SELECT format('CALL public.one_round(%s, %s)', :n, nth) FROM generate_series(1, :rounds) nth \gexec
SELECT what, format('%s [%s-%s]', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY us) FILTER (WHERE checked)), round(min(us) FILTER (WHERE checked)), round(max(us) FILTER (WHERE checked))) AS "with the check, us",
	format('%s [%s-%s]', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY us) FILTER (WHERE NOT checked)), round(min(us) FILTER (WHERE NOT checked)), round(max(us) FILTER (WHERE NOT checked))) AS "without, us"
FROM public.spent GROUP BY what ORDER BY min(us);
