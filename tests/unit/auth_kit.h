/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_kit.h -- an authorization server to test, and a browser.  (L3)
 *
 * Data folders that vanish, cheap password hashes, a clock that is a
 * variable, random bytes that repeat; and the steps of a whole launch, each
 * of which can be made to go wrong.
 */
#ifndef TESTS_UNIT_AUTH_KIT_H
#define TESTS_UNIT_AUTH_KIT_H

#include <sodium.h>

#include "auth/smart_in.h"
#include "base/text.h"
#include "tests/unit/store_kit.h"

#define T0		INT64_C(1767225600000)	/* 2026-01-01T00:00:00Z */
#define KIT_BASE	"http://127.0.0.1/fhir"
#define KIT_ISS		"http://127.0.0.1/auth"
#define CB		"https://app.example/cb"
#define PASSWORD	"correct horse battery staple"
/* RFC 7636 appendix B. */
#define VERIFIER	"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE	"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

struct kit {
	struct arena	*a;
	const char	*dir;
	struct conf	*conf;
	struct smart	*s;
	struct store	*store;
	struct instant	 now;
	uint64_t	 drawn;		/* calls: seeds their random bytes */
	/* the browser */
	struct bytes	 cookie, device;
	const char	*address;
	struct smart_error error;	/* of the last call */
};

/* --- one call --------------------------------------------------------- */

static inline struct smart_call
call_of(struct kit *k)
{
	struct smart_call c = { .a = k->a, .now = k->now,
	    .address = bytes_str(k->address), .cookie = k->cookie,
	    .device = k->device };
	uint8_t seed[randombytes_SEEDBYTES] = { 0 };

	k->drawn++;
	memcpy(seed, &k->drawn, sizeof k->drawn);
	randombytes_buf_deterministic(c.random, sizeof c.random, seed);
	return c;
}

/* What the browser does with the answer. */
static inline enum err
done(struct kit *k, const struct smart_call *c, enum err e)
{
	k->error = c->error;
	if (e != OK)
		assert_int_not_equal(c->error.fault, FAULT_NONE);
	if (c->new_cookie.len > 0)
		k->cookie = c->new_cookie;
	if (c->new_device.len > 0)
		k->device = c->new_device;
	if (c->drop_cookie)
		k->cookie = bytes_of(NULL, 0);
	return e;
}

/* --- the world -------------------------------------------------------- */

static inline void
kit_open(struct kit *k, enum auth_mode mode)
{
	const char *why = "";

	if (smart_open(k->a, k->conf, mode, &k->s, &why) != OK)
		fail_msg("%s", why);
	k->s->pass_mem = 8192;		/* bytes: a hash costs nothing */
	k->s->pass_passes = 1;
}

static inline void
add_user(struct kit *k, const char *name, enum user_kind kind,
    const char *link, struct bytes *patient, size_t n)
{
	const struct smart_user u = { .name = bytes_str(name),
	    .kind = kind, .link = bytes_str(link), .patient = patient,
	    .n_patient = n };
	struct issues is = issues_on(k->a);
	struct smart_call c = call_of(k);

	assert_int_equal(smart_user_add(k->s, &c, &u, &is), OK);
	assert_int_equal(smart_user_passwd(k->s, &c, u.name,
	    bytes_str(PASSWORD), &is), OK);
}

static inline struct bytes
add_client(struct kit *k, const char *id, enum client_type type,
    unsigned flags, const char *scope)
{
	const struct smart_client cl = { .id = bytes_str(id),
	    .name = bytes_str("An App"), .type = type, .flags = flags,
	    .redirect = { bytes_str(CB) }, .n_redirect = 1,
	    .launch_uri = bytes_str("https://app.example/launch"),
	    .scope = bytes_str(scope) };
	struct issues is = issues_on(k->a);
	struct smart_call c = call_of(k);
	struct bytes made, secret;

	if (smart_client_add(k->s, &c, &cl, &is, &made, &secret) != OK)
		fail_msg("%s", is.first->text);
	return secret;
}

