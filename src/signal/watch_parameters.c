/*
 * The parameters of a watch.  A detector has a table of those it takes and
 * what each is unless it is given, and a way to compute its limit from a
 * wanted run length.
 */
#include "signal/watching.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "adherence/adherence.h"
#include "signal/run_length.h"
#include "signal/signal.h"

/* Most parameters of a detector. */
#define MOST_PARAMETERS 8

/* A parameter, and what it is unless it is given. */
typedef struct Parameter
{
	const char *name;
	float8 otherwise;
} Parameter;

/* The values of the parameters that a detector has. */
typedef struct Reading
{
	const Parameter *known;
	float8 values[MOST_PARAMETERS];
} Reading;

/* A detector: its parameters, how they become a watch, and how a run length becomes its limit. */
typedef struct Shape
{
	const char *name;
	Parameter parameters[MOST_PARAMETERS]; /* up to one without a name */
	void (*read)(const Reading *reading, Watch *watch);
	const char
		*limit; /* the parameter that a run length decides; NULL: its run length is not known */
	float8 (*find_limit)(const Reading *reading, float8 arl0);
} Shape;

/* A number among parameters, or what it is unless given: NaN where it must be. */
float8
json_parameter(const Jsonb *parameters, const char *name, float8 otherwise)
{
	JsonbValue *value = getKeyJsonValueFromContainer((JsonbContainer *) &parameters->root, name,
													 (int) strlen(name), NULL);

	if (value == NULL || value->type == jbvNull)
	{
		if (isnan(otherwise))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("%s is missing among the parameters", name)));
		return otherwise;
	}
	if (value->type != jbvNumeric)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be a number among the parameters", name)));
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));
}

/* The place of a parameter; -1 if the detector has none of that name. */
static int
place_of(const Parameter *known, const char *name, size_t length)
{
	for (int i = 0; i < MOST_PARAMETERS && known[i].name != NULL; i++)
		if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
			return i;
	return -1;
}

/* Whether the detector has a parameter. */
static bool
has_parameter(const Reading *reading, const char *name)
{
	return place_of(reading->known, name, strlen(name)) >= 0;
}

/* The value of a parameter that the detector has. */
static float8
value_of(const Reading *reading, const char *name)
{
	return reading->values[place_of(reading->known, name, strlen(name))];
}

/* A whole number among them. */
static int32
whole_of(const Reading *reading, const char *name, int32 least, int32 most)
{
	float8 value = value_of(reading, name);

	if (value != floor(value))
		parameter_error(name, value, "It must be a whole number.");
	return (int32) check_within(name, value, least, most);
}

/* Mean and standard deviation. */
static Baseline
baseline_of(const Reading *reading)
{
	return (Baseline){ .mean = check_finite("mean", value_of(reading, "mean")),
					   .sd = check_positive("sd", value_of(reading, "sd")) };
}

/*
 * Reading
 */

static void
read_run(const Reading *reading, Watch *watch)
{
	watch->n = whole_of(reading, "n", 1, RUN_MAX);
	watch->p = check_share("usual", value_of(reading, "usual"));
}

static void
read_rate_below(const Reading *reading, Watch *watch)
{
	watch->days = whole_of(reading, "days", 1, CALENDAR_MAX_DAYS);
	watch->rate = check_within("rate", value_of(reading, "rate"), 0.0, 1.0);
}

static void
read_rate_drop(const Reading *reading, Watch *watch)
{
	watch->days = whole_of(reading, "days", 1, CALENDAR_MAX_DAYS);
	watch->before = whole_of(reading, "before", 1, CALENDAR_MAX_DAYS);
	watch->drop = check_within("drop", value_of(reading, "drop"), 0.0, 1.0);
}

static void
read_over_use(const Reading *reading, Watch *watch)
{
	watch->days = whole_of(reading, "days", 1, CALENDAR_MAX_DAYS);
	watch->n = whole_of(reading, "n", 1, RUN_MAX);
}

