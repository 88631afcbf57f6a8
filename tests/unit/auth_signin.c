/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_signin.c -- passwords, throttles, second factors, sessions.  (L3)
 */
#include "tests/unit/auth_kit.h"

static const struct bytes outside = { .len = 0 };

static enum err
try_login(struct kit *k, const char *name, const char *password)
{
	return login_as(k, outside, name, password);
}

static enum err
session_of(struct kit *k, struct smart_session *out)
{
	struct smart_call c = call_of(k);

	return done(k, &c, smart_session(k->s, &c, out));
}

static void
wrong_and_unknown_are_alike(void **state)	/* LOG-01, LOG-13 */
{
	struct kit *k = *state;
	const char *text;

	assert_int_equal(try_login(k, "ann", "not the password"), ERR_LOGIN);
	text = k->error.text;
	assert_int_equal(try_login(k, "nobody", PASSWORD), ERR_LOGIN);
	assert_string_equal(k->error.text, text);
	assert_int_equal(try_login(k, "", PASSWORD), ERR_LOGIN);
	assert_string_equal(k->error.text, text);
	assert_int_equal(try_login(k, "tiphys-cli", ""), ERR_LOGIN);
	assert_string_equal(k->error.text, text);
}

static void
accounts_wait_longer_and_longer(void **state)	/* LOG-02, LOG-03 */
{
	struct kit *k = *state;
	struct bytes device;
	int i, tried = 0;

	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
	device = k->device;
	use_browser(k, outside);
	for (i = 0; i < 5; i++)
		assert_int_equal(try_login(k, "ann", "guess"), ERR_LOGIN);
	assert_int_equal(try_login(k, "ann", PASSWORD), ERR_THROTTLED);
	assert_int_equal(k->error.retry_s, 1);
	k->now.ms += 1000;
	assert_int_equal(try_login(k, "ann", "guess"), ERR_LOGIN);
	assert_int_equal(try_login(k, "ann", "guess"), ERR_THROTTLED);
	assert_int_equal(k->error.retry_s, 2);
	/* However patient: never more than a hundred. */
	for (i = 0; i < 300; i++) {
		k->address = arena_printf(k->a, "10.1.%d.1", i % 250);
		k->now.ms += 3600 * 1000;
		tried += try_login(k, "ann", "guess") == ERR_LOGIN;
	}
	assert_int_equal(tried, 100 - 6);
	assert_int_equal(try_login(k, "ann", PASSWORD), ERR_THROTTLED);
	/* The owner's own browser is let in all the same. */
	k->device = device;
	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
}

static void
networks_wait(void **state)			/* LOG-04 */
{
	struct kit *k = *state;
	int i;

	for (i = 0; i < 30; i++) {
		k->address = arena_printf(k->a, "192.0.2.%d", i);
		assert_int_equal(try_login(k, arena_printf(k->a, "user%d",
		    i), "Winter2026!"), ERR_LOGIN);
	}
	assert_int_equal(try_login(k, "user99", "Winter2026!"),
	    ERR_THROTTLED);
	k->address = "2001:db8::1";
	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
	k->address = "192.0.2.200";
	k->now.ms += 60 * 1000;
	assert_int_equal(try_login(k, "user99", "Winter2026!"), ERR_LOGIN);
}

static void
passwords_have_bounds(void **state)		/* LOG-05 */
{
	const struct bytes site = bytes_str("Argo Clinic");
	struct kit *k = *state;
	char *longest = arena_alloc(k->a, 1026);
	struct issues is = issues_on(k->a);
	struct smart_call c;
	int i;

	for (i = 0; i < 1025; i++)
		longest[i] = (char)('a' + i * 7 % 26);
	assert_int_equal(try_login(k, "ann", longest), ERR_TOOBIG);
	longest[1024] = '\0';
	c = call_of(k);
	assert_int_equal(smart_user_passwd(k->s, &c, bytes_str("ann"),
	    bytes_str(longest), &is), OK);
	assert_int_equal(try_login(k, "ann", longest), OK);
	longest[1023] = '\0';		/* nothing is cut off */
	assert_int_equal(try_login(k, "ann", longest), ERR_LOGIN);
	assert_non_null(pass_fault(bytes_str("fourteen chars"), outside,
	    site, false));
	assert_null(pass_fault(bytes_str("g00d one"), outside, site, true));
	assert_non_null(pass_fault(bytes_str("aaaaaaaaaaaaaaaa"), outside,
	    site, false));
	assert_non_null(pass_fault(bytes_str("abcdefghijklmnop"), outside,
	    site, false));
	assert_non_null(pass_fault(bytes_str("\xC3(not UTF-8 at all)"),
	    outside, site, false));
	assert_non_null(pass_fault(bytes_str("ann.smith.123456"),
	    bytes_str("ann.smith"), site, false));
}

