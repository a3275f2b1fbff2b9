-- Dose timing (electronic monitoring): when doses were due and when they were
-- taken.  Sections: type, algebra, measures, matching and days, comparison,
-- aggregates, casts.

--
-- Type
--

CREATE TYPE coachiatry.dose_timing;

CREATE FUNCTION coachiatry.dose_timing_in(cstring)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_out(coachiatry.dose_timing)
RETURNS cstring
AS 'MODULE_PATHNAME', 'dose_timing_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_recv(internal)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_send(coachiatry.dose_timing)
RETURNS bytea
AS 'MODULE_PATHNAME', 'dose_timing_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.dose_timing (
	INPUT = coachiatry.dose_timing_in,
	OUTPUT = coachiatry.dose_timing_out,
	RECEIVE = coachiatry.dose_timing_recv,
	SEND = coachiatry.dose_timing_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.dose_timing IS
'When doses were due and when they were taken: a multiset of pairs (due, taken), each a finite instant or missing, but not both: due and taken, due only (missed), taken only (extra). Two pairs with the same due instant are one due dose, taken twice. Text form: the pairs in order of due, then taken instant, extra doses last, with commas between them, as in due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z, due 2026-01-05T20:00:00Z, taken 2026-01-06T01:00:00Z; no pairs at all is the word empty. Instants are written in UTC whatever DateStyle and TimeZone are; input also takes a distance from UTC (+02:00) instead of Z, and pairs in any order. At most 1,048,575 pairs. 16 bytes a pair and a header of 16 bytes. Input errors: 22P02 for another form, 22008 for an instant that does not exist or is infinite, 54000 for too many pairs.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.dose_timing_merge(a coachiatry.dose_timing, b coachiatry.dose_timing)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_merge'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.dose_timing_merge(coachiatry.dose_timing, coachiatry.dose_timing) IS
'The pairs of both, equal pairs kept. The other side when one is NULL. Error 54000 for more than 1,048,575 pairs. Behind the operator ||.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Merge: the pairs of both.';

--
-- Measures
--

CREATE FUNCTION coachiatry.timing_adherence(t coachiatry.dose_timing, tolerance interval)
RETURNS float8
AS 'MODULE_PATHNAME', 'dose_timing_timing_adherence'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.timing_adherence(coachiatry.dose_timing, interval) IS
'Pairs whose taken instant lies no further than tolerance before or after the due one / due doses (distinct due instants). It exceeds 1 only where due doses were taken more than once. Tolerances compare as PostgreSQL compares intervals: a day is 24 hours, a month 30 days. NULL where nothing is due, or for a NULL argument. Error 22023 for a negative tolerance. The tolerance depends on the study; 75 minutes in Allemann et al. 2017.';

CREATE FUNCTION coachiatry.taking_adherence(t coachiatry.dose_timing)
RETURNS float8
AS 'MODULE_PATHNAME', 'dose_timing_taking_adherence'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.taking_adherence(coachiatry.dose_timing) IS
'Doses taken, paired or extra / due doses (distinct due instants); can exceed 1. NULL where nothing is due, or for NULL.';

CREATE FUNCTION coachiatry.correct_dosing(t coachiatry.dose_timing)
RETURNS float8
AS 'MODULE_PATHNAME', 'dose_timing_correct_dosing'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.correct_dosing(coachiatry.dose_timing) IS
'Due doses with exactly one taken dose / due doses (distinct due instants), 0 to 1; extra doses do not count. NULL where nothing is due, or for NULL.';

