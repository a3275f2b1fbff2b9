-- Schedules: when something is due.  Sections: type, occurrences and plans,
-- FHIR, plain words, comparison.

--
-- Type
--

CREATE TYPE coachiatry.schedule;

CREATE FUNCTION coachiatry.schedule_in(cstring)
RETURNS coachiatry.schedule
AS 'MODULE_PATHNAME', 'schedule_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_out(coachiatry.schedule)
RETURNS cstring
AS 'MODULE_PATHNAME', 'schedule_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_recv(internal)
RETURNS coachiatry.schedule
AS 'MODULE_PATHNAME', 'schedule_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_send(coachiatry.schedule)
RETURNS bytea
AS 'MODULE_PATHNAME', 'schedule_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.schedule (
	INPUT = coachiatry.schedule_in,
	OUTPUT = coachiatry.schedule_out,
	RECEIVE = coachiatry.schedule_recv,
	SEND = coachiatry.schedule_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.schedule IS
'When something is due, in local time: a recurrence rule of RFC 5545, as in FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0. Parts: FREQ (YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY), INTERVAL, BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSECOND, BYSETPOS, WKST, COUNT, UNTIL (a day, all of which belongs to the rule, or a second, in local time), RSCALE and SKIP of RFC 7529 for yearly and monthly rules, and our own UNITS=1 to 99, how many units are due each time. AS-NEEDED, alone or with UNITS, is never due. Input takes parts in any order and case, and codes of prescriptions: QD = DAILY; BID, TID, QID = daily at 8,20, at 8,14,20, at 8,12,16,20; Q1H, Q2H, Q3H, Q4H, Q6H, Q8H, Q12H = daily at the multiples of so many hours from 0; QAM = 8, QPM = 20, QHS = 22; QOD = DAILY;INTERVAL=2; QWK or WEEKLY, QMO or MONTHLY; PRN = AS-NEEDED; more parts may follow, as in BID;UNITS=2. Output is canonical: parts in the order FREQ, INTERVAL, RSCALE, SKIP, BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSECOND, BYSETPOS, WKST, COUNT, UNTIL, UNITS, lists sorted, defaults left out; equal rules have equal bytes. Errors: 22P02 for a malformed part, 22023 for a value out of its range, for parts that RFC 5545 excludes and for UNTIL in UTC, 0A000 for what is not expanded (SECONDLY, much of RSCALE).';

--
-- Occurrences and plans
--

CREATE FUNCTION coachiatry.occurrences(s coachiatry.schedule, starts_at timestamp, during tstzrange,
	time_zone text)
RETURNS SETOF timestamptz
AS 'MODULE_PATHNAME', 'schedule_occurrences'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 365;

COMMENT ON FUNCTION coachiatry.occurrences(coachiatry.schedule, timestamp, tstzrange, text) IS
'The instants in the range at which the schedule is due in a time zone, in order, each once. starts_at is local, fractions of its second dropped: INTERVAL and COUNT count from it, and what the rule leaves open (weekday, day, hour, minute, second) is taken from it; it is an occurrence only if it matches. A local time that the clock skips takes the offset from before (02:30 becomes 03:30); of one that occurs twice the first is meant. No rows for a NULL argument or an empty range. Errors: 22023 for an unknown time zone and for a range without an upper bound where the rule has neither COUNT nor UNTIL, 22008 for an infinite starts_at and, with RSCALE, outside the years 1583 to 2582.';

CREATE FUNCTION coachiatry.next_due(s coachiatry.schedule, starts_at timestamp, after timestamptz,
	time_zone text)
RETURNS timestamptz
AS 'MODULE_PATHNAME', 'schedule_next_due'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.next_due(coachiatry.schedule, timestamp, timestamptz, text) IS
'The first instant later than after at which the schedule is due in a time zone; NULL if there is none, or for a NULL argument. Otherwise as occurrences().';

CREATE FUNCTION coachiatry.units_due(s coachiatry.schedule, starts_at timestamp, day date)
RETURNS integer
AS 'MODULE_PATHNAME', 'schedule_units_due'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.units_due(coachiatry.schedule, timestamp, date) IS
'Units due on a local day: its occurrences, by the wall clock, times UNITS; 0 where nothing is due. NULL for a NULL argument. Error 22008 for an infinite starts_at or day.';

CREATE FUNCTION coachiatry.planned(s coachiatry.schedule, starts_at timestamp, during daterange)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'schedule_planned'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.planned(coachiatry.schedule, timestamp, daterange) IS
'The plan as a calendar: the units due on each local day of the range, nothing taken. Merge recorded check-ins, which prescribe nothing, into it with ||. NULL if nothing is due, the range is empty, or an argument is NULL. Errors: 22003 for more than 99 units on a day, 22008 for a plan that spans over 200 years and for an infinite starts_at, 22023 for a range without an upper bound where the rule has neither COUNT nor UNTIL.';

