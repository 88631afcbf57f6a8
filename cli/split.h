/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.h -- cut JSON text into its parts without understanding it.  (L5)
 *
 * A Bundle may be far larger than any resource, so its entries are found by
 * their brackets; each resource is then judged by itself (fhir/json.h), and
 * its bytes are the file's.
 */
#ifndef CLI_SPLIT_H
#define CLI_SPLIT_H

#include "base/attr.h"
#include "base/bytes.h"

/* --- where does a value end? ---------------------------------------------- */

/* Zeroed at the start of a value; goes on where the text ended. */
struct split_depth {
	size_t	depth;
	bool	string, escape;
};

/*
 * Read text from *at on; true: the bracket that closes the value was met,
 * *at stands behind it.  False: more text is wanted, *at is text.len.
 */
bool		split_end(struct split_depth *d, struct bytes text,
		    size_t *at);

/* --- the resources of a Bundle -------------------------------------------- */

struct split {
	struct bytes	 text;
	bool		 whole;		/* no Bundle, or one to be stored as it
					 * is: the text is the resource */
	size_t		 at;		/* of the next entry; 0: no more */
	size_t		 entry;		/* its number, from 0; with a fault
					 * how many were begun */
	const char	*fault;		/* what is wrong; NULL: nothing */
	size_t		 fault_at;
};

/* What stands in one entry. */
struct split_entry {
	size_t		 number;
	struct bytes	 resource;	/* "" where the entry has none */
	size_t		 at;		/* of the entry */
};

/*
 * Bundles of type transaction, batch, collection and searchset are cut;
 * documents, messages and histories are resources like others.
 * cost	one pass: all entries are looked at, so that a broken Bundle is
 *	known before its first resource is taken
 */
struct split	split_open(struct bytes text, bool keep_bundles);

/* false: there are no more. */
bool		split_next(struct split *s, struct split_entry *out);

#endif
