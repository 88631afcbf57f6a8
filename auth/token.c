/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c -- the token endpoint, and codes redeemed.  (L3)
 *
 * One transaction of guard/ marks what was used, writes its successor, and
 * (in grants/, first; safe.h says why) the grant that makes tokens count.
 * What comes from the wrong client is refused and stays good for the right
 * one (interop 2); what comes a second time ends everything the first gave.
 *
 * Attacks AUZ-22 to AUZ-26, TKE-01 to TKE-13.
 */
#include <sodium.h>

#include "auth/dpop.h"
#include "auth/redeem.h"
#include "base/text.h"

#define VERIFIER_MIN	43
#define VERIFIER_MAX	128

enum err
redeem_refuse(struct smart_call *c, const char *event, const char *text)
{
	c->error.event = event;
	return smart_fail(c, ERR_USAGE, FAULT_GRANT, NULL, text);
}

/* --- proof of possession ---------------------------------------------- */

static enum err
read_proof(struct redeem *w, const struct smart_post *p)
{
	const struct dpop_want want = { .method = bytes_str("POST"),
	    .url = bytes_str(arena_printf(w->c->a, "%.*s/token",
	    BYTES_FMT(w->s->iss))), .now = w->c->now };
	const char *why;
	struct dpop d;
	enum err e;

	/* Without dpop = yes a proof is passed over, and the answer's
	 * token_type says so (RFC 9449 section 5). */
	if (p->proof.len == 0 || w->s->conf->num[CONF_DPOP] == 0) {
		if ((w->who.client.flags & CLIENT_DPOP) == 0)
			return OK;
		return smart_fail(w->c, ERR_USAGE, FAULT_PROOF, "DPoP",
		    p->proof.len == 0 ? "this client has to send a proof" :
		    "this client has to send a proof, and none is taken "
		    "here: dpop = no");
	}
	e = dpop_check(w->c->a, p->proof, &want, w->s->engine, &d, &why);
	if (e == ERR_LOGIN) {
		w->c->error.event = "proof-refused";
		return smart_fail(w->c, ERR_USAGE, FAULT_PROOF, "DPoP", why);
	}
	if (e != OK)
		return e;
	w->jkt = arena_copy(w->c->a, bytes_str(d.jkt));
	smart_digest(bytes_str("proof"), bytes_of(d.once, sizeof d.once),
	    bytes_of(NULL, 0), w->proof);
	w->proof_s = d.keep_s;
	return OK;
}

/* The proof and the assertion work once, and with this transaction. */
enum err
redeem_once(struct txn *t, struct redeem *w)
{
	enum err e;

	e = caller_once(w->c, t, &w->who);
	if (e != OK || w->proof_s == 0)
		return e;
	e = once_add(w->c, t, w->proof, bytes_of(NULL, 0),
	    (struct instant){ w->proof_s * 1000 });
	if (e != ERR_CONFLICT)
		return e;
	w->c->error.event = "proof-replayed";
	return smart_fail(w->c, ERR_USAGE, FAULT_PROOF, "DPoP",
	    "this proof was used before");
}

/* --- what both kinds of tokens need ----------------------------------- */

/* The user as when the grant was given? */
enum err
redeem_user(struct txn *t, struct redeem *w)
{
	struct safe_user u;
	struct user standing;
	enum err e;

	e = safe_get(t, SDB_USER, w->grant.user, &u);
	if (e == OK)
		e = stand_user(w->s, w->c, w->grant.user, &standing);
	if (e == ERR_NOTFOUND || (e == OK && (!standing.enabled ||
	    u.serial != w->grant.serial)))
		return redeem_refuse(w->c, "grant-over", "the account was "
		    "disabled or changed since; sign in again");
	return e;
}

/* Fewer rights of the client count from the next token on. */
enum err
redeem_registered(struct redeem *w, struct bytes scope,
    struct bytes *scope_out)
{
	struct issues is = issues_on(w->c->a);
	struct scope_set limit;
	enum err e;

	e = scope_parse(w->client.scope, &is, &limit);
	if (e == OK)
		e = words_narrow(w->c->a, scope, &limit, w->client.scope,
		    scope_out);
	if (e != OK)
		return ERR_STORE;
	if (scope_out->len == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_SCOPE, "scope",
		    "none of it is registered for this client any more");
	return OK;
}

