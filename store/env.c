/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env.c -- transactions, gets and puts on LMDB.  (L2)
 *
 * With env_open.c (opening), env_file.c (is the file sound) and env_cur.c
 * (cursors) the only place that names mdb_ functions.  Does not know what
 * the bytes mean: key.c does.
 *
 * LMDB 0.9.24 caveats kept here: a DUPSORT item is deleted by mdb_del with
 * its data (ITS#9376, #9461), never by repeated cursor deletes; after an I/O
 * error the next commit may succeed though the file is in doubt, so the
 * process refuses to write on.
 */
#include "store/env.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/env_in.h"

#define TRIES	8	/* map growths elsewhere, reader tables cleared */

enum err
env_from_mdb(int rc)
{
	switch (rc) {
	case 0:
		return OK;
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case MDB_READERS_FULL:
	case EAGAIN:
		return ERR_BUSY;
	case MDB_TXN_FULL:
		return ERR_TOOBIG;
	case ENOMEM:
		return ERR_NOMEM;
	case EINVAL:
	case MDB_KEYEXIST:	/* db_append out of order */
	case MDB_BAD_VALSIZE:
	case MDB_BAD_TXN:
	case MDB_BAD_DBI:
	case MDB_INCOMPATIBLE:
		return ERR_BUG;
	default:		/* foreign codes: no enum to complete */
		return ERR_STORE;
	}
}

/*
 * LMDB calls a short write EIO, and a disk that fills up writes short.  Only
 * a probe tells them apart: is there room behind the end of the file?
 */
static bool
disk_full(struct env *e)
{
	const off_t room = 65536;
	struct rlimit lim;
	struct stat st;
	int fd;

	if (mdb_env_get_fd(e->mdb, &fd) != 0 || fstat(fd, &st) != 0)
		return false;
	if (getrlimit(RLIMIT_FSIZE, &lim) == 0 &&
	    lim.rlim_cur != RLIM_INFINITY &&
	    (rlim_t)(st.st_size + room) > lim.rlim_cur)
		return true;
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, st.st_size, room) != 0 &&
	    errno == ENOSPC;
}

enum err
env_fault(struct txn *t, int rc)
{
	enum err e = env_from_mdb(rc);

	if (rc == EIO && !t->read && disk_full(t->env))
		return ERR_FULL;
	if (rc == MDB_MAP_FULL)
		t->map_full = true;
	if (e == ERR_STORE && !t->read)
		t->env->broken = true;
	return e;
}

static size_t
round_up(uint64_t n)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (size_t)((n + page - 1) / page * page);
}

/* Twice the map, up to the ceiling; ERR_FULL when it is reached. */
static enum err
grow(struct env *e)
{
	MDB_envinfo info;
	size_t now, want;

	(void)mdb_env_info(e->mdb, &info);
	now = info.me_mapsize;
	if (now >= e->map_max)
		return ERR_FULL;
	want = now > e->map_max / 2 ? (size_t)e->map_max : now * 2;
	return env_from_mdb(mdb_env_set_mapsize(e->mdb, round_up(want)));
}

/* --- reading ------------------------------------------------------------ */

static void
end_read(void *p)
{
	txn_end(p);
}

/* Renew the read transaction, or begin it at the first call. */
static int
renew(struct env *e)
{
	if (e->ro != NULL)
		return mdb_txn_renew(e->ro);
	return mdb_txn_begin(e->mdb, NULL, MDB_RDONLY, &e->ro);
}

enum err
txn_read(struct env *e, struct arena *a, struct txn **out)
{
	struct txn *t;
	int dead, rc = 0;

	if (e->ro_open || e->writing || getpid() != e->pid)
		return ERR_BUG;
	for (int i = 0; i < TRIES; i++) {
		rc = renew(e);
		if (rc == MDB_MAP_RESIZED)
			rc = mdb_env_set_mapsize(e->mdb, 0);
		else if (rc == MDB_READERS_FULL)
			rc = mdb_reader_check(e->mdb, &dead);
		else
			break;
		if (rc != 0)
			break;
		rc = MDB_READERS_FULL;	/* if this was the last try */
	}
	if (rc != 0)
		return env_from_mdb(rc);
	t = arena_alloc(a, sizeof(*t));
	*t = (struct txn){ .env = e, .mdb = e->ro, .arena = a, .read = true,
	    .live = true };
	e->ro_open = true;
	arena_defer(a, end_read, t);
	*out = t;
	return OK;
}

