-- Hostile input: each is refused with the SQLSTATE that says what is wrong with
-- it, or read as what it says. Nothing crashes, and nothing is an internal error.
\ir include/setup.sql
\set scratch `folder=$(mktemp -d -t coachiatry.XXXXXX) && chmod 777 "$folder" && echo "$folder"`
SELECT set_config('oracle.scratch', :'scratch', true) \g /dev/null

SELECT plan(628);

-- Nothing here may take long.
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

-- A text is refused, as the literal and as what a column's input reads.
CREATE FUNCTION oracle.unreadable(written text, state text)
RETURNS text
LANGUAGE sql AS $$
	SELECT is(oracle.state(format('SELECT %L::coachiatry.adherence', written)), state,
		format('%s: text %L', state, left(written, 80)))
$$;

-- Text that is not of the form
SELECT oracle.unreadable(written, '22P02')
FROM unnest(ARRAY['', ' ', 'foo', 'null', 'empty +', 'empty empty', 'emptyx', 'empt', ':', ': +', '+', '2026-01-05',
	'2026-01-05:', '2026-01-05: ', '2026-01-05 +', '2026-01-05+', '2026-01-05; +', '2026-01-05:: +',
	'2026-01-05: a', '2026-01-05: + a', '2026-01-05: 5', '2026-01-05: 5+', '2026-01-05: +-', '2026-01-05: +-5',
	'2026-01-05: +5.5', '2026-01-05: ++', '2026-01-05: (1)(1)', '2026-01-05: +(1)', '2026-01-05: +0',
	'2026-01-05: .0', '2026-01-05: + 5', '2026-01-05: +1e3', '2026-01-05: +0x10', '2026-01-05: (', '2026-01-05: )',
	'2026-01-05: ()', '2026-01-05: (1', '2026-01-05: (1,', '2026-01-05: (1,)', '2026-01-05: (,1)',
	'2026-01-05: (1,,2)', '2026-01-05: (1,2,3,4', '2026-01-05: (1,2,3,4,5)', '2026-01-05: (1;2)', '2026-01-05: (a)',
	'2026-01-05: (-1)', '2026-01-05: (+1)', '2026-01-05: (1.5)', '2026-01-05: (1))', '2026-01-05: ((1))',
	'2026-01-05: [1,1]', '2026-01-05: {1,1}', '2026-01-05: + 2026-01-06: +', '2026-01-05: +,-',
	'2026-01-05: +' || chr(1), '2026-01-05: ' || chr(8722), '2026-01-05: ' || chr(65291), 'x2026-01-05: +',
	'-2026-01-05: +', '{"from": "2026-01-05", "days": []}', '2026-01-05 BCE: +', '2026-01-05 AD: +', '2026: +',
	'2026-01: +', '05.01.2026: +', '01/05/2026: +', '20260105: +', '2026-01-05T00:00:00: +', '2026-01-05 00:00: +',
	repeat('(', 10000), repeat('2026-01-05: + ', 1000)]) AS written;

-- Days that do not exist, counts and spans that no calendar holds
SELECT oracle.unreadable(written, '22007')
FROM unnest(ARRAY['2026-13-01: +', '2026-00-01: +', '2026-01-00: +', '2026-01-32: +', '2026-02-29: +',
	'2026-02-30: +', '1900-02-29: +', '2100-02-29: +', '0000-01-01: +', '2026-04-31: +',
	'0004-02-29 BC: +']) AS written;

SELECT oracle.unreadable(written, '22003')
FROM unnest(ARRAY['2026-01-05: (100)', '2026-01-05: (1,100)', '2026-01-05: (1,1,100)', '2026-01-05: (1,1,1,100)',
	'2026-01-05: (256)', '2026-01-05: (65537)', '2026-01-05: (4294967297)', '2026-01-05: (18446744073709551617)',
	'2026-01-05: (1,' || repeat('9', 1000) || ')', '2026-01-05: + (100)5']) AS written;

SELECT oracle.unreadable(written, '22008')
FROM unnest(ARRAY['2026-01-05: +73051', '2026-01-05: + .73049 +', '2026-01-05: +4294967297',
	'2026-01-05: +2147483648', '2026-01-05: +2147483647', '2026-01-05: +' || repeat('9', 1000),
	'2026-01-05: +40000 -40000', '2026-01-05: + .' || repeat('9', 30) || ' +', '5874897-12-31: +2',
	'5874897-12-31: . +']) AS written;

-- A repeat count of some other kind, odd but harmless dates: refused or read, never worse
SELECT ok(oracle.state(format('SELECT %L::coachiatry.adherence', written)) IN ('00000', '22P02', '22007', '22008'),
	format('text %L', written))
FROM unnest(ARRAY['2026-01-05: +05', '2026-01-05:+', '2026-01-05: ( 1 , 1 )', '2026-1-5: +', '26-01-05: +',
	'002026-01-05: +', 'EMPTY', 'Empty', ' empty', 'empty ', '2026-01-05 bc: +', '2026-01-05: X',
	'2026-01-05:' || chr(9) || '+' || chr(10), '5874898-01-01: +', '99999999-01-01: +',
	'99999999999999999999-01-01: +', 'infinity: +', '-infinity: +', '4714-11-23 BC: +', '4714-01-01 BC: +',
	'99999-01-01 BC: +', '2026-01-05: .73051','2026-01-05: (0,0,0,0)73051']) AS written;

