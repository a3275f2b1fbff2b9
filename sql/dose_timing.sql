-- Dose timing: exact text of values, results and errors. The extension is
-- loaded; behaviour over random data is in test/pgtap/dose_timing.sql.
SET search_path TO public, coachiatry;
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET intervalstyle TO 'postgres';

--
-- Text
--
SELECT 'empty'::dose_timing;
SELECT ' Empty '::dose_timing;
SELECT 'due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z'::dose_timing;
SELECT 'taken 2026-01-05 10:03:20.500000+02:00   due 2026-01-05T08:00:00Z'::dose_timing;
-- sorted: by due, then by taken instant, what is missing last
SELECT 'taken 2026-01-06T01:00:00Z, due 2026-01-05T20:00:00Z, due 2026-01-05T08:00:00Z taken 2026-01-05T08:09:00Z,
	due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:00Z,due 2026-01-05T08:00:00Z'::dose_timing;
SELECT 'due 4714-11-24T00:00:00Z BC taken 294276-12-31T23:59:59.999999Z'::dose_timing;
-- the same whatever the settings are
SET timezone TO 'Asia/Kolkata';
SET datestyle TO 'SQL, DMY';
SELECT dose_timing_agg('2026-01-05 08:03:20.000001+00', '2026-01-05 08:00+00');
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
-- what is no dose timing
SELECT ''::dose_timing;
SELECT 'nonsense'::dose_timing;
SELECT 'due'::dose_timing;
SELECT 'due 2026-01-05'::dose_timing;
SELECT 'due 2026-01-05T08:00:00'::dose_timing;
SELECT 'due 2026-01-05T08:00:00.1234567Z'::dose_timing;
SELECT 'due 2026-01-05T08:00:00Z, '::dose_timing;
SELECT 'due 2026-01-05T08:00:00Z due 2026-01-05T08:00:00Z'::dose_timing;
SELECT 'empty, due 2026-01-05T08:00:00Z'::dose_timing;
SELECT 'due 2026-01-05T08:00:00Z and after that quite a few more words than a message shows'::dose_timing;
SELECT 'due 2026-02-29T08:00:00Z'::dose_timing;
SELECT 'due 2026-01-05T24:00:00Z taken 2026-01-05T08:00:00Z'::dose_timing;
SELECT 'due 294277-01-01T00:00:00Z'::dose_timing;
SELECT 'due infinity'::dose_timing;
SELECT 'taken -infinity'::dose_timing;

--
-- Binary
--
SELECT dose_timing_send('empty');
SELECT dose_timing_send('due 2000-01-01T00:00:01Z taken 2000-01-01T00:00:02Z, due 2000-01-01T00:00:03Z, taken 2000-01-01T00:00:04Z');

--
-- jsonb
--
SELECT 'empty'::dose_timing::jsonb;
SELECT 'taken 2026-01-06T01:00:00Z, due 2026-01-05T20:00:00Z, due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:00Z'::dose_timing::jsonb;
SELECT '[]'::jsonb::dose_timing;
SELECT '[{"taken_at": "2026-01-06T02:00:00+01:00"}, {"due_at": "2026-01-05T20:00:00Z", "taken_at": null}]'::jsonb::dose_timing;
SELECT '{}'::jsonb::dose_timing;
SELECT '1'::jsonb::dose_timing;
SELECT 'null'::jsonb::dose_timing;
SELECT '[1]'::jsonb::dose_timing;
SELECT '[[]]'::jsonb::dose_timing;
SELECT '[{}]'::jsonb::dose_timing;
SELECT '[{"due_at": null}]'::jsonb::dose_timing;
SELECT '[{"due_at": 1}]'::jsonb::dose_timing;
SELECT '[{"due_at": ["2026-01-05T20:00:00Z"]}]'::jsonb::dose_timing;
SELECT '[{"due": "2026-01-05T20:00:00Z"}]'::jsonb::dose_timing;
SELECT '[{"due_at": "tomorrow"}]'::jsonb::dose_timing;
SELECT '[{"due_at": "2026-01-05T20:00:00Z "}]'::jsonb::dose_timing;
SELECT '[{"due_at": "2026-13-05T20:00:00Z"}]'::jsonb::dose_timing;
SELECT '[{"due_at": "infinity"}]'::jsonb::dose_timing;

