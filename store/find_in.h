/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find_in.h -- what find.c and contained.c share.  (L2)
 */
#ifndef STORE_FIND_IN_H
#define STORE_FIND_IN_H

#include "store/hunt.h"

/* A query being run. */
struct find {
	struct hunt		 h;
	const struct query	*q;
	struct goal		 goal;
	struct window		*w;
	bool			 by_id;		/* the order asks for ids */
	struct bytes		 inner_id;	/* of one inside, as it is
						 * offered */
	bool			 nothing;	/* some criterion finds none */
	struct rids		 found;		/* no row was read of */
};

/* Where a match stands; inner, row: as find_offer. */
enum err	find_spot(struct find *f, uint64_t rid, unsigned inner,
		    const struct row *row, struct spot *out) NODISCARD;

/*
 * A match: count it, and keep it where the page is near.
 * in	inner	as window_inner; row: what the order asks of it
 */
enum err	find_offer(struct find *f, uint64_t rid, unsigned inner,
		    const struct row *row) NODISCARD;

/* The goal, asked of contained resources, or of those, too. */
enum err	find_contained(struct find *f) NODISCARD;

#endif
