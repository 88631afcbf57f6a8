/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_assertion.c -- private_key_jwt: group CA of the catalogue.  (L3)
 *
 * One row is one assertion: header, claims, key, and a word of the reason it
 * is refused for ("" where it is accepted).  CA-10 and CA-11 (jti) are the
 * caller's memory; CA-15 to CA-18 are auth_jwk.c; CA-24: there is no code
 * that fetches.
 */
#include "tests/unit/auth_sign.h"

#include "auth/assertion.h"

#define T0	INT64_C(1767225600)	/* 2026-01-01T00:00:00Z */
#define AUD	"https://tiphys.example/auth/token"
#define JKU	"https://app.example/jwks"
#define ES	"{\"alg\":\"ES384\",\"typ\":\"JWT\",\"kid\":\"ec\"}"
#define RS	"{\"alg\":\"RS384\",\"typ\":\"JWT\",\"kid\":\"rsa\"}"
#define HEAD(more) "{\"alg\":\"ES384\",\"kid\":\"ec\"," more "}"
#define CLAIMS(more) "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":\"" AUD	\
	"\",\"jti\":\"j1\"," more "}"
#define GOOD	CLAIMS("\"exp\":1767225899,\"iat\":1767225600")

enum who { EC, RSA, EC256, STRANGER, N_WHO };

static struct arena *a;
static struct signer *by[N_WHO];
static struct jwk *set;
static size_t n_set;

static int
group_setup(void **state)
{
	const char *why = NULL;

	(void)state;
	a = arena_new(0);
	if (sodium_init() < 0)
		return -1;
	by[EC] = signer_new(a, JWK_ES384, "ec");
	by[RSA] = signer_new(a, JWK_RS384, "rsa");
	by[EC256] = signer_new(a, JWK_ES256, "ec");
	by[STRANGER] = signer_new(a, JWK_ES384, "ec");
	return jwk_set(a, set_of(a, by, 2), JWK_CLIENT, &set, &n_set,
	    &why) == OK ? 0 : -1;
}

static int
group_teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* All three calls; why "" when accepted. */
static const char *
judge(struct bytes text, const struct jwk *keys, size_t n,
    struct assertion *out)
{
	const struct bytes aud[] = { bytes_str("https://tiphys.example"),
	    bytes_str(AUD) };
	const struct assertion_want want = { .client = bytes_str("app"),
	    .aud = aud, .n_aud = 2, .jku = bytes_str(JKU),
	    .now = { T0 * 1000 } };
	const char *why = NULL;
	enum err e;

	e = assertion_parse(a, text, out, &why);
	if (e == OK)
		e = assertion_check(out, &want, &why);
	if (e == OK)
		e = assertion_verify(out, keys, n, &jwk_tls, &why);
	if (e != OK && why == NULL)
		fail_msg("refused without a reason");
	return e == OK ? "" : why;
}

static void
expect(const char *id, struct bytes text, const char *word)
{
	struct assertion as;
	const char *why = judge(text, set, n_set, &as);

	if ((*word == '\0') != (*why == '\0') || strstr(why, word) == NULL)
		fail_msg("%s: \"%s\", not \"%s\"", id, why, word);
}

