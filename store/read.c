/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.c -- one resource by its id, now or as it was.
 *
 * What a view does not hold is ERR_NOTFOUND, as if it had never been, at the
 * cost of what never was: the gate sees to it.
 *
 * Spec: DSTU2 http.html#read, #vread; requirements Z01; CMP-01, CMP-02.
 */
#include "store/gate.h"

enum err
store_read(struct snapshot *t, const struct view *v, uint16_t type,
    struct bytes id, struct resource *out)
{
	struct gate g;
	uint64_t rid;
	enum err e;

	e = gate_open(t, t->arena, v, &g);
	if (e == OK)
		e = gate_find(&g, VIEW_READ, type, id, &rid);
	return e == OK ? gate_record(&g, VIEW_READ, rid, out, NULL, NULL) : e;
}

enum err
store_vread(struct snapshot *t, const struct view *v, uint16_t type,
    struct bytes id, uint64_t version, struct resource *out)
{
	struct resource r;
	struct gate g;
	uint64_t rid;
	enum err e;

	e = gate_open(t, t->arena, v, &g);
	if (e == OK)
		e = gate_find(&g, VIEW_READ, type, id, &rid);
	/* A deleted resource keeps its versions. */
	if (e == OK || e == ERR_GONE)
		e = gate_version(&g, rid, version, &r);
	if (e != OK)
		return e;
	if (r.deleted)
		return ERR_GONE;
	*out = r;
	return OK;
}
