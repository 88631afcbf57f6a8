/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_model.h -- searches in their simplest form: look at everything.
 *
 * What a search ought to answer, said by query_match alone over all that went
 * in, with the rules of the gate written down once more in words of ids.
 */
#ifndef TESTS_UNIT_STORE_MODEL_H
#define TESTS_UNIT_STORE_MODEL_H

#include "base/text.h"
#include "store/page.h"
#include "tests/unit/store_forest.h"

static bool
in_view(const struct view *v, struct bytes patient)
{
	size_t i;

	for (i = 0; i < v->n_patient; i++)
		if (bytes_eq(v->patient[i], patient))
			return true;
	return false;
}

/* Owned by patients of the view alone. */
static bool
owned(const struct view *v, const struct known *k)
{
	size_t i;

	if (!k->live || (k->owners.kind != OWNER_ONE &&
	    k->owners.kind != OWNER_MANY))
		return false;
	for (i = 0; i < k->owners.n; i++)
		if (!in_view(v, k->owners.id[i]))
			return false;
	return k->owners.n > 0;
}

static bool
refers(const struct known *k, const struct known *to)
{
	size_t i;

	for (i = 0; i < k->values.n; i++)
		if (k->values.v[i].kind == PK_REFERENCE &&
		    k->values.v[i].type == to->type &&
		    bytes_eq(k->values.v[i].text, to->id))
			return true;
	return false;
}

/* The gate's rules for a search, in words of ids. */
static bool
searchable(const struct world *w, const struct view *v,
    const struct known *k)
{
	enum view_reach reach = view_reach(v, k->type, VIEW_SEARCH);
	size_t i;

	if (!k->live || reach == REACH_NONE)
		return false;
	if (reach == REACH_ALL || owned(v, k))
		return true;
	if (k->owners.kind != OWNER_SHARED)
		return false;
	for (i = 0; i < w->n; i++)
		if (w->known[i].owners.kind == OWNER_ONE &&
		    owned(v, &w->known[i]) &&
		    typeset_has(view_types(v, VIEW_SEARCH),
		    w->known[i].type) && refers(&w->known[i], k))
			return true;
	return false;
}

/* --- trees --------------------------------------------------------------- */

/* What a node is asked of: a resource, or one inside it. */
struct being {
	const struct world		*w;
	const struct view		*v;
	const struct known		*k;
	const struct contained_values	*in;	/* or NULL */
};

static bool	node_holds(const struct being *b, const struct node *n);

static bool
leaf_holds(const struct being *b, const struct criterion *c)
{
	struct values none = { .n = 0 };
	bool words = c->param->num == PARAM_TEXT ||
	    c->param->num == PARAM_CONTENT;

	if (b->in == NULL)
		return query_match(c, words ? &b->k->words :
		    query_leaf_extra(c) ? &b->k->extra.text :
		    &b->k->values, b->k->id, b->k->updated);
	if (c->param->num == PARAM_LASTUPDATED)		/* it has none */
		return c->mod == MOD_MISSING && c->missing;
	return query_match(c, words ? &none : query_leaf_extra(c) ?
	    &b->in->text : &b->in->values, b->in->id, b->k->updated);
}

static const struct contained_values *
inside(const struct known *k, struct bytes ref)
{
	size_t i;

	for (i = 0; i < k->extra.n_contained; i++)
		if (bytes_eq(k->extra.contained[i].id, bytes_from(ref, 1)))
			return &k->extra.contained[i];
	return NULL;
}

/* Does one of these references lead to something that satisfies the kid? */
static bool
leads(const struct being *b, const struct node *n, const struct values *refs)
{
	struct being to = *b;
	const struct value *r;

	for (r = refs->v; r < refs->v + refs->n; r++) {
		if (r->param != n->link->num || r->type != n->type)
			continue;
		to.in = NULL;
		if (r->text.p[0] == '#')
			to.in = inside(b->k, r->text);
		else
			to.k = world_known((struct world *)(uintptr_t)b->w,
			    r->type, r->text);
		if ((to.in != NULL || (r->text.p[0] != '#' && to.k != NULL &&
		    searchable(b->w, b->v, to.k))) && node_holds(&to, n->kid))
			return true;
		to.k = b->k;
	}
	return false;
}

