-- Detectors over series against plain SQL: recursions one value at a time,
-- Student's distribution as a finite sum and the normal quantile by bisection
-- for the self-starting CUSUM; every trace against the detector asked anew each
-- day; silence; and values that are meant to break something.
\ir include/setup.sql

SELECT plan(29);

SET LOCAL statement_timeout = '120s';
SET LOCAL timezone = 'UTC';

-- A standard normal number (Box and Muller).
CREATE FUNCTION oracle.normal(VARIADIC keys integer[])
RETURNS float8
LANGUAGE sql STABLE AS $$
	SELECT sqrt(-2 * ln(1 - oracle.random(VARIADIC keys || 1))) * cos(2 * pi() * oracle.random(VARIADIC keys || 2))
$$;

-- What was got, as it was wanted if it is as near as rounding leaves it.
CREATE FUNCTION oracle.near(got float8, wanted float8)
RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN abs(got - wanted) <= 1e-8 THEN wanted ELSE got END
$$;

-- Measures with gaps, a shift on the way, plateaus, several observations on a day.
CREATE TABLE oracle.observation AS
SELECT person, date '2026-01-05' + (i + floor(oracle.random(person, 3) * 10 * (i / 10)))::integer AS day,
	CASE WHEN person % 5 = 0 THEN round((20 + 3 * oracle.normal(person, i, 4))::numeric) ELSE 20 + 3 * oracle.normal(person, i, 4) END
		+ CASE WHEN i >= 25 THEN 4 * oracle.random(person, 5) * (person % 3 - 1) ELSE 0 END AS value
FROM generate_series(1, 60) AS person, generate_series(0, 10 + person % 40) AS i;
INSERT INTO oracle.observation SELECT person, day, value + 1 FROM oracle.observation WHERE oracle.random(person, day - '2026-01-01', 6) < .1;

CREATE TABLE oracle.history AS SELECT person, series_agg(day, value) AS s FROM oracle.observation GROUP BY person;
-- What a detector reads: the mean of a day.
CREATE TABLE oracle.value AS
SELECT person, day, mean AS x, row_number() OVER (PARTITION BY person ORDER BY day) AS n FROM oracle.history, to_series_days(s);
ALTER TABLE oracle.value ADD PRIMARY KEY (person, n);
CREATE TABLE oracle.asked AS
SELECT person, s, date '2026-01-05' + floor(oracle.random(person, i, 7) * 130)::integer - 2 AS as_of,
	'person ' || person || ', ' || i AS about
FROM oracle.history, generate_series(1, 4) AS i;

--
-- CUSUM, EWMA and Shewhart charts, one value at a time
--

-- What a detector must say: its statistic, and the value since when it has been on its side.
CREATE FUNCTION oracle.replay(detector text, who integer, until date, a float8, b float8, mean float8, sd float8, headstart float8, direction text,
	OUT statistic float8, OUT lim float8, OUT since date, OUT shift float8)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	one record;
	z float8;
	up float8 = headstart;
	down float8 = headstart;
	smooth float8 = 0;
	up_since date;
	down_since date;
	smooth_since date;
	was float8;
	n integer = 0;
BEGIN
	FOR one IN SELECT day, x FROM oracle.value WHERE person = who AND day <= until ORDER BY day LOOP
		z = (one.x - mean) / sd;
		n = n + 1;
		IF up = 0 OR n = 1 THEN up_since = one.day; END IF;
		IF down = 0 OR n = 1 THEN down_since = one.day; END IF;
		up = greatest(0, up + (z - a));
		down = greatest(0, down + (-z - a));
		was = smooth;
		smooth = (1 - a) * smooth + a * z;
		IF n = 1 OR sign(was) <> sign(smooth) THEN smooth_since = one.day; END IF;
	END LOOP;
	IF detector = 'cusum' THEN
		lim = b;
		IF direction = 'up' OR direction = 'both' AND up >= down THEN
			statistic = up;
			since = up_since;
		ELSE
			statistic = down;
			since = down_since;
		END IF;
	ELSE
		lim = b * sqrt(a / (2 - a) * (1 - (1 - a) ^ (2 * n)));
		statistic = CASE direction WHEN 'up' THEN smooth WHEN 'down' THEN -smooth ELSE abs(smooth) END;
		since = smooth_since;
	END IF;
	shift = (SELECT avg(x) FROM oracle.value WHERE person = who AND day BETWEEN since AND until) - mean;
END
$$;

CREATE TABLE oracle.scheme (detector text, a float8, b float8, mean float8, sd float8, headstart float8, direction text, call text);
INSERT INTO oracle.scheme
SELECT detector, a, b, 20, 3, headstart, direction, format(CASE detector
	WHEN 'cusum' THEN 'cusum(s, as_of, %s, %s, 20, 3, %s, %L)' ELSE 'ewma(s, as_of, %s, %s, 20, 3, direction => %4$L)' END, a, b, headstart, direction)
