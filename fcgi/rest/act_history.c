/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_history.c -- the versions of one instance, newest first.  (L5)
 *
 * Spec: DSTU2 http.html#history; interop 22.  Reading: _since would need a
 * total that the store cannot give under a ceiling of time; it is refused
 * rather than ignored, which would answer with more than was asked for.
 */
#include "fcgi/rest/page.h"

static enum err
fill(struct call *c, struct snapshot *t, const struct page_ask *ask)
{
	struct bytes path, query;
	struct page page;
	enum err e;

	e = store_history(t, c->arena, c->view, &(struct history_ask){
	    .type = c->at.type, .id = c->at.id, .since = { TIME_MIN } }, ask,
	    &page);
	if (e != OK)
		return e;
	path = bytes_str(arena_printf(c->arena, "%s/%.*s/_history",
	    def_type_num(c->at.type)->name, BYTES_FMT(c->at.id)));
	query = bytes_str(req_param(c->rq, "_count").len == 0 ? "" :
	    arena_printf(c->arena, "_count=%llu",
	    (unsigned long long)ask->count));
	return page_bundle(c, BUNDLE_HISTORY, path, query, ask->cursor,
	    &page);
}

enum err
act_history(struct call *c)
{
	static const char *const allowed[] = { "_count", "_cursor", NULL };
	struct snapshot *t;
	struct page_ask ask;
	uint64_t count;
	enum err e;

	e = act_params(c, allowed);
	if (e == OK)
		e = page_count(c, &count);
	if (e != OK)
		return e;
	ask = page_ask(c, count, req_param(c->rq, "_cursor"));
	e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = fill(c, t, &ask);
	if (e == ERR_VALUE)
		issue_add(&c->rs->is, e, "page", "?_cursor",
		    "is not a page link of this history, or too old; begin "
		    "again without it");
	act_end(c, t);
	return e;
}
