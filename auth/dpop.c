/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpop.c -- one proof against one request.  (L3)
 *
 * The key comes with the proof and proves nothing by itself: the caller
 * compares its thumbprint with the token's cnf.jkt.
 */
#include "auth/dpop.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/text.h"

enum jwk_alg
dpop_hint(struct arena *a, struct bytes text)
{
	const char *why;
	struct jws j;

	return jws_parse(a, text, DPOP_MAX, &j, &why) == OK ? j.alg :
	    JWK_NONE;
}

/* A proof is used once: by this key, under this jti. */
static void
name_it(struct dpop *d)
{
	crypto_hash_sha256_state h;

	crypto_hash_sha256_init(&h);
	/* jkt has a fixed length, so the two cannot run into each other */
	crypto_hash_sha256_update(&h, (const uint8_t *)d->jkt,
	    JWK_THUMB_LEN);
	crypto_hash_sha256_update(&h, d->jti.p, d->jti.len);
	crypto_hash_sha256_final(&h, d->once);
}

/* jwk of the header, as text again for the one reader of keys there is. */
static enum err
read_key(struct arena *a, struct dpop *d, const char **why_out)
{
	const json_t *jwk = json_object_get(d->jws.header, "jwk");
	char *text;
	enum err e;

	*why_out = "jwk in the header is no object";
	if (!json_is_object(jwk))
		return ERR_SYNTAX;
	text = json_dumps(jwk, JSON_COMPACT);
	if (text == NULL)
		return ERR_SYNTAX;
	e = jwk_parse(a, bytes_str(text), JWK_PROOF, &d->key, why_out);
	free(text);
	return e;
}

static const char *
read_claims(struct dpop *d)
{
	const json_t *o = d->jws.payload;

	d->htm = jws_text(o, "htm");
	d->htu = jws_text(o, "htu");
	d->jti = jws_text(o, "jti");
	d->ath = jws_text(o, "ath");
	if (d->htm.len == 0 || d->htu.len == 0)
		return "htm or htu is missing or no text";
	if (d->jti.len == 0 || d->jti.len > DPOP_JTI_MAX)
		return "jti is missing, no text or too long";
	if (!jws_time(o, "iat", &d->iat))
		return "iat is missing or no whole number of seconds";
	d->keep_s = d->iat + DPOP_AGE_S + 1;
	return NULL;
}

static const char *
check_claims(struct arena *a, const struct dpop *d,
    const struct dpop_want *want)
{
	int64_t now = want->now.ms / 1000;
	uint8_t sum[crypto_hash_sha256_BYTES];

	if (!bytes_eq(d->htm, want->method))
		return "htm is another method";
	if (!dpop_same_url(a, d->htu, want->url))
		return "htu is another URL";
	if (d->iat < now - DPOP_AGE_S || d->iat > now + DPOP_SKEW_S)
		return "iat is not of this moment";
	if (want->token.len == 0)
		return NULL;
	crypto_hash_sha256(sum, want->token.p, want->token.len);
	if (!bytes_eq(d->ath, text_b64url(a, bytes_of(sum, sizeof sum))))
		return "ath is not this token's";
	return NULL;
}

static enum err
parse(struct arena *a, struct bytes text, struct dpop *d,
    const char **why_out)
{
	enum err e = jws_parse(a, text, DPOP_MAX, &d->jws, why_out);

	if (e != OK)
		return e;
	*why_out = "typ in the header is not dpop+jwt";
	if (!jws_typ_is(&d->jws, "dpop+jwt"))
		return ERR_SYNTAX;
	e = read_key(a, d, why_out);
	if (e != OK)
		return e;
	*why_out = "alg is not that of the key";
	if (d->key.alg != d->jws.alg)
		return ERR_SYNTAX;
	*why_out = read_claims(d);
	return *why_out == NULL ? OK : ERR_SYNTAX;
}

enum err
dpop_check(struct arena *a, struct bytes text, const struct dpop_want *want,
    const struct jwk_engine *engine, struct dpop *out, const char **why_out)
{
	struct dpop d = { .iat = 0 };

	if (parse(a, text, &d, why_out) != OK)
		return ERR_LOGIN;
	*why_out = check_claims(a, &d, want);
	if (*why_out != NULL)
		return ERR_LOGIN;
	*why_out = "the key of the proof is not sound";
	if (!jwk_sound(engine, &d.key))
		return ERR_LOGIN;
	*why_out = "the signature of the proof does not fit";
	if (!jwk_verify(engine, &d.key, d.jws.input, d.jws.sig))
		return ERR_LOGIN;
	*why_out = NULL;
	jwk_thumb(&d.key, d.jkt);
	name_it(&d);
	*out = d;
	return OK;
}
