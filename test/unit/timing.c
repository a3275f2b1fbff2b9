/*
 * Dose timing outside the server: the matching against the enumeration of all
 * order-preserving matchings, the measures against counts written another way,
 * the text and binary forms there and back and damaged, and the ends of the
 * range of instants.  SEED=n repeats a run.
 */
#include "adherence/timing.h"

#include "tap.h"

#define MAX_SIDE 7	 /* doses on a side that are matched by enumeration */
#define MAX_PAIRS 40 /* of random values */
#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

/* A random number below a limit. */
static uint64_t
below(uint64_t limit)
{
	return random_bits() % limit;
}

/* A test of one check. */
static void
ok(bool passed, const char *about)
{
	check(passed, "no");
	end_test(about);
}

/*
 * Matching
 */

static unsigned long polls;

static void
count_poll(void)
{
	polls++;
}

/* Run the matching in memory of exactly the size that it asks for. */
static void
run_match(DoseMatch *match)
{
	MatchSize size;
	MatchScratch scratch;

	if (!timing_match_size(match, &size))
		abort();
	scratch.best = hold(size.columns * sizeof(MatchScore));
	scratch.first = hold(size.rows * sizeof(uint32_t));
	scratch.offset = hold((size.rows + 1) * sizeof(uint64_t));
	scratch.choices = hold(timing_choice_bytes(size.cells));
	match->partner = hold(match->ntaken * sizeof(int32_t));
	match->due_is_taken = hold(match->ndue * sizeof(bool));
	timing_match(match, &scratch);
}

/* A matching being enumerated, or the best so far. */
typedef struct Matching
{
	int n;
	unsigned __int128 distance;
	int taken[MAX_SIDE];
	int due[MAX_SIDE];
} Matching;

/* Whether a matching is better by the definition: pairs, distance, first pairs first. */
static bool
is_better(const Matching *a, const Matching *b, const DoseMatch *match)
{
	if (a->n != b->n)
		return a->n > b->n;
	if (a->distance != b->distance)
		return a->distance < b->distance;
	for (int i = 0; i < a->n; i++)
	{
		if (match->taken[a->taken[i]] != match->taken[b->taken[i]])
			return match->taken[a->taken[i]] < match->taken[b->taken[i]];
		if (match->due[a->due[i]] != match->due[b->due[i]])
			return match->due[a->due[i]] < match->due[b->due[i]];
	}
	return false;
}

/* Try every order-preserving matching of what is left. */
static void
enumerate(const DoseMatch *match, size_t i, size_t j, Matching *now, Matching *best)
{
	if (is_better(now, best, match))
		*best = *now;
	for (size_t t = i; t < match->ntaken; t++)
		for (size_t d = j; d < match->ndue; d++)
		{
			__int128 apart = (__int128) match->taken[t] - match->due[d];

			if (apart < 0)
				apart = -apart;
			if (apart > match->tolerance)
				continue;
			now->taken[now->n] = (int) t;
			now->due[now->n++] = (int) d;
			now->distance += (unsigned __int128) apart;
			enumerate(match, t + 1, d + 1, now, best);
			now->distance -= (unsigned __int128) apart;
			now->n--;
		}
}

/* Whether a found matching has the same pairs of instants as another. */
static bool
same_pairs(const DoseMatch *match, const Matching *wanted)
{
	int n = 0;

	for (size_t i = 0; i < match->ntaken; i++)
	{
		int32_t partner = match->partner[i];

		if (partner < 0)
			continue;
		if (n == wanted->n || match->taken[i] != match->taken[wanted->taken[n]] ||
			match->due[partner] != match->due[wanted->due[n]] || !match->due_is_taken[partner])
			return false;
		n++;
	}
	return n == wanted->n;
}

/* An instant on a grid, coarse enough for ties, or anywhere at all. */
static int64_t
random_instant(int64_t span)
{
	if (span == 0)
		return (int64_t) ((uint64_t) TIMING_FIRST_INSTANT +
						  below((uint64_t) TIMING_LAST_INSTANT - TIMING_FIRST_INSTANT + 1));
	return (int64_t) below((uint64_t) span) - span / 2;
}

