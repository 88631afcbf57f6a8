/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manage.c -- an app that registered itself looks after that.  (L3)
 *
 * By the token it was given then: read what is registered, put other
 * metadata in its place, or end it.  A client that does not exist and a token
 * that does not fit are one answer.  What it ends is disabled and not
 * forgotten: an id is never given twice, and its grants end with it.
 *
 * Spec: RFC 7592.  Attacks TKE-21, TKE-22.
 */
#include <sodium.h>

#include "auth/register.h"
#include "base/text.h"

static const uint8_t none[SAFE_HASH];

static enum err
refuse(struct smart_call *c)
{
	c->error.event = "registration-refused";
	return smart_fail(c, ERR_LOGIN, FAULT_TOKEN, NULL,
	    "the token is not the one that was given when this client "
	    "registered itself");
}

/* The client as it stands, if it is enabled and the token is its own. */
static enum err
find(struct registering *w, struct bytes header, struct bytes id,
    struct smart_client *old)
{
	struct safe_client r;
	enum err e;

	w->token = bytes_from(header, 7);
	if (!text_caseeq(bytes_sub(header, 0, 7), bytes_str("Bearer ")) ||
	    !smart_hash("tsm_", w->token, w->manage))
		return refuse(w->c);
	e = client_find(w->s, w->c, id, &r);
	if (e == OK && (sodium_memcmp(r.manage, none, sizeof none) == 0 ||
	    sodium_memcmp(r.manage, w->manage, sizeof none) != 0))
		e = ERR_NOTFOUND;
	if (e == OK)
		e = smart_client_get(w->s, w->c, id, old);
	if (e == ERR_NOTFOUND)
		return refuse(w->c);
	w->issued = old->created;
	w->c->client = id;
	return smart_end(w->c, e);
}

static const char *
method_of(const struct smart_client *cl)
{
	return cl->type == CLIENT_PUBLIC ? "none" :
	    cl->type == CLIENT_KEYS ? "private_key_jwt" :
	    "client_secret_basic";
}

/* Members that are ours to give, or that have to be as they were. */
static enum err
check_fixed(struct registering *w, const struct smart_client *old)
{
	static const char *const ours[] = { "registration_access_token",
	    "registration_client_uri", "client_secret_expires_at",
	    "client_id_issued_at", "client_secret" };
	size_t i;

	if (!bytes_eq(jws_text(w->o, "client_id"), old->id))
		return smart_fail(w->c, ERR_USAGE, FAULT_METADATA,
		    "client_id", "is this client's");
	for (i = 0; i < N_ELEM(ours); i++)
		if (json_object_get(w->o, ours[i]) != NULL)
			return smart_fail(w->c, ERR_USAGE, FAULT_METADATA,
			    ours[i], "is not the client's to set: leave it "
			    "out");
	if (w->cl.type != old->type)
		return smart_fail(w->c, ERR_USAGE, FAULT_METADATA,
		    "token_endpoint_auth_method", "stays of the kind it was "
		    "registered with; register another client");
	return OK;
}

/* What the administrator set besides is not the app's to change. */
static enum err
replace(struct registering *w, const struct smart_client *old)
{
	struct issues is = issues_on(w->c->a);

	w->cl.id = old->id;
	w->cl.publisher = old->publisher;
	w->cl.flags |= old->flags & (CLIENT_NO_PKCE | CLIENT_DPOP);
	return smart_end(w->c, smart_client_set(w->s, w->c, &w->cl, &is));
}

enum err
smart_registered(struct smart *s, struct smart_call *c, struct bytes header,
    struct bytes id, struct bytes body, struct buf *json_out)
{
	struct registering w = { .s = s, .c = c };
	struct smart_client old;
	enum err e;

	e = find(&w, header, id, &old);
	if (e != OK)
		return e;
	w.cl = old;
	w.method = method_of(&old);
	if (body.len > 0) {
		w.cl = (struct smart_client){ .n_redirect = 0 };
		e = register_read(&w, body);
		if (e == OK)
			e = check_fixed(&w, &old);
		if (e == OK)
			e = register_check(&w);
		if (e == OK)
			e = replace(&w, &old);
		if (e != OK)
			return e;
		c->error.event = "client-changed";
	}
	register_answer(&w, json_out);
	return OK;
}

enum err
smart_unregister(struct smart *s, struct smart_call *c, struct bytes header,
    struct bytes id)
{
	struct registering w = { .s = s, .c = c };
	struct smart_client old;
	enum err e;

	e = find(&w, header, id, &old);
	if (e == OK)
		e = smart_end(c, smart_client_enable(s, c, id, false));
	if (e == OK)
		c->error.event = "client-ended";
	return e;
}
