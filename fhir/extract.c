/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract.c -- walk a resource along the paths of its parameters.  (L1)
 *
 * Values land in one growing array, one run per parameter; at the end the
 * runs are put in the order of their numbers and doubles are dropped.  The
 * walk itself allocates nothing.
 */
#include <stdlib.h>

#include "fhir/extract_conv.h"

#define FIRST_VALUES	16	/* half of the resources have no more */

struct value *
walk_add(struct walk *w)
{
	struct value *v;
	size_t cap;

	if (w->n == w->cap) {
		cap = w->cap == 0 ? FIRST_VALUES : w->cap * 2;
		v = arena_room(w->arena, cap * sizeof(*v));
		if (w->n > 0)
			memcpy(v, w->v, w->n * sizeof(*v));
		w->v = v;
		w->cap = cap;
	}
	v = &w->v[w->n++];
	memset(v, 0, sizeof(*v));
	v->param = w->param->num;
	v->kind = (uint8_t)w->param->kind;
	return v;
}

void
walk_warn(struct walk *w, const char *should)
{
	const char *place = w->param->type == 0 ? "Resource" :
	    def_type_num(w->param->type)->name;
	size_t i;

	for (i = 0; i < w->path->n_step; i++)
		place = arena_printf(w->arena, "%s.%s", place,
		    def_steps(w->path)[i].name);
	issue_warn(w->is, ERR_VALUE, "search-index", place,
	    "not indexed for search parameter %s: it should be %s",
	    w->param->code, should);
}

struct bytes
walk_text(const json_t *at, const char *member)
{
	const json_t *v = json_object_get(at, member);

	return json_is_num(v) ? bytes_of(NULL, 0) : json_text(v);
}

/* at is one element of step: has it the url the step asks for? */
static bool
fits(const json_t *at, const struct def_step *step)
{
	const char *url = def_step_url(step);

	return url == NULL || bytes_is(walk_text(at, "url"), url);
}

void
walk_path(const json_t *at, const struct def_step *step, size_t n_step,
    void (*fn)(void *arg, const json_t *at), void *arg)
{
	const json_t *v, *e;
	size_t i, n;

	if (n_step == 0) {
		if (!json_is_null(at))
			fn(arg, at);
		return;
	}
	v = json_object_get(at, step->name);
	if (v == NULL)
		return;
	if (!json_is_array(v)) {
		if (fits(v, step))
			walk_path(v, step + 1, n_step - 1, fn, arg);
		return;
	}
	n = json_array_size(v);
	if (step->first && n > 1)
		n = 1;
	for (i = 0; i < n; i++) {
		e = json_array_get(v, i);
		if (fits(e, step))
			walk_path(e, step + 1, n_step - 1, fn, arg);
	}
}

static void
convert(void *arg, const json_t *at)
{
	walk_convert(arg, at);
}

/* --- no value twice ------------------------------------------------------ */

static int
order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Any total order in which equal values meet; of one parameter. */
static int
compare(const struct value *a, const struct value *b)
{
	int c = bytes_cmp(a->text, b->text);
	uint8_t i;

	if (c == 0)
		c = bytes_cmp(a->more, b->more);
	if (c == 0)
		c = bytes_cmp(a->unit, b->unit);
	if (c == 0)
		c = order(a->type, b->type);
	if (c == 0)
		c = order(a->time.lo, b->time.lo);
	if (c == 0)
		c = order(a->time.hi, b->time.hi);
	if (c == 0)
		c = dec_cmp(&a->lo, &b->lo);
	if (c == 0)
		c = dec_cmp(&a->hi, &b->hi);
	/* composites are no parts of composites: this goes one level down */
	for (i = 0; c == 0 && i < a->n_part && i < b->n_part; i++)
		c = compare(&a->part[i], &b->part[i]);
	return c != 0 ? c : order(a->n_part, b->n_part);
}

/* Equal values in their order of appearance: the first one stays. */
static int
compare_at(const void *a, const void *b)
{
	const struct value *const *x = a, *const *y = b;
	int c = compare(*x, *y);

	return c != 0 ? c : (*x > *y) - (*x < *y);
}

