/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assertion.h -- a client proves who it is by a signed JWT.  (L3)
 *
 * Internal to auth/.  private_key_jwt as SMART has it.  Three calls, dear
 * ones last; the caller's own steps stand between them:
 *
 *	assertion_parse		length, base64url, JSON, algorithm
 *	  (find the client that sub names; its keys, its registered jku)
 *	assertion_check		iss, sub, aud, times
 *	  (jti unseen, throttle: the caller's)
 *	assertion_verify	key by kid, algorithm, signature
 *	  (remember jti until keep_s in the transaction that makes the token)
 *
 * Whatever is wrong, the answer to the outside is the same invalid_client;
 * *why_out (a constant, no part of the assertion) is for the log.  jku is
 * compared and never fetched; jwk, x5u, x5c and crit are refused.
 *
 * Spec: RFC 7521, RFC 7523 section 3, RFC 8725; SMART App Launch 2.2,
 * client-confidential-asymmetric.  Attacks CA-01 to CA-14, CA-19 to CA-23.
 */
#ifndef AUTH_ASSERTION_H
#define AUTH_ASSERTION_H

#include "auth/jwk.h"
#include "auth/jws.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

/* client_assertion_type has to be this, byte for byte. */
#define ASSERTION_TYPE							\
	"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

#define ASSERTION_MAX	4096	/* bytes of the whole */
#define ASSERTION_LIFE_S	300	/* exp lies at most so far ahead */
#define ASSERTION_SKEW_S	60	/* iat, nbf: at most so far ahead */
#define ASSERTION_JTI_MAX	255	/* bytes */

struct assertion {
	struct jws	jws;		/* kid, alg, what was signed */
	struct bytes	jku;		/* "" where it has none */
	struct bytes	iss, sub, aud, jti;
	int64_t		exp;		/* seconds since 1970 */
	int64_t		iat, nbf;	/* -1: absent */
	int64_t		keep_s;		/* jti is to be remembered till then */
};

/* What the client has to have said. */
struct assertion_want {
	struct bytes		 client;	/* client_id */
	const struct bytes	*aud;		/* accepted, each a whole */
	size_t			 n_aud;		/* URL: token endpoint ... */
	struct bytes		 jku;		/* registered, or "" */
	struct instant		 now;
};

/* out *out borrows a and text.  err ERR_SYNTAX, ERR_TOOBIG */
enum err	assertion_parse(struct arena *a, struct bytes text,
		    struct assertion *out, const char **why_out) NODISCARD;

/* err ERR_LOGIN */
enum err	assertion_check(const struct assertion *as,
		    const struct assertion_want *want,
		    const char **why_out) NODISCARD;

/*
 * in	set	the client's registered keys, as jwk_set gave them
 * err	ERR_LOGIN
 */
enum err	assertion_verify(const struct assertion *as,
		    const struct jwk *set, size_t n,
		    const struct jwk_engine *engine, const char **why_out)
		    NODISCARD;

#endif
