-- What works: the effects of strategies by their definition in plain SQL, shrinkage, that regression to the mean does not look like
-- help, and the order of suggestions against plain SQL.
\ir include/setup.sql

SELECT plan(12);

SET LOCAL statement_timeout = '60s';

--
-- By their definition
--
CREATE TABLE oracle.outcome AS
SELECT format('strategy %s', i) AS strategy, p.pattern, floor(oracle.random(i, p.position, 1) * (used + 1))::bigint AS helped, used,
	floor(oracle.random(i, p.position, 2) * (without + 1))::bigint AS helped_without, without
FROM generate_series(1, 12) i, barrier_pattern p,
	LATERAL (SELECT floor(60 * oracle.random(i, p.position, 3))::bigint AS used, floor(60 * oracle.random(i, p.position, 4))::bigint AS without) n;
CREATE TABLE oracle.effect AS
SELECT e.* FROM strategy_effects((SELECT array_agg((strategy, pattern, helped, used, helped_without, without)::strategy_outcome) FROM oracle.outcome), 15) e;

SELECT is_empty($$SELECT o.strategy, o.pattern
	FROM oracle.outcome o
	JOIN (SELECT pattern, (sum(helped) + 1.0) / (sum(used) + 2) AS w, (sum(helped_without) + 1.0) / (sum(without) + 2) AS v FROM oracle.outcome GROUP BY pattern) m USING (pattern)
	LEFT JOIN oracle.effect e USING (strategy, pattern)
	CROSS JOIN LATERAL (SELECT (15 * w + helped) / (15.0 + o.used) AS rw, (15 * v + helped_without) / (15.0 + without) AS rv) r
	WHERE abs(e.rate_with - rw) > 1e-12 OR abs(e.rate_without - rv) > 1e-12 OR abs(e.effect - (rw - rv)) > 1e-12 OR e.used IS DISTINCT FROM o.used
		OR abs((e.high - e.low) / 2 - 1.959964 * sqrt(rw * (1 - rw) / (16 + o.used) + rv * (1 - rv) / (16 + without))) > 1e-9
		OR e.factor <> proportions_factor(helped, o.used, helped_without, without) OR e.effect IS NULL$$, 'effects are what the definition says');
SELECT results_eq('SELECT strategy, pattern FROM strategy_effects((SELECT array_agg((strategy, pattern, helped, used, helped_without, without)::strategy_outcome
		ORDER BY oracle.random(used::integer, 5)) FROM oracle.outcome), 15)',
	'SELECT strategy, pattern FROM oracle.effect ORDER BY effect DESC, strategy, pattern', 'the best first, whatever the order of the outcomes');
SELECT set_eq('SELECT strategy, pattern, round(effect::numeric, 9) FROM strategy_effects((SELECT array_agg((strategy, pattern, h, u, hw, w)::strategy_outcome)
		FROM (SELECT strategy, pattern, helped AS h, used AS u, 0 AS hw, 0 AS w FROM oracle.outcome
			UNION ALL SELECT strategy, pattern, 0, 0, helped_without, without FROM oracle.outcome) x), 15)',
	'SELECT strategy, pattern, round(effect::numeric, 9) FROM oracle.effect', 'outcomes of a strategy and pattern add up');

--
-- Shrinkage
--
CREATE TABLE oracle.shrunk AS
SELECT n, e.effect
FROM generate_series(0, 5) i, LATERAL (SELECT (4 * 10 ^ i)::bigint AS n) s,
	strategy_effects(ARRAY[('new', 'avoidance', n, n, 0, n), ('old', 'avoidance', 500, 1000, 400, 1000)]::strategy_outcome[]) e
WHERE e.strategy = 'new' AND n <= 400000;
SELECT ok(bool_and(effect > before), 'the more is known of a strategy, the further it goes from the mean of its pattern')
FROM (SELECT effect, lag(effect, 1, 0.1) OVER (ORDER BY n) AS before FROM oracle.shrunk) s;
SELECT cmp_ok(min(effect), '<', 0.35::float8, 'four windows of four and none of four are not yet an effect of 1') FROM oracle.shrunk;
SELECT cmp_ok(max(effect), '>', 0.99::float8, 'but many are') FROM oracle.shrunk;

--
-- Regression to the mean. Weeks go well by chance about a mean of each person; strategies are used after bad weeks. One
-- does nothing, one adds a fifth. What followed is compared with what was before, and with other bad weeks.
--
CREATE TABLE oracle.week AS
SELECT person, week, oracle.random(person, week, 10) < 0.35 + 0.3 * oracle.random(person, 11) AS by_itself,
	CASE WHEN oracle.random(person, week, 12) < 0.5 THEN CASE WHEN oracle.random(person, week, 13) < 0.5 THEN 'nothing' ELSE 'something' END END AS offered,
	oracle.random(person, week, 14) < 0.3 AS lifted
