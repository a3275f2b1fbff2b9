-- Scope of words: starter lexicons, checks, who writes, who speaks, spans, changes of the phrases, encodings.
SET search_path = public, coachiatry;
SET client_encoding = 'UTF8';

-- The lexicons: of a language, of a region, of nothing.
SELECT lexicon, locale, count(*) > 500 AS many, count(*) = count(DISTINCT (label, phrase)) AS once_each
FROM unnest(ARRAY['barrier', 'scope', 'talk']) AS lexicon, unnest(ARRAY['en', 'es']) AS locale, to_phrases(starter_lexicon(lexicon, locale)) AS p GROUP BY 1, 2 ORDER BY 1, 2;
SELECT lexicon, label FROM starter_phrase GROUP BY 1, 2 HAVING count(DISTINCT locale) = 2 ORDER BY 1, 2;
SELECT label FROM starter_phrase GROUP BY lexicon, label HAVING count(DISTINCT locale) = 1;
SELECT starter_lexicon('scope', 'es') = starter_lexicon('scope', 'es-MX') AS region, starter_lexicon('scope', 'ES_mx') = starter_lexicon('scope', 'es') AS upper_case,
	starter_lexicon('scope', 'de') IS NULL AS other_language, starter_lexicon('none', 'en') IS NULL AS other_kind, starter_lexicon(NULL, 'en') IS NULL AS nothing;
SELECT f.label, f.phrase, f.negated FROM find_phrases(starter_lexicon('barrier', 'en'), 'I kept putting it off, then I missed the bus and had no idea how to reschedule') AS f ORDER BY f.span, f.label;
SELECT f.label, f.phrase FROM find_phrases(starter_lexicon('barrier', 'es'), U&'Lo dej\00E9 para ma\00F1ana, no pas\00F3 el bus y no se como llenar el formulario', 'es') AS f ORDER BY f.span, f.label;
SELECT f.label, f.phrase FROM find_phrases(starter_lexicon('talk', 'en'), 'I want to stop, and I will. I can''t do it alone. It sounds like you care about this.') AS f ORDER BY f.span, f.label;

-- Who writes: what a coach must not say, and what anybody may have said.
SELECT author, c.* FROM unnest(ARRAY['person', 'proxy', 'coach', 'staff', 'system', 'clinician', 'prescriber']) WITH ORDINALITY AS a (author, n),
	scope_check('You have ADHD. Skip your meds. I relapsed.', 'en', author) AS c ORDER BY n, c.span, c.label;

-- Reported, quoted, negated, allowed; safety always.
SELECT n, c.label, c.rule, c.severity, c.reported_speech, c.negated, substring(document, lower(c.span), upper(c.span) - lower(c.span)) AS written
FROM (VALUES (1, 'Her doctor told her to stop the tablets, and she says she is depressed.'), (2, 'She says she is fine. You are depressed.'), (3, 'She says she is fine, but you are depressed.'),
	(4, U&'The letter says \201Cyou have ADHD\201D; I told her \201Cyou have OCD\201D.'), (5, 'She says she wants to kill herself.'), (6, 'I don''t want to kill myself.'), (7, U&'I\2019m killing time, and breathing exercises help.'),
	(8, U&'\+01F600 I wanna die \+01F480\+01F480'), (9, U&'No me quiero morir; me muero de ganas.'), (10, 'She says the tablets make her sick.'), (11, 'no rash, no chest pain'), (12, 'cut myself some slack')) AS d (n, document),
	scope_check(document, CASE WHEN n = 9 THEN 'es' ELSE 'en' END, 'coach') AS c ORDER BY n, c.span, c.label;
SELECT c.label, c.span, substring(document, lower(c.span), upper(c.span) - lower(c.span)) AS written
FROM (VALUES (U&'De\0301jalo: ya no quiero vivir\2026 me corte\0301 las venas \+01F622')) AS d (document), scope_check(document, 'es', 'person') AS c ORDER BY c.span;

-- Not checked; nothing; what cannot be.
SELECT * FROM scope_check('Ich will sterben', 'de', 'person');
SELECT * FROM scope_check('I want to die', NULL, 'person');
SELECT count(*) FROM scope_check(NULL, 'en', 'person');
SELECT count(*) FROM scope_check('', 'en', 'person');
SELECT scope_check('x', 'en', NULL);
SELECT scope_check('x', 'en', 'nobody');
SELECT scope_check('x', '../en', 'person');
SELECT scope_check('x', 'e', 'person');

-- Long and hostile texts.
SELECT count(*), max(upper(span)) FROM scope_check(repeat('I will kill myself. ', 50000), 'en', 'person');
SELECT count(*) FROM scope_check(repeat('"', 1000000), 'en', 'coach');
SELECT count(*) FROM scope_check(repeat('she says ', 100000) || 'you have adhd', 'en', 'coach');
SELECT count(*) FROM scope_check(repeat(U&'\2018a \201C', 200000) || ' i want to die', 'en', 'coach');
SELECT severity, count(*) FROM scope_check(repeat(U&'\201Cyou have adhd\201D ', 30000), 'en', 'coach') GROUP BY 1;

