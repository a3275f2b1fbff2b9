-- The reference catalogues of barriers and strategies: that they are whole and agree with each other, with what is compiled in,
-- and with the list of techniques they are made from, which stands outside this repository in ../shared/facts (or under another
-- folder named with -v shared=...; without it that test is skipped).
\ir include/setup.sql

SELECT plan(27);

\if :{?shared}
\else
\set shared ../shared
\endif
\set facts :shared /facts/behaviour_change_techniques.csv

--
-- Patterns
--
SELECT results_eq('SELECT pattern FROM barrier_pattern ORDER BY position',
	$$VALUES ('executive_function'), ('avoidance'), ('ambivalence'), ('skill_deficit'), ('environmental'), ('other')$$,
	'the five implementation patterns, and other');
SELECT results_eq('SELECT pattern, prior FROM barrier_pattern ORDER BY pattern COLLATE "C"',
	$$SELECT pattern, probability FROM probabilities('empty') ORDER BY pattern COLLATE "C"$$,
	'a profile without evidence has the priors of the catalogue');
SELECT is(sum(prior), 1::float8, 'which are shares of all barriers that were named') FROM barrier_pattern;

--
-- Techniques and frameworks
--
SELECT is(count(*), 93::bigint, 'there are 93 techniques') FROM strategy WHERE is_technique;
SELECT is(count(DISTINCT strategy_group), 16::bigint, 'in 16 groups') FROM strategy WHERE is_technique;
SELECT results_eq('SELECT DISTINCT strategy_group COLLATE "C" FROM strategy WHERE is_technique ORDER BY 1',
	$$SELECT name COLLATE "C" FROM implementation_construct WHERE framework = 'bct' ORDER BY 1$$, 'the groups of the framework');
SELECT is_empty($$SELECT strategy FROM strategy s JOIN implementation_construct c ON c.framework = 'bct' AND c.code = split_part(s.strategy, '.', 1)
	WHERE is_technique AND c.name <> strategy_group$$, 'which the first number of a code gives');
SELECT is_empty($$SELECT strategy FROM strategy WHERE is_technique AND (licence <> 'CC BY 4.0' OR source !~ 'Human Behaviour-Change Project'
	OR ontology = '{}' OR EXISTS (SELECT FROM unnest(ontology) o WHERE o !~ '^BCIO:\d{6}$'))$$,
	'every technique names its source, its licence and its identifiers in the ontology');

CREATE TABLE oracle.technique (code text, group_no text, technique_group text, label text, ids text, labels text);
\set there `test -r :'facts' && echo true || echo false`
\if :there
\set copy '\\copy oracle.technique FROM ' :'facts' ' WITH (FORMAT csv, HEADER)'
:copy
SELECT results_eq('SELECT strategy COLLATE "C", name, strategy_group, ontology FROM strategy WHERE is_technique ORDER BY 1',
	$$SELECT code COLLATE "C", label, technique_group, string_to_array(ids, ';') FROM oracle.technique ORDER BY 1$$,
	'they are those of the published list');
\else
SELECT skip('no list of techniques in ' || :'facts');
\endif

SELECT results_eq($$SELECT framework, count(*) FROM implementation_construct GROUP BY framework ORDER BY framework$$,
	$$VALUES ('bct', 16::bigint), ('cfir', 5), ('com_b', 6)$$, 'domains, components and groups of the frameworks');
SELECT is_empty($$SELECT framework FROM implementation_framework WHERE licence !~ '^CC BY'$$, 'whose licences allow names and codes');

--
-- Signatures and weights
--
SELECT is_empty($$SELECT signature FROM barrier_signature s WHERE NOT EXISTS (SELECT FROM barrier_evidence_weight w WHERE w.signature = s.signature)$$,
	'every signature has a weight');
SELECT is_empty($$SELECT signature, pattern FROM barrier_evidence_weight WHERE sensitivity <= false_alarm$$,
	'and says more of those with the pattern than of those without');
SELECT is_empty($$SELECT signature, pattern FROM barrier_evidence_weight WHERE log_odds <> ln(sensitivity / false_alarm)
	OR abs(evidence_weight(50, sensitivity, false_alarm) - log_odds) > 1e-4 OR evidence_weight(0, sensitivity, false_alarm) <> 0$$,
	'a weight is the logarithm of the ratio when the signature is there for sure, and 0 when nothing is known');
SELECT is_empty($$SELECT pattern FROM barrier_pattern p WHERE NOT EXISTS (SELECT FROM barrier_evidence_weight w WHERE w.pattern = p.pattern)$$,
	'every pattern can be shown');
