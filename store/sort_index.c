/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort_index.c -- fill a page by walking what is sorted by.
 *
 * A spot begins with the value that decides, so a key says how the spots of
 * what it stands for begin, or at the nearest may begin.  The walk ends where
 * no spot that begins so could enter the page: ties are walked through.
 * Where there is but one sort key, ties stand by rid, as in the list of the
 * key: then it ends within the list.
 */
#include "store/sort_index.h"
#include "store/trace.h"

#define PAYS	2	/* a posting met and not found, against a row read */

struct walk {
	struct find		*f;
	const struct crowd	*crowd;
	const struct sort_key	*by;
	struct window		*w;
	size_t			 n;		/* bytes of the first key */
	bool			 up;		/* through the keys */
	bool			 by_rid;	/* ties stand by rid */
	struct lane		*lane;
	size_t			 n_lane;
	struct gate_list	 list;
	uint64_t		 steps, limit;
	bool			 done, gave_up;
};

/* One key's list. */
struct here {
	struct bytes	key;
	bool		known;		/* ...how its spots begin: */
	struct spot	spot;
	bool		past;		/* rids are those beyond the place */
};

bool
sort_index_can(const struct gate *g, const struct query *q)
{
	return q->n_sort > 0 && lane_can(&q->sort[0]) && !q->every &&
	    q->contained == CONTAINED_NO && !gate_narrowed(g, q->type) &&
	    view_reach(g->view, q->type, VIEW_SEARCH) == REACH_ALL;
}

/* --- lanes ---------------------------------------------------------------- */

/* Where a lane stands, or that it is at its end. */
static enum err
stand(struct walk *k, struct lane *l, enum err e, struct bytes key)
{
	uint8_t value[SPOT_TEXT];

	l->key = bytes_of(NULL, 0);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	e = lane_near(l, key, k->up, value, k->n - 1);
	if (e != OK)
		return e;
	sort_rank(k->by, value, l->near);
	l->key = key;
	return OK;
}

static enum err
begin_lane(struct walk *k, struct lane *l)
{
	const struct page_at *p = &k->w->place;
	uint8_t value[1 + SPOT_TEXT];
	struct bytes key;
	enum err e;

	/* Turned twice it is as it was. */
	if (p->bounded)
		sort_rank(k->by, p->spot.b + 1, value);
	lane_cut(l, p->bounded ? value + 1 : NULL, k->n - 1, k->up);
	e = k->up ? gate_key_first(k->f->h.g, k->f->q->type,
	    key_bytes(&l->from), key_bytes(&l->to), &key) :
	    gate_key_last(k->f->h.g, k->f->q->type, key_bytes(&l->from),
	    key_bytes(&l->to), &key);
	return stand(k, l, e, key);
}

static enum err
next_key(struct walk *k, struct lane *l)
{
	struct key after = { .len = 0 };
	struct bytes key;
	enum err e;

	if (k->up) {
		key_add(&after, l->key);
		key_add_u8(&after, 0);
		e = gate_key_first(k->f->h.g, k->f->q->type,
		    key_bytes(&after), key_bytes(&l->to), &key);
	} else
		e = gate_key_last(k->f->h.g, k->f->q->type,
		    key_bytes(&l->from), l->key, &key);
	return stand(k, l, e, key);
}

/* The lane whose next may be nearest; NULL: all are at their end. */
static struct lane *
nearest(const struct walk *k)
{
	struct lane *best = NULL, *l;
	int order;

	for (l = k->lane; l < k->lane + k->n_lane; l++) {
		if (l->key.len == 0)
			continue;
		order = best == NULL ? 0 : memcmp(l->near, best->near, k->n);
		if (best == NULL || (k->w->place.back ? order > 0 :
		    order < 0))
			best = l;
	}
	return best;
}

/* --- one resource --------------------------------------------------------- */

static enum err
is_found(const struct walk *k, uint64_t rid, bool *hit_out)
{
	struct gate_list list = k->crowd->list;
	uint64_t at;
	enum err e;

	if (k->crowd->rids != NULL) {
		*hit_out = rids_has(k->crowd->rids, rid);
		return OK;
	}
	e = gate_seek(&list, rid, &at);
	*hit_out = e == OK && at == rid;
	return e == ERR_NOTFOUND ? OK : e;
}

