/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_register.c -- apps that register themselves; discovery.  (L3)
 */
#include "tests/unit/auth_kit.h"

#include "auth/jws.h"

static int
open_setup(void **state)
{
	return kit_setup_with(state, "registration = yes\n");
}

static const char *
invited(struct kit *k)
{
	struct smart_call c = call_of(k);
	struct bytes token;

	assert_int_equal(smart_invite(k->s, &c, &token), OK);
	return arena_printf(k->a, "Bearer %.*s", BYTES_FMT(token));
}

static enum err
enlist(struct kit *k, const char *header, const char *body,
    struct bytes *json)
{
	struct smart_call c = call_of(k);
	struct buf b = buf_on(k->a, 65536);
	enum err e;

	e = done(k, &c, smart_register(k->s, &c, bytes_str(header),
	    bytes_str(body), &b));
	*json = bytes_of(b.p, b.len);
	return e;
}

#define REG(more) "{\"client_name\":\"New\",\"redirect_uris\":"	      \
	"[\"https://new.example/cb\"]" more "}"

static void
apps_register_with_an_invitation(void **state)	/* M19, TKE-21 */
{
	struct kit *k = *state;
	const char *invitation = invited(k);
	struct bytes json;

	assert_int_equal(enlist(k, NULL, REG(""), &json), ERR_LOGIN);
	assert_int_equal(enlist(k, "Bearer tsi_AAAA", REG(""), &json),
	    ERR_LOGIN);
	assert_int_equal(enlist(k, invitation, REG(
	    ",\"grant_types\":[\"authorization_code\",\"refresh_token\"]"),
	    &json), OK);
	assert_true(says(k, json, "\"client_id\":\""));
	assert_true(says(k, json, "\"client_secret\":\"tss_"));
	assert_true(says(k, json, "offline_access"));
	assert_int_equal(enlist(k, invitation, REG(""), &json), ERR_LOGIN);
	invitation = invited(k);
	k->now.ms += INT64_C(86400) * 1000;
	assert_int_equal(enlist(k, invitation, REG(""), &json), ERR_LOGIN);
}

static void
registrations_are_checked(void **state)		/* TKE-22, TKE-23, AUZ-29 */
{
	static const struct {
		const char		*body;
		enum smart_fault	 fault;
	} bad[] = {
		{ "[]", FAULT_METADATA },
		{ "{\"client_name\":\"x\"}", FAULT_REDIRECT },
		{ "{\"redirect_uris\":[\"javascript:alert(1)\"]}",
		    FAULT_REDIRECT },
		{ "{\"redirect_uris\":[\"data:text/html,x\"]}",
		    FAULT_REDIRECT },
		{ "{\"redirect_uris\":[\"http://evil.test/cb\"]}",
		    FAULT_REDIRECT },
		{ "{\"redirect_uris\":[\"https://a.test/cb#x\"]}",
		    FAULT_REDIRECT },
		{ "{\"redirect_uris\":[\"https://*.test/cb\"]}",
		    FAULT_REDIRECT },
		{ "{\"redirect_uris\":[7]}", FAULT_REDIRECT },
		{ "{\"redirect_uris\":[\"https://a.test/cb\"]}",
		    FAULT_METADATA },
		{ REG(",\"client_name\":\"Twice\""), FAULT_METADATA },
		{ REG(",\"jwks_uri\":\"http://169.254.169.254/\""),
		    FAULT_METADATA },
		{ REG(",\"grant_types\":[\"client_credentials\"]"),
		    FAULT_METADATA },
		{ REG(",\"response_types\":[\"token\"]"), FAULT_METADATA },
		{ REG(",\"token_endpoint_auth_method\":\"tls\""),
		    FAULT_METADATA },
		{ REG(",\"scope\":\"system/*.read\""), FAULT_METADATA },
		{ REG(",\"scope\":\"patient/Nothing.read\""),
		    FAULT_METADATA },
		{ REG(",\"token_endpoint_auth_method\":"
		    "\"private_key_jwt\""), FAULT_METADATA },
		{ "{\"redirect_uris\":[\"https://a.test/cb\"],"
		    "\"client_name\":\"a\xE2\x80\xAE" "b\"}",
		    FAULT_METADATA },
	};
	struct kit *k = *state;
	const char *invitation = invited(k);
	struct bytes json;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		assert_int_equal(enlist(k, invitation, bad[i].body, &json),
		    ERR_USAGE);
		if (k->error.fault != bad[i].fault)
			fail_msg("%s: %s", bad[i].body, k->error.text);
	}
	/* None of them used the invitation up. */
	assert_int_equal(enlist(k, invitation, REG(""), &json), OK);
}

static void
registration_is_off_by_default(void **state)	/* M19 */
{
	struct kit *k = *state;
	struct bytes json;

	assert_int_equal(enlist(k, invited(k), REG(""), &json), ERR_METHOD);
}

/* --- discovery -------------------------------------------------------- */

static void
documents_name_the_same_places(void **state)	/* M01, M02, interop 8 */
{
	struct kit *k = *state;
	struct auth_endpoint *list;
	struct buf smart = buf_on(k->a, 65536), openid = buf_on(k->a, 65536);
	size_t i, n;

	auth_endpoints(k->a, k->conf, &list, &n);
	assert_int_equal(n, AUTH_ENDPOINTS - 1);	/* no register */
	auth_discovery(k->a, k->conf, AUTH_DOC_SMART, &smart);
	auth_discovery(k->a, k->conf, AUTH_DOC_OPENID, &openid);
	for (i = 0; i < n; i++) {
		const char *part = arena_printf(k->a, "\"%s\":\"%.*s\"",
		    list[i].member, BYTES_FMT(list[i].url));

		assert_true(says(k, bytes_of(smart.p, smart.len), part));
		assert_true(says(k, bytes_of(openid.p, openid.len), part));
	}
	assert_false(says(k, bytes_of(smart.p, smart.len), "register"));
	assert_non_null(jws_object(k->a, bytes_of(smart.p, smart.len)));
	assert_non_null(jws_object(k->a, bytes_of(openid.p, openid.len)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    apps_register_with_an_invitation, open_setup,
		    kit_teardown),
		cmocka_unit_test_setup_teardown(registrations_are_checked,
		    open_setup, kit_teardown),
		KIT_TEST(registration_is_off_by_default),
		KIT_TEST(documents_name_the_same_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
