-- Detectors over calendars against plain SQL over the days themselves: runs,
-- windows, the Bernoulli CUSUM step by step, gaps; and every trace against the
-- detector asked anew each day.
\set people 126
\ir include/people.sql

SELECT plan(39);

SET LOCAL statement_timeout = '120s';

-- The days that detectors see: planned, not excused, and something known of them.
CREATE TABLE oracle.seen AS
SELECT person, day, prescribed, taken, missed, least(taken, prescribed) AS done,
	row_number() OVER (PARTITION BY person ORDER BY day) AS n
FROM oracle.person_day WHERE prescribed > 0 AND excusing = 0 AND (taken > 0 OR missed > 0);
CREATE INDEX ON oracle.seen (person, day);

-- When each person is asked about: within the days, around their ends, and later.
CREATE TABLE oracle.asked AS
SELECT DISTINCT p.person, c.calendar, as_of, format('%s as of %s', p.person, as_of) AS about
FROM oracle.person AS p
JOIN oracle.calendar AS c USING (person)
CROSS JOIN LATERAL (
	SELECT p.first_day + floor(oracle.random(p.person, i, 80) * (p.days + 6))::integer - 3 AS as_of FROM generate_series(1, 6) AS i
	UNION ALL SELECT p.first_day + p.days - 1 UNION ALL SELECT p.first_day + p.days + 20) AS days
WHERE as_of <= date '5874897-12-01';
ANALYZE oracle.asked;
ANALYZE oracle.seen;
SELECT cmp_ok((SELECT count(*) FROM oracle.seen), '>', 1000::bigint, 'many days are seen');

--
-- Runs
--

SELECT answers.* FROM unnest(ARRAY[1, 2, 3, 5]) AS n CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s %%s', s.alarm, s.statistic, s.since) AS got,
		format('%%s %%s %%s', w.n >= %1$s, w.n, CASE WHEN w.n >= %1$s THEN w.first END) AS wanted
	FROM oracle.asked AS a
	CROSS JOIN LATERAL missed_run(a.calendar, a.as_of, %1$s) AS s
	CROSS JOIN LATERAL (
		SELECT count(*) AS n, min(day) AS first FROM oracle.seen AS o WHERE o.person = a.person AND o.day <= a.as_of
		AND o.day > coalesce((SELECT max(day) FROM oracle.seen AS t WHERE t.person = a.person AND t.day <= a.as_of AND t.taken > 0), '-infinity')) AS w
	$q$, n), format('missed_run(n => %s)', n)) AS answers;

SELECT answers.* FROM unnest(ARRAY[1, 2, 3, 5]) AS n CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s %%s', s.alarm, s.statistic, s.since) AS got,
		format('%%s %%s %%s', w.n >= %1$s, w.n, CASE WHEN w.n >= %1$s THEN w.first END) AS wanted
	FROM oracle.asked AS a
	CROSS JOIN LATERAL unrecorded_run(a.calendar, a.as_of, n => %1$s) AS s
	CROSS JOIN LATERAL (
		SELECT count(*) AS n, min(day) AS first FROM oracle.person_day AS o
		WHERE o.person = a.person AND o.day <= a.as_of AND prescribed > 0 AND excusing = 0
		AND o.day > coalesce((SELECT max(day) FROM oracle.seen AS t WHERE t.person = a.person AND t.day <= a.as_of), '-infinity')) AS w
	$q$, n), format('unrecorded_run(n => %s)', n)) AS answers;

--
-- Windows
--

-- The rate of the days from one up to another, and the first that fell short.
CREATE FUNCTION oracle.rate(who integer, first date, last date, OUT rate float8, OUT short date)
LANGUAGE sql STABLE AS $$
	SELECT sum(done)::float8 / sum(prescribed), min(day) FILTER (WHERE taken < prescribed)
	FROM oracle.seen WHERE person = who AND day BETWEEN first AND last
$$;

SELECT answers.* FROM (VALUES (1, .5), (7, .9), (14, .8), (45, .6)) AS o (days, rate) CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, s.statistic AS got, w.rate AS wanted
	FROM oracle.asked AS a, rate_below(a.calendar, a.as_of, %1$s, %2$s) AS s, oracle.rate(a.person, a.as_of - %1$s + 1, a.as_of) AS w
	$q$, days, rate), format('rate_below(%s): the rate', days)) AS answers;
