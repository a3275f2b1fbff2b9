/*
 * Agreement and evaluation in SQL: the types confusion and ratings beyond what
 * values.c does for them, and aggregates over forecasts, whose state is an
 * array of whole numbers.
 */
#include "language/values.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "language/agreement.h"

/*
 * Confusion and ratings
 */

/* A row of texts, from argument 1 on, enters the state that is argument 0. */
static Datum
add_labels(FunctionCallInfo fcinfo, RecordKind kind, int nfields)
{
	RecordsValue *state = PG_GETARG_VALUE(0);
	StringInfoData key;
	Record record = { .value.count = 1 };

	initStringInfo(&key);
	for (int i = 1; i <= nfields; i++)
	{
		text *field = PG_GETARG_TEXT_PP(i);

		if (VARSIZE_ANY_EXHDR(field) == 0 || VARSIZE_ANY_EXHDR(field) > RECORD_MAX_LABEL)
			value_fault(RECORD_LABEL, kind);
		key_add_text(&key, field);
	}
	record.key = key.data;
	record.size = (size_t) key.len;
	if (value_kind(state) != kind || record_check(kind, &record) != RECORD_OK)
		value_fault(RECORD_LABEL, kind);
	state = value_add(state, value_in_aggregate(fcinfo), &record);
	pfree(key.data);
	return value_return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(confusion_agg_add);

/* A row (truth, predicted) enters. */
Datum
confusion_agg_add(PG_FUNCTION_ARGS)
{
	return add_labels(fcinfo, RECORD_CONFUSION, 2);
}

PG_FUNCTION_INFO_V1(ratings_agg_add);

/* A row (unit, rater, label) enters. */
Datum
ratings_agg_add(PG_FUNCTION_ARGS)
{
	return add_labels(fcinfo, RECORD_RATINGS, 3);
}

/* Return what one of the measures says of the table that is argument 0. */
static Datum
measure(FunctionCallInfo fcinfo, double (*of)(const Marginals *marginals))
{
	RecordsValue *value = value_arg(fcinfo, 0);
	Memory memory = server_memory(CurrentMemoryContext);
	Marginals marginals;
	double result;

	if (value_kind(value) != RECORD_CONFUSION ||
		!marginals_of(&memory, value->bytes, value_size(value), &marginals))
		value_damaged();
	if (marginals.n == 0)
		PG_RETURN_NULL();
	result = of(&marginals);
	if (isnan(result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

PG_FUNCTION_INFO_V1(confusion_accuracy);

/* Share of pairs that agree. */
Datum
confusion_accuracy(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, marginals_accuracy);
}

PG_FUNCTION_INFO_V1(confusion_macro_f1);

/* Mean F1 of all labels. */
Datum
confusion_macro_f1(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, marginals_macro_f1);
}

PG_FUNCTION_INFO_V1(confusion_cohen_kappa);

/* Cohen's kappa. */
Datum
confusion_cohen_kappa(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, marginals_kappa);
}

PG_FUNCTION_INFO_V1(confusion_gwet_ac1);

/* Gwet's AC1. */
Datum
confusion_gwet_ac1(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, marginals_ac1);
}

PG_FUNCTION_INFO_V1(confusion_cells);

/* The pairs of labels as rows. */
Datum
confusion_cells(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	RecordsValue *value;
	RecordScan scan;

	InitMaterializedSRF(fcinfo, 0);
	value = value_arg(fcinfo, 0);
	record_scan(&scan, value->bytes, value_size(value));
	while (record_next(&scan))
	{
		const char *second = field_after(&scan.here, scan.here.key);
		Datum values[] = { field_datum(scan.here.key), field_datum(second),
						   Int64GetDatum((int64) scan.here.value.count) };
		bool nulls[lengthof(values)] = { false };

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(ratings_alpha);

/* Krippendorff's alpha. */
Datum
ratings_alpha(PG_FUNCTION_ARGS)
{
	RecordsValue *value = value_arg(fcinfo, 0);
	Memory memory = server_memory(CurrentMemoryContext);
	double alpha;

	if (value_kind(value) != RECORD_RATINGS)
		value_damaged();
	if (!ratings_to_alpha(&memory, value->bytes, value_size(value), &alpha))
		PG_RETURN_NULL();
	if (isnan(alpha))
		value_damaged();
	PG_RETURN_FLOAT8(alpha);
}

/*
 * Forecasts.  A state has for each bin (or for all rows) how many there were,
 * for bins also how many hits, and the two parts of a sum.
 */
#define NSUM 3
#define NBIN 4

/* The numbers of a state, which are those of the array itself if that may be changed. */
static int64 *
state_numbers(FunctionCallInfo fcinfo, int n, int wanted, ArrayType **array)
{
	*array = n == 0 && value_in_aggregate(fcinfo) ? PG_GETARG_ARRAYTYPE_P(n)
												  : PG_GETARG_ARRAYTYPE_P_COPY(n);
	if (ARR_NDIM(*array) != 1 || ARR_HASNULL(*array) || ARR_ELEMTYPE(*array) != INT8OID ||
		(wanted > 0 && ARR_DIMS(*array)[0] != wanted))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("state of a forecast's score must have %d numbers", wanted)));
	return (int64 *) ARR_DATA_PTR(*array);
}

