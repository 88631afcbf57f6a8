/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_set.c -- works out what each value set holds: for each system all
 * codes, or these; and whether it holds codes we cannot tell.
 */
#include <stdlib.h>

#include "fhir/mktab_term.h"

static struct hold *
hold_of(const struct terms *tm, struct set *s, int system)
{
	for (int i = 0; i < s->n_hold; i++)
		if (s->hold[i].system == system)
			return &s->hold[i];
	GROW(s->hold, s->n_hold);
	s->hold[s->n_hold].system = system;
	s->hold[s->n_hold].has = grow(NULL, tm->system[system].n, 1);
	memset(s->hold[s->n_hold].has, 0, (size_t)tm->system[system].n + 1);
	return &s->hold[s->n_hold++];
}

static void
mark(struct hold *h, int from, int to, bool but)
{
	for (int i = from; i <= to; i++) {
		h->n += !but - h->has[i];
		h->has[i] = !but;
	}
}

/* Of these without groups, which a set holds where it names them alone. */
static void
mark_codes(struct hold *h, const struct system *sys, int from, int to,
    bool but)
{
	for (int i = from; i <= to; i++)
		if (but || !sys->code[i].group)
			mark(h, i, i, but);
}

static void
add_set(const struct terms *tm, struct set *s, const struct set *other,
    bool but)
{
	for (int i = 0; i < other->n_hold; i++) {
		const struct hold	*from = &other->hold[i];
		struct hold		*h = hold_of(tm, s, from->system);

		if (but && (from->all || from->some))
			die(s->at, "cannot take out what is not listed");
		h->all |= from->all;
		h->some |= from->some;
		for (int k = 0; k < tm->system[h->system].n; k++)
			if (from->has[k])
				mark(h, k, k, but);
	}
}

/*
 * "but some" of an outside system we cannot tell at all; mktab_term refuses
 * it, and so does this "but all".
 */
static void
add_clause(const struct terms *tm, struct set *s, const struct clause *c)
{
	const struct system	*sys = &tm->system[c->system];
	struct hold		*h = hold_of(tm, s, c->system);

	switch (c->what) {
	case CL_ALL:
		if (sys->whole)
			mark_codes(h, sys, 0, sys->n - 1, c->but);
		else if (c->but)
			die(c->at, "cannot take out what is not listed");
		else
			h->all = true;
		break;
	case CL_SOME:
		if (sys->whole)
			die(c->at, "%s is here whole: say which", sys->name);
		h->some = true;
		break;
	case CL_CODES:
		for (int i = 0; i < c->n; i++)
			mark(h, c->code[i], c->code[i], c->but);
		break;
	case CL_BELOW:
		for (int i = 0; i < c->n; i++)
			mark_codes(h, sys, c->code[i],
			    sys->code[c->code[i]].last, c->but);
		break;
	case CL_SET:
		break;
	}
}

static void
resolve(const struct terms *tm, struct set *s)
{
	if (s->state == SET_DONE)
		return;
	if (s->state == SET_BUSY)
		die(s->at, "set %s holds itself", s->name);
	s->state = SET_BUSY;
	for (int but = 0; but < 2; but++)
		for (int i = 0; i < s->n; i++) {
			const struct clause	*c = &s->clause[i];
			struct set		*other;

			if (c->but != (but == 1))
				continue;
			if (c->what != CL_SET) {
				add_clause(tm, s, c);
				continue;
			}
			other = set_find(tm, c->set);
			if (other == NULL)
				die(c->at, "no set is called '%s'", c->set);
			resolve(tm, other);
			add_set(tm, s, other, c->but);
		}
	if (s->n == 0)
		die(s->at, "a set of nothing");
	s->state = SET_DONE;
}

static int
by_url(const void *a, const void *b)
{
	const struct set	*s = a, *t = b;

	return strcmp(s->url, t->url);
}

void
sets_resolve(struct terms *tm)
{
	for (int i = 0; i < tm->n_set; i++)
		resolve(tm, &tm->set[i]);
	qsort(tm->set, (size_t)tm->n_set, sizeof(*tm->set), by_url);
	for (int i = 1; i < tm->n_set; i++)
		if (strcmp(tm->set[i - 1].url, tm->set[i].url) == 0)
			die(tm->set[i].at, "two sets of one url");
}
