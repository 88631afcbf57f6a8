/* SPDX-License-Identifier: Apache-2.0 */
/*
 * userinfo.c -- who the person behind an access token is.  (L3)
 *
 * A token bound to a key is taken here as at tiphys-fhir: with the scheme
 * DPoP and a proof by that key, used once.
 *
 * Spec: OpenID Connect Core 5.3; RFC 9449 section 7.
 */
#include "auth/dpop.h"
#include "auth/smart_in.h"
#include "base/text.h"

static enum err
bad_token(struct smart_call *c)
{
	return smart_fail(c, ERR_LOGIN, FAULT_TOKEN, NULL,
	    "an access token with the scope openid is needed, by the "
	    "scheme Bearer, or DPoP where it is bound to a key");
}

static enum err
bad_proof(struct smart_call *c, const char *why)
{
	c->error.event = "proof-refused";
	c->error.dpop = true;
	return smart_fail(c, ERR_LOGIN, FAULT_TOKEN, "DPoP", why);
}

struct proving {
	struct smart_call	*c;
	uint8_t			 once[SAFE_HASH];
	struct instant		 until;
};

static enum err
write_once(struct txn *t, void *arg)
{
	const struct proving *w = arg;

	return once_add(w->c, t, w->once, bytes_of(NULL, 0), w->until);
}

static enum err
prove(struct smart *s, struct smart_call *c, const struct smart_post *p,
    struct bytes token, struct bytes jkt)
{
	const struct dpop_want want = { .method = p->method, .token = token,
	    .url = bytes_str(arena_printf(c->a, "%.*s/userinfo",
	    BYTES_FMT(s->iss))), .now = c->now };
	struct proving w = { .c = c };
	const char *why;
	struct dpop d;
	enum err e;

	if (p->proof.len == 0)
		return bad_proof(c, "there is no DPoP header");
	e = dpop_check(c->a, p->proof, &want, s->engine, &d, &why);
	if (e == ERR_LOGIN)
		return bad_proof(c, why);
	if (e != OK)
		return e;
	if (!bytes_is(jkt, d.jkt))
		return bad_proof(c, "the proof is by another key than the "
		    "token's");
	smart_digest(bytes_str("proof"), bytes_of(d.once, sizeof d.once),
	    bytes_of(NULL, 0), w.once);
	w.until.ms = d.keep_s * 1000;
	e = smart_write(s, c, write_once, &w);
	return e == ERR_CONFLICT ? bad_proof(c, "the proof was used before") :
	    e;
}

/* Scheme and token have to agree on whether it is bound (DPO-01). */
static enum err
token_of(struct smart *s, struct smart_call *c, const struct smart_post *p,
    struct claims *out)
{
	struct bytes scheme, token;
	struct grant grant;
	bool dpop;
	enum err e;

	bytes_cut(p->header, ' ', &scheme, &token);
	dpop = text_caseeq(scheme, bytes_str("DPoP"));
	if (!dpop && !text_caseeq(scheme, bytes_str("Bearer")))
		return bad_token(c);
	e = token_stands(s, c, token, out, &grant);
	if (e == ERR_LOGIN)
		return bad_token(c);
	if (e != OK)
		return e;
	if (dpop != (out->jkt.len > 0) || !words_have(out->scope, "openid"))
		return bad_token(c);
	return dpop ? prove(s, c, p, token, out->jkt) : OK;
}

enum err
smart_userinfo(struct smart *s, struct smart_call *c,
    const struct smart_post *p, struct buf *json_out)
{
	struct claims cl;
	struct safe_user u;
	enum err e;

	e = token_of(s, c, p, &cl);
	if (e == OK)
		e = smart_record(s, c, SDB_USER, cl.sub, &u);
	/* A token of the tool's has a user of no record. */
	if (e == ERR_NOTFOUND)
		return bad_token(c);
	if (e != OK)
		return smart_end(c, e);
	c->user = cl.sub;
	buf_str(json_out, "{\"sub\":");
	buf_json(json_out, cl.sub);
	if (words_have(cl.scope, "profile"))
		buf_json_member(json_out, "name", u.display);
	if (words_have(cl.scope, "profile") ||
	    words_have(cl.scope, "fhirUser")) {
		buf_json_member(json_out, "fhirUser", user_url(s, c, &u));
		buf_json_member(json_out, "profile", user_url(s, c, &u));
	}
	buf_str(json_out, "}");
	return OK;
}
