/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_login.c -- signing in: password, second factor; signing out.  (L5)
 *
 * The same forms serve inside a launch, where the flow says what comes
 * next, and outside, where a word of ours says which page to go back to.
 * Known and unknown names get the same text, status and markup (LOG-01).
 */
#include "fcgi/smart/flow.h"
#include "fcgi/smart/page.h"

static const struct problem no_problem = { NULL, NULL };

/* Inside a flow: which app one signs in for, and the way out. */
static void
for_app(struct call *c, struct html *h, const struct smart_flow *flow)
{
	HTML(h,
	    "<p>to go on to <b><bdi>{t}</bdi></b>. The app does not see your "
	    "password.</p>\n",
	    page_name(c, flow->client_name));
}

static void
way_out(struct call *c, struct html *h, const struct smart_flow *flow)
{
	if (flow != NULL)
		HTML(h,
		    "<p><a href=\"{a}/cancel?id={q}\">Do not sign in, go "
		    "back to the app</a></p>\n",
		    site_of(c)->path, flow->id);
}

/* --- the pages ------------------------------------------------------------ */

enum err
login_page(struct call *c, const struct smart_flow *flow, const char *to,
    struct bytes name, const struct problem *pr)
{
	const struct field fields[] = {
		{ .id = "username", .label = "User name", .type = "text",
		    .complete = "username", .value = name,
		    .required = true },
		{ .id = "password", .label = "Password",
		    .type = "password", .complete = "current-password",
		    .required = true }
	};
	struct html h = page_new(c);
	size_t i;

	page_begin(c, &h, bytes_str("Sign in"), NULL, pr);
	if (flow != NULL)
		for_app(c, &h, flow);
	page_form(c, &h, "/login", flow != NULL ? flow->id :
	    bytes_of(NULL, 0));
	if (flow == NULL)
		page_hidden(&h, "to", bytes_str(to));
	for (i = 0; i < N_ELEM(fields); i++)
		page_field(&h, &fields[i], pr);
	HTML_LIT(&h,
	    "<p class=\"acts\"><button class=\"pri\">Sign in</button></p>\n"
	    "</form>\n");
	way_out(c, &h, flow);
	return page_end(c, &h);
}

enum err
second_page(struct call *c, const struct smart_flow *flow, const char *to,
    const struct problem *pr)
{
	const struct field code = { .id = "code", .label = "Code",
	    .hint = "Six digits from your authenticator app, or one of your "
	    "recovery codes.", .type = "text", .complete = "one-time-code",
	    .required = true };
	struct html h = page_new(c);

	page_begin(c, &h, bytes_str("Enter your second factor"), NULL, pr);
	if (flow != NULL)
		for_app(c, &h, flow);
	page_form(c, &h, "/second", flow != NULL ? flow->id :
	    bytes_of(NULL, 0));
	if (flow == NULL)
		page_hidden(&h, "to", bytes_str(to));
	page_field(&h, &code, pr);
	HTML_LIT(&h,
	    "<p class=\"acts\"><button class=\"pri\">Go on</button></p>\n"
	    "</form>\n");
	way_out(c, &h, flow);
	return page_end(c, &h);
}

enum err
act_login(struct call *c)
{
	return login_page(c, NULL, ask_to(req_param(c->rq, "to")),
	    bytes_of(NULL, 0), &no_problem);
}

enum err
act_second(struct call *c)
{
	const char *to = ask_to(req_param(c->rq, "to"));
	struct smart_session who;
	enum err e;

	e = smart_session(smart_of(c), &ask_of(c)->smart, &who);
	if (e == ERR_LOGIN) {
		ask_of(c)->smart.error.fault = FAULT_NONE;
		return answer_page(c, "/login?to=%s", to);
	}
	if (e == OK && !who.pending)
		return answer_page(c, "/%s", to);
	return e == OK ? second_page(c, NULL, to, &no_problem) : e;
}

/* --- the forms ------------------------------------------------------------ */

/* Behind a success: the flow's next page, or the page wanted. */
static enum err
onward(struct call *c, const struct smart_form *form)
{
	if (form->flow.len > 0)
		return answer_page(c, "/flow?id=%.*s",
		    BYTES_FMT(form->flow));
	return answer_page(c, "/%s", ask_to(ask_field(c, "to")));
}

/*
 * Which refusals bring the form back?  *pr_out says what is wrong, and the
 * error is no more one of the request.
 */
