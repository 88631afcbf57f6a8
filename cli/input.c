/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.c -- one JSON value at a time from a file of any size.  (L5)
 *
 * A file is read either by lines (NDJSON: a broken line spoils no other) or
 * by values (pretty-printed: brackets are counted); its beginning says which.
 * Only the window from the value wanted on is in memory.
 *
 *	window	gone | text of the value | read ahead |  room
 *		     from               upto         end      cap
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/log.h"
#include "cli/split.h"

#define CHUNK		((size_t)256 << 10)	/* bytes of one read */
#define GZIP_WINDOW	(15 + 16)		/* zlib: gzip format alone */

enum mode { BY_LINE, BY_VALUE };

struct input {
	int		 fd, stop_fd;
	bool		 own_fd;
	size_t		 max;
	enum mode	 mode;
	/* the window */
	uint8_t		*p;
	size_t		 from, end, cap;
	uint64_t	 offset, line;	/* of from */
	size_t		 column;	/* bytes before it on its line */
	bool		 eof;
	uint64_t	 n_read;	/* bytes from the disk */
	/* gzip */
	bool		 gzip, between;	/* between two members */
	z_stream	 z;
	uint8_t		*raw;
};

/* --- bytes -------------------------------------------------------------- */

/* Wait for bytes or for the wish to stop, whichever comes first. */
static enum err
wait_for(struct input *in)
{
	struct pollfd p[2] = { { .fd = in->fd, .events = POLLIN },
	    { .fd = in->stop_fd, .events = POLLIN } };
	int n;

	do
		n = poll(p, 2, -1);
	while (n < 0 && errno == EINTR);
	return n > 0 && (p[1].revents & POLLIN) != 0 ? ERR_BUSY : OK;
}

static enum err
read_some(struct input *in, uint8_t *to, size_t room, size_t *n_out,
    const char **why_out)
{
	enum err e = wait_for(in);
	ssize_t n;

	if (e != OK)
		return e;
	do
		n = read(in->fd, to, room);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		*why_out = strerror(errno);
		return ERR_STORE;
	}
	in->n_read += (uint64_t)n;
	*n_out = (size_t)n;
	return OK;
}

/* Room for a chunk behind end: move down what is wanted, or get more. */
static void
make_room(struct input *in)
{
	size_t len = in->end - in->from, cap = in->cap;

	if (in->cap - in->end >= CHUNK)
		return;
	if (in->from >= len && in->from > 0) {
		memcpy(in->p, in->p + in->from, len);
		in->from = 0;
		in->end = len;
	}
	while (cap - in->end < CHUNK)
		cap = cap == 0 ? 2 * CHUNK : 2 * cap;
	if (cap == in->cap)
		return;
	in->p = realloc(in->p, cap);
	if (in->p == NULL)
		fatal(err_exit(ERR_NOMEM), "out of memory");
	in->cap = cap;
}

/* A gzip file may be several, one behind the other. */
static enum err
unzip(struct input *in, const char **why_out)
{
	size_t n = 0, room = in->cap - in->end;
	enum err e;
	int rc;

	if (in->z.avail_in == 0) {
		e = read_some(in, in->raw, CHUNK, &n, why_out);
		if (e != OK)
			return e;
		in->z.next_in = in->raw;
		in->z.avail_in = (uInt)n;
	}
	if (in->z.avail_in == 0) {
		in->eof = true;
		*why_out = "the compressed file is cut short";
		return in->between ? OK : ERR_STORE;
	}
	if (in->between && inflateReset(&in->z) != Z_OK)
		return ERR_BUG;
	in->between = false;
	in->z.next_out = in->p + in->end;
	in->z.avail_out = (uInt)(room > UINT32_MAX ? UINT32_MAX : room);
	room = in->z.avail_out;
	rc = inflate(&in->z, Z_NO_FLUSH);
	in->end += room - in->z.avail_out;
	in->between = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return OK;
	*why_out = "the compressed file is damaged";
	return ERR_STORE;
}

