/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.c -- a request, step by step: the same for FastCGI and CGI.  (L4)
 */
#include "fcgi/step.h"

#include <setjmp.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fhir/def.h"

static enum err
step_read(struct call *c)
{
	enum err e;

	e = req_env(c->rq, conn_env(c->conn), &c->rs->is);
	if (req_stranger(c->rq))
		c->hang_up = true;
	if (e != OK)
		return e;
	e = req_body(c->rq, conn_read, c->conn, &c->rs->is);
	c->hang_up = e == ERR_BUSY;
	c->whole = e == OK;
	if (c->whole)
		conn_received(c->conn);
	return e;
}

/* As the client knows it: the configured base, and the path it asked for. */
static struct bytes
url_of(const struct call *c)
{
	struct bytes base = c->server->conf->text[c->server->face->mount];
	struct bytes origin = bytes_sub(base, 0, base.len -
	    target_mount(base).len);

	return bytes_str(arena_printf(c->arena, "%.*s%.*s",
	    BYTES_FMT(origin), BYTES_FMT(c->rq->var[VAR_URI])));
}

/*
 * Without a token the request goes on, to meet a route that needs none; a
 * bad token ends it here, whatever it asked for.
 */
enum err
step_token(struct call *c)
{
	const struct req *rq = c->rq;
	struct credentials in = { .header = rq->var[VAR_AUTH],
	    .proof = rq->var[VAR_DPOP],
	    .method = bytes_str(method_name(rq->method)) };
	enum err e;

	if (in.header.len == 0) {
		c->rs->fault = LOGIN_ABSENT;
		return OK;
	}
	if (in.proof.len > 0)
		in.url = url_of(c);
	e = auth_login_bound(c->server->auth, c->arena, &in, rq->now,
	    &c->rs->fault, &c->login);
	if (e == OK) {
		c->rs->fault = LOGIN_OK;
		c->view = c->login.view;
	}
	return e;
}

static enum err
step_login(struct call *c)
{
	return c->server->face->login(c);
}

static enum err
step_route(struct call *c)
{
	enum err e;

	e = route_find(&c->server->routes, c->arena, c->rq->method,
	    &c->rq->target, &c->rs->is, &c->at, &c->rs->allow);
	if (c->server->face->guarded && c->view == NULL &&
	    (e != OK || c->at.route->need != NEED_PUBLIC)) {
		c->rs->allow = NULL;
		return ERR_LOGIN;
	}
	return e;
}

static enum err
step_permit(struct call *c)
{
	const struct def_type *t = def_type_num(c->at.type);
	enum err e;

	e = route_permit(&c->at, c->view);
	if (e == ERR_FORBIDDEN && t != NULL) {
		c->rs->need_type = t->name;
		c->rs->need_write = c->at.route->need != NEED_READ &&
		    c->at.route->need != NEED_SEARCH;
	}
	return e;
}

/* What has no media type of its own is nobody's content, nor is a form. */
static enum err
accept_resource(struct call *c)
{
	enum body body = accept_body(c->rq->var[VAR_TYPE]);
	bool holds = (c->at.route->flags & ROUTE_CONTENT) &&
	    c->at.type == def_type(bytes_str("Binary"))->num;

	if (body == BODY_JSON || (holds && body == BODY_CONTENT))
		return OK;
	if (holds && body != BODY_FHIR)
		return issue_add(&c->rs->is, ERR_MEDIA, "http-content", NULL,
		    "send the bytes that the Binary is to hold and their "
		    "media type as Content-Type, as in application/pdf, or "
		    "the Binary as application/json+fhir; %s",
		    body == BODY_FORM ? "a form is neither" :
		    "no media type could be read");
	return issue_add(&c->rs->is, ERR_MEDIA, "http-content", NULL,
	    "send the resource as application/json+fhir (or "
	    "application/json) in UTF-8, and say so in Content-Type");
}

static enum err
step_accept(struct call *c)
{
	unsigned flags = c->at.route->flags;
	struct req *rq = c->rq;

	if ((flags & ROUTE_BODY) && accept_resource(c) != OK)
		return ERR_MEDIA;
	if ((flags & ROUTE_FORM) && rq->body.len > 0 &&
	    !accept_is(rq->var[VAR_TYPE],
	    "application/x-www-form-urlencoded"))
		return issue_add(&c->rs->is, ERR_MEDIA, "http-form", NULL,
		    "send the parameters as application/x-www-form-urlencoded "
		    "in UTF-8");
	if (rq->media == MEDIA_NONE && !(flags & ROUTE_NATIVE))
		return issue_add(&c->rs->is, ERR_ACCEPT, "http-accept", NULL,
		    "only JSON is available: ask for application/json+fhir, "
		    "application/json or */*, or for _format=json");
	return OK;
}

static enum err
step_act(struct call *c)
{
	return c->at.route->act(c);
}

/* What is written counts as the client's. */
struct counted {
	struct call	*c;
	write_fn	*fn;
	void		*arg;
};

static enum err
count(struct write *w, void *arg)
{
	const struct counted *n = arg;
	enum err e;

	e = write_quota(w, n->c->login.client,
	    (uint64_t)n->c->rq->conf->num[CONF_QUOTA]);
	return e == OK ? n->fn(w, n->arg) : e;
}

