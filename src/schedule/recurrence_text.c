/*
 * The text form of a recurrence rule.  Parts may come in any order and case
 * and are written in one order, that in which RFC 5545 evaluates them: FREQ,
 * INTERVAL, RSCALE, SKIP, BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY,
 * BYHOUR, BYMINUTE, BYSECOND, BYSETPOS, WKST, COUNT, UNTIL, UNITS.  Lists are
 * sorted, first what counts from the start, then what counts from the end;
 * parts that say their default are left out.  So equal rules have equal texts.
 */
#include "schedule/recurrence.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const recurrence_part_names[RECURRENCE_PARTS] = {
	[PART_FREQ] = "FREQ",			[PART_INTERVAL] = "INTERVAL",
	[PART_RSCALE] = "RSCALE",		[PART_SKIP] = "SKIP",
	[PART_BYMONTH] = "BYMONTH",		[PART_BYWEEKNO] = "BYWEEKNO",
	[PART_BYYEARDAY] = "BYYEARDAY", [PART_BYMONTHDAY] = "BYMONTHDAY",
	[PART_BYDAY] = "BYDAY",			[PART_BYHOUR] = "BYHOUR",
	[PART_BYMINUTE] = "BYMINUTE",	[PART_BYSECOND] = "BYSECOND",
	[PART_BYSETPOS] = "BYSETPOS",	[PART_WKST] = "WKST",
	[PART_COUNT] = "COUNT",			[PART_UNTIL] = "UNTIL",
	[PART_UNITS] = "UNITS",
};

const char *const recurrence_frequency_names[] = {
	[FREQUENCY_AS_NEEDED] = "AS-NEEDED", [FREQUENCY_MINUTELY] = "MINUTELY",
	[FREQUENCY_HOURLY] = "HOURLY",		 [FREQUENCY_DAILY] = "DAILY",
	[FREQUENCY_WEEKLY] = "WEEKLY",		 [FREQUENCY_MONTHLY] = "MONTHLY",
	[FREQUENCY_YEARLY] = "YEARLY",
};

const char *const recurrence_weekday_names[7] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

/* The calendars of RSCALE: CLDR's names. */
const char *const recurrence_rscales[] = {
	"GREGORIAN",		"BUDDHIST", "CHINESE", "COPTIC",  "DANGI",
	"ETHIOPIC",			"HEBREW",	"INDIAN",  "ISLAMIC", "ISLAMIC-CIVIL",
	"ISLAMIC-UMALQURA", "JAPANESE", "PERSIAN", "ROC",	  NULL,
};

static const char *const skip_names[] = {
	[SKIP_OMIT] = "OMIT",
	[SKIP_BACKWARD] = "BACKWARD",
	[SKIP_FORWARD] = "FORWARD",
};

/* Codes of prescriptions, and the rules they stand for. */
static const struct SigCode
{
	const char *code;
	const char *rule;
} sig_codes[] = {
	{ "QD", "FREQ=DAILY" },
	{ "DAILY", "FREQ=DAILY" },
	{ "BID", "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0" },
	{ "TID", "FREQ=DAILY;BYHOUR=8,14,20;BYMINUTE=0" },
	{ "QID", "FREQ=DAILY;BYHOUR=8,12,16,20;BYMINUTE=0" },
	{ "Q1H", "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23"
			 ";BYMINUTE=0" },
	{ "Q2H", "FREQ=DAILY;BYHOUR=0,2,4,6,8,10,12,14,16,18,20,22;BYMINUTE=0" },
	{ "Q3H", "FREQ=DAILY;BYHOUR=0,3,6,9,12,15,18,21;BYMINUTE=0" },
	{ "Q4H", "FREQ=DAILY;BYHOUR=0,4,8,12,16,20;BYMINUTE=0" },
	{ "Q6H", "FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0" },
	{ "Q8H", "FREQ=DAILY;BYHOUR=0,8,16;BYMINUTE=0" },
	{ "Q12H", "FREQ=DAILY;BYHOUR=0,12;BYMINUTE=0" },
	{ "QAM", "FREQ=DAILY;BYHOUR=8;BYMINUTE=0" },
	{ "QPM", "FREQ=DAILY;BYHOUR=20;BYMINUTE=0" },
	{ "QHS", "FREQ=DAILY;BYHOUR=22;BYMINUTE=0" },
	{ "QOD", "FREQ=DAILY;INTERVAL=2" },
	{ "QWK", "FREQ=WEEKLY" },
	{ "WEEKLY", "FREQ=WEEKLY" },
	{ "QMO", "FREQ=MONTHLY" },
	{ "MONTHLY", "FREQ=MONTHLY" },
	{ "PRN", "AS-NEEDED" },
};

