/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_fault.h -- a small store, and what the check says of it.
 */
#ifndef TESTS_STORE_FAULT_H
#define TESTS_STORE_FAULT_H

#include "tests/unit/store_kit.h"

struct seen { const char *where, *what; bool found; uint64_t n; };

static inline void
note(void *arg, const char *where, const char *what)
{
	struct seen *s = arg;

	s->n++;
	if (strstr(where, s->where) != NULL && strstr(what, s->what) != NULL)
		s->found = true;
}

static inline uint64_t
faults_of(struct store *s, struct arena *a, struct seen *seen)
{
	struct extract x = kit_extract(a);
	uint64_t n = 0;

	assert_int_equal(maint_check(s, a, &x, &kit_limits, note, NULL,
	    seen, &n), OK);
	assert_int_equal(n, seen->n);
	return n;
}

/* A store with two versions of an Observation, a Binary and what names it. */
static inline struct store *
world(struct arena *a)
{
	struct store *s = kit_store(a);

	(void)kit_apply(s, a, kit_put(a,
	    "{\"resourceType\":\"Patient\",\"id\":\"p\"}"));
	(void)kit_apply(s, a, kit_put(a,
	    "{\"resourceType\":\"Observation\",\"id\":\"o\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/p\"}}"));
	(void)kit_apply(s, a, kit_put(a,
	    "{\"resourceType\":\"Observation\",\"id\":\"o\","
	    "\"status\":\"amended\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/p\"}}"));
	(void)kit_apply(s, a, kit_put(a,
	    "{\"resourceType\":\"Binary\",\"id\":\"b\",\"contentType\":"
	    "\"text/plain\",\"content\":\"aGk=\"}"));
	(void)kit_apply(s, a, kit_put(a,
	    "{\"resourceType\":\"DocumentReference\",\"id\":\"d\","
	    "\"subject\":{\"reference\":\"Patient/p\"},\"content\":"
	    "[{\"attachment\":{\"url\":\"Binary/b\"}}]}"));
	return s;
}

#endif
