/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.c -- the answer of the token endpoint: signed, and as JSON.  (L3)
 *
 * Access tokens are ours (EdDSA, jose.h); id_tokens are RS256, which is what
 * OpenID Connect clients can be relied on to read.
 *
 * Spec: RFC 6749 section 5.1, OpenID Connect Core 2; SMART App Launch,
 * launch context parameters; interop 3, 9.
 */
#include <inttypes.h>

#include "auth/smart_in.h"

#define JSON_MAX	65536
#define STYLE_PATH	"/style.json"

struct bytes
user_url(struct smart *s, struct smart_call *c, const struct safe_user *u)
{
	if (u->link.len == 0)
		return bytes_of(NULL, 0);
	return bytes_str(arena_printf(c->a, "%.*s/%.*s", BYTES_FMT(s->base),
	    BYTES_FMT(u->link)));
}

/* --- id_token --------------------------------------------------------- */

static enum err
id_payload(struct smart *s, struct smart_call *c, struct txn *t,
    const struct issue_in *in, int64_t iat, struct bytes *out)
{
	const struct safe_grant *g = in->grant;
	const bool profile = words_have(in->scope, "profile");
	struct buf b = buf_on(c->a, JSON_MAX);
	struct safe_user u;
	struct bytes url;
	enum err e;

	e = safe_get(t, SDB_USER, g->user, &u);
	if (e != OK)
		return e;
	url = user_url(s, c, &u);
	buf_str(&b, "{");
	buf_json_member(&b, "iss", s->iss);
	buf_json_member(&b, "sub", g->user);
	buf_json_member(&b, "aud", g->client);
	buf_printf(&b, ",\"iat\":%" PRId64 ",\"exp\":%" PRId64
	    ",\"auth_time\":%" PRId64, iat,
	    iat + s->conf->num[CONF_ACCESS_S], g->auth_time.ms / 1000);
	buf_json_member(&b, "nonce", in->nonce);
	if (profile || words_have(in->scope, "fhirUser")) {
		buf_json_member(&b, "fhirUser", url);
		buf_json_member(&b, "profile", url);
	}
	if (profile)
		buf_json_member(&b, "name", u.display);
	buf_str(&b, "}");
	return buf_end(&b, out);
}

static enum err
sign_id(struct smart *s, struct smart_call *c, struct txn *t,
    const struct issue_in *in, int64_t iat, struct bytes *out)
{
	struct jwk_private *key;
	struct bytes kid, payload;
	enum err e;

	e = safe_meta(t, "signing", &kid);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, ERR_CONFIG, FAULT_SERVER, NULL,
		    "there is no key for id_tokens; make one with \"tiphys "
		    "key rotate\"");
	if (e == OK)
		e = id_payload(s, c, t, in, iat, &payload);
	if (e == OK)
		e = jwk_load(c->a, s->g->keys, kid, &key);
	if (e == ERR_NOTFOUND)
		e = ERR_CONFIG;
	return e == OK ? jwk_sign(c->a, key, "JWT", payload, out) : e;
}

/* --- all of it -------------------------------------------------------- */

/*
 * Tokens of the very second a password was changed are dead (vault.h); one
 * made right after it is dated a second later, which CLAIMS_SKEW_S allows.
 */
static enum err
issue_time(struct smart *s, struct smart_call *c, struct bytes name,
    int64_t *iat_out)
{
	struct user u;
	enum err e;

	e = stand_user(s, c, name, &u);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_STORE : e;
	*iat_out = c->now.ms / 1000;
	if (u.epoch_s != 0 && *iat_out <= u.epoch_s)
		*iat_out = u.epoch_s + 1;
	return OK;
}

static void
fill_context(struct smart *s, struct smart_call *c,
    const struct issue_in *in, struct smart_tokens *out)
{
	const struct safe_context *x = &in->grant->ctx;

	out->patient = x->patient;
	out->encounter = x->encounter;
	out->location = x->location;
	out->intent = x->intent;
	out->context = x->fhir;
	out->tenant = s->conf->text[CONF_TENANT];
	out->banner = x->banner > 1 || x->patient.len == 0 ? -1 : x->banner;
	if (words_have(in->grant->scope, "launch"))
		out->style_url = bytes_str(arena_printf(c->a, "%.*s%s",
		    BYTES_FMT(s->iss), STYLE_PATH));
}

enum err
issue_tokens(struct smart *s, struct smart_call *c, struct txn *t,
    const struct issue_in *in, struct smart_tokens *out)
{
	const struct safe_grant *g = in->grant;
	struct claims cl = { .iss = s->iss, .aud = s->base,
	    .sub = g->user, .client = g->client, .scope = in->scope,
	    .jti = in->jti, .grant = in->grant_id,
	    .patient = g->ctx.patient, .jkt = g->jkt };
	struct smart_tokens tk = { .dpop = g->jkt.len > 0,
	    .expires_in = in->ttl_s, .scope = in->scope, .banner = -1 };
	struct issues is = issues_on(c->a);
	enum err e;

	e = issue_time(s, c, g->user, &cl.iat);
	cl.exp = cl.iat + in->ttl_s;
	if (e == OK)
		e = guard_sign(s->g, c->a, &cl, &is, &tk.access);
	if (e == ERR_TOOBIG)
		return smart_fail(c, ERR_USAGE, FAULT_SCOPE, "scope",
		    "the token would be too long; ask for fewer scopes");
	if (e == OK && words_have(in->scope, "openid") &&
	    g->serial != 0)
		e = sign_id(s, c, t, in, cl.iat, &tk.id);
	if (e != OK)
		return e;
	fill_context(s, c, in, &tk);
	*out = tk;
	return OK;
}

void
smart_tokens_json(const struct smart_tokens *t, struct buf *out)
{
	/* Its own, because member() looks whether it is the first. */
	struct buf b = buf_on(out->arena, JSON_MAX);

	buf_str(&b, "{");
	buf_json_member(&b, "access_token", t->access);
	buf_json_member(&b, "token_type",
	    bytes_str(t->dpop ? "DPoP" : "Bearer"));
	buf_printf(&b, ",\"expires_in\":%" PRId64, t->expires_in);
	buf_json_member(&b, "scope", t->scope);
	buf_json_member(&b, "refresh_token", t->refresh);
	buf_json_member(&b, "id_token", t->id);
	buf_json_member(&b, "patient", t->patient);
	buf_json_member(&b, "encounter", t->encounter);
	buf_json_member(&b, "location", t->location);
	buf_json_member(&b, "intent", t->intent);
	buf_json_member(&b, "tenant", t->tenant);
	buf_json_member(&b, "smart_style_url", t->style_url);
	if (t->context.len > 0) {
		buf_str(&b, ",\"fhirContext\":");
		buf_add(&b, t->context);
	}
	if (t->banner >= 0)
		buf_printf(&b, ",\"need_patient_banner\":%s",
		    t->banner != 0 ? "true" : "false");
	buf_str(&b, "}");
	buf_add(out, bytes_of(b.p, b.len));
}
