/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_bundle.c -- a Bundle sent to the base: batch, transaction, history.  (L5)
 *
 * Of a batch each entry stands for itself: it is permitted, carried out and
 * answered on its own.  All that write share one commit, each in a part that
 * is undone by itself where it fails.  Entries that name one another, or
 * write to the same resource twice, are no batch.
 *
 * Spec: DSTU2 http.html#transaction; requirements R12, R13; attack group BAT.
 */
#include "fcgi/rest/entry.h"

#define TOKENS	4		/* times json-tokens: what a Bundle may have */

struct batch {
	struct call	 *c;
	struct call	**entry;
	enum err	 *err;
	size_t		  n;
};

/* --- entries that are not independent ------------------------------------ */

static bool
replaces(const struct bundle_request *q)
{
	return bytes_is(q->method, "PUT") || bytes_is(q->method, "DELETE");
}

static enum err
twice(struct call *c, const struct bundle_in *in)
{
	size_t i, j;

	/* A thousand entries: a million comparisons of 20 ns at most. */
	for (i = 0; i < in->n; i++) {
		if (!replaces(&in->entry[i]))
			continue;
		for (j = 0; j < i; j++)
			if (replaces(&in->entry[j]) &&
			    bytes_eq(in->entry[i].url, in->entry[j].url))
				return issue_add(&c->rs->is, ERR_USAGE,
				    "batch", arena_printf(c->arena,
				    "Bundle.entry[%zu]", i),
				    "writes to what entry %zu writes to; "
				    "entries of a batch must not depend on "
				    "each other", j);
	}
	return OK;
}

/* The names only this Bundle knows. */
static struct renames
names_of(struct call *c, const struct bundle_in *in)
{
	struct rename *name = arena_array(c->arena, in->n, sizeof *name);
	struct renames out = { .name = name,
	    .base = c->server->conf->text[CONF_BASE_URL] };
	size_t i;

	for (i = 0; i < in->n; i++)
		if (bytes_starts(in->entry[i].full_url, bytes_str("urn:")))
			name[out.n++].from = in->entry[i].full_url;
	rename_sort(name, out.n);
	return out;
}

static enum err
alone(struct call *e, const struct bundle_request *q,
    const struct renames *names)
{
	struct bytes same;
	bool open = false;
	enum err err;

	if (q->resource.len == 0)
		return OK;
	err = rename_text(e->arena, q->resource, names, &same, &open);
	if (err != OK || !open)
		return err;
	return issue_add(&e->rs->is, ERR_USAGE, "batch", "resource",
	    "refers to another entry, or by criteria; only a transaction "
	    "resolves such references");
}

/* --- the batch ----------------------------------------------------------- */

/* Is this the entry's own fault, and no reason to end the others? */
static bool
own_fault(enum err e)
{
	return err_http(e) < 500;
}

static enum err
commit(struct write *w, void *arg)
{
	struct batch *b = arg;
	enum err e;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->entry[i]->commit == NULL)
			continue;
		e = write_part(w, b->entry[i]->commit, b->entry[i]);
		if (e != OK && !own_fault(e))
			return e;
		b->err[i] = e;
	}
	return OK;
}

static enum err
one(struct call *c, const struct bundle_request *q,
    const struct renames *names, struct call **out)
{
	enum err e = entry_call(c, q, out);

	if (e == OK)
		e = entry_room(*out, bytes_is(q->method, "GET") ?
		    ROOM_ANSWER : ROOM_DRAFT);
	if (e == OK)
		e = alone(*out, q, names);
	if (e == OK)
		e = step_entry(*out);
	c->work += (*out)->work;
	return e;
}

static enum err
batch_do(struct call *c, const struct bundle_in *in)
{
	const struct renames names = names_of(c, in);
	struct batch b = { .c = c, .n = in->n,
	    .entry = arena_array(c->arena, in->n, sizeof *b.entry),
	    .err = arena_array(c->arena, in->n, sizeof *b.err) };
	bool any = false;
	enum err e = twice(c, in);
	size_t i;

	for (i = 0; i < b.n && e == OK; i++) {
		b.err[i] = one(c, &in->entry[i], &names, &b.entry[i]);
		if (b.err[i] != OK)
			b.entry[i]->commit = NULL;
		if (!own_fault(b.err[i]))
			e = b.err[i];
		any = any || b.entry[i]->commit != NULL;
	}
	if (e == OK && any)
		e = step_commit(c, commit, &b);
	if (e != OK)
		return e;
	for (i = 0; i < b.n; i++)
		b.entry[i]->rs->err = b.err[i];
	return entry_answers(c, "batch-response", b.entry, b.n);
}

enum err
act_bundle(struct call *c)
{
	static const char *const none[] = { NULL };
	const int64_t *num = c->server->conf->num;
	struct json_limits lim = act_limits(c);
	struct bundle_in in;
	enum err e;

	lim.bytes = (size_t)num[CONF_BODY];
	lim.depth += 3;			/* entry, its object, resource */
	lim.tokens *= TOKENS;
	e = act_params(c, none);
	if (e == OK)
		e = bundle_read(c->arena, c->rq->body, &lim,
		    (size_t)num[CONF_ENTRIES], &c->rs->is, &in);
	if (e != OK)
		return e;
	switch (in.kind) {
	case BUNDLE_BATCH:
		return batch_do(c, &in);
	case BUNDLE_TRANSACTION:
		return transaction_do(c, &in);
	case BUNDLE_REPLAY:
		return replay_do(c, &in);
	}
	return ERR_BUG;
}
