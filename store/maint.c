/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maint.c -- what the tool asks past the gate: figures, export, why.  (L2)
 */
#include "store/maint.h"

#include "base/buf.h"
#include "store/gate.h"
#include "store/meta.h"

/* --- figures ------------------------------------------------------------ */

static enum err
count_ids(struct snapshot *t, struct maint_stats *out)
{
	struct bytes key, val;
	struct id_val v;
	struct cur *c;
	enum err e;

	e = raw_cursor(t, DB_ID, &c);
	if (e == OK)
		e = cur_seek(c, bytes_of(NULL, 0), &key, &val);
	for (; e == OK; e = cur_next(c, &key, &val)) {
		e = key_get_id(val, &v);
		if (e != OK)
			return e;
		out->deleted += v.state == STATE_DELETED;
		if (v.state != STATE_LIVE)
			continue;
		out->by_owner[v.kind]++;
		if (rid_type(v.rid) <= DEF_TYPE_MAX)
			out->resources[rid_type(v.rid)]++;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
maint_stats(struct snapshot *t, struct maint_stats *out)
{
	struct maint_stats st = { .deleted = 0 };
	struct env_stat env;
	uint64_t current, past;
	enum err e;

	e = count_ids(t, &st);
	if (e == OK)
		e = db_count(t->txn, DB_RECORD, &current);
	if (e == OK)
		e = db_count(t->txn, DB_HISTORY, &past);
	if (e == OK)
		e = db_count(t->txn, DB_ROW, &st.rows);
	if (e == OK)
		e = db_count(t->txn, DB_INDEX, &st.postings);
	if (e == OK)
		e = db_count(t->txn, DB_CHANGE, &st.changes);
	if (e == OK)
		e = env_stats(t->store->env, &env);
	if (e != OK)
		return e;
	st.versions = current + past;
	st.map = env.map;
	st.used = env.used;
	*out = st;
	return OK;
}

/* --- everything --------------------------------------------------------- */

enum err
maint_each(struct snapshot *t, uint16_t type, maint_each_fn *fn, void *arg)
{
	struct key from = key_rid(rid_make(type, 0));
	struct bytes key, val;
	struct resource r;
	struct header h;
	struct cur *c;
	enum err e;

	e = raw_cursor(t, DB_RECORD, &c);
	if (e == OK)
		e = cur_seek(c, key_bytes(&from), &key, &val);
	for (; e == OK; e = cur_next(c, &key, &val)) {
		if (key.len != 8)
			return ERR_STORE;
		r.type = rid_type(key_be64(key.p));
		if (type != 0 && r.type != type)
			return OK;
		/* What leaves by export has no second look: digest too. */
		e = key_get_record(val, true, &h, &r.body);
		if (e != OK)
			return e;
		if (h.deleted)
			continue;
		r.id = h.id;
		r.version = h.version;
		r.updated = h.updated;
		r.deleted = false;
		e = fn(arg, &r);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- notes -------------------------------------------------------------- */

static struct key
note_key(struct bytes name)
{
	struct key k = { .len = 0 };

	key_add(&k, bytes_str(META_NOTE));
	key_add(&k, name);
	return k;
}

enum err
maint_note_get(struct snapshot *t, struct bytes name, struct bytes *val_out)
{
	struct key k = note_key(name);

	return db_get(t->txn, DB_META, key_bytes(&k), val_out);
}

/* --- why ---------------------------------------------------------------- */

static void
add_paths(struct buf *b, const struct def_path *path, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_str(b, i == 0 ? " " : ", ");
		for (size_t j = 0; j < path[i].n_step; j++) {
			if (j > 0)
				buf_str(b, ".");
			buf_str(b, def_steps(&path[i])[j].name);
		}
	}
}

/* The row of owner.tbl in words. */
static const char *
rule_of(struct arena *a, uint16_t type)
{
	static const char *const text[] = {
		[OWN_NONE] = "none: no patient view sees this type",
		[OWN_SELF] = "self: the patient is its own owner",
		[OWN_SUBJECT] = "subject: the patient named by",
		[OWN_ALL] = "all-of: every patient named by",
		[OWN_TARGET] = "target: the owners of what is named by",
		[OWN_REFERRER] = "referrer: the owners of what names it",
		[OWN_SHARED] = "shared: no patient by nature"
	};
	const struct def_owner *o = def_owner(type);
	struct buf b = buf_on(a, 4096);
	struct bytes out;

	buf_str(&b, text[o->rule]);
	add_paths(&b, o->subject, o->n_subject);
	if (o->n_other > 0) {
		buf_str(&b, "; where that is absent, by");
		add_paths(&b, o->other, o->n_other);
	}
	if (buf_end(&b, &out) != OK)
		return text[o->rule];
	return arena_str(a, out);
}

static enum err
owner_ids(struct snapshot *t, struct arena *a, const struct header *h,
    struct store_why *why)
{
	size_t n = h->kind == OWNER_MANY ? h->member.len / 8 :
	    h->kind == OWNER_ONE ? 1 : 0;
	struct header patient;
	struct bytes body;
	uint64_t rid;
	enum err e;

	why->owner = arena_array(a, n, sizeof(*why->owner));
	for (size_t i = 0; i < n; i++) {
		rid = h->kind == OWNER_ONE ? h->owner :
		    key_member(h->member, i);
		e = raw_record(t, rid, &patient, &body);
		if (e == ERR_NOTFOUND)
			continue;	/* named, and never loaded */
		if (e != OK)
			return e;
		why->owner[why->n_owner++] = patient.id;
	}
	return OK;
}

enum err
store_explain(struct snapshot *t, struct arena *a, const struct view *v,
    uint16_t type, struct bytes id, struct store_why *out)
{
	struct store_why why = { .rule = rule_of(a, type) };
	struct header h;
	struct id_val idv;
	struct bytes body;
	struct gate g;
	enum err e;

	e = raw_id(t, type, id, &idv);
	if (e == ERR_NOTFOUND || (e == OK && idv.state == STATE_NAMED)) {
		*out = why;
		return OK;
	}
	if (e == OK)
		e = raw_record(t, idv.rid, &h, &body);
	if (e == OK)
		e = gate_open(t, a, v, &g);
	if (e == OK)
		e = owner_ids(t, a, &h, &why);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_STORE : e;
	why.exists = true;
	why.deleted = h.deleted;
	why.kind = h.kind;
	e = gate_find(&g, VIEW_READ, type, id, &idv.rid);
	if (e != OK && e != ERR_GONE && e != ERR_NOTFOUND)
		return e;
	why.in_view = e != ERR_NOTFOUND;
	*out = why;
	return OK;
}
