/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.c -- method and path to one row; the rows say all there is.  (L4)
 */
#include "fcgi/route.h"

#include "base/text.h"
#include "fhir/def.h"
#include "fhir/json.h"

static bool
type_shaped(struct bytes b)
{
	size_t i;

	if (b.len == 0 || b.p[0] < 'A' || b.p[0] > 'Z')
		return false;
	for (i = 1; i < b.len; i++) {
		if (!(b.p[i] >= 'a' && b.p[i] <= 'z') &&
		    !(b.p[i] >= 'A' && b.p[i] <= 'Z'))
			return false;
	}
	return true;
}

/*
 * One segment against one word of a pattern.  What is shaped like a type
 * matches; whether there is such a type is asked later, so that the answer
 * can say so.
 */
static bool
seg_match(struct bytes word, struct bytes seg, struct place *at,
    struct bytes *type, struct bytes *comp)
{
	if (word.len != 1) {
		if (type_shaped(word))
			*type = word;
		return bytes_eq(word, seg);
	}
	switch (word.p[0]) {
	case 'T':
		*type = seg;
		return type_shaped(seg);
	case 'C':
		*comp = seg;
		return type_shaped(seg);
	case 'I':
		at->id = seg;
		return json_id_ok(seg);
	case 'V':
		return text_u64(seg, INT64_MAX, &at->version) &&
		    at->version > 0 && seg.p[0] != '0';
	default:
		return bytes_eq(word, seg);
	}
}

static bool
path_match(const char *path, const struct target *t, struct place *at,
    struct bytes *type, struct bytes *comp)
{
	struct bytes word, rest = bytes_str(path + 1);
	bool more = rest.len > 0;
	size_t i;

	*at = (struct place){ .type = 0 };
	*type = *comp = bytes_of(NULL, 0);
	if (bytes_is(rest, "*"))
		return true;
	/* "/Patient/" is "/Patient" by its definition, and nothing else. */
	if (t->stray || (t->slash && strcmp(path, "/T") != 0))
		return false;
	for (i = 0; more; i++) {
		more = bytes_cut(rest, '/', &word, &rest);
		if (i == t->n_seg || !seg_match(word, t->seg[i], at, type,
		    comp))
			return false;
	}
	return i == t->n_seg;
}

static enum err
type_find(struct bytes name, struct issues *is, uint16_t *out)
{
	const struct def_type *t;
	const char *near;

	*out = 0;
	if (name.len == 0)
		return OK;
	t = def_type(name);
	if (t != NULL) {
		*out = t->num;
		return OK;
	}
	near = text_near(name, def_type_names());
	return issue_add(is, ERR_NOTFOUND, "resource-type", NULL,
	    "there is no such resource type in DSTU2; %s%s%s",
	    near != NULL ? "did you mean " :
	    "the Conformance statement lists them",
	    near != NULL ? near : "", near != NULL ? "?" : "");
}

/* "GET, HEAD, POST, OPTIONS" of the path; NULL when no row has it. */
static const char *
allow(const struct route_table *t, struct arena *a,
    const struct target *target)
{
	struct bytes type, comp;
	struct place at;
	const char *list = NULL;
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (strcmp(t->row[i].path, "/*") == 0 ||
		    !path_match(t->row[i].path, target, &at, &type, &comp))
			continue;
		list = arena_printf(a, "%s%s%s%s", list == NULL ? "" : list,
		    list == NULL ? "" : ", ", method_name(t->row[i].method),
		    t->row[i].method == METHOD_GET ? ", HEAD" : "");
	}
	if (list != NULL && strstr(list, "OPTIONS") == NULL)
		list = arena_printf(a, "%s, OPTIONS", list);
	return list;
}

/* Of an id that is none it is no secret that nothing has it. */
static enum err
not_found(const struct target *t, struct issues *is)
{
	if (t->stray || t->n_seg != 2 || !type_shaped(t->seg[0]) ||
	    t->seg[1].p[0] == '$' || t->seg[1].p[0] == '_' ||
	    json_id_ok(t->seg[1]))
		return ERR_NOTFOUND;
	return issue_add(is, ERR_NOTFOUND, "resource-id", NULL, "no resource "
	    "can have this id: an id is 1 to 64 letters, digits, \"-\" and "
	    "\".\"");
}

enum err
route_find(const struct route_table *t, struct arena *a, enum method m,
    const struct target *target, struct issues *is, struct place *out,
    const char **allow_out)
{
	struct bytes type, comp;
	struct place at;
	enum err e;
	size_t i;

	if (m == METHOD_HEAD)
		m = METHOD_GET;
	for (i = 0; i < t->n; i++) {
		if (t->row[i].method != m ||
		    !path_match(t->row[i].path, target, &at, &type, &comp))
			continue;
		at.route = &t->row[i];
		e = type_find(comp, is, &at.compartment);
		if (e == OK)
			e = type_find(type, is, &at.type);
		if (e == OK)
			*out = at;
		return e;
	}
	*allow_out = allow(t, a, target);
	return *allow_out != NULL ? ERR_METHOD : not_found(target, is);
}

enum err
route_permit(const struct place *at, const struct view *v)
{
	struct typeset any;
	enum view_op op;

	switch (at->route->need) {
	case NEED_PUBLIC:
		return OK;
	case NEED_TOKEN:
		return v == NULL ? ERR_LOGIN : OK;
	case NEED_READ:
		op = VIEW_READ;
		break;
	case NEED_SEARCH:
		op = VIEW_SEARCH;
		break;
	case NEED_CREATE:
		op = VIEW_CREATE;
		break;
	case NEED_UPDATE:
		op = VIEW_UPDATE;
		break;
	case NEED_DELETE:
		op = VIEW_DELETE;
		break;
	case NEED__UNSET:
	default:
		return ERR_BUG;
	}
	if (v == NULL)
		return ERR_LOGIN;
	if (at->type == 0) {	/* of all types: of any that there is */
		any = view_types(v, op);
		return (any.bits[0] | any.bits[1]) != 0 ? OK : ERR_FORBIDDEN;
	}
	return view_reach(v, at->type, op) == REACH_NONE ? ERR_FORBIDDEN : OK;
}
