-- Agreement between people who label, and between a model and them.
-- Sections: type confusion, accessors, comparison, type ratings, aggregates, forecasts, folds.

--
-- Type confusion
--

CREATE TYPE coachiatry.confusion;

CREATE FUNCTION coachiatry.confusion_in(cstring)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'confusion_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_out(coachiatry.confusion)
RETURNS cstring
AS 'MODULE_PATHNAME', 'records_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_recv(internal)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'confusion_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_send(coachiatry.confusion)
RETURNS bytea
AS 'MODULE_PATHNAME', 'records_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.confusion (
	INPUT = coachiatry.confusion_in,
	OUTPUT = coachiatry.confusion_out,
	RECEIVE = coachiatry.confusion_recv,
	SEND = coachiatry.confusion_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.confusion IS
'How often each label was given by one side and each by the other: truth and prediction, or two raters. Equal tables have equal bytes. Text form: of each pair that occurs, in order, both labels in quotes, then = and the count unless that is 1, separated by commas, as in "yes" "no" = 3, "yes" "yes" = 20; the word empty for none.';

CREATE FUNCTION coachiatry.confusion_merge(a coachiatry.confusion, b coachiatry.confusion)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'records_merge_values'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.confusion_merge(coachiatry.confusion, coachiatry.confusion) IS
'Both tables together: counts add. The other side when one is NULL. Behind the operator ||.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.confusion, coachiatry.confusion) IS
'Both tables together: counts add.';

CREATE FUNCTION coachiatry.confusion_subtract(a coachiatry.confusion, b coachiatry.confusion)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'records_subtract_values'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.confusion_subtract(coachiatry.confusion, coachiatry.confusion) IS
'The first table without what the second one counts: (a || b) - b = a. Error 22003 where it does not hold that. a - NULL is a; NULL - b is NULL; the result can be empty. Behind the operator -.';

CREATE OPERATOR coachiatry.- (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_subtract
);

COMMENT ON OPERATOR coachiatry.- (coachiatry.confusion, coachiatry.confusion) IS
'Take away again, exactly: (a || b) - b = a.';

--
-- Accessors
--

