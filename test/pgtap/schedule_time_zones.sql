-- Schedules in time zones: what occurrences() says of local times is compared
-- with what the server's own AT TIME ZONE says, over clock changes of all
-- kinds: by an hour, by half an hour, by a day, at midnight, twice a year.
\ir include/setup.sql

SELECT plan(10);

CREATE TABLE oracle.zone AS
SELECT * FROM (VALUES
	('America/New_York', '2026-03-01'::timestamp), ('America/New_York', '2026-10-25'), ('Europe/Berlin', '2026-03-22'),
	('Europe/Berlin', '2026-10-18'), ('Australia/Lord_Howe', '2026-03-29'), ('Australia/Lord_Howe', '2026-09-27'),
	('Pacific/Apia', '2011-12-24'), ('America/Sao_Paulo', '2018-10-28'), ('America/Sao_Paulo', '2018-02-11'),
	('Asia/Kathmandu', '1985-12-25'), ('Africa/Casablanca', '2026-02-10'), ('Pacific/Kwajalein', '1993-08-15'),
	('UTC', '2026-01-01'), ('EST5EDT', '2026-03-01'), ('+05:30', '2026-01-01')) AS v (name, starts_at);

-- The instant of a local time by the stated rule, from AT TIME ZONE alone: the
-- first instant whose local time it is; for a skipped time, the instant that
-- the offset from before makes of it.
CREATE FUNCTION oracle.instant(local timestamp, zone text)
RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT coalesce(
		(SELECT min(i) FROM unnest(ARRAY[
				local AT TIME ZONE zone,
				((local AT TIME ZONE 'UTC') - ((before.at AT TIME ZONE zone) - (before.at AT TIME ZONE 'UTC')))]) AS i
			WHERE i AT TIME ZONE zone = local),
		(local AT TIME ZONE 'UTC') - ((before.at AT TIME ZONE zone) - (before.at AT TIME ZONE 'UTC')))
	FROM (SELECT (local AT TIME ZONE 'UTC') - interval '36 hours' AS at) AS before
$$;

-- Every local quarter of an hour of a fortnight.
CREATE TABLE oracle.quarter AS
SELECT z.name, z.starts_at, local, oracle.instant(local, z.name) AS instant
FROM oracle.zone AS z, generate_series(z.starts_at, z.starts_at + interval '14 days', '15 minutes') AS local;

SELECT oracle.agree($$
	SELECT format('%s from %s', q.name, q.starts_at) AS about,
		ARRAY(SELECT occurrences('FREQ=MINUTELY;INTERVAL=15;COUNT=1345', q.starts_at, tstzrange(NULL, NULL), q.name)) AS got,
		(SELECT array_agg(DISTINCT instant ORDER BY instant) FROM oracle.quarter AS w
			WHERE w.name = q.name AND w.starts_at = q.starts_at) AS wanted
	FROM (SELECT DISTINCT name, starts_at FROM oracle.quarter) AS q$$,
	'every quarter of an hour of a fortnight');

-- Ranges cut the same list, whatever their bounds are.
SELECT oracle.agree($$
	SELECT format('%s %s', z.name, during) AS about,
		ARRAY(SELECT occurrences('FREQ=MINUTELY;INTERVAL=15', z.starts_at, during, z.name)) AS got,
		ARRAY(SELECT DISTINCT instant FROM oracle.quarter AS q
			WHERE q.name = z.name AND q.starts_at = z.starts_at AND during @> instant ORDER BY instant) AS wanted
	FROM oracle.zone AS z, generate_series(1, 20) AS n, LATERAL (
		SELECT tstzrange(least(a, b), greatest(a, b), (ARRAY['[)', '(]', '[]', '()'])[n % 4 + 1]) AS during
		FROM (SELECT z.starts_at::timestamptz + (oracle.random(n, 1) * 13 * 96)::integer * interval '15 minutes' AS a,
			z.starts_at::timestamptz + (oracle.random(n, 2) * 13 * 96)::integer * interval '15 minutes' AS b) AS ends) AS r$$,
	'ranges cut the list');

SELECT oracle.agree($$
	SELECT format('%s after %s', z.name, after) AS about,
		next_due('FREQ=MINUTELY;INTERVAL=15', z.starts_at, after, z.name) AS got,
		(SELECT min(instant) FROM oracle.quarter AS q
			WHERE q.name = z.name AND q.starts_at = z.starts_at AND instant > after) AS wanted
	FROM oracle.zone AS z, generate_series(1, 30) AS n, LATERAL (
		SELECT z.starts_at::timestamptz + interval '1 day' + oracle.random(n, 3) * interval '11 days' AS after) AS a$$,
	'the next one after any instant');

