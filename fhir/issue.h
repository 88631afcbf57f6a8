/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.h -- what to tell the caller: OperationOutcome in the making.  (L1)
 *
 * An issue names the place, the rule and the remedy, never the data.  The
 * enum err of the call steers the program; issues explain it.
 *
 * Spec: DSTU2 operationoutcome.html.
 */
#ifndef FHIR_ISSUE_H
#define FHIR_ISSUE_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

enum severity { SEV_ERROR, SEV_WARNING, SEV_INFO };

struct issue {
	enum severity	 severity;
	enum err	 err;		/* gives the issue-type code... */
	const char	*code;		/* ...unless this one is closer: a
					 * constant, "required", or NULL */
	const char	*rule;		/* "dt-1", "search-value", NULL */
	const char	*place;		/* "Patient.name[0]", "?date", NULL */
	const char	*text;		/* what is wrong, and what is right */
	struct issue	*next;
};

struct issues {
	struct arena	*arena;
	struct issue	*first, *last;
	size_t		 n;
};

struct issues	issues_on(struct arena *a);

/* Adds an SEV_ERROR issue; texts are copied.  Returns err, for "return". */
enum err	issue_add(struct issues *is, enum err err, const char *rule,
		    const char *place, const char *fmt, ...) PRINTF(5, 6);
void		issue_warn(struct issues *is, enum err err, const char *rule,
		    const char *place, const char *fmt, ...) PRINTF(5, 6);

/* As what says, its texts copied; its text is what fmt makes. */
void		issue_put(struct issues *is, const struct issue *what,
		    const char *fmt, ...) PRINTF(3, 4);
void		issue_vput(struct issues *is, const struct issue *what,
		    const char *fmt, va_list ap) PRINTF(3, 0);

/*
 * The OperationOutcome as JSON, one issue at least: with none, one made of
 * err alone.  Members in the order of the specification; rule goes into
 * details.text, place into location (and diagnostics carries text).
 */
void		issues_json(const struct issues *is, enum err err,
		    struct buf *out);

#endif
