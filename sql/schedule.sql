-- Schedules: exact text of values, results and errors. The extension is
-- loaded; the examples of RFC 5545 are in test/pgtap/schedule_rfc5545.sql,
-- random rules against other implementations in test/unit/schedule.c.
SET search_path TO public, coachiatry;
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';

--
-- Text
--
SELECT 'freq=daily'::schedule;
SELECT 'UNITS=2;COUNT=3;WKST=SU;BYSETPOS=-1,1;BYSECOND=5;BYMINUTE=4;BYHOUR=3;BYDAY=-1SU,MO,1FR;BYMONTHDAY=-1,2,-2;BYMONTH=12,1;INTERVAL=2;FREQ=MONTHLY'::schedule;
SELECT 'FREQ=DAILY;INTERVAL=1;UNITS=1;WKST=MO;BYHOUR=20,8,8'::schedule;
SELECT 'FREQ=DAILY;UNTIL=20261231'::schedule, 'FREQ=DAILY;UNTIL=20261231T200000'::schedule;
SELECT 'RSCALE=hebrew;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD'::schedule;
-- codes of prescriptions
SELECT code, code::schedule FROM unnest(ARRAY['QD', 'BID', 'TID', 'QID', 'Q1H', 'Q2H', 'Q3H', 'Q4H', 'Q6H', 'Q8H', 'Q12H',
	'QAM', 'QPM', 'QHS', 'QOD', 'QWK', 'weekly', 'QMO', 'PRN', 'as-needed', 'bid;UNITS=2;COUNT=20']) AS code;
-- what is no schedule
SELECT ''::schedule;
SELECT 'nonsense'::schedule;
SELECT 'COUNT=2'::schedule;
SELECT 'FREQ=DAYLY'::schedule;
SELECT 'FREQ=DAILY;BYHOUR=8,'::schedule;
SELECT 'FREQ=DAILY;BYHOUR=x'::schedule;
SELECT 'FREQ=DAILY;BYHOUR=24'::schedule;
SELECT 'FREQ=DAILY;FREQ=DAILY'::schedule;
SELECT 'BID;BYHOUR=9'::schedule;
SELECT 'FREQ=DAILY;X-COLOUR=red'::schedule;
SELECT 'FREQ=DAILY;INTERVAL=0'::schedule;
SELECT 'FREQ=DAILY;UNITS=100'::schedule;
SELECT 'FREQ=DAILY;UNTIL=20260101T000000Z'::schedule;
SELECT 'FREQ=DAILY;UNTIL=20260230'::schedule;
SELECT 'FREQ=DAILY;UNTIL=tomorrow'::schedule;
SELECT 'FREQ=DAILY;COUNT=1;UNTIL=20260101'::schedule;
SELECT 'FREQ=DAILY;BYSETPOS=1'::schedule;
SELECT 'FREQ=WEEKLY;BYMONTHDAY=1'::schedule;
SELECT 'FREQ=WEEKLY;BYDAY=1MO'::schedule;
SELECT 'FREQ=MONTHLY;BYWEEKNO=1;BYDAY=MO'::schedule;
SELECT 'FREQ=DAILY;BYYEARDAY=1'::schedule;
SELECT 'FREQ=SECONDLY'::schedule;
SELECT 'FREQ=WEEKLY;RSCALE=HEBREW'::schedule;
SELECT 'FREQ=YEARLY;RSCALE=KLINGON'::schedule;
SELECT 'AS-NEEDED;COUNT=3'::schedule;
SELECT ('FREQ=DAILY;BYHOUR=' || repeat('1,', 90) || 'x')::schedule;
SELECT repeat('ö', 60)::schedule;

--
-- Binary
--
SELECT schedule_send('QOD');

--
-- Comparison
--
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt,
	schedule_cmp(a, b), schedule_hash(a) = schedule_hash(b) AS same_hash
