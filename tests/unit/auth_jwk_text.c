/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_jwk_text.c -- keys and sets of keys as text: limits, refusals.  (L3)
 *
 * CA-15, CA-16, CA-18.  The numbers are those of RFC 7515 appendix A and RFC
 * 8037 appendix A.
 */
#include "tests/unit/auth_sign.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	return sodium_init() < 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

#define A2_N	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPdd" \
	"xHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_Yp" \
	"RPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMd" \
	"bBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw" \
	"Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91k" \
	"zk2PAcDTW9gb54h4FRWyuXpoQ"
#define A3_X	"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define A3_Y	"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define R8037_X	"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

#define A3_KEY	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X	\
	"\",\"y\":\"" A3_Y "\"}"
#define ED_KEY	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" R8037_X "\"}"

static struct jwk
parsed(const char *text, enum jwk_use use)
{
	const char *why = NULL;
	struct jwk k;

	if (jwk_parse(a, bytes_str(text), use, &k, &why) != OK)
		fail_msg("%s", why);
	return k;
}

/* --- what is refused as text --------------------------------------------- */

/* An RSA key whose modulus has so many bits. */
static const char *
rsa_of(size_t bits, const char *e, const char *more)
{
	size_t len = (bits + 7) / 8;
	uint8_t *n = arena_alloc(a, len);
	struct bytes text;

	memset(n, 0xff, len);
	n[0] = (uint8_t)(0xff >> (len * 8 - bits));
	text = text_b64url(a, bytes_of(n, len));
	return arena_printf(a, "{\"kty\":\"RSA\",\"n\":\"%.*s\",\"e\":\"%s\""
	    "%s}", BYTES_FMT(text), e, more);
}

static void
refused(const char *text, enum jwk_use use, const char *word)
{
	const char *why = NULL;
	struct jwk k;

	if (jwk_parse(a, bytes_str(text), use, &k, &why) == OK)
		fail_msg("accepted: %.100s", text);
	if (why == NULL || strstr(why, word) == NULL)
		fail_msg("%.100s: \"%s\", not \"%s\"", text, why, word);
}

/* CA-15, CA-16 */
static void
rsa_limits(void **state)
{
	uint8_t *big = arena_alloc(a, 2048);
	struct bytes e;

	(void)state;
	refused(rsa_of(512, "AQAB", ""), JWK_CLIENT, "2048");
	refused(rsa_of(1024, "AQAB", ""), JWK_CLIENT, "2048");
	refused(rsa_of(2047, "AQAB", ""), JWK_CLIENT, "2048");
	(void)parsed(rsa_of(2048, "AQAB", ""), JWK_CLIENT);
	(void)parsed(rsa_of(4096, "AQAB", ""), JWK_CLIENT);
	refused(rsa_of(4097, "AQAB", ""), JWK_CLIENT, "4096");
	refused(rsa_of(2048, "AQ", ""), JWK_CLIENT, "65537");
	refused(rsa_of(2048, "Aw", ""), JWK_CLIENT, "65537");
	refused(rsa_of(2048, "AAEAAQ", ""), JWK_CLIENT, "65537");
	memset(big, 0xff, 2048);
	e = text_b64url(a, bytes_of(big, 2048));
	refused(rsa_of(16384, arena_printf(a, "%.*s", BYTES_FMT(e)), ""),
	    JWK_CLIENT, "4096");
	refused(rsa_of(2048, arena_printf(a, "%.*s", BYTES_FMT(e)), ""),
	    JWK_CLIENT, "65537");
	refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AAAA\"}",
	    JWK_CLIENT, "zero");
}

static void
malformed_keys(void **state)
{
	static const char *const cases[][2] = {
		{ "", "JSON" }, { "[]", "JSON" }, { "null", "JSON" },
		{ "{}", "kty" }, { "{\"kty\":1}", "kty" },
		{ "{\"kty\":\"oct\",\"k\":\"AAAA\"}", "symmetric" },
		{ "{\"kty\":\"oct\"}", "oct" },
		{ "{\"kty\":\"rsa\"}", "kty" },
		{ "{\"kty\":\"RSA\"}", "n and e" },
		{ "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", "n and e" },
		{ "{\"kty\":\"RSA\",\"n\":\"A=\",\"e\":\"AQAB\"}",
		    "n and e" },
		{ "{\"kty\":\"EC\"}", "P-256" },
		{ "{\"kty\":\"EC\",\"crv\":\"P-521\"}", "P-256" },
		{ "{\"kty\":\"EC\",\"crv\":\"secp256k1\"}", "P-256" },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\","
		    "\"y\":\"AA\"}", "as long" },
		{ "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" A3_X
		    "\",\"y\":\"" A3_Y "\"}", "as long" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" R8037_X
		    "\"}", "Ed25519" },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" R8037_X
		    "\"}", "Ed25519" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}",
		    "32 bytes" },
		{ "{\"kty\":\"OKP\",\"kty\":\"RSA\"}", "JSON" },
		{ "{\"kty\":\"EC\",\"d\":\"AA\"}", "private" },
		{ "{\"kty\":\"OKP\",\"use\":\"enc\"}", "use" },
		{ "{\"kty\":\"OKP\",\"use\":1}", "use" },
		{ "{\"kty\":\"OKP\",\"key_ops\":[\"sign\"]}", "verify" },
		{ "{\"kty\":\"OKP\",\"key_ops\":\"verify\"}", "verify" },
		{ "{\"kty\":\"OKP\",\"kid\":\"\"}", "kid" },
		{ "{\"kty\":\"OKP\",\"kid\":\"a b\"}", "kid" },
		{ "{\"kty\":\"OKP\",\"kid\":7}", "kid" },
		{ "{\"a\":[[[[[[[[[[]]]]]]]]]]}", "JSON" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++)
		refused(cases[i][0], JWK_PROOF, cases[i][1]);
}

