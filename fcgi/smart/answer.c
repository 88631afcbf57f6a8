/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c -- the one place where an outcome of auth/ becomes HTTP.  (L5)
 *
 * Programs get the JSON errors of RFC 6749, 7009, 7591 and 7662; people get
 * a page in plain words.  Neither ever repeats what was sent.  A redirect
 * goes to our own pages or where auth/ said, whose check it has passed.
 *
 * Spec: RFC 6749 5.2, RFC 6750 3, RFC 9700 4.12, 4.16; Fetch (CORS).
 * Attack cases AUZ-28, AUZ-30, TKE-13, TKE-24, HTTP-16, HTTP-18.
 */
#include <stdarg.h>
#include <stdio.h>

#include "fcgi/cookie.h"
#include "fcgi/smart/act.h"
#include "fcgi/smart/page.h"

#define HEAD_MAX	65536	/* bytes: a Location with a long state */
#define BODY_MAX	((size_t)1 << 20)
#define PATH_MAX_B	1024	/* bytes of a path of ours */
#define WAIT_MAX	86400	/* s: a locked account has no end */

#define LIT(b, s)	buf_add(b, bytes_of("" s, sizeof(s) - 1))

/* --- made by acts --------------------------------------------------------- */

struct buf
answer_buf(const struct call *c)
{
	return buf_on(c->arena, BODY_MAX);
}

enum err
answer_json(struct call *c, struct buf *json, int status)
{
	ask_of(c)->status = status;
	return buf_end(json, &c->rs->body);
}

enum err
answer_html(struct call *c, struct html *h)
{
	ask_of(c)->type = "text/html; charset=UTF-8";
	return html_end(h, &c->rs->body);
}

enum err
answer_page(struct call *c, const char *fmt, ...)
{
	struct bytes base = site_of(c)->url;
	char path[PATH_MAX_B];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_BUG;
	return answer_url(c, bytes_str(arena_printf(c->arena, "%.*s%s",
	    BYTES_FMT(base), path)));
}

enum err
answer_url(struct call *c, struct bytes url)
{
	size_t i;

	for (i = 0; i < url.len; i++) {
		if (url.p[i] <= ' ' || url.p[i] >= 0x7F)
			return ERR_BUG;
	}
	ask_of(c)->location = url;
	ask_of(c)->status = 303;
	return OK;
}

/* --- the kinds of answers ------------------------------------------------- */

/*
 * Does a program ask?  Where the path says it, that; else who names HTML
 * among what it takes is a person's browser.
 */
static bool
api(const struct call *c)
{
	struct bytes accept = c->rq->var[VAR_ACCEPT];

	if (c->at.route != NULL)
		return (c->at.route->flags & ROUTE_API) != 0;
	return accept.len == 0 ||
	    memmem(accept.p, accept.len, "text/html", 9) == NULL;
}

/*
 * Programs get the status RFC 6749 gives an error; people that of what
 * happened, but no 401, which would want a header no browser fills in.
 * Errors of HTTP, routes and forms never reached auth/: fault_of names them.
 */
static void
fault_of(struct call *c, struct smart_error *error)
{
	enum err e = c->rs->err;

	c->rs->status = e == ERR_LOGIN && !api(c) ? 403 : err_http(e);
	if (error->fault == FAULT_NONE) {
		error->fault = err_http(e) >= 500 ? FAULT_SERVER :
		    FAULT_REQUEST;
		error->text = err_text(e);
	} else if (api(c) && e != ERR_THROTTLED && e != ERR_TOOBIG) {
		c->rs->status = smart_fault_http(error->fault);
	}
}

static void
refuse_json(struct call *c, struct smart_call *s)
{
	struct buf b = answer_buf(c);

	smart_error_json(s, &b);
	if (buf_end(&b, &c->rs->body) != OK)
		c->rs->body = bytes_of(NULL, 0);
}

static void
refuse_page(struct call *c, const struct smart_error *error)
{
	struct html h = html_on(c->arena, BODY_MAX);

	page_error(c, &h, error);
	if (html_end(&h, &c->rs->body) != OK)
		c->rs->body = bytes_of(NULL, 0);
}

static void
refuse(struct call *c, struct ask *ask)
{
	ask->location = bytes_of(NULL, 0);
	ask->origin = bytes_of(NULL, 0);
	ask->max_age = 0;
	fault_of(c, &ask->smart.error);
	ask->type = NULL;
	if (api(c)) {
		refuse_json(c, &ask->smart);
		return;
	}
	ask->type = "text/html; charset=UTF-8";
	refuse_page(c, &ask->smart.error);
}

/* --- the header block ----------------------------------------------------- */

static void
challenge(struct buf *b, const struct smart_error *error,
    const struct site *site)
{
	if (error->dpop) {
		LIT(b, "WWW-Authenticate: DPoP algs=\"" AUTH_DPOP_ALGS "\", "
		    "error=\"invalid_dpop_proof\"\r\n");
		return;
	}
	if (error->challenge)
		LIT(b, "WWW-Authenticate: Basic realm=\"");
	else if (error->fault == FAULT_TOKEN)
		LIT(b, "WWW-Authenticate: Bearer realm=\"");
	else
		return;
	buf_add(b, site->url);
	LIT(b, "\"");
	if (!error->challenge)
		LIT(b, ", error=\"invalid_token\"");
	LIT(b, "\r\n");
}

