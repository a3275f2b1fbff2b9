-- Text models: training, forms, algebra, asking, publishing, faults.
SET search_path = public, coachiatry;
SET client_encoding = 'UTF8';
SET extra_float_digits = 0;

CREATE TABLE note (person bigint, label text, document text);
INSERT INTO note VALUES (1, 'change', 'I will try the walk tomorrow'), (2, 'change', 'I want to try again'), (3, 'change', U&'I will do it, Zo\00EB'), (1, 'sustain', 'I can''t do it'),
	(2, 'sustain', U&'I don\2019t want to'), (4, 'sustain', 'No way, I can''t!'), (1, 'question', 'Will you call?'), (5, 'question', 'What do you want? 12'), (5, 'question', 'What do you want? 12'),
	(NULL, 'change', 'nobody'), (6, NULL, 'nothing'), (6, 'change', NULL);
CREATE TABLE model AS SELECT text_model_agg(label, document, person) AS m, text_classifier_agg(label, document, person) AS c FROM note;

-- Forms.
SELECT m FROM model;
SELECT m::text::text_model = m, c::text::text_model = c, publishable(m, 2)::text::text_model = publishable(m, 2) FROM model;
SELECT text_model_send('documents: "7" "a" "#1" "x"');
SELECT 'empty'::text_model, 'documents: "7" "b" "x", "-7" "a", "7" "b" "x"'::text_model;
SELECT '"7" "b" "x"'::text_model;
SELECT 'documents: "07" "b" "x"'::text_model;
SELECT 'documents: "9223372036854775808" "b" "x"'::text_model;
SELECT 'documents: "7" "b" "y" "x"'::text_model;
SELECT 'documents: "7" "b" "x" "x"'::text_model;
SELECT 'documents: "7" "" "x"'::text_model;
SELECT 'documents: "7"'::text_model;
SELECT 'documents: '::text_model;
SELECT 'documents: "7" "b" "x" = 0'::text_model;
SELECT 'counts: "x" "b" = -1'::text_model;
SELECT 'logistic: "x" "b" = -1'::text_model;
SELECT 'letters: "x" "b"'::text_model;

-- What it is.
SELECT model_info(m) - '{icu,unicode,temperature}'::text[] FROM model;
SELECT model_info(c) - '{icu,unicode,temperature}'::text[] FROM model;
SELECT model_info(publishable(m, 2)) - '{icu,unicode,temperature}'::text[] FROM model;
SELECT model_info('empty') - '{icu,unicode}'::text[], model_info(NULL);
SELECT (model_info(m) ->> 'icu')::numeric > 70, (model_info(m) ->> 'unicode')::numeric >= 15, (model_info(m) ->> 'temperature')::numeric > 0 FROM model;

-- Asking.
SELECT document, label, round(probability::numeric, 4) AS probability
FROM model, (VALUES ('Will you try?'), ('I can''t'), ('zzz zzz'), ('')) AS d (document), classify(m, document);
SELECT document, label, round(probability::numeric, 4) AS probability
FROM model, (VALUES ('Will you try?'), ('I can''t'), ('')) AS d (document), classify(c, document);
SELECT best_label(m, 'try'), best_label(c, 'try'), best_label(m, ''), best_label(m, NULL), best_label(NULL, 'try'), best_label('empty', 'try') FROM model;
SELECT count(*) FROM model, classify(NULL, 'x');
SELECT count(*) FROM classify('empty', 'x');
SELECT label, term, span, round(contribution::numeric, 3) AS contribution FROM model, explain(m, U&'\+01F600 will WILL you try?');
SELECT label, term, round(contribution::numeric, 3) AS contribution FROM model, explain(m, '');
SELECT e.label, round(sum(contribution)::numeric, 3) AS score, round((exp(sum(contribution)) / sum(exp(sum(contribution))) OVER ())::numeric, 4) AS probability
FROM model, explain(m, 'will you try?') AS e GROUP BY e.label ORDER BY 1;
SELECT term, round(weight::numeric, 3) AS weight FROM model, top_terms(m, 'sustain', 4);
SELECT term, round(weight::numeric, 3) AS weight FROM model, top_terms(c, 'question', 4);
SELECT count(*) FROM model, top_terms(m, 'sustain', -1);
SELECT * FROM model, top_terms(m, 'nothing');

