/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values under the base validation: forms of primitives, codes, references
 * and what they find inside (A20, R22).
 */
#include "tests/unit/fhir_check.h"

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
	{ "valueId", { "'a'", "'A-1.b'", "'0'" }, { "'a_b'", "'a b'",
	  "'\u00e4'",
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
		{ "{'resourceType':'Patient','text':{'status':'generated',"
		  "'div':'<div><img src=\\\"#p\\\"/></div>'},'contained':[{"
		  "'resourceType':'Binary','id':'p','contentType':'image/png',"
		  "'content':'AAAA'}]}", "", OK },
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(primitives),
		cmocka_unit_test(a_string_has_a_megabyte),
		cmocka_unit_test(bindings),
		cmocka_unit_test(references),
		cmocka_unit_test(our_base_is_no_strangers),
		cmocka_unit_test(contained),
		cmocka_unit_test(contained_twice)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
