/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_fuzz.h -- replay tests/fuzz/corpus/<target>/, and every one-byte change
 * of it.
 *
 * The folder of the sources is $srcdir or here.
 */
#ifndef TESTS_UNIT_FHIR_FUZZ_H
#define TESTS_UNIT_FHIR_FUZZ_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#define SEED_MAX	4096	/* bytes of a seed */

/* Bytes that mean something to JSON, dates, numbers or UTF-8. */
static const uint8_t odd[] = {
	'"', '\\', '{', '}', '[', ']', ',', ':', '-', '.', '0', 'e', '/', '#',
	' ', '\n', 0x00, 0x01, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xff
};

/* A seed by itself, cut at each byte, and with each byte made odd. */
static void
replay(const char *path, int (*target)(const uint8_t *, size_t))
{
	uint8_t seed[SEED_MAX], *copy;
	FILE *f = fopen(path, "rb");
	size_t n, i, k;

	assert_non_null(f);
	n = fread(seed, 1, sizeof(seed), f);
	fclose(f);
	assert_in_range(n, 1, SEED_MAX - 1);
	target(seed, n);
	for (i = 0; i < n; i++) {
		copy = malloc(n);
		assert_non_null(copy);
		memcpy(copy, seed, n);
		for (k = i % 3; k < sizeof(odd); k += 3) {
			copy[i] = odd[k];
			target(copy, n);
		}
		free(copy);
		copy = malloc(i + 1);
		assert_non_null(copy);
		memcpy(copy, seed, i + 1);
		target(copy, i + 1);
		free(copy);
	}
}

static void
replay_all(const char *target_name,
    int (*target)(const uint8_t *, size_t))
{
	const char *src = getenv("srcdir");	/* as automake says it */
	char dir[512], path[1024];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	    src == NULL ? "." : src, target_name);
	d = opendir(dir);
	if (d == NULL)
		fail_msg("no folder %s; set srcdir", dir);
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		replay(path, target);
		n++;
	}
	closedir(d);
	assert_true(n > 0);
}

#endif
