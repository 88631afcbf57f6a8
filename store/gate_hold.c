/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_hold.c -- the decision: does this view hold this resource?
 *
 * No other file decides.  One rule that holds it is enough; everything that
 * no rule expressly holds is not there: an unknown reach, kind or interaction
 * falls through to "not found".
 *
 * Spec: requirements Z01-Z06, X04; security 3.3, CMP-17 to CMP-23.
 */
#include "store/find.h"
#include "store/gate_in.h"

/* --- opening ------------------------------------------------------------- */

static enum err
open_filters(struct gate *g, struct arena *a)
{
	const struct view *v = g->view;
	struct filter *f = arena_array(a, v->n_rule, sizeof(*f));
	enum err e = OK;
	size_t i, j;

	for (i = 0; i < v->n_rule; i++) {
		f[i] = filter_new(a, v->rule[i].n_where);
		for (j = 0; e == OK && j < v->rule[i].n_where; j++)
			e = filter_add(&f[i], g, 0, &v->rule[i].where[j]);
	}
	g->where = f;
	return e;
}

enum err
hold_open(struct gate *g, struct arena *a)
{
	const struct view *v = g->view;
	bool where = false;
	size_t i;

	for (i = 0; i < v->n_rule; i++) {
		where = where || v->rule[i].n_where > 0;
		if ((v->rule[i].reach == REACH_RELATION ||
		    v->relation.bound) && g->care == NULL)
			g->care = care_new(a, &v->relation);
	}
	return where ? open_filters(g, a) : OK;
}

bool
gate_narrowed(const struct gate *g, uint16_t type)
{
	return g->where != NULL && view_narrowed(g->view, type, VIEW_SEARCH);
}

void
gate_where(const struct gate *g, struct arena *a, uint16_t type,
    const struct criterion ***out, size_t *n_out, bool *rows_out)
{
	const struct view *v = g->view;
	const struct view_rule *r;

	*out = arena_array(a, v->n_rule, sizeof(**out));
	*n_out = 0;
	*rows_out = false;
	for (r = v->rule; r < v->rule + v->n_rule; r++) {
		if ((r->ops & VIEW_SEARCH) == 0 ||
		    !typeset_has(r->types, type))
			continue;
		if (r->reach != REACH_ALL) {
			*rows_out = true;
			continue;
		}
		if (r->n_where == 0) {
			*n_out = 0;
			return;
		}
		(*out)[(*n_out)++] = &r->where[0];
	}
}

/* --- reach --------------------------------------------------------------- */

static bool
in_set(const struct gate *g, uint64_t rid)
{
	size_t i;

	/* A handful at most: a launch has one patient. */
	for (i = 0; i < g->n_patient; i++)
		if (g->patient[i] == rid)
			return true;
	return false;
}

static enum err
one_held(const struct gate *g, enum view_reach reach, uint64_t rid)
{
	if (reach == REACH_PATIENTS && !in_set(g, rid))
		return ERR_NOTFOUND;
	return reach == REACH_RELATION || g->view->relation.bound ?
	    care_holds(g, rid) : OK;
}

static enum err
all_held(const struct gate *g, enum view_reach reach, struct bytes member)
{
	enum err e = ERR_NOTFOUND;	/* nobody named: held by nobody */
	size_t i, n;

	n = member.len / sizeof(uint64_t);
	for (i = 0; i < n; i++) {
		e = one_held(g, reach, key_member(member, i));
		if (e != OK)
			return e;
	}
	return e;
}

static enum err
patients_hold(const struct gate *g, enum view_reach reach, enum view_op op,
    const struct place *p)
{
	switch (p->kind) {
	case OWNER_ONE:
		return one_held(g, reach, p->owner);
	case OWNER_MANY:
		return all_held(g, reach, p->member);
	case OWNER_SHARED:
		/* What is everybody's a patient may see, not change. */
		return op == VIEW_READ || op == VIEW_SEARCH ? OK :
		    ERR_NOTFOUND;
	case OWNER_UNOWNED:
		break;
	}
	return ERR_NOTFOUND;
}

static enum err
reaches(const struct gate *g, enum view_reach reach, enum view_op op,
    const struct place *p)
{
	switch (reach) {
	case REACH_ALL:
		return OK;
	case REACH_RELATION:
	case REACH_PATIENTS:
		return patients_hold(g, reach, op, p);
	case REACH_NONE:
		break;
	}
	return ERR_NOTFOUND;
}

/* --- content ------------------------------------------------------------- */

static enum err
satisfies(const struct gate *g, size_t i, const struct content *c)
{
	const struct view_rule *r = &g->view->rule[i];
	const struct bytes no_id = { NULL, 0 };
	size_t j;

	if (r->n_where == 0)
		return OK;
	if (c == NULL || g->where == NULL)
		return ERR_NOTFOUND;
	if (c->row != NULL)
		return filter_row(&g->where[i], 0, c->row) ? OK :
		    ERR_NOTFOUND;
	for (j = 0; j < r->n_where; j++)
		if (c->values == NULL || !query_match(&r->where[j],
		    c->values, no_id, c->updated))
			return ERR_NOTFOUND;
	return OK;
}

enum err
gate_holds(const struct gate *g, enum view_op op, uint16_t type,
    const struct place *p, const struct content *c)
{
	const struct view_rule *r;
	enum err e;
	size_t i;

	for (i = 0; i < g->view->n_rule; i++) {
		r = &g->view->rule[i];
		if ((r->ops & (unsigned)op) == 0 ||
		    !typeset_has(r->types, type))
			continue;
		e = reaches(g, r->reach, op, p);
		if (e == OK)
			e = satisfies(g, i, c);
		if (e != ERR_NOTFOUND)
			return e;
	}
	return ERR_NOTFOUND;
}

/* Who the members are stands in the header of the record alone. */
static enum err
place_of_row(const struct gate *g, uint64_t owner, uint64_t rid,
    struct place *out)
{
	struct header h;
	struct bytes body;
	enum err e;

	*out = (struct place){ .kind = OWNER_ONE, .owner = owner };
	if (owner == KEY_UNOWNED)
		out->kind = OWNER_UNOWNED;
	else if (owner == KEY_SHARED)
		out->kind = OWNER_SHARED;
	else if (owner == KEY_MANY) {
		e = raw_record(g->t, rid, &h, &body);
		if (e != OK)
			return e == ERR_NOTFOUND ? ERR_STORE : e;
		*out = place_of(&h);
	}
	return OK;
}

enum err
hold_row(const struct gate *g, enum view_op op, enum view_op op2,
    uint64_t owner, uint64_t rid, const struct row *row)
{
	const struct content c = { .row = row };
	struct place p;
	enum err e;

	e = place_of_row(g, owner, rid, &p);
	if (e == OK)
		e = gate_holds(g, op, rid_type(rid), &p, &c);
	if (e == ERR_NOTFOUND && op2 != 0)
		e = gate_holds(g, op2, rid_type(rid), &p, &c);
	return e;
}
