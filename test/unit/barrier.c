/*
 * Barriers outside the server: Bayes factors against numerical integration of
 * their definitions, signatures against counting day by day over random
 * calendars, and packed evidence and its text form there and back, against a
 * plain sum, and damaged.  SEED=n repeats a run.
 */
#include "barrier/evidence.h"
#include "barrier/signature.h"

#include <math.h>

#include "tap.h"

/* Steps of a numerical integral. */
#define STEPS 4000

/* Most pieces of a made-up profile. */
#define MOST_PIECES 60

/* Whether two numbers are as near as integration leaves them. */
static bool
is_near(double got, double wanted, double tolerance)
{
	return fabs(got - wanted) <= tolerance * (1 + fabs(wanted));
}

/* A factor within what factors say. */
static double
within_bounds(double factor)
{
	return fmax(-FACTOR_MAX, fmin(FACTOR_MAX, factor));
}

/*
 * Bayes factors
 */

/* The probability of what is seen of a proportion, up to the number of ways. */
static double
likelihood(Share share, double p)
{
	return exp((double) share.hits * log(p) + (double) (share.n - share.hits) * log1p(-p));
}

/* The integral of likelihoods over proportions from one bound to another: by the rule of the middle. */
static double
integral(Share a, Share b, double from, double until)
{
	double sum = 0;

	for (int i = 0; i < STEPS; i++)
	{
		double p = from + (until - from) * (i + 0.5) / STEPS;

		sum += likelihood(a, p) * likelihood(b, p);
	}
	return sum * (until - from) / STEPS;
}

/* The integral of both likelihoods where the first proportion is above the second. */
static double
integral_above(Share a, Share b)
{
	double below = 0; /* of the second one, up to where the first one is */
	double sum = 0;

	for (int i = 0; i < STEPS; i++)
	{
		double p = (i + 0.5) / STEPS;
		double at_p = likelihood(b, p) / STEPS;

		sum += likelihood(a, p) * (below + at_p / 2) / STEPS;
		below += at_p;
	}
	return sum;
}

static Share
random_share(int most)
{
	Share share = { .n = between(0, most) };

	share.hits = between(0, share.n);
	return share;
}

static void
test_proportions(void)
{
	const Share none = { 0, 0 };

	for (int i = 0; i < 200; i += stride())
	{
		Share a = random_share(40);
		Share b = random_share(40);
		double apart = integral(a, none, 0, 1) * integral(b, none, 0, 1);
		double together = integral(a, b, 0, 1);
		double reference = (double) between(5, 95) / 100;
		double odds = integral(a, none, reference, 1) / integral(a, none, 0, reference);

		check(is_near(factor_differ(a, b), log(apart / together), 1e-4), "differ %d/%d %d/%d: %g",
			  (int) a.hits, (int) a.n, (int) b.hits, (int) b.n, factor_differ(a, b));
		if (a.n > 0 && b.n > 0)
			check(is_near(factor_above(a, b), log(2 * integral_above(a, b) / together), 1e-3),
				  "above %d/%d %d/%d: %g, not %g", (int) a.hits, (int) a.n, (int) b.hits, (int) b.n,
				  factor_above(a, b), log(2 * integral_above(a, b) / together));
		if (a.n > 0)
			check(is_near(factor_exceeds(a, reference),
						  within_bounds(log(odds * reference / (1 - reference))), 1e-4),
				  "exceeds %d/%d %g: %g", (int) a.hits, (int) a.n, reference,
				  factor_exceeds(a, reference));
	}
	end_test("factors of proportions are what integrals of their definitions give");
}

/* More of what is asked says more for it. */
static void
test_growth(void)
{
	for (int n = 1; n <= 60; n += stride())
		for (int hits = 0; hits < n; hits++)
		{
			Share less = { hits, n };
			Share more = { hits + 1, n };
			Share other = { n / 3, n };

			check(factor_exceeds(less, 0.3) < factor_exceeds(more, 0.3) ||
					  factor_exceeds(more, 0.3) == FACTOR_MAX,
				  "exceeds %d/%d", hits, n);
			check(3 * hits < n + 3 || factor_above(less, other) < factor_above(more, other),
				  "above %d/%d", hits, n);
		}
	check(factor_exceeds((Share){ 1000000, 1000000 }, 0.01) == FACTOR_MAX, "bound above");
	check(factor_exceeds((Share){ 0, 1000000 }, 0.5) == -FACTOR_MAX, "bound below");
	check(factor_above((Share){ 0, 100000 }, (Share){ 100000, 100000 }) == -FACTOR_MAX, "above");
	end_test("more of it says more for it, within bounds");
}

