/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary.c -- a resource cut down to what _summary asks for.  (L1)
 *
 * Walks the members of stored text beside the shapes of the definitions and
 * copies those that stay.
 *
 * Reading: what the definition wants at least once stays in every mode, or
 * the answer were no valid resource; so does, in a summary, what may turn the
 * meaning of its neighbours around (modifiers, modifierExtension).  The "_x"
 * beside a primitive x (its id and extensions) is a part of x.
 *
 * Spec: DSTU2 search.html#summary, json.html#primitive.
 */
#include "fhir/summary.h"

#include "base/buf.h"
#include "base/text.h"
#include "fhir/def.h"
#include "fhir/json_scan.h"

#define DEPTH	32	/* levels of elements; what lies deeper stays whole */

#define SUBSETTED							      \
	"{\"system\":\"http://hl7.org/fhir/v3/ObservationValue\","	      \
	"\"code\":\"SUBSETTED\"}"

struct cut {
	struct arena	*arena;
	struct buf	 out;
	enum summary	 mode;
	const struct bytes *element;	/* these alone, or NULL */
	size_t		 n_element;
};

static void	cut_value(struct cut *c, const struct def_elem *e,
		    struct bytes value, size_t depth);

enum err
summary_parse(struct bytes word, enum summary *out)
{
	static const char *const words[] = {
		[SUMMARY_FALSE] = "false", [SUMMARY_TRUE] = "true",
		[SUMMARY_TEXT] = "text", [SUMMARY_DATA] = "data",
		[SUMMARY_COUNT] = "count"
	};
	size_t	i;

	for (i = 0; i < N_ELEM(words); i++)
		if (bytes_is(word, words[i])) {
			*out = (enum summary)i;
			return OK;
		}
	return ERR_VALUE;
}

/* Names come with escapes where a client wrote them so. */
static const struct def_elem *
find(const struct def_shape *shape, struct bytes name)
{
	size_t	i;

	if (name.len > 0 && name.p[0] == '_')
		name = bytes_from(name, 1);
	if (memchr(name.p, '\\', name.len) == NULL)
		return def_elem(shape, name);
	for (i = 0; i < shape->n; i++)
		if (json_name_is(name, shape->elem[i].name))
			return &shape->elem[i];
	return NULL;
}

/* What no definition names is no part of any summary. */
static bool
stays(const struct def_elem *e)
{
	return e != NULL && (e->summary || e->modifier || e->min > 0);
}

/* Children that may be cut; NULL: the value stands whole or not at all. */
static const struct def_shape *
children(const struct def_elem *e)
{
	if (e->dt == DT_EXTENSION || e->dt == DT_RESOURCE ||
	    e->dt == DT_NARRATIVE)
		return NULL;
	return def_shape_num(e->shape);
}

/*
 * An object of what stays in it.  One that would be empty, which JSON of
 * FHIR may not be, stays as it is.
 */
static void
cut_object(struct cut *c, const struct def_shape *shape, struct bytes obj,
    size_t depth)
{
	struct json_member	 m;
	const struct def_elem	*e;
	size_t			 at = 0, n = 0;

	buf_u8(&c->out, '{');
	while (json_next(obj, &at, &m)) {
		e = find(shape, m.name);
		if (!stays(e))
			continue;
		if (n++ > 0)
			buf_u8(&c->out, ',');
		buf_add(&c->out, bytes_sub(m.all, 0,
		    m.all.len - m.value.len));
		cut_value(c, e, m.value, depth);
	}
	if (n == 0)
		buf_add(&c->out, bytes_sub(obj, 1, obj.len - 2));
	buf_u8(&c->out, '}');
}

/* The object that stands in an array at at; never an empty one. */
static struct bytes
item(struct bytes list, size_t at)
{
	struct json_member	m;
	struct bytes		rest = bytes_from(list, at);
	size_t			i = 0;

	while (json_next(rest, &i, &m))
		continue;
	return bytes_sub(rest, 0, i + 1);
}

static void
cut_array(struct cut *c, const struct def_shape *shape, struct bytes list,
    size_t depth)
{
	struct bytes	one;
	size_t		at = 1;

	buf_u8(&c->out, '[');
	while (at < list.len && list.p[at] == '{') {
		one = item(list, at);
		cut_object(c, shape, one, depth);
		at += one.len;
		if (at < list.len && list.p[at] == ',') {
			buf_u8(&c->out, ',');
			at++;
		}
	}
	/* Nothing but objects belongs here; what else there is stays. */
	buf_add(&c->out, bytes_from(list, at));
}

static void
cut_value(struct cut *c, const struct def_elem *e, struct bytes value,
    size_t depth)
{
	const struct def_shape	*shape = children(e);

	if (shape == NULL || depth >= DEPTH || value.len == 0)
		buf_add(&c->out, value);
	else if (value.p[0] == '{')
		cut_object(c, shape, value, depth + 1);
	else if (value.p[0] == '[')
		cut_array(c, shape, value, depth + 1);
	else
		buf_add(&c->out, value);
}

/* --- meta ----------------------------------------------------------------- */

static bool
subsetted(struct bytes tags)
{
	static const char	word[] = "\"code\":\"SUBSETTED\"";
	size_t			i;

	for (i = 0; i + sizeof(word) - 1 <= tags.len; i++)
		if (memcmp(tags.p + i, word, sizeof(word) - 1) == 0)
			return true;
	return false;
}

