/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwk_text.c -- public keys written: as JSON, as thumbprint.  (L3)
 *
 * Both come from one function, so that a name is always that of the numbers
 * shown beside it.
 */
#include "auth/jwk.h"

#include <sodium.h>

#include "base/buf.h"
#include "base/text.h"

#define COORD_MAX	48	/* bytes */
#define N_MAX		(JWK_RSA_MAX / 8)
#define B64_MAX		(sodium_base64_ENCODED_LEN(N_MAX,	\
			sodium_base64_VARIANT_URLSAFE_NO_PADDING))

/* Bytes of the longest list of required members: RSA, 4096 bits. */
#define MEMBERS_MAX	(B64_MAX + 64)

struct text {
	char	p[MEMBERS_MAX];
	size_t	len;
};

static void
put(struct text *t, const char *s)
{
	size_t n = strlen(s);

	memcpy(t->p + t->len, s, n);
	t->len += n;
}

static void
put_b64(struct text *t, struct bytes b)
{
	sodium_bin2base64(t->p + t->len, sizeof t->p - t->len, b.p, b.len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	t->len += strlen(t->p + t->len);
}

static const char *
curve_of(enum jwk_alg alg)
{
	switch (alg) {
	case JWK_ES256:
		return "P-256";
	case JWK_ES384:
		return "P-384";
	default:
		return "Ed25519";
	}
}

/*
 * Required members, sorted, without braces (RFC 7638 section 3.2; RFC 8037
 * section 2).  jwk_parse saw to the lengths.
 */
static void
members(const struct jwk *k, struct text *t)
{
	t->len = 0;
	if (k->n.len > 0) {
		put(t, "\"e\":\"");
		put_b64(t, k->e);
		put(t, "\",\"kty\":\"RSA\",\"n\":\"");
		put_b64(t, k->n);
	} else {
		put(t, "\"crv\":\"");
		put(t, curve_of(k->alg));
		put(t, k->alg == JWK_EDDSA ? "\",\"kty\":\"OKP\",\"x\":\"" :
		    "\",\"kty\":\"EC\",\"x\":\"");
		put_b64(t, k->x);
		if (k->alg != JWK_EDDSA) {
			put(t, "\",\"y\":\"");
			put_b64(t, k->y);
		}
	}
	put(t, "\"");
}

struct bytes
jwk_json(struct arena *a, const struct jwk *k)
{
	struct buf b = buf_on(a, 2 * MEMBERS_MAX + JWK_KID_MAX);
	struct bytes out = { .len = 0 };
	struct text t;

	members(k, &t);
	buf_str(&b, "{");
	buf_add(&b, bytes_of(t.p, t.len));
	if (k->kid.len > 0) {
		buf_str(&b, ",\"kid\":");
		buf_json(&b, k->kid);
	}
	buf_printf(&b, ",\"alg\":\"%s\",\"use\":\"sig\"}",
	    jwk_alg_name(k->alg));
	/* It fits: a kid doubles in length at most. */
	if (buf_end(&b, &out) != OK)
		return bytes_of(NULL, 0);
	return out;
}

void
jwk_thumb(const struct jwk *k, char out[static JWK_THUMB_LEN + 1])
{
	uint8_t sum[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state h;
	struct text t;

	members(k, &t);
	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, (const uint8_t *)"{", 1);
	crypto_hash_sha256_update(&h, (const uint8_t *)t.p, t.len);
	crypto_hash_sha256_update(&h, (const uint8_t *)"}", 1);
	crypto_hash_sha256_final(&h, sum);
	sodium_bin2base64(out, JWK_THUMB_LEN + 1, sum, sizeof sum,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* --- verifying, whatever the algorithm ----------------------------------- */

bool
jwk_sound(const struct jwk_engine *engine, const struct jwk *k)
{
	if (k->alg == JWK_EDDSA)
		return k->x.len == crypto_sign_PUBLICKEYBYTES &&
		    crypto_core_ed25519_is_valid_point(k->x.p) == 1;
	return engine != NULL && engine->sound(k);
}

bool
jwk_verify(const struct jwk_engine *engine, const struct jwk *k,
    struct bytes data, struct bytes sig)
{
	if (k->alg == JWK_EDDSA)
		return sig.len == crypto_sign_BYTES &&
		    k->x.len == crypto_sign_PUBLICKEYBYTES &&
		    crypto_sign_verify_detached(sig.p, data.p, data.len,
		    k->x.p) == 0;
	return engine != NULL && engine->verify(k, data, sig);
}
