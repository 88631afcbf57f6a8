/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_sign.h -- the other side: keys and signatures as clients make them.
 *
 * By GnuTLS and libsodium directly, with nothing of jwk_sign.c, so that what
 * is verified was not signed by the same code.
 */
#ifndef TESTS_UNIT_AUTH_SIGN_H
#define TESTS_UNIT_AUTH_SIGN_H

#include "tests/unit/unit.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>

#include "auth/jwk.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"

struct signer {
	enum jwk_alg		alg;
	gnutls_privkey_t	key;		/* RSA, EC */
	uint8_t			secret[64];	/* Ed25519 */
	struct jwk		pub;
};

static inline struct bytes
b64_of(struct arena *a, const char *text)
{
	return text_b64url(a, bytes_str(text));
}

static inline struct bytes
unb64(struct arena *a, const char *text)
{
	struct bytes out;

	assert_int_equal(text_unb64url(a, bytes_str(text), &out), OK);
	return out;
}

static inline void
drop_signer(void *p)
{
	gnutls_privkey_deinit(p);
}

static inline struct bytes
padded(struct arena *a, gnutls_datum_t *d, size_t len)
{
	uint8_t *p = arena_alloc(a, len);

	assert_true(d->size <= len);
	memcpy(p + len - d->size, d->data, d->size);
	gnutls_free(d->data);
	return bytes_of(p, len);
}

static inline size_t
coord(enum jwk_alg alg)
{
	return alg == JWK_ES256 ? 32 : 48;
}

static inline void
public_ec(struct arena *a, struct signer *s, gnutls_pubkey_t pub)
{
	gnutls_ecc_curve_t curve;
	gnutls_datum_t x, y;

	assert_int_equal(gnutls_pubkey_export_ecc_raw2(pub, &curve, &x, &y,
	    GNUTLS_EXPORT_FLAG_NO_LZ), 0);
	s->pub.x = padded(a, &x, coord(s->alg));
	s->pub.y = padded(a, &y, coord(s->alg));
}

static inline void
public_rsa(struct arena *a, struct signer *s, gnutls_pubkey_t pub)
{
	gnutls_datum_t n, e;

	assert_int_equal(gnutls_pubkey_export_rsa_raw2(pub, &n, &e,
	    GNUTLS_EXPORT_FLAG_NO_LZ), 0);
	s->pub.n = padded(a, &n, n.size);
	s->pub.e = padded(a, &e, e.size);
}

/* A key of this algorithm; seed is for Ed25519 alone. */
static inline struct signer *
signer_new(struct arena *a, enum jwk_alg alg, const char *kid)
{
	struct signer *s = arena_alloc(a, sizeof *s);
	bool ec = alg == JWK_ES256 || alg == JWK_ES384;
	gnutls_pubkey_t pub;
	uint8_t *x;

	s->alg = s->pub.alg = alg;
	s->pub.kid = bytes_str(kid);
	if (alg == JWK_EDDSA) {
		x = arena_alloc(a, 32);
		crypto_sign_keypair(x, s->secret);
		s->pub.x = bytes_of(x, 32);
		return s;
	}
	assert_int_equal(gnutls_privkey_init(&s->key), 0);
	arena_defer(a, drop_signer, s->key);
	assert_int_equal(gnutls_privkey_generate(s->key, ec ?
	    GNUTLS_PK_ECDSA : GNUTLS_PK_RSA, ec ? GNUTLS_CURVE_TO_BITS(
	    alg == JWK_ES256 ? GNUTLS_ECC_CURVE_SECP256R1 :
	    GNUTLS_ECC_CURVE_SECP384R1) : 2048, 0), 0);
	assert_int_equal(gnutls_pubkey_init(&pub), 0);
	assert_int_equal(gnutls_pubkey_import_privkey(pub, s->key, 0, 0), 0);
	if (ec)
		public_ec(a, s, pub);
	else
		public_rsa(a, s, pub);
	gnutls_pubkey_deinit(pub);
	return s;
}

static inline struct bytes
sign_raw(struct arena *a, const struct signer *s, struct bytes input)
{
	gnutls_datum_t in = { .data = (unsigned char *)(uintptr_t)input.p,
	    .size = (unsigned)input.len };
	gnutls_datum_t sig, r, t;
	uint8_t *raw;
	struct bytes hi, lo;

	if (s->alg == JWK_EDDSA) {
		raw = arena_alloc(a, 64);
		crypto_sign_detached(raw, NULL, input.p, input.len,
		    s->secret);
		return bytes_of(raw, 64);
	}
	assert_int_equal(gnutls_privkey_sign_data2(s->key,
	    s->alg == JWK_RS256 ? GNUTLS_SIGN_RSA_SHA256 :
	    s->alg == JWK_RS384 ? GNUTLS_SIGN_RSA_SHA384 :
	    s->alg == JWK_ES256 ? GNUTLS_SIGN_ECDSA_SHA256 :
	    GNUTLS_SIGN_ECDSA_SHA384, 0, &in, &sig), 0);
	if (s->pub.n.len > 0)
		return padded(a, &sig, s->pub.n.len);
	assert_int_equal(gnutls_decode_rs_value(&sig, &r, &t), 0);
	gnutls_free(sig.data);
	/* DER gives a leading zero where the top bit is set */
	while (r.size > coord(s->alg))
		memmove(r.data, r.data + 1, --r.size);
	while (t.size > coord(s->alg))
		memmove(t.data, t.data + 1, --t.size);
	hi = padded(a, &r, coord(s->alg));
	lo = padded(a, &t, coord(s->alg));
	raw = arena_alloc(a, hi.len + lo.len);
	memcpy(raw, hi.p, hi.len);
	memcpy(raw + hi.len, lo.p, lo.len);
	return bytes_of(raw, hi.len + lo.len);
}

/* A compact JWS of these texts. */
static inline struct bytes
signed_by(struct arena *a, const struct signer *s, const char *header,
    const char *payload)
{
	struct bytes h = b64_of(a, header), p = b64_of(a, payload), sig;
	struct bytes input = bytes_str(arena_printf(a, "%.*s.%.*s",
	    BYTES_FMT(h), BYTES_FMT(p)));

	sig = text_b64url(a, sign_raw(a, s, input));
	return bytes_str(arena_printf(a, "%.*s.%.*s", BYTES_FMT(input),
	    BYTES_FMT(sig)));
}

/* {"keys":[...]} of n signers. */
static inline struct bytes
set_of(struct arena *a, struct signer *const *s, size_t n)
{
	struct buf b = buf_on(a, 65536);
	struct bytes out;
	size_t i;

	buf_str(&b, "{\"keys\":[");
	for (i = 0; i < n; i++) {
		buf_str(&b, i == 0 ? "" : ",");
		buf_add(&b, jwk_json(a, &s[i]->pub));
	}
	buf_str(&b, "]}");
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

#endif
