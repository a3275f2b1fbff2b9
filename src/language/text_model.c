/*
 * The type text_model: aggregates that train one, and what can be asked of it.
 * What it has in common with the other types of this room is in values.c,
 * terms and models in model.c, and what is fitted in learner.c.
 */
#include "language/values.h"

#include <math.h>

#include <unicode/uchar.h>
#include <unicode/uversion.h>

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "language/model.h"

/*
 * Training
 */

/* The terms of a document while they are gathered. */
typedef struct Gathering
{
	StringInfoData terms; /* each ended by a zero byte */
	size_t n;
} Gathering;

/* Gather a term. */
static void
gather_term(void *owner, const Term *term)
{
	Gathering *gathering = owner;

	if (gathering->n++ % 1024 == 0)
		CHECK_FOR_INTERRUPTS();
	key_add(&gathering->terms, term->text, term->length);
}

/* Order of terms, for qsort. */
static int
compare_terms(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Add the terms of a document to a key, in order, each once. */
static void
key_add_terms(StringInfo key, const text *document)
{
	Utf8Text utf8 = utf8_text(document);
	Gathering gathering = { .n = 0 };
	WordReader reader;
	const char **terms;
	const char *at;

	initStringInfo(&gathering.terms);
	words_start(&reader, word_breaker(NULL), utf8.bytes, utf8.size, TERM_OPTIONS);
	each_term(&reader, gather_term, &gathering);
	terms = palloc_array(const char *, gathering.n + 1);
	at = gathering.terms.data;
	for (size_t i = 0; i < gathering.n; i++, at += strlen(at) + 1)
		terms[i] = at;
	qsort(terms, gathering.n, sizeof(char *), compare_terms);
	for (size_t i = 0; i < gathering.n; i++)
		if (i == 0 || strcmp(terms[i - 1], terms[i]) != 0)
			key_add(key, terms[i], strlen(terms[i]));
	pfree(terms);
	pfree(gathering.terms.data);
}

PG_FUNCTION_INFO_V1(text_model_agg_add);

/* A row (label, document, person) enters the state that is argument 0. */
Datum
text_model_agg_add(PG_FUNCTION_ARGS)
{
	RecordsValue *state = PG_GETARG_VALUE(0);
	Record record = { .value.count = 1 };
	StringInfoData key;
	RecordFault fault;

	if (value_kind(state) != RECORD_DOCUMENTS)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a text model without its documents cannot take more of them")));
	initStringInfo(&key);
	appendStringInfo(&key, INT64_FORMAT, PG_GETARG_INT64(3));
	appendStringInfoChar(&key, '\0');
	key_add_text(&key, PG_GETARG_TEXT_PP(1));
	key_add_terms(&key, PG_GETARG_TEXT_PP(2));
	record.key = key.data;
	record.size = (size_t) key.len;
	fault = record_check(RECORD_DOCUMENTS, &record);
	if (fault != RECORD_OK)
		value_fault(fault, RECORD_DOCUMENTS);
	state = value_add(state, value_in_aggregate(fcinfo), &record);
	pfree(key.data);
	return value_return_state(fcinfo, state);
}

/*
 * Models
 */

/* Versions of ICU and Unicode, as in 72.1. */
static double
icu_version(void)
{
	UVersionInfo version;

	u_getVersion(version);
	return version[0] + version[1] / 10.0;
}

static double
version_of_unicode(void)
{
	UVersionInfo version;

	u_getUnicodeVersion(version);
	return version[0] + version[1] / 10.0;
}

/* Warn of a model whose words another version of ICU found. */
static void
warn_of_version(const TextModel *model)
{
	if (model->icu != 0 && model->icu != icu_version())
		ereport(
			WARNING,
			(errmsg("text model was made with another version of ICU"),
			 errdetail(
				 "It was made with ICU %g, and this is ICU %g: words may be found in other places.",
				 model->icu, icu_version()),
			 errhint("Make the model anew from its documents.")));
}

/* A model of a value, of terms that so many people used if it still has its documents. */
static TextModel *
make_model(const RecordsValue *value, const Memory *memory, double min_people)
{
	TextModel *model = palloc_object(TextModel);
	RecordKind kind = value_kind(value);
	RecordFault fault;

	if (kind < RECORD_DOCUMENTS)
		value_damaged();
	fault = model_compile(memory, kind, value->bytes, value_size(value), min_people, model);
	if (fault == RECORD_DAMAGED)
		ereport(
			ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED), errmsg("text model lacks a number that it needs"),
			 errdetail("A model without its documents has a positive temperature, and its terms "
					   "have labels of which it has documents or an intercept.")));
	if (fault != RECORD_OK)
		value_fault(fault, kind);
	warn_of_version(model);
	return model;
}

