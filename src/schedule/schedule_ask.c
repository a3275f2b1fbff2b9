/*
 * What SQL asks of a schedule: its occurrences as instants of a time zone, the
 * next one, the units of a day, and the plan as an adherence calendar.  The
 * occurrences come from recurrence.c in local time; here they meet the
 * server's time zones and types.
 */
#include "schedule/schedule.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"

#include "adherence/adherence.h"

/*
 * Further than any two clocks of one zone are apart, and longer than any gap:
 * a local time lies no further from the instant that has the same figures in
 * UTC, and local times further apart than this keep their order as instants.
 */
#define ZONE_SLACK (2 * SECS_PER_DAY)

/* Instants are sorted in batches of this size. */
#define BATCH 4096

/* First and last second of the server's timestamps. */
#define FIRST_SECOND (MIN_TIMESTAMP / USECS_PER_SEC)
#define LAST_SECOND (END_TIMESTAMP / USECS_PER_SEC - 1)

/*
 * Arguments
 */

/* The rule of the n-th argument. */
static void
rule_arg(FunctionCallInfo fcinfo, int n, Recurrence *rule)
{
	Schedule *value = PG_GETARG_SCHEDULE(n);

	schedule_rule(value, rule);
	PG_FREE_IF_COPY(value, n);
}

/* Seconds of a timestamp, fractions dropped. */
static int64
whole_seconds(int64 timestamp)
{
	return floor_div(timestamp, USECS_PER_SEC);
}

/* starts_at as local seconds. */
static int64
start_arg(FunctionCallInfo fcinfo, int n)
{
	Timestamp starts_at = PG_GETARG_TIMESTAMP(n);

	if (TIMESTAMP_NOT_FINITE(starts_at))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("starts_at of a schedule must be finite: \"%s\"",
							   TIMESTAMP_IS_NOBEGIN(starts_at) ? "-infinity" : "infinity")));
	return whole_seconds(starts_at);
}

/* The time zone of an argument. */
static pg_tz *
zone_arg(FunctionCallInfo fcinfo, int n)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(n));
	pg_tz *zone = strlen(name) > TZ_STRLEN_MAX ? NULL : pg_tzset(name);

	if (zone == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("time zone not recognized: \"%s\"", name)));
	return zone;
}

/* Whether a rule comes to an end of its own. */
static bool
rule_ends(const Recurrence *rule)
{
	return recurrence_has(rule, PART_COUNT) || recurrence_has(rule, PART_UNTIL) ||
		   rule->frequency == FREQUENCY_AS_NEEDED;
}

/* Refuse to expand without an end. */
static void
check_ends(const Recurrence *rule, bool range_ends)
{
	if (!range_ends && !rule_ends(rule))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a schedule without an end needs a range with an end"),
						errdetail("The schedule has neither COUNT nor UNTIL, and the range has no "
								  "upper bound.")));
}

/* A part of time to look at, in local or in UTC seconds; an end that is not there is far away. */
typedef struct Span
{
	bool empty;
	bool has_end;
	int64 from;	 /* in units of the range's element */
	int64 until; /* not included */
} Span;

/* The span of a range argument, NULL being empty. */
static Span
range_arg(FunctionCallInfo fcinfo, int n, RangeBound *lower, RangeBound *upper)
{
	Span span = { .empty = true };

	if (!PG_ARGISNULL(n))
	{
		RangeType *range = PG_GETARG_RANGE_P(n);

		range_deserialize(range_get_typcache(fcinfo, RangeTypeGetOid(range)), range, lower, upper,
						  &span.empty);
	}
	return span;
}

/* The span of a daterange argument, in days. */
static Span
days_arg(FunctionCallInfo fcinfo, int n)
{
	RangeBound lower = { 0 };
	RangeBound upper = { 0 };
	Span span = range_arg(fcinfo, n, &lower, &upper);

	if (span.empty)
		return span;
	span.has_end = !upper.infinite && !DATE_IS_NOEND(DatumGetDateADT(upper.val));
	span.from = lower.infinite || DATE_IS_NOBEGIN(DatumGetDateADT(lower.val))
					? FIRST_SECOND / SECS_PER_DAY
					: DatumGetDateADT(lower.val);
	span.until = span.has_end ? DatumGetDateADT(upper.val) : LAST_SECOND / SECS_PER_DAY + 1;
	span.empty = (!lower.infinite && DATE_IS_NOEND(DatumGetDateADT(lower.val))) ||
				 (!upper.infinite && DATE_IS_NOBEGIN(DatumGetDateADT(upper.val)));
	return span;
}

