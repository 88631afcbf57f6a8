/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c -- run a fuzz target over its corpus, without a fuzzer.
 *
 *	replay FILE|FOLDER ...
 *
 * Linked with a target in place of libFuzzer's main, so that every compiler
 * and every run of the tests repeats what fuzzing has found.  Folders are
 * read one level deep.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define INPUT_MAX	(1u << 20)	/* bytes */

/* 1 where the file was run, 0 where it cannot be read. */
static size_t
run_file(const char *path)
{
	uint8_t	*data;
	size_t	 len;
	FILE	*f = fopen(path, "rb");

	if (f == NULL)
		return 0;
	/* exactly as long as the input, so that ASan sees the end of it */
	data = malloc(INPUT_MAX);
	len = data == NULL ? 0 : fread(data, 1, INPUT_MAX, f);
	(void)fclose(f);
	if (data == NULL)
		return 0;
	if (len > 0) {
		uint8_t	*fit = realloc(data, len);

		data = fit == NULL ? data : fit;
	}
	(void)LLVMFuzzerTestOneInput(data, len);
	free(data);
	return 1;
}

static size_t
run_folder(const char *path, DIR *d)
{
	struct dirent	*e;
	size_t		 n = 0;

	for (e = readdir(d); e != NULL; e = readdir(d)) {
		char	file[4096];
		int	len;

		if (e->d_name[0] == '.')
			continue;
		len = snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (len > 0 && (size_t)len < sizeof(file))
			n += run_file(file);
	}
	return n;
}

int
main(int argc, char *argv[])
{
	size_t	n = 0;
	int	i;

	for (i = 1; i < argc; i++) {
		DIR	*d = opendir(argv[i]);

		if (d == NULL) {
			n += run_file(argv[i]);
			continue;
		}
		n += run_folder(argv[i], d);
		(void)closedir(d);
	}
	printf("%zu inputs\n", n);
	/* An empty replay proves nothing. */
	return n == 0 ? 1 : 0;
}
