/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login.c -- what a request brought, in the order it is judged.  (L3)
 *
 *	header -> scheme and token -> ours (access.c) | an outside issuer's
 *	       -> bound to a key? then scheme DPoP and its proof, used once
 *
 * The proof comes last: only who holds a good token can make us verify one
 * and write to replay/.
 */
#include <sodium.h>

#include "auth/guard.h"
#include "auth/scope.h"

static enum err
refuse(const char **why_out, const char *why)
{
	*why_out = why;
	return ERR_LOGIN;
}

/* --- tokens of the outside issuer ---------------------------------------- */

/* There is no grant to meet with: the token's own scope, and the rights. */
static enum err
build(struct arena *a, const struct auth *g, struct seen *s,
    const char **why_out)
{
	struct issues is = issues_on(a);
	const struct claims *c = &s->claims;
	const struct rights rights = { .reach = g->outside->rights,
	    .zone = g->zone, .urls = g->urls };
	struct scope_set set;
	enum err e;

	if (scope_parse(c->scope, &is, &set) != OK)
		return refuse(why_out, is.first != NULL ? is.first->text :
		    "the scope is malformed");
	scope_limit(&set, rights.reach);
	/* Z05, TOK-24 */
	e = scope_view(a, &set, c->patient, &rights, &s->view);
	if (e != OK)
		return refuse(why_out, scope_view_why(e));
	scope_seal(&s->view, c->sub, c->client);
	return OK;
}

static enum err
judge_outside(struct auth *g, struct arena *a, struct bytes token,
    struct instant now, struct seen **seen_out, const char **why_out)
{
	uint8_t hash[CACHE_HASH_LEN];
	const char *why;
	struct seen *s;
	enum err e = OK;
	bool fresh;

	crypto_generichash(hash, sizeof hash, token.p, token.len, NULL, 0);
	s = cache_find(g->cache, a, hash);
	fresh = s == NULL || !s->outside;
	if (fresh) {
		s = arena_alloc(a, sizeof *s);
		memcpy(s->hash, hash, sizeof hash);
		s->outside = true;
		e = outside_verify(g->outside, a, token, g->token_max,
		    &s->claims, why_out);
	}
	if (e != OK)
		return e;
	why = claims_time(&s->claims, now, g->life_s);
	if (why != NULL) {
		cache_drop(g->cache, hash);
		return refuse(why_out, why);
	}
	if (fresh || s->view.n_rule == 0)
		e = build(a, g, s, why_out);
	if (fresh && e == OK)
		guard_remember(g->cache, s);
	*seen_out = s;
	return e;
}

/* --- tokens of ours ------------------------------------------------------ */

static enum err
judge_own(struct auth *g, struct arena *a, struct bytes token,
    struct instant now, struct seen **seen_out, const char **why_out)
{
	struct txn *t;
	enum err e = txn_read(g->env, a, &t);

	if (e != OK)
		return e;
	e = guard_judge(g, a, t, token, now, seen_out, why_out);
	txn_end(t);
	return e;
}

/* --- proofs -------------------------------------------------------------- */

/* The proof fits the request, is of the token's key, and was not used. */
static enum err
prove(struct auth *g, struct arena *a, const struct credentials *in,
    struct bytes token, const struct claims *c, struct instant now,
    const char **why_out)
{
	const struct dpop_want want = { .method = in->method,
	    .url = in->url, .token = token, .now = now };
	struct dpop d;
	enum err e;

	if (in->proof.len == 0)
		return refuse(why_out, "there is no DPoP header");
	e = dpop_check(a, in->proof, &want, g->engine, &d, why_out);
	if (e != OK)
		return e;
	if (!bytes_is(c->jkt, d.jkt))
		return refuse(why_out, "the proof is by another key than "
		    "the token's");
	return replay_use(g->replay, &d, now, why_out);
}

/* Scheme and token have to agree on whether it is bound (DPO-01). */
static enum err
check_binding(const struct auth *g, bool dpop, const struct claims *c,
    const char **why_out)
{
	if (c->jkt.len == 0 && !dpop)
		return OK;
	if (c->jkt.len == 0)
		return refuse(why_out, "the scheme is DPoP, the token is "
		    "bound to no key");
	if (!dpop)
		return refuse(why_out, "the token is bound to a key: it "
		    "wants the scheme DPoP and a proof");
	if (!g->bound || g->replay == NULL)
		return refuse(why_out, "tokens bound to a key are taken "
		    "where dpop = yes alone");
	return OK;
}

/* --- all of it ----------------------------------------------------------- */

static enum err
login(struct auth *g, struct arena *a, const struct credentials *in,
    struct instant now, enum login_fault *fault_out, struct seen **seen_out,
    const char **why_out)
{
	struct bytes token;
	bool dpop = false;
	enum err e;

	*fault_out = LOGIN_OK;
	e = guard_bearer(in->header, &token, &dpop, fault_out, why_out);
	if (e != OK)
		return e;
	*fault_out = LOGIN_INVALID;
	if (g->outside != NULL && token.len <= g->token_max &&
	    outside_is(a, token))
		e = judge_outside(g, a, token, now, seen_out, why_out);
	else
		e = judge_own(g, a, token, now, seen_out, why_out);
	if (e == OK)
		e = check_binding(g, dpop, &(*seen_out)->claims, why_out);
	if (e != OK || !dpop)
		return e;
	*fault_out = LOGIN_PROOF;
	return prove(g, a, in, token, &(*seen_out)->claims, now, why_out);
}

enum err
auth_login_bound(struct auth *g, struct arena *a,
    const struct credentials *in, struct instant now,
    enum login_fault *fault_out, struct login *login_out)
{
	struct login l = { .why = NULL };
	struct seen *s = NULL;
	enum err e = login(g, a, in, now, fault_out, &s, &l.why);

	if (e == OK) {
		*fault_out = LOGIN_OK;
		l = (struct login){ .view = &s->view,
		    .grant = s->claims.grant, .client = s->claims.client,
		    .user = s->claims.sub, .patient = s->claims.patient,
		    .scope = s->claims.scope,
		    .expires = { s->claims.exp * 1000 } };
	}
	*login_out = l;
	return e;
}

enum err
auth_login(struct auth *g, struct arena *a, struct bytes header,
    struct instant now, enum login_fault *fault_out,
    struct login *login_out)
{
	const struct credentials in = { .header = header };

	return auth_login_bound(g, a, &in, now, fault_out, login_out);
}
