/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_in.h -- what the files of the planner share.  (L2)
 *
 * Internal to store/plan*.c.
 */
#ifndef STORE_PLAN_IN_H
#define STORE_PLAN_IN_H

#include "store/plan.h"

/* Keys and ranges of keys, as they are found. */
struct build {
	struct arena	*arena;
	uint16_t	 type;		/* that is searched */
	struct range	*range;
	size_t		 n, cap;
	size_t		 n_key;		/* of n: single keys */
};

void		plan_add_key(struct build *b, const struct key *k);

/* The key of what refers by param to type/id. */
struct key	plan_local_key(uint16_t param, uint16_t type,
		    struct bytes id);
void		plan_add_local(struct build *b, uint16_t param,
		    uint16_t type, struct bytes id);

/*
 * Every key under which something stands that c finds; perhaps more.
 * false: the index cannot narrow c
 */
bool		plan_keys(struct build *b, const struct criterion *c);

/* Does c find all that stands under those? */
bool		plan_exact(const struct criterion *c);

#endif
