/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mint.c -- the tool makes tokens, and takes grants back.  (L3)
 *
 * Until there is an authorization server, who may run the tool may grant
 * anything: a token for user/ or system/ scopes gives its user the rights
 * over all patients, in the user's record, so that the same check at each
 * request holds for every token.  A user whose record says patient is never
 * raised.
 */
#include "auth/guard.h"
#include "auth/keys.h"
#include "auth/scope.h"
#include "base/text.h"
#include "fhir/json.h"

#define ID_LEN	16	/* random bytes of a grant id, and of a jti */

/* --- checks ------------------------------------------------------------- */

static enum err
check_scope(const struct auth *g, struct arena *a, const struct mint *m,
    struct issues *is, struct scope_set *set_out)
{
	const struct rights all = { .reach = REACH_ALL, .zone = g->zone,
	    .urls = g->urls };
	struct view view;
	enum err e;

	e = scope_parse(m->scope, is, set_out);
	if (e != OK)
		return e;
	if (set_out->contexts == 0)
		return issue_add(is, ERR_VALUE, "scope-none", "scope",
		    "gives no access to any resource; name at least one, "
		    "as patient/*.read");
	/* Z05; rights are those the grant will give. */
	return auth_scope(a, m->scope, m->patient, &all, is, &view);
}

static enum err
check_ask(const struct auth *g, const struct mint *m, struct bytes user,
    struct issues *is)
{
	if (g->mode == AUTH_READ)
		return ERR_BUG;
	if (!claims_name_ok(user))
		return issue_add(is, ERR_VALUE, "user-name", "user",
		    "is 1 to %d bytes of printable text", CLAIMS_NAME_MAX);
	if (m->patient.len > 0 && !json_id_ok(m->patient))
		return issue_add(is, ERR_VALUE, "id", "patient",
		    "is the id of a Patient: letters, digits, - and .");
	if (m->ttl_s < 1 || m->ttl_s > g->life_s)
		return issue_add(is, ERR_VALUE, "access-lifetime", "ttl",
		    "is 1 to %lld seconds (access-lifetime)",
		    (long long)g->life_s);
	return OK;
}

/* --- signing ------------------------------------------------------------ */

static enum err
signing_kid(const struct auth *g, struct arena *a, struct bytes *kid_out)
{
	struct bytes kid;
	struct txn *t;
	enum err e;

	e = txn_read(g->env, a, &t);
	if (e != OK)
		return e;
	e = vault_signing(t, &kid);
	if (e == OK)
		*kid_out = arena_copy(a, kid);
	txn_end(t);
	return e;
}

enum err
guard_sign(const struct auth *g, struct arena *a, const struct claims *c,
    struct issues *is, struct bytes *token_out)
{
	const uint8_t *secret;
	struct bytes kid, token;
	enum err e;

	e = signing_kid(g, a, &kid);
	if (e == ERR_NOTFOUND)
		return issue_add(is, ERR_CONFIG, "signing-key", "keys/",
		    "there is no signing key; make one with \"tiphys key "
		    "new\"");
	if (e != OK)
		return e;
	e = keys_read(a, g->keys, kid, &secret);
	if (e == ERR_NOTFOUND || e == ERR_CONFIG)
		return issue_add(is, ERR_CONFIG, "signing-key",
		    arena_printf(a, "keys/%.*s.jwk", BYTES_FMT(kid)),
		    "the signing key is missing, open to others or "
		    "changed; restore it, or make another with \"tiphys "
		    "key new\"");
	if (e != OK)
		return e;
	token = jose_sign(a, kid, claims_json(a, c), secret);
	if (token.len > g->token_max)
		return issue_add(is, ERR_TOOBIG, "token-bytes", "scope",
		    "the token would be longer than token-bytes (%zu); ask "
		    "for fewer scopes", g->token_max);
	*token_out = token;
	return OK;
}

/* --- the grant ---------------------------------------------------------- */

struct record {			/* what write_grant needs and says */
	const struct claims	*claims;
	struct instant		 now;
	bool			 wide;	/* user/ or system/ scopes */
	const char		*why;	/* of ERR_FORBIDDEN */
};