--
-- Aggregates and merge
--
CREATE TEMPORARY TABLE dose (person text, taken_at timestamptz, due_at timestamptz);
INSERT INTO dose VALUES
	('Ada', '2026-01-05 08:10+00', '2026-01-05 08:00+00'),
	('Ada', '2026-01-05 20:45+00', '2026-01-05 20:00+00'),
	('Ada', NULL, '2026-01-06 08:00+00'),
	('Ada', '2026-01-06 20:00+00', '2026-01-06 20:00+00'),
	('Ada', '2026-01-06 20:05+00', '2026-01-06 20:00+00'),
	('Ada', '2026-01-07 01:00+00', NULL),
	('Ben', NULL, NULL),
	('Cem', '2026-01-05 09:00+00', NULL),
	('Dora', NULL, '2026-01-05 09:00+00');
CREATE TEMPORARY TABLE doses AS
SELECT person, dose_timing_agg(taken_at, due_at) AS t FROM dose GROUP BY person;
SELECT * FROM doses ORDER BY person;
SELECT rollup(t) = dose_timing_agg FROM doses, (SELECT dose_timing_agg(taken_at, due_at) FROM dose) AS d GROUP BY dose_timing_agg;
SELECT dose_timing_agg(taken_at, due_at) FROM dose WHERE false;
SELECT rollup(t) FROM doses WHERE t IS NULL;
SELECT rollup('empty'::dose_timing);
SELECT 'due 2026-01-05T08:00:00Z'::dose_timing || 'due 2026-01-05T08:00:00Z';
SELECT 'due 2026-01-05T08:00:00Z'::dose_timing || NULL, NULL || 'empty'::dose_timing, NULL::dose_timing || NULL;
SELECT dose_timing_agg('infinity', NULL);
SELECT dose_timing_agg(NULL, '-infinity');
SELECT person, a.* FROM doses, to_doses(t) AS a ORDER BY person, due_at, taken_at;

--
-- Measures
--
SELECT person, taking_adherence(t), correct_dosing(t), timing_adherence(t, '10 minutes') AS "10 min",
	timing_adherence(t, '45 minutes') AS "45 min", round(interval_regularity(t, 0.5)::numeric, 6) AS regularity
FROM doses ORDER BY person;
SELECT taking_adherence('empty'), correct_dosing('empty'::dose_timing), timing_adherence('empty', '1 h'), interval_regularity('empty', 1);
SELECT taking_adherence(NULL), correct_dosing(NULL::dose_timing), timing_adherence(NULL, '1 h'), interval_regularity(NULL, 1);
SELECT timing_adherence('empty', NULL), interval_regularity('empty', NULL);
-- a day is 24 hours, a month 30 days
SELECT timing_adherence('due 2026-01-01T00:00:00Z taken 2026-01-31T00:00:00Z', '1 month'),
	timing_adherence('due 2026-01-01T00:00:00Z taken 2026-01-31T00:00:00.000001Z', '1 month'),
	timing_adherence('due 2026-01-01T00:00:00Z taken 2026-01-30T23:00:00Z', '1 month -1 hour');
SELECT timing_adherence('due 4714-11-24T00:00:00Z BC taken 294276-12-31T23:59:59.999999Z', '178000000 years'),
	timing_adherence('due 4714-11-24T00:00:00Z BC taken 294276-12-31T23:59:59.999999Z', '9223372036854775807 microseconds');
SELECT timing_adherence('empty', '-1 microsecond');
SELECT timing_adherence('empty', '1 month -31 days');
SELECT interval_regularity('empty', -0.1);
SELECT interval_regularity('empty', 'NaN');
SELECT interval_regularity('empty', 'Infinity');

--
-- Matching
--
-- the nearest opening for each due dose, each used once; the rest alone
SELECT * FROM match_doses(
	ARRAY['2026-01-05 08:10+00', '2026-01-05 08:20+00', '2026-01-05 23:30+00', '2026-01-06 20:00+00']::timestamptz[],
	ARRAY['2026-01-05 08:00+00', '2026-01-05 20:00+00', '2026-01-06 08:00+00', '2026-01-06 20:00+00']::timestamptz[], '2 hours');