/* Kendall's S of all pairs over its standard deviation, counting ties by value. */
static double
plain_tau(const double *values, int n)
{
	double sum = 0;
	double variance = (double) n * (n - 1) * (2 * n + 5);

	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++)
			sum += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
	for (int value = 0; value <= 10; value++)
	{
		double ties = 0;

		for (int i = 0; i < n; i++)
			ties += values[i] == value;
		variance -= ties * (ties - 1) * (2 * ties + 5);
	}
	return variance > 0 ? sum / sqrt(variance / 18) : 0;
}

static void
test_trend(void)
{
	for (int i = 0; i < 300; i += stride())
	{
		double values[60];
		int n = (int) between(2, 60);
		double slope = (double) between(-10, 10) / 60;
		double tau;
		double up = 0;

		for (int j = 0; j < n; j++)
			values[j] =
				fmin(10, fmax(0, round(5 + slope * (j - n / 2.0) + (double) between(-2, 2))));
		tau = plain_tau(values, n);
		for (int j = 0; j < STEPS; j++)
			up += exp(tau * tau / 2 - pow(tau - 1.5 * sqrt(n) * (j + 0.5) / STEPS, 2) / 2) / STEPS;
		check(is_near(factor_trend(values, (size_t) n, UPWARDS), log(up), 1e-4),
			  "n %d tau %g: %g, not %g", n, tau, factor_trend(values, (size_t) n, UPWARDS),
			  log(up));
		for (int j = 0; j < n; j++)
			values[j] = 10 - values[j];
		check(is_near(factor_trend(values, (size_t) n, DOWNWARDS), log(up), 1e-4), "n %d downwards",
			  n);
	}
	end_test("factors of trends are what integrals over tau give, both ways");
}

static void
test_weights(void)
{
	for (int i = 0; i < 1000; i += stride())
	{
		double sensitivity = (double) between(1, 99) / 100;
		double false_alarm = (double) between(1, 99) / 100;
		double factor = (double) between(-200, 200) / 10;
		double f = exp(factor);
		double wanted =
			log((sensitivity * f + 1 - sensitivity) / (false_alarm * f + 1 - false_alarm));

		check(fabs(factor_to_weight(factor, sensitivity, false_alarm) - wanted) <= 0.5001e-4,
			  "weight %g %g %g", factor, sensitivity, false_alarm);
	}
	end_test("weights are what the formula says, to four decimals");
}

/*
 * Signatures, counted day by day
 */

#define MOST_DAYS 120

/* A made-up calendar, and what it says of each day: 1 missed, 0 done, -1 planned and unknown, -2 not planned. */
typedef struct MadeUp
{
	uint8_t bytes[MOST_DAYS];
	int says[MOST_DAYS];
	Calendar calendar;
} MadeUp;

static void
make_up(MadeUp *made)
{
	int silence = (int) between(0, 30);
	int misses = (int) between(5, 60);

	made->calendar = (Calendar){ .first = (int32_t) between(9000, 9010),
								 .ndays = (int32_t) between(1, MOST_DAYS),
								 .width = CALENDAR_NARROW,
								 .days = made->bytes };
	for (int i = 0; i < made->calendar.ndays; i++)
	{
		made->says[i] = percent(15) ? -2 : percent(silence) ? -1 : percent(misses) ? 1 : 0;
		made->bytes[i] = made->says[i] == -2   ? (percent(50) ? 0 : 0x41) /* nothing, or excused */
						 : made->says[i] == -1 ? 0x01
						 : made->says[i] == 1  ? 0x11
											   : 0x05;
	}
}

/* Whether a signature has the two shares. */
static bool
has_shares(const Signature *signature, const char *code, const int hits[2], const int n[2])
{
	return strcmp(signature->code, code) == 0 && signature->nfigures == 4 &&
		   signature->figures[0] == hits[1] && signature->figures[1] == n[1] &&
		   signature->figures[2] == hits[0] && signature->figures[3] == n[0];
}

/* The logarithm of the posterior of a share, as its definition has it. */
static double
log_posterior(const double *factors, size_t n, double mean, double counts_as, double share)
{
	double sum = counts_as * (mean * log(share) + (1 - mean) * log(1 - share));

	for (size_t i = 0; i < n; i++)
		sum += log(share * exp(factors[i]) + 1 - share);
	return sum;
}

