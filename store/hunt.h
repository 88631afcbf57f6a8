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
 * Files: hunt.c budget and sets, cross.c reads sources, goal.c finds, tree.c
 * prepares nodes, tree_cost.c says what they would cost, tree_source.c knows
 * where they stand, ask.c asks them of one resource.
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

/* Likewise n, which were read at once. */
enum err	hunt_spend_all(struct hunt *h, uint64_t n) NODISCARD;

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
/* n of them, sorted, none twice. */
enum err	rids_add_all(struct hunt *h, struct rids *r,
		    const uint64_t *rid, size_t n) NODISCARD;
void		rids_sort(struct rids *r);
bool		rids_has(const struct rids *r, uint64_t rid);	/* sorted */
/* Where the first at or after rid stands, which is at i or behind (sorted). */
size_t		rids_from(const struct rids *r, size_t i, uint64_t rid);

/* Ids of one type; they borrow from the snapshot. */
struct ids {
	struct bytes	*v;
	size_t		 n, cap;
};
enum err	ids_add(struct hunt *h, struct ids *s, struct bytes id)
		    NODISCARD;
void		ids_sort(struct ids *s);
bool		ids_has(const struct ids *s, struct bytes id);	/* sorted */

/* --- sources, read -------------------------------------------------------- */

/* All that stands in it, of the type; out: *to sorted. */
enum err	cross_read(struct hunt *h, uint16_t type,
		    const struct source *s, struct rids *to) NODISCARD;

/* Of what is in r (sorted) keep what stands in the source (exact), too. */
enum err	cross_meet(struct hunt *h, uint16_t type,
		    const struct source *s, struct rids *r) NODISCARD;

/* Is that less work than to read the rows of n candidates? */
bool		cross_pays(const struct source *s, uint64_t n);

/* --- trees --------------------------------------------------------------- */

enum tree_how {
	TREE_NEVER,	/* nothing satisfies it */
	TREE_LEAF,
	TREE_AND, TREE_OR, TREE_NOT,
	TREE_RIDS,	/* what satisfies it is known */
	TREE_LINKS,	/* a chain: what it may lead to is known */
	TREE_FOLLOW,	/* a chain: what it leads to is asked */
	TREE_MET,	/* _has: what may refer to it is known */
	TREE_REFERRED	/* _has: what refers to it is asked */
};

/* A node, prepared to be asked of resources of one type. */
struct tree {
	enum tree_how		 how;
	const struct node	*node;
	uint16_t		 type;
	struct filter		 filter;	/* LEAF */
	struct tree		*kid;		/* as many as the node has */
	struct rids		 rids;		/* RIDS, MET */
	struct ids		 ids;		/* LINKS */
	struct gate_list	 list;		/* MET: what refers to one */
	struct source		*at;		/* once tree_source knows */
};

/*
 * in	few	so many resources will be asked at most: where that is less
 *		than what a set would cost, they are asked one by one
 * err	ERR_COSTLY, ERR_STORE
 */
enum err	tree_new(struct hunt *h, uint16_t type,
		    const struct node *node, uint64_t few, struct tree *out)
		    NODISCARD;

/* What it takes to find all that satisfy a node, by the lengths of lists. */
struct guess {
	uint64_t	rows;	/* of the budget */
	uint64_t	found;	/* so many at most satisfy it, about */
	bool		plain;	/* told by lists alone, without a row */
};
enum err	tree_cost(struct hunt *h, uint16_t type,
		    const struct node *node, struct guess *out) NODISCARD;

/*
 * May lengths of lists of the type be looked at?  Of what content narrows they
 * speak of what is hidden.
 */
bool		tree_open(const struct hunt *h, uint16_t type);

enum step_how {
	STEP_SET,	/* find what is at its other end; then its this end */
	STEP_MEET,	/* _has: find that; look for it among what refers */
	STEP_EACH	/* ask the other end of each candidate */
};

/*
 * The cheapest way that the budget allows, to take a step from so few of a
 * type, all lists being open.
 */
enum err	tree_step(struct hunt *h, uint16_t type,
		    const struct node *node, uint64_t few,
		    struct guess *kid_out, enum step_how *how_out) NODISCARD;

/* Where what satisfies it stands; of a type of REACH_ALL. */
enum err	tree_source(struct hunt *h, struct tree *t,
		    struct source *out) NODISCARD;

/* Does its rid say whether a resource satisfies it, its row unread? */
static inline bool
tree_by_rid(const struct tree *t)
{
	return t->how == TREE_RIDS || t->how == TREE_MET ||
	    t->how == TREE_REFERRED || t->how == TREE_NEVER;
}

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
