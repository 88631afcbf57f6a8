/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_new.c -- does this view hold what is about to be written?
 *
 * The gate's own rules, asked of content that is not stored yet, and one
 * more: a Binary is nobody's until something names it, so whoever may create
 * Binaries may create one that no view of a patient holds.
 *
 * Spec: requirements Z03, Z04, Z07.
 */
#include "store/gate.h"

enum err
gate_holds_new(const struct gate *g, enum view_op op, uint16_t type,
    const struct place *p, const struct values *values, struct instant updated)
{
	const struct content c = { .values = values, .updated = updated };
	enum err e;

	e = gate_holds(g, op, type, p, &c);
	return e == ERR_NOTFOUND && op == VIEW_CREATE &&
	    p->kind == OWNER_UNOWNED &&
	    def_owner(type)->rule == OWN_REFERRER &&
	    view_reach(g->view, type, op) != REACH_NONE ? OK : e;
}
