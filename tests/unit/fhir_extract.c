/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searchable values: what each data type gives under each kind.
 *
 * Resources are written with ' for ", and values read back as text: parts of
 * a value by "|", values by " & ".
 */
#include <stdio.h>

#include "base/buf.h"
#include "fhir/extract_conv.h"
#include "fhir/json.h"
#include "tests/unit/unit.h"

static const struct json_limits limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 200000
};

struct world {
	struct arena	*arena;
	struct base_urls urls;
	struct extract	 x;
	struct issues	 is;
	struct values	 values;
};

static int
open_world(void **state)
{
	struct arena *a = arena_new(0);
	struct world *w = arena_alloc(a, sizeof(*w));

	w->arena = a;
	w->urls.base = bytes_str("https://fhir.example.org/fhir");
	w->x.urls = &w->urls;
	*state = w;
	return 0;
}

static int
close_world(void **state)
{
	struct arena *a = ((struct world *)*state)->arena;

	arena_free(&a);
	return 0;
}

/* Extract; text with ' for ". */
static void
take(struct world *w, const char *text)
{
	char *copy = arena_str(w->arena, bytes_str(text)), *p;
	struct json_doc doc;

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	w->is = issues_on(w->arena);
	if (json_doc(w->arena, bytes_str(copy), bytes_of(NULL, 0), &limits,
	    &w->is, &doc) != OK)
		fail_msg("refused: %s: %s", copy, w->is.first->text);
	assert_int_equal(extract_values(w->arena, &w->x, doc.type, doc.tree,
	    &w->is, &w->values), OK);
}

/* Shortest of the decimal's digits: enough to tell the few used here. */
static void
put_dec(struct buf *b, const struct dec *d)
{
	static const char *const known[] = {
		"0", "1", "2", "4", "5", "7", "72", "120", "80.50", "-3"
	};
	struct dec k, up;
	size_t i;

	if (dec_cmp(d, &prim_dec_min) == 0 || dec_cmp(d, &prim_dec_max) == 0) {
		buf_str(b, "*");
		return;
	}
	for (i = 0; i < N_ELEM(known); i++) {
		assert_int_equal(prim_dec(bytes_str(known[i]), &k), OK);
		up = prim_dec_next(k);
		if (dec_cmp(d, &k) == 0 || dec_cmp(d, &up) == 0) {
			buf_str(b, known[i]);
			buf_str(b, dec_cmp(d, &k) == 0 ? "" : "+");
			return;
		}
	}
	buf_str(b, "?");
}

static void
put_time(struct buf *b, int64_t ms)
{
	char iso[INSTANT_LEN];

	if (ms == TIME_MIN || ms == TIME_MAX) {
		buf_str(b, "*");
		return;
	}
	clock_iso((struct instant){ ms }, iso);
	buf_add(b, bytes_of(iso, 16));
}

static void
put_value(struct buf *b, const struct value *v)
{
	uint8_t i;

	switch (v->kind) {
	case PK_DATE:
		put_time(b, v->time.lo);
		buf_str(b, "..");
		put_time(b, v->time.hi);
		return;
	case PK_NUMBER:
	case PK_QUANTITY:
		put_dec(b, &v->lo);
		buf_str(b, "..");
		put_dec(b, &v->hi);
		if (v->kind == PK_NUMBER)
			return;
		buf_printf(b, "|%.*s|%.*s|%.*s", BYTES_FMT(v->more),
		    BYTES_FMT(v->text), BYTES_FMT(v->unit));
		return;
	case PK_REFERENCE:
		if (v->type != 0)
			buf_printf(b, "%s/", def_type_num(v->type)->name);
		buf_add(b, v->text);
		return;
	case PK_COMPOSITE:
		for (i = 0; i < v->n_part; i++) {
			buf_str(b, i > 0 ? " $ " : "");
			put_value(b, &v->part[i]);
		}
		return;
	case PK_TOKEN:
		buf_add(b, v->more);
		buf_str(b, "|");
		buf_add(b, v->text);
		return;
	default:
		buf_add(b, v->text);
		if (v->kind == PK_STRING && !bytes_eq(v->text, v->more)) {
			buf_str(b, "|");
			buf_add(b, v->more);
		}
	}
}

/* The values of a parameter, as text. */
static const char *
of(struct world *w, const char *code)
{
	struct buf b = buf_on(w->arena, 1 << 20);
	struct bytes out = { NULL, 0 };
	bool first = true;
	size_t i;

	for (i = 0; i < w->values.n; i++) {
		const struct value *v = &w->values.v[i];

		if (strcmp(def_param_num(v->param)->code, code) != 0)
			continue;
		assert_int_equal(v->kind, def_param_num(v->param)->kind);
		buf_str(&b, first ? "" : " & ");
		put_value(&b, v);
		first = false;
	}
	assert_int_equal(buf_end(&b, &out), OK);
	return arena_str(w->arena, out);
}

#define assert_of(w, code, text)	assert_string_equal(of(w, code), text)

