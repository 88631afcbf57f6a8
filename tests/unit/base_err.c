/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
every_row_is_whole(void **state)
{
	int	e;

	(void)state;
	for (e = 0; e < ERR__MAX; e++) {
		assert_non_null(err_name((enum err)e));
		assert_true(strlen(err_issue((enum err)e)) > 0);
		assert_true(strlen(err_text((enum err)e)) > 0);
		assert_in_range(err_http((enum err)e), 200, 503);
		assert_int_equal(err_exit((enum err)e) == 0, e == OK);
	}
}

static void
gone_is_410(void **state)
{
	(void)state;
	assert_string_equal(err_name(ERR_GONE), "ERR_GONE");
	assert_int_equal(err_http(ERR_GONE), 410);
	assert_string_equal(err_issue(ERR_GONE), "not-found");
	assert_int_equal(err_exit(ERR_GONE), 66);
	assert_string_equal(err_text(ERR_GONE), "resource was deleted");
}

/* Only success may look like success: a refusal is never below 400. */
static void
errors_are_errors(void **state)
{
	int	e;

	(void)state;
	for (e = 1; e < ERR__MAX; e++)
		assert_true(err_http((enum err)e) >= 400);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(gone_is_410),
		cmocka_unit_test(errors_are_errors),
	};

	return cmocka_run_group_tests_name("base_err", tests, NULL, NULL);
}
