/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References: every spelling of one resource is the same one (CMP-26).
 */
#include "fhir/def.h"
#include "fhir/prim.h"
#include "tests/unit/unit.h"

static struct bytes aliases[2];
static struct base_urls urls;

static int
set_urls(void **state)
{
	(void)state;
	aliases[0] = bytes_str("http://old.example.org:8080/fhir");
	aliases[1] = bytes_str("http://[::1]:8443");
	urls.base = bytes_str("https://fhir.example.org/a/fhir");
	urls.alias = aliases;
	urls.n_alias = N_ELEM(aliases);
	return 0;
}

static void
every_spelling_is_the_same_patient(void **state)
{
	static const char *const same[] = {
		"Patient/p1",
		"Patient/p1/_history/1",
		"https://fhir.example.org/a/fhir/Patient/p1",
		"HTTPS://FHIR.Example.ORG/a/fhir/Patient/p1",
		"https://fhir.example.org:443/a/fhir/Patient/p1",
		"https://fhir.example.org/a/fhir/Patient/p1/_history/1",
		"http://old.example.org:8080/fhir/Patient/p1",
		"http://[::1]:8443/Patient/p1"
	};
	struct ref r;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(same); i++) {
		if (prim_ref(bytes_str(same[i]), &urls, false, &r) != OK ||
		    r.kind != REF_LOCAL)
			fail_msg("not ours: %s", same[i]);
		assert_string_equal(def_type_num(r.type)->name, "Patient");
		assert_bytes(r.id, "p1");
		assert_bytes(r.version,
		    bytes_str(same[i]).p[strlen(same[i]) - 2] == '/' ?
		    "1" : "");
		assert_bytes(r.url, same[i]);
	}
}

static void
other_servers_are_foreign(void **state)
{
	static const char *const foreign[] = {
		"http://fhir.example.org/a/fhir/Patient/p1",
		"https://fhir.example.org:8443/a/fhir/Patient/p1",
		"https://fhir.example.org.evil.org/a/fhir/Patient/p1",
		"https://fhir.example.org@evil.org/a/fhir/Patient/p1",
		"https://user@fhir.example.org/a/fhir/Patient/p1",
		"https://fhir.example.org/A/fhir/Patient/p1",
		"https://fhir.example.org/a/fhirx/Patient/p1",
		"https://fhir.example.org/Patient/p1",
		"http://old.example.org/fhir/Patient/p1",
		"urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7",
		"urn:oid:1.2.3", "mailto:a@example.org", "http:Patient/p1"
	};
	struct ref r;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(foreign); i++) {
		if (prim_ref(bytes_str(foreign[i]), &urls, true, &r) != OK ||
		    r.kind != REF_FOREIGN)
			fail_msg("not foreign: %s", foreign[i]);
		assert_bytes(r.url, foreign[i]);
	}
}

/* Below our base but no resource: never taken for somebody else's. */
static void
malformed_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "Patient", "Patient/", "/Patient/p1", "Patient//p1",
		"patient/p1", "Patients/p1", "Patient/p 1", "Patient/p_1",
		"Patient/p1/", "Patient/p1/_history", "Patient/p1/_history/",
		"Patient/p1/_history/1/2", "Patient/p1/history/1",
		"Patient/p1?x=1", "Patient/p1#x", "Patient?identifier=1",
		"Patient/%70", "./Patient/p1", "../fhir/Patient/p1", "#",
		"#a b", "Patient/p1\n", "a\"b", "<Patient/p1>",
		"https://fhir.example.org/a/fhir/",
		"https://fhir.example.org/a/fhir/metadata",
		"https://fhir.example.org/a/fhir//Patient/p1",
		"https://fhir.example.org/a/fhir/../fhir/Patient/p1",
		"https://fhir.example.org/a/fhir/patient/p1",
		"https://fhir.example.org/a/fhir/Patient/p1?_format=json"
	};
	struct ref r = { .type = 77 };
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++)
		if (prim_ref(bytes_str(bad[i]), &urls, false, &r) !=
		    ERR_SYNTAX)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(r.type, 77);
	assert_int_equal(prim_ref(bytes_of("Patient/p\0", 10), &urls, false,
	    &r), ERR_SYNTAX);
}

static void
fragments_are_contained(void **state)
{
	struct ref r;

	(void)state;
	assert_int_equal(prim_ref(bytes_str("#p1"), &urls, false, &r), OK);
	assert_int_equal(r.kind, REF_CONTAINED);
	assert_bytes(r.id, "p1");
}

static void
a_bare_id_is_for_searches_alone(void **state)
{
	struct ref r;

	(void)state;
	assert_int_equal(prim_ref(bytes_str("p1"), &urls, false, &r),
	    ERR_SYNTAX);
	assert_int_equal(prim_ref(bytes_str("p1"), &urls, true, &r), OK);
	assert_int_equal(r.kind, REF_LOCAL);
	assert_int_equal(r.type, 0);
	assert_bytes(r.id, "p1");
	/* a type still counts */
	assert_int_equal(prim_ref(bytes_str("Group/p1"), &urls, true, &r),
	    OK);
	assert_string_equal(def_type_num(r.type)->name, "Group");
}

static void
a_base_may_end_with_a_slash(void **state)
{
	struct base_urls u = { .base = bytes_str("http://h/") };
	struct ref r;

	(void)state;
	assert_int_equal(prim_ref(bytes_str("http://H:80/Patient/1"), &u,
	    false, &r), OK);
	assert_int_equal(r.kind, REF_LOCAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_the_same_patient),
		cmocka_unit_test(other_servers_are_foreign),
		cmocka_unit_test(malformed_is_refused),
		cmocka_unit_test(fragments_are_contained),
		cmocka_unit_test(a_bare_id_is_for_searches_alone),
		cmocka_unit_test(a_base_may_end_with_a_slash),
	};

	return cmocka_run_group_tests(tests, set_urls, NULL);
}
