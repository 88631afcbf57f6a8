/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.c -- read and check the configuration file.  (L0)
 *
 * Line by line, each against its row of CONF_TABLE; then what spans several
 * keys.  Refuses to guess: the first thing that is wrong ends the reading,
 * with its line and what would be right (attack CNF-04).
 */
#include "base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf_url.h"
#include "base/text.h"

#ifndef TIPHYS_CONF_DEFAULT
#error "TIPHYS_CONF_DEFAULT: the path of tiphys.conf, set by the build"
#endif

#define FILE_MAX	(1024 * 1024)	/* bytes of a configuration file */

const struct conf_row conf_rows[CONF__MAX] = {
#define X(id, name_, kind_, def_, min_, max_, unit_) [id] = {		      \
	.name = (name_), .kind = (kind_), .def = (def_),		      \
	.min = (min_), .max = (max_), .unit = (unit_) },
	CONF_TABLE(X)
#undef X
};

/* One reading: where we are, and what is being filled. */
struct reading {
	struct arena	*a;
	struct conf	*c;
	unsigned	 line;		/* 0: a default, or the whole file */
	unsigned	 at[CONF__MAX];	/* where it was given, or 0 */
	const char	*why;		/* the first fault, or NULL */
};

/* Keep the first fault only; what comes after it is often its echo. */
static PRINTF(2, 3) void
fault(struct reading *r, const char *fmt, ...)
{
	char	text[512];
	va_list	ap;

	if (r->why != NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->line > 0)
		r->why = arena_printf(r->a, "%s:%u: %s", r->c->file, r->line,
		    text);
	else
		r->why = arena_printf(r->a, "%s: %s", r->c->file, text);
}

/* --- values --- */

static void
set_num(struct reading *r, enum conf_id id, struct bytes val)
{
	const struct conf_row	*row = &conf_rows[id];
	const char		*gap = row->unit[0] == '\0' ? "" : " ";
	uint64_t		 v;

	if (!text_u64(val, (uint64_t)row->max, &v) || (int64_t)v < row->min) {
		fault(r, "%s: a number from %lld to %lld%s%s is wanted",
		    row->name, (long long)row->min, (long long)row->max, gap,
		    row->unit);
		return;
	}
	r->c->num[id] = (int64_t)v;
}

static void
set_bool(struct reading *r, enum conf_id id, struct bytes val)
{
	if (bytes_is(val, "yes"))
		r->c->num[id] = 1;
	else if (bytes_is(val, "no"))
		r->c->num[id] = 0;
	else
		fault(r, "%s: \"yes\" or \"no\" is wanted",
		    conf_rows[id].name);
}

static void
set_path(struct reading *r, enum conf_id id, struct bytes val)
{
	const char	*s;

	if (bytes_is(val, "."))
		s = r->c->dir;
	else if (val.len > 0 && val.p[0] == '/')
		s = arena_str(r->a, val);
	else
		s = arena_printf(r->a, "%s/%.*s", r->c->dir, BYTES_FMT(val));
	r->c->text[id] = bytes_str(s);
}

static void
set_url(struct reading *r, enum conf_id id, struct bytes val)
{
	const char	*why = conf_url_read(r->a, val, &r->c->text[id]);

	if (why != NULL)
		fault(r, "%s: %s", conf_rows[id].name, why);
}

/* The next word of *rest, or an empty run at its end. */
static struct bytes
next_word(struct bytes *rest)
{
	size_t		from = 0, to;
	struct bytes	word;

	while (from < rest->len && (rest->p[from] == ' ' ||
	    rest->p[from] == '\t'))
		from++;
	for (to = from; to < rest->len; to++)
		if (rest->p[to] == ' ' || rest->p[to] == '\t')
			break;
	word = bytes_sub(*rest, from, to - from);
	*rest = bytes_from(*rest, to);
	return word;
}

static void
set_list(struct reading *r, enum conf_id id, struct bytes val)
{
	const struct conf_row	*row = &conf_rows[id];
	struct bytes		 word, rest = val;
	const char		*why;
	size_t			 n = 0;

	r->c->list[id] = arena_array(r->a, (size_t)row->max,
	    sizeof(*r->c->list[id]));
	for (word = next_word(&rest); word.len > 0; word = next_word(&rest)) {
		if (n == (size_t)row->max) {
			fault(r, "%s: at most %lld %s", row->name,
			    (long long)row->max, row->unit);
			return;
		}
		why = conf_url_read(r->a, word, &r->c->list[id][n]);
		if (why != NULL) {
			fault(r, "%s: %s", row->name, why);
			return;
		}
		n++;
	}
	r->c->n_list[id] = n;
}

/* "+hh:mm" as ISO 8601 has it, at most 14 hours. */
static bool
read_offset(struct bytes val, int64_t *minutes_out)
{
	uint64_t	h, m;

	if (val.len != 6 || (val.p[0] != '+' && val.p[0] != '-') ||
	    val.p[3] != ':' || !text_u64(bytes_sub(val, 1, 2), 14, &h) ||
	    !text_u64(bytes_from(val, 4), h == 14 ? 0 : 59, &m))
		return false;
	*minutes_out = (int64_t)(60 * h + m) * (val.p[0] == '-' ? -1 : 1);
	return true;
}

