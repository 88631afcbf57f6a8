/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "tests/unit/unit.h"

static void
prefix_sorts_first(void **state)
{
	(void)state;
	assert_true(bytes_cmp(bytes_str("ab"), bytes_str("abc")) < 0);
	assert_true(bytes_cmp(bytes_str("abc"), bytes_str("ab")) > 0);
	assert_int_equal(bytes_cmp(bytes_str("ab"), bytes_str("ab")), 0);
	assert_true(bytes_cmp(bytes_str(NULL), bytes_str("a")) < 0);
}

/* Bytes are unsigned: an accented letter sorts behind "z". */
static void
order_is_unsigned(void **state)
{
	(void)state;
	assert_true(bytes_cmp(bytes_str("\xc3"), bytes_str("z")) > 0);
}

static void
sub_is_clipped(void **state)
{
	struct bytes	b = bytes_str("abcdef");

	(void)state;
	assert_bytes(bytes_sub(b, 2, 2), "cd");
	assert_bytes(bytes_sub(b, 4, 9), "ef");
	assert_bytes(bytes_sub(b, 9, 1), "");
	assert_bytes(bytes_from(b, 5), "f");
	assert_bytes(bytes_from(b, SIZE_MAX), "");
	assert_bytes(bytes_sub(bytes_str(NULL), 1, 1), "");
}

static void
cut_takes_the_first(void **state)
{
	struct bytes	head, rest;

	(void)state;
	assert_true(bytes_cut(bytes_str("a=b=c"), '=', &head, &rest));
	assert_bytes(head, "a");
	assert_bytes(rest, "b=c");
	assert_true(bytes_cut(bytes_str("="), '=', &head, &rest));
	assert_bytes(head, "");
	assert_bytes(rest, "");
}

static void
cut_without_separator(void **state)
{
	struct bytes	head, rest = bytes_str("x");

	(void)state;
	assert_false(bytes_cut(bytes_str("abc"), '=', &head, &rest));
	assert_bytes(head, "abc");
	assert_bytes(rest, "");
	assert_false(bytes_cut(bytes_str(NULL), '=', &head, &rest));
	assert_bytes(head, "");
}

static void
starts_and_equals(void **state)
{
	(void)state;
	assert_true(bytes_starts(bytes_str("abc"), bytes_str("ab")));
	assert_false(bytes_starts(bytes_str("a"), bytes_str("ab")));
	assert_true(bytes_starts(bytes_str("a"), bytes_str("")));
	assert_true(bytes_is(bytes_str("abc"), "abc"));
	assert_false(bytes_is(bytes_of("abc\0", 4), "abc"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(prefix_sorts_first),
		cmocka_unit_test(order_is_unsigned),
		cmocka_unit_test(sub_is_clipped),
		cmocka_unit_test(cut_takes_the_first),
		cmocka_unit_test(cut_without_separator),
		cmocka_unit_test(starts_and_equals),
	};

	return cmocka_run_group_tests_name("base_bytes", tests, NULL, NULL);
}
