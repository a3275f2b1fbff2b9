-- Refill histories: what was dispensed when, and adherence measures from it.
-- Sections: type, algebra, availability, covered days, episodes, a look inside,
-- comparison, aggregates, casts.

--
-- Type
--

CREATE TYPE coachiatry.supply;

CREATE FUNCTION coachiatry.supply_in(cstring)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_out(coachiatry.supply)
RETURNS cstring
AS 'MODULE_PATHNAME', 'supply_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_recv(internal)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_send(coachiatry.supply)
RETURNS bytea
AS 'MODULE_PATHNAME', 'supply_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.supply (
	INPUT = coachiatry.supply_in,
	OUTPUT = coachiatry.supply_out,
	RECEIVE = coachiatry.supply_recv,
	SEND = coachiatry.supply_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.supply IS
'A refill history: a multiset of dispensings, each a day, a duration (days of supply, above 0, fractions allowed), a daily dose (above 0, any unit, or not known) and a medication (a text, or not known, which is a medication of its own). They are kept in order of day, medication (bytewise, whatever the collation), dose and duration, what is not known last; where several fall on one day, this order is the one in which measures take them. Text form: the dispensings in that order with commas between them, as in 2026-01-05 30 days at 1.5 a day of "sertraline", 2026-02-04 7.5 days; numbers have as few digits as read back exactly, a quotation mark in a name is doubled, and no dispensings at all is the word empty. Input takes them in any order. At most 1,048,575 dispensings and 67,108,864 bytes of names. 24 bytes a dispensing, and each name once. Input errors: 22P02 for another form, 22008 for a day that does not exist or is infinite, 22003 for a duration or dose that is not finite or not above 0, 54000 for too much.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.supply_merge(a coachiatry.supply, b coachiatry.supply)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_merge'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.supply_merge(coachiatry.supply, coachiatry.supply) IS
'The dispensings of both, equal ones kept. The other side when one is NULL. Error 54000 for more than 1,048,575 dispensings. Behind the operator ||.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.supply, coachiatry.supply) IS
'Merge: the dispensings of both.';

--
-- Availability: CMA1 to CMA9
--

CREATE FUNCTION coachiatry.cma(s coachiatry.supply, n integer, observation daterange,
	followup daterange DEFAULT NULL, carry_only_same_medication boolean DEFAULT false,
	consider_dosage_change boolean DEFAULT false)
RETURNS float8
AS 'MODULE_PATHNAME', 'supply_cma'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.cma(coachiatry.supply, integer, daterange, daterange, boolean, boolean) IS
'Continuous medication availability, measure n of 1 to 9. OS and OE are the ends of observation, FE that of followup; W are the dispensings from OS to OE, f and l the days of the first and last of W; a gap is the days without supply before the next dispensing, or before OE after the last one; stock left at a dispensing is carried to the next one. 1: durations of W but for its last / (l - f). 2: durations of W / (OE - f). 3 and 4: the same as 1 and 2, at most 1. 5: 1 - gaps of W but for its last / (l - f), with stock carried inside W. 6: 1 - gaps of W / (OE - f). 7: share of OS to OE that was covered, with stock carried from the start of followup on. 8: CMA7 from the day on which stock dispensed before OS ends (a window of a whole number of days, rounded half to even, so that OE moves by less than a day where stock ends within one). 9: mean over the days from OS to OE of the covered share of the interval between dispensings that the day lies in; the last interval runs to FE, and days before the first dispensing count 0. 1 and 2 can exceed 1, the others cannot. carry_only_same_medication: stock passes on only to the same medication, and is lost else. consider_dosage_change: stock is an amount, so that at twice the dose it lasts half as long; where a dose is not known stock passes on as it is. Both concern 5 to 9; NULL is false. Windows run from their first bound to their second, as daterange(start, end) holds them, and are end - start days long; a dispensing dated on the end still belongs to the window, though it adds no time to it. followup NULL: the same as observation. NULL where observation does not lie inside followup, or where a window is empty; error 22023 where one has no finite bounds or for n outside 1 to 9. NULL where the measure is undefined: 1, 3 and 5 with fewer than two dispensings in W or f = l; 2, 4 and 6 without W or where f = OE; 7 and 9 without a dispensing from the start of followup to OE; 8 as 7, and where old stock lasts to OE; 1 and 2 where they exceed float8. NULL for a NULL supply, n or observation.';

