/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwks.c -- fuzz keys and sets of keys.
 *
 * The input is taken for a set and for a key, for each of the three uses.
 * Beyond not crashing: a refusal names its reason; what is read lies within
 * the limits, is written and read again unchanged, and has one name.
 */
#include <stdlib.h>

#include "auth/jwk.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_key(struct arena *a, const struct jwk *k, enum jwk_use use)
{
	char one[JWK_THUMB_LEN + 1], other[JWK_THUMB_LEN + 1];
	const char *why = NULL;
	struct jwk again;

	must(k->alg != JWK_NONE && k->kid.len <= JWK_KID_MAX);
	must(k->n.len <= JWK_RSA_MAX / 8);
	must((k->n.len == 0) == (k->x.len > 0));
	must(k->n.len == 0 || k->n.len >= JWK_RSA_MIN / 8);
	must(jwk_parse(a, jwk_json(a, k), use, &again, &why) == OK);
	must(again.alg == k->alg && bytes_eq(again.kid, k->kid));
	must(bytes_eq(again.n, k->n) && bytes_eq(again.x, k->x) &&
	    bytes_eq(again.y, k->y));
	jwk_thumb(k, one);
	jwk_thumb(&again, other);
	must(strlen(one) == JWK_THUMB_LEN && strcmp(one, other) == 0);
	must(!jwk_verify(NULL, k, bytes_str("x"), bytes_str("y")));
}

static void
check_use(struct arena *a, struct bytes in, enum jwk_use use)
{
	const char *why = NULL;
	struct jwk k, *set;
	size_t i, n = 0;

	if (jwk_parse(a, in, use, &k, &why) == OK)
		check_key(a, &k, use);
	else
		must(why != NULL);
	why = NULL;
	if (jwk_set(a, in, use, &set, &n, &why) != OK) {
		must(why != NULL);
		return;
	}
	must(n >= 1 && n <= JWK_SET_MAX);
	for (i = 0; i < n; i++) {
		must(jwk_find(set, n, set[i].kid) == &set[i]);
		check_key(a, &set[i], use);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(0);

	check_use(a, bytes_of(data, len), JWK_CLIENT);
	check_use(a, bytes_of(data, len), JWK_ISSUER);
	check_use(a, bytes_of(data, len), JWK_PROOF);
	arena_free(&a);
	return 0;
}
