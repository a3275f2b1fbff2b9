-- Agreement and evaluation: published values, forms, edges, faults.
SET search_path = public, coachiatry;

-- Published: irrCAC cont3x3abstractors.
CREATE TABLE abstractor (a text, b text, n integer);
INSERT INTO abstractor VALUES ('ectopic', 'ectopic', 13), ('aiu', 'aiu', 20), ('aiu', 'niu', 7), ('niu', 'aiu', 4), ('niu', 'niu', 56);
CREATE TABLE pair AS SELECT a, b, row_number() OVER () AS unit FROM abstractor, generate_series(1, n);
SELECT round(cohen_kappa(a, b)::numeric, 7) AS kappa, round(gwet_ac1(a, b)::numeric, 7) AS ac1, round(accuracy(confusion_agg(a, b))::numeric, 7) AS agreement FROM pair;
SELECT round(krippendorff_alpha(unit::text, rater, label)::numeric, 7) AS alpha FROM pair, LATERAL (VALUES ('1', a), ('2', b)) AS r (rater, label);
SELECT c, round(cohen_kappa(c)::numeric, 7), round(gwet_ac1(c)::numeric, 7), round(macro_f1(c)::numeric, 7) FROM (SELECT confusion_agg(a, b) AS c FROM pair) AS q;
SELECT t.* FROM (SELECT confusion_agg(a, b) AS c FROM pair) AS q, to_cells(c) AS t;

-- Published: diagnoses of 15 patients by 6 raters (Fleiss 1971, in part).
CREATE TABLE diagnosis (patient integer, counts integer[]);
INSERT INTO diagnosis VALUES (1, '{0,0,0,6,0}'), (2, '{0,3,0,0,3}'), (3, '{0,1,4,0,1}'), (4, '{0,0,0,0,6}'), (5, '{0,3,0,3,0}'), (6, '{2,0,4,0,0}'), (7, '{0,0,4,0,2}'),
	(8, '{2,0,3,1,0}'), (9, '{2,0,0,4,0}'), (10, '{0,0,0,0,6}'), (11, '{1,0,0,5,0}'), (12, '{1,1,0,4,0}'), (13, '{0,3,3,0,0}'), (14, '{1,0,0,5,0}'), (15, '{0,2,0,3,1}');
SELECT round(krippendorff_alpha(patient::text, k::text, label::text)::numeric, 7) AS alpha
FROM diagnosis, unnest(counts) WITH ORDINALITY AS c (n, label), generate_series(1, n) AS k;

-- Published: four observers, with gaps (Krippendorff 2011): 0.743.
SELECT round(krippendorff_alpha(unit::text, rater::text, label)::numeric, 3) AS alpha
FROM unnest(ARRAY['1233214 12...', '12332241 25.3', '.3332342251.', '123324412 51.']) WITH ORDINALITY AS r (labels, rater), LATERAL (SELECT replace(labels, ' ', '') AS labels) AS s,
	generate_series(1, 12) AS unit, LATERAL (SELECT nullif(substr(s.labels, unit, 1), '.') AS label) AS l;

-- Edges: one label only, nothing in common, nothing at all.
SELECT cohen_kappa(a, b), gwet_ac1(a, b), macro_f1(a, b) FROM (VALUES ('x', 'x'), ('x', 'x')) AS v (a, b);
SELECT cohen_kappa(a, b), gwet_ac1(a, b), macro_f1(a, b) FROM (VALUES ('x', 'y'), ('y', 'x')) AS v (a, b);
SELECT cohen_kappa(a, b), gwet_ac1(a, b), macro_f1(a, b), confusion_agg(a, b), krippendorff_alpha(a, b, b) FROM (VALUES ('x', NULL), (NULL, 'x')) AS v (a, b);
SELECT krippendorff_alpha(u, r, l) FROM (VALUES ('1', 'a', 'x'), ('2', 'a', 'y')) AS v (u, r, l);
SELECT krippendorff_alpha(u, r, l) FROM (VALUES ('1', 'a', 'x'), ('1', 'b', 'x')) AS v (u, r, l);
SELECT cohen_kappa('empty'::confusion), gwet_ac1('empty'::confusion), macro_f1('empty'::confusion), accuracy('empty'::confusion), accuracy(NULL);
SELECT confusion_agg('', 'x');
SELECT confusion_agg('x', repeat('y', 256));

