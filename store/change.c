/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.c -- a resource's text becomes a change.  (L2)
 *
 * The one way from what a client or a file says to what write_change takes:
 * read, judged, and all that the index will hold of it worked out, so that
 * nothing of it is left to do while others wait for the write lock.
 */
#include "store/store.h"

/* Before all rules: they are of the type and resource that is meant. */
static enum err
identity(struct arena *a, const struct change_from *from,
    const struct json_doc *doc, struct issues *is)
{
	const char *name = def_type_num(doc->type)->name;
	const char *place = arena_printf(a, "%s.id", name);

	if (from->type != 0 && doc->type != from->type)
		return issue_add(is, ERR_VALUE, "resource-type",
		    "resourceType", "the resource is of type %s, and one of "
		    "type %s is wanted here", name,
		    def_type_num(from->type)->name);
	if (from->id.len == 0 && doc->id.len == 0)
		return issue_add(is, ERR_VALUE, "resource-id", "id",
		    "a resource needs an id to be stored; give it one");
	if (!from->own || bytes_eq(doc->id, from->id))
		return OK;
	return issue_add(is, ERR_VALUE, "resource-id", place, doc->id.len ==
	    0 ? "the id that the URL names must stand in the resource, too" :
	    "is not the id that the URL names");
}

enum err
change_read(struct arena *a, const struct change_from *from,
    struct issues *is, struct change *out)
{
	struct json_doc *doc = arena_alloc(a, sizeof *doc);
	struct values *values = arena_alloc(a, sizeof *values);
	struct extra *extra = arena_alloc(a, sizeof *extra);
	struct owners *owners = arena_alloc(a, sizeof *owners);
	struct bytes id;
	enum err e;

	e = json_doc(a, from->text, from->id, from->lim, is, doc);
	if (e != OK && doc->tree != NULL && from->check != NULL)
		(void)!check_resource(a, from->check, doc->type, doc->tree,
		    is);
	if (e != OK)
		return e;
	id = from->id.len > 0 ? from->id : doc->id;
	e = identity(a, from, doc, is);
	if (e == OK && from->check != NULL)
		e = check_resource(a, from->check, doc->type, doc->tree, is);
	if (e != OK)
		return e;
	e = extract_values(a, from->x, doc->type, doc->tree, is, values);
	if (e == OK)
		e = extract_extra(a, from->x, doc->type, doc->tree, extra);
	if (e == OK)
		e = extract_owners(a, from->x, doc->type, id, doc->tree,
		    owners);
	if (e != OK)
		return e;
	*out = (struct change){ .kind = CHANGE_PUT, .type = doc->type,
	    .id = id, .doc = doc, .values = values, .extra = extra,
	    .owners = owners };
	return OK;
}
