/* SPDX-License-Identifier: Apache-2.0 */
/* Code systems and value sets.  (Z03, S05; tests/corpus/terms.py has all) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/arena.h"
#include "fhir/def.h"
#include "fhir/term.h"

#define S(text)	bytes_str(text)
#define HL7	"http://hl7.org/fhir/"

static const struct term_set *
need(const char *name)
{
	const struct term_set	*set = term_set(S(name));

	assert_non_null(set);
	return set;
}

/* --- every binding leads to its set --------------------------------------- */

static void
bindings_lead_to_their_sets(void **state)
{
	uint16_t	n = 0;

	(void)state;
	for (uint16_t i = 1; def_binding(i) != NULL; i++, n++) {
		const struct term_set	*set = term_binding(i);
		struct bytes		 url;

		assert_non_null(set);
		assert_string_equal(term_set_name(set), def_binding(i));
		assert_ptr_equal(term_set(S(def_binding(i))), set);
		url = S(term_set_url(set));
		assert_ptr_equal(term_set(url), set);
	}
	assert_int_equal(n, 154);
	assert_null(term_binding(0));
	assert_null(term_binding((uint16_t)(n + 1)));
}

static void
sets_are_found_by_url_name_and_version(void **state)
{
	const struct term_set	*set = need("observation-status");

	(void)state;
	assert_ptr_equal(set, need(HL7 "ValueSet/observation-status"));
	assert_ptr_equal(set, need(HL7 "ValueSet/observation-status|1.0.2"));
	assert_null(term_set(S("")));
	assert_null(term_set(S("|")));
	assert_null(term_set(S("observation-statu")));
	assert_null(term_set(S("observation-statuss")));
	assert_null(term_set(S(HL7 "ValueSet/")));
	assert_null(term_set(bytes_of(NULL, 0)));
}

/* --- is it in the set ----------------------------------------------------- */

static const struct asked {
	const char		*set, *system, *code;
	enum term_answer	 want;
} asked[] = {
	{ "observation-status", HL7 "observation-status", "final", TERM_IN },
	{ "observation-status", HL7 "observation-status", "Final", TERM_OUT },
	{ "observation-status", HL7 "observation-statu", "final", TERM_OUT },
	{ "observation-status", "", "final", TERM_OUT },
	{ "observation-status", NULL, "final", TERM_IN },
	{ "observation-status", NULL, "finale", TERM_OUT },
	{ "observation-status", NULL, "", TERM_OUT },
	/* listed codes of two systems */
	{ "marital-status", HL7 "v3/MaritalStatus", "M", TERM_IN },
	{ "marital-status", HL7 "v3/NullFlavor", "UNK", TERM_IN },
	{ "marital-status", HL7 "v3/NullFlavor", "M", TERM_OUT },
	{ "marital-status", HL7 "v3/NullFlavor", "NI", TERM_OUT },
	/* what is below a code, the code with it */
	{ "v3-PurposeOfUse", HL7 "v3/ActReason", "PurposeOfUse", TERM_IN },
	{ "v3-PurposeOfUse", HL7 "v3/ActReason", "TREAT", TERM_IN },
	{ "v3-PurposeOfUse", HL7 "v3/ActReason", "ETREAT", TERM_IN },
	{ "v3-PurposeOfUse", HL7 "v3/ActReason", "PATOBJ", TERM_OUT },
	/* sets of sets */
	{ "defined-types", HL7 "resource-types", "Patient", TERM_IN },
	{ "defined-types", HL7 "data-types", "Quantity", TERM_IN },
	{ "operation-parameter-type", NULL, "token", TERM_IN },
	{ "operation-parameter-type", NULL, "Patient", TERM_IN },
	{ "operation-parameter-type", NULL, "patient", TERM_OUT },
	/* systems of others */
	{ "observation-codes", "http://loinc.org", "8480-6", TERM_IN },
	{ "observation-codes", "http://snomed.info/sct", "1", TERM_OUT },
	{ "observation-codes", "http://loinc.org", "", TERM_OUT },
	{ "observation-codes", NULL, "8480-6", TERM_IN },
	{ "observation-codes", NULL, "nonsense", TERM_UNKNOWN },
	{ "condition-code", "http://snomed.info/sct", "38341003",
	    TERM_UNKNOWN },
	{ "condition-code", "http://loinc.org", "38341003", TERM_OUT },
	/* by rule */
	{ "bcp13", NULL, "text/plain", TERM_IN },
	{ "bcp13", "", "application/fhir+json;charset=UTF-8", TERM_IN },
	{ "bcp13", "urn:ietf:bcp:13", "text/plain; charset=x", TERM_IN },
	{ "bcp13", NULL, "pdf", TERM_OUT },
	{ "bcp13", NULL, "text/", TERM_OUT },
	{ "bcp13", NULL, "/plain", TERM_OUT },
	{ "bcp13", NULL, "text/plain ", TERM_OUT },
	{ "bcp13", NULL, "text/plain;", TERM_OUT },
	{ "bcp13", NULL, "text/plain;a\001", TERM_OUT },
	{ "bcp47", NULL, "en", TERM_IN },
	{ "bcp47", NULL, "en-US", TERM_IN },
	{ "bcp47", "urn:ietf:bcp:47", "zh-Hant-TW", TERM_IN },
	{ "bcp47", NULL, "x-klingon", TERM_IN },
	{ "bcp47", NULL, "e", TERM_OUT },
	{ "bcp47", NULL, "en_US", TERM_OUT },
	{ "bcp47", NULL, "en-", TERM_OUT },
	{ "bcp47", NULL, "-en", TERM_OUT },
	{ "bcp47", NULL, "1n", TERM_OUT },
	{ "bcp47", NULL, "en-abcdefghi", TERM_OUT },
	/* Argonaut (requirements 1) */
	{ "argonaut-usrealm-birthsex", NULL, "F", TERM_IN },
	{ "argonaut-usrealm-birthsex", NULL, "UNK", TERM_IN },
	{ "argonaut-usrealm-birthsex", NULL, "UN", TERM_OUT },
	{ "argonaut-omb-race", HL7 "v3/Race", "2106-3", TERM_IN },
	{ "argonaut-omb-race", HL7 "v3/Race", "2108-9", TERM_OUT },
	{ "argonaut-detailed-race", HL7 "v3/Race", "2108-9", TERM_IN },
	{ "argonaut-detailed-race", HL7 "v3/Race", "2106-3", TERM_OUT },
	/* the three spellings of one system (errata, requirements 1.5) */
	{ "argonaut-omb-ethnicity", HL7 "v3/Ethnicity", "2135-2", TERM_IN },
	{ "argonaut-omb-ethnicity", HL7 "ValueSet/v3-Ethnicity", "2186-5",
	    TERM_IN },
	{ "argonaut-omb-ethnicity",
	    "http://fhir.org/guides/argonaut/v3/Ethnicity", "2135-2", TERM_IN },
	{ "argonaut-observation-ccdasmokingstatus", "http://snomed.info/sct",
	    "449868002", TERM_IN },
	{ "argonaut-observation-ccdasmokingstatus", "http://snomed.info/sct",
	    "449868003", TERM_OUT },
	{ "argonaut-condition-category", "http://argonaut.hl7.org", "problem",
	    TERM_IN },
	/* abstract: it groups those below it, and is not to be chosen */
	{ "v3-ActIncidentCode", HL7 "v3/ActCode", "MVA", TERM_IN },
	{ "v3-ActIncidentCode", HL7 "v3/ActCode", "_ActIncidentCode",
	    TERM_OUT },
	{ "v3-ActInvoiceGroupCode", NULL, "_ActInvoiceInterGroupCode",
	    TERM_OUT },
	{ "v3-ActCode", NULL, "_ActInvoiceInterGroupCode", TERM_OUT },
	{ "v3-ActCode", NULL, "ActTrustPolicyType", TERM_OUT },
};

