/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_part.h -- what the files of profile*.c share.  (L1)
 */
#ifndef FHIR_PROFILE_PART_H
#define FHIR_PROFILE_PART_H

#include "fhir/check_part.h"
#include "fhir/profile_tables.h"

/* One profile, on one resource. */
struct judge {
	struct check_walk	*w;
	const struct profile	*profile;
};

/* The rows below one, on the object that stands there. */
void	profile_rows(const struct judge *j, const struct profile_row *up,
	    const struct spot *at, const json_t *obj);

/* v, not null, against the value set of its row.  (profile_bind.c) */
void	profile_bind(const struct judge *j, const struct profile_row *r,
	    const struct def_elem *e, const struct spot *at,
	    const json_t *v);

/* --- profile_say.c: faults ----------------------------------------------- */

/* A fault at a row; its key is "PROFILE/PATH". */
void	profile_say(const struct judge *j, const struct profile_row *r,
	    const char *code, const struct spot *at, const char *fmt, ...)
	    PRINTF(5, 6);

/* The same under a key of its own. */
void	profile_say_key(const struct judge *j, const char *key,
	    const char *code, const struct spot *at, const char *fmt, ...)
	    PRINTF(5, 6);

/* Another code than the set's, which may be right: a warning. */
void	profile_warn(const struct judge *j, const struct profile_row *r,
	    const struct spot *at, const char *text);

void	profile_broken(const struct judge *j, const struct rule *rule,
	    const struct spot *at);

/* meta.profile names one that is not carried: nothing was judged. */
void	profile_unknown(struct check_walk *w, const struct spot *at);

#endif
