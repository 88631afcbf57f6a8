/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h -- how a long command is getting on, on standard error.  (L5)
 *
 * On a terminal one line that is written over: a bar, count, rate, bytes,
 * time left, errors.  Elsewhere one line per thousand.  With --json nothing.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct progress {
	bool		 tty, off;
	const char	*what;		/* "resources" */
	int64_t		 began, shown;	/* clock_mono */
	uint64_t	 next;		/* count of the next line */
	uint64_t	 first;		/* work done before we began */
	bool		 dirty;		/* a bar stands on the line */
};

/* All of it at one moment. */
struct progress_at {
	uint64_t	count, errors;
	uint64_t	done, of;	/* work, in the unit of the bar; of 0:
					 * unknown */
	bool		bytes;		/* the unit is bytes */
};

struct progress	progress_start(const char *what, bool off);

/* Cheap: shows at most five times a second, or once per thousand. */
void		progress_tick(struct progress *p,
		    const struct progress_at *at);

/* Take the bar away, before something else is written. */
void		progress_clear(struct progress *p);

#endif
