/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle_in.c -- the envelope of a batch or transaction, judged.  (L1)
 *
 * Walked as text beside the definition of Bundle; members that mean nothing
 * in a request (total, link, search) may stand there and are passed over, as
 * histories and search results are sent back by clients.
 */
#include "fhir/bundle_in.h"

#include "base/text.h"
#include "fhir/def.h"
#include "fhir/json_scan.h"

struct reader {
	struct arena	*arena;
	struct issues	*is;
	size_t		 entry;		/* number of the one at hand */
	bool		 within;	/* an entry */
	const char	*part;		/* of it: "", or "request." */
};

/* A member to be taken, and where its text goes. */
struct wanted {
	const char	*name;
	struct bytes	*text;		/* decoded string */
	struct bytes	*raw;		/* or the value as it stands... */
	char		 first;		/* ...which begins with this */
	bool		 seen;
};

static const char *
place(const struct reader *r, const char *name)
{
	return r->within ?
	    arena_printf(r->arena, "Bundle.entry[%zu]%s%s%s", r->entry,
	    *name == '\0' ? "" : ".", *name == '\0' ? "" : r->part, name) :
	    arena_printf(r->arena, "Bundle%s%s", *name == '\0' ? "" : ".",
	    name);
}

static enum err
take(const struct reader *r, struct wanted *w, struct bytes value)
{
	char first = w->raw != NULL ? w->first : '"';

	if (w->seen)
		return issue_add(r->is, ERR_SYNTAX, "json-duplicate",
		    place(r, w->name), "a member stands twice in one object; "
		    "send it once");
	w->seen = true;
	if (value.p[0] != (uint8_t)first)
		return issue_add(r->is, ERR_SYNTAX, "element",
		    place(r, w->name), "must be %s", first == '"' ?
		    "a string" : first == '[' ? "an array" : "an object");
	if (w->raw != NULL)
		*w->raw = value;
	else
		*w->text = json_string_text(r->arena, value);
	return OK;
}

/* Said where it could be a name: else it may be long, or unfit to print. */
static enum err
unknown(const struct reader *r, const struct def_shape *shape,
    struct bytes name)
{
	const char *near = def_elem_near(r->arena, shape, name);

