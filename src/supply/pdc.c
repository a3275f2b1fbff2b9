/*
 * The proportion of days covered, as the Pharmacy Quality Alliance counts it,
 * with the days of hospital stays taken out as the Centers for Medicare and
 * Medicaid Services do.
 *
 * Excused days are taken out of time first: a day's number is then how many
 * days of the period that are not excused come before it, and supply that
 * would fall on an excused day goes on after it by itself.  On that time each
 * medication is a chain: a fill starts when it was made, or when the one
 * before it has run out.  A day is covered when it starts with supply of any
 * medication.
 */
#include "supply/cma.h"

#include <stdlib.h>

/* Days of a period that are not excused, counted from its start on. */
typedef struct PeriodClock
{
	const PdcQuestion *question;
	int64_t start;
	size_t next;	 /* first excused days that are not behind us */
	int64_t excused; /* days behind us that are excused */
} PeriodClock;

/* The number of a day; days are asked for in order. */
static int64_t
clock_at(PeriodClock *clock, int64_t day)
{
	int64_t pending = 0;

	while (clock->next < clock->question->nexcused)
	{
		ExcusedDays stay = clock->question->excused[clock->next];
		int64_t from = stay.from > clock->start ? stay.from : clock->start;
		int64_t until = stay.until < day ? stay.until : day;

		pending = until > from ? until - from : 0;
		if (stay.until > day)
			break;
		clock->excused += pending;
		pending = 0;
		clock->next++;
	}
	return day - clock->start - clock->excused - pending;
}

/* Order of spans: by medication, then time. */
static int
compare_by_medication(const void *a, const void *b)
{
	const CoveredSpan *left = a;
	const CoveredSpan *right = b;

	if (left->medication != right->medication)
		return left->medication < right->medication ? -1 : 1;
	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	return (left->until > right->until) - (left->until < right->until);
}

/* Order of spans: by time. */
static int
compare_by_time(const void *a, const void *b)
{
	const CoveredSpan *left = a;
	const CoveredSpan *right = b;

	return (left->from > right->from) - (left->from < right->from);
}

/* The fills of a period as spans that end a duration after they start. */
static void
spans_of_fills(const Dispensing *fills, size_t n, PeriodClock *clock, CoveredSpan *spans)
{
	for (size_t i = 0; i < n; i++)
	{
		double from = (double) clock_at(clock, fills[i].day);

		spans[i] = (CoveredSpan){ fills[i].medication, from, from + fills[i].duration };
	}
}

/* Shift each span behind the one before it of the same medication; then to whole days. */
static void
shift_forward(CoveredSpan *spans, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		double shift = spans[i - 1].until - spans[i].from;

		if (spans[i].medication != spans[i - 1].medication || shift <= 0)
			continue;
		spans[i].until = spans[i - 1].until + (spans[i].until - spans[i].from);
		spans[i].from = spans[i - 1].until;
	}
	for (size_t i = 0; i < n; i++)
	{
		spans[i].from = ceil(without_noise(spans[i].from));
		spans[i].until = ceil(without_noise(spans[i].until));
	}
}

/* Days up to an end that lie in any span; they are sorted by time. */
static double
count_covered(const CoveredSpan *spans, size_t n, double end)
{
	double covered = 0;
	double reached = 0;

	for (size_t i = 0; i < n; i++)
	{
		double from = fmax(spans[i].from, reached);
		double until = fmin(spans[i].until, end);

		if (until <= from)
			continue;
		covered += until - from;
		reached = until;
	}
	return covered;
}

/* How many spans pdc needs: the fills inside the window. */
size_t
pdc_spans(const Dispensings *supply, SupplyWindow observation)
{
	return dispensings_before(supply, observation.end) -
		   dispensings_before(supply, observation.start);
}

/*
 * Covered days / days, from the first fill in the window to its end; false
 * without a fill, or if all days are excused.
 */
bool
pdc(const Dispensings *supply, const PdcQuestion *question, CoveredSpan *spans, double *value)
{
	const Dispensing *fills =
		supply->items + dispensings_before(supply, question->observation.start);
	size_t n = pdc_spans(supply, question->observation);
	PeriodClock clock = { .question = question };
	int64_t days;

	if (n == 0)
		return false;
	clock.start = fills[0].day;
	spans_of_fills(fills, n, &clock, spans);
	days = clock_at(&clock, question->observation.end);
	if (days == 0)
		return false;
	qsort(spans, n, sizeof(CoveredSpan), compare_by_medication);
	shift_forward(spans, n);
	qsort(spans, n, sizeof(CoveredSpan), compare_by_time);
	*value = count_covered(spans, n, (double) days) / (double) days;
	return true;
}