/* The same, to be kept. */
static void *
compile_model(const RecordsValue *value, const char *extra, const Memory *memory)
{
	(void) extra;
	return make_model(value, memory, 0);
}

/* The model that is argument 0, kept from call to call, its temperature fitted where the caller needs it. */
static TextModel *
model_arg(FunctionCallInfo fcinfo, bool with_temperature)
{
	TextModel *model = value_compiled(fcinfo, 0, "", compile_model);
	MemoryContext before;

	if (with_temperature && model->temperature == 0)
	{
		before = MemoryContextSwitchTo(model->memory->owner);
		model_temperature(model);
		MemoryContextSwitchTo(before);
	}
	return model;
}

/* Records of a value being written. */
typedef struct Building
{
	RecordsValue *state;
} Building;

/* Add a record to a value being written. */
static void
build_record(void *owner, const Record *record)
{
	Building *building = owner;

	building->state = value_add(building->state, true, record);
}

/* A model as a value without its documents. */
static RecordsValue *
write_model(TextModel *model, RecordKind kind, double min_people)
{
	Building building = { .state = value_start(kind, 8192) };

	if (model->icu == 0)
	{
		model->icu = icu_version();
		model->unicode = version_of_unicode();
	}
	model_write(model, kind, min_people, build_record, &building);
	return value_pack(building.state);
}

PG_FUNCTION_INFO_V1(text_model_publishable);

/* A model without its documents, and without terms that few people used. */
Datum
text_model_publishable(PG_FUNCTION_ARGS)
{
	RecordsValue *value = value_arg(fcinfo, 0);
	int32 min_people = PG_GETARG_INT32(1);
	Memory memory = server_memory(CurrentMemoryContext);
	TextModel *model;

	if (min_people < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("number of people must be positive: \"%d\"", min_people)));
	if (value_size(value) == 0)
		PG_RETURN_NULL();
	model = make_model(value, &memory, min_people);
	if (model->kind == RECORD_COUNTS)
	{
		if (min_people > model->min_people)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("text model without its documents does not know who used a term"),
					 errhint("Make it publishable from the model of text_model_agg.")));
		PG_RETURN_VALUE(value);
	}
	model_temperature(model);
	PG_RETURN_VALUE(write_model(model,
								model->kind == RECORD_LOGISTIC ? RECORD_LOGISTIC : RECORD_COUNTS,
								Max(min_people, model->min_people)));
}

PG_FUNCTION_INFO_V1(text_classifier_agg_final);

/* Logistic regressions on the documents of a state; NULL if it has none. */
Datum
text_classifier_agg_final(PG_FUNCTION_ARGS)
{
	RecordsValue *value = value_arg(fcinfo, 0);
	Memory memory = server_memory(CurrentMemoryContext);
	TextModel *model;

	if (value_size(value) == 0)
		PG_RETURN_NULL();
	model = make_model(value, &memory, 0);
	if (model->kind == RECORD_DOCUMENTS)
		logistic_fit(model);
	PG_RETURN_VALUE(write_model(model, RECORD_LOGISTIC, 0));
}

/*
 * Asking
 */

/* Scores of a document, and the labels from the best on. */
typedef struct Answer
{
	double *scores;
	double divisor; /* of the scores */
	double *probabilities;
	uint32 *order;
} Answer;

/* Score the document that is argument 1; how many terms of the model it has. */
static size_t
score_document(FunctionCallInfo fcinfo, TextModel *model, double *scores)
{
	Utf8Text utf8 = utf8_text(PG_GETARG_TEXT_PP(1));
	WordReader reader;

	words_start(&reader, word_breaker(NULL), utf8.bytes, utf8.size, TERM_OPTIONS);
	return model_score(model, &reader, scores);
}

/* Order the labels: the most probable first, and equal ones by name. */
static Answer
answer_document(FunctionCallInfo fcinfo, TextModel *model)
{
	Answer answer = { .scores = palloc_array(double, model->nlabels + 1),
					  .probabilities = palloc_array(double, model->nlabels + 1),
					  .order = palloc_array(uint32, model->nlabels + 1) };

	answer.divisor = model_divisor(model, score_document(fcinfo, model, answer.scores));
	model_probabilities(model, answer.scores, answer.divisor, answer.probabilities);
	for (uint32 l = 0; l < model->nlabels; l++)
	{
		uint32 at = l;

		for (; at > 0 && answer.scores[answer.order[at - 1]] < answer.scores[l]; at--)
			answer.order[at] = answer.order[at - 1];
		answer.order[at] = l;
	}
	return answer;
}

PG_FUNCTION_INFO_V1(text_model_best_label);

