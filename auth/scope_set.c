/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope_set.c -- sets of rights: what two of them share.  (L3)
 *
 * A right over all resources of a type includes that over the patient's, and
 * one over a type that over what of it satisfies a search.  So what two sets
 * share is, for each pair of rights, the narrower of both in each respect;
 * two searches narrow to what satisfies both.
 *
 * Nothing here can add a right: what does not fit is left out.
 */
#include "auth/scope.h"
#include "base/buf.h"

static unsigned
whole(const struct scope_set *set, enum scope_context context, uint16_t type)
{
	return context == SCOPE_PATIENT ? set->patient[type] | set->user[type]
	    : set->user[type];
}

void
scope_add_part(struct scope_set *set, const struct scope_part *part)
{
	const unsigned ops = part->ops &
	    ~whole(set, part->context, part->type);
	struct scope_part *p;
	size_t i;

	if (ops == 0)
		return;
	for (i = 0; i < set->n_part; i++) {
		p = &set->part[i];
		if (p->context == part->context && p->type == part->type &&
		    bytes_eq(p->where, part->where)) {
			p->ops = (uint8_t)(p->ops | ops);
			return;
		}
	}
	if (set->n_part == SCOPE_PARTS_MAX)
		return;
	set->part[set->n_part] = *part;
	set->part[set->n_part++].ops = (uint8_t)ops;
}

static enum scope_context
narrower(enum scope_context a, enum scope_context b)
{
	return a == SCOPE_PATIENT ? a : b;
}

/* Does the set give this already, by a search that asks for less? */
static bool
given(const struct scope_set *set, const struct scope_part *p,
    struct bytes less)
{
	const struct scope_part *q;

	for (q = set->part; q < set->part + set->n_part; q++)
		if (q->context >= p->context && q->type == p->type &&
		    (p->ops & ~(unsigned)q->ops) == 0 &&
		    bytes_eq(q->where, less))
			return true;
	return false;
}

static struct bytes
both(struct arena *a, struct bytes x, struct bytes y)
{
	if (bytes_eq(x, y))
		return x;
	return bytes_str(arena_printf(a, "%.*s&%.*s", BYTES_FMT(x),
	    BYTES_FMT(y)));
}

/* A part against the whole types of the other set. */
static void
meet_whole(struct scope_set *out, const struct scope_part *p,
    const struct scope_set *other)
{
	struct scope_part q = *p;

	q.ops = p->ops & other->user[p->type];
	scope_add_part(out, &q);
	q.context = SCOPE_PATIENT;
	q.ops = p->ops & other->patient[p->type];
	scope_add_part(out, &q);
}

/* Two parts; same: those alone that restrict alike, else the others. */
static void
meet_part(struct arena *a, struct scope_set *out, const struct scope_part *x,
    const struct scope_part *y, bool same)
{
	struct scope_part p = *x;

	if (x->type != y->type || (x->ops & y->ops) == 0 ||
	    bytes_eq(x->where, y->where) != same)
		return;
	p.context = narrower(x->context, y->context);
	p.ops = x->ops & y->ops;
	if (!same && (given(out, &p, x->where) || given(out, &p, y->where)))
		return;
	p.where = both(a, x->where, y->where);
	scope_add_part(out, &p);
}

/*
 * What restricts alike first: where a set meets itself nothing else is left,
 * and the products of the others would only repeat it.
 */
static void
meet_parts(struct arena *a, struct scope_set *out,
    const struct scope_set *x, const struct scope_set *y)
{
	size_t i, j;
	int same;

	for (i = 0; i < x->n_part; i++)
		meet_whole(out, &x->part[i], y);
	for (j = 0; j < y->n_part; j++)
		meet_whole(out, &y->part[j], x);
	for (same = 1; same >= 0; same--)
		for (i = 0; i < x->n_part; i++)
			for (j = 0; j < y->n_part; j++)
				meet_part(a, out, &x->part[i], &y->part[j],
				    same != 0);
}

void
scope_meet(struct arena *a, struct scope_set *set,
    const struct scope_set *other)
{
	struct scope_set out = {
		.contexts = set->contexts & other->contexts
	};
	unsigned mine, theirs;
	uint16_t t;

	for (t = 0; t <= DEF_TYPE_MAX; t++) {
		mine = set->patient[t] | set->user[t];
		theirs = other->patient[t] | other->user[t];
		out.user[t] = set->user[t] & other->user[t];
		out.patient[t] = (uint8_t)(mine & theirs &
		    ~(unsigned)out.user[t]);
	}
	meet_parts(a, &out, set, other);
	*set = out;
}

void
scope_limit(struct scope_set *set, enum view_reach reach)
{
	size_t i, n = 0;

	if (reach == REACH_ALL || reach == REACH_RELATION)
		return;
	memset(set->user, 0, sizeof set->user);
	for (i = 0; i < set->n_part; i++)
		if (set->part[i].context == SCOPE_PATIENT)
			set->part[n++] = set->part[i];
	set->n_part = n;
}

/* --- searches ------------------------------------------------------------- */

/*
 * What may restrict: values of the resource itself, the same today and
 * tomorrow.  Not its id, and nothing that "now" or a word of text decides.
 */
static bool
may_restrict(const struct criterion *c)
{
	size_t i;

	if (c->param->num == PARAM_ID || c->param->num == PARAM_LASTUPDATED ||
	    c->param->num == PARAM_TEXT || c->param->num == PARAM_CONTENT ||
	    c->mod == MOD_TEXT)
		return false;
	for (i = 0; i < c->n_any; i++)
		if (c->any[i].prefix == PRE_AP)
			return false;
	return true;
}

enum err
scope_where(struct arena *a, uint16_t type, struct bytes where,
    const struct rights *rights, struct issues *is, struct criterion **out,
    size_t *n_out)
{
	static const struct instant never;
	const struct query_limits lim = { .params = 8, .values = 16,
	    .conditional = true, .zone = rights->zone };
	struct issues why = issues_on(a);
	struct pair *pair;
	struct query q;
	size_t i, n;
	enum err e;

	e = query_pairs(a, where, lim.params, &why, &pair, &n);
	if (e == OK)
		e = query_parse(a, type, pair, n, &rights->urls, never, &lim,
		    &why, &q);
	if (e == OK && (q.n_must == 0 || q.n_node > 0))
		e = ERR_VALUE;
	for (i = 0; e == OK && i < q.n_must; i++)
		e = may_restrict(&q.must[i]) ? OK : ERR_VALUE;
	if (e != OK)
		return issue_add(is, ERR_VALUE, "scope-granular", "scope",
		    "\"?%.*s\" restricts nothing that %s can be restricted "
		    "by%s%s", BYTES_FMT(where), def_type_num(type)->name,
		    why.first != NULL ? ": " : "; use its search parameters, "
		    "as ?category=laboratory",
		    why.first != NULL ? why.first->text : "");
	*out = q.must;
	*n_out = q.n_must;
	return OK;
}
