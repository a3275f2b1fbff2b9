-- How often the true pattern of simulated people is found (include/barrier_people.sql says how they live), and how often one is
-- given to those who have none. This says that the room does what it means to, over other data than its own statistics; it does
-- not say how well it finds the barriers of people.
\ir include/setup.sql

SELECT plan(11);

SET LOCAL statement_timeout = '120s';
SET LOCAL timezone = 'UTC';

\ir include/barrier_people.sql

-- Which pattern stands first; and what would, if nobody had given a reason.
CREATE TABLE oracle.found AS
SELECT p.*, days >= 56 AS enough, r.first, w.first AS first_without_reasons
FROM oracle.profile p
LEFT JOIN LATERAL (SELECT pattern AS first FROM probabilities(p.profile) LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT pattern AS first FROM probabilities((SELECT barrier_profile_agg(e.pattern, e.weight, e.kind, e.explanation, e.pointer)
	FROM evidence(p.profile) e WHERE e.kind <> 'reason')) LIMIT 1) w ON true;

SELECT diag(format('enough data, %s %s: %s people, true pattern first %s %%, without reasons %s %%; named and right %s %%, of the named wrong %s %%',
	pattern, strength, count(*), round(100 * avg((first = pattern)::integer)), round(100 * avg((first_without_reasons = pattern)::integer)),
	round(100 * avg((named IS NOT DISTINCT FROM pattern)::integer)), round(100 * avg((named <> pattern)::integer), 1)))
FROM oracle.found WHERE enough AND pattern IS NOT NULL AND second IS NULL GROUP BY GROUPING SETS ((pattern, strength), (pattern), ()) ORDER BY pattern, strength;
SELECT diag(format('enough data, no pattern: %s people, one is named for %s %%', count(*), round(100 * avg((named IS NOT NULL)::integer), 1)))
FROM oracle.found WHERE enough AND pattern IS NULL;
SELECT diag(format('two patterns: %s people, one of them stands first for %s %%, both are likely for %s %%, another one is for %s %%', count(*),
	round(100 * avg((first IN (pattern, second))::integer)), round(100 * avg((likely @> ARRAY[pattern, second])::integer)),
	round(100 * avg((NOT likely <@ ARRAY[pattern, second])::integer), 1)))
FROM oracle.found, LATERAL (SELECT coalesce(array_agg(p.pattern), '{}') AS likely FROM probabilities(profile) p WHERE probability >= 0.5 AND pieces > 0) l
WHERE second IS NOT NULL;
SELECT diag(format('8 days: %s people, not enough evidence for %s %%', count(*), round(100 * avg((named IS NULL)::integer), 1)))
FROM oracle.found WHERE NOT enough;

-- Bounds that any seed keeps: more than four standard deviations from what 24 seeds gave on average.
SELECT cmp_ok(avg((first = pattern)::integer), '>=', 0.8, 'with enough data the true pattern stands first in four of five people or more')
FROM oracle.found WHERE enough AND pattern IS NOT NULL AND second IS NULL;
SELECT cmp_ok(avg((first = pattern)::integer), '>=', 0.6, pattern || ': and in three of five of those who have it')
FROM oracle.found WHERE enough AND pattern IS NOT NULL AND second IS NULL GROUP BY pattern ORDER BY pattern;
SELECT cmp_ok(avg((named = pattern)::integer), '>=', 0.9, 'of those for whom a pattern is named, it is the true one for nine of ten')
FROM oracle.found WHERE enough AND named IS NOT NULL AND pattern IS NOT NULL AND second IS NULL;
SELECT cmp_ok(avg((named IS NOT NULL)::integer), '<=', 0.15, 'people without a pattern are rarely given one')
FROM oracle.found WHERE enough AND pattern IS NULL;
SELECT cmp_ok(avg((first IN (pattern, second))::integer), '>=', 0.8, 'of two patterns one stands first')
FROM oracle.found WHERE second IS NOT NULL;
SELECT cmp_ok(avg((probability(profile, pattern) >= 0.5 AND probability(profile, second) >= 0.5)::integer), '>=', 0.03, 'and both are likely for some: they do not exclude each other')
FROM oracle.found WHERE second IS NOT NULL;
SELECT cmp_ok(avg((named IS NULL)::integer), '>=', 0.85, 'thin data are not enough evidence')
FROM oracle.found WHERE NOT enough;

SELECT * FROM finish();
ROLLBACK;
