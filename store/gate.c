/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.c -- the only way from a view to the bytes of the store.
 *
 * Reads by id and posting lists; the rows of patients are gate_rows.c.  The
 * decision is gate_hold.c's; this file sees to it that it is asked before
 * anything is handed out, and that a refusal costs what a missing id costs.
 *
 * Posting lists span all patients: their very sizes speak of others.  They
 * are given to views that reach all of the type, and to nobody else.
 */
#include <stdlib.h>

#include "fhir/extract.h"
#include "store/gate_in.h"

static const struct bytes nobody = { NULL, 0 };

enum err
gate_open(struct snapshot *t, struct arena *a, const struct view *v,
    struct gate *out)
{
	struct gate g = { .t = t, .view = v };
	struct id_val id;
	enum err e;
	size_t i;
	uint16_t patient;

	patient = def_type(bytes_str("Patient"))->num;
	g.patient = arena_array(a, v->n_patient, sizeof(*g.patient));
	for (i = 0; i < v->n_patient; i++) {
		e = raw_id(t, patient, v->patient[i], &id);
		if (e == ERR_NOTFOUND)
			continue;
		if (e != OK)
			return e;
		g.patient[g.n_patient++] = id.rid;
	}
	if (g.n_patient > 1)
		qsort(g.patient, g.n_patient, sizeof(*g.patient), rid_cmp);
	e = hold_open(&g, a);
	if (e == OK)
		*out = g;
	return e;
}

enum err
gate_journal(const struct gate *g, uint64_t *out)
{
	struct bytes val;
	enum err e;

	e = raw_meta(g->t, "journal", &val);
	if (e == ERR_NOTFOUND) {
		*out = 0;
		return OK;
	}
	if (e != OK)
		return e;
	if (val.len != sizeof(uint64_t))
		return ERR_STORE;
	*out = key_be64(val.p);
	return OK;
}

/* --- by id --------------------------------------------------------------- */

/*
 * Who the members of a resource of several patients are stands in its header
 * alone.  A view of one patient never holds such a resource and needs not
 * look; a view of more looks every time, at rid 0 where there is nothing, so
 * that the number of reads says nothing.
 */
static enum err
members(const struct gate *g, const struct id_val *v, struct bytes *out)
{
	struct header h = { .version = 0 };
	struct bytes body;
	uint64_t rid;
	enum err e;

	*out = nobody;
	if (g->view->n_patient < 2 && g->care == NULL)
		return OK;
	rid = v->state != STATE_NAMED && v->kind == OWNER_MANY ? v->rid : 0;
	e = raw_record(g->t, rid, &h, &body);
	if (e == OK && rid != 0)
		*out = h.member;
	return e == ERR_NOTFOUND ? OK : e;
}

/*
 * The row that criteria are asked of, and for the same reason one that is
 * not there: *c_out NULL where there is none (deleted, or never there).
 */