-- The plan is by the wall clock, whatever the clock does.
SELECT oracle.agree($$
	SELECT format('%s %s', s, day) AS about, units_due(s::schedule, '2026-01-01', day) AS got,
		coalesce((SELECT prescribed FROM to_adherence_days(planned(s::schedule, '2026-01-01', daterange(day, day + 1)))), 0) AS wanted
	FROM unnest(ARRAY['BID', 'TID;UNITS=3', 'QOD', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU', 'FREQ=MONTHLY;BYMONTHDAY=-1',
			'FREQ=HOURLY;INTERVAL=5', 'FREQ=DAILY;COUNT=40;BYHOUR=1,2,3', 'QD;UNTIL=20260310']) AS s,
		generate_series('2026-02-25'::date, '2026-03-15', '1 day') AS d, CAST(d AS date) AS day$$,
	'units_due is a day of the plan');

-- A plan in pieces is the plan.
SELECT oracle.agree($$
	SELECT s AS about, planned(s::schedule, '2026-01-01 09:00', '[2026-01-01, 2027-01-01)') AS got,
		(SELECT rollup(planned(s::schedule, '2026-01-01 09:00', daterange(month::date, (month + interval '1 month')::date)))
			FROM generate_series('2026-01-01'::timestamp, '2026-12-01', '1 month') AS month) AS wanted
	FROM unnest(ARRAY['BID', 'QOD', 'FREQ=WEEKLY;INTERVAL=3', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
		'FREQ=YEARLY;BYWEEKNO=1,20,53;BYDAY=MO', 'FREQ=HOURLY;INTERVAL=7', 'TID;COUNT=500', 'FREQ=DAILY;UNTIL=20260704T120000']) AS s$$,
	'a plan month by month is the plan of the year');

-- The plan of a daily or weekly rule is what plain SQL says.
SELECT oracle.agree($$
	SELECT format('every %s days', n) AS about, planned(format('FREQ=DAILY;INTERVAL=%s;UNITS=%s', n, n)::schedule, start, '[2026-01-01, 2028-01-01)') AS got,
		(SELECT adherence_agg(d::date, n, 0, 0) FROM generate_series(start, '2027-12-31', make_interval(days => n)) AS d) AS wanted
	FROM generate_series(1, 30) AS n, LATERAL (SELECT '2026-01-01'::timestamp + make_interval(days => (oracle.random(n, 4) * 300)::integer) AS start) AS s$$,
	'every so many days');

SELECT oracle.agree($$
	SELECT format('every %s weeks', n) AS about, planned(format('FREQ=WEEKLY;INTERVAL=%s;BYDAY=TU,SU', n)::schedule, start, '[2026-01-01, 2028-01-01)') AS got,
		(SELECT adherence_agg(d::date, 1, 0, 0) FROM generate_series(start, '2027-12-31', '1 day') AS d
			WHERE extract(isodow FROM d) IN (2, 7) AND (date_trunc('week', d)::date - date_trunc('week', start)::date) / 7 % n = 0) AS wanted
	FROM generate_series(1, 12) AS n, LATERAL (SELECT '2026-01-01'::timestamp + make_interval(days => (oracle.random(n, 5) * 300)::integer) AS start) AS s$$,
	'Tuesday and Sunday of every so many weeks');

-- Rules go through text and FHIR unchanged.
CREATE TABLE oracle.copied (s schedule);
INSERT INTO oracle.copied
SELECT schedule_from_fhir(jsonb_build_object('repeat', jsonb_build_object('period', n, 'periodUnit', unit)))
FROM generate_series(1, 50) AS n, unnest(ARRAY['min', 'h', 'd', 'wk', 'mo', 'a']) AS unit;
SELECT is((SELECT count(*) FROM oracle.copied WHERE s::text::schedule <> s), 0::bigint, 'text there and back');
SELECT is((SELECT count(*) FROM oracle.copied WHERE schedule_from_fhir(to_fhir(s)) <> s), 0::bigint, 'FHIR there and back');
SELECT is((SELECT count(DISTINCT s) FROM oracle.copied), 300::bigint, 'equal only when they are the same');

SELECT * FROM finish();
ROLLBACK;
