/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_read.c -- read and vread of one instance.  (L5)
 *
 * The stored bytes go out as they are.  What the view does not hold is the
 * same 404 as what never was (CMP-01); a deleted resource the view held is
 * 410.
 *
 * Spec: DSTU2 http.html#read, #vread; Argonaut $docref (?patient= on the
 * URL of an attachment is allowed and checked).
 */
#include "fcgi/rest/act.h"

#include "base/text.h"

enum err
act_begin(struct call *c, struct snapshot **out)
{
	return c->write != NULL ? write_snapshot(c->write, out) :
	    store_begin(c->server->store, c->arena, out);
}

void
act_end(struct call *c, struct snapshot *t)
{
	if (c->write != NULL)
		return;		/* step_commit counts all of it */
	c->work += store_work(t);
	store_end(t);
}

struct json_limits
act_limits(const struct call *c)
{
	const int64_t *num = c->server->conf->num;

	return (struct json_limits){ .bytes = (size_t)num[CONF_RESOURCE],
	    .depth = (size_t)num[CONF_JSON_DEPTH],
	    .tokens = (size_t)num[CONF_JSON_TOKENS] };
}

/* A value, and only one of each name: as the search has it. */
static enum err
check_pair(struct call *c, size_t at)
{
	const struct pair *p = &c->rq->pair[at];
	const char *place = arena_printf(c->arena, "?%.*s",
	    BYTES_FMT(p->name));
	size_t i;

	if (p->value.len == 0)
		return issue_add(&c->rs->is, ERR_USAGE, "http-parameter",
		    place, "an empty value; leave the parameter out");
	for (i = 0; i < at; i++) {
		if (bytes_eq(c->rq->pair[i].name, p->name))
			return issue_add(&c->rs->is, ERR_USAGE,
			    "http-parameter", place, "given twice, which "
			    "leaves open what is meant; give it once");
	}
	if (bytes_is(p->name, "_pretty") && !bytes_is(p->value, "true") &&
	    !bytes_is(p->value, "false"))
		return issue_add(&c->rs->is, ERR_VALUE, "http-parameter",
		    place, "true or false");
	return OK;
}

static bool
known(struct bytes name, const char *const *allowed)
{
	size_t i;

	if (bytes_is(name, "_format") || bytes_is(name, "_pretty"))
		return true;
	for (i = 0; allowed[i] != NULL; i++) {
		if (bytes_is(name, allowed[i]))
			return true;
	}
	return false;
}

enum err
act_params(struct call *c, const char *const *allowed)
{
	const struct req *rq = c->rq;
	const char *list = "";
	enum err e;
	size_t i;

	for (i = 0; allowed[i] != NULL; i++)
		list = arena_printf(c->arena, "%s%s, ", list, allowed[i]);
	for (i = 0; i < rq->n_pair; i++) {
		if (!known(rq->pair[i].name, allowed))
			return issue_add(&c->rs->is, ERR_USAGE,
			    "http-parameter", query_place(c->arena,
			    rq->pair[i].name), "this interaction has no "
			    "such parameter; it has %s_format and _pretty",
			    list);
		e = check_pair(c, i);
		if (e != OK)
			return e;
	}
	return OK;
}

/*
 * Is the resource one of the patient that ?patient= names?  Asked of the
 * gate itself, with a view that holds nothing but that patient's resources.
 */
static enum err
of_patient(struct call *c, struct snapshot *t, struct bytes patient)
{
	struct view_rule rule = { .ops = VIEW_READ, .reach = REACH_PATIENTS };
	struct view narrow = { .rule = &rule, .n_rule = 1, .n_patient = 1 };
	struct resource r;
	struct ref ref;
	enum err e;

	e = prim_ref(patient, &rest_of(c)->urls, true, &ref);
	if (e != OK || ref.kind != REF_LOCAL || (ref.type != 0 &&
	    strcmp(def_type_num(ref.type)->name, "Patient") != 0))
		return issue_add(&c->rs->is, ERR_VALUE, "reference",
		    "?patient", "is the id of a Patient of this server");
	typeset_add(&rule.types, c->at.type);
	narrow.patient = &ref.id;
	return store_read(t, &narrow, c->at.type, c->at.id, &r);
}

/* A count is one of many: it says nothing about a single resource. */
static enum err
summary_of(struct call *c, enum summary *out)
{
	struct bytes word = req_param(c->rq, "_summary");

	*out = SUMMARY_FALSE;
	if (word.len == 0 || (summary_parse(word, out) == OK &&
	    *out != SUMMARY_COUNT))
		return OK;
	return issue_add(&c->rs->is, ERR_VALUE, "http-parameter",
	    "?_summary", "one of true, text, data and false");
}

static enum err
fetch(struct call *c, bool version, struct resource *r)
{
	static const char *const allowed[] = { "_summary", "patient", NULL };
	static const char *const plain[] = { "_summary", NULL };
	const struct def_type *type = def_type_num(c->at.type);
	bool binary = strcmp(type->name, "Binary") == 0;
	struct bytes patient = req_param(c->rq, "patient");
	enum summary summary;
	struct snapshot *t;
	enum err e;

	e = act_params(c, binary ? allowed : plain);
	if (e == OK)
		e = summary_of(c, &summary);
	if (e != OK)
		return e;
	e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = version ?
	    store_vread(t, c->view, c->at.type, c->at.id, c->at.version, r) :
	    store_read(t, c->view, c->at.type, c->at.id, r);
	if (e == OK && r->deleted)
		e = ERR_GONE;
	if (e == OK && patient.len > 0)
		e = of_patient(c, t, patient);
	if (e == OK)
		r->body = arena_copy(c->arena, r->body);
	act_end(c, t);
	if (e != OK)
		return e;
	/* What is cut down is a resource, whatever else it could be. */
	if (binary && summary == SUMMARY_FALSE && act_native_wanted(c))
		return act_native(c, r->body);
	r->body = summary_cut(c->arena, r->type, r->body, summary);
	return OK;
}

static enum err
answer(struct call *c, bool version)
{
	struct resource r;
	enum err e;

	e = fetch(c, version, &r);
	if (e != OK)
		return e;
	if (c->rs->native == NULL) {
		if (c->rq->media == MEDIA_NONE)
			return issue_add(&c->rs->is, ERR_ACCEPT,
			    "http-accept", NULL, "only JSON is available: ask "
			    "for application/json+fhir or _format=json");
		c->rs->body = r.body;
	}
	resp_version(c->rs, r.version, r.updated);
	return OK;
}

enum err
act_read(struct call *c)
{
	return answer(c, false);
}

enum err
act_vread(struct call *c)
{
	return answer(c, true);
}
