/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cross.c -- read a source out of the index, and keep what several share.
 *
 * A page of postings costs less than the row of one candidate.  So a criterion
 * whose lists are known whole is not asked of rows, but met: its lists are
 * read, be it hundreds of them (a chain has one for each target), or sought
 * in, where they are long and candidates few; and what stands in none is a
 * candidate no more.
 *
 * For types that the view reaches all of, and that no content narrows.
 */
#include "store/hunt.h"

/* What it costs, in postings read in turn: measured, about 15 ns each. */
#define COST_LIST	16	/* to find a list */
#define COST_SEEK	16	/* to look for one rid in a list */
#define COST_ROW	64	/* to read the row of one rid */

struct reading {
	struct hunt		*h;
	const struct source	*s;
	struct rids		*to;
	bool			 spend;		/* of the budget, too */
};

/* Is there room for all of it, with as much again left? */
static bool
fits(const struct hunt *h, const struct source *s)
{
	uint64_t used = arena_used(h->arena), most = h->ask->max_memory;

	return most == 0 || (used < most &&
	    s->size < (most - used) / 2 / sizeof(*s->rid));
}

/* --- reading -------------------------------------------------------------- */

static enum err
add_block(void *arg, const uint64_t *rid, size_t n)
{
	struct reading *r = arg;
	enum err e;

	e = r->spend ? hunt_spend_all(r->h, n) : hunt_tick(r->h);
	return e == OK ? rids_add_all(r->h, r->to, rid, n) : e;
}

static enum err
add_one(void *arg, struct bytes key, uint64_t rid)
{
	struct reading *r = arg;
	enum err e;

	e = hunt_spend(r->h);
	if (e != OK ||
	    (r->s->by_key && !plan_key_match(r->s->c, key)))
		return e;
	return rids_add(r->h, r->to, rid);
}

static enum err
read_all(struct hunt *h, uint16_t type, const struct source *s, bool spend,
    struct rids *to)
{
	struct reading r = { h, s, to, spend };
	enum err e = OK;
	size_t i;

	/* Grown bit by bit, lists of many keys would be sorted each time. */
	if (to->cap == 0 && s->kind == SOURCE_LISTS && fits(h, s)) {
		to->cap = s->size;
		to->v = arena_array(h->arena, to->cap, sizeof(*to->v));
	}
	e = rids_add_all(h, to, s->rid, s->n_rid);
	for (i = 0; e == OK && i < s->n_range; i++)
		e = s->kind == SOURCE_LISTS && !s->by_key ?
		    gate_blocks(h->g, type, s->range[i].from, add_block,
		    &r) :
		    gate_range(h->g, type, s->range[i].from, s->range[i].to,
		    add_one, &r);
	rids_sort(to);
	return e;
}

enum err
cross_read(struct hunt *h, uint16_t type, const struct source *s,
    struct rids *to)
{
	/* Known to be too much before a single one is read. */
	if (s->kind == SOURCE_LISTS &&
	    s->size - s->n_rid > h->ask->max_rows)
		return hunt_costly(h);
	return read_all(h, type, s, true, to);
}

/* --- meeting -------------------------------------------------------------- */

/* What stands in both, both being sorted. */
static void
keep_common(struct rids *r, const struct rids *with)
{
	size_t i, j = 0, n = 0;

	for (i = 0; i < r->n; i++) {
		while (j < with->n && with->v[j] < r->v[i])
			j++;
		if (j < with->n && with->v[j] == r->v[i])
			r->v[n++] = r->v[i];
	}
	r->n = n;
}

/*
 * The same by seeking in one list: what it does not hold is passed over, as
 * far as its next one.
 */
static enum err
seek_in(struct hunt *h, uint16_t type, struct bytes key,
    const struct rids *r, struct rids *hits)
{
	struct gate_list l;
	uint64_t n, at;
	enum err e;
	size_t i = 0;

	e = gate_list(h->g, type, key, &l, &n);
	while (e == OK && i < r->n) {
		e = hunt_tick(h);
		if (e == OK)
			e = gate_seek(&l, r->v[i], &at);
		if (e == OK && at == r->v[i])
			e = rids_add(h, hits, r->v[i++]);
		else if (e == OK)
			i = rids_from(r, i, at);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* Each of n that stands in it is sought in each list, at most. */
static uint64_t
cost_of_seeking(const struct source *s, uint64_t n)
{
	return COST_SEEK * s->n_range * n + COST_LIST * s->n_range;
}

static uint64_t
cost_of_reading(const struct source *s)
{
	return COST_LIST * s->n_range + s->size;
}

enum err
cross_meet(struct hunt *h, uint16_t type, const struct source *s,
    struct rids *r)
{
	struct rids with = { .v = NULL };
	enum err e = OK;
	size_t i;

	/* Instead of more work, so nothing the budget has to know of. */
	if (s->kind == SOURCE_LISTS && fits(h, s) &&
	    cost_of_reading(s) < cost_of_seeking(s, r->n))
		e = read_all(h, type, s, false, &with);
	else {
		e = rids_add_all(h, &with, s->rid, s->n_rid);
		for (i = 0; e == OK && i < s->n_range; i++)
			e = seek_in(h, type, s->range[i].from, r, &with);
		rids_sort(&with);
	}
	if (e == OK)
		keep_common(r, &with);
	return e;
}

bool
cross_pays(const struct source *s, uint64_t n)
{
	uint64_t read = cost_of_reading(s), seek = cost_of_seeking(s, n);

	if (!s->exact || s->by_key || s->kind == SOURCE_NONE)
		return false;
	return s->kind == SOURCE_IDS || (s->kind == SOURCE_LISTS &&
	    (read < seek ? read : seek) < n * COST_ROW);
}
