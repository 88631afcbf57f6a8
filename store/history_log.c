/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_log.c -- the changes of a type, or of all, by the journal.
 *
 * Each type has a list of its changes, so what happens to types outside of
 * the view costs nothing and shows in nothing.  A system's history is these
 * lists merged.  A list says its length, so a total costs nothing, either;
 * only "since" counts what it lets through.
 *
 * Spec: DSTU2 http.html#history; requirements R04; security CMP-02.
 */
#include "store/history.h"

#define TICK	1024	/* changes between two looks at the clock */

/* One type's list, and the change it stands on. */
struct stream {
	struct gate_list	list;
	uint64_t		at;
	bool			live;
};

struct log {
	struct history	*h;
	struct stream	*s;
	size_t		 n;
	uint64_t	 oldest;	/* no change before it is wanted */
	uint64_t	 looked;	/* at so many changes */
};

struct typeset
log_types(const struct view *v, uint16_t type)
{
	struct typeset out = { { 0, 0 } };
	uint16_t t;

	for (t = 1; t <= DEF_TYPES; t++)
		if ((type == 0 || t == type) && view_whole(v, t, VIEW_READ))
			typeset_add(&out, t);
	return out;
}

static enum err
open_streams(struct log *l, struct typeset types, uint64_t *total_out)
{
	struct history *h = l->h;
	uint64_t n, total = 0;
	uint16_t t;
	enum err e;

	l->s = arena_array(h->arena, DEF_TYPES, sizeof(*l->s));
	for (t = 1; t <= DEF_TYPES; t++) {
		if (!typeset_has(types, t))
			continue;
		e = gate_log(h->gate, h->arena, t, &l->s[l->n].list, &n);
		if (e == ERR_NOTFOUND)
			continue;	/* nothing has ever happened */
		if (e != OK)
			return e;
		l->n++;
		total += n;
	}
	*total_out = total;
	return OK;
}

/* --- since --------------------------------------------------------------- */

/* Newest first: the journal is in order of time, so one too old ends it. */
static enum err
count_since(struct log *l, struct gate_list *list, uint64_t *n)
{
	const struct page_ask *ask = l->h->ask;
	uint64_t sequence, rid, version;
	struct instant time;
	enum err e;

	for (e = gate_below(list, UINT64_MAX, &sequence); e == OK;
	    e = gate_prev(list, &sequence)) {
		e = gate_change(l->h->gate, sequence, &rid, &version, &time);
		if (e != OK)
			return e;
		if (time.ms < l->h->what->since.ms)
			return OK;
		if (++l->looked > ask->max_rows ||
		    (l->looked % TICK == 0 && ask->spent != NULL &&
		    ask->spent(ask->spent_arg)))
			return ERR_COSTLY;
		if (sequence < l->oldest)
			l->oldest = sequence;
		++*n;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
find_oldest(struct log *l, uint64_t *total_out)
{
	uint64_t n = 0;
	enum err e = OK;
	size_t i;

	l->oldest = 1;
	if (l->h->what->since.ms == TIME_MIN)
		return OK;
	l->oldest = UINT64_MAX;
	for (i = 0; i < l->n && e == OK; i++)
		e = count_since(l, &l->s[i].list, &n);
	*total_out = n;
	return e;
}

/* --- the lists as one ----------------------------------------------------- */

static enum err
moved(struct stream *s, enum err e)
{
	s->live = e == OK;
	return e == ERR_NOTFOUND ? OK : e;
}

/* From a place on: upwards at or after it, else downwards below it. */
static enum err
place_streams(struct log *l, uint64_t from, bool up)
{
	struct stream *s;
	enum err e = OK;

	for (s = l->s; s < l->s + l->n && e == OK; s++)
		e = moved(s, up ? gate_seek(&s->list, from, &s->at) :
		    gate_below(&s->list, from, &s->at));
	return e;
}

/* The next change of all; 0: there is none. */
static enum err
take(struct log *l, bool up, uint64_t *sequence_out)
{
	struct stream *s, *best = NULL;

	for (s = l->s; s < l->s + l->n; s++)
		if (s->live && (best == NULL ||
		    (up ? s->at < best->at : s->at > best->at)))
			best = s;
	*sequence_out = best == NULL ? 0 : best->at;
	if (best == NULL)
		return OK;
	return moved(best, up ? gate_next(&best->list, &best->at) :
	    gate_prev(&best->list, &best->at));
}

/* As many as the page asks for, from its place on. */
static enum err
fill(struct log *l)
{
	struct window *w = &l->h->w;
	const struct page_at *p = &w->place;
	uint64_t sequence, at = ~spot_number(&p->spot);
	struct spot s;
	enum err e;

	/* What it is beside is itself across: nothing leaves a journal. */
	w->other = p->bounded;
	if (p->back)	/* newest first: back is up */
		e = place_streams(l, p->bounded ? at + 1 : l->oldest, true);
	else
		e = place_streams(l, p->bounded ? at : p->ceiling + 1, false);
	while (e == OK && w->n < w->cap) {
		e = take(l, p->back, &sequence);
		if (e != OK || sequence < l->oldest || sequence > p->ceiling)
			break;
		spot_plain(~sequence, &s);
		window_add(w, &s);
	}
	return e;
}

enum err
log_find(struct history *h, struct typeset types)
{
	struct log l = { .h = h };
	enum err e;

	e = open_streams(&l, types, &h->w.total);
	if (e == OK)
		e = find_oldest(&l, &h->w.total);
	return e == OK ? fill(&l) : e;
}
