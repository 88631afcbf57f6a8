/* SPDX-License-Identifier: Apache-2.0 */
/*
 * goal.c -- find the resources of a type that satisfy something.
 *
 * A view restricted to patients walks their rows, whatever is asked: the time
 * and the work it takes depend on what it may see and on nothing else.  A
 * view of all starts from the shortest source (plan.h), asks other posting
 * lists by seeking in them, and the row only about what is left.
 */
#include "store/hunt.h"
#include "store/trace.h"

#define PROBES	8	/* lists of one criterion to seek in; beyond: rows */

/* A criterion answered by seeking: one of these lists has the rid. */
struct probe {
	struct gate_list	*list;
	size_t			 n;
};

/* A goal under way. */
struct chase {
	struct hunt		*h;
	const struct goal	*goal;
	goal_fn			*fn;
	void			*arg;
	struct filter		 filter;
	struct tree		**tree;		/* to be asked of each */
	size_t			 n_tree;
	struct source		 lead;
	struct probe		*probe;
	size_t			 n_probe;
	struct rids		 rids;		/* candidates */
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
add_probe(struct chase *c, const struct source *s)
{
	struct probe *p = &c->probe[c->n_probe++];
	uint64_t n;
	enum err e;
	size_t i;

	p->list = arena_array(c->h->arena, s->n_range, sizeof(*p->list));
	for (i = 0; i < s->n_range; i++) {
		e = gate_list(c->h->g, c->goal->type, s->range[i].from,
		    &p->list[p->n], &n);
		if (e == OK)
			p->n++;
		else if (e != ERR_NOTFOUND)
			return e;
	}
	return OK;
}

static enum err
all_sources(struct chase *c, struct source *must, struct source *tree)
{
	const struct goal *goal = c->goal;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < goal->n_must; i++)
		e = plan_source(c->h->g, c->h->arena, goal->type,
		    goal->must[i], &must[i]);
	for (i = 0; e == OK && i < goal->n_tree; i++)
		e = tree_source(c->h, goal->tree[i], &tree[i]);
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

/* What the lead does not answer is asked: by seeking, or of the row. */
static enum err
ask_rest(struct chase *c, const struct source *must,
    const struct source *tree, const struct source *lead)
{
	const struct goal *goal = c->goal;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < goal->n_must; i++) {
		if (&must[i] == lead && lead->exact)
			continue;
		if (&must[i] != lead && must[i].kind == SOURCE_LISTS &&
		    must[i].exact && must[i].n_range <= PROBES)
			e = add_probe(c, &must[i]);
		else
			e = filter_add(&c->filter, c->h->g, goal->type,
			    goal->must[i]);
	}
	for (i = 0; i < goal->n_tree; i++)
		if (&tree[i] != lead || !lead->exact)
			c->tree[c->n_tree++] = goal->tree[i];
	return e;
}

/* What there is to begin with, and with what it does. */
static void
trace_plan(const struct chase *c, const struct source *all,
    const struct source *must, const struct source *tree)
{
	const struct goal *goal = c->goal;
	const struct page_ask *ask = c->h->ask;
	size_t i;

	if (ask->trace == NULL)
		return;
	TRACE(ask, "source", goal->type, bytes_of(NULL, 0),
	    "every resource of the type", all->size);
	for (i = 0; i < goal->n_must; i++)
		TRACE(ask, "source", goal->type, trace_name(goal->must[i]),
		    trace_source(&must[i]), must[i].size);
	for (i = 0; i < goal->n_tree; i++)
		TRACE(ask, "source", goal->type, goal->tree[i]->node->name,
		    trace_source(&tree[i]), tree[i].size);
	TRACE(ask, "begin", goal->type, trace_name(c->lead.c),
	    trace_source(&c->lead), c->lead.size);
	TRACE(ask, "seek", goal->type, bytes_of(NULL, 0),
	    "criteria asked by seeking in their lists", c->n_probe);
	TRACE(ask, "ask", goal->type, bytes_of(NULL, 0),
	    "criteria asked of rows", c->filter.n + c->n_tree);
}

/* Choose where to begin, and how to ask about the rest. */
static enum err
make_plan(struct chase *c)
{
	struct arena *a = c->h->arena;
	const struct goal *goal = c->goal;
	const struct source *lead;
	struct source all, *must, *tree;
	enum err e;

	must = arena_array(a, goal->n_must, sizeof(*must));
	tree = arena_array(a, goal->n_tree, sizeof(*tree));
	c->probe = arena_array(a, goal->n_must, sizeof(*c->probe));
	c->tree = arena_array(a, goal->n_tree, sizeof(*c->tree));
	e = plan_type(c->h->g, a, goal->type, &all);
	if (e == OK)
		e = all_sources(c, must, tree);
	if (e != OK)
		return e;
	lead = &all;
	shorter(must, goal->n_must, &lead);
	shorter(tree, goal->n_tree, &lead);
	c->lead = *lead;
	e = ask_rest(c, must, tree, lead);
	if (e == OK)
		trace_plan(c, &all, must, tree);
	return e;
}

