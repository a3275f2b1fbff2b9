-- adherence_rate, adherence_bounds, pdc, correct_dosing, the day counts,
-- weekday_rates and rolling_rate against plain SQL.
\set people 126
\ir include/oracle.sql

SELECT plan(63);

-- Thresholds and switches change only pdc; each way of the switches once for each threshold.
CREATE TABLE oracle.rate AS
SELECT threshold, skip_unrecorded, over_adheres, w.*
FROM unnest(ARRAY[1, 0.7, 0.66, 0.5, 1 / 3.0, 1e-300]::float8[]) AS threshold
CROSS JOIN unnest(ARRAY[false, true]) AS skip_unrecorded
CROSS JOIN unnest(ARRAY[false, true]) AS over_adheres
CROSS JOIN LATERAL oracle.rates(threshold, skip_unrecorded, over_adheres) AS w;

CREATE VIEW oracle.plain_rate AS
SELECT a.about, a.calendar, a.within, w.*
FROM oracle.rate AS w
JOIN oracle.asked AS a ON a.person = w.person AND a.kind = w.kind
WHERE w.threshold = 1 AND w.over_adheres AND NOT w.skip_unrecorded;

SELECT answers.*
FROM (SELECT DISTINCT threshold, skip_unrecorded, over_adheres FROM oracle.rate) AS o
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about, pdc(a.calendar, a.within, %1$L, %2$L, %3$L) AS got, w.pdc AS wanted
	FROM oracle.rate AS w
	JOIN oracle.asked AS a ON a.person = w.person AND a.kind = w.kind
	WHERE w.threshold = %1$L AND w.skip_unrecorded = %2$L AND w.over_adheres = %3$L
	$q$, o.threshold, o.skip_unrecorded, o.over_adheres),
	format('pdc(threshold => %s, skip_unrecorded => %s, over_adheres => %s)',
		o.threshold, o.skip_unrecorded, o.over_adheres)) AS answers
ORDER BY o.threshold, o.skip_unrecorded, o.over_adheres;

SELECT * FROM oracle.agree($q$
	SELECT about, pdc(calendar, within) AS got, pdc AS wanted FROM oracle.plain_rate
	UNION ALL
	SELECT about, pdc(calendar, within, NULL, NULL, NULL), pdc FROM oracle.plain_rate
	$q$, 'pdc: an option left out or NULL means its default');

-- The threshold is compared with taken::float8 / prescribed: every such quotient
-- as the threshold, and the next number above it. This also reads the days in
-- both widths.
SELECT * FROM oracle.agree($q$
	SELECT format('threshold %s of %s', t.threshold, c.calendar) AS about, pdc(c.calendar,
		threshold => t.threshold) AS got,
		(SELECT count(*) FROM generate_series(1, c.prescribed) AS taken
		WHERE taken::float8 / c.prescribed >= t.threshold)::float8 / c.prescribed AS wanted
	FROM (
		SELECT prescribed, ('2026-01-05: ' || string_agg(format('(%s,%s)', prescribed, taken), ' '))::adherence
			AS calendar
		FROM generate_series(1, 99) AS prescribed
		CROSS JOIN LATERAL generate_series(1, prescribed) AS taken
		GROUP BY prescribed) AS c
	CROSS JOIN LATERAL generate_series(1, c.prescribed) AS taken
	CROSS JOIN LATERAL (VALUES (taken::float8 / c.prescribed),
		(taken::float8 / c.prescribed * 1.0000000000000002)) AS t (threshold)
	WHERE t.threshold <= 1
	$q$, 'pdc: a threshold is reached exactly');

SELECT answers.*
FROM unnest(ARRAY[false, true]) AS o (skip_unrecorded)
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about, adherence_rate(a.calendar, a.within, %1$L) AS got, w.rate AS wanted
	FROM oracle.rate AS w
	JOIN oracle.asked AS a ON a.person = w.person AND a.kind = w.kind
	WHERE w.threshold = 1 AND w.over_adheres AND w.skip_unrecorded = %1$L
	$q$, o.skip_unrecorded), format('adherence_rate(skip_unrecorded => %s)', o.skip_unrecorded)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, adherence_rate(calendar, within) AS got, rate AS wanted FROM oracle.plain_rate
	UNION ALL
	SELECT about, adherence_rate(calendar, within, NULL), rate FROM oracle.plain_rate
	$q$, 'adherence_rate: an option left out or NULL means its default');

