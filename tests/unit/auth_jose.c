/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_jose.c -- signatures, headers, claims.  (L3)
 */
#include "tests/unit/unit.h"

#include <sodium.h>
#include <string.h>

#include "auth/claims.h"
#include "auth/jose.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"

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

static struct bytes
b64(const char *text)
{
	return text_b64url(a, bytes_str(text));
}

static struct bytes
unb64(const char *text)
{
	struct bytes out;

	assert_int_equal(text_unb64url(a, bytes_str(text), &out), OK);
	return out;
}

/* --- RFC 8037 appendix A -------------------------------------------------- */

#define RFC_D	"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define RFC_X	"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define RFC_KID	"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
#define RFC_IN	"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define RFC_SIG	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iyl" \
	"Gjg5BhVsPt9g7sVvpAr_MuM0KAg"

static void
rfc8037_verifies(void **state)
{
	struct jose j = { .alg = bytes_str("EdDSA"),
	    .input = bytes_str(RFC_IN) };

	(void)state;
	memcpy(j.sig, unb64(RFC_SIG).p, sizeof j.sig);
	assert_true(jose_verify(&j, JOSE_EDDSA, unb64(RFC_X).p));
	j.sig[0] ^= 1;
	assert_false(jose_verify(&j, JOSE_EDDSA, unb64(RFC_X).p));
}

static void
rfc8037_key_and_name(void **state)
{
	uint8_t pub[32], secret[64], sig[64];
	char kid[JOSE_KID_LEN + 1];

	(void)state;
	crypto_sign_seed_keypair(pub, secret, unb64(RFC_D).p);
	assert_memory_equal(pub, unb64(RFC_X).p, sizeof pub);
	crypto_sign_detached(sig, NULL, (const uint8_t *)RFC_IN,
	    strlen(RFC_IN), secret);
	assert_memory_equal(sig, unb64(RFC_SIG).p, sizeof sig);
	jose_kid(pub, kid);
	assert_string_equal(kid, RFC_KID);
}

/* --- headers -------------------------------------------------------------- */

/* header as text, a payload of {} and 64 bytes of signature. */
static enum err
parse_header(const char *header, struct jose *j)
{
	uint8_t sig[64] = { 0 };
	const char *why = NULL;
	struct bytes h = b64(header), p = b64("{}");
	struct bytes s = text_b64url(a, bytes_of(sig, sizeof sig));
	enum err e;

	e = jose_parse(a, bytes_str(arena_printf(a, "%.*s.%.*s.%.*s",
	    BYTES_FMT(h), BYTES_FMT(p), BYTES_FMT(s))), j, &why);
	assert_non_null(why);
	return e;
}

static void
own_header_is_read(void **state)
{
	struct jose j;

	(void)state;
	assert_int_equal(parse_header("{\"typ\":\"at+jwt\",\"alg\":"
	    "\"EdDSA\",\"kid\":\"k1\"}", &j), OK);
	assert_bytes(j.kid, "k1");
	assert_bytes(j.alg, "EdDSA");
	assert_bytes(j.payload, "{}");
	assert_int_equal(parse_header("{\"kid\":\"k1\",\"alg\":\"EdDSA\","
	    "\"typ\":\"application/AT+JWT\"}", &j), OK);
}

static void
other_headers_are_refused(void **state)	/* TOK-14..20, RFC 8725 */
{
	static const char *const row[] = {
		"", "null", "[]", "1", "{}", "{", "{\"typ\":\"at+jwt\"}",
		"{\"typ\":\"JWT\",\"alg\":\"EdDSA\",\"kid\":\"k\"}",
		"{\"typ\":\"at+jw\",\"alg\":\"EdDSA\",\"kid\":\"k\"}",
		"{\"typ\":\"at+jwt\\u0000\",\"alg\":\"EdDSA\","
		    "\"kid\":\"k\"}",
		"{\"typ\":1,\"alg\":\"EdDSA\",\"kid\":\"k\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"k\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\"}",
		"{\"typ\":\"at+jwt\",\"kid\":\"k\"}",
		"{\"typ\":\"at+jwt\",\"alg\":null,\"kid\":\"k\"}",
		"{\"typ\":\"at+jwt\",\"alg\":[\"EdDSA\"],\"kid\":\"k\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"../k\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":7}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\","
		    "\"kid\":\"l\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\","
		    "\"crit\":[\"exp\"]}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\","
		    "\"jwk\":{}}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\","
		    "\"jku\":\"https://evil.test/\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\","
		    "\"x5u\":\"https://evil.test/\"}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\","
		    "\"x5c\":[]}",
		"{\"typ\":\"at+jwt\",\"alg\":\"EdDSA\",\"kid\":\"k\"} x",
	};
	struct jose j;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(row); i++)
		if (parse_header(row[i], &j) != ERR_SYNTAX)
			fail_msg("accepted: %s", row[i]);
}