-- What is read though it is not canonical, and the widest that is allowed
SELECT is(written::adherence::text, canonical, format('%L is read as %L', left(written, 60), canonical))
FROM (VALUES
	('2026-01-05: + + +', '2026-01-05: +3'), ('2026-01-05: +2 +3 -1', '2026-01-05: +5 -'),
	('2026-01-05: . . + .9', '2026-01-07: +'), ('2026-01-05: .3', 'empty'), ('2026-01-05: .', 'empty'),
	('2026-01-05: (0)', 'empty'), ('2026-01-05: (0,0,0,0)5', 'empty'),
	('  2026-01-05:   +   -  ', '2026-01-05: + -'),
	('2026-01-05: (1,1) (1,0,1) (1) (0) (0,0,0,1) (0,1) (1,1,0,0)', '2026-01-05: + - ? . x * +'),
	('2026-01-05: (2,0,0,0) (2)', '2026-01-05: (2)2'), ('2026-01-05: (99,99,99,99)', '2026-01-05: (99,99,99,99)'),
	('2026-01-05: (0,1)', '2026-01-05: *'), ('2026-01-05: +73050', '2026-01-05: +73050'),
	('2026-01-05: + .73048 +', '2026-01-05: + .73048 +'), ('5874897-12-31: +', '5874897-12-31: +'),
	('4714-11-24 BC: +', '4714-11-24 BC: +'), ('0001-12-31 BC: +2', '0001-12-31 BC: +2'),
	('0001-12-31 BC: . +', '0001-01-01: +'), ('9999-12-31: . +', '10000-01-01: +'),
	('0005-02-29 BC: +', '0005-02-29 BC: +'), ('2000-02-29: +', '2000-02-29: +'), ('empty', 'empty')) AS v (written,
	canonical);

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
	EXECUTE format('SELECT sql_error_code FROM pg_input_error_info(%L, %L)', written, 'coachiatry.adherence') INTO got;
	RETURN is(got, state, format('softly %s: %L', state, left(written, 40)));
END
$$;

SELECT oracle.softly(written, state)
FROM (VALUES ('nonsense', '22P02'), ('2026-01-05: (', '22P02'), ('2026-02-30: +', '22007'),
	('2026-01-05: (100)', '22003'), ('2026-01-05: +73051', '22008'),
	('2026-01-05: +', NULL), ('empty', NULL)) AS v (written, state);

-- Output depends on no setting
SET LOCAL datestyle = 'German, DMY';
SELECT is('2026-01-05: + -'::adherence::text, '2026-01-05: + -', 'the text form does not follow DateStyle');
SELECT is('2026-01-05: + -'::adherence::jsonb ->> 'from', '2026-01-05', 'nor does jsonb');
SELECT is('{"from": "2026-02-01", "days": [[1,1,0,0]]}'::jsonb::adherence::text, '2026-02-01: +',
	'nor does what jsonb is read as');
SET LOCAL datestyle = 'ISO, YMD';
SELECT is('2026-02-01: +'::adherence::text, '2026-02-01: +', 'what text is read as does not either');

-- Documents
SELECT is(oracle.state(format('SELECT %L::jsonb::coachiatry.adherence', document)), state,
	format('%s: document %s', state, left(document, 100)))
FROM (VALUES
	('22023', '1'), ('22023', 'null'), ('22023', 'true'), ('22023', '"2026-01-05: +"'), ('22023', '[]'),
	('22023', '{}'), ('22023', '{"from": "2026-01-05"}'), ('22023', '{"days": []}'),
	('22023', '{"days": [[1,1,0,0]]}'), ('22023', '{"from": null, "days": [[1,1,0,0]]}'),
	('22023', '{"from": 5, "days": [[1,1,0,0]]}'), ('22023', '{"from": ["2026-01-05"], "days": [[1,1,0,0]]}'),
	('22023', '{"from": {"a": 1}, "days": [[1,1,0,0]]}'), ('22023', '{"from": true, "days": [[1,1,0,0]]}'),
	('22023', '{"from": "2026-01-05", "days": {}}'), ('22023', '{"from": "2026-01-05", "days": null}'),
	('22023', '{"from": "2026-01-05", "days": 5}'), ('22023', '{"from": "2026-01-05", "days": "+"}'),
	('22023', '{"from": "2026-01-05", "days": [1]}'), ('22023', '{"from": "2026-01-05", "days": [1,1,0,0]}'),
	('22023', '{"from": "2026-01-05", "days": [[]]}'), ('22023', '{"from": "2026-01-05", "days": [[1]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,1,0]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,1,0,0,0]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,1,0,0],[1,1,0]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,1,0,[0]]]}'),
	('22023', '{"from": "2026-01-05", "days": [[[1,1,0,0]]]}'),
	('22023', '{"from": "2026-01-05", "days": [["1",1,0,0]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,null,0,0]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,true,0,0]]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,1,0,{}]]}'), ('22023', '{"from": "2026-01-05", "days": [null]}'),
	('22023', '{"from": "2026-01-05", "days": [{}]}'),
	('22023', '{"from": "2026-01-05", "days": [[1,1,0,0]], "more": 1}'),
	('22023', '{"From": "2026-01-05", "days": [[1,1,0,0]]}'), ('22007', '{"from": "", "days": [[1,1,0,0]]}'),
	('22007', '{"from": "foo", "days": [[1,1,0,0]]}'), ('22007', '{"from": "2026-02-30", "days": [[1,1,0,0]]}'),
	('22007', '{"from": "2026-01-05x", "days": [[1,1,0,0]]}'),
	('22007', '{"from": "05.01.2026", "days": [[1,1,0,0]]}'), ('22007', '{"from": "today", "days": [[1,1,0,0]]}'),
	('22007', '{"from": "2026-13-05", "days": [[1,1,0,0]]}'),
	('22003', '{"from": "2026-01-05", "days": [[100,1,0,0]]}'),
	('22003', '{"from": "2026-01-05", "days": [[1,1,0,100]]}'),
	('22003', '{"from": "2026-01-05", "days": [[-1,1,0,0]]}'),
	('22003', '{"from": "2026-01-05", "days": [[1,1,0,1e10]]}'),
	('22003', '{"from": "2026-01-05", "days": [[1e400,1,0,0]]}'),
	('22003', '{"from": "2026-01-05", "days": [[-1e400,1,0,0]]}'),
	('22003', '{"from": "2026-01-05", "days": [[4294967297,1,0,0]]}'),
	('22003', '{"from": "2026-01-05", "days": [[18446744073709551617,1,0,0]]}'),
	('00000', '{"from": null, "days": []}'), ('00000', '{"days": [[1,1,0,0]], "from": "2026-01-05"}'),
	('00000', '{"from": "2026-01-05", "days": [[0,0,0,0]]}'),
	('00000', '{"from": "2026-01-05", "days": [[1.0,1,0,0]]}'),
	('00000', '{"from": "0044-03-15 BC", "days": [[1,1,0,0]]}')
	) AS v (state, document);

SELECT ok(oracle.state(format('SELECT %L::jsonb::coachiatry.adherence', document)) = ANY (states),
	format('%s: document %s', states, left(document, 100)))
