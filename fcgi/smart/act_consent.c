/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_consent.c -- what an app asks for, and what a person lets it have.  (L5)
 *
 * Groups of data with their counts, single types on demand; to read and to
 * change are told apart, and nothing that changes data is ticked before.
 * What the form sends back are words of the page; what they grant is
 * worked out by auth/ from the request it kept (attack AUZ-20).
 *
 * Requirement M07; ONC (g)(10) on choice by type, offline_access, revocation.
 */
#include "fcgi/smart/flow.h"

/* --- the parts of the page ------------------------------------------------ */

/* "user:" tells the groups over everybody's records from one patient's. */
static struct bytes
word_of(const struct call *c, const struct smart_group *g, const char *word)
{
	return bytes_str(g->everyone ?
	    arena_printf(c->arena, "user:%s", word) : word);
}

/* The host alone, where that says all; another scheme is shown. */
static struct bytes
host_of(struct bytes origin)
{
	struct bytes https = bytes_str("https://");

	return bytes_starts(origin, https) ? bytes_from(origin, https.len) :
	    origin;
}

static void
introduce(struct call *c, struct html *h, const struct smart_flow *flow)
{
	HTML(h, "<p><b><bdi>{t}</bdi></b> ",
	    page_name(c, flow->client_name));
	if (flow->publisher.len > 0)
		HTML(h, "is made by <b><bdi>{t}</bdi></b> and ",
		    page_name(c, flow->publisher));
	HTML(h, "will send you back to <b><bdi>{t}</bdi></b>. You are signed "
	    "in as <bdi>{t}</bdi> (<a href=\"{a}/logout\">not you?</a>)."
	    "</p>\n", page_name(c, host_of(flow->origin)),
	    page_name(c, flow->user_name), site_of(c)->path);
	if (flow->policy_uri.len > 0)
		HTML(h, "<p><a href=\"{a}\">What <bdi>{t}</bdi> does with "
		    "data (privacy statement)</a></p>\n", flow->policy_uri,
		    page_name(c, flow->client_name));
	if (flow->tos_uri.len > 0)
		HTML(h, "<p><a href=\"{a}\">Terms of use of "
		    "<bdi>{t}</bdi></a></p>\n", flow->tos_uri,
		    page_name(c, flow->client_name));
	if (flow->registered_self)
		HTML_LIT(h, "<p class=\"warn\"><strong>Nobody here has "
		    "checked this app.</strong> It registered itself, and "
		    "its name is what it says of itself.</p>\n");
}

/* Which visit the app is told; none where nobody asked. */
static void
which(struct call *c, struct html *h, const struct smart_flow *flow)
{
	struct smart_visit v;

	if (flow->encounter.len > 0 && smart_visit(smart_of(c),
	    &ask_of(c)->smart, flow->id, &v) == OK)
		HTML(h, "<p>Visit: <bdi>{t}</bdi></p>\n",
		    visit_words(c, &v));
	else if (flow->encounter.len == 0 && flow->asked_visit)
		HTML_LIT(h, "<p>Visit: none</p>\n");
	ask_of(c)->smart.error = (struct smart_error){ .fault = FAULT_NONE };
}

static enum err
whose(struct call *c, struct html *h, const struct smart_flow *flow)
{
	struct smart_patient p;
	enum err e;

	if (flow->patient.len == 0)
		return OK;
	e = smart_patient(smart_of(c), &ask_of(c)->smart, flow->patient,
	    &p);
	if (e != OK)
		return e;
	HTML(h, "<section aria-labelledby=\"whose\">"
	    "<h2 id=\"whose\">Whose record</h2>\n"
	    "<p><bdi>{t}</bdi>", page_name(c, p.name));
	if (p.birth.len > 0)
		HTML(h, ", born {t}", page_birth(c, p.birth));
	HTML_LIT(h, "</p>\n");
	which(c, h, flow);
	if (flow->others)
		again_form(c, h, flow->id);
	HTML_LIT(h, "</section>\n");
	return OK;
}

