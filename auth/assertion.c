/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assertion.c -- private_key_jwt, checked in order of cost.  (L3)
 *
 * Reading: aud is one text that is one of ours, byte for byte.  RFC 7523
 * allows a list, but an assertion made out to several servers is one that
 * each of them could use at the others.
 */
#include "auth/assertion.h"

/* Reading: exp counts to the second, without skew: clients choose it. */
static const char *
read_claims(const json_t *o, struct assertion *as)
{
	as->iss = jws_text(o, "iss");
	as->sub = jws_text(o, "sub");
	as->aud = jws_text(o, "aud");
	as->jti = jws_text(o, "jti");
	as->iat = as->nbf = -1;
	if (as->iss.len == 0 || as->sub.len == 0)
		return "iss or sub is missing or no text";
	if (as->aud.len == 0)
		return "aud is missing or not one text";
	if (as->jti.len == 0 || as->jti.len > ASSERTION_JTI_MAX)
		return "jti is missing, no text or too long";
	if (!jws_time(o, "exp", &as->exp))
		return "exp is missing or no whole number of seconds";
	if (json_object_get(o, "iat") != NULL &&
	    !jws_time(o, "iat", &as->iat))
		return "iat is no whole number of seconds";
	if (json_object_get(o, "nbf") != NULL &&
	    !jws_time(o, "nbf", &as->nbf))
		return "nbf is no whole number of seconds";
	as->keep_s = as->exp + ASSERTION_SKEW_S;
	return NULL;
}

static const char *
read_header(struct assertion *as)
{
	static const char *const refused[] = { "jwk", "x5u", "x5c" };
	const json_t *h = as->jws.header;
	size_t i;

	for (i = 0; i < N_ELEM(refused); i++)
		if (json_object_get(h, refused[i]) != NULL)
			return "the header brings a key: only registered "
			    "keys count";
	if (as->jws.alg != JWK_RS384 && as->jws.alg != JWK_ES384)
		return "alg is neither RS384 nor ES384";
	/* SMART says typ JWT; clients of the first years leave it out. */
	if (json_object_get(h, "typ") != NULL &&
	    !jws_typ_is(&as->jws, "JWT"))
		return "typ in the header is not JWT";
	if (as->jws.kid.len == 0)
		return "kid in the header is missing";
	as->jku = jws_text(h, "jku");
	if (json_object_get(h, "jku") != NULL && as->jku.len == 0)
		return "jku in the header is no text";
	return NULL;
}

enum err
assertion_parse(struct arena *a, struct bytes text, struct assertion *out,
    const char **why_out)
{
	struct assertion as = { .exp = 0 };
	const char *why;
	enum err e;

	e = jws_parse(a, text, ASSERTION_MAX, &as.jws, why_out);
	if (e != OK)
		return e;
	why = read_header(&as);
	if (why == NULL)
		why = read_claims(as.jws.payload, &as);
	if (why != NULL) {
		*why_out = why;
		return ERR_SYNTAX;
	}
	*out = as;
	return OK;
}

static bool
one_of(struct bytes text, const struct bytes *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_eq(text, list[i]))
			return true;
	return false;
}

static const char *
check(const struct assertion *as, const struct assertion_want *want)
{
	int64_t now = want->now.ms / 1000;

	if (want->client.len == 0 || !bytes_eq(as->iss, want->client) ||
	    !bytes_eq(as->sub, want->client))
		return "iss and sub are not both the client_id";
	if (!one_of(as->aud, want->aud, want->n_aud))
		return "aud is not this server";
	if (as->jku.len > 0 && !bytes_eq(as->jku, want->jku))
		return "jku is not the registered one";
	if (as->exp <= now)
		return "it has expired";
	if (as->exp > now + ASSERTION_LIFE_S)
		return "exp lies more than five minutes ahead";
	if (as->iat > now + ASSERTION_SKEW_S ||
	    as->nbf > now + ASSERTION_SKEW_S)
		return "iat or nbf lies in the future";
	return NULL;
}

enum err
assertion_check(const struct assertion *as,
    const struct assertion_want *want, const char **why_out)
{
	const char *why = check(as, want);

	if (why == NULL)
		return OK;
	*why_out = why;
	return ERR_LOGIN;
}

enum err
assertion_verify(const struct assertion *as, const struct jwk *set, size_t n,
    const struct jwk_engine *engine, const char **why_out)
{
	const struct jwk *k = jwk_find(set, n, as->jws.kid);

	*why_out = "kid names no registered key";
	if (k == NULL)
		return ERR_LOGIN;
	*why_out = "alg is not that of the key";
	if (k->alg != as->jws.alg)
		return ERR_LOGIN;
	*why_out = "the signature does not fit";
	return jwk_verify(engine, k, as->jws.input, as->jws.sig) ? OK :
	    ERR_LOGIN;
}
