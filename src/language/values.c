/*
 * What the types of this room have in common: text and binary forms, merge and
 * difference, comparison, states of aggregates, and keeping what was compiled
 * from a value.
 */
#include "language/values.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "language/model.h"
#include "language/phrases.h"

/* Smallest size of a state. */
#define FIRST_STATE_SIZE 1024

/* Records between two looks at interrupts. */
#define RECORDS_PER_CHECK 4096

/* Version of the binary form. */
#define WIRE_VERSION 1

/* What stands before the records of a text_model in its text form, and says of which kind they are. */
static const char *const kind_words[RECORD_NKINDS] = { NULL,		  NULL,		  NULL,
													   "documents: ", "counts: ", "logistic: " };

/*
 * Values
 */

/* Raise the error for a value that no function of ours wrote. */
void
value_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged value of a type of coachiatry"),
			 errdetail("Its header does not fit it, or its records cannot be those of its type.")));
}

/* The type that records of a kind are of. */
const char *
kind_name(RecordKind kind)
{
	static const char *const names[RECORD_NKINDS] = { "lexicon",	"confusion",  "ratings",
													  "text_model", "text_model", "text_model" };

	return names[kind];
}

/* Raise, or leave in escontext, the error for records that cannot be. */
static Datum
fault_error(RecordFault fault, RecordKind kind, const char *written, Node *escontext)
{
	const char *type = kind_name(kind);

	switch (fault)
	{
		case RECORD_TOO_LONG:
			ereturn(
				escontext, (Datum) 0,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s has too long a text in it", type),
				 errdetail(
					 "A phrase has at most %d words of at most %d bytes, and the texts of a record "
					 "take at most %d bytes.",
					 PHRASE_MAX_WORDS, PHRASE_MAX_WORD, RECORD_MAX_KEY)));
		case RECORD_NUMBER:
		case RECORD_ABOVE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("number of %s is out of range", type),
					 errdetail("A weight is finite, and a count from 1 to 2^53.")));
		case RECORD_BELOW:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s does not hold what is to be taken away", type)));
		case RECORD_LABEL:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid label in %s", type),
					 errdetail("A label has 1 to %d bytes.", RECORD_MAX_LABEL)));
		case RECORD_LABELS:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("%s has more than %d labels", type, MODEL_MAX_LABELS)));
		case RECORD_PHRASE:
			ereturn(
				escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid phrase in lexicon"),
				 errdetail(
					 "A phrase has words; a star ends one that stands for all words that begin so, or "
					 "stands between two.")));
		case RECORD_DAMAGED:
			value_damaged();
		default:
			if (written == NULL)
				ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
								errmsg("invalid binary form of type %s", type)));
			ereturn(
				escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", type),
				 errhint(
					 "Write records of quoted texts, each with = and a number unless that is 1, "
					 "separated by commas, or \"empty\".")));
	}
}

/* The kind of a value's records, after a look at its header. */
RecordKind
value_kind(const RecordsValue *value)
{
	if (VARSIZE(value) < VALUE_HEADER_SIZE ||
		(value->flags & ~(VALUE_STATE | VALUE_KIND)) != VALUE_FORMAT ||
		(value->flags & VALUE_KIND) >= RECORD_NKINDS || value->reserved != 0)
		value_damaged();
	return (RecordKind) (value->flags & VALUE_KIND);
}

/* How many bytes the records of a value or state take. */
size_t
value_size(const RecordsValue *value)
{
	size_t size = VARSIZE(value) - VALUE_HEADER_SIZE;

	if (!(value->flags & VALUE_STATE))
		return size;
	if (value->digest > size)
		value_damaged();
	return (size_t) value->digest;
}

/* A state without records and room for so many bytes of them. */
RecordsValue *
value_start(RecordKind kind, size_t room)
{
	size_t size = add_size(VALUE_HEADER_SIZE, room);
	RecordsValue *state;

	if (!AllocSizeIsValid(size))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s is too large", kind_name(kind)),
						errdetail("A value takes less than 1 GB.")));
	state = palloc(size);
	SET_VARSIZE(state, size);
	state->flags = (uint16) (VALUE_FORMAT | VALUE_STATE | kind);
	state->reserved = 0;
	state->digest = 0;
	return state;
}