static void
read_miss_cusum(const Reading *reading, Watch *watch)
{
	watch->p = value_of(reading, "p0");
	watch->rise = check_lattice(watch->p, value_of(reading, "p1"));
	watch->n = check_lattice_limit(value_of(reading, "h"));
	watch->threshold = check_part("threshold", value_of(reading, "threshold"));
}

static void
read_g_chart(const Reading *reading, Watch *watch)
{
	watch->p = check_share("p", value_of(reading, "p"));
	watch->limit = gap_limit(watch->p, check_not_negative("l", value_of(reading, "l")));
	watch->threshold = check_part("threshold", value_of(reading, "threshold"));
}

static void
read_cusum(const Reading *reading, Watch *watch)
{
	watch->k = check_not_negative("k", value_of(reading, "k"));
	watch->h = check_not_negative("h", value_of(reading, "h"));
	watch->baseline = baseline_of(reading);
	watch->headstart = check_within("headstart", value_of(reading, "headstart"), 0.0, watch->h);
}

static void
read_self_starting(const Reading *reading, Watch *watch)
{
	watch->k = check_not_negative("k", value_of(reading, "k"));
	watch->h = check_not_negative("h", value_of(reading, "h"));
}

static void
read_ewma(const Reading *reading, Watch *watch)
{
	watch->lambda = check_part("lambda", value_of(reading, "lambda"));
	watch->l = check_not_negative("l", value_of(reading, "l"));
	watch->baseline = baseline_of(reading);
}

static void
read_shewhart(const Reading *reading, Watch *watch)
{
	watch->l = check_not_negative("l", value_of(reading, "l"));
	watch->runs = whole_of(reading, "runs", 0, RUN_MAX);
	watch->baseline = baseline_of(reading);
}

static void
read_reliable_change(const Reading *reading, Watch *watch)
{
	watch->baseline.sd = check_positive("sd", value_of(reading, "sd"));
	watch->reliability = value_of(reading, "reliability");
	watch->l = check_not_negative("l", value_of(reading, "l"));
	if (!(watch->reliability >= 0.0 && watch->reliability < 1.0))
		parameter_error("reliability", watch->reliability, "It must be at least 0 and below 1.");
}

static void
read_off_track(const Reading *reading, Watch *watch)
{
	watch->gain = check_not_negative("gain", value_of(reading, "gain"));
	watch->days = whole_of(reading, "days", 1, CALENDAR_MAX_DAYS);
	watch->band = check_not_negative("band", value_of(reading, "band"));
	if (watch->direction == DIRECTION_BOTH)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("off_track watches one direction"),
						errdetail("A gain is for the better.")));
}

static void
read_silence(const Reading *reading, Watch *watch)
{
	watch->p = check_positive("rate", value_of(reading, "rate"));
	watch->limit = -log(check_share("alpha", value_of(reading, "alpha"))) / watch->p;
}

/*
 * Limits from a run length
 */

static float8
limit_of_run(const Reading *reading, float8 arl0)
{
	float8 p = 1.0 - check_share("usual", value_of(reading, "usual"));

	return DatumGetInt32(
		DirectFunctionCall2(signal_silence_limit, Float8GetDatum(arl0), Float8GetDatum(p)));
}

static float8
limit_of_miss_cusum(const Reading *reading, float8 arl0)
{
	return DatumGetInt32(DirectFunctionCall3(signal_bernoulli_cusum_limit, Float8GetDatum(arl0),
											 Float8GetDatum(value_of(reading, "p0")),
											 Float8GetDatum(value_of(reading, "p1"))));
}

static float8
limit_of_cusum(const Reading *reading, float8 arl0)
{
	float8 headstart = has_parameter(reading, "headstart") ? value_of(reading, "headstart") : 0.0;

	return DatumGetFloat8(DirectFunctionCall4(signal_cusum_limit, Float8GetDatum(arl0),
											  Float8GetDatum(value_of(reading, "k")),
											  Float8GetDatum(headstart), Int32GetDatum(1)));
}