/* Sorted random instants. */
static int64_t *
random_instants(size_t n, int64_t span)
{
	int64_t *instants = hold(n * sizeof(int64_t));

	for (size_t i = 0; i < n; i++)
		instants[i] = random_instant(span);
	timing_sort_instants(instants, n);
	return instants;
}

/* One random matching against the enumeration. */
static void
check_match(void)
{
	static const int64_t spans[] = { 4, 8, 15, 30, 100, 0 };
	int64_t span = spans[below(6)];
	DoseMatch match = { .ntaken = below(MAX_SIDE + 1), .ndue = below(MAX_SIDE + 1) };
	Matching now = { 0 };
	Matching best = { 0 };
	bool agrees;

	match.taken = random_instants(match.ntaken, span);
	match.due = random_instants(match.ndue, span);
	match.tolerance = span > 0 ? below((uint64_t) span + 2) : below(UINT64_MAX);
	if (below(20) == 0)
		match.tolerance = UINT64_MAX;
	run_match(&match);
	enumerate(&match, 0, 0, &now, &best);
	agrees = same_pairs(&match, &best);
	if (!check(agrees, "tolerance %" PRIu64 ", %d pairs wanted", match.tolerance, best.n) &&
		describes())
	{
		for (size_t i = 0; i < match.ntaken; i++)
			printf("#   taken %" PRId64 " partner %d\n", match.taken[i], match.partner[i]);
		for (size_t j = 0; j < match.ndue; j++)
			printf("#   due %" PRId64 "\n", match.due[j]);
	}
	release_all();
}

static void
test_matching_by_enumeration(void)
{
	for (int i = 0; i < 6000; i++)
		check_match();
	end_test("a matching is the best of all order-preserving ones");
}

/* Whether the rows of a matching are in order. */
static bool
rows_are_in_order(const DosePair *rows, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		int64_t before = rows[i - 1].taken != TIMING_NONE ? rows[i - 1].taken : rows[i - 1].due;
		int64_t here = rows[i].taken != TIMING_NONE ? rows[i].taken : rows[i].due;

		if (before > here)
			return false;
		if (before == here && rows[i - 1].taken == TIMING_NONE && rows[i].taken != TIMING_NONE)
			return false;
	}
	return true;
}

static void
test_matching_rows(void)
{
	for (int i = 0; i < 500; i++)
	{
		DoseMatch match = { .ntaken = below(60), .ndue = below(60), .tolerance = below(30) };
		DosePair *rows = hold((match.ntaken + match.ndue) * sizeof(DosePair));
		size_t n;
		size_t nboth = 0;
		size_t ntaken = 0;
		size_t ndue = 0;

		match.taken = random_instants(match.ntaken, 400);
		match.due = random_instants(match.ndue, 400);
		run_match(&match);
		n = timing_match_rows(&match, rows);
		for (size_t j = 0; j < n; j++)
		{
			ntaken += rows[j].taken != TIMING_NONE;
			ndue += rows[j].due != TIMING_NONE;
			nboth += rows[j].taken != TIMING_NONE && rows[j].due != TIMING_NONE;
		}
		check(rows_are_in_order(rows, n), "%zu rows are out of order", n);
		check(ntaken == match.ntaken && ndue == match.ndue && n == ntaken + ndue - nboth,
			  "%zu rows of %zu taken and %zu due doses", n, match.ntaken, match.ndue);
		release_all();
	}
	end_test("rows of a matching are in order of time, taken first, with each dose once");
}

/* A match of two given arrays: the partner of the first taken dose. */
static int
first_partner(const int64_t *taken, size_t ntaken, const int64_t *due, size_t ndue,
			  uint64_t tolerance)
{
	DoseMatch match = { taken, ntaken, due, ndue, tolerance, NULL, NULL, NULL };

	run_match(&match);
	return match.partner[0];
}

