/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the base validation finds, where, and what it calls it (R22, A20;
 * JSN-11, JSN-12, JSN-14).  Invariants: fhir_rule.c; narrative:
 * fhir_xhtml.c.
 */
#include "base/attr.h"
#include "fhir/check.h"
#include "fhir/json.h"
#include "tests/unit/unit.h"

static const struct json_limits limits = {
	.bytes = 4 << 20, .depth = 64, .tokens = 200000
};

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

/* JSON that was written with ' for ". */
static struct bytes
quoted(struct arena *a, const char *text)
{
	char	*copy = arena_str(a, bytes_str(text));

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return bytes_str(copy);
}

static enum err
check(struct arena *a, const struct check *how, const char *text,
    struct issues *is)
{
	struct json_doc	doc;

	*is = issues_on(a);
	if (json_doc(a, quoted(a, text), bytes_of(NULL, 0), &limits, is,
	    &doc) != OK)
		fail_msg("not for this test: %s: %s", text, is->first->text);
	return check_resource(a, how, doc.type, doc.tree, is);
}

/* "key place, key place" of all issues. */
static const char *
found(struct arena *a, const struct issues *is)
{
	const char	*out = "";

	for (const struct issue *i = is->first; i != NULL; i = i->next)
		out = arena_printf(a, "%s%s%s %s", out, *out == '\0' ? "" :
		    ", ", i->rule == NULL ? "-" : i->rule,
		    i->place == NULL ? "-" : i->place);
	return out;
}

struct fault_case {
	const char	*text, *found;
	enum err	 err;
};

static void
judge(struct arena *a, const struct fault_case *c, size_t n)
{
	const struct check	how = { .mode = CHECK_STORED };
	struct issues		is;
	enum err		e;

	for (; n > 0; n--, c++) {
		e = check(a, &how, c->text, &is);
		if (strcmp(found(a, &is), c->found) != 0 || e != c->err)
			fail_msg("%s:\n  is   %s %s\n  want %s %s", c->text,
			    err_name(e), found(a, &is), err_name(c->err),
			    c->found);
	}
}

/* --- members ------------------------------------------------------------- */

#define PATIENT		"{'resourceType':'Patient',"
#define OBSERVATION	"{'resourceType':'Observation','status':'final'," \
			"'code':{'text':'a'},"

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

/* --- primitives ---------------------------------------------------------- */

struct form {
	const char	*member;	/* of an Extension */
	const char	*good[10], *bad[16];
};

