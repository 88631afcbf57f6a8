/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h -- what the files of the check share.  (L2)
 *
 * Internal to store/: check.c holds records against ids, rows and postings,
 * check_log.c history and journal, check_index.c finds what is too much.
 */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "store/apply.h"
#include "store/maint.h"

struct checkup {
	struct snapshot		*t;
	struct arena		*a;	/* of one resource */
	struct cur		*index, *history;
	const struct extract	*x;
	const struct json_limits *lim;
	maint_fault		*fault;
	void			*arg;
	uint64_t		 faults;
	bool			 stale;	/* a reindex is due: rows and postings
					 * are not looked at */
	/* What the records say there must be: */
	uint64_t		 records, live, past, postings, sequence;
	uint64_t		 extras;
	bool			 lost;	/* a posting was missing */
};

/* where: a database and, with rid, which resource, "record Patient/x". */
void		checkup_fault(struct checkup *c, const char *db, uint64_t rid,
		    struct bytes id, const char *what);

/* Versions of one resource before the current one. */
enum err	check_history(struct checkup *c, uint64_t rid,
		    const struct header *h) NODISCARD;

enum err	check_journal(struct checkup *c) NODISCARD;

/* More in row, index, history or id than the records ask for. */
enum err	check_surplus(struct checkup *c) NODISCARD;

#endif
