/*
 * A schedule in plain words.  The words are patterns in the table
 * coachiatry.schedule_phrase; ICU chooses plurals, writes lists, names of
 * weekdays and months, times and dates.
 *
 * All text is UTF-8 until the end.  What ICU opens is closed before anything
 * can raise an error.
 */
#include "schedule/schedule.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/guc.h"

#include <unicode/udat.h>
#include <unicode/ulistformatter.h>
#include <unicode/uloc.h>
#include <unicode/umsg.h>
#include <unicode/ustring.h>

#include "schedule/phrase.h"

/* Room for a description, in units of UTF-16. */
#define MAX_DESCRIPTION 16384

/* Locales of a chain: the one asked for, its parents, English. */
#define MAX_LOCALES 8

/* Most times of day that are listed one by one. */
#define MAX_LISTED_TIMES 24

/* Longest piece of a locale that a message quotes. */
#define MAX_QUOTED 64

/* Seconds from 1970 to the server's day 0. */
#define EPOCH_SECONDS ((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY)

/* A Monday and a January, as days, to name weekdays and months by. */
#define SOME_MONDAY 2
#define SOME_JANUARY 0

typedef struct Phrase
{
	char *key;
	char *pattern;
} Phrase;

/* A description being made. */
typedef struct Describer
{
	char locale[ULOC_FULLNAME_CAPACITY]; /* for ICU's formats */
	Phrase *phrases;
	int nphrases;
	const Recurrence *rule;
	char *text;					   /* so far */
	UChar result[MAX_DESCRIPTION]; /* of the last call of ICU */
} Describer;

/* A list of texts being made. */
typedef struct WordList
{
	char **words;
	int n;
	int room;
} WordList;

/*
 * ICU
 */

/* Raise the error for what ICU refused. */
static void
check_status(UErrorCode status, const char *what)
{
	if (status == U_BUFFER_OVERFLOW_ERROR || status == U_STRING_NOT_TERMINATED_WARNING)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("description of schedule is too long")));
	if (U_FAILURE(status))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("cannot describe schedule: \"%s\"", what),
						errdetail("ICU says %s.", u_errorName(status))));
}

/* UTF-8 -> UTF-16. */
static UChar *
to_utf16(const char *text, int32_t *length)
{
	UErrorCode status = U_ZERO_ERROR;
	Size room = add_size(strlen(text), 1);
	UChar *result = palloc(mul_size(room, sizeof(UChar)));

	u_strFromUTF8(result, (int32_t) room, length, text, -1, &status);
	check_status(status, text);
	return result;
}

/* The result of the last call -> UTF-8. */
static char *
take_result(Describer *describer, int32_t length, UErrorCode status, const char *what)
{
	UErrorCode converted = U_ZERO_ERROR;
	char *text;
	int32_t room;

	check_status(status, what);
	room = length * 3 + 1; /* no unit of UTF-16 takes more */
	text = palloc(room);
	u_strToUTF8(text, room, NULL, describer->result, length, &converted);
	check_status(converted, what);
	return text;
}

/* Make the narrow spaces that some releases of ICU put into times plain ones. */
static void
plain_spaces(UChar *text, int32_t length)
{
	for (int32_t i = 0; i < Min(length, MAX_DESCRIPTION); i++)
		if (text[i] == 0x202F)
			text[i] = ' ';
}

/* A local time by a style, or by a pattern, of the locale. */
static char *
format_time(Describer *describer, int64 local, UDateFormatStyle time, UDateFormatStyle date,
			const char *pattern)
{
	static const UChar utc[] = u"Etc/UTC";
	UErrorCode status = U_ZERO_ERROR;
	int32_t pattern_length = 0;
	UChar *wide = pattern == NULL ? NULL : to_utf16(pattern, &pattern_length);
	UDateFormat *format =
		udat_open(pattern != NULL ? UDAT_PATTERN : time, pattern != NULL ? UDAT_PATTERN : date,
				  describer->locale, utc, -1, wide, pattern_length, &status);
	int32_t length = 0;

	if (U_SUCCESS(status))
	{
		length = udat_format(format, (local + EPOCH_SECONDS) * 1000.0, describer->result,
							 MAX_DESCRIPTION, NULL, &status);
		udat_close(format);
		plain_spaces(describer->result, length);
	}
	return take_result(describer, length, status, "time");
}

