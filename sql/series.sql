-- Series: exact text of values, results and errors. The extension is loaded;
-- behaviour over random data is in test/pgtap/series_*.sql.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';
SET extra_float_digits TO 1;
\pset null NULL

--
-- Text
--
SELECT 'empty'::series;
SELECT ' Empty '::series;
-- a sum, a gap, several observations
SELECT '2026-01-05: 7 .6 25/2 . 36.6'::series;
SELECT '  2026-01-05 :7 . .1 .4
	25.00/2 .0000000001 3.66e1  '::series;
-- gaps at the ends are nothing
SELECT '2026-01-05: .7 7 .3'::series, '2026-01-05: .5'::series;
SELECT '2026-01-05: 0 -0 0/3 -1.50 +2'::series;
-- a sum that is no float8 has terms; any terms are read
SELECT '2026-01-05: (0.1+0.2)/2'::series;
SELECT '2026-01-05: (0.30000000000000004-2.7755575615628914e-17)/2'::series = '2026-01-05: (0.2 + 0.1)/2'::series;
SELECT '2026-01-05: (1+2+3-6) (1e300+1-1e300)/3 (1e16+1) (1e300-5e-324)'::series;
-- sums beyond the range of float8
SELECT '2026-01-05: (1.7976931348623157e308+1.7976931348623157e308)/2 (-1e308-1e308-0.1)/3 8e298*2^32/2'::series;
-- as few digits as read back exactly, and the ends of the ranges
SELECT '2026-01-05: 0.1 0.30000000000000004 1e-7 9007199254740993 123456789012345678901234567890'::series;
SELECT '4714-11-24 BC: 1.7976931348623157e308 -5e-324'::series, '5874897-12-30: 1 2/2147483647'::series;
-- the same whatever the settings are
SET datestyle TO 'SQL, DMY';
SET extra_float_digits TO -15;
SELECT series_agg('05/01/2026', 33.3);
SET datestyle TO 'ISO, YMD';
SET extra_float_digits TO 1;
-- what is no series
SELECT ''::series;
SELECT 'nonsense'::series;
SELECT '2026-01-05'::series;
SELECT '2026-01-05:'::series;
SELECT '2026-01-05: 7 x'::series;
SELECT '2026-01-05: 7 .0 8'::series;
SELECT '2026-01-05: 7/'::series;
SELECT '2026-01-05: 7/-2'::series;
SELECT '2026-01-05: 7/2/3'::series;
SELECT '2026-01-05: 0x1F'::series;
SELECT '2026-01-05: .5.5'::series;
SELECT '2026-01-05: 1+2'::series;
SELECT '2026-01-05: (1+2'::series;
SELECT '2026-01-05: ()'::series;
SELECT '2026-01-05: 1,5'::series;
SELECT '2026-01-05: 8*2^31'::series;
SELECT 'empty 2026-01-05: 7'::series;
SELECT '2026-01-05: 7 and after that quite a few more words than a message shows'::series;
SELECT '2026-02-29: 7'::series;
SELECT '5874898-01-01: 7'::series;
SELECT '5874897-12-31: 7 8'::series;
SELECT '2026-01-05: 7 .999999999999999999999999 8'::series;
SELECT '2026-01-05: 7 .73048 8'::series = '2026-01-05: 7 .73048 8'::series;
SELECT '2026-01-05: 7 .73049 8'::series;
SELECT '2026-01-05: 7/0'::series;
SELECT '2026-01-05: 7/2147483648'::series;
SELECT '2026-01-05: NaN'::series;
SELECT '2026-01-05: 7 -Infinity'::series;
SELECT '2026-01-05: 1e309'::series;
SELECT '2026-01-05: 1e300*2^32'::series;
SELECT '2026-01-05: (1.7976931348623157e308+1.7976931348623157e308+1)/1'::series;

--
-- Binary
--
SELECT series_send('empty');
SELECT series_send('2000-01-01: 0 .7 -25/2 36.6'), series_send('1999-12-31: (1e300-5e-324)/258');

--
-- jsonb
--
SELECT 'empty'::series::jsonb;
SELECT '2026-01-05: 7 .6 25/2 36.6 (0.1+0.2)/2'::series::jsonb;
SELECT '[]'::jsonb::series;
SELECT '[{"sum": 7.0, "day": "2026-01-06"}, {"day": "2026-01-05", "sum": 36.6, "count": 1.0, "rest": []}, {"day": "2026-01-06", "sum": 1e-400, "count": 3}]'::jsonb::series;
SELECT ('2026-01-05: (1.7976931348623157e308+1.7976931348623157e308+0.1)/3'::series::jsonb)::series;
SELECT '{}'::jsonb::series;
SELECT '1'::jsonb::series;
SELECT '[1]'::jsonb::series;
SELECT '[[]]'::jsonb::series;
SELECT '[{}]'::jsonb::series;
SELECT '[{"day": "2026-01-05"}]'::jsonb::series;
SELECT '[{"day": null, "sum": 1}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": "1"}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": null}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "rest": 1}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "rest": [null]}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "count": "1"}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "count": 1.5}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "mean": 1}]'::jsonb::series;
SELECT '[{"day": "yesterday", "sum": 1}]'::jsonb::series;
SELECT '[{"day": "2026-02-30", "sum": 1}]'::jsonb::series;
SELECT '[{"day": "5874898-01-01", "sum": 1}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "count": 0}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1, "count": 1e20}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1e400}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1e309}]'::jsonb::series;
SELECT '[{"day": "2026-01-05", "sum": 1}, {"day": "2226-02-05", "sum": 1}]'::jsonb::series;

