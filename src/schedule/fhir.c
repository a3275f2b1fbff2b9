/*
 * A schedule as a FHIR R4 Timing, and back:
 *
 *     {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}}
 *
 * What one of the two cannot express is an error that names the element or
 * part: a plan that silently lost something would be worse than none.
 */
#include "schedule/schedule.h"

#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "adherence/adherence.h"

/* Most times of day that a Timing lists. */
#define MAX_TIMES 96

/*
 * Errors
 */

/* Raise the error for an element that a schedule cannot express. */
pg_noreturn static void
inexpressible(const char *element, const char *why)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("a schedule cannot express element \"%s\" of a FHIR Timing", element),
					why != NULL ? errdetail("%s", why) : 0));
}

/* Raise the error for an element that is not as FHIR says. */
pg_noreturn static void
malformed(const char *element, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid element of a FHIR Timing: \"%s\"", element), errdetail("%s", what)));
}

/*
 * Reading jsonb
 */

/* A Timing being read; what is not there is 0. */
typedef struct Timing
{
	int frequency;
	int period;
	Frequency unit;
	bool has_unit;
	uint32 weekdays;
	uint64 times[24 * 60]; /* bit of each second of a minute */
	int ntimes;
	Recurrence rule;
	int bound; /* length of boundsDuration, in its unit */
	Frequency bound_unit;
} Timing;

/* A string as a C string, or NULL if a value is none. */
static char *
string_of(const JsonbValue *value)
{
	if (value->type != jbvString)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* A string that an element must be. */
static char *
need_string(const char *element, const JsonbValue *value)
{
	char *text = string_of(value);

	if (text == NULL)
		malformed(element, "It must be a string.");
	return text;
}

/* A positive whole number that an element must be. */
static int
need_number(const char *element, const JsonbValue *value)
{
	char *text;

	if (value->type != jbvNumeric)
		malformed(element, "It must be a number.");
	text = numeric_normalize(value->val.numeric);
	if (strchr(text, '.') != NULL)
		inexpressible(element, "It must be a whole number.");
	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 9 || atoi(text) < 1)
		malformed(element, "It must be a whole number from 1 to 999999999.");
	return atoi(text);
}

/* The container that an element must be: an object, or an array. */
static JsonbContainer *
need_container(const char *element, const JsonbValue *value, bool array)
{
	JsonbContainer *container = value->val.binary.data;

	if (value->type != jbvBinary || JsonContainerIsScalar(container) ||
		JsonContainerIsArray(container) != array)
		malformed(element, array ? "It must be an array." : "It must be an object.");
	return container;
}

/* What reads one element of an object. */
typedef void (*ElementReader)(Timing *timing, const char *element, const JsonbValue *value);

typedef struct Element
{
	const char *name;
	ElementReader read;
} Element;

/* Read the elements of an object; one that is not listed cannot be expressed. */
static void
read_object(Timing *timing, const char *path, JsonbContainer *object, const Element *elements)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue value;
	JsonbIteratorToken token;

	JsonbIteratorNext(&iterator, &value, true);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) == WJB_KEY)
	{
		char *name = pnstrdup(value.val.string.val, value.val.string.len);
		char *element = psprintf("%s%s", path, name);
		const Element *found = elements;

		JsonbIteratorNext(&iterator, &value, true);
		while (found->name != NULL && strcmp(found->name, name) != 0)
			found++;
		if (found->name == NULL)
			inexpressible(element, NULL);
		if (found->read != NULL)
			found->read(timing, element, &value);
	}
}

/* Call a reader for each element of an array. */
static void
read_array(Timing *timing, const char *element, const JsonbValue *value, ElementReader read)
{
	JsonbContainer *array = need_container(element, value, true);
	int n = JsonContainerSize(array);

	if (n == 0)
		malformed(element, "It must not be empty.");
	for (int i = 0; i < n; i++)
		read(timing, element, getIthJsonbValueFromContainer(array, i));
}

/*
 * Elements of repeat
 */

