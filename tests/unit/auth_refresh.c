/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_refresh.c -- refresh tokens, and every way a grant ends.  (L3)
 */
#include "tests/unit/auth_kit.h"

#define OFFLINE	"launch/patient patient/*.read patient/Goal.write "	      \
		"offline_access"

static struct smart_tokens
tokens_of(struct kit *k, const char *scope)
{
	struct request r = GOOD;
	struct smart_tokens t;

	r.scope = scope;
	assert_int_equal(redeem(k, code_of(k, &r, "ann"), &t), OK);
	assert_true(t.refresh.len > 0);
	return t;
}

static void
refresh_rotates(void **state)			/* M13, interop 1, 3 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE), u;

	k->now.ms += 7200 * 1000;
	assert_false(lets_in(k, t.access));
	assert_int_equal(refresh_with(k, t.refresh, NULL, &u), OK);
	assert_true(bytes_is(u.patient, "p1"));
	assert_true(bytes_is(u.scope, OFFLINE));
	assert_false(bytes_eq(t.refresh, u.refresh));
	assert_true(lets_in(k, u.access));
	assert_int_equal(refresh_with(k, u.refresh, NULL, &t), OK);
}

static void
reuse_ends_the_family(void **state)		/* TKE-07 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE), u, v;

	assert_int_equal(refresh_with(k, t.refresh, NULL, &u), OK);
	assert_int_equal(refresh_with(k, t.refresh, NULL, &v), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
	assert_string_equal(k->error.event, "refresh-reuse");
	assert_false(lets_in(k, u.access));
	assert_int_equal(refresh_with(k, u.refresh, NULL, &v), ERR_USAGE);
}

static void
another_client_gets_nothing(void **state)	/* TKE-08, interop 2 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE), u;

	add_client(k, "evil", CLIENT_PUBLIC, APP_FLAGS, APP_SCOPE);
	assert_int_equal(POST(k, &u, "grant_type", "refresh_token",
	    "refresh_token", text_of(k, t.refresh), "client_id", "evil"),
	    ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
	assert_int_equal(refresh_with(k, t.refresh, NULL, &u), OK);
}

static void
scope_only_gets_less(void **state)		/* TKE-09 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE), u;

	assert_int_equal(refresh_with(k, t.refresh, "user/*.read", &u),
	    ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_SCOPE);
	assert_int_equal(refresh_with(k, t.refresh, "patient/*.write", &u),
	    ERR_USAGE);
	assert_int_equal(refresh_with(k, t.refresh, "openid", &u),
	    ERR_USAGE);
	assert_int_equal(refresh_with(k, t.refresh,
	    "patient/Observation.read", &u), OK);
	assert_true(bytes_is(u.scope, "patient/Observation.read"));
	assert_int_equal(refresh_with(k, u.refresh, NULL, &t), OK);
	assert_true(bytes_is(t.scope, OFFLINE));
}

static void
refresh_tokens_grow_old(void **state)		/* TKE-10 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	int64_t day;

	for (day = 0; day < 91; day++) {
		k->now.ms += INT64_C(86400) * 1000 - 1;
		if (refresh_with(k, t.refresh, NULL, &t) != OK)
			break;
	}
	assert_int_equal(day, 90);		/* consent-lifetime */
	t = tokens_of(k, OFFLINE);
	k->now.ms += INT64_C(86400) * 1000;	/* refresh-lifetime */
	assert_int_equal(refresh_with(k, t.refresh, NULL, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
}

static void
online_ends_with_the_session(void **state)	/* M13 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k,
	    "launch/patient patient/*.read online_access");
	struct smart_form form;
	struct smart_call c;

	assert_int_equal(refresh_with(k, t.refresh, NULL, &t), OK);
	form = form_of(k, bytes_of(NULL, 0));
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_logout(k->s, &c, &form)), OK);
	assert_int_equal(refresh_with(k, t.refresh, NULL, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
}

static void
kinds_do_not_mix(void **state)			/* TKE-12, TOK-17, TOK-18 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct smart_tokens t = tokens_of(k, OFFLINE), u;
	struct bytes code = code_of(k, &r, "ann");

	assert_int_equal(redeem(k, t.refresh, &u), ERR_USAGE);
	assert_int_equal(refresh_with(k, code, NULL, &u), ERR_USAGE);
	assert_false(lets_in(k, code));
	assert_false(lets_in(k, t.refresh));
	assert_int_equal(redeem(k, code, &u), OK);
	assert_int_equal(refresh_with(k, t.refresh, NULL, &u), OK);
}

static void
a_lost_answer_may_be_asked_for_again(void **state)	/* security 3.5 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_tokens t, u, v;
	struct bytes secret, basic;
	char b64[256];
	const char *header;

	secret = add_client(k, "conf", CLIENT_SECRET, APP_FLAGS, APP_SCOPE);
	basic = bytes_str(arena_printf(k->a, "conf:%.*s",
	    BYTES_FMT(secret)));
	sodium_bin2base64(b64, sizeof b64, basic.p, basic.len,
	    sodium_base64_VARIANT_ORIGINAL);
	header = arena_printf(k->a, "Basic %s", b64);
	r.client = "conf";
	r.scope = OFFLINE;
	{
		const char *const p[] = { "grant_type",
		    "authorization_code", "code",
		    text_of(k, code_of(k, &r, "ann")), "redirect_uri", CB,
		    "code_verifier", VERIFIER };
		assert_int_equal(post(k, header, p, N_ELEM(p), &t), OK);
	}
	{
		const char *const p[] = { "grant_type", "refresh_token",
		    "refresh_token", text_of(k, t.refresh) };
		const char *const q[] = { "grant_type", "refresh_token",
		    "refresh_token", text_of(k, t.refresh), "client_id",
		    "conf" };

		assert_int_equal(post(k, header, p, N_ELEM(p), &u), OK);
		k->now.ms += 9999;
		assert_int_equal(post(k, header, p, N_ELEM(p), &v), OK);
		k->now.ms += 10000;
		/* Without the secret it is nobody's. */
		assert_int_equal(post(k, NULL, q, N_ELEM(q), &v),
		    ERR_LOGIN);
		assert_int_equal(k->error.fault, FAULT_CLIENT);
		assert_int_equal(post(k, NULL, p, N_ELEM(p), &v),
		    ERR_LOGIN);
		assert_int_equal(post(k, header, p, N_ELEM(p), &v),
		    ERR_USAGE);
		assert_string_equal(k->error.event, "refresh-reuse");
	}
}

