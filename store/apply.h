/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h -- what the files of a change-set share.  (L2)
 *
 * Internal to store/: apply.c does the changes, apply_owner.c says whose a
 * resource is, apply_index.c keeps rows and postings in step, reindex.c and
 * check.c use both to rebuild and to compare.
 */
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include "store/gate.h"
#include "store/record.h"

/* One posting to be put or deleted at the end of the transaction. */
struct posting {
	uint64_t	 lead;		/* of key, to compare most at once */
	struct bytes	 key;
	uint64_t	 rid;
	size_t		 order;		/* the later of two wins */
	bool		 gone;
};

/* Where the counters stand. */
struct mark {
	uint64_t	 sequence, journal;
	struct instant	 time;
	uint64_t	 added;		/* quota.used */
};

/* What the client may add today, bytes, and what it has; apply_quota.c. */
struct quota {
	uint64_t	 client;	/* hash8 of its id */
	uint64_t	 max;		/* 0: whatever it likes */
	uint64_t	 day, used;	/* days since 1970 */
};

/* One write transaction under way; everything in a. */
struct apply {
	struct snapshot	 t;		/* raw reads within the transaction */
	struct arena	*a;
	const struct gate *gate;	/* NULL: the loader, who may all */
	uint64_t	 sequence;	/* last rid sequence given */
	uint64_t	 journal;	/* last change */
	struct instant	 time;		/* of the last change */
	struct mark	 begun;		/* as the transaction found them */
	struct quota	 quota;
	struct posting	*post;
	size_t		 n_post, max_post;
	struct bytes	*named;		/* Patients that the change under way
					 * has given a rid */
	size_t		 n_named, max_named;
};

/* A current version as it stood before the change, copied out. */
struct old {
	struct header	 h;
	struct bytes	 raw;		/* header and body */
	struct bytes	 body;
	struct values	 values;	/* of its row; none when deleted */
	struct bytes	 extra;		/* likewise, as it is stored */
};

/* All that is known about one change before it is written. */
struct work {
	const struct change	*c;
	uint64_t		 rid;
	bool			 known;		/* there is a record... */
	bool			 live;		/* ...and it is not deleted */
	bool			 past;		/* META of a former version */
	struct old		 old;		/* where known */
	struct place		 place;
	struct values		 values;	/* PUT, META: with what it
						 * names */
	struct bytes		 extra;		/* PUT, META: as stored */
	struct instant		 time;
	uint64_t		 version;
};

/* --- apply.c ------------------------------------------------------------ */

enum err	apply_begin(struct apply *ap, struct store *s,
		    struct txn *t, struct arena *a) NODISCARD;
/*
 * Flush the postings and put the counters: before anything but these files
 * reads what was written, and at the end.
 */
enum err	apply_flush(struct apply *ap) NODISCARD;

/* Back to a mark at which no posting waited. */
struct mark	apply_mark(const struct apply *ap);
void		apply_back(struct apply *ap, struct mark m);

/*
 * err	as write_change; a refusal has written nothing
 */
enum err	apply_change(struct apply *ap, const struct change *c,
		    struct instant now, struct change_result *r) NODISCARD;

/* Does the transaction go on after it? */
bool		apply_refusal(enum err e);

/* err ERR_STORE  what id promises is not there */
enum err	apply_old(struct apply *ap, uint64_t rid, struct old *out)
		    NODISCARD;

/* The rid of a Patient, reserved now if it has none. */
enum err	apply_patient(struct apply *ap, struct bytes id,
		    uint64_t *rid_out) NODISCARD;

enum err	apply_put_id(struct apply *ap, uint16_t type,
		    struct bytes id, uint64_t rid, enum key_state state,
		    const struct place *p) NODISCARD;
/* db: DB_RECORD or DB_HISTORY. */
enum err	apply_put_record(struct apply *ap, int db,
		    const struct key *k, const struct header *h,
		    struct bytes body) NODISCARD;

/* --- apply_permit.c ----------------------------------------------------- */

/*
 * What the writer knows of the resource it names, before any record is read.
 * err	ERR_NOTFOUND  hidden or missing, where it must be there;
 *	ERR_CONFLICT  there, where it must not be
 */
enum err	permit_find(struct apply *ap, const struct change *c,
		    struct id_val *out) NODISCARD;