/* How many times a period. */
static void
read_frequency(Timing *timing, const char *element, const JsonbValue *value)
{
	timing->frequency = need_number(element, value);
}

/* How many units a period has. */
static void
read_period(Timing *timing, const char *element, const JsonbValue *value)
{
	timing->period = need_number(element, value);
}

/* How many times in all. */
static void
read_count(Timing *timing, const char *element, const JsonbValue *value)
{
	timing->rule.count = need_number(element, value);
	timing->rule.parts |= 1u << PART_COUNT;
}

/* A unit of time. */
static Frequency
need_unit(const char *element, const JsonbValue *value)
{
	static const char *const units[] = {
		[FREQUENCY_MINUTELY] = "min", [FREQUENCY_HOURLY] = "h",	  [FREQUENCY_DAILY] = "d",
		[FREQUENCY_WEEKLY] = "wk",	  [FREQUENCY_MONTHLY] = "mo", [FREQUENCY_YEARLY] = "a",
	};
	char *text = need_string(element, value);

	if (strcmp(text, "s") == 0)
		inexpressible(element, "Nothing is due every so many seconds.");
	for (int unit = FREQUENCY_MINUTELY; unit <= FREQUENCY_YEARLY; unit++)
		if (strcmp(text, units[unit]) == 0)
			return (Frequency) unit;
	malformed(element, "It must be one of min, h, d, wk, mo, a.");
}

/* The unit of period. */
static void
read_period_unit(Timing *timing, const char *element, const JsonbValue *value)
{
	timing->unit = need_unit(element, value);
	timing->has_unit = true;
}

/* One day of the week. */
static void
read_weekday(Timing *timing, const char *element, const JsonbValue *value)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	char *text = need_string(element, value);

	for (int day = 0; day < 7; day++)
		if (strcmp(text, names[day]) == 0)
		{
			timing->weekdays |= 1u << day;
			return;
		}
	malformed(element, "It must be an array of mon, tue, wed, thu, fri, sat, sun.");
}

/* Days of the week. */
static void
read_weekdays(Timing *timing, const char *element, const JsonbValue *value)
{
	read_array(timing, element, value, read_weekday);
}

/* Note a time of day. */
static void
add_time(Timing *timing, int hour, int minute, int second)
{
	uint64 *seconds = &timing->times[hour * 60 + minute];

	if (!bit_is_set(*seconds, second))
		timing->ntimes++;
	*seconds |= UINT64CONST(1) << second;
}

/* A time hh:mm:ss. */
static void
read_time(Timing *timing, const char *element, const JsonbValue *value)
{
	char *text = need_string(element, value);
	int at[3] = { 0 };

	if (strlen(text) != 8 || text[2] != ':' || text[5] != ':')
		malformed(element, "It must be an array of times hh:mm:ss.");
	for (int i = 0; i < 3; i++)
	{
		const char *digits = text + i * 3;

		at[i] = (digits[0] - '0') * 10 + digits[1] - '0';
		if (strspn(digits, "0123456789") != 2 || at[i] > (i == 0 ? 23 : 59))
			malformed(element, "It must be an array of times hh:mm:ss.");
	}
	add_time(timing, at[0], at[1], at[2]);
}

/* Times of day. */
static void
read_times(Timing *timing, const char *element, const JsonbValue *value)
{
	read_array(timing, element, value, read_time);
}

/* Events of a day, with the hours that the codes of prescriptions have. */
static const struct DayEvent
{
	const char *code;
	int8 hours[3]; /* 0: none */
} day_events[] = {
	{ "MORN", { 8 } },	 { "NOON", { 12 } }, { "AFT", { 14 } }, { "EVE", { 20 } },
	{ "NIGHT", { 22 } }, { "HS", { 22 } },	 { "WAKE", { 8 } }, { "C", { 8, 14, 20 } },
	{ "CM", { 8 } },	 { "CD", { 14 } },	 { "CV", { 20 } },	{ "AC", { 8, 14, 20 } },
	{ "ACM", { 8 } },	 { "ACD", { 14 } },	 { "ACV", { 20 } }, { "PC", { 8, 14, 20 } },
	{ "PCM", { 8 } },	 { "PCD", { 14 } },	 { "PCV", { 20 } },
};

