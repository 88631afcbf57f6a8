/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_create.c -- create, and create unless there is one.  (L5)
 *
 * The id is the server's: 128 random bits drawn before the transaction, so
 * that a commit that runs again makes the same resource.
 *
 * Spec: DSTU2 http.html#create, #ccreate; requirements R05, R10.
 */
#include "fcgi/rest/write.h"

/* There is one: it is as if it had just been made. */
static enum err
there(struct call *c, struct draft *d)
{
	struct change_result r = { .same = true };
	struct snapshot *t;
	struct resource found;
	enum err e;

	e = write_snapshot(c->write, &t);
	if (e == OK)
		e = store_read(t, c->view, c->at.type, d->match[0], &found);
	/* Found by a search, it may still not be read. */
	if (e == ERR_NOTFOUND || e == ERR_GONE) {
		c->rs->success = 200;
		return OK;
	}
	if (e != OK)
		return e;
	r.version = found.version;
	r.updated = found.updated;
	return write_answer(c, d, d->match[0], &r);
}

static enum err
create(struct call *c, struct draft *d)
{
	struct change_result r;
	enum err e;

	if (d->n_match > 1 || d->more)
		return match_several(c);
	if (d->n_match == 1)
		return there(c, d);
	e = write_one(c, d, &d->change, &r);
	return e == OK ? write_answer(c, d, d->change.id, &r) : e;
}

/* An entry may carry the name that other entries know it by. */
static enum err
no_id(struct call *c, const struct draft *d)
{
	struct bytes id = d->change.doc->id;

	if (id.len == 0 || bytes_eq(id, d->name))
		return OK;
	return issue_add(&c->rs->is, ERR_VALUE, "resource-id",
	    arena_printf(c->arena, "%s.id", def_type_num(c->at.type)->name),
	    "what is created gets its id from the server; leave it out, or "
	    "send it by PUT to [base]/%s/[id]",
	    def_type_num(c->at.type)->name);
}

enum err
act_create(struct call *c)
{
	static const char *const none[] = { NULL };
	struct bytes exist = c->rq->var[VAR_NONE_EXIST];
	struct draft *d = draft_of(c);
	enum err e;

	e = act_params(c, none);
	if (e == OK)
		e = write_type(c, VIEW_CREATE);
	if (e == OK)
		e = write_conditions(c, d);
	if (e == OK && exist.len > 0)
		e = match_text(c, c->at.type, exist, &d->criteria);
	if (e != OK)
		return e;
	if (d->fresh.len == 0)
		d->fresh = draft_id(c);
	e = write_body(c, bytes_of(NULL, 0), d);
	if (e == OK)
		e = draft_read(c, d, d->fresh);
	if (e == OK)
		e = no_id(c, d);
	if (e == OK)
		e = provenance_claim(c, d);
	if (e != OK)
		return e;
	d->change.create = true;
	write_later(c, d, create);
	return OK;
}
