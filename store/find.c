/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.c -- run a query: rows of patients, or postings over all of them.
 *
 * A view restricted to patients walks their rows, whatever the query: the
 * time and the work it takes depend on what it may see and on nothing else.
 * A view of everything starts from the shortest source (plan.h), asks other
 * posting lists by seeking in them, and the row only about what is left.
 * Totals are exact: past the budget there is no answer at all.
 */
#include <stdlib.h>

#include "store/find.h"
#include "store/plan.h"

#define PROBES	8	/* lists of one criterion to seek in; beyond: rows */
#define TICK	1024	/* rows between two looks at the clock */

/* A criterion answered by seeking: one of these lists has the rid. */
struct probe {
	struct gate_list	*list;
	size_t			 n;
};

struct find {
	struct gate		*g;
	struct arena		*arena;
	const struct query	*q;
	const struct page_ask	*ask;
	struct issues		*is;
	struct window		*w;
	struct filter		 filter;
	struct source		 lead;
	struct probe		*probe;
	size_t			 n_probe;
	uint64_t		*rid;		/* candidates */
	size_t			 n_rid, cap_rid;
	uint64_t		 owner;		/* of the last row read */
	uint64_t		 rows, ticks;	/* of the budget */
	bool			 by_id;		/* the order asks for ids */
};

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
		p = def_param(q->type, bytes_str(codes[i]));
		for (j = 0; p != NULL && j < q->n_must; j++)
			if (q->must[j].param->num == p->num)
				p = NULL;
		if (p != NULL)
			return codes[i];
	}
	return "_id";
}

static enum err
costly(const struct find *f)
{
	const char *code = narrower(f->q);

	/* All rows of a patient are looked at, whatever is asked. */
	if (view_reach(f->g->view, f->q->type, VIEW_SEARCH) != REACH_ALL)
		return issue_add(f->is, ERR_COSTLY, "search-budget", NULL,
		    "the record holds more resources than the server may "
		    "look at in one search");
	return issue_add(f->is, ERR_COSTLY, "search-budget",
	    arena_printf(f->arena, "?%s", code),
	    "the search would look at more than the server allows; add or "
	    "narrow \"%s\"", code);
}

static enum err
tick(struct find *f)
{
	if (++f->ticks % TICK == 0 && f->ask->spent != NULL &&
	    f->ask->spent(f->ask->spent_arg))
		return costly(f);
	return OK;
}

/* One more row looked at. */
static enum err
spend(struct find *f)
{
	if (++f->rows > f->ask->max_rows)
		return costly(f);
	return tick(f);
}

/* --- patients ------------------------------------------------------------ */

static enum err
offer(struct find *f, uint64_t rid, const struct row *row)
{
	struct resource r = { .id = { NULL, 0 } };
	struct spot s;
	enum err e;

	f->w->total++;
	if (row->born > f->w->place.ceiling)
		return OK;
	if (f->by_id) {
		e = gate_record(f->g, VIEW_SEARCH, rid, &r, NULL, NULL);
		if (e != OK)
			return e == ERR_NOTFOUND || e == ERR_GONE ?
			    ERR_STORE : e;
	}
	sort_spot(f->q, rid, r.id, row, &s);
	if (window_wants(f->w, &s))
		window_add(f->w, &s);
	return OK;
}

static enum err
judge_row(void *arg, uint64_t rid, const struct row *row)
{
	struct find *f = arg;
	enum err e;

	e = spend(f);
	if (e == OK && filter_row(&f->filter, rid, row))
		e = offer(f, rid, row);
	return e;
}

/* A row that may lead to shared resources is one looked at. */
static enum err
count_row(void *arg, uint64_t rid, const struct row *row)
{
	(void)rid;
	(void)row;
	return spend(arg);
}

static enum err
find_patients(struct find *f)
{
	const struct pin *by = NULL;
	struct pin pin;
	enum err e;
	size_t i;

	for (i = 0; i < f->q->n_must; i++) {
		e = filter_add(&f->filter, f->g, f->q->type, &f->q->must[i]);
		if (e != OK)
			return e;
		if (by == NULL && gate_pin(f->arena, f->q->type,
		    &f->q->must[i], &pin))
			by = &pin;
	}
	return gate_rows_of(f->g, f->arena, f->q->type, by, count_row,
	    judge_row, f);
}

/* --- everything: the plan ------------------------------------------------ */

