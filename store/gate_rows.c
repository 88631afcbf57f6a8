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

#include "store/gate_in.h"

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
		row.owner = owner;
		if (e == OK)
			e = fn(arg, rid, &row);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
gate_walk(const struct gate *g, uint64_t owner, struct typeset types,
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

/* --- what of it is held --------------------------------------------------- */

/*
 * A walk of rows that content decides about, too.  What is not held is not
 * counted as work: it must not be felt.
 */
struct held {
	const struct gate	*g;
	uint64_t		 owner;
	enum view_op		 op, op2;	/* op2 may be 0 */
	gate_row_fn		*fn;
	void			*arg;
};

static enum err
held_row(void *arg, uint64_t rid, const struct row *row)
{
	const struct held *h = arg;
	enum err e;

	e = hold_row(h->g, h->op, h->op2, h->owner, rid, row);
	if (e == OK)
		return h->fn(h->arg, rid, row);
	h->g->t->work--;
	return e == ERR_NOTFOUND ? OK : e;
}

/* Rows of an owner in reach; judged one by one only where that matters. */
static enum err
walk(const struct gate *g, uint64_t owner, struct typeset types,
    enum view_op op, enum view_op op2, gate_row_fn *fn, void *arg)
{
	struct held h = { .g = g, .owner = owner, .op = op, .op2 = op2,
	    .fn = fn, .arg = arg };

	if (g->where == NULL && g->care == NULL)
		return gate_walk(g, owner, types, fn, arg);
	return gate_walk(g, owner, types, held_row, &h);
}

/* Of the patients named by id, those that are cared for. */
static enum err
cared_of(const struct gate *g, struct arena *a, const struct pin *pin,
    uint64_t **rid_out, size_t *n_out)
{
	const uint16_t patient = def_type(bytes_str("Patient"))->num;
	uint64_t *list = arena_array(a, pin->n, sizeof(*list));
	struct id_val v;
	size_t i, n = 0;
	enum err e;

	for (i = 0; i < pin->n; i++) {
		e = raw_id(g->t, patient, pin->id[i], &v);
		if (e == OK)
			e = care_holds(g, v.rid);
		if (e == OK)
			list[n++] = v.rid;
		else if (e != ERR_NOTFOUND)
			return e;
	}
	*rid_out = list;
	*n_out = n;
	return OK;
}

/*
 * Patients whose rows are walked, each once: those the view names, and those
 * cared for, as far as they are wanted.
 */
static enum err
owners(const struct gate *g, struct arena *a, const struct pin *pin,
    const uint64_t **rid_out, size_t *n_out)
{
	const uint64_t *cared;
	uint64_t *all, *few;
	size_t n_cared;
	enum err e;

	*rid_out = g->patient;
	*n_out = g->n_patient;
	if (g->care == NULL)
		return OK;
	if (pin != NULL) {
		e = cared_of(g, a, pin, &few, &n_cared);
		cared = few;
	} else
		e = care_list(g, &cared, &n_cared);
	if (e != OK)
		return e;
	all = arena_array(a, g->n_patient + n_cared, sizeof(*all));
	if (g->n_patient > 0)
		memcpy(all, g->patient, g->n_patient * sizeof(*all));
	if (n_cared > 0)
		memcpy(all + g->n_patient, cared, n_cared * sizeof(*all));
	*rid_out = all;
	*n_out = rid_sort(all, g->n_patient + n_cared);
	return OK;
}

/* --- several patients together ------------------------------------------- */

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
	struct content c = { .row = NULL };
	struct header h;
	struct bytes body;
	struct place p;
	struct row row;
	uint64_t rid;
	enum err e;

	e = cur_seek64(m->cur, key_bytes(&key), rid_make(type, 0), &rid);
	for (; e == OK && rid_type(rid) == type;
	    e = cur_next64(m->cur, &rid)) {
		e = raw_record(m->g->t, rid, &h, &body);
		if (e == OK)
			e = raw_row(m->g->t, KEY_MANY, rid, &row);
		if (e != OK)
			return e;
		p = place_of(&h);
		c.row = &row;
		e = h.kind != OWNER_MANY ||
		    (m->first && key_member(h.member, 0) != owner) ?
		    ERR_NOTFOUND : gate_holds(m->g, m->op, type, &p, &c);
		if (e == OK)
			e = m->fn(m->arg, rid, &row);
		if (e != OK && e != ERR_NOTFOUND)
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
walk_many(const struct gate *g, uint16_t type, const uint64_t *owner,
    size_t n, gate_row_fn *fn, void *arg)
{
	struct many m = { .g = g, .op = VIEW_SEARCH, .first = true,
	    .fn = fn, .arg = arg };
	enum err e;
	size_t i;

	e = raw_cursor(g->t, DB_INDEX, &m.cur);
	for (i = 0; e == OK && i < n; i++)
		e = walk_list(&m, owner[i], type);
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
		e = walk(g, g->patient[i], types, VIEW_READ, VIEW_SEARCH,
		    ref_row, &r);
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
		if (e != OK)
			return e;
		if (g->where != NULL)
			e = hold_row(g, VIEW_SEARCH, 0, KEY_SHARED, v.rid,
			    &row);
		if (e == OK)
			e = fn(arg, v.rid, &row);
		if (e != OK && e != ERR_NOTFOUND)
			return e;
	}
	return OK;
}

enum err
gate_rows_of(const struct gate *g, struct arena *a, uint16_t type,
    const struct pin *pin, gate_row_fn *seen, gate_row_fn *fn, void *arg)
{
	struct typeset one = { { 0, 0 } };
	const uint64_t *owner;
	size_t i, n;
	enum err e;

	if (view_reach(g->view, type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	typeset_add(&one, type);
	e = owners(g, a, pin, &owner, &n);
	for (i = 0; e == OK && i < n; i++)
		e = walk(g, owner[i], one, VIEW_SEARCH, 0, fn, arg);
	if (e == OK && n > 1)
		e = walk_many(g, type, owner, n, fn, arg);
	if (e == OK && def_owner(type)->rule == OWN_SHARED)
		e = walk_shared(g, a, type, seen, fn, arg);
	/* What one database names and another has not is damage. */
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
gate_rows(const struct gate *g, struct arena *a, uint16_t type,
    gate_row_fn *seen, gate_row_fn *fn, void *arg)
{
	return gate_rows_of(g, a, type, NULL, seen, fn, arg);
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
		if (reach == REACH_NONE || (reach != REACH_ALL &&
		    g->n_patient < 2 && g->care == NULL))
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
	const struct place p = { .kind = OWNER_ONE, .owner = owner };
	struct typeset types = { { 0, 0 } };
	uint16_t type;
	enum err e;

	for (type = 1; type <= DEF_TYPES; type++) {
		/* By criteria: some of the type may be held. */
		e = g->where != NULL &&
		    view_narrowed(g->view, type, VIEW_READ) ? OK :
		    gate_holds(g, VIEW_READ, type, &p, NULL);
		if (e == OK)
			typeset_add(&types, type);
		else if (e != ERR_NOTFOUND)
			return e;
	}
	e = walk(g, owner, types, VIEW_READ, 0, fn, arg);
	if (e == OK)
		e = compartment_many(g, owner, fn, arg);
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
gate_row(const struct gate *g, uint64_t owner, uint64_t rid, struct row *out)
{
	enum err e;

	e = raw_row(g->t, owner, rid, out);
	if (e == OK && g->where != NULL)
		e = hold_row(g, VIEW_SEARCH, VIEW_READ, owner, rid, out);
	return e;
}

/* --- pins ----------------------------------------------------------------- */

static bool
same_path(const struct def_path *x, const struct def_path *y)
{
	const struct def_step *a = def_steps(x), *b = def_steps(y);
	size_t i;

	for (i = 0; x->n_step == y->n_step && i < x->n_step; i++)
		if (strcmp(a[i].name, b[i].name) != 0 ||
		    a[i].first != b[i].first)
			return false;
	return x->n_step == y->n_step;
}

/* Does who is named by this parameter own the resource, if anybody does? */
static bool
names_owner(uint16_t type, const struct def_param *p)
{
	const struct def_owner *o = def_owner(type);

	if (o->rule == OWN_SELF)
		return p->num == PARAM_ID;
	return o->rule == OWN_SUBJECT && o->n_subject == 1 &&
	    p->kind == PK_REFERENCE && p->n_path == 1 &&
	    same_path(def_paths(p), &o->subject[0]);
}

bool
gate_names_owner(uint16_t type, const struct def_param *p)
{
	const struct def_owner *o = def_owner(type);

	return o->rule == OWN_SUBJECT && o->n_other == 0 &&
	    names_owner(type, p);
}

bool
gate_pin(struct arena *a, uint16_t type, const struct criterion *c,
    struct pin *out)
{
	size_t i;

	if ((c->mod != MOD_NONE && c->mod != MOD_TYPE) || c->n_also > 0 ||
	    c->n_any == 0 || !names_owner(type, c->param))
		return false;
	out->id = arena_array(a, c->n_any, sizeof(*out->id));
	for (i = 0; i < c->n_any; i++)
		out->id[i] = c->any[i].v.text;
	out->n = c->n_any;
	return true;
}