/* Make a value of a state whose records stand in order. */
static RecordsValue *
finish(RecordsValue *state, size_t size)
{
	state->flags &= (uint16) ~VALUE_STATE;
	state->digest = DatumGetUInt64(hash_any_extended(state->bytes, (int) size, state->flags));
	SET_VARSIZE(state, VALUE_HEADER_SIZE + size);
	return state;
}

/* The records of a value or state as an array. */
static Record *
list_records(const RecordsValue *value, size_t *n)
{
	size_t room = 256;
	Record *records = palloc_array(Record, room);
	RecordScan scan;

	*n = 0;
	record_scan(&scan, value->bytes, value_size(value));
	while (record_next(&scan))
	{
		if (*n == room)
			records = repalloc_huge(records, mul_size(room *= 2, sizeof(Record)));
		if (*n % RECORDS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		records[(*n)++] = scan.here;
	}
	if (scan.is_damaged)
		value_damaged();
	return records;
}

/* Raise the error for a record that no value of a kind can have. */
void
value_fault(RecordFault fault, RecordKind kind)
{
	fault_error(fault, kind, NULL, NULL);
	pg_unreachable();
}

/* A state with the records of another one in order, each once, and room for more bytes. */
static RecordsValue *
fold_state(const RecordsValue *value, size_t more)
{
	RecordKind kind = value_kind(value);
	size_t n;
	Record *records = list_records(value, &n);
	RecordFault fault = records_fold(kind, records, &n);
	size_t size = 0;
	RecordsValue *folded;
	uint8 *at;

	if (fault != RECORD_OK)
		fault_error(fault, kind, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		size += record_size(&records[i]);
	more = add_size(more, size); /* so that it takes as long to fill the room as to fold again */
	folded = value_start(kind, Max(add_size(size, more), FIRST_STATE_SIZE));
	at = folded->bytes;
	for (size_t i = 0; i < n; i++)
		at = record_write(at, &records[i]);
	folded->digest = size;
	pfree(records);
	return folded;
}

/* The value of a value or state: itself, if it is one. */
RecordsValue *
value_pack(RecordsValue *value)
{
	RecordsValue *folded;

	value_kind(value);
	if (!(value->flags & VALUE_STATE))
		return value;
	folded = fold_state(value, 0);
	return finish(folded, (size_t) folded->digest);
}

/* The n-th argument as a value. */
RecordsValue *
value_arg(FunctionCallInfo fcinfo, int n)
{
	return value_pack(PG_GETARG_VALUE(n));
}

/*
 * States
 */

/* Whether the first argument is a state that may be changed. */
bool
value_in_aggregate(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) != 0;
}

/* A value or state as a state that is ours to write, with room for more bytes. */
static RecordsValue *
state_open(RecordsValue *value, bool in_place, size_t more)
{
	RecordKind kind = value_kind(value);
	size_t used = value_size(value);
	RecordsValue *state;

	if (value->flags & VALUE_STATE)
	{
		if (in_place && VARSIZE(value) - VALUE_HEADER_SIZE - used >= more)
			return value;
		return fold_state(value, more);
	}
	state = value_start(kind, Max(add_size(used, more), FIRST_STATE_SIZE));
	memcpy(state->bytes, value->bytes, used);
	state->digest = used;
	return state;
}

/* Add a record to a value or state; it has been checked. */
RecordsValue *
value_add(RecordsValue *state, bool in_place, const Record *record)
{
	state = state_open(state, in_place, record_size(record));
	record_write(state->bytes + state->digest, record);
	state->digest += record_size(record);
	return state;
}

/* Return a state as the caller may have it: as it is inside an aggregate, else as a value. */
Datum
value_return_state(FunctionCallInfo fcinfo, RecordsValue *state)
{
	if (!value_in_aggregate(fcinfo))
		state = value_pack(state);
	PG_RETURN_VALUE(state);
}

/* Refuse values that cannot be put together. */
static void
check_same_kind(const RecordsValue *a, const RecordsValue *b)
{
	RecordKind kind = value_kind(a);

	if (kind != value_kind(b) || kind == RECORD_COUNTS || kind == RECORD_LOGISTIC)
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a text model without its documents cannot be merged or subtracted"),
			 errhint("Merge the models of text_model_agg, and make it publishable afterwards.")));
}