FROM (VALUES ('BID'::schedule, 'BYMINUTE=0;BYHOUR=20,8;FREQ=DAILY'::schedule), ('QD', 'QOD'), ('QWK', 'PRN')) AS v (a, b);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'schedule_ops' ORDER BY opcmethod;

--
-- Occurrences
--
SELECT occurrences('BID', '2026-03-07', '[2026-03-07, 2026-03-10)', 'America/New_York');
-- a date casts to midnight; missing hours and minutes come from the start
SELECT occurrences('QD', '2026-01-05 07:15:30.9', '[2026-01-01, 2026-01-07]', 'UTC');
-- the start is an occurrence only if it matches
SELECT occurrences('FREQ=WEEKLY;BYDAY=MO;COUNT=2', date '2026-01-06', '(,)', 'UTC');
-- 02:30 is skipped on March 8: the offset from before makes it 03:30, which is there once
SELECT occurrences('FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30', '2026-03-08', '[2026-03-08, 2026-03-09)', 'America/New_York')
	AT TIME ZONE 'America/New_York';
-- 01:30 is there twice on November 1: the first is meant
SELECT occurrences('FREQ=DAILY;BYHOUR=0,1,2;BYMINUTE=30', '2026-11-01', '[2026-11-01, 2026-11-02)', 'America/New_York');
-- Samoa had no December 30, 2011
SELECT occurrences('FREQ=DAILY', '2011-12-28 08:00', '[2011-12-28, 2012-01-02)', 'Pacific/Apia') AT TIME ZONE 'Pacific/Apia';
-- bounds of the range
SELECT occurrences('FREQ=HOURLY', '2026-01-01', '(2026-01-01 01:00, 2026-01-01 03:00]', 'UTC');
SELECT occurrences('QD', '2026-01-01', 'empty', 'UTC');
SELECT occurrences('QD', '2026-01-01', NULL, 'UTC');
SELECT occurrences('QD', '2026-01-01', '[2026-01-01,)', 'UTC');
SELECT occurrences('QD', '2026-01-01', '[2026-01-01, infinity)', 'UTC');
SELECT occurrences('QD;COUNT=2', '2026-01-01', '[-infinity, infinity]', 'UTC');
SELECT occurrences('PRN', '2026-01-01', '(,)', 'UTC');
SELECT occurrences('QD', '2026-01-01', '[2026-01-01, 2026-01-02)', 'Mars/Olympus_Mons');
SELECT occurrences('QD', 'infinity', '[2026-01-01, 2026-01-02)', 'UTC');
SELECT occurrences('FREQ=YEARLY;RSCALE=HEBREW', '1200-01-01', '[2026-01-01, 2026-01-02)', 'UTC');
-- calendars: Rosh Hashanah, Chinese New Year
SELECT occurrences('FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=1;BYMONTHDAY=1', date '2025-01-01', '[2025-01-01, 2028-01-01)', 'UTC');
SELECT occurrences('FREQ=YEARLY;RSCALE=CHINESE', date '2025-01-29', '[2025-01-01, 2027-01-01)', 'UTC');
-- far from the start, and at the ends of time
SELECT occurrences('FREQ=MINUTELY;INTERVAL=7', '0001-01-01', '[2026-01-01, 2026-01-01 00:20)', 'UTC');
SELECT occurrences('FREQ=YEARLY', '4713-11-24 BC', '[4713-01-01 BC, 4711-01-01 BC)', 'UTC');
SELECT next_due('QD', '294276-12-30', '294276-12-30', 'UTC'), next_due('QD', '294276-12-30', '294276-12-31', 'UTC');
SELECT occurrences('FREQ=YEARLY;UNTIL=99991231', '9998-12-31', '(,)', 'UTC');

--
-- The next one, units, plans
--
SELECT next_due('BID', '2026-01-05', '2026-01-05 08:00+00', 'UTC'), next_due('BID', '2026-01-05', '-infinity', 'UTC'),
	next_due('BID;COUNT=1', '2026-01-05', '2026-01-05 08:00+00', 'UTC'), next_due('BID', '2026-01-05', 'infinity', 'UTC'),
	next_due('PRN', '2026-01-05', '-infinity', 'UTC');