/* "FamilyMemberHistory" as people write: "Family member history". */
static struct bytes
plain(const struct call *c, const char *type)
{
	char *out = arena_alloc(c->arena, 2 * strlen(type) + 1);
	size_t n = 0;

	for (; *type != '\0'; type++) {
		bool capital = *type >= 'A' && *type <= 'Z' && n > 0;

		if (capital)
			out[n++] = ' ';
		out[n++] = capital ? (char)(*type - 'A' + 'a') : *type;
	}
	return bytes_of(out, n);
}

static void
types(struct call *c, struct html *h, const struct smart_group *g)
{
	struct bytes title = bytes_str(g->title), word;
	size_t i;

	HTML(h,
	    "<details><summary>Only some types of this"
	    "<span class=\"sr\">: {t}</span></summary>\n"
	    "<p class=\"hint\">Untick “{t}” above; then only what is ticked "
	    "here is shared.</p>\n", title, title);
	for (i = 0; i < g->n_type; i++) {
		if (!g->type[i].read)
			continue;
		word = word_of(c, g, g->type[i].name);
		HTML(h,
		    "<div class=\"opt\"><input type=\"checkbox\" "
		    "id=\"t-{a}\" name=\"type\" value=\"{a}\">\n"
		    "<label for=\"t-{a}\">{t} <span class=\"hint\">({t})"
		    "</span></label></div>\n",
		    word, word, word, plain(c, g->type[i].name),
		    g->type[i].count == 0 ? bytes_str("none") :
		    page_number(c, g->type[i].count));
	}
	HTML_LIT(h, "</details>\n");
}

/* Granular scopes: what of a type the app asks for, where not the whole. */
static void
only(struct call *c, struct html *h, const struct smart_group *g)
{
	size_t i;

	for (i = 0; i < g->n_type; i++)
		if (g->type[i].only.len > 0)
			HTML(h, " {t}: only {t}.", plain(c, g->type[i].name),
			    g->type[i].only);
}

static void
group(struct call *c, struct html *h, const struct smart_group *g)
{
	struct bytes word = word_of(c, g, g->key);

	HTML(h,
	    "<div class=\"opt\"><input type=\"checkbox\" id=\"g-{a}\" "
	    "name=\"group\" value=\"{a}\" checked "
	    "aria-describedby=\"g-{a}-hint\">\n"
	    "<label for=\"g-{a}\">{t}</label>\n"
	    "<p class=\"hint\" id=\"g-{a}-hint\">{t} ",
	    word, word, word, word, bytes_str(g->title), word,
	    bytes_str(g->text));
	if (g->count == 0)
		HTML(h, "{t}", bytes_str(g->everyone ? "None at present." :
		    "None in this record at present."));
	else
		HTML(h, "{t} {t}", page_number(c, g->count),
		    bytes_str(g->everyone ? "in all records you may see." :
		    "in this record."));
	only(c, h, g);
	HTML_LIT(h, "</p>\n");
	if (g->n_type > 1)
		types(c, h, g);
	HTML_LIT(h, "</div>\n");
}

/* One list of boxes: of one record, or of everybody's. */
static void
to_see(struct call *c, struct html *h, const struct smart_flow *flow,
    const struct smart_group *g, size_t n, bool everyone)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!g[i].read || g[i].everyone != everyone)
			continue;
		if (!begun)
			HTML(h, "<fieldset><legend><bdi>{t}</bdi> asks to "
			    "see{t}</legend>\n",
			    page_name(c, flow->client_name),
			    bytes_str(everyone ? " of everybody whose "
			    "records you may see" : ""));
		begun = true;
		group(c, h, &g[i]);
	}
	if (begun)
		HTML_LIT(h, "</fieldset>\n");
}

static void
to_change(struct call *c, struct html *h, const struct smart_flow *flow,
    const struct smart_group *g, size_t n)
{
	const char *sep = "";
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++)
		any |= g[i].write;
	if (!any) {
		HTML_LIT(h, "<p class=\"no\">It cannot change or delete "
		    "anything.</p>\n");
		return;
	}
	HTML(h,
	    "<fieldset><legend><bdi>{t}</bdi> asks to change</legend>\n"
	    "<div class=\"opt\"><input type=\"checkbox\" id=\"write\" "
	    "name=\"write\" value=\"yes\" aria-describedby=\"write-hint\">\n"
	    "<label for=\"write\">Let it add to and change these entries"
	    "</label>\n<p class=\"hint\" id=\"write-hint\">",
	    page_name(c, flow->client_name));
	for (i = 0; i < n; i++) {
		if (!g[i].write)
			continue;
		HTML(h, "{t}{t}{t}", bytes_str(sep), bytes_str(g[i].title),
		    bytes_str(g[i].everyone ? " (everybody’s)" : ""));
		sep = ", ";
	}
	HTML_LIT(h, "</p></div>\n</fieldset>\n");
}