CREATE FUNCTION coachiatry.interval_regularity(t coachiatry.dose_timing, share float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'dose_timing_interval_regularity'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.interval_regularity(coachiatry.dose_timing, float8) IS
'Share of the intervals between consecutive taken doses, paired or extra, that lie within (1 +- share) x their median, bounds included, 0 to 1. The median of an even count is the mean of the two in the middle. NULL with fewer than two taken doses, or for a NULL argument. Error 22023 for a share that is negative or not finite.';

CREATE FUNCTION coachiatry.to_doses(t coachiatry.dose_timing)
RETURNS TABLE (taken_at timestamptz, due_at timestamptz)
AS 'MODULE_PATHNAME', 'dose_timing_to_doses'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 365;

COMMENT ON FUNCTION coachiatry.to_doses(coachiatry.dose_timing) IS
'One row for each pair, in order of due, then taken instant: due_at is NULL for an extra dose, taken_at for a missed one. No rows for an empty or NULL value. dose_timing_agg makes the value of these rows again.';

--
-- Matching openings to due doses; the day an instant belongs to
--

CREATE FUNCTION coachiatry.match_doses(taken timestamptz[], due timestamptz[], tolerance interval)
RETURNS TABLE (taken_at timestamptz, due_at timestamptz)
AS 'MODULE_PATHNAME', 'dose_timing_match_doses'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 365;

COMMENT ON FUNCTION coachiatry.match_doses(timestamptz[], timestamptz[], interval) IS
'Pairs of taken and due doses: the order-preserving matching, each used at most once and no pair further apart than tolerance, with the most pairs, then the least total distance. Where several are equally good, the one whose pairs come first when compared one by one in order of time, by taken, then by due instant. What stays alone has a NULL side: due_at of an extra dose, taken_at of a missed one. Rows in order of time (of taken_at, else due_at; at one instant taken doses first). Arrays need not be sorted, and those of several dimensions count as their elements; NULL elements are skipped, a NULL array is empty; no rows for a NULL tolerance. Tolerances compare as PostgreSQL compares intervals: a day is 24 hours, a month 30 days. Errors: 22008 for an infinite instant, 22023 for a negative tolerance, 54000 for more than 1,048,575 elements in an array, or for over 268,435,456 combinations of a taken and a due dose within tolerance of each other in one stretch without a gap longer than the tolerance.';

CREATE FUNCTION coachiatry.adherence_day(at timestamptz, time_zone text, day_starts time DEFAULT '00:00')
RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT (pg_catalog.timezone(time_zone, at)
		OPERATOR(pg_catalog.-) COALESCE(day_starts, '00:00'::pg_catalog.time)::pg_catalog.interval)::pg_catalog.date
$$;

COMMENT ON FUNCTION coachiatry.adherence_day(timestamptz, text, time) IS
'The day an instant belongs to: its date in a time zone, where a day begins at day_starts (NULL: midnight) and not at midnight. Electronic monitoring usually has days from 03:00 to 03:00. An infinite instant gives an infinite date; NULL for a NULL instant or time zone. Error 22023 for an unknown time zone.';

--
-- Comparison and hashing
--

CREATE FUNCTION coachiatry.dose_timing_lt(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS boolean
AS 'MODULE_PATHNAME', 'dose_timing_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_le(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS boolean
AS 'MODULE_PATHNAME', 'dose_timing_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_eq(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS boolean
AS 'MODULE_PATHNAME', 'dose_timing_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_ne(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS boolean
AS 'MODULE_PATHNAME', 'dose_timing_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_ge(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS boolean
AS 'MODULE_PATHNAME', 'dose_timing_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_gt(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS boolean
AS 'MODULE_PATHNAME', 'dose_timing_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_cmp(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS integer
AS 'MODULE_PATHNAME', 'dose_timing_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_hash(coachiatry.dose_timing)
RETURNS integer
AS 'MODULE_PATHNAME', 'dose_timing_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_hash_extended(coachiatry.dose_timing, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'dose_timing_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Whether both have the same pairs.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Whether their pairs differ.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Whether the left one sorts before the right one: by the first pair that differs (due, then taken instant, a missing one last), a beginning before the whole.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Whether the left one sorts before the right one or is equal.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Whether the left one sorts after the right one or is equal.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.dose_timing,
	RIGHTARG = coachiatry.dose_timing,
	FUNCTION = coachiatry.dose_timing_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.dose_timing, coachiatry.dose_timing) IS
'Whether the left one sorts after the right one.';

CREATE OPERATOR CLASS coachiatry.dose_timing_ops
DEFAULT FOR TYPE coachiatry.dose_timing USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.dose_timing_cmp(coachiatry.dose_timing, coachiatry.dose_timing);

COMMENT ON OPERATOR CLASS coachiatry.dose_timing_ops USING btree IS
'Order of dose timings, for sorting, indexes and DISTINCT.';

COMMENT ON OPERATOR FAMILY coachiatry.dose_timing_ops USING btree IS
'Order of dose timings, for sorting, indexes and DISTINCT.';

CREATE OPERATOR CLASS coachiatry.dose_timing_ops
DEFAULT FOR TYPE coachiatry.dose_timing USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.dose_timing_hash(coachiatry.dose_timing),
	FUNCTION 2 coachiatry.dose_timing_hash_extended(coachiatry.dose_timing, bigint);

COMMENT ON OPERATOR CLASS coachiatry.dose_timing_ops USING hash IS
'Equality of dose timings by hash, for joins, grouping and hash partitions.';

COMMENT ON OPERATOR FAMILY coachiatry.dose_timing_ops USING hash IS
'Equality of dose timings by hash, for joins, grouping and hash partitions.';

--
-- Aggregates.  A state is a value with slack: pairs in any order at its end,
-- and room for more; the final function sorts and strips it.  Not strict: a
-- row with one NULL side counts.
--

CREATE FUNCTION coachiatry.dose_timing_agg_add(coachiatry.dose_timing, timestamptz, timestamptz)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_agg_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.dose_timing, coachiatry.dose_timing)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.dose_timing_agg_final(coachiatry.dose_timing)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_agg_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE coachiatry.dose_timing_agg(taken_at timestamptz, due_at timestamptz) (
	SFUNC = coachiatry.dose_timing_agg_add,
	STYPE = coachiatry.dose_timing,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.dose_timing_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.dose_timing_agg(timestamptz, timestamptz) IS
'Dose timing of rows that each say when a dose was taken and when it was due; due_at NULL: an extra dose, taken_at NULL: a missed one, both NULL: the row is skipped. NULL if no rows are left. Any split of the rows into parts, in any order, gives the same bytes through rollup. Errors: 22008 for an infinite instant, 54000 for more than 1,048,575 pairs.';

CREATE AGGREGATE coachiatry.rollup(t coachiatry.dose_timing) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.dose_timing,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.dose_timing_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.dose_timing) IS
'Merge of all values: the pairs of each. NULLs are skipped; NULL if nothing is left or all are empty. Error 54000 for more than 1,048,575 pairs.';

