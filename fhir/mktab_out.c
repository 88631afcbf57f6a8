/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_out.c -- writes tables.c.  Texts are of the tables and clean, but
 * quoted all the same.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "fhir/mktab_out.h"

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

int
text_at(struct writer *w, const char *s)
{
	if (s == NULL)
		return 0;
	for (int i = 0; i < w->n_texts; i++)
		if (strcmp(w->texts[i], s) == 0)
			return w->text_at[i];
	GROW(w->texts, w->n_texts);
	GROW(w->text_at, w->n_texts);
	w->texts[w->n_texts] = s;
	w->text_at[w->n_texts++] = w->text_end;
	w->text_end += (int)strlen(s) + 1;
	return w->text_end - (int)strlen(s) - 1;
}

static void
put_texts(const struct writer *w)
{
	printf("const char deft_text[] = \"\\0\"\n");
	for (int i = 0; i < w->n_texts; i++) {
		printf("\t");
		put_text(w->texts[i]);
		printf(" \"\\0\"\n");
	}
	printf(";\n\n");
}

void
put_set(struct typeset s)
{
	printf("{ { 0x%" PRIx64 "u, 0x%" PRIx64 "u } }", s.bits[0],
	    s.bits[1]);
}

/* A name and the number it had before sorting. */
struct name {
	const char	*name;
	int		 num;
};

static int
by_name(const void *a, const void *b)
{
	const struct name	*m = a, *n = b;

	return strcmp(m->name, n->name);
}

static void
put_types(const struct tables *tb)
{
	struct name	*order = NULL;
	int		 n = tb->n_types;

	for (int i = 0; i < n; i++) {
		GROW(order, i);
		order[i] = (struct name){ tb->types[i + 1].name, i + 1 };
	}
	qsort(order, (size_t)n, sizeof(*order), by_name);
	printf("const uint16_t deft_n_type = %d;\n"
	    "const struct def_type deft_type[] = {\n\t{ 0, NULL },\n", n);
	for (int i = 1; i <= n; i++)
		printf("\t{ %d, \"%s\" },\n", i, tb->types[i].name);
	printf("};\nconst uint16_t deft_type_order[] = {");
	for (int i = 0; i < n; i++)
		printf(" %d,", order[i].num);
	printf(" };\nconst char *const deft_type_names[] = {\n");
	for (int i = 0; i < n; i++)
		printf("\t\"%s\",\n", order[i].name);
	printf("\tNULL\n};\nconst uint16_t deft_type_shape[] = { 0,");
	for (int i = 1; i <= n; i++)
		printf(" %d,", tb->types[i].shape);
	printf(" };\n\n");
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

/* The elements of one shape, sorted by name: their places in it. */
static void
put_elem_order(const struct shape *s)
{
	struct name	*order = NULL;

	for (int i = 0; i < s->n; i++) {
		GROW(order, i);
		order[i] = (struct name){ s->elem[i].name, i };
	}
	qsort(order, (size_t)s->n, sizeof(*order), by_name);
	putchar('\t');
	for (int i = 0; i < s->n; i++)
		printf("%d,", order[i].num);
	putchar('\n');
}

static void
put_shapes(const struct tables *tb)
{
	int	at = 0;

	printf("const struct def_elem deft_elem[] = {\n");
	for (int s = 1; s <= tb->n_shapes; s++)
		for (int i = 0; i < tb->shapes[s].n; i++)
			put_elem(&tb->shapes[s].elem[i]);
	printf("};\nconst uint16_t deft_elem_order[] = {\n");
	for (int s = 1; s <= tb->n_shapes; s++)
		put_elem_order(&tb->shapes[s]);
	printf("};\nconst uint16_t deft_n_shape = %d;\n"
	    "const struct def_shape deft_shape[] = {\n"
	    "\t{ NULL, NULL, 0, 0 },\n",
	    tb->n_shapes);
	for (int s = 1; s <= tb->n_shapes; s++) {
		printf("\t{ \"%s\", &deft_elem[%d], %d, %d },\n",
		    tb->shapes[s].path, at, tb->shapes[s].n, s);
		at += tb->shapes[s].n;
	}
	printf("};\nconst uint16_t deft_dt_shape[DT__MAX] = {");
	for (int d = 0; d < DT__MAX; d++)
		printf(" %d,", tb->dt_shape[d]);
	printf(" };\nconst uint16_t deft_n_binding = %d;\n"
	    "const char *const deft_binding[] = {\n\tNULL,\n",
	    tb->n_bindings);
	for (int i = 1; i <= tb->n_bindings; i++)
		printf("\t\"%s\",\n", tb->bindings[i]);
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
		    a->step[i].first != b->step[i].first ||
		    (u == NULL) != (v == NULL) ||
		    (u != NULL && strcmp(u, v) != 0))
			return false;
	}
	return true;
}

