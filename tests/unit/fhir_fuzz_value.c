/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The corpus of values of parameters, replayed: fhir_fuzz.h says how.
 */
#include "tests/fuzz/value.c"

#include "tests/unit/fhir_fuzz.h"

static void
value_survives(void **state)
{
	(void)state;
	replay_all("value", LLVMFuzzerTestOneInput);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_survives)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
