/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_part.h -- what the files of query.h share among themselves.  (L1)
 *
 * Nobody else includes this.
 */
#ifndef FHIR_QUERY_PART_H
#define FHIR_QUERY_PART_H

#include "fhir/query.h"

#define QUERY_NODES	1000	/* of all trees of one query */

/* What every part of one query_parse needs. */
struct query_ctx {
	struct arena			*arena;
	uint16_t			 type;	/* whose parameters are read */
	const struct base_urls		*urls;
	struct instant			 now;
	const struct query_limits	*lim;
	struct issues			*is;
	struct bytes			 whole;	/* the name as it came: place
						 * of every issue */
	size_t				 depth;	/* steps of a chain taken */
	size_t				*nodes;	/* that may still be made */
	const enum prefix		*prefix; /* _filter: what stands before
						 * the value; NULL: in it */
	const struct pair		*pairs;	/* all of the query */
	size_t				 n_pairs;
};

/* --- results: query_result.c, query_include.c ----------------------------- */

enum { ONCE_COUNT, ONCE_CURSOR, ONCE_FORMAT, ONCE_PRETTY, ONCE_SUMMARY,
    ONCE_ELEMENTS, ONCE_CONTAINED, ONCE_CONTAINED_TYPE, ONCE__MAX };

/* A query under construction. */
struct query_parse {
	struct query_ctx	 x;
	struct query		*q;
	bool			 once[ONCE__MAX]; /* may stand once, and has */
};

/*
 * Take one pair if it is about the result ("_count"); *mine_out whether.
 * err	as query_parse
 */
enum err	query_result_take(struct query_parse *p,
		    const struct pair *in, bool *mine_out) NODISCARD;

/* _include and _revinclude, with their modifiers. */
enum err	query_include_take(struct query_parse *p,
		    const struct pair *in) NODISCARD;

/* Is every source among what is searched or included?  After all pairs. */
enum err	query_include_check(struct query_parse *p) NODISCARD;

/* Does this decide the result list, or only how it is shown? */
bool		query_result_decides(struct bytes name);

/* Does it belong in links?  Not where in the result we are. */
bool		query_result_linked(struct bytes name);

/* The parameter about the result ("_count") nearest to word, or NULL. */
const char	*query_result_near(struct bytes word);

/* --- names: query_name.c -------------------------------------------------- */

/* A name taken apart: "subject:Patient._id" has all three. */
struct query_name {
	struct bytes	code;		/* "subject" */
	struct bytes	mod;		/* "Patient", or "" */
	struct bytes	chain;		/* "_id", or "" */
	bool		has_mod, has_chain;
};

struct query_name	query_name_cut(struct bytes name);

/*
 * Find param, mod and mod_type of a criterion; a chain is not looked at, but
 * for "_id" at its end, which is MOD_ID.
 * err	ERR_USAGE  unknown, not supported, wrong modifier
 */
enum err	query_name_parse(const struct query_ctx *x,
		    const struct query_name *n, struct criterion *c)
		    NODISCARD;

/* What is wrong with a modifier, and those that would be right. */
enum err	query_name_wrong(const struct query_ctx *x,
		    const struct def_param *p, const char *what);

/* "Patient, Group, Device", cut after a few; "any type" for the empty set. */
const char	*query_type_list(struct arena *a, struct typeset types);

/* ", did you mean "x"?" or "", from the rows of names. */
const char	*query_hint(struct arena *a, struct bytes word,
		    const char *const *names);

/* The codes of a type's parameters that fit, NULL at the end. */
const char *const	*query_codes(struct arena *a, uint16_t type,
			    bool (*fits)(const struct def_param *p));

/* query_hint or, where nothing is near, "; there are x, y, z". */
const char	*query_hint_or_all(struct arena *a, struct bytes word,
		    const char *const *names);

/* Does the set name any type at all?  The empty one stands for every type. */
static inline bool
query_typed(struct typeset s)
{
	return (s.bits[0] | s.bits[1]) != 0;
}

static inline bool
query_targets(const struct def_param *p, uint16_t type)
{
	return !query_typed(p->targets) || typeset_has(p->targets, type);
}

/* --- values: query_value.c, query_range.c, query_code.c ------------------- */

