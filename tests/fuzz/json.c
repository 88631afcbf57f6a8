/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c -- fuzz target: a client's text through the whole of fhir/.
 *
 * What json_doc takes Jansson takes, too, and reads the same; it is taken
 * again, trimmed, stored, pretty and cut down; the extractor survives every
 * tree.
 */
#include <stdlib.h>

#include "fhir/extract.h"
#include "fhir/json.h"
#include "fhir/summary.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 20000
};

/* text is taken and trims to expect; its document, or abort. */
static struct json_doc
must(struct arena *a, struct bytes text, struct bytes expect)
{
	struct issues is = issues_on(a);
	struct json_doc doc;

	if (json_doc(a, text, bytes_of(NULL, 0), &limits, &is, &doc) != OK ||
	    !bytes_eq(doc.text, expect))
		abort();
	return doc;
}

/* Jansson's own reading, numbers apart, whose digits it changes. */
static bool
same(const json_t *ours, const json_t *theirs)
{
	const json_t *v;
	void *it;
	size_t i;

	if (json_is_number(theirs))
		return json_is_num(ours);
	if (json_typeof(ours) != json_typeof(theirs))
		return false;
	if (json_is_string(ours))
		return json_equal(ours, theirs);
	for (i = 0; i < json_array_size(theirs); i++)
		if (i >= json_array_size(ours) || !same(json_array_get(ours,
		    i), json_array_get(theirs, i)))
			return false;
	it = json_object_iter((json_t *)theirs);
	for (; it != NULL; it = json_object_iter_next((json_t *)theirs, it)) {
		v = json_object_get(ours, json_object_iter_key(it));
		if (v == NULL || !same(v, json_object_iter_value(it)))
			return false;
	}
	return json_array_size(ours) == json_array_size(theirs) &&
	    json_object_size(ours) == json_object_size(theirs);
}

static void
agree(const struct json_doc *doc)
{
	json_t *theirs = json_loadb((const char *)doc->text.p,
	    doc->text.len, JSON_REJECT_DUPLICATES, NULL);

	if (theirs == NULL || !same(doc->tree, theirs))
		abort();
	json_decref(theirs);
}

static void
use(struct arena *a, const struct json_doc *doc, struct issues *is)
{
	struct base_urls urls = { .base = bytes_str("https://h/fhir") };
	struct extract x = { .urls = &urls };
	struct values values;
	struct owners owners;
	size_t i;

	if (extract_values(a, &x, doc->type, doc->tree, is, &values) != OK ||
	    extract_owners(a, &x, doc->type, doc->id, doc->tree,
	    &owners) != OK)
		abort();
	for (i = 1; i < values.n; i++)
		if (values.v[i - 1].param > values.v[i].param)
			abort();
}

/* What _summary leaves is a resource still, and the same one. */
static void
cut(struct arena *a, const struct json_doc *doc, struct bytes stored)
{
	static const enum summary modes[] = { SUMMARY_TRUE, SUMMARY_TEXT,
	    SUMMARY_DATA };
	struct json_doc less;
	struct bytes text;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		text = summary_cut(a, doc->type, stored, modes[i]);
		less = must(a, text, text);
		if (less.type != doc->type || !bytes_eq(less.id, doc->id))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct issues is = issues_on(a);
	struct json_doc doc, again;
	struct bytes stored;

	if (json_doc(a, bytes_of(data, size), bytes_of(NULL, 0), &limits,
	    &is, &doc) == OK) {
		agree(&doc);
		use(a, &doc, &is);
		must(a, doc.text, doc.text);
		must(a, json_pretty(a, doc.text, SIZE_MAX), doc.text);
		stored = json_final(a, doc.head, doc.tail, 1,
		    (struct instant){ 0 });
		again = must(a, stored, stored);
		if (again.type != doc.type || !bytes_eq(again.id, doc.id) ||
		    !bytes_eq(again.head, doc.head) ||
		    !bytes_eq(again.tail, doc.tail))
			abort();
		cut(a, &doc, stored);
	} else if (is.n == 0) {
		abort();	/* a refusal says why */
	}
	arena_free(&a);
	return 0;
}
