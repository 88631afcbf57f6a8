/* SPDX-License-Identifier: Apache-2.0 */
/*
 * include.c -- what the matches of a page bring along (_include).
 *
 * One step, from the references in a match's row to records, each through
 * the gate as a read by id would be.  Nothing hidden is included, and nothing
 * included is counted.
 *
 * Spec: DSTU2 search.html#include; security SRC-02, SRC-04.
 */
#include "store/find.h"

static size_t
slot_of(const struct include_set *s, uint64_t rid)
{
	size_t i;

	/* Fibonacci hashing: rids of one type differ in their low bits. */
	i = (size_t)(rid * UINT64_C(0x9e3779b97f4a7c15) >> 20);
	for (i &= s->cap - 1; s->slot[i] != 0 && s->slot[i] != rid;
	    i = (i + 1) & (s->cap - 1))
		continue;
	return i;
}

struct include_set
include_new(struct arena *a, size_t expect)
{
	struct include_set s = { .arena = a, .cap = 64 };

	while (s.cap < 4 * expect)
		s.cap *= 2;
	s.slot = arena_array(a, s.cap, sizeof(*s.slot));
	return s;
}

static void
grow(struct include_set *s)
{
	struct include_set more = include_new(s->arena, s->cap);
	size_t i;

	for (i = 0; i < s->cap; i++)
		if (s->slot[i] != 0)
			more.slot[slot_of(&more, s->slot[i])] = s->slot[i];
	s->slot = more.slot;
	s->cap = more.cap;
}

bool
include_put(struct include_set *s, uint64_t rid)
{
	size_t i = slot_of(s, rid);

	if (s->slot[i] == rid)
		return false;
	s->slot[i] = rid;
	if (2 * ++s->n > s->cap)
		grow(s);
	return true;
}

static void
found(struct include_set *s, const struct resource *r)
{
	struct resource *more;

	if (s->n_found == s->cap_found) {
		s->cap_found = s->cap_found == 0 ? 16 : 2 * s->cap_found;
		more = arena_array(s->arena, s->cap_found, sizeof(*more));
		if (s->n_found > 0)
			memcpy(more, s->found, s->n_found * sizeof(*more));
		s->found = more;
	}
	s->found[s->n_found++] = *r;
	s->bytes += r->body.len;
}

/* shared: what is anybody's own stays out. */
static enum err
follow(struct include_set *s, const struct gate *g, const struct value *v,
    bool shared, uint64_t max)
{
	struct resource r;
	uint64_t rid, owner;
	enum err e;

	e = gate_find(g, VIEW_READ, v->type, v->text, &rid);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return OK;
	if (e != OK || !include_put(s, rid))
		return e;
	e = gate_record(g, VIEW_READ, rid, &r, &owner, NULL);
	if (e != OK)
		return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
	if (shared && owner != KEY_SHARED)
		return OK;
	if (s->n_found >= max)
		return ERR_COSTLY;
	found(s, &r);
	return OK;
}

enum err
include_from(struct include_set *s, const struct gate *g,
    const struct query *q, uint64_t owner, uint64_t rid, uint64_t max)
{
	const struct include *in;
	struct bytes at;
	struct value v;
	struct row row;
	enum err e;
	size_t i;

	e = gate_row(g, owner, rid, &row);
	for (i = 0; e == OK && i < q->n_include; i++) {
		in = &q->include[i];
		at = bytes_of(NULL, 0);
		while (e == OK && key_entry(s->arena, &row, in->param->num,
		    &at, &v))
			if (v.kind == PK_REFERENCE && v.type != 0 &&
			    (in->target == 0 || in->target == v.type))
				e = follow(s, g, &v, false, max);
	}
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
include_shared(struct include_set *s, const struct gate *g, uint64_t owner,
    uint64_t rid, uint64_t max)
{
	const struct def_param *p;
	struct bytes at;
	struct value v;
	struct row row;
	enum err e;
	size_t i, n;

	p = def_params(rid_type(rid), &n);
	e = gate_row(g, owner, rid, &row);
	for (i = 0; e == OK && i < n; i++) {
		if (p[i].kind != PK_REFERENCE)
			continue;
		at = bytes_of(NULL, 0);
		while (e == OK && key_entry(s->arena, &row, p[i].num, &at,
		    &v))
			if (v.type != 0)
				e = follow(s, g, &v, true, max);
	}
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}