/* Where the steps of a path begin; writes them the first time. */
static int
put_steps(struct writer *w, const struct path *p)
{
	int	at = w->n_steps;

	for (int i = 0; i < w->n_runs; i++)
		if (same_steps(&w->runs[i], p))
			return w->run_at[i];
	GROW(w->runs, w->n_runs);
	GROW(w->run_at, w->n_runs);
	w->runs[w->n_runs] = *p;
	w->run_at[w->n_runs++] = at;
	for (int i = 0; i < p->n; i++)
		printf("\t{ \"%s\", %d, %d },\n", p->step[i].name,
		    text_at(w, p->step[i].url), p->step[i].first);
	w->n_steps += p->n;
	return at;
}

/* The order in which paths stand in deft_path. */
static void
each_paths(struct writer *w,
    void (*fn)(struct writer *w, const struct paths *paths))
{
	for (int i = 0; i < w->tb->n_params; i++)
		fn(w, &w->tb->params[i].paths);
	for (int t = 1; t <= w->tb->n_types; t++) {
		fn(w, &w->tb->owners[t].subject);
		fn(w, &w->tb->owners[t].other);
	}
}

static void
steps_of(struct writer *w, const struct paths *paths)
{
	for (int i = 0; i < paths->n; i++)
		(void)put_steps(w, &paths->p[i]);
}

static void
paths_of(struct writer *w, const struct paths *paths)
{
	for (int i = 0; i < paths->n; i++) {
		const struct path	*p = &paths->p[i];

		printf("\t{ %d, %d, (enum def_dt)%d, %d },\n",
		    put_steps(w, p), p->n, (int)p->dt,
		    text_at(w, p->system));
	}
}

/* Where paths begin in deft_path; called in the order of each_paths. */
static int
paths_at(struct writer *w, const struct paths *paths)
{
	w->n_paths += paths->n;
	return w->n_paths - paths->n;
}

static void
put_param(struct writer *w, const struct param *p)
{
	printf("\t{ %d, %d, \"%s\", (enum param_kind)%d, %d, %d, %d, ",
	    p->num, p->type, p->code, (int)p->kind,
	    paths_at(w, &p->paths), p->paths.n, p->first_only);
	put_set(p->targets);
	printf(", %d, %d, %d, %d },\n", w->n_parts, p->n_part, p->argonaut,
	    text_at(w, p->url));
	w->n_parts += p->n_part;
}

/* The first row of a type, or of the next that has any. */
static int
first_param(const struct tables *tb, int type)
{
	int	i = 0;

	while (i < tb->n_params && tb->params[i].type < type)
		i++;
	return i;
}

/* Slices by type, rows by number, and the codes valid for each type. */
static void
put_index(const struct tables *tb)
{
	int	every = first_param(tb, 1);

	printf("const uint16_t deft_param_first[] = {");
	for (int t = 0; t <= tb->n_types + 1; t++)
		printf(" %d,", first_param(tb, t));
	printf(" };\nconst uint16_t deft_max_param = %d;\n"
	    "const uint16_t deft_param_row[] = { 0,", tb->n_params);
	for (int num = 1; num <= tb->n_params; num++)
		for (int i = 0; i < tb->n_params; i++)
			if (tb->params[i].num == num)
				printf(" %d,", i + 1);
	printf(" };\nconst char *const deft_code[] = {\n");
	for (int t = 0; t <= tb->n_types; t++) {
		for (int i = 0; i < tb->n_params; i++)
			if (tb->params[i].type == 0 ||
			    tb->params[i].type == t)
				printf("\tdeft_param[%d].code,\n", i);
		printf("\tNULL,\n");
	}
	printf("};\nconst uint16_t deft_code_first[] = { 0,");
	for (int t = 1; t <= tb->n_types; t++)
		printf(" %d,", t * (every + 1) + first_param(tb, t) - every);
	printf(" };\n\n");
}

static void
put_params(struct writer *w)
{
	const struct tables	*tb = w->tb;

	printf("const struct def_step deft_step[] = {\n");
	each_paths(w, steps_of);
	printf("};\nconst struct def_path deft_path[] = {\n");
	each_paths(w, paths_of);
	printf("};\nconst uint16_t deft_part[] = {");
	for (int i = 0; i < tb->n_params; i++)
		for (int j = 0; j < tb->params[i].n_part; j++)
			printf(" %d,", tb->params[i].part[j]);
	printf(" };\nconst struct def_param deft_param[] = {\n");
	for (int i = 0; i < tb->n_params; i++)
		put_param(w, &tb->params[i]);
	printf("};\n");
	put_index(tb);
}

static void
put_owners(struct writer *w)
{
	printf("const struct def_owner deft_owner[] = {\n"
	    "\t{ 0, OWN_NONE, NULL, 0, NULL, 0 },\n");
	for (int t = 1; t <= w->tb->n_types; t++) {
		const struct owner	*o = &w->tb->owners[t];

		printf("\t{ %d, (enum owner_rule)%d, "
		    "&deft_path[%d], %d, ", t, (int)o->rule,
		    paths_at(w, &o->subject), o->subject.n);
		printf("&deft_path[%d], %d },\n",
		    paths_at(w, &o->other), o->other.n);
	}
	printf("};\n\n");
}

