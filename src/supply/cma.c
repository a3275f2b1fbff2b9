/*
 * Continuous medication availability in plain C.  In order: the walk over
 * dispensings and stock, the measures CMA1 to CMA9, covered days, sliding
 * windows, and episodes of treatment.
 *
 * The definitions are those of Vollmer et al. 2012 (CMA1 to CMA8) and Dima and
 * Dediu 2017 (CMA9).  A day is a number; a dispensing on the last day of a
 * window belongs to it, but adds no time.
 */
#include "supply/cma.h"

/* What is left of stock after a dispensing, for the one that follows. */
static double
stock_after(const StockScan *scan, double left)
{
	const Dispensing *item = scan->item;
	const Dispensing *next = scan->next;

	if (scan->rule.same_medication && !same_medication(item, next))
		return 0;
	if (scan->rule.dosage && item->dose != UNKNOWN_DOSE && next->dose != UNKNOWN_DOSE)
		return left * item->dose / next->dose;
	return left;
}

/* Step to the next dispensing; false at the end. */
static inline bool
stock_next(StockScan *scan)
{
	const Dispensing *item = scan->next;
	double uncovered;

	if (item == scan->until)
		return false;
	scan->item = item;
	scan->next = item + 1;
	scan->carried = scan->stock;
	scan->interval_end = scan->next < scan->until ? scan->next->day : scan->end;
	uncovered = scan->interval_end - item->day - item->duration - scan->carried;
	scan->gap = uncovered > 0 ? uncovered : 0;
	if (scan->next < scan->until)
		scan->stock = stock_after(scan, uncovered < 0 ? -uncovered : 0);
	return true;
}

