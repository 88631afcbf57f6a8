/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates and decimals: what they span, how they sort, what is none.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fhir/prim.h"
#include "tests/unit/unit.h"

/* 2024-02-29T00:00:00Z */
#define LEAP	INT64_C(1709164800000)
#define DAY	INT64_C(86400000)

static struct span
date(const char *text, int zone)
{
	struct span s = { 7, 7 };

	if (prim_date(bytes_str(text), zone, &s) != OK)
		fail_msg("refused: %s", text);
	return s;
}

static void
assert_span(const char *text, int zone, int64_t lo, int64_t hi)
{
	struct span s = date(text, zone);

	if (s.lo != lo || s.hi != hi)
		fail_msg("%s: %lld..%lld", text, (long long)s.lo,
		    (long long)s.hi);
}

static void
dates_span_their_precision(void **state)
{
	(void)state;
	assert_span("1970", 0, 0, 365 * DAY);
	assert_span("2024", 0, INT64_C(1704067200000),
	    INT64_C(1704067200000) + 366 * DAY);
	assert_span("2024-02", 0, LEAP - 28 * DAY, LEAP + DAY);
	assert_span("2024-02-29", 0, LEAP, LEAP + DAY);
	assert_span("2024-02-29T10:30", 0, LEAP + 37800000, LEAP + 37860000);
	assert_span("2024-02-29T10:30:05", 0, LEAP + 37805000,
	    LEAP + 37806000);
	assert_span("2024-02-29T10:30:05.2Z", 0, LEAP + 37805200,
	    LEAP + 37805300);
	assert_span("2024-02-29T10:30:05.25Z", 0, LEAP + 37805250,
	    LEAP + 37805260);
	assert_span("2024-02-29T10:30:05.257Z", 0, LEAP + 37805257,
	    LEAP + 37805258);
	assert_span("2024-02-29T10:30:05.2579999999999Z", 0,
	    LEAP + 37805257, LEAP + 37805258);
	assert_span("0001-01-01", 0, INT64_C(-62135596800000),
	    INT64_C(-62135510400000));
	assert_span("9999", 0, INT64_C(253370764800000),
	    INT64_C(253402300800000));
	assert_span("9999-12", 0, INT64_C(253399622400000),
	    INT64_C(253402300800000));
}

static void
zones_shift_times(void **state)
{
	(void)state;
	assert_span("2024-02-29T00:00:00Z", 600, LEAP, LEAP + 1000);
	assert_span("2024-02-29T05:30:00+05:30", 0, LEAP, LEAP + 1000);
	assert_span("2024-02-28T21:00:00-03:00", 0, LEAP, LEAP + 1000);
	assert_span("2024-02-29T14:00:00+14:00", 0, LEAP, LEAP + 1000);
	assert_span("2024-02-28T10:00:00-14:00", 0, LEAP, LEAP + 1000);
	/* without a zone the given one counts, for whole days, too */
	assert_span("2024-02-29T01:00", 60, LEAP, LEAP + 60000);
	assert_span("2024-02-29", 60, LEAP - 3600000, LEAP - 3600000 + DAY);
	assert_span("2024-02", -60, LEAP - 28 * DAY + 3600000,
	    LEAP + DAY + 3600000);
	assert_span("1970", 120, -7200000, 365 * DAY - 7200000);
}

static void
what_is_no_date_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "2", "202", "20245", "0000", "-2024", "+2024", " 2024",
		"2024 ", "2024-", "2024-1", "2024-00", "2024-13", "2024-02-",
		"2024-02-3", "2024-02-00", "2024-02-30", "2023-02-29",
		"1900-02-29", "2024-04-31", "2024-02-29T", "2024-02-29T10",
		"2024-02-29t10:00", "2024-02-29 10:00", "2024-02-29T24:00",
		"2024-02-29T10:60", "2024-02-29T10:00:60",
		"2024-02-29T10:00:00.", "2024-02-29T10:00:00,5",
		"2024-02-29T10:00:00z", "2024-02-29T10:00:00Z ",
		"2024-02-29T10:00:00+", "2024-02-29T10:00:00+1:00",
		"2024-02-29T10:00:00+0100", "2024-02-29T10:00:00+14:01",
		"2024-02-29T10:00:00+15:00", "2024-02-29T10:00:00+01:60",
		"2024-02-29T10:00:00 01:00", "2024-02-29Z", "2024/02/29",
		"20240229", "today", "2024-0a", "2024-02-29T10:00:00ZZ"
	};
	struct span s = { 7, 9 };
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++)
		if (prim_date(bytes_str(bad[i]), 0, &s) != ERR_SYNTAX)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(s.lo, 7);
	assert_int_equal(s.hi, 9);
	assert_int_equal(prim_date(bytes_of("2024\0", 5), 0, &s),
	    ERR_SYNTAX);
}