static enum err
add_probe(struct find *f, const struct source *s)
{
	struct probe *p = &f->probe[f->n_probe++];
	uint64_t n;
	enum err e;
	size_t i;

	p->list = arena_array(f->arena, s->n_range, sizeof(*p->list));
	for (i = 0; i < s->n_range; i++) {
		e = gate_list(f->g, f->q->type, s->range[i].from,
		    &p->list[p->n], &n);
		if (e == OK)
			p->n++;
		else if (e != ERR_NOTFOUND)
			return e;
	}
	return OK;
}

/* Choose where to begin, and how to ask about the rest. */
static enum err
make_plan(struct find *f)
{
	struct source *source, *lead, *s;
	size_t i, n = f->q->n_must;
	enum err e;

	source = arena_array(f->arena, n + 1, sizeof(*source));
	lead = &source[n];
	e = plan_type(f->g, f->arena, f->q->type, lead);
	for (i = 0; e == OK && i < n; i++) {
		s = &source[i];
		e = plan_source(f->g, f->arena, f->q->type, &f->q->must[i],
		    s);
		if (s->kind != SOURCE_NONE && s->size <= lead->size)
			lead = s;
	}
	for (i = 0; e == OK && i < n; i++) {
		s = &source[i];
		if (s == lead && s->exact)
			continue;
		if (s != lead && s->kind == SOURCE_LISTS && s->exact &&
		    s->n_range <= PROBES)
			e = add_probe(f, s);
		else
			e = filter_add(&f->filter, f->g, f->q->type,
			    &f->q->must[i]);
	}
	if (e == OK)
		f->lead = *lead;
	return e;
}

/* --- everything: one list that is the answer ----------------------------- */

static bool
list_is_answer(const struct find *f)
{
	const struct source *s = &f->lead;

	return !gate_narrowed(f->g, f->q->type) &&
	    s->kind == SOURCE_LISTS && s->n_range == 1 && s->exact &&
	    s->of_type && f->n_probe == 0 && f->filter.n == 0 &&
	    f->q->n_sort == 0;
}

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
	f->w->other = e == OK && (p->back || rid <= at);
	return e == ERR_NOTFOUND ? OK : e;
}