/* --- all of a type: candidates ------------------------------------------- */

static enum err
collect(void *arg, struct bytes key, uint64_t rid)
{
	struct chase *c = arg;
	enum err e;

	e = hunt_spend(c->h);
	if (e != OK ||
	    (c->lead.by_key && !plan_key_match(c->lead.c, key)))
		return e;
	return rids_add(c->h, &c->rids, rid);
}

static enum err
gather(struct chase *c)
{
	const struct source *s = &c->lead;
	enum err e = OK;
	size_t i;

	if (s->kind == SOURCE_IDS) {
		c->rids = (struct rids){ s->rid, s->n_rid, s->n_rid, true };
		return OK;
	}
	/* Known to be too much before a single one is read. */
	if (s->kind == SOURCE_LISTS && s->of_type && s->n_range == 1 &&
	    s->size > c->h->ask->max_rows)
		return hunt_costly(c->h);
	for (i = 0; e == OK && i < s->n_rid; i++)
		e = rids_add(c->h, &c->rids, s->rid[i]);
	for (i = 0; e == OK && i < s->n_range; i++)
		e = gate_range(c->h->g, c->goal->type, s->range[i].from,
		    s->range[i].to, collect, c);
	rids_sort(&c->rids);
	return e;
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
	size_t i, j, n;

	*done_out = false;
	gate_where(c->h->g, c->h->arena, goal->type, &where, &n);
	s = arena_array(c->h->arena, n, sizeof(*s));
	for (i = 0; e == OK && i < n; i++) {
		e = plan_source(c->h->g, c->h->arena, goal->type, where[i],
		    &s[i]);
		if (e == OK && s[i].kind == SOURCE_NONE)
			return OK;
	}
	for (i = 0; e == OK && i < n; i++) {
		c->lead = s[i];
		for (j = 0; e == OK && j < s[i].n_rid; j++)
			e = rids_add(c->h, &c->rids, s[i].rid[j]);
		for (j = 0; e == OK && j < s[i].n_range; j++)
			e = gate_range(c->h->g, goal->type,
			    s[i].range[j].from, s[i].range[j].to, collect,
			    c);
	}
	rids_sort(&c->rids);
	for (i = 0; e == OK && n > 0 && i < goal->n_must; i++)
		e = filter_add(&c->filter, c->h->g, goal->type,
		    goal->must[i]);
	c->tree = goal->tree;
	c->n_tree = n > 0 ? goal->n_tree : 0;
	*done_out = n > 0;
	return e;
}

static enum err
probe_all(struct chase *c, uint64_t rid, bool *hit_out)
{
	const struct probe *p;
	uint64_t at;
	enum err e;
	size_t i, j;

	*hit_out = true;
	for (i = 0; *hit_out && i < c->n_probe; i++) {
		p = &c->probe[i];
		*hit_out = false;
		for (j = 0; !*hit_out && j < p->n; j++) {
			e = gate_seek(&p->list[j], rid, &at);
			if (e != OK && e != ERR_NOTFOUND)
				return e;
			*hit_out = e == OK && at == rid;
		}
	}
	/* Sets are asked before a row is read. */
	for (i = 0; *hit_out && i < c->n_tree; i++)
		*hit_out = c->tree[i]->how != TREE_RIDS ||
		    rids_has(&c->tree[i]->rids, rid);
	return OK;
}

/* Is there anything that only a row can answer? */
static bool
by_row(const struct chase *c)
{
	size_t i;

	for (i = 0; i < c->n_tree; i++)
		if (c->tree[i]->how != TREE_RIDS)
			return true;
	return c->goal->want_row || c->filter.n > 0 ||
	    gate_narrowed(c->h->g, c->goal->type);
}

static enum err
judge(struct chase *c, bool back)
{
	bool rows = by_row(c), hit;
	uint64_t rid, read = 0;
	struct row row;
	enum err e;
	size_t i;

	TRACE(c->h->ask, "candidates", c->goal->type, bytes_of(NULL, 0),
	    "of the source it begins with", c->rids.n);

	for (i = 0; i < c->rids.n; i++) {
		rid = c->rids.v[back ? c->rids.n - 1 - i : i];
		e = hunt_tick(c->h);
		if (e == OK)
			e = probe_all(c, rid, &hit);
		if (e == OK && hit && rows) {
			read++;
			e = hunt_row(c->h, rid, &row);
			if (e == ERR_NOTFOUND)
				continue;
			if (e == OK)
				e = judge_row(c, rid, &row);
		} else if (e == OK && hit)
			e = c->fn(c->arg, rid, NULL);
		if (e != OK)
			return e;
	}
	TRACE(c->h->ask, "rows", c->goal->type, bytes_of(NULL, 0),
	    "rows of candidates, where no list could tell", read);
	return OK;
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
			e = make_plan(&c);
		if (e == OK && !done)
			e = gather(&c);
		return e == OK ? judge(&c, back) : e;
	case REACH_RELATION:
	case REACH_PATIENTS:
		return run_patients(&c);
	case REACH_NONE:
		break;
	}
	return ERR_FORBIDDEN;
}