/* An event of a day, as the hours it stands for. */
static void
read_event(Timing *timing, const char *element, const JsonbValue *value)
{
	char *text = need_string(element, value);

	for (int i = 0; i < (int) lengthof(day_events); i++)
	{
		if (strcmp(text, day_events[i].code) != 0)
			continue;
		for (int n = 0; n < 3 && day_events[i].hours[n] != 0; n++)
			add_time(timing, day_events[i].hours[n], 0, 0);
		return;
	}
	inexpressible(element, psprintf("There is no hour for \"%s\".", text));
}

/* Events of a day. */
static void
read_events(Timing *timing, const char *element, const JsonbValue *value)
{
	read_array(timing, element, value, read_event);
}

/* Minutes before or after an event: none will do. */
static void
read_offset(Timing *timing, const char *element, const JsonbValue *value)
{
	(void) timing;
	if (value->type != jbvNumeric || strcmp(numeric_normalize(value->val.numeric), "0") != 0)
		inexpressible(element, NULL);
}

/* The number of digits at a place of a text, or -1. */
static int
digits_at(const char *text, int n)
{
	int number = 0;

	for (int i = 0; i < n; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + text[i] - '0';
	}
	return number;
}

/* The end of a period: a day, a month or a year, all of which belongs to it. */
static void
read_end(Timing *timing, const char *element, const JsonbValue *value)
{
	char *text = need_string(element, value);
	int year = digits_at(text, 4);
	int month = year >= 1 && text[4] == '-' ? digits_at(text + 5, 2) : -1;
	int day = month >= 1 && text[7] == '-' ? digits_at(text + 8, 2) : -1;
	size_t length = day >= 0 ? 10 : month >= 0 ? 7 : 4;

	if (strlen(text) > 10 && text[10] == 'T')
		inexpressible(element, "It has a time zone, and a schedule has none; give a day.");
	if (year < 1 || strlen(text) != length || (length > 4 && (month < 1 || month > 12)))
		malformed(element, "It must be a date.");
	if (length == 4)
		month = 12;
	if (length < 10)
		day = days_in_month(year, month);
	if (day < 1 || day > days_in_month(year, month))
		malformed(element, "It must be a date.");
	timing->rule.until = (civil_to_day(year, month, day) + 1) * SECONDS_A_DAY - 1;
	timing->rule.until_is_day = true;
	timing->rule.parts |= 1u << PART_UNTIL;
}

/* A first and a last day; the first is for starts_at to say. */
static void
read_bounds_period(Timing *timing, const char *element, const JsonbValue *value)
{
	static const Element elements[] = {
		{ "start", NULL }, { "end", read_end }, { "id", NULL }, { NULL, NULL }
	};

	read_object(timing, "repeat.boundsPeriod.", need_container(element, value, false), elements);
}

/* How many units a boundsDuration has. */
static void
read_bound(Timing *timing, const char *element, const JsonbValue *value)
{
	timing->bound = need_number(element, value);
}

/* The unit of a boundsDuration. */
static void
read_bound_unit(Timing *timing, const char *element, const JsonbValue *value)
{
	timing->bound_unit = need_unit(element, value);
}

/* How long the whole lasts. */
static void
read_bounds_duration(Timing *timing, const char *element, const JsonbValue *value)
{
	static const Element elements[] = { { "value", read_bound }, { "code", read_bound_unit },
										{ "unit", NULL },		 { "system", NULL },
										{ "id", NULL },			 { NULL, NULL } };

	read_object(timing, "repeat.boundsDuration.", need_container(element, value, false), elements);
	if (timing->bound == 0 || timing->bound_unit == FREQUENCY_AS_NEEDED)
		malformed(element, "It must have value and code.");
}

