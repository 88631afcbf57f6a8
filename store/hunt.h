/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hunt.h -- the parts of a search: budget, goals, trees.  (L2)
 *
 * Internal to store/.  A search looks for resources of its own type; chains,
 * _has and _list look for others first.  Each such step is a goal: a type, and
 * what its resources must satisfy.  Whatever the step, the gate is asked
 * for its type, with VIEW_SEARCH: what a search of that type would not show
 * does not exist for a chain either, and a type that the view may not search
 * leads nowhere, not even to what is contained.
 *
 * Reading: a chain asks to search its target, not only to read it: its
 * answer is what a search of the target would tell.
 *
 * Files: hunt.c budget and sets, goal.c finds, tree.c prepares nodes,
 * tree_source.c knows where they stand, ask.c asks them of one resource.
 */
#ifndef STORE_HUNT_H
#define STORE_HUNT_H

#include "store/find.h"
#include "store/plan.h"

/* One search under way. */
struct hunt {
	struct gate		*g;
	struct arena		*arena;
	const struct query	*q;
	const struct page_ask	*ask;
	struct issues		*is;
	uint64_t		 owner;		/* of the last row read */
	uint64_t		 rows, ticks;	/* of the budget */
};

/* err ERR_COSTLY  with an issue that names what would narrow the search */
enum err	hunt_costly(const struct hunt *h) NODISCARD;
/* Look at the clock, which is not done each time. */
#define HUNT_TICK	1024	/* rows */
enum err	hunt_clock(const struct hunt *h) NODISCARD;

static inline NODISCARD enum err
hunt_tick(struct hunt *h)
{
	return ++h->ticks % HUNT_TICK == 0 ? hunt_clock(h) : OK;
}

/* One more row looked at. */
static inline NODISCARD enum err
hunt_spend(struct hunt *h)
{
	return ++h->rows > h->ask->max_rows ? hunt_costly(h) : hunt_tick(h);
}

/* May so many bytes more be taken? */
enum err	hunt_room(const struct hunt *h, size_t len) NODISCARD;

/*
 * The row of a rid that an index or a gate named, for a type of REACH_ALL.
 * err	ERR_NOTFOUND  by its content not held; ERR_STORE
 */
enum err	hunt_row(struct hunt *h, uint64_t rid, struct row *out)
		    NODISCARD;

/* --- sets ---------------------------------------------------------------- */

struct rids {
	uint64_t	*v;
	size_t		 n, cap;
	bool		 sorted;	/* and none twice */
};
enum err	rids_add(struct hunt *h, struct rids *r, uint64_t rid)
		    NODISCARD;
void		rids_sort(struct rids *r);
bool		rids_has(const struct rids *r, uint64_t rid);	/* sorted */

/* Ids of one type; they borrow from the snapshot. */
struct ids {
	struct bytes	*v;
	size_t		 n, cap;
};
enum err	ids_add(struct hunt *h, struct ids *s, struct bytes id)
		    NODISCARD;
void		ids_sort(struct ids *s);
bool		ids_has(const struct ids *s, struct bytes id);	/* sorted */

/* --- trees --------------------------------------------------------------- */

enum tree_how {
	TREE_NEVER,	/* nothing satisfies it */
	TREE_LEAF,
	TREE_AND, TREE_OR, TREE_NOT,
	TREE_RIDS,	/* what satisfies it is known */
	TREE_LINKS,	/* a chain: what it may lead to is known */
	TREE_FOLLOW,	/* a chain: what it leads to is asked */
	TREE_REFERRED	/* _has: what refers to it is asked */
};

/* A node, prepared to be asked of resources of one type. */
struct tree {
	enum tree_how		 how;
	const struct node	*node;
	uint16_t		 type;
	struct filter		 filter;	/* LEAF */
	struct tree		*kid;		/* as many as the node has */
	struct rids		 rids;		/* RIDS */
	struct ids		 ids;		/* LINKS */
};

/*
 * in	few	so many resources will be asked at most: where that is less
 *		than what a set would cost, they are asked one by one
 * err	ERR_COSTLY, ERR_STORE
 */
enum err	tree_new(struct hunt *h, uint16_t type,
		    const struct node *node, uint64_t few, struct tree *out)
		    NODISCARD;

/* About how many rows would have to be looked at to find all that satisfy? */
enum err	tree_cost(struct hunt *h, uint16_t type,
		    const struct node *node, uint64_t *out) NODISCARD;

/* Where what satisfies it stands; of a type of REACH_ALL. */
enum err	tree_source(struct hunt *h, struct tree *t,
		    struct source *out) NODISCARD;

enum err	tree_ask(struct hunt *h, struct tree *t, struct asked *s,
		    bool *hit_out) NODISCARD;

/* Does one that the resource contains, and link leads to, satisfy the kid? */
enum err	tree_inside(struct hunt *h, struct tree *t, struct asked *s,
		    bool *hit_out) NODISCARD;

/* --- goals --------------------------------------------------------------- */

struct goal {
	uint16_t			 type;
	const struct criterion		**must;
	size_t				 n_must;
	struct tree			**tree;
	size_t				 n_tree;
	bool				 want_row;	/* fn asks for rows */
};

/* row: NULL where none was needed and none wanted. */
typedef enum err goal_fn(void *arg, uint64_t rid, const struct row *row);

/*
 * Call fn for each resource that a search of this view finds, each once.
 * back: from the greatest rid, where the order is not that of owners.
 */
enum err	goal_run(struct hunt *h, const struct goal *goal, bool back,
		    goal_fn *fn, void *arg) NODISCARD;

/* All that satisfy t. */
struct goal	goal_of(struct arena *a, struct tree *t);

#endif
