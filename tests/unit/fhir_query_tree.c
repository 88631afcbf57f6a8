/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches that are trees: chains, _has, _list, words, composites.  Each is
 * read and written out in the notation of fhir_query_tree.h.
 */
#include "tests/unit/fhir_query_tree.h"

/* --- chains --------------------------------------------------------------- */

/* S08 */
static void
chains(void **state)
{
	static const struct tree	rows[] = {
		{ "Observation", "subject:Patient.name=peter",
		    "(subject>Patient name=peter)" },
		{ "Observation", "patient.name:exact=Peter",
		    "(patient>Patient name:exact=peter)" },
		{ "Observation", "patient.organization.name:contains=x",
		    "(patient>Patient (organization>Organization "
		    "name:contains=x))" },
		/* untyped: of all that may stand there and know it */
		{ "Observation", "subject.name=p", "(| (subject>Location "
		    "name=p) (subject>Patient name=p))" },
		{ "Observation", "subject.birthdate=ge2013",
		    "(subject>Patient birthdate=ge)" },
		{ "Observation", "performer.name=a,b", "(| "
		    "(performer>Organization name=a,b) (performer>Patient "
		    "name=a,b) (performer>Practitioner name=a,b) "
		    "(performer>RelatedPerson name=a,b))" },
		/* the end may be any leaf */
		{ "Observation", "patient.gender:not=male",
		    "(patient>Patient gender:not=male)" },
		{ "Observation", "patient.careprovider:Practitioner._id=a",
		    "(patient>Patient careprovider:id=Practitioner/a)" },
		{ "Observation", "patient.organization:missing=true",
		    "(patient>Patient organization:missing=true)" },
		{ "Observation", "patient._text=smoker",
		    "(patient>Patient _text=smoker)" },
		{ "Observation", "subject:Patient._id=a",
		    "subject:id=Patient/a" }
	};
	const struct refusal	cases[] = {
		{ "Observation", "subject:Patient.nmae=x", ERR_USAGE,
		    "?subject:Patient.nmae", "did you mean \"name\"" },
		{ "Observation", "subject.nothing=x", ERR_USAGE,
		    "?subject.nothing", "no type that \"subject\"" },
		{ "Observation", "patient.birthdate=x", ERR_VALUE,
		    "?patient.birthdate", "not a date" },
		{ "Observation", "code.text=x", ERR_USAGE, NULL, "chained" },
		{ "Observation", "subject.=x", ERR_USAGE, NULL, "no type" },
		{ "Observation", "subject:Patient.name=", ERR_USAGE, NULL,
		    "empty" },
		{ "Observation", "subject:Patient.name:below=x", ERR_USAGE,
		    NULL, ":contains" },
		/* SRC-21 */
		{ "Patient", "link.link.link.link.link.name=x", ERR_TOOBIG,
		    NULL, "at most 4 steps" },
		{ "Provenance", "target.subject.patient.careprovider.name=x",
		    ERR_TOOBIG, NULL, "" }
	};

	check_trees(*state, rows, N_ELEM(rows));
	refuses(*state, cases, N_ELEM(cases));
}

/* S18 */
static void
reverse_chains(void **state)
{
	static const struct tree	rows[] = {
		{ "Patient", "_has:Observation:patient:code=1234-5",
		    "(<Observation.patient code=1234-5)" },
		{ "Patient", "_has:Observation:patient:code:not=a",
		    "(<Observation.patient code:not=a)" },
		{ "Patient", "_has:Observation:subject:performer:"
		    "Practitioner.name=x", "(<Observation.subject "
		    "(performer>Practitioner name=x))" },
		{ "Practitioner", "_has:Patient:careprovider:"
		    "_has:Observation:patient:code=a",
		    "(<Patient.careprovider (<Observation.patient code=a))" },
		{ "Observation", "patient._has:Condition:patient:code=a",
		    "(patient>Patient (<Condition.patient code=a))" }
	};
	const struct refusal	cases[] = {
		{ "Patient", "_has=a", ERR_USAGE, "?_has", "_has:Type" },
		{ "Patient", "_has:Observation=a", ERR_USAGE, NULL,
		    "three words" },
		{ "Patient", "_has:Observation:patient=a", ERR_USAGE, NULL,
		    "three words" },
		{ "Patient", "_has:Obs:patient:code=a", ERR_USAGE, NULL,
		    "no such resource type" },
		{ "Patient", "_has:Observation:code:code=a", ERR_USAGE, NULL,
		    "no reference" },
		{ "Patient", "_has:Observation:device:code=a", ERR_USAGE,
		    NULL, "does not refer" },
		{ "Patient", "_has:Observation:patient:nothing=a", ERR_USAGE,
		    NULL, "Observation has no" },
		{ "Patient", "_has:Observation:patient:date=a", ERR_VALUE,
		    "?_has:Observation:patient:date", "not a date" }
	};

	check_trees(*state, rows, N_ELEM(rows));
	refuses(*state, cases, N_ELEM(cases));
}

/* S17 */
static void
lists(void **state)
{
	static const struct tree	rows[] = {
		{ "AllergyIntolerance", "_list=42", "[42]" },
		{ "AllergyIntolerance", "_list=List/42,43", "(| [42] [43])" },
		{ "AllergyIntolerance", "_list=$current-allergies",
		    "[$allergies]" },
		{ "Observation", "patient._list=42",
		    "(patient>Patient [42])" }
	};
	const struct refusal	cases[] = {
		{ "Patient", "_list=", ERR_VALUE, "?_list", "id of a List" },
		{ "Patient", "_list=a b", ERR_VALUE, NULL, "id of a List" },
		{ "Patient", "_list=$current-x", ERR_VALUE, NULL,
		    "$current-problems" },
		{ "Patient", "_list:not=1", ERR_USAGE, NULL, "none" }
	};

	check_trees(*state, rows, N_ELEM(rows));
	refuses(*state, cases, N_ELEM(cases));
}

