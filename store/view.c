/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.c -- the decision: does this view hold this resource?
 *
 * Pure functions of a view and of what a record's header says.  No data is
 * read here (gate.c does that) and no other file decides.  Everything that
 * is not expressly held is not there: an unknown reach, kind or interaction
 * falls through to false.
 *
 * Spec: requirements Z01-Z06; security 3.3, CMP-17 to CMP-23.
 */
#include "store/gate.h"

enum view_reach
view_reach(const struct view *v, uint16_t type, enum view_op op)
{
	enum view_reach reach = REACH_NONE;
	const struct view_rule *r;
	size_t i;

	for (i = 0; i < v->n_rule; i++) {
		r = &v->rule[i];
		if ((r->ops & (unsigned)op) == 0 ||
		    !typeset_has(r->types, type))
			continue;
		if (r->reach == REACH_ALL)
			return REACH_ALL;
		if (r->reach == REACH_PATIENTS)
			reach = REACH_PATIENTS;
	}
	return reach;
}

struct typeset
view_types(const struct view *v, enum view_op op)
{
	struct typeset all = { { 0, 0 } };
	const struct view_rule *r;
	size_t i;

	for (i = 0; i < v->n_rule; i++) {
		r = &v->rule[i];
		if ((r->ops & (unsigned)op) == 0 ||
		    (r->reach != REACH_ALL && r->reach != REACH_PATIENTS))
			continue;
		all.bits[0] |= r->types.bits[0];
		all.bits[1] |= r->types.bits[1];
	}
	return all;
}

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

static bool
all_in_set(const struct gate *g, struct bytes member)
{
	size_t i, n;

	n = member.len / sizeof(uint64_t);
	for (i = 0; i < n; i++)
		if (!in_set(g, key_member(member, i)))
			return false;
	return n > 0;		/* nobody named: held by nobody */
}

static bool
patients_hold(const struct gate *g, enum view_op op, enum owner_kind kind,
    uint64_t owner, struct bytes member)
{
	switch (kind) {
	case OWNER_ONE:
		return in_set(g, owner);
	case OWNER_MANY:
		return all_in_set(g, member);
	case OWNER_SHARED:
		/* What is everybody's a patient may see, not change. */
		return op == VIEW_READ || op == VIEW_SEARCH;
	case OWNER_UNOWNED:
		break;
	}
	return false;
}

bool
gate_holds(const struct gate *g, enum view_op op, uint16_t type,
    enum owner_kind kind, uint64_t owner, struct bytes member)
{
	switch (view_reach(g->view, type, op)) {
	case REACH_ALL:
		return true;
	case REACH_RELATION:
	case REACH_PATIENTS:
		return patients_hold(g, op, kind, owner, member);
	case REACH_NONE:
		break;
	}
	return false;
}
