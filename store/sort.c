/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.c -- the order of a result, and the window a page has on it.
 *
 * The window keeps the entries nearest to its place in a heap, so that a page
 * out of a million matches needs the memory of a page.
 */
#include <stdlib.h>

#include "store/page.h"

#define SIGN	(UINT64_C(1) << 63)	/* flipped: memcmp is the order */

enum err
sort_check(const struct query *q, struct issues *is)
{
	const struct def_param *p;
	size_t i;

	if (q->n_sort > SPOT_SORTS)
		return issue_add(is, ERR_USAGE, "search-sort", "?_sort",
		    "at most %d sort keys are supported", SPOT_SORTS);
	for (i = 0; i < q->n_sort; i++) {
		p = q->sort[i].param;
		if (p->kind != PK_DATE)
			return issue_add(is, ERR_USAGE, "search-sort",
			    "?_sort", "sorting by %s is not supported; "
			    "_lastUpdated and parameters of kind date are",
			    p->code);
	}
	return OK;
}

/* false: the resource has no such date. */
static bool
sort_time(const struct sort_key *k, const struct row *row, int64_t *ms_out)
{
	struct bytes at = { NULL, 0 };
	struct value v;
	bool any = false;
	int64_t ms;

	if (k->param->num == PARAM_LASTUPDATED) {
		*ms_out = row->updated.ms;
		return true;
	}
	/* Dates have no parts: key_entry asks no arena for them. */
	while (key_entry(NULL, row, k->param->num, &at, &v)) {
		ms = k->descending ? v.time.hi : v.time.lo;
		if (!any || (k->descending ? ms > *ms_out : ms < *ms_out))
			*ms_out = ms;
		any = true;
	}
	return any;
}

struct spot
sort_spot(const struct query *q, uint64_t rid, const struct row *row)
{
	struct spot s = { { 0 } };
	uint8_t *p = s.b;
	uint64_t u;
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < q->n_sort; i++, p += SPOT_KEY) {
		if (!sort_time(&q->sort[i], row, &ms)) {
			p[0] = 1;
			continue;
		}
		u = (uint64_t)ms ^ SIGN;
		key_put_be64(p + 1, q->sort[i].descending ? ~u : u);
	}
	key_put_be64(s.b + SPOT_LEN - 8, rid);
	return s;
}

uint64_t
spot_number(const struct spot *s)
{
	return key_be64(s->b + SPOT_LEN - 8);
}

/* --- window -------------------------------------------------------------- */

struct window
window_new(struct arena *a, const struct page_at *p, uint64_t count)
{
	struct window w = { .place = *p };

	w.cap = count == 0 ? 0 : (size_t)count + 1;
	w.spot = arena_array(a, w.cap, sizeof(*w.spot));
	return w;
}

static int
cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct spot));
}

/* Is a farther from the place than b? */
static bool
farther(const struct window *w, const struct spot *a, const struct spot *b)
{
	return w->place.back ? cmp(a, b) < 0 : cmp(a, b) > 0;
}

bool
window_wants(struct window *w, const struct spot *s)
{
	if (w->place.bounded && !farther(w, s, &w->place.spot)) {
		w->other = true;
		return false;
	}
	return w->n < w->cap || (w->cap > 0 && farther(w, &w->spot[0], s));
}

static void
sift_up(struct window *w, size_t i)
{
	struct spot s = w->spot[i];

	for (; i > 0 && farther(w, &s, &w->spot[(i - 1) / 2]); i = (i - 1) / 2)
		w->spot[i] = w->spot[(i - 1) / 2];
	w->spot[i] = s;
}

static void
sift_down(struct window *w)
{
	struct spot s = w->spot[0];
	size_t i, child;

	for (i = 0; 2 * i + 1 < w->n; i = child) {
		child = 2 * i + 1;
		if (child + 1 < w->n &&
		    farther(w, &w->spot[child + 1], &w->spot[child]))
			child++;
		if (!farther(w, &w->spot[child], &s))
			break;
		w->spot[i] = w->spot[child];
	}
	w->spot[i] = s;
}

/* The farthest stands on top and goes first. */
void
window_add(struct window *w, const struct spot *s)
{
	if (w->n < w->cap) {
		w->spot[w->n] = *s;
		sift_up(w, w->n++);
		return;
	}
	w->spot[0] = *s;
	sift_down(w);
}

void
window_done(struct window *w)
{
	if (w->n > 1)
		qsort(w->spot, w->n, sizeof(*w->spot), cmp);
}
