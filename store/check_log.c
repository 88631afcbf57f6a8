/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_log.c -- do history and journal tell the records' story?  (L2)
 */
#include "store/check.h"
#include "store/meta.h"

/* One past version: its own digest, id, and a time before the next one's. */
static void
check_version(struct checkup *c, uint64_t rid, uint64_t version,
    struct bytes raw, const struct header *now, struct instant *before)
{
	struct bytes body;
	struct header h;

	if (key_get_record(raw, true, &h, &body) != OK) {
		checkup_fault(c, "history", rid, now->id, arena_printf(c->a,
		    "version %llu is damaged: its digest differs",
		    (unsigned long long)version));
		return;
	}
	if (h.version != version || !bytes_eq(h.id, now->id) ||
	    h.updated.ms >= before->ms)
		checkup_fault(c, "history", rid, now->id, arena_printf(c->a,
		    "version %llu is out of place",
		    (unsigned long long)version));
	*before = h.updated;
}

enum err
check_history(struct checkup *c, uint64_t rid, const struct header *h)
{
	struct key k = key_rid(rid);
	struct instant before = h->updated;
	struct bytes key, val;
	uint64_t version, want = h->version - 1;
	enum err e;

	/* Most have none; the count of all shows one too many. */
	if (want == 0)
		return OK;
	e = cur_seek(c->history, key_bytes(&k), &key, &val);
	for (; e == OK; e = cur_next(c->history, &key, &val)) {
		if (key.len != 16 || key_be64(key.p) != rid)
			break;
		c->past++;
		version = ~key_be64(key.p + 8);
		if (version != want)
			checkup_fault(c, "history", rid, h->id, arena_printf(
			    c->a, "has version %llu where %llu should be",
			    (unsigned long long)version,
			    (unsigned long long)want));
		check_version(c, rid, version, val, h, &before);
		want = version - 1;
	}
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (want != 0)
		checkup_fault(c, "history", rid, h->id,
		    "lacks its oldest versions");
	return OK;
}

/* --- journal ------------------------------------------------------------ */

/* The change against the version it made. */
static enum err
check_change(struct checkup *c, const struct log_val *r, uint64_t sequence)
{
	struct header h;
	struct bytes body;
	enum err e;

	e = raw_record(c->t, r->rid, &h, &body);
	if (e == OK && h.version == r->version && h.born == sequence &&
	    r->kind != KEY_CREATED)
		checkup_fault(c, "change", r->rid, h.id,
		    "is no creation, as the record says");
	if (e == OK && h.version > r->version)
		e = raw_version(c->t, r->rid, r->version, &h, &body);
	if (e == ERR_STORE)
		return OK;	/* a damaged record is reported already */
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (e == ERR_NOTFOUND || h.version != r->version)
		checkup_fault(c, "change", r->rid, bytes_of(NULL, 0),
		    "speaks of a version that is not there");
	else if (h.updated.ms != r->time.ms ||
	    h.deleted != (r->kind == KEY_DELETED))
		checkup_fault(c, "change", r->rid, h.id,
		    "differs from the version it made");
	return OK;
}

/* The posting by which the type's history finds it. */
static enum err
check_logged(struct checkup *c, const struct log_val *r, uint64_t sequence)
{
	struct key k = key_reserved(KEY_P_CHANGE, rid_type(r->rid));
	uint64_t found = 0;
	enum err e;

	c->postings++;
	e = cur_seek64(c->index, key_bytes(&k), sequence, &found);
	if (e == ERR_NOTFOUND || (e == OK && found != sequence)) {
		c->lost = true;
		checkup_fault(c, "change", r->rid, bytes_of(NULL, 0),
		    "is missing in the history of its type");
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static void
check_counters(struct checkup *c, uint64_t journal, int64_t ms)
{
	struct bytes none = bytes_of(NULL, 0);
	uint64_t v = 0;
	enum err e;

	e = meta_get(c->t->txn, META_JOURNAL, &v);
	if ((e == OK ? v : 0) != journal)
		checkup_fault(c, "meta journal", 0, none,
		    "is not the last change");
	v = 0;
	e = meta_get(c->t->txn, META_TIME, &v);
	if ((e == OK ? (int64_t)v : 0) != ms)
		checkup_fault(c, "meta time", 0, none,
		    "is not the time of the last change");
	v = 0;
	e = meta_get(c->t->txn, META_SEQUENCE, &v);
	if ((e == OK ? v : 0) < c->sequence)
		checkup_fault(c, "meta sequence", 0, none,
		    "has been passed by a record");
}

enum err
check_journal(struct checkup *c)
{
	struct log_val r = { .rid = 0 };
	struct bytes key, val;
	uint64_t want = 0;
	int64_t ms = 0;
	struct cur *cur;
	enum err e;

	e = raw_cursor(c->t, DB_CHANGE, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	while (e == OK) {
		want++;
		if (key.len != 8 || key_get_log(val, &r) != OK ||
		    key_be64(key.p) != want || r.time.ms < ms)
			checkup_fault(c, "change", r.rid, bytes_of(NULL, 0),
			    "is out of order");
		ms = r.time.ms;
		want = key.len == 8 ? key_be64(key.p) : want;
		e = check_change(c, &r, want);
		if (e == OK && !c->stale)
			e = check_logged(c, &r, want);
		arena_reset(c->a);
		if (e == OK)
			e = cur_next(cur, &key, &val);
	}
	if (e != ERR_NOTFOUND)
		return e;
	check_counters(c, want, ms);
	if (want != c->records + c->past)
		checkup_fault(c, "change", 0, bytes_of(NULL, 0),
		    "does not count as many changes as there are versions");
	return OK;
}
