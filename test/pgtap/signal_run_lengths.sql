-- Run lengths, limits and delays: published values; what the detectors
-- themselves do with invented people, whose first alarms are counted; chains
-- written as plain SQL; limits and back; and questions that are too large.
\ir include/setup.sql

SELECT plan(90);

SET LOCAL statement_timeout = '200s';

--
-- Published values, each within half a unit of its last printed digit
--

SELECT ok(abs(got - printed) <= half, format('%s: printed %s, got %s', what, printed, round(got::numeric, 4)))
FROM (
	-- Lucas and Crosier 1982, table 1 (its last column is cut off, not rounded)
	SELECT 'CUSUM .5, 4, shift ' || shift AS what, cusum_arl(.5, 4, shift) AS got, printed, half
	FROM (VALUES (0::float8, 168::float8, .5), (.25, 74.2, .05), (.5, 26.6, .05), (.75, 13.3, .05), (1, 8.38, .005), (1.5, 4.75, .005), (2, 3.34, .005), (3, 2.19, .005)) AS v (shift, printed, half)
	UNION ALL
	SELECT 'CUSUM .5, 4, headstart 2, shift ' || shift, cusum_arl(.5, 4, shift, 2), printed, half
	FROM (VALUES (0::float8, 149::float8, .5), (.25, 62.7, .05), (.5, 20.1, .05), (.75, 8.97, .005), (1, 5.29, .005), (1.5, 2.86, .005), (2, 2.01, .005), (3, 1.32, .01)) AS v (shift, printed, half)
	UNION ALL
	-- Lucas and Saccucci 1990, table 3
	SELECT 'EWMA .5, 3.071, shift ' || shift, ewma_arl(.5, 3.071, shift), printed, half
	FROM (VALUES (0::float8, 500::float8, .5), (.25, 255, .5), (.5, 88.8, .05), (.75, 35.9, .05), (1, 17.5, .05), (1.5, 6.53, .005), (2, 3.63, .005), (3, 1.93, .005)) AS v (shift, printed, half)
	UNION ALL
	SELECT 'EWMA .03, 2.437, shift ' || shift, ewma_arl(.03, 2.437, shift), printed, half
	FROM (VALUES (0::float8, 500::float8, .5), (.25, 76.7, .05), (.5, 29.3, .05), (.75, 17.6, .05), (1, 12.6, .05), (1.5, 8.07, .005), (2, 5.99, .005), (3, 4.03, .005)) AS v (shift, printed, half)
	UNION ALL
	-- Champ and Woodall 1987
	SELECT format('Shewhart 3, runs %s, shift %s', runs, shift), shewhart_arl(3, shift, runs), printed, half
	FROM (VALUES (0, 0::float8, 370.4::float8, .05), (0, 1, 43.9, .05), (0, 2, 6.30, .005), (0, 3, 2.00, .005), (8, 0, 152.7, .05), (8, 1, 14.6, .05), (8, 2, 4.89, .005), (8, 3, 1.99, .005)) AS v (runs, shift, printed, half)) AS t;
-- Crowder's table of 1987 misprints this one as 3.95
SELECT cmp_ok(round(ewma_arl(.5, 2, 1.25)::numeric, 2), '=', 3.59, 'a misprint is not copied');

--
-- Invented people: the mean number of values until a detector first alarms
--

CREATE FUNCTION oracle.normal(VARIADIC keys integer[])
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT sqrt(-2 * ln(1 - oracle.random(VARIADIC keys || 1))) * cos(2 * pi() * oracle.random(VARIADIC keys || 2))
$$;

-- 2,000 series of 250 standard normal values, and calendars of 250 days that are missed half of the time.
CREATE TABLE oracle.person AS
SELECT person, series_agg(date '2026-01-01' + i, oracle.normal(person, i, 1)) AS s,
	adherence_agg(date '2026-01-01' + i, oracle.random(person, i, 3) < .5) AS calendar
FROM generate_series(1, 2000) AS person, generate_series(1, 250) AS i GROUP BY person;

-- The first value after which a trace is beyond a limit.
CREATE FUNCTION oracle.first_alarm(trace float8[], lim float8, reached boolean)
RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT min(i) FROM unnest(trace) WITH ORDINALITY AS t (statistic, i) WHERE statistic > lim OR reached AND statistic = lim
$$;

-- The first alarm of each person's trace.
CREATE FUNCTION oracle.counted(call text, lim float8, reached boolean)
RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT oracle.first_alarm((%s).trace, %s, %L) FROM oracle.person', call, lim, reached);
END
$$;

