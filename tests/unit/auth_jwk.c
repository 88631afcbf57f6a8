/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_jwk.c -- keys of others and their signatures.  (L3)
 *
 * Vectors: RFC 7515 appendices A.2 and A.3, RFC 7520 section 4.1, RFC 7638
 * section 3.1, RFC 8037 appendix A.  Limits are auth_jwk_text.c's.
 */
#include "tests/unit/auth_sign.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/jws.h"
#include "auth/keys.h"

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

/* --- vectors ------------------------------------------------------------- */

#define JOE	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6L" \
	"y9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define A2_N	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPdd" \
	"xHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_Yp" \
	"RPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMd" \
	"bBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw" \
	"Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91k" \
	"zk2PAcDTW9gb54h4FRWyuXpoQ"
#define A2_SIG	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj" \
	"5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbK" \
	"BYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07" \
	"Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noO" \
	"PqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtV" \
	"rBp0igcN_IoypGlUPQGe77Rw"
#define A3_X	"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define A3_Y	"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define A3_SIG	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa" \
	"8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define R7520_N	"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-X" \
	"V2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-Qt" \
	"iWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd" \
	"1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb" \
	"9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuax" \
	"wUkRz5iaiQkqgc5gHdrNP5zw"
#define R7520_IN "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b" \
	"24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ" \
	"29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIG" \
	"lmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmc" \
	"gd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
#define R7520_SIG "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKta" \
	"inoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-E" \
	"s4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8w" \
	"W1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUA" \
	"hb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9" \
	"ipH84ogoree7vjbU5y18kDquDg"
#define R7638_N	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfA" \
	"AtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_" \
	"2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368" \
	"QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr" \
	"dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-" \
	"csFCur-kEgU8awapJzKnqDKgw"
#define R8037_X	"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define R8037_IN "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define R8037_SIG "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4i" \
	"ylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

#define A2_KEY	"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" A2_N "\"}"
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

/* The key verifies the vector, and nothing that differs in one bit. */
static void
check_vector(const char *key, enum jwk_use use, enum jwk_alg alg,
    const char *input, const char *sig)
{
	struct jwk k = parsed(key, use);
	struct bytes s = unb64(a, sig), in = bytes_str(input);
	uint8_t *bad = arena_alloc(a, s.len);
	size_t i;

	assert_int_equal(k.alg, alg);
	assert_true(jwk_sound(&jwk_tls, &k));
	assert_true(jwk_verify(&jwk_tls, &k, in, s));
	for (i = 0; i < s.len; i += 7) {
		memcpy(bad, s.p, s.len);
		bad[i] ^= 1;
		assert_false(jwk_verify(&jwk_tls, &k, in,
		    bytes_of(bad, s.len)));
	}
	assert_false(jwk_verify(&jwk_tls, &k, bytes_from(in, 1), s));
	for (i = 0; i < s.len; i++)
		assert_false(jwk_verify(&jwk_tls, &k, in,
		    bytes_sub(s, 0, i)));
}

static void
rfc_vectors_verify(void **state)
{
	(void)state;
	check_vector(A2_KEY, JWK_ISSUER, JWK_RS256,
	    "eyJhbGciOiJSUzI1NiJ9." JOE, A2_SIG);
	check_vector(A3_KEY, JWK_ISSUER, JWK_ES256,
	    "eyJhbGciOiJFUzI1NiJ9." JOE, A3_SIG);
	check_vector("{\"kty\":\"RSA\",\"kid\":\"bilbo.baggins@hobbiton."
	    "example\",\"use\":\"sig\",\"e\":\"AQAB\",\"n\":\"" R7520_N
	    "\"}", JWK_PROOF, JWK_RS256, R7520_IN, R7520_SIG);
	check_vector(ED_KEY, JWK_PROOF, JWK_EDDSA, R8037_IN, R8037_SIG);
}

static void
without_engine_only_eddsa(void **state)
{
	struct jwk rsa = parsed(A2_KEY, JWK_ISSUER);
	struct jwk ed = parsed(ED_KEY, JWK_PROOF);

	(void)state;
	assert_false(jwk_sound(NULL, &rsa));
	assert_false(jwk_verify(NULL, &rsa,
	    bytes_str("eyJhbGciOiJSUzI1NiJ9." JOE), unb64(a, A2_SIG)));
	assert_true(jwk_verify(NULL, &ed, bytes_str(R8037_IN),
	    unb64(a, R8037_SIG)));
}

static void
rfc_thumbprints(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"kty\":\"RSA\",\"n\":\"" R7638_N "\",\"e\":\"AQAB\","
		    "\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}",
		    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" },
		{ ED_KEY, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" },
		/* RFC 9449 section 6.1 */
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"l8tFrhx-34tV3h"
		    "RICRDY9zCkDlpBhF42UQUfWVAWBFs\",\"y\":\"9VE4jf_Ok_o64z"
		    "bTTlcuNJajHmt6v9TDVrU0CdvGRDA\"}",
		    "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
	};
	char thumb[JWK_THUMB_LEN + 1];
	struct jwk k;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++) {
		k = parsed(cases[i][0], JWK_PROOF);
		jwk_thumb(&k, thumb);
		assert_string_equal(thumb, cases[i][1]);
	}
}