/* The total is the length of the list; the page is read at its place. */
static enum err
find_list(struct find *f)
{
	const struct page_at *p = &f->w->place;
	uint64_t rid = 0, born, at;
	struct gate_list l;
	struct resource r;
	struct spot s;
	enum err e;

	e = gate_list(f->g, f->q->type, f->lead.range[0].from, &l,
	    &f->w->total);
	if (e == OK)
		e = look_across(f, &l);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	at = p->bounded ? spot_number(&p->spot) : p->back ? UINT64_MAX : 0;
	e = p->back ? gate_below(&l, at, &rid) :
	    gate_seek(&l, p->bounded ? at + 1 : 0, &rid);
	while (e == OK && f->w->n < f->w->cap) {
		e = gate_record(f->g, VIEW_SEARCH, rid, &r, NULL, &born);
		if (e != OK)
			return e == ERR_NOTFOUND || e == ERR_GONE ?
			    ERR_STORE : e;
		if (born <= p->ceiling) {
			spot_plain(rid, &s);
			window_add(f->w, &s);
		}
		e = tick(f);
		if (e == OK)
			e = p->back ? gate_prev(&l, &rid) :
			    gate_next(&l, &rid);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- everything: candidates ---------------------------------------------- */

static enum err
collect(void *arg, struct bytes key, uint64_t rid)
{
	struct find *f = arg;
	uint64_t *more;
	enum err e;

	e = spend(f);
	if (e != OK)
		return e;
	if (f->lead.by_key && !plan_key_match(f->lead.c, key))
		return OK;
	if (f->n_rid == f->cap_rid) {
		f->cap_rid = f->cap_rid == 0 ? 256 : 2 * f->cap_rid;
		more = arena_array(f->arena, f->cap_rid, sizeof(*more));
		if (f->n_rid > 0)
			memcpy(more, f->rid, f->n_rid * sizeof(*more));
		f->rid = more;
	}
	f->rid[f->n_rid++] = rid;
	return OK;
}

static int
cmp_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A resource may stand in several lists, or twice in a range. */
static void
sort_unique(struct find *f)
{
	size_t i, n = 0;

	if (f->n_rid > 1)
		qsort(f->rid, f->n_rid, sizeof(*f->rid), cmp_u64);
	for (i = 0; i < f->n_rid; i++)
		if (i == 0 || f->rid[i] != f->rid[i - 1])
			f->rid[n++] = f->rid[i];
	f->n_rid = n;
}

static enum err
gather(struct find *f)
{
	const struct source *s = &f->lead;
	enum err e = OK;
	size_t i;

	if (s->kind == SOURCE_IDS) {
		f->rid = s->rid;
		f->n_rid = s->n_rid;
		return OK;
	}
	/* Known to be too much before a single one is read. */
	if (s->kind == SOURCE_LISTS && s->of_type && s->n_range == 1) {
		if (s->size > f->ask->max_rows)
			return costly(f);
		f->cap_rid = (size_t)s->size;
		f->rid = arena_array(f->arena, f->cap_rid, sizeof(*f->rid));
	}
	for (i = 0; e == OK && i < s->n_range; i++)
		e = gate_range(f->g, f->q->type, s->range[i].from,
		    s->range[i].to, collect, f);
	if (e == OK && (s->kind == SOURCE_RANGES || s->n_range > 1))
		sort_unique(f);
	return e;
}

static enum err
probe_all(struct find *f, uint64_t rid, bool *hit_out)
{
	const struct probe *p;
	uint64_t at;
	enum err e;
	size_t i, j;

	*hit_out = true;
	for (i = 0; *hit_out && i < f->n_probe; i++) {
		p = &f->probe[i];
		*hit_out = false;
		for (j = 0; !*hit_out && j < p->n; j++) {
			e = gate_seek(&p->list[j], rid, &at);
			if (e != OK && e != ERR_NOTFOUND)
				return e;
			*hit_out = e == OK && at == rid;
		}
	}
	return OK;
}

/*
 * A resource has one row, under its owner.  Its record says who that is; but
 * neighbours are mostly of one patient, so the last owner is tried first.
 */
static enum err
find_row(struct find *f, uint64_t rid, struct row *out)
{
	struct resource r;
	enum err e;

	e = gate_row(f->g, f->owner, rid, out);
	if (e != ERR_NOTFOUND)
		return e;
	e = gate_record(f->g, VIEW_SEARCH, rid, &r, &f->owner, NULL);
	if (e == OK)
		e = gate_row(f->g, f->owner, rid, out);
	/* Not held by its content; or what one database has, another lacks. */
	if (e == ERR_NOTFOUND && gate_narrowed(f->g, f->q->type))
		return e;
	return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
}

static enum err
judge_by_row(struct find *f, uint64_t rid)
{
	struct row row;
	enum err e;

	e = find_row(f, rid, &row);
	if (e == OK && filter_row(&f->filter, rid, &row))
		e = offer(f, rid, &row);
	return e == ERR_NOTFOUND ? OK : e;
}

/* In order of rids nothing but its birth is asked of the record. */
static enum err
judge_by_rid(struct find *f, uint64_t rid)
{
	struct spot s;
	struct resource r;
	uint64_t born;
	enum err e;

	spot_plain(rid, &s);
	f->w->total++;
	if (!window_wants(f->w, &s))
		return OK;
	e = gate_record(f->g, VIEW_SEARCH, rid, &r, NULL, &born);
	if (e != OK)
		return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
	if (born <= f->w->place.ceiling)
		window_add(f->w, &s);
	return OK;
}

static enum err
judge(struct find *f)
{
	bool by_row = f->filter.n > 0 || f->q->n_sort > 0 ||
	    gate_narrowed(f->g, f->q->type), hit;
	uint64_t rid;
	enum err e;
	size_t i;

	for (i = 0; i < f->n_rid; i++) {
		/* Nearest to the place first: the rest is soon turned away. */
		rid = f->w->place.back ? f->rid[f->n_rid - 1 - i] : f->rid[i];
		e = tick(f);
		if (e == OK)
			e = probe_all(f, rid, &hit);
		if (e == OK && hit)
			e = by_row ? judge_by_row(f, rid) :
			    judge_by_rid(f, rid);
		if (e != OK)
			return e;
	}
	return OK;
}

static enum err
find_all(struct find *f)
{
	enum err e;

	f->probe = arena_array(f->arena, f->q->n_must, sizeof(*f->probe));
	e = make_plan(f);
	if (e == OK && list_is_answer(f))
		return find_list(f);
	if (e == OK)
		e = gather(f);
	return e == OK ? judge(f) : e;
}

enum err
find_run(struct gate *g, struct arena *a, const struct query *q,
    const struct page_ask *ask, struct issues *is, struct window *w)
{
	struct find f = {
		.g = g,
		.arena = a,
		.q = q,
		.ask = ask,
		.is = is,
		.w = w,
		.filter = filter_new(a, q->n_must),
		.by_id = sort_by_id(q),
	};

	switch (view_reach(g->view, q->type, VIEW_SEARCH)) {
	case REACH_ALL:
		return find_all(&f);
	case REACH_RELATION:
	case REACH_PATIENTS:
		return find_patients(&f);
	case REACH_NONE:
		break;
	}
	return ERR_FORBIDDEN;
}
