/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_bind.c -- codes of required bindings.  (L1)
 *
 * Judged as far as our tables carry the code systems: what hangs on the
 * codes of another's system (SNOMED CT, LOINC) passes.
 *
 * Reading: a CodeableConcept needs one coding of the set, and may have more
 * beside it; text alone is no code.  A coding without a system is judged by
 * its code alone, and so are languages, whose system has many names: what
 * the official examples do is no fault.
 *
 * Spec: DSTU2 terminologies.html#required.
 */
#include "fhir/check_part.h"

#define LIST_MAX	20	/* codes that a message names */

static struct bytes
text(const json_t *obj, const char *name)
{
	const json_t	*v = json_object_get(obj, name);

	return json_is_string(v) && !json_is_num(v) ? json_text(v) :
	    bytes_of(NULL, 0);
}

const char *
check_code_text(struct arena *a, const struct term_set *set,
    struct bytes code)
{
	struct term_code	near;

	if (term_near(set, code, &near))
		return arena_printf(a, "no code of %s: did you mean "
		    "\"%.*s\"?", term_set_name(set), BYTES_FMT(near.code));
	return arena_printf(a, "no code of %s: %s", term_set_name(set),
	    term_list(a, set, LIST_MAX));
}

/* Languages and media types have one form of code and many names. */
static bool
by_form(const struct term_set *set)
{
	return strcmp(term_set_name(set), "bcp47") == 0 ||
	    strcmp(term_set_name(set), "bcp13") == 0;
}

enum term_answer
check_coding(const struct term_set *set, const json_t *v)
{
	struct bytes	system = text(v, "system");

	return term_has(set, system, system.len == 0 || by_form(set),
	    text(v, "code"));
}

/* A system the set does not take is another fault than a wrong code. */
const char *
check_coding_text(struct arena *a, const struct term_set *set,
    const json_t *v)
{
	struct bytes	system = text(v, "system");

	if (system.len > 0 && !by_form(set) && !term_set_system(set, system))
		return arena_printf(a, "%s has no codes of this system",
		    term_set_name(set));
	return check_code_text(a, set, text(v, "code"));
}

static void
wrong_coding(struct check_walk *w, const struct term_set *set,
    const struct spot *at, const json_t *v)
{
	check_fault(w, F_BINDING, at, "%s",
	    check_coding_text(w->arena, set, v));
}

static void
concept(struct check_walk *w, const struct term_set *set,
    const struct spot *at, const json_t *v)
{
	const json_t	*list = json_object_get(v, "coding");
	size_t		 n = json_array_size(list);

	for (size_t i = 0; i < n; i++)
		if (check_coding(set, json_array_get(list, i)) != TERM_OUT)
			return;
	if (n == 1)
		wrong_coding(w, set, at, json_array_get(list, 0));
	else
		check_fault(w, F_BINDING, at, n == 0 ?
		    "needs a coding of %s" : "no coding is one of %s",
		    term_set_name(set));
}

/* Conformance.format: "xml", "json" or a media type, says its definition. */
static bool
is_format(const struct def_elem *e, struct bytes code)
{
	return strcmp(e->name, "format") == 0 &&
	    (bytes_is(code, "xml") || bytes_is(code, "json"));
}

void
check_bind(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v)
{
	const struct term_set	*set = term_binding(e->binding);

	if (set == NULL)
		return;
	if (e->dt == DT_CODEABLECONCEPT) {
		concept(w, set, at, v);
	} else if (e->dt == DT_CODING) {
		if (check_coding(set, v) == TERM_OUT)
			wrong_coding(w, set, at, v);
	} else if (term_has(set, bytes_of(NULL, 0), true, json_text(v)) ==
	    TERM_OUT && !is_format(e, json_text(v))) {
		check_fault(w, F_BINDING, at, "%s",
		    check_code_text(w->arena, set, json_text(v)));
	}
}
