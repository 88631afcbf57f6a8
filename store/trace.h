/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h -- note how a search is run.  (L2)
 *
 * Internal to store/.  Nothing is noted, and nothing made up to be noted,
 * where nobody asked for it: one comparison each.
 */
#ifndef STORE_TRACE_H
#define STORE_TRACE_H

#include "store/plan.h"
#include "store/store.h"

/* Lists, ranges, ids: how a source is read. */
const char	*trace_source(const struct source *s);

/* The name of a criterion as it came; of all of a type "". */
static inline struct bytes
trace_name(const struct criterion *c)
{
	return c == NULL ? bytes_of(NULL, 0) :
	    c->name.len > 0 ? c->name : bytes_str(c->param->code);
}

void		trace_add(struct search_trace *t, const char *step,
		    uint16_t type, struct bytes what, const char *how,
		    uint64_t n);

#define TRACE(ask, ...)							      \
	do {								      \
		if ((ask)->trace != NULL)				      \
			trace_add((ask)->trace, __VA_ARGS__);		      \
	} while (0)

#endif
