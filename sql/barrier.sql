-- Barriers: exact text of values, results and errors. The extension is loaded;
-- behaviour over random data and over simulated people is in test/pgtap/barrier_*.sql.
SET search_path TO public, coachiatry;
SET extra_float_digits TO 1;
\pset null NULL
\set SHOW_CONTEXT never

--
-- Text
--
SELECT 'empty'::barrier_profile;
SELECT ' Empty '::barrier_profile;
SELECT 'avoidance 1.25 words "it makes me anxious" "note 17", environmental 2 reason "no bus"'::barrier_profile;
-- in order, each piece once; a pointer of nothing is none
SELECT 'other -0 label "b" , avoidance 1 words "b"
	"",avoidance  2.50 calendar"a","p"'::barrier_profile;
SELECT 'other -0 label "b" , avoidance 1 words "b"
	"",avoidance  2.50 calendar"a""p", other 0 label "b", avoidance 1 timing "b"'::barrier_profile;
SELECT 'avoidance 1 words "a \"quote\", a back\\slash, \and another" "\""'::barrier_profile;
-- what is no profile
SELECT ''::barrier_profile;
SELECT 'nonsense'::barrier_profile;
SELECT 'empty, empty'::barrier_profile;
SELECT 'avoidance'::barrier_profile;
SELECT 'avoidance words "a"'::barrier_profile;
SELECT 'avoidance 1 "a"'::barrier_profile;
SELECT 'avoidance 1 words'::barrier_profile;
SELECT 'avoidance 1 words "a'::barrier_profile;
SELECT 'avoidance 1 words "a\"'::barrier_profile;
SELECT 'avoidance 1 words "a",'::barrier_profile;
SELECT 'avoidance 1 words "a" "b" "c"'::barrier_profile;
SELECT 'laziness 1 words "a"'::barrier_profile;
SELECT 'avoidance 1 stars "a"'::barrier_profile;
SELECT 'avoidance 1 words ""'::barrier_profile;
SELECT 'avoidance 20.5 words "a"'::barrier_profile;
SELECT 'avoidance 1e999 words "a"'::barrier_profile;
SELECT 'avoidance NaN words "a"'::barrier_profile;
SELECT length(format('avoidance 1 words "%s" "%s"', repeat('a', 1000), repeat('b', 200))::barrier_profile::text);
SELECT format('avoidance 1 words "%s"', repeat('a', 1001))::barrier_profile;
SELECT format('avoidance 1 words "a" "%s"', repeat('b', 201))::barrier_profile;

--
-- Building
--
CREATE TEMPORARY TABLE piece (person integer, pattern text, weight float8, kind text, explanation text, pointer text);
INSERT INTO piece VALUES
	(1, 'avoidance', 1.8, 'calendar', 'missed 9 of 12 times where the task brings discomfort, 3 of 30 times elsewhere', 'task 3'),
	(1, 'avoidance', 1.25, 'words', 'said "it makes me anxious"', 'note 17'),
	(1, 'avoidance', 1.25, 'words', 'said "it makes me anxious"', 'note 17'),
	(1, 'environmental', -0.7, 'calendar', 'missed everything on 1 of 40 days, where 0.9 would be by chance, in 1 stretches', NULL),
	(2, 'other', 0.4, 'reason', '2 of 4 reasons given: side_effects 2', NULL),
	(3, NULL, 1, 'words', 'no pattern', NULL), (3, 'avoidance', NULL, 'words', 'no weight', NULL),
	(3, 'avoidance', 1, NULL, 'no kind', NULL), (3, 'avoidance', 1, 'words', NULL, 'no explanation');
SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer) FROM piece GROUP BY person ORDER BY person;
SELECT barrier_profile_agg('laziness', 1, 'words', 'a', NULL);
SELECT barrier_profile_agg('avoidance', 1, 'stars', 'a', NULL);
SELECT barrier_profile_agg('avoidance', 'NaN', 'words', 'a', NULL);
SELECT barrier_profile_agg('avoidance', 1, 'words', '', NULL);
SELECT barrier_profile_agg('avoidance', 1, 'words', 'piece ' || n, NULL) = barrier_profile_agg('avoidance', 1, 'words', 'piece ' || n, NULL)
FROM generate_series(1, 4096) n;
SELECT barrier_profile_agg('avoidance', 1, 'words', 'piece ' || n, NULL) FROM generate_series(1, 4097) n;
CREATE TEMPORARY TABLE person AS
SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS profile FROM piece GROUP BY person;
SELECT rollup(profile) = barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS same
FROM person CROSS JOIN LATERAL evidence(profile);
SELECT (SELECT profile FROM person WHERE person = 2) || NULL AS with_null, NULL || 'empty'::barrier_profile AS with_empty,
	NULL::barrier_profile || NULL AS both;

