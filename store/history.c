/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.c -- the versions of one resource, newest first.
 *
 * Whoever holds the resource as it is now sees those versions that belonged
 * to the view, too: no REST write changes an owner, but a load may.  The
 * total counts these alone.  A page stays as it is while versions are added:
 * those newer than the first page's newest are left out.
 *
 * Spec: DSTU2 http.html#history; security CMP-02.
 */
#include <sodium.h>

#include "store/page.h"

/* What a cursor of this history is for: not a search, not another resource. */
static void
digest(uint16_t type, struct bytes id, uint8_t out[static 16])
{
	static const char what[] = "tiphys history";
	const uint8_t be[2] = { (uint8_t)(type >> 8), (uint8_t)type };
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, NULL, 0, 16);
	(void)crypto_generichash_update(&st, (const uint8_t *)what,
	    sizeof(what));
	(void)crypto_generichash_update(&st, be, sizeof(be));
	(void)crypto_generichash_update(&st, id.p, id.len);
	(void)crypto_generichash_final(&st, out, 16);
}

/* Newest first: the order of spots is that of the complement. */
static void
spot_of(uint64_t version, struct spot *out)
{
	spot_plain(~version, out);
}

static enum err
find_versions(const struct gate *g, uint64_t rid, uint64_t newest,
    const struct page_ask *ask, struct window *w)
{
	struct resource r;
	struct spot s;
	uint64_t version;
	enum err e;

	if (newest > ask->max_rows)
		return ERR_COSTLY;
	for (version = newest; version > 0; version--) {
		e = gate_version(g, rid, version, &r);
		if (e == ERR_NOTFOUND)
			continue;
		if (e != OK)
			return e;
		w->total++;
		spot_of(version, &s);
		if (version <= w->place.ceiling && window_wants(w, &s))
			window_add(w, &s);
		if (version % 1024 == 0 && ask->spent != NULL &&
		    ask->spent(ask->spent_arg))
			return ERR_COSTLY;
	}
	window_done(w);
	return OK;
}

/* As many as the page may hold, from the end that is nearest to its place. */
static enum err
read_entries(const struct gate *g, struct arena *a, uint64_t rid,
    const struct page_ask *ask, const struct window *w, size_t *first_out,
    struct page *out)
{
	size_t i, k, want = w->n;
	uint64_t bytes = 0;
	struct resource r;
	enum err e;

	if (want > ask->count)
		want = (size_t)ask->count;
	out->entry = arena_array(a, want, sizeof(*out->entry));
	for (i = 0; i < want; i++) {
		k = w->place.back ? w->n - 1 - i : i;
		e = gate_version(g, rid, ~window_number(w, k), &r);
		if (e != OK)
			return e == ERR_NOTFOUND ? ERR_STORE : e;
		bytes += r.body.len;
		if (i > 0 && bytes > ask->max_bytes)
			break;
		out->entry[w->place.back ? want - 1 - i : i] = r;
	}
	*first_out = w->place.back ? w->n - i : 0;
	if (w->place.back)
		out->entry += want - i;
	out->n_match = out->n_entry = i;
	out->total = w->total;
	return OK;
}

enum err
store_history(struct snapshot *t, struct arena *a, const struct view *v,
    const struct history_ask *what, const struct page_ask *ask,
    struct page *out)
{
	struct page page = { .n_match = 0 };
	struct page_at place = { .back = false };
	struct window w;
	struct gate g;
	uint8_t query[16];
	uint64_t rid, newest;
	size_t first;
	enum err e;

	e = gate_open(t, a, v, &g);
	if (e == OK)
		e = gate_find(&g, VIEW_READ, what->type, what->id, &rid);
	if (e == OK || e == ERR_GONE)	/* a deletion is history, too */
		e = gate_newest(&g, rid, &newest);
	if (e != OK)
		return e;
	digest(what->type, what->id, query);
	place.ceiling = newest;
	spot_of(newest, &place.spot);
	if (ask->cursor.len > 0)
		e = page_open(t, a, v, query, ask, &place);
	if (e != OK)
		return e;
	w = window_new(a, &place, ask->count);
	e = find_versions(&g, rid, newest, ask, &w);
	if (e == OK)
		e = read_entries(&g, a, rid, ask, &w, &first, &page);
	if (e != OK)
		return e;
	if (ask->count > 0)
		page_links(t, a, v, query, ask, &w, first, page.n_match,
		    &page);
	*out = page;
	return OK;
}