static const struct {
	const char	*id, *header, *claims;
	enum who	 key;
	const char	*word;
} cases[] = {
	{ "good ES384", ES, GOOD, EC, "" },
	{ "good RS384", RS, GOOD, RSA, "" },
	{ "good no typ", HEAD("\"x\":1"), GOOD, EC, "" },
	{ "good other aud", ES, "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":"
	    "\"https://tiphys.example\",\"jti\":\"j\",\"exp\":1767225601}",
	    EC, "" },
	{ "CA-01 none", "{\"alg\":\"none\",\"kid\":\"ec\"}", GOOD, EC,
	    "alg" },
	{ "CA-01 HS256", "{\"alg\":\"HS256\",\"kid\":\"ec\"}", GOOD, EC,
	    "alg" },
	{ "CA-01 HS384", "{\"alg\":\"HS384\",\"kid\":\"ec\"}", GOOD, EC,
	    "alg" },
	{ "CA-02 no alg", "{\"kid\":\"ec\"}", GOOD, EC, "alg" },
	{ "CA-02 list", "{\"alg\":[\"ES384\"],\"kid\":\"ec\"}", GOOD, EC,
	    "alg" },
	{ "CA-02 case", "{\"alg\":\"es384\",\"kid\":\"ec\"}", GOOD, EC,
	    "alg" },
	{ "CA-02 ES256", "{\"alg\":\"ES256\",\"kid\":\"ec\"}", GOOD, EC256,
	    "neither" },
	{ "CA-02 EdDSA", "{\"alg\":\"EdDSA\",\"kid\":\"ec\"}", GOOD, EC,
	    "neither" },
	{ "CA-02 PS384", "{\"alg\":\"PS384\",\"kid\":\"rsa\"}", GOOD, RSA,
	    "alg" },
	{ "CA-02 not the key's", "{\"alg\":\"RS384\",\"kid\":\"ec\"}", GOOD,
	    RSA, "of the key" },
	{ "CA-03 no kid", "{\"alg\":\"ES384\"}", GOOD, EC, "kid" },
	{ "CA-03 unknown", "{\"alg\":\"ES384\",\"kid\":\"x\"}", GOOD, EC,
	    "no registered" },
	{ "CA-03 path", "{\"alg\":\"ES384\",\"kid\":\"../../x\"}", GOOD, EC,
	    "no registered" },
	{ "CA-03 quote", "{\"alg\":\"ES384\",\"kid\":\"' or 1=1\"}", GOOD,
	    EC, "no registered" },
	{ "CA-03 number", "{\"alg\":\"ES384\",\"kid\":1}", GOOD, EC, "kid" },
	{ "CA-04 other jku", HEAD("\"jku\":\"http://169.254.169.254/\""),
	    GOOD, EC, "jku" },
	{ "CA-04 own jku", HEAD("\"jku\":\"" JKU "\""), GOOD, EC, "" },
	{ "CA-04 jku list", HEAD("\"jku\":[\"" JKU "\"]"), GOOD, EC, "jku" },
	{ "CA-04 x5u", HEAD("\"x5u\":\"" JKU "\""), GOOD, EC, "a key" },
	{ "CA-05 jwk", HEAD("\"jwk\":{\"kty\":\"EC\"}"), GOOD, STRANGER,
	    "a key" },
	{ "CA-05 x5c", HEAD("\"x5c\":[\"AA==\"]"), GOOD, STRANGER, "a key" },
	{ "CA-06 crit", HEAD("\"crit\":[\"exp\"],\"exp\":1"), GOOD, EC,
	    "crit" },
	{ "CA-06 crit empty", HEAD("\"crit\":[]"), GOOD, EC, "crit" },
	{ "CA-06 b64", HEAD("\"b64\":false"), GOOD, EC, "b64" },
	{ "CA-07 iss", ES, "{\"iss\":\"x\",\"sub\":\"app\",\"aud\":\"" AUD
	    "\",\"jti\":\"j\",\"exp\":1767225899}", EC, "iss and sub" },
	{ "CA-07 sub", ES, "{\"iss\":\"app\",\"sub\":\"x\",\"aud\":\"" AUD
	    "\",\"jti\":\"j\",\"exp\":1767225899}", EC, "iss and sub" },
	{ "CA-07 both", ES, "{\"iss\":\"x\",\"sub\":\"x\",\"aud\":\"" AUD
	    "\",\"jti\":\"j\",\"exp\":1767225899}", EC, "iss and sub" },
	{ "CA-07 none", ES, "{\"aud\":\"" AUD "\",\"jti\":\"j\","
	    "\"exp\":1767225899}", EC, "iss or sub" },
	{ "CA-08 other", ES, "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":"
	    "\"https://other.example/token\",\"jti\":\"j\","
	    "\"exp\":1767225899}", EC, "aud" },
	{ "CA-08 prefix", ES, "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":\""
	    AUD "/\",\"jti\":\"j\",\"exp\":1767225899}", EC, "aud" },
	{ "CA-08 missing", ES, "{\"iss\":\"app\",\"sub\":\"app\","
	    "\"jti\":\"j\",\"exp\":1767225899}", EC, "aud" },
	{ "CA-08 list", ES, "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":[\""
	    AUD "\"],\"jti\":\"j\",\"exp\":1767225899}", EC, "aud" },
	{ "CA-09 5 min", ES, CLAIMS("\"exp\":1767225900"), EC, "" },
	{ "CA-09 over", ES, CLAIMS("\"exp\":1767225901"), EC, "five" },
	{ "CA-09 missing", ES, CLAIMS("\"x\":1"), EC, "exp" },
	{ "CA-09 string", ES, CLAIMS("\"exp\":\"1767225899\""), EC, "exp" },
	{ "CA-09 1e99", ES, CLAIMS("\"exp\":1e99"), EC, "exp" },
	{ "CA-09 huge", ES, CLAIMS("\"exp\":99999999999999999999"), EC,
	    "JSON" },
	{ "CA-09 negative", ES, CLAIMS("\"exp\":-1"), EC, "exp" },
	{ "CA-09 fraction", ES, CLAIMS("\"exp\":1767225800.5"), EC, "exp" },
	{ "CA-09 past", ES, CLAIMS("\"exp\":1767225600"), EC, "expired" },
	{ "CA-10 no jti", ES, "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":\""
	    AUD "\",\"exp\":1767225899}", EC, "jti" },
	{ "CA-10 jti number", ES, "{\"iss\":\"app\",\"sub\":\"app\","
	    "\"aud\":\"" AUD "\",\"jti\":1,\"exp\":1767225899}", EC, "jti" },
	{ "CA-10 jti empty", ES, "{\"iss\":\"app\",\"sub\":\"app\","
	    "\"aud\":\"" AUD "\",\"jti\":\"\",\"exp\":1767225899}", EC,
	    "jti" },
	{ "CA-14 P-256 key", ES, GOOD, EC256, "signature" },
	{ "CA-14 RSA key", ES, GOOD, RSA, "signature" },
	{ "CA-20 list", ES, "[]", EC, "payload" },
	{ "CA-20 twice", ES, CLAIMS("\"exp\":1767225899,\"sub\":\"x\""), EC,
	    "payload" },
	{ "CA-20 NUL", ES, CLAIMS("\"exp\":1767225899,\"x\":\"\\u0000\""),
	    EC, "payload" },
	{ "CA-22 another's", ES, GOOD, STRANGER, "signature" },
	{ "CA-23 iat +60", ES, CLAIMS("\"exp\":1767225899,"
	    "\"iat\":1767225660"), EC, "" },
	{ "CA-23 iat +61", ES, CLAIMS("\"exp\":1767225899,"
	    "\"iat\":1767225661"), EC, "future" },
	{ "CA-23 nbf +61", ES, CLAIMS("\"exp\":1767225899,"
	    "\"nbf\":1767225661"), EC, "future" },
	{ "CA-23 iat text", ES, CLAIMS("\"exp\":1767225899,\"iat\":\"x\""),
	    EC, "iat" },
	{ "typ", HEAD("\"typ\":\"at+jwt\""), GOOD, EC, "typ" },
	{ "typ dpop", HEAD("\"typ\":\"dpop+jwt\""), GOOD, EC, "typ" },
	{ "typ long", HEAD("\"typ\":\"application/jwt\""), GOOD, EC, "" },
};

static void
catalogue(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++)
		expect(cases[i].id, signed_by(a, by[cases[i].key],
		    cases[i].header, cases[i].claims), cases[i].word);
}

