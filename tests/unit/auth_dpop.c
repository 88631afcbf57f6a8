/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_dpop.c -- proofs of possession: group DPO of the catalogue.  (L3)
 *
 * The vectors are those of RFC 9449 sections 4.1 and 7.1.  DPO-01 and DPO-06
 * are judged where tokens are, in auth_bound.c.
 */
#include "tests/unit/auth_sign.h"

#include "auth/dpop.h"

#define T0	INT64_C(1767225600)	/* 2026-01-01T00:00:00Z */
#define URL	"https://tiphys.example/fhir/Patient/1"
#define TOKEN	"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
#define ATH	"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"

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

static const char *
judge(struct bytes text, const char *method, const char *url,
    const char *token, int64_t now, struct dpop *d)
{
	const struct dpop_want want = { .method = bytes_str(method),
	    .url = bytes_str(url), .token = bytes_str(token),
	    .now = { now * 1000 } };
	const char *why = NULL;
	enum err e = dpop_check(a, text, &want, &jwk_tls, d, &why);

	assert_true(e == OK || e == ERR_LOGIN);
	if (e != OK && why == NULL)
		fail_msg("refused without a reason");
	return e == OK ? "" : why;
}

/* --- RFC 9449 ------------------------------------------------------------ */

#define RFC_HEAD "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0e" \
	"SI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZl" \
	"dWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclU" \
	"wQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
#define RFC_TOKEN_PROOF RFC_HEAD ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRt" \
	"IjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuI" \
	"iwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRM" \
	"UvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
#define RFC_ACCESS_PROOF RFC_HEAD ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHR" \
	"tIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90" \
	"ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM" \
	"0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP" \
	"86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJ" \
	"pLjA"

