/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c -- raw reads, each counted as work.  (L2)
 *
 * Does not ask who reads: the callers named in record.h do.
 */
#include "store/record.h"

enum err
raw_id(struct snapshot *t, uint16_t type, struct bytes id,
    struct id_val *out)
{
	struct key k = key_id(type, id);
	struct bytes val;
	enum err e;

	t->work++;
	e = db_get(t->txn, DB_ID, key_bytes(&k), &val);
	return e == OK ? key_get_id(val, out) : e;
}

/* Outside of an id's word that there is a record, its absence is damage. */
static enum err
get_record(struct snapshot *t, enum key_db db, const struct key *k,
    struct header *h_out, struct bytes *body_out)
{
	struct bytes val;
	enum err e;

	t->work++;
	e = db_get(t->txn, (int)db, key_bytes(k), &val);
	if (e != OK)
		return e;
	if (t->writing)
		val = arena_copy(t->arena, val);
	return key_get_record(val, false, h_out, body_out);
}

enum err
raw_record(struct snapshot *t, uint64_t rid, struct header *h_out,
    struct bytes *body_out)
{
	struct key k = key_rid(rid);

	return get_record(t, DB_RECORD, &k, h_out, body_out);
}

enum err
raw_version(struct snapshot *t, uint64_t rid, uint64_t version,
    struct header *h_out, struct bytes *body_out)
{
	struct key k = key_history(rid, version);

	return get_record(t, DB_HISTORY, &k, h_out, body_out);
}

enum err
raw_row(struct snapshot *t, uint64_t owner, uint64_t rid, struct row *out)
{
	struct key k = key_row(owner, rid);
	struct bytes val;
	enum err e;

	t->work++;
	e = db_get(t->txn, DB_ROW, key_bytes(&k), &val);
	if (e == OK)
		e = key_get_row(val, out);
	if (e == OK)
		out->owner = owner;
	return e;
}

enum err
raw_extra(struct snapshot *t, uint64_t owner, uint64_t rid,
    struct bytes *out)
{
	struct key k = key_row(owner, rid);
	enum err e;

	t->work++;
	e = db_get(t->txn, DB_EXTRA, key_bytes(&k), out);
	if (e == ERR_NOTFOUND) {
		*out = bytes_of(NULL, 0);
		return OK;
	}
	return e;
}

enum err
raw_change(struct snapshot *t, uint64_t sequence, struct log_val *out)
{
	struct key k = key_journal(sequence);
	struct bytes val;
	enum err e;

	t->work++;
	e = db_get(t->txn, DB_CHANGE, key_bytes(&k), &val);
	return e == OK ? key_get_log(val, out) : e;
}

enum err
raw_cursor(struct snapshot *t, enum key_db db, struct cur **out)
{
	t->work++;
	return cur_open(t->txn, (int)db, out);
}

enum err
raw_meta(struct snapshot *t, const char *name, struct bytes *val_out)
{
	t->work++;
	return db_get(t->txn, DB_META, bytes_str(name), val_out);
}
