/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The corpora of fhir/, replayed: fhir_fuzz.h says how.
 */
#define LLVMFuzzerTestOneInput	fuzz_bundle
#include "tests/fuzz/bundle.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_check
#include "tests/fuzz/check.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_json
#include "tests/fuzz/json.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_prim
#include "tests/fuzz/prim.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_term
#include "tests/fuzz/term.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_ucum
#include "tests/fuzz/ucum.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_xhtml
#include "tests/fuzz/xhtml.c"
#undef LLVMFuzzerTestOneInput

#include "tests/unit/fhir_fuzz.h"

static void
bundle_survives(void **state)
{
	(void)state;
	replay_all("bundle", fuzz_bundle);
}

static void
check_survives(void **state)
{
	(void)state;
	replay_all("check", fuzz_check);
}

static void
json_survives(void **state)
{
	(void)state;
	replay_all("json", fuzz_json);
}

static void
prim_survives(void **state)
{
	(void)state;
	replay_all("prim", fuzz_prim);
}

static void
term_survives(void **state)
{
	(void)state;
	replay_all("term", fuzz_term);
}

static void
ucum_survives(void **state)
{
	(void)state;
	replay_all("ucum", fuzz_ucum);
}

static void
xhtml_survives(void **state)
{
	(void)state;
	replay_all("xhtml", fuzz_xhtml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundle_survives),
		cmocka_unit_test(check_survives),
		cmocka_unit_test(json_survives),
		cmocka_unit_test(prim_survives),
		cmocka_unit_test(term_survives),
		cmocka_unit_test(ucum_survives),
		cmocka_unit_test(xhtml_survives)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