/* NIST SP 800-63B-4 3.1.1.2: what is guessed first is no password. */
static void
the_commonest_are_refused(void **state)
{
	static const char *const bad[] = { "password", "Password1!",
	    "passwordpassword", "P4$$w0rd-2026", "letmein letmein",
	    "QWERTZuiop123456", "1qaz2wsx3edc4rfv", "iloveyou iloveyou",
	    "Sunshine & Flowers", "ArgoClinic2026!", "argo-clinic-2026",
	    "smith1984smith", "Ann_Smith_Doctor", "3141592653589793",
	    "1q2w3e4r5t6z7u8i", "xyzxyzxyzxyzxyz", "summer-winter-2025",
	    "doctor doctor doctor", "Welcome to Clinic" };
	static const char *const good[] = { "correct horse battery staple",
	    "seven brown bears at sea", "summer rain on a tin roof",
	    "I met the doctor in Greece", "x7#kQ9!zT4", "password manager "
	    "from Lisbon" };
	const struct bytes name = bytes_str("ann.smith");
	const struct bytes site = bytes_str("Argo Clinic");
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++)
		if (pass_fault(bytes_str(bad[i]), name, site, true) == NULL)
			fail_msg("%s is taken", bad[i]);
	for (i = 0; i < N_ELEM(good); i++)
		if (pass_fault(bytes_str(good[i]), name, site, true) != NULL)
			fail_msg("%s: %s", good[i], pass_fault(
			    bytes_str(good[i]), name, site, true));
}

static void
sessions_end(void **state)			/* LOG-08 */
{
	struct kit *k = *state;
	struct smart_session ss;
	int i;

	assert_int_equal(session_of(k, &ss), ERR_LOGIN);
	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
	assert_int_equal(session_of(k, &ss), OK);
	assert_bytes(ss.user, "ann");
	assert_bytes(ss.link, "Patient/p1");
	k->now.ms += 899 * 1000;
	assert_int_equal(session_of(k, &ss), OK);
	k->now.ms += 899 * 1000;		/* it was used in between */
	assert_int_equal(session_of(k, &ss), OK);
	k->now.ms += 900 * 1000;
	assert_int_equal(session_of(k, &ss), ERR_LOGIN);
	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
	for (i = 0; i < 48; i++) {
		k->now.ms += 600 * 1000;
		if (session_of(k, &ss) != OK)
			break;
	}
	assert_int_equal(i, 47);		/* 8 hours */
}

static void
sessions_are_listed_and_ended(void **state)	/* LOG-08, LOG-09 */
{
	struct kit *k = *state;
	struct smart_session *list, ss;
	struct smart_form form;
	struct smart_call c;
	struct bytes other;
	size_t n;

	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
	other = k->cookie;
	use_browser(k, outside);
	k->now.ms += 1000;
	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
	c = call_of(k);
	assert_int_equal(smart_sessions(k->s, &c, &list, &n), OK);
	assert_int_equal(n, 2);
	assert_true(list[0].current && !list[1].current);
	form = form_of(k, outside);
	form.csrf = bytes_str("AAAA");
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_session_end(k->s, &c, &form,
	    list[1].id)), ERR_FORBIDDEN);
	form = form_of(k, outside);
	c = call_of(k);
	assert_int_equal(done(k, &c, smart_session_end(k->s, &c, &form,
	    list[1].id)), OK);
	use_browser(k, other);
	assert_int_equal(session_of(k, &ss), ERR_LOGIN);
}

/* --- the second factor ------------------------------------------------ */

static enum err
second(struct kit *k, const char *code)
{
	struct smart_form form = form_of(k, outside);
	struct smart_call c = call_of(k);

	return done(k, &c, smart_second(k->s, &c, &form, bytes_str(code)));
}

/* RFC 4648 section 6 backwards: what an authenticator app does. */
static void
unbase32(struct bytes text, uint8_t *out)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t i, n = 0;

	for (i = 0; i < text.len; i++) {
		acc = (acc << 5 | (uint32_t)(strchr(digit, text.p[i]) -
		    digit)) & 0xFFFFF;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(acc >> bits);
		}
	}
}

static struct smart_totp
enroll(struct kit *k, const char *name, uint8_t *secret)
{
	struct smart_call c = call_of(k);
	struct smart_totp t;

	assert_int_equal(smart_user_totp(k->s, &c, bytes_str(name), &t),
	    OK);
	assert_int_equal(t.secret.len, 32);
	unbase32(t.secret, secret);
	return t;
}

static const char *
code_now(struct kit *k, const uint8_t *secret)
{
	return arena_printf(k->a, "%06u", totp_code(secret,
	    k->now.ms / 30000));
}