-- Whether the mean of what was counted is the exact figure, within four standard errors. The very few who have not alarmed after 250 values, which is less than one
-- in a thousand, are taken to do so after as many more as anybody who begins.
CREATE FUNCTION oracle.agrees(about text, counted text, exact float8)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	people bigint;
	alarms bigint;
	mean float8;
	error float8;
BEGIN
	EXECUTE format('SELECT count(*), count(n), avg(coalesce(n, 250 + $1)), stddev(coalesce(n, 250 + $1)) / sqrt(count(*)) FROM (SELECT %s AS n FROM oracle.person) AS t', counted)
	INTO people, alarms, mean, error USING exact;
	RETURN ok(people = 2000 AND alarms >= 1990 AND abs(mean - exact) <= 4 * error,
		format('%s: %s +- %s, exact %s', about, round(mean::numeric, 3), round(error::numeric, 3), round(exact::numeric, 3)));
END
$$;

SELECT oracle.agrees(about, format('oracle.first_alarm((%s).trace, %s, %L)', call, lim, reached), exact)
FROM (VALUES
	('CUSUM, in control', 'cusum(s, ''infinity'', 1, 1, trace => true)', 1, false, cusum_arl(1, 1)),
	('one side of it', 'cusum(s, ''infinity'', .25, 1.5, direction => ''down'', trace => true)', 1.5, false, cusum_arl(.25, 1.5, sides => 1)),
	('CUSUM, shifted', 'cusum(s, ''infinity'', .5, 4, mean => -.75, trace => true)', 4, false, cusum_arl(.5, 4, .75)),
	('CUSUM, headstart', 'cusum(s, ''infinity'', .5, 4, mean => .75, headstart => 2, trace => true)', 4, false, cusum_arl(.5, 4, .75, 2)),
	('CUSUM, large headstart', 'cusum(s, ''infinity'', .2, 3, mean => -.2, headstart => 2.5, trace => true)', 3, false, cusum_arl(.2, 3, .2, 2.5)),
	('EWMA', 'ewma(s, ''infinity'', .2, 2.5, mean => -.6, trace => true)', 2.5 * sqrt(.2 / 1.8), false, ewma_arl(.2, 2.5, .6)),
	('EWMA, in control', 'ewma(s, ''infinity'', .3, 1.7, trace => true)', 1.7 * sqrt(.3 / 1.7), false, ewma_arl(.3, 1.7)),
	('one side of it', 'ewma(s, ''infinity'', .1, 1, mean => -.3, direction => ''up'', trace => true)', sqrt(.1 / 1.9), false, ewma_arl(.1, 1, .3, 1)),
	('Shewhart', 'shewhart(s, ''infinity'', 2, trace => true)', 2, false, shewhart_arl(2)),
	('miss_cusum', 'miss_cusum(calendar, ''infinity'', trace => true)', 11, true, bernoulli_cusum_arl(.2, .5, 11, .5)),
	('missed_run', 'missed_run(calendar, ''infinity'', 4, true)', 4, true, silence_arl(.5, 4)),
	('g_chart', 'g_chart(calendar, ''infinity'', .5, 2, trace => true)', 3.83, false, silence_arl(.5, 4)))
	AS v (about, call, lim, reached, exact) WHERE exact IS NOT NULL;
-- Runs: the day on which the detector alarms, asked day by day
SELECT oracle.agrees('Shewhart, runs of 5', $$(SELECT d FROM generate_series(1, 250) AS d
	WHERE (shewhart(s, date '2026-01-01' + d, 2.5, 5)).alarm LIMIT 1)$$, shewhart_arl(2.5, 0, 5));

-- Without a baseline: the same run lengths as with a known mean and standard deviation, from the first value on
SELECT ok(abs(share - known) <= 4 * sqrt(known * (1 - known) / 2000) + .01, format('self-starting: %s have alarmed by value %s, with known parameters %s',
	round(share::numeric, 3), n, round(known::numeric, 3)))
FROM unnest(ARRAY[60, 120, 240]) AS n
CROSS JOIN LATERAL (SELECT avg((first <= n)::integer) AS share FROM (
	SELECT coalesce(oracle.first_alarm((self_starting_cusum(s, 'infinity', .5, 3, trace => true)).trace, 3, false), 9999) AS first FROM oracle.person) AS t) AS own
CROSS JOIN LATERAL (SELECT avg((first <= n - 2)::integer) AS known FROM (
	SELECT coalesce(oracle.first_alarm((cusum(s, 'infinity', .5, 3, trace => true)).trace, 3, false), 9999) AS first FROM oracle.person) AS t) AS other;

