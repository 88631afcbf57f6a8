/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c -- is everything where the records say it must be?  (L2)
 *
 * One snapshot, one pass over the records: each is verified by its digest,
 * parsed, and its row, postings and owner are computed anew and compared.
 * Every posting expected is looked up, and their number compared with those
 * there are: so both directions hold without keeping a list.  Only where the
 * numbers differ check_index.c goes looking for what is too much.
 */
#include "store/check.h"

#include "base/buf.h"
#include "base/text.h"
#include "store/meta.h"

#define TICK	256	/* resources */

void
checkup_fault(struct checkup *c, const char *db, uint64_t rid, struct bytes id,
    const char *what)
{
	const struct def_type *type = def_type_num(rid_type(rid));
	const char *where;

	c->faults++;
	if (rid == 0)
		where = db;
	else if (id.len == 0)
		where = arena_printf(c->a, "%s %s (number %llu)", db,
		    type == NULL ? "?" : type->name, (unsigned long long)rid);
	else
		where = arena_printf(c->a, "%s %s/%.*s", db,
		    type == NULL ? "?" : type->name, BYTES_FMT(id));
	if (c->fault != NULL)
		c->fault(c->arg, where, what);
}

/* A read error is a fault of its own only where it means damage. */
static enum err
damage(struct checkup *c, enum err e, const char *db, uint64_t rid,
    struct bytes id, const char *absent)
{
	if (e == ERR_NOTFOUND)
		checkup_fault(c, db, rid, id, absent);
	else if (e != OK)
		checkup_fault(c, db, rid, id, "cannot be read");
	return e == ERR_STORE || e == ERR_NOTFOUND ? OK : e;
}

static enum err
check_id(struct checkup *c, uint64_t rid, const struct header *h)
{
	struct id_val v;
	enum err e;

	e = raw_id(c->t, rid_type(rid), h->id, &v);
	if (e != OK)
		return damage(c, e, "id", rid, h->id, "is missing");
	if (v.rid != rid)
		checkup_fault(c, "id", rid, h->id, "leads to another record");
	if (v.state != (h->deleted ? STATE_DELETED : STATE_LIVE))
		checkup_fault(c, "id", rid, h->id,
		    "differs from the record in being deleted or not");
	if (v.kind != h->kind || v.owner != h->owner)
		checkup_fault(c, "id", rid, h->id,
		    "has another owner than the record");
	return OK;
}

static enum err
check_row(struct checkup *c, uint64_t rid, const struct header *h,
    const struct values *v)
{
	struct key k = key_row(h->owner, rid);
	struct bytes want, have;
	enum err e;

	e = key_put_row(c->a, h->born, h->updated, v, &want);
	if (e == OK)
		e = db_get(c->t->txn, DB_ROW, key_bytes(&k), &have);
	if (e != OK)
		return damage(c, e, "row", rid, h->id, "is missing");
	if (!bytes_eq(want, have))
		checkup_fault(c, "row", rid, h->id,
		    "differs from what the record says");
	return OK;
}

static enum err
check_extra(struct checkup *c, uint64_t rid, const struct header *h,
    struct bytes want)
{
	struct bytes have;
	enum err e;

	c->extras += want.len > 0;
	e = raw_extra(c->t, h->owner, rid, &have);
	if (e != OK)
		return damage(c, e, "extra", rid, h->id, "");
	if (!bytes_eq(want, have))
		checkup_fault(c, "extra", rid, h->id, have.len == 0 ?
		    "is missing" : "differs from what the record says");
	return OK;
}

static enum err
check_postings(struct checkup *c, uint64_t rid, const struct header *h,
    const struct values *v, struct bytes extra)
{
	struct place p = place_of(h);
	struct keys ks = index_keys(c->a, rid, h->updated, &p, v, extra);
	uint64_t found;
	enum err e;

	c->postings += ks.n;
	for (size_t i = 0; i < ks.n; i++) {
		e = cur_seek64(c->index, ks.k[i], rid, &found);
		if (e != OK && e != ERR_NOTFOUND)
			return damage(c, e, "index", rid, h->id, "");
		if (e == ERR_NOTFOUND || found != rid) {
			checkup_fault(c, "index", rid, h->id, arena_printf(
			    c->a, "lacks a posting of parameter %u",
			    (unsigned)(ks.k[i].p[0] << 8 | ks.k[i].p[1])));
			c->lost = true;
		}
	}
	return OK;
}

/* Text, values and owner as they would be written today. */
static enum err
check_live(struct checkup *c, uint64_t rid, const struct header *h,
    struct bytes body)
{
	struct issues is = issues_on(c->a);
	uint16_t type = rid_type(rid);
	struct place place, is_at = place_of(h);
	struct values plain, v;
	struct bytes stored;
	struct extra extra;
	struct json_doc doc;
	struct owners o;
	enum err e;

