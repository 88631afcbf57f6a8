/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c -- nodes of a query, prepared to be asked.
 *
 * A step to other resources is prepared in one of two ways: all that lies at
 * its other end is found first and kept as a set, or it is looked at for each
 * resource that is asked.  Under a view of patients the first is a walk over
 * the view's rows, and the second is done only where all of the other type is
 * visible: so either way the work depends on what the view holds alone.  A
 * view of all takes what its lists say is cheaper (tree_cost.c).
 *
 * Spec: DSTU2 search.html#chaining, #list; STU3 search.html#has.
 */
#include "store/hunt.h"
#include "store/trace.h"

static bool
all_of(const struct hunt *h, uint16_t type)
{
	return view_reach(h->g->view, type, VIEW_SEARCH) == REACH_ALL;
}

static bool
none_of(const struct hunt *h, uint16_t type)
{
	return view_reach(h->g->view, type, VIEW_SEARCH) == REACH_NONE;
}

/* --- chains -------------------------------------------------------------- */

struct targets {
	struct hunt	*h;
	struct ids	*ids;
};

static enum err
add_target(void *arg, uint64_t rid, const struct row *row)
{
	struct targets *t = arg;
	struct resource r;
	enum err e;

	(void)row;
	e = gate_record(t->h->g, VIEW_SEARCH, rid, &r, NULL, NULL);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return OK;
	return e == OK ? ids_add(t->h, t->ids, r.id) : e;
}

static enum err
new_chain(struct hunt *h, uint64_t few, struct tree *t)
{
	const struct node *n = t->node;
	struct targets to = { h, &t->ids };
	struct guess kid = { .rows = few };
	enum step_how how = STEP_SET;
	struct goal goal;
	enum err e = OK;

	if (all_of(h, n->type) && !all_of(h, t->type))
		how = STEP_EACH;
	else if (all_of(h, n->type) && tree_open(h, t->type))
		e = tree_step(h, t->type, n, few, &kid, &how);
	if (e != OK)
		return e;
	t->kid = arena_alloc(h->arena, sizeof(*t->kid));
	if (how == STEP_EACH) {
		t->how = TREE_FOLLOW;
		TRACE(h->ask, "chain", n->type, n->name,
		    "each target asked, one by one", few);
		return tree_new(h, n->type, n->kid, few, t->kid);
	}
	t->how = TREE_LINKS;
	e = tree_new(h, n->type, n->kid, kid.rows, t->kid);
	if (e != OK)
		return e;
	goal = goal_of(h->arena, t->kid);
	e = goal_run(h, &goal, false, add_target, &to);
	ids_sort(&t->ids);
	TRACE(h->ask, "chain", n->type, n->name, "targets found", t->ids.n);
	return e;
}

/* --- _has ---------------------------------------------------------------- */

/* What rows refer to by a parameter, of one type. */
struct named {
	struct hunt		*h;
	const struct def_param	*link;
	uint16_t		 type;
	struct ids		 ids;
	struct rids		*rids;
};

static enum err
add_named(void *arg, uint64_t rid, const struct row *row)
{
	struct named *d = arg;
	struct bytes at = { NULL, 0 };
	struct value v;
	enum err e = OK;

	(void)rid;
	while (e == OK && key_entry(NULL, row, d->link->num, &at, &v))
		if (v.type == d->type)
			e = ids_add(d->h, &d->ids, v.text);
	return e;
}

/* Those of the ids that the view finds. */
static enum err
resolve(struct hunt *h, uint16_t type, struct ids *ids, struct rids *out)
{
	uint64_t rid;
	enum err e = OK;
	size_t i;

	ids_sort(ids);
	for (i = 0; e == OK && i < ids->n; i++) {
		e = hunt_tick(h);
		if (e == OK)
			e = gate_find(h->g, VIEW_SEARCH, type, ids->v[i],
			    &rid);
		if (e == OK)
			e = rids_add(h, out, rid);
		else if (e == ERR_NOTFOUND || e == ERR_GONE)
			e = OK;
	}
	rids_sort(out);
	return e;
}

/* What is referred to by what satisfies the kid: from the rows of that. */
static enum err
has_set(struct hunt *h, struct goal *goal, struct tree *t)
{
	const struct node *n = t->node;
	struct named named = { .h = h, .link = n->link, .type = t->type };
	enum err e;

	t->how = TREE_RIDS;
	goal->want_row = true;
	e = goal_run(h, goal, false, add_named, &named);
	if (e == OK)
		e = resolve(h, t->type, &named.ids, &t->rids);
	TRACE(h->ask, "has", t->type, n->name, "referred to", t->rids.n);
	return e;
}

