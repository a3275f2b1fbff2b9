/*
 * Fuzz target of the detectors and run lengths.  An input is a byte that says
 * which, numbers of any bits as parameters, and days: of a calendar four bytes
 * each, of a series a gap and a float8.  Whatever comes, a statistic and its
 * limit say whether there is an alarm, the trace ends with the statistic, a
 * change began on a day that there is, and a run length is at least 1; an alarm
 * of a day in a row of days is that of the detector as of that day, and spells
 * follow each other.
 */
#include "signal/detector.h"
#include "signal/run_length.h"
#include "signal/watch.h"

#include <math.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parameters of an input, bytes before its days, and those of a day of a series. */
#define NPARAMETERS 4
#define HEAD_BYTES (2 + NPARAMETERS * sizeof(double))
#define VALUE_BYTES (1 + sizeof(double))

/* Chains that are wider than this take too long. */
#define WIDEST 30.0

typedef struct Input
{
	uint8_t kind;
	uint8_t small;
	double parameters[NPARAMETERS];
	const uint8_t *days;
	size_t size;
} Input;

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of exactly a size, so that the sanitizer sees its end. */
static void *
get(size_t size)
{
	void *memory = calloc(size > 0 ? size : 1, 1);

	if (memory == NULL)
		abort();
	return memory;
}

/* A parameter as the server lets it in: finite, and not below 0. */
static double
parameter(const Input *input, int i)
{
	double number = input->parameters[i];

	return isfinite(number) ? fabs(number) : 1.0;
}

/* One of any sign. */
static double
any(const Input *input, int i)
{
	return isfinite(input->parameters[i]) ? input->parameters[i] : 0.0;
}

/* One above 0. */
static double
positive(const Input *input, int i)
{
	double number = parameter(input, i);

	return number > 0.0 ? number : 1.0;
}

/* One above 0 and below 1. */
static double
share(const Input *input, int i)
{
	double number = fmod(parameter(input, i), 1.0);

	return number > 0.0 ? number : 0.5;
}

/* What must hold of a signal over values from one day to another. */
static void
check_signal(const Signal *signal, const Trace *trace, int32_t first, int32_t last)
{
	insist(!signal->alarm || !isnan(signal->statistic));
	insist(!signal->alarm || (signal->since >= first && signal->since <= last));
	for (int32_t i = 0; i < trace->n; i++)
		insist(!isinf(trace->statistics[i]));
}

/* The last statistic of a trace is what the signal says, where nothing leaves a window later. */
static void
check_last(const Signal *signal, const Trace *trace)
{
	double last = trace->n > 0 ? trace->statistics[trace->n - 1] : NAN;

	insist(trace->n == 0 || last == signal->statistic || (isnan(last) && isnan(signal->statistic)));
}

/*
 * Calendars
 */

/* Ask a detector of a calendar. */
static Signal
ask_calendar(const Input *input, const Calendar *calendar, int64_t as_of, Trace *trace)
{
	int32_t n = input->small % 32 + 1;
	double p = share(input, 0);
	double p1 = p + (1.0 - p) * share(input, 1);
	int32_t rise = p < p1 && p1 < 1.0 ? lattice_rise(p, p1) : 1;

	switch (input->kind % 8)
	{
		case 0:
			return detect_missed_run(calendar, n, trace);
		case 1:
			return detect_unrecorded_run(calendar, n, trace);
		case 2:
			return detect_rate_below(calendar, as_of, n, p, trace);
		case 3:
			return detect_rate_drop(calendar, as_of, n, input->small % 7 + 1, p, trace);
		case 4:
			return detect_over_use(calendar, as_of, n, input->small % 3 + 1, trace);
		case 5:
			return detect_gap(calendar, p, gap_limit(p, parameter(input, 1)),
							  input->small % 2 == 0 ? EVENT_LAPSE : EVENT_ADHERENT, share(input, 2),
							  trace);
		default:
			insist(rise >= 0);
			return detect_miss_cusum(calendar, rise, p, n, share(input, 2), trace);
	}
}