FROM (VALUES
	('{22003,22023}'::text[], '{"from": "2026-01-05", "days": [[1.5,1,0,0]]}'),
	('{22003,22023}', '{"from": "2026-01-05", "days": [[1,1,0,1e-400]]}'),
	('{22003,22023}', '{"from": "2026-01-05", "days": [[99.5,1,0,0]]}'),
	('{22007,22008}', '{"from": "infinity", "days": [[1,1,0,0]]}'),
	('{22007,22008}', '{"from": "-infinity", "days": [[1,1,0,0]]}'),
	('{22007,22008}', '{"from": "5874898-01-01", "days": [[1,1,0,0]]}'),
	('{22007,22008}', '{"from": "99999999999-01-01", "days": [[1,1,0,0]]}'),
	('{00000,22007}', '{"from": "2026-1-5", "days": [[1,1,0,0]]}'),
	('{00000,22023}', '{"from": "2026-01-05", "days": []}'),
	('{22008}', '{"from": "5874897-12-31", "days": [[1,1,0,0],[1,1,0,0]]}')
	) AS v (states, document);

SELECT is(oracle.state(format($q$SELECT jsonb_build_object('from', '2026-01-05', 'days', (
	SELECT jsonb_agg('[1,1,0,0]'::jsonb) FROM generate_series(1, %s)))::coachiatry.adherence$q$, days)), state,
	format('%s: a document of %s days', state, days))
FROM (VALUES (73050, '00000'), (73051, '22008')) AS v (days, state);

-- The aggregates: infinite days, spans, counts
SELECT is(oracle.state('SELECT coachiatry.' || call), state, state || ': ' || call)
FROM (VALUES
	('22008', $c$adherence_agg('infinity', true)$c$), ('22008', $c$adherence_agg('-infinity', false)$c$),
	('22008', $c$adherence_agg('infinity', 1, 1)$c$), ('22008', $c$adherence_agg('-infinity', 1, 1, 1)$c$),
	('22008', $c$adherence_agg('infinity', 'taken')$c$), ('22008', $c$longest_streak('infinity'::date, true)$c$),
	('22008', $c$current_streak('infinity'::date, true)$c$),
	('22008', $c$adherence_rate('-infinity'::date, true)$c$),
	('00000', $c$adherence_agg(d, true) FROM unnest('{1900-01-01,2100-01-01}'::date[]) AS d$c$),
	('00000', $c$adherence_agg('1900-01-01'::date + n, true) FROM unnest('{0,73049}'::int[]) AS n$c$),
	('22008', $c$adherence_agg('1900-01-01'::date + n, true) FROM unnest('{0,73050}'::int[]) AS n$c$),
	('22008', $c$adherence_agg('1900-01-01'::date + n, true) FROM unnest('{73050,0}'::int[]) AS n$c$),
	('22008', $c$adherence_agg('1900-01-01'::date + n, 1, 1, 0) FROM unnest('{73050,0}'::int[]) AS n$c$),
	('22008', $c$adherence_agg('1900-01-01'::date + n, 'extra') FROM unnest('{73050,0}'::int[]) AS n$c$),
	('22008', $c$longest_streak('1900-01-01'::date + n, true) FROM unnest('{73050,0}'::int[]) AS n$c$),
	('22008', $c$current_streak('1900-01-01'::date + n, true) FROM unnest('{73050,0}'::int[]) AS n$c$),
	('22008', $c$adherence_agg(d, true) FROM unnest('{4714-11-24 BC,5874897-12-31}'::date[]) AS d$c$),
	('22008', $c$adherence_agg(d, true) FROM unnest('{5874897-12-31,4714-11-24 BC}'::date[]) AS d$c$),
	('00000', $c$adherence_agg('5874897-12-31', true)$c$), ('00000', $c$adherence_agg('4714-11-24 BC', true)$c$),
	('00000', $c$adherence_agg('2026-01-05', true) FROM generate_series(1, 99)$c$),
	('22003', $c$adherence_agg('2026-01-05', true) FROM generate_series(1, 100)$c$),
	('22003', $c$adherence_agg('2026-01-05', false) FROM generate_series(1, 100)$c$),
	('22003', $c$adherence_agg('2026-01-05', 'excused') FROM generate_series(1, 100)$c$),
	('22003', $c$longest_streak('2026-01-05'::date, true) FROM generate_series(1, 100)$c$),
	('22003', $c$current_streak('2026-01-05'::date, true) FROM generate_series(1, 100)$c$),
	('22003', $c$adherence_agg('2026-01-05', 100, 0)$c$), ('22003', $c$adherence_agg('2026-01-05', 0, 100)$c$),
	('00000', $c$adherence_agg('2026-01-05', 99, 99)$c$), ('22003', $c$adherence_agg('2026-01-05', 100, 0, 0)$c$),
	('22003', $c$adherence_agg('2026-01-05', 0, 100, 0)$c$),
	('22003', $c$adherence_agg('2026-01-05', 0, 0, 100)$c$), ('22003', $c$adherence_agg('2026-01-05', -1, 0)$c$),
	('22003', $c$adherence_agg('2026-01-05', 0, -1)$c$), ('22003', $c$adherence_agg('2026-01-05', -1, 0, 0)$c$),
	('22003', $c$adherence_agg('2026-01-05', 0, -1, 0)$c$), ('22003', $c$adherence_agg('2026-01-05', 0, 0, -1)$c$),
	('22003', $c$adherence_agg('2026-01-05', 9223372036854775807, 0)$c$),
	('22003', $c$adherence_agg('2026-01-05', -9223372036854775808, 0)$c$),
	('22003', $c$adherence_agg('2026-01-05', -9223372036854775808, 9223372036854775807)$c$),
	('22003', $c$adherence_agg('2026-01-05', 4294967297, 1, 1)$c$),
	('22003', $c$adherence_agg('2026-01-05', 256, 1, 1)$c$),
	('22003', $c$adherence_agg('2026-01-05', 1, 1, 9223372036854775807)$c$),
	('22003', $c$adherence_agg('2026-01-05', n, 0) FROM unnest('{60,60}'::int[]) AS n$c$),
	('00000', $c$adherence_agg('2026-01-05', (SELECT count(*) FROM pg_class WHERE false), 1)$c$),
	('22023', $c$adherence_agg('2026-01-05', '')$c$), ('22023', $c$adherence_agg('2026-01-05', 'none')$c$),
	('22023', $c$adherence_agg('2026-01-05', 'Taken')$c$), ('22023', $c$adherence_agg('2026-01-05', 'taken ')$c$),
	('22023', $c$adherence_agg('2026-01-05', 'over')$c$), ('22023', $c$adherence_agg('2026-01-05', 'partial')$c$),
	('22023', $c$adherence_agg('2026-01-05', 'take')$c$),
	('22023', $c$adherence_agg('2026-01-05', repeat('taken', 100000))$c$),
	('22008', $c$rollup(v::coachiatry.adherence) FROM unnest('{1900-01-01: +,2100-01-02: +}'::text[]) AS v$c$),
	('22003', $c$rollup(v::coachiatry.adherence) FROM unnest('{2026-01-05: (99),2026-01-05: ?}'::text[]) AS v$c$),
	('22003', $c$rollup(v::coachiatry.adherence) FROM unnest(ARRAY['2026-01-05: +2', '2026-01-06: (0,0,0,99)', '2026-01-06: x']) AS v$c$)
	) AS v (state, call);