#define APP_FLAGS	(CLIENT_CODE | CLIENT_REFRESH)
#define APP_SCOPE	"launch launch/patient openid fhirUser profile "     \
			"offline_access online_access patient/*.* user/*.*"

static inline int
kit_setup_with(void **state, const char *more)
{
	struct kit *k = calloc(1, sizeof *k);
	const uint8_t seed[32] = { 9 };
	struct smart_call c;
	struct bytes kid;

	assert_non_null(k);
	k->a = arena_new(0);
	k->now.ms = T0;
	k->address = "192.0.2.7";
	k->dir = kit_dir(k->a);
	k->conf = kit_conf(k->a, k->dir, arena_printf(k->a,
	    "issuer = " KIT_ISS "\nstaff-second-factor = no\n%s", more));
	k->store = kit_store_conf(k->a, k->conf);
	kit_open(k, AUTH_CREATE);
	c = call_of(k);
	assert_int_equal(auth_key_new(k->s->g, c.a, seed, k->now, &kid),
	    OK);
	add_user(k, "ann", USER_PATIENT, "Patient/p1", NULL, 0);
	add_user(k, "dr.lee", USER_PRACTITIONER, "Practitioner/d1", NULL, 0);
	add_client(k, "app", CLIENT_PUBLIC, APP_FLAGS, APP_SCOPE);
	k->now.ms += 10000;	/* behind the second of the passwords */
	*state = k;
	return 0;
}

static inline int
kit_setup(void **state)
{
	return kit_setup_with(state, "");
}

static inline int
kit_teardown(void **state)
{
	struct kit *k = *state;

	arena_free(&k->a);
	free(k);
	return 0;
}

/* --- steps of a launch ------------------------------------------------ */

struct request {		/* NULL: left out */
	const char	*client, *redirect, *scope, *state, *aud, *type;
	const char	*challenge, *method, *launch, *extra, *value;
};

#define GOOD	(struct request){ .client = "app", .redirect = CB,	      \
		.scope = "launch/patient patient/*.read", .state = "s1",      \
		.aud = KIT_BASE, .type = "code", .challenge = CHALLENGE,      \
		.method = "S256" }

static inline size_t
pairs_of(const struct request *r, struct pair *out)
{
	const char *const all[][2] = { { "client_id", r->client },
	    { "redirect_uri", r->redirect }, { "scope", r->scope },
	    { "state", r->state }, { "aud", r->aud },
	    { "response_type", r->type }, { "code_challenge", r->challenge },
	    { "code_challenge_method", r->method },
	    { "launch", r->launch }, { r->extra, r->value } };
	size_t i, n = 0;

	for (i = 0; i < N_ELEM(all); i++)
		if (all[i][0] != NULL && all[i][1] != NULL)
			out[n++] = (struct pair){ bytes_str(all[i][0]),
			    bytes_str(all[i][1]) };
	return n;
}

/* The flow's id, or "" with the place the browser is sent to. */
static inline enum err
authorize(struct kit *k, const struct request *r,
    struct smart_authorized *out)
{
	struct smart_call c = call_of(k);
	struct pair pair[16];
	size_t n = pairs_of(r, pair);

	return done(k, &c, smart_authorize(k->s, &c, pair, n, out));
}

static inline struct bytes
flow_of(struct kit *k, const struct request *r)
{
	struct smart_authorized az;

	assert_int_equal(authorize(k, r, &az), OK);
	if (az.flow.len == 0)
		fail_msg("%.*s", BYTES_FMT(az.location));
	return az.flow;
}

static inline struct smart_form
form_of(struct kit *k, struct bytes flow)
{
	struct smart_call c = call_of(k);
	struct bytes csrf = smart_csrf(&c, flow);

	(void)done(k, &c, OK);
	return (struct smart_form){ .flow = flow, .csrf = csrf };
}