static const Element repeat_elements[] = {
	{ "frequency", read_frequency },
	{ "period", read_period },
	{ "periodUnit", read_period_unit },
	{ "dayOfWeek", read_weekdays },
	{ "timeOfDay", read_times },
	{ "when", read_events },
	{ "count", read_count },
	{ "boundsPeriod", read_bounds_period },
	{ "boundsDuration", read_bounds_duration },
	{ "offset", read_offset },
	{ "id", NULL },
	{ NULL, NULL },
};

/*
 * repeat -> rule
 */

/* Bits of the hours, minutes and seconds of the times of a day. */
static void
split_times(const Timing *timing, Recurrence *rule)
{
	for (int minute = 0; minute < (int) lengthof(timing->times); minute++)
		if (timing->times[minute] != 0)
		{
			rule->hours |= 1u << minute / 60;
			rule->minutes |= UINT64CONST(1) << minute % 60;
			rule->seconds |= timing->times[minute];
		}
}

/* BYHOUR, BYMINUTE and BYSECOND, which must make exactly the times there are. */
static void
put_times(Timing *timing)
{
	Recurrence *rule = &timing->rule;

	if (timing->ntimes == 0)
		return;
	split_times(timing, rule);
	if (pg_popcount32(rule->hours) * pg_popcount64(rule->minutes) * pg_popcount64(rule->seconds) !=
		timing->ntimes)
		inexpressible("repeat.timeOfDay",
					  "BYHOUR, BYMINUTE and BYSECOND combine; these times are not all combinations "
					  "of their hours, minutes and seconds.");
	rule->parts |= 1u << PART_BYHOUR | 1u << PART_BYMINUTE;
	if (rule->seconds == 1)
		rule->seconds = 0;
	else
		rule->parts |= 1u << PART_BYSECOND;
}

/* The hours of a frequency a day that gives no times. */
static void
spread_times(Timing *timing)
{
	static const int8 hours[][4] = { { 8, 20 }, { 8, 14, 20 }, { 8, 12, 16, 20 } };
	int n = timing->frequency;

	if (n > 24 || 24 % n != 0)
		inexpressible("repeat.frequency", "So many times a day have no hours of their own.");
	for (int i = 0; i < n; i++)
		add_time(timing, n <= 4 ? hours[n - 2][i] : i * (24 / n), 0, 0);
}

/* Check that frequency says what the lists say. */
static void
check_frequency(const Timing *timing, int listed, bool or_one)
{
	if (timing->frequency != 0 && timing->frequency != listed &&
		!(or_one && timing->frequency == 1))
		inexpressible("repeat.frequency",
					  psprintf("It says %d times a period, and the days and times that are listed "
							   "are %d.",
							   timing->frequency, listed));
}

/* A rule by days: every so many days, or on days of the week. */
static void
by_day(Timing *timing)
{
	if (timing->ntimes == 0 && timing->frequency > 1)
	{
		if (timing->period > 1)
			inexpressible("repeat.frequency", "Several times in several days have no days.");
		spread_times(timing);
	}
	check_frequency(timing, Max(timing->ntimes, 1), true);
	if (timing->weekdays == 0)
		return;
	if (timing->period > 1)
		inexpressible("repeat.dayOfWeek", "Days of the week go with every day or with weeks.");
	timing->rule.frequency = FREQUENCY_WEEKLY;
}