static enum err
put_refresh(struct txn *t, struct redeem *w)
{
	const struct safe_refresh r = { .grant = w->grant_id,
	    .expires = { w->c->now.ms +
	    w->s->conf->num[CONF_REFRESH_S] * 1000 } };
	enum err e;

	memcpy(w->grant.refresh, w->next, sizeof w->grant.refresh);
	e = safe_put(t, w->c->a, SDB_REFRESH, hash_key(w->next), &r);
	/* Kept to its grant's end: an old one must still be known as used. */
	return e == OK ? safe_due(t, SDB_REFRESH, hash_key(w->next),
	    w->grant.expires) : e;
}

/* Tokens signed, then what makes them count: grants/, guard/. */
enum err
redeem_give(struct txn *t, struct redeem *w, struct bytes scope,
    struct bytes nonce)
{
	const struct issue_in in = { .grant_id = w->grant_id,
	    .grant = &w->grant, .scope = scope, .nonce = nonce,
	    .ttl_s = w->s->conf->num[CONF_ACCESS_S], .jti = w->jti };
	const bool again = (w->grant.offline || w->grant.online) &&
	    (w->client.flags & CLIENT_REFRESH) != 0;
	enum err e;

	e = issue_tokens(w->s, w->c, t, &in, &w->tokens);
	if (e == OK && again)
		e = put_refresh(t, w);
	if (e != OK)
		return e;
	if (again)
		w->tokens.refresh = w->refresh;
	w->grant.used = w->c->now;
	w->c->user = w->grant.user;
	w->c->grant = w->grant_id;
	return safe_put(t, w->c->a, SDB_GRANT, w->grant_id, &w->grant);
}

enum err
redeem_load(struct txn *t, struct redeem *w, struct bytes id)
{
	enum err e;

	w->grant_id = arena_copy(w->c->a, id);
	e = safe_get(t, SDB_GRANT, w->grant_id, &w->grant);
	if (e != OK)
		return e;
	safe_keep(w->c->a, SDB_GRANT, &w->grant);
	return OK;
}

/* --- authorization_code ----------------------------------------------- */

