/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c -- criteria asked of rows.
 *
 * query_value_match decides about one value, query_match about all there are;
 * here the entries they are asked about are taken out of the row, and no
 * others.  A row does not hold the id of its resource, so _id is asked of the
 * rids its values stand for.
 */
#include <stdlib.h>

#include "store/find.h"
#include "store/plan.h"

struct test {
	const struct criterion	*c;
	uint16_t		*param;		/* numbers, sorted */
	size_t			 n_param;
	bool			 plain;		/* one value that matches is
						 * enough */
	uint64_t		*rid;		/* _id: sorted */
	size_t			 n_rid;
};

struct filter
filter_new(struct arena *a, size_t n)
{
	return (struct filter){
		.arena = a,
		.test = arena_array(a, n, sizeof(struct test)),
	};
}

static int
cmp_u16(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
cmp_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

enum err
filter_add(struct filter *f, const struct gate *g, uint16_t type,
    const struct criterion *c)
{
	struct test t = { .c = c };
	struct source ids;
	enum err e;
	size_t i;

	if (c->param->num == PARAM_ID) {
		e = plan_ids(g, f->arena, type, c, &ids);
		if (e != OK)
			return e;
		t.rid = ids.rid;
		t.n_rid = ids.n_rid;
	} else {
		t.param = arena_array(f->arena, c->n_also + 1,
		    sizeof(*t.param));
		t.param[t.n_param++] = c->param->num;
		for (i = 0; i < c->n_also; i++)
			if (c->also[i]->num != c->param->num)
				t.param[t.n_param++] = c->also[i]->num;
		qsort(t.param, t.n_param, sizeof(*t.param), cmp_u16);
		t.plain = c->mod != MOD_MISSING && c->mod != MOD_NOT &&
		    c->mod != MOD_NOT_IN &&
		    c->param->num != PARAM_LASTUPDATED;
	}
	f->test[f->n++] = t;
	return OK;
}

static void
push(struct filter *f, const struct value *v)
{
	struct value *more;

	if (f->n_value == f->cap) {
		f->cap = f->cap == 0 ? 16 : 2 * f->cap;
		more = arena_array(f->arena, f->cap, sizeof(*more));
		if (f->n_value > 0)
			memcpy(more, f->value, f->n_value * sizeof(*more));
		f->value = more;
	}
	f->value[f->n_value++] = *v;
}

static bool
test_id(const struct test *t, uint64_t rid)
{
	bool hit;

	if (t->c->mod == MOD_MISSING)
		return !t->c->missing;		/* every resource has an id */
	hit = t->n_rid > 0 && bsearch(&rid, t->rid, t->n_rid, sizeof(rid),
	    cmp_u64) != NULL;
	return t->c->mod == MOD_NOT ? !hit : hit;
}

/* Most criteria, and most of the time of a search: value by value. */
static bool
test_plain(struct filter *f, const struct test *t, const struct row *row)
{
	struct bytes at;
	struct value v;
	size_t i;

	for (i = 0; i < t->n_param; i++) {
		at = bytes_of(NULL, 0);
		while (key_entry(f->arena, row, t->param[i], &at, &v))
			if (query_any_match(t->c, &v))
				return true;
	}
	return false;
}

/* :missing and :not ask about all values together. */
static bool
test_row(struct filter *f, const struct test *t, const struct row *row)
{
	struct values values;
	struct bytes at;
	struct value v;
	size_t i;

	f->n_value = 0;
	for (i = 0; i < t->n_param; i++) {
		at = bytes_of(NULL, 0);
		while (key_entry(f->arena, row, t->param[i], &at, &v))
			push(f, &v);
	}
	values.v = f->value;
	values.n = f->n_value;
	return query_match(t->c, &values, bytes_of(NULL, 0), row->updated);
}

static bool
test(struct filter *f, const struct test *t, uint64_t rid,
    const struct row *row)
{
	if (t->c->param->num == PARAM_ID)
		return test_id(t, rid);
	return t->plain ? test_plain(f, t, row) : test_row(f, t, row);
}

/* The criterion that turns most rows away works its way to the front. */
static void
move_up(struct filter *f, size_t i)
{
	struct test t = f->test[i];

	if (i == 0)
		return;
	f->test[i] = f->test[i - 1];
	f->test[i - 1] = t;
}

bool
filter_row(struct filter *f, uint64_t rid, const struct row *row)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (!test(f, &f->test[i], rid, row)) {
			move_up(f, i);
			return false;
		}
	return true;
}
