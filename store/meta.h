/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meta.h -- the names in the meta database, and its numbers.  (L2)
 *
 * Internal to store/.  key.h says what each holds.
 */
#ifndef STORE_META_H
#define STORE_META_H

#include "base/conf.h"
#include "store/env.h"

#define META_FORMAT		"format"
#define META_DIGEST		"digest"
#define META_UNICODE		"unicode"
#define META_WORD		"word"
#define META_SEQUENCE		"sequence"
#define META_JOURNAL		"journal"
#define META_TIME		"time"
#define META_PAGEKEY		"pagekey"
#define META_PAGEKEY_OLD	"pagekey-old"
#define META_REINDEX		"reindex"
#define META_NOTE		"note:"
#define META_MADE		"made:"
#define META_QUOTA		"quota:"

/* be64 values; err ERR_NOTFOUND  never put. */
enum err	meta_get(struct txn *t, const char *name, uint64_t *v_out)
		    NODISCARD;
enum err	meta_put(struct txn *t, const char *name, uint64_t v)
		    NODISCARD;

/*
 * "format": that of this program.  Older ones differ in row, extra and index
 * alone, so that a reindex converts them.
 */
bool		meta_old_format(struct txn *t);
enum err	meta_put_format(struct txn *t) NODISCARD;

/* "digest" and "unicode": by what rows and postings are made. */
/*
 * What the index is made by: the definitions, and where times without a zone
 * are read as another than UTC.
 */
uint64_t	meta_defs(const struct conf *conf);
enum err	meta_put_defs(struct txn *t, uint64_t digest) NODISCARD;

#endif
