/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c -- tiphys load: records from files into the store.  (L5)
 *
 * Each resource is judged by itself and written with some hundred others in
 * one durable transaction, together with how far the load has come.  A bad
 * one is reported and never stops the rest.
 *
 * Root opens all inputs first and then becomes the owner of the data for
 * good: what a stranger's file holds is never parsed as root.  Anyone else
 * opens one file at a time.
 *
 * SIGINT and SIGTERM are blocked and come by a descriptor, so that they are
 * heard between two resources and while we wait for input, and nowhere else.
 */
#include "cli/load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/split.h"

#define BATCH		500	/* resources of a change-set */
#define BATCH_MOST	10000	/* and by default with --alone */
#define VALUE_FACTOR	64	/* a line or Bundle may have so many times
				 * resource-bytes */

static const struct cli_opt load_options[] = {
	{ "rejects", 'r', "FILE", "write what was refused here, as NDJSON" },
	{ "resume", 0, NULL, "go on where the same load was stopped" },
	{ "batch", 0, "N", "resources of a transaction at most (500)" },
	{ "alone", 0, NULL, "nobody else writes: take 10000 at a time" },
	{ "validate", 0, NULL, "refuse what breaks the rules of FHIR" },
	{ "report", 0, NULL, "tell what breaks them, and load it" },
	{ "bundles", 0, NULL, "store Bundles as they are, do not unpack "
	    "them" },
	{ "verbose", 'v', NULL, "show the warnings, too" },
	{ NULL, 0, NULL, NULL }
};

/* --- values ------------------------------------------------------------- */

