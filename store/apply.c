/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c -- one change: the only way anything gets into the store.  (L2)
 *
 * The transaction around it is write.c's.  Values and owners come computed
 * by fhir/extract.c; who may says apply_permit.c, whose a resource is
 * apply_owner.c; rows and postings keeps apply_index.c.
 *
 * The order within a change: find, gate, precondition, "is it the same",
 * and only then writes, so that a refusal tells nothing about what the view
 * does not hold.
 */
#include "store/apply.h"

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
	ap->begun = apply_mark(ap);
	return e;
}

struct mark
apply_mark(const struct apply *ap)
{
	return (struct mark){ ap->sequence, ap->journal, ap->time,
	    ap->quota.used };
}

void
apply_back(struct apply *ap, struct mark m)
{
	ap->sequence = m.sequence;
	ap->journal = m.journal;
	ap->time = m.time;
	ap->quota.used = m.added;
	ap->n_post = 0;
}

enum err
apply_flush(struct apply *ap)
{
	enum err e;

	e = index_flush(ap);
	if (e == OK)
		e = quota_put(ap);
	/* Where nothing was written LMDB has nothing to sync, either. */
	if (ap->journal == ap->begun.journal &&
	    ap->sequence == ap->begun.sequence)
		return e;
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
	ap->t.work++;
	return db_put(ap->t.txn, DB_ID, key_bytes(&k),
	    bytes_of(val, sizeof(val)));
}

enum err
apply_put_record(struct apply *ap, int db, const struct key *k,
    const struct header *h, struct bytes body)
{
	uint8_t *p;
	enum err e;

	e = db_reserve(ap->t.txn, db, key_bytes(k),
	    key_header_len(h) + body.len, &p);
	if (e == OK)
		key_put_record(h, body, p);
	return e;
}

static void
note_name(struct apply *ap, struct bytes id)
{
	struct bytes *more;

	if (ap->n_named == ap->max_named) {
		ap->max_named = ap->max_named == 0 ? 4 : 2 * ap->max_named;
		more = arena_array(ap->a, ap->max_named, sizeof(*more));
		if (ap->n_named > 0)
			memcpy(more, ap->named, ap->n_named * sizeof(*more));
		ap->named = more;
	}
	ap->named[ap->n_named++] = id;
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
		if (e == OK)
			note_name(ap, id);
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

	ap->t.work += 2;
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

/* --- what is written ---------------------------------------------------- */

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

	ap->t.work++;
	return apply_put_record(ap, DB_RECORD, &k, &h, body);
}

static enum err
put_change(struct apply *ap, const struct work *w)
{
	uint64_t sequence = ap->journal + 1;
	struct key k = key_journal(sequence);
	struct log_val v = {
		.rid = w->rid,
		.version = w->version,
		.kind = w->c->kind == CHANGE_DELETE ? KEY_DELETED :
		    w->live ? KEY_UPDATED : KEY_CREATED,
		.time = w->time
	};
	uint8_t val[25];
	enum err e;

	key_put_log(&v, val);
	ap->t.work++;
	e = db_append(ap->t.txn, DB_CHANGE, key_bytes(&k),
	    bytes_of(val, sizeof(val)));
	if (e != OK)
		return e;
	ap->journal = sequence;
	ap->time = w->time;
	return index_log(ap, w->c->type, sequence);
}

/* The version that stands there becomes history, byte for byte. */
static enum err
retire(struct apply *ap, const struct work *w)
{
	struct key k UNINIT;

	if (!w->known)
		return OK;
	k = key_history(w->rid, w->old.h.version);
	ap->t.work++;
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
	if (w->c->kind != CHANGE_DELETE && was->owner == w->place.owner)
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
	bool version = w->c->kind == CHANGE_PUT;
	struct keys k_was, k_is;
	enum err e;

	e = version ? retire(ap, w) : OK;
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
	if (e == OK && version)
		e = put_change(ap, w);
	if (e == OK && !w->live)
		e = permit_made(ap, w);
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
		e = permit_claimed(ap, w->c->type, w->c->id);
	if (e == OK)
		e = index_change(ap, w->rid, &was, &no_keys);
	if (e == OK)
		e = put_change(ap, w);
	return e == OK ? place_spread(ap, w->c->type, w->c->id, false,
	    &w->old.values, &none) : e;
}

