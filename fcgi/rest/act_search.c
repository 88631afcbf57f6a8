/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_search.c -- search of a type, by GET and POST, in a compartment.  (L5)
 *
 * Parameters of URL and form all apply (SRC-16).  The compartment's patient
 * is one more criterion: one outside the view matches nothing, as one that
 * never was (CMP-07).
 *
 * Spec: DSTU2 search.html, http.html#search, #vsearch; interop 23.
 */
#include "fcgi/rest/page.h"

static enum err
all_pairs(struct call *c, const struct pair **out, size_t *n_out)
{
	struct req *rq = c->rq;
	size_t max = (size_t)c->server->conf->num[CONF_PARAMS];
	struct pair *form, *both;
	size_t n_form;
	enum err e;

	*out = rq->pair;
	*n_out = rq->n_pair;
	if (rq->method != METHOD_POST || rq->body.len == 0)
		return OK;
	e = query_pairs(c->arena, rq->body, max, &c->rs->is, &form, &n_form);
	if (e != OK)
		return e;
	both = arena_array(c->arena, rq->n_pair + n_form, sizeof(*both));
	if (rq->n_pair > 0)
		memcpy(both, rq->pair, rq->n_pair * sizeof(*both));
	if (n_form > 0)
		memcpy(both + rq->n_pair, form, n_form * sizeof(*both));
	*out = both;
	*n_out = rq->n_pair + n_form;
	return OK;
}

/* A form may hold _format and _pretty, too; the query has read them. */
static enum err
format(struct call *c, const struct query *q)
{
	if (q->format.len > 0)
		c->rq->media = accept_choose(bytes_of(NULL, 0), q->format);
	if (q->pretty)
		c->rq->pretty = true;
	if (c->rq->media != MEDIA_NONE)
		return OK;
	return issue_add(&c->rs->is, ERR_ACCEPT, "http-accept", "?_format",
	    "only JSON is available: json, application/json+fhir, "
	    "application/json or application/fhir+json");
}

static enum err
parse(struct call *c, struct query *q)
{
	const int64_t *num = c->server->conf->num;
	const struct query_limits lim = {
		.params = (size_t)num[CONF_PARAMS],
		.values = (size_t)num[CONF_VALUES]
	};
	const struct pair *pair;
	size_t n;
	enum err e;

	e = all_pairs(c, &pair, &n);
	if (e != OK)
		return e;
	e = query_parse(c->arena, c->at.type, pair, n, &rest_of(c)->urls,
	    c->rq->now, &lim, &c->rs->is, q);
	if (e == OK)
		e = format(c, q);
	if (e == OK && c->at.compartment != 0)
		e = query_compartment(c->arena, q, c->at.compartment,
		    c->at.id, &c->rs->is);
	return e;
}

static uint64_t
count_of(const struct call *c, const struct query *q)
{
	const int64_t *num = c->server->conf->num;

	if (q->count < 0)
		return (uint64_t)num[CONF_PAGE];
	return (uint64_t)(q->count < num[CONF_PAGE_MAX] ? q->count :
	    num[CONF_PAGE_MAX]);
}

static struct bytes
path_of(struct call *c)
{
	const char *type = def_type_num(c->at.type)->name;

	if (c->at.compartment == 0)
		return bytes_str(type);
	return bytes_str(arena_printf(c->arena, "%s/%.*s/%s",
	    def_type_num(c->at.compartment)->name, BYTES_FMT(c->at.id),
	    type));
}

/* Included resources, too: the whole answer is a summary. */
static void
cut(struct call *c, enum summary summary, struct page *page)
{
	struct resource *r;

	for (r = page->entry; r < page->entry + page->n_entry; r++)
		r->body = summary_cut(c->arena, r->type, r->body, summary);
}

enum err
act_search(struct call *c)
{
	struct page_ask ask;
	struct query q;
	struct snapshot *t;
	struct page page;
	enum err e;

	e = parse(c, &q);
	if (e != OK)
		return e;
	ask = page_ask(c, count_of(c, &q), q.cursor);
	e = store_begin(c->server->store, c->arena, &t);
	if (e != OK)
		return e;
	e = store_search(t, c->arena, c->view, &q, &ask, &c->rs->is, &page);
	if (e == OK)
		cut(c, q.summary, &page);
	if (e == OK)
		e = page_bundle(c, BUNDLE_SEARCHSET, path_of(c), q.self,
		    q.cursor, &page);
	if (e == ERR_VALUE && c->rs->is.n == 0)
		issue_add(&c->rs->is, e, "page", "?_cursor",
		    "is not a page link of this search, or too old; begin "
		    "again without it");
	c->work = store_work(t);
	store_end(t);
	return e;
}
