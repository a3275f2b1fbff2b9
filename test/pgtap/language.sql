-- The language room over random data: any split of the rows, in any order and under parallel plans, gives the same bytes;
-- what is merged can be taken away; every way out leads back in; agreement, scores and naive Bayes are what plain SQL
-- gives; explanations sum to scores; what few people said is not published.
\ir include/setup.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`

SELECT plan(49);

-- Notes of 24 people: words of their own labels more often, names that only one person says.
CREATE TABLE oracle.note AS
SELECT id, (floor(oracle.random(id, 1) * 24) - 12)::bigint AS person, label, coder, document
FROM generate_series(1, 600) AS id,
	LATERAL (SELECT floor(oracle.random(id, 2) * 3)::integer AS kind) AS k,
	LATERAL (SELECT (ARRAY['change', 'sustain', U&'n\00F6tig'])[kind + 1] AS label,
		(ARRAY['change', 'sustain', U&'n\00F6tig'])[1 + CASE WHEN oracle.random(id, 3) < .7 THEN kind ELSE floor(oracle.random(id, 4) * 3)::integer END] AS coder) AS l,
	LATERAL (SELECT coalesce(string_agg((ARRAY['I', 'will', 'TRY', 'want', 'can''t', U&'don\2019t', 'walk', 'the', U&'stra\00DFe', '3', '12.5', U&'\+01F600', '?', '!', U&'\6211\559C\6B22'])
				[1 + floor(oracle.random(id, n, 5) * CASE WHEN oracle.random(id, n, 6) < .5 THEN 15 ELSE 4 + kind END)::integer], ' ' ORDER BY n), '')
			|| CASE WHEN oracle.random(id, 7) < .2 THEN ' Zebulon' || chr(97 + floor(oracle.random(id, 1) * 24)::integer) ELSE '' END AS document
		FROM generate_series(1, floor(oracle.random(id, 8) * 12)::integer) AS n) AS d;
CREATE TABLE oracle.phrase AS
SELECT i AS id, 'l' || floor(oracle.random(i, 10) * 4) AS label, 'w' || floor(oracle.random(i, 11) * 40) || CASE WHEN oracle.random(i, 12) < .3 THEN '*' ELSE '' END AS phrase,
	floor(oracle.random(i, 13) * 8) / 4 - 1 AS weight
FROM generate_series(1, 300) AS i;
ANALYZE oracle.note;

CREATE TABLE oracle.kind (name text, call text, source text);
INSERT INTO oracle.kind VALUES ('lexicon', 'lexicon_agg(label, phrase, weight)', 'oracle.phrase'), ('confusion', 'confusion_agg(label, coder)', 'oracle.note'),
	('text_model', 'text_model_agg(label, document, person)', 'oracle.note');

--
-- Merge laws
--
SELECT answers.*
FROM oracle.kind, unnest(ARRAY[2, 7, 100]) AS parts, LATERAL oracle.agree(format($q$
	SELECT 'all' AS about, (SELECT %1$s_send(rollup(part ORDER BY oracle.random(nth, 21))) FROM
			(SELECT floor(oracle.random(id, 22) * %3$s)::integer AS nth, %2$s AS part FROM %4$s GROUP BY 1) AS p) AS got,
		(SELECT %1$s_send(%2$s) FROM (SELECT * FROM %4$s ORDER BY oracle.random(id, 23)) AS rows) AS wanted
	$q$, name, call, parts, source), format('%s: %s random parts, in random order, merge to the same bytes', name, parts)) AS answers;

SELECT format('CREATE TABLE oracle.%I AS SELECT id %% 9 AS part, %s AS v FROM %s GROUP BY 1', 'parts_of_' || name, call, source) FROM oracle.kind \gexec

SELECT answers.*
FROM oracle.kind, (VALUES ('a || b = b || a', 'a || b', 'b || a'), ('(a || b) || c = a || (b || c)', '(a || b) || c', 'a || (b || c)'),
	('(a || b) - b = a', '(a || b) - b', 'a'), ('(a || b || c) - b = a || c', '(a || b || c) - b', 'a || c'), ('a - a is empty', 'a - a', '''empty''')) AS law (about, got, wanted),
	LATERAL oracle.agree(format($q$
		SELECT a.part || ' ' || b.part || ' ' || c.part AS about, %1$s_send(%2$s) AS got, %1$s_send(%3$s) AS wanted
		FROM (SELECT part, v AS a FROM oracle.parts_of_%1$s) AS a, (SELECT part, v AS b FROM oracle.parts_of_%1$s) AS b, (SELECT part, v AS c FROM oracle.parts_of_%1$s WHERE part < 3) AS c
		$q$, name, law.got, law.wanted), format('%s: %s', name, law.about)) AS answers
WHERE name <> 'lexicon' OR law.about NOT LIKE '%-%';

-- Text and binary, there and back.
SELECT format('COPY oracle.%1$I TO %2$L (FORMAT binary)', 'parts_of_' || name, :'scratch' || '/' || name) FROM oracle.kind \gexec
SELECT format('CREATE TABLE oracle.%I (LIKE oracle.%I)', 'copied_' || name, 'parts_of_' || name) FROM oracle.kind \gexec
SELECT format('COPY oracle.%1$I FROM %2$L (FORMAT binary)', 'copied_' || name, :'scratch' || '/' || name) FROM oracle.kind \gexec
SELECT answers.*
FROM oracle.kind, LATERAL oracle.agree(format($q$
	SELECT p.part AS about, %1$s_send(c.v) || %1$s_send(p.v::text::%1$s) AS got, %1$s_send(p.v) || %1$s_send(p.v) AS wanted
	FROM oracle.parts_of_%1$s AS p JOIN oracle.copied_%1$s AS c USING (part)
	$q$, name), format('%s: binary COPY and text bring back what was written', name)) AS answers;
\set removed `rm -r :'scratch'`

--
-- Parallel plans
--
CREATE FUNCTION oracle.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text = '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		lines = lines || line || E'\n';
	END LOOP;
	RETURN lines;
END
$$;
INSERT INTO oracle.kind VALUES ('kappa', 'cohen_kappa(label, coder)', 'oracle.note'), ('brier', 'brier(oracle_p, oracle_p > 0.4)', '(SELECT id, (hashint4(id) & 1023) / 1023.0::float8 AS oracle_p FROM oracle.note) AS n'),
	('alpha', 'krippendorff_alpha(person::text, id::text, coder)', 'oracle.note'), ('classifier', 'text_classifier_agg(label, document, person)', 'oracle.note');
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null
SELECT format('CREATE TABLE oracle.%I AS SELECT %s::text AS answer FROM %s', 'serial_' || name, call, source) FROM oracle.kind WHERE name <> 'lexicon' \gexec
SELECT set_config(name, value, true)
FROM (VALUES ('max_parallel_workers_per_gather', '2'), ('parallel_setup_cost', '0'), ('parallel_tuple_cost', '0'),
	('min_parallel_table_scan_size', '0'), ('parallel_leader_participation', 'off')) AS v (name, value) \g /dev/null
SELECT matches(oracle.plan_of(format('SELECT %s AS answer FROM %s', call, source)), 'Finalize[^$]*Workers Launched: [12][^$]*Partial', name || ': a partial aggregate runs on workers')
FROM oracle.kind WHERE name <> 'lexicon';
SELECT format('CREATE TABLE oracle.%I AS SELECT %s::text AS answer FROM %s', 'parallel_' || name, call, source) FROM oracle.kind WHERE name <> 'lexicon' \gexec
SELECT answers.* FROM oracle.kind, LATERAL oracle.agree(format('SELECT 1 AS about, s.answer AS got, p.answer AS wanted FROM oracle.%I AS s, oracle.%I AS p',
	'parallel_' || name, 'serial_' || name), name || ': and gives what a serial plan gives') AS answers WHERE name <> 'lexicon';
SELECT set_config('max_parallel_workers_per_gather', '0', true) \g /dev/null

--
-- Agreement and scores in plain SQL
--
SELECT * FROM oracle.agree($q$
	WITH cell AS (SELECT label AS a, coder AS b, count(*)::float8 AS n FROM oracle.note GROUP BY 1, 2),
		total AS (SELECT sum(n) AS n, sum(n) FILTER (WHERE a = b) AS same FROM cell),
		side AS (SELECT l, coalesce((SELECT sum(n) FROM cell WHERE a = l), 0) AS left_n, coalesce((SELECT sum(n) FROM cell WHERE b = l), 0) AS right_n,
			coalesce((SELECT n FROM cell WHERE a = l AND b = l), 0) AS both_n FROM (SELECT a AS l FROM cell UNION SELECT b FROM cell) AS labels)
	SELECT 'kappa' AS about, (SELECT cohen_kappa(label, coder) FROM oracle.note) AS got,
		(same / n - (SELECT sum(left_n * right_n) FROM side) / (n * n)) / (1 - (SELECT sum(left_n * right_n) FROM side) / (n * n)) AS wanted FROM total
	UNION ALL SELECT 'macro F1', (SELECT macro_f1(label, coder) FROM oracle.note), (SELECT avg(2 * both_n / (left_n + right_n)) FROM side)
	UNION ALL SELECT 'AC1', (SELECT gwet_ac1(confusion_agg(label, coder)) FROM oracle.note), (SELECT (same / n - e) / (1 - e) FROM total,
		(SELECT sum((left_n + right_n) / (2 * n) * (1 - (left_n + right_n) / (2 * n))) / (count(*) - 1) AS e FROM side, total) AS chance)
	$q$, 'kappa, F1 and AC1 are what their formulas give in SQL');
SELECT * FROM oracle.agree($q$
	WITH f AS (SELECT oracle.random(id, 30) AS p, oracle.random(id, 31) < oracle.random(id, 30) AS hit FROM oracle.note)
	SELECT 'brier' AS about, (SELECT brier(p, hit) FROM f) AS got, (SELECT avg((p - hit::int) ^ 2) FROM f) AS wanted
	UNION ALL SELECT 'log loss', (SELECT log_loss(p, hit) FROM f), (SELECT avg(-ln(CASE WHEN hit THEN p ELSE 1 - p END)) FROM f)
	UNION ALL SELECT 'calibration', (SELECT calibration_error(p, hit) FROM f), (SELECT sum(d) / 600 FROM (SELECT abs(sum(p - hit::int)) AS d FROM f GROUP BY ceil(p * 10)) AS bins)
	$q$, 'brier, log loss and calibration error too');

--
-- Naive Bayes in plain SQL, from words()
--
CREATE TABLE oracle.model AS
SELECT text_model_agg(label, document, person) AS m, text_classifier_agg(label, document, person) AS c FROM oracle.note;
CREATE FUNCTION oracle.terms(document text) RETURNS TABLE (term text) LANGUAGE sql AS $$
	WITH w AS (SELECT ordinal, word FROM words(document, NULL, true, true))
	SELECT word FROM w
	UNION SELECT a.word || ' ' || b.word FROM w AS a JOIN w AS b ON b.ordinal = a.ordinal + 1
	UNION SELECT '#' || CASE WHEN n <= 2 THEN n::text WHEN n <= 64 THEN (2 ^ (ceil(log(2, n)) - 1) + 1)::integer || '-' || (2 ^ ceil(log(2, n)))::integer ELSE '65-' END
	FROM (SELECT count(*) AS n FROM w) AS c WHERE n > 0
$$;
CREATE TABLE oracle.term AS SELECT id, person, label, term COLLATE "C" AS term FROM oracle.note, oracle.terms(document);
CREATE TABLE oracle.count AS
WITH vocabulary AS (SELECT term FROM oracle.term GROUP BY term HAVING count(*) >= 2),
	pairs AS (SELECT term, label, (SELECT count(*) FROM oracle.term AS t WHERE t.term = v.term AND t.label = l.label) AS n
		FROM vocabulary AS v, (SELECT DISTINCT label FROM oracle.note) AS l)
SELECT term, label, ln((n + 0.3::float8) / (sum(n) OVER (PARTITION BY label) + 0.3::float8 * (SELECT count(*) FROM vocabulary))) AS weight FROM pairs;
ANALYZE oracle.term;
ANALYZE oracle.count;
CREATE TABLE oracle.score AS
SELECT d.id, l.label, ln(l.n / 600) + coalesce((SELECT sum(weight) FROM oracle.count AS c JOIN oracle.term AS t USING (term) WHERE t.id = d.id AND c.label = l.label), 0) AS score,
	EXISTS (SELECT FROM oracle.count AS c JOIN oracle.term AS t USING (term) WHERE t.id = d.id) AS has_term
FROM (SELECT id FROM oracle.note WHERE id <= 150) AS d, (SELECT label, count(*)::float8 AS n FROM oracle.note GROUP BY label) AS l;
SELECT * FROM oracle.agree($q$
	SELECT s.id || ' ' || s.label AS about, round(c.probability::numeric, 10) AS got, round((exp((score - best) / t) / sum(exp((score - best) / t)) OVER (PARTITION BY id))::numeric, 10) AS wanted
	FROM (SELECT *, max(score) OVER (PARTITION BY id) AS best FROM oracle.score) AS s
	JOIN (SELECT id, label, probability, CASE WHEN has THEN (model_info(m) ->> 'temperature')::float8 ELSE 1 END AS t
		FROM oracle.model, (SELECT id, document, bool_or(has_term) AS has FROM oracle.note JOIN oracle.score USING (id) GROUP BY id, document) AS n, classify(m, document)) AS c USING (id, label)
	$q$, 'naive Bayes gives the probabilities that plain SQL gives');
SELECT is((SELECT (model_info(m) ->> 'terms')::bigint FROM oracle.model), (SELECT count(DISTINCT term) FROM oracle.count), 'with as many terms');

-- Explanations
SELECT answers.* FROM unnest(ARRAY['m', 'c', 'publishable(m)', 'publishable(c)']) AS model, LATERAL oracle.agree(format($q$
	SELECT n.id || ' ' || e.label AS about, round(c.probability::numeric, 10) AS got,
		round((link / sum(link) OVER (PARTITION BY n.id))::numeric, 10) AS wanted
	FROM (SELECT %1$s AS m FROM oracle.model OFFSET 0) AS model, (SELECT id, document FROM oracle.note WHERE id <= 60) AS n,
		LATERAL (SELECT label, CASE WHEN %2$L::boolean THEN 1 / (1 + exp(-sum(contribution))) ELSE exp(sum(contribution)) END AS link FROM explain(m, document) GROUP BY label) AS e,
		LATERAL classify(m, document) AS c WHERE c.label = e.label
	$q$, model, model ~ 'c$|\(c'), format('the contributions of explain(%s) sum to the scores of classify', model)) AS answers;
SELECT is_empty($q$
	SELECT id, term, span FROM oracle.model, (SELECT id, document FROM oracle.note WHERE id <= 60) AS n, explain(m, document) AS e
	WHERE term !~ '[ #0]' AND NOT EXISTS (SELECT FROM words(document, NULL, true, true) AS w WHERE w.word = e.term AND w.span = e.span)
	$q$, 'and their spans are those of words');

-- Forgetting and publishing
SELECT * FROM oracle.agree($q$
	SELECT person AS about, text_model_send((SELECT m FROM oracle.model) - text_model_agg(label, document, person)) AS got,
		text_model_send((SELECT text_model_agg(label, document, person) FROM oracle.note AS o WHERE o.person <> n.person)) AS wanted
	FROM oracle.note AS n GROUP BY person
	$q$, 'a model without the documents of one person is that of all others');
SELECT answers.* FROM unnest(ARRAY['m', 'c']) AS model, LATERAL oracle.agree(format($q$
	SELECT k || ' ' || coalesce(p.term, u.term) AS about, p.term AS got, u.term AS wanted
	FROM unnest(ARRAY[1, 2, 5, 20]) AS k,
		LATERAL (SELECT term FROM (SELECT publishable(%1$s, k) AS m FROM oracle.model) AS q, top_terms(m, 'change', 1000000)) AS p
		FULL JOIN LATERAL (SELECT term FROM oracle.term GROUP BY term HAVING count(*) >= 2 AND count(DISTINCT person) >= k) AS u ON p.term = u.term
	$q$, model), format('publishable(%s, k) has just the terms that k people used', model)) AS answers;
SELECT ok((SELECT m::text ~ 'zebulon' AND publishable(m, 2)::text !~ 'zebulon' AND c::text ~ 'zebulon' AND publishable(c, 2)::text !~ 'zebulon' FROM oracle.model),
	'and no name that one person said');

SELECT * FROM finish();
ROLLBACK;