-- Merging, taking away, moving
SELECT is(oracle.state('SELECT ' || call), state, state || ': ' || call)
FROM (VALUES
	('22008', $c$'1900-01-01: +'::adherence || '2100-01-02: +'$c$),
	('00000', $c$'1900-01-01: +'::adherence || '2100-01-01: +'$c$),
	('22008', $c$'4714-11-24 BC: +'::adherence || '5874897-12-31: +'$c$),
	('22008', $c$'5874897-12-31: +'::adherence || '4714-11-24 BC: +'$c$),
	('22008', $c$prefer('1900-01-01: +', '2100-01-02: +')$c$),
	('22008', $c$prefer('5874897-12-31: +', '4714-11-24 BC: +')$c$),
	('22003', $c$'2026-01-05: (99)'::adherence || '2026-01-05: ?'$c$),
	('22003', $c$'2026-01-05: (3,3,3,99)'::adherence || '2026-01-05: x'$c$),
	('22003', $c$'empty'::adherence - '2026-01-05: ?'$c$),
	('22003', $c$'2026-01-05: +'::adherence - '2026-01-05: -'$c$),
	('22003', $c$'2026-01-05: +'::adherence - '2026-01-06: ?'$c$),
	('22003', $c$'2026-01-05: +'::adherence - '2026-01-04: ?'$c$),
	('22003', $c$'2026-01-05: +9'::adherence - '2026-01-05: +8 x'$c$),
	('22003', $c$'2026-01-05: +'::adherence - '1026-01-04: ?'$c$),
	('22003', $c$'5874897-12-31: +'::adherence - '4714-11-24 BC: +'$c$),
	('22003', $c$'2026-01-05: (2)'::adherence - '2026-01-05: (90)'$c$),
	('22008', $c$shift('2026-01-05: +', 2147483647)$c$), ('22008', $c$shift('2026-01-05: +', -2147483648)$c$),
	('22008', $c$shift('5874897-12-31: +', 1)$c$), ('22008', $c$shift('4714-11-24 BC: +', -1)$c$),
	('22008', $c$shift('5874897-12-30: +2', 1)$c$), ('00000', $c$shift('5874897-12-29: +2', 1)$c$),
	('00000', $c$shift('empty', 2147483647)$c$), ('00000', $c$shift('4714-11-24 BC: +', 2147483493)$c$),
	('22008', $c$shift('4714-11-24 BC: +', 2147483494)$c$), ('00000', $c$shift('empty', -2147483648)$c$),
	('00000', $c$shift('5874897-12-31: +', -2147483493)$c$), ('22008', $c$shift('5874897-12-31: +', -2147483494)$c$)
	) AS v (state, call);

-- Parameters out of their range, for a calendar with days and the empty one
SELECT is(oracle.state('SELECT ' || format(call, quote_literal(calendar))), '22023', '22023: ' || format(call,
	quote_literal(calendar)))
FROM (
	SELECT format('%s(%%s, threshold => %L)', name, bad) AS call
	FROM unnest(ARRAY['longest_streak', 'current_streak', 'streaks', 'pdc']) AS name
	CROSS JOIN unnest(ARRAY['0', '-0', '-1', '1.0000000000000002', '2', 'NaN', 'infinity', '-infinity',
		'-1e-300']) AS bad
	UNION ALL
	SELECT format('%s(%%s, grace => %L)', name, bad)
	FROM unnest(ARRAY['longest_streak', 'current_streak', 'streaks']) AS name
	CROSS JOIN unnest(ARRAY[-1, -2147483648]) AS bad
	UNION ALL
	SELECT unnest(ARRAY['gaps(%s, 0)', 'gaps(%s, -1)', 'gaps(%s, -2147483648)', 'phases(%s, 0)',
		'phases(%s, -1)', 'phases(%s, -2147483648)',
		'persistence_days(%s, 0)', 'persistence_days(%s, -1)', 'rolling_rate(%s, 0)', 'rolling_rate(%s, -1)',
		'rolling_rate(%s, -2147483648)',
		'weeks(%s, 0)', 'weeks(%s, 8)', 'weeks(%s, -1)', 'weekly_streak(%s, target => 0)',
		'weekly_streak(%s, target => 8)', 'weekly_streak(%s, target => -2147483648)',
		'habit_score(%s, per_week => 0)', 'habit_score(%s, per_week => -1)',
		'habit_score(%s, per_week => 7.0000001)', $c$habit_score(%s, per_week => 'NaN')$c$,
		$c$habit_score(%s, per_week => 'infinity')$c$, $c$habit_score(%s, per_week => '-infinity')$c$])) AS v (call)
CROSS JOIN unnest(ARRAY['2026-01-05: +5 -', 'empty']) AS calendar;

-- Parameters that are large but mean something
SELECT is((longest_streak('2026-01-05: + -9 +', grace => 2147483647)), 2, 'grace of 2^31 - 1');
SELECT is((current_streak('2026-01-05: +3 -9', '2026-02-01', grace => 2147483647)), 3, 'the same, trailing');
SELECT is((SELECT count(*) FROM gaps('2026-01-05: +3 -9', 2147483647)), 0::bigint, 'min_days of 2^31 - 1');
SELECT is((phases('2026-01-05: +3 -9', 2147483647, '2026-02-01')).censored, true, 'a gap of 2^31 - 1');
SELECT is((SELECT array_agg(rate) FROM rolling_rate('2026-01-05: + -', 2147483647)), '{1,0.5}'::float8[],
	'a window of 2^31 - 1 days');