/*
 * Reading
 */

/* A text being read: from here to its end. */
typedef struct Reader
{
	const char *at;
	const char *end;
	Recurrence *rule;
	RecurrenceError *error;
} Reader;

/* Note what is wrong with a piece of text. */
static bool
fault(RecurrenceError *error, RecurrenceFault what, const char *text, size_t length,
	  const char *reason)
{
	*error = (RecurrenceError){ what, text, length, reason };
	return false;
}

/* Whether a piece of text is a word, whatever its case. */
static bool
is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

/* Number of a word in a list that ends with NULL or after n words, or -1. */
static int
find_word(const char *text, size_t length, const char *const *words, int n)
{
	for (int i = 0; i < n && words[i] != NULL; i++)
		if (is_word(text, length, words[i]))
			return i;
	return -1;
}

/* Read digits, which must be there; more than ten count as too large a number. */
static bool
read_number(Reader *in, int64_t *number)
{
	const char *from = in->at;

	*number = 0;
	for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++)
		*number = *number > RECURRENCE_MAX_NUMBER ? *number : *number * 10 + (*in->at - '0');
	return in->at > from;
}

/* Step over a character, if it is the next. */
static bool
step_over(Reader *in, char wanted)
{
	if (in->at == in->end || *in->at != wanted)
		return false;
	in->at++;
	return true;
}

/* A sign, if there is one: whether it was a minus. */
static bool
read_minus(Reader *in)
{
	if (step_over(in, '-'))
		return true;
	step_over(in, '+');
	return false;
}

/* Note that a part is not of its form. */
static bool
bad_syntax(Reader *in, const char *reason)
{
	return fault(in->error, RECURRENCE_SYNTAX, NULL, 0, reason);
}

/* Note that a part has a value out of its range. */
static bool
bad_value(Reader *in, const char *reason)
{
	return fault(in->error, RECURRENCE_VALUE, NULL, 0, reason);
}

/* Read a single number from 1 to a largest one. */
static bool
read_single(Reader *in, int32_t *value, int32_t most, const char *reason)
{
	int64_t number;

	if (!read_number(in, &number) || in->at != in->end)
		return bad_syntax(in, reason);
	if (number < 1 || number > most)
		return bad_value(in, reason);
	*value = (int32_t) number;
	return true;
}

/* Read a list of numbers into bits. */
static bool
read_bits(Reader *in, uint64_t *bits, int least, int most, const char *reason)
{
	int64_t number;

	do
	{
		if (!read_number(in, &number))
			return bad_syntax(in, reason);
		if (number < least || number > most)
			return bad_value(in, reason);
		*bits |= UINT64_C(1) << number;
	} while (step_over(in, ','));
	return in->at == in->end || bad_syntax(in, reason);
}

/* Read a list of ordinals with or without sign. */
static bool
read_ordinals(Reader *in, SignedSet *set, int most, const char *reason)
{
	int64_t number;
	bool minus;

	do
	{
		minus = read_minus(in);
		if (!read_number(in, &number))
			return bad_syntax(in, reason);
		if (number < 1 || number > most)
			return bad_value(in, reason);
		(minus ? set->backward : set->forward)[number >> 6] |= UINT64_C(1) << (number & 63);
	} while (step_over(in, ','));
	return in->at == in->end || bad_syntax(in, reason);
}

/* Read the two letters of a weekday. */
static bool
read_weekday(Reader *in, int *weekday)
{
	if (in->end - in->at < 2)
		return false;
	*weekday = find_word(in->at, 2, recurrence_weekday_names, 7);
	in->at += 2;
	return *weekday >= 0;
}

