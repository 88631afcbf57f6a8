/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c -- tiphys-auth: the authorization server as a program.  (L5)
 *
 * Own user and own socket: it alone reads keys/ and guard/.  It reads the
 * store, through views, for the patient picker and the counts of the consent
 * page, and writes nothing there.
 */
#include "fcgi/smart/act.h"
#include "fcgi/start.h"

/* No form or registration of ours is longer (attack LOG-05). */
#define BODY_BYTES	65536

static const struct face face = {
	.mount = CONF_ISSUER,
	.body_max = BODY_BYTES,
	.guarded = false,
	.login = ask_login,
	.finish = answer_finish,
	.nomem = answer_nomem
};

static enum err
open_smart(struct arena *a, const struct conf *conf, struct server *s,
    const char **why_out)
{
	struct site *site = arena_alloc(a, sizeof(*site));
	struct bytes url = conf->text[CONF_ISSUER];
	enum err e;

	if (url.len == 0) {
		*why_out = "issuer: is not set; it is the URL of tiphys-auth";
		return ERR_CONFIG;
	}
	*site = (struct site){
		.url = url,
		.path = target_mount(url),
		.tls = bytes_starts(url, bytes_str("https:")) ||
		    conf->num[CONF_TLS_FRONT] != 0
	};
	e = smart_open(a, conf, AUTH_WRITE, &site->smart, why_out);
	if (e == OK)
		e = store_open(a, conf, STORE_READ, &s->store, why_out);
	s->auth = e == OK ? smart_auth(site->smart) : NULL;
	s->own = site;
	return e;
}

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "tiphys-auth",
		.face = &face,
		.routes = smart_routes,
		.user = CONF_AUTH_USER,
		.more = CONF_PASS_MEM,
		.queue = true,
		.open = open_smart
	};

	return start_main(&service, argc, argv);
}
