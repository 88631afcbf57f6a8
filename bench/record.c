/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c -- LD_PRELOAD shim: what a program writes to its store.
 *
 * Stands between a dynamically linked program and liblmdb and writes every
 * put, delete and transaction of the environment whose path ends in "/store"
 * to the file named by PUTS_FILE, for replay.c.  Aborted transactions are
 * left out.  Measures nothing: the recorded run is not the timed one.
 *
 * mdb_put calls mdb_cursor_put inside the library, perhaps through us: inside
 * counts the depth, and only the outermost call is written down.
 */
#include <dlfcn.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "puts.h"

#define NEST_MAX	8

static struct {
	const char	*path;		/* PUTS_FILE */
	MDB_env		*env;		/* the store's, once opened */
	uint8_t		*p;
	size_t		 len, cap;
	size_t		 began[NEST_MAX];	/* where each open one starts */
	MDB_txn		*txn[NEST_MAX];
	int		 depth, inside;
	const uint8_t	*reserved;	/* bytes the caller fills in later */
	size_t		 reserved_at, reserved_len;
} rec;

#define REAL(name, ...) \
	((__typeof__(&name))real(#name))(__VA_ARGS__)

static void
quit(const char *why)
{
	(void)fprintf(stderr, "record: %s\n", why);
	abort();
}

static void *
real(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (fn == NULL)
		quit(name);
	return fn;
}

static uint8_t *
room(size_t len)
{
	size_t cap = rec.cap;

	while (cap - rec.len < len)
		cap = cap == 0 ? 1 << 20 : cap * 2;
	if (cap != rec.cap) {
		rec.p = realloc(rec.p, cap);
		rec.cap = cap;
	}
	if (rec.p == NULL)
		quit("out of memory");
	rec.len += len;
	return rec.p + rec.len - len;
}

/* A value put with MDB_RESERVE is whole when the next call comes. */
static void
settle(void)
{
	if (rec.reserved != NULL)
		memcpy(rec.p + rec.reserved_at, rec.reserved,
		    rec.reserved_len);
	rec.reserved = NULL;
}

static void
note(enum op op, MDB_dbi dbi, unsigned flags, const MDB_val *key,
    const MDB_val *val)
{
	struct item it = { .op = op, .dbi = dbi,
	    .flags = flags & ~(unsigned)MDB_RESERVE,
	    .key = key != NULL ? (uint32_t)key->mv_size : 0,
	    .val = val != NULL ? (uint32_t)val->mv_size : 0 };

	settle();
	memcpy(room(sizeof(it)), &it, sizeof(it));
	if (it.key > 0)
		memcpy(room(it.key), key->mv_data, it.key);
	if (it.val == 0)
		return;
	if ((flags & MDB_RESERVE) != 0) {
		rec.reserved = val->mv_data;
		rec.reserved_len = it.val;
		rec.reserved_at = (size_t)(room(it.val) - rec.p);
	} else {
		memcpy(room(it.val), val->mv_data, it.val);
	}
}

/* Of a writing transaction of the store, and not of the library itself? */
static bool
ours(MDB_txn *txn)
{
	return rec.inside == 0 && rec.depth > 0 &&
	    txn == rec.txn[rec.depth - 1];
}

int
mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode)
{
	size_t len = strlen(path);

	if (len >= 6 && strcmp(path + len - 6, "/store") == 0)
		rec.env = env;
	return REAL(mdb_env_open, env, path, flags, mode);
}

/* Handles come before the first transaction that is replayed. */
int
mdb_dbi_open(MDB_txn *txn, const char *name, unsigned flags, MDB_dbi *dbi)
{
	int rc = REAL(mdb_dbi_open, txn, name, flags, dbi);
	MDB_val key;
	unsigned shape = 0;

	if (rc == 0 && name != NULL && mdb_txn_env(txn) == rec.env) {
		if (*dbi >= DBI_MAX || mdb_dbi_flags(txn, *dbi, &shape) != 0)
			quit("mdb_dbi_open");
		key = (MDB_val){ strlen(name) + 1, (void *)(uintptr_t)name };
		note(OP_OPEN, *dbi, shape, &key, NULL);
	}
	return rc;
}

int
mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **out)
{
	size_t at;
	int rc = REAL(mdb_txn_begin, env, parent, flags, out);

	if (rc != 0 || env != rec.env || (flags & MDB_RDONLY) != 0)
		return rc;
	if (rec.depth == NEST_MAX)
		quit("transactions nested too deep");
	settle();
	at = rec.len;
	note(parent != NULL ? OP_NEST : OP_BEGIN, 0, 0, NULL, NULL);
	rec.began[rec.depth] = at;
	rec.txn[rec.depth++] = *out;
	return rc;
}