-- Equal labels: by name. Two models in turn.
SELECT label, probability FROM classify('documents: "1" "b" "x", "2" "a" "x", "3" "c" "x"', 'x');
SELECT best_label(text_model_agg, 'good day') FROM (SELECT text_model_agg(label, document, person) FROM (VALUES (1, 'x', 'good day', 1), (1, 'x', 'good day', 2), (1, 'y', 'bad', 1),
	(2, 'x', 'bad', 1), (2, 'y', 'good day', 2), (2, 'y', 'good day', 3)) AS v (model, label, document, person) GROUP BY model ORDER BY model) AS m;

-- Algebra: consent withdrawn is forgotten exactly.
SELECT m - (SELECT text_model_agg(label, document, person) FROM note WHERE person = 1) = (SELECT text_model_agg(label, document, person) FROM note WHERE person <> 1) AS forgotten,
	(m || 'documents: "9" "a" "x"') - 'documents: "9" "a" "x"' = m AS back, m - NULL = m AS without_null, NULL - m IS NULL AS of_null, m - m AS nothing FROM model;
SELECT rollup(part) = (SELECT m FROM model) AS merged FROM (SELECT text_model_agg(label, document, person) AS part FROM note GROUP BY person) AS p;
SELECT m - 'documents: "9" "a" "x"' FROM model;
SELECT m || c FROM model;
SELECT publishable(m, 2) || publishable(m, 2) FROM model;
SELECT rollup(c) FROM model;
SELECT text_model_agg(label, document, person) FROM note WHERE false;
SELECT text_classifier_agg(label, document, person) FROM note WHERE false;
SELECT text_model_agg('', 'x', 1);
SELECT text_model_agg(repeat('x', 256), 'x', 1);
SELECT text_model_agg('x', document, 1) FROM (SELECT string_agg('w' || i, ' ') AS document FROM generate_series(1, 100000) AS i) AS d;

-- Publishing: the name that one person said is gone.
SELECT position(U&'zo\00EB' IN m::text) > 0 AS there, position(U&'zo\00EB' IN publishable(m)::text) > 0 AS published, position(U&'zo\00EB' IN publishable(c)::text) > 0 AS weights_published FROM model;
SELECT regexp_replace(publishable(m, 2)::text, '("icu"|"temperature"|"unicode") = [0-9.]+', '\1', 'g') FROM model;
SELECT regexp_replace(publishable(m)::text, '("icu"|"temperature"|"unicode") = [0-9.]+', '\1', 'g') FROM model;
SELECT publishable(publishable(m, 3), 2) = publishable(m, 3) AS same, publishable('empty'), publishable(NULL) FROM model;
SELECT publishable(publishable(m, 2), 3) FROM model;
SELECT publishable(m, 0) FROM model;
SELECT count(*) > 0 AS some, bool_and(people >= 2) AS enough
FROM model, LATERAL (SELECT array_agg(r[1]) AS terms FROM regexp_matches(publishable(c, 2)::text, '"([^"]+)" "" "people"', 'g') AS r) AS t, unnest(terms) AS term,
	LATERAL (SELECT count(DISTINCT person) AS people FROM note, words(document, NULL, true, true) AS w WHERE w.word = term) AS p WHERE term !~ '[# ]';

-- Models that cannot answer.
SELECT best_label('counts: "" "x" = 3', 'a');
SELECT best_label('counts: "" "x" = 3, "" "" "temperature" = 1', 'a');
SELECT best_label('counts: "" "x" = 3, "" "" "temperature" = 0', 'a');
SELECT best_label('counts: "t" "y", "" "x" = 3, "" "" "temperature" = 1', 'a');
\set VERBOSITY terse
SELECT best_label('counts: "" "x" = 3, "" "" "icu" = 1, "" "" "temperature" = 1', 'a');
\set VERBOSITY default
SELECT count(*) FROM classify((SELECT text_model_agg('l' || i, 'x', i) FROM generate_series(1, 1001) AS i), 'x');
DROP TABLE note, model;
