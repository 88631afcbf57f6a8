/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_ask.c -- authorization requests that must not become flows.  (L3)
 */
#include "tests/unit/auth_kit.h"

/* Shown here: nobody is sent anywhere. */
static void
shown(struct kit *k, struct request r)
{
	struct smart_authorized az = { .flow.len = 0 };

	assert_int_equal(authorize(k, &r, &az), ERR_USAGE);
	assert_int_equal(az.flow.len, 0);
	assert_int_equal(az.location.len, 0);
}

/* Sent back to the client with this error. */
static void
sent(struct kit *k, struct request r, const char *error)
{
	struct smart_authorized az = { .flow.len = 0 };

	assert_int_equal(authorize(k, &r, &az), OK);
	assert_int_equal(az.flow.len, 0);
	assert_true(bytes_starts(az.location, bytes_str(CB "?")));
	assert_bytes(in_url(k, az.location, "error"), error);
	assert_bytes(in_url(k, az.location, "iss"), KIT_ISS);
	assert_int_equal(in_url(k, az.location, "code").len, 0);
}

static struct request
with(struct request r, const char *name, const char *value)
{
	r.extra = name;
	r.value = value;
	return r;
}

static void
strange_redirects_are_shown_here(void **state)	/* AUZ-01 to AUZ-06 */
{
	static const char *const bad[] = { NULL, "", "https://evil.test/",
	    CB "/evil", CB "?x=1", CB "#x",
	    "https://app.example.evil.test/cb",
	    "https://app.example@evil.test/cb",
	    "https://app.example/cb/../other",
	    "https://app.example/%2e%2e/cb", "https://APP.example/cb",
	    "HTTPS://app.example/cb", "https://app.example:443/cb",
	    "javascript:alert(1)" };
	struct kit *k = *state;
	struct request r = GOOD;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		r.redirect = bad[i];
		shown(k, r);
		assert_string_equal(k->error.place, "redirect_uri");
	}
}

static void
unknown_clients_are_shown_here(void **state)	/* AUZ-32, Z22 #23 */
{
	static const char *const bad[] = { NULL, "", "nobody", "app\x01",
	    "tiphys-cli", "APP" };
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_call c;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		r.client = bad[i];
		shown(k, r);
	}
	r.client = NULL;
	shown(k, with(r, "client_id[$ne]", "x"));
	shown(k, with(r, "client_id[]", "app"));
	c = call_of(k);
	assert_int_equal(smart_client_enable(k->s, &c, bytes_str("app"),
	    false), OK);
	shown(k, GOOD);
}

static void
nothing_may_stand_twice(void **state)		/* AUZ-07, Z10 */
{
	static const char *const names[] = { "client_id", "redirect_uri",
	    "scope", "state", "aud" };
	struct kit *k = *state;
	size_t i;

	for (i = 0; i < N_ELEM(names); i++)
		shown(k, with(GOOD, names[i], "x"));
}

static void
only_codes_are_given(void **state)		/* AUZ-08 */
{
	static const char *const bad[] = { NULL, "", "token", "id_token",
	    "code token", "Code" };
	struct kit *k = *state;
	struct request r = GOOD;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		r.type = bad[i];
		sent(k, r, "unsupported_response_type");
	}
	sent(k, with(GOOD, "response_mode", "fragment"), "invalid_request");
	sent(k, with(GOOD, "request", "eyJ"), "request_not_supported");
	sent(k, with(GOOD, "request_uri", "http://127.0.0.1/"),
	    "request_not_supported");		/* AUZ-33 */
	shown(k, with(GOOD, "request_uri",
	    "urn:ietf:params:oauth:request_uri:tsp_x"));
}

static void
pkce_is_s256(void **state)			/* AUZ-09 to AUZ-11 */
{
	static const char *const bad[] = { NULL, "",
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
	    CHALLENGE "A", CHALLENGE "=",
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM" };
	static const char *const methods[] = { NULL, "", "plain", "s256" };
	struct kit *k = *state;
	struct request r = GOOD;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		r.challenge = bad[i];
		sent(k, r, "invalid_request");
	}
	r = GOOD;
	for (i = 0; i < N_ELEM(methods); i++) {
		r.method = methods[i];
		sent(k, r, "invalid_request");
	}
}

