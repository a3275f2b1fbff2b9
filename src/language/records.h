/*
 * Records: the one form in which the values of this room are kept.  A value is
 * a set of records, each of a few texts, its fields, and one number.  A
 * lexicon has label, phrase and weight; a table of confusion two labels and a
 * count; a training set a person, a label, the terms of a document, and how
 * often that came.  Records stand in order of their fields, each once, so that
 * equal values have equal bytes and merging is one pass over both.
 *
 * Plain C: nothing here knows the server.
 */
#ifndef COACHIATRY_RECORDS_H
#define COACHIATRY_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most bytes of the fields of one record. */
#define RECORD_MAX_KEY (1 << 20)

/* Most bytes of a label. */
#define RECORD_MAX_LABEL 255

/* Largest count: all up to it are float8 numbers. */
#define RECORD_MAX_COUNT (INT64_C(1) << 53)

typedef enum RecordKind
{
	RECORD_LEXICON,	  /* label, phrase: weight */
	RECORD_CONFUSION, /* truth, prediction: count */
	RECORD_RATINGS,	  /* unit, rater, label: count */
	RECORD_DOCUMENTS, /* person, label, terms...: count */
	RECORD_COUNTS,	  /* term, label: documents; of a naive Bayes model that can be published */
	RECORD_LOGISTIC,  /* term, label: weight; term, nothing, "people": how many used it */
} RecordKind;

#define RECORD_NKINDS 6

/* A record.  Each field is ended by a zero byte. */
typedef struct Record
{
	const char *key;
	size_t size;
	union
	{
		uint64_t count;
		double number;
	} value;
} Record;

/* Records being read in order. */
typedef struct RecordScan
{
	const uint8_t *at;
	const uint8_t *end;
	bool is_damaged; /* no writing wrote that */
	Record here;
} RecordScan;

/* What is wrong with an input, or with what would come out. */
typedef enum RecordFault
{
	RECORD_OK,
	RECORD_SYNTAX,	 /* not of the form */
	RECORD_FIELDS,	 /* the wrong number of fields */
	RECORD_LABEL,	 /* a label that is empty or too long */
	RECORD_LABELS,	 /* too many labels */
	RECORD_PERSON,	 /* a person that is no whole number */
	RECORD_TERMS,	 /* terms out of order */
	RECORD_NUMBER,	 /* a number that is not finite, or no count */
	RECORD_TOO_LONG, /* fields that are too long */
	RECORD_PHRASE,	 /* a phrase that is not made of words */
	RECORD_ABOVE,	 /* a count that is too large */
	RECORD_BELOW,	 /* a count below zero */
	RECORD_DAMAGED,
} RecordFault;

/* Where text is sent. */
typedef struct RecordSink
{
	void (*put)(void *target, const char *text, size_t length);
	void *target;
	bool ascii; /* other characters are written as escapes */
} RecordSink;

/* A text form being read. */
typedef struct RecordText
{
	const char *at;
	char *key; /* room for the fields of one record */
	bool is_empty;
} RecordText;

/* records.c */
extern bool record_has_count(RecordKind kind);
extern size_t record_size(const Record *record);
extern uint8_t *record_write(uint8_t *at, const Record *record);
extern void record_scan(RecordScan *scan, const uint8_t *bytes, size_t size);
extern bool record_next(RecordScan *scan);
extern int record_compare(const Record *a, const Record *b);
extern RecordFault record_check(RecordKind kind, const Record *record);
extern RecordFault records_fold(RecordKind kind, Record *records, size_t *n);
extern RecordFault records_merge(RecordKind kind, const uint8_t *a, size_t a_size, const uint8_t *b,
								 size_t b_size, int sign, uint8_t *merged, size_t *size);

/* The field after one of a record; NULL after the last one. */
static inline const char *
field_after(const Record *record, const char *field)
{
	while (*field != '\0')
		field++;
	return ++field < record->key + record->size ? field : NULL;
}

/* records_text.c */
#define RECORD_NUMBER_SIZE 32

extern size_t record_number(double number, char text[RECORD_NUMBER_SIZE]);
extern void record_quote(const char *field, const RecordSink *sink);
extern void record_format(RecordKind kind, const Record *record, bool is_first,
						  const RecordSink *sink);
extern RecordFault record_text_start(RecordText *text, const char *written, char *key);
extern RecordFault record_text_next(RecordText *text, RecordKind kind, Record *record);

#endif
