/*
 * Dispensings as plain C: what a pharmacy gave out on which days, as a sorted
 * multiset, with its text and binary forms.  Nothing here knows the server;
 * supply.c binds it.  Days are numbered as in adherence/calendar.h.
 */
#ifndef COACHIATRY_DISPENSINGS_H
#define COACHIATRY_DISPENSINGS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adherence/calendar.h"

/* The daily dose of a dispensing of which it is not known: above all doses, so it sorts last. */
#define UNKNOWN_DOSE ((double) INFINITY)

/* The medication of a dispensing of which it is not known; sorts last. */
#define UNKNOWN_MEDICATION UINT32_MAX

/* Most dispensings in one value. */
#define SUPPLY_MAX_DISPENSINGS 1048575

/* Most bytes of names of medications in one value. */
#define SUPPLY_MAX_NAMES 67108864

/* One dispensing.  Duration and dose are above 0 and, where known, finite. */
typedef struct Dispensing
{
	int32_t day;
	uint32_t medication; /* where its name starts: bytes before the end of the names */
	double duration;	 /* days of supply */
	double dose;		 /* units a day */
} Dispensing;

/*
 * Dispensings to read.  The names of their medications lie before names_end,
 * in this order: the latest one added first, each with its length before it.
 *
 * Packed dispensings are sorted by day, medication, dose and duration, and
 * their names are distinct and sorted bytewise from the end on; then numbers
 * of medications sort as their names do, and are equal only where these are.
 */
typedef struct Dispensings
{
	const Dispensing *items;
	size_t n;
	const char *names_end;
	size_t names_size; /* bytes */
} Dispensings;

/* Dispensings to write; the caller sees to it that there is room. */
typedef struct DispensingsBuffer
{
	Dispensing *items;
	size_t n;
	char *names_end;
	size_t names_size;
} DispensingsBuffer;

/* The name of a medication; its bytes belong to somebody else.  NULL: not known. */
typedef struct MedicationName
{
	const char *bytes;
	size_t length;
} MedicationName;

/* Where a name lies before and after it has moved. */
typedef struct NameMove
{
	MedicationName name;
	uint32_t from;
	uint32_t to;
} NameMove;

/* What an input holds that is no supply. */
typedef enum SupplyFault
{
	SUPPLY_OK,
	SUPPLY_SYNTAX,	 /* not of the form */
	SUPPLY_DATE,	 /* no such day */
	SUPPLY_INFINITE, /* an infinite day */
	SUPPLY_DURATION, /* a duration that is not finite or not above 0 */
	SUPPLY_DOSE,	 /* such a dose */
	SUPPLY_VERSION,	 /* a version or flag that we do not know */
	SUPPLY_MANY,	 /* more dispensings than a value can hold */
} SupplyFault;

/* One dispensing as an input gives it. */
typedef struct DispensingInput
{
	int32_t day;
	double duration;
	double dose;
	MedicationName medication;
} DispensingInput;

/* Binary form being read. */
typedef struct SupplyWire
{
	const uint8_t *at;
	const uint8_t *end;
	size_t left; /* dispensings still to be read */
} SupplyWire;

/* Where a binary form goes, piece by piece. */
typedef struct ByteSink
{
	void (*put)(void *target, const void *bytes, size_t length);
	void *target;
} ByteSink;

/* Bytes of the header of a binary form. */
#define SUPPLY_WIRE_HEADER 8

/* Whether a number can be a duration or a known dose. */
static inline bool
supply_number_is_valid(double number)
{
	return number > 0 && number < (double) INFINITY;
}

/* Bytes that a name takes. */
static inline size_t
medication_name_size(MedicationName name)
{
	return name.bytes == NULL ? 0 : sizeof(uint32_t) + name.length;
}

/* Whether stock of one dispensing is stock of the other's medication. */
static inline bool
same_medication(const Dispensing *a, const Dispensing *b)
{
	return a->medication == b->medication;
}

/* A buffer as dispensings to read. */
static inline Dispensings
dispensings_of_buffer(const DispensingsBuffer *buffer)
{
	return (Dispensings){ buffer->items, buffer->n, buffer->names_end, buffer->names_size };
}

/* dispensings.c: names, order, algebra */
extern MedicationName medication_name(const Dispensings *supply, uint32_t medication);
extern void dispensings_append(DispensingsBuffer *to, const DispensingInput *input);
extern void dispensings_append_all(DispensingsBuffer *to, const Dispensings *from, NameMove *moves);
extern bool dispensings_are_sound(const Dispensings *supply);
extern bool dispensings_are_packed(const Dispensings *supply);
extern size_t dispensings_count_names(const Dispensings *supply);
extern void dispensings_pack(DispensingsBuffer *to, const Dispensings *from, NameMove *moves);
extern int dispensings_compare(const Dispensings *a, const Dispensings *b);

/* dispensings_text.c: text and binary forms */
extern void dispensings_format(const Dispensings *supply, const TextSink *sink);
extern SupplyFault supply_text_start(const char **text, bool *is_empty);
extern SupplyFault supply_text_next(const char **text, char *name, DispensingInput *input,
									bool *is_last);
extern void supply_wire_header(size_t n, const ByteSink *sink);
extern void supply_wire_put(const DispensingInput *input, const ByteSink *sink);
extern SupplyFault supply_wire_start(const uint8_t *bytes, size_t size, SupplyWire *wire);
extern SupplyFault supply_wire_next(SupplyWire *wire, DispensingInput *input);

#endif