static void
run_calendar(const Input *input)
{
	CalendarWidth width = input->small & 1 ? CALENDAR_WIDE : CALENDAR_NARROW;
	int32_t ndays = (int32_t) (input->size / width);
	uint8_t *bytes = get(input->size);
	Calendar calendar = { 0, ndays, width, bytes };
	Trace trace = { .statistics = get(sizeof(double) * (size_t) ndays) };
	int64_t as_of;
	Signal signal;

	memcpy(bytes, input->days, input->size);
	for (size_t i = 0; width == CALENDAR_WIDE && i < input->size; i++)
		bytes[i] %= CALENDAR_MAX_COUNT + 1;
	calendar.first = CALENDAR_LAST_DAY - ndays + 1 - (input->kind & 0x80 ? 0 : 1000);
	as_of = input->small & 0x10 ? INT32_MAX : calendar.first + ndays - 1;
	signal = ask_calendar(input, &calendar, as_of, &trace);
	check_signal(&signal, &trace, calendar.first, calendar.first + ndays - 1);
	insist(trace.n <= ndays);
	if (!(input->small & 0x10) && trace.n == ndays)
		check_last(&signal, &trace);
	free(trace.statistics);
	free(bytes);
}

/*
 * Series
 */

/* Ask a detector of a series. */
static Signal
ask_series(const Input *input, DayValue *days, int32_t n, Trace *trace)
{
	DayValues values = { n, days };
	Baseline baseline = { any(input, 2), positive(input, 3) };
	Direction direction = (Direction) (input->small % 3);
	DayValue path[] = { { 5, any(input, 0) }, { 20, any(input, 1) } };
	DayValues expected = { input->small % 2 + 1, path };
	double h = parameter(input, 1);

	switch (input->kind % 6)
	{
		case 0:
			return detect_cusum(&values, parameter(input, 0), h, &baseline,
								h / 4 * (input->small % 5), direction, trace);
		case 1:
			return detect_self_starting(days, n, parameter(input, 0), h, direction, trace);
		case 2:
			return detect_ewma(&values, share(input, 0), h, &baseline, direction, trace);
		case 3:
			return detect_shewhart(&values, h, input->small % 9, &baseline, direction, trace);
		case 4:
			return detect_reliable_change(&values, positive(input, 3), share(input, 0), h,
										  direction, trace);
		default:
			return detect_off_track(days, n, &expected, h, direction, trace);
	}
}

static void
run_series(const Input *input)
{
	int32_t n = (int32_t) (input->size / VALUE_BYTES);
	DayValue *days = get(sizeof(DayValue) * (size_t) n);
	Trace trace = { .statistics = get(sizeof(double) * (size_t) n) };
	int32_t day = 0;
	Signal signal;

	for (int32_t i = 0; i < n; i++)
	{
		const uint8_t *bytes = input->days + (size_t) i * VALUE_BYTES;

		memcpy(&days[i].value, bytes + 1, sizeof(double));
		if (!isfinite(days[i].value))
			days[i].value = bytes[1] % 10;
		days[i].day = day += bytes[0] + 1;
	}
	signal = ask_series(input, days, n, &trace);
	insist(trace.n == n);
	check_signal(&signal, &trace, n > 0 ? days[0].day : 0, day);
	check_last(&signal, &trace);
	if (input->kind % 6 != 3)
		insist(signal.alarm == (signal.statistic > signal.lim));
	free(trace.statistics);
	free(days);
}

/*
 * Watching
 */

/* Days that are watched at most. */
#define MOST_WATCHED 2000

/* A watch with the parameters of an input. */
static Watch
watch_of(const Input *input, WatchDetector detector)
{
	Watch watch = { .detector = detector,
					.direction = (Direction) (input->small % 3),
					.n = input->small % 32 + 1,
					.runs = input->small % 9,
					.rise = input->small % 5 + 1,
					.rate = share(input, 0),
					.drop = share(input, 1),
					.p = share(input, 0),
					.h = parameter(input, 1),
					.k = parameter(input, 0),
					.l = parameter(input, 1),
					.lambda = share(input, 0),
					.threshold = share(input, 2),
					.reliability = share(input, 0),
					.gain = parameter(input, 0),
					.band = parameter(input, 1),
					.limit = parameter(input, 1),
					.baseline = { any(input, 2), positive(input, 3) } };

	if (detector == WATCH_RATE_BELOW || detector == WATCH_RATE_DROP || detector == WATCH_OVER_USE ||
		detector == WATCH_OFF_TRACK)
		watch.days = input->small & 0x40 ? CALENDAR_MAX_DAYS : input->small % 16 + 1;
	if (detector == WATCH_RATE_DROP)
		watch.before = input->small & 0x80 ? CALENDAR_MAX_DAYS : input->small % 32 + 1;
	return watch;
}

