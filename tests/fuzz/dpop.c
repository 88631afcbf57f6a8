/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpop.c -- fuzz DPoP proofs and the URLs in them.
 *
 * Without an engine, so that EdDSA proofs alone can be accepted.  Beyond not
 * crashing: a refusal names its reason, and an accepted proof is of the
 * request it was made for and has the one spelling it had.  A URL that has a
 * normal form is the same as itself; the same both ways round in any case.
 */
#include <sodium.h>
#include <stdlib.h>

#include "auth/dpop.h"
#include "base/text.h"

#define METHOD	"GET"
#define URL	"https://tiphys.example/fhir/Patient/1"
#define NOW_S	INT64_C(1767225600)

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_proof(struct arena *a, struct bytes in)
{
	const struct dpop_want want = { .method = bytes_str(METHOD),
	    .url = bytes_str(URL), .now = { NOW_S * 1000 } };
	const char *why = NULL;
	struct bytes sig, again;
	struct dpop d;

	if (dpop_check(a, in, &want, NULL, &d, &why) != OK) {
		must(why != NULL);
		return;
	}
	must(dpop_hint(a, in) == JWK_EDDSA && d.key.alg == JWK_EDDSA);
	must(bytes_is(d.htm, METHOD));
	must(dpop_same_url(a, d.htu, bytes_str(URL)));
	must(d.iat >= NOW_S - DPOP_AGE_S && d.iat <= NOW_S + DPOP_SKEW_S);
	must(d.jti.len > 0 && strlen(d.jkt) == JWK_THUMB_LEN);
	sig = text_b64url(a, d.jws.sig);
	again = bytes_str(arena_printf(a, "%.*s.%.*s",
	    BYTES_FMT(d.jws.input), BYTES_FMT(sig)));
	must(bytes_eq(again, in));
}

static void
check_url(struct arena *a, struct bytes in)
{
	struct bytes path, query;

	must(dpop_same_url(a, in, bytes_str(URL)) ==
	    dpop_same_url(a, bytes_str(URL), in));
	(void)bytes_cut(in, '#', &path, &query);
	(void)bytes_cut(path, '?', &path, &query);
	must(dpop_same_url(a, in, in) == dpop_same_url(a, path, in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(0);

	must(sodium_init() >= 0);
	check_proof(a, bytes_of(data, len));
	check_url(a, bytes_of(data, len));
	arena_free(&a);
	return 0;
}
