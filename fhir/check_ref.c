/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_ref.c -- references, and the resources they find inside.  (L1)
 *
 * Whether another resource exists is not asked here: that depends on who
 * may see it.
 *
 * Reading: an image of the narrative refers to what it shows (dom-3): it has
 * no other way to be a resource of its own.
 *
 * Spec: DSTU2 references.html, #contained.
 */
#include <stdlib.h>

#include "fhir/check_part.h"

static int
by_id(const void *a, const void *b)
{
	const struct inner	*x = a, *y = b;

	return bytes_cmp(x->id, y->id);
}

/* --- references ---------------------------------------------------------- */

const char *
check_types(struct arena *a, struct typeset set)
{
	const char	*out = NULL, *last = NULL;

	for (uint16_t t = 1; t <= DEF_TYPES; t++) {
		if (!typeset_has(set, t))
			continue;
		if (last != NULL)
			out = out == NULL ? last : arena_printf(a, "%s, %s",
			    out, last);
		last = def_type_num(t)->name;
	}
	return out == NULL ? last : arena_printf(a, "%s or %s", out, last);
}

static void
check_target(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, uint16_t type)
{
	static const struct typeset	any;

	if (type == 0 || typeset_has(e->targets, type) ||
	    memcmp(&e->targets, &any, sizeof(any)) == 0)
		return;
	check_fault(w, F_TARGET, at, "refers to a %s; here stands a "
	    "reference to %s", def_type_num(type)->name,
	    check_types(w->arena, e->targets));
}

/* What is contained under this id, or NULL. */
static struct inner *
inner_of(const struct check_walk *w, struct bytes id)
{
	struct inner	key = { .id = id };

	return w->n_inner == 0 ? NULL : bsearch(&key, w->inner, w->n_inner,
	    sizeof(key), by_id);
}

void
check_used(struct check_walk *w, struct bytes id)
{
	struct inner	*found = inner_of(w, id);

	if (found != NULL)
		found->used = true;
}

static void
check_inner_ref(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, struct bytes id)
{
	struct inner	*found = inner_of(w, id);

	if (found == NULL) {
		check_fault(w, F_REF_1, at, "a reference #id names a resource "
		    "that stands in \"contained\"; none has this id");
		return;
	}
	found->used = true;
	check_target(w, e, at, found->type);
}

/* The last type in ".../[type]/[id]", or 0. */
static uint16_t
foreign_type(struct bytes url)
{
	static const struct base_urls	none;
	size_t				i = url.len;
	int				slashes = 0;
	struct ref			r;

	for (; i > 0 && slashes < 4; i--) {
		if (url.p[i - 1] != '/')
			continue;
		slashes++;
		if ((slashes == 2 || slashes == 4) &&
		    prim_ref(bytes_from(url, i), &none, false, &r) == OK &&
		    r.kind == REF_LOCAL)
			return r.type;
	}
	return 0;
}

/* The reference of v; false: there is none, or (*bad_out) it is no such. */
static bool
read_ref(const struct check_walk *w, const json_t *v, struct ref *out,
    bool *bad_out)
{
	static const struct base_urls	 none;
	const struct base_urls		*urls = w->how->urls;
	const json_t			*text = json_object_get(v,
					    "reference");

	*bad_out = false;
	if (!json_is_string(text) || json_is_num(text))
		return false;
	*bad_out = prim_ref(json_text(text), urls == NULL ? &none : urls,
	    false, out) != OK;
	return !*bad_out;
}

void
check_ref(struct check_walk *w, const struct def_elem *e,
    const struct spot *up, const json_t *v)
{
	struct spot	at = { up, "reference", SPOT_ONE, false };
	struct ref	r;
	bool		bad;

	if (!read_ref(w, v, &r, &bad)) {
		if (bad)
			check_fault(w, F_REFERENCE, &at, "no reference: want "
			    "[type]/[id], an absolute url, urn:uuid:..., or "
			    "#[id] of a contained resource");
		return;
	}
	switch (r.kind) {
	case REF_CONTAINED:
		check_inner_ref(w, e, &at, r.id);
		break;
	case REF_LOCAL:
		check_target(w, e, &at, r.type);
		break;
	case REF_FOREIGN:
		check_target(w, e, &at, foreign_type(r.url));
		break;
	}
}

uint16_t
check_ref_type(const struct check_walk *w, const json_t *v)
{
	const struct inner	*found;
	struct ref		 r;
	bool			 bad;

	if (!read_ref(w, v, &r, &bad))
		return 0;
	if (r.kind == REF_FOREIGN)
		return foreign_type(r.url);
	if (r.kind == REF_LOCAL)
		return r.type;
	found = inner_of(w, r.id);
	return found == NULL ? 0 : found->type;
}

/* --- contained ----------------------------------------------------------- */

static struct bytes
text(const json_t *obj, const char *name)
{
	const json_t	*v = json_object_get(obj, name);

	return json_is_string(v) && !json_is_num(v) ? json_text(v) :
	    bytes_of(NULL, 0);
}

void
check_inner(struct check_walk *w, const struct spot *at,
    const json_t *resource)
{
	const json_t		*list = json_object_get(resource, "contained");
	const struct def_type	*type;
	size_t			 i, n = json_array_size(list);

	w->inner = n == 0 ? NULL : arena_array(w->arena, n,
	    sizeof(*w->inner));
	w->n_inner = n;
	for (i = 0; i < n; i++) {
		const json_t	*one = json_array_get(list, i);

		type = def_type(text(one, "resourceType"));
		w->inner[i] = (struct inner){ .id = text(one, "id"),
		    .index = i, .type = type == NULL ? 0 : type->num };
	}
	if (n > 1)
		qsort(w->inner, n, sizeof(*w->inner), by_id);
	for (i = 1; i < n; i++)
		if (w->inner[i].id.len > 0 &&
		    bytes_eq(w->inner[i - 1].id, w->inner[i].id))
			check_fault(w, F_CONTAINED, SPOT_ITEM(at,
			    "contained", w->inner[i].index),
			    "two contained resources have this id");
}

/* What a contained resource may not have. */
static void
check_bare(struct check_walk *w, const struct spot *at, const json_t *r)
{
	const json_t	*meta = json_object_get(r, "meta");

	if (json_object_get(r, "text") != NULL)
		check_fault(w, F_DOM_1, at, "a contained resource has no "
		    "narrative: it belongs to that of its container");
	if (json_object_get(r, "contained") != NULL)
		check_fault(w, F_DOM_2, at, "a contained resource contains "
		    "no other: put it beside this one");
	if (json_object_get(meta, "versionId") != NULL ||
	    json_object_get(meta, "lastUpdated") != NULL)
		check_fault(w, F_DOM_4, at, "a contained resource has "
		    "neither meta.versionId nor meta.lastUpdated");
}

void
check_inner_end(struct check_walk *w, const struct spot *up,
    const json_t *resource)
{
	const json_t	*list = json_object_get(resource, "contained");

	for (size_t i = 0; i < w->n_inner && w->room > 0; i++) {
		const struct inner	*in = &w->inner[i];
		struct spot		 at = { up, "contained", in->index,
					    true };

		check_bare(w, &at, json_array_get(list, in->index));
		if (!in->used)
			check_fault(w, F_DOM_3, &at, in->id.len == 0 ?
			    "a contained resource has an id, and a reference "
			    "#[id] to it" : "nothing refers to this contained "
			    "resource: it would be lost");
	}
}
