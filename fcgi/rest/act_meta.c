/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_meta.c -- what this server is: Conformance, discovery, OPTIONS.  (L5)
 *
 * Public, so nothing here says more than any client must know: no version,
 * path or host beyond base-url (CNF-06).  The statement is made once per
 * worker, from the rows of routes.c and the tables.
 *
 * Spec: DSTU2 http.html#conformance, conformance.html; SMART App Launch 2.2;
 * interop 8, 19, 21.
 */
#include <sodium.h>

#include "base/text.h"
#include "fcgi/rest/write.h"
#include "fhir/conformance.h"

#define STATEMENT_MAX	((size_t)4 << 20)	/* bytes of the statement */
#define STATEMENT_DATE	"2026-11-21"	/* when its content last changed */

static const struct {
	const char	*code;		/* of a row in routes.c */
	unsigned	 op;
} interactions[] = {
	{ "read", CONF_READ },
	{ "vread", CONF_VREAD },
	{ "history-instance", CONF_HISTORY },
	{ "history-type", CONF_HISTORY_TYPE },
	{ "create", CONF_CREATE },
	{ "update", CONF_UPDATE },
	{ "delete", CONF_DELETE },
	{ "search-type", CONF_SEARCH },
};

static unsigned
offered(void)
{
	unsigned ops = 0;
	size_t i, j;

	for (i = 0; i < rest_routes.n; i++) {
		for (j = 0; j < N_ELEM(interactions); j++) {
			if (strcmp(rest_routes.row[i].code,
			    interactions[j].code) == 0)
				ops |= interactions[j].op;
		}
	}
	return ops;
}

/* What of it nobody may do with the type. */
static unsigned
withheld(uint16_t type)
{
	unsigned never = write_never(type);

	return (never & VIEW_CREATE ? (unsigned)CONF_CREATE : 0) |
	    (never & VIEW_UPDATE ? (unsigned)CONF_UPDATE : 0) |
	    (never & VIEW_DELETE ? (unsigned)CONF_DELETE : 0);
}

/* Each "$name" of the rows, with the type it is of: *out in a. */
static size_t
operations(struct arena *a, const struct conformance_operation **out)
{
	struct conformance_operation *op = arena_array(a, rest_routes.n,
	    sizeof *op);
	struct bytes path, type, name;
	size_t i, j, n = 0;

	for (i = 0; i < rest_routes.n; i++) {
		path = bytes_str(rest_routes.row[i].path);
		if (!bytes_cut(path, '$', &path, &name))
			continue;
		bytes_cut(bytes_from(path, 1), '/', &type, &path);
		for (j = 0; j < n; j++)
			if (bytes_eq(op[j].name, name))
				break;
		if (j == n)
			op[n++] = (struct conformance_operation){
			    type.len > 1 ? type : bytes_str("Resource"),
			    name };
	}
	*out = op;
	return n;
}

/* The endpoints of discovery by the names of SMART's oauth-uris. */
static bool
oauth_uris(struct arena *a, const struct conf *conf,
    struct conformance_oauth *out)
{
	const struct {
		const char	*name;
		struct bytes	*to;
	} uris[] = {
		{ "authorize", &out->authorize }, { "token", &out->token },
		{ "register", &out->registration },
		{ "manage", &out->manage },
		{ "introspect", &out->introspect },
		{ "revoke", &out->revoke }
	};
	struct auth_endpoint *ep;
	size_t i, j, n;

	auth_endpoints(a, conf, &ep, &n);
	for (i = 0; i < n; i++) {
		for (j = 0; j < N_ELEM(uris); j++) {
			if (ep[i].oauth_uri != NULL &&
			    strcmp(ep[i].oauth_uri, uris[j].name) == 0)
				*uris[j].to = ep[i].url;
		}
	}
	return n > 0;
}

/* Interactions with the whole, as the routes have them, each once. */
static size_t
system_codes(const char *out[static 3])
{
	static const char *const codes[] = {
		"transaction", "search-system", "history-system"
	};
	size_t i, j, n = 0;

	for (i = 0; i < N_ELEM(codes); i++) {
		for (j = 0; j < rest_routes.n; j++)
			if (strcmp(rest_routes.row[j].code, codes[i]) == 0)
				break;
		if (j < rest_routes.n)
			out[n++] = codes[i];
	}
	return n;
}

static struct bytes
statement(struct arena *a, const struct conf *conf)
{
	struct conformance_oauth oauth = { .authorize = { .len = 0 } };
	struct conformance_type type[DEF_TYPES];
	const char *system[3];
	struct bytes out = { .len = 0 };
	struct conformance c = {
		.base = conf->text[CONF_BASE_URL],
		.date = STATEMENT_DATE,
		.description = "Argonaut Data Query server (FHIR DSTU2)",
		.type = type,
		.n_type = DEF_TYPES,
		.oauth = oauth_uris(a, conf, &oauth) ? &oauth : NULL,
		.update_create = conf->num[CONF_UPDATE_CREATE] != 0,
		.delete_all = conf->num[CONF_DELETE_MANY] != 0,
		.system = system,
		.n_system = system_codes(system)
	};
	struct buf b = buf_on(a, STATEMENT_MAX);
	uint16_t i;

	for (i = 0; i < DEF_TYPES; i++)
		type[i] = (struct conformance_type){
		    .type = (uint16_t)(i + 1), .ops = offered() &
		    ~withheld((uint16_t)(i + 1)) };
	c.n_operation = operations(a, &c.operation);
	conformance_json(&c, &b);
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

void
rest_init(struct arena *a, const struct conf *conf, struct rest *out)
{
	*out = (struct rest){
		.arena = a,
		.urls = prim_urls(conf)
	};
}

static void
answer_statement(struct call *c)
{
	struct rest *rest = rest_of(c);
	struct bytes hex;
	uint8_t digest[16];

	if (rest->conformance.len == 0) {
		rest->conformance = arena_copy(rest->arena,
		    statement(c->arena, c->server->conf));
		(void)crypto_generichash(digest, sizeof(digest),
		    rest->conformance.p, rest->conformance.len, NULL, 0);
		hex = text_hex(c->arena, bytes_of(digest, sizeof(digest)));
		rest->etag = bytes_str(arena_printf(rest->arena,
		    "W/\"%.*s\"", BYTES_FMT(hex)));
	}
	c->rs->body = rest->conformance;
	c->rs->etag = rest->etag;
}

enum err
act_metadata(struct call *c)
{
	static const char *const none[] = { NULL };
	enum err e = act_params(c, none);

	if (e != OK)
		return e;
	answer_statement(c);
	c->rs->cacheable = true;
	return OK;
}

/* RFC 8414 3.2 wants application/json, whatever JSON was asked for. */
enum err
act_smart(struct call *c)
{
	struct buf b = buf_on(c->arena, STATEMENT_MAX);

	if (c->server->conf->text[CONF_ISSUER].len == 0)
		return issue_add(&c->rs->is, ERR_NOTFOUND, "smart", NULL,
		    "no authorization server is configured here");
	auth_discovery(c->arena, c->server->conf, AUTH_DOC_SMART, &b);
	c->rq->media = MEDIA_JSON;
	c->rs->cacheable = true;
	return buf_end(&b, &c->rs->body);
}

/*
 * A preflight is answered for every path alike, whether there is something
 * or not: browsers send no token with it.  At the base itself DSTU2 wants
 * the statement, too.
 */
enum err
act_options(struct call *c)
{
	c->rs->preflight = true;
	if (c->rq->target.n_seg == 0 && !c->rq->target.stray)
		answer_statement(c);
	return OK;
}