-- Phrases of a site: another language, and a region beside its language. A session hears of a change at once.
BEGIN;
INSERT INTO starter_phrase (locale, lexicon, label, phrase, source) VALUES ('de', 'scope', 'self_harm', 'will sterben', 'test'), ('de', 'scope', 'housing', 'obdachlos*', 'test'), ('es_MX', 'scope', 'symptom', 'chipil', 'test');
SELECT label, span, severity, negated FROM scope_check('Ich will sterben. Obdachlose, nicht obdachlos', 'de', 'person');
SELECT locale, label FROM unnest(ARRAY['es', 'es-MX']) AS locale, scope_check('anda chipil', locale, 'person');
SAVEPOINT a;
DELETE FROM starter_phrase WHERE phrase = 'obdachlos*';
SELECT label FROM scope_check('Obdachlos', 'de', 'person');
ROLLBACK TO a;
SELECT label FROM scope_check('Obdachlos', 'de', 'person');
UPDATE starter_phrase SET label = 'grief' WHERE phrase = 'obdachlos*';
SELECT label FROM scope_check('Obdachlos', 'de', 'person');
ROLLBACK;
SELECT label FROM scope_check('Obdachlos', 'de', 'person');
INSERT INTO starter_phrase (locale, lexicon, label, phrase, source) VALUES ('de', 'scope', 'x', '...', 'test');
INSERT INTO starter_phrase (locale, lexicon, label, phrase, source) VALUES ('de', 'scope', 'x', 'a" = 1, "b" "c', 'test');
INSERT INTO starter_phrase (locale, lexicon, label, phrase, weight, source) VALUES ('de', 'scope', 'x', 'a', 'Infinity', 'test');
INSERT INTO starter_phrase (locale, lexicon, label, phrase, source) VALUES ('EN', 'scope', 'x', 'y', 'test');

-- Many locales in turn, more than are kept; and by parallel workers.
SELECT string_agg(c.label, ' ' ORDER BY n, c.span) FROM unnest(ARRAY['en', 'en-GB', 'en-US', 'en-AU', 'en-IE', 'en-NZ', 'en-CA', 'en-ZA', 'en-IN', 'es', 'de', 'en']) WITH ORDINALITY AS l (locale, n),
	scope_check('I want to die. Quiero morir', locale, 'person') AS c;
CREATE TABLE message AS SELECT i, CASE WHEN i % 10 = 0 THEN 'I want to die ' ELSE 'all fine ' END || i AS body FROM generate_series(1, 20000) AS i;
ANALYZE message;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
ALTER TABLE message SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT count(*) FROM message, scope_check(body, 'en', 'person');
SELECT count(*) FROM message, scope_check(body, 'en', 'person');
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
DROP TABLE message;

-- Who may do what with the phrases; the trigger is one of a table.
CREATE ROLE regress_scope_nobody;
SET ROLE regress_scope_nobody;
SELECT label FROM scope_check('I want to die', 'en', 'person');
DELETE FROM starter_phrase;
RESET ROLE;
DROP ROLE regress_scope_nobody;
SELECT starter_phrase_changed();

-- Databases in other encodings: phrases with characters that they lack are there all the same, and spans are their characters.
CREATE DATABASE coachiatry_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\connect coachiatry_latin1
SET client_min_messages = warning;
CREATE EXTENSION coachiatry;
SET search_path = public, coachiatry;
SET client_encoding = 'UTF8';
SELECT c.label, c.rule, substring(document, lower(span), upper(span) - lower(span)) AS written
FROM (VALUES (E'\u00BFAs\u00ED? Anoche me cort\u00E9. \u00ABTiene depresi\u00F3n\u00BB')) AS d (document), scope_check(document, 'es', 'coach') AS c ORDER BY span, label;
\connect contrib_regression
DROP DATABASE coachiatry_latin1;
CREATE DATABASE coachiatry_jis TEMPLATE template0 ENCODING 'EUC_JIS_2004' LC_COLLATE 'C' LC_CTYPE 'C';
\connect coachiatry_jis
SET client_min_messages = warning;
CREATE EXTENSION coachiatry;
SET search_path = public, coachiatry;
SELECT c.label, span, substring(document, lower(span), upper(span) - lower(span)) AS written
FROM (VALUES (convert_from('\xa4f7a4f720', 'EUC_JIS_2004') || 'I want to die')) AS d (document), scope_check(document, 'en', 'person') AS c;
\connect contrib_regression
DROP DATABASE coachiatry_jis;