void
walk_once(struct walk *w, size_t from)
{
	size_t n = w->n - from, i, kept = from;
	struct value **p;
	bool *twice;

	if (n < 2)
		return;
	p = arena_array(w->arena, n, sizeof(struct value *));
	twice = arena_array(w->arena, n, sizeof(*twice));
	for (i = 0; i < n; i++)
		p[i] = &w->v[from + i];
	qsort(p, n, sizeof(struct value *), compare_at);
	for (i = 1; i < n; i++)
		if (compare(p[i - 1], p[i]) == 0)
			twice[p[i] - &w->v[from]] = true;
	for (i = 0; i < n; i++) {
		if (twice[i])
			continue;
		if (kept != from + i)
			w->v[kept] = w->v[from + i];
		kept++;
	}
	w->n = kept;
}

/*
 * That an element is there without a code need not be said where another value
 * says so.
 */
static void
drop_bare(struct walk *w, size_t from)
{
	size_t i, kept = from;

	for (i = from; w->n - from > 1 && i < w->n; i++)
		if (!value_codeless(&w->v[i]) || w->v[i].more.len > 0) {
			if (kept != i)
				w->v[kept] = w->v[i];
			kept++;
		}
	if (kept > from)
		w->n = kept;
}

/* --- one parameter, all parameters --------------------------------------- */

static void
one(struct walk *w, const struct def_param *param, const json_t *tree)
{
	size_t from = w->n, i;

	w->param = param;
	if (param->kind == PK_COMPOSITE) {
		walk_composite(w, tree);
	} else {
		for (i = 0; i < param->n_path; i++) {
			w->path = &def_paths(param)[i];
			walk_path(tree, def_steps(w->path), w->path->n_step,
			    convert, w);
			if (param->first_only && w->n > from)
				break;
		}
	}
	walk_once(w, from);
	if (param->kind == PK_TOKEN)
		drop_bare(w, from);
}

/* The values of one parameter, in w->v. */
struct run {
	size_t	 from, n;
};

/* Runs by parameter number; they come by name, nearly in that order. */
static struct values
in_order(struct walk *w, struct run *run, size_t n_run)
{
	struct value *v = arena_room(w->arena, w->n * sizeof(*v));
	size_t i, k, at = 0;

	for (i = 1; i < n_run; i++)
		for (k = i; k > 0 && w->v[run[k].from].param <
		    w->v[run[k - 1].from].param; k--) {
			struct run r = run[k];

			run[k] = run[k - 1];
			run[k - 1] = r;
		}
	for (i = 0; i < n_run; i++) {
		memcpy(v + at, w->v + run[i].from, run[i].n * sizeof(*v));
		at += run[i].n;
	}
	return (struct values){ .v = v, .n = w->n };
}

enum err
walk_values(struct walk *w, uint16_t type, const json_t *tree,
    struct values *out)
{
	static const uint16_t every[] = {
		PARAM_TAG, PARAM_PROFILE, PARAM_SECURITY
	};
	const struct def_param *param;
	size_t n, i, n_run = 0, from;
	struct run *run;

	if (type == 0 || def_type_num(type) == NULL || !json_is_object(tree))
		return ERR_BUG;
	w->tree = tree;
	param = def_params(type, &n);
	run = arena_array(w->arena, n + N_ELEM(every), sizeof(*run));
	for (i = 0; i < n + N_ELEM(every); i++) {
		const struct def_param *p = i < N_ELEM(every) ?
		    def_param_num(every[i]) : &param[i - N_ELEM(every)];

		if (w->only_inside && p->kind != PK_REFERENCE)
			continue;
		from = w->n;
		one(w, p, tree);
		if (w->n > from)
			run[n_run++] = (struct run){ from, w->n - from };
	}
	*out = in_order(w, run, n_run);
	return OK;
}

enum err
extract_values(struct arena *a, const struct extract *x, uint16_t type,
    const json_t *tree, struct issues *is, struct values *out)
{
	struct walk w = { .arena = a, .x = x, .is = is };

	return walk_values(&w, type, tree, out);
}
