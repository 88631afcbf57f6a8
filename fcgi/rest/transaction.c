/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transaction.c -- a Bundle that is carried out whole or not at all.  (L5)
 *
 *	names	what entries are called becomes what they are: a new id, the
 *		id of the URL, or, inside the transaction, the match
 *	DELETE, POST, PUT, GET	in this order, however they are listed
 *
 * An entry whose text names nothing that only the transaction can tell is
 * read and judged before it; the others within, as late as must be.  All
 * matching is of the store as it was before the first change.
 *
 * Spec: DSTU2 http.html#2.1.0.16.2; requirement R13; attack cases BAT-05,
 * -06.
 */
#include <stdlib.h>

#include "fcgi/rest/entry.h"

struct entry {
	const struct bundle_request *q;
	struct call		*call;
	struct bytes		 fresh;		/* id, if it is made */
	bool			 open;		/* names what is unknown yet */
	const struct query	*criteria;	/* or NULL */
	struct bytes		 criteria_text;
	struct bytes		*match;
	size_t			 n_match;
	bool			 more;
};

struct set {
	struct call	*c;
	struct entry	*entry;
	struct call	**call;
	size_t		 n;
	struct rename	*name;		/* of entries with a fullUrl, sorted */
	size_t		 n_name;
	size_t		 at;		/* the entry at hand, for errors */
};

static const enum method order[] = { METHOD_DELETE, METHOD_POST, METHOD_PUT,
    METHOD_GET };

/* --- what an entry is ---------------------------------------------------- */

static struct bytes
path_of(struct entry *e, struct bytes type, struct bytes id)
{
	return bytes_str(arena_printf(e->call->arena, "%.*s/%.*s",
	    BYTES_FMT(type), BYTES_FMT(id)));
}

/* "Patient/1", or "" where only the matching will tell. */
static struct bytes
known_as(struct entry *e)
{
	const struct target *t = &e->call->rq->target;

	if (e->call->rq->method == METHOD_PUT && t->n_seg == 2)
		return path_of(e, t->seg[0], t->seg[1]);
	if (t->n_seg != 1)
		return bytes_of(NULL, 0);
	if (e->n_match == 1)
		return path_of(e, t->seg[0], e->match[0]);
	if (e->criteria == NULL && e->criteria_text.len == 0)
		return path_of(e, t->seg[0], e->fresh);
	return bytes_of(NULL, 0);
}

/* Criteria stand in ifNoneExist, or in the URL itself. */
static enum err
criteria(struct entry *e)
{
	struct call *c = e->call;
	const struct target *t = &c->rq->target;
	const struct def_type *type;

	if (c->rq->method == METHOD_POST)
		e->criteria_text = c->rq->var[VAR_NONE_EXIST];
	else if (c->rq->method != METHOD_GET && t->n_seg == 1)
		e->criteria_text = t->query;
	if (e->criteria_text.len == 0)
		return OK;
	type = t->n_seg == 1 ? def_type(t->seg[0]) : NULL;
	return type == NULL ? OK : match_text(c, type->num,
	    e->criteria_text, &e->criteria);
}

/* What it may call itself besides its fullUrl: the last part of that. */
static struct bytes
own_name(const struct bundle_request *q)
{
	size_t i = q->full_url.len;

	while (i > 0 && q->full_url.p[i - 1] != '/' &&
	    q->full_url.p[i - 1] != ':')
		i--;
	return bytes_from(q->full_url, i);
}

/* The call anew, with a draft that has the id, the name and the matches. */
static enum err
renew(struct set *s, struct entry *e)
{
	struct draft *d;
	enum err err = entry_call(s->c, e->q, &e->call);

	s->call[e - s->entry] = e->call;
	if (err != OK)
		return err;
	d = draft_of(e->call);
	d->fresh = e->fresh;
	d->name = own_name(e->q);
	return OK;
}

/* --- names --------------------------------------------------------------- */

static enum err
same_name(struct set *s, size_t i)
{
	s->at = i;
	return issue_add(&s->entry[i].call->rs->is, ERR_USAGE, "bdl-5",
	    "fullUrl", "another entry has this fullUrl, too; each is to have "
	    "its own");
}

static enum err
names_make(struct set *s)
{
	struct entry *e;
	size_t i, j;

	s->name = arena_array(s->c->arena, s->n, sizeof *s->name);
	for (i = 0; i < s->n; i++) {
		e = &s->entry[i];
		if (e->q->full_url.len == 0 ||
		    (e->call->rq->method != METHOD_POST &&
		    e->call->rq->method != METHOD_PUT))
			continue;
		for (j = 0; j < i; j++)
			if (bytes_eq(e->q->full_url,
			    s->entry[j].q->full_url))
				return same_name(s, i);
		s->name[s->n_name++] = (struct rename){
		    .from = e->q->full_url, .to = known_as(e) };
	}
	rename_sort(s->name, s->n_name);
	return OK;
}

