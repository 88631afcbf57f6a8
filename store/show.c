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
#include "store/show.h"

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

/* Instead of the resource one that it contains. */
static enum err
show_inner(struct show *s, const struct member *who, struct resource *r)
{
	struct inner inner;
	struct row row;
	enum err e;

	e = member_inner(&s->gate, who, &row, &inner);
	if (e != OK || !json_contained(r->body, inner.id, &r->body))
		return e == OK || e == ERR_NOTFOUND ? ERR_STORE : e;
	r->inner = inner.type;
	r->id = bytes_str(arena_printf(s->arena, "%.*s#%.*s",
	    BYTES_FMT(r->id), BYTES_FMT(inner.id)));
	return OK;
}

/* The record of entry k of the window, or what it shows of it. */
static enum err
read_match(struct show *s, size_t k, struct resource *r, struct member *who)
{
	enum err e;

	who->rid = window_number(&s->w, k);
	who->inner = s->q != NULL && s->q->contained_only ?
	    window_inner(&s->w, k) : 0;
	e = gate_record(&s->gate, s->op, who->rid, r, &who->owner, NULL);
	if (e == OK && who->inner > 0)
		e = show_inner(s, who, r);
	return e == ERR_NOTFOUND || e == ERR_GONE ? ERR_STORE : e;
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
	struct member who;
	enum err e;

	if (want > s->ask->count)
		want = (size_t)s->ask->count;
	s->match = arena_array(s->arena, want, sizeof(*s->match));
	s->who = arena_array(s->arena, want, sizeof(*s->who));
	for (i = 0; i < want; i++) {
		e = read_match(s, back ? s->w.n - 1 - i : i, &r, &who);
		if (e != OK)
			return e;
		if (i > 0 && s->bytes + r.body.len > s->ask->max_bytes)
			break;
		k = back ? want - 1 - i : i;
		s->match[k] = r;
		s->who[k] = who;
		s->bytes += r.body.len;
	}
	s->n = i;
	if (back) {
		s->match += want - i;
		s->who += want - i;
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
		s->who += s->n - n;
		s->first += s->n - n;
	}
	s->n = n;
	s->bytes = 0;
	for (i = 0; i < n; i++)
		s->bytes += s->match[i].body.len;
}

/* What a query asks to be included. */
static enum err
bring(struct show *s)
{
	struct bring b = { .g = &s->gate, .arena = s->arena, .q = s->q,
	    .ask = s->ask, .is = s->is, .match = s->match, .who = s->who,
	    .n_match = s->n, .set = &s->in, .walked = &s->walked };

	return include_page(&b);
}

/* $everything: the shared resources that the matches refer to. */
static enum err
bring_shared(struct show *s)
{
	enum err e = OK;
	size_t i;

	for (i = 0; i < s->n; i++)
		(void)include_put(&s->in, s->who[i].rid);
	for (i = 0; e == OK && i < s->n; i++) {
		/* A match may name thousands, known ones again and again. */
		if (i % 16 == 15 && s->ask->spent != NULL &&
		    s->ask->spent(s->ask->spent_arg))
			return issue_add(s->is, ERR_COSTLY, "search-budget",
			    "?_count", "the matches refer to more than the "
			    "server may look at; ask for smaller pages with "
			    "_count");
		e = include_shared(&s->in, &s->gate, s->who[i].owner,
		    s->who[i].rid, s->ask->max_include);
	}
	if (e == ERR_COSTLY)
		(void)issue_add(s->is, e, "search-includes", "?_count",
		    "more than %llu resources would be included; ask for "
		    "smaller pages with _count",
		    (unsigned long long)s->ask->max_include);
	return e;
}

static enum err
read_includes(struct show *s)
{
	s->in = include_new(s->arena, 2 * s->n);
	return s->q == NULL ? bring_shared(s) : bring(s);
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
	if (e != OK || (s->q != NULL &&
	    s->q->n_include + s->q->n_revinclude == 0))
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
