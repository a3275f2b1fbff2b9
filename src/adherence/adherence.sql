-- The adherence calendar: what was planned and what was done, day by day.
-- Sections: type, algebra, accessors, comparison, aggregates, casts.

--
-- Type
--

CREATE TYPE coachiatry.adherence;

CREATE FUNCTION coachiatry.adherence_in(cstring)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_out(coachiatry.adherence)
RETURNS cstring
AS 'MODULE_PATHNAME', 'adherence_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_recv(internal)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_send(coachiatry.adherence)
RETURNS bytea
AS 'MODULE_PATHNAME', 'adherence_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.adherence (
	INPUT = coachiatry.adherence_in,
	OUTPUT = coachiatry.adherence_out,
	RECEIVE = coachiatry.adherence_recv,
	SEND = coachiatry.adherence_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.adherence IS
'A day-by-day calendar of what was planned and done. Each day holds four counts of 0-99: units prescribed, taken and known to be missed, and rows that excuse the day; what is neither taken nor missed of the prescribed units is unrecorded. A day''s status is the first that fits of excused (excusing rows > 0), none (prescribed = taken = 0), extra (prescribed = 0 < taken), over (taken > prescribed), taken (taken = prescribed), partial (0 < taken < prescribed), missed (taken = 0 < missed), unrecorded. Planned days are those with prescribed > 0 that are not excused. Text form: the first day, a colon, then runs of days, each a sign and how often it repeats: + taken, - missed, ? unrecorded (of one prescribed unit), . nothing, x excused, * extra, (prescribed,taken,missed,excusing) for any other day, as in 2026-01-05: +5 .2 + - ?3; a calendar of no days is the word empty. At most 200 years. One byte a day and a header of 12 bytes while no count is above 3, else 4 bytes a day.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.adherence_merge(a coachiatry.adherence, b coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_merge'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.adherence_merge(coachiatry.adherence, coachiatry.adherence) IS
'Both calendars together: the counts of each day add. The other side when one is NULL. Errors: 22003 where a count would exceed 99, 22008 where the days would span over 200 years. Behind the operator ||.';

