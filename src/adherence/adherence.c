/*
 * The type adherence: text and binary forms, merge, difference and the other
 * algebra, comparison and hashing.  Thin: the days are handled in calendar.c.
 */
#include "adherence/adherence.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"

#include "adherence/running.h"

/* Most bytes of a text that a message shows. */
#define EXCERPT_LENGTH 40

/*
 * Values
 */

/* The days of a value, after a look at its header. */
Calendar
adherence_calendar(const Adherence *value)
{
	Size size = VARSIZE(value);
	Size before = ADHERENCE_HEADER_SIZE;
	CalendarWidth width = value->flags & ADHERENCE_WIDE ? CALENDAR_WIDE : CALENDAR_NARROW;

	if (value->flags & ADHERENCE_RUNNING)
		before += sizeof(RunningTotals);
	if ((value->flags & ~(ADHERENCE_WIDE | ADHERENCE_RUNNING)) != ADHERENCE_VERSION ||
		value->reserved != 0 || size < before || (size - before) % width != 0 ||
		(size - before) / width > CALENDAR_MAX_DAYS)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged adherence value"),
						errdetail("Its header has flags 0x%04X and its size is %zu bytes.",
								  value->flags, size)));
	return (Calendar){ .first = value->first,
					   .ndays = (int32) ((size - before) / width),
					   .width = width,
					   .days = (const uint8 *) value + before };
}

/* The days of a value that is ours to write. */
CalendarBuffer
adherence_buffer(Adherence *value)
{
	Calendar calendar = adherence_calendar(value);

	return (CalendarBuffer){ .first = calendar.first,
							 .ndays = calendar.ndays,
							 .width = calendar.width,
							 .days = unconstify(uint8 *, calendar.days) };
}

/* A new value of blank days; the span has been checked. */
Adherence *
adherence_alloc(int64 first, int64 ndays, CalendarWidth width)
{
	Size size = add_size(ADHERENCE_HEADER_SIZE, mul_size(ndays, width));
	Adherence *value = palloc0(size);

	SET_VARSIZE(value, size);
	value->flags = ADHERENCE_VERSION | (width == CALENDAR_WIDE ? ADHERENCE_WIDE : 0);
	value->first = ndays > 0 ? (DateADT) first : 0;
	return value;
}

/* The canonical value of a calendar that may have slack. */
Adherence *
adherence_from_calendar(const Calendar *calendar)
{
	Calendar known = calendar_trim(calendar);
	CalendarWidth width = calendar_fits_narrow(&known) ? CALENDAR_NARROW : CALENDAR_WIDE;
	Adherence *value = adherence_alloc(known.first, known.ndays, width);
	CalendarBuffer buffer = adherence_buffer(value);

	calendar_copy(&buffer, &known);
	return value;
}

/* A day as an ISO date. */
char *
day_to_cstring(int32 day)
{
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);

	initStringInfo(&text);
	day_format(day, &sink);
	return text.data;
}

/* How many days lie from one day up to another, if a calendar can span them. */
int64
adherence_check_span(int64 first, int64 until)
{
	if (until - first > CALENDAR_MAX_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("adherence cannot span over 200 years"),
				 errdetail("It would span from \"%s\" to \"%s\".", day_to_cstring((int32) first),
						   day_to_cstring((int32) (until - 1)))));
	return until - first;
}

/* Raise the error for a count that a day cannot have. */
void
adherence_count_error(CalendarResult result, int32 day)
{
	if (result == CALENDAR_ABOVE)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("adherence holds at most %d units or rows of a kind a day",
							   CALENDAR_MAX_COUNT),
						errdetail("The day \"%s\" would have more.", day_to_cstring(day))));
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("adherence cannot hold fewer than 0 units or rows of a kind a day"),
					errdetail("The day \"%s\" would have fewer.", day_to_cstring(day))));
}

/* The calendar that is the n-th argument. */
Calendar
calendar_arg(FunctionCallInfo fcinfo, int n)
{
	return adherence_calendar(PG_GETARG_ADHERENCE(n));
}

/* One bound of a date range as a day, or what an unbounded one is instead. */
static int64
bound_day(const RangeBound *bound, int64 unbounded)
{
	DateADT day = bound->infinite ? 0 : DatumGetDateADT(bound->val);

	if (bound->infinite)
		return unbounded;
	if (DATE_IS_NOBEGIN(day))
		return PG_INT64_MIN;
	return DATE_IS_NOEND(day) ? PG_INT64_MAX : day;
}

/*
 * The date range that is the n-th argument: its first day and the day after
 * its last, PG_INT64_MIN and PG_INT64_MAX where it has none (or is NULL).
 */
