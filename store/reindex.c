/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reindex.c -- rows and postings anew, from the records.  (L2)
 *
 * In chunks that each commit, so it can be stopped at any moment and goes on
 * where it was.  The mark in meta holds the pass and the next rid; while it
 * stands, the digest reads 0 and nobody but the tool opens the store.
 *
 * Three passes over the records, each over the types of its owner rules: a
 * Binary asks who names it, a Provenance whose that is which it points to, so
 * those must stand before.  A fourth is over the journal, for the histories
 * of types.
 */
#include "store/maint.h"

#include "store/apply.h"
#include "store/meta.h"

#define CHUNK	500	/* resources a transaction */

enum pass { PASS_PLAIN = 1, PASS_REFERRER, PASS_TARGET, PASS_LOG,
    PASS__END };

struct reindex {
	struct store		*store;
	const struct extract	*x;
	const struct json_limits *lim;
	struct arena		*a;		/* of a chunk */
	uint8_t			 pass;		/* where we are */
	uint64_t		 next;
	uint64_t		 done;		/* resources, for the tick */
};

static enum pass
pass_of(uint16_t type)
{
	enum owner_rule rule = def_owner(type)->rule;

	return rule == OWN_REFERRER ? PASS_REFERRER :
	    rule == OWN_TARGET ? PASS_TARGET : PASS_PLAIN;
}

static enum err
put_mark(struct txn *t, uint8_t pass, uint64_t next)
{
	uint8_t val[9];

	val[0] = pass;
	key_put_be64(val + 1, next);
	return db_put(t, DB_META, bytes_str(META_REINDEX),
	    bytes_of(val, sizeof(val)));
}

/*
 * Take up the mark, unless an older program set it; or set it and clear what
 * is to be rebuilt.
 */
static enum err
start(struct txn *t, void *arg)
{
	struct reindex *r = arg;
	struct bytes val;
	enum err e;

	e = meta_old_format(t) ? ERR_NOTFOUND :
	    db_get(t, DB_META, bytes_str(META_REINDEX), &val);
	if (e == OK && val.len == 9) {
		r->pass = val.p[0];
		r->next = key_be64(val.p + 1);
		return OK;
	}
	if (e != ERR_NOTFOUND)
		return e == OK ? ERR_STORE : e;
	r->pass = PASS_PLAIN;
	r->next = 0;
	e = put_mark(t, r->pass, r->next);
	if (e == OK)
		e = meta_put_format(t);
	if (e == OK)
		e = meta_put_defs(t, 0);
	if (e == OK)
		e = db_clear(t, DB_ROW);
	if (e == OK)
		e = db_clear(t, DB_EXTRA);
	return e == OK ? db_clear(t, DB_INDEX) : e;
}

static enum err
rebuild(struct reindex *r, struct apply *ap, uint64_t rid, struct bytes raw)
{
	static const struct keys none;
	struct issues is = issues_on(r->a);
	uint16_t type = rid_type(rid);
	struct place was, place;
	struct values plain, v;
	struct bytes body, stored;
	struct extra extra;
	struct json_doc doc;
	struct owners o;
	struct header h;
	struct keys keys;
	enum err e;

	e = key_get_record(raw, true, &h, &body);
	if (e != OK || h.deleted)
		return e;
	e = json_doc(r->a, body, h.id, r->lim, &is, &doc);
	if (e == OK)
		e = extract_values(r->a, r->x, type, doc.tree, &is, &plain);
	if (e == OK)
		e = extract_extra(r->a, r->x, type, doc.tree, &extra);
	if (e == OK)
		e = key_put_extra(r->a, &extra, &stored);
	if (e == OK)
		e = extract_owners(r->a, r->x, type, h.id, doc.tree, &o);
	if (e != OK)
		return e;
	v = place_values(r->a, &plain, &o);
	e = place_find(&ap->t, ap, r->a, type, h.id, rid, &o, &v, &place);
	was = place_of(&h);
	if (e == OK && !place_eq(&was, &place))
		e = apply_put_place(ap, rid, &h, body, &place);
	if (e == OK)
		e = index_put_row(ap, rid, &place, h.born, h.updated, &v,
		    stored);
	if (e != OK)
		return e;
	keys = index_keys(r->a, rid, h.updated, &place, &v, stored);
	return index_change(ap, rid, &none, &keys);
}

