/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maint.h -- the store's second door: what looks past the gate.  (L2)
 *
 * For cli/ (and later the writer) alone.  No object of fcgi/ or auth/ may
 * refer to these symbols: tests/lint proves it with nm.
 */
#ifndef STORE_MAINT_H
#define STORE_MAINT_H

#include "store/store.h"

struct maint_stats {
	uint64_t	 resources[DEF_TYPE_MAX + 1];	/* current, by type */
	uint64_t	 deleted, versions, rows, postings, changes;
	uint64_t	 map, used;			/* bytes */
	uint64_t	 by_owner[4];			/* enum owner_kind */
};
enum err	maint_stats(struct snapshot *t, struct maint_stats *out)
		    NODISCARD;

/* Called for every fault: where ("row Patient/x"), what is wrong. */
typedef void	maint_fault(void *arg, const char *where, const char *what);
typedef void	maint_tick(void *arg, uint64_t done, uint64_t of);

/*
 * Rows and postings against records both ways, ids, journal, history,
 * record digests, in one snapshot.  *faults_out counts what was reported.
 */
enum err	maint_check(struct store *s, struct arena *a,
		    const struct extract *x, const struct json_limits *lim,
		    maint_fault *fault, maint_tick *tick, void *arg,
		    uint64_t *faults_out) NODISCARD;

/*
 * Rebuild rows and postings from the records, in chunks that each commit;
 * stopped at any moment it goes on where it was.  Opens a store whose
 * definitions digest differs.
 */
enum err	maint_reindex(struct store *s, const struct extract *x,
		    const struct json_limits *lim, maint_tick *tick,
		    void *arg) NODISCARD;

/* Every current resource in rid order (or of one type; 0 all). */
typedef enum err maint_each_fn(void *arg, const struct resource *r);
enum err	maint_each(struct snapshot *t, uint16_t type,
		    maint_each_fn *fn, void *arg) NODISCARD;

/* A small note of the tool (load --resume), as maint_load left it. */
enum err	maint_note_get(struct snapshot *t, struct bytes name,
		    struct bytes *val_out) NODISCARD;

/*
 * store_apply for the loader, with a note in the same transaction, so that
 * "how far" and "what" never disagree.  name empty: no note.
 */
enum err	maint_load(struct store *s, struct arena *a,
		    const struct change *change, size_t n,
		    struct instant now, struct bytes name, struct bytes val,
		    struct change_result *result) NODISCARD;

/* As store_open, but a store of another definitions digest opens too. */
enum err	maint_open(struct arena *a, const struct conf *conf,
		    struct store **store_out, const char **why_out) NODISCARD;

#endif
