/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c -- criteria asked of rows.
 *
 * query_value_match decides about one value, query_match about all there are;
 * here the entries they are asked about are taken out of the row, or of what
 * stands beside it, and no others.  A row does not hold the id of its
 * resource, so _id is asked of the rids its values stand for.
 */
#include <stdlib.h>

#include "store/find.h"
#include "store/plan.h"

/* Where a criterion finds what it asks for. */
enum test_how {
	TEST_ID,	/* the rid, against those of its values */
	TEST_PLAIN,	/* one value of the row that matches is enough */
	TEST_CODE,	/* likewise, a token of one code */
	TEST_DATE,	/* likewise, a date, compared on its bytes */
	TEST_REFERENCE,	/* likewise, a reference to type and id */
	TEST_ALL,	/* all values of the row together */
	TEST_WORDS,	/* words, beside it */
	TEST_TEXTS	/* texts of tokens, beside it */
};

struct test {
	const struct criterion	*c;
	enum test_how		 how;
	uint16_t		*param;		/* numbers, sorted */
	size_t			 n_param;
	uint64_t		*rid;		/* TEST_ID: sorted */
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

static void
parts_free(void *p)
{
	struct arena *a = p;

	arena_free(&a);
}

/* Parts of composites are made and forgotten by the thousand. */
static struct arena *
parts_new(struct arena *a)
{
	struct arena *parts = arena_new(0);

	arena_defer(a, parts_free, parts);
	return parts;
}

/* Of those that one value is enough for: on the bytes of the row? */
static enum test_how
how_plain(const struct criterion *c)
{
	const struct value *v = &c->any[0].v;

	if (c->param->kind == PK_DATE && c->n_also == 0)
		return TEST_DATE;
	if (c->n_any != 1 || v->kind != c->param->kind)
		return TEST_PLAIN;
	if (v->kind == PK_TOKEN && !v->any_code && c->n_also == 0)
		return TEST_CODE;
	return v->kind == PK_REFERENCE && v->type != 0 ? TEST_REFERENCE :
	    TEST_PLAIN;
}

static enum test_how
how_of(const struct criterion *c)
{
	if (c->param->num == PARAM_ID)
		return TEST_ID;
	if (c->param->num == PARAM_TEXT || c->param->num == PARAM_CONTENT)
		return TEST_WORDS;
	if (c->param->num == PARAM_LASTUPDATED)
		return TEST_ALL;
	switch (c->mod) {
	case MOD_NONE:
		return how_plain(c);
	case MOD_EXACT:
	case MOD_CONTAINS:
	case MOD_TYPE:
	case MOD_ID:
		return TEST_PLAIN;
	case MOD_TEXT:
		return c->param->kind == PK_TOKEN ? TEST_TEXTS : TEST_ALL;
	default:
		return TEST_ALL;
	}
}

enum err
filter_add(struct filter *f, const struct gate *g, uint16_t type,
    const struct criterion *c)
{
	struct test t = { .c = c, .how = how_of(c) };
	struct source ids;
	enum err e;
	size_t i;

	if (t.how == TEST_ID) {
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
	}
	if (c->param->kind == PK_COMPOSITE && f->parts == NULL)
		f->parts = parts_new(f->arena);
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
	    rid_cmp) != NULL;
	/* It has one id: to be another one is not to be this one. */
	return t->c->mod == MOD_NOT || t->c->mod == MOD_OTHER ? !hit : hit;
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
		while (key_entry(f->parts, row, t->param[i], &at, &v))
			if (query_any_match(t->c, &v))
				return true;
	}
	return false;
}

static bool
test_code(const struct test *t, const struct row *row)
{
	struct bytes at = { NULL, 0 };
	struct value v;

	while (key_entry_code(row, t->param[0], t->c->any[0].v.text, &at, &v))
		if (query_value_match(t->c, &t->c->any[0], &v))
			return true;
	return false;
}

static bool
test_date(const struct test *t, const struct row *row)
{
	struct bytes at = { NULL, 0 };
	struct span span;

	while (key_entry_span(row, t->param[0], &at, &span))
		if (query_span_match(t->c, span))
			return true;
	return false;
}

