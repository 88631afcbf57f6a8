/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.c -- fuzz the Authorization header, the token in it, its claims.
 *
 * The input is a header value; where it is none, the input itself is taken
 * for a token, and for a payload.  Beyond not crashing: a token that is read
 * has one spelling alone, a refusal names its reason, and claims that are
 * read are written and read again unchanged.
 */
#include <stdlib.h>

#include "auth/guard.h"
#include "base/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_claims(struct arena *a, struct bytes payload)
{
	struct claims c, d;
	const char *why = NULL;

	if (claims_parse(a, payload, &c, &why) != OK) {
		must(why != NULL);
		return;
	}
	must(claims_parse(a, claims_json(a, &c), &d, &why) == OK);
	must(bytes_eq(c.iss, d.iss) && bytes_eq(c.aud, d.aud));
	must(bytes_eq(c.sub, d.sub) && bytes_eq(c.client, d.client));
	must(bytes_eq(c.scope, d.scope) && bytes_eq(c.patient, d.patient));
	must(bytes_eq(c.jti, d.jti) && bytes_eq(c.grant, d.grant));
	must(bytes_eq(c.jkt, d.jkt));
	must(c.iat == d.iat && c.exp == d.exp);
	must(claims_time(&c, (struct instant){ c.exp * 1000 }, 3600) != NULL);
}

static void
check_token(struct arena *a, struct bytes token)
{
	static const uint8_t pub[JOSE_KEY_LEN] = { 1 };
	const char *why = NULL;
	struct bytes sig, again;
	struct jose j;

	if (jose_parse(a, token, &j, &why) != OK) {
		must(why != NULL);
		return;
	}
	sig = text_b64url(a, bytes_of(j.sig, sizeof j.sig));
	again = bytes_str(arena_printf(a, "%.*s.%.*s", BYTES_FMT(j.input),
	    BYTES_FMT(sig)));
	must(bytes_eq(again, token));
	must(jose_kid_ok(j.kid));
	must(!jose_verify(&j, JOSE_EDDSA, pub));
	check_claims(a, j.payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(0);
	struct bytes in = bytes_of(data, len), token;
	enum login_fault fault;
	const char *why = NULL;
	bool dpop;

	if (guard_bearer(in, &token, &dpop, &fault, &why) == OK) {
		must(memchr(token.p, ',', token.len) == NULL);
		check_token(a, token);
	} else {
		must(why != NULL && fault != LOGIN_OK);
		check_token(a, in);
		check_claims(a, in);
	}
	arena_free(&a);
	return 0;
}