static bool
verifier_ok(struct bytes verifier)
{
	size_t i;
	uint8_t b;

	for (i = 0; i < verifier.len; i++) {
		b = verifier.p[i];
		if (!((b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') ||
		    (b >= 'a' && b <= 'z') || b == '-' || b == '.' ||
		    b == '_' || b == '~'))
			return false;
	}
	return verifier.len >= VERIFIER_MIN && verifier.len <= VERIFIER_MAX;
}

/* RFC 7636 section 4.6; a verifier nobody asked for is a mix-up. */
static bool
pkce_ok(struct arena *a, const struct safe_code *code,
    struct bytes verifier)
{
	uint8_t sum[crypto_hash_sha256_BYTES];
	struct bytes text;

	if (code->challenge.len == 0)
		return verifier.len == 0;
	if (!verifier_ok(verifier))
		return false;
	crypto_hash_sha256(sum, verifier.p, verifier.len);
	text = text_b64url(a, bytes_of(sum, sizeof sum));
	return text.len == code->challenge.len &&
	    sodium_memcmp(text.p, code->challenge.p, text.len) == 0;
}

/* grants/ before guard/. */
static enum err
put_standing(struct redeem *w)
{
	const struct grant g = { .client = w->grant.client,
	    .user = w->grant.user, .patient = w->grant.ctx.patient,
	    .scope = w->grant.scope, .created = w->grant.created,
	    .expires = w->grant.expires };

	return stand_put_grant(w->s, w->grant_id, &g);
}

static enum err
burn(struct txn *t, struct redeem *w, struct safe_code *code)
{
	code->used = w->c->now;
	w->burnt = true;
	return safe_put(t, w->c->a, SDB_CODE, hash_key(w->hash), code);
}

static enum err
redeem_good(struct txn *t, struct redeem *w, struct safe_code *code)
{
	struct bytes scope;
	enum err e;

	e = redeem_load(t, w, code->grant);
	if (e == ERR_NOTFOUND)
		return redeem_refuse(w->c, NULL, "the code is not valid");
	if (e == OK)
		e = redeem_user(t, w);
	if (e != OK)
		return e;
	if (w->grant.jkt.len > 0 && !bytes_eq(w->grant.jkt, w->jkt))
		return smart_fail(w->c, ERR_USAGE, FAULT_PROOF, "DPoP",
		    "the proof is not by the key named in dpop_jkt");
	w->grant.jkt = w->jkt;
	w->grant.redeemed = true;
	e = redeem_registered(w, w->grant.scope, &scope);
	if (e != OK)
		return e;
	w->grant.scope = scope;
	e = redeem_once(t, w);
	if (e == OK)
		e = burn(t, w, code);
	if (e == OK)
		e = safe_due(t, SDB_GRANT, w->grant_id, (struct instant){
		    w->grant.expires.ms + SAFE_KEEP_MS });
	if (e == OK)
		e = redeem_give(t, w, scope, code->nonce);
	w->burnt = false;
	return e == OK ? put_standing(w) : e;
}

static enum err
write_code(struct txn *t, void *arg)
{
	struct redeem *w = arg;
	struct safe_code code;
	enum err e;

	w->reused = w->burnt = false;
	e = safe_get(t, SDB_CODE, hash_key(w->hash), &code);
	if (e == ERR_NOTFOUND)
		return redeem_refuse(w->c, NULL, "the code is not valid");
	if (e != OK)
		return e;
	safe_keep(w->c->a, SDB_CODE, &code);
	if (!bytes_eq(code.client, w->who.id))
		return redeem_refuse(w->c, "code-of-another-client",
		    "the code is not valid");
	w->grant_id = code.grant;
	w->reused = code.used.ms != 0;
	if (w->reused || w->c->now.ms >= code.expires.ms)
		return redeem_refuse(w->c, w->reused ? "code-reuse" : NULL,
		    "the code is not valid");
	if (!bytes_eq(code.redirect, param_get(w->p->pair, w->p->n,
	    "redirect_uri")))
		return redeem_refuse(w->c, NULL, "redirect_uri is not that "
		    "of the authorization request");
	/* One guess: a wrong verifier uses the code up. */
	if (!pkce_ok(w->c->a, &code, param_get(w->p->pair, w->p->n,
	    "code_verifier")))
		return burn(t, w, &code);
	return redeem_good(t, w, &code);
}

static enum err
by_code(struct redeem *w)
{
	const struct bytes code = param_get(w->p->pair, w->p->n, "code");
	enum err e, ended;

	if (w->who.id.len == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_REQUEST,
		    "client_id", "is missing");
	if ((w->who.client.flags & CLIENT_CODE) == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_UNAUTHORIZED, NULL,
		    "this client is not registered for this grant type");
	if (code.len == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_REQUEST, "code",
		    "is missing");
	if (!smart_hash("tsc_", code, w->hash))
		return redeem_refuse(w->c, NULL, "the code is not valid");
	w->client = w->who.client;
	e = smart_write(w->s, w->c, write_code, w);
	if (w->reused) {
		ended = stand_revoke(w->s, w->grant_id, w->c->now);
		w->c->grant = w->grant_id;
		return ended == OK ? e : ended;
	}
	if (e == OK && w->burnt)
		return redeem_refuse(w->c, "code-verifier-wrong",
		    "code_verifier does not fit");
	return e;
}

/* --- the endpoint ----------------------------------------------------- */

enum err
smart_token(struct smart *s, struct smart_call *c,
    const struct smart_post *p, struct smart_tokens *out)
{
	const struct bytes type = param_get(p->pair, p->n, "grant_type");
	struct redeem w = { .s = s, .c = c, .p = p };
	enum err e;

	e = caller_find(s, c, p, &w.who);
	if (e == OK && type.len == 0)
		e = smart_fail(c, ERR_USAGE, FAULT_REQUEST, "grant_type",
		    "is missing");
	if (e == OK)
		e = read_proof(&w, p);
	if (e != OK)
		return smart_end(c, e);
	w.jti = text_b64url(c->a, bytes_of(smart_random(c, 16), 16));
	w.refresh = smart_secret(c, "tsr_");
	(void)smart_hash("tsr_", w.refresh, w.next);
	if (bytes_is(type, "authorization_code"))
		e = by_code(&w);
	else if (bytes_is(type, "refresh_token"))
		e = redeem_refresh(&w);
	else if (bytes_is(type, "client_credentials"))
		e = redeem_backend(&w);
	else
		e = smart_fail(c, ERR_USAGE, FAULT_GRANT_TYPE, "grant_type",
		    "is authorization_code, refresh_token or "
		    "client_credentials");
	if (e == OK)
		*out = w.tokens;
	return smart_end(c, e);
}