/* The share is the best of all: nowhere on a grid is the posterior larger; sure factors are counted. */
static void
test_shares(void)
{
	for (int i = 0; i < 300; i += stride())
	{
		double factors[50];
		size_t n = (size_t) between(0, 50);
		double mean = (double) between(1, 99) / 100;
		double counts_as = (double) between(1, 400) / 10;
		double got;
		double best;
		int hits = 0;

		for (size_t j = 0; j < n; j++)
			factors[j] = (double) between(-80, 80) / 10;
		got = share_of_factors(factors, n, mean, counts_as);
		best = log_posterior(factors, n, mean, counts_as, got);
		for (int j = 1; j < 1000; j++)
			check(log_posterior(factors, n, mean, counts_as, j / 1000.0) <= best + 1e-6,
				  "%zu factors: %g is better than %g", n, j / 1000.0, got);
		for (size_t j = 0; j < n; j++)
		{
			hits += factors[j] > 0;
			factors[j] = factors[j] > 0 ? FACTOR_MAX : -FACTOR_MAX;
		}
		got = share_of_factors(factors, n, mean, counts_as);
		check(fabs(got - (counts_as * mean + hits) / (counts_as + (double) n)) <= 1e-6,
			  "%d of %zu, %g as %g: %g", hits, n, mean, counts_as, got);
	}
	end_test("shares of people who show a sign are the likeliest, and counts where it is sure");
}

static void
test_calendars(void)
{
	for (int i = 0; i < 2000; i += stride())
	{
		MadeUp made;
		Signature signature = { .code = "" };
		int hits[2] = { 0, 0 }, n[2] = { 0, 0 };
		int after_hits[2] = { 0, 0 }, after_n[2] = { 0, 0 };
		int break_hits[2] = { 0, 0 }, break_n[2] = { 0, 0 };
		int before = -1;
		bool there;

		make_up(&made);
		for (int d = 0; d < made.calendar.ndays; d++)
		{
			int day = made.calendar.first + d;
			bool weekend = day % 7 == 0 || day % 7 == 1; /* day 0 was a Saturday */

			if (made.says[d] >= 0)
			{
				n[weekend]++;
				hits[weekend] += made.says[d];
				if (before >= 0)
				{
					after_n[before]++;
					after_hits[before] += made.says[d];
				}
			}
			if (d > 0 && made.says[d] >= 0)
			{
				break_n[made.says[d - 1] == -2]++;
				break_hits[made.says[d - 1] == -2] += made.says[d];
			}
			before = made.says[d] == -2 ? before : made.says[d];
		}
		there = weekend_split(&made.calendar, 1, &signature);
		check(there == (n[0] >= 8 && n[1] >= 8 && hits[0] + hits[1] >= 3), "weekend: least data");
		check(!there || has_shares(&signature, "weekend_split", hits, n), "weekend: shares");
		there = misses_after_breaks(&made.calendar, 1, &signature);
		check(there == (break_n[1] >= 5 && break_n[0] >= 10 && break_hits[0] + break_hits[1] >= 3),
			  "breaks: least data");
		check(!there || has_shares(&signature, "misses_after_breaks", break_hits, break_n),
			  "breaks: shares");
		there = on_and_off(&made.calendar, 1, &signature);
		check(there == (after_n[0] >= 8 && after_n[1] >= 8), "on and off: least data");
		check(!there ||
				  (signature.figures[0] == after_hits[0] && signature.figures[1] == after_n[0] &&
				   signature.figures[2] == after_hits[1] && signature.figures[3] == after_n[1]),
			  "on and off: shares");
	}
	end_test("signatures of a calendar count what stands in it");
}

static void
no_poll(void)
{
}

