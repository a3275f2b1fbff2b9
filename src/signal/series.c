/*
 * The type series: text and binary forms, merge, difference and clip, days as
 * rows, comparison and hashing.  Thin: the days are handled in observations.c.
 */
#include "signal/series.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "adherence/adherence.h"
#include "signal/tally.h"

/* Days between two looks at interrupts. */
#define DAYS_PER_CHECK 4096

/*
 * Values
 */

/* Raise the error for a value that no function of ours wrote. */
void
series_damaged(void)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged series value"),
					errdetail("Its header does not fit it, or a day in it cannot be one.")));
}

/* The days of a packed value, after a look at its header. */
PackedSeries
series_view(const Series *value)
{
	Size size = VARSIZE(value);

	if (size < SERIES_HEADER_SIZE || value->flags != SERIES_FORMAT || value->reserved != 0)
		series_damaged();
	return (PackedSeries){ .first = value->first,
						   .size = size - SERIES_HEADER_SIZE,
						   .records = value->bytes };
}

/* Whether a value is a state, after a look at its size. */
bool
series_is_state(const Series *value)
{
	Size size = VARSIZE(value);

	if (size < SERIES_HEADER_SIZE || value->flags != (SERIES_FORMAT | SERIES_STATE))
		return false;
	if (size < SERIES_HEADER_SIZE + sizeof(DayTally) ||
		size - SERIES_HEADER_SIZE != tally_size((const DayTally *) value->bytes))
		series_damaged();
	return true;
}

/* Begin a value. */
void
series_writer_start(SeriesWriter *writer)
{
	writer->value = makeStringInfo();
	writer->next = 0;
	appendStringInfoSpaces(writer->value, SERIES_HEADER_SIZE);
}

/* Whether no day has been written. */
static bool
writer_is_empty(const SeriesWriter *writer)
{
	return writer->value->len == SERIES_HEADER_SIZE;
}

/* The first day, once a day has been added. */
static int64
writer_first(const SeriesWriter *writer, int32 day)
{
	return writer_is_empty(writer) ? day : ((const Series *) writer->value->data)->first;
}

/* Make room for a day, which is later than those before; how many without observations it comes after. */
static int32
writer_skip(SeriesWriter *writer, int32 day)
{
	int64 next = writer->next;

	enlargeStringInfo(writer->value, SERIES_MAX_RECORD);
	if (writer_is_empty(writer))
		((Series *) writer->value->data)->first = (int32) (next = day);
	writer->next = (int64) day + 1;
	return (int32) (day - next);
}

/* Add a day, which is later than those before, if a series can have it. */
SeriesFault
series_writer_put(SeriesWriter *writer, const Observations *day)
{
	StringInfo value = writer->value;
	SeriesFault fault = observations_check(day, writer_first(writer, day->day));
	int32 skipped;

	if (fault != SERIES_OK)
		return fault;
	skipped = writer_skip(writer, day->day);
	value->len += record_put((uint8 *) value->data + value->len, skipped, day);
	return SERIES_OK;
}

/* The same for a day of another series, as it stands there. */
static SeriesFault
writer_copy(SeriesWriter *writer, const PackedDay *day)
{
	StringInfo value = writer->value;
	int32 skipped;

	if (day->day - writer_first(writer, day->day) >= SERIES_MAX_DAYS)
		return SERIES_SPAN;
	skipped = writer_skip(writer, day->day);
	value->len += record_copy((uint8 *) value->data + value->len, skipped, day);
	return SERIES_OK;
}

/* The value that has been written. */
Series *
series_writer_finish(SeriesWriter *writer)
{
	StringInfo value = writer->value;
	Series *series = (Series *) value->data;

	if (writer_is_empty(writer))
		series->first = 0;
	series->flags = SERIES_FORMAT;
	series->reserved = 0;
	SET_VARSIZE(series, value->len);
	pfree(value);
	return series;
}

/* The packed value of a value or state: itself, if it is one. */
Series *
series_pack(Series *value)
{
	SeriesWriter writer;
	TallyScan scan;

	if (!series_is_state(value))
		return value;
	series_writer_start(&writer);
	tally_scan_start(&scan, (const DayTally *) value->bytes);
	while (tally_scan_next(&scan))
	{
		SeriesFault fault = series_writer_put(&writer, &scan.here);

		if (fault != SERIES_OK)
			series_fault_error(fault, scan.here.day);
	}
	return series_writer_finish(&writer);
}

/* The days of the n-th argument. */
PackedSeries
series_arg(FunctionCallInfo fcinfo, int n)
{
	return series_view(series_pack(PG_GETARG_SERIES(n)));
}

/* Read the next day of a value, if there is one. */
static bool
next_day(SeriesScan *scan)
{
	if (scan_next(scan))
		return true;
	if (scan->is_damaged)
		series_damaged();
	return false;
}

