/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c -- a search: find.c finds, show.c shows.
 *
 * Spec: DSTU2 search.html.
 */
#include "store/find.h"

enum err
store_search(struct snapshot *t, struct arena *a, const struct view *v,
    const struct query *q, const struct page_ask *ask, struct issues *is,
    struct page *out)
{
	struct show s = { .t = t, .arena = a, .q = q, .ask = ask, .is = is,
	    .op = VIEW_SEARCH };
	struct page_at place = { .back = false };
	bool star = false;
	enum err e;
	size_t i;

	if (view_reach(v, q->type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	/* Not answered yet: never a wider answer instead. */
	for (i = 0; i < q->n_include; i++)
		star |= q->include[i].param == NULL ||
		    q->include[i].source != q->type;
	if (star || q->n_node > 0 || q->n_revinclude > 0 || q->type == 0 ||
	    q->contained != CONTAINED_NO)
		return issue_add(is, ERR_USAGE, "search-unsupported", "?",
		    "not supported yet");
	e = sort_check(q, is, &place.spot.len);
	if (e == OK)
		e = gate_open(t, a, v, &s.gate);
	if (e == OK)
		e = show_open(&s, q->digest, &place);
	if (e != OK)
		return e;
	s.w = window_new(a, &place, ask->count);
	e = find_run(&s.gate, a, q, ask, is, &s.w);
	if (e != OK)
		return e;
	window_done(&s.w);
	return show_page(&s, q->digest, out);
}
