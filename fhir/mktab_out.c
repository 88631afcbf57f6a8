/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_out.c -- writes tables.c.  Texts are of the tables and clean, but
 * quoted all the same.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "fhir/mktab.h"

static struct path	*runs;		/* step sequences, each once */
static int		*run_at;	/* where each begins in deft_step */
static int		 n_runs, n_steps;
static int		 n_paths;	/* written so far */

static void
put_text(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('"');
}

static void
put_set(struct typeset s)
{
	printf("{ { 0x%" PRIx64 "u, 0x%" PRIx64 "u } }", s.bits[0],
	    s.bits[1]);
}

static int
by_type_name(const void *a, const void *b)
{
	return strcmp(types[*(const int *)a].name,
	    types[*(const int *)b].name);
}

static void
put_types(void)
{
	int	*order = NULL;

	for (int t = 1; t <= n_types; t++) {
		order = grow(order, (size_t)t - 1, sizeof(*order));
		order[t - 1] = t;
	}
	qsort(order, (size_t)n_types, sizeof(*order), by_type_name);
	printf("const uint16_t deft_n_type = %d;\n"
	    "const struct def_type deft_type[] = {\n\t{ 0, NULL },\n",
	    n_types);
	for (int t = 1; t <= n_types; t++)
		printf("\t{ %d, \"%s\" },\n", t, types[t].name);
	printf("};\nconst uint16_t deft_type_order[] = {");
	for (int i = 0; i < n_types; i++)
		printf(" %d,", order[i]);
	printf(" };\nconst char *const deft_type_names[] = {\n");
	for (int i = 0; i < n_types; i++)
		printf("\t\"%s\",\n", types[order[i]].name);
	printf("\tNULL\n};\nconst uint16_t deft_type_shape[] = { 0,");
	for (int t = 1; t <= n_types; t++)
		printf(" %d,", types[t].shape);
	printf(" };\n\n");
}

static const struct shape	*sorting;	/* for by_elem_name */

static int
by_elem_name(const void *a, const void *b)
{
	return strcmp(sorting->elem[*(const int *)a].name,
	    sorting->elem[*(const int *)b].name);
}

static void
put_elem(const struct elem *e)
{
	printf("\t{ \"%s\", (enum def_dt)%d, %d, %d, %d, %d, %d, %d, ",
	    e->name, (int)e->dt, e->shape, e->min, e->max, e->n_choice,
	    e->summary, e->modifier);
	put_set(e->targets);
	printf(", %d },\n", e->binding);
}

static void
put_shapes(void)
{
	int	at = 0;

	printf("const struct def_elem deft_elem[] = {\n");
	for (int s = 1; s <= n_shapes; s++)
		for (int i = 0; i < shapes[s].n; i++)
			put_elem(&shapes[s].elem[i]);
	printf("};\nconst uint16_t deft_elem_order[] = {\n");
	for (int s = 1; s <= n_shapes; s++) {
		int	*order = NULL;

		for (int i = 0; i < shapes[s].n; i++) {
			order = grow(order, (size_t)i, sizeof(*order));
			order[i] = i;
		}
		sorting = &shapes[s];
		qsort(order, (size_t)shapes[s].n, sizeof(*order),
		    by_elem_name);
		for (int i = 0; i < shapes[s].n; i++)
			printf("%d,", order[i]);
		printf("\n");
	}
	printf("};\nconst uint16_t deft_n_shape = %d;\n"
	    "const struct def_shape deft_shape[] = {\n\t{ NULL, NULL, 0 },\n",
	    n_shapes);
	for (int s = 1; s <= n_shapes; s++) {
		printf("\t{ \"%s\", &deft_elem[%d], %d },\n", shapes[s].path,
		    at, shapes[s].n);
		at += shapes[s].n;
	}
	printf("};\nconst uint16_t deft_dt_shape[DT__MAX] = {");
	for (int d = 0; d < DT__MAX; d++)
		printf(" %d,", dt_shape[d]);
	printf(" };\nconst uint16_t deft_n_binding = %d;\n"
	    "const char *const deft_binding[] = {\n\tNULL,\n", n_bindings);
	for (int i = 1; i <= n_bindings; i++)
		printf("\t\"%s\",\n", bindings[i]);
	printf("};\n\n");
}

static bool
same_steps(const struct path *a, const struct path *b)
{
	if (a->n != b->n)
		return false;
	for (int i = 0; i < a->n; i++) {
		const char	*u = a->step[i].url, *v = b->step[i].url;

		if (strcmp(a->step[i].name, b->step[i].name) != 0 ||
		    (u == NULL) != (v == NULL) ||
		    (u != NULL && strcmp(u, v) != 0))
			return false;
	}
	return true;
}

/* Where the steps of a path begin; writes them the first time. */
static int
put_steps(const struct path *p)
{
	for (int i = 0; i < n_runs; i++)
		if (same_steps(&runs[i], p))
			return run_at[i];
	runs = grow(runs, (size_t)n_runs, sizeof(*runs));
	run_at = grow(run_at, (size_t)n_runs, sizeof(*run_at));
	runs[n_runs] = *p;
	run_at[n_runs++] = n_steps;
	for (int i = 0; i < p->n; i++) {
		printf("\t{ \"%s\", ", p->step[i].name);
		if (p->step[i].url == NULL)
			printf("NULL");
		else
			put_text(p->step[i].url);
		printf(" },\n");
	}
	n_steps += p->n;
	return n_steps - p->n;
}

