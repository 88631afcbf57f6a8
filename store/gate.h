/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.h -- every read of the store, seen through a view.  (L2)
 *
 * Internal to store/.  find.c, search.c, include.c, history.c and read.c ask
 * here and nowhere else: the gate's own files alone (beside the maintenance
 * files) call raw_*, and the build proves it with nm.  What a gate does not
 * hold does not exist: not in a result, a total, an order, an error, or the
 * work done.
 *
 * A resource is held where one rule of the view holds it; a rule does by its
 * reach for the type and the interaction...
 *
 *	kind       PATIENTS, RELATION                  ALL
 *	ONE        the owner is in the set             held
 *	MANY       every member is in the set          held
 *	SHARED     read: held; search: those that the  held
 *	           rows of the set refer to;
 *	           changing: never
 *	UNOWNED    never                               held
 *
 * ...where the set is the patients the view names, or those the view's
 * practitioner cares for (gate_care.c) -- and, where the rule has criteria
 * (a granular scope), if the resource satisfies all of them.
 *
 * By reach alone an id is judged from the id database, before its record is
 * touched, so hidden and missing cost the same reads; by criteria a row is
 * read for each, be there one or not.
 *
 * Requirements Z01-Z06, X04; security 3.3, CMP, SRC-01.
 */
#ifndef STORE_GATE_H
#define STORE_GATE_H

#include "store/record.h"

struct filter;			/* find.h */
struct care;			/* gate_in.h */

/* Where a resource stands: its owner as header, id and row say it. */
struct place {
	enum owner_kind	 kind;
	uint64_t	 owner;		/* a Patient's rid, or KEY_... */
	struct bytes	 member;	/* be64 rids, sorted; OWNER_MANY */
};

static inline struct place
place_of(const struct header *h)
{
	return (struct place){ h->kind, h->owner, h->member };
}

/* What criteria of rules are asked of: a row, or values not stored yet. */
struct content {
	const struct row	*row;		/* or NULL, and these: */
	const struct values	*values;
	struct instant		 updated;
};

struct gate {
	struct snapshot		*t;
	const struct view	*view;
	uint64_t		*patient;	/* rids of the view's patients,
						 * sorted, those named alone */
	size_t			 n_patient;
	struct filter		*where;		/* of each rule; NULL where no
						 * rule has criteria */
	struct care		*care;		/* REACH_RELATION, or NULL */
	struct cur		*scan;		/* of index, once opened */
};

/*
 * Resolve the patients of v in the snapshot.
 * out	*out  borrows t and v; its array in a
 * err	ERR_STORE
 */
enum err	gate_open(struct snapshot *t, struct arena *a,
		    const struct view *v, struct gate *out) NODISCARD;

/*
 * The decision itself, and all of it.
 * in	c	NULL: nothing is known of its content (deleted): only rules
 *		without criteria hold it
 * err	ERR_NOTFOUND  not held; ERR_STORE
 * cost	pure but for REACH_RELATION, which reads about each patient once
 */
enum err	gate_holds(const struct gate *g, enum view_op op,
		    uint16_t type, const struct place *p,
		    const struct content *c) NODISCARD;

/*
 * The same of what is about to be written: whatever judges content asks
 * these values.  An unclaimed Binary may be created by who may create some.
 */
enum err	gate_holds_new(const struct gate *g, enum view_op op,
		    uint16_t type, const struct place *p,
		    const struct values *values, struct instant updated)
		    NODISCARD;

/*
 * Does content decide, too, for what of this type is searched?  Then what
 * postings say is a candidate until gate_row or gate_record confirm it, a
 * length of a list is no total, and gate_where leads to what is held.
 */
bool		gate_narrowed(const struct gate *g, uint16_t type);

/*
 * Criteria that between them every resource held satisfies one of, where the
 * type is narrowed and all of it reached: a search that begins there meets
 * nothing hidden.  *n_out 0: there are no such, because another rule holds
 * the type whole.
 * out	*rows_out  rules of patients hold some, too: what gate_rows finds
 */
