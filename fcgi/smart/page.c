/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c -- the frame of every page, and the parts they share.  (L5)
 */
#include "fcgi/smart/page.h"

#define PAGE_MAX	((size_t)1 << 20)	/* bytes */

struct html
page_new(const struct call *c)
{
	return html_on(c->arena, PAGE_MAX);
}

struct bytes
page_name(const struct call *c, struct bytes name)
{
	return html_cut(c->arena, name, PAGE_NAME);
}

struct bytes
page_number(const struct call *c, uint64_t n)
{
	return bytes_str(arena_printf(c->arena, "%llu",
	    (unsigned long long)n));
}

/* --- the frame ------------------------------------------------------------ */

static void
header(struct call *c, struct html *h, const struct smart_session *who)
{
	struct bytes path = site_of(c)->path;

	HTML(h,
	    "<header>\n"
	    "<p class=\"brand\">{t}</p>\n",
	    c->server->conf->text[CONF_SITE_NAME]);
	if (who != NULL)
		HTML(h,
		    "<p class=\"who\">Signed in as <b><bdi>{t}</bdi></b></p>\n"
		    "<nav aria-label=\"Your account\"><ul>\n"
		    "<li><a href=\"{a}/apps\">Apps with access</a></li>\n"
		    "<li><a href=\"{a}/sessions\">Sessions</a></li>\n"
		    "<li><a href=\"{a}/password\">Password</a></li>\n"
		    "<li><a href=\"{a}/logout\">Sign out</a></li>\n"
		    "</ul></nav>\n",
		    page_name(c, who->user_name), path, path, path, path);
	HTML_LIT(h, "</header>\n");
}

static void
summary(struct html *h, const struct problem *pr)
{
	if (pr == NULL || pr->text == NULL)
		return;
	HTML_LIT(h,
	    "<div class=\"problem\" role=\"alert\">\n"
	    "<p><strong>There is a problem</strong></p>\n");
	if (pr->field != NULL)
		HTML(h, "<p><a href=\"#{q}\">{t}</a></p>\n",
		    bytes_str(pr->field), bytes_str(pr->text));
	else
		HTML(h, "<p>{t}</p>\n", bytes_str(pr->text));
	HTML_LIT(h, "</div>\n");
}

void
page_begin(struct call *c, struct html *h, struct bytes title,
    const struct smart_session *who, const struct problem *pr)
{
	bool bad = pr != NULL && pr->text != NULL;

	HTML(h,
	    "<!doctype html>\n"
	    "<html lang=\"en\">\n"
	    "<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>{t}{t} – {t}</title>\n"
	    "<link rel=\"stylesheet\" href=\"{a}/style.css\">\n"
	    "</head>\n"
	    "<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to main content</a>\n",
	    bytes_str(bad ? "Error: " : ""), title,
	    c->server->conf->text[CONF_SITE_NAME], site_of(c)->path);
	header(c, h, who);
	HTML_LIT(h, "<main id=\"main\">\n");
	summary(h, pr);
	HTML(h, "<h1>{t}</h1>\n", title);
}

/* The end of the markup alone: of error pages, too. */
static void
close_page(struct call *c, struct html *h)
{
	HTML(h,
	    "</main>\n"
	    "<footer><p>If you ask for help, give this reference: "
	    "<code>{t}</code></p></footer>\n"
	    "</body>\n"
	    "</html>\n", bytes_str(c->rq->id));
}

enum err
page_end(struct call *c, struct html *h)
{
	close_page(c, h);
	return answer_html(c, h);
}

/* --- forms ---------------------------------------------------------------- */

void
page_hidden(struct html *h, const char *name, struct bytes value)
{
	HTML(h, "<input type=\"hidden\" name=\"{a}\" value=\"{a}\">\n",
	    bytes_str(name), value);
}

void
page_form(struct call *c, struct html *h, const char *path,
    struct bytes flow)
{
	HTML(h, "<form method=\"post\" action=\"{a}{a}\">\n",
	    site_of(c)->path, bytes_str(path));
	if (flow.len > 0)
		page_hidden(h, "flow", flow);
	page_hidden(h, "csrf", smart_csrf(&ask_of(c)->smart, flow));
}

void
page_field(struct html *h, const struct field *f, const struct problem *pr)
{
	struct bytes id = bytes_str(f->id);
	bool bad = pr != NULL && pr->text != NULL && pr->field != NULL &&
	    strcmp(pr->field, f->id) == 0;

	HTML(h, "<div class=\"field\">\n<label for=\"{a}\">{t}</label>\n",
	    id, bytes_str(f->label));
	if (f->hint != NULL)
		HTML(h, "<p class=\"hint\" id=\"{a}-hint\">{t}</p>\n", id,
		    bytes_str(f->hint));
	if (bad)
		HTML(h, "<p class=\"bad\" id=\"{a}-bad\">"
		    "<span class=\"sr\">Error: </span>{t}</p>\n", id,
		    bytes_str(pr->text));
	HTML(h, "<input id=\"{a}\" name=\"{a}\" type=\"{a}\" "
	    "autocomplete=\"{a}\" value=\"{a}\"", id, id,
	    bytes_str(f->type), bytes_str(f->complete), f->value);
	if (f->hint != NULL && bad)
		HTML(h, " aria-describedby=\"{a}-hint {a}-bad\"", id, id);
	else if (f->hint != NULL)
		HTML(h, " aria-describedby=\"{a}-hint\"", id);
	else if (bad)
		HTML(h, " aria-describedby=\"{a}-bad\"", id);
	if (bad)
		HTML_LIT(h, " aria-invalid=\"true\"");
	HTML(h, " spellcheck=\"false\" autocapitalize=\"none\" {k}>\n"
	    "</div>\n", bytes_str(f->required ? "required" : ""));
}

