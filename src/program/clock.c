/*
 * The clock: the start of the transaction, or what a superuser has put into
 * the setting coachiatry.clock, so that tests and replays are exact.
 *
 * The setting is kept as text in UTC, whatever it was written as: a parallel
 * worker reads that text again before it knows the leader's time zone.  It is
 * parsed when it is set, which can be at the start of the server, where there
 * is no transaction and nothing may be looked up in a table; that is also why
 * the words that mean the present (now, today) are refused.
 */
#include "coachiatry.h"

#include <ctype.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "identity/identity.h"
#include "program/clock.h"

static char *clock_text;

/* The instant that clock_text says; NULL where it is empty. */
static const TimestampTz *clock_instant;

static bool check_clock(char **newval, void **extra, GucSource source);
static void assign_clock(const char *newval, void *extra);

/* Define the setting coachiatry.clock. */
void
clock_define_setting(void)
{
	DefineCustomStringVariable(
		"coachiatry.clock", "Sets the time that coachiatry.clock() tells.",
		"A timestamp with time zone, for tests and replays. Empty: the start of the transaction.",
		&clock_text, "", PGC_SUSET, 0, check_clock, assign_clock, NULL);
}

/* Whether a word of a timestamp means the present, which a fixed clock cannot tell. */
static bool
is_present(const char *word)
{
	return strcmp(word, "now") == 0 || strcmp(word, "today") == 0 ||
		   strcmp(word, "tomorrow") == 0 || strcmp(word, "yesterday") == 0;
}

/*
 * Whether a word looks like a time zone and is none.  Before version 16 the
 * server's parser raises an error for such a one, and that would end a
 * postmaster that reads its files again.
 */
static bool
is_unknown_zone(const char *word, int type)
{
	return type == DTK_DATE && !isdigit((unsigned char) *word) && pg_tzset(word) == NULL;
}

/* Read a finite timestamp without raising an error; false for another text. */
static bool
parse_instant(const char *text, TimestampTz *instant)
{
	char work[MAXDATELEN + MAXDATEFIELDS];
	char *field[MAXDATEFIELDS];
	int ftype[MAXDATEFIELDS];
	int nf;
	int dtype;
	int tz;
	struct pg_tm tm;
	fsec_t fsec;
	DateTimeErrorExtra extra;

	if (ParseDateTime(text, work, sizeof(work), field, ftype, MAXDATEFIELDS, &nf) != 0)
		return false;
	for (int i = 0; i < nf; i++)
		if (is_present(field[i]) || is_unknown_zone(field[i], ftype[i]))
			return false;
	if (DecodeDateTime(field, ftype, nf, &dtype, &tm, &fsec, &tz, &extra) != 0)
		return false;
	return dtype == DTK_DATE && tm2timestamp(&tm, fsec, &tz, instant) == 0;
}

/* The canonical text of an instant: ISO in UTC, which every date style and time zone reads alike. */
static bool
format_instant(TimestampTz instant, char text[MAXDATELEN + 1])
{
	struct pg_tm tm;
	fsec_t fsec;

	if (timestamp2tm(instant, NULL, &tm, &fsec, NULL, NULL) != 0)
		return false;
	tm.tm_isdst = 0;
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_ISO_DATES, text);
	return true;
}

/* Parse a new value and make it canonical. */
static bool
check_clock(char **newval, void **extra, GucSource source pg_attribute_unused())
{
	char text[MAXDATELEN + 1];
	TimestampTz instant;
	char *canonical;

	if (**newval == '\0')
		return true;
	if (!parse_instant(*newval, &instant) || !format_instant(instant, text))
	{
		GUC_check_errdetail("It must be a finite timestamp with time zone, and not relative to "
							"the present.");
		return false;
	}
	*extra = guc_malloc(LOG, sizeof(TimestampTz));
	canonical = guc_strdup(LOG, text);
	if (*extra == NULL || canonical == NULL)
		return false;
	memcpy(*extra, &instant, sizeof(instant));
	guc_free(*newval);
	*newval = canonical;
	return true;
}

static void
assign_clock(const char *newval pg_attribute_unused(), void *extra)
{
	clock_instant = extra;
	identity_forget_sight();
}

/* The time by the clock of the programs. */
TimestampTz
clock_now(void)
{
	return clock_instant != NULL ? *clock_instant : GetCurrentTransactionStartTimestamp();
}

PG_FUNCTION_INFO_V1(program_clock);

/* The time that the setting tells, else the start of the transaction. */
Datum
program_clock(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(clock_now());
}