/* CA-03: a name of 10 KiB is not even read. */
static void
long_kid(void **state)
{
	char *kid = arena_alloc(a, 10241);

	(void)state;
	memset(kid, 'k', 10240);
	expect("CA-03 10 KiB", signed_by(a, by[EC], arena_printf(a,
	    "{\"alg\":\"ES384\",\"kid\":\"%s\"}", kid), GOOD), "longer");
	kid[129] = '\0';
	expect("CA-03 129", signed_by(a, by[EC], arena_printf(a,
	    "{\"alg\":\"ES384\",\"kid\":\"%s\"}", kid), GOOD), "kid");
}

/* Header and claims that are right, under a signature of these bytes. */
static struct bytes
with_signature(const char *header, const uint8_t *sig, size_t len)
{
	struct bytes h = b64_of(a, header), p = b64_of(a, GOOD);
	struct bytes s = text_b64url(a, bytes_of(sig, len));

	return bytes_str(arena_printf(a, "%.*s.%.*s.%.*s", BYTES_FMT(h),
	    BYTES_FMT(p), BYTES_FMT(s)));
}

/* CA-12, CA-13 */
static void
signatures_of_other_lengths(void **state)
{
	static const size_t len[] = { 1, 47, 64, 95, 96, 97, 192, 384, 512 };
	uint8_t *zero = arena_alloc(a, 8192);
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(len); i++) {
		expect("CA-13 ES384", with_signature(ES, zero, len[i]),
		    "signature");
		expect("CA-13 RS384", with_signature(RS, zero, len[i]),
		    "signature");
	}
	expect("CA-13 513", with_signature(ES, zero, 513), "longer");
	expect("CA-13 8 KiB", with_signature(ES, zero, 8192), "longer");
}

