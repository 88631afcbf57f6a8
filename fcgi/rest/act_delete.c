/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_delete.c -- delete, by id or by criteria.  (L5)
 *
 * What was deleted before, never was, or is hidden: 204 alike, and nothing
 * happens; what may be read but not deleted: 403.
 *
 * Spec: DSTU2 http.html#delete, #cdelete; requirements R07, R10.
 */
#include "fcgi/rest/write.h"

static enum err
remove_one(struct call *c, struct draft *d, struct bytes id)
{
	const struct change change = { .kind = CHANGE_DELETE,
	    .type = c->at.type, .id = id, .if_version = d->if_version };
	struct change_result r;
	enum err e;

	e = write_one(c, d, &change, &r);
	if (e == ERR_VERSION)
		return issue_add(&c->rs->is, ERR_CONFLICT, "if-match", NULL,
		    "the current version is not the one that If-Match "
		    "names; read it again");
	if (e == ERR_NOTFOUND)
		e = write_unheld(c, id);
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
delete_id(struct call *c, struct draft *d)
{
	c->rs->success = 204;
	return remove_one(c, d, c->at.id);
}

static enum err
delete_match(struct call *c, struct draft *d)
{
	bool many = c->server->conf->num[CONF_DELETE_MANY] != 0;
	enum err e = OK;
	size_t i;

	if (d->n_match == 0)
		return ERR_NOTFOUND;
	if (d->more && many)
		return issue_add(&c->rs->is, ERR_COSTLY, "criteria", NULL,
		    "more than %zu resources meet the criteria; make them "
		    "narrower", d->n_match);
	if (d->n_match > 1 && !many)
		return match_several(c);
	c->rs->success = 204;
	for (i = 0; i < d->n_match && e == OK; i++)
		e = remove_one(c, d, d->match[i]);
	return e;
}

static enum err
prepare(struct call *c, draft_fn *apply)
{
	struct draft *d = draft_of(c);
	enum err e;

	e = write_type(c, VIEW_DELETE);
	if (e == OK)
		e = write_conditions(c, d);
	if (e == OK && c->rq->body.len > 0)
		e = issue_add(&c->rs->is, ERR_SYNTAX, "http-body", NULL,
		    "a deletion has no body");
	if (e != OK)
		return e;
	write_later(c, d, apply);
	return OK;
}

enum err
act_delete(struct call *c)
{
	static const char *const none[] = { NULL };
	enum err e = act_params(c, none);

	return e == OK ? prepare(c, delete_id) : e;
}

enum err
act_delete_if(struct call *c)
{
	struct draft *d = draft_of(c);
	enum err e;

	e = match_parse(c, c->at.type, c->rq->pair, c->rq->n_pair,
	    &d->criteria);
	return e == OK ? prepare(c, delete_match) : e;
}