static void
the_key_decides_the_algorithm(void **state)	/* TOK-14, -15, -16 */
{
	static const char *const alg[] = { "none", "None", "HS256", "RS256",
	    "ES256", "eddsa", "Ed25519", "EdDSA " };
	struct jose j = { .input = bytes_str(RFC_IN) };
	size_t i;

	(void)state;
	memcpy(j.sig, unb64(RFC_SIG).p, sizeof j.sig);
	for (i = 0; i < N_ELEM(alg); i++) {
		j.alg = bytes_str(alg[i]);
		assert_false(jose_verify(&j, JOSE_EDDSA, unb64(RFC_X).p));
	}
	j.alg = bytes_str("EdDSA");
	assert_false(jose_verify(&j, (enum jose_alg)0, unb64(RFC_X).p));
}

static const char *
signed_token(const char *payload)
{
	uint8_t pub[32], secret[64];

	crypto_sign_seed_keypair(pub, secret, unb64(RFC_D).p);
	return arena_str(a, jose_sign(a, bytes_str(RFC_KID),
	    bytes_str(payload), secret));
}

static bool
holds(const char *token)
{
	const char *why;
	struct jose j;

	return jose_parse(a, bytes_str(token), &j, &why) == OK &&
	    jose_verify(&j, JOSE_EDDSA, unb64(RFC_X).p);
}

static void
signed_token_verifies(void **state)
{
	(void)state;
	assert_true(holds(signed_token("{\"a\":1}")));
}

static void
every_changed_character_is_refused(void **state)	/* TOK-04, TOK-28 */
{
	const char *good = signed_token("{\"sub\":\"x\"}");
	char *bad = arena_str(a, bytes_str(good));
	size_t i, len = strlen(good);
	const char *c;

	(void)state;
	for (i = 0; i < len; i++) {
		for (c = "Aa1-_.=+/ \t\n%~\x80\xee\xff"; *c != '\0'; c++) {
			if (good[i] == *c)
				continue;
			bad[i] = *c;
			if (holds(bad))
				fail_msg("accepted at %zu: %c", i, *c);
		}
		bad[i] = good[i];
	}
	for (i = 1; i < len; i++)
		assert_false(holds(arena_str(a, bytes_sub(bytes_str(good), 0,
		    i))));
	assert_false(holds(arena_printf(a, "%s=", good)));
	assert_false(holds(arena_printf(a, "%s.", good)));
	assert_false(holds(arena_printf(a, "%s.%s", good, good)));
	assert_false(holds(arena_printf(a, " %s", good)));
	assert_false(holds(""));
	assert_false(holds(".."));
}

/* --- claims --------------------------------------------------------------- */

#define CLAIMS	"\"iss\":\"i\",\"aud\":\"b\",\"sub\":\"u\",\"client_id\":" \
	"\"c\",\"scope\":\"s\",\"jti\":\"j\",\"grant\":\"g\""
#define TIMES	"\"iat\":1000,\"exp\":2000"

static enum err
parse_claims(const char *json, struct claims *c)
{
	const char *why = NULL;
	enum err e = claims_parse(a, bytes_str(json), c, &why);

	assert_true((e == OK) == (why == NULL));
	return e;
}

static void
claims_survive_the_way(void **state)
{
	struct claims c = { .iss = bytes_str("https://i"),
	    .aud = bytes_str("https://b/fhir"), .sub = bytes_str("dr \"x\""),
	    .client = bytes_str("c"), .scope = bytes_str("patient/*.read"),
	    .jti = bytes_str("j"), .grant = bytes_str("g"),
	    .patient = bytes_str("p.1"), .iat = 1, .exp = 2 };
	struct claims d;

	(void)state;
	assert_int_equal(parse_claims(arena_str(a, claims_json(a, &c)), &d),
	    OK);
	assert_bytes(d.iss, "https://i");
	assert_bytes(d.aud, "https://b/fhir");
	assert_bytes(d.sub, "dr \"x\"");
	assert_bytes(d.scope, "patient/*.read");
	assert_bytes(d.patient, "p.1");
	assert_int_equal(d.iat, 1);
	assert_int_equal(d.exp, 2);
	assert_int_equal(d.nbf, 1);
	c.patient = bytes_str("");
	assert_int_equal(parse_claims(arena_str(a, claims_json(a, &c)), &d),
	    OK);
	assert_int_equal(d.patient.len, 0);
}

static void
a_missing_claim_is_refused(void **state)	/* design rule 1 */
{
	static const char *const all[] = { "\"iss\":\"i\"", "\"aud\":\"b\"",
	    "\"sub\":\"u\"", "\"client_id\":\"c\"", "\"scope\":\"s\"",
	    "\"jti\":\"j\"", "\"grant\":\"g\"", "\"iat\":1", "\"exp\":2" };
	struct claims c;
	size_t i, left;

	(void)state;
	for (left = 0; left <= N_ELEM(all); left++) {
		struct buf b = buf_on(a, 1024);
		struct bytes json;

		buf_str(&b, "{\"x\":0");
		for (i = 0; i < N_ELEM(all); i++)
			if (i != left)
				buf_printf(&b, ",%s", all[i]);
		buf_str(&b, "}");
		assert_int_equal(buf_end(&b, &json), OK);
		assert_int_equal(parse_claims(arena_str(a, json), &c),
		    left == N_ELEM(all) ? OK : ERR_SYNTAX);
	}
}

