/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "tests/unit/unit.h"

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static void
adds_and_grows(void **state)
{
	struct buf	b = buf_on(*state, 100000);
	struct bytes	out;
	int		i;

	for (i = 0; i < 10000; i++)
		buf_str(&b, "abcdefghij");
	assert_int_equal(buf_end(&b, &out), OK);
	assert_int_equal(out.len, 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal(out.p[i], 'a' + i % 10);
}

/* Z-limits: one byte past the ceiling is refused, and stays refused. */
static void
ceiling_is_sticky(void **state)
{
	struct buf	b = buf_on(*state, 4);
	struct bytes	out = bytes_str("untouched");

	buf_str(&b, "abcd");
	assert_int_equal(buf_end(&b, &out), OK);
	assert_bytes(out, "abcd");
	out = bytes_str("untouched");
	buf_str(&b, "e");
	buf_str(&b, "");
	assert_int_equal(buf_end(&b, &out), ERR_TOOBIG);
	assert_bytes(out, "untouched");
}

static void
numbers_are_big_endian(void **state)
{
	struct buf	b = buf_on(*state, 100);
	struct bytes	out;

	buf_u8(&b, 0x01);
	buf_be16(&b, 0x0203);
	buf_be32(&b, 0x04050607);
	buf_be64(&b, UINT64_C(0x08090a0b0c0d0e0f));
	assert_int_equal(buf_end(&b, &out), OK);
	assert_bytes(out, "\x01\x02\x03\x04\x05\x06\x07"
	    "\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
}

static void
decimals_from_zero_to_the_greatest(void **state)
{
	struct buf	b = buf_on(*state, 100);
	struct bytes	out;

	buf_dec(&b, 0);
	buf_u8(&b, ' ');
	buf_dec(&b, 1090);
	buf_u8(&b, ' ');
	buf_dec(&b, UINT64_MAX);
	assert_int_equal(buf_end(&b, &out), OK);
	assert_bytes(out, "0 1090 18446744073709551615");
}

static void
printf_short_and_long(void **state)
{
	struct buf	b = buf_on(*state, 2000);
	struct bytes	out;

	buf_printf(&b, "%d,", 42);
	buf_printf(&b, "%01000d", 7);
	assert_int_equal(buf_end(&b, &out), OK);
	assert_int_equal(out.len, 1003);
	assert_bytes(bytes_sub(out, 0, 4), "42,0");
	buf_printf(&b, "%01000d", 7);
	assert_int_equal(buf_end(&b, &out), ERR_TOOBIG);
}

static void
json_escapes(void **state)
{
	struct buf	b = buf_on(*state, 200);
	struct bytes	out;

	buf_json(&b, bytes_of("a\"b\\c\n\t\r\b\f\x01\x1f\0/\x7f\xc3\xa9", 17));
	assert_int_equal(buf_end(&b, &out), OK);
	assert_bytes(out, "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f"
	    "\\u0000/\x7f\xc3\xa9\"");
}

static void
percent_keeps_unreserved(void **state)
{
	struct buf	b = buf_on(*state, 200);
	struct bytes	out;

	buf_pct(&b, bytes_str("aZ09-._~ /&=%\xc3\xa9|"));
	assert_int_equal(buf_end(&b, &out), OK);
	assert_bytes(out, "aZ09-._~%20%2F%26%3D%25%C3%A9%7C");
}

static void
empty_end(void **state)
{
	struct buf	b = buf_on(*state, 0);
	struct bytes	out;

	assert_int_equal(buf_end(&b, &out), OK);
	assert_int_equal(out.len, 0);
	buf_u8(&b, 1);
	assert_int_equal(buf_end(&b, &out), ERR_TOOBIG);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(adds_and_grows),
		cmocka_unit_test(ceiling_is_sticky),
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(decimals_from_zero_to_the_greatest),
		cmocka_unit_test(printf_short_and_long),
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(percent_keeps_unreserved),
		cmocka_unit_test(empty_end),
	};

	return cmocka_run_group_tests_name("base_buf", tests, open_arena,
	    close_arena);
}