static bool
test_reference(const struct test *t, const struct row *row)
{
	const struct value *v = &t->c->any[0].v;
	size_t i;

	for (i = 0; i < t->n_param; i++)
		if (key_entry_refers(row, t->param[i], v->type, v->text))
			return true;
	return false;
}

static void
push_all(struct filter *f, const struct test *t, const struct row *row)
{
	struct bytes at;
	struct value v;
	size_t i;

	for (i = 0; i < t->n_param; i++) {
		at = bytes_of(NULL, 0);
		while (key_entry(f->parts, row, t->param[i], &at, &v))
			push(f, &v);
	}
}

/* Words of the resource itself: those within it are its own, too. */
static void
push_words(struct filter *f, const struct test *t, const struct asked *s)
{
	struct bytes at = s->extra.words;
	struct value v = { .param = t->c->param->num, .kind = PK_STRING };
	bool narrative;

	if (s->inner != NULL)
		return;
	while (key_word(&at, &v.more, &narrative))
		if (narrative || v.param == PARAM_CONTENT)
			push(f, &v);
}

/* Of one inside, the id it has there; of others it was asked by rid. */
static struct bytes
inner_id(const struct asked *s)
{
	return s->inner == NULL ? bytes_of(NULL, 0) : s->inner->id;
}

static enum err
test_values(struct filter *f, const struct test *t, struct asked *s,
    bool *hit_out)
{
	bool beside = t->how == TEST_WORDS || t->how == TEST_TEXTS;
	struct values values;
	enum err e;

	if (beside && s->inner == NULL) {
		e = asked_load(s);
		if (e != OK)
			return e;
	}
	f->n_value = 0;
	if (t->how == TEST_WORDS)
		push_words(f, t, s);
	else if (beside)
		push_all(f, t, s->inner != NULL ? &s->inner->text :
		    &s->extra.own);
	else
		push_all(f, t, s->row);
	values.v = f->value;
	values.n = f->n_value;
	*hit_out = query_match(t->c, &values, inner_id(s), s->row->updated);
	return OK;
}

/* What is contained has no meta, and so no time. */
static bool
timeless(const struct test *t, const struct asked *s)
{
	return s->inner != NULL && t->c->param->num == PARAM_LASTUPDATED;
}

static enum err
test(struct filter *f, const struct test *t, struct asked *s, bool *hit_out)
{
	enum err e = OK;

	if (t->how == TEST_ID && s->inner == NULL)
		*hit_out = test_id(t, s->rid);
	else if (timeless(t, s))
		*hit_out = t->c->mod == MOD_MISSING && t->c->missing;
	else if (t->how == TEST_CODE)
		*hit_out = test_code(t, s->row);
	else if (t->how == TEST_DATE)
		*hit_out = test_date(t, s->row);
	else if (t->how == TEST_REFERENCE)
		*hit_out = test_reference(t, s->row);
	else if (t->how == TEST_PLAIN)
		*hit_out = test_plain(f, t, s->row);
	else
		e = test_values(f, t, s, hit_out);
	if (f->parts != NULL)
		arena_reset(f->parts);
	return e;
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

enum err
filter_ask(struct filter *f, struct asked *s, bool *hit_out)
{
	enum err e;
	size_t i;

	*hit_out = true;
	for (i = 0; i < f->n; i++) {
		e = test(f, &f->test[i], s, hit_out);
		if (e != OK)
			return e;
		if (!*hit_out) {
			move_up(f, i);
			return OK;
		}
	}
	return OK;
}

bool
filter_row(struct filter *f, uint64_t rid, const struct row *row)
{
	struct asked s = { .rid = rid, .row = row, .loaded = true };
	bool hit;

	return filter_ask(f, &s, &hit) == OK && hit;
}

enum err
asked_load(struct asked *s)
{
	enum err e = OK;

	if (!s->loaded)
		e = gate_extra(s->g, s->rid, s->row, &s->extra);
	s->loaded = s->loaded || e == OK;
	return e;
}
