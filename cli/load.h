/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h -- what the files of tiphys load share.  (L5)
 *
 * load.c reads the inputs, load_batch.c makes change-sets of resources,
 * load_note.c keeps how far we are, load_say.c reports what was refused,
 * progress.c how it goes.
 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "store/maint.h"

/* How far the load has come: what follows was not looked at yet. */
struct load_mark {
	uint64_t	 file;		/* index of the input */
	uint64_t	 offset, line;	/* of a value in it */
	uint64_t	 entry;		/* of that value, a Bundle */
	uint64_t	 rejects;	/* bytes of the file of rejects */
	bool		 done;
};

/* One resource on its way into the store. */
struct load_item {
	struct report_at	at;
	struct bytes	text;		/* as it stood in the file */
};

struct load {
	struct cli		*c;
	struct store		*store;
	struct extract		 x;
	struct base_urls	 urls;
	struct json_limits	 lim;
	struct input_list	 in;
	bool			 verbose, keep_bundles;
	bool			 validate, report; /* report: but load it */
	bool			 alone;		/* nobody waits to write */
	int			 stop_fd;	/* readable: stop */
	struct input		*now;		/* the file being read */
	uint64_t		 before;	/* bytes of those before it */
	/* the change-set in the making */
	struct arena		*arena;
	struct change		*change;
	struct load_item	*item;
	size_t			 n, bytes;
	size_t			 n_max;		/* of --batch */
	size_t			 n_now;		/* so that it takes LOCK_US */
	/* how far */
	struct load_mark	 mark;
	struct bytes		 note;		/* its name in the store */
	FILE			*rejects;	/* or NULL */
	/* what became of them */
	enum err		 failed;	/* of the last input that was
						 * not read whole */
	uint64_t		 created, updated, same, rejected, warned;
	struct progress		 progress;
};

/* --- load_batch.c ------------------------------------------------------- */

/*
 * Judge a resource and queue it; a bad one is reported and let be.
 * err	of the store: ERR_FULL, ERR_STORE ... said on standard error
 */
enum err	load_add(struct load *l, struct bytes text,
		    const struct report_at *at) NODISCARD;

/* Is it time to write what is queued? */
bool		load_due(const struct load *l);

/* Write what is queued, and mark how far we are, in one transaction. */
enum err	load_flush(struct load *l) NODISCARD;

/* --- load_note.c -------------------------------------------------------- */

/* The name of the note: these inputs, as they are now. */
void		load_note_name(struct load *l);
struct bytes	load_note_write(struct arena *a, const struct load_mark *m);

/* err ERR_NOTFOUND  there is none */
enum err	load_note_read(struct load *l, struct load_mark *out)
		    NODISCARD;

/* --- load_say.c --------------------------------------------------------- */

/* Every error among the issues, and the text into the file of rejects. */
void		load_reject(struct load *l, const struct report_at *at,
		    struct bytes text, enum err err,
		    const struct issues *is);

/* Count the warnings; show them where the user asked for them. */
void		load_warn(struct load *l, const struct report_at *at,
		    const struct issues *is);

void		load_summary(struct load *l, bool partly);

#endif
