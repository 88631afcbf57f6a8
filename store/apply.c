/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c -- change-sets: the only way anything gets into the store.  (L2)
 *
 * One durable transaction, all or nothing, and re-runnable: a full map
 * aborts it, grows, and runs it again.  Values and owners come computed by
 * fhir/extract.c; whose a resource is says apply_owner.c, rows and postings
 * keeps apply_index.c.
 *
 * The order within a change: find, gate, precondition, "is it the same",
 * and only then writes, so that a refusal tells nothing about what the view
 * does not hold.
 */
#include "store/apply.h"

#include "store/maint.h"
#include "store/meta.h"

/* --- the transaction's counters ----------------------------------------- */

static enum err
counter(struct txn *t, const char *name, uint64_t *v_out)
{
	enum err e;

	*v_out = 0;
	e = meta_get(t, name, v_out);
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
apply_begin(struct apply *ap, struct store *s, struct txn *t,
    struct arena *a)
{
	uint64_t ms;
	enum err e;

	*ap = (struct apply){ .t = { .store = s, .arena = a, .txn = t },
	    .a = a };
	e = counter(t, META_SEQUENCE, &ap->sequence);
	if (e == OK)
		e = counter(t, META_JOURNAL, &ap->journal);
	if (e == OK)
		e = counter(t, META_TIME, &ms);
	if (e == OK)
		ap->time.ms = (int64_t)ms;
	return e;
}

enum err
apply_end(struct apply *ap)
{
	enum err e;

	e = index_flush(ap);
	if (e == OK)
		e = meta_put(ap->t.txn, META_SEQUENCE, ap->sequence);
	if (e == OK)
		e = meta_put(ap->t.txn, META_JOURNAL, ap->journal);
	if (e == OK)
		e = meta_put(ap->t.txn, META_TIME, (uint64_t)ap->time.ms);
	return e;
}

/* --- what is there ------------------------------------------------------ */

enum err
apply_put_id(struct apply *ap, uint16_t type, struct bytes id,
    uint64_t rid, enum key_state state, const struct place *p)
{
	struct id_val v = { rid, state, p->kind, p->owner };
	struct key k = key_id(type, id);
	uint8_t val[18];

	key_put_id(&v, val);
	return db_put(ap->t.txn, DB_ID, key_bytes(&k),
	    bytes_of(val, sizeof(val)));
}

enum err
apply_patient(struct apply *ap, struct bytes id, uint64_t *rid_out)
{
	static const struct place nobody = { .kind = OWNER_UNOWNED,
	    .owner = KEY_UNOWNED };
	const struct def_type *type = def_type(bytes_str("Patient"));
	struct id_val v;
	enum err e;

	e = raw_id(&ap->t, type->num, id, &v);
	if (e == ERR_NOTFOUND) {
		v.rid = rid_make(type->num, ++ap->sequence);
		e = apply_put_id(ap, type->num, id, v.rid, STATE_NAMED,
		    &nobody);
	}
	if (e == OK)
		*rid_out = v.rid;
	return e;
}

static enum err
old_values(struct apply *ap, uint64_t rid, struct old *out)
{
	struct key k = key_row(out->h.owner, rid);
	struct bytes val;
	struct row row;
	enum err e;

	e = db_get(ap->t.txn, DB_ROW, key_bytes(&k), &val);
	if (e == OK)
		e = key_get_row(arena_copy(ap->a, val), &row);
	if (e == OK)
		e = key_entries(ap->a, &row, &out->values);
	if (e != OK)
		return e;
	e = db_get(ap->t.txn, DB_EXTRA, key_bytes(&k), &val);
	if (e == OK)
		out->extra = arena_copy(ap->a, val);
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
apply_old(struct apply *ap, uint64_t rid, struct old *out)
{
	struct key k = key_rid(rid);
	struct bytes val;
	struct old o = { .values.n = 0 };
	enum err e;

	ap->t.work++;
	e = db_get(ap->t.txn, DB_RECORD, key_bytes(&k), &val);
	if (e == OK) {
		/* Copied: the next write may move the page. */
		o.raw = arena_copy(ap->a, val);
		e = key_get_record(o.raw, false, &o.h, &o.body);
	}
	if (e == OK && !o.h.deleted)
		e = old_values(ap, rid, &o);
	if (e == OK)
		*out = o;
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

/* --- one change --------------------------------------------------------- */

/* All that is known about one change before it is written. */
struct work {
	const struct change	*c;
	uint64_t		 rid;
	bool			 known;		/* there is a record... */
	bool			 live;		/* ...and it is not deleted */
	struct old		 old;		/* where known */
	struct place		 place;
	struct values		 values;	/* PUT: with what it names */
	struct bytes		 extra;		/* PUT: as it is stored */
	struct instant		 time;
	uint64_t		 version;
};

static enum err
find(struct apply *ap, struct work *w)
{
	struct id_val v;
	enum err e;

	e = raw_id(&ap->t, w->c->type, w->c->id, &v);
	if (e == ERR_NOTFOUND)
		return OK;
	if (e != OK)
		return e;
	w->rid = v.rid;
	if (v.state == STATE_NAMED)
		return OK;
	w->known = true;
	w->live = v.state == STATE_LIVE;
	return apply_old(ap, v.rid, &w->old);
}

/* in	values	of that version; NULL: not known any more */
static enum err
holds(const struct apply *ap, const struct work *w, enum view_op op,
    const struct place *p, const struct values *values,
    struct instant updated)
{
	const struct content c = { NULL, values, updated };

	return gate_holds(ap->gate, op, w->c->type, p, &c);
}

/* Every Binary it names must be held: naming one would widen who sees it. */
static enum err
permit_binaries(struct apply *ap, const struct work *w, enum view_op op)
{
	const struct value *v;
	struct place p;
	struct id_val idv;
	struct header h;
	struct bytes body;
	enum err e;

	for (size_t i = 0; i < w->values.n; i++) {
		v = &w->values.v[i];
		if (v->param != KEY_P_BINARY)
			continue;
		e = raw_id(&ap->t, v->type, v->text, &idv);
		if (e == OK && idv.state != STATE_LIVE)
			e = ERR_NOTFOUND;
		if (e == OK)
			e = raw_record(&ap->t, idv.rid, &h, &body);
		if (e == ERR_NOTFOUND)
			return ERR_FORBIDDEN;
		if (e != OK)
			return e;
		p = place_of(&h);
		e = gate_holds(ap->gate, op, v->type, &p, NULL);
		if (e != OK)
			return e == ERR_NOTFOUND ? ERR_FORBIDDEN : e;
	}
	return OK;
}

/*
 * The gate: what stands there and what shall stand there must both be in
 * the view, and no owner changes.  What is hidden is missing.
 */
static enum err
permit(struct apply *ap, const struct work *w)
{
	bool put = w->c->kind == CHANGE_PUT;
	enum view_op op = !put ? VIEW_DELETE :
	    w->live ? VIEW_UPDATE : VIEW_CREATE;
	struct place was;
	enum err e;

	if (ap->gate == NULL)
		return OK;
	if (w->known) {
		was = place_of(&w->old.h);
		e = holds(ap, w, op, &was, w->live ? &w->old.values : NULL,
		    w->old.h.updated);
		if (e != OK)
			return e;
		if (put && w->live && !place_eq(&was, &w->place))
			return ERR_FORBIDDEN;
	}
	if (!put)
		return OK;
	e = holds(ap, w, op, &w->place, &w->values, w->time);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_FORBIDDEN : e;
	return permit_binaries(ap, w, op);
}

/* max(now, last change), and later than the resource's own last one. */
static void
stamp(struct apply *ap, struct work *w, struct instant now)
{
	w->time = now.ms > ap->time.ms ? now : ap->time;
	if (w->known && w->time.ms <= w->old.h.updated.ms)
		w->time.ms = w->old.h.updated.ms + 1;
	w->version = w->known ? w->old.h.version + 1 : 1;
}

static enum err
put_record(struct apply *ap, const struct work *w, bool deleted,
    struct bytes body)
{
	struct key k = key_rid(w->rid);
	struct header h = {
		.version = w->version,
		.updated = w->time,
		.deleted = deleted,
		.kind = w->place.kind,
		.owner = w->place.owner,
		.born = w->live ? w->old.h.born : ap->journal + 1,
		.member = w->place.member,
		.id = w->c->id
	};
	uint8_t *p;
	enum err e;

	e = db_reserve(ap->t.txn, DB_RECORD, key_bytes(&k),
	    key_header_len(&h) + body.len, &p);
	if (e == OK)
		key_put_record(&h, body, p);
	return e;
}

static enum err
put_change(struct apply *ap, const struct work *w)
{
	uint64_t sequence = ap->journal + 1;
	struct key k = key_journal(sequence);
	uint8_t val[25];
	enum err e;

	key_put_be64(val, w->rid);
	key_put_be64(val + 8, w->version);
	val[16] = w->c->kind == CHANGE_DELETE ? KEY_DELETED :
	    w->live ? KEY_UPDATED : KEY_CREATED;
	key_put_be64(val + 17, (uint64_t)w->time.ms ^ UINT64_C(1) << 63);
	e = db_append(ap->t.txn, DB_CHANGE, key_bytes(&k),
	    bytes_of(val, sizeof(val)));
	if (e == OK) {
		ap->journal = sequence;
		ap->time = w->time;
	}
	return e;
}

/* The version that stands there becomes history, byte for byte. */
static enum err
retire(struct apply *ap, const struct work *w)
{
	struct key k UNINIT;

	if (!w->known)
		return OK;
	k = key_history(w->rid, w->old.h.version);
	return db_put(ap->t.txn, DB_HISTORY, key_bytes(&k), w->old.raw);
}

/* Postings and row as they were; none before the first version. */
static enum err
drop_row(struct apply *ap, const struct work *w, const struct place *was,
    struct keys *keys_out)
{
	enum err e;

	*keys_out = (struct keys){ .n = 0 };
	if (!w->live)
		return OK;
	*keys_out = index_keys(ap->a, w->rid, w->old.h.updated, was,
	    &w->old.values, w->old.extra);
	if (w->c->kind == CHANGE_PUT && was->owner == w->place.owner)
		return OK;	/* is overwritten */
	e = index_drop_row(ap, w->rid, was);
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

static enum err
write_put(struct apply *ap, struct work *w)
{
	struct place was = w->known ? place_of(&w->old.h) : w->place;
	uint64_t born = w->live ? w->old.h.born : ap->journal + 1;
	bool moved = !w->known || !place_eq(&was, &w->place);
	struct keys k_was, k_is;
	enum err e;

	e = retire(ap, w);
	if (e == OK)
		e = put_record(ap, w, false, json_final(ap->a,
		    w->c->doc->head, w->c->doc->tail, w->version, w->time));
	if (e == OK && (moved || !w->live))
		e = apply_put_id(ap, w->c->type, w->c->id, w->rid,
		    STATE_LIVE, &w->place);
	if (e == OK)
		e = drop_row(ap, w, &was, &k_was);
	if (e == OK)
		e = index_put_row(ap, w->rid, &w->place, born, w->time,
		    &w->values, w->extra);
	if (e != OK)
		return e;
	k_is = index_keys(ap->a, w->rid, w->time, &w->place, &w->values,
	    w->extra);
	e = index_change(ap, w->rid, &k_was, &k_is);
	if (e == OK)
		e = put_change(ap, w);
	return e == OK ? place_spread(ap, w->c->type, w->c->id, moved,
	    &w->old.values, &w->values) : e;
}

static enum err
write_delete(struct apply *ap, struct work *w)
{
	static const struct values none;
	static const struct keys no_keys;
	struct keys was;
	enum err e;

	/* The tombstone keeps the last owner: gone, or never there? */
	w->place = place_of(&w->old.h);
	e = retire(ap, w);
	if (e == OK)
		e = put_record(ap, w, true, bytes_of(NULL, 0));
	if (e == OK)
		e = apply_put_id(ap, w->c->type, w->c->id, w->rid,
		    STATE_DELETED, &w->place);
	if (e == OK)
		e = drop_row(ap, w, &w->place, &was);
	if (e == OK)
		e = index_change(ap, w->rid, &was, &no_keys);
	if (e == OK)
		e = put_change(ap, w);
	return e == OK ? place_spread(ap, w->c->type, w->c->id, false,
	    &w->old.values, &none) : e;
}

/* A PUT of what stands there already is no new version. */
static bool
same(struct apply *ap, const struct work *w)
{
	return w->live && bytes_eq(w->old.body, json_final(ap->a,
	    w->c->doc->head, w->c->doc->tail, w->old.h.version,
	    w->old.h.updated));
}

static enum err
prepare_put(struct apply *ap, struct work *w)
{
	const struct change *c = w->c;
	enum err e;

	if (c->id.len == 0 || c->id.len > 64 || c->doc->type != c->type ||
	    c->extra == NULL)
		return ERR_BUG;
	if (w->rid == 0)
		w->rid = rid_make(c->type, ++ap->sequence);
	w->values = place_values(ap->a, c->values, c->owners);
	e = key_put_extra(ap->a, c->extra, &w->extra);
	if (e != OK)
		return e;
	return place_find(&ap->t, ap, ap->a, c->type, c->id, w->rid,
	    c->owners, &w->values, &w->place);
}

static enum err
change_one(struct apply *ap, const struct change *c, struct instant now,
    struct change_result *r)
{
	struct work w = { .c = c };
	enum err e;

	e = find(ap, &w);
	if (e == OK && c->kind == CHANGE_PUT)
		e = prepare_put(ap, &w);
	if (e == OK && c->kind == CHANGE_DELETE && !w.known)
		e = ERR_NOTFOUND;
	if (e == OK)
		e = permit(ap, &w);
	if (e == OK && c->if_version != 0 &&
	    (!w.known || w.old.h.version != c->if_version))
		e = ERR_VERSION;
	if (e != OK)
		return e;
	r->same = c->kind == CHANGE_PUT ? same(ap, &w) : !w.live;
	r->version = w.old.h.version;
	if (r->same)
		return OK;
	stamp(ap, &w, now);
	r->version = w.version;
	r->created = c->kind == CHANGE_PUT && !w.live;
	return c->kind == CHANGE_PUT ? write_put(ap, &w) :
	    write_delete(ap, &w);
}

/* --- the change-set ----------------------------------------------------- */

static enum err
run(struct txn *t, void *arg)
{
	const struct change_set *s = arg;
	struct gate gate;
	struct apply ap;
	struct key k = { .len = 0 };
	enum err e;

	e = apply_begin(&ap, s->store, t, s->a);
	if (e == OK && s->view != NULL) {
		e = gate_open(&ap.t, s->a, s->view, &gate);
		ap.gate = &gate;
	}
	for (size_t i = 0; i < s->n && e == OK; i++) {
		s->result[i] = (struct change_result){ .err = OK };
		e = change_one(&ap, &s->change[i], s->now, &s->result[i]);
		s->result[i].err = e;
	}
	if (e == OK)
		e = apply_end(&ap);
	if (e != OK || s->name.len == 0)
		return e;
	key_add(&k, bytes_str(META_NOTE));
	key_add(&k, s->name);
	return db_put(t, DB_META, key_bytes(&k), s->val);
}

static enum err
commit(const struct change_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->result[i] = (struct change_result){ .err = OK };
	return txn_write(s->store->env, run, (void *)(uintptr_t)s);
}

enum err
store_apply(struct store *s, struct arena *a, const struct view *view,
    const struct change *change, size_t n, struct instant now,
    struct change_result *result)
{
	struct change_set set = { .store = s, .a = a, .view = view,
	    .change = change, .n = n, .now = now, .result = result };

	return commit(&set);
}

enum err
maint_load(struct store *s, struct arena *a, const struct change *change,
    size_t n, struct instant now, struct bytes name, struct bytes val,
    struct change_result *result)
{
	struct change_set set = { .store = s, .a = a, .change = change,
	    .n = n, .now = now, .name = name, .val = val,
	    .result = result };

	return commit(&set);
}