/* Spells of some days follow each other, with days of the cool-down between. */
static void
check_spells(const Input *input, const AlarmDays *on)
{
	SpellRule rule = { input->small % 4, input->small % 3 + 1, input->kind % 8 };
	int32_t closings[] = { on->first + input->kind, on->first + 2 * input->kind };
	SpellScan scan;
	int64_t free_from = on->first;

	spells_start(&scan, on, &rule, closings, input->small % 3);
	while (spells_next(&scan))
	{
		insist(scan.spell.opened >= free_from && scan.spell.opened < (int64_t) on->first + on->n);
		if (scan.spell.how == SPELL_OPEN)
			break;
		insist(scan.spell.ended >= scan.spell.opened);
		free_from = (int64_t) scan.spell.ended + rule.cool_down + 1;
	}
	insist(scan.next == on->n);
}

/* Some days about those of what is watched. */
static AlarmDays
watched_days(const Input *input, int32_t first, int64_t end)
{
	AlarmDays on = { .first = first + input->kind % 16 - 8 };

	on.n = (int32_t) (end - on.first + input->small % 16);
	on.n = on.n < 0 ? 0 : on.n > MOST_WATCHED ? MOST_WATCHED : on.n;
	on.known = on.n - (input->small % 4 < on.n ? input->small % 4 : on.n);
	on.alarms = get((size_t) on.n);
	return on;
}

static void
watch_a_calendar(const Input *input)
{
	int32_t ndays = (int32_t) (input->size < MOST_WATCHED ? input->size : MOST_WATCHED);
	Watch watch = watch_of(input, (WatchDetector) (input->kind % (WATCH_G_CHART + 1)));
	Calendar calendar = { 9000, ndays, CALENDAR_NARROW, input->days };
	AlarmDays on = watched_days(input, 9000, calendar_end(&calendar));
	Step *steps = get(sizeof(Step) * (size_t) ndays);
	int64_t last = calendar_end(&calendar) - input->small % 4;
	Trace nothing = { .statistics = NULL };

	watch_calendar_days(&watch, &calendar, last, steps, &on);
	for (int32_t i = input->small % 7; i < on.n && on.first + i <= last; i += 7)
	{
		Calendar until = calendar_slice(&calendar, INT64_MIN, (int64_t) on.first + i + 1);

		insist(on.alarms[i] == watch_calendar(&watch, &until, on.first + i, &nothing).alarm);
	}
	check_spells(input, &on);
	free(steps);
	free(on.alarms);
}

static void
watch_a_series(const Input *input)
{
	int32_t n = (int32_t) (input->size / VALUE_BYTES);
	Watch watch = watch_of(
		input, (WatchDetector) (WATCH_CUSUM + input->kind % (WATCH_SILENCE - WATCH_G_CHART)));
	DayValue *days = get(sizeof(DayValue) * (size_t) n);
	DayValue *copy = get(sizeof(DayValue) * (size_t) n);
	Step *steps = get(sizeof(Step) * (size_t) n);
	Trace nothing = { .statistics = NULL };
	AlarmDays on;
	int32_t day = 8990;

	for (int32_t i = 0; i < n; i++)
	{
		const uint8_t *bytes = input->days + (size_t) i * VALUE_BYTES;

		memcpy(&days[i].value, bytes + 1, sizeof(double));
		if (!isfinite(days[i].value))
			days[i].value = bytes[1] % 10;
		/* Of values of very different sizes the smaller lose their last bits once the larger come. */
		if (fabs(days[i].value) > 1e9 || fabs(days[i].value) < 1e-9)
			days[i].value = bytes[1] % 10;
		days[i].day = day += bytes[0] % 16 + 1;
	}
	on = watched_days(input, 9000, (int64_t) day + 1);
	memcpy(copy, days, sizeof(DayValue) * (size_t) n);
	watch_series_days(&watch, copy, n, steps, &on);
	for (int32_t i = input->small % 11; i < on.n; i += 11)
	{
		int32_t known = 0;

		while (known < n && days[known].day <= on.first + i)
			known++;
		memcpy(copy, days, sizeof(DayValue) * (size_t) n);
		insist(on.alarms[i] ==
			   watch_series(&watch, copy, known, on.first, on.first + i, &nothing).alarm);
	}
	check_spells(input, &on);
	free(on.alarms);
	free(steps);
	free(copy);
	free(days);
}

