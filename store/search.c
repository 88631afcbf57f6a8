/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c -- one page of a search: matches, includes, links.
 *
 * find.c counts the matches and leaves the nearest in a window; here their
 * records are read, each through the gate once more, and cut to what a page
 * may weigh.  An answer is whole or there is none.
 *
 * Spec: DSTU2 search.html, http.html#paging; requirements 2.3.
 */
#include "store/find.h"

struct search {
	struct snapshot		*t;
	struct arena		*arena;
	const struct query	*q;
	const struct page_ask	*ask;
	struct issues		*is;
	struct gate		 gate;
	struct window		 w;
	size_t			 first, n;	/* of w: what is shown */
	struct resource		*match;		/* n */
	uint64_t		*owner;		/* of each */
	uint64_t		 bytes;		/* of their bodies */
	struct include_set	 in;
};

static enum err
open_place(struct search *s, const struct view *v, struct page_at *out)
{
	enum err e;

	if (s->ask->cursor.len == 0)
		return gate_journal(&s->gate, &out->ceiling);
	e = page_open(s->t, s->arena, v, s->q->digest, s->ask, out);
	if (e != OK)
		(void)issue_add(s->is, e, "search-cursor", "?_cursor",
		    "this page link is not valid here, or no longer; "
		    "repeat the search without it");
	return e;
}

/*
 * Read the records nearest to the place, as many as the page may hold: from
 * the front of the window, or for a page that ends somewhere from its back.
 */
static enum err
read_matches(struct search *s)
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
		e = gate_record(&s->gate, VIEW_SEARCH,
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
shorten(struct search *s, size_t n)
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
read_includes(struct search *s)
{
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
			    "?_include", "the matches refer to more than the "
			    "server may look at; ask for smaller pages with "
			    "_count");
		e = include_from(&s->in, &s->gate, s->q, s->owner[i],
		    window_number(&s->w, s->first + i),
		    s->ask->max_include);
	}
	if (e == ERR_COSTLY)
		(void)issue_add(s->is, e, "search-includes", "?_include",
		    "more than %llu resources would be included; ask for "
		    "smaller pages with _count",
		    (unsigned long long)s->ask->max_include);
	return e;
}

static struct page
page_of(const struct search *s)
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
read_page(struct search *s)
{
	enum err e;

	e = read_matches(s);
	if (e != OK || s->q->n_include == 0)
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
store_search(struct snapshot *t, struct arena *a, const struct view *v,
    const struct query *q, const struct page_ask *ask, struct issues *is,
    struct page *out)
{
	struct search s = { .t = t, .arena = a, .q = q, .ask = ask,
	    .is = is };
	struct page_at place = { .back = false };
	enum err e;

	if (view_reach(v, q->type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	e = sort_check(q, is, &place.spot.len);
	if (e == OK)
		e = gate_open(t, a, v, &s.gate);
	if (e == OK)
		e = open_place(&s, v, &place);
	if (e != OK)
		return e;
	s.w = window_new(a, &place, ask->count);
	e = find_run(&s.gate, a, q, ask, is, &s.w);
	if (e != OK)
		return e;
	window_done(&s.w);
	e = read_page(&s);
	if (e != OK)
		return e;
	*out = page_of(&s);
	if (ask->count > 0)
		page_links(t, a, v, q->digest, ask, &s.w, s.first, s.n, out);
	return OK;
}
