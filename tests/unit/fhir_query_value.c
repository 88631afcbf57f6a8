/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of searches by kind, and the parameters about the result.
 */
#include "tests/unit/fhir_query.h"

/* --- values by kind ------------------------------------------------------- */

static void
token_forms(void **state)
{
	struct query	q = good(*state, "Observation",
	    "code=a,s%7Cb,%7Cc,s%7C,http://loinc.org|72166-2");
	const struct match	*m = q.must->any;

	assert_int_equal(q.must->n_any, 5);
	assert_bytes(m[0].v.text, "a");
	assert_true(m[0].v.any_system);
	assert_bytes(m[1].v.more, "s");
	assert_bytes(m[1].v.text, "b");
	assert_false(m[1].v.any_system || m[1].v.no_system);
	assert_true(m[2].v.no_system);
	assert_true(m[3].v.any_code);
	assert_false(m[3].v.any_system);
	assert_bytes(m[4].v.more, "http://loinc.org");
	assert_bytes(m[4].v.text, "72166-2");
}

/* A code has no system in the rows: one its value set names is taken off. */
static void
plain_codes_have_the_system_of_their_set(void **state)
{
	static const char *const	same[] = {
		"http://hl7.org/fhir/observation-status|final",
		"http://hl7.org/fhir/observation-status|FINAL"
	};
	static const char *const	other[] = {
		"http://h/none|final", "http://hl7.org/fhir/goal-status|final",
		"http://hl7.org/fhir/observation-status|achieved"
	};
	struct query	q;
	size_t		i;

	for (i = 0; i < N_ELEM(same); i++) {
		q = good(*state, "Observation", arena_printf(*state,
		    "status=%s", same[i]));
		assert_true(q.must->any->v.no_system);
		assert_bytes(q.must->any->v.more, "");
	}
	for (i = 0; i < N_ELEM(other); i++) {
		q = good(*state, "Observation", arena_printf(*state,
		    "status=%s", other[i]));
		assert_false(q.must->any->v.no_system);
		assert_int_not_equal(q.must->any->v.more.len, 0);
	}
	q = good(*state, "Observation",
	    "status=http://hl7.org/fhir/observation-status|");
	assert_true(q.must->any->v.any_code && q.must->any->v.no_system);
	q = good(*state, "Condition", "clinicalstatus="
	    "http://hl7.org/fhir/condition-clinical|active");
	assert_true(q.must->any->v.no_system);
	/* a Coding has one of its own */
	q = good(*state, "Patient", "language=urn:ietf:bcp:47|en");
	assert_false(q.must->any->v.no_system);
}

/* SRC-20: escapes after percent-decoding; all else is literal. */
static void
escapes_are_literal(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "name=a%5C,b", "a,b" }, { "name=a%5C%7Cb", "a|b" },
		{ "name=a%5C$b", "a$b" }, { "name=a%5C%5Cb", "a\\b" },
		{ "name=a%5C", "a\\" }, { "name=a%5Cn", "a\\n" },
		{ "name=a%5C%5C%5C,b", "a\\,b" },
		{ "name=a%25b*", "a%b*" }, { "name=a|b", "a|b" },
		{ "name=a%2525", "a%25" }
	};
	struct query	q;
	size_t		i;

	for (i = 0; i < N_ELEM(cases); i++) {
		q = good(*state, "Patient", cases[i].text);
		assert_int_equal(q.must->n_any, 1);
		assert_bytes(q.must->any->v.text, cases[i].want);
	}
	/* an escaped backslash does not escape the comma behind it */
	q = good(*state, "Patient", "name=a%5C%5C,b");
	assert_int_equal(q.must->n_any, 2);
	q = good(*state, "Patient", "identifier=s%7Ca%5C%7Cb");
	assert_bytes(q.must->any->v.text, "a|b");
}

static void
strings_are_folded(void **state)
{
	struct query	q = good(*state, "Patient", "name=M%C3%BCller");

	assert_bytes(q.must->any->v.more, "muller");
	assert_bytes(q.must->any->v.text, "M\xc3\xbcller");
	assert_int_equal(q.must->mod, MOD_NONE);
	q = good(*state, "Patient", "family:exact=M&given:contains=e");
	assert_int_equal(q.must[0].mod, MOD_EXACT);
	assert_int_equal(q.must[1].mod, MOD_CONTAINS);
}

