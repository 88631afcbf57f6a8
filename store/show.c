/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.c -- one page of what was found: matches, includes, links.
 *
 * find.c and everything.c count the matches and leave the nearest in a
 * window; here their records are read, each through the gate once more, and
 * cut to what a page may weigh.  An answer is whole or there is none.
 *
 * Spec: DSTU2 search.html, http.html#paging; requirements 2.3.
 */
#include "store/find.h"

enum err
show_open(struct show *s, const uint8_t query[static 16],
    struct page_at *out)
{
	enum err e;

	if (s->ask->cursor.len == 0)
		return gate_journal(&s->gate, &out->ceiling);
	e = page_open(s->t, s->arena, s->gate.view, query, s->ask, out);
	if (e != OK)
		(void)issue_add(s->is, e, "search-cursor", "?_cursor",
		    "this page link is not valid here, or no longer; "
		    "begin again without it");
	return e;
}

/*
 * Read the records nearest to the place, as many as the page may hold: from
 * the front of the window, or for a page that ends somewhere from its back.
 */
static enum err
read_matches(struct show *s)
{
	bool back = s->w.place.back;
	size_t i, k, want = s->w.n;
	struct resource r;
	uint64_t owner;
	enum err e;

	if (want > s->ask->count)
		want = (size_t)s->ask->count;
	s->match = arena_array(s->arena, want, sizeof(*s->match));
	s->owner = arena_array(s->arena, want, sizeof(*s->owner));
	for (i = 0; i < want; i++) {
		k = back ? s->w.n - 1 - i : i;
		e = gate_record(&s->gate, s->op,
		    window_number(&s->w, k), &r, &owner, NULL);
		if (e != OK)
			return e == ERR_NOTFOUND || e == ERR_GONE ?
			    ERR_STORE : e;
		if (i > 0 && s->bytes + r.body.len > s->ask->max_bytes)
			break;
		k = back ? want - 1 - i : i;
		s->match[k] = r;
		s->owner[k] = owner;
		s->bytes += r.body.len;
	}
	s->n = i;
	if (back) {
		s->match += want - i;
		s->owner += want - i;
		s->first = s->w.n - i;
	}
	return OK;
}

/* Drop what is farthest from the place, down to n matches. */
static void
shorten(struct show *s, size_t n)
{
	size_t i;

	if (s->w.place.back) {
		s->match += s->n - n;
		s->owner += s->n - n;
		s->first += s->n - n;
	}
	s->n = n;
	s->bytes = 0;
	for (i = 0; i < n; i++)
		s->bytes += s->match[i].body.len;
}

static enum err
bring(struct show *s, size_t i)
{
	uint64_t rid = window_number(&s->w, s->first + i);

	if (s->q == NULL)
		return include_shared(&s->in, &s->gate, s->owner[i], rid,
		    s->ask->max_include);
	return include_from(&s->in, &s->gate, s->q, s->owner[i], rid,
	    s->ask->max_include);
}

static enum err
read_includes(struct show *s)
{
	const char *place = s->q == NULL ? "?_count" : "?_include";
	enum err e = OK;
	size_t i;

	s->in = include_new(s->arena, 2 * s->n);
	for (i = 0; i < s->n; i++)
		(void)include_put(&s->in,
		    window_number(&s->w, s->first + i));
	for (i = 0; e == OK && i < s->n; i++) {
		/* A match may name thousands, known ones again and again. */
		if (i % 16 == 15 && s->ask->spent != NULL &&
		    s->ask->spent(s->ask->spent_arg))
			return issue_add(s->is, ERR_COSTLY, "search-budget",
			    place, "the matches refer to more than the "
			    "server may look at; ask for smaller pages with "
			    "_count");
		e = bring(s, i);
	}
	if (e == ERR_COSTLY)
		(void)issue_add(s->is, e, "search-includes", place,
		    "more than %llu resources would be included; ask for "
		    "smaller pages with _count",
		    (unsigned long long)s->ask->max_include);
	return e;
}

static struct page
page_of(const struct show *s)
{
	struct page p = { .n_match = s->n, .total = s->w.total };

	p.n_entry = s->n + s->in.n_found;
	p.entry = arena_array(s->arena, p.n_entry, sizeof(*p.entry));
	if (s->n > 0)
		memcpy(p.entry, s->match, s->n * sizeof(*p.entry));
	if (s->in.n_found > 0)
		memcpy(p.entry + s->n, s->in.found,
		    s->in.n_found * sizeof(*p.entry));
	return p;
}

/* Each page brings its includes itself: with fewer matches it needs fewer. */
static enum err
read_page(struct show *s)
{
	enum err e;

	e = read_matches(s);
	if (e != OK || (s->q != NULL && s->q->n_include == 0))
		return e;
	e = read_includes(s);
	while (e == OK && s->n > 1 &&
	    s->bytes + s->in.bytes > s->ask->max_bytes) {
		shorten(s, s->n / 2);
		e = read_includes(s);
	}
	return e;
}

enum err
show_page(struct show *s, const uint8_t query[static 16], struct page *out)
{
	enum err e;

	e = read_page(s);
	if (e != OK)
		return e;
	*out = page_of(s);
	if (s->ask->count > 0)
		page_links(s->t, s->arena, s->gate.view, query, s->ask,
		    &s->w, s->first, s->n, out);
	return OK;
}
