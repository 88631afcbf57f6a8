/* SPDX-License-Identifier: Apache-2.0 */
/*
 * _filter: what its tests become, and where it says that they are wrong.
 */
#include "tests/unit/fhir_query_tree.h"

/* S18: the examples of the specification and every operator. */
static void
filters(void **state)
{
	static const struct tree	rows[] = {
		{ "Patient", "_filter=name co \"pet\"", "name:contains=pet" },
		{ "Patient", "_filter=given eq \"peter\" and birthdate ge "
		    "2014-10-10", "(& given:whole=peter birthdate=ge)" },
		{ "Observation", "_filter=code eq http://loinc.org|1234-5",
		    "code=1234-5" },
		{ "Observation", "_filter=subject.name co \"pet\"",
		    "(| (subject>Location name:contains=pet) "
		    "(subject>Patient name:contains=pet))" },
		{ "Observation", "_filter=related[type eq "
		    "\"has-component\"].target pr true",
		    "related{*;related-type=has-component}" },
		{ "Observation", "_filter=related[type eq has-component]."
		    "target re Observation/4", "related{related-target="
		    "Observation/4;related-type=has-component}" },
		/* every operator */
		{ "Patient", "_filter=given ne a", "given:other=a" },
		{ "Patient", "_filter=given sw a", "given:starts=a" },
		{ "Patient", "_filter=given ew a", "given:ends=a" },
		{ "Patient", "_filter=birthdate gt 2013", "birthdate=gt" },
		{ "Patient", "_filter=birthdate lt 2013", "birthdate=lt" },
		{ "Patient", "_filter=birthdate le 2013", "birthdate=le" },
		{ "Patient", "_filter=birthdate ap 2013", "birthdate=ap" },
		{ "Patient", "_filter=birthdate sa 2013", "birthdate=sa" },
		{ "Patient", "_filter=birthdate eb 2013", "birthdate=eb" },
		{ "Patient", "_filter=birthdate po 2013", "birthdate=ap" },
		{ "Patient", "_filter=birthdate ne 2013", "birthdate=ne" },
		{ "Patient", "_filter=birthdate pr true",
		    "birthdate:missing=false" },
		{ "Patient", "_filter=birthdate pr false",
		    "birthdate:missing=true" },
		{ "Observation", "_filter=status in observation-status",
		    "status:in" },
		{ "Observation", "_filter=code sb http://loinc.org|1-8",
		    "code=1-8" },
		{ "Observation", "_filter=code ss http://loinc.org|1-8",
		    "code=1-8" },
		{ "Observation", "_filter=encounter re Encounter/1",
		    "encounter=Encounter/1" },
		{ "Observation", "_filter=patient ne 1",
		    "patient:other=Patient/1" },
		{ "Observation", "_filter=code-value-quantity eq a$gt5",
		    "code-value-quantity{code=a;value-quantity=gt}" },
		{ "Patient", "_filter=_text co \"a OR b\"",
		    "(| _text=a _text=b)" },
		{ "Patient", "_filter=_list eq $current-problems",
		    "[$problems]" },
		{ "Patient", "_filter=_id eq a", "_id=a" },
		/* types that do not take it are left out, in silence */
		{ "Provenance", "_filter=target.value ss "
		    "http://loinc.org|1-8", "(target>Group value=1-8)" },
		/* structure */
		{ "Patient", "_filter=not (given eq a)", "(! given:whole=a)" },
		{ "Patient", "_filter=(given eq a)", "given:whole=a" },
		{ "Patient", "_filter=given eq a or given eq b or given eq c",
		    "(| given:whole=a given:whole=b given:whole=c)" },
		{ "Patient", "_filter=given eq a or given eq b and given eq c",
		    "(& (| given:whole=a given:whole=b) given:whole=c)" },
		{ "Patient", "_filter=given eq a or (given eq b and given eq "
		    "c)", "(| given:whole=a (& given:whole=b "
		    "given:whole=c))" },
		{ "Patient", "_filter= ( given  eq \"a b)\\\"\" ) ",
		    "given:whole=a b)\"" },
		{ "Patient", "_filter=given eq a,b", "given:whole=a,b" },
		/* one and the same patient */
		{ "Observation", "_filter=patient[given eq a or given eq b]."
		    "birthdate ge 2000", "(patient>Patient (& (| given:whole=a "
		    "given:whole=b) birthdate=ge))" },
		{ "Observation", "_filter=patient.organization[active eq "
		    "true].name sw a and status eq final", "(& "
		    "(patient>Patient (organization>Organization (& active="
		    "true name:starts=a))) status=final)" }
	};

	check_trees(*state, rows, N_ELEM(rows));
}