static const struct form forms[] = {
	{ "valueBoolean", { "true", "false" }, { NULL } },
	{ "valueInteger", { "0", "-1", "2147483647", "-2147483648" },
	  { "2147483648", "-2147483649", "1.0", "0.5" } },
	{ "valueUnsignedInt", { "0", "2147483647" }, { "-1", "2147483648",
	  "1.0" } },
	{ "valuePositiveInt", { "1", "2147483647" }, { "0", "-1", "1.5" } },
	{ "valueDecimal", { "0", "-0", "1.00", "-123456789.123456789" },
	  { NULL } },
	{ "valueString", { "' a'", "'\\n'" }, { NULL } },
	{ "valueCode", { "'a'", "'a b c'", "'A-1/x'" }, { "' a'", "'a '",
	  "'a  b'", "'a\\tb'", "'a\\n'", "' '" } },
	{ "valueId", { "'a'", "'A-1.b'", "'0'" }, { "'a_b'", "'a b'", "'\u00e4'",
	  "'a/b'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaa'" } },
	{ "valueUri", { "'http://a/b?c#d'", "'urn:oid:1.2'", "'a'" },
	  { "'a b'", "' a'", "'a\\n'" } },
	{ "valueOid", { "'urn:oid:1.2.840'", "'urn:oid:0'" }, { "'1.2'",
	  "'urn:oid:'", "'urn:oid:1.'", "'urn:oid:.1'", "'urn:oid:1..2'",
	  "'urn:oid:01'", "'urn:oid:1.02'", "'urn:oid:1.a'", "'urn:OID:1'" } },
	{ "valueBase64Binary", { "'YQ=='", "'YWE='", "'YWFh'",
	  "'YWFh\\r\\nYWFh'" }, { "'YQ'", "'YQ='", "'=YWF'", "'YQ=a'",
	  "'YWFh='", "'Y-Fh'", "'===='", "'Y==='", "' '" } },
	{ "valueDate", { "'2015'", "'2015-02'", "'2016-02-29'" },
	  { "'2015-02-29'", "'2015-2'", "'2015-13'", "'15'", "'2015-00'",
	    "'2015-01-32'", "'2015-01-01T00:00:00Z'", "'0000'", "'20150101'",
	    "'-2015'" } },
	{ "valueDateTime", { "'2015'", "'2015-02'", "'2016-02-29'",
	  "'2015-01-01T00:00:00Z'", "'2015-01-01T00:00:00.123+14:00'",
	  "'2015-01-01T23:59:59-05:30'" }, { "'2015-01-01T00:00Z'",
	  "'2015-01-01T00:00:00'", "'2015-01-01T24:00:00Z'",
	  "'2015-01-01T00:00:60Z'", "'2015-01-01T00:00:00+15:00'",
	  "'2015-01-01 00:00:00Z'", "'2015-01-01T00:00:00z'",
	  "'2015-01-01T00:00:00.Z'", "'2015-01-01T'", "'2015-02-30T00:00:00Z'",
	  "'2015-01-01T10'", "'2015-01-01T10:00-05:00'" } },
	{ "valueInstant", { "'2015-01-01T00:00:00Z'",
	  "'2015-01-01T00:00:00.5+01:00'" }, { "'2015'", "'2015-01-01'",
	  "'2015-01-01T00:00:00'", "'2015-01-01T00:00Z'" } },
	{ "valueTime", { "'00:00:00'", "'23:59:59.999'" }, { "'24:00:00'",
	  "'00:00'", "'0:00:00'", "'00:00:00Z'", "'00:00:60'",
	  "'10:00:00+01:00'", "'10:00:00.'", "'10.00.00'" } },
	{ "valueMarkdown", { "'*a*'", "' '" }, { NULL } }
};

/* JSN-08 keeps digits; this keeps what is no number, date or code out. */
static void
one_form(struct arena *a, const struct form *f, const char *value, bool good)
{
	const struct check	 how = { .mode = CHECK_STORED };
	const char		*text = arena_printf(a, PATIENT "'extension':["
				    "{'url':'http://a','%s':%s}]}", f->member,
				    value);
	const char		*type = arena_printf(a, "%c%s",
				    f->member[5] | 0x20, f->member + 6);
	struct issues		 is;
	enum err		 e = check(a, &how, text, &is);

	if (e != (good ? OK : ERR_RULE) || is.n != (good ? 0 : 1))
		fail_msg("%s: %s %s", text, err_name(e), found(a, &is));
	if (good)
		return;
	assert_string_equal(is.first->rule, type);
	assert_string_equal(is.first->code, "value");
	assert_string_equal(is.first->place, arena_printf(a,
	    "Patient.extension[0].%s", f->member));
}

static void
primitives(void **state)
{
	for (size_t i = 0; i < N_ELEM(forms); i++) {
		const struct form	*f = &forms[i];

		for (size_t j = 0; j < N_ELEM(f->good) && f->good[j]; j++)
			one_form(*state, f, f->good[j], true);
		for (size_t j = 0; j < N_ELEM(f->bad) && f->bad[j]; j++)
			one_form(*state, f, f->bad[j], false);
	}
}

/* datatypes.html#string */
static void
a_string_has_a_megabyte(void **state)
{
	const struct check	 how = { .mode = CHECK_STORED };
	const size_t		 most = 1024 * 1024;
	char			*s = arena_alloc(*state, most + 2);
	struct issues		 is;

	memset(s, 'a', most);
	assert_int_equal(check(*state, &how, arena_printf(*state, PATIENT
	    "'name':[{'text':'%s'}]}", s), &is), OK);
	s[most] = 'a';
	assert_int_equal(check(*state, &how, arena_printf(*state, PATIENT
	    "'name':[{'text':'%s'}]}", s), &is), ERR_RULE);
	assert_string_equal(found(*state, &is),
	    "string Patient.name[0].text");
}

/* --- codes and references ------------------------------------------------ */

