/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_code.c -- the system of what is a plain code.  (L1)
 *
 * An element of type code has no place for a system; the value set bound to
 * it says whose codes it takes.  A search may name that system all the same
 * ("status=http://hl7.org/fhir/observation-status|final"), and has to where
 * codes stand below one another.  In the rows such a code has no system, so
 * here it is checked and taken off.
 *
 * Reading: search.html#token matches the system "property", which a code has
 * not; but to find nothing by the system it is defined in would be a lie.
 */
#include "fhir/query_part.h"

#include "base/text.h"
#include "fhir/term.h"

/* The binding of the element at the end of a path; 0 for none. */
static uint16_t
binding_at(uint16_t type, const struct def_path *path)
{
	const struct def_step	*step = def_steps(path);
	const struct def_shape	*shape = def_shape_type(type);
	const struct def_elem	*elem = NULL;
	uint16_t		 i;

	for (i = 0; i < path->n_step; i++) {
		elem = shape == NULL ? NULL :
		    def_elem(shape, bytes_str(step[i].name));
		if (elem == NULL)
			return 0;
		shape = def_shape_num(elem->shape);
	}
	return elem == NULL ? 0 : elem->binding;
}

/* Bound, but not by a "required", which is all elements.tbl tells of. */
static const struct term_set *
preferred_set(const struct def_param *p)
{
	static const struct {
		const char	*type, *code, *set;
	} rows[] = {
		{ "Account", "status", "account-status" },
		{ "Condition", "clinicalstatus", "condition-clinical" }
	};
	const struct def_type	*t = def_type_num(p->type);
	size_t			 i;

	for (i = 0; t != NULL && i < N_ELEM(rows); i++)
		if (strcmp(t->name, rows[i].type) == 0 &&
		    strcmp(p->code, rows[i].code) == 0)
			return term_set(bytes_str(rows[i].set));
	return NULL;
}

/* The set that says whose codes it takes; NULL: not a plain code alone. */
static const struct term_set *
code_set(const struct def_param *p)
{
	const struct def_path	*path = def_paths(p);
	uint16_t		 i, first = 0;

	for (i = 0; i < p->n_path; i++) {
		uint16_t	binding;

		if (path[i].dt != DT_CODE)
			return NULL;
		binding = binding_at(p->type, &path[i]);
		if (i == 0)
			first = binding;
		else if (binding != first)
			return NULL;
	}
	return first != 0 ? term_binding(first) : preferred_set(p);
}

/* Codes are searched without regard to case; system "": of any. */
static bool
find(const struct term_set *set, struct bytes system, struct bytes code,
    struct term_code *out)
{
	uint32_t	at = 0;

	while (set != NULL && term_each(set, &at, out))
		if (text_caseeq(out->code, code) && (system.len == 0 ||
		    bytes_eq(out->system, system)))
			return true;
	return false;
}

void
query_code_strip(const struct def_param *p, struct value *v)
{
	const struct term_set	*set;
	struct term_code	 one;

	if (v->more.len == 0)
		return;
	set = code_set(p);
	if (set == NULL || !term_set_system(set, v->more))
		return;
	if (!v->any_code && !find(set, v->more, v->text, &one) &&
	    term_has(set, v->more, false, v->text) == TERM_OUT)
		return;		/* another one's code: finds nothing */
	v->more = bytes_of(NULL, 0);
	v->no_system = true;
}

struct bytes
query_code_system(const struct def_param *p, struct bytes code)
{
	struct term_code	one;

	return find(code_set(p), bytes_of(NULL, 0), code, &one) ?
	    one.system : bytes_of(NULL, 0);
}
