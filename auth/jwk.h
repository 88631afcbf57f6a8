/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwk.h -- keys and signatures of others, and our RS256 ones.  (L3)
 *
 * Internal to auth/.  Three parts, so that who does not need GnuTLS does not
 * link it:
 *
 *	jwk.c		reads and writes keys as text; no cryptography
 *	jwk_tls.c	struct jwk_engine on GnuTLS: the part tiphys-fhir opens
 *			with dlopen (jwk_open.c) and tiphys-auth links; it
 *			needs nothing of ours but inline functions
 *	jwk_sign.c	our own RSA and EC keys: made, kept, used to sign
 *
 * One key has one algorithm, fixed when it is read; what a token's header
 * says has to agree with it and chooses nothing.  GnuTLS imports RSA keys
 * with e = 1, of 512 or 524,288 bits, and points that lie on no curve: all
 * limits are therefore checked here, before it sees a key.
 *
 * Spec: RFC 7515, RFC 7517, RFC 7518 sections 3.3, 3.4, 6.2, 6.3, RFC 7638,
 * RFC 8037, RFC 8725.  Attacks CA-01 to CA-20, DPO-08.
 */
#ifndef AUTH_JWK_H
#define AUTH_JWK_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

#define JWK_SET_MAX	16	/* keys of one set */
#define JWK_SET_BYTES	65536	/* of its text */
#define JWK_RSA_MIN	2048	/* bits of the modulus */
#define JWK_RSA_MAX	4096
#define JWK_RSA_E	65537	/* the one exponent */
#define JWK_KID_MAX	128	/* bytes; printable ASCII */
#define JWK_THUMB_LEN	43	/* base64url of SHA-256 */

/* Numbers of records: frozen. */
enum jwk_alg {
	JWK_NONE,		/* never verifies anything */
	JWK_RS256, JWK_RS384,
	JWK_ES256, JWK_ES384,
	JWK_EDDSA
};

const char	*jwk_alg_name(enum jwk_alg alg);	/* "RS384" */
enum jwk_alg	 jwk_alg_of(struct bytes name);		/* JWK_NONE: other */

struct jwk {
	struct bytes	kid;		/* "" where it has none */
	enum jwk_alg	alg;
	struct bytes	n, e;		/* RSA: big-endian, no leading 0 */
	struct bytes	x, y;		/* EC: exactly 32 or 48 bytes each;
					 * Ed25519: x alone */
};

/* What a set is for; it decides which algorithms its keys may have. */
enum jwk_use {
	JWK_CLIENT,		/* private_key_jwt: RS384, ES384 */
	JWK_ISSUER,		/* outside issuer: RS256/384, ES256/384 */
	JWK_PROOF		/* DPoP: ES256, ES384, RS256, EdDSA */
};

/*
 * One public key.  A member "d", "p", "k" (a private or symmetric key) is
 * refused.  alg absent: EC and OKP by their curve, RSA RS384 for a client
 * and RS256 otherwise.  "use" is absent or "sig"; key_ops, where it is
 * there, holds "verify".  Other members are passed over.  Whether the point
 * lies on its curve is jwk_sound's to say.
 *
 * in	text	JSON object, strict: no duplicate member, at most 16 KiB
 * out	*out  borrows a
 * err	ERR_SYNTAX  no such key; ERR_VALUE  one beyond our limits;
 *	*why_out (a constant) says what would be right
 */
enum err	jwk_parse(struct arena *a, struct bytes text,
		    enum jwk_use use, struct jwk *out,
		    const char **why_out) NODISCARD;

/*
 * A set {"keys":[...]}: 1..JWK_SET_MAX keys, all of them acceptable, each
 * with a kid and no two alike, neither in kid nor in key (CA-18).  In an
 * outside issuer's set keys for encryption ("use":"enc") are passed over.
 */
enum err	jwk_set(struct arena *a, struct bytes text, enum jwk_use use,
		    struct jwk **out, size_t *n_out, const char **why_out)
		    NODISCARD;

/* The key of this name, or NULL. */
const struct jwk *jwk_find(const struct jwk *set, size_t n,
		    struct bytes kid);

/* Public members alone, sorted as RFC 7638 has them; with kid, alg, use. */
struct bytes	jwk_json(struct arena *a, const struct jwk *k);

/* RFC 7638 with SHA-256: names the key of a DPoP proof (cnf.jkt). */
void		jwk_thumb(const struct jwk *k,
		    char out[static JWK_THUMB_LEN + 1]);

/* --- the engine: what needs big numbers ---------------------------------- */

struct jwk_engine {
	/* On its curve, a modulus that is odd: once, when a key comes in. */
	bool	(*sound)(const struct jwk *k);
	/*
	 * sig as JWS has it: RSA as long as the modulus, EC r and s of
	 * exactly 32 or 48 bytes each, neither 0; any other length is false.
	 * k was sound.  RSA and EC alone.
	 */
	bool	(*verify)(const struct jwk *k, struct bytes data,
		    struct bytes sig);
};

extern const struct jwk_engine jwk_tls;		/* jwk_tls.c */

/*
 * The same for every algorithm: EdDSA by libsodium, the others by engine.
 * engine NULL (a program that opened none): false for those.
 */
bool		jwk_sound(const struct jwk_engine *engine,
		    const struct jwk *k) NODISCARD;
bool		jwk_verify(const struct jwk_engine *engine,
		    const struct jwk *k, struct bytes data,
		    struct bytes sig) NODISCARD;

/*
 * Open the module that holds the engine: beside the running program, else
 * where it was installed.  Before the sandbox; once a process.
 * err	ERR_CONFIG  with *why_out, in a
 */
enum err	jwk_open(struct arena *a, const struct jwk_engine **out,
		    const char **why_out) NODISCARD;

/* --- our own keys -------------------------------------------------------- */

/*
 * A private key as it lies in keys/: KID.pem (PKCS#8), mode 0600, and the
 * folder 0700; for id_tokens RS256.  keys_check (keys.h) looks at the modes
 * of .pem files as it does at .jwk.
 */
struct jwk_private;

/*
 * Make an RSA key of 3072 bits by GnuTLS's own generator (a key pair cannot
 * be made from a few random bytes of ours) and write its file, whole or not
 * at all, synced.
 * out	*pub_out  with kid (thumbprint) and alg RS256, in a
 * err	ERR_STORE, ERR_FULL; ERR_BUG  GnuTLS failed
 */
enum err	jwk_rsa_new(struct arena *a, const char *dir,
		    struct jwk *pub_out) NODISCARD;

/*
 * err	ERR_NOTFOUND; ERR_CONFIG  modes, or not a key of this kid
 * own	ends, wiped, with a
 */
enum err	jwk_load(struct arena *a, const char *dir, struct bytes kid,
		    struct jwk_private **out) NODISCARD;

/*
 * Compact JWS over payload; typ "JWT" for an id_token.
 * err	ERR_BUG  GnuTLS failed
 */
enum err	jwk_sign(struct arena *a, const struct jwk_private *k,
		    const char *typ, struct bytes payload,
		    struct bytes *token_out) NODISCARD;

#endif
