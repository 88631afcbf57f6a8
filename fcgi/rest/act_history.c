/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_history.c -- the versions of one instance, a type, or all.  (L5)
 *
 * Newest first, deletions included.  Of a type and of all they are for who
 * may read every resource of the type: the order of changes would tell of
 * what is hidden (CMP-10, CMP-27).
 *
 * Spec: DSTU2 http.html#history; requirements R03, R04; interop 22.
 */
#include "fcgi/rest/page.h"

struct asked {
	struct history_ask	what;
	struct page_ask		page;
};

static enum err
since_of(struct call *c, struct instant *out)
{
	struct bytes text = req_param(c->rq, "_since");
	struct span s = { .lo = TIME_MIN };

	if (text.len > 0 && prim_date(text, 0, &s) != OK)
		return issue_add(&c->rs->is, ERR_VALUE, "http-parameter",
		    "?_since", "an instant, as in 2026-01-05T09:14:07Z; "
		    "before an offset, \"+\" is written %%2B");
	out->ms = s.lo;
	return OK;
}

static enum err
parse(struct call *c, struct asked *out)
{
	static const char *const allowed[] = { "_count", "_since", "_cursor",
	    NULL };
	uint64_t count;
	enum err e;

	e = act_params(c, allowed);
	if (e == OK)
		e = page_count(c, &count);
	if (e == OK)
		e = since_of(c, &out->what.since);
	if (e != OK)
		return e;
	out->what.type = c->at.type;
	out->what.id = c->at.id;
	out->page = page_ask(c, count, req_param(c->rq, "_cursor"));
	return OK;
}

static struct bytes
path_of(struct call *c)
{
	const struct def_type *t = def_type_num(c->at.type);

	if (t == NULL)
		return bytes_str("_history");
	return bytes_str(c->at.id.len == 0 ?
	    arena_printf(c->arena, "%s/_history", t->name) :
	    arena_printf(c->arena, "%s/%.*s/_history", t->name,
	    BYTES_FMT(c->at.id)));
}

/* What was asked and applied: for the links to other pages. */
static struct bytes
query_of(struct call *c, const struct asked *asked)
{
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	struct bytes since = req_param(c->rq, "_since");
	struct bytes out = { .len = 0 };

	if (req_param(c->rq, "_count").len > 0) {
		buf_str(&b, "_count=");
		buf_dec(&b, asked->page.count);
	}
	if (since.len > 0) {
		buf_str(&b, b.len > 0 ? "&_since=" : "_since=");
		buf_pct(&b, since);
	}
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

static enum err
fill(struct call *c, struct snapshot *t, const struct asked *asked)
{
	struct page page;
	enum err e;

	e = store_history(t, c->arena, c->view, &asked->what, &asked->page,
	    &page);
	if (e != OK)
		return e;
	return page_bundle(c, BUNDLE_HISTORY, path_of(c), query_of(c, asked),
	    asked->page.cursor, &page);
}

enum err
act_history(struct call *c)
{
	struct asked asked;
	struct snapshot *t;
	enum err e;

	e = parse(c, &asked);
	if (e == OK)
		e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = fill(c, t, &asked);
	if (e == ERR_VALUE)
		issue_add(&c->rs->is, e, "page", "?_cursor",
		    "is not a page link of this history, or too old; begin "
		    "again without it");
	if (e == ERR_COSTLY && c->rs->is.n == 0)
		issue_add(&c->rs->is, e, "search-rows", "?_since",
		    "more changes than one answer may look at; ask for those "
		    "since a later time");
	act_end(c, t);
	return e;
}