static float8
limit_of_ewma(const Reading *reading, float8 arl0)
{
	return DatumGetFloat8(DirectFunctionCall3(signal_ewma_limit, Float8GetDatum(arl0),
											  Float8GetDatum(value_of(reading, "lambda")),
											  Int32GetDatum(1)));
}

static float8
limit_of_shewhart(const Reading *reading, float8 arl0)
{
	return DatumGetFloat8(DirectFunctionCall3(signal_shewhart_limit, Float8GetDatum(arl0),
											  Int32GetDatum(whole_of(reading, "runs", 0, RUN_MAX)),
											  Int32GetDatum(1)));
}

/* Of contacts at the usual rate, one in rate * arl0 is followed by such a silence. */
static float8
limit_of_silence(const Reading *reading, float8 arl0)
{
	return check_share("alpha", 1.0 / (check_positive("rate", value_of(reading, "rate")) * arl0));
}

/* The detectors, in the order of WatchDetector. */
static const Shape shapes[] = {
	[WATCH_MISSED_RUN] = { "missed_run",
						   { { "n", 3 }, { "usual", 0.1 } },
						   read_run,
						   "n",
						   limit_of_run },
	[WATCH_UNRECORDED_RUN] = { "unrecorded_run",
							   { { "n", 3 }, { "usual", 0.3 } },
							   read_run,
							   "n",
							   limit_of_run },
	[WATCH_RATE_BELOW] = { "rate_below",
						   { { "days", 14 }, { "rate", 0.8 } },
						   read_rate_below,
						   NULL,
						   NULL },
	[WATCH_RATE_DROP] = { "rate_drop",
						  { { "days", 14 }, { "before", 28 }, { "drop", 0.2 } },
						  read_rate_drop,
						  NULL,
						  NULL },
	[WATCH_OVER_USE] = { "over_use", { { "days", 7 }, { "n", 2 } }, read_over_use, NULL, NULL },
	[WATCH_MISS_CUSUM] = { "miss_cusum",
						   { { "p0", 0.2 }, { "p1", 0.5 }, { "h", 11 }, { "threshold", 1 } },
						   read_miss_cusum,
						   "h",
						   limit_of_miss_cusum },
	[WATCH_G_CHART] = { "g_chart",
						{ { "p", 0.05 }, { "l", 3 }, { "threshold", 1 } },
						read_g_chart,
						NULL,
						NULL },
	[WATCH_CUSUM] = { "cusum",
					  { { "k", 0.5 }, { "h", 5 }, { "mean", 0 }, { "sd", 1 }, { "headstart", 0 } },
					  read_cusum,
					  "h",
					  limit_of_cusum },
	[WATCH_SELF_STARTING_CUSUM] = { "self_starting_cusum",
									{ { "k", 0.5 }, { "h", 5 } },
									read_self_starting,
									"h",
									limit_of_cusum },
	[WATCH_EWMA] = { "ewma",
					 { { "lambda", 0.1 }, { "l", 2.7 }, { "mean", 0 }, { "sd", 1 } },
					 read_ewma,
					 "l",
					 limit_of_ewma },
	[WATCH_SHEWHART] = { "shewhart",
						 { { "l", 3 }, { "runs", 0 }, { "mean", 0 }, { "sd", 1 } },
						 read_shewhart,
						 "l",
						 limit_of_shewhart },
	[WATCH_RELIABLE_CHANGE] = { "reliable_change",
								{ { "sd", 1 }, { "reliability", 0.8 }, { "l", 1.96 } },
								read_reliable_change,
								NULL,
								NULL },
	[WATCH_OFF_TRACK] = { "off_track",
						  { { "gain", 0 }, { "days", 84 }, { "band", 5 } },
						  read_off_track,
						  NULL,
						  NULL },
	[WATCH_SILENCE] = { "silence",
						{ { "rate", 0.3333 }, { "alpha", 0.005 } },
						read_silence,
						"alpha",
						limit_of_silence },
};

