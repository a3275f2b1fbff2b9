/*
 * Models: terms of documents, compiling records into a model that answers,
 * scores, and records of a model that can do without its documents.
 *
 * Naive Bayes, multinomial, over whether a document has a term: the weight of
 * term t for label l is ln((c_tl + a) / (T_l + a V)), c_tl being the number of
 * documents of the label that have the term, T_l its sum over the vocabulary
 * of V terms, and a = 0.3; the prior of l is the logarithm of its share of
 * documents.  The mean over labels is taken from each weight and prior, which
 * changes no probability, so that one is positive if it speaks for its label.
 */
#include "language/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A term has to be in so many documents. */
#define LEAST_DOCUMENTS 2

/* Records between two looks at interrupts. */
#define RECORDS_PER_PAUSE 1024

/* Names of figures that a model without its documents has. */
#define FIGURE_ICU "icu"
#define FIGURE_MIN_PEOPLE "min_people"
#define FIGURE_PEOPLE "people"
#define FIGURE_TEMPERATURE "temperature"
#define FIGURE_UNICODE "unicode"

/*
 * Terms
 */

/* The mark of a length: no word has its first character. */
static const char *
length_mark(size_t nwords)
{
	static const char *const marks[] = { "#1", "#2", "#3-4", "#5-8", "#9-16", "#17-32", "#33-64" };
	size_t most = 1;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++, most *= 2)
		if (nwords <= most)
			return marks[i];
	return "#65-";
}

/* A hash of a text with more of it, its bits not yet spread. */
static uint64_t
hash_more(uint64_t hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = table_hash_byte(hash, text[i]);
	return hash;
}

/* Take the mark of a document's length. */
static void
take_length(size_t nwords, TakeTerm take, void *owner)
{
	const char *mark = length_mark(nwords);
	Term term = { .text = mark, .length = strlen(mark), .first = -1, .last = -1 };

	term.hash = table_hash(mark, term.length);
	take(owner, &term);
}

/* Take all terms of a document; some may come more than once. */
void
each_term(WordReader *reader, TakeTerm take, void *owner)
{
	char text[TERM_MAX_SIZE];
	Term before = { .text = text };	  /* the word before, which stands in the text */
	uint64_t hash = TABLE_HASH_START; /* its hash, its bits not yet spread */
	size_t nwords = 0;
	Word word;

	for (; words_next(reader, &word); nwords++)
	{
		Term pair = before;

		if (nwords > 0)
		{
			text[pair.length++] = ' ';
			memcpy(text + pair.length, word.spelling, word.length);
			pair.length += word.length;
			pair.hash = hash_more(table_hash_byte(hash, ' '), word.spelling, word.length);
			pair.hash = table_hash_end(pair.hash);
			pair.last = word.last;
			take(owner, &pair);
		}
		memcpy(text, word.spelling, word.length);
		hash = hash_more(TABLE_HASH_START, word.spelling, word.length);
		before.length = word.length;
		before.hash = table_hash_end(hash);
		before.first = word.first;
		before.last = word.last;
		take(owner, &before);
	}
	if (nwords > 0)
		take_length(nwords, take, owner);
}

/*
 * Compiling
 */

/* Add a label; false if there are too many. */
static bool
add_label(TextModel *model, const char *label)
{
	table_add(&model->label_table, label, strlen(label));
	return model->label_table.n <= MODEL_MAX_LABELS;
}

/* Order of texts, for qsort. */
static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Bring the labels in order, with numbers by it. */
static void
order_labels(TextModel *model)
{
	TextTable found = model->label_table;

	model->nlabels = (uint32_t) found.n;
	model->labels = memory_zeros(model->memory, found.n, sizeof(char *));
	for (size_t i = 0; i < found.n; i++)
		model->labels[i] = found.texts[i].text;
	if (found.n > 1)
		qsort(model->labels, found.n, sizeof(char *), compare_texts);
	table_start(&model->label_table, model->memory);
	for (size_t i = 0; i < found.n; i++)
		add_label(model, model->labels[i]);
	model->documents = memory_zeros(model->memory, found.n, sizeof(double));
	model->prior = memory_zeros(model->memory, found.n, sizeof(double));
}

