/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_flow.c -- a launch from request to tokens, and what stops it.  (L3)
 */
#include "tests/unit/auth_kit.h"

static void
a_patient_launches_and_reads(void **state)	/* M03, M06, M08, M10 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct smart_tokens t;

	assert_int_equal(redeem(k, code_of(k, &r, "ann"), &t), OK);
	assert_true(bytes_is(t.patient, "p1"));
	assert_true(bytes_is(t.scope, "launch/patient patient/*.read"));
	assert_int_equal(t.expires_in, 3600);
	assert_int_equal(t.refresh.len, 0);	/* TKE-11 */
	assert_true(lets_in(k, t.access));
	k->now.ms += 3600 * 1000;
	assert_false(lets_in(k, t.access));
}

static void
steps_follow_what_is_known(void **state)	/* M06 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r);
	struct smart_call c = call_of(k);
	struct smart_flow f;

	assert_int_equal(smart_flow(k->s, &c, flow, &f), OK);
	assert_int_equal(f.step, STEP_LOGIN);
	assert_true(bytes_is(f.origin, "https://app.example"));
	assert_int_equal(login_as(k, flow, "dr.lee", PASSWORD), OK);
	c = call_of(k);
	assert_int_equal(smart_flow(k->s, &c, flow, &f), OK);
	assert_int_equal(f.step, STEP_PICK);
	assert_true(bytes_is(f.user, "dr.lee"));
}

static void
another_browser_has_no_part_in_it(void **state)	/* AUZ-19 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r), mine = k->cookie;
	struct smart_form form = form_of(k, flow);
	struct smart_call c;
	struct smart_flow f;

	k->cookie = bytes_of(NULL, 0);
	(void)form_of(k, flow);			/* gives it a cookie */
	c = call_of(k);
	assert_int_equal(smart_flow(k->s, &c, flow, &f), ERR_NOTFOUND);
	/* Its own cookie with the first one's form. */
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_login(k->s, &c, &form,
	    bytes_str("ann"), bytes_str(PASSWORD))), ERR_FORBIDDEN);
	k->cookie = mine;
	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	assert_false(bytes_eq(mine, k->cookie));	/* LOG-07 */
}

static void
a_code_works_once(void **state)			/* AUZ-22 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes code = code_of(k, &r, "ann");
	struct smart_tokens t, again;

	assert_int_equal(redeem(k, code, &t), OK);
	assert_true(lets_in(k, t.access));
	assert_int_equal(redeem(k, code, &again), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
	assert_string_equal(k->error.event, "code-reuse");
	assert_false(lets_in(k, t.access));
}

static void
a_code_lives_a_minute(void **state)		/* AUZ-23 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes code = code_of(k, &r, "ann");
	struct smart_tokens t;

	k->now.ms += 60 * 1000;
	assert_int_equal(redeem(k, code, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
	k->now.ms -= 1;
	assert_int_equal(redeem(k, code, &t), OK);
}

static void
the_wrong_client_does_not_burn_a_code(void **state)	/* interop 2, AUZ-24 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes code = code_of(k, &r, "ann");
	struct smart_tokens t;

	add_client(k, "evil", CLIENT_PUBLIC, APP_FLAGS, APP_SCOPE);
	assert_int_equal(POST(k, &t, "grant_type", "authorization_code",
	    "code", text_of(k, code), "redirect_uri", CB, "client_id",
	    "evil", "code_verifier", VERIFIER), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
	assert_int_equal(redeem(k, code, &t), OK);
}

static void
one_guess_at_the_verifier(void **state)		/* AUZ-25 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes code = code_of(k, &r, "ann");
	struct smart_tokens t;

	assert_int_equal(POST(k, &t, "grant_type", "authorization_code",
	    "code", text_of(k, code), "redirect_uri", CB, "client_id",
	    "app", "code_verifier", CHALLENGE), ERR_USAGE);
	assert_int_equal(redeem(k, code, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
}

static void
the_redirect_is_said_again(void **state)	/* AUZ-26 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes code = code_of(k, &r, "ann");
	const char *bad[] = { NULL, CB "/", "https://app.example/c" };
	struct smart_tokens t;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		assert_int_equal(POST(k, &t, "grant_type",
		    "authorization_code", "code", text_of(k, code),
		    "redirect_uri", bad[i], "client_id", "app",
		    "code_verifier", VERIFIER), ERR_USAGE);
		assert_int_equal(k->error.fault, FAULT_GRANT);
	}
	assert_int_equal(redeem(k, code, &t), OK);
}

static void
less_can_be_allowed(void **state)		/* M07 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r), location;
	struct bytes group[] = { bytes_str("allergies") };
	struct bytes type[] = { bytes_str("Observation") };
	struct bytes none[] = { bytes_str("user:Patient") };
	struct smart_tokens t;

	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .type = none, .n_type = 1 }, &location), ERR_USAGE);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .group = group, .n_group = 1, .type = type, .n_type = 1 },
	    &location), OK);
	assert_int_equal(redeem(k, in_url(k, location, "code"), &t), OK);
	assert_true(bytes_is(t.scope, "launch/patient "
	    "patient/AllergyIntolerance.read patient/Observation.read"));
}

static void
nothing_ticked_is_no(void **state)		/* M07 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r), location;

	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = false }, &location), OK);
	assert_true(bytes_is(in_url(k, location, "error"),
	    "access_denied"));
	assert_true(bytes_is(in_url(k, location, "state"), "s1"));
}

static void
an_answer_names_its_issuer(void **state)	/* AUZ-27, interop 13 */
{
	struct kit *k = *state;
	const char *state_text = "`%2B~!@#$%^&*()-_=+[{]}\\;:'\",<.>/?";
	struct request r = GOOD;
	struct bytes flow, location;

	r.state = state_text;
	flow = flow_of(k, &r);
	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), OK);
	assert_true(bytes_is(in_url(k, location, "iss"), KIT_ISS));
	assert_true(bytes_is(in_url(k, location, "state"), state_text));
	assert_true(bytes_starts(location, bytes_str(CB "?code=tsc_")));
}

