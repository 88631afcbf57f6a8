/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searchable values of whole resources: links, composites, order, doubles,
 * and what cannot be placed.
 */
#include "tests/unit/fhir_extract.h"

static void
references_are_canonical(void **state)
{
	take(*state, "{'resourceType':'Observation','subject':{'reference':"
	    "'HTTPS://fhir.example.org:443/fhir/Patient/p1/_history/2'},"
	    "'performer':[{'reference':'Practitioner/d'},"
	    "{'reference':'http://other/fhir/Practitioner/x'},"
	    "{'reference':'#c'},{'display':'Dr X'},"
	    "{'reference':'Practitioner/d/_history/1'}]}");
	assert_of(*state, "subject", "Patient/p1");
	assert_of(*state, "patient", "Patient/p1");
	assert_of(*state, "performer",
	    "Practitioner/d & http://other/fhir/Practitioner/x");
}

static void
a_wrong_target_is_no_value(void **state)
{
	take(*state, "{'resourceType':'Observation',"
	    "'subject':{'reference':'Group/p1'}}");
	assert_of(*state, "subject", "Group/p1");
	assert_of(*state, "patient", "");
	assert_int_equal(((struct world *)*state)->is.n, 0);
}

static void
meta_is_searchable(void **state)
{
	struct world *w = *state;

	take(w, "{'resourceType':'Observation','meta':{'profile':['http://p',"
	    "'http://q'],'tag':[{'system':'urn:t','code':'a'}],"
	    "'security':[{'code':'R'}],'lastUpdated':'2020'}}");
	assert_of(w, "_profile", "http://p & http://q");
	assert_of(w, "_tag", "urn:t|a");
	assert_of(w, "_security", "|R");
	assert_of(w, "_lastUpdated", "");
	assert_of(w, "_id", "");
}

/* Argonaut: code also finds component.code. */
static void
code_finds_components(void **state)
{
	take(*state, "{'resourceType':'Observation','code':{'coding':[{"
	    "'code':'55284-4'}]},'component':[{'code':{'coding':[{"
	    "'code':'8480-6'}]}},{'code':{'coding':[{'code':'8462-4'}]}}]}");
	assert_of(*state, "code", "|55284-4 & |8480-6 & |8462-4");
	assert_of(*state, "component-code", "|8480-6 & |8462-4");
}

/* The code of one component never meets the quantity of another. */
static void
composites_stay_in_their_element(void **state)
{
	take(*state, "{'resourceType':'Observation','code':{'coding':[{"
	    "'code':'bp'}]},'component':[{'code':{'coding':[{"
	    "'code':'s'},{'system':'u','code':'sys'}]},"
	    "'valueQuantity':{'value':120}},{'code':{'coding':[{"
	    "'code':'d'}]},'valueQuantity':{'value':72}},{'code':{"
	    "'coding':[{'code':'none'}]}}],'related':[{"
	    "'type':'has-member','target':{'reference':'Observation/m'}}]}");
	assert_of(*state, "component-code-value-quantity",
	    "|s $ 120..120||| & u|sys $ 120..120||| & |d $ 72..72|||");
	assert_of(*state, "code-value-quantity", "");
	assert_of(*state, "related", "Observation/m $ |has-member");
	take(*state, "{'resourceType':'Observation','code':{'coding':[{"
	    "'code':'w'}]},'valueQuantity':{'value':72}}");
	assert_of(*state, "code-value-quantity", "|w $ 72..72|||");
}

static void
too_many_combinations_are_left_out(void **state)
{
	struct world *w = *state;
	struct buf b = buf_on(w->arena, 1 << 20);
	struct bytes text;
	int i, k;

	buf_str(&b, "{'resourceType':'Observation'");
	for (k = 0; k < 2; k++) {
		buf_printf(&b, ",'%s':{'coding':[", k == 0 ? "code" :
		    "valueCodeableConcept");
		for (i = 0; i < 40; i++)
			buf_printf(&b, "%s{'code':'c%d'}", i > 0 ? "," : "",
			    i);
		buf_str(&b, "]}");
	}
	buf_str(&b, "}");
	assert_int_equal(buf_end(&b, &text), OK);
	take(w, arena_str(w->arena, text));
	assert_of(w, "code-value-concept", "");
	assert_int_equal(w->is.n, 1);
}

