/*
 * Days of the proleptic Gregorian calendar.
 */
#include "adherence/civil.h"

/* Days from 0000-03-01, where years begin on March 1, to 2000-01-01. */
#define EPOCH_FROM_MARCH_0000 730425

/* Days in the 400 years after which the Gregorian calendar repeats. */
#define DAYS_IN_400_YEARS 146097

/* Whether a year has 366 days. */
bool
year_is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* How many days a month has. */
int
days_in_month(int64_t year, int month)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && year_is_leap(year) ? 29 : days[month - 1];
}

/*
 * Year (astronomical: 0 is 1 BC), month and day of month of a day, 0 being
 * 2000-01-01.  Years are counted from March, so that a leap day ends one.
 */
void
day_to_civil(int32_t day, int *year, int *month, int *day_of_month)
{
	int64_t days = (int64_t) day + EPOCH_FROM_MARCH_0000;
	int64_t era = (days >= 0 ? days : days - (DAYS_IN_400_YEARS - 1)) / DAYS_IN_400_YEARS;
	int of_era = (int) (days - era * DAYS_IN_400_YEARS);
	int years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * years + years / 4 - years / 100);
	int months = (5 * of_year + 2) / 153;

	*day_of_month = of_year - (153 * months + 2) / 5 + 1;
	*month = months < 10 ? months + 3 : months - 9;
	*year = (int) (era * 400) + years + (*month <= 2 ? 1 : 0);
}

/* The day of a date of the proleptic Gregorian calendar; the reverse of day_to_civil. */
int64_t
civil_to_day(int64_t year, int month, int day_of_month)
{
	int64_t years = month <= 2 ? year - 1 : year;
	int64_t era = (years >= 0 ? years : years - 399) / 400;
	int of_era = (int) (years - era * 400);
	int months = month > 2 ? month - 3 : month + 9;
	int of_year = (153 * months + 2) / 5 + day_of_month - 1;

	return era * DAYS_IN_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
		   EPOCH_FROM_MARCH_0000;
}
