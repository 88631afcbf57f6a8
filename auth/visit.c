/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visit.c -- the encounter picker of a standalone launch.  (L3)
 *
 * Where an app asks for launch/encounter and no EHR says which, the person
 * says it: of the chosen patient's encounters, newest first, one or none.
 * Listed through a view of that one patient's record, so what the person may
 * not see is not there.
 *
 * Spec: SMART App Launch 2.2, launch/encounter; interop 14.
 */
#include <jansson.h>

#include "auth/flow.h"
#include "auth/jws.h"

#define SHOWN_MAX	20
#define READ_MAX	200	/* sorted here, the newest of them shown */
#define SEARCH_ROWS	200000	/* of the store, for one page */

bool
flow_wants_visit(const struct safe_flow *f)
{
	return words_have(f->scope, "launch/encounter") &&
	    f->ctx.patient.len > 0 && f->bound.len == 0 && f->visit == 0;
}

/* "Check-up", "Follow-up visit": what its kind is called. */
static struct bytes
kind_of(const json_t *o)
{
	const json_t *type = json_array_get(json_object_get(o, "type"), 0);
	struct bytes text = jws_text(type, "text");

	if (text.len == 0)
		text = jws_text(json_array_get(json_object_get(type,
		    "coding"), 0), "display");
	return text.len > 0 ? text : jws_text(o, "class");
}

static enum err
describe(struct arena *a, const struct resource *r, struct smart_visit *out)
{
	const json_t *o = picked_object(a, r), *period;

	if (o == NULL)
		return ERR_STORE;
	period = json_object_get(o, "period");
	*out = (struct smart_visit){ .id = arena_copy(a, r->id),
	    .kind = kind_of(o), .status = jws_text(o, "status"),
	    .start = jws_text(period, "start"),
	    .end = jws_text(period, "end") };
	return OK;
}

static enum err
view_of(struct smart_call *c, const struct flow *fl, struct view *out)
{
	struct issues is = issues_on(c->a);
	enum err e;

	e = auth_scope(c->a, bytes_str("patient/Encounter.rs"),
	    fl->f.ctx.patient, &fl->who.rights, &is, out);
	if (e == OK)
		scope_seal(out, fl->who.name, bytes_str("picker"));
	return e;
}

static enum err
query_of(struct smart *s, struct smart_call *c, struct bytes patient,
    struct query *out)
{
	const struct pair pair[] = {
		{ bytes_str("patient"), patient },
		{ bytes_str("_sort:desc"), bytes_str("date") },
	};

	return smart_query(s, c, def_type(bytes_str("Encounter"))->num,
	    pair, N_ELEM(pair), out);
}

/* A flow whose patient is known, in the hands of who may choose. */
static enum err
flow_of(struct smart *s, struct smart_call *c, struct bytes id,
    struct flow *fl)
{
	enum err e;

	if (c->t == NULL)
		return ERR_BUG;
	e = flow_open(s, c, id, fl);
	if (e == OK && (fl->step < STEP_VISIT ||
	    fl->f.ctx.patient.len == 0))
		return smart_fail(c, ERR_LOGIN, FAULT_LOGIN, NULL,
		    "a step before this one is missing; load the page "
		    "again");
	return e;
}

/* Does a begin before b?  As texts: of one year, month, day and so on. */
static bool
before(const struct smart_visit *a, const struct smart_visit *b)
{
	const size_t n = a->start.len < b->start.len ? a->start.len :
	    b->start.len;
	const int d = n == 0 ? 0 : memcmp(a->start.p, b->start.p, n);

	return d != 0 ? d < 0 : a->start.len < b->start.len;
}

/*
 * The store sorts by the end of a period, and many are left open: those
 * stand first, in no order that helps anybody.
 */
static void
newest_first(struct smart_visit *list, size_t n)
{
	struct smart_visit v;
	size_t i, j;

	for (i = 1; i < n; i++) {
		v = list[i];
		for (j = i; j > 0 && before(&list[j - 1], &v); j--)
			list[j] = list[j - 1];
		list[j] = v;
	}
}

enum err
smart_visits(struct smart *s, struct smart_call *c, struct bytes flow,
    struct smart_visit **out, size_t *n_out, bool *more_out)
{
	struct page_ask ask = { .count = READ_MAX,
	    .max_rows = SEARCH_ROWS, .max_bytes = (uint64_t)4 << 20,
	    .now = c->now, .lifetime_ms = 1000 };
	struct smart_visit *list = arena_array(c->a, READ_MAX,
	    sizeof *list);
	struct issues is = issues_on(c->a);
	struct page page = { .n_match = 0 };
	struct view view;
	struct query q;
	struct flow fl;
	size_t i;
	enum err e;

	memcpy(ask.nonce, smart_random(c, sizeof ask.nonce),
	    sizeof ask.nonce);
	e = flow_of(s, c, flow, &fl);
	if (e == OK)
		e = view_of(c, &fl, &view);
	if (e == OK)
		e = query_of(s, c, fl.f.ctx.patient, &q);
	if (e == OK)
		e = store_search(c->t, c->a, &view, &q, &ask, &is, &page);
	for (i = 0; e == OK && i < page.n_match; i++)
		e = describe(c->a, &page.entry[i], &list[i]);
	if (e != OK)
		return smart_end(c, e);
	newest_first(list, page.n_match);
	*out = list;
	*n_out = page.n_match < SHOWN_MAX ? page.n_match : SHOWN_MAX;
	*more_out = page.total > *n_out;
	return OK;
}

/* One of the patient's; err ERR_FORBIDDEN: there is no such one. */
static enum err
read_visit(struct smart_call *c, const struct flow *fl, struct bytes id,
    struct smart_visit *out)
{
	struct resource r;
	struct view view;
	enum err e = ERR_NOTFOUND;

	if (json_id_ok(id))
		e = view_of(c, fl, &view);
	if (e == OK)
		e = store_read(c->t, &view,
		    def_type(bytes_str("Encounter"))->num, id, &r);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED,
		    "encounter", "there is no such visit in this record");
	return e == OK ? describe(c->a, &r, out) : e;
}

enum err
smart_visit(struct smart *s, struct smart_call *c, struct bytes flow,
    struct smart_visit *out)
{
	struct flow fl;
	enum err e;

	e = flow_of(s, c, flow, &fl);
	if (e == OK)
		e = read_visit(c, &fl, fl.f.ctx.encounter, out);
	return smart_end(c, e);
}

static enum err
edit_visit(struct safe_flow *f, const struct flow *fl, struct bytes id)
{
	/* Chosen for the patient it was listed for, and no other. */
	if (!bytes_eq(f->ctx.patient, fl->f.ctx.patient))
		return ERR_NOTFOUND;
	f->ctx.encounter = id;
	f->visit = 1;
	return OK;
}

enum err
smart_visit_pick(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes visit)
{
	struct smart_visit known;
	struct flow fl;
	enum err e;

	e = smart_csrf_check(c, form);
	if (e == OK)
		e = flow_of(s, c, form->flow, &fl);
	if (e == OK && visit.len > 0)
		e = read_visit(c, &fl, visit, &known);
	if (e != OK)
		return smart_end(c, e);
	/* A launch by an EHR has what it was started for. */
	if (fl.f.bound.len > 0 ||
	    !words_have(fl.f.scope, "launch/encounter"))
		return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, NULL,
		    "this app is not asked about a visit");
	return flow_change(s, c, &fl, edit_visit, visit);
}
