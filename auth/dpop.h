/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpop.h -- proof of possession: who holds the key sent this request.  (L3)
 *
 * Internal to auth/; used at the token endpoint and at tiphys-fhir.  A proof
 * is bound to method, URL, moment and (with a token) to that token; that it
 * is used once is the caller's to see to, who remembers dpop.once until
 * dpop.keep_s.  Nonces of the server (RFC 9449 section 8) are left out: they
 * are against proofs made in advance by an attacker inside the client, cost
 * each client a round trip, and iat with a memory of used proofs bounds the
 * same window to DPOP_AGE_S.
 *
 * Spec: RFC 9449 sections 4.2, 4.3, 7.  Attacks DPO-01 to DPO-08.
 */
#ifndef AUTH_DPOP_H
#define AUTH_DPOP_H

#include "auth/jwk.h"
#include "auth/jws.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

#define DPOP_MAX	4096	/* bytes of a proof */
#define DPOP_AGE_S	60	/* iat lies at most so far back */
#define DPOP_SKEW_S	60	/* or so far ahead */
#define DPOP_JTI_MAX	255	/* bytes */
#define DPOP_ONCE_LEN	32	/* SHA-256 of key and jti */

struct dpop {
	struct jwk	key;		/* as the proof brings it */
	char		jkt[JWK_THUMB_LEN + 1];	/* its thumbprint */
	struct bytes	htm, htu, jti;
	struct bytes	ath;		/* "" where it has none */
	int64_t		iat;		/* seconds since 1970 */
	int64_t		keep_s;		/* `once` to be known until then */
	uint8_t		once[DPOP_ONCE_LEN];	/* name of this proof */
	struct jws	jws;
};

/* The request the proof has to be for. */
struct dpop_want {
	struct bytes	method;		/* "POST" */
	struct bytes	url;		/* ours, absolute; a query is cut */
	struct bytes	token;		/* access token sent along, or "" */
	struct instant	now;
};

/*
 * All of RFC 9449 section 4.3 but the comparison of jkt with the token's
 * and the memory of used proofs; the signature last.
 *
 * in	text	the one DPoP header
 * out	*out	borrows a and text
 * err	ERR_LOGIN  with *why_out, a constant
 */
enum err	dpop_check(struct arena *a, struct bytes text,
		    const struct dpop_want *want,
		    const struct jwk_engine *engine, struct dpop *out,
		    const char **why_out) NODISCARD;

/* The algorithm a proof claims: a hint for opening the engine, no more. */
enum jwk_alg	dpop_hint(struct arena *a, struct bytes text);

/*
 * Do two URLs name the same, without query and fragment?  Scheme and host
 * in any case, default port left out or not, "%" escapes normalised; RFC
 * 3986 section 6.2.2, 6.2.3.  false for what is no absolute http(s) URL.
 */
bool		dpop_same_url(struct arena *a, struct bytes one,
		    struct bytes other);

#endif
