/*
 * Records as bytes: the length of the fields (seven bits a byte, the lowest
 * first; the eighth says that more follow), the fields, and the number (eight
 * bytes, the lowest first).
 */
#include "language/records.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a number. */
#define VALUE_SIZE 8

/* Whether the number of a record is a count, and counts of the same fields add. */
bool
record_has_count(RecordKind kind)
{
	return kind == RECORD_CONFUSION || kind == RECORD_RATINGS || kind == RECORD_DOCUMENTS;
}

/* How many bytes a record takes. */
size_t
record_size(const Record *record)
{
	size_t bytes = 1;

	for (size_t rest = record->size; rest > 0x7F; rest >>= 7)
		bytes++;
	return bytes + record->size + VALUE_SIZE;
}

/* Write a record; the place after it. */
uint8_t *
record_write(uint8_t *at, const Record *record)
{
	size_t rest = record->size;

	for (; rest > 0x7F; rest >>= 7)
		*at++ = (uint8_t) (rest | 0x80);
	*at++ = (uint8_t) rest;
	memcpy(at, record->key, record->size);
	at += record->size;
	for (int i = 0; i < VALUE_SIZE; i++)
		*at++ = (uint8_t) (record->value.count >> (8 * i));
	return at;
}

/* Begin to read records. */
void
record_scan(RecordScan *scan, const uint8_t *bytes, size_t size)
{
	scan->at = bytes;
	scan->end = bytes + size;
	scan->is_damaged = false;
}

/* Read the length of fields; 0 if there is none that can be one. */
static size_t
get_length(RecordScan *scan)
{
	size_t length = 0;

	for (int shift = 0; shift <= 14 && scan->at < scan->end; shift += 7)
	{
		uint8_t byte = *scan->at++;

		length |= (size_t) (byte & 0x7F) << shift;
		if (byte <= 0x7F)
			return length;
	}
	return 0;
}

/* Read the next record, if there is one. */
bool
record_next(RecordScan *scan)
{
	size_t length;
	uint64_t bits = 0;

	if (scan->at == scan->end || scan->is_damaged)
		return false;
	length = get_length(scan);
	if (length == 0 || (size_t) (scan->end - scan->at) < VALUE_SIZE ||
		(size_t) (scan->end - scan->at) - VALUE_SIZE < length || scan->at[length - 1] != '\0')
	{
		scan->is_damaged = true;
		return false;
	}
	scan->here.key = (const char *) scan->at;
	scan->here.size = length;
	scan->at += length;
	for (int i = 0; i < VALUE_SIZE; i++)
		bits |= (uint64_t) *scan->at++ << (8 * i);
	scan->here.value.count = bits;
	return true;
}

/* Order of records: of their fields, one after the other. */
int
record_compare(const Record *a, const Record *b)
{
	int order = memcmp(a->key, b->key, a->size < b->size ? a->size : b->size);

	if (order != 0)
		return order;
	return (a->size > b->size) - (a->size < b->size);
}

/* The same, for qsort. */
static int
compare_records(const void *a, const void *b)
{
	return record_compare(a, b);
}

/*
 * Checks
 */

/* How many fields a record has. */
static size_t
count_fields(const Record *record)
{
	size_t n = 0;

	for (const char *field = record->key; field != NULL; field = field_after(record, field))
		n++;
	return n;
}

/* Whether a field can be a label. */
static bool
is_label(const char *field)
{
	size_t length = strlen(field);

	return length > 0 && length <= RECORD_MAX_LABEL;
}

/* Whether a field is a whole number as it is written. */
static bool
is_person(const char *field)
{
	char again[32];

	snprintf(again, sizeof(again), "%lld", strtoll(field, NULL, 10));
	return strcmp(field, again) == 0;
}

/* What is wrong with the terms of a document, if anything: they stand in order. */
static RecordFault
check_terms(const Record *record, const char *label)
{
	const char *term = field_after(record, label);

	if (term != NULL && *term == '\0')
		return RECORD_TERMS;
	while (term != NULL)
	{
		const char *next = field_after(record, term);

		if (next != NULL && strcmp(term, next) >= 0)
			return RECORD_TERMS;
		term = next;
	}
	return RECORD_OK;
}