	if (json_doc(c->a, body, bytes_of(NULL, 0), c->lim, &is,
	    &doc) != OK) {
		checkup_fault(c, "record", rid, h->id, is.first == NULL ?
		    "is not a resource" : is.first->text);
		return OK;
	}
	if (doc.type != type || !bytes_eq(doc.id, h->id))
		checkup_fault(c, "record", rid, h->id,
		    "holds the text of another resource");
	if (!bytes_eq(body, json_final(c->a, doc.head, doc.tail, h->version,
	    h->updated)))
		checkup_fault(c, "record", rid, h->id,
		    "says another version or time than its header");
	if (c->stale)
		return OK;
	e = extract_values(c->a, c->x, type, doc.tree, &is, &plain);
	if (e == OK)
		e = extract_extra(c->a, c->x, type, doc.tree, &extra);
	if (e == OK)
		e = key_put_extra(c->a, &extra, &stored);
	if (e == OK)
		e = extract_owners(c->a, c->x, type, h->id, doc.tree, &o);
	if (e != OK)
		return e;
	v = place_values(c->a, &plain, &o);
	e = place_find(c->t, NULL, c->a, type, h->id, rid, &o, &v, &place);
	if (e == ERR_STORE) {
		checkup_fault(c, "record", rid, h->id,
		    "names an owner that is not there");
		return OK;
	}
	if (e != OK)
		return e;
	if (!place_eq(&place, &is_at))
		checkup_fault(c, "record", rid, h->id,
		    "has another owner than its text says");
	e = check_row(c, rid, h, &v);
	if (e == OK)
		e = check_extra(c, rid, h, stored);
	return e == OK ? check_postings(c, rid, h, &v, stored) : e;
}

static enum err
check_record(struct checkup *c, uint64_t rid, struct bytes raw)
{
	struct bytes body, none = bytes_of(NULL, 0);
	struct header h;
	enum err e;

	c->records++;
	if ((rid & UINT64_C(0xffffffffffff)) > c->sequence)
		c->sequence = rid & UINT64_C(0xffffffffffff);
	if (def_type_num(rid_type(rid)) == NULL) {
		checkup_fault(c, "record", rid, none, "has no known type");
		return OK;
	}
	if (key_get_record(raw, true, &h, &body) != OK) {
		checkup_fault(c, "record", rid, none,
		    "is damaged: its digest differs");
		/* Counts below would only repeat it. */
		c->lost = true;
		return OK;
	}
	e = check_id(c, rid, &h);
	if (e == OK)
		e = check_history(c, rid, &h);
	if (e != OK)
		return e;
	if (h.deleted) {
		if (body.len > 0)
			checkup_fault(c, "record", rid, h.id,
			    "is deleted and has a text");
		return OK;
	}
	c->live++;
	return check_live(c, rid, &h, body);
}

static enum err
check_records(struct checkup *c, maint_tick *tick)
{
	struct bytes key, val;
	struct cur *cur;
	uint64_t of;
	enum err e;

	e = db_count(c->t->txn, DB_RECORD, &of);
	if (e == OK)
		e = raw_cursor(c->t, DB_RECORD, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	while (e == OK) {
		if (key.len != 8)
			checkup_fault(c, "record", 0, key, "has a bad key");
		else
			e = check_record(c, key_be64(key.p), val);
		arena_reset(c->a);
		if (tick != NULL && c->records % TICK == 0)
			tick(c->arg, c->records, of);
		if (e == OK)
			e = cur_next(cur, &key, &val);
	}
	if (tick != NULL && e == ERR_NOTFOUND)
		tick(c->arg, c->records, of);
	return e == ERR_NOTFOUND ? OK : e;
}

static void
check_meta(struct checkup *c)
{
	struct bytes val;
	uint64_t v = 0;

	if (raw_meta(c->t, META_REINDEX, &val) == OK) {
		c->stale = true;
		checkup_fault(c, "meta reindex", 0, val,
		    "a reindex is not finished; run: tiphys reindex");
		return;
	}
	if (raw_meta(c->t, META_FORMAT, &val) == OK && val.len == 4 &&
	    val.p[3] != KEY_FORMAT) {
		c->stale = true;
		checkup_fault(c, "meta format", 0, val,
		    "is of an older tiphys; run: tiphys reindex");
		return;
	}
	if (meta_get(c->t->txn, META_DIGEST, &v) != OK ||
	    v != c->t->store->defs ||
	    raw_meta(c->t, META_UNICODE, &val) != OK ||
	    !bytes_is(val, text_unicode())) {
		c->stale = true;
		checkup_fault(c, "meta digest", 0, val, "rows and postings are "
		    "of other definitions; run: tiphys reindex");
	}
}

enum err
maint_check(struct store *s, struct arena *a, const struct extract *x,
    const struct json_limits *lim, maint_fault *fault, maint_tick *tick,
    void *arg, uint64_t *faults_out)
{
	struct checkup c = { .x = x, .lim = lim, .fault = fault, .arg = arg };
	enum err e;

	e = store_begin(s, a, &c.t);
	if (e != OK)
		return e;
	c.a = arena_new(0);
	check_meta(&c);
	e = raw_cursor(c.t, DB_INDEX, &c.index);
	if (e == OK)
		e = raw_cursor(c.t, DB_HISTORY, &c.history);
	if (e == OK)
		e = check_records(&c, tick);
	if (e == OK)
		e = check_journal(&c);
	if (e == OK)
		e = check_surplus(&c);
	arena_free(&c.a);
	store_end(c.t);
	if (e == OK)
		*faults_out = c.faults;
	return e;
}
