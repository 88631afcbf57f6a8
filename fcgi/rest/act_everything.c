/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_everything.c -- all there is of one patient: $everything.  (L5)
 *
 * The route needs read of Patient; what else the token's scope does not name
 * is left out.  Without an id it is the patient of the token: who may see
 * more than one has to say whose record is meant, as the records of a whole
 * house are no answer to a single request.
 *
 * Spec: DSTU2 patient-operations.html#everything; requirements R18, Z03;
 * attack cases OPS-01, OPS-02.
 */
#include "fcgi/rest/page.h"

struct asked {
	struct bytes	id;
	struct span	care;		/* start, end */
	uint64_t	count;
};

/* "2015": from its first instant, up to and including its last. */
static enum err
care_of(struct call *c, struct span *out)
{
	static const char *const names[] = { "start", "end" };
	struct span s;
	struct bytes text;
	size_t i;

	*out = (struct span){ TIME_MIN, TIME_MAX };
	for (i = 0; i < N_ELEM(names); i++) {
		text = req_param(c->rq, names[i]);
		if (text.len == 0)
			continue;
		if (prim_date(text, 0, &s) != OK)
			return issue_add(&c->rs->is, ERR_VALUE,
			    "http-parameter",
			    i == 0 ? "?start" : "?end", "a date: YYYY, "
			    "YYYY-MM or YYYY-MM-DD");
		if (i == 0)
			out->lo = s.lo;
		else
			out->hi = s.hi;
	}
	if (out->lo < out->hi)
		return OK;
	return issue_add(&c->rs->is, ERR_VALUE, "http-parameter", "?end",
	    "not before start");
}

static enum err
whose(struct call *c, struct bytes *out)
{
	const struct view *v = c->view;

	*out = c->at.id;
	if (c->at.id.len > 0)
		return OK;
	if (view_reach(v, c->at.type, VIEW_READ) == REACH_PATIENTS &&
	    v->n_patient == 1) {
		*out = v->patient[0];
		return OK;
	}
	return issue_add(&c->rs->is, ERR_COSTLY, "everything", NULL,
	    "this token reaches more than one patient; ask for one: "
	    "Patient/[id]/$everything");
}

static enum err
parse(struct call *c, struct asked *out)
{
	static const char *const allowed[] = { "start", "end", "_count",
	    "_cursor", NULL };
	enum err e;

	e = act_params(c, allowed);
	if (e == OK)
		e = page_count(c, &out->count);
	if (e == OK)
		e = care_of(c, &out->care);
	return e == OK ? whose(c, &out->id) : e;
}

static struct bytes
path_of(struct call *c)
{
	return bytes_str(c->at.id.len == 0 ? "Patient/$everything" :
	    arena_printf(c->arena, "Patient/%.*s/$everything",
	    BYTES_FMT(c->at.id)));
}

/* The parameters as they came, but for the place on the page. */
static struct bytes
query_of(struct call *c)
{
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	struct bytes out = { .len = 0 };
	const struct pair *p;

	for (p = c->rq->pair; p < c->rq->pair + c->rq->n_pair; p++) {
		if (bytes_is(p->name, "_cursor") ||
		    bytes_is(p->name, "_format"))
			continue;
		if (b.len > 0)
			buf_u8(&b, '&');
		buf_pct(&b, p->name);
		buf_u8(&b, '=');
		buf_pct(&b, p->value);
	}
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

enum err
act_everything(struct call *c)
{
	struct asked asked;
	struct page_ask ask;
	struct snapshot *t;
	struct page page;
	enum err e;

	e = parse(c, &asked);
	if (e != OK)
		return e;
	ask = page_ask(c, asked.count, req_param(c->rq, "_cursor"));
	e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = store_everything(t, c->arena, c->view, asked.id, asked.care, &ask,
	    &c->rs->is, &page);
	if (e == OK)
		e = page_bundle(c, BUNDLE_SEARCHSET, path_of(c), query_of(c),
		    ask.cursor, &page);
	act_end(c, t);
	return e;
}