/* The same of what belongs to whom it refers to: no row is needed. */
static enum err
add_owner(void *arg, uint64_t rid, const struct row *row)
{
	struct named *d = arg;
	struct resource r;
	struct row own;
	uint64_t owner;
	enum err e = OK;

	if (row != NULL)
		owner = row->owner;
	else
		e = gate_record(d->h->g, VIEW_SEARCH, rid, &r, &owner, NULL);
	if (e != OK)
		return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
	if (rid_type(owner) == d->type)
		return rids_add(d->h, d->rids, owner);
	if (row == NULL)
		e = hunt_row(d->h, rid, &own);
	return e == OK ? add_named(d, rid, row != NULL ? row : &own) : e;
}

/* Whom what satisfies the kid belongs to, and who is there to be found. */
static enum err
has_owner(struct hunt *h, const struct goal *goal, struct tree *t)
{
	struct named named = { .h = h, .link = t->node->link,
	    .type = t->type, .rids = &t->rids };
	struct source all;
	enum err e;

	t->how = TREE_RIDS;
	e = goal_run(h, goal, false, add_owner, &named);
	rids_sort(&t->rids);
	if (e == OK)
		e = plan_type(h->g, h->arena, t->type, &all);
	if (e == OK)
		e = cross_meet(h, t->type, &all, &t->rids);
	if (e == OK && named.ids.n > 0)
		e = resolve(h, t->type, &named.ids, &t->rids);
	TRACE(h->ask, "has", t->type, t->node->name, "owners", t->rids.n);
	return e;
}

static enum err
add_rid(void *arg, uint64_t rid, const struct row *row)
{
	struct named *d = arg;

	(void)row;
	return rids_add(d->h, d->rids, rid);
}

/* What satisfies the kid, to be met with what refers to each. */
static enum err
has_met(struct hunt *h, const struct goal *goal, struct tree *t)
{
	const struct node *n = t->node;
	struct named named = { .h = h, .rids = &t->rids };
	const struct key k = key_reserved(KEY_P_TYPE, n->type);
	uint64_t size;
	enum err e;

	e = goal_run(h, goal, false, add_rid, &named);
	rids_sort(&t->rids);
	TRACE(h->ask, "has", n->type, n->name,
	    "found, to be met with what refers to each", t->rids.n);
	if (e != OK || t->rids.n == 0)
		return e;
	t->how = TREE_MET;
	return gate_list(h->g, n->type, key_bytes(&k), &t->list, &size);
}

static enum err
new_has(struct hunt *h, uint64_t few, struct tree *t)
{
	const struct node *n = t->node;
	struct guess kid = { .rows = few };
	enum step_how how = STEP_SET;
	struct goal goal;
	enum err e = OK;

	if (tree_open(h, n->type) && !all_of(h, t->type))
		how = STEP_EACH;
	else if (tree_open(h, n->type) && tree_open(h, t->type))
		e = tree_step(h, t->type, n, few, &kid, &how);
	if (e != OK)
		return e;
	t->kid = arena_alloc(h->arena, sizeof(*t->kid));
	if (how == STEP_EACH) {
		t->how = TREE_REFERRED;
		TRACE(h->ask, "has", n->type, n->name,
		    "what refers asked, one by one", few);
		return tree_new(h, n->type, n->kid, few, t->kid);
	}
	e = tree_new(h, n->type, n->kid, kid.rows, t->kid);
	if (e != OK)
		return e;
	goal = goal_of(h->arena, t->kid);
	if (how == STEP_MEET)
		return has_met(h, &goal, t);
	return tree_open(h, n->type) && tree_open(h, t->type) &&
	    def_owner(t->type)->rule == OWN_SELF &&
	    gate_names_owner(n->type, n->link) ?
	    has_owner(h, &goal, t) : has_set(h, &goal, t);
}

/* --- _list --------------------------------------------------------------- */

/* Items of Lists that the view finds. */
struct items {
	struct hunt	*h;
	uint16_t	 type;
	bool		 own;		/* of the List's own patient alone */
	struct rids	*rids;
};