/* How many dispensings come before a day. */
size_t
dispensings_before(const Dispensings *supply, double day)
{
	size_t low = 0;
	size_t high = supply->n;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (supply->items[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A walk over the dispensings from one day to another, both included, up to the latter. */
static StockScan
stock_scan(const Dispensings *supply, double start, double end, StockRule rule)
{
	size_t from = dispensings_before(supply, start);
	size_t until = dispensings_before(supply, floor(end) + 1);

	return (StockScan){ .next = supply->items + from,
						.until = supply->items + (until > from ? until : from),
						.end = end,
						.rule = rule };
}

/* Whether the observation window lies in the follow-up window. */
bool
windows_fit(const CmaQuestion *question)
{
	return question->observation.start >= question->followup.start &&
		   question->observation.end <= question->followup.end;
}

/*
 * CMA1 to CMA4: days of supply over days of time.  W are the dispensings in
 * the observation window.
 */

/* A number of days over another, unless that is nothing or the quotient too large for float8. */
static bool
quotient(double part, double whole, double *value)
{
	if (whole <= 0)
		return false;
	*value = part / whole;
	return isfinite(*value);
}

/* Sum of the durations of n dispensings. */
static double
sum_durations(const Dispensing *items, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += items[i].duration;
	return sum;
}

/* CMA1: durations of W but for its last / time from the first to the last of W. */
static bool
cma1(const StockScan *w, double *value)
{
	size_t n = (size_t) (w->until - w->next);

	return n >= 2 &&
		   quotient(sum_durations(w->next, n - 1), (double) w->until[-1].day - w->next->day, value);
}

/* CMA2: durations of W / time from the first of W to the end. */
static bool
cma2(const StockScan *w, double *value)
{
	size_t n = (size_t) (w->until - w->next);

	return n >= 1 && quotient(sum_durations(w->next, n), w->end - w->next->day, value);
}

/* CMA3 and CMA4 are CMA1 and CMA2 of at most 1; where these exceed float8, they are 1. */
static bool
at_most_one(bool is_defined, double *value)
{
	bool is_too_large = !is_defined && isinf(*value);

	*value = fmin(1, *value);
	return is_defined || is_too_large;
}

/*
 * CMA5 to CMA9: one minus the days without supply over the days
 */

/* A share that is one minus another; rounding does not take it out of 0 to 1. */
static bool
one_minus(double part, double whole, double *value)
{
	if (!quotient(part, whole, value))
		return false;
	*value = *value < 1 ? 1 - *value : 0;
	return true;
}

/* CMA5: gaps of W but for its last, over the time from the first to the last of W. */
static bool
cma5(StockScan w, double *value)
{
	double gaps = 0;
	double first;

	if (w.next == w.until)
		return false;
	first = w.next->day;
	while (stock_next(&w) && w.next < w.until)
		gaps += w.gap;
	return one_minus(gaps, w.item->day - first, value);
}

/* CMA6: gaps of W over the time from the first of W to the end. */
static bool
cma6(StockScan w, double *value)
{
	double gaps = 0;
	double first;

	if (w.next == w.until)
		return false;
	first = w.next->day;
	while (stock_next(&w))
		gaps += w.gap;
	return one_minus(gaps, w.end - first, value);
}

/*
 * CMA7: the share of the time from start to end that was covered by what was
 * dispensed from the start of the follow-up window on.  Supply is used first,
 * so that a gap lies at the end of its interval, and of one that began before
 * the start only the end counts.
 */
static bool
cma7(const Dispensings *supply, const CmaQuestion *question, double start, double end,
	 double *value)
{
	StockScan scan = stock_scan(supply, question->followup.start, end, question->rule);
	double uncovered;

	if (scan.next == scan.until)
		return false;
	uncovered = fmax(0, scan.next->day - start);
	while (stock_next(&scan))
		uncovered += fmin(scan.gap, fmax(0, scan.interval_end - start));
	return one_minus(uncovered, end - start, value);
}

/*
 * CMA8: CMA7 from the day on which old stock ends, if that is in the window.
 * The window then keeps a whole number of days, rounded half to even, and its
 * end moves by less than a day.
 */
static bool
cma8(const Dispensings *supply, const CmaQuestion *question, double *value)
{
	SupplyWindow window = question->observation;
	StockScan scan = stock_scan(supply, question->followup.start, window.end, question->rule);
	double start = window.start;
	double days;

	while (stock_next(&scan) && scan.item->day < window.start)
		start = fmax(start, scan.item->day + scan.item->duration + scan.carried);
	if (start == window.start)
		return cma7(supply, question, window.start, window.end, value);
	if (start >= window.end)
		return false;
	days = rint(without_noise(window.end - start));
	return cma7(supply, question, start, start + days, value);
}

/*
 * CMA9: the mean over the days of the window of how much of each interval
 * between dispensings was covered; the last one goes to the end of follow-up.
 */
static bool
cma9(const Dispensings *supply, const CmaQuestion *question, double *value)
{
	SupplyWindow window = question->observation;
	StockScan scan =
		stock_scan(supply, question->followup.start, question->followup.end, question->rule);
	double covered = 0;

	if (scan.next == scan.until || scan.next->day > window.end)
		return false;
	while (stock_next(&scan) && scan.item->day < window.end)
	{
		double interval = scan.interval_end - scan.item->day;
		double inside = fmin(scan.interval_end, window.end) - fmax(scan.item->day, window.start);

		if (inside > 0)
			covered += (1 - scan.gap / interval) * inside;
	}
	*value = fmin(1, covered / ((double) window.end - window.start));
	return true;
}

/* One of the measures; false where it is undefined. */
bool
cma(const Dispensings *supply, int measure, const CmaQuestion *question, double *value)
{
	double start = question->observation.start;
	double end = question->observation.end;
	StockScan w = stock_scan(supply, start, end, question->rule);

	*value = 0;
	switch (measure)
	{
		case 1:
			return cma1(&w, value);
		case 2:
			return cma2(&w, value);
		case 3:
			return at_most_one(cma1(&w, value), value);
		case 4:
			return at_most_one(cma2(&w, value), value);
		case 5:
			return cma5(w, value);
		case 6:
			return cma6(w, value);
		case 7:
			return cma7(supply, question, start, end, value);
		case 8:
			return cma8(supply, question, value);
		case 9:
			return cma9(supply, question, value);
		default:
			return false;
	}
}

/*
 * Covered days
 */

/* Say of the blank days [from, until) that one unit was prescribed, and taken or missed. */
static void
mark_days(CalendarBuffer *days, int64_t from, int64_t until, bool taken)
{
	DayCounts counts = { .prescribed = 1, .taken = taken, .missed = !taken };

	for (int64_t day = from; day < until; day++)
		calendar_change_day(days, (int32_t) day, counts, 1);
}

/*
 * Fill a blank calendar of the days of the observation window: one unit
 * prescribed a day, taken where stock is left when the day starts, else
 * missed.  False where CMA7 is undefined too.
 */
bool
cover_days(const Dispensings *supply, const CmaQuestion *question, CalendarBuffer *days)
{
	SupplyWindow window = question->observation;
	StockScan scan = stock_scan(supply, question->followup.start, window.end, question->rule);
	int64_t marked = window.start;

	if (scan.next == scan.until)
		return false;
	while (stock_next(&scan))
	{
		double lasts = ceil(without_noise(scan.item->duration + scan.carried));
		int64_t from = scan.item->day > marked ? scan.item->day : marked;
		int64_t until = (int64_t) fmin(scan.interval_end, scan.item->day + lasts);

		if (until <= marked)
			continue;
		mark_days(days, marked, from, false);
		mark_days(days, from, until, true);
		marked = until;
	}
	mark_days(days, marked, window.end, false);
	return true;
}

/*
 * Sliding windows
 */

/* How many windows of a width fit, each a step after the one before. */
int64_t
sliding_windows(SupplyWindow observation, int32_t width, int32_t step)
{
	int64_t room = (int64_t) observation.end - observation.start - width;

	return room < 0 ? 0 : room / step + 1;
}

/*
 * Episodes of treatment
 */

/* Begin to walk over the episodes of a follow-up window. */
void
episode_scan_init(EpisodeScan *scan, const Dispensings *supply, SupplyWindow followup,
				  const EpisodeRule *rule)
{
	scan->stock = stock_scan(supply, followup.start, followup.end, rule->stock);
	scan->rule = *rule;
}

/* By how much the gap after the present dispensing is longer than what is permitted. */
static double
excess_gap(const EpisodeScan *scan)
{
	double permitted = scan->rule.max_gap;

	if (scan->rule.gap_is_percent)
		permitted = scan->stock.item->duration * scan->rule.max_gap / 100;
	return without_noise(scan->stock.gap - permitted);
}

/* Whether the episode of the present dispensing goes on with the next one. */
static bool
episode_goes_on(const EpisodeScan *scan)
{
	const StockScan *stock = &scan->stock;

	if (stock->next == stock->until || excess_gap(scan) > 0)
		return false;
	return !scan->rule.on_medication_change || same_medication(stock->item, stock->next);
}

/* Step to the next episode; false at the end. */
bool
episode_next(EpisodeScan *scan, Episode *episode)
{
	StockScan *stock = &scan->stock;
	bool reaches_end;

	if (!stock_next(stock))
		return false;
	episode->start = stock->item->day;
	while (episode_goes_on(scan))
		stock_next(stock);

	/* The last one goes on to the end of follow-up, unless its gap reaches what is permitted. */
	reaches_end = stock->next == stock->until && excess_gap(scan) < 0;
	episode->gap = without_noise(stock->gap);
	episode->duration = stock->interval_end - episode->start;
	if (!reaches_end)
		episode->duration = without_noise(episode->duration - stock->gap);
	return true;
}
