/* SPDX-License-Identifier: Apache-2.0 */
/*
 * introspect.c -- tokens asked about, and taken back.  (L3)
 *
 * A client learns of its own tokens and of nobody else's: what is another's
 * is answered as what never was (TKE-14, TKE-15).
 *
 * Spec: RFC 7009, RFC 7662, OpenID Connect Core 5.3, RFC 7517.
 */
#include <inttypes.h>

#include "auth/smart_in.h"
#include "base/text.h"

struct found {
	bool			refresh;
	struct bytes		grant_id;
	struct safe_grant	grant;
	struct bytes		scope;
	int64_t			iat, exp;
	struct bytes		jkt;
};

/* --- whose token is it? ----------------------------------------------- */

/* Not the patient's rights at this moment: whether the token counts. */
static const char *
fallen(const struct claims *cl, const struct grant *g,
    const struct user *u, bool client_on, struct instant now)
{
	if (g->revoked.ms != 0 || now.ms >= g->expires.ms)
		return "the grant is over";
	if (!bytes_eq(g->user, cl->sub) || !bytes_eq(g->client, cl->client))
		return "the grant is another's";
	if (!u->enabled || (u->epoch_s != 0 && cl->iat <= u->epoch_s))
		return "the user is disabled, or changed the password";
	return client_on ? NULL : "the client is disabled";
}

enum err
token_stands(struct smart *s, struct smart_call *c, struct bytes token,
    struct claims *claims_out, struct grant *grant_out)
{
	const char *why = NULL;
	struct claims cl;
	struct grant g;
	struct user u;
	struct txn *t;
	bool on;
	enum err e;

	e = txn_read(s->g->env, c->a, &t);
	if (e != OK)
		return e;
	e = guard_verify(s->g, c->a, t, token, &cl, &why);
	txn_end(t);
	if (e == OK && claims_time(&cl, c->now, s->g->life_s) != NULL)
		e = ERR_LOGIN;
	if (e == OK)
		e = stand_grant(s, c, cl.grant, &g);
	if (e == OK)
		e = stand_user(s, c, cl.sub, &u);
	if (e == OK)
		e = stand_client(s, c, cl.client, &on);
	if (e == OK && fallen(&cl, &g, &u, on, c->now) != NULL)
		e = ERR_LOGIN;
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_LOGIN : e;
	*claims_out = cl;
	*grant_out = g;
	return OK;
}

static enum err
find_grant(struct smart *s, struct smart_call *c, struct bytes id,
    struct found *out)
{
	out->grant_id = id;
	return smart_record(s, c, SDB_GRANT, id, &out->grant);
}

static enum err
find_refresh(struct smart *s, struct smart_call *c,
    const uint8_t hash[static SAFE_HASH], struct found *out)
{
	struct safe_refresh r;
	struct grant g;
	struct txn *t;
	struct bytes id;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return e;
	e = safe_get(t, SDB_REFRESH, hash_key(hash), &r);
	if (e == OK)
		id = arena_copy(c->a, r.grant);
	txn_end(t);
	if (e == OK && (r.used.ms != 0 || c->now.ms >= r.expires.ms))
		e = ERR_NOTFOUND;
	if (e == OK)
		e = find_grant(s, c, id, out);
	if (e == OK)
		e = stand_grant(s, c, id, &g);
	if (e == OK && g.revoked.ms != 0)
		e = ERR_NOTFOUND;
	if (e != OK)
		return e;
	out->refresh = true;
	out->scope = out->grant.scope;
	out->jkt = out->grant.jkt;
	out->iat = out->grant.used.ms / 1000;
	out->exp = r.expires.ms / 1000;
	return OK;
}

/* A token of this client that counts now. err ERR_NOTFOUND */
static enum err
find(struct smart *s, struct smart_call *c, struct bytes token,
    struct bytes client, struct found *out)
{
	struct found f = { .refresh = false };
	uint8_t hash[SAFE_HASH];
	struct claims cl;
	struct grant g;
	enum err e;

	if (smart_hash("tsr_", token, hash)) {
		e = find_refresh(s, c, hash, &f);
	} else {
		e = token_stands(s, c, token, &cl, &g);
		if (e == ERR_LOGIN)
			return ERR_NOTFOUND;
		if (e == OK)
			e = find_grant(s, c, cl.grant, &f);
		f.scope = cl.scope;
		f.jkt = cl.jkt;
		f.iat = cl.iat;
		f.exp = cl.exp;
	}
	if (e == OK && client.len > 0 && !bytes_eq(f.grant.client, client))
		e = ERR_NOTFOUND;
	if (e == OK)
		*out = f;
	return e;
}

/* --- introspection ---------------------------------------------------- */

static void
describe(struct smart *s, struct smart_call *c, const struct found *f,
    struct buf *b)
{
	struct safe_user u;

