/*
 * What tests of the cores share: TAP lines, random numbers, and memory of
 * exact sizes.  A test checks as many cases as it likes and then ends with one
 * line; one that has checked nothing fails.  SEED=n repeats a run.
 */
#ifndef COACHIATRY_TAP_H
#define COACHIATRY_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Failed checks of one test that are described. */
#define MAX_DESCRIBED 5

/* Pieces of memory that may be held at once. */
#define MAX_HELD 256

static struct
{
	int tests;
	int failed_tests;
	long checks; /* of the test that is running */
	long failures;
	uint64_t random;
	void *held[MAX_HELD];
	int nheld;
} tap;

/* Check one thing; what is wrong is described by the text.  Whether it passed. */
static inline bool __attribute__((format(printf, 2, 3))) check(bool passed, const char *wrong, ...)
{
	va_list args;

	tap.checks++;
	if (passed || tap.failures++ >= MAX_DESCRIBED)
		return passed;
	printf("# ");
	va_start(args, wrong);
	vprintf(wrong, args);
	va_end(args);
	putchar('\n');
	return false;
}

/* Whether a failed check should be described further. */
static inline bool
describes(void)
{
	return tap.failures <= MAX_DESCRIBED;
}

/* End a test: one TAP line for the checks since the last one. */
static inline void
end_test(const char *about)
{
	bool passed = tap.failures == 0 && tap.checks > 0;

	printf("%sok %d - %s (%ld checks)\n", passed ? "" : "not ", ++tap.tests, about, tap.checks);
	fflush(stdout);
	tap.failed_tests += !passed;
	tap.checks = tap.failures = 0;
}

/* End the program: the plan, and the exit status. */
static inline int
end_tests(void)
{
	printf("1..%d\n", tap.tests);
	return tap.failed_tests > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* In loops over cases: the step to the next one, longer where valgrind makes a program slow. */
static inline int
stride(void)
{
	static int step;

	if (step == 0)
	{
		const char *preloaded = getenv("LD_PRELOAD"); /* valgrind preloads a part of itself */

		step = preloaded != NULL && strstr(preloaded, "/vgpreload_") != NULL ? 7 : 1;
	}
	return step;
}

/* Seed the random numbers from SEED, else by chance. */
static inline void
start_random(void)
{
	const char *seed = getenv("SEED");

	if (seed != NULL)
		tap.random = strtoull(seed, NULL, 10);
	else if (getrandom(&tap.random, sizeof(uint32_t), 0) != sizeof(uint32_t))
		abort();
	printf("# seed %" PRIu64 " (SEED=%" PRIu64 " repeats this run)\n", tap.random, tap.random);
}

/* The next random number (splitmix64). */
static inline uint64_t
random_bits(void)
{
	uint64_t z = tap.random += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* A random number from low to high, both included. */
static inline int64_t
between(int64_t low, int64_t high)
{
	return low + (int64_t) (random_bits() % ((uint64_t) (high - low) + 1));
}

/* True so many times in a hundred. */
static inline bool
percent(int chance)
{
	return between(1, 100) <= chance;
}

/*
 * Memory that ends with its last byte, so that sanitizers see what reads or
 * writes beyond; good until release_all.
 */
static inline void *
hold(size_t size)
{
	void *memory = calloc(size > 0 ? size : 1, 1);

	if (memory == NULL || tap.nheld == MAX_HELD)
		abort();
	return tap.held[tap.nheld++] = memory;
}

/* Give back all memory that is held. */
static inline void
release_all(void)
{
	while (tap.nheld > 0)
		free(tap.held[--tap.nheld]);
}

#endif
