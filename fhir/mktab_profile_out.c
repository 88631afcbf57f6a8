/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_profile_out.c -- profiles, as profile_tables.h has them.
 */
#include "fhir/mktab_out.h"

static void
put_row(struct writer *w, const struct prow *r, int rules)
{
	printf("\t{ %d, %d, %d, %d, %d, %d, %d, %d, %d, %d, %d, %d, %d, %d, "
	    "%d, %d, %d, ", text_at(w, r->path), text_at(w, r->url),
	    r->shape == 0 ? 0 : elem_at(w->tb, r->shape) + r->elem,
	    r->n_elem, r->below, r->min, r->max < 0 ? PROFILE_MANY : r->max,
	    r->set, r->fixed < 0 ? 0 : r->fixed, r->pattern, r->n_pattern,
	    rules + r->rule, r->n_rule, (int)r->bind, r->fixed >= 0,
	    r->must_support, r->units);
	put_set(r->targets);
	printf(" },\n");
}

static void
put_profiles(struct writer *w)
{
	const struct tables	*tb = w->tb;
	int			 row = 0, unit = 0;

	printf("_Static_assert(%d <= PROFILES_MAX, \"profile_tables.h\");\n",
	    tb->n_profs);
	printf("const uint16_t deft_n_profile = %d;\n"
	    "const struct profile deft_profile[] = {\n", tb->n_profs);
	for (int i = 0; i < tb->n_profs; i++) {
		const struct prof	*p = &tb->profs[i];

		printf("\t{ %d, %d, %d, %d, %d, %d, %d },\n",
		    text_at(w, p->url), text_at(w, p->name), p->type, row,
		    p->n, unit, p->n_units);
		row += p->n;
		unit += p->n_units;
	}
	printf("};\n");
}

void
profiles_write(struct writer *w)
{
	const struct tables	*tb = w->tb;
	int			 rules = 0;

	put_profiles(w);
	printf("const struct profile_row deft_profile_row[] = {\n");
	for (int i = 0; i < tb->n_profs; i++) {
		for (int j = 0; j < tb->profs[i].n; j++)
			put_row(w, &tb->profs[i].row[j], rules);
		rules += tb->profs[i].n_rule;
	}
	printf("};\nconst struct profile_unit deft_profile_unit[] = {\n");
	for (int i = 0; i < tb->n_profs; i++)
		for (int j = 0; j < tb->profs[i].n_units; j++)
			printf("\t{ %d, %d },\n", tb->profs[i].unit[j],
			    tb->profs[i].n_unit[j]);
	printf("};\nconst struct rule deft_profile_rule[] = {\n");
	for (int i = 0; i < tb->n_profs; i++)
		for (int j = 0; j < tb->profs[i].n_rule; j++)
			put_rule(w, &tb->profs[i].rule[j]);
	printf("};\n\n");
}