static bool
stopped(const struct load *l)
{
	struct pollfd p = { .fd = l->stop_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
tick(struct load *l)
{
	const struct progress_at at = {
	    .count = l->created + l->updated + l->same + l->n + l->rejected,
	    .errors = l->rejected, .done = l->before + input_read(l->now),
	    .of = l->in.bytes, .bytes = true };

	progress_tick(&l->progress, &at);
}

/* Write where it is time to; the mark stands behind what was added. */
static enum err
step(struct load *l)
{
	enum err e = load_due(l) ? load_flush(l) : OK;

	tick(l);
	return e == OK && stopped(l) ? ERR_BUSY : e;
}

static enum err
add_entries(struct load *l, struct split *s, const struct report_at *base)
{
	struct issues is = issues_on(l->c->arena);
	struct split_entry entry;
	struct report_at at = *base;
	size_t seen = 0;
	enum err e = OK;

	while (e == OK && split_next(s, &entry)) {
		if (entry.number < l->mark.entry)
			continue;
		/* From entry to entry, so that lines are counted once. */
		at = report_place(&at, bytes_from(s->text, seen),
		    entry.at - seen);
		seen = entry.at;
		at.entry = (int64_t)entry.number;
		l->mark.entry = entry.number + 1;
		if (entry.resource.len > 0) {
			struct report_at in = report_place(&at,
			    bytes_from(s->text, seen),
			    (size_t)(entry.resource.p - s->text.p) - seen);

			e = load_add(l, entry.resource, &in);
		} else {
			is = issues_on(l->arena);
			issue_add(&is, ERR_VALUE, NULL, "resource",
			    "the entry has no resource; only resources "
			    "can be loaded");
			load_reject(l, &at, entry.resource, ERR_VALUE, &is);
		}
		if (e == OK)
			e = step(l);
	}
	return e;
}

/* A value that is refused whole. */
static void
refuse(struct load *l, const struct input_value *v, const struct report_at *at,
    enum err err, const char *place_text, const char *what)
{
	struct issues is = issues_on(l->arena);

	issue_add(&is, err, err == ERR_TOOBIG ? "resource-bytes" :
	    "json-syntax", place_text, "%s", what);
	load_reject(l, at, v->text, err, &is);
}

static enum err
add_value(struct load *l, const struct input_value *v, const char *file)
{
	const struct report_at base = { .file = file, .line = v->line,
	    .column = v->column, .entry = -1 };
	struct report_at at;
	struct split s;

	if (v->too_long) {
		refuse(l, v, &base, ERR_TOOBIG, NULL, arena_printf(l->arena,
		    "longer than %zu bytes; cut it into smaller Bundles or "
		    "single resources", VALUE_FACTOR * l->lim.bytes));
		return OK;
	}
	s = split_open(v->text, l->keep_bundles);
	if (s.fault != NULL && (!s.whole || v->text.len > l->lim.bytes)) {
		at = report_place(&base, v->text, s.fault_at);
		at.entry = s.whole ? -1 : (int64_t)s.entry - 1;
		refuse(l, v, &at, ERR_SYNTAX, arena_printf(l->arena,
		    "line 1, column 1"), s.fault);
		return OK;
	}
	if (s.whole)
		return load_add(l, v->text, &base);
	return add_entries(l, &s, &base);
}

/* --- files -------------------------------------------------------------- */

/* A file that cannot be read to its end does not stop the others. */
static enum err
load_values(struct load *l, const char *name)
{
	struct input_value v;
	const char *why = NULL;
	enum err e;

	for (;;) {
		e = input_next(l->now, &v, &why);
		if (e == ERR_NOTFOUND)
			return OK;
		if (e == ERR_STORE) {
			progress_clear(&l->progress);
			l->failed = cli_fail(l->c, e, name, why, NULL);
			return OK;
		}
		if (e != OK)
			return e;
		if (v.offset != l->mark.offset)
			l->mark.entry = 0;
		l->mark.offset = v.offset;
		l->mark.line = v.line;
		e = add_value(l, &v, name);
		if (e != OK)
			return e;
		/* Behind it: the next value begins there or later. */
		l->mark.offset = v.after;
		l->mark.line = v.line_after;
		l->mark.entry = 0;
		e = step(l);
		if (e != OK)
			return e;
	}
}

static enum err
load_file(struct load *l, struct input_file *f)
{
	size_t max = VALUE_FACTOR * l->lim.bytes;
	const char *name = strcmp(f->name, "-") == 0 ? "standard input" :
	    f->name;
	enum err e;

	e = input_open(l->c, f, max, l->stop_fd, &l->now);
	if (e == ERR_BUSY)
		return e;
	if (e != OK) {
		l->failed = e;
		return OK;
	}
	e = input_skip(l->now, l->mark.offset, l->mark.line);
	if (e == OK)
		e = load_values(l, name);
	else
		e = cli_fail(l->c, e, name, "is shorter than when it was "
		    "loaded", "load it without --resume");
	input_close(l->now);
	return e;
}

static enum err
load_files(struct load *l)
{
	size_t i, first = (size_t)l->mark.file;
	enum err e = OK;

	for (i = 0; i < l->in.n && e == OK; i++) {
		if (i >= first) {
			if (i > first)
				l->mark.offset = l->mark.entry = 0;
			if (i > first)
				l->mark.line = 1;
			l->mark.file = i;
			e = load_file(l, &l->in.file[i]);
		}
		l->before += l->in.file[i].size;
	}
	return e;
}

/* --- the stage ---------------------------------------------------------- */

static enum err
open_rejects(struct load *l)
{
	const char *path = cli_value(l->c, "rejects", NULL);
	struct stat st;
	size_t i;
	int fd;

	if (path == NULL)
		return OK;
	/* Records of people: nobody else's to read. */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st) != 0)
		return cli_fail(l->c, ERR_USAGE, path, strerror(errno),
		    NULL);
	for (i = 0; i < l->in.n; i++)
		if (l->in.file[i].dev == st.st_dev &&
		    l->in.file[i].ino == st.st_ino)
			return cli_fail(l->c, ERR_USAGE, path,
			    "is to be loaded itself",
			    "give --rejects another name");
	l->rejects = fdopen(fd, "w");
	return OK;
}

/* What was refused behind the mark will be met again. */
static enum err
seat_rejects(struct load *l)
{
	int fd;
	off_t len = (off_t)l->mark.rejects;
	struct stat st;

	if (l->rejects == NULL)
		return OK;
	fd = fileno(l->rejects);
	if (fstat(fd, &st) == 0 && st.st_size < len)
		len = st.st_size;
	if ((S_ISREG(st.st_mode) && ftruncate(fd, len) != 0) ||
	    (len > 0 && fseeko(l->rejects, len, SEEK_SET) != 0))
		return cli_fail(l->c, ERR_STORE, "--rejects",
		    strerror(errno), NULL);
	return OK;
}

static enum err
listen_for_stop(struct load *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return ERR_BUG;
	l->stop_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return l->stop_fd < 0 ? ERR_BUG : OK;
}

