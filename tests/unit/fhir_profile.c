/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: which are known, by what a resource is judged, and the decisions
 * on the errata of the guide as resources that pass (A20, A26, A27).  What
 * fails and how it is told: tests/broken.
 */
#include "fhir/profile.h"
#include "tests/unit/fhir_check.h"

#define ARGO	"http://fhir.org/guides/argonaut/StructureDefinition/"
#define CLAIM(name)	"'meta':{'profile':['" ARGO name "']},"
#define OF_A		"'reference':'Patient/a'"
#define CC(system, code) "{'coding':[{'system':'" system "','code':'" code    \
	"'}]}"
#define LOINC	"http://loinc.org"
#define CATEGORY	"http://hl7.org/fhir/observation-category"

/* A report whose category is LAB of a system. */
#define REPORT(system) "{'resourceType':'DiagnosticReport',"		      \
	CLAIM("argo-diagnosticreport") "'status':'final','category':"	      \
	CC(system, "LAB") ",'code':" CC(LOINC, "58410-2") ",'subject':{" OF_A \
	"},'effectiveDateTime':'2015-02','issued':'2015-02-03T10:00:00Z',"    \
	"'performer':{'reference':'Organization/a'},'result':[{'display':"    \
	"'a'}]}"

/* A temperature at a time, in a unit. */
#define VITAL(when, code, unit) "{'resourceType':'Observation',"	      \
	CLAIM("argo-vitalsigns") "'status':'final','category':"		      \
	CC(CATEGORY, "vital-signs") ",'code':" CC(LOINC, code)		      \
	",'subject':{" OF_A "},'effectiveDateTime':'" when "',"		      \
	"'valueQuantity':{'value':1,'unit':'a','system':"		      \
	"'http://unitsofmeasure.org','code':'" unit "'}}"

#define CONDITION(category) "{'resourceType':'Condition',"		      \
	CLAIM("argo-condition") "'patient':{" OF_A "},'code':{'text':'a'},"   \
	"'category':" category ",'clinicalStatus':'active',"		      \
	"'verificationStatus':'confirmed'}"

#define CARE(profile, status, code) "{'resourceType':'CarePlan',"	      \
	CLAIM(profile) "'text':{'status':'" status "','div':'<div>a</div>'}," \
	"'subject':{" OF_A "},'status':'active','category':["		      \
	CC("http://example.org/x", "x") ","				      \
	CC("http://argonaut.hl7.org", code) "],'participant':[{'role':"	      \
	"{'text':'a'},'member':{'display':'a'}}]}"

#define SHOT(codings) "{'resourceType':'Immunization',"			      \
	CLAIM("argo-immunization") "'status':'completed','date':'2015',"      \
	"'vaccineCode':{" codings "},'patient':{" OF_A "},'wasNotGiven':"     \
	"false,'reported':false}"
#define CVX	"{'system':'http://hl7.org/fhir/sid/cvx','code':'158'}"
#define NDC	"{'system':'http://hl7.org/fhir/sid/ndc','code':'1'}"

#define RACE(url) PATIENT "'extension':[{'url':'" ARGO "argo-race',"	      \
	"'extension':[{'url':'ombCategory','valueCoding':{'system':'" url     \
	"','code':'2106-3'}},{'url':'text','valueString':'a'}]}]}"

static void
errata(void **state)
{
	static const struct fault_case	cases[] = {
		/* 2 */
		{ REPORT("http://hl7.org/fhir/v2/0074"), "", OK },
		{ REPORT("http://hl7.org/fhir/DiagnosticReport-category"), "",
		  OK },
		{ REPORT("http://hl7.org/fhir/ValueSet/"
		  "diagnostic-service-sections"), "", OK },
		/* 4 */
		{ CARE("argo-careplan", "additional", "assess-plan"), "", OK },
		{ CARE("argo-careteam", "empty", "careteam"), "", OK },
		{ SHOT("'coding':[" CVX "," NDC "]"), "", OK },
		{ SHOT("'coding':[" CVX "]"),
		  "argo-immunization/arg-1 Immunization.vaccineCode", OK },
		{ SHOT("'text':'a'"), "", OK },
		/* 5 */
		{ VITAL("2015-02-03", "8310-5", "Cel"), "", OK },
		{ VITAL("2015-02-03T10:00:00Z", "8310-5", "[degF]"), "", OK },
		{ VITAL("2015-02-03", "8867-4", "{beats}/min"), "", OK },
		/* 6 */
		{ CONDITION(CC("http://argonaut.hl7.org",
		  "additional-concern")), "", OK },
		{ CONDITION("{'text':'a'}"), "", OK },
		/* 7 */
		{ RACE("http://hl7.org/fhir/v3/Race"), "", OK },
		{ RACE("http://fhir.org/guides/argonaut/v3/Race"), "", OK }
	};

	judge(*state, cases, N_ELEM(cases));
}