--
-- FHIR
--

CREATE FUNCTION coachiatry.schedule_from_fhir(timing jsonb)
RETURNS coachiatry.schedule
AS 'MODULE_PATHNAME', 'schedule_from_fhir'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.schedule_from_fhir(jsonb) IS
'The schedule of a FHIR R4 Timing. Read are repeat.frequency, period and periodUnit (min to a), dayOfWeek, timeOfDay (times that BYHOUR and BYMINUTE can make), when (MORN, CM, ACM, PCM, WAKE = 8:00; NOON = 12:00; AFT, CD, ACD, PCD = 14:00; EVE, CV, ACV, PCV = 20:00; NIGHT, HS = 22:00; C, AC, PC = 8:00, 14:00 and 20:00), count, boundsPeriod (end becomes UNTIL; start is for starts_at to say), boundsDuration (becomes COUNT where it is a whole number of periods), and, where there is no repeat, code (BID, TID, QID, AM, PM, QD, QOD, Q1H to Q8H, BED, WK, MO, or the text of a code or rule). Several times a day without hours are those of the codes: 2 = BID, 3 = TID, 4 = QID, else evenly from 0:00. NULL for NULL. Errors: 0A000 for an element that a schedule cannot express, 22023 for one that is not as FHIR says; both name it.';

CREATE FUNCTION coachiatry.to_fhir(s coachiatry.schedule)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'schedule_to_fhir'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_fhir(coachiatry.schedule) IS
'The schedule as a FHIR R4 Timing: repeat with frequency, period, periodUnit, dayOfWeek, timeOfDay, count and boundsPeriod; AS-NEEDED as code.text. schedule_from_fhir reads it back as the same schedule. NULL for NULL. Error 0A000, naming the part, for what a Timing cannot express: days of the month or year, BYSETPOS, UNTIL with a time, UNITS (a dose belongs into Dosage.doseAndRate), and others.';

--
-- Plain words
--

CREATE TABLE coachiatry.schedule_phrase (
	locale text NOT NULL,
	key text NOT NULL,
	pattern text NOT NULL,
	PRIMARY KEY (locale, key)
);

COMMENT ON TABLE coachiatry.schedule_phrase IS
'The words of describe(): one row for each language and phrase. A language is added by rows for all keys of locale en; a regional locale needs only what differs from its language. Rows that a site adds are dumped with its database.';

COMMENT ON COLUMN coachiatry.schedule_phrase.locale IS
'A locale of ICU: a language as in es, with a region as in es_MX if need be.';

COMMENT ON COLUMN coachiatry.schedule_phrase.key IS
'Which phrase. every_* begin a description; {0} is INTERVAL, a number. nth_* name an element of a list: {0} is its number, {1} a weekday; so do month_number and leap_month, where {0} is a text. The others add to the text so far, {0}, a value, {1}: a number in units and count, else a text.';

COMMENT ON COLUMN coachiatry.schedule_phrase.pattern IS
'An ICU message pattern. A number is used as {0,number}, {0,plural,...} or {0,selectordinal,...}, a text as {0} or {0,select,...}; each value must be used. An apostrophe cannot quote braces. \u and four hexadecimal digits stand for a character, so that our own rows fit every encoding.';

GRANT SELECT ON coachiatry.schedule_phrase TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('coachiatry.schedule_phrase',
	$$WHERE locale NOT IN ('en', 'es')$$);

