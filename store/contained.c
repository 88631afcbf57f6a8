/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contained.c -- _contained: searches of what stands inside of others.
 *
 * What is found is the container, or with _containedType=contained the one
 * inside.  A container counts where a search of its own type would show it;
 * in order it stands by its own values, one inside by those it has there.
 *
 * Spec: DSTU2 search.html#contained.
 */
#include "store/find_in.h"

#define INNER_MAX	UINT16_MAX	/* that a spot can tell apart */

struct box {
	struct find		*f;
	struct filter		 filter;
	bool			 only;	/* the one inside is shown */
	struct rids		 found;	/* containers, where it is not */
};

static enum err
judge(struct box *b, struct asked *s, bool *hit_out)
{
	const struct goal *g = &b->f->goal;
	enum err e;
	size_t i;

	e = filter_ask(&b->filter, s, hit_out);
	for (i = 0; e == OK && *hit_out && i < g->n_tree; i++)
		e = tree_ask(&b->f->h, g->tree[i], s, hit_out);
	return e;
}

/* All that one resource contains. */
static enum err
open_box(struct box *b, uint64_t rid, const struct row *row)
{
	struct asked s = { .g = b->f->h.g, .rid = rid, .row = row };
	struct inner inner;
	struct bytes at;
	unsigned which = 0;
	bool hit;
	enum err e;

	e = asked_load(&s);
	at = s.extra.inner;
	s.inner = &inner;
	s.row = &inner.values;
	while (e == OK && which < INNER_MAX && key_inner(&at, &inner)) {
		which++;
		inner.values.born = row->born;
		inner.values.updated = row->updated;
		e = hunt_tick(&b->f->h);
		if (e != OK || inner.type != b->f->goal.type)
			continue;
		e = judge(b, &s, &hit);
		if (e != OK || !hit)
			continue;
		if (!b->only)
			return rids_add(&b->f->h, &b->found, rid);
		b->f->inner_id = inner.id;
		e = find_offer(b->f, rid, which, &inner.values);
	}
	return e;
}

/* --- which resources are opened ------------------------------------------ */

static enum err
walk_box(void *arg, uint64_t rid, const struct row *row)
{
	struct box *b = arg;
	enum err e;

	e = hunt_spend(&b->f->h);
	return e == OK ? open_box(b, rid, row) : e;
}

static enum err
count_box(void *arg, uint64_t rid, const struct row *row)
{
	struct box *b = arg;

	(void)rid;
	(void)row;
	return hunt_spend(&b->f->h);
}

static enum err
walk_found(void *arg, uint64_t rid, const struct row *row)
{
	return open_box(arg, rid, row);
}

/* Where content narrows: who contains what, is told by all of them. */
static enum err
find_boxes(struct box *b, uint16_t type)
{
	const struct goal goal = { .type = type, .want_row = true };

	return goal_run(&b->f->h, &goal, false, walk_found, b);
}

/* Containers of a type that the view holds whole. */
static enum err
list_boxes(struct box *b, uint16_t type)
{
	struct key k = key_reserved(KEY_P_CONTAINED, b->f->goal.type);
	struct hunt *h = &b->f->h;
	struct gate_list l;
	uint64_t rid, n;
	struct row row;
	enum err e;

	e = gate_list(h->g, type, key_bytes(&k), &l, &n);
	if (e == OK)
		e = gate_seek(&l, 0, &rid);
	for (; e == OK; e = gate_next(&l, &rid)) {
		e = hunt_row(h, rid, &row);
		if (e == OK)
			e = walk_box(b, rid, &row);
		if (e != OK && e != ERR_NOTFOUND)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
open_boxes(struct box *b)
{
	struct gate *g = b->f->h.g;
	uint16_t type;
	enum err e = OK;

	for (type = 1; e == OK && type <= DEF_TYPES; type++)
		switch (view_reach(g->view, type, VIEW_SEARCH)) {
		case REACH_ALL:
			e = gate_narrowed(g, type) ? find_boxes(b, type) :
			    list_boxes(b, type);
			break;
		case REACH_RELATION:
		case REACH_PATIENTS:
			e = gate_rows(g, b->f->h.arena, type, count_box,
			    walk_box, b);
			break;
		case REACH_NONE:
			break;
		}
	return e;
}

/* --- and those that stand by themselves ---------------------------------- */

static enum err
add_plain(void *arg, uint64_t rid, const struct row *row)
{
	struct box *b = arg;

	if (b->only)
		return find_offer(b->f, rid, 0, row);
	return rids_add(&b->f->h, &b->found, rid);
}

/* A container may be a match itself: once. */
static enum err
offer_found(struct box *b)
{
	struct row row;
	enum err e = OK;
	size_t i;

	rids_sort(&b->found);
	for (i = 0; e == OK && i < b->found.n; i++) {
		e = hunt_tick(&b->f->h);
		if (e == OK)
			e = hunt_row(&b->f->h, b->found.v[i], &row);
		if (e == OK)
			e = find_offer(b->f, b->found.v[i], 0, &row);
	}
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
find_contained(struct find *f)
{
	struct box b = { .f = f, .only = f->q->contained_only,
	    .filter = filter_new(f->h.arena, f->goal.n_must) };
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < f->goal.n_must; i++)
		e = filter_add(&b.filter, f->h.g, f->goal.type,
		    f->goal.must[i]);
	f->goal.want_row = true;
	if (e == OK && f->q->contained == CONTAINED_BOTH)
		e = goal_run(&f->h, &f->goal, false, add_plain, &b);
	if (e == OK)
		e = open_boxes(&b);
	return e == OK ? offer_found(&b) : e;
}