SELECT is_empty($$SELECT signature FROM barrier_evidence_weight WHERE strength <> 'judgement'$$,
	'nobody says that a weight is published: none is');
SELECT is_empty($$SELECT signature FROM barrier_signature WHERE source !~ 'judgement|Judgement'$$, 'nor that a sign of a pattern is');
SELECT is_empty($$SELECT pattern FROM barrier_pattern p WHERE (SELECT count(*) FROM barrier_reason r WHERE r.pattern = p.pattern) < 3$$,
	'every pattern has reasons');

-- Everything that the functions can return is in the catalogue, with an explanation that takes its figures.
CREATE TABLE oracle.shown AS
SELECT s.*
FROM task_signatures((SELECT array_agg(a) FROM (SELECT adherence_agg('2026-01-05'::date + d, d % (t + 2) <> 1) AS a
	FROM generate_series(0, 55) d, generate_series(1, 3) t WHERE t < 3 OR d % 7 <> 3 GROUP BY t) t), '{f,t,f}') s
UNION ALL SELECT s.* FROM timing_signatures((SELECT dose_timing_agg(due, due) FROM generate_series('2026-01-05'::timestamptz, '2026-02-05', '1 day') due)) s
UNION ALL SELECT s.* FROM practice_signatures((SELECT series_agg('2026-01-05'::date + d, 50) FROM generate_series(0, 20) d)) s
UNION ALL SELECT s.* FROM occasion_signatures(9, 3, 3) s
UNION ALL SELECT s.* FROM commitment_signatures('2026-01-05: 7 7 7 7 7', '2026-01-05: 7 7 7 7 7') s;
SELECT set_eq('SELECT signature FROM oracle.shown', $$SELECT signature FROM barrier_signature WHERE kind IN ('calendar', 'timing')$$,
	'what the functions show is what the catalogue lists');
SELECT is_empty($$SELECT s.signature FROM oracle.shown s, signature_evidence(s.signature, s.factor, s.figures, 'here') e
	WHERE e.explanation ~ '%[^ ]' OR e.explanation ~ '  ' OR e.pointer <> 'here'
		OR EXISTS (SELECT FROM unnest(s.figures) f WHERE e.explanation !~ ('(^|[^0-9.])' || f || '([^0-9.]|$)'))$$,
	'and every figure stands in the explanation');

--
-- Strategies
--
SELECT is_empty($$SELECT strategy FROM strategy s WHERE NOT is_technique AND NOT EXISTS (SELECT FROM pattern_strategy p WHERE p.strategy = s.strategy)$$,
	'every strategy is for a pattern');
SELECT is_empty($$SELECT pattern, p.strategy FROM pattern_strategy p JOIN strategy s USING (strategy) WHERE s.is_technique
	OR NOT EXISTS (SELECT FROM strategy_technique t WHERE t.strategy = p.strategy)$$, 'and is made of techniques');
SELECT is_empty($$SELECT t.strategy, t.technique FROM strategy_technique t JOIN strategy s ON s.strategy = t.technique WHERE NOT s.is_technique$$,
	'which are techniques');
SELECT is_empty($$SELECT p.pattern, p.strategy FROM pattern_strategy p JOIN strategy_technique t USING (strategy)
	WHERE t.technique IN ('7.7', '11.2') AND NOT p.needs_plan$$, 'exposure and the lessening of feelings need the clinician''s plan');
SELECT is_empty($$SELECT p.pattern, p.strategy FROM pattern_strategy p JOIN strategy_technique t USING (strategy)
	WHERE (t.technique = '1.7') <> p.is_request$$, 'to review the outcome is a request to the clinician, and nothing else is');

-- Suggestions of each pattern alone: all of its own, but what needs a plan only where there is one.
CREATE TABLE oracle.suggested AS
SELECT p.pattern AS asked, plan.has_task, s.*
FROM barrier_pattern p
CROSS JOIN (VALUES (true), (false)) AS plan (has_task)
CROSS JOIN LATERAL suggest_strategies(format('%s 9 label "agreed"', p.pattern)::barrier_profile, NULL, plan.has_task) s;
SELECT set_eq('SELECT asked, pattern, strategy FROM oracle.suggested WHERE has_task', 'SELECT pattern, pattern AS its, strategy FROM pattern_strategy',
	'with a plan all strategies of a pattern are offered');
SELECT set_eq('SELECT asked, pattern, strategy FROM oracle.suggested WHERE NOT has_task',
	'SELECT pattern, pattern AS its, strategy FROM pattern_strategy WHERE NOT needs_plan', 'without one all but those that need it');

SELECT * FROM finish();
ROLLBACK;
