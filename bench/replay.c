/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c -- a bare LMDB program that does recorded puts: the baseline of
 * "load" in bench/run.
 *
 * usage: replay FOLDER PUTS
 *
 * Makes a new environment in FOLDER and does what record.c wrote into PUTS:
 * all databases, the same transactions, full sync.  Prints the seconds from
 * opening the environment to having closed it, and the puts.  The recording
 * is in memory before the clock starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "puts.h"

#define MAP	((size_t)64 << 30)	/* never full */
#define DEPTH	8

struct replay {
	MDB_env		*env;
	MDB_txn		*txn[DEPTH];	/* [0] is the outermost */
	MDB_cursor	*cur[DEPTH][DBI_MAX];
	int		 depth;		/* open transactions */
	MDB_dbi		 dbi[DBI_MAX];	/* recorded handle to ours */
	unsigned long	 puts;
};

static void
must(int rc, const char *what)
{
	if (rc == 0)
		return;
	(void)fprintf(stderr, "replay: %s: %s\n", what, mdb_strerror(rc));
	exit(1);
}

static const uint8_t *
slurp(const char *path, size_t *len_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd == -1 || fstat(fd, &st) == -1)
		must(errno, path);
	*len_out = (size_t)st.st_size;
	p = mmap(NULL, *len_out, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		must(errno, path);
	(void)close(fd);
	return p;
}

static void
begin(struct replay *r, MDB_txn *parent)
{
	if (r->depth == DEPTH)
		must(EINVAL, "nested too deep");
	must(mdb_txn_begin(r->env, parent, 0, &r->txn[r->depth]), "begin");
	memset(r->cur[r->depth], 0, sizeof(r->cur[0]));
	r->depth++;
}

/* Handles of the recorded program: opened, made where they are not there. */
static void
open_dbi(struct replay *r, const struct item *it, const char *name)
{
	MDB_txn *txn = r->depth > 0 ? r->txn[r->depth - 1] : NULL;

	if (txn == NULL)
		must(mdb_txn_begin(r->env, NULL, 0, &txn), "begin");
	must(mdb_dbi_open(txn, name, it->flags | MDB_CREATE,
	    &r->dbi[it->dbi]), name);
	if (r->depth == 0)
		must(mdb_txn_commit(txn), "commit");
}

static void
cursor_put(struct replay *r, const struct item *it, MDB_val *k, MDB_val *v)
{
	MDB_cursor **cur = &r->cur[r->depth - 1][it->dbi];

	if (*cur == NULL)
		must(mdb_cursor_open(r->txn[r->depth - 1], r->dbi[it->dbi],
		    cur), "cursor");
	if (it->flags & MDB_MULTIPLE) {
		MDB_val many[2] = { { PUT_EACH, v->mv_data },
		    { v->mv_size / PUT_EACH, NULL } };

		r->puts += many[1].mv_size;
		must(mdb_cursor_put(*cur, k, many, it->flags), "put");
		return;
	}
	must(mdb_cursor_put(*cur, k, v, it->flags), "put");
	r->puts++;
}

static void
act(struct replay *r, const struct item *it, MDB_val *k, MDB_val *v)
{
	MDB_txn *txn = r->depth > 0 ? r->txn[r->depth - 1] : NULL;
	MDB_dbi dbi = r->dbi[it->dbi];

	switch ((enum op)it->op) {
	case OP_OPEN:
		open_dbi(r, it, k->mv_data);
		break;
	case OP_BEGIN:
	case OP_NEST:
		begin(r, txn);
		break;
	case OP_COMMIT:
		must(mdb_txn_commit(txn), "commit");
		r->depth--;
		break;
	case OP_PUT:
		must(mdb_put(txn, dbi, k, v, it->flags), "put");
		r->puts++;
		break;
	case OP_CURPUT:
		cursor_put(r, it, k, v);
		break;
	case OP_DEL:
		must(mdb_del(txn, dbi, k, NULL), "del");
		break;
	case OP_DELDUP:
		must(mdb_del(txn, dbi, k, v), "del");
		break;
	case OP_DROP:
		must(mdb_drop(txn, dbi, 0), "drop");
		break;
	}
}

static void
replay(struct replay *r, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	struct item it;
	MDB_val k, v;

	while (p < end) {
		memcpy(&it, p, sizeof(it));
		p += sizeof(it);
		/* LMDB does not write through the pointers given. */
		k = (MDB_val){ it.key, (void *)(uintptr_t)p };
		p += it.key;
		v = (MDB_val){ it.val, (void *)(uintptr_t)p };
		p += it.val;
		act(r, &it, &k, &v);
	}
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	static struct replay r;
	const uint8_t *p;
	double began;
	size_t len;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: replay FOLDER PUTS\n");
		return 64;
	}
	p = slurp(argv[2], &len);
	began = now();
	must(mdb_env_create(&r.env), "create");
	must(mdb_env_set_mapsize(r.env, MAP), "map");
	must(mdb_env_set_maxdbs(r.env, DBI_MAX), "databases");
	must(mdb_env_open(r.env, argv[1], 0, 0600), argv[1]);
	replay(&r, p, len);
	mdb_env_close(r.env);
	(void)printf("%.6f %lu\n", now() - began, r.puts);
	return 0;
}
