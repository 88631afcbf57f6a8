/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_bind.c -- codes of profiles, by the strength of their binding.
 *
 *	required	one coding is of the set; text alone is no code
 *	max		one coding is of the set, or text stands alone
 *	extensible	as max, but other codes are right where none of the set
 *			fits: a warning, as no machine can tell
 *
 * Further codings are always welcome (translations).  What hangs on the
 * codes of systems we do not carry passes.
 *
 * Spec: Argonaut Data Query 1.0.0, definitions (A20, A26).
 */
#include "fhir/profile_part.h"

#include "fhir/term.h"

/* The base has asked the same. */
static bool
asked(const struct profile_row *r, const struct def_elem *e,
    const struct term_set *set)
{
	return r->bind == BIND_REQUIRED && e->binding != 0 &&
	    term_binding(e->binding) == set;
}

static void
wrong(const struct judge *j, const struct profile_row *r,
    const struct spot *at, const char *text)
{
	if (r->bind == BIND_EXTENSIBLE)
		profile_warn(j, r, at, text);
	else
		profile_say(j, r, "code-invalid", at, "%s", text);
}

static void
one(const struct judge *j, const struct profile_row *r,
    const struct term_set *set, const struct spot *at, const json_t *v)
{
	if (json_object_get(v, "code") == NULL) {
		if (r->bind == BIND_REQUIRED)
			profile_say(j, r, "code-invalid", at,
			    "needs a code of %s", term_set_name(set));
		return;
	}
	if (check_coding(set, v) == TERM_OUT)
		wrong(j, r, at, check_coding_text(j->w->arena, set, v));
}

/* No coding at all: is there what may stand for it? */
static void
bare(const struct judge *j, const struct profile_row *r,
    const struct term_set *set, const struct spot *at, const json_t *v)
{
	if (r->bind == BIND_REQUIRED)
		profile_say(j, r, "code-invalid", at,
		    "needs a coding of %s; text alone is no code",
		    term_set_name(set));
	else if (json_object_get(v, "text") == NULL &&
	    json_object_get(v, "extension") == NULL)
		profile_say(j, r, "code-invalid", at,
		    "needs a coding of %s, or text", term_set_name(set));
}

static void
concept(const struct judge *j, const struct profile_row *r,
    const struct term_set *set, const struct spot *at, const json_t *v)
{
	const json_t	*list = json_object_get(v, "coding");
	size_t		 n = json_array_size(list);

	if (n == 0) {
		bare(j, r, set, at, v);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (check_coding(set, json_array_get(list, i)) != TERM_OUT)
			return;
	wrong(j, r, at, n == 1 ? check_coding_text(j->w->arena, set,
	    json_array_get(list, 0)) : arena_printf(j->w->arena,
	    "no coding is one of %s", term_set_name(set)));
}

void
profile_bind(const struct judge *j, const struct profile_row *r,
    const struct def_elem *e, const struct spot *at, const json_t *v)
{
	const struct term_set	*set = term_set_num(r->set);

	if (set == NULL || asked(r, e, set))
		return;
	if (e->dt == DT_CODEABLECONCEPT)
		concept(j, r, set, at, v);
	else if (e->dt == DT_CODING || e->dt == DT_QUANTITY)
		one(j, r, set, at, v);
	else if (e->dt < DT_ADDRESS && json_is_string(v) && term_has(set,
	    bytes_of(NULL, 0), true, json_text(v)) == TERM_OUT)
		wrong(j, r, at, check_code_text(j->w->arena, set,
		    json_text(v)));
}