/*
 * Run lengths
 */

/* What must hold of an answer. */
static void
check_answer(RunLengthResult result, double arl)
{
	insist(result != RUN_LENGTH_OK || arl >= 1.0 - 1e-9);
}

/* What must hold of a delay. */
static void
check_delay(RunLengthResult result, const Delay *delay)
{
	check_answer(result, delay->mean);
	if (result == RUN_LENGTH_OK)
		insist(delay->missed_soon >= 0.0 && delay->missed_soon <= 1.0 + 1e-9 &&
			   delay->missed_longer >= 0.0 && delay->missed_longer <= delay->missed_soon + 1e-9);
}

/* Ask for run lengths of normal values. */
static void
run_chains(const Input *input, ChainWork *work)
{
	double h = fmod(parameter(input, 1), WIDEST);
	int sides = input->small % 2 + 1;
	CusumScheme cusum = { parameter(input, 0), h, h / 4 * (input->small % 5), sides };
	EwmaScheme ewma = { share(input, 0), fmod(h, 8.0), sides };
	ShewhartScheme shewhart = { parameter(input, 1), input->small % 12, sides };
	double shift = any(input, 2);
	Delay delay = { .mean = 1.0 };
	double arl = 1.0;

	if (cusum.headstart > h / 2 && cusum.k * 200 < h)
		cusum.k = h / 200; /* else both sides would be looked at for long */
	check_answer(cusum_arl(&cusum, shift, work, &arl), arl);
	check_delay(cusum_delay(&cusum, shift, work, &delay), &delay);
	check_answer(shewhart_arl(&shewhart, shift, &arl), arl);
	check_delay(shewhart_delay(&shewhart, shift, &delay), &delay);
	if (fabs(shift) > 10.0 || ewma.lambda < 0.02)
		return;
	check_answer(ewma_arl(&ewma, shift, work, &arl), arl);
	check_delay(ewma_delay(&ewma, shift, work, &delay), &delay);
}

/* Ask for run lengths of events. */
static void
run_events(const Input *input, ChainWork *work)
{
	double p = share(input, 0);
	LatticeScheme lattice = { (int) fmin(positive(input, 1), 1e9), input->small % 60 + 1 };
	GapScheme gap = { (int) fmin(positive(input, 1), RUN_MAX - 1) + 1 };
	Delay delay = { .mean = 1.0 };
	double arl = 1.0;

	lattice.rise = lattice.rise < 1 ? 1 : lattice.rise;
	check_answer(lattice_arl(&lattice, p, work, &arl), arl);
	check_delay(lattice_delay(&lattice, p, work, &delay), &delay);
	check_answer(gap_arl(&gap, p, &arl), arl);
	check_delay(gap_delay(&gap, p, &delay), &delay);
	if (gap_run_limit(fmin(1.0 + positive(input, 2), 1e300), &gap, p) == RUN_LENGTH_OK)
		insist(gap.n >= 1 && gap.n <= RUN_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static ChainWork *work;
	Input input;

	if (work == NULL)
		work = get(chain_work_size());
	if (size < HEAD_BYTES)
		return 0;
	input.kind = data[0] / 4;
	input.small = data[1];
	memcpy(input.parameters, data + 2, sizeof(input.parameters));
	input.days = data + HEAD_BYTES;
	input.size = size - HEAD_BYTES;
	switch (data[0] % 4)
	{
		case 0:
			run_calendar(&input);
			watch_a_calendar(&input);
			break;
		case 1:
			run_series(&input);
			watch_a_series(&input);
			break;
		case 2:
			run_events(&input, work);
			break;
		default:
			run_chains(&input, work);
	}
	return 0;
}
