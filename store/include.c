/* SPDX-License-Identifier: Apache-2.0 */
/*
 * include.c -- what the matches of a page bring along.
 *
 * _include goes from the references in a row to records, each through the
 * gate as a read by id would be; _revinclude (include_rev.c) comes from what
 * refers to them.  Both are asked of the matches; of what was included, too,
 * where they recurse, until nothing new comes.  What stands on the page is
 * asked once, so circles end.  Nothing hidden is included, and nothing
 * included is counted.
 *
 * Spec: DSTU2 search.html#include; security SRC-02, SRC-03, SRC-04.
 */
#include "store/show.h"

#define TICK	16	/* members between two looks at the clock */

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
found(struct include_set *s, const struct resource *r, uint64_t rid,
    uint64_t owner)
{
	struct resource *more;
	struct member *who;

	if (s->n_found == s->cap_found) {
		s->cap_found = s->cap_found == 0 ? 16 : 2 * s->cap_found;
		more = arena_array(s->arena, s->cap_found, sizeof(*more));
		who = arena_array(s->arena, s->cap_found, sizeof(*who));
		if (s->n_found > 0) {
			memcpy(more, s->found, s->n_found * sizeof(*more));
			memcpy(who, s->who, s->n_found * sizeof(*who));
		}
		s->found = more;
		s->who = who;
	}
	s->who[s->n_found] = (struct member){ rid, owner, 0 };
	s->found[s->n_found++] = *r;
	s->bytes += r->body.len;
}

enum err
include_add(struct include_set *s, const struct gate *g, enum view_op op,
    uint64_t rid, bool shared, uint64_t max)
{
	struct resource r;
	uint64_t owner;
	enum err e;

	if (!include_put(s, rid))
		return OK;
	e = gate_record(g, op, rid, &r, &owner, NULL);
	if (e != OK)
		return e;
	if (shared && owner != KEY_SHARED)
		return OK;
	if (s->n_found >= max)
		return ERR_COSTLY;
	found(s, &r, rid, owner);
	return OK;
}

/* shared: what is anybody's own stays out. */
static enum err
follow(struct include_set *s, const struct gate *g, const struct value *v,
    bool shared, uint64_t max)
{
	uint64_t rid;
	enum err e;

	e = gate_find(g, VIEW_READ, v->type, v->text, &rid);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return OK;
	if (e == OK)
		e = include_add(s, g, VIEW_READ, rid, shared, max);
	/* What the id database holds and the record denies is damage. */
	return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
}

/* Follow one parameter of a row; target 0: wherever it leads. */
static enum err
follow_param(struct include_set *s, const struct gate *g,
    const struct row *row, uint16_t param, uint16_t target, bool shared,
    uint64_t max)
{
	struct bytes at = bytes_of(NULL, 0);
	struct value v;
	enum err e = OK;

	/* References have no parts: no arena is asked for them. */
	while (e == OK && key_entry(NULL, row, param, &at, &v))
		if (v.kind == PK_REFERENCE && v.type != 0 &&
		    (target == 0 || target == v.type))
			e = follow(s, g, &v, shared, max);
	return e;
}

/* Follow every reference of a row. */
static enum err
follow_all(struct include_set *s, const struct gate *g,
    const struct row *row, uint16_t type, uint16_t target, bool shared,
    uint64_t max)
{
	const struct def_param *p;
	enum err e = OK;
	size_t i, n;

	p = def_params(type, &n);
	for (i = 0; e == OK && i < n; i++)
		if (p[i].kind == PK_REFERENCE)
			e = follow_param(s, g, row, p[i].num, target, shared,
			    max);
	return e;
}