/* Turn what repeat says into the rule's frequency, days and times. */
static void
finish_repeat(Timing *timing)
{
	Recurrence *rule = &timing->rule;
	int ndays = Max(pg_popcount32(timing->weekdays), 1);

	if (!timing->has_unit && timing->ntimes == 0 && timing->weekdays == 0)
		malformed("repeat.periodUnit", "It is missing.");
	rule->frequency = timing->has_unit ? timing->unit : FREQUENCY_DAILY;
	rule->interval = Max(timing->period, 1);
	if (rule->frequency == FREQUENCY_DAILY)
		by_day(timing);
	else if (rule->frequency < FREQUENCY_DAILY && timing->ntimes > 0)
		inexpressible("repeat.timeOfDay", "Times go with days or longer periods.");
	else if (rule->frequency > FREQUENCY_WEEKLY && timing->weekdays != 0)
		inexpressible("repeat.dayOfWeek", "Days of the week go with every day or with weeks.");
	else
		check_frequency(timing,
						(rule->frequency == FREQUENCY_WEEKLY ? ndays : 1) * Max(timing->ntimes, 1),
						false);
	rule->weekdays = timing->weekdays;
	rule->parts |= 1u << PART_FREQ | (uint32) (rule->interval > 1) << PART_INTERVAL |
				   (uint32) (rule->weekdays != 0) << PART_BYDAY;
	put_times(timing);
}

/* Length of a unit in units of the shorter one of its kind: minutes, or months. */
static int64
unit_length(Frequency unit)
{
	static const int64 lengths[] = {
		[FREQUENCY_MINUTELY] = 1,	   [FREQUENCY_HOURLY] = 60, [FREQUENCY_DAILY] = 1440,
		[FREQUENCY_WEEKLY] = 7 * 1440, [FREQUENCY_MONTHLY] = 1, [FREQUENCY_YEARLY] = 12,
	};

	return lengths[unit];
}

/* boundsDuration as COUNT: the occurrences of so many whole periods. */
static void
finish_bounds(Timing *timing)
{
	Recurrence *rule = &timing->rule;
	int64 whole;
	int64 part;
	int64 count;

	if (timing->bound == 0)
		return;
	whole = timing->bound * unit_length(timing->bound_unit);
	part = rule->interval * unit_length(rule->frequency);
	if ((rule->frequency > FREQUENCY_WEEKLY) != (timing->bound_unit > FREQUENCY_WEEKLY) ||
		whole % part != 0)
		inexpressible("repeat.boundsDuration", "It is not a whole number of periods.");
	count = whole / part * Max(timing->ntimes, 1);
	if (rule->frequency == FREQUENCY_WEEKLY)
		count *= Max(pg_popcount32(rule->weekdays), 1);
	if (rule->frequency < FREQUENCY_WEEKLY && rule->weekdays != 0)
		inexpressible("repeat.boundsDuration", "The days of the week leave no whole number.");
	if (count > RECURRENCE_MAX_NUMBER)
		malformed("repeat.boundsDuration", "It is too long.");
	if (recurrence_has(rule, PART_COUNT))
		inexpressible("repeat.count", "It goes with no bounds.");
	rule->count = (int32) count;
	rule->parts |= 1u << PART_COUNT;
}

/* The schedule of a repeat. */
static Schedule *
schedule_from_repeat(const JsonbValue *value)
{
	Timing *timing = palloc0(sizeof(Timing));

	timing->rule = (Recurrence){ .interval = 1, .units = 1 };
	read_object(timing, "repeat.", need_container("repeat", value, false), repeat_elements);
	finish_repeat(timing);
	finish_bounds(timing);
	if (recurrence_has(&timing->rule, PART_COUNT) && recurrence_has(&timing->rule, PART_UNTIL))
		inexpressible("repeat.boundsPeriod", "A rule ends by number or by day, not both.");
	return schedule_from_rule(&timing->rule);
}

/*
 * code -> rule
 */

/* The schedule of a code, or NULL. */
static Schedule *
schedule_from_code(const char *code)
{
	static const char *const meanings[][2] = {
		{ "AM", "QAM" }, { "PM", "QPM" }, { "BED", "QHS" }, { "WK", "QWK" }, { "MO", "MONTHLY" },
	};
	Recurrence rule;
	RecurrenceError error;

	for (int i = 0; i < (int) lengthof(meanings); i++)
		if (strcmp(code, meanings[i][0]) == 0)
			code = meanings[i][1];
	if (!recurrence_parse(code, strlen(code), &rule, &error))
		return NULL;
	return schedule_from_rule(&rule);
}

