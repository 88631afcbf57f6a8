/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.c -- an entry of a Bundle as a request of its own.  (L5)
 */
#include "fcgi/rest/entry.h"

#include <sodium.h>

#define ENTRY_MAX	512	/* bytes of an answer beside its body */

static enum err
method_of(struct call *e, struct bytes name)
{
	static const enum method known[] = { METHOD_GET, METHOD_POST,
	    METHOD_PUT, METHOD_DELETE };
	size_t i;

	for (i = 0; i < N_ELEM(known); i++) {
		if (bytes_is(name, method_name(known[i]))) {
			e->rq->method = known[i];
			return OK;
		}
	}
	return issue_add(&e->rs->is, ERR_USAGE, "http-verb",
	    "request.method", "GET, POST, PUT or DELETE");
}

/* Relative to the base, or below it by its whole name. */
static enum err
target_of(struct call *e, struct bytes url)
{
	const struct conf *conf = e->rq->conf;
	struct bytes base = conf->text[CONF_BASE_URL];
	struct req *rq = e->rq;
	enum err err = ERR_SYNTAX;

	if (bytes_starts(url, base) && url.len > base.len &&
	    url.p[base.len] == '/')
		url = bytes_from(url, base.len + 1);
	/* "//host" and "/path" would leave the base (BAT-03). */
	if (url.len > 0 && url.p[0] != '/')
		err = target_parse(e->arena, bytes_str(arena_printf(e->arena,
		    "/%.*s", BYTES_FMT(url))), bytes_of(NULL, 0),
		    (size_t)conf->num[CONF_URI], &rq->target);
	if (err != OK)
		return issue_add(&e->rs->is, err == ERR_URILONG ? err :
		    ERR_SYNTAX, "bundle-url", "request.url",
		    "must be relative to the base, as in Patient/1, without "
		    "\"/\" in front, dot segments or a fragment");
	if (rq->target.query.len == 0)
		return OK;
	return query_pairs(e->arena, rq->target.query,
	    (size_t)conf->num[CONF_PARAMS], &e->rs->is, &rq->pair,
	    &rq->n_pair);
}

/* An instant in the Bundle, a date of HTTP in the header. */
static enum err
since_of(struct call *e, struct bytes text)
{
	char *date = arena_alloc(e->arena, HTTPDATE_LEN);
	struct span s;

	if (text.len == 0)
		return OK;
	if (prim_date(text, 0, &s) != OK)
		return issue_add(&e->rs->is, ERR_VALUE, "instant",
		    "request.ifModifiedSince", "must be an instant, as in "
		    "2026-01-05T09:14:07Z");
	clock_http((struct instant){ s.lo }, date);
	e->rq->var[VAR_SINCE] = bytes_of(date, HTTPDATE_LEN);
	return OK;
}

enum err
entry_call(struct call *c, const struct bundle_request *q, struct call **out)
{
	struct call *e = arena_alloc(c->arena, sizeof *e);
	struct req *rq = arena_alloc(c->arena, sizeof *rq);
	enum err err;

	*out = e;
	e->server = c->server;
	e->arena = c->arena;
	e->login = c->login;
	e->view = c->view;
	e->bundle = c;
	e->rs = resp_new(c->arena);
	e->rq = rq;
	rq->arena = c->arena;
	rq->conf = c->rq->conf;
	rq->mount = c->rq->mount;
	rq->now = c->rq->now;
	memcpy(rq->id, c->rq->id, sizeof rq->id);
	rq->media = MEDIA_JSON_FHIR;
	rq->body = q->resource;
	rq->var[VAR_TYPE] = bytes_str("application/json+fhir");
	rq->var[VAR_PREFER] = c->rq->var[VAR_PREFER];
	rq->var[VAR_NONE_MATCH] = q->if_none_match;
	rq->var[VAR_MATCH] = q->if_match;
	rq->var[VAR_NONE_EXIST] = q->if_none_exist;
	err = method_of(e, q->method);
	if (err == OK)
		err = target_of(e, q->url);
	return err == OK ? since_of(e, q->if_modified) : err;
}

/*
 * An answer's text stands in the arena once and again in the Bundle of all,
 * so half is what entries may use; an eighth is what one of them may.  Were
 * memory to run out all the same, the worker would go with it.
 */
enum err
entry_room(struct call *entry, size_t eighths)
{
	size_t all = (size_t)entry->rq->conf->num[CONF_MEM];

	if (arena_used(entry->arena) <= all / 8 * eighths)
		return OK;
	return issue_add(&entry->rs->is, ERR_TOOBIG, "request-bytes", NULL,
	    "the Bundle takes more memory than the %zu bytes of "
	    "request-bytes; send it in parts, or ask for less by _count",
	    all);
}

