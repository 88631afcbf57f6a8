/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_fuzz.c -- the corpus of page tokens, and what is near it.  (L2)
 */
#include "tests/fuzz/cursor.c"

#include "tests/unit/fhir_fuzz.h"

static void
cursor_survives(void **state)
{
	(void)state;
	replay_all("cursor", LLVMFuzzerTestOneInput);
}

/* One bit of the token at each place, and each length of it. */
static void
cursor_opens_alone(void **state)
{
	struct arena *a = arena_new(0);
	struct page_at at;
	struct desk d;
	struct bytes token;
	uint8_t change[2], bit;
	size_t i;

	(void)state;
	assert_true(sodium_init() >= 0);
	set_up(&d);
	token = sealed(&d, a);
	assert_in_range(token.len, 100, 254);
	for (i = 0; i < token.len; i++) {
		for (bit = 1; bit != 0; bit = (uint8_t)(bit << 1)) {
			change[0] = (uint8_t)i;
			change[1] = bit;
			LLVMFuzzerTestOneInput(change, 2);
		}
		assert_int_equal(reopen(&d, a, bytes_sub(token, 0, i), &at),
		    ERR_VALUE);
	}
	LLVMFuzzerTestOneInput(token.p, token.len);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_survives),
		cmocka_unit_test(cursor_opens_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
