-- What a withdrawal costs: one person is taken out of a stored model by subtraction, in the statement that withdraws their consent, beside what one would do without it, which is to train the model anew on
-- everybody else. And what a profile costs that reads notes by the program's model, beside one that reads them by phrases.
--
-- In a database of its own, on a cluster of one's own:  psql -X -f test/bench/consent.sql [-v people=2000] [-v rounds=9]
--
-- Each person has five labelled notes of 8 to 14 words, of a vocabulary of 2,000 in which word n comes as often as 1/n. A line gives milliseconds, the median of the rounds and the range; that both ways give
-- the same bytes is checked in each round.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?people}
\else
\set people 2000
\endif
\if :{?rounds}
\else
\set rounds 9
\endif
\pset footer off
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS coachiatry;
SELECT coachiatry.create_program('bench', adopt_roles => true) \g /dev/null
SELECT setseed(0.5) \g /dev/null
INSERT INTO bench.staff (staff_id, name, role, licensed) VALUES (1, 'x', 'therapist', true);
INSERT INTO bench.person (person_id, name) SELECT n, 'x' FROM generate_series(1, :people) n;
ALTER TABLE bench.barrier DISABLE TRIGGER check_words;
INSERT INTO bench.barrier (person_id, pattern, words, noted_by)
SELECT p, 'other', (SELECT string_agg('w' || chr(97 + r % 26) || chr(97 + r / 26 % 26) || chr(97 + r / 676), ' ')
	FROM (SELECT (exp(random() * ln(2000)))::integer AS r FROM generate_series(1, 8 + (p + n) % 7)) w WHERE p > 0), 1
FROM generate_series(1, :people) p, generate_series(1, 5) n;
INSERT INTO bench.barrier_label (person_id, barrier_id, rater, label)
SELECT person_id, barrier_id, 1, (ARRAY['executive_function', 'avoidance', 'ambivalence', 'skill_deficit', 'environmental'])[1 + (hashtext(split_part(words, ' ', 1)) & 3)] FROM bench.barrier;
INSERT INTO bench.consent (person_id, category, purpose, text_version) SELECT p, 'conversation_analysis', 'x', '1' FROM generate_series(1, :people) p;
ANALYZE;
CREATE TABLE public.spent (what text, ms float8);

CREATE PROCEDURE public.one_round(nth int) LANGUAGE plpgsql AS $$
DECLARE
	start timestamptz := clock_timestamp();
	subtracted coachiatry.text_model;
BEGIN
	UPDATE bench.consent SET revoked_at = coachiatry.clock() WHERE person_id = 10 * nth;
	INSERT INTO public.spent VALUES ('withdrawal, by subtraction', extract(epoch FROM clock_timestamp() - start) * 1e3);
	SELECT model INTO subtracted FROM bench.stored_model;
	start := clock_timestamp();
	PERFORM bench.train_model('m');
	INSERT INTO public.spent VALUES ('training the model anew', extract(epoch FROM clock_timestamp() - start) * 1e3);
	IF NOT EXISTS (SELECT FROM bench.stored_model WHERE model OPERATOR(coachiatry.=) subtracted) THEN
		RAISE EXCEPTION 'the two ways differ';
	END IF;
END
$$;
CREATE PROCEDURE public.profiles(what text) LANGUAGE plpgsql AS $$
DECLARE
	start timestamptz;
BEGIN
	FOR n IN 1..100 LOOP
		start := clock_timestamp();
		PERFORM bench.barrier_profile_of(10 * n + 1);
		INSERT INTO public.spent VALUES (what, extract(epoch FROM clock_timestamp() - start) * 1e3);
	END LOOP;
END
$$;

SELECT bench.train_model('m') \g /dev/null
CALL public.one_round(0);
TRUNCATE public.spent;
SELECT format('CALL public.one_round(%s)', nth) FROM generate_series(1, :rounds) nth \gexec
-- What nobody has labelled is read by phrases, or by the model.
DELETE FROM bench.barrier_label WHERE person_id % 10 = 1;
CALL public.profiles('profile of five notes, by phrases');
SELECT bench.use_model('m') \g /dev/null
CALL public.profiles('profile of five notes, by the model');
SELECT what, format('%s [%s-%s]', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1), round(min(ms)::numeric, 1), round(max(ms)::numeric, 1)) AS ms
FROM public.spent GROUP BY what ORDER BY what DESC;