SELECT answers.* FROM (VALUES (1, .5), (7, .9), (14, .8), (45, .6)) AS o (days, rate) CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s', s.alarm, s.since) AS got,
		format('%%s %%s', coalesce(w.rate < %2$s, false), CASE WHEN w.rate < %2$s THEN w.short END) AS wanted
	FROM oracle.asked AS a, rate_below(a.calendar, a.as_of, %1$s, %2$s) AS s, oracle.rate(a.person, a.as_of - %1$s + 1, a.as_of) AS w
	$q$, days, rate), format('rate_below(%s): the alarm', days)) AS answers;
SELECT * FROM oracle.agree($q$
	SELECT about, (rate_below(calendar, as_of, 10)).statistic AS got,
		adherence_rate(calendar, daterange(as_of - 9, as_of + 1), skip_unrecorded => true) AS wanted
	FROM oracle.asked
	$q$, 'rate_below: the rate is adherence_rate');

SELECT answers.* FROM (VALUES (7, 14, .1), (10, 5, .3), (30, 60, 0)) AS o (days, before, drop) CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, s.statistic AS got, earlier.rate - later.rate AS wanted
	FROM oracle.asked AS a, rate_drop(a.calendar, a.as_of, %1$s, %2$s, %3$s) AS s,
		oracle.rate(a.person, a.as_of - %1$s + 1, a.as_of) AS later, oracle.rate(a.person, a.as_of - %1$s - %2$s + 1, a.as_of - %1$s) AS earlier
	$q$, days, before, drop), format('rate_drop(%s, %s): the fall', days, before)) AS answers;
SELECT * FROM oracle.agree($q$
	SELECT about, format('%s %s', s.alarm, s.since) AS got,
		format('%s %s', coalesce(earlier.rate - later.rate > .15::float8, false), CASE WHEN earlier.rate - later.rate > .15::float8 THEN later.short END) AS wanted
	FROM oracle.asked AS a, rate_drop(a.calendar, a.as_of, 8, 12, .15) AS s,
		oracle.rate(a.person, a.as_of - 7, a.as_of) AS later, oracle.rate(a.person, a.as_of - 19, a.as_of - 8) AS earlier
	$q$, 'rate_drop: the alarm');

SELECT answers.* FROM (VALUES (1, 1), (7, 2), (60, 3)) AS o (days, n) CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s %%s', s.alarm, s.statistic, s.since) AS got,
		format('%%s %%s %%s', w.n >= %2$s, w.n, CASE WHEN w.n >= %2$s THEN w.first END) AS wanted
	FROM oracle.asked AS a
	CROSS JOIN LATERAL over_use(a.calendar, a.as_of, %1$s, %2$s) AS s
	CROSS JOIN LATERAL (SELECT count(*) AS n, min(day) AS first FROM oracle.seen AS o
		WHERE o.person = a.person AND o.day BETWEEN a.as_of - %1$s + 1 AND a.as_of AND taken > prescribed) AS w
	$q$, days, n), format('over_use(%s, %s)', days, n)) AS answers;

--
-- The Bernoulli CUSUM, one day at a time
--

CREATE FUNCTION oracle.miss_cusum(who integer, as_of date, m integer, h integer, threshold float8,
	OUT alarm boolean, OUT statistic integer, OUT since date, OUT share float8)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	one record;
	misses integer = 0;
	days integer = 0;
BEGIN
	statistic = 0;
	FOR one IN SELECT day, taken::float8 / prescribed < threshold AS miss FROM oracle.seen WHERE person = who AND day <= as_of ORDER BY day LOOP
		IF statistic = 0 THEN
			since = one.day;
			misses = 0;
			days = 0;
		END IF;
		statistic = greatest(0, statistic + CASE WHEN one.miss THEN m - 1 ELSE -1 END);
		misses = misses + one.miss::integer;
		days = days + 1;
	END LOOP;
	alarm = statistic >= h;
	share = misses / nullif(days, 0)::float8;
	IF NOT alarm THEN
		since = NULL;
		share = NULL;
	END IF;
END
$$;

