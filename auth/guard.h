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
#include "auth/jwk.h"
#include "auth/outside.h"
#include "auth/replay.h"
#include "auth/vault.h"

struct auth {
	enum auth_mode	 mode;
	struct env	*env;		/* grants/ */
	const char	*keys;		/* folder of private keys */
	struct bytes	 iss, aud;	/* what tokens must name */
	size_t		 token_max;	/* bytes */
	int64_t		 life_s;	/* access-lifetime */
	struct cache	*cache;
	/* auth_extend's; NULL where nothing asked for them: */
	const struct jwk_engine	*engine;
	struct outside		*outside;
	struct replay		*replay;
	bool			 bound;	/* tokens bound to a key are taken */
	uint32_t		 care_days; /* clinician-rights = care-relation;
					 * 0: all */
	int			 zone;	/* of rights */
	struct base_urls	 urls;	/* of rights */
};

/* What user/ scopes reach, by the user's record and our configuration. */
struct rights	guard_rights(const struct auth *g, const struct user *u,
		    struct instant now);

/*
 * Signature, header, claims, issuer and audience; not the time, not the
 * grant.
 * err	ERR_LOGIN  with *why_out; ERR_STORE
 */
enum err	guard_verify(const struct auth *g, struct arena *a,
		    struct txn *t, struct bytes token,
		    struct claims *out, const char **why_out) NODISCARD;

/*
 * A token of ours in one snapshot: verified (or remembered), its time, its
 * grant, user and client, and the view they give.
 * out	*seen_out in a
 * err	ERR_LOGIN  with *why_out; ERR_STORE
 */
enum err	guard_judge(struct auth *g, struct arena *a, struct txn *t,
		    struct bytes token, struct instant now,
		    struct seen **seen_out, const char **why_out) NODISCARD;

/*
 * Keep what was verified.  Criteria of granular scopes live in the request:
 * such a view is left out (n_rule 0) and made anew each time, while the
 * signature is not checked again.
 */
void		guard_remember(struct cache *cache, const struct seen *s);

/*
 * The one token of an Authorization value (RFC 6750 section 2.1), by the
 * scheme Bearer or DPoP (RFC 9449 section 7.1).
 * err	ERR_LOGIN, ERR_USAGE with *fault_out and *why_out
 */
enum err	guard_bearer(struct bytes header, struct bytes *token_out,
		    bool *dpop_out, enum login_fault *fault_out,
		    const char **why_out) NODISCARD;

/*
 * Sign claims with the key of new tokens.  No snapshot may be open.
 * err	ERR_CONFIG, ERR_TOOBIG  with an issue; ERR_STORE
 */
enum err	guard_sign(const struct auth *g, struct arena *a,
		    const struct claims *c, struct issues *is,
		    struct bytes *token_out) NODISCARD;

#endif
