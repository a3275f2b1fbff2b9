-- sparkline, heatmap and heatmap_svg against a rendering in plain SQL: every character of the texts; of the SVG every
-- cell, its place and its words, and whether its colours can be told from what they lie on.
\set ECHO none
\set ON_ERROR_STOP on

-- Where the encoding has no blocks: in a database of its own, before the transaction that all else is in.
SELECT current_database() AS home, current_database() || '_latin1' AS latin1 \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS :"latin1";
CREATE DATABASE :"latin1" TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc
	LC_COLLATE 'C' LC_CTYPE 'C';
\c :"latin1"
SET client_min_messages = warning;
CREATE EXTENSION coachiatry;
\set days '2026-01-30: + (8,1) (8,3) (8,7) - ? (1,2) x * . +'
SELECT coachiatry.sparkline(:'days') AS ascii_line, coachiatry.heatmap(:'days') AS ascii_grid,
	md5(coachiatry.heatmap_svg(:'days')) AS ascii_svg \gset
\c :"home"
DROP DATABASE :"latin1";

\set people 60
\ir include/oracle.sql

SELECT plan(53);

-- The pictures to compare: of random people over ranges of every kind, and of calendars with pauses of years.
CREATE TABLE oracle.paused AS
SELECT row_number() OVER () AS id, text::adherence AS calendar
FROM (
	SELECT format('%s: + %s x .%s * .%s - .%s (2,1) .%s + .%s (0,0,7) ?', first, run, pause, pause + 31, pause - 28,
		pause - 366, pause * 5) AS text
	FROM unnest(
		ARRAY['1850-01-31', '2024-02-28', '2023-12-31', '0003-06-15 BC', '9996-03-01', '5874800-10-10', '2025-01-31'],
		ARRAY[3000, 368, 397, 425, 396, 800, 393],
		ARRAY['+', '?400', '(3,4)370 -30', '-', 'x300', '+700', '+']) AS plan (first, pause, run)
	UNION ALL
	SELECT unnest(ARRAY['1826-01-01: + .73048 +', '2012-01-01: +366', '2012-01-01: +372', '2023-01-01: +373',
		'2023-12-31: +2', '2025-01-31: + .365 +', '2025-01-31: + .393 +', '4714-12-01 BC: +40', '5874897-12-31: +', '5874896-12-31: -366', 'empty'])
) AS written;

CREATE TABLE oracle.picture AS
SELECT row_number() OVER () AS id, about, calendar, within, kind
FROM (
	SELECT about, calendar, within, kind FROM oracle.asked
	UNION ALL
	SELECT 'pauses ' || p.id, p.calendar, s.within, CASE WHEN s.within IS NULL THEN 'NULL' ELSE 'inside' END
	FROM oracle.paused AS p
	CROSS JOIN LATERAL (
		SELECT min(day) AS first, max(day) AS last FROM to_adherence_days(p.calendar)) AS span
	CROSS JOIN LATERAL (VALUES (NULL::daterange), (CASE WHEN span.last - span.first > 80
		THEN daterange(span.first + 40, span.last - 40) ELSE 'empty' END)) AS s (within)
) AS all_kinds;

ALTER TABLE oracle.picture ADD PRIMARY KEY (id);

-- Its days, counted from 0, and to which month they belong.
CREATE TABLE oracle.drawn AS
SELECT p.id, d.day, d.prescribed, d.taken, d.missed, d.status,
	row_number() OVER (PARTITION BY p.id ORDER BY d.day) - 1 AS i, count(*) OVER (PARTITION BY p.id) AS n,
	d.day - extract(day FROM d.day)::integer + 1 AS month, extract(day FROM d.day)::integer AS of_month,
	d.status NOT IN ('none', 'excused', 'extra') AS planned,
	d.status NOT IN ('none', 'excused', 'extra', 'unrecorded') AS recorded
