-- The habit score: figures that Loop Habit Tracker's own tests publish (uhabits,
-- ScoreListTest), and what the rule says of single days.
\ir include/setup.sql

SELECT plan(31);

-- A calendar of done days, given as day numbers from 2024-01-01.
CREATE FUNCTION oracle.done(days integer[])
RETURNS adherence
LANGUAGE sql STABLE AS $$
	SELECT adherence_agg('2024-01-01'::date + n, true) FROM unnest(days) AS n
$$;

CREATE FUNCTION oracle.every(step integer, times integer)
RETURNS integer[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(n * step) FROM generate_series(0, times - 1) AS n
$$;

SELECT ok(abs(habit_score(oracle.done(oracle.every(1, days)), '2024-01-01'::date + days - 1) - score) < 1e-6,
	format('%s daily done days give %s', days, score))
FROM (VALUES (1, 0.051922), (20, 0.655747)) AS loop (days, score);

SELECT cmp_ok(habit_score(oracle.done(oracle.every(1, 90)), '2024-01-01'::date + 89), '>=', .99::float8,
	'90 daily days reach 0.99');
SELECT cmp_ok(habit_score(oracle.done(oracle.every(7, 39)), '2024-01-01'::date + 38 * 7, 1), '>=', .99::float8,
	'39 weeks of once a week reach 0.99');
SELECT cmp_ok(habit_score(oracle.done(oracle.every(7, 38 / 2)), '2024-01-01'::date + 18 * 7, 1), '<', .99::float8,
	'19 weeks of once a week do not');

-- Two of three times a week converge to 2/3, two of four to 1/2: 100 weeks.
SELECT ok(abs(habit_score(c.calendar, '2024-01-01'::date + 699, per_week) - share) < 1e-6,
	format('2 days a week of %s converge to %s', per_week, round(share::numeric, 6)))
FROM (SELECT adherence_agg('2024-01-01'::date + n, true) AS calendar
	FROM generate_series(0, 699) AS n WHERE n % 7 < 2) AS c
CROSS JOIN (VALUES (3::float8, 2 / 3::float8), (4, .5), (2, 1)) AS loop (per_week, share);

-- Once a week on changing weekdays is still perfect: the window is two weeks.
SELECT cmp_ok(habit_score(adherence_agg('2024-01-01'::date + n * 7 + n % 2 * 6, true),
		'2024-01-01'::date + 59 * 7 + 6, 1), '>=', .99::float8, 'once a week on changing weekdays reaches 0.99')
FROM generate_series(0, 59) AS n;

-- One day by the recurrence: score x m + p x (1 - m), m = 0.5^(sqrt(per_week / 7) / 13).
CREATE TABLE oracle.step (text text, as_of date, per_week float8, wanted float8, description text);

INSERT INTO oracle.step
SELECT v.text, v.as_of, v.per_week, v.wanted, v.description
FROM (SELECT 0.5 ^ (1 / 13::float8) AS m, 0.5 ^ (sqrt(3 / 7::float8) / 13) AS m3,
	0.5 ^ (sqrt(1 / 7::float8) / 13) AS m1) AS rule
CROSS JOIN LATERAL (VALUES
	('2026-01-05: +', '2026-01-05'::date, 7::float8, 1 - m, 'the first day'),
	('2026-01-05: + -', '2026-01-06', 7, (1 - m) * m, 'a missed day lets it decay'),
	('2026-01-05: + ?', '2026-01-06', 7, 1 - m, 'as_of is left out while nothing is known of it'),
	('2026-01-05: + ?2', '2026-01-07', 7, (1 - m) * m, 'an unrecorded day before as_of lets it decay'),
	('2026-01-05: + (2)', '2026-01-06', 7, 1 - m, 'planned units alone are nothing known'),
	('2026-01-05: +', '2026-01-06', 7, 1 - m, 'a day after the calendar as as_of is left out'),
	('2026-01-05: +', '2026-01-08', 7, (1 - m) * m * m, 'days after the calendar let it decay'),
	('2026-01-05: +', '2026-01-04', 7, 0, 'before the first day'),
	('2026-01-05: + x3', '2026-01-08', 7, 1 - m, 'excused days freeze it'),
	('2026-01-05: + (1,1,0,1)', '2026-01-06', 7, 1 - m, 'an excused day freezes it though something was taken'),
	('2026-01-05: + x2 +', '2026-01-08', 7, (1 - m) * m + 1 - m, 'after excused days it goes on'),
	('2026-01-05: *', '2026-01-05', 7, 1 - m, 'an unplanned day counts'),
	('2026-01-05: (5,1,4)', '2026-01-05', 7, 1 - m, 'one unit of five counts'),
	('2026-01-05: (1,3)', '2026-01-05', 7, 1 - m, 'over-use counts once'),
	('2026-01-05: -3 +', '2026-01-08', 7, 1 - m, 'missed days before the first done one add nothing'),
	('2026-01-05: ?300 +', '2026-11-01', 7, 1 - m, 'it starts at the first day recorded'),
	('2026-01-05: +', '2026-01-05', 3, (1 - m3) / 6, 'below 7 a week: the share of twice as many in 14 days'),
	('2026-01-05: +', '2026-01-05', 1, (1 - m1) / 2, 'once a week'),
	('2026-01-05: +3 -', '2026-01-08', 1, (1 - m1) * (m1 ^ 3 / 2 + m1 ^ 2 + m1 + 1),
	'the share is at most 1, and slides'),
	('2026-01-05: + (1,1,0,1) + -', '2026-01-08', 3, (1 - m3) * (m3 ^ 2 / 6 + m3 * 3 / 6 + 3 / 6::float8),
		'a day taken while excused counts in the window, but freezes the score'),
	('empty', '2026-01-05', 7, 0, 'the empty calendar'),
	('2026-01-05: ?5', '2026-01-09', 7, 0, 'nothing ever recorded')
	) AS v (text, as_of, per_week, wanted, description);

SELECT ok(oracle.same(habit_score(text::adherence, as_of, per_week), wanted),
	format('%s: habit_score(%s, %s, %s) is %s', description, text, as_of, per_week, wanted))
FROM oracle.step;

SELECT * FROM finish();
ROLLBACK;
