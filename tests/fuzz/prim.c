/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prim.c -- fuzz target: dates, decimals and references.
 */
#include <stdlib.h>

#include "fhir/prim.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_urls urls = { .base = bytes_str("https://h:8443/fhir") };
	struct bytes text = bytes_of(data, size);
	struct dec d, lo, hi;
	struct span s;
	struct ref r;

	if (prim_date(text, -60, &s) == OK && s.lo >= s.hi)
		abort();
	if (prim_dec(text, &d) == OK && (dec_cmp(&prim_dec_min, &d) >= 0 ||
	    dec_cmp(&d, &prim_dec_max) >= 0))
		abort();
	/* beyond 33 digits the span's middle is cut: the point may leave it */
	if (prim_dec_span(text, &lo, &hi) == OK && dec_cmp(&lo, &hi) >= 0)
		abort();
	if (prim_dec_about(text, &lo, &hi) == OK && dec_cmp(&lo, &hi) >= 0)
		abort();
	if (prim_ref(text, &urls, true, &r) == OK &&
	    r.kind == REF_LOCAL && r.id.len == 0)
		abort();
	return 0;
}
