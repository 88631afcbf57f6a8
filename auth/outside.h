/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside.h -- access tokens of one other issuer, by pinned keys.  (L3)
 *
 * Internal to auth/.  The issuer is named by the configuration and its keys
 * stand in a file there; nothing is ever fetched.  What such a token says
 * becomes a view as ours do, with one difference: there is no grant here to
 * ask, so nobody can take it back before it ends.  It may therefore live no
 * longer than access-lifetime, and the issuer's user has the rights that the
 * configuration gives to all of them.
 *
 * Spec: RFC 7515, RFC 7517, RFC 8725, RFC 9068.
 */
#ifndef AUTH_OUTSIDE_H
#define AUTH_OUTSIDE_H

#include "auth/claims.h"
#include "auth/jwk.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/conf.h"
#include "base/err.h"
#include "store/store.h"

struct outside {
	struct bytes			 iss, aud;
	enum view_reach			 rights;	/* of its users */
	const struct jwk		*set;
	size_t				 n;
	const struct jwk_engine		*engine;
};

/*
 * Read outside-jwks and look at its keys.
 * err	ERR_CONFIG; *why_out in a
 */
enum err	outside_open(struct arena *a, const struct conf *conf,
		    const struct jwk_engine *engine, struct outside **out,
		    const char **why_out) NODISCARD;

/* Is this a token for outside_verify?  By its alg: ours are all EdDSA. */
bool		outside_is(struct arena *a, struct bytes token);

/*
 * Key by kid, algorithm, signature, type, issuer, audience; not the time.
 * out	*out  borrows a; sub is the issuer, "|", the token's sub, so that it
 *	is nobody of ours; grant is ""
 * err	ERR_LOGIN; *why_out a constant
 */
enum err	outside_verify(const struct outside *o, struct arena *a,
		    struct bytes token, size_t max, struct claims *out,
		    const char **why_out) NODISCARD;

#endif
