-- The series: one number a day, as the count and the exact sum of its observations.
-- Sections: type, algebra, accessors, comparison, aggregates, casts.

--
-- Type
--

CREATE TYPE coachiatry.series;

CREATE FUNCTION coachiatry.series_in(cstring)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_out(coachiatry.series)
RETURNS cstring
AS 'MODULE_PATHNAME', 'series_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_recv(internal)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_send(coachiatry.series)
RETURNS bytea
AS 'MODULE_PATHNAME', 'series_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.series (
	INPUT = coachiatry.series_in,
	OUTPUT = coachiatry.series_out,
	RECEIVE = coachiatry.series_recv,
	SEND = coachiatry.series_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.series IS
'A measure day by day: of each day with observations, how many there were and their exact sum, so that the mean of the day does not depend on the order in which they came, and a value can be corrected or taken away without a trace. Equal series have equal bytes. Text form: the first day, a colon, then what each day holds: its sum, followed by / and the number of observations where there were several (the word is then the mean as a fraction), or . for a day without observations, with a number that repeats it, as in 2026-01-05: 7 .6 25/2. A sum is the float8 nearest to it with as few digits as read back exactly; where that is not all of it, further terms follow until nothing is left, in parentheses, as in (0.30000000000000004-2.7755575615628914e-17)/2, and terms beyond the range of float8 are multiples of 2^32. A series without observations is the word empty. At most 200 years, and 2,147,483,647 observations a day. A header of 12 bytes, then for each day with observations 1 byte for a sum of 0, 2 to 4 for one of up to three decimals whose digits are a number below 2,097,152 (of 36.6: 366), else about 11, and one more for 2 to 129 observations; 7 or more days without observations before it take 1 to 3 bytes, fewer none.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.series_merge(a coachiatry.series, b coachiatry.series)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_merge'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.series_merge(coachiatry.series, coachiatry.series) IS
'Both series together: the counts and sums of each day add. The other side when one is NULL. Errors: 22003 for more than 2,147,483,647 observations of a day, 22008 where the days would span over 200 years. Behind the operator ||.';

CREATE FUNCTION coachiatry.series_subtract(a coachiatry.series, b coachiatry.series)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_subtract'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.series_subtract(coachiatry.series, coachiatry.series) IS
'Series a without what b holds: (a || b) - b = a, exactly. a - NULL is a; NULL - b is NULL; the result can be empty. Error 22003 where a day would have fewer than 0 observations, a sum other than 0 and no observation, or a mean outside the range of float8. Behind the operator -.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.series, coachiatry.series) IS
'Merge: the counts and sums of each day add.';

CREATE OPERATOR coachiatry.- (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_subtract
);

COMMENT ON OPERATOR coachiatry.- (coachiatry.series, coachiatry.series) IS
'Take away again, exactly: (a || b) - b = a.';

CREATE FUNCTION coachiatry.clip(s coachiatry.series, within daterange)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_clip'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.clip(coachiatry.series, daterange) IS
'The days of the series that lie in a range (NULL: all of them); the empty series if none does. NULL for a NULL series.';

--
-- Accessors
--

CREATE FUNCTION coachiatry.to_series_days(s coachiatry.series)
RETURNS TABLE (day date, count integer, sum float8, mean float8)
AS 'MODULE_PATHNAME', 'series_to_days'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;

COMMENT ON FUNCTION coachiatry.to_series_days(coachiatry.series) IS
'One row for each day with observations, in order: how many there were, their sum and their mean. Both are the float8 nearest to the exact figure, rounded once, to even where two are as near, in whatever order the observations came. A sum beyond the range of float8 is infinite; a mean never is. No rows for an empty or NULL series.';

--
-- Comparison
--

CREATE FUNCTION coachiatry.series_lt(coachiatry.series, coachiatry.series)
RETURNS boolean
AS 'MODULE_PATHNAME', 'series_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_le(coachiatry.series, coachiatry.series)
RETURNS boolean
AS 'MODULE_PATHNAME', 'series_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_eq(coachiatry.series, coachiatry.series)
RETURNS boolean
AS 'MODULE_PATHNAME', 'series_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_ne(coachiatry.series, coachiatry.series)
RETURNS boolean
AS 'MODULE_PATHNAME', 'series_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_ge(coachiatry.series, coachiatry.series)
RETURNS boolean
AS 'MODULE_PATHNAME', 'series_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_gt(coachiatry.series, coachiatry.series)
RETURNS boolean
AS 'MODULE_PATHNAME', 'series_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_cmp(coachiatry.series, coachiatry.series)
RETURNS integer
AS 'MODULE_PATHNAME', 'series_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_hash(coachiatry.series)
RETURNS integer
AS 'MODULE_PATHNAME', 'series_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_hash_extended(coachiatry.series, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'series_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.series, coachiatry.series) IS
'Equal: the same counts and the same exact sums on the same days.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.series, coachiatry.series) IS
'Not equal.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.series, coachiatry.series) IS
'Before in the order of series: by the first day in which two differ, the earlier, then the fewer observations, then the smaller sum first; what has no more days comes first.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.series, coachiatry.series) IS
'Before or equal in the order of series.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.series, coachiatry.series) IS
'After or equal in the order of series.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.series,
	RIGHTARG = coachiatry.series,
	FUNCTION = coachiatry.series_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.series, coachiatry.series) IS