-- What is missed after 14 and 30 values
SELECT ok(abs(exact - share) <= 4 * sqrt(exact * (1 - exact) / 2000), format('%s: %s missed after %s, exact %s', about, round(share::numeric, 4), n, round(exact::numeric, 4)))
FROM (VALUES
	('cusum', 'cusum(s, ''infinity'', .5, 4, mean => -.75, direction => ''up'', trace => true)', 4, false, 'cusum', '{"h": 4}', .75),
	('cusum, down', 'cusum(s, ''infinity'', .25, 4, mean => .75, direction => ''down'', trace => true)', 4, false, 'cusum', '{"h": 4, "k": 0.25}', -.75),
	('ewma', 'ewma(s, ''infinity'', .2, 2.7, mean => -.5, direction => ''up'', trace => true)', .9, false, 'ewma', '{"lambda": 0.2, "l": 2.7}', .5),
	('shewhart', 'shewhart(s, ''infinity'', 3, mean => -1.25, direction => ''up'', trace => true)', 3, false, 'shewhart', '{}', 1.25),
	('miss_cusum', 'miss_cusum(calendar, ''infinity'', trace => true)', 11, true, 'miss_cusum', '{}', .5),
	('missed_run', 'missed_run(calendar, ''infinity'', 5, true)', 5, true, 'missed_run', '{"n": 5}', .5))
	AS v (about, call, lim, reached, detector, parameters, change)
CROSS JOIN unnest(ARRAY[14, 30]) AS n
CROSS JOIN LATERAL (SELECT CASE n WHEN 14 THEN missed_14 ELSE missed_30 END AS exact FROM expected_delay(detector, parameters::jsonb, change)) AS e
CROSS JOIN LATERAL (SELECT avg(CASE WHEN coalesce(first, 9999) > n THEN 1.0 ELSE 0 END)::float8 AS share FROM oracle.counted(call, lim, reached) AS first) AS c;

--
-- Chains in plain SQL
--