-- a rule that never matches
SELECT next_due('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01', '2026-01-01', 'UTC'),
	next_due('FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01', '2026-01-01', 'UTC');
SELECT units_due('TID;UNITS=2', '2026-01-05 10:00', day) AS units, day
FROM unnest(ARRAY['2026-01-04', '2026-01-05', '2026-01-06', '294276-12-31']::date[]) AS day;
SELECT units_due('PRN', '2026-01-05', '2026-01-05'), units_due('FREQ=MINUTELY;UNITS=99', '2026-01-05', '2026-01-06');
SELECT units_due('QD', '2026-01-05', 'infinity');
SELECT planned('BID', '2026-01-05 12:00', '[2026-01-01, 2026-01-12)');
SELECT planned('FREQ=WEEKLY;BYDAY=MO,TH', '2026-01-05', '[2026-01-01, 2026-01-31]');
SELECT planned('FREQ=HOURLY;UNITS=4', '2026-01-05', '[2026-01-05, 2026-01-08)');
SELECT planned('FREQ=HOURLY;UNITS=5', '2026-01-05', '[2026-01-01, 2026-01-08)');
SELECT planned('BID', '2026-01-05', 'empty') IS NULL AS "empty", planned('BID', '2026-01-05', NULL) IS NULL AS "null",
	planned('PRN', '2026-01-05', '(,)') IS NULL AS "as needed", planned('BID', '2026-01-05', '[2025-01-01, 2026-01-05)') IS NULL AS before;
SELECT planned('BID', '2026-01-05', '[2026-01-01,)');
SELECT planned('BID', '2026-01-05', '[2026-01-01, infinity)');
SELECT planned('BID;COUNT=5', '2026-01-05', '(,)');
SELECT planned('BID', '2026-01-05', '[2026-01-01, 2300-01-01)');
SELECT planned('FREQ=YEARLY;INTERVAL=200;COUNT=3', '2026-01-05', '(,)');
SELECT planned('QD', '-infinity', '[2026-01-01, 2026-01-08)');
-- check-ins, which prescribe nothing, merge into a plan
SELECT planned('QD', '2026-01-05', '[2026-01-05, 2026-01-12)') || adherence_agg(day, 0, taken, 1 - taken)
FROM (VALUES (date '2026-01-05', 1), ('2026-01-06', 1), ('2026-01-08', 0)) AS check_in (day, taken);

--
-- FHIR
--
SELECT s, to_fhir(s::schedule), schedule_from_fhir(to_fhir(s::schedule)) = s::schedule AS round
FROM unnest(ARRAY['QD', 'BID', 'Q6H', 'QOD', 'PRN', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4', 'FREQ=MONTHLY;UNTIL=20261231',
	'FREQ=HOURLY;INTERVAL=8', 'FREQ=MINUTELY;INTERVAL=90;BYDAY=MO', 'FREQ=YEARLY;BYHOUR=9;BYMINUTE=30',
	'FREQ=WEEKLY;BYDAY=SU;BYHOUR=8,20;BYMINUTE=15']) AS s;
SELECT to_fhir('FREQ=MONTHLY;BYMONTHDAY=1');
SELECT to_fhir('BID;UNITS=2');
SELECT to_fhir('FREQ=DAILY;BYHOUR=8');
SELECT to_fhir('QD;UNTIL=20260101T080000');
SELECT to_fhir('FREQ=DAILY;BYDAY=MO');
SELECT timing, schedule_from_fhir(timing) FROM (VALUES
	('{"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}'::jsonb),
	('{"repeat": {"frequency": 6, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": "2026-01-05", "end": "2026-02"}}}'),
	('{"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "boundsDuration": {"value": 10, "unit": "days", "code": "d"}}}'),
	('{"repeat": {"when": ["MORN", "HS"], "dayOfWeek": ["mon", "wed"]}}'),
	('{"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["ACM"]}}'),
	('{"repeat": {"frequency": 2, "period": 1, "periodUnit": "wk", "dayOfWeek": ["tue", "thu"], "count": 8}}'),
	('{"repeat": {"period": 3, "periodUnit": "mo"}}'),
	('{"code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", "code": "BID"}]}}'),
	('{"code": {"text": "FREQ=MONTHLY;BYMONTHDAY=1"}}')) AS v (timing);
