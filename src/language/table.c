/*
 * A hash table of texts, with open addressing and at most one place in four
 * taken.
 */
#include "language/table.h"

#include <string.h>

/* The hash of a text. */
uint64_t
table_hash(const char *text, size_t length)
{
	uint64_t hash = TABLE_HASH_START;

	for (size_t i = 0; i < length; i++)
		hash = table_hash_byte(hash, text[i]);
	return table_hash_end(hash);
}

/* Put a text where its hash says. */
static void
place_text(TextTable *table, uint32_t number)
{
	size_t mask = table->nplaces - 1;
	uint64_t hash = table->texts[number].hash;
	size_t at = hash >> 16 & mask;

	while (table->places[at] != TABLE_NONE)
		at = (at + 1) & mask;
	table->places[at] = number;
	table->filter[hash >> 3 & (TABLE_FILTER - 1)] |= (uint8_t) (1 << (hash & 7));
}

/* Make room for twice as many texts. */
static void
grow_places(TextTable *table)
{
	size_t n = table->nplaces == 0 ? 256 : 2 * table->nplaces;

	table->places =
		table->memory->resize(table->memory->owner, table->places, n * sizeof(uint32_t));
	memset(table->places, 0xFF, n * sizeof(uint32_t));
	table->nplaces = n;
	for (uint32_t i = 0; i < table->n; i++)
		place_text(table, i);
}

/* Begin a table without texts. */
void
table_start(TextTable *table, const Memory *memory)
{
	memset(table, 0, sizeof(*table));
	table->memory = memory;
	grow_places(table);
}

/* The number of a text whose hash is known; TABLE_NONE if it was not added. */
uint32_t
table_find(const TextTable *table, uint64_t hash, const char *text, size_t length)
{
	size_t mask = table->nplaces - 1;

	if (!(table->filter[hash >> 3 & (TABLE_FILTER - 1)] >> (hash & 7) & 1))
		return TABLE_NONE;
	for (size_t at = hash >> 16 & mask; table->places[at] != TABLE_NONE; at = (at + 1) & mask)
	{
		const TableText *found = &table->texts[table->places[at]];

		if (found->hash == hash && found->length == length &&
			memcmp(found->text, text, length) == 0)
			return table->places[at];
	}
	return TABLE_NONE;
}

/* The number of a text, a new one if it was not there. */
uint32_t
table_add(TextTable *table, const char *text, size_t length)
{
	uint64_t hash = table_hash(text, length);
	uint32_t number = table_find(table, hash, text, length);

	if (number != TABLE_NONE)
		return number;
	if (4 * table->n >= table->nplaces)
		grow_places(table);
	MEMORY_GROW(table->memory, table->texts, table->n, table->room);
	table->texts[table->n] = (TableText){ hash, text, (uint32_t) length };
	place_text(table, (uint32_t) table->n);
	return (uint32_t) table->n++;
}