CREATE FUNCTION coachiatry.adherence_subtract(a coachiatry.adherence, b coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_subtract'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.adherence_subtract(coachiatry.adherence, coachiatry.adherence) IS
'Calendar a without what b holds: (a || b) - b = a, exactly. a - NULL is a; NULL - b is NULL; the result can be empty. Error 22003 where a count would fall below 0. Behind the operator -.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.adherence, coachiatry.adherence) IS
'Merge: the counts of each day add.';

CREATE OPERATOR coachiatry.- (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_subtract
);

COMMENT ON OPERATOR coachiatry.- (coachiatry.adherence, coachiatry.adherence) IS
'Take away again, exactly: (a || b) - b = a.';

CREATE FUNCTION coachiatry.prefer(a coachiatry.adherence, b coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_prefer'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.prefer(coachiatry.adherence, coachiatry.adherence) IS
'Two sources of the same doses as one: each day has the taken and missed units of a if a has any, else those of b, and the larger prescribed and excusing counts. The other side when one is NULL. Error 22008 where the days would span over 200 years.';

CREATE FUNCTION coachiatry.prefer(sources coachiatry.adherence[])
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_prefer_first'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.prefer(coachiatry.adherence[]) IS
'Several sources of the same doses as one, the one to believe first before the others: prefer(s[1], prefer(s[2], ...)). NULL elements are skipped; NULL for a NULL or empty array. Error 22008 where the days would span over 200 years.';

CREATE FUNCTION coachiatry.planned_as_recorded(a coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_planned_as_recorded'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.planned_as_recorded(coachiatry.adherence) IS
'The calendar with prescribed = taken + missed (at most 99) on each day, for something without a schedule: what was done or is known to be missed counts as planned. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.together(tasks coachiatry.adherence[])
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_together'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.together(coachiatry.adherence[]) IS
'The calendars of several tasks of one person as one, of all that they had to do. Each task adds its prescribed units, its taken ones up to those, and its missed ones up to the rest, so that doing more of one never hides that another was not done; on a day on which it is excused it adds nothing. A day is excused where some task is, and nothing is planned for the others. So a day is adherent when every task that was planned and not excused was done; rates weigh tasks by their units. At most 99 units of a kind on a day. NULL elements are skipped; NULL for a NULL array or one without calendars. Error 22008 where the days would span over 200 years. To add up what is of one kind use rollup.';

CREATE FUNCTION coachiatry.clip(a coachiatry.adherence, within daterange)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_clip'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.clip(coachiatry.adherence, daterange) IS
'The days of the calendar that lie in a range (NULL: all of them); the empty calendar if none does. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.shift(a coachiatry.adherence, days integer)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_shift'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.shift(coachiatry.adherence, integer) IS
'The calendar moved by a number of days, later if positive. NULL if either is NULL. Error 22008 where a day would leave the range of date.';

--
-- Accessors: streaks and gaps
--

CREATE FUNCTION coachiatry.longest_streak(a coachiatry.adherence, within daterange DEFAULT NULL,
	grace integer DEFAULT 0, threshold float8 DEFAULT 1.0,
	skip_unrecorded boolean DEFAULT false, over_adheres boolean DEFAULT true)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_longest_streak'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.longest_streak(coachiatry.adherence, daterange, integer, float8, boolean, boolean) IS
'Adherent days in the longest streak; 0 if there is none, NULL for a NULL calendar. within: only days of this range. grace: how many planned non-adherent days in a row a streak survives without counting them (1: "never miss twice"). threshold in (0, 1]: the share of a day''s prescribed units that makes it adherent. skip_unrecorded: leave unrecorded days out instead of counting them as not adherent. over_adheres false: a day with more than prescribed is not adherent. A streak starts and ends on an adherent day; days that were not planned or are excused neither break nor feed it. A NULL option means its default. Error 22023 for a threshold outside (0, 1] or a negative grace.';

CREATE FUNCTION coachiatry.current_streak(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE,
	grace integer DEFAULT 0, threshold float8 DEFAULT 1.0,
	skip_unrecorded boolean DEFAULT false, over_adheres boolean DEFAULT true)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_current_streak'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.current_streak(coachiatry.adherence, date, integer, float8, boolean, boolean) IS
'Adherent days in the streak that reaches the last planned day on or before as_of; 0 where nothing is planned, NULL for a NULL calendar or as_of. Later days do not exist. as_of itself is pending, and left out, while less than threshold of its units is taken and none is known to be missed. At most grace trailing non-adherent days do not end the streak. Options and errors as for longest_streak.';

CREATE FUNCTION coachiatry.streaks(a coachiatry.adherence, within daterange DEFAULT NULL,
	grace integer DEFAULT 0, threshold float8 DEFAULT 1.0,
	skip_unrecorded boolean DEFAULT false, over_adheres boolean DEFAULT true)
RETURNS TABLE (during daterange, days integer)
AS 'MODULE_PATHNAME', 'adherence_streaks'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION coachiatry.streaks(coachiatry.adherence, daterange, integer, float8, boolean, boolean) IS
'Every streak in order of time: during, from its first adherent day to the day after its last, and days, how many adherent days it has. No rows for a NULL calendar. Options and errors as for longest_streak.';

CREATE FUNCTION coachiatry.gaps(a coachiatry.adherence, min_days integer DEFAULT 1,
	within daterange DEFAULT NULL, skip_unrecorded boolean DEFAULT false)
RETURNS TABLE (during daterange, days integer)
AS 'MODULE_PATHNAME', 'adherence_gaps'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION coachiatry.gaps(coachiatry.adherence, integer, daterange, boolean) IS
'Dosing gaps in order of time: runs of at least min_days consecutive planned days with nothing taken. during goes from the first such day to the day after the last; days says how many they are. Any day with something taken ends a gap, planned or not; days with nothing planned and excused days do not. skip_unrecorded leaves unrecorded days out. No rows for a NULL calendar. Error 22023 for min_days below 1.';

CREATE FUNCTION coachiatry.phases(a coachiatry.adherence, gap integer, as_of date DEFAULT CURRENT_DATE,
	OUT initiated_on date, OUT discontinued_on date, OUT persistence_days integer,
	OUT censored boolean, OUT implementation_rate float8)
AS 'MODULE_PATHNAME', 'adherence_phases'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.phases(coachiatry.adherence, integer, date) IS
'Initiation, implementation and persistence as separate figures (ABC taxonomy: Vrijens et al. 2012, Br J Clin Pharmacol 73:691-705). initiated_on: first day with anything taken. discontinued_on: first day of the first later run of at least gap planned days with nothing taken; NULL, and censored true, while still persistent. persistence_days: discontinued_on, or else as_of, minus initiated_on. implementation_rate: adherence_rate from initiated_on to the last day with anything taken before discontinued_on. Later days than as_of do not exist, and as_of is pending as in current_streak. All NULL when never initiated, or for a NULL argument. Errors: 22023 for a gap below 1, 22008 where as_of is infinite and would be subtracted from.';

CREATE FUNCTION coachiatry.initiated_on(a coachiatry.adherence)
RETURNS date
AS 'MODULE_PATHNAME', 'adherence_initiated_on'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.initiated_on(coachiatry.adherence) IS
'First day with anything taken; NULL when there is none, or for a NULL calendar.';

CREATE FUNCTION coachiatry.persistence_days(a coachiatry.adherence, gap integer, as_of date DEFAULT CURRENT_DATE)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_persistence_days'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.persistence_days(coachiatry.adherence, integer, date) IS
'Days from initiation to discontinuation, or to as_of while still persistent: persistence_days of phases(). NULL when never initiated, or for a NULL argument.';

--
-- Accessors: rates and counts
--

CREATE FUNCTION coachiatry.adherence_rate(a coachiatry.adherence, within daterange DEFAULT NULL,
	skip_unrecorded boolean DEFAULT false)
RETURNS float8
AS 'MODULE_PATHNAME', 'adherence_rate'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.adherence_rate(coachiatry.adherence, daterange, boolean) IS
'Share of the prescribed units that was taken, 0 to 1: sum of least(taken, prescribed) / sum of prescribed over planned days (taking adherence, over-use not counted). NULL if nothing is planned or the calendar is NULL. skip_unrecorded leaves unrecorded days out.';

CREATE FUNCTION coachiatry.adherence_bounds(a coachiatry.adherence, within daterange DEFAULT NULL,
	OUT low float8, OUT high float8, OUT completeness float8)
AS 'MODULE_PATHNAME', 'adherence_bounds'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.adherence_bounds(coachiatry.adherence, daterange) IS
'What adherence_rate could be, given what was not recorded: low if no unrecorded unit was taken, high if all were, and completeness, the recorded share of the prescribed units. A day''s unrecorded units are greatest(0, prescribed - taken - missed). NULLs if nothing is planned or the calendar is NULL.';

CREATE FUNCTION coachiatry.pdc(a coachiatry.adherence, within daterange DEFAULT NULL,
	threshold float8 DEFAULT 1.0, skip_unrecorded boolean DEFAULT false,
	over_adheres boolean DEFAULT true)
RETURNS float8
AS 'MODULE_PATHNAME', 'adherence_pdc'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.pdc(coachiatry.adherence, daterange, float8, boolean, boolean) IS
'Proportion of days covered: adherent days / planned days, 0 to 1. NULL if nothing is planned or the calendar is NULL. Options and errors as for longest_streak.';

CREATE FUNCTION coachiatry.correct_dosing(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS float8
AS 'MODULE_PATHNAME', 'adherence_correct_dosing'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.correct_dosing(coachiatry.adherence, daterange) IS
'Share of planned days with exactly the prescribed units taken, 0 to 1 (correct dosing, as electronic monitoring reports it). NULL if nothing is planned or the calendar is NULL.';

CREATE FUNCTION coachiatry.days_planned(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_days_planned'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.days_planned(coachiatry.adherence, daterange) IS
'Planned days: prescribed > 0 and not excused. The denominator of pdc. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.days_adherent(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_days_adherent'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.days_adherent(coachiatry.adherence, daterange) IS
'Planned days with at least the prescribed units taken. The numerator of pdc with its defaults. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.days_missed(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_days_missed'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.days_missed(coachiatry.adherence, daterange) IS
'Days of status missed: planned, nothing taken, known not to be done. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.days_unrecorded(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_days_unrecorded'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.days_unrecorded(coachiatry.adherence, daterange) IS
'Days of status unrecorded: planned, and nothing known. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.days_over(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_days_over'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.days_over(coachiatry.adherence, daterange) IS
'Days of status over: more taken than prescribed. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.days_excused(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_days_excused'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.days_excused(coachiatry.adherence, daterange) IS
'Days of status excused, planned or not. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.status_on(a coachiatry.adherence, day date)
RETURNS text
AS 'MODULE_PATHNAME', 'adherence_status_on'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.status_on(coachiatry.adherence, date) IS
'Status of one day: excused, none, extra, over, taken, partial, missed or unrecorded; none outside the calendar. NULL if either argument is NULL.';

CREATE FUNCTION coachiatry.weekday_rates(a coachiatry.adherence, within daterange DEFAULT NULL)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'adherence_weekday_rates'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.weekday_rates(coachiatry.adherence, daterange) IS
'adherence_rate of each day of the week: seven elements, Monday first, NULL where nothing is planned. NULL for a NULL calendar.';

CREATE FUNCTION coachiatry.rolling_rate(a coachiatry.adherence, days integer, within daterange DEFAULT NULL)
RETURNS TABLE (day date, rate float8)
AS 'MODULE_PATHNAME', 'adherence_rolling_rate'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 365;

COMMENT ON FUNCTION coachiatry.rolling_rate(coachiatry.adherence, integer, daterange) IS
'One row for each day from the calendar''s first to its last: adherence_rate over the trailing window of that many days, the day itself included; NULL where nothing is planned in it. within chooses the rows; the window looks back before it. No rows for a NULL argument but within. Error 22023 for days below 1.';

CREATE FUNCTION coachiatry.to_adherence_days(a coachiatry.adherence)
RETURNS TABLE (day date, prescribed integer, taken integer, missed integer, excused integer, status text)
AS 'MODULE_PATHNAME', 'adherence_to_days'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 365;

COMMENT ON FUNCTION coachiatry.to_adherence_days(coachiatry.adherence) IS
'One row for each day from the calendar''s first to its last: the four counts (excused counts the excusing rows) and the status. No rows for an empty or NULL calendar.';

--
-- Accessors: habits
--

CREATE FUNCTION coachiatry.weekly_streak(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE,
	target integer DEFAULT 1)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_weekly_streak'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.weekly_streak(coachiatry.adherence, date, integer) IS
'For habits of "target times a week": ISO weeks in a row, up to that of as_of, with at least target days on which something was taken, planned or not, unless excused. Every week from the first day''s to that of as_of exists, and is unmet when empty; wholly excused weeks are left out; days after as_of do not exist; the week of as_of counts if met and does not break if not. NULL for a NULL calendar or as_of. Error 22023 for a target outside 1-7.';

CREATE FUNCTION coachiatry.weeks(a coachiatry.adherence, target integer DEFAULT 1)
RETURNS TABLE (week daterange, days integer, met boolean)
AS 'MODULE_PATHNAME', 'adherence_weeks'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 52;

COMMENT ON FUNCTION coachiatry.weeks(coachiatry.adherence, integer) IS
'Every ISO week from the calendar''s first day to its last: the week, its days on which something was taken (planned or not, unless excused), and whether they reach the target. Wholly excused weeks are left out. No rows for an empty or NULL calendar. Error 22023 for a target outside 1-7.';

CREATE FUNCTION coachiatry.habit_score(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE,
	per_week float8 DEFAULT 7)
RETURNS float8
AS 'MODULE_PATHNAME', 'adherence_habit_score'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.habit_score(coachiatry.adherence, date, float8) IS
'Strength of a habit, 0 to 1: exponential smoothing of the days on which something was taken, which one lapse barely dents (the score of Loop Habit Tracker: multiplier 0.5^(sqrt(per_week / 7) / 13) a day; below 7 a week the share of 2 x per_week done days in the trailing 14 days). Starts at the first day with anything taken or missed, runs through as_of, which is left out while nothing is known of it; excused days freeze it. 20 daily days give 0.655747. 0 if nothing was ever recorded; NULL for a NULL calendar or as_of. Error 22023 for per_week outside (0, 7].';

--
-- Comparison and hashing
--

CREATE FUNCTION coachiatry.adherence_lt(coachiatry.adherence, coachiatry.adherence)
RETURNS boolean
AS 'MODULE_PATHNAME', 'adherence_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_le(coachiatry.adherence, coachiatry.adherence)
RETURNS boolean
AS 'MODULE_PATHNAME', 'adherence_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_eq(coachiatry.adherence, coachiatry.adherence)
RETURNS boolean
AS 'MODULE_PATHNAME', 'adherence_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_ne(coachiatry.adherence, coachiatry.adherence)
RETURNS boolean
AS 'MODULE_PATHNAME', 'adherence_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_ge(coachiatry.adherence, coachiatry.adherence)
RETURNS boolean
AS 'MODULE_PATHNAME', 'adherence_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_gt(coachiatry.adherence, coachiatry.adherence)
RETURNS boolean
AS 'MODULE_PATHNAME', 'adherence_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_cmp(coachiatry.adherence, coachiatry.adherence)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_hash(coachiatry.adherence)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_hash_extended(coachiatry.adherence, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'adherence_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.adherence, coachiatry.adherence) IS
'Equal: the same counts on the same days.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.adherence, coachiatry.adherence) IS
'Not equal.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.adherence, coachiatry.adherence) IS
'Before in the order of calendars: the empty one first, then by first day, then day by day by the counts, then by length.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.adherence, coachiatry.adherence) IS
'Before or equal in the order of calendars.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.adherence, coachiatry.adherence) IS
'After or equal in the order of calendars.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.adherence,
	RIGHTARG = coachiatry.adherence,
	FUNCTION = coachiatry.adherence_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.adherence, coachiatry.adherence) IS
'After in the order of calendars.';

CREATE OPERATOR CLASS coachiatry.adherence_ops
DEFAULT FOR TYPE coachiatry.adherence USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.adherence_cmp(coachiatry.adherence, coachiatry.adherence);

COMMENT ON OPERATOR FAMILY coachiatry.adherence_ops USING btree IS
'The total order of calendars.';

COMMENT ON OPERATOR CLASS coachiatry.adherence_ops USING btree IS
'The total order of calendars, so that they can be sorted, grouped, merge-joined and indexed: the empty one first, then by first day, then day by day by the counts, then by length.';

CREATE OPERATOR CLASS coachiatry.adherence_ops
DEFAULT FOR TYPE coachiatry.adherence USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.adherence_hash(coachiatry.adherence),
	FUNCTION 2 coachiatry.adherence_hash_extended(coachiatry.adherence, bigint);

COMMENT ON OPERATOR FAMILY coachiatry.adherence_ops USING hash IS
'Hashing of calendars.';

COMMENT ON OPERATOR CLASS coachiatry.adherence_ops USING hash IS
'Hashing of calendars, so that they can be grouped and joined by hash and be a partition key: equal calendars hash alike.';

--
-- Aggregates: support functions. A state is a calendar with slack: days of
-- nothing at both ends, which the final function strips.
--

CREATE FUNCTION coachiatry.adherence_agg_add(coachiatry.adherence, date, boolean)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_add_taken'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_remove(coachiatry.adherence, date, boolean)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_remove_taken'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_add(coachiatry.adherence, date, bigint, bigint)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_add_units'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_remove(coachiatry.adherence, date, bigint, bigint)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_remove_units'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_add(coachiatry.adherence, date, bigint, bigint, bigint)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_add_counts'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_remove(coachiatry.adherence, date, bigint, bigint, bigint)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_remove_counts'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_add(coachiatry.adherence, date, text)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_add_status'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_remove(coachiatry.adherence, date, text)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_remove_status'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.adherence, coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_remove(coachiatry.adherence, coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_rollup_remove'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_agg_final(coachiatry.adherence)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_agg_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.running_add(coachiatry.adherence, date, boolean)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_running_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.running_remove(coachiatry.adherence, date, boolean)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_running_remove'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.longest_streak_final(coachiatry.adherence)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_longest_streak_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.current_streak_final(coachiatry.adherence)
RETURNS integer
AS 'MODULE_PATHNAME', 'adherence_current_streak_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.adherence_rate_final(coachiatry.adherence)
RETURNS float8
AS 'MODULE_PATHNAME', 'adherence_rate_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Aggregates
--

CREATE AGGREGATE coachiatry.adherence_agg(day date, taken boolean) (
	SFUNC = coachiatry.adherence_agg_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.adherence_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.adherence_agg_add,
	MINVFUNC = coachiatry.adherence_agg_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.adherence_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.adherence_agg(date, boolean) IS
'Calendar of rows that each prescribe one unit and say whether it was taken; what was not taken is known to be missed. A row with a NULL is skipped; NULL if no rows are left. Any split of the rows into parts, in any order, gives the same bytes through rollup. Errors: 22008 for an infinite day or a span over 200 years, 22003 for more than 99 units on a day.';

CREATE AGGREGATE coachiatry.adherence_agg(day date, taken bigint, prescribed bigint) (
	SFUNC = coachiatry.adherence_agg_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.adherence_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.adherence_agg_add,
	MINVFUNC = coachiatry.adherence_agg_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.adherence_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.adherence_agg(date, bigint, bigint) IS
'Calendar of rows that give a day''s units taken and prescribed (integer or bigint); what is not taken of a row''s prescribed units is known to be missed. NULL handling and errors as for adherence_agg(date, boolean); a negative count is 22003.';

CREATE AGGREGATE coachiatry.adherence_agg(day date, prescribed bigint, taken bigint, missed bigint) (
	SFUNC = coachiatry.adherence_agg_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.adherence_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.adherence_agg_add,
	MINVFUNC = coachiatry.adherence_agg_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.adherence_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.adherence_agg(date, bigint, bigint, bigint) IS
'Calendar of rows in the general form: a day''s units prescribed, taken and known to be missed (integer or bigint). A plan row has only prescribed units, a record row only taken or missed ones. NULL handling and errors as for adherence_agg(date, boolean); rows that record nothing give NULL; a negative count is 22003.';

CREATE AGGREGATE coachiatry.adherence_agg(day date, status text) (
	SFUNC = coachiatry.adherence_agg_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.adherence_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.adherence_agg_add,
	MINVFUNC = coachiatry.adherence_agg_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.adherence_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.adherence_agg(date, text) IS
'Calendar of rows that name a status: taken, missed and unrecorded prescribe one unit each, excused is one excusing row and prescribes nothing, extra is one unit taken and none prescribed. NULL handling and errors as for adherence_agg(date, boolean); any other word is 22023.';

CREATE AGGREGATE coachiatry.rollup(a coachiatry.adherence) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.adherence_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.rollup_add,
	MINVFUNC = coachiatry.rollup_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.adherence_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.adherence) IS
'Merge of all calendars: the counts of each day add. NULLs are skipped; NULL if nothing is left or all are empty. Errors as for ||.';

CREATE AGGREGATE coachiatry.longest_streak(day date, taken boolean) (
	SFUNC = coachiatry.adherence_agg_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.longest_streak_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.adherence_agg_add,
	MINVFUNC = coachiatry.adherence_agg_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.longest_streak_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.longest_streak(date, boolean) IS
'Adherent days in the longest streak of the group or frame: longest_streak(adherence_agg(day, taken)) in one step. NULL if there are no rows.';

CREATE AGGREGATE coachiatry.current_streak(day date, taken boolean) (
	SFUNC = coachiatry.running_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.current_streak_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.running_add,
	MINVFUNC = coachiatry.running_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.current_streak_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.current_streak(date, boolean) IS
'Adherent days in the streak that reaches the last day of the group or frame: current_streak(adherence_agg(day, taken), max(day)) in one step, amortised O(1) a row over a sliding frame of days. NULL if there are no rows.';

CREATE AGGREGATE coachiatry.adherence_rate(day date, taken boolean) (
	SFUNC = coachiatry.running_add,
	STYPE = coachiatry.adherence,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.adherence_rate_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.running_add,
	MINVFUNC = coachiatry.running_remove,
	MSTYPE = coachiatry.adherence,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.adherence_rate_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.adherence_rate(date, boolean) IS
'Share of the group''s or frame''s planned units that was taken: adherence_rate(adherence_agg(day, taken)) in one step, amortised O(1) a row over a sliding frame. NULL if there are no rows.';

--
-- Casts
--

CREATE FUNCTION coachiatry.to_jsonb(a coachiatry.adherence)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'adherence_to_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_jsonb(coachiatry.adherence) IS
'The calendar as {"from": first day, "days": [[prescribed, taken, missed, excusing rows], ...]}, one element a day; from is null and days is [] for the empty calendar. Behind the cast to jsonb.';

CREATE FUNCTION coachiatry.to_adherence(document jsonb)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'adherence_from_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_adherence(jsonb) IS
'The calendar of a document {"from": date, "days": [[prescribed, taken, missed, excusing rows], ...]}. Errors: 22023 for any other shape, 22007 for a day that is not an ISO date, 22003 for a count outside 0-99, 22008 for a span over 200 years. Behind the cast from jsonb.';

CREATE CAST (coachiatry.adherence AS jsonb) WITH FUNCTION coachiatry.to_jsonb(coachiatry.adherence);

COMMENT ON CAST (coachiatry.adherence AS jsonb) IS
'to_jsonb(adherence), written out.';

CREATE CAST (jsonb AS coachiatry.adherence) WITH FUNCTION coachiatry.to_adherence(jsonb);

COMMENT ON CAST (jsonb AS coachiatry.adherence) IS
'to_adherence(jsonb), written out.';
