/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/conformance.h"

#include <jansson.h>

#include "tests/unit/fhir_query.h"

#define OAUTH	"http://fhir-registry.smarthealthit.org/"		      \
		"StructureDefinition/oauth-uris"

static struct conformance_type	all[DEF_TYPES];

static struct conformance
usual(void)
{
	size_t	i;

	for (i = 0; i < DEF_TYPES; i++)
		all[i] = (struct conformance_type){ (uint16_t)(i + 1),
		    CONF_READ | CONF_VREAD | CONF_HISTORY | CONF_SEARCH };
	return (struct conformance){
		.base = bytes_str("http://h/fhir"), .date = "2026-01-05",
		.description = "A \"test\"", .type = all, .n_type = DEF_TYPES
	};
}

static void
drop(void *tree)
{
	json_decref(tree);
}

static json_t *
tree(struct arena *a, const struct conformance *c)
{
	struct buf	 b = buf_on(a, 4u << 20);
	struct bytes	 text;
	json_error_t	 why;
	json_t		*t;

	conformance_json(c, &b);
	assert_int_equal(buf_end(&b, &text), OK);
	t = json_loadb((const char *)text.p, text.len,
	    JSON_REJECT_DUPLICATES, &why);
	if (t == NULL)
		fail_msg("byte %d: %s", why.position, why.text);
	arena_defer(a, drop, t);
	return t;
}