/* The probability that is argument 1. */
static double
probability_arg(FunctionCallInfo fcinfo)
{
	double p = PG_GETARG_FLOAT8(1);

	if (isnan(p) || p < 0 || p > 1)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("probability is out of range: \"%g\"", p),
						errdetail("A probability is from 0 to 1.")));
	return p;
}

/* Add a number to the sum in two numbers of a state. */
static void
add_to_sum(int64 *numbers, double number, int bits)
{
	SplitSum sum = { .high = numbers[0], .low = numbers[1] };

	split_add(&sum, number, bits);
	numbers[0] = sum.high;
	numbers[1] = sum.low;
}

/* What the sum in two numbers of a state comes to. */
static double
sum_of(const int64 *numbers, int bits)
{
	SplitSum sum = { .high = numbers[0], .low = numbers[1] };

	return split_value(&sum, bits);
}

/* A forecast enters the state that is argument 0, by its score. */
static Datum
add_score(FunctionCallInfo fcinfo, double (*score)(double p, bool hit), int bits)
{
	ArrayType *state;
	int64 *numbers = state_numbers(fcinfo, 0, NSUM, &state);

	numbers[0]++;
	add_to_sum(numbers + 1, score(probability_arg(fcinfo), PG_GETARG_BOOL(2)), bits);
	PG_RETURN_ARRAYTYPE_P(state);
}

/* The mean score of the state that is argument 0. */
static Datum
mean_score(FunctionCallInfo fcinfo, int bits)
{
	ArrayType *state;
	const int64 *numbers = state_numbers(fcinfo, 0, NSUM, &state);

	if (numbers[0] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sum_of(numbers + 1, bits) / (double) numbers[0]);
}

PG_FUNCTION_INFO_V1(forecast_brier_add);

/* A forecast enters, by its Brier score. */
Datum
forecast_brier_add(PG_FUNCTION_ARGS)
{
	return add_score(fcinfo, brier_score, UNIT_BITS);
}

PG_FUNCTION_INFO_V1(forecast_brier);

/* Mean Brier score. */
Datum
forecast_brier(PG_FUNCTION_ARGS)
{
	return mean_score(fcinfo, UNIT_BITS);
}

PG_FUNCTION_INFO_V1(forecast_log_loss_add);

/* A forecast enters, by its logarithmic score. */
Datum
forecast_log_loss_add(PG_FUNCTION_ARGS)
{
	return add_score(fcinfo, log_score, LOSS_BITS);
}

PG_FUNCTION_INFO_V1(forecast_log_loss);

/* Mean logarithmic score. */
Datum
forecast_log_loss(PG_FUNCTION_ARGS)
{
	return mean_score(fcinfo, LOSS_BITS);
}

PG_FUNCTION_INFO_V1(forecast_calibration_add);

/* A forecast enters the bin of its probability. */
Datum
forecast_calibration_add(PG_FUNCTION_ARGS)
{
	ArrayType *state;
	int64 *numbers = state_numbers(fcinfo, 0, CALIBRATION_BINS * NBIN, &state);
	double p = probability_arg(fcinfo);

	numbers += NBIN * calibration_bin(p);
	numbers[0]++;
	numbers[1] += PG_GETARG_BOOL(2);
	add_to_sum(numbers + 2, p, UNIT_BITS);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(forecast_calibration);

/* Expected calibration error. */
Datum
forecast_calibration(PG_FUNCTION_ARGS)
{
	ArrayType *state;
	const int64 *numbers = state_numbers(fcinfo, 0, CALIBRATION_BINS * NBIN, &state);
	double total = 0;
	double error = 0;

	for (int bin = 0; bin < CALIBRATION_BINS; bin++, numbers += NBIN)
	{
		total += (double) numbers[0];
		error += fabs((double) numbers[1] - sum_of(numbers + 2, UNIT_BITS));
	}
	if (total == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(error / total);
}

PG_FUNCTION_INFO_V1(forecast_combine);

/* Two partial states together: all numbers add. */
Datum
forecast_combine(PG_FUNCTION_ARGS)
{
	ArrayType *state;
	ArrayType *part;
	int64 *numbers = state_numbers(fcinfo, 0, 0, &state);
	const int64 *other = state_numbers(fcinfo, 1, ARR_DIMS(state)[0], &part);

	for (int i = 0; i < ARR_DIMS(state)[0]; i++)
		numbers[i] = (int64) ((uint64) numbers[i] + (uint64) other[i]);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(forecast_grouped_fold);

/* The fold of a person. */
Datum
forecast_grouped_fold(PG_FUNCTION_ARGS)
{
	int32 k = PG_GETARG_INT32(1);

	if (k < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("number of folds must be positive: \"%d\"", k)));
	PG_RETURN_INT32(fold_of(PG_GETARG_INT64(0), k, PG_GETARG_INT64(2)));
}
