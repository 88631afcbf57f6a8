/* SPDX-License-Identifier: Apache-2.0 */
/*
 * puts.h -- what record.c writes and replay.c reads.
 *
 *	item (struct item), key bytes, value bytes; again and again
 *
 * Native byte order: both run on the same machine, one after the other.
 */
#ifndef BENCH_PUTS_H
#define BENCH_PUTS_H

#include <stdint.h>

enum op {
	OP_OPEN,		/* key: name of database; flags: its shape */
	OP_BEGIN,		/* a transaction, */
	OP_NEST,		/*   one inside of it, */
	OP_COMMIT,		/*   the end of the innermost */
	OP_PUT,			/* mdb_put */
	OP_CURPUT,		/* mdb_cursor_put, one cursor a database */
	OP_DEL,			/* mdb_del of a key */
	OP_DELDUP,		/* mdb_del of key and value */
	OP_DROP			/* mdb_drop, contents alone */
};

struct item {
	uint32_t	op;
	uint32_t	dbi;		/* handle in the recorded process */
	uint32_t	flags;
	uint32_t	key, val;	/* bytes */
};

#define PUT_EACH	8	/* bytes of a value, of many in one put */
#define DBI_MAX	32			/* handles a process may have */

#endif