static void
rfc9449_proofs_hold(void **state)
{
	struct dpop d;

	(void)state;
	assert_string_equal(judge(bytes_str(RFC_TOKEN_PROOF), "POST",
	    "https://server.example.com/token", "", 1562262616, &d), "");
	assert_string_equal(d.jkt,
	    "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
	assert_bytes(d.jti, "-BwC3ESc6acc2lTc");
	assert_string_equal(judge(bytes_str(RFC_ACCESS_PROOF), "GET",
	    "https://resource.example.org/protectedresource", TOKEN,
	    1562262618, &d), "");
	/* DPO-07: the same proof with another token */
	assert_string_not_equal(judge(bytes_str(RFC_ACCESS_PROOF), "GET",
	    "https://resource.example.org/protectedresource", "x",
	    1562262618, &d), "");
}

/* --- the catalogue ------------------------------------------------------- */

#define CLAIMS(more) "{\"jti\":\"j\",\"htm\":\"GET\",\"htu\":\"" URL "\"," \
	"\"ath\":\"" ATH "\"," more "}"
#define GOOD	CLAIMS("\"iat\":1767225600")

/* %s: the key */
#define HEAD	"{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":%s}"

static const struct {
	const char	*id, *header, *claims, *word;
} cases[] = {
	{ "good", HEAD, GOOD, "" },
	{ "DPO-04 htm", HEAD, "{\"jti\":\"j\",\"htm\":\"POST\",\"htu\":\""
	    URL "\",\"ath\":\"" ATH "\",\"iat\":1767225600}", "htm" },
	{ "DPO-04 htm case", HEAD, "{\"jti\":\"j\",\"htm\":\"get\","
	    "\"htu\":\"" URL "\",\"ath\":\"" ATH "\",\"iat\":1767225600}",
	    "htm" },
	{ "DPO-04 no htm", HEAD, "{\"jti\":\"j\",\"htu\":\"" URL "\","
	    "\"ath\":\"" ATH "\",\"iat\":1767225600}", "htm" },
	{ "DPO-04 path", HEAD, "{\"jti\":\"j\",\"htm\":\"GET\",\"htu\":\""
	    URL "2\",\"ath\":\"" ATH "\",\"iat\":1767225600}", "htu" },
	{ "DPO-04 no htu", HEAD, "{\"jti\":\"j\",\"htm\":\"GET\","
	    "\"ath\":\"" ATH "\",\"iat\":1767225600}", "htu" },
	{ "DPO-05 -60 s", HEAD, CLAIMS("\"iat\":1767225540"), "" },
	{ "DPO-05 -61 s", HEAD, CLAIMS("\"iat\":1767225539"), "iat" },
	{ "DPO-05 -10 min", HEAD, CLAIMS("\"iat\":1767225000"), "iat" },
	{ "DPO-05 +60 s", HEAD, CLAIMS("\"iat\":1767225660"), "" },
	{ "DPO-05 +10 min", HEAD, CLAIMS("\"iat\":1767226200"), "iat" },
	{ "DPO-05 none", HEAD, CLAIMS("\"x\":1"), "iat" },
	{ "DPO-05 text", HEAD, CLAIMS("\"iat\":\"1767225600\""), "iat" },
	{ "DPO-05 fraction", HEAD, CLAIMS("\"iat\":1767225600.5"), "iat" },
	{ "DPO-07 none", HEAD, "{\"jti\":\"j\",\"htm\":\"GET\",\"htu\":\""
	    URL "\",\"iat\":1767225600}", "ath" },
	{ "DPO-07 other", HEAD, "{\"jti\":\"j\",\"htm\":\"GET\",\"htu\":\""
	    URL "\",\"iat\":1767225600,\"ath\":\"AAAA\"}", "ath" },
	{ "DPO-08 none", "{\"typ\":\"dpop+jwt\",\"alg\":\"none\","
	    "\"jwk\":%s}", GOOD, "alg" },
	{ "DPO-08 HS256", "{\"typ\":\"dpop+jwt\",\"alg\":\"HS256\","
	    "\"jwk\":%s}", GOOD, "alg" },
	{ "DPO-08 other alg", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES384\","
	    "\"jwk\":%s}", GOOD, "of the key" },
	{ "DPO-08 RS384", "{\"typ\":\"dpop+jwt\",\"alg\":\"RS384\","
	    "\"jwk\":%s}", GOOD, "of the key" },
	{ "DPO-08 typ", "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"jwk\":%s}",
	    GOOD, "typ" },
	{ "DPO-08 no typ", "{\"alg\":\"ES256\",\"jwk\":%s}", GOOD, "typ" },
	{ "crit", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"crit\":[\"x\"]"
	    ",\"jwk\":%s}", GOOD, "crit" },
	{ "no key", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"x\":%s}",
	    GOOD, "jwk" },
	{ "key as text", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\","
	    "\"jwk\":\"x\",\"x\":%s}", GOOD, "jwk" },
	{ "kid for a key", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\","
	    "\"kid\":\"k\",\"x\":%s}", GOOD, "jwk" },
	{ "oct", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":"
	    "{\"kty\":\"oct\"},\"x\":%s}", GOOD, "oct" },
	{ "no jti", HEAD, "{\"htm\":\"GET\",\"htu\":\"" URL "\",\"ath\":\""
	    ATH "\",\"iat\":1767225600}", "jti" },
	{ "jti empty", HEAD, "{\"jti\":\"\",\"htm\":\"GET\",\"htu\":\"" URL
	    "\",\"ath\":\"" ATH "\",\"iat\":1767225600}", "jti" },
	{ "claims no object", HEAD, "1", "payload" },
};

static void
catalogue(void **state)
{
	struct signer *s = signer_new(a, JWK_ES256, "");
	const char *key = arena_str(a, jwk_json(a, &s->pub)), *header, *why;
	const char *at;
	struct dpop d;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++) {
		at = strstr(cases[i].header, "%s");
		header = arena_printf(a, "%.*s%s%s",
		    (int)(at - cases[i].header), cases[i].header, key,
		    at + 2);
		why = judge(signed_by(a, s, header, cases[i].claims), "GET",
		    URL, TOKEN, T0, &d);
		if ((*cases[i].word == '\0') != (*why == '\0') ||
		    strstr(why, cases[i].word) == NULL)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].id, why,
			    cases[i].word);
	}
}

static struct bytes
proof_of(const struct signer *s, const struct signer *key, const char *jti)
{
	struct bytes jwk = jwk_json(a, &key->pub);

	return signed_by(a, s, arena_printf(a, "{\"typ\":\"dpop+jwt\","
	    "\"alg\":\"%s\",\"jwk\":%.*s}", jwk_alg_name(key->alg),
	    BYTES_FMT(jwk)), arena_printf(a, "{\"jti\":\"%s\",\"htm\":"
	    "\"GET\",\"htu\":\"" URL "\",\"iat\":1767225600}", jti));
}