void
day_range_arg(FunctionCallInfo fcinfo, int n, int64 *from, int64 *until)
{
	RangeType *range;
	RangeBound lower;
	RangeBound upper;
	bool empty;

	*from = PG_INT64_MIN;
	*until = PG_INT64_MAX;
	if (PG_ARGISNULL(n))
		return;
	range = PG_GETARG_RANGE_P(n);
	range_deserialize(range_get_typcache(fcinfo, RangeTypeGetOid(range)), range, &lower, &upper,
					  &empty);
	if (!empty)
	{
		*from = bound_day(&lower, PG_INT64_MIN);
		*until = bound_day(&upper, PG_INT64_MAX);
	}
	else
		*from = *until = 0;
}

/* The calendar of one argument, cut to the date range of another unless that is NULL. */
Calendar
calendar_arg_within(FunctionCallInfo fcinfo, int n, int within)
{
	Calendar calendar = calendar_arg(fcinfo, n);
	int64 from;
	int64 until;

	if (PG_ARGISNULL(within))
		return calendar;
	day_range_arg(fcinfo, within, &from, &until);
	return calendar_slice(&calendar, from, until);
}

/*
 * Text and binary
 */

/* Append text to a StringInfo; the put function of its sink. */
static void
stringinfo_put(void *target, const char *text, size_t length)
{
	appendBinaryStringInfo((StringInfo) target, text, (int) length);
}

/* A sink that appends to a StringInfo. */
TextSink
stringinfo_sink(StringInfo text)
{
	return (TextSink){ .put = stringinfo_put, .target = text };
}

/* The start of a text, to show in a message. */
char *
text_excerpt(const char *text)
{
	return pnstrdup(text, pg_mbcliplen(text, (int) strlen(text), EXCERPT_LENGTH));
}

/* Raise, or leave in escontext, the error for an input that is no calendar. */
static Datum
input_error(CalendarFault fault, const char *text, int32 day, Node *escontext)
{
	switch (fault)
	{
		case INPUT_DATE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
					 errmsg("invalid day in adherence: \"%s\"", text_excerpt(text))));
		case INPUT_RANGE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("day of adherence is out of the range of date")));
		case INPUT_COUNT:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("adherence holds at most %d units or rows of a kind a day",
							CALENDAR_MAX_COUNT),
					 errdetail("The day \"%s\" would have more.", day_to_cstring(day))));
		case INPUT_SPAN:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("adherence cannot span over 200 years"),
					 errdetail("The day \"%s\" is too far from the first.", day_to_cstring(day))));
		default:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type adherence: \"%s\"", text_excerpt(text)),
					 errhint("Write a first day and runs of days, as in "
							 "\"2026-01-05: +5 .2 + - ?3\", or \"empty\".")));
	}
}

PG_FUNCTION_INFO_V1(adherence_in);

/* Text form -> adherence; first measured, then filled. */
Datum
adherence_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	CalendarBuffer measured = { .days = NULL };
	CalendarBuffer buffer;
	Adherence *value;
	int32 day = 0;
	CalendarFault fault = calendar_parse(text, &measured, &day);

	if (fault != INPUT_OK)
		return input_error(fault, text, day, fcinfo->context);
	value = adherence_alloc(measured.first, measured.ndays, measured.width);
	buffer = adherence_buffer(value);
	calendar_parse(text, &buffer, &day);
	PG_RETURN_ADHERENCE(value);
}

PG_FUNCTION_INFO_V1(adherence_out);

/* adherence -> text form. */
Datum
adherence_out(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);

	initStringInfo(&text);
	calendar_format(&calendar, &sink);
	PG_RETURN_CSTRING(text.data);
}

PG_FUNCTION_INFO_V1(adherence_send);