INSERT INTO coachiatry.schedule_phrase (locale, key, pattern) VALUES
	('en', 'as_needed', 'as needed'),
	('en', 'every_minute', '{0,plural,one{every minute}other{every # minutes}}'),
	('en', 'every_hour', '{0,plural,one{every hour}other{every # hours}}'),
	('en', 'every_day', '{0,plural,=2{every other day}one{every day}other{every # days}}'),
	('en', 'every_week', '{0,plural,=2{every other week}one{every week}other{every # weeks}}'),
	('en', 'every_month', '{0,plural,=2{every other month}one{every month}other{every # months}}'),
	('en', 'every_year', '{0,plural,=2{every other year}one{every year}other{every # years}}'),
	('en', 'nth_day', '{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}'),
	('en', 'nth_last_day', '{0,plural,=1{last}other{{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}-to-last}}'),
	('en', 'nth_week', '{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}'),
	('en', 'nth_last_week', '{0,plural,=1{last}other{{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}-to-last}}'),
	('en', 'nth_time', '{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}'),
	('en', 'nth_last_time', '{0,plural,=1{last}other{{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}-to-last}}'),
	('en', 'nth_weekday', '{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}} {1}'),
	('en', 'nth_last_weekday', '{0,plural,=1{last}other{{0,selectordinal,one{#st}two{#nd}few{#rd}other{#th}}-to-last}} {1}'),
	('en', 'month_number', 'month {0}'),
	('en', 'leap_month', 'leap month {0}'),
	('en', 'on_weekdays', '{0} on {1}'),
	('en', 'on_weekdays_of_month', '{0} on the {1} of the month'),
	('en', 'on_weekdays_of_year', '{0} on the {1} of the year'),
	('en', 'on_month_days', '{0} on the {1} day of the month'),
	('en', 'on_year_days', '{0} on the {1} day of the year'),
	('en', 'in_weeks', '{0} in the {1} week of the year'),
	('en', 'in_months', '{0} in {1}'),
	('en', 'at_times', '{0} at {1}'),
	('en', 'at_hours', '{0} in the hours {1}'),
	('en', 'at_minutes', '{0} at the minutes {1}'),
	('en', 'at_seconds', '{0} at the seconds {1}'),
	('en', 'only_positions', '{0}, of the times in each period only the {1}'),
	('en', 'week_start', '{0}, weeks starting on {1}'),
	('en', 'calendar', '{0}, in the {1}'),
	('en', 'skip_backward', '{0}, or on the day before where a day does not exist'),
	('en', 'skip_forward', '{0}, or on the day after where a day does not exist'),
	('en', 'units', '{0}, {1,plural,one{# unit}other{# units}} each time'),
	('en', 'count', '{0}, {1,plural,one{once}other{# times}} in all'),
	('en', 'until', '{0}, until {1}'),
	('es', 'as_needed', 'cuando sea necesario'),
	('es', 'every_minute', '{0,plural,one{cada minuto}other{cada # minutos}}'),
	('es', 'every_hour', '{0,plural,one{cada hora}other{cada # horas}}'),
	('es', 'every_day', '{0,plural,one{todos los d\u00edas}other{cada # d\u00edas}}'),
	('es', 'every_week', '{0,plural,one{todas las semanas}other{cada # semanas}}'),
	('es', 'every_month', '{0,plural,one{todos los meses}other{cada # meses}}'),
	('es', 'every_year', '{0,plural,one{todos los a\u00f1os}other{cada # a\u00f1os}}'),
	('es', 'nth_day', '{0,number}.\u00ba'),
	('es', 'nth_last_day', '{0,plural,=1{\u00faltimo}=2{pen\u00faltimo}=3{antepen\u00faltimo}other{#.\u00ba desde el final}}'),
	('es', 'nth_week', '{0,number}.\u00aa'),
	('es', 'nth_last_week', '{0,plural,=1{\u00faltima}=2{pen\u00faltima}=3{antepen\u00faltima}other{#.\u00aa desde el final}}'),
	('es', 'nth_time', '{0,number}.\u00aa'),
	('es', 'nth_last_time', '{0,plural,=1{\u00faltima}=2{pen\u00faltima}=3{antepen\u00faltima}other{#.\u00aa desde el final}}'),
	('es', 'nth_weekday', '{0,number}.\u00ba {1}'),
	('es', 'nth_last_weekday', '{0,plural,=1{\u00faltimo {1}}=2{pen\u00faltimo {1}}=3{antepen\u00faltimo {1}}other{#.\u00ba {1} desde el final}}'),
	('es', 'month_number', 'mes {0}'),
	('es', 'leap_month', 'mes bisiesto {0}'),
	('es', 'on_weekdays', '{0}, el {1}'),
	('es', 'on_weekdays_of_month', '{0}, el {1} del mes'),
	('es', 'on_weekdays_of_year', '{0}, el {1} del a\u00f1o'),
	('es', 'on_month_days', '{0}, el {1} d\u00eda del mes'),
	('es', 'on_year_days', '{0}, el {1} d\u00eda del a\u00f1o'),
	('es', 'in_weeks', '{0}, en la {1} semana del a\u00f1o'),
	('es', 'in_months', '{0}, en {1}'),
	('es', 'at_times', '{0}, a las {1}'),
	('es', 'at_hours', '{0}, en las horas {1}'),
	('es', 'at_minutes', '{0}, en los minutos {1}'),
	('es', 'at_seconds', '{0}, en los segundos {1}'),
	('es', 'only_positions', '{0}, de las veces de cada per\u00edodo solo la {1}'),
	('es', 'week_start', '{0}, con semanas que empiezan en {1}'),
	('es', 'calendar', '{0}, seg\u00fan el {1}'),
	('es', 'skip_backward', '{0}, o el d\u00eda anterior si un d\u00eda no existe'),
	('es', 'skip_forward', '{0}, o el d\u00eda siguiente si un d\u00eda no existe'),
	('es', 'units', '{0}, {1,plural,one{# unidad}other{# unidades}} cada vez'),
	('es', 'count', '{0}, {1,plural,one{una vez}other{# veces}} en total'),
	('es', 'until', '{0}, hasta el {1}');

