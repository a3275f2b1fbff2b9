-- Pictures of calendars: exact text. The extension is loaded; comparison with
-- a rendering in SQL over random calendars is in test/pgtap/plot.sql.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';
\pset format unaligned

--
-- Sparkline
--
-- every status: taken, partial, missed, unrecorded, over, excused, extra, none
SELECT sparkline('2026-01-05: + (2,1,1) - ? (1,2) x * . +');
-- heights: eighths, rounded down, at least two; the highest and the lowest are exact
SELECT sparkline('2026-01-05: (8,0,8) (8,1) (8,2) (8,3) (8,4) (8,5) (8,6) (8,7) (8,8) (99,1) (99,98)');
-- a range is drawn whole, and where it has no bound as far as the calendar goes
SELECT sparkline('2026-01-05: +5 -5', '[2026-01-08,2026-02-01)');
SELECT sparkline('2026-01-05: +5 -5', '[2026-01-08,2026-01-09)');
SELECT sparkline('2026-01-05: +5 -5', '[2026-01-08,)'), sparkline('2026-01-05: +5 -5', '(,infinity)'), sparkline('empty', '[2026-01-08,2026-01-12)');
SELECT sparkline('2026-01-05: +5 -5', '[2027-01-01,)') = '' AS no_days, sparkline('2026-01-05: +5 -5', 'empty') = '' AS none,
	sparkline('empty') = '' AS empty, sparkline(NULL) IS NULL AS unknown;
-- 40 days in the usual 30 characters, in 10, in one, in more than there are
SELECT sparkline('2026-01-05: +10 (2,1)10 -10 ?9 (1,2)');
SELECT sparkline('2026-01-05: +10 (2,1)10 -10 ?9 (1,2)', width => 10);
SELECT sparkline('2026-01-05: +10 (2,1)10 -10 ?9 (1,2)', width => 1);
SELECT sparkline('2026-01-05: +10 (2,1)10 -10 ?9 (1,2)', width => 1000);
SELECT sparkline('2026-01-05: +10 (2,1)10 -10 ?9 (1,2)', width => NULL);
-- several days in one: silence shows where it is more than half; planned days go first, then excused, then extra ones
SELECT sparkline(calendar, width => 1), calendar
FROM unnest(ARRAY['2026-01-05: +2 ?2', '2026-01-05: +2 ?3', '2026-01-05: x5 - *', '2026-01-05: x . *3',
	'2026-01-05: *2 .3 (0,0,1)', '2026-01-05: +3 -', '2026-01-05: + (9,0,9)', '2026-01-05: (0,0,1)']::adherence[]) AS calendar;
-- not a width
SELECT sparkline('2026-01-05: +', width => 0);
SELECT sparkline('2026-01-05: +', width => 1001);
SELECT sparkline('2026-01-05: +', width => -1);

--
-- Heatmap
--
SELECT heatmap('2026-01-19: +5 .2 +4 - .2 (2,1,1)3 (2,1) ? .2 ?5 .2 +5 x9 +3 . * (1,2) +4');
-- no rate where nothing is planned
SELECT heatmap('2024-02-27: x3 *2');
-- 0% and 100% are exact
SELECT heatmap('2026-01-30: (99,99)2 (99,99)2 (99,98,1) .26 - . (99,0,99) (3,1,2) (99,0,99)2');
-- part of it
SELECT heatmap('2026-01-19: +90', '[2026-02-10,2026-03-04)');
-- a pause of more than twelve months is one line, a shorter one is not
SELECT heatmap('2024-12-30: +3 .700 +2');
SELECT array_length(string_to_array(heatmap('2024-12-31: + .365 +'), E'\n'), 1) - 3 AS months;
-- change of era, years of five digits, the last day
SELECT heatmap('0001-12-30 BC: +3');
SELECT heatmap('9999-12-30: +3');
SELECT heatmap('5874897-12-31: +');
SELECT heatmap('empty') = '' AS empty, heatmap('2026-01-05: +', 'empty') = '' AS none, heatmap(NULL) IS NULL AS unknown;

--
-- SVG
--
SELECT heatmap_svg('2026-03-29: + - ? (2,1,1) (1,2) x * . +2');
-- no days
SELECT heatmap_svg('empty') ~ '>Adherence, no days<' AS empty, heatmap_svg('2026-01-05: +', 'empty') = heatmap_svg('empty') AS none,
	heatmap_svg(NULL) IS NULL AS unknown;
-- an id belongs to what is drawn
SELECT substring(heatmap_svg('2026-01-05: +3 -', '[2026-01-05,2026-01-08)') FROM 'aria-labelledby="[^"]*"')
	= substring(heatmap_svg('2026-01-05: +3') FROM 'aria-labelledby="[^"]*"') AS same,
	substring(heatmap_svg('2026-01-05: +3 -') FROM 'aria-labelledby="[^"]*"')
	= substring(heatmap_svg('2026-01-05: +3') FROM 'aria-labelledby="[^"]*"') AS other;