static void
bindings(void **state)
{
	static const struct fault_case	cases[] = {
		{ PATIENT "'gender':'male'}", "", OK },
		{ PATIENT "'gender':'Male'}", "binding Patient.gender",
		  ERR_RULE },
		{ PATIENT "'gender':'m'}", "binding Patient.gender", ERR_RULE },
		{ PATIENT "'maritalStatus':{'coding':[{'system':"
		  "'http://hl7.org/fhir/v3/MaritalStatus','code':'M'}]}}", "",
		  OK },
		{ PATIENT "'maritalStatus':{'coding':[{'code':'M'}]}}", "",
		  OK },
		{ PATIENT "'maritalStatus':{'coding':[{'system':'http://a',"
		  "'code':'x'},{'system':'http://hl7.org/fhir/v3/"
		  "MaritalStatus','code':'M'}]}}", "", OK },
		{ PATIENT "'maritalStatus':{'coding':[{'system':'http://a',"
		  "'code':'M'}]}}", "binding Patient.maritalStatus",
		  ERR_RULE },
		{ PATIENT "'maritalStatus':{'coding':[{'system':"
		  "'http://hl7.org/fhir/v3/MaritalStatus','code':'X'}]}}",
		  "binding Patient.maritalStatus", ERR_RULE },
		{ PATIENT "'maritalStatus':{'text':'married'}}",
		  "binding Patient.maritalStatus", ERR_RULE },
		{ PATIENT "'communication':[{'language':{'coding':[{'system':"
		  "'urn:oid:2.16.840.1.113883.6.121','code':'nl'}]}}]}", "",
		  OK },
		{ PATIENT "'communication':[{'language':{'coding':[{'code':"
		  "'no such thing'}]}}]}",
		  "binding Patient.communication[0].language", ERR_RULE },
		{ PATIENT "'language':'e'}", "binding Patient.language",
		  ERR_RULE },
		{ PATIENT "'photo':[{'contentType':'jpeg'}]}",
		  "binding Patient.photo[0].contentType", ERR_RULE }
	};

	judge(*state, cases, N_ELEM(cases));
}

#define SUBJECT(ref)	OBSERVATION "'subject':{'reference':'" ref "'}}"
#define AT_SUBJECT	"Observation.subject.reference"

static void
references(void **state)
{
	static const struct fault_case	cases[] = {
		{ SUBJECT("Patient/1"), "", OK },
		{ SUBJECT("Patient/1/_history/2"), "", OK },
		{ SUBJECT("urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"),
		  "", OK },
		{ SUBJECT("http://other.org/fhir/Patient/1"), "", OK },
		{ SUBJECT("http://other.org/a/b/c"), "", OK },
		{ SUBJECT("Practitioner/1"), "target " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("http://other.org/fhir/Practitioner/1"),
		  "target " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("http://other.org/fhir/Practitioner/1/_history/2"),
		  "target " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("patient/1"), "reference " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("Patient"), "reference " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("Patient/a b"), "reference " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("Patient/1/_history/"), "reference " AT_SUBJECT,
		  ERR_RULE },
		{ SUBJECT("#a"), "ref-1 " AT_SUBJECT, ERR_RULE },
		{ SUBJECT("#"), "reference " AT_SUBJECT, ERR_RULE },
		/* the base of this server, once it is known */
		{ OBSERVATION "'subject':{'display':'somebody'}}", "", OK }
	};

	judge(*state, cases, N_ELEM(cases));
}

static void
our_base_is_no_strangers(void **state)
{
	const struct base_urls	urls = { bytes_str("https://us/fhir"), NULL,
				    0 };
	const struct check	how = { .urls = &urls };
	struct issues		is;

	assert_int_equal(check(*state, &how,
	    SUBJECT("https://us/fhir/Patient/1"), &is), OK);
	assert_int_equal(check(*state, &how,
	    SUBJECT("https://us/fhir/Practitioner/1"), &is), ERR_RULE);
	assert_int_equal(check(*state, &how,
	    SUBJECT("https://us/fhir/nothing"), &is), ERR_RULE);
	assert_string_equal(is.first->rule, "reference");
}

#define HOLDS(inner)	OBSERVATION "'contained':[" inner "],'subject':{" \
			"'reference':'#p'}}"

