/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_search.c -- search of a type or of all, by GET and POST, and in
 * compartments.  (L5)
 *
 * A search of all types is one of what the view may search: the rest is not
 * there.  With "Prefer: handling=lenient" what is unknown is left out; an
 * entry of mode outcome says so, and the self link shows what was done.
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
	struct query_limits lim = page_limits(c);
	const struct pair *pair;
	size_t n;
	enum err e;

	lim.lenient = req_prefers(c->rq, "handling", "lenient");
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
	const struct def_type *t = def_type_num(c->at.type);

	if (c->at.compartment == 0)
		return bytes_str(t == NULL ? "" : t->name);
	return bytes_str(arena_printf(c->arena, "%s/%.*s/%s",
	    def_type_num(c->at.compartment)->name, BYTES_FMT(c->at.id),
	    t == NULL ? "*" : t->name));
}

/*
 * _summary is about the whole answer, included resources, too.  Reading: so
 * are not the names in _elements, which are those of the searched type.
 */
static void
cut(struct call *c, const struct query *q, struct page *page)
{
	struct resource *r;
	uint16_t type;
	size_t i;

	for (i = 0; i < page->n_entry; i++) {
		r = &page->entry[i];
		type = r->inner != 0 ? r->inner : r->type;
		if (i < page->n_match)
			r->body = summary_elements(c->arena, type,
			    r->body, q->element, q->n_element);
		r->body = summary_cut(c->arena, type, r->body, q->summary);
	}
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
	e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = store_search(t, c->arena, c->view, &q, &ask, &c->rs->is, &page);
	if (e == OK)
		cut(c, &q, &page);
	if (e == OK)
		e = page_bundle(c, BUNDLE_SEARCHSET, path_of(c), q.self,
		    q.cursor, &page);
	if (e == ERR_VALUE && c->rs->is.n == 0)
		issue_add(&c->rs->is, e, "page", "?_cursor",
		    "is not a page link of this search, or too old; begin "
		    "again without it");
	act_end(c, t);
	return e;
}
