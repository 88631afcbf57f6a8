/* SPDX-License-Identifier: Apache-2.0 */
/*
 * req.c -- one request, read under every limit.  (L4)
 */
#include "fcgi/req.h"

#include "base/text.h"

static const char *const methods[METHOD__MAX] = {
#define X(id, name) name,
	METHOD_TABLE(X)
#undef X
};

static const struct {
	const char	*name;
	size_t		 len;
} vars[VAR__MAX] = {
#define X(id, name) { name, sizeof(name) - 1 },
	REQ_VARS(X)
#undef X
};

const char *
method_name(enum method m)
{
	return methods[m];
}

const char *
req_var_name(enum req_var v)
{
	return vars[v].name;
}

/* VAR__MAX for a variable we do not read. */
static enum req_var
var_find(const char *name, size_t len)
{
	enum req_var v;

	for (v = 0; v < VAR__MAX; v++) {
		if (vars[v].len == len && memcmp(vars[v].name, name, len) == 0)
			break;
	}
	return v;
}

/*
 * Sort the environment into rq->var, to its end even past a limit: whether
 * the peer is a stranger must not depend on the order.  Header fields alone
 * count towards header-bytes: servers repeat the target in variables of
 * their own.
 */
static enum err
env_sort(struct req *rq, char *const *envp, struct issues *is)
{
	bool seen[VAR__MAX] = { false }, twice = false;
	size_t n, total = 0, limit = (size_t)rq->conf->num[CONF_HEADER];
	struct bytes one, name, value;
	enum req_var v;

	for (n = 0; envp[n] != NULL; n++) {
		one = bytes_str(envp[n]);
		if (!bytes_cut(one, '=', &name, &value))
			continue;
		if (bytes_starts(name, bytes_of("HTTP_", 5)))
			total += one.len;
		v = var_find((const char *)name.p, name.len);
		if (v == VAR__MAX)
			continue;
		twice = twice || seen[v];
		seen[v] = true;
		rq->var[v] = value;
	}
	if (n > REQ_ENV_MAX || total > limit)
		return ERR_HEADERS;
	if (twice)
		return issue_add(is, ERR_SYNTAX, "http-once", NULL,
		    "a header field that may stand once came twice");
	return OK;
}

static enum err
method_parse(struct req *rq)
{
	enum method m;

	for (m = 0; m < METHOD__MAX; m++) {
		if (bytes_is(rq->var[VAR_METHOD], methods[m])) {
			rq->method = m;
			return OK;
		}
	}
	return ERR_METHODUNK;
}

/* A client's own id makes its log and ours meet; anything odd is ours. */
static void
request_id(struct req *rq)
{
	struct bytes id = rq->var[VAR_REQUEST_ID];
	size_t i;

	if (id.len == 0 || id.len > REQ_ID_MAX)
		return;
	for (i = 0; i < id.len; i++) {
		if (!(id.p[i] >= 'a' && id.p[i] <= 'z') &&
		    !(id.p[i] >= 'A' && id.p[i] <= 'Z') &&
		    !(id.p[i] >= '0' && id.p[i] <= '9') && id.p[i] != '-')
			return;
	}
	memcpy(rq->id, id.p, id.len);
	rq->id[id.len] = '\0';
}

/* Empty means absent: nginx sends CONTENT_LENGTH with every request. */
static enum err
length_parse(struct req *rq, struct issues *is)
{
	if (rq->var[VAR_LENGTH].len == 0)
		return OK;
	if (!text_u64(rq->var[VAR_LENGTH], INT64_MAX, &rq->length))
		return issue_add(is, ERR_SYNTAX, "http-length", NULL,
		    "Content-Length is not a number of bytes");
	rq->sized = true;
	return OK;
}

struct bytes
req_param(const struct req *rq, const char *name)
{
	struct bytes found = { .len = 0 };
	size_t i, n = 0;

	for (i = 0; i < rq->n_pair; i++) {
		if (bytes_is(rq->pair[i].name, name)) {
			found = rq->pair[i].value;
			n++;
		}
	}
	return n == 1 ? found : bytes_of(NULL, 0);
}

/* After errors, too, so that the outcome comes in the format asked for. */
static void
choose(struct req *rq)
{
	struct bytes pretty = req_param(rq, "_pretty");

	rq->media = accept_choose(rq->var[VAR_ACCEPT],
	    req_param(rq, "_format"));
	rq->pretty = pretty.len > 0 ? bytes_is(pretty, "true") :
	    rq->media == MEDIA_BROWSER && rq->var[VAR_ORIGIN].len == 0;
}