static void
dates_with_prefixes(void **state)
{
	static const struct { const char *text; enum prefix prefix; } c[] = {
		{ "date=2013-01-14", PRE_EQ }, { "date=eq2013", PRE_EQ },
		{ "date=ne2013-01", PRE_NE }, { "date=gt2013-01", PRE_GT },
		{ "date=lt2013-01", PRE_LT }, { "date=ge2013-01", PRE_GE },
		{ "date=le2013-01", PRE_LE }, { "date=sa2013-01", PRE_SA },
		{ "date=eb2013-01", PRE_EB }, { "date=ap2013-01", PRE_AP },
		{ "_lastUpdated=ge2013-01-14T10:00:00Z", PRE_GE },
		{ "date=2013-01-14T10:00", PRE_EQ }
	};
	struct query	q;
	size_t		i;

	for (i = 0; i < N_ELEM(c); i++) {
		q = good(*state, "Observation", c[i].text);
		assert_int_equal(q.must->any->prefix, c[i].prefix);
	}
	q = good(*state, "Observation", "date=1970-01-02");
	assert_int_equal(q.must->any->v.time.lo, 86400000);
	assert_int_equal(q.must->any->v.time.hi, 2 * 86400000);
	/* a "+" that was not encoded */
	q = good(*state, "Observation", "date=1970-01-01T01:00:00+01:00");
	assert_int_equal(q.must->any->v.time.lo, 0);
	assert_int_equal(q.must->any->v.time.hi, 1000);
}

static void
numbers_by_prefix(void **state)
{
	struct query	q = good(*state, "Observation",
	    "value-quantity=5.4|http://unitsofmeasure.org|mg,gt3||mg,ap7");
	const struct match	*m = q.must->any;

	assert_true(dec_cmp(&m[0].v.lo, &m[0].v.hi) < 0);
	assert_false(m[0].v.any_system || m[0].v.any_code);
	assert_bytes(m[0].v.more, "http://unitsofmeasure.org");
	assert_bytes(m[0].v.text, "mg");
	assert_int_equal(m[1].prefix, PRE_GT);
	assert_true(dec_cmp(&m[1].v.lo, &m[1].v.hi) == 0);
	assert_true(m[1].v.any_system && !m[1].v.any_code);
	assert_true(m[2].v.any_system && m[2].v.any_code);
}

