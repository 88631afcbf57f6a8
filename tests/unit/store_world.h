/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_world.h -- a store in a temporary folder, for tests of reading.
 *
 * Resources come in as JSON, through the same doors a load uses.  What went
 * in is remembered as values and owners, so that a test can say by itself
 * what a search ought to find.
 */
#ifndef TESTS_UNIT_STORE_WORLD_H
#define TESTS_UNIT_STORE_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/record.h"
#include "store/store.h"

#include "tests/unit/unit.h"

#define WORLD_MAX	1536		/* resources */
#define WORLD_BATCH	32		/* changes of one transaction */
#define WORLD_NOW	INT64_C(1767225600000)	/* 2026-01-01T00:00:00Z */

/* What went in, as it stands now. */
struct known {
	uint16_t	 type;
	struct bytes	 id;
	struct values	 values;
	struct extra	 extra;
	struct values	 words;		/* each for _text, for _content */
	struct owners	 owners;
	uint64_t	 rid;		/* world_learn */
	struct instant	 updated;	/* world_learn */
	bool		 live;
};

struct world {
	struct arena	*arena;		/* as long as the world */
	char		 dir[64];
	struct conf	*conf;
	struct store	*store;
	int64_t		 now;		/* clock of the next batch */
	struct known	 known[WORLD_MAX];
	size_t		 n;
	struct change	 batch[WORLD_BATCH];
	size_t		 n_batch;
};

static const struct base_urls	world_urls = {
	.base = { (const uint8_t *)"https://h/fhir", 14 }
};

UNUSED static uint16_t
type_num(const char *name)
{
	return def_type(bytes_str(name))->num;
}

UNUSED static struct world *
world_new(void)
{
	const uint8_t seed[32] = "a page key of exactly 32 bytes.";
	struct arena *a = arena_new(0);
	struct world *w = arena_alloc(a, sizeof(*w));
	const char *why = "", *text;

	w->arena = a;
	w->now = WORLD_NOW;
	snprintf(w->dir, sizeof(w->dir), "/tmp/store-world-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	text = arena_printf(a, "base-url = https://h/fhir\n"
	    "data-dir = %s\nmap-bytes = 67108864\n", w->dir);
	if (conf_parse(a, "test", w->dir, bytes_str(text), &w->conf,
	    &why) != OK || store_create(w->conf, seed, a, &why) != OK ||
	    store_open(a, w->conf, STORE_WRITE, &w->store, &why) != OK)
		fail_msg("%s", why);
	return w;
}

UNUSED static void
world_free(struct world *w)
{
	struct arena *a = w->arena;
	char dir[64], path[128];

	memcpy(dir, w->dir, sizeof(dir));
	arena_free(&a);
	snprintf(path, sizeof(path), "%s/store/data.mdb", dir);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/store/lock.mdb", dir);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/store", dir);
	(void)rmdir(path);
	(void)rmdir(dir);
}

/* Commit what waits; a second later by the clock. */
UNUSED static void
world_commit(struct world *w)
{
	struct change_result result[WORLD_BATCH];
	struct arena *a = arena_new(0);

	if (w->n_batch > 0)
		assert_int_equal(store_apply(w->store, a, NULL, w->batch,
		    w->n_batch, (struct instant){ w->now }, result), OK);
	w->n_batch = 0;
	w->now += 1000;
	arena_free(&a);
}

UNUSED static struct known *
world_known(struct world *w, uint16_t type, struct bytes id)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->known[i].type == type &&
		    bytes_eq(w->known[i].id, id))
			return &w->known[i];
	return NULL;
}

static void
world_change(struct world *w, struct change c)
{
	if (w->n_batch == WORLD_BATCH)
		world_commit(w);
	w->batch[w->n_batch++] = c;
}

/* Put a resource with an id; it is there after world_commit. */
/* As values, so that one question is asked in one way. */
static struct values
world_words(struct arena *a, const struct extra *x)
{
	struct values v = { .v = arena_array(a, 2 * x->n_word + 1,
	    sizeof(*v.v)) };
	struct value one = { .kind = PK_STRING, .param = PARAM_CONTENT };
	size_t i;

	for (i = 0; i < x->n_word; i++) {
		one.more = x->word[i].text;
		v.v[v.n++] = one;
	}
	one.param = PARAM_TEXT;
	for (i = 0; i < x->n_word; i++) {
		one.more = x->word[i].text;
		if (x->word[i].narrative)
			v.v[v.n++] = one;
	}
	return v;
}

UNUSED static void
world_put(struct world *w, const char *json)
{
	const struct json_limits lim = { 1 << 20, 64, 10000 };
	const struct extract x = { .urls = &world_urls };
	struct issues is = issues_on(w->arena);
	struct json_doc *doc = arena_alloc(w->arena, sizeof(*doc));
	struct known *k;
	struct values *v;
	struct owners *o;
	struct extra *extra;

	if (json_doc(w->arena, arena_copy(w->arena, bytes_str(json)),
	    bytes_of(NULL, 0), &lim, &is, doc) != OK)
		fail_msg("%s: %s", is.first->text, json);
	k = world_known(w, doc->type, doc->id);
	if (k == NULL) {
		assert_true(w->n < WORLD_MAX);
		k = &w->known[w->n++];
	}
	*k = (struct known){ .type = doc->type, .id = doc->id,
	    .live = true };
	assert_int_equal(extract_values(w->arena, &x, k->type, doc->tree,
	    &is, &k->values), OK);
	assert_int_equal(extract_extra(w->arena, &x, k->type, doc->tree,
	    &k->extra), OK);
	k->words = world_words(w->arena, &k->extra);
	assert_int_equal(extract_owners(w->arena, &x, k->type, k->id,
	    doc->tree, &k->owners), OK);
	v = arena_alloc(w->arena, sizeof(*v));
	o = arena_alloc(w->arena, sizeof(*o));
	*v = k->values;
	*o = k->owners;
	extra = arena_alloc(w->arena, sizeof(*extra));
	*extra = k->extra;
	world_change(w, (struct change){ .kind = CHANGE_PUT,
	    .type = k->type, .id = k->id, .doc = doc, .values = v,
	    .extra = extra, .owners = o });
}

