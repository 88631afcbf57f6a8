/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.c -- a request as tiphys-auth sees it: cookies, forms, who asks.  (L5)
 */
#include <sodium.h>

#include "fcgi/cookie.h"
#include "fcgi/smart/act.h"

#define FLOW_MAX	64	/* bytes of a flow's id */
#define FIELDS_MAX	512	/* of a form: each type may be ticked twice */
#define FORGED		"form-forged"	/* auth/'s word for it, too */

/* Pages one may want to come back to after signing in. */
static const char *const pages[] = { "apps", "sessions", "password",
    "launch" };

enum err
ask_login(struct call *c)
{
	struct ask *ask = arena_alloc(c->arena, sizeof(*ask));
	const struct req *rq = c->rq;
	bool tls = site_of(c)->tls;

	ask->smart.a = c->arena;
	ask->smart.now = rq->now;
	ask->smart.address = rq->var[VAR_ADDRESS];
	ask->smart.cookie = cookie_find(rq->var[VAR_COOKIE], COOKIE_SESSION,
	    tls);
	ask->smart.device = cookie_find(rq->var[VAR_COOKIE], COOKIE_DEVICE,
	    tls);
	ask->smart.mono = clock_mono;
	if (c->server->queue >= 0 || c->place >= 0)
		ask->smart.place = &c->place;
	randombytes_buf(ask->smart.random, sizeof(ask->smart.random));
	c->own = ask;
	return OK;
}

enum err
ask_body(struct call *c)
{
	struct ask *ask = ask_of(c);

	return query_pairs(c->arena, c->rq->body,
	    FIELDS_MAX, &c->rs->is, &ask->form, &ask->n_form);
}

/* It goes into a Location of ours: nothing that could end or add to it. */
static bool
flow_shaped(struct bytes id)
{
	size_t i;

	for (i = 0; i < id.len; i++) {
		if (!(id.p[i] >= 'a' && id.p[i] <= 'z') &&
		    !(id.p[i] >= 'A' && id.p[i] <= 'Z') &&
		    !(id.p[i] >= '0' && id.p[i] <= '9') &&
		    id.p[i] != '_' && id.p[i] != '-')
			return false;
	}
	return id.len <= FLOW_MAX;
}

enum err
ask_form(struct call *c, struct smart_form *out)
{
	struct smart_form form;
	enum err e;

	e = ask_body(c);
	if (e != OK)
		return e;
	form = (struct smart_form){ .flow = ask_field(c, "flow"),
	    .csrf = ask_field(c, "csrf") };
	if (!flow_shaped(form.flow))
		return ERR_NOTFOUND;
	*out = form;
	return OK;
}

enum err
ask_turn(struct call *c, enum err e, bool *passed_out)
{
	struct smart_call *s = &ask_of(c)->smart;

	*passed_out = false;
	if (e != ERR_BUSY || c->server->queue < 0 || c->place < 0)
		return e;
	e = step_pass(c);
	*passed_out = e == OK;
	if (e != OK)
		s->error = (struct smart_error){ .fault = FAULT_SLOW,
		    .text = e == ERR_TOOBIG ? "the form is too long" :
		    "too many people are signing in just now; try again in "
		    "some seconds", .retry_s = 5 };
	return e;
}

struct bytes
ask_field(const struct call *c, const char *name)
{
	struct bytes *value;

	return ask_fields(c, name, &value) == 1 ? value[0] :
	    bytes_of(NULL, 0);
}

size_t
ask_fields(const struct call *c, const char *name, struct bytes **out)
{
	const struct ask *ask = ask_of(c);
	size_t i, n = 0;

	*out = arena_array(c->arena, ask->n_form, sizeof(**out));
	for (i = 0; i < ask->n_form; i++) {
		if (bytes_is(ask->form[i].name, name))
			(*out)[n++] = ask->form[i].value;
	}
	return n;
}

enum err
ask_csrf(struct call *c, const struct smart_form *form)
{
	struct smart_call *s = &ask_of(c)->smart;
	struct bytes want = smart_csrf(s, form->flow);

	if (s->new_cookie.len == 0 && form->csrf.len == want.len &&
	    sodium_memcmp(form->csrf.p, want.p, want.len) == 0)
		return OK;
	s->error.event = FORGED;
	return ERR_FORBIDDEN;
}

bool
ask_forged(const struct call *c)
{
	const char *event = ask_of(c)->smart.error.event;

	return event != NULL && strcmp(event, FORGED) == 0;
}

enum err
ask_store(struct call *c)
{
	struct ask *ask = ask_of(c);

	if (ask->smart.t != NULL)
		return OK;
	return store_begin(c->server->store, c->arena, &ask->smart.t);
}

const char *
ask_to(struct bytes to)
{
	size_t i;

	for (i = 1; i < N_ELEM(pages); i++) {
		if (bytes_is(to, pages[i]))
			return pages[i];
	}
	return pages[0];
}

enum err
ask_who(struct call *c, const char *to, struct smart_session *out,
    bool *there_out)
{
	struct smart_call *s = &ask_of(c)->smart;
	enum err e = smart_session(smart_of(c), s, out);

	*there_out = e == OK && !out->pending;
	if (e == ERR_LOGIN) {
		s->error = (struct smart_error){ .fault = FAULT_NONE };
		return answer_page(c, "/login?to=%s", to);
	}
	if (e == OK && out->pending)
		return answer_page(c, "/second?to=%s", to);
	return e;
}
