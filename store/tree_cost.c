/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree_cost.c -- what nodes of a query would cost, before one is run.
 *
 * Lengths of lists are counted, not read.  What lies behind a step is
 * multiplied on the way back: one patient is named by hundreds of
 * Observations.  Guesses choose the way alone; what is found never depends on
 * them.
 */
#include "store/hunt.h"

#define UNKNOWN	256	/* rows that a view of patients may have */
#define PLAIN	16	/* postings that are read while a row is */

static bool
all_of(const struct hunt *h, uint16_t type)
{
	return view_reach(h->g->view, type, VIEW_SEARCH) == REACH_ALL;
}

bool
tree_open(const struct hunt *h, uint16_t type)
{
	return all_of(h, type) && !gate_narrowed(h->g, type);
}

/* Of what is not known, n is UINT64_MAX. */
static uint64_t
times(uint64_t n, uint64_t by)
{
	return n > UINT64_MAX / 16 / by ? UINT64_MAX / 16 : n * by;
}

/* --- leaves --------------------------------------------------------------- */

static enum err
type_size(struct hunt *h, uint16_t type, uint64_t *out)
{
	struct source s;
	enum err e;

	e = plan_type(h->g, h->arena, type, &s);
	*out = s.size;
	return e;
}

/* All of the type are looked at. */
static enum err
guess_all(struct hunt *h, uint16_t type, struct guess *out)
{
	enum err e;

	e = type_size(h, type, &out->rows);
	out->found = out->rows;
	out->plain = false;
	return e;
}

static enum err
guess_leaf(struct hunt *h, uint16_t type, const struct criterion *c,
    struct guess *out)
{
	struct source s;
	enum err e;

	e = plan_source(h->g, h->arena, type, c, &s);
	if (e != OK || s.kind == SOURCE_NONE)
		return e == OK ? guess_all(h, type, out) : e;
	*out = (struct guess){ s.size, s.size, s.exact };
	return OK;
}

/* --- steps ---------------------------------------------------------------- */

/* So many of one type refer to each of another, about. */
static enum err
fan(struct hunt *h, uint16_t from, uint16_t to, uint64_t *out)
{
	uint64_t many = 0, one = 0;
	enum err e;

	e = type_size(h, from, &many);
	if (e == OK)
		e = type_size(h, to, &one);
	if (e == OK)
		*out = one == 0 ? 1 : many / one + 1;
	return e;
}

/* By sets: the other end first, then what the references lead to. */
static enum err
guess_step(struct hunt *h, uint16_t type, const struct node *n,
    struct guess *out)
{
	struct guess kid;
	uint64_t each = 1;
	enum err e;

	e = tree_cost(h, n->type, n->kid, &kid);
	if (e == OK && n->op == NODE_CHAIN && tree_open(h, n->type))
		e = fan(h, type, n->type, &each);
	out->found = times(kid.found, each);
	out->rows = kid.rows + out->found;
	out->plain = false;
	return e;
}

static enum err
guess_kids(struct hunt *h, uint16_t type, const struct node *n,
    struct guess *out)
{
	struct guess sum = { .plain = true }, least = { .rows = UINT64_MAX };
	struct guess one;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < n->n_kid; i++) {
		e = tree_cost(h, type, &n->kid[i], &one);
		if (e == OK && one.rows < least.rows)
			least = one;
		sum.rows += one.rows;
		sum.found += one.found;
		sum.plain = sum.plain && one.plain;
	}
	*out = n->op == NODE_OR ? sum : least;
	out->plain = out->plain && (n->op == NODE_OR || n->n_kid == 1);
	return e;
}

enum err
tree_cost(struct hunt *h, uint16_t type, const struct node *n,
    struct guess *out)
{
	*out = (struct guess){ UNKNOWN, UNKNOWN, false };
	if (!tree_open(h, type))
		return OK;
	switch (n->op) {
	case NODE_LEAF:
		return guess_leaf(h, type, &n->leaf, out);
	case NODE_AND:
	case NODE_OR:
		return guess_kids(h, type, n, out);
	case NODE_CHAIN:
	case NODE_HAS:
		return guess_step(h, type, n, out);
	case NODE_LIST:
		return OK;
	case NODE_NOT:
		break;
	}
	return guess_all(h, type, out);
}

/* --- the way ------------------------------------------------------------- */

/* In rows read, about; and those that the budget counts. */
struct way {
	uint64_t	cost, rows;
};

static bool
better(const struct hunt *h, const struct way *a, const struct way *b)
{
	uint64_t left = h->ask->max_rows - h->rows;

	if ((a->rows <= left) != (b->rows <= left))
		return a->rows <= left;
	return a->cost < b->cost;
}

enum err
tree_step(struct hunt *h, uint16_t type, const struct node *n, uint64_t few,
    struct guess *kid_out, enum step_how *how_out)
{
	struct way set, meet, each;
	struct guess kid;
	uint64_t refs = 1, find;
	enum err e;

	e = tree_cost(h, n->type, n->kid, &kid);
	if (e == OK && n->op == NODE_HAS)
		e = fan(h, n->type, type, &refs);
	if (e != OK)
		return e;
	find = kid.plain ? kid.rows / PLAIN : kid.rows;
	/* A record for the id of each, then a list or a row. */
	set = (struct way){ find + times(kid.found, 3), kid.rows };
	meet = (struct way){ find + times(few, 2), kid.rows + times(few, 2) };
	each = (struct way){ times(few, 2 + refs), times(few, refs) };
	*how_out = STEP_SET;
	if (n->op == NODE_HAS && better(h, &meet, &set)) {
		*how_out = STEP_MEET;
		set = meet;
	}
	if (better(h, &each, &set))
		*how_out = STEP_EACH;
	*kid_out = kid;
	return OK;
}