/* --- kill switches ---------------------------------------------------- */

static void
dead(struct kit *k, const struct smart_tokens *t)
{
	struct smart_tokens u;

	assert_false(lets_in(k, t->access));
	assert_int_not_equal(refresh_with(k, t->refresh, NULL, &u), OK);
}

static void
a_disabled_user_is_out(void **state)		/* TOK-07 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct smart_call c = call_of(k);
	struct smart_session ss;

	assert_int_equal(smart_user_enable(k->s, &c, bytes_str("ann"),
	    false), OK);
	dead(k, &t);
	c = call_of(k);
	assert_int_equal(smart_session(k->s, &c, &ss), ERR_LOGIN);
	assert_int_equal(login_as(k, bytes_of(NULL, 0), "ann", PASSWORD),
	    ERR_LOGIN);
	c = call_of(k);
	assert_int_equal(smart_user_enable(k->s, &c, bytes_str("ann"),
	    true), OK);
	dead(k, &t);
	assert_true(lets_in(k, tokens_of(k, OFFLINE).access));
}

static void
a_new_password_ends_it_all(void **state)	/* TOK-07, LOG-08 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct smart_form form = form_of(k, bytes_of(NULL, 0));
	struct smart_call c = call_of(k);
	struct bytes old = k->cookie;
	struct smart_session ss;

	assert_int_equal(done(k, &c, smart_password(k->s, &c, &form,
	    bytes_str("wrong"), bytes_str("another good password"))),
	    ERR_LOGIN);
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_password(k->s, &c, &form,
	    bytes_str(PASSWORD), bytes_str("short"))), ERR_USAGE);
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_password(k->s, &c, &form,
	    bytes_str(PASSWORD), bytes_str("another good password"))), OK);
	dead(k, &t);
	c = call_of(k);
	assert_int_equal(smart_session(k->s, &c, &ss), OK);
	use_browser(k, old);
	c = call_of(k);
	assert_int_equal(smart_session(k->s, &c, &ss), ERR_LOGIN);
	assert_int_equal(login_as(k, bytes_of(NULL, 0), "ann", PASSWORD),
	    ERR_LOGIN);
}

static void
a_disabled_client_is_out(void **state)		/* TOK-08 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct smart_call c = call_of(k);

	assert_int_equal(smart_client_enable(k->s, &c, bytes_str("app"),
	    false), OK);
	dead(k, &t);
	c = call_of(k);
	assert_int_equal(smart_client_enable(k->s, &c, bytes_str("app"),
	    true), OK);
	assert_true(lets_in(k, t.access));
}

static void
sharing_can_be_stopped(void **state)		/* M17, TOK-09 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct smart_form form = form_of(k, bytes_of(NULL, 0));
	struct smart_call c = call_of(k);
	struct smart_grant *g;
	size_t n;

	assert_int_equal(smart_grants(k->s, &c, bytes_str("ann"), false, &g,
	    &n), OK);
	assert_int_equal(n, 1);
	assert_true(bytes_is(g[0].client, "app") && g[0].offline &&
	    g[0].active);
	/* Not by another user. */
	use_browser(k, bytes_of(NULL, 0));
	assert_int_equal(login_as(k, bytes_of(NULL, 0), "dr.lee",
	    PASSWORD), OK);
	form = form_of(k, bytes_of(NULL, 0));
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_stop(k->s, &c, &form, g[0].id)),
	    ERR_NOTFOUND);
	assert_true(lets_in(k, t.access));
	assert_int_equal(login_as(k, bytes_of(NULL, 0), "ann", PASSWORD),
	    OK);
	form = form_of(k, bytes_of(NULL, 0));
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_stop(k->s, &c, &form, g[0].id)),
	    OK);
	dead(k, &t);
	c = call_of(k);
	assert_int_equal(smart_grants(k->s, &c, bytes_str("ann"), false, &g,
	    &n), OK);
	assert_int_equal(n, 0);
}

