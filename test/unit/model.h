/*
 * Calendars as the tests see them: a plain array of four counts a day, with
 * room for a year and a bit.  It shares nothing with the cores but the layout
 * of a day, which is written and read here on its own.
 */
#ifndef COACHIATRY_MODEL_H
#define COACHIATRY_MODEL_H

#include "adherence/calendar.h"
#include "tap.h"

/* Most days of a model. */
#define MODEL_DAYS 400

enum
{
	PRESCRIBED,
	TAKEN,
	MISSED,
	EXCUSING,
	NCOUNTS,
};

typedef struct Model
{
	int64_t first;
	int ndays;
	int days[MODEL_DAYS][NCOUNTS];
} Model;

/* What random days look like, in percent. */
typedef struct Habits
{
	int blank;	  /* days without anything */
	int adherent; /* of the others: days with one unit, taken */
	int max;	  /* largest count */
} Habits;

/* Counts of any day: zeros outside the model. */
static inline const int *
model_on(const Model *model, int64_t day)
{
	static const int nothing[NCOUNTS];

	if (day < model->first || day >= model->first + model->ndays)
		return nothing;
	return model->days[day - model->first];
}

static inline bool
is_nothing(const int day[NCOUNTS])
{
	return day[0] == 0 && day[1] == 0 && day[2] == 0 && day[3] == 0;
}

/* The largest count of any kind on any day. */
static inline int
model_max(const Model *model)
{
	int max = 0;

	for (int i = 0; i < model->ndays * NCOUNTS; i++)
		if (model->days[i / NCOUNTS][i % NCOUNTS] > max)
			max = model->days[i / NCOUNTS][i % NCOUNTS];
	return max;
}

/* The narrowest width that holds a model. */
static inline CalendarWidth
model_width(const Model *model)
{
	return model_max(model) > 3 ? CALENDAR_WIDE : CALENDAR_NARROW;
}

/* Cut a model: only the days of [from, until) are left. */
static inline Model
model_slice(const Model *model, int64_t from, int64_t until)
{
	Model slice = { .first = from };

	if (from < model->first)
		slice.first = model->first;
	if (until > model->first + model->ndays)
		until = model->first + model->ndays;
	if (until <= slice.first)
		return (Model){ 0 };
	slice.ndays = (int) (until - slice.first);
	memcpy(slice.days, model->days[slice.first - model->first],
		   (size_t) slice.ndays * sizeof(slice.days[0]));
	return slice;
}

/* A model without the days at its ends that hold nothing. */
static inline Model
model_trim(const Model *model)
{
	int64_t from = model->first;
	int64_t until = model->first + model->ndays;

	while (from < until && is_nothing(model_on(model, from)))
		from++;
	while (from < until && is_nothing(model_on(model, until - 1)))
		until--;
	return model_slice(model, from, until);
}

/* A model as the bytes of a calendar at a width, not aligned to anything. */
static inline CalendarBuffer
model_buffer(const Model *model, CalendarWidth width)
{
	size_t shift = (size_t) between(0, 15);
	uint8_t *bytes = (uint8_t *) hold(shift + (size_t) model->ndays * width) + shift;

	for (int i = 0; i < model->ndays; i++)
	{
		const int *day = model->days[i];

		if (width == CALENDAR_NARROW)
			bytes[i] = (uint8_t) (day[0] + 4 * day[1] + 16 * day[2] + 64 * day[3]);
		else
			for (int c = 0; c < NCOUNTS; c++)
				bytes[i * NCOUNTS + c] = (uint8_t) day[c];
	}
	return (CalendarBuffer){ (int32_t) model->first, model->ndays, width, bytes };
}

/* The same to read only. */
static inline Calendar
model_calendar(const Model *model, CalendarWidth width)
{
	CalendarBuffer buffer = model_buffer(model, width);

	return (Calendar){ buffer.first, buffer.ndays, width, buffer.days };
}

/* One count of the bytes of a calendar. */
static inline int
byte_count(const uint8_t *bytes, CalendarWidth width, int i, int which)
{
	static const int units[NCOUNTS] = { 1, 4, 16, 64 };

	return width == CALENDAR_WIDE ? bytes[i * NCOUNTS + which] : bytes[i] / units[which] % 4;
}

/* Whether a calendar is a model's days, from its first to its last and not one more. */
static inline bool
calendar_is(const Calendar *calendar, const Model *model)
{
	if (calendar->ndays != model->ndays || (model->ndays > 0 && calendar->first != model->first))
		return false;
	for (int i = 0; i < model->ndays * NCOUNTS; i++)
		if (byte_count(calendar->days, calendar->width, i / NCOUNTS, i % NCOUNTS) !=
			model->days[i / NCOUNTS][i % NCOUNTS])
			return false;
	return true;
}

/* Habits of some random person. */
static inline Habits
random_habits(void)
{
	static const int blanks[] = { 0, 0, 5, 30, 90 };
	static const int adherents[] = { 0, 40, 80, 97, 100 };
	static const int maxima[] = { 1, 2, 3, 4, 99 };

	return (Habits){ blanks[between(0, 4)], adherents[between(0, 4)], maxima[between(0, 4)] };
}

/* A random count; often one at which something changes. */
static inline int
random_count(int max)
{
	static const int edges[] = { 0, 1, 2, 3, 4, 49, 50, 98, 99 };
	int count = percent(50) ? 0 : percent(50) ? edges[between(0, 8)] : (int) between(0, max);

	return count < max ? count : max;
}

/* Make up one day. */
static inline void
random_day(int day[NCOUNTS], const Habits *habits)
{
	memset(day, 0, NCOUNTS * sizeof(int));
	if (percent(habits->blank))
		return;
	day[PRESCRIBED] = 1;
	if (percent(habits->adherent))
		day[TAKEN] = 1;
	else if (percent(30))
		day[MISSED] = (int) between(0, 1);
	else
		for (int c = 0; c < NCOUNTS; c++)
			day[c] = c == EXCUSING && percent(60) ? 0 : random_count(habits->max);
}

/* Make up so many days from a day on. */
static inline void
random_model(Model *model, int64_t first, int ndays, const Habits *habits)
{
	model->first = first;
	model->ndays = ndays;
	for (int i = 0; i < ndays; i++)
		random_day(model->days[i], habits);
}

/* A random first day of a calendar of so many days: of today, long ago, or at an end of the range. */
static inline int64_t
random_first(int ndays)
{
	switch (between(0, 5))
	{
		case 0:
			return CALENDAR_FIRST_DAY + between(0, 3);
		case 1:
			return CALENDAR_LAST_DAY + 1 - ndays - between(0, 3);
		case 2:
			return between(CALENDAR_FIRST_DAY, CALENDAR_LAST_DAY + 1 - ndays);
		case 3:
			return between(-800000, -700000); /* around 1 BC */
		default:
			return between(9000, 10000);
	}
}

/* A TAP comment that shows a model. */
static inline void
describe_model(const char *name, const Model *model)
{
	printf("#   %s: %d days from %" PRId64 ":", name, model->ndays, model->first);
	for (int i = 0; i < model->ndays; i++)
		printf(" %d,%d,%d,%d", model->days[i][0], model->days[i][1], model->days[i][2],
			   model->days[i][3]);
	putchar('\n');
}

#endif