/* A list of texts as the locale writes it. */
static char *
format_list(Describer *describer, const WordList *list)
{
	UErrorCode status = U_ZERO_ERROR;
	const UChar **words = palloc_array(const UChar *, list->n + 1);
	int32_t *lengths = palloc_array(int32_t, list->n + 1);
	UListFormatter *format;
	int32_t length = 0;

	for (int i = 0; i < list->n; i++)
		words[i] = to_utf16(list->words[i], &lengths[i]);
	format = ulistfmt_open(describer->locale, &status);
	if (U_SUCCESS(status))
	{
		length = ulistfmt_format(format, words, lengths, list->n, describer->result,
								 MAX_DESCRIPTION, &status);
		ulistfmt_close(format);
	}
	return take_result(describer, length, status, "list");
}

/*
 * Phrases
 */

/* A value of a phrase: a text, or else a number. */
typedef struct PhraseValue
{
	const char *text;
	double number;
} PhraseValue;

/* The pattern of a key. */
static const char *
find_pattern(const Describer *describer, const char *key)
{
	for (int i = 0; i < describer->nphrases; i++)
		if (strcmp(describer->phrases[i].key, key) == 0)
			return describer->phrases[i].pattern;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("no phrase to describe a schedule with: \"%s\"", key),
					errhint("Table coachiatry.schedule_phrase must have all phrases in English.")));
}

/* Hand the values to ICU, which takes them from an argument list. */
static int32_t
call_format(UMessageFormat *format, Describer *describer, UErrorCode *status, ...)
{
	va_list values;
	int32_t length;

	va_start(values, status);
	length = umsg_vformat(format, describer->result, MAX_DESCRIPTION, values, status);
	va_end(values);
	return length;
}

/* Hand values of known kinds to ICU. */
static int32_t
format_values(UMessageFormat *format, Describer *describer, const PhraseValue *values,
			  UChar *const *wide, int n, UErrorCode *status)
{
	if (n == 0)
		return call_format(format, describer, status);
	if (n == 1 && wide[0] != NULL)
		return call_format(format, describer, status, wide[0]);
	if (n == 1)
		return call_format(format, describer, status, values[0].number);
	if (wide[0] == NULL && wide[1] != NULL)
		return call_format(format, describer, status, values[0].number, wide[1]);
	if (wide[1] == NULL)
		return call_format(format, describer, status, wide[0], values[1].number);
	return call_format(format, describer, status, wide[0], wide[1]);
}

/* A phrase with its values. */
static char *
say(Describer *describer, const char *key, const PhraseValue *values, int n)
{
	const char *pattern = find_pattern(describer, key);
	bool is_number[PHRASE_MAX_VALUES] = { false };
	UChar *wide[PHRASE_MAX_VALUES] = { NULL };
	UErrorCode status = U_ZERO_ERROR;
	int32_t length = 0;
	int32_t pattern_length;
	UChar *wide_pattern;
	UMessageFormat *format;

	for (int i = 0; i < n; i++)
	{
		is_number[i] = values[i].text == NULL;
		if (!is_number[i])
			wide[i] = to_utf16(values[i].text, &length);
	}
	if (!phrase_is_good(pattern, is_number, n))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid phrase to describe a schedule with: \"%s\"", pattern),
				 errdetail("It is the phrase \"%s\" of table coachiatry.schedule_phrase.", key)));
	wide_pattern = to_utf16(pattern, &pattern_length);
	format = umsg_open(wide_pattern, pattern_length, describer->locale, NULL, &status);
	if (U_SUCCESS(status))
	{
		length = format_values(format, describer, values, wide, n, &status);
		umsg_close(format);
	}
	return take_result(describer, length, status, pattern);
}

/* Add to the description a phrase with a text. */
static void
add_text(Describer *describer, const char *key, const char *text)
{
	const PhraseValue values[] = { { describer->text, 0 }, { text, 0 } };

	describer->text = say(describer, key, values, 2);
}

/* Add to the description a phrase with a number. */
static void
add_number(Describer *describer, const char *key, double number)
{
	const PhraseValue values[] = { { describer->text, 0 }, { NULL, number } };

	describer->text = say(describer, key, values, 2);
}

/* Add to the description a phrase with a list; none if the list is empty. */
static void
add_list(Describer *describer, const char *key, const WordList *list)
{
	if (list->n > 0)
		add_text(describer, key, format_list(describer, list));
}

/*
 * Elements of lists
 */

/* Add a text to a list. */
static void
put_word(WordList *list, char *word)
{
	if (list->n == list->room)
	{
		list->room = list->room == 0 ? 16 : list->room * 2;
		list->words = list->words == NULL ? palloc_array(char *, list->room)
										  : repalloc_array(list->words, char *, list->room);
	}
	list->words[list->n++] = word;
}