UNUSED static void
world_delete(struct world *w, const char *type, const char *id)
{
	struct known *k = world_known(w, type_num(type), bytes_str(id));

	assert_non_null(k);
	k->live = false;
	world_change(w, (struct change){ .kind = CHANGE_DELETE,
	    .type = k->type, .id = k->id });
}

UNUSED static struct snapshot *
world_begin(struct world *w, struct arena *a)
{
	struct snapshot *t = NULL;

	assert_int_equal(store_begin(w->store, a, &t), OK);
	return t;
}

/* --- views --------------------------------------------------------------- */

/* "Observation Patient", or "*" */
UNUSED static struct typeset
types_of(const char *names)
{
	struct bytes rest = bytes_str(names), name;
	struct typeset s = { { 0, 0 } };
	uint16_t type;
	bool more = true;

	if (strcmp(names, "*") == 0)
		for (type = 1; type <= DEF_TYPES; type++)
			typeset_add(&s, type);
	while (strcmp(names, "*") != 0 && more) {
		more = bytes_cut(rest, ' ', &name, &rest);
		typeset_add(&s, def_type(name)->num);
	}
	return s;
}

/* Reading and searching types; patients "pA pB", or NULL for all. */
UNUSED static struct view *
view_new(struct arena *a, const char *types, const char *patients)
{
	struct view *v = arena_alloc(a, sizeof(*v));
	struct bytes rest = bytes_str(patients);
	bool more = patients != NULL;

	v->n_rule = 1;
	v->rule = arena_array(a, 4, sizeof(*v->rule));
	v->rule[0] = (struct view_rule){ .types = types_of(types),
	    .ops = VIEW_READ | VIEW_SEARCH,
	    .reach = patients == NULL ? REACH_ALL : REACH_PATIENTS };
	v->patient = arena_array(a, 8, sizeof(*v->patient));
	while (more)
		more = bytes_cut(rest, ' ', &v->patient[v->n_patient++],
		    &rest);
	memcpy(v->digest, "digest of a view", 16);
	if (v->n_patient > 0)
		v->digest[0] ^= v->patient[0].p[v->patient[0].len - 1];
	return v;
}

/* As view_new, and besides all of the types in all. */
UNUSED static struct view *
view_mixed(struct arena *a, const char *types, const char *patients,
    const char *all)
{
	struct view *v = view_new(a, types, patients);

	if (all != NULL)
		v->rule[v->n_rule++] = (struct view_rule){
		    .types = types_of(all), .ops = VIEW_READ | VIEW_SEARCH,
		    .reach = REACH_ALL };
	return v;
}

/* Ask the store what only it knows: rids and times. */
UNUSED static void
world_learn(struct world *w)
{
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(w, a);
	struct view *v = view_new(a, "*", NULL);
	struct resource r;
	struct id_val id;
	struct known *k;

	for (k = w->known; k < w->known + w->n; k++) {
		assert_int_equal(raw_id(t, k->type, k->id, &id), OK);
		k->rid = id.rid;
		if (k->live) {
			assert_int_equal(store_read(t, v, k->type, k->id,
			    &r), OK);
			k->updated = r.updated;
		}
	}
	arena_free(&a);
}

/* --- searches ------------------------------------------------------------ */

UNUSED static enum err
world_query(struct arena *a, const char *type, const char *text,
    struct issues *is, struct query *q)
{
	static const struct query_limits limits = { .params = 100,
	    .values = 200, .depth = 4 };
	struct pair *pairs;
	size_t n;
	enum err e;

	*is = issues_on(a);
	e = query_pairs(a, bytes_str(text), limits.params, is, &pairs, &n);
	return e != OK ? e : query_parse(a, type_num(type), pairs, n,
	    &world_urls, (struct instant){ WORLD_NOW }, &limits, is, q);
}

UNUSED static struct page_ask
ask_new(uint64_t count)
{
	return (struct page_ask){ .count = count, .max_rows = 100000,
	    .max_include = 1000, .max_bytes = 1 << 20,
	    .now = { WORLD_NOW }, .lifetime_ms = 60000,
	    .nonce = { 1, 2, 3 } };
}

/* A search that must be well-formed, and a page of it that must come. */
UNUSED static struct query
query(struct arena *a, const char *type, const char *text)
{
	struct issues is;
	struct query q;

	if (world_query(a, type, text, &is, &q) != OK)
		fail_msg("%s?%s: %s", type, text, is.first->text);
	return q;
}

UNUSED static struct page
search(struct snapshot *t, struct arena *a, const struct view *v,
    const struct query *q, const struct page_ask *ask)
{
	struct issues is = issues_on(a);
	struct page p = { .total = 0 };
	enum err e;

	e = store_search(t, a, v, q, ask, &is, &p);
	if (e != OK)
		fail_msg("%s: %.*s", err_name(e), BYTES_FMT(q->self));
	return p;
}

#endif
