/*
 * Memory for the cores of this room, from whoever calls them: the server's
 * contexts, or malloc in tests.
 */
#ifndef COACHIATRY_LANGUAGE_MEMORY_H
#define COACHIATRY_LANGUAGE_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * resize gives memory of a size, or a piece of it another size, and does not
 * return if there is none; pause is called now and then in long loops and may
 * not return either.  Nothing is given back one by one: the owner does that at
 * the end, for all.
 */
typedef struct Memory
{
	void *(*resize)(void *owner, void *piece, size_t size);
	void (*pause)(void);
	void *owner;
} Memory;

/* Elements of an array are added one by one: make room for one more, and so many again. */
#define MEMORY_GROW(memory, array, used, room) \
	((used) < (room) ? (array) \
					 : (array = (memory)->resize((memory)->owner, (array), \
												 ((room) = (room) < 16 ? 16 : 2 * (room)) * \
													 sizeof(*(array)))))

/* Memory for an array, all zero; never of no bytes. */
static inline void *
memory_zeros(const Memory *memory, size_t n, size_t size)
{
	void *array = memory->resize(memory->owner, NULL, n * size + 1);

	return memset(array, 0, n * size + 1);
}

#endif