static void
codes_are_in_or_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEM(asked); i++) {
		enum term_answer got = term_has(need(asked[i].set),
		    S(asked[i].system), asked[i].system == NULL,
		    S(asked[i].code));

		if (got != asked[i].want)
			fail_msg("row %zu: %s %s: %d", i, asked[i].set,
			    asked[i].code, (int)got);
	}
}

static void
wrong_systems_are_told_from_wrong_codes(void **state)
{
	const struct term_set	*set = need("marital-status");

	(void)state;
	assert_true(term_set_system(set, S(HL7 "v3/MaritalStatus")));
	assert_true(term_set_system(set, S(HL7 "v3/NullFlavor")));
	assert_false(term_set_system(set, S(HL7 "v3/Race")));
	assert_false(term_set_system(set, S("")));
	assert_true(term_closed(set));
	assert_false(term_closed(need("condition-code")));
	assert_false(term_closed(need("observation-codes")));
}

/* --- every code of every set is in it ------------------------------------- */

static void
sets_hold_what_they_list(void **state)
{
	uint16_t	n = 0;

	(void)state;
	for (uint16_t i = 1; def_binding(i) != NULL; i++) {
		const struct term_set	*set = term_binding(i);
		struct term_code	 c;

		for (uint32_t at = 0; term_each(set, &at, &c); n++) {
			assert_int_equal(term_has(set, c.system, false,
			    c.code), TERM_IN);
			assert_int_equal(term_has(set, S(""), true, c.code),
			    TERM_IN);
			assert_int_equal(term_code_of(term_system(c.system),
			    c.code), TERM_IN);
		}
	}
	assert_true(n > 1000);
}

/* --- above and below ------------------------------------------------------ */