CREATE FUNCTION coachiatry.cma_sliding(s coachiatry.supply, n integer, window_days integer, step_days integer,
	observation daterange, followup daterange DEFAULT NULL)
RETURNS TABLE (during daterange, cma float8)
AS 'MODULE_PATHNAME', 'supply_cma_sliding'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION coachiatry.cma_sliding(coachiatry.supply, integer, integer, integer, daterange, daterange) IS
'cma(s, n, during, followup) in windows of window_days days that start on the first day of observation and every step_days after it, as many as fit into observation; cma is NULL where it is undefined. Stock from before a window counts as in cma, from the start of followup on, and so does FE for n = 9. No rows where observation does not lie inside followup, a window is empty, the supply has no dispensings, or an argument other than followup is NULL; followup NULL: the same as observation. Error 22023 for n outside 1 to 9, window_days or step_days below 1, or a window without finite bounds.';

--
-- Covered days
--

CREATE FUNCTION coachiatry.pdc(s coachiatry.supply, observation daterange, excused datemultirange DEFAULT NULL)
RETURNS float8
AS 'MODULE_PATHNAME', 'supply_pdc'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.pdc(coachiatry.supply, daterange, datemultirange) IS
'Proportion of days covered, 0 to 1, as the Pharmacy Quality Alliance counts it: of the days of observation from the first fill in it on, the share with supply of any medication. Here the days are those of the half-open range, its last day included and its upper bound not. Fills before observation are ignored. A fill before the one before it of the same medication has run out is shifted behind it, and so on from fill to fill; other medications are not shifted; a medication that is not known is one of its own. A day is covered when supply is left as it starts. excused days (in hospital) leave the days, and supply that would fall on them is used after them, with later fills shifted accordingly; bounds may be infinite. NULL without a fill in observation, where all days are excused, for an empty observation, or for a NULL supply or observation. Error 22023 for an observation without finite bounds.';

CREATE FUNCTION coachiatry.covered_days(s coachiatry.supply, observation daterange, followup daterange DEFAULT NULL)
RETURNS coachiatry.adherence
AS 'MODULE_PATHNAME', 'supply_covered_days'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.covered_days(coachiatry.supply, daterange, daterange) IS
'The days of observation as an adherence calendar: one unit prescribed on each, taken where stock is left as the day starts (that of CMA7: dispensed from the start of followup on, used one day a day, carried from dispensing to dispensing), else missed. With whole durations its adherence_rate is cma(s, 7, observation, followup). followup NULL: the same as observation. NULL where CMA7 is, for an observation that does not lie inside followup, an empty window, or a NULL supply or observation. Errors: 22023 for a window without finite bounds, 22008 for an observation over 200 years.';

--
-- Episodes
--

CREATE FUNCTION coachiatry.treatment_episodes(s coachiatry.supply, max_gap float8, followup daterange,
	gap_is_percent boolean DEFAULT false, carry_only_same_medication boolean DEFAULT false,
	consider_dosage_change boolean DEFAULT false, new_episode_on_medication_change boolean DEFAULT false)
RETURNS TABLE (episode integer, during daterange, duration float8, end_gap integer)
AS 'MODULE_PATHNAME', 'supply_treatment_episodes'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5;

COMMENT ON FUNCTION coachiatry.treatment_episodes(coachiatry.supply, float8, daterange, boolean, boolean, boolean, boolean) IS
'Episodes of treatment in the followup window, in order of time, numbered from 1. An episode ends after a dispensing when the days without supply before the next one exceed max_gap: days, or with gap_is_percent so many percent of the duration of that dispensing. It ends where supply does. The last episode goes on to the end of followup if the days without supply there are fewer than max_gap allows; as many end it. new_episode_on_medication_change: another medication starts another episode too. during: from the first dispensing to the day on which the episode ends, which is not included (a fraction of a day is left out; empty for an episode of less than a day). duration: its length in days, fractions kept. end_gap: whole days without supply after its last dispensing. Stock is carried as in cma. A NULL option is false. No rows for a NULL supply, max_gap or followup, an empty followup, or without dispensings in it. Error 22023 for a max_gap that is negative or not finite, or a followup without finite bounds.';

