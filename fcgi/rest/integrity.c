/* SPDX-License-Identifier: Apache-2.0 */
/*
 * integrity.c -- references lead somewhere, where the site wants it.  (L5)
 *
 * Asked when all of a write-set is written, so that its own resources count.
 * Inside the view alone: a reference to what is hidden is one to what never
 * was.
 */
#include "fcgi/rest/write.h"
#include "fhir/extract_refs.h"

struct asking {
	struct call	*c;
	struct snapshot	*t;
};

static enum err
there(void *arg, const struct ref *ref, const struct spot *at)
{
	struct asking *ask = arg;
	struct call *c = ask->c;
	struct resource r;
	enum err e;

	e = store_read(ask->t, c->view, ref->type, ref->id, &r);
	if (e != ERR_NOTFOUND && e != ERR_GONE)
		return e;
	return issue_add(&c->rs->is, ERR_RULE, "reference",
	    spot_text(c->arena, at), "there is no such %s; write it first, "
	    "or both in one transaction", def_type_num(ref->type)->name);
}

static enum err
referred(struct call *c, const struct deed *deed)
{
	bool yes = false;
	enum err e = write_referred(c->write, deed->type, deed->id, &yes);

	if (e != OK || !yes)
		return e;
	return issue_add(&c->rs->is, ERR_CONFLICT, "reference", NULL,
	    "other resources refer to it; change or delete those first, or "
	    "all in one transaction");
}

enum err
integrity_check(struct call *c)
{
	const struct draft *d = c->own;
	struct asking ask = { .c = c };
	enum err e = OK;
	size_t i;

	if (c->server->conf->num[CONF_INTEGRITY] == 0 || d->n_deed == 0)
		return OK;
	e = write_snapshot(c->write, &ask.t);
	for (i = 0; i < d->n_deed && e == OK; i++) {
		if (d->deed[i].kind == CHANGE_DELETE)
			e = referred(c, &d->deed[i]);
		else if (d->deed[i].kind == CHANGE_PUT)
			e = extract_refs(d->change.type, d->change.doc->tree,
			    &rest_of(c)->urls, there, &ask);
	}
	return e;
}
