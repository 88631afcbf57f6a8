/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_fuzz.c -- the corpus of cookies and pages, and cuts of it.  (L4)
 *
 * Each seed of tests/fuzz/corpus/page/ runs whole, cut behind each byte, and
 * with each byte changed: what fuzzing does, in a second and repeatable.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/page.c"

#define SEED_MAX	4096	/* bytes */

/* In memory that ends where the input does, so that ASan sees its end. */
static void
run_copy(const uint8_t *data, size_t len, size_t at, uint8_t put)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, data, len);
	if (at < len)
		copy[at] = put;
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void
replay(const char *path)
{
	static const uint8_t odd[] = { '<', '>', '"', '\'', '&', '/', ';',
	    '\\', '{', 0x00, 0x7f, 0x80, 0xe2, 0xff };
	uint8_t seed[SEED_MAX];
	FILE *f = fopen(path, "rb");
	size_t len, i;

	assert_non_null(f);
	len = fread(seed, 1, sizeof(seed), f);
	fclose(f);
	assert_true(len < sizeof(seed));
	run_copy(seed, len, len, 0);
	for (i = 0; i < len; i++) {
		run_copy(seed, i, i, 0);
		run_copy(seed, len, i, odd[i % N_ELEM(odd)]);
		run_copy(seed, len, i, (uint8_t)(seed[i] ^ 1));
	}
}

static void
test_pages_survive(void **state)
{
	const char *src = getenv("srcdir");
	const struct dirent *e;
	char dir[512], path[1024];
	size_t n = 0;
	DIR *d;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/page",
	    src != NULL ? src : ".");
	d = opendir(dir);
	assert_non_null(d);
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		replay(path);
		n++;
	}
	closedir(d);
	assert_true(n > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