--
-- Asking
--
SELECT person, pattern(profile), pattern(profile, 0.2), pattern(profile, 0.9) FROM person ORDER BY person;
SELECT person, e.* FROM person, evidence(profile) e ORDER BY person, pattern, weight DESC;
SELECT pattern, round(probability::numeric, 4) AS probability, round(log_odds::numeric, 4) AS log_odds, pieces
FROM person, probabilities(profile) WHERE person = 1;
SELECT round(probability(profile, 'avoidance')::numeric, 6) AS avoidance, round(probability(profile, 'ambivalence')::numeric, 6) AS prior FROM person;
SELECT probability('avoidance 20 words "a", other -20 words "b"', 'avoidance') AS sure, probability('avoidance 20 words "a", other -20 words "b"', 'other') AS unsure;
-- not enough evidence is an answer: none that speaks for a pattern, or too little
SELECT pattern('empty'), pattern('avoidance -1 words "a"'), pattern('avoidance 0.4 words "a"'), pattern('avoidance 2.2 words "a"');
-- ties in the order of the patterns
SELECT pattern('ambivalence 5 words "a", environmental 5 words "a"');
SELECT profile::jsonb - 'probabilities' AS document, (profile::jsonb #>> '{probabilities,other}')::float8 = probability(profile, 'other') AS same FROM person WHERE person = 2;
SELECT 'empty'::barrier_profile::jsonb -> 'pattern' AS pattern, 'empty'::barrier_profile::jsonb -> 'evidence' AS evidence;
SELECT probability('empty', 'laziness');
SELECT pattern('empty', 0);
SELECT pattern('empty', 1);
SELECT pattern('empty', 'NaN');
SELECT pattern('empty', NULL), pattern(NULL), probability(NULL, 'other'), (SELECT count(*) FROM probabilities(NULL)) AS rows;

--
-- Order and hashing
--
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, barrier_profile_cmp(a, b) AS cmp,
	barrier_profile_hash(a) = barrier_profile_hash(b) AS hash
FROM (VALUES ('empty'::barrier_profile, 'avoidance 1 words "a"'::barrier_profile), ('avoidance 1 words "a"', 'avoidance 2 words "a"'),
	('avoidance 1 words "a", other 1 words "b"', 'other 1 words "b", avoidance 1 words "a"'),
	('avoidance 1 words "a"', 'avoidance 1 words "a" "b"')) AS v (a, b);
SELECT opcname, amname, amvalidate(c.oid) FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod
WHERE c.opcname = 'barrier_profile_ops' ORDER BY 2;

--
-- Bayes factors
--
SELECT round(proportion_factor(6, 8, 0.4)::numeric, 6) AS for_it, round(proportion_factor(1, 8, 0.4)::numeric, 6) AS against, proportion_factor(0, 0, 0.4) AS unseen,
	proportion_factor(1000000, 1000000, 0.5) AS bounded;
SELECT round(proportions_factor(9, 12, 3, 30)::numeric, 6) AS for_it, round(proportions_factor(3, 30, 9, 12)::numeric, 6) AS against, proportions_factor(0, 0, 3, 30) AS unseen;
SELECT round(evidence_weight(f, 0.5, 0.1)::numeric, 4) FROM unnest(ARRAY[-1000, -2, 0, 1, 2, 4, 8, 1000]) f;
SELECT posterior_rate(3, 4, 0.5, 20) AS drawn, posterior_rate(0, 0, 0.25, 20) AS mean;
SELECT posterior_rate(3, 4, 0.5, 0);
SELECT posterior_share('{50,50,-50,NULL,50}', 0.5, 20) AS sure, posterior_share('{0,0,0}', 0.3, 20) AS unsure, posterior_share('{}', 0.25, 20) AS mean, posterior_share('{-50,-50,-50}', 0.000001, 0.001) AS least;
SELECT posterior_share('{Infinity}', 0.5, 1);
SELECT posterior_share('{1}', 1, 1);
SELECT posterior_share('{1}', 0.5, -1);
SELECT posterior_share(array_fill(0::float8, ARRAY[1000001]), 0.5, 1);
SELECT proportion_factor(3, 2, 0.4);
SELECT proportion_factor(-1, 2, 0.4);
SELECT proportion_factor(1, 1000001, 0.4);
SELECT proportion_factor(1, 2, 0);
SELECT proportions_factor(1, 2, 4, 3);
SELECT evidence_weight('Infinity', 0.5, 0.1);
SELECT evidence_weight(1, 1, 0.1);

--
-- Signatures
--
-- 12 weekend days of which 10 are missed, 30 others of which 3 are
CREATE TEMPORARY TABLE calendar AS
SELECT adherence_agg('2026-01-05'::date + d, CASE WHEN d % 7 >= 5 THEN d / 7 % 4 = 3 ELSE d NOT IN (1, 16, 31) END) AS a
FROM generate_series(0, 41) d;
SELECT signature, round(factor::numeric, 4) AS factor, figures FROM calendar, calendar_signatures(a);
SELECT e.* FROM calendar, calendar_evidence(a, 'task 1') e;
-- less than there must be says nothing
SELECT count(*) FROM calendar, calendar_signatures(clip(a, '[2026-01-05, 2026-01-19)'));
SELECT count(*) FROM calendar_signatures('empty');
SELECT count(*) FROM calendar_signatures(NULL);
-- a day off each week, and what comes after it
SELECT e.* FROM calendar_evidence((SELECT adherence_agg('2026-01-05'::date + d, d % 7 > 0) FROM generate_series(0, 41) d WHERE d % 7 < 6)) e
WHERE explanation ~ 'break';
-- in turn
SELECT e.* FROM calendar_evidence((SELECT adherence_agg('2026-01-05'::date + d, d % 2 = 0) FROM generate_series(0, 27) d)) e
WHERE pattern = 'ambivalence';
-- several tasks: one with discomfort; all missed for three days
CREATE TEMPORARY TABLE task AS
SELECT t, adherence_agg('2026-01-05'::date + d, d NOT BETWEEN 10 AND 12 AND NOT (t = 2 AND d % 3 = 0)) AS a
FROM generate_series(0, 27) d, generate_series(1, 3) t GROUP BY t;
SELECT signature, round(factor::numeric, 4) AS factor, figures FROM task_signatures((SELECT array_agg(a ORDER BY t) FROM task), '{f,t,NULL}');
SELECT count(*) FROM task_signatures((SELECT array_agg(a) FROM task)) WHERE signature = 'discomfort_misses';
SELECT * FROM task_evidence((SELECT array_agg(a ORDER BY t) FROM task), '{f,t,f}', 'all tasks') WHERE pattern IN ('avoidance', 'environmental');
SELECT (SELECT count(*) FROM task_signatures((SELECT array_agg(a) || NULL::adherence FROM task))), (SELECT count(*) FROM task_signatures(NULL)), (SELECT count(*) FROM task_signatures('{}'));
SELECT task_signatures((SELECT array_agg(a) FROM task), '{f,t}');
SELECT task_signatures(ARRAY[(SELECT array_agg(a) FROM task)]);
SELECT task_signatures(array_fill('empty'::adherence, ARRAY[201]));
-- what lies far apart costs nothing
SELECT count(*) FROM task_signatures(ARRAY['4714-11-24 BC: +', '5874897-12-31: +']::adherence[]);
-- timing
CREATE TEMPORARY TABLE timing AS
SELECT dose_timing_agg(due + (20 + 6 * d) * interval '1 minute', due) AS t
FROM generate_series(0, 19) d, LATERAL (SELECT '2026-01-05 08:00+00'::timestamptz + d * interval '1 day' AS due) x;
SELECT signature, round(factor::numeric, 4) AS factor, figures FROM timing, timing_signatures(t);
SELECT e.* FROM timing, timing_evidence(t, '30 minutes', 'task 2') e;
SELECT timing_signatures('empty', '-1 hour');
-- attempts
SELECT signature, round(factor::numeric, 4) AS factor, figures
FROM practice_signatures((SELECT series_agg('2026-01-05'::date + d, CASE WHEN d % 4 = 0 THEN 100 ELSE 40 END) FROM generate_series(0, 19) d));
SELECT * FROM practice_evidence((SELECT series_agg('2026-01-05'::date + d, least(100, 20 + 8 * d)) FROM generate_series(0, 19) d));
SELECT * FROM occasion_evidence(20, 9, 7, 'task 2');
SELECT (SELECT count(*) FROM occasion_evidence(4, 4, 4)), (SELECT count(*) FROM occasion_evidence(NULL, 1, 1));
SELECT occasion_signatures(20, NULL, NULL);
SELECT occasion_signatures(20, 21, 0);
SELECT occasion_signatures(-1, 0, 0);
-- ratings
SELECT * FROM commitment_evidence((SELECT series_agg('2026-01-05'::date + d, 9 - d) FROM generate_series(0, 7) d), '2026-01-05: 7 8 7 7 8 7');
SELECT count(*) FROM commitment_evidence(NULL, '2026-01-05: 9 7 6 5');

--
-- Reasons and words
--
SELECT * FROM reason_evidence('{transport,money,transport,forgot,transport,NULL,something_else}', 'task 1') ORDER BY weight DESC, pattern;
SELECT (SELECT count(*) FROM reason_evidence('{transport,money,something_else}')), (SELECT count(*) FROM reason_evidence(NULL));
CREATE TEMPORARY TABLE lexicon AS
SELECT '"environmental" "no bus", "environmental" "no money" = 1.5, "change_talk" "want to", "sustain_reasons" "no point", "change_need" "have to" = 0.5, "weather" "rain*"'::lexicon AS l;
SELECT e.* FROM lexicon, text_evidence('No bus, it rained, and no money. I do want to, and I have to, but there is no point.', l, 'en', 'note 5') e ORDER BY 1 DESC;
SELECT count(*) FROM lexicon, text_evidence('I do not want to, there is no point, and it rained.', l);
SELECT (SELECT count(*) FROM text_evidence('', l)), (SELECT count(*) FROM text_evidence(NULL, l)), (SELECT count(*) FROM text_evidence('no bus', NULL)) FROM lexicon;
-- a model of the program's own: 12 people who say the same two things
CREATE TEMPORARY TABLE trained AS
SELECT publishable(text_model_agg(label, document, person)) AS m
FROM generate_series(1, 12) person, (VALUES ('environmental', 'no bus to the pool'), ('avoidance', 'scared of the deep water'), ('nothing', 'the water was warm')) AS v (label, document);
SELECT s.signature, s.factor > 2 AS says_much, s.figures FROM trained, model_signatures('the bus to the pool was late', m) s;
SELECT e.pattern, round(e.weight::numeric, 1) AS weight, e.kind, e.explanation, e.pointer FROM trained, model_evidence('scared of the water', m, 'note 7') e;
SELECT (SELECT count(*) FROM model_evidence('', m)), (SELECT count(*) FROM model_evidence(NULL, m)), (SELECT count(*) FROM model_evidence('no bus', NULL)), (SELECT count(*) FROM model_evidence('unheard', 'empty')) FROM trained;

--
-- Strategies
--
SELECT pattern, strategy, round(score::numeric, 4) AS score, effect, is_request, strength, techniques
FROM suggest_strategies('environmental 4 reason "no bus", avoidance 2.5 words "it makes me anxious"', NULL);
SELECT pattern, strategy FROM suggest_strategies('avoidance 4 words "it makes me anxious"', 2, true);
SELECT pattern, strategy, name, is_request, rationale FROM suggest_strategies('other 2 reason "3 of 4 reasons given: side_effects 3"');
-- not enough evidence: nothing to offer
SELECT (SELECT count(*) FROM suggest_strategies('empty')), (SELECT count(*) FROM suggest_strategies('avoidance 1 words "a"')), (SELECT count(*) FROM suggest_strategies(NULL));
-- what helped comes first
SELECT strategy, round(score::numeric, 4) AS score, round(effect::numeric, 4) AS effect
FROM suggest_strategies('executive_function 4 timing "began late"', 3, outcomes => ARRAY[
	('structured_planning', 'executive_function', 10, 40, 12, 40), ('task_breakdown', 'executive_function', 30, 40, 14, 40),
	('initiation_prompts', 'executive_function', 3, 4, 1, 4), ('initiation_prompts', 'avoidance', 0, 40, 40, 40)]::strategy_outcome[]);
SELECT strategy, pattern, round(effect::numeric, 4) AS effect, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high,
	round(rate_with::numeric, 4) AS rate_with, round(rate_without::numeric, 4) AS rate_without, round(factor::numeric, 4) AS factor, used
FROM strategy_effects(ARRAY[('a', 'avoidance', 8, 10, 20, 50), ('a', 'avoidance', 2, 10, 20, 50), ('b', 'avoidance', 1, 2, 1, 2), ('c', NULL, 1, 2, 1, 2)]::strategy_outcome[]);
SELECT strategy_effects(ARRAY[('a', 'avoidance', 3, 2, 1, 2)]::strategy_outcome[]);
SELECT strategy_effects(ARRAY[('a', 'avoidance', 1, 2, 1, 2)]::strategy_outcome[], 0);
SELECT (SELECT count(*) FROM strategy_effects(NULL)), (SELECT count(*) FROM strategy_effects('{}'));
