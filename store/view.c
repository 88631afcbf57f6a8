/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.c -- what the rules of a view say by themselves.
 *
 * Pure: no data is read here (gate_hold.c judges resources).  Everything that
 * is not expressly given is not there.
 *
 * Spec: requirements Z01-Z06.
 */
#include "store/gate.h"

static bool
applies(const struct view_rule *r, uint16_t type, enum view_op op)
{
	return (r->ops & (unsigned)op) != 0 && typeset_has(r->types, type);
}

enum view_reach
view_reach(const struct view *v, uint16_t type, enum view_op op)
{
	enum view_reach reach = REACH_NONE;
	size_t i;

	for (i = 0; i < v->n_rule; i++)
		if (applies(&v->rule[i], type, op) &&
		    v->rule[i].reach > reach && v->rule[i].reach <= REACH_ALL)
			reach = v->rule[i].reach;
	return reach;
}

bool
view_narrowed(const struct view *v, uint16_t type, enum view_op op)
{
	size_t i;

	for (i = 0; i < v->n_rule; i++)
		if (applies(&v->rule[i], type, op) && v->rule[i].n_where > 0)
			return true;
	return false;
}

bool
view_whole(const struct view *v, uint16_t type, enum view_op op)
{
	size_t i;

	for (i = 0; i < v->n_rule; i++)
		if (applies(&v->rule[i], type, op) &&
		    v->rule[i].reach == REACH_ALL && v->rule[i].n_where == 0)
			return true;
	return false;
}

struct typeset
view_types(const struct view *v, enum view_op op)
{
	struct typeset all = { { 0, 0 } };
	const struct view_rule *r;
	size_t i;

	for (i = 0; i < v->n_rule; i++) {
		r = &v->rule[i];
		if ((r->ops & (unsigned)op) == 0 || r->reach <= REACH_NONE ||
		    r->reach > REACH_ALL)
			continue;
		all.bits[0] |= r->types.bits[0];
		all.bits[1] |= r->types.bits[1];
	}
	return all;
}
