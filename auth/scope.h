/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.h -- scopes as sets of rights, before they become a view.  (L3)
 *
 * Internal to auth/.  A set says for each type what may be done to it: with
 * the resources of the patient in context, and with all.  Two sets intersect
 * (token and grant), so what comes out does not depend on how the words were
 * spelled or ordered.
 */
#ifndef AUTH_SCOPE_H
#define AUTH_SCOPE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fhir/def.h"
#include "fhir/issue.h"
#include "store/store.h"

#define SCOPE_BYTES_MAX	2048	/* of a scope parameter */
#define SCOPE_WORD_MAX	128	/* bytes of one word */
#define SCOPE_WORDS_MAX	64

enum scope_context {
	SCOPE_PATIENT = 1,
	SCOPE_USER = 2,
	SCOPE_SYSTEM = 4
};

/* enum view_op masks by type number. */
struct scope_set {
	uint8_t		patient[DEF_TYPE_MAX + 1];
	uint8_t		user[DEF_TYPE_MAX + 1];	/* user/ and system/ */
	unsigned	contexts;		/* enum scope_context, seen */
};

/*
 * err	ERR_VALUE  malformed, granular, an unknown type, beyond the limits;
 *	ERR_USAGE  system/ mixed with patient/ or user/ (TOK-25)
 *	each with an issue
 */
enum err	scope_parse(struct bytes scope, struct issues *is,
		    struct scope_set *set_out) NODISCARD;

/* What both allow: reach and interactions are the lesser of the two. */
void		scope_meet(struct scope_set *set,
		    const struct scope_set *other);

/* Without REACH_ALL, user/ and system/ give nothing (Z06). */
void		scope_limit(struct scope_set *set, enum view_reach rights);

/*
 * Rules and patients, in a; the digests are scope_seal's.
 * err	ERR_FORBIDDEN  patient/ rights without a patient (Z05)
 */
enum err	scope_view(struct arena *a, const struct scope_set *set,
		    struct bytes patient, struct view *view_out) NODISCARD;

/* Set who the view belongs to, and the digest of all of it. */
void		scope_seal(struct view *view, struct bytes user,
		    struct bytes client);

#endif