/* More bytes behind end, or eof. */
static enum err
fill(struct input *in, const char **why_out)
{
	size_t n = 0;
	enum err e;

	make_room(in);
	if (in->gzip)
		return unzip(in, why_out);
	e = read_some(in, in->p + in->end, in->cap - in->end, &n, why_out);
	if (e == OK) {
		in->end += n;
		in->eof = n == 0;
	}
	return e;
}

/* The window goes on at n bytes behind from. */
static void
advance(struct input *in, size_t n)
{
	const uint8_t *p = in->p + in->from, *end = p + n, *nl;

	for (nl = memchr(p, '\n', n); nl != NULL;
	    nl = memchr(p, '\n', (size_t)(end - p))) {
		in->line++;
		in->column = 0;
		p = nl + 1;
	}
	in->column += (size_t)(end - p);
	in->from += n;
	in->offset += n;
}

/* --- lines or values? ----------------------------------------------- */

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes
window(const struct input *in)
{
	return bytes_of(in->p + in->from, in->end - in->from);
}

/* Behind the white space and the byte-order mark from at on. */
static size_t
skip_space(struct bytes t, size_t at)
{
	if (bytes_starts(bytes_from(t, at), bytes_str("\xef\xbb\xbf")))
		at += 3;
	while (at < t.len && is_space(t.p[at]))
		at++;
	return at;
}

/*
 * NDJSON, unless its first value goes on behind its first line: a line that
 * ends within brackets, and the next does not look like a new resource.
 */
static enum mode
judge(struct bytes t)
{
	struct split_depth d = { .depth = 0 };
	struct bytes line, rest;
	size_t at = skip_space(t, 0), end = 0;

	bytes_cut(bytes_from(t, at), '\n', &line, &rest);
	while (line.len > 0 && is_space(line.p[line.len - 1]))
		line.len--;
	if (line.len == 0 || (*line.p != '{' && *line.p != '['))
		return BY_LINE;
	if (*line.p == '[')
		return BY_VALUE;
	if (split_end(&d, line, &end))
		return BY_LINE;
	at = skip_space(rest, 0);
	if (at < rest.len && rest.p[at] == '{' &&
	    strchr("[:,", line.p[line.len - 1]) == NULL)
		return BY_LINE;
	return BY_VALUE;
}

/*
 * Is there enough to judge by: a line that ends, and where brackets are
 * still open in it something behind it?
 */
static bool
can_judge(const struct input *in)
{
	struct split_depth d = { .depth = 0 };
	struct bytes t = window(in), line, rest;
	size_t end = 0;

	if (in->eof || t.len > in->max)
		return true;
	if (!bytes_cut(bytes_from(t, skip_space(t, 0)), '\n', &line, &rest))
		return false;
	return split_end(&d, line, &end) ||
	    skip_space(rest, 0) < rest.len;
}

static enum err
begin(struct input *in, const char **why_out)
{
	enum err e = fill(in, why_out);

	if (e != OK)
		return e;
	if (in->end >= 2 && in->p[0] == 0x1f && in->p[1] == 0x8b) {
		in->raw = in->p;
		in->z.next_in = in->raw;
		in->z.avail_in = (uInt)in->end;
		in->p = NULL;
		in->cap = in->end = 0;
		in->gzip = true;
		if (inflateInit2(&in->z, GZIP_WINDOW) != Z_OK)
			fatal(err_exit(ERR_NOMEM), "out of memory");
	}
	while (!can_judge(in)) {
		e = fill(in, why_out);
		if (e != OK)
			return e;
	}
	in->mode = judge(window(in));
	return OK;
}

/* --- opening ------------------------------------------------------------ */

enum err
input_open(struct cli *c, struct input_file *f, size_t max, int stop_fd,
    struct input **out)
{
	const char *why = NULL;
	struct input *in;
	enum err e;
	int fd = f->fd;