'After in the order of series.';

CREATE OPERATOR CLASS coachiatry.series_ops
DEFAULT FOR TYPE coachiatry.series USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.series_cmp(coachiatry.series, coachiatry.series);

COMMENT ON OPERATOR FAMILY coachiatry.series_ops USING btree IS
'The total order of series.';

COMMENT ON OPERATOR CLASS coachiatry.series_ops USING btree IS
'The total order of series, so that they can be sorted, grouped, merge-joined and indexed: the empty one first, then by the first day in which two differ, the earlier, then the fewer observations, then the smaller sum first.';

CREATE OPERATOR CLASS coachiatry.series_ops
DEFAULT FOR TYPE coachiatry.series USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.series_hash(coachiatry.series),
	FUNCTION 2 coachiatry.series_hash_extended(coachiatry.series, bigint);

COMMENT ON OPERATOR FAMILY coachiatry.series_ops USING hash IS
'Hashing of series.';

COMMENT ON OPERATOR CLASS coachiatry.series_ops USING hash IS
'Hashing of series, so that they can be grouped and joined by hash and be a partition key: equal series hash alike.';

--
-- Aggregates: support functions
--

CREATE FUNCTION coachiatry.series_agg_add(coachiatry.series, date, float8)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_agg_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_agg_remove(coachiatry.series, date, float8)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_agg_remove'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.series, coachiatry.series)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_remove(coachiatry.series, coachiatry.series)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_rollup_remove'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.series_agg_final(coachiatry.series)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_agg_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Aggregates
--

CREATE AGGREGATE coachiatry.series_agg(day date, value float8) (
	SFUNC = coachiatry.series_agg_add,
	STYPE = coachiatry.series,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.series_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.series_agg_add,
	MINVFUNC = coachiatry.series_agg_remove,
	MSTYPE = coachiatry.series,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.series_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.series_agg(date, float8) IS
'Series of rows that each give one observation of a day. A row with a NULL is skipped; NULL if no rows are left. Any split of the rows into parts, in any order, gives the same bytes through rollup. Errors: 22008 for an infinite day or a span over 200 years, 22003 for a value that is not finite or more than 2,147,483,647 observations of a day.';

CREATE AGGREGATE coachiatry.rollup(s coachiatry.series) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.series,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.series_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	MSFUNC = coachiatry.rollup_add,
	MINVFUNC = coachiatry.rollup_remove,
	MSTYPE = coachiatry.series,
	MSSPACE = 512,
	MINITCOND = 'empty',
	MFINALFUNC = coachiatry.series_agg_final,
	MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.series) IS
'Merge of all series: the counts and sums of each day add. NULLs are skipped; NULL if nothing is left or all are empty. Errors as for ||.';

--
-- Casts
--

CREATE FUNCTION coachiatry.to_jsonb(s coachiatry.series)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'series_to_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_jsonb(coachiatry.series) IS
'The days with observations in order as [{"day": date, "count": integer, "sum": number}, ...]; [] for the empty series. sum is the float8 nearest to the exact sum, with as few digits as read back exactly; where that is not all of it, a member "rest" holds an array of the terms that have to be added. Behind the cast to jsonb.';

CREATE FUNCTION coachiatry.to_series(document jsonb)
RETURNS coachiatry.series
AS 'MODULE_PATHNAME', 'series_from_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_series(jsonb) IS
'The series of a document [{"day": date, "count": integer, "sum": number, "rest": [number, ...]}, ...]; count is 1 and rest is empty where left out. Each number stands for the float8 nearest to it, one beyond the range of float8 for the nearest multiple of 2^32 by a float8. The order does not matter, and what a day holds more than once adds. Dates are ISO 8601. Errors: 22023 for any other shape, 22007 for a string that is not a date, 22003 for a count outside 1 to 2,147,483,647 or a sum out of range, 22008 for a day outside the range of date or a span over 200 years. Behind the cast from jsonb.';

CREATE CAST (coachiatry.series AS jsonb) WITH FUNCTION coachiatry.to_jsonb(coachiatry.series);

COMMENT ON CAST (coachiatry.series AS jsonb) IS
'to_jsonb(series), written out.';

CREATE CAST (jsonb AS coachiatry.series) WITH FUNCTION coachiatry.to_series(jsonb);

COMMENT ON CAST (jsonb AS coachiatry.series) IS
'to_series(jsonb), written out.';
