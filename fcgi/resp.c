/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resp.c -- the answer: the one place where an enum err becomes HTTP.  (L4)
 */
#include "fcgi/resp.h"

#include "base/log.h"
#include "base/text.h"
#include "fhir/json.h"

#define HEAD_MAX	8192	/* bytes of our header block */
#define OUTCOME_MAX	1048576	/* bytes of an OperationOutcome */
#define MAX_AGE		"86400"	/* s a browser may remember a preflight */

#define LIT(b, s)	buf_add(b, bytes_of("" s, sizeof(s) - 1))

/* RFC 9110 section 15, for every status we send. */
static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 204, "No Content" },
	{ 303, "See Other" }, { 304, "Not Modified" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" },
	{ 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
	{ 409, "Conflict" }, { 410, "Gone" },
	{ 412, "Precondition Failed" }, { 413, "Content Too Large" },
	{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

const char *
resp_reason(int status)
{
	size_t i;

	for (i = 0; i < N_ELEM(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Error";
}

struct resp *
resp_new(struct arena *a)
{
	struct resp *rs = arena_alloc(a, sizeof(*rs));

	rs->is = issues_on(a);
	return rs;
}

void
resp_version(struct resp *rs, uint64_t version, struct instant updated)
{
	struct buf b = buf_on(rs->is.arena, 32);

	LIT(&b, "W/\"");
	buf_dec(&b, version);
	LIT(&b, "\"");
	if (buf_end(&b, &rs->etag) != OK)
		panic("event=etag");
	rs->modified = updated;
	rs->has_modified = true;
	rs->first = version == 1;
}

/* What must not be explained to a caller: see resp.h. */
static bool
mute(enum err e)
{
	return e == ERR_LOGIN || e == ERR_FORBIDDEN || e == ERR_GONE ||
	    err_http(e) >= 500;
}

static void
outcome(struct resp *rs)
{
	struct issues none = issues_on(rs->is.arena);
	struct buf b = buf_on(rs->is.arena, OUTCOME_MAX);

	if (rs->place != NULL)
		issue_add(&none, rs->err, NULL, rs->place, "%s",
		    err_text(rs->err));
	issues_json(mute(rs->err) ? &none : &rs->is, rs->err, &b);
	if (buf_end(&b, &rs->body) == OK)
		return;
	b = buf_on(rs->is.arena, OUTCOME_MAX);
	issues_json(&none, rs->err, &b);
	if (buf_end(&b, &rs->body) != OK)
		rs->body = bytes_of(NULL, 0);
}

/* --- conditional reads (RFC 9110 13.1.2, 13.1.3) ------------------------ */

static struct bytes
opaque(struct bytes tag)
{
	while (tag.len > 0 && (tag.p[0] == ' ' || tag.p[0] == '\t'))
		tag = bytes_from(tag, 1);
	while (tag.len > 0 && (tag.p[tag.len - 1] == ' ' ||
	    tag.p[tag.len - 1] == '\t'))
		tag.len--;
	return bytes_starts(tag, bytes_of("W/", 2)) ? bytes_from(tag, 2) : tag;
}

static bool
names_tag(struct bytes list, struct bytes etag)
{
	struct bytes one;
	bool more = list.len > 0;

	while (more) {
		/* No tag of ours holds a comma. */
		more = bytes_cut(list, ',', &one, &list);
		one = opaque(one);
		if (bytes_is(one, "*") || bytes_eq(one, opaque(etag)))
			return true;
	}
	return false;
}

/*
 * A date names a whole second, in which a resource may change twice (RFC 9110
 * 8.8.2.2): who read the first of these knows no better date than who read
 * the last.  So a change in the very second named is one that may have been
 * missed, but for the first version, before which there was nothing to read.
 */
static bool
unchanged_since(const struct resp *rs, struct instant t)
{
	int64_t changed = rs->modified.ms / 1000, said = t.ms / 1000;

	return changed < said || (changed == said && rs->first);
}

static bool
not_modified(const struct resp *rs, const struct req *rq)
{
	struct bytes none_match = rq->var[VAR_NONE_MATCH];
	struct bytes since = rq->var[VAR_SINCE];
	struct instant t;

	if (rq->method != METHOD_GET && rq->method != METHOD_HEAD)
		return false;
	if (rs->etag.len > 0 && none_match.len > 0)
		return names_tag(none_match, rs->etag);
	if (!rs->has_modified || none_match.len > 0 || since.len == 0 ||
	    clock_unhttp(since, &t) != OK)
		return false;
	return unchanged_since(rs, t);
}

/* --- the header block ---------------------------------------------------- */

/*
 * RFC 9449 7.1: beside the one for Bearer, where both are taken.  Which
 * algorithms stands in auth/jwk.h.
 */
static void
challenge_dpop(struct buf *b, const struct resp *rs)
{
	LIT(b, "WWW-Authenticate: DPoP algs=\"" AUTH_DPOP_ALGS "\"");
	if (rs->fault == LOGIN_PROOF)
		LIT(b, ", error=\"invalid_dpop_proof\"");
	LIT(b, "\r\n");
}

/* RFC 6750 3: no error code where no credentials came. */
static void
challenge(struct buf *b, const struct resp *rs, const struct req *rq)
{
	LIT(b, "WWW-Authenticate: Bearer realm=\"");
	buf_add(b, rq->conf->text[CONF_BASE_URL]);
	LIT(b, "\"");
	if (rs->err == ERR_FORBIDDEN) {
		LIT(b, ", error=\"insufficient_scope\"");
		if (rs->need_type != NULL)
			buf_printf(b, ", scope=\"patient/%s.%s\"",
			    rs->need_type, rs->need_write ? "write" : "read");
	} else if (rs->fault == LOGIN_INVALID) {
		LIT(b, ", error=\"invalid_token\"");
	} else if (rs->fault == LOGIN_MALFORMED) {
		LIT(b, ", error=\"invalid_request\"");
	}
	LIT(b, "\r\n");
	if (rs->status == 401 && rq->conf->num[CONF_DPOP] != 0)
		challenge_dpop(b, rs);
}

/*
 * CORS: any page may call, none may ride on a login of ours, for there is
 * none: no credentials, ever (HTTP-16).
 */
static void
cors(struct buf *b, const struct resp *rs)
{
	LIT(b, "Access-Control-Allow-Origin: *\r\n"
	    "Access-Control-Expose-Headers: ETag, Last-Modified, "
	    "Content-Location, Location, Retry-After, WWW-Authenticate, "
	    "X-Request-Id\r\n");
	if (!rs->preflight)
		return;
	LIT(b, "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, "
	    "OPTIONS\r\n"
	    "Access-Control-Allow-Headers: Accept, Authorization, "
	    "Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Exist, "
	    "If-None-Match, Origin, Prefer, X-Request-Id, "
	    "X-Requested-With\r\n"
	    "Access-Control-Max-Age: " MAX_AGE "\r\n");
}

static void
security(struct buf *b, const struct resp *rs, const struct req *rq)
{
	if (rs->cacheable)
		LIT(b, "Cache-Control: no-cache\r\n");
	else
		LIT(b, "Cache-Control: no-store\r\nPragma: no-cache\r\n");
	LIT(b, "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Content-Security-Policy: default-src 'none'; "
	    "frame-ancestors 'none'");
	if (rs->native != NULL && rs->err == OK)
		LIT(b, "; sandbox\r\nContent-Disposition: attachment");
	LIT(b, "\r\n");
	if (bytes_starts(rq->conf->text[CONF_BASE_URL],
	    bytes_str("https:")))
		LIT(b, "Strict-Transport-Security: max-age=31536000\r\n");
}

static void
validators(struct buf *b, const struct resp *rs)
{
	char date[HTTPDATE_LEN];

	if (rs->err != OK)
		return;
	if (rs->etag.len > 0) {
		LIT(b, "ETag: ");
		buf_add(b, rs->etag);
		LIT(b, "\r\n");
	}
	if (rs->has_modified) {
		clock_http(rs->modified, date);
		LIT(b, "Last-Modified: ");
		buf_add(b, bytes_of(date, sizeof(date)));
		LIT(b, "\r\n");
	}
}

/* A quota is of a day of UTC: it begins anew at midnight. */
static void
retry(struct buf *b, const struct resp *rs, const struct req *rq)
{
	const uint64_t day_s = 86400;

	if (rs->status != 503 && rs->status != 429)
		return;
	LIT(b, "Retry-After: ");
	buf_dec(b, rs->status == 503 ? 1 :
	    day_s - (uint64_t)(rq->now.ms / 1000) % day_s);
	LIT(b, "\r\n");
}

static struct bytes
head(struct resp *rs, const struct req *rq, size_t length)
{
	struct buf b = buf_on(rs->is.arena, HEAD_MAX);
	struct bytes out;

	LIT(&b, "Status: ");
	buf_dec(&b, (uint64_t)rs->status);
	LIT(&b, " ");
	buf_str(&b, resp_reason(rs->status));
	LIT(&b, "\r\n");
	if (rs->status != 304 && rs->status != 204) {
		LIT(&b, "Content-Type: ");
		buf_str(&b, rs->native != NULL && rs->err == OK ? rs->native :
		    accept_type(rq->media));
		LIT(&b, "\r\nContent-Length: ");
		buf_dec(&b, length);
		LIT(&b, "\r\n");
	}
	validators(&b, rs);
	if (rs->err == OK && rs->location.len > 0) {
		LIT(&b, "Location: ");
		buf_add(&b, rq->conf->text[CONF_BASE_URL]);
		LIT(&b, "/");
		buf_add(&b, rs->location);
		LIT(&b, "\r\n");
	}
	if (rs->status == 401 || rs->status == 403 ||
	    rs->fault == LOGIN_MALFORMED)
		challenge(&b, rs, rq);
	if (rs->allow != NULL)
		buf_printf(&b, "Allow: %s\r\n", rs->allow);
	retry(&b, rs, rq);
	security(&b, rs, rq);
	cors(&b, rs);
	LIT(&b, "Vary: Accept, Authorization\r\nX-Request-Id: ");
	buf_str(&b, rq->id);
	LIT(&b, "\r\n\r\n");
	/* Every piece is bounded far below HEAD_MAX: base-url is longest. */
	if (buf_end(&b, &out) != OK)
		out = resp_nomem();
	return out;
}

/*
 * What a buffer may still grow to: beside twice its size there is the rest
 * of the answer to make.  An indented text that ran out of memory would cost
 * the worker, over and over.
 */
static size_t
room(const struct arena *a, const struct conf *conf)
{
	size_t all = (size_t)conf->num[CONF_MEM], used = arena_used(a);

	return used < all ? (all - used) / 4 : 0;
}

void
resp_settle(struct resp *rs, const struct req *rq)
{
	rs->status = err_http(rs->err);
	if (rs->err != OK)
		outcome(rs);
	else if (rs->success != 0)
		rs->status = rs->success;
	else if (rs->preflight && rs->body.len == 0)
		rs->status = 204;
	else if (not_modified(rs, rq))
		rs->status = 304;
}

void
resp_finish(struct resp *rs, const struct req *rq)
{
	bool json = rs->native == NULL || rs->err != OK;
	bool line = rs->err != OK;

	resp_settle(rs, rq);
	if (json && rq->pretty && rs->body.len > 0) {
		rs->body = json_pretty(rs->is.arena, rs->body,
		    room(rs->is.arena, rq->conf));
		line = true;
	}
	line = line && rs->body.len > 0 &&
	    rs->body.p[rs->body.len - 1] != '\n';
	rs->part[rs->n_part++] = head(rs, rq, rs->body.len + line);
	if (rq->method == METHOD_HEAD || rs->status == 304 ||
	    rs->status == 204)
		return;
	rs->part[rs->n_part++] = rs->body;
	if (line)
		rs->part[rs->n_part++] = bytes_str("\n");
}

struct bytes
resp_nomem(void)
{
	return bytes_str("Status: 503 Service Unavailable\r\n"
	    "Content-Type: application/json+fhir; charset=UTF-8\r\n"
	    "Retry-After: 1\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Security-Policy: default-src 'none'\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "\r\n"
	    "{\"resourceType\":\"OperationOutcome\",\"issue\":"
	    "[{\"severity\":\"error\",\"code\":\"transient\","
	    "\"diagnostics\":\"try again\"}]}\n");
}
