/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_query.h -- parse a search in one line, for the tests of queries.
 */
#ifndef TESTS_UNIT_FHIR_QUERY_H
#define TESTS_UNIT_FHIR_QUERY_H

#include "fhir/query.h"

#include "tests/unit/unit.h"

UNUSED static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

UNUSED static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

UNUSED static int
reset_arena(void **state)
{
	arena_reset(*state);
	return 0;
}

static const struct query_limits	limits = { .params = 100, .values = 200,
    .depth = 4 };

UNUSED static uint16_t
type_num(const char *name)
{
	return def_type(bytes_str(name))->num;
}

/* Split and parse; what is said about it in *is. */
UNUSED static enum err
parse_type(struct arena *a, uint16_t type, const char *text,
    const struct query_limits *lim, struct issues *is, struct query *q)
{
	const struct base_urls	urls = { .base = bytes_str("https://h/fhir") };
	struct pair		*pairs;
	size_t			 n;
	enum err		 e;

	*is = issues_on(a);
	e = query_pairs(a, bytes_str(text), lim->params, is, &pairs, &n);
	if (e != OK)
		return e;
	return query_parse(a, type, pairs, n, &urls,
	    (struct instant){ INT64_C(1767225600000) }, lim, is, q);
}

UNUSED static enum err
parse(struct arena *a, const char *type, const char *text,
    struct issues *is, struct query *q)
{
	return parse_type(a, type_num(type), text, &limits, is, q);
}

UNUSED static struct query
good(struct arena *a, const char *type, const char *text)
{
	struct issues	is;
	struct query	q;

	if (parse(a, type, text, &is, &q) != OK)
		fail_msg("%s?%s: %s", type, text, is.first->text);
	assert_null(is.first);
	return q;
}

struct refusal {
	const char	*type, *text;
	enum err	 err;
	const char	*place;		/* NULL: not looked at */
	const char	*says;		/* part of the explanation */
};

UNUSED static void
refuses(struct arena *a, const struct refusal *r, size_t n)
{
	struct issues	is;
	struct query	q;
	size_t		i;

	for (i = 0; i < n; i++) {
		enum err	e = parse(a, r[i].type, r[i].text, &is, &q);

		if (e != r[i].err)
			fail_msg("%s?%s: %s, not %s", r[i].type, r[i].text,
			    err_name(e), err_name(r[i].err));
		assert_int_equal(is.n, 1);
		if (strstr(is.first->text, r[i].says) == NULL)
			fail_msg("%s?%s says: %s", r[i].type, r[i].text,
			    is.first->text);
		if (r[i].place != NULL)
			assert_string_equal(is.first->place, r[i].place);
	}
}

/* Does the resource p1 of time 1000 with these values satisfy all of q? */
UNUSED static bool
found(const struct query *q, const struct values *values)
{
	size_t	i;

	for (i = 0; i < q->n_must; i++)
		if (!query_match(&q->must[i], values, bytes_str("p1"),
		    (struct instant){ 1000 }))
			return false;
	return true;
}

#define T(fn)	cmocka_unit_test_teardown(fn, reset_arena)

#endif
