/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner_binary.c -- which Binaries a resource names.  (L1)
 *
 * Only elements of type uri count (Attachment.url, Extension.valueUri ...),
 * so the tree is walked along the shapes of the tables.  Most resources name
 * none: a first look at the strings alone saves them the walk.
 */
#include "fhir/json.h"
#include "fhir/owner.h"

/* Levels looked at: as deep as the key json-depth can ever allow. */
#define DEPTH_MAX	512

struct hunt {
	struct arena		*arena;
	const struct extract	*x;
	struct refs		*out;
};

/* Is "Binary/" in any string? */
static bool
mentions(const json_t *v, int depth)
{
	struct bytes text;
	void *it;
	size_t i;

	if (depth > DEPTH_MAX)
		return false;
	switch (json_typeof(v)) {
	case JSON_STRING:
		text = json_text(v);
		return memmem(text.p, text.len, "Binary/", 7) != NULL;
	case JSON_ARRAY:
		for (i = 0; i < json_array_size(v); i++)
			if (mentions(json_array_get(v, i), depth + 1))
				return true;
		return false;
	case JSON_OBJECT:
		it = json_object_iter((json_t *)v);
		for (; it != NULL;
		    it = json_object_iter_next((json_t *)v, it))
			if (mentions(json_object_iter_value(it), depth + 1))
				return true;
		return false;
	default:
		return false;
	}
}

static void
note(struct hunt *h, const json_t *uri)
{
	struct ref r;

	if (!json_is_string(uri) ||
	    prim_ref(json_text(uri), h->x->urls, false, &r) != OK ||
	    r.kind != REF_LOCAL)
		return;
	if (bytes_is(bytes_str(def_type_num(r.type)->name), "Binary"))
		refs_add(h->arena, h->out, &r);
}

/* Children of the resource, by its own resourceType. */
static const struct def_shape *
resource_shape(const json_t *v)
{
	const struct def_type *t = def_type(json_text(json_object_get(v,
	    "resourceType")));

	return t == NULL ? NULL : def_shape_type(t->num);
}

/* Children of the member name, whose row is e; NULL: it has none. */
static const struct def_shape *
child_shape(const struct def_elem *e, const char *name, const json_t *v)
{
	/* "_given" and its like hold extensions; extensions stand anywhere */
	if (name[0] == '_' || strcmp(name, "extension") == 0 ||
	    strcmp(name, "modifierExtension") == 0)
		return def_shape_dt(DT_EXTENSION);
	if (e == NULL)
		return NULL;
	if (e->dt == DT_RESOURCE)
		return resource_shape(v);
	return e->dt == DT_BACKBONE ? def_shape_num(e->shape) :
	    def_shape_dt(e->dt);
}

static void	hunt_object(struct hunt *h, const json_t *obj,
		    const struct def_shape *shape, int depth);

static void
hunt_value(struct hunt *h, const struct def_elem *e, const char *name,
    const json_t *v, int depth)
{
	const struct def_shape *shape;

	if (e != NULL && e->dt == DT_URI) {
		note(h, v);
		return;
	}
	if (!json_is_object(v))
		return;
	shape = child_shape(e, name, v);
	if (shape != NULL)
		hunt_object(h, v, shape, depth + 1);
}

static void
hunt_object(struct hunt *h, const json_t *obj, const struct def_shape *shape,
    int depth)
{
	void *it = json_object_iter((json_t *)obj);
	size_t i;

	if (depth > DEPTH_MAX)
		return;
	for (; it != NULL; it = json_object_iter_next((json_t *)obj, it)) {
		const char *name = json_object_iter_key(it);
		const json_t *v = json_object_iter_value(it);
		const struct def_elem *e = def_elem(shape, bytes_str(name));

		if (!json_is_array(v)) {
			hunt_value(h, e, name, v, depth);
			continue;
		}
		for (i = 0; i < json_array_size(v); i++)
			hunt_value(h, e, name, json_array_get(v, i), depth);
	}
}

void
owner_binaries(struct arena *a, const struct extract *x, uint16_t type,
    const json_t *tree, struct refs *out)
{
	struct hunt h = { .arena = a, .x = x, .out = out };
	const struct def_shape *shape = def_shape_type(type);

	if (shape == NULL || !mentions(tree, 0))
		return;
	hunt_object(&h, tree, shape, 0);
	refs_sort(out);
}