/* The detector of a name. */
static WatchDetector
find_detector(const char *name)
{
	for (size_t i = 0; i < lengthof(shapes); i++)
		if (strcmp(shapes[i].name, name) == 0)
			return (WatchDetector) i;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("no stream is watched by \"%s\"", text_excerpt(name)),
					errhint("The detectors are missed_run, unrecorded_run, rate_below, rate_drop, "
							"over_use, miss_cusum, g_chart, cusum, self_starting_cusum, ewma, "
							"shewhart, reliable_change, off_track and silence.")));
}

/* Refuse a parameter that the detector does not have. */
static void
check_names(const Shape *shape, const Jsonb *given)
{
	JsonbIterator *each = JsonbIteratorInit((JsonbContainer *) &given->root);
	JsonbValue key;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&each, &key, true)) != WJB_DONE)
	{
		int length = token == WJB_KEY ? key.val.string.len : 0;

		if (token != WJB_KEY || place_of(shape->parameters, key.val.string.val, length) >= 0)
			continue;
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s has no parameter \"%s\"", shape->name,
							   text_excerpt(pnstrdup(key.val.string.val, length)))));
	}
}

/* Read the values. */
static Reading
read_values(const Shape *shape, const Jsonb *given)
{
	Reading reading = { .known = shape->parameters };

	if (!JB_ROOT_IS_OBJECT(given))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("parameters must be a JSON object")));
	check_names(shape, given);
	for (int i = 0; i < MOST_PARAMETERS && shape->parameters[i].name != NULL; i++)
		reading.values[i] =
			json_parameter(given, shape->parameters[i].name, shape->parameters[i].otherwise);
	return reading;
}

/* A direction by its name; NULL is up. */
static Direction
read_direction(const char *name)
{
	if (name == NULL || strcmp(name, "up") == 0)
		return DIRECTION_UP;
	if (strcmp(name, "down") == 0)
		return DIRECTION_DOWN;
	if (strcmp(name, "both") == 0)
		return DIRECTION_BOTH;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid direction: \"%s\"", text_excerpt(name)),
					errdetail("It must be \"up\", \"down\" or \"both\".")));
}

/* A watch, checked. */
Watch
watch_read(const char *detector, const Jsonb *parameters, const char *direction)
{
	Watch watch = { .detector = find_detector(detector), .direction = read_direction(direction) };
	const Shape *shape = &shapes[watch.detector];
	Reading reading = read_values(shape, parameters);

	shape->read(&reading, &watch);
	return watch;
}

/* Values as a JSON object. */
static Datum
values_as_jsonb(const Reading *reading)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < MOST_PARAMETERS && reading->known[i].name != NULL; i++)
	{
		JsonbValue key = { .type = jbvString };
		JsonbValue number = { .type = jbvNumeric };

		key.val.string.val = unconstify(char *, reading->known[i].name);
		key.val.string.len = (int) strlen(reading->known[i].name);
		number.val.numeric = DatumGetNumeric(
			DirectFunctionCall1(float8_numeric, Float8GetDatum(reading->values[i])));
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &number);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}

PG_FUNCTION_INFO_V1(signal_detector_parameters);

/* All parameters of a detector, checked, with the limit that a run length decides. */
Datum
signal_detector_parameters(PG_FUNCTION_ARGS)
{
	char *detector;
	const Shape *shape;
	Reading reading;
	Watch watch = { .n = 0 };

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	detector = text_to_cstring(PG_GETARG_TEXT_PP(0));
	shape = &shapes[find_detector(detector)];
	reading = read_values(shape, PG_GETARG_JSONB_P(1));
	if (!PG_ARGISNULL(2))
	{
		float8 arl0 = check_positive("arl0", PG_GETARG_FLOAT8(2));

		if (shape->limit == NULL)
			ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
							errmsg("no run length is known for detector \"%s\"", shape->name)));
		reading.values[place_of(shape->parameters, shape->limit, strlen(shape->limit))] =
			shape->find_limit(&reading, arl0);
	}
	shape->read(&reading, &watch);
	PG_RETURN_DATUM(values_as_jsonb(&reading));
}
