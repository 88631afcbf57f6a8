/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h -- struct auth, and what its files share.  (L3)
 *
 * Internal to auth/.
 */
#ifndef AUTH_GUARD_H
#define AUTH_GUARD_H

#include "auth/auth.h"
#include "auth/cache.h"
#include "auth/claims.h"
#include "auth/vault.h"

struct auth {
	enum auth_mode	 mode;
	struct env	*env;		/* grants/ */
	const char	*keys;		/* folder of private keys */
	struct bytes	 iss, aud;	/* what tokens must name */
	size_t		 token_max;	/* bytes */
	int64_t		 life_s;	/* access-lifetime */
	struct cache	*cache;
};

/*
 * Signature, header, claims, issuer and audience; not the time, not the
 * grant.
 * err	ERR_LOGIN  with *why_out; ERR_STORE
 */
enum err	guard_verify(const struct auth *g, struct arena *a,
		    struct txn *t, struct bytes token,
		    struct claims *out, const char **why_out) NODISCARD;

/*
 * The one token of an Authorization value (RFC 6750 section 2.1).
 * err	ERR_LOGIN, ERR_USAGE with *fault_out and *why_out
 */
enum err	guard_bearer(struct bytes header, struct bytes *token_out,
		    enum login_fault *fault_out, const char **why_out)
		    NODISCARD;

#endif
