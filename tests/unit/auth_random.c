/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_random.c -- secrets that nobody can guess and none twice.  (L3)
 *
 * auth_random [N]: N secrets of each kind of prefix (20,000; the long form
 * is a million), made as tiphys-auth makes them, of 512 bytes that the
 * kernel's generator gave each call.  No two alike; every one of the 256
 * bits is 0 as often as 1; bytes are evenly spread; and one secret says
 * nothing of the next.  Attack case TKE-19, RFC 6819 5.1.4.2.
 */
#include "tests/unit/unit.h"

#include <sodium.h>
#include <stdlib.h>

#include "auth/smart_in.h"
#include "base/text.h"

#define BITS	256
#define SIGMAS	6.0	/* two in 10^9 by chance, of some 800 figures */

static size_t n_secrets = 20000;

struct secret {
	uint8_t	raw[32];
};

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct secret));
}

/* One secret of a call of its own, decoded from the text that goes out. */
static void
draw(struct arena *a, const char *prefix, struct secret *out)
{
	struct smart_call c = { .a = a };
	struct bytes text, raw;

	randombytes_buf(c.random, sizeof c.random);
	text = smart_secret(&c, prefix);
	assert_int_equal(text.len, SECRET_TEXT);
	assert_true(bytes_starts(text, bytes_str(prefix)));
	assert_int_equal(text_unb64url(a, bytes_from(text, SECRET_PREFIX),
	    &raw), OK);
	assert_int_equal(raw.len, sizeof out->raw);
	memcpy(out->raw, raw.p, raw.len);
}

static struct secret *
many(void)
{
	struct secret *list = calloc(n_secrets, sizeof *list);
	struct arena *a = arena_new(0);
	size_t i;

	assert_non_null(list);
	for (i = 0; i < n_secrets; i++) {
		draw(a, i % 2 == 0 ? "tsc_" : "tsr_", &list[i]);
		arena_reset(a);
	}
	arena_free(&a);
	return list;
}

static unsigned
bit(const struct secret *s, size_t i)
{
	return s->raw[i / 8] >> (i % 8) & 1;
}

/* Of n throws of a coin: within so many sigmas of the middle? */
static bool
is_fair(size_t ones, size_t n)
{
	const double off = (double)ones - (double)n / 2;

	return off * off <= SIGMAS * SIGMAS * (double)n / 4;
}

static void
fair(size_t ones, size_t n, const char *what, size_t at)
{
	if (!is_fair(ones, n))
		fail_msg("%s %zu: %zu of %zu", what, at, ones, n);
}

static void
bits_are_fair(void **state)
{
	struct secret *list = many();
	size_t i, j, ones, same, alike;

	(void)state;
	for (i = 0; i < BITS; i++) {
		ones = same = alike = 0;
		for (j = 0; j < n_secrets; j++) {
			ones += bit(&list[j], i);
			same += j > 0 && bit(&list[j], i) ==
			    bit(&list[j - 1], i);
			alike += bit(&list[j], i) ==
			    bit(&list[j], (i + 1) % BITS);
		}
		fair(ones, n_secrets, "bit", i);
		fair(same, n_secrets - 1, "bit of the one before", i);
		fair(alike, n_secrets, "bit beside", i);
	}
	free(list);
}

static void
bytes_are_even(void **state)
{
	const double want = (double)n_secrets * 32 / 256;
	struct secret *list = many();
	size_t count[256] = { 0 }, i, j;
	double chi = 0;

	(void)state;
	for (j = 0; j < n_secrets; j++)
		for (i = 0; i < 32; i++)
			count[list[j].raw[i]]++;
	for (i = 0; i < 256; i++)
		chi += ((double)count[i] - want) *
		    ((double)count[i] - want) / want;
	/* 255 degrees of freedom: mean 255, deviation 22.6. */
	if (chi > 255 + SIGMAS * 22.6 || chi < 255 - SIGMAS * 22.6)
		fail_msg("chi square of bytes: %.0f", chi);
	free(list);
}

static void
none_comes_twice(void **state)			/* TKE-19 */
{
	struct secret *list = many();
	size_t i;

	(void)state;
	qsort(list, n_secrets, sizeof *list, compare);
	for (i = 1; i < n_secrets; i++)
		/* Not even eight bytes: one chance in 37 million. */
		if (memcmp(list[i].raw, list[i - 1].raw, 8) == 0)
			fail_msg("two of %zu begin alike", n_secrets);
	free(list);
}

/* The judge is no judge that lets this pass. */
static void
a_bad_generator_is_found(void **state)
{
	struct secret *list = many();
	size_t i, ones = 0;

	(void)state;
	for (i = 0; i < n_secrets; i++)
		ones += bit(&list[i], 7) | (i % 10 == 0);
	assert_false(is_fair(ones, n_secrets));
	free(list);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_fair),
		cmocka_unit_test(bytes_are_even),
		cmocka_unit_test(none_comes_twice),
		cmocka_unit_test(a_bad_generator_is_found),
	};

	if (argc > 1)
		n_secrets = strtoul(argv[1], NULL, 10);
	if (n_secrets < 1000 || sodium_init() < 0)
		return 64;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