static enum err
content(const struct gate *g, enum view_op op, uint16_t type,
    uint64_t owner, uint64_t rid, struct row *row, struct content *room,
    const struct content **c_out)
{
	enum err e;

	*c_out = NULL;
	if (g->where == NULL || !view_narrowed(g->view, type, op))
		return OK;
	e = raw_row(g->t, owner, rid, row);
	if (e == OK) {
		*room = (struct content){ .row = row };
		*c_out = room;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
gate_find(const struct gate *g, enum view_op op, uint16_t type,
    struct bytes id, uint64_t *rid_out)
{
	struct id_val v = { .state = STATE_NAMED, .kind = OWNER_UNOWNED };
	struct place p = { .kind = OWNER_UNOWNED };
	const struct content *c;
	struct content room;
	enum view_reach reach;
	struct row row;
	enum err e;

	reach = view_reach(g->view, type, op);
	if (reach == REACH_NONE)
		return ERR_NOTFOUND;
	e = raw_id(g->t, type, id, &v);
	if (e == ERR_NOTFOUND)
		v.state = STATE_NAMED;
	else if (e != OK)
		return e;
	if (v.state != STATE_NAMED)
		p = (struct place){ .kind = v.kind, .owner = v.owner };
	if (reach != REACH_ALL)
		e = members(g, &v, &p.member);
	else
		e = OK;
	if (e == OK)
		e = content(g, op, type, p.owner,
		    v.state == STATE_LIVE ? v.rid : 0, &row, &room, &c);
	if (e != OK)
		return e;
	if (v.state == STATE_NAMED)
		return ERR_NOTFOUND;
	e = gate_holds(g, op, type, &p, c);
	if (e != OK)
		return e;
	*rid_out = v.rid;
	return v.state == STATE_DELETED ? ERR_GONE : OK;
}

static struct resource
resource(uint64_t rid, const struct header *h, struct bytes body)
{
	return (struct resource){
		.type = rid_type(rid),
		.id = h->id,
		.version = h->version,
		.updated = h->updated,
		.deleted = h->deleted,
		.body = h->deleted ? nobody : body,
	};
}

enum err
gate_record(const struct gate *g, enum view_op op, uint64_t rid,
    struct resource *out, uint64_t *owner_out, uint64_t *born_out)
{
	const struct content *c;
	struct content room;
	struct header h;
	struct bytes body;
	struct place p;
	struct row row;
	enum err e;

	e = raw_record(g->t, rid, &h, &body);
	if (e != OK)
		return e;
	/* Asked again, of the record itself: the index is only a hint. */
	p = place_of(&h);
	e = content(g, op, rid_type(rid), h.owner, rid, &row, &room, &c);
	if (e == OK)
		e = gate_holds(g, op, rid_type(rid), &p, c);
	if (e != OK)
		return e;
	if (h.deleted)
		return ERR_GONE;
	*out = resource(rid, &h, body);
	if (owner_out != NULL)
		*owner_out = h.owner;
	if (born_out != NULL)
		*born_out = h.born;
	return OK;
}

/*
 * Criteria are asked of what that version said, not of what the resource
 * says now: its row is made again from its body.
 */
static enum err
version_held(const struct gate *g, uint64_t rid, const struct header *h,
    struct bytes body)
{
	const struct conf *conf = g->t->store->conf;
	const struct base_urls urls = prim_urls(conf);
	/* What was stored under wider limits must still be readable. */
	const struct json_limits lim = {
		.bytes = (size_t)conf_rows[CONF_RESOURCE].max,
		.depth = (size_t)conf_rows[CONF_JSON_DEPTH].max,
		.tokens = (size_t)conf_rows[CONF_JSON_TOKENS].max
	};
	const struct extract x = { .urls = &urls,
	    .zone = (int)conf->num[CONF_ZONE] };
	struct issues is = issues_on(g->t->arena);
	struct content c = { .updated = h->updated };
	const struct place p = place_of(h);
	uint16_t type = rid_type(rid);
	struct json_doc doc;
	struct values values;
	enum err e;

	if (h->deleted || !view_narrowed(g->view, type, VIEW_READ))
		return gate_holds(g, VIEW_READ, type, &p, NULL);
	e = json_doc(g->t->arena, body, h->id, &lim, &is, &doc);
	if (e == OK)
		e = extract_values(g->t->arena, &x, type, doc.tree, &is,
		    &values);
	c.values = &values;
	return e == OK ? gate_holds(g, VIEW_READ, type, &p, &c) : ERR_STORE;
}

enum err
gate_version(const struct gate *g, uint64_t rid, uint64_t version,
    struct resource *out)
{
	struct header h;
	struct bytes body;
	enum err e;

	e = raw_record(g->t, rid, &h, &body);
	if (e == OK)
		e = version_held(g, rid, &h, body);
	if (e == OK && h.version != version) {
		if (version == 0 || version > h.version)
			return ERR_NOTFOUND;
		e = raw_version(g->t, rid, version, &h, &body);
		if (e == OK)
			e = version_held(g, rid, &h, body);
	}
	if (e == OK)
		*out = resource(rid, &h, body);
	return e;
}

enum err
gate_newest(const struct gate *g, uint64_t rid, uint64_t *version_out)
{
	struct header h;
	struct bytes body;
	enum err e;

	e = raw_record(g->t, rid, &h, &body);
	if (e != OK)
		return e;
	*version_out = h.version;
	return OK;
}

/* Not a question of a view: the caller mints tokens, it serves none. */
enum err
store_patient(struct snapshot *t, struct bytes id)
{
	struct id_val v;
	enum err e;

	e = raw_id(t, def_type(bytes_str("Patient"))->num, id, &v);
	if (e == OK && v.state != STATE_LIVE)
		e = ERR_NOTFOUND;
	return e;
}

enum err
gate_extra(const struct gate *g, uint64_t rid, const struct row *row,
    struct extra_parts *out)
{
	struct bytes val;
	enum err e;

	e = raw_extra(g->t, row->owner, rid, &val);
	return e == OK ? key_get_extra(val, out) : e;
}

/* --- postings ------------------------------------------------------------ */

static bool
reaches_all(const struct gate *g, uint16_t type)
{
	return view_reach(g->view, type, VIEW_SEARCH) == REACH_ALL;
}

enum err
gate_list(const struct gate *g, uint16_t type, struct bytes key,
    struct gate_list *out, uint64_t *n_out)
{
	enum err e;

	if (!reaches_all(g, type))
		return ERR_FORBIDDEN;
	*out = (struct gate_list){
		.g = g,
		.key = key,
		.lo = rid_make(type, 0),
		.hi = rid_make((uint16_t)(type + 1), 0),
	};
	e = raw_cursor(g->t, DB_INDEX, &out->cur);
	if (e == OK)
		e = cur_key(out->cur, key);
	if (e == OK)
		e = cur_count(out->cur, n_out);
	return e;
}

static enum err
listed(struct gate_list *l, enum err e, uint64_t rid, uint64_t *rid_out)
{
	l->g->t->work++;
	if (e != OK)
		return e;
	if (rid < l->lo || rid >= l->hi)
		return ERR_NOTFOUND;
	*rid_out = rid;
	return OK;
}

enum err
gate_seek(struct gate_list *l, uint64_t at, uint64_t *rid_out)
{
	uint64_t rid = 0;
	enum err e;

	e = cur_seek64(l->cur, l->key, at < l->lo ? l->lo : at, &rid);
	return listed(l, e, rid, rid_out);
}

enum err
gate_next(struct gate_list *l, uint64_t *rid_out)
{
	uint64_t rid = 0;
	enum err e;

	e = cur_next64(l->cur, &rid);
	return listed(l, e, rid, rid_out);
}

enum err
gate_below(struct gate_list *l, uint64_t below, uint64_t *rid_out)
{
	uint64_t rid = 0;
	enum err e;

	e = cur_below64(l->cur, l->key, below > l->hi ? l->hi : below, &rid);
	return listed(l, e, rid, rid_out);
}

enum err
gate_prev(struct gate_list *l, uint64_t *rid_out)
{
	uint64_t rid = 0;
	enum err e;

	e = cur_prev64(l->cur, &rid);
	return listed(l, e, rid, rid_out);
}