static void
about_widens_by_a_tenth_of_the_distance(void **state)
{
	struct instant now = { LEAP };
	struct span s;

	(void)state;
	s = prim_date_about((struct span){ LEAP - 1000, LEAP - 900 }, now);
	assert_int_equal(s.lo, LEAP - 1090);
	assert_int_equal(s.hi, LEAP - 810);
	s = prim_date_about((struct span){ LEAP + 1000, LEAP + 1100 }, now);
	assert_int_equal(s.lo, LEAP + 900);
	assert_int_equal(s.hi, LEAP + 1200);
	s = prim_date_about((struct span){ LEAP - 5, LEAP + 5 }, now);
	assert_int_equal(s.lo, LEAP - 5);
	s = prim_date_about((struct span){ TIME_MIN, LEAP - 100 }, now);
	assert_true(s.lo == TIME_MIN);
	assert_int_equal(s.hi, LEAP - 90);
}

/* --- decimals ------------------------------------------------------------ */

static struct dec
dec(const char *text)
{
	struct dec d;

	if (prim_dec(bytes_str(text), &d) != OK)
		fail_msg("refused: %s", text);
	return d;
}

static void
assert_same(const char *a, const char *b)
{
	struct dec x = dec(a), y = dec(b);

	if (dec_cmp(&x, &y) != 0)
		fail_msg("%s is not %s", a, b);
}

/* Each is less than the next. */
static void
decimals_sort(void **state)
{
	static const char *const up[] = {
		"-1e9998", "-1000000000000000000000000000000000",
		"-999999999999999999999999999999999.1", "-100.01", "-100",
		"-99.99", "-10", "-9", "-1.01", "-1", "-0.1", "-0.01",
		"-1e-9998", "0", "1e-9998",
		"0.000000000000000000000000000000000001", "0.009", "0.01",
		"0.1", "0.11", "0.9", "1", "1.0000000000000000000000001",
		"1.01", "2", "9", "9.9", "10", "11", "99", "100", "101",
		"1234567890123456789012345678901233",
		"1234567890123456789012345678901234", "1e40", "1e9998"
	};
	struct dec a = prim_dec_min, b;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(up); i++, a = b) {
		b = dec(up[i]);
		if (dec_cmp(&a, &b) >= 0)
			fail_msg("%s does not follow", up[i]);
	}
	assert_true(dec_cmp(&a, &prim_dec_max) < 0);
}

static void
equal_decimals_are_equal_bytes(void **state)
{
	(void)state;
	assert_same("1", "1.00");
	assert_same("100", "1e2");
	assert_same("0.5", "5e-1");
	assert_same("-0", "0");
	assert_same("0.000", "0");
	assert_same("0e5", "0");
	assert_same("007", "7");
	assert_same("1.50E+1", "15");
	/* cut after DEC_DIGITS */
	assert_same("1.2345678901234567890123456789012345",
	    "1.234567890123456789012345678901234");
	assert_same("12345678901234567890123456789012345",
	    "12345678901234567890123456789012340");
}

static void
what_is_no_decimal_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "-", "+1", ".5", "5.", "1.2.3", "1,5", " 1", "1 ", "e5",
		"1e", "1e+", "1e1.5", "0x1", "NaN", "inf", "--1", "1-",
		"\xd9\xa1"
	};
	static const char *const far[] = {
		"1e9999", "1e-10001", "-1e10000", "1e999999", "1e-999999"
	};
	struct dec d = prim_dec_max;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++)
		if (prim_dec(bytes_str(bad[i]), &d) != ERR_SYNTAX)
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < N_ELEM(far); i++)
		if (prim_dec(bytes_str(far[i]), &d) != ERR_VALUE)
			fail_msg("taken: %s", far[i]);
	assert_int_equal(prim_dec(bytes_str("1e1000000000000"), &d),
	    ERR_SYNTAX);
	assert_int_equal(dec_cmp(&d, &prim_dec_max), 0);
}

