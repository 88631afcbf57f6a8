/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h -- one searchable value of a resource, or of a query.  (L1)
 *
 * fhir/extract.c makes them from a resource, fhir/query.c from a search,
 * store/key.c writes them as bytes.
 *
 * Spec: DSTU2 search.html#ptypes.
 */
#ifndef FHIR_VALUE_H
#define FHIR_VALUE_H

#include "base/bytes.h"
#include "base/clock.h"
#include "fhir/def.h"
#include "fhir/prim.h"

struct value {
	uint16_t	 param;		/* number; def_param_num */
	uint8_t		 kind;		/* enum param_kind */

	/*
	 * Which bytes mean what, by kind:
	 *
	 *		text			more
	 * STRING	as written		folded (text_fold)
	 * TOKEN	code, as written	system, or "" for none
	 *		("": the element has none)
	 * URI		as written		-
	 * REFERENCE	id, or the foreign URL	-; type is 0 for a URL
	 * QUANTITY	code (or unit)		system, or ""
	 * COMPOSITE	-			-; part[] and n_part
	 */
	struct bytes	 text;
	struct bytes	 more;
	struct bytes	 unit;		/* QUANTITY: unit when it differs
					 * from code, else "" */
	uint16_t	 type;		/* REFERENCE: type of the target; in a
					 * query 0 means not said */
	struct span	 time;		/* DATE */
	struct dec	 lo, hi;	/* NUMBER, QUANTITY: lo <= x < hi, or
					 * lo == hi for an exact point */
	const struct value *part;	/* COMPOSITE: one per component */
	uint8_t		 n_part;
	bool		 no_system;	/* query TOKEN "|code": system absent */
	bool		 any_system;	/* query TOKEN "code" */
	bool		 any_code;	/* query TOKEN "system|" */
};

/*
 * A token whose element has no code: it says which system there is, or that
 * the element is there.  It has no place in an order and no key of the index.
 */
static inline bool
value_codeless(const struct value *v)
{
	return v->kind == PK_TOKEN && v->text.len == 0;
}

struct values {
	struct value	*v;
	size_t		 n;
};

#endif