/* --- errors -------------------------------------------------------------- */

/* "Patient.name" of entry 3 is "Bundle.entry[3].resource.name". */
static const char *
place_in(struct call *entry, size_t number, const char *place)
{
	const struct def_type *t = def_type_num(entry->at.type);
	struct bytes p = bytes_str(place);
	const char *rest = NULL;

	if (t != NULL && bytes_starts(p, bytes_str(t->name)) &&
	    (p.len == strlen(t->name) || p.p[strlen(t->name)] == '.'))
		rest = place + strlen(t->name);
	if (rest != NULL)
		return arena_printf(entry->arena,
		    "Bundle.entry[%zu].resource%s", number, rest);
	if (place != NULL && *place != '\0')
		return arena_printf(entry->arena, "Bundle.entry[%zu].%s%s",
		    number, *place == '?' ? "request.url" : "", place);
	return arena_printf(entry->arena, "Bundle.entry[%zu]", number);
}

enum err
entry_fail(struct call *c, struct call *entry, size_t number, enum err e)
{
	struct issue *i;

	for (i = entry->rs->is.first; i != NULL; i = i->next)
		i->place = place_in(entry, number, i->place);
	c->rs->is = entry->rs->is;
	c->rs->place = place_in(entry, number, NULL);
	if (c->rs->is.n == 0)
		issue_add(&c->rs->is, e, NULL, c->rs->place, "%s",
		    err_text(e));
	c->rs->need_type = entry->rs->need_type;
	c->rs->need_write = entry->rs->need_write;
	/* Which methods the entry's path has is no news of ours. */
	return e == ERR_METHOD ? ERR_USAGE : e;
}

/* --- answers ------------------------------------------------------------- */

/* A name for what has none of its own (RFC 4122, version 4). */
static struct bytes
urn(struct call *c)
{
	uint8_t r[16];

	randombytes_buf(r, sizeof r);
	return bytes_str(arena_printf(c->arena, "urn:uuid:%02x%02x%02x%02x-"
	    "%02x%02x-4%x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1],
	    r[2], r[3], r[4], r[5], r[6] & 15u, r[7], 8u | (r[8] & 3u),
	    r[8] >> 4, r[9], r[10], r[11], r[12], r[13], r[14], r[15]));
}

static struct bytes
full_url(struct call *e)
{
	const struct conf *conf = e->rq->conf;
	const struct draft *d = e->own;
	struct bytes path = e->rs->location, type, id;

	if (d != NULL && d->prefer == PREFER_OUTCOME)
		return urn(e);		/* what was said, not what was made */
	if (e->rs->err == OK && path.len > 0) {
		bytes_cut(path, '/', &type, &id);
		bytes_cut(id, '/', &id, &path);
	} else if (e->rs->err == OK && e->at.id.len > 0 &&
	    e->at.route->need == NEED_READ && e->rs->etag.len > 0) {
		type = bytes_str(def_type_num(e->at.type)->name);
		id = e->at.id;
	} else {
		return urn(e);
	}
	return bytes_str(arena_printf(e->arena, "%.*s/%.*s/%.*s",
	    BYTES_FMT(conf->text[CONF_BASE_URL]), BYTES_FMT(type),
	    BYTES_FMT(id)));
}

static void
answer_of(struct call *e, struct bundle_answer *out)
{
	struct resp *rs = e->rs;

	resp_settle(rs, e->rq);
	out->status = arena_printf(e->arena, "%d %s", rs->status,
	    resp_reason(rs->status));
	if (rs->err == OK) {
		out->location = rs->location;
		out->etag = rs->etag;
		out->modified = rs->modified;
		out->has_modified = rs->has_modified;
	}
	if (rs->status != 304 && rs->status != 204)
		out->body = rs->body;
	if (out->body.len > 0)
		out->full_url = full_url(e);
}

enum err
entry_answers(struct call *c, const char *type, struct call *const *entry,
    size_t n)
{
	struct bundle_answer *a = arena_array(c->arena, n, sizeof *a);
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	size_t i, size = ENTRY_MAX;

	for (i = 0; i < n; i++) {
		answer_of(entry[i], &a[i]);
		size += a[i].body.len + ENTRY_MAX;
	}
	/* One piece: growing would take as much again. */
	(void)buf_room(&b, size);
	bundle_answers(type, bytes_str(c->rq->id), a, n, &b);
	return buf_end(&b, &c->rs->body);
}
