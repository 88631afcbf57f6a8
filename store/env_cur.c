/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env_cur.c -- cursors: ranges of keys, lists of one key.  (L2)
 *
 * Cursors of a snapshot are closed with it; those of a write transaction
 * LMDB closes itself, where cur_close_all has not.
 */
#include "store/env_in.h"

enum err
cur_open(struct txn *t, int dbi, struct cur **out)
{
	struct cur *c;
	MDB_cursor *mdb;
	int rc;

	rc = mdb_cursor_open(t->mdb, t->env->dbi[dbi], &mdb);
	if (rc != 0)
		return env_fault(t, rc);
	c = arena_alloc(t->arena, sizeof(*c));
	c->mdb = mdb;
	c->next = t->cur;
	t->cur = c;
	*out = c;
	return OK;
}

void
cur_close(struct cur *c)
{
	mdb_cursor_close(c->mdb);
	c->mdb = NULL;		/* cur_close_all passes it over */
}

void
cur_close_all(struct txn *t)
{
	for (struct cur *c = t->cur; c != NULL; c = c->next)
		if (c->mdb != NULL)
			cur_close(c);
	t->cur = NULL;
}

/* One step; out-parameters are untouched unless OK. */
static enum err
step(struct cur *c, MDB_val *k, MDB_cursor_op op, struct bytes *key_out,
    struct bytes *val_out)
{
	MDB_val v;
	int rc;

	rc = mdb_cursor_get(c->mdb, k, &v, op);
	if (rc != 0)
		return env_from_mdb(rc);
	*key_out = bytes_of(k->mv_data, k->mv_size);
	*val_out = bytes_of(v.mv_data, v.mv_size);
	return OK;
}

static MDB_val
val_of(struct bytes b)
{
	return (MDB_val){ .mv_size = b.len, .mv_data = (void *)(uintptr_t)b.p };
}

enum err
cur_seek(struct cur *c, struct bytes at_or_after, struct bytes *key_out,
    struct bytes *val_out)
{
	MDB_val k = val_of(at_or_after);

	/* LMDB refuses an empty key; the range from it is everything. */
	return step(c, &k, at_or_after.len == 0 ? MDB_FIRST : MDB_SET_RANGE,
	    key_out, val_out);
}

enum err
cur_next(struct cur *c, struct bytes *key_out, struct bytes *val_out)
{
	MDB_val k;

	return step(c, &k, MDB_NEXT, key_out, val_out);
}

enum err
cur_key(struct cur *c, struct bytes key)
{
	MDB_val k = val_of(key), v;

	if (key.len == 0)
		return ERR_NOTFOUND;
	return env_from_mdb(mdb_cursor_get(c->mdb, &k, &v, MDB_SET));
}

enum err
cur_count(struct cur *c, uint64_t *n_out)
{
	size_t n;
	int rc;

	rc = mdb_cursor_count(c->mdb, &n);
	if (rc == 0)
		*n_out = n;
	return env_from_mdb(rc);
}

/* Items of a list are native 64-bit numbers, not always aligned. */
static enum err
number(int rc, const MDB_val *v, uint64_t *v_out)
{
	if (rc != 0)
		return env_from_mdb(rc);
	if (v->mv_size != sizeof(*v_out))
		return ERR_STORE;
	memcpy(v_out, v->mv_data, sizeof(*v_out));
	return OK;
}

enum err
cur_seek64(struct cur *c, struct bytes key, uint64_t at_or_after,
    uint64_t *v_out)
{
	MDB_val k = val_of(key);
	MDB_val v = { .mv_size = sizeof(at_or_after),
	    .mv_data = &at_or_after };
	int rc;

	if (key.len == 0)
		return ERR_NOTFOUND;
	rc = mdb_cursor_get(c->mdb, &k, &v, MDB_GET_BOTH_RANGE);
	return number(rc, &v, v_out);
}

enum err
cur_next64(struct cur *c, uint64_t *v_out)
{
	MDB_val k, v;
	int rc;

	rc = mdb_cursor_get(c->mdb, &k, &v, MDB_NEXT_DUP);
	return number(rc, &v, v_out);
}

enum err
cur_below64(struct cur *c, struct bytes key, uint64_t below, uint64_t *v_out)
{
	MDB_val k, v;
	uint64_t at;
	enum err e;
	int rc;

	e = cur_seek64(c, key, below, &at);
	if (e == OK)
		return cur_prev64(c, v_out);
	if (e == ERR_NOTFOUND)
		e = cur_key(c, key);
	if (e != OK)
		return e;
	/* All of the list is below: begin at its end. */
	rc = mdb_cursor_get(c->mdb, &k, &v, MDB_LAST_DUP);
	return number(rc, &v, v_out);
}

enum err
cur_prev64(struct cur *c, uint64_t *v_out)
{
	MDB_val k, v;
	int rc;

	rc = mdb_cursor_get(c->mdb, &k, &v, MDB_PREV_DUP);
	return number(rc, &v, v_out);
}

enum err
cur_block64(struct cur *c, struct bytes key, bool first,
    struct bytes *block_out)
{
	MDB_val k = val_of(key), v;
	int rc;

	if (key.len == 0)
		return ERR_NOTFOUND;
	rc = mdb_cursor_get(c->mdb, &k, &v, first ? MDB_SET_KEY :
	    MDB_NEXT_MULTIPLE);
	/* A list of one is no list to LMDB, and leaves v as it is. */
	if (rc == 0 && first)
		rc = mdb_cursor_get(c->mdb, &k, &v, MDB_GET_MULTIPLE);
	if (rc != 0)
		return env_from_mdb(rc);
	if (v.mv_size % sizeof(uint64_t) != 0)
		return ERR_STORE;
	*block_out = bytes_of(v.mv_data, v.mv_size);
	return OK;
}

enum err
cur_next_key(struct cur *c, struct bytes *key_out)
{
	struct bytes val;
	MDB_val k;

	return step(c, &k, MDB_NEXT_NODUP, key_out, &val);
}

/* The cursor stands on the first key at or after, or behind the last one. */
enum err
cur_before(struct cur *c, struct bytes key, struct bytes *key_out)
{
	MDB_val k = val_of(key);
	struct bytes at, val;
	enum err e;

	e = key.len == 0 ? ERR_NOTFOUND :
	    step(c, &k, MDB_SET_RANGE, &at, &val);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	return step(c, &k, e == OK ? MDB_PREV_NODUP : MDB_LAST, key_out,
	    &val);
}
