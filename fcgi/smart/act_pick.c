/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_pick.c -- the patient picker of a launch.  (L5)
 *
 * One patient is never chosen by us, not even where the search found one
 * alone.  Requirement M06; interop 14.
 */
#include "fcgi/smart/flow.h"

static enum err
picker(struct call *c, const struct smart_flow *flow, bool asked)
{
	struct html h = page_new(c);
	struct finding f;
	enum err e;

	e = find_patients(c, asked, &f);
	if (e != OK)
		return e;
	page_begin(c, &h, bytes_str("Whose record?"), NULL, &f.pr);
	HTML(&h,
	    "<p><b><bdi>{t}</bdi></b> asks for the record of one patient. "
	    "It will see no other. You are signed in as "
	    "<bdi>{t}</bdi> (<a href=\"{a}/logout\">not you?</a>).</p>\n",
	    page_name(c, flow->client_name), page_name(c, flow->user_name),
	    site_of(c)->path);
	page_form(c, &h, "/search", flow->id);
	find_fields(&h, &f);
	HTML_LIT(&h, "</form>\n");
	if (f.pr.text == NULL)
		find_table(c, &h, &f, "/pick", flow->id, NULL,
		    bytes_of(NULL, 0), "Choose");
	HTML(&h, "<p><a href=\"{a}/cancel?id={q}\">Choose nobody, go back "
	    "to the app</a></p>\n", site_of(c)->path, flow->id);
	return page_end(c, &h);
}

enum err
pick_page(struct call *c, const struct smart_flow *flow)
{
	return picker(c, flow, false);
}

enum err
act_search(struct call *c)
{
	struct smart_flow flow;
	struct smart_form form;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = ask_csrf(c, &form);
	if (e == OK)
		e = smart_flow(smart_of(c), &ask_of(c)->smart, form.flow,
		    &flow);
	if (e != OK)
		return e;
	if (flow.step != STEP_PICK)
		return answer_page(c, "/flow?id=%.*s", BYTES_FMT(form.flow));
	return picker(c, &flow, true);
}

void
again_form(struct call *c, struct html *h, struct bytes flow)
{
	page_form(c, h, "/again", flow);
	HTML_LIT(h, "<p class=\"acts\"><button class=\"sec\">Choose someone "
	    "else</button></p>\n</form>\n");
}

/* Back to the picker: nobody is chosen any more. */
enum err
act_again(struct call *c)
{
	struct smart_form form;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = smart_unpick(smart_of(c), &ask_of(c)->smart, &form);
	return e == OK ? answer_page(c, "/flow?id=%.*s",
	    BYTES_FMT(form.flow)) : e;
}

enum err
flow_choose(struct call *c, flow_choice *fn, const char *field)
{
	struct smart_form form;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = ask_store(c);
	if (e == OK)
		e = fn(smart_of(c), &ask_of(c)->smart, &form,
		    ask_field(c, field));
	return e == OK ? answer_page(c, "/flow?id=%.*s",
	    BYTES_FMT(form.flow)) : e;
}

enum err
act_pick(struct call *c)
{
	return flow_choose(c, smart_pick, "patient");
}
