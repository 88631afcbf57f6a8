/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c -- write transactions: what is one, or nothing at all.  (L2)
 *
 * One durable commit, and re-runnable: a full map aborts it, grows, and runs
 * the caller's function again.  The changes themselves are apply.c's.
 *
 * The view is resolved once, when the transaction begins: nothing written in
 * it widens what its writer may do in the rest of it.
 */
#include "store/apply.h"
#include "store/maint.h"
#include "store/meta.h"
#include "store/refer.h"

struct write {
	struct apply	 ap;
	struct gate	 gate;
	struct snapshot	 snap;		/* what write_snapshot gives */
	struct instant	 now;
	enum err	 broken;	/* not a refusal: the transaction cannot
					 * go on, whatever its function says */
};

/* Of store_write, as its transaction sees it. */
struct job {
	struct store		*store;
	struct arena		*a;
	const struct view	*view;
	struct instant		 now;
	write_fn		*fn;
	void			*arg;
};

/* The caller may go on after a refusal, never after anything else. */
static enum err
note(struct write *w, enum err e)
{
	if (e != OK && !apply_refusal(e) && w->broken == OK)
		w->broken = e;
	return e;
}

static enum err
run(struct txn *t, void *arg)
{
	const struct job *j = arg;
	struct write w = { .now = j->now };
	enum err e;

	e = apply_begin(&w.ap, j->store, t, j->a);
	w.snap = w.ap.t;
	w.snap.writing = true;
	if (e == OK && j->view != NULL) {
		e = gate_open(&w.ap.t, j->a, j->view, &w.gate);
		w.ap.gate = &w.gate;
	}
	if (e == OK)
		e = j->fn(&w, j->arg);
	if (w.broken != OK)
		e = w.broken;
	if (e == OK)
		e = apply_flush(&w.ap);
	j->store->written = w.snap.work + w.ap.t.work;
	return e;
}

enum err
store_write(struct store *s, struct arena *a, const struct view *view,
    struct instant now, write_fn *fn, void *arg)
{
	struct job j = { s, a, view, now, fn, arg };

	s->written = 0;
	return txn_write(s->env, run, &j);
}

uint64_t
store_written(const struct store *s)
{
	return s->written;
}

enum err
write_quota(struct write *w, struct bytes client, uint64_t day_bytes)
{
	return day_bytes == 0 ? OK :
	    note(w, quota_begin(&w->ap, client, day_bytes, w->now));
}

/* Cursors of an earlier snapshot would make every put dearer. */
static void
end_snapshot(struct write *w)
{
	cur_close_all(w->ap.t.txn);
}

enum err
write_snapshot(struct write *w, struct snapshot **out)
{
	enum err e;

	end_snapshot(w);
	e = note(w, apply_flush(&w->ap));
	/* All that was done so far: store_work tells it. */
	w->snap.work += w->ap.t.work;
	w->ap.t.work = 0;
	if (e == OK)
		*out = &w->snap;
	return e;
}

enum err
write_change(struct write *w, const struct change *c,
    struct change_result *out)
{
	end_snapshot(w);
	return note(w, apply_change(&w->ap, c, w->now, out));
}

struct instant
write_time(const struct write *w)
{
	return w->now.ms > w->ap.time.ms ? w->now : w->ap.time;
}

enum err
write_referred(struct write *w, uint16_t type, struct bytes id, bool *out)
{
	const struct view *v = w->ap.gate == NULL ? NULL : w->ap.gate->view;
	struct snapshot *t;
	enum err e;

	e = write_snapshot(w, &t);
	return e == OK ? refer_ask(t, w->ap.a, v, type, id, out) : e;
}

/* --- parts -------------------------------------------------------------- */

struct part {
	struct write	*w;
	write_fn	*fn;
	void		*arg;
	enum err	 refusal;	/* what fn said */
};

static void
enter(struct write *w, struct txn *t)
{
	w->ap.t.txn = t;
	w->snap.txn = t;
}

static enum err
run_part(struct txn *t, void *arg)
{
	struct part *p = arg;

	enter(p->w, t);
	p->refusal = p->fn(p->w, p->arg);
	return p->w->broken != OK ? p->w->broken : p->refusal;
}

enum err
write_part(struct write *w, write_fn *fn, void *arg)
{
	struct part p = { .w = w, .fn = fn, .arg = arg };
	struct txn *outer = w->ap.t.txn;
	struct mark mark;
	enum err e;

	/* What waits is no part of the part: it would be undone with it. */
	end_snapshot(w);
	e = note(w, apply_flush(&w->ap));
	if (e != OK)
		return e;
	mark = apply_mark(&w->ap);
	e = txn_nested(outer, run_part, &p);
	enter(w, outer);
	if (e != OK)
		apply_back(&w->ap, mark);
	/* Not what fn said: the inner transaction itself has failed. */
	if (e != p.refusal && w->broken == OK)
		w->broken = e;
	return e;
}

/* --- lists -------------------------------------------------------------- */

struct list {
	const struct change	*change;
	size_t			 n;
	struct bytes		 name, val;	/* a note, or "" */
	struct change_result	*result;
};

static enum err
put_note(struct txn *t, struct bytes name, struct bytes val)
{
	struct key k = { .len = 0 };

	key_add(&k, bytes_str(META_NOTE));
	key_add(&k, name);
	return db_put(t, DB_META, key_bytes(&k), val);
}

static enum err
write_list(struct write *w, void *arg)
{
	const struct list *l = arg;
	enum err e = OK;

	for (size_t i = 0; i < l->n; i++)
		l->result[i] = (struct change_result){ .err = OK };
	for (size_t i = 0; i < l->n && e == OK; i++)
		e = write_change(w, &l->change[i], &l->result[i]);
	if (e == OK && l->name.len > 0)
		e = note(w, put_note(w->ap.t.txn, l->name, l->val));
	return e;
}

enum err
store_apply(struct store *s, struct arena *a, const struct view *view,
    const struct change *change, size_t n, struct instant now,
    struct change_result *result)
{
	struct list l = { .change = change, .n = n, .result = result };

	return store_write(s, a, view, now, write_list, &l);
}

enum err
maint_load(struct store *s, struct arena *a, const struct change *change,
    size_t n, struct instant now, struct bytes name, struct bytes val,
    struct change_result *result)
{
	struct list l = { .change = change, .n = n, .name = name,
	    .val = val, .result = result };

	return store_write(s, a, NULL, now, write_list, &l);
}
