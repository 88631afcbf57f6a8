/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the base validation finds, where, and what it calls it (R22, A20;
 * JSN-11, JSN-12, JSN-14).  Values: fhir_check_value.c; invariants:
 * fhir_rule.c; narrative: fhir_xhtml.c.
 */
#include "tests/unit/fhir_check.h"

/* --- members ------------------------------------------------------------- */

/* JSN-14 and the like: no member is taken that is not looked at. */
static void
members(void **state)
{
	static const struct fault_case	cases[] = {
		{ PATIENT "'active':true}", "", OK },
		{ PATIENT "'nmae':[{'text':'a'}]}", "element Patient.nmae",
		  ERR_SYNTAX },
		{ PATIENT "'name':[{'familly':['a']}]}",
		  "element Patient.name[0].familly", ERR_SYNTAX },
		{ PATIENT "'Name':[{'text':'a'}]}", "element Patient.Name",
		  ERR_SYNTAX },
		{ PATIENT "'__proto__':{'a':1},'constructor':'a'}",
		  "element Patient.__proto__, element Patient.constructor",
		  ERR_SYNTAX },
		{ PATIENT "'value[x]':1}", "element Patient.value[x]",
		  ERR_SYNTAX },
		{ PATIENT "'name':[{'resourceType':'HumanName'}]}",
		  "element Patient.name[0].resourceType", ERR_SYNTAX },
		{ PATIENT "'_name':[{'id':'a'}]}", "element Patient._name",
		  ERR_SYNTAX },
		{ PATIENT "'name':[{'text':'a','modifierExtension':[{'url':"
		  "'http://a','valueCode':'a'}]}]}",
		  "element Patient.name[0].modifierExtension", ERR_SYNTAX },
		{ PATIENT "'contact':[{'name':{'text':'a'},"
		  "'modifierExtension':[{'url':'http://a','valueCode':'a'}]}"
		  "]}", "", OK },
		{ PATIENT "'fhir_comments':['a'],'name':[{'fhir_comments':["
		  "'b'],'text':'a'}]}", "", OK },
		{ PATIENT "'fhir_comments':'a'}",
		  "type Patient.fhir_comments", ERR_SYNTAX },
		{ PATIENT "'fhir_comments':[1]}",
		  "type Patient.fhir_comments", ERR_SYNTAX }
	};

	judge(*state, cases, N_ELEM(cases));
}

static void
how_often(void **state)
{
	static const struct fault_case	cases[] = {
		{ "{'resourceType':'Observation','id':'a'}",
		  "min Observation.status, min Observation.code", ERR_RULE },
		{ PATIENT "'link':[{'other':{'reference':'Patient/1'}}]}",
		  "min Patient.link[0].type", ERR_RULE },
		{ PATIENT "'gender':['male']}", "array Patient.gender",
		  ERR_SYNTAX },
		{ PATIENT "'name':{'text':'a'}}", "array Patient.name",
		  ERR_SYNTAX },
		{ PATIENT "'name':[[{'text':'a'}]]}", "type Patient.name[0]",
		  ERR_SYNTAX },
		{ OBSERVATION "'valueString':'a','valueCodeableConcept':{"
		  "'text':'a'}}", "choice Observation.valueCodeableConcept",
		  ERR_RULE },
		{ OBSERVATION "'valueInteger':1}",
		  "element Observation.valueInteger", ERR_SYNTAX },
		{ "{'resourceType':'MedicationAdministration','status':"
		  "'completed','patient':{'display':'a'},"
		  "'effectiveTimeDateTime':'2015'}",
		  "min MedicationAdministration.medicationCodeableConcept",
		  ERR_RULE },
		/* what has only an extension is there, too */
		{ "{'resourceType':'Observation','_status':{'extension':[{"
		  "'url':'http://a','valueCode':'a'}]},'code':{'text':'a'}}",
		  "", OK }
	};

	judge(*state, cases, N_ELEM(cases));
}

