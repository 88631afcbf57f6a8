/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_path.c -- what stands at a path of a condition.  (L1)
 *
 * Visits values where they stand; nothing is gathered.  What is not of the
 * type the elements have is passed by.
 */
#include "fhir/rule_part.h"

#include "fhir/def_tables.h"

#define CHOICE_FEW	3	/* types, that are asked for by name */
#define CHOICE_HEAD	3	/* letters all names of any choice share */

static bool	visit(const json_t *v, const struct def_elem *e,
		    const struct rule_step *step, size_t n, rule_visit_fn *fn,
		    void *arg);

/* What stands at a member: each item of an array by itself. */
static bool
visit_items(const json_t *v, const struct def_elem *e,
    const struct rule_step *step, size_t n, bool first, rule_visit_fn *fn,
    void *arg)
{
	size_t	i, len = json_array_size(v);

	if (!json_is_array(v))
		return visit(v, e, step, n, fn, arg);
	if (first && len > 1)
		len = 1;
	for (i = 0; i < len; i++)
		if (visit(json_array_get(v, i), e, step, n, fn, arg))
			return true;
	return false;
}

/*
 * Has obj a member of e?  A primitive that has only extensions is there as
 * well: it has no value.
 */
static const json_t *
member(const json_t *obj, const struct def_elem *e, bool *bare_out)
{
	const json_t	*v = json_object_get(obj, e->name);
	char		 under[DEF_NAME_LEN + 1] = "_";

	*bare_out = false;
	if (v != NULL || e->dt >= DT_ADDRESS)
		return v;
	memcpy(under + 1, e->name, strlen(e->name) + 1);
	*bare_out = json_object_get(obj, under) != NULL;
	return NULL;
}

/* All members at any depth below obj that the deep steps name. */
static bool
visit_deep(const json_t *obj, const struct rule_step *step, size_t n,
    rule_visit_fn *fn, void *arg)
{
	size_t	names = 1;

	while (step[names - 1].more)
		names++;
	for (size_t i = 0; i < names; i++) {
		const struct def_elem	*e = &deft_elem[step[i].elem_at];
		const json_t		*v = json_object_get(obj, e->name);

		for (size_t j = 0; j < json_array_size(v) ||
		    (j == 0 && json_is_object(v)); j++) {
			const json_t	*one = json_is_array(v) ?
					    json_array_get(v, j) : v;

			if (visit(one, e, step + names, n - names, fn, arg) ||
			    visit_deep(one, step, n, fn, arg))
				return true;
		}
	}
	return false;
}

/* A wide choice costs a look at each member, not at each of its names. */
static bool
visit_choice(const json_t *obj, const struct rule_step *step, size_t n,
    rule_visit_fn *fn, void *arg)
{
	const struct def_elem	*choice = &deft_elem[step->elem_at];
	void			*it = json_object_iter((json_t *)obj);

	for (; it != NULL; it = json_object_iter_next((json_t *)obj, it)) {
		const char	*name = json_object_iter_key(it);
		const char	*bare = name[0] == '_' ? name + 1 : name;

		if (strncmp(bare, choice->name, CHOICE_HEAD) != 0)
			continue;
		for (size_t i = 0; i < step->n_elem; i++)
			if (strcmp(bare, choice[i].name) == 0 &&
			    (bare == name ? visit_items(
			    json_object_iter_value(it), &choice[i], step + 1,
			    n - 1, step->first, fn, arg) :
			    n == 1 && json_object_get(obj, bare) == NULL &&
			    fn(arg, NULL, &choice[i])))
				return true;
	}
	return false;
}

/*
 * fn for everything at the steps from v on, a value of e, until it says
 * true; a member without value is NULL.
 */
static bool
visit(const json_t *v, const struct def_elem *e,
    const struct rule_step *step, size_t n, rule_visit_fn *fn, void *arg)
{
	bool	bare;

	if (n == 0)
		return fn(arg, v, e);
	if (step->deep)
		return visit_deep(v, step, n, fn, arg);
	if (step->n_elem > CHOICE_FEW)
		return visit_choice(v, step, n, fn, arg);
	for (size_t i = 0; i < step->n_elem; i++) {
		const struct def_elem	*m = &deft_elem[step->elem_at + i];
		const json_t		*at = member(v, m, &bare);

		if (bare && n == 1 && fn(arg, NULL, m))
			return true;
		if (at != NULL && visit_items(at, m, step + 1, n - 1,
		    step->first, fn, arg))
			return true;
	}
	return false;
}

bool
rule_visit(const struct scope *s, uint16_t path, rule_visit_fn *fn,
    void *arg)
{
	const struct rule_path	*p = &deft_rule_path[path];

	return visit(s->v, s->e, &deft_rule_step[p->step_at], p->n_step, fn,
	    arg);
}