PG_FUNCTION_INFO_V1(records_rollup_add);

/* A value enters a state; also combines two partial states. */
Datum
records_rollup_add(PG_FUNCTION_ARGS)
{
	RecordsValue *state = PG_GETARG_VALUE(0);
	RecordsValue *part = PG_GETARG_VALUE(1);
	size_t size;

	check_same_kind(state, part);
	size = value_size(part);
	state = state_open(state, value_in_aggregate(fcinfo), size);
	memcpy(state->bytes + state->digest, part->bytes, size);
	state->digest += size;
	return value_return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(records_final);

/* The value of a state; NULL if it holds nothing. */
Datum
records_final(PG_FUNCTION_ARGS)
{
	RecordsValue *value = value_arg(fcinfo, 0);

	if (value_size(value) == 0)
		PG_RETURN_NULL();
	PG_RETURN_VALUE(value);
}

/* Put text into a StringInfo. */
static void
put_text(void *target, const char *text, size_t length)
{
	appendBinaryStringInfo(target, text, (int) length);
}

/* A field of a record as a text of the server; quoted, with escapes, if its encoding lacks a character. */
Datum
field_datum(const char *field)
{
	StringInfoData quoted;
	RecordSink sink = { .put = put_text, .target = &quoted, .ascii = true };
	Datum result;

	if (field == NULL)
		value_damaged();
	if (server_text_if_any(field, strlen(field), &result))
		return result;
	initStringInfo(&quoted);
	record_quote(field, &sink);
	return PointerGetDatum(cstring_to_text_with_len(quoted.data, quoted.len));
}

/* Add the bytes of a field to a key. */
void
key_add(StringInfo key, const char *bytes, size_t size)
{
	appendBinaryStringInfo(key, bytes, (int) size);
	appendStringInfoChar(key, '\0');
}

/* Add a text of the server to a key. */
void
key_add_text(StringInfo key, const text *field)
{
	Utf8Text utf8 = utf8_text(field);

	key_add(key, utf8.bytes, utf8.size);
}

/*
 * Algebra
 */

/* Both values together (sign 1), or the first one without the second (sign -1). */
static RecordsValue *
merge_values(RecordsValue *a, RecordsValue *b, int sign)
{
	RecordKind kind = value_kind(a);
	size_t size;
	RecordsValue *merged;
	RecordFault fault;

	check_same_kind(a, b);
	merged = value_start(kind, add_size(value_size(a), value_size(b)));
	fault = records_merge(kind, a->bytes, value_size(a), b->bytes, value_size(b), sign,
						  merged->bytes, &size);
	if (fault != RECORD_OK)
		fault_error(fault, kind, NULL, NULL);
	return finish(merged, size);
}

PG_FUNCTION_INFO_V1(records_merge_values);

/* a || b */
Datum
records_merge_values(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_VALUE(value_arg(fcinfo, PG_ARGISNULL(0) ? 1 : 0));
	PG_RETURN_VALUE(merge_values(value_arg(fcinfo, 0), value_arg(fcinfo, 1), 1));
}

PG_FUNCTION_INFO_V1(records_subtract_values);

/* a - b: what was merged is taken away again. */
Datum
records_subtract_values(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		PG_RETURN_VALUE(value_arg(fcinfo, 0));
	PG_RETURN_VALUE(merge_values(value_arg(fcinfo, 0), value_arg(fcinfo, 1), -1));
}

/*
 * Text and binary
 */

PG_FUNCTION_INFO_V1(records_out);

/* Value -> text form. */
Datum
records_out(PG_FUNCTION_ARGS)
{
	RecordsValue *value = value_arg(fcinfo, 0);
	RecordKind kind = value_kind(value);
	StringInfoData text;
	RecordSink sink = { .put = put_text,
						.target = &text,
						.ascii = GetDatabaseEncoding() != PG_UTF8 };
	RecordScan scan;

	initStringInfo(&text);
	if (kind_words[kind] != NULL && value_size(value) > 0)
		appendStringInfoString(&text, kind_words[kind]);
	record_scan(&scan, value->bytes, value_size(value));
	for (size_t n = 0; record_next(&scan); n++)
		record_format(kind, &scan.here, n == 0, &sink);
	if (scan.is_damaged)
		value_damaged();
	if (value_size(value) == 0)
		appendStringInfoString(&text, "empty");
	PG_RETURN_CSTRING(text.data);
}

/* Bring a phrase into the spelling of a lexicon. */
static RecordFault
spell_record(Record *record, char *room)
{
	WordBreaker *breaker = word_breaker(NULL);
	const char *phrase = field_after(record, record->key);
	size_t before = (size_t) (phrase - record->key);
	size_t length;
	RecordFault fault;

	if (phrase_is_spelt(breaker, phrase))
		return RECORD_OK;
	memcpy(room, record->key, before);
	fault = phrase_spell(breaker, phrase, strlen(phrase), room + before, PHRASE_MAX_SIZE, &length);
	record->key = room;
	record->size = before + length + 1;
	return fault;
}

/* Read records from a text form into a state. */
static RecordFault
read_records(const char *written, RecordKind kind, RecordsValue **state)
{
	char *key = palloc(strlen(written) + 1); /* fields are shorter than they are written */
	char room[RECORD_MAX_LABEL + 1 + PHRASE_MAX_SIZE];
	RecordText text;
	RecordFault fault = record_text_start(&text, written, key);

	for (int n = 1; fault == RECORD_OK && *text.at != '\0'; n++)
	{
		Record record;

		if (n % RECORDS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		fault = record_text_next(&text, kind, &record);
		if (fault == RECORD_OK)
			fault = record_check(kind, &record);
		if (fault == RECORD_OK && kind == RECORD_LEXICON)
			fault = spell_record(&record, room);
		if (fault == RECORD_OK)
			*state = value_add(*state, true, &record);
	}
	pfree(key);
	return fault;
}

/* Text form of the type whose records are of some kind -> value. */
static Datum
parse_value(FunctionCallInfo fcinfo, RecordKind kind)
{
	const char *written = PG_GETARG_CSTRING(0);
	const char *utf8;
	RecordsValue *state;
	RecordFault fault;

	written += strspn(written, " \t\n\v\f\r");
	for (int i = kind; kind_words[kind] != NULL && i < RECORD_NKINDS; i++)
		if (strncmp(written, kind_words[i], strlen(kind_words[i])) == 0)
		{
			kind = (RecordKind) i;
			written += strlen(kind_words[i]);
			break;
		}
	utf8 = pg_server_to_any(written, (int) strlen(written), PG_UTF8);
	state = value_start(kind, FIRST_STATE_SIZE);
	fault = read_records(utf8, kind, &state);
	if (fault != RECORD_OK)
		return fault_error(fault, kind, written, fcinfo->context);
	PG_RETURN_VALUE(value_pack(state));
}

PG_FUNCTION_INFO_V1(lexicon_in);

/* Text form -> lexicon. */
Datum
lexicon_in(PG_FUNCTION_ARGS)
{
	return parse_value(fcinfo, RECORD_LEXICON);
}

PG_FUNCTION_INFO_V1(confusion_in);

/* Text form -> confusion. */
Datum
confusion_in(PG_FUNCTION_ARGS)
{
	return parse_value(fcinfo, RECORD_CONFUSION);
}

PG_FUNCTION_INFO_V1(ratings_in);

/* Text form -> ratings. */
Datum
ratings_in(PG_FUNCTION_ARGS)
{
	return parse_value(fcinfo, RECORD_RATINGS);
}

PG_FUNCTION_INFO_V1(text_model_in);

/* Text form -> text_model. */
Datum
text_model_in(PG_FUNCTION_ARGS)
{
	return parse_value(fcinfo, RECORD_DOCUMENTS);
}

PG_FUNCTION_INFO_V1(records_send);

/* Value -> binary form: the version and the kind (one byte each), and the records as they are kept, as UTF-8. */
Datum
records_send(PG_FUNCTION_ARGS)
{
	RecordsValue *value = value_arg(fcinfo, 0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, WIRE_VERSION);
	pq_sendbyte(&message, (uint8) value_kind(value));
	pq_sendbytes(&message, (const char *) value->bytes, (int) value_size(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* Check all records that came in binary form as those of a text form are. */
static RecordFault
check_records(RecordsValue *state)
{
	RecordKind kind = value_kind(state);
	RecordScan scan;

	record_scan(&scan, state->bytes, value_size(state));
	for (int n = 0; record_next(&scan); n++)
	{
		RecordFault fault = record_check(kind, &scan.here);

		if (n % RECORDS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		for (const char *field = scan.here.key; field != NULL;
			 field = field_after(&scan.here, field))
			if (!pg_verify_mbstr(PG_UTF8, field, (int) strlen(field), true))
				return RECORD_SYNTAX;
		if (fault == RECORD_OK && kind == RECORD_LEXICON &&
			!phrase_is_spelt(word_breaker(NULL), field_after(&scan.here, scan.here.key)))
			fault = RECORD_PHRASE;
		if (fault != RECORD_OK)
			return fault;
	}
	return scan.is_damaged ? RECORD_SYNTAX : RECORD_OK;
}

/* Binary form of the type whose records are of some kinds -> value. */
static Datum
receive_value(FunctionCallInfo fcinfo, RecordKind first, RecordKind last)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int version = pq_getmsgbyte(message);
	int kind = pq_getmsgbyte(message);
	int size = message->len - message->cursor;
	RecordsValue *state = NULL;
	RecordFault fault = RECORD_SYNTAX;

	if (version == WIRE_VERSION && kind >= (int) first && kind <= (int) last)
	{
		state = value_start((RecordKind) kind, (size_t) size);
		memcpy(state->bytes, pq_getmsgbytes(message, size), (size_t) size);
		state->digest = (uint64) size;
		fault = check_records(state);
	}
	if (fault != RECORD_OK)
		fault_error(fault, first, NULL, NULL);
	PG_RETURN_VALUE(value_pack(state));
}

PG_FUNCTION_INFO_V1(lexicon_recv);

/* Binary form -> lexicon. */
Datum
lexicon_recv(PG_FUNCTION_ARGS)
{
	return receive_value(fcinfo, RECORD_LEXICON, RECORD_LEXICON);
}

PG_FUNCTION_INFO_V1(confusion_recv);

/* Binary form -> confusion. */
Datum
confusion_recv(PG_FUNCTION_ARGS)
{
	return receive_value(fcinfo, RECORD_CONFUSION, RECORD_CONFUSION);
}

PG_FUNCTION_INFO_V1(ratings_recv);

/* Binary form -> ratings. */
Datum
ratings_recv(PG_FUNCTION_ARGS)
{
	return receive_value(fcinfo, RECORD_RATINGS, RECORD_RATINGS);
}

PG_FUNCTION_INFO_V1(text_model_recv);

/* Binary form -> text_model. */
Datum
text_model_recv(PG_FUNCTION_ARGS)
{
	return receive_value(fcinfo, RECORD_DOCUMENTS, RECORD_LOGISTIC);
}

/*
 * Comparison and hashing
 */

/* Order of the two arguments: by kind, then by the bytes of their records. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	RecordsValue *a = PG_GETARG_VALUE(0);
	RecordsValue *b = PG_GETARG_VALUE(1);
	RecordsValue *packed_a = value_pack(a);
	RecordsValue *packed_b = value_pack(b);
	size_t in_a = value_size(packed_a);
	size_t in_b = value_size(packed_b);
	int order = (packed_a->flags > packed_b->flags) - (packed_a->flags < packed_b->flags);

	if (order == 0)
		order = memcmp(packed_a->bytes, packed_b->bytes, Min(in_a, in_b));
	if (order == 0)
		order = (in_a > in_b) - (in_a < in_b);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(records_lt);

/* a < b */
Datum
records_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(records_le);

/* a <= b */
Datum
records_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(records_eq);

/* a = b */
Datum
records_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(records_ne);

/* a <> b */
Datum
records_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(records_ge);

/* a >= b */
Datum
records_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(records_gt);

/* a > b */
Datum
records_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(records_cmp);

/* -1, 0 or 1: order for btree. */
Datum
records_cmp(PG_FUNCTION_ARGS)
{
	int order = compare_args(fcinfo);

	PG_RETURN_INT32((order > 0) - (order < 0));
}

/* Hash of a value's records, with a seed. */
static uint64
hash_records(const RecordsValue *value, uint64 seed)
{
	return DatumGetUInt64(hash_any_extended(value->bytes, (int) value_size(value), seed));
}

PG_FUNCTION_INFO_V1(records_hash);

/* 32-bit hash. */
Datum
records_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) hash_records(value_arg(fcinfo, 0), 0));
}

PG_FUNCTION_INFO_V1(records_hash_extended);

/* 64-bit hash with a seed. */
Datum
records_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_records(value_arg(fcinfo, 0), (uint64) PG_GETARG_INT64(1)));
}

