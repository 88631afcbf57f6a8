/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h -- records of guard/ from tables: struct to bytes and back.  (L3)
 *
 * Internal to auth/.  A record is described by rows, one for each member in
 * the order they lie on disk; the same rows write and read it, so that the
 * two cannot disagree.
 *
 *	NUM	as many big-endian bytes as the member has (1, 2, 4 or 8)
 *	TEXT	be16 length, bytes
 *	RAW	len bytes
 */
#ifndef AUTH_PACK_H
#define AUTH_PACK_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

#define PACK_RECORD_MAX	65536	/* bytes */

enum pack_kind { PACK_NUM, PACK_TEXT, PACK_RAW };

struct pack_row {
	enum pack_kind	 kind;
	size_t		 at;		/* of the member */
	size_t		 len;		/* NUM, RAW: its size */
	uint64_t	 max;		/* NUM: greatest value; more: damage */
	bool		 later;		/* older records end before it: zero */
};

#define PACK_N(type, member, max)					      \
	{ PACK_NUM, offsetof(type, member), sizeof(((type *)0)->member), max, \
	    false }
#define PACK_T(type, member)						      \
	{ PACK_TEXT, offsetof(type, member), 0, 0, false }
#define PACK_R(type, member)						      \
	{ PACK_RAW, offsetof(type, member), sizeof(((type *)0)->member), 0,    \
	    false }
/* struct instant, from 1970 on */
#define PACK_I(type, member)	PACK_N(type, member, INT64_MAX)

/*
 * Members that came after a format was in use: the last rows, so that a
 * record from before them ends where the first of them would stand.
 */
#define PACK_LATER_N(type, member, max)					      \
	{ PACK_NUM, offsetof(type, member), sizeof(((type *)0)->member), max, \
	    true }
#define PACK_LATER_T(type, member)					      \
	{ PACK_TEXT, offsetof(type, member), 0, 0, true }
#define PACK_LATER_R(type, member)					      \
	{ PACK_RAW, offsetof(type, member), sizeof(((type *)0)->member), 0,    \
	    true }

/* err  ERR_TOOBIG  beyond PACK_RECORD_MAX, or a text of 64 KiB */
enum err	pack_write(struct arena *a, const struct pack_row *row,
		    size_t n, const void *record, struct bytes *out)
		    NODISCARD;

/*
 * Texts borrow from in.
 * err	ERR_STORE  longer or shorter than its rows, or a number beyond max
 */
enum err	pack_read(struct bytes in, const struct pack_row *row, size_t n,
		    void *record) NODISCARD;

#endif