-- The Bernoulli CUSUM by following its distribution until all but a millionth of a millionth has alarmed.
CREATE FUNCTION oracle.lattice(rise integer, h integer, p float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	now float8[] = array_fill(0::float8, ARRAY[h]);
	next float8[];
	left_over float8 = 1;
	expected float8 = 0;
BEGIN
	now[1] = 1;
	WHILE left_over > 1e-12 LOOP
		expected = expected + left_over;
		next = array_fill(0::float8, ARRAY[h]);
		FOR i IN 1 .. h LOOP
			next[greatest(i - 1, 1)] = next[greatest(i - 1, 1)] + (1 - p) * now[i];
			IF i + rise <= h THEN
				next[i + rise] = next[i + rise] + p * now[i];
			END IF;
		END LOOP;
		now = next;
		left_over = (SELECT sum(share) FROM unnest(now) AS share);
	END LOOP;
	RETURN expected;
END
$$;
SELECT * FROM oracle.agree($q$
	SELECT format('%s, %s, h %s, p %s', p0, p1, h, p) AS about, round(bernoulli_cusum_arl(p0, p1, h, p)::numeric, 6) AS got, round(oracle.lattice(rise, h, p)::numeric, 6) AS wanted
	FROM (VALUES (.2, .5, 2), (.1, .2, 6), (.4, .5, 1), (.05, .2, 8)) AS s (p0, p1, rise), unnest(ARRAY[1, 3, 6, 9]) AS h, unnest(ARRAY[.15, .4, .9]) AS p
	WHERE bernoulli_cusum_arl(p0, p1, h, p) < 60
	$q$, 'bernoulli_cusum_arl against its distribution, step by step');
SELECT * FROM oracle.agree($q$
	SELECT format('%s, %s', p, n) AS about, round(silence_arl(p, n)::numeric, 6) AS got, round((SELECT sum((1 - p) ^ -j) FROM generate_series(1, n) AS j)::numeric, 6) AS wanted
	FROM unnest(ARRAY[.1, .3, .5, .8, .95]::float8[]) AS p, generate_series(1, 8) AS n
	$q$, 'silence_arl as a sum');

--
-- Limits, and back
--

SELECT * FROM oracle.agree($q$
	SELECT format('%s, k %s, headstart %s, sides %s', arl, k, headstart, sides) AS about,
		round((cusum_arl(k, cusum_limit(arl, k, headstart, sides), 0, headstart, sides) / arl)::numeric, 10) AS got, 1.0000000000 AS wanted
	FROM unnest(ARRAY[30, 168, 1000, 1e6, 1e12]::float8[]) AS arl, unnest(ARRAY[.1, .25, .5, 1]::float8[]) AS k, unnest(ARRAY[0, .8]::float8[]) AS headstart,
		unnest(ARRAY[1, 2]) AS sides WHERE k > .2 OR arl < 1e9
	$q$, 'cusum_limit');
SELECT * FROM oracle.agree($q$
	SELECT format('%s, lambda %s, sides %s', arl, lambda, sides) AS about,
		round((ewma_arl(lambda, ewma_limit(arl, lambda, sides), 0, sides) / arl)::numeric, 10) AS got, 1.0000000000 AS wanted
	FROM unnest(ARRAY[30, 370, 5000, 1e6, 1e12]::float8[]) AS arl, unnest(ARRAY[.01, .05, .2, .7, 1]::float8[]) AS lambda, unnest(ARRAY[1, 2]) AS sides
	WHERE arl > 100 OR lambda > .1
	$q$, 'ewma_limit');
SELECT * FROM oracle.agree($q$
	SELECT format('%s, runs %s, sides %s', arl, runs, sides) AS about,
		round((shewhart_arl(shewhart_limit(arl, runs, sides), 0, runs, sides) / arl)::numeric, 10) AS got, 1.0000000000 AS wanted
	FROM unnest(ARRAY[30, 100, 370, 1e6]::float8[]) AS arl, unnest(ARRAY[0, 8, 30]) AS runs, unnest(ARRAY[1, 2]) AS sides
	WHERE runs <> 8 OR arl < 200
	$q$, 'shewhart_limit');
SELECT * FROM oracle.agree($q$
	SELECT format('%s, %s, %s', arl, p0, p1) AS about,
		bernoulli_cusum_arl(p0, p1, h, p0) >= arl AND (h = 1 OR bernoulli_cusum_arl(p0, p1, h - 1, p0) < arl) AS got, true AS wanted
	FROM (SELECT arl, p0, p1, bernoulli_cusum_limit(arl, p0, p1) AS h
		FROM unnest(ARRAY[7, 30, 365, 1e4, 1e8]::float8[]) AS arl, (VALUES (.2, .5), (.1, .2), (.4, .5), (.01, .05)) AS s (p0, p1)) AS t
	$q$, 'bernoulli_cusum_limit: the least');
SELECT * FROM oracle.agree($q$
	SELECT format('%s, %s', arl, p) AS about, silence_arl(p, n) >= arl AND (n = 1 OR silence_arl(p, n - 1) < arl) AS got, true AS wanted
	FROM (SELECT arl, p, silence_limit(arl, p) AS n FROM unnest(ARRAY[1, 2, 7, 30, 365, 8190, 1e8]::float8[]) AS arl, unnest(ARRAY[.05, .3, .5, .8, .99]) AS p) AS t
	$q$, 'silence_limit: the least');

-- What a change of the mean does to the run length has no jump, and a higher limit never a lower one
SELECT is_empty($$
	SELECT * FROM (SELECT k, h, cusum_arl(k, h) AS arl, lag(cusum_arl(k, h)) OVER (PARTITION BY k ORDER BY h) AS lower
		FROM unnest(ARRAY[0, .3, 1, 2.5]) AS k, generate_series(0, 12, .13) AS h) AS t WHERE arl < lower * (1 - 1e-9)$$, 'cusum_arl never falls with h');
SELECT is_empty($$
	SELECT * FROM (SELECT lambda, l, ewma_arl(lambda, l) AS arl, lag(ewma_arl(lambda, l)) OVER (PARTITION BY lambda ORDER BY l) AS lower
		FROM unnest(ARRAY[.005, .05, .3, 1]) AS lambda, generate_series(0, 4, .09) AS l) AS t WHERE arl < lower * (1 - 1e-9)$$, 'ewma_arl never falls with l');

--
-- Too large, and how long that takes
--

SELECT oracle.refused(query, state)
FROM (VALUES ('SELECT cusum_arl(.5, 500)', '54000'), ('SELECT cusum_arl(0, 1e300)', '54000'), ('SELECT ewma_arl(1e-300, 3)', '54000'), ('SELECT ewma_arl(.5, 1e9)', '54000'),
	('SELECT cusum_arl(0, 400, 0, 300)', '54000'), ('SELECT cusum_arl(100, 50)', '22003'), ('SELECT cusum_arl(.5, ''Infinity'')', '22023'),
	('SELECT silence_arl(1e-320, 1000001)', '22023'), ('SELECT expected_delay(''ewma'', ''{"lambda": 1e-9}'', 1)', '54000'),
	('SELECT expected_delay(''cusum'', ''{"k": 1e999}'', 1)', '22003'), ('SELECT cusum_limit(1e300, .001)', '54000')) AS v (query, state);
SELECT lives_ok($$SELECT cusum_arl(0, 480), ewma_arl(.0001, 3), bernoulli_cusum_arl(.0001, .0002, 10000, .0001)$$, 'the largest that are answered');

SELECT * FROM finish();
ROLLBACK;
