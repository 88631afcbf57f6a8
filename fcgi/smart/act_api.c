/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_api.c -- what apps call: token, revoke, introspect and others.  (L5)
 *
 * All take their parameters from a form body alone: a secret in a URL stays
 * in logs (attack TKE-02).  Cookies are not looked at by these, so no page
 * can ride on a session.
 *
 * Spec: RFC 6749 3.2, RFC 7009, RFC 7591, RFC 7662, RFC 9126; OpenID Connect
 * Core 5.3.
 */
#include "fcgi/smart/act.h"

#define KEEP_S	300	/* how long public documents may be kept */
#define REG_MAX	65536	/* bytes of a registration */

static enum err
wrong(struct call *c, enum err e, enum smart_fault fault, const char *text)
{
	struct smart_error *error = &ask_of(c)->smart.error;

	error->fault = fault;
	error->text = text;
	return e;
}

/* A client's POST, read; parameters in the query are refused. */
static enum err
post_of(struct call *c, struct smart_post *out)
{
	struct ask *ask = ask_of(c);
	enum err e;

	if (c->rq->n_pair > 0)
		return wrong(c, ERR_USAGE, FAULT_REQUEST,
		    "send all parameters in the body, none in the URL");
	e = ask_body(c);
	if (e != OK)
		return wrong(c, ERR_USAGE, FAULT_REQUEST,
		    "the body is no form in UTF-8");
	ask->smart.cookie = ask->smart.device = bytes_of(NULL, 0);
	*out = (struct smart_post){ .header = c->rq->var[VAR_AUTH],
	    .proof = c->rq->var[VAR_DPOP], .pair = ask->form,
	    .n = ask->n_form };
	return OK;
}

enum err
act_token(struct call *c)
{
	struct buf b = answer_buf(c);
	struct smart_tokens tokens = { .banner = -1 };
	struct smart_post post;
	enum err e;

	e = post_of(c, &post);
	if (e == OK)
		e = smart_token(smart_of(c), &ask_of(c)->smart, &post,
		    &tokens);
	if (e != OK)
		return e;
	smart_tokens_json(&tokens, &b);
	return answer_json(c, &b, 200);
}

enum err
act_introspect(struct call *c)
{
	struct buf b = answer_buf(c);
	struct smart_post post;
	enum err e;

	e = post_of(c, &post);
	if (e == OK)
		e = smart_introspect(smart_of(c), &ask_of(c)->smart, &post,
		    &b);
	return e == OK ? answer_json(c, &b, 200) : e;
}

/* RFC 7009 2.2: 200, and clients look at nothing else. */
enum err
act_revoke(struct call *c)
{
	struct smart_post post;
	enum err e;

	e = post_of(c, &post);
	return e == OK ? smart_revoke(smart_of(c), &ask_of(c)->smart, &post) :
	    e;
}

enum err
act_push(struct call *c)
{
	struct buf b = answer_buf(c);
	struct smart_post post;
	enum err e;

	e = post_of(c, &post);
	if (e == OK)
		e = smart_push(smart_of(c), &ask_of(c)->smart, &post, &b);
	return e == OK ? answer_json(c, &b, 201) : e;
}

/* The path is there whether or not it is on; only a good caller is told. */
enum err
act_register(struct call *c)
{
	struct buf b = answer_buf(c);
	enum err e;

	if (c->server->conf->num[CONF_REGISTER] == 0)
		return wrong(c, ERR_NOTFOUND, FAULT_NONE, NULL);
	if (!accept_is(c->rq->var[VAR_TYPE], "application/json"))
		return wrong(c, ERR_MEDIA, FAULT_NONE, NULL);
	if (c->rq->body.len > REG_MAX)
		return wrong(c, ERR_TOOBIG, FAULT_NONE, NULL);
	e = smart_register(smart_of(c), &ask_of(c)->smart,
	    c->rq->var[VAR_AUTH], c->rq->body, &b);
	return e == OK ? answer_json(c, &b, 201) : e;
}

/* RFC 7592: GET reads, PUT replaces. */
enum err
act_registered(struct call *c)
{
	struct buf b = answer_buf(c);
	struct bytes id = req_param(c->rq, "client_id");
	bool put = c->rq->method == METHOD_PUT;
	enum err e;

	if (c->server->conf->num[CONF_REGISTER] == 0)
		return wrong(c, ERR_NOTFOUND, FAULT_NONE, NULL);
	if (put && !accept_is(c->rq->var[VAR_TYPE], "application/json"))
		return wrong(c, ERR_MEDIA, FAULT_NONE, NULL);
	if (put && c->rq->body.len == 0)
		return wrong(c, ERR_USAGE, FAULT_METADATA,
		    "the body is one JSON object");
	if (!put && c->rq->body.len > 0)
		return wrong(c, ERR_USAGE, FAULT_REQUEST,
		    "this is read without a body");
	e = smart_registered(smart_of(c), &ask_of(c)->smart,
	    c->rq->var[VAR_AUTH], id, c->rq->body, &b);
	return e == OK ? answer_json(c, &b, 200) : e;
}

enum err
act_unregister(struct call *c)
{
	enum err e;

	if (c->server->conf->num[CONF_REGISTER] == 0)
		return wrong(c, ERR_NOTFOUND, FAULT_NONE, NULL);
	e = smart_unregister(smart_of(c), &ask_of(c)->smart,
	    c->rq->var[VAR_AUTH], req_param(c->rq, "client_id"));
	ask_of(c)->status = 204;
	return e;
}

/* GET or POST; the token stands in the header (RFC 6750 2.1). */
enum err
act_userinfo(struct call *c)
{
	struct buf b = answer_buf(c);
	struct smart_post post = { .header = c->rq->var[VAR_AUTH],
	    .proof = c->rq->var[VAR_DPOP],
	    .method = bytes_str(method_name(c->rq->method)) };
	enum err e;

	if (c->rq->n_pair > 0 || c->rq->body.len > 0)
		return wrong(c, ERR_USAGE, FAULT_REQUEST,
		    "send the access token in the Authorization header");
	e = smart_userinfo(smart_of(c), &ask_of(c)->smart, &post, &b);
	return e == OK ? answer_json(c, &b, 200) : e;
}

/* --- public documents ----------------------------------------------------- */

enum err
act_jwks(struct call *c)
{
	struct buf b = answer_buf(c);
	enum err e = smart_jwks(smart_of(c), &ask_of(c)->smart, &b);

	ask_of(c)->max_age = KEEP_S;
	return e == OK ? answer_json(c, &b, 200) : e;
}

static enum err
document(struct call *c, enum auth_doc doc)
{
	struct buf b = answer_buf(c);

	auth_discovery(c->arena, c->server->conf, doc, &b);
	ask_of(c)->max_age = KEEP_S;
	return answer_json(c, &b, 200);
}

enum err
act_smart_doc(struct call *c)
{
	return document(c, AUTH_DOC_SMART);
}

enum err
act_openid_doc(struct call *c)
{
	return document(c, AUTH_DOC_OPENID);
}

enum err
act_preflight(struct call *c)
{
	c->rs->preflight = true;
	return OK;
}
