/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_index.c -- what is there though no record asks for it.  (L2)
 *
 * Counts first; the slow walks run only where they differ.
 */
#include "store/check.h"

/* The current header of a live resource; false: there is none. */
static bool
live(struct checkup *c, uint64_t rid, struct header *h_out)
{
	struct bytes body;

	return raw_record(c->t, rid, h_out, &body) == OK && !h_out->deleted;
}

/* --- ids ---------------------------------------------------------------- */

static void
check_one_id(struct checkup *c, struct bytes key, struct bytes val)
{
	struct bytes id = bytes_from(key, 2), body;
	struct id_val v;
	struct header h;
	uint16_t type;

	if (key.len < 3 || key_get_id(val, &v) != OK) {
		checkup_fault(c, "id", 0, id, "is damaged");
		return;
	}
	type = (uint16_t)(key.p[0] << 8 | key.p[1]);
	if (rid_type(v.rid) != type)
		checkup_fault(c, "id", v.rid, id, "has another type's number");
	if (v.state == STATE_NAMED) {
		if (raw_record(c->t, v.rid, &h, &body) != ERR_NOTFOUND)
			checkup_fault(c, "id", v.rid, id,
			    "says there is no record");
		return;
	}
	if (raw_record(c->t, v.rid, &h, &body) == ERR_NOTFOUND ||
	    !bytes_eq(h.id, id))
		checkup_fault(c, "id", v.rid, id, "leads to no record");
}

static enum err
check_ids(struct checkup *c)
{
	struct bytes key, val;
	struct cur *cur;
	enum err e;

	e = raw_cursor(c->t, DB_ID, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	for (; e == OK; e = cur_next(cur, &key, &val)) {
		check_one_id(c, key, val);
		arena_reset(c->a);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- rows, and what stands beside them ---------------------------------- */

static enum err
check_rows(struct checkup *c, enum key_db db)
{
	struct bytes key, val;
	struct header h;
	struct cur *cur;
	uint64_t rid;
	enum err e;

	e = raw_cursor(c->t, db, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	for (; e == OK; e = cur_next(cur, &key, &val)) {
		rid = key.len == 16 ? key_be64(key.p + 8) : 0;
		if (rid == 0 || !live(c, rid, &h) ||
		    h.owner != key_be64(key.p))
			checkup_fault(c, key_dbs[db].name, rid,
			    bytes_of(NULL, 0), "belongs to no record");
		arena_reset(c->a);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- history ------------------------------------------------------------ */

static enum err
check_past(struct checkup *c)
{
	struct bytes key, val;
	struct header h;
	struct bytes body;
	struct cur *cur;
	uint64_t rid;
	enum err e;

	e = raw_cursor(c->t, DB_HISTORY, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	for (; e == OK; e = cur_next(cur, &key, &val)) {
		rid = key.len == 16 ? key_be64(key.p) : 0;
		if (rid == 0 || raw_record(c->t, rid, &h, &body) != OK ||
		    ~key_be64(key.p + 8) >= h.version)
			checkup_fault(c, "history", rid, bytes_of(NULL, 0),
			    "holds a version of no record");
		arena_reset(c->a);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- postings ----------------------------------------------------------- */

/* Is there such a change, and of this type? */
static bool
happened(struct checkup *c, struct bytes key, uint64_t sequence)
{
	struct key k UNINIT;
	struct log_val v;

	if (raw_change(c->t, sequence, &v) != OK)
		return false;
	k = key_reserved(KEY_P_CHANGE, rid_type(v.rid));
	return bytes_eq(key, key_bytes(&k));
}

/* Does the row of this resource ask for the posting? */
static bool
asked_for(struct checkup *c, struct bytes key, uint64_t rid)
{
	struct bytes extra;
	struct place p;
	struct header h;
	struct values v;
	struct keys ks;
	struct row row;

	if ((key.p[0] << 8 | key.p[1]) == KEY_P_CHANGE)
		return happened(c, key, rid);
	if (!live(c, rid, &h) || raw_row(c->t, h.owner, rid, &row) != OK ||
	    key_entries(c->a, &row, &v) != OK ||
	    raw_extra(c->t, h.owner, rid, &extra) != OK)
		return false;
	p = place_of(&h);
	ks = index_keys(c->a, rid, h.updated, &p, &v, extra);
	for (size_t i = 0; i < ks.n; i++)
		if (bytes_eq(ks.k[i], key))
			return true;
	return false;
}

static enum err
check_postings(struct checkup *c)
{
	struct bytes key, val;
	struct cur *cur;
	uint64_t rid;
	enum err e;

	e = raw_cursor(c->t, DB_INDEX, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	for (; e == OK; e = cur_next(cur, &key, &val)) {
		if (key.len < 2 || val.len != sizeof(rid))
			return ERR_STORE;
		memcpy(&rid, val.p, sizeof(rid));
		if (!asked_for(c, key, rid))
			checkup_fault(c, "index", rid, bytes_of(NULL, 0),
			    arena_printf(c->a, "has a posting of parameter "
			    "%u that no record asks for",
			    (unsigned)(key.p[0] << 8 | key.p[1])));
		arena_reset(c->a);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
check_surplus(struct checkup *c)
{
	uint64_t rows, extras, past, postings;
	enum err e;

	e = db_count(c->t->txn, DB_ROW, &rows);
	if (e == OK)
		e = db_count(c->t->txn, DB_EXTRA, &extras);
	if (e == OK)
		e = db_count(c->t->txn, DB_HISTORY, &past);
	if (e == OK)
		e = db_count(c->t->txn, DB_INDEX, &postings);
	if (e == OK)
		e = check_ids(c);
	if (e == OK && (past != c->past || c->lost))
		e = check_past(c);
	if (e == OK && !c->stale && (rows != c->live || c->lost))
		e = check_rows(c, DB_ROW);
	if (e == OK && !c->stale && (extras != c->extras || c->lost))
		e = check_rows(c, DB_EXTRA);
	if (e == OK && !c->stale && (postings != c->postings || c->lost))
		e = check_postings(c);
	return e;
}