/* The text of a former version; it is in no row, and no journal tells. */
static enum err
write_past(struct apply *ap, const struct work *w)
{
	struct key k = key_history(w->rid, w->version);

	return apply_put_record(ap, DB_HISTORY, &k, &w->old.h,
	    json_final(ap->a, w->c->doc->head, w->c->doc->tail, w->version,
	    w->time));
}

/* A PUT of what stands there already is no new version. */
static bool
same(struct apply *ap, const struct work *w)
{
	if (w->c->kind == CHANGE_DELETE)
		return !w->live;
	return (w->live || w->past) && bytes_eq(w->old.body,
	    json_final(ap->a, w->c->doc->head, w->c->doc->tail,
	    w->old.h.version, w->old.h.updated));
}

/* --- one change --------------------------------------------------------- */

static enum err
prepare(struct apply *ap, struct work *w)
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

/* Everything that may refuse it; nothing is written but names. */
static enum err
judge(struct apply *ap, struct work *w, struct instant now)
{
	const struct change *c = w->c;
	uint64_t current;
	struct id_val v;
	enum err e;

	e = permit_find(ap, c, &v);
	if (e != OK)
		return e;
	w->rid = v.rid;
	w->known = v.state != STATE_NAMED;
	w->live = v.state == STATE_LIVE;
	if (w->known)
		e = apply_old(ap, v.rid, &w->old);
	current = w->old.h.version;
	w->past = c->kind == CHANGE_META && c->of_version != 0 &&
	    c->of_version != current;
	if (e == OK && w->past)
		e = permit_past(ap, w);
	else if (e == OK && c->kind == CHANGE_META && !w->live)
		e = ERR_GONE;
	else if (e == OK && c->kind != CHANGE_DELETE)
		e = prepare(ap, w);
	stamp(ap, w, now);
	if (e == OK && !w->past)
		e = permit(ap, w);
	if (e == OK && c->if_version != 0 && current != c->if_version)
		e = ERR_VERSION;
	return e;
}

static enum err
carry_out(struct apply *ap, struct work *w, struct change_result *r)
{
	enum change_kind kind = w->c->kind;

	if (r->same || kind == CHANGE_META) {
		w->version = w->old.h.version;
		w->time = w->old.h.updated;
	}
	r->version = w->version;
	r->updated = w->time;
	r->created = kind == CHANGE_PUT && !w->live;
	if (r->same)
		return OK;
	if (w->past)
		return write_past(ap, w);
	return kind == CHANGE_DELETE ? write_delete(ap, w) :
	    write_put(ap, w);
}

bool
apply_refusal(enum err e)
{
	/* Anything else is a full map, damage, our own fault. */
	return e == ERR_NOTFOUND || e == ERR_FORBIDDEN || e == ERR_OWNER ||
	    e == ERR_VERSION || e == ERR_CONFLICT || e == ERR_GONE ||
	    e == ERR_THROTTLED;
}

/* A refusal leaves nothing behind, not even the names it met. */
static enum err
forget_names(struct apply *ap, uint64_t sequence, enum err refusal)
{
	const struct def_type *patient = def_type(bytes_str("Patient"));
	struct key k UNINIT;
	enum err e = OK;

	for (size_t i = 0; i < ap->n_named && e == OK; i++) {
		k = key_id(patient->num, ap->named[i]);
		ap->t.work++;
		e = db_del(ap->t.txn, DB_ID, key_bytes(&k));
	}
	ap->sequence = sequence;
	return e == OK ? refusal : e == ERR_NOTFOUND ? ERR_STORE : e;
}

enum err
apply_change(struct apply *ap, const struct change *c, struct instant now,
    struct change_result *r)
{
	uint64_t sequence = ap->sequence;
	struct work w = { .c = c };
	enum err e;

	*r = (struct change_result){ .err = OK };
	ap->n_named = 0;
	e = judge(ap, &w, now);
	if (e == OK)
		r->same = same(ap, &w);
	if (e == OK && !r->same)
		e = quota_take(ap, &w);
	if (e == OK)
		e = carry_out(ap, &w, r);
	else if (apply_refusal(e))
		e = forget_names(ap, sequence, e);
	r->err = e;
	return e;
}
