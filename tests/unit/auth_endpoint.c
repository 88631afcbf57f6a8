/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_endpoint.c -- clients proving who they are; programs; answers. (L3)
 */
#include "tests/unit/auth_kit.h"
#include "tests/unit/auth_sign.h"

#include "auth/assertion.h"

#define TOKEN_URL	KIT_ISS "/token"

static enum err
ask(struct kit *k, const char *header, struct pair *pair, size_t n,
    struct smart_tokens *out)
{
	struct smart_call c = call_of(k);
	const struct smart_post p = { .header = bytes_str(header),
	    .pair = pair, .n = n };

	return done(k, &c, smart_token(k->s, &c, &p, out));
}

static struct pair
pair_of(const char *name, const char *value)
{
	return (struct pair){ bytes_str(name), bytes_str(value) };
}

static const char *
basic_of(struct kit *k, const char *id, struct bytes secret)
{
	const char *text = arena_printf(k->a, "%s:%.*s", id,
	    BYTES_FMT(secret));
	char *b64 = arena_alloc(k->a, 512);

	sodium_bin2base64(b64, 512, (const uint8_t *)text, strlen(text),
	    sodium_base64_VARIANT_ORIGINAL);
	return arena_printf(k->a, "Basic %s", b64);
}

/* --- secrets ---------------------------------------------------------- */