/* Every algorithm, and no key verifies what another one signed. */
static void
keys_and_algorithms_do_not_mix(void **state)
{
	static const enum jwk_alg algs[] = { JWK_RS256, JWK_RS384, JWK_ES256,
	    JWK_ES384, JWK_EDDSA };
	struct signer *s[N_ELEM(algs)];
	struct bytes in = bytes_str("input"), sig;
	struct jwk k;
	size_t i, j;

	(void)state;
	for (i = 0; i < N_ELEM(algs); i++)
		s[i] = signer_new(a, algs[i], "k");
	for (i = 0; i < N_ELEM(algs); i++) {
		sig = sign_raw(a, s[i], in);
		for (j = 0; j < N_ELEM(algs); j++)
			assert_int_equal(jwk_verify(&jwk_tls, &s[j]->pub, in,
			    sig), i == j);
		/* The same key under the other hash: CA-14 */
		k = s[i]->pub;
		k.alg = k.alg == JWK_RS256 ? JWK_RS384 : k.alg == JWK_RS384 ?
		    JWK_RS256 : k.alg == JWK_ES256 ? JWK_ES384 : JWK_ES256;
		assert_false(jwk_verify(&jwk_tls, &k, in, sig));
	}
}

/* CA-12: r or s zero, or the order of the group. */
static void
empty_ecdsa_signatures_fail(void **state)
{
	struct signer *s = signer_new(a, JWK_ES384, "k");
	uint8_t raw[96] = { 0 };
	struct bytes in = bytes_str("input"), good;

	(void)state;
	good = sign_raw(a, s, in);
	assert_true(jwk_verify(&jwk_tls, &s->pub, in, good));
	assert_false(jwk_verify(&jwk_tls, &s->pub, in, bytes_of(raw, 96)));
	memcpy(raw, good.p, 48);
	assert_false(jwk_verify(&jwk_tls, &s->pub, in, bytes_of(raw, 96)));
	memset(raw, 0xff, sizeof raw);
	assert_false(jwk_verify(&jwk_tls, &s->pub, in, bytes_of(raw, 96)));
}

/* CA-17: GnuTLS imports it; verify_params is what refuses. */
static void
point_off_the_curve_is_unsound(void **state)
{
	static const enum jwk_alg algs[] = { JWK_ES256, JWK_ES384 };
	struct signer *s;
	struct jwk k;
	uint8_t *y;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(algs); i++) {
		s = signer_new(a, algs[i], "k");
		assert_true(jwk_sound(&jwk_tls, &s->pub));
		k = s->pub;
		y = arena_alloc(a, k.y.len);
		memcpy(y, k.y.p, k.y.len);
		y[k.y.len - 1] ^= 1;
		k.y = bytes_of(y, k.y.len);
		assert_false(jwk_sound(&jwk_tls, &k));
		assert_false(jwk_verify(&jwk_tls, &k, bytes_str("input"),
		    sign_raw(a, s, bytes_str("input"))));
		/* x = y = 0: on no curve either */
		k.x = k.y = bytes_of(arena_alloc(a, k.y.len), k.y.len);
		assert_false(jwk_sound(&jwk_tls, &k));
	}
	k = parsed("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", JWK_PROOF);
	assert_false(jwk_sound(&jwk_tls, &k));
}

static void
even_modulus_is_unsound(void **state)
{
	struct jwk k = parsed(A2_KEY, JWK_ISSUER);
	uint8_t *n = arena_alloc(a, k.n.len);

	(void)state;
	memcpy(n, k.n.p, k.n.len);
	n[k.n.len - 1] &= 0xfe;
	k.n = bytes_of(n, k.n.len);
	assert_false(jwk_sound(&jwk_tls, &k));
}

/* --- our own keys -------------------------------------------------------- */

static void
own_rsa_key_is_kept_and_signs(void **state)
{
	char dir[] = "/tmp/tiphys-jwk-XXXXXX";
	const char *path, *why = NULL;
	struct jwk_private *key;
	struct bytes token;
	struct jwk pub;
	struct stat st;
	struct jws j;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(jwk_rsa_new(a, dir, &pub), OK);
	assert_int_equal(pub.n.len, 3072 / 8);
	path = arena_printf(a, "%s/%.*s.pem", dir, BYTES_FMT(pub.kid));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keys_check(a, dir, true, false, &why), OK);

	assert_int_equal(jwk_load(a, dir, pub.kid, &key), OK);
	assert_int_equal(jwk_sign(a, key, "JWT", bytes_str("{\"a\":1}"),
	    &token), OK);
	assert_int_equal(jws_parse(a, token, 8192, &j, &why), OK);
	assert_true(jws_typ_is(&j, "JWT"));
	assert_true(bytes_eq(j.kid, pub.kid));
	assert_true(jwk_verify(&jwk_tls, &pub, j.input, j.sig));

	assert_int_equal(jwk_load(a, dir, bytes_str("none"), &key),
	    ERR_NOTFOUND);
	assert_int_equal(jwk_load(a, dir, bytes_str("../x"), &key),
	    ERR_NOTFOUND);
	/* CRY-03; another name for the same key */
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(jwk_load(a, dir, pub.kid, &key), ERR_CONFIG);
	assert_int_equal(keys_check(a, dir, true, false, &why), ERR_CONFIG);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(rename(path, arena_printf(a, "%s/k.pem", dir)), 0);
	assert_int_equal(jwk_load(a, dir, bytes_str("k"), &key),
	    ERR_CONFIG);
	assert_int_equal(truncate(arena_printf(a, "%s/k.pem", dir), 40), 0);
	assert_int_equal(jwk_load(a, dir, bytes_str("k"), &key),
	    ERR_CONFIG);
	unlink(arena_printf(a, "%s/k.pem", dir));
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(rfc_vectors_verify),
		T(without_engine_only_eddsa),
		T(rfc_thumbprints),
		T(keys_and_algorithms_do_not_mix),
		T(empty_ecdsa_signatures_fail),
		T(point_off_the_curve_is_unsound),
		T(even_modulus_is_unsound),
		T(own_rsa_key_is_kept_and_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