/* The schedule of a CodeableConcept: of its first coding that is known, else of its text. */
static Schedule *
schedule_from_concept(const JsonbValue *value)
{
	JsonbContainer *concept = need_container("code", value, false);
	JsonbValue *codings = getKeyJsonValueFromContainer(concept, "coding", 6, NULL);
	JsonbValue *text = getKeyJsonValueFromContainer(concept, "text", 4, NULL);
	JsonbContainer *array = codings == NULL ? NULL : need_container("code.coding", codings, true);
	Schedule *found = NULL;

	for (int i = 0; array != NULL && i < (int) JsonContainerSize(array) && found == NULL; i++)
	{
		JsonbValue *coding = getIthJsonbValueFromContainer(array, i);
		JsonbValue *code = getKeyJsonValueFromContainer(
			need_container("code.coding", coding, false), "code", 4, NULL);

		if (code != NULL)
			found = schedule_from_code(need_string("code.coding.code", code));
	}
	if (found == NULL && text != NULL)
		found = schedule_from_code(need_string("code.text", text));
	if (found == NULL)
		inexpressible("code", "It is not one of the known codes.");
	return found;
}

PG_FUNCTION_INFO_V1(schedule_from_fhir);

/* The schedule of a FHIR Timing. */
Datum
schedule_from_fhir(PG_FUNCTION_ARGS)
{
	static const Element elements[] = {
		{ "repeat", NULL }, { "code", NULL }, { "id", NULL }, { NULL, NULL }
	};
	Jsonb *document = PG_GETARG_JSONB_P(0);
	JsonbValue *repeat;
	JsonbValue *code;

	if (!JB_ROOT_IS_OBJECT(document))
		malformed("Timing", "It must be an object.");
	read_object(NULL, "", &document->root, elements);
	repeat = getKeyJsonValueFromContainer(&document->root, "repeat", 6, NULL);
	code = getKeyJsonValueFromContainer(&document->root, "code", 4, NULL);
	if (repeat != NULL)
		PG_RETURN_SCHEDULE(schedule_from_repeat(repeat));
	if (code == NULL)
		malformed("repeat", "Neither repeat nor code is there.");
	PG_RETURN_SCHEDULE(schedule_from_concept(code));
}

/*
 * Rule -> Timing
 */

/* Raise the error for a part that a Timing cannot express. */
pg_noreturn static void
no_element(const Recurrence *rule, RecurrencePart part, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("a FHIR Timing cannot express part of schedule: \"%s\"",
						   schedule_part_to_cstring(rule, part)),
					hint != NULL ? errhint("%s", hint) : 0));
}

/* Refuse the parts that have no element. */
static void
check_parts(const Recurrence *rule)
{
	static const RecurrencePart none[] = {
		PART_RSCALE,	 PART_SKIP,		PART_BYMONTH,  PART_BYWEEKNO, PART_BYYEARDAY,
		PART_BYMONTHDAY, PART_BYSECOND, PART_BYSETPOS, PART_WKST,
	};

	if (recurrence_has(rule, PART_UNITS))
		no_element(rule, PART_UNITS, "The dose belongs into Dosage.doseAndRate.");
	for (int i = 0; i < (int) lengthof(none); i++)
		if (recurrence_has(rule, none[i]))
			no_element(rule, none[i], NULL);
	if (recurrence_has(rule, PART_UNTIL) && !rule->until_is_day)
		no_element(rule, PART_UNTIL, "A time in FHIR needs a time zone; end the rule with a day.");
	if (recurrence_has(rule, PART_BYDAY) &&
		(rule->frequency == FREQUENCY_DAILY || rule->frequency > FREQUENCY_WEEKLY))
		no_element(rule, PART_BYDAY,
				   rule->frequency == FREQUENCY_DAILY ? "Write it as FREQ=WEEKLY." : NULL);
}

