/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c -- one write from draft to answer, inside its transaction.  (L5)
 */
#include "fcgi/rest/entry.h"

enum err
write_match(struct call *c)
{
	struct draft *d = c->own;

	d->n_deed = 0;
	if (d->matched)
		return OK;
	d->matched = true;
	d->n_match = 0;
	d->more = false;
	if (d->criteria == NULL)
		return OK;
	return match_find(c, d->criteria, MATCH_MOST, &d->match,
	    &d->n_match, &d->more);
}

enum err
write_apply(struct call *c)
{
	struct draft *d = c->own;

	return d->apply(c, d);
}

/* What a run that was undone said is forgotten, warnings of the act stay. */
static void
begin(struct call *c)
{
	const struct draft *d = c->own;

	c->rs->is = d->told;
	if (c->rs->is.last != NULL)
		c->rs->is.last->next = NULL;
	c->rs->body = bytes_of(NULL, 0);
}

/* The commit of a request by itself, or of an entry of a batch. */
static enum err
run(struct write *w, void *arg)
{
	struct call *c = arg;
	enum err e;

	begin(c);
	c->write = w;
	((struct draft *)c->own)->matched = false;
	e = c->bundle != NULL ? entry_room(c, ROOM_WRITE) : OK;
	if (e == OK)
		e = write_match(c);
	if (e == OK)
		e = write_apply(c);
	if (e == OK)
		e = integrity_check(c);
	if (e == OK)
		e = provenance_add(c, &c, 1);
	c->write = NULL;
	return e;
}

void
write_later(struct call *c, struct draft *d, draft_fn *apply)
{
	d->apply = apply;
	d->told = c->rs->is;
	c->commit = run;
}

static void
note(struct call *c, struct draft *d, const struct deed *deed)
{
	struct deed *more = arena_array(c->arena, d->n_deed + 1,
	    sizeof *more);

	if (d->n_deed > 0)
		memcpy(more, d->deed, d->n_deed * sizeof *more);
	more[d->n_deed++] = *deed;
	d->deed = more;
}

/* Reading and deleting go on: said, for it is what can be done at once. */
static enum err
over_quota(struct call *c)
{
	return issue_add(&c->rs->is, ERR_THROTTLED, "client-day-bytes", NULL,
	    "this app has written as much today as client-day-bytes allows "
	    "(%lld bytes); go on after midnight UTC, or have the site "
	    "raise it; what is there can be read and deleted",
	    (long long)c->rq->conf->num[CONF_QUOTA]);
}

enum err
write_one(struct call *c, struct draft *d, const struct change *change,
    struct change_result *out)
{
	enum err e = write_change(c->write, change, out);

	if (e == ERR_THROTTLED)
		return over_quota(c);
	if (e == OK && !out->same)
		note(c, d, &(struct deed){ .kind = change->kind,
		    .type = change->type, .id = change->id,
		    .version = out->version, .created = out->created,
		    .owners = change->owners });
	return e;
}

enum err
write_unheld(struct call *c, struct bytes id)
{
	struct snapshot *t;
	struct resource r;
	enum err e;

	if (view_reach(c->view, c->at.type, VIEW_READ) == REACH_NONE)
		return ERR_NOTFOUND;
	e = write_snapshot(c->write, &t);
	if (e == OK)
		e = store_read(t, c->view, c->at.type, id, &r);
	return e == OK ? ERR_FORBIDDEN : e == ERR_GONE ? ERR_NOTFOUND : e;
}

/* --- the answer ----------------------------------------------------------- */

/* What the view may not read does not come back, either (CMP-12). */
static enum err
whole(struct call *c, uint16_t type, struct bytes id)
{
	struct snapshot *t;
	struct resource r;
	enum err e;

	if (view_reach(c->view, type, VIEW_READ) == REACH_NONE)
		return OK;
	e = write_snapshot(c->write, &t);
	if (e == OK)
		e = store_read(t, c->view, type, id, &r);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return OK;
	if (e == OK)
		c->rs->body = arena_copy(c->arena, r.body);
	return e;
}

/* What became of it, and what the rules had to say beside. */
static enum err
outcome(struct call *c, const struct change_result *r)
{
	struct issues is = issues_on(c->arena);
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	const struct issue *i;

	issue_put(&is, &(struct issue){ .severity = SEV_INFO, .err = OK },
	    "%s", r->same ? "nothing to change: it stands so already" :
	    r->created ? "created" : "updated");
	for (i = c->rs->is.first; i != NULL; i = i->next)
		issue_put(&is, i, "%s", i->text);
	issues_json(&is, OK, &b);
	return buf_end(&b, &c->rs->body);
}

enum err
write_answer(struct call *c, const struct draft *d, struct bytes id,
    const struct change_result *r)
{
	const char *type = def_type_num(c->at.type)->name;

	c->rs->success = r->created ? 201 : 200;
	c->rs->location = bytes_str(arena_printf(c->arena,
	    "%s/%.*s/_history/%llu", type, BYTES_FMT(id),
	    (unsigned long long)r->version));
	resp_version(c->rs, r->version, r->updated);
	switch (d->prefer) {
	case PREFER_MINIMAL:
		return OK;
	case PREFER_OUTCOME:
		return outcome(c, r);
	case PREFER_NONE:
		/* A Bundle's answer would become as long as what it brought. */
		return c->bundle != NULL ? OK : whole(c, c->at.type, id);
	case PREFER_WHOLE:
		return whole(c, c->at.type, id);
	}
	return OK;
}