FROM (VALUES ('cusum', .5, 4, 0), ('cusum', .25, 3, 2.5), ('cusum', 0, 2, 0), ('ewma', .1, 2.7, 0), ('ewma', .4, 2, 0), ('ewma', 1, 1, 0))
	AS s (detector, a, b, headstart), unnest(ARRAY['up', 'down', 'both']) AS direction
WHERE a > 0 OR direction <> 'both';
SELECT answers.* FROM (SELECT DISTINCT detector, a, b FROM oracle.scheme) AS o CROSS JOIN LATERAL oracle.agree((SELECT string_agg(format($q$
	SELECT about || %1$L AS about, format('%%s %%s %%s %%s', oracle.near(g.statistic, w.statistic), oracle.near(g.lim, w.lim), g.since,
			oracle.near(g.shift, w.shift)) AS got,
		CASE WHEN w.statistic > w.lim THEN format('%%s %%s %%s %%s', w.statistic, w.lim, w.since, w.shift)
			ELSE format('%%s %%s  ', w.statistic, w.lim) END AS wanted
	FROM oracle.asked, %1$s AS g, oracle.replay(%2$L, person, as_of, %3$s, %4$s, %5$s, %6$s, %7$s, %8$L) AS w
	$q$, call, detector, a, b, mean, sd, headstart, direction), ' UNION ALL ') FROM oracle.scheme AS s WHERE s.detector = o.detector AND s.a = o.a AND s.b = o.b),
	format('%s(%s, %s): statistic, limit, onset and shift in every direction', o.detector, o.a, o.b)) AS answers;

-- Shewhart: the last value, and the values before it that lie on its side
SELECT answers.* FROM (VALUES (1, 0), (2, 4), (3, 3)) AS o (l, runs) CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, format('%%s %%s %%s', g.alarm, oracle.near(g.statistic, w.z), g.since) AS got,
		format('%%s %%s %%s', coalesce(w.alarm, false), w.z, CASE WHEN w.alarm THEN w.since END) AS wanted
	FROM oracle.asked AS a
	CROSS JOIN LATERAL shewhart(s, as_of, %1$s, %2$s, 20, 3) AS g
	LEFT JOIN LATERAL (
		SELECT z, z > %1$s OR z > 0 AND %2$s > 0 AND on_side >= %2$s AS alarm, CASE WHEN %2$s > 0 AND on_side >= %2$s THEN side_since ELSE beyond_since END AS since
		FROM (
			SELECT abs(last.x - 20) / 3 AS z, count(*) AS on_side, min(v.day) AS side_since,
				min(v.day) FILTER (WHERE v.n > coalesce((SELECT max(n) FROM oracle.value AS i WHERE i.person = a.person AND i.n <= last.n
					AND abs(i.x - 20) / 3 <= %1$s), 0)) AS beyond_since
			FROM (SELECT n, x FROM oracle.value AS v WHERE v.person = a.person AND day <= as_of ORDER BY n DESC LIMIT 1) AS last
			JOIN oracle.value AS v ON v.person = a.person AND v.n <= last.n AND v.n > coalesce((SELECT max(n) FROM oracle.value AS o
				WHERE o.person = a.person AND o.n <= last.n AND sign(o.x - 20) <> sign(last.x - 20)), 0)
			GROUP BY last.x, last.n) AS counted) AS w ON true
	$q$, l, runs), format('shewhart(%s, %s)', l, runs)) AS answers;

--
-- Self-starting CUSUM: another way to Student's distribution and the normal quantile
--

-- P(T <= t) for a whole number of degrees of freedom, as a finite sum.
CREATE FUNCTION oracle.student(t float8, degrees integer)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	angle float8 = atan2(t, sqrt(degrees));
	term float8 = CASE WHEN degrees % 2 = 1 THEN cos(angle) ELSE 1 END;
	total float8 = CASE WHEN degrees = 1 THEN 0 ELSE term END;
BEGIN
	FOR i IN 2 + degrees % 2 .. degrees - 2 BY 2 LOOP
		term = term * cos(angle) ^ 2 * (i - 1) / i;
		total = total + term;
	END LOOP;
	RETURN CASE WHEN degrees % 2 = 1 THEN .5 + (angle + sin(angle) * total) / pi() ELSE .5 + .5 * sin(angle) * total END;
END
$$;