/* JSN-11 by hand; tests/suites/validate does it to every element. */
static void
json_types(void **state)
{
	static const struct fault_case	cases[] = {
		{ PATIENT "'active':'true'}", "type Patient.active",
		  ERR_SYNTAX },
		{ PATIENT "'active':1}", "type Patient.active", ERR_SYNTAX },
		{ PATIENT "'gender':1}", "type Patient.gender", ERR_SYNTAX },
		{ PATIENT "'gender':{'a':1}}", "type Patient.gender",
		  ERR_SYNTAX },
		{ PATIENT "'name':[1,'a',true]}", "type Patient.name[0], "
		  "type Patient.name[1], type Patient.name[2]", ERR_SYNTAX },
		{ PATIENT "'name':[null]}", "type Patient.name[0]",
		  ERR_SYNTAX },
		{ PATIENT "'multipleBirthInteger':'1'}",
		  "type Patient.multipleBirthInteger", ERR_SYNTAX },
		{ PATIENT "'multipleBirthInteger':true}",
		  "type Patient.multipleBirthInteger", ERR_SYNTAX },
		{ PATIENT "'text':{'status':'empty','div':{'a':1}}}",
		  "type Patient.text.div", ERR_SYNTAX }
	};

	judge(*state, cases, N_ELEM(cases));
}

/* json.html#null: values and their partners stand side by side. */
static void
partners(void **state)
{
	static const struct fault_case	cases[] = {
		{ PATIENT "'name':[{'given':['a',null],'_given':[null,{'id':"
		  "'b','extension':[{'url':'http://a','valueCode':'a'}]}]}]"
		  "}", "", OK },
		{ PATIENT "'name':[{'given':['a',null]}]}",
		  "null Patient.name[0].given[1]", ERR_SYNTAX },
		{ PATIENT "'name':[{'given':['a',null],'_given':[null,null]}]"
		  "}", "null Patient.name[0].given[1]", ERR_SYNTAX },
		{ PATIENT "'name':[{'given':['a'],'_given':[null,{'id':'b'}]}"
		  "]}", "null Patient.name[0].given", ERR_SYNTAX },
		{ PATIENT "'name':[{'_given':[{'id':'b'}]}]}",
		  "ele-1 Patient.name[0].given[0]", ERR_RULE },
		{ PATIENT "'_birthDate':{'id':'a'}}",
		  "ele-1 Patient.birthDate", ERR_RULE },
		{ PATIENT "'birthDate':'2015','_birthDate':{'id':'a'}}", "",
		  OK },
		{ PATIENT "'birthDate':'2015','_birthDate':['a']}",
		  "array Patient.birthDate", ERR_SYNTAX },
		{ PATIENT "'birthDate':'2015','_birthDate':'a'}",
		  "type Patient.birthDate", ERR_SYNTAX },
		{ PATIENT "'_birthDate':{'value':'2015'}}",
		  "element Patient.birthDate.value, "
		  "ele-1 Patient.birthDate", ERR_SYNTAX },
		{ PATIENT "'name':[{'id':'a'}]}", "ele-1 Patient.name[0]",
		  ERR_RULE },
		{ PATIENT "'extension':[{'url':'http://a'}]}",
		  "ext-1 Patient.extension[0]", ERR_RULE },
		{ PATIENT "'extension':[{'valueCode':'a'}]}",
		  "min Patient.extension[0].url", ERR_RULE }
	};

	judge(*state, cases, N_ELEM(cases));
}

/* --- the whole ----------------------------------------------------------- */

static void
modes(void **state)
{
	static const char	part[] = PATIENT "'id':'a','meta':{'tag':[{"
	    "'system':'http://hl7.org/fhir/v3/ObservationValue','code':"
	    "'SUBSETTED'}]}}";
	struct check		how = { .mode = CHECK_UPDATE };
	struct issues		is;

	assert_int_equal(check(*state, &how, PATIENT "'active':true}", &is),
	    ERR_RULE);
	assert_string_equal(found(*state, &is), "update-id Patient.id");
	/* R25 */
	assert_int_equal(check(*state, &how, part, &is), ERR_RULE);
	assert_string_equal(found(*state, &is), "subsetted Patient.meta");
	/* It could never be updated; and an update by criteria is CREATE. */
	how.mode = CHECK_CREATE;
	assert_int_equal(check(*state, &how, part, &is), ERR_RULE);
	assert_string_equal(found(*state, &is), "subsetted Patient.meta");
	how.mode = CHECK_STORED;
	assert_int_equal(check(*state, &how, part, &is), OK);
	how.mode = CHECK_DELETE;
	assert_int_equal(check(*state, &how, PATIENT "'nmae':1}", &is), OK);
}

