/*
 * Sign-in tokens as text: the examples of RFC 7515 and RFC 4648, all short
 * texts of base64url counted, what splits and what does not against a count of
 * dots, and times around their limits.  SEED=n repeats a run.
 */
#include "identity/token.h"

#include <math.h>

#include "tap.h"

/* The example of RFC 7515, appendix A.1: its header and payload as they are written there. */
#define RFC_HEADER "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
#define RFC_CLAIMS \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define RFC_SIGNATURE "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

/* Decode a text; the bytes, or NULL. */
static char *
decoded(const char *text, size_t length)
{
	TokenPart part = { memcpy(hold(length), text, length), length };
	char *bytes = hold(token_decoded_size(length));

	return token_decode(&part, (uint8_t *) bytes) ? bytes : NULL;
}

/* Whether a text stands for these bytes, and they for it. */
static void
check_pair(const char *text, const char *bytes, size_t size)
{
	char *got = decoded(text, strlen(text));
	char *written = hold(token_encoded_size(size));

	check(token_decoded_size(strlen(text)) == size, "%s: %zu bytes", text,
		  token_decoded_size(strlen(text)));
	check(got != NULL && memcmp(got, bytes, size) == 0, "%s is read wrong", text);
	token_encode((const uint8_t *) bytes, size, written);
	check(token_encoded_size(size) == strlen(text) && memcmp(written, text, strlen(text)) == 0,
		  "%s is written wrong", text);
	release_all();
}

static void
test_examples(void)
{
	check_pair("Zg", "f", 1);
	check_pair("Zm8", "fo", 2);
	check_pair("Zm9v", "foo", 3);
	check_pair("Zm9vYg", "foob", 4);
	check_pair("Zm9vYmE", "fooba", 5);
	check_pair("Zm9vYmFy", "foobar", 6);
	check_pair("A-z_4ME", "\x03\xec\xff\xe0\xc1", 5); /* RFC 7515, appendix C */
	check_pair(RFC_HEADER, "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", 30);
	check_pair(RFC_CLAIMS,
			   "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
			   "\"http://example.com/is_root\":true}",
			   70);
	end_test("the examples of RFC 4648 and RFC 7515 are read and written");
}

/* Of all texts of a length, as many are taken as there are texts of bytes. */
static void
test_counts(void)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	long taken[4] = { 0 };

	for (int n = 0; n < 64 * 64 * 64; n++)
	{
		char text[] = { digits[n & 63], digits[n >> 6 & 63], digits[n >> 12] };
		uint8_t bytes[2];

		for (size_t length = 1; length <= 3; length++)
		{
			TokenPart part = { text, length };

			taken[length] += (length == 3 || n < 1 << (6 * length)) && token_decode(&part, bytes);
		}
	}
	check(taken[1] == 0, "%ld texts of one character are taken", taken[1]);
	check(taken[2] == 256, "%ld texts of two characters are taken", taken[2]);
	check(taken[3] == 65536, "%ld texts of three characters are taken", taken[3]);
	for (int c = 0; c < 256; c++)
	{
		char text[] = { 'A', 'A', 'A', (char) c };
		bool wanted = c != 0 && strchr(digits, c) != NULL;

		check((decoded(text, 4) != NULL) == wanted, "character %d", c);
		release_all();
	}
	end_test("one text for the same bytes, of the characters of base64url");
}

static void
test_random_bytes(void)
{
	for (int i = 0; i < 20000; i += stride())
	{
		size_t size = (size_t) between(0, 100);
		uint8_t *bytes = hold(size);
		char *text = hold(token_encoded_size(size));
		char *again;

		for (size_t j = 0; j < size; j++)
			bytes[j] = (uint8_t) random_bits();
		token_encode(bytes, size, text);
		again = decoded(text, token_encoded_size(size));
		check(token_decoded_size(token_encoded_size(size)) == size, "size %zu", size);
		check(again != NULL && memcmp(again, bytes, size) == 0, "%zu bytes do not come back", size);
		release_all();
	}
	end_test("random bytes come back");
}

/* A text of random parts and dots; split as it was put together. */
static void
test_split(void)
{
	for (int i = 0; i < 50000; i += stride())
	{
		size_t length = (size_t) between(0, 40);
		char *text = hold(length);
		size_t dots[64];
		int ndots = 0;
		TokenParts parts;
		bool wanted;

		for (size_t j = 0; j < length; j++)
		{
			text[j] = percent(8) ? '.' : 'a';
			if (text[j] == '.')
				dots[ndots++] = j;
		}
		wanted = ndots == 2 && dots[0] > 0 && dots[1] > dots[0] + 1 && dots[1] < length - 1;
		if (!check(token_split(text, length, &parts) == wanted, "%.*s", (int) length, text) ||
			!wanted)
		{
			release_all();
			continue;
		}
		check(parts.header.text == text && parts.header.length == dots[0], "header of %.*s",
			  (int) length, text);
		check(parts.claims.text == text + dots[0] + 1 &&
				  parts.claims.length == dots[1] - dots[0] - 1,
			  "claims of %.*s", (int) length, text);
		check(parts.signature.text == text + dots[1] + 1 &&
				  parts.signature.length == length - dots[1] - 1,
			  "signature of %.*s", (int) length, text);
		check(parts.is_signed.text == text && parts.is_signed.length == dots[1], "signed of %.*s",
			  (int) length, text);
		release_all();
	}
	end_test("a token has three parts, all of them filled");
}