SELECT is((SELECT count(rate) FROM rolling_rate('5874897-12-30: + -', 2147483647)), 2::bigint,
	'the same on the last days there are');
SELECT is((SELECT count(rate) FROM rolling_rate('4714-11-24 BC: + -', 2147483647)), 2::bigint, 'the same on the first');

-- The first and the last day there are
SELECT is(ARRAY[longest_streak(c), current_streak(c, '5874897-12-31'), current_streak(c, 'infinity'),
	days_planned(c), days_missed(c), weekly_streak(c, '5874897-12-31')],
	'{2,2,2,3,1,1}', 'the last days there are') FROM (VALUES ('5874897-12-29: - +2'::adherence)) AS v (c);
SELECT is(ARRAY[longest_streak(c), current_streak(c, '4714-11-26 BC'), days_planned(c), days_missed(c),
	weekly_streak(c, '4714-11-26 BC')],
	'{2,2,3,1,1}', 'the first days there are') FROM (VALUES ('4714-11-24 BC: - +2'::adherence)) AS v (c);
SELECT ok(oracle.state(call) IN ('00000', '22008'), call)
FROM unnest(ARRAY[$c$SELECT streaks('5874897-12-29: - +2')$c$, $c$SELECT gaps('5874897-12-30: + -')$c$,
	$c$SELECT weeks('5874897-12-31: +')$c$, $c$SELECT weeks('4714-11-24 BC: +')$c$,
	$c$SELECT weekly_streak('5874897-12-31: +', '4714-11-24 BC')$c$,
	$c$SELECT weekday_rates('4714-11-24 BC: +9')$c$, $c$SELECT sparkline('5874897-12-31: +')$c$,
	$c$SELECT heatmap('5874897-12-31: +')$c$, $c$SELECT heatmap('4714-11-24 BC: +')$c$,
	$c$SELECT heatmap_svg('5874897-12-31: +')$c$, $c$SELECT heatmap_svg('4714-11-24 BC: +')$c$,
	$c$SELECT phases('5874897-12-31: +', 1, '4714-11-24 BC')$c$,
	$c$SELECT phases('4714-11-24 BC: + -', 2, '5874897-12-31')$c$,
	$c$SELECT phases('4714-11-24 BC: + -', 1, '5874897-12-31')$c$]) AS call;

-- Far and infinite dates to ask about; nothing walks there day by day
SET LOCAL statement_timeout = '5s';
SELECT is(oracle.state('SELECT ' || call), state, state || ': ' || call)
FROM (VALUES
	('00000', $c$habit_score('2026-01-05: +', '5874897-12-31')$c$),
	('00000', $c$habit_score('2026-01-05: +', '5874897-12-31', 3)$c$),
	('00000', $c$habit_score('4714-11-24 BC: +', '5874897-12-31', 1)$c$),
	('00000', $c$habit_score('2026-01-05: +', '-infinity')$c$),
	('00000', $c$weekly_streak('4714-11-24 BC: +', '5874897-12-31')$c$),
	('00000', $c$weekly_streak('2026-01-05: +', '-infinity')$c$),
	('00000', $c$current_streak('2026-01-05: +', '5874897-12-31'::date)$c$),
	('00000', $c$current_streak('2026-01-05: +', 'infinity'::date)$c$),
	('00000', $c$current_streak('2026-01-05: +', '-infinity'::date)$c$),
	('00000', $c$persistence_days('2026-01-05: +', 1, '5874897-12-31')$c$),
	('22008', $c$persistence_days('2026-01-05: +', 1, 'infinity')$c$),
	('22008', $c$phases('2026-01-05: +', 1, 'infinity')$c$),
	('00000', $c$phases('2026-01-05: + -', 1, 'infinity')$c$),
	('00000', $c$persistence_days('2026-01-05: + -', 1, 'infinity')$c$),
	('00000', $c$phases('2026-01-05: -', 1, 'infinity')$c$),
	('00000', $c$phases('2026-01-05: +', 1, '-infinity')$c$), ('00000', $c$phases('empty', 1, 'infinity')$c$)
	) AS v (state, call);
SELECT is(ARRAY[habit_score(v::adherence, 'infinity'), weekly_streak(v::adherence, 'infinity')], '{0,0}',
	'on the last of days nothing is left of ' || v)
FROM unnest(ARRAY['2026-01-05: +5', 'empty']) AS v;
SELECT is(habit_score('2026-01-05: +', '5874897-12-31'), 0::float8, 'in millions of years a habit is gone');
SELECT is(weekly_streak('2026-01-05: +', '5874897-12-31'), 0, 'and so is the streak of weeks');
SET LOCAL statement_timeout = '60s';

-- NULLs: strict where the design says so
SELECT is(adherence_agg(d, t), NULL, 'adherence_agg of NULLs') FROM (VALUES (NULL::date, true),
	('2026-01-05', NULL)) AS v (d, t);
SELECT is(adherence_agg(d, 0, 0, 0), NULL, 'adherence_agg of rows that record nothing')
	FROM (VALUES ('2026-01-05'::date), ('2027-01-05')) AS v (d);
SELECT is(ARRAY[longest_streak(d, t)::text, current_streak(d, t)::text, adherence_rate(d, t)::text],
	'{NULL,NULL,NULL}', 'one-step aggregates of no rows')
FROM (VALUES (NULL::date, true), ('2026-01-05', NULL)) AS v (d, t);
SELECT is(rollup(NULL::adherence), NULL, 'rollup of NULL');
SELECT is((SELECT adherence_agg(d, 1, 1) FROM unnest('{}'::date[]) AS d), NULL, 'adherence_agg of no rows');

