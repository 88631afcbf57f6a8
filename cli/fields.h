/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h -- a struct as columns: one table for heading and cells.  (L5)
 *
 * A field names a column and says what makes its cell out of a member, so
 * that no list of headings can disagree with a list of cells.  For records of
 * fixed fields; what is put together by hand uses out.h itself.
 */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

#include <stddef.h>

#include "cli/out.h"

typedef void field_fn(struct out *o, const void *member);

struct field {
	const char	*name;		/* as in struct out_col */
	enum out_kind	 kind;
	field_fn	*cell;		/* adds exactly one cell */
	size_t		 at;		/* of the member; 0 may be the whole
					 * struct, for more than one of them */
};

#define FIELD(name, kind, cell, type, member)				      \
	{ name, kind, cell, offsetof(type, member) }
#define FIELD_TEXT(name, type, member)	/* struct bytes */		      \
	FIELD(name, OUT_TEXT, field_text, type, member)
#define FIELD_BOOL(name, type, member)	/* bool */			      \
	FIELD(name, OUT_BOOL, field_bool, type, member)
#define FIELD_TIME(name, type, member)	/* struct instant; 0: "" */	      \
	FIELD(name, OUT_TEXT, field_time, type, member)
#define FIELD_UINT(name, type, member)	/* unsigned, uint32_t */	      \
	FIELD(name, OUT_NUM, field_uint, type, member)

field_fn	field_text, field_bool, field_time, field_uint;

/* A table: fields_row for each, then out_end. */
void		fields_table(struct out *o, const struct field *f, size_t n);
void		fields_row(struct out *o, const struct field *f, size_t n,
		    const void *record);
/* One record, from beginning to end. */
void		fields_record(struct out *o, const struct field *f, size_t n,
		    const void *record);

#endif
