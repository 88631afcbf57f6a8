/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a search asks of its result, and how strictly it is read: includes,
 * elements, all types, leniency, criteria of writes.
 */
#include "tests/unit/fhir_query.h"

static void
includes(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "_include=Patient:organization", ERR_VALUE,
		    "?_include", "neither searched" },
		{ "Observation", "_include=Patient:careprovider"
		    "&_include=Observation:subject", ERR_VALUE,
		    "?_include", ":recurse" },
		{ "Observation", "_include:recurse=Patient:careprovider"
		    "&_include=Observation:device", ERR_VALUE, NULL,
		    "neither searched" },
		{ "Observation", "_include=Observation:code", ERR_VALUE,
		    NULL, "reference parameter" },
		{ "Observation", "_include=Observation:nothing", ERR_VALUE,
		    NULL, "reference parameter" },
		{ "Observation", "_include=Observation", ERR_VALUE, NULL,
		    "parameter is missing" },
		{ "Observation", "_include=Observation:subject:Encounter",
		    ERR_VALUE, NULL, "target" },
		{ "Observation", "_include=Observation:*:Nothing",
		    ERR_VALUE, NULL, "target" },
		{ "Observation", "_include=Observation.subject", ERR_VALUE,
		    NULL, "no such resource type" },
		{ "Observation", "_include:all=Observation:subject",
		    ERR_USAGE, "?_include:all", ":recurse" },
		{ "Observation", "_include=", ERR_VALUE, NULL, "empty" },
		{ "Patient", "_revinclude=Observation:device", ERR_VALUE,
		    "?_revinclude", "refers to nothing" },
		{ "Patient", "_revinclude=Observation:subject:Group",
		    ERR_VALUE, NULL, "refers to nothing" },
		{ "Patient", "_revinclude=Observation:code", ERR_VALUE, NULL,
		    "_revinclude=Type:param" }
	};
	struct query	q = good(*state, "Observation",
	    "_include=Observation:subject:Patient"
	    "&_include=Observation:performer"
	    "&_include=Observation:performer");

	assert_int_equal(q.n_include, 2);
	assert_string_equal(q.include[0].param->code, "subject");
	assert_int_equal(q.include[0].target, type_num("Patient"));
	assert_int_equal(q.include[1].target, 0);
	refuses(*state, cases, N_ELEM(cases));
}

/* S10, S11: "*", later spellings, and sources that includes lead to. */
static void
includes_that_go_on(void **state)
{
	struct query	q = good(*state, "Observation", "_include=*");

	assert_int_equal(q.n_include, 1);
	assert_int_equal(q.include[0].source, 0);
	assert_null(q.include[0].param);
	q = good(*state, "Observation", "_include=Observation:*:Patient,"
	    "Observation:encounter");
	assert_int_equal(q.n_include, 2);
	assert_null(q.include[0].param);
	assert_int_equal(q.include[0].target, type_num("Patient"));
	q = good(*state, "Observation", "_include=Observation:subject"
	    "&_include:recurse=Patient:careprovider"
	    "&_include:iterate=Organization:partof");
	assert_int_equal(q.n_include, 3);
	assert_false(q.include[0].recurse);
	assert_true(q.include[1].recurse && q.include[2].recurse);
	q = good(*state, "Patient", "_revinclude=Observation:patient"
	    "&_revinclude:recurse=DiagnosticReport:result&_revinclude=*");
	assert_int_equal(q.n_revinclude, 3);
	assert_int_equal(q.revinclude[0].source, type_num("Observation"));
	assert_int_equal(q.revinclude[2].source, 0);
}

/* F04, S08: what is shown of a result. */
static void
parts_of_resources(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "_elements=vaule", ERR_VALUE, "?_elements",
		    "not an element" },
		{ "Observation", "_elements=id,,code", ERR_VALUE, NULL,
		    "commas" },
		{ "Observation", "_elements=", ERR_USAGE, NULL, "empty" },
		{ "Observation", "_elements=subject.reference", ERR_VALUE,
		    NULL, "at the top" },
		{ "Patient", "_elements=brthDate", ERR_VALUE, NULL,
		    "\"birthDate\"?" },
		{ "Patient", "_contained=yes", ERR_VALUE, "?_contained",
		    "both" },
		{ "Patient", "_containedType=x", ERR_VALUE, NULL,
		    "container" },
		{ "Patient", "_contained=true&_contained=true", ERR_USAGE,
		    NULL, "twice" }
	};
	struct query	q = good(*state, "Observation",
	    "_elements=id,value,effective[x],valueString,resourceType"
	    "&_contained=both&_containedType=contained");

	assert_int_equal(q.n_element, 5);
	assert_bytes(q.element[1], "value");
	assert_int_equal(q.contained, CONTAINED_BOTH);
	assert_true(q.contained_only);
	refuses(*state, cases, N_ELEM(cases));
}