static void
odd_claims_are_refused(void **state)
{
	static const char *const row[] = {
		"", "[]", "null", "{" CLAIMS "," TIMES,
		"{" CLAIMS "," TIMES "}x",
		"{" CLAIMS "," TIMES ",\"exp\":3000}",
		"{" CLAIMS ",\"iat\":1000,\"exp\":2000.0}",
		"{" CLAIMS ",\"iat\":1000,\"exp\":\"2000\"}",
		"{" CLAIMS ",\"iat\":1000,\"exp\":true}",
		"{" CLAIMS ",\"iat\":1000,\"exp\":null}",
		"{" CLAIMS ",\"iat\":-1,\"exp\":2000}",
		"{" CLAIMS ",\"iat\":1000,\"exp\":9223372036854775807}",
		"{" CLAIMS "," TIMES ",\"nbf\":\"1\"}",
		"{" CLAIMS "," TIMES ",\"patient\":\"\"}",
		"{" CLAIMS "," TIMES ",\"patient\":null}",
		"{" CLAIMS "," TIMES ",\"patient\":\"a/b\"}",
		"{" CLAIMS "," TIMES ",\"patient\":[\"a\"]}",
		"{\"iss\":\"i\",\"aud\":[\"b\"],\"sub\":\"u\",\"client_id\":"
		    "\"c\",\"scope\":\"s\",\"jti\":\"j\",\"grant\":\"g\","
		    TIMES "}",
		"{\"iss\":\"i\",\"aud\":\"b\",\"sub\":\"\",\"client_id\":"
		    "\"c\",\"scope\":\"s\",\"jti\":\"j\",\"grant\":\"g\","
		    TIMES "}",
		"{\"iss\":\"i\",\"aud\":\"b\",\"sub\":\"u\\n\",\"client_id\":"
		    "\"c\",\"scope\":\"s\",\"jti\":\"j\",\"grant\":\"g\","
		    TIMES "}",
		"{\"iss\":\"i\",\"aud\":\"b\",\"sub\":\"u\",\"client_id\":"
		    "\"c\",\"scope\":\"s\",\"jti\":\"j\",\"grant\":\"/g\","
		    TIMES "}",
	};
	struct claims c;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(row); i++)
		if (parse_claims(row[i], &c) != ERR_SYNTAX)
			fail_msg("accepted: %s", row[i]);
}

static void
time_is_a_half_open_range(void **state)	/* TOK-05 */
{
	struct claims c = { .iat = 1000, .nbf = 1000, .exp = 2000 };

	(void)state;
	assert_null(claims_time(&c, (struct instant){ 1999999 }, 3600));
	assert_non_null(claims_time(&c, (struct instant){ 2000000 }, 3600));
	assert_null(claims_time(&c, (struct instant){ 940000 }, 3600));
	assert_non_null(claims_time(&c, (struct instant){ 939999 }, 3600));
	assert_null(claims_time(&c, (struct instant){ 1500000 }, 1000));
	assert_non_null(claims_time(&c, (struct instant){ 1500000 }, 999));
	c.nbf = 1561;
	assert_non_null(claims_time(&c, (struct instant){ 1500000 }, 3600));
	c.nbf = 1000;
	c.exp = 1000;
	c.iat = 1000;
	assert_non_null(claims_time(&c, (struct instant){ 999000 }, 3600));
}

static void
place_is_compared_by_bytes(void **state)	/* TOK-22 */
{
	struct claims c = { .iss = bytes_str("https://i"),
	    .aud = bytes_str("https://b/fhir") };
	struct bytes i = bytes_str("https://i");
	struct bytes b = bytes_str("https://b/fhir");

	(void)state;
	assert_null(claims_place(&c, i, b));
	assert_non_null(claims_place(&c, b, b));
	assert_non_null(claims_place(&c, i, bytes_str("https://b/fhir/")));
	assert_non_null(claims_place(&c, i, bytes_str("https://b/fhi")));
	assert_non_null(claims_place(&c, i, bytes_str("https://B/fhir")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc8037_verifies),
		cmocka_unit_test(rfc8037_key_and_name),
		cmocka_unit_test(own_header_is_read),
		cmocka_unit_test(other_headers_are_refused),
		cmocka_unit_test(the_key_decides_the_algorithm),
		cmocka_unit_test(signed_token_verifies),
		cmocka_unit_test(every_changed_character_is_refused),
		cmocka_unit_test(claims_survive_the_way),
		cmocka_unit_test(a_missing_claim_is_refused),
		cmocka_unit_test(odd_claims_are_refused),
		cmocka_unit_test(time_is_a_half_open_range),
		cmocka_unit_test(place_is_compared_by_bytes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