void
txn_end(struct txn *t)
{
	if (!t->live)
		return;
	cur_close_all(t);
	if (!t->read)
		return;		/* ends with the function that writes */
	t->live = false;
	mdb_txn_reset(t->mdb);
	t->env->ro_open = false;
}

enum err
env_stats(struct env *e, struct env_stat *out)
{
	MDB_envinfo info;
	MDB_stat st;
	int rc;

	rc = mdb_env_info(e->mdb, &info);
	if (rc == 0)
		rc = mdb_env_stat(e->mdb, &st);
	if (rc == 0)
		*out = (struct env_stat){
			.map = info.me_mapsize,
			.used = (info.me_last_pgno + 1) * st.ms_psize,
			.last_txn = info.me_last_txnid
		};
	return env_from_mdb(rc);
}

enum err
db_count(struct txn *t, int dbi, uint64_t *n_out)
{
	MDB_stat st;
	int rc;

	rc = mdb_stat(t->mdb, t->env->dbi[dbi], &st);
	if (rc == 0)
		*n_out = st.ms_entries;
	return env_fault(t, rc);
}

/* --- writing ------------------------------------------------------------ */

/*
 * LMDB leaves out pages that a transaction took and gave back, even at the
 * end of the file, which is then shorter than its header says and would look
 * cut to the next opener.  Make it as long: the pages are free, so what they
 * hold does not matter, and fallocate never shortens what another process
 * made longer.  Where it fails the opener walks the trees instead.
 */
static void
pad_file(struct env *e)
{
	MDB_envinfo info;
	struct stat st;
	MDB_stat ms;
	off_t want;
	int fd;

	if (mdb_env_info(e->mdb, &info) != 0 ||
	    mdb_env_stat(e->mdb, &ms) != 0 ||
	    mdb_env_get_fd(e->mdb, &fd) != 0 || fstat(fd, &st) != 0)
		return;
	want = (off_t)((info.me_last_pgno + 1) * ms.ms_psize);
	if (st.st_size < want)
		(void)fallocate(fd, 0, want - 1, 1);
}

/* One run of fn in a transaction below parent, or a top one. */
static enum err
run(struct txn *t, MDB_txn *parent, txn_fn *fn, void *arg)
{
	struct env *e = t->env;
	enum err err;
	int rc;

	rc = mdb_txn_begin(e->mdb, parent, 0, &t->mdb);
	if (rc == MDB_MAP_RESIZED) {
		rc = mdb_env_set_mapsize(e->mdb, 0);
		if (rc == 0)
			rc = mdb_txn_begin(e->mdb, parent, 0, &t->mdb);
	}
	if (rc != 0)
		return env_fault(t, rc);
	t->live = true;
	t->put = arena_array(t->arena, e->n_rows, sizeof(*t->put));
	err = fn(t, arg);
	t->live = false;
	if (err != OK) {
		mdb_txn_abort(t->mdb);
		return err;
	}
	return env_fault(t, mdb_txn_commit(t->mdb));
}

enum err
txn_write(struct env *e, txn_fn *fn, void *arg)
{
	struct txn t;
	enum err err;

	if (e->ro_open || e->writing || getpid() != e->pid)
		return ERR_BUG;
	if (e->broken)
		return ERR_STORE;
	e->writing = true;
	do {
		arena_reset(e->scratch);
		t = (struct txn){ .env = e, .arena = e->scratch };
		err = run(&t, NULL, fn, arg);
		/* map_full tells a full map from a full disk. */
		if (t.map_full && err != OK) {
			err = grow(e);
			t.map_full = err == OK;
		}
	} while (t.map_full);
	if (err == OK)
		pad_file(e);
	arena_reset(e->scratch);
	e->writing = false;
	return err;
}

enum err
txn_nested(struct txn *t, txn_fn *fn, void *arg)
{
	struct txn in = { .env = t->env, .arena = t->arena, .parent = t };
	enum err err;

	if (t->read || !t->live)
		return ERR_BUG;
	err = run(&in, t->mdb, fn, arg);
	if (in.map_full)
		t->map_full = true;
	return err;
}

/* --- one key ------------------------------------------------------------ */

static MDB_val
val_of(struct bytes b)
{
	/* LMDB does not write through the pointer of a key or value given. */
	return (MDB_val){ .mv_size = b.len, .mv_data = (void *)(uintptr_t)b.p };
}

enum err
db_get(struct txn *t, int dbi, struct bytes key, struct bytes *val_out)
{
	MDB_val k = val_of(key), v;
	int rc;

	rc = mdb_get(t->mdb, t->env->dbi[dbi], &k, &v);
	if (rc != 0)
		return env_fault(t, rc);
	*val_out = bytes_of(v.mv_data, v.mv_size);
	return OK;
}