/* The number of a label; TABLE_NONE if it is none of the model's. */
static uint32_t
label_number(const TextModel *model, const char *label)
{
	size_t length = strlen(label);

	return table_find(&model->label_table, table_hash(label, length), label, length);
}

/* The number of a term that is in the vocabulary. */
static size_t
find_term(const TextModel *model, const char *term)
{
	size_t length = strlen(term);

	return table_find(&model->vocabulary, table_hash(term, length), term, length);
}

/* What is known of a term while the vocabulary is chosen. */
typedef struct TermUse
{
	double documents;
	double people;
	const char *last_person;
	uint32_t number; /* in the vocabulary */
} TermUse;

/* All terms of the documents. */
typedef struct TermUses
{
	TextTable table;
	TermUse *uses;
	size_t n;
	size_t room;
} TermUses;

/* Count a use of a term. */
static void
count_use(TermUses *terms, const Memory *memory, const char *term, const Document *document)
{
	uint32_t number = table_add(&terms->table, term, strlen(term));
	TermUse *use;

	if (number == terms->n)
	{
		MEMORY_GROW(memory, terms->uses, terms->n, terms->room);
		terms->uses[terms->n++] = (TermUse){ .number = TABLE_NONE };
	}
	use = &terms->uses[number];
	use->documents += document->times;
	use->people += use->last_person != document->person;
	use->last_person = document->person;
}

/* Read the documents: their labels and people, and how the terms are used. */
static RecordFault
read_documents(TextModel *model, const uint8_t *records, size_t size, TermUses *terms)
{
	Corpus *corpus = &model->corpus;
	RecordScan scan;

	record_scan(&scan, records, size);
	while (record_next(&scan))
	{
		const char *label = field_after(&scan.here, scan.here.key);
		const Document *before = corpus->n > 0 ? &corpus->documents[corpus->n - 1] : NULL;
		Document document = { .person = scan.here.key, .times = (double) scan.here.value.count };

		if (label == NULL || record_check(RECORD_DOCUMENTS, &scan.here) != RECORD_OK)
			return RECORD_DAMAGED;
		if (corpus->n % RECORDS_PER_PAUSE == 0)
			model->memory->pause();
		if (!add_label(model, label))
			return RECORD_LABELS;
		if (before != NULL && strcmp(before->person, document.person) == 0)
			document.person = before->person;
		else
			corpus->npeople++;
		document.group = corpus->npeople - 1;
		for (const char *term = field_after(&scan.here, label); term != NULL;
			 term = field_after(&scan.here, term))
			count_use(terms, model->memory, term, &document);
		MEMORY_GROW(model->memory, corpus->documents, corpus->n, corpus->room);
		corpus->documents[corpus->n++] = document;
	}
	return scan.is_damaged ? RECORD_DAMAGED : RECORD_OK;
}

/* Choose the vocabulary: terms of enough documents and people. */
static void
choose_terms(TextModel *model, TermUses *terms, double min_people)
{
	double *people = memory_zeros(model->memory, terms->n, sizeof(double));

	for (size_t i = 0; i < terms->n; i++)
	{
		TermUse *use = &terms->uses[i];

		if (use->documents < LEAST_DOCUMENTS || use->people < min_people)
			continue;
		use->number =
			table_add(&model->vocabulary, terms->table.texts[i].text, terms->table.texts[i].length);
		people[use->number] = use->people;
	}
	model->term_people = people;
}

/* Number the terms of all documents, and count them by label. */
static RecordFault
count_documents(TextModel *model, const uint8_t *records, size_t size, const TermUses *terms)
{
	Corpus *corpus = &model->corpus;
	Document *document = corpus->documents;
	RecordScan scan;

	model->counts =
		memory_zeros(model->memory, model->vocabulary.n * model->nlabels, sizeof(double));
	MEMORY_GROW(model->memory, corpus->terms, corpus->nterms, corpus->term_room); /* never NULL */
	record_scan(&scan, records, size);
	for (; record_next(&scan); document++)
	{
		const char *label = field_after(&scan.here, scan.here.key);

		if (label == NULL)
			return RECORD_DAMAGED;
		document->label = label_number(model, label);
		document->term = corpus->nterms;
		model->documents[document->label] += document->times;
		for (const char *term = field_after(&scan.here, label); term != NULL;
			 term = field_after(&scan.here, term))
		{
			size_t length = strlen(term);
			uint32_t use = table_find(&terms->table, table_hash(term, length), term, length);
			uint32_t number = use == TABLE_NONE ? TABLE_NONE : terms->uses[use].number;

			if (number == TABLE_NONE)
				continue;
			MEMORY_GROW(model->memory, corpus->terms, corpus->nterms, corpus->term_room);
			corpus->terms[corpus->nterms++] = number;
			model->counts[number * model->nlabels + document->label] += document->times;
		}
		document->nterms = (uint32_t) (corpus->nterms - document->term);
	}
	return RECORD_OK;
}