/* Of a current list of one patient count what is theirs, or nobody's. */
static enum err
add_item(struct items *it, const struct row *list, struct bytes id)
{
	struct resource r;
	uint64_t rid, owner;
	enum err e;

	e = hunt_tick(it->h);
	if (e == OK)
		e = gate_find(it->h->g, VIEW_SEARCH, it->type, id, &rid);
	if (e == OK && it->own) {
		e = gate_record(it->h->g, VIEW_SEARCH, rid, &r, &owner, NULL);
		if (e == OK && owner != list->owner && owner != KEY_SHARED)
			e = ERR_NOTFOUND;
	}
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return OK;
	return e == OK ? rids_add(it->h, it->rids, rid) : e;
}

static enum err
add_items(void *arg, uint64_t rid, const struct row *row)
{
	struct items *it = arg;
	struct bytes at = { NULL, 0 };
	struct extra_parts x;
	struct value v;
	enum err e;

	e = gate_extra(it->h->g, rid, row, &x);
	while (e == OK && key_entry(NULL, &x.own, PARAM_LIST, &at, &v))
		if (v.type == it->type)
			e = add_item(it, row, v.text);
	return e;
}

static const struct criterion *
token_is(struct arena *a, uint16_t type, const char *param, struct bytes code)
{
	struct criterion *c = arena_alloc(a, sizeof(*c));

	c->param = def_param(type, bytes_str(param));
	c->any = arena_alloc(a, sizeof(*c->any));
	c->n_any = 1;
	c->any->v = (struct value){ .param = c->param->num,
	    .kind = PK_TOKEN, .text = code, .any_system = true };
	return c;
}

/* The code of a current list: as it is asked for, but for one. */
static struct bytes
list_code(struct bytes name)
{
	return bytes_is(name, "adverse-reactions") ?
	    bytes_str("adverserxns") : name;
}

/*
 * Reading: the current list of a code is every List with that code and the
 * status "current", of the patient whose resource is asked; a patient for
 * whom none is kept has none.
 */
static enum err
new_list(struct hunt *h, struct tree *t)
{
	const uint16_t list = def_type(bytes_str("List"))->num;
	struct items it = { .h = h, .type = t->type,
	    .own = t->node->current, .rids = &t->rids };
	const struct criterion *must[3];
	struct goal goal = { .type = list, .must = must, .want_row = true };
	enum err e;

	t->how = TREE_RIDS;
	if (none_of(h, list))
		return OK;
	if (t->node->current) {
		must[goal.n_must++] = token_is(h->arena, list, "code",
		    list_code(t->node->list));
		must[goal.n_must++] = token_is(h->arena, list, "status",
		    bytes_str("current"));
	} else
		must[goal.n_must++] = token_is(h->arena, list, "_id",
		    t->node->list);
	e = goal_run(h, &goal, false, add_items, &it);
	rids_sort(&t->rids);
	TRACE(h->ask, "list", t->type, t->node->name, "items", t->rids.n);
	return e;
}

/* --- all ----------------------------------------------------------------- */

static enum err
new_kids(struct hunt *h, uint64_t few, struct tree *t)
{
	enum err e = OK;
	size_t i;

	t->kid = arena_array(h->arena, t->node->n_kid, sizeof(*t->kid));
	for (i = 0; e == OK && i < t->node->n_kid; i++)
		e = tree_new(h, t->type, &t->node->kid[i], few, &t->kid[i]);
	return e;
}

enum err
tree_new(struct hunt *h, uint16_t type, const struct node *node,
    uint64_t few, struct tree *out)
{
	struct tree *t = out;

	*t = (struct tree){ .how = TREE_NEVER, .node = node, .type = type };
	switch (node->op) {
	case NODE_LEAF:
		t->how = TREE_LEAF;
		t->filter = filter_new(h->arena, 1);
		return filter_add(&t->filter, h->g, type, &node->leaf);
	case NODE_AND:
		t->how = TREE_AND;
		return new_kids(h, few, t);
	case NODE_OR:
		t->how = TREE_OR;
		return new_kids(h, few, t);
	case NODE_NOT:
		t->how = TREE_NOT;
		return new_kids(h, few, t);
	case NODE_CHAIN:
		return none_of(h, node->type) ? OK : new_chain(h, few, t);
	case NODE_HAS:
		return none_of(h, node->type) ? OK : new_has(h, few, t);
	case NODE_LIST:
		return new_list(h, t);
	}
	return ERR_BUG;
}
