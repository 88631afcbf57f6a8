/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c -- criteria of a write become ids, inside the view.  (L5)
 *
 * The search is the store's own, in the transaction, with the writer's view:
 * what is hidden matches nothing, exactly as what never was (WRT-01, -02,
 * BAT-06).
 *
 * Spec: DSTU2 http.html#ccreate, #cond-update, #cdelete; requirement R10.
 */
#include <stdlib.h>

#include "fcgi/rest/page.h"
#include "fcgi/rest/write.h"

/* How the answer shall look is no criterion. */
static size_t
without_format(struct call *c, const struct pair **pair, size_t n)
{
	struct pair *kept = arena_array(c->arena, n, sizeof *kept);
	size_t i, n_kept = 0;

	for (i = 0; i < n; i++) {
		if (!bytes_is((*pair)[i].name, "_format") &&
		    !bytes_is((*pair)[i].name, "_pretty"))
			kept[n_kept++] = (*pair)[i];
	}
	*pair = kept;
	return n_kept;
}

enum err
match_several(struct call *c)
{
	return issue_add(&c->rs->is, ERR_VERSION, "criteria", NULL,
	    "more than one resource meets the criteria; make them "
	    "narrower, by identifier at best");
}

enum err
match_parse(struct call *c, uint16_t type, const struct pair *pair, size_t n,
    const struct query **out)
{
	struct query_limits lim = page_limits(c);
	struct query *q = arena_alloc(c->arena, sizeof *q);
	enum err e;

	/* Who may not search must not learn by the answer of a write. */
	n = without_format(c, &pair, n);
	lim.conditional = true;
	if (view_reach(c->view, type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	e = query_parse(c->arena, type, pair, n, &rest_of(c)->urls,
	    c->rq->now, &lim, &c->rs->is, q);
	if (e == OK)
		*out = q;
	return e;
}

static bool
cut_base(struct bytes base, struct bytes *path)
{
	if (!bytes_starts(*path, base) || path->len == base.len ||
	    path->p[base.len] != '/')
		return false;
	*path = bytes_from(*path, base.len);
	return true;
}

/*
 * DSTU2 has what follows the "?" alone; its drafts, and clients to this day,
 * put [base]/[type]? before.  No name of a parameter comes without "=".
 */
static enum err
criteria_of(struct call *c, uint16_t type, struct bytes *text)
{
	const struct base_urls *urls = &rest_of(c)->urls;
	const char *name = def_type_num(type)->name;
	struct bytes path, rest;
	bool cut;
	size_t i;

	if (!bytes_cut(*text, '?', &path, &rest) ||
	    (path.len > 0 && memchr(path.p, '=', path.len) != NULL))
		return OK;
	cut = cut_base(urls->base, &path);
	for (i = 0; i < urls->n_alias && !cut; i++)
		cut = cut_base(urls->alias[i], &path);
	if (path.len > 0 && path.p[0] == '/')
		path = bytes_from(path, 1);
	if (path.len > 0 && path.p[path.len - 1] == '/')
		path.len--;
	if (path.len > 0 && !bytes_is(path, name))
		return issue_add(&c->rs->is, ERR_VALUE, "criteria", NULL,
		    "the criteria are of another type or server; send what "
		    "follows the \"?\" in [base]/%s?...", name);
	*text = rest;
	return OK;
}

enum err
match_text(struct call *c, uint16_t type, struct bytes text,
    const struct query **out)
{
	size_t max = (size_t)c->server->conf->num[CONF_PARAMS], n;
	struct pair *pair;
	enum err e = criteria_of(c, type, &text);

	if (e == OK)
		e = query_pairs(c->arena, text, max, &c->rs->is, &pair, &n);
	return e == OK ? match_parse(c, type, pair, n, out) : e;
}

enum err
match_find(struct call *c, const struct query *q, size_t max,
    struct bytes **id_out, size_t *n_out, bool *more_out)
{
	struct page_ask ask = page_ask(c, max, bytes_of(NULL, 0));
	struct snapshot *t;
	struct bytes *id;
	struct page page;
	enum err e;
	size_t i;

	e = write_snapshot(c->write, &t);
	if (e != OK)
		return e;
	e = store_search(t, c->arena, c->view, q, &ask, &c->rs->is, &page);
	if (e != OK)
		return e;
	id = arena_array(c->arena, page.n_match, sizeof *id);
	for (i = 0; i < page.n_match; i++)
		id[i] = arena_copy(c->arena, page.entry[i].id);
	*id_out = id;
	*n_out = page.n_match;
	*more_out = page.total > page.n_match;
	return OK;
}

static int
compare_bytes(const void *x, const void *y)
{
	return bytes_cmp(*(const struct bytes *)x, *(const struct bytes *)y);
}

struct bytes
match_spelling(struct arena *a, const struct query *q)
{
	struct bytes *pair = arena_array(a, q->self.len + 1, sizeof *pair);
	struct bytes rest = q->self, out = { .len = 0 };
	struct buf b = buf_on(a, SIZE_MAX / 4);
	bool more = true;
	size_t i, n = 0;

	while (more)
		more = bytes_cut(rest, '&', &pair[n++], &rest);
	qsort(pair, n, sizeof *pair, compare_bytes);
	for (i = 0; i < n; i++) {
		buf_add(&b, pair[i]);
		buf_u8(&b, '&');
	}
	return buf_end(&b, &out) == OK ? out : q->self;
}
