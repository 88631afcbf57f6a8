/* SPDX-License-Identifier: Apache-2.0 */
/*
 * goal.c -- find the resources of a type that satisfy something.
 *
 * A view restricted to patients walks their rows, whatever is asked: the time
 * and the work it takes depend on what it may see and on nothing else.  A
 * view of all starts from the shortest source (plan.h), meets it with others
 * (cross.c), and asks the row only about what is left.
 */
#include "store/hunt.h"
#include "store/trace.h"

/* A goal under way. */
struct chase {
	struct hunt		*h;
	const struct goal	*goal;
	goal_fn			*fn;
	void			*arg;
	struct filter		 filter;
	struct tree		**tree;		/* to be asked of each... */
	size_t			 n_tree;
	struct tree		**early;	/* ...by its rid alone */
	size_t			 n_early;
	struct source		 all, *must_at, *tree_at;
	const struct source	*lead;		/* one of these */
	struct rids		 rids;		/* candidates */
	uint64_t		 read;		/* rows of theirs */
};

struct goal
goal_of(struct arena *a, struct tree *t)
{
	size_t n = t->how == TREE_AND ? t->node->n_kid : 1, i;
	struct goal g = { .type = t->type };
	struct tree *kid;

	g.must = arena_array(a, n, sizeof(*g.must));
	g.tree = arena_array(a, n, sizeof(*g.tree));
	for (i = 0; i < n; i++) {
		kid = t->how == TREE_AND ? &t->kid[i] : t;
		if (kid->how == TREE_LEAF)
			g.must[g.n_must++] = &kid->node->leaf;
		else
			g.tree[g.n_tree++] = kid;
	}
	return g;
}

/* --- one candidate ------------------------------------------------------- */

static enum err
judge_row(struct chase *c, uint64_t rid, const struct row *row)
{
	struct asked s UNINIT;
	enum err e;
	bool hit;
	size_t i;

	asked_plain(&s, c->h->g, rid, row);
	e = filter_ask(&c->filter, &s, &hit);
	for (i = 0; e == OK && hit && i < c->n_tree; i++)
		e = tree_ask(c->h, c->tree[i], &s, &hit);
	return e == OK && hit ? c->fn(c->arg, rid, row) : e;
}

/* --- patients ------------------------------------------------------------ */

static enum err
walk_row(void *arg, uint64_t rid, const struct row *row)
{
	struct chase *c = arg;
	enum err e;

	e = hunt_spend(c->h);
	return e == OK ? judge_row(c, rid, row) : e;
}

/* A row that may lead to shared resources is one looked at. */
static enum err
count_row(void *arg, uint64_t rid, const struct row *row)
{
	struct chase *c = arg;

	(void)rid;
	(void)row;
	return hunt_spend(c->h);
}

static enum err
run_patients(struct chase *c)
{
	const struct goal *goal = c->goal;
	const struct pin *by = NULL;
	uint64_t before;
	struct pin pin;
	enum err e;
	size_t i;

	for (i = 0; i < goal->n_must; i++) {
		e = filter_add(&c->filter, c->h->g, goal->type,
		    goal->must[i]);
		if (e != OK)
			return e;
		if (by == NULL && gate_pin(c->h->arena, goal->type,
		    goal->must[i], &pin))
			by = &pin;
	}
	c->tree = goal->tree;
	c->n_tree = goal->n_tree;
	before = c->h->rows;
	e = gate_rows_of(c->h->g, c->h->arena, goal->type, by, count_row,
	    walk_row, c);
	TRACE(c->h->ask, "rows", goal->type, bytes_of(NULL, 0),
	    "rows of the view's patients, one by one", c->h->rows - before);
	return e;
}

/* --- all of a type: the plan --------------------------------------------- */

static enum err
all_sources(struct chase *c)
{
	const struct goal *goal = c->goal;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < goal->n_must; i++)
		e = plan_source(c->h->g, c->h->arena, goal->type,
		    goal->must[i], &c->must_at[i]);
	for (i = 0; e == OK && i < goal->n_tree; i++)
		e = tree_source(c->h, goal->tree[i], &c->tree_at[i]);
	return e;
}

static void
shorter(const struct source *s, size_t n, const struct source **lead)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i].kind != SOURCE_NONE && s[i].size <= (*lead)->size)
			*lead = &s[i];
}