--
-- A look inside
--

CREATE FUNCTION coachiatry.first_dispensed(s coachiatry.supply)
RETURNS date
AS 'MODULE_PATHNAME', 'supply_first_dispensed'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.first_dispensed(coachiatry.supply) IS
'Day of the first dispensing. NULL if there is none, or for NULL.';

CREATE FUNCTION coachiatry.last_dispensed(s coachiatry.supply)
RETURNS date
AS 'MODULE_PATHNAME', 'supply_last_dispensed'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.last_dispensed(coachiatry.supply) IS
'Day of the last dispensing. NULL if there is none, or for NULL.';

CREATE FUNCTION coachiatry.to_dispensings(s coachiatry.supply)
RETURNS TABLE (dispensed date, days_supply float8, daily_dose float8, medication text)
AS 'MODULE_PATHNAME', 'supply_to_dispensings'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION coachiatry.to_dispensings(coachiatry.supply) IS
'One row for each dispensing in order of day, medication (bytewise), dose and duration; daily_dose and medication are NULL where not known. No rows for an empty or NULL supply. supply_agg makes the supply of these rows again.';

--
-- Comparison and hashing
--

CREATE FUNCTION coachiatry.supply_lt(coachiatry.supply, coachiatry.supply)
RETURNS boolean
AS 'MODULE_PATHNAME', 'supply_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_le(coachiatry.supply, coachiatry.supply)
RETURNS boolean
AS 'MODULE_PATHNAME', 'supply_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_eq(coachiatry.supply, coachiatry.supply)
RETURNS boolean
AS 'MODULE_PATHNAME', 'supply_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_ne(coachiatry.supply, coachiatry.supply)
RETURNS boolean
AS 'MODULE_PATHNAME', 'supply_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_ge(coachiatry.supply, coachiatry.supply)
RETURNS boolean
AS 'MODULE_PATHNAME', 'supply_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_gt(coachiatry.supply, coachiatry.supply)
RETURNS boolean
AS 'MODULE_PATHNAME', 'supply_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_cmp(coachiatry.supply, coachiatry.supply)
RETURNS integer
AS 'MODULE_PATHNAME', 'supply_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_hash(coachiatry.supply)
RETURNS integer
AS 'MODULE_PATHNAME', 'supply_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_hash_extended(coachiatry.supply, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'supply_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.supply, coachiatry.supply) IS
'Whether both have the same dispensings.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.supply, coachiatry.supply) IS
'Whether their dispensings differ.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.supply, coachiatry.supply) IS
'Whether the left one sorts before the right one: by the first dispensing that differs (day, medication, dose, duration, what is not known last), a beginning before the whole.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.supply, coachiatry.supply) IS
'Whether the left one sorts before the right one or is equal.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.supply, coachiatry.supply) IS
'Whether the left one sorts after the right one or is equal.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.supply,
	RIGHTARG = coachiatry.supply,
	FUNCTION = coachiatry.supply_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.supply, coachiatry.supply) IS
'Whether the left one sorts after the right one.';

CREATE OPERATOR CLASS coachiatry.supply_ops
DEFAULT FOR TYPE coachiatry.supply USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.supply_cmp(coachiatry.supply, coachiatry.supply);

COMMENT ON OPERATOR CLASS coachiatry.supply_ops USING btree IS
'Order of supplies, for sorting, indexes and DISTINCT.';

COMMENT ON OPERATOR FAMILY coachiatry.supply_ops USING btree IS
'Order of supplies, for sorting, indexes and DISTINCT.';

CREATE OPERATOR CLASS coachiatry.supply_ops
DEFAULT FOR TYPE coachiatry.supply USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.supply_hash(coachiatry.supply),
	FUNCTION 2 coachiatry.supply_hash_extended(coachiatry.supply, bigint);

COMMENT ON OPERATOR CLASS coachiatry.supply_ops USING hash IS
'Equality of supplies by hash, for joins, grouping and hash partitions.';

COMMENT ON OPERATOR FAMILY coachiatry.supply_ops USING hash IS
'Equality of supplies by hash, for joins, grouping and hash partitions.';

--
-- Aggregates.  A state is a supply with slack: dispensings in any order, and
-- room for more; the final function sorts and strips it.  Not strict: a row
-- with a NULL dose or medication counts.
--

