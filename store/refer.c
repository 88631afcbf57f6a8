/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refer.c -- does anything refer to this resource?
 *
 * For referential integrity.  What is asked are the reference parameters of
 * all types, and what keeps Binaries and targets in step; an element that no
 * parameter covers, or one of a contained resource, is not seen.  An index
 * of every reference would see those, at the price of each create; a delete
 * pays for this instead, a few hundred looks into the index.
 *
 * Provenance and AuditEvent are not asked: they tell of versions that were,
 * which a delete leaves where they are.  Were they, nothing that was written
 * under this server's own Provenance could ever be deleted.  Nor is Bundle:
 * its parameters find what it holds a copy of, which it keeps.
 *
 * A view of patients asks their rows, so that its work says nothing of
 * others.  Of shared resources it asks none: what is everybody's refers to
 * nobody's record.
 *
 * Spec: DSTU2 http.html#delete; requirements R07.
 */
#include "store/refer.h"

struct refer {
	struct gate	 g;
	struct arena	*arena;
	uint16_t	 type;
	struct bytes	 id;
	uint64_t	 rid;		/* its own references do not count */
	bool		 found;
};

static const uint16_t	reserved[] = { KEY_P_BINARY, KEY_P_TARGET };

/* --- by postings ---------------------------------------------------------- */

/* Is one of this type in the list, and held? */
static enum err
ask_list(struct refer *r, uint16_t from, const struct key *k)
{
	struct gate_list l;
	struct resource res;
	uint64_t rid, n;
	enum err e;

	/* Mostly there is none, which takes no cursor of its own. */
	e = gate_key_rid(&r->g, from, key_bytes(k), &rid);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	e = gate_list(&r->g, from, key_bytes(k), &l, &n);
	if (e == OK)
		e = gate_seek(&l, 0, &rid);
	for (; e == OK; e = gate_next(&l, &rid)) {
		if (rid == r->rid)
			continue;
		e = gate_record(&r->g, VIEW_SEARCH, rid, &res, NULL, NULL);
		if (e == OK)
			r->found = true;
		if (e != ERR_NOTFOUND)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
ask_postings(struct refer *r, uint16_t from)
{
	struct value v = { .kind = PK_REFERENCE, .type = r->type,
	    .text = r->id };
	const struct def_param *p;
	struct key k[KEYS_VALUE] UNINIT;
	enum err e = OK;
	size_t i, n;

	p = def_params(from, &n);
	for (i = 0; i < n && e == OK && !r->found; i++) {
		v.param = p[i].num;
		if (p[i].kind == PK_REFERENCE && key_index(from, &v, k) > 0)
			e = ask_list(r, from, &k[0]);
	}
	for (i = 0; i < N_ELEM(reserved) && e == OK && !r->found; i++) {
		k[0] = key_named(reserved[i], r->type, r->id);
		e = ask_list(r, from, &k[0]);
	}
	return e;
}

/* --- by rows -------------------------------------------------------------- */

static void
ask_entries(struct refer *r, const struct row *row, uint16_t param)
{
	struct bytes at = { NULL, 0 };
	struct value v;

	while (!r->found && key_entry(r->arena, row, param, &at, &v))
		r->found = v.type == r->type && bytes_eq(v.text, r->id);
}

static enum err
ask_row(void *arg, uint64_t rid, const struct row *row)
{
	struct refer *r = arg;
	const struct def_param *p;
	size_t i, n;

	if (rid == r->rid)
		return OK;
	p = def_params(rid_type(rid), &n);
	for (i = 0; i < n; i++)
		if (p[i].kind == PK_REFERENCE)
			ask_entries(r, row, p[i].num);
	for (i = 0; i < N_ELEM(reserved); i++)
		ask_entries(r, row, reserved[i]);
	return OK;
}

static enum err
skip(void *arg UNUSED, uint64_t rid UNUSED, const struct row *row UNUSED)
{
	return OK;
}

/* --- both ----------------------------------------------------------------- */

/* Does it go on as before without what it names? */
static bool
stands_alone(uint16_t type)
{
	const char *name = def_type_num(type)->name;

	return strcmp(name, "Provenance") == 0 ||
	    strcmp(name, "AuditEvent") == 0 || strcmp(name, "Bundle") == 0;
}

static const struct view *
all_seeing(struct arena *a)
{
	struct view *v = arena_alloc(a, sizeof(*v));

	v->rule = arena_alloc(a, sizeof(*v->rule));
	v->n_rule = 1;
	v->rule->ops = VIEW_READ | VIEW_SEARCH;
	v->rule->reach = REACH_ALL;
	for (uint16_t t = 1; t <= DEF_TYPES; t++)
		typeset_add(&v->rule->types, t);
	return v;
}

enum err
refer_ask(struct snapshot *t, struct arena *a, const struct view *v,
    uint16_t type, struct bytes id, bool *out)
{
	struct refer r = { .arena = a, .type = type, .id = id };
	enum view_reach reach;
	enum err e;

	if (v == NULL)
		v = all_seeing(a);
	e = gate_open(t, a, v, &r.g);
	if (e == OK)
		e = gate_find(&r.g, VIEW_READ, type, id, &r.rid);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		e = OK;		/* then nothing is its own */
	for (uint16_t from = 1; from <= DEF_TYPES && e == OK && !r.found;
	    from++) {
		if (stands_alone(from))
			continue;
		reach = view_reach(v, from, VIEW_SEARCH);
		if (reach == REACH_ALL)
			e = ask_postings(&r, from);
		else if (reach != REACH_NONE &&
		    def_owner(from)->rule != OWN_SHARED)
			e = gate_rows(&r.g, a, from, skip, ask_row, &r);
	}
	if (e == OK)
		*out = r.found;
	return e;
}