static void
secrets_are_needed(void **state)		/* TKE-04, Z09, Z22 #24 */
{
	struct kit *k = *state;
	struct bytes secret = add_client(k, "conf", CLIENT_SECRET,
	    APP_FLAGS, APP_SCOPE), other = add_client(k, "conf2",
	    CLIENT_SECRET, APP_FLAGS, APP_SCOPE);
	struct pair p[4] = { pair_of("grant_type", "refresh_token"),
	    pair_of("refresh_token", "tsr_x"), pair_of("client_id", "conf") };
	struct smart_tokens t;

	assert_int_equal(ask(k, NULL, p, 3, &t), ERR_LOGIN);
	assert_int_equal(k->error.fault, FAULT_CLIENT);
	assert_false(k->error.challenge);
	assert_int_equal(ask(k, basic_of(k, "conf", other), p, 3, &t),
	    ERR_LOGIN);
	assert_true(k->error.challenge);
	assert_int_equal(ask(k, basic_of(k, "conf2", other), p, 3, &t),
	    ERR_LOGIN);				/* TKE-06: another name */
	assert_int_equal(ask(k, "Basic !!!", p, 3, &t), ERR_LOGIN);
	assert_int_equal(ask(k, "Bearer x", p, 3, &t), ERR_LOGIN);
	p[3] = pair_of("client_secret", text_of(k, secret));
	assert_int_equal(ask(k, basic_of(k, "conf", secret), p, 4, &t),
	    ERR_USAGE);				/* TKE-06: both */
	assert_int_equal(k->error.fault, FAULT_REQUEST);
	/* Right: on to the token, which is none. */
	assert_int_equal(ask(k, NULL, p, 4, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT);
	assert_int_equal(ask(k, basic_of(k, "conf", secret), p, 3, &t),
	    ERR_USAGE);				/* interop 10 */
	assert_int_equal(k->error.fault, FAULT_GRANT);
}

static void
grants_are_of_three_types(void **state)		/* TKE-01, TKE-03, TKE-05 */
{
	struct kit *k = *state;
	struct pair p[3] = { pair_of("grant_type", "password"),
	    pair_of("client_id", "app"), pair_of("client_id", "app") };
	struct smart_tokens t;

	assert_int_equal(ask(k, NULL, p, 2, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_GRANT_TYPE);
	assert_int_equal(ask(k, NULL, p, 3, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_REQUEST);
	p[0] = pair_of("grant_type", "client_credentials");
	assert_int_equal(ask(k, NULL, p, 2, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_UNAUTHORIZED);
	assert_int_equal(ask(k, NULL, p + 1, 1, &t), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_REQUEST);
}

static void
guessers_of_secrets_wait(void **state)		/* TKE-16 */
{
	struct kit *k = *state;
	struct bytes secret = add_client(k, "conf", CLIENT_SECRET,
	    APP_FLAGS, APP_SCOPE);
	struct pair p[] = { pair_of("grant_type", "refresh_token"),
	    pair_of("refresh_token", "tsr_x") };
	const char *right = basic_of(k, "conf", secret);
	struct smart_tokens t;
	int i;

	for (i = 0; i < 30; i++)
		assert_int_equal(ask(k, basic_of(k, "conf",
		    bytes_str("guess")), p, 2, &t), ERR_LOGIN);
	assert_int_equal(ask(k, right, p, 2, &t), ERR_THROTTLED);
	assert_int_equal(k->error.fault, FAULT_SLOW);
	assert_true(k->error.retry_s > 0);
	k->address = "198.51.100.1";
	assert_int_equal(ask(k, right, p, 2, &t), ERR_USAGE);
}

/* --- programs --------------------------------------------------------- */

static struct signer *
backend(struct kit *k, const char *scope)
{
	struct signer *s = signer_new(k->a, JWK_ES384, "k1");
	const struct smart_client cl = { .id = bytes_str("prog"),
	    .name = bytes_str("A program"), .type = CLIENT_KEYS,
	    .flags = CLIENT_BACKEND, .scope = bytes_str(scope),
	    .jwks = set_of(k->a, &s, 1) };
	struct issues is = issues_on(k->a);
	struct smart_call c = call_of(k);
	struct bytes id, secret;

	if (smart_client_add(k->s, &c, &cl, &is, &id, &secret) != OK)
		fail_msg("%s", is.first->text);
	assert_int_equal(secret.len, 0);
	return s;
}

static struct bytes
assertion_of(struct kit *k, const struct signer *s, const char *jti,
    const char *aud)
{
	return signed_by(k->a, s, "{\"alg\":\"ES384\",\"kid\":\"k1\"}",
	    arena_printf(k->a, "{\"iss\":\"prog\",\"sub\":\"prog\","
	    "\"aud\":\"%s\",\"jti\":\"%s\",\"exp\":%lld}", aud, jti,
	    (long long)(k->now.ms / 1000 + 200)));
}

static enum err
run(struct kit *k, struct bytes assertion, const char *scope,
    struct smart_tokens *t)
{
	struct pair p[] = { pair_of("grant_type", "client_credentials"),
	    pair_of("client_assertion_type", ASSERTION_TYPE),
	    pair_of("client_assertion", text_of(k, assertion)),
	    pair_of("scope", scope) };

	return ask(k, NULL, p, 4, t);
}

static void
programs_prove_and_get_five_minutes(void **state)	/* X02, X03, TKE-13 */
{
	struct kit *k = *state;
	struct signer *s = backend(k, "system/Patient.read "
	    "system/Observation.rs");
	struct bytes as = assertion_of(k, s, "j1", TOKEN_URL);
	struct smart_tokens t;

	assert_int_equal(run(k, as, "system/Patient.read launch/patient",
	    &t), OK);
	assert_int_equal(t.expires_in, 300);
	assert_int_equal(t.refresh.len + t.patient.len + t.id.len, 0);
	assert_bytes(t.scope, "system/Patient.read");	/* TKE-18 */
	assert_true(lets_in(k, t.access));
	assert_int_equal(run(k, as, "system/Patient.read", &t), ERR_LOGIN);
	assert_int_equal(k->error.fault, FAULT_CLIENT);	/* CA-10 */
	k->now.ms += 300 * 1000;
	assert_false(lets_in(k, t.access));
	assert_int_equal(run(k, as, "system/Patient.read", &t), ERR_LOGIN);
}

static void
programs_get_what_is_registered(void **state)	/* TKE-17, TOK-25 */
{
	static const char *const bad[] = { "", "system/*.*",
	    "system/Patient.write", "patient/*.read", "openid",
	    "system/Patient.read user/Patient.read", "system/Patient.cruds" };
	struct kit *k = *state;
	struct signer *s = backend(k, "system/Patient.read");
	struct smart_tokens t;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		assert_int_equal(run(k, assertion_of(k, s,
		    arena_printf(k->a, "j%zu", i), TOKEN_URL), bad[i], &t),
		    ERR_USAGE);
		assert_int_equal(k->error.fault, FAULT_SCOPE);
	}
	assert_int_equal(run(k, assertion_of(k, s, "j", KIT_ISS "/other"),
	    "system/Patient.read", &t), ERR_LOGIN);	/* CA-08 */
	assert_int_equal(run(k, assertion_of(k, signer_new(k->a, JWK_ES384,
	    "k1"), "j", TOKEN_URL), "system/Patient.read", &t), ERR_LOGIN);
}

/* --- DPoP ------------------------------------------------------------- */

static struct bytes
proof_by(struct kit *k, const struct signer *s, const char *jti)
{
	struct bytes key = jwk_json(k->a, &s->pub);

	return signed_by(k->a, s, arena_printf(k->a, "{\"typ\":\"dpop+jwt\","
	    "\"alg\":\"ES256\",\"jwk\":%.*s}", BYTES_FMT(key)),
	    arena_printf(k->a, "{\"htm\":\"POST\",\"htu\":\"" TOKEN_URL
	    "\",\"iat\":%lld,\"jti\":\"%s\"}", (long long)(k->now.ms / 1000),
	    jti));
}

static int
dpop_setup(void **state)
{
	return kit_setup_with(state, "dpop = yes\n");
}

static enum err
ask_bound(struct kit *k, struct bytes proof, struct pair *pair, size_t n,
    struct smart_tokens *out)
{
	struct smart_call c = call_of(k);
	const struct smart_post p = { .proof = proof, .pair = pair, .n = n };

	return done(k, &c, smart_token(k->s, &c, &p, out));
}

static void
tokens_are_bound_to_a_key(void **state)		/* RFC 9449 5, DPO-06 */
{
	struct kit *k = *state;
	struct signer *s = signer_new(k->a, JWK_ES256, ""),
	    *thief = signer_new(k->a, JWK_ES256, "");
	struct request r = GOOD;
	struct pair p[5] = { pair_of("grant_type", "authorization_code"),
	    pair_of("code", NULL), pair_of("redirect_uri", CB),
	    pair_of("client_id", "app"), pair_of("code_verifier",
	    VERIFIER) };
	struct pair q[2] = { pair_of("grant_type", "refresh_token"),
	    pair_of("refresh_token", NULL) };
	struct bytes proof = proof_by(k, s, "j1");
	struct smart_tokens t, u;

	r.scope = "launch/patient patient/*.read offline_access";
	p[1].value = code_of(k, &r, "ann");
	assert_int_equal(ask_bound(k, proof, p, 5, &t), OK);
	assert_true(t.dpop);
	assert_false(lets_in(k, t.access));	/* DPO-01 */
	q[1].value = t.refresh;
	assert_int_equal(ask_bound(k, proof, q, 2, &u), ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_PROOF);
	assert_int_equal(ask_bound(k, bytes_of(NULL, 0), q, 2, &u),
	    ERR_USAGE);
	assert_int_equal(ask_bound(k, proof_by(k, thief, "j2"), q, 2, &u),
	    ERR_USAGE);
	assert_int_equal(k->error.fault, FAULT_PROOF);
	assert_int_equal(ask_bound(k, proof_by(k, s, "j3"), q, 2, &u), OK);
	assert_true(u.dpop);
}

/* --- introspection ---------------------------------------------------- */

static struct bytes
introspect(struct kit *k, const char *header, struct bytes token)
{
	struct smart_call c = call_of(k);
	struct pair p = { bytes_str("token"), token };
	const struct smart_post post_it = { .header = bytes_str(header),
	    .pair = &p, .n = 1 };
	struct buf b = buf_on(k->a, 8192);

	if (done(k, &c, smart_introspect(k->s, &c, &post_it, &b)) != OK)
		return bytes_of(NULL, 0);
	return bytes_of(b.p, b.len);
}

static void
clients_ask_about_their_own(void **state)	/* X05, TKE-14 */
{
	struct kit *k = *state;
	struct bytes secret = add_client(k, "conf", CLIENT_SECRET,
	    APP_FLAGS, APP_SCOPE), other = add_client(k, "conf2",
	    CLIENT_SECRET, APP_FLAGS, APP_SCOPE);
	const char *mine = basic_of(k, "conf", secret);
	struct request r = GOOD;
	struct pair p[4] = { pair_of("grant_type", "authorization_code"),
	    pair_of("code", NULL), pair_of("redirect_uri", CB),
	    pair_of("code_verifier", VERIFIER) };
	struct smart_tokens t;
	struct bytes json;

	r.client = "conf";
	p[1].value = code_of(k, &r, "ann");
	assert_int_equal(ask(k, mine, p, 4, &t), OK);
	json = introspect(k, mine, t.access);
	assert_true(says(k, json, "{\"active\":true,\"scope\":\""));
	assert_true(says(k, json, "\"patient\":\"p1\""));
	assert_true(says(k, json, "\"client_id\":\"conf\""));
	assert_bytes(introspect(k, basic_of(k, "conf2", other), t.access),
	    "{\"active\":false}");
	assert_bytes(introspect(k, mine, bytes_str("garbage")),
	    "{\"active\":false}");
	assert_int_equal(introspect(k, NULL, t.access).len, 0);
	assert_int_equal(k->error.fault, FAULT_CLIENT);
	k->now.ms += 3600 * 1000;
	assert_bytes(introspect(k, mine, t.access), "{\"active\":false}");
}

/* --- OpenID Connect --------------------------------------------------- */

static void
id_tokens_are_rs256(void **state)		/* M15, interop 9 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct smart_call c = call_of(k);
	struct buf keys = buf_on(k->a, 65536), info = buf_on(k->a, 4096);
	struct smart_post p = { .n = 0 };
	struct bytes kid, id_kid, head, rest, payload, text;
	struct smart_tokens t;

	assert_int_equal(smart_key_rotate(k->s, &c, &kid, &id_kid), OK);
	r.scope = "launch/patient openid fhirUser patient/*.read";
	r.extra = "nonce";
	r.value = "n-0S6";
	assert_int_equal(redeem(k, code_of(k, &r, "ann"), &t), OK);
	bytes_cut(t.id, '.', &head, &rest);
	bytes_cut(rest, '.', &payload, &rest);
	assert_int_equal(text_unb64url(k->a, head, &text), OK);
	assert_true(says(k, text, "\"alg\":\"RS256\""));
	assert_true(says(k, text, text_of(k, id_kid)));
	assert_int_equal(text_unb64url(k->a, payload, &text), OK);
	assert_true(says(k, text, "\"iss\":\"" KIT_ISS "\""));
	assert_true(says(k, text, "\"sub\":\"ann\",\"aud\":\"app\""));
	assert_true(says(k, text, "\"nonce\":\"n-0S6\""));
	assert_true(says(k, text, "\"fhirUser\":\"" KIT_BASE
	    "/Patient/p1\",\"profile\":\"" KIT_BASE "/Patient/p1\""));
	assert_false(lets_in(k, t.id));			/* TOK-19 */
	c = call_of(k);
	assert_int_equal(smart_jwks(k->s, &c, &keys), OK);
	text = bytes_of(keys.p, keys.len);
	assert_true(says(k, text, text_of(k, id_kid)));
	assert_true(says(k, text, text_of(k, kid)));
	assert_false(says(k, text, "\"d\""));
	p.header = bytes_str(arena_printf(k->a, "Bearer %.*s",
	    BYTES_FMT(t.access)));
	c = call_of(k);
	assert_int_equal(smart_userinfo(k->s, &c, &p, &info), OK);
	assert_true(says(k, bytes_of(info.p, info.len),
	    "{\"sub\":\"ann\",\"fhirUser\":"));
}

static void
keys_overlap(void **state)			/* CA-22, key rotation */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct smart_call c = call_of(k);
	struct bytes kid, id1, id2, id3;
	struct smart_tokens t;
	struct buf b;

	assert_int_equal(redeem(k, code_of(k, &r, "ann"), &t), OK);
	assert_int_equal(smart_key_rotate(k->s, &c, &kid, &id1), OK);
	assert_true(lets_in(k, t.access));
	k->now.ms += 1000;
	c = call_of(k);
	assert_int_equal(smart_key_rotate(k->s, &c, &kid, &id2), OK);
	b = buf_on(k->a, 65536);
	assert_int_equal(smart_jwks(k->s, &c, &b), OK);
	assert_true(says(k, bytes_of(b.p, b.len), text_of(k, id1)));
	k->now.ms += 2 * 3600 * 1000;
	c = call_of(k);
	assert_int_equal(smart_key_rotate(k->s, &c, &kid, &id3), OK);
	b = buf_on(k->a, 65536);
	assert_int_equal(smart_jwks(k->s, &c, &b), OK);
	assert_false(says(k, bytes_of(b.p, b.len), text_of(k, id1)));
	assert_true(says(k, bytes_of(b.p, b.len), text_of(k, id2)));
	assert_true(says(k, bytes_of(b.p, b.len), text_of(k, id3)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(secrets_are_needed),
		KIT_TEST(grants_are_of_three_types),
		KIT_TEST(guessers_of_secrets_wait),
		KIT_TEST(programs_prove_and_get_five_minutes),
		KIT_TEST(programs_get_what_is_registered),
		cmocka_unit_test_setup_teardown(tokens_are_bound_to_a_key,
		    dpop_setup, kit_teardown),
		KIT_TEST(clients_ask_about_their_own),
		KIT_TEST(id_tokens_are_rs256),
		KIT_TEST(keys_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
