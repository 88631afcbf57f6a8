/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c -- a search: find.c finds, show.c shows.
 *
 * A search of all types is one of each type that the view may search, into
 * the window of one page: rids sort by type, so without _sort the types stand
 * in their order, and a page goes over from one to the next.
 *
 * Spec: DSTU2 search.html, http.html#search.
 */
#include "store/show.h"

/* One type of a search of all; what is not in the compartment has nothing. */
static enum err
find_type(struct show *s, uint16_t type)
{
	struct query *one;
	enum err e;

	if (view_reach(s->gate.view, type, VIEW_SEARCH) == REACH_NONE)
		return OK;
	one = arena_alloc(s->arena, sizeof(*one));
	e = query_of_type(s->arena, s->q, type, one);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	return find_run(&s->gate, s->arena, one, s->ask, s->is, &s->w);
}

static enum err
find(struct show *s)
{
	uint16_t type;
	enum err e = OK;

	if (s->q->type != 0)
		return find_run(&s->gate, s->arena, s->q, s->ask, s->is,
		    &s->w);
	/* The nearest to the place first, as each run does itself. */
	for (type = 1; e == OK && type <= DEF_TYPES; type++)
		e = find_type(s, s->w.place.back ?
		    (uint16_t)(DEF_TYPES + 1 - type) : type);
	return e;
}

/* May the view search this at all? */
static bool
may(const struct view *v, uint16_t type)
{
	struct typeset any;

	if (type != 0)
		return view_reach(v, type, VIEW_SEARCH) != REACH_NONE;
	any = view_types(v, VIEW_SEARCH);
	return (any.bits[0] | any.bits[1]) != 0;
}

enum err
store_search(struct snapshot *t, struct arena *a, const struct view *v,
    const struct query *q, const struct page_ask *ask, struct issues *is,
    struct page *out)
{
	struct show s = { .t = t, .arena = a, .q = q, .ask = ask, .is = is,
	    .op = VIEW_SEARCH };
	struct page_at place = { .spot.len = sort_len(q) };
	enum err e;

	if (!may(v, q->type))
		return ERR_FORBIDDEN;
	e = gate_open(t, a, v, &s.gate);
	if (e == OK)
		e = show_open(&s, q->digest, &place);
	if (e != OK)
		return e;
	s.w = window_new(a, &place, ask->count);
	e = find(&s);
	if (e != OK)
		return e;
	window_done(&s.w);
	return show_page(&s, q->digest, out);
}
