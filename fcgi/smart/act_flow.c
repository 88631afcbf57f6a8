/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_flow.c -- a launch: how it begins, where it stands, its end.  (L5)
 *
 * What the app asked for is checked whole before any page is shown, and then
 * kept by auth/; the browser carries an id and nothing else (AUZ-20).
 *
 * Spec: RFC 6749 3.1, 4.1; SMART App Launch 2.2.
 */
#include "fcgi/smart/flow.h"

static const struct problem no_problem = { NULL, NULL };

/* --- the beginning -------------------------------------------------------- */

static enum err
begin(struct call *c, const struct pair *pair, size_t n)
{
	struct smart_authorized out;
	enum err e;

	e = smart_authorize(smart_of(c), &ask_of(c)->smart, pair, n, &out);
	if (e != OK)
		return e;
	if (out.flow.len == 0)
		return answer_url(c, out.location);
	return answer_page(c, "/flow?id=%.*s", BYTES_FMT(out.flow));
}

static enum err
misplaced(struct call *c)
{
	struct smart_error *error = &ask_of(c)->smart.error;

	error->fault = FAULT_REQUEST;
	error->text = "send the parameters by GET in the URL, or by POST in "
	    "the body, not in both";
	return ERR_USAGE;
}

/*
 * A POST comes from the app's own site, and a browser sends no SameSite=Lax
 * cookie with it; a session would not be seen, and a new one would push it
 * out.  So such a request comes back as the same request by GET, which the
 * cookie goes with, where that fits into a URL.
 */
static enum err
by_get(struct call *c)
{
	struct bytes url = site_of(c)->url;

	return answer_url(c, bytes_str(arena_printf(c->arena,
	    "%.*s/authorize?%.*s", BYTES_FMT(url), BYTES_FMT(c->rq->body))));
}

/* Could the form stand behind a "?" as it is? */
static bool
fits(const struct call *c)
{
	struct bytes body = c->rq->body;
	size_t i;

	for (i = 0; i < body.len; i++) {
		if (body.p[i] <= ' ' || body.p[i] >= 0x7F ||
		    body.p[i] == '#')
			return false;
	}
	return body.len + 256 < (size_t)c->server->conf->num[CONF_URI];
}

enum err
act_authorize(struct call *c)
{
	const struct ask *ask = ask_of(c);
	enum err e;

	if (c->rq->method != METHOD_POST)
		return c->rq->body.len > 0 ? misplaced(c) :
		    begin(c, c->rq->pair, c->rq->n_pair);
	if (c->rq->n_pair > 0)
		return misplaced(c);
	e = ask_body(c);
	if (e != OK)
		return e;
	if (ask->smart.cookie.len == 0 && ask->n_form > 0 && fits(c))
		return by_get(c);
	return begin(c, ask->form, ask->n_form);
}

/* --- where it stands ------------------------------------------------------ */

enum err
act_flow(struct call *c)
{
	struct smart_call *s = &ask_of(c)->smart;
	struct bytes location, id = req_param(c->rq, "id");
	struct smart_flow flow;
	enum err e;

	e = smart_flow(smart_of(c), s, id, &flow);
	/* Another person's launch: the app hears of it (AUZ-18). */
	if (e == ERR_FORBIDDEN &&
	    smart_refuse(smart_of(c), s, id, &location) == OK)
		return answer_url(c, location);
	if (e != OK)
		return e;
	switch (flow.step) {
	case STEP_LOGIN:
		return login_page(c, &flow, "", flow.login_hint,
		    &no_problem);
	case STEP_SECOND:
		return second_page(c, &flow, "", &no_problem);
	case STEP_PICK:
		return pick_page(c, &flow);
	case STEP_VISIT:
		return visit_page(c, &flow);
	case STEP_CONSENT:
		return consent_page(c, &flow, &no_problem);
	}
	return ERR_BUG;
}

/* --- the way out ---------------------------------------------------------- */

/*
 * A page of its own, so that pages where passwords are typed need not allow
 * their forms to end at an app.
 */
enum err
act_cancel(struct call *c)
{
	struct html h = page_new(c);
	struct smart_flow flow;
	enum err e;

	e = smart_flow(smart_of(c), &ask_of(c)->smart,
	    req_param(c->rq, "id"), &flow);
	if (e != OK)
		return e;
	ask_of(c)->origin = flow.origin;
	page_begin(c, &h, bytes_str("Go back without sharing?"), NULL, NULL);
	HTML(&h,
	    "<p><b><bdi>{t}</bdi></b> is told that you did not agree, and "
	    "sees nothing.</p>\n",
	    page_name(c, flow.client_name));
	page_form(c, &h, "/deny", flow.id);
	HTML_LIT(&h,
	    "<p class=\"acts\"><button class=\"pri\">Go back to the app"
	    "</button></p>\n</form>\n");
	HTML(&h, "<p><a href=\"{a}/flow?id={q}\">No, go on</a></p>\n",
	    site_of(c)->path, flow.id);
	return page_end(c, &h);
}

enum err
act_deny(struct call *c)
{
	struct smart_form form;
	struct bytes location;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = smart_deny(smart_of(c), &ask_of(c)->smart, &form,
		    &location);
	return e == OK ? answer_url(c, location) : e;
}