SELECT is(call_null, NULL, 'NULL for a NULL calendar: ' || name)
FROM (VALUES
	('longest_streak', longest_streak(NULL::adherence)::text),
	('current_streak', current_streak(NULL::adherence)::text),
	('adherence_rate', adherence_rate(NULL::adherence)::text), ('pdc', pdc(NULL::adherence)::text),
	('correct_dosing', correct_dosing(NULL::adherence)::text),
	('days_planned', days_planned(NULL::adherence)::text), ('days_adherent', days_adherent(NULL::adherence)::text),
	('days_missed', days_missed(NULL::adherence)::text), ('days_unrecorded',
	days_unrecorded(NULL::adherence)::text), ('days_over', days_over(NULL::adherence)::text),
	('days_excused', days_excused(NULL::adherence)::text),
	('initiated_on', initiated_on(NULL::adherence)::text), ('persistence_days', persistence_days(NULL,
	3)::text), ('status_on', status_on(NULL, '2026-01-05')), ('weekday_rates', weekday_rates(NULL::adherence)::text),
	('clip', clip(NULL::adherence, '[2026-01-05,2026-01-06)')::text), ('shift', shift(NULL, 1)::text),
	('weekly_streak', weekly_streak(NULL::adherence)::text), ('habit_score', habit_score(NULL::adherence)::text),
	('prefer', prefer(NULL, NULL)::text), ('||', (NULL::adherence || NULL::adherence)::text),
	('-', (NULL::adherence - NULL::adherence)::text), ('jsonb', (NULL::adherence::jsonb)::text),
	('from jsonb', (NULL::jsonb::adherence)::text), ('sparkline', sparkline(NULL::adherence)),
	('heatmap', heatmap(NULL::adherence)), ('heatmap_svg', heatmap_svg(NULL::adherence)),
	('current_streak as_of', current_streak('2026-01-05: +'::adherence, NULL)::text),
	('weekly_streak as_of', weekly_streak('2026-01-05: +', NULL)::text),
	('habit_score as_of', habit_score('2026-01-05: +', NULL)::text),
	('persistence_days as_of', persistence_days('2026-01-05: +', 1, NULL)::text),
	('persistence_days gap', persistence_days('2026-01-05: +', NULL)::text),
	('status_on day', status_on('2026-01-05: +', NULL)),
	('shift days', shift('2026-01-05: +', NULL)::text)) AS v (name, call_null);
SELECT is(adherence_bounds(NULL::adherence)::text, '(,,)', 'NULLs for a NULL calendar: adherence_bounds');
SELECT is_empty('SELECT ' || call, 'no rows: ' || call)
FROM unnest(ARRAY['streaks(NULL)', 'gaps(NULL)', 'rolling_rate(NULL, 7)', 'to_adherence_days(NULL)', 'weeks(NULL)',
	$c$streaks('empty')$c$, $c$gaps('empty')$c$, $c$rolling_rate('empty', 7)$c$, $c$to_adherence_days('empty')$c$,
	$c$weeks('empty')$c$, $c$streaks('2026-01-05: +5', 'empty')$c$, $c$gaps('2026-01-05: -5', within => 'empty')$c$,
	$c$rolling_rate('2026-01-05: +5', 7, 'empty')$c$]) AS call;
SELECT is(clip('2026-01-05: +5'::adherence, 'empty'), 'empty', 'clip to the empty range');
SELECT is(clip('2026-01-05: +5'::adherence, NULL), '2026-01-05: +5', 'clip to NULL is everything');

-- Support functions called by hand: a state is a calendar like any other
SELECT is(got::text, wanted, name)
FROM (VALUES
	('adherence_agg_add', adherence_agg_add('empty', '2026-01-05', true), '2026-01-05: +'),
	('adherence_agg_add twice', adherence_agg_add(adherence_agg_add('empty', '2026-01-05', true), '2026-01-03',
	false), '2026-01-03: - . +'),
	('adherence_agg_add of units', adherence_agg_add('2026-01-05: +', '2026-01-05', 2, 5), '2026-01-05: (6,3,3)'),
	('adherence_agg_add of counts', adherence_agg_add('2026-01-05: +', '2026-01-05', 50, 2, 5), '2026-01-05: (51,3,5)'),
	('adherence_agg_add of a status', adherence_agg_add('2026-01-05: +', '2026-01-07', 'excused'), '2026-01-05: + . x'),
	('adherence_agg_remove', adherence_agg_remove('2026-01-05: + -', '2026-01-05', true), '2026-01-06: -'),
	('adherence_agg_remove to nothing', adherence_agg_remove('2026-01-05: +', '2026-01-05', true), 'empty'),
	('rollup_add', rollup_add('2026-01-05: +'::adherence, '2026-02-05: (9)'), '2026-01-05: + .30 (9)'),
	('rollup_remove', rollup_remove('2026-01-05: + -'::adherence, '2026-01-05: +'), '2026-01-06: -'),
	('running_add', running_add('2026-01-05: +', '2026-01-06', false), '2026-01-05: + -'),
	('running_remove', running_remove('2026-01-05: + -', '2026-01-06', false), '2026-01-05: +'),
	('running_remove to nothing', running_remove('2026-01-05: +', '2026-01-05', true), 'empty'),
	('adherence_agg_final', adherence_agg_final('2026-01-05: + -'), '2026-01-05: + -'),
	('adherence_agg_final of empty', adherence_agg_final('empty'), NULL),
	('adherence_agg_final of a running state', adherence_agg_final(running_add(running_add('empty', '2026-01-05', true), '2026-01-09', false)), '2026-01-05: + .3 -'),
	('adherence_agg_add to a running state', adherence_agg_add(running_add('empty', '2026-01-05', true), '2026-01-06', true), '2026-01-05: +2'),
	('rollup_add of running states', rollup_add(running_add('empty', '2026-01-05', true), running_add('empty', '2026-01-04', true)), '2026-01-04: +2')
	) AS v (name, got, wanted);
SELECT is(got, wanted, name)
FROM (VALUES
	('longest_streak_final', longest_streak_final('2026-01-05: +3 - +'), 3),
	('longest_streak_final of empty', longest_streak_final('empty'), NULL),
	('current_streak_final', current_streak_final('2026-01-05: +3 - +2'), 2),
	('current_streak_final of empty', current_streak_final('empty'), NULL),
	('current_streak_final of a missed last day', current_streak_final('2026-01-05: +3 -'), 0),
	('current_streak_final of a running state', current_streak_final(running_add(running_add('2026-01-01: +4 -', '2026-01-05', true), '2026-01-06', true)), 1),
	('current_streak_final after a removal', current_streak_final(running_remove(running_add('2026-01-01: +4 -', '2026-01-06', true), '2026-01-05', false)), 5),
	('current_streak_final of adherence_agg_add after running_add',
	current_streak_final(adherence_agg_add(running_add('empty', '2026-01-05', true), '2026-01-06', true)), 2),
	('current_streak_final of rollup_add of running states',
	current_streak_final(rollup_add(running_add('empty', '2026-01-05', true), running_add('empty', '2026-01-06',
	true))), 2),
	('current_streak_final of adherence_agg_remove after running_add',
	current_streak_final(adherence_agg_remove(running_add(running_add('empty', '2026-01-05', true),
	'2026-01-06', true), '2026-01-05', true)), 1),
	('current_streak_final of rollup_remove from a running state',
	current_streak_final(rollup_remove(running_add(running_add('empty', '2026-01-05', false), '2026-01-06',
	true), '2026-01-06: +')), 0)
	) AS v (name, got, wanted);