CREATE FUNCTION coachiatry.describe(s coachiatry.schedule, locale text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'schedule_describe'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.describe(coachiatry.schedule, text) IS
'The schedule in plain words of a language: phrases from schedule_phrase, plurals, lists, names of weekdays and months, times and dates by ICU. locale is a locale such as es, es_MX or pt-BR; NULL means that of lc_messages. A language without phrases falls back along ICU''s parents (es_MX, es), then to English. NULL for a NULL schedule. Error 22023 for a locale that is too long to be one, and for a phrase that is no pattern for its values.';

--
-- Comparison and hashing
--

CREATE FUNCTION coachiatry.schedule_lt(coachiatry.schedule, coachiatry.schedule)
RETURNS boolean
AS 'MODULE_PATHNAME', 'schedule_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_le(coachiatry.schedule, coachiatry.schedule)
RETURNS boolean
AS 'MODULE_PATHNAME', 'schedule_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_eq(coachiatry.schedule, coachiatry.schedule)
RETURNS boolean
AS 'MODULE_PATHNAME', 'schedule_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_ne(coachiatry.schedule, coachiatry.schedule)
RETURNS boolean
AS 'MODULE_PATHNAME', 'schedule_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_ge(coachiatry.schedule, coachiatry.schedule)
RETURNS boolean
AS 'MODULE_PATHNAME', 'schedule_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_gt(coachiatry.schedule, coachiatry.schedule)
RETURNS boolean
AS 'MODULE_PATHNAME', 'schedule_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_cmp(coachiatry.schedule, coachiatry.schedule)
RETURNS integer
AS 'MODULE_PATHNAME', 'schedule_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_hash(coachiatry.schedule)
RETURNS integer
AS 'MODULE_PATHNAME', 'schedule_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.schedule_hash_extended(coachiatry.schedule, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'schedule_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.schedule,
	RIGHTARG = coachiatry.schedule,
	FUNCTION = coachiatry.schedule_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.schedule, coachiatry.schedule) IS
'Whether both are the same rule.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.schedule,
	RIGHTARG = coachiatry.schedule,
	FUNCTION = coachiatry.schedule_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.schedule, coachiatry.schedule) IS
'Whether the rules differ.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.schedule,
	RIGHTARG = coachiatry.schedule,
	FUNCTION = coachiatry.schedule_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.schedule, coachiatry.schedule) IS
'Whether the left one sorts before the right one: the order of the canonical texts, byte by byte.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.schedule,
	RIGHTARG = coachiatry.schedule,
	FUNCTION = coachiatry.schedule_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.schedule, coachiatry.schedule) IS
'Whether the left one sorts before the right one or is equal.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.schedule,
	RIGHTARG = coachiatry.schedule,
	FUNCTION = coachiatry.schedule_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.schedule, coachiatry.schedule) IS
'Whether the left one sorts after the right one or is equal.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.schedule,
	RIGHTARG = coachiatry.schedule,
	FUNCTION = coachiatry.schedule_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.schedule, coachiatry.schedule) IS
'Whether the left one sorts after the right one.';

CREATE OPERATOR CLASS coachiatry.schedule_ops
DEFAULT FOR TYPE coachiatry.schedule USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.schedule_cmp(coachiatry.schedule, coachiatry.schedule);

COMMENT ON OPERATOR CLASS coachiatry.schedule_ops USING btree IS
'Order of schedules, for sorting, indexes and DISTINCT.';

COMMENT ON OPERATOR FAMILY coachiatry.schedule_ops USING btree IS
'Order of schedules, for sorting, indexes and DISTINCT.';

CREATE OPERATOR CLASS coachiatry.schedule_ops
DEFAULT FOR TYPE coachiatry.schedule USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.schedule_hash(coachiatry.schedule),
	FUNCTION 2 coachiatry.schedule_hash_extended(coachiatry.schedule, bigint);

COMMENT ON OPERATOR CLASS coachiatry.schedule_ops USING hash IS
'Equality of schedules by hash, for joins, grouping and hash partitions.';

COMMENT ON OPERATOR FAMILY coachiatry.schedule_ops USING hash IS
'Equality of schedules by hash, for joins, grouping and hash partitions.';