/* Raise, or leave in escontext, the error for a day that no series can have. */
static Datum
day_error(SeriesFault fault, int32 day, Node *escontext)
{
	switch (fault)
	{
		case SERIES_RANGE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("day of series is out of the range of date")));
		case SERIES_SPAN:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("series cannot span over 200 years"),
					 errdetail("The day \"%s\" is too far from another.", day_to_cstring(day))));
		case SERIES_COUNT:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("series holds between 1 and %d observations a day", SERIES_MAX_COUNT),
					 errdetail("The day \"%s\" would have more or fewer.", day_to_cstring(day))));
		default:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("sum of a day of series is out of range"),
					 errdetail("The mean of the day \"%s\" would not be finite.",
							   day_to_cstring(day))));
	}
}

/* Raise the error for a day that no series can have. */
void
series_fault_error(SeriesFault fault, int32 day)
{
	day_error(fault, day, NULL);
	pg_unreachable();
}

/* Raise the error for observations that cannot be added or taken away. */
void
series_result_error(SeriesResult result, int32 day)
{
	if (result == RESULT_ABOVE)
		series_fault_error(SERIES_COUNT, day);
	if (result == RESULT_SUM)
		series_fault_error(SERIES_SUM, day);
	if (result == RESULT_BELOW)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("series cannot hold fewer than 0 observations a day"),
						errdetail("The day \"%s\" would have fewer.", day_to_cstring(day))));
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("series cannot hold a sum without observations"),
					errdetail("The day \"%s\" would have no observation left, but not the sum 0.",
							  day_to_cstring(day))));
}

/*
 * Text and binary
 */

/* Raise, or leave in escontext, the error for a text that is no series. */
static Datum
text_error(SeriesFault fault, const char *text, int32 day, Node *escontext)
{
	switch (fault)
	{
		case SERIES_SYNTAX:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type series: \"%s\"", text_excerpt(text)),
					 errhint("Write a first day and what each day holds, as in "
							 "\"2026-01-05: 7 .6 25/2\", or \"empty\".")));
		case SERIES_DATE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
					 errmsg("invalid day in series: \"%s\"", text_excerpt(text))));
		default:
			return day_error(fault, day, escontext);
	}
}

PG_FUNCTION_INFO_V1(series_in);

/* Text form -> series. */
Datum
series_in(PG_FUNCTION_ARGS)
{
	const char *written = PG_GETARG_CSTRING(0);
	SeriesText text;
	SeriesWriter writer;
	Observations day = { .day = 0 };
	SeriesFault fault = series_text_start(&text, written);

	series_writer_start(&writer);
	while (fault == SERIES_OK && *text.at != '\0')
	{
		bool is_day;

		fault = series_text_next(&text, &day, &is_day);
		if (fault == SERIES_OK && is_day)
			fault = series_writer_put(&writer, &day);
	}
	if (fault != SERIES_OK)
		return text_error(fault, written, day.day, fcinfo->context);
	PG_RETURN_SERIES(series_writer_finish(&writer));
}

PG_FUNCTION_INFO_V1(series_out);

/* series -> text form. */
Datum
series_out(PG_FUNCTION_ARGS)
{
	PackedSeries series = series_arg(fcinfo, 0);
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);

	initStringInfo(&text);
	series_format(&series, &sink);
	PG_RETURN_CSTRING(text.data);
}

PG_FUNCTION_INFO_V1(series_send);

