/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jws.h -- a compact JWS that somebody else made, read strictly.  (L3)
 *
 * Internal to auth/.  Client assertions, DPoP proofs and tokens of outside
 * issuers are read by this; our own access tokens have a stricter reader
 * still (jose.h).  Knows no key and verifies nothing.
 *
 * Spec: RFC 7515 sections 4 and 7.1, RFC 8725 sections 3.
 */
#ifndef AUTH_JWS_H
#define AUTH_JWS_H

#include <jansson.h>

#include "auth/jwk.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

#define JWS_HEADER_MAX	2048	/* decoded bytes: a DPoP header has a key */
#define JWS_DEPTH_MAX	8	/* levels of JSON, in header and payload */
#define JWS_SIG_MAX	512	/* bytes: RSA of 4096 bits */

struct jws {
	enum jwk_alg	 alg;		/* never JWK_NONE */
	struct bytes	 kid;		/* "" where it has none */
	struct bytes	 input;		/* what was signed */
	struct bytes	 sig;		/* decoded */
	const json_t	*header;	/* objects, freed with the arena */
	const json_t	*payload;
};

/*
 * Three canonical base64url parts; header and payload JSON objects without
 * duplicate members, NUL or deep nesting; alg one that jwk_alg_of knows; no
 * crit (we understand no extension) and no b64.
 *
 * in	max	bytes of text: more is ERR_TOOBIG before anything is read
 * out	*out	borrows a and text
 * err	ERR_SYNTAX, ERR_TOOBIG; *why_out is a constant
 */
enum err	jws_parse(struct arena *a, struct bytes text, size_t max,
		    struct jws *out, const char **why_out) NODISCARD;

/*
 * A JSON object from outside: strict as above.  NULL when it is none.
 * own	freed with a
 */
const json_t	*jws_object(struct arena *a, struct bytes text);

/* A member that is text, or "" (also where it is not text). */
struct bytes	jws_text(const json_t *object, const char *name);

/* A whole number of seconds, 0 to year 9999; false: anything else. */
bool		jws_time(const json_t *object, const char *name,
		    int64_t *out) NODISCARD;

/* Is typ this media type, with or without "application/"?  RFC 7515 4.1.9 */
bool		jws_typ_is(const struct jws *j, const char *typ);

#endif
