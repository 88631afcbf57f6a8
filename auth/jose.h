/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jose.h -- signed tokens as bytes: compact JWS with Ed25519.  (L3)
 *
 * Internal to auth/.  Knows headers, signatures and keys, nothing of claims.
 *
 * Spec: RFC 7515 (compact serialization), RFC 8037 (EdDSA, OKP keys), RFC
 * 7638 (thumbprint), RFC 8725, RFC 9068 section 2.1.
 */
#ifndef AUTH_JOSE_H
#define AUTH_JOSE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

#define JOSE_KEY_LEN	32	/* Ed25519 public key, and seed */
#define JOSE_SIG_LEN	64
#define JOSE_KID_MAX	64	/* bytes of a key's name */
#define JOSE_KID_LEN	43	/* of ours: base64url of SHA-256 */

/* Numbers of records: frozen. */
enum jose_alg { JOSE_EDDSA = 1 };

const char	*jose_alg_name(enum jose_alg alg);	/* "EdDSA" */

struct jose {
	struct bytes	kid, alg;	/* of the header */
	struct bytes	input;		/* what was signed */
	struct bytes	payload;	/* decoded */
	uint8_t		sig[JOSE_SIG_LEN];
};

/*
 * Split a token and read its header.  Nothing is verified.
 *
 * in	token	ours: its length was checked
 * out	*out  borrows token and a
 * err	ERR_SYNTAX  not three canonical base64url parts; a header that is
 *		no JSON object with typ at+jwt, alg and kid and nothing else
 *		(so no crit, jwk, jku, x5u, x5c); a signature of another size.
 *		*why_out (a constant) says which
 */
enum err	jose_parse(struct arena *a, struct bytes token,
		    struct jose *out, const char **why_out) NODISCARD;

/* The key's own algorithm decides; the header has to agree with it. */
bool		jose_verify(const struct jose *j, enum jose_alg alg,
		    const uint8_t pub[static JOSE_KEY_LEN]) NODISCARD;

/* secret: 64 bytes of libsodium (seed and public key). */
struct bytes	jose_sign(struct arena *a, struct bytes kid,
		    struct bytes payload, const uint8_t secret[static 64]);

/* The name of a key: its thumbprint (RFC 7638, RFC 8037 appendix A.3). */
void		jose_kid(const uint8_t pub[static JOSE_KEY_LEN],
		    char out[static JOSE_KID_LEN + 1]);

/* Letters, digits, "-" and "_" only, 1..JOSE_KID_MAX of them. */
bool		jose_kid_ok(struct bytes kid);

#endif