/* Read the documents of a model that still has them. */
static RecordFault
compile_documents(TextModel *model, const uint8_t *records, size_t size, double min_people)
{
	TermUses terms = { .n = 0 };
	RecordFault fault;

	table_start(&terms.table, model->memory);
	fault = read_documents(model, records, size, &terms);
	if (fault != RECORD_OK)
		return fault;
	order_labels(model);
	choose_terms(model, &terms, min_people);
	model->people = model->corpus.npeople;
	return count_documents(model, records, size, &terms);
}

/* Read a figure about the whole model. */
static void
read_figure(TextModel *model, const char *name, double number)
{
	if (strcmp(name, FIGURE_ICU) == 0)
		model->icu = number;
	else if (strcmp(name, FIGURE_MIN_PEOPLE) == 0)
		model->min_people = number;
	else if (strcmp(name, FIGURE_PEOPLE) == 0)
		model->people = number;
	else if (strcmp(name, FIGURE_TEMPERATURE) == 0)
		model->temperature = number;
	else if (strcmp(name, FIGURE_UNICODE) == 0)
		model->unicode = number;
}

/* Read the labels, figures and terms of a model without its documents. */
static RecordFault
read_terms(TextModel *model, const uint8_t *records, size_t size)
{
	RecordScan scan;

	record_scan(&scan, records, size);
	while (record_next(&scan))
	{
		const char *term = scan.here.key;
		const char *label = field_after(&scan.here, term);
		const char *name = label == NULL ? NULL : field_after(&scan.here, label);

		if (label == NULL || record_check(model->kind, &scan.here) != RECORD_OK)
			return RECORD_DAMAGED;
		if (*term != '\0')
			table_add(&model->vocabulary, term, strlen(term));
		else if (name != NULL)
			read_figure(model, name, scan.here.value.number);
		else if (!add_label(model, label))
			return RECORD_LABELS;
	}
	return scan.is_damaged || !(model->temperature > 0) ? RECORD_DAMAGED : RECORD_OK;
}

/* Read the number of a label, or of a term for it. */
static RecordFault
read_number(TextModel *model, const char *term, const char *label, double number)
{
	uint32_t of_label = *label == '\0' ? TABLE_NONE : label_number(model, label);

	if (of_label == TABLE_NONE)
		return RECORD_DAMAGED;
	if (*term != '\0')
		model->counts[find_term(model, term) * model->nlabels + of_label] = number;
	else if (model->kind == RECORD_COUNTS)
		model->documents[of_label] = number;
	else
		model->prior[of_label] = number;
	return RECORD_OK;
}

/* Read the numbers of a model without its documents. */
static RecordFault
read_numbers(TextModel *model, const uint8_t *records, size_t size)
{
	RecordScan scan;

	record_scan(&scan, records, size);
	while (record_next(&scan))
	{
		const char *term = scan.here.key;
		const char *label = field_after(&scan.here, term);
		RecordFault fault = RECORD_OK;

		if (label == NULL)
			return RECORD_DAMAGED;
		if (field_after(&scan.here, label) == NULL)
			fault = read_number(model, term, label, scan.here.value.number);
		else if (*term != '\0' && *label == '\0')
			model->term_people[find_term(model, term)] = scan.here.value.number;
		if (fault != RECORD_OK)
			return fault;
	}
	return RECORD_OK;
}

/* Read a model without its documents. */
static RecordFault
compile_terms(TextModel *model, const uint8_t *records, size_t size)
{
	RecordFault fault = read_terms(model, records, size);

	if (fault != RECORD_OK)
		return fault;
	order_labels(model);
	model->counts =
		memory_zeros(model->memory, model->vocabulary.n * model->nlabels, sizeof(double));
	model->term_people = memory_zeros(model->memory, model->vocabulary.n, sizeof(double));
	return read_numbers(model, records, size);
}

