/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_call.c -- invariants that no notation says well.  (L1)
 *
 * rules.tbl names them: "check full-urls".
 */
#include <stdlib.h>

#include "fhir/rule_part.h"

static const char	core[] = "http://hl7.org/fhir/StructureDefinition/";

static struct bytes
text(const json_t *obj, const char *name)
{
	return rule_value(json_object_get(obj, name));
}

/*
 * bdl-7.  Reading: no versionId is a version of its own, as the xpath has
 * it; entries without a resource are not compared.
 */
static bool
full_urls(const struct scope *s)
{
	const json_t	*list = json_object_get(s->v, "entry"), *entry, *r;
	size_t		 n = json_array_size(list), found = 0;
	struct key	*keys = arena_array(s->arena, n, sizeof(*keys));

	for (size_t i = 0; i < n; i++) {
		entry = json_array_get(list, i);
		r = json_object_get(entry, "resource");
		if (r == NULL || json_object_get(entry, "fullUrl") == NULL)
			continue;
		keys[found++] = (struct key){ entry, {
		    text(entry, "fullUrl"),
		    text(json_object_get(r, "meta"), "versionId") } };
	}
	return rule_keys_differ(keys, found);
}

/* The codings of a concept that have both system and code, as keys. */
static size_t
coding_keys(struct arena *a, const json_t *obj, struct key **out)
{
	const json_t	*list = json_object_get(json_object_get(obj, "code"),
			    "coding"), *one;
	size_t		 n = json_array_size(list), found = 0;

	*out = arena_array(a, n, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		struct key	k;

		one = json_array_get(list, i);
		k = (struct key){ obj, { text(one, "system"),
		    text(one, "code") } };
		if (k.part[0].len > 0 && k.part[1].len > 0)
			(*out)[found++] = k;
	}
	return found;
}

/*
 * obs-7.  Reading: codings without a code or a system are not compared, as
 * the xpath has it.
 */
static bool
component_codes(const struct scope *s)
{
	const json_t	*list = json_object_get(s->v, "component");
	struct key	*own, *k;
	size_t		 n, n_own;

	if (list == NULL)
		return true;
	n_own = coding_keys(s->arena, s->v, &own);
	if (n_own > 1)
		qsort(own, n_own, sizeof(*own), rule_key_compare);
	for (size_t i = 0; n_own > 0 && i < json_array_size(list); i++) {
		n = coding_keys(s->arena, json_array_get(list, i), &k);
		for (size_t j = 0; j < n; j++)
			if (bsearch(&k[j], own, n_own, sizeof(*own),
			    rule_key_compare) != NULL)
				return false;
	}
	return true;
}

/* sdf-7 */
static bool
core_url(const struct scope *s)
{
	struct bytes	url = text(s->v, "url");

	return bytes_starts(url, bytes_str(core)) &&
	    bytes_eq(bytes_from(url, sizeof(core) - 1), text(s->v, "id"));
}

/* sdf-8 */
static bool
paths_below_first(const json_t *part)
{
	const json_t	*list = json_object_get(part, "element");
	struct bytes	 first = text(json_array_get(list, 0), "path"), path;

	for (size_t i = 1; i < json_array_size(list); i++) {
		path = text(json_array_get(list, i), "path");
		if (!bytes_starts(path, first) || path.len <= first.len ||
		    path.p[first.len] != '.')
			return false;
	}
	return true;
}

static bool
element_paths(const struct scope *s)
{
	return paths_below_first(json_object_get(s->v, "snapshot")) &&
	    paths_below_first(json_object_get(s->v, "differential"));
}

/* Reading: what cannot be read as a date is said elsewhere. */
static bool
effective_day(const struct scope *s)
{
	const json_t	*v = json_object_get(s->v, "effectiveDateTime");

	return v == NULL || rule_value(v).len >= strlen("2000-01-01");
}

bool
rule_call(const struct scope *s, uint16_t call)
{
	static bool	(*const calls[])(const struct scope *s) = {
		full_urls, component_codes, core_url, element_paths,
		effective_day
	};

	return calls[call](s);
}