SELECT schedule_from_fhir('{"event": ["2026-01-05"]}');
SELECT schedule_from_fhir('{"repeat": {"timeOfDay": ["08:00:00", "20:30:00"]}}');
SELECT schedule_from_fhir('{"repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}}');
SELECT schedule_from_fhir('{"repeat": {"frequency": 3, "period": 1, "periodUnit": "wk"}}');
SELECT schedule_from_fhir('{"repeat": {"period": 1.5, "periodUnit": "h"}}');
SELECT schedule_from_fhir('{"repeat": {"period": 1, "periodUnit": "fortnight"}}');
SELECT schedule_from_fhir('{"repeat": {"when": ["PHS"]}}');
SELECT schedule_from_fhir('{"repeat": {"timeOfDay": ["8 o''clock"]}}');
SELECT schedule_from_fhir('{"repeat": {"frequency": 1}}');
SELECT schedule_from_fhir('{"repeat": {"period": 1, "periodUnit": "d", "boundsPeriod": {"end": "2026-01-31T12:00:00Z"}}}');
SELECT schedule_from_fhir('{"repeat": {"period": 1, "periodUnit": "d", "boundsPeriod": {"end": "2026-02-30"}}}');
SELECT schedule_from_fhir('{"code": {"text": "whenever"}}');
SELECT schedule_from_fhir('{}');
SELECT schedule_from_fhir('[]');
SELECT schedule_from_fhir('{"repeat": []}');

--
-- Plain words
--
SELECT s, describe(s::schedule, 'en') AS en, describe(s::schedule, 'es') AS es
FROM unnest(ARRAY['QD', 'BID;UNITS=2', 'QOD', 'PRN', 'FREQ=WEEKLY;BYDAY=MO,WE,FR', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU',
	'FREQ=MONTHLY;BYDAY=1FR,-1MO,-2TU;COUNT=10', 'FREQ=MONTHLY;BYMONTHDAY=1,15,-1', 'FREQ=YEARLY;BYMONTH=1,11;BYMONTHDAY=3',
	'FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO', 'FREQ=YEARLY;BYYEARDAY=1,100,-1;COUNT=1', 'FREQ=HOURLY;INTERVAL=3;BYMINUTE=0,30',
	'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1', 'QD;UNTIL=20260131',
	'FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD']) AS s;
-- a locale without phrases of its own has those of its parents, else English ones
SELECT describe('QOD', 'es_MX') AS es_mx, describe('QOD', 'es-419') AS es_419, describe('QOD', 'tlh') AS tlh, describe('QOD', '') AS none;
SELECT describe('QOD', repeat('x', 1000));
SELECT describe(NULL, 'en') IS NULL AS "null";
-- another language is rows
BEGIN;
INSERT INTO schedule_phrase VALUES ('de', 'every_day', '{0,plural,one{täglich}other{alle # Tage}}'), ('de', 'at_times', '{0} um {1}'),
	('en_GB', 'every_day', 'daily {0,plural,one{}other{(#)}}'), ('fr', 'every_day', 'chaque {0} jours'), ('it', 'every_day', '{0,number');
SELECT describe('BID', 'de_AT'), describe('QOD', 'de');
SELECT describe('QOD', 'en_GB'), describe('QOD', 'en_US');
SAVEPOINT here;
SELECT describe('QD', 'fr');
ROLLBACK TO here;
SELECT describe('QD', 'it');
ROLLBACK;
