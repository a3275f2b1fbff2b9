-- Barrier profiles over random evidence: what they say against plain SQL; the same bytes for any split and order of the rows, and
-- in parallel; text, binary and stored forms there and back; the order; hostile input.
\ir include/setup.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`
SELECT set_config('oracle.scratch', :'scratch', true) \g /dev/null

SELECT plan(28);

SET LOCAL statement_timeout = '60s';

-- Evidence with quotes, backslashes, line ends and other scripts in it, some of it several times.
CREATE TABLE oracle.piece AS
SELECT person, i, (SELECT pattern FROM barrier_pattern WHERE position = 1 + floor(6 * oracle.random(person, i, 1))) AS pattern,
	(ARRAY[-0.0, 0.25, round((8 * oracle.random(person, i, 2) - 4)::numeric, 4), 6 * oracle.random(person, i, 3) - 3])
		[1 + floor(4 * oracle.random(person, i, 4))]::float8 AS weight,
	(ARRAY['calendar', 'timing', 'words', 'reason', 'label'])[1 + floor(5 * oracle.random(person, i, 5))] AS kind,
	(ARRAY['missed 9 of 12 Saturdays', 'said "no bus"', E'a back\\slash\\', E'two\nlines', U&'\00e9\4e2d\+01f600', repeat('long ', 190)])
		[1 + floor(6 * oracle.random(person, i, 6))] || CASE WHEN oracle.random(person, i, 7) < 0.5 THEN floor(5 * oracle.random(person, i, 8)) END AS explanation,
	(ARRAY['task 1', '"', '\', 'note 17', NULL])[1 + floor(5 * oracle.random(person, i, 9))] AS pointer
FROM generate_series(1, 80) person, generate_series(1, 60) i
WHERE i <= 1 + 2 * (person % 30);
UPDATE oracle.piece SET explanation = 'x' WHERE explanation IS NULL;
INSERT INTO oracle.piece SELECT person, i + 100, pattern, weight, kind, explanation, pointer FROM oracle.piece WHERE i % 3 = 0;
ANALYZE oracle.piece;

CREATE TABLE oracle.whole AS
SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS profile FROM oracle.piece GROUP BY person;

--
-- What they say, in plain SQL
--
CREATE TABLE oracle.sum AS
SELECT w.person, b.pattern, b.position, count(e.pattern)::integer AS pieces, coalesce(sum(e.weight), 0) AS weight,
	ln(b.prior / (1 - b.prior)) + coalesce(sum(e.weight), 0) AS log_odds
FROM oracle.whole w
CROSS JOIN barrier_pattern b
LEFT JOIN (SELECT DISTINCT person, pattern, weight + 0.0 AS weight, kind, explanation, coalesce(pointer, '') AS pointer FROM oracle.piece) e
	ON e.person = w.person AND e.pattern = b.pattern
GROUP BY w.person, b.pattern, b.position, b.prior;

SELECT is_empty($$SELECT s.person, s.pattern FROM oracle.sum s JOIN oracle.whole w USING (person)
	LEFT JOIN LATERAL probabilities(w.profile) p ON p.pattern = s.pattern
	WHERE p.pieces IS DISTINCT FROM s.pieces OR abs(p.log_odds - s.log_odds) > 1e-9
		OR abs(p.probability - CASE WHEN s.pieces = 0 THEN 1 / (1 + exp(-s.log_odds)) ELSE least(0.99, greatest(0.01, 1 / (1 + exp(-s.log_odds)))) END) > 1e-9
		OR probability(w.profile, s.pattern) <> p.probability$$, 'probabilities are those of the sums, each piece once');
SELECT is_empty($$SELECT person FROM oracle.whole w, LATERAL (SELECT array_agg(pattern ORDER BY n) AS got
		FROM ROWS FROM (probabilities(profile)) WITH ORDINALITY p (pattern, a, b, c, n)) p
	WHERE got <> (SELECT array_agg(s.pattern ORDER BY s.weight > 1e-12 DESC, round(s.log_odds::numeric, 9) DESC, s.position) FROM oracle.sum s WHERE s.person = w.person)$$,
	'what evidence speaks for comes first, then the likeliest');
SELECT is_empty($$SELECT person FROM oracle.whole w, LATERAL (SELECT * FROM probabilities(profile) LIMIT 1) p
	WHERE pattern(profile) IS DISTINCT FROM CASE WHEN p.probability >= 0.5
		AND (SELECT weight > 1e-12 FROM oracle.sum s WHERE s.person = w.person AND s.pattern = p.pattern) THEN p.pattern END$$,
	'the first one is named where it is likely and evidence speaks for it');
SELECT set_eq('SELECT person, e.* FROM oracle.whole, evidence(profile) e',
	'SELECT DISTINCT person, pattern, weight + 0.0, kind, explanation, pointer FROM oracle.piece', 'the evidence comes out as it went in');
SELECT is_empty($$SELECT person FROM oracle.whole w WHERE profile::jsonb -> 'evidence' <> (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(e)))
		FROM evidence(profile) e) OR profile::jsonb ->> 'pattern' IS DISTINCT FROM pattern(profile)
	OR profile::jsonb -> 'probabilities' <> (SELECT jsonb_object_agg(pattern, probability) FROM probabilities(profile))$$,
	'the document says the same');

--
-- One value, however it is built
--
CREATE FUNCTION oracle.different(query text, about text) RETURNS text LANGUAGE sql AS $$
	SELECT is_empty(format('SELECT person FROM (%s) g FULL JOIN oracle.whole w USING (person)
		WHERE barrier_profile_send(g.profile) IS DISTINCT FROM barrier_profile_send(w.profile)', query), about)
$$;
SELECT oracle.different($$SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer ORDER BY oracle.random(person, i, 20)) AS profile
	FROM oracle.piece GROUP BY person$$, 'the order of rows does not matter');
SELECT oracle.different($$SELECT person, rollup(profile ORDER BY part DESC) AS profile FROM (SELECT person, floor(4 * oracle.random(person, i, 21)) AS part,
		barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS profile FROM oracle.piece GROUP BY 1, 2) p GROUP BY person$$,
	'nor does a split into parts');
SELECT oracle.different($$SELECT person, rollup(profile) AS profile FROM (SELECT person, profile FROM oracle.whole UNION ALL SELECT person, profile FROM oracle.whole) t
	GROUP BY person$$, 'what is merged twice counts once');
SELECT oracle.different($$SELECT person, a || b AS profile FROM (SELECT person,
		barrier_profile_agg(pattern, weight, kind, explanation, pointer) FILTER (WHERE i % 2 = 0) AS a,
		barrier_profile_agg(pattern, weight, kind, explanation, pointer) FILTER (WHERE i % 2 = 1) AS b FROM oracle.piece GROUP BY person) t$$, 'nor does ||');
SELECT oracle.different('SELECT person, profile::text::barrier_profile AS profile FROM oracle.whole', 'text there and back');

CREATE TABLE oracle.copied (LIKE oracle.whole);
SELECT format('COPY oracle.whole TO %L (FORMAT binary)', :'scratch' || '/whole') \gexec
SELECT format('COPY oracle.copied FROM %L (FORMAT binary)', :'scratch' || '/whole') \gexec
SELECT oracle.different('SELECT * FROM oracle.copied', 'binary COPY there and back');

-- Stored pressed and out of line
CREATE TABLE oracle.stored (person integer, profile barrier_profile);
ALTER TABLE oracle.stored ALTER profile SET STORAGE EXTERNAL;
INSERT INTO oracle.stored SELECT person, profile FROM oracle.whole;
SELECT oracle.different('SELECT * FROM oracle.stored', 'stored out of line');
SELECT is_empty($$SELECT s.person FROM oracle.stored s JOIN oracle.whole w USING (person)
	WHERE s.profile <> w.profile OR barrier_profile_hash(s.profile) <> barrier_profile_hash(w.profile)
		OR barrier_profile_hash_extended(s.profile, 7) <> barrier_profile_hash_extended(w.profile, 7)
		OR pattern(s.profile) IS DISTINCT FROM pattern(w.profile)$$, 'and equal to what is not');

-- In parallel
CREATE TABLE oracle.many AS SELECT p.*, copy FROM oracle.piece p, generate_series(1, 4) copy ORDER BY oracle.random(person, i, copy, 22);
ANALYZE oracle.many;
SELECT set_config(name, value, true)
FROM (VALUES ('max_parallel_workers_per_gather', '2'), ('parallel_setup_cost', '0'), ('parallel_tuple_cost', '0'),
	('min_parallel_table_scan_size', '0'), ('parallel_leader_participation', 'off')) AS v (name, value) \g /dev/null
CREATE FUNCTION oracle.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text = '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines = lines || line || E'\n';
	END LOOP;
	RETURN lines;
END
$$;
SELECT matches(oracle.plan_of('CREATE TABLE oracle.parallel AS SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS profile
	FROM oracle.many GROUP BY person'), 'Finalize(.|\n)*Partial', 'workers aggregate parts');
CREATE TABLE oracle.parallel AS SELECT person, barrier_profile_agg(pattern, weight, kind, explanation, pointer) AS profile FROM oracle.many GROUP BY person;
SELECT oracle.different('SELECT * FROM oracle.parallel', 'and give the same');

--
-- Order
--
CREATE TABLE oracle.value AS
SELECT row_number() OVER (ORDER BY barrier_profile_send(profile)) AS n, profile
FROM (SELECT DISTINCT ON (barrier_profile_send(profile)) profile FROM (SELECT profile FROM oracle.whole WHERE person <= 40
	UNION ALL SELECT 'empty' UNION ALL SELECT barrier_profile_agg(pattern, weight, kind, explanation, pointer) FROM oracle.piece
		WHERE i = 1 OR i < 4 AND person < 20 GROUP BY person) v) d;
SELECT is((SELECT count(*) FROM oracle.value x, oracle.value y WHERE (x.profile = y.profile) <> (x.n = y.n)
	OR (x.profile < y.profile) <> (barrier_profile_cmp(x.profile, y.profile) < 0) OR (x.profile > y.profile) <> (y.profile < x.profile)
	OR (x.profile <= y.profile) = (x.profile > y.profile) OR (x.profile >= y.profile) = (x.profile < y.profile)), 0::bigint,
	'different bytes are different values, and every operator says the same');
SELECT is((SELECT count(*) FROM oracle.value x JOIN oracle.value y ON x.profile < y.profile JOIN oracle.value z ON y.profile < z.profile
	AND NOT x.profile < z.profile), 0::bigint, 'the order is transitive');
SELECT is(count(DISTINCT barrier_profile_hash_extended(profile, 1)), count(*), '64-bit hashes of different values differ') FROM oracle.value;
SELECT is((SELECT count(*) FROM oracle.value WHERE (barrier_profile_hash_extended(profile, 0) & 4294967295)
	<> (barrier_profile_hash(profile)::bigint & 4294967295)), 0::bigint, 'the low half of the 64-bit hash with seed 0 is the 32-bit hash');

--
-- Hostile input
--
CREATE FUNCTION oracle.state(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT is_empty($$SELECT written FROM unnest(ARRAY['', ' ', 'empty,', ',', 'avoidance 1 words "a",,avoidance 1 words "a"', 'avoidance 1 words a',
		'avoidance Infinity words "a"', 'avoidance 1 words "a\', repeat('avoidance 1 words "a", ', 100000),
		repeat('(', 100000), 'avoidance 1 words "a" x']) AS written
	WHERE oracle.state(format('SELECT %L::barrier_profile', written)) <> '22P02'$$, '22P02: texts that are no profiles');
SELECT is(oracle.state($$SELECT ('other 1 label "a"' || repeat(', avoidance 1 words "a"', 200000))::barrier_profile$$), '00000', 'one piece many times is one piece');
SELECT is(oracle.state($$SELECT string_agg('avoidance 1 words "' || n || '"', ', ')::barrier_profile FROM generate_series(1, 200000) n$$), '54000',
	'54000: too many pieces');

SELECT is_empty($$SELECT written FROM unnest(ARRAY['emptyx', 'avoidance 0x1 words "a"', 'avoidance 1 words ""', 'Avoidance 1 words "a"']) AS written
	WHERE oracle.state(format('SELECT %L::barrier_profile', written)) NOT IN ('22023', '22P02')$$, '22023: unknown names, and what explains nothing');

-- Binary forms, whole and damaged
CREATE TABLE oracle.received (profile barrier_profile);
CREATE FUNCTION oracle.receive(message bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	path text = current_setting('oracle.scratch') || '/in';
	oid oid = lo_from_bytea(0, '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(message)) || message || '\xffff');
BEGIN
	PERFORM lo_export(oid, path);
	PERFORM lo_unlink(oid);
	RETURN oracle.state(format('COPY oracle.received FROM %L (FORMAT binary)', path));
END
$$;
CREATE TABLE oracle.message AS SELECT barrier_profile_send('avoidance 1.5 words "it makes me anxious" "note 17", environmental 2 reason "no bus"') AS bytes;
SELECT is(oracle.receive(bytes), '00000', 'a whole message is read') FROM oracle.message;
SELECT is_empty($$SELECT n, state FROM oracle.message CROSS JOIN LATERAL (
		SELECT n, oracle.receive(substr(bytes, 1, n)) AS state FROM generate_series(0, length(bytes) - 1) AS n) AS r
	WHERE state NOT IN ('22P03', '08P01')$$, 'one that is cut off anywhere is not');
SELECT is(oracle.receive(bytes || '\x00'), '22P03', 'nor one that goes on') FROM oracle.message;
SELECT is_empty($$SELECT n, state FROM oracle.message CROSS JOIN LATERAL (
		SELECT n, oracle.receive(set_bit(bytes, n, 1 - get_bit(bytes, n))) AS state FROM generate_series(0, length(bytes) * 8 - 1) AS n) AS r
	WHERE state NOT IN ('00000', '22P03', '08P01', '22003', '22021', '22023', '54000')$$, 'a flipped bit is read or refused');
SELECT is_empty('SELECT profile FROM oracle.received WHERE barrier_profile_send(profile::text::barrier_profile) <> barrier_profile_send(profile)',
	'and what is read is canonical');
\set removed `rm -rf :'scratch'`

SELECT * FROM finish();
ROLLBACK;