/* What there is to begin with. */
static void
trace_sources(const struct chase *c)
{
	const struct goal *goal = c->goal;
	const struct page_ask *ask = c->h->ask;
	size_t i;

	if (ask->trace == NULL)
		return;
	TRACE(ask, "source", goal->type, bytes_of(NULL, 0),
	    "every resource of the type", c->all.size);
	for (i = 0; i < goal->n_must; i++)
		TRACE(ask, "source", goal->type, trace_name(goal->must[i]),
		    trace_source(&c->must_at[i]), c->must_at[i].size);
	for (i = 0; i < goal->n_tree; i++)
		TRACE(ask, "source", goal->type, goal->tree[i]->node->name,
		    trace_source(&c->tree_at[i]), c->tree_at[i].size);
	TRACE(ask, "begin", goal->type, trace_name(c->lead->c),
	    trace_source(c->lead), c->lead->size);
}

/* Choose where to begin, and read that. */
static enum err
gather(struct chase *c)
{
	struct arena *a = c->h->arena;
	const struct goal *goal = c->goal;
	enum err e;

	c->must_at = arena_array(a, goal->n_must, sizeof(*c->must_at));
	c->tree_at = arena_array(a, goal->n_tree, sizeof(*c->tree_at));
	e = plan_type(c->h->g, a, goal->type, &c->all);
	if (e == OK)
		e = all_sources(c);
	if (e != OK)
		return e;
	c->lead = &c->all;
	shorter(c->must_at, goal->n_must, &c->lead);
	shorter(c->tree_at, goal->n_tree, &c->lead);
	trace_sources(c);
	return cross_read(c->h, goal->type, c->lead, &c->rids);
}

/* --- all of a type: the rest ---------------------------------------------- */

/*
 * What stands in s are the answers to a criterion.
 * out	done	it needs not be asked of rows
 */
static enum err
settle(struct chase *c, const struct source *s, bool *done_out)
{
	uint64_t before = c->rids.n;
	enum err e;

	*done_out = true;
	if (s == c->lead && s->exact)
		return OK;
	*done_out = cross_pays(s, before);
	if (!*done_out)
		return OK;
	e = cross_meet(c->h, c->goal->type, s, &c->rids);
	TRACE(c->h->ask, "meet", c->goal->type, trace_name(s->c),
	    "candidates that were met with its lists", before);
	return e;
}

/* How what is left is asked: by lists as far as they go, then of rows. */
static enum err
settle_all(struct chase *c)
{
	const struct goal *goal = c->goal;
	enum err e = OK;
	bool done;
	size_t i;

	c->tree = arena_array(c->h->arena, goal->n_tree, sizeof(*c->tree));
	for (i = 0; e == OK && i < goal->n_tree; i++) {
		e = settle(c, &c->tree_at[i], &done);
		if (e == OK && !done)
			c->tree[c->n_tree++] = goal->tree[i];
	}
	for (i = 0; e == OK && i < goal->n_must; i++) {
		e = settle(c, &c->must_at[i], &done);
		if (e == OK && !done)
			e = filter_add(&c->filter, c->h->g, goal->type,
			    goal->must[i]);
	}
	TRACE(c->h->ask, "ask", goal->type, bytes_of(NULL, 0),
	    "criteria asked one by one", c->filter.n + c->n_tree);
	return e;
}

static enum err
add_row(void *arg, uint64_t rid, const struct row *row)
{
	struct chase *c = arg;
	enum err e = hunt_spend(c->h);

	(void)row;
	return e == OK ? rids_add(c->h, &c->rids, rid) : e;
}

/*
 * A type that content narrows: beginning with what the view's own criteria
 * lead to, and asking rows alone, the work is that of what is held, and the
 * budget says nothing of what is not.
 */
