/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out.h -- what a command prints, in three shapes.  (L5)
 *
 * On a terminal a table with aligned columns and a heading; into a pipe one
 * line a row with tabs between and no heading; with --json one object a
 * line.  Control characters of a value never reach a terminal or break a
 * line: outside JSON each is shown as "?".
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* OUT_LIST: words with one space between; in JSON an array of strings. */
enum out_kind { OUT_TEXT, OUT_NUM, OUT_BOOL, OUT_LIST };

struct out_col {
	const char	*name;		/* heading, and member in JSON */
	enum out_kind	 kind;
};

struct out {
	FILE			*f;
	struct arena		*arena;
	bool			 json, tty;
	bool			 record;	/* name and value on a line */
	const struct out_col	*col;
	size_t			 n_col;
	struct bytes		*cell;		/* n_cell of them */
	size_t			 n_cell, cap;
};

struct out	out_on(FILE *f, struct arena *a, bool json);

/* A table: then for each row n_col cells, then out_end. */
void		out_table(struct out *o, const struct out_col *col, size_t n);

/* One object, shown as lines "name value": n cells, then out_end. */
void		out_record(struct out *o, const struct out_col *col,
		    size_t n);

/* The next cell; texts are copied.  Empty: a member of JSON left out. */
void		out_cell(struct out *o, struct bytes text);
void		out_str(struct out *o, const char *s);
void		out_num(struct out *o, int64_t v);
void		out_bool(struct out *o, bool v);

void		out_end(struct out *o);

/* One line as it is (a token), or with --json an object of one member. */
void		out_line(struct out *o, const char *name, struct bytes text);

/* Has everything reached the file?  false: a full disk, a closed pipe. */
bool		out_flush(struct out *o);

#endif
