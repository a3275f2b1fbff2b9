/*
 * Text models: from labelled documents, each the set of its terms, to a score
 * for each label of any document.  Plain C; nothing here knows the server.
 *
 * The terms of a document are its words (numbers as one), ? and !, pairs of
 * these that follow each other, and a mark of its length.  A model has those
 * terms that at least two documents have.
 */
#ifndef COACHIATRY_TEXT_MODEL_H
#define COACHIATRY_TEXT_MODEL_H

#include "language/memory.h"
#include "language/records.h"
#include "language/table.h"
#include "language/words.h"

/* How words are read for terms. */
#define TERM_OPTIONS (WORDS_KEEP_MARKS | WORDS_FOLD_NUMBERS)

/* Room for a term: two words and what is between them. */
#define TERM_MAX_SIZE (2 * WORD_MAX_SPELLING + 2)

/* What is added to each count by naive Bayes. */
#define MODEL_SMOOTHING 0.3

/* Most labels of a model. */
#define MODEL_MAX_LABELS 1000

/* A term of a document. */
typedef struct Term
{
	const char *text; /* not terminated; good until the next term */
	size_t length;
	uint64_t hash;
	int32_t first; /* characters of the document before it; -1: it is about the whole */
	int32_t last;  /* and through its end */
} Term;

/* What is done with each term of a document. */
typedef void (*TakeTerm)(void *owner, const Term *term);

extern void each_term(WordReader *reader, TakeTerm take, void *owner);

/* A document that a model is made of. */
typedef struct Document
{
	const char *person; /* the next document has the same pointer if it is of the same person */
	uint32_t group;		/* number of the person */
	uint32_t label;
	double times;	 /* how often it came */
	size_t term;	 /* its first term among all */
	uint32_t nterms; /* in the vocabulary */
} Document;

/* All documents, for fitting. */
typedef struct Corpus
{
	Document *documents;
	size_t n;
	size_t room;
	uint32_t *terms; /* by number, document by document */
	size_t nterms;
	size_t term_room;
	uint32_t npeople;
} Corpus;

/*
 * A model that answers.  The score of a label is its prior and the weights of
 * the document's terms, divided by the temperature; where there is no evidence,
 * naive Bayes gives the prior as it is.
 */
typedef struct TextModel
{
	const Memory *memory;
	RecordKind kind;
	const char **labels; /* in order */
	uint32_t nlabels;
	TextTable label_table;
	TextTable vocabulary;
	double *documents; /* by label: how many */
	double *counts;	   /* by term and label: in how many documents; of a logistic model: weights */
	double *prior;	   /* by label */
	double *weights;   /* by term and label */
	double *term_people; /* by term: how many people used it */
	double temperature;	 /* 0: not fitted yet */
	double people;
	double min_people; /* each term was used by so many people at least; 0: not known */
	double icu;		   /* versions by which words were found; 0: not known */
	double unicode;
	Corpus corpus;
	uint32_t *seen; /* by term: the last document that had it */
	uint32_t serial;
} TextModel;

/* model.c */
extern RecordFault model_compile(const Memory *memory, RecordKind kind, const uint8_t *records,
								 size_t size, double min_people, TextModel *model);
extern void model_temperature(TextModel *model);
extern size_t model_score(TextModel *model, WordReader *reader, double *scores);
extern double model_divisor(const TextModel *model, size_t nterms);
extern void model_probabilities(const TextModel *model, const double *scores, double divisor,
								double *probabilities);
extern double model_documents(const TextModel *model);

/* Where a record of a model that is written out goes. */
typedef void (*TakeRecord)(void *owner, const Record *record);

extern void model_write(const TextModel *model, RecordKind kind, double min_people, TakeRecord take,
						void *owner);

/* learner.c */
extern double fit_temperature(RecordKind kind, const double *scores, const uint32_t *truth,
							  const double *times, size_t n, uint32_t nlabels);
extern double leave_people_out(const TextModel *model);
extern void logistic_fit(TextModel *model);

#endif
