/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_part.h -- what the parts of the validation share.  (L1)
 *
 * Internal to fhir/check*.c, fhir/profile*.c and fhir/rule*.c.
 */
#ifndef FHIR_CHECK_PART_H
#define FHIR_CHECK_PART_H

#include "fhir/check.h"
#include "fhir/def.h"
#include "fhir/json.h"
#include "fhir/rule.h"
#include "fhir/spot.h"
#include "fhir/term.h"

#define CHECK_DEPTH	64	/* levels of objects; json-depth is less */
#define CHECK_STRING	(1024 * 1024)	/* bytes; datatypes.html#string */

/*
 * Faults of our own: key, issue-type code, what becomes of the request.
 * Reading: DSTU2's http.html gives 400 to what "could not be parsed" and 422
 * to what breaks rules; a misspelt member, an object for a string are of the
 * first kind, as no reader of FHIR makes anything of them.
 */
#define CHECK_FAULTS(X)							      \
	X(F_ELEMENT,	"element",	"structure",	ERR_SYNTAX)	      \
	X(F_TYPE,	"type",		"structure",	ERR_SYNTAX)	      \
	X(F_ARRAY,	"array",	"structure",	ERR_SYNTAX)	      \
	X(F_NULL,	"null",		"structure",	ERR_SYNTAX)	      \
	X(F_RESOURCE,	"resource",	"structure",	ERR_SYNTAX)	      \
	X(F_DEPTH,	"depth",	"structure",	ERR_SYNTAX)	      \
	X(F_CHOICE,	"choice",	"structure",	ERR_RULE)	      \
	X(F_MIN,	"min",		"required",	ERR_RULE)	      \
	X(F_ID,		"update-id",	"required",	ERR_RULE)	      \
	X(F_SUBSETTED,	"subsetted",	"business-rule", ERR_RULE)	      \
	X(F_BINDING,	"binding",	"code-invalid",	ERR_RULE)	      \
	X(F_REFERENCE,	"reference",	"value",	ERR_RULE)	      \
	X(F_TARGET,	"target",	"value",	ERR_RULE)	      \
	X(F_CONTAINED,	"contained",	"duplicate",	ERR_RULE)	      \
	X(F_XHTML,	"xhtml",	"structure",	ERR_RULE)	      \
	X(F_PROFILE,	"profile",	"value",	ERR_RULE)	      \
	X(F_ELE_1,	"ele-1",	"invariant",	ERR_RULE)	      \
	X(F_REF_1,	"ref-1",	"invariant",	ERR_RULE)	      \
	X(F_DOM_1,	"dom-1",	"invariant",	ERR_RULE)	      \
	X(F_DOM_2,	"dom-2",	"invariant",	ERR_RULE)	      \
	X(F_DOM_3,	"dom-3",	"invariant",	ERR_RULE)	      \
	X(F_DOM_4,	"dom-4",	"invariant",	ERR_RULE)	      \
	X(F_TXT_1,	"txt-1",	"invariant",	ERR_RULE)	      \
	X(F_TXT_2,	"txt-2",	"invariant",	ERR_RULE)	      \
	X(F_TXT_3,	"txt-3",	"invariant",	ERR_RULE)

enum fault {
#define X(name, key, code, err) name,
	CHECK_FAULTS(X)
#undef X
	FAULT__MAX
};

/* A contained resource, and whether anything refers to it. */
struct inner {
	struct bytes	id;
	size_t		index;		/* in contained */
	uint16_t	type;		/* 0: none we know */
	bool		used;
};

struct check_walk {
	struct arena		*arena;
	const struct check	*how;
	struct issues		*is;
	size_t			 room;	/* for issues; 0: the walk ends */
	size_t			 depth;
	bool			 syntax, rule;	/* faults of these kinds */
	const char		*told;	/* a place whose fault the caller
					 * has told, or NULL */
	struct inner		*inner;	/* of the resource we are in, by id */
	size_t			 n_inner;
};

/* --- check_say.c: faults ------------------------------------------------- */

void	check_fault(struct check_walk *w, enum fault fault,
	    const struct spot *at, const char *fmt, ...) PRINTF(4, 5);

/* An issue as what says, its place that of at. */
void	check_vsay(struct check_walk *w, struct issue what,
	    const struct spot *at, const char *fmt, va_list ap) PRINTF(4, 0);
void	check_say(struct check_walk *w, struct issue what,
	    const struct spot *at, const char *fmt, ...) PRINTF(4, 5);

/* A primitive is not of its form; the key is the name of its type. */
void	check_form(struct check_walk *w, enum def_dt dt,
	    const struct spot *at, const char *want);

/* A rule of rules.tbl does not hold. */
void	check_broken(struct check_walk *w, const struct rule *rule,
	    const struct spot *at);

/*
 * name is a choice of shape with a type that is none of its, or with none:
 * "no value[x] of this type: valueString, valueCode ..."; else NULL.
 */
const char	*check_choice(struct check_walk *w,
		    const struct def_shape *shape, const char *name);

/* What stands there, for people: "an object", "a number". */
const char	*check_kind(const json_t *v);

/* --- check_prim.c: values of primitive types ----------------------------- */

void	check_prim(struct check_walk *w, const struct def_elem *e,
	    const struct spot *at, const json_t *v);

/* --- check_text.c: narrative --------------------------------------------- */

void	check_narrative(struct check_walk *w, const struct spot *at,
	    struct bytes div);

/* --- check_bind.c: required bindings ------------------------------------- */

/* v is a value of e, of the right JSON type. */
void	check_bind(struct check_walk *w, const struct def_elem *e,
	    const struct spot *at, const json_t *v);

/* A Coding, or a Quantity as one: is it of the set? */
enum term_answer	check_coding(const struct term_set *set,
			    const json_t *v);

/* What is wrong with it, and what would be right. */
const char	*check_code_text(struct arena *a,
		    const struct term_set *set, struct bytes code);
const char	*check_coding_text(struct arena *a,
		    const struct term_set *set, const json_t *v);

/* --- check_ref.c: references and what is contained ----------------------- */

void	check_ref(struct check_walk *w, const struct def_elem *e,
	    const struct spot *at, const json_t *v);

/* The narrative shows what is contained under this id, if anything is. */
void	check_used(struct check_walk *w, struct bytes id);

/* The type a Reference names, or 0: it cannot be told. */
uint16_t	check_ref_type(const struct check_walk *w, const json_t *v);

/* "Patient, Group or Device" */
const char	*check_types(struct arena *a, struct typeset set);

/* Before the walk of a resource: note what it contains. */
void	check_inner(struct check_walk *w, const struct spot *at,
	    const json_t *resource);

/* After it: whether all of that was referred to (dom-1 to dom-4). */
void	check_inner_end(struct check_walk *w, const struct spot *at,
	    const json_t *resource);

/* --- profile.c: what is asked beyond the base ---------------------------- */

/* By all that a resource claims, and by the one the caller asks for. */
void	check_profiles(struct check_walk *w, uint16_t type,
	    const struct spot *at, const json_t *resource);

/* By the definition of its url, where that is carried. */
void	check_extension(struct check_walk *w, const struct spot *at,
	    const json_t *v);

#endif
