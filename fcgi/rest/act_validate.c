/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_validate.c -- $validate: would this be a valid resource?  (L5)
 *
 * Nothing is stored, so who may read, create or update the type may ask.  The
 * answer is 200 and an OperationOutcome whatever is wrong with the resource,
 * what cannot be parsed included; other statuses are about the request.  An
 * instance that the view does not hold is the 404 of any other id, and
 * what is said of a resource hangs on nothing but the resource.
 *
 *	mode	create, update, delete: as for that interaction.  None: as
 *		the resource stands
 *	profile	judged by that one as well; an unknown one is refused, not
 *		passed over
 *
 * Without a resource the stored one of the instance is judged.
 *
 * Spec: DSTU2 resource-operations.html#validate; requirement R19.
 */
#include "fcgi/rest/write.h"
#include "fhir/profile.h"

/* What is asked. */
struct inquiry {
	struct check	 check;
	bool		 has_mode;
	uint16_t	 type;		/* of resource */
	const json_t	*resource;	/* or NULL */
	struct issues	 is;		/* what is wrong with it */
};

/* --- parameters ----------------------------------------------------------- */

static enum err
set_mode(struct call *c, struct inquiry *q, const char *place,
    struct bytes word)
{
	static const struct { const char *word; enum check_mode mode; }
	    modes[] = {
		{ "create", CHECK_CREATE }, { "update", CHECK_UPDATE },
		{ "delete", CHECK_DELETE }
	};
	size_t i;

	for (i = 0; i < N_ELEM(modes); i++) {
		if (!bytes_is(word, modes[i].word))
			continue;
		q->check.mode = modes[i].mode;
		q->has_mode = true;
		return OK;
	}
	return issue_add(&c->rs->is, ERR_VALUE, "validate-mode", place,
	    "one of create, update and delete");
}

static enum err
set_profile(struct call *c, struct inquiry *q, const char *place,
    struct bytes url)
{
	uint16_t base;

	q->check.profile = profile_find(url);
	if (q->check.profile != NULL)
		return OK;
	if (profile_base(url, &base) && (base == 0 || base == c->at.type))
		return OK;
	return issue_add(&c->rs->is, ERR_VALUE, "profile", place,
	    "this server cannot judge by this profile; the Conformance "
	    "statement lists those it knows");
}

/* The value of a primitive parameter, whatever text type it was given as. */
static struct bytes
value_of(const json_t *parameter)
{
	static const char *const names[] = { "valueCode", "valueUri",
	    "valueString" };
	const json_t *v;
	size_t i;

	for (i = 0; i < N_ELEM(names); i++) {
		v = json_object_get(parameter, names[i]);
		if (json_is_string(v) && !json_is_num(v))
			return json_text(v);
	}
	return bytes_of(NULL, 0);
}

static enum err
one_parameter(struct call *c, struct inquiry *q, const json_t *p,
    const char *place)
{
	const json_t *name = json_object_get(p, "name");
	const json_t *resource = json_object_get(p, "resource");

	if (!json_is_string(name))
		return issue_add(&c->rs->is, ERR_VALUE, "validate", place,
		    "a parameter has a name");
	if (bytes_is(json_text(name), "mode"))
		return set_mode(c, q, place, value_of(p));
	if (bytes_is(json_text(name), "profile"))
		return set_profile(c, q, place, value_of(p));
	if (!bytes_is(json_text(name), "resource") ||
	    !json_is_object(resource) || q->resource != NULL)
		return issue_add(&c->rs->is, ERR_VALUE, "validate", place,
		    "$validate has one resource, mode and profile");
	q->resource = resource;
	return OK;
}

static enum err
parameters(struct call *c, struct inquiry *q, const json_t *tree)
{
	const json_t *list = json_object_get(tree, "parameter");
	enum err e = OK;
	size_t i;

	for (i = 0; i < json_array_size(list) && e == OK; i++)
		e = one_parameter(c, q, json_array_get(list, i),
		    arena_printf(c->arena, "Parameters.parameter[%zu]", i));
	return e;
}

/* Of Parameters themselves the body is what is asked about. */
static bool
is_input(const struct call *c, const struct json_doc *doc)
{
	const char *name = def_type_num(doc->type)->name;

	return strcmp(name, "Parameters") == 0 && c->at.type != doc->type;
}

/* What cannot be read is as wrong as what breaks a rule: 200. */
static enum err
read_body(struct call *c, struct inquiry *q)
{
	const struct json_limits lim = act_limits(c);
	struct json_doc doc;
	enum err e;

	if (c->rq->body.len == 0)
		return OK;
	e = json_doc(c->arena, c->rq->body, bytes_of(NULL, 0), &lim, &q->is,
	    &doc);
	if (e == ERR_SYNTAX || e == ERR_VALUE) {
		if (doc.tree != NULL && !is_input(c, &doc))
			q->resource = doc.tree;
		return OK;
	}
	if (e != OK) {
		c->rs->is = q->is;
		return e;
	}
	if (is_input(c, &doc))
		return parameters(c, q, doc.tree);
	q->resource = doc.tree;
	return OK;
}

static enum err
read_query(struct call *c, struct inquiry *q)
{
	static const char *const allowed[] = { "mode", "profile", NULL };
	struct bytes mode = req_param(c->rq, "mode");
	struct bytes profile = req_param(c->rq, "profile");
	enum err e = act_params(c, allowed);

	if (e == OK && mode.len > 0)
		e = set_mode(c, q, "?mode", mode);
	if (e == OK && profile.len > 0)
		e = set_profile(c, q, "?profile", profile);
	return e;
}

