/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.c -- what is wrong in a file, and where in it.  (L5)
 */
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define REPORT_MAX	((size_t)65536)	/* bytes of one line */

/* --- where -------------------------------------------------------------- */

struct report_at
report_place(const struct report_at *base, struct bytes text, size_t offset)
{
	const uint8_t *p = text.p, *end = text.p + offset, *nl;
	struct report_at at = *base;

	for (nl = memchr(p, '\n', offset); nl != NULL;
	    nl = memchr(p, '\n', (size_t)(end - p))) {
		at.line++;
		at.column = 0;
		p = nl + 1;
	}
	at.column += (size_t)(end - p);
	return at;
}

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
resolve(struct arena *a, const struct report_at *at, const char *place,
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

/* --- one line ----------------------------------------------------------- */

static void
member(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, bytes_str(text));
}

static void
put_json(struct buf *b, const struct report *r, const struct report_at *at,
    uint64_t line, const char *place)
{
	buf_printf(b, "{\"%s\":{\"line\":%" PRIu64, r->kind, line);
	member(b, "file", at->file);
	if (at->entry >= 0)
		buf_printf(b, ",\"entry\":%" PRId64, at->entry);
	member(b, "place", place);
	member(b, "rule", r->rule);
	member(b, "code", r->code);
	member(b, "what", r->what);
	buf_str(b, "}}");
}

static void
put_text(struct buf *b, const struct report *r, const struct report_at *at,
    uint64_t line, const char *place)
{
	buf_printf(b, "%s%s:%" PRIu64 ": ", r->lead, at->file, line);
	if (!r->quiet_kind)
		buf_printf(b, "%s: ", r->kind);
	if (at->entry >= 0)
		buf_printf(b, "entry[%" PRId64 "]: ", at->entry);
	if (place != NULL)
		buf_printf(b, "%s: ", place);
	buf_str(b, r->what);
	if (r->rule != NULL)
		buf_printf(b, " (%s)", r->rule);
}

void
report_line(FILE *f, struct arena *a, const struct report *r,
    const struct report_at *at)
{
	struct buf b = buf_on(a, REPORT_MAX);
	struct bytes text;
	uint64_t line;
	const char *place = resolve(a, at, r->place, &line);
	size_t i;

	if (r->json)
		put_json(&b, r, at, line, place);
	else
		put_text(&b, r, at, line, place);
	if (buf_end(&b, &text) != OK)
		return;
	for (i = 0; i < text.len; i++)
		putc(text.p[i] < 0x20 || text.p[i] == 0x7F ? '?' :
		    text.p[i], f);
	putc('\n', f);
}