static void
codes_stand_below_codes(void **state)
{
	struct bytes	sys = S(HL7 "v3/ActReason"), out;
	uint32_t	at = 0, n = 0;

	(void)state;
	assert_int_equal(term_subsumes(sys, S("PurposeOfUse"), S("ETREAT")),
	    TERM_IN);
	assert_int_equal(term_subsumes(sys, S("ETREAT"), S("PurposeOfUse")),
	    TERM_OUT);
	assert_int_equal(term_subsumes(sys, S("ETREAT"), S("ETREAT")),
	    TERM_IN);
	assert_int_equal(term_subsumes(sys, S("nothing"), S("ETREAT")),
	    TERM_OUT);
	assert_int_equal(term_subsumes(S("http://loinc.org"), S("1"),
	    S("2")), TERM_UNKNOWN);
	assert_int_equal(term_subsumes(S("http://loinc.org"), S("1"),
	    S("1")), TERM_IN);
	assert_int_equal(term_subsumes(S("urn:x"), S("1"), S("2")),
	    TERM_UNKNOWN);
	while (term_below(sys, S("PurposeOfUse"), &at, &out)) {
		assert_int_equal(term_subsumes(sys, S("PurposeOfUse"), out),
		    TERM_IN);
		n++;
	}
	assert_true(n > 20);
	n = 0;
	for (at = 0; term_above(sys, S("ETREAT"), &at, &out); n++)
		assert_int_equal(term_subsumes(sys, out, S("ETREAT")),
		    TERM_IN);
	assert_int_equal(n, 5);		/* ... TREAT, PurposeOfUse ... */
	/* what only groups others is no less above them */
	assert_int_equal(term_subsumes(S(HL7 "v3/ActCode"),
	    S("_ActIncidentCode"), S("MVA")), TERM_IN);
}

static void
unknown_codes_stand_alone(void **state)
{
	struct bytes	out;
	uint32_t	at = 0;

	(void)state;
	assert_true(term_below(S("urn:x"), S("a"), &at, &out));
	assert_true(bytes_is(out, "a"));
	assert_false(term_below(S("urn:x"), S("a"), &at, &out));
	at = 0;
	assert_true(term_above(S("urn:x"), S("a"), &at, &out));
	assert_false(term_above(S("urn:x"), S("a"), &at, &out));
	at = 0;
	assert_true(term_below(S(HL7 "v3/ActReason"), S("zz"), &at, &out));
	assert_false(term_below(S(HL7 "v3/ActReason"), S("zz"), &at, &out));
}

/* --- systems -------------------------------------------------------------- */

static void
systems_know_what_they_are(void **state)
{
	const struct term_system *v2 = term_system(S(HL7 "v2/0203"));
	const struct term_system *sct = term_system(
	    S("http://snomed.info/sct"));

	(void)state;
	assert_non_null(v2);
	assert_false(term_case(v2));
	assert_int_equal(term_code_of(v2, S("mr")), TERM_IN);
	assert_int_equal(term_code_of(v2, S("MR")), TERM_IN);
	assert_true(term_complete(v2));
	assert_false(term_complete(sct));
	assert_int_equal(term_code_of(sct, S("73211009")), TERM_UNKNOWN);
	assert_null(term_system(S("http://snomed.info/sc")));
	assert_null(term_system(S("")));
	assert_string_equal(term_system_url(sct), "http://snomed.info/sct");
}

/* --- messages ------------------------------------------------------------- */

static void
messages_say_what_would_be_right(void **state)
{
	static const struct { const char *set, *wrong, *right; } rows[] = {
	{ "observation-status", "Final", "final" },
	{ "observation-status", "fnial", "final" },
	{ "observation-status", "entered in error", "entered-in-error" },
	{ "observation-status", "cancelled ", "cancelled" },
	{ "administrative-gender", "Male", "male" },
	{ "administrative-gender", "femal", "female" },
	{ "resource-types", "Observations", "Observation" },
	{ "resource-types", "patient", "Patient" },
	{ "observation-status", "q", NULL },
	{ "observation-status", "", NULL },
	{ "argonaut-observation-ccdavitalsignresult", "8480-60", "8480-6" },
	{ "argonaut-observation-ccdavitalsignresult", "9999-6", NULL },
	};
	struct arena		*a = arena_new(1 << 20);
	struct term_code	 c;

	(void)state;
	for (size_t i = 0; i < N_ELEM(rows); i++) {
		bool	found = term_near(need(rows[i].set), S(rows[i].wrong),
		    &c);

		assert_int_equal(found, rows[i].right != NULL);
		if (found)
			assert_true(bytes_is(c.code, rows[i].right));
	}
	assert_string_equal(term_list(a, need("administrative-gender"), 9),
	    "one of: male, female, other, unknown");
	assert_string_equal(term_list(a, need("administrative-gender"), 2),
	    "one of: male, female, ...");
	assert_string_equal(term_list(a, need("bcp13"), 9),
	    "a media type like text/plain");
	assert_string_equal(term_list(a, need("condition-code"), 9),
	    "a code of the set");
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(bindings_lead_to_their_sets),
		cmocka_unit_test(sets_are_found_by_url_name_and_version),
		cmocka_unit_test(codes_are_in_or_out),
		cmocka_unit_test(wrong_systems_are_told_from_wrong_codes),
		cmocka_unit_test(sets_hold_what_they_list),
		cmocka_unit_test(codes_stand_below_codes),
		cmocka_unit_test(unknown_codes_stand_alone),
		cmocka_unit_test(systems_know_what_they_are),
		cmocka_unit_test(messages_say_what_would_be_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