/* --- words ---------------------------------------------------------------- */

/* S17 */
static void
words(void **state)
{
	static const struct tree	rows[] = {
		{ "Patient", "_text=Bone", "_text=bone" },
		{ "Patient", "_content=M%C3%BCller", "_content=muller" },
		{ "Patient", "_text=bone liver", "(& _text=bone _text=liver)" },
		{ "Patient", "_text=bone AND liver",
		    "(& _text=bone _text=liver)" },
		{ "Patient", "_text=bone OR liver",
		    "(| _text=bone _text=liver)" },
		{ "Patient", "_text=bone,liver", "(| _text=bone _text=liver)" },
		{ "Patient", "_text=(bone OR liver) AND metastases",
		    "(& (| _text=bone _text=liver) _text=metastases)" },
		{ "Patient", "_text=a b OR c", "(| (& _text=a _text=b) "
		    "_text=c)" },
		{ "Patient", "_text=NOT bone", "(! _text=bone)" },
		{ "Patient", "_text=liver -bone",
		    "(& _text=liver (! _text=bone))" },
		{ "Patient", "_text=-(a OR b)", "(! (| _text=a _text=b))" },
		{ "Patient", "_text=NOT NOT a", "_text=a" },
		{ "Patient", "_text=\"heart attack\" x",
		    "(& (& _text=heart _text=attack) _text=x)" },
		{ "Patient", "_text=\"OR\"", "_text=or" },
		{ "Patient", "_text=covid-19", "(& _text=covid _text=19)" },
		{ "Patient", "_text=diab*", "_text:starts=diab" },
		{ "Patient", "_text=x-diab*", "(& _text=x "
		    "_text:starts=diab)" },
		{ "Patient", "_text=\"diab*\"", "_text=diab" },
		/* small operators are words */
		{ "Patient", "_text=a or b", "(& _text=a _text=or _text=b)" }
	};
	const struct refusal	cases[] = {
		{ "Patient", "_text=", ERR_USAGE, "?_text", "empty" },
		{ "Patient", "_text=+", ERR_VALUE, NULL, "a word is missing" },
		{ "Patient", "_text=a AND", ERR_VALUE, NULL, "missing" },
		{ "Patient", "_text=OR a", ERR_VALUE, NULL, "missing" },
		{ "Patient", "_text=a,", ERR_VALUE, NULL, "missing" },
		{ "Patient", "_text=(a", ERR_VALUE, NULL, "not closed" },
		{ "Patient", "_text=a)", ERR_VALUE, NULL, "not opened" },
		{ "Patient", "_text=()", ERR_VALUE, NULL, "missing" },
		{ "Patient", "_text=\"a", ERR_VALUE, NULL, "quotation" },
		{ "Patient", "_text=\"\"", ERR_VALUE, NULL, "no word" },
		{ "Patient", "_text=*", ERR_VALUE, NULL, "no word" },
		{ "Patient", "_text=(((((a)))))", ERR_TOOBIG, NULL,
		    "brackets" },
		{ "Patient", "_text=-", ERR_VALUE, NULL, "missing" }
	};

	check_trees(*state, rows, N_ELEM(rows));
	refuses(*state, cases, N_ELEM(cases));
}

/* --- composites ----------------------------------------------------------- */

/* S09, S20 */
static void
composites(void **state)
{
	static const struct tree	rows[] = {
		{ "Observation", "code-value-quantity=http://loinc.org|8480-6"
		    "$gt140", "code-value-quantity{code=8480-6;"
		    "value-quantity=gt}" },
		{ "Observation", "code-value-quantity=a$1,b$le2|s|mg",
		    "code-value-quantity{code=a;value-quantity=}"
		    "{code=b;value-quantity=lemg}" },
		{ "Observation", "code-value-string=a$b%5C$c",
		    "code-value-string{code=a;value-string=b$c}" },
		{ "Observation", "patient._has:Observation:patient:"
		    "code-value-concept=a$b", "(patient>Patient "
		    "(<Observation.patient code-value-concept{code=a;"
		    "value-concept=b}))" }
	};
	const struct refusal	cases[] = {
		{ "Observation", "code-value-quantity=a", ERR_VALUE,
		    "?code-value-quantity", "write code$value-quantity" },
		{ "Observation", "code-value-quantity=a$1$2", ERR_VALUE, NULL,
		    "made of 2 values" },
		{ "Observation", "code-value-quantity=a$", ERR_USAGE, NULL,
		    "empty" },
		{ "Observation", "code-value-quantity=$1", ERR_USAGE, NULL,
		    "empty" },
		{ "Observation", "code-value-quantity=a$b", ERR_VALUE, NULL,
		    "not a quantity" }
	};

	check_trees(*state, rows, N_ELEM(rows));
	refuses(*state, cases, N_ELEM(cases));
}

/* SRC-21: what branches is counted before it grows. */
static void
branches_are_counted(void **state)
{
	struct buf	b = buf_on(*state, 1000000);
	struct issues	is;
	struct bytes	text;
	struct query	q;
	size_t		i;

	buf_str(&b, "_text=a");
	for (i = 0; i < 2 * 1000; i++)
		buf_str(&b, " b");
	buf_u8(&b, 0);
	assert_int_equal(buf_end(&b, &text), OK);
	assert_int_equal(parse(*state, "Patient", (const char *)text.p, &is,
	    &q), ERR_TOOBIG);
	assert_non_null(strstr(is.first->text, "1000 conditions"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(chains), T(reverse_chains), T(lists), T(words),
		T(composites),
		T(branches_are_counted)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