void		gate_where(const struct gate *g, struct arena *a,
		    uint16_t type, const struct criterion ***out,
		    size_t *n_out, bool *rows_out);

/* The journal's present end: the ceiling of a first page. */
enum err	gate_journal(const struct gate *g, uint64_t *out) NODISCARD;

/* --- by id --------------------------------------------------------------- */

/*
 * err	ERR_NOTFOUND  missing or hidden, at the same cost;
 *	ERR_GONE  deleted, *rid_out set; ERR_STORE
 */
enum err	gate_find(const struct gate *g, enum view_op op,
		    uint16_t type, struct bytes id, uint64_t *rid_out)
		    NODISCARD;

/* The current version of a rid; owner_out may be NULL.  err as above. */
enum err	gate_record(const struct gate *g, enum view_op op,
		    uint64_t rid, struct resource *out, uint64_t *owner_out,
		    uint64_t *born_out) NODISCARD;

/*
 * A version of what gate_find has found (ERR_GONE included): judged by its
 * own owner, too.  A deletion is a version: out->deleted.
 * err	ERR_NOTFOUND  no such version, or another's; ERR_STORE
 */
enum err	gate_version(const struct gate *g, uint64_t rid,
		    uint64_t version, struct resource *out) NODISCARD;

/* The number of the newest version, whatever its owner. */
enum err	gate_newest(const struct gate *g, uint64_t rid,
		    uint64_t *version_out) NODISCARD;

/* --- searches under REACH_PATIENTS --------------------------------------- */

/* An error ends the walk and is what it returns. */
typedef enum err gate_row_fn(void *arg, uint64_t rid, const struct row *row);

/*
 * Every live resource of the type that a search of this view may find, each
 * once, in no promised order: rows of its patients, of several of them
 * together, and of shared ones that rows of its patients refer to.
 * in	seen	called for each row looked at on the way to shared ones, so
 *		that they can be counted, too
 * cost	one range scan for each patient; for shared types one over all rows
 */
enum err	gate_rows(const struct gate *g, struct arena *a,
		    uint16_t type, gate_row_fn *seen, gate_row_fn *fn,
		    void *arg) NODISCARD;

/* Patients to whom a search is cut down before it begins. */
struct pin {
	struct bytes	*id;
	size_t		 n;
};

/*
 * Can only resources of the patients it names satisfy c?  Then *out names
 * them (in a).
 */
bool		gate_pin(struct arena *a, uint16_t type,
		    const struct criterion *c, struct pin *out);

/*
 * Has a resource of the type an owner, and only then, where p names a local
 * Patient, and is it that one?
 */
bool		gate_names_owner(uint16_t type, const struct def_param *p);

/*
 * As gate_rows, but of those cared for (REACH_RELATION) only the patients of
 * pin; NULL: all.  Others may be offered all the same.
 */
enum err	gate_rows_of(const struct gate *g, struct arena *a,
		    uint16_t type, const struct pin *pin, gate_row_fn *seen,
		    gate_row_fn *fn, void *arg) NODISCARD;

/*
 * Every live resource of one patient, whom gate_find has found, that the
 * view may read, each once, in no promised order: rows of its own, and those
 * of several patients where the view holds them all.
 * in	owner	rid of the Patient
 * cost	one range scan; for a view of more than one patient also a look for
 *	each type
 */
enum err	gate_compartment(const struct gate *g, uint64_t owner,
		    gate_row_fn *fn, void *arg) NODISCARD;

/*
 * The row of a rid, for a search or what it includes; owner as above.
 * err	ERR_NOTFOUND  another owner's, or by its content not held
 */
enum err	gate_row(const struct gate *g, uint64_t owner, uint64_t rid,
		    struct row *out) NODISCARD;

/* What stands beside a row that the gate has handed out. */
enum err	gate_extra(const struct gate *g, uint64_t rid,
		    const struct row *row, struct extra_parts *out)
		    NODISCARD;

/* --- searches under REACH_ALL: postings ---------------------------------- */

