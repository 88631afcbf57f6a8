/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.c -- fuzz the way from the text of a search to its verdict.
 *
 * The first byte picks the searched type (255: all), the rest is the query.
 * Beyond not crashing: a refusal has its issue, which repeats nothing unclean;
 * the self link of what was accepted is accepted and means the same query;
 * trees are as deep and as large as the limits allow and no more; what is read
 * leniently is read strictly, too, when what was left out is gone.
 */
#include <stdlib.h>

#include "base/text.h"
#include "fhir/query.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct query_limits	limits = { .params = 100, .values = 200,
    .depth = 4 };
static const struct query_limits	lenient = { .params = 100,
    .values = 200, .depth = 4, .lenient = true };

static void
must(bool held)
{
	if (!held)
		abort();
}

/* What an answer may repeat: printable ASCII without markup. */
static void
check_issue(const struct issues *is)
{
	const struct issue	*i;
	const char		*s;

	must(is->n > 0 && is->last->severity == SEV_ERROR);
	for (i = is->first; i != NULL; i = i->next) {
		must(i->text[0] != '\0' && i->place != NULL);
		must(i->severity == SEV_WARNING || i == is->last);
		for (s = i->place; *s != '\0'; s++)
			must(*s > ' ' && *s < 0x7f &&
			    strchr("<>\"'&", *s) == NULL);
		must(text_utf8(bytes_str(i->text)));
	}
}

static enum err
parse(struct arena *a, uint16_t type, struct bytes text,
    const struct query_limits *lim, struct query *q)
{
	const struct base_urls	urls = { .base = bytes_str("https://h/fhir") };
	struct issues		is = issues_on(a);
	struct pair		*pairs;
	size_t			 n;
	enum err		 e;

	e = query_pairs(a, text, lim->params, &is, &pairs, &n);
	if (e == OK)
		e = query_parse(a, type, pairs, n, &urls,
		    (struct instant){ INT64_C(1767225600000) }, lim, &is, q);
	if (e == OK)
		must(is.n == 0 || (lim->lenient &&
		    is.first->severity == SEV_WARNING));
	else
		check_issue(&is);
	return e;
}

/* Judge each value of a leaf by the whole of it: both verdicts run. */
static void
match(const struct criterion *c)
{
	size_t	j;

	must(c->param != NULL && (c->n_any > 0 || c->set != NULL ||
	    c->mod == MOD_MISSING));
	for (j = 0; j < c->n_any; j++) {
		struct value		v = c->any[j].v;
		const struct values	values = { &v, 1 };

		(void)query_match(c, &values, bytes_str("x"),
		    (struct instant){ 0 });
	}
}

/* How many nodes there are; none deeper than steps and brackets allow. */
static size_t
walk(const struct node *n, size_t depth)
{
	size_t	i, sum = 1;

	must(depth < 8 * (limits.depth + 2));
	must((n->kid != NULL) == (n->n_kid > 0));
	if (n->op == NODE_LEAF)
		match(&n->leaf);
	if (n->op == NODE_CHAIN || n->op == NODE_HAS)
		must(n->link != NULL && n->type != 0 && n->n_kid == 1);
	for (i = 0; i < n->n_kid; i++)
		sum += walk(&n->kid[i], depth + 1);
	return sum;
}

static void
look(const struct query *q)
{
	size_t	i, sum = 0;

	for (i = 0; i < q->n_must; i++)
		match(&q->must[i]);
	for (i = 0; i < q->n_node; i++)
		sum += walk(&q->node[i], 0);
	must(sum <= 4000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena	*a;
	struct query	 q, again;
	uint16_t	 type;

	if (len == 0)
		return 0;
	a = arena_new(0);
	type = data[0] == 255 ? 0 : (uint16_t)(data[0] % DEF_TYPES + 1);
	if (parse(a, type, bytes_of(data + 1, len - 1), &lenient, &q) == OK)
		must(parse(a, type, q.self, &limits, &again) == OK);
	if (parse(a, type, bytes_of(data + 1, len - 1), &limits, &q) == OK) {
		must(parse(a, type, q.self, &limits, &again) == OK);
		must(memcmp(q.digest, again.digest, sizeof(q.digest)) == 0);
		must(bytes_eq(q.self, again.self));
		look(&q);
	}
	arena_free(&a);
	return 0;
}
