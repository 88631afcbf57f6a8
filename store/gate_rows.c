/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_rows.c -- what a search of a patient's view walks.
 *
 * The second half of the gate.  Global postings are never looked at: their
 * sizes would speak of other people's data.  The work done here is a function
 * of what the view holds.
 *
 * Spec: requirements Z02, Z04; security CMP-04, CMP-18, CMP-23, SRC-01.
 */
#include <stdlib.h>

#include "store/gate.h"

/*
 * Rows of one owner, of the given types.  Types next to each other are one
 * scan; between them the cursor is put anew, whatever lies there: rows of a
 * type outside the view cost nothing and change nothing.
 */
static enum err
walk_run(const struct gate *g, struct cur *c, uint64_t owner, uint16_t first,
    uint16_t last, gate_row_fn *fn, void *arg)
{
	struct bytes key, val;
	struct key from UNINIT;
	struct row row;
	uint64_t rid;
	enum err e;

	from = key_row(owner, rid_make(first, 0));
	g->t->work++;
	for (e = cur_seek(c, key_bytes(&from), &key, &val); e == OK;
	    e = cur_next(c, &key, &val)) {
		if (key.len != 2 * sizeof(uint64_t))
			return ERR_STORE;
		rid = key_be64(key.p + sizeof(uint64_t));
		if (key_be64(key.p) != owner || rid_type(rid) > last)
			return OK;
		g->t->work++;
		e = key_get_row(val, &row);
		if (e == OK)
			e = fn(arg, rid, &row);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
walk(const struct gate *g, uint64_t owner, struct typeset types,
    gate_row_fn *fn, void *arg)
{
	struct cur *c;
	uint16_t first, last;
	enum err e;

	e = raw_cursor(g->t, DB_ROW, &c);
	for (first = 1; e == OK && first <= DEF_TYPE_MAX; first = last) {
		last = first;
		if (!typeset_has(types, last++))
			continue;
		while (typeset_has(types, last))
			last++;
		e = walk_run(g, c, owner, first, (uint16_t)(last - 1), fn,
		    arg);
	}
	return e;
}

/* A walk along the lists of what several patients have together. */
struct many {
	const struct gate	*g;
	struct cur		*cur;
	enum view_op		 op;
	bool			 first;	/* only what names the owner first */
	gate_row_fn		*fn;
	void			*arg;
};

static enum err
walk_list(const struct many *m, uint64_t owner, uint16_t type)
{
	struct key key = key_reserved(KEY_P_OWNER, owner);
	struct header h;
	struct bytes body;
	struct row row;
	uint64_t rid;
	enum err e;

	e = cur_seek64(m->cur, key_bytes(&key), rid_make(type, 0), &rid);
	for (; e == OK && rid_type(rid) == type;
	    e = cur_next64(m->cur, &rid)) {
		e = raw_record(m->g->t, rid, &h, &body);
		if (e != OK)
			return e;
		if (h.kind != OWNER_MANY || !gate_holds(m->g, m->op, type,
		    h.kind, h.owner, h.member) ||
		    (m->first && key_member(h.member, 0) != owner))
			continue;
		e = raw_row(m->g->t, KEY_MANY, rid, &row);
		if (e == OK)
			e = m->fn(m->arg, rid, &row);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/*
 * Resources of several patients, all in the set.  Each stands in the list of
 * each member; it is taken from that of the first.  Only a view of more than
 * one patient comes here: it reads the headers of what names one of them and
 * somebody else, too, so its work (not its answer) tells that there are such.
 */
static enum err
walk_many(const struct gate *g, uint16_t type, gate_row_fn *fn, void *arg)
{
	struct many m = { .g = g, .op = VIEW_SEARCH, .first = true,
	    .fn = fn, .arg = arg };
	enum err e;
	size_t i;

	e = raw_cursor(g->t, DB_INDEX, &m.cur);
	for (i = 0; e == OK && i < g->n_patient; i++)
		e = walk_list(&m, g->patient[i], type);
	return e;
}

/* Ids of one type that rows refer to. */
struct refs {
	struct arena	*arena;
	gate_row_fn	*seen;		/* called for each row... */
	void		*arg;		/* ...with this */
	uint16_t	 type;		/* wanted */
	struct bytes	*id;
	size_t		 n, cap;
};

static void
ref_add(struct refs *r, struct bytes id)
{
	struct bytes *more;

	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 256 : 2 * r->cap;
		more = arena_array(r->arena, r->cap, sizeof(*more));
		if (r->n > 0)
			memcpy(more, r->id, r->n * sizeof(*more));
		r->id = more;
	}
	r->id[r->n++] = id;
}

static enum err
ref_row(void *arg, uint64_t rid, const struct row *row)
{
	struct refs *r = arg;
	const struct def_param *p;
	struct bytes at;
	struct value v;
	size_t i, n;
	enum err e;

	e = r->seen(r->arg, rid, row);
	if (e != OK)
		return e;
	p = def_params(rid_type(rid), &n);
	for (i = 0; i < n; i++) {
		if (p[i].kind != PK_REFERENCE)
			continue;
		at = bytes_of(NULL, 0);
		while (key_entry(r->arena, row, p[i].num, &at, &v))
			if (v.type == r->type)
				ref_add(r, v.text);
	}
	return OK;
}

static int
cmp_bytes(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;

	return bytes_cmp(*x, *y);
}

/*
 * Shared resources: a search finds those that rows of the patients refer to,
 * so that it is no directory of the house (CMP-23).  Rows of types that the
 * view may neither read nor search are not there and refer to nothing.
 */
static enum err
walk_shared(const struct gate *g, struct arena *a, uint16_t type,
    gate_row_fn *seen, gate_row_fn *fn, void *arg)
{
	struct refs r = { .arena = a, .seen = seen, .arg = arg,
	    .type = type };
	struct typeset types, more;
	struct id_val v;
	struct row row;
	enum err e;
	size_t i;

	types = view_types(g->view, VIEW_READ);
	more = view_types(g->view, VIEW_SEARCH);
	types.bits[0] |= more.bits[0];
	types.bits[1] |= more.bits[1];
	for (i = 0; i < g->n_patient; i++) {
		e = walk(g, g->patient[i], types, ref_row, &r);
		if (e != OK)
			return e;
	}
	if (r.n > 1)
		qsort(r.id, r.n, sizeof(*r.id), cmp_bytes);
	for (i = 0; i < r.n; i++) {
		if (i > 0 && bytes_eq(r.id[i], r.id[i - 1]))
			continue;
		e = raw_id(g->t, type, r.id[i], &v);
		if (e == ERR_NOTFOUND || (e == OK &&
		    (v.state != STATE_LIVE || v.kind != OWNER_SHARED)))
			continue;
		if (e == OK)
			e = raw_row(g->t, KEY_SHARED, v.rid, &row);
		if (e == OK)
			e = fn(arg, v.rid, &row);
		if (e != OK)
			return e;
	}
	return OK;
}

enum err
gate_rows(const struct gate *g, struct arena *a, uint16_t type,
    gate_row_fn *seen, gate_row_fn *fn, void *arg)
{
	struct typeset one = { { 0, 0 } };
	enum err e = OK;
	size_t i;

	if (view_reach(g->view, type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	typeset_add(&one, type);
	for (i = 0; e == OK && i < g->n_patient; i++)
		e = walk(g, g->patient[i], one, fn, arg);
	if (e == OK && g->n_patient > 1)
		e = walk_many(g, type, fn, arg);
	if (e == OK && def_owner(type)->rule == OWN_SHARED)
		e = walk_shared(g, a, type, seen, fn, arg);
	/* What one database names and another has not is damage. */
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

/*
 * What several patients have together is looked for where the view may hold
 * some: one of all patients, or of more than one.  A view of one patient
 * asks nothing, so that there is nothing to be told from its work.
 */
static enum err
compartment_many(const struct gate *g, uint64_t owner, gate_row_fn *fn,
    void *arg)
{
	struct many m = { .g = g, .op = VIEW_READ, .fn = fn, .arg = arg };
	enum view_reach reach;
	enum err e = OK;
	uint16_t type;

	for (type = 1; e == OK && type <= DEF_TYPES; type++) {
		reach = view_reach(g->view, type, VIEW_READ);
		if (reach == REACH_NONE ||
		    (reach == REACH_PATIENTS && g->n_patient < 2))
			continue;
		if (m.cur == NULL)
			e = raw_cursor(g->t, DB_INDEX, &m.cur);
		if (e == OK)
			e = walk_list(&m, owner, type);
	}
	return e;
}

enum err
gate_compartment(const struct gate *g, uint64_t owner, gate_row_fn *fn,
    void *arg)
{
	const struct bytes nobody = { NULL, 0 };
	struct typeset types = { { 0, 0 } };
	uint16_t type;
	enum err e;

	for (type = 1; type <= DEF_TYPES; type++)
		if (gate_holds(g, VIEW_READ, type, OWNER_ONE, owner, nobody))
			typeset_add(&types, type);
	e = walk(g, owner, types, fn, arg);
	if (e == OK)
		e = compartment_many(g, owner, fn, arg);
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
gate_row(const struct gate *g, uint64_t owner, uint64_t rid, struct row *out)
{
	return raw_row(g->t, owner, rid, out);
}