/* Once all is matched, every name is known. */
static void
names_know(struct set *s)
{
	struct entry *e;
	struct bytes to;
	size_t i, j;

	for (i = 0; i < s->n; i++) {
		e = &s->entry[i];
		if (e->criteria == NULL)
			continue;
		to = e->n_match == 1 ? known_as(e) : path_of(e,
		    e->call->rq->target.seg[0], e->fresh);
		for (j = 0; j < s->n_name; j++)
			if (bytes_eq(s->name[j].from, e->q->full_url))
				s->name[j].to = to;
	}
}

/* "Patient?identifier=1": exactly one of the view (BAT-06). */
static enum err
find_one(void *arg, struct bytes ref, struct bytes *to_out)
{
	struct set *s = arg;
	struct call *c = s->entry[s->at].call;
	const struct query *q;
	struct bytes type, text, *id;
	size_t n;
	bool more;
	enum err e;

	bytes_cut(ref, '?', &type, &text);
	e = match_text(c, def_type(type)->num, text, &q);
	if (e == OK)
		e = match_find(c, q, 1, &id, &n, &more);
	if (e != OK)
		return e;
	if (n != 1 || more)
		return issue_add(&c->rs->is, ERR_VERSION, "criteria",
		    "resource", "a conditional reference must be met by "
		    "exactly one resource: this one is met by %s", more ?
		    "several" : "none");
	*to_out = path_of(&s->entry[s->at], type, id[0]);
	return OK;
}

/* The text with names replaced; within: conditional references, too. */
static enum err
rename_entry(struct set *s, struct entry *e, bool within)
{
	const struct renames names = { .name = s->name, .n = s->n_name,
	    .base = s->c->server->conf->text[CONF_BASE_URL],
	    .root = rename_root(e->q->full_url),
	    .find = within ? find_one : NULL, .arg = s };

	e->open = false;
	if (e->q->resource.len == 0)
		return OK;
	return rename_text(s->c->arena, e->q->resource, &names,
	    &e->call->rq->body, &e->open);
}

/* --- before the transaction ---------------------------------------------- */

static enum err
prepare(struct set *s)
{
	struct entry *e;
	enum err err = OK;
	size_t i;

	for (i = 0; i < s->n && err == OK; i++) {
		s->at = i;
		e = &s->entry[i];
		e->fresh = draft_id(s->c);
		err = renew(s, e);
		if (err == OK)
			err = criteria(e);
	}
	if (err == OK)
		err = names_make(s);
	for (i = 0; i < s->n && err == OK; i++) {
		s->at = i;
		e = &s->entry[i];
		err = entry_room(e->call, ROOM_DRAFT);
		if (err == OK)
			err = rename_entry(s, e, false);
		/* Reads are of what has been written by then. */
		if (err == OK && !e->open &&
		    e->call->rq->method != METHOD_GET)
			err = step_entry(e->call);
	}
	return err;
}

/* --- within -------------------------------------------------------------- */

static enum err
match_all(struct set *s, struct write *w)
{
	struct entry *e;
	enum err err = OK;
	size_t i;

	for (i = 0; i < s->n && err == OK; i++) {
		s->at = i;
		e = &s->entry[i];
		if (e->open)
			err = renew(s, e);
		e->call->write = w;
		if (err == OK && e->criteria != NULL)
			err = match_find(e->call, e->criteria, MATCH_MOST,
			    &e->match, &e->n_match, &e->more);
	}
	return err;
}

/* What was left open is read and judged now; every draft has its matches. */
static enum err
complete(struct set *s)
{
	struct entry *e;
	struct draft *d;
	bool was_open;
	enum err err = OK;
	size_t i;

	names_know(s);
	for (i = 0; i < s->n && err == OK; i++) {
		s->at = i;
		e = &s->entry[i];
		if (e->call->rq->method == METHOD_GET)
			continue;
		was_open = e->open;
		if (was_open) {
			err = rename_entry(s, e, true);
			e->open = true;		/* in the next run, too */
			if (err == OK)
				err = step_entry(e->call);
		}
		if (err != OK)
			break;
		if (e->call->commit == NULL)
			continue;	/* an operation that only reads */
		d = e->call->own;
		d->n_deed = 0;
		d->matched = true;
		d->match = e->match;
		d->n_match = e->n_match;
		d->more = e->more;
	}
	return err;
}

struct identity {
	struct bytes	path;
	size_t		entry;
};

static int
compare(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;
	int c = bytes_cmp(x->path, y->path);

	return c != 0 ? c : x->entry < y->entry ? -1 : 1;
}

static struct bytes
identity_path(struct set *s, struct entry *e, size_t match)
{
	const struct target *t = &e->call->rq->target;

	if (t->n_seg > 1)
		return path_of(e, t->seg[0], t->seg[1]);
	if (e->n_match > 0)
		return path_of(e, t->seg[0], e->match[match]);
	return bytes_str(arena_printf(s->c->arena, "%.*s?%.*s",
	    BYTES_FMT(t->seg[0]),
	    BYTES_FMT(match_spelling(s->c->arena, e->criteria))));
}

