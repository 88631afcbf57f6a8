/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.h -- what a token says: payload to struct and back.  (L3)
 *
 * Internal to auth/.  Every claim named here must be there but patient, cnf
 * and nbf; others are passed over.
 *
 * Spec: RFC 7519 section 4.1, RFC 9068 section 2.2.
 */
#ifndef AUTH_CLAIMS_H
#define AUTH_CLAIMS_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

#define CLAIMS_NAME_MAX	255	/* bytes of sub and client_id: LMDB keys */
#define CLAIMS_ID_MAX	64	/* of jti and grant */
#define CLAIMS_SKEW_S	60	/* iat and nbf may be this far ahead */

struct claims {
	struct bytes	iss, aud;
	struct bytes	sub;		/* the user */
	struct bytes	client;		/* client_id */
	struct bytes	scope;
	struct bytes	jti;
	struct bytes	grant;		/* the grant's id: our own claim */
	struct bytes	patient;	/* launch context, or "" */
	struct bytes	jkt;		/* cnf.jkt: thumbprint of the key it
					 * is bound to (RFC 9449 6.1), or "" */
	int64_t		iat, exp;	/* seconds since 1970 */
	int64_t		nbf;		/* as iat where it is absent */
};

/* out	*out  borrows a.  err  ERR_SYNTAX; *why_out a constant */
enum err	claims_parse(struct arena *a, struct bytes payload,
		    struct claims *out, const char **why_out) NODISCARD;

/* Compact JSON, members in a fixed order. */
struct bytes	claims_json(struct arena *a, const struct claims *c);

/* Issuer, audience: bytes must be equal.  NULL when they are. */
const char	*claims_place(const struct claims *c, struct bytes iss,
		    struct bytes aud);

/*
 * The time: NULL when now lies in it, else what is wrong.
 * in	life_s	exp may lie at most so far behind iat
 */
const char	*claims_time(const struct claims *c, struct instant now,
		    int64_t life_s);

/* Printable UTF-8, 1..CLAIMS_NAME_MAX bytes: a user's or client's name. */
bool		claims_name_ok(struct bytes name);

#endif