/* May what is to stand there stand there?  err ERR_FORBIDDEN, ERR_OWNER */
enum err	permit(struct apply *ap, const struct work *w) NODISCARD;

/*
 * CHANGE_META of a version that is history: may it?  w->old is then that.
 * err	ERR_NOTFOUND; ERR_GONE  it is a deletion
 */
enum err	permit_past(struct apply *ap, struct work *w) NODISCARD;

/* Note who has created a Binary that nobody names yet... */
enum err	permit_made(struct apply *ap, const struct work *w)
		    NODISCARD;
/* ...until somebody does, or it goes. */
enum err	permit_claimed(struct apply *ap, uint16_t type,
		    struct bytes id) NODISCARD;

/* --- apply_quota.c ------------------------------------------------------ */

/* Count from here on what is added as this client's. */
enum err	quota_begin(struct apply *ap, struct bytes client,
		    uint64_t day_bytes, struct instant now) NODISCARD;

/*
 * Count what is about to be written.  The server's own record of the writing
 * is counted and never refused: it would undo what it speaks of.
 * err	ERR_THROTTLED
 */
enum err	quota_take(struct apply *ap, const struct work *w)
		    NODISCARD;

/* Keep the count, where it has changed. */
enum err	quota_put(struct apply *ap) NODISCARD;

/* --- apply_agree.c ------------------------------------------------------ */

/*
 * err	ERR_FORBIDDEN  it names a patient in whose compartment it would stand
 *		and who is not the writer's, or drops a security label
 */
enum err	permit_agree(struct apply *ap, const struct work *w,
		    enum view_op op) NODISCARD;

/* --- apply_owner.c ------------------------------------------------------ */

/* The current record and its id with another owner: the same version, the
 * same time. */
enum err	apply_put_place(struct apply *ap, uint64_t rid,
		    const struct header *old, struct bytes body,
		    const struct place *to) NODISCARD;

bool		place_eq(const struct place *a, const struct place *b);

/*
 * Whose the resource is.
 * in	reserve	may give a Patient that is only named its rid; NULL: a
 *		reader, to whom such a Patient must be known (ERR_STORE)
 *	values	with the entries of place_values
 */
enum err	place_find(struct snapshot *t, struct apply *reserve,
		    struct arena *a, uint16_t type, struct bytes id,
		    uint64_t rid, const struct owners *o,
		    const struct values *values, struct place *out)
		    NODISCARD;

/*
 * v, and behind it what owners->binary and ->target name, as references of
 * KEY_P_BINARY and KEY_P_TARGET: so rows and postings keep them, too.
 */
struct values	place_values(struct arena *a, const struct values *v,
		    const struct owners *o);

/*
 * What was or is now named by the resource, and what names it, may have
 * new owners: bring those in step.
 * in	moved	its own place changed, or it is new
 */
enum err	place_spread(struct apply *ap, uint16_t type, struct bytes id,
		    bool moved, const struct values *was,
		    const struct values *is) NODISCARD;

/* --- apply_index.c ------------------------------------------------------ */

/* Every index key of a live resource, sorted, none twice. */
struct keys {
	struct bytes	*k;
	size_t		 n;
};
struct keys	index_keys(struct arena *a, uint64_t rid,
		    struct instant updated, const struct place *p,
		    const struct values *v, struct bytes extra);

/* Put what is new, delete what is no more: now where other changes of the
 * transaction read it, else at apply_flush. */
enum err	index_change(struct apply *ap, uint64_t rid,
		    const struct keys *was, const struct keys *is)
		    NODISCARD;
enum err	index_flush(struct apply *ap) NODISCARD;

/* The posting by which a type's history finds a change. */
enum err	index_log(struct apply *ap, uint16_t type,
		    uint64_t sequence) NODISCARD;

/* The row, and beside it the extra (key_put_extra; "": there is none). */
enum err	index_put_row(struct apply *ap, uint64_t rid,
		    const struct place *p, uint64_t born,
		    struct instant updated, const struct values *v,
		    struct bytes extra) NODISCARD;

/* Take both away.  err ERR_NOTFOUND  there is no row */
enum err	index_drop_row(struct apply *ap, uint64_t rid,
		    const struct place *p) NODISCARD;

#endif