/* Refuse times of day that a Timing cannot list. */
static void
check_times(const Recurrence *rule)
{
	bool hours = recurrence_has(rule, PART_BYHOUR);
	bool minutes = recurrence_has(rule, PART_BYMINUTE);

	if (hours && (!minutes || rule->frequency < FREQUENCY_DAILY))
		no_element(rule, PART_BYHOUR, minutes ? NULL : "Add BYMINUTE.");
	if (minutes && !hours)
		no_element(rule, PART_BYMINUTE, NULL);
	if (pg_popcount32(rule->hours) * pg_popcount64(rule->minutes) > MAX_TIMES)
		no_element(rule, PART_BYMINUTE, "A Timing lists at most 96 times of a day here.");
}

/* Push a string, as a key or as a value. */
static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue value = { .type = jbvString };

	value.val.string.val = unconstify(char *, text);
	value.val.string.len = (int) strlen(text);
	pushJsonbValue(state, token, &value);
}

/* Push a key and a number. */
static void
push_number(JsonbParseState **state, const char *key, int64 number)
{
	JsonbValue value = { .type = jbvNumeric };

	value.val.numeric = int64_to_numeric(number);
	push_string(state, WJB_KEY, key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* dayOfWeek. */
static void
push_weekdays(JsonbParseState **state, uint32 weekdays)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	push_string(state, WJB_KEY, "dayOfWeek");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int day = 0; day < 7; day++)
		if (bit_is_set(weekdays, day))
			push_string(state, WJB_ELEM, names[day]);
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* timeOfDay. */
static void
push_times(JsonbParseState **state, const Recurrence *rule)
{
	push_string(state, WJB_KEY, "timeOfDay");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int minute = 0; minute < 24 * 60; minute++)
		if (bit_is_set(rule->hours, minute / 60) && bit_is_set(rule->minutes, minute % 60))
			push_string(state, WJB_ELEM, psprintf("%02d:%02d:00", minute / 60, minute % 60));
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* boundsPeriod: UNTIL as a day. */
static void
push_end(JsonbParseState **state, const Recurrence *rule)
{
	push_string(state, WJB_KEY, "boundsPeriod");
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, WJB_KEY, "end");
	push_string(state, WJB_VALUE, day_to_cstring((int32) floor_div(rule->until, SECONDS_A_DAY)));
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* The elements of repeat. */
static void
push_repeat(JsonbParseState **state, const Recurrence *rule)
{
	static const char *const units[] = { "", "min", "h", "d", "wk", "mo", "a" };
	int ntimes = pg_popcount32(rule->hours) * pg_popcount64(rule->minutes);
	int ndays = rule->frequency == FREQUENCY_WEEKLY ? pg_popcount32(rule->weekdays) : 1;

	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_number(state, "frequency", Max(ndays, 1) * Max(ntimes, 1));
	push_number(state, "period", rule->interval);
	push_string(state, WJB_KEY, "periodUnit");
	push_string(state, WJB_VALUE, units[rule->frequency]);
	if (recurrence_has(rule, PART_BYDAY))
		push_weekdays(state, rule->weekdays);
	if (ntimes > 0)
		push_times(state, rule);
	if (recurrence_has(rule, PART_COUNT))
		push_number(state, "count", rule->count);
	if (recurrence_has(rule, PART_UNTIL))
		push_end(state, rule);
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* The code of a schedule that is never due. */
static void
push_as_needed(JsonbParseState **state)
{
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, WJB_KEY, "text");
	push_string(state, WJB_VALUE, "AS-NEEDED");
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

PG_FUNCTION_INFO_V1(schedule_to_fhir);

/* The FHIR Timing of a schedule. */
Datum
schedule_to_fhir(PG_FUNCTION_ARGS)
{
	Recurrence rule;
	JsonbParseState *state = NULL;

	schedule_rule(PG_GETARG_SCHEDULE(0), &rule);
	check_parts(&rule);
	check_times(&rule);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_string(&state, WJB_KEY, rule.frequency == FREQUENCY_AS_NEEDED ? "code" : "repeat");
	if (rule.frequency == FREQUENCY_AS_NEEDED)
		push_as_needed(&state);
	else
		push_repeat(&state, &rule);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
