/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.h -- a search as text becomes a search as a struct.  (L1)
 *
 * Strict: an unknown parameter, modifier, prefix or value is an error that
 * says what would be right.  Everything here is request memory.
 *
 * Files: query_pairs.c decodes, query_parse.c sends each pair where its name
 * belongs: to query_result.c and query_include.c what is about the result,
 * to query_chain.c, query_filter.c and query_words.c what becomes a tree;
 * query_name.c reads names, query_value.c, query_range.c and query_near.c
 * values.
 * query_match.c judges.
 *
 * Spec: DSTU2 search.html, search_filter.html; Argonaut 1.0.0 (spellings of
 * the patient); of later FHIR _has, :iterate, "_sort=-date".
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
#include "fhir/near.h"
#include "fhir/prim.h"
#include "fhir/quantity.h"
#include "fhir/summary.h"
#include "fhir/value.h"

struct term_set;		/* term.h */

enum modifier {
	MOD_NONE, MOD_MISSING, MOD_EXACT, MOD_CONTAINS, MOD_NOT,
	MOD_TYPE,	/* reference:[Type] */
	MOD_ID,		/* reference:[Type]._id and reference._id: the id of
			 * the target, by itself */
	MOD_TEXT,	/* token: words of its text and display; string: any
			 * word of it begins so */
	MOD_IN, MOD_NOT_IN,	/* token: a value set, criterion.set */
	MOD_ABOVE, MOD_BELOW,	/* uri: by its path.  Of a token the codes
				 * stand in any, and its mod is MOD_NONE */
	/* of _filter and the words of _text alone: */
	MOD_WHOLE,	/* string: all of it, folded */
	MOD_STARTS,	/* string, token (its code), uri: begins so... */
	MOD_ENDS,	/* ...ends so; MOD_CONTAINS for these kinds, too */
	MOD_OTHER	/* string, token, uri, reference: has a value that is
			 * another one */
};

enum prefix {
	PRE_EQ, PRE_NE, PRE_GT, PRE_LT, PRE_GE, PRE_LE, PRE_SA, PRE_EB, PRE_AP
};

struct match {
	enum prefix		 prefix;	/* DATE, NUMBER, QUANTITY */
	struct value		 v;
	const struct criterion	*part;		/* COMPOSITE: what each of its
						 * components has to satisfy;
						 * param NULL: anything */
	struct quantity_ask	*base;		/* QUANTITY in a unit of UCUM:
						 * any that converts; NULL:
						 * as it stands */
	const struct near	*near;		/* PARAM_NEAR alone */
};

/*
 * One parameter of the query: any of its values.  PARAM_TEXT and
 * PARAM_CONTENT have one word, folded, which is a whole word (MOD_NONE) or
 * begins one (MOD_STARTS).
 */
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
	const struct term_set	*set;		/* MOD_IN, MOD_NOT_IN */
	struct bytes		 name, text;	/* decoded, as it came: for
						 * messages, digest */
};

/*
 * What is more than one criterion of the searched resource itself: a tree.
 * Every node is asked of a resource of some type, and every step to another
 * resource passes the view.
 */
enum node_op {
	NODE_LEAF,	/* leaf, of this resource */
	NODE_AND, NODE_OR,
	NODE_NOT,	/* of its one kid */
	NODE_CHAIN,	/* this refers by link to one of type that satisfies
			 * the kid; to a contained one, too.  A chain without
			 * a type is an OR of chains */
	NODE_HAS,	/* one of type refers by link to this, and satisfies
			 * the kid (_has) */
	NODE_LIST	/* stands in the List id, or in the current lists of
			 * that code (_list) */
};

struct node {
	enum node_op		 op;
	struct criterion	 leaf;
	const struct def_param	*link;		/* CHAIN: of the asked type;
						 * HAS: of type */
	uint16_t		 type;		/* CHAIN, HAS: the other side */
	struct bytes		 list;		/* LIST: an id, or a code
						 * ("allergies") where... */
	bool			 current;	/* ...it was $current-... */
	struct node		*kid;		/* CHAIN, HAS, NOT: one */
	size_t			 n_kid;
	struct bytes		 name;		/* for messages */
};

/* Keys of one _sort: every place in a result, and so its cursor, has room
 * for each (store/page.h). */
#define QUERY_SORTS	3

struct sort_key {
	const struct def_param	*param;
	bool			 descending;
};

