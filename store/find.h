/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.h -- which resources a query finds, seen through a gate.  (L2)
 *
 * Internal to store/.
 */
#ifndef STORE_FIND_H
#define STORE_FIND_H

#include "store/page.h"

/* --- one resource, asked ---------------------------------------------------- */

/*
 * A resource that a gate has handed out, or one that it contains.  What
 * stands beside the row is read when it is first asked for.
 */
struct asked {
	const struct gate	*g;
	uint64_t		 rid;		/* of the outer one */
	const struct row	*row;		/* values; of the inner one... */
	const struct inner	*inner;		/* ...where this is set */
	bool			 loaded;
	struct extra_parts	 extra;		/* of the outer one */
};

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

/* --- includes ------------------------------------------------------------ */

/* What stands on a page already, and what its matches bring along. */
struct include_set {
	struct arena	*arena;
	uint64_t	*slot;		/* rids, open addressing; 0 free */
	size_t		 n, cap;	/* cap: a power of two */
	struct resource	*found;
	size_t		 n_found, cap_found;
	uint64_t	 bytes;		/* of the bodies found */
};

struct include_set	include_new(struct arena *a, size_t expect);

/* false: it was there already. */
bool		include_put(struct include_set *s, uint64_t rid);

/*
 * Follow the includes of q from one match.  A target outside of the view is
 * as absent as one that never was, and costs the same.
 * err	ERR_COSTLY  more than max found; ERR_STORE
 */
enum err	include_from(struct include_set *s, const struct gate *g,
		    const struct query *q, uint64_t owner, uint64_t rid,
		    uint64_t max) NODISCARD;

/* Likewise every shared resource that a reference parameter leads to. */
enum err	include_shared(struct include_set *s, const struct gate *g,
		    uint64_t owner, uint64_t rid, uint64_t max) NODISCARD;

/* --- the page itself ------------------------------------------------------ */

/* A page being read: what was found is in w, after window_done. */
struct show {
	struct snapshot		*t;
	struct arena		*arena;
	const struct query	*q;		/* NULL: $everything */
	const struct page_ask	*ask;
	struct issues		*is;
	struct gate		 gate;
	enum view_op		 op;		/* by which matches are held */
	struct window		 w;
	size_t			 first, n;	/* of w: what is shown */
	struct resource		*match;		/* n */
	uint64_t		*owner;		/* of each */
	uint64_t		 bytes;		/* of their bodies */
	struct include_set	 in;
};

/* Where the page begins: at the cursor, or at the end of the journal. */
enum err	show_open(struct show *s, const uint8_t query[static 16],
		    struct page_at *out) NODISCARD;

/*
 * Read matches and what they bring along, cut to what a page may weigh, and
 * seal its links.
 * err	ERR_COSTLY  too many included, or out of time, with an issue
 */
enum err	show_page(struct show *s, const uint8_t query[static 16],
		    struct page *out) NODISCARD;

#endif