static enum err
target_read(struct req *rq, struct issues *is)
{
	const struct conf *c = rq->conf;
	enum err e;

	e = target_parse(rq->arena, rq->var[VAR_URI],
	    target_mount(c->text[rq->mount]), (size_t)c->num[CONF_URI],
	    &rq->target);
	if (e == ERR_SYNTAX)
		return issue_add(is, e, "target", NULL,
		    "the request target holds a byte that must be percent-"
		    "encoded (in UTF-8), a broken escape, or an empty or dot "
		    "segment");
	if (e != OK)
		return e;
	if (rq->target.query.len == 0)
		return OK;
	return query_pairs(rq->arena, rq->target.query,
	    (size_t)c->num[CONF_PARAMS], is, &rq->pair, &rq->n_pair);
}

bool
req_stranger(const struct req *rq)
{
	return rq->var[VAR_METHOD].p == NULL || rq->var[VAR_URI].p == NULL ||
	    rq->var[VAR_GATEWAY].p == NULL;
}

enum err
req_env(struct req *rq, char *const *envp, struct issues *is)
{
	enum err e;

	rq->media = MEDIA_ANY;
	e = env_sort(rq, envp, is);
	if (e != OK || req_stranger(rq))
		return e != OK ? e : ERR_SYNTAX;
	request_id(rq);
	e = method_parse(rq);
	if (e == OK)
		e = target_read(rq, is);
	if (e == OK)
		e = length_parse(rq, is);
	if (e == OK && rq->var[VAR_ENCODING].len > 0 &&
	    !text_caseeq(rq->var[VAR_ENCODING], bytes_str("identity")))
		e = issue_add(is, ERR_MEDIA, "http-encoding", NULL,
		    "Content-Encoding is not accepted; send the body as it is");
	choose(rq);
	return e;
}

/*
 * Read up to max bytes and one more, to know that there is more.  The buffer
 * doubles: a body without a length (chunked, behind Apache) may be small.
 */
static enum err
body_read(struct req *rq, req_read_fn *fn, void *arg, size_t max)
{
	size_t cap = rq->sized ? (size_t)rq->length + 1 : 512;
	size_t len = 0, got;
	uint8_t *p = arena_alloc(rq->arena, cap), *more;

	for (;;) {
		if (!fn(arg, p + len, cap - len, &got))
			return ERR_BUSY;
		if (got == 0)
			break;
		len += got;
		if (len > max)
			return ERR_TOOBIG;
		if (len < cap)
			continue;
		if (rq->sized)
			return ERR_SYNTAX;	/* longer than announced */
		cap = cap * 2 < max ? cap * 2 : max + 1;
		more = arena_alloc(rq->arena, cap);
		memcpy(more, p, len);
		p = more;
	}
	rq->body = bytes_of(p, len);
	return OK;
}

enum err
req_body(struct req *rq, req_read_fn *fn, void *arg, struct issues *is)
{
	size_t max = (size_t)rq->conf->num[CONF_BODY];
	enum err e;

	if (rq->body_max > 0 && rq->body_max < max)
		max = rq->body_max;
	e = rq->sized && rq->length > max ? ERR_TOOBIG :
	    body_read(rq, fn, arg, max);
	if (e == ERR_TOOBIG)
		return issue_add(is, e, "body-bytes", NULL,
		    "a body of at most %zu bytes is taken here", max);
	if (e == OK && rq->sized && rq->body.len != rq->length)
		e = ERR_SYNTAX;
	if (e == OK && !rq->sized && rq->body.len > 0 &&
	    rq->var[VAR_CHUNKED].len == 0)
		e = ERR_SYNTAX;
	if (e == ERR_SYNTAX)
		return issue_add(is, e, "http-length", NULL,
		    "the body has another length than was announced");
	return e;
}

/* --- Prefer --------------------------------------------------------------- */

static struct bytes
trim(struct bytes b)
{
	while (b.len > 0 && (b.p[0] == ' ' || b.p[0] == '\t'))
		b = bytes_from(b, 1);
	while (b.len > 0 && (b.p[b.len - 1] == ' ' || b.p[b.len - 1] == '\t'))
		b.len--;
	return b;
}

bool
req_prefers(const struct req *rq, const char *name, const char *value)
{
	struct bytes one, word, is, rest = rq->var[VAR_PREFER];
	bool more = rest.len > 0;

	while (more) {
		more = bytes_cut(rest, ',', &one, &rest);
		(void)bytes_cut(one, ';', &one, &word);
		(void)bytes_cut(one, '=', &word, &is);
		is = trim(is);
		if (is.len > 1 && is.p[0] == '"' && is.p[is.len - 1] == '"')
			is = bytes_sub(is, 1, is.len - 2);
		/* The first one counts (RFC 7240 2). */
		if (text_caseeq(trim(word), bytes_str(name)))
			return bytes_is(is, value);
	}
	return false;
}
