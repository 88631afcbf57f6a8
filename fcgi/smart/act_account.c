/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_account.c -- apps with access, sessions, password.  (L5)
 *
 * Of the person who is signed in, and of nobody else: auth/ asks the session
 * again for each of these.  Requirement M17; ONC (g)(10) on revocation.
 */
#include "fcgi/smart/page.h"

static const struct problem no_problem = { NULL, NULL };

static struct bytes
when(const struct call *c, struct instant t)
{
	return t.ms == 0 ? bytes_str("never") : page_date(c, t, true);
}

/* --- apps with access ----------------------------------------------------- */

static void
app(struct call *c, struct html *h, const struct smart_grant *g)
{
	struct bytes name = page_name(c, g->client_name), line, rest;

	bytes_cut(g->shown, '\n', &line, &rest);
	HTML(h,
	    "<article><h2><bdi>{t}</bdi></h2>\n"
	    "<dl><dt>What</dt><dd>{t}</dd>\n"
	    "<dt>Since</dt><dd>{t}</dd>\n"
	    "<dt>Last used</dt><dd>{t}</dd>\n"
	    "<dt>Until</dt><dd>{t}</dd></dl>\n"
	    "<details><summary>What was agreed"
	    "<span class=\"sr\"> with {t}</span></summary>\n"
	    "<p class=\"lines\">{t}</p>\n<p><code>{t}</code></p></details>\n",
	    name, line, when(c, g->created), when(c, g->used),
	    g->offline ? when(c, g->expires) :
	    bytes_str("you are signed out, or one hour after"), name,
	    rest, g->scope);
	page_form(c, h, "/apps", bytes_of(NULL, 0));
	page_hidden(h, "grant", g->id);
	HTML(h, "<p class=\"acts\"><button class=\"sec\">Stop sharing"
	    "<span class=\"sr\"> with {t}</span></button></p>\n</form>\n"
	    "</article>\n", name);
}

enum err
act_apps(struct call *c)
{
	struct smart_session who;
	struct html h = page_new(c);
	struct smart_grant *g;
	size_t i, n;
	bool there;
	enum err e;

	e = ask_who(c, "apps", &who, &there);
	if (e != OK || !there)
		return e;
	e = smart_grants(smart_of(c), &ask_of(c)->smart, who.user, false, &g,
	    &n);
	if (e != OK)
		return e;
	page_begin(c, &h, bytes_str("Apps with access"), &who, NULL);
	if (req_param(c->rq, "stopped").len > 0)
		HTML_LIT(&h, "<p class=\"done\" role=\"status\">The app has "
		    "no access any more. What it has already read it may "
		    "still have.</p>\n");
	if (n == 0)
		HTML_LIT(&h, "<p>No app has access through you.</p>\n");
	for (i = 0; i < n; i++)
		app(c, &h, &g[i]);
	if (who.kind == USER_PRACTITIONER)
		HTML(&h, "<p><a href=\"{a}/launch\">Launch an app</a></p>\n",
		    site_of(c)->path);
	return page_end(c, &h);
}

enum err
act_stop(struct call *c)
{
	struct smart_form form;
	enum err e;

	e = ask_form(c, &form);
	form.flow = bytes_of(NULL, 0);
	if (e == OK)
		e = smart_stop(smart_of(c), &ask_of(c)->smart, &form,
		    ask_field(c, "grant"));
	return e == OK ? answer_page(c, "/apps?stopped=1") : e;
}

/* --- sessions ------------------------------------------------------------- */

static void
session(struct call *c, struct html *h, const struct smart_session *s)
{
	HTML(h,
	    "<article><h2>{t}</h2>\n"
	    "<dl><dt>Signed in</dt><dd>{t}</dd>\n"
	    "<dt>Last used</dt><dd>{t}</dd>\n"
	    "<dt>Address</dt><dd>{t}</dd></dl>\n",
	    bytes_str(s->current ? "This browser" : "Another browser"),
	    when(c, s->started), when(c, s->seen), s->address);
	page_form(c, h, "/sessions", bytes_of(NULL, 0));
	page_hidden(h, "session", s->id);
	HTML(h, "<p class=\"acts\"><button class=\"sec\">End this session"
	    "<span class=\"sr\"> of {t}</span></button></p>\n</form>\n"
	    "</article>\n", when(c, s->started));
}