/* What is wrong with the fields of a record that has the right number of them. */
static RecordFault
check_fields(RecordKind kind, const Record *record)
{
	const char *first = record->key;
	const char *second = field_after(record, first);

	if (second == NULL)
		return RECORD_FIELDS;
	switch (kind)
	{
		case RECORD_LEXICON:
			return is_label(first) ? RECORD_OK : RECORD_LABEL;
		case RECORD_CONFUSION:
			return is_label(first) && is_label(second) ? RECORD_OK : RECORD_LABEL;
		case RECORD_RATINGS:
			return is_label(first) && is_label(second) && is_label(field_after(record, second))
					   ? RECORD_OK
					   : RECORD_LABEL;
		case RECORD_DOCUMENTS:
			if (!is_person(first))
				return RECORD_PERSON;
			return is_label(second) ? check_terms(record, second) : RECORD_LABEL;
		default:
			/* Figures about the whole model have no term, no label, and a name. */
			if (count_fields(record) == 3)
				return *first != '\0' || *second == '\0' ? RECORD_OK : RECORD_FIELDS;
			return is_label(second) ? RECORD_OK : RECORD_LABEL;
	}
}

/* Whether there may be so many fields. */
static bool
is_field_count(RecordKind kind, size_t n)
{
	switch (kind)
	{
		case RECORD_LEXICON:
		case RECORD_CONFUSION:
			return n == 2;
		case RECORD_RATINGS:
			return n == 3;
		case RECORD_DOCUMENTS:
			return n >= 2;
		default:
			return n == 2 || n == 3;
	}
}

/* What is wrong with a record, if anything. */
RecordFault
record_check(RecordKind kind, const Record *record)
{
	if (record->size > RECORD_MAX_KEY)
		return RECORD_TOO_LONG;
	if (!is_field_count(kind, count_fields(record)))
		return RECORD_FIELDS;
	if (record_has_count(kind))
	{
		if (record->value.count < 1 || record->value.count > RECORD_MAX_COUNT)
			return RECORD_NUMBER;
	}
	else if (!isfinite(record->value.number) || (kind == RECORD_COUNTS && record->value.number < 0))
		return RECORD_NUMBER;
	return check_fields(kind, record);
}

/*
 * Folding and merging
 */

/* What two records of the same fields are together: their sum, or the larger number. */
static RecordFault
put_together(RecordKind kind, Record *record, const Record *other, int sign)
{
	if (!record_has_count(kind))
	{
		if (other->value.number > record->value.number)
			record->value.number = other->value.number;
		return RECORD_OK;
	}
	if (sign < 0)
	{
		if (other->value.count > record->value.count)
			return RECORD_BELOW;
		record->value.count -= other->value.count;
		return RECORD_OK;
	}
	record->value.count += other->value.count;
	return record->value.count <= RECORD_MAX_COUNT ? RECORD_OK : RECORD_ABOVE;
}

/* Bring records in order, each once. */
RecordFault
records_fold(RecordKind kind, Record *records, size_t *n)
{
	size_t kept = 0;

	if (*n > 1)
		qsort(records, *n, sizeof(Record), compare_records);
	for (size_t i = 0; i < *n; i++)
	{
		RecordFault fault = RECORD_OK;

		if (kept > 0 && record_compare(&records[kept - 1], &records[i]) == 0)
			fault = put_together(kind, &records[kept - 1], &records[i], 1);
		else
			records[kept++] = records[i];
		if (fault != RECORD_OK)
			return fault;
	}
	*n = kept;
	return RECORD_OK;
}

/*
 * Records of two values together (sign 1), or those of the first without those
 * of the second (sign -1), written where there is room for both.
 */
RecordFault
records_merge(RecordKind kind, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
			  int sign, uint8_t *merged, size_t *size)
{
	RecordScan in_a;
	RecordScan in_b;
	uint8_t *at = merged;
	bool has_a;
	bool has_b;

	record_scan(&in_a, a, a_size);
	record_scan(&in_b, b, b_size);
	has_a = record_next(&in_a);
	has_b = record_next(&in_b);
	while (has_a || has_b)
	{
		int order = !has_b ? -1 : !has_a ? 1 : record_compare(&in_a.here, &in_b.here);
		Record record = order <= 0 ? in_a.here : in_b.here;
		RecordFault fault = RECORD_OK;

		if (order > 0 && sign < 0)
			return RECORD_BELOW;
		if (order == 0)
			fault = put_together(kind, &record, &in_b.here, sign);
		if (fault != RECORD_OK)
			return fault;
		if (!record_has_count(kind) || record.value.count > 0)
			at = record_write(at, &record);
		if (order <= 0)
			has_a = record_next(&in_a);
		if (order >= 0)
			has_b = record_next(&in_b);
	}
	*size = (size_t) (at - merged);
	return in_a.is_damaged || in_b.is_damaged ? RECORD_DAMAGED : RECORD_OK;
}
