/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.h -- what the files of histories share.  (L2)
 *
 * Internal to store/: history.c pages through versions, history_log.c finds
 * those of a type, or of all, in the journal.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/page.h"

/* A page of a history being read. */
struct history {
	const struct gate		*gate;
	struct arena			*arena;
	const struct history_ask	*what;
	const struct page_ask		*ask;
	uint64_t			 rid;	/* of one resource; else 0 */
	struct window			 w;	/* numbers: the complement of a
						 * version; where rid is 0, of
						 * a sequence of the journal */
};

/* Types whose history the view may see: those it holds whole. */
struct typeset	log_types(const struct view *v, uint16_t type);

/*
 * Offer the changes of these types to the window, and count them.
 * err	ERR_COSTLY  more since than max_rows, or out of time; ERR_STORE
 */
enum err	log_find(struct history *h, struct typeset types) NODISCARD;

#endif
