/* SPDX-License-Identifier: Apache-2.0 */
/*
 * say.c -- what goes wrong, said on standard error; input read whole.  (L5)
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SAY_MAX		((size_t)65536)		/* one message, bytes */
#define CHUNK		((size_t)65536)		/* first read, bytes */

static void
member(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_str(b, b->len > 1 ? "," : "");
	buf_json(b, bytes_str(name));
	buf_str(b, ":");
	buf_json(b, bytes_str(text));
}

static void
say_json(struct cli *c, enum err err, const char *where, const char *what,
    const char *remedy)
{
	struct buf b = buf_on(c->arena, SAY_MAX);
	struct bytes line;

	buf_str(&b, "{");
	member(&b, "error", err_name(err));
	member(&b, "where", where);
	member(&b, "what", what);
	member(&b, "remedy", remedy);
	buf_str(&b, "}\n");
	if (buf_end(&b, &line) == OK)
		fwrite(line.p, 1, line.len, stderr);
}

/* Names and operands come from outside: no control byte passes. */
static void
put_clean(const char *s)
{
	for (; *s != '\0'; s++)
		putc((unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s,
		    stderr);
}

enum err
cli_fail(struct cli *c, enum err err, const char *where, const char *what,
    const char *remedy)
{
	fflush(stdout);
	if (c->out.json) {
		say_json(c, err, where, what, remedy);
		return err;
	}
	fputs("tiphys: ", stderr);
	if (where != NULL) {
		put_clean(where);
		fputs(": ", stderr);
	}
	put_clean(what);
	if (remedy != NULL) {
		fputs("; ", stderr);
		put_clean(remedy);
	}
	putc('\n', stderr);
	return err;
}

enum err
cli_fail_issues(struct cli *c, enum err err, const char *where,
    const struct issues *is)
{
	const struct issue *i;
	const char *at;

	for (i = is->first; i != NULL; i = i->next) {
		at = where;
		if (i->place != NULL)
			at = where == NULL ? i->place :
			    arena_printf(c->arena, "%s: %s", where, i->place);
		cli_fail(c, err, at, i->text, NULL);
	}
	if (is->first == NULL)
		cli_fail(c, err, where, err_text(err), NULL);
	return err;
}

/* --- whole input ---------------------------------------------------------- */

static void
drop_fd(void *p)
{
	close(*(int *)p);
}

static enum err
open_input(struct cli *c, const char *path, int *fd_out)
{
	int *fd;

	if (path == NULL || strcmp(path, "-") == 0) {
		*fd_out = STDIN_FILENO;
		return OK;
	}
	fd = arena_alloc(c->arena, sizeof *fd);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return cli_fail(c, ERR_NOTFOUND, path, strerror(errno), NULL);
	arena_defer(c->arena, drop_fd, fd);
	*fd_out = *fd;
	return OK;
}

enum err
cli_slurp(struct cli *c, const char *path, size_t max, struct bytes *out)
{
	struct buf b = buf_on(c->arena, max);
	uint8_t *chunk = arena_alloc(c->arena, CHUNK);
	const char *name = path == NULL ? "standard input" : path;
	enum err e;
	ssize_t n;
	int fd = -1;

	e = open_input(c, path, &fd);
	if (e != OK)
		return e;
	for (;;) {
		n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cli_fail(c, ERR_STORE, name, strerror(errno),
			    NULL);
		if (n == 0 || b.over)
			break;
		buf_add(&b, bytes_of(chunk, (size_t)n));
	}
	if (buf_end(&b, out) != OK)
		return cli_fail(c, ERR_TOOBIG, name, arena_printf(c->arena,
		    "is longer than %zu bytes", max), NULL);
	return OK;
}