static void
contained(void **state)
{
	static const struct fault_case	cases[] = {
		{ HOLDS("{'resourceType':'Patient','id':'p'}"), "", OK },
		{ HOLDS("{'resourceType':'Patient','id':'q'}"),
		  "ref-1 " AT_SUBJECT ", dom-3 Observation.contained[0]",
		  ERR_RULE },
		{ HOLDS("{'resourceType':'Practitioner','id':'p'}"),
		  "target " AT_SUBJECT, ERR_RULE },
		{ HOLDS("{'resourceType':'Patient','id':'p','text':{'status':"
		  "'empty','div':'<div>a</div>'}}"),
		  "dom-1 Observation.contained[0]", ERR_RULE },
		{ HOLDS("{'resourceType':'Patient','id':'p','contained':[{"
		  "'resourceType':'Patient','id':'q'}]}"),
		  "dom-2 Observation.contained[0]", ERR_RULE },
		{ HOLDS("{'resourceType':'Patient','id':'p','meta':{"
		  "'versionId':'1'}}"), "dom-4 Observation.contained[0]",
		  ERR_RULE },
		{ HOLDS("{'resourceType':'Patient','id':'p','meta':{"
		  "'lastUpdated':'2015-01-01T00:00:00Z'}}"),
		  "dom-4 Observation.contained[0]", ERR_RULE },
		{ HOLDS("{'resourceType':'Patient','id':'p','managing"
		  "Organization':{'reference':'#o'}},{'resourceType':"
		  "'Organization','id':'o','name':'a'}"), "", OK },
		{ HOLDS("{'resourceType':'Patient','id':'p'},{'resourceType':"
		  "'Patient','active':true}"),
		  "dom-3 Observation.contained[1]", ERR_RULE },
		{ HOLDS("{'resourceType':'Patient','id':'p','nmae':'a'}"),
		  "element Observation.contained[0].nmae", ERR_SYNTAX },
		{ HOLDS("{'id':'p'}"), "resource Observation.contained[0]",
		  ERR_SYNTAX },
		{ HOLDS("{'resourceType':'Pateint','id':'p'}"),
		  "resource Observation.contained[0]", ERR_SYNTAX },
		{ HOLDS("{'resourceType':1,'id':'p'}"),
		  "resource Observation.contained[0]", ERR_SYNTAX },
		/* an entry has contained resources of its own */
		{ "{'resourceType':'Bundle','type':'collection','entry':[{"
		  "'fullUrl':'urn:a','resource':" HOLDS("{'resourceType':"
		  "'Patient','id':'p'}") "},{'fullUrl':'urn:b','resource':"
		  SUBJECT("#p") "}]}",
		  "ref-1 Bundle.entry[1].resource.subject.reference",
		  ERR_RULE }
	};

	judge(*state, cases, N_ELEM(cases));
}

/* One of the two is the one that is referred to; which, nobody can say. */
static void
contained_twice(void **state)
{
	const struct check	how = { .mode = CHECK_STORED };
	struct issues		is;

	assert_int_equal(check(*state, &how, HOLDS("{'resourceType':'Patient'"
	    ",'id':'p'},{'resourceType':'Patient','id':'p'}"), &is),
	    ERR_RULE);
	assert_string_equal(is.first->rule, "contained");
	assert_string_equal(is.first->code, "duplicate");
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
	assert_string_equal(found(*state, &is), "id Patient.id");
	/* R25 */
	assert_int_equal(check(*state, &how, part, &is), ERR_RULE);
	assert_string_equal(found(*state, &is), "subsetted Patient.meta");
	how.mode = CHECK_CREATE;
	assert_int_equal(check(*state, &how, part, &is), OK);
	how.mode = CHECK_DELETE;
	assert_int_equal(check(*state, &how, PATIENT "'nmae':1}", &is), OK);
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
		  "did you mean \"Patient\"?" }
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
		cmocka_unit_test(primitives),
		cmocka_unit_test(a_string_has_a_megabyte),
		cmocka_unit_test(bindings),
		cmocka_unit_test(references),
		cmocka_unit_test(our_base_is_no_strangers),
		cmocka_unit_test(contained),
		cmocka_unit_test(contained_twice),
		cmocka_unit_test(modes),
		cmocka_unit_test(a_warning_is_no_error),
		cmocka_unit_test(all_at_once_to_a_limit),
		cmocka_unit_test(teaches)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