SELECT is(got, wanted::float8, name)
FROM (VALUES
	('adherence_rate_final', adherence_rate_final('2026-01-05: +3 -'), 0.75),
	('adherence_rate_final of empty', adherence_rate_final('empty'), NULL),
	('adherence_rate_final of units', adherence_rate_final('2026-01-05: (3,1) (5,9)'), 0.75),
	('adherence_rate_final with nothing planned', adherence_rate_final('2026-01-05: x *'), NULL),
	('adherence_rate_final of a running state', adherence_rate_final(running_add(running_add('2026-01-05: x', '2026-01-06', true), '2026-01-07', false)), 0.5),
	('adherence_rate_final of a running state of an excused day',
	adherence_rate_final(running_add(running_add('2026-01-05: x', '2026-01-05', true), '2026-01-07', false)), 0),
	('adherence_rate_final of rollup_add of running states',
	adherence_rate_final(rollup_add(running_add('empty', '2026-01-05', true), running_add('empty', '2026-01-06',
	false))), 0.5),
	('adherence_rate_final after a removal',
	adherence_rate_final(running_remove(running_add('2026-01-05: (9,3)', '2026-01-06', false), '2026-01-06',
	false)), 1 / 3.0)
	) AS v (name, got, wanted);

-- States are values: they compare, hash and are stored like what they hold
SELECT is(adherence_send(state), adherence_send(state::text::adherence), 'a state sent by hand is canonical: ' || name)
FROM (VALUES
	('adherence_agg_add', adherence_agg_add('2026-01-05: +', '2027-01-05', true)),
	('adherence_agg_remove', adherence_agg_remove('2026-01-05: +3 -', '2026-01-05', true)),
	('rollup_add', rollup_add('2026-01-05: +'::adherence, '2026-02-05: (9)')),
	('rollup_remove', rollup_remove('2026-01-05: + - (9)'::adherence, '2026-01-07: (9)')),
	('running_add', running_add('2026-01-05: +', '2027-01-05', true)),
	('running_remove', running_remove('2026-01-05: +3 -', '2026-01-05', true))) AS v (name, state);
SELECT is(state = state::text::adherence AND adherence_hash(state) = adherence_hash(state::text::adherence)
	AND adherence_cmp(state, state::text::adherence) = 0, true,
	'a state equals what it holds: ' || name)
FROM (VALUES
	('adherence_agg_add', adherence_agg_add('2026-01-05: +', '2027-01-05', true)),
	('adherence_agg_remove', adherence_agg_remove('2026-01-05: +3 -', '2026-01-05', true)),
	('rollup_add', rollup_add('2026-01-05: +'::adherence, '2026-02-05: (9)')),
	('rollup_remove', rollup_remove('2026-01-05: + - (9)'::adherence, '2026-01-07: (9)')),
	('running_add', running_add('2026-01-05: +', '2027-01-05', true)),
	('running_remove', running_remove('2026-01-05: +3 -', '2026-01-05', true))) AS v (name, state);
CREATE TABLE oracle.state_kept AS
SELECT running_add(running_add('empty', '2026-01-05', true), '2026-01-06', true) AS state,
	'2026-01-05: +2'::adherence AS plain;
SELECT is((SELECT count(*) FROM oracle.state_kept AS a JOIN oracle.state_kept AS b ON a.state = b.plain),
	1::bigint, 'a state that was stored joins what it holds');
SELECT is(current_streak_final(running_add(state, '2026-01-07', true)), 3, 'a state that was stored goes on')
	FROM oracle.state_kept;

SELECT is(oracle.state('SELECT coachiatry.' || call), state, state || ': ' || call)
FROM (VALUES
	('22003', $c$adherence_agg_remove('empty', '2026-01-05', true)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-05', false)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-06', true)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-05', 0, 5)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-05', 2, 2, 2)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-05', 'excused')$c$),
	('22003', $c$running_remove('empty', '2026-01-05', true)$c$),
	('22003', $c$running_remove('2026-01-05: +', '2026-01-05', false)$c$),
	('22003', $c$running_remove('2026-01-05: +', '2026-01-04', true)$c$),
	('22003', $c$rollup_remove('empty'::adherence, '2026-01-05: +')$c$),
	('22003', $c$rollup_remove('2026-01-05: +'::adherence, '2026-01-05: + +')$c$),
	('22003', $c$adherence_agg_add('2026-01-05: (99)', '2026-01-05', true)$c$),
	('22003', $c$running_add('2026-01-05: (99)', '2026-01-05', true)$c$),
	('22003', $c$adherence_agg_add('empty', '2026-01-05', -1, 0)$c$),
	('22003', $c$adherence_agg_add('empty', '2026-01-05', 0, 0, -1)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-05', -1, 0)$c$),
	('22003', $c$adherence_agg_remove('2026-01-05: +', '2026-01-05', 0, 0, -9223372036854775808)$c$),
	('22023', $c$adherence_agg_add('empty', '2026-01-05', 'foo')$c$),
	('22023', $c$adherence_agg_remove('empty', '2026-01-05', 'foo')$c$),
	('22008', $c$adherence_agg_add('empty', 'infinity', true)$c$),
	('22008', $c$adherence_agg_add('1900-01-01: +', '2100-01-02', true)$c$),
	('22008', $c$running_add('1900-01-01: +', '2100-01-02', true)$c$),
	('22008', $c$running_add('empty', '-infinity', true)$c$),
	('22008', $c$rollup_add('1900-01-01: +'::adherence, '2100-01-02: +')$c$)
	) AS v (state, call);
SELECT ok(oracle.state('SELECT coachiatry.' || call) IN ('22003', '22008'), call)
FROM unnest(ARRAY[$c$adherence_agg_remove('2026-01-05: +', 'infinity', true)$c$,
	$c$running_remove('2026-01-05: +', '-infinity', true)$c$]) AS call;