static void
test_matching_by_hand(void)
{
	int64_t two[] = { 9, 11 };
	int64_t middle[] = { 10 };
	int64_t crowd[] = { 0, 10 };
	int64_t late[] = { 9, 20 };
	int64_t ends[] = { TIMING_FIRST_INSTANT, TIMING_LAST_INSTANT };

	ok(first_partner(middle, 1, two, 2, 1) == 0, "of two due doses as near, the earlier");
	ok(first_partner(two, 2, middle, 1, 1) == 0, "of two openings as near, the earlier");
	ok(first_partner(middle, 1, two, 2, 0) == -1, "tolerance 0 pairs equal instants only");
	ok(first_partner(two, 1, two, 1, 0) == 0, "tolerance 0 pairs equal instants");

	/* The nearest pair alone (10, 9) would leave 0 and 20 alone. */
	ok(first_partner(crowd, 2, late, 2, 10) == 0, "more pairs beat a smaller distance");
	ok(first_partner(ends, 1, ends + 1, 1, UINT64_MAX) == 0, "the ends of time are a pair");
	ok(first_partner(ends, 1, ends + 1, 1, INT64_MAX) == -1,
	   "the ends of time are further apart than int64 counts");
	release_all();
}

static void
test_matching_limits(void)
{
	size_t n = 16500;
	int64_t *instants = hold(n * sizeof(int64_t));
	DoseMatch match = { instants, n, instants, n, UINT64_MAX, NULL, NULL, count_poll };
	MatchSize size;

	for (size_t i = 0; i < n; i++)
		instants[i] = (int64_t) i * 6 * HOUR;
	ok(!timing_match_size(&match, &size), "a component of over 2^28 combinations is refused");
	match.tolerance = 6 * HOUR - 1;
	ok(timing_match_size(&match, &size) && size.cells == 1 && size.rows == 1 && size.columns == 2,
	   "a gap longer than the tolerance starts a component");
	match.tolerance = 6 * HOUR;
	ok(timing_match_size(&match, &size) && size.rows == n && size.cells == 3 * n - 2,
	   "a gap as long as the tolerance does not");
	match.ntaken = match.ndue = 3000;
	match.tolerance = UINT64_MAX;
	run_match(&match);
	for (size_t i = 0; i < match.ntaken; i++)
		check(match.partner[i] == (int32_t) i, "%zu has partner %d", i, match.partner[i]);
	end_test("3000 doses taken on time, with any tolerance, are their own partners");
	ok(polls >= 9000000 / 70000, "a large matching polls");
	release_all();
}

/*
 * Values
 */

/* A random pair; a small span makes equal instants and pairs. */
static DosePair
random_pair(int64_t span)
{
	DosePair pair = { random_instant(span), random_instant(span) };

	switch (below(5))
	{
		case 0:
			pair.due = TIMING_NONE;
			break;
		case 1:
			pair.taken = TIMING_NONE;
			break;
	}
	return pair;
}

static DosePair *
random_pairs(size_t n, int64_t span)
{
	DosePair *pairs = hold(n * sizeof(DosePair));

	for (size_t i = 0; i < n; i++)
		pairs[i] = random_pair(span);
	return pairs;
}

static bool
same(const DosePair *a, size_t na, const DosePair *b, size_t nb)
{
	return na == nb && (na == 0 || memcmp(a, b, na * sizeof(DosePair)) == 0);
}

static void
test_merge(void)
{
	for (int i = 0; i < 500; i++)
	{
		size_t n = below(MAX_PAIRS);
		size_t na = below(n + 1);
		DosePair *whole = random_pairs(n, 10);
		DosePair *parts = hold(n * sizeof(DosePair));
		DosePair *merged = hold(n * sizeof(DosePair));

		memcpy(parts, whole, n * sizeof(DosePair));
		timing_sort(whole, n);
		timing_sort(parts, na);
		timing_sort(parts + na, n - na);
		timing_merge(merged, parts + na, n - na, parts, na);
		check(same(whole, n, merged, n), "%zu and %zu pairs merged wrongly", n - na, na);
		check(timing_compare(whole, n, merged, n) == 0, "%zu pairs are not equal", n);
		if (na < n)
			check(timing_compare(whole, na, merged, n) < 0 &&
					  timing_compare(whole, n, merged, na) > 0,
				  "%zu of %zu pairs are not less", na, n);
		release_all();
	}
	end_test("parts merged are the whole sorted, and a prefix is less");
}

