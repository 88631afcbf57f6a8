/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tags.c -- profiles, security labels and tags of resources, as text.  (L1)
 *
 * Reading: two codings are the same where system and code are; a display or
 * version that differs makes no second tag.
 */
#include "fhir/tags.h"

#include "fhir/json_scan.h"

static const char *const lists[TAGS__MAX] = {
	[TAGS_PROFILE] = "profile", [TAGS_SECURITY] = "security",
	[TAGS_TAG] = "tag"
};

static unsigned
list_of(struct bytes name)
{
	unsigned i;

	for (i = 0; i < TAGS__MAX; i++)
		if (json_name_is(name, lists[i]))
			break;
	return i;
}

struct bytes
tags_of(struct bytes resource)
{
	struct json_member m;
	size_t at = 0;

	while (json_next(resource, &at, &m))
		if (json_name_is(m.name, "meta"))
			return m.value;
	return bytes_of(NULL, 0);
}

static struct tag_item
item_of(struct arena *a, unsigned list, struct bytes raw)
{
	struct tag_item item = { .list = list, .raw = raw };
	struct json_member m;
	size_t at = 0;

	if (raw.p[0] == '"')
		item.code = json_string_text(a, raw);
	while (raw.p[0] == '{' && json_next(raw, &at, &m)) {
		if (m.value.p[0] != '"')
			continue;
		if (json_name_is(m.name, "system"))
			item.system = json_string_text(a, m.value);
		else if (json_name_is(m.name, "code"))
			item.code = json_string_text(a, m.value);
	}
	return item;
}

/* FNV-1a, 64 bits. */
static uint64_t
feed(uint64_t h, struct bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		h = (h ^ b.p[i]) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);	/* in no UTF-8 */
}

/* The slot that names it, or a free one. */
static size_t *
slot_of(const struct tag_items *items, const struct tag_item *x)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) + x->list;
	const struct tag_item *v;
	size_t i;

	h = feed(feed(h, x->system), x->code);
	for (i = (size_t)(h ^ h >> 32);; i++) {
		i &= items->n_slot - 1;
		if (items->slot[i] == 0)
			break;
		v = &items->v[items->slot[i] - 1];
		if (v->list == x->list && bytes_eq(v->system, x->system) &&
		    bytes_eq(v->code, x->code))
			break;
	}
	return &items->slot[i];
}

static bool
among(const struct tag_items *items, const struct tag_item *x)
{
	return items->n > 0 && *slot_of(items, x) != 0;
}

/* Half of the slots stay free. */
static void
grow(struct arena *a, struct tag_items *items)
{
	struct tag_item *more;
	size_t i;

	items->cap = items->cap == 0 ? 8 : 2 * items->cap;
	more = arena_array(a, items->cap, sizeof *more);
	if (items->n > 0)
		memcpy(more, items->v, items->n * sizeof *more);
	items->v = more;
	items->n_slot = 2 * items->cap;
	items->slot = arena_array(a, items->n_slot, sizeof *items->slot);
	for (i = 0; i < items->n; i++)
		*slot_of(items, &items->v[i]) = i + 1;
}

static void
add(struct arena *a, struct tag_items *items, const struct tag_item *x)
{
	if (among(items, x))
		return;
	if (items->n == items->cap)
		grow(a, items);
	*slot_of(items, x) = items->n + 1;
	items->v[items->n++] = *x;
}

void
tags_collect(struct arena *a, struct bytes meta, struct tag_items *items)
{
	struct tag_item item;
	struct json_member m;
	struct bytes raw;
	size_t at = 0, k;
	unsigned list;

	while (meta.len > 0 && json_next(meta, &at, &m)) {
		list = list_of(m.name);
		if (list == TAGS__MAX || m.value.p[0] != '[')
			continue;
		for (k = 0; json_item(m.value, &k, &raw);) {
			item = item_of(a, list, raw);
			add(a, items, &item);
		}
	}
}

bool
tags_has(const struct tag_items *items, enum tag_list list)
{
	size_t i;

	for (i = 0; i < items->n; i++)
		if (items->v[i].list == list)
			return true;
	return false;
}

bool
tags_subsetted(const struct tag_items *items)
{
	size_t i;

	for (i = 0; i < items->n; i++)
		if (items->v[i].list == TAGS_TAG &&
		    bytes_is(items->v[i].code, "SUBSETTED"))
			return true;
	return false;
}

/* Each list with a comma before it where first is false. */
static void
put_lists(const struct tag_items *items, bool first, struct buf *out)
{
	bool open;
	unsigned list;
	size_t i;

	for (list = 0; list < TAGS__MAX; list++) {
		open = false;
		for (i = 0; i < items->n; i++) {
			if (items->v[i].list != list)
				continue;
			if (open)
				buf_u8(out, ',');
			else
				buf_printf(out, "%s\"%s\":[", first ? "" :
				    ",", lists[list]);
			open = true;
			first = false;
			buf_add(out, items->v[i].raw);
		}
		if (open)
			buf_u8(out, ']');
	}
}

void
tags_put(const struct tag_items *items, struct buf *out)
{
	buf_u8(out, '{');
	put_lists(items, true, out);
	buf_u8(out, '}');
}

/* What else the meta holds, and the lists as they are to be. */
static void
put_meta(struct bytes meta, const struct tag_items *items, struct buf *out)
{
	struct json_member m;
	bool first = true;
	size_t at = 0;

	buf_u8(out, '{');
	while (json_next(meta, &at, &m)) {
		if (list_of(m.name) != TAGS__MAX)
			continue;
		if (!first)
			buf_u8(out, ',');
		first = false;
		buf_add(out, m.all);
	}
	put_lists(items, first, out);
	buf_u8(out, '}');
}

enum err
tags_change(struct arena *a, struct bytes resource,
    const struct tag_items *items, bool remove, struct bytes *out)
{
	struct tag_items was = { .n = 0 }, is = { .n = 0 };
	struct bytes meta = tags_of(resource);
	struct buf b = buf_on(a, SIZE_MAX / 4);
	size_t i, at;

	if (meta.len == 0)
		return ERR_STORE;	/* every stored text has one */
	tags_collect(a, meta, &was);
	for (i = 0; i < was.n; i++)
		if (!remove || !among(items, &was.v[i]))
			add(a, &is, &was.v[i]);
	for (i = 0; !remove && i < items->n; i++)
		add(a, &is, &items->v[i]);
	at = (size_t)(meta.p - resource.p);
	buf_add(&b, bytes_sub(resource, 0, at));
	put_meta(meta, &is, &b);
	buf_add(&b, bytes_from(resource, at + meta.len));
	return buf_end(&b, out);
}
