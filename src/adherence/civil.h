/*
 * Days of the proleptic Gregorian calendar, numbered from 2000-01-01 as
 * PostgreSQL does.  Years are astronomical: 0 is 1 BC.
 */
#ifndef COACHIATRY_CIVIL_H
#define COACHIATRY_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* The range of days: PostgreSQL's date, 4714-11-24 BC to 5874897-12-31. */
#define CALENDAR_FIRST_DAY (-2451545)
#define CALENDAR_LAST_DAY 2145031948

/* Days of the week, Monday first. */
#define DAYS_A_WEEK 7

/* Day of the week, 0 for Monday. */
static inline int
day_weekday(int64_t day)
{
	int weekday = (int) ((day + 5) % DAYS_A_WEEK); /* day 0 is a Saturday */

	return weekday < 0 ? weekday + DAYS_A_WEEK : weekday;
}

extern bool year_is_leap(int64_t year);
extern int days_in_month(int64_t year, int month);
extern void day_to_civil(int32_t day, int *year, int *month, int *day_of_month);
extern int64_t civil_to_day(int64_t year, int month, int day_of_month);

#endif
