/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refresh.c -- refresh tokens: each works once, and gives the next.  (L3)
 *
 * Two parties with the same token cannot both be the client, so the second
 * use ends the whole family.
 *
 * Spec: RFC 6749 section 6, RFC 9700 section 4.14; interop 1 to 3.  Attacks
 * TKE-07 to TKE-10.
 */
#include "auth/redeem.h"

#define GRACE_MS	10000

/*
 * An answer may be lost between us and the client.  Within ten seconds one
 * who proves who he is (a secret, a key, a DPoP key) may ask again, as long
 * as nobody has used the successor.
 */
static bool
grace(struct txn *t, const struct redeem *w, const struct safe_refresh *r)
{
	struct safe_refresh next;

	return w->c->now.ms >= r->used.ms &&
	    w->c->now.ms - r->used.ms < GRACE_MS &&
	    (w->who.proved || w->grant.jkt.len > 0) &&
	    safe_get(t, SDB_REFRESH, hash_key(w->grant.refresh), &next) ==
	    OK && next.used.ms == 0;
}

/* The session an online grant lives with. */
static bool
session_lives(struct txn *t, struct redeem *w)
{
	struct person p;

	return session_find(w->s, w->c, t, w->grant.session, &p) == OK &&
	    !p.session.pending && bytes_eq(p.name, w->grant.user);
}

/* Does the grant still stand, for this client, and this key? */
static enum err
check_grant(struct txn *t, struct redeem *w)
{
	struct grant g;
	enum err e;

	e = stand_grant(w->s, w->c, w->grant_id, &g);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (e == ERR_NOTFOUND || g.revoked.ms != 0 ||
	    w->c->now.ms >= w->grant.expires.ms)
		return redeem_refuse(w->c, "grant-over",
		    "the refresh token is not valid any more");
	e = redeem_user(t, w);
	if (e != OK)
		return e;
	if (w->grant.online && !session_lives(t, w))
		return redeem_refuse(w->c, "grant-over",
		    "the person has signed out");
	if (!bytes_eq(w->grant.jkt, w->jkt) && w->grant.jkt.len > 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_PROOF, "DPoP",
		    "the token is bound to a key; send a proof by it");
	return OK;
}

static enum err
narrower(struct redeem *w, struct bytes *scope_out)
{
	const struct bytes asked = param_get(w->p->pair, w->p->n, "scope");

	if (asked.len == 0)
		return redeem_registered(w, w->grant.scope, scope_out);
	if (!words_within(w->c->a, asked, w->grant.scope))
		return smart_fail(w->c, ERR_USAGE, FAULT_SCOPE, "scope",
		    "is more than was granted");
	return redeem_registered(w, asked, scope_out);
}

/*
 * What came, and (after a lost answer) the successor nobody received: of one
 * family one token is good at a time.
 */
static enum err
use_up(struct txn *t, struct redeem *w)
{
	const struct bytes key[] = { hash_key(w->hash),
	    hash_key(w->grant.refresh) };
	struct safe_refresh r;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < N_ELEM(key); i++) {
		e = safe_get(t, SDB_REFRESH, key[i], &r);
		if (e != OK)
			return e;
		safe_keep(w->c->a, SDB_REFRESH, &r);
		r.used = w->c->now;
		e = safe_put(t, w->c->a, SDB_REFRESH, key[i], &r);
	}
	return e;
}

static enum err
write_refresh(struct txn *t, void *arg)
{
	struct redeem *w = arg;
	struct safe_refresh r;
	struct bytes scope;
	enum err e;

	w->reused = false;
	e = safe_get(t, SDB_REFRESH, hash_key(w->hash), &r);
	if (e == OK)
		e = redeem_load(t, w, r.grant);
	if (e == ERR_NOTFOUND || (e == OK && !bytes_eq(w->grant.client,
	    w->client_id)))
		return redeem_refuse(w->c, e == OK ?
		    "refresh-of-another-client" : NULL,
		    "the refresh token is not valid");
	if (e != OK)
		return e;
	if (r.used.ms != 0 && !grace(t, w, &r)) {
		w->reused = true;
		return redeem_refuse(w->c, "refresh-reuse",
		    "the refresh token is not valid");
	}
	if (w->c->now.ms >= r.expires.ms)
		return redeem_refuse(w->c, NULL,
		    "the refresh token is too old");
	e = check_grant(t, w);
	if (e == OK)
		e = narrower(w, &scope);
	if (e == OK)
		e = redeem_once(t, w);
	if (e != OK)
		return e;
	e = use_up(t, w);
	return e == OK ? redeem_give(t, w, scope, bytes_of(NULL, 0)) : e;
}

/* Interop 1: a public client may not say who it is; its token does. */
static enum err
whose_refresh(struct redeem *w)
{
	struct safe_refresh r;
	struct safe_grant g;
	struct txn *t;
	enum err e;

	if (w->who.id.len > 0) {
		w->client_id = w->who.id;
		w->client = w->who.client;
		return OK;
	}
	e = smart_read(w->s, w->c, &t);
	if (e != OK)
		return e;
	e = safe_get(t, SDB_REFRESH, hash_key(w->hash), &r);
	if (e == OK)
		e = safe_get(t, SDB_GRANT, r.grant, &g);
	if (e == OK)
		w->client_id = arena_copy(w->c->a, g.client);
	txn_end(t);
	if (e == OK)
		e = client_find(w->s, w->c, w->client_id, &w->client);
	if (e == ERR_NOTFOUND)
		return redeem_refuse(w->c, NULL,
		    "the refresh token is not valid");
	if (e == OK && w->client.type != CLIENT_PUBLIC)
		return smart_fail(w->c, ERR_LOGIN, FAULT_CLIENT, NULL,
		    "this client has to prove who it is");
	return e;
}

enum err
redeem_refresh(struct redeem *w)
{
	const struct bytes token = param_get(w->p->pair, w->p->n,
	    "refresh_token");
	enum err e, ended;

	if (token.len == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_REQUEST,
		    "refresh_token", "is missing");
	if (!smart_hash("tsr_", token, w->hash))
		return redeem_refuse(w->c, NULL,
		    "the refresh token is not valid");
	e = whose_refresh(w);
	if (e != OK)
		return e;
	w->c->client = w->client_id;
	if ((w->client.flags & CLIENT_REFRESH) == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_UNAUTHORIZED, NULL,
		    "this client is not registered for this grant type");
	e = smart_write(w->s, w->c, write_refresh, w);
	if (!w->reused)
		return e;
	ended = stand_revoke(w->s, w->grant_id, w->c->now);
	w->c->grant = w->grant_id;
	return ended == OK ? e : ended;
}