CREATE FUNCTION coachiatry.macro_f1(c coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_macro_f1'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.macro_f1(coachiatry.confusion) IS
'The mean over labels of F1, the harmonic mean of precision and recall, each label with the same weight; labels are those of either side, and F1 is 0 for one without a true positive. NULL for an empty or NULL table.';

CREATE FUNCTION coachiatry.accuracy(c coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_accuracy'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.accuracy(coachiatry.confusion) IS
'The share of pairs with the same label on both sides. NULL for an empty or NULL table.';

CREATE FUNCTION coachiatry.cohen_kappa(c coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_cohen_kappa'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.cohen_kappa(coachiatry.confusion) IS
'Agreement of two raters beyond chance, (p_a - p_e) / (1 - p_e), where p_e is the agreement of two independent raters who use the labels as often as these two each did (Cohen 1960, unweighted). NULL for an empty or NULL table, and where both used one and the same label throughout.';

CREATE FUNCTION coachiatry.gwet_ac1(c coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_gwet_ac1'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.gwet_ac1(coachiatry.confusion) IS
'Agreement of two raters beyond chance, (p_a - p_e) / (1 - p_e), with p_e = sum of pi (1 - pi) / (q - 1) over the q labels that occur, pi the mean share of a label with both raters (Gwet 2008, AC1). Unlike kappa it does not fall where one label is rare. 1 where one label only occurs. NULL for an empty or NULL table.';

CREATE FUNCTION coachiatry.to_cells(c coachiatry.confusion)
RETURNS TABLE (truth text, predicted text, count bigint)
AS 'MODULE_PATHNAME', 'confusion_cells'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 16;

COMMENT ON FUNCTION coachiatry.to_cells(coachiatry.confusion) IS
'The pairs of labels that occur, in order, and how often. No rows for an empty or NULL table.';

--
-- Comparison
--

CREATE FUNCTION coachiatry.confusion_lt(coachiatry.confusion, coachiatry.confusion)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_le(coachiatry.confusion, coachiatry.confusion)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_eq(coachiatry.confusion, coachiatry.confusion)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_ne(coachiatry.confusion, coachiatry.confusion)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_ge(coachiatry.confusion, coachiatry.confusion)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_gt(coachiatry.confusion, coachiatry.confusion)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_cmp(coachiatry.confusion, coachiatry.confusion)
RETURNS integer
AS 'MODULE_PATHNAME', 'records_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_hash(coachiatry.confusion)
RETURNS integer
AS 'MODULE_PATHNAME', 'records_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_hash_extended(coachiatry.confusion, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'records_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.confusion, coachiatry.confusion) IS
'Equal: the same counts of the same pairs.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.confusion, coachiatry.confusion) IS
'Not equal.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.confusion, coachiatry.confusion) IS
'Before in the order of tables of confusion, which is that of their bytes.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.confusion, coachiatry.confusion) IS
'Before or equal in the order of tables of confusion.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.confusion, coachiatry.confusion) IS
'After or equal in the order of tables of confusion.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.confusion,
	RIGHTARG = coachiatry.confusion,
	FUNCTION = coachiatry.confusion_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.confusion, coachiatry.confusion) IS
'After in the order of tables of confusion.';

CREATE OPERATOR CLASS coachiatry.confusion_ops
DEFAULT FOR TYPE coachiatry.confusion USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.confusion_cmp(coachiatry.confusion, coachiatry.confusion);

COMMENT ON OPERATOR FAMILY coachiatry.confusion_ops USING btree IS
'The total order of tables of confusion.';

COMMENT ON OPERATOR CLASS coachiatry.confusion_ops USING btree IS
'The total order of tables of confusion, so that they can be sorted, grouped and merge-joined: that of their bytes.';

CREATE OPERATOR CLASS coachiatry.confusion_ops
DEFAULT FOR TYPE coachiatry.confusion USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.confusion_hash(coachiatry.confusion),
	FUNCTION 2 coachiatry.confusion_hash_extended(coachiatry.confusion, bigint);

COMMENT ON OPERATOR FAMILY coachiatry.confusion_ops USING hash IS
'Hashing of tables of confusion.';

COMMENT ON OPERATOR CLASS coachiatry.confusion_ops USING hash IS
'Hashing of tables of confusion, so that they can be grouped and joined by hash: equal ones hash alike.';

--
-- Type ratings
--

CREATE TYPE coachiatry.ratings;

CREATE FUNCTION coachiatry.ratings_in(cstring)
RETURNS coachiatry.ratings
AS 'MODULE_PATHNAME', 'ratings_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.ratings_out(coachiatry.ratings)
RETURNS cstring
AS 'MODULE_PATHNAME', 'records_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.ratings_recv(internal)
RETURNS coachiatry.ratings
AS 'MODULE_PATHNAME', 'ratings_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.ratings_send(coachiatry.ratings)
RETURNS bytea
AS 'MODULE_PATHNAME', 'records_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.ratings (
	INPUT = coachiatry.ratings_in,
	OUTPUT = coachiatry.ratings_out,
	RECEIVE = coachiatry.ratings_recv,
	SEND = coachiatry.ratings_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.ratings IS
'Which label each rater gave each unit: the state of krippendorff_alpha. Text form: of each rating, in order, unit, rater and label in quotes, then = and how often it was given unless that is 1, separated by commas; the word empty for none.';

--
-- Aggregates: support functions
--

CREATE FUNCTION coachiatry.confusion_agg_add(coachiatry.confusion, text, text)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'confusion_agg_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.confusion, coachiatry.confusion)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'records_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.confusion_agg_final(coachiatry.confusion)
RETURNS coachiatry.confusion
AS 'MODULE_PATHNAME', 'records_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.macro_f1_final(coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_macro_f1'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.cohen_kappa_final(coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_cohen_kappa'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.gwet_ac1_final(coachiatry.confusion)
RETURNS float8
AS 'MODULE_PATHNAME', 'confusion_gwet_ac1'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.krippendorff_alpha_add(coachiatry.ratings, text, text, text)
RETURNS coachiatry.ratings
AS 'MODULE_PATHNAME', 'ratings_agg_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.ratings, coachiatry.ratings)
RETURNS coachiatry.ratings
AS 'MODULE_PATHNAME', 'records_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.krippendorff_alpha_final(coachiatry.ratings)
RETURNS float8
AS 'MODULE_PATHNAME', 'ratings_alpha'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Aggregates
--

CREATE AGGREGATE coachiatry.confusion_agg(truth text, predicted text) (
	SFUNC = coachiatry.confusion_agg_add,
	STYPE = coachiatry.confusion,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.confusion_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.confusion_agg(text, text) IS
'How often each pair of labels occurs. A row with a NULL is skipped; NULL if no rows are left. Any split of the rows gives the same bytes through rollup. Error 22023 for a label that is empty or over 255 bytes.';

CREATE AGGREGATE coachiatry.rollup(c coachiatry.confusion) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.confusion,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.confusion_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.confusion) IS
'Merge of all tables, as ||. NULLs are skipped; NULL if nothing is left or all are empty.';

CREATE AGGREGATE coachiatry.macro_f1(truth text, predicted text) (
	SFUNC = coachiatry.confusion_agg_add,
	STYPE = coachiatry.confusion,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.macro_f1_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.macro_f1(text, text) IS
'macro_f1(confusion_agg(...)), in one step. A row with a NULL is skipped; NULL if no rows are left.';

CREATE AGGREGATE coachiatry.cohen_kappa(a text, b text) (
	SFUNC = coachiatry.confusion_agg_add,
	STYPE = coachiatry.confusion,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.cohen_kappa_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.cohen_kappa(text, text) IS
'cohen_kappa(confusion_agg(...)), in one step. A row with a NULL is skipped; NULL if no rows are left.';

CREATE AGGREGATE coachiatry.gwet_ac1(a text, b text) (
	SFUNC = coachiatry.confusion_agg_add,
	STYPE = coachiatry.confusion,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.gwet_ac1_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.gwet_ac1(text, text) IS
'gwet_ac1(confusion_agg(...)), in one step. A row with a NULL is skipped; NULL if no rows are left.';

CREATE AGGREGATE coachiatry.krippendorff_alpha(unit text, rater text, label text) (
	SFUNC = coachiatry.krippendorff_alpha_add,
	STYPE = coachiatry.ratings,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.krippendorff_alpha_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.krippendorff_alpha(text, text, text) IS
'Agreement of any number of raters, each of whom may have labelled any of the units: alpha = 1 - D_o / D_e for nominal labels, from the coincidences of labels within units (Krippendorff 2011); units with one label only do not count. The same rater may label a unit more than once. A row with a NULL is skipped; NULL where no unit has two labels, or all labels that count are one and the same. Error 22023 for a text that is empty or over 255 bytes.';

--
-- Forecasts: support functions
--

CREATE FUNCTION coachiatry.brier_add(bigint[], float8, boolean)
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'forecast_brier_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.brier_final(bigint[])
RETURNS float8
AS 'MODULE_PATHNAME', 'forecast_brier'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.log_loss_add(bigint[], float8, boolean)
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'forecast_log_loss_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.log_loss_final(bigint[])
RETURNS float8
AS 'MODULE_PATHNAME', 'forecast_log_loss'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.calibration_error_add(bigint[], float8, boolean)
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'forecast_calibration_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.calibration_error_final(bigint[])
RETURNS float8
AS 'MODULE_PATHNAME', 'forecast_calibration'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.forecast_combine(bigint[], bigint[])
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'forecast_combine'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Forecasts
--

CREATE AGGREGATE coachiatry.brier(p float8, hit boolean) (
	SFUNC = coachiatry.brier_add,
	STYPE = bigint[],
	INITCOND = '{0,0,0}',
	FINALFUNC = coachiatry.brier_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.forecast_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.brier(float8, boolean) IS
'The mean of (p - hit)^2 over rows of a probability and whether the event came: 0 is perfect, 0.25 is what p = 0.5 always gets (Brier 1950, in the form for one event). The score of K classes, summed over classes (0 to 2), is K times the mean over a row for each document and class. Each row counts as the nearest multiple of 2^-62, so that the sum is exact and the order does not matter. A row with a NULL is skipped; NULL if no rows are left. Error 22003 for a probability outside 0 to 1.';

CREATE AGGREGATE coachiatry.log_loss(p float8, hit boolean) (
	SFUNC = coachiatry.log_loss_add,
	STYPE = bigint[],
	INITCOND = '{0,0,0}',
	FINALFUNC = coachiatry.log_loss_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.forecast_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.log_loss(float8, boolean) IS
'The mean of -ln p over rows in which the event came and of -ln(1 - p) over those in which it did not, p kept 1e-15 away from 0 and 1. With the rows of the true class only it is the log loss of a classifier. Each row counts as the nearest multiple of 2^-56, so that the sum is exact and the order does not matter. A row with a NULL is skipped; NULL if no rows are left. Error 22003 for a probability outside 0 to 1.';

CREATE AGGREGATE coachiatry.calibration_error(p float8, hit boolean) (
	SFUNC = coachiatry.calibration_error_add,
	STYPE = bigint[],
	INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
	FINALFUNC = coachiatry.calibration_error_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.forecast_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.calibration_error(float8, boolean) IS
'Expected calibration error: rows fall by p into 10 bins of equal width, closed at their upper ends, and |share of hits - mean p| is averaged over rows (Guo et al. 2017). Give the probability of the label that was predicted, and whether that was right. Each row counts as the nearest multiple of 2^-62, so that the sum is exact and the order does not matter. A row with a NULL is skipped; NULL if no rows are left. Error 22003 for a probability outside 0 to 1.';

--
-- Folds
--

CREATE FUNCTION coachiatry.grouped_fold(person bigint, k integer, seed bigint DEFAULT 0)
RETURNS integer
AS 'MODULE_PATHNAME', 'forecast_grouped_fold'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.grouped_fold(bigint, integer, bigint) IS
'The fold, 1 to k, of a person for cross-validation: all rows of a person are in one fold, so that no model is tried on words of somebody it was trained on. The same on every machine and in every version; another seed gives other folds. NULL for a NULL argument. Error 22023 for k below 1.';