/* adherence -> binary form. */
Datum
adherence_send(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	uint8 header[CALENDAR_WIRE_HEADER_SIZE];
	StringInfoData message;

	calendar = adherence_calendar(adherence_from_calendar(&calendar));
	calendar_encode(&calendar, header);
	pq_begintypsend(&message);
	pq_sendbytes(&message, (const char *) header, sizeof(header));
	pq_sendbytes(&message, (const char *) calendar.days, calendar.ndays * calendar.width);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(adherence_recv);

/* Binary form -> adherence; checked as text is, and made canonical. */
Datum
adherence_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int size = message->len - message->cursor;
	Calendar calendar;
	int32 day = 0;
	CalendarFault fault = calendar_decode((const uint8 *) pq_getmsgbytes(message, size),
										  (size_t) size, &calendar, &day);

	if (fault == INPUT_SYNTAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid binary form of type adherence")));
	if (fault != INPUT_OK)
		return input_error(fault, "", day, NULL); /* no fault that quotes a text */
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}

/*
 * Algebra
 */

/* The wider of two widths. */
static CalendarWidth
wider(CalendarWidth a, CalendarWidth b)
{
	return Max(a, b);
}

/* A blank value that covers the days of both calendars. */
static Adherence *
alloc_union(const Calendar *a, const Calendar *b, CalendarWidth width)
{
	int64 first = Min(a->first, b->first);
	int64 until = Max(calendar_end(a), calendar_end(b));

	if (a->ndays == 0 || b->ndays == 0)
	{
		first = a->ndays == 0 ? b->first : a->first;
		until = a->ndays == 0 ? calendar_end(b) : calendar_end(a);
	}
	return adherence_alloc(first, adherence_check_span(first, until), width);
}

/* The calendars of two arguments without slack. */
static void
calendar_args(FunctionCallInfo fcinfo, Calendar *a, Calendar *b)
{
	*a = calendar_arg(fcinfo, 0);
	*b = calendar_arg(fcinfo, 1);
	*a = calendar_trim(a);
	*b = calendar_trim(b);
}

/* What merge and prefer return when a side is NULL. */
static Datum
other_side(FunctionCallInfo fcinfo)
{
	if (!PG_ARGISNULL(0))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	if (!PG_ARGISNULL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	PG_RETURN_NULL();
}

/* Sum or (b lying within a) difference of two calendars at a width, if that width does. */
static CalendarResult
combine(Adherence *value, const Calendar *a, const Calendar *b, int sign)
{
	CalendarBuffer buffer = adherence_buffer(value);
	CalendarResult result;
	int32 day;

	calendar_copy(&buffer, a);
	result = sign > 0 ? calendar_add(&buffer, b, &day) : calendar_subtract(&buffer, b, &day);
	if (result == CALENDAR_ABOVE || result == CALENDAR_BELOW)
		adherence_count_error(result, day);
	return result;
}

PG_FUNCTION_INFO_V1(adherence_merge);

/* a || b: all counts add. */
Datum
adherence_merge(PG_FUNCTION_ARGS)
{
	Calendar a;
	Calendar b;
	Adherence *value;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return other_side(fcinfo);
	calendar_args(fcinfo, &a, &b);
	value = alloc_union(&a, &b, wider(a.width, b.width));
	if (combine(value, &a, &b, 1) == CALENDAR_NEEDS_WIDE)
	{
		value = alloc_union(&a, &b, CALENDAR_WIDE);
		combine(value, &a, &b, 1);
	}
	if (value->flags & ADHERENCE_WIDE) /* wider than needed, if a state came in */
	{
		a = adherence_calendar(value);
		value = adherence_from_calendar(&a);
	}
	PG_RETURN_ADHERENCE(value);
}

PG_FUNCTION_INFO_V1(adherence_subtract);

/* a - b: what was merged is taken away again. */
Datum
adherence_subtract(PG_FUNCTION_ARGS)
{
	Calendar a;
	Calendar b;
	Adherence *value;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	calendar_args(fcinfo, &a, &b);
	value = adherence_alloc(a.first, a.ndays, a.width);
	combine(value, &a, &b, -1);
	a = adherence_calendar(value);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&a));
}

/* Two sources of the same doses as one. */
static Adherence *
prefer(const Calendar *a, const Calendar *b)
{
	Adherence *value = alloc_union(a, b, wider(a->width, b->width));
	CalendarBuffer buffer = adherence_buffer(value);
	Calendar both;

	calendar_prefer(&buffer, a, b);
	both = adherence_calendar(value);
	return adherence_from_calendar(&both);
}

PG_FUNCTION_INFO_V1(adherence_prefer);

/* What a has recorded of a day, else what b has; the larger plan. */
Datum
adherence_prefer(PG_FUNCTION_ARGS)
{
	Calendar a;
	Calendar b;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return other_side(fcinfo);
	calendar_args(fcinfo, &a, &b);
	PG_RETURN_ADHERENCE(prefer(&a, &b));
}

PG_FUNCTION_INFO_V1(adherence_prefer_first);

/* Several sources of the same doses as one, the one to believe first before the others. */
Datum
adherence_prefer_first(PG_FUNCTION_ARGS)
{
	ArrayType *sources = PG_GETARG_ARRAYTYPE_P(0);
	ArrayIterator each = array_create_iterator(sources, 0, NULL);
	Adherence *value = NULL;
	Datum source;
	bool isnull;

	while (array_iterate(each, &source, &isnull))
	{
		Calendar believed;
		Calendar next;

		if (isnull)
			continue;
		if (value == NULL)
		{
			value = DatumGetAdherence(source);
			continue;
		}
		believed = adherence_calendar(value);
		next = adherence_calendar(DatumGetAdherence(source));
		believed = calendar_trim(&believed);
		next = calendar_trim(&next);
		value = prefer(&believed, &next);
	}
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_ADHERENCE(value);
}

/* Make a range, empty while its ends are the same, cover a calendar. */
static void
extend_range(const Calendar *calendar, int64 *first, int64 *until)
{
	bool empty = *first == *until;

	if (calendar->ndays == 0)
		return;
	*first = empty ? calendar->first : Min(*first, calendar->first);
	*until = empty ? calendar_end(calendar) : Max(*until, calendar_end(calendar));
}

