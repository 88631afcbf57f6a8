/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backend.c -- programs that speak for themselves.  (L3)
 *
 * SMART backend services: a signed assertion each time, system/ scopes
 * alone, five minutes, no refresh token.  More than is registered is refused
 * rather than cut (TKE-17), because nobody reads what the token says.
 * The program's user in grants/ is "service/" and its client_id, which no
 * person can be called.
 */
#include "auth/redeem.h"
#include "base/text.h"

#define BACKEND_S	300

static enum err
check_scope(struct redeem *w, struct bytes asked, struct bytes *scope_out)
{
	struct issues is = issues_on(w->c->a);
	struct scope_set set;

	if (asked.len == 0 || scope_parse(asked, &is, &set) != OK ||
	    set.contexts != SCOPE_SYSTEM)
		return smart_fail(w->c, ERR_USAGE, FAULT_SCOPE, "scope",
		    "is one or more system/ scopes");
	/* Words of a launch mean nothing here (TKE-18). */
	if (words_narrow(w->c->a, asked, &set, bytes_of(NULL, 0),
	    scope_out) != OK)
		return ERR_STORE;
	if (!words_within(w->c->a, *scope_out, w->who.client.scope))
		return smart_fail(w->c, ERR_USAGE, FAULT_SCOPE, "scope",
		    "is more than is registered for this client");
	return OK;
}

static enum err
put_service(struct redeem *w)
{
	const struct user u = { .enabled = true, .kind = USER_SERVICE,
	    .rights = REACH_ALL };
	const struct grant g = { .client = w->grant.client,
	    .user = w->grant.user, .scope = w->grant.scope,
	    .created = w->grant.created, .expires = w->grant.expires };
	struct user have;
	enum err e;

	e = stand_user(w->s, w->c, w->grant.user, &have);
	if (e == ERR_NOTFOUND)
		e = stand_put_user(w->s, w->grant.user, &u);
	return e == OK ? stand_put_grant(w->s, w->grant_id, &g) : e;
}

static enum err
write_backend(struct txn *t, void *arg)
{
	struct redeem *w = arg;
	const struct issue_in in = { .grant_id = w->grant_id,
	    .grant = &w->grant, .scope = w->grant.scope,
	    .ttl_s = (w->grant.expires.ms - w->c->now.ms) / 1000,
	    .jti = w->jti };
	enum err e;

	e = redeem_once(t, w);
	if (e == OK)
		e = safe_put(t, w->c->a, SDB_GRANT, w->grant_id, &w->grant);
	if (e == OK)
		e = safe_due(t, SDB_GRANT, w->grant_id, (struct instant){
		    w->grant.expires.ms + SAFE_KEEP_MS });
	if (e == OK)
		e = put_service(w);
	return e == OK ? issue_tokens(w->s, w->c, t, &in, &w->tokens) : e;
}

enum err
redeem_backend(struct redeem *w)
{
	const struct conf *conf = w->s->conf;
	const int64_t ttl_s = conf->num[CONF_ACCESS_S] < BACKEND_S ?
	    conf->num[CONF_ACCESS_S] : BACKEND_S;
	struct bytes scope;
	enum err e;

	if (!w->who.proved || w->who.client.type != CLIENT_KEYS ||
	    (w->who.client.flags & CLIENT_BACKEND) == 0)
		return smart_fail(w->c, ERR_USAGE, FAULT_UNAUTHORIZED, NULL,
		    "client_credentials is for clients registered for it, "
		    "with keys");
	e = check_scope(w, param_get(w->p->pair, w->p->n, "scope"), &scope);
	if (e != OK)
		return e;
	w->grant_id = text_b64url(w->c->a, bytes_of(smart_random(w->c, 16),
	    16));
	w->c->grant = w->grant_id;
	w->grant = (struct safe_grant){ .client = w->who.id,
	    .user = bytes_str(arena_printf(w->c->a, "service/%.*s",
	    BYTES_FMT(w->who.id))), .scope = scope, .redeemed = true,
	    .ctx.banner = 2, .jkt = w->jkt, .created = w->c->now,
	    .used = w->c->now,
	    .expires = { w->c->now.ms + ttl_s * 1000 } };
	return smart_write(w->s, w->c, write_backend, w);
}