/* DPO-03 */
static void
the_key_in_it_signed_it(void **state)
{
	static const enum jwk_alg algs[] = { JWK_RS256, JWK_ES256,
	    JWK_ES384, JWK_EDDSA };
	struct signer *s, *t;
	struct dpop d;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(algs); i++) {
		s = signer_new(a, algs[i], "");
		t = signer_new(a, algs[i], "");
		assert_string_equal(judge(proof_of(s, s, "j"), "GET", URL,
		    "", T0, &d), "");
		assert_int_equal(d.key.alg, algs[i]);
		assert_string_not_equal(judge(proof_of(s, t, "j"), "GET",
		    URL, "", T0, &d), "");
	}
}

/* One name for one proof, whoever else uses the same jti. */
static void
once_is_of_key_and_jti(void **state)
{
	struct signer *s = signer_new(a, JWK_ES256, "");
	struct signer *t = signer_new(a, JWK_ES256, "");
	struct dpop d, e;

	(void)state;
	judge(proof_of(s, s, "j"), "GET", URL, "", T0, &d);
	judge(proof_of(s, s, "j"), "GET", URL, "", T0, &e);
	assert_memory_equal(d.once, e.once, sizeof d.once);
	assert_true(d.keep_s > T0 + DPOP_AGE_S);
	judge(proof_of(s, s, "k"), "GET", URL, "", T0, &e);
	assert_memory_not_equal(d.once, e.once, sizeof d.once);
	judge(proof_of(t, t, "j"), "GET", URL, "", T0, &e);
	assert_memory_not_equal(d.once, e.once, sizeof d.once);
}

static void
hint_is_the_header(void **state)
{
	struct signer *s = signer_new(a, JWK_EDDSA, "");

	(void)state;
	assert_int_equal(dpop_hint(a, proof_of(s, s, "j")), JWK_EDDSA);
	assert_int_equal(dpop_hint(a, bytes_str("x.y.z")), JWK_NONE);
}

/* RFC 9449 4.3 (9), RFC 3986 6.2.2 */
static void
urls_by_their_meaning(void **state)
{
	static const struct { const char *one, *other; bool same; } url[] = {
		{ "https://h/fhir/a", "https://h/fhir/a", true },
		{ "HTTPS://H/fhir/a", "https://h:443/fhir/a", true },
		{ "http://h:80/", "http://h", true },
		{ "http://[::1]:8080/a", "http://[::1]:8080/a", true },
		{ "https://h/a?x=1#y", "https://h/a?z", true },
		{ "https://h/%7euser/%24", "https://h/~user/%24", true },
		{ "https://h/%2f", "https://h/%2F", true },
		{ "https://h/a", "https://h/A", false },
		{ "https://h/a", "https://h/a/", false },
		{ "https://h/a", "http://h/a", false },
		{ "https://h:444/a", "https://h/a", false },
		{ "https://h:80/a", "https://h/a", false },
		{ "https://h/a%2Fb", "https://h/a/b", false },
		{ "https://u@h/a", "https://u@h/a", false },
		{ "https://h/a/../b", "https://h/a/../b", false },
		{ "https://h/a/%2e%2E/b", "https://h/a/%2e%2E/b", false },
		{ "https://h/%", "https://h/%", false },
		{ "https://h/%4", "https://h/%4", false },
		{ "https://h/\x01", "https://h/\x01", false },
		{ "https:///a", "https:///a", false },
		{ "ftp://h/a", "ftp://h/a", false },
		{ "/a", "/a", false }, { "", "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(url); i++)
		if (dpop_same_url(a, bytes_str(url[i].one),
		    bytes_str(url[i].other)) != url[i].same)
			fail_msg("%s, %s", url[i].one, url[i].other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(rfc9449_proofs_hold),
		T(catalogue),
		T(the_key_in_it_signed_it),
		T(once_is_of_key_and_jti),
		T(hint_is_the_header),
		T(urls_by_their_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