static void
identity(struct call *c, struct html *h, const struct smart_flow *flow)
{
	if (!flow->identity)
		return;
	HTML(h,
	    "<fieldset><legend><bdi>{t}</bdi> asks who you are</legend>\n"
	    "<div class=\"opt\"><input type=\"checkbox\" id=\"identity\" "
	    "name=\"identity\" value=\"yes\" checked "
	    "aria-describedby=\"identity-hint\">\n"
	    "<label for=\"identity\">Tell it who you are</label>\n"
	    "<p class=\"hint\" id=\"identity-hint\">That you are "
	    "<bdi>{t}</bdi>, each time you open it.</p></div>\n"
	    "</fieldset>\n",
	    page_name(c, flow->client_name), page_name(c, flow->user_name));
}

/* "one hour", "30 minutes": how long an access token lives. */
static struct bytes
short_time(const struct call *c)
{
	int64_t minutes = c->server->conf->num[CONF_ACCESS_S] / 60;

	return bytes_str(minutes == 60 ? "one hour" :
	    arena_printf(c->arena, "%lld minute%s", (long long)minutes,
	    minutes == 1 ? "" : "s"));
}

static struct bytes
long_time(const struct call *c, const struct smart_flow *flow)
{
	struct instant end = c->rq->now;
	struct bytes day;

	end.ms += flow->days * 86400000;
	day = page_date(c, end, false);
	return bytes_str(arena_printf(c->arena, "until %.*s (%lld day%s)",
	    BYTES_FMT(day), (long long)flow->days,
	    flow->days == 1 ? "" : "s"));
}

static void
how_long(struct call *c, struct html *h, const struct smart_flow *flow)
{
	HTML_LIT(h, "<fieldset><legend>For how long</legend>\n");
	if (!flow->offline) {
		HTML(h, "<p>{t}{t}.</p>\n</fieldset>\n",
		    bytes_str(flow->online ? "While you are signed in here, "
		    "and after that for at most " : "For "), short_time(c));
		return;
	}
	HTML(h,
	    "<div class=\"opt\"><input type=\"radio\" id=\"now\" "
	    "name=\"time\" value=\"now\" checked>\n"
	    "<label for=\"now\">Just this once ({t})</label></div>\n"
	    "<div class=\"opt\"><input type=\"radio\" id=\"long\" "
	    "name=\"time\" value=\"long\" aria-describedby=\"long-hint\">\n"
	    "<label for=\"long\">Longer, {t}</label>\n"
	    "<p class=\"hint\" id=\"long-hint\">Also while you are not "
	    "here.</p></div>\n</fieldset>\n",
	    short_time(c), long_time(c, flow));
}

static void
finish(struct call *c, struct html *h, const struct smart_flow *flow)
{
	HTML(h,
	    "<p>What the app does with the data afterwards is not in our "
	    "hands: ask its makers. You can stop sharing at any time under "
	    "<a href=\"{a}/apps\">Apps with access</a>.</p>\n"
	    "<p class=\"acts\">"
	    "<button class=\"pri\" name=\"go\" value=\"allow\">Share "
	    "selected</button>\n"
	    "<button class=\"sec\" name=\"go\" value=\"deny\">Do not share"
	    "</button></p>\n"
	    "</form>\n"
	    "<details><summary>Technical details</summary><dl>\n"
	    "<dt>Client</dt><dd><code>{t}</code></dd>\n"
	    "<dt>Scopes that can be granted</dt><dd><code>{t}</code></dd>\n"
	    "</dl></details>\n",
	    site_of(c)->path, flow->client, flow->scope);
}

/* --- the page ------------------------------------------------------------- */

