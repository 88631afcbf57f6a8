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

/* --- keys ---------------------------------------------------------------- */

/* Bytes of a key behind the first, which says whether there is a value. */
static size_t
width(const struct def_param *p)
{
	switch (p->kind) {
	case PK_DATE:
		return sizeof(uint64_t);
	case PK_NUMBER:
	case PK_QUANTITY:
		return DEC_LEN;
	default:
		return SPOT_TEXT;
	}
}

size_t
sort_len(const struct query *q)
{
	size_t i, len = sizeof(uint64_t) +
	    (q->contained_only ? sizeof(uint16_t) : 0);

	for (i = 0; i < q->n_sort; i++)
		len += 1 + width(q->sort[i].param);
	return len;
}

bool
sort_by_id(const struct query *q)
{
	size_t i;

	for (i = 0; i < q->n_sort; i++)
		if (q->sort[i].param->num == PARAM_ID)
			return true;
	return false;
}

/* A text of fixed length; zeros, which no text holds, fill it up. */
struct text {
	uint8_t	b[SPOT_TEXT];
	size_t	len;
};

static void
put(struct text *t, struct bytes more)
{
	size_t n = sizeof(t->b) - t->len;

	n = more.len < n ? more.len : n;
	if (n > 0)
		memcpy(t->b + t->len, more.p, n);
	t->len += n;
}

static void
put_token(struct text *t, struct bytes code, struct bytes system)
{
	size_t i;

	put(t, code);
	for (i = 0; i < t->len; i++)
		if (t->b[i] >= 'A' && t->b[i] <= 'Z')
			t->b[i] |= 0x20;
	if (t->len < sizeof(t->b))
		t->len++;	/* a zero: a code before what it begins */
	put(t, system);
}

static void
put_reference(struct text *t, const struct value *v)
{
	const struct def_type *type = def_type_num(v->type);

	if (type != NULL) {
		put(t, bytes_str(type->name));
		put(t, bytes_str("/"));
	}
	put(t, v->text);
}

static void
put_time(int64_t ms, uint8_t *out)
{
	key_put_be64(out, (uint64_t)ms ^ SIGN);
}

void
sort_value(const struct sort_key *k, const struct value *v, uint8_t *out)
{
	struct text t = { .len = 0 };

	switch (v->kind) {
	case PK_DATE:
		put_time(k->descending ? v->time.hi : v->time.lo, out);
		return;
	case PK_NUMBER:
	case PK_QUANTITY:
		memcpy(out, k->descending ? v->hi.b : v->lo.b, DEC_LEN);
		return;
	case PK_STRING:
		put(&t, v->more);
		break;
	case PK_TOKEN:
		put_token(&t, v->text, v->more);
		break;
	case PK_REFERENCE:
		put_reference(&t, v);
		break;
	default:
		put(&t, v->text);
		break;
	}
	memcpy(out, t.b, sizeof(t.b));
}

/* false: it has no such value; what stands inside has no time of its own. */
static bool
best(const struct sort_key *k, unsigned inner, struct bytes id,
    const struct row *row, uint8_t *out)
{
	struct value v = { .kind = PK_TOKEN, .text = id };
	size_t n = width(k->param);
	struct bytes at = { NULL, 0 };
	uint8_t one[SPOT_TEXT];
	bool any = false;

	if (k->param->num == PARAM_LASTUPDATED) {
		put_time(row->updated.ms, out);
		return inner == 0;
	}
	if (k->param->num == PARAM_ID) {
		sort_value(k, &v, out);
		return true;
	}
	/* Nothing sorted by has parts: key_entry asks no arena for them. */
	while (key_entry(NULL, row, k->param->num, &at, &v)) {
		if (value_codeless(&v))
			continue;
		sort_value(k, &v, one);
		if (!any || (memcmp(one, out, n) < 0) != k->descending)
			memcpy(out, one, n);
		any = true;
	}
	return any;
}

size_t
sort_width(const struct query *q)
{
	return 1 + width(q->sort[0].param);
}

void
sort_rank(const struct sort_key *k, const uint8_t *value, uint8_t *out)
{
	size_t i, n = width(k->param);

	*out++ = 0;
	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(k->descending ? ~value[i] : value[i]);
}

void
sort_spot(const struct query *q, uint64_t rid, unsigned inner,
    struct bytes id, const struct row *row, struct spot *out)
{
	uint8_t *p = out->b, value[SPOT_TEXT];
	size_t i, n;