FROM generate_series(1, 500) person, generate_series(1, 24) week;
CREATE TABLE oracle.window AS
SELECT w.person, w.week, w.by_itself AS before, CASE WHEN NOT w.by_itself THEN w.offered END AS strategy,
	n.by_itself OR (NOT w.by_itself AND w.offered = 'something' AND n.lifted) AS well
FROM oracle.week w JOIN oracle.week n ON n.person = w.person AND n.week = w.week + 1;
CREATE TABLE oracle.known AS
SELECT s AS strategy, count(*) FILTER (WHERE strategy = s AND well) AS helped, count(*) FILTER (WHERE strategy = s) AS used,
	count(*) FILTER (WHERE strategy IS NULL AND NOT before AND well) AS helped_without, count(*) FILTER (WHERE strategy IS NULL AND NOT before) AS without
FROM oracle.window, unnest(ARRAY['nothing', 'something']) s GROUP BY s;
CREATE TABLE oracle.estimate AS
SELECT e.* FROM strategy_effects((SELECT array_agg((strategy, 'ambivalence', helped, used, helped_without, without)::strategy_outcome) FROM oracle.known)) e;

SELECT diag(format('%s: %s of %s went well, %s of %s matched ones without it; effect %s (%s to %s)', e.strategy, helped, k.used, helped_without, without,
	round(effect::numeric, 3), round(low::numeric, 3), round(high::numeric, 3))) FROM oracle.estimate e JOIN oracle.known k USING (strategy);
SELECT cmp_ok((SELECT helped::float8 / used FROM oracle.known WHERE strategy = 'nothing'), '>', 0.3::float8,
	'after bad weeks, all of which went badly, better ones come by themselves: without matched windows nothing looks like help');
SELECT cmp_ok(abs(effect), '<', 0.1::float8, 'with them it does not') FROM oracle.estimate WHERE strategy = 'nothing';
SELECT cmp_ok(effect, '>', 0.08::float8, 'and what helps is found') FROM oracle.estimate WHERE strategy = 'something';
SELECT is((SELECT strategy FROM oracle.estimate ORDER BY effect DESC LIMIT 1), 'something', 'it comes first');

--
-- Suggestions
--
CREATE TABLE oracle.profile AS
SELECT i, (SELECT barrier_profile_agg(pattern, 6 * oracle.random(i, position, 20), 'label', 'made up', NULL) FROM barrier_pattern
	WHERE oracle.random(i, position, 21) < 0.7) AS profile,
	(SELECT array_agg((strategy, pattern, floor(41 * oracle.random(i, position, 22)), 40, 20, 40)::strategy_outcome) FROM pattern_strategy
		WHERE oracle.random(i, position, 23) < 0.5) AS outcomes
FROM generate_series(1, 60) i;
CREATE TABLE oracle.wanted AS
SELECT o.i, row_number() OVER (PARTITION BY o.i ORDER BY s.score DESC, b.position, array_position(ARRAY['white_paper', 'published', 'judgement'], s.strength), s.position) AS nth,
	s.pattern, s.strategy
FROM oracle.profile o
CROSS JOIN LATERAL (
	SELECT DISTINCT ON (m.strategy) m.*, p.probability * (1 + coalesce(e.effect, 0)) AS score
	FROM probabilities(o.profile) p JOIN pattern_strategy m USING (pattern)
	LEFT JOIN strategy_effects(o.outcomes) e ON e.strategy = m.strategy AND e.pattern = m.pattern
	WHERE p.probability >= 0.5 AND p.pieces > 0 AND NOT m.needs_plan
	ORDER BY m.strategy, p.probability * (1 + coalesce(e.effect, 0)) DESC, m.pattern) s
JOIN barrier_pattern b ON b.pattern = s.pattern;
SELECT set_eq('SELECT o.i, s.nth, s.pattern, s.strategy FROM oracle.profile o,
		ROWS FROM (suggest_strategies(o.profile, 5, outcomes => o.outcomes)) WITH ORDINALITY s (pattern, strategy, a, b, c, d, e, f, g, nth)',
	'SELECT i, nth, pattern, strategy FROM oracle.wanted WHERE nth <= 5', 'suggestions, in their order');
SELECT is_empty($$SELECT o.i FROM oracle.profile o, suggest_strategies(o.profile, NULL, true) s
	GROUP BY o.i, s.strategy HAVING count(*) > 1$$, 'each strategy is offered once');

SELECT * FROM finish();
ROLLBACK;