static void
names_give_each_part_folded(void **state)
{
	take(*state, "{'resourceType':'Patient','name':[{'family':['Müller',"
	    "'VON'],'given':['Zoë'],'prefix':['Dr'],'suffix':['MD'],"
	    "'text':'Zoe M','use':'official'},{'family':['two']}]}");
	assert_of(*state, "name", "Müller|muller & VON|von & Zoë|zoe & "
	    "Dr|dr & MD|md & Zoe M|zoe m & two");
	assert_of(*state, "family", "Müller|muller & VON|von & two");
	assert_of(*state, "given", "Zoë|zoe");
}

static void
addresses_give_each_part(void **state)
{
	take(*state, "{'resourceType':'Patient','address':[{'use':'home',"
	    "'line':['1 elm','flat 2'],'city':'b','district':'d',"
	    "'state':'c','postalCode':'02101','country':'us',"
	    "'text':'all'}]}");
	assert_of(*state, "address",
	    "1 elm & flat 2 & b & d & c & 02101 & us & all");
	assert_of(*state, "address-city", "b");
	assert_of(*state, "address-postalcode", "02101");
	assert_of(*state, "address-use", "|home");
}

static void
tokens_have_system_and_code(void **state)
{
	take(*state, "{'resourceType':'Patient','active':false,"
	    "'gender':'female','identifier':[{'system':'urn:mrn',"
	    "'value':'7'},{'value':'8'},{'system':'urn:none'}],"
	    "'maritalStatus':{'text':'x'},'communication':[{'language':{"
	    "'coding':[{'system':'urn:l','code':'de'},{'code':'en'},"
	    "{'display':'French'}],'text':'t'}}]}");
	assert_of(*state, "active", "|false");
	assert_of(*state, "gender", "|female");
	assert_of(*state, "identifier", "urn:mrn|7 & |8");
	assert_of(*state, "language", "urn:l|de & |en");
}

static void
contact_points_by_value_and_kind(void **state)
{
	take(*state, "{'resourceType':'Patient','telecom':[{'system':'phone',"
	    "'value':'555'},{'system':'email','value':'a@b'},"
	    "{'value':'9'}]}");
	assert_of(*state, "telecom", "|555 & |a@b & |9");
	assert_of(*state, "phone", "|555");
	assert_of(*state, "email", "|a@b");
}

static void
a_date_of_death_is_dead(void **state)
{
	take(*state, "{'resourceType':'Patient',"
	    "'deceasedDateTime':'2020-05'}");
	assert_of(*state, "deceased", "|true");
	assert_of(*state, "deathdate",
	    "2020-05-01T00:00..2020-06-01T00:00");
	take(*state, "{'resourceType':'Patient','deceasedBoolean':false}");
	assert_of(*state, "deceased", "|false");
}

static void
extensions_are_found_by_url(void **state)
{
#define ARGO "http://fhir.org/guides/argonaut/StructureDefinition/argo-"
	take(*state, "{'resourceType':'Patient','extension':[{'url':'" ARGO
	    "race','extension':[{'url':'ombCategory','valueCoding':{"
	    "'system':'urn:r','code':'2106-3'}},{'url':'text',"
	    "'valueString':'w'}]},{'url':'" ARGO "ethnicity','extension':["
	    "{'url':'ombCategory','valueCoding':{'system':'urn:e',"
	    "'code':'2186-5'}}]},{'url':'urn:other','extension':[{"
	    "'url':'ombCategory','valueCoding':{'code':'no'}}]}]}");
	assert_of(*state, "race", "urn:r|2106-3");
	assert_of(*state, "ethnicity", "urn:e|2186-5");
}

static void
dates_take_every_type(void **state)
{
	take(*state, "{'resourceType':'Observation',"
	    "'effectivePeriod':{'start':'2020-01-02'}}");
	assert_of(*state, "date", "2020-01-02T00:00..*");
	take(*state, "{'resourceType':'Observation',"
	    "'effectivePeriod':{'end':'2020'}}");
	assert_of(*state, "date", "*..2021-01-01T00:00");
	take(*state, "{'resourceType':'Observation',"
	    "'effectiveDateTime':'2020-01-02T03:04:00+01:00'}");
	assert_of(*state, "date", "2020-01-02T02:04..2020-01-02T02:04");
	take(*state, "{'resourceType':'Observation',"
	    "'effectivePeriod':{'id':'x'}}");
	assert_of(*state, "date", "");
	take(*state, "{'resourceType':'Order','when':{'schedule':{"
	    "'event':['2020-03','2020-01-05',null],"
	    "'_event':[null,null,{'id':'x'}]}}}");
	assert_of(*state, "when", "2020-01-05T00:00..2020-04-01T00:00");
	take(*state, "{'resourceType':'Order','when':{'schedule':{"
	    "'repeat':{'boundsPeriod':{'start':'2020'}}}}}");
	assert_of(*state, "when", "2020-01-01T00:00..*");
}

static void
zone_of_the_site_counts(void **state)
{
	struct world *w = *state;

	w->x.zone = 60;
	take(w, "{'resourceType':'Patient','birthDate':'2020-01-01'}");
	assert_of(w, "birthdate", "2019-12-31T23:00..2020-01-01T23:00");
}