/* Counts by looking at every pair of pairs. */
static TimingCounts
count_slowly(const DosePair *pairs, size_t n)
{
	TimingCounts counts = { 0 };

	for (size_t i = 0; i < n; i++)
	{
		size_t taken = 0;
		bool seen = false;

		counts.taken += pairs[i].taken != TIMING_NONE;
		for (size_t j = 0; j < n; j++)
		{
			seen |= j < i && pairs[j].due == pairs[i].due;
			taken += pairs[j].due == pairs[i].due && pairs[j].taken != TIMING_NONE;
		}
		if (pairs[i].due == TIMING_NONE || seen)
			continue;
		counts.due++;
		counts.correct += taken == 1;
	}
	return counts;
}

static void
test_counts(void)
{
	for (int i = 0; i < 1000; i++)
	{
		size_t n = below(MAX_PAIRS);
		DosePair *pairs = random_pairs(n, 12);
		TimingCounts slow = count_slowly(pairs, n);
		TimingCounts fast;

		timing_sort(pairs, n);
		fast = timing_count(pairs, n);
		check(fast.due == slow.due && fast.taken == slow.taken && fast.correct == slow.correct,
			  "%zu pairs: %zu due, %zu taken, %zu correct", n, fast.due, fast.taken, fast.correct);
		release_all();
	}
	end_test("counts agree with counting pair by pair");
}

/* Regularity of intervals that are given; -1 if there is none. */
static double
regularity(const int64_t *lengths, size_t n, double share)
{
	int64_t *taken = hold((n + 1) * sizeof(int64_t));
	double result = -1;

	taken[0] = -5 * DAY;
	for (size_t i = 0; i < n; i++)
		taken[i + 1] = taken[i] + lengths[i];
	if (!timing_regularity(taken, n + 1, share, &result))
		result = -1;
	release_all();
	return result;
}

static void
test_regularity(void)
{
	int64_t even[] = { 10 * HOUR, 11 * HOUR, 13 * HOUR, 20 * HOUR };
	int64_t bounds[] = { 9 * HOUR, 10 * HOUR, 11 * HOUR, 10 * HOUR, 10 * HOUR };
	int64_t beyond[] = { 9 * HOUR - 1, 10 * HOUR, 11 * HOUR + 1, 10 * HOUR, 10 * HOUR };
	int64_t zeros[] = { 0, 0, 0, HOUR };

	ok(regularity(even, 0, .5) == -1, "one dose has no intervals");
	ok(regularity(even, 4, 0) == 0, "the median of an even count lies between two");
	ok(regularity(even, 4, .09) == .5, "within 0.09 of a median of 12 h: two of four");
	ok(regularity(bounds, 5, .1) == 1, "bounds are included");
	ok(regularity(beyond, 5, .1) == .6, "a microsecond beyond them is not");
	ok(regularity(zeros, 4, .5) == .75, "a median of nothing");
	ok(regularity(even, 4, 1e308) == 1, "a huge share takes all");
	for (int share = 1; share <= 99; share++)
		for (int64_t unit = 1; unit <= DAY; unit *= 7)
		{
			int64_t lengths[] = { (100 - share) * unit, 100 * unit, (100 + share) * unit };

			check(regularity(lengths, 3, share / 100.0) == 1, "%d %% of %" PRId64, share, unit);
			lengths[0]--, lengths[2]++;
			check(regularity(lengths, 3, share / 100.0) == 1.0 / 3, "beyond %d %% of %" PRId64,
				  share, unit);
		}
	end_test("bounds are exact for every percentage and many lengths");
}

