/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.h -- which resources a query finds, seen through a gate.  (L2)
 *
 * Internal to store/.
 */
#ifndef STORE_FIND_H
#define STORE_FIND_H

#include "store/page.h"

/* --- one resource, asked ------------------------------------------------- */

/*
 * A resource that a gate has handed out, or one that it contains.  What
 * stands beside the row is read when it is first asked for.
 */
struct asked {
	const struct gate	*g;
	uint64_t		 rid;		/* of the outer one */
	const struct row	*row;		/* values; of the inner... */
	const struct inner	*inner;		/* ...one, where this is set */
	bool			 loaded;
	struct extra_parts	 extra;		/* of the outer one */
};

/* A resource itself, nothing read beside it: extra stays as it is. */
static inline void
asked_plain(struct asked *s, const struct gate *g, uint64_t rid,
    const struct row *row)
{
	s->g = g;
	s->rid = rid;
	s->row = row;
	s->inner = NULL;
	s->loaded = false;
}

enum err	asked_load(struct asked *s) NODISCARD;

/* Criteria prepared to be asked of one resource after another. */
struct filter {
	struct arena	*arena;
	struct arena	*parts;		/* of one value; NULL until needed */
	struct test	*test;
	size_t		 n;
	struct value	*value;		/* of one row and criterion */
	size_t		 n_value, cap;
};

/* For n criteria at most. */
struct filter	filter_new(struct arena *a, size_t n);

/* err ERR_STORE  the ids of an _id criterion could not be looked up */
enum err	filter_add(struct filter *f, const struct gate *g,
		    uint16_t type, const struct criterion *c) NODISCARD;

/*
 * Does the resource satisfy all criteria, as query_match says?
 * err	ERR_STORE  what stands beside the row could not be read
 * cost	nothing is allocated once the fullest row was seen
 */
enum err	filter_ask(struct filter *f, struct asked *s, bool *hit_out)
		    NODISCARD;

/* Likewise where no criterion asks for what stands beside a row. */
bool		filter_row(struct filter *f, uint64_t rid,
		    const struct row *row);

/*
 * Offer every match to the window and count them.
 * err	ERR_COSTLY  past ask->max_rows or ask->spent, with an issue that
 *		names what would narrow the search; ERR_STORE
 */
enum err	find_run(struct gate *g, struct arena *a,
		    const struct query *q, const struct page_ask *ask,
		    struct issues *is, struct window *w) NODISCARD;

#endif
