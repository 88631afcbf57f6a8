/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_update.c -- update, by id or by criteria; revive; create by PUT.  (L5)
 *
 * What is hidden and what never was are the same 404 to who may not choose
 * ids; who may choose them sees all of the type.
 *
 * Reading: a mismatch of If-Match is 409, as DSTU2 has it (412 came later);
 * If-None-Match: * on what is there is 412.
 *
 * Spec: DSTU2 http.html#update, #cond-update, #2.1.0.2; requirements R06 to
 * R08, R10.
 */
#include "fcgi/rest/write.h"

static enum err
stale(struct call *c)
{
	return issue_add(&c->rs->is, ERR_CONFLICT, "if-match", NULL,
	    "the current version is not the one that If-Match names; read "
	    "it, make the change again and send its ETag");
}

/*
 * To who may see whatever could be there it is no secret that there is
 * nothing; to anybody else it is a 404.
 */
static enum err
no_ids(struct call *c)
{
	if (!view_whole(c->view, c->at.type, VIEW_UPDATE) ||
	    !view_whole(c->view, c->at.type, VIEW_CREATE))
		return ERR_NOTFOUND;
	c->rs->allow = "GET, HEAD, DELETE, OPTIONS";
	return issue_add(&c->rs->is, ERR_METHOD, "update-create", NULL,
	    "there is no such resource, and ids are made by the server here; "
	    "create it by POST to [base]/%s",
	    def_type_num(c->at.type)->name);
}

/* Nothing of the view meets the criteria. */
static enum err
make(struct call *c, struct draft *d)
{
	struct change change = d->change;
	struct change_result r;
	enum err e;

	if (view_reach(c->view, c->at.type, VIEW_CREATE) == REACH_NONE)
		return ERR_FORBIDDEN;
	if (d->if_version != 0 || d->if_there)
		return stale(c);
	change.create = true;
	e = write_one(c, d, &change, &r);
	return e == OK ? write_answer(c, d, change.id, &r) : e;
}

/*
 * What is never altered (if_none) stands as it is told, or is new; and whose
 * word it is, who replays it may not choose.
 */
static enum err
replayed(struct call *c, struct draft *d, const struct change_result *r)
{
	enum err e = r->same ? OK : provenance_claim(c, d);

	if (e == OK && d->if_none && !r->created && !r->same)
		return issue_add(&c->rs->is, ERR_CONFLICT, "kept", NULL,
		    "there is one already that says something else, and %s "
		    "is never altered", def_type_num(c->at.type)->name);
	return e == OK ? write_answer(c, d, d->change.id, r) : e;
}

static enum err
update(struct call *c, struct draft *d)
{
	struct change_result r;
	enum err e;

	d->change.if_version = d->if_version;
	e = write_one(c, d, &d->change, &r);
	if (e == ERR_NOTFOUND)
		return write_unheld(c, d->change.id);
	if (e == ERR_VERSION || (e == OK && d->if_there && r.created))
		return stale(c);
	if (e == OK && r.created && r.version == 1 && !write_client_ids(c))
		return no_ids(c);	/* undoes it */
	if (e == OK && d->replay)
		return replayed(c, d, &r);
	/* What was deleted is not there. */
	if (e == OK && d->if_none && !r.created)
		return issue_add(&c->rs->is, ERR_VERSION, "if-none-match",
		    NULL, "there is one already; leave If-None-Match out to "
		    "update it");
	return e == OK ? write_answer(c, d, d->change.id, &r) : e;
}

static enum err
other_id(struct call *c, const char *why)
{
	return issue_add(&c->rs->is, ERR_VALUE, "resource-id",
	    arena_printf(c->arena, "%s.id", def_type_num(c->at.type)->name),
	    "%s", why);
}

/* The one that meets the criteria, or a new one. */
static enum err
update_match(struct call *c, struct draft *d)
{
	struct bytes own = d->change.doc->id;
	struct bytes id = d->n_match == 1 ? d->match[0] : d->fresh;
	enum err e;

	if (d->n_match > 1 || d->more)
		return match_several(c);
	if (own.len > 0 && d->n_match == 0)
		return other_id(c, "no resource meets the criteria, and what "
		    "is created gets its id from the server; leave it out");
	if (own.len > 0 && !bytes_eq(own, id))
		return other_id(c, "not the id of the resource that meets "
		    "the criteria; leave it out");
	if (!bytes_eq(id, d->change.id)) {
		e = draft_read(c, d, id);
		if (e != OK)
			return e;
	}
	return d->n_match == 1 ? update(c, d) : make(c, d);
}

static enum err
prepare(struct call *c, struct draft *d, struct bytes id, draft_fn *apply)
{
	enum err e;

	e = write_body(c, c->at.id, d);
	if (e == OK)
		e = draft_read(c, d, id);
	if (e != OK)
		return e;
	write_later(c, d, apply);
	return OK;
}

enum err
act_update(struct call *c)
{
	static const char *const none[] = { NULL };
	struct draft *d = draft_of(c);
	bool added = d->replay &&
	    (write_never(c->at.type) & VIEW_UPDATE) != 0;
	enum err e;

	e = act_params(c, none);
	if (e == OK)
		e = write_type(c, added ? VIEW_CREATE : VIEW_UPDATE);
	if (e == OK)
		e = write_conditions(c, d);
	d->if_none = d->if_none || added;
	return e == OK ? prepare(c, d, c->at.id, update) : e;
}

enum err
act_update_if(struct call *c)
{
	struct draft *d = draft_of(c);
	enum err e;

	e = write_type(c, VIEW_UPDATE);
	if (e == OK)
		e = write_conditions(c, d);
	if (e == OK)
		e = match_parse(c, c->at.type, c->rq->pair, c->rq->n_pair,
		    &d->criteria);
	if (e != OK)
		return e;
	if (d->fresh.len == 0)
		d->fresh = draft_id(c);
	return prepare(c, d, d->fresh, update_match);
}