enum err
include_shared(struct include_set *s, const struct gate *g, uint64_t owner,
    uint64_t rid, uint64_t max)
{
	struct row row;
	enum err e;

	e = gate_row(g, owner, rid, &row);
	if (e == OK)
		e = follow_all(s, g, &row, rid_type(rid), 0, true, max);
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

/* --- a page --------------------------------------------------------------- */

enum err
member_inner(const struct gate *g, const struct member *m,
    struct row *row_out, struct inner *inner_out)
{
	struct extra_parts x;
	enum err e;
	unsigned n;

	e = gate_row(g, m->owner, m->rid, row_out);
	if (e == OK)
		e = gate_extra(g, m->rid, row_out, &x);
	for (n = 0; e == OK && n < m->inner; n++)
		if (!key_inner(&x.inner, inner_out))
			e = ERR_STORE;
	return e;
}

enum err
member_row(const struct gate *g, const struct member *m,
    struct row *row_out)
{
	struct inner inner;
	enum err e;

	if (m->inner == 0)
		return gate_row(g, m->owner, m->rid, row_out);
	e = member_inner(g, m, row_out, &inner);
	if (e == OK)
		*row_out = inner.values;
	return e;
}

/*
 * _include of one member of the page.
 * Reading: with _containedType=contained the one inside is the match, so what
 * it refers to is brought, and not what its container does.
 */
static enum err
forward(struct bring *b, size_t i)
{
	const struct member m = bring_member(b, i);
	const struct query *q = b->q;
	const struct include *in;
	const uint16_t type = m.inner > 0 ? bring_resource(b, i)->inner :
	    rid_type(m.rid);
	struct row row;
	bool any = false;
	enum err e = OK;
	size_t j;

	for (j = 0; e == OK && j < q->n_include; j++) {
		in = &q->include[j];
		if (!bring_asks(b, in, i) ||
		    (in->source != 0 && in->source != type))
			continue;
		if (!any)
			e = member_row(b->g, &m, &row);
		any = true;
		if (e == OK && in->param != NULL)
			e = follow_param(b->set, b->g, &row, in->param->num,
			    in->target, false, b->ask->max_include);
		else if (e == OK)
			e = follow_all(b->set, b->g, &row, type, in->target,
			    false, b->ask->max_include);
	}
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
bring_room(struct bring *b, size_t len)
{
	if (b->ask->max_memory == 0 ||
	    arena_used(b->arena) + len <= b->ask->max_memory)
		return OK;
	return issue_add(b->is, ERR_COSTLY, "search-budget", "?_include",
	    "what belongs to the matches is more than the server may hold; "
	    "ask for smaller pages with _count");
}

enum err
bring_tick(struct bring *b)
{
	if (++b->ticks % TICK != 0)
		return OK;
	if (b->ask->spent == NULL || !b->ask->spent(b->ask->spent_arg))
		return bring_room(b, 0);
	return issue_add(b->is, ERR_COSTLY, "search-budget", "?_include",
	    "what belongs to the matches is more than the server may look "
	    "at; ask for smaller pages with _count");
}

static enum err
too_many(struct bring *b)
{
	return issue_add(b->is, ERR_COSTLY, "search-includes", "?_include",
	    "more than %llu resources would be included; ask for smaller "
	    "pages with _count, or for fewer by _include=Type:param:Target",
	    (unsigned long long)b->ask->max_include);
}

/* Each step asks what the one before has brought. */
enum err
include_page(struct bring *b)
{
	size_t from, to, i, said = b->is->n;
	enum err e = OK;

	/* A container is not on the page because one inside is. */
	for (i = 0; i < b->n_match; i++)
		if (b->who[i].inner == 0)
			(void)include_put(b->set, b->who[i].rid);
	for (from = 0, to = b->n_match; e == OK && from < to;
	    from = to, to = b->n_match + b->set->n_found) {
		for (i = from; e == OK && i < to; i++) {
			e = bring_tick(b);
			if (e == OK)
				e = forward(b, i);
		}
		if (e == OK && b->q->n_revinclude > 0)
			e = include_reverse(b, from, to);
	}
	return e == ERR_COSTLY && b->is->n == said ? too_many(b) : e;
}