--
-- Casts
--

CREATE FUNCTION coachiatry.to_jsonb(t coachiatry.dose_timing)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'dose_timing_to_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_jsonb(coachiatry.dose_timing) IS
'The pairs in canonical order as [{"due_at": instant, "taken_at": instant}, ...], instants in ISO 8601 and UTC, null for a missing side; [] for the empty value. Behind the cast to jsonb.';

CREATE FUNCTION coachiatry.to_dose_timing(document jsonb)
RETURNS coachiatry.dose_timing
AS 'MODULE_PATHNAME', 'dose_timing_from_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_dose_timing(jsonb) IS
'The value of a document [{"due_at": instant, "taken_at": instant}, ...]; a side may be null or left out, but not both; the order does not matter. Instants are ISO 8601 with Z or a distance from UTC. Errors: 22023 for any other shape, 22007 for a string that is not an instant, 22008 for one that is infinite or does not exist, 54000 for more than 1,048,575 pairs. Behind the cast from jsonb.';

CREATE CAST (coachiatry.dose_timing AS jsonb) WITH FUNCTION coachiatry.to_jsonb(coachiatry.dose_timing);

COMMENT ON CAST (coachiatry.dose_timing AS jsonb) IS
'The pairs as a document: to_jsonb(dose_timing).';

CREATE CAST (jsonb AS coachiatry.dose_timing) WITH FUNCTION coachiatry.to_dose_timing(jsonb);

COMMENT ON CAST (jsonb AS coachiatry.dose_timing) IS
'The pairs of a document: to_dose_timing(jsonb).';