static void
wrong_values_are_refused(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "date=2013-13", ERR_VALUE, "?date", "YYYY" },
		{ "Observation", "date=yesterday", ERR_VALUE, NULL,
		    "not a date: " },
		{ "Observation", "date=zz", ERR_VALUE, NULL, "not a date: " },
		{ "Observation", "date=po-1", ERR_VALUE, NULL,
		    "unknown prefix" },
		{ "Observation", "date=po2013", ERR_VALUE, NULL,
		    "eq ne gt lt ge le sa eb ap" },
		{ "Observation", "date=%3E2013", ERR_VALUE, NULL, "eq ne" },
		{ "Observation", "date=ge", ERR_VALUE, NULL, "YYYY" },
		{ "Observation", "date=2013-01-14 10:00", ERR_VALUE, NULL,
		    "YYYY" },
		{ "Observation", "_lastUpdated=now", ERR_VALUE, NULL, "" },
		{ "Observation", "value-quantity=abc", ERR_VALUE, NULL,
		    "not a quantity: " },
		{ "Observation", "value-quantity=ab.5", ERR_VALUE, NULL,
		    "unknown prefix" },
		{ "Observation", "value-quantity=gtabc", ERR_VALUE, NULL,
		    "not a quantity: " },
		{ "Encounter", "length=ab", ERR_VALUE, NULL,
		    "not a number: " },
		{ "Observation", "value-quantity=5|mg", ERR_VALUE, NULL,
		    "number||unit" },
		{ "Observation", "value-quantity=5||", ERR_VALUE, NULL,
		    "number||unit" },
		{ "Observation", "value-quantity=5|a|b|c", ERR_VALUE, NULL,
		    "number||unit" },
		{ "Observation", "value-quantity=||mg", ERR_VALUE, NULL,
		    "number||unit" },
		{ "Observation", "code=a|b|c", ERR_VALUE, NULL, "\\|" },
		{ "Observation", "_id=a_b", ERR_VALUE, "?_id", "A-Z" },
		{ "Observation", "_id=a|b", ERR_VALUE, NULL, "A-Z" },
		{ "Observation", "code:missing=yes", ERR_VALUE, NULL,
		    "true or false" },
		{ "Observation", "code:missing=true,false", ERR_VALUE, NULL,
		    "true or false" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

/* Interop 24: a code nobody knows is no error. */
static void
misspelt_codes_are_no_error(void **state)
{
	struct query	q = good(*state, "Condition",
	    "patient=1&clinicalstatus=active,recurrance,remission");

	assert_int_equal(q.must[1].n_any, 3);
}

/* Q02, Q06, Q07, Q14: every combination of requirements 1.3 is understood. */
static void
argonaut_combinations(void **state)
{
	static const struct { const char *type, *text; size_t must; } c[] = {
		{ "Patient", "identifier=http://x|1", 1 },
		{ "Patient", "identifier=1", 1 },
		{ "Patient", "name=Shaw&gender=male", 2 },
		{ "Patient", "name=Shaw&birthdate=2007-03-20", 2 },
		{ "Patient", "gender=male&birthdate=2007-03-20", 2 },
		{ "Patient", "family=a&given=b&gender=female", 3 },
		{ "Patient", "race=2028-9&ethnicity=2135-2", 2 },
		{ "AllergyIntolerance", "patient=1", 1 },
		{ "CarePlan", "patient=1&category=assess-plan", 2 },
		{ "CarePlan", "patient=1&category=careteam&status=active", 3 },
		{ "CarePlan", "patient=1&category=assess-plan&status=active"
		    "&date=ge2015", 4 },
		{ "Condition", "patient=1&category=problem", 2 },
		{ "Device", "patient=1", 1 },
		{ "DiagnosticReport",
		    "patient=1&category=LAB&code=a,b,c&date=ge2015", 4 },
		{ "DocumentReference",
		    "patient=1&type=34133-9&period=ge2016-01-01", 3 },
		{ "Goal", "patient=1&date=ge2015&date=le2016", 3 },
		{ "Immunization", "patient=1", 1 },
		{ "MedicationOrder",
		    "patient=1&_include=MedicationOrder:medication", 1 },
		{ "MedicationStatement",
		    "patient=1&_include=MedicationStatement:medication", 1 },
		{ "Observation", "patient=1&category=vital-signs"
		    "&date=ge2015-01-14&date=le2016-01-14", 4 },
		{ "Observation", "patient=1&code=2339-0,25428-4,2514-8", 2 },
		{ "Procedure", "patient=1&date=gt2015", 2 }
	};
	size_t	i;

	for (i = 0; i < N_ELEM(c); i++)
		assert_int_equal(good(*state, c[i].type, c[i].text).n_must,
		    c[i].must);
}

/* --- parameters about the result ------------------------------------------ */

/* SRC-11 */
static void
counts(void **state)
{
	const struct refusal	cases[] = {
		{ "Patient", "_count=-1", ERR_VALUE, "?_count", "from 0" },
		{ "Patient", "_count=1e9", ERR_VALUE, NULL, "from 0" },
		{ "Patient", "_count=1e99", ERR_VALUE, NULL, "from 0" },
		{ "Patient", "_count=NaN", ERR_VALUE, NULL, "from 0" },
		{ "Patient", "_count=%2B1", ERR_VALUE, NULL, "from 0" },
		{ "Patient", "_count=99999999999999999999", ERR_VALUE, NULL,
		    "from 0" },
		{ "Patient", "_count=1&_count=2", ERR_USAGE, NULL, "twice" }
	};

	refuses(*state, cases, N_ELEM(cases));
	assert_int_equal(good(*state, "Patient", "name=a").count, -1);
	assert_int_equal(good(*state, "Patient", "_count=0").count, 0);
	assert_int_equal(good(*state, "Patient", "_count=1000000000").count,
	    1000000000);
}

static void
sorts_in_both_spellings(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "_sort:up=date", ERR_USAGE, "?_sort:up",
		    "_sort:desc" },
		{ "Observation", "_sort:desc=-date", ERR_VALUE, NULL,
		    "not both" },
		{ "Observation", "_sort=dat", ERR_VALUE, NULL, "\"date\"" },
		{ "Observation", "_sort=date,-date", ERR_USAGE, NULL,
		    "twice" },
		{ "Observation", "_sort=date,", ERR_USAGE, NULL, "empty" },
		{ "Observation", "_sort=-", ERR_USAGE, NULL, "empty" },
		{ "Observation", "_sort=_text", ERR_VALUE, NULL, "sorted" },
		{ "Observation", "_sort=_id,code,date,status", ERR_USAGE,
		    "?_sort", "at most 3 sort keys" },
		{ "Observation", "_sort=code,date&_sort:desc=_id&_sort=status",
		    ERR_USAGE, "?_sort", "leave out" }
	};
	struct query	q = good(*state, "Observation", "_sort=date,-_id");

	assert_int_equal(q.n_sort, 2);
	assert_string_equal(q.sort[0].param->code, "date");
	assert_false(q.sort[0].descending);
	assert_int_equal(q.sort[1].param->num, PARAM_ID);
	assert_true(q.sort[1].descending);
	q = good(*state, "Observation",
	    "_sort:desc=date&_sort:asc=_lastUpdated");
	assert_true(q.sort[0].descending);
	assert_int_equal(q.sort[1].param->num, PARAM_LASTUPDATED);
	assert_false(q.sort[1].descending);
	refuses(*state, cases, N_ELEM(cases));
}