	for (i = 0; i < q->n_sort; i++, p += n) {
		n = 1 + width(q->sort[i].param);
		if (best(&q->sort[i], inner, id, row, value)) {
			sort_rank(&q->sort[i], value, p);
			continue;
		}
		*p = 1;
		memset(p + 1, 0, n - 1);
	}
	if (q->contained_only) {
		*p++ = (uint8_t)(inner >> 8);
		*p++ = (uint8_t)inner;
	}
	key_put_be64(p, rid);
	out->len = (size_t)(p - out->b) + sizeof(rid);
}

uint64_t
spot_number(const struct spot *s)
{
	return key_be64(s->b + s->len - sizeof(uint64_t));
}

void
spot_plain(uint64_t number, struct spot *out)
{
	out->len = sizeof(number);
	key_put_be64(out->b, number);
}

/* --- window -------------------------------------------------------------- */

struct window
window_new(struct arena *a, const struct page_at *p, uint64_t count)
{
	struct window w = { .place = *p };

	w.cap = count == 0 ? 0 : (size_t)count + 1;
	w.spot = arena_array(a, w.cap, p->spot.len);
	return w;
}

/* Entry i: its bytes. */
static uint8_t *
entry(const struct window *w, size_t i)
{
	return w->spot + i * w->place.spot.len;
}

uint64_t
window_number(const struct window *w, size_t i)
{
	return key_be64(entry(w, i + 1) - sizeof(uint64_t));
}

unsigned
window_inner(const struct window *w, size_t i)
{
	const uint8_t *p = entry(w, i + 1) - sizeof(uint64_t) - 2;

	return (unsigned)p[0] << 8 | p[1];
}

/* Is a farther from the place than b? */
static bool
farther(const struct window *w, const uint8_t *a, const uint8_t *b)
{
	int order = memcmp(a, b, w->place.spot.len);

	return w->place.back ? order < 0 : order > 0;
}

bool
window_wants(struct window *w, const struct spot *s)
{
	if (w->place.bounded && !farther(w, s->b, w->place.spot.b)) {
		w->other = true;
		return false;
	}
	return w->n < w->cap || (w->cap > 0 && farther(w, w->spot, s->b));
}

bool
window_has(const struct window *w, const struct spot *s)
{
	size_t i, at = s->len - sizeof(uint64_t);

	/* Rids differ most: they are looked at first. */
	for (i = 0; i < w->n; i++)
		if (memcmp(entry(w, i) + at, s->b + at, s->len - at) == 0 &&
		    memcmp(entry(w, i), s->b, at) == 0)
			return true;
	return false;
}

bool
window_beyond(const struct window *w, const uint8_t *b, size_t len)
{
	int order = w->n == w->cap && w->n > 0 ? memcmp(b, w->spot, len) : 0;

	return w->place.back ? order < 0 : order > 0;
}

bool
window_across(const struct window *w, const uint8_t *b, size_t len)
{
	int order = w->place.bounded ? memcmp(b, w->place.spot.b, len) : 0;

	return w->place.back ? order > 0 : order < 0;
}

static void
set(struct window *w, size_t i, const uint8_t *from)
{
	memcpy(entry(w, i), from, w->place.spot.len);
}

static void
sift_up(struct window *w, size_t i, const struct spot *s)
{
	for (; i > 0 && farther(w, s->b, entry(w, (i - 1) / 2));
	    i = (i - 1) / 2)
		set(w, i, entry(w, (i - 1) / 2));
	set(w, i, s->b);
}

static void
sift_down(struct window *w, const struct spot *s)
{
	size_t i, child;

	for (i = 0; 2 * i + 1 < w->n; i = child) {
		child = 2 * i + 1;
		if (child + 1 < w->n &&
		    farther(w, entry(w, child + 1), entry(w, child)))
			child++;
		if (!farther(w, entry(w, child), s->b))
			break;
		set(w, i, entry(w, child));
	}
	set(w, i, s->b);
}

/* The farthest stands on top and goes first. */
void
window_add(struct window *w, const struct spot *s)
{
	if (w->n < w->cap)
		sift_up(w, w->n++, s);
	else
		sift_down(w, s);
}

static int
cmp(const void *a, const void *b, void *len)
{
	return memcmp(a, b, *(size_t *)len);
}

void
window_done(struct window *w)
{
	if (w->n > 1)
		qsort_r(w->spot, w->n, w->place.spot.len, cmp,
		    &w->place.spot.len);
}