/* Z08: a search over all types has the parameters of all types alone. */
static void
search_over_all_types(void **state)
{
	static const struct {
		const char	*text;
		enum err	 err;
	} cases[] = {
		{ "_id=a&_lastUpdated=ge2013&_tag=x&_profile=http://h/p", OK },
		{ "_text=a&_list=1&_sort=-_lastUpdated&_include=*", OK },
		{ "_elements=id,birthDate&_filter=_id eq a", OK },
		{ "name=a", ERR_USAGE }, { "_has:Observation:patient:code=1",
		    ERR_USAGE }, { "_sort=name", ERR_VALUE },
		{ "_elements=nothing", ERR_VALUE }
	};
	struct query	q, one;
	struct issues	is;
	size_t		i;

	for (i = 0; i < N_ELEM(cases); i++)
		if (parse_type(*state, 0, cases[i].text, &limits, &is, &q) !=
		    cases[i].err)
			fail_msg("%s", cases[i].text);
	assert_int_equal(parse_type(*state, 0, "_tag=x", &limits, &is, &q),
	    OK);
	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), OK);
	assert_int_equal(query_of_type(*state, &q, type_num("Observation"),
	    &one), OK);
	assert_int_equal(one.type, type_num("Observation"));
	assert_int_equal(one.n_must, 2);
	assert_int_equal(q.n_must, 1);
	assert_memory_equal(one.digest, q.digest, 16);
	assert_int_equal(query_of_type(*state, &q, type_num("Medication"),
	    &one), ERR_NOTFOUND);
}

/* Prefer: handling=lenient leaves out what is unknown, and says so. */
static void
lenient_leaves_out(void **state)
{
	struct query_limits	lim = limits;
	struct issues		is;
	struct query		q;
	uint16_t		patient = type_num("Patient");

	lim.lenient = true;
	assert_int_equal(parse_type(*state, patient, "foo=1&name=a"
	    "&name:below=x&_has:Observation:patient:foo=1&_count=3", &lim,
	    &is, &q), OK);
	assert_int_equal(q.n_must, 1);
	assert_bytes(q.self, "name=a&_count=3");
	assert_int_equal(is.n, 3);
	assert_int_equal(is.first->severity, SEV_WARNING);
	assert_string_equal(is.first->place, "?foo");
	assert_non_null(strstr(is.first->text, "left out"));
	/* what is known and wrong stays wrong */
	assert_int_equal(parse_type(*state, patient, "birthdate=x", &lim,
	    &is, &q), ERR_VALUE);
	assert_int_equal(is.first->severity, SEV_ERROR);
	assert_int_equal(parse_type(*state, patient, "name=", &lim, &is, &q),
	    ERR_USAGE);
	assert_int_equal(parse_type(*state, patient, "access_token=x", &lim,
	    &is, &q), ERR_USAGE);
	assert_int_equal(parse_type(*state, patient, "_filter=foo eq 1",
	    &lim, &is, &q), ERR_USAGE);
}

/* Criteria of a write are strict, and there are some. */
static void
conditional_is_strict(void **state)
{
	static const char *const	bad[] = {
		"", "foo=1", "foo=1&name=a", "name=a&_count=1", "_sort=name",
		"name=a&_summary=true", "_format=json"
	};
	struct query_limits	lim = limits;
	struct issues		is;
	struct query		q;
	size_t			i;

	lim.lenient = lim.conditional = true;
	for (i = 0; i < N_ELEM(bad); i++)
		assert_int_equal(parse_type(*state, type_num("Patient"),
		    bad[i], &lim, &is, &q), ERR_USAGE);
	assert_int_equal(parse_type(*state, type_num("Patient"),
	    "identifier=s|1&_format=json", &lim, &is, &q), OK);
}

/* A time without a zone is of the clinic's. */
static void
zone_of_the_clinic(void **state)
{
	struct query_limits	lim = limits;
	struct issues		is;
	struct query		q;

	lim.zone = 120;
	assert_int_equal(parse_type(*state, type_num("Observation"),
	    "date=1970-01-01T02:00:00,1970-01-01T02:00:00Z", &lim, &is, &q),
	    OK);
	assert_int_equal(q.must->any[0].v.time.lo, 0);
	assert_int_equal(q.must->any[1].v.time.lo, 7200000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(includes), T(includes_that_go_on), T(parts_of_resources),
		T(search_over_all_types), T(lenient_leaves_out),
		T(conditional_is_strict), T(zone_of_the_clinic)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
