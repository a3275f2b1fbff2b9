/*
 * The varlena that all types of this room are: lexicon, confusion, ratings and
 * text_model hold records (records.h), and differ in what these may be.
 */
#ifndef COACHIATRY_LANGUAGE_VALUES_H
#define COACHIATRY_LANGUAGE_VALUES_H

#include "language/language.h"
#include "language/records.h"

/* Flags: the format, a state of an aggregate or a value, and the kind of the records; all other bits are refused. */
#define VALUE_FORMAT 0x0100
#define VALUE_STATE 0x0080
#define VALUE_KIND 0x000F

/*
 * A value has its records in order, each once.  A state of an aggregate has
 * them as they came, with slack behind them.
 */
typedef struct RecordsValue
{
	int32 vl_len_; /* never touched directly */
	uint16 flags;
	uint16 reserved; /* zero */
	uint64 digest;	 /* of the records; of a state: how many bytes they take */
	uint8 bytes[FLEXIBLE_ARRAY_MEMBER];
} RecordsValue;

#define VALUE_HEADER_SIZE offsetof(RecordsValue, bytes)

#define DatumGetValue(datum) ((RecordsValue *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_VALUE(n) DatumGetValue(PG_GETARG_DATUM(n))
#define PG_RETURN_VALUE(value) PG_RETURN_POINTER(value)

extern RecordKind value_kind(const RecordsValue *value);
extern size_t value_size(const RecordsValue *value);
extern RecordsValue *value_pack(RecordsValue *value);
extern RecordsValue *value_arg(FunctionCallInfo fcinfo, int n);
extern RecordsValue *value_start(RecordKind kind, size_t room);
extern RecordsValue *value_add(RecordsValue *state, bool in_place, const Record *record);
extern Datum value_return_state(FunctionCallInfo fcinfo, RecordsValue *state);
extern bool value_in_aggregate(FunctionCallInfo fcinfo);
pg_noreturn extern void value_damaged(void);
pg_noreturn extern void value_fault(RecordFault fault, RecordKind kind);
extern Datum field_datum(const char *field);
extern const char *kind_name(RecordKind kind);

extern void key_add(struct StringInfoData *key, const char *bytes, size_t size);
extern void key_add_text(struct StringInfoData *key, const text *field);

/* What was made of a value, kept while the next call has the same one. */
typedef void *(*CompileValue)(const RecordsValue *value, const char *extra, const Memory *memory);

extern void *value_compiled(FunctionCallInfo fcinfo, int n, const char *extra,
							CompileValue compile);

#endif
