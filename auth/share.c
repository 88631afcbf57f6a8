/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share.c -- what was shared with whom, and no longer.  (L3)
 *
 * A grant is listed once its tokens went out.  Whether it stands is asked of
 * grants/, which is what tiphys-fhir asks.
 */
#include "auth/smart_in.h"

#define GRANTS_MAX	1000	/* listed at most */

static enum err
is_active(struct smart *s, struct smart_call *c, struct txn *t,
    const struct safe_grant *g, struct bytes id, struct smart_grant *out)
{
	struct safe_user u;
	struct grant standing;
	enum err e;

	out->active = false;
	e = stand_grant(s, c, id, &standing);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	out->revoked = standing.revoked;
	if (standing.revoked.ms != 0 || c->now.ms >= g->expires.ms)
		return OK;
	/* A program's user is not in guard/, and changes no password. */
	e = g->serial == 0 ? OK : safe_get(t, SDB_USER, g->user, &u);
	if (e == OK)
		out->active = g->serial == 0 || u.serial == g->serial;
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
describe(struct smart *s, struct smart_call *c, struct txn *t,
    struct bytes id, struct bytes val, struct smart_grant *out)
{
	struct safe_client cl = { .name.len = 0 };
	struct safe_grant g;
	enum err e;

	e = safe_record(SDB_GRANT, val, &g);
	if (e != OK)
		return e;
	if (!g.redeemed)
		return ERR_NOTFOUND;
	safe_keep(c->a, SDB_GRANT, &g);
	e = safe_get(t, SDB_CLIENT, g.client, &cl);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	*out = (struct smart_grant){ .id = arena_copy(c->a, id),
	    .client = g.client, .client_name = arena_copy(c->a, cl.name),
	    .user = g.user, .patient = g.ctx.patient,
	    .encounter = g.ctx.encounter, .scope = g.scope,
	    .shown = g.shown, .text_version = g.text_version,
	    .offline = g.offline, .online = g.online,
	    .dpop = g.jkt.len > 0, .created = g.created, .used = g.used,
	    .expires = g.expires };
	return is_active(s, c, t, &g, out->id, out);
}

static void
newest_first(struct smart_grant *list, size_t n)
{
	struct smart_grant one;
	size_t i, j;

	for (i = 1; i < n; i++) {
		one = list[i];
		for (j = i; j > 0 &&
		    list[j - 1].created.ms < one.created.ms; j--)
			list[j] = list[j - 1];
		list[j] = one;
	}
}

static enum err
list_in(struct smart *s, struct smart_call *c, struct txn *t,
    struct bytes user, bool ended, struct smart_grant *list, size_t *n_out)
{
	struct bytes key, val;
	struct smart_grant one;
	struct cur *cur;
	size_t n = 0;
	enum err e, had;

	e = cur_open(t, SDB_GRANT, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	for (; e == OK && n < GRANTS_MAX; e = cur_next(cur, &key, &val)) {
		had = describe(s, c, t, key, val, &one);
		if (had != OK && had != ERR_NOTFOUND)
			return had;
		if (had == OK && (ended || one.active) && (user.len == 0 ||
		    bytes_eq(one.user, user)))
			list[n++] = one;
	}
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	newest_first(list, n);
	*n_out = n;
	return OK;
}

enum err
smart_grants(struct smart *s, struct smart_call *c, struct bytes user,
    bool ended, struct smart_grant **out, size_t *n_out)
{
	struct smart_grant *list = arena_array(c->a, GRANTS_MAX,
	    sizeof *list);
	struct txn *t;
	enum err e;

	e = smart_read(s, c, &t);
	if (e == OK) {
		e = list_in(s, c, t, user, ended, list, n_out);
		txn_end(t);
	}
	*out = list;
	return smart_end(c, e);
}

enum err
smart_grant_get(struct smart *s, struct smart_call *c, struct bytes id,
    struct smart_grant *out)
{
	struct bytes val;
	struct txn *t;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return smart_end(c, e);
	e = id.len == 0 ? ERR_NOTFOUND : db_get(t, SDB_GRANT, id, &val);
	if (e == OK)
		e = describe(s, c, t, id, val, out);
	txn_end(t);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, "grant",
		    "there is none of this id");
	return smart_end(c, e);
}

enum err
smart_grant_revoke(struct smart *s, struct smart_call *c, struct bytes id)
{
	struct smart_grant g;
	enum err e;

	e = smart_grant_get(s, c, id, &g);
	if (e != OK)
		return e;
	c->grant = g.id;
	c->user = g.user;
	c->client = g.client;
	c->error.event = "grant-revoked";
	return smart_end(c, stand_revoke(s, id, c->now));
}

enum err
smart_stop(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes grant)
{
	struct smart_grant g;
	struct person who;
	enum err e;

	e = smart_csrf_check(c, form);
	if (e == OK)
		e = session_person(s, c, &who);
	if (e == OK)
		e = smart_grant_get(s, c, grant, &g);
	if (e != OK)
		return e;
	if (!bytes_eq(g.user, who.name))
		return smart_fail(c, ERR_NOTFOUND, FAULT_REQUEST, "grant",
		    "there is none of this id");
	return smart_grant_revoke(s, c, grant);
}
