/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.c -- run a query: what it finds goes to the window of a page.
 *
 * The finding is goal.c's; here stands what a page wants of it: the order,
 * the total, and the one case where a posting list is the answer.
 */
#include "store/sort_index.h"
#include "store/trace.h"

/* --- offers -------------------------------------------------------------- */

/* What an index names and a record denies is damage. */
static enum err
record(struct find *f, uint64_t rid, struct resource *out, uint64_t *born)
{
	enum err e;

	e = gate_record(f->h.g, VIEW_SEARCH, rid, out, NULL, born);
	return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
}

/* In order of rids nothing but its birth is asked of the record. */
static enum err
offer_rid(struct find *f, uint64_t rid)
{
	struct resource r;
	uint64_t born;
	struct spot s;
	enum err e;

	spot_plain(rid, &s);
	if (!window_wants(f->w, &s))
		return OK;
	e = record(f, rid, &r, &born);
	if (e == OK && born <= f->w->place.ceiling)
		window_add(f->w, &s);
	return e;
}

static enum err
offer(void *arg, uint64_t rid, const struct row *row)
{
	struct find *f = arg;

	if (row != NULL)
		return find_offer(f, rid, 0, row);
	if (f->q->n_sort > 0)
		return rids_add(&f->h, &f->found, rid);
	f->w->total++;
	return offer_rid(f, rid);
}

enum err
find_spot(struct find *f, uint64_t rid, unsigned inner,
    const struct row *row, struct spot *out)
{
	struct resource r = { .id = f->inner_id };
	enum err e;

	if (f->by_id && inner == 0) {
		e = record(f, rid, &r, NULL);
		if (e != OK)
			return e;
	}
	sort_spot(f->q, rid, inner, r.id, row, out);
	return OK;
}

enum err
find_offer(struct find *f, uint64_t rid, unsigned inner,
    const struct row *row)
{
	struct spot s;
	enum err e;

	f->w->total++;
	if (row->born > f->w->place.ceiling)
		return OK;
	e = find_spot(f, rid, inner, row, &s);
	if (e == OK && window_wants(f->w, &s))
		window_add(f->w, &s);
	return e;
}

/* --- a crowd to be put in order ------------------------------------------ */

/* By the index where that pays, else by all the rows. */
static enum err
order_found(struct find *f)
{
	struct crowd c = { .rids = &f->found };
	struct row row;
	bool done;
	enum err e;
	size_t i;

	rids_sort(&f->found);
	c.n = f->found.n;
	e = c.n == 0 ? OK : sort_index(f, &c, &done);
	if (e != OK || c.n == 0)
		return e;
	for (i = 0; e == OK && !done && i < c.n; i++) {
		e = hunt_tick(&f->h);
		if (e == OK)
			e = hunt_row(&f->h, f->found.v[i], &row);
		if (e == OK)
			e = find_offer(f, f->found.v[i], 0, &row);
	}
	if (e == OK)
		f->w->total = c.n;
	return e;
}

/* --- one list that is the answer ----------------------------------------- */

/* Is there anything across the place that the page begins at? */
static enum err
look_across(struct find *f, struct gate_list *l)
{
	const struct page_at *p = &f->w->place;
	uint64_t rid, at = spot_number(&p->spot);
	enum err e;

	if (!p->bounded)
		return OK;
	e = gate_seek(l, p->back ? at : 0, &rid);
	if (e == OK && (p->back || rid <= at))
		f->w->other = true;
	return e == ERR_NOTFOUND ? OK : e;
}