/* A frequency by name. */
static bool
read_freq(Reader *in)
{
	size_t length = (size_t) (in->end - in->at);
	int found = find_word(in->at, length, recurrence_frequency_names, FREQUENCY_YEARLY + 1);

	if (is_word(in->at, length, "SECONDLY"))
		return fault(in->error, RECURRENCE_UNSUPPORTED, NULL, 0,
					 "Nothing is due every second; the shortest frequency is MINUTELY.");
	if (found <= FREQUENCY_AS_NEEDED)
		return bad_syntax(in, "FREQ is YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY or MINUTELY.");
	in->rule->frequency = (Frequency) found;
	return true;
}

/* Every how many periods. */
static bool
read_interval(Reader *in)
{
	return read_single(in, &in->rule->interval, RECURRENCE_MAX_NUMBER,
					   "INTERVAL is a number from 1 to 2147483647.");
}

/* A calendar by name. */
static bool
read_rscale(Reader *in)
{
	in->rule->rscale =
		find_word(in->at, (size_t) (in->end - in->at), recurrence_rscales, RECURRENCE_MAX_NUMBER);
	return in->rule->rscale >= 0 ||
		   fault(in->error, RECURRENCE_UNSUPPORTED, NULL, 0,
				 "RSCALE is GREGORIAN, BUDDHIST, CHINESE, COPTIC, DANGI, ETHIOPIC, HEBREW, INDIAN, "
				 "ISLAMIC, ISLAMIC-CIVIL, ISLAMIC-UMALQURA, JAPANESE, PERSIAN or ROC.");
}

/* What becomes of days that are not there. */
static bool
read_skip(Reader *in)
{
	int found = find_word(in->at, (size_t) (in->end - in->at), skip_names, SKIP_FORWARD + 1);

	in->rule->skip = (Skip) found;
	return found >= 0 || bad_syntax(in, "SKIP is OMIT, BACKWARD or FORWARD.");
}

/* Months 1 to 12; with RSCALE also 13, and leap months as in 5L. */
static bool
read_bymonth(Reader *in)
{
	static const char reason[] = "BYMONTH is a list of numbers from 1 to 12; with RSCALE to 13, "
								 "and leap months as in 5L.";
	int64_t number;

	do
	{
		if (!read_number(in, &number))
			return bad_syntax(in, reason);
		if (number < 1 || number > 13)
			return bad_value(in, reason);
		if (step_over(in, 'L') || step_over(in, 'l'))
			in->rule->leap_months |= 1u << number;
		else
			in->rule->months |= 1u << number;
	} while (step_over(in, ','));
	return in->at == in->end || bad_syntax(in, reason);
}

/* Weeks of the year. */
static bool
read_byweekno(Reader *in)
{
	return read_ordinals(in, &in->rule->weeks, 53,
						 "BYWEEKNO is a list of numbers from 1 to 53 or -1 to -53.");
}

/* Days of the year. */
static bool
read_byyearday(Reader *in)
{
	return read_ordinals(in, &in->rule->year_days, 366,
						 "BYYEARDAY is a list of numbers from 1 to 366 or -1 to -366.");
}

/* Days of the month. */
static bool
read_bymonthday(Reader *in)
{
	return read_ordinals(in, &in->rule->month_days, 31,
						 "BYMONTHDAY is a list of numbers from 1 to 31 or -1 to -31.");
}

/* Weekdays, with or without a number. */
static bool
read_byday(Reader *in)
{
	static const char reason[] = "BYDAY is a list of MO, TU, WE, TH, FR, SA, SU, each alone or "
								 "after a number from 1 to 53 or -1 to -53.";
	int weekday;
	int64_t number;

	do
	{
		const char *from = in->at;
		bool minus = read_minus(in);
		bool numbered = read_number(in, &number);

		if ((!numbered && in->at > from) || !read_weekday(in, &weekday))
			return bad_syntax(in, reason);
		if (numbered && (number < 1 || number > 53))
			return bad_value(in, reason);
		if (!numbered)
			in->rule->weekdays |= 1u << weekday;
		else if (minus)
			in->rule->nth[weekday].backward |= UINT64_C(1) << number;
		else
			in->rule->nth[weekday].forward |= UINT64_C(1) << number;
	} while (step_over(in, ','));
	return in->at == in->end || bad_syntax(in, reason);
}