SELECT answers.*
FROM unnest(ARRAY['low', 'high', 'completeness']) AS bound
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, (adherence_bounds(calendar, within)).%1$I AS got, %1$I AS wanted FROM oracle.plain_rate
	$q$, bound), format('adherence_bounds: %s', bound)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, (adherence_bounds(calendar, within)).low AS got, adherence_rate(calendar, within) AS wanted
	FROM oracle.asked
	$q$, 'adherence_bounds: low is adherence_rate');

SELECT answers.*
FROM unnest(ARRAY['correct_dosing', 'days_planned', 'days_adherent', 'days_missed', 'days_unrecorded',
	'days_over', 'days_excused']) AS measure
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, coachiatry.%1$I(calendar, within) AS got, %1$I AS wanted FROM oracle.plain_rate
	$q$, measure), measure || '(within)') AS answers;

SELECT answers.*
FROM unnest(ARRAY['correct_dosing', 'days_planned', 'days_adherent', 'days_missed', 'days_unrecorded',
	'days_over', 'days_excused']) AS measure
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT about, coachiatry.%1$I(calendar) AS got, %1$I AS wanted FROM oracle.plain_rate WHERE within IS NULL
	$q$, measure), measure || ' of the whole calendar') AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, pdc(calendar, within) AS got,
		days_adherent(calendar, within)::float8 / nullif(days_planned(calendar, within), 0) AS wanted
	FROM oracle.asked
	$q$, 'pdc is days_adherent / days_planned');

SELECT * FROM oracle.agree($q$
	SELECT a.about, array_length(weekday_rates(a.calendar, a.within), 1) AS got, 7 AS wanted
	FROM oracle.asked AS a
	$q$, 'weekday_rates has seven elements');

SELECT * FROM oracle.agree($q$
	SELECT a.about, (weekday_rates(a.calendar, a.within))[weekday] AS got, w.rate AS wanted
	FROM oracle.asked AS a
	CROSS JOIN generate_series(1, 7) AS weekday
	LEFT JOIN (
		SELECT person, kind, extract(isodow FROM day)::integer AS weekday,
			sum(least(taken, prescribed))::float8 / sum(prescribed) AS rate
		FROM oracle.scoped_day
		WHERE planned
		GROUP BY 1, 2, 3) AS w USING (person, kind, weekday)
	$q$, 'weekday_rates, Monday first');

-- rolling_rate: which rows, and which rates.
SELECT answers.*
FROM unnest(ARRAY[1, 2, 7, 30, 400]) AS window_days
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about,
		(SELECT array_agg(g.day ORDER BY g.ordinality)
		FROM rolling_rate(a.calendar, %1$s, a.within) WITH ORDINALITY AS g) AS got,
		(SELECT array_agg(d.day ORDER BY d.day)
		FROM oracle.scoped_day AS d WHERE d.person = a.person AND d.kind = a.kind) AS wanted
	FROM oracle.asked AS a
	$q$, window_days), format('rolling_rate(days => %s): one row a day', window_days)) AS answers;

SELECT answers.*
FROM unnest(ARRAY[1, 2, 7, 30, 400]) AS window_days
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT a.about || ' on ' || g.day AS about, g.rate AS got, w.rate AS wanted
	FROM oracle.asked AS a
	CROSS JOIN LATERAL rolling_rate(a.calendar, %1$s, a.within) AS g
	JOIN (
		SELECT d.person, d.day,
			(sum(least(d.taken, d.prescribed)) FILTER (WHERE d.planned) OVER recent)::float8
				/ (sum(d.prescribed) FILTER (WHERE d.planned) OVER recent) AS rate
		FROM oracle.day AS d
		WINDOW recent AS (PARTITION BY d.person ORDER BY d.day ROWS %1$s - 1 PRECEDING)
		) AS w ON w.person = a.person AND w.day = g.day
	$q$, window_days), format('rolling_rate(days => %s): the rates', window_days)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT about, (SELECT array_agg(g::text) FROM rolling_rate(calendar, 7) AS g) AS got,
		(SELECT array_agg(g::text) FROM rolling_rate(calendar, 7, NULL) AS g) AS wanted
	FROM oracle.asked_on
	$q$, 'rolling_rate: within is everything unless given');

SELECT is_empty('SELECT rolling_rate(NULL, 7)', 'rolling_rate: no rows for a NULL calendar');
SELECT is_empty($q$SELECT rolling_rate('2026-01-05: +5', NULL)$q$, 'rolling_rate: no rows for NULL days');

SELECT * FROM finish();
ROLLBACK;
