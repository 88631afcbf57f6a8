/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.h -- a page of what was found, and what it brings along.  (L2)
 *
 * Internal to store/.  show.c reads the matches of a page and seals its
 * links; include.c and include_rev.c bring what belongs to them.
 */
#ifndef STORE_SHOW_H
#define STORE_SHOW_H

#include "store/find.h"

/* --- includes ------------------------------------------------------------ */

/* A resource on a page, as a gate handed it out. */
struct member {
	uint64_t	rid, owner;
	unsigned	inner;		/* not 0: shown is the how manieth
					 * that it contains */
};

/* The values of a member: those of the one inside where that is shown. */
enum err	member_row(const struct gate *g, const struct member *m,
		    struct row *row_out) NODISCARD;

/* err ERR_STORE  it contains fewer */
enum err	member_inner(const struct gate *g, const struct member *m,
		    struct row *row_out, struct inner *inner_out) NODISCARD;

/* What stands on a page already, and what its matches bring along. */
struct include_set {
	struct arena	*arena;
	uint64_t	*slot;		/* rids, open addressing; 0 free */
	size_t		 n, cap;	/* cap: a power of two */
	struct resource	*found;
	struct member	*who;		/* of each */
	size_t		 n_found, cap_found;
	uint64_t	 bytes;		/* of the bodies found */
};

struct include_set	include_new(struct arena *a, size_t expect);

/* false: it was there already. */
bool		include_put(struct include_set *s, uint64_t rid);

/*
 * Bring one resource, unless it is there.
 * in	shared	what is anybody's own stays out
 * err	ERR_NOTFOUND, ERR_GONE  as gate_record; ERR_COSTLY  more than max
 */
enum err	include_add(struct include_set *s, const struct gate *g,
		    enum view_op op, uint64_t rid, bool shared, uint64_t max)
		    NODISCARD;

/*
 * Every shared resource that a reference parameter leads to.  A target
 * outside of the view is as absent as one that never was, and costs the same.
 * err	ERR_COSTLY  more than max found; ERR_STORE
 */
enum err	include_shared(struct include_set *s, const struct gate *g,
		    uint64_t owner, uint64_t rid, uint64_t max) NODISCARD;

/* Rows that may refer to members of a page, of a view of patients. */
struct walked;

/* The includes of one page. */
struct bring {
	struct gate		*g;
	struct arena		*arena;
	const struct query	*q;
	const struct page_ask	*ask;
	struct issues		*is;
	const struct resource	*match;
	const struct member	*who;		/* of each */
	size_t			 n_match;
	struct include_set	*set;		/* what was brought */
	struct walked		**walked;	/* kept from try to try */
	uint64_t		 rows, ticks;	/* of the budget */
};

/* Members of a page: its matches, then what they brought. */
static inline struct member
bring_member(const struct bring *b, size_t i)
{
	return i < b->n_match ? b->who[i] : b->set->who[i - b->n_match];
}

static inline const struct resource *
bring_resource(const struct bring *b, size_t i)
{
	return i < b->n_match ? &b->match[i] :
	    &b->set->found[i - b->n_match];
}

/* Is this asked of member i?  Of what was brought, where it recurses. */
static inline bool
bring_asks(const struct bring *b, const struct include *in, size_t i)
{
	return i < b->n_match || in->recurse;
}

/* err ERR_COSTLY  out of time, or of memory; with an issue */
enum err	bring_tick(struct bring *b) NODISCARD;

/* Is there memory for len bytes more?  err as bring_tick */
enum err	bring_room(struct bring *b, size_t len) NODISCARD;

/*
 * All that _include and _revinclude bring.
 * err	ERR_COSTLY  more than may be included, or past the budget, with an
 *		issue; ERR_STORE
 */
enum err	include_page(struct bring *b) NODISCARD;

/* One step of _revinclude, for the members from..to. */
enum err	include_reverse(struct bring *b, size_t from, size_t to)
		    NODISCARD;

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
	struct member		*who;		/* of each */
	uint64_t		 bytes;		/* of their bodies */
	struct include_set	 in;
	struct walked		*walked;
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