static void
set_offset(struct reading *r, enum conf_id id, struct bytes val)
{
	int64_t	minutes = 0;

	if (!bytes_is(val, "Z") && !read_offset(val, &minutes)) {
		fault(r, "%s: \"Z\" or an offset from UTC as in \"+01:00\" is "
		    "wanted, at most 14 hours", conf_rows[id].name);
		return;
	}
	r->c->num[id] = minutes;
	r->c->text[id] = bytes_of(arena_str(r->a, val), val.len);
}

static void
set(struct reading *r, enum conf_id id, struct bytes val)
{
	const struct conf_row	*row = &conf_rows[id];

	if (row->kind != CONF_NUM && row->kind != CONF_BOOL &&
	    row->kind != CONF_LIST && ((int64_t)val.len < row->min ||
	    (int64_t)val.len > row->max)) {
		fault(r, "%s: %lld to %lld bytes are wanted", row->name,
		    (long long)row->min, (long long)row->max);
		return;
	}
	switch (row->kind) {
	case CONF_NUM:
		set_num(r, id, val);
		break;
	case CONF_BOOL:
		set_bool(r, id, val);
		break;
	case CONF_TEXT:
		r->c->text[id] = bytes_of(arena_str(r->a, val), val.len);
		break;
	case CONF_PATH:
		set_path(r, id, val);
		break;
	case CONF_URL:
		set_url(r, id, val);
		break;
	case CONF_LIST:
		set_list(r, id, val);
		break;
	case CONF_OFFSET:
		set_offset(r, id, val);
		break;
	}
}

/* --- lines --- */

static struct bytes
trim(struct bytes b)
{
	size_t	from = 0;

	while (from < b.len && strchr(" \t\r", b.p[from]) != NULL)
		from++;
	b = bytes_from(b, from);
	while (b.len > 0 && strchr(" \t\r", b.p[b.len - 1]) != NULL)
		b.len--;
	return b;
}

static enum conf_id
find_key(struct bytes name)
{
	int	id;

	for (id = 0; id < CONF__MAX; id++)
		if (bytes_is(name, conf_rows[id].name))
			break;
	return (enum conf_id)id;
}

static void
unknown_key(struct reading *r, struct bytes name)
{
	const char	*names[CONF__MAX + 1], *near;
	int		 id;

	for (id = 0; id < CONF__MAX; id++)
		names[id] = conf_rows[id].name;
	names[CONF__MAX] = NULL;
	near = text_near(name, names);
	if (name.len > 64)
		name.len = 64;
	if (near != NULL)
		fault(r, "unknown key \"%.*s\"; did you mean \"%s\"?",
		    BYTES_FMT(name), near);
	else
		fault(r, "unknown key \"%.*s\"; tiphys.conf(5) has them all",
		    BYTES_FMT(name));
}

static void
read_line(struct reading *r, struct bytes line)
{
	struct bytes	name, val;
	enum conf_id	id;
	size_t		i;

	line = trim(line);
	if (line.len == 0 || line.p[0] == '#')
		return;
	for (i = 0; i < line.len; i++) {
		if ((line.p[i] < 0x20 && line.p[i] != '\t') ||
		    line.p[i] == 0x7f) {
			fault(r, "control characters have no place here");
			return;
		}
	}
	if (!bytes_cut(line, '=', &name, &val)) {
		fault(r, "\"key = value\" is wanted");
		return;
	}
	name = trim(name);
	val = trim(val);
	id = find_key(name);
	if (id == CONF__MAX) {
		unknown_key(r, name);
	} else if (r->c->given[id]) {
		fault(r, "%s stands here a second time", conf_rows[id].name);
	} else if (val.len == 0) {
		fault(r, "%s has no value; leave the line out instead",
		    conf_rows[id].name);
	} else {
		r->c->given[id] = true;
		r->at[id] = r->line;
		set(r, id, val);
	}
}

/* --- the whole --- */

static void
set_defaults(struct reading *r)
{
	int	id;

	for (id = 0; id < CONF__MAX; id++) {
		const struct conf_row	*row = &conf_rows[id];

		if (r->c->given[id])
			continue;
		if (row->def == NULL)
			fault(r, "%s is missing and has no default",
			    row->name);
		else if (row->def[0] != '\0')
			set(r, (enum conf_id)id, bytes_str(row->def));
	}
}

static void
check_url(struct reading *r, enum conf_id id)
{
	struct bytes	url = r->c->text[id];

	if (url.len == 0)
		return;
	if (conf_url_open(url) && r->c->num[CONF_TLS_FRONT] == 0)
		fault(r, "%s: https is wanted (plain http only on loopback, "
		    "or with \"tls-front = yes\" behind a TLS proxy)",
		    conf_rows[id].name);
	if (conf_url_sample(url))
		fault(r, "%s: this is a host of documentation; "
		    "put your own", conf_rows[id].name);
}