/* --- errors --------------------------------------------------------------- */

/* What a person reads: by what happened, then by status. */
static const struct {
	enum err	 err;
	const char	*title, *text;
} words[] = {
	{ ERR_FORBIDDEN, "This form cannot be used",
	    "It was not made for this browser, or it is too old. Nothing was "
	    "changed. Go back, load the page again and send it once more." },
	{ ERR_NOTFOUND, "There is nothing at this address",
	    "If you came from an app, its sign-in may be over, or it was "
	    "begun in another browser. Go back to the app and begin again." },
	{ ERR_METHOD, "This address cannot be opened like that",
	    "It is used by forms and apps. Go back to the page you came "
	    "from." },
	{ ERR_THROTTLED, "Too many tries",
	    "Please wait and try again." },
	{ ERR_TOOBIG, "What was sent is too long",
	    "Nothing was changed. Go back and send less." },
	{ ERR_LOGIN, "Please sign in",
	    "You are not signed in, or your session is over." },
};

static void
error_words(const struct call *c, const struct smart_error *error,
    const char **title_out, const char **text_out)
{
	size_t i;

	*title_out = "This request cannot be answered";
	*text_out = "The address or the form is not as it should be. If an "
	    "app sent you here, tell its makers.";
	if (c->rs->status >= 500) {
		*title_out = "This does not work at the moment";
		*text_out = "The fault is ours, not yours. Please try again "
		    "in a few minutes.";
	}
	for (i = 0; i < N_ELEM(words); i++) {
		if (words[i].err == c->rs->err) {
			*title_out = words[i].title;
			*text_out = words[i].text;
		}
	}
	if (c->rs->err == ERR_FORBIDDEN && !ask_forged(c)) {
		*title_out = "This is not allowed here";
		*text_out = error->text == NULL ? "Nothing was changed." :
		    page_sentence(c, error->text);
	}
	if (c->rs->err == ERR_USAGE && error->text != NULL) {
		*title_out = "The app that sent you here made a mistake";
		*text_out = "You did nothing wrong, and nothing was shared. "
		    "Go back to the app; if this happens again, give its "
		    "makers the text below.";
	}
}

void
page_error(struct call *c, struct html *h, const struct smart_error *error)
{
	const char *title, *text;

	error_words(c, error, &title, &text);
	page_begin(c, h, bytes_str(title), NULL, NULL);
	HTML(h, "<p>{t}</p>\n", bytes_str(text));
	if (c->rs->err == ERR_LOGIN)
		HTML(h, "<p><a href=\"{a}/login\">Sign in</a></p>\n",
		    site_of(c)->path);
	if (c->rs->err == ERR_THROTTLED && error->retry_s > 0)
		HTML(h, "<p>{t}</p>\n",
		    bytes_str(page_wait(c, error->retry_s)));
	if (c->rs->err == ERR_USAGE && error->text != NULL) {
		HTML(h, "<dl><dt>Error</dt><dd><code>{t}</code></dd>\n"
		    "<dt>Reason</dt><dd>",
		    bytes_str(smart_fault_name(error->fault)));
		if (error->place != NULL)
			HTML(h, "<code>{t}</code>: ",
			    bytes_str(error->place));
		HTML(h, "{t}</dd></dl>\n", bytes_str(error->text));
	}
	close_page(c, h);
}

const char *
page_sentence(const struct call *c, const char *text)
{
	char *s = arena_printf(c->arena, "%s.", text);

	if (s[0] >= 'a' && s[0] <= 'z')
		s[0] = (char)(s[0] - 'a' + 'A');
	return s;
}

const char *
page_wait(const struct call *c, int64_t seconds)
{
	long long s = (long long)seconds, m = (s + 59) / 60;

	if (s > 366 * 86400)
		return "This account is locked. Ask for help to have it "
		    "opened again.";
	if (s <= 90)
		return arena_printf(c->arena, "Please wait %lld second%s, "
		    "then try again.", s, s == 1 ? "" : "s");
	return arena_printf(c->arena, "Please wait %lld minutes, then try "
	    "again.", m);
}

/* --- dates ---------------------------------------------------------------- */

static const char *const months[] = { "January", "February", "March",
    "April", "May", "June", "July", "August", "September", "October",
    "November", "December" };

/* Two digits at p, or 0. */
static unsigned
two(const uint8_t *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return 0;
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

struct bytes
page_birth(const struct call *c, struct bytes date)
{
	unsigned month;

	if (date.len < 10 || date.p[4] != '-' || date.p[7] != '-')
		return date;
	month = two(date.p + 5);
	if (month < 1 || month > 12)
		return date;
	return bytes_str(arena_printf(c->arena, "%u %s %.4s",
	    two(date.p + 8), months[month - 1], (const char *)date.p));
}

struct bytes
page_date(const struct call *c, struct instant t, bool time)
{
	char iso[INSTANT_LEN];
	struct bytes day;

	clock_iso(t, iso);
	day = page_birth(c, bytes_of(iso, 10));
	if (!time)
		return day;
	return bytes_str(arena_printf(c->arena, "%.*s, %.5s UTC",
	    BYTES_FMT(day), iso + 11));
}
