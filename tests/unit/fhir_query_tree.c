/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches that are trees: chains, _has, _list, words, _filter, composites.
 * Each is read and written out in a notation of our own:
 *
 *	(& a b) (| a b) (! a)	and, or, not
 *	(subject>Patient a)	a chain
 *	(<Observation.patient a)	_has
 *	[42] [$allergies]	_list
 *	code:mod=value		a leaf; mod by number, where there is one
 *	code{a;*}		a composite's parts
 */
#include "tests/unit/fhir_query.h"

static const char *const	mods[] = {
	[MOD_NONE] = "", [MOD_MISSING] = ":missing", [MOD_EXACT] = ":exact",
	[MOD_CONTAINS] = ":contains", [MOD_NOT] = ":not",
	[MOD_TYPE] = ":type", [MOD_ID] = ":id", [MOD_TEXT] = ":text",
	[MOD_IN] = ":in", [MOD_NOT_IN] = ":not-in", [MOD_ABOVE] = ":above",
	[MOD_BELOW] = ":below", [MOD_WHOLE] = ":whole",
	[MOD_STARTS] = ":starts", [MOD_ENDS] = ":ends",
	[MOD_OTHER] = ":other"
};
static const char *const	prefixes[] = {
	[PRE_EQ] = "", [PRE_NE] = "ne", [PRE_GT] = "gt", [PRE_LT] = "lt",
	[PRE_GE] = "ge", [PRE_LE] = "le", [PRE_SA] = "sa", [PRE_EB] = "eb",
	[PRE_AP] = "ap"
};

static void	show(struct buf *b, const struct node *n);

static void
show_leaf(struct buf *b, const struct criterion *c)
{
	size_t	i, j;

	if (c->param == NULL) {
		buf_str(b, "*");
		return;
	}
	buf_printf(b, "%s%s", c->param->code, mods[c->mod]);
	if (c->mod == MOD_MISSING)
		buf_str(b, c->missing ? "=true" : "=false");
	for (i = 0; i < c->n_any; i++) {
		const struct match	*m = &c->any[i];

		if (m->part == NULL)
			buf_str(b, i == 0 ? "=" : ",");
		buf_str(b, prefixes[m->prefix]);
		if (m->v.type != 0)
			buf_printf(b, "%s/", def_type_num(m->v.type)->name);
		if (m->v.kind == PK_STRING)
			buf_add(b, m->v.more);
		else
			buf_add(b, m->v.text);
		for (j = 0; m->part != NULL && j < c->param->n_part; j++) {
			buf_str(b, j == 0 ? "{" : ";");
			show_leaf(b, &m->part[j]);
		}
		if (m->part != NULL)
			buf_str(b, "}");
	}
}

static void
show_kids(struct buf *b, const struct node *n)
{
	size_t	i;

	for (i = 0; i < n->n_kid; i++) {
		buf_str(b, " ");
		show(b, &n->kid[i]);
	}
	buf_str(b, ")");
}

static void
show(struct buf *b, const struct node *n)
{
	switch (n->op) {
	case NODE_LEAF:
		show_leaf(b, &n->leaf);
		return;
	case NODE_LIST:
		buf_str(b, n->current ? "[$" : "[");
		buf_add(b, n->list);
		buf_str(b, "]");
		return;
	case NODE_AND:
		buf_str(b, "(&");
		break;
	case NODE_OR:
		buf_str(b, "(|");
		break;
	case NODE_NOT:
		buf_str(b, "(!");
		break;
	case NODE_CHAIN:
		buf_printf(b, "(%s>%s", n->link->code,
		    def_type_num(n->type)->name);
		break;
	case NODE_HAS:
		buf_printf(b, "(<%s.%s", def_type_num(n->type)->name,
		    n->link->code);
		break;
	}
	show_kids(b, n);
}

struct tree {
	const char	*type, *text, *want;
};

/* The query has one condition, and it is this. */
static void
check(struct arena *a, const struct tree *t, size_t n)
{
	struct bytes	out;
	size_t		i;

	for (i = 0; i < n; i++) {
		struct query	q = good(a, t[i].type, t[i].text);
		struct buf	b = buf_on(a, 100000);

		assert_int_equal(q.n_must + q.n_node, 1);
		if (q.n_must == 1)
			show_leaf(&b, q.must);
		else
			show(&b, q.node);
		assert_int_equal(buf_end(&b, &out), OK);
		if (!bytes_is(out, t[i].want))
			fail_msg("%s?%s: %.*s", t[i].type, t[i].text,
			    BYTES_FMT(out));
	}
}

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

	check(*state, rows, N_ELEM(rows));
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

	check(*state, rows, N_ELEM(rows));
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

	check(*state, rows, N_ELEM(rows));
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

	check(*state, rows, N_ELEM(rows));
	refuses(*state, cases, N_ELEM(cases));
}

/* --- _filter -------------------------------------------------------------- */

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

	check(*state, rows, N_ELEM(rows));
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

	check(*state, rows, N_ELEM(rows));
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
		T(chains), T(reverse_chains), T(lists), T(words), T(filters),
		T(wrong_filters_name_the_place), T(composites),
		T(branches_are_counted)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