/*
 * Read the values of c, whose param and mod are known, from text.
 * err	ERR_USAGE  empty; ERR_VALUE  of the wrong form; ERR_TOOBIG  too many
 */
enum err	query_value_parse(const struct query_ctx *x,
		    struct bytes text, struct criterion *c) NODISCARD;

/* One value: commas in it are commas. */
enum err	query_value_one(const struct query_ctx *x,
		    const struct criterion *c, struct bytes raw,
		    struct match *m) NODISCARD;

/* An issue about a value, at the parameter. */
enum err	query_value_wrong(const struct query_ctx *x, enum err e,
		    const char *what);

/* Cut at the first c outside of an escape; as bytes_cut. */
bool		query_cut(struct bytes a, char c, struct bytes *head_out,
		    struct bytes *rest_out);

/* Cut at bars into at most 3 parts, unescaped; their number, 4 for more. */
size_t		query_split_bars(struct arena *a, struct bytes raw,
		    struct bytes part[static 3]);

/*
 * Of a parameter of elements of type code: take a system that their value
 * set names off "system|code" and "system|", as the rows have none.
 */
void		query_code_strip(const struct def_param *p, struct value *v);

/* The system such an element has a code of; "" where none is known. */
struct bytes	query_code_system(const struct def_param *p,
		    struct bytes code);

/* DATE, NUMBER, QUANTITY, after their prefix. */
enum err	query_range_one(const struct query_ctx *x,
		    const struct criterion *c, struct bytes raw,
		    struct match *m) NODISCARD;

/* After their prefix, which is taken off *raw. err ERR_VALUE  unknown */
enum err	query_prefix(const struct query_ctx *x, struct bytes *raw,
		    enum prefix *out) NODISCARD;

/* --- near and near-distance: query_near.c --------------------------------- */

/*
 * The value of near, whose distance stands beside it under the same name and
 * "-distance"; else it is NEAR_METRES.
 */
enum err	query_near_parse(const struct query_ctx *x,
		    struct bytes text, struct criterion *c) NODISCARD;

/*
 * near-distance by itself: near has read it, so it adds nothing, and what
 * comes out finds everything.
 * in	x->whole  without a modifier: it has none
 * err	ERR_USAGE  there is no near beside it
 */
enum err	query_near_distance(const struct query_ctx *x,
		    struct node *out) NODISCARD;

/* Does a name, chained or not, end with near-distance? */
bool		query_near_beside(struct bytes name);

/* --- trees ---------------------------------------------------------------- */

/*
 * What name=value asks of a resource of x->type: a leaf, a chain, _has.
 * err	as query_name_parse and query_value_parse
 */
enum err	query_node_parse(const struct query_ctx *x,
		    struct bytes name, struct bytes value, struct node *out)
		    NODISCARD;

/* At the target of a chain, x->type its type: what is asked of it. */
typedef enum err query_arrive_fn(void *arg, const struct query_ctx *x,
		    struct node *out);

/*
 * From a resource along link to one of type; 0: to any of those that link
 * may name and that have a parameter called code.
 */
enum err	query_chain(const struct query_ctx *x,
		    const struct def_param *link, uint16_t type,
		    struct bytes code, query_arrive_fn *arrive, void *arg,
		    struct node *out) NODISCARD;

/* The only type in the set, or 0. */
uint16_t	query_only_type(struct typeset s);

/* One more kid for a node all of whose kids came so. */
void		query_add_kid(struct arena *a, struct node *to,
		    const struct node *kid);

/* One step more from the resource that is searched. err ERR_TOOBIG */
enum err	query_step(const struct query_ctx *x, struct query_ctx *next)
		    NODISCARD;

/* One node less to be made. err ERR_TOOBIG */
enum err	query_spend(const struct query_ctx *x) NODISCARD;

/* _list */
enum err	query_list_parse(const struct query_ctx *x,
		    struct bytes value, struct node *out) NODISCARD;

/* _text, _content */
enum err	query_words_parse(const struct query_ctx *x,
		    const struct def_param *param, struct bytes value,
		    struct node *out) NODISCARD;

/* _filter */
enum err	query_filter_parse(const struct query_ctx *x,
		    struct bytes value, struct node *out) NODISCARD;

#endif
