-- Language: how fast words are found, and the phrases of a lexicon against one regular expression of them all, on one core.
--
-- In a database with the extension:  psql -X -f test/bench/language.sql [-v words=1000000] [-v rounds=5]
--
-- A lexicon of 1,000 phrases (a quarter with a star, a quarter of two words), and texts in English, German, Russian and
-- Thai of common words, as one long text and as notes of about 100 characters, into which phrases are strewn. Each query runs
-- in turns with the others; a line gives the median of the rounds and the range, in megabytes of text a second. The regular
-- expression runs over a hundredth of the text, as it takes so long, and must find as many phrases there.
\set ON_ERROR_STOP on
\if :{?words}
\else
\set words 1000000
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

DROP SCHEMA IF EXISTS bench_language CASCADE;
CREATE SCHEMA bench_language;

-- A number in [0, 1) for a key, another one for each seed: every run on every machine has the same texts.
CREATE FUNCTION bench_language.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

CREATE TABLE bench_language.phrase AS
SELECT i, 'label' || i % 5 AS label, first || CASE WHEN i % 4 = 0 THEN '*' WHEN i % 4 = 2 THEN ' ' || second ELSE '' END AS phrase
FROM generate_series(1, 1000) AS i,
	LATERAL (SELECT translate(substr(md5(i::text), 1, 6), '0123456789', 'ghijklmnop') AS first, translate(substr(md5(i::text), 7, 4), '0123456789', 'ghijklmnop') AS second) AS w;
CREATE TABLE bench_language.lexicon AS SELECT lexicon_agg(label, phrase) AS l FROM bench_language.phrase;
CREATE TABLE bench_language.pattern AS
SELECT '\y(' || string_agg(replace(phrase, '*', '\w*'), '|') || ')\y' AS re FROM bench_language.phrase;

CREATE TABLE bench_language.vocabulary (language text, word text[]);
INSERT INTO bench_language.vocabulary VALUES
	('English', '{I,did,not,feel,like,going,today\,,because,it''s,raining.,walk,medication,the,and,tomorrow,coach?,A,2,(maybe),of}'),
	('German', '{Ich,habe,nicht,große,Lust,für,heute\,,weil,es,regnet.,über,Medikament,der,und,morgen,möchte?,A,2,(vielleicht),von}'),
	('Russian', '{Я,не,хочу,гулять,сегодня\,,потому,что,идёт,дождь.,и,завтра,лекарство,с,тренером?,А,2,(может),быть,на,улице}'),
	('Thai', '{ฉันไม่อยากเดิน,วันนี้,เพราะฝนตก,พรุ่งนี้,กินยา,และ,โค้ช?,ก,2,(อาจจะ)}');
CREATE TABLE bench_language.note AS
SELECT language, n / 18 AS id, string_agg(CASE WHEN bench_language.chance(n, 2) < 0.02
		THEN replace((SELECT phrase FROM bench_language.phrase WHERE i = 1 + floor(bench_language.chance(n, 3) * 1000)), '*', 'ing')
		ELSE word[1 + floor(bench_language.chance(n, 1) * cardinality(word))::integer] END, ' ' ORDER BY n) AS document
FROM bench_language.vocabulary, generate_series(1, :words) AS n GROUP BY language, n / 18;
CREATE TABLE bench_language.long AS SELECT language, string_agg(document, E'\n' ORDER BY id) AS document FROM bench_language.note GROUP BY language;
VACUUM (ANALYZE, FREEZE) bench_language.note;

-- @rows@: the texts of a language.
CREATE TABLE bench_language.query (ordinal integer, name text, share float8, command text);
INSERT INTO bench_language.query VALUES
	(1, 'find_phrases, one long text', 1, 'SELECT count(*) FROM bench_language.lexicon, bench_language.long AS d, find_phrases(l, document) WHERE language = %L'),
	(2, 'find_phrases, notes', 1, 'SELECT count(*) FROM bench_language.lexicon, bench_language.note AS d, find_phrases(l, document) WHERE language = %L'),
	(3, 'regexp_matches, notes', 0.01, 'SELECT count(*) FROM bench_language.pattern, bench_language.note AS d, regexp_matches(document, re, ''gi'') WHERE language = %L AND id % 100 = 0'),
	(4, 'words, one long text', 1, 'SELECT count(*) FROM bench_language.long AS d, words(document) WHERE language = %L'),
	(5, 'to_tsvector(simple), notes', 1, 'SELECT count(to_tsvector(''simple'', document)) FROM bench_language.note AS d WHERE language = %L');
UPDATE bench_language.query SET command = replace(command, 'id % 100', 'id %% 100');

CREATE TABLE bench_language.timing (language text, name text, round integer, seconds float8, found bigint);
CREATE PROCEDURE bench_language.run(round integer)
LANGUAGE plpgsql AS $$
DECLARE
	query record;
	start timestamptz;
	found bigint;
BEGIN
	FOR query IN SELECT * FROM bench_language.vocabulary, bench_language.query ORDER BY language, ordinal LOOP
		start = clock_timestamp();
		EXECUTE format(query.command, query.language) INTO found;
		INSERT INTO bench_language.timing VALUES (query.language, query.name, round, extract(epoch FROM clock_timestamp() - start), found);
	END LOOP;
END
$$;

-- The regular expression finds what find_phrases finds there; it cannot find overlapping ones.
DO $$
BEGIN
	IF EXISTS (SELECT FROM bench_language.note, LATERAL (SELECT count(DISTINCT lower(span)) AS n FROM bench_language.lexicon, find_phrases(l, document)) AS f,
			LATERAL (SELECT count(*) AS n FROM bench_language.pattern, regexp_matches(document, re, 'gi')) AS r
		WHERE language = 'English' AND id % 200 = 0 AND f.n <> r.n)
	THEN
		RAISE EXCEPTION 'the regular expression finds something else';
	END IF;
END
$$;

-- Once to warm up, then in turns.
SELECT format('CALL bench_language.run(%s)', round) FROM generate_series(0, :rounds) AS round \gexec

SELECT language, query.name AS query, found, round((size * share / 1e6 / middle)::numeric, 1) AS "MB / s", round((size * share / 1e6 / slowest)::numeric, 1) AS slowest,
	round((size * share / 1e6 / fastest)::numeric, 1) AS fastest
FROM bench_language.query
JOIN (SELECT language, name, max(found) AS found, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS middle, min(seconds) AS fastest, max(seconds) AS slowest
	FROM bench_language.timing WHERE round > 0 GROUP BY language, name) AS t USING (name)
JOIN (SELECT language, octet_length(document) AS size FROM bench_language.long) AS d USING (language)
ORDER BY language, ordinal;

DROP SCHEMA bench_language CASCADE;
