/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.c -- fuzz target: a Bundle that asks, its names and its tags.
 *
 * What is refused has an issue.  What is taken has a method and a URL in each
 * entry, and resources that are JSON by themselves; so they are with their
 * names replaced, and nothing is left to replace then, unless a name is what
 * another became; without names a resource stays as it is.  Tags that are
 * added are there, and taken out they are not.
 */
#include <stdlib.h>

#include "fhir/bundle_in.h"
#include "fhir/json_scan.h"
#include "fhir/tags.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits bundle_limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 20000
};

#define BASE		"https://h/f"
#define IS_NOW		"Patient/new"

static enum err
found(void *arg, struct bytes reference, struct bytes *to_out)
{
	size_t	*n = arg;

	if (reference.len == 0)
		abort();
	++*n;
	*to_out = bytes_str(IS_NOW);
	return OK;
}

/* Of JSON, and without white space. */
static void
is_text(struct arena *a, struct bytes text)
{
	struct issues	is = issues_on(a);
	struct bytes	again;

	if (json_scan(a, text, &bundle_limits, &is, &again) == ERR_SYNTAX ||
	    (is.n == 0 && !bytes_eq(text, again)))
		abort();
}

static struct bytes
renamed(struct arena *a, struct bytes text, const struct renames *names,
    bool *open_out)
{
	struct bytes	out;

	if (rename_text(a, text, names, &out, open_out) != OK)
		abort();
	is_text(a, out);
	return out;
}

static void
names_go(struct arena *a, const struct bundle_in *b, size_t i)
{
	struct bytes	 text = b->entry[i].resource, once;
	struct rename	*name = arena_array(a, b->n, sizeof(*name));
	struct renames	 names = { .base = bytes_str(BASE) };
	size_t		 n = 0;
	bool		 open = false;

	if (!bytes_eq(renamed(a, text, &names, &open), text))
		abort();
	names.name = name;
	for (size_t k = 0; k < b->n; k++)
		if (b->entry[k].full_url.len > 0)
			name[names.n++].from = b->entry[k].full_url;
	rename_sort(name, names.n);
	names.root = rename_root(b->entry[i].full_url);
	(void)renamed(a, text, &names, &open);
	for (size_t k = 0; k < names.n; k++)
		name[k].to = bytes_str(IS_NOW);
	names.find = found;
	names.arg = &n;
	once = renamed(a, text, &names, &open);
	if (open)
		abort();
	names.find = NULL;
	(void)renamed(a, once, &names, &open);
	if (open)
		abort();
}

static bool
tagged(const struct tag_items *all, const struct tag_item *one)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].list == one->list &&
		    bytes_eq(all->v[i].system, one->system) &&
		    bytes_eq(all->v[i].code, one->code))
			return true;
	return false;
}

/* As every stored text has one. */
static bool
versioned(struct bytes resource)
{
	struct bytes		 meta = tags_of(resource);
	struct json_member	 m;
	size_t			 at = 0;

	while (meta.len > 0 && json_next(meta, &at, &m))
		if (json_name_is(m.name, "versionId"))
			return true;
	return false;
}

/* The tags of one entry go to another, and away again. */
static void
tags_move(struct arena *a, struct bytes from, struct bytes to)
{
	struct tag_items	 items = { .n = 0 }, after = items,
				 left = items;
	struct bytes		 with, without;

	if (!versioned(to))
		return;
	tags_collect(a, tags_of(from), &items);
	if (tags_change(a, to, &items, false, &with) != OK)
		abort();
	is_text(a, with);
	tags_collect(a, tags_of(with), &after);
	for (size_t i = 0; i < items.n; i++)
		if (!tagged(&after, &items.v[i]))
			abort();
	if (tags_change(a, with, &items, true, &without) != OK)
		abort();
	is_text(a, without);
	tags_collect(a, tags_of(without), &left);
	for (size_t i = 0; i < items.n; i++)
		if (tagged(&left, &items.v[i]))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena		*a = arena_new(0);
	struct issues		 is = issues_on(a);
	struct bundle_in	 b;
	enum err		 e;

	e = bundle_read(a, bytes_of(data, size), &bundle_limits, 50, &is, &b);
	if ((e == OK) != (is.n == 0))
		abort();
	for (size_t i = 0; e == OK && i < b.n; i++) {
		if (b.entry[i].method.len == 0 || b.entry[i].url.len == 0)
			abort();
		if (b.entry[i].resource.len == 0)
			continue;
		is_text(a, b.entry[i].resource);
		names_go(a, &b, i);
		if (b.entry[0].resource.len > 0)
			tags_move(a, b.entry[0].resource,
			    b.entry[i].resource);
	}
	arena_free(&a);
	return 0;
}