/* What an entry writes to, or would: as many as its criteria meet. */
static size_t
identities(struct set *s, size_t i, struct identity *out)
{
	struct entry *e = &s->entry[i];
	const struct target *t = &e->call->rq->target;
	size_t k, n = t->n_seg > 1 || e->n_match == 0 ? 1 : e->n_match;

	if (e->call->rq->method == METHOD_GET || t->n_seg == 0 ||
	    (e->criteria == NULL && (t->n_seg == 1 ||
	    e->call->rq->method == METHOD_POST)))
		return 0;
	for (k = 0; k < n; k++)
		out[k] = (struct identity){ identity_path(s, e, k), i };
	return n;
}

/*
 * Two entries of one identity: a create that found what it asks for writes
 * nothing, but what it tells of must be there at the end.
 */
static bool
clash(const struct set *s, const struct identity *x,
    const struct identity *y)
{
	const struct entry *a = &s->entry[x->entry], *b = &s->entry[y->entry];
	bool a_found = a->call->rq->method == METHOD_POST && a->n_match > 0;
	bool b_found = b->call->rq->method == METHOD_POST && b->n_match > 0;

	if (!bytes_eq(x->path, y->path) || (a_found && b_found))
		return false;
	if (a_found || b_found)
		return (a_found ? b : a)->call->rq->method == METHOD_DELETE;
	return true;
}

/* No resource may be written twice, nor two be made by the same criteria. */
static enum err
apart(struct set *s)
{
	struct identity *id;
	size_t i, j, n = 0, max = s->n;

	for (i = 0; i < s->n; i++)
		max += s->entry[i].n_match;
	id = arena_array(s->c->arena, max, sizeof *id);
	for (i = 0; i < s->n; i++)
		n += identities(s, i, id + n);
	if (n > 1)
		qsort(id, n, sizeof *id, compare);
	for (i = 1; i < n; i++) {
		for (j = i; j-- > 0 && bytes_eq(id[j].path, id[i].path);) {
			if (!clash(s, &id[j], &id[i]))
				continue;
			s->at = id[i].entry;
			return issue_add(&s->entry[s->at].call->rs->is,
			    ERR_USAGE, "transaction", NULL, "entry %zu "
			    "writes to the same resource; a transaction "
			    "writes to each once", id[j].entry);
		}
	}
	return OK;
}

static enum err
apply_all(struct set *s)
{
	struct call *call;
	enum err err = OK;
	size_t i, k;

	for (k = 0; k < N_ELEM(order); k++) {
		for (i = 0; i < s->n && err == OK; i++) {
			call = s->entry[i].call;
			if (call->rq->method != order[k])
				continue;
			s->at = i;
			err = entry_room(call, order[k] == METHOD_GET ?
			    ROOM_ANSWER : ROOM_WRITE);
			if (order[k] == METHOD_GET && err == OK)
				err = step_entry(call);
			else if (err == OK && call->commit != NULL)
				err = write_apply(call);
		}
	}
	for (i = 0; i < s->n && err == OK; i++) {
		s->at = i;
		if (s->entry[i].call->commit != NULL)
			err = integrity_check(s->entry[i].call);
	}
	return err;
}

/* GETs of an earlier run answered it; they are asked anew. */
static enum err
renew_reads(struct set *s, struct write *w)
{
	enum err err = OK;
	size_t i;

	for (i = 0; i < s->n && err == OK; i++) {
		if (s->entry[i].call->rq->method != METHOD_GET)
			continue;
		s->at = i;
		err = renew(s, &s->entry[i]);
		s->entry[i].call->write = w;
	}
	return err;
}

static enum err
commit(struct write *w, void *arg)
{
	struct set *s = arg;
	enum err err;

	err = match_all(s, w);
	if (err == OK)
		err = complete(s);
	if (err == OK)
		err = renew_reads(s, w);
	if (err == OK)
		err = apart(s);
	if (err == OK)
		err = apply_all(s);
	s->c->write = w;
	if (err == OK)
		err = provenance_add(s->c, s->call, s->n);
	s->c->write = NULL;
	return err;
}

enum err
transaction_do(struct call *c, const struct bundle_in *in)
{
	struct set s = { .c = c, .n = in->n,
	    .entry = arena_array(c->arena, in->n, sizeof *s.entry),
	    .call = arena_array(c->arena, in->n, sizeof *s.call) };
	enum err e;
	size_t i;

	for (i = 0; i < in->n; i++)
		s.entry[i].q = &in->entry[i];
	e = prepare(&s);
	if (e == OK)
		e = step_commit(c, commit, &s);
	for (i = 0; i < in->n; i++)
		if (s.call[i] != NULL)
			s.call[i]->write = NULL;
	if (e != OK)
		return err_http(e) >= 500 || in->n == 0 ? e :
		    entry_fail(c, s.call[s.at], s.at, e);
	return entry_answers(c, "transaction-response", s.call, s.n);
}