static inline enum err
login_as(struct kit *k, struct bytes flow, const char *name,
    const char *password)
{
	struct smart_form form = form_of(k, flow);
	struct smart_call c = call_of(k);

	return done(k, &c, smart_login(k->s, &c, &form, bytes_str(name),
	    bytes_str(password)));
}

static inline enum err
approve_with(struct kit *k, struct bytes flow, struct smart_choice choice,
    struct bytes *location)
{
	struct smart_form form = form_of(k, flow);
	struct smart_call c = call_of(k);

	return done(k, &c, smart_approve(k->s, &c, &form, &choice,
	    location));
}

/* What stands behind name= in a URL. */
static inline struct bytes
in_url(struct kit *k, struct bytes url, const char *name)
{
	struct issues is = issues_on(k->a);
	struct bytes head, query;
	struct pair *pair;
	size_t n;

	bytes_cut(url, '?', &head, &query);
	assert_int_equal(query_pairs(k->a, query, 50, &is, &pair, &n), OK);
	return param_get(pair, n, name);
}

/* A code of user for the request, everything allowed. */
static inline struct bytes
code_of(struct kit *k, const struct request *r, const char *user)
{
	struct bytes flow = flow_of(k, r), location;
	struct smart_call c = call_of(k);
	struct smart_flow f;

	assert_int_equal(smart_flow(k->s, &c, flow, &f), OK);
	if (f.step == STEP_LOGIN)
		assert_int_equal(login_as(k, flow, user, PASSWORD), OK);
	assert_int_equal(approve_with(k, flow,
	    (struct smart_choice){ .all = true }, &location), OK);
	return arena_copy(k->a, in_url(k, location, "code"));
}

/* --- the token endpoint ----------------------------------------------- */

/* params: name, value, name, value ... */
static inline enum err
post(struct kit *k, const char *header, const char *const *params,
    size_t n, struct smart_tokens *out)
{
	struct smart_call c = call_of(k);
	struct pair pair[16];
	struct smart_post p = { .header = bytes_str(header), .pair = pair };
	size_t i;

	for (i = 0; i + 1 < n; i += 2)
		if (params[i + 1] != NULL)
			pair[p.n++] = (struct pair){ bytes_str(params[i]),
			    bytes_str(params[i + 1]) };
	return done(k, &c, smart_token(k->s, &c, &p, out));
}

#define POST(k, out, ...)						      \
	post(k, NULL, (const char *const []){ __VA_ARGS__ },		      \
	    sizeof((const char *const []){ __VA_ARGS__ }) / sizeof(char *), out)

static inline const char *
text_of(struct kit *k, struct bytes b)
{
	return arena_str(k->a, b);
}

static inline enum err
redeem(struct kit *k, struct bytes code, struct smart_tokens *out)
{
	return POST(k, out, "grant_type", "authorization_code", "code",
	    text_of(k, code), "redirect_uri", CB, "client_id", "app",
	    "code_verifier", VERIFIER);
}

static inline enum err
refresh_with(struct kit *k, struct bytes token, const char *scope,
    struct smart_tokens *out)
{
	return POST(k, out, "grant_type", "refresh_token", "refresh_token",
	    text_of(k, token), "scope", scope);
}

/* Does tiphys-fhir let the token in? */
static inline bool
lets_in(struct kit *k, struct bytes token)
{
	enum login_fault fault;
	struct login l;

	return auth_login(k->s->g, k->a, bytes_str(arena_printf(k->a,
	    "Bearer %.*s", BYTES_FMT(token))), k->now, &fault, &l) == OK;
}

static inline void
use_browser(struct kit *k, struct bytes cookie)
{
	k->cookie = cookie;
	k->device = bytes_of(NULL, 0);
}

static inline bool
says(struct kit *k, struct bytes json, const char *part)
{
	return strstr(text_of(k, json), part) != NULL;
}

#define KIT_TEST(f)							      \
	cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

#endif
