/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_extra.c -- words, texts of codes, and what is contained.  (L1)
 *
 * Words come from two places: the narrative, whose XHTML is read for its
 * text alone, and every other string a person would read.  Each is folded,
 * cut into words, sorted, and kept once.  Nothing here judges the narrative:
 * what is no tag and no entity is text.
 *
 * Spec: DSTU2 search.html#text, #content, #token (:text), #contained, #list.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "fhir/extract_conv.h"

#define DEPTH_MAX	512	/* json-depth allows no more */
#define LONG_RUN	128	/* bytes without a space: no prose */

/* --- words --------------------------------------------------------------- */

struct words {
	struct arena	*arena;
	struct bytes	*w;
	size_t		 n, cap;
	bool		 full;		/* some were left out */
};

static int
cmp_bytes(const void *a, const void *b)
{
	return bytes_cmp(*(const struct bytes *)a, *(const struct bytes *)b);
}

static void
sort_words(struct words *ws)
{
	size_t i, n = 0;

	if (ws->n > 1)
		qsort(ws->w, ws->n, sizeof(*ws->w), cmp_bytes);
	for (i = 0; i < ws->n; i++)
		if (n == 0 || !bytes_eq(ws->w[n - 1], ws->w[i]))
			ws->w[n++] = ws->w[i];
	ws->n = n;
}

static void
close_words(struct words *ws)
{
	sort_words(ws);
	if (ws->n > EXTRA_WORDS) {
		ws->n = EXTRA_WORDS;
		ws->full = true;
	}
}

/* Before it grows the array is rid of doubles: it is twice what is kept. */
static void
add_word(struct words *ws, struct bytes word)
{
	struct bytes *more;

	if (ws->n == ws->cap)
		close_words(ws);
	if (ws->full)
		return;
	if (ws->n > ws->cap / 2 || ws->cap == 0) {
		ws->cap = ws->cap == 0 ? 64 : 2 * ws->cap;
		more = arena_array(ws->arena, ws->cap, sizeof(*more));
		if (ws->n > 0)
			memcpy(more, ws->w, ws->n * sizeof(*more));
		ws->w = more;
	}
	ws->w[ws->n++] = word;
}

/* What is not UTF-8 has no words; the resource was refused before. */
static void
add_words(struct words *ws, struct bytes text)
{
	struct bytes rest, word;

	if (text_fold(ws->arena, text, &rest) != OK)
		return;
	while (text_word(&rest, &word))
		add_word(ws, word);
}

/* --- narrative ----------------------------------------------------------- */

/* The end of the tag or comment that begins at p[at]. */
static size_t
skip_tag(struct bytes t, size_t at)
{
	uint8_t quote = 0;

	if (bytes_starts(bytes_from(t, at), bytes_str("<!--"))) {
		for (at += 4; at < t.len; at++)
			if (bytes_starts(bytes_from(t, at),
			    bytes_str("-->")))
				return at + 3;
		return t.len;
	}
	for (; at < t.len; at++) {
		if (quote != 0)
			quote = t.p[at] == quote ? 0 : quote;
		else if (t.p[at] == '"' || t.p[at] == '\'')
			quote = t.p[at];
		else if (t.p[at] == '>')
			return at + 1;
	}
	return t.len;
}

