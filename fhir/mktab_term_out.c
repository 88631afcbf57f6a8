/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_term_out.c -- writes the arrays of term_tables.h.
 */
#include <ctype.h>
#include <stdlib.h>

#include "fhir/mktab_term.h"

struct texts {
	const char	**text;
	int		  n, end;
};

/* Where it will stand; texts of codes repeat rarely: each stands anew. */
static int
text_at(struct texts *x, const char *s)
{
	int	at = x->end;

	GROW(x->text, x->n);
	x->text[x->n++] = s;
	x->end += (int)strlen(s) + 1;
	return at;
}

static void
put_texts(const struct texts *x)
{
	printf("const char termt_text[] = \"\\0\"\n");
	for (int i = 0; i < x->n; i++) {
		printf("\t\"");
		for (const char *p = x->text[i]; *p != '\0'; p++)
			printf(*p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
		printf("\\0\"\n");
	}
	printf(";\n");
}

static void
put_systems(const struct terms *tm, struct texts *x)
{
	int	first = 0;

	printf("const struct term_system termt_system[] = {\n"
	    "\t{ 0, 0, 0, false, false, 0 },\n");
	for (int i = 1; i <= tm->n_system; i++) {
		const struct system	*s = &tm->system[i];

		printf("\t{ %d, %d, %d, %d, %d, %d },\n", text_at(x, s->url),
		    first, s->n, s->whole, s->nocase, (int)s->rule);
		first += s->n;
	}
	printf("};\nconst uint16_t termt_n_system = %d;\n"
	    "const struct termt_code termt_code[] = {\n", tm->n_system);
	for (int i = 1; i <= tm->n_system; i++)
		for (int k = 0; k < tm->system[i].n; k++) {
			const struct code	*c = &tm->system[i].code[k];

			printf("\t{ %d, %d, %d },\n", text_at(x, c->text),
			    c->parent + 1, c->last);
		}
	printf("};\n");
}

struct named {
	const char	*text;
	int		 num;
	bool		 nocase;
};

static int
by_text(const void *a, const void *b)
{
	const struct named	*m = a, *n = b;
	const char		*p = m->text, *q = n->text;

	if (!m->nocase)
		return strcmp(p, q);
	while (*p != '\0' && tolower((unsigned char)*p) ==
	    tolower((unsigned char)*q)) {
		p++;
		q++;
	}
	return tolower((unsigned char)*p) - tolower((unsigned char)*q);
}

static void
sort(struct named *list, int n)
{
	if (n > 0)
		qsort(list, (size_t)n, sizeof(*list), by_text);
}

static void
put_sorted(const struct terms *tm)
{
	printf("const uint16_t termt_sorted[] = {\n");
	for (int i = 1; i <= tm->n_system; i++) {
		const struct system	*s = &tm->system[i];
		struct named		*order = NULL;

		for (int k = 0; k < s->n; k++) {
			GROW(order, k);
			order[k] = (struct named){ s->code[k].text, k,
			    s->nocase };
		}
		sort(order, s->n);
		putchar('\t');
		for (int k = 0; k < s->n; k++)
			printf("%d,", order[k].num);
		putchar('\n');
	}
	printf("};\n");
}

static void
put_urls(const struct terms *tm, struct texts *x)
{
	struct named	*url = NULL;
	int		 n = 0;

	for (int i = 1; i <= tm->n_system; i++) {
		const struct system	*s = &tm->system[i];

		GROW(url, n);
		url[n++] = (struct named){ s->url, i, false };
		for (int k = 0; k < s->n_also; k++) {
			GROW(url, n);
			url[n++] = (struct named){ s->also[k], i, false };
		}
	}
	sort(url, n);
	printf("const uint16_t termt_n_url = %d;\n"
	    "const struct termt_url termt_url[] = {\n", n);
	for (int i = 0; i < n; i++)
		printf("\t{ %d, %d },\n", text_at(x, url[i].text),
		    url[i].num);
	printf("};\n");
}

/* A whole system that is held whole needs no list. */
static bool
is_all(const struct terms *tm, const struct hold *h)
{
	const struct system	*s = &tm->system[h->system];

	return h->all || (s->whole && h->n == s->n);
}

static bool
is_empty(const struct hold *h)
{
	return !h->all && !h->some && h->n == 0;
}

static void
put_ranks(const struct terms *tm)
{
	printf("const uint16_t termt_rank[] = {\n");
	for (int i = 0; i < tm->n_set; i++)
		for (int j = 0; j < tm->set[i].n_hold; j++) {
			const struct hold	*h = &tm->set[i].hold[j];

			if (is_all(tm, h))
				continue;
			for (int k = 0; k < tm->system[h->system].n; k++)
				if (h->has[k])
					printf("%d,", k);
			putchar('\n');
		}
	printf("\t0 };\n");
}

static void
put_parts(const struct terms *tm)
{
	int	first = 0;

	printf("const struct termt_part termt_part[] = {\n");
	for (int i = 0; i < tm->n_set; i++)
		for (int j = 0; j < tm->set[i].n_hold; j++) {
			const struct hold	*h = &tm->set[i].hold[j];
			int	n = is_all(tm, h) ? 0 : h->n;

			if (is_empty(h))
				continue;
			printf("\t{ %d, %d, %d, %d, %d },\n", h->system,
			    is_all(tm, h), h->some, n, first);
			first += n;
		}
	printf("};\n");
}

static void
put_sets(const struct terms *tm, struct texts *x)
{
	struct named	*order = NULL;
	int		 part = 0;

	printf("const uint16_t termt_n_set = %d;\n"
	    "const struct term_set termt_set[] = {\n", tm->n_set);
	for (int i = 0; i < tm->n_set; i++) {
		const struct set	*s = &tm->set[i];
		int			 n = 0;

		for (int j = 0; j < s->n_hold; j++)
			n += !is_empty(&s->hold[j]);
		printf("\t{ %d, %d, %d, %d },\n", text_at(x, s->url),
		    text_at(x, s->name), part, n);
		part += n;
		GROW(order, i);
		order[i] = (struct named){ s->name, i, false };
	}
	sort(order, tm->n_set);
	printf("};\nconst uint16_t termt_set_name[] = {");
	for (int i = 0; i < tm->n_set; i++)
		printf(" %d,", order[i].num);
	printf(" };\n");
}

static void
put_bindings(const struct tables *tb, const struct terms *tm)
{
	printf("const uint16_t termt_n_binding = %d;\n"
	    "const uint16_t termt_binding[] = { 0,", tb->n_bindings);
	for (int i = 1; i <= tb->n_bindings; i++)
		printf(" %d,", (int)(set_find(tm, tb->bindings[i]) -
		    tm->set));
	printf(" };\n\n");
}

void
terms_write(const struct tables *tb)
{
	const struct terms	*tm = tb->terms;
	struct texts		 x = { .end = 1 };

	printf("#include \"fhir/term_tables.h\"\n\n");
	put_systems(tm, &x);
	put_sorted(tm);
	put_urls(tm, &x);
	put_ranks(tm);
	put_parts(tm);
	put_sets(tm, &x);
	put_bindings(tb, tm);
	put_texts(&x);
}