static void
test_tasks(void)
{
	for (int i = 0; i < 500; i += stride())
	{
		MadeUp made[3];
		Calendar calendars[3];
		bool discomfort[3];
		Signature signature = { .code = "" };
		int shared = 0, missed = 0, stretches = 0;
		int hits[2] = { 0, 0 }, n[2] = { 0, 0 };
		Share with[3][2] = { { { 0, 0 } } }, without[3][2] = { { { 0, 0 } } };
		double factor = 0;
		int asked = 0;
		bool in_stretch = false;
		bool there;

		for (int t = 0; t < 3; t++)
		{
			make_up(&made[t]);
			calendars[t] = made[t].calendar;
			discomfort[t] = percent(40);
			for (int d = 0; d < calendars[t].ndays; d++)
			{
				n[discomfort[t]] += made[t].says[d] >= 0;
				hits[discomfort[t]] += made[t].says[d] == 1;
			}
		}
		for (int day = 9000; day < 9200; day++)
		{
			int known = 0, lost = 0;

			for (int t = 0; t < 3; t++)
			{
				int d = day - calendars[t].first;

				if (d < 0 || d >= calendars[t].ndays || made[t].says[d] < 0)
					continue;
				known++;
				lost += made[t].says[d];
			}
			if (known < 2)
				continue;
			for (int t = 0; t < 3; t++)
			{
				int d = day - calendars[t].first;
				bool weekend = day % 7 == 0 || day % 7 == 1;
				Share *share;

				if (d < 0 || d >= calendars[t].ndays || made[t].says[d] < 0)
					continue;
				share =
					lost - made[t].says[d] == known - 1 ? &with[t][weekend] : &without[t][weekend];
				share->n++;
				share->hits += made[t].says[d];
			}
			shared++;
			missed += lost == known;
			stretches += lost == known && !in_stretch;
			in_stretch = lost == known;
		}
		there = discomfort_misses(calendars, discomfort, 3, &signature);
		check(there == (n[0] >= 10 && n[1] >= 10 && hits[0] + hits[1] >= 3), "discomfort: data");
		check(!there || has_shares(&signature, "discomfort_misses", hits, n), "discomfort: shares");
		for (int t = 0; t < 3; t++)
		{
			asked += with[t][0].n + with[t][1].n + without[t][0].n + without[t][1].n > 0;
			for (int weekend = 0; weekend < 2; weekend++)
				factor += factor_above(with[t][weekend], without[t][weekend]);
		}
		there = shared_bursts(calendars, 3, no_poll, &signature);
		check(there == (shared >= 14), "shared: least data");
		check(!there || is_near(signature.factor, factor / asked, 1e-9), "shared: factor");
		check(!there || (signature.figures[0] == missed && signature.figures[1] == shared &&
						 signature.figures[3] == stretches && isfinite(signature.factor)),
			  "shared: counts");
	}
	end_test("signatures of several tasks count what stands in them");
}

/*
 * Tasks that have nothing to do with each other seldom look as if they did
 * (2.5 % of 16,000 made so); those missed together nearly always do (94.5 %).
 * The bounds lie five standard errors away: they count cases, so none is left
 * out under valgrind.
 */
static void
test_bursts(void)
{
	const int cases = 400;
	int wrong = 0, right = 0;

	for (int i = 0; i < cases; i++)
	{
		for (int burst = 0; burst < 2; burst++)
		{
			uint8_t *bytes[3];
			Calendar calendars[3];
			Signature signature;

			for (int t = 0; t < 3; t++)
			{
				bytes[t] = hold(70);
				calendars[t] = (Calendar){ 9000, 70, CALENDAR_NARROW, bytes[t] };
			}
			for (int d = 0; d < 70; d++)
				for (int t = 0; t < 3; t++)
					bytes[t][d] = (burst && d % 20 < 3 && percent(90)) || percent(25) ? 0x11 : 0x05;
			check(shared_bursts(calendars, 3, no_poll, &signature), "there");
			wrong += !burst && signature.factor > 2;
			right += burst && signature.factor > 2;
			release_all();
		}
	}
	check(wrong <= cases * 7 / 100, "%d of %d by chance", wrong, cases);
	check(right >= cases * 88 / 100, "%d of %d found", right, cases);
	end_test("tasks are found to be missed together where they are, and seldom elsewhere");
}

/*
 * Evidence
 */

/* Random pieces in random order, some of them several times. */
static size_t
random_pieces(Evidence pieces[MOST_PIECES])
{
	size_t n = (size_t) between(0, MOST_PIECES);

	for (size_t i = 0; i < n; i++)
	{
		size_t size = (size_t) between(1, percent(5) ? EVIDENCE_MAX_EXPLANATION : 8);
		char *text = hold(size);

		for (size_t j = 0; j < size; j++)
			text[j] = "ab\\\" ,\n"[between(0, 6)];
		pieces[i] = (Evidence){ .pattern = (BarrierPattern) between(0, NPATTERNS - 1),
								.kind = (EvidenceKind) between(0, NKINDS - 1),
								.weight = percent(30) ? (double) between(-2, 2)
													  : (double) between(-20000, 20000) / 1009,
								.explanation = { text, size },
								.pointer = { text, percent(50) ? 0 : size % 7 } };
		if (i > 0 && percent(20))
			pieces[i] = pieces[between(0, (int64_t) i - 1)];
	}
	return n;
}

