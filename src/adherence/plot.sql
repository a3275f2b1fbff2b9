-- Pictures of a calendar: one line, a month grid in text, a grid of weeks in
-- SVG. After adherence.sql, which makes the type.

CREATE FUNCTION coachiatry.sparkline(a coachiatry.adherence, within daterange DEFAULT NULL,
	width integer DEFAULT 30)
RETURNS text
AS 'MODULE_PATHNAME', 'adherence_sparkline'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.sparkline(coachiatry.adherence, daterange, integer) IS
'The calendar as one line for a psql column: a character a day while the days fit in width (1-1000 characters), else width characters that each stand for an equal share of the days, the newest at the right. A full block: all taken; a block of two to seven eighths: a part (eighths of the prescribed units, rounded down, at least two); the lowest block, one eighth: missed; ? unrecorded; ! over (more taken than prescribed); x excused; * extra (taken, not planned); a dot in the middle of the line: nothing planned. A character for several days is the first that fits: ! if any is over; ? if more than half of the planned days are unrecorded; a block for the rate of the recorded planned days; x if any is excused; * if any is extra; else the dot. Where the database''s encoding is not UTF8, blocks and dot are #, 7 to 2, _ and a full stop. within: the days of this range, from its first and to its last even where the calendar has none there (they are drawn as nothing planned), so that the lines of several people over one range stand in step; an end without a bound is the calendar''s own. '''' for no days, NULL for a NULL calendar. Error 22023 for a width outside 1-1000.';

CREATE FUNCTION coachiatry.heatmap(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'adherence_heatmap'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.heatmap(coachiatry.adherence, daterange) IS
'The calendar as a month grid in text, to be read in a monospaced font: a line a month under the days of the month, a mark a day, and a legend below. Marks are those of sparkline for one day; days outside the calendar or the range are blank. At the right the month''s adherence_rate in percent; where units are unrecorded both its bounds, as in 87-91% (unrecorded units counted as not taken, then as taken; see adherence_bounds); nothing where no unit is planned. 0% and 100% are exact, other rates are rounded to 1-99%. More than twelve months in a row in which nothing is planned, taken or excused are one line, "... 27 empty months". Lines have no trailing blanks; no line break at the end. '''' for no days, NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.heatmap_svg(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'adherence_heatmap_svg'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.heatmap_svg(coachiatry.adherence, daterange) IS
'The calendar as one svg element, for a file or inside a page: a column a week and a row a day of the week, Monday first; one grid while the days lie in 54 weeks, else one for each calendar year. Years in which nothing is planned, taken or excused are one line of text. One rect a day, with a title such as "2026-01-05: taken, 1 of 1" (units taken of units prescribed); a caption with the rate as in heatmap; a legend. A status is a colour and a shape: taken filled, partial filled from below, missed with a bar, unrecorded dashed and empty, over with a triangle, excused struck through, extra with a disc, none with a dot. Colours are told apart by colour-blind readers, and follow prefers-color-scheme. title and desc say the picture in words; their ids are made from its content, so that different calendars can be on one page. No script, no reference to anything outside. ASCII only. A picture that says so for no days, NULL for a NULL calendar.';