static bool
chain_holds(const struct being *b, const struct node *n)
{
	if (view_reach(b->v, n->type, VIEW_SEARCH) == REACH_NONE)
		return false;
	return leads(b, n, b->in != NULL ? &b->in->values : &b->k->values) ||
	    (b->in == NULL && leads(b, n, &b->k->extra.link));
}

static bool
has_link(const struct values *refs, uint16_t param, const struct known *to)
{
	size_t i;

	for (i = 0; i < refs->n; i++)
		if (refs->v[i].kind == PK_REFERENCE &&
		    refs->v[i].param == param &&
		    refs->v[i].type == to->type &&
		    bytes_eq(refs->v[i].text, to->id))
			return true;
	return false;
}

static bool
has_holds(const struct being *b, const struct node *n)
{
	struct being by = *b;
	size_t i;

	for (i = 0; b->in == NULL && i < b->w->n; i++) {
		by.k = &b->w->known[i];
		if (by.k->type == n->type &&
		    searchable(b->w, b->v, by.k) &&
		    has_link(&by.k->values, n->link->num, b->k) &&
		    node_holds(&by, n->kid))
			return true;
	}
	return false;
}

static bool
has_code(const struct known *k, const char *param, struct bytes code)
{
	uint16_t num = def_param(k->type, bytes_str(param))->num;
	size_t i;

	for (i = 0; i < k->values.n; i++)
		if (k->values.v[i].param == num &&
		    text_caseeq(k->values.v[i].text, code))
			return true;
	return false;
}

/* Of the same patient; of nobody's counts as anybody's. */
static bool
same_patient(const struct known *list, const struct known *k)
{
	if (k->owners.kind == OWNER_SHARED)
		return true;
	return list->owners.kind == k->owners.kind &&
	    (k->owners.kind != OWNER_ONE ||
	    bytes_eq(list->owners.id[0], k->owners.id[0]));
}

static bool
list_holds(const struct being *b, const struct node *n)
{
	const struct known *l;

	for (l = b->w->known; l < b->w->known + b->w->n; l++) {
		if (l->type != type_num("List") ||
		    !searchable(b->w, b->v, l) ||
		    !has_link(&l->extra.link, PARAM_LIST, b->k))
			continue;
		if (n->current ? has_code(l, "code", n->list) &&
		    has_code(l, "status", bytes_str("current")) &&
		    same_patient(l, b->k) : bytes_eq(l->id, n->list))
			return b->in == NULL;
	}
	return false;
}

static bool
node_holds(const struct being *b, const struct node *n)
{
	size_t i;

	switch (n->op) {
	case NODE_LEAF:
		return leaf_holds(b, &n->leaf);
	case NODE_AND:
		for (i = 0; i < n->n_kid; i++)
			if (!node_holds(b, &n->kid[i]))
				return false;
		return true;
	case NODE_OR:
		for (i = 0; i < n->n_kid; i++)
			if (node_holds(b, &n->kid[i]))
				return true;
		return false;
	case NODE_NOT:
		return !node_holds(b, n->kid);
	case NODE_CHAIN:
		return chain_holds(b, n);
	case NODE_HAS:
		return has_holds(b, n);
	case NODE_LIST:
		return list_holds(b, n);
	}
	return false;
}

static bool
satisfies(const struct being *b, const struct query *q)
{
	size_t i;

	for (i = 0; i < q->n_must; i++)
		if (!leaf_holds(b, &q->must[i]))
			return false;
	for (i = 0; i < q->n_node; i++)
		if (!node_holds(b, &q->node[i]))
			return false;
	return true;
}

/* Itself, or what it contains, as _contained has it. */
static bool
matches(const struct world *w, const struct view *v, const struct query *q,
    const struct known *k)
{
	struct being b = { w, v, k, NULL };
	size_t i;

	if (q->contained != CONTAINED_YES && k->type == q->type &&
	    satisfies(&b, q))
		return true;
	for (i = 0; q->contained != CONTAINED_NO &&
	    i < k->extra.n_contained; i++) {
		b.in = &k->extra.contained[i];
		if (b.in->type == q->type && satisfies(&b, q))
			return true;
	}
	return false;
}

/* --- order --------------------------------------------------------------- */

