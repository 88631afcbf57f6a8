/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort_index.h -- the order of a result, read from the index.  (L2)
 *
 * Internal to store/, for views that hold all of a type.  Where more is found
 * than a page shows, the keys of what is sorted by are walked in their order
 * from the place of the page on, and only what is found of those it meets is
 * read, until the page is full.  The spot of each comes from its row, as it
 * always does: an index says where to look and when to stop, never what the
 * order is.
 *
 * A resource of several values is met at each; at the one that decides at
 * the latest, and what comes twice is kept once.  What has no value stands in
 * no key: where the page reaches that far, the rows of all are read.
 *
 * Files: sort_lane.c knows the order of the keys of each kind, sort_index.c
 * walks them.
 */
#ifndef STORE_SORT_INDEX_H
#define STORE_SORT_INDEX_H

#include "store/find_in.h"

/* --- lanes: runs of keys whose order is that of what they stand for ------- */

enum lane_how {
	LANE_TEXT,	/* a string, a uri */
	LANE_CODE,	/* a token: its system is hashed */
	LANE_LOW,	/* by the end that counts: 01 ascending... */
	LANE_HIGH,	/* ...02 descending */
	LANE_NARROW,	/* 01 descending, of dates that have no 02 */
	LANE_POINT,	/* 01 descending, of numbers that have no 02 */
	LANE_TYPE	/* a reference to this type */
};

struct lane {
	enum lane_how	 how;
	struct key	 from, to;	/* from <= key < to */
	size_t		 head;		/* of from: what each key begins with */
	const char	*type;		/* TYPE */
	struct bytes	 key;		/* where it stands; "": at its end */
	uint8_t		 near[1 + SPOT_TEXT];	/* how the first spot of
						 * what is left may begin */
};

/* Is there a way through the index in the order of k? */
bool		lane_can(const struct sort_key *k);

/* The lanes of k for resources of the type, not begun yet. */
void		lane_new(struct arena *a, uint16_t type,
		    const struct sort_key *k, struct lane **out, size_t *n_out);

/*
 * The part of a lane in which that stands which lies at a value or beyond, up
 * or down; value NULL: all of it.
 */
void		lane_cut(struct lane *l, const uint8_t *value, size_t n,
		    bool up);

/*
 * What a key may stand for at the nearest (up: at the least), n bytes as
 * sort_value makes them.
 * err	ERR_STORE  no such key can be
 */
enum err	lane_near(const struct lane *l, struct bytes key, bool up,
		    uint8_t *out, size_t n) NODISCARD;

enum lane_says {
	LANE_EXACT,	/* it stands for this */
	LANE_ASK,	/* only a row can tell */
	LANE_SKIP	/* what it stands for is met elsewhere */
};
enum lane_says	lane_value(const struct lane *l, struct bytes key,
		    uint8_t *out, size_t n);

/* --- the walk ------------------------------------------------------------- */

/* What is found, and that no row needs to be asked about it. */
struct crowd {
	bool		  all;		/* every resource of the type */
	struct gate_list  list;		/* or who stands in it... */
	const struct rids *rids;	/* ...or, where not NULL, in this */
	uint64_t	  n;		/* so many */
};

/* May a query be put in order so, once what it finds is known? */
bool		sort_index_can(const struct gate *g, const struct query *q);

/*
 * Fill the window with those of the crowd that are nearest to its place.
 * out	*done_out  false: it does not pay, or cannot be told without all the
 *		rows; the window is as it was
 * err	ERR_COSTLY, ERR_STORE
 * cost	rows of a page, keys between them; of what does not pay at most
 *	about as much as reading all rows
 */
enum err	sort_index(struct find *f, const struct crowd *c,
		    bool *done_out) NODISCARD;

#endif
