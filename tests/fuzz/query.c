/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.c -- fuzz the way from the text of a search to its verdict.
 *
 * The first byte picks the searched type, the rest is the query.  Beyond not
 * crashing: a refusal has its issue, which repeats nothing unclean; the self
 * link of what was accepted is accepted and means the same query.
 */
#include <stdlib.h>

#include "base/text.h"
#include "fhir/query.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct query_limits	limits = { .params = 100, .values = 200,
    .depth = 4 };

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
	const char	*s;

	must(is->n == 1 && is->first->text[0] != '\0' &&
	    is->first->place != NULL);
	for (s = is->first->place; *s != '\0'; s++)
		must(*s > ' ' && *s < 0x7f && strchr("<>\"'&", *s) == NULL);
	must(text_utf8(bytes_str(is->first->text)));
}

static enum err
parse(struct arena *a, uint16_t type, struct bytes text, struct query *q)
{
	const struct base_urls	urls = { .base = bytes_str("https://h/fhir") };
	struct issues		is = issues_on(a);
	struct pair		*pairs;
	size_t			 n;
	enum err		 e;

	e = query_pairs(a, text, limits.params, &is, &pairs, &n);
	if (e == OK)
		e = query_parse(a, type, pairs, n, &urls,
		    (struct instant){ INT64_C(1767225600000) }, &limits, &is,
		    q);
	if (e == OK)
		must(is.n == 0);
	else
		check_issue(&is);
	return e;
}

/* Judge each value of the query by the whole of it: both verdicts run. */
static void
match(const struct query *q)
{
	size_t	i, j;

	for (i = 0; i < q->n_must; i++) {
		const struct criterion	*c = &q->must[i];

		for (j = 0; j < c->n_any; j++) {
			struct value		v = c->any[j].v;
			const struct values	values = { &v, 1 };

			(void)query_match(c, &values, bytes_str("x"),
			    (struct instant){ 0 });
		}
	}
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
	type = (uint16_t)(data[0] % DEF_TYPES + 1);
	if (parse(a, type, bytes_of(data + 1, len - 1), &q) == OK) {
		must(parse(a, type, q.self, &again) == OK);
		must(memcmp(q.digest, again.digest, sizeof(q.digest)) == 0);
		must(bytes_eq(q.self, again.self));
		match(&q);
	}
	arena_free(&a);
	return 0;
}
