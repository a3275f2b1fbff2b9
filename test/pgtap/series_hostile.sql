-- Hostile input of the type series: each is refused with the SQLSTATE that
-- says what is wrong with it, softly where the server can, and whatever is
-- read is canonical.
\ir include/setup.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`
SELECT set_config('oracle.scratch', :'scratch', true) \g /dev/null

SELECT plan(145);

SET LOCAL statement_timeout = '60s';

-- What a statement ends with: its SQLSTATE, 00000 if it succeeds.
CREATE FUNCTION oracle.state(query text)
RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;

--
-- Text
--

SELECT is(oracle.state(format('SELECT %L::series', written)), '22P02', format('22P02: text %L', left(written, 80)))
FROM unnest(ARRAY['', ' ', 'foo', 'null', 'empty,', 'empty empty', 'emptyx', ':', '2026-01-05', '2026-01-05 7', '2026-01-05:', '2026-01-05: ',
	'2026-01-05:: 7', '2026-01-05: 7,8', '2026-01-05: 7;', '2026-01-05: .-1', '2026-01-05: .0', '2026-01-05: ..', '2026-01-05: .1.2',
	'2026-01-05: 7.5.', '2026-01-05: 0x10', '2026-01-05: 1e', '2026-01-05: 1_000', '2026-01-05: --1', '2026-01-05: +-1',
	'2026-01-05: - 1', '2026-01-05: 7/', '2026-01-05: 7/x', '2026-01-05: 7/ 2', '2026-01-05: 7 /2', '2026-01-05: /2', '2026-01-05: 7/2.5',
	'2026-01-05: 7/+2', '2026-01-05: (', '2026-01-05: ()', '2026-01-05: (7', '2026-01-05: (7 8)', '2026-01-05: (7+)', '2026-01-05: (7--8)',
	'2026-01-05: (.5+1)', '2026-01-05: ((7))', '2026-01-05: (7)8', '2026-01-05: 7*2', '2026-01-05: 7*2^33', '2026-01-05: 7*2^32*2^32',
	'05.01.2026: 7', '26-01-05: 7', '2026-1-5: 7', '2026-01-05T00:00: 7', '2026-01-05 BCE: 7', '[]', '{"day": "2026-01-05"}', 'infinity: 7',
	repeat('(', 100000), '2026-01-05: ' || repeat('(1+', 100000), '2026-01-05: ' || repeat('7 ', 70000) || 'x']) AS written;
SELECT is(oracle.state(format('SELECT %L::series', written)), '22007', format('22007: text %L', written))
FROM unnest(ARRAY['2026-13-01: 7', '2026-02-29: 7', '0000-01-01: 7', '2026-00-01: 7', '2026-01-32: 7']) AS written;
SELECT is(oracle.state(format('SELECT %L::series', written)), '22008', format('22008: text %L', left(written, 80)))
FROM unnest(ARRAY['4714-11-23 BC: 7', '5874898-01-01: 7', '5874897-12-31: . 7', '2026-01-05: .9999999999999 7', '2026-01-05: 7 .73049 7',
	'2026-01-05: ' || repeat('.1000000000000 ', 100) || '7', '2026-01-05: ' || repeat('0 ', 73051)]) AS written;
SELECT is(oracle.state(format('SELECT %L::series', written)), '22003', format('22003: text %L', left(written, 80)))
FROM unnest(ARRAY['2026-01-05: NaN', '2026-01-05: -inf', '2026-01-05: Infinity', '2026-01-05: 1e309', '2026-01-05: -1e99999999999999999999',
	'2026-01-05: (1e308+1e308)', '2026-01-05: (1e308+1e308+1e308)/1', '2026-01-05: 1e308*2^32', '2026-01-05: ' || repeat('9', 400),
	'2026-01-05: 7/0', '2026-01-05: 7/2147483648', '2026-01-05: 7/99999999999999999999', '2026-01-05: (1e308*2^32' || repeat('+1e308*2^32', 100) || ')/2'])
	AS written;
SELECT is(oracle.state(format('SELECT %L::series', written)), '00000', format('read: %L', left(written, 80)))
FROM unnest(ARRAY['2026-01-05: (1.7976931348623157e308' || repeat('-1e-300', 10000) || ')', '2026-01-05: .73049 7', '5874897-12-31: 7 .99',
	'2026-01-05: 8e307*2^32/2147483647', '2026-01-05: ' || repeat('0 ', 73050), '2026-01-05: 0.' || repeat('9', 100000),
	'2026-01-05: (1e308+1e308-1e308)']) AS written;

-- Where the server has soft errors, they say the same
CREATE FUNCTION oracle.softly(written text, state text)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	IF current_setting('server_version_num')::integer < 160000 THEN
		RETURN skip('no soft errors before PostgreSQL 16');
	END IF;
	EXECUTE format('SELECT sql_error_code FROM pg_input_error_info(%L, %L)', written, 'coachiatry.series') INTO got;
	RETURN is(got, state, format('softly %s: %L', state, written));
END
$$;
SELECT oracle.softly(written, state)
FROM (VALUES ('nonsense', '22P02'), ('2026-02-29: 7', '22007'), ('5874898-01-01: 1', '22008'), ('2026-01-05: 7 .73049 7', '22008'),
	('2026-01-05: 7/0', '22003'), ('2026-01-05: 1e309', '22003'), ('2026-01-05: 7', NULL)) AS v (written, state);

--
-- Binary: what is cut off anywhere, goes on, or has a bit flipped
--

CREATE TABLE oracle.received (s series);
-- A binary COPY file of one row.
CREATE FUNCTION oracle.as_file(message bytea)
RETURNS bytea
LANGUAGE sql AS $$
	SELECT '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(message)) || message || '\xffff'
$$;
-- What reading a message ends with.
CREATE FUNCTION oracle.receive(message bytea)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	path text = current_setting('oracle.scratch') || '/in';
	oid oid = lo_from_bytea(0, oracle.as_file(message));
BEGIN
	PERFORM lo_export(oid, path);
	PERFORM lo_unlink(oid);
	RETURN oracle.state(format('COPY oracle.received FROM %L (FORMAT binary)', path));
END
$$;
CREATE TABLE oracle.message AS SELECT series_send('2026-01-05: 7 . -36.6/3 (1e20+1)') AS bytes;
SELECT is(oracle.receive(bytes), '00000', 'a whole message is read') FROM oracle.message;
SELECT is_empty($$SELECT n, state FROM oracle.message CROSS JOIN LATERAL (
		SELECT n, oracle.receive(substr(bytes, 1, n)) AS state FROM generate_series(0, length(bytes) - 1) AS n) AS r
	WHERE state <> '22P03'$$, 'one that is cut off anywhere is not');
SELECT is(oracle.receive(bytes || '\x00'), '22P03', 'nor one that goes on') FROM oracle.message;
SELECT is_empty($$SELECT n, state FROM oracle.message CROSS JOIN LATERAL (
		SELECT n, oracle.receive(set_bit(bytes, n, 1 - get_bit(bytes, n))) AS state FROM generate_series(0, length(bytes) * 8 - 1) AS n) AS r
	WHERE state NOT IN ('00000', '22P03', '22003', '22008')$$, 'a flipped bit is read or refused');
SELECT is_empty('SELECT s FROM oracle.received WHERE series_send(s::text::series) <> series_send(s) OR series_send(s::jsonb::series) <> series_send(s)',
	'what is read is canonical: its text and its document are read as the same');
TRUNCATE oracle.received;

-- version, days; day, count, sign, exponent, length, magnitude
SELECT is(oracle.receive(bytes), state, format('%s: binary %s', state, about))
FROM (VALUES
	('no day', '\x0100000000'::bytea, '00000'), ('no day, and more', '\x010000000000', '22P03'), ('another version', '\x0200000000', '22P03'),
	('more days than bytes', '\x01ffffffff', '22P03'), ('fewer days than bytes', '\x010000000000000000000000010000000000', '22P03'),
	('zero', '\x010000000100000000000000010000000000', '00000'),
	('zero in many bytes', '\x0100000001000000000000000101fff600040000000000'::bytea, '22P03'),
	('minus zero with an exponent', '\x0100000001000000000000000101fff6000400000000', '00000'),
	('an even magnitude', '\x0100000001000000010000000100000300020050', '00000'),
	('a sign that is none', '\x010000000100000000000000010200000000', '22P03'),
	('no observation', '\x010000000100000000000000000000000000', '22003'),
	('too many observations', '\x010000000100000000800000000000000000', '22003'),
	('days out of order', '\x01000000020000000100000001000000000000000000000000010000000000', '22P03'),
	('a day twice', '\x01000000020000000100000001000000000000000001000000010000000000', '22P03'),
	('an infinite day', '\x01000000017fffffff000000010000000000', '22008'), ('a day before all', '\x010000000180000000000000010000000000', '22008'),
	('a span of 200 years and a day', '\x01000000020000000000000001000000000000011d5a000000010000000000', '22008'),
	('a span of 200 years', '\x01000000020000000000000001000000000000011d59000000010000000000', '00000'),
	('the least bit', '\x01000000010000000000000001 00fbce000101', '00000'), ('a bit below it', '\x01000000010000000000000001 00fbcd000101', '22003'),
	('the same with a zero below', '\x01000000010000000000000001 00fbcd000102', '00000'),
	('2^1023', '\x01000000010000000000000001 0003ff000101', '00000'), ('2^1024', '\x01000000010000000000000001 000400000101', '22003'),
	('2^1024 of two', '\x01000000010000000000000002 000400000101', '00000'), ('2^32767', '\x01000000010000000000000001 007fff000101', '22003'),
	('2^-32768', '\x01000000010000000000000001 008000000101', '22003'),
	('the longest magnitude', '\x01000000010000000000000001 00fbce010f' || decode(repeat('00', 270) || '01', 'hex'), '00000'),
	('one that is longer', '\x01000000010000000000000001 00fbce0110' || decode(repeat('00', 271) || '01', 'hex'), '22P03'),
	('a length that is not there', '\x01000000010000000000000001 000000ffff01', '22P03')) AS v (about, bytes, state);
SELECT set_eq('SELECT s::text FROM oracle.received', ARRAY['empty', '2000-01-01: 0', '2000-01-02: 640', '2000-01-01: 0 .73048 0', '2000-01-01: 5e-324',
	'2000-01-01: 8.98846567431158e+307', '2000-01-01: (4.185580496821357e+298*2^32)/2'], 'and what was read is canonical');

--
-- Aggregates
--

SELECT is(oracle.state('SELECT ' || call), state, format('%s: %s', state, call))
FROM (VALUES ('series_agg(''infinity'', 1)', '22008'), ('series_agg(''-infinity'', 1)', '22008'), ('series_agg(''2026-01-05'', ''NaN'')', '22003'),
	('series_agg(''2026-01-05'', ''-Infinity'')', '22003'), ('series_agg(NULL, ''NaN'')', '00000'), ('series_agg(''infinity'', NULL)', '00000'),
	('series_agg_remove(''empty'', ''2026-01-05'', 1)', '22003'), ('series_agg_remove(''2026-01-05: 1'', ''2026-01-05'', 2)', '22003'),
	('series_agg_add(''2026-01-05: 1/2147483647'', ''2026-01-05'', 2)', '22003'),
	('series_agg_remove(''2026-01-05: 1.7976931348623157e308/2'', ''2026-01-05'', -1.7976931348623157e308)', '22003'),
	('series_agg_add(''2026-01-05: 1'', ''2226-02-05'', 2)', '22008'),
	('coachiatry.rollup_remove(''2026-01-05: 1'', ''2026-01-06: 1''::series)', '22003'),
	('''2026-01-05: 1/2147483647''::series || ''2026-01-05: 1''', '22003'),
	('''2026-01-05: 1''::series || ''2226-02-05: 1''', '22008'), ('''2026-01-05: 1''::series - ''2026-01-05: 1/2''', '22003')) AS v (call, state);

\set done `rm -r :'scratch'`
SELECT * FROM finish();
ROLLBACK;