static void
put_code(struct buf *b, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		buf_u8(b, ' ');
	} else if (c < 0x80) {
		buf_u8(b, (uint8_t)c);
	} else if (c < 0x800) {
		buf_u8(b, (uint8_t)(0xc0 | c >> 6));
		buf_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		if (c < 0x10000) {
			buf_u8(b, (uint8_t)(0xe0 | c >> 12));
		} else {
			buf_u8(b, (uint8_t)(0xf0 | c >> 18));
			buf_u8(b, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_u8(b, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		buf_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

/* "#233", "#xe9": digits of a character's number. */
static uint32_t
number(struct bytes name)
{
	uint32_t base = 10, c = 0;
	size_t i = 1;
	int d;

	if (name.len > 1 && (name.p[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	for (; i < name.len && c <= 0x10ffff; i++) {
		d = text_hex_digit(name.p[i]);
		if (d < 0 || (uint32_t)d >= base)
			return 0;
		c = c * base + (uint32_t)d;
	}
	return c;
}

/*
 * The letters a named entity stands for, folded: a letter with an accent is
 * named letter first ("eacute").  What is no letter (&nbsp;, &mdash;): "".
 */
static struct bytes
letters(struct bytes name)
{
	static const char *const accents[] = { "acute", "grave", "circ",
	    "uml", "tilde", "cedil", "ring", "slash", "caron" };
	size_t i;

	for (i = 0; i < N_ELEM(accents); i++)
		if (bytes_is(bytes_from(name, 1), accents[i]))
			return bytes_sub(name, 0, 1);
	if (bytes_is(name, "szlig"))
		return bytes_str("ss");
	if (bytes_is(name, "thorn") || bytes_is(name, "THORN"))
		return bytes_str("th");
	if (bytes_is(name, "eth") || bytes_is(name, "ETH"))
		return bytes_str("d");
	return bytes_is(bytes_from(name, 2), "lig") ? bytes_sub(name, 0, 2) :
	    bytes_of(NULL, 0);		/* aelig, oelig */
}

static void
put_entity(struct buf *b, struct bytes name)
{
	struct bytes stands = letters(name);

	if (name.len > 0 && name.p[0] == '#')
		put_code(b, number(name));
	else if (stands.len > 0)
		buf_add(b, stands);
	else
		buf_u8(b, ' ');
}

/* The text of XHTML: tags are gaps, entities what they stand for. */
static struct bytes
plain_text(struct arena *a, struct bytes t)
{
	struct buf b = buf_on(a, t.len + 1);	/* never longer */
	struct bytes out = { NULL, 0 }, name, rest;
	size_t i = 0, from;

	while (i < t.len) {
		if (t.p[i] == '<') {
			buf_u8(&b, ' ');
			i = skip_tag(t, i);
		} else if (t.p[i] == '&' && bytes_cut(bytes_sub(t, i + 1, 10),
		    ';', &name, &rest)) {
			put_entity(&b, name);
			i += name.len + 2;
		} else {
			for (from = i++; i < t.len && t.p[i] != '<' &&
			    t.p[i] != '&'; i++)
				continue;
			buf_add(&b, bytes_sub(t, from, i - from));
		}
	}
	(void)!buf_end(&b, &out);
	return out;
}

/* --- content ------------------------------------------------------------- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Something a person would read? */
static bool
is_prose(struct bytes t)
{
	size_t i, n = t.len < LONG_RUN ? t.len : LONG_RUN;

	if (t.len >= 10 && is_digit(t.p[0]) && is_digit(t.p[3]) &&
	    t.p[4] == '-' && is_digit(t.p[5]) && t.p[7] == '-' &&
	    is_digit(t.p[8]))
		return false;		/* a date */
	if (bytes_starts(t, bytes_str("urn:")))
		return false;
	for (i = 0; i < n; i++) {
		if (t.p[i] <= ' ' || t.p[i] >= 0x80)
			return true;
		if (t.p[i] == ':' && bytes_starts(bytes_from(t, i),
		    bytes_str("://")))
			return false;
	}
	return t.len < LONG_RUN;
}

/* Members whose strings are no content, wherever they stand. */
static bool
is_silent(const char *name)
{
	static const char *const silent[] = { "resourceType", "id", "meta",
	    "reference", "div" };
	size_t i;

	for (i = 0; i < N_ELEM(silent); i++)
		if (strcmp(name, silent[i]) == 0)
			return true;
	return false;
}

static void
content(struct words *ws, const json_t *at, unsigned depth)
{
	const char *name;
	json_t *v;
	size_t i;

	if (depth == DEPTH_MAX)
		return;
	if (json_is_string(at)) {
		if (!json_is_num(at) && is_prose(json_text(at)))
			add_words(ws, json_text(at));
		return;
	}
	json_array_foreach(at, i, v)
		content(ws, v, depth + 1);
	json_object_foreach((json_t *)(uintptr_t)at, name, v)
		if (!is_silent(name))
			content(ws, v, depth + 1);
}

/* --- texts of tokens ----------------------------------------------------- */

static void
add_text(struct walk *w, struct bytes text)
{
	struct bytes folded;

	if (text.len > 0 && text_fold(w->arena, text, &folded) == OK &&
	    folded.len > 0) {
		struct value *v = walk_add(w);

		v->kind = PK_STRING;
		v->more = folded;
	}
}

static void
concept_texts(struct walk *w, const json_t *at)
{
	const json_t *codings = json_object_get(at, "coding");
	size_t i;

	add_text(w, walk_text(at, "text"));
	for (i = 0; i < json_array_size(codings); i++)
		add_text(w, walk_text(json_array_get(codings, i), "display"));
}

static void
token_texts(void *arg, const json_t *at)
{
	struct walk *w = arg;

	if (w->path->dt == DT_CODEABLECONCEPT)
		concept_texts(w, at);
	else if (w->path->dt == DT_CODING)
		add_text(w, walk_text(at, "display"));
	else if (w->path->dt == DT_IDENTIFIER)
		add_text(w, walk_text(json_object_get(at, "type"), "text"));
}

static void
param_texts(struct walk *w, const struct def_param *p, const json_t *tree)
{
	size_t from = w->n, i;

	if (p->kind != PK_TOKEN)
		return;
	w->param = p;
	for (i = 0; i < p->n_path; i++) {
		w->path = &def_paths(p)[i];
		walk_path(tree, def_steps(w->path), w->path->n_step,
		    token_texts, w);
		if (p->first_only && w->n > from)
			break;
	}
	walk_once(w, from);
}

/* --- all of it, sorted by parameter -------------------------------------- */

static int
cmp_param(const void *a, const void *b)
{
	const struct value *x = a, *y = b;
	int c = (x->param > y->param) - (x->param < y->param);

	if (c == 0)
		c = bytes_cmp(x->more, y->more);
	return c != 0 ? c : bytes_cmp(x->text, y->text);
}

static struct values
sorted(struct walk *w)
{
	if (w->n > 1)
		qsort(w->v, w->n, sizeof(*w->v), cmp_param);
	return (struct values){ .v = w->v, .n = w->n };
}

static void
all_texts(struct walk *w, uint16_t type, const json_t *tree)
{
	const struct def_param *p;
	size_t i, n;

	param_texts(w, def_param_num(PARAM_TAG), tree);
	param_texts(w, def_param_num(PARAM_SECURITY), tree);
	p = def_params(type, &n);
	for (i = 0; i < n; i++)
		param_texts(w, &p[i], tree);
}

static void
word_value(struct walk *w, struct bytes word)
{
	struct value *v = walk_add(w);

	v->kind = PK_STRING;
	v->more = word;
}

static void
word_values(struct walk *w, uint16_t param, struct words *ws)
{
	size_t i;

	close_words(ws);
	w->param = def_param_num(param);
	if (ws->full)
		word_value(w, bytes_of(NULL, 0));
	for (i = 0; i < ws->n; i++)
		word_value(w, ws->w[i]);
}

/* Texts of tokens have been found: they are content, prose or not. */
static void
all_words(struct walk *w, const json_t *tree)
{
	const json_t *text = json_object_get(tree, "text");
	struct words ws = { .arena = w->arena };
	struct words narrative;
	size_t i, n = w->n;

	add_words(&ws, plain_text(w->arena, walk_text(text, "div")));
	sort_words(&ws);
	narrative = ws;
	ws.cap = ws.n;		/* grows beside it */
	for (i = 0; i < n; i++)
		add_words(&ws, w->v[i].more);
	content(&ws, tree, 0);
	word_values(w, PARAM_TEXT, &narrative);
	word_values(w, PARAM_CONTENT, &ws);
}

/* --- contained ----------------------------------------------------------- */

static int
cmp_contained(const void *a, const void *b)
{
	const struct contained_values *x = a, *y = b;

	return bytes_cmp(x->id, y->id);
}

const struct contained_values *
contained_find(const struct contained_values *list, size_t n,
    struct bytes id)
{
	struct contained_values one = { .id = id };

	return n == 0 ? NULL : bsearch(&one, list, n, sizeof(*list),
	    cmp_contained);
}

/* A contained resource, and the tree it is made of. */
struct inner {
	struct contained_values	 v;	/* first: cmp_contained */
	const json_t		*tree;
};

static struct inner *
inner_all(struct arena *a, const json_t *tree, size_t *n_out)
{
	const json_t *list = json_object_get(tree, "contained"), *one;
	struct inner *in = arena_array(a, json_array_size(list), sizeof(*in));
	const struct def_type *type;
	size_t i, n = 0;

	for (i = 0; i < json_array_size(list); i++) {
		one = json_array_get(list, i);
		type = def_type(walk_text(one, "resourceType"));
		if (type != NULL)
			in[n++] = (struct inner){ { .type = type->num,
			    .id = walk_text(one, "id") }, one };
	}
	if (n > 1)
		qsort(in, n, sizeof(*in), cmp_contained);
	*n_out = n;
	return in;
}

static enum err
contained(struct arena *a, const struct extract *x, const json_t *tree,
    struct extra *out)
{
	struct issues is = issues_on(a);
	struct inner *in;
	struct walk w;
	size_t i, n;
	enum err e = OK;

	in = inner_all(a, tree, &n);
	out->contained = arena_array(a, n, sizeof(*out->contained));
	out->n_contained = n;
	for (i = 0; i < n; i++)
		out->contained[i] = in[i].v;
	for (i = 0; e == OK && i < n; i++) {
		w = (struct walk){ .arena = a, .x = x, .is = &is,
		    .inside = out->contained, .n_inside = n };
		e = walk_values(&w, in[i].v.type, in[i].tree,
		    &out->contained[i].values);
		w = (struct walk){ .arena = a, .x = x, .is = &is };
		all_texts(&w, in[i].v.type, in[i].tree);
		out->contained[i].text = sorted(&w);
	}
	return e;
}

/* --- links --------------------------------------------------------------- */

/* What a List holds now: an item marked as deleted is there to say so. */
static void
list_items(struct walk *w, const json_t *tree)
{
	const json_t *entries = json_object_get(tree, "entry"), *entry;
	size_t i, from = w->n;
	struct value *v;
	struct ref r;

	w->param = def_param_num(PARAM_LIST);
	for (i = 0; i < json_array_size(entries); i++) {
		entry = json_array_get(entries, i);
		if (json_is_true(json_object_get(entry, "deleted")) ||
		    prim_ref(walk_text(json_object_get(entry, "item"),
		    "reference"), w->x->urls, false, &r) != OK ||
		    r.kind != REF_LOCAL || r.type == 0)
			continue;
		v = walk_add(w);
		v->kind = PK_REFERENCE;
		v->type = r.type;
		v->text = r.id;
	}
	walk_once(w, from);
}

static enum err
links(struct arena *a, const struct extract *x, uint16_t type,
    const json_t *tree, struct extra *out)
{
	struct issues is = issues_on(a);
	struct walk w = { .arena = a, .x = x, .is = &is,
	    .inside = out->contained, .n_inside = out->n_contained,
	    .only_inside = true };
	enum err e = OK;

	if (out->n_contained > 0)
		e = walk_values(&w, type, tree, &out->link);
	if (e == OK && strcmp(def_type_num(type)->name, "List") == 0)
		list_items(&w, tree);
	out->link = sorted(&w);
	return e;
}

enum err
extract_extra(struct arena *a, const struct extract *x, uint16_t type,
    const json_t *tree, struct extra *out)
{
	struct walk w = { .arena = a, .x = x };
	struct extra extra = { .n_contained = 0 };
	enum err e;

	if (type == 0 || def_type_num(type) == NULL || !json_is_object(tree))
		return ERR_BUG;
	all_texts(&w, type, tree);
	all_words(&w, tree);
	extra.text = sorted(&w);
	e = contained(a, x, tree, &extra);
	if (e == OK)
		e = links(a, x, type, tree, &extra);
	if (e == OK)
		*out = extra;
	return e;
}