/* Hours of the day. */
static bool
read_byhour(Reader *in)
{
	uint64_t hours = 0;
	bool good = read_bits(in, &hours, 0, 23, "BYHOUR is a list of numbers from 0 to 23.");

	in->rule->hours = (uint32_t) hours;
	return good;
}

/* Minutes of the hour. */
static bool
read_byminute(Reader *in)
{
	return read_bits(in, &in->rule->minutes, 0, 59, "BYMINUTE is a list of numbers from 0 to 59.");
}

/* Seconds of the minute. */
static bool
read_bysecond(Reader *in)
{
	return read_bits(in, &in->rule->seconds, 0, 60, "BYSECOND is a list of numbers from 0 to 60.");
}

/* Which occurrences of a period. */
static bool
read_bysetpos(Reader *in)
{
	return read_ordinals(in, &in->rule->positions, 366,
						 "BYSETPOS is a list of numbers from 1 to 366 or -1 to -366.");
}

/* The first day of the week. */
static bool
read_wkst(Reader *in)
{
	return (read_weekday(in, &in->rule->week_start) && in->at == in->end) ||
		   bad_syntax(in, "WKST is MO, TU, WE, TH, FR, SA or SU.");
}

/* How many occurrences in all. */
static bool
read_count(Reader *in)
{
	return read_single(in, &in->rule->count, RECURRENCE_MAX_NUMBER,
					   "COUNT is a number from 1 to 2147483647.");
}

/* Read exactly so many digits. */
static bool
read_digits(Reader *in, int n, int *number)
{
	*number = 0;
	for (int i = 0; i < n; i++, in->at++)
	{
		if (in->at == in->end || *in->at < '0' || *in->at > '9')
			return false;
		*number = *number * 10 + (*in->at - '0');
	}
	return true;
}

/* Read the date YYYYMMDD of UNTIL into the first second of its day. */
static bool
read_until_date(Reader *in, int64_t *local, const char *reason)
{
	int year;
	int month;
	int day;

	if (!read_digits(in, 4, &year) || !read_digits(in, 2, &month) || !read_digits(in, 2, &day))
		return bad_syntax(in, reason);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return bad_value(in, "There is no such day.");
	*local = civil_to_day(year, month, day) * SECONDS_A_DAY;
	return true;
}

/* A day, all of which belongs to the rule, or a second of the wall clock. */
static bool
read_until(Reader *in)
{
	static const char reason[] = "UNTIL is a day or a time of the wall clock, as in 20261231 or "
								 "20261231T200000.";
	Recurrence *rule = in->rule;
	int hour;
	int minute;
	int second;

	if (!read_until_date(in, &rule->until, reason))
		return false;
	rule->until_is_day = in->at == in->end;
	if (rule->until_is_day)
	{
		rule->until += SECONDS_A_DAY - 1;
		return true;
	}
	if (!(step_over(in, 'T') || step_over(in, 't')) || !read_digits(in, 2, &hour) ||
		!read_digits(in, 2, &minute) || !read_digits(in, 2, &second))
		return bad_syntax(in, reason);
	if (hour > 23 || minute > 59 || second > 60)
		return bad_value(in, "There is no such time.");
	if (step_over(in, 'Z') || step_over(in, 'z'))
		return fault(in->error, RECURRENCE_UTC, NULL, 0,
					 "A schedule is in local time and has no time zone, so the end of a rule "
					 "cannot be in UTC.");
	rule->until += hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
	return in->at == in->end || bad_syntax(in, reason);
}

/* How many units an occurrence has. */
static bool
read_units(Reader *in)
{
	return read_single(in, &in->rule->units, RECURRENCE_MAX_UNITS,
					   "UNITS is a number from 1 to 99.");
}

