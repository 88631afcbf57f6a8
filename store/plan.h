/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h -- where the answers to a criterion stand in the index.  (L2)
 *
 * Internal to store/, for views that reach all of a type: a patient's view
 * walks rows and never comes here.  A source is a superset of what the
 * criterion finds; where it is exact, it is that.  query_match stays the
 * definition: what is not exact is asked again, of the row.
 */
#ifndef STORE_PLAN_H
#define STORE_PLAN_H

#include "store/gate.h"

enum source_kind {
	SOURCE_NONE,	/* the index cannot narrow it */
	SOURCE_IDS,	/* rids known already */
	SOURCE_LISTS,	/* posting lists, whole; and rids */
	SOURCE_RANGES	/* of keys; and rids */
};

struct range {
	struct bytes	from, to;	/* from <= key < to; to "": no end */
};

struct source {
	enum source_kind	 kind;
	const struct criterion	*c;	/* NULL: every resource of the type */
	struct range		*range;	/* LISTS: from is the key */
	size_t			 n_range;
	uint64_t		*rid;	/* sorted, each once */
	size_t			 n_rid;
	uint64_t		 size;	/* postings, or a guess; never 0 for
					 * what may hold one */
	bool			 exact;	/* what stands in it, satisfies c */
	bool			 by_key; /* ...if its key does, too (DATE) */
};

/* Every live resource of the type. */
enum err	plan_type(struct gate *g, struct arena *a, uint16_t type,
		    struct source *out) NODISCARD;

/* Resolve the ids of an _id criterion: those held, sorted, each once. */
enum err	plan_ids(const struct gate *g, struct arena *a,
		    uint16_t type, const struct criterion *c,
		    struct source *out) NODISCARD;

enum err	plan_source(struct gate *g, struct arena *a, uint16_t type,
		    const struct criterion *c, struct source *out) NODISCARD;

/* The key of what refers by link to type/id, and the next one possible. */
void		plan_reference(const struct def_param *link, uint16_t type,
		    struct bytes id, struct key *from_out,
		    struct key *to_out);

/*
 * Lists of all that refers by link to one of n ids.
 * out	*out  LISTS, exact; NONE where there are too many
 */
enum err	plan_references(struct gate *g, struct arena *a,
		    uint16_t source, const struct def_param *link,
		    uint16_t type, const struct bytes *id, size_t n,
		    struct source *out) NODISCARD;

/* Does a DATE key of the index satisfy c? */
bool		plan_key_match(const struct criterion *c, struct bytes key);

#endif