/* Name of a weekday, 0 Monday. */
static char *
weekday_name(Describer *describer, int weekday)
{
	return format_time(describer, (SOME_MONDAY + weekday) * (int64) SECS_PER_DAY, UDAT_NONE,
					   UDAT_NONE, "cccc");
}

/* Ordinals from the start, then from the end, by the phrases for the two. */
static void
put_ordinals(Describer *describer, WordList *list, const SignedSet *set, const char *nth,
			 const char *nth_last)
{
	for (int n = 1; n <= RECURRENCE_MAX_YEAR_DAY; n++)
		if (bit_is_set(set->forward[n >> 6], n & 63))
			put_word(list, say(describer, nth, &(PhraseValue){ NULL, n }, 1));
	for (int n = RECURRENCE_MAX_YEAR_DAY; n >= 1; n--)
		if (bit_is_set(set->backward[n >> 6], n & 63))
			put_word(list, say(describer, nth_last, &(PhraseValue){ NULL, n }, 1));
}

/* A list of ordinals as a phrase of its own. */
static void
add_ordinals(Describer *describer, const char *key, const SignedSet *set, const char *nth,
			 const char *nth_last)
{
	WordList list = { NULL };

	put_ordinals(describer, &list, set, nth, nth_last);
	add_list(describer, key, &list);
}

/* The weekdays that have one number, counted from the start or from the end. */
static void
put_numbered_weekday(Describer *describer, WordList *list, int n, bool from_end)
{
	for (int day = 0; day < 7; day++)
	{
		const WeekdayOrdinals *nth = &describer->rule->nth[day];
		PhraseValue values[] = { { NULL, n }, { NULL, 0 } };

		if (!bit_is_set(from_end ? nth->backward : nth->forward, n))
			continue;
		values[1].text = weekday_name(describer, day);
		put_word(list, say(describer, from_end ? "nth_last_weekday" : "nth_weekday", values, 2));
	}
}

/* The weekdays that have a number, in the order of the rule's text. */
static void
put_numbered_weekdays(Describer *describer, WordList *list)
{
	for (int n = 1; n <= 53; n++)
		put_numbered_weekday(describer, list, n, false);
	for (int n = 53; n >= 1; n--)
		put_numbered_weekday(describer, list, n, true);
}

/* Numbers as the locale writes them. */
static void
add_numbers(Describer *describer, const char *key, uint64 bits)
{
	WordList list = { NULL };

	for (int n = 0; n < 64; n++)
		if (bit_is_set(bits, n))
			put_word(&list, psprintf("%d", n));
	add_list(describer, key, &list);
}

/*
 * The parts of a rule
 */

/* How often: FREQ and INTERVAL, or as needed. */
static void
describe_frequency(Describer *describer)
{
	static const char *const keys[] = {
		[FREQUENCY_MINUTELY] = "every_minute", [FREQUENCY_HOURLY] = "every_hour",
		[FREQUENCY_DAILY] = "every_day",	   [FREQUENCY_WEEKLY] = "every_week",
		[FREQUENCY_MONTHLY] = "every_month",   [FREQUENCY_YEARLY] = "every_year",
	};
	const Recurrence *rule = describer->rule;

	if (rule->frequency == FREQUENCY_AS_NEEDED)
		describer->text = say(describer, "as_needed", NULL, 0);
	else
		describer->text =
			say(describer, keys[rule->frequency], &(PhraseValue){ NULL, rule->interval }, 1);
}

/* BYDAY: plain weekdays, then those with a number. */
static void
describe_weekdays(Describer *describer)
{
	const Recurrence *rule = describer->rule;
	WordList list = { NULL };
	bool of_year = rule->frequency == FREQUENCY_YEARLY && !recurrence_has(rule, PART_BYMONTH);
	int plain;

	for (int day = 0; day < 7; day++)
		if (bit_is_set(rule->weekdays, day))
			put_word(&list, weekday_name(describer, day));
	plain = list.n;
	put_numbered_weekdays(describer, &list);
	add_list(describer,
			 list.n == plain ? "on_weekdays"
			 : of_year		 ? "on_weekdays_of_year"
							 : "on_weekdays_of_month",
			 &list);
}

/* Months by name; those of another calendar by number. */
static void
describe_months(Describer *describer)
{
	const Recurrence *rule = describer->rule;
	WordList list = { NULL };

	for (int month = 1; month <= 13; month++)
	{
		const PhraseValue number = { psprintf("%d", month), 0 };
		int64 day = SOME_JANUARY + (month - 1) * 31; /* in January 2000 and so on */

		if (bit_is_set(rule->months, month) && rule->rscale > 0)
			put_word(&list, say(describer, "month_number", &number, 1));
		else if (bit_is_set(rule->months, month))
			put_word(&list,
					 format_time(describer, day * SECS_PER_DAY, UDAT_NONE, UDAT_NONE, "LLLL"));
		if (bit_is_set(rule->leap_months, month))
			put_word(&list, say(describer, "leap_month", &number, 1));
	}
	add_list(describer, "in_months", &list);
}

