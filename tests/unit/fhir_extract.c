/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searchable values: what each data type gives under each kind.
 */
#include "tests/unit/fhir_extract.h"

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
	assert_of(*state, "identifier", "urn:mrn|7 & |8 & urn:none|");
	assert_of(*state, "language", "urn:l|de & |en");
}

/* "system|" and :missing ask about the element, not about its code. */
static void
elements_without_a_code_are_there(void **state)
{
	take(*state, "{'resourceType':'Patient','telecom':[{'system':'phone',"
	    "'use':'home'}],'identifier':[{'use':'usual'},{'use':'old'}],"
	    "'maritalStatus':{'text':'x'},'communication':[{'language':{"
	    "'coding':[{'system':'urn:l'},{'display':'French'}]}}],"
	    "'contact':[{'gender':'male'}]}");
	assert_of(*state, "telecom", "|");
	assert_of(*state, "phone", "|");
	assert_of(*state, "email", "");
	assert_of(*state, "identifier", "|");
	assert_of(*state, "language", "urn:l|");
	assert_of(*state, "gender", "");
	take(*state, "{'resourceType':'Observation','status':'final',"
	    "'code':{'text':'x'},'valueQuantity':{'value':5}}");
	assert_of(*state, "code", "|");
	assert_of(*state, "code-value-quantity", "");	/* nothing to pair */
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
	    bytes_of(NULL, 0), &extract_limits, &w->is, &doc), OK);
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

/* S01; what a document begins with, as search.html has no path for it. */
static void
assert_first(struct world *w, const char *kind, const char *entries,
    const char *composition, const char *message)
{
	take(w, arena_printf(w->arena, "{'resourceType':'Bundle',"
	    "'type':'%s','entry':[%s]}", kind, entries));
	assert_of(w, "composition", composition);
	assert_of(w, "message", message);
	assert_int_equal(w->is.n, 0);
}

#define HOLDS(type, id)	"'resource':{'resourceType':'" type "'" id "}"
#define FIRST	HOLDS("Composition", ",'id':'c'")
#define NAMELESS HOLDS("Composition", "")

static void
documents_are_known_by_what_they_begin_with(void **state)
{
	struct world *w = *state;

	assert_first(w, "document", "{" FIRST "}", "Composition/c", "");
	assert_first(w, "message", "{" HOLDS("MessageHeader", ",'id':'m'")
	    "},{" FIRST "}", "", "MessageHeader/m");
	/* of another type, or not the first */
	assert_first(w, "collection", "{" FIRST "}", "", "");
	assert_first(w, "message", "{" FIRST "}", "", "");
	assert_first(w, "document", "{" HOLDS("Patient", ",'id':'p'") "},{"
	    FIRST "}", "", "");
	assert_first(w, "document", "{'fullUrl':'urn:oid:1.2'},{" FIRST "}",
	    "", "");
}

static void
documents_are_known_by_full_url(void **state)
{
	struct world *w = *state;

	assert_first(w, "document", "{'fullUrl':'https://fhir.example.org/"
	    "fhir/Composition/c'," FIRST "}", "Composition/c", "");
	assert_first(w, "document", "{'fullUrl':'https://fhir.example.org/"
	    "fhir/Composition/d'," NAMELESS "}", "Composition/d", "");
	assert_first(w, "document", "{'fullUrl':'https://fhir.example.org/"
	    "fhir/Patient/d'," NAMELESS "}", "", "");
	assert_first(w, "document", "{'fullUrl':'urn:uuid:1'," NAMELESS "}",
	    "urn:uuid:1", "");
	assert_first(w, "document", "{'fullUrl':'urn:uuid:1'," FIRST "}",
	    "Composition/c & urn:uuid:1", "");
	/* another server's c is not ours */
	assert_first(w, "document", "{'fullUrl':'http://other.test/"
	    "Composition/c'," FIRST "}", "http://other.test/Composition/c",
	    "");
	assert_first(w, "document", "{" NAMELESS "}", "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, open_world, close_world)
		T(names_give_each_part_folded),
		T(addresses_give_each_part),
		T(tokens_have_system_and_code),
		T(elements_without_a_code_are_there),
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
		T(documents_are_known_by_what_they_begin_with),
		T(documents_are_known_by_full_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
