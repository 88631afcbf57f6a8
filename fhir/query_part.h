/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_part.h -- what the files of query.h share among themselves.  (L1)
 *
 * query_parse.c walks the pairs, query_name.c reads names, query_value.c
 * reads values; query_match.c judges.  Nobody else includes this.
 */
#ifndef FHIR_QUERY_PART_H
#define FHIR_QUERY_PART_H

#include "fhir/query.h"

/* What every part of one query_parse needs. */
struct query_ctx {
	struct arena			*arena;
	uint16_t			 type;
	const struct base_urls		*urls;
	struct instant			 now;
	const struct query_limits	*lim;
	struct issues			*is;
};

/* A name taken apart: "subject:Patient._id" has all three. */
struct query_name {
	struct bytes	code;		/* "subject" */
	struct bytes	mod;		/* "Patient", or "" */
	struct bytes	chain;		/* "_id", or "" */
	bool		has_mod, has_chain;
};

struct query_name	query_name_cut(struct bytes name);

/*
 * "?name" for struct issue: only where the name is short and of letters,
 * digits and "_:.-"; else "?", so that nothing is reflected.
 */
const char	*query_place(struct arena *a, struct bytes name);

/*
 * Find param, mod and mod_type of a criterion.
 * err	ERR_USAGE  unknown, not supported, wrong modifier, a chain
 */
enum err	query_name_parse(const struct query_ctx *x, struct bytes name,
		    struct criterion *c) NODISCARD;

/* "Patient, Group, Device", cut after a few; "any type" for the empty set. */
const char	*query_type_list(struct arena *a, struct typeset types);

/* ", did you mean "x"?" or "", from the rows of names. */
const char	*query_hint(struct arena *a, struct bytes word,
		    const char *const *names);

/* Does the set name any type at all?  The empty one stands for every type. */
static inline bool
query_typed(struct typeset s)
{
	return (s.bits[0] | s.bits[1]) != 0;
}

/* The parameter about the result ("_count") nearest to word, or NULL. */
const char	*query_result_near(struct bytes word);

/*
 * Read the values of c, whose param and mod are known, from text.
 * err	ERR_USAGE  empty; ERR_VALUE  of the wrong form; ERR_TOOBIG  too many
 */
enum err	query_value_parse(const struct query_ctx *x,
		    struct bytes text, struct criterion *c) NODISCARD;

#endif