/* Take the mean of some numbers from each. */
static void
centre(double *numbers, uint32_t n)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += numbers[i];
	for (uint32_t i = 0; i < n; i++)
		numbers[i] -= sum / n;
}

/* The weights of naive Bayes, from the counts. */
static void
weigh_counts(TextModel *model)
{
	uint32_t nlabels = model->nlabels;
	size_t nterms = model->vocabulary.n;
	double *totals = memory_zeros(model->memory, nlabels, sizeof(double));
	double all = model_documents(model);

	model->weights = memory_zeros(model->memory, nterms * nlabels, sizeof(double));
	for (size_t i = 0; i < nterms * nlabels; i++)
		totals[i % nlabels] += model->counts[i];
	for (uint32_t l = 0; l < nlabels; l++)
	{
		model->prior[l] = log(model->documents[l] / all);
		totals[l] += MODEL_SMOOTHING * (double) nterms;
	}
	centre(model->prior, nlabels);
	for (size_t t = 0; t < nterms; t++)
	{
		double *weights = model->weights + t * nlabels;

		for (uint32_t l = 0; l < nlabels; l++)
			weights[l] = log((model->counts[t * nlabels + l] + MODEL_SMOOTHING) / totals[l]);
		centre(weights, nlabels);
	}
}

/* Whether a model can be weighed: no label without documents. */
static bool
has_documents(const TextModel *model)
{
	for (uint32_t l = 0; l < model->nlabels; l++)
		if (!(model->documents[l] > 0))
			return false;
	return true;
}

/*
 * Make a model that answers of records, which have to stay where they are.  Of
 * documents, terms count that so many people used.
 */
RecordFault
model_compile(const Memory *memory, RecordKind kind, const uint8_t *records, size_t size,
			  double min_people, TextModel *model)
{
	RecordFault fault;

	memset(model, 0, sizeof(*model));
	model->memory = memory;
	model->kind = kind;
	model->min_people = min_people;
	table_start(&model->label_table, memory);
	table_start(&model->vocabulary, memory);
	if (kind == RECORD_DOCUMENTS)
		fault = compile_documents(model, records, size, min_people);
	else if (size == 0)
		fault = RECORD_DAMAGED;
	else
		fault = compile_terms(model, records, size);
	if (fault != RECORD_OK)
		return fault;
	model->seen = memory_zeros(memory, model->vocabulary.n, sizeof(uint32_t));
	if (kind == RECORD_LOGISTIC)
	{
		model->weights = model->counts;
		return RECORD_OK;
	}
	if (!has_documents(model))
		return RECORD_DAMAGED;
	weigh_counts(model);
	return RECORD_OK;
}

/* How many documents a model was made of, where it counts them. */
double
model_documents(const TextModel *model)
{
	double all = 0;

	for (uint32_t l = 0; l < model->nlabels; l++)
		all += model->documents[l];
	return all;
}

/* Fit the temperature, unless that is done. */
void
model_temperature(TextModel *model)
{
	if (model->temperature == 0)
		model->temperature = leave_people_out(model);
}

/*
 * Scores
 */

/* Scores that are being added up. */
typedef struct Scoring
{
	TextModel *model;
	double *scores;
	size_t ntaken;
	size_t nterms; /* that the model has, each once */
} Scoring;

/* Terms between two looks at interrupts. */
#define TERMS_PER_PAUSE 4096

/* Let a term enter the scores, if the model has it and this document did not have it before. */
static void
score_term(void *owner, const Term *term)
{
	Scoring *scoring = owner;
	TextModel *model = scoring->model;
	uint32_t number = table_find(&model->vocabulary, term->hash, term->text, term->length);
	const double *weights;

	if (++scoring->ntaken % TERMS_PER_PAUSE == 0)
		model->memory->pause();
	if (number == TABLE_NONE || model->seen[number] == model->serial)
		return;
	model->seen[number] = model->serial;
	scoring->nterms++;
	weights = model->weights + (size_t) number * model->nlabels;
	for (uint32_t l = 0; l < model->nlabels; l++)
		scoring->scores[l] += weights[l];
}

