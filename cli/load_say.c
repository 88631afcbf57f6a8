/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_say.c -- what tiphys load refused, and the sum.  (L5)
 *
 *	tiphys: FILE:LINE: entry[3]: PLACE: WHAT (RULE)
 *
 * A place of the scanner ("line 2, column 7") is counted from the start of
 * the resource; people want the line of the file.
 */
#include "cli/load.h"

#include <inttypes.h>

#include "base/text.h"

#define SAY_MAX		((size_t)65536)	/* one report, bytes */

/* --- where -------------------------------------------------------------- */

static bool
take(struct bytes *t, const char *word)
{
	if (!bytes_starts(*t, bytes_str(word)))
		return false;
	*t = bytes_from(*t, strlen(word));
	return true;
}

/*
 * "line L, column C" of the resource as line of the file, and what is left
 * of the place as text.
 */
static const char *
resolve(struct arena *a, const struct load_at *at, const char *place,
    uint64_t *line_out)
{
	struct bytes t = bytes_str(place), word;
	uint64_t line, column;

	*line_out = at->line;
	if (place == NULL || !take(&t, "line ") ||
	    !bytes_cut(t, ',', &word, &t) ||
	    !text_u64(word, UINT32_MAX, &line) || !take(&t, " column ") ||
	    !text_u64(t, UINT32_MAX, &column))
		return place;
	*line_out = at->line + line - 1;
	if (line == 1)
		column += at->column;
	return arena_printf(a, "column %" PRIu64, column);
}

/* --- one report --------------------------------------------------------- */

static void
member(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, bytes_str(text));
}

static void
say_json(struct buf *b, const char *kind, const struct load_at *at,
    uint64_t line, const char *place, const char *rule, const char *what)
{
	buf_printf(b, "{\"%s\":{\"line\":%" PRIu64, kind, line);
	member(b, "file", at->file);
	if (at->entry >= 0)
		buf_printf(b, ",\"entry\":%" PRId64, at->entry);
	member(b, "place", place);
	member(b, "rule", rule);
	member(b, "what", what);
	buf_str(b, "}}");
}

static void
say_text(struct buf *b, const char *kind, const struct load_at *at,
    uint64_t line, const char *place, const char *rule, const char *what)
{
	buf_printf(b, "tiphys: %s:%" PRIu64 ": ", at->file, line);
	if (*kind == 'w')
		buf_str(b, "warning: ");
	if (at->entry >= 0)
		buf_printf(b, "entry[%" PRId64 "]: ", at->entry);
	if (place != NULL)
		buf_printf(b, "%s: ", place);
	buf_str(b, what);
	if (rule != NULL)
		buf_printf(b, " (%s)", rule);
}

/*
 * One line, without its end: file names come from outside, and no control
 * byte of one reaches a terminal.
 */
static void
put_line(FILE *f, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		putc(text.p[i] < 0x20 || text.p[i] == 0x7F ? '?' :
		    text.p[i], f);
	putc('\n', f);
}

static void
say(struct load *l, const char *kind, const struct load_at *at,
    const char *place, const char *rule, const char *what)
{
	struct buf b = buf_on(l->arena, SAY_MAX);
	struct bytes text;
	uint64_t line;

	place = resolve(l->arena, at, place, &line);
	if (l->c->out.json)
		say_json(&b, kind, at, line, place, rule, what);
	else
		say_text(&b, kind, at, line, place, rule, what);
	if (buf_end(&b, &text) != OK)
		return;
	progress_clear(&l->progress);
	put_line(l->c->out.json ? l->c->out.f : stderr, text);
}

/* --- rejects ------------------------------------------------------------ */

/* On one line: a line end can only stand between the tokens. */
static void
keep(FILE *f, struct bytes text)
{
	size_t i;

	if (f == NULL || text.len == 0)
		return;
	for (i = 0; i < text.len; i++)
		putc(text.p[i] == '\n' || text.p[i] == '\r' ? ' ' :
		    text.p[i], f);
	putc('\n', f);
}

void
load_reject(struct load *l, const struct load_at *at, struct bytes text,
    enum err err, const struct issues *is)
{
	const struct issue *i;
	bool said = false;

	for (i = is->first; i != NULL; i = i->next) {
		if (i->severity != SEV_ERROR)
			continue;
		say(l, "reject", at, i->place, i->rule, i->text);
		said = true;
	}
	if (!said)
		say(l, "reject", at, NULL, NULL, err_text(err));
	keep(l->rejects, text);
	l->rejected++;
}

void
load_warn(struct load *l, const struct load_at *at, const struct issues *is)
{
	const struct issue *i;

	for (i = is->first; i != NULL; i = i->next) {
		l->warned++;
		if (l->verbose)
			say(l, "warning", at, i->place, i->rule, i->text);
	}
}

/* --- the sum ------------------------------------------------------------ */

void
load_summary(struct load *l, bool partly)
{
	static const char *const name[] = { "created", "updated",
	    "unchanged", "rejected", "warnings" };
	const uint64_t v[] = { l->created, l->updated, l->same, l->rejected,
	    l->warned };
	FILE *f = l->c->out.f;
	size_t i;

	progress_clear(&l->progress);
	if (!l->c->out.json) {
		for (i = 0; i < N_ELEM(v); i++)
			fprintf(f, "%s%" PRIu64 " %s", i > 0 ? ", " : "",
			    v[i], name[i]);
		fputs(partly ? "; not all\n" : "\n", f);
		return;
	}
	fputs("{\"summary\":{", f);
	for (i = 0; i < N_ELEM(v); i++)
		fprintf(f, "\"%s\":%" PRIu64 ",", name[i], v[i]);
	fprintf(f, "\"complete\":%s}}\n", partly ? "false" : "true");
}
