/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The corpora of searches, replayed: fhir_fuzz.h says how.
 */
#define LLVMFuzzerTestOneInput	fuzz_filter
#include "tests/fuzz/filter.c"
#undef LLVMFuzzerTestOneInput

#include "tests/unit/fhir_fuzz.h"

static void
query_survives(void **state)
{
	(void)state;
	replay_all("query", fuzz_whole_query);
}

static void
filter_survives(void **state)
{
	(void)state;
	replay_all("filter", fuzz_filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_survives),
		cmocka_unit_test(filter_survives)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