/* The scores of a document, not yet divided; how many terms of the model it has. */
size_t
model_score(TextModel *model, WordReader *reader, double *scores)
{
	Scoring scoring = { .model = model, .scores = scores };

	if (model->nlabels == 0)
		return 0;
	memcpy(scores, model->prior, model->nlabels * sizeof(double));
	if (++model->serial == 0)
	{
		memset(model->seen, 0, model->vocabulary.n * sizeof(uint32_t));
		model->serial = 1;
	}
	each_term(reader, score_term, &scoring);
	return scoring.nterms;
}

/* What the scores of a document with so many terms of the model are divided by. */
double
model_divisor(const TextModel *model, size_t nterms)
{
	return nterms == 0 && model->kind != RECORD_LOGISTIC ? 1 : model->temperature;
}

/*
 * Probabilities of scores: of naive Bayes their exponentials, of logistic
 * regressions the logistic function of each, over their sum.
 */
void
model_probabilities(const TextModel *model, const double *scores, double divisor,
					double *probabilities)
{
	double sum = 0;
	double most = -INFINITY;

	for (uint32_t l = 0; l < model->nlabels; l++)
		most = scores[l] > most ? scores[l] : most;
	for (uint32_t l = 0; l < model->nlabels; l++)
	{
		if (model->kind == RECORD_LOGISTIC)
			probabilities[l] = 1 / (1 + exp(-scores[l] / divisor));
		else
			probabilities[l] = exp((scores[l] - most) / divisor);
		sum += probabilities[l];
	}
	for (uint32_t l = 0; l < model->nlabels; l++)
		probabilities[l] = sum > 0 ? probabilities[l] / sum : 1.0 / model->nlabels;
}

/*
 * Writing
 */

/* A record being written. */
typedef struct Writing
{
	TakeRecord take;
	void *owner;
	char *key;
} Writing;

/* Write a record of two fields, or of three where the last one is not NULL. */
static void
write_record(Writing *writing, const char *term, size_t length, const char *label, const char *name,
			 double number)
{
	char *at = writing->key;
	Record record = { .key = writing->key, .value.number = number };

	memcpy(at, term, length);
	at += length;
	*at++ = '\0';
	at = stpcpy(at, label) + 1;
	if (name != NULL)
		at = stpcpy(at, name) + 1;
	record.size = (size_t) (at - writing->key);
	writing->take(writing->owner, &record);
}

/* Write one term. */
static void
write_term(const TextModel *model, RecordKind kind, uint32_t number, Writing *writing)
{
	const TableText *term = &model->vocabulary.texts[number];
	const double *numbers = (kind == RECORD_LOGISTIC ? model->weights : model->counts) +
							(size_t) number * model->nlabels;

	if (kind == RECORD_LOGISTIC)
		write_record(writing, term->text, term->length, "", FIGURE_PEOPLE,
					 model->term_people[number]);
	for (uint32_t l = 0; l < model->nlabels; l++)
		if (numbers[l] != 0)
			write_record(writing, term->text, term->length, model->labels[l], NULL, numbers[l]);
}

/* Write the records, in no order, of a model that does without its documents, and has no term of fewer people. */
void
model_write(const TextModel *model, RecordKind kind, double min_people, TakeRecord take,
			void *owner)
{
	const Memory *memory = model->memory;
	Writing writing = { .take = take,
						.owner = owner,
						.key = memory->resize(memory->owner, NULL, RECORD_MAX_KEY + 512) };

	write_record(&writing, "", 0, "", FIGURE_ICU, model->icu);
	write_record(&writing, "", 0, "", FIGURE_MIN_PEOPLE, min_people);
	write_record(&writing, "", 0, "", FIGURE_PEOPLE, model->people);
	write_record(&writing, "", 0, "", FIGURE_TEMPERATURE, model->temperature);
	write_record(&writing, "", 0, "", FIGURE_UNICODE, model->unicode);
	for (uint32_t l = 0; l < model->nlabels; l++)
		write_record(&writing, "", 0, model->labels[l], NULL,
					 kind == RECORD_LOGISTIC ? model->prior[l] : model->documents[l]);
	for (uint32_t t = 0; t < model->vocabulary.n; t++)
		if (kind == RECORD_COUNTS || model->term_people[t] >= min_people)
			write_term(model, kind, t, &writing);
}
