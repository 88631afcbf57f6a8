/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c -- tiphys-fhir: the resource server as a program.  (L5)
 */
#include <stdlib.h>

#include "base/clock.h"
#include "fcgi/rest/act.h"
#include "fcgi/start.h"

static void
finish(struct call *c)
{
	resp_finish(c->rs, c->rq);
}

static const struct face face = {
	.mount = CONF_BASE_URL,
	.guarded = true,
	.login = step_token,
	.finish = finish,
	.nomem = resp_nomem
};

/*
 * As CGI there is one request, and what it does not need is not loaded; the
 * workers of a pool have cleared their environment.
 */
static enum err
extend(struct arena *a, const struct conf *conf, struct auth *g,
    const char **why_out)
{
	const struct credentials only = {
	    .header = bytes_str(getenv("HTTP_AUTHORIZATION")),
	    .proof = bytes_str(getenv("HTTP_DPOP")) };

	return auth_extend(g, a, conf, getenv("GATEWAY_INTERFACE") != NULL ?
	    &only : NULL, clock_now(), why_out);
}

static enum err
open_rest(struct arena *a, const struct conf *conf, struct server *s,
    const char **why_out)
{
	struct rest *own = arena_alloc(a, sizeof(*own));
	enum err e;

	e = store_open(a, conf, STORE_WRITE, &s->store, why_out);
	if (e == OK)
		e = auth_open(a, conf, AUTH_READ, &s->auth, why_out);
	if (e == OK)
		e = extend(a, conf, s->auth, why_out);
	if (e != OK)
		return e;
	rest_init(a, conf, own);
	s->own = own;
	return OK;
}

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "tiphys-fhir",
		.face = &face,
		.routes = rest_routes,
		.user = CONF_USER,
		.more = CONF__MAX,
		.open = open_rest
	};

	return start_main(&service, argc, argv);
}
