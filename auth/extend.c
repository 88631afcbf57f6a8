/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extend.c -- what tiphys-fhir opens besides, where it is asked to.  (L3)
 *
 * A site without an outside issuer and without DPoP never loads GnuTLS; as
 * CGI, no request does that has no need of it.
 */
#include "auth/guard.h"

/* Could this request need RSA or ECDSA?  Where nobody knows: yes. */
static bool
wants_engine(const struct auth *g, struct arena *a, const struct conf *conf,
    const struct credentials *only)
{
	struct bytes token;
	enum login_fault fault;
	enum jwk_alg alg;
	const char *why;
	bool dpop;

	if (only == NULL)
		return true;
	if (guard_bearer(only->header, &token, &dpop, &fault, &why) != OK ||
	    token.len > g->token_max)
		return false;
	if (dpop) {
		alg = dpop_hint(a, only->proof);
		return alg != JWK_NONE && alg != JWK_EDDSA;
	}
	return conf->text[CONF_OUT_ISSUER].len > 0 && outside_is(a, token);
}

static bool
is_dpop(const struct credentials *only)
{
	struct bytes token;
	enum login_fault fault;
	const char *why;
	bool dpop = false;

	if (only == NULL)
		return true;
	return guard_bearer(only->header, &token, &dpop, &fault, &why) ==
	    OK && dpop;
}

enum err
auth_extend(struct auth *g, struct arena *a, const struct conf *conf,
    const struct credentials *only, struct instant now,
    const char **why_out)
{
	bool dpop = conf->num[CONF_DPOP] != 0;
	bool outside = conf->text[CONF_OUT_ISSUER].len > 0;
	enum err e = OK;

	*why_out = "outside-jwks without outside-issuer";
	if (!outside && conf->text[CONF_OUT_JWKS].len > 0)
		return ERR_CONFIG;
	if ((dpop || outside) && wants_engine(g, a, conf, only))
		e = jwk_open(a, &g->engine, why_out);
	/* Without an engine a CGI request has no outside token. */
	if (e == OK && outside && g->engine != NULL)
		e = outside_open(a, conf, g->engine, &g->outside, why_out);
	if (e == OK && dpop && is_dpop(only))
		e = replay_open(a, conf_below(a, conf, "replay"), NULL, now,
		    &g->replay, why_out);
	g->bound = dpop;
	return e;
}