static enum err
gather_narrowed(struct chase *c, bool *done_out)
{
	const struct goal *goal = c->goal;
	const struct criterion **where;
	struct source *s;
	enum err e = OK;
	size_t i, n;
	bool rows;

	*done_out = false;
	gate_where(c->h->g, c->h->arena, goal->type, &where, &n, &rows);
	s = arena_array(c->h->arena, n, sizeof(*s));
	for (i = 0; e == OK && i < n; i++) {
		e = plan_source(c->h->g, c->h->arena, goal->type, where[i],
		    &s[i]);
		if (e == OK && s[i].kind == SOURCE_NONE)
			return OK;
	}
	for (i = 0; e == OK && i < n; i++)
		e = cross_read(c->h, goal->type, &s[i], &c->rids);
	if (e == OK && n > 0 && rows)
		e = gate_rows(c->h->g, c->h->arena, goal->type, count_row,
		    add_row, c);
	rids_sort(&c->rids);
	for (i = 0; e == OK && n > 0 && i < goal->n_must; i++)
		e = filter_add(&c->filter, c->h->g, goal->type,
		    goal->must[i]);
	c->tree = goal->tree;
	c->n_tree = n > 0 ? goal->n_tree : 0;
	*done_out = n > 0;
	return e;
}

/* --- all of a type: candidates ------------------------------------------- */

static enum err
ask_early(struct chase *c, uint64_t rid, bool *hit_out)
{
	struct asked s = { .g = c->h->g, .rid = rid };
	enum err e = OK;
	size_t i;

	*hit_out = true;
	for (i = 0; e == OK && *hit_out && i < c->n_early; i++)
		e = tree_ask(c->h, c->early[i], &s, hit_out);
	return e;
}

/* Is there anything that only a row can answer? */
static bool
by_row(const struct chase *c)
{
	size_t i;

	for (i = 0; i < c->n_tree; i++)
		if (!tree_by_rid(c->tree[i]))
			return true;
	return c->goal->want_row || c->filter.n > 0 ||
	    gate_narrowed(c->h->g, c->goal->type);
}

/*
 * Sets are asked before a row is read; what refers is looked for one by one
 * only where its row has not turned the candidate away.
 */
static void
divide(struct chase *c, bool rows)
{
	struct tree **all = c->tree;
	size_t n = c->n_tree, i;

	c->early = arena_array(c->h->arena, n, sizeof(*c->early));
	c->tree = arena_array(c->h->arena, n, sizeof(*c->tree));
	c->n_tree = 0;
	for (i = 0; i < n; i++)
		if (tree_by_rid(all[i]) &&
		    (!rows || all[i]->how != TREE_REFERRED))
			c->early[c->n_early++] = all[i];
		else
			c->tree[c->n_tree++] = all[i];
}

static enum err
judge_one(struct chase *c, uint64_t rid)
{
	struct row row;
	enum err e;

	c->read++;
	e = hunt_row(c->h, rid, &row);
	if (e == ERR_NOTFOUND)
		return OK;
	return e == OK ? judge_row(c, rid, &row) : e;
}

static enum err
judge(struct chase *c, bool back)
{
	bool rows = by_row(c), hit;
	enum err e = OK;
	uint64_t rid;
	size_t i;

	divide(c, rows);
	TRACE(c->h->ask, "candidates", c->goal->type, bytes_of(NULL, 0),
	    "to be looked at", c->rids.n);
	for (i = 0; e == OK && i < c->rids.n; i++) {
		rid = c->rids.v[back ? c->rids.n - 1 - i : i];
		e = hunt_tick(c->h);
		if (e == OK)
			e = ask_early(c, rid, &hit);
		if (e == OK && hit)
			e = rows ? judge_one(c, rid) :
			    c->fn(c->arg, rid, NULL);
	}
	TRACE(c->h->ask, "rows", c->goal->type, bytes_of(NULL, 0),
	    "rows of candidates, where no list could tell", c->read);
	return e;
}

enum err
goal_run(struct hunt *h, const struct goal *goal, bool back, goal_fn *fn,
    void *arg)
{
	struct chase c = { .h = h, .goal = goal, .fn = fn, .arg = arg,
	    .filter = filter_new(h->arena, goal->n_must) };
	bool done = false;
	enum err e = OK;

	switch (view_reach(h->g->view, goal->type, VIEW_SEARCH)) {
	case REACH_ALL:
		if (gate_narrowed(h->g, goal->type))
			e = gather_narrowed(&c, &done);
		if (e == OK && !done)
			e = gather(&c);
		if (e == OK && !done)
			e = settle_all(&c);
		return e == OK ? judge(&c, back) : e;
	case REACH_RELATION:
	case REACH_PATIENTS:
		return run_patients(&c);
	case REACH_NONE:
		break;
	}
	return ERR_FORBIDDEN;
}
