/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_refs.c -- every reference of a resource to this server.  (L1)
 *
 * Not only those that can be searched by: contained resources' and
 * extensions', too.  An object with the member "reference" is one: nothing
 * in DSTU2 but Reference has it as a string.
 *
 * Provenance.entity.reference and the like are uris, and name what need not
 * be here.
 */
#include "fhir/extract_refs.h"

#include "fhir/def.h"
#include "fhir/json.h"

struct walk {
	const struct base_urls	*urls;
	extract_ref_fn		*fn;
	void			*arg;
};

static enum err	walk(const struct walk *w, const json_t *v,
		    const struct spot *at);

static enum err
one(const struct walk *w, const json_t *obj, const struct spot *at)
{
	const json_t *v = json_object_get(obj, "reference");
	struct ref ref;

	if (!json_is_string(v) || json_is_num(v) ||
	    prim_ref(json_text(v), w->urls, false, &ref) != OK ||
	    ref.kind != REF_LOCAL || ref.type == 0)
		return OK;
	return w->fn(w->arg, &ref, at);
}

static enum err
object(const struct walk *w, const json_t *obj, const struct spot *at)
{
	struct spot sub = { .up = at, .index = SPOT_ONE };
	enum err e = one(w, obj, at);
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)obj, name, v) {
		if (e != OK)
			break;
		if (!json_is_object(v) && !json_is_array(v))
			continue;
		sub.name = name;
		e = walk(w, v, &sub);
	}
	return e;
}

/* Trees are as deep as json_doc allowed. */
static enum err
walk(const struct walk *w, const json_t *v, const struct spot *at)
{
	struct spot item = *at;
	enum err e = OK;
	size_t i;

	if (json_is_object(v))
		return object(w, v, at);
	for (i = 0; i < json_array_size(v) && e == OK; i++) {
		item.index = i;
		e = walk(w, json_array_get(v, i), &item);
	}
	return e;
}

enum err
extract_refs(uint16_t type, const json_t *tree, const struct base_urls *urls,
    extract_ref_fn *fn, void *arg)
{
	const struct walk w = { urls, fn, arg };
	const struct spot top = { .name = def_type_num(type)->name,
	    .index = SPOT_ONE };

	return walk(&w, tree, &top);
}
