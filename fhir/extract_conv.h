/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_conv.h -- what the files of the extractor share.  (L1)
 *
 * Internal to fhir/extract*.c and owner.c.
 */
#ifndef FHIR_EXTRACT_CONV_H
#define FHIR_EXTRACT_CONV_H

#include "fhir/extract.h"
#include "fhir/json.h"

/* One extraction under way. */
struct walk {
	struct arena		*arena;
	const struct extract	*x;
	struct issues		*is;
	const json_t		*tree;	/* of the resource */
	const struct def_param	*param;	/* whose values are made now */
	const struct def_path	*path;	/* where they stand */
	struct value		*v;	/* made so far */
	size_t			 n, cap;
	/*
	 * Contained resources, by id; where there are some, references to
	 * them are values (extract_extra), or they alone.
	 */
	const struct contained_values	*inside;
	size_t			 n_inside;
	bool			 only_inside;
};

/* A zeroed value of w->param at the end of w->v; good until the next call. */
struct value	*walk_add(struct walk *w);

/* Warn that what stands on w->path cannot be placed: it should be should. */
void		 walk_warn(struct walk *w, const char *should);

/*
 * Make the values of one element, by the kind of w->param and the data type
 * of w->path; at is neither null nor an array, but may be of the wrong type.
 * What the specification gives no search meaning makes none.
 */
void		 walk_convert(struct walk *w, const json_t *at);

/*
 * Call fn for each element at the end of the steps below at; arrays are
 * walked through, nulls (padding of primitives) passed over.
 * cost	depth of the stack: n_step
 */
void		 walk_path(const json_t *at, const struct def_step *step,
		    size_t n_step, void (*fn)(void *arg, const json_t *at),
		    void *arg);

/* A string of the client's, not the digits of a number. */
static inline bool
walk_is_text(const json_t *v)
{
	return json_is_string(v) && !json_is_num(v);
}

/* Text of the string member, "" where there is none or another type. */
struct bytes	 walk_text(const json_t *at, const char *member);

/* Dates, numbers, quantities: extract_range.c. */
void		 conv_date(struct walk *w, const json_t *at);
void		 conv_period(struct walk *w, const json_t *at);
void		 conv_timing(struct walk *w, const json_t *at);
void		 conv_number(struct walk *w, const json_t *at);
void		 conv_number_quantity(struct walk *w, const json_t *at);
void		 conv_quantity(struct walk *w, const json_t *at);
void		 conv_range(struct walk *w, const json_t *at);

/* By id among those sorted by it; NULL: there is none. */
const struct contained_values	*contained_find(
		    const struct contained_values *list, size_t n,
		    struct bytes id);

/* Drop doubles among w->v[from..n), keeping the order of the rest. */
void		 walk_once(struct walk *w, size_t from);

/* As extract_values, for a walk that is set up. */
enum err	 walk_values(struct walk *w, uint16_t type,
		    const json_t *tree, struct values *out) NODISCARD;

/* COMPOSITE values of w->param: extract_comp.c. */
void		 walk_composite(struct walk *w, const json_t *tree);

#endif
