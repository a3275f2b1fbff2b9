/*
 * The adherence calendar as plain C: for each day from the first to the last,
 * how many units were prescribed, taken and known to be missed, and how many
 * rows excuse the day.  Nothing here knows the server; adherence.c binds it.
 *
 * A day is one byte while no count is above 3 (narrow: two bits a count) and
 * four bytes otherwise (wide: one byte a count).  Days are numbered from any
 * epoch; the binding uses PostgreSQL's, 2000-01-01 = 0.
 */
#ifndef COACHIATRY_CALENDAR_H
#define COACHIATRY_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adherence/civil.h"

/* Longest span of a calendar: 200 years, both ends included. */
#define CALENDAR_MAX_DAYS 73050

/* Largest count of units or rows on one day. */
#define CALENDAR_MAX_COUNT 99

/* Largest count that a narrow day holds. */
#define CALENDAR_MAX_NARROW 3

typedef enum CalendarWidth
{
	CALENDAR_NARROW = 1, /* bytes a day */
	CALENDAR_WIDE = 4,
} CalendarWidth;

/* A calendar to read; the bytes belong to somebody else. */
typedef struct Calendar
{
	int32_t first; /* day of the first element; 0 if there is none */
	int32_t ndays;
	CalendarWidth width;
	const uint8_t *days; /* ndays * width bytes, no alignment */
} Calendar;

/* A calendar to write. */
typedef struct CalendarBuffer
{
	int32_t first;
	int32_t ndays;
	CalendarWidth width;
	uint8_t *days;
} CalendarBuffer;

/* What is known of one day. */
typedef struct DayCounts
{
	uint8_t prescribed;
	uint8_t taken;
	uint8_t missed;
	uint8_t excusing;
} DayCounts;

typedef enum DayStatus
{
	DAY_NONE,
	DAY_EXCUSED,
	DAY_EXTRA,
	DAY_OVER,
	DAY_TAKEN,
	DAY_PARTIAL,
	DAY_MISSED,
	DAY_UNRECORDED,
} DayStatus;

/* How a change of counts ended; on all but OK nothing was written. */
typedef enum CalendarResult
{
	CALENDAR_OK,
	CALENDAR_NEEDS_WIDE, /* a count above 3 in a narrow buffer */
	CALENDAR_ABOVE,		 /* a count above 99 */
	CALENDAR_BELOW,		 /* a count below 0 */
} CalendarResult;

/* Where text goes, piece by piece. */
typedef struct TextSink
{
	void (*put)(void *target, const char *text, size_t length);
	void *target;
} TextSink;

/* Send a string to a sink. */
static inline void
sink_string(const TextSink *sink, const char *text)
{
	sink->put(sink->target, text, strlen(text));
}

/* Counts of the i-th day of a calendar, 0 <= i < ndays. */
static inline DayCounts
calendar_counts(const Calendar *calendar, int32_t i)
{
	const uint8_t *day = calendar->days + (size_t) i * calendar->width;

	if (calendar->width == CALENDAR_WIDE)
		return (DayCounts){ day[0], day[1], day[2], day[3] };
	return (DayCounts){ *day & 3, (*day >> 2) & 3, (*day >> 4) & 3, *day >> 6 };
}

/* The day after the last; int64 because the last day may be the last of all. */
static inline int64_t
calendar_end(const Calendar *calendar)
{
	return (int64_t) calendar->first + calendar->ndays;
}

static inline bool
day_is_planned(DayCounts day)
{
	return day.prescribed > 0 && day.excusing == 0;
}

/* Whether nothing at all is known of a day, and nothing planned. */
static inline bool
day_is_blank(DayCounts day)
{
	return (day.prescribed | day.taken | day.missed | day.excusing) == 0;
}

/* Units of the prescribed ones of which nothing is known. */
static inline int
day_unrecorded_units(DayCounts day)
{
	int known = day.taken + day.missed;

	return day.prescribed > known ? day.prescribed - known : 0;
}

/* A buffer as a calendar to read. */
static inline Calendar
calendar_of_buffer(const CalendarBuffer *buffer)
{
	return (Calendar){ buffer->first, buffer->ndays, buffer->width, buffer->days };
}

/* calendar.c: days, views, algebra */
extern DayStatus day_status(DayCounts day);
extern const char *day_status_name(DayStatus status);
extern DayCounts calendar_counts_on(const Calendar *calendar, int64_t day);
extern Calendar calendar_slice(const Calendar *calendar, int64_t from, int64_t until);
extern Calendar calendar_trim(const Calendar *calendar);
extern bool calendar_fits_narrow(const Calendar *calendar);
extern int calendar_compare(const Calendar *a, const Calendar *b);
extern void calendar_copy(CalendarBuffer *to, const Calendar *from);
extern CalendarResult calendar_change_day(CalendarBuffer *to, int32_t day, DayCounts by, int sign);
extern CalendarResult calendar_add(CalendarBuffer *to, const Calendar *from, int32_t *bad_day);
extern CalendarResult calendar_subtract(CalendarBuffer *to, const Calendar *from, int32_t *bad_day);
extern void calendar_prefer(CalendarBuffer *to, const Calendar *a, const Calendar *b);
extern void calendar_plan_recorded(CalendarBuffer *to, const Calendar *calendar);
extern void calendar_add_task(CalendarBuffer *to, const Calendar *task);
extern void calendar_end_tasks(CalendarBuffer *to);

/* What makes an input no calendar. */
typedef enum CalendarFault
{
	INPUT_OK,
	INPUT_SYNTAX, /* not of the form */
	INPUT_DATE,	  /* no such day */
	INPUT_RANGE,  /* a day outside the range of date */
	INPUT_COUNT,  /* a count above 99 */
	INPUT_SPAN,	  /* more days than a calendar can span */
} CalendarFault;

/* calendar_text.c: the text form and ISO dates */
extern void day_format(int32_t day, const TextSink *sink);
extern CalendarFault day_parse(const char **text, int32_t *day);
extern void calendar_format(const Calendar *calendar, const TextSink *sink);
extern CalendarFault calendar_parse(const char *text, CalendarBuffer *calendar, int32_t *bad_day);

/* calendar_wire.c: the binary form */
#define CALENDAR_WIRE_HEADER_SIZE 10

extern void calendar_encode(const Calendar *calendar, uint8_t header[CALENDAR_WIRE_HEADER_SIZE]);
extern CalendarFault calendar_decode(const uint8_t *bytes, size_t size, Calendar *calendar,
									 int32_t *bad_day);

#endif