/* Argonaut: the first of statusDate, targetDate, startDate. */
static void
first_path_wins_where_it_says_so(void **state)
{
	take(*state, "{'resourceType':'Goal','startDate':'2018',"
	    "'targetDate':'2019'}");
	assert_of(*state, "date", "2019-01-01T00:00..2020-01-01T00:00");
	take(*state, "{'resourceType':'Goal','startDate':'2018',"
	    "'targetDate':'2019','statusDate':'2020'}");
	assert_of(*state, "date", "2020-01-01T00:00..2021-01-01T00:00");
}

static void
quantities_have_unit_and_range(void **state)
{
	take(*state, "{'resourceType':'Observation','valueQuantity':{"
	    "'value':80.50,'unit':'beats','system':'urn:u','code':'/min'}}");
	assert_of(*state, "value-quantity",
	    "80.50..80.50|urn:u|/min|beats");
	take(*state, "{'resourceType':'Observation','valueQuantity':{"
	    "'value':72,'unit':'kg','code':'kg'}}");
	assert_of(*state, "value-quantity", "72..72||kg|");
	take(*state, "{'resourceType':'Observation','valueQuantity':{"
	    "'value':-3,'unit':'C'}}");
	assert_of(*state, "value-quantity", "-3..-3||C|");
	take(*state, "{'resourceType':'Observation','valueQuantity':{"
	    "'unit':'C'}}");
	assert_of(*state, "value-quantity", "");
}

static void
comparators_open_a_range(void **state)
{
#define OBS(c)	"{'resourceType':'Observation','valueQuantity':{" \
    "'value':5,'comparator':'" c "'}}"
	take(*state, OBS("<"));
	assert_of(*state, "value-quantity", "*..5|||");
	take(*state, OBS("<="));
	assert_of(*state, "value-quantity", "*..5+|||");
	take(*state, OBS(">"));
	assert_of(*state, "value-quantity", "5+..*|||");
	take(*state, OBS(">="));
	assert_of(*state, "value-quantity", "5..*|||");
	take(*state, OBS("about"));
	assert_of(*state, "value-quantity", "");
	assert_int_equal(((struct world *)*state)->is.n, 1);
}

static void
numbers_are_points(void **state)
{
	take(*state, "{'resourceType':'Encounter','length':{'value':120,"
	    "'unit':'min'}}");
	assert_of(*state, "length", "120..120");
	take(*state, "{'resourceType':'Immunization',"
	    "'vaccinationProtocol':[{'doseSequence':2},{'doseSequence':1},"
	    "{'doseSequence':2}]}");
	assert_of(*state, "dose-sequence", "2..2 & 1..1");
}

/*
 * No parameter of DSTU2 meets a Range yet; value-quantity lends its number.
 * NULL: there is no value.
 */
static void
assert_range(struct world *w, const char *range, const char *text)
{
	struct def_param p = *def_param(def_type(bytes_str("Observation"))->num,
	    bytes_str("value-quantity"));
	struct def_path path = { .dt = DT_RANGE };
	struct walk walk = { .arena = w->arena, .x = &w->x, .is = &w->is,
	    .param = &p, .path = &path };
	struct json_doc doc;
	char *copy = arena_printf(w->arena,
	    "{'resourceType':'Basic','x':%s}", range), *c;

	for (c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	w->is = issues_on(w->arena);
	assert_int_equal(json_doc(w->arena, bytes_str(copy),
	    bytes_of(NULL, 0), &limits, &w->is, &doc), OK);
	walk_convert(&walk, json_object_get(doc.tree, "x"));
	w->values = (struct values){ walk.v, walk.n };
	assert_of(w, "value-quantity", text);
}

static void
ranges_hold_both_ends(void **state)
{
	struct world *w = *state;

	assert_range(w, "{'low':{'value':1,'unit':'g'},'high':{'value':2}}",
	    "1..2+||g|");
	assert_range(w, "{'low':{'value':5}}", "5..*|||");
	assert_range(w, "{'high':{'value':5,'code':'kg'}}", "*..5+||kg|");
	assert_range(w, "{'low':{'unit':'g'}}", "");
	assert_int_equal(w->is.n, 0);
	assert_range(w, "{'low':{'value':2},'high':{'value':1}}", "");
	assert_int_equal(w->is.n, 1);
	assert_range(w, "{'low':{'value':'2'}}", "");
	assert_int_equal(w->is.n, 1);
}

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
		T(names_give_each_part_folded),
		T(addresses_give_each_part),
		T(tokens_have_system_and_code),
		T(contact_points_by_value_and_kind),
		T(a_date_of_death_is_dead),
		T(extensions_are_found_by_url),
		T(dates_take_every_type),
		T(zone_of_the_site_counts),
		T(first_path_wins_where_it_says_so),
		T(quantities_have_unit_and_range),
		T(comparators_open_a_range),
		T(numbers_are_points),
		T(ranges_hold_both_ends),
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