static void
wrong_filters_name_the_place(void **state)
{
	const struct refusal	cases[] = {
		{ "Patient", "_filter=", ERR_USAGE, "?_filter", "empty" },
		{ "Patient", "_filter:x=given eq a", ERR_USAGE, NULL,
		    "takes no modifier" },
		{ "Patient", "_filter=given", ERR_USAGE, "?_filter",
		    "character 6: an operator" },
		{ "Patient", "_filter=given EQ a", ERR_USAGE, NULL,
		    "character 7: an operator" },
		{ "Patient", "_filter=given eq", ERR_USAGE, NULL,
		    "character 9: a value is missing" },
		{ "Patient", "_filter=nmae eq a", ERR_USAGE, NULL,
		    "character 1: Patient has no search parameter of this "
		    "name, did you mean \"name\"?" },
		{ "Patient", "_filter=given eq a given eq b", ERR_USAGE, NULL,
		    "character 12: \"and\", \"or\"" },
		{ "Patient", "_filter=given eq a xor given eq b", ERR_USAGE,
		    NULL, "character 12: \"and\", \"or\"" },
		{ "Patient", "_filter=(given eq a", ERR_VALUE, NULL,
		    "character 1: this bracket is not closed" },
		{ "Patient", "_filter=given eq a)", ERR_VALUE, NULL,
		    "not opened" },
		{ "Patient", "_filter=not given eq a", ERR_USAGE, NULL,
		    "character 5: behind \"not\"" },
		{ "Patient", "_filter=given eq \"a", ERR_VALUE, NULL,
		    "character 10: this quotation" },
		{ "Patient", "_filter=given eq \"\\x\"", ERR_VALUE, NULL,
		    "character 12: write" },
		{ "Patient", "_filter=birthdate co 2013", ERR_USAGE, NULL,
		    "character 11: this operator means nothing about the date "
		    "parameter \"birthdate\", which has: eq ne gt" },
		{ "Patient", "_filter=birthdate ge x", ERR_VALUE, NULL,
		    "character 14: not a date" },
		{ "Patient", "_filter=birthdate eq ge2013", ERR_VALUE, NULL,
		    "not a date" },
		{ "Patient", "_filter=given pr yes", ERR_VALUE, NULL,
		    "true or false" },
		{ "Patient", "_filter=gender gt a", ERR_USAGE, NULL,
		    "means nothing" },
		{ "Patient", "_filter=gender in nothing", ERR_VALUE, NULL,
		    "not carried" },
		{ "Patient", "_filter=given.x eq a", ERR_USAGE, NULL,
		    "goes on behind references" },
		{ "Patient", "_filter=given[family eq a] eq b", ERR_USAGE,
		    NULL, "behind the bracket" },
		{ "Patient", "_filter=organization[name eq a", ERR_VALUE,
		    NULL, "character 13: this bracket is not closed" },
		{ "Patient", "_filter=organization[nmae eq a].name eq b",
		    ERR_USAGE, NULL, "character 14: Organization has no" },
		{ "Observation", "_filter=related[x eq a].target re b",
		    ERR_USAGE, NULL, "not one of the parts" },
		{ "Observation", "_filter=related[type eq a or type eq b]."
		    "target pr true", ERR_USAGE, NULL, "\"and\" or the" },
		{ "Observation", "_filter=related[type eq a].type eq b",
		    ERR_USAGE, NULL, "asked about twice" },
		{ "Observation", "_filter=related.target.code eq b",
		    ERR_USAGE, NULL, "have no path" },
		{ "Patient", "_filter=(((((given eq a)))))", ERR_TOOBIG, NULL,
		    "brackets" },
		{ "Patient", "_filter=link.link.link.link.link.name eq a",
		    ERR_TOOBIG, NULL, "steps" },
		/* characters, not bytes */
		{ "Patient", "_filter=given eq \"\xc3\xa4\xc3\xb6\" x",
		    ERR_USAGE, NULL, "character 15:" },
		/* nothing of it is repeated */
		{ "Patient", "_filter=%3Cb%3E eq a", ERR_USAGE, "?_filter",
		    "the name of a search parameter" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(filters), T(wrong_filters_name_the_place)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