/* The span of a tstzrange argument, in microseconds. */
static Span
instants_arg(FunctionCallInfo fcinfo, int n)
{
	RangeBound lower = { 0 };
	RangeBound upper = { 0 };
	Span span = range_arg(fcinfo, n, &lower, &upper);

	if (span.empty)
		return span;
	span.from = lower.infinite ? DT_NOBEGIN : DatumGetTimestampTz(lower.val);
	span.until = upper.infinite ? DT_NOEND : DatumGetTimestampTz(upper.val);
	span.has_end = !TIMESTAMP_IS_NOEND(span.until);
	if (!TIMESTAMP_NOT_FINITE(span.from) && !lower.inclusive)
		span.from++;
	if (!TIMESTAMP_NOT_FINITE(span.until) && upper.inclusive)
		span.until++;
	return span;
}

/*
 * Walks
 */

/* A scan with what it holds of libical, given back with its memory context. */
typedef struct Walk
{
	RecurrenceScan scan;
	MemoryContextCallback release;
} Walk;

/* Give back what libical holds. */
static void
release_walk(void *argument)
{
	Walk *walk = argument;

	if (walk->scan.other != NULL)
		rscale_close(walk->scan.other);
	walk->scan.other = NULL;
}

/* Called by the core now and then. */
static void
pause_walk(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Let libical find the days of a rule. */
static void
open_other(Walk *walk, const Recurrence *rule, int64 start, int64 until)
{
	if (!rscale_can_start(start) || !rscale_can_reach(until))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("\"%s\" is expanded only for the years 1583 to 2582",
							   schedule_part_to_cstring(rule, PART_RSCALE))));
	walk->release.func = release_walk;
	walk->release.arg = walk;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &walk->release);
	walk->scan.other = rscale_open(rule, start);
	if (walk->scan.other == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

/* Begin a walk over a rule's occurrences from one local second to another. */
static Walk *
begin_walk(const Recurrence *rule, int64 start, int64 from, int64 until)
{
	Walk *walk = palloc(sizeof(Walk));

	recurrence_scan_init(&walk->scan, rule, start, Max(from, FIRST_SECOND),
						 Min(until, LAST_SECOND));
	walk->scan.pause = pause_walk;
	if (recurrence_needs_rscale(rule) && walk->scan.left > 0)
		open_other(walk, rule, start, walk->scan.until);
	return walk;
}

/* The next local second of a walk. */
static bool
walk_next(Walk *walk, int64 *local)
{
	CHECK_FOR_INTERRUPTS();
	return recurrence_next(&walk->scan, local);
}

/* End a walk before its context does. */
static void
end_walk(Walk *walk)
{
	release_walk(walk);
}

/*
 * Local time -> instants
 */

/*
 * The instant of a local time.  A time that the clock skips takes the offset
 * from before it was changed; of one that the clock shows twice, the first is
 * meant.  (The server's own DetermineTimeZoneOffset takes the second.)
 */
static int64
instant_of(int64 local, pg_tz *zone)
{
	/* The time zone code counts from 1970. */
	const int64 epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY;
	int64 wanted = local + epoch;
	pg_time_t at = wanted - ZONE_SLACK;

	for (;;)
	{
		pg_time_t boundary;
		long before;
		long after;
		int is_dst;
		int changes = pg_next_dst_boundary(&at, &before, &is_dst, &boundary, &after, &is_dst, zone);

		if (changes < 0)
			ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
							errmsg("timestamp out of range")));
		if (changes == 0 || wanted - before < boundary || wanted - after < boundary)
			return local - before;
		at = boundary;
	}
}

