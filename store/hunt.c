/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hunt.c -- what a search may cost, and the sets it works with.
 *
 * Past the budget there is no answer at all.  Sets are sorted arrays: their
 * size is known, and nobody's choice of ids makes them slow.
 */
#include <stdlib.h>

#include "store/hunt.h"

/* --- budget -------------------------------------------------------------- */

/* What would narrow it most: the first of these that the type knows. */
static const char *
narrower(const struct query *q)
{
	static const char *const codes[] = { "patient", "subject",
	    "identifier", "code", "date", "name", "_lastUpdated" };
	const struct def_param *p;
	size_t i, j;

	for (i = 0; i < N_ELEM(codes); i++) {
		p = def_param(q->every ? 0 : q->type, bytes_str(codes[i]));
		for (j = 0; p != NULL && j < q->n_must; j++)
			if (q->must[j].param->num == p->num)
				p = NULL;
		if (p != NULL)
			return codes[i];
	}
	return "_id";
}

enum err
hunt_costly(const struct hunt *h)
{
	const char *code = narrower(h->q);

	/* All rows of a patient are looked at, whatever is asked. */
	if (view_reach(h->g->view, h->q->type, VIEW_SEARCH) != REACH_ALL)
		return issue_add(h->is, ERR_COSTLY, "search-budget", NULL,
		    "the record holds more resources than the server may "
		    "look at in one search");
	return issue_add(h->is, ERR_COSTLY, "search-budget",
	    arena_printf(h->arena, "?%s", code),
	    "the search would look at more than the server allows; add or "
	    "narrow \"%s\"", code);
}

enum err
hunt_clock(const struct hunt *h)
{
	return h->ask->spent != NULL && h->ask->spent(h->ask->spent_arg) ?
	    hunt_costly(h) : OK;
}

enum err
hunt_spend_all(struct hunt *h, uint64_t n)
{
	uint64_t before = h->ticks / HUNT_TICK;

	h->rows += n;
	h->ticks += n;
	if (h->rows > h->ask->max_rows)
		return hunt_costly(h);
	return h->ticks / HUNT_TICK > before ? hunt_clock(h) : OK;
}

enum err
hunt_room(const struct hunt *h, size_t len)
{
	if (h->ask->max_memory != 0 &&
	    arena_used(h->arena) + len > h->ask->max_memory)
		return hunt_costly(h);
	return OK;
}

/*
 * A resource has one row, under its owner.  Its record says who that is; but
 * neighbours are mostly of one patient, so the last owner is tried first.
 */
enum err
hunt_row(struct hunt *h, uint64_t rid, struct row *out)
{
	struct resource r;
	enum err e;

	e = gate_row(h->g, h->owner, rid, out);
	if (e != ERR_NOTFOUND)
		return e;
	e = gate_record(h->g, VIEW_SEARCH, rid, &r, &h->owner, NULL);
	if (e == OK)
		e = gate_row(h->g, h->owner, rid, out);
	/* Not held by its content; or what one database has, another lacks. */
	if (e == ERR_NOTFOUND && gate_narrowed(h->g, rid_type(rid)))
		return e;
	return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
}

/* --- sets ---------------------------------------------------------------- */

void
rids_sort(struct rids *r)
{
	if (!r->sorted)
		r->n = rid_sort(r->v, r->n);
	r->sorted = true;
}

/* Room for more; the old array stays in the arena, so it counts, too. */
static enum err
grow(struct hunt *h, void **p, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 256 : 2 * *cap;
	void *to;
	enum err e;

	e = hunt_room(h, more * size);
	if (e != OK)
		return e;
	to = arena_array(h->arena, more, size);
	if (n > 0)
		memcpy(to, *p, n * size);
	*p = to;
	*cap = more;
	return OK;
}

enum err
rids_add(struct hunt *h, struct rids *r, uint64_t rid)
{
	void *p = r->v;
	enum err e = OK;

	if (r->n == r->cap) {
		rids_sort(r);
		if (r->n > r->cap / 2 || r->cap == 0)
			e = grow(h, &p, r->n, &r->cap, sizeof(*r->v));
	}
	if (e != OK)
		return e;
	r->v = p;
	r->sorted = r->n == 0 || (r->sorted && r->v[r->n - 1] < rid);
	r->v[r->n++] = rid;
	return OK;
}

enum err
rids_add_all(struct hunt *h, struct rids *r, const uint64_t *rid, size_t n)
{
	enum err e = OK;
	size_t part;

	while (e == OK && n > 0) {
		/* At the end of the room it sees to more itself. */
		e = rids_add(h, r, *rid++);
		n--;
		if (e != OK || n == 0)
			return e;
		part = r->cap - r->n < n ? r->cap - r->n : n;
		if (part == 0)
			continue;
		r->sorted = r->sorted && r->v[r->n - 1] < rid[0];
		memcpy(r->v + r->n, rid, part * sizeof(*rid));
		r->n += part;
		rid += part;
		n -= part;
	}
	return e;
}

bool
rids_has(const struct rids *r, uint64_t rid)
{
	return r->n > 0 && bsearch(&rid, r->v, r->n, sizeof(rid),
	    rid_cmp) != NULL;
}

size_t
rids_from(const struct rids *r, size_t i, uint64_t rid)
{
	size_t step = 1, end, middle;

	/* Mostly it is near: twice as far each time, then between. */
	while (i + step < r->n && r->v[i + step] < rid) {
		i += step;
		step *= 2;
	}
	end = i + step < r->n ? i + step : r->n;
	while (i < end) {
		middle = i + (end - i) / 2;
		if (r->v[middle] < rid)
			i = middle + 1;
		else
			end = middle;
	}
	return i;
}

static int
cmp_bytes(const void *a, const void *b)
{
	return bytes_cmp(*(const struct bytes *)a, *(const struct bytes *)b);
}

void
ids_sort(struct ids *s)
{
	size_t i, n = 0;

	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), cmp_bytes);
	for (i = 0; i < s->n; i++)
		if (n == 0 || !bytes_eq(s->v[n - 1], s->v[i]))
			s->v[n++] = s->v[i];
	s->n = n;
}

enum err
ids_add(struct hunt *h, struct ids *s, struct bytes id)
{
	void *p = s->v;
	enum err e = OK;

	/* Runs of one patient's resources name the patient again and again. */
	if (s->n > 0 && bytes_eq(s->v[s->n - 1], id))
		return OK;
	if (s->n == s->cap) {
		ids_sort(s);
		if (s->n > s->cap / 2 || s->cap == 0)
			e = grow(h, &p, s->n, &s->cap, sizeof(*s->v));
	}
	if (e != OK)
		return e;
	s->v = p;
	s->v[s->n++] = id;
	return OK;
}

bool
ids_has(const struct ids *s, struct bytes id)
{
	return s->n > 0 && bsearch(&id, s->v, s->n, sizeof(id),
	    cmp_bytes) != NULL;
}