static void
aud_is_our_base(void **state)			/* AUZ-12, interop 4, M04 */
{
	static const char *const bad[] = { NULL, "", "http://127.0.0.1",
	    KIT_BASE "//", KIT_BASE "x", "https://127.0.0.1/fhir",
	    "http://127.0.0.1/other" };
	struct kit *k = *state;
	struct request r = GOOD;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		r.aud = bad[i];
		sent(k, r, "invalid_request");
	}
	r.aud = KIT_BASE "/";
	(void)flow_of(k, &r);
}

static void
state_is_needed(void **state)			/* AUZ-13 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_authorized az;

	r.state = NULL;
	sent(k, r, "invalid_request");
	r.state = "x\r\nSet-Cookie: a=b&iss=\"evil\"";
	r.type = "token";
	assert_int_equal(authorize(k, &r, &az), OK);
	assert_null(memchr(az.location.p, '\n', az.location.len));
	assert_bytes(in_url(k, az.location, "state"), r.state);
	assert_bytes(in_url(k, az.location, "iss"), KIT_ISS);
}

static void
scopes_are_well_formed(void **state)		/* AUZ-14, AUZ-15, TOK-25 */
{
	static const char *const bad[] = { NULL, "", "patient%2F*.read",
	    "patient/*.%72ead", "Patient/*.READ", "patient/*.read:x",
	    "patient/*.read system/*.read", "system/*.read",
	    "patient/Observation.rs?nothing=x", "unregistered" };
	struct kit *k = *state;
	struct request r = GOOD;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		r.scope = bad[i];
		sent(k, r, "invalid_scope");
	}
}

static void
prompts_are_obeyed(void **state)		/* AUZ-31, M15 */
{
	struct kit *k = *state;
	struct request r = with(GOOD, "prompt", "none");
	struct bytes flow;
	struct smart_call c;
	struct smart_flow f;

	sent(k, r, "login_required");
	assert_int_equal(login_as(k, bytes_of(NULL, 0), "ann", PASSWORD),
	    OK);
	sent(k, r, "consent_required");
	sent(k, with(GOOD, "prompt", "none login"), "invalid_request");
	sent(k, with(GOOD, "prompt", "everything"), "invalid_request");
	sent(k, with(GOOD, "max_age", "-1"), "invalid_request");
	k->now.ms += 10000;
	r = with(GOOD, "prompt", "login");
	flow = flow_of(k, &r);
	c = call_of(k);
	assert_int_equal(smart_flow(k->s, &c, flow, &f), OK);
	assert_int_equal(f.step, STEP_LOGIN);
	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	c = call_of(k);
	assert_int_equal(smart_flow(k->s, &c, flow, &f), OK);
	assert_int_equal(f.step, STEP_CONSENT);
	k->now.ms += 20000;
	r = with(GOOD, "max_age", "19");
	c = call_of(k);
	assert_int_equal(smart_flow(k->s, &c, flow_of(k, &r), &f), OK);
	assert_int_equal(f.step, STEP_LOGIN);
	r = with(GOOD, "max_age", "21");
	c = call_of(k);
	assert_int_equal(smart_flow(k->s, &c, flow_of(k, &r), &f), OK);
	assert_int_equal(f.step, STEP_CONSENT);
}

/* --- launches from an EHR page ---------------------------------------- */

static struct bytes
handle_for(struct kit *k, const char *user, const char *client)
{
	const struct smart_launch l = { .client = bytes_str(client),
	    .intent = bytes_str("reconcile"), .no_banner = true };
	struct smart_call c = call_of(k);
	struct bytes handle, location;

	assert_int_equal(done(k, &c, smart_launch(k->s, &c, NULL,
	    bytes_str(user), &l, &handle, &location)), OK);
	assert_true(bytes_starts(location,
	    bytes_str("https://app.example/launch?iss=http%3A%2F%2F")));
	return handle;
}