/* Will root be somebody else, who may not open what root can? */
static bool
will_drop(const char *dir)
{
	struct stat st;

	return geteuid() == 0 && stat(dir, &st) == 0 && st.st_uid != 0;
}

/* Files of the caller first, then the store as its owner. */
static enum err
prepare(struct load *l)
{
	const struct conf *conf = l->c->conf;
	const char *dir = (const char *)conf->text[CONF_DATA_DIR].p;
	const char *why = NULL;
	int64_t n = l->alone ? BATCH_MOST : BATCH;
	enum err e;

	e = cli_number(l->c, "batch", 1, BATCH_MOST, &n);
	if (e == OK)
		e = input_find(l->c, &l->in);
	if (e == OK && will_drop(dir))
		e = input_open_all(l->c, &l->in);
	if (e == OK)
		e = open_rejects(l);
	if (e == OK)
		e = cli_drop(l->c, dir);
	if (e != OK)
		return e;
	l->n_max = l->n_now = (size_t)n;
	e = store_open(l->c->arena, conf, STORE_WRITE, &l->store, &why);
	if (e != OK)
		return cli_fail(l->c, e, NULL, why != NULL ? why :
		    err_text(e), NULL);
	return OK;
}

static enum err
find_mark(struct load *l)
{
	struct load_mark m;
	enum err e;

	l->mark = (struct load_mark){ .line = 1 };
	load_note_name(l);
	if (!cli_flag(l->c, "resume"))
		return OK;
	e = load_note_read(l, &m);
	if (e == OK && !m.done)
		l->mark = m;
	if (e == OK && m.done)
		fputs("tiphys: this load was complete; once more from the "
		    "beginning\n", stderr);
	if (e == ERR_NOTFOUND)
		fputs("tiphys: nothing to resume: no such load of these "
		    "files as they are; from the beginning\n", stderr);
	if (e != OK && e != ERR_NOTFOUND)
		return cli_fail(l->c, e, "store", err_text(e), NULL);
	return OK;
}

/* --- the command -------------------------------------------------------- */

static enum err
finish(struct load *l, enum err e)
{
	bool stop = e == ERR_BUSY;

	if (e == OK || stop) {
		l->mark.done = !stop;
		e = load_flush(l);
	}
	load_summary(l, e != OK || stop || l->failed != OK);
	if (e == OK && stop)
		return cli_fail(l->c, ERR_BUSY, NULL, "stopped",
		    "the same command with --resume goes on from here");
	if (e == OK && l->rejected > 0)
		l->c->status = 1;
	return e == OK ? l->failed : e;
}

static enum err
load(struct cli *c)
{
	const struct conf *conf = c->conf;
	struct load l = { .c = c,
	    .urls = prim_urls(conf),
	    .lim = { .bytes = (size_t)conf->num[CONF_RESOURCE],
		.depth = (size_t)conf->num[CONF_JSON_DEPTH],
		.tokens = (size_t)conf->num[CONF_JSON_TOKENS] },
	    .verbose = cli_flag(c, "verbose"),
	    .validate = cli_flag(c, "validate"),
	    .report = cli_flag(c, "report"),
	    .alone = cli_flag(c, "alone"),
	    .keep_bundles = cli_flag(c, "bundles") };
	enum err e;

	l.x.urls = &l.urls;
	l.x.zone = (int)conf->num[CONF_ZONE];
	if (sodium_init() < 0)
		return cli_fail(c, ERR_CONFIG, NULL,
		    "libsodium cannot start", NULL);
	e = prepare(&l);
	if (e == OK)
		e = find_mark(&l);
	if (e == OK)
		e = seat_rejects(&l);
	if (e == OK)
		e = listen_for_stop(&l);
	if (e != OK)
		return e;
	l.arena = arena_new(0);
	l.progress = progress_start("resources", c->out.json);
	e = finish(&l, load_files(&l));
	if (l.rejects != NULL && fclose(l.rejects) != 0 && e == OK)
		e = cli_fail(c, ERR_FULL, "--rejects", "was not written",
		    NULL);
	arena_free(&l.arena);
	return e;
}

const struct cli_cmd cmd_load = {
	.name = "load",
	.operands = "PATH...",
	.min = 1,
	.max = -1,
	.flags = CLI_LATE_DROP,
	.opt = load_options,
	.run = load,
	.help = "Put records from files into the store",
};
