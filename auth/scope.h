/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.h -- scopes as sets of rights, before they become a view.  (L3)
 *
 * Internal to auth/.  A set says for each type what may be done to it: with
 * the resources of the patient in context, and with all; and, for granular
 * scopes, what may be done to those that satisfy a search.  Two sets
 * intersect (token and grant), so what comes out does not depend on how the
 * words were spelled or ordered.
 */
#ifndef AUTH_SCOPE_H
#define AUTH_SCOPE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fhir/def.h"
#include "fhir/issue.h"
#include "auth/auth.h"
#include "store/store.h"

#define SCOPE_BYTES_MAX	2048	/* of a scope parameter */
#define SCOPE_WORD_MAX	256	/* bytes of one word */
#define SCOPE_WORDS_MAX	64
#define SCOPE_PARTS_MAX	64	/* granular rights of a set; more are lost */

enum scope_context {
	SCOPE_PATIENT = 1,
	SCOPE_USER = 2,
	SCOPE_SYSTEM = 4
};

/* A granular scope: rights over what of a type satisfies a search. */
struct scope_part {
	enum scope_context	 context;	/* PATIENT; else USER, which
						 * stands for SYSTEM, too */
	uint16_t		 type;
	uint8_t			 ops;
	struct bytes		 where;		/* "category=laboratory", with
						 * "&" between several;
						 * borrowed */
};

/* enum view_op masks by type number: of whole types. */
struct scope_set {
	uint8_t		patient[DEF_TYPE_MAX + 1];
	uint8_t		user[DEF_TYPE_MAX + 1];	/* user/ and system/ */
	unsigned	contexts;		/* enum scope_context, seen */
	struct scope_part	part[SCOPE_PARTS_MAX];
	size_t		n_part;
};

/*
 * Parts borrow from scope.
 * err	ERR_VALUE  malformed, an unknown type, a restriction that is no
 *		search of the type, beyond the limits;
 *	ERR_USAGE  system/ mixed with patient/ or user/ (TOK-25)
 *	each with an issue
 */
enum err	scope_parse(struct bytes scope, struct issues *is,
		    struct scope_set *set_out) NODISCARD;

/* What both allow: reach and interactions are the lesser of the two. */
void		scope_meet(struct arena *a, struct scope_set *set,
		    const struct scope_set *other);

/* Of these granular rights, those not given without restriction, too. */
void		scope_add_part(struct scope_set *set,
		    const struct scope_part *part);

/* Where they reach nothing, user/ and system/ give nothing (Z06). */
void		scope_limit(struct scope_set *set, enum view_reach reach);

/*
 * The search of a granular scope as criteria, in a.
 * in	rights	how times without a zone and URLs of this server are read
 * err	ERR_VALUE  with an issue
 */
enum err	scope_where(struct arena *a, uint16_t type,
		    struct bytes where, const struct rights *rights,
		    struct issues *is,
		    struct criterion **out, size_t *n_out) NODISCARD;

/*
 * Rules and patients, in a; the digests are scope_seal's.  user/ reaches
 * what rights say: by a relation, types that are nobody's by nature are
 * reached whole.
 * err	ERR_FORBIDDEN  patient/ rights without a patient (Z05); ERR_VALUE  what
 *	a granular scope asks is no search by these rights
 */
enum err	scope_view(struct arena *a, const struct scope_set *set,
		    struct bytes patient, const struct rights *rights,
		    struct view *view_out) NODISCARD;

/* Which of these it was, for the log. */
const char	*scope_view_why(enum err e);

/* Set who the view belongs to, and the digest of all of it. */
void		scope_seal(struct view *view, struct bytes user,
		    struct bytes client);

#endif