static void
assert_around(enum err (*fn)(struct bytes, struct dec *, struct dec *),
    const char *text, const char *lo, const char *hi)
{
	struct dec a, b, x = dec(lo), y = dec(hi);

	assert_int_equal(fn(bytes_str(text), &a, &b), OK);
	if (dec_cmp(&a, &x) != 0 || dec_cmp(&b, &y) != 0)
		fail_msg("%s is not [%s, %s)", text, lo, hi);
}

static void
spans_follow_precision(void **state)
{
	(void)state;
	assert_around(prim_dec_span, "100", "99.5", "100.5");
	assert_around(prim_dec_span, "100.00", "99.995", "100.005");
	assert_around(prim_dec_span, "5.0e2", "495", "505");
	assert_around(prim_dec_span, "5e2", "450", "550");
	assert_around(prim_dec_span, "0", "-0.5", "0.5");
	assert_around(prim_dec_span, "0.00", "-0.005", "0.005");
	assert_around(prim_dec_span, "-0", "-0.5", "0.5");
	assert_around(prim_dec_span, "-3", "-3.5", "-2.5");
	assert_around(prim_dec_span, "1", "0.5", "1.5");
	assert_around(prim_dec_span, "9.9", "9.85", "9.95");
}

static void
about_is_a_tenth_of_the_number(void **state)
{
	(void)state;
	assert_around(prim_dec_about, "100", "90", "110");
	assert_around(prim_dec_about, "-100", "-110", "-90");
	assert_around(prim_dec_about, "1.5", "1.35", "1.65");
	/* never less than its precision */
	assert_around(prim_dec_about, "1", "0.5", "1.5");
	assert_around(prim_dec_about, "0", "-0.5", "0.5");
}

static void
next_is_just_above(void **state)
{
	struct dec d = dec("5"), up = prim_dec_next(d);
	struct dec more = dec("5.000000000000000000000000000000001");

	(void)state;
	assert_true(dec_cmp(&d, &up) < 0);
	assert_true(dec_cmp(&up, &more) <= 0);
	d = dec("-5");
	up = prim_dec_next(d);
	more = dec("-4.999999999999999999999999999999999");
	assert_true(dec_cmp(&d, &up) < 0);
	assert_true(dec_cmp(&up, &more) <= 0);
	d = dec("0");
	up = prim_dec_next(d);
	more = dec("1e-9998");
	assert_true(dec_cmp(&d, &up) < 0);
	assert_true(dec_cmp(&up, &more) < 0);
}

/* Integers of 0 to 18 digits with a point anywhere against plain int64_t. */
static void
order_agrees_with_integers(void **state)
{
	uint64_t seed = 0x7469706879730a01;
	int64_t n[2];
	struct dec d[2];
	char text[48];
	int i, k, scale;

	(void)state;
	for (i = 0; i < 20000; i++) {
		scale = i % 7;
		for (k = 0; k < 2; k++) {
			seed = seed * 6364136223846793005u +
			    1442695040888963407u;
			n[k] = (int64_t)(seed >> 1) % 1000000000000;
			if (i % 3 == 0)
				n[k] %= 1000;
			if ((seed >> 40 & 1) != 0)
				n[k] = -n[k];
			snprintf(text, sizeof(text), "%llde-%d",
			    (long long)n[k], scale);
			d[k] = dec(text);
		}
		k = dec_cmp(&d[0], &d[1]);
		assert_int_equal((k > 0) - (k < 0),
		    (n[0] > n[1]) - (n[0] < n[1]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_span_their_precision),
		cmocka_unit_test(zones_shift_times),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(about_widens_by_a_tenth_of_the_distance),
		cmocka_unit_test(decimals_sort),
		cmocka_unit_test(equal_decimals_are_equal_bytes),
		cmocka_unit_test(what_is_no_decimal_is_refused),
		cmocka_unit_test(spans_follow_precision),
		cmocka_unit_test(about_is_a_tenth_of_the_number),
		cmocka_unit_test(next_is_just_above),
		cmocka_unit_test(order_agrees_with_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