/* The user as it has to be for this grant. */
static enum err
settle_user(struct txn *t, struct record *r)
{
	struct user u;
	enum err e;

	e = vault_user(t, r->claims->sub, &u);
	if (e == ERR_NOTFOUND) {
		u = (struct user){ .enabled = true,
		    .kind = USER_PRACTITIONER,
		    .rights = r->wide ? REACH_ALL : REACH_NONE };
		return vault_put_user(t, r->claims->sub, &u);
	}
	if (e != OK)
		return e;
	r->why = "the user is disabled";
	if (!u.enabled)
		return ERR_FORBIDDEN;
	if (!r->wide || u.rights == REACH_ALL)
		return OK;
	r->why = "the user is a patient, to whom user/ and system/ scopes "
	    "give nothing; use patient/ scopes";
	if (u.kind == USER_PATIENT)
		return ERR_FORBIDDEN;
	u.rights = REACH_ALL;
	return vault_put_user(t, r->claims->sub, &u);
}

static enum err
write_grant(struct txn *t, void *arg)
{
	struct record *r = arg;
	const struct claims *c = r->claims;
	const struct grant grant = { .client = c->client, .user = c->sub,
	    .patient = c->patient, .scope = c->scope, .created = r->now,
	    .expires = { c->exp * 1000 } };
	bool enabled = false;
	enum err e;

	e = vault_client(t, c->client, &enabled);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	r->why = "the client tiphys-cli is disabled";
	if (!enabled)
		return ERR_FORBIDDEN;
	e = settle_user(t, r);
	if (e != OK)
		return e;
	return vault_put_grant(t, c->grant, &grant);
}

/*
 * A token of the very second a password was changed is dead (vault.h): one
 * made right after it is dated a second later, which CLAIMS_SKEW_S allows.
 */
static enum err
date(struct auth *g, struct arena *a, struct claims *c, int64_t ttl_s)
{
	struct user u;
	struct txn *t;
	enum err e;

	e = txn_read(g->env, a, &t);
	if (e != OK)
		return e;
	e = vault_user(t, c->sub, &u);
	txn_end(t);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (e == OK && u.epoch_s != 0 && c->iat <= u.epoch_s)
		c->iat = u.epoch_s + 1;
	c->exp = c->iat + ttl_s;
	return OK;
}

enum err
auth_mint(struct auth *g, struct arena *a, const struct mint *m,
    struct issues *is, struct bytes *token_out, struct bytes *grant_out)
{
	struct claims c = { .iss = g->iss, .aud = g->aud, .sub = m->user,
	    .client = bytes_str(VAULT_CLIENT), .scope = m->scope,
	    .patient = m->patient, .iat = m->now.ms / 1000 };
	struct record r = { .claims = &c, .now = m->now };
	struct scope_set set;
	struct bytes token;
	enum err e;

	if (c.sub.len == 0)
		c.sub = bytes_str(VAULT_CLIENT);
	c.grant = text_b64url(a, bytes_of(m->random, ID_LEN));
	c.jti = text_b64url(a, bytes_of(m->random + ID_LEN, ID_LEN));

	e = check_ask(g, m, c.sub, is);
	if (e == OK)
		e = check_scope(g, a, m, is, &set);
	if (e == OK)
		e = date(g, a, &c, m->ttl_s);
	if (e == OK)
		e = guard_sign(g, a, &c, is, &token);
	if (e != OK)
		return e;
	r.wide = (set.contexts & (SCOPE_USER | SCOPE_SYSTEM)) != 0;
	e = txn_write(g->env, write_grant, &r);
	if (e == ERR_FORBIDDEN)
		return issue_add(is, e, "user", "user", "%s", r.why);
	if (e != OK)
		return e;
	*token_out = token;
	*grant_out = c.grant;
	return OK;
}

/* --- taking back ---------------------------------------------------------- */

enum err
auth_token_grant(struct auth *g, struct arena *a, struct bytes token,
    struct bytes *grant_out)
{
	const char *why;
	struct claims c;
	struct txn *t;
	enum err e;

	e = txn_read(g->env, a, &t);
	if (e != OK)
		return e;
	e = guard_verify(g, a, t, token, &c, &why);
	txn_end(t);
	if (e == OK)
		*grant_out = c.grant;
	return e;
}

struct revocation {
	struct bytes	grant;
	struct instant	now;
};

static enum err
write_revoked(struct txn *t, void *arg)
{
	const struct revocation *r = arg;
	struct grant grant;
	enum err e;

	e = vault_grant(t, r->grant, &grant);
	if (e != OK || grant.revoked.ms != 0)
		return e;
	grant.revoked = r->now;
	return vault_put_grant(t, r->grant, &grant);
}

enum err
auth_revoke(struct auth *g, struct bytes grant, struct instant now)
{
	struct revocation r = { .grant = grant, .now = now };

	if (!jose_kid_ok(grant))
		return ERR_NOTFOUND;
	return txn_write(g->env, write_revoked, &r);
}