static void
test_length(void)
{
	for (size_t length = TOKEN_MAX_LENGTH - 1; length <= TOKEN_MAX_LENGTH + 1; length++)
	{
		char *text = memset(hold(length), 'a', length);
		TokenParts parts;

		text[1] = text[3] = '.';
		check(token_split(text, length, &parts) == (length <= TOKEN_MAX_LENGTH), "%zu bytes",
			  length);
		release_all();
	}
	end_test("a token has at most 8192 bytes");
}

static void
test_json_texts(void)
{
	char brackets[TOKEN_MAX_BRACKETS + 1];

	for (size_t i = 0; i < sizeof(brackets); i++)
		brackets[i] = i % 2 == 0 ? '{' : '[';
	check(token_is_shallow(brackets, TOKEN_MAX_BRACKETS), "64 brackets are too many");
	check(!token_is_shallow(brackets, TOKEN_MAX_BRACKETS + 1), "65 brackets are not");
	check(token_is_plain("{\"a\":\"\\n\\\"\"}", 12), "escapes are not plain");
	check(token_is_plain("\\", 1), "a lone backslash is not plain");
	check(!token_is_plain("{\"\\u0061\":1}", 12), "\\u is plain");
	check(!token_is_plain("\xc3\xa9", 2), "more than ASCII is plain");
	end_test("few brackets, and ASCII");
}

static void
test_seconds(void)
{
	static const struct
	{
		const char *text;
		double seconds; /* NAN: refused */
	} cases[] = {
		{ "0", 0 },
		{ "1300819380", 1300819380 },
		{ "1300819380.25", 1300819380.25 },
		{ "1.3e9", 1300000000 },
		{ "253402300799", 253402300799.0 },
		{ "253402300800", NAN },
		{ "-1", NAN },
		{ "1e400", NAN },
		{ "-1e400", NAN },
		{ "", NAN },
		{ "1 ", NAN },
		{ "1x", NAN },
		{ "nan", NAN },
		{ "inf", NAN },
		{ "1000000000.0000000000000000000000000000000000", NAN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		double seconds = -1;
		bool is_read = token_read_seconds(cases[i].text, &seconds);

		check(is_read == !isnan(cases[i].seconds), "%s", cases[i].text);
		check(!is_read || seconds == cases[i].seconds, "%s is %f", cases[i].text, seconds);
	}
	end_test("seconds are those from 1970 to the year 9999");
}

/* Every choice of times around their limits, against the sentence that says when a token holds. */
static void
test_times(void)
{
	static const double offsets[] = { -61, -60, -1, 0, 1, 60, 60.5, 61 };
	double now = 1800000000;

	for (int n = 0; n < 8 * 8 * 8 * 8; n++)
	{
		TokenTimes times = { .expires = now + offsets[n & 7],
							 .not_before = now + offsets[n >> 3 & 7],
							 .issued = now + offsets[n >> 6 & 7],
							 .has_expires = (n >> 9 & 1) != 0,
							 .has_not_before = (n >> 10 & 1) != 0,
							 .has_issued = (n >> 11 & 1) != 0 };
		bool holds = times.has_expires && now < times.expires &&
					 !(times.has_not_before && now + 60 < times.not_before) &&
					 !(times.has_issued && now + 60 < times.issued);

		check((token_fault_of_times(&times, now) == NULL) == holds, "case %d", n);
	}
	end_test("a token holds until it expires, and from a minute before it says");
}

static void
test_programs(void)
{
	static const char *const cases[][2] = { { "db/care", "care" }, { "a/b/care", "care" },
											{ "care", NULL },	   { "/care", NULL },
											{ "db/", NULL },	   { "", NULL },
											{ "/", NULL },		   { "db//care", "care" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *got = token_program(cases[i][0]);

		check((got == NULL) == (cases[i][1] == NULL) &&
				  (got == NULL || strcmp(got, cases[i][1]) == 0),
			  "\"%s\" is for %s", cases[i][0], got != NULL ? got : "none");
	}
	end_test("the program stands after the last slash");
}

static void
test_whole(void)
{
	static const char whole[] = RFC_HEADER "." RFC_CLAIMS "." RFC_SIGNATURE;
	TokenParts parts;
	uint8_t signature[TOKEN_SIGNATURE_LENGTH];

	check(token_split(whole, sizeof(whole) - 1, &parts), "the token of RFC 7515 is refused");
	check(token_decoded_size(parts.signature.length) == sizeof(signature) &&
			  token_decode(&parts.signature, signature) && signature[0] == 116 &&
			  signature[1] == 24 && signature[31] == 121,
		  "its signature is another");
	end_test("the token of RFC 7515, appendix A.1, is read");
}

int
main(void)
{
	start_random();
	test_examples();
	test_counts();
	test_random_bytes();
	test_split();
	test_length();
	test_json_texts();
	test_seconds();
	test_times();
	test_programs();
	test_whole();
	return end_tests();
}