/* Instants to be sorted; those of one batch may be in any order. */
typedef struct Batch
{
	int64 *instants; /* UTC seconds */
	int n;
	int64 last; /* the last one given out */
} Batch;

/* Order of instants, for qsort. */
static int
compare_instants(const void *a, const void *b)
{
	int64 x = *(const int64 *) a;
	int64 y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/* Give out the instants of a batch up to one, each once, if the span has them. */
static void
put_instants(FunctionCallInfo fcinfo, Batch *batch, int64 upto, const Span *span)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int given = 0;

	qsort(batch->instants, batch->n, sizeof(int64), compare_instants);
	for (; given < batch->n && batch->instants[given] <= upto; given++)
	{
		int64 instant = batch->instants[given] * USECS_PER_SEC;
		Datum value = TimestampTzGetDatum(instant);
		bool null = false;

		if (batch->instants[given] > batch->last && instant >= span->from &&
			instant < span->until && IS_VALID_TIMESTAMP(instant))
			tuplestore_putvalues(result->setResult, result->setDesc, &value, &null);
		batch->last = batch->instants[given];
	}
	batch->n -= given;
	memmove(batch->instants, batch->instants + given, batch->n * sizeof(int64));
}

/* Give out the instants of all occurrences of a walk. */
static void
put_occurrences(FunctionCallInfo fcinfo, Walk *walk, pg_tz *zone, const Span *span)
{
	int room = BATCH;
	Batch batch = { palloc_array(int64, room), 0, PG_INT64_MIN };
	int64 local;

	while (walk_next(walk, &local))
	{
		int64 instant = instant_of(local, zone);

		if (batch.n == room)
			put_instants(fcinfo, &batch, instant - ZONE_SLACK, span);
		if (batch.n > room / 2) /* a second rule or denser: room for two days of it */
		{
			room *= 2;
			batch.instants = repalloc_array(batch.instants, int64, room);
		}
		batch.instants[batch.n++] = instant;
	}
	put_instants(fcinfo, &batch, PG_INT64_MAX, span);
	pfree(batch.instants);
}

PG_FUNCTION_INFO_V1(schedule_occurrences);

/* The instants at which a schedule is due, within a range. */
Datum
schedule_occurrences(PG_FUNCTION_ARGS)
{
	Recurrence rule;
	Span span;
	int64 start;
	pg_tz *zone;
	Walk *walk;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		return (Datum) 0;
	span = instants_arg(fcinfo, 2);
	start = start_arg(fcinfo, 1);
	zone = zone_arg(fcinfo, 3);
	if (span.empty || TIMESTAMP_IS_NOEND(span.from) || TIMESTAMP_IS_NOBEGIN(span.until))
		return (Datum) 0;
	rule_arg(fcinfo, 0, &rule);
	check_ends(&rule, span.has_end);
	walk = begin_walk(&rule, start,
					  TIMESTAMP_IS_NOBEGIN(span.from) ? FIRST_SECOND
													  : whole_seconds(span.from) - ZONE_SLACK,
					  span.has_end ? whole_seconds(span.until) + ZONE_SLACK : LAST_SECOND);
	put_occurrences(fcinfo, walk, zone, &span);
	end_walk(walk);
	return (Datum) 0;
}

/* The first instant of a walk that is later than another; false if there is none. */
static bool
first_after(Walk *walk, pg_tz *zone, int64 after, int64 *found)
{
	bool any = false;
	int64 local;

	while (walk_next(walk, &local))
	{
		int64 instant = instant_of(local, zone) * USECS_PER_SEC;

		if (any && instant > *found + ZONE_SLACK * USECS_PER_SEC)
			break;
		if (instant > after && (!any || instant < *found) && IS_VALID_TIMESTAMP(instant))
		{
			*found = instant;
			any = true;
		}
	}
	return any;
}

PG_FUNCTION_INFO_V1(schedule_next_due);