static void
an_answer_is_given_once(void **state)		/* AUZ-20 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r), location;

	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), OK);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), ERR_NOTFOUND);
}

static void
user_scopes_need_rights(void **state)		/* Z06 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_tokens t;

	r.scope = "launch/patient patient/*.read user/*.read";
	assert_int_equal(redeem(k, code_of(k, &r, "ann"), &t), OK);
	assert_true(bytes_is(t.scope, "launch/patient patient/*.read"));
}

static void
unregistered_scopes_are_left_out(void **state)	/* AUZ-14 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_tokens t;

	add_client(k, "small", CLIENT_PUBLIC, CLIENT_CODE,
	    "launch/patient patient/Observation.read");
	r.client = "small";
	r.scope = "launch/patient patient/*.read offline_access openid";
	assert_int_equal(POST(k, &t, "grant_type", "authorization_code",
	    "code", text_of(k, code_of(k, &r, "ann")), "redirect_uri", CB,
	    "client_id", "small", "code_verifier", VERIFIER), OK);
	assert_true(bytes_is(t.scope,
	    "launch/patient patient/Observation.read"));
	assert_int_equal(t.refresh.len, 0);
}

static void
old_apps_may_go_without_pkce(void **state)	/* X01, interop 11 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_tokens t;
	struct bytes code;

	add_client(k, "old", CLIENT_PUBLIC, CLIENT_CODE | CLIENT_NO_PKCE,
	    APP_SCOPE);
	r.client = "old";
	r.challenge = r.method = NULL;
	code = code_of(k, &r, "ann");
	/* A verifier to a code without challenge is a mix-up. */
	assert_int_equal(POST(k, &t, "grant_type", "authorization_code",
	    "code", text_of(k, code), "redirect_uri", CB, "client_id",
	    "old", "code_verifier", VERIFIER), ERR_USAGE);
	code = code_of(k, &r, "ann");
	assert_int_equal(POST(k, &t, "grant_type", "authorization_code",
	    "code", text_of(k, code), "redirect_uri", CB, "client_id",
	    "old"), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(a_patient_launches_and_reads),
		KIT_TEST(steps_follow_what_is_known),
		KIT_TEST(another_browser_has_no_part_in_it),
		KIT_TEST(a_code_works_once),
		KIT_TEST(a_code_lives_a_minute),
		KIT_TEST(the_wrong_client_does_not_burn_a_code),
		KIT_TEST(one_guess_at_the_verifier),
		KIT_TEST(the_redirect_is_said_again),
		KIT_TEST(less_can_be_allowed),
		KIT_TEST(nothing_ticked_is_no),
		KIT_TEST(an_answer_names_its_issuer),
		KIT_TEST(an_answer_is_given_once),
		KIT_TEST(user_scopes_need_rights),
		KIT_TEST(unregistered_scopes_are_left_out),
		KIT_TEST(old_apps_may_go_without_pkce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
