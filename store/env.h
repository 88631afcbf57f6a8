/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env.h -- the one LMDB border.  (L2)
 *
 * No other file names an mdb_ function or MDB_ code: env.c translates them
 * (from_mdb), grows the map, re-reads a map another process grew, clears
 * stale readers, refuses NFS and world access, and never syncs less than
 * fully, but where ENV_LOOSE says that a power cut may take it all.  The
 * store and the vaults of auth/ stand on it.
 *
 * LMDB's own rules that shape this: use an environment in the process that
 * opened it, not after fork; never open a file twice in one process; bytes
 * of a get are owned by the database and live until the transaction ends.
 */
#ifndef STORE_ENV_H
#define STORE_ENV_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

struct env;			/* one per environment and process */
struct txn;			/* a read snapshot or a write transaction */
struct cur;			/* a cursor; ends with its transaction */

enum env_flag {
	ENV_CREATE = 1,		/* make the folder and file if absent */
	ENV_RDONLY = 2,		/* this process never writes the data file */
	ENV_GROUP = 4,		/* group may read (0750, 0640; lock 0660) */
	ENV_VERIFY = 8,		/* walk every page before mapping the file */
	ENV_ADD = 32,		/* make the databases that an older version
				 * did not know; without it they are absent,
				 * and using one is ERR_STORE */
	ENV_LOOSE = 16		/* no sync: lost, or damaged, by a power cut;
				 * nothing is lost when a process is killed.
				 * auth/replay.c says why it may */
};

struct env_conf {
	const char	*path;		/* folder */
	unsigned	 flags;		/* enum env_flag */
	uint64_t	 map, map_max;	/* bytes: first size, ceiling */
	unsigned	 readers;	/* slots */
};

/* Shape of one named database. */
enum dbi_flag { DBI_PLAIN = 0, DBI_DUP64 = 1 /* sorted 64-bit integers */ };

struct dbi_row {
	const char	*name;
	enum dbi_flag	 flag;
};

/*
 * Open, and with it every database of rows (created where ENV_CREATE).
 * Handles are the row numbers.
 * out	*env_out  closed when a ends
 * err	ERR_CONFIG  world access, a wrong owner, a remote file system
 *	ERR_STORE   unreadable, damaged, not LMDB; ERR_NOTFOUND absent
 *	*why_out (in a) says it in words, with the remedy
 */
enum err	env_open(struct arena *a, const struct env_conf *c,
		    const struct dbi_row *rows, unsigned n_rows,
		    struct env **env_out, const char **why_out) NODISCARD;

struct env_stat { uint64_t map, used, last_txn; };	/* bytes, bytes */
enum err	env_stats(struct env *e, struct env_stat *out) NODISCARD;

/*
 * A read snapshot on the environment's one reusable read transaction:
 * begun by renew, ended by reset (txn_end, or the end of a).
 * err	ERR_BUG  one is open already, or this is a fork of the opener;
 *	ERR_BUSY  no reader slot, even after clearing stale ones
 */
enum err	txn_read(struct env *e, struct arena *a, struct txn **out)
		    NODISCARD;
/* Of a write transaction: closes the cursors alone. */
void		txn_end(struct txn *t);

/*
 * Run fn in a write transaction and commit with full sync.  A full map is
 * grown and a map grown elsewhere re-read, and fn is run again: it must be
 * re-runnable and keep nothing but what it writes to *arg afresh each run.
 * An error from fn aborts.  After an I/O error this process writes no more:
 * what the disk holds is known again only to the next one that opens it.
 * pre	no snapshot of this process is open (growing moves the map)
 * err	what fn returned, or ERR_FULL, ERR_STORE, ERR_BUSY; ERR_BUG
 */
typedef enum err txn_fn(struct txn *t, void *arg);
enum err	txn_write(struct env *e, txn_fn *fn, void *arg) NODISCARD;

/* A write transaction inside a write transaction: all or nothing. */
enum err	txn_nested(struct txn *t, txn_fn *fn, void *arg) NODISCARD;

/* Items in a database, those of lists counted each; and none of them. */
enum err	db_count(struct txn *t, int dbi, uint64_t *n_out) NODISCARD;
enum err	db_clear(struct txn *t, int dbi) NODISCARD;

/* err ERR_NOTFOUND  no such key */
enum err	db_get(struct txn *t, int dbi, struct bytes key,
		    struct bytes *val_out) NODISCARD;
enum err	db_put(struct txn *t, int dbi, struct bytes key,
		    struct bytes val) NODISCARD;
/* The key is known to be greater than any there: cheap bulk load. */
enum err	db_append(struct txn *t, int dbi, struct bytes key,
		    struct bytes val) NODISCARD;
/* Room of len bytes under key, to be filled before the next call. */
enum err	db_reserve(struct txn *t, int dbi, struct bytes key,
		    size_t len, uint8_t **p_out) NODISCARD;
enum err	db_del(struct txn *t, int dbi, struct bytes key) NODISCARD;

/* DBI_DUP64; idempotent both: putting what is there, deleting what is not. */
enum err	db_put64(struct txn *t, int dbi, struct bytes key,
		    uint64_t v) NODISCARD;
enum err	db_del64(struct txn *t, int dbi, struct bytes key,
		    uint64_t v) NODISCARD;

/*
 * Many at once, sorted by key: each finds its page near the one before.
 * pre	nothing else of the database is written meanwhile
 */
struct item64 {
	struct bytes	 key;
	uint64_t	 v;
};
enum err	db_put64_all(struct txn *t, int dbi, const struct item64 *item,
		    size_t n) NODISCARD;

enum err	cur_open(struct txn *t, int dbi, struct cur **out) NODISCARD;
/*
 * Early, where many are opened in one transaction: every open cursor makes
 * every put dearer, because LMDB keeps them all in step.
 */
void		cur_close(struct cur *c);
/* Every one of the transaction; whoever has one shall not use it again. */
void		cur_close_all(struct txn *t);

/* Each: ERR_NOTFOUND at the end; key and val borrowed from the snapshot. */
enum err	cur_seek(struct cur *c, struct bytes at_or_after,
		    struct bytes *key_out, struct bytes *val_out) NODISCARD;
enum err	cur_next(struct cur *c, struct bytes *key_out,
		    struct bytes *val_out) NODISCARD;

/* DBI_DUP64: lists of one key; cur_key finds it exactly, the rest stay. */
enum err	cur_key(struct cur *c, struct bytes key) NODISCARD;
enum err	cur_count(struct cur *c, uint64_t *n_out) NODISCARD;
enum err	cur_seek64(struct cur *c, struct bytes key, uint64_t from,
		    uint64_t *v_out) NODISCARD;
enum err	cur_next64(struct cur *c, uint64_t *v_out) NODISCARD;
/* The last number below; then downwards, same key. */
enum err	cur_below64(struct cur *c, struct bytes key, uint64_t below,
		    uint64_t *v_out) NODISCARD;
enum err	cur_prev64(struct cur *c, uint64_t *v_out) NODISCARD;
/*
 * A list, block by block: numbers in the order of the machine, perhaps not
 * aligned.  first: where the list begins, else what follows.
 */
enum err	cur_block64(struct cur *c, struct bytes key, bool first,
		    struct bytes *block_out) NODISCARD;
/* Next distinct key, whatever its list. */
enum err	cur_next_key(struct cur *c, struct bytes *key_out) NODISCARD;
/* The last key before key, whatever its list; of "": the last of all. */
enum err	cur_before(struct cur *c, struct bytes key,
		    struct bytes *key_out) NODISCARD;

#endif
