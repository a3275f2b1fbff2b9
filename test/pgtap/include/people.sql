-- Random people: rows as a program would store them, the same as dense days
-- in plain tables, and their calendars made by the extension.
--
-- oracle.person_row  a row of the source: counts of one event, several a day
-- oracle.person_day  each day from the first to the last with anything, summed
-- oracle.calendar    each person's calendar, made by the aggregates
-- oracle.scope       ranges to ask each person about, of every kind
-- oracle.moment      dates to ask each person about
\if :{?people}
\else
\set people 210
\endif
\ir setup.sql

-- How a person behaves. plan: share of days that are planned; units: most
-- units of a row; done, partly, over, extra: shares of days on which all, some,
-- too many or unplanned units are taken; lapse, silence, ward: shares of weeks
-- with nothing taken, nothing recorded, or all excused; excused: single such
-- days; noise: share of days with any number of missed units.
CREATE TABLE oracle.behaviour (
	id integer, name text, shortest integer, longest integer, weekdays boolean, plan float8,
	units integer, done float8, partly float8, over float8, extra float8,
	lapse float8, silence float8, ward float8, excused float8, noise float8, rows integer);

INSERT INTO oracle.behaviour VALUES
(0, 'daily, steady', 30, 90, false, 1, 1, .95, 0, 0, 0, 0, 0, 0, 0, 0, 1),
(1, 'daily, poor', 30, 90, false, 1, 1, .5, 0, 0, 0, .1, 0, 0, 0, 0, 1),
(2, 'weekdays', 30, 120, true, 1, 1, .85, 0, 0, 0, .1, .05, .05, 0, 0, 1),
(3, 'several units', 20, 60, false, 1, 3, .6, .6, .1, 0, .05, .05, 0, .05, .05, 1),
(4, 'lapses', 60, 120, false, 1, 1, .9, 0, 0, 0, .4, 0, 0, 0, 0, 1),
(5, 'silent stretches', 60, 120, false, 1, 2, .8, .3, 0, 0, .1, .4, .05, 0, 0, 1),
(6, 'hospital stays', 60, 120, false, .9, 2, .8, .4, .05, .05, .1, .1, .25, .1, .05, 1),
(7, 'extra and over', 20, 60, false, .6, 2, .6, .3, .3, .6, .1, .1, .05, .05, .1, 1),
(8, 'seldom planned', 30, 120, false, .15, 1, .7, 0, 0, .02, 0, .1, .03, 0, 0, 1),
(9, 'several rows a day', 20, 60, false, .9, 2, .7, .4, .1, .2, .1, .1, .05, .05, .1, 4),
(10, 'one day', 1, 1, false, .8, 3, .5, .5, .2, .5, 0, .2, 0, .2, .2, 1),
(11, 'a few days', 2, 6, false, .8, 3, .5, .5, .2, .5, 0, .1, .1, .1, .2, 2),
(12, 'anything, small', 20, 60, false, .6, 3, .4, .5, .3, .4, .05, .05, .05, .2, .5, 1),
(13, 'anything, wide', 20, 60, false, .6, 99, .4, .5, .3, .4, .05, .05, .05, .2, .5, 1),
(14, 'wide, many rows', 20, 40, false, .8, 19, .4, .5, .3, .4, .05, .05, .05, .2, .5, 5),
(15, 'only unplanned', 10, 60, false, 0, 2, 0, 0, 0, .5, .2, .1, .02, .05, .1, 1),
(16, 'only excused', 5, 60, false, .3, 1, 0, 0, 0, .2, 0, .9, .9, .5, 0, 1),
(17, 'twice a week', 60, 180, false, .28, 1, .9, 0, 0, .05, .1, .05, .1, 0, 0, 1),
(18, 'nearly a year', 300, 366, false, .95, 1, .8, 0, .03, .05, .1, .1, .05, .02, 0, 1),
(19, 'nothing at all', 1, 5, false, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
(20, 'some years', 800, 1500, false, .9, 2, .8, .2, .03, .05, .1, .1, .05, .02, .02, 1);

-- Where a person's days begin: year ends, leap days, the epoch of dates, the
-- change of era, four- and five-digit years, the last year there is.
CREATE TABLE oracle.anchor (id integer, day date);

INSERT INTO oracle.anchor
SELECT ordinality - 1, day FROM unnest(ARRAY[
	'2026-01-05', '2023-12-12', '2024-02-12', '1900-02-12', '2000-02-12', '1999-12-12',
	'9999-12-02', '0044-03-01 BC', '0001-12-01 BC', '4713-03-01 BC', '5874892-12-12',
	'2020-12-20', '2026-06-29']::date[]) WITH ORDINALITY AS a (day);

CREATE TABLE oracle.person AS
SELECT person, a.id AS anchor, a.day + (oracle.random(person, 1) * 20)::integer AS first_day,
	b.shortest + floor(oracle.random(person, 2) * (b.longest - b.shortest + 1))::integer AS days,
	b.id AS behaviour
FROM generate_series(1, :people) AS person
JOIN oracle.behaviour AS b ON b.id = person % 21
JOIN oracle.anchor AS a ON a.id = floor(oracle.random(person, 3) * 13)::integer;

-- The source rows. The fourth key of random() tells its uses apart; weeks and
-- not days decide lapses, silence and hospital stays, so that these have length.
CREATE TABLE oracle.person_row (
	person integer, id integer, day date,
	prescribed integer, taken integer, missed integer, excusing integer);

INSERT INTO oracle.person_row
SELECT p.person, row_number() OVER (PARTITION BY p.person ORDER BY oracle.random(p.person, i, r, 99)),
	p.first_day + i, plan.prescribed, act.taken,
	CASE WHEN week.silent THEN 0
		WHEN oracle.random(p.person, i, r, 10) < b.noise
		THEN floor(oracle.random(p.person, i, r, 11) * (b.units + 1))::integer
		ELSE greatest(plan.prescribed - act.taken, 0) END,
	CASE WHEN week.ward OR oracle.random(p.person, i, r, 12) < b.excused
		THEN 1 + floor(oracle.random(p.person, i, r, 13) * 2)::integer ELSE 0 END
FROM oracle.person AS p
JOIN oracle.behaviour AS b ON b.id = p.behaviour
CROSS JOIN LATERAL generate_series(0, p.days - 1) AS i
CROSS JOIN LATERAL generate_series(1, 1 + floor(oracle.random(p.person, i, 0, 1) * b.rows)::integer) AS r
CROSS JOIN LATERAL (SELECT
	oracle.random(p.person, i / 7, 0, 2) < b.lapse AS lapse,
	oracle.random(p.person, i / 6, 0, 3) < b.silence AS silent,
	oracle.random(p.person, (i + 3) / 8, 0, 4) < b.ward AS ward) AS week
CROSS JOIN LATERAL (SELECT CASE
	WHEN b.weekdays AND extract(isodow FROM p.first_day + i) > 5 THEN 0
	WHEN oracle.random(p.person, i, r, 5) >= b.plan THEN 0
	ELSE 1 + floor(oracle.random(p.person, i, r, 6) * b.units)::integer
	END AS prescribed) AS plan
CROSS JOIN LATERAL (SELECT
	oracle.random(p.person, i, r, 7) AS how, oracle.random(p.person, i, r, 8) AS much) AS luck
CROSS JOIN LATERAL (SELECT CASE
	WHEN week.silent OR week.lapse THEN 0
	WHEN plan.prescribed = 0 AND luck.how < b.extra THEN 1 + floor(luck.much * b.units)::integer
	WHEN plan.prescribed = 0 THEN 0
	WHEN luck.how < b.over
		THEN least(plan.prescribed + 1 + floor(luck.much * b.units)::integer, greatest(b.units, 3))
	WHEN luck.how < b.over + b.done THEN plan.prescribed
	WHEN oracle.random(p.person, i, r, 9) < b.partly
		THEN floor(luck.much * plan.prescribed)::integer
	ELSE 0 END AS taken) AS act;

-- Dense days: what a calendar holds, by GROUP BY and generate_series.
CREATE TABLE oracle.person_day AS
WITH summed AS (
	SELECT person, day, sum(prescribed)::integer AS prescribed, sum(taken)::integer AS taken,
		sum(missed)::integer AS missed, sum(excusing)::integer AS excusing
	FROM oracle.person_row
	GROUP BY person, day
	HAVING sum(prescribed + taken + missed + excusing) > 0
), span AS (
	SELECT person, min(day) AS first, max(day) AS last
	FROM summed
	GROUP BY person
)
SELECT span.person, span.first + i AS day, coalesce(s.prescribed, 0) AS prescribed,
	coalesce(s.taken, 0) AS taken, coalesce(s.missed, 0) AS missed, coalesce(s.excusing, 0) AS excusing
FROM span
CROSS JOIN LATERAL generate_series(0, span.last - span.first) AS i
LEFT JOIN summed AS s ON s.person = span.person AND s.day = span.first + i;

ALTER TABLE oracle.person_day ADD PRIMARY KEY (person, day);

-- The extension's own way from rows to a calendar; the empty calendar stands
-- for people of whom there is nothing.
CREATE TABLE oracle.calendar AS
SELECT p.person, coalesce(rollup(part.calendar), 'empty') AS calendar
FROM oracle.person AS p
LEFT JOIN (
	SELECT person, adherence_agg(day, prescribed, taken, missed) AS calendar
	FROM oracle.person_row
	GROUP BY person
	UNION ALL
	SELECT person, adherence_agg(day, 'excused')
	FROM oracle.person_row
	CROSS JOIN LATERAL generate_series(1, excusing)
	GROUP BY person) AS part ON part.person = p.person
GROUP BY p.person;

ALTER TABLE oracle.calendar ADD PRIMARY KEY (person);

CREATE TABLE oracle.scope AS
SELECT p.person, kind.*
FROM oracle.person AS p
CROSS JOIN LATERAL (SELECT
	p.first_day + floor(oracle.random(p.person, 20) * p.days)::integer AS a,
	p.first_day + floor(oracle.random(p.person, 21) * p.days)::integer AS b) AS pick
CROSS JOIN LATERAL (SELECT least(pick.a, pick.b) AS a, greatest(pick.a, pick.b) AS b) AS cut
CROSS JOIN LATERAL (VALUES
	('NULL', NULL::daterange),
	('inside', daterange(cut.a, cut.b)),
	('closed', daterange(cut.a, cut.b, '[]')),
	('one day', daterange(cut.b, cut.b, '[]')),
	('from', daterange(cut.a, NULL)),
	('until', daterange(NULL, cut.b)),
	('unbounded', daterange(NULL, NULL)),
	('empty', 'empty'),
	('to infinity', daterange(cut.a, 'infinity')),
	('to infinity, closed', daterange(cut.b, 'infinity', '[]')),
	('from -infinity', daterange('-infinity', cut.a, '()')),
	('around', daterange(p.first_day - 9, p.first_day + p.days + 9)),
	('before', daterange(p.first_day - 9, p.first_day)),
	('after', daterange(p.first_day + p.days, p.first_day + p.days + 9))
	) AS kind (kind, within);

CREATE TABLE oracle.moment AS
SELECT DISTINCT p.person, at.as_of
FROM oracle.person AS p
CROSS JOIN LATERAL (
	SELECT p.first_day + floor(oracle.random(p.person, 30, n) * p.days)::integer
	FROM generate_series(1, 6) AS n
	UNION ALL
	SELECT unnest(ARRAY['-infinity', p.first_day - 1, p.first_day, p.first_day + p.days - 1,
		p.first_day + p.days, p.first_day + p.days + 12, 'infinity']::date[])
	UNION ALL
	(SELECT day FROM oracle.person_day AS d WHERE d.person = p.person ORDER BY day DESC LIMIT 1)
	) AS at (as_of);

ANALYZE oracle.person_row, oracle.person_day, oracle.scope, oracle.moment;