/* Times of day, one by one where they are few. */
static void
describe_times(Describer *describer)
{
	const Recurrence *rule = describer->rule;
	bool seconds = rule->seconds != 0;
	WordList list = { NULL };

	if (pg_popcount32(rule->hours) * pg_popcount64(rule->minutes) *
				(seconds ? pg_popcount64(rule->seconds) : 1) >
			MAX_LISTED_TIMES ||
		rule->hours == 0 || rule->minutes == 0)
	{
		add_numbers(describer, "at_hours", rule->hours);
		add_numbers(describer, "at_minutes", rule->minutes);
		add_numbers(describer, "at_seconds", rule->seconds);
		return;
	}
	for (int second = 0; second < SECS_PER_DAY; second++)
		if (bit_is_set(rule->hours, second / 3600) && bit_is_set(rule->minutes, second / 60 % 60) &&
			(seconds ? bit_is_set(rule->seconds, second % 60) : second % 60 == 0))
			put_word(&list, format_time(describer, second, seconds ? UDAT_MEDIUM : UDAT_SHORT,
										UDAT_NONE, NULL));
	add_list(describer, "at_times", &list);
}

/* The calendar of RSCALE by the name it has in the locale. */
static void
describe_calendar(Describer *describer)
{
	const Recurrence *rule = describer->rule;
	UErrorCode status = U_ZERO_ERROR;
	char *calendar =
		asc_tolower(recurrence_rscales[rule->rscale], strlen(recurrence_rscales[rule->rscale]));
	int32_t length =
		uloc_getDisplayKeywordValue(psprintf("en@calendar=%s", calendar), "calendar",
									describer->locale, describer->result, MAX_DESCRIPTION, &status);

	add_text(describer, "calendar", take_result(describer, length, status, "calendar"));
}

/* RSCALE, SKIP and WKST. */
static void
describe_calendars(Describer *describer)
{
	const Recurrence *rule = describer->rule;
	PhraseValue so_far;

	if (recurrence_has(rule, PART_RSCALE) && rule->rscale > 0)
		describe_calendar(describer);
	if (recurrence_has(rule, PART_WKST))
		add_text(describer, "week_start", weekday_name(describer, rule->week_start));
	so_far = (PhraseValue){ describer->text, 0 };
	if (rule->skip != SKIP_OMIT)
		describer->text = say(
			describer, rule->skip == SKIP_FORWARD ? "skip_forward" : "skip_backward", &so_far, 1);
}

/* UNITS, COUNT and UNTIL. */
static void
describe_ends(Describer *describer)
{
	const Recurrence *rule = describer->rule;

	if (recurrence_has(rule, PART_UNITS))
		add_number(describer, "units", rule->units);
	if (recurrence_has(rule, PART_COUNT))
		add_number(describer, "count", rule->count);
	if (recurrence_has(rule, PART_UNTIL))
		add_text(describer, "until",
				 format_time(describer, rule->until, rule->until_is_day ? UDAT_NONE : UDAT_SHORT,
							 UDAT_LONG, NULL));
}

/* Everything, in the order of a sentence. */
static void
describe_rule(Describer *describer)
{
	const Recurrence *rule = describer->rule;

	describe_frequency(describer);
	describe_weekdays(describer);
	add_ordinals(describer, "on_month_days", &rule->month_days, "nth_day", "nth_last_day");
	add_ordinals(describer, "on_year_days", &rule->year_days, "nth_day", "nth_last_day");
	add_ordinals(describer, "in_weeks", &rule->weeks, "nth_week", "nth_last_week");
	describe_months(describer);
	describe_times(describer);
	add_ordinals(describer, "only_positions", &rule->positions, "nth_time", "nth_last_time");
	describe_calendars(describer);
	describe_ends(describer);
}

/*
 * Locales
 */

/* A locale's name as ICU writes it, without keywords and character set. */
static void
canonical_locale(const char *name, char *locale)
{
	UErrorCode status = U_ZERO_ERROR;
	char canonical[ULOC_FULLNAME_CAPACITY];

	if (strchr(name, '-') != NULL)
		uloc_forLanguageTag(name, canonical, sizeof(canonical), NULL, &status);
	else
		uloc_canonicalize(name, canonical, sizeof(canonical), &status);
	if (U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING)
		uloc_getBaseName(canonical, locale, ULOC_FULLNAME_CAPACITY, &status);
	if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid locale: \"%.*s\"", MAX_QUOTED, name)));
}