/*
 * Keeping what was compiled.  A call of a function has mostly the value that
 * the call before had: a value that lies in a TOAST table is told by where it
 * lies, without fetching it, and any other one by its digest.
 */

/* Room for what else was compiled for: a locale. */
#define EXTRA_SIZE 64

typedef struct Kept
{
	MemoryContext context; /* of all that was compiled */
	Memory memory;
	bool is_stored;
	struct varatt_external where;
	uint64 digest;
	Size size;
	char extra[EXTRA_SIZE];
	void *compiled; /* NULL: nothing */
} Kept;

/* Whether a value lies in a TOAST table; where. */
static bool
where_stored(Datum value, struct varatt_external *where)
{
	struct varlena *pointer = (struct varlena *) DatumGetPointer(value);

	if (!VARATT_IS_EXTERNAL_ONDISK(pointer))
		return false;
	VARATT_EXTERNAL_GET_POINTER(*where, pointer);
	return true;
}

/* What is kept by a call, empty at first. */
static Kept *
find_kept(FunctionCallInfo fcinfo)
{
	Kept *kept = fcinfo->flinfo->fn_extra;

	if (kept == NULL)
	{
		kept = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Kept));
		kept->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "coachiatry compiled value",
											  ALLOCSET_DEFAULT_SIZES);
		kept->memory = server_memory(kept->context);
		fcinfo->flinfo->fn_extra = kept;
	}
	return kept;
}