static struct request
launching(struct kit *k, struct bytes handle)
{
	struct request r = GOOD;

	r.scope = "launch patient/*.read";
	r.launch = text_of(k, handle);
	return r;
}

static void
a_handle_works_once(void **state)		/* AUZ-16, AUZ-17, M05 */
{
	struct kit *k = *state;
	struct request r = launching(k, handle_for(k, "ann", "app"));
	struct smart_tokens t;

	assert_int_equal(redeem(k, code_of(k, &r, "ann"), &t), OK);
	assert_bytes(t.intent, "reconcile");
	assert_bytes(t.patient, "p1");
	assert_int_equal(t.banner, 0);
	assert_true(t.style_url.len > 0);
	sent(k, r, "invalid_request");
	r.launch = "eyJhbGciOiJub25lIn0.eyJwYXRpZW50IjoicDIifQ.";
	sent(k, r, "invalid_request");
	r.launch = NULL;
	sent(k, r, "invalid_request");
	r = launching(k, handle_for(k, "ann", "app"));
	k->now.ms += 300 * 1000;
	sent(k, r, "invalid_request");
	add_client(k, "other", CLIENT_PUBLIC, APP_FLAGS, APP_SCOPE);
	sent(k, launching(k, handle_for(k, "ann", "other")),
	    "invalid_request");
}

static void
a_handle_is_for_its_user(void **state)		/* AUZ-18 */
{
	struct kit *k = *state;
	struct request r = launching(k, handle_for(k, "dr.lee", "app"));
	struct bytes flow = flow_of(k, &r), location;
	struct smart_call c;
	struct smart_flow f;

	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_flow(k->s, &c, flow, &f)),
	    ERR_FORBIDDEN);
	assert_string_equal(k->error.event, "launch-of-another-user");
	assert_int_equal(done(k, &c, smart_refuse(k->s, &c, flow,
	    &location)), OK);
	assert_bytes(in_url(k, location, "error"), "invalid_request");
	assert_bytes(in_url(k, location, "state"), "s1");
	c = call_of(k);			/* and that was its end */
	assert_int_equal(done(k, &c, smart_flow(k->s, &c, flow, &f)),
	    ERR_NOTFOUND);
	/* Who is signed in already does not get as far. */
	sent(k, launching(k, handle_for(k, "dr.lee", "app")),
	    "invalid_request");
}

/* --- pushed requests -------------------------------------------------- */

static void
a_pushed_request_works_once(void **state)	/* RFC 9126 */
{
	struct kit *k = *state;
	struct request r = GOOD, next = { .client = "app",
	    .extra = "request_uri" };
	struct buf b = buf_on(k->a, 4096);
	struct smart_call c = call_of(k);
	struct pair pair[16];
	struct smart_post p = { .pair = pair };
	struct smart_authorized az;

	p.n = pairs_of(&r, pair);
	assert_int_equal(done(k, &c, smart_push(k->s, &c, &p, &b)), OK);
	next.value = text_of(k, bytes_sub(bytes_of(b.p, b.len), 16,
	    strlen("urn:ietf:params:oauth:request_uri:") + SECRET_TEXT));
	next.client = "other";
	shown(k, next);
	next.client = "app";
	(void)flow_of(k, &next);
	shown(k, next);
	pair[0].value = bytes_str("nobody");
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_push(k->s, &c, &p, &b)),
	    ERR_LOGIN);
	(void)az;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(strange_redirects_are_shown_here),
		KIT_TEST(unknown_clients_are_shown_here),
		KIT_TEST(nothing_may_stand_twice),
		KIT_TEST(only_codes_are_given),
		KIT_TEST(pkce_is_s256),
		KIT_TEST(aud_is_our_base),
		KIT_TEST(state_is_needed),
		KIT_TEST(scopes_are_well_formed),
		KIT_TEST(prompts_are_obeyed),
		KIT_TEST(a_handle_works_once),
		KIT_TEST(a_handle_is_for_its_user),
		KIT_TEST(a_pushed_request_works_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