static const char *
str(json_t *o, const char *name)
{
	const char	*s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static json_t *
rest(json_t *t)
{
	assert_int_equal(json_array_size(json_object_get(t, "rest")), 1);
	return json_array_get(json_object_get(t, "rest"), 0);
}

static json_t *
resource(json_t *t, const char *type)
{
	json_t	*list = json_object_get(rest(t), "resource");
	size_t	 i;

	for (i = 0; i < json_array_size(list); i++)
		if (strcmp(str(json_array_get(list, i), "type"), type) == 0)
			return json_array_get(list, i);
	return NULL;
}

/* The member of a list of objects whose key has this value. */
static json_t *
member(json_t *list, const char *key, const char *value)
{
	size_t	i;

	for (i = 0; i < json_array_size(list); i++)
		if (strcmp(str(json_array_get(list, i), key), value) == 0)
			return json_array_get(list, i);
	return NULL;
}

/* Elements of DSTU2 with a minimum of 1, and what Argonaut and we promise. */
static void
mandatory_elements(void **state)
{
	struct conformance	 c = usual();
	json_t			*t = tree(*state, &c), *list;
	size_t			 i;

	assert_string_equal(str(t, "resourceType"), "Conformance");
	assert_string_equal(str(t, "date"), "2026-01-05");
	assert_string_equal(str(t, "kind"), "instance");
	assert_string_equal(str(t, "fhirVersion"), "1.0.2");
	assert_string_equal(str(t, "acceptUnknown"), "no");
	assert_string_equal(str(json_object_get(t, "implementation"),
	    "description"), "A \"test\"");
	assert_string_equal(str(json_object_get(t, "implementation"), "url"),
	    "http://h/fhir");
	assert_int_equal(json_array_size(json_object_get(t, "format")), 3);
	assert_int_equal(json_array_size(json_object_get(t, "profile")), 17);
	assert_string_equal(str(rest(t), "mode"), "server");
	list = json_object_get(rest(t), "resource");
	assert_int_equal(json_array_size(list), DEF_TYPES);
	for (i = 0; i < DEF_TYPES; i++) {
		json_t	*r = json_array_get(list, i);

		assert_true(json_array_size(json_object_get(r,
		    "interaction")) >= 1);
		assert_string_equal(str(r, "versioning"), "versioned");
		assert_true(json_is_true(json_object_get(r, "readHistory")));
	}
}

static void
no_empty(const json_t *v)
{
	const char	*key;
	json_t		*child;
	size_t		 i;

	assert_false(json_is_null(v));
	if (json_is_object(v)) {
		assert_int_not_equal(json_object_size(v), 0);
		json_object_foreach((json_t *)(uintptr_t)v, key, child)
			no_empty(child);
	} else if (json_is_array(v)) {
		assert_int_not_equal(json_array_size(v), 0);
		json_array_foreach(v, i, child)
			no_empty(child);
	} else if (json_is_string(v))
		assert_int_not_equal(json_string_length(v), 0);
}

/* Interop 26: even a server that can do nothing writes no empty list. */
static void
nothing_is_empty(void **state)
{
	struct conformance	c = usual();

	no_empty(tree(*state, &c));
	c.n_type = 0;
	no_empty(tree(*state, &c));
}

/* Interop 21: what is not offered is not listed. */
static void
only_what_is_offered(void **state)
{
	const struct conformance_type	some[] = {
		{ def_type(bytes_str("Binary"))->num, CONF_READ },
		{ def_type(bytes_str("Patient"))->num,
		    CONF_READ | CONF_SEARCH },
		{ def_type(bytes_str("Goal"))->num, 0 }
	};
	struct conformance	 c = usual();
	json_t			*t, *list;

	c.type = some;
	c.n_type = N_ELEM(some);
	t = tree(*state, &c);
	assert_null(resource(t, "Goal"));
	list = json_object_get(resource(t, "Patient"), "interaction");
	assert_int_equal(json_array_size(list), 2);
	assert_non_null(member(list, "code", "search-type"));
	assert_null(json_object_get(resource(t, "Binary"), "searchParam"));
	assert_true(json_is_false(json_object_get(resource(t, "Binary"),
	    "readHistory")));
}

/* Each listed parameter parses; each that parses is listed; each once. */
static void
parameters_are_those_of_the_parser(void **state)
{
	struct conformance	 c = usual();
	json_t			*t = tree(*state, &c);
	uint16_t		 num;
	size_t			 i;

	for (num = 1; num <= DEF_TYPES; num++) {
		const char *const	*code = def_param_codes(num);
		json_t	*list = json_object_get(resource(t,
			    def_type_num(num)->name), "searchParam");
		size_t	 n_ok = 0;

		for (i = 0; code[i] != NULL; i++) {
			const struct def_param	*p;
			json_t			*m;

			p = def_param(num, bytes_str(code[i]));
			m = member(list, "name", code[i]);
			assert_int_equal(m != NULL, query_param_ok(p));
			if (m == NULL)
				continue;
			n_ok++;
			assert_string_equal(str(m, "type"),
			    def_kind_name(p->kind));
		}
		/* and _filter and _has */
		assert_non_null(member(list, "name", "_filter"));
		assert_non_null(member(list, "name", "_has"));
		assert_int_equal(json_array_size(list), n_ok + 2);
	}
}

/* A23: what Argonaut asks for by name. */
static void
argonaut_parameters_are_there(void **state)
{
	static const char *const	want[][2] = {
		{ "CarePlan", "category" }, { "CarePlan", "status" },
		{ "Goal", "date" }, { "Patient", "race" },
		{ "Patient", "ethnicity" }, { "Observation", "code" },
		{ "Patient", "_id" }, { "Patient", "_lastUpdated" },
		{ "Patient", "_tag" }, { "Patient", "_text" },
		{ "Patient", "_content" }, { "Patient", "_list" },
		{ "Observation", "code-value-quantity" }
	};
	static const char *const	not[][2] = {
		{ "Observation", "code-value-[x]" },
		{ "Patient", "_query" }
	};
	struct conformance	 c = usual();
	json_t			*t = tree(*state, &c), *r;
	size_t			 i;

	for (i = 0; i < N_ELEM(want); i++)
		assert_non_null(member(json_object_get(resource(t,
		    want[i][0]), "searchParam"), "name", want[i][1]));
	for (i = 0; i < N_ELEM(not); i++)
		assert_null(member(json_object_get(resource(t, not[i][0]),
		    "searchParam"), "name", not[i][1]));
	r = json_object_get(resource(t, "MedicationOrder"), "searchInclude");
	for (i = 0; i < json_array_size(r); i++)
		if (strcmp(json_string_value(json_array_get(r, i)),
		    "MedicationOrder:medication") == 0)
			break;
	assert_true(i < json_array_size(r));
}

/* Interop 8, M01: the endpoints only where there is an issuer. */
static void
oauth_only_with_an_issuer(void **state)
{
	const struct conformance_oauth	o = {
		.authorize = bytes_str("https://i/authorize"),
		.token = bytes_str("https://i/token"),
		.revoke = bytes_str("https://i/revoke")
	};
	struct conformance	 c = usual();
	json_t			*s = json_object_get(rest(tree(*state, &c)),
				    "security"), *list;

	assert_null(json_object_get(s, "extension"));
	assert_true(json_is_true(json_object_get(s, "cors")));
	c.oauth = &o;
	s = json_object_get(rest(tree(*state, &c)), "security");
	list = json_object_get(s, "extension");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(str(json_array_get(list, 0), "url"), OAUTH);
	list = json_object_get(json_array_get(list, 0), "extension");
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(str(member(list, "url", "authorize"),
	    "valueUri"), "https://i/authorize");
	assert_string_equal(str(member(list, "url", "revoke"), "valueUri"),
	    "https://i/revoke");
	list = json_object_get(json_array_get(json_object_get(s, "service"),
	    0), "coding");
	assert_string_equal(str(json_array_get(list, 0), "code"),
	    "SMART-on-FHIR");
	assert_string_equal(str(json_array_get(list, 0), "system"),
	    "http://hl7.org/fhir/restful-security-service");
}

/* CNF-06: neither version nor anything of the host. */
static void
no_fingerprint(void **state)
{
	struct conformance	 c = usual();
	json_t			*t = tree(*state, &c);

	assert_null(json_object_get(t, "version"));
	assert_null(json_object_get(json_object_get(t, "software"),
	    "version"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(mandatory_elements), T(nothing_is_empty),
		T(only_what_is_offered),
		T(parameters_are_those_of_the_parser),
		T(argonaut_parameters_are_there),
		T(oauth_only_with_an_issuer), T(no_fingerprint)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