static int
compare_lower(struct bytes a, struct bytes b)
{
	size_t i;
	int x, y;

	for (i = 0; i < a.len && i < b.len; i++) {
		x = a.p[i] >= 'A' && a.p[i] <= 'Z' ? a.p[i] + 32 : a.p[i];
		y = b.p[i] >= 'A' && b.p[i] <= 'Z' ? b.p[i] + 32 : b.p[i];
		if (x != y)
			return x - y;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int
compare_targets(const struct value *a, const struct value *b)
{
	const struct value *v[2] = { a, b };
	char text[2][200];
	size_t i;

	for (i = 0; i < 2; i++)
		(void)snprintf(text[i], sizeof(text[i]), "%s%s%.*s",
		    v[i]->type == 0 ? "" : def_type_num(v[i]->type)->name,
		    v[i]->type == 0 ? "" : "/", BYTES_FMT(v[i]->text));
	return strncmp(text[0], text[1], SPOT_TEXT);
}

/* Of a text so many bytes decide. */
static int
compare_texts(struct bytes a, struct bytes b)
{
	return bytes_cmp(bytes_sub(a, 0, SPOT_TEXT),
	    bytes_sub(b, 0, SPOT_TEXT));
}

static int
compare_values(bool high, const struct value *a, const struct value *b)
{
	int64_t x, y;
	int d;

	switch (a->kind) {
	case PK_DATE:
		x = high ? a->time.hi : a->time.lo;
		y = high ? b->time.hi : b->time.lo;
		return (x > y) - (x < y);
	case PK_NUMBER:
	case PK_QUANTITY:
		return high ? dec_cmp(&a->hi, &b->hi) :
		    dec_cmp(&a->lo, &b->lo);
	case PK_TOKEN:
		d = compare_lower(bytes_sub(a->text, 0, SPOT_TEXT),
		    bytes_sub(b->text, 0, SPOT_TEXT));
		return d != 0 || a->text.len >= SPOT_TEXT ? d :
		    bytes_cmp(a->more, b->more);
	case PK_REFERENCE:
		return compare_targets(a, b);
	case PK_STRING:
		return compare_texts(a->more, b->more);
	default:
		return compare_texts(a->text, b->text);
	}
}

/* false: it has no such value */
static bool
extreme(const struct sort_key *s, const struct known *k, struct value *out)
{
	const struct value *v;
	bool any = false;

	*out = (struct value){ .kind = PK_DATE, .time.lo = k->updated.ms,
	    .time.hi = k->updated.ms };
	if (s->param->num == PARAM_LASTUPDATED)
		return true;
	*out = (struct value){ .kind = PK_TOKEN, .text = k->id };
	if (s->param->num == PARAM_ID)
		return true;
	for (v = k->values.v; v < k->values.v + k->values.n; v++) {
		/* That an element is there has no place in an order. */
		if (v->param != s->param->num ||
		    (v->kind == PK_TOKEN && v->text.len == 0))
			continue;
		if (!any || (compare_values(s->descending, v, out) < 0) !=
		    s->descending)
			*out = *v;
		any = true;
	}
	return any;
}

static bool
comes_before(const struct query *q, const struct known *a,
    const struct known *b)
{
	struct value x, y;
	bool has_x, has_y;
	size_t i;
	int d;

	for (i = 0; i < q->n_sort; i++) {
		has_x = extreme(&q->sort[i], a, &x);
		has_y = extreme(&q->sort[i], b, &y);
		if (has_x != has_y)
			return has_x;
		d = has_x ? compare_values(q->sort[i].descending, &x, &y) : 0;
		if (d != 0)
			return q->sort[i].descending ? d > 0 : d < 0;
	}
	return a->rid < b->rid;
}

/* Everything that ought to be found, in order; *n_out of them. */
UNUSED static const struct known **
expected(struct arena *a, const struct world *w, const struct view *v,
    const struct query *q, size_t *n_out)
{
	const struct known **list = arena_array(a, WORLD_MAX, sizeof(*list));
	const struct known *k;
	size_t i, n = 0;

	for (k = w->known; k < w->known + w->n; k++) {
		if (!matches(w, v, q, k) || !searchable(w, v, k))
			continue;
		for (i = n++; i > 0 && comes_before(q, k, list[i - 1]); i--)
			list[i] = list[i - 1];
		list[i] = k;
	}
	*n_out = n;
	return list;
}

#endif