	return issue_add(r->is, ERR_SYNTAX, "element", place(r,
	    json_id_ok(name) ? arena_str(r->arena, name) : ""),
	    "%s has no such element%s%s%s", shape->path,
	    near == NULL ? "" : ": did you mean \"",
	    near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

/* Every member is known to the shape; those wanted are taken. */
static enum err
members(const struct reader *r, struct bytes obj,
    const struct def_shape *shape, struct wanted *w, size_t n)
{
	struct json_member m;
	struct bytes name;
	size_t at = 0, i;
	enum err e = OK;

	while (e == OK && json_next(obj, &at, &m)) {
		for (i = 0; i < n; i++)
			if (json_name_is(m.name, w[i].name))
				break;
		if (i < n) {
			e = take(r, &w[i], m.value);
			continue;
		}
		name = m.name.len > 0 && m.name.p[0] == '_' ?
		    bytes_from(m.name, 1) : m.name;
		if (def_elem(shape, name) == NULL &&
		    !(json_name_is(name, "resourceType") && !r->within))
			e = unknown(r, shape, name);
	}
	return e;
}

static const struct def_shape *
below(const struct def_shape *shape, const char *name)
{
	return def_shape_num(def_elem(shape, bytes_str(name))->shape);
}

/* What type it is, and which id it has: the rest is judged later. */
static void
peek(struct arena *a, struct bundle_request *q)
{
	struct json_member m;
	size_t at = 0;

	while (q->resource.len > 0 && json_next(q->resource, &at, &m)) {
		if (m.value.p[0] != '"')
			continue;
		if (json_name_is(m.name, "resourceType"))
			q->type = json_string_text(a, m.value);
		else if (json_name_is(m.name, "id"))
			q->id = json_string_text(a, m.value);
	}
}

static enum err
read_entry(struct reader *r, struct bytes obj,
    const struct def_shape *shape, struct bundle_request *q)
{
	struct bytes request = { .len = 0 };
	struct wanted outer[] = {
		{ .name = "fullUrl", .text = &q->full_url },
		{ .name = "resource", .raw = &q->resource, .first = '{' },
		{ .name = "request", .raw = &request, .first = '{' }
	};
	struct wanted inner[] = {
		{ .name = "method", .text = &q->method },
		{ .name = "url", .text = &q->url },
		{ .name = "ifNoneMatch", .text = &q->if_none_match },
		{ .name = "ifModifiedSince", .text = &q->if_modified },
		{ .name = "ifMatch", .text = &q->if_match },
		{ .name = "ifNoneExist", .text = &q->if_none_exist }
	};
	enum err e;

	e = members(r, obj, shape, outer, N_ELEM(outer));
	if (e == OK && request.len == 0)
		e = issue_add(r->is, ERR_VALUE, "bdl-3", place(r, "request"),
		    "an entry says what is to be done in request: method and "
		    "url");
	r->part = "request.";
	if (e == OK)
		e = members(r, request, below(shape, "request"), inner,
		    N_ELEM(inner));
	r->part = "";
	if (e == OK && (q->method.len == 0 || q->url.len == 0))
		e = issue_add(r->is, ERR_VALUE, "required",
		    place(r, "request"), "method and url are both needed");
	if (e == OK)
		peek(r->arena, q);
	return e;
}

static enum err
read_entries(struct reader *r, struct bytes list, size_t max,
    const struct def_shape *shape, struct bundle_in *out)
{
	struct bytes one;
	size_t at = 0, n = 0;
	enum err e = OK;

	while (json_item(list, &at, &one))
		n++;
	if (n > max)
		return issue_add(r->is, ERR_TOOBIG, "bundle-entries",
		    "Bundle.entry", "%zu entries; at most %zu are taken at a "
		    "time: send several Bundles", n, max);
	out->entry = arena_array(r->arena, n, sizeof *out->entry);
	out->n = n;
	r->within = true;
	for (at = 0; e == OK && json_item(list, &at, &one); r->entry++) {
		if (one.p[0] != '{')
			e = issue_add(r->is, ERR_SYNTAX, "element",
			    place(r, ""), "must be an object");
		else
			e = read_entry(r, one, shape,
			    &out->entry[r->entry]);
	}
	return e;
}

static enum err
kind_of(const struct reader *r, struct bytes type, enum bundle_in_kind *out)
{
	static const struct {
		const char		*name;
		enum bundle_in_kind	 kind;
	} kinds[] = {
		{ "batch", BUNDLE_BATCH },
		{ "transaction", BUNDLE_TRANSACTION },
		{ "history", BUNDLE_REPLAY }
	};
	size_t i;

	for (i = 0; i < N_ELEM(kinds); i++) {
		if (bytes_is(type, kinds[i].name)) {
			*out = kinds[i].kind;
			return OK;
		}
	}
	return issue_add(r->is, ERR_VALUE, "bundle-type", "Bundle.type",
	    "batch, transaction and history can be carried out; a Bundle to "
	    "be stored as it is goes to [base]/Bundle");
}

enum err
bundle_read(struct arena *a, struct bytes text,
    const struct json_limits *lim, size_t max, struct issues *is,
    struct bundle_in *out)
{
	struct reader r = { .arena = a, .is = is, .part = "" };
	struct bundle_in b = { .n = 0 };
	struct bytes resource = { .len = 0 }, type = resource, list = resource;
	struct wanted w[] = {
		{ .name = "resourceType", .text = &resource },
		{ .name = "type", .text = &type },
		{ .name = "entry", .raw = &list, .first = '[' }
	};
	const struct def_shape *shape =
	    def_shape_type(def_type(bytes_str("Bundle"))->num);
	enum err e;

	e = json_scan(a, text, lim, is, &text);
	if (e == OK && text.p[0] != '{')
		e = issue_add(is, ERR_SYNTAX, "json-object", NULL,
		    "a resource is an object");
	if (e == OK)
		e = members(&r, text, shape, w, N_ELEM(w));
	if (e == OK && !bytes_is(resource, "Bundle"))
		e = issue_add(is, ERR_VALUE, "resource-type", "resourceType",
		    "a Bundle is wanted here; other resources go to "
		    "[base]/[type]");
	if (e == OK)
		e = kind_of(&r, type, &b.kind);
	if (e == OK && list.len > 0)
		e = read_entries(&r, list, max, below(shape, "entry"), &b);
	if (e == OK)
		*out = b;
	return e;
}