FROM oracle.picture AS p
CROSS JOIN LATERAL to_adherence_days(p.calendar) AS d
WHERE p.within IS NULL OR p.within @> d.day;

CREATE INDEX ON oracle.drawn (id);
ANALYZE oracle.picture, oracle.drawn;

-- A block: eighths, with the first and the last for nothing and all.
CREATE FUNCTION oracle.block(taken bigint, prescribed bigint)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT substr('▁▂▃▄▅▆▇█', CASE taken WHEN 0 THEN 1 WHEN prescribed THEN 8
		ELSE greatest(2, 8 * taken / prescribed)::integer END, 1)
$$;

-- The days that a sparkline shows, counted from 2000-01-01: those of the range, and where it has no bound those of the
-- calendar.
CREATE TABLE oracle.line_days AS
SELECT p.id, coalesce(CASE WHEN isfinite(lower(p.within)) THEN lower(p.within) END, c.first) - date '2000-01-01' AS first,
	coalesce(CASE WHEN isfinite(upper(p.within)) THEN upper(p.within) - date '2000-01-01' END, c.last - date '2000-01-01' + 1) AS until
FROM oracle.picture AS p
CROSS JOIN LATERAL (SELECT min(day) AS first, max(day) AS last FROM to_adherence_days(p.calendar)) AS c
WHERE p.within IS NULL OR NOT isempty(p.within);

-- An end that neither gives: nothing to show.
DELETE FROM oracle.line_days WHERE first IS NULL OR until IS NULL;

-- Sparkline: day i of n is in the first share that ends after it.
CREATE FUNCTION oracle.sparkline(width bigint)
RETURNS TABLE (id bigint, line text)
LANGUAGE sql STABLE AS $$
	WITH share AS (
		SELECT d.id, CASE WHEN place.n <= width THEN place.i + 1 ELSE ceil((place.i + 1) * width / place.n::numeric) END AS nth,
			count(*) FILTER (WHERE d.status = 'over') AS over,
			count(*) FILTER (WHERE d.planned) AS planned,
			count(*) FILTER (WHERE d.status = 'unrecorded') AS unrecorded,
			sum(least(d.taken, d.prescribed)) FILTER (WHERE d.recorded) AS taken,
			sum(d.prescribed) FILTER (WHERE d.recorded) AS prescribed,
			count(*) FILTER (WHERE d.status = 'excused') AS excused,
			count(*) FILTER (WHERE d.status = 'extra') AS extra
		FROM oracle.drawn AS d
		JOIN oracle.line_days AS s USING (id)
		CROSS JOIN LATERAL (
			SELECT (d.day - date '2000-01-01' - s.first)::bigint AS i, (s.until - s.first)::bigint AS n) AS place
		GROUP BY 1, 2
	)
	SELECT w.id, string_agg(CASE
		WHEN over > 0 THEN '!'
		WHEN unrecorded > planned / 2.0 THEN '?'
		WHEN planned > 0 THEN oracle.block(taken, prescribed)
		WHEN excused > 0 THEN 'x'
		WHEN extra > 0 THEN '*'
		ELSE '·' END, '' ORDER BY nth)
	FROM oracle.line_days AS w
	CROSS JOIN LATERAL generate_series(1, least(w.until - w.first, width)) AS nth
	LEFT JOIN share AS s USING (id, nth)
	GROUP BY w.id
$$;

SELECT answers.*
FROM unnest(ARRAY[1, 2, 7, 13, 30, 31, 100, 999, 1000]) AS width
CROSS JOIN LATERAL oracle.agree(format($q$
	SELECT p.about, sparkline(p.calendar, p.within, %1$s) AS got, coalesce(w.line, '') AS wanted
	FROM oracle.picture AS p
	LEFT JOIN oracle.sparkline(%1$s) AS w USING (id)
	$q$, width), format('sparkline(width => %s)', width)) AS answers;

