/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.c -- fuzz target: the value of one search parameter.
 *
 * The first byte picks a parameter of each kind, the rest is its value as it
 * comes out of a URL.  Beyond not crashing: a refusal has its issue; what a
 * value names satisfies it; a number is above another or not above it.
 */
#include <stdlib.h>

#include "base/text.h"
#include "fhir/query.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct {
	const char	*type, *name;
} asked[] = {
	{ "Patient", "birthdate" }, { "Observation", "date" },
	{ "Observation", "value-quantity" },
	{ "RiskAssessment", "probability" },
	{ "Patient", "identifier" }, { "Observation", "code" },
	{ "Patient", "name:exact" }, { "ValueSet", "url:below" },
	{ "Observation", "subject" }, { "Observation", "code-value-quantity" },
	{ "Patient", "name:contains" }, { "Observation", "code:text" }
};

static void
want(bool held)
{
	if (!held)
		abort();
}

static enum err
parse(struct arena *a, size_t i, struct bytes text, struct query *q)
{
	const struct query_limits lim = { .params = 10, .values = 200,
	    .depth = 4, .zone = -60 };
	const struct base_urls urls = { .base = bytes_str("https://h/fhir") };
	const struct pair p = { bytes_str(asked[i].name), text };
	struct issues is = issues_on(a);
	enum err e;

	e = query_parse(a, def_type(bytes_str(asked[i].type))->num, &p, 1,
	    &urls, (struct instant){ INT64_C(1767225600000) }, &lim, &is, q);
	want(e == OK ? is.n == 0 : is.n == 1 && is.first->text[0] != '\0');
	return e;
}

/* The number that stands there, as a resource has it. */
static struct value
point(const struct match *m)
{
	struct value v = m->v;

	v.hi = v.lo;
	v.any_system = v.any_code = false;
	return v;
}

static void
check_range(const struct criterion *c, const struct match *m)
{
	struct value v = point(m);
	bool own = query_value_match(c, m, &v);

	switch (m->prefix) {
	case PRE_EQ:
	case PRE_AP:
		want(dec_cmp(&m->v.lo, &m->v.hi) < 0 && own);
		break;
	case PRE_GE:
	case PRE_LE:
		want(own);
		break;
	case PRE_NE:
	case PRE_GT:
	case PRE_LT:
	case PRE_SA:
	case PRE_EB:
		want(!own);
		break;
	}
}

static void
check_token(const struct criterion *c, const struct match *m)
{
	struct value v = m->v;

	if (c->mod != MOD_NONE || m->v.text.len == 0)
		return;
	v.any_system = v.any_code = v.no_system = false;
	want(query_value_match(c, m, &v));
}

static void
check_criterion(const struct criterion *c)
{
	size_t i;

	for (i = 0; i < c->n_any; i++) {
		const struct match *m = &c->any[i];

		switch (c->param->kind) {
		case PK_DATE:
			want(m->v.time.lo < m->v.time.hi);
			want(m->prefix != PRE_EQ ||
			    query_value_match(c, m, &m->v));
			break;
		case PK_NUMBER:
		case PK_QUANTITY:
			check_range(c, m);
			break;
		case PK_TOKEN:
			check_token(c, m);
			break;
		default:
			(void)query_value_match(c, m, &m->v);
		}
	}
}

/* x is above y or it is not, in whatever unit. */
static void
check_order(struct arena *a, size_t i, struct bytes text)
{
	struct query above, below;
	struct value v;

	if (parse(a, i, bytes_str(arena_printf(a, "gt%.*s", BYTES_FMT(text))),
	    &above) != OK || parse(a, i, bytes_str(arena_printf(a, "le%.*s",
	    BYTES_FMT(text))), &below) != OK || above.must[0].n_any != 1)
		return;
	v = point(&above.must[0].any[0]);
	if (prim_dec(bytes_str("37.2"), &v.lo) != OK)
		abort();
	v.hi = v.lo;
	want(query_any_match(&above.must[0], &v) !=
	    query_any_match(&below.must[0], &v));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes text;
	struct arena *a;
	struct query q;
	size_t i;

	/* what query_pairs lets through */
	if (len == 0 || memchr(data + 1, 0, len - 1) != NULL ||
	    !text_utf8(bytes_of(data + 1, len - 1)))
		return 0;
	a = arena_new(0);
	i = data[0] % N_ELEM(asked);
	text = bytes_of(data + 1, len - 1);
	if (parse(a, i, text, &q) == OK && q.n_must == 1)
		check_criterion(&q.must[0]);
	if (strcmp(asked[i].name, "value-quantity") == 0)
		check_order(a, i, text);
	arena_free(&a);
	return 0;
}