static void
test_tolerance(void)
{
	uint64_t got;
	bool exact = timing_tolerance(1, 2, 3, &got) && got == 32 * UINT64_C(86400000000) + 3;

	ok(exact, "a month has 30 days and a day 24 hours");
	ok(timing_tolerance(0, 1, -1, &got) && got == DAY - 1, "signs may differ");
	ok(timing_tolerance(0, 0, 0, &got) && got == 0, "nothing is a tolerance");
	ok(!timing_tolerance(0, 0, -1, &got), "less is not");
	ok(!timing_tolerance(1, -31, 0, &got), "nor is less in days");
	ok(!timing_tolerance(INT32_MIN, INT32_MIN, INT64_MIN, &got), "nor the least of all");
	ok(timing_tolerance(INT32_MAX, INT32_MAX, INT64_MAX, &got) && got == UINT64_MAX,
	   "the largest of all is larger than any distance");
	ok(timing_tolerance(0, 0, INT64_MAX, &got) && got == INT64_MAX, "microseconds alone");
	ok(timing_tolerance(INT32_MAX, INT32_MIN, 0, &got) && got == UINT64_MAX,
	   "many months less many days");
}

/*
 * Text and binary forms
 */

/* The text being written. */
static struct
{
	char text[2 * MAX_PAIRS * TIMING_INSTANT_SIZE];
	size_t length;
} out;

static void
put(void *target, const char *text, size_t length)
{
	(void) target;
	if (length >= sizeof(out.text) - out.length)
		abort();
	memcpy(out.text + out.length, text, length);
	out.length += length;
	out.text[out.length] = '\0';
}

/* The text form of pairs; good until the next one. */
static const char *
format(const DosePair *pairs, size_t n)
{
	static const TextSink sink = { .put = put };

	out.length = 0;
	timing_format(pairs, n, &sink);
	return out.text;
}

/* Read a text, copied so that it ends with its last byte, into pairs that just fit. */
static TimingFault
parse(const char *text, DosePair **pairs, size_t *n)
{
	const char *at = memcpy(hold(strlen(text) + 1), text, strlen(text) + 1);

	*pairs = hold(timing_text_capacity(text) * sizeof(DosePair));
	return timing_parse(&at, *pairs, n);
}

/* Write pairs as text, and read that. */
static bool
text_returns(const DosePair *pairs, size_t n)
{
	DosePair *again;
	size_t nagain;

	return parse(format(pairs, n), &again, &nagain) == TIMING_OK && same(pairs, n, again, nagain);
}

/* Write pairs as bytes, and read those. */
static bool
bytes_return(const DosePair *pairs, size_t n)
{
	size_t size = timing_encoded_size(pairs, n);
	uint8_t *bytes = hold(size);
	DosePair *again = hold(n * sizeof(DosePair));
	size_t nagain;

	timing_encode(pairs, n, bytes);
	return timing_decode_count(bytes, size, &nagain) == TIMING_OK && nagain == n &&
		   timing_decode(bytes, size, again) == TIMING_OK && same(pairs, n, again, n);
}

static void
test_round_trips(void)
{
	static const int64_t spans[] = { 5, 100 * DAY, 0 };

	for (int i = 0; i < 1500; i++)
	{
		size_t n = below(MAX_PAIRS);
		DosePair *pairs = random_pairs(n, spans[i % 3]);

		timing_sort(pairs, n);
		check(text_returns(pairs, n), "text: %s", format(pairs, n));
		check(bytes_return(pairs, n), "bytes: %s", format(pairs, n));
		release_all();
	}
	end_test("text and binary out and in");
}

