/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.c -- versions, newest first: of a resource, a type, or all.
 *
 * Whoever holds the resource as it is now sees those versions that belonged
 * to the view, too: no REST write changes an owner, but a load may.  The
 * total counts these alone.  A page stays as it is while versions are added:
 * those newer than the first page's newest are left out.
 *
 * Spec: DSTU2 http.html#history; requirements R03, R04; security CMP-02.
 */
#include "store/history.h"

/* --- of one resource ----------------------------------------------------- */

static enum err
find_versions(struct history *h, uint64_t newest)
{
	const struct page_ask *ask = h->ask;
	struct window *w = &h->w;
	struct resource r;
	struct spot s;
	uint64_t version;
	enum err e;

	if (newest > ask->max_rows)
		return ERR_COSTLY;
	for (version = newest; version > 0; version--) {
		if (version % 1024 == 0 && ask->spent != NULL &&
		    ask->spent(ask->spent_arg))
			return ERR_COSTLY;
		e = gate_version(h->gate, h->rid, version, &r);
		if (e == ERR_NOTFOUND)
			continue;
		if (e != OK)
			return e;
		if (r.updated.ms < h->what->since.ms)
			break;		/* and so are all before it */
		w->total++;
		spot_plain(~version, &s);
		if (version <= w->place.ceiling && window_wants(w, &s))
			window_add(w, &s);
	}
	return OK;
}

/* --- the page ------------------------------------------------------------ */

static enum err
read_entry(const struct history *h, uint64_t number, struct resource *out)
{
	uint64_t rid = h->rid, version = number;
	struct instant time;
	enum err e = OK;

	if (rid == 0)
		e = gate_change(h->gate, number, &rid, &version, &time);
	if (e == OK)
		e = gate_version(h->gate, rid, version, out);
	return e == ERR_NOTFOUND ? ERR_STORE : e;
}

/* As many as the page may hold, from the end that is nearest to its place. */
static enum err
read_entries(struct history *h, size_t *first_out, struct page *out)
{
	const struct window *w = &h->w;
	size_t i, k, want = w->n;
	uint64_t bytes = 0;
	struct resource r;
	enum err e;

	if (want > h->ask->count)
		want = (size_t)h->ask->count;
	out->entry = arena_array(h->arena, want, sizeof(*out->entry));
	for (i = 0; i < want; i++) {
		k = w->place.back ? w->n - 1 - i : i;
		e = read_entry(h, ~window_number(w, k), &r);
		if (e != OK)
			return e;
		bytes += r.body.len;
		if (i > 0 && bytes > h->ask->max_bytes)
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

/*
 * What there is to page through, and how far it goes at this moment: the
 * newest version, or the end of the journal.
 */
static enum err
open_history(struct history *h, struct typeset *types_out, uint64_t *end_out)
{
	const struct history_ask *what = h->what;
	enum err e;

	if (what->id.len == 0) {
		*types_out = log_types(h->gate->view, what->type);
		return typeset_empty(*types_out) ? ERR_FORBIDDEN :
		    gate_journal(h->gate, end_out);
	}
	e = gate_find(h->gate, VIEW_READ, what->type, what->id, &h->rid);
	if (e == OK || e == ERR_GONE)	/* a deletion is history, too */
		e = gate_newest(h->gate, h->rid, end_out);
	return e;
}

enum err
store_history(struct snapshot *t, struct arena *a, const struct view *v,
    const struct history_ask *what, const struct page_ask *ask,
    struct page *out)
{
	struct page page = { .n_match = 0 };
	struct page_at place = { .back = false };
	struct typeset types;
	struct gate g;
	struct history h = { .gate = &g, .arena = a, .what = what,
	    .ask = ask };
	uint8_t query[16];
	uint64_t end;
	size_t first;
	enum err e;

	e = gate_open(t, a, v, &g);
	if (e == OK)
		e = open_history(&h, &types, &end);
	if (e != OK)
		return e;
	page_digest("tiphys history", (uint64_t[]){ what->type,
	    (uint64_t)what->since.ms }, 2, what->id, query);
	place.ceiling = end;
	spot_plain(~end, &place.spot);
	if (ask->cursor.len > 0)
		e = page_open(t, a, v, query, ask, &place);
	if (e != OK)
		return e;
	h.w = window_new(a, &place, ask->count);
	e = h.rid != 0 ? find_versions(&h, end) : log_find(&h, types);
	if (e != OK)
		return e;
	window_done(&h.w);
	e = read_entries(&h, &first, &page);
	if (e != OK)
		return e;
	if (ask->count > 0)
		page_links(t, a, v, query, ask, &h.w, first, page.n_match,
		    &page);
	*out = page;
	return OK;
}