static void
clients_revoke_their_own(void **state)		/* X06, TKE-15 */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct pair pair[] = { { bytes_str("token"), t.access },
	    { bytes_str("client_id"), bytes_str("evil") } };
	struct smart_post p = { .pair = pair, .n = 2 };
	struct smart_call c = call_of(k);

	add_client(k, "evil", CLIENT_PUBLIC, APP_FLAGS, APP_SCOPE);
	assert_int_equal(done(k, &c, smart_revoke(k->s, &c, &p)), OK);
	assert_true(lets_in(k, t.access));
	pair[1].value = bytes_str("app");
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_revoke(k->s, &c, &p)), OK);
	dead(k, &t);
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_revoke(k->s, &c, &p)), OK);
}

static void
fewer_rights_of_a_client_count(void **state)	/* smart_client_set */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct issues is = issues_on(k->a);
	struct smart_call c = call_of(k);
	struct smart_client cl;

	assert_int_equal(smart_client_get(k->s, &c, bytes_str("app"), &cl),
	    OK);
	cl.scope = bytes_str("launch/patient patient/Goal.* offline_access");
	assert_int_equal(smart_client_set(k->s, &c, &cl, &is), OK);
	assert_int_equal(refresh_with(k, t.refresh, NULL, &t), OK);
	assert_true(bytes_is(t.scope, "launch/patient patient/Goal.read "
	    "patient/Goal.write offline_access"));
}

static void
ended_grants_are_forgotten(void **state)	/* grants/ does not grow */
{
	struct kit *k = *state;
	struct smart_tokens t = tokens_of(k, OFFLINE);
	struct smart_call c = call_of(k);
	struct smart_grant *g;
	struct grant standing;
	struct bytes id;
	size_t n;

	assert_int_equal(smart_grants(k->s, &c, bytes_str(""), true, &g,
	    &n), OK);
	id = g[0].id;
	k->now.ms += INT64_C(119) * 86400 * 1000;	/* 90 and 30 */
	(void)tokens_of(k, OFFLINE);
	assert_int_equal(stand_grant(k->s, &c, id, &standing), OK);
	k->now.ms += INT64_C(3) * 86400 * 1000;
	(void)tokens_of(k, OFFLINE);
	assert_int_equal(stand_grant(k->s, &c, id, &standing),
	    ERR_NOTFOUND);
	dead(k, &t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(refresh_rotates),
		KIT_TEST(reuse_ends_the_family),
		KIT_TEST(another_client_gets_nothing),
		KIT_TEST(scope_only_gets_less),
		KIT_TEST(refresh_tokens_grow_old),
		KIT_TEST(online_ends_with_the_session),
		KIT_TEST(kinds_do_not_mix),
		KIT_TEST(a_lost_answer_may_be_asked_for_again),
		KIT_TEST(a_disabled_user_is_out),
		KIT_TEST(a_new_password_ends_it_all),
		KIT_TEST(a_disabled_client_is_out),
		KIT_TEST(sharing_can_be_stopped),
		KIT_TEST(clients_revoke_their_own),
		KIT_TEST(fewer_rights_of_a_client_count),
		KIT_TEST(ended_grants_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
