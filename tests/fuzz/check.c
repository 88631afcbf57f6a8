/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c -- fuzz target: the base validation of any resource that parses.
 *
 * Says the same twice; with less room the same, but less; and each fault has
 * a severity, a code, a key and a place in the resource.
 */
#include <stdlib.h>

#include "fhir/check.h"
#include "fhir/def.h"
#include "fhir/json.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits check_limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 20000
};

static bool
alike(const struct issue *a, const struct issue *b)
{
	return a->severity == b->severity && a->code == b->code &&
	    a->err == b->err && strcmp(a->rule, b->rule) == 0 &&
	    strcmp(a->place, b->place) == 0 && strcmp(a->text, b->text) == 0;
}

static void
sound(const struct issues *is, const struct json_doc *doc, enum err e)
{
	const char	*type = def_type_num(doc->type)->name;
	bool		 error = false;

	for (const struct issue *i = is->first; i != NULL; i = i->next) {
		if (i->severity == SEV_INFO && i == is->last)
			continue;
		if (i->code == NULL || i->rule == NULL || i->place == NULL ||
		    i->text == NULL || *i->text == '\0' ||
		    strncmp(i->place, type, strlen(type)) != 0)
			abort();
		error |= i->severity == SEV_ERROR;
	}
	if (error != (e != OK))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_urls	 urls = { .base = bytes_str("https://h/f") };
	struct check		 how = { .urls = &urls, .mode = CHECK_UPDATE };
	struct arena		*a = arena_new(0);
	struct issues		 is = issues_on(a), all = issues_on(a),
				 few = issues_on(a);
	struct json_doc		 doc;
	const struct issue	*i, *j;
	enum err		 e;

	if (json_doc(a, bytes_of(data, size), bytes_of(NULL, 0),
	    &check_limits, &is, &doc) == OK) {
		e = check_resource(a, &how, doc.type, doc.tree, &all);
		sound(&all, &doc, e);
		how.max = 2;
		e = check_resource(a, &how, doc.type, doc.tree, &few);
		sound(&few, &doc, e);
		if (few.n != (all.n < 2 ? all.n : 3))
			abort();
		for (i = all.first, j = few.first; j != NULL &&
		    j->severity != SEV_INFO; i = i->next, j = j->next)
			if (i == NULL || !alike(i, j))
				abort();
	}
	arena_free(&a);
	return 0;
}
