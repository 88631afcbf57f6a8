/* SPDX-License-Identifier: Apache-2.0 */
/*
 * include_rev.c -- _revinclude: what refers to members of a page.
 *
 * It asks to search the types that refer, not only to read them: its answer
 * is what a search of that type by this reference would tell.  Of a type
 * that the view holds whole, the posting lists of the reference are read;
 * of any other the rows that a search of the view walks are gone through
 * once for all of the page, so that the work speaks of nothing but what is
 * held.  Of a type that content narrows those are the lists of the scope's
 * own criteria.
 *
 * Spec: DSTU2 search.html#revinclude; security SRC-03.
 */
#include <stdlib.h>

#include "store/hunt.h"
#include "store/show.h"

/* --- who is on the page: by type and id ----------------------------------- */

/* The members from..to of a page, sorted for bsearch. */
struct target {
	uint16_t	type;
	struct bytes	id;
	bool		first;		/* a match, not something brought */
};

static int
cmp_target(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return bytes_cmp(x->id, y->id);
}

static struct target *
targets(const struct bring *b, size_t from, size_t to)
{
	struct target *t = arena_array(b->arena, to - from, sizeof(*t));
	size_t i;

	for (i = from; i < to; i++) {
		t[i - from].type = bring_resource(b, i)->type;
		t[i - from].id = bring_resource(b, i)->id;
		t[i - from].first = i < b->n_match;
	}
	if (to - from > 1)
		qsort(t, to - from, sizeof(*t), cmp_target);
	return t;
}

/* --- which types and parameters ------------------------------------------- */

/* Does any _revinclude that is asked in this step name the type? */
static bool
wanted(const struct bring *b, uint16_t type, bool again)
{
	const struct include *in;
	size_t i;

	for (i = 0; i < b->q->n_revinclude; i++) {
		in = &b->q->revinclude[i];
		if ((!again || in->recurse) &&
		    (in->source == 0 || in->source == type))
			return true;
	}
	return false;
}

/* Is a reference by p to a target asked for? */
static bool
asked(const struct bring *b, const struct def_param *p, uint16_t target,
    bool first)
{
	const struct include *in;
	size_t i;

	for (i = 0; i < b->q->n_revinclude; i++) {
		in = &b->q->revinclude[i];
		if ((first || in->recurse) &&
		    (in->source == 0 || in->source == p->type) &&
		    (in->param == NULL || in->param == p) &&
		    (in->target == 0 || in->target == target))
			return true;
	}
	return false;
}

/* --- views of patients: rows ---------------------------------------------- */

struct walked {
	struct {
		uint64_t	 rid;
		struct row	 row;	/* lives as long as the snapshot */
	}		*row;
	size_t		 n, cap;
};

struct walk {
	struct bring	*b;
	struct walked	*w;
};

static enum err
spend(struct bring *b)
{
	if (++b->rows > b->ask->max_rows)
		return issue_add(b->is, ERR_COSTLY, "search-budget",
		    "?_revinclude", "what refers to the matches is more than "
		    "the server may look at; ask for smaller pages with "
		    "_count, or for less by _revinclude=Type:param");
	return bring_tick(b);
}

static enum err
seen_row(void *arg, uint64_t rid, const struct row *row)
{
	struct walk *w = arg;

	(void)rid;
	(void)row;
	return spend(w->b);
}

static enum err
keep_row(void *arg, uint64_t rid, const struct row *row)
{
	struct walk *x = arg;
	struct walked *w = x->w, more = *w;
	enum err e = spend(x->b);

	if (e != OK)
		return e;
	if (w->n == w->cap) {
		more.cap = w->cap == 0 ? 64 : 2 * w->cap;
		e = bring_room(x->b, more.cap * sizeof(*more.row));
		if (e != OK)
			return e;
		more.row = arena_array(x->b->arena, more.cap,
		    sizeof(*more.row));
		if (w->n > 0)
			memcpy(more.row, w->row, w->n * sizeof(*more.row));
		*w = more;
	}
	w->row[w->n].rid = rid;
	w->row[w->n++].row = *row;
	return OK;
}

/* The view holds some of the type's resources, and not all of them. */
static bool
in_part(const struct bring *b, uint16_t type)
{
	return view_reach(b->g->view, type, VIEW_SEARCH) != REACH_NONE &&
	    !view_whole(b->g->view, type, VIEW_SEARCH);
}