static void
no_value_comes_twice(void **state)
{
	take(*state, "{'resourceType':'Observation','category':{'coding':[{"
	    "'code':'b'},{'code':'a'},{'code':'b'},{'system':'s',"
	    "'code':'b'},{'code':'a'}]}}");
	assert_of(*state, "category", "|b & |a & s|b");
}

static void
values_are_sorted_by_parameter(void **state)
{
	struct world *w = *state;
	size_t i;

	take(w, "{'resourceType':'Observation','meta':{'tag':[{'code':'t'}]},"
	    "'status':'final','code':{'coding':[{'code':'w'}]},"
	    "'subject':{'reference':'Patient/1'},'effectiveDateTime':'2020',"
	    "'valueQuantity':{'value':72}}");
	assert_true(w->values.n > 6);
	for (i = 1; i < w->values.n; i++)
		assert_true(w->values.v[i - 1].param <=
		    w->values.v[i].param);
}

/* What cannot be placed is told, by place, and the rest is indexed. */
static void
what_cannot_be_placed_is_told(void **state)
{
	static const struct { const char *text, *place; } bad[] = {
		{ "'effectiveDateTime':'2023-02-29'",
		    "Observation.effectiveDateTime" },
		{ "'effectiveDateTime':{'a':1}",
		    "Observation.effectiveDateTime" },
		{ "'effectivePeriod':{'start':'x'}",
		    "Observation.effectivePeriod" },
		{ "'effectivePeriod':{'start':'2021','end':'2020'}",
		    "Observation.effectivePeriod" },
		{ "'valueQuantity':{'value':'5'}",
		    "Observation.valueQuantity" },
		{ "'valueQuantity':'5'", "Observation.valueQuantity" },
		{ "'category':'lab'", "Observation.category" },
		{ "'category':{'coding':{'code':'x'}}",
		    "Observation.category" },
		{ "'identifier':['x']", "Observation.identifier" },
		{ "'device':{'reference':'Device'}", "Observation.device" },
		{ "'device':'Device/1'", "Observation.device" },
		{ "'valueString':{'a':1}", "Observation.valueString" },
		{ "'valueString':7", "Observation.valueString" },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < N_ELEM(bad); i++) {
		take(w, arena_printf(w->arena, "{'resourceType':'Observation',"
		    "'status':'final',%s}", bad[i].text));
		if (w->is.n == 0)
			fail_msg("no warning for %s", bad[i].text);
		assert_int_equal(w->is.first->severity, SEV_WARNING);
		assert_string_equal(w->is.first->place, bad[i].place);
		assert_of(w, "status", "|final");
		assert_int_equal(w->values.n, 1);
	}
}

/* JSN-11: every member of the wrong type, nothing crashes. */
static void
wrong_types_do_no_harm(void **state)
{
	static const char *const members[] = {
		"meta", "code", "category", "component", "subject",
		"performer", "effectivePeriod", "effectiveDateTime",
		"identifier", "valueQuantity", "related", "status", "contained",
		"valueString"
	};
	static const char *const wrong[] = {
		"'x'", "7", "true", "['x']", "[7,null]", "{'a':'b'}",
		"[[{'code':'x'}]]", "[{'coding':'x'}]", "{'coding':[7]}",
		"{'reference':7}", "{'value':{'a':1}}", "{'code':['x']}"
	};
	struct world *w = *state;
	size_t i, k;

	for (i = 0; i < N_ELEM(members); i++)
		for (k = 0; k < N_ELEM(wrong); k++) {
			if (strcmp(members[i], "meta") == 0 &&
			    wrong[k][0] != '{')
				continue;	/* json_doc refuses these */
			take(w, arena_printf(w->arena,
			    "{'resourceType':'Observation','%s':%s}",
			    members[i], wrong[k]));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, open_world, close_world)
		T(references_are_canonical),
		T(a_wrong_target_is_no_value),
		T(meta_is_searchable),
		T(code_finds_components),
		T(composites_stay_in_their_element),
		T(too_many_combinations_are_left_out),
		T(no_value_comes_twice),
		T(values_are_sorted_by_parameter),
		T(what_cannot_be_placed_is_told),
		T(wrong_types_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