enum err
act_sessions(struct call *c)
{
	struct smart_session who, *s;
	struct html h = page_new(c);
	size_t i, n;
	bool there;
	enum err e;

	e = ask_who(c, "sessions", &who, &there);
	if (e != OK || !there)
		return e;
	e = smart_sessions(smart_of(c), &ask_of(c)->smart, &s, &n);
	if (e != OK)
		return e;
	page_begin(c, &h, bytes_str("Where you are signed in"), &who, NULL);
	HTML(&h, "<p>If you do not know one of these, end it and "
	    "<a href=\"{a}/password\">change your password</a>.</p>\n",
	    site_of(c)->path);
	for (i = 0; i < n; i++)
		session(c, &h, &s[i]);
	return page_end(c, &h);
}

enum err
act_session_end(struct call *c)
{
	struct smart_form form;
	enum err e;

	e = ask_form(c, &form);
	form.flow = bytes_of(NULL, 0);
	if (e == OK)
		e = smart_session_end(smart_of(c), &ask_of(c)->smart, &form,
		    ask_field(c, "session"));
	return e == OK ? answer_page(c, "/sessions") : e;
}

/* --- password ------------------------------------------------------------- */

static enum err
password_page(struct call *c, const struct smart_session *who,
    const struct problem *pr, bool done)
{
	const struct field fields[] = {
		{ .id = "old", .label = "Your password now",
		    .type = "password", .complete = "current-password",
		    .required = true },
		{ .id = "fresh", .label = "New password",
		    .hint = "At least 15 characters: several words are easy "
		    "to keep in mind. With a second factor 8 are enough.",
		    .type = "password", .complete = "new-password",
		    .required = true }
	};
	struct html h = page_new(c);
	size_t i;

	page_begin(c, &h, bytes_str("Change your password"), who, pr);
	if (done)
		HTML_LIT(&h, "<p class=\"done\" role=\"status\">Your password "
		    "is changed, and all other sessions are over.</p>\n");
	page_form(c, &h, "/password", bytes_of(NULL, 0));
	/* Password managers want to know whose it is. */
	HTML(&h, "<input type=\"text\" name=\"username\" value=\"{a}\" "
	    "autocomplete=\"username\" hidden>\n", who->user);
	for (i = 0; i < N_ELEM(fields); i++)
		page_field(&h, &fields[i], pr);
	HTML_LIT(&h, "<p class=\"acts\"><button class=\"pri\">Change it"
	    "</button></p>\n</form>\n");
	return page_end(c, &h);
}

enum err
act_password(struct call *c)
{
	struct smart_session who;
	bool there;
	enum err e;

	e = ask_who(c, "password", &who, &there);
	if (e != OK || !there)
		return e;
	return password_page(c, &who, &no_problem,
	    req_param(c->rq, "done").len > 0);
}

/* What was wrong with it, beside the field; false: another matter. */
static bool
password_problem(struct call *c, enum err e, struct problem *pr)
{
	struct ask *ask = ask_of(c);

	*pr = (struct problem){ .field = "fresh",
	    .text = ask->smart.error.text == NULL ? "Choose another one." :
	    page_sentence(c, ask->smart.error.text) };
	if (e == ERR_THROTTLED) {
		*pr = (struct problem){ .text = page_wait(c,
		    ask->smart.error.retry_s) };
		ask->status = 429;
	} else if (e == ERR_LOGIN) {
		*pr = (struct problem){ .field = "old",
		    .text = "This is not your password." };
		ask->status = 403;
	} else if (e == ERR_VALUE || e == ERR_USAGE || e == ERR_TOOBIG) {
		ask->status = 400;
	} else {
		return false;
	}
	return true;
}

enum err
act_password_post(struct call *c)
{
	struct smart_session who;
	struct smart_form form;
	struct problem pr;
	bool there, passed;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = ask_who(c, "password", &who, &there);
	if (e != OK || !there)
		return e;
	form.flow = bytes_of(NULL, 0);
	e = smart_password(smart_of(c), &ask_of(c)->smart, &form,
	    ask_field(c, "old"), ask_field(c, "fresh"));
	e = ask_turn(c, e, &passed);
	if (passed)
		return OK;
	if (e == OK)
		return answer_page(c, "/password?done=1");
	return password_problem(c, e, &pr) ?
	    password_page(c, &who, &pr, false) : e;
}