/* Of _include and, turned round, of _revinclude. */
struct include {
	uint16_t		 source;	/* that refers; 0: any (*) */
	const struct def_param	*param;		/* of source; NULL: all (*) */
	uint16_t		 target;	/* type; 0: any */
	bool			 recurse;	/* :recurse, :iterate: asked of
						 * what was included, too */
};

/* _contained, _containedType */
enum contained { CONTAINED_NO, CONTAINED_YES, CONTAINED_BOTH };

struct query {
	uint16_t		 type;		/* searched type; 0: all types,
						 * by parameters of every type:
						 * query_of_type makes one of
						 * each */
	bool			 every;		/* one of those */
	uint16_t		 compartment;	/* of this type, or 0... */
	struct bytes		 compartment_id; /* ...and of this one */
	struct criterion	*must;		/* AND */
	size_t			 n_must;
	struct node		*node;		/* AND, besides */
	size_t			 n_node;
	struct sort_key		*sort;
	size_t			 n_sort;
	struct include		*include;
	size_t			 n_include;
	struct include		*revinclude;
	size_t			 n_revinclude;
	enum contained		 contained;
	bool			 contained_only; /* _containedType=contained:
						 * itself, not its container */
	struct bytes		*element;	/* _elements, or none */
	size_t			 n_element;
	int64_t			 count;		/* -1: none; 0: total only */
	enum summary		 summary;	/* _summary; COUNT sets count */
	struct bytes		 cursor;	/* sealed position, or "" */
	struct bytes		 self;		/* the query for links: re-
						 * encoded, in its order, what
						 * was applied alone; no
						 * _cursor, no _format */
	uint8_t			 digest[16];	/* of all that decides the
						 * result list */
	bool			 pretty;	/* _pretty */
	struct bytes		 format;	/* _format, or "" */
};

struct query_limits {
	size_t	params;		/* number of parameters; beyond: ERR_USAGE */
	size_t	values;		/* OR values of one parameter */
	size_t	depth;		/* steps of a chain, brackets of a _filter */
	bool	lenient;	/* Prefer: handling=lenient: what is unknown is
				 * a warning, and left out of self */
	bool	conditional;	/* criteria of a write: never lenient, nothing
				 * about the result, and none at all is
				 * ERR_USAGE */
	int	zone;		/* minutes, for times without one */
};

/*
 * Can this parameter be searched by?  The Conformance statement lists what
 * this allows, and nothing else.
 */
bool		query_param_ok(const struct def_param *p);

/* Has it values in the row of a resource: can it be :missing? */
bool		query_param_plain(const struct def_param *p);

/* Can be sorted by? */
bool		query_param_sorts(const struct def_param *p);

/*
 * Are the criterion's values kept apart from the row (struct extra, text)?
 * Such ones are never in must, but always leaves in node.
 */
bool		query_leaf_extra(const struct criterion *c);

/*
 * The modifiers of a parameter in FHIR's codes ("type" for :[Type]); NULL
 * ends them.
 */
const char *const	*query_modifiers(const struct def_param *p);

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
 * "?name" for struct issue: only where the name is short and of letters,
 * digits and "_:.-"; else "?", so that nothing is reflected.
 */
const char	*query_place(struct arena *a, struct bytes name);

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
 * of def_compartment, any of which may refer to type/id, or a chain, where
 * that alone leads there; of a query of all types query_of_type adds it.
 * err	ERR_NOTFOUND  the type is in no such compartment
 */
enum err	query_compartment(struct arena *a, struct query *q,
		    uint16_t comp, struct bytes id, struct issues *is)
		    NODISCARD;

/*
 * What a query of all types (type 0) asks of one of them.
 * err	ERR_NOTFOUND  nothing: the type is not in the compartment
 */
enum err	query_of_type(struct arena *a, const struct query *q,
		    uint16_t type, struct query *out) NODISCARD;

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

/* The same of a DATE value, which is no more than this span. */
bool		query_span_match(const struct criterion *c, struct span v);

/*
 * Does a resource with these values satisfy the criterion (modifiers, OR,
 * :missing, :not included)?  values are all of the resource's, sorted by
 * parameter.  id and lastUpdated stand for _id and _lastUpdated.
 */
bool		query_match(const struct criterion *c,
		    const struct values *values, struct bytes id,
		    struct instant updated);

#endif