/* What a value compiles to, which is made if the call before had another one. */
void *
value_compiled(FunctionCallInfo fcinfo, int n, const char *extra, CompileValue compile)
{
	Kept *kept = find_kept(fcinfo);
	struct varatt_external where = { 0 };
	bool is_stored = where_stored(PG_GETARG_DATUM(n), &where);
	RecordsValue *value;
	MemoryContext before;

	if (is_stored && kept->compiled != NULL && kept->is_stored &&
		memcmp(&where, &kept->where, sizeof(where)) == 0 && strcmp(extra, kept->extra) == 0)
		return kept->compiled;
	value = value_arg(fcinfo, n);
	if (kept->compiled != NULL && kept->digest == value->digest && kept->size == VARSIZE(value) &&
		strcmp(extra, kept->extra) == 0)
		return kept->compiled;
	kept->compiled = NULL;
	MemoryContextReset(kept->context);
	before = MemoryContextSwitchTo(kept->context);
	value = memcpy(palloc(VARSIZE(value)), value, VARSIZE(value));
	kept->compiled = compile(value, extra, &kept->memory);
	MemoryContextSwitchTo(before);
	kept->is_stored = is_stored;
	kept->where = where;
	kept->digest = value->digest;
	kept->size = VARSIZE(value);
	strlcpy(kept->extra, extra, EXTRA_SIZE);
	return kept->compiled;
}