/* What a search of the type finds, where content narrows all of it. */
static enum err
walk_narrowed(struct walk *x, uint16_t type)
{
	const struct goal goal = { .type = type, .want_row = true };
	struct hunt h = { .g = x->b->g, .arena = x->b->arena,
	    .q = x->b->q, .ask = x->b->ask, .is = x->b->is };

	return goal_run(&h, &goal, false, keep_row, x);
}

static enum err
walk_type(struct walk *x, uint16_t type)
{
	return view_reach(x->b->g->view, type, VIEW_SEARCH) == REACH_ALL ?
	    walk_narrowed(x, type) : gate_rows(x->b->g, x->b->arena, type,
	    seen_row, keep_row, x);
}

/* Once for a page, whatever it is cut down to afterwards. */
static enum err
walk_rows(struct bring *b)
{
	struct walk x = { .b = b };
	uint16_t type;
	enum err e = OK;

	if (*b->walked != NULL)
		return OK;
	x.w = arena_alloc(b->arena, sizeof(*x.w));
	for (type = 1; e == OK && type <= DEF_TYPES; type++)
		if (in_part(b, type) && wanted(b, type, false))
			e = walk_type(&x, type);
	if (e == OK)
		*b->walked = x.w;
	return e;
}

/* Does the row refer to one of the targets in a way that is asked for? */
static bool
refers(struct bring *b, uint64_t rid, const struct row *row,
    const struct target *t, size_t n_t)
{
	struct target key;
	const struct target *at;
	const struct def_param *p;
	struct bytes entry;
	struct value v;
	size_t i, n;

	p = def_params(rid_type(rid), &n);
	for (i = 0; i < n; i++) {
		if (p[i].kind != PK_REFERENCE)
			continue;
		entry = bytes_of(NULL, 0);
		while (key_entry(NULL, row, p[i].num, &entry, &v)) {
			if (v.type == 0)
				continue;
			key.type = v.type;
			key.id = v.text;
			at = bsearch(&key, t, n_t, sizeof(*t), cmp_target);
			if (at != NULL && asked(b, &p[i], v.type, at->first))
				return true;
		}
	}
	return false;
}

/* What was held a moment ago by its row is held by its record, too. */
static enum err
bring_row(struct bring *b, uint64_t rid)
{
	enum err e;

	e = include_add(b->set, b->g, VIEW_SEARCH, rid, false,
	    b->ask->max_include);
	return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
}

static enum err
from_rows(struct bring *b, const struct target *t, size_t n_t)
{
	const struct walked *w;
	enum err e = walk_rows(b);
	size_t i;

	for (w = *b->walked, i = 0; e == OK && i < w->n; i++) {
		e = bring_tick(b);
		if (e == OK && refers(b, w->row[i].rid, &w->row[i].row, t,
		    n_t))
			e = bring_row(b, w->row[i].rid);
	}
	return e;
}

/* --- types that are held whole: postings ---------------------------------- */

static enum err
bring_posting(void *arg, struct bytes key, uint64_t rid)
{
	struct bring *b = arg;
	enum err e = spend(b);

	(void)key;
	return e == OK ? bring_row(b, rid) : e;
}

/*
 * What refers by p to one target.  Of a page of thousands there are lists by
 * the hundred thousand: none may take memory.
 */
static enum err
from_list(struct bring *b, const struct def_param *p, const struct target *t)
{
	struct key from, to;

	plan_reference(p, t->type, t->id, &from, &to);
	return gate_range(b->g, p->type, key_bytes(&from), key_bytes(&to),
	    bring_posting, b);
}

static enum err
from_lists(struct bring *b, uint16_t type, const struct target *t,
    size_t n_t)
{
	const struct def_param *p;
	enum err e = OK;
	size_t i, k, n;

	p = def_params(type, &n);
	for (k = 0; e == OK && k < n_t; k++) {
		e = bring_tick(b);
		for (i = 0; e == OK && i < n; i++)
			if (p[i].kind == PK_REFERENCE &&
			    asked(b, &p[i], t[k].type, t[k].first))
				e = from_list(b, &p[i], &t[k]);
	}
	return e;
}

enum err
include_reverse(struct bring *b, size_t from, size_t to)
{
	struct target *t = targets(b, from, to);
	bool again = from >= b->n_match, rows = false;
	uint16_t type;
	enum err e = OK;

	for (type = 1; e == OK && type <= DEF_TYPES; type++) {
		if (!wanted(b, type, again))
			continue;
		if (in_part(b, type))
			rows = true;
		else if (view_whole(b->g->view, type, VIEW_SEARCH))
			e = from_lists(b, type, t, to - from);
	}
	return e == OK && rows ? from_rows(b, t, to - from) : e;
}
