/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "tests/unit/unit.h"

#define DAY_MS	INT64_C(86400000)

static void
known_days(void **state)
{
	(void)state;
	assert_int_equal(clock_days(1970, 1, 1), 0);
	assert_int_equal(clock_days(2000, 3, 1), 11017);
	assert_true(clock_days(1, 1, 1) == -719162);
	assert_int_equal(clock_days(9999, 12, 31), 2932896);
}

/* Every day of 1..9999 follows the one before it, and is written back. */
static void
every_day_counts(void **state)
{
	char	out[INSTANT_LEN], want[16];
	int64_t	n = clock_days(1, 1, 1);
	int	y, m, d;

	(void)state;
	for (y = 1; y <= 9999; y++)
		for (m = 1; m <= 12; m++)
			for (d = 1; d <= clock_month_days(y, m); d++) {
				if (clock_days(y, m, d) != n++)
					fail_msg("%d-%d-%d", y, m, d);
				if (d != 1)
					continue;
				clock_iso((struct instant){ (n - 1) * DAY_MS },
				    out);
				(void)snprintf(want, sizeof(want),
				    "%04d-%02d-%02d", y, m, d);
				assert_memory_equal(out, want, 10);
			}
}

static void
month_lengths(void **state)
{
	(void)state;
	assert_int_equal(clock_month_days(1900, 2), 28);
	assert_int_equal(clock_month_days(2000, 2), 29);
	assert_int_equal(clock_month_days(2024, 2), 29);
	assert_int_equal(clock_month_days(2023, 2), 28);
	assert_int_equal(clock_month_days(2023, 0), 0);
	assert_int_equal(clock_month_days(2023, 13), 0);
}

static void
iso_of(int64_t ms, const char *want)
{
	char	out[INSTANT_LEN];

	clock_iso((struct instant){ ms }, out);
	assert_bytes(bytes_of(out, sizeof(out)), want);
}

static void
iso_is_written(void **state)
{
	(void)state;
	iso_of(0, "1970-01-01T00:00:00.000Z");
	iso_of(-1, "1969-12-31T23:59:59.999Z");
	iso_of(INT64_C(1767604447113), "2026-01-05T09:14:07.113Z");
	iso_of(INT64_MAX, "9999-12-31T23:59:59.999Z");
	iso_of(INT64_MIN, "0001-01-01T00:00:00.000Z");
}

/* Against the C library, over three thousand years and odd times. */
static void
http_agrees_with_strftime(void **state)
{
	char	out[HTTPDATE_LEN], want[HTTPDATE_LEN + 1];
	int64_t	s;

	(void)state;
	for (s = -30000000000; s < 60000000000; s += 8640007) {
		time_t		t = (time_t)s;
		struct tm	tm;
		struct instant	back;

		assert_non_null(gmtime_r(&t, &tm));
		(void)strftime(want, sizeof(want),
		    "%a, %d %b %Y %H:%M:%S GMT", &tm);
		clock_http((struct instant){ s * 1000 }, out);
		assert_memory_equal(out, want, HTTPDATE_LEN);
		assert_int_equal(clock_unhttp(bytes_of(out, sizeof(out)),
		    &back), OK);
		assert_true(back.ms == s * 1000);
	}
}

static void
unhttp_refuses(void **state)
{
	static const char *const	bad[] = {
		"",
		"Mon, 05 Jan 2026 09:14:07",
		"Tue, 05 Jan 2026 09:14:07 GMT",
		"Mon, 05 Jan 2026 24:14:07 GMT",
		"Mon, 05 Jan 2026 09:60:07 GMT",
		"Mon, 05 Jan 2026 09:14:60 GMT",
		"Sun, 29 Feb 2026 09:14:07 GMT",
		"Mon, 00 Jan 2026 09:14:07 GMT",
		"Mon, 05 Jax 2026 09:14:07 GMT",
		"Mon, 05 Jan 0000 09:14:07 GMT",
		"Mon, 05 Jan 2026 09:14:07 UTC",
		"mon, 05 jan 2026 09:14:07 gmt",
		"Mon, +5 Jan 2026 09:14:07 GMT",
		"Mon, 05 Jan 2026 09:14:07 GMTx",
		"Monday, 05-Jan-26 09:14:07 GM",
	};
	struct instant			t = { 42 };
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (clock_unhttp(bytes_str(bad[i]), &t) != ERR_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_int_equal(t.ms, 42);
	assert_int_equal(clock_unhttp(
	    bytes_str("Mon, 05 Jan 2026 09:14:07 GMT"), &t), OK);
	assert_true(t.ms == INT64_C(1767604447000));
}

static void
clocks_run(void **state)
{
	int64_t	mono = clock_mono(), cpu = clock_cpu();

	(void)state;
	assert_true(clock_now().ms > INT64_C(1700000000000));
	while (clock_cpu() < cpu + 1000)
		;
	assert_true(clock_mono() > mono);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(known_days),
		cmocka_unit_test(every_day_counts),
		cmocka_unit_test(month_lengths),
		cmocka_unit_test(iso_is_written),
		cmocka_unit_test(http_agrees_with_strftime),
		cmocka_unit_test(unhttp_refuses),
		cmocka_unit_test(clocks_run),
	};

	return cmocka_run_group_tests_name("base_clock", tests, NULL, NULL);
}
