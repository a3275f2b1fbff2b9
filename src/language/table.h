/*
 * Texts by number: a hash table of texts that are kept elsewhere, each with
 * the number that it was added as.
 */
#ifndef COACHIATRY_TEXT_TABLE_H
#define COACHIATRY_TEXT_TABLE_H

#include <stdbool.h>

#include "language/memory.h"

/* No text. */
#define TABLE_NONE UINT32_MAX

/* Bytes of the bits that say which hashes there are, so that most other texts are seen to be none at once. */
#define TABLE_FILTER 8192

typedef struct TableText
{
	uint64_t hash;
	const char *text; /* not terminated */
	uint32_t length;
} TableText;

typedef struct TextTable
{
	const Memory *memory;
	TableText *texts;
	size_t n;
	size_t room;
	uint32_t *places; /* hashed: the number of a text, or TABLE_NONE */
	size_t nplaces;	  /* a power of two */
	uint8_t filter[TABLE_FILTER];
} TextTable;

#define TABLE_HASH_START UINT64_C(0xCBF29CE484222325)

/* A hash with one more byte (FNV-1a). */
static inline uint64_t
table_hash_byte(uint64_t hash, char byte)
{
	return (hash ^ (uint8_t) byte) * UINT64_C(0x100000001B3);
}

/* Spread the bits of a hash whose bytes are all in. */
static inline uint64_t
table_hash_end(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ (hash >> 29);
}

extern uint64_t table_hash(const char *text, size_t length);
extern void table_start(TextTable *table, const Memory *memory);
extern uint32_t table_find(const TextTable *table, uint64_t hash, const char *text, size_t length);
extern uint32_t table_add(TextTable *table, const char *text, size_t length);

#endif