static void
each_paths(void (*fn)(const struct paths *))
{
	for (int i = 0; i < n_params; i++)
		fn(&params[i].paths);
	for (int t = 1; t <= n_types; t++) {
		fn(&owners[t].subject);
		fn(&owners[t].other);
	}
}

static void
steps_of(const struct paths *paths)
{
	for (int i = 0; i < paths->n; i++)
		(void)put_steps(&paths->p[i]);
}

static void
paths_of(const struct paths *paths)
{
	for (int i = 0; i < paths->n; i++) {
		const struct path	*p = &paths->p[i];

		printf("\t{ &deft_step[%d], %d, (enum def_dt)%d, ",
		    put_steps(p), p->n, (int)p->dt);
		if (p->system == NULL)
			printf("NULL");
		else
			put_text(p->system);
		printf(" },\n");
	}
}

/* ", &deft_path[7], 2": the paths in the order of each_paths. */
static void
put_paths(const struct paths *paths)
{
	if (paths->n == 0)
		printf("NULL, 0");
	else
		printf("&deft_path[%d], %d", n_paths, paths->n);
	n_paths += paths->n;
}

static void
put_param(const struct param *p, int *part)
{
	printf("\t{ %d, %d, \"%s\", (enum param_kind)%d,\n\t    ", p->num,
	    p->type, p->code, (int)p->kind);
	put_paths(&p->paths);
	printf(", %d, ", p->first_only);
	put_set(p->targets);
	if (p->n_part == 0)
		printf(", NULL, 0, ");
	else
		printf(", &deft_part[%d], %d, ", *part, p->n_part);
	*part += p->n_part;
	printf("%d,\n\t    ", p->argonaut);
	if (p->url == NULL)
		printf("NULL");
	else
		put_text(p->url);
	printf(" },\n");
}

static int
first_param(int type)
{
	int	i = 0;

	while (i < n_params && params[i].type < type)
		i++;
	return i;
}

static void
put_index(void)
{
	printf("const uint16_t deft_param_first[] = {");
	for (int t = 0; t <= n_types + 1; t++)
		printf(" %d,", first_param(t));
	printf(" };\nconst uint16_t deft_max_param = %d;\n"
	    "const uint16_t deft_param_row[] = { 0,", n_params);
	for (int num = 1; num <= n_params; num++)
		for (int i = 0; i < n_params; i++)
			if (params[i].num == num)
				printf(" %d,", i + 1);
	printf(" };\nconst char *const deft_code[] = {\n");
	for (int t = 0; t <= n_types; t++) {
		for (int i = 0; i < n_params; i++)
			if (params[i].type == 0 || params[i].type == t)
				printf("\tdeft_param[%d].code,\n", i);
		printf("\tNULL,\n");
	}
	printf("};\nconst uint16_t deft_code_first[] = {");
	for (int t = 0; t <= n_types; t++)
		printf(" %d,", t == 0 ? 0 : t * (first_param(1) + 1) +
		    first_param(t) - first_param(1));
	printf(" };\n\n");
}

static void
put_params(void)
{
	int	part = 0;

	printf("static const struct def_step deft_step[] = {\n");
	each_paths(steps_of);
	printf("};\nstatic const struct def_path deft_path[] = {\n");
	each_paths(paths_of);
	printf("};\nstatic const uint16_t deft_part[] = {");
	for (int i = 0; i < n_params; i++)
		for (int j = 0; j < params[i].n_part; j++)
			printf(" %d,", params[i].part[j]);
	printf(" };\nconst struct def_param deft_param[] = {\n");
	for (int i = 0; i < n_params; i++)
		put_param(&params[i], &part);
	printf("};\n");
	put_index();
}

static void
put_owners(void)
{
	printf("const struct def_owner deft_owner[] = {\n"
	    "\t{ 0, OWN_NONE, NULL, 0, NULL, 0 },\n");
	for (int t = 1; t <= n_types; t++) {
		printf("\t{ %d, (enum owner_rule)%d, ", t,
		    (int)owners[t].rule);
		put_paths(&owners[t].subject);
		printf(", ");
		put_paths(&owners[t].other);
		printf(" },\n");
	}
	printf("};\n\n");
}

static void
put_members(void)
{
	int	at = 0;

	printf("static const char *const deft_member_code[] = {\n");
	for (int i = 0; i < n_members; i++)
		for (int j = 0; j < members[i].n; j++)
			printf("\tdeft_param[%d].code,\n",
			    (int)(members[i].param[j] - params));
	printf("};\nconst uint16_t deft_n_member = %d;\n"
	    "const struct def_member deft_member[] = {\n", n_members);
	for (int i = 0; i < n_members; i++) {
		printf("\t{ %d, %d, &deft_member_code[%d], %d },\n",
		    members[i].compartment, members[i].type, at,
		    members[i].n);
		at += members[i].n;
	}
	printf("};\n\n");
}

void
tables_write(void)
{
	printf("/* Written by mktab from the tables: do not edit. */\n"
	    "#include \"fhir/def_tables.h\"\n\n");
	put_types();
	put_shapes();
	put_params();
	put_owners();
	put_members();
	printf("const uint64_t def_digest = UINT64_C(0x%016" PRIx64 ");\n",
	    tables_digest());
}