	buf_str(b, "{\"active\":true");
	buf_json_member(b, "scope", f->scope);
	buf_json_member(b, "client_id", f->grant.client);
	buf_json_member(b, "sub", f->grant.user);
	buf_json_member(b, "username", f->grant.user);
	buf_json_member(b, "iss", s->iss);
	if (!f->refresh)
		buf_json_member(b, "aud", s->base);
	buf_json_member(b, "token_type", bytes_str(f->refresh ?
	    "refresh_token" : f->jkt.len > 0 ? "DPoP" : "Bearer"));
	buf_printf(b, ",\"iat\":%" PRId64 ",\"exp\":%" PRId64, f->iat,
	    f->exp);
	buf_json_member(b, "patient", f->grant.ctx.patient);
	buf_json_member(b, "encounter", f->grant.ctx.encounter);
	buf_json_member(b, "intent", f->grant.ctx.intent);
	if ((words_have(f->scope, "fhirUser") ||
	    words_have(f->scope, "profile")) &&
	    smart_record(s, c, SDB_USER, f->grant.user, &u) == OK)
		buf_json_member(b, "fhirUser", user_url(s, c, &u));
	if (f->jkt.len > 0) {
		buf_str(b, ",\"cnf\":{\"jkt\":");
		buf_json(b, f->jkt);
		buf_str(b, "}");
	}
	buf_str(b, "}");
}

enum err
smart_introspect(struct smart *s, struct smart_call *c,
    const struct smart_post *p, struct buf *json_out)
{
	const struct bytes token = param_get(p->pair, p->n, "token");
	struct caller who;
	struct found f;
	enum err e;

	e = caller_find(s, c, p, &who);
	if (e == OK && !who.proved) {
		c->error.challenge = true;
		e = smart_fail(c, ERR_LOGIN, FAULT_CLIENT, NULL,
		    "only clients that prove who they are may ask");
	}
	if (e == OK && token.len == 0)
		e = smart_fail(c, ERR_USAGE, FAULT_REQUEST, "token",
		    "is missing");
	if (e == OK)
		e = find(s, c, token, who.id, &f);
	if (e == ERR_NOTFOUND) {
		buf_str(json_out, "{\"active\":false}");
		return OK;
	}
	if (e == OK)
		describe(s, c, &f, json_out);
	return smart_end(c, e);
}

/* --- revocation ------------------------------------------------------- */

/* Reading: whichever of its tokens is given, the grant ends (RFC 7009
 * section 2.1 leaves it to us), so that what one revokes is really over. */
enum err
smart_revoke(struct smart *s, struct smart_call *c,
    const struct smart_post *p)
{
	const struct bytes token = param_get(p->pair, p->n, "token");
	struct caller who;
	struct found f;
	enum err e;

	e = caller_find(s, c, p, &who);
	/* RFC 7009 section 2.1: a public client says its client_id, others
	 * prove who they are. */
	if (e == OK && who.id.len == 0) {
		c->error.challenge = true;
		e = smart_fail(c, ERR_LOGIN, FAULT_CLIENT, NULL,
		    "the client has to say who it is: by client_id, and with "
		    "its secret or key where it has one");
	}
	if (e == OK && token.len == 0)
		e = smart_fail(c, ERR_USAGE, FAULT_REQUEST, "token",
		    "is missing");
	if (e != OK)
		return e;
	e = find(s, c, token, who.id, &f);
	if (e == ERR_NOTFOUND)
		return OK;
	if (e == OK) {
		c->grant = f.grant_id;
		c->user = f.grant.user;
		c->error.event = "grant-revoked";
		e = stand_revoke(s, f.grant_id, c->now);
	}
	return smart_end(c, e);
}

/* --- public keys ------------------------------------------------------ */

static enum err
id_keys(struct txn *t, struct buf *b, bool *first)
{
	struct safe_entry *have;
	struct safe_idkey k;
	size_t i, n = 0;
	enum err e;

	e = safe_list(t, b->arena, SDB_IDKEY, SIZE_MAX, &have, &n);
	for (i = 0; e == OK && i < n; i++) {
		e = safe_record(SDB_IDKEY, have[i].val, &k);
		if (e != OK)
			break;
		buf_str(b, *first ? "" : ",");
		buf_add(b, k.jwk);
		*first = false;
	}
	return e;
}

static enum err
access_keys(struct smart *s, struct smart_call *c, struct buf *b,
    bool *first)
{
	struct auth_key *list;
	struct jwk k = { .alg = JWK_EDDSA };
	struct key key;
	struct txn *t;
	size_t i, n;
	enum err e;

	e = auth_keys(s->g, c->a, &list, &n);
	if (e == OK)
		e = txn_read(s->g->env, c->a, &t);
	if (e != OK)
		return e;
	for (i = 0; e == OK && i < n; i++) {
		e = vault_key(t, list[i].kid, &key);
		if (e != OK || key.state != KEY_ACTIVE)
			continue;
		k.kid = list[i].kid;
		k.x = bytes_of(key.pub, sizeof key.pub);
		buf_str(b, *first ? "" : ",");
		buf_add(b, jwk_json(c->a, &k));
		*first = false;
	}
	txn_end(t);
	return e;
}

enum err
smart_jwks(struct smart *s, struct smart_call *c, struct buf *json_out)
{
	bool first = true;
	struct txn *t;
	enum err e;

	buf_str(json_out, "{\"keys\":[");
	e = smart_read(s, c, &t);
	if (e == OK) {
		e = id_keys(t, json_out, &first);
		txn_end(t);
	}
	if (e == OK)
		e = access_keys(s, c, json_out, &first);
	buf_str(json_out, "]}");
	return smart_end(c, e);
}
