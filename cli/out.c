/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out.c -- tables, records and JSON lines on standard output.  (L5)
 *
 * Rows into a pipe or as JSON are written as soon as they are complete; a
 * table on a terminal is kept until its end, for the widths.
 */
#include "cli/out.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/text.h"

#define GAP		2		/* columns between columns */
#define LINE_MAX_B	((size_t)1 << 20)	/* one JSON line, bytes */

struct out
out_on(FILE *f, struct arena *a, bool json)
{
	return (struct out){ .f = f, .arena = a, .json = json,
	    .tty = !json && isatty(fileno(f)) == 1 };
}

static void
begin(struct out *o, const struct out_col *col, size_t n, bool record)
{
	o->col = col;
	o->n_col = n;
	o->record = record;
	o->cell = NULL;
	o->n_cell = o->cap = 0;
}

void
out_table(struct out *o, const struct out_col *col, size_t n)
{
	begin(o, col, n, false);
}

void
out_record(struct out *o, const struct out_col *col, size_t n)
{
	begin(o, col, n, true);
}

/* Screen columns: every byte but the continuation bytes of UTF-8. */
static size_t
width(struct bytes text)
{
	size_t i, n = 0;

	for (i = 0; i < text.len; i++)
		n += (text.p[i] & 0xC0) != 0x80;
	return n;
}

static void
put_clean(FILE *f, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.p[i] < 0x20 || text.p[i] == 0x7F)
			putc('?', f);
		else
			putc(text.p[i], f);
	}
}

static void
put_padded(FILE *f, struct bytes text, size_t to)
{
	size_t n = width(text);

	put_clean(f, text);
	for (; n < to; n++)
		putc(' ', f);
}

static void
json_list(struct buf *b, struct bytes words)
{
	struct bytes word;
	const char *sep = "[";

	while (words.len > 0) {
		bytes_cut(words, ' ', &word, &words);
		buf_str(b, sep);
		buf_json(b, word);
		sep = ",";
	}
	buf_str(b, "]");
}

static void
json_member(struct buf *b, const struct out_col *col, struct bytes cell)
{
	if (b->len > 1)
		buf_str(b, ",");
	buf_json(b, bytes_str(col->name));
	buf_str(b, ":");
	if (col->kind == OUT_TEXT)
		buf_json(b, cell);
	else if (col->kind == OUT_LIST)
		json_list(b, cell);
	else
		buf_add(b, cell);
}

static void
put_json(struct out *o, const struct bytes *cell)
{
	struct buf b = buf_on(o->arena, LINE_MAX_B);
	struct bytes line;
	size_t i;

	buf_str(&b, "{");
	for (i = 0; i < o->n_col; i++)
		if (cell[i].len > 0)
			json_member(&b, &o->col[i], cell[i]);
	buf_str(&b, "}\n");
	if (buf_end(&b, &line) == OK)
		fwrite(line.p, 1, line.len, o->f);
}

static void
put_tabs(struct out *o, const struct bytes *cell)
{
	size_t i;

	for (i = 0; i < o->n_col; i++) {
		if (i > 0)
			putc('\t', o->f);
		put_clean(o->f, cell[i]);
	}
	putc('\n', o->f);
}

/* Streaming shapes need no more memory than one row. */
static bool
streams(const struct out *o)
{
	return o->json || (!o->tty && !o->record);
}

static void
grow(struct out *o)
{
	struct bytes *old = o->cell;
	size_t cap = o->cap == 0 ? 4 * o->n_col : 2 * o->cap;

	o->cell = arena_array(o->arena, cap, sizeof *o->cell);
	if (o->n_cell > 0)
		memcpy(o->cell, old, o->n_cell * sizeof *old);
	o->cap = cap;
}

void
out_cell(struct out *o, struct bytes text)
{
	if (o->n_cell == o->cap)
		grow(o);
	o->cell[o->n_cell++] = arena_copy(o->arena, text);
	if (!streams(o) || o->n_cell < o->n_col)
		return;
	if (o->json)
		put_json(o, o->cell);
	else
		put_tabs(o, o->cell);
	o->n_cell = 0;
}

void
out_str(struct out *o, const char *s)
{
	out_cell(o, bytes_str(s));
}

void
out_num(struct out *o, int64_t v)
{
	out_str(o, arena_printf(o->arena, "%" PRId64, v));
}

void
out_bool(struct out *o, bool v)
{
	if (o->json)
		out_str(o, v ? "true" : "false");
	else
		out_str(o, v ? "yes" : "no");
}

static void
put_record(struct out *o)
{
	size_t i, w = 0;

	for (i = 0; i < o->n_cell; i++)
		if (strlen(o->col[i].name) > w)
			w = strlen(o->col[i].name);
	for (i = 0; i < o->n_cell; i++) {
		if (o->cell[i].len == 0)
			continue;
		if (o->tty) {
			put_padded(o->f, bytes_str(o->col[i].name), w + GAP);
		} else {
			fputs(o->col[i].name, o->f);
			putc('\t', o->f);
		}
		put_clean(o->f, o->cell[i]);
		putc('\n', o->f);
	}
}

static void
put_table(struct out *o)
{
	size_t *w = arena_array(o->arena, o->n_col, sizeof *w);
	size_t i, c;

	for (c = 0; c < o->n_col; c++)
		w[c] = strlen(o->col[c].name);
	for (i = 0; i < o->n_cell; i++)
		if (width(o->cell[i]) > w[i % o->n_col])
			w[i % o->n_col] = width(o->cell[i]);
	for (c = 0; c < o->n_col; c++)
		put_padded(o->f, bytes_str(o->col[c].name),
		    c + 1 < o->n_col ? w[c] + GAP : 0);
	putc('\n', o->f);
	for (i = 0; i < o->n_cell; i++) {
		c = i % o->n_col;
		put_padded(o->f, o->cell[i],
		    c + 1 < o->n_col ? w[c] + GAP : 0);
		if (c + 1 == o->n_col)
			putc('\n', o->f);
	}
}

void
out_end(struct out *o)
{
	if (streams(o))
		return;
	if (o->record)
		put_record(o);
	else
		put_table(o);
	o->n_cell = 0;
}

void
out_line(struct out *o, const char *name, struct bytes text)
{
	const struct out_col col = { name, OUT_TEXT };

	if (o->json) {
		out_record(o, &col, 1);
		out_cell(o, text);
		out_end(o);
		return;
	}
	put_clean(o->f, text);
	putc('\n', o->f);
}

bool
out_flush(struct out *o)
{
	return fflush(o->f) == 0 && ferror(o->f) == 0;
}
