/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env_in.h -- what the files of the LMDB border share.  (L2)
 *
 * Internal to store/env*.c.
 */
#ifndef STORE_ENV_IN_H
#define STORE_ENV_IN_H

#include <sys/types.h>

#include <lmdb.h>

#include "store/env.h"

struct env {
	MDB_env		*mdb;
	MDB_txn		*ro;		/* the one read transaction, or NULL */
	bool		 ro_open;	/* a snapshot stands on it */
	bool		 writing;	/* txn_write is under way */
	bool		 broken;	/* an I/O error: write no more */
	pid_t		 pid;		/* who opened it */
	uint64_t	 map_max;	/* bytes */
	struct arena	*scratch;	/* of the write transaction */
	unsigned	 n_rows;
	MDB_dbi		 dbi[];		/* n_rows */
};

struct txn {
	struct env	*env;
	MDB_txn		*mdb;
	struct arena	*arena;		/* cursors are made here */
	struct txn	*parent;
	struct cur	*cur;		/* every one that was opened */
	MDB_cursor	**put;		/* write: one a database, lazily */
	bool		 read, live;
	bool		 map_full;	/* grow and run again */
};

struct cur {
	MDB_cursor	*mdb;
	struct cur	*next;		/* of the same transaction */
};

/* LMDB's codes and errno as ours.  Contexts differ in EACCES alone. */
enum err	env_from_mdb(int rc);

/* The same for a call in a transaction: notes a full map and I/O errors. */
enum err	env_fault(struct txn *t, int rc);

/*
 * May LMDB map this data file?  It believes what it maps: a page beyond the
 * end is SIGBUS, not an error.  (attack case DB-14)
 * out	*brief_out  the file is shorter than its header says, which it may
 *		be: env_file_walk knows
 *	*why_out  process constant
 * err	ERR_NOTFOUND  no file; ERR_STORE  damaged; ERR_CONFIG  no access
 */
enum err	env_file_check(const char *path, bool *brief_out,
		    const char **why_out) NODISCARD;

/*
 * Walk the trees of transaction txn with pread, nothing mapped.  A snapshot
 * of it must stand meanwhile: a writer takes the pages of no other.
 * err	ERR_STORE  damaged; ERR_BUSY  no header is of that transaction
 */
enum err	env_file_walk(const char *path, uint64_t txn,
		    const char **why_out) NODISCARD;

#endif