static bool (*const readers[RECURRENCE_PARTS])(Reader *) = {
	[PART_FREQ] = read_freq,		   [PART_INTERVAL] = read_interval,
	[PART_RSCALE] = read_rscale,	   [PART_SKIP] = read_skip,
	[PART_BYMONTH] = read_bymonth,	   [PART_BYWEEKNO] = read_byweekno,
	[PART_BYYEARDAY] = read_byyearday, [PART_BYMONTHDAY] = read_bymonthday,
	[PART_BYDAY] = read_byday,		   [PART_BYHOUR] = read_byhour,
	[PART_BYMINUTE] = read_byminute,   [PART_BYSECOND] = read_bysecond,
	[PART_BYSETPOS] = read_bysetpos,   [PART_WKST] = read_wkst,
	[PART_COUNT] = read_count,		   [PART_UNTIL] = read_until,
	[PART_UNITS] = read_units,
};

/* Read one part, NAME=value. */
static bool
read_part(const char *text, size_t length, Recurrence *rule, RecurrenceError *error)
{
	const char *equals = memchr(text, '=', length);
	size_t name = equals == NULL ? length : (size_t) (equals - text);
	int part = find_word(text, name, recurrence_part_names, RECURRENCE_PARTS);
	Reader in = { text + name + 1, text + length, rule, error };
	bool good;

	if (part < 0 || equals == NULL)
		return fault(error, RECURRENCE_SYNTAX, text, length,
					 "A part is NAME=value, with a name of RFC 5545 or UNITS.");
	if (recurrence_has(rule, (RecurrencePart) part))
		return fault(error, RECURRENCE_SYNTAX, text, length, "A part can be given only once.");
	rule->parts |= 1u << part;
	good = readers[part](&in);
	if (!good)
	{
		error->text = text;
		error->length = length;
	}
	return good;
}

/* Read parts with semicolons between them. */
static bool
read_parts(const char *text, size_t length, Recurrence *rule, RecurrenceError *error)
{
	const char *end = text + length;

	for (;;)
	{
		const char *semicolon = memchr(text, ';', (size_t) (end - text));
		const char *until = semicolon == NULL ? end : semicolon;

		if (!read_part(text, (size_t) (until - text), rule, error))
			return false;
		if (semicolon == NULL)
			return true;
		text = semicolon + 1;
	}
}

/*
 * What goes with what
 */

/* Parts that the RFC excludes, or that only make sense together. */
typedef struct Conflict
{
	bool found;
	const char *reason;
} Conflict;

/* Whether any BYDAY has an ordinal. */
static bool
has_numbered_days(const Recurrence *rule)
{
	uint64_t any = 0;

	for (int i = 0; i < 7; i++)
		any |= rule->nth[i].forward | rule->nth[i].backward;
	return any != 0;
}

/* Whether there is a part that BYSETPOS can choose from. */
static bool
has_list(const Recurrence *rule)
{
	for (int part = PART_BYMONTH; part <= PART_BYSECOND; part++)
		if (recurrence_has(rule, (RecurrencePart) part))
			return true;
	return false;
}

/* Check a rule that is to be as RFC 5545 says. */
static bool
check_conflicts(const Recurrence *rule, RecurrenceError *error)
{
	Frequency frequency = rule->frequency;
	bool numbered = has_numbered_days(rule);
	const Conflict conflicts[] = {
		{ recurrence_has(rule, PART_COUNT) && recurrence_has(rule, PART_UNTIL),
		  "COUNT and UNTIL exclude each other." },
		{ recurrence_has(rule, PART_BYWEEKNO) && frequency != FREQUENCY_YEARLY,
		  "BYWEEKNO needs FREQ=YEARLY." },
		{ recurrence_has(rule, PART_BYYEARDAY) &&
			  (frequency == FREQUENCY_DAILY || frequency == FREQUENCY_WEEKLY ||
			   frequency == FREQUENCY_MONTHLY),
		  "BYYEARDAY does not go with FREQ=DAILY, WEEKLY or MONTHLY." },
		{ recurrence_has(rule, PART_BYMONTHDAY) && frequency == FREQUENCY_WEEKLY,
		  "BYMONTHDAY does not go with FREQ=WEEKLY." },
		{ numbered && frequency != FREQUENCY_MONTHLY && frequency != FREQUENCY_YEARLY,
		  "A number in BYDAY needs FREQ=MONTHLY or YEARLY." },
		{ numbered && recurrence_has(rule, PART_BYWEEKNO),
		  "A number in BYDAY does not go with BYWEEKNO." },
		{ recurrence_has(rule, PART_BYSETPOS) && !has_list(rule),
		  "BYSETPOS needs another part that begins with BY." },
		{ recurrence_has(rule, PART_SKIP) && !recurrence_has(rule, PART_RSCALE),
		  "SKIP needs RSCALE." },
		{ (rule->leap_months != 0 || (rule->months & 1u << 13) != 0) && rule->rscale == 0,
		  "Month 13 and leap months need another calendar by RSCALE." },
	};

	for (size_t i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++)
		if (conflicts[i].found)
			return fault(error, RECURRENCE_CONFLICT, NULL, 0, conflicts[i].reason);
	return true;
}