-- m is the slope of the log-likelihood ratio, rounded: 3 for .2 and .5, 7 for .1 and .2, 9 for .05 and .2
SELECT answers.* FROM (VALUES (.2, .5, 3, 11, 1), (.1, .2, 7, 20, 1), (.05, .2, 9, 12, .5), (.4, .5, 2, 4, .8)) AS o (p0, p1, m, h, threshold)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s %%s %%s', s.alarm, s.statistic, s.since, round(s.shift::numeric, 9)) AS got,
		format('%%s %%s %%s %%s', w.alarm, w.statistic, w.since, round((w.share - %1$s)::numeric, 9)) AS wanted
	FROM oracle.asked AS a, miss_cusum(a.calendar, a.as_of, %1$s, %2$s, %4$s, %5$s) AS s,
		oracle.miss_cusum(a.person, a.as_of, %3$s, %4$s, %5$s) AS w
	$q$, p0, p1, m, h, threshold), format('miss_cusum(%s, %s, h => %s, threshold => %s)', p0, p1, h, threshold)) AS answers;
SELECT * FROM oracle.agree($q$
	SELECT p0 || ' ' || p1 AS about, (miss_cusum('2026-01-05: -', '2026-01-05', p0, p1)).statistic AS got,
		round(ln(p1 * (1 - p0) / (p0 * (1 - p1))) / -ln((1 - p1) / (1 - p0))) - 1 AS wanted
	FROM (SELECT i * .05::float8 AS p0, j * .05::float8 AS p1 FROM generate_series(1, 10) AS i, generate_series(i + 1, 11) AS j) AS p
	$q$, 'a miss adds the slope of the log-likelihood ratio, rounded, less 1');

--
-- Days between events
--

SELECT answers.* FROM (VALUES (.1, 1, 1, 'missed'), (.3, 2, .6, 'missed'), (.8, 3, 1, 'adherent')) AS o (p, l, threshold, event)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s %%s', s.alarm, s.statistic, s.since) AS got,
		format('%%s %%s %%s', w.n > (1 - %1$s) / %1$s + %2$s * sqrt(1 - %1$s) / %1$s, w.n,
			CASE WHEN w.n > (1 - %1$s) / %1$s + %2$s * sqrt(1 - %1$s) / %1$s THEN coalesce(e.last, w.first) END) AS wanted
	FROM oracle.asked AS a
	CROSS JOIN LATERAL g_chart(a.calendar, a.as_of, %1$s, %2$s, %4$L, %3$s) AS s
	CROSS JOIN LATERAL (SELECT max(day) AS last FROM oracle.seen AS t WHERE t.person = a.person AND t.day <= a.as_of
		AND (taken::float8 / prescribed < %3$s) = (%4$L = 'missed')) AS e
	CROSS JOIN LATERAL (SELECT count(*) AS n, min(day) AS first FROM oracle.seen AS o
		WHERE o.person = a.person AND o.day <= a.as_of AND (o.day > e.last OR e.last IS NULL)) AS w
	$q$, p, l, threshold, event), format('g_chart(%s, %s, %s)', p, l, event)) AS answers;

--
-- Traces
--

-- The detector asked as of each day that has a value says what the trace says.
SELECT answers.* FROM (VALUES ('missed_run(calendar, %s, 3, %s)'), ('rate_below(calendar, %s, 7, .8, %s)'),
	('rate_drop(calendar, %s, 7, 10, .2, %s)'), ('over_use(calendar, %s, 7, 2, %s)'), ('miss_cusum(calendar, %s, trace => %s)'),
	('g_chart(calendar, %s, .1, trace => %s)')) AS o (call)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT person AS about, (SELECT string_agg(coalesce(round(t::numeric, 9)::text, '-'), ' ' ORDER BY i) FROM unnest((%1$s).trace) WITH ORDINALITY AS u (t, i)) AS got,
		(SELECT string_agg(coalesce(round((%2$s).statistic::numeric, 9)::text, '-'), ' ' ORDER BY day) FROM oracle.seen AS o
			WHERE o.person = c.person) AS wanted
	FROM oracle.calendar AS c WHERE person %% 3 = 0
	$q$, format(call, '''infinity''', 'true'), format(call, 'o.day', 'false')), format('the trace of %s', split_part(call, '(', 1))) AS answers;

SELECT * FROM finish();
ROLLBACK;
