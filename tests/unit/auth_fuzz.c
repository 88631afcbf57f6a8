/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_fuzz.c -- the corpora of everything signed, and cuts of them.  (L3)
 *
 * Each seed of tests/fuzz/corpus/<target>/ runs whole, cut behind each byte,
 * and with each byte made another.  The sources are in $srcdir or here.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define LLVMFuzzerTestOneInput	fuzz_jwt
#define must			must_jwt
#include "tests/fuzz/jwt.c"
#undef LLVMFuzzerTestOneInput
#undef must
#define LLVMFuzzerTestOneInput	fuzz_scope
#include "tests/fuzz/scope.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_jwks
#define must			must_jwks
#include "tests/fuzz/jwks.c"
#undef LLVMFuzzerTestOneInput
#undef must
#define LLVMFuzzerTestOneInput	fuzz_dpop
#define must			must_dpop
#include "tests/fuzz/dpop.c"
#undef LLVMFuzzerTestOneInput
#undef must
#undef NOW_S
#define LLVMFuzzerTestOneInput	fuzz_assertion
#define must			must_assertion
#include "tests/fuzz/assertion.c"
#undef LLVMFuzzerTestOneInput
#undef must

#define SEED_MAX	4096	/* bytes */

typedef int target_fn(const uint8_t *data, size_t len);

/* In memory that ends where the input does, so that ASan sees its end. */
static void
run_copy(target_fn *target, const uint8_t *data, size_t len, size_t at,
    uint8_t put)
{
	uint8_t *copy = malloc(len + 1);
	uint8_t *fit;

	assert_non_null(copy);
	memcpy(copy, data, len);
	if (at < len)
		copy[at] = put;
	fit = realloc(copy, len == 0 ? 1 : len);
	assert_non_null(fit);
	target(fit, len);
	free(fit);
}

static void
replay(const char *path, target_fn *target)
{
	static const uint8_t odd[] = { ' ', '.', ',', '=', '/', '*', '%',
	    '?', 'A', '"', 0x00, 0x7f, 0x80, 0xff };
	uint8_t seed[SEED_MAX];
	FILE *f = fopen(path, "rb");
	size_t len, i;

	assert_non_null(f);
	len = fread(seed, 1, sizeof seed, f);
	fclose(f);
	assert_true(len < sizeof seed);
	run_copy(target, seed, len, len, 0);
	for (i = 0; i < len; i++) {
		run_copy(target, seed, i, i, 0);
		run_copy(target, seed, len, i, odd[i % sizeof odd]);
		run_copy(target, seed, len, i, (uint8_t)(seed[i] ^ 1));
	}
}

static void
replay_folder(const char *name, target_fn *target)
{
	const char *src = getenv("srcdir");
	const struct dirent *e;
	char dir[512], path[1024];
	size_t n = 0;
	DIR *d;

	snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s",
	    src == NULL ? "." : src, name);
	d = opendir(dir);
	if (d == NULL)
		fail_msg("no folder %s; set srcdir", dir);
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		replay(path, target);
		n++;
	}
	closedir(d);
	assert_true(n > 0);
}

static void
tokens_survive(void **state)
{
	(void)state;
	replay_folder("jwt", fuzz_jwt);
}

static void
scopes_survive(void **state)
{
	(void)state;
	replay_folder("scope", fuzz_scope);
}

static void
keys_survive(void **state)
{
	(void)state;
	replay_folder("jwks", fuzz_jwks);
}

static void
proofs_survive(void **state)
{
	(void)state;
	replay_folder("dpop", fuzz_dpop);
}

static void
assertions_survive(void **state)
{
	(void)state;
	replay_folder("assertion", fuzz_assertion);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_survive),
		cmocka_unit_test(scopes_survive),
		cmocka_unit_test(keys_survive),
		cmocka_unit_test(proofs_survive),
		cmocka_unit_test(assertions_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