enum err
consent_page(struct call *c, const struct smart_flow *flow,
    const struct problem *pr)
{
	struct bytes name = page_name(c, flow->client_name);
	struct html h = page_new(c);
	struct smart_group *g;
	enum err e;
	size_t n;

	e = ask_store(c);
	if (e == OK)
		e = smart_groups(smart_of(c), &ask_of(c)->smart, flow->id,
		    &g, &n);
	if (e != OK)
		return e;
	ask_of(c)->origin = flow->origin;
	page_begin(c, &h, bytes_str(arena_printf(c->arena, "%s with %s?",
	    flow->patient.len > 0 ? "Share this health record" :
	    n > 0 ? "Share health records" : "Sign in",
	    arena_str(c->arena, name))), NULL, pr);
	introduce(c, &h, flow);
	e = whose(c, &h, flow);
	if (e != OK)
		return e;
	page_form(c, &h, "/consent", flow->id);
	to_see(c, &h, flow, g, n, false);
	to_see(c, &h, flow, g, n, true);
	to_change(c, &h, flow, g, n);
	identity(c, &h, flow);
	how_long(c, &h, flow);
	finish(c, &h, flow);
	return page_end(c, &h);
}

/* --- the answer ----------------------------------------------------------- */

/* A group that is only written to has no box of its own: the one does. */
static void
add_written(struct call *c, const struct smart_group *g, size_t n,
    struct smart_choice *choice)
{
	struct bytes *key = arena_array(c->arena, choice->n_group + n,
	    sizeof(*key));
	size_t i;

	for (i = 0; i < choice->n_group; i++)
		key[i] = choice->group[i];
	for (i = 0; i < n && !choice->read_only; i++) {
		if (g[i].write && !g[i].read)
			key[choice->n_group++] = word_of(c, &g[i], g[i].key);
	}
	choice->group = key;
}

static void
read_choice(struct call *c, const struct smart_flow *flow,
    const struct smart_group *g, size_t n, struct smart_choice *out)
{
	*out = (struct smart_choice){
		.read_only = !bytes_is(ask_field(c, "write"), "yes"),
		.no_offline = flow->offline &&
		    !bytes_is(ask_field(c, "time"), "long"),
		.no_identity = flow->identity &&
		    !bytes_is(ask_field(c, "identity"), "yes")
	};
	out->n_group = ask_fields(c, "group", &out->group);
	out->n_type = ask_fields(c, "type", &out->type);
	add_written(c, g, n, out);
	out->shown = consent_text(c, flow, g, n, out);
}

static enum err
approve(struct call *c, const struct smart_form *form)
{
	struct problem pr = { .text = "Nothing is ticked. "
	    "Tick what you want to share, or choose “Do not share”." };
	struct smart_call *s = &ask_of(c)->smart;
	struct smart_choice choice;
	struct smart_flow flow;
	struct smart_group *g;
	struct bytes location;
	enum err e;
	size_t n;

	e = smart_flow(smart_of(c), s, form->flow, &flow);
	if (e != OK)
		return e;
	if (flow.step != STEP_CONSENT)
		return answer_page(c, "/flow?id=%.*s",
		    BYTES_FMT(form->flow));
	e = ask_store(c);
	if (e == OK)
		e = smart_groups(smart_of(c), s, form->flow, &g, &n);
	if (e != OK)
		return e;
	read_choice(c, &flow, g, n, &choice);
	if (n == 0 || choice.n_group + choice.n_type > 0) {
		e = smart_approve(smart_of(c), s, form, &choice, &location);
		if (e != ERR_USAGE)
			return e == OK ? answer_url(c, location) : e;
		pr.text = page_sentence(c, s->error.text);
	}
	ask_of(c)->status = 400;
	return consent_page(c, &flow, &pr);
}

enum err
act_consent(struct call *c)
{
	struct smart_form form;
	struct bytes location, go;
	enum err e;

	e = ask_form(c, &form);
	if (e == OK)
		e = ask_csrf(c, &form);
	if (e != OK)
		return e;
	go = ask_field(c, "go");
	if (bytes_is(go, "allow"))
		return approve(c, &form);
	if (!bytes_is(go, "deny"))
		return ERR_SYNTAX;
	e = smart_deny(smart_of(c), &ask_of(c)->smart, &form, &location);
	return e == OK ? answer_url(c, location) : e;
}
