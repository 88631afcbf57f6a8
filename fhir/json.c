/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c -- from a client's text to what is stored, and to a tree.  (L1)
 *
 * Stored text is the client's own bytes with resourceType, id and meta set
 * in front.  Nothing here writes a value out of a tree.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"
#include "fhir/def.h"
#include "fhir/json_scan.h"

#define ID_MAX		64	/* bytes; DSTU2 datatypes.html#id */
#define STAMP_MAX	128	/* bytes of versionId and lastUpdated */

bool
json_id_ok(struct bytes id)
{
	size_t i;

	if (id.len == 0 || id.len > ID_MAX)
		return false;
	for (i = 0; i < id.len; i++) {
		uint8_t c = id.p[i], low = c | 0x20;

		if ((low < 'a' || low > 'z') && (c < '0' || c > '9') &&
		    c != '-' && c != '.')
			return false;
	}
	return true;
}

bool
json_is_num(const json_t *v)
{
	return json_is_string(v) && json_string_length(v) > 0 &&
	    json_string_value(v)[0] == JSON_NUM;
}

struct bytes
json_text(const json_t *v)
{
	struct bytes b = { NULL, 0 };

	if (json_is_string(v))
		b = bytes_of(json_string_value(v), json_string_length(v));
	return json_is_num(v) ? bytes_from(b, 1) : b;
}

static void
free_tree(void *tree)
{
	json_decref(tree);
}

/* What passed the scan can only name a member twice, in escapes or not. */
static enum err
load(struct arena *a, struct bytes client, struct bytes text,
    struct issues *is, json_t **tree_out)
{
	size_t at = 0;
	enum err e = json_tree(a, text, tree_out, &at);

	if (e == OK)
		arena_defer(a, free_tree, *tree_out);
	else if (e == ERR_NOMEM)
		issue_add(is, e, NULL, NULL, "out of memory");
	else
		issue_add(is, e, "json-duplicate",
		    json_place(a, client, json_origin(client, at)),
		    "a member stands twice in one object; send it once");
	return e;
}

/* Number of the resourceType member, wherever it stands. */
static enum err
find_type(const json_t *tree, struct issues *is, uint16_t *out)
{
	const json_t *v = json_object_get(tree, "resourceType");
	const struct def_type *t;
	const char *near;

	if (v == NULL)
		return issue_add(is, ERR_VALUE, "resource-type",
		    "resourceType",
		    "a resource names its type in the member resourceType");
	if (!json_is_string(v) || json_is_num(v))
		return issue_add(is, ERR_VALUE, "resource-type",
		    "resourceType", "resourceType must be a string");
	t = def_type(json_text(v));
	if (t != NULL) {
		*out = t->num;
		return OK;
	}
	near = text_near(json_text(v), def_type_names());
	if (near != NULL)
		return issue_add(is, ERR_VALUE, "resource-type",
		    "resourceType",
		    "no such resource type in DSTU2; did you mean %s?", near);
	return issue_add(is, ERR_VALUE, "resource-type", "resourceType",
	    "no such resource type in DSTU2");
}

/* id and meta, where they stand, must be of the right kind. */
static enum err
check_frame(struct arena *a, struct bytes id, struct issues *is,
    struct json_doc *doc)
{
	const char *type = def_type_num(doc->type)->name;
	const json_t *v = json_object_get(doc->tree, "id");

	doc->id = bytes_of(NULL, 0);
	if (v != NULL) {
		doc->id = json_text(v);
		if (json_is_num(v) || !json_id_ok(doc->id))
			return issue_add(is, ERR_VALUE, "resource-id",
			    arena_printf(a, "%s.id", type),
			    "an id is a string of 1 to 64 letters, digits, "
			    "\"-\" and \".\"");
	}
	if (id.len > 0 && !json_id_ok(id))
		return issue_add(is, ERR_VALUE, "resource-id", NULL,
		    "an id has 1 to 64 letters, digits, \"-\" and \".\"");
	v = json_object_get(doc->tree, "meta");
	if (v != NULL && !json_is_object(v))
		return issue_add(is, ERR_VALUE, "resource-meta",
		    arena_printf(a, "%s.meta", type),
		    "meta must be an object");
	return OK;
}

/* Is the member one of words (NULL at the end)? */
static bool
named(const struct json_member *m, const char *const *words)
{
	for (; *words != NULL; words++)
		if (json_name_is(m->name, *words))
			return true;
	return false;
}

/* ",member" for each member of obj that is none of without. */
static void
copy_members(struct buf *b, struct bytes obj, const char *const *without)
{
	struct json_member m;
	size_t at = 0;

	while (json_next(obj, &at, &m)) {
		if (named(&m, without))
			continue;
		buf_u8(b, ',');
		buf_add(b, m.all);
	}
}

/* The server's own: the client's are ignored (DSTU2 http.html#create). */
static const char *const meta_ours[] = {
	"versionId", "lastUpdated", "_versionId", "_lastUpdated", NULL
};
static const char *const frame[] = { "resourceType", "id", "meta", NULL };

static enum err
split(struct arena *a, struct bytes id, struct json_doc *doc)
{
	struct buf b = buf_on(a, SIZE_MAX / 4);
	struct json_member m;
	size_t at = 0;
	enum err e;

	buf_str(&b, "{\"resourceType\":\"");
	buf_str(&b, def_type_num(doc->type)->name);
	if (id.len > 0) {
		buf_str(&b, "\",\"id\":\"");
		buf_add(&b, id);
	}
	buf_str(&b, "\",\"meta\":{");
	e = buf_end(&b, &doc->head);
	if (e != OK)
		return e;
	b = buf_on(a, SIZE_MAX / 4);
	while (json_next(doc->text, &at, &m))
		if (json_name_is(m.name, "meta"))
			copy_members(&b, m.value, meta_ours);
	buf_u8(&b, '}');
	copy_members(&b, doc->text, frame);
	buf_u8(&b, '}');
	return buf_end(&b, &doc->tail);
}

enum err
json_doc(struct arena *a, struct bytes text, struct bytes id,
    const struct json_limits *lim, struct issues *is,
    struct json_doc *doc_out)
{
	struct json_doc doc = { 0 };
	enum err e;

	*doc_out = doc;
	e = json_scan(a, text, lim, is, &doc.text);
	if (e != OK)
		return e;
	e = load(a, text, doc.text, is, &doc.tree);
	if (e != OK)
		return e;
	e = find_type(doc.tree, is, &doc.type);
	if (e != OK)
		return e;
	e = check_frame(a, id, is, &doc);
	if (e != OK) {
		*doc_out = (struct json_doc){ .type = doc.type,
		    .tree = doc.tree };
		return e;
	}
	e = split(a, id.len > 0 ? id : doc.id, &doc);
	if (e != OK)
		return e;
	*doc_out = doc;
	return OK;
}

struct bytes
json_final(struct arena *a, struct bytes head, struct bytes tail,
    uint64_t version, struct instant updated)
{
	size_t max = head.len + STAMP_MAX + tail.len;
	char iso[INSTANT_LEN];
	uint8_t *p = arena_alloc(a, max);
	int n;

	clock_iso(updated, iso);
	memcpy(p, head.p, head.len);
	n = snprintf((char *)p + head.len, STAMP_MAX,
	    "\"versionId\":\"%llu\",\"lastUpdated\":\"%.*s\"",
	    (unsigned long long)version, INSTANT_LEN, iso);
	memcpy(p + head.len + n, tail.p, tail.len);
	return bytes_of(p, head.len + (size_t)n + tail.len);
}
