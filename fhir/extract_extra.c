/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_extra.c -- words, texts of codes, and what is contained.  (L1)
 *
 * Words come from two places: the narrative, and every other string a person
 * would read (extract_words.c).
 *
 * Spec: DSTU2 search.html#text, #content, #token (:text), #contained, #list.
 */
#include <stdlib.h>

#include "base/text.h"
#include "fhir/extract_conv.h"
#include "fhir/extract_words.h"

/* --- texts of tokens ----------------------------------------------------- */

/* Texts, and where they are words, too: NULL for a contained resource. */
struct texts {
	struct walk	 w;
	struct words	*words;
};

/* words_content meets the prose of all but meta by itself: no word twice. */
static bool
is_more(const struct walk *w, struct bytes text)
{
	return w->param->type == 0 || !words_prose(text);
}

static void
add_text(struct texts *t, struct bytes text)
{
	struct bytes folded;
	struct value *v;

	if (text.len == 0 || text_fold(t->w.arena, text, &folded) != OK ||
	    folded.len == 0)
		return;
	v = walk_add(&t->w);
	v->kind = PK_STRING;
	v->more = folded;
	if (t->words != NULL && is_more(&t->w, text))
		words_add(t->words, folded);
}

static void
concept_texts(struct texts *t, const json_t *at)
{
	const json_t *codings = json_object_get(at, "coding");
	size_t i;

	add_text(t, walk_text(at, "text"));
	for (i = 0; i < json_array_size(codings); i++)
		add_text(t, walk_text(json_array_get(codings, i), "display"));
}

static void
token_texts(void *arg, const json_t *at)
{
	struct texts *t = arg;
	enum def_dt dt = t->w.path->dt;

	if (dt == DT_CODEABLECONCEPT)
		concept_texts(t, at);
	else if (dt == DT_CODING)
		add_text(t, walk_text(at, "display"));
	else if (dt == DT_IDENTIFIER)
		add_text(t, walk_text(json_object_get(at, "type"), "text"));
}

static void
param_texts(struct texts *t, const struct def_param *p, const json_t *tree)
{
	struct walk *w = &t->w;
	size_t from = w->n, i;

	if (p->kind != PK_TOKEN)
		return;
	w->param = p;
	for (i = 0; i < p->n_path; i++) {
		w->path = &def_paths(p)[i];
		walk_path(tree, def_steps(w->path), w->path->n_step,
		    token_texts, t);
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

static struct values
all_texts(struct texts *t, uint16_t type, const json_t *tree)
{
	const struct def_param *p;
	size_t i, n;

	param_texts(t, def_param_num(PARAM_TAG), tree);
	param_texts(t, def_param_num(PARAM_SECURITY), tree);
	p = def_params(type, &n);
	for (i = 0; i < n; i++)
		param_texts(t, &p[i], tree);
	return sorted(&t->w);
}

static void
narrative(struct words *ws, const json_t *tree)
{
	struct bytes plain = words_plain(ws->arena,
	    walk_text(json_object_get(tree, "text"), "div"));

	ws->narrative = true;
	if (text_fold(ws->arena, plain, &plain) == OK)
		words_add(ws, plain);
	words_narrated(ws);
}

/* Texts of tokens are content, prose or not. */
static void
texts_and_words(struct arena *a, const struct extract *x, uint16_t type,
    const json_t *tree, struct extra *out)
{
	struct words ws = { .arena = a };
	struct texts t = { .w = { .arena = a, .x = x }, .words = &ws };

	narrative(&ws, tree);
	out->text = all_texts(&t, type, tree);
	words_content(&ws, tree, 0);
	words_end(&ws);
	out->word = ws.w;
	out->n_word = ws.n;
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
	struct texts t;
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
		t = (struct texts){ .w = { .arena = a, .x = x } };
		out->contained[i].text = all_texts(&t, in[i].v.type,
		    in[i].tree);
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
	struct extra extra = { .n_contained = 0 };
	enum err e;

	if (type == 0 || def_type_num(type) == NULL || !json_is_object(tree))
		return ERR_BUG;
	texts_and_words(a, x, type, tree, &extra);
	e = contained(a, x, tree, &extra);
	if (e == OK)
		e = links(a, x, type, tree, &extra);
	if (e == OK)
		*out = extra;
	return e;
}