SELECT * FROM oracle.agree($q$
	SELECT p.about, drawn.line AS got, coalesce(w.line, '') AS wanted
	FROM oracle.picture AS p
	LEFT JOIN oracle.sparkline(30) AS w USING (id)
	CROSS JOIN LATERAL (SELECT sparkline(p.calendar, p.within) UNION ALL SELECT sparkline(p.calendar, p.within, NULL))
		AS drawn (line)
	$q$, 'sparkline: width left out or NULL is 30');

-- Heatmap
CREATE FUNCTION oracle.percent(part bigint, whole bigint)
RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT CASE part WHEN 0 THEN 0 WHEN whole THEN 100
		ELSE least(99, greatest(1, round(100.0 * part / whole)))::integer END
$$;

CREATE FUNCTION oracle.rate_text(taken bigint, possible bigint, prescribed bigint, joined text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN low = high THEN low || '%' ELSE low || joined || high || '%' END
	FROM (SELECT oracle.percent(taken, prescribed) AS low, oracle.percent(possible, prescribed) AS high) AS bounds
$$;

CREATE TABLE oracle.month AS
SELECT d.id, d.month, regexp_replace(d.month::text, '-01( BC)?$', '\1') AS label,
	string_agg(coalesce(CASE m.status
		WHEN 'taken' THEN '█' WHEN 'partial' THEN oracle.block(m.taken, m.prescribed) WHEN 'missed' THEN '▁'
		WHEN 'unrecorded' THEN '?' WHEN 'over' THEN '!' WHEN 'excused' THEN 'x' WHEN 'extra' THEN '*'
		WHEN 'none' THEN '·' END, ' '), '' ORDER BY c.of_month) AS cells,
	coalesce(bool_and(m.status = 'none'), true) AS vacant,
	sum(least(m.taken, m.prescribed)) FILTER (WHERE m.planned) AS taken,
	sum(least(m.prescribed, m.taken + greatest(0, m.prescribed - m.taken - m.missed))) FILTER (WHERE m.planned)
		AS possible,
	sum(m.prescribed) FILTER (WHERE m.planned) AS prescribed
FROM (SELECT DISTINCT id, month FROM oracle.drawn) AS d
CROSS JOIN generate_series(1, 31) AS c (of_month)
LEFT JOIN oracle.drawn AS m ON m.id = d.id AND m.month = d.month AND m.of_month = c.of_month
GROUP BY d.id, d.month;

CREATE TABLE oracle.heatmap AS
WITH islands AS (
	SELECT *, count(*) FILTER (WHERE NOT vacant) OVER (PARTITION BY id ORDER BY month) AS island,
		max(length(label)) OVER (PARTITION BY id) AS margin
	FROM oracle.month
), runs AS (
	SELECT *, count(*) FILTER (WHERE vacant) OVER (PARTITION BY id, island) AS run
	FROM islands
), lines AS (
	SELECT id, month AS place, rtrim(rpad(label, margin + 1) || cells
		|| lpad(coalesce(oracle.rate_text(taken, possible, prescribed, '-'), ''), 8)) AS line
	FROM runs
	WHERE NOT vacant OR run <= 12
	UNION ALL
	SELECT id, min(month), format('... %s empty months', run)
	FROM runs
	WHERE vacant AND run > 12
	GROUP BY id, island, run
	UNION ALL
	SELECT DISTINCT id, '-infinity'::date,
		repeat(' ', margin + 1) || '         1         2         3' || E'\n'
		|| repeat(' ', margin + 1) || repeat('1234567890', 3) || '1    rate'
	FROM runs
	UNION ALL
	SELECT DISTINCT id, 'infinity'::date,
		'█ taken  ▂-▇ partial  ▁ missed  ? unrecorded  ! over  x excused  * extra  · none'
	FROM runs
)
SELECT id, string_agg(line, E'\n' ORDER BY place) AS grid
FROM lines
GROUP BY id;

SELECT * FROM oracle.agree($q$
	SELECT p.about, heatmap(p.calendar, p.within) AS got, coalesce(w.grid, '') AS wanted
	FROM oracle.picture AS p
	LEFT JOIN oracle.heatmap AS w USING (id)
	$q$, 'heatmap: every character');
SELECT cmp_ok((SELECT count(*) FROM oracle.heatmap WHERE grid LIKE '%empty months%'), '>=', 10::bigint,
	'pauses of more than a year were among them');
SELECT cmp_ok((SELECT count(DISTINCT status) FROM oracle.drawn), '=', 8::bigint, 'and days of every status');
SELECT is_empty($$SELECT id FROM oracle.picture WHERE heatmap(calendar, within) ~ '\s(\n|$)'$$,
	'heatmap: no trailing blanks');

-- SVG: parsed as XML, its cells one row each.
CREATE TABLE oracle.svg AS
SELECT id, about, calendar, within, text, xmlparse(DOCUMENT text) AS document
FROM (
	SELECT id, about, calendar, within, heatmap_svg(calendar, within) AS text
	FROM oracle.picture
	WHERE kind IN ('NULL', 'inside', 'one day', 'empty')
) AS drawn;

CREATE FUNCTION oracle.select(path text, document xml)
RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT xpath(path, document, ARRAY[ARRAY['svg', 'http://www.w3.org/2000/svg']])::text[]
$$;

CREATE TABLE oracle.cell AS
SELECT s.id, status, nth, title, x::integer AS x, y::integer AS y, left(title, position(': ' IN title) - 1)::date AS day
FROM oracle.svg AS s
CROSS JOIN unnest(ARRAY['taken', 'partial', 'missed', 'unrecorded', 'over', 'excused', 'extra', 'none']) AS status
CROSS JOIN LATERAL (SELECT format('/svg:svg/svg:g[@class="adherence-%s"]/svg:rect', status) AS rects) AS path
CROSS JOIN LATERAL ROWS FROM (
	unnest(oracle.select(rects || '/svg:title/text()', document)),
	unnest(oracle.select(rects || '/@x', document)),
	unnest(oracle.select(rects || '/@y', document))) WITH ORDINALITY AS of_cell (title, x, y, nth);

-- Its size, and where the names of Mondays stand: x of the first week, y of each grid.
CREATE TABLE oracle.frame AS
SELECT id, about, (oracle.select('//svg:text[text() = "Mon"]/@x', document))[1]::integer + 6 AS x,
	oracle.select('//svg:text[text() = "Mon"]/@y', document)::integer[] AS mondays,
	(oracle.select('/svg:svg/@width', document))[1]::integer AS width,
	(oracle.select('/svg:svg/@height', document))[1]::integer AS height,
	(oracle.select('/svg:svg/@viewBox', document))[1] AS box
FROM oracle.svg;

CREATE INDEX ON oracle.cell (id, day);
ANALYZE oracle.svg, oracle.cell, oracle.frame;

-- Days that have a cell: not those of years in which nothing is, where there is a grid a year.
CREATE TABLE oracle.shown AS
SELECT d.*, s.by_year, s.monday AS first_monday, s.year
FROM (
	SELECT d.*, extract(year FROM d.day) AS year,
		bool_and(d.status = 'none') OVER (PARTITION BY d.id, extract(year FROM d.day)) AS vacant,
		min(oracle.monday(d.day)) OVER (PARTITION BY d.id) AS monday,
		(max(oracle.monday(d.day)) OVER (PARTITION BY d.id) - min(oracle.monday(d.day)) OVER (PARTITION BY d.id)) / 7
			>= 54 AS by_year
	FROM oracle.drawn AS d
	JOIN oracle.svg AS s USING (id)
) AS s
JOIN oracle.drawn AS d ON d.id = s.id AND d.day = s.day
WHERE NOT (s.by_year AND s.vacant);

CREATE INDEX ON oracle.shown (id);
ANALYZE oracle.shown;

SELECT * FROM oracle.agree($q$
	SELECT s.about, xpath_exists('//*[local-name() = "script" or @href or starts-with(local-name(), "use")]', s.document)
		OR s.text ~* 'url\(|@import|://' AND regexp_count(s.text, '://') > 1 AS got, false AS wanted
	FROM oracle.svg AS s
	$q$, 'heatmap_svg: nothing to run, nothing to load');

SELECT * FROM oracle.agree($q$
	SELECT format('%s, %s', s.about, d.status) AS about, (SELECT count(*) FROM oracle.cell AS c
		WHERE c.id = d.id AND c.status = d.status) AS got, count(*) AS wanted
	FROM oracle.shown AS d
	JOIN oracle.svg AS s USING (id)
	GROUP BY s.about, d.id, d.status
	$q$, 'heatmap_svg: as many cells of a status as days');

SELECT * FROM oracle.agree($q$
	SELECT s.about, (SELECT count(*) FROM oracle.cell AS c WHERE c.id = s.id) AS got,
		coalesce(cardinality(oracle.select('//svg:rect', s.document)), 0)::bigint AS wanted
	FROM oracle.svg AS s
	$q$, 'heatmap_svg: every rect is the cell of a day');

SELECT * FROM oracle.agree($q$
	SELECT s.about, c.title AS got, format('%s: %s%s', d.day, d.status, CASE WHEN d.prescribed + d.taken > 0
		THEN format(', %s of %s', d.taken, d.prescribed) ELSE '' END) AS wanted
	FROM oracle.shown AS d
	JOIN oracle.svg AS s USING (id)
	LEFT JOIN oracle.cell AS c ON c.id = d.id AND c.day = d.day AND c.status = d.status
	$q$, 'heatmap_svg: every day''s title');

-- Columns are weeks: from the first day's, or from that of January 1; the year's grid lies below the one before it.
SELECT * FROM oracle.agree($q$
	SELECT s.about || ' ' || d.day AS about, (c.x - s.x) / 15.0 AS got,
		(oracle.monday(d.day) - CASE WHEN d.by_year THEN oracle.monday(
			d.day - extract(doy FROM d.day)::integer + 1) ELSE d.first_monday END)::numeric / 7 AS wanted
	FROM oracle.shown AS d
	JOIN oracle.frame AS s USING (id)
	LEFT JOIN oracle.cell AS c ON c.id = d.id AND c.day = d.day
	$q$, 'heatmap_svg: columns are weeks');

SELECT * FROM oracle.agree($q$
	SELECT s.about || ' ' || d.day AS about,
		c.y - (s.mondays)[dense_rank() OVER (PARTITION BY d.id ORDER BY CASE WHEN d.by_year THEN d.year END)] + 10
			AS got,
		15 * (extract(isodow FROM d.day)::integer - 1) AS wanted
	FROM oracle.shown AS d
	JOIN oracle.frame AS s USING (id)
	LEFT JOIN oracle.cell AS c ON c.id = d.id AND c.day = d.day
	$q$, 'heatmap_svg: rows are days of the week, in line with their names');

SELECT * FROM oracle.agree($q$
	SELECT s.about, oracle.select('//svg:text[@font-weight = "bold"]/text()', s.document)::text AS got,
		ARRAY(SELECT lpad(abs(year)::text, greatest(4, length(abs(year)::text)), '0')
				|| CASE WHEN year < 0 THEN ' BC' ELSE '' END
			FROM (SELECT DISTINCT year FROM oracle.shown AS d WHERE d.id = s.id AND d.by_year) AS shown
			ORDER BY year)::text AS wanted
	FROM oracle.svg AS s
	$q$, 'heatmap_svg: a grid for each year with anything in it, if there are grids for years');

-- The picture in words.
CREATE TABLE oracle.words AS
WITH summed AS (
	SELECT s.id, s.about, coalesce(min(d.day) || ' to ' || max(d.day), 'no days') AS span, count(d.day) AS days,
		sum(least(d.taken, d.prescribed)) FILTER (WHERE d.planned) AS taken,
		sum(least(d.prescribed, d.taken + greatest(0, d.prescribed - d.taken - d.missed))) FILTER (WHERE d.planned)
			AS possible,
		sum(d.prescribed) FILTER (WHERE d.planned) AS prescribed
	FROM oracle.svg AS s
	LEFT JOIN oracle.drawn AS d USING (id)
	GROUP BY s.id, s.about
), counted AS (
	SELECT id, string_agg(days || ' ' || status, ', ' ORDER BY
		array_position('{taken,partial,missed,unrecorded,over,excused,extra,none}', status)) AS statuses
	FROM (SELECT id, status, count(*) AS days FROM oracle.drawn GROUP BY id, status) AS d
	GROUP BY id
)
SELECT s.id, s.about, s.span, oracle.rate_text(s.taken, s.possible, s.prescribed, '-') AS rate,
	format('%s day%s%s. %s', s.days, CASE WHEN s.days = 1 THEN '' ELSE 's' END, ': ' || c.statuses,
		coalesce(format('Of the planned units %s were taken%s.',
			nullif(oracle.rate_text(s.taken, s.possible, s.prescribed, '% to '), ''),
			CASE WHEN oracle.rate_text(s.taken, s.possible, s.prescribed, '-') LIKE '%-%'
				THEN ', depending on those unrecorded' END), '')) AS description
FROM summed AS s
LEFT JOIN counted AS c USING (id);

UPDATE oracle.words SET description = split_part(description, '.', 1) || '. Nothing was planned.' WHERE rate IS NULL;

SELECT * FROM oracle.agree($q$
	SELECT about, (oracle.select('/svg:svg/svg:title/text()', document))[1] AS got, 'Adherence, ' || span AS wanted
	FROM oracle.svg
	JOIN oracle.words USING (id, about)
	$q$, 'heatmap_svg: its title');
SELECT * FROM oracle.agree($q$
	SELECT about, (oracle.select('/svg:svg/svg:desc/text()', document))[1] AS got, description AS wanted
	FROM oracle.svg
	JOIN oracle.words USING (id, about)
	$q$, 'heatmap_svg: its description');
SELECT * FROM oracle.agree($q$
	SELECT about, (oracle.select('//svg:text[@font-size = "13"]/text()', document))[1] AS got,
		span || coalesce(': ' || rate || ' of planned units taken', '') AS wanted
	FROM oracle.svg
	JOIN oracle.words USING (id, about)
	$q$, 'heatmap_svg: its caption');

SELECT * FROM oracle.agree($q$
	SELECT about, (oracle.select('/svg:svg[@role = "img"]/@aria-labelledby', document))[1] AS got,
		array_to_string(oracle.select('/svg:svg/svg:title/@id | /svg:svg/svg:desc/@id', document), ' ') AS wanted
	FROM oracle.svg
	$q$, 'heatmap_svg: an image, labelled by its title and description');
SELECT * FROM oracle.agree($q$
	SELECT about, oracle.select('//@id', document)::text AS got,
		oracle.select('/svg:svg/svg:title/@id | /svg:svg/svg:desc/@id', document)::text AS wanted
	FROM oracle.svg
	$q$, 'heatmap_svg: no other ids');
SELECT is(
	(SELECT count(DISTINCT (oracle.select('/svg:svg/@aria-labelledby', document))[1]) FROM oracle.svg),
	(SELECT count(DISTINCT text) FROM oracle.svg),
	'heatmap_svg: the same ids for the same picture only');
SELECT * FROM oracle.agree($q$
	SELECT about, box AS got, format('0 0 %s %s', width, height) AS wanted FROM oracle.frame
	$q$, 'heatmap_svg: the view box is the whole');
SELECT is_empty($$
	SELECT f.about, c.title
	FROM oracle.frame AS f
	JOIN oracle.cell AS c USING (id)
	WHERE c.x < 0 OR c.y < 0 OR c.x + 13 > f.width OR c.y + 13 > f.height
	LIMIT 5$$, 'heatmap_svg: all cells are inside');
SELECT is_empty('SELECT id, x, y FROM oracle.cell GROUP BY id, x, y HAVING count(*) > 1 LIMIT 5',
	'heatmap_svg: no cell hides another');
SELECT is_empty($$SELECT about FROM oracle.svg WHERE text ~ '[^\x01-\x7e]' LIMIT 5$$, 'heatmap_svg: plain ASCII');

-- Contrast, as the Web Content Accessibility Guidelines 2.2 have it: a graphical object needs 3:1, text 4.5:1.
CREATE FUNCTION oracle.luminance(colour text)
RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT sum(weight * CASE WHEN part <= 0.04045 THEN part / 12.92 ELSE ((part + 0.055) / 1.055) ^ 2.4 END)
	FROM (VALUES (1, 0.2126::float8), (3, 0.7152), (5, 0.0722)) AS channel (at, weight)
	CROSS JOIN LATERAL (SELECT CASE WHEN length(colour) = 4 THEN regexp_replace(colour, '([0-9a-f])', '\1\1', 'g')
		ELSE colour END AS digits) AS long
	CROSS JOIN LATERAL (SELECT get_byte(decode(substr(digits, at + 1, 2), 'hex'), 0) / 255.0::float8 AS part) AS channels
$$;

CREATE FUNCTION oracle.contrast(a text, b text)
RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT (greatest(x, y) + 0.05) / (least(x, y) + 0.05)
	FROM (SELECT oracle.luminance(a) AS x, oracle.luminance(b) AS y) AS luminances
$$;

SELECT is(round(oracle.contrast('#fff', '#000')::numeric, 3), 21.000, 'contrast: black on white is 21:1');
SELECT is(round(oracle.contrast('#777777', '#ffffff')::numeric, 2), 4.48, 'contrast: and #777 on white just misses 4.5:1');

-- What each part is drawn with, by day and by night: from the attributes, and from the rules for dark pages.
CREATE TABLE oracle.paint AS
WITH picture AS (
	SELECT xmlparse(DOCUMENT heatmap_svg('2026-01-05: + (2,1) - ? (1,2) x * . +')) AS document
), drawn AS (
	SELECT (oracle.select('//svg:style/text()', document))[1] AS style,
		oracle.select('//*[starts-with(@class, "adherence-")]', document) AS elements
	FROM picture
), rules AS (
	SELECT unnest(string_to_array(rule[1], ',')) AS selector, rule[2] AS body
	FROM drawn, regexp_matches(split_part(style, 'dark){', 2), '([^{}]+)\{([^{}]+)\}', 'g') AS rule
), parts AS (
	SELECT part[1] AS part, glyph, attributes
	FROM drawn
	CROSS JOIN unnest(elements) AS element
	CROSS JOIN LATERAL regexp_match(element, '^<\w+ [^>]*class="adherence-(\w+)"([^>]*)>') AS part
	CROSS JOIN LATERAL (
		SELECT false AS glyph, part[2] AS attributes
		UNION ALL
		SELECT true, inner_part[1]
		FROM regexp_match(element, '^<g [^>]*>.*<path class="adherence-glyph"([^>]*) d=') AS inner_part
		WHERE inner_part IS NOT NULL) AS painted
	WHERE part[1] NOT IN ('heatmap', 'glyph')
)
SELECT p.part, p.glyph, 'light' AS mode, (regexp_match(p.attributes, 'fill="(#\w+)"'))[1] AS fill,
	(regexp_match(p.attributes, 'stroke="(#\w+)"'))[1] AS stroke
FROM parts AS p
UNION
SELECT p.part, p.glyph, 'dark', (regexp_match(r.body, 'fill:(#\w+)'))[1], (regexp_match(r.body, 'stroke:(#\w+)'))[1]
FROM parts AS p
LEFT JOIN rules AS r ON r.selector = '.adherence-' || p.part || CASE WHEN p.glyph THEN ' .adherence-glyph' ELSE '' END;

SELECT set_eq($$SELECT mode, part, count(*)::integer FROM oracle.paint GROUP BY mode, part$$,
	$$SELECT mode, part, CASE WHEN part IN ('taken', 'unrecorded', 'text', 'ground') THEN 1 ELSE 2 END
	FROM unnest('{light,dark}'::text[]) AS mode
	CROSS JOIN unnest('{taken,partial,missed,unrecorded,over,excused,extra,none,text,ground}'::text[]) AS part$$,
	'palette: every part has its colours by day and by night, the statuses but two a glyph');
SELECT is_empty($$
	SELECT c.mode, c.part, c.fill, c.stroke
	FROM oracle.paint AS c
	JOIN oracle.paint AS ground ON ground.mode = c.mode AND ground.part = 'ground'
	WHERE NOT c.glyph AND c.part NOT IN ('ground', 'text', 'extra', 'none')
		AND (coalesce(oracle.contrast(c.stroke, ground.fill), 0) < 3)$$,
	'palette: cells stand out from the ground');
SELECT is_empty($$
	SELECT g.mode, g.part, g.fill, g.stroke
	FROM oracle.paint AS g
	JOIN oracle.paint AS c ON c.mode = g.mode AND c.part = g.part AND NOT c.glyph
	WHERE g.glyph AND coalesce(oracle.contrast(coalesce(g.fill, g.stroke), c.fill), 0) < 3$$,
	'palette: glyphs stand out from their cells');
SELECT is_empty($$
	SELECT t.mode, t.fill
	FROM oracle.paint AS t
	JOIN oracle.paint AS ground ON ground.mode = t.mode AND ground.part = 'ground'
	WHERE t.part = 'text' AND coalesce(oracle.contrast(t.fill, ground.fill), 0) < 4.5$$,
	'palette: text stands out from the ground');

-- Other encodings
SELECT is(:'ascii_line'::text, '#237_?!x*.#', 'sparkline: ASCII marks where the encoding is not UTF8');
SELECT is(:'ascii_grid', translate(heatmap(:'days'), '▁▂▃▄▅▆▇█·', '_234567#.'), 'heatmap: the same');
SELECT is(:'ascii_grid' ~ '[^\x01-\x7e]', false, 'heatmap: nothing but ASCII there');
SELECT is(:'ascii_svg', md5(heatmap_svg(:'days')), 'heatmap_svg: the same in every encoding');

-- Arguments
SELECT is(sparkline(NULL), NULL::text, 'sparkline: NULL for a NULL calendar');
SELECT is(sparkline(NULL, NULL, 0), NULL::text, 'sparkline: whatever the width');
SELECT is(heatmap(NULL), NULL::text, 'heatmap: NULL for a NULL calendar');
SELECT is(heatmap_svg(NULL), NULL::text, 'heatmap_svg: NULL for a NULL calendar');
SELECT oracle.refused(format('SELECT sparkline(%L, NULL, %s)', '2026-01-05: +', width), '22023')
FROM unnest(ARRAY[0, -1, 1001, 2147483647, -2147483648]) AS width;
SELECT is(sparkline(adherence_agg_add('empty', '2026-01-05', true)), '█', 'a state with slack is drawn without it');
SELECT is(heatmap(adherence_agg_add('empty', '2026-01-05', true)), heatmap('2026-01-05: +'), 'in the grid too');
SELECT is(sparkline(adherence_agg_add('empty', '2026-01-05', true), '[2026-01-04, 2026-01-08)'), '·█··',
	'and over a range that is wider, which is drawn whole');

SELECT * FROM finish();
ROLLBACK;