/* The total is the length of the list; the page is read at its place. */
static enum err
read_list(struct find *f, struct bytes key)
{
	const struct page_at *p = &f->w->place;
	uint64_t rid = 0, born, at, n;
	struct gate_list l;
	struct resource r;
	struct spot s;
	enum err e;

	e = gate_list(f->h.g, f->q->type, key, &l, &n);
	if (e == OK) {
		f->w->total += n;
		e = look_across(f, &l);
	}
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	at = p->bounded ? spot_number(&p->spot) : p->back ? UINT64_MAX : 0;
	e = p->back ? gate_below(&l, at, &rid) :
	    gate_seek(&l, p->bounded ? at + 1 : 0, &rid);
	while (e == OK && f->w->n < f->w->cap) {
		e = record(f, rid, &r, &born);
		if (e != OK)
			return e;
		if (born <= p->ceiling) {
			spot_plain(rid, &s);
			window_add(f->w, &s);
		}
		e = hunt_tick(&f->h);
		if (e == OK)
			e = p->back ? gate_prev(&l, &rid) :
			    gate_next(&l, &rid);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* Is all that the query asks for one list of this type? */
static enum err
one_list(struct find *f, struct source *out)
{
	const struct query *q = f->q;
	struct gate *g = f->h.g;

	*out = (struct source){ .kind = SOURCE_NONE };
	if (gate_narrowed(g, q->type) || q->n_node > 0 ||
	    q->n_must > 1 || q->contained != CONTAINED_NO ||
	    view_reach(g->view, q->type, VIEW_SEARCH) != REACH_ALL)
		return OK;
	if (q->n_must == 0)
		return plan_type(g, f->h.arena, q->type, out);
	return plan_source(g, f->h.arena, q->type, &q->must[0], out);
}

static bool
is_answer(const struct source *s)
{
	return s->kind == SOURCE_LISTS && s->n_range == 1 && s->n_rid == 0 &&
	    s->exact;
}

/* One list is what is found, but its order is another. */
static enum err
order_list(struct find *f, const struct source *s, bool *done_out)
{
	struct crowd c = { .all = s->c == NULL, .n = s->size };
	enum err e;

	*done_out = false;
	if (!sort_index_can(f->h.g, f->q))
		return OK;
	e = gate_list(f->h.g, f->q->type, s->range[0].from, &c.list, &c.n);
	if (e == OK)
		e = sort_index(f, &c, done_out);
	if (e == OK && *done_out)
		f->w->total += c.n;
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- the goal ------------------------------------------------------------ */

/* So many resources at most will be asked about nodes. */
static enum err
candidates(struct find *f, uint64_t *out)
{
	struct arena *a = f->h.arena;
	const struct query *q = f->q;
	struct source s;
	enum err e;
	size_t i;

	*out = UINT64_MAX;
	/* Lengths of lists that content narrows speak of what is hidden. */
	if (view_reach(f->h.g->view, q->type, VIEW_SEARCH) != REACH_ALL ||
	    gate_narrowed(f->h.g, q->type))
		return OK;
	e = plan_type(f->h.g, a, q->type, &s);
	*out = s.size;
	for (i = 0; e == OK && i < q->n_must; i++) {
		e = plan_source(f->h.g, a, q->type, &q->must[i], &s);
		if (s.kind != SOURCE_NONE && s.size < *out)
			*out = s.size;
	}
	return e;
}

/* No more are left to ask about the others than where this one stands. */
static enum err
fewer(struct find *f, struct tree *t, uint64_t *few)
{
	struct source s;
	enum err e;

	if (!tree_open(&f->h, t->type) || f->q->contained != CONTAINED_NO) {
		if (t->how == TREE_RIDS && t->rids.n < *few)
			*few = t->rids.n;
		return OK;
	}
	e = tree_source(&f->h, t, &s);
	if (e == OK && s.kind != SOURCE_NONE && s.size < *few)
		*few = s.size;
	return e;
}

/* Nodes are prepared cheapest first: what they find narrows the others. */
static enum err
make_trees(struct find *f)
{
	const struct query *q = f->q;
	uint64_t few = UINT64_MAX;
	struct guess *cost;
	struct goal *goal = &f->goal;
	struct tree *t;
	enum err e;
	size_t i, next;
	bool *done;

	e = q->n_node == 0 ? OK : candidates(f, &few);
	/* No step to others is worth a look where nothing is left to ask. */
	f->nothing = e == OK && few == 0 && q->contained == CONTAINED_NO;
	if (e != OK || f->nothing)
		return e;
	cost = arena_array(f->h.arena, q->n_node, sizeof(*cost));
	done = arena_array(f->h.arena, q->n_node, sizeof(*done));
	goal->tree = arena_array(f->h.arena, q->n_node, sizeof(*goal->tree));
	for (i = 0; e == OK && i < q->n_node; i++)
		e = tree_cost(&f->h, q->type, &q->node[i], &cost[i]);
	while (e == OK && goal->n_tree < q->n_node) {
		for (i = 0, next = q->n_node; i < q->n_node; i++)
			if (!done[i] && (next == q->n_node ||
			    cost[i].rows < cost[next].rows))
				next = i;
		t = arena_alloc(f->h.arena, sizeof(*t));
		e = tree_new(&f->h, q->type, &q->node[next], few, t);
		if (e == OK)
			e = fewer(f, t, &few);
		done[next] = true;
		goal->tree[goal->n_tree++] = t;
	}
	return e;
}

static void
make_goal(struct find *f)
{
	const struct query *q = f->q;
	size_t i;

	f->goal.type = q->type;
	f->goal.want_row = q->n_sort > 0 && !sort_index_can(f->h.g, q);
	f->goal.must = arena_array(f->h.arena, q->n_must,
	    sizeof(*f->goal.must));
	for (i = 0; i < q->n_must; i++)
		f->goal.must[f->goal.n_must++] = &q->must[i];
}

enum err
find_run(struct gate *g, struct arena *a, const struct query *q,
    const struct page_ask *ask, struct issues *is, struct window *w)
{
	struct find f = {
		.h = { .g = g, .arena = a, .q = q, .ask = ask, .is = is,
		    .rows = w->rows },
		.q = q,
		.w = w,
		.by_id = sort_by_id(q),
	};
	bool done = false;
	struct source s;
	enum err e;

	if (view_reach(g->view, q->type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	e = one_list(&f, &s);
	if (e != OK)
		return e;
	if (is_answer(&s) && q->n_sort > 0) {
		e = order_list(&f, &s, &done);
		if (e != OK || done)
			return e;
	} else if (is_answer(&s)) {
		TRACE(ask, "answer", q->type, trace_name(s.c),
		    "one list is the answer, read at the page", s.size);
		return read_list(&f, s.range[0].from);
	}
	make_goal(&f);
	e = make_trees(&f);
	if (f.nothing)
		return e;
	/* Nearest to the place first: the rest is soon turned away. */
	if (e == OK && q->contained != CONTAINED_NO)
		e = find_contained(&f);
	else if (e == OK)
		e = goal_run(&f.h, &f.goal, w->place.back, offer, &f);
	if (e == OK && f.found.n > 0)
		e = order_found(&f);
	w->rows = f.h.rows;
	return e;
}