/* F02: "+" arrives as a space; parameters of a media type keep theirs. */
static void
formats(void **state)
{
	struct query	q = good(*state, "Patient",
	    "_format=application/json+fhir&_pretty=true");

	assert_bytes(q.format, "application/json+fhir");
	assert_true(q.pretty);
	q = good(*state, "Patient", "_format=application/json%2Bfhir"
	    "&_pretty=false&_cursor=abc");
	assert_bytes(q.format, "application/json+fhir");
	assert_false(q.pretty);
	assert_bytes(q.cursor, "abc");
	q = good(*state, "Patient", "_format=text/json;+charset%3Dutf-8");
	assert_bytes(q.format, "text/json; charset=utf-8");
}

/* SRC-22: the self link is escaped, and holds neither place nor format. */
static void
self_is_canonical(void **state)
{
	struct query	q = good(*state, "Patient", "name=a%20b%22%3C&_format="
	    "json&_cursor=x&_sort=-birthdate&_count=5&identifier=s|1,2");

	assert_bytes(q.self, "name=a%20b%22%3C&_sort=-birthdate&_count=5"
	    "&identifier=s%7C1%2C2");
	assert_bytes(good(*state, "Patient", "").self, "");
}

/* A cursor of one query is of no use in another. */
static void
digest_tells_queries_apart(void **state)
{
	static const char *const	texts[] = {
		"", "name=a", "name=b", "name:exact=a", "name=a&name=b",
		"name=a,b", "family=a", "name=a&_sort=birthdate",
		"name=a&_sort=-birthdate", "name:missing=true",
		"name:missing=false", "name=a&_include=Patient:organization",
		"name=a&_revinclude=Observation:subject",
		"name=a&_include:recurse=Patient:link", "_text=a",
		"_content=a", "_list=a", "_filter=name eq a",
		"_has:Observation:patient:code=1", "organization.name=a",
		"_contained=true",
		"name=a&_include=Patient:careprovider",
		"name=a&_include=Patient:careprovider:Practitioner"
	};
	struct query	q[N_ELEM(texts)], other;
	size_t		i, j;

	for (i = 0; i < N_ELEM(texts); i++) {
		q[i] = good(*state, "Patient", texts[i]);
		for (j = 0; j < i; j++)
			assert_memory_not_equal(q[i].digest, q[j].digest, 16);
	}
	other = good(*state, "Practitioner", "name=a");
	assert_memory_not_equal(q[1].digest, other.digest, 16);
	other = good(*state, "Patient",
	    "_count=7&name=a&_cursor=z&_format=json&_pretty=true");
	assert_memory_equal(q[1].digest, other.digest, 16);
}

