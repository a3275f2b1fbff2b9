-- Scope of words: what it costs to check a message, against one regular expression of all phrases, on one core.
--
-- In a database with the extension:  psql -X -f test/bench/scope_words.sql [-v messages=20000] [-v rounds=5]
--
-- Messages of about 200 characters of common words, in English and Spanish; in one of twenty is a phrase. Each is checked by a
-- call of its own, as a trigger would. The regular expression is what a user would write: all phrases as alternatives, stars
-- spelt out. That of all labels is not compiled within minutes, nor one with gaps, so it has the phrases of self_harm without gaps
-- alone, and is warm when it is timed; it must find one where scope_check finds one of that label. It knows no negation, reported speech, idioms or other labels.
\set ON_ERROR_STOP on
\if :{?messages}
\else
\set messages 20000
\endif
\if :{?rounds}
\else
\set rounds 5
\endif
\pset footer off
SET search_path = public, coachiatry;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

DROP SCHEMA IF EXISTS bench_scope CASCADE;
CREATE SCHEMA bench_scope;

-- A number in [0, 1) for a key, another one for each seed: every run on every machine has the same texts.
CREATE FUNCTION bench_scope.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

CREATE TABLE bench_scope.phrase AS
SELECT locale, row_number() OVER (PARTITION BY locale) AS nth, label, phrase
FROM unnest(ARRAY['en', 'es']) AS locale, to_phrases(starter_lexicon('scope', locale)) WHERE label NOT IN ('allowed', 'own_speech', 'others_speech')
	AND phrase !~ ' \* ';
CREATE TABLE bench_scope.pattern AS
SELECT locale, '\y(' || string_agg(DISTINCT replace(replace(phrase, '*', '\w*'), ' ', '\W+'), '|') || ')\y' AS re FROM bench_scope.phrase WHERE label = 'self_harm' GROUP BY locale;
CREATE TABLE bench_scope.vocabulary (locale text, word text[]);
INSERT INTO bench_scope.vocabulary VALUES
	('en', '{I,did,not,feel,like,going,today\,,because,it''s,raining.,walk,medication,the,and,tomorrow,coach?,A,2,(maybe),of,we,could,call,at,six}'),
	('es', '{yo,no,quise,salir,hoy\,,porque,está,lloviendo.,caminar,medicación,la,y,mañana,¿quizá?,A,2,(tal,vez),de,podríamos,llamar,a,las,seis}');
CREATE TABLE bench_scope.message AS
SELECT locale, id, string_agg(CASE WHEN k = 20 AND id % 20 = 0
		THEN (SELECT replace(phrase, '*', '') FROM bench_scope.phrase AS p WHERE p.locale = v.locale AND nth = 1 + floor(bench_scope.chance(id, 3) * (SELECT count(*) FROM bench_scope.phrase AS q WHERE q.locale = v.locale)))
		ELSE word[1 + floor(bench_scope.chance(id * 64 + k, 1) * cardinality(word))::integer] END, ' ' ORDER BY k) AS document
FROM bench_scope.vocabulary AS v, generate_series(1, :messages) AS id, generate_series(1, 36) AS k GROUP BY locale, id;
VACUUM (ANALYZE, FREEZE) bench_scope.message;

CREATE TABLE bench_scope.timing (locale text, what text, messages integer, round integer, seconds float8);
-- One statement for each message, as in a trigger of one.
CREATE PROCEDURE bench_scope.measure(round integer, few integer)
LANGUAGE plpgsql AS $$
DECLARE
	language text;
	m record;
	re text;
	start timestamptz;
	n integer;
BEGIN
	FOREACH language IN ARRAY ARRAY['en', 'es'] LOOP
		PERFORM count(*) FROM bench_scope.message, scope_check(document, locale, 'coach') WHERE locale = language;
		n = 0;
		start = clock_timestamp();
		FOR m IN SELECT document FROM bench_scope.message WHERE locale = language ORDER BY id LOOP
			PERFORM FROM scope_check(m.document, language, 'coach');
			n = n + 1;
		END LOOP;
		INSERT INTO bench_scope.timing VALUES (language, 'scope_check', n, round, extract(epoch FROM clock_timestamp() - start));
		re = (SELECT p.re FROM bench_scope.pattern AS p WHERE p.locale = language);
		PERFORM 'x' ~* re;
		n = 0;
		start = clock_timestamp();
		FOR m IN SELECT document FROM bench_scope.message WHERE locale = language AND id <= few ORDER BY id LOOP
			PERFORM WHERE m.document ~* re;
			n = n + 1;
		END LOOP;
		INSERT INTO bench_scope.timing VALUES (language, 'regular expression', n, round, extract(epoch FROM clock_timestamp() - start));
	END LOOP;
END
$$;

-- The first check of a session.
\connect -
SET search_path = public, coachiatry;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
\timing on
SELECT count(*) FROM scope_check('first', 'en', 'coach');
SELECT count(*) FROM scope_check('primero', 'es', 'coach');
\timing off

-- The expression finds one where scope_check finds one, flagged or not.
DO $$
BEGIN
	IF EXISTS (SELECT FROM bench_scope.message AS m JOIN bench_scope.pattern USING (locale)
		WHERE id <= 400 AND EXISTS (SELECT FROM scope_check(document, locale, 'coach') WHERE label = 'self_harm' AND rule !~ ' \* ') AND document !~* re)
	THEN
		RAISE EXCEPTION 'the regular expression finds something else';
	END IF;
END
$$;
SELECT format('CALL bench_scope.measure(%s, 200)', round) FROM generate_series(1, :rounds) AS round \gexec

SELECT locale, what, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds / messages) * 1e6)::numeric, 1) AS "us a message", round((min(seconds / messages) * 1e6)::numeric, 1) AS fastest,
	round((max(seconds / messages) * 1e6)::numeric, 1) AS slowest
FROM bench_scope.timing GROUP BY locale, what ORDER BY locale, what DESC;
SELECT locale, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY r.seconds / r.messages / (s.seconds / s.messages)))::numeric) AS "times as long", avg(length(document))::integer AS characters
FROM bench_scope.timing AS s JOIN bench_scope.timing AS r USING (locale, round) JOIN bench_scope.message USING (locale)
WHERE s.what = 'scope_check' AND r.what <> s.what GROUP BY locale ORDER BY locale;
SELECT name, total_bytes FROM pg_backend_memory_contexts WHERE name LIKE 'coachiatry scope%';

DROP SCHEMA bench_scope CASCADE;
