/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c -- a history is carried out once more, whole or not at all.  (L5)
 *
 * Reading: the versions stand newest first, and are carried out from the
 * oldest on.  What was made by POST has its id already, and keeps it: it is
 * an update that may create, where the caller may choose ids.  Which version
 * something was elsewhere says nothing about ours, so conditions are not
 * asked, nor demanded.
 *
 * Reading: what is added to and never altered (Provenance) is in every
 * history this server tells, so it is created under its id, or stands there
 * already as it is.
 *
 * Spec: DSTU2 http.html#transaction (history Bundles); requirement R13.
 */
#include "fcgi/rest/entry.h"

struct replay {
	struct call	*c;
	struct call	**entry;
	size_t		 n;
	size_t		 at;		/* the entry at hand, for errors */
};

static enum err
entry_of(struct replay *r, const struct bundle_request *in)
{
	struct bundle_request q = *in;
	struct call **entry = &r->entry[r->at];
	bool made = bytes_is(q.method, "POST");
	enum err e;

	if (made && q.id.len > 0) {
		q.method = bytes_str("PUT");
		q.url = bytes_str(arena_printf(r->c->arena, "%.*s/%.*s",
		    BYTES_FMT(q.type), BYTES_FMT(q.id)));
	}
	q.if_match = q.if_none_match = q.if_none_exist = bytes_of(NULL, 0);
	e = entry_call(r->c, &q, entry);
	draft_of(*entry)->replay = true;
	if (e == OK && made && q.id.len == 0)
		return issue_add(&(*entry)->rs->is, ERR_VALUE, "resource-id",
		    "resource.id", "what a history tells of has its id, and "
		    "keeps it");
	return e;
}

static enum err
prepare(struct replay *r, const struct bundle_in *in)
{
	enum err e = OK;
	size_t i;

	for (i = 0; i < r->n && e == OK; i++) {
		r->at = i;
		e = entry_of(r, &in->entry[i]);
		if (e == OK)
			e = entry_room(r->entry[i], ROOM_DRAFT);
		if (e == OK)
			e = step_entry(r->entry[i]);
	}
	return e;
}

static enum err
commit(struct write *w, void *arg)
{
	struct replay *r = arg;
	struct call *entry;
	enum err e = OK;
	size_t i;

	for (i = r->n; i > 0 && e == OK; i--) {
		r->at = i - 1;
		entry = r->entry[r->at];
		if (entry->commit == NULL)
			continue;
		entry->write = w;
		((struct draft *)entry->own)->matched = false;
		e = entry_room(entry, ROOM_WRITE);
		if (e == OK)
			e = write_match(entry);
		if (e == OK)
			e = write_apply(entry);
	}
	for (i = 0; i < r->n && e == OK; i++) {
		r->at = i;
		if (r->entry[i]->commit != NULL)
			e = integrity_check(r->entry[i]);
	}
	r->c->write = w;
	if (e == OK)
		e = provenance_add(r->c, r->entry, r->n);
	r->c->write = NULL;
	return e;
}

enum err
replay_do(struct call *c, const struct bundle_in *in)
{
	struct replay r = { .c = c, .n = in->n,
	    .entry = arena_array(c->arena, in->n, sizeof *r.entry) };
	enum err e = prepare(&r, in);
	size_t i;

	if (e == OK)
		e = step_commit(c, commit, &r);
	for (i = 0; i < r.n; i++)
		if (r.entry[i] != NULL)
			r.entry[i]->write = NULL;
	if (e != OK)
		return err_http(e) >= 500 || r.n == 0 ? e :
		    entry_fail(c, r.entry[r.at], r.at, e);
	return entry_answers(c, "transaction-response", r.entry, r.n);
}
