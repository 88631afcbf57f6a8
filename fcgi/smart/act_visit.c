/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_visit.c -- which encounter of the chosen patient it is about.  (L5)
 *
 * A visit is what people call an encounter.  One alone is not chosen by us,
 * and where there is none the page says so: the app gets what the person
 * saw.  Requirement M06; SMART App Launch 2.2, launch/encounter.
 */
#include "fcgi/smart/flow.h"

/* "3 March 2025 to 5 March 2025"; the day alone where it began and ended. */
static struct bytes
when(const struct call *c, const struct smart_visit *v)
{
	struct bytes day = page_birth(c, v->start);

	if (v->start.len == 0)
		return bytes_str("Without a date");
	if (v->end.len < 10 || bytes_eq(bytes_sub(v->start, 0, 10),
	    bytes_sub(v->end, 0, 10)))
		return day;
	return bytes_str(arena_printf(c->arena, "%.*s to %.*s",
	    BYTES_FMT(day), BYTES_FMT(page_birth(c, v->end))));
}

/* "in-progress" as people write: "in progress". */
static struct bytes
plain(const struct call *c, struct bytes status)
{
	char *out = arena_str(c->arena, status);
	size_t i;

	for (i = 0; i < status.len; i++) {
		if (out[i] == '-')
			out[i] = ' ';
	}
	return bytes_of(out, status.len);
}

struct bytes
visit_words(const struct call *c, const struct smart_visit *v)
{
	struct bytes day = when(c, v), kind = page_name(c, v->kind);

	return kind.len == 0 ? day : bytes_str(arena_printf(c->arena,
	    "%.*s, %.*s", BYTES_FMT(day), BYTES_FMT(kind)));
}

static void
row(struct call *c, struct html *h, const struct smart_visit *v,
    struct bytes flow)
{
	struct bytes day = when(c, v);

	HTML(h,
	    "<tr><th scope=\"row\">{t}</th>\n"
	    "<td data-label=\"Kind\"><bdi>{t}</bdi></td>\n"
	    "<td data-label=\"State\">{t}</td>\n<td>",
	    day, page_name(c, v->kind), plain(c, v->status));
	page_form(c, h, "/visit", flow);
	page_hidden(h, "encounter", v->id);
	HTML(h, "<button class=\"sec\">Choose<span class=\"sr\"> {t}</span>"
	    "</button></form></td></tr>\n", day);
}

static void
table(struct call *c, struct html *h, const struct smart_flow *flow,
    const struct smart_visit *v, size_t n, bool more)
{
	size_t i;

	if (n == 0) {
		HTML_LIT(h, "<p role=\"status\">There is no visit in this "
		    "record. The app is told of none.</p>\n");
		return;
	}
	HTML(h,
	    "<table><caption>{t}</caption>\n"
	    "<thead><tr><th scope=\"col\">When</th>"
	    "<th scope=\"col\">Kind</th><th scope=\"col\">State</th>"
	    "<th scope=\"col\">Choose</th></tr></thead>\n<tbody>\n",
	    bytes_str(n == 1 ? "The only visit in this record" :
	    "Visits, the latest first"));
	for (i = 0; i < n; i++)
		row(c, h, &v[i], flow->id);
	HTML_LIT(h, "</tbody></table>\n");
	if (more)
		HTML_LIT(h, "<p role=\"status\">Older visits are not shown "
		    "here.</p>\n");
}

enum err
visit_page(struct call *c, const struct smart_flow *flow)
{
	struct html h = page_new(c);
	struct smart_patient p;
	struct smart_visit *v;
	bool more;
	size_t n;
	enum err e;

	e = ask_store(c);
	if (e == OK)
		e = smart_patient(smart_of(c), &ask_of(c)->smart,
		    flow->patient, &p);
	if (e == OK)
		e = smart_visits(smart_of(c), &ask_of(c)->smart, flow->id,
		    &v, &n, &more);
	if (e != OK)
		return e;
	page_begin(c, &h, bytes_str("Which visit?"), NULL, NULL);
	HTML(&h,
	    "<p><b><bdi>{t}</bdi></b> wants to know which visit of "
	    "<bdi>{t}</bdi> it is opened for.</p>\n",
	    page_name(c, flow->client_name), page_name(c, p.name));
	table(c, &h, flow, v, n, more);
	page_form(c, &h, "/visit", flow->id);
	page_hidden(&h, "encounter", bytes_of(NULL, 0));
	HTML(&h, "<p class=\"acts\"><button class=\"{a}\">{t}</button></p>\n"
	    "</form>\n", bytes_str(n == 0 ? "pri" : "sec"),
	    bytes_str(n == 0 ? "Go on" : "For no visit"));
	if (flow->others)
		again_form(c, &h, flow->id);
	HTML(&h, "<p><a href=\"{a}/cancel?id={q}\">Do not share, go back to "
	    "the app</a></p>\n", site_of(c)->path, flow->id);
	return page_end(c, &h);
}

enum err
act_visit(struct call *c)
{
	return flow_choose(c, smart_visit_pick, "encounter");
}
