/*
 * Recurrence rules against two other implementations.  libical's answers are
 * wanted wherever it is right by RFC 5545; what is left out of a comparison is
 * said where the rules for it are made.  python-dateutil's are wanted
 * everywhere else, by schedule_dateutil.py; without it that test is skipped.
 */
#include "schedule/phrase.h"
#include "schedule/recurrence.h"

#include <libical/ical.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

/* Rules of a random comparison, and occurrences of a rule that are compared. */
#define RULES 2000
#define DATEUTIL_RULES 800
#define MOST_TIMES 60

/* Years that a comparison looks ahead. */
#define YEARS 12

static const char *const weekdays[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

/* A text being written. */
typedef struct Text
{
	char text[RECURRENCE_MAX_TEXT];
	size_t length;
} Text;

/* Append to a text; the put function of its sink. */
static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	if (length >= sizeof(to->text) - to->length)
		abort();
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Append to a text as printf does. */
static void __attribute__((format(printf, 2, 3))) say(Text *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	to->length +=
		(size_t) vsnprintf(to->text + to->length, sizeof(to->text) - to->length, format, args);
	va_end(args);
}

/* A text as a rule; the text must be one. */
static Recurrence
rule_of(const char *text)
{
	Recurrence rule;
	RecurrenceError error;

	if (!recurrence_parse(text, strlen(text), &rule, &error))
	{
		check(false, "\"%s\" is refused: %s", text, error.reason);
		recurrence_parse("AS-NEEDED", 9, &rule, &error);
	}
	return rule;
}

/* A local time as text, good until the next 8 calls. */
static const char *
time_text(int64_t local)
{
	static char texts[8][32];
	static int next;
	char *text = texts[next++ % 8];
	int64_t day = floor_div(local, SECONDS_A_DAY);
	int second = (int) (local - day * SECONDS_A_DAY);
	int year;
	int month;
	int day_of_month;

	day_to_civil((int32_t) day, &year, &month, &day_of_month);
	snprintf(text, sizeof(texts[0]), "%04d%02d%02dT%02d%02d%02d", year, month, day_of_month,
			 second / 3600, second / 60 % 60, second % 60);
	return text;
}

/* The time that a text says. */
static int64_t
time_of(const char *text)
{
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;

	if (sscanf(text, "%4d%2d%2dT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second) != 6)
		abort();
	return civil_to_day(year, month, day) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
}

/* How many times fewer cases are tried: valgrind is slow. */
static int
slowness(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL ? 50 : 1;
}

/*
 * Text
 */

/* Write a rule in its canonical form. */
static void
make_canonical(Text *text)
{
	Recurrence rule = rule_of(text->text);
	TextSink sink = { put, text };

	text->length = 0;
	recurrence_format(&rule, &sink);
}

/* Inputs and how they come out. */
static void
test_text(void)
{
	static const char *const pairs[][2] = {
		{ "freq=daily", "FREQ=DAILY" },
		{ " RRULE:BYHOUR=20,8,08;FREQ=DAILY;BYMINUTE=0 ", "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0" },
		{ "UNITS=2;COUNT=3;WKST=SU;BYSETPOS=-1,1;BYSECOND=5;BYMINUTE=4;BYHOUR=3;BYDAY=-1SU,MO,1FR;"
		  "BYMONTHDAY=-1,+2;BYMONTH=12,1;INTERVAL=2;FREQ=MONTHLY",
		  "FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,12;BYMONTHDAY=2,-1;BYDAY=MO,1FR,-1SU;BYHOUR=3;"
		  "BYMINUTE=4;BYSECOND=5;BYSETPOS=1,-1;WKST=SU;COUNT=3;UNITS=2" },
		{ "FREQ=YEARLY;BYYEARDAY=366,-366,1;BYWEEKNO=53,-53",
		  "FREQ=YEARLY;BYWEEKNO=53,-53;BYYEARDAY=1,366,-366" },
		{ "FREQ=DAILY;INTERVAL=1;UNITS=1;WKST=MO", "FREQ=DAILY" },
		{ "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT", "FREQ=YEARLY" },
		{ "RSCALE=hebrew;FREQ=YEARLY;BYMONTH=5l,5;BYMONTHDAY=8;SKIP=FORWARD",
		  "FREQ=YEARLY;RSCALE=HEBREW;SKIP=FORWARD;BYMONTH=5,5L;BYMONTHDAY=8" },
		{ "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=31",
		  "FREQ=MONTHLY;RSCALE=GREGORIAN;SKIP=BACKWARD;BYMONTHDAY=31" },
		{ "FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231" },
		{ "FREQ=DAILY;UNTIL=20261231t200000", "FREQ=DAILY;UNTIL=20261231T200000" },
		{ "qd", "FREQ=DAILY" },
		{ "Bid", "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0" },
		{ "TID", "FREQ=DAILY;BYHOUR=8,14,20;BYMINUTE=0" },
		{ "qid", "FREQ=DAILY;BYHOUR=8,12,16,20;BYMINUTE=0" },
		{ "Q4H", "FREQ=DAILY;BYHOUR=0,4,8,12,16,20;BYMINUTE=0" },
		{ "Q6H", "FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0" },
		{ "Q8H", "FREQ=DAILY;BYHOUR=0,8,16;BYMINUTE=0" },
		{ "Q12H", "FREQ=DAILY;BYHOUR=0,12;BYMINUTE=0" },
		{ "QAM", "FREQ=DAILY;BYHOUR=8;BYMINUTE=0" },
		{ "QHS", "FREQ=DAILY;BYHOUR=22;BYMINUTE=0" },
		{ "qod", "FREQ=DAILY;INTERVAL=2" },
		{ "weekly", "FREQ=WEEKLY" },
		{ "prn", "AS-NEEDED" },
		{ "as-needed;units=2", "AS-NEEDED;UNITS=2" },
		{ "BID;UNITS=2;COUNT=10", "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;COUNT=10;UNITS=2" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
	{
		Text text = { .length = 0 };

		say(&text, "%s", pairs[i][0]);
		make_canonical(&text);
		check(strcmp(text.text, pairs[i][1]) == 0, "\"%s\" came out as \"%s\"", pairs[i][0],
			  text.text);
	}
	end_test("text: canonical forms and codes");
}

/* Texts that are no rules. */
static void
test_faults(void)
{
	static const struct
	{
		const char *text;
		RecurrenceFault fault;
		const char *at; /* the piece that is named */
	} cases[] = {
		{ "", RECURRENCE_SYNTAX, "" },
		{ "nonsense", RECURRENCE_SYNTAX, "nonsense" },
		{ "FREQ=", RECURRENCE_SYNTAX, "FREQ=" },
		{ "FREQ=DAYLY", RECURRENCE_SYNTAX, "FREQ=DAYLY" },
		{ "FREQ=AS-NEEDED", RECURRENCE_SYNTAX, "FREQ=AS-NEEDED" },
		{ "FREQ=DAILY;", RECURRENCE_SYNTAX, "" },
		{ "FREQ=DAILY;;COUNT=1", RECURRENCE_SYNTAX, "" },
		{ "FREQ=DAILY;FREQ=DAILY", RECURRENCE_SYNTAX, "FREQ=DAILY" },
		{ "BID;BYHOUR=9", RECURRENCE_SYNTAX, "BYHOUR=9" },
		{ "COUNT=1", RECURRENCE_SYNTAX, NULL },
		{ "FREQ=DAILY;X-FOO=1", RECURRENCE_SYNTAX, "X-FOO=1" },
		{ "FREQ=DAILY;BYHOUR", RECURRENCE_SYNTAX, "BYHOUR" },
		{ "FREQ=DAILY;BYHOUR=", RECURRENCE_SYNTAX, "BYHOUR=" },
		{ "FREQ=DAILY;BYHOUR=8,", RECURRENCE_SYNTAX, "BYHOUR=8," },
		{ "FREQ=DAILY;BYHOUR=8 ,9", RECURRENCE_SYNTAX, "BYHOUR=8 ,9" },
		{ "FREQ=DAILY;BYHOUR=-1", RECURRENCE_SYNTAX, "BYHOUR=-1" },
		{ "FREQ=DAILY;BYHOUR=24", RECURRENCE_VALUE, "BYHOUR=24" },
		{ "FREQ=DAILY;BYHOUR=4294967296", RECURRENCE_VALUE, "BYHOUR=4294967296" },
		{ "FREQ=DAILY;BYHOUR=18446744073709551616", RECURRENCE_VALUE,
		  "BYHOUR=18446744073709551616" },
		{ "FREQ=DAILY;BYMINUTE=60", RECURRENCE_VALUE, "BYMINUTE=60" },
		{ "FREQ=DAILY;BYSECOND=61", RECURRENCE_VALUE, "BYSECOND=61" },
		{ "FREQ=DAILY;INTERVAL=0", RECURRENCE_VALUE, "INTERVAL=0" },
		{ "FREQ=DAILY;INTERVAL=2147483648", RECURRENCE_VALUE, "INTERVAL=2147483648" },
		{ "FREQ=DAILY;COUNT=0", RECURRENCE_VALUE, "COUNT=0" },
		{ "FREQ=DAILY;COUNT=1,2", RECURRENCE_SYNTAX, "COUNT=1,2" },
		{ "FREQ=DAILY;UNITS=100", RECURRENCE_VALUE, "UNITS=100" },
		{ "FREQ=MONTHLY;BYMONTHDAY=32", RECURRENCE_VALUE, "BYMONTHDAY=32" },
		{ "FREQ=MONTHLY;BYMONTHDAY=0", RECURRENCE_VALUE, "BYMONTHDAY=0" },
		{ "FREQ=MONTHLY;BYDAY=0MO", RECURRENCE_VALUE, "BYDAY=0MO" },
		{ "FREQ=MONTHLY;BYDAY=54MO", RECURRENCE_VALUE, "BYDAY=54MO" },
		{ "FREQ=MONTHLY;BYDAY=-MO", RECURRENCE_SYNTAX, "BYDAY=-MO" },
		{ "FREQ=MONTHLY;BYDAY=M", RECURRENCE_SYNTAX, "BYDAY=M" },
		{ "FREQ=MONTHLY;BYDAY=MOO", RECURRENCE_SYNTAX, "BYDAY=MOO" },
		{ "FREQ=YEARLY;BYMONTH=14", RECURRENCE_VALUE, "BYMONTH=14" },
		{ "FREQ=YEARLY;BYMONTH=13", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=YEARLY;BYMONTH=5L", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=YEARLY;BYYEARDAY=367", RECURRENCE_VALUE, "BYYEARDAY=367" },
		{ "FREQ=YEARLY;BYWEEKNO=54", RECURRENCE_VALUE, "BYWEEKNO=54" },
		{ "FREQ=DAILY;WKST=XX", RECURRENCE_SYNTAX, "WKST=XX" },
		{ "FREQ=DAILY;UNTIL=2026-01-01", RECURRENCE_SYNTAX, "UNTIL=2026-01-01" },
		{ "FREQ=DAILY;UNTIL=20260230", RECURRENCE_VALUE, "UNTIL=20260230" },
		{ "FREQ=DAILY;UNTIL=00000101", RECURRENCE_VALUE, "UNTIL=00000101" },
		{ "FREQ=DAILY;UNTIL=20260101T250000", RECURRENCE_VALUE, "UNTIL=20260101T250000" },
		{ "FREQ=DAILY;UNTIL=20260101T0000", RECURRENCE_SYNTAX, "UNTIL=20260101T0000" },
		{ "FREQ=DAILY;UNTIL=20260101T000000Z", RECURRENCE_UTC, "UNTIL=20260101T000000Z" },
		{ "FREQ=SECONDLY", RECURRENCE_UNSUPPORTED, "FREQ=SECONDLY" },
		{ "FREQ=YEARLY;RSCALE=KLINGON", RECURRENCE_UNSUPPORTED, "RSCALE=KLINGON" },
		{ "FREQ=DAILY;COUNT=1;UNTIL=20260101", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=DAILY;BYSETPOS=1", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=MONTHLY;BYWEEKNO=1", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=DAILY;BYYEARDAY=1", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=WEEKLY;BYMONTHDAY=1", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=WEEKLY;BYDAY=1MO", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=YEARLY;SKIP=FORWARD", RECURRENCE_CONFLICT, NULL },
		{ "AS-NEEDED;COUNT=1", RECURRENCE_CONFLICT, NULL },
		{ "FREQ=DAILY;RSCALE=HEBREW", RECURRENCE_UNSUPPORTED, NULL },
		{ "FREQ=YEARLY;RSCALE=HEBREW;BYDAY=MO", RECURRENCE_UNSUPPORTED, NULL },
		{ "FREQ=YEARLY;RSCALE=CHINESE;BYMONTH=12L;BYMONTHDAY=1", RECURRENCE_UNSUPPORTED, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *text = cases[i].text;
		Recurrence rule;
		RecurrenceError error;
		bool read = recurrence_parse(text, strlen(text), &rule, &error);

		check(!read && error.fault == cases[i].fault, "\"%s\" has fault %d", text, error.fault);
		if (!read && cases[i].at == NULL)
			check(error.text == NULL, "\"%s\": a piece is named", text);
		else if (!read)
			check(error.text != NULL && error.length == strlen(cases[i].at) &&
					  strncmp(error.text, cases[i].at, error.length) == 0,
				  "\"%s\" names \"%.*s\"", text, (int) error.length, error.text);
	}
	end_test("text: faults and the parts they name");
}

/*
 * Random rules
 */

/* Add a list of random numbers; with a sign, some count from the end. */
static void
say_list(Text *rule, const char *name, int least, int most, int length, bool with_sign)
{
	int n = (int) between(1, length);

	say(rule, ";%s=", name);
	for (int i = 0; i < n; i++)
		say(rule, "%s%s%d", i > 0 ? "," : "", with_sign && percent(30) ? "-" : "",
			(int) between(least, most));
}

/* Add weekdays, with ordinals up to a number unless that is 0. */
static void
say_weekdays(Text *rule, int ordinals)
{
	int n = (int) between(1, 3);

	say(rule, ";BYDAY=");
	for (int i = 0; i < n; i++)
	{
		say(rule, "%s", i > 0 ? "," : "");
		if (ordinals > 0)
			say(rule, "%d", (int) between(1, ordinals) * (percent(40) ? -1 : 1));
		say(rule, "%s", weekdays[between(0, 6)]);
	}
}

/* Add times of day, and how the rule ends. */
static void
say_rest(Text *rule, int64_t start)
{
	if (percent(40))
		say_list(rule, "BYHOUR", 0, 23, 3, false);
	if (percent(40))
		say_list(rule, "BYMINUTE", 0, 59, 3, false);
	if (percent(30))
		say(rule, ";WKST=%s", weekdays[between(0, 6)]);
	if (percent(20))
		say(rule, ";COUNT=%d", (int) between(1, 50));
	else if (percent(20))
		say(rule, ";UNTIL=%s", time_text(start + between(0, 1000) * 43200));
}

/* A daily or weekly rule. */
static void
random_short_rule(Text *rule, int64_t start)
{
	*rule = (Text){ .length = 0 };
	say(rule, "FREQ=%s", percent(50) ? "DAILY" : "WEEKLY");
	if (percent(60))
		say(rule, ";INTERVAL=%d", (int) between(1, 9));
	if (percent(50))
		say_weekdays(rule, 0);
	say_rest(rule, start);
}

/* Parts of a monthly or yearly rule. */
static void
say_long_parts(Text *rule, bool yearly)
{
	bool months = percent(40);

	if (months)
		say_list(rule, "BYMONTH", 1, 12, 3, false);
	if (percent(40) && (months || !yearly))
		say_list(rule, "BYMONTHDAY", 1, 31, 4, true);
	else if (percent(60))
		say_weekdays(rule, percent(50) ? 0 : yearly && !months ? 53 : 5);
	else if (yearly && !months && percent(50))
		say_list(rule, "BYYEARDAY", 1, 366, 4, true);
}

/* A monthly or yearly rule of parts that libical expands as the RFC says. */
static void
random_long_rule(Text *rule, int64_t start)
{
	bool yearly = percent(50);

	*rule = (Text){ .length = 0 };
	say(rule, "FREQ=%s", yearly ? "YEARLY" : "MONTHLY");
	if (percent(60))
		say(rule, ";INTERVAL=%d", (int) between(1, 5));
	say_long_parts(rule, yearly);
	say_rest(rule, start);
}

/* A random start in the years 2000 to 2019. */
static int64_t
random_start(void)
{
	int64_t start = between(0, 20 * 365 - 1) * SECONDS_A_DAY;

	return start + (percent(50) ? between(0, 86399) : between(0, 23) * 3600);
}

/*
 * libical
 */

/* libical's occurrences of a rule, sorted, each once. */
static int
libical_times(const char *text, int64_t start, int64_t until, int64_t *times)
{
	struct icalrecurrencetype rule = icalrecurrencetype_from_string(text);
	icalrecur_iterator *iterator =
		icalrecur_iterator_new(rule, icaltime_from_string(time_text(start)));
	int n = 0;

	while (iterator != NULL && n < MOST_TIMES)
	{
		struct icaltimetype at = icalrecur_iterator_next(iterator);
		int64_t local;

		if (icaltime_is_null_time(at))
			break;
		local = civil_to_day(at.year, at.month, at.day) * SECONDS_A_DAY + at.hour * 3600 +
				at.minute * 60 + at.second;
		if (local > until)
			break;
		times[n++] = local;
	}
	if (iterator != NULL)
		icalrecur_iterator_free(iterator);
	icalerror_clear_errno();
	return n;
}

/* Our occurrences of a rule. */
static int
our_times(const char *text, int64_t start, int64_t from, int64_t until, int64_t *times)
{
	Recurrence rule = rule_of(text);
	RecurrenceScan scan;
	int n = 0;

	recurrence_scan_init(&scan, &rule, start, from, until);
	while (n < MOST_TIMES && recurrence_next(&scan, &times[n]))
		n++;
	return n;
}

/* Compare two lists of times. */
static void
check_times(const char *text, int64_t start, const int64_t *got, int ngot, const int64_t *wanted,
			int nwanted)
{
	int same = 0;

	while (same < ngot && same < nwanted && got[same] == wanted[same])
		same++;
	check(same == ngot && same == nwanted, "%s from %s: the %d-th of %d is %s, wanted %s of %d",
		  text, time_text(start), same + 1, ngot, same < ngot ? time_text(got[same]) : "not there",
		  same < nwanted ? time_text(wanted[same]) : "none", nwanted);
}

/*
 * Whether libical 3.0 is known to be wrong about a rule: every so many weeks,
 * where all of BYDAY comes before WKST in a week that starts on Sunday, it
 * takes these days for those of the week before.
 */
static bool
libical_is_wrong(const Recurrence *rule)
{
	uint32_t from_sunday = (rule->weekdays << 1 | rule->weekdays >> 6) & 127;

	return rule->frequency == FREQUENCY_WEEKLY && rule->interval > 1 && rule->weekdays != 0 &&
		   from_sunday >> (rule->week_start + 1) % 7 == 0;
}

/* Compare random rules with libical. */
static void
compare_with_libical(void (*make)(Text *, int64_t), const char *about)
{
	static int64_t got[MOST_TIMES];
	static int64_t wanted[MOST_TIMES];

	for (int i = 0; i < RULES / slowness(); i++)
	{
		int64_t start = random_start();
		int64_t until = start + YEARS * 366 * (int64_t) SECONDS_A_DAY;
		Text rule;
		Recurrence parsed;

		make(&rule, start);
		make_canonical(&rule); /* libical takes lists as sorted */
		parsed = rule_of(rule.text);
		if (libical_is_wrong(&parsed))
			continue;
		check_times(rule.text, start, got, our_times(rule.text, start, start, until, got), wanted,
					libical_times(rule.text, start, until, wanted));
	}
	end_test(about);
}

/* Rules of other calendars, with days from those calendars' own tables. */
static void
test_other_calendars(void)
{
	static const struct
	{
		const char *rule;
		const char *start;
		const char *times[4];
	} cases[] = {
		/* New Year: RFC 7529's example for the Chinese calendar; Rosh Hashanah; first of Ramadan (civil) */
		{ "RSCALE=CHINESE;FREQ=YEARLY",
		  "20130210T000000",
		  { "20130210T000000", "20140131T000000", "20150219T000000", "20160208T000000" } },
		{ "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1",
		  "20240101T120000",
		  { "20241003T120000", "20250923T120000", "20260912T120000", "20271002T120000" } },
		{ "RSCALE=ISLAMIC-UMALQURA;FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=1;BYHOUR=4;BYMINUTE=30",
		  "20230101T000000",
		  { "20230323T043000", "20240311T043000", "20250301T043000", "20260218T043000" } },
		/* RFC 7529's examples of SKIP: a leap day, the last days of months */
		{ "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD",
		  "20160229T000000",
		  { "20160229T000000", "20170301T000000", "20180301T000000", "20190301T000000" } },
		{ "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD",
		  "20160229T000000",
		  { "20160229T000000", "20170228T000000", "20180228T000000", "20190228T000000" } },
		{ "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4",
		  "20140131T000000",
		  { "20140131T000000", "20140228T000000", "20140331T000000", "20140430T000000" } },
		{ "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=1,31",
		  "20140131T000000",
		  { "20140131T000000", "20140201T000000", "20140301T000000", "20140331T000000" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Recurrence rule = rule_of(cases[i].rule);
		int64_t start = time_of(cases[i].start);
		RecurrenceScan scan;
		int64_t local;

		recurrence_scan_init(&scan, &rule, start, start,
							 start + 10 * 366 * (int64_t) SECONDS_A_DAY);
		scan.other = rscale_open(&rule, start);
		for (int n = 0; n < 4; n++)
		{
			bool found = recurrence_next(&scan, &local);

			check(found && strcmp(time_text(local), cases[i].times[n]) == 0,
				  "%s: got %s, wanted %s", cases[i].rule, found ? time_text(local) : "none",
				  cases[i].times[n]);
		}
		rscale_close(scan.other);
	}
	end_test("rules of other calendars");
}

/*
 * Walks
 */

/* Any rule of the shapes above, or of hours and minutes. */
static void
random_rule(Text *rule, int64_t start)
{
	if (percent(40))
		random_short_rule(rule, start);
	else if (percent(60))
		random_long_rule(rule, start);
	else
	{
		*rule = (Text){ .length = 0 };
		say(rule, "FREQ=%s;INTERVAL=%d", percent(50) ? "HOURLY" : "MINUTELY",
			(int) between(1, 400));
		if (percent(50))
			say_weekdays(rule, 0);
		say_rest(rule, start);
	}
	if (strstr(rule->text, ";BY") != NULL && percent(20))
		say_list(rule, "BYSETPOS", 1, 3, 2, true);
}

/* The occurrences of a walk from a later second on are those of the whole walk. */
static void
test_seeking(void)
{
	static int64_t whole[MOST_TIMES];
	static int64_t late[MOST_TIMES];

	for (int i = 0; i < RULES / slowness(); i++)
	{
		int64_t start = random_start();
		int64_t until = start + YEARS * 366 * (int64_t) SECONDS_A_DAY;
		Text rule;
		int n;
		int skipped;

		random_rule(&rule, start);
		n = our_times(rule.text, start, start, until, whole);
		if (n < 2)
			continue;
		skipped = (int) between(0, n - 1);
		check_times(rule.text, start, late,
					our_times(rule.text, start, whole[skipped], whole[n - 1], late),
					whole + skipped, n - skipped);
	}
	end_test("a walk that starts late finds the same occurrences");
}

/* Days with their numbers of occurrences are what the occurrences are. */
static void
test_days(void)
{
	static int64_t times[MOST_TIMES];

	for (int i = 0; i < RULES / slowness(); i++)
	{
		int64_t start = random_start();
		Text rule;
		RecurrenceScan scan;
		Recurrence parsed;
		int64_t day;
		int64_t found;
		int n;
		int at = 0;

		random_rule(&rule, start);
		n = our_times(rule.text, start, start, start + 3000 * (int64_t) SECONDS_A_DAY, times);
		if (n == 0)
			continue;
		parsed = rule_of(rule.text);
		recurrence_scan_init(&scan, &parsed, start, start, times[n - 1]);
		while (recurrence_next_day(&scan, &day, &found))
		{
			int64_t wanted = 0;

			for (; at < n && floor_div(times[at], SECONDS_A_DAY) == day; at++)
				wanted++;
			check(found == wanted, "%s from %s: %d on %s, wanted %d", rule.text, time_text(start),
				  (int) found, time_text(day * SECONDS_A_DAY), (int) wanted);
		}
		check(at == n, "%s from %s: %d of %d on days", rule.text, time_text(start), at, n);
	}
	end_test("days hold the occurrences");
}

/* Rules that never match come to an end. */
static void
test_never(void)
{
	static const char *const rules[] = {
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",	   "FREQ=YEARLY;INTERVAL=7;BYMONTH=4;BYMONTHDAY=31",
		"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31", "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
		"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",		   "FREQ=DAILY;BYMONTH=6;BYMONTHDAY=31",
		"FREQ=DAILY;INTERVAL=7;BYDAY=MO",		   "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=HOURLY;INTERVAL=24;BYHOUR=3",		   "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30",   "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
	{
		Recurrence rule = rule_of(rules[i]);
		RecurrenceScan scan;
		int64_t local = 0;

		recurrence_scan_init(&scan, &rule, 0, 0, 250000 * 365 * (int64_t) SECONDS_A_DAY);
		check(!recurrence_next(&scan, &local), "%s matches %s", rules[i], time_text(local));
	}
	end_test("rules that never match come to an end");
}

/*
 * Memory
 */

/* Failing calls, and walks given up half-way, leave nothing behind. */
static void
test_memory(void)
{
	static const char *const wrong[] = { "FREQ=DAILY;BYHOUR=99", "nonsense", "RSCALE=X;FREQ=YEARLY",
										 "FREQ=YEARLY;RSCALE=HEBREW;BYDAY=MO", "FREQ=SECONDLY" };
	Recurrence rule;
	Recurrence never = rule_of("FREQ=YEARLY;RSCALE=COPTIC;BYMONTH=2;BYMONTHDAY=31");
	Recurrence hebrew = rule_of("FREQ=YEARLY;RSCALE=HEBREW");
	RecurrenceError error;
	size_t before = 0;
	int64_t day;

	for (int i = 0; i < 100000 / slowness(); i++)
	{
		const char *text = wrong[i % 5];
		RscaleScan *scan;

		if (i == 100000 / slowness() / 10)
			before = mallinfo2().uordblks;
		check(!recurrence_parse(text, strlen(text), &rule, &error), "\"%s\" is read", text);
		if (i % 10 != 0)
			continue;
		scan = rscale_open(i % 20 == 0 ? &never : &hebrew, 0);
		check(scan != NULL && rscale_next(scan, &day) == (i % 20 != 0), "a walk goes wrong");
		rscale_close(scan);
	}
	check(mallinfo2().uordblks <= before + 1024, "%zu bytes have become %zu", before,
		  mallinfo2().uordblks);
	end_test("memory: 100,000 failing calls leave nothing behind");
}

/*
 * Phrases
 */

/* Patterns that ICU may be given with the kinds of values there are, and others. */
static void
test_phrases(void)
{
	static const bool number[] = { true };
	static const bool text[] = { false };
	static const bool text_number[] = { false, true };
	static const struct
	{
		const char *pattern;
		const bool *is_number;
		int n;
		bool good;
	} cases[] = {
		{ "as needed", NULL, 0, true },
		{ "{0}", text, 1, true },
		{ "{ 0 } l'heure, it''s", text, 1, true },
		{ "{0,select,a{x}other{{0}}}", text, 1, true },
		{ "{0,number}", number, 1, true },
		{ "{0,plural,=2{two}one{# day}other{# days}}", number, 1, true },
		{ "{0,plural,one{{0,selectordinal,one{#st}other{#th}}}other{}}", number, 1, true },
		{ "{0}, {1,plural,one{# unit}other{# units}}", text_number, 2, true },
		{ "{0}", number, 1, false },
		{ "{0,number}", text, 1, false },
		{ "{0,plural,other{#}}", text, 1, false },
		{ "{0,date}", number, 1, false },
		{ "{0,choice,0#x}", number, 1, false },
		{ "{0,number,integer}", number, 1, false },
		{ "{0,plural,one{{0}}other{#}}", number, 1, false },
		{ "{1}", text, 1, false },
		{ "{0}", text_number, 2, false },
		{ "x", text, 1, false },
		{ "{0", text, 1, false },
		{ "{0}}", text, 1, false },
		{ "'{0}'", text, 1, false },
		{ "{name}", text, 1, false },
		{ "{0,plural,{x}}", number, 1, false },
		{ "{0,plural,one}", number, 1, false },
		{ "{0,plural,other{{0,plural,other{{0,plural,other{{0,plural,other{{0,plural,other{{0,plural,other{"
		  "{0,plural,other{{0,plural,other{{0,plural,other{{0,plural,other{#}}}}}}}}}}}}}}}}}}}}",
		  number, 1, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(phrase_is_good(cases[i].pattern, cases[i].is_number, cases[i].n) == cases[i].good,
			  "\"%s\" is %s", cases[i].pattern, cases[i].good ? "refused" : "taken");
	end_test("phrases: patterns that fit their values");
}

/*
 * python-dateutil
 */

/* A rule of any kind that dateutil can be asked about; start is moved where that needs it. */
static void
random_dateutil_rule(Text *rule, int64_t *start)
{
	static const char *const names[] = { "YEARLY", "MONTHLY", "WEEKLY",
										 "DAILY",  "HOURLY",  "MINUTELY" };
	int kind = (int) between(0, 5);
	bool weeks = kind == 0 && percent(30);
	bool months = percent(30);

	*rule = (Text){ .length = 0 };
	say(rule, "FREQ=%s", names[kind]);
	if (percent(50))
		say(rule, ";INTERVAL=%d", (int) between(1, kind > 3 ? 90 : 6));
	if (months)
		say_list(rule, "BYMONTH", 1, 12, 4, false);
	if (weeks)
		say_list(rule, "BYWEEKNO", 1, 51, 4, true); /* dateutil forgets -53 of the next year */
	if (kind == 0 && !weeks && percent(30))
		say_list(rule, "BYYEARDAY", 1, 366, 6, true);
	if (kind < 2 && !weeks && percent(40))
		say_list(rule, "BYMONTHDAY", 1, 31, 6, true);
	if (weeks || percent(40)) /* BYWEEKNO alone is every day of the week to dateutil */
		say_weekdays(rule, kind > 1 || weeks || percent(50) ? 0 : kind == 0 && !months ? 53 : 5);
	say_rest(rule, *start);
	if (strstr(rule->text, ";BY") == NULL || percent(60))
		return;
	say_list(rule, "BYSETPOS", 1, 4, 2, true);
	if (kind == 2) /* dateutil chooses from a first week that begins at the start */
		*start = (floor_div(*start, SECONDS_A_DAY * 7) * 7 + 2 + (rule_of(rule->text).week_start)) *
				 SECONDS_A_DAY;
}

/* Write random rules to the oracle's input. */
static void
write_questions(const char *path, Text *rules, int64_t *starts, int n)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		abort();
	for (int i = 0; i < n; i++)
	{
		starts[i] = random_start();
		random_dateutil_rule(&rules[i], &starts[i]);
		fprintf(file, "%s\t%s\t%s\n", rules[i].text, time_text(starts[i]),
				time_text(starts[i] + YEARS * 366 * (int64_t) SECONDS_A_DAY));
	}
	fclose(file);
}

/* Compare with one line of answers: the times, or a question mark. */
static void
check_answer(const char *line, const char *rule, int64_t start)
{
	static int64_t got[MOST_TIMES];
	static int64_t wanted[MOST_TIMES];
	int n = 0;

	if (line[0] == '?') /* took too long */
		return;
	for (; n < MOST_TIMES && strlen(line) > 15; line += 16)
		wanted[n++] = time_of(line);
	check_times(rule, start, got,
				our_times(rule, start, start, start + YEARS * 366 * (int64_t) SECONDS_A_DAY, got),
				wanted, n);
}

/* Compare random rules of all kinds with dateutil, if it is there. */
static void
test_dateutil(void)
{
	static Text rules[DATEUTIL_RULES];
	static int64_t starts[DATEUTIL_RULES];
	const char *folder = getenv("TMPDIR");
	char path[200];
	char command[400];
	char line[(MOST_TIMES + 1) * 16 + 2];
	FILE *answers;
	int file;
	int n = 0;

	snprintf(path, sizeof(path), "%s/coachiatry-rules-XXXXXX", folder != NULL ? folder : P_tmpdir);
	file = mkstemp(path);
	if (file < 0)
		abort();
	close(file);
	write_questions(path, rules, starts, DATEUTIL_RULES / slowness());
	snprintf(command, sizeof(command), "/usr/bin/python3 test/unit/schedule_dateutil.py %d < %s",
			 MOST_TIMES, path);
	answers = popen(command, "r");
	while (answers != NULL && fgets(line, sizeof(line), answers) != NULL)
	{
		check_answer(line, rules[n].text, starts[n]);
		n++;
	}
	if (answers == NULL || (pclose(answers) != 0 && n == 0))
		check(true, "python3-dateutil is not there");
	else
		check(n == DATEUTIL_RULES / slowness(), "dateutil answered %d questions", n);
	unlink(path);
	end_test(n == 0 ? "rules of all kinds are as dateutil's # SKIP no python3-dateutil"
					: "rules of all kinds are as dateutil's");
}

int
main(void)
{
	icalerror_set_errors_are_fatal(0);
	start_random();
	test_text();
	test_faults();
	test_phrases();
	test_never();
	test_seeking();
	test_days();
	test_other_calendars();
	compare_with_libical(random_short_rule, "daily and weekly rules are as libical's");
	compare_with_libical(random_long_rule, "monthly and yearly rules are as libical's");
	test_dateutil();
	test_memory();
	return end_tests();
}
