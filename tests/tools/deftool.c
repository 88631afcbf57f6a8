/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deftool.c -- prints the compiled tables, through def.h, for the tests.
 *
 * One fact a line, tab separated, the first field says which:
 *
 *	type	number name
 *	elem	shape name datatype min max choice flags targets binding child
 *	param	number type code kind first argonaut targets parts url
 *	path	number path datatype system
 *	owner	type rule subject-paths other-paths
 *	member	compartment type codes
 *	digest	hex
 */
#include <inttypes.h>
#include <stdio.h>

#include "fhir/def_tables.h"

static const char *
type_name(uint16_t type)
{
	const struct def_type	*t = def_type_num(type);

	return t == NULL ? "*" : t->name;
}

static void
put_targets(struct typeset s)
{
	const char	*sep = "";

	for (uint16_t t = 1; t <= DEF_TYPE_MAX; t++)
		if (typeset_has(s, t)) {
			printf("%s%s", sep, type_name(t));
			sep = "|";
		}
}

static void
put_elems(uint16_t shape)
{
	const struct def_shape	*s = def_shape_num(shape), *child;

	for (uint16_t i = 0; i < s->n; i++) {
		const struct def_elem	*e = &s->elem[i];

		printf("elem\t%s\t%s\t%s\t%d\t%d\t%d\t%c%c\t", s->path,
		    e->name, def_dt_name(e->dt), e->min, e->max, e->choice,
		    e->summary ? 'S' : '-', e->modifier ? 'M' : '-');
		put_targets(e->targets);
		child = def_shape_num(e->shape);
		printf("\t%s\t%s\n", e->binding == 0 ? "" :
		    def_binding(e->binding), child == NULL ? "" : child->path);
	}
}

static void
put_path(const struct def_path *p)
{
	const struct def_step	*step = def_steps(p);

	for (uint16_t i = 0; i < p->n_step; i++) {
		printf("%s%s", i == 0 ? "" : ".", step[i].name);
		if (def_step_url(&step[i]) != NULL)
			printf("<%s>", def_step_url(&step[i]));
		printf("%s", step[i].first ? "[0]" : "");
	}
}

static void
put_paths(const struct def_path *p, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		printf(i == 0 ? "" : " | ");
		put_path(&p[i]);
	}
}

static void
put_param(const struct def_param *p)
{
	const struct def_path	*path = def_paths(p);
	const char		*url = def_param_url(p);

	printf("param\t%d\t%s\t%s\t%s\t%d\t%d\t", p->num, type_name(p->type),
	    p->code, def_kind_name(p->kind), p->first_only, p->argonaut);
	put_targets(p->targets);
	putchar('\t');
	for (uint16_t i = 0; i < p->n_part; i++)
		printf("%s%s", i == 0 ? "" : " & ",
		    def_param_num(def_parts(p)[i])->code);
	printf("\t%s\n", url == NULL ? "" : url);
	for (uint16_t i = 0; i < p->n_path; i++) {
		printf("path\t%d\t", p->num);
		put_path(&path[i]);
		printf("\t%s\t%s\n", def_dt_name(path[i].dt),
		    def_system(&path[i]) == NULL ? "" : def_system(&path[i]));
	}
}

static void
put_owner(uint16_t type)
{
	static const char *const rules[] = DEF_RULE_NAMES;
	const struct def_owner	*o = def_owner(type);

	printf("owner\t%s\t%s\t", type_name(type), rules[o->rule]);
	put_paths(o->subject, o->n_subject);
	putchar('\t');
	put_paths(o->other, o->n_other);
	putchar('\n');
}

static void
put_members(uint16_t compartment)
{
	for (uint16_t t = 1; def_type_num(t) != NULL; t++) {
		size_t			 n;
		const char *const	*code = def_compartment(compartment,
					    t, &n);

		if (code == NULL)
			continue;
		printf("member\t%s\t%s\t", type_name(compartment),
		    type_name(t));
		for (size_t i = 0; i < n; i++)
			printf("%s%s", i == 0 ? "" : "|", code[i]);
		putchar('\n');
	}
}

int
main(void)
{
	for (uint16_t s = 1; def_shape_num(s) != NULL; s++)
		put_elems(s);
	for (uint16_t t = 0; t == 0 || def_type_num(t) != NULL; t++) {
		size_t			 n;
		const struct def_param	*p = def_params(t, &n);

		for (size_t i = 0; i < n; i++)
			put_param(&p[i]);
		if (t == 0)
			continue;
		printf("type\t%d\t%s\n", t, type_name(t));
		put_owner(t);
		put_members(t);
	}
	printf("digest\t%016" PRIx64 "\n", def_digest);
	return 0;
}