/* A posting list cut to one type; ends with the snapshot. */
struct gate_list {
	const struct gate	*g;
	struct cur		*cur;
	struct bytes		 key;
	uint64_t		 lo, hi;	/* lo <= rid < hi */
};

/*
 * in	key	borrowed as long as the list
 * out	*n_out  postings under key (of every type for KEY_P_CONTAINED: no
 *		bound for anybody's work)
 * err	ERR_NOTFOUND  the list is empty; ERR_FORBIDDEN  the view does not
 *	reach all of the type: only our own fault can lead there
 */
enum err	gate_list(const struct gate *g, uint16_t type,
		    struct bytes key, struct gate_list *out, uint64_t *n_out)
		    NODISCARD;
/* The list of another key, with the cursor of this one. */
static inline void
gate_list_turn(struct gate_list *l, struct bytes key)
{
	l->key = key;
}

/* The first at or after; then the following.  ERR_NOTFOUND at the end. */
enum err	gate_seek(struct gate_list *l, uint64_t at,
		    uint64_t *rid_out) NODISCARD;
enum err	gate_next(struct gate_list *l, uint64_t *rid_out) NODISCARD;
/* The last below; then those before it. */
enum err	gate_below(struct gate_list *l, uint64_t below,
		    uint64_t *rid_out) NODISCARD;
enum err	gate_prev(struct gate_list *l, uint64_t *rid_out) NODISCARD;

/* --- the journal: types that the view holds whole ------------------------ */

/*
 * The changes of a type: sequences of the journal, for gate_seek and its
 * like.
 * out	*n_out  how many there are
 * err	ERR_NOTFOUND  none; ERR_FORBIDDEN  the view does not hold all of the
 *	type
 */
enum err	gate_log(const struct gate *g, struct arena *a,
		    uint16_t type, struct gate_list *out, uint64_t *n_out)
		    NODISCARD;

/* What a change made: a version of a resource, for gate_version. */
enum err	gate_change(const struct gate *g, uint64_t sequence,
		    uint64_t *rid_out, uint64_t *version_out,
		    struct instant *time_out) NODISCARD;

/* --- postings, counted --------------------------------------------------- */

/* Postings under key; 0 where it is not there. */
enum err	gate_count(struct gate *g, uint16_t type, struct bytes key,
		    uint64_t *n_out) NODISCARD;

/* An error ends a scan and is what it returns. */
typedef enum err gate_key_fn(void *arg, struct bytes key, uint64_t n);
typedef enum err gate_rid_fn(void *arg, struct bytes key, uint64_t rid);

/*
 * Keys at or after from and before to (empty: no end): each once with the
 * length of its list, or each posting of the type.  fn may not scan, too.
 */
enum err	gate_keys(struct gate *g, uint16_t type, struct bytes from,
		    struct bytes to, gate_key_fn *fn, void *arg) NODISCARD;
enum err	gate_range(struct gate *g, uint16_t type, struct bytes from,
		    struct bytes to, gate_rid_fn *fn, void *arg) NODISCARD;

/*
 * Postings of one key and type, block by block: none where it is not there.
 * cost	far less than by gate_range
 */
typedef enum err gate_block_fn(void *arg, const uint64_t *rid, size_t n);
enum err	gate_blocks(struct gate *g, uint16_t type, struct bytes key,
		    gate_block_fn *fn, void *arg) NODISCARD;

/*
 * One key, whatever its list: the first at or after from and before to; the
 * last at or after from and before to.  ERR_NOTFOUND: none.
 */
enum err	gate_key_first(struct gate *g, uint16_t type,
		    struct bytes from, struct bytes to,
		    struct bytes *key_out) NODISCARD;
enum err	gate_key_last(struct gate *g, uint16_t type,
		    struct bytes from, struct bytes to,
		    struct bytes *key_out) NODISCARD;

/* The first resource of the type under a key.  ERR_NOTFOUND: none. */
enum err	gate_key_rid(struct gate *g, uint16_t type,
		    struct bytes key, uint64_t *rid_out) NODISCARD;

#endif