/* A text being written. */
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

/* Pack pieces into memory of exactly their size. */
static uint8_t *
pack(const Evidence *pieces, size_t n, size_t *size)
{
	uint8_t *bytes;
	uint8_t *at;

	*size = 0;
	for (size_t i = 0; i < n; i++)
		*size += evidence_size(&pieces[i]);
	at = bytes = hold(*size);
	for (size_t i = 0; i < n; i++)
		at = evidence_write(at, &pieces[i]);
	check(at == bytes + *size, "size of a piece");
	return bytes;
}

static void
test_evidence(void)
{
	for (int i = 0; i < 500; i += stride())
	{
		Evidence pieces[MOST_PIECES];
		Evidence shuffled[MOST_PIECES];
		size_t n = random_pieces(pieces);
		size_t size;
		uint8_t *bytes;
		EvidenceScan scan;
		PatternSum sums[NPATTERNS] = { { 0, 0 } };
		double wanted[NPATTERNS] = { 0 };
		size_t kept;

		memcpy(shuffled, pieces, sizeof(pieces));
		for (size_t j = 1; j < n; j++)
		{
			size_t other = (size_t) between(0, (int64_t) j);
			Evidence one = shuffled[j];

			shuffled[j] = shuffled[other];
			shuffled[other] = one;
		}
		kept = evidence_fold(pieces, n);
		check(evidence_fold(shuffled, n) == kept, "pieces kept");
		for (size_t j = 0; j < kept; j++)
		{
			check(evidence_compare(&pieces[j], &shuffled[j]) == 0, "order");
			check(j == 0 || evidence_compare(&pieces[j - 1], &pieces[j]) < 0, "each once");
			wanted[pieces[j].pattern] += pieces[j].weight;
		}
		bytes = pack(pieces, kept, &size);
		evidence_scan(&scan, bytes, size);
		for (size_t j = 0; evidence_next(&scan); j++)
		{
			check(evidence_compare(&scan.here, &pieces[j]) == 0, "read back");
			profile_add(sums, &scan.here);
		}
		check(!scan.is_damaged, "not damaged");
		for (int p = 0; p < NPATTERNS; p++)
			check(sums[p].log_odds == wanted[p], "sum");
		if (size > 0) /* cut off: damaged, or fewer pieces, and nothing beyond the end is read */
		{
			size_t cut = (size_t) between(0, (int64_t) size - 1);
			uint8_t *some = hold(cut);

			memcpy(some, bytes, cut);
			evidence_scan(&scan, some, cut);
			while (evidence_next(&scan))
				;
			check(scan.is_damaged || scan.at == scan.end, "cut off");
		}
		release_all();
	}
	end_test("evidence in any order is one set, packed and read back");
}

static void
test_text(void)
{
	for (int i = 0; i < 500; i += stride())
	{
		Evidence pieces[MOST_PIECES];
		size_t n = random_pieces(pieces);
		Text text = { .text = hold(MOST_PIECES * (2 * EVIDENCE_MAX_EXPLANATION + 500)) };
		TextSink sink = { put, &text };
		EvidenceText *reader = hold(sizeof(EvidenceText));
		EvidenceFault fault;
		size_t read = 0;

		for (size_t j = 0; j < n; j++)
			evidence_format(&pieces[j], j == 0, &sink);
		if (n == 0)
			sink_string(&sink, "empty");
		fault = evidence_text_start(reader, text.text);
		for (; fault == EVIDENCE_OK && *reader->at != '\0'; read++)
		{
			Evidence piece;

			fault = evidence_text_next(reader, &piece);
			check(fault == EVIDENCE_OK && evidence_compare(&piece, &pieces[read]) == 0,
				  "piece %zu of %zu", read, n);
		}
		check(fault == EVIDENCE_OK && read == n, "%zu of %zu pieces", read, n);
		release_all();
	}
	end_test("text there and back");
}

int
main(void)
{
	start_random();
	test_proportions();
	test_growth();
	test_trend();
	test_weights();
	test_shares();
	test_calendars();
	test_tasks();
	test_bursts();
	test_evidence();
	test_text();
	return end_tests();
}