/* A text that is read, and what is written of it, or a fault. */
static const struct
{
	const char *text;
	TimingFault fault;
	const char *wanted;
} texts[] = {
	{ "empty", TIMING_OK, "empty" },
	{ " EMPTY\n", TIMING_OK, "empty" },
	{ "due 2000-01-01T00:00:00Z", TIMING_OK, "due 2000-01-01T00:00:00Z" },
	{ "Due 2000-01-01 00:00:00.500000Z", TIMING_OK, "due 2000-01-01T00:00:00.5Z" },
	{ "taken 2026-01-05T01:30:00+02:00", TIMING_OK, "taken 2026-01-04T23:30:00Z" },
	{ "taken 2026-01-05T01:30:00-05", TIMING_OK, "taken 2026-01-05T06:30:00Z" },
	{ "taken 2026-01-05T08:00:01Z due 2026-01-05T08:00:00Z", TIMING_OK,
	  "due 2026-01-05T08:00:00Z taken 2026-01-05T08:00:01Z" },
	{ "taken 2026-01-05T08:00:01Z,due 2026-01-05T08:00:00Z", TIMING_OK,
	  "due 2026-01-05T08:00:00Z, taken 2026-01-05T08:00:01Z" },
	{ "due 2000-02-29T23:59:59.999999Z", TIMING_OK, "due 2000-02-29T23:59:59.999999Z" },
	{ "due 0001-02-29T00:00:00Z BC", TIMING_OK, "due 0001-02-29T00:00:00Z BC" },
	{ "due 4714-11-24T00:00:00Z BC", TIMING_OK, "due 4714-11-24T00:00:00Z BC" },
	{ "due 294276-12-31T23:59:59.999999Z", TIMING_OK, "due 294276-12-31T23:59:59.999999Z" },
	{ "due 294277-01-01T03:59:59.999999+04:00", TIMING_OK, "due 294276-12-31T23:59:59.999999Z" },
	{ "due 4714-11-23T23:59:59.999999Z BC", TIMING_INSTANT, NULL },
	{ "due 294277-01-01T00:00:00Z", TIMING_INSTANT, NULL },
	{ "due 294276-12-31T23:59:59-01:00", TIMING_INSTANT, NULL },
	{ "due 5874897-12-31T00:00:00Z", TIMING_INSTANT, NULL },
	{ "due 9999999-12-31T00:00:00Z", TIMING_INSTANT, NULL },
	{ "due 0000-01-01T00:00:00Z", TIMING_INSTANT, NULL },
	{ "due 2001-02-29T00:00:00Z", TIMING_INSTANT, NULL },
	{ "due 2001-13-01T00:00:00Z", TIMING_INSTANT, NULL },
	{ "due 2001-01-01T24:00:00Z", TIMING_INSTANT, NULL },
	{ "due 2001-01-01T00:60:00Z", TIMING_INSTANT, NULL },
	{ "due 2001-01-01T00:00:60Z", TIMING_INSTANT, NULL },
	{ "due 2001-01-01T00:00:00+16", TIMING_INSTANT, NULL },
	{ "due infinity", TIMING_INFINITE, NULL },
	{ "due -infinity", TIMING_INFINITE, NULL },
	{ "", TIMING_SYNTAX, NULL },
	{ " ", TIMING_SYNTAX, NULL },
	{ "empty,", TIMING_SYNTAX, NULL },
	{ "empty empty", TIMING_SYNTAX, NULL },
	{ "emptyish", TIMING_SYNTAX, NULL },
	{ "due", TIMING_SYNTAX, NULL },
	{ "due now", TIMING_SYNTAX, NULL },
	{ "due -", TIMING_SYNTAX, NULL },
	{ "due2001-01-01T00:00:00Z", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00Z", TIMING_SYNTAX, NULL },
	{ "due 2001-1-01T00:00:00Z", TIMING_SYNTAX, NULL },
	{ "due 20010-01-010T00:00:00Z", TIMING_SYNTAX, NULL },
	{ "due 12345678-01-01T00:00:00Z", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00.Z", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00.1234567Z", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00+1", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00+01:", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00Zdue", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00Z,", TIMING_SYNTAX, NULL },
	{ ",due 2001-01-01T00:00:00Z", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00Z due 2001-01-01T00:00:00Z", TIMING_SYNTAX, NULL },
	{ "due 2001-01-01T00:00:00Z taken", TIMING_SYNTAX, NULL },
	{ "taken 2001-01-01T00:00:00Z x", TIMING_SYNTAX, NULL },
};

static void
test_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		DosePair *pairs;
		size_t n;
		TimingFault fault = parse(texts[i].text, &pairs, &n);

		check(fault == texts[i].fault, "\"%s\" has fault %d", texts[i].text, fault);
		if (fault == TIMING_OK && texts[i].fault == TIMING_OK)
			check(strcmp(format(pairs, n), texts[i].wanted) == 0, "\"%s\" gives \"%s\"",
				  texts[i].text, format(pairs, n));
		release_all();
	}
	end_test("texts are read, or refused for the right reason");
}