enum err
step_commit(struct call *c, write_fn *fn, void *arg)
{
	struct counted n = { c, fn, arg };
	struct store *s = c->server->store;
	enum err e;

	e = store_write(s, c->arena, c->view, c->rq->now, count, &n);
	c->work += store_written(s);
	return e;
}

static enum err
step_write(struct call *c)
{
	return c->commit == NULL ? OK : step_commit(c, c->commit, c);
}

/* Read top to bottom, this is the architecture; permit stands before act. */
static const struct {
	const char	*name;
	step_fn		*fn;
} steps[] = {
	{ "read",   step_read },	/* variables and body, all limits */
	{ "login",  step_login },	/* token to view */
	{ "route",  step_route },	/* method and path to one row */
	{ "permit", step_permit },	/* the row's need against the view */
	{ "accept", step_accept },	/* media types of body and answer */
	{ "act",    step_act },		/* one interaction */
	{ "write",  step_write },	/* what it wants written, if anything */
};

enum err
step_entry(struct call *c)
{
	enum err e;

	e = step_route(c);
	if (e == OK && (c->at.route->flags & ROUTE_ALONE))
		e = issue_add(&c->rs->is, ERR_USAGE, "bundle-request", NULL,
		    "this cannot be asked for in a Bundle; ask for it alone");
	if (e == OK)
		e = step_permit(c);
	if (e == OK)
		e = step_accept(c);
	return e == OK ? step_act(c) : e;
}

/* One line, no patient data: no id, no query, no token (Z14). */
static void
note(const struct call *c, int64_t began)
{
	const struct def_type *t = def_type_num(c->at.type);
	char client[65];
	size_t i, bytes = 0;

	for (i = 0; i < c->rs->n_part; i++)
		bytes += c->rs->part[i].len;
	log_text(c->login.client, client);
	log_line(c->rs->status >= 500 ? "err" : "info",
	    "req=%s act=%s type=%s status=%d us=%lld bytes=%zu work=%llu "
	    "client=%s err=%s%s%s", c->rq->id,
	    c->at.route != NULL ? c->at.route->name : "-",
	    t != NULL ? t->name : "-", c->rs->status,
	    (long long)(clock_mono() - began), bytes,
	    (unsigned long long)c->work, client[0] != '\0' ? client : "-",
	    err_name(c->rs->err), c->event != NULL ? " event=" : "",
	    c->event != NULL ? c->event : "");
}

enum err
step_pass(struct call *c)
{
	enum err e = conn_pass(c->conn, c->server->queue, c->rq, c->place);

	c->passed = e == OK;
	return e;
}

static void
reply(struct call *c, enum err e, int64_t began)
{
	bool sent;

	if (c->passed) {
		conn_close(c->conn);
		log_line("info", "req=%s act=%s event=queued", c->rq->id,
		    c->at.route->name);
		return;
	}
	c->rs->err = e;
	if (c->hang_up) {
		conn_close(c->conn);
		log_line("warn", "req=%s event=hang-up err=%s", c->rq->id,
		    err_name(e));
		return;
	}
	c->server->face->finish(c);
	sent = conn_send(c->conn, c->arena, c->rs->part, c->rs->n_part,
	    c->whole);
	conn_close(c->conn);	/* the peer need not wait for our log */
	note(c, began);
	if (!sent)
		log_line("warn", "req=%s event=unsent", c->rq->id);
}

/* splitmix64: distinct for 2^64 requests of a worker; nothing secret. */
static uint64_t
next_id(struct server *s)
{
	uint64_t z = s->id_seed += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static void
walk(struct server *s, struct conn *conn)
{
	struct call *c = arena_alloc(s->arena, sizeof(*c));
	uint64_t id = next_id(s);
	int64_t began = clock_mono();
	enum err e = OK;
	size_t i;

	c->server = s;
	c->conn = conn;
	c->place = conn_place(conn);
	c->arena = s->arena;
	c->rs = resp_new(s->arena);
	c->rq = arena_alloc(s->arena, sizeof(*c->rq));
	c->rq->arena = s->arena;
	c->rq->conf = s->conf;
	c->rq->mount = s->face->mount;
	c->rq->body_max = s->face->body_max;
	c->rq->now = clock_now();
	for (i = 0; i < 16; i++)
		c->rq->id[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	for (i = 0; i < N_ELEM(steps) && e == OK; i++)
		e = steps[i].fn(c);
	reply(c, e, began);
	if (c->place >= 0)
		(void)close(c->place);
}

static void
no_memory(void *arg)
{
	longjmp(*(jmp_buf *)arg, 1);
}

/*
 * The request's arena is of no more use; a small one carries the answer.
 * What hangs on the old one (a read snapshot) ends with the process.
 */
static void
give_up(const struct server *s, struct conn *conn)
{
	struct arena *a = arena_new(0);
	struct bytes body = s->face->nomem();

	(void)conn_send(conn, a, &body, 1, false);
	conn_close(conn);
	log_line("err", "event=no-memory");
	_exit(71);
}

bool
serve(struct server *s, struct conn *conn)
{
	jmp_buf unwind;

	if (!conn_next(conn))
		return false;
	if (setjmp(unwind) != 0)
		give_up(s, conn);
	arena_trap(s->arena, no_memory, &unwind);
	walk(s, conn);
	arena_reset(s->arena);
	return true;
}