-- P(Z <= z), as a series.
CREATE FUNCTION oracle.phi(z float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	term float8 = z;
	total float8 = z;
	i integer = 1;
BEGIN
	WHILE abs(term) > 1e-18 LOOP
		i = i + 2;
		term = term * z * z / i;
		total = total + term;
	END LOOP;
	RETURN .5 + total * exp(-z * z / 2) / sqrt(2 * pi());
END
$$;
SELECT is(round(oracle.phi(1.959963984540054)::numeric, 14), .975, 'the oracle knows the normal distribution');
SELECT is(round(oracle.student(2.2281388519862744, 10)::numeric, 13), .975, 'and Student''s');

-- The z with P(Z <= z) = p, by bisection.
CREATE FUNCTION oracle.quantile(p float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	low float8 = -7;
	high float8 = 7;
BEGIN
	FOR i IN 1 .. 44 LOOP
		IF oracle.phi((low + high) / 2) < p THEN low = (low + high) / 2; ELSE high = (low + high) / 2; END IF;
	END LOOP;
	RETURN (low + high) / 2;
END
$$;

CREATE TABLE oracle.compared AS
SELECT v.person, v.n, v.day, v.x, CASE WHEN b.n >= 2 AND b.sd > 0
	THEN oracle.quantile(oracle.student((v.x - b.mean) / b.sd * sqrt(b.n / (b.n + 1.0::float8)), b.n::integer - 1)) END AS u
FROM oracle.value AS v CROSS JOIN LATERAL (
	SELECT count(*) AS n, avg(x) AS mean, CASE WHEN max(x) > min(x) THEN stddev_samp(x) ELSE 0 END AS sd
	FROM oracle.value AS o WHERE o.person = v.person AND o.n < v.n) AS b
WHERE person <= 30;

CREATE FUNCTION oracle.self_starting(who integer, k float8)
RETURNS SETOF float8
LANGUAGE plpgsql STABLE AS $$
DECLARE
	z float8;
	up float8 = 0;
	down float8 = 0;
BEGIN
	FOR z IN SELECT u FROM oracle.compared WHERE person = who ORDER BY n LOOP
		up = greatest(0, up + coalesce(z - k, 0));
		down = greatest(0, down - coalesce(z + k, 0));
		RETURN NEXT greatest(up, down);
	END LOOP;
END
$$;
SELECT answers.* FROM unnest(ARRAY[.25, .5, 1]) AS k CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT person || ', value ' || n AS about, oracle.near(got, wanted) AS got, wanted
	FROM oracle.history AS h, ROWS FROM (unnest((self_starting_cusum(s, 'infinity', %1$s, trace => true)).trace), oracle.self_starting(person, %1$s))
		WITH ORDINALITY AS t (got, wanted, n)
	WHERE person <= 30
	$q$, k), format('self_starting_cusum(k => %s)', k)) AS answers;
SELECT * FROM oracle.agree($q$
	SELECT person AS about, oracle.near(a.statistic, b.statistic) AS got, b.statistic AS wanted
	FROM (SELECT person, series_agg(day, x * 4 - 1000) AS moved, series_agg(day, x) AS s FROM oracle.value GROUP BY person) AS h
	CROSS JOIN LATERAL self_starting_cusum(moved, 'infinity') AS a CROSS JOIN LATERAL self_starting_cusum(s, 'infinity') AS b
	$q$, 'self_starting_cusum: neither the unit nor the origin of a scale matter');

--
-- Against the first value, and against a trajectory
--

SELECT * FROM oracle.agree($q$
	SELECT about, oracle.near(g.statistic, wanted) AS got, wanted
	FROM oracle.asked AS a CROSS JOIN LATERAL reliable_change(s, as_of, 3, .84) AS g
	LEFT JOIN LATERAL (SELECT (array_agg(x ORDER BY n))[1] AS first, (array_agg(x ORDER BY n DESC))[1] AS last
		FROM oracle.value AS v WHERE v.person = a.person AND v.day <= as_of) AS w ON true
	CROSS JOIN LATERAL (SELECT abs(last - first) / (3 * sqrt(2 * (1 - .84::float8))) AS wanted) AS rci
	$q$, 'reliable_change');
-- A line of one point a day, from 18 on
SELECT * FROM oracle.agree($q$
	SELECT about, oracle.near(g.statistic, 18 + least(greatest(0, w.day - date '2026-01-10'), 30) - x) AS got,
		18 + least(greatest(0, w.day - date '2026-01-10'), 30) - x AS wanted
	FROM oracle.asked AS a CROSS JOIN LATERAL off_track(s, as_of, '2026-01-10: 18 .9 28 .19 48', 2) AS g
	LEFT JOIN LATERAL (SELECT day, x FROM oracle.value AS v WHERE v.person = a.person AND v.day <= as_of ORDER BY n DESC LIMIT 1) AS w ON true
	$q$, 'off_track, on straight lines between the days of the trajectory');