/* The first instant after another at which a schedule is due. */
Datum
schedule_next_due(PG_FUNCTION_ARGS)
{
	Recurrence rule;
	int64 start = start_arg(fcinfo, 1);
	TimestampTz after = PG_GETARG_TIMESTAMPTZ(2);
	pg_tz *zone = zone_arg(fcinfo, 3);
	int64 from = TIMESTAMP_IS_NOBEGIN(after) ? FIRST_SECOND : whole_seconds(after) - ZONE_SLACK;
	int64 found;
	Walk *walk;
	bool any;

	if (TIMESTAMP_IS_NOEND(after))
		PG_RETURN_NULL();
	rule_arg(fcinfo, 0, &rule);
	walk = begin_walk(&rule, start, from, LAST_SECOND);
	any = first_after(walk, zone, after, &found);
	end_walk(walk);
	if (!any)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(found);
}

/*
 * Plans
 */

PG_FUNCTION_INFO_V1(schedule_units_due);

/* Units due on a local day. */
Datum
schedule_units_due(PG_FUNCTION_ARGS)
{
	Recurrence rule;
	int64 start = start_arg(fcinfo, 1);
	DateADT day = PG_GETARG_DATEADT(2);
	int64 first = (int64) day * SECS_PER_DAY;
	int64 found;
	int64 occurrences = 0;
	Walk *walk;

	if (DATE_NOT_FINITE(day))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("day must be finite where units are counted")));
	rule_arg(fcinfo, 0, &rule);
	walk = begin_walk(&rule, start, first, first + SECS_PER_DAY - 1);
	if (!recurrence_next_day(&walk->scan, &found, &occurrences))
		occurrences = 0;
	end_walk(walk);
	PG_RETURN_INT32((int32) (occurrences * rule.units));
}

/* Units of a day as counts of a calendar. */
static DayCounts
planned_counts(int64 day, int64 units)
{
	if (units > CALENDAR_MAX_COUNT)
		adherence_count_error(CALENDAR_ABOVE, (int32) day);
	return (DayCounts){ .prescribed = (uint8) units };
}

/* A wide copy of a value. */
static Adherence *
widened(Adherence *value)
{
	Calendar calendar = adherence_calendar(value);
	Adherence *wide = adherence_alloc(calendar.first, calendar.ndays, CALENDAR_WIDE);
	CalendarBuffer buffer = adherence_buffer(wide);

	calendar_copy(&buffer, &calendar);
	pfree(value);
	return wide;
}

/* The plan of a walk that ends before a day; NULL where nothing is due. */
static Adherence *
plan_walk(Walk *walk, int64 until)
{
	Adherence *value = NULL;
	CalendarBuffer buffer = { 0 };
	int64 day;
	int64 occurrences;

	while (recurrence_next_day(&walk->scan, &day, &occurrences))
	{
		DayCounts counts = planned_counts(day, occurrences * walk->scan.rule.units);

		CHECK_FOR_INTERRUPTS();
		if (value == NULL)
		{
			value = adherence_alloc(day, Min(until - day, CALENDAR_MAX_DAYS), CALENDAR_NARROW);
			buffer = adherence_buffer(value);
		}
		adherence_check_span(buffer.first, day + 1);
		if (calendar_change_day(&buffer, (int32) day, counts, 1) == CALENDAR_NEEDS_WIDE)
		{
			value = widened(value);
			buffer = adherence_buffer(value);
			calendar_change_day(&buffer, (int32) day, counts, 1);
		}
	}
	return value;
}

PG_FUNCTION_INFO_V1(schedule_planned);

/* The plan as a calendar with nothing taken. */
Datum
schedule_planned(PG_FUNCTION_ARGS)
{
	Recurrence rule;
	Span span;
	int64 start;
	Walk *walk;
	Adherence *value;
	Calendar calendar;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start = start_arg(fcinfo, 1);
	span = days_arg(fcinfo, 2);
	if (span.empty)
		PG_RETURN_NULL();
	rule_arg(fcinfo, 0, &rule);
	check_ends(&rule, span.has_end);
	walk = begin_walk(&rule, start, span.from * SECS_PER_DAY, span.until * SECS_PER_DAY - 1);
	value = plan_walk(walk, span.until);
	end_walk(walk);
	if (value == NULL)
		PG_RETURN_NULL();
	calendar = adherence_calendar(value);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}