	if (strcmp(f->name, "-") == 0)
		fd = STDIN_FILENO;
	else if (fd < 0)
		fd = open(f->name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail(c, ERR_NOTFOUND, f->name, strerror(errno),
		    NULL);
	in = calloc(1, sizeof *in);
	if (in == NULL)
		fatal(err_exit(ERR_NOMEM), "out of memory");
	in->fd = fd;
	in->stop_fd = stop_fd;
	in->own_fd = fd != STDIN_FILENO;
	in->max = max;
	in->line = 1;
	f->fd = -1;
	e = begin(in, &why);
	if (e == OK) {
		*out = in;
		return OK;
	}
	input_close(in);
	return e == ERR_BUSY ? e : cli_fail(c, e, f->name, why, NULL);
}

void
input_close(struct input *in)
{
	if (in->gzip)
		inflateEnd(&in->z);
	if (in->own_fd)
		close(in->fd);
	free(in->raw);
	free(in->p);
	free(in);
}

enum err
input_skip(struct input *in, uint64_t offset, uint64_t line)
{
	const char *why;
	enum err e;

	while (in->offset + (in->end - in->from) < offset && !in->eof) {
		in->offset += in->end - in->from;
		in->from = in->end = 0;
		e = fill(in, &why);
		if (e != OK)
			return e;
	}
	if (in->offset + (in->end - in->from) < offset)
		return ERR_NOTFOUND;
	advance(in, (size_t)(offset - in->offset));
	in->line = line;
	return OK;
}

uint64_t
input_read(const struct input *in)
{
	return in->n_read;
}

/* --- values ------------------------------------------------------------- */

/* What lies before the value: white space. */
static enum err
find_value(struct input *in, const char **why_out)
{
	struct bytes t;
	size_t at;
	enum err e;

	for (;;) {
		t = window(in);
		for (at = 0; at < t.len && is_space(t.p[at]); )
			at++;
		advance(in, at);
		if (at < t.len)
			return OK;
		if (in->eof)
			return ERR_NOTFOUND;
		e = fill(in, why_out);
		if (e != OK)
			return e;
	}
}

/* Does the value end in the window, from at on?  Behind it. */
static bool
ends(const struct input *in, struct split_depth *d, size_t *at)
{
	struct bytes t = window(in);
	const uint8_t *nl;

	if (in->mode == BY_VALUE && (*t.p == '{' || *t.p == '['))
		return split_end(d, t, at);
	nl = memchr(t.p + *at, '\n', t.len - *at);
	*at = nl != NULL ? (size_t)(nl - t.p) : t.len;
	return nl != NULL;
}

/* Past a value that is too long, without keeping it. */
static enum err
pass_over(struct input *in, struct split_depth *d, const char **why_out)
{
	bool by_line = !(in->mode == BY_VALUE && (in->p[in->from] == '{' ||
	    in->p[in->from] == '['));
	size_t at = in->end - in->from;
	enum err e;
	bool done = false;

	while (!done) {
		advance(in, at);
		if (in->eof)
			return OK;
		in->from = in->end = 0;
		e = fill(in, why_out);
		if (e != OK)
			return e;
		at = 0;
		if (by_line) {
			done = memchr(in->p, '\n', in->end) != NULL;
			at = done ? (size_t)((uint8_t *)memchr(in->p, '\n',
			    in->end) - in->p) : in->end;
		} else {
			done = split_end(d, window(in), &at);
		}
	}
	advance(in, at);
	return OK;
}

/* The value in front of the window, without white space after it. */
static struct bytes
window_part(const struct input *in, size_t len)
{
	while (len > 0 && is_space(in->p[in->from + len - 1]))
		len--;
	return bytes_of(in->p + in->from, len);
}

enum err
input_next(struct input *in, struct input_value *out, const char **why_out)
{
	struct split_depth d = { .depth = 0 };
	struct input_value v = { .too_long = false };
	bool whole;
	size_t at = 0;
	enum err e;

	e = find_value(in, why_out);
	if (e != OK)
		return e;
	v.offset = in->offset;
	v.line = in->line;
	v.column = in->column;
	for (whole = ends(in, &d, &at); !whole && !in->eof && at <= in->max;
	    whole = ends(in, &d, &at)) {
		e = fill(in, why_out);
		if (e != OK)
			return e;
	}
	v.too_long = at > in->max;
	if (v.too_long && !whole) {
		e = pass_over(in, &d, why_out);
		if (e != OK)
			return e;
	} else {
		v.text = v.too_long ? v.text : window_part(in, at);
		advance(in, at);
	}
	v.after = in->offset;
	v.line_after = in->line;
	*out = v;
	return OK;
}