static void
one_algorithm_by_use(void **state)
{
	(void)state;
	assert_int_equal(parsed(rsa_of(2048, "AQAB", ""), JWK_CLIENT).alg,
	    JWK_RS384);
	assert_int_equal(parsed(rsa_of(2048, "AQAB", ",\"alg\":\"RS384\""),
	    JWK_ISSUER).alg, JWK_RS384);
	refused(rsa_of(2048, "AQAB", ",\"alg\":\"RS256\""), JWK_CLIENT,
	    "RS384");
	refused(rsa_of(2048, "AQAB", ",\"alg\":\"PS384\""), JWK_CLIENT,
	    "alg");
	refused(rsa_of(2048, "AQAB", ",\"alg\":\"ES384\""), JWK_CLIENT,
	    "alg");
	refused(rsa_of(2048, "AQAB", ",\"alg\":\"none\""), JWK_CLIENT,
	    "alg");
	refused(rsa_of(2048, "AQAB", ",\"alg\":1"), JWK_CLIENT, "alg");
	refused(A3_KEY, JWK_CLIENT, "ES384");
	refused(ED_KEY, JWK_ISSUER, "not accepted");
}

/* --- sets ---------------------------------------------------------------- */

static enum err
read_set(struct bytes text, enum jwk_use use, size_t *n)
{
	const char *why = NULL;
	struct jwk *set;
	enum err e = jwk_set(a, text, use, &set, n, &why);

	assert_true(e == OK || why != NULL);
	return e;
}

/* CA-18 */
static void
sets_are_bounded_and_unambiguous(void **state)
{
	struct signer *s[JWK_SET_MAX + 1];
	size_t i, n;

	(void)state;
	for (i = 0; i < N_ELEM(s); i++)
		s[i] = signer_new(a, JWK_ES384, arena_printf(a, "k%zu", i));
	assert_int_equal(read_set(set_of(a, s, 1), JWK_CLIENT, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(read_set(set_of(a, s, 16), JWK_CLIENT, &n), OK);
	assert_int_equal(n, 16);
	assert_int_equal(read_set(set_of(a, s, 17), JWK_CLIENT, &n),
	    ERR_VALUE);
	assert_int_equal(read_set(set_of(a, s, 0), JWK_CLIENT, &n),
	    ERR_VALUE);
	s[1]->pub.kid = s[0]->pub.kid;
	assert_int_equal(read_set(set_of(a, s, 2), JWK_CLIENT, &n),
	    ERR_VALUE);
	s[1]->pub = s[0]->pub;
	s[1]->pub.kid = bytes_str("other");
	assert_int_equal(read_set(set_of(a, s, 2), JWK_CLIENT, &n),
	    ERR_VALUE);
	s[1]->pub.kid = bytes_of(NULL, 0);
	assert_int_equal(read_set(set_of(a, s + 1, 1), JWK_CLIENT, &n),
	    ERR_SYNTAX);
	assert_int_equal(read_set(bytes_str("{\"keys\":{}}"), JWK_CLIENT,
	    &n), ERR_SYNTAX);
}

static void
issuers_encryption_keys_are_passed_over(void **state)
{
	struct bytes text = bytes_str("{\"keys\":[{\"kty\":\"RSA\",\"use\":"
	    "\"enc\",\"alg\":\"RSA-OAEP\",\"kid\":\"e\"},{\"kid\":\"s\","
	    "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" A2_N "\"}]}");
	size_t n = 0;

	(void)state;
	assert_int_equal(read_set(text, JWK_ISSUER, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(read_set(text, JWK_CLIENT, &n), ERR_VALUE);
	assert_int_equal(read_set(bytes_str("{\"keys\":[{\"kty\":\"oct\","
	    "\"use\":\"enc\"}]}"), JWK_ISSUER, &n), ERR_VALUE);
}

static void
written_keys_are_read_again(void **state)
{
	static const enum jwk_alg algs[] = { JWK_RS256, JWK_ES256,
	    JWK_ES384, JWK_EDDSA };
	struct signer *s;
	struct jwk k;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(algs); i++) {
		s = signer_new(a, algs[i], "a\"b\\c");
		k = parsed(arena_str(a, jwk_json(a, &s->pub)), JWK_PROOF);
		assert_int_equal(k.alg, algs[i]);
		assert_true(bytes_eq(k.kid, s->pub.kid));
		assert_true(bytes_eq(k.n, s->pub.n));
		assert_true(bytes_eq(k.x, s->pub.x));
		assert_true(bytes_eq(k.y, s->pub.y));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(rsa_limits),
		T(malformed_keys),
		T(one_algorithm_by_use),
		T(sets_are_bounded_and_unambiguous),
		T(issuers_encryption_keys_are_passed_over),
		T(written_keys_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