SELECT is(call_null, NULL, 'NULL for NULL: ' || name)
FROM (VALUES ('adherence_agg_add', adherence_agg_add(NULL, '2026-01-05', true)),
	('adherence_agg_remove', adherence_agg_remove('2026-01-05: +', NULL, true)),
	('rollup_add', rollup_add(NULL::adherence, 'empty')), ('running_add', running_add('empty', '2026-01-05',
	NULL)), ('adherence_agg_final', adherence_agg_final(NULL))) AS v (name, call_null);
SELECT is(oracle.state($c$SELECT coachiatry.adherence_recv('x')$c$), '42883',
	'adherence_recv cannot be called by hand');

-- Binary input: bytes that are no calendar. A bytea in binary COPY is written as
-- it is, so a file of bytea is a file of forged calendars.
CREATE TABLE oracle.forged (id serial, bytes bytea);
CREATE TABLE oracle.received (id integer, calendar adherence);
CREATE TABLE oracle.outcome (id integer, state text);

CREATE FUNCTION oracle.receive()
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	file text = current_setting('oracle.scratch') || '/forged';
	forged record;
BEGIN
	FOR forged IN SELECT * FROM oracle.forged ORDER BY id LOOP
		EXECUTE format('COPY (SELECT id, bytes FROM oracle.forged WHERE id = %s) TO %L (FORMAT binary)',
			forged.id, file);
		BEGIN
			EXECUTE format('COPY oracle.received FROM %L (FORMAT binary)', file);
			INSERT INTO oracle.outcome VALUES (forged.id, '00000');
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO oracle.outcome VALUES (forged.id, SQLSTATE);
		END;
	END LOOP;
END
$$;

CREATE TABLE oracle.sample AS
SELECT row_number() OVER () AS n, adherence_send(written::adherence) AS bytes
FROM unnest(ARRAY['empty', '2026-01-05: +', '2026-01-05: + . (3,3,3,3) x * ? -', '2026-01-05: (4)',
	'2026-01-05: (99,99,99,99) . (0,0,0,50) +2', '4714-11-24 BC: +', '5874897-12-31: +']) AS written;

-- Every truncation, every flipped bit, every byte replaced, bytes added in front and behind, any bytes at all.
INSERT INTO oracle.forged (bytes)
SELECT substr(bytes, 1, size) FROM oracle.sample CROSS JOIN LATERAL generate_series(0, length(bytes) - 1) AS size
UNION ALL SELECT substr(bytes, start) FROM oracle.sample CROSS JOIN LATERAL generate_series(2, length(bytes)) AS start
UNION ALL SELECT bytes || '\x00' FROM oracle.sample UNION ALL SELECT '\x00' || bytes
	FROM oracle.sample UNION ALL SELECT bytes || bytes FROM oracle.sample
UNION ALL SELECT bytes || '\x01010101' FROM oracle.sample;
SELECT max(id) AS cut FROM oracle.forged \gset
INSERT INTO oracle.forged (bytes)
SELECT set_bit(bytes, bit, 1 - get_bit(bytes, bit)) FROM oracle.sample CROSS JOIN LATERAL generate_series(0,
	length(bytes) * 8 - 1) AS bit
UNION ALL SELECT set_byte(bytes, byte, value) FROM oracle.sample CROSS JOIN LATERAL generate_series(0,
	length(bytes) - 1) AS byte
	CROSS JOIN unnest(ARRAY[0, 1, 4, 100, 127, 128, 255]) AS value
UNION ALL SELECT (SELECT string_agg(set_byte('\x00', 0, (oracle.random(n, byte, 81) * 256)::integer % 256), '')
	FROM generate_series(0, (oracle.random(n, 80) * 40)::integer) AS byte)
	FROM generate_series(1, 300) AS n
UNION ALL SELECT set_byte(bytes, (oracle.random(i, n::integer, 82) * 1000)::integer % length(bytes),
	(oracle.random(i, n::integer, 83) * 256)::integer % 256)
	FROM oracle.sample CROSS JOIN generate_series(1, 100) AS i;
SELECT oracle.receive() \g /dev/null

SELECT is((SELECT count(*) FROM oracle.outcome), (SELECT count(*) FROM oracle.forged), 'every forgery was tried');
SELECT set_eq('SELECT DISTINCT state FROM oracle.outcome WHERE id <= ' || :cut, ARRAY['22P03'],
	'22P03: bytes missing or left over');
SELECT is((SELECT count(*) FROM oracle.outcome WHERE state NOT IN ('00000', '22P03', '22003', '22008')),
	0::bigint, '22P03, 22003 or 22008, or read');
SELECT diag(format('%s: %s forgeries', state, count(*))) FROM oracle.outcome GROUP BY state;
SELECT cmp_ok((SELECT count(*) FROM oracle.outcome WHERE state = '00000'), '>', 50::bigint,
	'some forgeries are calendars');
SELECT is((SELECT count(*) FROM oracle.received WHERE adherence_send(calendar::text::adherence)
	<> adherence_send(calendar)), 0::bigint,
	'what is read is canonical: its text is read as the same bytes');
SELECT is((SELECT count(*) FROM oracle.received WHERE adherence_send(calendar::jsonb::adherence)
	<> adherence_send(calendar)), 0::bigint,
	'and so has its document');
-- The one-step aggregates answer from totals that a state may carry; rows of
-- (day, taken) leave no day pending.
SELECT is((
	SELECT count(*)
	FROM oracle.received AS r
	CROSS JOIN LATERAL (SELECT * FROM to_adherence_days(r.calendar) ORDER BY day DESC LIMIT 1) AS last
	WHERE last.taken >= last.prescribed AND current_streak_final(r.calendar) <> current_streak(r.calendar, last.day)
		OR adherence_rate_final(r.calendar) IS DISTINCT FROM adherence_rate(r.calendar)), 0::bigint,
			'and no state that lies');
SELECT is((SELECT count(*) FROM oracle.received WHERE longest_streak(calendar) IS NULL
	OR heatmap_svg(calendar) IS NULL OR sparkline(calendar) IS NULL), 0::bigint,
	'and every question has an answer');

SELECT * FROM finish();
\set done `rm -r :'scratch'`
ROLLBACK;
