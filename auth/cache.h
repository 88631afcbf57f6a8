/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h -- tokens this worker has verified, by their hash.  (L3)
 *
 * Internal to auth/.  Spares the signature (about 65 us) and nothing else:
 * expiry, keys, grant, user and client are asked again at each use.  Only
 * tokens that were accepted enter, so nobody can fill it with noise, and the
 * token itself is never kept.  Bounded; what was not used lately goes first.
 */
#ifndef AUTH_CACHE_H
#define AUTH_CACHE_H

#include "auth/claims.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "store/store.h"

#define CACHE_HASH_LEN	32	/* BLAKE2b-256 of the token */

/* A verified token, and the view it gave with this grant and these rights. */
struct seen {
	uint8_t		hash[CACHE_HASH_LEN];
	uint64_t	generation;	/* of the keys, when verified */
	struct claims	claims;
	struct bytes	grant_scope;	/* what the view was made with; the */
	enum view_reach	rights;		/* patient is the claim's */
	struct view	view;
	bool		outside;	/* of another issuer: no grant */
};

struct cache;

/* Room for n tokens, 0: never anything in it.  Lives as long as a. */
struct cache	*cache_new(struct arena *a, size_t n);

/* A copy in a, or NULL. */
struct seen	*cache_find(struct cache *c, struct arena *a,
		    const uint8_t hash[static CACHE_HASH_LEN]);

/* Keep a copy, in place of an older one of the same hash. */
void		 cache_put(struct cache *c, const struct seen *s);

void		 cache_drop(struct cache *c,
		    const uint8_t hash[static CACHE_HASH_LEN]);

/* How many it holds: for the tests, which prove the bound by it. */
size_t		 cache_count(const struct cache *c);

#endif