--
-- Traces
--

SELECT answers.* FROM (VALUES ('cusum(s, %s, mean => 20, sd => 3, trace => %s)'), ('self_starting_cusum(s, %s, trace => %s)'),
	('ewma(s, %s, mean => 20, sd => 3, direction => ''down'', trace => %s)'), ('shewhart(s, %s, mean => 20, sd => 3, trace => %s)'),
	('reliable_change(s, %s, 3, .8, trace => %s)'), ('off_track(s, %s, ''2026-01-05: 20'', 1, trace => %s)')) AS o (call)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT person AS about, (SELECT string_agg(round(t::numeric, 9)::text, ' ' ORDER BY i) FROM unnest((%1$s).trace) WITH ORDINALITY AS u (t, i)) AS got,
		(SELECT string_agg(round((%2$s).statistic::numeric, 9)::text, ' ' ORDER BY day) FROM oracle.value AS o WHERE o.person = h.person) AS wanted
	FROM oracle.history AS h WHERE person <= 20
	$q$, format(call, '''infinity''', 'true'), format(call, 'o.day', 'false')), format('the trace of %s', split_part(call, '(', 1))) AS answers;

--
-- Silence
--

SELECT * FROM oracle.agree($q$
	SELECT hours || ' hours, rate ' || rate AS about, format('%s %s', s.alarm, s.since) AS got,
		format('%s %s', exp(-rate * hours / 24) < alpha, CASE WHEN exp(-rate * hours / 24) < alpha THEN date '2026-01-05' END) AS wanted
	FROM generate_series(0, 300, 7) AS hours, unnest(ARRAY[.1, .5, 1, 3]::float8[]) AS rate, unnest(ARRAY[.001, .01, .2]::float8[]) AS alpha,
		silence('2026-01-05 10:00', timestamptz '2026-01-05 10:00' + hours * interval '1 hour', rate, alpha) AS s
	$q$, 'silence alarms where exp(-rate x gap) < alpha');
SELECT is((silence('2026-01-05 23:30', '2026-02-05', 1)).since, date '2026-01-05', 'the day of the last contact');
SET LOCAL timezone = 'Europe/Helsinki';
SELECT is((silence('2026-01-05 23:30+00', '2026-02-05', 1)).since, date '2026-01-06', 'is one of the time zone');

--
-- Two hundred years, and the ends of float8
--

SELECT ok((missed_run(calendar, 'infinity', trace => true)).statistic = 73050 AND (rate_below(calendar, 'infinity', 73050, trace => true)).alarm IS FALSE
	AND (rate_below(calendar, '2226-01-08', 73050, trace => true)).statistic = 0 AND (miss_cusum(calendar, 'infinity')).statistic = 146100
	AND (g_chart(calendar, 'infinity', .0001, event => 'adherent', trace => true)).statistic = 73050, 'a calendar of 200 years')
FROM (SELECT '2026-01-05: -73050'::adherence AS calendar) AS c;
SELECT ok(abs((self_starting_cusum(s, 'infinity', trace => true)).statistic) < 1e6 AND (cusum(s, 'infinity')).alarm, 'a series of 200 years')
FROM (SELECT series_agg(date '1900-01-01' + i, (hashint4(i) % 1000)::float8) AS s FROM generate_series(1, 73000) AS i) AS h;
SELECT is_empty($$
	SELECT call, g FROM (SELECT '2026-01-05: 1.7976931348623157e308 -1.7976931348623157e308 0 5e-324 1.7976931348623157e308'::series AS s) AS h
	CROSS JOIN LATERAL (
		SELECT 'cusum' AS call, cusum(s, 'infinity', sd => 5e-324, trace => true) AS g
		UNION ALL SELECT 'self-starting', self_starting_cusum(s, 'infinity', trace => true)
		UNION ALL SELECT 'ewma', ewma(s, 'infinity', 1e-300, mean => -1.7976931348623157e308, sd => 1e-300, trace => true)
		UNION ALL SELECT 'shewhart', shewhart(s, 'infinity', mean => -1e308, sd => 1e308, trace => true)
		UNION ALL SELECT 'reliable', reliable_change(s, 'infinity', 1e-300, .99, trace => true)
		UNION ALL SELECT 'off track', off_track(s, 'infinity', '2026-01-05: -1.7976931348623157e308', trace => true)) AS c
	WHERE (g).statistic IS NULL OR (g).statistic IN ('Infinity', '-Infinity', 'NaN') OR array_length((g).trace, 1) <> 5
		OR 'Infinity' = ANY ((g).trace) OR (g).alarm <> ((g).statistic > (g).lim)$$, 'no value makes a statistic infinite');

SELECT * FROM finish();
ROLLBACK;
