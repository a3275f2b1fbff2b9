/*
 * Numbers as bytes in network byte order, for the binary forms of types.
 */
#ifndef COACHIATRY_BYTES_H
#define COACHIATRY_BYTES_H

#include <stdint.h>

/* Write the lowest bytes of a number, the highest of them first; the place after them. */
static inline uint8_t *
bytes_put(uint8_t *at, uint64_t number, int nbytes)
{
	for (int i = nbytes - 1; i >= 0; i--)
	{
		at[i] = (uint8_t) number;
		number >>= 8;
	}
	return at + nbytes;
}

/* The number in some bytes. */
static inline uint64_t
bytes_get(const uint8_t *at, int nbytes)
{
	uint64_t number = 0;

	for (int i = 0; i < nbytes; i++)
		number = number << 8 | at[i];
	return number;
}

#endif
