/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_batch.c -- resources become change-sets.  (L5)
 *
 * A change-set is all or nothing, so one that the store refuses is taken out
 * and reported, and the others are written.  While it is written nobody else
 * can write: its size follows the time it takes.
 *
 * With --alone it is as large as memory suits.  A resource has some fifty
 * postings all over the index, and each transaction writes whole pages: at a
 * million resources 500 of them write twenty times what they say.
 */
#include "cli/load.h"

#define LOCK_US		60000		/* the write lock at a time; 100 ms is
					 * the promise */
#define N_LEAST		16		/* resources, however slow the disk */
#define BYTES_MOST	((size_t)4 << 20)	/* of text queued */
#define BYTES_ALONE	((size_t)16 << 20)	/* ... with --alone */

static void
clear(struct load *l)
{
	arena_reset(l->arena);
	l->n = l->bytes = 0;
	l->change = arena_array(l->arena, l->n_max, sizeof *l->change);
	l->item = arena_array(l->arena, l->n_max, sizeof *l->item);
}

/* --- one resource ------------------------------------------------------- */

/* By the rules of FHIR; with --report what breaks them is loaded. */
static enum err
judge(struct load *l, struct change_from *from, struct issues *is,
    struct change *out)
{
	const struct check	check = { .mode = CHECK_STORED,
		.urls = &l->urls };
	enum err		e;

	from->check = l->validate || l->report ? &check : NULL;
	e = change_read(l->arena, from, is, out);
	if (e == OK || !l->report)
		return e;
	from->check = NULL;
	return change_read(l->arena, from, &(struct issues){
	    .arena = l->arena }, out);
}

enum err
load_add(struct load *l, struct bytes text, const struct report_at *at)
{
	struct change_from from = { .lim = &l->lim, .x = &l->x };
	struct load_item *item;
	struct issues is;
	enum err e;

	if (l->change == NULL)
		clear(l);
	/* Too long to be a resource: not worth a copy. */
	is = issues_on(l->arena);
	if (text.len <= l->lim.bytes)
		text = arena_copy(l->arena, text);
	from.text = text;
	e = judge(l, &from, &is, &l->change[l->n]);
	l->bytes += text.len;
	if (e == ERR_NOMEM || e == ERR_BUG)
		return cli_fail_issues(l->c, e, at->file, &is);
	if (e != OK) {
		load_reject(l, at, text, e, &is);
		return OK;
	}
	if (is.n > 0)
		load_warn(l, at, &is);
	item = &l->item[l->n++];
	item->at = *at;
	item->text = text;
	return OK;
}

/* --- many --------------------------------------------------------------- */

bool
load_due(const struct load *l)
{
	return l->n >= l->n_now ||
	    l->bytes >= (l->alone ? BYTES_ALONE : BYTES_MOST);
}

static void
count(struct load *l, const struct change_result *r)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		l->same += r[i].same;
		l->created += !r[i].same && r[i].created;
		l->updated += !r[i].same && !r[i].created;
	}
}

/* The one the store refused: out of the queue and into the report. */
static bool
take_out(struct load *l, const struct change_result *r, enum err e)
{
	struct issues none = issues_on(l->arena);
	size_t i;

	if (e == ERR_FULL || e == ERR_STORE || e == ERR_BUSY ||
	    e == ERR_CONFIG)
		return false;
	for (i = 0; i < l->n && r[i].err == OK; i++)
		;
	if (i == l->n)
		return false;
	load_reject(l, &l->item[i].at, l->item[i].text, r[i].err, &none);
	l->n--;
	memmove(&l->change[i], &l->change[i + 1],
	    (l->n - i) * sizeof *l->change);
	memmove(&l->item[i], &l->item[i + 1], (l->n - i) * sizeof *l->item);
	return true;
}

/* As many the next time as fit into the time. */
static void
fit(struct load *l, int64_t us)
{
	size_t n;

	if (us <= 0 || l->n < N_LEAST || l->alone)
		return;
	n = (size_t)((uint64_t)l->n * LOCK_US / (uint64_t)us);
	/* Slowly up: the next one may meet larger resources. */
	if (n > 2 * l->n_now)
		n = 2 * l->n_now;
	l->n_now = n < N_LEAST ? N_LEAST : n > l->n_max ? l->n_max : n;
}

/* The note must not speak of rejects that are not in their file yet. */
static enum err
flush_rejects(struct load *l)
{
	long at;

	if (l->rejects == NULL)
		return OK;
	at = fflush(l->rejects) == 0 ? ftell(l->rejects) : -1;
	if (at < 0)
		return cli_fail(l->c, ERR_FULL, "--rejects",
		    "cannot be written", "is there room?");
	l->mark.rejects = (uint64_t)at;
	return OK;
}

enum err
load_flush(struct load *l)
{
	struct change_result *r;
	int64_t began;
	enum err e;

	if (l->change == NULL)
		clear(l);
	r = arena_array(l->arena, l->n + 1, sizeof *r);
	do {
		e = flush_rejects(l);
		if (e != OK)
			return e;
		began = clock_mono();
		e = maint_load(l->store, l->arena, l->change, l->n,
		    clock_now(), l->note, load_note_write(l->arena,
		    &l->mark), r);
	} while (e != OK && take_out(l, r, e));
	if (e != OK) {
		progress_clear(&l->progress);
		return cli_fail(l->c, e, "store", err_text(e),
		    e == ERR_FULL ? "make room, then run the same command "
		    "with --resume" : "what was written before stands; "
		    "--resume goes on behind it");
	}
	count(l, r);
	fit(l, clock_mono() - began);
	clear(l);
	return OK;
}
