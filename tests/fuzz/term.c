/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.c -- fuzz target: "set|system|code", and "system|above|code".
 */
#include <stdlib.h>

#include "fhir/term.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask_set(struct bytes name, struct bytes system, struct bytes code)
{
	const struct term_set	*set = term_set(name);
	struct term_code	 near;
	enum term_answer	 coded, bare;

	if (set == NULL)
		return;
	coded = term_has(set, system, false, code);
	bare = term_has(set, system, true, code);
	if (coded == TERM_IN && system.len > 0 && bare == TERM_OUT)
		abort();
	if (coded != TERM_OUT && system.len > 0 &&
	    !term_set_system(set, system))
		abort();
	if (term_near(set, code, &near) &&
	    term_has(set, near.system, false, near.code) != TERM_IN)
		abort();
}

static void
walk(struct bytes system, struct bytes above, struct bytes code)
{
	uint32_t	at = 0;
	struct bytes	one;
	bool		met = false;

	while (term_below(system, above, &at, &one)) {
		if (term_subsumes(system, above, one) != TERM_IN)
			abort();
		met |= bytes_eq(one, code);
	}
	if (met != (term_subsumes(system, above, code) == TERM_IN) &&
	    term_system(system) != NULL && term_case(term_system(system)))
		abort();
	for (at = 0; term_above(system, code, &at, &one);)
		if (term_subsumes(system, one, code) != TERM_IN)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes	a, b, c, rest;

	(void)bytes_cut(bytes_of(data, size), '|', &a, &rest);
	(void)bytes_cut(rest, '|', &b, &c);
	ask_set(a, b, c);
	walk(a, b, c);
	return 0;
}