static bool
again(struct call *c, enum err e, const char *field, const char *text,
    struct problem *pr_out)
{
	struct ask *ask = ask_of(c);

	if (e == ERR_THROTTLED) {
		*pr_out = (struct problem){ .text = page_wait(c,
		    ask->smart.error.retry_s) };
		ask->status = 429;
		return true;
	}
	if (e != ERR_LOGIN && (e != ERR_FORBIDDEN || ask_forged(c)))
		return false;
	*pr_out = (struct problem){ .field = field, .text = text };
	if (e == ERR_FORBIDDEN)	/* not the password: the account */
		*pr_out = (struct problem){ .text = page_sentence(c,
		    ask->smart.error.text) };
	ask->status = 403;
	return true;
}

/* The flow of a form that comes back, or NULL outside of one. */
static enum err
flow_of(struct call *c, const struct smart_form *form,
    struct smart_flow *space, const struct smart_flow **out)
{
	*out = NULL;
	if (form->flow.len == 0)
		return OK;
	*out = space;
	return smart_flow(smart_of(c), &ask_of(c)->smart, form->flow, space);
}

enum err
act_login_post(struct call *c)
{
	const struct smart_flow *flow;
	struct smart_flow space;
	struct smart_form form;
	struct problem pr;
	struct bytes name;
	enum err e, e2;
	bool passed;

	e = ask_form(c, &form);
	if (e != OK)
		return e;
	name = ask_field(c, "username");
	e = smart_login(smart_of(c), &ask_of(c)->smart, &form, name,
	    ask_field(c, "password"));
	e = ask_turn(c, e, &passed);
	if (passed)
		return OK;
	if (e == OK)
		return onward(c, &form);
	if (!again(c, e, "password",
	    "The user name or the password is not right.", &pr))
		return e;
	e2 = flow_of(c, &form, &space, &flow);
	return e2 == OK ? login_page(c, flow, ask_to(ask_field(c, "to")),
	    name, &pr) : e2;
}

enum err
act_second_post(struct call *c)
{
	const struct smart_flow *flow;
	struct smart_flow space;
	struct smart_session who;
	struct smart_form form;
	struct problem pr;
	enum err e, e2;

	e = ask_form(c, &form);
	if (e == OK)
		e = smart_second(smart_of(c), &ask_of(c)->smart, &form,
		    ask_field(c, "code"));
	if (e == OK)
		return onward(c, &form);
	/* Was it the code, or is there nobody whose code it could be? */
	if (e == ERR_LOGIN && smart_session(smart_of(c), &ask_of(c)->smart,
	    &who) != OK)
		return onward(c, &form);
	if (!again(c, e, "code", "This code is not right, or it was used "
	    "before. Wait for the next one.", &pr))
		return e;
	e2 = flow_of(c, &form, &space, &flow);
	return e2 == OK ? second_page(c, flow, ask_to(ask_field(c, "to")),
	    &pr) : e2;
}

/* --- signing out ---------------------------------------------------------- */

enum err
act_logout(struct call *c)
{
	struct html h = page_new(c);
	struct smart_session who;
	enum err e;

	e = smart_session(smart_of(c), &ask_of(c)->smart, &who);
	if (e != OK && e != ERR_LOGIN)
		return e;
	if (e == ERR_LOGIN) {
		ask_of(c)->smart.error.fault = FAULT_NONE;
		page_begin(c, &h, bytes_str("You are signed out"), NULL,
		    NULL);
		HTML(&h, "<p><a href=\"{a}/login?to=apps\">Sign in "
		    "again</a></p>\n", site_of(c)->path);
		return page_end(c, &h);
	}
	page_begin(c, &h, bytes_str("Sign out?"), &who, NULL);
	HTML_LIT(&h, "<p>Apps that may only look while you are signed in "
	    "lose their access.</p>\n");
	page_form(c, &h, "/logout", bytes_of(NULL, 0));
	HTML_LIT(&h, "<p class=\"acts\"><button class=\"pri\">Sign out"
	    "</button></p>\n</form>\n");
	return page_end(c, &h);
}

enum err
act_logout_post(struct call *c)
{
	struct smart_form form;
	enum err e;

	e = ask_form(c, &form);
	form.flow = bytes_of(NULL, 0);
	if (e == OK)
		e = smart_logout(smart_of(c), &ask_of(c)->smart, &form);
	return e == OK ? answer_page(c, "/logout") : e;
}

enum err
act_home(struct call *c)
{
	return answer_page(c, "/apps");
}
