/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_launch.c -- the EHR's side of a launch: an app, a patient, go.  (L5)
 *
 * First the app, by a link, for only then is known where the form that
 * launches it may end (CSP form-action); then the patient.
 *
 * Spec: SMART App Launch 2.2, EHR launch; requirement M05, interop 17.
 */
#include "fcgi/smart/flow.h"

#define HERE	"launch"

static enum err
list_apps(struct call *c, const struct smart_session *who,
    const struct smart_app *app, size_t n)
{
	struct html h = page_new(c);
	size_t i;

	page_begin(c, &h, bytes_str("Launch an app"), who, NULL);
	if (n == 0)
		HTML_LIT(&h, "<p>No app that can be launched from here is "
		    "registered.</p>\n");
	else
		HTML_LIT(&h, "<ul class=\"list\">\n");
	for (i = 0; i < n; i++) {
		HTML(&h, "<li><a href=\"{a}/launch?app={q}\"><bdi>{t}</bdi>"
		    "</a>", site_of(c)->path, app[i].client,
		    page_name(c, app[i].name));
		if (app[i].publisher.len > 0)
			HTML(&h, " <span class=\"hint\">by <bdi>{t}</bdi>"
			    "</span>", page_name(c, app[i].publisher));
		HTML_LIT(&h, "</li>\n");
	}
	if (n > 0)
		HTML_LIT(&h, "</ul>\n");
	return page_end(c, &h);
}

static enum err
choose_patient(struct call *c, const struct smart_session *who,
    const struct smart_app *app, bool asked)
{
	struct html h = page_new(c);
	struct finding f;
	enum err e;

	e = find_patients(c, asked, &f);
	if (e != OK)
		return e;
	ask_of(c)->origin = app->origin;
	page_begin(c, &h, bytes_str(arena_printf(c->arena, "Launch %s",
	    arena_str(c->arena, page_name(c, app->name)))), who, &f.pr);
	HTML(&h, "<p>Choose the patient whose record the app opens with. "
	    "<a href=\"{a}/launch\">Another app</a></p>\n",
	    site_of(c)->path);
	page_form(c, &h, "/launch", bytes_of(NULL, 0));
	page_hidden(&h, "app", app->client);
	find_fields(&h, &f);
	HTML_LIT(&h, "</form>\n");
	if (f.pr.text == NULL)
		find_table(c, &h, &f, "/launch/go", bytes_of(NULL, 0),
		    "app", app->client, "Launch");
	return page_end(c, &h);
}

/* The app of that id among those that can be launched. */
static enum err
launch_page(struct call *c, const struct smart_session *who,
    struct bytes client, bool asked)
{
	struct smart_app *app;
	size_t i, n;
	enum err e;

	e = smart_launchable(smart_of(c), &ask_of(c)->smart, &app, &n);
	if (e != OK)
		return e;
	if (client.len == 0)
		return list_apps(c, who, app, n);
	for (i = 0; i < n; i++) {
		if (bytes_eq(app[i].client, client))
			return choose_patient(c, who, &app[i], asked);
	}
	return ERR_NOTFOUND;
}

enum err
act_launch(struct call *c)
{
	struct smart_session who;
	bool there;
	enum err e;

	e = ask_who(c, HERE, &who, &there);
	if (e != OK || !there)
		return e;
	return launch_page(c, &who, req_param(c->rq, "app"), false);
}

enum err
act_launch_search(struct call *c)
{
	struct smart_session who;
	struct smart_form form;
	bool there;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = ask_csrf(c, &form);
	if (e == OK)
		e = ask_who(c, HERE, &who, &there);
	if (e != OK || !there)
		return e;
	return launch_page(c, &who, ask_field(c, "app"), true);
}

enum err
act_launch_go(struct call *c)
{
	struct smart_launch launch = { .no_banner = false };
	struct bytes handle, location;
	struct smart_session who;
	struct smart_form form;
	bool there;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = ask_who(c, HERE, &who, &there);
	if (e != OK || !there)
		return e;
	form.flow = bytes_of(NULL, 0);
	launch.client = ask_field(c, "app");
	launch.patient = ask_field(c, "patient");
	e = ask_store(c);
	if (e == OK)
		e = smart_launch(smart_of(c), &ask_of(c)->smart, &form,
		    who.user, &launch, &handle, &location);
	return e == OK ? answer_url(c, location) : e;
}