/* low must not be more than high, said of the line that came last. */
static void
check_order(struct reading *r, enum conf_id low, enum conf_id high)
{
	if (r->c->num[low] <= r->c->num[high])
		return;
	r->line = r->at[low] > r->at[high] ? r->at[low] : r->at[high];
	fault(r, "%s (%lld) is more than %s (%lld)", conf_rows[low].name,
	    (long long)r->c->num[low], conf_rows[high].name,
	    (long long)r->c->num[high]);
}

/* A page is in memory several times: found, written, indented. */
static void
check_memory(struct reading *r)
{
	const int64_t	*num = r->c->num;
	const unsigned	*at = r->at;

	if (num[CONF_MEM] / 4 >= num[CONF_PAGE_BYTES])
		return;
	r->line = at[CONF_MEM] > at[CONF_PAGE_BYTES] ? at[CONF_MEM] :
	    at[CONF_PAGE_BYTES];
	fault(r, "%s (%lld) is less than four times %s (%lld)",
	    conf_rows[CONF_MEM].name, (long long)num[CONF_MEM],
	    conf_rows[CONF_PAGE_BYTES].name,
	    (long long)num[CONF_PAGE_BYTES]);
}

enum err
conf_parse(struct arena *a, const char *name, const char *dir,
    struct bytes text, struct conf **conf_out, const char **why_out)
{
	struct conf	*c = arena_alloc(a, sizeof(*c));
	struct reading	 r = { .a = a, .c = c };
	struct bytes	 line;

	c->file = arena_str(a, bytes_str(name));
	c->dir = arena_str(a, bytes_str(dir));
	if (!text_utf8(text))
		fault(&r, "the file is not UTF-8");
	while (text.len > 0 && r.why == NULL) {
		(void)bytes_cut(text, '\n', &line, &text);
		r.line++;
		read_line(&r, line);
	}
	r.line = 0;
	set_defaults(&r);
	check_url(&r, CONF_BASE_URL);
	check_url(&r, CONF_ISSUER);
	check_order(&r, CONF_PAGE, CONF_PAGE_MAX);
	check_order(&r, CONF_MAP, CONF_MAP_MAX);
	check_memory(&r);
	if (r.why != NULL) {
		*why_out = r.why;
		return ERR_CONFIG;
	}
	*conf_out = c;
	return OK;
}

/* The open file whole; *why_out on error. */
static enum err
read_all(struct arena *a, int fd, const char *path, struct bytes *out,
    const char **why_out)
{
	struct stat	st;
	uint8_t		*p;
	size_t		 n = 0;
	ssize_t		 got;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		*why_out = arena_printf(a, "%s: not a regular file", path);
		return ERR_CONFIG;
	}
	if ((st.st_mode & S_IWOTH) != 0) {
		*why_out = arena_printf(a, "%s: everybody may write it; "
		    "chmod o-w", path);
		return ERR_CONFIG;
	}
	if (st.st_size > FILE_MAX) {
		*why_out = arena_printf(a, "%s: larger than %d bytes", path,
		    FILE_MAX);
		return ERR_CONFIG;
	}
	p = arena_alloc(a, (size_t)st.st_size);
	while (n < (size_t)st.st_size) {
		got = read(fd, p + n, (size_t)st.st_size - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (n != (size_t)st.st_size) {
		*why_out = arena_printf(a, "%s: cannot be read", path);
		return ERR_NOTFOUND;
	}
	*out = bytes_of(p, n);
	return OK;
}

enum err
conf_load(struct arena *a, const char *path, struct conf **conf_out,
    const char **why_out)
{
	struct bytes	 text = { .p = NULL };
	char		*real, *name, *dir;
	enum err	 e;
	int		 fd;

	if (path == NULL)
		path = secure_getenv("TIPHYS_CONFIG");
	if (path == NULL || path[0] == '\0')
		path = TIPHYS_CONF_DEFAULT;
	real = realpath(path, NULL);
	if (real == NULL) {
		*why_out = arena_printf(a, "%s: %s", path, strerror(errno));
		return ERR_NOTFOUND;
	}
	name = arena_str(a, bytes_str(real));
	dir = arena_str(a, bytes_str(real));
	free(real);
	if (strrchr(dir, '/') == dir)
		dir[1] = '\0';
	else
		*strrchr(dir, '/') = '\0';
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1) {
		*why_out = arena_printf(a, "%s: %s", name, strerror(errno));
		return ERR_NOTFOUND;
	}
	e = read_all(a, fd, name, &text, why_out);
	(void)close(fd);
	if (e != OK)
		return e;
	return conf_parse(a, name, dir, text, conf_out, why_out);
}

const char *
conf_below(struct arena *a, const struct conf *c, const char *name)
{
	return arena_printf(a, "%.*s/%s", BYTES_FMT(c->text[CONF_DATA_DIR]),
	    name);
}