/* The next resource of this pass at or after *rid. */
static enum err
seek(struct cur *c, enum pass pass, uint64_t *rid, struct bytes *raw)
{
	struct bytes key;
	struct key k;
	enum err e;

	for (;;) {
		k = key_rid(*rid);
		e = cur_seek(c, key_bytes(&k), &key, raw);
		if (e != OK)
			return e;
		*rid = key_be64(key.p);
		if (def_type_num(rid_type(*rid)) == NULL)
			return ERR_STORE;
		if (pass_of(rid_type(*rid)) == pass)
			return OK;
		*rid = rid_make((uint16_t)(rid_type(*rid) + 1), 0);
	}
}

/* The change after number last; ERR_NOTFOUND: there are no more. */
static enum err
log_again(struct apply *ap, uint64_t last)
{
	struct log_val v;
	enum err e;

	e = raw_change(&ap->t, last + 1, &v);
	return e == OK ? index_log(ap, rid_type(v.rid), last + 1) : e;
}

/* The next resource of the pass, or the next change. */
static enum err
next(struct reindex *r, struct apply *ap, struct cur *c, enum pass pass,
    uint64_t *rid)
{
	struct bytes raw;
	enum err e;

	if (pass == PASS_LOG)
		return log_again(ap, *rid);
	e = seek(c, pass, rid, &raw);
	if (e != OK)
		return e;
	/* Copied: a write may move the page. */
	e = rebuild(r, ap, *rid, arena_copy(r->a, raw));
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

static enum err
chunk(struct txn *t, void *arg)
{
	struct reindex *r = arg;
	uint64_t done = 0, rid = r->next;
	uint8_t pass = r->pass;
	struct apply ap;
	struct cur *c;
	enum err e;

	e = apply_begin(&ap, r->store, t, r->a);
	if (e == OK)
		e = raw_cursor(&ap.t, DB_RECORD, &c);
	while (e == OK && pass < PASS__END && done < CHUNK) {
		e = next(r, &ap, c, (enum pass)pass, &rid);
		if (e == ERR_NOTFOUND) {
			pass++;
			rid = 0;
			e = OK;
			continue;
		}
		rid++;
		done++;
	}
	if (e == OK)
		e = apply_flush(&ap);
	if (e == OK && pass < PASS__END)
		e = put_mark(t, pass, rid);
	else if (e == OK)
		e = db_del(t, DB_META, bytes_str(META_REINDEX));
	if (e == OK && pass == PASS__END)
		e = meta_put_defs(t, r->store->defs);
	return e;
}

/* Where the committed mark says we are. */
static enum err
look(struct reindex *r, uint64_t *of_out)
{
	struct bytes val;
	struct txn *t;
	enum err e;

	e = txn_read(r->store->env, r->a, &t);
	if (e == OK)
		e = db_count(t, DB_ROW, &r->done);
	if (e == OK)
		e = db_count(t, DB_RECORD, of_out);
	if (e == OK)
		e = db_get(t, DB_META, bytes_str(META_REINDEX), &val);
	if (e == ERR_NOTFOUND) {
		r->pass = PASS__END;
		return OK;
	}
	if (e == OK && val.len != 9)
		e = ERR_STORE;
	if (e == OK) {
		r->pass = val.p[0];
		r->next = key_be64(val.p + 1);
	}
	return e;
}

enum err
maint_reindex(struct store *s, const struct extract *x,
    const struct json_limits *lim, maint_tick *tick, void *arg)
{
	struct reindex r = { .store = s, .x = x, .lim = lim };
	uint64_t of;
	enum err e;

	r.a = arena_new(0);
	e = txn_write(s->env, start, &r);
	while (e == OK && r.pass < PASS__END) {
		e = txn_write(s->env, chunk, &r);
		arena_reset(r.a);
		if (e == OK)
			e = look(&r, &of);
		arena_reset(r.a);
		if (e == OK && tick != NULL)
			tick(arg, r.done, of);
	}
	arena_free(&r.a);
	return e;
}