/* Forget parts that say their default. */
static void
forget_defaults(Recurrence *rule)
{
	uint32_t said = 0;

	said |= (uint32_t) (rule->interval == 1) << PART_INTERVAL;
	said |= (uint32_t) (rule->units == 1) << PART_UNITS;
	said |= (uint32_t) (rule->week_start == 0) << PART_WKST;
	said |= (uint32_t) (rule->skip == SKIP_OMIT) << PART_SKIP;
	said |= (uint32_t) (rule->rscale == 0 && rule->skip == SKIP_OMIT) << PART_RSCALE;
	rule->parts &= ~said;
}

/* Whether a calendar of RSCALE counts years in cycles of 60, with leap months anywhere. */
static bool
is_lunisolar_cycle(const Recurrence *rule)
{
	return strcmp(recurrence_rscales[rule->rscale], "CHINESE") == 0 ||
		   strcmp(recurrence_rscales[rule->rscale], "DANGI") == 0;
}

/* Whether every month of a cyclic calendar has the days that are asked for. */
static bool
days_are_common(const Recurrence *rule)
{
	return (rule->month_days.forward[0] >> 30 | rule->month_days.backward[0] >> 30) == 0;
}

/*
 * Refuse what libical cannot be trusted with.  In the other calendars it
 * searches for the next match without an end and cannot be interrupted, so
 * only rules that match soon are let through.
 */
static bool
check_rscale(const Recurrence *rule, RecurrenceError *error)
{
	const char *reason = NULL;

	if (!recurrence_needs_rscale(rule))
		return true;
	if (rule->frequency != FREQUENCY_YEARLY && rule->frequency != FREQUENCY_MONTHLY)
		reason = "RSCALE is expanded for FREQ=YEARLY and MONTHLY.";
	else if (recurrence_has(rule, PART_BYDAY) || recurrence_has(rule, PART_BYWEEKNO) ||
			 recurrence_has(rule, PART_BYYEARDAY) || recurrence_has(rule, PART_BYSETPOS))
		reason = "With RSCALE, BYDAY, BYWEEKNO, BYYEARDAY and BYSETPOS are not expanded.";
	else if (rule->interval > 1000)
		reason = "With RSCALE, INTERVAL is at most 1000.";
	else if (__builtin_popcountll(rule->month_days.forward[0]) +
				 __builtin_popcountll(rule->month_days.backward[0]) >
			 RSCALE_MAX_MONTH_DAYS)
		reason = "With RSCALE, BYMONTHDAY has at most 30 days.";
	else if (rule->frequency == FREQUENCY_YEARLY && recurrence_has(rule, PART_BYMONTHDAY) &&
			 !recurrence_has(rule, PART_BYMONTH))
		reason = "With RSCALE and FREQ=YEARLY, BYMONTHDAY needs BYMONTH.";
	else if (is_lunisolar_cycle(rule) && rule->skip == SKIP_OMIT &&
			 (rule->leap_months != 0 || !days_are_common(rule)))
		reason = "In this calendar, leap months and the 30th day need SKIP=BACKWARD or FORWARD.";
	return reason == NULL || fault(error, RECURRENCE_UNSUPPORTED, NULL, 0, reason);
}