/* Whole, and with the tag: behind those it has, or as its only one. */
static void
put_meta(struct cut *c, struct bytes meta)
{
	struct json_member	m;
	size_t			at = 0, n = 0;
	bool			done = false;

	buf_str(&c->out, "\"meta\":{");
	while (json_next(meta, &at, &m)) {
		if (n++ > 0)
			buf_u8(&c->out, ',');
		if (!json_name_is(m.name, "tag") || m.value.p[0] != '[') {
			buf_add(&c->out, m.all);
			done |= json_name_is(m.name, "tag");
			continue;
		}
		done = true;
		buf_add(&c->out, bytes_sub(m.all, 0, m.all.len - 1));
		buf_str(&c->out, subsetted(m.value) ? "]" : "," SUBSETTED "]");
	}
	if (!done)
		buf_str(&c->out, n > 0 ? ",\"tag\":[" SUBSETTED "]" :
		    "\"tag\":[" SUBSETTED "]");
	buf_u8(&c->out, '}');
}

/* --- the whole ------------------------------------------------------------ */

/* The word without "[x]", and the name without its type, where it has one. */
static bool
named(const struct def_elem *e, struct bytes word)
{
	struct bytes	name = bytes_str(e->name), type;

	if (bytes_eq(name, word))
		return true;
	if (e->choice == 0)
		return false;
	type = bytes_str(def_dt_name(e->dt));
	if (word.len > 3 && memcmp(word.p + word.len - 3, "[x]", 3) == 0)
		word.len -= 3;
	/* "dateTime" stands as "effectiveDateTime". */
	return word.len > 0 && name.len == word.len + type.len &&
	    bytes_starts(name, word) &&
	    memcmp(name.p + word.len + 1, type.p + 1, type.len - 1) == 0;
}

static bool
element_of(const struct def_shape *shape, struct bytes word)
{
	size_t	i;

	if (bytes_is(word, "resourceType"))
		return true;
	for (i = 0; i < shape->n; i++)
		if (named(&shape->elem[i], word))
			return true;
	return false;
}

bool
summary_element(uint16_t type, struct bytes word, const char **near_out)
{
	const struct def_shape	*shape;
	const char		*names[256] = { NULL };
	size_t			 i;

	*near_out = NULL;
	if (type == 0) {
		for (type = 1; type <= DEF_TYPES; type++)
			if (element_of(def_shape_type(type), word))
				return true;
		return false;
	}
	shape = def_shape_type(type);
	if (element_of(shape, word))
		return true;
	for (i = 0; i < shape->n && i + 1 < N_ELEM(names); i++)
		names[i] = shape->elem[i].name;
	*near_out = text_near(word, names);
	return false;
}

static bool
chosen(const struct cut *c, const struct def_elem *e)
{
	size_t	i;

	for (i = 0; e != NULL && i < c->n_element; i++)
		if (named(e, c->element[i]))
			return true;
	return e != NULL && e->min > 0;
}

static bool
wanted(const struct cut *c, const struct def_shape *shape,
    struct bytes name)
{
	const struct def_elem	*e = find(shape, name);
	bool			 text = json_name_is(name, "text");

	if (json_name_is(name, "resourceType") || json_name_is(name, "id"))
		return true;
	if (c->element != NULL)
		return chosen(c, e);
	switch (c->mode) {
	case SUMMARY_TRUE:
		return stays(e);
	case SUMMARY_TEXT:
		return text || (e != NULL && e->min > 0);
	default:
		return !text;
	}
}

static struct bytes
cut_body(struct cut *c, uint16_t type, struct bytes body)
{
	const struct def_shape	*shape = def_shape_type(type);
	struct json_member	 m;
	struct bytes		 out;
	size_t			 at = 0, n = 0;
	bool			 meta;

	if (shape == NULL)
		return body;
	c->out = buf_on(c->arena, body.len + sizeof(SUBSETTED) + 32);
	while (json_next(body, &at, &m)) {
		meta = json_name_is(m.name, "meta") && m.value.p[0] == '{';
		if (!meta && !wanted(c, shape, m.name))
			continue;
		buf_u8(&c->out, n++ > 0 ? ',' : '{');
		if (meta) {
			put_meta(c, m.value);
		} else if (c->mode == SUMMARY_TRUE &&
		    find(shape, m.name) != NULL) {
			buf_add(&c->out, bytes_sub(m.all, 0,
			    m.all.len - m.value.len));
			cut_value(c, find(shape, m.name), m.value, 0);
		} else {
			buf_add(&c->out, m.all);
		}
	}
	buf_u8(&c->out, '}');
	return buf_end(&c->out, &out) == OK ? out : body;
}

struct bytes
summary_cut(struct arena *a, uint16_t type, struct bytes body,
    enum summary mode)
{
	struct cut	c = { .arena = a, .mode = mode };

	if (mode == SUMMARY_FALSE || mode == SUMMARY_COUNT)
		return body;
	return cut_body(&c, type, body);
}

struct bytes
summary_elements(struct arena *a, uint16_t type, struct bytes body,
    const struct bytes *element, size_t n)
{
	struct cut	c = { .arena = a, .mode = SUMMARY_DATA,
			    .element = element, .n_element = n };

	return n == 0 ? body : cut_body(&c, type, body);
}