/* The most probable label of a document; NULL of a model without documents. */
Datum
text_model_best_label(PG_FUNCTION_ARGS)
{
	TextModel *model = model_arg(fcinfo, false);
	double *scores = palloc_array(double, model->nlabels + 1);
	uint32 best = 0;

	if (model->nlabels == 0)
		PG_RETURN_NULL();
	score_document(fcinfo, model, scores);
	for (uint32 l = 1; l < model->nlabels; l++)
		if (scores[l] > scores[best])
			best = l;
	return field_datum(model->labels[best]);
}

PG_FUNCTION_INFO_V1(text_model_classify);

/* The labels of a document with their probabilities, as rows. */
Datum
text_model_classify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	TextModel *model;
	Answer answer;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	model = model_arg(fcinfo, true);
	answer = answer_document(fcinfo, model);
	for (uint32 i = 0; i < model->nlabels; i++)
	{
		Datum values[] = { field_datum(model->labels[answer.order[i]]),
						   Float8GetDatum(answer.probabilities[answer.order[i]]) };
		bool nulls[lengthof(values)] = { false };

		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* A term that a document and a model have, or, with the number TABLE_NONE, the prior. */
typedef struct Reason
{
	uint32 number;
	int32 first;
	int32 last;
	double contribution; /* to the label at hand */
} Reason;

typedef struct Reasons
{
	TextModel *model;
	Reason *reasons;
	size_t n;
	size_t room;
} Reasons;

/* Add a term that the model has, once. */
static void
take_reason(void *owner, const Term *term)
{
	Reasons *taken = owner;
	TextModel *model = taken->model;
	uint32 number = table_find(&model->vocabulary, term->hash, term->text, term->length);

	CHECK_FOR_INTERRUPTS();
	if (number == TABLE_NONE || model->seen[number] == model->serial)
		return;
	model->seen[number] = model->serial;
	if (taken->n == taken->room)
		taken->reasons = repalloc_array(taken->reasons, Reason, taken->room *= 2);
	taken->reasons[taken->n++] =
		(Reason){ .number = number, .first = term->first, .last = term->last };
}

/* All reasons that there are in the document that is argument 1, the prior first. */
static Reasons
find_reasons(TextModel *model, const Utf8Text *document)
{
	Reasons taken = { .model = model, .reasons = palloc_array(Reason, 32), .n = 1, .room = 32 };
	WordReader reader;

	taken.reasons[0] = (Reason){ .number = TABLE_NONE, .first = -1 };
	if (++model->serial == 0)
	{
		memset(model->seen, 0, model->vocabulary.n * sizeof(uint32));
		model->serial = 1;
	}
	words_start(&reader, word_breaker(NULL), document->bytes, document->size, TERM_OPTIONS);
	each_term(&reader, take_reason, &taken);
	return taken;
}

/* Order of reasons: by how much they speak for or against; else the prior first, and terms as they came. */
static int
compare_reasons(const void *left, const void *right)
{
	const Reason *a = left;
	const Reason *b = right;

	if (fabs(a->contribution) != fabs(b->contribution))
		return fabs(a->contribution) > fabs(b->contribution) ? -1 : 1;
	if ((a->number == TABLE_NONE) != (b->number == TABLE_NONE))
		return a->number == TABLE_NONE ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* A term of a model as a text of the server. */
static Datum
term_datum(const TextModel *model, uint32 number)
{
	const TableText *term = &model->vocabulary.texts[number];

	return field_datum(pnstrdup(term->text, term->length));
}

PG_FUNCTION_INFO_V1(text_model_explain);

/* What each term of a document contributes to the score of each label, as rows. */
Datum
text_model_explain(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	TextModel *model;
	Utf8Text document;
	Answer answer;
	Reasons taken;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	model = model_arg(fcinfo, true);
	document = utf8_text(PG_GETARG_TEXT_PP(1));
	answer = answer_document(fcinfo, model);
	taken = find_reasons(model, &document);
	for (uint32 i = 0; i < model->nlabels; i++)
	{
		uint32 label = answer.order[i];

		for (size_t k = 0; k < taken.n; k++)
		{
			Reason *reason = &taken.reasons[k];
			double weight = reason->number == TABLE_NONE
								? model->prior[label]
								: model->weights[(size_t) reason->number * model->nlabels + label];

			reason->contribution = weight / answer.divisor;
		}
		qsort(taken.reasons, taken.n, sizeof(Reason), compare_reasons);
		for (size_t k = 0; k < taken.n; k++)
		{
			const Reason *reason = &taken.reasons[k];
			bool is_prior = reason->number == TABLE_NONE;
			bool has_span = reason->first >= 0;
			Datum values[] = { field_datum(model->labels[label]),
							   is_prior ? (Datum) 0 : term_datum(model, reason->number),
							   has_span ? span_range(&document, reason->first, reason->last)
										: (Datum) 0,
							   Float8GetDatum(reason->contribution) };
			bool nulls[lengthof(values)] = { [1] = is_prior, [2] = !has_span };

			CHECK_FOR_INTERRUPTS();
			tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}

/* A term and its weight for one label. */
typedef struct WeighedTerm
{
	double weight;
	const TableText *term;
	uint32 number;
} WeighedTerm;

/* Order of weights: the largest first, and equal ones by the bytes of their terms. */
static int
compare_weighed(const void *left, const void *right)
{
	const WeighedTerm *a = left;
	const WeighedTerm *b = right;
	int order;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	order = memcmp(a->term->text, b->term->text, Min(a->term->length, b->term->length));
	return order != 0 ? order : (int) a->term->length - (int) b->term->length;
}

/* The number of the label that is argument 1. */
static uint32
label_arg(FunctionCallInfo fcinfo, const TextModel *model)
{
	Utf8Text label = utf8_text(PG_GETARG_TEXT_PP(1));
	uint32 number = table_find(&model->label_table, table_hash(label.bytes, label.size),
							   label.bytes, label.size);

	if (number == TABLE_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("text model has no label \"%s\"", text_to_cstring(PG_GETARG_TEXT_PP(1)))));
	return number;
}

PG_FUNCTION_INFO_V1(text_model_top_terms);

/* The terms that speak most for a label, as rows. */
Datum
text_model_top_terms(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	int64 wanted = PG_GETARG_INT32(2);
	TextModel *model;
	uint32 label;
	WeighedTerm *terms;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	model = model_arg(fcinfo, true);
	label = label_arg(fcinfo, model);
	terms = palloc_array(WeighedTerm, model->vocabulary.n + 1);
	for (uint32 t = 0; t < model->vocabulary.n; t++)
		terms[t] =
			(WeighedTerm){ model->weights[(size_t) t * model->nlabels + label] / model->temperature,
						   &model->vocabulary.texts[t], t };
	qsort(terms, model->vocabulary.n, sizeof(WeighedTerm), compare_weighed);
	for (int64 i = 0; i < wanted && i < (int64) model->vocabulary.n; i++)
	{
		Datum values[] = { term_datum(model, terms[i].number), Float8GetDatum(terms[i].weight) };
		bool nulls[lengthof(values)] = { false };

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Add the labels of a model to a JSON text, with the number of their documents where it is known. */
static void
append_labels(StringInfo json, const TextModel *model)
{
	for (uint32 l = 0; l < model->nlabels; l++)
	{
		appendStringInfoString(json, l == 0 ? "{" : ", ");
		escape_json(json, TextDatumGetCString(field_datum(model->labels[l])));
		if (model->kind == RECORD_LOGISTIC)
			appendStringInfoString(json, ": null");
		else
			appendStringInfo(json, ": %.0f", model->documents[l]);
	}
	appendStringInfoString(json, model->nlabels == 0 ? "{}" : "}");
}

/* Add a number of a model to a JSON text; null where it is not known. */
static void
append_figure(StringInfo json, const char *name, double number)
{
	char text[RECORD_NUMBER_SIZE];

	appendStringInfo(json, ", \"%s\": ", name);
	if (number > 0)
		appendBinaryStringInfo(json, text, (int) record_number(number, text));
	else
		appendStringInfoString(json, "null");
}

PG_FUNCTION_INFO_V1(text_model_info);

/* What a model is, as a JSON document. */
Datum
text_model_info(PG_FUNCTION_ARGS)
{
	TextModel *model = model_arg(fcinfo, true);
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"learner\": \"%s\", \"has_documents\": %s, \"labels\": ",
					 model->kind == RECORD_LOGISTIC ? "logistic regression" : "naive Bayes",
					 model->kind == RECORD_DOCUMENTS ? "true" : "false");
	append_labels(&json, model);
	append_figure(&json, "documents", model->kind == RECORD_LOGISTIC ? 0 : model_documents(model));
	appendStringInfo(&json, ", \"terms\": %zu", model->vocabulary.n);
	append_figure(&json, "people", model->people);
	append_figure(&json, "min_people", model->min_people);
	append_figure(&json, "temperature", model->temperature);
	appendStringInfoString(
		&json,
		", \"tokeniser\": \"words, pairs, ? and !, length; numbers folded\", \"locale\": \"root\"");
	append_figure(&json, "icu", model->icu != 0 ? model->icu : icu_version());
	append_figure(&json, "unicode", model->unicode != 0 ? model->unicode : version_of_unicode());
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