/* Check what has been read as a whole, and make it canonical. */
static bool
finish_rule(Recurrence *rule, RecurrenceError *error)
{
	bool as_needed = rule->frequency == FREQUENCY_AS_NEEDED;

	if (!recurrence_has(rule, PART_FREQ))
		return fault(error, RECURRENCE_SYNTAX, NULL, 0, "FREQ is missing.");
	if (as_needed && (rule->parts & ~(1u << PART_FREQ | 1u << PART_UNITS)) != 0)
		return fault(error, RECURRENCE_CONFLICT, NULL, 0, "AS-NEEDED goes only with UNITS.");
	if (!check_conflicts(rule, error))
		return false;
	forget_defaults(rule);
	return check_rscale(rule, error);
}

/*
 * Read the code of a prescription or the word AS-NEEDED that a text begins
 * with; how many characters it has, 0 if there is none.
 */
static size_t
read_code(const char *text, size_t length, Recurrence *rule)
{
	const char *semicolon = memchr(text, ';', length);
	size_t word = semicolon == NULL ? length : (size_t) (semicolon - text);
	const char *meaning = NULL;
	RecurrenceError none = { .fault = RECURRENCE_OK };

	if (is_word(text, word, "AS-NEEDED"))
		meaning = "AS-NEEDED";
	for (size_t i = 0; i < sizeof(sig_codes) / sizeof(sig_codes[0]); i++)
		if (is_word(text, word, sig_codes[i].code))
			meaning = sig_codes[i].rule;
	if (meaning == NULL)
		return 0;
	if (strcmp(meaning, "AS-NEEDED") == 0)
		rule->parts |= 1u << PART_FREQ;
	else
		read_parts(meaning, strlen(meaning), rule, &none);
	return word;
}

/* Whether a character is white space. */
static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Read a rule or a code; on a fault, error says which piece of the text is wrong and why. */
bool
recurrence_parse(const char *text, size_t length, Recurrence *rule, RecurrenceError *error)
{
	size_t code;

	*rule = (Recurrence){ .interval = 1, .units = 1 };
	*error = (RecurrenceError){ .fault = RECURRENCE_OK };
	while (length > 0 && is_space(text[0]))
	{
		text++;
		length--;
	}
	while (length > 0 && is_space(text[length - 1]))
		length--;
	if (length > RECURRENCE_MAX_TEXT)
		return fault(error, RECURRENCE_SYNTAX, text, 40, "A rule has at most 8192 characters.");
	if (length > 6 && strncasecmp(text, "RRULE:", 6) == 0)
	{
		text += 6;
		length -= 6;
	}
	code = read_code(text, length, rule);
	if (code > 0 && code == length)
		return finish_rule(rule, error);
	if (code > 0)
		code++; /* the semicolon */
	return read_parts(text + code, length - code, rule, error) && finish_rule(rule, error);
}

/*
 * Writing
 */

/* A list being written: a comma goes before every element but the first. */
typedef struct Writer
{
	const TextSink *sink;
	bool started;
} Writer;

/* Write a string. */
static void
put(const TextSink *sink, const char *text)
{
	sink->put(sink->target, text, strlen(text));
}

/* Write a number with what surrounds it; a number of 0 is left out. */
static void
put_element(Writer *out, int number, const char *suffix)
{
	char text[24];

	snprintf(text, sizeof(text), "%s%d", out->started ? "," : "", number);
	if (number == 0 && *suffix != '\0')
		snprintf(text, sizeof(text), "%s", out->started ? "," : "");
	put(out->sink, text);
	put(out->sink, suffix);
	out->started = true;
}

/* Write the numbers of the bits that are set. */
static void
put_bits(Writer *out, uint64_t bits)
{
	for (int n = 0; n < 64; n++)
		if (bit_is_set(bits, n))
			put_element(out, n, "");
}

/* Ordinals from the start, then those from the end, both in order of time. */
static void
put_ordinals(Writer *out, const SignedSet *set)
{
	for (int n = 1; n <= RECURRENCE_MAX_YEAR_DAY; n++)
		if (bit_is_set(set->forward[n >> 6], n & 63))
			put_element(out, n, "");
	for (int n = RECURRENCE_MAX_YEAR_DAY; n >= 1; n--)
		if (bit_is_set(set->backward[n >> 6], n & 63))
			put_element(out, -n, "");
}

