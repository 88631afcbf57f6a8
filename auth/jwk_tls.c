/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwk_tls.c -- RSA and ECDSA by GnuTLS.  (L3)
 *
 * Built twice: into libauth.a for tiphys-auth, and alone as the module that
 * tiphys-fhir opens where its configuration needs it.  So nothing of ours is
 * called from here but inline functions, and no memory of the arena is used.
 *
 * GnuTLS 3.7.9 imports a point that is on no curve; only
 * gnutls_pubkey_verify_params refuses it (measured).  Lengths and limits
 * were checked by jwk.c; they are asked again here, because this file is
 * where a mistake would be dear (a raw signature of any length is accepted
 * by gnutls_encode_rs_value).
 */
#include "auth/jwk.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define P256_LEN	32	/* bytes of a coordinate, of r and of s */
#define P384_LEN	48

static gnutls_datum_t
datum(struct bytes b)
{
	return (gnutls_datum_t){ .data = (unsigned char *)(uintptr_t)b.p,
	    .size = (unsigned)b.len };
}

/* Bytes of a coordinate; 0 for an algorithm without. */
static size_t
coord_len(enum jwk_alg alg)
{
	return alg == JWK_ES256 ? P256_LEN : alg == JWK_ES384 ? P384_LEN : 0;
}

static gnutls_sign_algorithm_t
sign_alg(enum jwk_alg alg)
{
	switch (alg) {
	case JWK_RS256:
		return GNUTLS_SIGN_RSA_SHA256;
	case JWK_RS384:
		return GNUTLS_SIGN_RSA_SHA384;
	case JWK_ES256:
		return GNUTLS_SIGN_ECDSA_SHA256;
	case JWK_ES384:
		return GNUTLS_SIGN_ECDSA_SHA384;
	default:
		return GNUTLS_SIGN_UNKNOWN;
	}
}

static int
import_ec(gnutls_pubkey_t pub, const struct jwk *k)
{
	gnutls_datum_t x = datum(k->x), y = datum(k->y);
	size_t len = coord_len(k->alg);

	if (len == 0 || k->x.len != len || k->y.len != len)
		return GNUTLS_E_INVALID_REQUEST;
	return gnutls_pubkey_import_ecc_raw(pub, k->alg == JWK_ES256 ?
	    GNUTLS_ECC_CURVE_SECP256R1 : GNUTLS_ECC_CURVE_SECP384R1, &x, &y);
}

static int
import_rsa(gnutls_pubkey_t pub, const struct jwk *k)
{
	gnutls_datum_t n = datum(k->n), e = datum(k->e);

	if ((k->alg != JWK_RS256 && k->alg != JWK_RS384) ||
	    k->n.len < JWK_RSA_MIN / 8 || k->n.len > JWK_RSA_MAX / 8 ||
	    (k->n.p[k->n.len - 1] & 1) == 0)
		return GNUTLS_E_INVALID_REQUEST;
	return gnutls_pubkey_import_rsa_raw(pub, &n, &e);
}

static bool
import(const struct jwk *k, gnutls_pubkey_t *out)
{
	gnutls_pubkey_t pub;
	int rc;

	if (gnutls_pubkey_init(&pub) != GNUTLS_E_SUCCESS)
		return false;
	rc = k->n.len > 0 ? import_rsa(pub, k) : import_ec(pub, k);
	if (rc != GNUTLS_E_SUCCESS) {
		gnutls_pubkey_deinit(pub);
		return false;
	}
	*out = pub;
	return true;
}

static bool
sound(const struct jwk *k)
{
	gnutls_pubkey_t pub;
	bool good;

	if (!import(k, &pub))
		return false;
	good = gnutls_pubkey_verify_params(pub) == GNUTLS_E_SUCCESS;
	gnutls_pubkey_deinit(pub);
	return good;
}

static bool
zero(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		if (b.p[i] != 0)
			return false;
	return true;
}

/* r and s side by side become DER, which is what GnuTLS takes. */
static bool
to_der(struct bytes sig, size_t len, gnutls_datum_t *out)
{
	struct bytes r = bytes_sub(sig, 0, len), s = bytes_from(sig, len);
	gnutls_datum_t dr = datum(r), ds = datum(s);

	if (sig.len != 2 * len || zero(r) || zero(s))
		return false;
	return gnutls_encode_rs_value(out, &dr, &ds) == GNUTLS_E_SUCCESS;
}

static bool
verify(const struct jwk *k, struct bytes data, struct bytes sig)
{
	gnutls_datum_t in = datum(data), der = datum(sig);
	size_t len = coord_len(k->alg);
	gnutls_pubkey_t pub;
	bool good;

	if (len > 0 ? !to_der(sig, len, &der) : sig.len != k->n.len)
		return false;
	good = import(k, &pub);
	if (good) {
		good = gnutls_pubkey_verify_data2(pub, sign_alg(k->alg), 0,
		    &in, &der) >= 0;
		gnutls_pubkey_deinit(pub);
	}
	if (len > 0)
		gnutls_free(der.data);
	return good;
}

const struct jwk_engine jwk_tls = { .sound = sound, .verify = verify };