-- Forms and algebra.
SELECT ' "b" "a"=2,"a" "b", "b" "a" '::confusion, '"1" "r" "x" = 3'::ratings, 'empty'::ratings;
SELECT '"a" "b" = 0'::confusion;
SELECT '"a" "b" = -1'::confusion;
SELECT '"a" "b" = 1.5'::confusion;
SELECT '"a" "b" = 9007199254740993'::confusion;
SELECT '"a" "b" = 99999999999999999999999'::confusion;
SELECT '"a" "b" "c"'::confusion;
SELECT '"a" "b"'::ratings;
SELECT confusion_send('"a" "b" = 258');
SELECT '"a" "b" = 3, "c" "c"'::confusion - '"a" "b"' AS less, '"a" "b"'::confusion - '"a" "b"' AS none, '"a" "b"'::confusion || '"a" "b" = 2' AS more, NULL::confusion - '"a" "b"' AS of_null;
SELECT '"a" "b"'::confusion - '"a" "b" = 2';
SELECT '"a" "b"'::confusion - '"a" "c"';
SELECT '"a" "b" = 9007199254740992'::confusion || '"a" "b"';
SELECT rollup(c), count(DISTINCT c) FROM (VALUES ('"a" "b"'::confusion), ('"a" "b" = 2'), (NULL)) AS v (c);
SELECT '"a" "b"'::confusion = '"a" "b" = 1', '"a" "b"'::confusion < '"a" "c"';

-- Forecasts: by hand.
SELECT brier(p, hit), round(log_loss(p, hit)::numeric, 12) AS log_loss, round(calibration_error(p, hit)::numeric, 12) AS ece
FROM (VALUES (0.75, true), (0.25, false), (1, true), (0, false), (0.5, false)) AS v (p, hit);
SELECT round(log_loss(p, hit)::numeric, 6) FROM (VALUES (0, true), (1, true)) AS v (p, hit);
SELECT brier(p, hit), log_loss(p, hit), calibration_error(p, hit) FROM (VALUES (NULL::float8, true), (0.5, NULL)) AS v (p, hit);
SELECT brier(1.01, true);
SELECT brier('NaN', true);
SELECT log_loss(-0.1, true);
SELECT coachiatry.brier_add('{1,2}', 0.5, true);
SELECT coachiatry.brier_final('{1,NULL,2}');

-- The order does not matter, to the last bit.
SELECT count(DISTINCT b) AS brier, count(DISTINCT l) AS log_loss, count(DISTINCT c) AS ece
FROM generate_series(1, 20) AS seed, LATERAL (SELECT brier(p, hit ORDER BY o) AS b, log_loss(p, hit ORDER BY o) AS l, calibration_error(p, hit ORDER BY o) AS c
	FROM (SELECT (hashint4(i) & 1023) / 1023.0 AS p, i % 3 = 0 AS hit, hashint4extended(i, seed) AS o FROM generate_series(1, 500) AS i) AS r) AS s;

-- Folds: the same everywhere, all of a person in one.
SELECT array_agg(grouped_fold(person, 5, 7) ORDER BY person) FROM generate_series(-3::bigint, 12) AS person;
SELECT min(n), max(n), count(*) FROM (SELECT count(*) AS n FROM generate_series(1, 10000) AS person GROUP BY grouped_fold(person, 10)) AS f;
SELECT grouped_fold(1, 1), grouped_fold(9223372036854775807, 2147483647, -9223372036854775808), grouped_fold(NULL, 2);
SELECT grouped_fold(1, 0);
DROP TABLE abstractor, pair, diagnosis;
