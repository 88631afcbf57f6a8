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
#include "fcgi/rest/act.h"
#include "fhir/conformance.h"

#define STATEMENT_MAX	((size_t)4 << 20)	/* bytes of the statement */
#define STATEMENT_DATE	"2026-11-21"	/* when its content last changed */

/* Where tiphys-auth answers, below the issuer; the same for both documents. */
#define ENDPOINTS(X)							      \
	X(authorize,    "/authorize",  "authorization_endpoint")	      \
	X(token,        "/token",      "token_endpoint")		      \
	X(registration, "/register",   "registration_endpoint")		      \
	X(manage,       "/manage",     "management_endpoint")		      \
	X(introspect,   "/introspect", "introspection_endpoint")	      \
	X(revoke,       "/revoke",     "revocation_endpoint")

static const struct {
	const char	*code;		/* of a row in routes.c */
	unsigned	 op;
} interactions[] = {
	{ "read", CONF_READ },
	{ "vread", CONF_VREAD },
	{ "history-instance", CONF_HISTORY },
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

static bool
routed(act_fn *act)
{
	size_t i;

	for (i = 0; i < rest_routes.n; i++)
		if (rest_routes.row[i].act == act)
			return true;
	return false;
}

static struct bytes
below(struct arena *a, struct bytes issuer, const char *path)
{
	return bytes_str(arena_printf(a, "%.*s%s", BYTES_FMT(issuer), path));
}

static struct bytes
statement(struct arena *a, const struct conf *conf)
{
	struct bytes issuer = conf->text[CONF_ISSUER], out = { .len = 0 };
	struct conformance_type type[DEF_TYPES];
	struct conformance_oauth oauth = {
#define X(field, path, name) .field = below(a, issuer, path),
		ENDPOINTS(X)
#undef X
	};
	struct conformance c = {
		.base = conf->text[CONF_BASE_URL],
		.date = STATEMENT_DATE,
		.description = "Argonaut Data Query server (FHIR DSTU2)",
		.type = type,
		.n_type = DEF_TYPES,
		.oauth = issuer.len > 0 ? &oauth : NULL,
		.everything = routed(act_everything)
	};
	struct buf b = buf_on(a, STATEMENT_MAX);
	uint16_t i;

	for (i = 0; i < DEF_TYPES; i++)
		type[i] = (struct conformance_type){
		    .type = (uint16_t)(i + 1), .ops = offered() };
	conformance_json(&c, &b);
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

/* RFC 8414 with SMART's members; all six endpoints or no document. */
static struct bytes
discovery(struct arena *a, const struct conf *conf)
{
	struct bytes issuer = conf->text[CONF_ISSUER], out = { .len = 0 };
	struct buf b = buf_on(a, STATEMENT_MAX);

	if (issuer.len == 0)
		return out;
	buf_str(&b, "{\"issuer\":");
	buf_json(&b, issuer);
	buf_str(&b, ",\"jwks_uri\":");
	buf_json(&b, below(a, issuer, "/jwks"));
#define X(field, path, name)						      \
	buf_str(&b, ",\"" name "\":");					      \
	buf_json(&b, below(a, issuer, path));
	ENDPOINTS(X)
#undef X
	buf_str(&b, ",\"response_types_supported\":[\"code\"],"
	    "\"grant_types_supported\":[\"authorization_code\","
	    "\"refresh_token\",\"client_credentials\"],"
	    "\"code_challenge_methods_supported\":[\"S256\"],"
	    "\"scopes_supported\":[\"openid\",\"fhirUser\",\"launch\","
	    "\"launch/patient\",\"offline_access\",\"patient/*.read\","
	    "\"user/*.read\",\"system/*.read\"],"
	    "\"capabilities\":[\"launch-standalone\",\"launch-ehr\","
	    "\"client-public\",\"client-confidential-symmetric\","
	    "\"context-standalone-patient\",\"context-ehr-patient\","
	    "\"permission-patient\",\"permission-user\","
	    "\"permission-offline\",\"permission-v1\"]}");
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

void
rest_init(struct arena *a, const struct conf *conf, struct rest *out)
{
	*out = (struct rest){
		.arena = a,
		.urls = {
			.base = conf->text[CONF_BASE_URL],
			.alias = conf->list[CONF_BASE_ALIAS],
			.n_alias = conf->n_list[CONF_BASE_ALIAS]
		}
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
	struct bytes body = discovery(c->arena, c->server->conf);

	if (body.len == 0)
		return issue_add(&c->rs->is, ERR_NOTFOUND, "smart", NULL,
		    "no authorization server is configured here");
	c->rq->media = MEDIA_JSON;
	c->rs->body = body;
	c->rs->cacheable = true;
	return OK;
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
