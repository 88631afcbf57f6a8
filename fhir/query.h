/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.h -- a search as text becomes a search as a struct.  (L1)
 *
 * Strict: an unknown parameter, modifier, prefix or value is an error that
 * says what would be right.  Everything here is request memory.
 *
 * Files: query_pairs.c decodes, query_parse.c sends each pair where its name
 * belongs, query_name.c reads names, query_value.c values; query_match.c
 * judges.
 *
 * Spec: DSTU2 search.html; Argonaut 1.0.0 (spellings of the patient).
 */
#ifndef FHIR_QUERY_H
#define FHIR_QUERY_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fhir/def.h"
#include "fhir/issue.h"
#include "fhir/prim.h"
#include "fhir/summary.h"
#include "fhir/value.h"

enum modifier {
	MOD_NONE, MOD_MISSING, MOD_EXACT, MOD_CONTAINS, MOD_NOT,
	MOD_TYPE,	/* reference:[Type] */
	MOD_ID		/* reference:[Type]._id and reference._id: the id of
			 * the target, by itself */
};

enum prefix {
	PRE_EQ, PRE_NE, PRE_GT, PRE_LT, PRE_GE, PRE_LE, PRE_SA, PRE_EB, PRE_AP
};

struct match {
	enum prefix	prefix;		/* DATE, NUMBER, QUANTITY */
	struct value	v;
};

/* One parameter of the query: any of its values. */
struct criterion {
	const struct def_param	*param;
	enum modifier		 mod;
	uint16_t		 mod_type;	/* MOD_TYPE; MOD_ID:
						 * a type or 0 */
	bool			 missing;	/* MOD_MISSING: wanted */
	struct match		*any;		/* OR */
	size_t			 n_any;
	const struct def_param	*const *also;	/* compartment: parameters whose
						 * values count as well */
	size_t			 n_also;
	struct bytes		 name, text;	/* decoded, as it came: for
						 * messages, digest */
};

struct sort_key {
	const struct def_param	*param;
	bool			 descending;
};

struct include {
	const struct def_param	*param;		/* of the searched type */
	uint16_t		 target;	/* 0: any */
};

struct query {
	uint16_t		 type;		/* searched type */
	struct criterion	*must;		/* AND */
	size_t			 n_must;
	struct sort_key		*sort;
	size_t			 n_sort;
	struct include		*include;
	size_t			 n_include;
	int64_t			 count;		/* -1: none; 0: total only */
	enum summary		 summary;	/* _summary; COUNT sets count */
	struct bytes		 cursor;	/* sealed position, or "" */
	struct bytes		 self;		/* the query for links: re-
						 * encoded, in its order, no
						 * _cursor, no _format */
	uint8_t			 digest[16];	/* of all that decides the
						 * result list */
	bool			 pretty;	/* _pretty */
	struct bytes		 format;	/* _format, or "" */
};

struct query_limits {
	size_t	params;		/* number of parameters; beyond: ERR_USAGE */
	size_t	values;		/* OR values of one parameter */
};

/*
 * Can this parameter be searched by?  Not by composites and full text.  The
 * Conformance statement lists what this allows, and nothing else.
 */
bool		query_param_ok(const struct def_param *p);

/* The modifiers of a kind in FHIR's codes ("type" for :[Type]), NULL ends. */
const char *const	*query_modifiers(enum param_kind kind);

/* One decoded name=value of URL or form, in order. */
struct pair {
	struct bytes	name, value;	/* percent-decoded, UTF-8 */
};

/*
 * Split and decode "a=b&c=d".
 * err	ERR_SYNTAX  bad escape, not UTF-8, NUL; ERR_USAGE  too many
 */
enum err	query_pairs(struct arena *a, struct bytes text, size_t max,
		    struct issues *is, struct pair **out, size_t *n_out)
		    NODISCARD;

/*
 * Build the query.
 *
 * in	pairs	URL parameters, then those of the form (all apply)
 *	now	for "ap" dates
 * err	ERR_USAGE  unknown parameter or modifier, empty value, a parameter
 *		given twice that may stand once
 *	ERR_VALUE  a value of the wrong form
 *	ERR_TOOBIG  beyond lim
 *	with an issue each, placed "?name"
 */
enum err	query_parse(struct arena *a, uint16_t type,
		    const struct pair *pairs, size_t n_pairs,
		    const struct base_urls *urls, struct instant now,
		    const struct query_limits *lim, struct issues *is,
		    struct query *out) NODISCARD;

/*
 * Restrict to a compartment: one more criterion whose parameters are those
 * of def_compartment, any of which may refer to type/id.
 * err	ERR_NOTFOUND  the type is in no such compartment
 */
enum err	query_compartment(struct arena *a, struct query *q,
		    uint16_t comp, struct bytes id, struct issues *is)
		    NODISCARD;

/*
 * Does one value satisfy one match?  The single definition of every search
 * rule: row filters call it, and posting scans are only a shortcut to it.
 * Values in v are as extract_values makes them.
 */
bool		query_value_match(const struct criterion *c,
		    const struct match *m, const struct value *v);

/* Does it satisfy any of the criterion's values (OR)? */
bool		query_any_match(const struct criterion *c,
		    const struct value *v);

/*
 * Does a resource with these values satisfy the criterion (modifiers, OR,
 * :missing, :not included)?  values are all of the resource's, sorted by
 * parameter.  id and lastUpdated stand for _id and _lastUpdated.
 */
bool		query_match(const struct criterion *c,
		    const struct values *values, struct bytes id,
		    struct instant updated);

#endif