CREATE FUNCTION coachiatry.supply_agg_add(coachiatry.supply, date, float8)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_agg_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_agg_add(coachiatry.supply, date, float8, float8)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_agg_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_agg_add(coachiatry.supply, date, float8, float8, text)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_agg_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.supply, coachiatry.supply)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.supply_agg_final(coachiatry.supply)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_agg_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE coachiatry.supply_agg(dispensed date, days_supply float8) (
	SFUNC = coachiatry.supply_agg_add,
	STYPE = coachiatry.supply,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.supply_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.supply_agg(date, float8) IS
'Refill history of rows that each say on which day how many days of supply were dispensed; dose and medication are not known. A row with a NULL day or duration is skipped; NULL if no rows are left. Any split of the rows into parts, in any order, gives the same bytes through rollup. Errors: 22008 for an infinite day, 22003 for a duration that is not finite or not above 0, 54000 for more than 1,048,575 dispensings.';

CREATE AGGREGATE coachiatry.supply_agg(dispensed date, days_supply float8, daily_dose float8) (
	SFUNC = coachiatry.supply_agg_add,
	STYPE = coachiatry.supply,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.supply_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.supply_agg(date, float8, float8) IS
'Refill history of rows that give the day, the days of supply and the daily dose of a dispensing; a NULL dose is one that is not known. A row with a NULL day or duration is skipped; NULL if no rows are left. Any split of the rows into parts, in any order, gives the same bytes through rollup. Errors: 22008 for an infinite day, 22003 for a duration or dose that is not finite or not above 0, 54000 for more than 1,048,575 dispensings.';

CREATE AGGREGATE coachiatry.supply_agg(dispensed date, days_supply float8, daily_dose float8, medication text) (
	SFUNC = coachiatry.supply_agg_add,
	STYPE = coachiatry.supply,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.supply_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.supply_agg(date, float8, float8, text) IS
'Refill history of rows that give the day, the days of supply, the daily dose and the medication of a dispensing; a NULL dose or medication is one that is not known. A row with a NULL day or duration is skipped; NULL if no rows are left. Any split of the rows into parts, in any order, gives the same bytes through rollup. Errors: 22008 for an infinite day, 22003 for a duration or dose that is not finite or not above 0, 54000 for more than 1,048,575 dispensings or 67,108,864 bytes of names.';

CREATE AGGREGATE coachiatry.rollup(s coachiatry.supply) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.supply,
	SSPACE = 512,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.supply_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.supply) IS
'Merge of all supplies: the dispensings of each. NULLs are skipped; NULL if nothing is left or all are empty. Error 54000 for more than 1,048,575 dispensings.';

--
-- Casts
--

CREATE FUNCTION coachiatry.to_jsonb(s coachiatry.supply)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'supply_to_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_jsonb(coachiatry.supply) IS
'The dispensings in order as [{"dispensed": date, "days_supply": number, "daily_dose": number, "medication": text}, ...], null for what is not known; [] for the empty supply. Numbers have as few digits as read back exactly. Behind the cast to jsonb.';

CREATE FUNCTION coachiatry.to_supply(document jsonb)
RETURNS coachiatry.supply
AS 'MODULE_PATHNAME', 'supply_from_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_supply(jsonb) IS
'The supply of a document [{"dispensed": date, "days_supply": number, "daily_dose": number, "medication": text}, ...]; daily_dose and medication may be null or left out; the order does not matter. Dates are ISO 8601. Errors: 22023 for any other shape, 22007 for a string that is not a date, 22008 for a date that does not exist, 22003 for a duration or dose that is not above 0 or too large for float8, 54000 for too many dispensings. Behind the cast from jsonb.';

CREATE CAST (coachiatry.supply AS jsonb) WITH FUNCTION coachiatry.to_jsonb(coachiatry.supply);

COMMENT ON CAST (coachiatry.supply AS jsonb) IS
'The dispensings as a document: to_jsonb(supply).';

CREATE CAST (jsonb AS coachiatry.supply) WITH FUNCTION coachiatry.to_supply(jsonb);

COMMENT ON CAST (jsonb AS coachiatry.supply) IS
'The dispensings of a document: to_supply(jsonb).';
