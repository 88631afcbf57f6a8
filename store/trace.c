/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.c -- how a search was run, for who asked (tiphys explain).
 */
#include "store/trace.h"

const char *
trace_source(const struct source *s)
{
	switch (s->kind) {
	case SOURCE_IDS:
		return "ids";
	case SOURCE_LISTS:
		return s->exact ? "lists" : "lists, and more";
	case SOURCE_RANGES:
		return "ranges of keys";
	case SOURCE_NONE:
		break;
	}
	return "no index";
}

void
trace_add(struct search_trace *t, const char *step, uint16_t type,
    struct bytes what, const char *how, uint64_t n)
{
	struct trace_step *more;

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 32 : 2 * t->cap;
		more = arena_array(t->arena, t->cap, sizeof(*more));
		if (t->n > 0)
			memcpy(more, t->step, t->n * sizeof(*more));
		t->step = more;
	}
	t->step[t->n++] = (struct trace_step){ step, type, what, how, n };
}