/* Months, each before its leap month. */
static void
put_months(Writer *out, const Recurrence *rule)
{
	for (int n = 1; n <= 13; n++)
	{
		if (bit_is_set(rule->months, n))
			put_element(out, n, "");
		if (bit_is_set(rule->leap_months, n))
			put_element(out, n, "L");
	}
}

/* Weekdays: those without a number, then the first of each, the second, ... the last. */
static void
put_weekdays(Writer *out, const Recurrence *rule)
{
	for (int day = 0; day < 7; day++)
		if (bit_is_set(rule->weekdays, day))
			put_element(out, 0, recurrence_weekday_names[day]);
	for (int n = 1; n <= 53; n++)
		for (int day = 0; day < 7; day++)
			if (bit_is_set(rule->nth[day].forward, n))
				put_element(out, n, recurrence_weekday_names[day]);
	for (int n = 53; n >= 1; n--)
		for (int day = 0; day < 7; day++)
			if (bit_is_set(rule->nth[day].backward, n))
				put_element(out, -n, recurrence_weekday_names[day]);
}

/* Write the end of a rule. */
static void
put_until(const TextSink *sink, const Recurrence *rule)
{
	int64_t day = floor_div(rule->until, SECONDS_A_DAY);
	int second = (int) (rule->until - day * SECONDS_A_DAY);
	char text[48];
	int year;
	int month;
	int day_of_month;

	day_to_civil((int32_t) day, &year, &month, &day_of_month);
	snprintf(text, sizeof(text), "%04d%02d%02d", year, month, day_of_month);
	put(sink, text);
	if (rule->until_is_day)
		return;
	snprintf(text, sizeof(text), "T%02d%02d%02d", second / 3600, second / 60 % 60, second % 60);
	put(sink, text);
}

/* Write the value of a part that is a list. */
static void
put_list(Writer *out, const Recurrence *rule, RecurrencePart part)
{
	if (part == PART_BYMONTH)
		put_months(out, rule);
	else if (part == PART_BYWEEKNO)
		put_ordinals(out, &rule->weeks);
	else if (part == PART_BYYEARDAY)
		put_ordinals(out, &rule->year_days);
	else if (part == PART_BYMONTHDAY)
		put_ordinals(out, &rule->month_days);
	else if (part == PART_BYDAY)
		put_weekdays(out, rule);
	else if (part == PART_BYHOUR)
		put_bits(out, rule->hours);
	else if (part == PART_BYMINUTE)
		put_bits(out, rule->minutes);
	else if (part == PART_BYSECOND)
		put_bits(out, rule->seconds);
	else
		put_ordinals(out, &rule->positions);
}

/* Write the value of a part. */
static void
put_value(const TextSink *sink, const Recurrence *rule, RecurrencePart part)
{
	Writer out = { sink, false };

	if (part >= PART_BYMONTH && part <= PART_BYSETPOS)
		put_list(&out, rule, part);
	else if (part == PART_FREQ)
		put(sink, recurrence_frequency_names[rule->frequency]);
	else if (part == PART_RSCALE)
		put(sink, recurrence_rscales[rule->rscale]);
	else if (part == PART_SKIP)
		put(sink, skip_names[rule->skip]);
	else if (part == PART_WKST)
		put(sink, recurrence_weekday_names[rule->week_start]);
	else if (part == PART_UNTIL)
		put_until(sink, rule);
	else
		put_element(&out,
					part == PART_INTERVAL ? rule->interval
					: part == PART_COUNT  ? rule->count
										  : rule->units,
					"");
}

/* Write one part of a rule. */
void
recurrence_format_part(const Recurrence *rule, RecurrencePart part, const TextSink *sink)
{
	if (part != PART_FREQ || rule->frequency != FREQUENCY_AS_NEEDED)
	{
		put(sink, recurrence_part_names[part]);
		put(sink, "=");
	}
	put_value(sink, rule, part);
}

/* Write a rule in its canonical form. */
void
recurrence_format(const Recurrence *rule, const TextSink *sink)
{
	for (int part = PART_FREQ; part < RECURRENCE_PARTS; part++)
		if (recurrence_has(rule, (RecurrencePart) part))
		{
			if (part != PART_FREQ)
				put(sink, ";");
			recurrence_format_part(rule, (RecurrencePart) part, sink);
		}
}
