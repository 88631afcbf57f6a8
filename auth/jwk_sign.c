/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwk_sign.c -- our own RSA keys: made, kept, used to sign.  (L3)
 *
 * For id_tokens, which OpenID Connect wants in RS256; access tokens are
 * EdDSA (keys.c).  The file is PKCS#8 in PEM, written and read by GnuTLS;
 * its text passes through memory of ours that is wiped (keys_secret).  This
 * is the one place below fcgi/ where random bytes are not an argument: a key
 * pair cannot be made from a few of them.
 *
 * Linked into tiphys-auth and the tool, never into tiphys-fhir.
 *
 * Spec: RFC 7515 section 7.1, RFC 7518 section 3.3, RFC 5958.
 */
#include "auth/jwk.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "auth/keys.h"
#include "base/text.h"

#define BITS		3072	/* as long as 128-bit security asks for */
#define PEM_MAX		8192	/* bytes; 4096 bits have about 3,300 */

struct jwk_private {
	gnutls_privkey_t	key;
	struct jwk		pub;
};

static void
drop_key(void *p)
{
	gnutls_privkey_deinit(p);
}

static bool
new_handle(struct arena *a, gnutls_privkey_t *out)
{
	if (gnutls_privkey_init(out) != GNUTLS_E_SUCCESS)
		return false;
	arena_defer(a, drop_key, *out);
	return true;
}

/* GnuTLS's numbers are its own memory: copied, without leading zeros. */
static struct bytes
take(struct arena *a, gnutls_datum_t *d)
{
	struct bytes b = arena_copy(a, bytes_of(d->data, d->size));

	gnutls_free(d->data);
	while (b.len > 1 && b.p[0] == 0)
		b = bytes_from(b, 1);
	return b;
}

/* The public half, named by its thumbprint. */
static bool
public_of(struct arena *a, gnutls_privkey_t key, struct jwk *out)
{
	struct jwk k = { .alg = JWK_RS256 };
	char kid[JWK_THUMB_LEN + 1];
	gnutls_datum_t n, e;
	gnutls_pubkey_t pub;
	int rc;

	if (gnutls_pubkey_init(&pub) != GNUTLS_E_SUCCESS)
		return false;
	rc = gnutls_pubkey_import_privkey(pub, key, 0, 0);
	if (rc == GNUTLS_E_SUCCESS)
		rc = gnutls_pubkey_export_rsa_raw(pub, &n, &e);
	gnutls_pubkey_deinit(pub);
	if (rc != GNUTLS_E_SUCCESS)
		return false;
	k.n = take(a, &n);
	k.e = take(a, &e);
	jwk_thumb(&k, kid);
	k.kid = arena_copy(a, bytes_str(kid));
	*out = k;
	return true;
}

static int
to_pem(gnutls_privkey_t key, gnutls_datum_t *out)
{
	gnutls_x509_privkey_t x;
	int rc = gnutls_privkey_export_x509(key, &x);

	if (rc != GNUTLS_E_SUCCESS)
		return rc;
	rc = gnutls_x509_privkey_export2_pkcs8(x, GNUTLS_X509_FMT_PEM, NULL,
	    GNUTLS_PKCS_PLAIN, out);
	gnutls_x509_privkey_deinit(x);
	return rc;
}

static const char *
name_of(struct arena *a, struct bytes kid)
{
	return arena_printf(a, "%.*s.pem", BYTES_FMT(kid));
}

enum err
jwk_rsa_new(struct arena *a, const char *dir, struct jwk *pub_out)
{
	gnutls_privkey_t key;
	gnutls_datum_t pem;
	struct jwk pub;
	enum err e;

	if (!new_handle(a, &key) || gnutls_privkey_generate(key,
	    GNUTLS_PK_RSA, BITS, 0) != GNUTLS_E_SUCCESS ||
	    !public_of(a, key, &pub) ||
	    to_pem(key, &pem) != GNUTLS_E_SUCCESS)
		return ERR_BUG;
	e = keys_put(a, dir, name_of(a, pub.kid), (const char *)pem.data,
	    pem.size);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	if (e == OK)
		*pub_out = pub;
	return e;
}

/* Within the limits we set to others, and of the name its file has. */
static bool
fits(const struct jwk *pub, struct bytes kid)
{
	static const uint8_t e[] = { 1, 0, 1 };

	return bytes_eq(pub->kid, kid) &&
	    bytes_eq(pub->e, bytes_of(e, sizeof e)) &&
	    pub->n.len >= JWK_RSA_MIN / 8 && pub->n.len <= JWK_RSA_MAX / 8;
}

enum err
jwk_load(struct arena *a, const char *dir, struct bytes kid,
    struct jwk_private **out)
{
	struct jwk_private *k = arena_alloc(a, sizeof *k);
	char *text = keys_secret(a, PEM_MAX);
	gnutls_datum_t pem;
	size_t len;
	enum err e;

	if (text == NULL)
		return ERR_NOMEM;
	if (!jose_kid_ok(kid))	/* it becomes a file's name */
		return ERR_NOTFOUND;
	e = keys_slurp(arena_printf(a, "%s/%s", dir, name_of(a, kid)), text,
	    PEM_MAX, &len);
	if (e != OK)
		return e;
	pem = (gnutls_datum_t){ .data = (unsigned char *)text,
	    .size = (unsigned)len };
	if (!new_handle(a, &k->key) || gnutls_privkey_import_x509_raw(k->key,
	    &pem, GNUTLS_X509_FMT_PEM, NULL, 0) != GNUTLS_E_SUCCESS ||
	    !public_of(a, k->key, &k->pub) || !fits(&k->pub, kid))
		return ERR_CONFIG;
	*out = k;
	return OK;
}

enum err
jwk_sign(struct arena *a, const struct jwk_private *k, const char *typ,
    struct bytes payload, struct bytes *token_out)
{
	const char *header = arena_printf(a,
	    "{\"typ\":\"%s\",\"alg\":\"%s\",\"kid\":\"%.*s\"}", typ,
	    jwk_alg_name(k->pub.alg), BYTES_FMT(k->pub.kid));
	struct bytes h = text_b64url(a, bytes_str(header));
	struct bytes p = text_b64url(a, payload), s;
	const char *input = arena_printf(a, "%.*s.%.*s", BYTES_FMT(h),
	    BYTES_FMT(p));
	gnutls_datum_t data = { .data = (unsigned char *)(uintptr_t)input,
	    .size = (unsigned)strlen(input) };
	gnutls_datum_t sig;

	if (gnutls_privkey_sign_data2(k->key, GNUTLS_SIGN_RSA_SHA256, 0,
	    &data, &sig) != GNUTLS_E_SUCCESS)
		return ERR_BUG;
	s = text_b64url(a, bytes_of(sig.data, sig.size));
	gnutls_free(sig.data);
	*token_out = bytes_str(arena_printf(a, "%s.%.*s", input,
	    BYTES_FMT(s)));
	return OK;
}