int
mdb_txn_commit(MDB_txn *txn)
{
	bool mine = ours(txn);
	int rc;

	if (mine)
		note(OP_COMMIT, 0, 0, NULL, NULL);
	rec.inside++;
	rc = REAL(mdb_txn_commit, txn);
	rec.inside--;
	if (mine) {
		rec.depth--;
		if (rc != 0)
			rec.len = rec.began[rec.depth];
	}
	return rc;
}

void
mdb_txn_abort(MDB_txn *txn)
{
	if (ours(txn)) {
		settle();
		rec.len = rec.began[--rec.depth];
	}
	rec.inside++;
	REAL(mdb_txn_abort, txn);
	rec.inside--;
}

int
mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *val,
    unsigned flags)
{
	bool mine = ours(txn);
	int rc;

	if (mine)
		settle();
	rec.inside++;
	rc = REAL(mdb_put, txn, dbi, key, val, flags);
	rec.inside--;
	if (mine && rc == 0)
		note(OP_PUT, dbi, flags, key, val);
	return rc;
}

int
mdb_cursor_put(MDB_cursor *cur, MDB_val *key, MDB_val *val, unsigned flags)
{
	bool mine = ours(mdb_cursor_txn(cur));
	MDB_val many = *val;	/* LMDB moves on in the caller's */
	int rc;

	if (mine)
		settle();
	rec.inside++;
	rc = REAL(mdb_cursor_put, cur, key, val, flags);
	rec.inside--;
	if (!mine || rc != 0)
		return rc;
	if (flags & MDB_MULTIPLE) {
		if (many.mv_size != PUT_EACH)
			quit("values of another size are not recorded");
		many.mv_size *= val[1].mv_size;
	}
	note(OP_CURPUT, mdb_cursor_dbi(cur), flags, key,
	    flags & MDB_MULTIPLE ? &many : val);
	return rc;
}

int
mdb_cursor_del(MDB_cursor *cur, unsigned flags)
{
	if (ours(mdb_cursor_txn(cur)))
		quit("mdb_cursor_del is not recorded");
	return REAL(mdb_cursor_del, cur, flags);
}

int
mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *val)
{
	bool mine = ours(txn);
	int rc;

	if (mine)
		settle();
	rec.inside++;
	rc = REAL(mdb_del, txn, dbi, key, val);
	rec.inside--;
	if (mine && rc == 0)
		note(val != NULL ? OP_DELDUP : OP_DEL, dbi, 0, key, val);
	return rc;
}

int
mdb_drop(MDB_txn *txn, MDB_dbi dbi, int del)
{
	bool mine = ours(txn);
	int rc;

	rec.inside++;
	rc = REAL(mdb_drop, txn, dbi, del);
	rec.inside--;
	if (mine && rc == 0)
		note(OP_DROP, dbi, 0, NULL, NULL);
	return rc;
}

/* Early: a worker clears its environment. */
static __attribute__((constructor)) void
remember(void)
{
	const char *path = getenv("PUTS_FILE");

	rec.path = path == NULL ? NULL : strdup(path);
}

static __attribute__((destructor)) void
save(void)
{
	FILE *f;

	if (rec.path == NULL || rec.env == NULL)
		return;
	f = fopen(rec.path, "wb");
	if (f == NULL || fwrite(rec.p, 1, rec.len, f) != rec.len ||
	    fclose(f) != 0)
		quit(rec.path);
}