/* The locale, its parents, and English, as an array of text. */
static Datum
locale_chain(const char *locale)
{
	char name[ULOC_FULLNAME_CAPACITY];
	Datum chain[MAX_LOCALES];
	int n = 0;

	strlcpy(name, locale, sizeof(name));
	while (name[0] != '\0' && n < MAX_LOCALES - 1)
	{
		UErrorCode status = U_ZERO_ERROR;
		char parent[ULOC_FULLNAME_CAPACITY];

		chain[n++] = CStringGetTextDatum(name);
		uloc_getParent(name, parent, sizeof(parent), &status);
		strlcpy(name, U_SUCCESS(status) ? parent : "", sizeof(name));
	}
	chain[n++] = CStringGetTextDatum("en");
	return PointerGetDatum(construct_array(chain, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The plan of the query for phrases, made once in a session. */
static SPIPlanPtr
phrase_plan(void)
{
	static SPIPlanPtr kept = NULL;
	Oid types[] = { TEXTARRAYOID };

	if (kept == NULL)
	{
		SPIPlanPtr plan = SPI_prepare("SELECT DISTINCT ON (p.key) p.key, p.pattern, p.locale "
									  "FROM coachiatry.schedule_phrase AS p "
									  "WHERE p.locale OPERATOR(pg_catalog.=) ANY ($1) "
									  "ORDER BY p.key, pg_catalog.array_position($1, p.locale)",
									  lengthof(types), types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare the query for phrases");
		kept = plan;
	}
	return kept;
}

/* Replace a backslash, u and four hexadecimal digits by the character, in place. */
static void
unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';)
	{
		if (from[0] == '\\' && from[1] == 'u' && strspn(from + 2, "0123456789abcdefABCDEF") >= 4)
		{
			char digits[5];
			unsigned char utf8[4];

			strlcpy(digits, from + 2, sizeof(digits));
			unicode_to_utf8((pg_wchar) strtoul(digits, NULL, 16), utf8);
			memcpy(to, utf8, pg_utf_mblen(utf8)); /* shorter than what it replaces */
			to += pg_utf_mblen(utf8);
			from += 6;
		}
		else
			*to++ = *from++;
	}
	*to = '\0';
}

/* A column of a row of the query, in UTF-8, good after the query. */
static char *
fetch_text(MemoryContext context, uint64 row, int column)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	char *text = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
	char *utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);

	MemoryContextSwitchTo(old);
	return utf8;
}

/* Read the phrases of a locale; English ones mean that its formats are English, too. */
static void
load_phrases(Describer *describer, const char *locale)
{
	MemoryContext context = CurrentMemoryContext;
	Datum chain = locale_chain(locale);
	bool found = strncmp(locale, "en", 2) == 0 && (locale[2] == '\0' || locale[2] == '_');

	SPI_connect();
	if (SPI_execute_plan(phrase_plan(), &chain, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the phrases");
	describer->nphrases = (int) SPI_processed;
	describer->phrases =
		MemoryContextAlloc(context, mul_size(sizeof(Phrase), describer->nphrases + 1));
	for (int i = 0; i < describer->nphrases; i++)
	{
		describer->phrases[i].key = fetch_text(context, i, 1);
		describer->phrases[i].pattern = fetch_text(context, i, 2);
		unescape(describer->phrases[i].pattern);
		found = found || strcmp(fetch_text(context, i, 3), "en") != 0;
	}
	SPI_finish();
	strlcpy(describer->locale, found ? locale : "en", sizeof(describer->locale));
}

PG_FUNCTION_INFO_V1(schedule_describe);

/* A schedule in plain words. */
Datum
schedule_describe(PG_FUNCTION_ARGS)
{
	Describer *describer;
	Recurrence rule;
	char locale[ULOC_FULLNAME_CAPACITY];
	const char *name;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	schedule_rule(PG_GETARG_SCHEDULE(0), &rule);
	name = PG_ARGISNULL(1) ? GetConfigOption("lc_messages", false, false)
						   : text_to_cstring(PG_GETARG_TEXT_PP(1));
	canonical_locale(name, locale);
	describer = palloc(sizeof(Describer));
	describer->rule = &rule;
	load_phrases(describer, locale);
	describe_rule(describer);
	PG_RETURN_TEXT_P(
		cstring_to_text(pg_any_to_server(describer->text, strlen(describer->text), PG_UTF8)));
}
