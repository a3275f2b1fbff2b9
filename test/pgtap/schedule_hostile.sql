-- Hostile input to schedules: each gives a result or an error with a SQLSTATE
-- that says what is wrong, none takes the server down, and errors that are
-- raised while libical holds memory give it back.
\ir include/setup.sql

SELECT plan(76);

-- What a statement ends with: its SQLSTATE, or 00000.
CREATE FUNCTION oracle.state(query text)
RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN '00000';
EXCEPTION WHEN OTHERS OR query_canceled THEN
	RETURN SQLSTATE;
END
$$;

--
-- Text
--
SELECT is(oracle.state(format('SELECT %L::schedule', text)), state, state || ': ' || left(text, 60))
FROM (VALUES
	('', '22P02'), (' ', '22P02'), (';', '22P02'), ('=', '22P02'), ('FREQ', '22P02'), ('FREQ=', '22P02'), ('FREQ=DAILY=', '22P02'),
	('FREQ=DAILY;', '22P02'), (';FREQ=DAILY', '22P02'), ('RRULE:', '22P02'), ('RRULE:RRULE:FREQ=DAILY', '22P02'),
	('FREQ=DAILY BYHOUR=8', '22P02'), ('FREQ=DAILY,BYHOUR=8', '22P02'), ('FREQ=DAILY;BYHOUR=8;BYHOUR=9', '22P02'),
	('FREQ=DAILY;COUNT=-1', '22P02'), ('FREQ=DAILY;COUNT=1.5', '22P02'), ('FREQ=DAILY;COUNT=1e3', '22P02'),
	('FREQ=DAILY;COUNT=99999999999999999999999999', '22023'), ('FREQ=DAILY;INTERVAL=99999999999', '22023'),
	('FREQ=DAILY;BYHOUR=' || repeat('1,', 10000) || '1', '22P02'), (repeat('x', 1000000), '22P02'),
	('FREQ=MONTHLY;BYDAY=+-1MO', '22P02'), ('FREQ=MONTHLY;BYDAY=1', '22P02'), ('FREQ=MONTHLY;BYDAY=99999999999MO', '22023'),
	('FREQ=YEARLY;BYMONTH=1LL', '22P02'), ('FREQ=YEARLY;BYMONTH=-1', '22P02'), ('FREQ=DAILY;UNTIL=infinity', '22P02'),
	('FREQ=DAILY;UNTIL=99999999', '22023'), ('FREQ=DAILY;UNTIL=20260101T', '22P02'), ('FREQ=DAILY;UNTIL=20260101T000000ZZ', '22023'),
	('FREQ=DAILY;UNTIL=20260101T000000+01', '22P02'), ('BID;FREQ=DAILY', '22P02'), ('PRN;COUNT=1', '22023'), ('BIDBID', '22P02'),
	('FREQ=SECONDLY;COUNT=x', '0A000'), ('FREQ=DAILY;RSCALE=GREGORIAN', '00000'), ('FREQ=YEARLY;RSCALE=CHINESE;BYMONTH=12L;BYMONTHDAY=1', '0A000'),
	('FREQ=DAILY;BYMINUTE=0,1,2;UNITS=099', '00000'), ('freq=daily;until=00010101', '00000')) AS v (text, state);

-- Every text that begins one, and every text with one character changed, is a rule or refused.
SELECT is((SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM (
		SELECT oracle.state(format('SELECT %L::schedule', left(rule, n))) AS state
		FROM (VALUES ('FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,12;BYMONTHDAY=2,-1;BYDAY=MO,1FR;BYSETPOS=1;UNTIL=20261231T200000;UNITS=2')) AS v (rule),
			generate_series(0, length(rule)) AS n) AS beginnings), '00000 22P02', 'beginnings of a rule');
SELECT is((SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM (
		SELECT oracle.state(format('SELECT %L::schedule', overlay(rule PLACING substr(';=,-+0Z9 L', 1 + (oracle.random(n, k) * 9)::integer, 1) FROM n))) AS state
		FROM (VALUES ('FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO;BYHOUR=8,20;BYMINUTE=0;WKST=SU;COUNT=10')) AS v (rule),
			generate_series(1, length(rule)) AS n, generate_series(1, 5) AS k) AS changed), '00000 22023 22P02', 'a rule with one character changed');

--
-- Binary
--
CREATE TABLE oracle.sent (s schedule);
INSERT INTO oracle.sent SELECT format('FREQ=MONTHLY;BYMONTHDAY=%s,-1;BYHOUR=8,20;COUNT=%s', n, n)::schedule FROM generate_series(1, 28) AS n;
\set copy_file `mktemp -u -t coachiatry-schedule.XXXXXX`
SELECT lives_ok(format('COPY oracle.sent TO %L (FORMAT binary)', :'copy_file'), 'binary out');
CREATE TABLE oracle.received (LIKE oracle.sent);
SELECT lives_ok(format('COPY oracle.received FROM %L (FORMAT binary)', :'copy_file'), 'binary in');
SELECT bag_eq('SELECT s FROM oracle.received', 'SELECT s FROM oracle.sent', 'binary there and back');

-- A binary file of one value with these bytes.
CREATE FUNCTION oracle.receive(value bytea, file text)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	object oid := lo_from_bytea(0, '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea || '\x0001'::bytea
		|| int4send(length(value)) || value || '\xffff'::bytea);
BEGIN
	PERFORM lo_export(object, file);
	PERFORM lo_unlink(object);
	RETURN oracle.state(format('COPY oracle.received FROM %L (FORMAT binary)', file));