/* series -> binary form, as observations_text.c describes it. */
Datum
series_send(PG_FUNCTION_ARGS)
{
	PackedSeries series = series_arg(fcinfo, 0);
	StringInfoData message;
	uint8 bytes[SERIES_MAX_RECORD];
	SeriesScan scan;
	uint32 ndays = 0;

	pq_begintypsend(&message);
	pq_sendbytes(&message, (const char *) bytes, SERIES_WIRE_HEADER);
	scan_start(&scan, &series);
	for (; next_day(&scan); ndays++)
		pq_sendbytes(&message, (const char *) bytes, (int) series_wire_put(bytes, &scan.here));
	series_wire_header((uint8 *) message.data + VARHDRSZ, ndays);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(series_recv);

/* Binary form -> series; checked as text is, and packed. */
Datum
series_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int size = message->len - message->cursor;
	SeriesWire wire;
	SeriesWriter writer;
	Observations day = { .day = 0 };
	SeriesFault fault =
		series_wire_start(&wire, (const uint8 *) pq_getmsgbytes(message, size), (size_t) size);

	series_writer_start(&writer);
	while (fault == SERIES_OK && wire.left > 0)
	{
		if (wire.left % DAYS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		fault = series_wire_next(&wire, &day);
		if (fault == SERIES_OK)
			fault = series_writer_put(&writer, &day);
	}
	if (fault == SERIES_SYNTAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid binary form of type series")));
	if (fault != SERIES_OK)
		series_fault_error(fault, day.day);
	PG_RETURN_SERIES(series_writer_finish(&writer));
}

/*
 * Algebra
 */

/* Both series together (sign 1), or the first without the second (sign -1). */
static Series *
merge_values(const PackedSeries *a, const PackedSeries *b, int sign)
{
	SeriesWriter writer;
	SeriesMerge merge;
	SeriesResult result;

	series_writer_start(&writer);
	merge_start(&merge, a, b, sign);
	while (merge_next(&merge, &result))
	{
		SeriesFault fault = SERIES_OK;

		if (result != RESULT_OK)
			series_result_error(result, merge_day(&merge));
		if (!merge.is_sum)
			fault = writer_copy(&writer, &merge.copied);
		else if (merge.merged.count > 0)
			fault = series_writer_put(&writer, &merge.merged);
		if (fault != SERIES_OK)
			series_fault_error(fault, merge_day(&merge));
	}
	if (merge.a.is_damaged || merge.b.is_damaged)
		series_damaged();
	return series_writer_finish(&writer);
}

PG_FUNCTION_INFO_V1(series_merge);

/* a || b: counts and sums of each day add. */
Datum
series_merge(PG_FUNCTION_ARGS)
{
	PackedSeries a;
	PackedSeries b;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_SERIES(series_pack(PG_GETARG_SERIES(PG_ARGISNULL(0) ? 1 : 0)));
	a = series_arg(fcinfo, 0);
	b = series_arg(fcinfo, 1);
	PG_RETURN_SERIES(merge_values(&a, &b, 1));
}

PG_FUNCTION_INFO_V1(series_subtract);

/* a - b: what was merged is taken away again. */
Datum
series_subtract(PG_FUNCTION_ARGS)
{
	PackedSeries a;
	PackedSeries b;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		PG_RETURN_SERIES(series_pack(PG_GETARG_SERIES(0)));
	a = series_arg(fcinfo, 0);
	b = series_arg(fcinfo, 1);
	PG_RETURN_SERIES(merge_values(&a, &b, -1));
}

PG_FUNCTION_INFO_V1(series_clip);

/* The days of a series inside a range. */
Datum
series_clip(PG_FUNCTION_ARGS)
{
	PackedSeries series;
	SeriesScan scan;
	SeriesWriter writer;
	int64 from;
	int64 until;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	series = series_arg(fcinfo, 0);
	day_range_arg(fcinfo, 1, &from, &until);
	series_writer_start(&writer);
	scan_start(&scan, &series);
	while (next_day(&scan) && scan.here.day < until)
		if (scan.here.day >= from)
			series_writer_put(&writer, &scan.here);
	PG_RETURN_SERIES(series_writer_finish(&writer));
}

PG_FUNCTION_INFO_V1(series_to_days);

/* The days with observations as rows. */
Datum
series_to_days(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	PackedSeries series;
	SeriesScan scan;

	InitMaterializedSRF(fcinfo, 0);
	series = series_arg(fcinfo, 0);
	scan_start(&scan, &series);
	while (next_day(&scan))
	{
		const Observations *day = &scan.here;
		Datum values[] = { DateADTGetDatum(day->day), Int32GetDatum((int32) day->count),
						   Float8GetDatum(exact_to_double(&day->sum, 1)),
						   Float8GetDatum(exact_to_double(&day->sum, day->count)) };
		bool nulls[lengthof(values)] = { false };

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Comparison and hashing
 */

/* Order of the two arguments. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	Series *a = PG_GETARG_SERIES(0);
	Series *b = PG_GETARG_SERIES(1);
	PackedSeries in_a = series_view(series_pack(a));
	PackedSeries in_b = series_view(series_pack(b));
	int order = series_compare(&in_a, &in_b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(series_lt);

/* a < b */
Datum
series_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(series_le);

/* a <= b */
Datum
series_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(series_eq);

/* a = b */
Datum
series_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(series_ne);

/* a <> b */
Datum
series_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(series_ge);

/* a >= b */
Datum
series_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(series_gt);

/* a > b */
Datum
series_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(series_cmp);

/* -1, 0 or 1: order for btree. */
Datum
series_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
}

/* Hash of the records, with the first day and a seed mixed in. */
static uint64
hash_series(const PackedSeries *series, uint64 seed)
{
	uint64 hash = DatumGetUInt64(hash_any_extended(series->records, (int) series->size, seed));

	return hash_combine64(hash, (uint64) series->first);
}

PG_FUNCTION_INFO_V1(series_hash);

/* 32-bit hash. */
Datum
series_hash(PG_FUNCTION_ARGS)
{
	PackedSeries series = series_arg(fcinfo, 0);

	PG_RETURN_INT32((int32) hash_series(&series, 0));
}

PG_FUNCTION_INFO_V1(series_hash_extended);

/* 64-bit hash with a seed. */
Datum
series_hash_extended(PG_FUNCTION_ARGS)
{
	PackedSeries series = series_arg(fcinfo, 0);

	PG_RETURN_INT64((int64) hash_series(&series, (uint64) PG_GETARG_INT64(1)));
}