/*
 * Puts go through a cursor that stays: neighbours then find their page
 * without a walk from the root.
 */
static enum err
put(struct txn *t, int dbi, struct bytes key, MDB_val *v, unsigned flags)
{
	MDB_val k = val_of(key);
	int rc;

	if (t->put[dbi] == NULL) {
		rc = mdb_cursor_open(t->mdb, t->env->dbi[dbi], &t->put[dbi]);
		if (rc != 0)
			return env_fault(t, rc);
	}
	return env_fault(t, mdb_cursor_put(t->put[dbi], &k, v, flags));
}

enum err
db_put(struct txn *t, int dbi, struct bytes key, struct bytes val)
{
	MDB_val v = val_of(val);

	return put(t, dbi, key, &v, 0);
}

enum err
db_append(struct txn *t, int dbi, struct bytes key, struct bytes val)
{
	MDB_val v = val_of(val);

	return put(t, dbi, key, &v, MDB_APPEND);
}

enum err
db_reserve(struct txn *t, int dbi, struct bytes key, size_t len,
    uint8_t **p_out)
{
	MDB_val v = { .mv_size = len, .mv_data = NULL };
	enum err e;

	e = put(t, dbi, key, &v, MDB_RESERVE);
	if (e == OK)
		*p_out = v.mv_data;
	return e;
}

enum err
db_del(struct txn *t, int dbi, struct bytes key)
{
	MDB_val k = val_of(key);

	return env_fault(t, mdb_del(t->mdb, t->env->dbi[dbi], &k, NULL));
}

enum err
db_clear(struct txn *t, int dbi)
{
	/* A put cursor kept would point into freed pages. */
	if (t->put[dbi] != NULL)
		return ERR_BUG;
	return env_fault(t, mdb_drop(t->mdb, t->env->dbi[dbi], 0));
}

enum err
db_put64(struct txn *t, int dbi, struct bytes key, uint64_t v)
{
	MDB_val d = { .mv_size = sizeof(v), .mv_data = &v };
	MDB_val k = val_of(key);
	int rc;

	/*
	 * No cursor here: without NODUPDATA a put of what is there already
	 * is a no-op, and a list has no neighbours to gain from.
	 */
	rc = mdb_put(t->mdb, t->env->dbi[dbi], &k, &d, 0);
	return env_fault(t, rc);
}

#define RUN	128	/* numbers of one key that are put by one call */

/*
 * Those of one list.  MDB_MULTIPLE ends early, and says so by its count, at
 * one that is the only one there already: then each by itself, which may
 * meet what is there.
 */
static int
put_run(MDB_cursor *c, struct bytes key, uint64_t *v, size_t n)
{
	MDB_val k = val_of(key);
	MDB_val d[2] = { { .mv_size = sizeof(*v), .mv_data = v },
	    { .mv_size = n } };
	int rc;

	rc = n == 1 ? MDB_KEYEXIST :
	    mdb_cursor_put(c, &k, d, MDB_MULTIPLE);
	if (rc != MDB_KEYEXIST && (rc != 0 || d[1].mv_size == n))
		return rc;
	rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		d[0] = (MDB_val){ .mv_size = sizeof(*v), .mv_data = v + i };
		rc = mdb_cursor_put(c, &k, d, 0);
	}
	return rc;
}

enum err
db_put64_all(struct txn *t, int dbi, const struct item64 *item, size_t n)
{
	uint64_t v[RUN];
	MDB_cursor *c;
	size_t i = 0, at;
	int rc;

	rc = mdb_cursor_open(t->mdb, t->env->dbi[dbi], &c);
	if (rc != 0)
		return env_fault(t, rc);
	while (i < n && rc == 0) {
		at = i;
		do
			v[i - at] = item[i].v;
		while (++i < n && i - at < RUN &&
		    bytes_eq(item[i].key, item[at].key));
		rc = put_run(c, item[at].key, v, i - at);
	}
	mdb_cursor_close(c);
	return env_fault(t, rc);
}

enum err
db_del64(struct txn *t, int dbi, struct bytes key, uint64_t v)
{
	MDB_val d = { .mv_size = sizeof(v), .mv_data = &v };
	MDB_val k = val_of(key);
	int rc;

	rc = mdb_del(t->mdb, t->env->dbi[dbi], &k, &d);
	return rc == MDB_NOTFOUND ? OK : env_fault(t, rc);
}