--
-- Aggregates and algebra
--
CREATE TEMPORARY TABLE score (person text, day date, value float8);
INSERT INTO score VALUES
	('Ada', '2026-01-05', 14), ('Ada', '2026-01-12', 11), ('Ada', '2026-01-12', 12), ('Ada', '2026-01-19', 9.5),
	('Ben', NULL, 3), ('Ben', '2026-01-05', NULL),
	('Cem', '2026-01-07', 0.1), ('Cem', '2026-01-07', 0.2), ('Cem', '2026-01-07', 0.3);
CREATE TEMPORARY TABLE history AS SELECT person, series_agg(day, value) AS s FROM score GROUP BY person;
SELECT * FROM history ORDER BY person;
SELECT rollup(s) = (SELECT series_agg(day, value) FROM score) FROM history;
SELECT person, d.* FROM history, to_series_days(s) AS d ORDER BY person, day;
SELECT * FROM to_series_days('empty');
SELECT * FROM to_series_days(NULL);
SELECT * FROM to_series_days('2026-01-05: (1e308+1e308)/2 5e-324/2 -5e-324/2 15e-324/2 1/3');
SELECT series_agg(day, value) FROM score WHERE false;
SELECT rollup(s) FROM history WHERE s IS NULL;
SELECT rollup('empty'::series);
SELECT '2026-01-05: 7'::series || '2026-01-04: 1 2/2', '2026-01-05: 7'::series || NULL, NULL || 'empty'::series, NULL::series || NULL;
SELECT '2026-01-04: 1 9/3'::series - '2026-01-05: 7', '2026-01-04: 1 9/3'::series - NULL, NULL - 'empty'::series, '2026-01-05: 7'::series - '2026-01-05: 7';
SELECT '2026-01-05: 7'::series - '2026-01-05: 7/2'::series;
SELECT '2026-01-05: 7'::series - '2026-01-06: 7'::series;
SELECT '2026-01-05: 7'::series - '2026-01-05: 8'::series;
SELECT '2026-01-05: 1.7976931348623157e308/2'::series - '2026-01-05: -1.7976931348623157e308'::series;
SELECT '2026-01-05: 7/2147483647'::series || '2026-01-05: 7';
SELECT '2026-01-05: 7'::series || '2226-02-05: 7';
SELECT series_agg('infinity', 7);
SELECT series_agg('-infinity', 7);
SELECT series_agg('2026-01-05', 'NaN');
SELECT series_agg('2026-01-05', '-Infinity');
SELECT series_agg(day, 1) FROM (VALUES (date '2026-01-05'), ('2226-02-05')) AS v (day);
SELECT clip(s, '[2026-01-06,2026-01-19)'), clip(s, '[2026-01-13,2026-01-19)'), clip(s, NULL), clip(s, '(,2026-01-12]'), clip(s, 'empty')
FROM history WHERE person = 'Ada';
SELECT clip(NULL::series, '[2026-01-06,2026-01-19)');
SELECT day, series_agg(day, value) OVER (ORDER BY day, value ROWS 1 PRECEDING) FROM score WHERE person = 'Ada' ORDER BY day, value;

--
-- Comparison and hashing
--
SELECT s FROM (VALUES ('2026-01-05: 7'::series), ('2026-01-05: -7'), ('2026-01-05: 1/2'), ('2026-01-05: 7 1'), ('2026-01-04: 9'), ('empty'),
	('2026-01-05: (7+5e-324)'), ('2026-01-05: 7 . 0')) AS v (s) ORDER BY s;
SELECT s < '2026-01-05: 14'::series, s = s, s <> s, s > 'empty'::series, s <= s, s >= s || s FROM history WHERE person = 'Ada';
SELECT count(DISTINCT s), count(DISTINCT series_hash(s)), min(series_hash_extended(s, 0) & 4294967295) = min(series_hash(s)::bigint & 4294967295)
FROM (VALUES ('2026-01-05: 7'::series), ('2026-01-06: 7'), ('2026-01-05: 7.0'), ('2026-01-05: 8')) AS v (s);
SELECT amname, amvalidate(o.oid) FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcintype = 'series'::regtype ORDER BY amname;