static void
totp_is_rfc_6238(void **state)			/* appendix B, 6 digits */
{
	const uint8_t *key = (const uint8_t *)"12345678901234567890";

	(void)state;
	assert_int_equal(totp_code(key, 59 / 30), 287082);
	assert_int_equal(totp_code(key, INT64_C(1111111109) / 30), 81804);
	assert_int_equal(totp_code(key, INT64_C(20000000000) / 30), 353130);
	assert_int_equal(totp_step(key, bytes_str("081804"),
	    (struct instant){ INT64_C(1111111109) * 1000 }),
	    INT64_C(1111111109) / 30);
	assert_int_equal(totp_step(key, bytes_str("81804"),
	    (struct instant){ INT64_C(1111111109) * 1000 }), -1);
}

static void
a_code_is_needed_and_used_up(void **state)	/* LOG-11 */
{
	struct kit *k = *state;
	uint8_t secret[32];
	struct smart_session ss;
	const char *code;

	enroll(k, "dr.lee", secret);
	assert_int_equal(second(k, "000000"), ERR_LOGIN);
	assert_int_equal(try_login(k, "dr.lee", PASSWORD), OK);
	assert_int_equal(session_of(k, &ss), OK);
	assert_true(ss.pending);
	code = code_now(k, secret);
	assert_int_equal(second(k, code), OK);
	assert_int_equal(session_of(k, &ss), OK);
	assert_false(ss.pending);
	assert_int_equal(second(k, code), ERR_LOGIN);	/* not pending */
	use_browser(k, outside);
	assert_int_equal(try_login(k, "dr.lee", PASSWORD), OK);
	assert_int_equal(second(k, code), ERR_LOGIN);	/* used */
	assert_string_equal(k->error.event, "second-factor-failed");
	k->now.ms += 30000;
	assert_int_equal(second(k, code_now(k, secret)), OK);
}

static void
half_signed_in_is_not_signed_in(void **state)	/* LOG-11 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r), location;
	struct smart_session *list;
	struct smart_call c;
	uint8_t secret[32];
	size_t n;

	enroll(k, "ann", secret);
	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), ERR_LOGIN);
	c = call_of(k);
	assert_int_equal(smart_sessions(k->s, &c, &list, &n), ERR_LOGIN);
}

static void
guesses_at_codes_are_throttled(void **state)	/* LOG-11 */
{
	struct kit *k = *state;
	uint8_t secret[32];
	int i;

	enroll(k, "dr.lee", secret);
	assert_int_equal(try_login(k, "dr.lee", PASSWORD), OK);
	for (i = 0; i < 5; i++)
		assert_int_equal(second(k, "000001"), ERR_LOGIN);
	assert_int_equal(second(k, code_now(k, secret)), ERR_THROTTLED);
	k->now.ms += 1000;
	assert_int_equal(second(k, code_now(k, secret)), OK);
}

static void
recovery_codes_work_once(void **state)		/* security 3.6 */
{
	struct kit *k = *state;
	uint8_t secret[32];
	struct smart_totp t = enroll(k, "dr.lee", secret);
	struct smart_call c = call_of(k);
	struct smart_user u;
	int i;

	for (i = 0; i < 2; i++) {
		use_browser(k, outside);
		assert_int_equal(try_login(k, "dr.lee", PASSWORD), OK);
		assert_int_equal(second(k, text_of(k, t.recovery[3])),
		    i == 0 ? OK : ERR_LOGIN);
	}
	assert_int_equal(smart_user_get(k->s, &c, bytes_str("dr.lee"), &u),
	    OK);
	assert_true(u.totp);
	assert_int_equal(u.recovery, SMART_RECOVERY - 1);
}

static int
staff_setup(void **state)
{
	struct kit *k;
	int r = kit_setup(state);

	k = *state;
	k->conf->num[CONF_STAFF_TOTP] = 1;
	return r;
}

static void
staff_needs_a_second_factor(void **state)	/* M16 */
{
	struct kit *k = *state;
	struct smart_session ss;

	assert_int_equal(try_login(k, "dr.lee", PASSWORD), ERR_FORBIDDEN);
	assert_int_equal(session_of(k, &ss), ERR_LOGIN);
	assert_int_equal(try_login(k, "ann", PASSWORD), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(wrong_and_unknown_are_alike),
		KIT_TEST(accounts_wait_longer_and_longer),
		KIT_TEST(networks_wait),
		KIT_TEST(passwords_have_bounds),
		KIT_TEST(the_commonest_are_refused),
		KIT_TEST(sessions_end),
		KIT_TEST(sessions_are_listed_and_ended),
		cmocka_unit_test(totp_is_rfc_6238),
		KIT_TEST(a_code_is_needed_and_used_up),
		KIT_TEST(half_signed_in_is_not_signed_in),
		KIT_TEST(guesses_at_codes_are_throttled),
		KIT_TEST(recovery_codes_work_once),
		cmocka_unit_test_setup_teardown(staff_needs_a_second_factor,
		    staff_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
