/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rename.c -- names of a Bundle become references, in the text.  (L1)
 *
 * Walked beside the shapes of the definitions: only where a reference, a
 * uri, an oid, a uuid or a link of the narrative stands is anything looked
 * at, so that a text that happens to read like a name stays what it is.
 *
 * Reading: a relative reference is resolved against the fullUrl of its own
 * entry, as bundle.html#references has it, and replaced where the Bundle has
 * what it leads to.  A reference with a version is to a thing that was, and
 * stays.
 *
 * Spec: DSTU2 http.html#2.1.0.16.2, bundle.html#references.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "fhir/bundle_in.h"
#include "fhir/def.h"
#include "fhir/json_scan.h"

struct pass {
	struct arena		*arena;
	const struct renames	*names;
	struct bytes		 text;
	struct buf		 out;
	size_t			 done;	/* of text: is in out */
	bool			 open;
};

static enum err	value(struct pass *p, const struct def_elem *elem,
		    struct bytes v);
static enum err	object(struct pass *p, const struct def_shape *shape,
		    struct bytes obj);

static int
compare(const void *a, const void *b)
{
	const struct rename *x = a, *y = b;

	return bytes_cmp(x->from, y->from);
}

void
rename_sort(struct rename *name, size_t n)
{
	if (n > 1)
		qsort(name, n, sizeof *name, compare);
}

static const struct rename *
find(const struct renames *names, struct bytes from)
{
	const struct rename key = { .from = from };

	return names->n == 0 ? NULL : bsearch(&key, names->name, names->n,
	    sizeof key, compare);
}

struct bytes
rename_root(struct bytes url)
{
	struct bytes type, id;
	size_t i, slash = 0, end = url.len;

	for (i = url.len; i > 0 && slash < 2; i--) {
		if (url.p[i - 1] != '/')
			continue;
		if (++slash == 1)
			end = i;
	}
	if (slash < 2)
		return bytes_of(NULL, 0);
	type = bytes_sub(url, i + 1, end - i - 2);
	id = bytes_from(url, end);
	return def_type(type) != NULL && json_id_ok(id) ?
	    bytes_sub(url, 0, i + 1) : bytes_of(NULL, 0);
}

/* Put what was passed over, and then text in the place of was. */
static void
splice(struct pass *p, struct bytes was, struct bytes text)
{
	size_t at = (size_t)(was.p - p->text.p);

	buf_add(&p->out, bytes_sub(p->text, p->done, at - p->done));
	buf_json(&p->out, text);
	p->done = at + was.len;
}

/* "Patient?identifier=1": nothing else of FHIR looks like that. */
static bool
conditional(struct bytes ref)
{
	struct bytes type, rest;

	return bytes_cut(ref, '?', &type, &rest) && def_type(type) != NULL;
}

/* *to_out "" where the name is none of the Bundle's. */
static enum err
look(struct pass *p, struct bytes name, bool reference, struct bytes *to_out)
{
	const struct renames *names = p->names;
	const struct rename *hit = find(names, name);

	*to_out = bytes_of(NULL, 0);
	if (hit == NULL && reference && names->root.len > 0 &&
	    rename_root(bytes_str(arena_printf(p->arena, "/%.*s",
	    BYTES_FMT(name)))).len > 0)
		hit = find(names, bytes_str(arena_printf(p->arena,
		    "%.*s%.*s", BYTES_FMT(names->root), BYTES_FMT(name))));
	if (hit != NULL) {
		p->open = p->open || hit->to.len == 0;
		*to_out = hit->to;
		return OK;
	}
	if (!reference || !conditional(name))
		return OK;
	if (names->find == NULL) {
		p->open = true;
		return OK;
	}
	return names->find(names->arg, name, to_out);
}

static enum err
text_value(struct pass *p, struct bytes v, bool reference)
{
	struct bytes to;
	enum err e;

	if (v.p[0] != '"')
		return OK;
	e = look(p, json_string_text(p->arena, v), reference, &to);
	if (e != OK || to.len == 0)
		return e;
	if (!reference)
		to = bytes_str(arena_printf(p->arena, "%.*s/%.*s",
		    BYTES_FMT(p->names->base), BYTES_FMT(to)));
	splice(p, v, to);
	return OK;
}

/* --- links of the narrative ----------------------------------------------- */

static bool
space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * The value of the next href or src from *at on: the tags themselves are
 * judged by the narrative's own rules.
 */