/* --- the instance --------------------------------------------------------- */

/* The stored one, where no other was sent. */
static enum err
take_stored(struct call *c, struct inquiry *q, struct bytes body)
{
	static const struct json_limits any = { SIZE_MAX, 512, SIZE_MAX };
	struct json_doc doc;
	enum err e;

	e = json_doc(c->arena, arena_copy(c->arena, body), bytes_of(NULL, 0),
	    &any, &q->is, &doc);
	q->resource = e == OK ? doc.tree : NULL;
	return e == OK ? OK : ERR_STORE;
}

/* An update may bring back what was deleted, or make what was not there. */
static enum err
missing_is(struct call *c, const struct inquiry *q, enum err e)
{
	bool update = q->has_mode && q->check.mode == CHECK_UPDATE;

	if (!update || q->resource == NULL)
		return e;
	if (e == ERR_GONE || write_client_ids(c))
		return OK;
	return e;
}

/* Is it in the view? */
static enum err
instance(struct call *c, struct inquiry *q)
{
	struct snapshot *t;
	struct resource r;
	enum err e;

	if (q->has_mode && q->check.mode == CHECK_CREATE)
		return issue_add(&c->rs->is, ERR_VALUE, "validate-mode", NULL,
		    "what is created has no id yet: ask [base]/%s/$validate",
		    def_type_num(c->at.type)->name);
	e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = store_read(t, c->view, c->at.type, c->at.id, &r);
	if (e == OK && r.deleted)
		e = ERR_GONE;
	if (e == OK && q->resource == NULL && q->is.n == 0 &&
	    q->check.mode != CHECK_DELETE)
		e = take_stored(c, q, r.body);
	else if (e == ERR_NOTFOUND || e == ERR_GONE)
		e = missing_is(c, q, e);
	act_end(c, t);
	return e;
}

/* --- judging -------------------------------------------------------------- */

static bool
may_ask(const struct call *c)
{
	return view_reach(c->view, c->at.type, VIEW_READ) != REACH_NONE ||
	    view_reach(c->view, c->at.type, VIEW_CREATE) != REACH_NONE ||
	    view_reach(c->view, c->at.type, VIEW_UPDATE) != REACH_NONE;
}

/* Its type is that of the url. */
static bool
right_type(struct call *c, struct inquiry *q)
{
	const json_t *name = json_object_get(q->resource, "resourceType");
	const char *want = def_type_num(c->at.type)->name;
	const struct def_type *type = json_is_string(name) ?
	    def_type(json_text(name)) : NULL;

	if (type != NULL && type->num == c->at.type)
		return true;
	issue_add(&q->is, ERR_VALUE, "resource-type", "resourceType",
	    "%s%s, the URL says %s", type == NULL ? "no resource of DSTU2" :
	    "a ", type == NULL ? "" : type->name, want);
	return false;
}

/* What the interaction would say of the id, if that is one. */
static void
judge_id(struct call *c, struct inquiry *q)
{
	const json_t *id = json_object_get(q->resource, "id");
	const char *place = arena_printf(c->arena, "%s.id",
	    def_type_num(c->at.type)->name);

	if (q->is.n > 0 || !json_is_string(id) || json_is_num(id))
		return;
	if (q->has_mode && q->check.mode == CHECK_CREATE)
		issue_add(&q->is, ERR_VALUE, "resource-id", place,
		    "what is created gets its id from the server; leave it "
		    "out");
	else if (c->at.id.len > 0 && !bytes_eq(json_text(id), c->at.id))
		issue_add(&q->is, ERR_VALUE, "resource-id", place,
		    "another id than that of the URL");
}

static enum err
judge(struct call *c, struct inquiry *q)
{
	enum err e = OK;

	if (q->resource == NULL) {
		if (q->is.n > 0 || q->check.mode == CHECK_DELETE)
			return OK;
		return issue_add(&c->rs->is, ERR_VALUE, "validate", NULL,
		    "send a resource, or Parameters with the parameter "
		    "resource");
	}
	if (right_type(c, q)) {
		judge_id(c, q);
		e = check_resource(c->arena, &q->check, c->at.type,
		    q->resource, &q->is);
	}
	return e == ERR_SYNTAX || e == ERR_RULE ? OK : e;
}

enum err
act_validate(struct call *c)
{
	struct inquiry q = { .is = issues_on(c->arena),
	    .check = { .mode = CHECK_STORED, .urls = &rest_of(c)->urls } };
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	enum err e;

	if (!may_ask(c))
		return ERR_FORBIDDEN;
	e = read_query(c, &q);
	if (e == OK)
		e = read_body(c, &q);
	if (e == OK && c->at.id.len > 0)
		e = instance(c, &q);
	else if (e == OK && q.check.mode == CHECK_DELETE)
		e = issue_add(&c->rs->is, ERR_VALUE, "validate-mode", NULL,
		    "to delete is asked of an instance: [base]/%s/[id]/"
		    "$validate", def_type_num(c->at.type)->name);
	if (e == OK)
		e = judge(c, &q);
	if (e != OK)
		return e;
	if (q.is.n == 0)
		issue_put(&q.is, &(struct issue){ .severity = SEV_INFO,
		    .code = "informational" }, "All OK");
	issues_json(&q.is, OK, &b);
	return buf_end(&b, &c->rs->body);
}
