/*
 * The binary form of a calendar, in network byte order:
 *
 *     byte   0     version, 1
 *     byte   1     bytes a day: 1 (two bits a count, prescribed lowest) or 4
 *     bytes  2-5   first day, days from 2000-01-01 (signed)
 *     bytes  6-9   number of days
 *     bytes 10-    the days
 */
#include "adherence/calendar.h"

#include "adherence/bytes.h"

#define WIRE_VERSION 1

/* The bytes that come before the days of a calendar. */
void
calendar_encode(const Calendar *calendar, uint8_t header[CALENDAR_WIRE_HEADER_SIZE])
{
	header[0] = WIRE_VERSION;
	header[1] = (uint8_t) calendar->width;
	bytes_put(header + 2, (uint32_t) calendar->first, 4);
	bytes_put(header + 6, (uint32_t) calendar->ndays, 4);
}

/* Find a count above the limit, which only wide days can hold. */
static CalendarFault
check_counts(const Calendar *calendar, int32_t *bad_day)
{
	if (calendar->width == CALENDAR_NARROW)
		return INPUT_OK;
	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		*bad_day = calendar->first + i;
		if (day.prescribed > CALENDAR_MAX_COUNT || day.taken > CALENDAR_MAX_COUNT ||
			day.missed > CALENDAR_MAX_COUNT || day.excusing > CALENDAR_MAX_COUNT)
			return INPUT_COUNT;
	}
	return INPUT_OK;
}

/*
 * The calendar in some bytes, as checked as one from text, though it may have
 * slack; its days stay where they are.  *bad_day is the day that a fault is about.
 */
CalendarFault
calendar_decode(const uint8_t *bytes, size_t size, Calendar *calendar, int32_t *bad_day)
{
	if (size < CALENDAR_WIRE_HEADER_SIZE || bytes[0] != WIRE_VERSION ||
		(bytes[1] != CALENDAR_NARROW && bytes[1] != CALENDAR_WIDE))
		return INPUT_SYNTAX;
	calendar->width = (CalendarWidth) bytes[1];
	calendar->first = (int32_t) bytes_get(bytes + 2, 4);
	calendar->ndays = (int32_t) bytes_get(bytes + 6, 4);
	calendar->days = bytes + CALENDAR_WIRE_HEADER_SIZE;
	if (calendar->ndays < 0 ||
		size - CALENDAR_WIRE_HEADER_SIZE != (size_t) calendar->ndays * calendar->width)
		return INPUT_SYNTAX;
	if (calendar->first < CALENDAR_FIRST_DAY || calendar_end(calendar) - 1 > CALENDAR_LAST_DAY)
		return INPUT_RANGE;
	*bad_day = calendar->first + CALENDAR_MAX_DAYS;
	if (calendar->ndays > CALENDAR_MAX_DAYS)
		return INPUT_SPAN;
	return check_counts(calendar, bad_day);
}
