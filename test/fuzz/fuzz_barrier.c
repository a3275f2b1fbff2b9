/*
 * Fuzz target of barriers.  The first byte of an input says what the rest is: a
 * text form of evidence, packed pieces, counts for the Bayes factors, or the
 * days of calendars.  What is read must be written and read again as the same;
 * what is asked must be finite, whatever is asked of.
 */
#include "barrier/evidence.h"
#include "barrier/signature.h"

#include <math.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of exactly a size, so that the sanitizer sees its end. */
static void *
get(size_t size)
{
	void *memory = calloc(size > 0 ? size : 1, 1);

	if (memory == NULL)
		abort();
	return memory;
}

/* A text being written, with room for it. */
typedef struct Text
{
	char *text;
	size_t length;
} Text;

static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Read a piece again from its text form; it must be the same. */
static void
check_text(const Evidence *piece)
{
	Text text = { get(2 * (piece->explanation.size + piece->pointer.size) + 200), 0 };
	TextSink sink = { put, &text };
	EvidenceText reader;
	Evidence again;

	evidence_format(piece, true, &sink);
	insist(evidence_text_start(&reader, text.text) == EVIDENCE_OK && !reader.is_empty);
	insist(evidence_text_next(&reader, &again) == EVIDENCE_OK && *reader.at == '\0');
	insist(evidence_compare(piece, &again) == 0);
	free(text.text);
}

/* Write a piece packed and as text, and read both again. */
static void
check_piece(const Evidence *piece)
{
	size_t size = evidence_size(piece);
	uint8_t *bytes = get(size);
	EvidenceScan scan;

	insist(evidence_write(bytes, piece) == bytes + size);
	evidence_scan(&scan, bytes, size);
	insist(evidence_next(&scan) && evidence_compare(piece, &scan.here) == 0);
	insist(!evidence_next(&scan) && !scan.is_damaged);
	check_text(piece);
	free(bytes);
}

/* Read a text that may be anything. */
static void
read_text(const char *written)
{
	EvidenceText text;
	EvidenceFault fault = evidence_text_start(&text, written);

	while (fault == EVIDENCE_OK && *text.at != '\0')
	{
		Evidence piece;

		fault = evidence_text_next(&text, &piece);
		if (fault == EVIDENCE_OK)
			check_piece(&piece);
	}
}

/* Read packed pieces that may be damaged, and ask what they add up to. */
static void
read_packed(const uint8_t *bytes, size_t size)
{
	PatternSum sums[NPATTERNS] = { { 0, 0 } };
	BarrierPattern ranked[NPATTERNS];
	EvidenceScan scan;
	unsigned seen = 0;

	evidence_scan(&scan, bytes, size);
	while (evidence_next(&scan))
	{
		profile_add(sums, &scan.here);
		check_piece(&scan.here);
	}
	profile_rank(sums, ranked);
	for (int i = 0; i < NPATTERNS; i++)
	{
		double probability = profile_probability(sums, ranked[i]);

		insist(probability > 0 && probability < 1);
		seen |= 1u << ranked[i];
	}
	insist(seen == (1u << NPATTERNS) - 1);
}

/* Ask the factors of counts. */
static void
ask_factors(const uint8_t *data, size_t size)
{
	Share a = { 0, 0 };
	Share b = { 0, 0 };
	double values[256];
	size_t n = 0;

	for (; n < size && n < 256; n++)
	{
		a.n += data[n] & 0x0F;
		b.n += data[n] >> 4;
		a.hits += data[n] & 0x07;
		b.hits += data[n] >> 6;
		values[n] = data[n] % 11;
	}
	a.hits = a.hits < a.n ? a.hits : a.n;
	b.hits = b.hits < b.n ? b.hits : b.n;
	insist(fabs(factor_above(a, b)) <= FACTOR_MAX && fabs(factor_differ(a, b)) <= FACTOR_MAX);
	insist(fabs(factor_exceeds(a, 0.01)) <= FACTOR_MAX);
	if (n > 0)
		insist(fabs(factor_trend(values, n, UPWARDS)) <= FACTOR_MAX);
	insist(isfinite(factor_to_weight(factor_above(a, b), 0.99, 0.01)));
	insist(share_of_factors(values, n, 0.01, 0.5) > 0 && share_of_factors(values, n, 0.99, 9) < 1);
}

static void
no_poll(void)
{
}

/* Insist that a signature, if there is one, has finite figures. */
static void
check_signature(bool there, const Signature *signature)
{
	if (!there)
		return;
	insist(fabs(signature->factor) <= 2 * FACTOR_MAX &&
		   signature->nfigures <= SIGNATURE_MAX_FIGURES);
	for (int i = 0; i < signature->nfigures; i++)
		insist(isfinite(signature->figures[i]));
}

/* Ask the signatures of two calendars that share out the bytes. */
static void
ask_calendars(const uint8_t *data, size_t size)
{
	CalendarWidth width = size % 2 ? CALENDAR_NARROW : CALENDAR_WIDE;
	size_t ndays = size / 2 / width;
	Calendar calendars[2] = { { 9000, (int32_t) ndays, width, data },
							  { 9003, (int32_t) ndays, width, data + ndays * width } };
	bool discomfort[2] = { false, true };
	DosePair *pairs = get(size * sizeof(DosePair));
	double delays[TREND_MAX_VALUES];
	Signature signature;

	check_signature(weekend_split(calendars, 2, &signature), &signature);
	check_signature(misses_after_breaks(calendars, 2, &signature), &signature);
	check_signature(on_and_off(calendars, 2, &signature), &signature);
	check_signature(discomfort_misses(calendars, discomfort, 2, &signature), &signature);
	check_signature(shared_bursts(calendars, 2, no_poll, &signature), &signature);
	for (size_t i = 0; i < size; i++)
		pairs[i] = (DosePair){ data[i] % 16 == 0 ? TIMING_NONE : (int64_t) i * INT64_C(86400000000),
							   data[i] % 16 == 1 ? TIMING_NONE
												 : (int64_t) i * data[i] * INT64_C(1000000000000) };
	check_signature(late_starts(pairs, size, 0, &signature), &signature);
	check_signature(drifting_hours(pairs, size, delays, &signature), &signature);
	free(pairs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size == 0)
		return 0;
	copy = get(size); /* a text needs an end */
	memcpy(copy, data + 1, size - 1);
	switch (data[0] % 4)
	{
		case 0:
			read_text((char *) copy);
			break;
		case 1:
			read_packed(data + 1, size - 1);
			break;
		case 2:
			ask_factors(data + 1, size - 1);
			break;
		default:
			ask_calendars(data + 1, size - 1);
	}
	free(copy);
	return 0;
}
