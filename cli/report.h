/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h -- what is wrong in a file, and where in it.  (L5)
 *
 *	FILE:LINE: error: entry[3]: PLACE: WHAT (RULE)
 *
 * A place of the scanner ("line 2, column 7") is counted from the start of
 * the resource; people want the line of the file.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "base/arena.h"
#include "base/bytes.h"

/* Where a resource stands, for people. */
struct report_at {
	const char	*file;
	uint64_t	 line;		/* of its first byte */
	size_t		 column;	/* bytes before it on that line */
	int64_t		 entry;		/* of a Bundle, or -1 */
};

struct report {
	bool		 json;
	const char	*lead;		/* before it, but in JSON: "tiphys: " */
	const char	*kind;		/* "error"; in JSON the member */
	bool		 quiet_kind;	/* not said in text */
	const char	*code;		/* issue-type, JSON alone; or NULL */
	const char	*place, *rule;	/* or NULL */
	const char	*what;
};

/* Behind offset bytes of the text that begins at base. */
struct report_at	report_place(const struct report_at *base,
			    struct bytes text, size_t offset);

/* One line; no control byte of a name reaches a terminal. */
void	report_line(FILE *f, struct arena *a, const struct report *r,
	    const struct report_at *at);

#endif