/* Which value of the row is it that the key stands for? */
static void
learn(const struct walk *k, const struct row *row, struct here *at)
{
	struct key key[KEYS_VALUE];
	uint8_t value[SPOT_TEXT];
	struct bytes in = { NULL, 0 };
	struct value v;
	size_t i, n;

	while (!at->known &&
	    key_entry(NULL, row, k->by->param->num, &in, &v)) {
		n = key_index(k->f->q->type, &v, key);
		for (i = 0; i < n; i++)
			at->known |= bytes_eq(key_bytes(&key[i]), at->key);
		if (!at->known)
			continue;
		sort_value(k->by, &v, value);
		sort_rank(k->by, value, at->spot.b);
	}
}

static enum err
meet(struct walk *k, uint64_t rid, struct here *at)
{
	bool hit = k->crowd->all;	/* what stands under a key is there */
	struct spot s;
	struct row row;
	enum err e;

	e = hit ? OK : is_found(k, rid, &hit);
	if (e != OK || !hit)
		return e;
	e = hunt_row(&k->f->h, rid, &row);
	if (e != OK)
		return e;
	if (!at->known)
		learn(k, &row, at);
	if (row.born > k->w->place.ceiling)
		return OK;
	e = find_spot(k->f, rid, 0, &row, &s);
	if (e == OK && window_wants(k->w, &s) && !window_has(k->w, &s))
		window_add(k->w, &s);
	return e;
}

/* --- one key -------------------------------------------------------------- */

/* Can nothing more of this list enter? */
static bool
is_over(const struct walk *k, struct here *at, uint64_t rid)
{
	if (!at->known)
		return false;
	if (!k->by_rid)
		return window_beyond(k->w, at->spot.b, k->n) ||
		    window_across(k->w, at->spot.b, k->n);
	key_put_be64(at->spot.b + k->n, rid);
	return window_beyond(k->w, at->spot.b, at->spot.len) ||
	    window_across(k->w, at->spot.b, k->n);
}

/* Does the place lie within this list? */
static bool
holds_place(const struct walk *k, const struct here *at)
{
	return at->known && k->by_rid && k->w->place.bounded &&
	    memcmp(at->spot.b, k->w->place.spot.b, k->n) == 0;
}

/* The first of the list, beyond the place where that lies in it. */
static enum err
first_rid(struct walk *k, struct here *at, uint64_t *rid_out)
{
	bool back = k->w->place.back;
	uint64_t from = back ? UINT64_MAX : 0;

	at->past = holds_place(k, at);
	if (at->past)
		from = spot_number(&k->w->place.spot) + (back ? 0 : 1);
	return back ? gate_below(&k->list, from, rid_out) :
	    gate_seek(&k->list, from, rid_out);
}

static enum err
step(struct walk *k)
{
	k->gave_up = ++k->steps > k->limit;
	return hunt_tick(&k->f->h);
}