/* Compartment search: any of the compartment's parameters. */
static void
compartment_adds_one_criterion(void **state)
{
	struct query		 q = good(*state, "Observation", "code=x");
	struct issues		 is = issues_on(*state);
	const struct criterion	*c;
	uint8_t			 before[16];

	memcpy(before, q.digest, 16);
	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), OK);
	assert_int_equal(q.n_must, 2);
	assert_string_equal(q.must[0].param->code, "code");
	c = &q.must[1];
	assert_int_equal(c->n_also, 1);
	assert_true((strcmp(c->param->code, "subject") == 0 &&
	    strcmp(c->also[0]->code, "performer") == 0) ||
	    (strcmp(c->param->code, "performer") == 0 &&
	    strcmp(c->also[0]->code, "subject") == 0));
	assert_bytes(c->any->v.text, "p1");
	assert_int_equal(c->any->v.type, type_num("Patient"));
	assert_memory_not_equal(before, q.digest, 16);
	assert_bytes(q.self, "code=x");
}

/* What names no patient itself: a chain, where nothing else leads there. */
static void
by_a_chain_alone(void **state)
{
	struct query		 q = good(*state, "OrderResponse", "code=x");
	struct issues		 is = issues_on(*state);
	const struct node	*n;

	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), OK);
	assert_int_equal(q.n_must, 1);
	assert_int_equal(q.n_node, 1);
	n = q.node;
	assert_int_equal(n->op, NODE_CHAIN);
	assert_string_equal(n->link->code, "request");
	assert_int_equal(n->type, type_num("Order"));
	assert_int_equal(n->kid->op, NODE_LEAF);
	assert_string_equal(n->kid->leaf.param->code, "patient");
	assert_bytes(n->kid->leaf.any->v.text, "p1");
	assert_bytes(q.self, "code=x");
	/* Elsewhere it stands by a reference of its own. */
	q = good(*state, "OrderResponse", "");
	assert_int_equal(query_compartment(*state, &q,
	    type_num("Practitioner"), bytes_str("d1"), &is), OK);
	assert_int_equal(q.n_must, 1);
	assert_int_equal(q.n_node, 0);
	/* Chains beside others are not followed. */
	q = good(*state, "Provenance", "");
	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), OK);
	assert_int_equal(q.n_must, 1);
	assert_int_equal(q.n_node, 0);
}

/* Of all types: each as if it were asked alone. */
static void
of_all_types_by_a_chain(void **state)
{
	struct query	q, one;
	struct issues	is;

	assert_int_equal(parse_type(*state, 0, "", &limits, &is, &q), OK);
	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), OK);
	assert_int_equal(q.n_node, 0);
	assert_int_equal(query_of_type(*state, &q,
	    type_num("OrderResponse"), &one), OK);
	assert_int_equal(one.n_node, 1);
	assert_int_equal(one.n_must, 0);
	assert_int_equal(query_of_type(*state, &q, type_num("Order"),
	    &one), OK);
	assert_int_equal(one.n_node, 0);
	assert_int_equal(one.n_must, 1);
	assert_int_equal(query_of_type(*state, &q, type_num("Medication"),
	    &one), ERR_NOTFOUND);
}

static void
no_such_compartment(void **state)
{
	struct query	q = good(*state, "Medication", "");
	struct issues	is = issues_on(*state);

	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), ERR_NOTFOUND);
	q = good(*state, "Observation", "");
	assert_int_equal(query_compartment(*state, &q, type_num("Goal"),
	    bytes_str("p1"), &is), ERR_NOTFOUND);
	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p/1"), &is), ERR_NOTFOUND);
	assert_int_equal(q.n_must, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(token_forms),
		T(plain_codes_have_the_system_of_their_set),
		T(escapes_are_literal),
		T(strings_are_folded),
		T(dates_with_prefixes), T(numbers_by_prefix),
		T(wrong_values_are_refused), T(misspelt_codes_are_no_error),
		T(argonaut_combinations), T(counts),
		T(sorts_in_both_spellings), T(formats),
		T(self_is_canonical), T(digest_tells_queries_apart),
		T(compartment_adds_one_criterion), T(no_such_compartment),
		T(by_a_chain_alone),
		T(of_all_types_by_a_chain)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