-- most pairs before least distance
SELECT * FROM match_doses('{2026-01-05 08:00+00, 2026-01-05 09:00+00}', '{2026-01-05 08:50+00, 2026-01-05 10:00+00}', '1 hour');
-- of two as near, the earlier
SELECT * FROM match_doses('{2026-01-05 09:00+00}', '{2026-01-05 08:00+00, 2026-01-05 10:00+00}', '1 hour');
SELECT * FROM match_doses('{2026-01-05 08:00+00, 2026-01-05 10:00+00}', '{2026-01-05 09:00+00}', '1 hour');
-- unsorted, NULL elements, two dimensions, NULL and empty arrays
SELECT * FROM match_doses('{{2026-01-06 08:00+00, NULL}, {2026-01-05 08:00+00, 2026-01-05 08:00+00}}', '{NULL, 2026-01-05 08:01+00}', '1 hour');
SELECT * FROM match_doses(NULL, '{2026-01-05 08:01+00}', '1 hour');
SELECT * FROM match_doses('{2026-01-05 08:01+00}', '{}', '1 hour');
SELECT * FROM match_doses(NULL, NULL, '1 hour');
SELECT * FROM match_doses('{2026-01-05 08:01+00}', '{2026-01-05 08:01+00}', NULL);
SELECT * FROM match_doses('{2026-01-05 08:01+00}', '{2026-01-05 08:01+00}', '0');
SELECT * FROM match_doses('{infinity}', '{}', '1 hour');
SELECT * FROM match_doses('{}', '{-infinity}', '1 hour');
SELECT * FROM match_doses('{}', '{}', '-1 hour');
SELECT count(*) FROM match_doses(array_fill(timestamptz '2026-01-05 08:00+00', ARRAY[16385]),
	array_fill(timestamptz '2026-01-05 08:00+00', ARRAY[16385]), '0');
SELECT count(*) FROM match_doses(array_fill(timestamptz '2026-01-05 08:00+00', ARRAY[1048576]), NULL, '0');

--
-- Days
--
SELECT at, adherence_day(at, 'Europe/Berlin', '03:00') AS "from 3", adherence_day(at, 'Europe/Berlin') AS "from 0",
	adherence_day(at, 'Europe/Berlin', NULL) AS "NULL", adherence_day(at, 'UTC', time '23:59:59.999999') AS "almost 24"
FROM unnest(ARRAY['2026-01-06 01:59:59.999999+00', '2026-01-06 02:00+00', '2026-07-06 00:59:59+00', '2026-07-06 01:00+00',
	'2026-03-29 00:59+00', '2026-03-29 01:00+00', '2026-10-25 01:59+00', '2026-10-25 02:00+00', 'infinity']::timestamptz[]) AS at;
SELECT adherence_day(NULL, 'UTC'), adherence_day('2026-01-06 02:00+00', NULL);
\set SHOW_CONTEXT never
SELECT adherence_day('2026-01-06 02:00+00', 'Atlantis');
\set SHOW_CONTEXT errors
-- part of the query it stands in
EXPLAIN (VERBOSE, COSTS OFF) SELECT adherence_day(at, 'Europe/Berlin', '03:00') FROM generate_series(now(), now(), '1 hour') AS at;

--
-- Operator classes
--
SELECT amname, opcname, amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcintype = 'dose_timing'::regtype
ORDER BY amname;
SELECT a.v, b.v, a.v < b.v AS lt, a.v <= b.v AS le, a.v = b.v AS eq, a.v <> b.v AS ne, a.v >= b.v AS ge, a.v > b.v AS gt,
	dose_timing_cmp(a.v, b.v), (a.v = b.v) = (dose_timing_hash(a.v) = dose_timing_hash(b.v)) AS hash,
	(a.v = b.v) = (dose_timing_hash_extended(a.v, 1) = dose_timing_hash_extended(b.v, 1)) AS hash_extended
FROM (VALUES ('empty'::dose_timing), ('due 2026-01-05T08:00:00Z'), ('taken 2026-01-05T08:00:00Z')) AS a (v)
CROSS JOIN (VALUES ('empty'::dose_timing), ('due 2026-01-05T08:00:00Z'), ('taken 2026-01-05T08:00:00Z')) AS b (v)
ORDER BY a.v, b.v;

--
-- Support functions called directly give values, not states
--
SELECT dose_timing_agg_add('taken 2026-01-06T08:00:00Z', NULL, '2026-01-05 08:00+00');
SELECT dose_timing_agg_add(NULL, NULL, NULL);
SELECT dose_timing_agg_add('empty', 'infinity', NULL);
SELECT rollup_add('taken 2026-01-06T08:00:00Z', 'due 2026-01-05T08:00:00Z'::dose_timing);
SELECT dose_timing_agg_final('due 2026-01-05T08:00:00Z'), dose_timing_agg_final('empty') IS NULL AS empty;