END
$$;

SELECT is(oracle.receive(value, :'copy_file'), state, state || ': binary ' || left(value::text, 60))
FROM (VALUES
	('\x'::bytea, '22P03'), ('\x01', '22P03'), ('\x00', '22P03'), ('\x02465245513d4441494c59', '22P03'), ('\x01465245513d4441494c', '22P03'),
	('\x01465245513d4441494c59', '00000'), ('\x01ffffffff', '22P03'), ('\x0100', '22P03'), ('\x01465245513d4441494c5900', '22P03'),
	(decode('01' || repeat('41', 100000), 'hex'), '22P03')) AS v (value, state);
SELECT is((SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM (
		SELECT oracle.receive(set_byte(bytes, n, (oracle.random(n, 7) * 255)::integer), :'copy_file') AS state
		FROM (SELECT schedule_send('FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=8,20;COUNT=10') AS bytes) AS b,
			generate_series(0, length(bytes) - 1) AS n) AS flipped) ~ '^(00000 )?22P03$', true, 'binary with one byte changed');
\! rm -f :copy_file

--
-- Arguments
--
SELECT is(oracle.state(query), state, state || ': ' || left(query, 120))
FROM (VALUES
	($$SELECT planned('QD', 'infinity', '[2026-01-01, 2026-01-08)')$$, '22008'),
	($$SELECT planned('QD', '2026-01-01', '[2026-01-01,)')$$, '22023'),
	($$SELECT planned('QD', '2026-01-01', '(,2026-01-08)')$$, '00000'),
	($$SELECT planned('QD', '4713-11-24 BC', '[4713-11-24 BC, 4712-01-01 BC)')$$, '00000'),
	($$SELECT planned('QD', '294276-12-31', '[294276-12-01, 5874897-12-31)')$$, '00000'),
	($$SELECT planned('QD', '4713-11-24 BC', '[5874897-12-01, 5874897-12-31)')$$, '00000'),
	($$SELECT planned('FREQ=MINUTELY', '2026-01-01', '[2026-01-01, 2026-01-08)')$$, '22003'),
	($$SELECT planned('FREQ=MINUTELY;COUNT=2147483647', '2026-01-01', '[2026-01-01,)')$$, '22003'),
	($$SELECT units_due('QD', '2026-01-01', '-infinity')$$, '22008'),
	($$SELECT next_due('QD', '2026-01-01', '2026-01-01', repeat('x', 10000))$$, '22023'),
	($$SELECT next_due('QD', '2026-01-01', '2026-01-01', '')$$, '22023'),
	($$SELECT occurrences('QD', '2026-01-01', '[2026-01-01, 2026-01-02)', '../../etc/passwd')$$, '22023'),
	($$SELECT describe('QD', repeat('y', 157))$$, '22023'),
	($$SELECT describe('QD', '%s%n-{0}')$$, '00000')) AS v (query, state);

-- Rules that never match end at once, in any range.
SELECT is_empty($$SELECT occurrences('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=99991231', '2026-01-01', '(,)', 'UTC')$$, 'no February 30');
SELECT is(next_due('FREQ=HOURLY;INTERVAL=24;BYHOUR=5', '2026-01-01', '2026-01-01', 'UTC'), NULL, 'no other hour every 24 hours');

-- A statement can be cancelled while it looks for occurrences.
SET LOCAL statement_timeout = '200ms';
SELECT is(oracle.state($$SELECT count(*) FROM occurrences('FREQ=MINUTELY;COUNT=2147483647', '2026-01-01', '(,)', 'UTC')$$), '57014', 'occurrences can be cancelled');
SELECT is(oracle.state($$SELECT units_due('FREQ=MINUTELY;COUNT=2147483647', '2026-01-01', '9999-01-01')$$), '57014', 'counting can be cancelled');
SET LOCAL statement_timeout = 0;

--
-- Memory: 100,000 failing calls, among them some that fail while libical is expanding
--
CREATE FUNCTION oracle.fail_often(times integer)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
	failed integer := 0;
BEGIN
	FOR n IN 1 .. times LOOP
		BEGIN
			IF n % 10 = 0 THEN
				PERFORM planned('FREQ=MONTHLY;RSCALE=ISLAMIC-CIVIL;BYHOUR=8,20;UNITS=99', '2026-01-01', '[2026-01-01, 2027-01-01)');
			ELSE
				PERFORM ('FREQ=DAILY;BYHOUR=' || n)::schedule FROM (SELECT 1 WHERE n > 23) AS large;
			END IF;
		EXCEPTION WHEN numeric_value_out_of_range OR invalid_parameter_value THEN
			failed := failed + 1;
		END;
	END LOOP;
	RETURN failed;
END
$$;

-- Pages of memory that this backend has.
CREATE FUNCTION oracle.resident_pages()
RETURNS bigint
LANGUAGE sql VOLATILE AS $$
	SELECT split_part(pg_read_file('/proc/self/statm', 0, 200), ' ', 2)::bigint
$$;

SELECT cmp_ok(oracle.fail_often(10000), '>', 9900, 'calls fail');
SELECT oracle.resident_pages() AS before \gset
SELECT cmp_ok(oracle.fail_often(100000), '>', 99900, '100,000 calls fail');
SELECT cmp_ok(oracle.resident_pages() - :before, '<', 256::bigint, 'and leave less than a megabyte behind');

SELECT * FROM finish();
ROLLBACK;
