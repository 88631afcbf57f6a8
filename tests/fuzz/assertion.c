/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assertion.c -- fuzz client assertions.
 *
 * Beyond not crashing: a refusal names its reason; an assertion that passes
 * the cheap checks is this client's, for this server, of this time; and none
 * passes the last one, for there is no key.
 */
#include <stdlib.h>

#include "auth/assertion.h"

#define AUD	"https://tiphys.example/auth/token"
#define NOW_S	INT64_C(1767225600)

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check(struct arena *a, struct bytes in)
{
	const struct bytes aud = bytes_str(AUD);
	const struct assertion_want want = { .client = bytes_str("app"),
	    .aud = &aud, .n_aud = 1, .now = { NOW_S * 1000 } };
	static const struct jwk none = { .alg = JWK_ES384 };
	const char *why = NULL;
	struct assertion as;

	if (assertion_parse(a, in, &as, &why) != OK) {
		must(why != NULL);
		return;
	}
	must(in.len <= ASSERTION_MAX);
	must(as.jws.alg == JWK_RS384 || as.jws.alg == JWK_ES384);
	must(as.jti.len > 0 && as.jti.len <= ASSERTION_JTI_MAX);
	why = NULL;
	if (assertion_check(&as, &want, &why) != OK) {
		must(why != NULL);
		return;
	}
	must(bytes_is(as.sub, "app") && bytes_is(as.iss, "app"));
	must(bytes_is(as.aud, AUD) && as.jku.len == 0);
	must(as.exp > NOW_S && as.exp <= NOW_S + ASSERTION_LIFE_S);
	must(assertion_verify(&as, &none, 1, NULL, &why) == ERR_LOGIN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(0);

	check(a, bytes_of(data, len));
	arena_free(&a);
	return 0;
}