/* A contained resource claims for itself; an entry as well. */
static void
where(void **state)
{
	static const struct fault_case	cases[] = {
		{ HOLDS("{'resourceType':'Patient','id':'p',"
		  CLAIM("argo-patient") "'active':true}"),
		  "argo-patient/identifier Observation.contained[0]."
		  "identifier, argo-patient/name Observation.contained[0]."
		  "name, argo-patient/gender Observation.contained[0].gender",
		  ERR_RULE },
		{ "{'resourceType':'Bundle','type':'collection','entry':[{"
		  "'fullUrl':'http://example.org/a','resource':{"
		  "'resourceType':'Goal'," CLAIM("argo-goal") "'description':"
		  "'a','status':'proposed'}}]}",
		  "argo-goal/subject Bundle.entry[0].resource.subject",
		  ERR_RULE },
		{ PATIENT "'meta':{'profile':['" ARGO "argo-goal','http://"
		  "hl7.org/fhir/StructureDefinition/Patient','http://hl7.org/"
		  "fhir/StructureDefinition/DomainResource']}}",
		  "profile Patient", ERR_RULE },
		/* claimed twice, judged once */
		{ "{'resourceType':'Goal','meta':{'profile':['" ARGO
		  "argo-goal','" ARGO "argo-goal']},'description':'a',"
		  "'status':'proposed'}", "argo-goal/subject Goal.subject",
		  ERR_RULE },
		{ PATIENT "'meta':{'profile':['http://a','urn:x']}}",
		  "profile Patient.meta.profile[0], profile Patient.meta."
		  "profile[1]", OK }
	};

	judge(*state, cases, N_ELEM(cases));
}

/* A contained subject has a type, too. */
static void
contained_target(void **state)
{
	struct arena		*a = *state;
	const struct profile	*p = profile_find(bytes_str(ARGO
				    "argo-goal"));
	const struct check	 how = { .mode = CHECK_STORED, .profile = p };
	struct issues		 is;

	assert_int_equal(check(a, &how, "{'resourceType':'Goal','contained':["
	    "{'resourceType':'Organization','id':'o','name':'a'}],'subject':"
	    "{'reference':'#o'},'description':'a','status':'proposed'}", &is),
	    ERR_RULE);
	assert_string_equal(found(a, &is),
	    "argo-goal/subject Goal.subject.reference");
}

static void
asked_by_name(void **state)
{
	struct arena		*a = *state;
	const struct check	 how = { .mode = CHECK_STORED, .profile =
	    profile_find(bytes_str(ARGO "argo-device")) };
	struct issues		 is;

	assert_non_null(how.profile);
	/* claimed and asked for: said once */
	assert_int_equal(check(a, &how, "{'resourceType':'Device',"
	    CLAIM("argo-device") "'type':{'text':'a'},'patient':{" OF_A "}}",
	    &is), ERR_RULE);
	assert_string_equal(found(a, &is), "argo-device/udi Device.udi");
	assert_int_equal(check(a, &how, PATIENT "'active':true}", &is),
	    ERR_RULE);
	assert_string_equal(found(a, &is), "profile Patient");
	/* of a Bundle those entries that it is about */
	assert_int_equal(check(a, &how, "{'resourceType':'Bundle','type':"
	    "'collection','entry':[{'fullUrl':'http://example.org/a',"
	    "'resource':{'resourceType':'Patient','active':true}}]}", &is),
	    OK);
}

static void
names(void **state)
{
	const struct profile	*p;
	struct profile_fact	 f;
	struct profile_rule	 r;
	uint16_t		 type = 1;
	size_t			 n = 0;

	(void)state;
	for (; profile_num(n) != NULL; n++) {
		p = profile_num(n);
		assert_ptr_equal(profile_find(bytes_str(profile_url(p))), p);
		assert_true(profile_fact(p, 0, &f));
		assert_string_equal(f.path, "");
	}
	assert_int_equal(n, 22);
	assert_null(profile_find(bytes_str(ARGO)));
	assert_null(profile_find(bytes_str(ARGO "argo-patient/")));
	assert_null(profile_find(bytes_of(NULL, 0)));
	assert_false(profile_rule(profile_num(0), 99, &r));
	assert_true(profile_base(bytes_str("http://hl7.org/fhir/"
	    "StructureDefinition/Resource"), &type));
	assert_int_equal(type, 0);
	assert_false(profile_base(bytes_str("http://hl7.org/fhir/"
	    "StructureDefinition/daf-patient"), &type));
}

/* Nothing is allocated where there is nothing to say. */
static void
costs_nothing(void **state)
{
	static const struct check	how = { .mode = CHECK_STORED };
	struct arena			*a = *state;
	struct issues			 is = issues_on(a);
	struct json_doc			 doc;
	size_t				 used;

	assert_int_equal(json_doc(a, quoted(a, VITAL("2015-02-03", "29463-7",
	    "kg")), bytes_of(NULL, 0), &limits, &is, &doc), OK);
	used = arena_used(a);
	assert_int_equal(check_resource(a, &how, doc.type, doc.tree, &is),
	    OK);
	assert_int_equal(arena_used(a), used);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(errata, open_arena,
		    close_arena),
		cmocka_unit_test_setup_teardown(where, open_arena,
		    close_arena),
		cmocka_unit_test_setup_teardown(contained_target, open_arena,
		    close_arena),
		cmocka_unit_test_setup_teardown(asked_by_name, open_arena,
		    close_arena),
		cmocka_unit_test(names),
		cmocka_unit_test_setup_teardown(costs_nothing, open_arena,
		    close_arena)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