static const char *
nested_parts(struct arena *a, int n)
{
	const char	*text = "{'name':'a','valueCode':'a'}";

	for (int i = 1; i < n; i++)
		text = arena_printf(a, "{'name':'a','part':[%s]}", text);
	return text;
}

/* JSN-02 is json_doc's; the walk has an end of its own. */
static void
no_deeper_than_it_walks(void **state)
{
	const struct check	how = { .mode = CHECK_STORED };
	struct issues		is;

	assert_int_equal(check(*state, &how, arena_printf(*state,
	    "{'resourceType':'Parameters','parameter':[%s]}",
	    nested_parts(*state, 63)), &is), OK);
	assert_int_equal(check(*state, &how, arena_printf(*state,
	    "{'resourceType':'Parameters','parameter':[%s]}",
	    nested_parts(*state, 64)), &is), ERR_SYNTAX);
	assert_string_equal(is.first->rule, "depth");
}

/* Warnings stop nothing. */
static void
a_warning_is_no_error(void **state)
{
	const struct check	how = { .mode = CHECK_STORED };
	struct issues		is;

	assert_int_equal(check(*state, &how, "{'resourceType':"
	    "'NutritionOrder','patient':{'display':'a'},'dateTime':'2015'}",
	    &is), OK);
	assert_string_equal(found(*state, &is), "nor-1 NutritionOrder");
	assert_int_equal(is.first->severity, SEV_WARNING);
}

/* Every fault at once; beyond the room one issue says that there are more. */
static void
all_at_once_to_a_limit(void **state)
{
	struct check	 how = { .max = 3 };
	const char	*text = PATIENT "'nmae':1,'gender':'x','active':1,"
	    "'birthDate':'x','deceasedBoolean':1}";
	struct issues	 is;

	assert_int_equal(check(*state, &how, text, &is), ERR_SYNTAX);
	assert_string_equal(found(*state, &is), "element Patient.nmae, "
	    "binding Patient.gender, type Patient.active, - -");
	assert_int_equal(is.last->severity, SEV_INFO);
	how.max = 0;
	assert_int_equal(check(*state, &how, text, &is), ERR_SYNTAX);
	assert_int_equal(is.n, 5);
}

static void
teaches(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ PATIENT "'nmae':1}", "did you mean \"name\"?" },
		{ PATIENT "'gender':'Male'}", "did you mean \"male\"?" },
		{ PATIENT "'gender':'x'}", "female" },
		{ SUBJECT("Practitioner/1"),
		  "Device, Group, Location or Patient" },
		{ PATIENT "'active':'true'}", "without quotes" },
		{ PATIENT "'birthDate':'1.1.1970'}", "YYYY-MM-DD" },
		{ PATIENT "'name':{'text':'a'}}", "[ ... ]" },
		{ HOLDS("{'resourceType':'Pateint','id':'p'}"),
		  "did you mean \"Patient\"?" },
		{ OBSERVATION "'valueInteger':1}", "no value[x] of this "
		  "type: one of valueQuantity, valueCodeableConcept, " },
		{ OBSERVATION "'effective':'2015'}",
		  "one of effectiveDateTime, effectivePeriod" },
		{ OBSERVATION "'value[x]':1}", "one of valueQuantity" },
		{ PATIENT "'deceasedString':'a'}",
		  "one of deceasedBoolean, deceasedDateTime" },
		{ "{'resourceType':'MedicationAdministration','dosage':{"
		  "'rateQuantity':{'value':1}}}",
		  "no rate[x] of this type: one of rateRatio, rateRange" },
		{ "{'resourceType':'Condition','onsetAge':{'value':1}}",
		  "one of onsetDateTime, onsetQuantity, " }
	};
	const struct check	how = { .mode = CHECK_STORED };
	struct issues		is;

	for (size_t i = 0; i < N_ELEM(cases); i++) {
		assert_int_not_equal(check(*state, &how, cases[i].text, &is),
		    OK);
		if (strstr(is.first->text, cases[i].says) == NULL)
			fail_msg("%s: \"%s\" does not say %s", cases[i].text,
			    is.first->text, cases[i].says);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(how_often),
		cmocka_unit_test(json_types),
		cmocka_unit_test(partners),
		cmocka_unit_test(modes),
		cmocka_unit_test(no_deeper_than_it_walks),
		cmocka_unit_test(a_warning_is_no_error),
		cmocka_unit_test(all_at_once_to_a_limit),
		cmocka_unit_test(teaches)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