static void
put_members(const struct tables *tb)
{
	int	at = 0;

	printf("static const char *const deft_member_code[] = {\n");
	for (int i = 0; i < tb->n_members; i++)
		for (int j = 0; j < tb->members[i].n; j++)
			printf("\tdeft_param[%d].code,\n",
			    (int)(tb->members[i].param[j] - tb->params));
	printf("};\nconst uint16_t deft_n_member = %d;\n"
	    "const struct def_member deft_member[] = {\n", tb->n_members);
	for (int i = 0; i < tb->n_members; i++) {
		const struct member	*m = &tb->members[i];

		printf("\t{ %d, %d, &deft_member_code[%d], %d, ",
		    m->compartment, m->type, at, m->n);
		if (m->to == NULL)
			printf("NULL, NULL },\n");
		else
			printf("&deft_param[%d], &deft_param[%d] },\n",
			    (int)(m->link - tb->params),
			    (int)(m->to - tb->params));
		at += m->n;
	}
	printf("};\n\n");
}

/* --- rules --------------------------------------------------------------- */

int
elem_at(const struct tables *tb, int shape)
{
	int	at = 0;

	for (int s = 1; s < shape; s++)
		at += tb->shapes[s].n;
	return at;
}

/* What code judges stands under shape 0: no walk looks there. */
static int
rule_shape(const struct row *r)
{
	return r->node == 0 ? 0 : r->shape;
}

void
put_rule(struct writer *w, const struct row *r)
{
	const struct tables	*tb = w->tb;
	int			 at = 0;

	if (r->elem != NULL)
		at = elem_at(tb, r->shape) +
		    (int)(r->elem - tb->shapes[r->shape].elem);
	printf("\t{ %d, %d, %d, %d, %d, %d, %d },\n", text_at(w, r->key),
	    text_at(w, r->text), r->shape, at, r->node, r->warning, r->ours);
}

static void
put_steps_of_rules(const struct tables *tb)
{
	printf("const struct rule_path deft_rule_path[] = {\n");
	for (int i = 0; i < tb->n_rpaths; i++)
		printf("\t{ %d, %d },\n", tb->rpaths[i].step_at,
		    tb->rpaths[i].n_step);
	printf("};\nconst struct rule_step deft_rule_step[] = {\n");
	for (int i = 0; i < tb->n_rsteps; i++) {
		const struct rstep	*s = &tb->rsteps[i];

		printf("\t{ %d, %d, %d, %d, %d },\n",
		    elem_at(tb, s->shape) + s->elem, s->n, s->first,
		    s->deep, s->more);
	}
	printf("};\n");
}

static void
put_rules(struct writer *w)
{
	const struct tables	*tb = w->tb;
	int			 at = 0;

	printf("const uint16_t deft_n_rule = %d;\n"
	    "const struct rule deft_rule[] = {\n", tb->n_rows);
	for (int i = 0; i < tb->n_rows; i++)
		put_rule(w, &tb->rows[i]);
	printf("};\nconst uint16_t deft_rule_first[] = {");
	for (int s = 0; s <= tb->n_shapes + 1; s++) {
		while (at < tb->n_rows && rule_shape(&tb->rows[at]) < s)
			at++;
		printf(" %d,", at);
	}
	printf(" };\nconst struct rule_node deft_node[] = {\n");
	for (int i = 0; i < tb->n_nodes; i++)
		printf("\t{ (enum node_op)%d, %d, %d, %d, %d },\n",
		    (int)tb->nodes[i].op, tb->nodes[i].a, tb->nodes[i].b,
		    tb->nodes[i].c, tb->nodes[i].d);
	printf("};\n");
	put_steps_of_rules(tb);
	printf("const uint32_t deft_word[] = {");
	for (int i = 0; i < tb->n_words; i++)
		printf(" %d,", text_at(w, tb->words[i]));
	printf(" };\n\n");
}

void
tables_write(const struct tables *tb)
{
	struct writer	w = { .tb = tb, .text_end = 1 };

	printf("/* Written by mktab from the tables: do not edit. */\n"
	    "#include \"fhir/def_tables.h\"\n"
	    "#include \"fhir/profile_tables.h\"\n"
	    "#include \"fhir/rule_tables.h\"\n\n");
	put_types(tb);
	put_shapes(tb);
	put_params(&w);
	put_owners(&w);
	put_members(tb);
	put_rules(&w);
	profiles_write(&w);
	put_texts(&w);
	printf("const uint64_t def_digest = UINT64_C(0x%016" PRIx64 ");\n",
	    tables_digest(tb));
}