/* Decode bytes in memory of exactly their size; the fault. */
static TimingFault
decode(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = memcpy(hold(size), bytes, size);
	size_t n = 0;
	TimingFault fault = timing_decode_count(copy, size, &n);
	DosePair *pairs;

	if (fault == TIMING_OK)
	{
		pairs = hold(n * sizeof(DosePair));
		fault = timing_decode(copy, size, pairs);
		for (size_t i = 0; fault == TIMING_OK && i < n; i++)
			if ((pairs[i].due == TIMING_NONE && pairs[i].taken == TIMING_NONE) ||
				(i > 0 && dose_pair_compare(pairs[i - 1], pairs[i]) > 0))
				abort();
	}
	release_all();
	return fault;
}

static void
test_bytes(void)
{
	DosePair pairs[] = { { 0, 1 }, { 5, TIMING_NONE }, { TIMING_NONE, 7 } };
	uint8_t bytes[64] = { 0 };
	size_t size = timing_encoded_size(pairs, 3);

	timing_encode(pairs, 3, bytes);
	ok(size == 8 + 3 + 4 * 8 && decode(bytes, size) == TIMING_OK, "three pairs in 43 bytes");
	for (size_t i = 0; i < size; i++)
		check(decode(bytes, i) == TIMING_SYNTAX, "%zu bytes are read", i);
	end_test("bytes that end too early are refused");
	ok(decode(bytes, size + 1) == TIMING_SYNTAX, "bytes left over are refused");
	bytes[3] = 2;
	ok(decode(bytes, size) == TIMING_VERSION, "an unknown version is refused");
	bytes[3] = 1, bytes[0] = 1;
	ok(decode(bytes, size) == TIMING_VERSION, "an unknown flag is refused");
	bytes[0] = 0, bytes[4] = 0x7F;
	ok(decode(bytes, size) == TIMING_MANY, "too many pairs are refused");
	bytes[4] = 0, bytes[8] = 0;
	ok(decode(bytes, size) == TIMING_SYNTAX, "a pair without a side is refused");
	bytes[8] = 4;
	ok(decode(bytes, size) == TIMING_SYNTAX, "an unknown side is refused");
	bytes[8] = 3, bytes[9] = 0x7F;
	ok(decode(bytes, size) == TIMING_OK, "a late instant");
	memset(bytes + 10, 0xFF, 7);
	ok(decode(bytes, size) == TIMING_INFINITE, "infinity is refused");
	bytes[16] = 0xFE;
	ok(decode(bytes, size) == TIMING_INSTANT, "an instant after the last is refused");
	memset(bytes + 9, 0, 8), bytes[9] = 0x80;
	ok(decode(bytes, size) == TIMING_INFINITE, "minus infinity is refused");
}

static void
test_flipped_bytes(void)
{
	for (int i = 0; i < 20000; i++)
	{
		size_t n = below(6);
		DosePair *pairs = random_pairs(n, 0);
		size_t size = timing_encoded_size(pairs, n);
		uint8_t *bytes = hold(size);

		timing_encode(pairs, n, bytes);
		for (uint64_t flips = 1 + below(3); flips > 0; flips--)
			bytes[below(size)] ^= (uint8_t) (1 << below(8));
		check(decode(bytes, size) <= TIMING_MANY, "an unknown fault");
		release_all();
	}
	end_test("values with flipped bits are read or refused");
}

int
main(void)
{
	start_random();
	test_matching_by_enumeration();
	test_matching_rows();
	test_matching_by_hand();
	test_matching_limits();
	test_merge();
	test_counts();
	test_regularity();
	test_tolerance();
	test_round_trips();
	test_texts();
	test_bytes();
	test_flipped_bytes();
	return end_tests();
}
