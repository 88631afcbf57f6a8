/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input_find.c -- which files the operands of tiphys load stand for.  (L5)
 *
 * Links inside a folder are not followed: a folder is what lies in it.
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPARE_FDS	64	/* beside the inputs: LMDB, output ... */

static const char *const suffixes[] = { ".json", ".ndjson", ".json.gz",
    ".ndjson.gz" };

static void
add(struct cli *c, struct input_list *l, const char *name,
    const struct stat *st)
{
	struct input_file *old = l->file;

	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : 2 * l->cap;
		l->file = arena_array(c->arena, l->cap, sizeof *l->file);
		if (l->n > 0)
			memcpy(l->file, old, l->n * sizeof *old);
	}
	l->file[l->n++] = (struct input_file){
	    .name = name, .fd = -1,
	    .size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
	    .changed = st->st_mtim.tv_sec * INT64_C(1000000000) +
		st->st_mtim.tv_nsec,
	    .dev = st->st_dev, .ino = st->st_ino };
	l->bytes += l->file[l->n - 1].size;
}

static bool
wanted(const char *name)
{
	size_t i, len = strlen(name), n;

	for (i = 0; i < N_ELEM(suffixes); i++) {
		n = strlen(suffixes[i]);
		if (len > n && strcmp(name + len - n, suffixes[i]) == 0)
			return true;
	}
	return false;
}

static int
by_name(const FTSENT **x, const FTSENT **y)
{
	return strcmp((*x)->fts_name, (*y)->fts_name);
}

static enum err
add_folder(struct cli *c, struct input_list *l, const char *path)
{
	char *roots[] = { (char *)(uintptr_t)path, NULL };
	FTS *f = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
	    by_name);
	size_t before = l->n;
	enum err e = OK;
	FTSENT *n;

	if (f == NULL)
		return cli_fail(c, ERR_NOTFOUND, path, strerror(errno), NULL);
	for (n = fts_read(f); n != NULL && e == OK; n = fts_read(f)) {
		if (n->fts_info == FTS_DNR || n->fts_info == FTS_ERR ||
		    n->fts_info == FTS_NS)
			e = cli_fail(c, ERR_NOTFOUND, n->fts_path,
			    strerror(n->fts_errno), NULL);
		else if (n->fts_info == FTS_F && wanted(n->fts_name))
			add(c, l, arena_printf(c->arena, "%s", n->fts_path),
			    n->fts_statp);
	}
	fts_close(f);
	if (e == OK && l->n == before)
		return cli_fail(c, ERR_NOTFOUND, path,
		    "holds no file to load",
		    "names must end in .json, .ndjson, or these with .gz");
	return e;
}

static enum err
add_operand(struct cli *c, struct input_list *l, const char *path)
{
	struct stat st = { .st_size = 0 };
	bool input = strcmp(path, "-") == 0;
	int rc = input ? fstat(STDIN_FILENO, &st) : stat(path, &st);

	if (rc != 0)
		return cli_fail(c, ERR_NOTFOUND, path, strerror(errno), NULL);
	if (S_ISDIR(st.st_mode))
		return add_folder(c, l, path);
	/* What comes by a pipe is the same when the caller says so. */
	if (input && !S_ISREG(st.st_mode))
		st = (struct stat){ .st_mode = S_IFIFO };
	add(c, l, path, &st);
	return OK;
}

enum err
input_find(struct cli *c, struct input_list *out)
{
	struct input_list l = { .n = 0 };
	enum err e;
	int i;

	for (i = 0; i < c->n_operand; i++) {
		e = add_operand(c, &l, c->operand[i]);
		if (e != OK)
			return e;
	}
	*out = l;
	return OK;
}

enum err
input_open_all(struct cli *c, struct input_list *l)
{
	struct rlimit lim = { .rlim_cur = l->n + SPARE_FDS,
	    .rlim_max = l->n + SPARE_FDS };
	struct rlimit now;
	size_t i;

	if (getrlimit(RLIMIT_NOFILE, &now) == 0 &&
	    now.rlim_cur < lim.rlim_cur) {
		if (lim.rlim_max < now.rlim_max)
			lim.rlim_max = now.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim) != 0)
			return cli_fail(c, ERR_USAGE, NULL,
			    "more files than root may hold open",
			    "load them in parts, or as the owner of the "
			    "data");
	}
	for (i = 0; i < l->n; i++) {
		if (strcmp(l->file[i].name, "-") == 0)
			continue;
		l->file[i].fd = open(l->file[i].name, O_RDONLY | O_CLOEXEC);
		if (l->file[i].fd < 0)
			return cli_fail(c, ERR_NOTFOUND, l->file[i].name,
			    strerror(errno), NULL);
	}
	return OK;
}