static bool
link_next(struct bytes html, size_t *at, struct bytes *out)
{
	size_t i, n, end;

	for (i = *at; i + 5 < html.len; i++) {
		n = memcmp(html.p + i, "href", 4) == 0 ? 4 :
		    memcmp(html.p + i, "src", 3) == 0 ? 3 : 0;
		if (n == 0 || i == 0 || !space(html.p[i - 1]))
			continue;
		for (n += i; n < html.len && space(html.p[n]); n++)
			;
		if (n == html.len || html.p[n] != '=')
			continue;
		for (n++; n < html.len && space(html.p[n]); n++)
			;
		if (n == html.len || (html.p[n] != '"' && html.p[n] != '\''))
			continue;
		for (end = n + 1; end < html.len && html.p[end] !=
		    html.p[n]; end++)
			;
		*out = bytes_sub(html, n + 1, end - n - 1);
		*at = end;
		return true;
	}
	return false;
}

static enum err
narrative(struct pass *p, struct bytes v)
{
	struct buf b = buf_on(p->arena, SIZE_MAX / 4);
	struct bytes html, link, to, all;
	size_t at = 0, done = 0;
	enum err e;

	if (v.p[0] != '"')
		return OK;
	html = json_string_text(p->arena, v);
	while (link_next(html, &at, &link)) {
		e = look(p, link, false, &to);
		if (e != OK)
			return e;
		if (to.len == 0)
			continue;
		buf_add(&b, bytes_sub(html, done,
		    (size_t)(link.p - html.p) - done));
		buf_add(&b, p->names->base);
		buf_u8(&b, '/');
		buf_add(&b, to);
		done = (size_t)(link.p - html.p) + link.len;
	}
	if (done == 0)
		return OK;
	buf_add(&b, bytes_from(html, done));
	e = buf_end(&b, &all);
	if (e == OK)
		splice(p, v, all);
	return e;
}

/* --- the walk ------------------------------------------------------------- */

static const struct def_shape *
resource_shape(struct pass *p, struct bytes obj)
{
	const struct def_type *t;
	struct json_member m;
	size_t at = 0;

	while (json_next(obj, &at, &m)) {
		if (!json_name_is(m.name, "resourceType") ||
		    m.value.p[0] != '"')
			continue;
		t = def_type(json_string_text(p->arena, m.value));
		return t == NULL ? NULL : def_shape_type(t->num);
	}
	return NULL;
}

static enum err
single(struct pass *p, const struct def_elem *elem, struct bytes v)
{
	const struct def_shape *shape = NULL;

	switch (elem->dt) {
	case DT_URI:
	case DT_OID:
	case DT_UUID:
		return text_value(p, v, false);
	case DT_XHTML:
		return narrative(p, v);
	case DT_RESOURCE:
		if (v.p[0] == '{')
			shape = resource_shape(p, v);
		break;
	default:
		shape = def_shape_num(elem->shape);
		break;
	}
	return shape != NULL && v.p[0] == '{' ? object(p, shape, v) : OK;
}

static enum err
value(struct pass *p, const struct def_elem *elem, struct bytes v)
{
	struct bytes one;
	size_t at = 0;
	enum err e = OK;

	if (v.p[0] != '[')
		return single(p, elem, v);
	while (e == OK && json_item(v, &at, &one))
		e = single(p, elem, one);
	return e;
}

/*
 * Beside a primitive x, "_x" is an Element: its extensions may refer.  As
 * deep as json_scan allowed.
 */
static enum err
object(struct pass *p, const struct def_shape *shape, struct bytes obj)
{
	struct def_elem beside = { .dt = DT_EXTENSION };
	const struct def_elem *elem;
	struct json_member m;
	struct bytes name;
	size_t at = 0;
	enum err e = OK;

	beside.shape = def_elem(def_shape_dt(DT_EXTENSION),
	    bytes_str("extension"))->shape;
	while (e == OK && json_next(obj, &at, &m)) {
		name = memchr(m.name.p, '\\', m.name.len) == NULL ? m.name :
		    json_string_text(p->arena, bytes_of(m.name.p - 1,
		    m.name.len + 2));
		elem = def_elem(shape, name);
		if (elem == NULL && name.len > 0 && name.p[0] == '_')
			elem = &beside;
		if (elem == NULL)
			continue;
		if (shape == def_shape_dt(DT_REFERENCE) &&
		    bytes_is(name, "reference"))
			e = text_value(p, m.value, true);
		else
			e = value(p, elem, m.value);
	}
	return e;
}

enum err
rename_text(struct arena *a, struct bytes text, const struct renames *names,
    struct bytes *out, bool *open_out)
{
	struct pass p = { .arena = a, .names = names, .text = text,
	    .out = buf_on(a, SIZE_MAX / 4) };
	const struct def_shape *shape = resource_shape(&p, text);
	enum err e = OK;

	if (shape != NULL)
		e = object(&p, shape, text);
	if (e != OK)
		return e;
	*open_out = p.open;
	*out = text;
	if (p.done == 0)
		return OK;
	buf_add(&p.out, bytes_from(text, p.done));
	return buf_end(&p.out, out);
}
