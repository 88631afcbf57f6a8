/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_comp.c -- composite values: parts out of one element.  (L1)
 *
 * Only what stands under one parent belongs together: the code of one
 * component never meets the quantity of another.  The parent of a path is
 * all of it but the last step; parts meet where their parents are the same.
 *
 * Spec: DSTU2 search.html#composite.
 */
#include "fhir/extract_conv.h"

#define PART_MAX	4	/* parts of a composite in our tables */
#define PRODUCT_MAX	1000	/* combinations out of one element */

struct composite {
	struct walk		*w;
	const struct def_param	*param;		/* the composite */
	const struct def_param	*part[PART_MAX];
	const struct def_path	*first;		/* whose parent we are at */
};

static bool
same_parent(const struct def_path *a, const struct def_path *b)
{
	size_t i;

	if (a->n_step != b->n_step)
		return false;
	for (i = 0; i + 1 < a->n_step; i++) {
		const struct def_step *x = &def_steps(a)[i];
		const struct def_step *y = &def_steps(b)[i];

		/* the tables hold each url once */
		if (strcmp(x->name, y->name) != 0 ||
		    def_step_url(x) != def_step_url(y) ||
		    x->first != y->first)
			return false;
	}
	return true;
}

static void
convert(void *arg, const json_t *at)
{
	walk_convert(arg, at);
}

/*
 * Values of one part right below parent; they leave w->v again.  An element
 * without a code is no value to pair.
 */
static struct values
part_values(struct composite *c, const struct def_param *part,
    const json_t *parent)
{
	struct walk *w = c->w;
	struct values out = { NULL, 0 };
	size_t from = w->n, i;

	w->param = part;
	for (i = 0; i < part->n_path; i++) {
		w->path = &def_paths(part)[i];
		if (same_parent(w->path, c->first))
			walk_path(parent,
			    &def_steps(w->path)[w->path->n_step - 1], 1,
			    convert, w);
	}
	out.v = arena_array(w->arena, w->n - from, sizeof(*out.v));
	for (i = from; i < w->n; i++)
		if (!value_codeless(&w->v[i]))
			out.v[out.n++] = w->v[i];
	w->n = from;
	w->param = c->param;
	w->path = c->first;
	return out;
}

/* Every combination of one value of each part. */
static void
at_parent(void *arg, const json_t *parent)
{
	struct composite *c = arg;
	struct values of[PART_MAX];
	size_t product = 1, i, k, rest;
	uint8_t n = (uint8_t)c->param->n_part, j;
	struct value *part, *v;

	for (j = 0; j < n; j++) {
		of[j] = part_values(c, c->part[j], parent);
		if (of[j].n == 0)
			return;
		if (of[j].n > PRODUCT_MAX / product) {
			walk_warn(c->w, "fewer values to combine");
			return;
		}
		product *= of[j].n;
	}
	for (i = 0; i < product; i++) {
		part = arena_array(c->w->arena, n, sizeof(*part));
		rest = i;
		for (j = n; j > 0; j--) {
			k = rest % of[j - 1].n;
			rest /= of[j - 1].n;
			part[j - 1] = of[j - 1].v[k];
		}
		v = walk_add(c->w);
		v->part = part;
		v->n_part = n;
	}
}

void
walk_composite(struct walk *w, const json_t *tree)
{
	struct composite c = { .w = w, .param = w->param };
	const struct def_param *p = w->param;
	size_t i, k;

	if (p->n_part < 2 || p->n_part > PART_MAX)
		return;		/* the tables do not place it */
	for (i = 0; i < p->n_part; i++)
		c.part[i] = def_param_num(def_parts(p)[i]);
	for (i = 0; i < c.part[0]->n_path; i++) {
		c.first = &def_paths(c.part[0])[i];
		for (k = 0; k < i; k++)
			if (same_parent(&def_paths(c.part[0])[k], c.first))
				break;
		if (k < i || c.first->n_step == 0)
			continue;	/* that parent was done */
		w->path = c.first;
		walk_path(tree, def_steps(c.first), c.first->n_step - 1u,
		    at_parent, &c);
	}
}