/* CA-19, CA-20: one spelling, three parts. */
static void
other_spellings(void **state)
{
	static const char odd[] = "=+/ \n\r\t.~%";
	const char *good = arena_str(a, signed_by(a, by[EC], ES, GOOD));
	size_t len = strlen(good), i, at;
	struct assertion as;
	char *text;

	(void)state;
	for (at = 0; at <= len; at += 37)
		for (i = 0; i < sizeof odd - 1; i++) {
			text = arena_printf(a, "%.*s%c%s", (int)at, good,
			    odd[i], good + at);
			if (*judge(bytes_str(text), set, n_set, &as) == '\0')
				fail_msg("CA-19: '%c' at %zu", odd[i], at);
		}
	expect("CA-20 JWE", bytes_str("e30.e30.e30.e30.e30"), "base64url");
	expect("CA-20 three dots", bytes_str("e30.e30.e30."), "base64url");
	expect("CA-20 dots", bytes_str(".."), "three parts");
	expect("CA-20 empty", bytes_str(""), "three parts");
	expect("CA-20 no signature", bytes_str("e30.e30."), "three parts");
}

/* CA-21 */
static void
too_long_or_deep(void **state)
{
	char deep[256], *pad = arena_alloc(a, 4096);

	(void)state;
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	deep[200] = '\0';
	expect("CA-21 deep claims", signed_by(a, by[EC], ES, arena_printf(a,
	    CLAIMS("\"exp\":1767225899,\"x\":%s"), deep)), "payload");
	expect("CA-21 deep header", signed_by(a, by[EC], arena_printf(a,
	    HEAD("\"x\":%s"), deep), GOOD), "header");
	/* brackets in a text are no depth, and neither is an escaped quote */
	memset(deep, '[', 200);
	expect("brackets in text", signed_by(a, by[EC], ES, arena_printf(a,
	    CLAIMS("\"exp\":1767225899,\"x\":\"\\\"%s\""), deep)), "");
	memset(pad, 'x', 4095);
	expect("CA-21 4 KiB", signed_by(a, by[EC], ES, arena_printf(a,
	    CLAIMS("\"exp\":1767225899,\"x\":\"%s\""), pad)), "longer");
}

/* CA-22: the key is gone from the set, its assertion good. */
static void
removed_key(void **state)
{
	struct assertion as;
	struct bytes text = signed_by(a, by[EC], ES, GOOD);

	(void)state;
	assert_string_equal(judge(text, set, n_set, &as), "");
	assert_string_not_equal(judge(text, set + 1, 1, &as), "");
	assert_string_not_equal(judge(text, NULL, 0, &as), "");
}

static void
what_is_read(void **state)
{
	struct assertion as;

	(void)state;
	assert_string_equal(judge(signed_by(a, by[EC], ES, GOOD), set,
	    n_set, &as), "");
	assert_bytes(as.sub, "app");
	assert_bytes(as.jti, "j1");
	assert_bytes(as.jws.kid, "ec");
	assert_int_equal(as.exp, 1767225899);
	assert_int_equal(as.iat, 1767225600);
	assert_int_equal(as.nbf, -1);
	assert_true(as.keep_s >= as.exp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue),
		cmocka_unit_test(long_kid),
		cmocka_unit_test(signatures_of_other_lengths),
		cmocka_unit_test(other_spellings),
		cmocka_unit_test(too_long_or_deep),
		cmocka_unit_test(removed_key),
		cmocka_unit_test(what_is_read),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