PG_FUNCTION_INFO_V1(adherence_together);

/* The calendars of several tasks as one of all that somebody has to do. */
Datum
adherence_together(PG_FUNCTION_ARGS)
{
	Datum *elements;
	bool *nulls;
	int nelements;
	int ntasks = 0;
	int64 first = 0;
	int64 until = 0;
	Calendar *tasks;
	Adherence *value;
	CalendarBuffer buffer;
	Calendar all;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), ARR_ELEMTYPE(PG_GETARG_ARRAYTYPE_P(0)), -1, false,
					  TYPALIGN_INT, &elements, &nulls, &nelements);
	tasks = palloc_array(Calendar, nelements);
	for (int i = 0; i < nelements; i++)
	{
		if (nulls[i])
			continue;
		tasks[ntasks] = adherence_calendar(DatumGetAdherence(elements[i]));
		tasks[ntasks] = calendar_trim(&tasks[ntasks]);
		extend_range(&tasks[ntasks++], &first, &until);
	}
	if (ntasks == 0)
		PG_RETURN_NULL();
	value = adherence_alloc(first, adherence_check_span(first, until), CALENDAR_WIDE);
	buffer = adherence_buffer(value);
	for (int i = 0; i < ntasks; i++)
		calendar_add_task(&buffer, &tasks[i]);
	calendar_end_tasks(&buffer);
	all = adherence_calendar(value);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&all));
}

PG_FUNCTION_INFO_V1(adherence_planned_as_recorded);

/* What is recorded counts as planned. */
Datum
adherence_planned_as_recorded(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	Adherence *value = adherence_alloc(calendar.first, calendar.ndays, CALENDAR_WIDE);
	CalendarBuffer buffer = adherence_buffer(value);

	calendar_plan_recorded(&buffer, &calendar);
	calendar = adherence_calendar(value);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}

PG_FUNCTION_INFO_V1(adherence_clip);

/* The days of a calendar inside a range. */
Datum
adherence_clip(PG_FUNCTION_ARGS)
{
	Calendar calendar;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	calendar = calendar_arg_within(fcinfo, 0, 1);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}

PG_FUNCTION_INFO_V1(adherence_shift);

/* The calendar moved by a number of days. */
Datum
adherence_shift(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	Adherence *value = adherence_from_calendar(&calendar);
	int32 by = PG_GETARG_INT32(1);
	int64 first = (int64) value->first + by;

	calendar = adherence_calendar(value);
	if (calendar.ndays == 0)
		PG_RETURN_ADHERENCE(value);
	if (first < CALENDAR_FIRST_DAY || first + calendar.ndays - 1 > CALENDAR_LAST_DAY)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("adherence shifted by %d days is out of the range of date", by)));
	value->first = (DateADT) first;
	PG_RETURN_ADHERENCE(value);
}

/*
 * Comparison and hashing
 */

/* Order of the two arguments. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	Adherence *a = PG_GETARG_ADHERENCE(0);
	Adherence *b = PG_GETARG_ADHERENCE(1);
	Calendar in_a = adherence_calendar(a);
	Calendar in_b = adherence_calendar(b);
	int order = calendar_compare(&in_a, &in_b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(adherence_lt);

/* a < b */
Datum
adherence_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(adherence_le);

/* a <= b */
Datum
adherence_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(adherence_eq);

/* a = b */
Datum
adherence_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(adherence_ne);

/* a <> b */
Datum
adherence_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(adherence_ge);

/* a >= b */
Datum
adherence_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(adherence_gt);

/* a > b */
Datum
adherence_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(adherence_cmp);

/* -1, 0 or 1: order for btree. */
Datum
adherence_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
}

/* Hash of a calendar's canonical days, with its first day and a seed mixed in. */
static uint64
hash_calendar(const Calendar *calendar, uint64 seed)
{
	Adherence *value = adherence_from_calendar(calendar);
	Calendar canonical = adherence_calendar(value);
	uint64 hash =
		DatumGetUInt64(hash_any_extended(canonical.days, canonical.ndays * canonical.width, seed));

	hash = hash_combine64(hash, (uint64) canonical.first);
	pfree(value);
	return hash;
}

PG_FUNCTION_INFO_V1(adherence_hash);

/* 32-bit hash. */
Datum
adherence_hash(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);

	PG_RETURN_INT32((int32) hash_calendar(&calendar, 0));
}

PG_FUNCTION_INFO_V1(adherence_hash_extended);

/* 64-bit hash with a seed. */
Datum
adherence_hash_extended(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);

	PG_RETURN_INT64((int64) hash_calendar(&calendar, (uint64) PG_GETARG_INT64(1)));
}
