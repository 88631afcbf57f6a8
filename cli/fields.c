/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.c -- columns of a struct, by a table of its members.  (L5)
 */
#include "cli/fields.h"

#include "base/clock.h"

void
field_text(struct out *o, const void *member)
{
	const struct bytes *text = member;

	out_cell(o, *text);
}

void
field_bool(struct out *o, const void *member)
{
	const bool *v = member;

	out_bool(o, *v);
}

void
field_time(struct out *o, const void *member)
{
	const struct instant *t = member;
	char text[INSTANT_LEN];

	if (t->ms == 0) {
		out_str(o, "");
		return;
	}
	clock_iso(*t, text);
	out_cell(o, bytes_of(text, sizeof text));
}

void
field_uint(struct out *o, const void *member)
{
	const unsigned *v = member;

	out_num(o, *v);
}

static const struct out_col *
columns(struct out *o, const struct field *f, size_t n)
{
	struct out_col *col = arena_array(o->arena, n, sizeof *col);
	size_t i;

	for (i = 0; i < n; i++)
		col[i] = (struct out_col){ f[i].name, f[i].kind };
	return col;
}

void
fields_table(struct out *o, const struct field *f, size_t n)
{
	out_table(o, columns(o, f, n), n);
}

void
fields_row(struct out *o, const struct field *f, size_t n,
    const void *record)
{
	size_t i;

	for (i = 0; i < n; i++)
		f[i].cell(o, (const uint8_t *)record + f[i].at);
}

void
fields_record(struct out *o, const struct field *f, size_t n,
    const void *record)
{
	out_record(o, columns(o, f, n), n);
	fields_row(o, f, n, record);
	out_end(o);
}