static enum err
walk_list(struct walk *k, struct here *at)
{
	uint64_t rid = 0;
	enum err e;

	gate_list_turn(&k->list, at->key);
	for (e = first_rid(k, at, &rid); e == OK && !is_over(k, at, rid);) {
		e = step(k);
		if (e == OK && !k->gave_up)
			e = meet(k, rid, at);
		if (e != OK || k->gave_up)
			return e;
		if (!at->past && holds_place(k, at))
			e = first_rid(k, at, &rid);
		else
			e = k->w->place.back ? gate_prev(&k->list, &rid) :
			    gate_next(&k->list, &rid);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
walk_key(struct walk *k, const struct lane *l)
{
	struct here at = { .key = l->key };
	uint8_t value[SPOT_TEXT];
	enum lane_says says;
	enum err e;

	at.spot.len = k->n + sizeof(uint64_t);
	says = lane_value(l, l->key, value, k->n - 1);
	e = step(k);
	if (e != OK || k->gave_up || says == LANE_SKIP)
		return e;
	at.known = says == LANE_EXACT;
	if (at.known)
		sort_rank(k->by, value, at.spot.b);
	return walk_list(k, &at);
}

/* --- all ------------------------------------------------------------------ */

/* Walk to the end of the page; backwards, or to the beginning. */
static enum err
walk(struct walk *k)
{
	struct lane *l;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < k->n_lane; i++)
		e = begin_lane(k, &k->lane[i]);
	while (e == OK) {
		l = nearest(k);
		k->done = l == NULL ? k->w->place.back :
		    window_beyond(k->w, l->near, k->n);
		if (l == NULL || k->done)
			return OK;
		e = walk_key(k, l);
		if (k->gave_up)
			return e;
		if (e == OK)
			e = next_key(k, l);
	}
	return e;
}

static enum err
walk_window(struct walk *k, struct window *w)
{
	k->w = w;
	k->up = k->by->descending == w->place.back;
	k->done = k->gave_up = false;
	lane_new(k->f->h.arena, k->f->q->type, k->by, &k->lane, &k->n_lane);
	return walk(k);
}

/* The entry that the place was taken from mostly still stands there. */
static enum err
look_at_place(struct walk *k)
{
	uint64_t rid = spot_number(&k->f->w->place.spot);
	struct spot s;
	struct row row;
	enum err e;
	bool hit;

	if (rid_type(rid) != k->f->q->type)
		return OK;
	e = is_found(k, rid, &hit);
	if (e == OK && hit)
		e = hunt_row(&k->f->h, rid, &row);
	if (e != OK || !hit || row.born > k->f->w->place.ceiling)
		return e;
	e = find_spot(k->f, rid, 0, &row, &s);
	if (e == OK)
		(void)window_wants(k->f->w, &s);
	return e;
}

/* Is there anything across the place?  One that is, is enough. */
static enum err
look_across(struct walk *k)
{
	struct window one = { .place = k->f->w->place, .cap = 1 };
	enum err e;

	if (!one.place.bounded || k->f->w->other)
		return OK;
	e = look_at_place(k);
	if (e != OK || k->f->w->other)
		return e;
	one.place.back = !one.place.back;
	one.spot = arena_array(k->f->h.arena, 1, one.place.spot.len);
	e = walk_window(k, &one);
	k->f->w->other = one.n > 0;
	k->done = k->done || one.n > 0;
	return e;
}

/* A page shorter than its crowd, and keys between its entries to be passed. */
static enum err
pays(const struct find *f, const struct crowd *c, bool *out)
{
	struct source all;
	enum err e;

	*out = false;
	/* What has no value stands last: no key leads there. */
	if (f->w->place.bounded ? f->w->place.spot.b[0] != 0 :
	    f->w->place.back)
		return OK;
	e = plan_type(f->h.g, f->h.arena, f->q->type, &all);
	if (e == OK)
		*out = all.size < UINT32_MAX && c->n < UINT32_MAX &&
		    PAYS * f->w->cap * all.size <= c->n * c->n;
	return e;
}

enum err
sort_index(struct find *f, const struct crowd *c, bool *done_out)
{
	struct walk k = { .f = f, .crowd = c, .by = &f->q->sort[0],
	    .n = sort_width(f->q), .by_rid = f->q->n_sort == 1,
	    .limit = c->n };
	struct key any = key_start(k.by->param->num);
	uint64_t n;
	enum err e;
	bool pay;

	*done_out = f->w->cap == 0;	/* to be counted alone */
	if (*done_out)
		return OK;
	e = pays(f, c, &pay);
	if (e != OK || !pay)
		return e;
	/* For its cursor alone: nothing stands under the key of nothing. */
	e = gate_list(f->h.g, f->q->type, key_bytes(&any), &k.list, &n);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	e = walk_window(&k, f->w);
	if (e == OK && k.done)
		e = look_across(&k);
	TRACE(f->h.ask, "order", f->q->type, bytes_str(k.by->param->code),
	    k.done ? "keys of what is sorted by, from the page on" :
	    "keys of what is sorted by, given up", k.steps);
	*done_out = k.done;
	if (!k.done) {
		f->w->n = 0;
		f->w->other = false;
	}
	return e;
}