/* For programs in pages of any origin; never with cookies (HTTP-16). */
static void
cors(struct buf *b, const struct resp *rs)
{
	LIT(b, "Access-Control-Allow-Origin: *\r\n"
	    "Access-Control-Expose-Headers: Retry-After, WWW-Authenticate, "
	    "X-Request-Id\r\n");
	if (!rs->preflight)
		return;
	LIT(b, "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, "
	    "OPTIONS\r\n"
	    "Access-Control-Allow-Headers: Accept, Authorization, "
	    "Content-Type, DPoP, Origin, X-Requested-With\r\n"
	    "Access-Control-Max-Age: 86400\r\n");
}

/* What a source of CSP may hold; anything else could add a directive. */
static bool
source_ok(struct bytes origin)
{
	size_t i;

	for (i = 0; i < origin.len; i++) {
		if (origin.p[i] <= ' ' || origin.p[i] >= 0x7F ||
		    strchr(";,'\"", (char)origin.p[i]) != NULL)
			return false;
	}
	return origin.len > 0;
}

static void
security(struct buf *b, const struct ask *ask, const struct site *site,
    bool page)
{
	LIT(b, "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "X-Frame-Options: DENY\r\n"
	    "Content-Security-Policy: default-src 'none'; "
	    "frame-ancestors 'none'; base-uri 'none'");
	if (page) {
		LIT(b, "; style-src 'self'; form-action 'self'");
		/* Chromium asks it of the redirect behind a form, too. */
		if (source_ok(ask->origin)) {
			LIT(b, " ");
			buf_add(b, ask->origin);
		}
		LIT(b, "\r\nCross-Origin-Opener-Policy: same-origin\r\n"
		    "Cross-Origin-Resource-Policy: same-origin");
	}
	LIT(b, "\r\n");
	if (site->tls)
		LIT(b, "Strict-Transport-Security: max-age=31536000\r\n");
}

static void
cookies(struct buf *b, const struct smart_call *s, bool tls)
{
	if (s->new_cookie.len > 0)
		cookie_set(b, COOKIE_SESSION, tls, s->new_cookie);
	else if (s->drop_cookie)
		cookie_set(b, COOKIE_SESSION, tls, bytes_of(NULL, 0));
	if (s->new_device.len > 0)
		cookie_set(b, COOKIE_DEVICE, tls, s->new_device);
}

static void
body_fields(struct buf *b, const struct call *c, const struct ask *ask)
{
	if (c->rs->status != 204) {
		LIT(b, "Content-Type: ");
		buf_str(b, ask->type != NULL ? ask->type :
		    "application/json; charset=UTF-8");
		buf_printf(b, "\r\nContent-Length: %zu\r\n",
		    c->rs->body.len);
	}
	if (ask->max_age > 0)
		buf_printf(b, "Cache-Control: public, max-age=%lld\r\n",
		    (long long)ask->max_age);
	else
		LIT(b, "Cache-Control: no-store\r\nPragma: no-cache\r\n");
}

static void
retry(struct buf *b, int64_t wait_s)
{
	int64_t s = wait_s < 1 ? 1 : wait_s > WAIT_MAX ? WAIT_MAX : wait_s;

	buf_printf(b, "Retry-After: %lld\r\n", (long long)s);
}

static struct bytes
head(struct call *c, struct ask *ask)
{
	struct buf b = buf_on(c->arena, HEAD_MAX);
	const struct smart_error *error = &ask->smart.error;
	const struct resp *rs = c->rs;
	struct bytes out;
	bool json = api(c);

	buf_printf(&b, "Status: %d %s\r\n", rs->status,
	    resp_reason(rs->status));
	if (ask->location.len > 0) {
		LIT(&b, "Location: ");
		buf_add(&b, ask->location);
		LIT(&b, "\r\n");
	}
	body_fields(&b, c, ask);
	if (rs->err != OK)
		challenge(&b, error, site_of(c));
	if (rs->allow != NULL)
		buf_printf(&b, "Allow: %s\r\n", rs->allow);
	if (rs->status == 503 || rs->status == 429)
		retry(&b, error->retry_s);
	security(&b, ask, site_of(c), !json);
	if (json)
		cors(&b, rs);
	else
		cookies(&b, &ask->smart, site_of(c)->tls);
	LIT(&b, "X-Request-Id: ");
	buf_str(&b, c->rq->id);
	LIT(&b, "\r\n\r\n");
	return buf_end(&b, &out) == OK ? out : answer_nomem();
}

void
answer_finish(struct call *c)
{
	struct resp *rs = c->rs;
	struct ask *ask;

	if (c->own == NULL)	/* it could not even be read */
		(void)ask_login(c);
	ask = ask_of(c);
	if (ask->smart.t != NULL)
		store_end(ask->smart.t);
	c->login.client = ask->smart.client;
	c->event = ask->smart.error.event;
	rs->status = ask->status != 0 ? ask->status : 200;
	if (rs->err != OK)
		refuse(c, ask);
	else if (rs->preflight)
		rs->status = 204;
	rs->part[rs->n_part++] = head(c, ask);
	if (c->rq->method != METHOD_HEAD && rs->body.len > 0)
		rs->part[rs->n_part++] = rs->body;
}

struct bytes
answer_nomem(void)
{
	return bytes_str("Status: 503 Service Unavailable\r\n"
	    "Content-Type: application/json; charset=UTF-8\r\n"
	    "Retry-After: 1\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Security-Policy: default-src 'none'\r\n"
	    "\r\n"
	    "{\"error\":\"temporarily_unavailable\","
	    "\"error_description\":\"try again\"}\n");
}
